--- The lower pass: rules to the tables of a program (kernels/layout.h), with indices but without bytes.
-- Equal patterns, classes, literals and guards are shared. Everything is numbered in order of first use, so the same
-- rules give the same program. Leaves state.program_tables; encode writes them.
local emit = require "hunch.regex.emit"
local fold = require "hunch.condition.fold"
local condition = require "hunch.condition.emit"
local diagnostics = require "hunch.diagnostics"
local follow = require "hunch.regex.follow"
local graph = require "hunch.graph.lower"
local json = require "hunch.report.json"
local layout = require "hunch.layout"
local native = require "hunch.native"
local sorted = require "hunch.sorted"

local M = {}

local NONE, INFINITE = layout.NONE, layout.INFINITE
local GUARD_STATES = 1000 -- most states of one guard; where they do not suffice it lets pass what lies deeper

-- ---- pools --------------------------------------------------------------------------------------

local Pool = {}
Pool.__index = Pool

local function new_pool()
    return setmetatable({
        blob = {}, blob_size = 0, texts = {}, literals = {}, literal_index = {}, patterns = {}, pattern_index = {},
        anchors = {}, regexes = {}, instructions = {}, classes = {}, class_index = {}, guards = {}, words = {},
        rules = {}, stages = {}, hosts = {}, host_index = {},
        graphs = {}, spots = {}, tests = {}, actions = {}, flows = {},
    }, Pool)
end

