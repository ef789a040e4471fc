--- hunch for Lua: `local hunch = require "hunch"`. Rules in, matches out as tables; the annotations are its reference.
-- Offsets are 1-based and inclusive, as string.sub has them; an empty match has last = first - 1. What can fail
-- because of rules, files or data returns nil and a reason; a wrong argument raises an error. The engine is C
-- (hunch.core); it shares nothing with the Lua of rule files, so no rule can reach the program that uses it.
local core = require "hunch.core"

local M = {}

---@class hunch.EngineOptions
---@field backend "auto"|"ref"|"cpu"|nil `auto` is the fastest that is there; `ref` is portable and has one thread
---@field threads integer|nil threads of a scan; 0 or nil: one for each core
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
---@field info fun(self: hunch.Engine): table versions, backend, threads, cache

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
---@field backend "auto"|"ref"|"cpu"|nil
---@field threads integer|nil
---@field tile_size integer|nil bytes

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
---@field title string|nil
---@field severity string
---@field tags string[] shared by the matches of a rule
---@field meta table shared by the matches of a rule

---Something that was not evaluated, and why.
---@class hunch.Incomplete
---@field record string|nil
---@field rule string|nil
---@field reason string
---@field detail string

---@class hunch.Result
---@field matches hunch.Match[]
---@field incomplete hunch.Incomplete[]
---@field stats table bytes, records, matches, incomplete, tiles, committed, rolled_back, backend, seconds, phases …
---@field decisions table[]
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

---Parts of the interface that are not there yet say so.
local function not_built(name)
    return function()
        error(("hunch.%s is not built yet"):format(name), 2)
    end
end

M.graph = not_built "graph"
M.speculator = not_built "speculator"
M.race = not_built "race"
M.autotune = not_built "autotune"

return M
