-- Is there a text in which a regex matches, its assertions included? Exact, by a walk over the tree. Assertions see
-- only the kinds of the bytes beside a place, so a place is a pair of kinds, and a piece of a regex leads from a set of
-- places (16 bits) to the set of places where it can end. `a$b`: behind `a`, `$` leaves the places with nothing behind
-- them, and no `b` begins there. Called by check for every regex.
local charset = require "hunch.regex.charset"

local M = {}

local EDGE, NEWLINE, WORD, OTHER = 0, 1, 2, 3 -- the end of the text, a newline, a word character, any other byte
local KINDS = { NEWLINE, WORD, OTHER }
local EVERYWHERE = 0xFFFF
local MOST_WORK = 100000 -- nodes met; past them a piece may end everywhere, which claims nothing

--- The set of the places for which holds(before, behind).
local function places_where(holds)
    local places = 0
    for before = EDGE, OTHER do
        for behind = EDGE, OTHER do
            if holds(before, behind) then places = places | 1 << (4 * before + behind) end
        end
    end
    return places
end

local function is_word(kind) return kind == WORD end

local ASSERT = {
    text_begin = places_where(function(before) return before == EDGE end),
    text_end = places_where(function(_, behind) return behind == EDGE end),
    line_begin = places_where(function(before) return before == EDGE or before == NEWLINE end),
    line_end = places_where(function(_, behind) return behind == EDGE or behind == NEWLINE end),
    word = places_where(function(before, behind) return is_word(before) ~= is_word(behind) end),
    not_word = places_where(function(before, behind) return is_word(before) == is_word(behind) end),
}

local BEFORE, BEHIND, BYTES = {}, {}, {} -- by kind: the places before and behind a byte of it, and these bytes
for _, kind in ipairs(KINDS) do
    BEFORE[kind] = places_where(function(_, behind) return behind == kind end)
    BEHIND[kind] = places_where(function(before) return before == kind end)
end
BYTES[NEWLINE], BYTES[WORD] = charset.SINGLE[10], charset.WORD
BYTES[OTHER] = charset.complement(charset.union(BYTES[NEWLINE], BYTES[WORD]))

-- By set and places before: the places behind one of its bytes. A pure function's memo, so sharing it changes nothing.
local known_steps = {}

local after -- after(node, places, context) -> places

local walk = {}

function walk.empty(_, places) return places end

function walk.fail() return 0 end

function walk.set(node, places)
    local set = node.set
    local known = known_steps[set]
    if not known then
        known = {}
        known_steps[set] = known
    end
    local ends = known[places]
    if not ends then
        ends = 0
        for _, kind in ipairs(KINDS) do
            if places & BEFORE[kind] ~= 0 and charset.intersect(set, BYTES[kind]) ~= charset.EMPTY then
                ends = ends | BEHIND[kind]
            end
        end
        known[places] = ends
    end
    return ends
end

walk["assert"] = function(node, places) return places & ASSERT[node.kind] end

function walk.group(node, places, context) return after(node[1], places, context) end

function walk.cat(node, places, context)
    for i = 1, #node do
        local child = node[i]
        local known = child.tag == "set" and known_steps[child.set] -- literals are most of what there is
        places = known and known[places] or after(child, places, context)
        if places == 0 then return 0 end
    end
    return places
end

function walk.alt(node, places, context)
    local ends = 0
    for i = 1, #node do ends = ends | after(node[i], places, context) end
    return ends
end

-- `count` rounds of the body: sets of places come round in a circle, mostly at once.
local function rounds(body, places, count, context)
    local seen, list = { [places] = 0 }, { [0] = places }
    for round = 1, count do
        places = after(body, places, context)
        local first = seen[places]
        if first then return list[first + (count - first) % (round - first)] end
        seen[places], list[round] = round, places
    end
    return places
end

walk["repeat"] = function(node, places, context)
    if node.max == 0 then return places end
    local known = context.repeats[node]
    if not known then
        known = {}
        context.repeats[node] = known
    end
    local ends = known[places]
    if not ends then
        ends = rounds(node[1], places, node.min, context)
        local left = node.max and node.max - node.min or 16 -- a round that adds no place is the last
        while left > 0 and ends ~= 0 do
            local grown = ends | after(node[1], ends, context)
            if grown == ends then break end
            ends, left = grown, left - 1
        end
        known[places] = ends
    end
    return ends
end

function after(node, places, context)
    context.work = context.work + 1
    if context.work > MOST_WORK then return EVERYWHERE end
    return walk[node.tag](node, places, context)
end

local function new_context() return { work = 0, repeats = {} } end

-- The first piece that cannot be got past.
local function stuck_in(node, places, context)
    if node.tag == "group" then return stuck_in(node[1], places, context) end
    if node.tag ~= "cat" then return node end
    for _, child in ipairs(node) do
        local ends = after(child, places, context)
        if ends == 0 then return stuck_in(child, places, context) end
        places = ends
    end
    return node
end

--- nil: some text has a match, or it was not found out. Else the piece of the tree that no match gets past.
function M.stuck(tree)
    local context = new_context()
    if after(tree, EVERYWHERE, context) ~= 0 then return nil end
    return stuck_in(tree, EVERYWHERE, context)
end

return M
