-- Graph rules as Lua tables for support.unit_module, and the flows of the C library.
local library = require "hunch.graph.flows"

local M = {}

M.flows = library.flows("c", {})

local SPOT = {
    call = 0, argument = 1, parameter = 2, returned = 3, global = 4, loop_bound = 5, index = 6, address = 7,
    divisor = 8, field = 9, signed_index = 10, operand = 11, signed_argument = 12,
    narrowed = 13,
}
local COMPARE = { ["=="] = 10, ["!="] = 11, ["<"] = 12, ["<="] = 13, [">"] = 14, [">="] = 15 }
local WITH = { any = 0, constant = 1, null = 2, clean = 3, zero = 4 }
local EDGE = {}
for i, name in ipairs { "assign", "phi", "argument", "return", "store", "load", "field", "index", "arithmetic",
    "library", "unknown", "guard", "content", "masked",
    "returned" } do
    EDGE[name] = 1 << i - 1
end
local AND_ON = 1 << 31

--- { call = "getenv" }, { argument = "system", 1 }, { argument = "execl", "2+" }, { "loop_bound" }
local function spot(each)
    for name, kind in pairs(SPOT) do
        if each[name] or each[1] == name then
            local index = type(each[1]) == "number" and each[1] or 0
            if type(each[1]) == "string" and each[1]:match "^%d+%+$" then
                index = math.tointeger(each[1]:sub(1, -2)) | AND_ON
            end
            return { kind = kind, name = each[name] or "", index = index }
        end
    end
    error "no such spot"
end

--- { call = "is_safe", on = 1, is = true }, { compare = "<", with = "constant" }
local function guard(each)
    if each.call then
        return { kind = 0, name = each.call, index = each.on or 0, outcome = each.is ~= false }
    end
    return { kind = 1, compare = COMPARE[each.compare], with = WITH[each.with or "any"] }
end

local function map(list, f)
    local values = {}
    for i, each in ipairs(list or {}) do values[i] = f(each) end
    return values
end

function M.rule(each)
    local edges = 0
    for _, name in ipairs(each.edges or {}) do edges = edges | EDGE[name] end
    return {
        kind = each.kind or "taint", from = map(each.from, spot), to = map(each.to, spot),
        except = map(each.except, spot),
        unless = map(each.unless, guard), edges = edges,
    }
end

return M
