-- `--input jsonl`: standard input holds one record a line, {"name":…, "text":… | "text_b64":…}.
-- Lines are gathered into batches of a few megabytes, so that memory stays bounded; a line that is not
-- a record is handed over with its number and does not end the scan.
local M = {}

local base64 = require "hunch.report.base64"

M.BATCH = 4 << 20 -- bytes of record text after which a batch is scanned

local BLOCK = 1 << 16

local function decode(cjson, line)
    local ok, value = pcall(cjson.decode, line)
    if not ok then
        return nil, "not JSON: " .. tostring(value)
    elseif type(value) ~= "table" then
        return nil, "not a JSON object"
    end
    local name, text, text_b64 = value.name, value.text, value.text_b64
    if type(name) ~= "string" then
        return nil, '"name" must be a string'
    elseif (text == nil) == (text_b64 == nil) then
        return nil, 'one of "text" and "text_b64" must be there'
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

-- Lines of a file, read in blocks that end at a newline. The last line needs none.
local function lines_of(file)
    local block, at = "", 1
    return function()
        if at > #block then
            local rest
            block, rest = file:read(BLOCK, "L")
            if not block then
                block = ""
                return nil, rest
            end
            block, at = block .. (rest or ""), 1
        end
        local stop = block:find("\n", at, true) or #block + 1
        local line = block:sub(at, stop - 1)
        at = stop + 1
        return line
    end
end

--- Calls `scan(records, faults)` for every batch until it returns false. `faults` is what was not taken as a
--- record: incomplete entries, to be reported behind the batch's own results.
---@param file file*
---@param max_size integer? the largest record that is scanned
---@param scan fun(records: table[], faults: table[]): boolean
---@return string? message when standard input could not be read to its end
function M.each_batch(file, max_size, scan)
    local cjson = require "cjson"
    local next_line = lines_of(file)
    local records, faults, size, number = {}, {}, 0, 0
    while true do
        local line, message = next_line()
        if not line then
            if #records > 0 or #faults > 0 then
                scan(records, faults)
            end
            return message
        end
        number = number + 1
        if line:find("%S") then
            local record, detail = decode(cjson, line)
            if not record then
                faults[#faults + 1] = { reason = "bad-input",
                                        detail = string.format("line %d of standard input: %s", number, detail) }
                size = size + 256
            elseif max_size and #record.data > max_size then
                faults[#faults + 1] = { record = record.name, reason = "too-large",
                                        detail = string.format("%d bytes, more than --max-file-size", #record.data) }
                size = size + 256
            else
                records[#records + 1] = record
                size = size + #record.data + #record.name + 64
            end
        end
        if size >= M.BATCH then
            if not scan(records, faults) then
                return nil
            end
            records, faults, size = {}, {}, 0
        end
    end
end

return M
