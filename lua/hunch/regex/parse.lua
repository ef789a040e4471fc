--- Patterns in RE2's syntax to syntax trees.
-- tokens.lua splits the pattern; this folds the stream with an explicit stack, so that nesting
-- costs memory and not call depth. Case folding, (?s), (?m) and UTF-8 are resolved here: the tree
-- has only sets of bytes and plain assertions.
local ast = require "hunch.regex.ast"
local charset = require "hunch.regex.charset"
local layout = require "hunch.layout"
local tokens = require "hunch.regex.tokens"
local utf8_ranges = require "hunch.regex.utf8"

local M = {}

local MAX_DEPTH = 1000 -- of nested groups
local MAX_GROUPS = layout.MAX_GROUPS
local MAX_REPEAT = 1000 -- product of nested counts

local FOLD, MULTI_LINE, DOT_ALL, SWAP_GREED = 1, 2, 4, 8
local FLAG = { i = FOLD, m = MULTI_LINE, s = DOT_ALL, U = SWAP_GREED }

local PERL = {
    d = charset.DIGIT, D = charset.complement(charset.DIGIT),
    s = charset.SPACE, S = charset.complement(charset.SPACE),
    w = charset.WORD, W = charset.complement(charset.WORD),
}

local POSIX = {
    alnum = { 48, 57, 65, 90, 97, 122 }, alpha = { 65, 90, 97, 122 }, ascii = { 0, 127 },
    blank = { 9, 9, 32, 32 }, cntrl = { 0, 31, 127, 127 }, digit = { 48, 57 }, graph = { 33, 126 },
    lower = { 97, 122 }, print = { 32, 126 }, punct = { 33, 47, 58, 64, 91, 96, 123, 126 },
    space = { 9, 13, 32, 32 }, upper = { 65, 90 }, word = { 48, 57, 65, 90, 95, 95, 97, 122 },
    xdigit = { 48, 57, 65, 70, 97, 102 },
}
for name, ranges in pairs(POSIX) do
    POSIX[name] = charset.from_ranges(ranges)
end

--- The named set, folded before it is negated, as RE2 does.
local function named_set(positive, negated, fold)
    local set = fold and charset.fold(positive) or positive
    return negated and charset.complement(set) or set
end

--- The operand is finished: it is what a repeat operator would take.
local function push(state, node, weight)
    local frame = state.frame
    frame.n = frame.n + 1
    frame[frame.n] = node
    if weight and weight > 1 then
        state.weight[node] = weight
        if weight > frame.weight then frame.weight = weight end
    end
end

--- Items and alternatives of one nesting level; `weight` is the largest product of counts in it.
local function new_frame(from, name, index, flags)
    return { n = 0, weight = 1, from = from, name = name, index = index, flags = flags, alts = {} }
end

