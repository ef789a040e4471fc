--- The syntax tree of a regex: constructors, and the few questions that everyone asks of it.
-- Shapes: docs/INTERNALS.md section 3. Nodes are made only here and never shared, so that a node
-- can be a key (emit.lua maps nodes to code). `from` and `to` are 1-based offsets in the pattern.
-- Walkers may recurse: a tree is a few thousand levels deep at most, which Lua's own stack holds.
local charset = require "hunch.regex.charset"

local M = {}

-- Flattening copies the child's list; longer lists stay nested so that deep nests stay linear.
local FLATTEN_LIMIT = 1000

M.ASSERTIONS = {
    text_begin = 0, text_end = 1, line_begin = 2, line_end = 3, word = 4, not_word = 5,
}

function M.empty(from, to)
    return { tag = "empty", from = from, to = to }
end

function M.fail(from, to)
    return { tag = "fail", from = from, to = to }
end

function M.set(set, from, to)
    assert(#set == 32, "a set is a string of 32 bytes")
    return { tag = "set", set = set, from = from, to = to }
end

local function is_node(value)
    return type(value) == "table" and value.tag ~= nil
end

--- Children of the same tag move up one level, which changes neither language nor preference.
local function flatten(tag, list)
    local out
    for i = 1, #list do
        local child = list[i]
        assert(is_node(child), "a child is a node")
        if child.tag == tag and #child <= FLATTEN_LIMIT then
            out = out or table.move(list, 1, i - 1, 1, {})
            table.move(child, 1, #child, #out + 1, out)
        elseif out then
            out[#out + 1] = child
        end
    end
    return out or list
end

--- The children one after the other; of none it is empty. Takes the list over.
function M.cat(list, from, to)
    if #list == 0 then return M.empty(from, to) end
    if #list == 1 then return list[1] end
    local node = flatten("cat", list)
    node.tag, node.from, node.to = "cat", from, to
    return node
end

--- Neighbours that each take one byte become one set: what follows is the same for both, so their
-- order cannot be seen.
local function merge_sets(list)
    local out = {}
    for i = 1, #list do
        local child, last = list[i], out[#out]
        if child.tag == "set" and last and last.tag == "set" then
            out[#out] = M.set(charset.union(last.set, child.set), last.from, child.to)
        else
            out[#out + 1] = child
        end
    end
    return out
end

--- One of the children, the first preferred; of none it fails. Takes the list over.
function M.alt(list, from, to)
    if #list == 0 then return M.fail(from, to) end
    if #list == 1 then return list[1] end
    local node = merge_sets(flatten("alt", list))
    if #node == 1 then return node[1] end
    node.tag, node.from, node.to = "alt", from, to
    return node
end

--- `max = nil`: no limit.
function M.rep(child, min, max, greedy, from, to)
    assert(is_node(child) and math.type(min) == "integer" and min >= 0, "a repeat is node{min,max}")
    assert(max == nil or math.type(max) == "integer" and max >= min, "max is nil or at least min")
    return { tag = "repeat", child, min = min, max = max, greedy = greedy and true or false,
        from = from, to = to }
end

function M.group(child, index, name, from, to)
    assert(is_node(child) and math.type(index) == "integer" and index >= 1, "groups count from 1")
    return { tag = "group", child, index = index, name = name, from = from, to = to }
end

function M.assertion(kind, from, to)
    assert(M.ASSERTIONS[kind], "unknown kind of assertion")
    return { tag = "assert", kind = kind, from = from, to = to }
end

--- A fixed byte string; `nocase` folds ASCII letters.
function M.literal(bytes, nocase, from, to)
    local sets, list = nocase and charset.FOLDED or charset.SINGLE, {}
    for i = 1, #bytes do
        list[i] = M.set(sets[bytes:byte(i)], from, to)
    end
    return M.cat(list, from, to)
end

local function any_nullable(node, memo)
    for i = 1, #node do
        if M.nullable(node[i], memo) then return true end
    end
    return false
end

local function all_nullable(node, memo)
    for i = 1, #node do
        if not M.nullable(node[i], memo) then return false end
    end
    return true
end

local NULLABLE = {
    empty = function() return true end,
    fail = function() return false end,
    set = function() return false end,
    assert = function() return true end,
    cat = all_nullable,
    alt = any_nullable,
    group = all_nullable,
    ["repeat"] = function(node, memo) return node.min == 0 or M.nullable(node[1], memo) end,
}

--- Can the node match the empty string somewhere (assertions count as empty)? `memo` is a table
-- that the caller keeps for one tree.
function M.nullable(node, memo)
    local known = memo and memo[node]
    if known == nil then
        known = NULLABLE[node.tag](node, memo)
        if memo then memo[node] = known end
    end
    return known
end

--- The largest group index in the tree, 0 if there is none.
function M.count_groups(node)
    local n = node.tag == "group" and node.index or 0
    for i = 1, #node do
        local inner = M.count_groups(node[i])
        if inner > n then n = inner end
    end
    return n
end

local SHOW_ASSERT = {
    text_begin = "\\A", text_end = "\\z", line_begin = "(?m:^)", line_end = "(?m:$)",
    word = "\\b", not_word = "\\B",
}

local function counts(node)
    local min, max = node.min, node.max
    if max == nil and min <= 1 then return min == 0 and "*" or "+" end
    if min == 0 and max == 1 then return "?" end
    if max == nil then return ("{%d,}"):format(min) end
    return min == max and ("{%d}"):format(min) or ("{%d,%d}"):format(min, max)
end

local SHOW
local function show(node, out)
    return SHOW[node.tag](node, out)
end

--- Shows the child so that a repeat operator after it takes all of it.
local function show_atom(node, out)
    if node.tag == "set" or node.tag == "group" or node.tag == "assert" then
        return show(node, out)
    end
    out[#out + 1] = "(?:"
    show(node, out)
    out[#out + 1] = ")"
end

SHOW = {
    empty = function(_, out) out[#out + 1] = "(?:)" end,
    fail = function(_, out) out[#out + 1] = charset.to_string(charset.EMPTY) end,
    set = function(node, out) out[#out + 1] = charset.to_string(node.set) end,
    assert = function(node, out) out[#out + 1] = SHOW_ASSERT[node.kind] end,
    cat = function(node, out)
        for i = 1, #node do
            if node[i].tag == "alt" then show_atom(node[i], out) else show(node[i], out) end
        end
    end,
    alt = function(node, out)
        for i = 1, #node do
            if i > 1 then out[#out + 1] = "|" end
            show(node[i], out)
        end
    end,
    group = function(node, out)
        out[#out + 1] = node.name and "(?P<" .. node.name .. ">" or "("
        show(node[1], out)
        out[#out + 1] = ")"
    end,
    ["repeat"] = function(node, out)
        show_atom(node[1], out)
        out[#out + 1] = counts(node)
        if not node.greedy then out[#out + 1] = "?" end
    end,
}

--- A pattern in RE2's syntax that parses to an equal tree.
function M.to_pattern(node)
    local out = {}
    show(node, out)
    return table.concat(out)
end

return M
