-- The parsers of patterns and hex strings on anything: a tree that compiles, or a message and a
-- position; never a Lua error. HUNCH_SOAK asks for more.
local emit = require "hunch.regex.emit".emit
local figures = require "support.figures"
local hex = require "hunch.hex"
local parse = require "hunch.regex.parse".parse
local ast = require "hunch.regex.ast"
local random_regex = require "support.random_regex"

local CASES = os.getenv "HUNCH_SOAK" and 100000 or 5000

local function check(source, tree, problem)
    if tree then
        assert(emit(tree) or true)
        return 1
    end
    local ok = type(problem) == "table" and type(problem.message) == "string" and #problem.message > 0
        and math.type(problem.position) == "integer" and problem.position >= 1 and problem.position <= #source + 1
    assert(ok, ("%q is refused without a message or position"):format(source))
    return 0
end

--- The pattern with pieces of it doubled, taken out, turned round, or a byte put in that may not be UTF-8.
local function shuffle(random, pattern)
    for _ = 1, random(4) do
        local at, size = random(#pattern + 1) - 1, random(8)
        local piece = pattern:sub(at + 1, at + size)
        local kind = random(4)
        if kind == 1 then
            piece = piece .. piece
        elseif kind == 2 then
            piece = ""
        elseif kind == 3 then
            piece = string.char(random(256) - 1) .. piece
        else
            piece = piece:reverse()
        end
        pattern = pattern:sub(1, at) .. piece .. pattern:sub(at + size + 1)
    end
    return pattern
end

describe("the regex parser", function()
    it("gives a tree or a message for anything", function()
        local random = random_regex.generator(5)
        local accepted = 0
        for i = 1, CASES do
            local pattern = random_regex.REAL[random(#random_regex.REAL)]
            if i % 5 == 0 then
                pattern = random_regex.bytes(random, 60)
            elseif i % 5 == 1 then
                pattern = random_regex.mutate(random, random_regex.pattern(random, 6))
            elseif i % 5 == 2 then
                pattern = shuffle(random, pattern)
            else
                pattern = random_regex.mutate(random, pattern)
            end
            accepted = accepted + check(pattern, parse(pattern, i % 7 == 0 and "im" or nil))
        end
        figures.say("%s patterns: %s compiled, %s refused with message and position", CASES, accepted, CASES - accepted)
        assert.is_true(accepted > CASES / 5 and accepted < CASES * 4 / 5)
    end)

    it("takes real patterns, and shows them so that they mean the same", function()
        for _, pattern in ipairs(random_regex.REAL) do
            local shown = ast.to_pattern(assert(parse(pattern)))
            assert.equal(shown, ast.to_pattern(assert(parse(shown))))
        end
    end)
end)

describe("the hex parser", function()
    it("gives a tree or a message for anything", function()
        local random = random_regex.generator(6)
        local pieces = { "4D", "5A", "??", "5?", "~00", "(", ")", "|", "[", "]", "[2-4]", "[4-]", "[-]", "-", " ",
            "/*", "*/", "//", "\n", "~", "?", "0", "\255", "é" }
        local accepted = 0
        for _ = 1, CASES do
            local out = {}
            for i = 1, random(9) do
                out[i] = pieces[random(3) == 1 and random(#pieces) or random(5)]
            end
            local source = table.concat(out, random(2) == 1 and " " or "")
            accepted = accepted + check(source, hex.parse(source))
        end
        figures.say("%s hex strings: %s compiled, %s refused with message and position", CASES, accepted,
            CASES - accepted)
        assert.is_true(accepted > CASES / 20 and accepted < CASES * 19 / 20)
    end)
end)
