-- `hunch test`: the examples of every rule, run through the whole engine. A `match` example must make its own
-- rule report (at its spans, when it names them), a `miss` example must not.
local M = {}

local rules_of = require "hunch.cli.rules"
local visible = require "hunch.report.visible"

local WIDTH = 100
local INTERRUPTED = 130

local function wanted(values)
    if not values.rule then
        return nil
    end
    local names = {}
    for _, name in ipairs(values.rule) do
        names[name] = true
    end
    return names
end

-- All examples as records. Those of one wave have different names, so that a match tells its example. One of a graph
-- rule is a program, and a wave by itself.
local function program_of(entry, files)
    local wave = { by_name = {}, records = {}, rules = { entry.rule.name } }
    for i, file in ipairs(files) do
        wave.by_name[file.path] = entry
        wave.records[i] = { name = file.path, data = file.text }
    end
    return wave
end

local function collect(list, names)
    local waves, programs, seen, examples, without = {}, {}, {}, {}, {}
    for _, rule in ipairs(list) do
        if not names or names[rule.name] then
            local own = 0
            for _, kind in ipairs { "match", "miss" } do
                for number, text in ipairs(rule.examples and rule.examples[kind] or {}) do
                    local example = type(text) == "table" and text or { text = text }
                    own = own + 1
                    local files = example.files
                    local entry = { rule = rule, kind = kind, number = number, text = example.text or files
                                    and files[1].text or "", spans = example.spans,
                                    path = example.path or files and files[1].path, found = {}, faults = {} }
                    examples[#examples + 1] = entry
                    if files then
                        programs[#programs + 1] = program_of(entry, files)
                    else
                        local name = example.path or "example-" .. #examples
                        local wave = (seen[name] or 0) + 1
                        seen[name] = wave
                        waves[wave] = waves[wave] or { by_name = {}, records = {} }
                        waves[wave].by_name[name] = entry
                        table.insert(waves[wave].records, { name = name, data = entry.text })
                    end
                end
            end
            if own == 0 then
                without[#without + 1] = rule.name
            end
        end
    end
    return table.move(programs, 1, #programs, #waves + 1, waves), examples, without
end

-- Runs one wave; what the rule of each example reported lies in its `found` then.
local function run_wave(rules, wave, cancel)
    local result, message = rules:scan(wave.records, {
        private = true, cancel = cancel, rules = wave.rules,
        on_match = function(match)
            local example = wave.by_name[match.record]
            if example and example.rule.name == match.rule then
                table.insert(example.found, { match.first, match.last })
            end
        end,
        on_incomplete = function(entry)
            local example = entry.record and wave.by_name[entry.record]
            if not example or not entry.rule or entry.rule == example.rule.name then
                for _, one in ipairs(example and { example } or { wave.by_name[wave.records[1].name] }) do
                    table.insert(one.faults, entry.reason .. (entry.detail and ": " .. entry.detail or ""))
                end
            end
        end,
    })
    return result, message
end

local function spans_text(spans)
    if #spans == 0 then
        return "nothing"
    end
    local parts = {}
    for i, span in ipairs(spans) do
        if i > 8 then
            parts[i] = string.format("and %d more", #spans - 8)
            break
        end
        parts[i] = string.format("%d..%d", span[1], span[2])
    end
    return table.concat(parts, ", ")
end

local function equal_spans(a, b)
    if #a ~= #b then
        return false
    end
    for i, span in ipairs(a) do
        if span[1] ~= b[i][1] or span[2] ~= b[i][2] then
            return false
        end
    end
    return true
end

local function by_place(a, b)
    if a[1] ~= b[1] then
        return a[1] < b[1]
    end
    return a[2] < b[2]
end

-- nil when the example holds, else the lines that say how it does not.
local function verdict(example)
    if #example.faults > 0 then
        return { "not evaluated to the end: " .. table.concat(example.faults, "; ") }
    elseif example.kind == "miss" then
        return #example.found > 0 and { "expected  nothing", "found     " .. spans_text(example.found) } or nil
    elseif example.spans then
        local expected = table.move(example.spans, 1, #example.spans, 1, {})
        table.sort(expected, by_place)
        table.sort(example.found, by_place)
        if not equal_spans(expected, example.found) then
            return { "expected  " .. spans_text(expected), "found     " .. spans_text(example.found) }
        end
    elseif #example.found == 0 then
        return { "expected  a match", "found     nothing" }
    end
end

-- The text with what is expected (+) and what was found (-) under it, as long as it fits on one line.
local function drawing(example)
    local text = example.text
    local lines = {}
    for line in (text .. "\n"):gmatch("([^\n]*)\n") do
        lines[#lines + 1] = (visible.head(line, WIDTH))
        if #lines == 6 then
            lines[#lines + 1] = "…"
            break
        end
    end
    if #lines ~= 1 or select(3, visible.head(text, WIDTH)) then
        return lines
    end
    for _, layer in ipairs { { example.kind == "match" and example.spans or {}, "+" }, { example.found, "-" } } do
        local cells = {}
        for _, span in ipairs(layer[1]) do
            local _, from = visible.escape(text:sub(1, span[1] - 1))
            local _, to = visible.escape(text:sub(1, math.min(#text, span[2])))
            for cell = from + 1, to do
                cells[cell] = layer[2]
            end
        end
        local width = 0
        for cell in pairs(cells) do
            width = math.max(width, cell)
        end
        for cell = 1, width do
            cells[cell] = cells[cell] or " "
        end
        if width > 0 then
            lines[#lines + 1] = table.concat(cells, "", 1, width)
        end
    end
    return lines
end

local function report_failure(env, example, lines)
    local where = example.rule.where
    env.stdout:write(string.format("FAIL %s%s, %s example %d%s\n", visible.escape(example.rule.name),
                                   where and string.format(" (%s:%d)", visible.escape(where.file), where.line) or "",
                                   example.kind, example.number,
                                   example.path and ", path " .. visible.escape(example.path) or ""))
    for i, line in ipairs(drawing(example)) do
        env.stdout:write(i == 1 and "  text      " or "            ", line, "\n")
    end
    for _, line in ipairs(lines) do
        env.stdout:write("  ", visible.escape(line), "\n")
    end
end

local function check_names(names, list, env)
    local known = {}
    for i, rule in ipairs(list) do
        known[i], known[rule.name] = rule.name, true
    end
    for _, name in ipairs(names or {}) do
        if not known[name] then
            env.stderr:write("hunch: no rule is named '", visible.escape(name), "'",
                             require("hunch.cli.options").suggestion(name, known), "\n")
            return false
        end
    end
    return true
end

function M.run(values, env)
    local rules, status = rules_of.open(env, values, values.rules, "test")
    if not rules then
        return status
    end
    local list = rules:list()
    if rules_of.none(env, list, values.rules) or not check_names(values.rule, list, env) then
        return 2
    end
    local waves, examples, without = collect(list, wanted(values))
    local note
    for _, wave in ipairs(waves) do
        local result, message = run_wave(rules, wave, env.core.interrupted)
        if env.core.interrupted() then
            env.stderr:write("hunch: interrupted; not all examples were run\n")
            return INTERRUPTED
        elseif not result then
            env.stderr:write("hunch: ", tostring(message), "\n")
            return 2
        end
        note = note or result.stats.note
    end
    if note then
        env.stderr:write("hunch: ", visible.escape(note), "\n")
    end
    local failed, failed_rules = 0, {}
    for i, example in ipairs(examples) do
        local lines = verdict(example)
        if lines then
            failed = failed + 1
            failed_rules[example.rule.name] = true
            report_failure(env, example, lines)
        end
        local name = example.rule.name
        local last = not examples[i + 1] or examples[i + 1].rule ~= example.rule
        if values.verbose and last and not failed_rules[name] then
            env.stdout:write("ok   ", visible.escape(name), "\n")
        end
    end
    if #without > 0 then
        env.stdout:write(string.format("%d without examples: %s\n", #without,
                                       visible.escape(table.concat(without, ", "))))
    end
    env.stdout:write(string.format("%d example%s, %d failed\n", #examples, #examples == 1 and "" or "s", failed))
    return failed > 0 and 1 or 0
end

return M
