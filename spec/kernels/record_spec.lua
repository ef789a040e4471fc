-- Rules that are judged by all hits of a record, on the emulated device: count, near and condition. What is dropped
-- there is what every backend drops; what the device cannot know comes back.
local conditions = require "support.random_condition"
local device = require "support.device_module"
local hunch = require "hunch"
local module = require "support.engine_module"
local random_regex = require "support.random_regex"

local CASES = os.getenv "HUNCH_SOAK" and 1500 or os.getenv "HUNCH_SAN" and 20 or 90
local ROUTES = { "fused", "chained", "serial" }

local function compile(text, sizes)
    local engine = assert(module.core.engine { cache = "", threads = 1 })
    module.sizes(engine, sizes or {})
    device.attach(engine, { seed = 4 })
    return engine:compile { name = "record.lua", text = text }
end

local function program(text)
    return assert(hunch.engine { cache = "" }:compile { name = "r.lua", text = text }):save()
end

--- Which records are needed: "yes, no". That and what is committed is the same whatever the order of lanes and the
-- route.
local function needed(source, records)
    local first
    for seed = 0, 2 do
        for _, order in ipairs { {}, { serial = 0xffffffff }, { fused = 0xffffffff } } do
            order.seed = seed
            local list = assert(device.dispatch(source, records, order))
            local said = {}
            for i, record in ipairs(list) do
                said[i] = ("%s %d"):format(record.needed and "yes" or "no", record.committed)
            end
            said = table.concat(said, ", ")
            first = first or said
            assert.equal(first, said)
        end
    end
    return (first:gsub(" %d+", ""))
end

