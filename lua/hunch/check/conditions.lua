--- Checks of condition stages: patterns, syntax, truth. stage.tree and stage.uses are for later passes.
local contradiction = require "hunch.condition.contradiction"
local fold = require "hunch.condition.fold"
local never = require "hunch.check.never"
local parse = require "hunch.condition.parse"
local prefilter = require "hunch.check.prefilter"
local quote = require("hunch.check.context").quote
local sorted = require "hunch.sorted"
local unknown = require "hunch.check.unknown"
local values = require "hunch.check.values"

local M = {}

local function check_pattern(c, stage, name, pattern)
    if type(name) ~= "string" or not name:match "^[%a_][%w_]*$" then
        c:add("E502", stage, ("a pattern of a condition cannot be named %s"):format(
            type(name) == "string" and quote(name) or "by " .. values.describe(name)),
            { hint = "names are letters, digits and _, and begin with a letter or _" })
        return false
    end
    if prefilter.is_literal(pattern) then
        prefilter.literal(c, pattern)
    elseif type(pattern) == "table" and pattern.kind == "regex" then
        c:fields(pattern, "the pattern " .. name, { pattern = { "string" }, flags = { "string" } }, "E302", "E303")
        if c:regex(pattern, "the pattern " .. name) then never.never_matches(c, pattern, "W404") end
        pattern.faulty = nil
    elseif not unknown.tell(c, pattern) then
        c:add("E303", stage, ("the pattern %s must be a literal or a regex, not %s"):format(name,
            values.describe(pattern)), { field = name, hint = "write lit \"text\", hex \"4D 5A\" or regex [[...]]" })
    end
    return true
end

local function refuse(c, stage, message, position)
    c:add("E501", stage, ("%s, at byte %d of the condition"):format((message:gsub("%.$", "")), position),
        { text = stage.source, at = position, hint = "the language is described in the rule reference" })
end

local function dead_patterns(stage)
    local dead = {}
    for name, pattern in pairs(stage.patterns) do dead[name] = type(pattern) == "table" and pattern.never or nil end
    return dead
end

---Reports a condition that is never true. folded: its tree behind fold; rules: names of those that never match.
---@return boolean
function M.contradicts(c, stage, folded, rules)
    local dead = { patterns = dead_patterns(stage), rules = rules }
    if contradiction.possible(folded, dead) then return false end
    local why = ""
    if next(rules) and contradiction.possible(folded, { patterns = dead.patterns }) then
        why = ", because a rule that it asks for can never match"
    elseif next(dead.patterns) and contradiction.possible(folded) then
        why = ", because a pattern that it needs can never match"
    end
    c:add("E503", stage, "this condition is never true" .. why,
        { text = stage.source, hint = why == "" and "its parts exclude each other" or "see what is said of that one" })
    c.rule.never = true
    return true
end

function M.check(c, stage)
    stage.patterns = stage.patterns or {}
    local names = {}
    for _, name in ipairs(sorted.keys(stage.patterns)) do
        if check_pattern(c, stage, name, stage.patterns[name]) then
            names[#names + 1] = name
        else
            stage.patterns[name] = nil
        end
    end
    if type(stage.source) ~= "string" then
        if not stage.faulty then
            c:add("E304", stage, "the stage condition needs its expression", { hint = "condition [[#a > 2]]" })
        end
        return
    end
    local tree, uses = parse.parse(stage.source, names)
    if not tree then return refuse(c, stage, uses.message, uses.position) end
    local folded, why = fold.fold(tree)
    if not folded then return refuse(c, stage, why.message, why.position) end
    stage.tree, stage.uses = tree, uses
    M.contradicts(c, stage, folded, {})
    local used = {}
    for _, name in ipairs(uses.patterns) do used[name] = true end
    for _, name in ipairs(names) do
        if not used[name] and not stage.shared_patterns then
            c:add("W504", stage, ("the pattern %s is not used by the condition"):format(name),
                { field = name, hint = "leave it out" })
        end
    end
    for _, name in ipairs(uses.rules) do
        c.references[#c.references + 1] = { rule = c.rule, node = stage, name = name }
    end
end

return M
