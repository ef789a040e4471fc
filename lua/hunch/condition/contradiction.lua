-- Conditions: can one be true at all? What its parts say is collected: an interval for each number, a truth for each
-- question. Where they exclude each other, it cannot. Sound: `possible` is false only where no record makes it true.
-- A part is asked for as "true", "false" (defined, and not true) or "untrue" (false or undefined). Parts that must hold
-- together narrow what is known; of parts one of which must hold, each is tried. Called by check.
--
-- known = { low, high, other_than = by name of a number; truth = by name of a part; sets = of patterns, so many of
-- which must occur; work }
local ast = require "hunch.condition.ast"
local fold = require "hunch.condition.fold"

local M = {}

local MOST_WORK = 5000 -- parts looked at; past them the answer is that it can be true
local FORK_WORK = 10 -- what is known is copied
local MOST_DEPTH = 20 -- of a part that has a name
local LOW, HIGH = math.mininteger, math.maxinteger

-- ---- names and limits of numbers -------------------------------------------------------------------

local key_of

local function keys_of(...)
    local parts = { ... }
    for i = 1, select("#", ...) do
        local part = parts[i]
        parts[i] = type(part) == "table" and key_of(part) or type(part) ~= "table" and tostring(part)
        if not parts[i] then return nil end
    end
    return table.concat(parts, " ")
end

local KEYS = {
    number = function(node) return tostring(node.value) end,
    bool = function(node) return tostring(node.value) end,
    filesize = function() return "filesize" end,
    count = function(node)
        return node.low and keys_of("#", node.pattern, node.low, node.high) or "#" .. node.pattern
    end,
    offset = function(node) return keys_of("@", node.pattern, node.index) end,
    length = function(node) return keys_of("!", node.pattern, node.index) end,
    present = function(node) return "$" .. node.pattern end,
    at = function(node) return keys_of("at", node.pattern, node.offset) end,
    within = function(node) return keys_of("in", node.pattern, node.low, node.high) end,
    rule = function(node) return "rule " .. node.name end,
    read = function(node) return keys_of(node.kind, node.offset) end,
    unary = function(node) return keys_of(node.op, node[1]) end,
    binary = function(node) return keys_of(node.op, node[1], node[2]) end,
}

--- A text that is the same for parts that say the same; nil: the part gets none. Loops are not looked into, so
--- everything that has one depends on the record alone.
function key_of(node)
    local make = node.depth <= MOST_DEPTH and KEYS[node.tag]
    local key = make and make(node)
    return key and "(" .. key .. ")"
end

local function count_key(pattern) return "(#" .. pattern .. ")" end

local WIDTH = { ["8"] = 1, ["16"] = 2, ["32"] = 4, ["64"] = 8 }

local function width_of(kind) return WIDTH[kind:match "%d+"] end

-- The interval of a number of which nothing else is known.
local function limits(node)
    local tag = node.tag
    if tag == "number" then return node.value, node.value end
    if tag == "count" and node.low and node.low.tag == "number" and node.high.tag == "number"
        and (node.low.value > node.high.value or node.high.value < 0) then
        return 0, 0
    end
    if tag == "filesize" or tag == "count" or tag == "offset" or tag == "length" then return 0, HIGH end
    if tag == "read" then
        local width = width_of(node.kind)
        if width == 8 then return LOW, HIGH end
        if node.kind:sub(1, 1) == "u" then return 0, (1 << 8 * width) - 1 end
        return -(1 << 8 * width - 1), (1 << 8 * width - 1) - 1
    end
    local right = tag == "binary" and node[2].tag == "number" and node[2].value
    if right and node.op == "&" and right >= 0 then return 0, right end
    if right and node.op == "%" and right > 0 then
        local low = limits(node[1])
        return low >= 0 and 0 or 1 - right, right - 1
    end
    return LOW, HIGH
end

-- ---- what is known -----------------------------------------------------------------------------------

