-- `--input jsonl`: standard input holds one record a line, {"name":…, "text":… | "text_b64":…}.
-- Lines are gathered into batches of a few megabytes, so that memory stays bounded; a line that is not
-- a record is handed over with its number and does not end the scan.
local M = {}

local base64 = require "hunch.report.base64"

M.BATCH = 4 << 20 -- bytes of record text after which a batch is scanned

local PATIENCE = 0.2 -- seconds that records wait for more of them

local function decode(cjson, line)
    local ok, value = pcall(cjson.decode, line)
    if not ok then
        return nil, "not JSON: " .. tostring(value)
    elseif type(value) ~= "table" or not line:find "^%s*{" then
        return nil, "not a JSON object"
    end
    local name, text, text_b64 = value.name, value.text, value.text_b64
    if type(name) ~= "string" then
        return nil, '"name" must be a string'
    elseif text == nil and text_b64 == nil then
        return nil, 'one of "text" and "text_b64" must be there'
    elseif text ~= nil and text_b64 ~= nil then
        return nil, 'only one of "text" and "text_b64" can be there'
    elseif text ~= nil then
        if type(text) ~= "string" then
            return nil, '"text" must be a string'
        end
        return { name = name, data = text }
    end
    local data = type(text_b64) == "string" and base64.decode(text_b64)
    if not data then
        return nil, '"text_b64" must be base 64'
    end
    return { name = name, data = data }
end

-- Gathers records and faults until a batch is full.
local Batch = {}
Batch.__index = Batch

local function new_batch(scan, max_size)
    return setmetatable({ scan = scan, max_size = max_size, cjson = require "cjson", number = 0, records = {},
                          faults = {}, size = 0 }, Batch)
end

function Batch:flush()
    local records, faults = self.records, self.faults
    self.records, self.faults, self.size = {}, {}, 0
    return self.scan(records, faults)
end

local function add_fault(self, fault)
    self.faults[#self.faults + 1] = fault
    self.size = self.size + 256
end

-- Takes one line; false when the scan is to stop.
function Batch:take(line)
    self.number = self.number + 1
    if line:find("%S") then
        local record, detail = decode(self.cjson, line)
        if not record then
            add_fault(self, { reason = "bad-input",
                              detail = string.format("line %d of standard input: %s", self.number, detail) })
        elseif self.max_size and #record.data > self.max_size then
            add_fault(self, { record = record.name, reason = "too-large",
                              detail = string.format("%d bytes, more than --max-file-size", #record.data) })
        else
            self.records[#self.records + 1] = record
            self.size = self.size + #record.data + #record.name + 64
        end
    end
    return self.size < M.BATCH or self:flush()
end

--- Calls `scan(records, faults)` for every batch until it returns false. `faults` is what was not taken as a
--- record: incomplete entries, to be reported behind the batch's own results. When input is slow, batches are
--- small, and now and then empty.
---@param read fun(seconds: number): string?, string? core.read_input
---@param max_size integer? the largest record that is scanned
---@param scan fun(records: table[], faults: table[]): boolean
---@return string? message when standard input could not be read to its end
function M.each_batch(read, max_size, scan)
    local batch = new_batch(scan, max_size)
    local unfinished = {} -- blocks of the line that has no end yet
    while true do
        local block, message = read(PATIENCE)
        if block == "" or not block and message ~= "timeout" then
            if #unfinished == 0 or batch:take(table.concat(unfinished)) then
                batch:flush()
            end
            return message
        end
        if not block then
            if not batch:flush() then
                return nil
            end
            block = ""
        end
        local from, at = 1, block:find("\n", 1, true)
        while at do
            local line = block:sub(from, at - 1)
            if #unfinished > 0 then
                unfinished[#unfinished + 1] = line
                line, unfinished = table.concat(unfinished), {}
            end
            if not batch:take(line) then
                return nil
            end
            from = at + 1
            at = block:find("\n", from, true)
        end
        if from <= #block then
            unfinished[#unfinished + 1] = block:sub(from)
        end
    end
end

return M
