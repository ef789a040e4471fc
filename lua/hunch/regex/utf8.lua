--- Ranges of code points as sequences of byte ranges.
-- UTF-8 sorts as code points do, so a range splits into few sequences in which every byte varies
-- independently: U+0080..U+07FF is one, [C2-DF][80-BF]. Called by parse.lua for classes.
local charset = require "hunch.regex.charset"

local M = {}

-- The last code point of each encoded length; surrogates have no encoding.
local BLOCKS = { { 0x0000, 0x007F }, { 0x0080, 0x07FF }, { 0x0800, 0xD7FF }, { 0xE000, 0xFFFF },
    { 0x10000, 0x10FFFF } }

--- Splits lo..hi, all of one encoded length, until each continuation byte is a full range or is
-- below a fixed prefix, then calls emit(lo, hi).
local function split(lo, hi, length, emit)
    for i = 1, length - 1 do
        local mask = (1 << 6 * i) - 1
        if lo & ~mask ~= hi & ~mask then
            if lo & mask ~= 0 then
                split(lo, lo | mask, length, emit)
                return split((lo | mask) + 1, hi, length, emit)
            end
            if hi & mask ~= mask then
                split(lo, (hi & ~mask) - 1, length, emit)
                return split(hi & ~mask, hi, length, emit)
            end
        end
    end
    emit(lo, hi)
end

--- The code points of a flat list of ranges { lo1, hi1, … } as a list of sequences, each a list of
-- charsets, ascending. Sequences that differ in the last byte only are one.
function M.sequences(ranges)
    local list, by_prefix = {}, {}
    local function emit(lo, hi)
        local first, last = utf8.char(lo), utf8.char(hi)
        local sequence = {}
        for i = 1, #first do
            sequence[i] = charset.range(first:byte(i), last:byte(i))
        end
        local prefix = table.concat(sequence, "", 1, #first - 1)
        local known = by_prefix[prefix]
        if known then
            known[#known] = charset.union(known[#known], sequence[#first])
        else
            by_prefix[prefix] = sequence
            list[#list + 1] = sequence
        end
    end
    for i = 1, #ranges, 2 do
        for _, block in ipairs(BLOCKS) do
            local lo, hi = math.max(ranges[i], block[1]), math.min(ranges[i + 1], block[2])
            if lo <= hi then split(lo, hi, #utf8.char(lo), emit) end
        end
    end
    return list
end

return M
