-- Is a prefilter implied by a regex? A search for a record in which the regex matches and the prefilter does not hold:
-- a path through the regex's code, in step with an automaton that tracks which literals have been read.
-- Invariant: `implied` is a proof (the search was exhaustive, over the regex or over something that matches more), and
-- a counter-example has been checked against the regex itself. Called by the literals pass when it is asked to prove.
--
-- The record of a counter-example is the match and at most one byte on either side, for assertions and whole words.
-- Nothing here needs a set of states at a time: one path is enough, and the tracker is deterministic in the bytes read.

local emit = require "hunch.regex.emit"
local alphabet = require "hunch.regex.alphabet"
local tracker = require "hunch.regex.tracker"

local M = {}

M.MAX_STATES = 60000 -- nodes of one search; past them it is not decided
M.MAX_WORK = 2000000 -- steps of one search, for regexes of which a node has very many followers
M.RELAXED_COUNT = 12 -- a relaxed run counts so far and may go on for ever

local OP = emit.OP
local UNLIMITED = emit.UNLIMITED

-- What a position sees on one side, as bits: the end of the record, a newline, a word character, anything else.
local EDGE, NEWLINE, WORD, OTHER = 1, 2, 4, 8
local ANYTHING = EDGE | NEWLINE | WORD | OTHER

local KIND = {}
for byte = 0, 255 do
    KIND[byte] = byte == 10 and NEWLINE or string.char(byte):find("[%w_]") and WORD or OTHER
end

-- What may follow, given the kind before; 0: the assertion fails.
local ASSERT = {
    [0] = function(before) return before == EDGE and ANYTHING or 0 end,
    function() return EDGE end,
    function(before) return before & (EDGE | NEWLINE) ~= 0 and ANYTHING or 0 end,
    function() return EDGE | NEWLINE end,
    function(before) return before == WORD and ANYTHING & ~WORD or WORD end,
    function(before) return before == WORD and WORD or ANYTHING & ~WORD end,
}

-- ---- the regex as a graph of states ----

-- A state is the number of an instruction's automaton state (pc's first one, plus the count of a RUN). Both limits of
-- a RUN are relaxed where `cap` says so.
local function new_graph(emitted, cap)
    local graph = { code = emitted.code, classes = emitted.classes, closures = {}, has_assert = false, cap = cap,
        work = 0 }
    graph.base, graph.pc_of = {}, {}
    local states = 0
    for pc, i in ipairs(emitted.code) do
        graph.base[pc - 1] = states
        graph.has_assert = graph.has_assert or i.op == OP.ASSERT
        local width = 1
        if i.op == OP.RUN then
            local min, max = i.min, i.max
            if cap and max > cap then
                min, max = math.min(min, cap), UNLIMITED
            end
            width = max == UNLIMITED and min + 1 or max + 1
        end
        for count = 0, width - 1 do
            graph.pc_of[states + count] = pc - 1
        end
        states = states + width
    end
    return graph
end

local function run_limits(graph, i)
    if graph.cap and i.max > graph.cap then
        return math.min(i.min, graph.cap), UNLIMITED
    end
    return i.min, i.max
end

-- Fills `out` with state -> what may follow, for everything that is reached from (pc, count) without reading a byte.
local function close(graph, pc, count, before, out)
    local stack = { pc, count, ANYTHING }
    local reached = {}
    while #stack > 0 do
        local allowed = table.remove(stack)
        count = table.remove(stack)
        pc = table.remove(stack)
        local state = graph.base[pc] + count
        local known = reached[state] or 0
        graph.work = graph.work + 1
        if allowed & ~known ~= 0 then
            reached[state] = known | allowed
            local i = graph.code[pc + 1]
            local op = i.op
            local function go(to)
                stack[#stack + 1], stack[#stack + 2], stack[#stack + 3] = to, 0, allowed
            end
            if op == OP.JMP then
                go(i.x)
            elseif op == OP.SPLIT then
                go(i.y)
                go(i.x)
            elseif op == OP.SAVE then
                go(pc + 1)
            elseif op == OP.ASSERT then
                allowed = allowed & ASSERT[i.arg](before)
                if allowed ~= 0 then
                    go(pc + 1)
                end
            elseif op == OP.RUN then
                local min, max = run_limits(graph, i)
                if count >= min then
                    go(pc + 1)
                end
                if max == UNLIMITED or count < max then
                    out[state] = (out[state] or 0) | allowed
                end
            elseif op ~= OP.FAIL then
                out[state] = (out[state] or 0) | allowed
            end
        end
    end
    return out
end

-- The same as a flat list { state, mask, … } in order of states.
local function closure(graph, pc, count, before)
    local key = (graph.base[pc] + count) * 16 + before
    local list = graph.closures[key]
    if not list then
        local reached = close(graph, pc, count, before, {})
        local states = {}
        for state in pairs(reached) do
            states[#states + 1] = state
        end
        table.sort(states)
        list = {}
        for _, state in ipairs(states) do
            list[#list + 1] = state
            list[#list + 1] = reached[state]
        end
        graph.closures[key] = list
    end
    return list
end

-- Where a byte leads: pc and count to take the closure of.
local function follow(graph, state)
    local pc = graph.pc_of[state]
    local i = graph.code[pc + 1]
    if i.op ~= OP.RUN then
        return pc + 1, 0
    end
    local min, max = run_limits(graph, i)
    local count = state - graph.base[pc] + 1
    return pc, max == UNLIMITED and math.min(count, min) or count
end

local function set_of(graph, pc)
    local i = graph.code[pc + 1]
    if i.op == OP.MATCH then
        return nil
    end
    return i.op == OP.BYTE and i.arg or graph.classes[i.x + 1]
end

-- ---- the exact check of a counter-example ----

-- Whether the regex matches anywhere in the text.
local function finds(emitted, text)
    local graph = new_graph(emitted)
    local current = {}
    for at = 0, #text do
        local before = at == 0 and EDGE or KIND[text:byte(at)]
        local byte = text:byte(at + 1)
        local after = byte and KIND[byte] or EDGE
        local start = closure(graph, 0, 0, before)
        for n = 1, #start, 2 do
            current[start[n]] = (current[start[n]] or 0) | start[n + 1]
        end
        local following = {}
        for state, mask in pairs(current) do
            if mask & after ~= 0 then
                local set = set_of(graph, graph.pc_of[state])
                if not set then
                    return true
                end
                if byte and alphabet.holds(set, byte) then
                    local pc, count = follow(graph, state)
                    local list = closure(graph, pc, count, after)
                    for n = 1, #list, 2 do
                        following[list[n]] = (following[list[n]] or 0) | list[n + 1]
                    end
                end
            end
        end
        current = following
    end
    return false
end

-- ---- the search ----

-- A node of the search is state, tracker state and what may follow. Nodes lie in arrays, with the node that each came
-- from and the byte that was read, so that the text can be read off backwards.
local Search = {}
Search.__index = Search

local function new_search(graph, goal, limits)
    local sets = {}
    for pc = 0, #graph.code - 1 do
        local op = graph.code[pc + 1].op
        if op == OP.BYTE or op == OP.SET or op == OP.RUN then
            sets[#sets + 1] = set_of(graph, pc)
        end
    end
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
        local set = set_of(graph, graph.pc_of[state])
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
        local search = new_search(new_graph(emitted, cap or nil), goal, limits)
        local text, exhausted = search:run()
        if exhausted then
            return { implied = true }
        elseif text and finds(emitted, text) and tracker.refutes(expr, text) then
            return { implied = false, text = text }
        end
    end
    return { unknown = true, why = "it has too many states to follow" }
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
