-- Is a prefilter implied by a regex? A search for a record in which the regex matches and the prefilter does not hold:
-- a path through the regex's code, in step with an automaton that tracks which literals have been read.
-- Invariant: `implied` is a proof (the search was exhaustive, over the regex or over something that matches more), and
-- a counter-example has been checked against the regex itself. Called by the literals pass when it is asked to prove.
--
-- The record of a counter-example is the match and at most one byte on either side, for assertions and whole words.
-- Nothing here needs a set of states at a time: one path is enough, and the tracker is deterministic in the bytes read.

local emit = require "hunch.regex.emit"
local alphabet = require "hunch.regex.alphabet"
local graphs = require "hunch.regex.graph"
local finders = require "hunch.regex.finder"
local tracker = require "hunch.regex.tracker"

local M = {}

M.MAX_STATES = 60000 -- nodes of one search; past them it is not decided
M.MAX_WORK = 2000000 -- steps of one search, for regexes of which a node has very many followers
M.RELAXED_COUNT = 12 -- a relaxed run counts so far and may go on for ever

local OP, UNLIMITED = emit.OP, emit.UNLIMITED
local EDGE, KIND = graphs.EDGE, graphs.KIND
local closure, follow, set_of = graphs.closure, graphs.follow, graphs.set_of

-- ---- the exact check of a counter-example ----

--- Whether the regex matches anywhere in the text.
function M.finds(emitted, text)
    local finder = finders.new(emitted, "found")
    local track = finder.start
    for at = 1, #text do
        track = finder:step(track, text:byte(at))
    end
    return finder:refuted(track)
end

-- ---- the search ----

-- A node of the search is state, tracker state and what may follow. Nodes lie in arrays, with the node that each came
-- from and the byte that was read, so that the text can be read off backwards.
local Search = {}
Search.__index = Search

local function new_search(graph, goal, limits)
    local sets = graphs.sets(graph)
    goal:add_sets(sets)
    local letters = alphabet.new(sets, KIND)
    return setmetatable({
        graph = graph, goal = goal, letters = letters, limits = limits,
        known = {}, state = {}, track = {}, mask = {}, parent = {}, byte = {}, count = 0,
        moves = {},
    }, Search)
end

function Search:push(state, track, mask, parent, byte)
    local key = (state << 28 | track) << 4 | mask
    if self.known[key] then
        return
    end
    self.known[key] = true
    local n = self.count + 1
    self.count = n
    self.state[n], self.track[n], self.mask[n], self.parent[n], self.byte[n] = state, track, mask, parent, byte
end

function Search:push_closure(pc, count, before, track, parent, byte)
    local list = closure(self.graph, pc, count, before)
    self.graph.work = self.graph.work + #list
    for n = 1, #list, 2 do
        self:push(list[n], track, list[n + 1], parent, byte)
    end
end

