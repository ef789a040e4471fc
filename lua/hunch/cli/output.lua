-- Where a report is written. Collects text into large writes and remembers the first failure, so that the
-- scan can be stopped: a closed pipe is a reader who has seen enough, everything else is a report that is lost.
local M = {}

local EPIPE = 32
local BLOCK = 1 << 16 -- bytes

local Output = {}
Output.__index = Output

--- `before_write` is called before anything reaches the file (the progress bar clears itself).
---@param file file*
---@param before_write fun()?
function M.new(file, before_write)
    file:setvbuf("no")
    return setmetatable({ file = file, before_write = before_write, parts = {}, count = 0, size = 0,
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
function Output:write(text)
    local count = self.count + 1
    self.count = count
    self.parts[count] = text
    self.size = self.size + #text
    if self.size >= BLOCK then
        self:flush()
    end
end

--- Writes what is left; a file that is not standard output is closed.
function Output:close(keep_open)
    self:flush()
    if not keep_open then
        local ok, message, code = self.file:close()
        if not ok and self:usable() then
            fail(self, message, code)
        end
    end
end

return M
