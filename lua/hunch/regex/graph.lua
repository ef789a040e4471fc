-- A regex's code as a graph of states for searches: what is reached without reading a byte, what a byte leads to.
-- A state is the number of an instruction's automaton state (pc's first one, plus the count of a RUN); with it goes
-- what may follow, as bits of the kinds below, since assertions look one byte ahead. Called by imply and finder.
local emit = require "hunch.regex.emit"

local M = {}

local OP = emit.OP
local UNLIMITED = emit.UNLIMITED

-- What a position sees on one side, as bits: the end of the record, a newline, a word character, anything else.
local EDGE, NEWLINE, WORD, OTHER = 1, 2, 4, 8
local ANYTHING = EDGE | NEWLINE | WORD | OTHER
M.EDGE = EDGE

local KIND = {}
for byte = 0, 255 do
    KIND[byte] = byte == 10 and NEWLINE or string.char(byte):find("[%w_]") and WORD or OTHER
end
M.KIND = KIND -- byte value -> kind

-- What may follow, given the kind before; 0: the assertion fails.
local ASSERT = {
    [0] = function(before) return before == EDGE and ANYTHING or 0 end,
    function() return EDGE end,
    function(before) return before & (EDGE | NEWLINE) ~= 0 and ANYTHING or 0 end,
    function() return EDGE | NEWLINE end,
    function(before) return before == WORD and ANYTHING & ~WORD or WORD end,
    function(before) return before == WORD and WORD or ANYTHING & ~WORD end,
}

--- The graph of an emitted regex. Both limits of a RUN whose maximum is more than `cap` are relaxed (nil: none is):
--- it counts so far and may go on for ever, so that the graph matches more and has fewer states.
function M.new(emitted, cap)
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

--- What is reached from (pc, count) without reading a byte, behind a byte of the kind `before`: a flat list
--- { state, what may follow, … } in order of states.
function M.closure(graph, pc, count, before)
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

--- Where a byte leads: pc and count to take the closure of.
function M.follow(graph, state)
    local pc = graph.pc_of[state]
    local i = graph.code[pc + 1]
    if i.op ~= OP.RUN then
        return pc + 1, 0
    end
    local min, max = run_limits(graph, i)
    local count = state - graph.base[pc] + 1
    return pc, max == UNLIMITED and math.min(count, min) or count
end

--- The bytes that a state reads (a byte value or a set); nil: here the regex has matched.
function M.set_of(graph, state)
    local i = graph.code[graph.pc_of[state] + 1]
    if i.op == OP.MATCH then
        return nil
    end
    return i.op == OP.BYTE and i.arg or graph.classes[i.x + 1]
end

--- What the code reads, a byte value or a set an instruction.
function M.sets(graph)
    local sets = {}
    for pc, i in ipairs(graph.code) do
        if i.op == OP.BYTE or i.op == OP.SET or i.op == OP.RUN then
            sets[#sets + 1] = M.set_of(graph, graph.base[pc - 1])
        end
    end
    return sets
end

return M
