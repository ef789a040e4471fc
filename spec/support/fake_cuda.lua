-- Runs the command, or Lua, in a process of its own that finds a driver and an NVRTC made for specs
-- (fake_cuda_module.c): what they shall do is said by `words`, what was asked of them is counted.
--
--   local fake = require("support.fake_cuda").new()    fake.path, fake:remove()
--   fake:hunch(words, arguments) -> output, status
--   fake:lua(words, chunk, ...) -> output, status      the chunk's `...`: strings
--   fake:calls(name) -> how often a line of the log was written since the last run began
local tree = require "support.tree"

local BUILD = os.getenv "HUNCH_BUILD" or "build"
local LUA = os.getenv "LUA" or "lua5.4"

local M = {}
M.__index = M

local function quote(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

local function shell(command)
    local pipe = assert(io.popen("{ " .. command .. "\n} 2>&1; echo \"status $?\""))
    local output = pipe:read "a"
    pipe:close()
    local text, status = output:match "^(.-)status (%d+)\n$"
    return text, tonumber(status)
end
M.shell = shell

--- driver, nvrtc: false leaves it out; a path: that file instead.
function M.new(libraries)
    libraries = libraries or {}
    local self = setmetatable(tree.new(), { __index = function(_, key) return M[key] or tree[key] end })
    local fake = shell(("realpath %s/lua/support/fake_cuda_module.so"):format(quote(BUILD))):gsub("\n", "")
    self:folder "lib/"
    self:folder "cache/"
    for key, names in pairs { driver = { "libcuda.so.1" }, nvrtc = { "libnvrtc.so.13", "libnvrtc.so.12" } } do
        for _, name in ipairs(names) do
            if libraries[key] ~= false then
                shell(("ln -s %s %s"):format(quote(libraries[key] or fake), quote(self:at("lib/" .. name))))
            end
        end
    end
    return self
end

function M:run(words, command)
    os.remove(self:at "log")
    local library_path = os.getenv "LD_LIBRARY_PATH"
    return shell(("env FAKE_CUDA=%s FAKE_CUDA_LOG=%s XDG_CACHE_HOME=%s LD_LIBRARY_PATH=%s %s"):format(quote(words),
        quote(self:at "log"), quote(self:at "cache"),
        quote(self:at "lib" .. (library_path and ":" .. library_path or "")), command))
end

function M:hunch(words, arguments) return self:run(words, "hunch " .. arguments) end

function M:lua(words, chunk, ...)
    self:write("chunk.lua", chunk)
    local arguments = { ... }
    for i, text in ipairs(arguments) do arguments[i] = quote(text) end
    return self:run(words, ("%s %s %s"):format(LUA, quote(self:at "chunk.lua"), table.concat(arguments, " ")))
end

function M:calls(name)
    local file, n = io.open(self:at "log", "rb"), 0
    for line in file and file:lines() or function() end do
        if line == name then n = n + 1 end
    end
    if file then file:close() end
    return n
end

--- Names of files in the cache folder, sorted, that begin with "cubin-".
function M:kept()
    local list = {}
    for name in shell(("ls %s 2>/dev/null"):format(quote(self:at "cache/hunch"))):gmatch "[^\n]+" do
        if name:match "^cubin%-" then list[#list + 1] = name end
    end
    return list
end

return M
