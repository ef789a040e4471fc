-- JSON text, always the same for the same value: keys of tables are sorted, reports write their own
-- objects field by field. Strings must be UTF-8; who may hold other bytes asks `is_utf8` first.
local M = {}

local base64 = require "hunch.report.base64"

local find, format, gsub = string.find, string.format, string.gsub
local utf8_len = utf8.len

local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f",
                  ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }
setmetatable(ESCAPES, { __index = function(_, c)
    return format("\\u%04x", c:byte())
end })

---@param bytes string
---@return boolean
function M.is_utf8(bytes)
    return utf8_len(bytes) ~= nil
end

--- A string that is UTF-8, quoted. DEL is escaped as well, so that the output is safe on a terminal.
---@param text string
---@return string
function M.string(text)
    if find(text, '[%c"\\]') then
        text = gsub(text, '[%c"\\]', ESCAPES)
    end
    return '"' .. text .. '"'
end

--- A text for people: what is not UTF-8 in it is replaced.
---@param text string
---@return string
function M.lossy(text)
    local parts, at = {}, 1
    while true do
        local _, bad = utf8_len(text, at)
        if not bad then
            parts[#parts + 1] = text:sub(at)
            return table.concat(parts)
        end
        parts[#parts + 1] = text:sub(at, bad - 1) .. "\u{fffd}"
        at = bad + 1
    end
end

--- The member `"name":"…"`, or `"name_b64":"…"` when the bytes are not UTF-8.
---@param name string
---@param bytes string
---@return string
function M.bytes_member(name, bytes)
    if utf8_len(bytes) then
        return '"' .. name .. '":' .. M.string(bytes)
    end
    return '"' .. name .. '_b64":"' .. base64.encode(bytes) .. '"'
end

--- The shortest decimal that reads back as the same number; infinities and NaN, which JSON lacks, are null.
---@param number number
---@return string
function M.number(number)
    if math.type(number) == "integer" then
        return format("%d", number)
    end
    if number ~= number or number == math.huge or number == -math.huge then
        return "null"
    end
    for digits = 14, 17 do
        local text = format("%." .. digits .. "g", number)
        if tonumber(text) == number then
            return text
        end
    end
end

local function sorted_keys(map)
    local keys = {}
    for key in pairs(map) do
        keys[#keys + 1] = tostring(key)
    end
    table.sort(keys)
    return keys
end

local encode

local function encode_table(value, depth)
    if depth > 100 then
        return '"(nested too deeply)"'
    end
    local parts = {}
    if #value > 0 then
        for i = 1, #value do
            parts[i] = encode(value[i], depth + 1)
        end
        return "[" .. table.concat(parts, ",") .. "]"
    end
    for i, key in ipairs(sorted_keys(value)) do
        local member = value[key]
        if member == nil then
            member = value[tonumber(key)]
        end
        local name = utf8_len(key) and key or base64.encode(key)
        parts[i] = M.string(name) .. ":" .. encode(member, depth + 1)
    end
    return "{" .. table.concat(parts, ",") .. "}"
end

function encode(value, depth)
    local kind = type(value)
    if kind == "string" then
        if utf8_len(value) then
            return M.string(value)
        end
        return '{"b64":"' .. base64.encode(value) .. '"}'
    elseif kind == "number" then
        return M.number(value)
    elseif kind == "table" then
        return encode_table(value, depth)
    elseif kind == "nil" then
        return "null"
    end
    return kind == "boolean" and tostring(value) or M.string(tostring(value))
end

--- Any value. A table with an array part is an array, every other one (an empty one too) an object.
---@param value any
---@return string
function M.encode(value)
    return encode(value, 1)
end

--- A list of strings as an array, an empty one too.
---@param list string[]
---@return string
function M.strings(list)
    local parts = {}
    for i = 1, #list do
        parts[i] = encode(list[i], 1)
    end
    return "[" .. table.concat(parts, ",") .. "]"
end

return M
