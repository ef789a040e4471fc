-- Text that can only be written at the end of a report but grows with the input: kept in memory at first,
-- in an unlinked temporary file from a megabyte on.
local M = {}

local LIMIT = 1 << 20 -- bytes in memory
local BLOCK = 1 << 16

local Spool = {}
Spool.__index = Spool

function M.new()
    return setmetatable({ parts = {}, size = 0, file = nil }, Spool)
end

---@param text string
function Spool:add(text)
    self.parts[#self.parts + 1] = text
    self.size = self.size + #text
    if self.size >= LIMIT then
        -- Where no temporary file can be had, memory has to do.
        self.file = self.file or io.tmpfile()
        if self.file and self.file:write(table.concat(self.parts)) then
            self.parts, self.size = {}, 0
        end
    end
end

--- Hands everything to `write`, in the order it came, and forgets it.
---@param write fun(text: string)
function Spool:drain(write)
    if self.file then
        self.file:seek("set", 0)
        for block in function() return self.file:read(BLOCK) end do
            write(block)
        end
        self.file:close()
        self.file = nil
    end
    write(table.concat(self.parts))
    self.parts, self.size = {}, 0
end

return M
