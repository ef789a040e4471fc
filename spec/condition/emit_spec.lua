local parse = require "hunch.condition.parse".parse
local fold = require "hunch.condition.fold".fold
local emit = require "hunch.condition.emit"
local ast = require "hunch.condition.ast"
local tiles = require "support.tiles_module"

local NAMES = { "a", "b", "c" }

local function compile(source, names)
    local tree, problem = parse(source, names or NAMES)
    assert(tree, problem and problem.message)
    return emit.emit(assert(fold(tree)))
end

-- The code words as text, the pool as numbers.
local function listing(code)
    local out, words = {}, code.words
    for i = 2, words[1] + 1 do
        local operand = words[i] >> 8
        out[#out + 1] = emit.ops[(words[i] & 255) + 1] .. (operand ~= 0 and " " .. operand or "")
    end
    local text = table.concat(out, "; ")
    local pool = table.concat(words, " ", words[1] + 2)
    return pool == "" and text or text .. " | " .. pool
end

describe("emitting a condition", function()
    it("numbers everything as the header does", function()
        assert.same(tiles.condition_ops, emit.ops)
        assert.same(tiles.types, emit.types)
        assert.same(tiles.quantifiers, emit.quantifiers)
        assert.same(tiles.loop_kinds, emit.loop_kinds)
        assert.equal(tiles.max_stack, emit.max_stack)
        assert.equal(tiles.max_words, emit.max_words)
        assert.equal(tiles.max_loops, ast.max_loops)
        assert.equal(tiles.current, emit.current)
    end)

    for source, expected in pairs {
        ["#a > 2 and filesize < 10"] =
            "COUNT; SMALL 2; GT; AND_ELSE 7; FILESIZE; SMALL 10; LT; LABEL 1",
        ["not (@a and #b > 2)"] =
            "SMALL 1; OFFSET; AND_ELSE 7; COUNT 1; SMALL 2; GT; TRUTH; LABEL 1; NOT",
        ["not ($a and (@b or $c))"] =
            "PRESENT; AND_ELSE 7; SMALL 1; OFFSET 1; OR_ELSE 6; PRESENT 2; LABEL 1; LABEL 1; NOT",
        ["$a or $b"] = "PRESENT; OR_ELSE 3; PRESENT 1; LABEL 1",
        ["filesize == 4294967295"] = "FILESIZE; CONST 4; EQ | 4294967295 0",
        ["uint16be(0) == 5"] = "SMALL; READ 4; SMALL 5; EQ",
        ["2 of them"] = "SMALL 2; OF 3 | 3 3 0 1 2",
        ["any of ($a, $b) at 9"] = "SMALL 9; OF_AT 3 | 0 2 0 1",
        ["for any i in (1..#a) : (@a[i] == 3)"] =
            "SMALL 1; COUNT; LOOP 10; LOCAL; OFFSET; SMALL 3; EQ; NEXT; LABEL 1 | 0 0 8 0",
        ["for all of ($b, $a) : (# > 1)"] = "LOOP 7; COUNT 16777200; SMALL 1; GT; NEXT; LABEL 1 | 3 1 5 2 0 1",
        ["for any i in (5, 6) : (i == filesize)"] =
            "LOOP 7; LOCAL; FILESIZE; EQ; NEXT; LABEL 1 | 1 0 5 2 5 0 6 0",
        ["for any i in (#a, 6) : ($b or $c)"] =
            "COUNT; SMALL 6; LOOP 10; PRESENT 1; OR_ELSE 6; PRESENT 2; LABEL 259; NEXT; LABEL 1 | 2 0 8 2",
        ["1 - (filesize + (#a + 2 * #b)) > 0"] = -- the deeper side comes first
            "SMALL 2; COUNT; MUL; COUNT 1; SWAP; ADD; FILESIZE; SWAP; ADD; SMALL 1; SWAP; SUB; SMALL; GT",
    } do
        it("writes " .. source, function()
            local code = assert(compile(source))
            assert.equal(expected, listing(code))
            assert.is_true(tiles.condition_validate(code.words, #code.patterns, #code.rules))
        end)
    end

    it("lists patterns by first use, with what is asked of them, and rules", function()
        local code = assert(compile "$c and #b > 1 and @a == 1 and r2 and r1 and any of ($c, $b) and r2")
        assert.same({ "c", "b", "a" }, code.patterns)
        assert.same({ "presence", "count", "spans" }, code.uses)
        assert.same({ "r2", "r1" }, code.rules)
        code = assert(compile "for any of ($a, $b) : (for any of ($c) : ($) and #)")
        assert.same({ "count", "count", "presence" }, code.uses)
        code = assert(compile "any of them in (1..2)")
        assert.same({ "spans", "spans", "spans" }, code.uses)
    end)

    it("says the same whenever it is asked", function()
        local source = "for any of them : (# > 1) and 2 of ($a, r1, r2) and #c in (1..filesize) > uint8(@b)"
        assert.same(compile(source), compile(source))
    end)

    local function nested(n, left, middle, right)
        return left:rep(n) .. middle .. right:rep(n)
    end
    for what, source in pairs {
        ["sums to the right"] = nested(1000, "#a+(", "#b", ")") .. " > 1",
        ["sums to the left"] = nested(1000, "(", "#b", "+#a)") .. " > 1",
        ["differences"] = nested(1000, "#a-(", "#b", ")") .. " > 1",
        ["junctions"] = nested(1000, "$a and (#b > 1 or ", "$c", ")"),
        ["integers"] = nested(1000, "uint8(1+", "filesize", ")") .. " == 1",
        ["negations"] = nested(1000, "not ", "@a", ""),
        ["ranges"] = nested(1000, "#a in (1..", "#b", ")") .. " == 1",
        ["a chain"] = "$a" .. (" or #b > 1"):rep(20000),
    } do
        it("needs little stack for " .. what, function()
            local code = assert(compile(source))
            assert.is_true(tiles.condition_validate(code.words, #code.patterns, #code.rules))
        end)
    end

    it("needs the logarithm of the size for a full tree", function()
        local function full(depth)
            return depth == 0 and "#a" or ("(%s + %s)"):format(full(depth - 1), full(depth - 1))
        end
        assert.is_table(compile(full(12) .. " > 1"))
    end)

    it("refuses lists of values that do not fit on the stack", function()
        local function list(n)
            return "for any i in (" .. ("#a,"):rep(n - 1) .. "#a) : (i == 1)"
        end
        local code = assert(compile(list(62)))
        assert.is_true(tiles.condition_validate(code.words, #code.patterns, #code.rules))
        local none, problem = compile(list(63))
        assert.is_nil(none)
        assert.equal("more than 64 values are needed at once; shorten the lists of values", problem.message)
        assert.is_table(compile("for any i in (" .. ("7,"):rep(10000) .. "7) : (i == #a)"))
    end)
end)
