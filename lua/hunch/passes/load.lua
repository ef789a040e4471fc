--- First pass: rule files to plain rule tables (docs/INTERNALS.md, section 2).
-- Each file runs in a sandbox of its own; what comes back is data and is not trusted. Files of words are
-- read here, through state.read_file, and only from below the folder of the rule file.
local diagnostics = require "hunch.diagnostics"
local layout = require "hunch.layout"
local locate = require "hunch.check.locate"
local native = require "hunch.native"
local unknown = require "hunch.check.unknown"

local M = {}

local LIMIT_CODE = { memory = "E004", instructions = "E005", time = "E006", deadline = "E006" }

local HINT = {
    E002 = "rule files are Lua 5.4 text; the language is described in the rule reference",
    E003 = "rule files see only the rule language and string, table, math and utf8",
    E004 = "build less data, or move long lists of words to a file: words = \"list.txt\"",
    E005 = "look for a loop that does not end, or a search that takes exponential time",
    E006 = "look for work on very long strings or tables",
    E007 = "declare less in one file; a table must not contain itself",
}

local PROGRAM_MAGIC = ("<I8"):pack(layout.MAGIC)
local MAX_UNKNOWN = 8 -- names; for each a file runs once more

--- The source of the rule language, which runs in every sandbox.
local function rule_language(state)
    if state.rule_language then return state.rule_language end
    local text = native.source and native.source("hunch.dsl")
    if not text then
        local path = assert(package.searchpath("hunch.dsl", package.path))
        local file = assert(io.open(path, "rb"))
        text = assert(file:read "a")
        file:close()
    end
    state.rule_language = text
    return text
end

-- What Lua finds at the end of a block, and where it says that the fault lies.
local AT_LINE = { "^(no visible label .*) at line (%d+)(.*)$", "^(break outside .*loop) at line (%d+)(.*)$",
    "^(<goto .->) at line (%d+)( jumps .*)$" }

--- The message of a syntax fault, and its line.
local function at_fault(message, line)
    for _, pattern in ipairs(AT_LINE) do
        local before, at, after = message:match(pattern)
        if at then return before .. after, math.tointeger(at) end
    end
    return message, line
end

local function failure_code(failure)
    if failure.limit then return LIMIT_CODE[failure.limit] end
    if failure.kind == "syntax" then return "E002" end
    if failure.kind == "data" then return "E007" end
    return failure.kind == "memory" and "E004" or "E003"
end

local function report_failure(state, source, failure)
    local code = failure_code(failure)
    local hint = HINT[code]
    if code == "E003" and not failure.message:find("attempt to", 1, true) then hint = "mend the rule file there" end
    local name = code == "E003" and failure.message:match "global '([^']+)'"
    if name then hint = unknown.hint(name) end
    local message, line = failure.message:gsub("[%c\127]+", " "), failure.line -- of a script: one line, as any other
    if code == "E002" then message, line = at_fault(message, line) end
    if source.text:sub(1, #PROGRAM_MAGIC) == PROGRAM_MAGIC then
        line = nil -- nothing that could be shown
        message, hint = "this is a compiled program, no rule file", "name the rule files that it was made from"
    end
    diagnostics.add(state, code, { file = source.name, line = line }, message,
        { hint = hint, rule = failure.rule })
end

--- Words of a text: one a line, spaces around them do not count, # begins a comment line.
local function split_words(text)
    local words = {}
    for line in text:gmatch "[^\r\n]+" do
        local word = line:match "^%s*(.-)%s*$"
        if word ~= "" and word:sub(1, 1) ~= "#" then words[#words + 1] = word end
    end
    return words
end

local function read_words(state, source, rule, stage)
    local name = stage.words
    local place = { file = source.name, line = type(stage.where) == "table" and stage.where.line or nil }
    local function refuse(message, hint)
        diagnostics.add(state, "E008", place, message, { hint = hint, rule = rule.name })
        stage.words = nil
        state.at_fault[rule] = true
        stage.words_unread = true -- the check pass has nothing to add
    end
    if name == "" or name:sub(1, 1) == "/" or ("/" .. name .. "/"):find("/../", 1, true) then
        return refuse(("the file of words %q must lie below the folder of the rule file"):format(name),
            "give a relative path without ..")
    end
    if not state.read_file then
        return refuse(("the file of words %q cannot be read: these rules come from no file"):format(name),
            "give the words as a list")
    end
    local folder = source.name:match "^(.*/)" or ""
    local text, message = state.read_file(folder, name)
    if not text then
        return refuse(("the file of words %q cannot be read: %s"):format(folder .. name,
            message and message:gsub("^.*: ", "") or "unknown reason"),
            "paths are relative to the rule file")
    end
    stage.words = split_words(text)
end

local function each_stage(rule, action)
    if type(rule.confirm) ~= "table" then return end
    for _, stage in ipairs(rule.confirm) do
        if type(stage) == "table" then action(stage) end
    end
end

--- Runs a rule file; what it calls and nobody knows is reported, and run again with stand-ins for it.
---@return table[] rules all of them, or those before the place where it failed
---@return boolean whole
local function run_source(state, source)
    local names, calls = {}, {}
    state.unknown_calls[source.name] = calls
    while true do
        local rules, failure, before = native.sandbox(source.text, source.name,
            unknown.stand_ins(names) .. rule_language(state), state.limits)
        if rules then return rules, #names == 0 end
        local name = failure.kind == "script"
            and failure.message:match "^attempt to call a nil value %(global '([%a_][%w_]*)'%)$"
        if not name or calls[name] or #names == MAX_UNKNOWN then
            -- With stand-ins this may be their fault alone.
            if #names == 0 then report_failure(state, source, failure) end
            return before or {}, false
        end
        names[#names + 1], calls[name] = name, failure.line or 0
        local place = { file = source.name, line = failure.line }
        local line, column = locate.text(state, failure.line and place, name)
        diagnostics.add(state, "E003", place, unknown.message(name),
            { hint = unknown.hint(name), rule = failure.rule, line = line, column = column })
    end
end

local function load_source(state, source)
    local rules, whole = run_source(state, source)
    state.whole = state.whole and whole
    if whole and #rules == 0 then
        diagnostics.add(state, "W009", { file = source.name }, "this rule file declares no rule",
            { hint = "declare one with rule \"name\" { ... }, or leave the file out" })
    end
    for _, rule in ipairs(rules) do
        if rule.kind == "library" then
            state.flow_nodes[#state.flow_nodes + 1] = rule
        else
            rule.index = #state.rules + 1
            state.rules[rule.index] = rule
        end
        each_stage(rule, function(stage)
            if stage.kind == "host" then stage.source_id = source.index end
            if (stage.kind == "except" or stage.kind == "only") and type(stage.words) == "string" then
                read_words(state, source, rule, stage)
            end
        end)
    end
end

---Fills state.rules, state.flow_nodes and state.sources_by_name; state.whole: no rule is missing because its file
---failed.
---@param state hunch.CompileState
function M.run(state)
    state.diagnostics = state.diagnostics or {}
    state.rules, state.flow_nodes, state.sources_by_name = {}, {}, {}
    state.unknown_calls, state.at_fault = {}, {}
    state.whole = true
    if #state.sources == 0 then
        diagnostics.add(state, "W009", nil, "there is no rule file",
            { hint = "folders are searched for files whose names end in .lua" })
    end
    for index, source in ipairs(state.sources) do
        source.index = index
        state.sources_by_name[source.name] = source
        load_source(state, source)
    end
end

return M
