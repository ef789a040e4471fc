-- Proofs that every text of a regex, or none, holds a match of another one.
local inside = require "hunch.regex.inside"
local naive = require "support.naive_regex"
local parse = require "hunch.regex.parse".parse
local random_regex = require "support.random_regex"
local sample_regex = require "support.sample_regex"

local function tree(pattern) return (assert(parse(pattern, ""))) end

local function always(texts, wanted) return inside.always(tree(texts), tree(wanted)) end
local function never(texts, wanted, loose) return inside.never(tree(texts), tree(wanted), loose) end

describe("hunch.regex.inside", function()
    it("proves that every text holds a match", function()
        for _, case in ipairs {
            { "abc", "b" }, { "a[bc]d", "b|c" }, { "[a-z]{3}", "^[a-z]{3}$" }, { "[a-z]{50}", "^[a-z]{40}" }, { "a|b",
                "^[ab]$" },
            { "x\\w*", "^\\w+$" }, { "key=\\d+", "=\\d" }, { "(?s).*", "\\A" }, { "a.b", "\\ba" }, { "\\d{4}-\\d{4}",
                "\\b-\\b" },
        } do
            assert.is_true(always(case[1], case[2]), case[1] .. " with " .. case[2])
        end
        for _, case in ipairs {
            { "abc", "B" }, { "[a-z]{2,3}", "^[a-z]{3}$" }, { "a|c", "^[ab]$" }, { "x\\w*", "^\\w+x$" }, { "\\w+",
                "a" },
            { "a-?", "a\\b-" }, { "\\w{1,4}", "\\B\\w\\b$|\\d{5}" }, { "[a-z]{50}", "^[a-z]{60}$" }, { "(?s).*", "." },
        } do
            assert.is_false(always(case[1], case[2]), case[1] .. " with " .. case[2])
        end
    end)

    it("proves that no text holds a match", function()
        for _, case in ipairs {
            { "[a-z]{3}", "\\d" }, { "abc", "c$b|ac" }, { "[a-z]{2,3}", "^[a-z]{4}$" }, { "-\\w+", "^\\w" }, { "\\d*",
                "[^0-9]" },
        } do
            assert.is_true(never(case[1], case[2]), case[1] .. " with " .. case[2])
        end
        assert.is_true(never("-\\w+", "\\d-", true))
        assert.is_false(never("-\\w+", "^\\w", true)) -- the text may stand at the start of a line: not known
        for _, case in ipairs { { "\\w+", "\\d" }, { "abc", "^a" }, { "a?", "^$" }, { "[a-z]{2,4}", "^[a-z]{4}$" } } do
            assert.is_false(never(case[1], case[2]), case[1] .. " with " .. case[2])
        end
    end)

    it("gives up where it would take long", function()
        local began = os.clock()
        assert.is_false(always("[ab]*a[ab]{14}c[ab]*", "a[ab]{14}c|[ab]*b[ab]{9}a[ab]{13}x"))
        assert.is_false(always("[a-z]{900}", "(?:[ab]|c[a-z]{1,5}d){100}"))
        assert.is_true(os.clock() - began < 5)
    end)

    it("is right about random regexes", function()
        local random = random_regex.generator(11)
        local proofs = { always = 0, never = 0 }
        for _ = 1, os.getenv "HUNCH_SAN" and 200 or 1500 do
            local one, other = random_regex.pattern(random, 1 + random(2)), random_regex.pattern(random, random(2))
            local texts, wanted = parse(one, ""), parse(other, "")
            local is_always = texts and wanted and inside.always(texts, wanted)
            local is_never = texts and wanted and inside.never(texts, wanted)
            for _ = 1, (is_always or is_never) and 10 or 0 do
                local text = sample_regex.sample(texts, random)
                if #text < 190 then
                    local found = #naive.matches(wanted, text, { limit = 1 }) > 0
                    assert.is_false(is_always and not found, ("%s always has %s: not in %q"):format(one, other, text))
                    assert.is_false(is_never and found, ("%s never has %s: but in %q"):format(one, other, text))
                end
            end
            proofs.always = proofs.always + (is_always and 1 or 0)
            proofs.never = proofs.never + (is_never and 1 or 0)
        end
        assert.is_true(proofs.always > 30 and proofs.never > 30)
    end)
end)
