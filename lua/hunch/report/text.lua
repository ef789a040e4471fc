-- The report for people: where, which rule, the matched line with what matched underlined. Everything that
-- comes from a record is escaped; long lines are shown as a window around the match.
local M = {}

local depths = require "hunch.report.depths"
local visible = require "hunch.report.visible"

local WIDTH = 100 -- cells of a quoted line
local LEFT = 32 -- cells that what stands before the match may always have

local SEVERITY_COLOUR = { critical = "1;35", high = "1;31", medium = "1;33", low = "1;36", info = "1;34" }

local Report = {}
Report.__index = Report

--- options: `colour` (boolean), `context` (hunch.report.context)
---@param write fun(text: string)
function M.new(write, options)
    return setmetatable({ write = write, colour = options.colour, context = options.context }, Report)
end

function Report.start()
end

local function paint(self, code, text)
    if self.colour then
        return "\27[" .. code .. "m" .. text .. "\27[0m"
    end
    return text
end

-- The quoted line and what goes under it: the first line of the match in its surroundings.
local function excerpt(self, match)
    local before, after, cut_left = self.context:around(match)
    local text = match.text
    local line, more = text, 0 -- the first line of the match, how many newlines it has
    local newline = text:find("\n", 1, true)
    if newline then
        more = select(2, text:gsub("\n", "\n"))
        line = text:sub(1, text:byte(newline - 1) == 13 and newline - 2 or newline - 1)
        after = ""
    end
    local shown, mark_width, cut = visible.head(line, WIDTH - LEFT)
    if cut then
        shown, mark_width, after = shown .. "…", mark_width + 1, ""
    end
    -- The line behind the match gives way to what stands before it, but keeps what that does not need.
    if after:sub(-1) == "\r" then
        after = after:sub(1, -2)
    end
    local behind = visible.read(after, WIDTH)
    local _, after_width = visible.fit(behind, WIDTH)
    local left, left_width, clipped = visible.tail(before, math.max(LEFT, WIDTH - mark_width - after_width))
    if cut_left or clipped then
        left, left_width = "…" .. left, left_width + 1
    end
    local right, _, more_right = visible.fit(behind, math.max(0, WIDTH - left_width - mark_width))
    if more_right then
        right = right .. "…"
    end
    local note = ""
    if not match.redacted and #text < match.last - match.first + 1 then
        note = " …" -- of a very long match the core hands over the beginning only
    elseif more > 0 and not (more == 1 and text:sub(-1) == "\n") then
        note = string.format(" … to line %d", match.line + more - (text:sub(-1) == "\n" and 1 or 0))
    end
    return left .. paint(self, "1;31", shown) .. right,
           string.rep(" ", left_width) .. paint(self, "1;31", string.rep("^", math.max(1, mark_width))) .. note
end

function Report:match(match)
    local severity = match.severity or "medium"
    local title = match.title and match.title ~= "" and "  " .. visible.escape(match.title) or ""
    local number = tostring(match.line)
    local quoted, marks = excerpt(self, match)
    self.write(table.concat {
        paint(self, "1", visible.escape(match.record)), string.format(":%d:%d: ", match.line, match.column),
        paint(self, SEVERITY_COLOUR[severity] or "1", severity), " ", paint(self, "1", visible.escape(match.rule)),
        title, "\n",
        "  ", number, " | ", quoted, "\n",
        "  ", string.rep(" ", #number), " | ", marks, "\n",
    })
    for _, step, depth in depths.each(match.witness or {}) do
        self.write(string.format("    %s%-6s  %s:%d:%d  %s\n", string.rep("  ", depth), step.what,
                                 visible.escape(step.record), step.line, step.column,
                                 (visible.head(step.text or "", WIDTH))))
    end
end

-- What was not scanned and the summary go to standard error: the command prints them for every format that a
-- person reads, also when the report goes to a file.
function Report.incomplete()
end

function Report.profile()
end

function Report.decisions()
end

function Report.finish()
end

return M
