--- Types of values that came out of a sandbox, and tables of fields against a description of them.
-- A description: field name -> { test, what } with test(value) -> true, or false and what is wrong.
-- Nothing here trusts the shape of a value: only type(), raw fields and lengths are looked at.
local M = {}

--- A value in words: "a string", "nothing", "a function".
function M.describe(value)
    local kind = type(value)
    if kind == "nil" then return "nothing" end
    if kind == "table" then
        if type(value.unsupported) == "string" then return "a " .. value.unsupported end
        if type(value.kind) == "string" then
            return (value.kind:find "^[aeiou]" and "an " or "a ") .. value.kind
        end
        return "a table"
    end
    if value ~= value then return "a number that is none" end
    if kind == "number" then return math.type(value) == "integer" and "an integer" or "a number with a fraction" end
    return "a " .. kind
end

function M.is_list(value)
    if type(value) ~= "table" or value.kind ~= nil or value.unsupported ~= nil then return false end
    local n = #value
    for key in pairs(value) do
        if math.type(key) ~= "integer" or key < 1 or key > n then return false end
    end
    return true
end

--- Text for people: UTF-8 without control characters but tabs and line ends.
function M.is_text(value)
    return type(value) == "string" and utf8.len(value) ~= nil and not value:find "[%z\1-\8\11\12\14-\31\127]"
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

-- name -> { test, in words, how to write one }
M.types = {
    text = { M.is_text, "UTF-8 text", '"text"' },
    string = { is_string, "a string", '"text"' },
    boolean = { function(value) return type(value) == "boolean" end, "true or false", "true" },
    integer = { is_integer, "an integer", "2" },
    natural = { function(value) return is_integer(value) and value >= 0 end, "an integer from 0", "2" },
    number = { is_number, "a number", "3.5" },
    texts = { list_of(M.is_text), "a list of UTF-8 texts", '{ "one", "two" }' },
    strings = { list_of(is_string), "a list of strings", '{ "one", "two" }' },
    list = { M.is_list, "a list", "{ one, two }" },
    table = {
        function(value) return type(value) == "table" and value.unsupported == nil end,
        "a table", "{ name = value }",
    },
    meta = {
        function(value) return type(value) == "table" and (next(value) == nil or not M.is_list(value))
            and is_plain(value, 0) end,
        "a table with names as keys, of strings, numbers, booleans and tables of them", '{ owner = "team" }',
    },
    capture = {
        function(value) return (is_integer(value) and value >= 0) or (is_string(value) and value ~= "") end,
        "the number or the name of a group", "1",
    },
    any = { function() return true end, "anything", "nil" },
}

return M
