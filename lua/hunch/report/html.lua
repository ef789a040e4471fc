-- The HTML report: one file that loads nothing, sorts and filters tens of thousands of findings. Findings are
-- written as they come, in JSON data blocks; a content security policy admits the report's own script and
-- style by their hash and nothing else.
local M = {}

local base64 = require "hunch.report.base64"
local depths = require "hunch.report.depths"
local json = require "hunch.report.json"
local page = require "hunch.report.html_page"
local sha256 = require "hunch.report.sha256"
local spool = require "hunch.report.spool"
local visible = require "hunch.report.visible"

local concat, format = table.concat, string.format

local BLOCK = 1 << 20 -- bytes of one data block
local SHOWN = 400 -- characters of a match
local AROUND = 80 -- characters of its line on each side

local SEVERITY_INDEX = { critical = 0, high = 1, medium = 2, low = 3, info = 4 }

-- JSON inside of a script element: nothing in it may look like markup.
local ESCAPES = { ["<"] = "\\u003c", [">"] = "\\u003e", ["&"] = "\\u0026" }

local function quote(text)
    local _, last = text:find '^[^%c"\\<>&]*'
    if last == #text then
        return '"' .. text .. '"'
    end
    return (json.string(text):gsub("[<>&]", ESCAPES))
end

-- Bytes of a record for the eye: lines stay lines, everything odd is spelt out.
local function show(bytes, room)
    if not bytes:find("\n", 1, true) then
        local text, _, cut = visible.head(bytes, room)
        return cut and text .. "…" or text
    end
    local lines = {}
    for line, newline in bytes:gmatch("([^\n]*)(\n?)") do
        if line == "" and newline == "" then
            break
        elseif #lines == 8 then
            lines[9] = "…"
            break
        end
        local text, width, cut = visible.head(line, room)
        room = math.max(0, room - width)
        lines[#lines + 1] = cut and text .. "…" or text
    end
    return concat(lines, "\n")
end

local function tail(bytes, room)
    local text, _, cut = visible.tail(bytes, room)
    return cut and "…" .. text or text
end

local Report = {}
Report.__index = Report

---@param write fun(text: string)
function M.new(write, options)
    return setmetatable({
        write = write, context = options.context, rules = options.rules, version = options.version,
        index = {}, names = {}, block_size = nil, incompletes = spool.new(), any_incomplete = false,
    }, Report)
end

local function hash_source(text)
    return "'sha256-" .. base64.encode(sha256.digest(text)) .. "'"
end

function Report:start()
    local policy = "default-src 'none'; style-src " .. hash_source(page.style) .. "; script-src "
        .. hash_source(page.script) .. "; base-uri 'none'; form-action 'none'"
    local parts = { policy, page.style }
    self.write((page.head:gsub("%%s", function()
        return table.remove(parts, 1)
    end)))
end

-- The number of a rule in the table that stands at the end of the report.
local function rule_index(self, match)
    local index = self.index[match.rule]
    if not index then
        index = #self.names
        self.index[match.rule] = index
        self.names[index + 1] = "[" .. quote(visible.escape(match.rule)) .. ","
            .. quote(visible.escape(match.title or "")) .. "]"
    end
    return index
end

local function end_block(self)
    if self.block_size then
        self.write("]</script>\n")
        self.block_size = nil
    end
end

-- The way from the source to the sink: [how deep in calls, what, where, source] of each step.
local function steps_of(witness)
    local parts = {}
    for i, step, depth in depths.each(witness) do
        parts[i] = concat {
            "[", tostring(depth), ",", quote(step.what), ",",
            quote(format("%s:%d:%d", visible.escape(step.record), step.line, step.column)), ",",
            quote(show(step.text or "", SHOWN)), "]",
        }
    end
    return ",[" .. concat(parts, ",") .. "]"
end

function Report:match(match)
    local before, after, cut = self.context:around(match)
    before = tail(before, AROUND)
    if cut and before:sub(1, #"…") ~= "…" then
        before = "…" .. before
    end
    local text = concat {
        "[", tostring(SEVERITY_INDEX[match.severity] or 2), ",", tostring(rule_index(self, match)), ",",
        quote(visible.escape(match.record)), format(",%d,%d,", match.line, match.column), quote(before), ",",
        quote(show(match.text, SHOWN)), ",", quote(show(after, AROUND)),
        match.witness and #match.witness > 0 and steps_of(match.witness) or "", "]",
    }
    if not self.block_size then
        self.write('<script type="application/json" data-block="findings">[')
        self.block_size = 0
    else
        self.write(",\n")
    end
    self.write(text)
    self.block_size = self.block_size + #text
    if self.block_size > BLOCK then
        end_block(self)
    end
end

function Report:incomplete(entry)
    local fields = {}
    for i, field in ipairs { "record", "rule", "reason", "detail" } do
        fields[i] = quote(visible.escape(entry[field] or ""))
    end
    self.incompletes:add((self.any_incomplete and ",\n[" or "[") .. concat(fields, ",") .. "]")
    self.any_incomplete = true
end

function Report.profile()
end

function Report.decisions()
end

function Report:finish(summary)
    end_block(self)
    self.write('<script type="application/json" data-block="incomplete">[')
    self.incompletes:drain(self.write)
    self.write("]</script>\n")
    local line = format("%d match%s in %d record%s, %d bytes, %.2f seconds, backend %s%s, hunch %s", summary.matches,
                        summary.matches == 1 and "" or "es", summary.records, summary.records == 1 and "" or "s",
                        summary.bytes, summary.seconds, summary.backend,
                        summary.note and " (" .. summary.note .. ")" or "", self.version)
    self.write('<script type="application/json" id="about">{"summary":' .. quote(line) .. ',"rules":['
               .. concat(self.names, ",") .. "]}</script>\n")
    self.write((page.foot:gsub("%%s", function()
        return page.script
    end)))
end

return M
