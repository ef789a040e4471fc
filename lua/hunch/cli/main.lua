-- The `hunch` command: picks the call, reads its options, runs it. Returns the exit status and never ends
-- the process; runtime/main.c does that with what `run` returns.
local M = {}

local calls = require "hunch.cli.calls"
local options = require "hunch.cli.options"
local output = require "hunch.cli.output"
local visible = require "hunch.report.visible"

local USAGE_FAULT, NOT_WRITTEN = 2, 3

local function general_help()
    local lines = {
        "hunch: a rule engine for files, logs and source code", "",
        "usage: hunch CALL [options]", "",
    }
    for _, call in ipairs(calls.list) do
        local first_sentence = call.summary:match("^[^\n]-%.%f[%s\0]") or call.summary
        lines[#lines + 1] = string.format("  %-9s %s", call.name, first_sentence)
    end
    lines[#lines + 1] = string.format("  %-9s %s", "version", "Print the version.")
    lines[#lines + 1] = ""
    lines[#lines + 1] = "`hunch CALL --help` shows the options of a call."
    return table.concat(lines, "\n") .. "\n"
end

local function fault(env, message, call)
    env.stderr:write("hunch: ", visible.escape(message), "\n",
                     "Run `hunch ", call and call.name .. " " or "", "--help` for usage.\n")
    return USAGE_FAULT
end

-- What takes no further argument says so.
local function surplus(env, argument)
    return fault(env, "unexpected argument '" .. argument .. "'")
end

local function print_help(env, name, more)
    if more then
        return surplus(env, more)
    elseif not name then
        env.stdout:write(general_help())
        return 0
    end
    local call = calls.find(name)
    if not call then
        return fault(env, "no call '" .. name .. "'" .. options.suggestion(name, calls.names()))
    end
    env.stdout:write(options.help(call))
    return 0
end

local function dispatch(argv, env)
    local name = argv[1]
    if name == nil then
        env.stderr:write(general_help())
        return USAGE_FAULT
    elseif name == "help" then
        return print_help(env, argv[2], argv[3])
    elseif name == "--help" or name == "-h" then
        return print_help(env, nil, argv[2])
    elseif name == "version" or name == "--version" or name == "-V" then
        if argv[2] then
            return surplus(env, argv[2])
        end
        env.stdout:write("hunch ", env.core.version, "\n")
        return 0
    end
    local call = calls.find(name)
    if not call then
        local kind = name:sub(1, 1) == "-" and "option" or "call"
        return fault(env, string.format("unknown %s '%s'%s", kind, name, options.suggestion(name, calls.names())))
    end
    local values, message = options.parse(call, argv, 2)
    if not values then
        return fault(env, message, call)
    elseif values.help then
        return print_help(env, name)
    end
    local status
    status, message = require("hunch.cli." .. name).run(values, env)
    if message then
        return fault(env, message, call)
    end
    return status
end

--- `streams` replaces standard files in specs: { stdout =, stderr =, getenv = }.
---@param argv string[] what stands behind the name of the command
---@param core table hunch.core
---@return integer status
function M.run(argv, core, streams)
    streams = streams or {}
    local env = {
        core = core, stdout = output.new(streams.stdout or io.stdout),
        stderr = streams.stderr or io.stderr, getenv = streams.getenv or os.getenv,
    }
    local ok, status = xpcall(dispatch, debug.traceback, argv, env)
    if not ok then
        env.stderr:write("hunch: a fault in hunch itself; please report it with the text below.\n",
                         tostring(status), "\n")
        status = USAGE_FAULT
    end
    env.stdout:flush()
    if env.stdout.failure then
        env.stderr:write("hunch: what was to be printed is not complete: ", env.stdout.failure, "\n")
        return status <= 1 and NOT_WRITTEN or status
    end
    return status
end

return M
