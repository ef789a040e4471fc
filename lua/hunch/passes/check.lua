--- Second pass: is what the rule files said right? Every fault is reported, none stops the others.
-- The rules are data from a sandbox until they went through here; afterwards every field has its type, absent
-- fields have their defaults, and regexes, hex strings and conditions are parsed (docs/INTERNALS.md, section 2).
local context = require "hunch.check.context"
local diagnostics = require "hunch.diagnostics"
local examples = require "hunch.check.examples"
local graph = require "hunch.check.graph"
local layout = require "hunch.layout"
local never = require "hunch.check.never"
local prefilter = require "hunch.check.prefilter"
local references = require "hunch.check.references"
local stages = require "hunch.check.stages"
local values = require "hunch.check.values"
local words = require "hunch.graph.words"

local M = {}

local MAX_RULES, MAX_STAGES = layout.MAX_RULES, layout.MAX_STAGES
local MAX_NAME = 200

M.severities = { "info", "low", "medium", "high", "critical" }

local FIELDS = {
    name = { "any", internal = true }, index = { "any", internal = true }, title = { "text" }, tags = { "texts" },
    severity = { "text", choices = M.severities, code = "E106" },
    private = { "boolean" }, global = { "boolean" }, meta = { "meta" },
    language = { "text", choices = words.languages, code = "E801" },
    prefilter = { "any" }, confirm = { "list", hint = "confirm = { regex [[...]], ... }" }, examples = { "any" },
}

-- Stages that can find something by themselves.
local FINDS = { regex = true, path = true, count = true, near = true, field = true, condition = true, host = true,
    dominates = true, post_dominates = true, flows_to = true, taint = true }

local function check_name(c, rule)
    local name = rule.name
    local why
    if type(name) ~= "string" then
        why = "must be a string, not " .. values.describe(name)
    elseif name == "" then
        why = "is empty"
    elseif #name > MAX_NAME then
        why = ("has %d bytes, more than %d"):format(#name, MAX_NAME)
    elseif not values.is_text(name) or name:find "[\r\n\t]" then
        why = "is not UTF-8 text without control characters"
    end
    if why then
        c:add("E102", rule, "the name of a rule " .. why, { hint = "names are like \"aws-access-key-id\"" })
    end
end

local function check_tags(c, rule)
    local seen = {}
    for _, tag in ipairs(rule.tags) do
        if seen[tag] then
            c:add("W112", rule, ("the tag %s is there twice"):format(context.quote(tag)),
                { field = "tags", hint = "leave one out" })
        end
        seen[tag] = true
    end
end

local function check_stages(c, rule)
    if #rule.confirm > MAX_STAGES then
        c:add("E108", rule, ("the rule has %d stages, more than %d"):format(#rule.confirm, MAX_STAGES),
            { field = "confirm", hint = "put alternatives into one regex" })
    end
    c.last_regex = nil
    never.begin(c)
    for i, stage in ipairs(rule.confirm) do stages.check(c, i, stage) end
end

local function check_purpose(c, rule)
    if rule.prefilter ~= nil then return end
    for _, stage in ipairs(rule.confirm) do
        if not stages.known(stage) or FINDS[stage.kind] then return end
    end
    c:add("E107", rule, ("the rule %s has neither a prefilter nor a stage that finds something"):format(
        context.quote(rule.name)), { hint = "give it a prefilter or a regex" })
end

local function set_defaults(rule)
    rule.tags = rule.tags or {}
    rule.severity = rule.severity or "medium"
    rule.private = rule.private or false
    rule.global = rule.global or false
    rule.meta = rule.meta or {}
    rule.confirm = rule.confirm or {}
    rule.needs = {}
end

local function check_rule(c, rule)
    c.rule = rule
    check_name(c, rule)
    if rule.unfinished then
        set_defaults(rule)
        rule.examples = { match = {}, miss = {} }
        if type(rule.name) ~= "string" then return end -- that is said, and there is no body to be missed yet
        return c:add("E101", rule, ("the rule %s has a name and no body"):format(context.quote(rule.name)),
            { hint = "rule \"name\" { prefilter = ..., confirm = ... }" })
    end
    local had_confirm, language = rule.confirm ~= nil, rule.language
    c:fields(rule, "a rule", FIELDS, "E104", "E105")
    rule.faulty = nil
    c.language_at_fault = rule.language ~= language
    local wrong_confirm = had_confirm and rule.confirm == nil
    set_defaults(rule)
    check_tags(c, rule)
    local gated = rule.prefilter ~= nil and prefilter.check(c, rule.prefilter)
    check_stages(c, rule)
    if not wrong_confirm then graph.rule(c) end
    if gated then never.forbidden(c, prefilter.forbidden(rule.prefilter)) end
    if not wrong_confirm then check_purpose(c, rule) end
    examples.check(c)
end

--- The lines of each file that declare rules, ascending: where the text of one rule ends.
local function rule_lines(c, rules)
    local lines = {}
    for _, rule in ipairs(rules) do
        local place = c:place(rule)
        if place then
            lines[place.file] = lines[place.file] or {}
            table.insert(lines[place.file], place.line)
        end
    end
    for _, list in pairs(lines) do table.sort(list) end
    return lines
end

---Checks state.rules in place.
---@param state hunch.CompileState
function M.run(state)
    local c = context.new(state)
    c.references = {}
    state.rule_lines = rule_lines(c, state.rules)
    if #state.rules > MAX_RULES then
        diagnostics.add(state, "E108", state.rules[MAX_RULES + 1].where,
            ("there are %d rules, more than %d"):format(#state.rules, MAX_RULES), { hint = "compile them in parts" })
    end
    local by_name = references.names(c, state.rules)
    state.libraries = {}
    for _, node in ipairs(state.flow_nodes or {}) do graph.declared(c, node) end
    for _, rule in ipairs(state.rules) do check_rule(c, rule) end
    references.check(c, state.rules, by_name)
end

return M
