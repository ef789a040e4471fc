-- The JSON Lines report: one object a line, fields always in the same order, offsets 0-based and half open.
-- Written with concatenation only, because a scan may print millions of lines.
local M = {}

local json = require "hunch.report.json"

local format, concat = string.format, table.concat
local bytes_member, quote = json.bytes_member, json.string

local function captures_member(captures)
    if not captures or #captures == 0 then
        return "[]"
    end
    local parts = {}
    for i = 1, #captures do
        local span = captures[i]
        parts[i] = span and format("[%d,%d]", span[1] - 1, span[2]) or "null"
    end
    return "[" .. concat(parts, ",") .. "]"
end

local function witness_member(witness)
    local parts = {}
    for i, step in ipairs(witness) do
        parts[i] = format('{%s,"line":%d,"column":%d,"what":%s,%s}', bytes_member("record", step.record),
                          step.line, step.column, quote(step.what), bytes_member("text", step.text or ""))
    end
    return ',"witness":[' .. concat(parts, ",") .. "]"
end

local Report = {}
Report.__index = Report

---@param write fun(text: string)
function M.new(write)
    return setmetatable({ write = write, tails = {}, record = nil, record_member = nil }, Report)
end

function Report.start()
end

-- What stands behind the captures is the same for all matches of a rule, unless a host stage changed it.
local function tail_of(self, match)
    local tail = self.tails[match.rule]
    if tail and tail.tags == match.tags and tail.meta == match.meta and tail.severity == match.severity then
        return tail.text
    end
    local text = ',"tags":' .. json.strings(match.tags or {})
        .. ',"severity":' .. json.encode(match.severity)
        .. ',"meta":' .. json.encode(match.meta or {})
    self.tails[match.rule] = { tags = match.tags, meta = match.meta, severity = match.severity, text = text }
    return text
end

function Report:match(match)
    if match.record ~= self.record then
        self.record = match.record
        self.record_member = bytes_member("record", match.record)
    end
    self.write(concat {
        '{"type":"match",', self.record_member, ',"rule":', quote(match.rule),
        format(',"start":%d,"end":%d,"line":%d,"column":%d,', match.first - 1, match.last, match.line, match.column),
        bytes_member("text", match.text), ',"captures":', captures_member(match.captures), tail_of(self, match),
        match.witness and witness_member(match.witness) or "", "}\n",
    })
end

function Report:incomplete(entry)
    self.write(concat {
        '{"type":"incomplete",', entry.record and bytes_member("record", entry.record) or '"record":null',
        ',"rule":', json.encode(entry.rule), ',"reason":', quote(entry.reason), ",",
        bytes_member("detail", entry.detail or ""), "}\n",
    })
end

function Report:profile(rows)
    for _, row in ipairs(rows) do
        self.write(format('{"type":"profile","rule":%s,"seconds":%s,"candidates":%d,"matches":%d}\n',
                          json.encode(row.rule), json.number(row.seconds), row.candidates or 0, row.matches or 0))
    end
end

function Report:finish(summary)
    local routes = summary.routes
    self.write(format('{"type":"summary","records":%d,"bytes":%d,"matches":%d,"incomplete":%d,"seconds":%s,'
                      .. '"backend":%s,"tiles":%d,"committed":%d,"rolled_back":%d,'
                      .. '"routes":{"fused":%d,"chained":%d,"serial":%d}}\n',
                      summary.records, summary.bytes, summary.matches, summary.incomplete,
                      json.number(tonumber(format("%.6f", summary.seconds))), quote(summary.backend), summary.tiles,
                      summary.committed, summary.rolled_back, routes.fused, routes.chained, routes.serial))
end

return M