--- A piece of the blob: { offset, length }. Equal texts lie there once.
function Pool:text(bytes)
    local known = self.texts[bytes]
    if not known then
        known = { self.blob_size, #bytes }
        self.blob[#self.blob + 1] = bytes
        self.blob_size = self.blob_size + #bytes
        self.texts[bytes] = known
    end
    return known
end

--- Appends a list of numbers to the words; returns where it begins.
function Pool:list(numbers)
    local first = #self.words
    table.move(numbers, 1, #numbers, first + 1, self.words)
    return first
end

function Pool:class(set)
    local index = self.class_index[set]
    if not index then
        index = #self.classes
        self.classes[index + 1] = set
        self.class_index[set] = index
    end
    return index
end

function Pool:literal(bytes, nocase, from)
    local key = (nocase and "i" or "x") .. bytes
    local index = self.literal_index[key]
    if not index then
        index = #self.literals
        self.literals[index + 1] = { text = self:text(bytes), nocase = nocase and true or false,
            window = from.window, even = from.even, odd = from.odd, users = {} }
        self.literal_index[key] = index
    end
    return index
end

-- ---- regexes ------------------------------------------------------------------------------------

local OP_SET, OP_RUN = emit.OP.SET, emit.OP.RUN

--- Puts code behind the other code; its classes get their numbers in the program.
function Pool:regex(emitted, facts)
    local first = #self.instructions
    local class = {}
    for i, set in ipairs(emitted.classes) do class[i - 1] = self:class(set) end
    for _, i in ipairs(emitted.code) do
        local x = i.x or 0
        if i.op == OP_SET or i.op == OP_RUN then x = class[x] end
        self.instructions[#self.instructions + 1] = { i.op, i.lazy or 0, i.arg or 0, x, i.y or 0, i.state, i.min or 0,
            i.max or 0 }
    end
    local index = #self.regexes
    self.regexes[index + 1] = {
        code = first, count = #emitted.code, states = emitted.states, groups = emitted.groups or 0,
        first = facts.first and self:class(facts.first) or NONE,
        flags = (facts.reversed and layout.REGEX_REVERSED or 0) | (facts.at_text_begin and layout.REGEX_ANCHORED or 0)
            | (facts.lookahead and layout.REGEX_LOOKAHEAD or 0),
        min_length = facts.min_length or 0, max_length = facts.max_length or INFINITE,
    }
    return index
end

function Pool:guard(emitted, start)
    local packed = emitted.packed
    if not packed then
        packed = { emit.pack(emitted) }
        emitted.packed = packed
    end
    local guard = native.guard(packed[1], packed[2], start, GUARD_STATES)
    if not guard then return NONE end
    local index = #self.guards
    self.guards[index + 1] = { table = guard.table, shift = guard.shift, states = guard.states,
        columns = self:text(guard.columns)[1] }
    return index
end

-- ---- patterns -----------------------------------------------------------------------------------

function Pool:anchor(pattern, anchor, emitted, guards)
    local index = #self.anchors
    local record = {
        pattern = pattern, kind = anchor.literals and layout.ANCHOR.LITERAL or layout.ANCHOR.CLASS,
        class = anchor.class and self:class(anchor.class) or NONE, length = anchor.length or 0,
        least = anchor.before_min, most = anchor.before_max or INFINITE, entry = anchor.entry or 0,
        prefix = layout.PREFIX[anchor.prefix], prefix_index = NONE, guard = NONE, guard_behind = 0,
    }
    if anchor.prefix == "run" then record.prefix_index = self:class(anchor.set) end
    if anchor.prefix == "program" then record.prefix_index = self:regex(anchor.reverse, { reversed = true }) end
    if anchor.literals and emitted then
        -- Behind the literals where the code goes on alike behind all of them, else from where they begin.
        local start
        for i, literal in ipairs(anchor.literals) do
            local states = follow.behind(emitted, anchor.entry, literal.bytes, literal.nocase)
            if i > 1 and states ~= start then states = nil end
            start = states
            if not states then break end
        end
        record.guard_behind = start and 1 or 0
        start = start or anchor.entry
        guards[start] = guards[start] or self:guard(emitted, start)
        record.guard = guards[start]
    end
    self.anchors[index + 1] = record
    for _, literal in ipairs(anchor.literals or {}) do
        local l = self.literals[self:literal(literal.bytes, literal.nocase, literal) + 1]
        if l.users[#l.users] ~= index then l.users[#l.users + 1] = index end
    end
end

local WHOLE = { before_min = 0, before_max = 0, prefix = "fixed" }

--- The index of a literal, a hex string or a regex.
function Pool:pattern(item)
    local exact = item.kind == "literal" or (item.kind == "hex" and item.bytes)
    local key
    if exact then
        local flags = (item.nocase and "i" or "") .. (item.word and "w" or "") .. (item.wide and "2" or "")
        key = "L" .. flags .. "\0" .. item.raw
    elseif item.kind == "hex" then
        key = "H" .. item.source
    else
        key = "R" .. (item.searched_everywhere and "+" or "-") .. (item.flags or "") .. "\0" .. item.pattern
    end
    local index = self.pattern_index[key]
    if index then return index end
    index = #self.patterns
    self.pattern_index[key] = index
    local record = {
        kind = exact and layout.PATTERN.LITERAL or layout.PATTERN.REGEX, flags = 0, regex = NONE, literal = NONE,
        anchor = #self.anchors, source = self:text(item.source or item.pattern or item.bytes), rules = {},
        presence = true,
    }
    self.patterns[index + 1] = record
    if exact then
        record.flags = (item.word and layout.PATTERN_WORD or 0) | (item.wide and layout.PATTERN_WIDE or 0)
        record.literal = self:literal(item.raw, item.nocase, item)
        self:anchor(index, { literals = { { bytes = item.raw, nocase = item.nocase } },
            before_min = WHOLE.before_min, before_max = WHOLE.before_max, prefix = WHOLE.prefix })
    else
        if item.kind == "hex" then record.flags = layout.PATTERN_OVERLAP end
        record.regex = self:regex(item.emitted, item)
        local guards = {}
        for _, anchor in ipairs(item.anchors or {}) do self:anchor(index, anchor, item.emitted, guards) end
    end
    record.anchor_count = #self.anchors - record.anchor
    return index
end

--- A pattern whose places matter, not only whether it occurs.
function Pool:placed(item)
    local index = self:pattern(item)
    self.patterns[index + 1].presence = false
    return index
end

-- ---- gates --------------------------------------------------------------------------------------

local function holds_on_nothing(expr)
    local held = 0
    for _, item in ipairs(expr.items) do
        if item.items and holds_on_nothing(item) then held = held + 1 end
    end
    if expr.kind == "all" then return held == #expr.items end
    if expr.kind == "any" then return held > 0 end
    if expr.kind == "none" then return held == 0 end
    return held >= expr.n
end

-- Words of the gate; marks the patterns that make the rule a candidate. Returns false when the gate holds a
-- pattern without anchors: then the rule must be looked at for every record.
local function lower_gate(pool, rule_index, expr, words)
    local anchored = true
    words[#words + 1] = layout.GATE[expr.kind] | #expr.items << 8
    if expr.kind == "at_least" then words[#words + 1] = expr.n end
    for _, item in ipairs(expr.items) do
        if item.items then
            anchored = lower_gate(pool, rule_index, item, words) and anchored
        else
            local index = pool:pattern(item)
            local pattern = pool.patterns[index + 1]
            words[#words + 1] = layout.GATE.pattern | index << 8
            if pattern.rules[#pattern.rules] ~= rule_index then pattern.rules[#pattern.rules + 1] = rule_index end
            if pattern.anchor_count == 0 then anchored = false end
            for i = 1, pattern.anchor_count do
                if pool.anchors[pattern.anchor + i].kind == layout.ANCHOR.CLASS then anchored = false end
            end
        end
    end
    return anchored
end

local function span_patterns(pool, expr, list, seen)
    if expr.kind == "none" then return end
    for _, item in ipairs(expr.items) do
        if item.items then
            span_patterns(pool, item, list, seen)
        else
            local index = pool:placed(item)
            if not seen[index] then
                seen[index] = true
                list[#list + 1] = index
            end
        end
    end
end

-- ---- stages -------------------------------------------------------------------------------------

local function capture_number(stage, field)
    local value = stage[field]
    if value == nil then return layout.CAPTURE_MATCH end
    if type(value) == "number" then return value == 0 and layout.CAPTURE_MATCH or value end
    local names = stage.info and stage.info.names or stage.capture_names or {}
    if names[value] then return names[value] end
    return value == "first" and layout.CAPTURE_FIRST or layout.CAPTURE_MATCH
end

local function fixed_point(bits)
    return math.floor(bits * layout.ENTROPY_ONE + 0.5)
end

local function u64(number)
    return math.type(number) == "integer" and number or math.tointeger(number) or 0
end

local lowerers = {}

function lowerers.regex(pool, stage, out)
    out.a = pool:pattern(stage)
    pool.patterns[out.a + 1].presence = false
    out.capture = capture_number(stage, "capture")
end

function lowerers.path(pool, stage, out)
    out.a = pool:pattern(stage)
end

function lowerers.count(pool, stage, out)
    out.a = pool:placed(stage.target)
    out.b, out.c = stage.at_least or 0, stage.at_most or INFINITE
    local within = stage.within or "record"
    if type(within) == "number" then
        out.d, out.e = layout.WITHIN.bytes, within
    else
        out.d = layout.WITHIN[within]
    end
end

function lowerers.near(pool, stage, out, context)
    out.a, out.b = NONE, NONE
    if stage.target.kind == "rule" then
        out.b = context.rule_index[stage.target.name]
        context.need(out.b)
    else
        out.a = pool:placed(stage.target)
    end
    out.c, out.d = stage.within, layout.UNIT[stage.unit or "bytes"]
    local before, after = stage.before, stage.after
    if before == nil and after == nil then before, after = true, true end
    out.e = (before and layout.NEAR_BEFORE or 0) | (after and layout.NEAR_AFTER or 0)
end

function lowerers.entropy(_, stage, out)
    out.capture = capture_number(stage, "capture")
    out.a = stage.above and 1 or 0
    out.x = fixed_point(stage.above or stage.at_least)
end

function lowerers.checksum(_, stage, out)
    out.a = layout.CHECK[stage.name]
    out.capture = capture_number(stage, "of")
    out.b = stage.digits and capture_number(stage, "digits") or NONE
end

local function words_table(pool, words)
    local set = {}
    for _, word in ipairs(words) do set[word:lower()] = true end
    local folded, list = sorted.keys(set), {}
    for _, word in ipairs(folded) do
        local text = pool:text(word)
        list[#list + 1] = text[1]
        list[#list + 1] = text[2]
    end
    return pool:list(list), #folded
end

local function lower_list(pool, stage, out)
    local words, n = { 0 }, 0
    local function add(kind, x, y)
        n = n + 1
        words[#words + 1] = layout.ITEM[kind]
        words[#words + 1] = x
        words[#words + 1] = y
    end
    for _, kind in ipairs { "text", "equal" } do
        for _, bytes in ipairs(stage[kind] or {}) do
            local text = pool:text(bytes)
            add(kind, text[1], text[2])
        end
    end
    for _, kind in ipairs { "regex", "path" } do
        for _, item in ipairs(stage[kind] or {}) do add(kind, pool:pattern(item), 0) end
    end
    if stage.words and #stage.words > 0 then add("words", words_table(pool, stage.words)) end
    words[1] = n
    out.a = pool:list(words)
    out.b = layout.ON[stage.on or "match"]
    out.capture = capture_number(stage, "capture")
end

lowerers.except, lowerers.only = lower_list, lower_list

function lowerers.field(_, stage, out)
    out.a, out.c = layout.TYPE[stage.type], layout.FROM[stage.from or "start"]
    local compare = stage.equal and "equal" or stage.less and "less" or "more"
    out.b = layout.COMPARE[compare]
    out.x, out.y, out.z = u64(stage.at or 0), u64(stage[compare]), stage.mask and u64(stage.mask) or -1
end

function lowerers.condition(pool, stage, out, context)
    local folded, err = fold.fold(stage.tree)
    local emitted
    if folded then emitted, err = condition.emit(folded) end
    if not emitted then
        diagnostics.add(context.state, "E707", stage.where or context.rule.where, err.message,
            { hint = "write the condition with fewer or smaller parts", rule = context.rule.name })
        return
    end
    local patterns, rules = {}, { #emitted.rules }
    for i, name in ipairs(emitted.patterns) do patterns[i] = pool:placed(stage.patterns[name]) end
    for i, name in ipairs(emitted.rules) do
        rules[i + 1] = context.rule_index[name]
        context.need(rules[i + 1])
    end
    out.a, out.b = pool:list(emitted.words), #emitted.words
    out.c, out.d = pool:list(patterns), #patterns
    out.e = pool:list(rules)
end

function lowerers.host(pool, stage, out, context)
    local name = context.rule.where.file
    local index = pool.host_index[name]
    if not index then
        index = #pool.hosts
        pool.hosts[index + 1] = { name = pool:text(name), source = pool:text(context.state.sources_by_name[name].text) }
        pool.host_index[name] = index
    end
    out.a, out.b = index, stage.fn_index - 1
end

for kind in pairs(graph.STAGE) do
    lowerers[kind] = function(pool, stage, out, context) out.a = graph.stage(pool, stage, context.rule.language) end
end

-- ---- rules --------------------------------------------------------------------------------------

--- What a host or a report wants to know of a rule, as JSON with sorted keys.
local function info_of(rule)
    return json.encode {
        title = rule.title, tags = rule.tags, severity = rule.severity, meta = rule.meta, private = rule.private,
        global = rule.global, file = rule.where.file, line = rule.where.line, class = rule.group,
    }
end

-- The regex that finds what the rule reports; of a graph rule the graph finds it.
local function first_regex(rule)
    if rule.language then return end
    for i, stage in ipairs(rule.confirm) do
        if stage.kind == "regex" then return stage, i end
    end
end

local function lower_rule(pool, state, rule, rule_index)
    local out = {
        name = pool:text(rule.name), info = pool:text(info_of(rule)), flags = 0, gate = 0, gate_count = 0,
        stage = #pool.stages, stage_count = #rule.confirm, group = rule.group_index, needs = {},
    }
    local index = rule_index[rule.name]
    pool.rules[index + 1] = out
    local always = false
    local regex = first_regex(rule)
    local gate = rule.prefilter
    if not gate and rule.derived_prefilter then
        -- A gate that follows from the regex's own anchors says nothing that its hits do not say.
        if regex and regex.anchors and rule.derived_from == regex then
            local pattern = pool.patterns[pool:placed(regex) + 1]
            pattern.rules[#pattern.rules + 1] = index
        else
            gate = rule.derived_prefilter
        end
    elseif not gate then
        always = true
    end
    if gate then
        local words = {}
        local anchored = lower_gate(pool, index, gate, words)
        always = not anchored or holds_on_nothing(gate)
        out.gate, out.gate_count = pool:list(words), #words
    end
    local spans, seen = {}, {}
    if not regex and not rule.language then
        -- A derived prefilter only gates: which literals follow from a stage must not show in what is reported.
        if rule.prefilter then span_patterns(pool, rule.prefilter, spans, seen) end
        for _, stage in ipairs(rule.confirm) do
            if not rule.prefilter and stage.kind == "condition" then
                for _, name in ipairs(sorted.keys(stage.patterns or {})) do
                    local placed = pool:placed(stage.patterns[name])
                    if not seen[placed] then
                        seen[placed] = true
                        spans[#spans + 1] = placed
                    end
                end
            end
        end
    end
    out.span, out.span_count = pool:list(spans), #spans
    local needed = {}
    local context = { state = state, rule = rule, rule_index = rule_index }
    function context.need(other)
        if other ~= index and not needed[other] then
            needed[other] = true
            out.needs[#out.needs + 1] = other
        end
    end
    for _, stage in ipairs(rule.confirm) do
        local kind = layout.STAGE[graph.STAGE[stage.kind] and "graph" or stage.kind]
        local record = { kind = kind, capture = layout.CAPTURE_MATCH, a = 0, b = 0, c = 0, d = 0,
            e = 0, x = 0, y = 0, z = 0 }
        lowerers[stage.kind](pool, stage, record, context)
        pool.stages[#pool.stages + 1] = record
        if stage.kind == "host" then out.flags = out.flags | layout.RULE_HOST end
    end
    out.need = pool:list(out.needs)
    out.flags = out.flags | (rule.private and layout.RULE_PRIVATE or 0) | (rule.global and layout.RULE_GLOBAL or 0)
        | (always and layout.RULE_ALWAYS or 0) | (rule.language and layout.RULE_GRAPH or 0)
end

--- state.rules, as classify left them, to state.program_tables.
function M.run(state)
    local pool = new_pool()
    local rule_index = {}
    for i, rule in ipairs(state.rules) do rule_index[rule.name] = i - 1 end
    for _, rule in ipairs(state.rules) do lower_rule(pool, state, rule, rule_index) end
    graph.libraries(pool, state)
    for _, pattern in ipairs(pool.patterns) do
        if pattern.presence and pattern.kind == layout.PATTERN.LITERAL then
            pattern.flags = pattern.flags | layout.PATTERN_PRESENCE
        end
        pattern.rule = pool:list(pattern.rules)
    end
    state.program_tables = pool
end

return M
