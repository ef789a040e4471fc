-- What `hunch scan --decisions` shows people: how each group of rules ran, and why, one line for each route and
-- reason; "contended" ends it where others were at work on the GPU, "on the GPU" where the scan went over to one. The
-- JSON Lines report has every decision by itself.
local M = {}

local COLUMNS = "%-10s  %-7s  %-9s  %10s  %10s  %12s  %12s  %10s  %11s%s\n"

local function median(list)
    table.sort(list)
    return list[(#list + 1) // 2] or 0
end

-- Rows by group, route and reason, in the order in which they first occur: decisions come by group, then as made.
local function rows_of(decisions)
    local rows = {}
    for _, d in ipairs(decisions) do
        local key = ("%s\0%s\0%s\0%s\0%s"):format(d.group, d.route, d.reason, d.contended, d.backend)
        local row = rows[key]
        if not row then
            row = { group = d.group, route = d.route, reason = d.reason, contended = d.contended,
                    went_over = d.backend ~= decisions[1].backend, count = 0, bytes = 0,
                    predicted = {}, measured = {}, committed = 0, rolled_back = 0 }
            rows[key] = row
            rows[#rows + 1] = row
        end
        row.count = row.count + 1
        row.bytes = row.bytes + d.bytes
        row.predicted[row.count] = d.predicted_ns[d.route]
        if d.measured_ns > 0 then
            row.measured[#row.measured + 1] = d.measured_ns
        end
        row.committed, row.rolled_back = row.committed + d.committed, row.rolled_back + d.rolled_back
    end
    return rows
end

local function milliseconds(ns)
    return ns > 0 and ("%.3f"):format(ns / 1e6) or "-"
end

--- By group and then as they were made, those of a GPU that the scan went over to last: what several calls of the
--- core have decided, one call behind the other.
---@param decisions table[]
---@return table[]
function M.in_order(decisions)
    local list, place = table.move(decisions, 1, #decisions, 1, {}), {}
    for i, d in ipairs(decisions) do
        place[d] = i
    end
    table.sort(list, function(a, b)
        if a.backend ~= b.backend then
            return b.backend == "cuda"
        elseif a.class ~= b.class then
            return a.class < b.class
        end
        return place[a] < place[b]
    end)
    return list
end

--- Lines of text; times are medians of one dispatch.
---@param decisions table[] of a result
---@return string
function M.render(decisions)
    local lines = { COLUMNS:format("group", "route", "reason", "dispatches", "bytes", "predicted ms", "measured ms",
                                   "committed", "rolled back", "") }
    for _, row in ipairs(rows_of(decisions)) do
        lines[#lines + 1] = COLUMNS:format(row.group, row.route, row.reason, row.count, row.bytes,
                                           milliseconds(median(row.predicted)), milliseconds(median(row.measured)),
                                           row.committed, row.rolled_back,
                                           (row.contended and "  contended" or "")
                                           .. (row.went_over and "  on the GPU" or ""))
    end
    return table.concat(lines)
end

return M
