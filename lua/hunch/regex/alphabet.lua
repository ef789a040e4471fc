-- The bytes as a regex and some literals tell them apart: letters, each with one byte that stands for all of its kind.
-- Invariant: two bytes of one letter are in the same sets, and of the same kind. Called by imply.

local charset = require "hunch.regex.charset"

local M = {}

local Alphabet = {}
Alphabet.__index = Alphabet

--- Whether a set (a byte value, or 32 bytes) holds the byte.
function M.holds(set, byte)
    if math.type(set) then
        return set == byte
    end
    return charset.contains(set, byte)
end

-- The byte that reads best stands for its letter.
local function rank(byte)
    local char = string.char(byte)
    return char:find("%l") and 1 or char:find("%d") and 2 or char:find("%u") and 3 or char:find("%p") and 4
        or char == " " and 5 or byte == 10 and 6 or byte < 128 and 7 or 8
end

local BY_RANK = {}
for byte = 0, 255 do
    BY_RANK[byte + 1] = byte
end
table.sort(BY_RANK, function(a, b)
    local x, y = rank(a), rank(b)
    if x ~= y then
        return x < y
    end
    return a < b
end)

--- `sets`: byte values and 32-byte sets; `kind_of`: byte value -> anything that must not be mixed.
function M.new(sets, kind_of)
    local apart, distinct = {}, {}
    for _, set in ipairs(sets) do
        if math.type(set) then
            apart[set] = true
        elseif not distinct[set] then
            distinct[set] = true
            distinct[#distinct + 1] = set
        end
    end
    local letters, by_sign = {}, {}
    local of_byte = {}
    for _, byte in ipairs(BY_RANK) do
        local index = (byte >> 3) + 1
        local bit = 1 << (byte & 7)
        local sign = {}
        for i, set in ipairs(distinct) do
            sign[i] = set:byte(index) & bit ~= 0 and "1" or "0"
        end
        local key = kind_of[byte] .. (apart[byte] and ":" .. byte or "") .. ":" .. table.concat(sign)
        local letter = by_sign[key]
        if not letter then
            letter = { byte = byte, index = #letters + 1 }
            by_sign[key] = letter
            letters[#letters + 1] = letter
        end
        of_byte[byte] = letter
    end
    return setmetatable({ all = letters, of_byte = of_byte, numbers = {}, count = 0, members = {} }, Alphabet)
end

--- A small number for the set, the same for equal sets.
function Alphabet:set_number(set)
    local number = self.numbers[set]
    if not number then
        number = self.count
        self.count = number + 1
        self.numbers[set] = number
    end
    return number
end

--- The letters of a set, the best to read first.
function Alphabet:of_set(set)
    local list = self.members[set]
    if not list then
        list = {}
        for _, letter in ipairs(self.all) do
            if M.holds(set, letter.byte) then
                list[#list + 1] = letter
            end
        end
        self.members[set] = list
    end
    return list
end

return M
