-- Entropy and checksums by their definitions, for comparison with the tile functions.

local M = {}

local function digit_list(text, letters)
    local list = {}
    for c in text:gsub("[ -]", ""):upper():gmatch "." do
        local value = tonumber(c, 36)
        if not value or (not letters and value > 9 and c ~= "X") then
            return nil
        end
        list[#list + 1] = c == "X" and not letters and "X" or value
    end
    return list
end

--- Bits per byte, by floats.
function M.entropy(text)
    local counts = {}
    for i = 1, #text do
        local byte = text:byte(i)
        counts[byte] = (counts[byte] or 0) + 1
    end
    local sum = 0.0
    for byte = 0, 255 do
        if counts[byte] then
            sum = sum - counts[byte] / #text * math.log(counts[byte] / #text, 2)
        end
    end
    return sum
end

-- Digits from the right, each place weighted, modulo.
local function weighted(text, modulus, weight, length)
    local digits = digit_list(text)
    if not digits or #digits < 2 or (length and #digits ~= length) then
        return false
    end
    local sum = 0
    for place = 1, #digits do
        local digit = digits[#digits + 1 - place]
        if digit == "X" then
            if modulus ~= 11 or place > 1 then
                return false
            end
            digit = 10
        end
        sum = sum + weight(place, digit)
    end
    return sum % modulus == 0
end

local checks = {}

function checks.luhn(text)
    return weighted(text, 10, function(place, digit)
        if place % 2 == 1 then
            return digit
        end
        local double = tostring(digit * 2)
        return double:byte(1) - 48 + (#double > 1 and double:byte(2) - 48 or 0)
    end)
end

local function gs1(place, digit)
    return place % 2 == 1 and digit or 3 * digit
end

local function position(place, digit)
    return place * digit
end

function checks.mod10(text) return weighted(text, 10, gs1) end
function checks.ean13(text) return weighted(text, 10, gs1, 13) end
function checks.mod11(text) return weighted(text, 11, position) end
function checks.isbn10(text) return weighted(text, 11, position, 10) end

function checks.aba(text)
    return weighted(text, 10, function(place, digit) return ({ 1, 7, 3 })[(place - 1) % 3 + 1] * digit end, 9)
end

-- Long division, one decimal digit after the other.
local function remainder_97(decimal)
    local rest = 0
    for c in decimal:gmatch "." do
        rest = (rest * 10 + tonumber(c)) % 97
    end
    return rest
end

function checks.mod97(text)
    local digits = digit_list(text)
    local plain = digits and table.concat(digits) or ""
    return #plain >= 3 and not plain:find "X" and remainder_97(plain) == 1
end

function checks.iban(text)
    local plain = text:gsub("[ -]", ""):upper()
    if not plain:find "^%u%u%d%d%w+$" or #plain < 15 or #plain > 34 then
        return false
    end
    return remainder_97(table.concat(digit_list(plain:sub(5) .. plain:sub(1, 4), true))) == 1
end

-- Tables as they are printed in the literature.
local verhoeff_d = {
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
}
local verhoeff_p = {
    "0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258",
}
local damm_rows = {
    "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
    "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
}

local function at(rows, row, column)
    return rows[row + 1]:byte(column + 1) - 48
end

function checks.verhoeff(text)
    local digits = digit_list(text)
    if not digits or #digits < 2 or digits[#digits] == "X" then
        return false
    end
    local check = 0
    for place = 0, #digits - 1 do
        local digit = digits[#digits - place]
        if digit == "X" then
            return false
        end
        check = at(verhoeff_d, check, at(verhoeff_p, place % 8, digit))
    end
    return check == 0
end

function checks.damm(text)
    local digits = digit_list(text)
    if not digits or #digits < 2 then
        return false
    end
    local check = 0
    for _, digit in ipairs(digits) do
        if digit == "X" then
            return false
        end
        check = at(damm_rows, check, digit)
    end
    return check == 0
end

-- CRC-32 by polynomial division, most significant bit first over reflected bytes.
function M.crc32(text)
    local register = 0xffffffff
    for i = 1, #text do
        for bit = 0, 7 do
            local top = register >> 31 ~ (text:byte(i) >> bit & 1)
            register = (register << 1 & 0xffffffff) ~ (top == 1 and 0x04c11db7 or 0)
        end
    end
    local reflected = 0
    for bit = 0, 31 do
        reflected = reflected | (register >> bit & 1) << (31 - bit)
    end
    return ~reflected & 0xffffffff
end

local base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

--- The six digits that GitHub's tokens end in.
function M.base62(value)
    local digits = {}
    for place = 6, 1, -1 do
        digits[place] = base62:sub(value % 62 + 1, value % 62 + 1)
        value = value // 62
    end
    return table.concat(digits)
end

checks["crc32-base62"] = function(text)
    return #text >= 6 and M.base62(M.crc32(text:sub(1, -7))) == text:sub(-6)
end

checks["crc32-hex"] = function(text)
    return #text >= 8 and ("%08x"):format(M.crc32(text:sub(1, -9))) == text:sub(-8):lower()
end

--- name -> function(text) -> boolean
M.checks = checks

return M
