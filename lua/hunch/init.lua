--- hunch for Lua: `local hunch = require "hunch"`. Rules in, matches out as tables; the annotations are its reference.
-- Offsets are 1-based and inclusive, as string.sub has them; an empty match has last = first - 1. What can fail
-- because of rules, files or data returns nil and a reason; a wrong argument raises an error. The engine is C
-- (hunch.core); it shares nothing with the Lua of rule files, so no rule can reach the program that uses it.
local core = require "hunch.core"

local M = {}

---@class hunch.EngineOptions
---@field backend "auto"|"ref"|"cpu"|"cuda"|nil `auto`: `cpu`, and `cuda` where a scan lasts and is faster there
---@field threads integer|nil threads of a scan; 0 or nil: one for each core
---@field device_memory integer|nil bytes that it may take of a GPU's memory; 0 or nil: what is free, less a 16th
---@field cache string|nil folder for what is worth keeping; nil: $XDG_CACHE_HOME/hunch; "": none

---Rule files and folders of them, or one rule file as text.
---@class hunch.RuleSources
---@field [integer] string paths; below a folder every *.lua file, bytewise by path
---@field text string|nil a rule file's source, instead of paths
---@field name string|nil what messages call that text

---@class hunch.Engine
---@field compile fun(self, from: hunch.RuleSources, o?: hunch.CompileOptions): hunch.Rules?, hunch.Diagnostic[], table?
---@field check fun(self, from: hunch.RuleSources, o?: hunch.CompileOptions): hunch.Diagnostic[]?, hunch.RuleSummary[]
---@field explain fun(self: hunch.Engine, sources: hunch.RuleSources, rule: string|nil): table|nil, hunch.Diagnostic[]
---@field load fun(self: hunch.Engine, program: string): hunch.Rules|nil, string|nil a path, or the bytes of a program
---@field info fun(self: hunch.Engine): table versions, backends, threads, cache, GPU
---@field kernel fun(self: hunch.Engine, o: hunch.KernelOptions): hunch.Kernel?, string?, string? message, log
---@field dispatch fun(self: hunch.Engine, launch: hunch.Launch, inputs: hunch.Input[]): string[]|nil, string|nil

---@class hunch.CompileOptions
---@field deadline number|nil seconds
---@field cancel (fun(): boolean)|nil asked now and then; true ends the compile

---@class hunch.RuleSummary
---@field name string
---@field title string|nil
---@field tags string[]
---@field severity "info"|"low"|"medium"|"high"|"critical"
---@field meta table
---@field private boolean|nil
---@field where { file: string, line: integer }
---@field examples { match: table[], miss: table[] }|nil not in rules that were loaded

---Immutable; as many scans as one likes.
---@class hunch.Rules
---@field scan fun(self: hunch.Rules, what: string|hunch.Record[], options?: hunch.ScanOptions): hunch.Result?, string?
---@field scan_paths fun(self: hunch.Rules, paths: string[], options?: hunch.ScanOptions): hunch.Result?, string?
---@field stream fun(self: hunch.Rules, options: hunch.StreamOptions|nil): hunch.Stream|nil, string|nil
---@field save fun(self: hunch.Rules): string the compiled program, for engine:load
---@field list fun(self: hunch.Rules): hunch.RuleSummary[]
---@field count fun(self: hunch.Rules): integer

---@class hunch.Record
---@field name string|nil
---@field data string

