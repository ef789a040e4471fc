-- Random conditions: trees of naive_condition.lua, how they are written, and random records for them.

local naive = require "support.naive_condition"

local M = {}

M.patterns = { "a", "b", "x1", "x2", "x3" }
M.rules = { "r1", "r2", "odd-name" }

-- ---- text -------------------------------------------------------------------------------------------

local write
local level = {
    ["or"] = 1, ["and"] = 2, ["not"] = 3, ["defined"] = 3, ["=="] = 4, ["!="] = 4, ["<"] = 5, ["<="] = 5, [">"] = 5,
    [">="] = 5, of = 5, tally = 5, ["|"] = 6, ["^"] = 7, ["&"] = 8, ["<<"] = 9, [">>"] = 9, ["+"] = 10, ["-"] = 10,
    ["*"] = 11, ["/"] = 11, ["\\"] = 11, ["%"] = 11, negate = 12, invert = 12,
}

local function level_of(node)
    if node[1] == "binary" or node[1] == "compare" then
        return level[node[2]]
    end
    return level[node[1]] or 13
end

-- `least`: the loosest level that needs no parentheses here.
local function part(node, least, random)
    local text = write(node, random)
    if level_of(node) < least or random(12) == 1 then
        return "(" .. text .. ")"
    end
    return text
end

local ARITHMETIC = 6

local function named(sigil, p)
    return sigil .. (type(p) == "table" and "" or p)
end

local function quantifier_text(q, random)
    if q[1] == "n" then
        return part(q[2], ARITHMETIC, random)
    elseif q[1] == "percent" then
        return part(q[2], ARITHMETIC, random) .. " %"
    end
    return q[1]
end

local function range_text(low, high, random)
    return ("(%s..%s)"):format(part(low, ARITHMETIC, random), part(high, ARITHMETIC, random))
end

local writers = {}

