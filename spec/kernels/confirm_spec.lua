-- The confirm kernels on the emulator: which records and hits come back to the host from a dispatch, and what each
-- group of rules commits. That the matches are the same is the business of differential_spec.
local device = require "support.device_module"
local hunch = require "hunch"
local random_regex = require "support.random_regex"

local CASES = os.getenv "HUNCH_SOAK" and 3000 or os.getenv "HUNCH_SAN" and 15 or 100

local LITERAL, ANCHORED, COUNTING = 1, 2, 8 -- bits of the groups, as explain shows them

local function try_program(text)
    local compiled = hunch.engine { cache = "" }:compile { text = text, name = "confirm.lua" }
    return compiled and compiled:save()
end

local function program(text) return assert(try_program(text)) end

--- What a dispatch found out, without how it did.
local function answer(list)
    list.lessons, list.traced, list.followed = nil, nil, nil
    for _, groups in ipairs(list.groups) do table.sort(groups) end
    return list
end

--- The same for every order of lanes and blocks, and whoever asks the gates, and when.
local function chain(source, records, room)
    local first
    for seed = 0, 3 do
        for _, order in ipairs { {}, { serial = ANCHORED }, { serial = 0xffffffff }, { fused = 0xffffffff } } do
            order.seed, order.room = seed, room
            local list = assert(device.dispatch(source, records, order))
            assert.equal(#records, #list)
            answer(list)
            if first then assert.same(first, list) end
            first = list
        end
    end
    first.groups = nil
    return first
end

describe("a dispatch by any route", function()
    it("needs nothing of a record without hits", function()
        local source = program [[rule "a" { confirm = { regex "needle[0-9]" } }]]
        assert.same({ { needed = false, committed = 0, hits = 0 }, { needed = false, committed = 0, hits = 0 } },
            chain(source, { "nothing", "" }))
    end)

    it("drops hits of a regex whose gate does not hold, and says that nothing is committed", function()
        local source = program [[rule "a" { prefilter = all { "gate", "key" }, confirm = { regex "key=[0-9]+" } }]]
        assert.same({ { needed = false, committed = 0, hits = 0 } }, chain(source, { "key=1 key=2" }))
        assert.same({ { needed = false, committed = ANCHORED, hits = 0 } }, chain(source, { "gate key" }))
        -- two hits of the regex, one of each literal of the gate
        assert.same({ { needed = true, committed = ANCHORED, hits = 4 } }, chain(source, { "key=1 key=2 gate gate" }))
    end)

    it("commits what rules without a regex find", function()
        local source = program [[
            rule "both" { prefilter = all { "one", "two" } }
            rule "few" { prefilter = at_least(2, { "x1", "x2", "x3" }) }
        ]]
        local list = chain(source, { "one", "one two", "x1", "x3 x1", "two" })
        local needed, committed = {}, {}
        for i, record in ipairs(list) do needed[i], committed[i] = record.needed, record.committed end
        assert.same({ false, true, false, true, false }, needed)
        assert.same({ 0, LITERAL, 0, LITERAL, 0 }, committed)
    end)

    it("leaves to the host what it cannot know", function()
        -- a gate that asks for a hex string with a jump; a rule that holds on nothing
        local regex = program [[rule "a" { prefilter = any { hex "61 62 [1-4] 63" }, confirm = { regex "key=[0-9]" } }]]
        assert.is_true(chain(regex, { "ab..c key=1" })[1].needed)
        local none = program [[rule "a" { prefilter = none { "never" } } rule "b" { confirm = { regex "key=[0-9]" } }]]
        local list = chain(none, { "x", "key=1", "never" })
        for i = 1, 3 do assert.is_true(list[i].needed) end
        assert.equal(1, list[2].hits)
    end)

    it("keeps hits that another stage looks at, whatever the gate of the first", function()
        local source = program [[
            rule "a" { prefilter = all { "gate" }, confirm = { regex "key=[0-9]" } }
            rule "b" { prefilter = any { "text" }, confirm = { near { target = regex "key=[0-9]", within = 20 } } }
        ]]
        local list = chain(source, { "text key=1", "key=1" })
        assert.same({ needed = true, committed = COUNTING, hits = 2 }, list[1])
        assert.is_false(list[2].needed)
    end)

    it("judges long matches too, and leaves a text that is made of their beginnings to the host", function()
        local source = program [[rule "a" { confirm = { regex "key=[^;]{1,1000}!" } }]]
        local hit = "key=" .. ("x"):rep(60)
        local list = chain(source, { hit .. ("y"):rep(3000) .. ";", "key=" .. ("z"):rep(5000), hit:rep(5) .. ";!" })
        for i = 1, 3 do assert.same({ needed = false, committed = ANCHORED, hits = 0 }, list[i]) end
        local flood = hit:rep(3000)
        local found = assert(device.dispatch(source, { flood }, { room = 1 << 18 }))[1]
        assert.is_true(found.needed)
        assert.is_true(found.hits > 0 and found.hits < 3000) -- so many more bytes than the text has were read before
        for _, order in ipairs { { serial = 0xffffffff, room = 1 << 18 }, { fused = 0xffffffff, room = 1 << 18 } } do
            assert.is_true(assert(device.dispatch(source, { flood }, order))[1].needed)
        end
        local engine = assert(hunch.engine { cache = "" })
        device.attach(engine, {})
        local rules = assert(engine:load(source))
        for _, text in ipairs { flood .. "!", flood } do
            local wanted = assert(rules:scan({ { name = "f", data = text } }, { backend = "ref" })).matches
            for _, route in ipairs { "fused", "chained", "serial" } do
                local result = assert(rules:scan({ { name = "f", data = text } }, { backend = "cuda", route = route }))
                assert.equal(#wanted, #result.matches)
                for i, m in ipairs(wanted) do
                    assert.same({ m.first, m.last }, { result.matches[i].first, result.matches[i].last })
                end
            end
        end
    end)

    it("drops hits from which the regex does not match, though the guard could not say so", function()
        local source = program [[rule "a" { confirm = { regex "key=[a-z]{80}!" } }]]
        local letters = ("x"):rep(80)
        local list = chain(source, { "key=" .. letters .. ".", "key=" .. letters .. "!", "key=" .. letters })
        assert.same({ needed = false, committed = ANCHORED, hits = 0 }, list[1])
        assert.same({ needed = true, committed = ANCHORED, hits = 1 }, list[2])
        assert.is_false(list[3].needed)
    end)

    it("looks for the start before a hit: fixed, a run, a program", function()
        local source = program [[
            rule "fixed" { confirm = { regex "[0-9]{2}alpha" } }
            rule "run" { confirm = { regex "[0-9]{3,}beta" } }
            rule "program" { confirm = { regex "(?:x[0-9]|y[0-9][0-9])+gamma" } }
        ]]
        local list = chain(source, { "12alpha", "1.alpha", "1234beta", "12beta", "x1y23gamma", "x1y2gamma", "alpha" })
        local needed = {}
        for i, record in ipairs(list) do needed[i] = record.needed end
        assert.same({ true, false, true, false, true, false, false }, needed)
    end)

    it("leaves to the host what takes too long or too many threads", function()
        local long = program [[rule "a" { confirm = { regex "key=(?s:.*)END" } }]]
        local list = chain(long, { "key=" .. ("x"):rep(300), "key=" .. ("x"):rep(5000), "key=xEND" })
        assert.same({ false, true, true }, { list[1].needed, list[2].needed, list[3].needed })
        local wide = program [[rule "a" { confirm = { regex "key=(?:[ab]*a[ab]{100}c)" } }]]
        assert.is_true(chain(wide, { "key=" .. ("a"):rep(300) })[1].needed)
    end)

    it("needs no record without a run of bytes that a regex asks for", function()
        local source = program [[
            rule "digits" { prefilter = any { "gate" }, confirm = { regex "\\b[0-9]{7,9}\\b" } }
            rule "hex" { prefilter = any { "gate", "hex" }, confirm = { regex "\\b[0-9a-f]{40}\\b" } }
        ]]
        local long = (".x"):rep(40000) -- more than one warp looks at
        local list = chain(source, { "gate 123456", "gate 1234567", "1234567", "hex 1234567", "hex " .. ("a1"):rep(20),
            "gate" .. long .. "1234567" .. long, "gate" .. long .. "123456" .. long, "gate" .. ("1"):rep(7) .. long,
            long .. "gate1234567", long .. "12.gate345678", "gate", "hex" .. ("b"):rep(39) }, 1 << 20)
        local needed = {}
        for i, record in ipairs(list) do needed[i] = record.needed and "yes" or "no" end
        assert.equal("no yes no no yes yes no yes yes no no no", table.concat(needed, " "))
        for i = 1, 40 do -- wherever it begins
            local text = "gate" .. (". "):rep(16384 - 20) .. (" "):rep(i)
            local both = device.dispatch(source, { text .. "1234567" .. long, text .. "123456" .. long },
                { room = 1 << 20 })
            assert.same({ true, false }, { both[1].needed, both[2].needed })
        end
    end)

    it("says the same by what it has learned of a text", function()
        local source = program [[rule "a" { confirm = { regex "key=([a-z]{2,9}|\\b[0-9]+(?:-[0-9]+)*)(?:;|$)" } }]]
        local records = { "key=12-3;", "key=ab", "key=a;", "key=abcdefghi;", "key=abcdefghij;", "key=1-;", " key=",
            "key=77" }
        local first = device.dispatch(source, records, {})
        assert.is_true(first.lessons >= 3)
        for _, order in ipairs { {}, { serial = 0xffffffff }, { fused = 0xffffffff }, { room = 20 } } do
            order.rounds = 3
            local list = device.dispatch(source, records, order)
            assert.equal(0, order.room and 0 or list.lessons) -- the last news is too little to be sent
            assert.same(answer(first), answer(list))
        end
    end)

    it("gets to know little news, too, a few lessons later", function()
        local source = program [[rule "a" { confirm = { regex "key=[a-z]{80}!" } }]]
        local records = { "key=" .. ("x"):rep(80) .. "!", "key=" .. ("x"):rep(70) .. "." } -- one transition more
        for rounds, lessons in pairs { [2] = 1, [3] = 1, [16] = 0 } do
            assert.equal(lessons, device.dispatch(source, records, { rounds = rounds, room = 90 }).lessons)
        end
    end)

    it("has groups from the path through what it has learned, else from the regex machine", function()
        local source = program [[
            rule "a" { confirm = { regex { pattern = "key=(?:(a+)|(b+)|c)+;", capture = 1 } } }
            rule "b" { confirm = { regex { pattern = "tok=(a)(b)(c)(d)" } } }
            rule "c" { confirm = { regex { pattern = "val=([a-z]+) ", capture = 1 }, entropy { at_least = 1 } } }
        ]]
        local long = "val=" .. ("ab"):rep(400) .. " " -- longer than what a lane keeps of a path
        local records = { "key=aabca;", "key=abbcc; key=c;", "tok=abcd", "val=abab ", "val=aaaa ", long, "key=aa" }
        local first = device.dispatch(source, records, {})
        assert.same({ 0, 7 }, { first.traced, first.followed })
        answer(first)
        assert.same({ { "8 9 6 7" }, { "-1 -1 -1 -1", "4 5 5 7" }, {}, { "4 8" }, {}, { "4 804" }, {} }, first.groups)
        for _, order in ipairs { {}, { serial = 0xffffffff }, { fused = 0xffffffff } } do
            order.rounds = 4
            local list = device.dispatch(source, records, order)
            assert.same({ 0, 6, 1 }, { list.lessons, list.traced, list.followed }) -- four groups are too many
            assert.same(first, answer(list))
        end
    end)

    it("equals itself before it had learned anything, whatever the regex", function()
        local random = random_regex.generator(7)
        local fewer, dropped, count, traced, followed = 0, 0, 0, 0, 0
        for _ = 1, CASES do
            local regex = ("ab(?:%s)"):format(random_regex.pattern(random, 4))
            local source = try_program(('rule "a" { confirm = { regex %q } }'):format(regex))
            if source then
                local records = {}
                for i = 1, 12 do
                    records[i] = ("ab%sab%s"):format(random_regex.text(random, 20), random_regex.text(random, 9))
                end
                local first = device.dispatch(source, records, {})
                local lessons = first.lessons
                local list = device.dispatch(source, records, { rounds = 4 })
                fewer = fewer + (list.lessons < lessons and 1 or 0)
                traced, followed = traced + list.traced, followed + list.followed
                assert.same(answer(first), answer(list), regex)
                for _, record in ipairs(list) do dropped = dropped + (record.needed and 0 or 1) end
                count = count + #records
            end
        end
        assert.is_true(fewer > CASES / 2 and dropped > count / 10 and dropped < count)
        assert.is_true(traced > followed, ("%d traced, %d followed"):format(traced, followed))
    end)

    it("reports the groups that ref reports, scan after scan", function()
        local random = random_regex.generator(11)
        local function show(result)
            local out = {}
            for i, m in ipairs(result.matches) do
                local groups = {}
                for k, g in ipairs(m.captures) do groups[k] = g and ("%d-%d"):format(g[1], g[2]) or "-" end
                out[i] = ("%s %d-%d %s"):format(m.record, m.first, m.last, table.concat(groups, " "))
            end
            return out
        end
        local grouped = 0
        for seed = 1, CASES do
            local regex = ("ab(%s)(?:%s)"):format(random_regex.pattern(random, 3), random_regex.pattern(random, 4))
            local engine = assert(hunch.engine { cache = "", threads = 1 })
            device.attach(engine, { seed = seed % 4 })
            local text = ('rule "a" { confirm = { regex %q } }'):format(regex)
            local rules = engine:compile { name = "g.lua", text = text }
            if rules then
                local records = {}
                for i = 1, 8 do
                    local data = ("ab%sab%s"):format(random_regex.text(random, 20), random_regex.text(random, 9))
                    records[i] = { name = "r" .. i, data = data }
                end
                local wanted = show(assert(rules:scan(records, { backend = "ref" })))
                for _, route in ipairs { "chained", "chained", "serial", "fused" } do
                    local result = assert(rules:scan(records, { backend = "cuda", route = route }))
                    assert.same(wanted, show(result), regex)
                end
                grouped = grouped + (table.concat(wanted):find "%d %d" and 1 or 0)
            end
        end
        assert.is_true(grouped > CASES / 4)
    end)

    it("drops matches that no rule accepts, and asks the host where one begins inside another", function()
        local source = program [[
            rule "low" { confirm = { regex { pattern = "key=([a-z]{8})", capture = 1 }, entropy { at_least = 2 } } }
            rule "not" { confirm = { regex "tok=[a-z]+", except { text = { "EXAMPLE" }, equal = { "tok=abc" } } } }
        ]]
        local list = chain(source, { "key=aaaaaaaa", "key=abcdefgh", "key=aaaaaaaa key=abcdefgh tok=abc", "tok=abc" })
        assert.same({ needed = false, committed = ANCHORED, hits = 0 }, list[1])
        assert.same({ needed = true, committed = ANCHORED, hits = 1 }, list[2])
        assert.same({ needed = true, committed = ANCHORED, hits = 3 }, list[3]) -- the rejected ones, too
        assert.is_false(list[4].needed)
        -- "aaaa=aaaa" ends where "=b" has its hit; from its run's start, which is inside, nothing is accepted
        local inside = program [[rule "a" { confirm = { regex "[a-d]+=[a-d]{2}", entropy { at_least = 2 } } }]]
        assert.is_false(chain(inside, { "aa=aa" })[1].needed)
        assert.is_true(chain(inside, { "aa=aab=ab" })[1].needed)
    end)
end)
