-- Untrusted rule scripts: what they cannot reach, which limits fire, and that nothing swallows one.
local native = require "hunch.native"
local sorted = require "support.sorted"

local setup = assert(io.open(assert(package.searchpath("hunch.dsl", package.path)), "rb")):read "a"

-- Small budgets, so that every case ends at once.
local SMALL = { memory = 16 << 20, instructions = 2000000, seconds = 5 }

local function run(source, limits)
    return native.sandbox(source, "t.lua", setup, limits or SMALL)
end

local function failure(source, limits)
    local rules, fault = run(source, limits)
    assert.is_nil(rules, "this script must not load: " .. source:sub(1, 80))
    return fault
end

--- The script runs to its end and its one rule's title is what it computed.
local function value(expression)
    local rules, fault = run("rule 'x' { title = " .. expression .. " }")
    assert(rules, fault and fault.message)
    return rules[1].title
end

local function hits(limit, source, limits)
    local fault = failure(source, limits)
    assert.are.equal("limit", fault.kind, fault.message)
    assert.are.equal(limit, fault.limit, fault.message)
    return fault
end

local function raises(part, source)
    local fault = failure(source)
    assert.are.equal("script", fault.kind, fault.message)
    assert.is_truthy(fault.message:find(part, 1, true), fault.message)
    return fault
end

