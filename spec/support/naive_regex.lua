--- The meaning of a regex, spelled out: a backtracking matcher over the syntax tree.
-- Ground truth for every other matcher, so it shares nothing with emit.lua. The tree becomes a
-- web of closures, one for each point of the pattern, that try their continuations in order of
-- preference. A point that was entered at a position is dead when it is entered there again: what
-- follows is either known to fail or is an empty iteration that came back to where it was.
-- Results as in spec/support/pike.lua.
local M = {}

local function has(set, byte)
    return set:byte((byte >> 3) + 1) >> (byte & 7) & 1 == 1
end

local function word_at(text, index)
    local byte = text:byte(index)
    return byte and string.char(byte):find "^[0-9A-Za-z_]$" ~= nil or false
end

local HOLDS = {
    text_begin = function(_, at) return at == 0 end,
    text_end = function(text, at) return at == #text end,
    line_begin = function(text, at) return at == 0 or text:sub(at, at) == "\n" end,
    line_end = function(text, at) return at == #text or text:sub(at + 1, at + 1) == "\n" end,
    word = function(text, at) return word_at(text, at) ~= word_at(text, at + 1) end,
    not_word = function(text, at) return word_at(text, at) == word_at(text, at + 1) end,
}

local build

--- A point where a choice is made: tries a, then b, and is dead the second time at a position.
local function choice(run, a, b)
    local seen = {} -- position -> the search that entered here
    return function(at)
        if seen[at] == run.search then return false end
        seen[at] = run.search
        if a(at) then return true end
        return b(at)
    end
end

local function either(run, greedy, body, leave)
    if greedy then return choice(run, body, leave) end
    return choice(run, leave, body)
end

local function can_be_empty(node)
    local tag = node.tag
    if tag == "empty" or tag == "assert" then return true end
    if tag == "set" or tag == "fail" then return false end
    if tag == "repeat" then return node.min == 0 or can_be_empty(node[1]) end
    for _, child in ipairs(node) do
        local empty = can_be_empty(child)
        if empty and tag == "alt" then return true end
        if not empty and tag ~= "alt" then return false end
    end
    return tag ~= "alt"
end

--- One or more: after each round the choice of another one.
local function plus(run, node, greedy, next)
    local body
    local again = either(run, greedy, function(at) return body(at) end, next)
    body = build(run, node, again)
    return body
end

--- None or more. Where the body can be empty this is "perhaps one or more", which is what RE2
-- made of it: (|a)* prefers one empty round.
local function star(run, node, greedy, next)
    if can_be_empty(node) then
        return either(run, greedy, plus(run, node, greedy, next), next)
    end
    local body
    local again = either(run, greedy, function(at) return body(at) end, next)
    body = build(run, node, again)
    return again
end

local BUILD = {
    empty = function(_, _, next) return next end,
    fail = function() return function() return false end end,
    set = function(run, node, next)
        local set = node.set
        return function(at)
            local byte = run.text:byte(at + 1)
            if byte and at ~= run.stop and has(set, byte) then return next(at + 1) end
            return false
        end
    end,
    assert = function(run, node, next)
        local holds = HOLDS[node.kind]
        return function(at)
            if holds(run.text, at) then return next(at) end
            return false
        end
    end,
    cat = function(run, node, next)
        for i = #node, 1, -1 do next = build(run, node[i], next) end
        return next
    end,
    alt = function(run, node, next)
        local point = build(run, node[#node], next)
        for i = #node - 1, 1, -1 do
            point = choice(run, build(run, node[i], next), point)
        end
        return point
    end,
    group = function(run, node, next)
        local begin_slot, end_slot = 2 * node.index + 1, 2 * node.index + 2
        local function save(slot, continue)
            return function(at)
                local old = run.slots[slot]
                run.slots[slot] = at
                if continue(at) then return true end
                run.slots[slot] = old
                return false
            end
        end
        return save(begin_slot, build(run, node[1], save(end_slot, next)))
    end,
    ["repeat"] = function(run, node, next)
        local body, min, max, greedy = node[1], node.min, node.max, node.greedy
        local point = next
        if max then
            for _ = min + 1, max do -- from the innermost of x(x(x)?)? outwards
                point = either(run, greedy, build(run, body, point), next)
            end
        elseif min == 0 then
            return star(run, body, greedy, next)
        else
            point, min = plus(run, body, greedy, next), min - 1
        end
        for _ = 1, min do point = build(run, body, point) end
        return point
    end,
}

function build(run, node, next)
    return BUILD[node.tag](run, node, next)
end

local function count_groups(node)
    local n = node.tag == "group" and node.index or 0
    for _, child in ipairs(node) do n = math.max(n, count_groups(child)) end
    return n
end

local function prepare(tree, text, accept)
    local run = { text = text, slots = {}, search = 0, groups = count_groups(tree) }
    run.start = build(run, tree, accept(run))
    return run
end

--- Forgets what the last search found out.
local function reset(run)
    run.search = run.search + 1
    for i = 1, 2 * run.groups + 2 do run.slots[i] = -1 end
end

local function groups_of(run)
    local match = {}
    for i = 1, 2 * run.groups + 2, 2 do
        local from, to = run.slots[i], run.slots[i + 1]
        match[#match + 1] = from >= 0 and to >= 0 and { from + 1, to }
    end
    return match
end

local function accept_anywhere(run)
    return function(at)
        run.slots[2] = at
        return true
    end
end

--- All matches from left to right. options: anchored (a match begins where its search begins), limit.
function M.matches(tree, text, options)
    options = options or {}
    local run = prepare(tree, text, accept_anywhere)
    local list, from, last_end = {}, 0, -1
    while from <= #text and #list < (options.limit or math.huge) do
        reset(run)
        local last_start = options.anchored and from or #text
        local at = from
        run.slots[1] = at
        while at <= last_start and not run.start(at) do
            at = at + 1
            run.slots[1] = at
        end
        if at > last_start then break end
        if run.slots[1] == run.slots[2] and run.slots[2] == last_end then
            from = from + 1
        else
            list[#list + 1] = groups_of(run)
            from, last_end = run.slots[2], run.slots[2]
        end
    end
    return list
end

--- The first match that starts in low..high and ends at stop at the latest, or nil. Offsets from 0; `^ $ \b` see all of
-- the text.
function M.find(tree, text, low, high, stop)
    local run = prepare(tree, text, accept_anywhere)
    run.stop = stop
    reset(run)
    for at = low, math.min(high, stop) do
        run.slots[1] = at
        if run.start(at) then return groups_of(run) end
    end
    return nil
end

--- Does the tree match exactly the bytes first..last (1-based, inclusive) of the text?
function M.accepts(tree, text, first, last)
    local run = prepare(tree, text, function()
        return function(at) return at == last end
    end)
    reset(run)
    return run.start(first - 1)
end

return M
