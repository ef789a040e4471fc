--- The words of graph rules and their numbers: kernels/layout.h has the same, a spec compares. Each list counts from 0.
local M = {}

local function numbered(list)
    local map = {}
    for i, name in ipairs(list) do map[name] = i - 1 end
    return map
end

--- Stages that work on program graphs: HP_GRAPH_*.
M.stages = { "dominates", "post_dominates", "flows_to", "taint" }
M.STAGE = numbered(M.stages)

M.languages = { "c", "python", "javascript", "java" }
M.LANGUAGE = { c = 1, python = 2, javascript = 3, java = 4 }

M.spots = { "call", "argument", "parameter", "returned", "global", "loop_bound", "index", "address", "divisor",
    "field", "signed_index", "operand", "signed_argument", "narrowed" }
M.SPOT = numbered(M.spots)

--- What the spot `operand` names.
M.operators = { "add", "subtract", "multiply" }

M.actions = { "call", "assign", "test", "use", "returned" }
M.ACTION = numbered(M.actions)

--- What guards compare, in the order of HP_RELATION_*.
M.relations = { "==", "!=", "<", "<=", ">", ">=" }
M.RELATION = numbered(M.relations)

M.withs = { "any", "constant", "null", "clean", "zero" }
M.WITH = numbered(M.withs)

M.VALUE = numbered { "any", "null", "call" }

M.edges = { "assign", "phi", "argument", "return", "store", "load", "field", "index", "arithmetic", "library",
    "unknown", "guard", "content", "masked", "returned" }
M.EDGE = numbered(M.edges)

--- Edges over which a value goes on as it is: what flows_to follows where the rule names none.
M.same_value = { "assign", "phi", "argument", "return", "store", "load", "field", "index", "guard",
    "content" }

M.AND_ON, M.RETURNED, M.POINTED, M.OUTSIDE = 1 << 31, 1 << 30, 1 << 29, 1 << 28
M.PLACE_MOST = 1000

return M
