-- Anchors of a regex: places by which every match can be found without trying each position of the text.
-- A place is a node that every match goes through; at it stands one of a few literals, or a run of a class.
-- Invariant (docs/INTERNALS.md section 5): every match holds an occurrence of at least one of the anchors, where the
-- anchor says. Which place is best: the one with the fewest expected hits, see docs/LITERALS.md. Called by the literals
-- pass once a regex.

local ast = require "hunch.regex.ast"
local analysis = require "hunch.regex.analysis"
local ngram = require "hunch.ngram"
local extract = require "hunch.regex.extract"
local emit = require "hunch.regex.emit"

local M = {}

M.MAX_LITERALS = 1024 -- of one regex, all anchors together
M.MAX_ANCHORS = 64 -- of one regex
M.MAX_COST = 200000 -- expected hits a MB from which trying every position is as good
M.MIN_CLASS_RUN = 5
M.WORK = 50000 -- steps of literal extraction for one regex; past them only what was found until then counts

-- Costs in units of one prefilter hit a MB. They only have to order the choices.
local LITERAL_COST = { 50, 40, 3 } -- of one more literal in the prefilter, by length
local LONG_LITERAL_COST = 0.3
local RUN_COST = 40000 -- of looking for runs of one byte: a pass over the record that reads every n-th byte
local LEAST_RUN_COST = 500
local SHORT_COST = { 800, 300, 0 } -- of having literals so short that the prefilter's windows are short too
local SHORT_FACTOR = { 1.5, 1.5 }
local PREFIX = { -- factor on the hits, and a constant: a program costs memory even when it never runs
    fixed = { 1, 0 },
    run = { 1.05, 0.1 },
    program = { 1.4, 1 },
    endless = { 3, 10 },
}
local ANCHOR_COST = 0.5 -- of one more anchor
local FLOOD_COST = 50 -- of a literal of one repeated byte: real files are padded with such
local GOOD_COST = 2 -- below it there is no point in looking further

-- Sequences are linked lists so that a branch and what follows it need no copies: { node =, next = }.
local function push(node, rest)
    return { node = node, next = rest }
end

-- What stands before a place, as a list that grows at its near end. `least` and `most` are its length; `run` says
-- whether all of it is one run of `set` (of any set while that is nil).
local START = { least = 0, most = 0, run = true }

local function after(node, before, memo)
    local least, most = analysis.length(node, memo)
    local place = {
        node = node,
        prev = before,
        least = math.min(analysis.LONG, before.least + least),
        most = before.most and most and math.min(analysis.LONG, before.most + most),
    }
    if before.run then
        local set, low = analysis.run(node)
        place.run = low and (not set or not before.set or set == before.set) and true or false
        place.set = set or before.set
    end
    return place
end

local function kind_of(place)
    if place.least == place.most then
        return "fixed", PREFIX.fixed
    elseif place.run then
        return "run", PREFIX.run
    end
    return "program", place.most and PREFIX.program or PREFIX.endless
end

local function total(hits_cost, place)
    local _, price = kind_of(place)
    return hits_cost * price[1] + price[2] + ANCHOR_COST
end