---@class hunch.ScanOptions
---@field on_match fun(match: hunch.Match)|nil gets matches in order as they become final; the result then has none
---@field on_incomplete fun(entry: hunch.Incomplete)|nil
---@field on_progress fun(progress: hunch.Progress)|nil at most 20 times a second
---@field cancel (fun(): boolean)|nil asked about 20 times a second; true ends the scan
---@field deadline number|nil seconds
---@field max_matches integer|nil of one rule in one record (10,000)
---@field max_file_size integer|nil bytes; larger files are `too-large`
---@field include string[]|nil globs
---@field exclude string[]|nil globs
---@field gitignore boolean|nil
---@field skip string[]|nil files that are left out, by device and inode
---@field rules string[]|nil only rules of these names
---@field tags string[]|nil only rules with one of these tags
---@field private boolean|nil private rules report too
---@field profile boolean|nil measure what each rule costs
---@field backend "auto"|"ref"|"cpu"|"cuda"|nil
---@field threads integer|nil
---@field tile_size integer|nil bytes
---@field route "auto"|"fused"|"chained"|"serial"|nil how rules run in a dispatch; speed only
---@field speculate "auto"|"force"|"disable"|nil force: always fused; disable: never
---@field policy "cost-model"|"commit-rate"|nil who chooses the route
---@field decisions "log"|"none"|nil log: the result has every decision
---@field link "path"|"dir"|"file"|nil which files graph rules link by name (path: all under one path)
---@field link_with string[]|nil files and folders that are a part of every link unit
---@field resident "no"|"copy"|"in-place"|nil records are addresses in the device's memory

---@alias hunch.Progress { bytes: integer, records: integer, matches: integer }

---@class hunch.StreamOptions: hunch.ScanOptions
---@field name string|nil of the record

---One record that arrives in pieces; how it is cut changes nothing.
---@class hunch.Stream
---@field feed fun(self: hunch.Stream, bytes: string): hunch.Stream|nil, string|nil
---@field finish fun(self: hunch.Stream): hunch.Result|nil, string|nil

---@class hunch.Match
---@field record string name
---@field rule string
---@field first integer
---@field last integer
---@field text string at most the first 64 KiB
---@field line integer
---@field column integer in bytes
---@field before string what stands before it on its line, at most 256 bytes
---@field after string
---@field captures ({ [1]: integer, [2]: integer }|false)[]
---@field witness hunch.Step[]|nil of a graph rule: from the source to the sink, which is the match
---@field title string|nil
---@field severity string
---@field tags string[] shared by the matches of a rule
---@field meta table shared by the matches of a rule

---@class hunch.Step
---@field record string
---@field what "source"|"step"|"call"|"return"|"sink"
---@field first integer
---@field last integer
---@field line integer
---@field column integer
---@field text string on one line, at most 200 bytes

---Something that was not evaluated, and why.
---@class hunch.Incomplete
---@field record string|nil
---@field rule string|nil
---@field reason string
---@field detail string

---@class hunch.Result
---@field matches hunch.Match[]
---@field incomplete hunch.Incomplete[]
---@field stats table bytes, records, matches, incomplete, tiles, committed, rolled_back, backend, seconds …
---@field decisions hunch.Decision[] by group; `known` has by group what its speculator knew before, for its `load`
---@field profile { rule: string, seconds: number, candidates: integer, matches: integer }[]

---The library's version, "0.1.0".
---@type string
M.version = core.version

---Opens an engine.
---@param options hunch.EngineOptions|nil
---@return hunch.Engine|nil
---@return string|nil message
function M.engine(options)
    return core.engine(options)
end

local function check_string(n, name, value)
    if type(value) ~= "string" then
        error(("bad argument #%d to '%s' (string expected, got %s)"):format(n, name,
            value == nil and "no value" or type(value)), 3)
    end
end

---Compiles one regex: RE2's syntax and leftmost-first matches over bytes, in linear time.
---@param pattern string
---@param flags string|nil letters of "imsU"
---@return hunch.Regex|nil
---@return { message: string, position: integer }|nil
function M.regex(pattern, flags)
    check_string(1, "regex", pattern)
    if flags ~= nil then check_string(2, "regex", flags) end
    return require("hunch.regex.object").new(pattern, flags)
end

---Tiles of one dispatch: their gate held, or it did not.
---@class hunch.CommitReport
---@field committed integer
---@field rolled_back integer
---@field commit_rate_ppm integer
---@field commit_rate_pct integer floored

---@class hunch.SpeculatorOptions
---@field policy "cost-model"|"commit-rate"|nil the route predicted to be the fastest; or fused while enough commits
---@field threshold_pct integer|nil of the policy commit-rate; 15
---@field decisions "log"|"none"|nil `log`: speculator:log() has them all

