--- Runs emitted regex code: a Pike simulation, one list of threads in order of preference.
-- Slow and plain; it shows what the code means before and beside the C matcher. Positions inside
-- are 0-based offsets; results are lists of groups, group 0 first, each {first, last} 1-based
-- inclusive or false, as hunch.regex returns them.
local charset = require "hunch.regex.charset"
local OP = require "hunch.regex.emit".OP
local UNLIMITED = require "hunch.regex.emit".UNLIMITED

local M = {}

local function is_word(text, index)
    local byte = text:byte(index)
    return byte ~= nil and charset.contains(charset.WORD, byte)
end

--- Does the assertion hold at the offset? Indexed by the instruction's arg.
local HOLDS = {
    [0] = function(_, at) return at == 0 end,
    function(text, at) return at == #text end,
    function(text, at) return at == 0 or text:byte(at) == 10 end,
    function(text, at) return at == #text or text:byte(at + 1) == 10 end,
    function(text, at) return is_word(text, at) ~= is_word(text, at + 1) end,
    function(text, at) return is_word(text, at) == is_word(text, at + 1) end,
}

local add

--- The state of a RUN after `count` bytes (count stays at min when there is no limit).
local function add_run(run, pc, count, at, slots)
    local ins = run.emitted.code[pc + 1]
    if count == ins.max then return add(run, pc + 1, at, slots) end
    local state = ins.state + count
    if run.visited[state] == at then return end
    run.visited[state] = at
    local leave = count >= ins.min
    if leave and ins.lazy == 1 then add(run, pc + 1, at, slots) end
    run.list[#run.list + 1] = { pc = pc, count = count, slots = slots }
    if leave and ins.lazy == 0 then add(run, pc + 1, at, slots) end
end

function add(run, pc, at, slots)
    local ins = run.emitted.code[pc + 1]
    local op = ins.op
    if op == OP.RUN then return add_run(run, pc, 0, at, slots) end
    if run.visited[ins.state] == at then return end
    run.visited[ins.state] = at
    if op == OP.JMP then
        return add(run, ins.x, at, slots)
    elseif op == OP.SPLIT then
        add(run, ins.x, at, slots)
        return add(run, ins.y, at, slots)
    elseif op == OP.SAVE then
        slots = table.move(slots, 1, #slots, 1, {})
        slots[ins.arg + 1] = at
        return add(run, pc + 1, at, slots)
    elseif op == OP.ASSERT then
        if HOLDS[ins.arg](run.text, at) then return add(run, pc + 1, at, slots) end
    elseif op ~= OP.FAIL then
        run.list[#run.list + 1] = { pc = pc, slots = slots }
    end
end

--- Moves one thread over a byte.
local function step(run, thread, byte, at)
    local ins = run.emitted.code[thread.pc + 1]
    if ins.op == OP.BYTE then
        if byte == ins.arg then add(run, thread.pc + 1, at, thread.slots) end
        return
    end
    if not charset.contains(run.emitted.classes[ins.x + 1], byte) then return end
    if ins.op == OP.SET then return add(run, thread.pc + 1, at, thread.slots) end
    local count = thread.count + 1
    if ins.max == UNLIMITED and count > ins.min then count = ins.min end
    add_run(run, thread.pc, count, at, thread.slots)
end

local function no_slots(emitted)
    local slots = {}
    for i = 1, 2 * emitted.groups + 2 do slots[i] = -1 end
    return slots
end

--- The slots of the preferred match that starts first at or after `from`, or nil.
local function search(emitted, text, from, anchored)
    local run = { emitted = emitted, text = text, visited = {}, list = {} }
    local found
    for at = from, #text do
        if not found and (at == from or not anchored) then
            local slots = no_slots(emitted)
            slots[1] = at
            add(run, 0, at, slots)
        end
        local threads, byte = run.list, text:byte(at + 1)
        if #threads == 0 and (found or anchored) then break end
        run.list = {}
        for _, thread in ipairs(threads) do
            if emitted.code[thread.pc + 1].op == OP.MATCH then
                found = thread.slots
                found[2] = at
                break
            end
            if byte then step(run, thread, byte, at + 1) end
        end
    end
    return found
end

local function groups_of(slots)
    local match = {}
    for i = 1, #slots, 2 do
        match[#match + 1] = slots[i] >= 0 and slots[i + 1] >= 0 and { slots[i] + 1, slots[i + 1] }
    end
    return match
end

--- All matches from left to right. options: anchored (a match begins where its search begins), limit.
function M.matches(emitted, text, options)
    options = options or {}
    local list, from, last_end = {}, 0, -1
    while from <= #text and #list < (options.limit or math.huge) do
        local slots = search(emitted, text, from, options.anchored)
        if not slots then break end
        local first, last = slots[1], slots[2]
        if first == last and first == last_end then
            from = from + 1
        else
            list[#list + 1] = groups_of(slots)
            from, last_end = last, last
        end
    end
    return list
end

--- Does the code match exactly the bytes first..last (1-based, inclusive) of the text? With
-- `reverse` the code was emitted for reading backwards.
function M.accepts(emitted, text, first, last, reverse)
    local run = { emitted = emitted, text = text, visited = {}, list = {} }
    local at, stop, move = first - 1, last, 1
    if reverse then at, stop, move = last, first - 1, -1 end
    add(run, 0, at, no_slots(emitted))
    while at ~= stop do
        local byte = text:byte(reverse and at or at + 1)
        at = at + move
        local threads = run.list
        run.list = {}
        for _, thread in ipairs(threads) do
            if emitted.code[thread.pc + 1].op ~= OP.MATCH then step(run, thread, byte, at) end
        end
    end
    for _, thread in ipairs(run.list) do
        if emitted.code[thread.pc + 1].op == OP.MATCH then return true end
    end
    return false
end

return M