-- The ways on from a set and a tracker state: { tracker state, kind of byte, byte, … }, one for each difference.
function Search:ways(set, track)
    local key = track << 9 | self.letters:set_number(set)
    local list = self.moves[key]
    if list then
        return list
    end
    list = {}
    local seen = {}
    local letters = self.letters:of_set(set)
    self.graph.work = self.graph.work + #letters
    for _, letter in ipairs(letters) do
        local byte = letter.byte
        local to = self.goal:step(track, byte)
        if to then
            local same = to << 4 | (self.graph.has_assert and KIND[byte] or 0)
            if not seen[same] then
                seen[same] = true
                list[#list + 1], list[#list + 2], list[#list + 3] = to, KIND[byte], byte
            end
        end
    end
    self.moves[key] = list
    return list
end

function Search:text(node, last)
    local bytes = { last and string.char(last) or "" }
    while node and node > 0 do
        bytes[#bytes + 1] = self.byte[node] and string.char(self.byte[node]) or ""
        node = self.parent[node]
    end
    return table.concat(bytes):reverse()
end

-- The record that ends with this match, if it refutes the prefilter.
function Search:finished(node)
    local track, mask = self.track[node], self.mask[node]
    if mask & EDGE ~= 0 and self.goal:refuted(track) then
        return self:text(node)
    end
    -- One byte more, where the regex has to see one, or where it makes a word longer.
    for _, letter in ipairs((mask & EDGE == 0 or self.goal.has_word) and self.letters.all or {}) do
        if mask & KIND[letter.byte] ~= 0 then
            local to = self.goal:step(track, letter.byte)
            if to and self.goal:refuted(to) then
                return self:text(node, letter.byte)
            end
        end
    end
end

-- text | nil and true when the search was exhaustive.
function Search:run()
    local graph, goal = self.graph, self.goal
    self:push_closure(0, 0, EDGE, goal.start, 0, nil)
    local at, contexts = 0, graph.has_assert or goal.has_word
    while true do
        if at == self.count then
            if not contexts then
                return nil, true
            end
            contexts = false
            self:push_contexts()
            if at == self.count then
                return nil, true
            end
        end
        at = at + 1
        if self.count > self.limits.states or graph.work + goal.work > self.limits.work then
            return nil, false
        end
        local state = self.state[at]
        local set = set_of(graph, state)
        if not set then
            local text = self:finished(at)
            if text then
                return text
            end
        elseif self.mask[at] & ~EDGE ~= 0 then
            local mask = self.mask[at]
            local pc, count = follow(graph, state)
            local ways = self:ways(set, self.track[at])
            for n = 1, #ways, 3 do
                if mask & ways[n + 1] ~= 0 then
                    self:push_closure(pc, count, ways[n + 1], ways[n], at, ways[n + 2])
                end
            end
        end
    end
end

-- Once more, from behind one byte: \B and the like need something to stand before the match, and it can make a word
-- longer.
function Search:push_contexts()
    for _, letter in ipairs(self.letters.all) do
        local track = self.goal:step(self.goal.start, letter.byte)
        if track then
            self:push_closure(0, 0, KIND[letter.byte], track, 0, letter.byte)
        end
    end
end

-- ---- expressions ----

local function has_large_counts(emitted)
    for _, i in ipairs(emitted.code) do
        if i.op == OP.RUN and i.max ~= UNLIMITED and i.max > M.RELAXED_COUNT
            or i.op == OP.RUN and i.min > M.RELAXED_COUNT then
            return true
        end
    end
    return false
end

-- First with relaxed counts: that is a small search, it matches more, so its proof is one, and when its shortest text
-- is a match of the regex as written there is none shorter.
local function decide(emitted, expr, limits)
    for _, cap in ipairs(has_large_counts(emitted) and { M.RELAXED_COUNT, false } or { false }) do
        local goal, why = tracker.new(expr)
        if not goal then
            return { unknown = true, why = why }
        end
        local search = new_search(graphs.new(emitted, cap or nil), goal, limits)
        local text, exhausted = search:run()
        if exhausted then
            return { implied = true }
        elseif text and M.finds(emitted, text) and tracker.refutes(expr, text) then
            return { implied = false, text = text }
        end
    end
    return { unknown = true, why = "it has too many states to follow" }
end

--- Whether no match of the regex, as a text by itself, leads the goal (a tracker or a finder) to what refutes it. A
--- proof: counts above `cap` are relaxed, and past the limits the answer is no. Assertions of the regex must be gone.
function M.unrefuted(emitted, goal, cap, limits)
    local text, exhausted = new_search(graphs.new(emitted, cap), goal, limits):run()
    return text == nil and exhausted
end

--- Whether every record in which the regex matches satisfies the prefilter by the match alone:
--- { implied = true } | { implied = false, text = <shortest record that shows it> } | { unknown = true, why = }.
--- `emitted` is emit's code of the tree; it is made when it is not given. `limits`: { states =, work = } of one search.
function M.implied(tree, expr, emitted, limits)
    if not emitted then
        local err
        emitted, err = emit.emit(tree)
        if not emitted then
            return { unknown = true, why = err.message }
        end
    end
    -- All items hold when each does, so each is a smaller question.
    if expr.kind == "all" or (expr.kind == "at_least" and expr.n == #expr.items and #expr.items > 1) then
        local unknown
        for _, item in ipairs(expr.items) do
            local result = M.implied(tree, item.items and item or { kind = "any", items = { item } }, emitted, limits)
            if result.text then
                return result
            end
            unknown = unknown or (result.unknown and result)
        end
        return unknown or { implied = true }
    end
    return decide(emitted, expr, limits or { states = M.MAX_STATES, work = M.MAX_WORK })
end

return M
