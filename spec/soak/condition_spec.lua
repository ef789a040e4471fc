-- The long run of spec/condition/random_spec.lua: more conditions, and larger ones.

local differential = require "support.condition_differential"

describe("random conditions, the long run", function()
    for seed, size in ipairs { 12, 40, 120 } do
        it(("of up to %d nodes say what the naive evaluator says"):format(size), function()
            local counted = differential.run(seed, 200000, 5, size)
            print(("conditions: %d evaluations compared, 0 differences"):format(counted.yes + counted.no))
            assert.is_true(counted.yes > 100000 and counted.no > 100000, "the answers are one-sided")
        end)
    end
end)
