--- What rules mean, spelled out: ground truth for the engine, written from docs/RULES.md alone. Slow and simple:
-- everything is looked for everywhere, in the order in which the page tells it.
--
-- Rules are tables as random_rules.lua makes them. Spans are { from, to }: offsets from 0, half open.
local hex = require "hunch.hex"
local naive_condition = require "support.naive_condition"
local naive_regex = require "support.naive_regex"
local naive_values = require "support.naive_values"
local parse = require "hunch.regex.parse".parse

local M = {}

local trees = {}

local function tree_of(pattern, flags)
    local key = (flags or "") .. "\0" .. pattern
    trees[key] = trees[key] or assert(parse(pattern, flags or ""))
    return trees[key]
end

-- ---- occurrences --------------------------------------------------------------------------------

local function is_word(data, at) -- the byte at an offset from 0
    return at >= 0 and at < #data and data:sub(at + 1, at + 1):find "^[0-9A-Za-z_]$" ~= nil
end

local function beside_word(item, data, from, to)
    if item.wide then -- a neighbour is a word character and a zero byte
        return (from >= 2 and data:byte(from) == 0 and is_word(data, from - 2))
            or (data:byte(to + 2) == 0 and is_word(data, to))
    end
    return is_word(data, from - 1) or is_word(data, to)
end

