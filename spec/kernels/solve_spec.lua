-- kernels/solve.cu on the emulator against the solvers of the backends cpu and ref, which spec/graph/solve_spec.lua
-- holds against definitions: hits and rows bit for bit, and masks of the first two.
local flow = require "support.flow_module"
local random_numbers = require "support.random"
local value_flow = require "support.random_value_flow"

local MORE = os.getenv "HUNCH_SOAK" and 40 or os.getenv "HUNCH_SAN" and 1 or 4
local GRAPHS = os.getenv "HUNCH_SOAK" and 100000 or os.getenv "HUNCH_SAN" and 200 or 1000

local function both(functions, rules, options)
    local hits, rows, masks = assert(flow.solve(functions, rules))
    local plain_hits, plain_rows = flow.solve(functions, rules, { plain = true })
    assert.equal(table.concat(plain_hits, " "), table.concat(hits, " "))
    assert.equal(table.concat(plain_rows, " "), table.concat(rows, " "))
    local got_hits, got_rows, got_masks, turns = flow.solve(functions, rules, options)
    assert(got_hits, got_rows)
    assert.equal(table.concat(rows, " "), table.concat(got_rows, " "))
    assert.equal(table.concat(hits, " "), table.concat(got_hits, " "))
    assert.is_true(masks == got_masks)
    return #hits // 3, turns
end

describe("the kernels that solve graphs", function()
    it("say what the CPU says, for every width of rows", function()
        local random, found, widths = random_numbers.generator(21), 0, { 1, 2, 3, 5, 8, 17, 32, 33, 70 }
        for i = 1, 40 * MORE do
            local functions = value_flow.graph(random, { functions = 8, nodes = 14, recursive = i % 2 == 0 })
            local rules = value_flow.rules(random, widths[i % #widths + 1], i % 3 == 0)
            found = found + both(functions, rules, { seed = i })
        end
        assert.is_true(found > 5000 * MORE)
    end)

    it(("and for %d graphs, a hundred at once"):format(GRAPHS), function()
        local random, found = random_numbers.generator(27), 0
        for i = 1, GRAPHS // 100 do
            local functions = value_flow.many(random, 100, { functions = 6, nodes = 16, recursive = i % 2 == 0 })
            found = found + both(functions, value_flow.rules(random, random(2), i % 3 == 0), { seed = i })
        end
        assert.is_true(found > 4 * GRAPHS)
        print(("figure: kernels: %d random graphs, %d findings"):format(GRAPHS, found))
    end)

    it("and for large functions, and circles of many", function()
        local random, found = random_numbers.generator(22), 0
        for i = 1, 3 * MORE do
            local functions = value_flow.graph(random,
                { functions = i % 2 == 0 and 4 or 60, nodes = i % 2 == 0 and 1500 or 20, recursive = true })
            found = found + both(functions, value_flow.rules(random, random(3), i % 3 == 0), { seed = i })
        end
        assert.is_true(found > 1000 * MORE)
    end)

    it("and for graphs of nothing", function()
        local none = { label = {}, edge = {}, formal = {}, result = {}, call = {} }
        local rules = value_flow.rules(random_numbers.generator(23), 2)
        assert.equal(0, both({}, rules, { seed = 1 }))
        assert.equal(0, both({ none }, rules, { seed = 1 }))
        local two = { label = { 0, 2 }, edge = { 0, 1, 0 }, formal = { 0 }, result = { 1 }, call = {} }
        assert.equal(0, both({ none, two }, rules, { seed = 1 }))
    end)

    it("take fewer rules at a time where there is little memory, and say when there is none", function()
        local random = random_numbers.generator(24)
        local functions = value_flow.graph(random, { functions = 40, nodes = 60, recursive = true })
        local rules = value_flow.rules(random, 40)
        local most, failed = 0, false
        for _, memory in ipairs { 2000000, 1000000, 500000, 250000, 120000, 60000, 40000, 30000, 20000, 10000 } do
            local hits, why = flow.solve(functions, rules, { seed = 1, memory = memory })
            if hits then
                assert.is_false(failed) -- less is no more
                local _, turns = both(functions, rules, { seed = 1, memory = memory })
                most = math.max(most, turns)
            else
                failed = true
                assert.equal("the emulated device has no memory", why)
            end
        end
        assert.is_true(failed and most >= 10)
        assert.equal(2, select(2, both(functions, rules, { seed = 1 })))
    end)

    it("are missed where one does not run", function()
        local random = random_numbers.generator(25)
        local functions = value_flow.graph(random, { functions = 8, nodes = 14, recursive = true })
        local rules = value_flow.rules(random, 1)
        for _, kernel in ipairs { "mingle", "up", "down", "hits" } do
            local hits, why = flow.solve(functions, rules, { seed = 1, skip = "hunch_solve_" .. kernel .. "_kernel" })
            assert.is_nil(hits)
            assert.equal("the GPU failed: not every kernel that solves graphs says that it ran", why)
        end
    end)

    it("leave no answer where the device fails", function()
        local random = random_numbers.generator(26)
        local functions = value_flow.graph(random, { functions = 8, nodes = 14, recursive = true })
        local rules = value_flow.rules(random, 1)
        local failed = 0
        for at = 1, 600 do
            local hits, why = flow.solve(functions, rules, { seed = 1, fail_at = at })
            if hits then break end
            assert.matches("emulated device", why)
            failed = failed + 1
        end
        assert.is_true(failed > 100 and failed < 600)
    end)
end)