--- Closes the alternative that is being read.
local function end_alternative(frame, to)
    local first = frame[1]
    local list = table.move(frame, 1, frame.n, 1, {})
    for i = frame.n, 1, -1 do frame[i] = nil end
    frame.n = 0
    local from = first and first.from or to + 1
    frame.alts[#frame.alts + 1] = ast.cat(list, from, to)
end

local function char_node(state, value, from, to)
    if value < 0 then return ast.set(charset.SINGLE[-value], from, to) end
    if value > 0x7F then return ast.literal(utf8.char(value), false, from, to) end
    local sets = state.flags & FOLD ~= 0 and charset.FOLDED or charset.SINGLE
    return ast.set(sets[value], from, to)
end

--- Reads the items of a class: a set of bytes and the ranges of characters above 0x7F.
local function class_members(items, fold)
    local bytes, wide, named = {}, {}, charset.EMPTY
    for i = 2, #items, 4 do
        local at, kind, a, b = items[i], items[i + 1], items[i + 2], items[i + 3]
        if kind == "error" then
            return nil, { message = a, position = at }
        elseif kind == "perl" then
            local lower = a:lower()
            named = charset.union(named, named_set(PERL[lower], a ~= lower, fold))
        elseif kind == "posix" then
            local name = a:match "%a+"
            named = charset.union(named, named_set(POSIX[name], name ~= a, fold))
        else
            local limit = kind == "bytes" and 0xFF or 0x7F
            if a <= limit then
                bytes[#bytes + 1], bytes[#bytes + 2] = a, math.min(b, limit)
            end
            if b > limit then
                wide[#wide + 1], wide[#wide + 2] = math.max(a, limit + 1), b
                wide.at = wide.at or at
            end
        end
    end
    local set = charset.from_ranges(bytes)
    return charset.union(fold and charset.fold(set) or set, named), wide
end

--- Sequences before single bytes: a raw byte of the class may begin one of its characters.
local function class_node(set, wide, from, to)
    if #wide == 0 then return ast.set(set, from, to) end
    local list = {}
    for _, sequence in ipairs(utf8_ranges.sequences(wide)) do
        local bytes = {}
        for i, part in ipairs(sequence) do bytes[i] = ast.set(part, from, to) end
        list[#list + 1] = ast.cat(bytes, from, to)
    end
    if set ~= charset.EMPTY then list[#list + 1] = ast.set(set, from, to) end
    return ast.alt(list, from, to)
end

--- "i-s" -> the bits to set and the bits to clear.
local function flag_bits(text)
    local on, off = text:match "^(%a*)%-?(%a*)$"
    local set, clear = 0, 0
    for letter in on:gmatch "." do set = set | FLAG[letter] end
    for letter in off:gmatch "." do clear = clear | FLAG[letter] end
    return set, clear
end

local function apply_flags(state, text)
    local set, clear = flag_bits(text)
    state.flags = (state.flags | set) & ~clear
end

local function open_group(state, from, name, index)
    local depth = #state.stack + 1
    if depth > MAX_DEPTH then return "groups nest deeper than 1,000: unnest the pattern" end
    state.stack[depth] = state.frame
    state.frame = new_frame(from, name, index, state.flags)
end

--- Is the repeat one that * + or ? could be?
local function is_simple(min, max)
    return max == nil and min <= 1 or min == 0 and max == 1
end

--- x{n,m} with the shapes that RE2 folds: one time is x itself, and of two of * + ? on one operand
-- with the same greed one is enough.
local function repeat_node(child, op, greedy, from, to)
    local min, max = op.min, op.max
    if min == 1 and max == 1 or child.tag == "empty" then return child end
    if is_simple(min, max) and child.tag == "repeat" and child.greedy == greedy
        and is_simple(child.min, child.max) then
        if child.min == min and child.max == max then return child end
        return ast.rep(child[1], 0, nil, greedy, from, to)
    end
    return ast.rep(child, min, max, greedy, from, to)
end

local ASSERT_OF = { ["^"] = { "text_begin", "line_begin" }, ["$"] = { "text_end", "line_end" } }

-- Each handler takes (state, value, from, to) and returns a message, and where it differs from
-- `from` its position, when the pattern is wrong.
local HANDLE = {}

function HANDLE.char(state, value, from, to)
    push(state, char_node(state, value, from, to))
end

function HANDLE.class(state, items, from, to)
    local fold = state.flags & FOLD ~= 0
    local set, wide = class_members(items, fold)
    if not set then return wide.message, wide.position end
    if items[1] then
        if #wide > 0 then
            return "a negated class takes one byte and can exclude ASCII and \\xHH only, "
                .. "not this character", wide.at
        end
        set = charset.complement(set)
    end
    push(state, class_node(set, wide, from, to))
end

function HANDLE.perl(state, letter, from, to)
    push(state, ast.set(PERL[letter], from, to))
end

function HANDLE.dot(state, _, from, to)
    local all = state.flags & DOT_ALL ~= 0
    push(state, ast.set(all and charset.ANY or charset.NOT_NEWLINE, from, to))
end

function HANDLE.assert(state, kind, from, to)
    local pair = ASSERT_OF[kind]
    if pair then kind = pair[state.flags & MULTI_LINE ~= 0 and 2 or 1] end
    push(state, ast.assertion(kind, from, to))
end

HANDLE["repeat"] = function(state, op, from, to)
    local frame = state.frame
    local child = frame[frame.n]
    if not child then return "there is nothing to repeat before this operator" end
    if state.previous == "repeat" then
        return "two repeat operators in a row: put the first one into (?:…)"
    end
    local weight = state.weight[child] or 1
    local times = op.max or op.min
    if times > 0 then weight = weight * times end
    if weight > MAX_REPEAT then
        return "nested counts multiply to more than 1,000: make them smaller"
    end
    local greedy = op.lazy == (state.flags & SWAP_GREED ~= 0)
    frame[frame.n] = nil
    frame.n = frame.n - 1
    push(state, repeat_node(child, op, greedy, child.from, to), weight)
end

function HANDLE.open(state, name, from)
    if state.groups == MAX_GROUPS then
        return "a pattern has at most 1,000 groups: use (?:...) where nothing is captured"
    end
    if name and state.names[name] then
        return ("two groups are named %s: rename one"):format(name)
    end
    state.groups = state.groups + 1
    if name then state.names[name] = state.groups end
    return open_group(state, from, name or nil, state.groups)
end

function HANDLE.scope(state, text, from)
    local message = open_group(state, from)
    apply_flags(state, text)
    return message
end

function HANDLE.flags(state, text)
    apply_flags(state, text)
end

function HANDLE.bar(state, _, from)
    end_alternative(state.frame, from - 1)
end

function HANDLE.close(state, _, from, to)
    local frame, depth = state.frame, #state.stack
    if depth == 0 then return "this ) closes no group: write \\) for a parenthesis" end
    end_alternative(frame, from - 1)
    local node = ast.alt(frame.alts, frame.from, to)
    if frame.index then
        node = ast.group(node, frame.index, frame.name, frame.from, to)
    end
    state.flags = frame.flags
    state.frame = state.stack[depth]
    state.stack[depth] = nil
    push(state, node, frame.weight)
end

function HANDLE.mark() end

function HANDLE.error(_, message)
    return message
end

local function failure(message, position)
    return nil, { message = message, position = position }
end

--- Parses a pattern. `flags` is nil or letters of "imsU" that hold from its start.
-- Returns the tree and { groups = n, names = { name -> index } }, or nil and { message, position }
-- with a 1-based byte offset.
---@param pattern string
---@param flags string|nil
---@return table|nil, table
function M.parse(pattern, flags)
    flags = flags or ""
    local bad_flag = flags:match "[^imsU]"
    if bad_flag then
        return failure(("unknown flag %s: the flags are i, m, s and U"):format(bad_flag), 1)
    end
    local list, bad = tokens.scan(pattern)
    if not list then
        return failure("the pattern is not UTF-8 here: write \\xHH for a byte", bad)
    end
    local state = {
        flags = (flag_bits(flags)), frame = new_frame(1), stack = {}, weight = {},
        groups = 0, names = {}, previous = nil,
    }
    for i = 1, #list - 1, 3 do
        local from, kind = list[i], list[i + 1]
        local message, position = HANDLE[kind](state, list[i + 2], from, list[i + 3] - 1)
        if message then return failure(message, position or from) end
        state.previous = kind
    end
    if #state.stack > 0 then
        return failure("this group has no closing )", state.frame.from)
    end
    end_alternative(state.frame, #pattern)
    return ast.alt(state.frame.alts, 1, #pattern), { groups = state.groups, names = state.names }
end

return M
