--- Damages compiled programs so that their checksum still fits: the loader's checks are reached, not its first line.
local layout = require "hunch.layout"
local native = require "hunch.native"

local M = {}

local HASHED_FROM = 40
local ELEMENT = { BLOB = 1, LITERAL = 24, LITERAL_USER = 4, PATTERN = 40, ANCHOR = 44, REGEX = 32, INSTR = 24,
    CLASS = 32, GUARD = 16, WORD = 4, RULE = 56, STAGE = 48, HOST = 16, GRAPH = 64, SPOT = 16, TEST = 32, ACTION = 24,
    FLOW = 24 }

--- The program with a checksum and a size that fit, and the version that this hunch reads.
function M.seal(bytes)
    local rest = bytes:sub(HASHED_FROM + 1)
    return ("<I8I4I4I8"):pack(layout.MAGIC, layout.VERSION, 0, #bytes) .. native.hash(rest) .. rest
end

local function sections(bytes)
    local list = {}
    for i, name in ipairs(layout.SECTIONS) do
        local offset, count = ("<I8I8"):unpack(bytes, HASHED_FROM + 16 * (i - 1) + 1)
        list[i] = { name = name, offset = offset, count = count, size = ELEMENT[name] }
    end
    return list
end

local NUMBERS = { 0, 1, 2, 3, 63, 64, 255, 256, 65534, 65535, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff }

-- A number that means something near to what stands there.
local function number(random, old, list)
    local kind = random(10)
    if kind <= 3 then return NUMBERS[random(#NUMBERS)] end
    if kind <= 6 then return (old + random(5) - 3) & 0xffffffff end
    if kind <= 8 then return list[random(#list)].count + random(3) - 2 & 0xffffffff end
    return random(1 << 16) - 1
end

local function replace(bytes, at, new)
    return bytes:sub(1, at) .. new .. bytes:sub(at + #new + 1)
end

local function pick(random, list)
    for _ = 1, 20 do
        local section = list[random(#list)]
        if section.count > 0 then return section end
    end
    return nil
end

local function mutate_once(random, bytes)
    local list = sections(bytes)
    local kind = random(20)
    if kind == 1 then -- the table of sections itself
        local at = HASHED_FROM + 8 * (random(2 * #list) - 1)
        local old = ("<I8"):unpack(bytes, at + 1)
        local new = random(3) == 1 and old ~ 1 << random(64) - 1 or number(random, old, list)
        return replace(bytes, at, ("<I8"):pack(new))
    end
    local section = pick(random, list)
    -- The table of sections may be damaged by now.
    if not section or section.offset < 0 or section.offset > #bytes or section.count < 0
        or section.count > (#bytes - section.offset) // section.size then
        return bytes
    end
    local element = section.offset + section.size * (random(section.count) - 1)
    if section.name == "BLOB" or kind == 2 then
        return replace(bytes, element + random(section.size) - 1, string.char(random(256) - 1))
    elseif kind <= 4 then -- an element becomes a copy of another
        local from = section.offset + section.size * (random(section.count) - 1)
        return replace(bytes, element, bytes:sub(from + 1, from + section.size))
    end
    local at = element + 4 * (random(section.size // 4) - 1)
    return replace(bytes, at, ("<I4"):pack(number(random, ("<I4"):unpack(bytes, at + 1), list)))
end

--- One to four mutations, sealed. random(n) -> 1..n.
function M.mutate(random, bytes)
    for _ = 1, random(4) do bytes = mutate_once(random, bytes) end
    return M.seal(bytes)
end

return M
