-- `hunch scan`: rules, input, report and exit status brought together. Matches pass through one at a time;
-- nothing here grows with the number of findings.
local M = {}

local context = require "hunch.report.context"
local decisions = require "hunch.cli.decisions"
local incomplete = require "hunch.cli.incomplete"
local jsonl_input = require "hunch.cli.jsonl_input"
local options = require "hunch.cli.options"
local output = require "hunch.cli.output"
local progress = require "hunch.cli.progress"
local redact = require "hunch.report.redact"
local rules_of = require "hunch.cli.rules"
local visible = require "hunch.report.visible"

local FOUND, FAULT, INCOMPLETE, INTERRUPTED = 1, 2, 3, 130

local SEVERITIES = { "critical", "high", "medium", "low", "info" }

local function has_tag(rule, tags)
    for _, tag in ipairs(rule.tags or {}) do
        for _, wanted in ipairs(tags) do
            if tag == wanted then
                return true
            end
        end
    end
    return false
end

-- Why nothing could be reported of the rules that --rule and --tag choose.
local function check_choice(values, list)
    local wanted, private = {}, false
    for _, name in ipairs(values.rule or {}) do
        wanted[name] = true
    end
    for _, rule in ipairs(list) do
        if (not values.rule or wanted[rule.name]) and (not values.tag or has_tag(rule, values.tag)) then
            if not rule.private then
                return nil
            end
            private = true
        end
    end
    return private and "every rule that --rule and --tag choose is private: none would be reported"
        or "no rule that --rule names has a tag that --tag names"
end

