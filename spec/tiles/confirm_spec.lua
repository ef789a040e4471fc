-- kernels/confirm_tile.h against the engine's own search: support.stage_module compares hit by hit and all matches of a
-- pattern; here are the programs and records, and every bound.
local cases = require "support.stage_case"
local stages = require "support.stage_module"

local SAN = os.getenv "HUNCH_SAN"
local SEEDS = os.getenv "HUNCH_SOAK" and 20000 or SAN and 40 or 120

local function add(total, counts)
    for key, n in pairs(counts) do total[key] = (total[key] or 0) + n end
end

--- Compares all records of a case; what differs names the case.
local function compare(case, options, total)
    for _, record in ipairs(case.records) do
        local ok, counts = pcall(case.program.confirm, case.program, record, options)
        if not ok then error(("%s\nrecord %q\n%s"):format(case.source, record, counts), 0) end
        add(total, counts)
    end
end

describe("confirm_tile.h", function()
    it(("says of hits what the search says (%d random rule sets)"):format(SEEDS), function()
        local total = {}
        for seed = 1, SEEDS do
            local case = cases.random(seed)
            if case then compare(case, nil, total) end
        end
        assert.equal(0, total.ask)
        assert.is_true(total.no > SEEDS and total.yes > 2 * SEEDS and total.patterns > SEEDS and total.matches > SEEDS,
            ("%d no, %d yes, %d patterns, %d matches"):format(total.no, total.yes, total.patterns, total.matches))
    end)

    it("says so of regexes as people write them", function()
        local total = {}
        for seed = 1, SEEDS // 5 do compare(cases.real(seed), nil, total) end
        assert.equal(0, total.ask)
        assert.is_true(total.no > SEEDS / 10 and total.yes > SEEDS / 10, total.no .. " no, " .. total.yes .. " yes")
    end)

    it("asks where a machine is too small, and never says anything else", function()
        local tight = {
            { states = 8 }, { room = 2 }, { room = 1, frames = 1 }, { frames = 0 }, { slots = 2 }, { slots = 0 },
            { budget = 1 }, { budget = 3 }, { budget = 12, room = 3 },
        }
        local totals = {}
        for seed = 1, SEEDS // 2 do
            local case = seed % 4 == 0 and cases.real(seed) or cases.random(seed)
            for i, options in ipairs(tight) do
                totals[i] = totals[i] or {}
                if case then compare(case, options, totals[i]) end
            end
        end
        for i, total in ipairs(totals) do
            assert.is_true(total.ask > 0, "limit " .. i .. " was never met")
            assert.is_true(total.no + total.yes > 0, "nothing was decided at limit " .. i)
        end
    end)

    describe("at the edges", function()
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

        it("a hit of a class anchor is none, and what it would lead to is asked about", function()
            assert.equal("0 no, 0 yes, 0 ask", verdicts(confirm("[0-9]{20}", ("1"):rep(30))))
        end)

        it("groups want slots, matches without them do not", function()
            assert.equal("0 no, 0 yes, 2 ask", verdicts(confirm("key=(a)(b)", "key=ab", { slots = 4 })))
            assert.equal("0 no, 2 yes, 0 ask", verdicts(confirm("key=(a)(b)", "key=ab", { slots = 6 })))
            assert.equal("0 no, 2 yes, 0 ask", verdicts(confirm("key=ab", "key=ab", { slots = 2 })))
        end)

        it("more threads than there is room for are asked about", function()
            local pattern, record = "key(?:ab|a[bc]d|acd*)e", "keyabde"
            assert.equal("0 no, 2 yes, 0 ask", verdicts(confirm(pattern, record, { room = 3 })))
            assert.equal("0 no, 0 yes, 2 ask", verdicts(confirm(pattern, record, { room = 2 })))
            assert.equal("0 no, 0 yes, 2 ask", verdicts(confirm(pattern, record, { frames = 0 })))
        end)
    end)
end)
