--- What libhunch calls in its own Lua state: rules in, a program, diagnostics and summaries out.
-- Only plain data crosses.
local compile = require "hunch.compile"
local diagnostics = require "hunch.diagnostics"
local native = require "hunch.native"

local M = {}

local function new_state(request)
    local state = {
        sources = request.sources, diagnostics = {}, limits = request.limits, options = { prove = request.prove },
        files = {}, -- all that was read
    }
    if request.files then
        for i, source in ipairs(request.sources) do state.files[i] = source.name end
        state.read_file = function(folder, name)
            state.files[#state.files + 1] = folder .. name
            return native.read_below(folder, name)
        end
    end
    for _, path in ipairs(request.skipped or {}) do
        diagnostics.add(state, "W010", { file = path.name }, "this is not read: " .. path.why,
            { hint = "a folder of rules holds rule files (*.lua), symbolic links to some, and folders" })
    end
    return state
end

--- What a caller wants to know of rules besides the program: their examples, and where they stand.
local function summaries(rules)
    local list = {}
    for i, rule in ipairs(rules or {}) do
        list[i] = { name = rule.name, title = rule.title, severity = rule.severity, tags = rule.tags,
            group = rule.group, where = rule.where,
            examples = type(rule.examples) == "table" and rule.examples or nil }
    end
    return list
end

--- request = { sources = { {name, text} … }, skipped = { {name, why} … }, limits =, files = bool, prove = bool,
-- rule = name|nil }
function M.compile(request)
    local state = compile.run(new_state(request))
    return { program = state.program, diagnostics = state.diagnostics, rules = summaries(state.rules),
        files = state.files }
end

--- All passes, with proofs.
function M.check(request)
    request.prove = true
    return M.compile(request)
end

--- How a rule was understood; the tables of lua/hunch/explain.lua.
function M.explain(request)
    request.prove = true
    local state = compile.run(new_state(request))
    local result = { diagnostics = state.diagnostics }
    if not compile.failed(state) then result.explained = require("hunch.explain").explain(state, request.rule) end
    return result
end

return M
