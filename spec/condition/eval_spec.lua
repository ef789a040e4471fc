-- What conditions mean, one line each, over one record: YARA's semantics where YARA has the construct.

local parse = require "hunch.condition.parse".parse
local fold = require "hunch.condition.fold".fold
local emit = require "hunch.condition.emit".emit
local tiles = require "support.tiles_module"

-- "abc abc" with a = abc, b nowhere, c = "c" (at 2 and 6), rules yes and no.
local record = {
    "abc abc",
    {
        { offsets = { 0, 4 }, lengths = { 3, 3 } },
        { offsets = {}, lengths = {} },
        { offsets = { 2, 6 }, lengths = { 1, 1 } },
    },
    { true, false },
}
local index = { a = 1, b = 2, c = 3, yes = 1, no = 2 }

local function slots(names)
    local list = {}
    for i, name in ipairs(names) do
        list[i] = index[name]
    end
    return list
end

-- 1, 0 or -1, the same with and without folding.
local function evaluate(source, env, budget)
    local tree, problem = parse(source, { "a", "b", "c" }, function(name) return name == "yes" or name == "no" end)
    assert(tree, problem and problem.message)
    local plain, folded = assert(emit(tree)), assert(emit(assert(fold(tree))))
    local results = {}
    for i, code in ipairs { plain, folded } do
        results[i] = tiles.condition_eval(code.words, env, slots(code.patterns), slots(code.rules), budget)
    end
    assert.equal(results[1], results[2])
    return results[2]
end

local env = tiles.env(table.unpack(record))

