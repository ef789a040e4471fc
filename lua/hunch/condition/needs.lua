-- Conditions: which patterns must occur for a condition to be true. A rule whose only test is a condition gets
-- its gate from this, so that records without any of them are never looked at.
--
-- need = { kind = "pattern", name } | { kind = "all" | "any", items = { need... } }
--      | { kind = "at_least", n, items = { need... } }
-- nil: the condition may be true where no pattern occurs.
-- It rests on three facts: a comparison with an undefined side is not true; @a and !a are defined only where
-- a occurs; a loop that goes round not once is false.

local M = {}

--- Nodes looked at before giving up: bodies of loops over patterns are looked at once a pattern.
local MAX_WORK = 200000

local need -- need(node, state) -> need or nil

local function pattern_of(node, state)
    if type(node.pattern) == "string" then
        return node.pattern
    end
    return state.current[node.pattern]
end

local function present(node, state)
    return { kind = "pattern", name = pattern_of(node, state) }
end

-- The items, each pattern once; those of inner lists of the same kind among them.
local function flat(list, kind)
    local items, seen = {}, {}
    for _, each in ipairs(list) do
        for _, item in ipairs(each.kind == kind and each.items or { each }) do
            local key = item.kind == "pattern" and item.name or item
            if not seen[key] then
                items[#items + 1] = item
                seen[key] = true
            end
        end
    end
    return items
end

-- Joins needs of which all, or any, must hold.
local function join(kind, list)
    local items = flat(list, kind)
    if #items <= 1 then
        return items[1]
    end
    return { kind = kind, items = items }
end

-- The same of up to four, any of which may be nil.
local function all(a, b, c, d)
    local list = { a }
    list[#list + 1] = b
    list[#list + 1] = c
    list[#list + 1] = d
    return join("all", list)
end

-- At least `n` of these hold; `unknown` more of them may hold without any pattern. A pattern that stands there twice
-- counts for two: then fewer different ones will do, but one at least.
local function at_least(n, list, unknown)
    local items = flat(list)
    n = n - unknown
    if n <= 0 or #items == 0 then
        return nil
    end
    n = math.max(1, n - (#list - #items))
    if n >= #items then
        return join("all", items)
    end
    return n == 1 and join("any", items) or { kind = "at_least", n = n, items = items }
end

-- How many must hold, or nil where none may do.
local function quantity(quantifier, total)
    if quantifier.kind == "any" then
        return 1
    elseif quantifier.kind == "all" then
        return total
    elseif quantifier.kind == "n" and quantifier.n.tag == "number" and quantifier.n.value > 0 then
        return quantifier.n.value
    end
    return nil
end

-- The same of what `make` makes of each pattern of a list.
local function patterns_need(list, n, make)
    local items, made, unknown = {}, {}, 0
    for _, name in ipairs(list) do
        if made[name] == nil then
            made[name] = make(name) or false
        end
        items[#items + 1] = made[name] or nil
        unknown = unknown + (made[name] and 0 or 1)
    end
    return at_least(n, items, unknown)
end

-- What must occur for a number to be defined.
local function defined(node, state)
    state.work = state.work - 1
    if state.work < 0 then
        return nil
    end
    local tag = node.tag
    if tag == "binary" then
        return all(defined(node[1], state), defined(node[2], state))
    elseif tag == "unary" then
        return defined(node[1], state)
    elseif tag == "offset" or tag == "length" then
        return all(present(node, state), defined(node.index, state))
    elseif tag == "read" then
        return defined(node.offset, state)
    elseif tag == "count" and node.low then
        return all(defined(node.low, state), defined(node.high, state))
    end
    return nil
end

local compare = {
    ["=="] = function(a, b) return a == b end,
    ["!="] = function(a, b) return a ~= b end,
    ["<"] = function(a, b) return a < b end,
    ["<="] = function(a, b) return a <= b end,
    [">"] = function(a, b) return a > b end,
    [">="] = function(a, b) return a >= b end,
}

-- A count compared with a constant: where 0 would not do, the pattern occurs.
local function counted(node, state)
    local left, right = node[1], node[2]
    if left.tag == "count" and right.tag == "number" and not compare[node.op](0, right.value) then
        return present(left, state)
    elseif right.tag == "count" and left.tag == "number" and not compare[node.op](left.value, 0) then
        return present(right, state)
    end
    return nil
end

local needs = {}

function needs.present(node, state)
    return present(node, state)
end

needs["at"] = function(node, state)
    return all(present(node, state), defined(node.offset, state))
end

function needs.within(node, state)
    return all(present(node, state), defined(node.low, state), defined(node.high, state))
end

function needs.count(node, state)
    return all(present(node, state), defined(node, state))
end

function needs.binary(node, state)
    local both = defined(node, state)
    return compare[node.op] and all(counted(node, state), both) or both
end

function needs.unary(node, state)
    if node.op == "truth" then
        return need(node[1], state)
    elseif node.op == "defined" and (node[1].type == "number" or node[1].tag == "binary") then
        return defined(node[1], state)
    end
    return node.type == "number" and defined(node, state) or nil
end

needs.offset, needs.length, needs.read = defined, defined, defined

needs["and"] = function(node, state)
    local items = {}
    for _, child in ipairs(node) do
        items[#items + 1] = need(child, state)
    end
    return join("all", items)
end

needs["or"] = function(node, state)
    local items = {}
    for i, child in ipairs(node) do
        items[i] = need(child, state)
        if not items[i] then
            return nil
        end
    end
    return at_least(1, items, 0)
end

needs["of"] = function(node)
    local n = quantity(node.quantifier, #node.patterns)
    return n and patterns_need(node.patterns, n, function(name) return { kind = "pattern", name = name } end)
end

function needs.tally(node, state)
    local n = quantity(node.quantifier, #node)
    if not n then
        return nil
    end
    local items, unknown = {}, 0
    for _, child in ipairs(node) do
        local item = need(child, state)
        if item then
            items[#items + 1] = item
        else
            unknown = unknown + 1
        end
    end
    return at_least(n, items, unknown)
end

-- The body's need inside one more loop.
local function body_need(node, state, pattern)
    local depth = state.depth
    state.current[depth] = pattern or false
    state.depth = depth + 1
    local result = need(node.body, state)
    state.depth = depth
    state.current[depth] = nil
    return result
end

function needs.loop(node, state)
    local source = node.source
    local n = quantity(node.quantifier, source.patterns and #source.patterns or 1)
    if not n then
        return nil
    elseif source.kind == "patterns" then
        return patterns_need(source.patterns, n, function(name) return body_need(node, state, name) end)
    end
    local body = body_need(node, state)
    if source.kind == "values" then
        return body
    end
    local low, high = source.low, source.high
    local counts = high.tag == "count" and low.tag == "number" and low.value >= 1 and present(high, state)
    return all(counts or nil, defined(low, state), defined(high, state), body)
end

function need(node, state)
    state.work = state.work - 1
    if state.work < 0 or not needs[node.tag] then
        return nil
    end
    return needs[node.tag](node, state)
end

--- tree: as fold left it.
function M.needs(tree)
    -- current: the pattern of each loop around, from 0; depth: how many there are
    return need(tree, { current = {}, depth = 0, work = MAX_WORK })
end

return M