local function copy(map) return table.move(map, 1, #map, 1, {}) end

local function shallow(map)
    local out = {}
    for key, value in pairs(map) do out[key] = value end
    return out
end

local function fork(known)
    return { low = shallow(known.low), high = shallow(known.high), other_than = shallow(known.other_than),
        truth = shallow(known.truth), sets = copy(known.sets), work = known.work }
end

--- Narrows a number. false: nothing is left of it.
local function narrow(known, key, low, high, other_than)
    low, high = math.max(low, known.low[key] or LOW), math.min(high, known.high[key] or HIGH)
    local gaps = known.other_than[key] or {}
    if other_than then
        gaps = shallow(gaps)
        gaps[other_than] = true
        known.other_than[key] = gaps
    end
    while low <= high and gaps[low] do
        if low == HIGH then return false end
        low = low + 1
    end
    while low <= high and gaps[high] do
        if high == LOW then return false end
        high = high - 1
    end
    known.low[key], known.high[key] = low, high
    return low <= high
end

local function interval(known, node)
    local key = key_of(node)
    local low, high = limits(node)
    return math.max(low, key and known.low[key] or LOW), math.min(high, key and known.high[key] or HIGH)
end

local function narrow_node(known, node, low, high, other_than)
    local least, most = limits(node)
    low, high = math.max(low, least), math.min(high, most)
    if low > high or (low == high and low == other_than) then return false end
    local key = node.tag ~= "number" and key_of(node)
    return not key or narrow(known, key, low, high, other_than)
end

local function occurs(known, pattern, times)
    return type(pattern) ~= "string" or narrow(known, count_key(pattern), math.max(0, times), HIGH)
end

--- What follows from a number being defined. false: it never is.
local function defined(known, node)
    local tag = node.tag
    if tag == "offset" or tag == "length" then
        local index = node.index.tag == "number" and node.index.value or 1
        return index >= 1 and occurs(known, node.pattern, index) and defined(known, node.index)
    elseif tag == "read" then
        local at = node.offset.tag == "number" and node.offset.value or 0
        return at >= 0 and at <= HIGH - 8 and narrow(known, "(filesize)", at + width_of(node.kind), HIGH)
            and defined(known, node.offset)
    elseif tag == "count" and node.low then
        return defined(known, node.low) and defined(known, node.high)
    elseif tag == "unary" or tag == "binary" then
        return (node[1].type ~= "number" or defined(known, node[1]))
            and (not node[2] or node[2].type ~= "number" or defined(known, node[2]))
    end
    return true
end

-- ---- comparisons -------------------------------------------------------------------------------------

local INVERSE = { ["=="] = "!=", ["!="] = "==", ["<"] = ">=", [">="] = "<", [">"] = "<=", ["<="] = ">" }
local MIRROR = { ["=="] = "==", ["!="] = "!=", ["<"] = ">", [">="] = "<=", [">"] = "<", ["<="] = ">=" }

-- One side, given the interval of the other.
local function narrow_side(known, node, op, low, high)
    if op == "==" then return narrow_node(known, node, low, high) end
    if op == "!=" then return low ~= high or narrow_node(known, node, LOW, HIGH, low) end
    if op == "<" then return high > LOW and narrow_node(known, node, LOW, high - 1) end
    if op == "<=" then return narrow_node(known, node, LOW, high) end
    if op == ">" then return low < HIGH and narrow_node(known, node, low + 1, HIGH) end
    return narrow_node(known, node, low, HIGH)
end

--- Both sides are defined and the comparison holds.
local function compare(known, op, left, right)
    if not defined(known, left) or not defined(known, right) then return false end
    local key = key_of(left)
    if key and key == key_of(right) and (op == "<" or op == ">" or op == "!=") then return false end
    local low, high = interval(known, right)
    if not narrow_side(known, left, op, low, high) then return false end
    low, high = interval(known, left)
    return narrow_side(known, right, MIRROR[op], low, high)
end

-- ---- one function a tag -------------------------------------------------------------------------------

-- assume[tag](known, node, want, choices) -> false where it cannot be. choices: lists of { node, want }, of each of
-- which one holds.
local assume = {}

local function ask(known, node, want, choices)
    known.work.left = known.work.left - 1
    if known.work.left < 0 then return true end
    local key = key_of(node)
    if key then
        local truth = want == "true"
        if known.truth[key] == not truth then return false end
        known.truth[key] = truth
    end
    if node.type == "number" then
        if want == "untrue" and not fold.always_defined(node) then return true end
        return compare(known, want == "true" and "!=" or "==", node, ast.number(node.from, 0))
    end
    return not assume[node.tag] or assume[node.tag](known, node, want, choices)
end

local function each(known, list, want, choices)
    for _, child in ipairs(list) do
        if not ask(known, child, want, choices) then return false end
    end
    return true
end

local function one_of(list, want, choices)
    local choice = {}
    for i, child in ipairs(list) do choice[i] = { child, want } end
    choices[#choices + 1] = choice
    return true
end

function assume.bool(_, node, want) return node.value == (want == "true") end

assume["and"] = function(known, node, want, choices)
    if want == "true" then return each(known, node, "true", choices) end
    return one_of(node, "untrue", choices)
end

assume["or"] = function(known, node, want, choices)
    if want ~= "true" then return each(known, node, "untrue", choices) end
    return one_of(node, "true", choices)
end

function assume.unary(known, node, want, choices)
    local child = node[1]
    if node.op == "truth" then return ask(known, child, want == "true" and "true" or "untrue", choices) end
    if node.op ~= "not" then return true end
    if want == "true" then return ask(known, child, "false", choices) end
    return (want == "untrue" and not fold.always_defined(child)) or ask(known, child, "true", choices)
end

function assume.binary(known, node, want)
    if want == "untrue" and not fold.always_defined(node) then return true end
    return compare(known, want == "true" and node.op or INVERSE[node.op], node[1], node[2])
end

function assume.present(known, node, want)
    if want == "true" then return occurs(known, node.pattern, 1) end
    return type(node.pattern) ~= "string" or narrow(known, count_key(node.pattern), 0, 0)
end

-- Where the pattern is to start: from `low` to `high`, where those are known.
local function placed(known, low, high)
    if high and high < (low or 0) or high and high < 0 then return false end
    return not low or narrow(known, "(filesize)", math.max(0, low), HIGH)
end

local function constant(node) return node and node.tag == "number" and node.value or nil end

local function somewhere(known, node)
    for _, field in ipairs { "offset", "low", "high" } do
        if node[field] and not defined(known, node[field]) then return false end
    end
    return placed(known, constant(node.offset) or constant(node.low), constant(node.offset) or constant(node.high))
end

assume["at"] = function(known, node, want)
    return want ~= "true" or (somewhere(known, node) and occurs(known, node.pattern, 1))
end
assume.within = assume["at"]

-- May so many patterns of each set occur as are asked for? When all else is known.
local function sets_hold(known)
    for _, set in ipairs(known.sets) do
        local n = 0
        for _, name in ipairs(set.patterns) do
            if (known.high[count_key(name)] or HIGH) > 0 then n = n + 1 end
        end
        if n < set.n then return false end
    end
    return true
end

function assume.of(known, node, want, choices)
    local kind, n = node.quantifier.kind, node.quantifier.n
    local place = node.offset or node.low
    for _, name in ipairs(node.patterns) do
        if type(name) ~= "string" then return true end
    end
    local list = {}
    for i, name in ipairs(node.patterns) do list[i] = ast.present(node.from, name) end
    if want ~= "true" then
        if place or n then return true end
        if kind == "any" then return each(known, list, "false", choices) end
        return one_of(list, kind == "all" and "false" or "true", choices)
    end
    if kind == "none" then return place ~= nil or each(known, list, "false", choices) end
    if n and not constant(n) or kind == "percent" then return true end
    if place and not somewhere(known, node) then return false end
    if kind == "all" then return each(known, list, "true", choices) end
    if not n then return one_of(list, "true", choices) end
    known.sets[#known.sets + 1] = { patterns = node.patterns, n = n.value }
    return true
end

-- ---- the search --------------------------------------------------------------------------------------

-- Can one part of each choice hold, the last choice first?
local function choose(known, choices)
    local choice = table.remove(choices)
    if not choice then return sets_hold(known) end
    for _, part in ipairs(choice) do
        known.work.left = known.work.left - FORK_WORK
        local inner, left = fork(known), copy(choices)
        if ask(inner, part[1], part[2], left) and choose(inner, left) then return true end
    end
    return known.work.left < 0
end

--- Can the condition be true for some record? tree: as fold left it; dead: { patterns = set, rules = set } by name of
--- what never occurs, or never matches.
function M.possible(tree, dead)
    local known = { low = {}, high = {}, other_than = {}, truth = {}, sets = {}, work = { left = MOST_WORK } }
    for name in pairs(dead and dead.patterns or {}) do -- in any order: each by itself
        known.low[count_key(name)], known.high[count_key(name)] = 0, 0
    end
    for name in pairs(dead and dead.rules or {}) do known.truth["(rule " .. name .. ")"] = false end
    local choices = {}
    return ask(known, tree, "true", choices) and choose(known, choices)
end

return M
