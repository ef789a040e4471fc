-- The classify pass: puts each rule into the group of its cost class, so that a costly rule is dispatched with its
-- equals and never slows its neighbours. Leaves rule.group (a word), rule.group_reason (a sentence for explain) and
-- rule.group_index, the HP_GROUP_* of kernels/layout.h.

local layout = require "hunch.layout"
local sorted = require "hunch.sorted"
local words = require "hunch.graph.words"

local M = {}

local COUNTING = { count = true, near = true, condition = true }

-- Patterns that are searched in whole records.
local function patterns_of(rule)
    local list = {}
    for _, stage in ipairs(rule.confirm) do
        if stage.searched_everywhere then
            list[#list + 1] = stage
        elseif type(stage.target) == "table" and stage.target.emitted then
            list[#list + 1] = stage.target
        elseif stage.kind == "condition" and type(stage.patterns) == "table" then
            for _, name in ipairs(sorted.keys(stage.patterns)) do
                local pattern = stage.patterns[name]
                if type(pattern) == "table" and pattern.emitted then
                    list[#list + 1] = pattern
                end
            end
        end
    end
    local function of_expr(expr)
        for _, item in ipairs(expr.items) do
            if item.items then
                of_expr(item)
            elseif item.emitted then
                list[#list + 1] = item
            end
        end
    end
    if rule.prefilter then
        of_expr(rule.prefilter)
    end
    return list
end

local function classify(rule)
    local counting
    for _, stage in ipairs(rule.confirm) do
        if words.STAGE[stage.kind] then
            return "graph", ("its %s stage works on the program graph of a link unit"):format(stage.kind)
        end
    end
    for _, stage in ipairs(rule.confirm) do
        if stage.kind == "host" then
            return "host", "a Lua function decides, on the host"
        elseif COUNTING[stage.kind] and not counting then
            counting = stage.kind
        end
    end
    local patterns = patterns_of(rule)
    for _, pattern in ipairs(patterns) do
        if not pattern.anchors then
            return "unanchored", ("%s has no anchor and is tried at every position"):format(
                pattern.pattern or pattern.source or "a pattern")
        end
    end
    if counting then
        return "counting", ("its %s stage looks at all occurrences in a record"):format(counting)
    elseif #patterns > 0 then
        return "anchored", "its regex is started only where one of its anchors stands"
    end
    return "literal", "literals alone decide, and stages that cost next to nothing"
end

--- state = { rules = }
function M.run(state)
    for _, rule in ipairs(state.rules) do
        rule.group, rule.group_reason = classify(rule)
        rule.group_index = layout.GROUP[rule.group:upper()]
    end
end

return M
