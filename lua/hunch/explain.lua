--- What became of rules: plain tables for `hunch explain` (lua/hunch/cli/outline.lua prints them, keys sorted).
-- Runs behind all passes, so it only reads what they left: docs/INTERNALS.md sections 2, 5, 9, and the lower pass's
-- tables for sizes.
local charset = require "hunch.regex.charset"
local emit = require "hunch.regex.emit"
local graph = require "hunch.graph.show"
local layout = require "hunch.layout"
local native = require "hunch.native"
local ngram = require "hunch.ngram"
local quote = require "hunch.quote"
local undecided = require "hunch.regex.undecided"

local M = {}

local SHOWN_CODE = 60 -- instructions that are listed; more are only counted

-- ---- words for things ---------------------------------------------------------------------------

local function rate(hits)
    if hits < 0.01 then return "less than 0.01 a MB" end
    return (hits < 10 and "%.2f a MB" or "%.0f a MB"):format(hits)
end

local function show_literal(item)
    if item.kind == "hex" then return "hex " .. quote(item.source) end
    local flags = {}
    for _, flag in ipairs { "nocase", "wide", "word" } do
        if item[flag] then flags[#flags + 1] = flag end
    end
    return quote(item.bytes) .. (#flags > 0 and " " .. table.concat(flags, " ") or "")
end

-- How often a literal, or a hex string, is expected in a megabyte; nil where its anchors are not literals.
local function expected(item)
    if item.raw then return ngram.hits(item.raw, item.nocase) end
    local sum = 0
    for _, anchor in ipairs(item.anchors or {}) do
        if not anchor.literals then return nil end
        for _, literal in ipairs(anchor.literals) do sum = sum + ngram.hits(literal.bytes, literal.nocase) end
    end
    return item.anchors and sum or nil
end

local function show_item(item)
    local hits = expected(item)
    return show_literal(item) .. (hits and ": " .. rate(hits) or ": looked for at every position")
end

local function counts_of(node)
    local max = node.max and (node.max == node.min and "" or " to " .. node.max) or " or more"
    return node.min .. max .. " times" .. (node.greedy and "" or ", as few as possible")
end

local LABEL = {
    empty = function() return "empty" end,
    fail = function() return "fails" end,
    set = function(node) return charset.to_string(node.set) end,
    assert = function(node) return node.kind:gsub("_", " ") end,
    cat = function() return "sequence" end,
    alt = function() return "one of, the first preferred" end,
    group = function(node) return "group " .. node.index .. (node.name and " " .. node.name or "") end,
    ["repeat"] = counts_of,
}

-- Neighbouring single bytes are one line: `"AKIA"`.
local function literal_run(node, from)
    local bytes = {}
    for i = from, #node do
        local single = node[i].tag == "set" and charset.single(node[i].set)
        if not single then break end
        bytes[#bytes + 1] = string.char(single)
    end
    return #bytes > 1 and table.concat(bytes) or nil
end

local function tree_lines(node, depth, lines)
    local indent = ("  "):rep(depth)
    lines[#lines + 1] = indent .. LABEL[node.tag](node)
    local i = 1
    while i <= #node do
        local run = node.tag == "cat" and literal_run(node, i)
        if run then
            lines[#lines + 1] = indent .. "  " .. quote(run)
            i = i + #run
        else
            tree_lines(node[i], depth + 1, lines)
            i = i + 1
        end
    end
    return lines
end

local function show_length(item)
    if item.max_length == item.min_length then return item.min_length .. " bytes" end
    return item.min_length .. (item.max_length and " to " .. item.max_length or " or more") .. " bytes"
end

-- ---- regexes ------------------------------------------------------------------------------------

local function distance(anchor)
    local min, max = anchor.before_min, anchor.before_max
    if max == 0 then return "at the start of the match" end
    return (min == max and ("%d"):format(min) or max and ("%d to %d"):format(min, max) or ("%d or more"):format(min))
        .. " bytes behind the start of the match"
end

local PREFIX = {
    fixed = function() return "the start is known" end,
    run = function(anchor) return "bytes of " .. charset.to_string(anchor.set) .. " back to the start" end,
    program = function(anchor)
        return ("the reversed regex of what stands before, %d instructions"):format(#anchor.reverse.code)
    end,
}

local function explain_anchor(anchor, guard_states)
    local out = { place = distance(anchor), before = PREFIX[anchor.prefix](anchor) }
    if anchor.literals then
        out.literals = {}
        for i, literal in ipairs(anchor.literals) do
            out.literals[i] = show_literal(literal) .. ": " .. rate(ngram.hits(literal.bytes, literal.nocase))
        end
    else
        out.run = ("%d bytes of %s: %s"):format(anchor.length, charset.to_string(anchor.class),
            rate(ngram.class_hits(anchor.class, anchor.length)))
    end
    if guard_states then out.guard_states = guard_states end
    return out
end

-- States of the guard of each anchor of a pattern, as lower left them.
local function guards_of(pool, item)
    local states = {}
    local pattern = pool.patterns[pool:pattern(item) + 1]
    for i = 1, #(item.anchors or {}) do
        local guard = pool.anchors[pattern.anchor + i].guard
        if guard ~= layout.NONE then states[i] = pool.guards[guard + 1].states end
    end
    return states
end

local function explain_regex(pool, item)
    local emitted = item.emitted
    local out = {
        pattern = item.pattern or item.source, flags = item.flags ~= "" and item.flags or nil,
        parse_tree = table.concat(tree_lines(item.ast, 0, {}), "\n"),
        matches = show_length(item),
        size = ("%d instructions, %d states, %d groups, %d classes"):format(
            #emitted.code, emitted.states, emitted.groups, #emitted.classes),
        code = #emitted.code <= SHOWN_CODE and emit.dump(emitted) or nil,
    }
    if item.info and next(item.info.names or {}) then
        local names = {}
        for name, index in pairs(item.info.names) do names[#names + 1] = index .. " " .. name end
        table.sort(names)
        out.group_names = names
    end
    if item.searched_everywhere then
        if item.anchors then
            local guards = guards_of(pool, item)
            out.starts_at = {}
            for i, anchor in ipairs(item.anchors) do out.starts_at[i] = explain_anchor(anchor, guards[i]) end
        else
            out.starts_at = "every position: nothing in it has to stand in a match"
        end
        if item.at_text_begin then out.starts_at = "the start of the record only" end
        local verdict = undecided.run(emitted)
        if verdict then out.undecided = verdict end
    end
    return out
end

local function explain_pattern(pool, item)
    if item.ast and item.emitted then return explain_regex(pool, item) end
    return show_item(item)
end

-- ---- prefilters ---------------------------------------------------------------------------------

local function explain_expr(expr)
    local items = {}
    for i, item in ipairs(expr.items) do
        items[i] = item.items and explain_expr(item) or show_item(item)
    end
    local label = expr.kind == "at_least" and ("at least %d of"):format(expr.n) or expr.kind .. " of"
    return { [label] = items }
end

local function explain_proof(proof)
    if proof.implied then return "implied by the regex" end
    if proof.text then return "not implied: the regex matches " .. quote(proof.text) end
    return "not decided: " .. proof.why
end

local function explain_prefilter(rule)
    local expr = rule.prefilter or rule.derived_prefilter
    if not expr then return "none, and none follows from the stages: the rule looks at every record" end
    local out = explain_expr(expr)
    out.origin = rule.prefilter and "declared" or "derived from the stages"
    out.proof = rule.proof and explain_proof(rule.proof) or nil
    return out
end

-- ---- stages -------------------------------------------------------------------------------------

-- Fields of a stage that are shown as they are.
local PLAIN = { "capture", "at_least", "at_most", "above", "within", "unit", "before", "after", "name", "of", "digits",
    "on", "at", "type", "equal", "less", "more", "mask", "from", "source", "text" }

local NO_ROOM = ("with those before it its lists take more than %d MB"):format(native.device.words * 4 >> 20)

local function is_literal(item) return item.kind == "literal" or item.kind == "hex" and item.bytes ~= nil end

local function asks_literals(expr)
    local only = true
    for _, item in ipairs(expr.items) do
        only = only and (item.items and asks_literals(item) or is_literal(item))
    end
    return only
end

-- What of a stage a device leaves to the host, nil: nothing but what it has no room for. true behind it: all of it.
local function left_to_host(stage)
    local regex = stage.target and stage.target.kind ~= "rule" and not is_literal(stage.target)
    for _, item in pairs(stage.kind == "condition" and stage.patterns or {}) do
        regex = regex or not is_literal(item)
    end
    if stage.kind == "host" then return "host (a Lua function)", true end
    if stage.kind == "path" then return "path (the record's name)", true end
    if stage.target and stage.target.kind == "rule" or stage.uses and next(stage.uses.rules or {}) then
        return stage.kind .. " (another rule)", true
    end
    if regex then return stage.kind .. " (a regex that has hits)" end
    return stage.path and stage.kind .. " path (the record's name)" or nil
end

local function explain_lists(pool, stage, out)
    for _, list in ipairs { "regex", "path" } do
        if stage[list] then
            out[list] = {}
            for i, item in ipairs(stage[list]) do out[list][i] = explain_regex(pool, item) end
        end
    end
    out.words = stage.words and #stage.words or nil
end

local function explain_stage(pool, stage)
    local out = {}
    if stage.kind == "regex" or stage.kind == "path" then
        out = explain_regex(pool, stage)
    end
    for _, field in ipairs(PLAIN) do
        if out[field] == nil and type(stage[field]) ~= "table" then out[field] = stage[field] end
    end
    if stage.kind == "except" or stage.kind == "only" then
        out.text, out.equal = stage.text, stage.equal
        explain_lists(pool, stage, out)
    elseif layout.GRAPH[stage.kind] then
        out = graph.stage(stage)
    elseif stage.target and stage.target.kind == "rule" then
        out.target = "rule " .. quote(stage.target.name)
    elseif stage.target then
        out.target = explain_pattern(pool, stage.target)
    elseif stage.kind == "condition" and stage.patterns then
        out.patterns = {}
        for name, item in pairs(stage.patterns) do out.patterns[name] = explain_pattern(pool, item) end
    end
    out.title = stage.kind -- the outline shows a title first
    return out
end

-- ---- rules --------------------------------------------------------------------------------------

-- What the route of its group means for the rule: docs/ARCHITECTURE.md, "How a scan runs".
local function explain_routes(host, gated, language)
    if language then
        return { any = "its gate is asked once a link unit, before records are searched; then what the graph found "
            .. "goes through the stages behind it" }
    end
    local fused = not gated and "it has no gate, so nothing is guessed"
        or host and "stages before its host stage run before the gate is known, a host stage never does"
        or "its stages run before the gate is known, and what they found is dropped when it fails"
    return {
        any = "fused, chained or serial: each dispatch takes what is predicted to be the fastest for its group",
        fused = fused,
    }
end

-- As runtime/plan.c: it can match where no literal occurs, but only in records whose name its first stage accepts.
local function asks_name_first(pool, rule, index, search)
    local lowered = pool.rules[index]
    return lowered.flags & layout.RULE_ALWAYS ~= 0 and lowered.gate_count == 0 and rule.confirm[1]
        and rule.confirm[1].kind == "path" and (search or lowered.span_count == 0)
end

-- Has any of these a regex that finds no room for its lists on a device?
local function lacks_lists(pool, without, items)
    for _, item in ipairs(items) do
        local pattern = item.emitted and pool.patterns[pool:pattern(item) + 1]
        local lacks = pattern and without[pattern.regex]
        for i = 1, pattern and pattern.anchor_count or 0 do
            local anchor = pool.anchors[pattern.anchor + i]
            lacks = lacks or anchor.prefix == layout.PREFIX.program and without[anchor.prefix_index]
        end
        if lacks then return true end
    end
    return false
end

-- What a device and the host do of stages first..last, behind what is in `gpu` and `hosts`.
local function share_stages(pool, without, rule, first, last, gpu, hosts)
    for i = first, last do
        local stage = rule.confirm[i]
        local left, all = left_to_host(stage)
        hosts[#hosts + 1] = left
        if stage.kind == "regex" and lacks_lists(pool, without, { stage }) then
            hosts[#hosts + 1] = "regex (" .. NO_ROOM .. ")"
        elseif not all then
            gpu[#gpu + 1] = stage.kind
        end
        if type(stage.regex) == "table" and lacks_lists(pool, without, stage.regex) then
            hosts[#hosts + 1] = ("%s regex (%s)"):format(stage.kind, NO_ROOM)
        end
    end
end

-- A rule without a regex, or whose regex comes behind stages that judge the record: as runtime/gating.c, is_by_record.
local function explain_by_record(pool, without, rule, index, search)
    local _, all
    if rule.confirm[1] then _, all = left_to_host(rule.confirm[1]) end
    if not rule.confirm[1] or all or pool.rules[index].flags & layout.RULE_ALWAYS ~= 0 then
        return { gpu = "literals and gates", host = "every record whose gate holds" }
    end
    local gpu, hosts = { "literals and gates" }, {}
    share_stages(pool, without, rule, 1, (search or #rule.confirm + 1) - 1, gpu, hosts)
    hosts[#hosts + 1] = search and "the regex and what follows it" or "spans"
    hosts[#hosts + 1] = ("records with over %d hits"):format(native.device.hits)
    return { gpu = table.concat(gpu, ", "), host = table.concat(hosts, ", ") }
end

--- What a GPU does of the rule; the host does the rest, on what is left.
local function explain_device(pool, without, rule, index)
    local search, quiet
    for i, stage in ipairs(rule.confirm) do
        if layout.GRAPH[stage.kind] then
            local flows = stage.kind == "taint" or stage.kind == "flows_to"
            return { gpu = flows and "of a large link unit what flows where" or "nothing",
                host = "the link unit's literals, its graph, and what follows it" }
        elseif stage.kind == "regex" then
            search = i
            break
        end
        quiet = (quiet == nil or quiet) and (stage.kind == "path" or stage.kind == "field")
    end
    if asks_name_first(pool, rule, index, search) then
        return { gpu = "literals and gates", host = "every record that is called so" }
    end
    if pool.rules[index].gate_count > 0 and not asks_literals(rule.prefilter or rule.derived_prefilter) then
        return { gpu = "literals", host = "the gate, which asks for more than literals, and what follows it" }
    end
    if not search or quiet == false then return explain_by_record(pool, without, rule, index, search) end
    local item = rule.confirm[search]
    local literal = item.anchors ~= nil
    for _, anchor in ipairs(item.anchors or {}) do literal = literal and not anchor.class end
    if not literal then
        return { gpu = "literals and gates",
            host = "the regex, which can match where no literal stands, and what follows it" }
    end
    local emitted = item.emitted
    if emitted.states > native.device.states or emitted.groups > native.device.groups then
        return { gpu = "literals and gates",
            host = ("the regex, which has more than %d states or %d groups, and what follows it")
                :format(native.device.states, native.device.groups) }
    end
    if lacks_lists(pool, without, { item }) then
        return { gpu = "literals and gates", host = ("the regex (%s), and what follows it"):format(NO_ROOM) }
    end
    local gpu, hosts = { "literals and gates", "regex" }, {}
    for i = 1, search - 1 do hosts[i] = left_to_host(rule.confirm[i]) or rule.confirm[i].kind end
    share_stages(pool, without, rule, search + 1, #rule.confirm, gpu, hosts)
    hosts[#hosts + 1] = ("spans, and matches over %d bytes"):format(native.device.bytes)
    return { gpu = table.concat(gpu, ", "), host = table.concat(hosts, ", ") }
end

local function rules_in_group(state, group)
    local n = 0
    for _, rule in ipairs(state.rules) do n = n + (rule.group == group and 1 or 0) end
    return n
end

local function explain_rule(state, without, rule, index)
    local pool = state.program_tables
    local stages, host = {}, false
    for i, stage in ipairs(rule.confirm) do
        stages[i] = explain_stage(pool, stage)
        host = host or stage.kind == "host"
    end
    local flags = {}
    for _, flag in ipairs { "private", "global" } do
        if rule[flag] then flags[#flags + 1] = flag end
    end
    return {
        name = rule.name, title = rule.title, severity = rule.severity, language = rule.language,
        where = ("%s:%d"):format(rule.where.file, rule.where.line),
        flags = #flags > 0 and flags or nil,
        prefilter = explain_prefilter(rule),
        stages = stages,
        class = ("%s: %s"):format(rule.group, rule.group_reason),
        group = ("%s, %d of %d rules: they share a route and what is learned of routes"):format(rule.group,
            rules_in_group(state, rule.group), #state.rules),
        routes = explain_routes(host, pool.rules[index].gate_count > 0, rule.language),
        device = explain_device(pool, without, rule, index),
    }
end

local function explain_program(state)
    local pool = state.program_tables
    local states, guards = 0, 0
    for _, regex in ipairs(pool.regexes) do states = states + regex.states end
    for _, guard in ipairs(pool.guards) do guards = guards + guard.states end
    return {
        bytes = #state.program, rules = #pool.rules, literals = #pool.literals, patterns = #pool.patterns,
        anchors = #pool.anchors, regexes = #pool.regexes, instructions = #pool.instructions, states = states,
        classes = #pool.classes, guards = #pool.guards, guard_states = guards, stages = #pool.stages,
        host_files = #pool.hosts,
    }
end

---Explains one rule, or all of them.
---@param state hunch.CompileState behind all passes, compiled with options.prove
---@param rule_name string|nil
---@return table explained { rules = { … }, program = { … } }; `rules` is empty when no rule has the name
function M.explain(state, rule_name)
    local rules = {}
    local without = native.device_lists(state.program, native.device.words)
    for i, rule in ipairs(state.rules) do
        if not rule_name or rule.name == rule_name then rules[#rules + 1] = explain_rule(state, without, rule, i) end
    end
    return { rules = rules, program = explain_program(state) }
end

--- For specs: a tree as `hunch explain` shows it.
function M.tree(node)
    return table.concat(tree_lines(node, 0, {}), "\n")
end

return M