describe("a condition", function()
    for _, source in ipairs {
        "$a", "a", "not $b", "#a == 2", "#b == 0", "@a == 0", "@a[2] == 4", "!a == 3", "!a[2] == 3", "filesize == 7",
        "$a at 4", "$a in (1..4)", "not $a in (1..3)", "#a in (1..4) == 1", "#a in (4..1) == 0", "#a in (-5..100) == 2",
        "yes", "not no", "yes and not rule 'no'", "true", "not false", "filesize and 1", "not 0",
        "1 + 2 * 3 == 7", "#a * 5 - 3 == 7", "-7 \\ #a == -3", "-7 / #a == -3", "-7 % #a == -1", "7 % -#a == 1",
        "#a << 3 == 16", "-16 >> #a == -4", "-1 >> (#a + 70) == 0", "1 << (#a + 62) == 0", "1 << (#a + 61) < 0",
        "#a | 1 == 3", "#a & 3 == 2", "#a ^ 3 == 1", "~#a == -3", "-#a == -2", "#a != 3", "#a <= 2", "#a >= 2",
        -- integers at offsets
        "uint8(0) == 0x61", "int8(0) == 0x61", "uint16(0) == 0x6261", "uint16be(0) == 0x6162", "int16be(3) == 0x2061",
        "uint32(0) == 0x20636261", "uint32be(3) == 0x20616263", "defined uint32(3)", "not defined uint32(4)",
        "not defined uint8(7)", "not defined uint8(-1)", "not defined uint64(0)",
        -- wrap around at run time
        "9223372036854775807 + #a < 0", "-9223372036854775807 - #a > 0", "4611686018427387904 * #a < 0",
        "(-9223372036854775806 - #a) \\ -1 == -9223372036854775806 - #a", "(-9223372036854775806 - #a) % -1 == 0",
        -- sets
        "any of them", "2 of them", "not 3 of them", "not all of them", "none of ($b)", "0 of ($b)", "not 0 of them",
        "all of ($a, $c)", "66% of them", "not 67% of them", "any of them at 6", "not any of them at 5",
        "2 of them in (0..2)", "all of ($a) in (4..4)", "none of them in (5..5)", "#b of ($b)", "(#b - 1) of them",
        "#b% of them", "(#b - 5)% of them", "(#b + 66)% of them", "not (#b + 67)% of them", "not (#b + 101)% of them",
        "2 of (yes, no, #a > 1)", "not 3 of (yes, no, #a > 1)", "any of (yes, no)", "not all of (yes, no)",
        "2 of ($a, $a, $b)",
        -- loops
        "for any i in (1..#a) : (@a[i] == 4)", "for all i in (1..#a) : (!a[i] == 3)",
        "not for all i in (1..#a) : (@a[i] == 4)", "for none i in (1..#a) : (@a[i] == 5)",
        "for 1 i in (1..3) : (i == 2)", "not for 2 i in (1..3) : (i == 2)", "for 0 i in (1..3) : (i == 9)",
        "not for 0 i in (1..3) : (i == 3)", "for 34% i in (1..3) : (i > 1)", "not for 34% i in (1..3) : (i == 2)",
        "for any i in (1, 5, #a) : (i == 2)", "for all i in (1, 5, 3) : (i % 2 == 1)",
        "for any i in (@a[9], 1) : (i == 1)", "for any i in (@a[9], 1) : (not defined i)",
        "for any of them : (# == 2 and @ == 0 and ! == 3 and @[2] == 4)", "for 2 of them : (#)",
        "for all of ($a, $c) : ($ in (0..2))", "for none of them : (@ == 3)",
        "for all i in (1..3) : (for any j in (i..3) : (j == 3))",
        "for any of ($a) : (for all i in (1..#) : (@[i] % 4 == 0))",
        "for any of ($a) : (for any of ($c) : (@ == 2) and @ == 0)",
        "for all i in (0..1) : (uint8(@a[i + 1]) == 0x61)",
        "for any i in (9223372036854775806..9223372036854775807) : (i == 9223372036854775807)",
        -- empty loops are false
        "not for any i in (1..#b) : (true)", "not for all i in (1..#b) : (true)", "not for none i in (1..#b) : (false)",
        "not for all i in (1..0) : (true)", "not for 0 i in (1..0) : (false)", "not for any i in (1..@a[9]) : (true)",
        -- undefined
        "not defined @a[3]", "not defined @a[0]", "not defined @b", "not defined 1 \\ #b", "not defined 1 % #b",
        "not defined 1 << (#b - 1)", "not defined @b + 1", "not defined @b == 1", "not defined not @b == 1",
        "not (not @b == 1 or @b == 1)", "not (@b == 1 and true)", "@b == 1 or true", "not defined $a in (0..@b)",
        "not defined #a in (0..@b)", "not defined any of them in (0..@b)", "not defined @b of them",
        "not defined (for @b i in (1..2) : (true))", "defined (for any i in (1..@b) : (true))",
        "defined (@b == 1 and true)", "not defined $a at @b", "not defined uint8(@b)",
    } do
        it("is true: " .. source, function()
            assert.equal(1, evaluate(source, env))
        end)
    end

    it("has signed and unsigned integers of all sizes", function()
        local wide = tiles.env("\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8", {}, {})
        for source, value in pairs {
            ["int8(0)"] = -1, ["uint8(0)"] = 0xff, ["int16(0)"] = -0x101, ["uint16(0)"] = 0xfeff,
            ["int16be(0)"] = -2, ["uint16be(0)"] = 0xfffe, ["int32(0)"] = -0x3020101, ["uint32(0)"] = 0xfcfdfeff,
            ["int32be(0)"] = -66052, ["uint32be(0)"] = 0xfffefdfc, ["int64(0)"] = -0x0706050403020101,
            ["int64be(0)"] = -283686952306184, ["uint64be(0)"] = -283686952306184,
        } do
            assert.equal(1, evaluate(("%s == %d"):format(source, value), wide), source)
        end
    end)

    it("is undecided when its steps run out", function()
        assert.equal(-1, evaluate("for all i in (0..20000000) : (i < #a + 100000000)", env))
        assert.equal(-1, evaluate("for any i in (0..9223372036854775807) : (i < 0)", env, 1000))
        assert.equal(1, evaluate("for any i in (0..9223372036854775807) : (i == 5)", env, 1000))
        assert.equal(1, evaluate("$a or for any i in (0..9223372036854775807) : (i < 0)", env, 1000))
        assert.equal(0, evaluate("$b and for any i in (0..9223372036854775807) : (i < 0)", env, 1000))
    end)

    it("stops loops as soon as they are decided", function()
        assert.equal(1, evaluate("for 3 i in (1..9223372036854775807) : (i % 2 == 0)", env, 1000))
        assert.equal(0, evaluate("for all i in (1..9223372036854775807) : (i < 9)", env, 1000))
        assert.equal(0, evaluate("for none i in (1..9223372036854775807) : (i == 9)", env, 1000))
        assert.equal(0, evaluate("for 99% i in (1..1000000) : (i == 9223372036854775807)", env, 300000))
    end)

    it("is undecided where bytes cannot be read", function()
        local broken = tiles.env(record[1], record[2], record[3], true)
        assert.equal(-1, evaluate("uint8(0) == 0x61", broken))
        assert.equal(0, evaluate("uint8(7) == 0x61", broken))
        assert.equal(1, evaluate("$a or uint8(0) == 0x61", broken))
    end)
end)