---What is about to be dispatched.
---@class hunch.Batch
---@field bytes integer|nil
---@field tiles integer|nil
---@field class integer|nil of the confirmers' cost: 0 to 7, the caller's numbers
---@field routes string[]|nil what can run; nil: fused and serial
---@field mode "auto"|"force"|"disable"|nil
---@field backend string|nil for messages
---@field contended boolean|nil others use the machine: what is learned then is kept apart

---How it went; times that are left out were not measured.
---@class hunch.Measurement
---@field ns integer|nil the whole dispatch
---@field prefilter_ns integer|nil
---@field confirm_ns integer|nil
---@field hits integer|nil what confirmers worked on; nil: the committed tiles
---@field committed integer|nil
---@field rolled_back integer|nil

---A decision is data; the numbers of the measurement are 0 until it is measured.
---@class hunch.Decision
---@field route "fused"|"chained"|"serial"
---@field reason "forced"|"only"|"rate-high"|"rate-low"|"untried"|"fastest"|"stays"|"probe"
---@field predicted_ns { fused: integer, chained: integer, serial: integer }
---@field hit_rate_ppm integer
---@field contended boolean
---@field decided integer its place among the speculator's calls
---@field observed integer that of its measurement; 0: none yet

---Chooses how the next dispatch runs, and learns from how it went.
---@class hunch.Speculator
---@field decide fun(self: hunch.Speculator, batch: hunch.Batch): hunch.Decision|nil, string|nil
---@field measure fun(self: hunch.Speculator, decision: hunch.Decision, how: hunch.Measurement): hunch.Decision
---@field record fun(self: hunch.Speculator, report: hunch.CommitReport) what the counter tail of a fused dispatch said
---@field observe fun(self: hunch.Speculator, report: hunch.CommitReport) what any other route saw
---@field report fun(self: hunch.Speculator): table threshold_ppm, commit_rate_ppm, samples, should_speculate
---@field should_speculate fun(self: hunch.Speculator): boolean
---@field threshold_ppm fun(self: hunch.Speculator): integer
---@field commit_rate_ppm fun(self: hunch.Speculator): integer the moving average
---@field samples fun(self: hunch.Speculator): integer
---@field log fun(self: hunch.Speculator): hunch.Decision[]
---@field replay fun(self: hunch.Speculator, log: hunch.Decision[]): hunch.Decision[]|nil, string|nil
---@field save fun(self: hunch.Speculator): string what was learned
---@field load fun(self: hunch.Speculator, bytes: string): true|nil, string|nil

---A speculator, usable without an engine.
---@param options hunch.SpeculatorOptions|nil
---@return hunch.Speculator
function M.speculator(options)
    return core.speculator(options)
end

---A report with its rates, of { committed =, rolled_back = } or of the two numbers.
---@param committed integer|{ committed: integer, rolled_back: integer }
---@param rolled_back integer|nil
---@return hunch.CommitReport
function M.report(committed, rolled_back)
    return core.report(committed, rolled_back)
end

---Is the rate of a report at least pct percent?
---@param report { committed: integer, rolled_back: integer }
---@param pct integer
---@return boolean
function M.worthwhile(report, pct)
    return core.worthwhile(report, pct)
end

---The report at the end of a fused dispatch's output; nil: shorter than 8 bytes, or not a multiple of 4.
---@param output string
---@return hunch.CommitReport|nil
function M.parse_counter_tail(output)
    return core.parse_counter_tail(output)
end

---The 8 bytes that end a fused dispatch's output.
---@param committed integer|{ committed: integer, rolled_back: integer }
---@param rolled_back integer|nil
---@return string
function M.encode_counter_tail(committed, rolled_back)
    return core.encode_counter_tail(committed, rolled_back)
end

