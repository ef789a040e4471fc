-- The literals pass: from each regex its code and its anchors, from each literal its rarest window, for each rule
-- without a prefilter a derived one, and, when asked to, the proof that a declared prefilter is implied.
-- Reads what check left (asts); leaves what docs/INTERNALS.md section 9 lists; lower and classify read it.

local analysis = require "hunch.regex.analysis"
local anchors = require "hunch.regex.anchors"
local diagnostics = require "hunch.diagnostics"
local emit = require "hunch.regex.emit"
local fold = require "hunch.condition.fold"
local graph = require "hunch.graph.show"
local imply = require "hunch.regex.imply"
local layout = require "hunch.layout"
local needs = require "hunch.condition.needs"
local ngram = require "hunch.ngram"
local parse = require "hunch.regex.parse"
local quote = require "hunch.quote"
local sorted = require "hunch.sorted"
local words = require "hunch.graph.words"

local M = {}

local MAX_SHOWN = 8 -- literals of a derived prefilter that its note spells out
local SMALL_SEARCH = { states = 4000, work = 40000 } -- a few milliseconds
local MAX_SEARCHES = 100 -- small searches a compile may make

local function report(state, rule, node, code, message, hint)
    diagnostics.add(state, code, node.where or rule.where, message, { hint = hint, rule = rule.name })
end

local function quote_literal(literal)
    return literal.nocase and ("lit(%s, \"nocase\")"):format(quote(literal.bytes)) or quote(literal.bytes)
end

local function set_windows(literal, bytes, nocase)
    literal.window, literal.even, literal.odd = ngram.window(bytes, nocase)
end

--- The bytes that are searched for a literal: two a byte when it is wide, lower case where case does not matter.
local function prepare_literal(literal)
    local bytes = literal.nocase and literal.bytes:lower() or literal.bytes
    if literal.wide then
        bytes = bytes:gsub(".", "%0\0")
    end
    literal.raw = bytes
    set_windows(literal, bytes, literal.nocase)
end

-- Code, facts and anchors of a tree. `everywhere`: the regex is searched in whole records, so anchors pay.
local function work_out(tree, everywhere)
    local emitted, err = emit.emit(tree)
    if not emitted then
        return { err = err }
    end
    local first, nullable = analysis.first(tree)
    local least, most = analysis.length(tree)
    local out = {
        emitted = emitted,
        min_length = least,
        max_length = most,
        first = not nullable and first or nil,
        at_text_begin = analysis.at_text_begin(tree),
    }
    if everywhere then
        out.anchors, out.anchor_cost = anchors.anchors(tree, emitted)
        for _, anchor in ipairs(out.anchors or {}) do
            for _, literal in ipairs(anchor.literals or {}) do
                set_windows(literal, literal.bytes, literal.nocase)
            end
        end
    end
    return out
end

local FIELDS = { "emitted", "min_length", "max_length", "first", "at_text_begin", "anchors", "anchor_cost" }

