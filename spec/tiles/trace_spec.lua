-- kernels/dfa_tile.h: where matches end by learned tables, and their groups by the path through them, against the
-- regex machine at every place of every text.
local cases = require "support.stage_case"
local parse = require "hunch.regex.parse".parse
local random_regex = require "support.random_regex"
local sample = require "support.sample_regex"
local trace = require "support.trace_module"

local CASES = os.getenv "HUNCH_SOAK" and 20000 or os.getenv "HUNCH_SAN" and 100 or 500

local function quoted(text) return ("%q"):format(text):gsub("\\\n", "\\n") end

local function compile(pattern)
    return cases.compile(("rule 'r' { confirm = { regex(%s) } }"):format(quoted(pattern)))
end

local function compare(pattern, texts, options) return trace.compare(assert(compile(pattern)), texts, options or {}) end

describe("the path through a learned DFA", function()
    it("gives groups: the last save of each slot on the way of the thread that matched", function()
        for _, pattern in ipairs {
            "(a+)b", "(a)|(ab)", "(a|ab)(c|bcd)(d*)", "(?:(a)|b)*", "((a)|b)+c?", "(a*)*", "(a*?)(a*)", "()a()",
            "(a??)(a??)b", "(?:(a)|(b)|(c))+", "(^a|\\bb)(\\B.)?", "(a{2,3}?)(a{0,2})", "((?:ab?){2,3})(b*)", "(a|)+",
            "(?s:(.*?)(b.*))$", "(?m)^(a*)$", "(a?)(?:(b)|())c", "(a|b)*?(c)", "x*(?:(y)?){3}",
            "(a){0}b(c)", "(?:a(b)?)+", "(\\w+)-(\\d*)(?:;|$)",
        } do
            local counts = compare(pattern, {
                "", "a", "ab", "aab", "abcd", "abab", "aaab", "cab", "bca c", "a-1;", "ab-;\nab-23", "aaaaab", "acbc",
                "ccc", "ba\nb", "aa\n\naa", "abba", "bbcab", "yxyy",
            })
            assert.equal(0, counts.unknown, pattern)
            assert.equal(0, counts.missed, pattern)
            assert.is_true(counts.traced > 0, pattern)
        end
    end)

    it(("gives the same as the machine (%d random regexes)"):format(CASES), function()
        local random, rooms = random_regex.generator(23), { 24, 32, 64, 4096 }
        local traced, grouped, missed = 0, 0, 0
        for _ = 1, CASES do
            local pattern = random_regex.pattern(random, 5)
            local bytes = compile(pattern)
            if bytes then
                local texts = {}
                for i = 1, 5 do texts[i] = random_regex.text(random, 16) end
                local ok, counts = pcall(trace.compare, bytes, texts, { unlearned = 2, room = rooms[random(#rooms)] })
                if not ok then error(("%s: %s"):format(pattern, counts), 0) end
                traced, missed = traced + counts.traced, missed + counts.missed
                grouped = grouped + (counts.traced > 0 and 1 or 0)
            end
        end
        assert.is_true(grouped > CASES / 10 and traced > CASES and missed < traced / 4,
            ("%d regexes, %d traced, %d missed"):format(grouped, traced, missed))
    end)

    it("gives the same of regexes as people write them", function()
        local random, rooms = random_regex.generator(29), { 40, 64, 100, 4096 }
        local total = 0
        for _ = 1, CASES / 10 do
            local pattern = random_regex.REAL[random(#random_regex.REAL)]
            if random(3) > 1 then pattern = random_regex.mutate(random, pattern) end
            local tree = parse(pattern)
            local bytes = tree and compile(pattern)
            if bytes then
                local texts = {}
                for i = 1, 4 do texts[i] = sample.sample(tree, random, 20) .. random_regex.text(random, 6) end
                local ok, counts = pcall(trace.compare, bytes, texts, { unlearned = 1, room = rooms[random(#rooms)] })
                if not ok then error(("%s: %s"):format(pattern, counts), 0) end
                total = total + counts.traced
            end
        end
        assert.is_true(total > CASES / 20)
    end)

    it("has no groups where they are more than three, a match is longer than its room, or origins have none", function()
        local three = compare("(a)(b)(c)", { "abc" })
        assert.same({ 1, 0 }, { three.traced, three.missed })
        local four = compare("(a)(b)(c)(d)", { "abcd" })
        assert.same({ 0, 1 }, { four.traced, four.missed })
        local text = { ("a"):rep(30) .. "b" }
        for room, traced in pairs { [7] = 0, [8] = 5, [15] = 12, [16] = 26, [23] = 30, [24] = 30 } do
            local counts = compare("(a+)b", text, { room = room }) -- that of n bytes takes n + 1 transitions
            assert.same({ traced, 30 - traced }, { counts.traced, counts.missed }, room)
        end
        text = { ("a"):rep(9) .. "b" }
        assert.equal(9, compare("(a+)b", text, { room = 0 }).missed)
        local words = compare("(a+)b", text).words
        assert.equal(0, compare("(a+)b", text, { words = words }).missed)
        local without = compare("(a+)b", text, { words = words - 1 })
        assert.is_true(without.missed == 9 and without.found == 9 and without.words < words)
    end)

    it("takes stretches again that its room does not hold, one by one, back from the end", function()
        local text, long = {}, "k" .. ("x"):rep(200)
        for i = 1, 20 do text[i] = long:sub(1, i * 10) .. "=" .. ("v"):rep(i * 7) .. ";" .. ("v"):rep(i % 3 * 40) end
        for _, room in ipairs { 56, 64, 96, 200, 1000 } do
            for _, pattern in ipairs { "(k)(x*)=v*", "(k)x*(=)(v*)(?:;v{41}|)", "k(x)*=(v)+;?", "(?:(k)|(x)|=|v)+" } do
                local counts = compare(pattern, text, { room = room })
                assert.is_true(counts.traced > 0 and counts.unknown == 0, pattern)
                assert.is_true(counts.missed == 0 or room < 64, pattern)
            end
        end
    end)

    it("says that something is unknown where it was not learned", function()
        local counts = compare("(a+)b", { "aab", "aac" }, { unlearned = 1 })
        assert.is_true(counts.unknown > 0 and counts.traced == 2)
    end)
end)