---A kernel of the host's own: a CUDA source for the backend cuda, a function that does the same for the others.
---@class hunch.KernelOptions
---@field name string the entry, a HUNCH_KERNEL of kernels/portable.h
---@field source string|nil its struct of arguments: address and size of each input, of each output, then the arguments
---@field source_name string|nil in the compiler's messages; "kernel.cu"
---@field headers { name: string, text: string }[]|nil
---@field host (fun(inputs: string[], sizes: integer[], arguments: integer[]): string[])|nil outputs of these sizes

---@class hunch.Kernel

---@class hunch.Launch
---@field kernel hunch.Kernel
---@field blocks integer|nil these three on a device only
---@field threads integer|nil lanes of a block
---@field shared integer|nil bytes
---@field outputs integer[]|nil sizes in bytes
---@field arguments integer[]|nil

---@alias hunch.Input string|{ address: integer, size: integer } bytes, or where they are on the engine's device

---A backend of the host's own. A program is whatever its dispatch understands.
---@class hunch.PairBackend
---@field name string
---@field speculate boolean|nil can it run fused programs?
---@field dispatch fun(program: any, inputs: hunch.Input[]): string[]|nil, string|nil

---@class hunch.PairPlan
---@field fused any programs: hunch.Launch where the backend is an engine
---@field prefilter any
---@field counter_output integer|nil which output of the fused program ends in the counter tail; 1
---@field strip_tail boolean|nil the result's outputs are without it

---@class hunch.Pair
---@field backend hunch.Engine|hunch.PairBackend
---@field speculator hunch.Speculator
---@field plan hunch.PairPlan
---@field inputs hunch.Input[]
---@field confirm_serial (fun(hits: string[]): string[]|nil, table|string|nil) outputs and what it saw; or nil, why
---@field mode "auto"|"force"|"disable"|nil
---@field tiles integer|nil of the batch, where that is known

---@class hunch.PairResult
---@field outputs string[]
---@field report hunch.CommitReport|nil of a fused dispatch
---@field speculated boolean the fused program ran
---@field decision hunch.Decision
---@field fallback string|nil why a fused dispatch failed and serial took its place

---Dispatches one batch of a prefilter/confirmer pair, fused or serial as the speculator says.
---@param pair hunch.Pair
---@return hunch.PairResult|nil
---@return string|nil message
function M.prefilter_confirm(pair)
    return core.prefilter_confirm(pair)
end

---@type integer
M.DEFAULT_THRESHOLD_PCT = core.DEFAULT_THRESHOLD_PCT
---@type integer
M.COUNTER_TAIL_BYTES = core.COUNTER_TAIL_BYTES

---What a tuning is for. Hashes are 32 hexadecimal digits, or any bytes, which are hashed.
---@class hunch.TuningId
---@field program string|nil hash of what is run
---@field binding integer|nil signature of what is bound to it
---@field workgroup integer|nil the size that was asked for
---@field specialisation string|nil nil: none, or not known yet
---@field adapter { name: string, capability: integer, driver: string }|nil

---@alias hunch.Variant "conservative"|"speculative"

---@class hunch.Tuning
---@field workgroup integer|nil
---@field unroll integer|nil
---@field tile integer|nil
---@field winner hunch.Variant|nil
---@field median_ns { conservative: integer, speculative: integer }|nil
---@field samples { conservative: integer, speculative: integer }|nil
---@field recorded_at integer|nil seconds since 1970; nil: now
---@field state string|nil what else is to be kept, at most 16 KiB
---@field key string|nil in lists
---@field learned table|nil in lists: what scans have learned of routes
---@field variants table|nil in lists: what scans have found out of kernels compiled for one program

---Tunings by key, in a file that processes share; what is wrong with the file is a miss, never an error.
---@class hunch.Autotune
---@field key fun(self: hunch.Autotune, id: hunch.TuningId): string 32 hexadecimal digits
---@field get fun(self: hunch.Autotune, key: string|hunch.TuningId): hunch.Tuning|nil
---@field put fun(self: hunch.Autotune, key: string|hunch.TuningId, tuning: hunch.Tuning): boolean|nil, string|nil
---@field list fun(self: hunch.Autotune): hunch.Tuning[] by key
---@field clear fun(self: hunch.Autotune): boolean
---@field path fun(self: hunch.Autotune): string|nil

