-- The library functions of rule scripts: what stock Lua's answer, and errors in place of faults.
local native = require "hunch.native"
local sorted = require "support.sorted"

local setup = assert(io.open(assert(package.searchpath("hunch.dsl", package.path)), "rb")):read "a"

-- Small budgets, so that every case ends at once.
local SMALL = { memory = 16 << 20, instructions = 2000000, seconds = 5 }

local function run(source, limits)
    return native.sandbox(source, "t.lua", setup, limits or SMALL)
end

--- The script runs to its end and its one rule's title is what it computed.
local function value(expression)
    local rules, fault = run("rule 'x' { title = " .. expression .. " }")
    assert(rules, fault and fault.message)
    return rules[1].title
end

local function raises(part, source)
    local rules, fault = run(source)
    assert.is_nil(rules, "this script must not load: " .. source)
    assert.are.equal("script", fault.kind, fault.message)
    assert.is_truthy(fault.message:find(part, 1, true), fault.message)
end

describe("library functions", function()
    -- Expressions whose value must be that of stock Lua.
    local SAME = {
        "string.find('hello world', 'o w')", "string.find('hello', 'l+')", "string.find('a.b', '.', 1, true)",
        "string.find('abc', 'b', -1)", "string.find('abc', '', 10)", "string.find('abc', '', 4)",
        "string.match('key = value', '^(%w+)%s*=%s*(%w+)$')", "string.match('2024-01-02', '(%d+)-(%d+)')",
        "string.match('  trim ', '^%s*(.-)%s*$')", "string.match('abc', '()b()')",
        "string.match('[[x]]', '%[%[(.-)%]%]')",
        "string.match('f(a(b)c)d', '%b()')",
        "string.match('THE (quick) fox', '%f[%a]%a+', 5)",
        "string.match('abab', '(ab)%1')", "string.match('x]y', '[]]')", "string.match('x^y', '[x^]+')",
        "string.match('a-z', '[a-]+')", "string.match('héllo', '[\\xC3\\xA9]+')", "string.match('abc', '[^%a]')",
        "string.match('aXb', '%u')", "string.match('a\\0b', '%z')", "string.match('a\\0b', '[%z]')",
        "string.match('abc', '.-c$')", "string.match('a$', 'a$$')", "string.match('a+b', 'a%+b')",
        "string.gsub('hello', 'l', 'L')", "string.gsub('hello', '', '-')", "string.gsub('abc', '%w', '%0%0')",
        "string.gsub('abc def', '(%w+) (%w+)', '%2 %1')", "string.gsub('abc', 'b', '%%')",
        "string.gsub('abc', '^a', 'x')",
        "string.gsub('aaa', 'a', 'b', 2)", "string.gsub('abc', '%w', { a = 1, b = true and 'B', c = false })",
        "string.gsub('abc', '%w', function(c) if c == 'b' then return 7 end end)",
        "string.gsub('abc', 'x*', '-')",
        "string.gsub('a b', '%s+$', '')",
        "(function() local t = {} for a, b in string.gmatch('k=v, l=w', '(%w)=(%w)') do"
            .. " t[#t + 1] = a .. b end return table.concat(t, ' ') end)()",
        "(function() local n = 0 for _ in string.gmatch('aXbX', 'X*') do n = n + 1 end return n end)()",
        "(function() local t = {} for w in string.gmatch('one two', '%a+', 3) do t[#t + 1] = w end return t[1] end)()",
        "string.rep('ab', 3, ',')", "string.rep('', 5)", "string.rep('x', -1)",
        "string.format('%5.2f|%d|%s|%q|%x|%-5s|%%', 3.14159, 42, nil, 'a\\nb', 255, 'x')", "('%s'):format(true)",
        "table.concat({ 1, 2, 'x' }, '-')", "table.concat({ 1, 2, 3 }, ',', 2)", "table.concat({}, 'x')",
        "table.concat(table.move({ 1, 2, 3, 4 }, 2, 4, 1), ',')", "table.concat(table.move({ 1, 2, 3 }, 1, 3, 2), ',')",
        "table.concat(table.move({ 1, 2, 3 }, 1, 3, 3, { 9, 9 }), ',')", "table.unpack({ 1, 2, 3 }, 2)",
        "table.unpack({ 1, nil, 3 }, 1, 3)", "table.pack(1, nil, 3).n", "select('#', table.unpack({}, 1, 3))",
        "(function() local t = { 1, 2 } table.insert(t, 3) table.insert(t, 1, 0) return table.concat(t, ',') end)()",
        "(function() local t = { 1, 2, 3 } local x = table.remove(t, 1) return x .. table.concat(t, ',') end)()",
        "(function() local t = {} return tostring(table.remove(t)) .. #t end)()",
        "(function() local t = { 5, 2, 8, 1, 9, 3 } table.sort(t) return table.concat(t, ',') end)()",
        "(function() local t = { 'b', 'B', 'a', 'A' } table.sort(t) return table.concat(t, ',') end)()",
        "(function() local t = { 3, 1 } table.sort(t, function(a, b) return a > b end) return table.concat(t) end)()",
        "utf8.char(228, 8364)", "utf8.len('äö')", "#utf8.charpattern", "utf8.codepoint('ä')", "utf8.offset('aäb', 3)",
        "(function() local n = 0 for _, c in utf8.codes('äb') do n = n + c end return n end)()",
        "string.byte('abc', 1, -1)", "string.char(72, 105)", "('x'):upper() .. ('Y'):lower() .. ('ab'):reverse()",
        "('hello'):sub(-3, -2)", "#('x'):rep(10)", "tonumber('0x10')", "tonumber('zz', 36)", "tonumber('x')",
        "tostring(1.5)", "tostring(nil)", "tostring(setmetatable({}, { __tostring = function() return 'me' end }))",
        "math.floor(2.5)", "math.type(1)", "math.max(1, 3, 2)", "string.unpack('<I2', string.pack('<I2', 258))",
        "select(-1, 1, 2, 3)", "select(pcall(error, 'x') and 2 or 2, pcall(error, 'x'))", "#table.pack(pcall(error))",
        "select(2, xpcall(error, function(m) return m .. '!' end, 'x'))",
        "xpcall(function(...) return select('#', ...) end, tostring, 1, 2)",
        "rawequal('a', 'a')", "rawlen({ 1, 2 })", "rawget({ a = 1 }, 'a')", "#{ next {} }", "type(pairs {})",
    }
    for _, expression in ipairs(SAME) do
        it("answer " .. expression, function()
            local expected = table.pack(assert(load("return " .. expression))())
            local rules, fault = run("rule 'x' { title = table.pack(" .. expression .. ") }")
            assert(rules, fault and fault.message)
            assert.are.same(expected, rules[1].title)
        end)
    end

    for source, part in sorted {
        ["string.format('%999999999d', 1)"] = "invalid conversion",
        ["string.format('%d', 'x')"] = "number expected",
        ["string.find('a', '[a')"] = "missing ']'",
        ["string.find('a', '%')"] = "ends with '%'",
        ["string.find('a', '(a')"] = "unfinished capture",
        ["string.find('a', 'a)')"] = "invalid pattern capture",
        ["string.find('a', '%1')"] = "invalid capture index",
        ["string.find('a', '%f')"] = "missing '['",
        ["string.find('a', '%b')"] = "missing arguments",
        ["string.find('a', ('(a)'):rep(33))"] = "too many captures",
        ["string.gsub('a', 'a', '%2')"] = "invalid capture index",
        ["string.gsub('a', 'a', '%x')"] = "invalid use of '%'",
        ["string.gsub('a', 'a', function() return {} end)"] = "invalid replacement value",
        ["string.gsub('a', 'a')"] = "string, function or table expected",
        ["string.rep('x', 1 << 62)"] = "resulting string too large",
        ["table.concat({ {} })"] = "invalid value (at index 1)",
        ["table.insert({}, 5, 1)"] = "position out of bounds",
        ["table.insert({})"] = "wrong number of arguments",
        ["table.unpack({}, 1, 1e8)"] = "too many results",
        ["table.sort({ 1, 'x' })"] = "attempt to compare",
        ["table.sort({ 1, nil, 3 })"] = "cannot sort a list with a hole",
        ["tostring()"] = "value expected",
        ["setmetatable(1, {})"] = "table expected",
    } do
        it("refuse " .. source, function() raises(part, "local _ = " .. source) end)
    end

    it("repeat nothing in no time", function()
        assert.are.equal("", value "string.rep('', 1 << 60, '')") -- stock Lua counts to 2^60
    end)

    it("sort with a comparison that contradicts itself", function()
        assert.are.equal(100, value [[(function()
            local t, n = {}, 0
            for i = 1, 100 do t[i] = i * 37 % 101 end
            table.sort(t, function() n = n + 1 return n % 3 == 0 end)
            return #t
        end)()]])
    end)

    it("match as stock Lua does, on random patterns", function()
        local state = 12345
        local function random(n)
            state = (state * 1103515245 + 12345) & 0x7fffffff
            return (state >> 8) % n + 1
        end
        local pieces = { "a", "b", ".", "%a", "%d", "[ab]", "[^a]", "[a-c]", "(", ")", "()", "%1", "$", "^", "%b()",
            "%f[a]", "-", "*", "+", "?", "[%w_]", "%%", "1", "]", "[]a]", "%s" }
        local letters = { "a", "b", "c", "(", ")", "1", " ", "%", "]", "-" }
        local cases = {}
        for _ = 1, 600 do
            local pattern, text = {}, {}
            for i = 1, random(6) do pattern[i] = pieces[random(#pieces)] end
            for i = 1, random(12) do text[i] = letters[random(#letters)] end
            cases[#cases + 1] = { table.concat(pattern), table.concat(text) }
        end
        local source, expected = { "local r = {}" }, {}
        for i, case in ipairs(cases) do
            source[#source + 1] = ("r[%d] = table.pack(pcall(string.find, %q, %q))"):format(i, case[2], case[1])
            source[#source + 1] = ("r[%d].g = table.pack(pcall(string.gsub, %q, %q, '<%%0>'))"):format(i, case[2],
                case[1])
            expected[i] = table.pack(pcall(string.find, case[2], case[1]))
            expected[i].g = table.pack(pcall(string.gsub, case[2], case[1], "<%0>"))
        end
        source[#source + 1] = "rule 'x' { title = r }"
        local rules, fault = run(table.concat(source, "\n"), {})
        assert(rules, fault and fault.message)
        local compared = 0
        for i, case in ipairs(cases) do
            local got, want = rules[1].title[i], expected[i]
            -- A faulty pattern may be refused earlier than stock Lua gets to the fault.
            if want[1] and got[1] then
                assert.are.same(want, got, ("pattern %q text %q"):format(case[1], case[2]))
                compared = compared + 1
            elseif not want[1] then
                assert.is_false(got[1], ("pattern %q text %q"):format(case[1], case[2]))
            end
        end
        assert.is_true(compared > 250, "only " .. compared)
    end)
end)
