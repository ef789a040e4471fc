-- The naive evaluator of conditions: a tree of its own, which random_condition.lua makes and writes as text for the
-- compiler, is evaluated by its definition: everything is evaluated, nothing is cut short, undefined is nil.
--
-- number = { "number", value } | { "filesize" } | { "count", p, [low, high] } | { "offset"|"length", p, index }
--        | { "var", loop } | { "read", name, offset } | { "negate"|"invert", x } | { "binary", op, x, y }
-- truth  = { "bool", value } | { "present", p } | { "at", p, x } | { "in", p, low, high } | { "rule", name }
--        | { "not"|"defined", t } | { "and"|"or", t, u } | { "compare", op, x, y } | number
--        | { "of", q, set, place, [x, [y]] } | { "tally", q, { t... } }
--        | { "loop", q, "range"|"values"|"patterns", source, body }
-- p = a name, or { loop } for the pattern of that loop; q = { kind, [number] }
-- set = { names = { ... }, text = "..." }

local M = {}

-- ---- evaluation --------------------------------------------------------------------------------

local eval

local function truncated(a, b)
    local quotient = a // b
    if a % b ~= 0 and (a < 0) ~= (b < 0) then
        quotient = quotient + 1
    end
    return quotient
end

local binary = {
    ["+"] = function(a, b) return a + b end,
    ["-"] = function(a, b) return a - b end,
    ["*"] = function(a, b) return a * b end,
    ["\\"] = function(a, b) if b ~= 0 then return truncated(a, b) end end,
    ["%"] = function(a, b) if b ~= 0 then return a - truncated(a, b) * b end end,
    ["&"] = function(a, b) return a & b end,
    ["|"] = function(a, b) return a | b end,
    ["^"] = function(a, b) return a ~ b end,
    ["<<"] = function(a, b)
        if b < 0 then return nil end
        for _ = 1, math.min(b, 64) do a = a * 2 end
        return a
    end,
    [">>"] = function(a, b)
        if b < 0 then return nil end
        if b >= 64 then return 0 end
        for _ = 1, b do a = a // 2 end
        return a
    end,
    ["=="] = function(a, b) return a == b end,
    ["!="] = function(a, b) return a ~= b end,
    ["<"] = function(a, b) return a < b end,
    ["<="] = function(a, b) return a <= b end,
    [">"] = function(a, b) return a > b end,
    [">="] = function(a, b) return a >= b end,
}
binary["/"] = binary["\\"]

local function spans(p, env)
    return env.patterns[type(p) == "table" and env.loops[p[1]] or p]
end

local function count_in(list, low, high)
    local n = 0
    for _, offset in ipairs(list.offsets) do
        if offset >= low and offset <= high then
            n = n + 1
        end
    end
    return n
end

local function truth(node, env)
    local value = eval(node, env)
    return value ~= nil and value ~= false and value ~= 0
end

-- nil where the quantifier's number is undefined.
local function enough(q, n, found, total)
    if q[1] == "any" then
        return found > 0
    elseif q[1] == "all" then
        return found == total
    elseif q[1] == "none" then
        return found == 0
    elseif n == nil then
        return nil
    elseif q[1] == "n" then
        if n == 0 then return found == 0 end
        return found >= n
    end
    if n > 100 or n < 0 then
        return n < 0
    end
    return found * 100 >= n * total
end

--- string.unpack formats of the integers.
M.reads = {
    uint8 = "<I1", int8 = "<i1", uint8be = ">I1", int8be = ">i1", uint16 = "<I2", int16 = "<i2", uint16be = ">I2",
    int16be = ">i2", uint32 = "<I4", int32 = "<i4", uint32be = ">I4", int32be = ">i4", uint64 = "<i8", int64 = "<i8",
    uint64be = ">i8", int64be = ">i8",
}

local evaluators = {}

function evaluators.number(node) return node[2] end
function evaluators.bool(node) return node[2] end
function evaluators.filesize(_, env) return #env.data end
function evaluators.var(node, env) return env.loops[node[2]][1] end
function evaluators.rule(node, env) return env.rules[node[2]] end
function evaluators.present(node, env) return #spans(node[2], env).offsets > 0 end

function evaluators.count(node, env)
    local list = spans(node[2], env)
    if not node[3] then
        return #list.offsets
    end
    local low, high = eval(node[3], env), eval(node[4], env)
    return low and high and count_in(list, low, high)
end

function evaluators.offset(node, env)
    return spans(node[2], env).offsets[eval(node[3], env) or 0]
end

function evaluators.length(node, env)
    return spans(node[2], env).lengths[eval(node[3], env) or 0]
end

evaluators["at"] = function(node, env)
    local x = eval(node[3], env)
    if x == nil then return nil end
    return count_in(spans(node[2], env), x, x) > 0
end

evaluators["in"] = function(node, env)
    local low, high = eval(node[3], env), eval(node[4], env)
    if low == nil or high == nil then return nil end
    return count_in(spans(node[2], env), low, high) > 0
end

function evaluators.read(node, env)
    local at = eval(node[3], env)
    local format = M.reads[node[2]]
    if at == nil or at < 0 or at > #env.data or at + string.packsize(format) > #env.data then
        return nil
    end
    return (string.unpack(format, env.data, at + 1))
end

function evaluators.negate(node, env)
    local x = eval(node[2], env)
    return x and -x
end

function evaluators.invert(node, env)
    local x = eval(node[2], env)
    return x and ~x
end

function evaluators.binary(node, env)
    local x, y = eval(node[3], env), eval(node[4], env)
    if x == nil or y == nil then return nil end
    return binary[node[2]](x, y)
end

