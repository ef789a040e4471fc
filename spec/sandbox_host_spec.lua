-- Host functions: what they see, what they may answer, and that no call leaves anything to another.
local native = require "hunch.native"
local sorted = require "support.sorted"

local setup = assert(io.open(assert(package.searchpath("hunch.dsl", package.path)), "rb")):read "a"

-- Small budgets, so that every case ends at once.
local SMALL = { memory = 16 << 20, instructions = 2000000, seconds = 5 }

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
            end)

    it("may be called many times", function()
        local object = host "rule 'r' { confirm = { host(function(m) return m.text:find 'AKIA' ~= nil end) } }"
        for _ = 1, 2000 do assert.is_true(object:call(1, MATCH, RECORD)) end
    end)
end)
