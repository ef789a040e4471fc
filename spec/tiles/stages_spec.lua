-- kernels/stage_tile.h against the worker's stages: support.stage_module takes every match of every rule through both,
-- stage by stage and as a whole, and compares with what a scan reports.
local cases = require "support.stage_case"
local native = require "hunch.native"
local stages = require "support.stage_module"

local C = native.constants
local SEEDS = os.getenv "HUNCH_SOAK" and 20000 or os.getenv "HUNCH_SAN" and 60 or 400

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

local function compare(case, options, total)
    for _, record in ipairs(case.records) do
        local ok, all, kinds, items = pcall(case.program.stages, case.program, record, options)
        if not ok then error(("%s\nrecord %q\n%s"):format(case.source, record, all), 0) end
        add(total, { all = all, kinds = kinds, items = items })
    end
end

describe("stage_tile.h", function()
    it(("says of candidates what the worker says (%d random rule sets)"):format(SEEDS), function()
        local total = {}
        for seed = 1, SEEDS do
            local case = cases.random(seed, seed % 5 == 0 and 300 or 80)
            if case then compare(case, { window = seed % 2 == 0 and 64 or nil }, total) end
        end
        for name, kind in pairs(C) do
            local counts = name:find "^HP_STAGE_" and total.kinds[kind] or {}
            if HOSTS[kind] then
                assert.is_true(counts.ask == nil or counts.yes + counts.no == 0, name)
            elseif counts.ask then
                local asks = (kind == C.HP_STAGE_EXCEPT or kind == C.HP_STAGE_ONLY) and counts.ask or 0
                assert.equal(asks, counts.ask, name)
                local least = kind == C.HP_STAGE_CHECKSUM and 0 or SEEDS / 40
                assert.is_true(counts.no > least and counts.yes > least, ("%s: %d no, %d yes"):format(name, counts.no,
                    counts.yes))
            end
        end
        for name, kind in pairs(C) do
            local counts = name:find "^HP_ITEM_" and total.items[kind]
            if counts and kind == C.HP_ITEM_PATH then
                assert.equal(0, counts.yes + counts.no)
            elseif counts then
                assert.equal(0, counts.ask, name)
                assert.is_true(counts.no > SEEDS / 40 and counts.yes > SEEDS / 40, ("%s: %d no, %d yes"):format(name,
                    counts.no, counts.yes))
            end
        end
        assert.is_true(total.all.no > SEEDS and total.all.yes > SEEDS and total.all.ask > SEEDS,
            ("%d no, %d yes, %d ask"):format(total.all.no, total.all.yes, total.all.ask))
    end)

    it("asks where machine or budget are too small, and never says anything else", function()
        local tight = { { states = 3 }, { room = 1 }, { frames = 0 }, { slots = 2 }, { budget = 0 }, { budget = 3 },
            { budget = 1, window = 64 } }
        local totals = {}
        for seed = 1, SEEDS // 4 do
            local case = cases.random(seed)
            for i, options in ipairs(tight) do
                totals[i] = totals[i] or {}
                if case then compare(case, options, totals[i]) end
            end
        end
        for i, total in ipairs(totals) do
            assert.is_true(total.all.ask > totals[1].all.ask / 2, "limit " .. i .. " was never met")
            assert.is_true(total.all.no + total.all.yes > 0, "nothing was decided at limit " .. i)
        end
    end)

    --- What becomes of the matches of one rule: "1 no, 0 yes, 0 ask".
    local function verdicts(confirm, record, options)
        local bytes, problem = cases.compile("rule 'r' { confirm = { " .. confirm .. " } }")
        local all = stages.load(assert(bytes, problem)):stages(record, options)
        return ("%d no, %d yes, %d ask"):format(all.no, all.yes, all.ask)
    end

    local NO, YES, ASK = "1 no, 0 yes, 0 ask", "0 no, 1 yes, 0 ask", "0 no, 0 yes, 1 ask"

    for _, each in ipairs {
        -- The example at the head of the file.
        { [[regex "key=(.*)", entropy { capture = 1, at_least = 3 }, except { text = { "EXAMPLE" } }]],
            { ["key=aaaa"] = NO, ["key=k3v9Zq"] = NO, ["key=wJalrXUtn"] = YES, ["key=wJalrXUtnEXAMPLE"] = NO } },
        { [[regex "key=(.*)", path "x", entropy { capture = 1, at_least = 3 }]],
            { ["key=aaaa"] = NO, ["key=wJalrXUtn"] = ASK } },
        { [[regex "key=(.*)", near { lit "other", within = 3 }, entropy { capture = 1, at_least = 3 }]],
            { ["key=aaaa other"] = ASK } },
        { [[regex "key=(.*)", except { path = { "x" } }, only { text = { "a" } }]],
            { ["key=a"] = ASK, ["key=b"] = NO } },
        { [[regex "key=(.*)", except { path = { "x" }, text = { "a" } }]], { ["key=a"] = NO, ["key=b"] = ASK } },
        { [[regex "key=(.*)", host(function() return true end), only { text = { "a" } }]], { ["key=b"] = ASK } },
        { [[regex "key=.*", except { words = { "Abc", "ab", "x", "abd" } }]],
            { ["key=qAB"] = NO, ["key=a"] = YES, ["key=aXa"] = NO, ["key="] = YES, ["key=aab"] = NO } },
        { [[regex "key=.*", only { equal = { "key=", "key=1" } }]],
            { ["key="] = YES, ["key=1"] = YES, ["key=12"] = NO } },
        { [[regex "key=[0-9]", only { text = { "#" }, on = "line" }]],
            { ["#\nkey=1 \n#"] = NO, ["\n#key=1"] = YES, ["key=1#\n"] = YES, ["key=1"] = NO } },
        { [[regex "a(x)?b", entropy { capture = 1, at_least = 0 }]], { ["ab"] = YES, ["axb"] = YES } },
        { [[regex "a([0-9]+)?b", luhn { of = 1 }]], { ["ab"] = NO, ["a79927398713b"] = YES, ["a79927398714b"] = NO } },
        { [[regex "a([a-z]+)b", regex { "[x-z]+", capture = nil }, only { equal = { "xy" } }]],
            { ["aqxyqb"] = YES, ["aqb"] = NO, ["axyzb"] = NO } },
    } do
        for record, verdict in pairs(each[2]) do
            it(("of %s in %q"):format(each[1], record), function()
                assert.equal(verdict, verdicts(each[1], record))
            end)
        end
    end

    it("takes a line of 64 KiB each way and no more, and asks where it is longer than the budget", function()
        local rule = [[regex "key=[0-9]", only { text = { "#" }, on = "line" }]]
        local far = ("x"):rep(64 * 1024)
        assert.equal(YES, verdicts(rule, "#" .. far:sub(2) .. "key=1"))
        assert.equal(NO, verdicts(rule, "#" .. far .. "key=1"))
        assert.equal(YES, verdicts(rule, "key=1" .. far:sub(3) .. "#"))
        assert.equal(NO, verdicts(rule, "key=1" .. far:sub(2) .. "#"))
        assert.equal(ASK, verdicts(rule, "#" .. far .. "key=1", { budget = 1000 }))
        assert.equal(ASK, verdicts(rule, "key=1" .. far .. "#", { budget = 1000 }))
        assert.equal(YES, verdicts(rule, far .. "\n# key=1\n" .. far, { budget = 1000 }))
    end)

    it("asks about a span longer than the budget", function()
        local match = "key=" .. ("z"):rep(60)
        for _, stage in ipairs { "entropy { at_least = 1 }", "checksum { 'crc32-hex' }", 'except { text = { "q" } }',
            'regex "zq"' } do
            local rule = [[regex "key=.*", ]] .. stage
            assert.not_equal(ASK, verdicts(rule, match, { budget = 65 }))
            assert.equal(ASK, verdicts(rule, match, { budget = 63 }))
        end
    end)
end)
