-- The ground truth must itself be right: every expectation here was worked out by hand.
local naive = require "support.naive_regex"
local pike = require "support.pike"
local emit = require "hunch.regex.emit".emit
local parse = require "hunch.regex.parse".parse

--- Matches as text: "1-2(1-1)(-) 3-2" for two matches, the first with a set and an unset group.
local function show(matches)
    local out = {}
    for i, match in ipairs(matches) do
        local spans = {}
        for j, span in ipairs(match) do
            local text = span and span[1] .. "-" .. span[2] or "-"
            spans[j] = j == 1 and text or "(" .. text .. ")"
        end
        out[i] = table.concat(spans)
    end
    return table.concat(out, " ")
end

local CASES = {
    -- preference
    { "a|ab", "ab", "1-1" }, { "ab|a", "ab", "1-2" }, { "a*?b", "aab", "1-3" }, { "a+?", "aaa", "1-1 2-2 3-3" },
    { "(a|ab)(c|bcd)", "abcd", "1-4(1-1)(2-4)" }, { "a{2,3}?", "aaaaa", "1-2 3-4" }, { "a??b", "ab", "1-2" },
    { "(a+)(a*)", "aaa", "1-3(1-3)(4-3)" }, { "(a+?)(a*)", "aaa", "1-3(1-1)(2-3)" },
    -- empty matches
    { "b|", "abc", "1-0 2-2 4-3" }, { "", "ab", "1-0 2-1 3-2" }, { "a*", "baac", "1-0 2-3 5-4" },
    { "(?:)", "", "1-0" }, { "x*", "", "1-0" },
    -- a repeat of what can be empty
    { "(a*)*", "b", "1-0(1-0) 2-1(2-1)" }, { "(|a)*", "aa", "1-0(1-0) 2-1(2-1) 3-2(3-2)" },
    { "(|a)+", "aa", "1-0(1-0) 2-1(2-1) 3-2(3-2)" }, { "(a|)+", "aa", "1-2(2-2)" },
    { "(a|b?)*?", "ab", "1-0(-) 2-1(-) 3-2(-)" }, { "(a*)+", "aa", "1-2(1-2)" }, { "(?:^)*a", "aa", "1-1 2-2" },
    { "(a?){3}b", "ab", "1-2(2-1)" }, { "(a|b){0}c", "abc", "3-3(-)" }, { "(?:a|(b)){2}", "ba", "1-2(1-1)" },
    -- assertions see the whole text
    { "^a", "aa", "1-1" }, { "(?m)^a$", "a\nb\na", "1-1 5-5" }, { "a$", "a\n", "" }, { "(?m)^", "a\n", "1-0 3-2" },
    { "\\b", "a b", "1-0 2-1 3-2 4-3" }, { "\\Ba", "aab", "2-2" }, { "\\b{2,}a", "a", "1-1" }, { "a\\z", "aa", "2-2" },
    -- bytes
    { ".", "\xC3\n\xA9", "1-1 3-3" }, { "[^a]", "a\nb", "2-2 3-3" }, { "é+", "éé\xC3", "1-4" },
    { "[α-γ]", "αδγ", "1-2 5-6" }, { "(?s).+", "a\0\n", "1-3" }, { "(?i)k\\x4B", "Kk\xE2\x84\xAA", "1-2" },
}

describe("the naive matcher", function()
    it("gives what was worked out by hand", function()
        for _, case in ipairs(CASES) do
            assert.equal(case[3], show(naive.matches(assert(parse(case[1])), case[2])), case[1])
        end
    end)

    it("starts matches where the search starts when anchored, and stops at the limit", function()
        local tree = parse "a|b?"
        assert.equal("1-1 2-2", show(naive.matches(tree, "aac", { anchored = true, limit = 2 })))
        assert.equal("", show(naive.matches(parse "b", "ab", { anchored = true })))
        assert.equal("1-1 2-2", show(naive.matches(parse "a", "aaba", { anchored = true })))
    end)

    it("tells whether some path takes exactly a span", function()
        local tree = parse "a|ab|\\bc"
        assert.is_true(naive.accepts(tree, "abc", 1, 2))
        assert.is_true(naive.accepts(tree, "abc", 1, 1))
        assert.is_false(naive.accepts(tree, "abc", 1, 3))
        assert.is_false(naive.accepts(tree, "abc", 3, 3))
        assert.is_true(naive.accepts(tree, "ab c", 4, 4))
    end)

    it("ends on patterns that would backtrack for ever", function()
        local text = ("a"):rep(200) .. "c"
        assert.equal("", show(naive.matches(parse "(?:a*)*(?:a|aa)+b", text)))
        assert.equal("1-200", show(naive.matches(parse "(?:(?:a?)*)*a", text)))
    end)
end)

describe("the simulation of emitted code", function()
    it("gives what was worked out by hand", function()
        for _, case in ipairs(CASES) do
            assert.equal(case[3], show(pike.matches(assert(emit(parse(case[1]))), case[2])), case[1])
        end
    end)
end)
