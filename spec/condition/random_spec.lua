-- Random conditions over random records: the compiled form says what the naive evaluator says.

local differential = require "support.condition_differential"

local conditions = os.getenv "HUNCH_SAN" and 2500 or 25000
local records = 4

describe("random conditions", function()
    it(("say what the naive evaluator says: %d conditions, %d records each"):format(conditions, records), function()
        local counted = differential.run(20240611, conditions, records, 24)
        local total = conditions * records
        assert.is_true(counted.yes > total / 6 and counted.no > total / 6, "the answers are one-sided")
        assert.is_true(counted.gave_up < total / 50, "the naive evaluator gave up too often")
        assert.is_true(counted.refused < conditions / 5, "too many conditions are refused")
    end)
end)
