-- One measured scan for bench.py, through the Lua module: what the command has no option for.
--
--   scan_once.lua full|prefilter|compile|load THREADS RULES PATH…
--
-- Prints one JSON object: seconds of compiling, loading and scanning, bytes, matches, size of the program.
local cjson = require "cjson"
local core = require "hunch.core"
local hunch = require "hunch"

local mode, threads, rules_path = arg[1], math.tointeger(tonumber(arg[2])), arg[3]
local paths = table.move(arg, 4, #arg, 1, {})

local function clock(f, ...)
    local from = core.clock()
    local value, message = f(...)
    if not value then
        if type(message) == "table" then
            message = message[1] and message[1].message
        end
        io.stderr:write("scan_once: ", tostring(message), "\n")
        os.exit(2)
    end
    return value, core.clock() - from
end

local function read(path)
    local file = assert(io.open(path, "rb"))
    local bytes = file:read("a")
    file:close()
    return bytes
end

local engine = hunch.engine { threads = threads }
local out = {}
local rules
if rules_path:find("%.lua$") or mode == "compile" then
    rules, out.compile_seconds = clock(engine.compile, engine, { rules_path })
    local program
    program, out.save_seconds = clock(rules.save, rules)
    out.program_bytes = #program
else
    rules, out.load_seconds = clock(engine.load, engine, read(rules_path))
end
if mode == "full" or mode == "prefilter" then
    local matches, incomplete = 0, 0
    local result
    result, out.scan_seconds = clock(rules.scan_paths, rules, paths, {
        threads = threads,
        prefilter_only = mode == "prefilter" or nil,
        on_match = function() matches = matches + 1 end,
        on_incomplete = function() incomplete = incomplete + 1 end,
    })
    out.bytes, out.records = result.stats.bytes, result.stats.records
    out.matches, out.incomplete, out.phases = matches, incomplete, result.stats.phases
end
print(cjson.encode(out))
