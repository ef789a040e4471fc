-- The byte model: how often a literal or a run of a class is to be expected in a megabyte of what people scan.
-- Pairs of bytes, overridden by the longer n-grams (up to 6 bytes) that real text holds oftener than its pairs say.
-- Invariant: an answer orders choices and never decides what is found. Called by the literals pass and by anchors.

local charset = require "hunch.regex.charset"
local data = require "hunch.ngram_data"

local M = {}

M.WINDOW = 4 -- bytes of a literal that the first filter looks at
M.RUN = 7 -- bytes that a device's first filter looks at

local MEGABYTE = 1 << 20
local SYMBOLS = 144 -- ASCII, then 16 blocks of high bytes
local BLOCK_BITS = 3 -- a block is 8 bytes
local LONGEST_GRAM = 6
local RARE = 32 -- bits from which a literal is as rare as can be: once in 4 GB
local MEMO_LIMIT = 20000

local model -- decoded when first asked

local function level(code) -- quarter bits; quote and backslash are not used as digits
    return ((code > 92 and code - 1 or code) - 35) / 4
end

local function decode()
    local first, following = {}, {}
    for s = 0, SYMBOLS - 1 do
        first[s] = level(data.pairs:byte(s + 1))
    end
    for index = 0, SYMBOLS * SYMBOLS - 1 do
        following[index] = level(data.pairs:byte(SYMBOLS + index + 1))
    end
    local grams = {}
    for length = 3, LONGEST_GRAM do
        local list = data["grams" .. length]
        for at = 1, #list, length + 1 do
            grams[list:sub(at, at + length - 1)] = level(list:byte(at + length))
        end
    end
    return { first = first, following = following, grams = grams, memo = {}, memo_size = 0 }
end

local function symbol_of(byte)
    return byte < 128 and byte or 128 + ((byte - 128) >> 3)
end

-- -log2 of the chance that the bytes stand at a given place.
local function bits_of(bytes)
    local first, following, grams = model.first, model.following, model.grams
    local sum, previous = 0, nil
    for i = 1, #bytes do
        local byte = bytes:byte(i)
        local symbol = symbol_of(byte)
        if byte >= 128 then
            sum = sum + BLOCK_BITS
        end
        local bits
        for from = math.max(1, i - LONGEST_GRAM + 1), i - 2 do
            bits = grams[bytes:sub(from, i)]
            if bits then
                break
            end
        end
        sum = sum + (bits or (previous and following[previous * SYMBOLS + symbol] or first[symbol]))
        if sum >= RARE then
            break
        end
        previous = symbol
    end
    return sum
end

local function rate(bytes)
    return MEGABYTE * 2.0 ^ -bits_of(bytes)
end

--- Expected occurrences a megabyte of a literal.
function M.hits(bytes, nocase)
    model = model or decode()
    local key = (nocase and "f" or ".") .. bytes
    local known = model.memo[key]
    if known then
        return known
    end
    local sum = rate(bytes)
    if nocase then
        -- Text is lower, upper or capitalised; the other spellings are rare and together about a tenth.
        local lower, upper = bytes:lower(), bytes:upper()
        local capital = upper:sub(1, 1) .. lower:sub(2)
        sum = rate(lower)
        if upper ~= lower then
            sum = sum + rate(upper)
            if capital ~= upper and capital ~= lower then
                sum = (sum + rate(capital)) * 1.1
            end
        end
    end
    if model.memo_size >= MEMO_LIMIT then
        model.memo, model.memo_size = {}, 0
    end
    model.memo[key], model.memo_size = sum, model.memo_size + 1
    return sum
end

-- Windows of a literal that is no longer than one: where none lies inside of it, one that shares three bytes with it.
local function short_windows(bytes, nocase)
    if #bytes == M.WINDOW and M.hits(bytes:sub(2), nocase) < M.hits(bytes:sub(1, 3), nocase) then
        return 0, 0, 1
    end
    return 0, 0, #bytes < 3 and 0 or -1
end

--- Offsets from 0 of the rarest window of up to 4 bytes of a literal, and where, among even and among odd offsets of
--- such windows, the rarest up to M.RUN bytes of it begin; the first of equals. Of a literal that ignores case its
--- lower-case spelling counts.
function M.window(bytes, nocase)
    if #bytes <= M.WINDOW then
        return short_windows(bytes, nocase)
    end
    model = model or decode()
    local first, following, grams = model.first, model.following, model.grams
    if nocase then
        bytes = bytes:lower()
    end
    -- Bits of each byte alone, of each after one, of all up to it after two.
    local alone, pair, sum = {}, {}, { [0] = 0 }
    local previous = 0
    for i = 1, #bytes do
        local symbol = bytes:byte(i)
        local extra = 0
        if symbol >= 128 then
            symbol, extra = symbol_of(symbol), BLOCK_BITS
        end
        alone[i] = first[symbol] + extra
        pair[i] = following[previous * SYMBOLS + symbol] + extra
        sum[i] = sum[i - 1] + (grams[bytes:sub(i - 2, i)] or pair[i])
        previous = symbol
    end
    local best, most = {}, {} -- [1]: of odd places of the string, which are even offsets, [0]: of the others
    local rarest, rarest_bits
    for at = 1, #bytes - M.WINDOW + 1 do
        local begin = alone[at] + pair[at + 1] - sum[at + 1]
        local window, run = begin + sum[at + M.WINDOW - 1], begin + sum[math.min(at + M.RUN - 1, #bytes)]
        if not rarest or window > rarest_bits then
            rarest, rarest_bits = at, window
        end
        if not most[at & 1] or run > most[at & 1] then
            best[at & 1], most[at & 1] = at, run
        end
    end
    return rarest - 1, best[1] - 1, best[0] - 1
end

local function load_classes()
    local classes = {}
    for i, row in ipairs(data.classes) do
        local set, members = "[" .. row[2] .. "]", {}
        for block = 0, 31 do
            local bits = 0
            for bit = 0, 7 do
                if string.char(block << 3 | bit):find(set) then
                    bits = bits | 1 << bit
                end
            end
            members[block + 1] = string.char(bits)
        end
        classes[i] = { set = table.concat(members), rates = row[3] }
    end
    return classes
end

local function interpolate(rates, length)
    local lengths = data.class_lengths
    local hits = rates[1]
    if length < lengths[1] then
        return hits * 2.0 ^ (lengths[1] - length)
    end
    for i, at in ipairs(lengths) do
        if at > length then
            break
        end
        hits = rates[i]
    end
    return hits
end

--- Expected places a megabyte at which `length` bytes of the 32-byte set stand: what is known of the smallest measured
--- class that holds the set.
function M.class_hits(set, length)
    model = model or decode()
    model.classes = model.classes or load_classes()
    local least = MEGABYTE
    for _, class in ipairs(model.classes) do
        if charset.subset(set, class.set) then
            least = math.min(least, interpolate(class.rates, length))
        end
    end
    return least
end

return M
