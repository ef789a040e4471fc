-- Guards of random functions against what runs of them do: a text from outside that a run hands on before any test
-- found it clean is found; and of what is found nearly all is what some run does.
local checks = require "support.random_checks"
local random_numbers = require "support.random"
local rules = require "support.graph_rule"
local units = require "support.unit_module"

local COUNT = os.getenv "HUNCH_SOAK" and 20000 or os.getenv "HUNCH_SAN" and 60 or 400
local RUNS = 60

local RULE = rules.rule {
    from = { { call = "getenv" } },
    to = { { argument = "system", 1 } },
    unless = { { call = "is_safe", on = 1 } },
}

describe("tests and what is kept of them, in random functions,", function()
    it("clean no text that a run hands on untested", function()
        local random, bad, more = random_numbers.generator(17), 0, 0
        for _ = 1, COUNT do
            local text, run = checks.make(random)
            local found = {}
            for _, finding in ipairs(units.new({ { name = "a.c", text = text } }, rules.flows):solve { RULE }) do
                found[finding[4]] = true
            end
            local done = {}
            for _ = 1, RUNS do
                for line in pairs(run(random)) do
                    assert.is_true(found[line] or false, ("line %d of\n%s"):format(line, text))
                    done[line] = true
                end
            end
            for line in pairs(found) do
                bad, more = bad + 1, more + (done[line] and 0 or 1)
            end
        end
        print(("figure: checks: %d functions, %d findings, %d of which no run shows"):format(COUNT, bad, more))
    end)
end)
