-- Where a report is written. Collects text into large writes and remembers the first failure, so that the
-- scan can be stopped: a closed pipe is a reader who has seen enough, everything else is a report that is lost.
local M = {}

local EPIPE = 32
local BLOCK = 1 << 16 -- bytes

local Output = {}
Output.__index = Output

--- `before_write`, a field that may be set, is called before anything reaches the file (the progress bar
--- clears itself).
---@param file file*
function M.new(file)
    file:setvbuf("no")
    return setmetatable({ file = file, before_write = nil, parts = {}, count = 0, size = 0,
                          closed_pipe = false, failure = nil }, Output)
end

---@return boolean ok false once nothing more can be written
function Output:usable()
    return not self.closed_pipe and not self.failure
end

local function fail(self, message, code)
    if code == EPIPE then
        self.closed_pipe = true
    else
        self.failure = message or "unknown error"
    end
end

function Output:flush()
    if self.count == 0 then
        return
    end
    local text = table.concat(self.parts, "", 1, self.count)
    self.parts, self.count, self.size = {}, 0, 0
    if not self:usable() then
        return
    end
    if self.before_write then
        self.before_write()
    end
    local ok, message, code = self.file:write(text)
    if ok then
        ok, message, code = self.file:flush()
    end
    if not ok then
        fail(self, message, code)
    end
end

---@param text string
---@param ... string
function Output:write(text, ...)
    local count = self.count + 1
    self.count = count
    self.parts[count] = text
    self.size = self.size + #text
    if ... then
        return self:write(...)
    end
    if self.size >= BLOCK then
        self:flush()
    end
end

--- Writes what is left and closes the file.
function Output:close()
    self:flush()
    local ok, message, code = self.file:close()
    if not ok and self:usable() then
        fail(self, message, code)
    end
end

return M
