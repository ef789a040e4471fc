-- The SARIF 2.1.0 report, written as a stream: rules first, one result a line, what was not scanned and the
-- exit code last. Columns count Unicode code points, offsets bytes; a byte that is not UTF-8 is one character.
local M = {}

local base64 = require "hunch.report.base64"
local depths = require "hunch.report.depths"
local context = require "hunch.report.context"
local json = require "hunch.report.json"
local spool = require "hunch.report.spool"

local concat, format = table.concat, string.format

local SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
local SNIPPET = 1024 -- bytes of a match that are quoted

local LEVEL = { critical = "error", high = "error", medium = "warning", low = "note", info = "note" }

-- Scores in the bands that code hosts use: critical from 9.0, high from 7.0, medium from 4.0, low above 0.
local SCORE = { critical = "9.5", high = "8.0", medium = "5.5", low = "2.0", info = "0.0" }

-- What a limit that the user can raise left out; everything else was asked for and could not be done.
local LIMITS = { ["max-matches"] = true, ["too-large"] = true, ["not-a-file"] = true }

--- A record's name as a URI reference: every byte but the unreserved ones and `/` is percent-encoded, so a
--- name can neither start a scheme nor leave UTF-8.
---@param name string
---@return string
function M.uri(name)
    while name:sub(1, 2) == "./" do
        name = name:sub(3):gsub("^/+", "")
    end
    local encoded = name:gsub("[^%w%-%._~/]", function(byte)
        return format("%%%02X", byte:byte())
    end)
    if encoded:sub(1, 1) == "/" then
        return "file:///" .. encoded:gsub("^/+", "")
    end
    return encoded
end

-- FNV-1a, 64 bits: tells findings of one place from another, hides nothing.
local function fingerprint(text)
    local hash = 0xcbf29ce484222325
    for i = 1, #text do
        hash = (hash ~ text:byte(i)) * 0x100000001b3
    end
    return format("%016x", hash)
end