function writers.number(node, random)
    local value = node[2]
    if value ~= 0 and value % 1024 == 0 and random(2) == 1 then
        return ("%dKB"):format(value // 1024)
    end
    return (random(4) == 1 and "0x%x" or random(8) == 1 and "0o%o" or "%d"):format(value)
end

function writers.bool(node) return tostring(node[2]) end
function writers.filesize() return "filesize" end
function writers.var(node) return ("ijklmnop"):sub(node[2], node[2]) end

function writers.rule(node, random)
    if node[2]:find "^%w+$" and random(2) == 1 then
        return node[2]
    end
    return (random(2) == 1 and 'rule("%s")' or "rule '%s'"):format(node[2])
end

function writers.present(node, random)
    return named((type(node[2]) == "table" or random(3) > 1) and "$" or "", node[2])
end

function writers.count(node, random)
    local text = named("#", node[2])
    return node[3] and text .. " in " .. range_text(node[3], node[4], random) or text
end

local function indexed(sigil)
    return function(node, random)
        local index = node[3]
        if index[1] == "number" and index[2] == 1 and random(2) == 1 then
            return named(sigil, node[2])
        end
        return ("%s[%s]"):format(named(sigil, node[2]), part(index, ARITHMETIC, random))
    end
end

writers.offset = indexed "@"
writers.length = indexed "!"

writers["at"] = function(node, random)
    return writers.present(node, random) .. " at " .. part(node[3], ARITHMETIC, random)
end

writers["in"] = function(node, random)
    return writers.present(node, random) .. " in " .. range_text(node[3], node[4], random)
end

function writers.read(node, random)
    return ("%s(%s)"):format(node[2], part(node[3], ARITHMETIC, random))
end

function writers.negate(node, random)
    return "-" .. part(node[2], 12, random)
end

function writers.invert(node, random)
    return "~" .. part(node[2], 12, random)
end

function writers.binary(node, random)
    local own = level[node[2]]
    local space = random(3) == 1 and "" or " "
    return part(node[3], own, random) .. space .. node[2] .. space .. part(node[4], own + 1, random)
end

function writers.compare(node, random)
    return part(node[3], ARITHMETIC, random) .. " " .. node[2] .. " " .. part(node[4], ARITHMETIC, random)
end

for _, op in ipairs { "not", "defined" } do
    writers[op] = function(node, random)
        return op .. " " .. part(node[2], 3, random)
    end
end

for _, op in ipairs { "and", "or" } do
    writers[op] = function(node, random)
        return ("%s %s %s"):format(part(node[2], level[op], random), op, part(node[3], level[op], random))
    end
end

writers["of"] = function(node, random)
    local text = quantifier_text(node[2], random) .. " of " .. node[3].text
    if node[4] == "at" then
        return text .. " at " .. part(node[5], ARITHMETIC, random)
    elseif node[4] == "in" then
        return text .. " in " .. range_text(node[5], node[6], random)
    end
    return text
end

function writers.tally(node, random)
    local items = {}
    for i, each in ipairs(node[3]) do
        items[i] = part(each, 1, random)
    end
    return ("%s of (%s)"):format(quantifier_text(node[2], random), table.concat(items, ", "))
end

function writers.loop(node, random)
    local head = "for " .. quantifier_text(node[2], random)
    if node[3] == "patterns" then
        head = head .. " of " .. node[4].text
    else
        local inside
        if node[3] == "range" then
            inside = range_text(node[4][1], node[4][2], random)
        else
            inside = {}
            for i, each in ipairs(node[4]) do
                inside[i] = part(each, ARITHMETIC, random)
            end
            inside = "(" .. table.concat(inside, ",") .. ")"
        end
        head = ("%s %s in %s"):format(head, ("ijklmnop"):sub(node.depth, node.depth), inside)
    end
    return ("%s : (%s)"):format(head, write(node[5], random))
end

function write(node, random)
    return writers[node[1]](node, random)
end

--- The tree as a condition, with parentheses where they are needed and a few where they are not.
M.write = write

-- ---- random trees -------------------------------------------------------------------------------------

local make_number, make_truth

local function choose(list, random)
    return list[random(#list)]
end

-- scope: the loops around, each "number" or "pattern".
local function random_pattern(scope, random)
    for loop = #scope, 1, -1 do
        if scope[loop] == "pattern" then
            if random(3) > 1 then
                return { loop }
            end
            break
        end
    end
    return choose(M.patterns, random)
end

local sets = {
    { names = M.patterns, text = "them" }, { names = M.patterns, text = "($*)" },
    { names = { "x1", "x2", "x3" }, text = "($x*)" }, { names = { "x1", "x2", "x3" }, text = "(x*)" },
    { names = { "a", "b" }, text = "($a, b)" }, { names = { "b", "x1", "x2", "x3" }, text = "($b,$x*)" },
    { names = { "x2" }, text = "($x2)" }, { names = { "a", "a", "b" }, text = "(a,$a*,$b)" },
}

local function random_quantifier(scope, size, random)
    local kind = choose({ "any", "all", "none", "n", "n", "percent" }, random)
    if kind == "n" then
        return { kind, random(2) == 1 and { "number", random(4) - 1 } or make_number(scope, size // 3, random) }
    elseif kind == "percent" then
        return { kind, random(2) == 1 and { "number", random(100) } or make_number(scope, size // 3, random) }
    end
    return { kind }
end

local edges = { 0, 1, 2, 63, 64, 1024, 0x7fffff, 0x800000, 0xffffffff, math.maxinteger, math.maxinteger - 1, 100 }
local reads = {}
for name in pairs(naive.reads) do
    reads[#reads + 1] = name
end
table.sort(reads)

local function leaf_number(scope, random)
    local kind = random(9)
    if kind <= 3 then
        return { "number", random(12) - 1 }
    elseif kind == 4 and random(3) == 1 then
        return { "number", choose(edges, random) }
    elseif kind == 5 then
        return { "filesize" }
    elseif kind <= 7 then
        return { "count", random_pattern(scope, random) }
    end
    for loop = #scope, 1, -1 do
        if scope[loop] == "number" and random(2) == 1 then
            return { "var", loop }
        end
    end
    return { choose({ "offset", "length" }, random), random_pattern(scope, random), { "number", random(4) - 1 } }
end

local arithmetic = { "+", "+", "-", "-", "*", "\\", "/", "%", "&", "|", "^", "<<", ">>" }

function make_number(scope, size, random)
    if size <= 1 then
        return leaf_number(scope, random)
    end
    local kind = random(10)
    if kind <= 5 then
        local left = random(size) - 1
        return { "binary", choose(arithmetic, random), make_number(scope, left, random),
                 make_number(scope, size - 1 - left, random) }
    elseif kind == 6 then
        return { choose({ "negate", "invert" }, random), make_number(scope, size - 1, random) }
    elseif kind == 7 then
        return { "count", random_pattern(scope, random), make_number(scope, size // 2, random),
                 make_number(scope, size // 2, random) }
    elseif kind == 8 then
        return { choose({ "offset", "length" }, random), random_pattern(scope, random),
                 make_number(scope, size - 1, random) }
    elseif kind == 9 then
        return { "read", choose(reads, random), make_number(scope, size - 1, random) }
    end
    return leaf_number(scope, random)
end

local function random_loop(scope, size, random)
    local q = random_quantifier(scope, size // 3, random)
    local kind = choose({ "range", "range", "values", "patterns" }, random)
    local source
    if kind == "patterns" then
        source = choose(sets, random)
    elseif kind == "range" then
        source = { random(3) > 1 and { "number", random(3) - 1 } or make_number(scope, size // 4, random),
                   make_number(scope, size // 4, random) }
    else
        source = {}
        local constants = random(2) == 1
        for i = 1, random(3) do
            source[i] = constants and { "number", random(9) - 1 } or make_number(scope, size // 4, random)
        end
    end
    local inner = table.move(scope, 1, #scope, 1, {})
    inner[#inner + 1] = kind == "patterns" and "pattern" or "number"
    return { "loop", q, kind, source, make_truth(inner, size // 2, random), depth = #inner }
end

local comparisons = { "==", "!=", "<", "<=", ">", ">=" }

function make_truth(scope, size, random)
    local kind = random(size <= 1 and 4 or 17)
    if kind == 1 then
        return { "present", random_pattern(scope, random) }
    elseif kind == 2 then
        return random(3) == 1 and { "bool", random(2) == 1 } or { "rule", choose(M.rules, random) }
    elseif kind == 3 then
        return { "of", random_quantifier(scope, 1, random), choose(sets, random), "" }
    elseif kind == 4 then
        return make_number(scope, size, random)
    elseif kind <= 8 then
        local left = random(size) - 1
        return { choose({ "and", "or" }, random), make_truth(scope, left, random),
                 make_truth(scope, size - 1 - left, random) }
    elseif kind == 9 then
        return { choose({ "not", "not", "defined" }, random), make_truth(scope, size - 1, random) }
    elseif kind <= 12 then
        local left = random(size) - 1
        return { "compare", choose(comparisons, random), make_number(scope, left, random),
                 make_number(scope, size - 1 - left, random) }
    elseif kind == 13 then
        local place = choose({ "at", "in" }, random)
        return { "of", random_quantifier(scope, size // 3, random), choose(sets, random), place,
                 make_number(scope, size // 3, random), place == "in" and make_number(scope, size // 3, random) or nil }
    elseif kind == 14 then
        local items = {}
        for i = 1, random(3) do
            items[i] = make_truth(scope, size // 3, random)
        end
        -- At least one item that is no pattern, or it is a set of patterns.
        items[#items + 1] = { "rule", choose(M.rules, random) }
        return { "tally", random_quantifier(scope, size // 3, random), items }
    elseif kind == 15 and #scope < 4 then
        return random_loop(scope, size, random)
    elseif kind == 16 then
        return { "at", random_pattern(scope, random), make_number(scope, size - 1, random) }
    elseif kind == 17 then
        return { "in", random_pattern(scope, random), make_number(scope, size // 2, random),
                 make_number(scope, size // 2, random) }
    end
    return make_truth(scope, size - 1, random)
end

--- A random tree of about `size` nodes. random(n) -> 1..n.
function M.random_tree(size, random)
    return make_truth({}, size, random)
end

--- A random record: { data, patterns = { name -> { offsets, lengths } }, rules = { name -> boolean } }.
function M.random_env(random)
    local bytes = {}
    for i = 1, random(14) - 1 do
        bytes[i] = string.char(random(3) == 1 and random(256) - 1 or random(4) - 1)
    end
    local env = { data = table.concat(bytes), patterns = {}, rules = {} }
    for _, name in ipairs(M.patterns) do
        local list = { offsets = {}, lengths = {} }
        if random(3) > 1 then
            for offset = 0, #env.data do
                if random(4) == 1 then
                    list.offsets[#list.offsets + 1] = offset
                    list.lengths[#list.lengths + 1] = random(4) - 1
                end
            end
        end
        env.patterns[name] = list
    end
    for _, name in ipairs(M.rules) do
        env.rules[name] = random(2) == 1
    end
    return env
end

return M
