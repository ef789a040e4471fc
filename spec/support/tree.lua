-- A temporary folder for specs that need real files.
--   local tree = require("support.tree").new()      tree.path, tree:write(name, bytes), tree:remove()
local io_module = require "support.io_module"

local M = {}
M.__index = M

function M.new()
    local handle = assert(io.popen("mktemp -d"))
    local path = handle:read("l")
    handle:close()
    assert(path and path ~= "", "mktemp -d gave no folder")
    return setmetatable({ path = path, made = {} }, M)
end

-- The full path of a name below the folder.
function M:at(name)
    return self.path .. "/" .. name
end

-- Makes the folders above a name, and the name itself when it ends in "/".
function M:folder(name)
    local at = 1
    while true do
        local slash = name:find("/", at, true)
        if not slash then break end
        local part = name:sub(1, slash - 1)
        if not self.made[part] then
            io_module.mkdir(self:at(part))
            self.made[part] = true
        end
        at = slash + 1
    end
    return self:at(name)
end

function M:write(name, bytes)
    local file = assert(io.open(self:folder(name), "wb"))
    file:write(bytes or name)
    file:close()
    return self:at(name)
end

function M:remove()
    os.execute("rm -rf '" .. self.path .. "'")
end

return M
