--- Types of values that came out of a sandbox, and tables of fields against a description of them.
-- A description: field name -> { test, what } with test(value) -> true, or false and what is wrong.
-- Nothing here trusts the shape of a value: only type(), raw fields and lengths are looked at.
local sorted = require "hunch.sorted"

local M = {}

--- A value in words: "a string", "nothing", "a function".
function M.describe(value)
    local kind = type(value)
    if kind == "nil" then return "nothing" end
    if kind == "table" then
        if type(value.unsupported) == "string" then return "a " .. value.unsupported end
        if value.kind == "unknown" and type(value.name) == "string" then
            return ("what %s should give"):format(value.name)
        end
        if type(value.kind) == "string" then
            return (value.kind:find "^[aeiou]" and "an " or "a ") .. value.kind
        end
        return "a table"
    end
    if value ~= value then return "NaN, which is no number" end
    if value == math.huge or value == -math.huge then return "infinity" end
    if kind == "number" then return math.type(value) == "integer" and "an integer" or "a number with a fraction" end
    return "a " .. kind
end

function M.is_list(value)
    if type(value) ~= "table" or value.kind ~= nil or value.unsupported ~= nil then return false end
    local n, found = #value, 0
    for key in pairs(value) do
        if math.type(key) ~= "integer" or key < 1 or key > n then return false end
        found = found + 1
    end
    return found == n -- of a list with a hole, # may be its end
end

--- Text for people: UTF-8 without control characters but tabs and line ends.
function M.is_text(value)
    return type(value) == "string" and utf8.len(value) ~= nil and not value:find "[%z\1-\8\11\12\14-\31\127]"
end

--- In words, why a value is no text.
local function not_text(value)
    if type(value) ~= "string" then return M.describe(value) end
    local length, at = utf8.len(value)
    if not length then return ("bytes that are not UTF-8, from byte %d on"):format(at) end
    at = value:find "[%z\1-\8\11\12\14-\31\127]"
    return ("text with the control character 0x%02X at byte %d"):format(value:byte(at), at)
end

--- Of a number that has the wrong size or a fraction, the number itself says most.
function M.show_number(value)
    local finite = type(value) == "number" and value == value and math.abs(value) ~= math.huge
    return finite and tostring(value) or M.describe(value)
end

local function not_a_list(value)
    local plain = type(value) == "table" and value.kind == nil and value.unsupported == nil
    return plain and "a table with names or holes" or M.describe(value)
end

local function list_of(is_item)
    return function(value)
        if not M.is_list(value) then return false end
        for i = 1, #value do
            if not is_item(value[i]) then return false, i end
        end
        return true
    end
end

local function is_string(value) return type(value) == "string" end
local function is_integer(value) return math.type(value) == "integer" end
local function is_number(value) return type(value) == "number" and value == value and math.abs(value) ~= math.huge end

--- Values that JSON can say, for `meta`.
local function is_plain(value, depth)
    local kind = type(value)
    if kind == "string" then return M.is_text(value) end
    if kind == "boolean" then return true end
    if kind == "number" then return is_number(value) end
    if kind ~= "table" or depth > 16 or value.unsupported ~= nil then return false end
    local list = M.is_list(value)
    for key, each in pairs(value) do
        if not list and not M.is_text(key) then return false end
        if not is_plain(each, depth + 1) then return false end
    end
    return true
end

--- Which entry of a `meta` JSON cannot say, and why; nil when none is at fault.
local function not_plain(value, path, depth)
    if is_plain(value, depth) then return nil end
    if type(value) ~= "table" or value.unsupported ~= nil then
        return path .. " is " .. (type(value) == "string" and not_text(value) or M.describe(value))
    end
    if depth > 16 then return path .. " is nested too deep" end
    local list = M.is_list(value)
    for _, key in ipairs(sorted.keys(value)) do
        if not list and not M.is_text(key) then return ("a key of %s is %s"):format(path, not_text(key)) end
        local fault = not_plain(value[key], path .. (list and ("[%d]"):format(key) or "." .. key), depth + 1)
        if fault then return fault end
    end
    return nil
end

local function not_meta(value)
    if type(value) ~= "table" or value.unsupported ~= nil then return M.describe(value) end
    return M.is_list(value) and "a list" or "a table where " .. not_plain(value, "meta", 0)
end

-- name -> { test, in words, how to write one, in words what a wrong value is, the same of a wrong entry }
M.types = {
    text = { M.is_text, "UTF-8 text", '"text"', not_text },
    string = { is_string, "a string", '"text"' },
    boolean = { function(value) return type(value) == "boolean" end, "true or false", "true" },
    integer = { is_integer, "an integer", "2", M.show_number },
    natural = { function(value) return is_integer(value) and value >= 0 end, "an integer from 0", "2",
        M.show_number },
    number = { is_number, "a number", "3.5" },
    texts = { list_of(M.is_text), "a list of UTF-8 texts", '{ "one", "two" }', not_a_list, not_text },
    strings = { list_of(is_string), "a list of strings", '{ "one", "two" }', not_a_list },
    list = { M.is_list, "a list", "{ one, two }", not_a_list },
    table = {
        function(value) return type(value) == "table" and value.unsupported == nil end,
        "a table", "{ name = value }",
    },
    meta = {
        function(value) return type(value) == "table" and (next(value) == nil or not M.is_list(value))
            and is_plain(value, 0) end,
        "a table with names as keys, of strings, numbers, booleans and tables of them", '{ owner = "team" }', not_meta,
    },
    capture = {
        function(value) return (is_integer(value) and value >= 0) or (is_string(value) and value ~= "") end,
        "the number or the name of a group", "1",
        function(value) return value == "" and "an empty string" or M.show_number(value) end,
    },
    any = { function() return true end, "anything", "nil" },
}

return M
