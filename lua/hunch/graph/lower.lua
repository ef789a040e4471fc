--- Graph stages and libraries as the tables of a program: what passes/lower.lua asks for.
local layout = require "hunch.layout"
local libraries = require "hunch.graph.flows"
local words = require "hunch.graph.words"

local M = {}

M.STAGE = words.STAGE

--- Names in the program end with a zero, so that C can use them as they are.
local function name_of(pool, name) return pool:text((name or "") .. "\0") end

local function place_of(item) return (item.index or 0) | (item.on and layout.PLACE_AND_ON or 0) end

--- Appends what `make` makes of the items to `list`, each once; returns the first and how many.
local function append(list, items, make)
    local first, seen = #list, {}
    for _, item in ipairs(items or {}) do
        local made, key = make(item)
        if not seen[key] then
            seen[key] = true
            list[#list + 1] = made
        end
    end
    return first, #list - first
end

local function spots(pool, items)
    return append(pool.spots, items, function(item)
        return { name = name_of(pool, item.name), kind = layout.SPOT[item.kind], index = place_of(item) },
            ("%s %s %d"):format(item.kind, item.name, place_of(item))
    end)
end

local function tests(pool, items)
    return append(pool.tests, items, function(item)
        local test = { name = name_of(pool, item.name), kind = layout.TEST[item.kind], index = item.index or 0,
            outcome = item.outcome and 1 or 0, compare = words.RELATION[item.compare] or 0,
            with = layout.WITH[item.with or "any"] }
        return test, ("%d %s %d %d %d %d"):format(test.kind, item.name or "", test.index, test.outcome, test.compare,
            test.with)
    end)
end

local function actions(pool, items)
    return append(pool.actions, items, function(item)
        local action = { name = name_of(pool, item.name), kind = layout.ACTION[item.kind], place = item.place or 0,
            value = layout.VALUE[item.value or "any"] }
        return action, ("%d %s %d %d"):format(action.kind, item.name or "", action.place, action.value)
    end)
end

local function edges_of(stage)
    local bits = 0
    for _, edge in ipairs(stage.edges or {}) do bits = bits | 1 << layout.EDGE[edge] end
    return bits
end

---The index of a stage's graph.
function M.stage(pool, stage, language)
    local out = { kind = layout.GRAPH[stage.kind], language = layout.LANGUAGE[language], edges = edges_of(stage),
        flags = (stage.missing and layout.GRAPH_MISSING or 0) | (stage.same and layout.GRAPH_SAME or 0) }
    out.from, out.from_count = spots(pool, stage.from)
    out.to, out.to_count = spots(pool, stage.to)
    out.except, out.except_count = spots(pool, stage.except)
    out.test, out.test_count = tests(pool, stage.unless)
    out.by, out.by_count = actions(pool, stage.by)
    out.of, out.of_count = actions(pool, stage.of)
    pool.graphs[#pool.graphs + 1] = out
    return #pool.graphs - 1
end

---The flows of the libraries of all languages that rules are in.
function M.libraries(pool, state)
    local used = {}
    for _, rule in ipairs(state.rules) do
        if rule.language then used[rule.language] = true end
    end
    for _, language in ipairs(words.languages) do
        for _, flow in ipairs(used[language] and libraries.flows(language, state.libraries[language] or {}) or {}) do
            pool.flows[#pool.flows + 1] = { name = name_of(pool, flow.name), language = layout.LANGUAGE[language],
                from = libraries.number(flow.from), to = libraries.number(flow.to) }
        end
    end
end

return M