evaluators.compare = evaluators.binary

evaluators["not"] = function(node, env)
    local value = eval(node[2], env)
    if value == nil then return nil end
    return value == false or value == 0
end

evaluators["defined"] = function(node, env)
    return eval(node[2], env) ~= nil
end

evaluators["and"] = function(node, env)
    local left, right = truth(node[2], env), truth(node[3], env)
    return left and right
end

evaluators["or"] = function(node, env)
    local left, right = truth(node[2], env), truth(node[3], env)
    return left or right
end

evaluators["of"] = function(node, env)
    local q, set, place = node[2], node[3], node[4]
    local x = node[5] and eval(node[5], env)
    local y = node[6] and eval(node[6], env)
    if (place ~= "" and x == nil) or (place == "in" and y == nil) then
        return nil
    end
    local found = 0
    for _, name in ipairs(set.names) do
        local list = env.patterns[name]
        local n = #list.offsets
        if place ~= "" then
            n = count_in(list, x, place == "in" and y or x)
        end
        found = found + (n > 0 and 1 or 0)
    end
    return enough(q, q[2] and eval(q[2], env), found, #set.names)
end

function evaluators.tally(node, env)
    local q, found = node[2], 0
    for _, each in ipairs(node[3]) do
        found = found + (truth(each, env) and 1 or 0)
    end
    return enough(q, q[2] and eval(q[2], env), found, #node[3])
end

-- What the loop goes through: a list of patterns or of { number }.
local function items_of(node, env)
    local kind, source, items = node[3], node[4], {}
    if kind == "patterns" then
        return source.names
    elseif kind == "values" then
        for i, each in ipairs(source) do
            items[i] = { (eval(each, env)) }
        end
        return items
    end
    local low, high = eval(source[1], env), eval(source[2], env)
    if low == nil or high == nil or low > high then
        return items
    end
    if math.ult(1000, high - low) then
        error(M.too_long, 0)
    end
    for value = low, high do
        items[#items + 1] = { value }
    end
    return items
end

function evaluators.loop(node, env)
    local q = node[2]
    local n = q[2] and eval(q[2], env)
    local items = items_of(node, env)
    local depth, found = #env.loops + 1, 0
    for _, item in ipairs(items) do
        env.left = env.left - 1
        if env.left < 0 then
            error(M.too_long, 0)
        end
        env.loops[depth] = item
        found = found + (truth(node[5], env) and 1 or 0)
    end
    env.loops[depth] = nil
    if #items == 0 and not (q[2] and n == nil) then
        return false
    end
    return enough(q, n, found, #items)
end

function eval(node, env)
    return evaluators[node[1]](node, env)
end

M.too_long = "too many iterations"

--- true, false, or nil where this evaluator gives up.
function M.evaluate(tree, env)
    env.loops, env.left = {}, 2000
    local ok, result = pcall(truth, tree, env)
    if ok then
        return result
    elseif result == M.too_long then
        return nil
    end
    error(result, 0)
end

-- ---- constants that are errors -------------------------------------------------------------------

local constant

-- 2^63 // n for n > 1
local function two_to_63_over(n)
    return math.maxinteger // n + (math.maxinteger % n == n - 1 and 1 or 0)
end

-- Whether the exact result leaves 64 bits.
local function too_large(op, x, y)
    if op == "+" then
        return (y > 0 and x > math.maxinteger - y) or (y < 0 and x < math.mininteger - y)
    elseif op == "-" then
        return (y < 0 and x > math.maxinteger + y) or (y > 0 and x < math.mininteger + y)
    elseif op == "*" and x ~= 0 and y ~= 0 then
        if x == math.mininteger or y == math.mininteger then
            return x ~= 1 and y ~= 1
        elseif (x < 0) ~= (y < 0) then
            return math.abs(y) ~= 1 and math.abs(x) > two_to_63_over(math.abs(y))
        end
        return math.abs(x) > math.maxinteger // math.abs(y)
    end
    return (op == "\\" or op == "/") and x == math.mininteger and y == -1
end

-- The value of a constant number; raises what is wrong with it; nil where it depends on the record.
local function constant_number(node)
    if node[1] == "number" then
        return node[2]
    elseif node[1] == "negate" or node[1] == "invert" then
        local x = constant(node[2])
        if x == math.mininteger and node[1] == "negate" then
            error("constant", 0)
        end
        return x and (node[1] == "negate" and -x or ~x)
    elseif node[1] == "binary" then
        local op, x, y = node[2], constant(node[3]), constant(node[4])
        if (y == 0 and (op == "\\" or op == "%" or op == "/")) or (y and y < 0 and (op == "<<" or op == ">>")) then
            error("constant", 0)
        elseif x == nil or y == nil then
            return nil
        end
        if too_large(op, x, y) then
            error("constant", 0)
        end
        return binary[op](x, y)
    end
    return nil
end

function constant(node)
    if type(node) ~= "table" then
        return nil
    end
    local value
    if node[1] == "number" or node[1] == "negate" or node[1] == "invert" or node[1] == "binary" then
        value = constant_number(node)
    else
        for _, child in ipairs(node) do
            constant(child)
        end
    end
    local q = (node[1] == "of" or node[1] == "tally" or node[1] == "loop") and node[2]
    if q and q[2] then
        local n = constant(q[2])
        if n and (n < 0 or (q[1] == "percent" and (n < 1 or n > 100))) then
            error("constant", 0)
        end
    end
    return value
end

--- Whether the compiler must refuse the tree because of its constants.
function M.refused(tree)
    local ok, message = pcall(constant, tree)
    if not ok and message ~= "constant" then
        error(message, 0)
    end
    return not ok
end

return M
