-- Where values get to, by the definition: all ways with calls matched with returns, one rule at a time. Two of them:
-- paths with a stack of calls, to a bound, for small graphs; and sets of (function, way in, node) for larger ones.
local M = {}

local function bit(words, row, width, rule)
    return words[row * width + rule // 32 + 1] >> (rule % 32) & 1 == 1
end

--- What a rule may do: closures over the tables of flow_module.
local function rule_of(rules, rule)
    local width = rules.words
    return {
        pass = function(class) return bit(rules.pass, class, width, rule) end,
        gen = function(label) return bit(rules.gen, label, width, rule) end,
        keep = function(label) return bit(rules.keep, label, width, rule) end,
        enter = bit(rules.enter, 0, width, rule),
        leave = bit(rules.leave, 0, width, rule),
    }
end

--- Nodes that values of a rule get to, as set["function node"], by walking: a state is a node with the calls that have
--- not returned; nothing is known of calls above where the value began. Bounded by `depth` calls: the caller's graphs
--- must have no longer ways.
function M.paths(functions, rules, rule, depth)
    local can, reached, seen, work = rule_of(rules, rule), {}, {}, {}

    -- stack: "call:function/..." of what was entered; leaving with an empty one goes to any caller.
    local function visit(f, node, stack)
        if not can.keep(functions[f + 1].label[node + 1]) then return end
        local key = f .. " " .. node
        local state = key .. " " .. table.concat(stack, "/")
        if seen[state] then return end
        seen[state] = true
        reached[key] = true
        work[#work + 1] = { f, node, stack }
    end

    for f, fn in ipairs(functions) do
        for node, label in ipairs(fn.label) do
            if can.gen(label) then visit(f - 1, node - 1, {}) end
        end
    end
    while #work > 0 do
        local f, node, stack = table.unpack(table.remove(work))
        local fn = functions[f + 1]
        for e = 1, #fn.edge, 3 do
            if fn.edge[e] == node and can.pass(fn.edge[e + 2]) then visit(f, fn.edge[e + 1], stack) end
        end
        for c, call in ipairs(fn.call) do
            for i = 1, #call.into, 2 do
                if call.into[i] == node and can.enter and #stack < depth then
                    local deeper = { table.unpack(stack) }
                    deeper[#deeper + 1] = f .. ":" .. c
                    visit(call.callee, functions[call.callee + 1].formal[call.into[i + 1] + 1], deeper)
                end
            end
        end
        for r, result in ipairs(fn.result) do
            if result == node and can.leave then
                for g, caller in ipairs(functions) do
                    for c, call in ipairs(caller.call) do
                        local top = stack[#stack]
                        if call.callee == f and (top == nil or top == (g - 1) .. ":" .. c) then
                            for o = 1, #call.out, 2 do
                                if call.out[o + 1] == r - 1 then
                                    visit(g - 1, call.out[o], { table.unpack(stack, 1, #stack - 1) })
                                end
                            end
                        end
                    end
                end
            end
        end
    end
    return reached
end

--- The same without a bound: facts "a value that is at node `from` when the function is entered gets to node `to`"
--- (from = false: one that began in the function or below), until there are no more.
function M.sets(functions, rules, rule)
    local can = rule_of(rules, rule)
    local facts, work, entered, through = {}, {}, {}, {}
    local function add(f, from, node)
        if not can.keep(functions[f + 1].label[node + 1]) then return end
        local key = f .. " " .. tostring(from) .. " " .. node
        if not facts[key] then
            facts[key] = true
            work[#work + 1] = { f, from, node }
        end
    end
    for f, fn in ipairs(functions) do
        through[f - 1] = {}
        for node, label in ipairs(fn.label) do
            if can.gen(label) then add(f - 1, false, node - 1) end
        end
        for i, node in ipairs(fn.formal) do
            if can.enter then add(f - 1, i - 1, node) end
        end
    end
    while #work > 0 do
        local f, from, node = table.unpack(table.remove(work))
        local fn = functions[f + 1]
        for e = 1, #fn.edge, 3 do
            if fn.edge[e] == node and can.pass(fn.edge[e + 2]) then add(f, from, fn.edge[e + 1]) end
        end
        for _, call in ipairs(fn.call) do
            for i = 1, #call.into, 2 do
                if call.into[i] == node then
                    for o = 1, #call.out, 2 do
                        if through[call.callee][call.into[i + 1] .. " " .. call.out[o + 1]] then
                            add(f, from, call.out[o])
                        end
                    end
                end
            end
        end
        for r, result in ipairs(fn.result) do
            if result == node and can.leave then
                if from then through[f][from .. " " .. r - 1] = true end
                for g, caller in ipairs(functions) do
                    for _, call in ipairs(caller.call) do
                        for o = 1, #call.out, 2 do
                            if call.callee == f and call.out[o + 1] == r - 1 then
                                if not from then add(g - 1, false, call.out[o]) end
                                for i = 1, #call.into, 2 do
                                    if from == call.into[i + 1] then -- who is there already
                                        local ways = {}
                                        for fact in pairs(facts) do
                                            local h, way, at = fact:match "^(%d+) (%w+) (%d+)$"
                                            if tonumber(h) == g - 1 and tonumber(at) == call.into[i] then
                                                ways[#ways + 1] = tonumber(way) or false
                                            end
                                        end
                                        for _, way in ipairs(ways) do add(g - 1, way, call.out[o]) end
                                    end
                                end
                            end
                        end
                    end
                end
            end
        end
    end
    -- What really comes in.
    local reached, comes = {}, {}
    local function come(f, from)
        local key = f .. " " .. tostring(from)
        if entered[key] then return end
        entered[key] = true
        comes[#comes + 1] = { f, from }
    end
    for f = 0, #functions - 1 do come(f, false) end
    while #comes > 0 do
        local f, from = table.unpack(table.remove(comes))
        for node = 0, #functions[f + 1].label - 1 do
            if facts[f .. " " .. tostring(from) .. " " .. node] then
                reached[f .. " " .. node] = true
                for _, call in ipairs(functions[f + 1].call) do
                    for i = 1, #call.into, 2 do
                        if call.into[i] == node and can.enter then come(call.callee, call.into[i + 1]) end
                    end
                end
            end
        end
    end
    return reached
end

return M
