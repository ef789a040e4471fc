-- Random rules over random records: what the engine finds is what docs/RULES.md says, to the byte, whatever runs it.
local differential = require "support.engine_differential"

local CASES = os.getenv "HUNCH_SAN" and 100 or 1000

describe("the engine", function()
    it("equals the naive one for every backend, route, thread count, tile size and way in", function()
        local counts = differential.run(1, CASES)
        assert.is_true(counts.cases > CASES * 0.9, "too many rule sets are refused")
        assert.is_true(counts.gave_up < CASES * 0.02, "too many conditions are given up")
        assert.is_true(counts.matches > 20 * CASES and counts.incomplete > 0, "too little is found")
        assert.is_true(counts.speculated > 20 * CASES and counts.rolled_back > 20 * CASES, "too little is guessed")
    end)
end)
