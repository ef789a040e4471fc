-- Program graphs on a real GPU (make gpu-check): rules solved on random graphs, and rules/c on this project's sources.
local flow = require "support.flow_module"
local module = require "support.engine_module"
local random_numbers = require "support.random"
local value_flow = require "support.random_value_flow"

local GRAPHS = tonumber(os.getenv "HUNCH_GPU_GRAPHS") or 10000
local FIRST = tonumber(os.getenv "HUNCH_GPU_SEED") or 1
local TOGETHER = 100 -- graphs that are solved as one

describe("graph rules on a GPU", function()
    it(("find what ref finds, on %d random graphs"):format(GRAPHS), function()
        local random, found, solved = random_numbers.generator(FIRST), 0, 0
        for i = 1, GRAPHS // TOGETHER do
            local functions = value_flow.many(random, TOGETHER, { functions = 6, nodes = 16, recursive = i % 2 == 0 })
            local rules = value_flow.rules(random, ({ 1, 2, 3, 8, 33 })[i % 5 + 1], i % 3 == 0)
            local hits, rows = assert(flow.solve(functions, rules, { plain = true }))
            local got_hits, got_rows = assert(flow.solve(functions, rules, { gpu = true }))
            assert.equal(table.concat(rows, " "), table.concat(got_rows, " "))
            assert.equal(table.concat(hits, " "), table.concat(got_hits, " "))
            found, solved = found + #hits // 3, solved + TOGETHER
        end
        assert.is_true(found > 10 * solved)
        print(("figure: %d random graphs, %d findings"):format(solved, found))
    end)

    it("and in large functions, and circles of many, with all that witnesses need", function()
        local random, found = random_numbers.generator(FIRST), 0
        for i = 1, 20 do
            local functions = value_flow.graph(random, { functions = i % 2 == 0 and 4 or 300,
                nodes = i % 2 == 0 and 20000 or 200, recursive = true })
            local rules = value_flow.rules(random, ({ 1, 3, 33 })[i % 3 + 1], i % 3 == 0)
            local hits, rows, masks = assert(flow.solve(functions, rules))
            local got_hits, got_rows, got_masks = assert(flow.solve(functions, rules, { gpu = true }))
            assert.equal(table.concat(rows, " "), table.concat(got_rows, " "))
            assert.equal(table.concat(hits, " "), table.concat(got_hits, " "))
            assert.is_true(masks == got_masks)
            found = found + #hits // 3
        end
        assert.is_true(found > 10000)
    end)

    it("find what ref finds in this project's sources", function()
        local engine = assert(module.core.engine { threads = 4, cache = "" })
        module.sizes(engine, { solve_least = 0 })
        local rules = assert(engine:compile { "rules/c" })
        local function scan(backend)
            local result = assert(rules:scan_paths({ "runtime" }, { backend = backend }))
            assert.is_nil(result.stats.note)
            local out = {}
            for _, m in ipairs(result.matches) do
                local line = { m.record, m.rule, m.first, m.last }
                for _, step in ipairs(m.witness or {}) do
                    line[#line + 1] = ("%s %s:%d:%d"):format(step.what, step.record, step.line, step.column)
                end
                out[#out + 1] = table.concat(line, " ")
            end
            for _, l in ipairs(result.incomplete) do out[#out + 1] = ("%s %s"):format(l.record, l.detail) end
            return table.concat(out, "\n"), #result.matches
        end
        local wanted, count = scan "ref"
        assert.is_true(count > 5)
        assert.equal(0, module.graphs_solved(engine))
        assert.equal(wanted, (scan "cuda"))
        assert.equal(2, module.graphs_solved(engine)) -- a unit of C: what is tainted, then what is found
        print(("figure: %d findings in runtime/"):format(count))
    end)
end)
