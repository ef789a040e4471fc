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

local Progress = {}
Progress.__index = Progress

--- `clock()` gives seconds; `enabled` false: nothing is ever drawn.
function M.new(file, clock, enabled)
    return setmetatable({ file = file, clock = clock, enabled = enabled, began = clock(), last = nil, drawn = false },
                        Progress)
end

---@param p table { bytes, records, matches }
---@param elapsed number seconds
---@return string
function M.line(p, elapsed)
    local rate = elapsed > 0 and "  " .. M.size(p.bytes / elapsed) .. "/s" or ""
    return string.format("%s  %d files  %d matches%s", M.size(p.bytes), p.records, p.matches, rate)
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
