-- Damaged and hostile programs: an error or a working program, never a crash. What loads is scanned with. A crash ends
-- this process; with HUNCH_FUZZ_LOG=FILE in the environment, the file tells which seed it was.
local figures = require "support.figures"
local generator = require("support.random_regex").generator
local hunch = require "hunch"
local mutator = require "support.program_mutator"

local ROUNDS = os.getenv "HUNCH_SOAK" and 200000 or os.getenv "HUNCH_SAN" and 1500 or 6000

-- Every kind of section, anchor, prefix, gate and stage, in little programs.
local SOURCES = {
    [[rule "a" { prefilter = any { "needle", lit("Key", "nocase", "word"), lit("w", "wide") },
        confirm = { regex "(?P<n>nee)dle[0-9]{2,5}x*", entropy { capture = "n", at_least = 0.5 } } }]],
    [[rule "a" { private = true, prefilter = all { "b", none { "zz" }, at_least(1, { "c", hex "61 ?? 62" }) } }
      rule "b" { confirm = { near { "a", within = 2, unit = "lines" },
        count { "[a-c]+?b", at_least = 2, within = "line" } } }
      rule "c" { global = true, prefilter = none { "never" } }]],
    [[rule "a" { confirm = { regex "[a-z]{3,20}=(\\w+);", except { text = { "test" }, equal = { "x" },
        regex = { "^a" }, path = { "\\.md$" }, words = { "dummy", "sample" } }, only { regex = { "=" }, on = "line" },
        luhn { of = 1 } } }]],
    [[rule "a" { confirm = { condition([=[#a > 1 and (@b[1] < filesize or any of ($x*)) and for all i in (1..#a) :
        (@a[i] < 100) and uint32(0) != 5 and rule("b")]=], { a = lit "ab", b = regex "b+", x1 = hex "4D [2-4] 5A" }) } }
      rule "b" { confirm = { field { at = 0, type = "u16le", more = 3 }, path "a" } }]],
    [[rule "a" { prefilter = any { "ab" }, confirm = { regex "(a)(b)?.{0,9}c", host(function(m, r)
        return #m.text > 1 and { title = "t", first = m.first } end) } }]],
    [[rule "a" { confirm = { regex "(?s:.*b)|a", regex "\\b[^b]\\B|^b$" } }
      rule "b" { confirm = { regex "(?m)^[a-f0-9]{8}(?:-[a-f0-9]{4}){3}$" } }
      rule "c" { confirm = { regex "(?i)(?:secret|token).{0,20}=[a-z0-9]{4,}" } }]],
}

local RECORDS = {
    { name = "a.md", data = "" },
    { name = "b", data = "needle123xx key w\0 abacab\nsecret = abcd1234; token=zzzz9 4111111111111111=x;\n"
        .. "MZabZ ab abc\n" },
    { name = "c", data = ("ab cab deadbeef-0000-1111-2222 \n"):rep(40) },
    { name = "d\255", data = ("\0\255ab"):rep(9) .. ("a"):rep(300) },
}

local engines

local function try(bytes, backend)
    local rules, message = engines[backend]:load(bytes)
    if not rules then
        assert.is_string(message)
        assert.is_true(#message > 20, message)
        return false
    end
    local result = rules:scan(RECORDS, { deadline = 2, max_matches = 50 })
    assert.is_table(result.matches)
    for _, match in ipairs(result.matches) do
        assert.is_true(match.first >= 1 and match.last >= match.first - 1)
    end
    rules:list()
    assert.equal(bytes, rules:save())
    return true
end

describe("a compiled program", function()
    local programs = {}

    setup(function()
        engines = { ref = hunch.engine { backend = "ref" }, cpu = hunch.engine { threads = 1, cache = "" } }
        for i, source in ipairs(SOURCES) do
            programs[i] = assert(engines.ref:compile { text = source, name = "fuzz.lua" }):save()
        end
    end)

    it("is refused where the words of an item are out of order", function()
        local bytes = programs[3]
        local function pair(word)
            local blob = ("<I8"):unpack(bytes, 41)
            return ("<I4I4"):pack(assert(bytes:find(word, blob + 1, true)) - 1 - blob, #word)
        end
        local dummy, sample = pair "dummy", pair "sample"
        local at = assert(bytes:find(dummy .. sample, 1, true))
        local function with(pairs_of_words)
            return mutator.seal(bytes:sub(1, at - 1) .. pairs_of_words .. bytes:sub(at + 16))
        end
        assert(engines.ref:load(with(dummy .. sample)))
        for _, wrong in ipairs { sample .. dummy, dummy .. dummy, dummy .. pair "dumm" } do
            local rules, message = engines.ref:load(with(wrong))
            assert.is_nil(rules)
            assert.matches("stage %d+ .*compile the rules again", message)
        end
    end)

    it("loads as it was written", function()
        for _, bytes in ipairs(programs) do
            assert.equal(bytes, mutator.seal(bytes))
            assert.is_true(try(bytes, "ref") and try(bytes, "cpu"))
        end
    end)

    it("is refused when it is cut off anywhere, or longer", function()
        for _, bytes in ipairs(programs) do
            for n = 8, #bytes - 1 do
                if n < 400 or n % 13 == 0 then
                    local rules, message = engines.ref:load(bytes:sub(1, n))
                    assert.is_nil(rules)
                    assert.matches("compile it again", message, 1, true)
                end
            end
            local _, message = engines.ref:load(bytes .. "\0")
            assert.matches("should have %d+ bytes but has %d+", message)
        end
        -- With a size that fits, the sections say that it is cut off.
        for n = 40, #programs[1] - 1, 7 do
            assert.is_nil((engines.ref:load(mutator.seal(programs[1]:sub(1, n)))))
        end
    end)

    it("is refused when it is of another version, or damaged", function()
        local bytes = programs[1]
        local _, message = engines.ref:load(bytes:sub(1, 8) .. ("<I4"):pack(999) .. bytes:sub(13))
        assert.matches("format version 999, this hunch reads %d+; compile it again", message)
        for at = 25, #bytes, 11 do
            local changed = bytes:sub(1, at - 1) .. string.char(bytes:byte(at) ~ 0x10) .. bytes:sub(at + 1)
            _, message = engines.ref:load(changed)
            assert.matches("damaged", message, 1, true)
        end
        _, message = engines.ref:load(os.tmpname())
        assert.matches("not a compiled hunch program", message, 1, true)
        _, message = engines.ref:load "/nowhere/program"
        assert.matches("cannot read /nowhere/program", message, 1, true)
    end)

    it("never crashes, whatever is changed", function()
        local log = os.getenv "HUNCH_FUZZ_LOG" and io.open(os.getenv "HUNCH_FUZZ_LOG", "w")
        local first = tonumber(os.getenv "HUNCH_FUZZ_SEED" or 1)
        local loaded = 0
        for seed = first, first + ROUNDS - 1 do
            local random = generator(seed)
            local bytes = mutator.mutate(random, programs[random(#programs)])
            if log then
                log:seek "set"
                log:write(seed, "\n")
                log:flush()
            end
            if try(bytes, random(8) == 1 and "cpu" or "ref") then loaded = loaded + 1 end
        end
        figures.say("%s damaged programs: %s loaded and scanned with, %s refused; 0 crashes", ROUNDS, loaded,
            ROUNDS - loaded)
        assert.is_true(loaded > ROUNDS // 20, loaded .. " of " .. ROUNDS .. " programs loaded: too few to test scans")
        assert.is_true(loaded < ROUNDS * 19 // 20, "nearly all programs loaded: nothing is checked")
    end)
end)
