-- Conditions: what is known before any record is seen. Constants are computed (an overflow between them is an
-- error), branches that cannot matter are dropped, quantifiers become the plainest that says the same.
-- The answer for every record stays the same, undefined values included: undefined counts as false in `and`, `or`
-- and bodies of loops, but `not undefined` is undefined, so a value that may be undefined keeps a "truth" around it.

local ast = require "hunch.condition.ast"
local tokens = require "hunch.condition.tokens"

local M = {}

local function fail(node, message)
    tokens.fail(node.from, "%s", message)
end

-- ---- numbers -----------------------------------------------------------------------------------

local compute = {}

compute["+"] = function(a, b)
    local sum = a + b
    return sum, (a ~ sum) & (b ~ sum) < 0
end

compute["-"] = function(a, b)
    local difference = a - b
    return difference, (a ~ b) & (a ~ difference) < 0
end

compute["*"] = function(a, b)
    local product = a * b
    return product, a ~= 0 and (product // a ~= b or product % a ~= 0 or (a == -1 and b == math.mininteger))
end

-- Towards zero; Lua's own division rounds down.
compute["\\"] = function(a, b)
    local quotient = a // b
    if quotient < 0 and quotient * b ~= a then
        quotient = quotient + 1
    end
    return quotient, a == math.mininteger and b == -1
end

compute["%"] = function(a, b)
    return b == -1 and 0 or a - compute["\\"](a, b) * b
end

compute["&"] = function(a, b) return a & b end
compute["|"] = function(a, b) return a | b end
compute["^"] = function(a, b) return a ~ b end
compute["<<"] = function(a, b) return b < 64 and a << b or 0 end
-- Keeps the sign; Lua's own shift fills with zeros.
compute[">>"] = function(a, b) return b >= 64 and 0 or a < 0 and ~(~a >> b) or a >> b end
compute["=="] = function(a, b) return a == b end
compute["!="] = function(a, b) return a ~= b end
compute["<"] = function(a, b) return a < b end
compute["<="] = function(a, b) return a <= b end
compute[">"] = function(a, b) return a > b end
compute[">="] = function(a, b) return a >= b end

local inverse = { ["=="] = "!=", ["!="] = "==", ["<"] = ">=", [">="] = "<", [">"] = "<=", ["<="] = ">" }

-- ---- what is known of a node ----------------------------------------------------------------------

-- true or false where the node is a constant, else nil.
local function constant_truth(node)
    if node.tag == "bool" then
        return node.value
    elseif node.tag == "number" then
        return node.value ~= 0
    end
    return nil
end

local function is_number(node)
    return node ~= nil and node.tag == "number"
end

local partial = { ["\\"] = true, ["%"] = true, ["<<"] = true, [">>"] = true }
local always = {
    number = true, bool = true, filesize = true, rule = true, present = true, ["and"] = true, ["or"] = true,
}

--- Whether the node is defined whatever the record.
local function always_defined(node)
    local tag = node.tag
    if always[tag] then
        return true
    elseif tag == "unary" then
        return node.op == "defined" or node.op == "truth" or always_defined(node[1])
    elseif tag == "binary" then
        return always_defined(node[1]) and always_defined(node[2])
            and (not partial[node.op] or (is_number(node[2]) and node[2].value > 0))
    elseif tag == "tally" or tag == "loop" then
        return not node.quantifier.n or always_defined(node.quantifier.n)
    elseif tag == "count" or tag == "at" or tag == "within" or tag == "of" then
        local n = node.quantifier and node.quantifier.n
        return (not n or always_defined(n)) and (not node.offset or always_defined(node.offset))
            and (not node.low or (always_defined(node.low) and always_defined(node.high)))
    end
    return false
end

M.always_defined = always_defined

-- `not` of a truth value that is folded.
local function negated(node)
    if node.tag == "bool" then
        return ast.bool(node.from, not node.value)
    end
    return ast.unary(node.from, "not", node)
end

-- The node where undefined counts as false: wrapped unless that is so already.
local function as_truth(node)
    if node.type == "truth" and always_defined(node) then
        return node
    end
    return ast.unary(node.from, "truth", node)
end

-- ---- one function a tag -----------------------------------------------------------------------------

local fold -- fold(node) -> node
local folders = {}

local function fold_truth(node)
    node = fold(node)
    if node.tag == "unary" and node.op == "truth" then
        return node[1]
    end
    return node
end

local function same(node)
    return node
end

for _, tag in ipairs { "number", "bool", "filesize", "rule", "var", "present" } do
    folders[tag] = same
end

function folders.count(node)
    if not node.low then
        return node
    end
    return ast.count(node.from, node.pattern, fold(node.low), fold(node.high))
end

function folders.offset(node)
    return ast.offset(node.from, node.pattern, fold(node.index))
end

function folders.length(node)
    return ast.length(node.from, node.pattern, fold(node.index))
end

function folders.at(node)
    return ast.at(node.from, node.pattern, fold(node.offset))
end

function folders.within(node)
    return ast.within(node.from, node.pattern, fold(node.low), fold(node.high))
end

function folders.read(node)
    return ast.read(node.from, node.kind, fold(node.offset))
end

function folders.unary(node)
    local op, child = node.op, fold(node[1])
    if op == "-" and is_number(child) then
        if child.value == math.mininteger then
            fail(node, "the opposite of this constant does not fit in 64 bits")
        end
        return ast.number(node.from, -child.value)
    elseif op == "~" and is_number(child) then
        return ast.number(node.from, ~child.value)
    elseif op == "defined" and always_defined(child) then
        return ast.bool(node.from, true)
    elseif op == "not" then
        local truth = constant_truth(child)
        if truth ~= nil then
            return ast.bool(node.from, not truth)
        elseif child.tag == "binary" and inverse[child.op] then
            return ast.binary(child.from, inverse[child.op], child[1], child[2])
        elseif child.tag == "unary" and child.op == "not" and child[1].type == "truth" then
            return child[1]
        end
    end
    return ast.unary(node.from, op, child)
end

function folders.binary(node)
    local op, left, right = node.op, fold(node[1]), fold(node[2])
    if is_number(right) then
        if (op == "\\" or op == "%") and right.value == 0 then
            fail(right, "division by zero")
        elseif (op == "<<" or op == ">>") and right.value < 0 then
            fail(right, "a number cannot be shifted by less than 0")
        end
        if is_number(left) then
            local value, overflow = compute[op](left.value, right.value)
            if overflow then
                fail(node, ("%d %s %d does not fit in 64 bits"):format(left.value, op, right.value))
            elseif type(value) == "boolean" then
                return ast.bool(node.from, value)
            end
            return ast.number(node.from, value)
        end
    end
    return ast.binary(node.from, op, left, right)
end

-- `and` or `or` of children that are folded. `false` settles an `and`, `true` an `or`.
local function junction(from, tag, folded)
    local children = {}
    local decisive = tag == "or"
    for _, child in ipairs(folded) do
        local truth = constant_truth(child)
        if truth == decisive then
            return ast.bool(from, decisive)
        elseif child.tag == tag then
            table.move(child, 1, #child, #children + 1, children)
        elseif truth == nil then
            children[#children + 1] = child
        end
    end
    if #children == 0 then
        return ast.bool(from, not decisive)
    elseif #children == 1 then
        return as_truth(children[1])
    end
    return ast.junction(from, tag, children)
end

local function fold_children(node)
    local children = {}
    for i, child in ipairs(node) do
        children[i] = fold_truth(child)
    end
    return children
end

folders["and"] = function(node)
    return junction(node.from, "and", fold_children(node))
end

folders["or"] = function(node)
    return junction(node.from, "or", fold_children(node))
end

-- The plainest quantifier over `total` things (nil: not known), or a boolean where it is met or missed whatever holds.
local function fold_quantifier(quantifier, total)
    if not quantifier.n then
        return quantifier
    end
    local n = fold(quantifier.n)
    local needed = is_number(n) and n.value
    if not needed then
        return { kind = quantifier.kind, n = n }
    elseif quantifier.kind == "percent" then
        if needed < 1 or needed > 100 then
            fail(n, "a percentage is between 1 and 100")
        elseif not total then
            return { kind = "percent", n = n }
        end
        needed = total // 100 * needed + (total % 100 * needed + 99) // 100
    elseif needed < 0 then
        fail(n, "how many must hold cannot be negative")
    end
    if needed == 0 then
        return { kind = "none" }
    elseif needed == 1 then
        return { kind = "any" }
    elseif total and needed > total then
        return false
    elseif needed == total then
        return { kind = "all" }
    end
    return { kind = "n", n = ast.number(n.from, needed) }
end

function folders.of(node)
    local quantifier = fold_quantifier(node.quantifier, #node.patterns)
    local place
    if node.offset then
        place = { offset = fold(node.offset) }
    elseif node.low then
        place = { low = fold(node.low), high = fold(node.high) }
    end
    if not quantifier then
        -- Too few patterns; but where the place may be undefined, so is the whole.
        local never = ast.of(node.from, { kind = "any" }, node.patterns, place)
        if always_defined(never) then
            return ast.bool(node.from, false)
        end
        quantifier = { kind = "n", n = ast.number(node.from, #node.patterns + 1) }
    end
    if #node.patterns == 1 and not quantifier.n then
        local pattern = node.patterns[1]
        local single
        if not place then
            single = ast.present(node.from, pattern)
        elseif place.offset then
            single = ast.at(node.from, pattern, place.offset)
        else
            single = ast.within(node.from, pattern, place.low, place.high)
        end
        return quantifier.kind == "none" and negated(single) or single
    end
    return ast.of(node.from, quantifier, node.patterns, place)
end

function folders.tally(node)
    local children = fold_children(node)
    local quantifier = fold_quantifier(node.quantifier, #children)
    if not quantifier then
        return ast.bool(node.from, false)
    elseif quantifier.n then
        return ast.tally(node.from, quantifier, children)
    elseif quantifier.kind == "all" then
        return junction(node.from, "and", children)
    end
    local any = junction(node.from, "or", children)
    return quantifier.kind == "none" and negated(any) or any
end

local function fold_source(source)
    if source.kind == "range" then
        return { kind = "range", low = fold(source.low), high = fold(source.high) }
    elseif source.kind == "patterns" then
        return source
    end
    local values = { kind = "values" }
    for i, value in ipairs(source) do
        values[i] = fold(value)
    end
    return values
end

-- How many iterations a loop makes; nil: not known, or more than 2^62.
local function iterations(source)
    if source.kind == "patterns" then
        return #source.patterns
    elseif source.kind == "values" then
        return #source
    elseif not (is_number(source.low) and is_number(source.high)) then
        return nil
    elseif source.low.value > source.high.value then
        return 0
    end
    local steps, overflow = compute["-"](source.high.value, source.low.value)
    return not overflow and steps < 1 << 62 and steps + 1 or nil
end

function folders.loop(node)
    local source = fold_source(node.source)
    local total = iterations(source)
    local body = fold_truth(node.body)
    local quantifier = fold_quantifier(node.quantifier, total ~= 0 and total or nil)
    if not quantifier then
        return ast.bool(node.from, false)
    elseif not quantifier.n then
        local truth = constant_truth(body)
        if total == 0 or (truth == false and quantifier.kind == "any") then
            return ast.bool(node.from, false)
        elseif total and truth ~= nil then
            return ast.bool(node.from, truth == (quantifier.kind ~= "none"))
        end
    end
    return ast.loop(node.from, quantifier, source, body)
end

function fold(node)
    return folders[node.tag](node)
end

--- tree -> tree that says the same; or nil and { message =, position = }.
function M.fold(tree)
    return tokens.caught(fold_truth, tree)
end

return M
