-- Which regexes have choices that stay undecided for ever behind a match.
local emit = require "hunch.regex.emit"
local parse = require "hunch.regex.parse"
local undecided = require "hunch.regex.undecided"

local function verdict(pattern)
    return undecided.run(assert(emit.emit(assert(parse.parse(pattern)))))
end

describe("hunch.regex.undecided", function()
    it("names those that can", function()
        for _, pattern in ipairs {
            "(?s:.*b)|a", "x*y|x", "a(?:.*b)?", "a(?:[a-z]*b)?", "(?:ab)*c|a", "a(?:\\w+\\b!)?",
        } do
            assert.matches("undecided", verdict(pattern), 1, true)
        end
    end)

    it("does not name those that cannot", function()
        for _, pattern in ipairs {
            "a+", "a*?b", "a|b", "[a-z]+\\b", "a.*", "(?:a|ab)(?:c|bcd)*", "a(?:.{0,30}b)?", "[\\s\\S]{64,}?KEY",
            "", "a*?",
            [[(?i)[\w.-]{0,50}?(?:access)(?:[ \t\w.-]{0,20})=([a-z]{10,150})(?:['"\s;]|$)]],
        } do
            assert.is_nil(verdict(pattern), pattern)
        end
    end)

    it("gives up in bounded time", function()
        local began = os.clock()
        verdict("(?:[ab]*a[ab]{14}c)|a(?:[ab]*d)?")
        assert.is_true(os.clock() - began < 20)
    end)
end)
