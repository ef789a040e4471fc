-- The long run of spec/condition/random_spec.lua: more conditions, and larger ones.

local figures = require "support.figures"
local differential = require "support.condition_differential"

describe("random conditions, the long run", function()
    for seed, size in ipairs { 12, 40, 120 } do
        it(("of up to %d nodes say what the naive evaluator says"):format(size), function()
            local counted = differential.run(seed, 200000, 5, size)
            figures.say("%s evaluations (%s yes, %s no) of conditions of up to %s nodes as the naive evaluator says; "
                .. "0 differences", counted.yes + counted.no, counted.yes, counted.no, size)
            assert.is_true(counted.yes > 100000 and counted.no > 100000, "the answers are one-sided")
        end)
    end
end)
