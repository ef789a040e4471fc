-- spec/scan/differential_spec.lua with other cases, and many of them.
local differential = require "support.engine_differential"

local FIRST, LAST, PART = 100001, 200000, 2000

describe("the engine", function()
    it("equals the naive one over 100,000 rule sets", function()
        local totals = {}
        for first = FIRST, LAST, PART do
            for key, count in pairs(differential.run(first, math.min(LAST, first + PART - 1))) do
                totals[key] = (totals[key] or 0) + count
            end
        end
        print(("\n%d rule sets, %d scans, %d matches and %d incomplete entries compared, 0 differences"):format(
            totals.cases, totals.scans, totals.matches, totals.incomplete))
        assert.is_true(totals.cases > 90000)
    end)
end)