---Opens an autotune store.
---@param path string|nil nil: `autotune` in $XDG_CACHE_HOME/hunch; "": no file
---@param options { most: integer|nil }|nil entries, of which the least recently used goes first; 1,024
---@return hunch.Autotune
function M.autotune(path, options)
    for name in pairs(options or {}) do
        if name ~= "most" then
            error(('there is no option "%s"'):format(name), 2)
        end
    end
    return core.autotune(path, options and options.most)
end

---@class hunch.RaceOptions: hunch.TuningId of the speculative variant; without a specialisation the race has no keys
---@field dispatches integer|nil over how many a compile pays off; 1

---@class hunch.RaceDecision
---@field winner hunch.Variant
---@field saved_ns integer the difference of the totals
---@field autotune_key string of the winner
---@field compile_ns { conservative: integer, speculative: integer }
---@field median_ns { conservative: integer, speculative: integer } of the last 64 dispatches
---@field total_ns { conservative: integer, speculative: integer } compile + dispatches * median
---@field samples { conservative: integer, speculative: integer }

---Two variants of a kernel against each other.
---@class hunch.Race
---@field compiled fun(self: hunch.Race, variant: hunch.Variant, ns: integer) the first time of a variant counts
---@field dispatched fun(self: hunch.Race, variant: hunch.Variant, ns: integer)
---@field next fun(self: hunch.Race): hunch.Variant whose turn it is
---@field decide fun(self: hunch.Race): hunch.RaceDecision|nil nil: a variant has fewer than 8 dispatches
---@field keep fun(self: hunch.Race, store: hunch.Autotune, tuning?: hunch.Tuning): true|nil, string|nil

---A race.
---@param options hunch.RaceOptions|nil
---@return hunch.Race|nil
---@return string|nil message
function M.race(options)
    return core.race(options)
end

---A block of a function: what runs without a jump.
---@class hunch.GraphBlock
---@field to integer[] blocks that may run next; of a condition the first is where it holds
---@field ends "jump"|"branch"|"switch"|"exit"
---@field returns boolean|nil of a block where the function ends: false where it calls what never comes back
---@field [integer] hunch.GraphStatement statements that begin in it

---@class hunch.GraphStatement
---@field kind string expression, declaration, return, break, continue, goto, if, while, do, for, for-first, ...
---@field line integer
---@field first integer of its bytes; of a condition, its expression's
---@field last integer

---A function. a and b are lines: the statements that begin there; nil where none does on one of them.
---@class hunch.GraphFunction
---@field name string
---@field line integer
---@field last_line integer
---@field incomplete boolean some of it could not be read: see the graph's faults
---@field dominates fun(self: hunch.GraphFunction, a: integer, b: integer): boolean|nil every way in to b ran a before
---@field post_dominates fun(self: hunch.GraphFunction, a: integer, b: integer): boolean|nil every way out runs a later
---@field reaches fun(self: hunch.GraphFunction, a: integer, b: integer): boolean|nil b can run after a
---@field blocks fun(self: hunch.GraphFunction): hunch.GraphBlock[] in reverse post-order; the first is its entry
---@field text fun(self: hunch.GraphFunction): string what it was lowered to, one line an operation

---A source file as functions.
---@class hunch.Graph
---@field faults { line: integer, reason: string, function: string|nil }[] what could not be read
---@field functions fun(self: hunch.Graph): hunch.GraphFunction[] in the order of the source
---@field text fun(self: hunch.Graph): string

---@class hunch.GraphOptions
---@field name string|nil of the file
---@field includes table<string, string>|nil texts of what may be included, by name as it is written

---The graph of a source file. docs/GRAPH.md says what of a language is understood.
---@param language "c"|"java"|"javascript"|"python"
---@param source string
---@param options hunch.GraphOptions|nil
---@return hunch.Graph|nil
---@return string|nil message
function M.graph(language, source, options)
    return core.graph(language, source, options)
end

return M
