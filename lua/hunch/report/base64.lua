-- Base 64 (RFC 4648, with padding): how bytes that are not UTF-8 travel in JSON.
local M = {}

local byte, char, sub = string.byte, string.char, string.sub
local concat = table.concat
local pack, unpack = string.pack, string.unpack

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

local pair = {} -- 12 bits -> two characters; filled at the first use
local value = {} -- byte of the alphabet -> 6 bits
local value_of_pair = {} -- two such bytes, the first in the low half -> 12 bits

local function fill()
    for high = 0, 63 do
        local first = sub(ALPHABET, high + 1, high + 1)
        value[byte(first)] = high
        for low = 0, 63 do
            pair[high << 6 | low] = first .. sub(ALPHABET, low + 1, low + 1)
            value_of_pair[byte(first) | byte(ALPHABET, low + 1) << 8] = high << 6 | low
        end
    end
end

---@param bytes string
---@return string
function M.encode(bytes)
    if not pair[0] then
        fill()
    end
    local out, n = {}, 0
    local whole = #bytes - #bytes % 3
    for i = 1, whole, 3 do
        local a, b, c = byte(bytes, i, i + 2)
        local bits = a << 16 | b << 8 | c
        out[n + 1] = pair[bits >> 12]
        out[n + 2] = pair[bits & 0xfff]
        n = n + 2
    end
    if #bytes - whole == 1 then
        out[n + 1] = pair[byte(bytes, whole + 1) << 4] .. "=="
    elseif #bytes - whole == 2 then
        local a, b = byte(bytes, whole + 1, whole + 2)
        local bits = (a << 8 | b) << 2
        out[n + 1] = pair[bits >> 6] .. sub(pair[(bits & 0x3f) << 6], 1, 1) .. "="
    end
    return concat(out)
end

-- The 48 bits of eight characters, nil when one is not of the alphabet.
local function eight(text, at)
    local a, b, c, d = unpack("<I2I2I2I2", text, at)
    a, b, c, d = value_of_pair[a], value_of_pair[b], value_of_pair[c], value_of_pair[d]
    if a and b and c and d then
        return a << 36 | b << 24 | c << 12 | d
    end
end

--- The bytes of a base 64 text, or nil when it is not one. Line breaks are not accepted; padding is optional.
---@param text string
---@return string?
function M.decode(text)
    if not pair[0] then
        fill()
    end
    local padding = #text % 4 == 0 and text:match("(=?=?)$") or ""
    local length = #text - #padding
    if length % 4 == 1 then
        return nil
    end
    local out, n = {}, 0
    local whole = length - length % 4
    local at = 1
    -- 32 characters at a time: one string.pack makes 24 bytes of them.
    while at + 31 <= whole do
        local w1, w2 = eight(text, at), eight(text, at + 8)
        local w3, w4 = eight(text, at + 16), eight(text, at + 24)
        if not (w1 and w2 and w3 and w4) then
            return nil
        end
        n = n + 1
        out[n] = pack(">I6I6I6I6", w1, w2, w3, w4)
        at = at + 32
    end
    for i = at, whole, 4 do
        local a, b, c, d = byte(text, i, i + 3)
        a, b, c, d = value[a], value[b], value[c], value[d]
        if not (a and b and c and d) then
            return nil
        end
        n = n + 1
        out[n] = char(a << 2 | b >> 4, (b & 15) << 4 | c >> 2, (c & 3) << 6 | d)
    end
    if length > whole then
        local a, b, c = byte(text, whole + 1, length)
        a, b = value[a], value[b]
        if not (a and b) then
            return nil
        end
        out[n + 1] = char(a << 2 | b >> 4)
        if c then
            c = value[c]
            if not c then
                return nil
            end
            out[n + 2] = char((b & 15) << 4 | c >> 2)
        end
    end
    return concat(out)
end

return M
