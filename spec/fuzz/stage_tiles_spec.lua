-- Tile functions of whole rules against the engine, on random rules, and on regexes as people write them: what
-- kernels/confirm_tile.h says of hits against the search, what kernels/stage_tile.h says of candidates against the
-- worker. support.stage_module compares; here are the programs, the records and machines that are too small.
local cases = require "support.stage_case"
local C = require("hunch.native").constants

local SAN = os.getenv "HUNCH_SAN"
local SEEDS = os.getenv "HUNCH_SOAK" and 900 or SAN and 30 or 80

-- Kinds that are the host's alone.
local HOSTS = { [C.HP_STAGE_PATH] = true, [C.HP_STAGE_COUNT] = true, [C.HP_STAGE_NEAR] = true,
    [C.HP_STAGE_CONDITION] = true, [C.HP_STAGE_HOST] = true }

local function add(total, counts)
    for key, n in pairs(counts) do
        if type(n) == "table" then
            total[key] = total[key] or {}
            add(total[key], n)
        else
            total[key] = (total[key] or 0) + n
        end
    end
end

--- Compares all records of a case; what differs names the case.
local function compare(method, case, options, total)
    for _, record in ipairs(case.records) do
        local ok, all, kinds, items = pcall(case.program[method], case.program, record, options)
        if not ok then error(("%s\nrecord %q\n%s"):format(case.source, record, all), 0) end
        add(total, { all = all, kinds = kinds, items = items })
    end
end

--- `counts` has enough of both answers.
local function decided(name, counts, least)
    assert.is_true(SAN ~= nil or counts.no > least and counts.yes > least, ("%s: %d no, %d yes"):format(name, counts.no,
        counts.yes))
end

describe("confirm_tile.h", function()
    it(("says of hits what the search says (%d random rule sets)"):format(SEEDS), function()
        local total = {}
        for seed = 1, SEEDS do
            local case = cases.random(seed)
            if case then compare("confirm", case, nil, total) end
        end
        assert.equal(0, total.all.ask)
        decided("hits", total.all, SEEDS)
        assert.is_true(total.all.patterns > SEEDS and total.all.matches > SEEDS)
    end)

    it("says so of regexes as people write them", function()
        local total = {}
        for seed = 1, SEEDS // 3 do compare("confirm", cases.real(seed), nil, total) end
        assert.equal(0, total.all.ask)
        decided("hits", total.all, SEEDS / 10)
    end)

    it("asks where a machine is too small, and never says anything else", function()
        local tight = {
            { room = 2 }, { room = 1 }, { room = 0 }, { groups = 0 }, { budget = 1 }, { budget = 3 },
            { budget = 12, room = 3 },
        }
        local totals = {}
        for seed = 1, SEEDS // 2 do
            local case = seed % 4 == 0 and cases.real(seed) or cases.random(seed)
            for i, options in ipairs(tight) do
                totals[i] = totals[i] or {}
                if case then compare("confirm", case, options, totals[i]) end
            end
        end
        for i, total in ipairs(totals) do
            assert.is_true(total.all.ask > 0, "limit " .. i .. " was never met")
            assert.is_true(total.all.no + total.all.yes > 0, "nothing was decided at limit " .. i)
        end
    end)
end)

describe("stage_tile.h", function()
    it(("says of candidates what the worker says (%d random rule sets)"):format(4 * SEEDS), function()
        local total = {}
        for seed = 1, 4 * SEEDS do
            local case = cases.random(seed, seed % 5 == 0 and 300 or 80)
            if case then compare("stages", case, { window = seed % 2 == 0 and 64 or nil }, total) end
        end
        for name, kind in pairs(C) do
            local counts = name:find "^HP_STAGE_" and total.kinds[kind] or {}
            if HOSTS[kind] and counts.ask then
                assert.equal(0, counts.yes + counts.no, name)
            elseif counts.ask then
                -- Paths are asked about.
                assert.is_true(counts.ask == 0 or kind == C.HP_STAGE_EXCEPT or kind == C.HP_STAGE_ONLY, name)
                decided(name, counts, kind == C.HP_STAGE_CHECKSUM and 0 or SEEDS / 20)
            end
            counts = name:find "^HP_ITEM_" and total.items[kind] or {}
            if kind == C.HP_ITEM_PATH and counts.ask then
                assert.equal(0, counts.yes + counts.no)
            elseif counts.ask then
                assert.equal(0, counts.ask, name)
                decided(name, counts, 0)
            end
        end
        decided("candidates", total.all, SEEDS)
        assert.is_true(total.all.ask > SEEDS)
    end)

    it("asks where machine or budget are too small, and never says anything else", function()
        local tight = { { room = 1 }, { room = 0 }, { groups = 0 }, { budget = 0 }, { budget = 3 },
            { budget = 1, window = 64 } }
        local totals, plain = {}, {}
        for seed = 1, SEEDS do
            local case = cases.random(seed)
            if case then compare("stages", case, nil, plain) end
            for i, options in ipairs(tight) do
                totals[i] = totals[i] or {}
                if case then compare("stages", case, options, totals[i]) end
            end
        end
        for i, total in ipairs(totals) do
            assert.is_true(total.all.ask > plain.all.ask, "limit " .. i .. " was never met")
            assert.is_true(total.all.no + total.all.yes > 0, "nothing was decided at limit " .. i)
        end
    end)
end)
