-- Random value-flow graphs and rules, for the solvers of them.
local M = {}

--- A list of n values of f.
local function list(n, f)
    local values = {}
    for i = 1, n do values[i] = f(i) end
    return values
end

--- Functions as flow_module takes them. options: functions, nodes: at most so many; recursive: they may call any, not
--- only those behind them.
function M.graph(random, options)
    local count = random(options.functions)
    local functions = list(count, function()
        local nodes = random(options.nodes)
        local edge = {}
        for _ = 1, random(nodes * 2) - 1 do
            edge[#edge + 1] = random(nodes) - 1
            edge[#edge + 1] = random(nodes) - 1
            edge[#edge + 1] = random(3) - 1
        end
        return {
            label = list(nodes, function() return random(4) == 1 and random(5) - 1 or 0 end),
            edge = edge,
            formal = list(random(4) - 1, function() return random(nodes) - 1 end),
            result = list(random(4) - 1, function() return random(nodes) - 1 end),
            call = {},
        }
    end)
    for f, fn in ipairs(functions) do
        for _ = 1, random(3) - 1 do
            local callee = options.recursive and random(count) or f < count and f + random(count - f)
            if callee then
                local target, call = functions[callee], { callee = callee - 1, into = {}, out = {} }
                for i = 1, #target.formal do
                    for _ = 1, random(2) do
                        call.into[#call.into + 1] = random(#fn.label) - 1
                        call.into[#call.into + 1] = i - 1
                    end
                end
                for r = 1, #target.result do
                    call.out[#call.out + 1] = random(#fn.label) - 1
                    call.out[#call.out + 1] = r - 1
                end
                fn.call[#fn.call + 1] = call
            end
        end
    end
    return functions
end

--- So many graphs as the functions of one: they do not call each other.
function M.many(random, count, options)
    local all = {}
    for _ = 1, count do
        local first = #all
        for _, fn in ipairs(M.graph(random, options)) do
            for _, call in ipairs(fn.call) do call.callee = call.callee + first end
            all[#all + 1] = fn
        end
    end
    return all
end

--- Rules by label: 0 is nothing, 1 a source, 2 a sink, 3 a sanitizer for some, 4 random.
--- with_give: results of some labels go back by more rules.
function M.rules(random, words, with_give)
    local all = 0xffffffff
    local function word() return random(0x100000000) - 1 end
    local rules = { words = words, classes = 3, pass = {}, gen = {}, keep = {}, sink = {}, enter = {}, leave = {} }
    for _ = 1, words do
        rules.enter[#rules.enter + 1] = word() | word() | word()
        rules.leave[#rules.leave + 1] = word() | word() | word()
    end
    for class = 0, 2 do
        for _ = 1, words do
            rules.pass[#rules.pass + 1] = class == 0 and all or word() | (class == 1 and word() or 0)
        end
    end
    for label = 0, 4 do
        for _ = 1, words do
            rules.gen[#rules.gen + 1] = label == 1 and word() | word() or label == 4 and word() & word() or 0
            rules.keep[#rules.keep + 1] = label == 3 and word() or label == 4 and word() | word() or all
            rules.sink[#rules.sink + 1] = label == 2 and all or label == 4 and word() or 0
        end
    end
    if with_give then
        rules.give = list(5 * words, function() return random(3) == 1 and word() or 0 end)
    end
    return rules
end

return M
