--- Splits a pattern into tokens with one flat LPeg pattern.
-- Flat, because LPeg 1.0 gives up near 200 nested captures and patterns nest to 1,000; parse.lua
-- folds the stream. The stream is an array of triples (from, kind, value) and the offset after
-- the end. What is wrong becomes a token of kind "error" whose value is the message.
-- kind and value: "char" number · "class" items · "perl" letter · "dot" · "assert" kind ·
-- "repeat" {min, max, lazy} · "open" name or false · "scope" flags · "flags" flags · "close" · "bar" ·
-- "mark" (\Q and \E, which only end an operand).
-- A character is a number: 0 to 0x7F ASCII, from 0x80 a code point, negative -b for the raw byte b >= 0x80.
local lpeg = require "lpeg"

local P, R, S = lpeg.P, lpeg.R, lpeg.S
local C, Cc, Cp, Ct = lpeg.C, lpeg.Cc, lpeg.Cp, lpeg.Ct

local M = {}

local MAX_REPEAT = 1000
local MAX_CODE_POINT = 0x10FFFF
local MAX_NAME = 64 -- how far a :] is looked for after [:, so that many [: stay linear

local any = P(1)
local digit, oct, hex = R "09", R "07", R("09", "af", "AF")
local alnum = R("09", "AZ", "az")
local ascii = R "\0\127"
-- The pattern is known to be UTF-8 when this runs.
local wide = R "\194\244" * R "\128\191" ^ 1

local CODE = {} -- one ASCII character as a string -> its number
for byte = 0, 127 do CODE[string.char(byte)] = byte end

local function error_token(message)
    return "error", message
end

--- A number from \xHH, \x{…} or an octal escape: up to 0xFF it is a byte.
local function char_token(value)
    return "char", value < 0x80 and value or value <= 0xFF and -value or value
end

local function hex_escape(digits)
    digits = digits:match "^0*(.*)$"
    local value = #digits <= 6 and (tonumber(digits, 16) or 0) or MAX_CODE_POINT + 1
    if value > MAX_CODE_POINT or value >= 0xD800 and value <= 0xDFFF then
        return error_token "\\x{…} is not a character: use up to FF for a byte or a Unicode code point"
    end
    return char_token(value)
end

local function octal_escape(digits)
    local value = tonumber(digits, 8)
    if value > 0xFF then
        return error_token("\\" .. digits .. " is not a byte: octal escapes end at \\377")
    end
    return char_token(value)
end

local BACK_REFERENCE = "back-references are not supported: no linear-time search can follow them"
local UNICODE_CLASS = "Unicode classes (\\p) are not supported: list the characters in a class"
local BAD_ESCAPE = {
    p = UNICODE_CLASS, P = UNICODE_CLASS,
    k = BACK_REFERENCE, g = BACK_REFERENCE,
    C = "\\C is not supported: use (?s:.) for any byte",
    Z = "\\Z is not supported: use \\z for the end of the text",
    E = "\\E without \\Q before it",
    x = "\\x is followed by two hexadecimal digits or by {digits}",
    [""] = "the pattern ends in a backslash: write \\\\ for a backslash",
}
for n = 1, 9 do BAD_ESCAPE[tostring(n)] = BACK_REFERENCE end

local function bad_escape(char)
    return error_token(BAD_ESCAPE[char] or ("unknown escape \\%s"):format(char))
end

local function bad_class_escape(char)
    if char == "b" or char == "B" or char == "A" or char == "z" then
        return error_token(("\\%s is not a character: it cannot stand in a class"):format(char))
    end
    return bad_escape(char)
end

local CONTROL = { a = 7, f = 12, n = 10, r = 13, t = 9, v = 11 }

--- After the backslash: the escapes that stand for one character.
local escaped_char = Cc "char" * ((ascii - alnum) / CODE)
    + Cc "char" * (S "afnrtv" / CONTROL)
    + P "x{" * C(hex ^ 1) * P "}" / hex_escape
    + P "x" * C(hex * hex) / hex_escape
    + C(R "17" * oct * oct ^ -1 + P "0" * oct ^ -2) / octal_escape
local unknown_char = C(wide + any ^ -1)

-- Classes: Ct { negated, items as triples: "char" lo hi · "perl" letter · "posix" name · "error" }

local POSIX = {}
for name in ("alnum alpha ascii blank cntrl digit graph lower print punct space upper word xdigit")
    :gmatch "%a+" do
    POSIX[name], POSIX["^" .. name] = name, "^" .. name
end

local function posix_item(name)
    if POSIX[name] then return "posix", name, 0 end
    return "error", ("unknown class [:%s:]: use one of alnum alpha ascii blank cntrl digit graph "
        .. "lower print punct space upper word xdigit"):format(name), 0
end

--- lo and hi arrive as (kind, value) pairs; a single character has no hi.
local function char_item(kind, lo, hi_kind, hi)
    if kind == "error" then return kind, lo, 0 end
    if hi_kind == "error" then return hi_kind, hi, 0 end
    hi = hi or lo
    local raw = lo < 0 or hi < 0
    if raw and (lo > 0x7F or hi > 0x7F) then
        return "error", "a range cannot run between a byte (\\x80 to \\xFF) and a character", 0
    end
    local first, last = math.abs(lo), math.abs(hi)
    if first > last then
        return "error", "the range ends before it begins: swap its ends", 0
    end
    return raw and "bytes" or "char", first, last
end

local class_char = P "\\" * (escaped_char + unknown_char / bad_class_escape)
    + Cc "char" * (ascii / CODE + wide / utf8.codepoint)
local class_range = class_char * (P "-" * #any * (class_char - P "]")) ^ -1 / char_item
local class_item = Cp() * (
    P "[:" * C((any - P ":]") ^ -MAX_NAME) * P ":]" / posix_item
    + P "\\" * Cc "perl" * C(S "dDsSwW") * Cc(0)
    + class_range)
-- Right after the opening bracket a ] is a member.
local class = P "[" * Ct((P "^" * Cc(true) + Cc(false))
    * (Cp() * #P "]" * class_range) ^ -1
    * (class_item - P "]") ^ 0) * P "]"

-- Repeats

local function operator(char, min, max)
    return P(char) * Cc "repeat" * (P "?" * Cc { min = min, max = max, lazy = true }
        + Cc { min = min, max = max, lazy = false })
end

local function counted(min, comma, max, lazy)
    min = tonumber(min)
    max = comma == "" and min or tonumber(max)
    if min > MAX_REPEAT or max and max > MAX_REPEAT then
        return error_token("a count goes up to 1,000: split the repeat, or use {n,} without limit")
    end
    if max and max < min then
        return error_token "the counts of a repeat are {least,most}: swap them"
    end
    return "repeat", { min = min, max = max, lazy = lazy == "?" }
end

local integer = P "0" * -digit + R "19" * digit ^ 0
local counts = P "{" * C(integer) * C(P "," ^ -1) * C(integer ^ -1) * P "}" * C(P "?" ^ -1)

-- Groups

local flag_text = C(S "imsU" ^ 0 * (P "-" * S "imsU" ^ 1) ^ -1)
local name = P "P" ^ -1 * P "<" * C((alnum + "_") ^ 1) * P ">"
local LOOK = "look-around is not supported: no linear-time search can follow it"
local BAD_NAME = "a group's name is made of letters, digits and _, and ends in >"
local BAD_GROUP = "unknown group (?…: use (?:…), (?P<name>…), or flags of i m s U as in (?i-s:…)"

local group = P "(?" * (
    (P "<=" + "<!" + "=" + "!") * Cc "error" * Cc(LOOK)
    + Cc "open" * name
    + (P "P<" + "<") * Cc "error" * Cc(BAD_NAME)
    + (P "P=" + "P>") * Cc "error" * Cc(BACK_REFERENCE)
    + Cc "scope" * flag_text * P ":"
    + Cc "flags" * flag_text * P ")"
    + Cc "error" * Cc(BAD_GROUP))
    + P "(" * Cc "open" * Cc(false)

-- The stream

local quoted = Cp() * Cc "mark" * P "\\Q" * Cc(false)
    * (-P "\\E" * Cp() * Cc "char" * (ascii / CODE + wide / utf8.codepoint)) ^ 0
    * (Cp() * Cc "mark" * P "\\E" * Cc(false)) ^ -1

local simple_escape = P "\\" * (escaped_char
    + Cc "perl" * C(S "dDsSwW")
    + Cc "assert" * (P "b" * Cc "word" + P "B" * Cc "not_word"
        + P "A" * Cc "text_begin" + P "z" * Cc "text_end")
    + unknown_char / bad_escape)

local token = Cp() * (
    Cc "char" * ((ascii - S "\\[({*+?.|)^$") / CODE)
    + simple_escape
    + Cc "class" * class
    + group
    + P ")" * Cc "close" * Cc(false)
    + P "|" * Cc "bar" * Cc(false)
    + operator("*", 0, nil) + operator("+", 1, nil) + operator("?", 0, 1)
    + counts / counted
    + P "." * Cc "dot" * Cc(false)
    + P "^" * Cc "assert" * Cc "^"
    + P "$" * Cc "assert" * Cc "$"
    + Cc "char" * (P "{" / CODE)
    + Cc "char" * (wide / utf8.codepoint)
    + P "[" * any ^ 0 * Cc "error" * Cc "this class has no closing ]") -- the rest: many [ stay linear

local stream = Ct((quoted + token) ^ 0 * Cp())

--- The token stream of a pattern, or nil and the offset of the first byte that is not UTF-8.
function M.scan(pattern)
    local length, bad = utf8.len(pattern)
    if not length then return nil, bad end
    return stream:match(pattern)
end

return M
