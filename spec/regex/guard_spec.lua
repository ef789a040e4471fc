-- Guards: small DFAs that reject places where the code cannot match. They may accept too much, never too little.
local anchors = require "hunch.regex.anchors"
local emit = require "hunch.regex.emit"
local native = require "hunch.native"
local parse = require "hunch.regex.parse".parse
local random_regex = require "support.random_regex"
local runner = require "support.code_runner"
local sample = require "support.sample_regex".sample

local CASES = os.getenv "HUNCH_SAN" and 150 or 1500
local DEPTH = native.constants.HP_GUARD_DEPTH

local function build(pattern, entry, max_states)
    local emitted = assert(emit.emit(assert(parse(pattern))))
    local code, classes = emit.pack(emitted)
    return native.guard(code, classes, entry or 0, max_states or 96), emitted
end

--- What the guard says of the text from position `at` (from 0) on; by the table's own words.
local function passes(guard, text, at)
    local state = 2
    for i = at + 1, math.min(#text, at + DEPTH) do
        local column = guard.columns:byte(text:byte(i) + 1)
        state = ("<I2"):unpack(guard.table, 2 * ((state << guard.shift) + column) + 1)
        if state < 2 then return state == 1 end
    end
    return true
end

describe("a guard", function()
    it("rejects at the first byte that cannot be", function()
        local guard = build "key[=:][0-9]{4}x"
        assert.is_true(passes(guard, "key=1234x", 0))
        assert.is_false(passes(guard, "key 1234x", 0))
        assert.is_false(passes(guard, "key=123x", 0))
        assert.is_false(passes(guard, "key=12345", 0))
        assert.is_true(passes(guard, "..key:0000x", 2))
    end)

    it("accepts where the text ends before it has made up its mind", function()
        local guard = build "key[=:][0-9]{4}x"
        for n = 0, 8 do assert.is_true(passes(guard, ("key=1234"):sub(1, n), 0)) end
    end)

    it("knows that some regexes end where the text does", function()
        for _, pattern in ipairs { "ab$", "ab\\z", "ab(?:$|c)", "ab(?:\\z|cd)x*" } do
            assert.is_true(passes(build(pattern), "xab", 1), pattern)
        end
        assert.is_false(passes(build "ab$", "abc", 0))
        assert.is_false(passes(build "ab(?:$|c)", "abd", 0))
        assert.is_true(passes(build "(?m)ab$", "ab\nc", 0))
    end)

    it("lets assertions pass that look at what it does not see", function()
        assert.is_true(passes(build [[\bkey\b]], "akeyb", 1))
        assert.is_true(passes(build [[^key$]], "akey", 1))
    end)

    it("is not there when it could not reject anything", function()
        assert.is_nil((build "a*"))
        assert.is_nil((build "(?s)."))
        assert.is_nil((build "(?:)"))
        assert.is_nil((build("key[a-z]*", 4))) -- from the MATCH on
    end)

    it("looks at no more than so many bytes", function()
        local guard = build(("a{%d}b"):format(DEPTH + 40), 0, 1000)
        assert.is_false(passes(guard, ("a"):rep(DEPTH - 1) .. "c", 0))
        assert.is_true(passes(guard, ("a"):rep(DEPTH + 1) .. "c", 0))
    end)

    it("has no more states than it is given", function()
        for _, most in ipairs { 3, 4, 10, 96, 1000 } do
            local guard = build("(?:abc|xyz|[0-9]{20}){3}", 0, most)
            assert.is_true(guard.states <= most)
            assert.equal(guard.states << guard.shift, #guard.table // 2)
            assert.equal(256, #guard.columns)
        end
        assert.is_true(build("(?:abc|xyz|[0-9]{20}){3}", 0, 1000).states > 50)
    end)

    it("of thousands of alternatives is made in time, and still rejects", function()
        local words = {}
        for i = 1, 3000 do words[i] = ("w%x%xq"):format(i * 7919 % 4096, i) end
        local guard = build(table.concat(words, "|"), 0, 96)
        assert.is_true(passes(guard, words[77], 0))
        assert.is_false(passes(guard, "v", 0))
    end)

    it("is the same every time", function()
        assert.same(build "(a|b)*c[0-9]{3}", build "(a|b)*c[0-9]{3}")
    end)

    it("never rejects a place from which the code matches", function()
        local random = random_regex.generator(5)
        local held, rejected, guards = 0, 0, 0
        for _ = 1, CASES do
            local tree = parse(random_regex.pattern(random, random(5)), random(3) == 1 and "i" or "")
            if tree then
                local emitted = assert(emit.emit(tree))
                local code, classes = emit.pack(emitted)
                local list = anchors.anchors(tree, emitted)
                local entry = list and list[random(#list)].entry or 0
                local guard = native.guard(code, classes, entry, ({ 3, 8, 96 })[random(3)])
                if guard then
                    guards = guards + 1
                    local text = random_regex.text(random, 10) .. sample(tree, random) .. random_regex.text(random, 6)
                    for at = 0, #text do
                        if not passes(guard, text, at) then
                            rejected = rejected + 1
                            assert.is_nil(next(runner.ends(emitted, text, at, entry)))
                        else
                            held = held + 1
                        end
                    end
                end
            end
        end
        assert.is_true(guards > CASES / 3 and held > CASES and rejected > CASES)
    end)
end)

describe("native.guard", function()
    local code, classes = emit.pack(assert(emit.emit(assert(parse "a[bc]d"))))

    it("refuses what it cannot trust", function()
        assert.has_error(function() native.guard(code, classes, 99, 96) end)
        assert.has_error(function() native.guard(code, classes, 0, 2) end)
        assert.has_error(function() native.guard(code, classes, 0, 65536) end)
        assert.has_error(function() native.guard(code:sub(2), classes, 0, 96) end)
        assert.has_error(function() native.guard(code:sub(1, -25), classes, 0, 96) end)
        assert.has_error(function() native.guard(code, "", 0, 96) end)
        assert.has_error(function() native.guard("", "", 0, 96) end)
    end)
end)
