--- What rules say about each other: names that are taken, companions that do not exist, circles.
-- Leaves rule.needs: the indices of the rules that must be decided before it, ascending.
local diagnostics = require "hunch.diagnostics"
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

---Resolves c.references and looks for circles.
function M.check(c, rules, by_name)
    resolve(c, by_name)
    for _, rule in ipairs(rules) do table.sort(rule.needs) end
    find_circles(c, rules)
    for _, rule in ipairs(rules) do rule.need_set = nil end
    c.rule = nil
end

return M
