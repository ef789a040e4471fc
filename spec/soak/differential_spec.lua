-- spec/scan/differential_spec.lua with other cases, and many of them. Compiling takes most of the time, so each rule
-- set gets several sets of records.
local differential = require "support.engine_differential"
local figures = require "support.figures"

local FIRST, LAST, PART, ROUNDS = 100001, 110000, 500, 4

describe("the engine", function()
    it("equals the naive one over 10,000 rule sets with 4 sets of records each", function()
        local totals = {}
        for first = FIRST, LAST, PART do
            for key, count in pairs(differential.run(first, math.min(LAST, first + PART - 1), ROUNDS)) do
                totals[key] = (totals[key] or 0) + count
            end
        end
        figures.say("%s random rule sets x sets of records: %s scans of %s bytes by ref and cpu, 3 routes, 1 to 4 "
            .. "threads, 7 tile sizes, 4 ways in; %s matches and %s incomplete entries as the naive engine's; "
            .. "0 differences",
            totals.cases, totals.scans, totals.bytes, totals.matches, totals.incomplete)
        assert.is_true(totals.cases > 36000)
    end)
end)
