-- Runs regex code (docs/INTERNALS.md section 4) the slow and obvious way: all threads as a set, one byte at a time.
-- It answers where a match can end, for every path and not only the preferred one, so specs can check pieces of code.

local emit = require "hunch.regex.emit"

local M = {}

local OP = emit.OP
local INFINITE = emit.UNLIMITED

local function is_word(byte)
    return byte ~= nil and string.char(byte):find("[%w_]") ~= nil
end

-- `at` is a position between bytes: 0 is the start of the text.
local ASSERT = {
    [0] = function(_, at) return at == 0 end,
    function(text, at) return at == #text end,
    function(text, at) return at == 0 or text:byte(at) == 10 end,
    function(text, at) return at == #text or text:byte(at + 1) == 10 end,
    function(text, at)
        return is_word(at > 0 and text:byte(at) or nil) ~= is_word(at < #text and text:byte(at + 1) or nil)
    end,
    function(text, at)
        return is_word(at > 0 and text:byte(at) or nil) == is_word(at < #text and text:byte(at + 1) or nil)
    end,
}

local function has(set, byte)
    return set:byte((byte >> 3) + 1) >> (byte & 7) & 1 == 1
end

--- Positions (0 .. #text) at which code that starts at instruction `entry` and position `from` can accept, as a set.
--- With `backward` it reads the bytes before the position, towards the start.
function M.ends(emitted, text, from, entry, backward)
    local code, classes = emitted.code, emitted.classes
    local step = backward and -1 or 1
    local found = {}
    local threads, seen

    local function add(pc, count, at)
        local key = pc .. ":" .. count
        if seen[key] then
            return
        end
        seen[key] = true
        local i = code[pc + 1]
        local op = i.op
        if op == OP.MATCH then
            found[at] = true
        elseif op == OP.JMP then
            add(i.x, 0, at)
        elseif op == OP.SPLIT then
            add(i.x, 0, at)
            add(i.y, 0, at)
        elseif op == OP.SAVE then
            add(pc + 1, 0, at)
        elseif op == OP.ASSERT then
            if ASSERT[i.arg](text, at) then
                add(pc + 1, 0, at)
            end
        elseif op == OP.RUN then
            if count >= i.min then
                add(pc + 1, 0, at)
            end
            if i.max == INFINITE or count < i.max then
                threads[#threads + 1] = { pc, count }
            end
        elseif op ~= OP.FAIL then
            threads[#threads + 1] = { pc, count }
        end
    end

    local at = from
    local current = { { entry or 0, 0 } }
    seen, threads = {}, {}
    add(current[1][1], 0, at)
    current = threads
    while #current > 0 do
        local byte = backward and (at > 0 and text:byte(at)) or (not backward and text:byte(at + 1))
        if not byte then
            break
        end
        at = at + step
        seen, threads = {}, {}
        for _, thread in ipairs(current) do
            local pc, count = thread[1], thread[2]
            local i = code[pc + 1]
            if i.op == OP.BYTE then
                if i.arg == byte then
                    add(pc + 1, 0, at)
                end
            elseif has(classes[i.x + 1], byte) then
                if i.op == OP.SET then
                    add(pc + 1, 0, at)
                else
                    add(pc, i.max == INFINITE and math.min(count + 1, i.min) or count + 1, at)
                end
            end
        end
        current = threads
    end
    return found
end

--- All spans { from, to } that some path of the code matches, in order.
function M.spans(emitted, text)
    local out = {}
    for from = 0, #text do
        local ends = M.ends(emitted, text, from)
        for to = from, #text do
            if ends[to] then
                out[#out + 1] = { from, to }
            end
        end
    end
    return out
end

return M
