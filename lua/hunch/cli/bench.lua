-- `hunch bench`: how fast these rules run on these files. Every figure is the median of several runs; it
-- measures and never judges.
local M = {}

local incomplete_of = require "hunch.cli.incomplete"
local json = require "hunch.report.json"
local progress = require "hunch.cli.progress"
local rules_of = require "hunch.cli.rules"
local visible = require "hunch.report.visible"

local function median(list)
    table.sort(list)
    local middle = #list // 2
    return #list % 2 == 1 and list[middle + 1] or (list[middle] + list[middle + 1]) / 2
end

-- Peak resident memory of this process in bytes, where the system tells.
local function peak_memory()
    local file = io.open("/proc/self/status", "r")
    local kilobytes = file and file:read("a"):match("VmHWM:%s*(%d+)")
    if file then
        file:close()
    end
    return kilobytes and tonumber(kilobytes) * 1024
end

-- Says each sentence on standard error, once: every run finds it again.
local function new_teller(env)
    local told = {}
    return function(sentence)
        if not told[sentence] then
            told[sentence] = true
            env.stderr:write("hunch: ", sentence, "\n")
        end
    end
end

-- Runs a scan once: seconds, and what it saw.
local function run_once(env, rules, paths, options)
    local matches, incomplete = 0, 0
    local began = env.core.clock()
    local result, message = rules:scan_paths(paths, {
        threads = options.threads, backend = options.backend, prefilter_only = options.prefilter_only,
        on_match = function() matches = matches + 1 end,
        on_incomplete = function(entry)
            incomplete = incomplete + 1
            if entry.reason ~= "cancelled" then -- an interruption is said at the end
                options.tell(incomplete_of.sentence(entry))
            end
        end,
        cancel = env.core.interrupted,
    })
    if not result then
        return nil, message
    elseif result.stats.note then
        options.tell(visible.escape(result.stats.note))
    end
    return env.core.clock() - began, { matches = matches, incomplete = incomplete, stats = result.stats }
end

local function measure(env, rules, values, what, threads, tell)
    local seconds, seen = {}, nil
    local options = { threads = threads, backend = values.backend, prefilter_only = what == "prefilter", tell = tell }
    -- The first run warms the page cache and is not counted.
    for run = 0, values.runs or 5 do
        local took, facts = run_once(env, rules, values.paths, options)
        if not took then
            return nil, facts
        elseif env.core.interrupted() then
            return nil, "interrupted"
        end
        if run > 0 then
            seconds[run] = took
        end
        seen = facts
    end
    local middle = median(seconds)
    return {
        what = what, threads = threads, runs = #seconds, seconds = middle, best = seconds[1], worst = seconds[#seconds],
        bytes = seen.stats.bytes, records = seen.stats.records, matches = seen.matches, incomplete = seen.incomplete,
        backend = seen.stats.backend,
    }
end

local function print_json(env, row)
    env.stdout:write(string.format(
        '{"type":"bench","what":%s,"threads":%d,"runs":%d,"seconds":%s,"best":%s,"worst":%s,"bytes":%d,'
        .. '"records":%d,"matches":%d,"incomplete":%d,"backend":%s}\n', json.string(row.what), row.threads, row.runs,
        json.number(row.seconds), json.number(row.best), json.number(row.worst), row.bytes, row.records, row.matches,
        row.incomplete, json.string(row.backend or "")))
end

local function print_text(env, row)
    env.stdout:write(string.format("%-10s  %7s  %10.4f  %10.4f  %10.4f  %12s  %9d%s\n", row.what,
                                   row.threads == 0 and "all" or row.threads, row.seconds, row.best, row.worst,
                                   row.seconds > 0 and progress.size(row.bytes / row.seconds) .. "/s" or "-",
                                   row.matches, row.incomplete > 0 and "  " .. row.incomplete .. " not scanned" or ""))
end

local function compile_time(env, values)
    local seconds = {}
    for run = 1, math.min(3, values.runs or 5) do
        local began = env.core.clock()
        local rules, status = rules_of.open(env, values, values.rules)
        if not rules then
            return nil, status
        end
        seconds[run] = env.core.clock() - began
    end
    return median(seconds)
end

function M.run(values, env)
    if not values.rules then
        return nil, "bench needs rules: -r RULES"
    end
    local rules, status = rules_of.open(env, values, values.rules)
    if not rules then
        return status
    elseif rules_of.none(env, rules:list(), values.rules) then
        return 2
    end
    local compiling
    compiling, status = compile_time(env, values)
    if not compiling then
        return status
    end
    local text, incomplete, tell = values.format ~= "jsonl", 0, new_teller(env)
    if text then
        env.stdout:write(string.format("%d rules, opened in %.4f s; %d runs of each after one that is not counted\n",
                                       #rules:list(), compiling, values.runs or 5))
        env.stdout:write(string.format("%-10s  %7s  %10s  %10s  %10s  %12s  %9s\n", "what", "threads", "median s",
                                       "best s", "worst s", "rate", "matches"))
    end
    for _, threads in ipairs(values.thread_counts or { 1, 0 }) do
        for _, what in ipairs { "prefilter", "full" } do
            local row, message = measure(env, rules, values, what, threads, tell)
            if not row then
                env.stderr:write("hunch: ", visible.escape(tostring(message)), "\n")
                return message == "interrupted" and 130 or 2
            end
            local print_row = text and print_text or print_json
            print_row(env, row)
            incomplete = incomplete + row.incomplete
            env.stdout:flush()
        end
    end
    local peak = peak_memory()
    if text then
        env.stdout:write(peak and "peak memory " .. progress.size(peak) .. "\n" or "")
    else
        env.stdout:write(string.format('{"type":"summary","rules":%d,"open_seconds":%s,"peak_bytes":%s}\n',
                                       #rules:list(), json.number(compiling), peak and tostring(peak) or "null"))
    end
    return incomplete > 0 and 3 or 0
end

return M
