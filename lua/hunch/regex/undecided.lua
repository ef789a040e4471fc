--- Does a choice of a regex stay undecided for ever behind a match? `(?s:.*b)|a` on "aaaa": each `a` is a match only
-- if no `b` follows, however far away. Such regexes need the reverse pass (runtime/liveness.h); `hunch explain`
-- names them. One search is followed symbol by symbol: its threads, in order of preference, are a configuration.
-- The answer is yes when, behind a match, configurations without a further match come round in a circle.
local alphabet = require "hunch.regex.alphabet"
local emit = require "hunch.regex.emit"

local M = {}

local OP, UNLIMITED = emit.OP, emit.UNLIMITED
local STEPS = 300000 -- of threads, in all

local UNDECIDED = "whether a match counts can stay undecided for any number of bytes behind it: a record with many "
    .. "such places is read once more from its end"
local UNKNOWN = "not found out whether a choice can stay undecided behind a match"

local KIND = {} -- byte value -> what assertions tell apart
for byte = 0, 255 do
    KIND[byte] = byte == 10 and "newline" or string.char(byte):find "[0-9A-Za-z_]" and "word" or "other"
end

local function is_word(kind) return kind == "word" end

local HOLDS = {
    [0] = function(before) return before == "begin" end,
    function(_, behind) return behind == "end" end,
    function(before) return before == "begin" or before == "newline" end,
    function(_, behind) return behind == "end" or behind == "newline" end,
    function(before, behind) return is_word(before) ~= is_word(behind) end,
    function(before, behind) return is_word(before) == is_word(behind) end,
}

local function has_loop(code)
    for pc, i in ipairs(code) do
        if i.op == OP.RUN and i.max == UNLIMITED then return true end
        if (i.op == OP.SPLIT and math.min(i.x, i.y) < pc) or (i.op == OP.JMP and i.x < pc) then return true end
    end
    return false
end

-- The threads that wait for a byte, in order, from (pc, count) on. True: a match; what is less preferred is cut off.
local function close(context, pc, count, list, seen)
    context.steps = context.steps + 1
    local i = context.code[pc + 1]
    local op = i.op
    if op == OP.MATCH then return true end
    if op == OP.RUN then
        local open = i.max == UNLIMITED
        if open and count > i.min then count = i.min end
        local key = i.state + (open and count or math.min(count, i.max - 1))
        local full = not open and count == i.max
        if full then return close(context, pc + 1, 0, list, seen) end
        if seen[key] then return false end
        seen[key] = true
        if i.lazy == 1 and count >= i.min and close(context, pc + 1, 0, list, seen) then return true end
        list[#list + 1] = { pc, count }
        return i.lazy ~= 1 and count >= i.min and close(context, pc + 1, 0, list, seen)
    end
    if seen[i.state] then return false end
    seen[i.state] = true
    if op == OP.SPLIT then
        return close(context, i.x, 0, list, seen) or close(context, i.y, 0, list, seen)
    elseif op == OP.JMP then
        return close(context, i.x, 0, list, seen)
    elseif op == OP.SAVE then
        return close(context, pc + 1, 0, list, seen)
    elseif op == OP.ASSERT then
        return HOLDS[i.arg](context.before, context.behind) and close(context, pc + 1, 0, list, seen)
    elseif op ~= OP.FAIL then
        list[#list + 1] = { pc, 0 }
    end
    return false
end

local function takes(context, thread, byte)
    local i = context.code[thread[1] + 1]
    if i.op == OP.BYTE then return i.arg == byte end
    return context.classes[i.x + 1]:byte((byte >> 3) + 1) >> (byte & 7) & 1 == 1
end

-- What a configuration becomes with the next byte: the threads behind it (not closed yet), and whether it held a match.
local function advance(context, node, byte)
    context.before, context.behind = node.before, KIND[byte]
    local list, seen, matched = {}, {}, false
    for _, thread in ipairs(node.threads) do
        matched = close(context, thread[1], thread[2], list, seen)
        if matched then break end
    end
    local after = {}
    for _, thread in ipairs(list) do
        if takes(context, thread, byte) then
            local run = context.code[thread[1] + 1].op == OP.RUN
            after[#after + 1] = run and { thread[1], thread[2] + 1 } or { thread[1] + 1, 0 }
        end
    end
    return after, matched
end

local function key_of(threads, before, pending)
    local parts = { before, pending and "p" or "-" }
    for _, thread in ipairs(threads) do parts[#parts + 1] = thread[1] .. "." .. thread[2] end
    return table.concat(parts, " ")
end

local function node_of(context, threads, before, pending)
    local key = key_of(threads, before, pending)
    local node = context.nodes[key]
    if not node then
        node = { threads = threads, before = before, pending = pending, edges = {} }
        context.nodes[key] = node
        context.list[#context.list + 1] = node
    end
    return node
end

-- Is there a circle of edges without a match among the pending nodes?
local function circle(list)
    for _, start in ipairs(list) do
        if start.pending and not start.done then
            local path = { start }
            start.at, start.open = 0, true
            while #path > 0 do
                local node = path[#path]
                node.at = node.at + 1
                local next_node = node.edges[node.at]
                if not next_node then
                    node.open, node.done = false, true
                    path[#path] = nil
                elseif next_node.open then
                    return true
                elseif not next_node.done then
                    next_node.at, next_node.open = 0, true
                    path[#path + 1] = next_node
                end
            end
        end
    end
    return false
end

---@param emitted table of emit.emit, not reversed
---@return string|nil verdict a sentence; nil: every choice is decided after a bounded number of bytes
function M.run(emitted)
    if not has_loop(emitted.code) then return nil end
    local sets = {}
    for i, set in ipairs(emitted.classes) do sets[i] = set end
    for _, i in ipairs(emitted.code) do
        if i.op == OP.BYTE then sets[#sets + 1] = i.arg end
    end
    local letters = alphabet.new(sets, KIND).all
    local context = { code = emitted.code, classes = emitted.classes, steps = 0, nodes = {}, list = {} }
    for _, before in ipairs { "begin", "newline", "other", "word" } do node_of(context, { { 0, 0 } }, before, false) end
    local at = 1
    while at <= #context.list do
        local node = context.list[at]
        for _, letter in ipairs(letters) do
            local threads, matched = advance(context, node, letter.byte)
            if context.steps > STEPS then return UNKNOWN end
            if #threads > 0 then
                local next_node = node_of(context, threads, KIND[letter.byte], node.pending or matched)
                if node.pending and not matched then node.edges[#node.edges + 1] = next_node end
            end
        end
        at = at + 1
    end
    return circle(context.list) and UNDECIDED or nil
end

return M
