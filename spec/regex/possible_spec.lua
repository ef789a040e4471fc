-- Which regexes no text at all matches, their assertions included.
local naive = require "support.naive_regex"
local parse = require "hunch.regex.parse".parse
local possible = require "hunch.regex.possible"
local random_regex = require "support.random_regex"

local function stuck(pattern, flags)
    local node = possible.stuck(assert(parse(pattern, flags or "")))
    return node and node.from or nil
end

describe("hunch.regex.possible", function()
    it("finds what no text matches, and where it gets stuck", function()
        for _, case in ipairs {
            { "a$b", 3 }, { "a^b", 2 }, { [[a\bb]], 4 }, { [[-\b ]], 4 }, { [[-\B\b]], 4 }, { [[a\zb]], 4 },
            { [[b\Aa]], 2 }, { "(?m)a$b", 7 }, { "(?m)a^b", 6 }, { [[\Ba\b\B]], 6 }, { [[x\B-]], 4 },
            { [[(a$|b\b)c]], 9 }, { [[(?:a\b){2}]], 4 }, { [[(?:$.)+]], 4, "m" },
            { "[^\\x00-\\xFF]", 1 }, { "ab[^\\x00-\\xFF]*c[^\\x00-\\xFF]", 17 }, { [[.$.]], 3, "m" },
            { [[a(?:\b|$)\w]], 10 }, { [[\w*a\b_+]], 7 }, { "(?s)a$.", 7 },
        } do
            local from = stuck(case[1], case[3])
            assert.is_truthy(from, case[1] .. " can match")
            if not case[1]:find "{2}" and not case[1]:find "%)%+" then assert.are.equal(case[2], from, case[1]) end
        end
    end)

    it("does not find what some text matches", function()
        for _, case in ipairs {
            { "a$" }, { "^$" }, { "$^" }, { "a$\nb", "m" }, { "a\n^b", "m" }, { [[\b\B|a]] }, { [[a\b-]] }, { [[\Bx]] },
            { [[(?:a\b-?){1}]] }, { [[(?:a\b)?b]] }, { [[(a\b|b)+c]] }, { [[(?s)$.]], "m" }, { "[^a]^a", "m" },
            { [[(?:-\b-|a)*]] }, { "(?:a$b)*" }, { [[\A\B\z]] }, { [[(?:\b|a){3}b]] }, { "(?:a$b){0}" }, { [[$\n^]],
                "m" },
            { [[(?:a\b-){2}]] }, { [[(?:a\b-\b){2}]] },
        } do
            assert.is_nil(stuck(case[1], case[2]), case[1])
        end
    end)

    it("takes bounded time for nested repeats", function()
        local pattern = "a\\b"
        for _ = 1, 300 do pattern = "(?:" .. pattern .. "|b\\B)*" end
        local began = os.clock()
        assert.is_nil(stuck(pattern))
        assert.is_nil(stuck(("(?:"):rep(3) .. "a\\b" .. ("|-){7}"):rep(3)))
        assert.is_true(os.clock() - began < 5)
    end)

    -- Texts of one byte of each kind that assertions and the random patterns tell apart, all of them up to a length.
    it("agrees with the naive matcher on random patterns", function()
        local texts, letters = { "" }, { "a", "b", "\n", "-" }
        local from = 1
        for _ = 1, 4 do
            local to = #texts
            for i = from, to do
                for _, letter in ipairs(letters) do texts[#texts + 1] = texts[i] .. letter end
            end
            from = to + 1
        end
        local pieces = { "a", "b", "[ab]", ".", "\\n", "-", "^", "$", "\\b", "\\B", "\\b", "^", "$", "(?m:^)",
            "(?m:$)", "\\A",
            "\\z", "(?:a|-)", "a*", "(?:a\\b)?", "(?:$|b)", "(?:a|\\b){2}", "[^a]", "(?:\\B-)+" }
        local random = random_regex.generator(7)
        local claimed, open = 0, 0
        for _ = 1, os.getenv "HUNCH_SAN" and 100 or 700 do
            local parts = {}
            for i = 1, 1 + random(4) do parts[i] = pieces[random(#pieces)] end
            local pattern = table.concat(parts, random(6) == 1 and "|" or "")
            local tree = assert(parse(pattern, ""))
            local claim, found = possible.stuck(tree) ~= nil, false
            for _, text in ipairs(texts) do
                found = found or #naive.matches(tree, text, { limit = 1 }) > 0
                if found then break end
            end
            assert.is_false(claim and found, pattern .. " was said never to match")
            claimed = claimed + (claim and 1 or 0)
            open = open + (not claim and not found and 1 or 0)
        end
        assert.is_true(claimed > 10, "nothing was claimed")
        assert.is_true(open <= claimed / 20, open .. " patterns match no short text and were not claimed")
    end)
end)
