-- `hunch check`: everything the compiler has to say about rules. 0 clean or warnings, 1 errors, 2 unreadable.
local M = {}

local json = require "hunch.report.json"
local rules_of = require "hunch.cli.rules"

local UNREADABLE = "E001" -- a file of a folder, say
local INTERRUPTED = 130
local FIELDS = { "severity", "code", "file", "line", "column", "rule", "message", "hint" }

local function json_line(diagnostic)
    local parts = { '"type":"diagnostic"' }
    for _, field in ipairs(FIELDS) do
        local value = diagnostic[field]
        if type(value) == "string" then
            parts[#parts + 1] = json.bytes_member(field, value)
        else
            parts[#parts + 1] = '"' .. field .. '":' .. json.encode(value)
        end
    end
    return "{" .. table.concat(parts, ",") .. "}\n"
end

local function plural(count, word)
    return string.format("%d %s%s", count, word, count == 1 and "" or "s")
end

function M.run(values, env)
    local engine = rules_of.engine_for(env, values, values.rules, "check")
    if not engine then
        return 2
    end
    local diagnostics, summaries = engine:check(values.rules)
    if rules_of.interrupted(env) then
        return INTERRUPTED
    elseif not diagnostics then
        env.stderr:write("hunch: ", tostring(summaries), "\n")
        return 2
    end
    local counts, unreadable = { error = 0, warning = 0, note = 0 }, false
    for _, diagnostic in ipairs(diagnostics) do
        counts[diagnostic.severity] = counts[diagnostic.severity] + 1
        unreadable = unreadable or diagnostic.code == UNREADABLE
        if values.format == "jsonl" then
            env.stdout:write(json_line(diagnostic))
        end
    end
    if values.format ~= "jsonl" and #diagnostics > 0 then
        local colour = env.core.is_terminal(1) and (env.getenv "NO_COLOR" or "") == ""
        require("hunch.cli.diagnostics").show(diagnostics, colour, function(text) env.stdout:write(text) end)
    end
    if values.format == "jsonl" then
        env.stdout:write(string.format('{"type":"summary","rules":%d,"errors":%d,"warnings":%d,"notes":%d}\n',
                                       #(summaries or {}), counts.error, counts.warning, counts.note))
    else
        env.stdout:write(plural(#(summaries or {}), "rule"), ": ", plural(counts.error, "error"), ", ",
                         plural(counts.warning, "warning"), ", ", plural(counts.note, "note"), "\n")
    end
    if unreadable then
        return 2
    end
    return counts.error > 0 and 1 or 0
end

return M
