-- kernels/stage_tile.h stage by stage, and where a bound is met: support.stage_module compares with the worker what is
-- decided. Random rules: spec/fuzz/stage_tiles_spec.lua.
local cases = require "support.stage_case"
local stages = require "support.stage_module"

describe("stage_tile.h", function()
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