local function literal_spans(item, data)
    local bytes = item.wide and item.bytes:gsub(".", "%0\0") or item.bytes
    local fold = item.nocase and string.lower or function(text) return text end
    local list = {}
    for from = 0, #data - #bytes do
        local to = from + #bytes
        if fold(data:sub(from + 1, to)) == fold(bytes) and not (item.word and beside_word(item, data, from, to)) then
            list[#list + 1] = { from, to }
        end
    end
    return list
end

local function hex_spans(item, data)
    local tree = assert(hex.parse(item.source))
    local list = {}
    for from = 0, #data do
        local match = naive_regex.find(tree, data, from, from, #data)
        if match then list[#list + 1] = { from, match[1][2] } end
    end
    return list
end

local function regex_spans(item, data)
    local list = {}
    for i, match in ipairs(naive_regex.matches(tree_of(item.pattern, item.flags), data)) do
        list[i] = { match[1][1] - 1, match[1][2] }
    end
    return list
end

local SPANS = { literal = literal_spans, hex = hex_spans, regex = regex_spans }

-- item -> data -> spans: each is asked for again and again
local known = setmetatable({}, { __mode = "k" })

--- All occurrences of a literal, a hex string or a regex, in order.
function M.spans(item, data)
    local of_item = known[item]
    if not of_item then
        of_item = {}
        known[item] = of_item
    end
    of_item[data] = of_item[data] or SPANS[item.kind](item, data)
    return of_item[data]
end

-- ---- prefilters ---------------------------------------------------------------------------------

local function holds(expr, data)
    local n = 0
    for _, item in ipairs(expr.items) do
        local yes
        if item.items then yes = holds(item, data) else yes = #M.spans(item, data) > 0 end
        if yes then n = n + 1 end
    end
    if expr.kind == "all" then return n == #expr.items end
    if expr.kind == "any" then return n > 0 end
    if expr.kind == "none" then return n == 0 end
    return n >= expr.n
end

local function collect(expr, data, list)
    if expr.kind == "none" then return end
    for _, item in ipairs(expr.items) do
        if item.items then
            collect(item, data, list)
        else
            for _, span in ipairs(M.spans(item, data)) do list[#list + 1] = span end
        end
    end
end

local function distinct(list)
    table.sort(list, function(a, b)
        if a[1] ~= b[1] then return a[1] < b[1] end
        return a[2] < b[2]
    end)
    local out = {}
    for _, span in ipairs(list) do
        local last = out[#out]
        if not last or last[1] ~= span[1] or last[2] ~= span[2] then out[#out + 1] = span end
    end
    return out
end

-- ---- stages -------------------------------------------------------------------------------------

-- The lines on which [from, to) stands, with `more` lines before and behind: from the start of the first to the end
-- of the last, without its newline but never less than `to`.
local function lines_around(data, from, to, more)
    local low, high = from, math.max(from, to - 1)
    local left = more
    while low > 0 and (data:sub(low, low) ~= "\n" or left > 0) do
        if data:sub(low, low) == "\n" then left = left - 1 end
        low = low - 1
    end
    left = more
    while high < #data and (data:sub(high + 1, high + 1) ~= "\n" or left > 0) do
        if data:sub(high + 1, high + 1) == "\n" then left = left - 1 end
        high = high + 1
    end
    return low, math.max(high, to)
end

-- The span that `capture` names; nil: that group took no part.
local function subject(candidate, capture)
    if capture == nil then return { candidate.from, candidate.to } end
    if capture == "first" then
        for _, group in ipairs(candidate.groups) do
            if group and group[2] > group[1] then return group end
        end
        return { candidate.from, candidate.to }
    end
    local index = type(capture) == "string" and candidate.names[capture] or capture
    return candidate.groups[index] or nil
end

local function text_of(run, span)
    return span and run.data:sub(span[1] + 1, span[2]) or ""
end

local function groups_of(match)
    local groups = {}
    for i = 2, #match do groups[i - 1] = match[i] and { match[i][1] - 1, match[i][2] } end
    return groups
end

local stages = {}

function stages.regex(run, stage, candidate)
    local tree, info = parse(stage.pattern, stage.flags or "")
    local match = naive_regex.find(tree, run.data, candidate.from, candidate.to, candidate.to)
    if not match then return false end
    candidate.from, candidate.to = match[1][1] - 1, match[1][2]
    candidate.groups, candidate.names = groups_of(match), info.names
    local span = subject(candidate, stage.capture)
    if not span then return false end
    candidate.from, candidate.to = span[1], span[2]
    return true
end

local function found_in(pattern, text)
    return #naive_regex.matches(tree_of(pattern), text, { limit = 1 }) > 0
end

function stages.path(run, stage)
    return #naive_regex.matches(tree_of(stage.pattern, stage.flags), run.name, { limit = 1 }) > 0
end

function stages.count(run, stage, candidate)
    local low, high = 0, #run.data
    if stage.within == "line" then
        low, high = lines_around(run.data, candidate.from, candidate.to, 0)
    elseif type(stage.within) == "number" then
        low, high = math.max(0, candidate.from - stage.within), math.min(#run.data, candidate.to + stage.within)
    end
    local n = 0
    for _, span in ipairs(M.spans(stage.target, run.data)) do
        if span[1] >= low and span[2] <= high then n = n + 1 end
    end
    local least = stage.at_least or (stage.at_most and 0 or 1)
    return n >= least and (not stage.at_most or n <= stage.at_most)
end

function stages.near(run, stage, candidate)
    local low, high
    if stage.unit == "lines" then
        low, high = lines_around(run.data, candidate.from, candidate.to, stage.within)
    else
        low, high = candidate.from - stage.within, candidate.to + stage.within
    end
    if stage.before or stage.after then
        local inside = candidate.from < candidate.to and 1 or 0
        if not stage.before then low = candidate.from + inside end
        if not stage.after then high = candidate.to - inside end
    end
    local companions = {}
    if stage.target.kind == "rule" then
        for _, match in ipairs(run:matches_of(stage.target.name)) do
            companions[#companions + 1] = { match.from, match.to }
        end
    else
        companions = M.spans(stage.target, run.data)
    end
    for _, span in ipairs(companions) do
        if span[2] >= low and span[1] <= high then return true end
    end
    return false
end

function stages.entropy(run, stage, candidate)
    local text = text_of(run, subject(candidate, stage.capture))
    local bits = text == "" and 0 or naive_values.entropy(text)
    if stage.above then return bits > stage.above end
    return bits >= stage.at_least
end

function stages.checksum(run, stage, candidate)
    local over = subject(candidate, stage.of)
    local digits = stage.digits and subject(candidate, stage.digits)
    if not over or (stage.digits and not digits) then return false end
    return naive_values.checks[stage.name](text_of(run, over) .. (digits and text_of(run, digits) or ""))
end

local function item_holds(run, stage, text)
    for _, part in ipairs(stage.text or {}) do
        if text:find(part, 1, true) then return true end
    end
    for _, whole in ipairs(stage.equal or {}) do
        if text == whole then return true end
    end
    for _, pattern in ipairs(stage.regex or {}) do
        if found_in(pattern, text) then return true end
    end
    for _, pattern in ipairs(stage.path or {}) do
        if found_in(pattern, run.name) then return true end
    end
    for _, word in ipairs(stage.words or {}) do
        if text:lower():find(word:lower(), 1, true) then return true end
    end
    return false
end

function stages.only(run, stage, candidate)
    local span = { candidate.from, candidate.to }
    if stage.on == "line" then
        span = { lines_around(run.data, candidate.from, candidate.to, 0) }
    elseif stage.on == "capture" or stage.capture then
        span = subject(candidate, stage.capture)
    end
    return item_holds(run, stage, text_of(run, span))
end

function stages.except(run, stage, candidate)
    return not stages.only(run, stage, candidate)
end

local function unpack_integer(kind, bytes)
    local sign, bits, order = kind:match "^([ui])(%d+)(%a*)$"
    local format = (order == "be" and ">" or "<") .. (sign == "u" and bits ~= "64" and "I" or "i") .. bits // 8
    return (format:unpack(bytes)), sign == "u", bits // 1
end

function stages.field(run, stage, candidate)
    local from = stage.from or "start"
    local at = stage.at + (from == "end" and #run.data or from == "match" and candidate.from or 0)
    local size = tonumber(stage.type:match "%d+") // 8
    if at < 0 or at + size > #run.data then return false end
    local value, unsigned, bits = unpack_integer(stage.type, run.data:sub(at + 1, at + size))
    if stage.mask then
        value = value & stage.mask
        if not unsigned and bits < 64 and value & 1 << (bits - 1) ~= 0 then value = value | -1 << bits end
    end
    local less = unsigned and math.ult or function(a, b) return a < b end
    if stage.equal then return value == stage.equal end
    if stage.less then return less(value, stage.less) end
    return less(stage.more, value)
end

function stages.condition(run, stage)
    local env = { data = run.data, patterns = {}, rules = {} }
    for name, item in pairs(stage.patterns) do
        local list = { offsets = {}, lengths = {} }
        for i, span in ipairs(M.spans(item, run.data)) do
            list.offsets[i], list.lengths[i] = span[1], span[2] - span[1]
        end
        env.patterns[name] = list
    end
    setmetatable(env.rules, { __index = function(_, name) return #run:matches_of(name) > 0 end })
    local verdict = naive_condition.evaluate(stage.tree, env)
    if verdict == nil then error(M.gave_up, 0) end
    return verdict
end

function stages.host(run, stage, candidate)
    local verdict = stage.fn { text = text_of(run, { candidate.from, candidate.to }), first = candidate.from + 1,
        last = candidate.to, captures = candidate.groups, line = run:line(candidate.from),
        column = candidate.from - run:line_start(candidate.from) + 1, title = candidate.title or candidate.rule.title,
        severity = candidate.severity or candidate.rule.severity or "medium" }
    if verdict == nil then
        run:lose(candidate.rule, "host-error")
        return false
    end
    if type(verdict) == "table" then
        candidate.from = verdict.first and verdict.first - 1 or candidate.from
        candidate.to = verdict.last or candidate.to
        candidate.severity = verdict.severity or candidate.severity
        candidate.title = verdict.title or candidate.title
        return true
    end
    return verdict
end

-- ---- rules --------------------------------------------------------------------------------------

--- Raised where the naive evaluator of conditions does not go on.
M.gave_up = "the naive evaluator gave up"

local Run = {}
Run.__index = Run

function Run:line(offset)
    local _, newlines = self.data:sub(1, offset):gsub("\n", "\n")
    return newlines + 1
end

function Run:line_start(offset)
    while offset > 0 and self.data:sub(offset, offset) ~= "\n" do offset = offset - 1 end
    return offset
end

function Run:lose(rule, reason)
    self.lost[rule.name .. "\0" .. reason] = { rule = rule.name, index = rule.index, reason = reason }
end

local function candidates_of(run, rule)
    local list = {}
    if rule.prefilter then
        collect(rule.prefilter, run.data, list)
    else
        for _, stage in ipairs(rule.confirm) do
            if stage.kind == "condition" then
                for _, item in pairs(stage.patterns) do
                    for _, span in ipairs(M.spans(item, run.data)) do list[#list + 1] = span end
                end
            end
        end
    end
    list = distinct(list)
    if #list == 0 then list = { { 0, 0 } } end
    for i, span in ipairs(list) do list[i] = { from = span[1], to = span[2], groups = {}, names = {} } end
    return list
end

-- Stages first..last over one candidate.
local function passes(run, rule, candidate, first, last)
    candidate.rule = rule
    for i = first, last do
        if not stages[rule.confirm[i].kind](run, rule.confirm[i], candidate) then return false end
    end
    return true
end

local function regex_candidates(run, rule, at)
    local stage = rule.confirm[at]
    local whole = { from = 0, to = #run.data, groups = {}, names = {} }
    if not passes(run, rule, whole, 1, at - 1) then return {} end
    local tree, info = parse(stage.pattern, stage.flags or "")
    local list = {}
    for _, match in ipairs(naive_regex.matches(tree, run.data)) do
        local candidate = { from = match[1][1] - 1, to = match[1][2], groups = groups_of(match), names = info.names }
        local span = subject(candidate, stage.capture)
        if span then
            candidate.from, candidate.to = span[1], span[2]
            list[#list + 1] = candidate
        end
    end
    return list
end

local function decide(run, rule)
    local list = {}
    if rule.prefilter and not holds(rule.prefilter, run.data) then return list end
    local at
    for i, stage in ipairs(rule.confirm) do
        if stage.kind == "regex" then
            at = i
            break
        end
    end
    for _, candidate in ipairs(at and regex_candidates(run, rule, at) or candidates_of(run, rule)) do
        if passes(run, rule, candidate, (at or 0) + 1, #rule.confirm) then
            if #list == run.max_matches then
                run:lose(rule, "max-matches")
                break
            end
            list[#list + 1] = candidate
        end
    end
    return list
end

--- The matches of a rule in this record, as they were found.
function Run:matches_of(name)
    if not self.decided[name] then self.decided[name] = decide(self, self.by_name[name]) end
    return self.decided[name]
end

local function report(run, rule, candidate)
    local data, from, to = run.data, candidate.from, candidate.to
    local line_start = run:line_start(from)
    local after = ""
    if to == from or data:sub(to, to) ~= "\n" then after = data:sub(to + 1):match "^[^\n]*" end
    local captures = {}
    for i, group in ipairs(candidate.groups) do captures[i] = group and { group[1] + 1, group[2] } end
    return {
        record = run.name, rule = rule.name, first = from + 1, last = to, text = data:sub(from + 1, to),
        line = run:line(from), column = from - line_start + 1, before = data:sub(line_start + 1, from):sub(-256),
        after = after:sub(1, 256), captures = captures, severity = candidate.severity or rule.severity or "medium",
        title = candidate.title or rule.title,
    }
end

local function by_place(a, b)
    if a.from ~= b.from then return a.from < b.from end
    if a.to ~= b.to then return a.to < b.to end
    return a.order < b.order
end

--- Scans one record. options: max_matches, rules (list of names), private.
--- Returns the matches, as hunch has them, and what was lost: { rule =, reason = } by rule.
function M.scan(rules, name, data, options)
    local run = setmetatable({ name = name, data = data, decided = {}, by_name = {}, lost = {},
        max_matches = options.max_matches or 10000 }, Run)
    local wanted = {}
    for _, chosen in ipairs(options.rules or {}) do wanted[chosen] = true end
    for i, rule in ipairs(rules) do
        run.by_name[rule.name] = rule
        rule.index = i
    end
    local silent = false
    for _, rule in ipairs(rules) do
        if rule.global and #run:matches_of(rule.name) == 0 then silent = true end
    end
    local matches = {}
    for _, rule in ipairs(rules) do
        if (not rule.private or options.private) and (not options.rules or wanted[rule.name]) then
            local list = run:matches_of(rule.name)
            for i, candidate in ipairs(list) do candidate.order = i end
            local sorted = table.move(list, 1, #list, 1, {})
            table.sort(sorted, by_place)
            for _, candidate in ipairs(silent and {} or sorted) do
                matches[#matches + 1] = report(run, rule, candidate)
            end
        end
    end
    local lost = {}
    for _, entry in pairs(run.lost) do lost[#lost + 1] = entry end
    table.sort(lost, function(a, b)
        if a.index ~= b.index then return a.index < b.index end
        return a.reason < b.reason
    end)
    return matches, lost
end

return M