local function show(result)
    local out = {}
    for _, m in ipairs(result.matches) do
        out[#out + 1] = ("%s %s %d..%d %q"):format(m.record, m.rule, m.first, m.last, m.text)
    end
    for _, l in ipairs(result.incomplete) do out[#out + 1] = ("%s %s %s"):format(l.record, l.rule, l.reason) end
    local s = result.stats
    out[#out + 1] = ("%d records, %d tiles, %d committed, %d rolled back"):format(s.records, s.tiles, s.committed,
        s.rolled_back)
    return table.concat(out, "\n")
end

--- The same by every route as by `ref`. Returns of which records something is said, and how many matches there are.
local function same_everywhere(rules, texts, shown)
    local records, found = {}, {}
    for i, text in ipairs(texts) do records[i] = { name = "r" .. i, data = text } end
    local wanted = assert(rules:scan(records, { backend = "ref" }))
    for _, list in ipairs { wanted.matches, wanted.incomplete } do
        for _, each in ipairs(list) do found[tonumber(each.record:sub(2))] = true end
    end
    for _, route in ipairs(ROUTES) do
        local result = assert(rules:scan(records, { backend = "cuda", route = route }))
        assert.is_nil(result.stats.note)
        assert.equal(show(wanted), show(result), shown)
    end
    return found, #wanted.matches
end

describe("a rule that is judged by all hits of a record", function()
    it("counts", function()
        local source = program [[
            rule "many" { prefilter = any { "x" }, confirm = { count { lit "key", at_least = 3 } } }
            rule "line" { prefilter = any { "one" }, confirm = { count { lit "key", at_least = 2, within = "line" } } }
            rule "near" { prefilter = any { "two" }, confirm = { count { lit "key", at_least = 1, within = 4 } } }
            rule "few" { prefilter = any { "three" }, confirm = { count { lit "key", at_least = 0, at_most = 1 } } }
        ]]
        assert.equal("no, yes, no, yes, yes, no, no, yes, yes, no", needed(source, { "x key key", "x key key key",
            "one key\nkey", "key\none key key\n", "two key", "two  key", "key  two", "three key", "three",
            "three key key" }))
    end)

    it("asks what is near, before, behind, in bytes and lines", function()
        local source = program [[
            rule "any" { confirm = { regex "tok=[a-z]+", near { lit "key", within = 4 } } }
            rule "before" { confirm = { regex "bef=[a-z]+", near { lit "key", within = 4, before = true } } }
            rule "behind" {
                confirm = { regex "beh=[a-z]+", near { lit "key", within = 1, unit = "lines", after = true } } }
            rule "regex" { confirm = { regex "reg=[a-z]+", near { regex "need[0-9]", within = 9 } } }
        ]]
        assert.equal("no, yes, yes, no, yes, no, no, yes, no, yes, no, no, yes", needed(source, { "tok=a     key",
            "tok=a    key", "key tok=a", "key     tok=a", "key bef=a", "bef=a key", "key\nbeh=a\n\nkey", "beh=a\nkey",
            "reg=a", "reg=a                  need1", "bef=a.key", "keybeh=a", "beh=a.key" }))
    end)

    it("evaluates conditions", function()
        local source = program [[
            rule "sizes" { prefilter = any { "MZ" }, confirm = { condition "uint16(0) == 0x5a4d and filesize < 10" } }
            rule "places" { prefilter = any { "aa" }, confirm = {
                condition("#a == 2 and @a[2] > @b[1]", { a = lit "aa", b = lit "bb" }) } }
            rule "regex" { prefilter = any { "cc" }, confirm = { condition("not $r", { r = regex "x[0-9]" }) } }
        ]]
        assert.equal("yes, no, no, no, yes, no, yes, yes", needed(source, { "MZ", "zMZ", "MZ345678901", "aa bb aaa",
            "aa bb aa", "aa aa bb", "cc", "cc x1" }))
    end)

    it("has stages before its regex, or a regex without a hit", function()
        local source = program [[
            rule "first" { prefilter = any { "x" },
                confirm = { count { lit "key", at_least = 2 }, regex "tok=[a-z]+" } }
        ]]
        assert.equal("no, no, yes, no", needed(source, { "x key tok=a", "x key key", "x key key tok=a", "x tok=a" }))
    end)

    it("is the host's where the device cannot tell", function()
        local source = program [[
            rule "other" { prefilter = any { "o" }, confirm = { near { "tok", within = 1 } } }
            rule "tok" { confirm = { regex "tok=[a-z]+", host(function() return false end) } }
            rule "regex" { prefilter = any { "r" }, confirm = { count { regex "n[0-9]", at_least = 3 } } }
            rule "path" { prefilter = any { "p" }, confirm = { path "a", count { lit "k", at_least = 3 } } }
            rule "is" { prefilter = any { "i" }, confirm = { condition "rule(\"tok\")" } }
        ]]
        assert.equal("yes, yes, yes, no, yes, no, yes", needed(source, { "o", "tok=a", "r n1", "r", "p kk", "z", "i" }))
        -- more hits than are looked at
        local flood = program [[
            rule "f" { prefilter = any { "x" }, confirm = { count { lit "k", at_least = 0, at_most = 1 } } }
        ]]
        assert.equal("no, yes", needed(flood, { "x" .. ("k"):rep(2000), "x" .. ("k"):rep(3000) }))
        -- each of many spans has a look at all of them
        local square = program [[rule "s" { prefilter = any { "x" }, confirm = { near { lit "k", within = 0 } } }]]
        assert.equal("no, yes", needed(square, { ("x."):rep(20) .. "k", ("x."):rep(300) .. "k" }))
        -- and so has each of many matches: what is looked at in a dispatch has an end
        local looks = program [[rule "l" { confirm = { regex "tok=[a-z]", near { lit "key", within = 1 } } }]]
        assert.equal("no", needed(looks, { ("tok=a "):rep(100) }))
        assert.equal("yes", needed(looks, { ("tok=a "):rep(1500) }))
        -- more rules than one lane asks
        local list = {}
        for i = 1, 17 do
            list[i] = ('rule "r%d" { prefilter = any { "x" }, confirm = { count { lit "k", at_least = %d } } }')
                :format(i, i)
        end
        assert.equal("yes", needed(program(table.concat(list, "\n")), { "x" }))
        list[17] = nil
        assert.equal("no", needed(program(table.concat(list, "\n")), { "x" }))
    end)

    it("says that it has no room for occurrences as the host does", function()
        local text = [[
            rule "a" { prefilter = any { "x" }, confirm = { count { lit "b", at_least = 90 } } }
            rule "n" { confirm = { regex "key=[0-9]", near { lit "b", within = 3 } } }
        ]]
        local texts = { "x " .. ("b"):rep(20), "x b", "key=1" .. ("."):rep(90) .. ("b"):rep(20), "key=1    b",
            "key=1 b", ("b"):rep(20) .. ("."):rep(90) .. "key=1" }
        for _, most in ipairs { 1, 2, 4, 5, 8, 40, 41, 100 } do
            same_everywhere(assert(compile(text, { spans_most = most })), texts, most)
        end
    end)

    it(("drops nothing that is reported (%d rule sets)"):format(CASES), function()
        local WORDS = { "ab", "b", "ca", "aa", "c", "a", "bc" }
        local dropped, matches, count = 0, 0, 0
        for seed = 1, CASES do
            local random = random_regex.generator(seed)
            local function lit() return ("lit(%q)"):format(WORDS[random(#WORDS)]) end
            local function pattern()
                return random(5) == 1 and ('regex "%s[ab]{1,2}"'):format(WORDS[random(4)]) or lit()
            end
            local make = {
                function()
                    return ("count { %s, at_least = %d%s%s }"):format(pattern(), random(4) - 1,
                        random(3) == 1 and ", at_most = 4" or "",
                        random(2) == 1 and (", within = %s"):format(random(2) == 1 and '"line"' or random(6)) or "")
                end,
                function()
                    return ("near { %s, within = %d%s%s }"):format(pattern(), random(5) - 1,
                        random(3) == 1 and ', unit = "lines"' or "",
                        ({ "", ", before = true", ", after = true" })[random(3)])
                end,
                function()
                    local tree, patterns = conditions.random_tree(random(8), random), {}
                    for i, name in ipairs(conditions.patterns) do patterns[i] = ("%s = %s"):format(name, pattern()) end
                    return ("condition { %q, patterns = { %s } }"):format(conditions.write(tree, random),
                        table.concat(patterns, ", "))
                end,
                function() return 'except { text = { "aab" } }' end,
                function() return 'field { at = 0, type = "u8", more = 0x60, from = "match" }' end,
            }
            local rules = {}
            for i, name in ipairs { "r1", "r2", "odd-name", "r4" } do
                local stages = {}
                if random(3) == 1 then stages[1] = ('regex "%s[^a]"'):format(WORDS[random(#WORDS)]) end
                for _ = 1, random(2) do
                    local stage = make[random(i < 4 and 2 or 5)]()
                    table.insert(stages, random(6) == 1 and 1 or #stages + 1, stage)
                end
                rules[i] = ("rule %q { prefilter = %s { %s, %s }, confirm = { %s } }"):format(name,
                    random(2) == 1 and "all" or "any", lit(), lit(), table.concat(stages, ", "))
            end
            local text, texts = table.concat(rules, "\n"), {}
            for i = 1, 12 do texts[i] = random_regex.text(random, 30):gsub("[^abc\n]", "a") end
            local compiled = compile(text)
            if compiled then
                local found, n = same_everywhere(compiled, texts, text)
                matches = matches + n
                for i, record in ipairs((assert(device.dispatch(compiled:save(), texts, { seed = seed })))) do
                    assert.is_true(record.needed or not found[i], text)
                    count = count + 1
                    dropped = dropped + (record.needed and 0 or 1)
                end
            end
        end
        local said = ("%d of %d records dropped, %d matches"):format(dropped, count, matches)
        assert.is_true(count > CASES * 6 and dropped > count / 10 and matches > CASES, said)
        print("figure: " .. said)
    end)
end)
