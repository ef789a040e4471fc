-- kernels/confirm_tile.h where a bound is met: support.stage_module compares with the search what is decided. Random
-- rules: spec/fuzz/stage_tiles_spec.lua.
local cases = require "support.stage_case"
local stages = require "support.stage_module"

describe("confirm_tile.h", function()
    --- What the tile says of the hits of one regex: { no =, yes =, ask = }.
    local function confirm(pattern, record, options)
        local bytes = assert(cases.compile(("rule 'r' { confirm = { regex %q } }"):format(pattern)))
        return stages.load(bytes):confirm(record, options)
    end

    -- A hit is asked for twice, by itself and for all matches of its pattern.
    local function verdicts(c) return ("%d no, %d yes, %d ask"):format(c.no, c.yes, c.ask) end

    it("a run that is longer than the budget is asked about", function()
        local record = ("x"):rep(9) .. "=1"
        assert.equal("0 no, 2 yes, 0 ask", verdicts(confirm("[a-z]+=[0-9]", record, { budget = 12 })))
        assert.equal("0 no, 0 yes, 2 ask", verdicts(confirm("[a-z]+=[0-9]", record, { budget = 8 })))
    end)

    it("a match is read as far as the budget goes", function()
        local pattern, record = "key=[a-z]+;", "key=" .. ("v"):rep(20) .. ";"
        assert.equal("0 no, 2 yes, 0 ask", verdicts(confirm(pattern, record, { budget = #record })))
        assert.equal("0 no, 0 yes, 2 ask", verdicts(confirm(pattern, record, { budget = #record - 1 })))
        -- Where the guard, which sees 64 bytes, lets pass what does not match:
        pattern, record = "key=[a-z]{70,}", "key=" .. ("v"):rep(66) .. ";"
        assert.equal("2 no, 0 yes, 0 ask", verdicts(confirm(pattern, record, { budget = 71 })))
        assert.equal("0 no, 0 yes, 2 ask", verdicts(confirm(pattern, record, { budget = 70 })))
    end)

    it("an anchor nearer to the start of the record than any match begins is no hit at all", function()
        assert.equal("0 no, 0 yes, 0 ask", verdicts(confirm("[0-9]{3}key", "12key")))
        assert.equal("0 no, 2 yes, 0 ask", verdicts(confirm("[0-9]{3}key", "123key")))
    end)

    it("what is no literal's hit is asked about", function()
        local class = stages.load((assert(cases.compile("rule 'r' { confirm = { regex '[0-9]{20}' } }"))))
        local record = ("1"):rep(30)
        assert.same({}, class:hits(record))
        assert.equal(2, class:confirm_one(record, 0, 4, 0)[1])
        local literal = stages.load((assert(cases.compile("rule 'r' { prefilter = any { 'key' } }"))))
        assert.same({}, literal:hits("key"))
        assert.equal(2, literal:confirm_one("key", 0, 0, 0)[1])
    end)

    it("groups want room, matches without them do not", function()
        assert.equal("0 no, 0 yes, 2 ask", verdicts(confirm("key=(a)(b)", "key=ab", { groups = 1 })))
        assert.equal("0 no, 2 yes, 0 ask", verdicts(confirm("key=(a)(b)", "key=ab", { groups = 2 })))
        assert.equal("0 no, 2 yes, 0 ask", verdicts(confirm("key=ab", "key=ab", { groups = 0 })))
    end)

    it("more threads than there is room for are asked about", function()
        local pattern, record = "key(?:ab|a[bc]d|acd*)e", "keyabde"
        assert.equal("0 no, 2 yes, 0 ask", verdicts(confirm(pattern, record, { room = 3 })))
        assert.equal("0 no, 0 yes, 2 ask", verdicts(confirm(pattern, record, { room = 2 })))
        assert.equal("0 no, 0 yes, 2 ask", verdicts(confirm(pattern, record, { room = 0 })))
    end)
end)
