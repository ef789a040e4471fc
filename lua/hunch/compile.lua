--- The compiler: an ordered list of passes over one state.
-- A pass is a module hunch.passes.NAME with `run(state)`. It reports to state.diagnostics and throws only
-- when it is itself at fault. After a pass that left errors the later ones do not run.
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
---@field program string|nil what encode wrote

---Runs the passes. The state that comes in needs `sources`; the same table is returned.
---@param state hunch.CompileState
---@param options { stop_after: string|nil }|nil
---@return hunch.CompileState
function M.run(state, options)
    local stop_after = options and options.stop_after
    state.diagnostics = state.diagnostics or {}
    for _, name in ipairs(M.passes) do
        require("hunch.passes." .. name).run(state)
        if M.failed(state) or name == stop_after then break end
    end
    diagnostics.sort(state.diagnostics, state.sources)
    return state
end

---Did a pass leave an error?
function M.failed(state)
    return diagnostics.count(state.diagnostics, "error") > 0
end

return M
