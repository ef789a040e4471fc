-- runtime/graph/{solve,flat,components}.c and kernels/flow_tile.h against two naive solvers, on random graphs.
local flow = require "support.flow_module"
local naive = require "support.naive_flow"
local random_numbers = require "support.random"

local MORE = os.getenv "HUNCH_SOAK" and 60 or os.getenv "HUNCH_SAN" and 1 or 4

--- A list of n values of f.
local function list(n, f)
    local values = {}
    for i = 1, n do values[i] = f(i) end
    return values
end

local function random_graph(random, options)
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

--- Rules by label: 0 is nothing, 1 a source, 2 a sink, 3 a sanitizer for some, 4 random.
local function random_rules(random, words)
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
    return rules
end

local function check(functions, rules, rule, solve)
    local expected = solve(functions, rules, rule)
    local hits, rows = flow.solve(functions, rules)
    local got, at = {}, 0
    for f, fn in ipairs(functions) do
        for node = 0, #fn.label - 1 do
            if rows[at * rules.words + rule // 32 + 1] >> (rule % 32) & 1 == 1 then got[f - 1 .. " " .. node] = true end
            at = at + 1
        end
    end
    assert.same(expected, got)
    local sinks = {}
    for f, fn in ipairs(functions) do
        for node, label in ipairs(fn.label) do
            if expected[f - 1 .. " " .. node - 1] and
                rules.sink[label * rules.words + rule // 32 + 1] >> (rule % 32) & 1 == 1 then
                sinks[#sinks + 1] = f - 1 .. " " .. node - 1
            end
        end
    end
    local found = {}
    for i = 1, #hits, 3 do
        if hits[i + 2] == rule then found[#found + 1] = hits[i] .. " " .. hits[i + 1] end
    end
    assert.same(sinks, found)
    return #sinks
end

describe("the solver of value-flow graphs", function()
    it("finds what all ways with matched calls find", function()
        local random, found = random_numbers.generator(11), 0
        for _ = 1, 500 * MORE do
            local functions = random_graph(random, { functions = 4, nodes = 6 })
            local rules = random_rules(random, 1)
            found = found + check(functions, rules, random(32) - 1, function(...)
                local fn, r, rule = ...
                return naive.paths(fn, r, rule, 6)
            end)
        end
        assert.is_true(found > 15 * MORE)
    end)

    it("finds what sets by the definition find, recursion included", function()
        local random, found = random_numbers.generator(12), 0
        for _ = 1, 400 * MORE do
            local functions = random_graph(random, { functions = 6, nodes = 12, recursive = true })
            local rules = random_rules(random, random(2))
            found = found + check(functions, rules, random(32 * rules.words) - 1, naive.sets)
        end
        assert.is_true(found > 15 * MORE)
    end)

    it("does not mix the callers of one function", function()
        local copy = { label = { 0 }, edge = {}, formal = { 0 }, result = { 0 }, call = {} }
        local caller = {
            label = { 1, 0, 0, 2, 2 }, edge = { 1, 3, 0, 2, 4, 0 }, formal = {}, result = {},
            call = { { callee = 0, into = { 0, 0 }, out = { 1, 0 } }, { callee = 0, into = {}, out = { 2, 0 } } },
        }
        local rules = {
            words = 1, classes = 1, pass = { 1 }, enter = { 1 }, leave = { 1 }, gen = { 0, 1, 0 }, keep = { 1, 1, 1 },
            sink = { 0, 0, 1 },
        }
        local hits = flow.solve({ copy, caller }, rules)
        assert.same({ 1, 3, 0 }, hits)
    end)
end)