-- Every --rule and --tag must name something, or a typing error would scan with nothing; and so it would with
-- private rules alone.
local function check_selection(values, list)
    local names, tags, tag_list = {}, {}, {}
    for i, rule in ipairs(list) do
        names[i] = rule.name
        names[rule.name] = true
        for _, tag in ipairs(rule.tags or {}) do
            if not tags[tag] then
                tags[tag] = true
                tag_list[#tag_list + 1] = tag
            end
        end
    end
    for _, name in ipairs(values.rule or {}) do
        if not names[name] then
            return string.format("no rule is named '%s'%s", visible.escape(name), options.suggestion(name, names))
        end
    end
    for _, tag in ipairs(values.tag or {}) do
        if not tags[tag] then
            return string.format("no rule has the tag '%s'%s", visible.escape(tag),
                                 options.suggestion(tag, tag_list))
        end
    end
    return check_choice(values, list)
end

local Scan = {}
Scan.__index = Scan

local function say(self, message)
    self.progress:clear()
    self.env.stderr:write("hunch: ", message, "\n")
end

function Scan:on_match(match)
    self.matches = self.matches + 1
    local severity = match.severity or "medium"
    self.severities[severity] = (self.severities[severity] or 0) + 1
    if self.output:usable() then
        self.report:match(self.redact and redact.match(match) or match)
    end
end

function Scan:on_incomplete(entry)
    if entry.reason == "cancelled" then
        -- A scan that stops because nobody reads its report has not missed anything it was asked for.
        if not self.output:usable() and not self.env.core.interrupted() then
            return
        end
        self.interrupted = true
    end
    self.incomplete = self.incomplete + 1
    if self.output:usable() then
        self.report:incomplete(entry)
    end
    if not self.quiet and not self.output.closed_pipe then
        say(self, incomplete.sentence(entry))
    end
end

function Scan:on_progress(p)
    if self.before.records > 0 then
        p = { bytes = p.bytes + self.before.bytes, records = p.records + self.before.records,
              matches = self.matches }
    end
    self.output:flush()
    self.progress:update(p)
end

local function core_options(self, values, left)
    return {
        on_match = function(match) self:on_match(match) end,
        on_incomplete = function(entry) self:on_incomplete(entry) end,
        on_progress = function(p) self:on_progress(p) end,
        cancel = function() return not self.output:usable() or self.env.core.interrupted() end,
        deadline = left,
        max_matches = values.max_matches, max_file_size = values.max_file_size,
        tile_size = values.tile_size, include = values.include, exclude = values.exclude,
        gitignore = values.gitignore, tags = values.tag, rules = values.rule, profile = values.profile,
        backend = values.backend, threads = values.threads, skip = self.skip, route = values.route,
        speculate = values.speculate, policy = values.policy, decisions = values.decisions and "log" or nil,
        link = values.link, link_with = values.link_with,
    }
end

-- Adds what one call of the core did to what the scan did so far.
local function account(self, result)
    local stats, sum = result.stats, self.before
    for _, field in ipairs { "records", "bytes", "tiles", "committed", "rolled_back", "speculated",
                             "device_bytes" } do
        sum[field] = sum[field] + (stats[field] or 0)
    end
    for route, count in pairs(sum.routes) do
        sum.routes[route] = count + (stats.routes and stats.routes[route] or 0)
    end
    for _, decision in ipairs(result.decisions or {}) do
        self.decisions[#self.decisions + 1] = decision
    end
    if result.decisions then
        self.known = self.known or result.decisions.known
        self.known_on_device = self.known_on_device or result.decisions.known_on_device
    end
    sum.backend = stats.backend or sum.backend
    sum.note = stats.note or sum.note
    for _, row in ipairs(result.profile or {}) do
        local known = self.profile[row.rule]
        if not known then
            known = { rule = row.rule, seconds = 0, candidates = 0, matches = 0 }
            self.profile[row.rule] = known
            self.profile[#self.profile + 1] = known
        end
        for _, field in ipairs { "seconds", "candidates", "matches" } do
            known[field] = known[field] + (row[field] or 0)
        end
    end
end

local function scan_paths(self, values, rules)
    local paths = values.paths
    if #paths == 0 then
        paths = { "-" }
        if self.env.core.is_terminal(0) then
            say(self, "reading standard input; name a PATH to scan files")
        end
    end
    local result, message = rules:scan_paths(paths, core_options(self, values, values.deadline))
    if not result then
        return message
    end
    account(self, result)
end

-- Names of a batch -> bytes, so that reports can quote lines; a name that stands twice is not quoted.
local function texts_of(records)
    local texts = {}
    for _, record in ipairs(records) do
        texts[record.name] = texts[record.name] == nil and record.data or false
    end
    return texts
end

-- Scans one batch of records; a message when the core could not.
local function scan_batch(self, values, rules, records, left)
    self.context:hold(texts_of(records))
    local result, message = rules:scan(records, core_options(self, values, left))
    if not result then
        return message
    end
    account(self, result)
end

local function scan_lines(self, values, rules)
    local core = self.env.core
    local failure
    local message = jsonl_input.each_batch(core.read_input, values.max_file_size, function(records, faults)
        local left = values.deadline and values.deadline - (core.clock() - self.began)
        if left and left <= 0 then
            self:on_incomplete { reason = "deadline", detail = "the rest of standard input was not scanned" }
            return false
        end
        failure = #records > 0 and scan_batch(self, values, rules, records, left) or nil
        for _, fault in ipairs(faults) do
            self:on_incomplete(fault)
        end
        self.output:flush()
        return not failure and self.output:usable() and not self.interrupted and not core.interrupted()
    end)
    if core.interrupted() then
        if not self.interrupted then
            self:on_incomplete { reason = "cancelled", detail = "the rest of standard input was not read" }
        end
    elseif message then
        self:on_incomplete { reason = "unreadable", detail = "standard input: " .. message }
    end
    return failure
end

local function sorted_profile(self)
    table.sort(self.profile, function(a, b)
        if a.seconds ~= b.seconds then
            return a.seconds > b.seconds
        end
        return a.rule < b.rule
    end)
    return self.profile
end

local function print_profile(self)
    self.env.stderr:write(string.format("%10s  %12s  %10s  %s\n", "seconds", "candidates", "matches", "rule"))
    for _, row in ipairs(sorted_profile(self)) do
        self.env.stderr:write(string.format("%10.4f  %12d  %10d  %s\n", row.seconds, row.candidates, row.matches,
                                            visible.escape(row.rule)))
    end
end

local function plural(count, one, many)
    return string.format("%d %s", count, count == 1 and one or many)
end

local function print_summary(self, summary)
    local by_severity = {}
    for _, severity in ipairs(SEVERITIES) do
        if self.severities[severity] then
            by_severity[#by_severity + 1] = self.severities[severity] .. " " .. severity
        end
    end
    local rate = summary.seconds > 0 and " (" .. progress.size(summary.bytes / summary.seconds) .. "/s)" or ""
    say(self, table.concat {
        plural(summary.matches, "match", "matches"),
        #by_severity > 0 and " (" .. table.concat(by_severity, ", ") .. ")" or "",
        " in ", plural(summary.records, "record", "records"), ", ", progress.size(summary.bytes), ", ",
        string.format("%.2f s", summary.seconds), rate, ", ", summary.backend,
        summary.shared and ", " .. progress.size(summary.device_bytes) .. " of it on the GPU" or "",
        summary.note and " (" .. summary.note .. ")" or "",
        summary.incomplete > 0 and "; " .. plural(summary.incomplete, "thing was", "things were")
            .. " not scanned to the end" or "",
    })
end

local function status_of(self, values)
    if self.interrupted then
        return INTERRUPTED
    elseif self.incomplete > 0 or self.output.failure then
        return INCOMPLETE
    end
    return self.matches > 0 and not values.exit_zero and FOUND or 0
end

local function colours(env, values)
    return not values.output and env.core.is_terminal(1) and (env.getenv "NO_COLOR" or "") == ""
        and env.getenv "TERM" ~= "dumb"
end

local function new_scan(env, values, out)
    local self = setmetatable({
        env = env, matches = 0, incomplete = 0, severities = {}, profile = {}, decisions = {}, redact = values.redact,
        quiet = (values.format or "text") == "jsonl", interrupted = false, began = env.core.clock(),
        skip = values.output and { values.output } or nil,
        before = { records = 0, bytes = 0, tiles = 0, committed = 0, rolled_back = 0, speculated = 0, backend = "cpu",
                   device_bytes = 0, routes = { fused = 0, chained = 0, serial = 0 } },
    }, Scan)
    self.progress = progress.new(env.stderr, env.core.clock,
                                 not values.no_progress and env.core.is_terminal(2) or false)
    self.output = out
    out.before_write = function() self.progress:clear() end
    self.context = context.new(env.core.file_kind)
    return self
end

local function run_scan(self, values, rules, list)
    local env = self.env
    local write = function(text) self.output:write(text) end
    self.report = require("hunch.report." .. (values.format or "text")).new(write, {
        colour = colours(env, values), context = self.context, rules = list, version = env.core.version,
        redact = values.redact,
    })
    self.report:start()
    local failure
    if values.input == "jsonl" then
        failure = scan_lines(self, values, rules)
    else
        failure = scan_paths(self, values, rules)
    end
    self.context:close()
    self.decisions = decisions.in_order(self.decisions)
    local summary = self.before
    summary.matches, summary.incomplete = self.matches, self.incomplete
    summary.seconds = env.core.clock() - self.began
    local backend = values.backend or "auto"
    if backend == "auto" and summary.device_bytes > 0 then
        summary.backend = 2 * summary.device_bytes > summary.bytes and "cuda" or "cpu"
    end
    summary.shared = backend == "auto" and summary.device_bytes > 0
        or backend == "cuda" and summary.device_bytes < summary.bytes
    summary.status = failure and FAULT or status_of(self, values)
    if values.profile then
        self.report:profile(sorted_profile(self))
    end
    if values.decisions then
        self.report:decisions(self.decisions, self.known, self.known_on_device)
    end
    self.report:finish(summary)
    if values.output then
        self.output:close()
    else
        self.output:flush()
    end
    self.progress:clear()
    if failure then
        say(self, tostring(failure))
        return FAULT
    end
    if not self.quiet and not self.output.closed_pipe then
        if values.profile then
            print_profile(self)
        end
        if values.decisions then
            env.stderr:write(decisions.render(self.decisions))
        end
        print_summary(self, summary)
    end
    if values.output and self.output.failure then
        say(self, "the report is not complete: " .. visible.escape(self.output.failure))
    end
    return status_of(self, values)
end

-- The files that a report must not overwrite: rules, and what the user named. Below a folder that is scanned the
-- report may lie, and is left out.
local function inputs(values, files)
    local list = { table.unpack(files) }
    for i, path in ipairs(#values.paths > 0 and values.paths or { "-" }) do
        list[#files + i] = path == "-" and "/dev/stdin" or path
    end
    return list
end

---@param values table what was on the command line
---@param env table
---@return integer? status
---@return string? message a usage fault
function M.run(values, env)
    if not values.rules then
        return nil, "scan needs rules: -r RULES"
    elseif values.input == "jsonl" and (#values.paths > 1 or values.paths[1] and values.paths[1] ~= "-") then
        return nil, "--input jsonl reads standard input and takes no PATH"
    end
    if values.deadline == 0 then -- as for the core: there is none
        values.deadline = nil
    end
    local rules, status, files = rules_of.open(env, values, values.rules)
    if not rules then
        return status
    end
    local list = rules:list()
    if rules_of.none(env, list, values.rules) or rules_of.silent(env, list)
        or values.output and rules_of.overwrites(env, values.output, inputs(values, files)) then
        return FAULT
    end
    local message = check_selection(values, list)
    if message then
        env.stderr:write("hunch: ", message, "\n")
        return FAULT
    end
    local out = env.stdout
    if values.output then
        local file
        file, message = io.open(values.output, "wb")
        if not file then
            env.stderr:write("hunch: cannot write the report: ", visible.escape(message), "\n")
            return FAULT
        end
        out = output.new(file)
    end
    return run_scan(new_scan(env, values, out), values, rules, list)
end

return M