-- The schema wants each tag once.
local function unique(tags)
    local list, seen = {}, {}
    for _, tag in ipairs(tags or {}) do
        tag = json.lossy(tag)
        if not seen[tag] then
            seen[tag] = true
            list[#list + 1] = tag
        end
    end
    return list
end

local function properties_of(rule)
    local parts = { '"tags":' .. json.strings(unique(rule.tags)) }
    parts[#parts + 1] = '"security-severity":"' .. (SCORE[rule.severity] or SCORE.medium) .. '"'
    if rule.meta and next(rule.meta) ~= nil then
        parts[#parts + 1] = '"meta":' .. json.encode(rule.meta)
    end
    return "{" .. concat(parts, ",") .. "}"
end

local function title_of(rule)
    return rule.title and rule.title ~= "" and rule.title or rule.name
end

local function descriptor(rule)
    local parts = {
        '{"id":', json.string(rule.name), ',"shortDescription":{"text":', json.string(json.lossy(title_of(rule))), "}",
    }
    local meta = rule.meta or {}
    if type(meta.description) == "string" then
        parts[#parts + 1] = ',"fullDescription":{"text":' .. json.string(json.lossy(meta.description)) .. "}"
    end
    if type(meta.remediation) == "string" then
        parts[#parts + 1] = ',"help":{"text":' .. json.string(json.lossy(meta.remediation)) .. "}"
    end
    if type(meta.url) == "string" and meta.url:find("^https?://[%w%-%._~:/?#%[%]@!$&'()*+,;=%%]+$") then
        parts[#parts + 1] = ',"helpUri":' .. json.string(meta.url)
    end
    parts[#parts + 1] = ',"defaultConfiguration":{"level":"' .. (LEVEL[rule.severity] or "warning") .. '"}'
    parts[#parts + 1] = ',"properties":' .. properties_of(rule) .. "}"
    return concat(parts)
end

local Report = {}
Report.__index = Report

--- options: `rules` (rules:list()), `version`, `context`, as every report gets them.
---@param write fun(text: string)
function M.new(write, options)
    return setmetatable({
        write = write, rules = options.rules, version = options.version, context = options.context,
        index = {}, notifications = spool.new(), first_result = true, first_notification = true,
        record = nil, uri = nil, seen = {},
    }, Report)
end

function Report:start()
    local rules = {}
    for _, rule in ipairs(self.rules) do
        if not rule.private then
            self.index[rule.name] = #rules
            rules[#rules + 1] = descriptor(rule)
        end
    end
    self.write('{"$schema":"' .. SCHEMA .. '","version":"2.1.0","runs":[{"tool":{"driver":{"name":"hunch",'
               .. '"version":' .. json.string(self.version) .. ',"rules":[\n')
    self.write(concat(rules, ",\n"))
    self.write('\n]}},"columnKind":"unicodeCodePoints","defaultEncoding":"UTF-8","results":[')
end

local function snippet(text)
    if #text > SNIPPET then
        local stop = SNIPPET
        while stop > SNIPPET - 4 and (text:byte(stop + 1) & 0xc0) == 0x80 do
            stop = stop - 1
        end
        text = text:sub(1, stop)
    end
    if json.is_utf8(text) then
        return '{"text":' .. json.string(text) .. "}"
    end
    return '{"binary":"' .. base64.encode(text) .. '"}'
end

local function region(self, match)
    local raw = match.raw or match.text
    local parts = { format('{"startLine":%d', match.line) }
    local before = self.context:characters_before(match)
    if before then
        parts[2] = format(',"startColumn":%d', before + 1)
        -- Of a very long match the core hands over the beginning only; where it ends is in byteLength then.
        if #raw == match.last - match.first + 1 then
            local _, newlines = raw:gsub("\n", "\n")
            local last = context.characters(newlines == 0 and raw or raw:match("[^\n]*$"))
            parts[3] = format(',"endLine":%d,"endColumn":%d', match.line + newlines,
                              newlines == 0 and before + last + 1 or last + 1)
        end
    end
    parts[#parts + 1] = format(',"byteOffset":%d,"byteLength":%d,"snippet":%s}', match.first - 1,
                               match.last - match.first + 1, snippet(match.text))
    return concat(parts)
end

-- Equal findings of one record are told apart by their number, so a finding keeps its fingerprint when lines
-- move, and no two are the same.
local function fingerprint_of(self, match)
    local text = match.text
    if #text > 4096 then
        text = text:sub(1, 2048) .. #text .. text:sub(-2048)
    end
    local key = match.rule .. "\0" .. text
    local number = (self.seen[key] or 0) + 1
    self.seen[key] = number
    return fingerprint(concat({ match.rule, match.record, text, number }, "\0"))
end

local function code_flow(witness)
    local steps = {}
    for i, step, depth in depths.each(witness) do
        steps[i] = format('{"location":{"physicalLocation":{"artifactLocation":{"uri":"%s"},'
                          .. '"region":{"startLine":%d}},"message":{"text":%s}},"nestingLevel":%d}',
                          M.uri(step.record), step.line,
                          json.string(json.lossy(step.what .. ": " .. (step.text or ""))), depth)
    end
    return ',"codeFlows":[{"threadFlows":[{"locations":[' .. concat(steps, ",") .. "]}]}]"
end

function Report:match(match)
    if match.record ~= self.record then
        self.record, self.uri, self.seen = match.record, M.uri(match.record), {}
    end
    local index = self.index[match.rule]
    self.write(concat {
        self.first_result and "\n" or ",\n",
        '{"ruleId":', json.string(match.rule), index and ',"ruleIndex":' .. index or "",
        ',"level":"', LEVEL[match.severity] or "warning", '","message":{"text":',
        json.string(json.lossy(match.title and match.title ~= "" and match.title or match.rule)),
        '},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"', self.uri, '"},"region":',
        region(self, match), '}}],"partialFingerprints":{"hunchMatch/v1":"', fingerprint_of(self, match), '"}',
        match.witness and #match.witness > 0 and code_flow(match.witness) or "", "}",
    })
    self.first_result = false
end

function Report:incomplete(entry)
    local text = entry.reason .. (entry.detail and entry.detail ~= "" and ": " .. entry.detail or "")
    self.notifications:add(concat {
        self.first_notification and "\n" or ",\n",
        '{"level":"', LIMITS[entry.reason] and "warning" or "error", '","descriptor":{"id":', json.string(entry.reason),
        '},"message":{"text":', json.string(json.lossy(text)), "}",
        entry.rule and ',"associatedRule":{"id":' .. json.string(entry.rule)
            .. (self.index[entry.rule] and ',"index":' .. self.index[entry.rule] or "") .. "}" or "",
        entry.record and ',"locations":[{"physicalLocation":{"artifactLocation":{"uri":"' .. M.uri(entry.record)
            .. '"}}}]' or "",
        "}",
    })
    self.first_notification = false
end

function Report.profile()
end

function Report.decisions()
end

function Report:finish(summary)
    if summary.note then
        self.notifications:add((self.first_notification and "\n" or ",\n")
            .. '{"level":"note","descriptor":{"id":"backend"},"message":{"text":' .. json.string(summary.note) .. "}}")
        self.first_notification = false
    end
    self.write(concat {
        '\n],"invocations":[{"executionSuccessful":', tostring(summary.status <= 1),
        ',"exitCode":', tostring(summary.status), ',"toolExecutionNotifications":[',
    })
    self.notifications:drain(self.write)
    self.write(format('],"properties":{"records":%d,"bytes":%d,"matches":%d,"incomplete":%d,"seconds":%s,'
                      .. '"backend":%s}}]}]}\n', summary.records, summary.bytes, summary.matches,
                      summary.incomplete, json.number(tonumber(format("%.6f", summary.seconds))),
                      json.string(summary.backend)))
end

return M
