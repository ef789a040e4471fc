-- The JSON Lines report: one object a line, fields always in the same order, offsets 0-based and half open.
-- Written with concatenation only, because a scan may print millions of lines.
local M = {}

local base64 = require "hunch.report.base64"
local json = require "hunch.report.json"
local sorted = require "hunch.sorted"

local format, concat = string.format, table.concat
local bytes_member, quote = json.bytes_member, json.string

local function captures_member(captures)
    local count = captures and #captures or 0
    if count == 0 then
        return "[]"
    elseif count == 1 and captures[1] then
        return "[[" .. captures[1][1] - 1 .. "," .. captures[1][2] .. "]]"
    end
    local parts = {}
    for i = 1, count do
        local span = captures[i]
        parts[i] = span and "[" .. span[1] - 1 .. "," .. span[2] .. "]" or "null"
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
    return setmetatable({ write = write, fixed = {}, record = nil, record_member = nil }, Report)
end

function Report.start()
end

-- What is the same for all matches of a rule, unless a host stage changed it: the rule's name, and what stands
-- behind the captures.
local function fixed_parts(self, match)
    local fixed = self.fixed[match.rule]
    if fixed and fixed.tags == match.tags and fixed.meta == match.meta and fixed.severity == match.severity then
        return fixed
    end
    fixed = {
        tags = match.tags, meta = match.meta, severity = match.severity,
        head = ',"rule":' .. quote(match.rule) .. ',"start":',
        tail = ',"tags":' .. json.strings(match.tags or {}) .. ',"severity":' .. json.encode(match.severity)
            .. ',"meta":' .. json.encode(match.meta or {}),
    }
    self.fixed[match.rule] = fixed
    return fixed
end

function Report:match(match)
    if match.record ~= self.record then
        self.record = match.record
        self.record_member = '{"type":"match",' .. bytes_member("record", match.record)
    end
    local fixed = fixed_parts(self, match)
    self.write(self.record_member .. fixed.head .. match.first - 1 .. ',"end":' .. match.last .. ',"line":'
        .. match.line .. ',"column":' .. match.column .. "," .. bytes_member("text", match.text) .. ',"captures":'
        .. captures_member(match.captures) .. fixed.tail
        .. (match.witness and witness_member(match.witness) .. "}\n" or "}\n"))
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

-- What the speculators knew before the scan, then what they decided: enough to decide it again. Those of the device
-- a scan went over to say so.
function Report:decisions(list, known, known_on_device)
    for _, each in ipairs { { known, "" }, { known_on_device, '"backend":"cuda",' } } do
        for _, group in ipairs(sorted.keys(each[1] or {})) do
            self.write(format('{"type":"speculator","group":%s,%s"known_b64":"%s"}\n', quote(group), each[2],
                              base64.encode(each[1][group])))
        end
    end
    for _, d in ipairs(list) do
        self.write(format('{"type":"decision","group":%s,"backend":%s,"decided":%d,"observed":%d,"bytes":%d,"tiles":%d,'
                          .. '"route":%s,"reason":%s,"mode":%s,"policy":%s,"routes":%s,"class":%d,'
                          .. '"predicted_ns":{"fused":%d,"chained":%d,"serial":%d},"measured_ns":%d,'
                          .. '"prefilter_ns":%d,"confirm_ns":%d,"hits":%d,"committed":%d,"rolled_back":%d,'
                          .. '"hit_rate_ppm":%d,"samples":%d,"enabled":%s,"contended":%s}\n',
                          quote(d.group), quote(d.backend), d.decided, d.observed, d.bytes, d.tiles,
                          quote(d.route), quote(d.reason), quote(d.mode), quote(d.policy), json.strings(d.routes),
                          d.class, d.predicted_ns.fused, d.predicted_ns.chained, d.predicted_ns.serial, d.measured_ns,
                          d.prefilter_ns, d.confirm_ns, d.hits, d.committed, d.rolled_back, d.hit_rate_ppm,
                          d.samples, tostring(d.enabled), tostring(d.contended)))
    end
end

function Report:finish(summary)
    local routes = summary.routes
    self.write(format('{"type":"summary","records":%d,"bytes":%d,"matches":%d,"incomplete":%d,"seconds":%s,'
                      .. '"backend":%s,"tiles":%d,"committed":%d,"rolled_back":%d,'
                      .. '"routes":{"fused":%d,"chained":%d,"serial":%d},"speculated":%d,"device_bytes":%d%s}\n',
                      summary.records, summary.bytes, summary.matches, summary.incomplete,
                      json.number(tonumber(format("%.6f", summary.seconds))), quote(summary.backend), summary.tiles,
                      summary.committed, summary.rolled_back, routes.fused, routes.chained, routes.serial,
                      summary.speculated, summary.device_bytes,
                      summary.note and ',"note":' .. quote(summary.note) or ""))
end

return M
