-- runtime/graph/{solve,solve_ref,flat,components}.c and kernels/flow_tile.h against two naive solvers: random graphs.
local flow = require "support.flow_module"
local naive = require "support.naive_flow"
local random_numbers = require "support.random"
local value_flow = require "support.random_value_flow"

local MORE = os.getenv "HUNCH_SOAK" and 112 or os.getenv "HUNCH_SAN" and 1 or 4

local function check(functions, rules, rule, solve)
    local expected = solve(functions, rules, rule)
    local hits, rows = flow.solve(functions, rules)
    local plain_hits, plain_rows = flow.solve(functions, rules, { plain = true })
    assert.equal(table.concat(plain_hits, " "), table.concat(hits, " "))
    assert.equal(table.concat(plain_rows, " "), table.concat(rows, " "))
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
            local functions = value_flow.graph(random, { functions = 4, nodes = 6 })
            local rules = value_flow.rules(random, 1)
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
            local functions = value_flow.graph(random, { functions = 6, nodes = 12, recursive = true })
            local rules = value_flow.rules(random, random(2))
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
