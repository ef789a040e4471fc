-- Opens an engine and rules for a call, and says on standard error what is wrong with them.
local M = {}

local layout = require "hunch.layout"
local visible = require "hunch.report.visible"

local PROGRAM_MAGIC = ("<I8"):pack(layout.MAGIC):sub(1, 7) -- of whatever version
local RULES_AT_FAULT, INTERRUPTED = 2, 130

-- Opening a pipe would wait for a writer; the core refuses it.
local function is_program(env, path)
    local file = env.core.file_kind(path) ~= "other" and io.open(path, "rb")
    if not file then
        return false
    end
    local head = file:seek("end") and file:seek("set") and file:read(#PROGRAM_MAGIC)
    file:close()
    return head == PROGRAM_MAGIC
end

--- Prints diagnostics with their source lines.
function M.show(env, list)
    if #list > 0 then
        local colour = env.core.is_terminal(2) and (env.getenv "NO_COLOR" or "") == ""
        require("hunch.cli.diagnostics").show(list, colour, function(text) env.stderr:write(text) end)
    end
end

--- Prints the errors, and of the rest how much there is: a scan is no place for advice about examples.
function M.show_errors(env, list)
    local errors, warnings = {}, 0
    for _, diagnostic in ipairs(list) do
        if diagnostic.severity == "error" then
            errors[#errors + 1] = diagnostic
        elseif diagnostic.severity == "warning" then
            warnings = warnings + 1
        end
    end
    M.show(env, errors)
    if warnings > 0 then
        env.stderr:write("hunch: ", warnings, warnings == 1 and " warning" or " warnings", "; see `hunch check`\n")
    end
end

---@return table? engine
---@return string? message
function M.engine(env, values)
    return env.core.engine { backend = values.backend or "auto", threads = values.threads or 0,
                             device_memory = values.device_memory }
end

--- Paths that cannot be opened at all, each with a sentence.
---@return string[]
function M.unreadable(env, paths)
    local messages = {}
    for _, path in ipairs(paths) do
        -- Opening a FIFO would wait for a writer; the core says what is wrong with it.
        local other = env.core.file_kind(path) == "other"
        local file, message
        if not other then
            file, message = io.open(path, "rb")
        end
        if not file and not other then
            messages[#messages + 1] = "cannot read rules: " .. visible.escape(message)
        elseif file then
            file:close()
        end
    end
    return messages
end

local function say(env, message)
    env.stderr:write("hunch: ", message, "\n")
end

--- A compiled program among paths that must be sources, which has been said; nil when there is none.
local function refuse_program(env, paths, call)
    for _, path in ipairs(paths) do
        if is_program(env, path) then
            say(env, string.format("%s is a compiled program, which `hunch scan -r` takes; "
                .. "give `hunch %s` the rule files that it was made from", visible.escape(path), call))
            return path
        end
    end
end

--- An engine, once every path has been seen to be readable; nil when that is not so and has been said.
---@param paths string[]
---@param call string? the call's name, when it wants rule files and no compiled program
---@return table? engine
function M.engine_for(env, values, paths, call)
    local unreadable = M.unreadable(env, paths)
    for _, text in ipairs(unreadable) do
        say(env, text)
    end
    if #unreadable > 0 or call and refuse_program(env, paths, call) then
        return nil
    end
    local engine, message = M.engine(env, values)
    if not engine then
        return say(env, tostring(message))
    end
    return engine
end

--- Did Ctrl-C end the compiler? Says so.
function M.interrupted(env)
    if env.core.interrupted() then
        say(env, "interrupted before the rules were compiled")
        return true
    end
    return false
end

--- Says so when no rule was declared.
---@param list table[] rules:list()
---@return boolean
function M.none(env, list, paths)
    if #list == 0 then
        say(env, "there is no rule in " .. visible.escape(table.concat(paths, ", "))
            .. "; name rule files, or folders that hold some (*.lua)")
    end
    return #list == 0
end

--- Says so when there is nothing to report with: who can find nothing must not look like who found nothing.
---@param list table[] rules:list()
---@return boolean
function M.silent(env, list)
    for _, rule in ipairs(list) do
        if not rule.private then
            return false
        end
    end
    say(env, "every rule is private: none would be reported")
    return true
end

--- Refuses to write over what is read, under whatever name.
---@param files string[]
---@return boolean refused it has been said
function M.overwrites(env, output, files)
    for _, file in ipairs(files) do
        if env.core.same_file(output, file) then
            say(env, string.format("-o %s would overwrite what is read%s; name another file", visible.escape(output),
                                   output == file and "" or ", " .. visible.escape(file)))
            return true
        end
    end
    return false
end

local function load_program(env, engine, path)
    local rules, message = engine:load(path)
    if not rules then
        say(env, visible.escape(path) .. ": " .. tostring(message))
        return nil, RULES_AT_FAULT
    end
    return rules, {}, { path }
end

--- Compiles rule files and folders, or loads one compiled program.
--- On failure everything has been said on standard error.
---@param paths string[]
---@param call string? as of engine_for
---@return table? rules
---@return table|integer diagnostics warnings and notes; the exit status on failure
---@return string[]? files that were read
function M.open(env, values, paths, call)
    local engine = M.engine_for(env, values, paths, call)
    if not engine then
        return nil, RULES_AT_FAULT
    end
    for _, path in ipairs(paths) do
        if is_program(env, path) then
            if #paths > 1 then
                say(env, visible.escape(path) .. " is a compiled program and must be the only -r")
                return nil, RULES_AT_FAULT
            end
            return load_program(env, engine, path)
        end
    end
    local rules, diagnostics, files = engine:compile(paths)
    if not rules then
        if M.interrupted(env) then
            return nil, INTERRUPTED
        end
        M.show_errors(env, diagnostics)
        say(env, "the rules cannot be used; `hunch check` shows all that is wrong with them")
        return nil, RULES_AT_FAULT
    end
    return rules, diagnostics, files
end

return M
