--- Calls of names that the rule language does not have. The load pass runs such a file again with a stand-in
-- under that name, which leaves a node { kind = "unknown", name =, where = }, so that the rest can be checked.
local diagnostics = require "hunch.diagnostics"

local M = {}

M.STAGES = { "regex", "path", "count", "near", "entropy", "luhn", "checksum", "except", "only", "field", "condition",
    "host", "taint", "flows_to", "dominates", "post_dominates" }

-- What a rule file finds in its environment besides.
local OTHERS = { "address", "all", "any", "argument", "assert", "assign", "at_least", "call", "divisor",
    "error", "getmetatable", "global", "guard", "hex", "index", "ipairs", "library", "lit", "loop_bound",
    "math", "narrowed", "next", "none", "operand", "outside", "pairs", "parameter", "pcall", "rawequal", "rawget",
    "rawlen", "returned", "rule", "select", "setmetatable", "signed_argument", "signed_index", "string", "table",
    "test", "tonumber", "tostring", "type", "use", "utf8", "xpcall" }

local NAMES = table.move(OTHERS, 1, #OTHERS, #M.STAGES + 1, { table.unpack(M.STAGES) })

function M.message(name)
    return ("there is no stage or function '%s'"):format(name)
end

---What to do about a name that was called or used.
function M.hint(name)
    local near = diagnostics.nearest(name, NAMES)
    if near and near ~= name then return ("did you mean %s?"):format(near) end
    return ("the stages of the rule language are %s; of Lua there are string, table, math and utf8"):format(
        table.concat(M.STAGES, ", "))
end

---Lua that goes before the rule language and makes stand-ins of these names.
---@param names string[]
function M.stand_ins(names)
    local parts = {}
    for i, name in ipairs(names) do
        parts[i] = ("globals.%s = function() return { kind = 'unknown', name = '%s', where = internals.where() } end")
            :format(name, name)
    end
    return parts[1] and "do local globals, internals = ... " .. table.concat(parts, " ") .. " end " or ""
end

---Is it such a node? Reports it, unless the load pass did.
---@param c table of the check pass
function M.tell(c, node)
    if type(node) ~= "table" or node.kind ~= "unknown" or type(node.name) ~= "string"
        or not node.name:find "^[%a_][%w_]*$" then
        return false
    end
    local place = c:place(node)
    local calls = c.state.unknown_calls[place.file]
    if calls and calls[node.name] == place.line then
        c.state.at_fault[c.rule] = true
    else
        c:add("E003", node, M.message(node.name), { text = node.name, hint = M.hint(node.name) })
    end
    return true
end

return M
