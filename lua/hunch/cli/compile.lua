-- `hunch compile`: rules to a program file. The file is there whole or not at all: it is written under another
-- name beside its place and renamed.
local M = {}

local progress = require "hunch.cli.progress"
local rules_of = require "hunch.cli.rules"
local visible = require "hunch.report.visible"

local NOT_WRITTEN = 3

local function write_file(path, bytes)
    local file, message = io.open(path, "wb")
    if not file then
        return nil, message
    end
    local ok
    ok, message = file:write(bytes)
    if not ok then
        file:close()
        return nil, message
    end
    return file:close()
end

--- Writes `bytes` to `path`. What is not a plain file (a device, a pipe, a link) is written through and never
--- replaced.
---@param kind string? core.file_kind(path)
---@return boolean? ok
---@return string? message
function M.write_whole(path, bytes, kind)
    if kind == "directory" then
        return nil, path .. ": is a folder"
    elseif kind == "link" or kind == "other" then
        local written, why = write_file(path, bytes)
        return written, why and path .. ": " .. why:gsub("^.*: ", "")
    end
    local temporary = string.format("%s.%08x.tmp", path, math.random(0, 0xffffffff))
    local ok, message = write_file(temporary, bytes)
    if ok then
        ok, message = os.rename(temporary, path)
    end
    if not ok then
        os.remove(temporary)
        -- The name that the user gave says more than the temporary one.
        return nil, path .. ": " .. tostring(message):gsub("^.*: ", "")
    end
    return true
end

function M.run(values, env)
    if not values.output then
        return nil, "compile needs a place for the program: -o FILE"
    end
    local rules, diagnostics, files = rules_of.open(env, values, values.rules, "compile")
    if not rules then
        return diagnostics
    end
    rules_of.show_errors(env, diagnostics)
    local list = rules:list()
    if rules_of.none(env, list, values.rules) or rules_of.overwrites(env, values.output, files) then
        return 2
    end
    rules_of.silent(env, list)
    local bytes = rules:save()
    local kind = env.core.file_kind(values.output)
    local ok, message = M.write_whole(values.output, bytes, kind)
    if not ok then
        env.stderr:write("hunch: cannot write the program: ", visible.escape(message), "\n")
        return NOT_WRITTEN
    end
    if kind == nil or kind == "file" then -- else standard output may be where the program went
        env.stdout:write(string.format("%s: %d rule%s, %s\n", visible.escape(values.output), #list,
                                       #list == 1 and "" or "s", progress.size(#bytes)))
    end
    return 0
end

return M
