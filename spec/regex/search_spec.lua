-- The search of one pattern in one record: which way it goes, floods, limits, failures. Random cases: spec/fuzz.
local cjson = require "cjson"
local parse = require "hunch.regex.parse".parse
local search_case = require "support.search_case"

local SAN = os.getenv "HUNCH_SAN"
local SIZE = SAN and 50000 or 300000 -- bytes of a flood

local function case_of(pattern, options)
    return search_case.new(assert(parse(pattern)), options)
end

--- The number of matches and the facts of a search that goes its usual way.
local function count(pattern, text, options)
    local case = case_of(pattern, { overlap = options and options.overlap })
    local asked = { count = true, everywhere = case:way() == "everywhere" }
    for key, value in pairs(options or {}) do asked[key] = value end
    if case:way() == "hits" and not asked.everywhere then asked.hits = case:hits(text, true) end
    return case.object:search(text, asked)
end

local function spans(pattern, text, options)
    local case = case_of(pattern, { overlap = options and options.overlap })
    local asked = { spans = true, everywhere = case:way() == "everywhere" }
    if case:way() == "hits" then asked.hits = case:hits(text, true) end
    for key, value in pairs(options or {}) do asked[key] = value end
    local list = {}
    for i, match in ipairs(assert(case.object:search(text, asked))) do list[i] = match[1] end
    return list
end

