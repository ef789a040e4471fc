-- Does a regex match somewhere in a text? A deterministic automaton, built as it is asked for, that reads the text byte
-- by byte: the goal of a search of imply.lua, in place of a prefilter's tracker. It answers whether some text is
-- "found" (the regex matches in it) or "missed" (it does not). Exact: assertions see the ends of the text as the ends
-- of a record. A state is the set of the regex's states, each with what may follow. Called by imply and inside.
local alphabet = require "hunch.regex.alphabet"
local graphs = require "hunch.regex.graph"

local M = {}

local Finder = {}
Finder.__index = Finder

local EDGE, KIND = graphs.EDGE, graphs.KIND
local FOUND = 0 -- the state behind a match, whatever follows

--- refuted: "found" or "missed": the texts that the search is after.
function M.new(emitted, refuted)
    local self = setmetatable({
        graph = graphs.new(emitted), found_refutes = refuted == "found", states = {}, by_key = {}, steps = {},
        count = FOUND + 1, work = 0, has_word = false,
    }, Finder)
    self.start = self:number_of({}, EDGE)
    return self
end

--- Adds the sets that tell bytes apart here.
function Finder:add_sets(sets)
    for _, set in ipairs(graphs.sets(self.graph)) do sets[#sets + 1] = set end
end

local function add(current, list)
    for n = 1, #list, 2 do
        current[list[n]] = (current[list[n]] or 0) | list[n + 1]
    end
end

-- The state that holds `current` (state -> what may follow), and a match that begins here.
function Finder:number_of(current, before)
    add(current, graphs.closure(self.graph, 0, 0, before))
    local parts = {}
    for state, mask in pairs(current) do parts[#parts + 1] = state << 4 | mask end
    table.sort(parts)
    self.work = self.work + #parts
    local key = table.concat(parts, ",")
    local n = self.by_key[key]
    if not n then
        n = self.count
        self.count = n + 1
        self.by_key[key], self.states[n] = n, parts
    end
    return n
end

-- Whether one of the states has matched when something of this kind follows.
function Finder:matched(track, kind)
    for _, part in ipairs(self.states[track]) do
        if part & kind ~= 0 and not graphs.set_of(self.graph, part >> 4) then return true end
    end
    return false
end

function Finder:compute(track, byte)
    local graph, kind = self.graph, KIND[byte]
    if self:matched(track, kind) then return FOUND end
    local following = {}
    for _, part in ipairs(self.states[track]) do
        local set = part & kind ~= 0 and graphs.set_of(graph, part >> 4)
        if set and alphabet.holds(set, byte) then
            local pc, count = graphs.follow(graph, part >> 4)
            add(following, graphs.closure(graph, pc, count, kind))
        end
    end
    self.work = self.work + 4 * #self.states[track]
    return self:number_of(following, kind)
end

--- The state after one more byte; nil when no text that goes on from here is one that the search is after.
function Finder:step(track, byte)
    if track == FOUND then return FOUND end
    local key = track << 8 | byte
    local to = self.steps[key]
    if to == nil then
        to = self:compute(track, byte)
        if to == FOUND and not self.found_refutes then to = false end
        self.steps[key] = to
    end
    return to or nil
end

--- Whether a text that ends here is one that the search is after.
function Finder:refuted(track)
    return (track == FOUND or self:matched(track, EDGE)) == self.found_refutes
end

return M
