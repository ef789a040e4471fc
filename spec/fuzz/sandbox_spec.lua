-- Random rule scripts, most of them nonsense, under random small budgets: each ends as data or as a failure with a
-- message, the check pass judges all data, and a host function asked twice says the same twice.
-- Under AddressSanitizer this is where a missing check of an argument shows.
local check = require "hunch.passes.check"
local figures = require "support.figures"
local generator = require("support.random").generator
local native = require "hunch.native"

local setup = assert(io.open(assert(package.searchpath("hunch.dsl", package.path)), "rb")):read "a"
local COUNT = os.getenv "HUNCH_SOAK" and 200000 or os.getenv "HUNCH_SAN" and 1000 or 4000

local ATOMS = { "1", "0", "-1", "1 << 62", "1e308", "0/0", "'x'", "''", "'%d+'", "'(a*)%1'", "('ab'):rep(999)", "nil",
    "true", "{}", "{ 1, 2, 3 }", "{ a = 1 }", "string", "table", "_G", "f", "t", "s", "n", "mt", "setmetatable({}, mt)",
    "function(...) return ... end", "function(a, b) return a < b end", "pairs(t)", "string.gmatch(s, '.')" }
local FUNCTIONS = { "pcall", "xpcall", "error", "tostring", "tonumber", "setmetatable", "getmetatable", "pairs", "next",
    "ipairs", "select", "rawget", "rawlen", "rawequal", "assert", "string.rep", "string.find", "string.match",
    "string.gsub", "string.gmatch", "string.format", "string.byte", "string.char", "string.sub", "string.pack",
    "string.unpack", "string.upper", "table.concat", "table.insert", "table.remove", "table.sort", "table.move",
    "table.unpack", "table.pack", "utf8.char", "utf8.len", "utf8.codepoint", "utf8.offset", "utf8.codes", "math.max",
    "rule 'r'", "rule", "regex", "path", "any", "all", "none", "at_least", "lit", "hex", "count", "near", "entropy",
    "luhn", "checksum", "except", "only", "field", "condition", "host", "taint", "call", "f" }
local OPERATORS = { "+", "-", "*", "..", "<", "==", "//", "%", "&", "and", "or", ">>", "^" }
local EVENTS = { "__index", "__newindex", "__call", "__tostring", "__len", "__concat", "__close", "__eq", "__lt",
    "__pairs", "__metatable", "__name", "__gc", "__mode" }
local FIELDS = { "title", "prefilter", "confirm", "examples", "meta", "tags", "patterns" }

--- Writers of random expressions and statements.
local function writer(random)
    local function pick(list) return list[random(#list)] end
    local expression
    local function call(depth)
        local arguments = {}
        for i = 1, random(4) - 1 do arguments[i] = expression(depth - 1) end
        return pick(FUNCTIONS) .. "(" .. table.concat(arguments, ", ") .. ")"
    end
    function expression(depth)
        local kind = random(depth > 0 and 8 or 2)
        if kind <= 2 then return pick(ATOMS) end
        if kind <= 5 then return call(depth) end
        local a, b = expression(depth - 1), expression(depth - 1)
        if kind == 6 then return "((" .. a .. ") " .. pick(OPERATORS) .. " (" .. b .. "))" end
        if kind == 7 then return "{ " .. a .. ", a = " .. b .. ", [(" .. b .. ") or 1] = " .. a .. " }" end
        return "(function(...) local s, t, n = ... return " .. a .. " end)"
    end
    local function statement(depth)
        local kind = random(depth > 0 and 9 or 3)
        local a = expression(depth)
        if kind == 1 then return "t[(" .. a .. ") or 1] = " .. expression(depth) end
        if kind == 2 then return "mt." .. pick(EVENTS) .. " = " .. a end
        if kind == 3 then return "rule 'x' { " .. pick(FIELDS) .. " = " .. a .. " }" end
        local inner = statement(depth - 1)
        if kind == 4 then return "for k, v in pairs(" .. a .. ") do " .. inner .. " end" end
        if kind == 5 then return "do local c <close> = setmetatable({}, mt) " .. inner .. " end" end
        if kind == 6 then return "if " .. a .. " then " .. inner .. " end" end
        return "pcall(function() " .. inner .. " end)"
    end
    return expression, statement
end

local PRELUDE = "local mt, t, s, n = {}, {}, 'abc', 3 local f = function(...) return ... end\n"

local function random_script(random, statement)
    local lines = { PRELUDE }
    for _ = 1, random(12) do
        local line = statement(3)
        lines[#lines + 1] = random(4) > 1 and "pcall(function() " .. line .. " end)" or line
    end
    return table.concat(lines, "\n")
end

local function judge(source, rules)
    local file = { name = "f.lua", text = source, index = 1 }
    local state = { sources = { file }, sources_by_name = { ["f.lua"] = file }, diagnostics = {}, rules = rules }
    for i, rule in ipairs(rules) do rule.index = i end
    check.run(state)
    for _, d in ipairs(state.diagnostics) do assert.are.equal("f.lua", d.file) end
end

--- What a call came to, without what differs from run to run: nothing should.
local function outcome(result, fault)
    if result == nil then return fault.limit or fault.message end
    if type(result) ~= "table" then return tostring(result) end
    return table.concat({ result.first or "", result.last or "", result.severity or "", result.title or "",
        result.meta or "" }, "|")
end

describe("random rule scripts", function()
    it("end as data or as a failure", function()
        local random = generator(20240607)
        local _, statement = writer(random)
        local seen = { data = 0, failed = 0, rules = 0, before = 0 }
        for _ = 1, COUNT do
            local source = random_script(random, statement)
            local limits = { memory = (60 + random(random(2) == 1 and 300 or 8000)) * 1024,
                             instructions = 1000 + random(random(2) == 1 and 20000 or 300000) }
            local rules, fault, before = native.sandbox(source, "f.lua", setup, limits)
            if rules then
                seen.data, seen.rules = seen.data + 1, seen.rules + #rules
                judge(source, rules)
            else
                seen.failed = seen.failed + 1
                assert.is_true(#fault.message > 0)
                seen.before = seen.before + (before and #before or 0)
                judge(source, before or {})
            end
        end
        figures.say("%s random rule scripts: %s came to data, %s to a failure with a message", COUNT, seen.data,
            seen.failed)
        for _, kind in ipairs { "data", "failed", "rules", "before" } do
            assert.is_true(seen[kind] > COUNT / 20, kind)
        end
    end)

    it("answer the same when a host function is asked again", function()
        local random = generator(77)
        local expression, statement = writer(random)
        local asked = 0
        for _ = 1, COUNT // 4 do
            local source = PRELUDE .. "rule 'h' { confirm = { host(function(match, record) local s = match.text "
                .. statement(2) .. " return " .. expression(2) .. " end) } }"
            local object = native.sandbox_host(source, "f.lua", setup, { memory = 4 << 20, instructions = 100000 })
            if object then
                local match = { rule = "h", text = "abc", first = 1, last = 3, captures = { { 1, 2 }, false } }
                local record = { name = "x", data = "abcdef" }
                local first = outcome(object:call(1, match, record))
                for _ = 1, 2 do assert.are.equal(first, outcome(object:call(1, match, record)), source) end
                asked = asked + 1
            end
        end
        figures.say("%s host functions asked 3 times each; 0 differences", asked)
        assert.is_true(asked > COUNT / 40, asked .. " asked")
    end)
end)
