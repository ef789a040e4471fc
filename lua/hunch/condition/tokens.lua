-- Conditions: the tokens of the source, and reading them one after the other. parse.lua gives them a meaning.

local lpeg = require "lpeg"
local reads = require("hunch.condition.ast").reads

local M = {}

local P, R, S, C, Cc, Cp, Ct = lpeg.P, lpeg.R, lpeg.S, lpeg.C, lpeg.Cc, lpeg.Cp, lpeg.Ct
local name_start, name_rest = R("az", "AZ") + "_", R("az", "AZ", "09") + "_"
local name = name_start * name_rest ^ 0
local space = S " \t\r\n\f\v" + "//" * (1 - P "\n") ^ 0 + "/*" * (1 - P "*/") ^ 0 * "*/"
local two = P "==" + "!=" + "<=" + ">=" + "<<" + ">>" + ".."

-- Every token is three captures: where it starts, its kind, its text. An operator's kind is its text.
local token = Cp() * (
    Cc "number" * C(P "0x" * name_rest ^ 0 + P "0o" * name_rest ^ 0 + R "09" ^ 1 * name_rest ^ 0)
    + Cc "name" * C(name)
    + C(two) * Cc ""
    + C(S "$#@!") * C(name ^ -1)
    + Cc "string" * (P '"' * C((1 - S '"\r\n') ^ 0) * '"' + P "'" * C((1 - S "'\r\n") ^ 0) * "'")
    + C(S "+-*/\\%&|^~<>()[],:") * Cc ""
    + Cc "bad" * C(1)
)
local tokens = Ct(space ^ 0 * (token * space ^ 0) ^ 0 * Cp() * Cc "end" * Cc "") * -1

--- Words of the language: not to be had as a name.
M.keywords = {}
for word in ("all and any at defined false filesize for in none not of or rule them true"):gmatch "%a+" do
    M.keywords[word] = true
end
for word in pairs(reads) do
    M.keywords[word] = true
end

--- Raises what M.caught recognises.
function M.fail(position, message, ...)
    error({ condition_error = true, message = message:format(...), position = position }, 0)
end

--- pcall(f, ...) whose failures by M.fail become nil, { message =, position = }; other errors go on.
function M.caught(f, ...)
    local ok, result = pcall(f, ...)
    if ok then
        return result
    elseif type(result) == "table" and result.condition_error then
        return nil, { message = result.message, position = result.position }
    end
    error(result, 0)
end

--- The methods of a reader: `list` is the flat list, `i` the index of the current token's place in it.
M.Reader = {}
local Reader = M.Reader

--- The flat list of a source.
function M.list(source)
    return tokens:match(source)
end

function Reader:kind(ahead)
    return self.list[self.i + 1 + 3 * (ahead or 0)] or "end"
end

function Reader:text(ahead)
    return self.list[self.i + 2 + 3 * (ahead or 0)] or ""
end

function Reader:position()
    return self.list[self.i]
end

function Reader:advance()
    self.i = self.i + 3
end

function Reader:is_word(word, ahead)
    return self:kind(ahead) == "name" and self:text(ahead) == word
end

function Reader:take_word(word)
    if self:is_word(word) then
        self:advance()
        return true
    end
    return false
end

-- What the current token is called in a message.
function Reader:found()
    local kind, text = self:kind(), self:text()
    if kind == "end" then
        return "the end"
    elseif kind == "string" then
        return "a string"
    elseif kind == "bad" and not text:find "[%g ]" then
        return ("the byte 0x%02x"):format(text:byte())
    elseif kind == "number" or kind == "name" or kind == "bad" then
        return "'" .. text .. "'"
    end
    return "'" .. kind .. text .. "'"
end

function Reader:expect(kind, after)
    if self:kind() ~= kind then
        M.fail(self:position(), "'%s' is expected %s, but here is %s", kind, after, self:found())
    end
    self:advance()
end

function Reader:expect_word(word, after)
    if not self:take_word(word) then
        M.fail(self:position(), "'%s' is expected %s, but here is %s", word, after, self:found())
    end
end

--- The value of a number as it is written.
function M.number_value(text, position)
    local digits
    local base, scale = 10, 1
    if text:find "^0[xo]" then
        base = text:sub(2, 2) == "x" and 16 or 8
        digits = text:sub(3)
        if not digits:find(base == 16 and "^%x+$" or "^[0-7]+$") then
            M.fail(position, "'%s' is not a number", text)
        end
    else
        local suffix
        digits, suffix = text:match "^(%d+)(.*)$"
        scale = suffix == "KB" and 1024 or suffix == "MB" and 1048576 or suffix == "" and 1 or nil
        if not scale then
            M.fail(position, "'%s' is not a number; the only suffixes are KB and MB", text)
        end
    end
    local value = 0
    for digit in digits:gmatch "." do
        digit = tonumber(digit, base)
        if value > (math.maxinteger - digit) // base then
            M.fail(position, "'%s' is larger than 9223372036854775807", text)
        end
        value = value * base + digit
    end
    if value > math.maxinteger // scale then
        M.fail(position, "'%s' is larger than 9223372036854775807", text)
    end
    return value * scale
end

return M
