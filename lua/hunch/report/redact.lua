-- What --redact leaves of a match. It happens once, before any report sees the match, so no format can forget it:
-- the text keeps its first characters, the rest of the line is not shown at all (the same or another secret may
-- stand there), the code quoted by a witness is cut the same way.
local M = {}

local MASK = "***"

--- The first characters of a secret: at most 4, and never more than a quarter of it.
---@param text string
---@return string
function M.text(text)
    local keep = math.min(4, #text // 4)
    -- A UTF-8 sequence is not cut in two.
    while keep > 0 and (text:byte(keep + 1) & 0xc0) == 0x80 do
        keep = keep - 1
    end
    return text:sub(1, keep) .. MASK
end

local function redact_witness(witness)
    local steps = {}
    for i, step in ipairs(witness) do
        steps[i] = { record = step.record, line = step.line, column = step.column, what = step.what,
                     text = step.text and M.text(step.text) }
    end
    return steps
end

--- A copy of a match without its secret. `raw` keeps the true bytes for measuring lines and columns only.
---@param match table
---@return table
function M.match(match)
    return {
        record = match.record, rule = match.rule, title = match.title, severity = match.severity,
        tags = match.tags, meta = match.meta, first = match.first, last = match.last,
        line = match.line, column = match.column, captures = match.captures,
        witness = match.witness and redact_witness(match.witness),
        text = M.text(match.text), raw = match.text, redacted = true,
    }
end

return M
