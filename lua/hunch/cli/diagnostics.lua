-- Diagnostics of rules as people read them: place, code, message, the source line with a caret, what to do.
local M = {}

local visible = require "hunch.report.visible"

local WIDTH = 100
local COLOUR = { error = "1;31", warning = "1;33", note = "1;34" }

local function source_line(path, number)
    local file = io.open(path, "rb")
    if not file then
        return nil
    end
    local line
    for _ = 1, number do
        line = file:read("l")
        if not line then
            break
        end
    end
    file:close()
    return line
end

---@param d table a diagnostic (docs/INTERNALS.md, section 7)
---@param colour boolean
---@return string
function M.render(d, colour)
    local function paint(code, text)
        return colour and "\27[" .. code .. "m" .. text .. "\27[0m" or text
    end
    local where = d.file and visible.escape(d.file) .. ":" or ""
    if d.line then
        where = where .. d.line .. ":" .. (d.column and d.column .. ":" or "")
    end
    local parts = { paint("1", where), where ~= "" and " " or "",
                    paint(COLOUR[d.severity] or "1", d.severity .. " " .. d.code), ": ", visible.escape(d.message),
                    "\n" }
    local line = d.file and d.line and source_line(d.file, d.line)
    if line then
        local number = tostring(d.line)
        parts[#parts + 1] = "  " .. number .. " | " .. (visible.head(line, WIDTH)) .. "\n"
        if d.column then
            local _, width = visible.head(line:sub(1, d.column - 1), WIDTH)
            parts[#parts + 1] = "  " .. string.rep(" ", #number) .. " | " .. string.rep(" ", width)
                .. paint(COLOUR[d.severity] or "1", "^") .. "\n"
        end
    end
    if d.hint then
        parts[#parts + 1] = "  help: " .. visible.escape(d.hint) .. "\n"
    end
    return table.concat(parts)
end

return M