-- `item` is anything with a `pattern` (regex, path, a count's target) or a hex literal with wildcards.
local function prepare_regex(context, rule, item, everywhere)
    if not item.ast and item.pattern then
        item.ast, item.info = parse.parse(item.pattern, item.flags or "")
    end
    if not item.ast then
        return -- check has said why
    end
    local source = item.pattern or item.source
    local key = source and (item.pattern and "r" or "h") .. (everywhere and "+" or "-") .. (item.flags or "")
        .. "\0" .. source
    local known = key and context.known[key]
    if not known then
        known = work_out(item.ast, everywhere)
        if key then
            context.known[key] = known
        end
    end
    if known.err then
        report(context.state, rule, item, "E706", known.err.message,
            "split the rule, or use smaller counts in " .. (item.pattern and "the regex" or "the hex string"))
        return
    end
    for _, field in ipairs(FIELDS) do
        item[field] = known[field]
    end
    item.searched_everywhere = everywhere or nil
end

local function prepare_pattern(context, rule, item)
    if type(item) ~= "table" then
        return
    elseif item.kind == "literal" then
        prepare_literal(item)
    elseif item.kind == "hex" and item.bytes then
        item.raw = item.bytes
        set_windows(item, item.bytes, false)
    elseif item.kind == "hex" or item.kind == "regex" then
        prepare_regex(context, rule, item, true)
    end
end

local function prepare_expr(context, rule, expr)
    for _, item in ipairs(expr.items) do
        if item.items then
            prepare_expr(context, rule, item)
        else
            prepare_pattern(context, rule, item)
        end
    end
end

-- except and only: strings become items, so that every regex of a rule is found in the same shape.
local function prepare_lists(context, rule, stage)
    for _, name in ipairs { "regex", "path" } do
        local list = stage[name]
        for i, item in ipairs(type(list) == "table" and list or {}) do
            if type(item) == "string" then
                item = { kind = name, pattern = item, flags = "", where = stage.where }
                list[i] = item
            end
            prepare_regex(context, rule, item, false)
        end
    end
end

local function prepare_stages(context, rule)
    local searched = false -- a regex stage came before: later ones look inside its span
    for _, stage in ipairs(rule.confirm) do
        local kind = stage.kind
        if kind == "regex" then
            prepare_regex(context, rule, stage, not searched)
            searched = true
        elseif words.STAGE[kind] then
            searched = true
        elseif kind == "path" then
            prepare_regex(context, rule, stage, false)
        elseif kind == "count" or kind == "near" then
            prepare_pattern(context, rule, stage.target)
        elseif kind == "except" or kind == "only" then
            prepare_lists(context, rule, stage)
        elseif kind == "condition" and type(stage.patterns) == "table" then
            for _, name in ipairs(sorted.keys(stage.patterns)) do
                prepare_pattern(context, rule, stage.patterns[name])
            end
        end
    end
end

-- The literals of which each match of the regex holds one, or nil.
local function required(item)
    local literals, seen = {}, {}
    for _, anchor in ipairs(item.anchors or {}) do
        if not anchor.literals then
            return nil
        end
        for _, literal in ipairs(anchor.literals) do
            local key = (literal.nocase and "f" or ".") .. literal.bytes
            if not seen[key] then
                seen[key] = true
                literals[#literals + 1] = literal
            end
        end
    end
    return #literals > 0 and literals or nil
end

local function derived_items(stage)
    local kind = stage.kind
    local target = stage.target
    if kind == "regex" and stage.searched_everywhere then
        return required(stage)
    elseif (kind == "count" and (stage.at_least or 0) >= 1 or kind == "near") and type(target) == "table" then
        if target.kind == "literal" or (target.kind == "hex" and target.bytes) then
            return { target }
        end
        return required(target)
    end
end

local function any_of(list, where)
    local expr = { kind = "any", items = {}, where = where, derived = true }
    for i, item in ipairs(list) do
        if not item.kind then
            item = { kind = "literal", bytes = item.bytes, nocase = item.nocase or nil, where = where }
            prepare_literal(item)
        end
        expr.items[i] = item
    end
    return expr
end

-- What condition/needs.lua found, as a literal or an expression; nil: it may hold where no literal occurs. A pattern
-- without literals counts as one that occurs.
local function expr_of_need(need, stage, where, depth)
    if need.kind == "pattern" then
        local item = stage.patterns[need.name]
        if item.kind == "literal" or (item.kind == "hex" and item.bytes) then
            return item
        end
        local literals = required(item)
        local expr = literals and any_of(literals, where)
        return literals and #literals == 1 and expr.items[1] or expr
    end
    local expr = { kind = need.kind, items = {}, where = where, derived = true }
    for _, each in ipairs(depth < layout.MAX_GATE_DEPTH - 1 and need.items or {}) do
        expr.items[#expr.items + 1] = expr_of_need(each, stage, where, depth + 1)
    end
    local unknown = #need.items - #expr.items
    if need.kind == "any" and unknown > 0 or #expr.items == 0 then
        return nil
    elseif need.kind == "at_least" then
        expr.n = need.n - unknown
        return expr.n > 0 and expr or nil
    end
    return #expr.items == 1 and expr.items[1] or expr
end

local function derive_from_condition(stage, where)
    local folded = stage.kind == "condition" and stage.tree and fold.fold(stage.tree)
    local need = folded and needs.needs(folded)
    local expr = need and expr_of_need(need, stage, where, 1)
    return expr and (expr.items and expr or any_of({ expr }, where))
end

-- What a graph stage looks for has names, which the source must spell somewhere.
local function derive_from_graph(stage, where)
    local expr = { kind = "all", items = {}, where = where, derived = true }
    for _, names in ipairs(words.STAGE[stage.kind] and graph.needed_names(stage) or {}) do
        expr.items[#expr.items + 1] = any_of(names, where)
    end
    return #expr.items > 1 and expr or expr.items[1]
end

-- A derived prefilter for people: at most so many of its literals.
local function show_expr(expr, room)
    local shown, left_out = {}, 0
    for _, item in ipairs(expr.items) do
        if room.left == 0 then
            left_out = left_out + 1
        elseif item.items then
            shown[#shown + 1] = show_expr(item, room)
        else
            room.left = room.left - 1
            shown[#shown + 1] = item.bytes and quote_literal(item) or ("hex %s"):format(quote(item.source))
        end
    end
    if left_out > 0 then
        shown[#shown + 1] = ("and %d more"):format(left_out)
    end
    local list = "{ " .. table.concat(shown, ", ") .. " }"
    return expr.kind == "at_least" and ("at_least(%d, %s)"):format(expr.n, list) or expr.kind .. " " .. list
end

-- The first stage that says which literals must occur; a condition only where no other stage does.
local function derive(context, rule)
    local expr, source
    for _, stage in ipairs(rule.confirm) do
        local items = not expr and derived_items(stage)
        if items then
            expr, source = any_of(items, stage.where or rule.where), stage
        end
    end
    for _, stage in ipairs(rule.confirm) do
        if not expr then
            local where = stage.where or rule.where
            expr, source = derive_from_graph(stage, where) or derive_from_condition(stage, where), stage
        end
    end
    if not expr then
        rule.always = true
        return
    end
    rule.derived_prefilter, rule.derived_from = expr, source
    report(context.state, rule, source, "N701",
        ("no prefilter: from the %s follows %s"):format(source.kind, show_expr(expr, { left = MAX_SHOWN })),
        "nothing needs to be done; write a prefilter of your own to gate on something else")
end

-- The rule's first regex, when it is searched in whole records: its span is what the rule reports.
local function searched_regex(rule)
    for _, stage in ipairs(rule.confirm) do
        if stage.kind == "regex" and stage.searched_everywhere and stage.emitted then
            return stage
        end
    end
end

local function tell_expensive(context, rule)
    local stage = searched_regex(rule)
    if stage and not stage.anchors then
        report(context.state, rule, stage, "W704",
            "nothing in this regex has to stand in a match: it is tried at every position of a record",
            "put a literal of two or more bytes into the regex, or accept that it is slow")
    elseif stage and rule.always then
        report(context.state, rule, stage, "N705",
            "no prefilter, and no literal follows from the regex: the rule looks at every record",
            "nothing needs to be done; a prefilter would let it pass over most records")
    end
end

-- ---- declared prefilters ----

-- Whether a literal that stands somewhere brings an occurrence of the other one with it.
local function brings(literal, wanted)
    if wanted.kind ~= "literal" or wanted.word or (literal.nocase and not wanted.nocase) then
        return false
    end
    local bytes = wanted.nocase and literal.bytes:lower() or literal.bytes
    return bytes:find(wanted.raw, 1, true) ~= nil
end

-- The usual case at a glance: each literal of the anchors holds one of the prefilter's.
local function plainly_implied(stage, expr)
    for _, anchor in ipairs(stage.anchors or { {} }) do
        for _, literal in ipairs(anchor.literals or { false }) do
            local found = false
            for _, item in ipairs(literal and expr.kind == "any" and expr.items or {}) do
                found = found or (not item.items and brings(literal, item))
            end
            if not found then
                return false
            end
        end
    end
    return true
end

-- The prefilter without its exclusions, nil when nothing is left: `none` is there to refuse what the regex matches.
local function positive(expr)
    if expr.kind == "none" then
        return nil
    end
    local items = {}
    for _, item in ipairs(expr.items) do
        local kept = item
        if item.items then
            kept = positive(item)
        end
        items[#items + 1] = kept
    end
    local dropped = #expr.items - #items
    if expr.kind == "all" then
        return #items > 0 and { kind = "all", items = items } or nil
    elseif expr.kind == "any" then
        return dropped == 0 and { kind = "any", items = items } or nil
    end
    return expr.n > dropped and { kind = "at_least", n = expr.n - dropped, items = items } or nil
end

local function holds_none(expr)
    if expr.kind == "none" then
        return true
    end
    for _, item in ipairs(expr.items) do
        if item.items and holds_none(item) then
            return true
        end
    end
    return false
end

-- A prefilter that each match satisfies by itself decides nothing. Proving that for good may take long, so without
-- `prove` a small search has to do.
local function find_implied(context, rule)
    local stage = searched_regex(rule)
    if not stage or holds_none(rule.prefilter) then
        return
    elseif plainly_implied(stage, rule.prefilter) then
        rule.gate_implied = true
    elseif context.searches > 0 then
        context.searches = context.searches - 1
        local result = imply.implied(stage.ast, rule.prefilter, stage.emitted, SMALL_SEARCH)
        rule.gate_implied = result.implied
    end
end

local function prove(context, rule)
    local expr, stage = positive(rule.prefilter), searched_regex(rule)
    if not expr or not stage then
        return
    end
    local result = rule.gate_implied and { implied = true } or imply.implied(stage.ast, expr, stage.emitted)
    rule.proof = result
    if result.text then
        report(context.state, rule, rule.prefilter, "W702",
            ("the regex matches %s, which does not satisfy the rule's own prefilter"):format(quote(result.text)),
            "add the missing literal to the prefilter, or let the regex require it")
    elseif result.unknown then
        report(context.state, rule, rule.prefilter, "N703",
            "not decided whether the prefilter is implied by the regex: " .. result.why,
            "nothing needs to be done; a simpler regex can be decided")
    end
end

--- state = { rules =, diagnostics =, options = { prove = bool } }
function M.run(state)
    local context = { state = state, known = {}, searches = MAX_SEARCHES }
    for _, rule in ipairs(state.rules) do
        rule.confirm = rule.confirm or {}
        if rule.prefilter then
            prepare_expr(context, rule, rule.prefilter)
        end
        prepare_stages(context, rule)
        if not rule.prefilter then
            derive(context, rule)
        end
        tell_expensive(context, rule)
        if rule.prefilter then
            find_implied(context, rule)
            if state.options and state.options.prove then
                prove(context, rule)
            end
        end
    end
end

return M
