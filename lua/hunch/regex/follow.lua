--- Where a regex's code stands behind a literal: the states that wait for the next byte.
-- Anchors of one regex often go on alike behind their literals (`(?:key|token)=...`): where these sets are equal, they
-- share a guard. A state is an instruction's first state plus the count of its RUN, as in docs/INTERNALS.md section 4.
local emit = require "hunch.regex.emit"

local M = {}

local OP, UNLIMITED = emit.OP, emit.UNLIMITED
local MATCH, FAIL, BYTE, RUN, SPLIT, JMP, ASSERT = OP.MATCH, OP.FAIL, OP.BYTE, OP.RUN, OP.SPLIT, OP.JMP, OP.ASSERT
local TEXT_END = 1

-- Adds what waits for a byte after (pc, count) to the set; true when MATCH is reached. Assertions count as holding, but
-- for the end of the text, which cannot hold before another byte.
local function close(code, pc, count, set, seen)
    local instruction = code[pc + 1]
    local op = instruction.op
    if op == RUN then
        local open = instruction.max == UNLIMITED
        local limit = open and instruction.min or instruction.max
        if count > limit then count = limit end
        if not open and count == limit then return close(code, pc + 1, 0, set, seen) end
        local state = instruction.state + count
        if set[state] then return false end
        set[state] = { pc, count }
        return count >= instruction.min and close(code, pc + 1, 0, set, seen)
    end
    if op == MATCH then return true end
    if seen[pc] or op == FAIL then return false end
    seen[pc] = true
    if op == SPLIT then
        local left = close(code, instruction.x, 0, set, seen)
        return close(code, instruction.y, 0, set, seen) or left
    end
    if op == JMP then return close(code, instruction.x, 0, set, seen) end
    if op == ASSERT then return instruction.arg ~= TEXT_END and close(code, pc + 1, 0, set, seen) end
    if op == OP.SAVE then return close(code, pc + 1, 0, set, seen) end
    set[instruction.state] = { pc, 0 }
    return false
end

local function holds(emitted, instruction, byte)
    if instruction.op == BYTE then return instruction.arg == byte end
    local set = emitted.classes[instruction.x + 1]
    return set:byte((byte >> 3) + 1) >> (byte & 7) & 1 == 1
end

--- The states behind `bytes` (of any case, for `nocase`), when the code is entered at `entry`: a string of u32,
--- ascending; nil when a match can end there, or when the bytes cannot stand there.
function M.behind(emitted, entry, bytes, nocase)
    local code = emitted.code
    local set = {}
    if close(code, entry, 0, set, {}) then return nil end
    for i = 1, #bytes do
        local byte, next_set, seen, accepts = bytes:byte(i), {}, {}, false
        local other = nocase and bytes:sub(i, i):upper():byte() or byte
        for _, thread in pairs(set) do -- in any order: the result is a set
            local pc, instruction = thread[1], code[thread[1] + 1]
            if holds(emitted, instruction, byte) or holds(emitted, instruction, other) then
                if instruction.op == RUN then
                    accepts = close(code, pc, thread[2] + 1, next_set, seen) or accepts
                else
                    accepts = close(code, pc + 1, 0, next_set, seen) or accepts
                end
            end
        end
        if accepts then return nil end
        set = next_set
    end
    local states = {}
    for state in pairs(set) do states[#states + 1] = state end
    if #states == 0 then return nil end
    table.sort(states)
    return ("<" .. ("I4"):rep(#states)):pack(table.unpack(states))
end

return M
