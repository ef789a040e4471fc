-- Any table as an indented outline for people: `hunch explain` and `hunch info`. Keys are sorted, `name` and
-- `title` first; lists of short words stay on one line.
local M = {}

local visible = require "hunch.report.visible"

local WIDTH = 100

local FIRST = { name = 1, title = 2, version = 3 }

local function sorted_keys(map)
    local keys = {}
    for key in pairs(map) do
        if type(key) == "string" then
            keys[#keys + 1] = key
        end
    end
    table.sort(keys, function(a, b)
        local x, y = FIRST[a] or 9, FIRST[b] or 9
        if x ~= y then
            return x < y
        end
        return a < b
    end)
    return keys
end

local function scalar(value)
    if math.type(value) == "float" then
        return string.format("%.6g", value)
    end
    return visible.escape(tostring(value))
end

-- A list of scalars that fits on one line, or nil.
local function one_line(list)
    local parts = {}
    for i, item in ipairs(list) do
        if type(item) == "table" then
            return nil
        end
        parts[i] = scalar(item)
    end
    local text = table.concat(parts, ", ")
    return #text <= WIDTH and text or nil
end

local put

local function put_member(lines, indent, label, value)
    if type(value) == "table" then
        local text = next(value) ~= nil and #value > 0 and next(value, #value) == nil and one_line(value)
        if next(value) == nil then
            lines[#lines + 1] = indent .. label .. "none"
        elseif text then
            lines[#lines + 1] = indent .. label .. text
        else
            lines[#lines + 1] = indent .. label:gsub(" +$", "")
            put(lines, indent .. "  ", value)
        end
    elseif type(value) == "string" and value:find("\n", 1, true) then
        lines[#lines + 1] = indent .. label:gsub(" +$", "")
        for line in value:gmatch("[^\n]+") do
            lines[#lines + 1] = indent .. "  " .. visible.escape(line)
        end
    else
        lines[#lines + 1] = indent .. label .. scalar(value)
    end
end

function put(lines, indent, value)
    for _, item in ipairs(value) do
        if type(item) == "table" then
            local start = #lines + 1
            put(lines, indent .. "  ", item)
            if lines[start] then
                lines[start] = indent .. "- " .. lines[start]:sub(#indent + 3)
            end
        else
            put_member(lines, indent, "- ", item)
        end
    end
    for _, key in ipairs(sorted_keys(value)) do
        put_member(lines, indent, visible.escape(key:gsub("_", " ")) .. ": ", value[key])
    end
end

---@param value table
---@return string
function M.render(value)
    local lines = {}
    put(lines, "", value)
    lines[#lines + 1] = ""
    return table.concat(lines, "\n")
end

return M
