-- What a scan did not evaluate, as a sentence on standard error.
local M = {}

local visible = require "hunch.report.visible"

---@param entry table an incomplete entry
---@return string
function M.sentence(entry)
    return table.concat {
        "not everything was scanned: ", entry.record and visible.escape(entry.record) .. ": " or "",
        entry.rule and "rule " .. visible.escape(entry.rule) .. ": " or "", entry.reason,
        entry.detail and entry.detail ~= "" and ": " .. visible.escape(entry.detail) or "",
    }
end

return M
