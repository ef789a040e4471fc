-- Damaged bytecode: what the proof accepts is evaluated, in blocks of exactly its size, and always ends; the parser
-- takes or refuses any text. Under AddressSanitizer this is where a missing check shows.

local conditions = require "support.random_condition"
local figures = require "support.figures"
local random_numbers = require "support.random"
local tiles = require "support.tiles_module"
local parse = require "hunch.condition.parse".parse
local fold = require "hunch.condition.fold".fold
local emit = require "hunch.condition.emit".emit

local scale = (os.getenv "HUNCH_SOAK" and 50 or 1) / (os.getenv "HUNCH_SAN" and 10 or 1)

local function compiled(source)
    local tree = assert(parse(source, conditions.patterns))
    return assert(emit(assert(fold(tree))))
end

-- Three patterns, of which the middle one does not occur, and two rules.
local function small_env()
    return tiles.env("some bytes", {
        { offsets = { 0, 4, 9 }, lengths = { 1, 2, 1 } }, { offsets = {}, lengths = {} },
        { offsets = { 5 }, lengths = { 5 } },
    }, { true, false })
end

describe("damaged bytecode", function()
    local tried, passed = 0, 0

    teardown(function()
        figures.say("%s damaged conditions: %s passed the proof and were evaluated; 0 crashes", tried, passed)
    end)

    for number, source in ipairs {
        "#a > 2 and filesize < 10 or not $b",
        "for any i in (1..#a) : (@a[i] == 3 and uint16(i) > 4294967296)",
        "for all of ($b, $a, $x1) : (# > 1 or for any i in (#, 5, ! + 1) : ($ in (1..i)))",
        "2 of them and 50% of ($x*) in (0..9) or any of ($a, r1, r2) and 2 of (r1, r2, $a)",
        "for 2 i in (1, 2, 9) : (for none of ($a, $b) : (for 10% j in (i..#) : (i << j == 4 and $ at j)))",
        "uint32be(@a[2] + !a) \\ #b == -1 or defined (#a in (1..filesize) % 3)",
    } do
        it(("is refused or does no harm: %s"):format(source), function()
            local code = compiled(source)
            -- All patterns and rules get a slot that exists; the spec is about the words.
            local env = tiles.env("some bytes", {
                { offsets = { 0, 4, 9 }, lengths = { 1, 2, 1 } }, { offsets = {}, lengths = {} },
                { offsets = { 5 }, lengths = { 5 } }, { offsets = { 1 }, lengths = { 0 } },
                { offsets = { 2, 3 }, lengths = { 1, 1 } },
            }, { true, false })
            assert.is_true(tiles.condition_validate(code.words, 5, 2))
            local accepted = tiles.condition_fuzz(code.words, env, number, math.ceil(100000 * scale), 5000)
            tried, passed = tried + math.ceil(100000 * scale), passed + accepted
            assert.is_true(accepted > 100 * scale, "hardly any mutant was accepted: " .. accepted)
        end)
    end

    it("of random conditions is refused or does no harm", function()
        local random = random_numbers.generator(7)
        local total = 0
        for round = 1, math.ceil(500 * scale) do
            local tree = conditions.random_tree(random(30), random)
            local parsed = assert(parse(conditions.write(tree, random), conditions.patterns))
            local code = emit(parsed)
            if #code.patterns <= 3 and #code.rules <= 2 then
                total = total + tiles.condition_fuzz(code.words, small_env(), round, 300, 5000)
            end
        end
        assert.is_true(total > 1000 * scale)
    end)

    it("is refused: the classes of damage", function()
        local OP = {}
        for i, name in ipairs(tiles.condition_ops) do
            OP[name] = i - 1
        end
        local function op(name, operand)
            return OP[name] | (operand or 0) << 8
        end
        local yes = op("SMALL", 1)
        local function accepts(words)
            return tiles.condition_validate(words, 2, 1)
        end
        assert.is_true(accepts { 1, yes })
        for what, words in pairs {
            ["no words"] = {},
            ["no code"] = { 0, yes },
            ["code longer than the words"] = { 2, yes },
            ["unknown opcode"] = { 1, #tiles.condition_ops },
            ["nothing left"] = { 1, op "LABEL" },
            ["two values left"] = { 2, yes, yes },
            ["stack underflow"] = { 2, yes, op "ADD" },
            ["words that nobody names"] = { 1, yes, 0 },
            ["an operand where none belongs"] = { 3, yes, yes, op("ADD", 1) },
            ["a pattern outside"] = { 1, op("PRESENT", 2) },
            ["a rule outside"] = { 1, op("RULE", 1) },
            ["a type outside"] = { 2, yes, op("READ", #tiles.types) },
            ["a constant outside"] = { 1, op("CONST", 2), 5 },
            ["a constant in the code"] = { 2, yes, op("CONST", 1), 5, 5 },
            ["a loop variable outside a loop"] = { 1, op "LOCAL" },
            ["a loop's pattern outside a loop"] = { 1, op("PRESENT", tiles.current) },
            ["a jump backwards"] = { 4, op("LABEL", 0), yes, op("AND_ELSE", 0), yes },
            ["a jump past the end"] = { 3, yes, op("AND_ELSE", 3), yes },
            ["a jump to no label"] = { 3, yes, op("AND_ELSE", 2), yes },
            ["a label that lies about the stack"] = { 4, yes, op("AND_ELSE", 3), yes, op("LABEL", 2) },
            ["a label that lies about loops"] = { 4, yes, op("AND_ELSE", 3), yes, op("LABEL", 1 | 1 << 8) },
            ["a set of no patterns"] = { 1, op("OF", 2), 0, 0 },
            ["a set with a pattern outside"] = { 1, op("OF", 2), 0, 1, 2 },
            ["a set longer than the pool"] = { 1, op("OF", 2), 0, 2, 0 },
            ["an unknown quantifier"] = { 1, op("OF", 2), 5, 1, 0 },
            ["a quantifier without its number"] = { 1, op("OF", 2), 3, 1, 0 },
            ["NEXT without a loop"] = { 2, yes, op "NEXT" },
            ["a loop without NEXT"] = { 4, yes, yes, op("LOOP", 5), yes, 0, 0, 4, 0 },
            ["a loop over nothing"] = { 4, op("LOOP", 5), yes, op "NEXT", op("LABEL", 1), 1, 0, 3, 0 },
            ["a loop of an unknown kind"] = { 4, op("LOOP", 5), yes, op "NEXT", op("LABEL", 1), 4, 0, 3, 0 },
            ["a range without ends"] = { 4, op("LOOP", 5), yes, op "NEXT", op("LABEL", 1), 0, 0, 3, 0 },
            ["a pattern of a loop over numbers"] =
                { 4, op("LOOP", 5), op("COUNT", tiles.current), op "NEXT", op("LABEL", 1), 1, 0, 3, 1, 7, 0 },
            ["a number of a loop over patterns"] =
                { 4, op("LOOP", 5), op "LOCAL", op "NEXT", op("LABEL", 1), 3, 0, 3, 1, 0 },
            ["a body that takes what is outside"] =
                { 5, yes, op("LOOP", 6), op "NOT", op "NEXT", op("LABEL", 1), 1, 0, 4, 1, 7, 0 },
            ["a body that leaves too much"] =
                { 5, op("LOOP", 6), yes, yes, op "NEXT", op("LABEL", 1), 1, 0, 4, 1, 7, 0 },
        } do
            assert.is_false(accepts(words), what)
        end
        assert.is_true(accepts { 4, op("LOOP", 5), op "LOCAL", op "NEXT", op("LABEL", 1), 1, 0, 3, 1, 7, 0 })
        assert.is_true(accepts {
            4, op("LOOP", 5), op("COUNT", tiles.current), op "NEXT", op("LABEL", 1), 3, 0, 3, 1, 1,
        })
    end)

    it("is refused when it is too deep", function()
        local words = { 127 }
        for i = 1, 64 do
            words[i + 1] = 1 -- SMALL 0
        end
        local add
        for i, name in ipairs(tiles.condition_ops) do
            add = name == "ADD" and i - 1 or add
        end
        for i = 65, 127 do
            words[i + 1] = add
        end
        assert.is_true(tiles.condition_validate(words, 0, 0))
        table.insert(words, 2, 1)
        words[#words + 1] = add
        words[1] = 129
        assert.is_false(tiles.condition_validate(words, 0, 0))
    end)
end)

describe("the condition parser", function()
    it("takes or refuses any text", function()
        local random = random_numbers.generator(11)
        local taken = 0
        for _ = 1, math.ceil(20000 * scale) do
            local text = conditions.write(conditions.random_tree(random(12), random), random)
            for _ = 1, random(2) do
                local at = random(#text + 1)
                local kind = random(4)
                local n = random(22)
                local byte = kind == 1 and string.char(random(256) - 1) or ("()[]$#@!%&|*+-.0a ofin"):sub(n, n)
                text = text:sub(1, at - 1) .. byte .. text:sub(at + (kind == 2 and 0 or random(3) - 1))
            end
            local tree, problem = parse(text, conditions.patterns)
            if tree then
                taken = taken + 1
                local folded
                folded, problem = fold(tree)
                if folded then
                    local code = assert(emit(folded))
                    assert.is_true(tiles.condition_validate(code.words, #code.patterns, #code.rules), text)
                end
            end
            if problem and problem.message then
                assert.is_true(problem.position >= 1 and problem.position <= #text + 1,
                    ("%q: %s at %d"):format(text, problem.message, problem.position))
            end
        end
        assert.is_true(taken > 1000 * scale, "hardly any text was taken: " .. taken)
    end)
end)