describe("what a rule script finds", function()
    for _, name in ipairs { "io", "os", "debug", "package", "require", "load", "loadfile", "dofile", "loadstring",
        "collectgarbage", "coroutine", "print", "warn", "rawset" } do
        it("is not " .. name, function() assert.are.equal("nil", value("type(" .. name .. ")")) end)
    end

    for _, name in ipairs { "string.dump", "math.random", "math.randomseed" } do
        it("is not " .. name, function() assert.are.equal("nil", value("type(" .. name .. ")")) end)
    end

    it("is nothing by way of the string metatable", function()
        assert.are.equal(false, value "getmetatable('')")
        raises("attempt to index a boolean value", "getmetatable('').__index = nil")
        assert.are.equal(true, value "('x').rep == string.rep")
    end)

    it("is not the real table of globals", function()
        assert.are.equal("nil", value "type(_G.io)")
        assert.are.equal("nil", value "type(rawget(_G, 'string'))")
        assert.are.equal(false, value "getmetatable(_G)")
        raises("cannot change a protected metatable", "setmetatable(_G, {})")
    end)

    it("is an environment of its own that it may write to", function()
        assert.are.equal(3, value "(function() x = 1 y = 2 return x + y end)()")
    end)

    it("shows no address", function()
        for _, expression in ipairs { "tostring({})", "tostring(print or tostring)", "string.format('%s', {})",
            "('%s'):format(tostring)" } do
            assert.is_nil(value(expression):find "0x", expression)
        end
        raises("rule scripts have none", "string.format('%p', {})")
        raises("rule scripts have none", "string.format('%-20p', {})")
    end)

    it("walks tables in one order", function()
        local expression = [[(function()
            local t, keys = { zebra = 1, apple = 2, [3] = 1, [1.5] = 1, [true] = 1, [false] = 1, ["10"] = 1 }, {}
            for i = 1, 50 do t["k" .. i] = i end
            for i = 1, 50 do t["k" .. i] = nil end
            for key in pairs(t) do keys[#keys + 1] = tostring(key) end
            return table.concat(keys, " ") .. " " .. tostring(next(t)) .. " " .. tostring(next {})
        end)()]]
        assert.are.equal("1.5 3 10 apple zebra false true 1.5 nil", value(expression))
        raises("has no fixed order", "for k in pairs({ [{}] = 1 }) do end")
        raises("use pairs", "next({ 1, 2 }, 1)")
    end)

    it("may change a table while it walks it", function()
        assert.are.equal("1 2", value [[(function()
            local t, seen = { 1, 2, 3, 4 }, {}
            for k in pairs(t) do seen[#seen + 1] = k t[3], t[4] = nil, nil end
            return table.concat(seen, " ")
        end)()]])
    end)

    it("may call an iterator with anything", function()
        assert.are.equal("a", value "(function() local f = pairs({ a = 1 }) return (f(1, {})) end)()")
        assert.are.equal("x", value "(function() local f = string.gmatch('xy', '.') return (f({}, 1)) end)()")
    end)

    it("has metatables without finalisers and weak references", function()
        assert.are.equal("6/true", value [[(function()
            local class = { __index = { double = function(self) return self.n * 2 end } }
            local object = setmetatable({ n = 3 }, class)
            return object:double() .. "/" .. tostring(getmetatable(object) == class)
        end)()]])
        raises("no __gc", "setmetatable({}, { __gc = function() end })")
        raises("no __mode", "setmetatable({}, { __mode = 'k' })")
        raises("no __gc", "setmetatable({}, { __gc = true })")
    end)

    it("cannot add a metamethod behind setmetatable's back", function()
        assert.are.equal("nil", value [[(function()
            local class = {}
            local object = setmetatable({}, class)
            class.__gc, class.__mode, class.__index = 1, "k", { late = "seen" }
            return tostring(object.late)
        end)()]])
    end)

    it("has protected metatables and __pairs", function()
        raises("cannot change a protected metatable", "setmetatable(setmetatable({}, { __metatable = 1 }), nil)")
        assert.are.equal("locked", value "getmetatable(setmetatable({}, { __metatable = 'locked' }))")
        assert.are.equal("a1", value [[(function()
            for k, v in pairs(setmetatable({}, { __pairs = function(t) return function(_, k)
                if not k then return "a", 1 end end, t, nil end })) do return k .. v end
        end)()]])
    end)
end)

describe("a limit", function()
    local ENDLESS = {
        ["an empty loop"] = "while true do end",
        ["a loop of 2^62 steps"] = "for i = 1, 1 << 62 do end",
        ["a goto"] = "::a:: goto a",
        ["a tail call"] = "local function f() return f() end f()",
        ["pcall around a loop"] = "while true do pcall(function() while true do end end) end",
        ["pcall in pcall"] = "pcall(pcall, pcall, function() while true do end end) while true do end",
        ["a handler of xpcall that loops"] = "xpcall(error, function() while true do end end)",
        ["a handler for the limit"] = "xpcall(function() while true do end end, function() while true do end end)",
        ["a loop after the limit"] = "pcall(function() while true do end end) rule 'free' {} while true do end",
        ["an error object that loops"] =
            "pcall(error, setmetatable({}, { __tostring = function() while true do end end })) while true do end",
        ["to-be-closed variables"] = [[
            local mt = { __close = function() while true do end end }
            while true do pcall(function() local a <close> = setmetatable({}, mt) while true do end end) end]],
        ["a closing iterator"] = [[
            local mt = { __close = function() while true do end end }
            for _ in next, nil, nil, setmetatable({}, mt) do end]],
        ["a metamethod"] = "local t = setmetatable({}, { __index = function() while true do end end }) local x = t.x",
        ["an environment"] = "local _ENV = setmetatable({}, { __index = function() while true do end end }) x = y",
        ["a comparison of sort"] = "table.sort({ 2, 1 }, function() while true do end end)",
        ["a replacement of gsub"] = "string.gsub('x', 'x', function() while true do end end)",
        ["an iterator"] = "for _ in function() return 1 end do end",
    }
    for name, source in sorted(ENDLESS) do
        it("of instructions ends " .. name, function() hits("instructions", source) end)
    end

    local WORK = {
        ["an exponential pattern"] = "string.find(('a'):rep(40), ('a?'):rep(40) .. ('a'):rep(40))",
        ["an exponential pattern in match"] = "string.match(('a'):rep(100), ('.-'):rep(20) .. 'b')",
        ["an exponential pattern in gmatch"] = "for _ in string.gmatch(('a'):rep(100), ('a*'):rep(20) .. 'b') do end",
        ["an exponential pattern in gsub"] = "string.gsub(('a'):rep(100), ('a*'):rep(20) .. 'b', '')",
        ["a quadratic search"] = "local s = ('a'):rep(20000) for i = 1, 99 do string.find(s, '.-b') end",
        ["balanced parentheses"] = "local s = ('('):rep(20000) for i = 1, 99 do string.find(s, '%b()') end",
        ["a plain search"] = [[
            local s = ('a'):rep(1e6)
            for i = 1, 1e3 do string.find(s, s:sub(1, 5e5) .. 'b', 1, true) end]],
        ["a back reference"] = "string.find(('a'):rep(1e5), '(a*)%1b')",
        ["table.concat"] = "table.concat(setmetatable({}, { __index = function() return '' end }), '', 1, 1 << 60)",
        ["table.insert"] = "table.insert(setmetatable({}, { __len = function() return 1 << 60 end }), 1, 'x')",
        ["table.remove"] = "table.remove(setmetatable({}, { __len = function() return 1 << 60 end }), 1)",
        ["table.move"] = "table.move({}, 1, 1 << 62, 2)",
        ["table.sort of what is not there"] = [[
            local mt = { __len = function() return 1 << 30 end, __index = function() return 1 end }
            table.sort(setmetatable({}, mt))]],
        ["string.byte"] = "local s = ('x'):rep(1e6) for i = 1, 1e3 do pcall(string.byte, s, 1, -1) end",
        ["string.upper"] = "local s = ('x'):rep(1e6) for i = 1, 1e4 do s:upper() end",
        ["string.format"] = "local s = ('x'):rep(1e6) for i = 1, 1e4 do ('%s'):format(s) end",
        ["string.pack"] = "for i = 1, 1e4 do string.pack('c1000000', 'x') end",
        ["tonumber"] = "local s = (' '):rep(1e6) for i = 1, 1e4 do tonumber(s) end",
        ["utf8.len"] = "local s = ('x'):rep(1e6) for i = 1, 1e4 do utf8.len(s) end",
        ["concatenation"] = "local s = ('x'):rep(1e6) for i = 1, 1e4 do local t = s .. i end",
        ["new tables"] = "for i = 1, 1e9 do local t = {} end",
        ["pairs over many keys"] = "local t = {} for i = 1, 5e4 do t[i] = i end for i = 1, 100 do pairs(t) end",
    }
    for name, source in sorted(WORK) do
        it("of instructions counts " .. name, function() hits("instructions", source) end)
    end

    local LARGE = {
        ["string.rep of 2 GB"] = "local s = ('x'):rep(2000000000)",
        ["string.rep with a separator"] = "local s = ('x'):rep(2, ('y'):rep(9e6))",
        ["doubling"] = "local s = 'x' while true do s = s .. s end",
        ["a long list"] = "local t = {} for i = 1, 1e9 do t[i] = i end",
        ["deep recursion with data"] = "local function f(n) local t = { n } return f(n + 1), t end f(1)",
        ["pcall around doubling"] = "pcall(function() local s = 'x' while true do s = s .. s end end) rule 'free' {}",
        ["a closing variable that raises"] = [[
            local mt = { __close = function() error "swallowed" end }
            pcall(function() local x <close> = setmetatable({}, mt) local s = 'x' while true do s = s .. s end end)
            rule 'free' {}]],
        ["table.concat"] = "local t = {} for i = 1, 40 do t[i] = ('x'):rep(5e5) end table.concat(t)",
        ["string.format"] = "local s = ('x'):rep(3e6) string.format(('%s'):rep(9), s, s, s, s, s, s, s, s, s)",
        ["gsub"] = "string.gsub(('x'):rep(1000), 'x', ('y'):rep(1e5))",
        ["the parser"] = "x = '" .. ("y"):rep(17 << 20) .. "'",
    }
    for name, source in sorted(LARGE) do
        it("of memory ends " .. name, function() hits("memory", source, { memory = 16 << 20 }) end)
    end

    it("of time ends instructions that take long", function()
        local fault = hits("time", [[
            local a, b, n = ('x'):rep(1e6), ('x'):rep(1e6), 0
            while true do if a <= b then n = n + 1 end end]], { instructions = 1 << 60, seconds = 0.05 })
        assert.is_truthy(fault.message:find("50 ms", 1, true))
    end)

    it("leaves garbage out of account", function()
        assert(run("for i = 1, 200 do local s = ('x'):rep(1e6) end rule 'x' {}", { memory = 8 << 20 }))
    end)

    it("names the rule that is being declared", function()
        local fault = hits("instructions",
            "rule 'first' {}\nrule 'second' {\n title = (function() while true do end end)() }")
        assert.are.same({ "second", 3 }, { fault.rule, fault.line })
        assert.is_truthy(fault.message:find('in rule "second"', 1, true))
        fault = hits("instructions", "rule 'first' {}\n\nwhile true do end")
        assert.are.same({ "first", 3 }, { fault.rule, fault.line })
        assert.is_truthy(fault.message:find('after rule "first"', 1, true))
        fault = hits("memory", "\nlocal s = ('x'):rep(1e10)")
        assert.are.same({ 2 }, { fault.line, fault.rule })
    end)

    it("holds for each call anew", function()
        for _ = 1, 3 do assert(run("for i = 1, 400000 do end rule 'x' {}")) end
    end)

    it("of memory is an error at every size", function()
        local source = [[
            local words = {}
            for i = 1, 300 do words[i] = ("word" .. i):rep(3) end
            rule "a" { prefilter = any(words), confirm = { regex "a+", host(function() return true end) },
                title = table.concat(words):gsub("%d", "x"):upper() }]]
        local good, kinds = 0, {}
        for kib = 1, 400, 3 do
            local rules, fault = run(source, { memory = kib << 10 })
            if rules then good = good + 1 else kinds[fault.limit or fault.kind] = true end
        end
        assert.is_true(good > 10)
        assert.are.same({ memory = true }, kinds)
    end)
end)

describe("the C stack", function()
    for name, source in sorted {
        ["parentheses in the source"] = "x = " .. ("("):rep(1e6) .. "1" .. (")"):rep(1e6),
        ["tables in the source"] = "x = " .. ("{"):rep(1e5),
        ["functions in the source"] = ("function f() "):rep(1e4),
        ["concatenations in the source"] = "x = " .. ("'a' .. "):rep(1e5) .. "'a'",
        ["blocks in the source"] = ("do "):rep(1e5),
    } do
        it("is not overrun by " .. name, function()
            local fault = failure(source)
            assert.are.equal("syntax", fault.kind)
            assert.is_truthy(fault.message:find("flatten them", 1, true), fault.message)
        end)
    end

    for name, source in sorted {
        ["calls"] = "local function f() return f() + 1 end f()",
        ["nested pcall"] = "local function f() assert(pcall(f)) end f()",
        ["nested xpcall"] = "local function f() assert(xpcall(f, function(m) return m end)) end f()",
        ["a comparison that sorts"] = "local function f() table.sort({ 1, 2, 3 }, f) return true end f()",
        ["a replacement that replaces"] = "local function f() return (string.gsub('x', 'x', f)) end f()",
        ["__tostring"] = [[
            local mt = {} mt.__tostring = function(x) return tostring(x) end
            tostring(setmetatable({}, mt))]],
        ["__index"] = [[
            local mt = {} mt.__index = function(t, k) return t[k] end
            local x = setmetatable({}, mt).a]],
        ["__concat"] = [[
            local mt = {} mt.__concat = function(a, b) return a .. b end
            local x = setmetatable({}, mt) x = x .. x]],
        ["__pairs"] = "local mt = {} mt.__pairs = function(t) return pairs(t) end pairs(setmetatable({}, mt))",
    } do
        it("is not overrun by " .. name, function()
            local fault = failure(source, { memory = 256 << 20 })
            assert.are.equal("script", fault.kind)
            assert.is_truthy(fault.message:find "stack overflow", fault.message)
        end)
    end

    it("is not overrun by a pattern", function()
        raises("pattern too complex", "string.find(('a'):rep(999), ('a?'):rep(999))")
    end)
end)

describe("what does not run", function()
    it("is bytecode", function()
        local fault = failure(string.dump(function() return 1 end))
        assert.are.equal("syntax", fault.kind)
        assert.is_truthy(fault.message:find("binary", 1, true))
    end)

    it("is broken Lua, with its line", function()
        local fault = failure "rule 'x' {\n  title = ,\n}"
        assert.are.same({ "syntax", 2 }, { fault.kind, fault.line })
        assert.are.equal("unexpected symbol near ','", fault.message)
    end)

    it("raises errors with their line", function()
        assert.are.equal(3, raises("boom", "\n\nerror 'boom'").line)
        assert.are.equal("boom", failure("error 'boom'").message)
        assert.are.equal(2, raises("attempt to index a nil value", "\nlocal x = io.open").line)
        raises("not a string", "error {}")
        raises("not a string", "error(setmetatable({}, { __tostring = function() return 'x' end }))")
    end)

    it("may have a mark of its encoding, a long name and no end of line", function()
        assert.are.equal("x", native.sandbox("\xEF\xBB\xBFrule 'x' {}", "a", setup)[1].name)
        local name = ("folder/"):rep(40) .. "t.lua"
        local _, fault = native.sandbox("\nerror 'boom'", name, setup)
        assert.are.same({ 2, "boom" }, { fault.line, fault.message })
        assert.are.equal(name, native.sandbox("rule 'x' {}", name, setup)[1].where.file)
    end)
end)

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

describe("what comes back", function()
    it("is plain data without sharing", function()
        local rules = assert(run [[
            local shared = { "t" }
            rule "a" { tags = shared, meta = { f = function() end, n = 1, x = 1.5, b = true, [1] = "one" } }
            shared[2] = "later"
            rule "b" { tags = shared, title = setmetatable({ raw = 1 }, { __index = { hidden = 2 } }) }]])
        assert.are.same({ "t" }, rules[1].tags)
        assert.are.same({ "t", "later" }, rules[2].tags)
        assert.are.same({ f = { unsupported = "function" }, n = 1, x = 1.5, b = true, "one" }, rules[1].meta)
        assert.are.equal("integer", math.type(rules[1].meta.n))
        assert.are.same({ raw = 1 }, rules[2].title)
        assert.is_nil(getmetatable(rules[2].title))
    end)

    it("has no keys but plain ones", function()
        local rules = assert(run "rule 'a' { meta = { x = 1, [true] = 2, [1.5] = 3 } }")
        assert.are.same({ x = 1, ["\0boolean"] = 2, [1.5] = 3 }, rules[1].meta)
    end)

    it("is neither deep nor a circle nor endless", function()
        raises("contains itself", "local t = {} t.t = t rule 'a' { meta = t }")
        raises("nested deeper", "local t = {} for i = 1, 200 do t = { t } end rule 'a' { meta = t }")
        local fault = failure("local t = { 1 } for i = 1, 60 do t = { t, t } end rule 'a' { meta = t }")
        assert.are.equal("limit", fault.kind)
    end)

    it("is the same whatever other states do", function()
        local first = assert(run "rule 'a' {}")
        run "string = nil rule = nil"
        assert.are.same(first, assert(run "rule 'a' {}"))
    end)

    it("is not reached by a script that spoils its own environment", function()
        local rules = assert(run [[
            table.insert, string.rep, pairs, ipairs, type, math = nil, nil, nil, nil, nil, nil
            rule "a" { prefilter = any { "x" }, confirm = { except { text = "y" } } }]])
        assert.are.equal("x", rules[1].prefilter.items[1].bytes)
        assert.are.same({ "y" }, rules[1].confirm[1].text)
    end)
end)

describe("host functions", function()
    local function host(source, limits)
        return assert(native.sandbox_host(source, "h.lua", setup, limits or SMALL))
    end
    local MATCH = { rule = "r", severity = "low", text = "key=AKIA12", first = 5, last = 14, line = 2, column = 5,
        captures = { { 9, 14 }, false } }
    local RECORD = { name = "a.txt", data = "one\nkey=AKIA12\n" }
    local function ask(source, limits)
        return host("rule 'r' { confirm = { host(function(match, record) " .. source .. " end) } }", limits):call(1,
            MATCH, RECORD)
    end
    local function answer(expression)
        local changes, fault = ask("return { title = tostring(" .. expression .. ") }")
        assert(changes, fault and fault.message)
        return changes.title
    end

    it("say yes and no", function()
        assert.is_true(ask "return true")
        assert.is_false(ask "return false")
    end)

    it("see the match and the record", function()
        assert.are.equal("r low key=AKIA12 5 14 2 5", answer [[table.concat({ match.rule, match.severity, match.text,
            match.first, match.last, match.line, match.column }, " ")]])
        assert.are.equal("9 14 AKIA12 false", answer [[match.captures[1][1] .. " " .. match.captures[1][2] .. " "
            .. match.captures[1].text .. " " .. tostring(match.captures[2])]])
        assert.are.equal("a.txt 15", answer [[record.name .. " " .. record.size]])
        assert.are.equal("one|AKIA12|\n|", answer [[record:sub(1, 3) .. "|" .. record:sub(9, 14) .. "|"
            .. record:sub(-1) .. "|" .. record:sub(20, 30)]])
        assert.are.equal(RECORD.data, answer "record:sub(1)")
        assert.are.equal(RECORD.data, answer "record:sub(-100, 100)")
    end)

    it("change what is reported", function()
        local changes = ask [[return { first = 9, last = 14, severity = "high", title = "T", meta = { b = 2, a = "x\n",
            c = true, d = 0.5 } }]]
        assert.are.same({ first = 9, last = 14, severity = "high", title = "T",
            meta = '{"a":"x\\u000a","b":2,"c":true,"d":0.5}' }, changes)
        assert.are.same({}, ask "return {}")
        assert.are.same({}, ask "return { first = 5, last = 14 }")
    end)

    for source, part in sorted {
        ["return"] = "not nil",
        ["return 1"] = "not number",
        ["return 'yes'"] = "not string",
        ["return { last = 16 }"] = "does not lie in the record",
        ["return { first = 0 }"] = "does not lie in the record",
        ["return { first = 9, last = 7 }"] = "does not lie in the record",
        ["return { first = 1.5 }"] = "must be an integer",
        ["return { severity = 'worst' }"] = "must be info, low",
        ["return { title = {} }"] = "must be a string",
        ["return { title = '\\xFF' }"] = "must be UTF-8",
        ["return { meta = 'x' }"] = "must be a table",
        ["return { meta = { x = {} } }"] = "may hold strings",
        ["return { meta = { 1 } }"] = "must be strings",
        ["return { meta = { x = 1/0 } }"] = "not finite",
        ["return { colour = 'red' }"] = "unknown change 'colour'",
        ["error 'boom'"] = "boom",
        ["x = 1 return true"] = "globals are read-only",
        ["host(function() end) return true"] = "cannot be called",
    } do
        it("fail on " .. source, function()
            local result, fault = ask(source)
            assert.is_nil(result)
            assert.are.equal("script", fault.kind)
            assert.is_truthy(fault.message:find(part, 1, true), fault.message)
            assert.are.equal("r", fault.rule)
        end)
    end

    it("leave nothing behind", function()
        local object = host [[
            local n, list = 0, {}
            counter = { n = 0 }
            rule "r" { confirm = { host(function(match)
                n = n + 1
                list[#list + 1] = match.text
                counter.n = counter.n + 1
                string.count = (string.count or 0) + 1
                return { title = n .. #list .. counter.n .. string.count }
            end) } }]]
        for _ = 1, 5 do assert.are.equal("1111", object:call(1, MATCH, RECORD).title) end
    end)

    it("leave nothing behind when a limit fires", function()
        local object = host([[
            local list = {}
            rule "r" { confirm = { host(function(match)
                if match.text == "grow" then while true do list[#list + 1] = ("x"):rep(1000) .. #list end end
                if match.text == "loop" then while true do list[1] = 1 end end
                return #list == 0
            end) } }]], { memory = 2 << 20, instructions = 1000000 })
        for _ = 1, 3 do
            for text, limit in pairs { grow = "memory", loop = "instructions" } do
                local result, fault = object:call(1, { rule = "r", text = text }, RECORD)
                assert.is_nil(result)
                assert.are.same({ "limit", limit, "r" }, { fault.kind, fault.limit, fault.rule })
                assert.is_true(object:call(1, { rule = "r", text = "x" }, RECORD))
            end
        end
    end)

    it("are numbered in the order of their declaration", function()
        local object = host [[
            local a = host(function() return { title = "first" } end)
            rule "r" { confirm = { host(function() return { title = "second" } end), a } }]]
        assert.are.equal(2, object:count())
        assert.are.equal("first", object:call(1, MATCH, RECORD).title)
        assert.are.equal("second", object:call(2, MATCH, RECORD).title)
        for _, n in ipairs { 0, 3, -1 } do
            local result, fault = object:call(n, MATCH, RECORD)
            assert.is_nil(result)
            assert.is_truthy(fault.message:find("no such host function", 1, true))
        end
        assert.is_true(#assert(run [[rule "r" { confirm = { host(function() end) } }]]) == 1)
    end)

    it("may be called many times", function()
        local object = host "rule 'r' { confirm = { host(function(m) return m.text:find 'AKIA' ~= nil end) } }"
        for _ = 1, 2000 do assert.is_true(object:call(1, MATCH, RECORD)) end
    end)
end)

describe("limits given by the caller", function()
    it("are above 0 and of the right type", function()
        assert.has_error(function() run("", { memory = -1 }) end)
        assert.has_error(function() run("", { instructions = "x" }) end)
        assert.has_error(function() native.sandbox("", "x", setup, 1) end)
        assert.has_error(function() native.sandbox(nil, "x", setup) end)
    end)

    it("hold for the rule language itself", function()
        local _, fault = native.sandbox("", "x", "while true do end", { instructions = 1000 })
        assert.are.equal("instructions", fault.limit)
        _, fault = native.sandbox("", "x", "not lua")
        assert.are.equal("script", fault.kind)
    end)
end)
