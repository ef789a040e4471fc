-- The prefilter's kernels on the emulator against the portable tile functions: the same hits of the same uses.
local device = require "support.device_module"
local hunch = require "hunch"
local random_regex = require "support.random_regex"

local SAN = os.getenv "HUNCH_SAN"
local CASES = os.getenv "HUNCH_SOAK" and 2000 or SAN and 8 or 40

local function program(text)
    return assert(hunch.engine { cache = "" }:compile { text = text, name = "prefilter.lua" }):save()
end

--- How many hits there are, which is the same for every order of lanes and blocks.
local function compare(source, records, options)
    local count
    for seed = 0, SAN and 1 or 3 do
        local found, message = device.compare(source, records,
            { seed = seed, room = options and options.room, pinned = options and options.pinned })
        assert.is_nil(message)
        assert.is_true(count == nil or found == count)
        count = found
    end
    return count
end

describe("the prefilter's kernels", function()
    local keys, digits

    setup(function()
        keys = program [==[
            rule "aws" { confirm = { regex "AKIA[A-Z0-9]{16}" } }
            rule "three" { prefilter = any { "key", lit("tok", "nocase"), lit("abcd", "word") } }
            rule "spans" { prefilter = all { "needle", lit("WIDE", "wide") } }
        ]==]
        digits = program 'rule "one" { prefilter = any { "7", lit("zq", "nocase") } }'
    end)

    it("find nothing in nothing", function()
        for _, records in ipairs { { "" }, { "", "", "" }, { "x" }, { "", "k", "e", "y", "" }, { "ke", "y" } } do
            assert.equal(0, compare(keys, records))
        end
    end)

    it("find a literal at every place, and not across records", function()
        for at = 0, 40 do
            local before = ("."):rep(at)
            assert.equal(1, compare(keys, { before .. "key" }))
            assert.equal(1, compare(keys, { before .. "needl", before .. "eneedle" }))
            assert.equal(2, compare(keys, { before, "key", before .. "TOK" .. before }))
        end
    end)

    it("ask guards, and neighbours of words", function()
        assert.equal(1, compare(keys, { "AKIA" .. "Q3EGRTVMBZ6WZ4NK" }))
        assert.equal(0, compare(keys, { "AKIA-3EGRTVMBZ6WZ4NK" }))
        assert.equal(1, compare(keys, { "AKIAQ3", "EGRTVMBZ6WZ4NK" })) -- the end of a record may still decide
        assert.equal(1, compare(keys, { "xabcd", "abcd", "abcdx" }))
    end)

    it("read records from pinned memory, as far as they lie side by side", function()
        local records = { ("x"):rep(40000) .. "key" } -- large enough to be copied by itself
        for i = 2, 60 do records[i] = ("."):rep(i % 7) .. (i % 3 == 0 and "needle" or "tok") .. ("-"):rep(i) end
        assert.equal(60, compare(keys, records, { pinned = true }))
        assert.equal(60, compare(keys, records, { pinned = true, room = 42000 })) -- several slabs
        assert.equal(2, compare(keys, { records[1], ("y"):rep(50000) .. "key" }, { pinned = true, room = 100000 }))
    end)

    it("find literals of one and two bytes", function()
        assert.equal(4, compare(digits, { "7777" }))
        assert.equal(2, compare(digits, { "7zQ", "z", "q", "" }))
    end)

    it("take the borders of chunks, blocks of records and slabs", function()
        for _, size in ipairs { 2047, 2048, 2049, 4095, 4096, 4097, 32768 } do
            for back = 0, 6 do
                local text = ("."):rep(size - back) .. "needle" .. ("."):rep(50)
                assert.equal(1, compare(keys, { text }))
                assert.equal(2, compare(keys, { text, "needle" }))
            end
        end
        local many = {}
        for i = 1, 3000 do many[i] = i % 3 == 0 and "" or i % 7 == 0 and "a key" or "x" end
        assert.equal(286, compare(keys, many, { room = 1000 }))
        assert.equal(286, compare(keys, many))
    end)

    it("search again when there are more hits than room", function()
        assert.equal(20000, compare(keys, { ("needle"):rep(20000) }, { room = 200000 }))
    end)

    --- A rule for each literal, records of pieces of them and of the alphabet's bytes.
    local function random_literals(random, count, least, most, alphabet, flags)
        local function bytes(n)
            local out = {}
            for i = 1, n do
                local at = random(#alphabet)
                out[i] = alphabet:sub(at, at)
            end
            return table.concat(out)
        end
        local rules, literals, records = {}, {}, {}
        for i = 1, count do
            literals[i] = bytes(least + random(most - least + 1) - 1)
            local flag = flags[random(#flags)]
            rules[i] = ("rule 'r%d' { prefilter = any { lit(%q%s) } }"):format(i, literals[i],
                flag == "" and "" or ", '" .. flag .. "'")
        end
        for i = 1, 30 do
            local out = {}
            for k = 1, random(30) do
                local literal = literals[random(#literals)]
                out[k] = random(3) == 1 and bytes(random(9)) or random(3) == 1 and literal:upper()
                    or literal:sub(random(2), -random(2))
            end
            records[i] = table.concat(out)
        end
        return program(table.concat(rules, "\n")), records
    end

    it("find literals of each length", function()
        local random = random_regex.generator(11)
        for least = 1, 9 do
            for most = least, SAN and least or 9, 4 do
                local source, records = random_literals(random, 20, least, most, "abcd", { "" })
                assert.is_true(compare(source, records) > 0)
            end
        end
    end)

    it("compare bytes that the filter takes for one, with and without case", function()
        local random = random_regex.generator(12)
        for _ = 1, SAN and 2 or 12 do
            local source, records = random_literals(random, 30, 2, 12, "aAzZ@`[{9\x19\xe1\xc1_\x7f\0 ",
                { "", "nocase" })
            assert.is_true(compare(source, records) > 0)
        end
    end)

    it("find many literals by windows of five bytes", function()
        local random = random_regex.generator(13)
        local source, records = random_literals(random, 2200, 6, 11, "abcdefgh", { "", "nocase" })
        assert.is_true(compare(source, records) > 20)
    end)

    it("find long literals by windows at every fourth place", function()
        local random = random_regex.generator(14)
        for least = 9, 13 do -- 9: at every second one
            for _, n in ipairs { 1, 30, SAN and 600 or 2200 } do
                local source, records = random_literals(random, n, least, least + 4, "abcdefgh", { "", "nocase" })
                assert.is_true(compare(source, records) > 0)
            end
        end
    end)

    it("find thousands of literals", function()
        local words, text = {}, {}
        for i = 1, SAN and 300 or 3000 do
            words[i] = ("%q"):format(("w%xq%x"):format(i * 7919 % 65536, i))
            text[i] = words[i]:sub(2, -2)
        end
        local source = program(("rule 'many' { prefilter = any { %s } }"):format(table.concat(words, ", ")))
        assert.is_true(compare(source, { table.concat(text, " "), table.concat(text) }) >= 2 * #words)
    end)

    it(("agree with the tile functions on random rules and records (%d programs)"):format(CASES), function()
        local random = random_regex.generator(7)
        local hits = 0
        local function word(most)
            local out = {}
            for i = 1, random(most) do out[i] = ("abAB01 _"):sub(random(8)):sub(1, 1) end
            return table.concat(out)
        end
        for _ = 1, CASES do
            local rules = {}
            for i = 1, random(12) do
                local flag = ({ "", ", 'nocase'", ", 'word'", ", 'wide'" })[random(4)]
                rules[i] = random(3) == 1 and ("rule 'r%d' { confirm = { regex [[%s[ab]{%d}%s]] } }"):format(i, word(5),
                    random(4), word(3)) or ("rule 'r%d' { prefilter = any { lit(%q%s), %q } }"):format(i, word(8), flag,
                    word(4))
            end
            local source = program(table.concat(rules, "\n"))
            local records = {}
            for i = 1, random(20) do records[i] = random(5) == 1 and "" or word(8):rep(random(30)) .. word(40) end
            hits = hits + compare(source, records, { room = 2000 })
        end
        assert.is_true(hits > CASES * 20)
    end)
end)
