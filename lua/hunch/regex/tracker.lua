-- Which literals of a prefilter have been read so far: a deterministic automaton, built as it is asked for.
-- A state is the partly read literals and, where one hit does not settle it, the set of those read whole.
-- Invariant: `step` gives nil where the prefilter holds whatever follows, so such paths need not be followed.
-- Called by imply.

local charset = require "hunch.regex.charset"

local M = {}

local MAX_TRACKED = 60 -- literals of which it must be known which ones occurred: bits of an integer

local Tracker = {}
Tracker.__index = Tracker

local function is_word(byte)
    return charset.contains(charset.WORD, byte)
end

-- A literal as a list of sets (byte values or 32-byte strings).
local function sets_of_bytes(bytes, nocase)
    local sets = {}
    for i = 1, #bytes do
        local byte = bytes:byte(i)
        local folded = charset.FOLDED[byte]
        sets[i] = nocase and folded ~= charset.SINGLE[byte] and folded or byte
    end
    return sets
end

-- A hex string is one list of sets when all its jumps have one length and its alternatives one byte.
local function sets_of_tree(node, out)
    local tag = node.tag
    if tag == "set" then
        out[#out + 1] = charset.single(node.set) or node.set
    elseif tag == "cat" then
        for _, child in ipairs(node) do
            if not sets_of_tree(child, out) then
                return nil
            end
        end
    elseif tag == "group" then
        return sets_of_tree(node[1], out)
    elseif tag == "repeat" and node.min == node.max and node.min <= 4096 then
        for _ = 1, node.min do
            if not sets_of_tree(node[1], out) then
                return nil
            end
        end
    elseif tag ~= "empty" then
        return nil
    end
    return out
end

local function read_literal(item)
    if item.kind == "hex" then
        local sets
        if item.bytes then
            sets = sets_of_bytes(item.bytes, false)
        else
            sets = item.ast and sets_of_tree(item.ast, {})
        end
        if not sets or #sets == 0 then
            return nil, "its prefilter holds a hex string with jumps or alternatives of several lengths"
        end
        return { sets = sets }
    end
    if item.wide and item.word then
        return nil, "its prefilter holds a literal that is both wide and a word"
    end
    local bytes = item.wide and item.bytes:gsub(".", "%0\0") or item.bytes
    if #bytes == 0 then
        return nil, "its prefilter holds an empty literal"
    end
    return { sets = sets_of_bytes(bytes, item.nocase), word = item.word or nil }
end

local function is_none_free(expr)
    for _, item in ipairs(expr.items) do
        if item.items and not is_none_free(item) then
            return false
        end
    end
    return expr.kind ~= "none"
end

local function is_plain_any(expr)
    if expr.kind ~= "any" and not (expr.kind == "at_least" and expr.n == 1) then
        return false
    end
    for _, item in ipairs(expr.items) do
        if item.items and not is_plain_any(item) then
            return false
        end
    end
    return true
end

-- Whether the expression holds when `occurs(item)` says which literals do.
local function holds(expr, occurs)
    local n = 0
    for _, item in ipairs(expr.items) do
        if item.items and holds(item, occurs) or not item.items and occurs(item) then
            n = n + 1
        end
    end
    local kind = expr.kind
    if kind == "any" then
        return n > 0
    elseif kind == "all" then
        return n == #expr.items
    elseif kind == "none" then
        return n == 0
    end
    return n >= expr.n
end

local function collect(expr, literals, number)
    for _, item in ipairs(expr.items) do
        if item.items then
            local ok, why = collect(item, literals, number)
            if not ok then
                return nil, why
            end
        else
            local literal, why = read_literal(item)
            if not literal then
                return nil, why
            end
            literals[#literals + 1] = literal
            number[item] = #literals
        end
    end
    return true
end

--- A tracker for a prefilter expression; nil and why when it can not be tracked.
function M.new(expr)
    local literals, number = {}, {}
    local ok, why = collect(expr, literals, number)
    if not ok then
        return nil, why
    end
    local plain = is_plain_any(expr)
    if not plain and #literals > MAX_TRACKED then
        return nil, "its prefilter holds too many literals for what it asks of them"
    end
    local self = setmetatable({
        expr = expr, literals = literals, number = number, plain = plain, settles = plain or is_none_free(expr),
        states = {}, by_key = {}, steps = {}, starts = {}, count = 0, has_word = false, truth = {},
        work = 0,
    }, Tracker)
    for _, literal in ipairs(literals) do
        self.has_word = self.has_word or literal.word ~= nil
    end
    self.start = self:number_of({}, 0, false)
    return self
end

--- Adds the sets that tell bytes apart here.
function Tracker:add_sets(sets)
    for _, literal in ipairs(self.literals) do
        table.move(literal.sets, 1, #literal.sets, #sets + 1, sets)
    end
    if self.has_word then
        sets[#sets + 1] = charset.WORD
    end
end

-- `active`: { literal, bytes read, … } in order; `seen`: bits of the literals read whole; `after_word`: the last byte
-- was a word character (only kept where a literal asks).
function Tracker:number_of(active, seen, after_word)
    local key = table.concat(active, ",") .. ":" .. seen .. (after_word and "w" or "")
    local n = self.by_key[key]
    if not n then
        n = self.count
        self.count = n + 1
        self.by_key[key] = n
        self.states[n] = { active = active, seen = seen, after_word = after_word }
    end
    return n
end

local function matches(set, byte)
    return set == byte or (not math.type(set) and charset.contains(set, byte))
end

function Tracker:holds_with(seen)
    local known = self.truth[seen]
    if known == nil then
        known = holds(self.expr, function(item) return seen >> (self.number[item] - 1) & 1 == 1 end)
        self.truth[seen] = known
    end
    return known
end

function Tracker:hit(seen, index)
    return self.plain and 1 or seen | 1 << (index - 1)
end

-- Literals that begin with the byte.
function Tracker:starting_with(byte)
    local list = self.starts[byte]
    if not list then
        list = {}
        for index, literal in ipairs(self.literals) do
            if matches(literal.sets[1], byte) then
                list[#list + 1] = index
            end
        end
        self.starts[byte] = list
    end
    return list
end

function Tracker:compute(track, byte)
    local state = self.states[track]
    local reads, seen = {}, state.seen -- reads: literal << 16 | bytes read, so that they sort
    local word = self.has_word and is_word(byte)
    local function advance(index, read)
        local literal = self.literals[index]
        local length = #literal.sets
        if read == length then -- a word, waiting for what follows it
            if not word then
                seen = self:hit(seen, index)
            end
        elseif matches(literal.sets[read + 1], byte) then
            if read + 1 < length or literal.word then
                reads[#reads + 1] = index << 16 | read + 1
            else
                seen = self:hit(seen, index)
            end
        end
    end
    local from, starting = state.active, self:starting_with(byte)
    self.work = self.work + 4 * (#from + #starting) -- such a step costs more than a node of the search
    for at = 1, #from, 2 do
        advance(from[at], from[at + 1])
    end
    for _, index in ipairs(starting) do
        if not (self.literals[index].word and state.after_word) then
            advance(index, 0)
        end
    end
    if self.settles and seen ~= 0 and (self.plain or self:holds_with(seen)) then
        return nil
    end
    table.sort(reads)
    local active = {}
    for _, read in ipairs(reads) do
        active[#active + 1], active[#active + 2] = read >> 16, read & 0xffff
    end
    return self:number_of(active, seen, word)
end

--- The state after one more byte; nil when the prefilter holds now and will go on to.
function Tracker:step(track, byte)
    local key = track << 8 | byte
    local to = self.steps[key]
    if to == nil then
        to = self:compute(track, byte) or false
        self.steps[key] = to
    end
    return to or nil
end

--- Whether the prefilter does not hold when the record ends here.
function Tracker:refuted(track)
    local state = self.states[track]
    local seen = state.seen
    for at = 1, #state.active, 2 do
        local index = state.active[at]
        if state.active[at + 1] == #self.literals[index].sets then
            seen = self:hit(seen, index)
        end
    end
    if self.plain then
        return seen == 0
    end
    return not self:holds_with(seen)
end

--- The same for a whole text, literal by literal: what a counter-example is checked with.
function M.refutes(expr, text)
    return not holds(expr, function(item)
        local literal = read_literal(item)
        local sets = literal.sets
        for from = 1, #text - #sets + 1 do
            local same = true
            for i = 1, #sets do
                if not matches(sets[i], text:byte(from + i - 1)) then
                    same = false
                    break
                end
            end
            local before, after = text:byte(from - 1), text:byte(from + #sets)
            if from == 1 then
                before = nil
            end
            if same and not (literal.word and (before and is_word(before) or after and is_word(after))) then
                return true
            end
        end
        return false
    end)
end

return M
