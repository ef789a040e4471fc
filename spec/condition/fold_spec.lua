local parse = require "hunch.condition.parse".parse
local fold = require "hunch.condition.fold".fold

local NAMES = { "a", "b", "c" }

local function folded(source)
    local tree, problem = parse(source, NAMES)
    assert(tree, problem and problem.message)
    return fold(tree)
end

-- Trees are compared without the places they come from.
local function shape(node)
    if type(node) ~= "table" then
        return node
    end
    local copy = {}
    for key, value in pairs(node) do
        if key ~= "from" and key ~= "depth" then
            copy[key] = shape(value)
        end
    end
    return copy
end

describe("folding a condition", function()
    for source, same in pairs {
        ["1 + 2 * 3 == 7"] = "true",
        ["-7 \\ 2 == -3 and -7 % 2 == -1 and 7 % -2 == 1"] = "true",
        ["1 << 63 == -9223372036854775807 - 1"] = "true",
        ["1 << 64 == 0 and -1 >> 1 == -1 and -1 >> 64 == 0 and 5 >> 1 == 2"] = "true",
        ["6 & 3 == 2 and 6 | 3 == 7 and 6 ^ 3 == 5 and ~0 == -1"] = "true",
        ["#a > 2 + 3"] = "#a > 5",
        ["$a and true and $b"] = "$a and $b",
        ["$a and 0 and $b"] = "false",
        ["$a or 1"] = "true",
        ["$a or false"] = "$a",
        ["$a and ($b and $c)"] = "$a and $b and $c",
        ["$a or ($b or $c)"] = "$a or $b or $c",
        ["($a or $b) and (true or $c)"] = "$a or $b",
        ["not not $a"] = "$a",
        ["not #a == 1"] = "#a != 1",
        ["not @a < 1"] = "@a >= 1",
        ["not true"] = "false",
        ["not 0"] = "true",
        ["defined $a"] = "true",
        ["defined filesize \\ 2 == 1"] = "true",
        ["defined #a in (1..2)"] = "true",
        ["@a == 1 and true"] = "@a == 1",
        ["any of ($a)"] = "$a",
        ["none of ($a)"] = "not $a",
        ["all of ($a) at 3"] = "$a at 3",
        ["1 of ($a) in (1..2)"] = "$a in (1..2)",
        ["0 of them"] = "none of them",
        ["1 of them"] = "any of them",
        ["3 of them"] = "all of them",
        ["4 of them"] = "false",
        ["4 of them at 1"] = "false",
        ["33% of them"] = "any of them",
        ["34% of them"] = "2 of them",
        ["100% of them"] = "all of them",
        ["2 of ($a, true)"] = "$a",
        ["1 of ($a, #b > 1)"] = "$a or #b > 1",
        ["0 of ($a, #b > 1)"] = "not ($a or #b > 1)",
        ["3 of ($a, #b > 1)"] = "false",
        ["50% of ($a, #b > 1)"] = "$a or #b > 1",
        ["for any i in (3..2) : ($a)"] = "false",
        ["for none i in (3..2) : ($a)"] = "false",
        ["for all i in (1..2) : (true)"] = "true",
        ["for none i in (1..2) : (1 == 1)"] = "false",
        ["for none of them : (false)"] = "true",
        ["for any i in (1..#a) : (false)"] = "false",
        ["for 5 i in (1, 2) : ($a)"] = "false",
        ["for 2 i in (1, #a) : (i)"] = "for all i in (1, #a) : (i)",
        ["for any i in (1 + 1..#a) : (i and true)"] = "for any i in (2..#a) : (i)",
    } do
        it(("makes %s of %s"):format(same, source), function()
            assert.same(shape(assert(parse(same, NAMES))), shape(assert(folded(source))))
        end)
    end

    -- `not undefined` is undefined, so an `and` of one must not become that one.
    for _, source in ipairs {
        "not (@a == 1 and true)", "defined (@a == 1)", "not (4 of them at @a)", "defined @a",
        "defined #a \\ #b", "defined #a in (0..@b)",
        "for all i in (1..#a) : (true)",
        "not (for 2 i in (2..1) : ($a) and #a)",
    } do
        it("keeps what may be undefined: " .. source, function()
            local tree = assert(folded(source))
            assert.is_not.equal("bool", tree.tag)
        end)
    end

    it("wraps what may be undefined where that shows", function()
        local tree = assert(folded "not (@a == 1 and true)")
        assert.equal("not", tree.op)
        assert.equal("truth", tree[1].op)
    end)

    for source, problem in pairs {
        ["9223372036854775807 + 1"] = { 1, "9223372036854775807 + 1 does not fit in 64 bits" },
        ["$a and #a > -9223372036854775807 - 2"] =
            { 13, "-9223372036854775807 - 2 does not fit in 64 bits" },
        ["4611686018427387904 * 2 > 0"] = { 1, "4611686018427387904 * 2 does not fit in 64 bits" },
        ["-(-9223372036854775807 - 1) > 0"] = { 1, "the opposite of this constant does not fit in 64 bits" },
        ["(-9223372036854775807 - 1) \\ -1 > 0"] = { 2, "-9223372036854775808 \\ -1 does not fit in 64 bits" },
        ["#a \\ (1 - 1)"] = { 7, "division by zero" },
        ["#a % 0"] = { 6, "division by zero" },
        ["#a << -1"] = { 7, "a number cannot be shifted by less than 0" },
        ["-1 of them"] = { 1, "how many must hold cannot be negative" },
        ["0% of them"] = { 1, "a percentage is between 1 and 100" },
        ["for 101% i in (1..#a) : (i)"] = { 5, "a percentage is between 1 and 100" },
        ["false and 1 \\ 0 == 1"] = { 15, "division by zero" },
    } do
        it("refuses " .. source, function()
            local tree, why = folded(source)
            assert.is_nil(tree)
            assert.equal(problem[2], why.message)
            assert.equal(problem[1], why.position)
        end)
    end

    it("does not go through nested quantifiers more than once", function()
        local source = "$a"
        for _ = 1, 200 do
            source = ("1 of (%s, r)"):format(source)
        end
        local started = os.clock()
        assert.is_table(folded(source))
        assert.is_true(os.clock() - started < 5)
    end)
end)
