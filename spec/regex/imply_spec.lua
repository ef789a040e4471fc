local emit = require "hunch.regex.emit"
local imply = require "hunch.regex.imply"
local parse = require "hunch.regex.parse"

local naive = require "support.naive_regex"
local random_literals = require "support.random_literals"
local random_regex = require "support.random_regex"
local runner = require "support.code_runner"
local sample_regex = require "support.sample_regex"

local function lit(bytes, ...)
    local literal = { kind = "literal", bytes = bytes }
    for _, flag in ipairs { ... } do
        literal[flag] = true
    end
    return literal
end

local function expr(kind)
    return function(items)
        for i, item in ipairs(items) do
            items[i] = type(item) == "string" and lit(item) or item
        end
        return { kind = kind, items = items, n = items.n }
    end
end

local any, all, none, at_least = expr "any", expr "all", expr "none", expr "at_least"

local function decide(pattern, prefilter)
    return imply.implied(assert(parse.parse(pattern, "")), prefilter)
end

local function implied(pattern, prefilter)
    local result = decide(pattern, prefilter)
    assert.same({ implied = true }, result, pattern)
end

-- The text is a record in which the regex matches, by the naive matcher, and the prefilter does not hold.
local function refuted(pattern, prefilter, text)
    local result = decide(pattern, prefilter)
    assert.same({ implied = false, text = text }, result, pattern)
    assert.is_true(#naive.matches(parse.parse(pattern, ""), text) > 0, pattern)
    assert.is_false(random_literals.holds(prefilter, text), pattern)
end

describe("a prefilter is implied", function()
    it("when each match holds one of its literals", function()
        implied("ghp_[0-9a-z]{36}", any { "ghp_" })
        implied([[\b(?:AKIA|ASIA)[A-Z2-7]{16}\b]], any { "AKIA", "ASIA" })
        implied([[(?i)[\w.-]{0,50}?(?:adafruit)[\s=]{0,9}([a-z0-9_-]{32})]], any { lit("adafruit", "nocase") })
        implied("a{3}b", any { "aab" })
        implied("(?:ab)+", any { "ab" })
        implied("xab|yab", any { "ab" })
        implied("x[ab]y", any { "xay", "xby" })
    end)

    it("when each match holds all of them, or enough", function()
        implied("foo.*bar", all { "foo", "bar" })
        implied("foo.*bar", all { "foo", any { "bar", "x" } })
        implied("foo|bar.*foo", at_least { n = 1, "foo", "bar" })
        implied("(?:a|b)-(?:c|d)-", at_least { n = 2, "a-", "b-", "c-", "d-" })
        implied("abc", none { "x" })
        implied("abc", any { none { "x" } })
    end)

    it("when the regex can not match at all", function()
        implied([[a\bb]], any { "zzz" })
        implied([[a\zb|x^y]], any { "zzz" })
    end)

    it("when assertions leave no other way", function()
        implied([[(?:ab|a\b)b?x]], any { "abx", "abbx" })
        implied([[\Bfoo]], any { "foo" })
        refuted([[\Bfoo]], any { "bar" }, "afoo")
    end)

    it("by words, wide literals and hex strings", function()
        implied([[\bfoo\b]], any { lit("foo", "word") })
        implied([[a\x00b\x00]], any { lit("ab", "wide") })
        implied([[(?s:MZ.PE)]], any { { kind = "hex", source = "4D 5A ?? 50", ast = parse.parse("(?s:MZ.P)", "") } })
        implied("MZ", any { { kind = "hex", source = "4D 5A", bytes = "MZ" } })
    end)

    it("though counts are too large to follow one by one", function()
        implied(("[f-h]{1000}x"):rep(40) .. "foo", any { "foo" })
    end)
end)

describe("a prefilter is refuted", function()
    it("by the shortest text", function()
        refuted("(?:token|key)[0-9]{4}", any { "token" }, "key0000")
        refuted([[hooks.slack.com/]], any { "hooks.slack.com" }, "hooksaslackacom/")
        refuted("a*foo|bar", any { "bar" }, "foo")
        refuted("[A-Z]{4}", any { "AKIA" }, "AAAA")
        refuted("AB", any { "ab" }, "AB")
        refuted("a*", any { "a" }, "")
    end)

    it("where one of all is missing", function()
        refuted("foo.*bar|bar", all { "foo", "bar" }, "bar")
        refuted("[ab]{2}", at_least { n = 2, "a", "b" }, "bb")
        refuted("foox?", none { "x" }, "foox")
    end)

    it("where a word goes on", function()
        refuted([[foo]], any { lit("foo", "word") }, "fooa")
        refuted([[foo\b]], any { lit("foo", "word") }, "afoo")
    end)

    it("where the byte after the match matters", function()
        refuted([[foo\B]], any { "bar" }, "fooa")
        refuted([[foo(?:[^\w-]|\z)]], any { "foo-", "foo " }, "foo")
    end)
end)

describe("it is not decided", function()
    it("when a node has too many followers, and soon", function()
        local words = {}
        for i = 1, 1500 do
            words[i] = ("w%dx"):format(i * 7919 % 10007)
        end
        local pattern = "(?:" .. table.concat(words, "|") .. ")+(?:" .. table.concat(words, "|") .. "){9}"
        local steps = 0
        debug.sethook(function() steps = steps + 1 end, "", 100000)
        local result = decide(pattern, all { any { "x1", "x2", "x3" }, at_least { n = 2, "w1", "w2", "w3" } })
        debug.sethook()
        assert.is_true(result.unknown or result.text ~= nil)
        assert.is_true(steps < 3000, steps)
    end)

    it("when the search grows past its budget, and says so", function()
        local states = imply.MAX_STATES
        imply.MAX_STATES = 10
        local result = decide("foo[0-9]{9}bar", any { "baz" })
        imply.MAX_STATES = states
        assert.is_true(result.unknown)
        assert.is_string(result.why)
    end)

    it("of hex strings whose length varies", function()
        local result = decide("MZ", any { { kind = "hex", source = "4D [1-2] 5A", ast = parse.parse("M.{1,2}Z", "") } })
        assert.is_true(result.unknown)
    end)
end)

describe("proofs and counter-examples", function()
    local ALPHABET = { "a", "b", "k", "A", "-", "\n" }

    local function short_texts(longest)
        local list, from = { "" }, 1
        for _ = 1, longest do
            local to = #list
            for i = from, to do
                for _, char in ipairs(ALPHABET) do
                    list[#list + 1] = list[i] .. char
                end
            end
            from = to + 1
        end
        return list
    end

    -- Does the regex match the text, but for at most one byte on each side?
    local function spans_all(emitted, text, margin)
        for from = 0, math.min(margin, #text) do
            local ends = runner.ends(emitted, text, from)
            for to = math.max(from, #text - margin), #text do
                if ends[to] then
                    return true
                end
            end
        end
        return false
    end

    local function compare(seed, rounds, relaxed)
        local random = random_regex.generator(seed)
        local texts = short_texts(3)
        local proved, refused, checked = 0, 0, 0
        local states, count = imply.MAX_STATES, imply.RELAXED_COUNT
        for _ = 1, rounds do
            local pattern = random_literals.pattern(random, 2)
            local tree = parse.parse(pattern, "")
            if tree then
                local emitted = assert(emit.emit(tree))
                local prefilter = random_literals.expr(random, 1)
                imply.MAX_STATES = relaxed and random(40) or states
                imply.RELAXED_COUNT = relaxed and random(3) or count
                local result = imply.implied(tree, prefilter, emitted)
                local function complain(text)
                    error(("%s with %s on %q"):format(pattern, random_literals.show(prefilter), text))
                end
                if result.text then
                    refused = refused + 1
                    if #naive.matches(tree, result.text) == 0 or random_literals.holds(prefilter, result.text) then
                        complain(result.text)
                    end
                elseif result.implied then
                    proved = proved + 1
                    local margin = random_literals.has_none(prefilter) and 0 or 1
                    local function try(text)
                        if spans_all(emitted, text, margin) then
                            checked = checked + 1
                            if not random_literals.holds(prefilter, text) then
                                complain(text)
                            end
                        end
                    end
                    for _, text in ipairs(texts) do
                        try(text)
                    end
                    for _ = 1, 20 do
                        local before, after = ALPHABET[random(#ALPHABET)], ALPHABET[random(#ALPHABET)]
                        try((random(2) == 1 and before or "") .. sample_regex.sample(tree, random):sub(1, 30)
                            .. (random(2) == 1 and after or ""))
                    end
                end
            end
        end
        imply.MAX_STATES, imply.RELAXED_COUNT = states, count
        return proved, refused, checked
    end

    it("are right for random patterns and prefilters", function()
        local share = os.getenv("HUNCH_SAN") and 10 or 1
        local proved, refused, checked = compare(30, 600 // share)
        assert.is_true(proved > 10 // share and refused > 20 // share and checked > 100 // share)
    end)

    it("are right when counts are relaxed", function()
        local share = os.getenv("HUNCH_SAN") and 10 or 1
        local proved, refused = compare(31, 600 // share, true)
        assert.is_true(proved > 10 // share and refused > 10 // share)
    end)
end)
