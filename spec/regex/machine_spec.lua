-- The regex machine in C (kernels/regex_tile.h) through native.regex, and hunch.regex, its public face.
-- Random patterns: spec/fuzz/regex_spec.lua; the conformance vectors: spec/peers.
local emit = require "hunch.regex.emit"
local native = require "hunch.native"
local object = require "hunch.regex.object"
local parse = require "hunch.regex.parse".parse

local C = native.constants

local function matches(pattern, text, flags)
    return assert(object.new(pattern, flags)):matches(text)
end

describe("hunch.regex", function()
    it("finds all matches and their groups", function()
        assert.same({ { { 2, 4 }, { 2, 3 }, { 4, 4 } }, { { 6, 8 }, { 6, 8 }, false } },
            matches("(a+)(b)?", "xaab aaa"))
        assert.same({}, matches("q", "xaab aaa"))
    end)

    it("reports empty matches with last = first - 1, none beside the match before", function()
        assert.same({ { { 1, 1 } }, { { 3, 2 } }, { { 4, 4 } } }, matches("a*", "abca"))
        assert.same({ { { 1, 0 } } }, matches("", ""))
        assert.same({ { { 1, 0 } }, { { 2, 1 } } }, matches("", "x"))
    end)

    it("prefers as RE2 does", function()
        assert.same({ { { 1, 1 } }, { { 2, 2 } } }, matches("a|ab|b", "ab"))
        assert.same({ { { 1, 2 } } }, matches("(?:a|ab)(?:c|bcd)?$|ab", "ab"))
        assert.same({ { { 1, 1 } }, { { 2, 2 } }, { { 3, 3 } } }, matches("a+?", "aaa"))
        assert.same({ { { 1, 3 } } }, matches("a{2,3}", "aaa"))
        assert.same({ { { 1, 2 } } }, matches("a{2,3}?", "aaa"))
    end)

    it("forgets which states it met, however many bytes have passed", function()
        -- The state behind x is met twice, so many steps apart that a count of 16 bits comes round.
        for gap = 65530, 65540 do
            local text = "x" .. ("a"):rep(gap) .. "xzy"
            assert.same({ { { 1, #text } } }, matches("(?:xz?|a)*y", text))
        end
    end)

    it("knows flags, names and the number of groups", function()
        local regex = assert(object.new("(?P<user>\\w+)@(?P<host>\\w+)|(x)", "i"))
        assert.equal(3, regex.groups)
        assert.same({ user = 1, host = 2 }, regex.names)
        assert.equal("i", regex.flags)
        assert.same({ { { 1, 2 } } }, matches("AB", "ab", "i"))
        assert.same({ { { 2, 2 } } }, matches("a$", "ba"))
        assert.same({ { { 1, 1 } }, { { 3, 3 } } }, matches("^a", "a\na", "m"))
        assert.same({ { { 1, 3 } } }, matches(".*", "a\nb", "s"))
    end)

    it("says what is wrong with a pattern, and where", function()
        local regex, problem = object.new "ab(c"
        assert.is_nil(regex)
        assert.is_string(problem.message)
        assert.equal(3, problem.position)
        regex, problem = object.new("a", "q")
        assert.is_nil(regex)
        assert.matches("q", problem.message, 1, true)
        assert.is_nil((object.new "(?=a)"))
        assert.is_nil((object.new "(a)\\1"))
        assert.is_nil((object.new "(?:(?:a{100}b){100}c){10}"))
    end)

    it("answers for one place", function()
        local regex = assert(object.new "(a+)|c\\b")
        assert.same({ { 2, 4 }, { 2, 4 } }, regex:match_at("baaac", 2))
        assert.same({ { 3, 4 }, { 3, 4 } }, regex:match_at("baaac", 3))
        assert.same({ { 5, 5 }, false }, regex:match_at("baaac", 5))
        assert.is_nil(regex:match_at("baaac", 1))
        assert.is_nil(regex:match_at("baaac", 6))
        assert.same({ { 6, 5 } }, assert(object.new "$"):match_at("baaac", 6))
        assert.has_error(function() regex:match_at("baaac", 0) end)
        assert.has_error(function() regex:match_at("baaac", 7) end)
    end)

    it("looks at the bytes before the place it is asked about", function()
        local regex = assert(object.new "\\bb|^c|\\Aa")
        assert.is_nil(regex:match_at("abc", 2))
        assert.same({ { 3, 3 } }, regex:match_at("a b", 3))
        assert.is_nil(regex:match_at("abc", 3))
        assert.same({ { 1, 1 } }, regex:match_at("abc", 1))
    end)

    it("takes any bytes", function()
        local all = {}
        for i = 0, 255 do all[i + 1] = string.char(i) end
        local text = table.concat(all)
        assert.equal(256, #matches("(?s).", text))
        assert.equal(255, #matches(".", text))
        assert.same({ { { 1, 1 } } }, matches("\\x00", text))
        assert.same({ { { 256, 256 } } }, matches("\\xff", text))
        assert.same({ { { 129, 256 } } }, matches("[\\x80-\\xff]+", text))
    end)

    it("counts high", function()
        local regex = assert(object.new "a{1000}b?")
        assert.same({ { { 1, 1000 } }, { { 1001, 2001 } } }, regex:matches(("a"):rep(2000) .. "b"))
        assert.same({}, regex:matches(("a"):rep(999)))
        local many = assert(object.new "(?:[ab]{30}c?){30}$")
        assert.equal(1, #many:matches(("ab"):rep(450)))
    end)

    it("is one object for many texts, and keeps nothing of them", function()
        local regex = assert(object.new "(a)|(b)")
        for _ = 1, 50 do
            assert.same({ { { 1, 1 }, { 1, 1 }, false } }, regex:matches "a")
            assert.same({ { { 1, 1 }, false, { 1, 1 } } }, regex:matches "b")
        end
    end)

    it("survives an eager collector", function()
        collectgarbage("setpause", 0)
        for i = 1, 100 do
            local regex = assert(object.new(("(a{%d})(b)?|(?s:.*c)|x"):format(i)))
            local list = regex:matches(("a"):rep(300) .. ("x"):rep(20))
            assert.is_true(#list >= 20)
        end
        collectgarbage("setpause", 200)
        collectgarbage()
    end)
end)

describe("native.regex", function()
    local code, classes = emit.pack(assert(emit.emit(assert(parse "a(b|[cd]{2,3})*\\b"))))
    local info = { states = 0, groups = 1 }
    for _, i in ipairs(assert(emit.emit(assert(parse "a(b|[cd]{2,3})*\\b"))).code) do
        info.states = i.state + 1
    end

    it("takes code that is in order", function()
        assert.same({ { { 2, 5 }, { 4, 5 } } }, native.regex(code, classes, info):matches "xabcc")
    end)

    it("refuses wrong arguments", function()
        assert.has_error(function() native.regex(code) end)
        assert.has_error(function() native.regex(code, classes, {}) end)
        assert.has_error(function() native.regex(code, classes, { states = info.states }) end)
        assert.has_error(function() native.regex(code, classes, { states = info.states + 1, groups = 1 }) end)
        assert.has_error(function() native.regex(code, classes, { states = info.states, groups = 0 }) end)
        assert.has_error(function() native.regex(code, classes, { states = info.states, groups = 1, first = "x" }) end)
        assert.has_error(function() native.regex(code, "", info) end)
        assert.has_error(function() native.regex(code:sub(1, -2), classes, info) end)
        assert.has_error(function() native.regex("", "", info) end)
        assert.has_error(function() getmetatable(native.regex(code, classes, info)).__index = {} end)
    end)

    --- One field of one instruction made wrong.
    it("refuses damaged code, or runs it without harm", function()
        local random = require "support.random_regex".generator(3)
        local refused, ran = 0, 0
        for _ = 1, 20000 do
            local at = random(#code)
            local damaged = code:sub(1, at - 1) .. string.char(random(256) - 1) .. code:sub(at + 1)
            local ok, regex = pcall(native.regex, damaged, classes, info)
            if ok then
                regex:matches "xabccabcdcdb acc"
                ran = ran + 1
            else
                refused = refused + 1
            end
        end
        assert.is_true(refused > 1000 and ran > 1000, refused .. " " .. ran)
    end)

    it("has the limits of the layout", function()
        local too_many = { states = C.HP_MAX_STATES + 1, groups = 0 }
        assert.has_error(function() native.regex(code, classes, too_many) end)
        assert.has_error(function() native.regex(code, classes, { states = 1, groups = C.HP_MAX_GROUPS + 1 }) end)
    end)
end)
