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
        ["string.byte"] = "local s = ('x'):rep(1e5) for i = 1, 1e5 do pcall(string.byte, s, 1, -1) end",
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
        fault = hits("memory", "local t, s = {}, ('y'):rep(5e5)\nfor i = 1, 99 do t[i] = s end\n\ntable.concat(t)",
            { memory = 16 << 20 })
        assert.are.equal(4, fault.line)
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
        assert.are.equal(2, raises("without text; call error with a message", "\nerror ''").line)
        raises("without text", "error('\\0', 0)")
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
