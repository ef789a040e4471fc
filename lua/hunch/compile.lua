--- The compiler: an ordered list of passes over one state.
-- A pass is a module hunch.passes.NAME with `run(state)`. It reports to state.diagnostics and throws only
-- when it is itself at fault. Errors do not hide what else is wrong: check looks at every rule that could be loaded,
-- literals at every rule without an error. Behind an error nothing is made.
local diagnostics = require "hunch.diagnostics"

local M = {}

M.passes = { "load", "check", "literals", "classify", "lower", "encode" }

---@class hunch.CompileState
---@field sources { name: string, text: string }[] rule files, in the order of the program
---@field read_file fun(path: string): string|nil, string|nil  reads what rule files name; nil: nothing can be read
---@field limits { memory: integer|nil, instructions: integer|nil, seconds: number|nil }|nil budgets of one rule file
---@field rules table[] docs/INTERNALS.md, section 2
---@field sources_by_name table<string, { name: string, text: string, index: integer }>
---@field diagnostics hunch.Diagnostic[]
---@field rule_lines table<string, integer[]> of each file, where rules are declared
---@field at_fault table<table, true> rules that have an error
---@field whole boolean no rule is missing because its file failed
---@field program string|nil what encode wrote

--- The same state for a pass that only looks at rules without errors.
local function without_faults(state)
    local good = {}
    for _, rule in ipairs(state.rules) do
        if not state.at_fault[rule] then good[#good + 1] = rule end
    end
    return setmetatable({ rules = good }, { __index = state })
end

local REPORTS = { load = true, check = true, literals = true }

---Runs the passes. The state that comes in needs `sources`; the same table is returned.
---@param state hunch.CompileState
---@param options { stop_after: string|nil }|nil
---@return hunch.CompileState
function M.run(state, options)
    local stop_after = options and options.stop_after
    state.diagnostics = state.diagnostics or {}
    for _, name in ipairs(M.passes) do
        local failed = M.failed(state)
        if failed and not REPORTS[name] then break end
        require("hunch.passes." .. name).run(failed and name == "literals" and without_faults(state) or state)
        if name == stop_after then break end
    end
    diagnostics.sort(state.diagnostics, state.sources)
    return state
end

---Did a pass leave an error?
function M.failed(state)
    return diagnostics.count(state.diagnostics, "error") > 0
end

return M
