-- The progress bar: one line on standard error while a person watches, redrawn at most ten times a second
-- and gone before anything else is printed.
local M = {}

local INTERVAL = 0.1 -- seconds

local UNITS = { "B", "kB", "MB", "GB", "TB", "PB" }

--- "1.2 MB"
---@param bytes number
---@return string
function M.size(bytes)
    local unit = 1
    while bytes >= 999.5 and unit < #UNITS do
        bytes, unit = bytes / 1000, unit + 1
    end
    return string.format(unit == 1 and "%.0f %s" or "%.1f %s", bytes, UNITS[unit])
end

--- "0.4 s", "12 s", "3 min 20 s", "2 h 5 min"
---@param seconds number
---@return string
function M.duration(seconds)
    if seconds < 10 then
        return string.format("%.1f s", seconds)
    elseif seconds < 60 then
        return string.format("%.0f s", seconds)
    end
    local whole = math.floor(seconds + 0.5)
    if whole < 3600 then
        return string.format("%d min %d s", whole // 60, whole % 60)
    end
    return string.format("%d h %d min", whole // 3600, whole % 3600 // 60)
end

local Progress = {}
Progress.__index = Progress

--- `clock()` gives seconds; `enabled` false: nothing is ever drawn.
function M.new(file, clock, enabled)
    return setmetatable({ file = file, clock = clock, enabled = enabled, began = clock(), last = nil, drawn = false },
                        Progress)
end

---@param p table { bytes, records, matches, total_bytes, total_records }
---@param elapsed number seconds
---@return string
function M.line(p, elapsed)
    local parts = {}
    if p.total_bytes and p.total_bytes > 0 then
        local share = math.min(1, p.bytes / p.total_bytes)
        local filled = math.floor(share * 20)
        parts[1] = string.format("[%s%s] %3.0f %%", string.rep("#", filled), string.rep("-", 20 - filled),
                                 math.floor(share * 100))
    end
    parts[#parts + 1] = M.size(p.bytes)
    parts[#parts + 1] = p.total_records and string.format("%d of %d files", p.records, p.total_records)
        or string.format("%d files", p.records)
    parts[#parts + 1] = string.format("%d matches", p.matches)
    if elapsed > 0 then
        parts[#parts + 1] = M.size(p.bytes / elapsed) .. "/s"
    end
    if p.total_bytes and p.bytes > 0 and elapsed > 1 and p.bytes < p.total_bytes then
        parts[#parts + 1] = M.duration((p.total_bytes - p.bytes) * elapsed / p.bytes) .. " left"
    end
    return table.concat(parts, "  ")
end

function Progress:update(p)
    if not self.enabled then
        return
    end
    local now = self.clock()
    if self.last and now - self.last < INTERVAL then
        return
    end
    self.last = now
    self.drawn = true
    self.file:write("\r\27[K", M.line(p, now - self.began))
    self.file:flush()
end

function Progress:clear()
    if self.drawn then
        self.drawn = false
        self.file:write("\r\27[K")
        self.file:flush()
    end
end

return M
