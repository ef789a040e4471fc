--- Sets of byte values.
-- A set is a Lua string of 32 bytes: byte value b is a member iff bit (b & 7) of byte (b >> 3) is
-- set. Strings of that length are interned, so equal sets are the same key and cost one pointer.
-- Nothing here knows about UTF-8: characters above 0x7F are sequences, which parse.lua builds.
local M = {}

local WORDS = "<i8i8i8i8" -- four words of 64 members each, lowest members first
local LETTERS = 0x07FFFFFE -- 'A'..'Z' in the low, 'a'..'z' in the high half of the second word

--- Mask of the members lo..hi that fall into word `w` (0..3).
local function word_mask(w, lo, hi)
    local first, last = lo - 64 * w, hi - 64 * w
    if first < 0 then first = 0 end
    if last > 63 then last = 63 end
    if first > last then return 0 end
    return (-1 >> (63 - (last - first))) << first
end

--- The set of a flat list of inclusive ranges: { lo1, hi1, lo2, hi2, … }.
function M.from_ranges(list)
    local a, b, c, d = 0, 0, 0, 0
    for i = 1, #list, 2 do
        local lo, hi = list[i], list[i + 1]
        if lo < 64 then a = a | word_mask(0, lo, hi) end
        if lo < 128 and hi > 63 then b = b | word_mask(1, lo, hi) end
        if lo < 192 and hi > 127 then c = c | word_mask(2, lo, hi) end
        if hi > 191 then d = d | word_mask(3, lo, hi) end
    end
    return WORDS:pack(a, b, c, d)
end

function M.range(lo, hi)
    return M.from_ranges { lo, hi }
end

--- The set of the bytes of a string.
function M.of(bytes)
    local list = {}
    for i = 1, #bytes do
        local b = bytes:byte(i)
        list[2 * i - 1], list[2 * i] = b, b
    end
    return M.from_ranges(list)
end

function M.union(s, t)
    local a, b, c, d = WORDS:unpack(s)
    local e, f, g, h = WORDS:unpack(t)
    return WORDS:pack(a | e, b | f, c | g, d | h)
end

function M.intersect(s, t)
    local a, b, c, d = WORDS:unpack(s)
    local e, f, g, h = WORDS:unpack(t)
    return WORDS:pack(a & e, b & f, c & g, d & h)
end

function M.complement(s)
    local a, b, c, d = WORDS:unpack(s)
    return WORDS:pack(~a, ~b, ~c, ~d)
end

--- The members of s that are not in t.
function M.minus(s, t)
    local a, b, c, d = WORDS:unpack(s)
    local e, f, g, h = WORDS:unpack(t)
    return WORDS:pack(a & ~e, b & ~f, c & ~g, d & ~h)
end

--- The set with both cases of each of its ASCII letters.
function M.fold(s)
    local a, b, c, d = WORDS:unpack(s)
    local upper, lower = b & LETTERS, (b >> 32) & LETTERS
    return WORDS:pack(a, b | upper << 32 | lower, c, d)
end

function M.contains(s, byte)
    return s:byte((byte >> 3) + 1) >> (byte & 7) & 1 == 1
end

--- Is every member of s a member of t?
function M.subset(s, t)
    return M.minus(s, t) == M.EMPTY
end

function M.overlaps(s, t)
    return M.intersect(s, t) ~= M.EMPTY
end

--- Number of members.
function M.count(s)
    local n = 0
    for i = 1, 32 do
        local bits = s:byte(i)
        while bits ~= 0 do
            bits = bits & (bits - 1)
            n = n + 1
        end
    end
    return n
end

--- Iterates over the maximal ranges in ascending order: for lo, hi in charset.ranges(s).
function M.ranges(s)
    local at = 0
    return function()
        while at <= 255 and not M.contains(s, at) do at = at + 1 end
        if at > 255 then return nil end
        local lo = at
        while at <= 255 and M.contains(s, at) do at = at + 1 end
        return lo, at - 1
    end
end

--- The members in ascending order, as a list of byte values.
function M.members(s)
    local list = {}
    for lo, hi in M.ranges(s) do
        for byte = lo, hi do list[#list + 1] = byte end
    end
    return list
end

M.EMPTY = M.from_ranges {}
M.ANY = M.range(0, 255)
M.DIGIT = M.range(48, 57)
M.WORD = M.from_ranges { 48, 57, 65, 90, 95, 95, 97, 122 }
M.SPACE = M.from_ranges { 9, 10, 12, 13, 32, 32 } -- RE2's \s: without \v
M.NOT_NEWLINE = M.complement(M.of "\n")

--- SINGLE[b]: the set of one byte value; FOLDED[b]: with the other case of an ASCII letter.
M.SINGLE, M.FOLDED = {}, {}
local byte_of = {} -- the reverse of SINGLE
for byte = 0, 255 do
    local set = M.range(byte, byte)
    M.SINGLE[byte] = set
    M.FOLDED[byte] = M.fold(set)
    byte_of[set] = byte
end

--- The only member of a set of one, else nil.
function M.single(s)
    return byte_of[s]
end

--- Both cases of one ASCII letter and nothing else: the lower-case byte value, else nil.
function M.folded_letter(s)
    local lo = M.ranges(s)()
    return lo and lo >= 65 and lo <= 90 and s == M.FOLDED[lo] and lo + 32 or nil
end

local NAMED = { [7] = "\\a", [9] = "\\t", [10] = "\\n", [11] = "\\v", [12] = "\\f", [13] = "\\r" }

--- A byte as one writes it in a pattern; `special` is a Lua class of the characters to escape.
local function show(byte, special)
    if NAMED[byte] then return NAMED[byte] end
    if byte < 32 or byte > 126 then return ("\\x%02X"):format(byte) end
    local char = string.char(byte)
    return char:find(special) and "\\" .. char or char
end

local SHORT = {
    [M.ANY] = "(?s:.)", [M.NOT_NEWLINE] = ".", [M.EMPTY] = "[^\\x00-\\xFF]",
    [M.DIGIT] = "\\d", [M.complement(M.DIGIT)] = "\\D",
    [M.WORD] = "\\w", [M.complement(M.WORD)] = "\\W",
    [M.SPACE] = "\\s", [M.complement(M.SPACE)] = "\\S",
}

--- A pattern that matches exactly this set, as short as is easy to read.
function M.to_string(s)
    if SHORT[s] then return SHORT[s] end
    if byte_of[s] then return show(byte_of[s], "[%^%$%.%*%+%?%(%)%[%]%{%}%|\\]") end
    local negated = M.count(s) > 128
    local out = { negated and "[^" or "[" }
    for lo, hi in M.ranges(negated and M.complement(s) or s) do
        out[#out + 1] = show(lo, "[%^%-%[%]\\]")
        if hi > lo + 1 then out[#out + 1] = "-" end
        if hi > lo then out[#out + 1] = show(hi, "[%^%-%[%]\\]") end
    end
    out[#out + 1] = "]"
    return table.concat(out)
end

return M