describe("the matches of one pattern", function()
    it("do not overlap, and an empty one does not touch the one before", function()
        assert.same({ { 1, 2 }, { 3, 4 } }, spans("aa", "aaaaa"))
        assert.same({ { 1, 1 }, { 3, 2 }, { 4, 4 } }, spans("a*", "abca"))
        assert.same({ { 1, 0 }, { 2, 1 }, { 3, 2 } }, spans("b*?", "ab", { everywhere = true }))
    end)

    it("begin at every place where overlaps count", function()
        assert.same({ { 1, 2 }, { 2, 3 }, { 3, 4 }, { 4, 5 } }, spans("aa", "aaaaa", { overlap = true }))
        assert.same({ { 1, 3 }, { 2, 3 }, { 3, 3 }, { 4, 3 } }, spans("a*", "aaa", { overlap = true }))
    end)

    it("start leftmost before an anchor that stands far inside", function()
        assert.same({ { 2, 8 }, { 9, 12 } }, spans("[a-z]*key;", ".abckey;key;"))
        assert.same({ { 4, 10 } }, spans([[\b[a-z]+key;]], ".. abckey;key;"))
    end)

    it("are found from the least start, not from the first anchor", function()
        assert.same({ { 1, 12 } }, spans("a.*longer|key", "a key longer"))
    end)

    it("lie where long runs of a class are, cut into parts", function()
        local text = ("x"):rep(20000) .. ("7"):rep(5000) .. ("x"):rep(40000) .. ("7"):rep(9) .. "x"
        assert.equal("ranges", case_of("[0-9]{9}"):way())
        assert.equal(5000 // 9 + 1, count("[0-9]{9}", text))
        assert.equal(5000 - 8 + 1, count("[0-9]{9}", text, { overlap = true }))
        assert.equal(5000 // 9 + 1, count("[0-9]{9}", text, { window = 64 }))
    end)

    it("lie where two parts of a run, or of what is between runs, touch", function()
        for n = 1010, 1050 do
            assert.same({ { n - 8, n + 1 } }, spans("[0-9]{9}x", ("7"):rep(n) .. "x"))
        end
        for n = 16370, 16400 do
            assert.same({ { n + 1, n + 9 } }, spans("[0-9]{9}", ("x"):rep(n) .. ("7"):rep(9)))
        end
    end)
end)

describe("a flood", function()
    --- Few looks per byte: the search would not end otherwise. `ways`: what it must have given up for.
    local function flood(pattern, text, expected, ways)
        it(pattern .. " on " .. text:sub(1, 12), function()
            for _, dfa in ipairs { false, true } do
                local n, facts = count(pattern, text, { dfa = dfa })
                assert.equal(expected, n)
                assert.equal(ways:find "everywhere" ~= nil, facts.everywhere)
                assert.equal(ways:find "live" ~= nil, facts.live)
            end
        end)
    end

    flood("(?s:.*b)|a", ("a"):rep(SIZE), SIZE, "everywhere live")
    flood("(a|aa)*b|a", ("a"):rep(SIZE), SIZE, "everywhere live")
    flood("(?s).*foo|bar", ("bar"):rep(SIZE // 3), SIZE // 3, "everywhere live")
    flood("key[^;]*;", ("key"):rep(SIZE // 3), 0, "everywhere")
    flood("key[^;]*;", ("key;"):rep(SIZE // 4), SIZE // 4, "")
    flood("[a-z]*key[^;]*;", ("key"):rep(SIZE // 3), 0, "everywhere")
    flood(".*foo|bar", ("xbar xfo\n"):rep(SIZE // 9), SIZE // 9, "")
    flood("[0-9]{9}", ("1"):rep(SIZE), SIZE // 9, "")
    flood("[0-9]{9}(?:[^b]*b)?", ("123456789a"):rep(SIZE // 10), SIZE // 10, "live")

    it("of overlapping matches with one end", function()
        local text = ("A"):rep(SIZE) .. "BB"
        local n, facts = count("(?s)AA.*?BB", text, { overlap = true, dfa = true })
        assert.equal(SIZE - 1, n)
        assert.is_true(facts.live)
        text = ("AACC"):rep(SIZE // 8) .. "BBDD"
        assert.equal(2 * (SIZE // 8), (count("(?s)AA.*?BB|CC.*?DD", text, { overlap = true, dfa = true })))
    end)
end)

describe("the reverse pass", function()
    local case = case_of("(?s:.*b)|a")

    it("says that its budget is too small", function()
        local found, message = case.object:search(("a"):rep(100000), { everywhere = true, live = true, budget = 1000 })
        assert.is_nil(found)
        assert.matches("1000 bytes", message, 1, true)
    end)

    it("is not asked for while the size of the record is not known", function()
        -- Each search reads as far as the c; a limit ends them before anything reads on.
        local text, pattern = ("a"):rep(4000) .. "c" .. ("d"):rep(100), "(?:[^c]*b)|a"
        local options = { everywhere = true, count = true, window = 64, unknown = true, limit = 3000 }
        local n, facts = case_of(pattern).object:search(text, options)
        assert.equal(3000, n)
        assert.is_false(facts.live)
        options.unknown = false
        n, facts = case_of(pattern).object:search(text, options)
        assert.equal(3000, n)
        assert.is_true(facts.live)
    end)

    it("is asked for once the end was seen", function()
        local n, facts = case.object:search(("a"):rep(3000),
            { everywhere = true, count = true, window = 64, unknown = true })
        assert.equal(3000, n)
        assert.is_true(facts.live)
    end)
end)

describe("a search that is cancelled", function()
    local WAYS = { machine = {}, dfa = { dfa = true }, live = { live = true } }

    for _, way in ipairs { "machine", "dfa", "live" } do
        it("ends in the middle of a record: " .. way, function()
            local options = { everywhere = true, count = true, window = 65536, cancel_at = 3 }
            for key, value in pairs(WAYS[way]) do options[key] = value end
            local n, message, facts = case_of("(?:a|b)*c", { no_anchors = true }).object:search(
                ("a"):rep(2000000), options)
            assert.is_nil(n)
            assert.equal("the scan was cancelled", message)
            assert.equal(3, facts.questions) -- it is not asked again: the first yes is an end
        end)
    end

    it("ends inside of one window: live", function()
        local n, message = case_of("(?:a|b)*c", { no_anchors = true }).object:search(("a"):rep(2000000),
            { everywhere = true, count = true, live = true, cancel_at = 2 })
        assert.is_nil(n)
        assert.equal("the scan was cancelled", message)
    end)

    it("asks more often where a byte costs more", function()
        for _, way in ipairs { "machine", "dfa" } do
            local options = { everywhere = true, count = true, cancel_at = 1 << 40 }
            for key, value in pairs(WAYS[way]) do options[key] = value end
            local _, facts = case_of("[ab]{0,1000}[ac]{0,1000}[ad]{0,1000}[ae]{0,1000}c", { no_anchors = true })
                .object:search(("a"):rep(10000), options)
            assert.is_true(facts.questions >= 9, way .. ": " .. facts.questions)
        end
    end)

    it("ends between many short runs of the machine", function()
        local case = case_of("key(a{1,900}b|a{1,900}c)")
        local text = ("key" .. ("a"):rep(20)):rep(2000)
        local n, message = case.object:search(text, { hits = case:hits(text), count = true, cancel_at = 5 })
        assert.is_nil(n)
        assert.equal("the scan was cancelled", message)
    end)

    it("ends between two runs of a class anchor", function()
        local n, message = count("[0-9]{9}", ("a"):rep(2000000), { cancel_at = 2 })
        assert.is_nil(n)
        assert.equal("the scan was cancelled", message)
    end)
end)

describe("when memory runs out", function()
    --- Each allocation fails in turn, once alone and once with all that follow.
    local function sweep(pattern, overlap, options)
        local case = case_of(pattern, { overlap = overlap })
        local text = ("key ab;123456789x ababc"):rep(20)
        if case:way() == "hits" and not options.everywhere then options.hits = case:hits(text) end
        if case:way() == "everywhere" then options.everywhere = true end
        local wanted, facts = case.object:search(text, options)
        assert.equal(0, facts.left)
        wanted = cjson.encode(wanted)
        local failures = 0
        for n = 1, facts.allocations do
            for _, after in ipairs { false, true } do
                options.fail_at, options.after = n, after
                local found, message, more = case.object:search(text, options)
                if found then
                    more = message
                    assert.equal(wanted, cjson.encode(found))
                else
                    assert.matches("cannot allocate", message, 1, true)
                    failures = failures + 1
                end
                assert.equal(0, more.left)
            end
        end
        return failures
    end

    it("a search says so, and leaves nothing behind", function()
        local failures = 0
        for _, pattern in ipairs { "(a*)*b", [[\b(k(e)y)[^;]*;]], "(?s:.*b)|a", "([0-9]{9})x?", "((a|b){1,3}c)+" } do
            for _, overlap in ipairs { false, true } do
                failures = failures + sweep(pattern, overlap, {}) + sweep(pattern, overlap, { dfa = true })
                    + sweep(pattern, overlap, { everywhere = true, live = true })
                    + sweep(pattern, overlap, { everywhere = true, dfa = true })
            end
        end
        assert.is_true(failures > 500)
    end)
end)