local function prefix_tree(place)
    local nodes = {}
    while place.node do
        nodes[#nodes + 1] = place.node
        place = place.prev
    end
    for i = 1, #nodes // 2 do
        nodes[i], nodes[#nodes + 1 - i] = nodes[#nodes + 1 - i], nodes[i]
    end
    return ast.cat(nodes)
end

local function literals_cost(literals)
    local sum, short = 0, 0
    for _, literal in ipairs(literals) do
        local hits = ngram.hits(literal.bytes, literal.nocase)
        local length = #literal.bytes
        sum = sum + hits * (SHORT_FACTOR[length] or 1) + (LITERAL_COST[length] or LONG_LITERAL_COST)
        short = math.max(short, SHORT_COST[length] or 0)
        if length > 1 and literal.bytes:find("^(.)%1*$") then
            sum = sum + FLOOD_COST
        end
    end
    return sum + short
end

-- The best literals that start at the head of `list`, as a plan: { cost, count, { anchor sketch } }.
local function literal_plan(list, before, context)
    local best
    extract.literals(list, context.budget, function(literals)
        local cost = literals_cost(literals)
        if not best or cost < best.cost then
            best = { cost = cost, literals = literals }
        end
        return best.cost <= GOOD_COST / 2
    end)
    if not best or #best.literals > M.MAX_LITERALS then
        return nil
    end
    local sketch = { literals = best.literals, before = before, node = list.node }
    return { cost = total(best.cost, before), count = #best.literals, sketch }
end

local function class_plan(list, before, rival, context)
    if not before.most or (rival and rival.cost <= LEAST_RUN_COST) then
        return nil
    end
    local best
    for _, run in ipairs(extract.runs(list, context.memo)) do
        if run.length >= M.MIN_CLASS_RUN then
            local cost = math.max(LEAST_RUN_COST, RUN_COST / run.length) + ngram.class_hits(run.class, run.length)
            if not best or cost < best.cost then
                best = { cost = cost, class = run.class, length = run.length }
            end
        end
    end
    if not best then
        return nil
    end
    local sketch = { class = best.class, length = best.length, before = before, node = list.node }
    return { cost = total(best.cost, before), count = 0, sketch }
end

local function better(one, other)
    if one and (not other or one.cost < other.cost) then
        return one
    end
    return other
end

local search

-- One plan for each branch, together. A class must be the only anchor: a search looks for runs or for literals.
local function branches_plan(node, rest, before, context)
    local union = { cost = 0, count = 0 }
    for _, branch in ipairs(node) do
        if branch.tag ~= "fail" then
            local plan = search(push(branch, rest), rest, before, context)
            if not plan then
                return nil
            end
            table.move(plan, 1, #plan, #union + 1, union)
            union.cost, union.count = union.cost + plan.cost, union.count + plan.count
            if #union > M.MAX_ANCHORS or union.count > M.MAX_LITERALS then
                return nil
            end
        end
    end
    for _, sketch in ipairs(#union > 1 and union or {}) do
        if sketch.class then
            return nil
        end
    end
    return #union > 0 and union or nil
end

local function single_symbol(node)
    return #(analysis.symbols(node.set) or "") == 1
end

-- The best plan whose anchors stand at a place in `list` before `stop`; what follows `stop` may still be read.
function search(list, stop, before, context)
    local best
    local covered = false -- the literals that start here are tails of those that start one place before
    while list ~= stop and not (best and best.cost <= GOOD_COST) do
        local node, rest = list.node, list.next
        local tag = node.tag
        if tag == "group" then
            list = push(node[1], rest)
        elseif tag == "cat" then
            for i = #node, 1, -1 do
                rest = push(node[i], rest)
            end
            list = rest
        else
            local usable = not context.entry or context.entry[node]
            if tag == "set" then
                local single = single_symbol(node)
                if usable and not (covered and single) then
                    best = better(literal_plan(list, before, context), best)
                end
                if usable then
                    best = better(class_plan(list, before, best, context), best)
                end
                covered = single and (usable or covered)
            elseif tag == "alt" then
                if usable then
                    best = better(literal_plan(list, before, context), best)
                    best = better(class_plan(list, before, best, context), best)
                end
                best = better(branches_plan(node, rest, before, context), best)
                covered = false
            elseif tag == "repeat" then
                if node.min > 0 then
                    if usable then
                        best = better(literal_plan(list, before, context), best)
                        best = better(class_plan(list, before, best, context), best)
                    end
                    local child = node[1]
                    if child.tag ~= "set" and node.max ~= 0 then
                        -- The first iteration; the others follow it.
                        local others = { tag = "repeat", child, min = node.min - 1, max = node.max and node.max - 1,
                            greedy = node.greedy }
                        local tail = (node.max == 1) and rest or push(others, rest)
                        best = better(search(push(child, tail), tail, before, context), best)
                    end
                end
                covered = false
            elseif tag == "fail" then
                return best
            end
            before = after(node, before, context.memo)
            list = rest
        end
    end
    return best
end

local function finish(sketch, context)
    local place = sketch.before
    local kind = kind_of(place)
    local anchor = {
        literals = sketch.literals,
        class = sketch.class,
        length = sketch.length,
        before_min = place.least,
        before_max = place.most,
        entry = context.entry and context.entry[sketch.node],
        prefix = kind,
        set = kind == "run" and place.set or nil,
    }
    if kind == "program" and context.entry then
        local reverse, err = emit.emit(prefix_tree(place), { reverse = true })
        if not reverse then
            return nil, err
        end
        anchor.reverse = reverse
    end
    return anchor
end

--- The anchors of a regex, or nil when there is nothing worth looking for (then it runs everywhere).
--- `emitted` is what emit made of the same tree; without it the anchors lack `entry` and `reverse`.
--- Also returns the cost by which they were chosen, in prefilter hits a MB.
function M.anchors(tree, emitted)
    local context = { memo = analysis.memo(), entry = emitted and emitted.entry, budget = { left = M.WORK } }
    local plan = search(push(tree, nil), nil, START, context)
    if not plan or plan.cost > M.MAX_COST then
        return nil
    end
    local out = {}
    for i, sketch in ipairs(plan) do
        out[i] = finish(sketch, context)
        if not out[i] then
            return nil
        end
    end
    return out, plan.cost
end

return M
