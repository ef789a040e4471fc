-- Diagnostics of rules on a terminal: hunch.diagnostics writes them, here they are coloured and made safe (rule
-- files may come from anybody).
local M = {}

local diagnostics = require "hunch.diagnostics"
local visible = require "hunch.report.visible"

local COLOUR = { error = "1;31", warning = "1;33", note = "1;34" }

local function read_source(path)
    local file = io.open(path, "rb")
    local text = file and file:read("a")
    if file then
        file:close()
    end
    return text and diagnostics.source(text)
end

--- Writes a list of diagnostics, each with its source line. Files are read once.
---@param list hunch.Diagnostic[]
---@param colour boolean
---@param write fun(text: string)
function M.show(list, colour, write)
    local sources = {}
    for _, d in ipairs(list) do
        if d.file and d.line and sources[d.file] == nil then
            sources[d.file] = read_source(d.file) or false
        end
        for line in diagnostics.render(d, d.file and sources[d.file] or nil):gmatch("([^\n]*)\n") do
            line = visible.escape(line)
            if colour then
                line = line:gsub("^(.-)(" .. d.severity .. " " .. d.code .. ")", function(place, kind)
                    return "\27[1m" .. place .. "\27[0m\27[" .. COLOUR[d.severity] .. "m" .. kind .. "\27[0m"
                end, 1)
            end
            write(line .. "\n")
        end
    end
end

return M
