-- Which conditions no record makes true.
local conditions = require "support.random_condition"
local contradiction = require "hunch.condition.contradiction"
local fold = require "hunch.condition.fold".fold
local generator = require "support.random".generator
local naive = require "support.naive_condition"
local parse = require "hunch.condition.parse".parse

local function possible(text, dead)
    return contradiction.possible(assert(fold(assert(parse(text, { "a", "b", "c" })))), dead)
end

describe("hunch.condition.contradiction", function()
    it("finds conditions whose parts exclude each other", function()
        for _, text in ipairs {
            "filesize < 0", "#a > 3 and #a < 2", "$a and not $a", "$a and #a == 0", "#a >= 2 and not $a",
            "filesize > 100 and filesize < 50", "#a == 2 and #a != 2", "#a != 0 and #a != 1 and #a < 2",
            "uint8(0) > 255", "uint8(0) == 1 and uint8(0) == 2", "int8(0) < -128", "uint16(4) == 0x10000",
            "(#a > 3 or $b) and #a < 2 and not $b", "$a and (not $a or filesize < 0)", "@a[3] > 5 and #a < 3",
            "!a[2] == 1 and not $a", "@a[0] == 1", "filesize < 4 and uint32(0) == 1", "uint8(-1) == 0",
            "$a at -1", "$a in (9..3)", "$a at 100 and filesize < 50", "#a < #a", "filesize != filesize",
            "any of ($a, $b) and none of ($a, $b)", "all of ($a, $b) and not $b",
                "2 of ($a, $b, $c) and #a == 0 and #b < 1",
            "any of ($a, $b) at 3 and not $a and not $b", "not (#a >= 0)", "not ($a or filesize >= 0)",
            [[rule("x") and not rule("x")]], "#a & 7 > 7", "filesize % 4 == 4", "#a < #b and #b == 0",
            "#a + 1 == 2 and #a + 1 == 3", "#a in (9..3) > 0", "not (not $a) and not $a", "#a and #a == 0",
            "uint16be(0) & 0xff == 0x100",
        } do
            assert.is_false(possible(text), text .. " was not found")
        end
    end)

    it("does not find conditions that some record makes true", function()
        for _, text in ipairs {
            "filesize <= 0", "#a > 1 and #a < 3", "$a and not $b", "$a or not $a", "#a >= 1 and #a <= 1",
                "#a != 1 and #a < 2",
            "uint8(0) == 255", "int8(0) == -128", "uint64(0) < 0", "(#a > 3 or $b) and #a < 2", "@a[3] > 5 and #a == 3",
            "filesize == 4 and uint32(0) == 1", "filesize < 4 or uint32(0) == 1", "$a at 0", "$a in (3..3)",
            "$a at 50 and filesize == 50", "#a <= #a", "any of ($a, $b) and not $a", "2 of ($a, $b, $c) and #a == 0",
            "not (@a[1] > 5) and filesize > 3", "not defined @a[1]", "none of ($a, $b) and $c", "#a & 7 == 7",
                "filesize % 4 == 3",
            "not (uint8(9) == 1 and uint8(9) == 2)", "not (@a[2] == 1 or not $a)", "#a - 1 < 0", "#b - #a < 0",
            "for all i in (1..#a) : (@a[i] < 3 and @a[i] > 5) or filesize > 3", "none of ($a, $b) at 3 and $a",
            "not ($a and $b) and ($a or $b)", "defined (uint8(0)) and not (uint8(0) == 1)", "-5 % 3 == -2 or $a",
            "(0 - #a) % 3 == -2", "#a in (0..5) == 0 and $a", [[rule("x") and not rule("y")]],
        } do
            assert.is_true(possible(text), text .. " can be true")
        end
    end)

    it("knows of patterns that never occur and rules that never match", function()
        local dead = { patterns = { a = true }, rules = { x = true } }
        for _, text in ipairs { "$a", "#a > 0", "@a[1] < 9", "all of ($a, $b)", "$a at 3", [[rule("x") and $b]],
            "2 of ($a, $b)" } do
            assert.is_true(possible(text), text)
            assert.is_false(possible(text, dead), text)
        end
        for _, text in ipairs { "not $a", "#a == 0", "$a or $b", "any of ($a, $b)", [[not rule("x")]],
            [[rule("y")]] } do
            assert.is_true(possible(text, dead), text)
        end
    end)

    it("takes bounded time", function()
        local parts = {}
        for i = 1, 300 do parts[i] = ("(#a == %d or #b == %d or uint8(%d) == 0)"):format(i, i, i) end
        local began = os.clock()
        assert.is_true(possible(table.concat(parts, " and ")))
        assert.is_true(possible(("("):rep(900) .. "#a" .. (" + 1)"):rep(900) .. " > 0"))
        assert.is_true(os.clock() - began < 5)
    end)

    it("is right about random conditions: what it finds is never true", function()
        local random = generator(77)
        local envs, claimed = {}, 0
        for i = 1, 150 do envs[i] = conditions.random_env(random) end
        for _ = 1, os.getenv "HUNCH_SAN" and 800 or 8000 do
            local tree = conditions.random_tree(random(8), random)
            if random(2) == 1 then -- more parts that may exclude each other
                tree = { "and", tree, { "and", conditions.random_tree(random(5), random),
                    { "not", conditions.random_tree(random(5), random) } } }
            end
            local text = conditions.write(tree, random)
            local folded = fold(assert(parse(text, conditions.patterns)))
            if folded and not contradiction.possible(folded) then
                claimed = claimed + (folded.tag == "bool" and 0 or 1)
                for _ = 1, 20 do
                    assert.is_not_true(naive.evaluate(tree, envs[random(#envs)]), text .. " was said never to be true")
                end
            end
        end
        assert.is_true(claimed > 100, "too little was claimed: " .. claimed)
    end)
end)
