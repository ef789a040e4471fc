--- What rules say about each other: names that are taken, companions that do not exist, circles, and rules that can
-- never match because of others. Leaves rule.needs: the indices of the rules that must be decided before it, ascending.
local conditions = require "hunch.check.conditions"
local diagnostics = require "hunch.diagnostics"
local fold = require "hunch.condition.fold"
local never = require "hunch.check.never"
local quote = require("hunch.check.context").quote
local sorted = require "hunch.sorted"

local M = {}

---Names of all rules; reports those that are there twice.
function M.names(c, rules)
    local by_name = {}
    for _, rule in ipairs(rules) do
        local named = type(rule.name) == "string" -- else it is reported elsewhere
        local first = named and by_name[rule.name]
        c.rule = rule
        if first then
            c:add("E103", rule, ("the rule %s is declared twice; the first is at %s:%d"):format(quote(rule.name),
                first.where.file, first.where.line), { text = rule.name, hint = "give one of them another name" })
        elseif named then
            by_name[rule.name] = rule
        end
    end
    return by_name
end

local function add_need(rule, other, place)
    rule.need_set = rule.need_set or {}
    if not rule.need_set[other.index] then
        rule.need_set[other.index] = place
        rule.needs[#rule.needs + 1] = other.index
    end
end

local function resolve(c, by_name)
    local names
    for _, reference in ipairs(c.references) do
        local name = reference.name
        local other = by_name[name]
        c.rule = reference.rule
        if other then
            add_need(reference.rule, other, reference.node)
            if reference.target then reference.target.index = other.index end
        elseif c.state.whole ~= false then -- else it may stand where a file failed
            names = names or sorted.keys(by_name)
            local near = diagnostics.nearest(name, names)
            c:add("E601", reference.node, ("there is no rule %s"):format(quote(name)),
                { text = type(name) == "string" and name or nil,
                  hint = near and ("did you mean %s?"):format(quote(near))
                      or "name a rule of these files, or write lit \"text\" for a literal" })
        end
    end
end

--- Every rule that is not global is decided after all global ones.
local function needs_of(rule, rules, globals)
    if #globals == 0 or rule.global == true then return rule.needs end
    local list = { table.unpack(rule.needs) }
    for _, index in ipairs(globals) do
        if rules[index] ~= rule then list[#list + 1] = index end
    end
    return list
end

local function report_circle(c, rules, path, from)
    local names = {}
    for i = from, #path do names[#names + 1] = tostring(rules[path[i]].name) end
    names[#names + 1] = names[1]
    local rule = rules[path[from]]
    c.rule = rule
    local shown = table.concat(names, " -> ")
    if #names > 8 then
        shown = table.concat(names, " -> ", 1, 4) .. " -> ... -> " .. names[#names]
    end
    local next_index = path[from + 1] or path[from]
    c:add("E602", rule.need_set and rule.need_set[next_index] or rule,
        #names == 2 and ("the rule %s needs itself"):format(quote(rule.name))
            or ("rules need each other in a circle: %s"):format(shown),
        { hint = rule.global == true and "a global rule may only need global rules"
            or "take one of the references out" })
end

-- Depth first without recursion: chains of rules may be long.
local function find_circles(c, rules)
    local globals, colour = {}, {}
    for _, rule in ipairs(rules) do
        if rule.global == true then globals[#globals + 1] = rule.index end
    end
    for _, root in ipairs(rules) do
        if not colour[root.index] and root.needs[1] then
            local path, frames = { root.index }, { { list = needs_of(root, rules, globals), at = 0 } }
            colour[root.index] = "open"
            while #path > 0 do
                local frame = frames[#frames]
                frame.at = frame.at + 1
                local index = frame.list[frame.at]
                if not index then
                    colour[path[#path]] = "done"
                    path[#path], frames[#frames] = nil, nil
                elseif colour[index] == "open" then
                    local from = #path
                    while path[from] ~= index do from = from - 1 end
                    report_circle(c, rules, path, from)
                elseif not colour[index] then
                    colour[index] = "open"
                    path[#path + 1] = index
                    frames[#frames + 1] = { list = needs_of(rules[index], rules, globals), at = 0 }
                end
            end
        end
    end
end

-- Does the stage that refers to rules need one that can never match? Reports it.
local function needs_dead(c, stage, dead)
    if stage.kind == "near" then
        if not dead[stage.target.name] then return false end
        never.report(c, stage, ("near can never hold: the rule %s can never match"):format(quote(stage.target.name)),
            { text = stage.target.name, hint = "see what is said of that rule" })
        return true
    end
    local folded = stage.tree and fold.fold(stage.tree)
    return folded ~= nil and conditions.contradicts(c, stage, folded, dead)
end

-- Rules that need a rule that can never match never match either; and so on.
local function spread_death(c, by_name)
    local dead, found = {}, false
    for name, rule in pairs(by_name) do -- in any order: a set
        if rule.never then dead[name], found = true, true end
    end
    while found do
        found = false
        for _, reference in ipairs(c.references) do
            local rule = reference.rule
            c.rule = rule
            if not rule.never and dead[reference.name] and needs_dead(c, reference.node, dead) then
                if by_name[rule.name] == rule then dead[rule.name], found = true, true end
            end
        end
    end
end

---Resolves c.references and looks for circles.
function M.check(c, rules, by_name)
    resolve(c, by_name)
    for _, rule in ipairs(rules) do table.sort(rule.needs) end
    find_circles(c, rules)
    spread_death(c, by_name)
    for _, rule in ipairs(rules) do rule.need_set = nil end
    c.rule = nil
end

return M
