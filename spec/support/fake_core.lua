-- A stand-in for hunch.core with the same faces (docs/INTERNALS.md, section 7) and almost no engine: the command
-- and the reports are tested without the C library. Rules are Lua patterns:
--
--   rule "name" { title =, tags =, severity =, pattern = "lua pattern", meta =, private =, examples = }
--
-- A rule file that says `broken "message"` gets an error diagnostic on that line, `odd "message"` a warning.
-- Records are walked with find(1); what is not there is `unreadable`.
local M = {}

local Rules, Engine = {}, {}
Rules.__index, Engine.__index = Rules, Engine

local function load_file(path, list, diagnostics)
    local function diagnostic(severity, code)
        return function(message)
            diagnostics[#diagnostics + 1] = { code = code, severity = severity, file = path,
                                              line = debug.getinfo(2, "l").currentline, column = 1,
                                              message = message, hint = "write it another way" }
        end
    end
    local env = {
        rule = function(name)
            local line = debug.getinfo(2, "l").currentline
            return function(rule)
                rule.name, rule.where = name, { file = path, line = line }
                rule.tags, rule.meta = rule.tags or {}, rule.meta or {}
                list[#list + 1] = rule
            end
        end,
        broken = diagnostic("error", "E304"), odd = diagnostic("warning", "W403"),
        unreadable = diagnostic("error", "E001"),
    }
    local chunk, message = loadfile(path, "t", env)
    if not chunk then
        diagnostics[#diagnostics + 1] = { code = "E002", severity = "error", file = path, line = 1,
                                          message = message }
        return
    end
    chunk()
end

local function load_rules(paths)
    local list, diagnostics = {}, {}
    for _, path in ipairs(paths) do
        load_file(path, list, diagnostics)
    end
    return list, diagnostics
end

local function read_file(path)
    local file = io.open(path, "rb")
    local data = file and file:read("a")
    if file then
        file:close()
    end
    return data
end

local function line_of(data, first)
    local line, start = 1, 1
    for at in data:gmatch("()\n") do
        if at >= first then
            break
        end
        line, start = line + 1, at + 1
    end
    return line, first - start + 1
end

local function selected(rule, options)
    if rule.private and not options.private then
        return false
    end
    local keep = not (options.rules or options.tags)
    for _, name in ipairs(options.rules or {}) do
        keep = keep or name == rule.name
    end
    for _, tag in ipairs(options.tags or {}) do
        keep = keep or table.concat(rule.tags, "\0"):find(tag, 1, true) ~= nil
    end
    return keep
end

local function matches_of(rule, record)
    local matches, at = {}, 1
    while at <= #record.data do
        local found = table.pack(record.data:find(rule.pattern, at))
        local first, last = found[1], found[2]
        if not first then
            break
        end
        local captures = {}
        for i = 3, found.n do
            local from = record.data:find(found[i], first, true)
            captures[i - 2] = found[i] ~= "" and { from, from + #found[i] - 1 }
        end
        local line, column = line_of(record.data, first)
        matches[#matches + 1] = {
            record = record.name, rule = rule.name, first = first, last = last,
            text = record.data:sub(first, last), line = line, column = column, captures = captures,
            tags = rule.tags, severity = rule.severity or "medium", meta = rule.meta, title = rule.title,
            witness = rule.witness,
        }
        at = math.max(last, first) + 1
    end
    return matches
end

local function scan(self, records, options)
    local core = self.core
    local result = { matches = {}, incomplete = {}, decisions = {}, profile = {} }
    local stats = { bytes = 0, records = 0, tiles = 0, committed = 0, rolled_back = 0, backend = "ref",
                    routes = { fused = 0, chained = 0, serial = 1 }, seconds = 0, phases = {} }
    stats.device_bytes, stats.backend = core.device_bytes, core.device_bytes and "cpu" or stats.backend
    result.stats = stats
    core.last_options = options
    local function incomplete(entry)
        if options.on_incomplete then
            options.on_incomplete(entry)
        else
            table.insert(result.incomplete, entry)
        end
    end
    if core.scan_failure then
        return nil, core.scan_failure
    end
    for number, record in ipairs(records) do
        if options.cancel and options.cancel() then
            incomplete { reason = "cancelled", detail = "stopped" }
            return result
        elseif options.deadline and options.deadline < 1e-6 then
            incomplete { reason = "deadline", detail = "0 s" }
            return result
        end
        if not record.data then
            incomplete { record = record.name, reason = "unreadable", detail = "No such file or directory" }
        else
            local found = 0
            for _, rule in ipairs(self.rules) do
                for _, match in ipairs(selected(rule, options) and matches_of(rule, record) or {}) do
                    found = found + 1
                    if options.on_match then
                        options.on_match(match)
                    else
                        table.insert(result.matches, match)
                    end
                end
                if rule.fails and selected(rule, options) then
                    incomplete { record = record.name, rule = rule.name, reason = "host-error",
                                 detail = rule.fails }
                end
            end
            stats.records, stats.bytes, stats.tiles = stats.records + 1, stats.bytes + #record.data, stats.tiles + 1
            stats[found > 0 and "committed" or "rolled_back"] = stats[found > 0 and "committed" or "rolled_back"] + 1
        end
        if options.on_progress then
            options.on_progress { bytes = stats.bytes, records = number, matches = 0 }
        end
    end
    if options.profile then
        for i, rule in ipairs(self.rules) do
            result.profile[i] = { rule = rule.name, seconds = 0.5 / i, candidates = i, matches = 0 }
        end
    end
    return result
end

function Rules:scan(records, options)
    return scan(self, type(records) == "string" and { { name = "", data = records } } or records, options or {})
end

function Rules:scan_paths(paths, options)
    local records = {}
    for _, path in ipairs(paths) do
        if path == "-" then
            records[#records + 1] = { name = "-", data = self.core.stdin or "" }
        elseif M.file_kind(path) == "directory" then
            local list = io.popen("find '" .. path .. "' -type f | LC_ALL=C sort")
            for name in list:lines() do
                records[#records + 1] = { name = name, data = read_file(name) }
            end
            list:close()
        else
            records[#records + 1] = { name = path, data = read_file(path) }
        end
    end
    return scan(self, records, options or {})
end

function Rules:list()
    return self.rules
end

function Rules:save()
    return "!HUNHPG1" .. table.concat(self.paths, "\n")
end

function Engine:compile(paths)
    local list, diagnostics = load_rules(paths)
    for _, diagnostic in ipairs(diagnostics) do
        if diagnostic.severity == "error" then
            return nil, diagnostics
        end
    end
    return setmetatable({ rules = list, core = self.core, paths = paths }, Rules), diagnostics, paths
end

function Engine:check(paths)
    local list, diagnostics = load_rules(paths)
    return diagnostics, list
end

function Engine:explain(paths, name)
    local list = load_rules(paths)
    local rules = {}
    for _, rule in ipairs(list) do
        if not name or rule.name == name then
            rules[#rules + 1] = { name = rule.name, literals = { "a", "b" }, class = "anchored" }
        end
    end
    return { rules = rules }
end

function Engine:load(path)
    local data = read_file(path)
    local paths = {}
    for line in data:sub(9):gmatch("[^\n]+") do
        paths[#paths + 1] = line
    end
    if #paths == 0 then
        return nil, "the program is cut short"
    end
    return self:compile(paths)
end

function Engine.info()
    return { version = "0.0.fake", backends = { ref = "portable", cuda = "not built yet" }, threads = 2 }
end

function M.file_kind(path)
    local quoted = "'" .. path:gsub("'", "'\\''") .. "'"
    local pipe = io.popen("stat -c %F -- " .. quoted .. " 2>/dev/null")
    local kind = pipe:read("l")
    pipe:close()
    return ({ ["regular file"] = "file", ["regular empty file"] = "file", directory = "directory",
              ["symbolic link"] = "link" })[kind] or (kind and "other")
end

--- Is it one regular file, under whatever names?
function M.same_file(a, b)
    local function identity(path)
        local pipe = io.popen("stat -L -c '%d %i %F' -- '" .. path:gsub("'", "'\\''") .. "' 2>/dev/null")
        local line = pipe:read("l")
        pipe:close()
        return line and line:find("regular", 1, true) and line
    end
    local first = identity(a)
    return first and first == identity(b) or false
end

--- A fresh core. `settings`: stdin (what the path "-" holds), input (what read_input gives),
-- terminal = {[fd] = true}, interrupted = function.
function M.new(settings)
    settings = settings or {}
    local time = 0
    local core = {
        version = "0.0.fake", stdin = settings.stdin, scan_failure = settings.scan_failure,
        device_bytes = settings.device_bytes,
        clock = function()
            time = time + (settings.tick or 0.001)
            return time
        end,
        is_terminal = function(fd) return settings.terminal and settings.terminal[fd] or false end,
        interrupted = settings.interrupted or function() return false end,
        file_kind = M.file_kind, same_file = M.same_file,
    }
    local unread = settings.input or ""
    core.read_input = function()
        local block = unread:sub(1, 65536)
        unread = unread:sub(65537)
        return block
    end
    core.engine = function(options)
        core.engine_options = options
        return setmetatable({ core = core }, Engine)
    end
    return core
end

return M
