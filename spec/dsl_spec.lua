-- The rule language: what each constructor leaves (docs/INTERNALS.md, section 2), whatever it is given.
local native = require "hunch.native"
local sorted = require "support.sorted"

local setup = assert(io.open(assert(package.searchpath("hunch.dsl", package.path)), "rb")):read "a"

local function load(source)
    local rules, fault = native.sandbox(source, "rules/d.lua", setup)
    return assert(rules, fault and fault.message)
end

--- Takes the places off, which have specs of their own.
local function bare(value)
    if type(value) ~= "table" then return value end
    local copy = {}
    for key, each in pairs(value) do
        if key ~= "where" then copy[key] = bare(each) end
    end
    return copy
end

local function stage(text) return bare(load("rule 'x' { confirm = { " .. text .. " } }")[1].confirm[1]) end
local function prefilter(text) return bare(load("rule 'x' { prefilter = " .. text .. " }")[1].prefilter) end

local function literal(bytes, flags)
    local node = { kind = "literal", bytes = bytes }
    for flag in (flags or ""):gmatch "%a+" do node[flag] = true end
    return node
end

describe("a rule", function()
    it("has a name, a place and its fields", function()
        local rules = load [[
            rule "a" { title = "T", tags = { "x" }, severity = "high", private = true, global = false, meta = { k = 1 },
                       language = "c" }
            rule("b", { title = "U" })]]
        assert.are.same({
            { name = "a", title = "T", tags = { "x" }, severity = "high", private = true, global = false,
              meta = { k = 1 }, language = "c" },
            { name = "b", title = "U" },
        }, bare(rules))
        assert.are.same({ file = "rules/d.lua", line = 1 }, rules[1].where)
        assert.are.same({ file = "rules/d.lua", line = 3 }, rules[2].where)
    end)

    it("is as it was when it was declared", function()
        local rules = load [[
            local base = { tags = { "a" } }
            for i = 1, 3 do base.title = "t" .. i rule("r" .. i)(base) base.tags[i + 1] = "more" end]]
        assert.are.same({ "t1", "t2", "t3" }, { rules[1].title, rules[2].title, rules[3].title })
        assert.are.same({ 1, 2, 3 }, { #rules[1].tags, #rules[2].tags, #rules[3].tags })
    end)

    it("comes in the order in which bodies are given", function()
        local rules = load "local a, b = rule 'a', rule 'b' b {} a {} rule 'c'"
        assert.are.same({ "b", "a", "c" }, { rules[1].name, rules[2].name, rules[3].name })
        assert.are.same({ nil, nil, true }, { rules[1].unfinished, rules[2].unfinished, rules[3].unfinished })
    end)

    it("keeps what an author may not set apart", function()
        local rule = load "rule 'x' { name = 'y', where = 1, index = 2, kind = 3, shared_patterns = 1 }"[1]
        assert.are.same({ index = true, kind = true, name = true, shared_patterns = true, where = true }, rule.reserved)
        assert.are.equal("x", rule.name)
    end)

    it("takes whatever it is given", function()
        for _, value in ipairs { "1", "'s'", "true", "function() end", "{}", "{ {} }", "{ [1.5] = 1 }" } do
            for _, field in ipairs { "title", "tags", "prefilter", "confirm", "examples", "patterns", "meta" } do
                assert.are.equal(1, #load(("rule 'x' { %s = %s }"):format(field, value)))
            end
            assert.are.equal(1, #load(("rule(%s) {}"):format(value)))
            assert.are.equal(1, #load(("rule 'x' (%s)"):format(value)))
        end
    end)
end)

describe("a place", function()
    it("is the line of the call that stands in the rule file", function()
        local rule = load [[

            local function mine(p)
                local stage = regex(p) return stage
            end
            rule "x" {
                prefilter = any {
                    "a",
                    lit "b" },
                confirm = {
                    mine "c",
                    entropy {
                        at_least = 3 },
                },
            }]][1]
        assert.are.equal(5, rule.where.line)
        assert.are.equal(8, rule.prefilter.items[2].where.line)
        assert.are.equal(3, rule.confirm[1].where.line)
        assert.is_true(rule.confirm[2].where.line == 11 or rule.confirm[2].where.line == 12)
        assert.are.equal("rules/d.lua", rule.confirm[2].where.file)
    end)
end)

describe("prefilters", function()
    it("are lists of literals and lists", function()
        assert.are.same({ kind = "any", items = { literal "a", literal("b", "nocase word") } },
            prefilter "any { 'a', lit('b', 'nocase', 'word') }")
        assert.are.same({ kind = "all", items = { literal "a", { kind = "none", items = { literal "b" } } } },
            prefilter "all { 'a', none { 'b' } }")
        assert.are.same({ kind = "at_least", n = 2, items = { literal "a", literal "b" } },
            prefilter "at_least(2, { 'a', 'b' })")
    end)

    it("may be one literal", function()
        local one = { kind = "any", items = { literal "a" } }
        assert.are.same(one, prefilter "'a'")
        assert.are.same(one, prefilter "lit 'a'")
        assert.are.same(one, prefilter "any 'a'")
        assert.are.same({ kind = "any", items = { { kind = "hex", source = "4D" } } }, prefilter "hex '4D'")
    end)

    it("take arguments in place of a list", function()
        assert.are.same({ kind = "any", items = { literal "a", literal "b" } }, prefilter "any('a', 'b')")
        assert.are.same({ kind = "all", items = { literal "a", literal "b" } }, prefilter "all(lit 'a', lit 'b')")
        assert.are.same({ kind = "at_least", n = 1, items = { literal "a", literal "b" } },
            prefilter "at_least(1, 'a', 'b')")
    end)

    it("keep what does not belong there", function()
        assert.are.same({ kind = "any", items = { 1, { kind = "regex", pattern = "x" } }, flag = true },
            prefilter "any { 1, regex 'x', flag = true }")
        assert.are.same({ "a" }, prefilter "{ 'a' }")
    end)
end)

describe("literals", function()
    it("have bytes and flags", function()
        local odd = { kind = "literal", bytes = "b", unknown_flag = "big" }
        assert.are.same({ kind = "any", items = { literal("a", "wide"), odd } },
            prefilter "any { lit('a', 'wide'), lit('b', 'big') }")
    end)
end)

describe("the stage", function()
    for text, expected in sorted {
        ["regex 'a'"] = { kind = "regex", pattern = "a" },
        ["regex('a', 'i')"] = { kind = "regex", pattern = "a", flags = "i" },
        ["regex { 'a', flags = 'im', capture = 1 }"] = { kind = "regex", pattern = "a", flags = "im", capture = 1 },
        ["regex { pattern = 'a' }"] = { kind = "regex", pattern = "a" },
        ["regex { 'a', 'b' }"] = { kind = "regex", pattern = "a", [2] = "b" },
        ["path 'a'"] = { kind = "path", pattern = "a" },
        ["count { 'a', at_least = 2 }"] = { kind = "count", at_least = 2, target = { kind = "regex", pattern = "a" } },
        ["count { 'a', flags = 'i' }"] = { kind = "count", target = { kind = "regex", pattern = "a", flags = "i" } },
        ["count { lit 'a', at_most = 2 }"] = { kind = "count", at_most = 2, target = literal "a" },
        ["count { hex '4D' }"] = { kind = "count", target = { kind = "hex", source = "4D" } },
        ["near { 'other', within = 3 }"] = { kind = "near", within = 3, target = { kind = "rule", name = "other" } },
        ["near { lit 'a', within = 3 }"] = { kind = "near", within = 3, target = literal "a" },
        ["near { regex 'a', within = 3 }"] = { kind = "near", within = 3, target = { kind = "regex", pattern = "a" } },
        ["entropy { capture = 1, at_least = 3.5 }"] = { kind = "entropy", capture = 1, at_least = 3.5 },
        ["entropy(3)"] = { kind = "entropy", argument = 3 },
        ["luhn { capture = 1 }"] = { kind = "checksum", name = "luhn", of = 1, of_is_capture = true },
        ["luhn {}"] = { kind = "checksum", name = "luhn" },
        ["luhn()"] = { kind = "checksum", name = "luhn" },
        ["checksum { 'iban', of = 1, digits = 2 }"] = { kind = "checksum", name = "iban", of = 1, digits = 2 },
        ["checksum 'iban'"] = { kind = "checksum", name = "iban" },
        ["except { text = 'a', regex = { 'b' } }"] = { kind = "except", text = { "a" }, regex = { "b" } },
        ["except { words = 'list.txt' }"] = { kind = "except", words = "list.txt" },
        ["only { path = regex 'a' }"] = { kind = "only", path = { { kind = "regex", pattern = "a" } } },
        ["field { at = 0, type = 'u8', equal = 1 }"] = { kind = "field", at = 0, type = "u8", equal = 1 },
        ["condition 'true'"] = { kind = "condition", source = "true" },
        ["condition { '$a', patterns = { a = 'x', b = regex 'y' } }"] = { kind = "condition", source = "$a",
            patterns = { a = literal "x", b = { kind = "regex", pattern = "y" } } },
        ["condition('$a', { a = 'x' })"] = { kind = "condition", source = "$a", patterns = { a = literal "x" } },
        ["host(function() end)"] = { kind = "host", fn_index = 1 },
        ["host(1)"] = { kind = "host", argument = 1 },
        ["host()"] = { kind = "host", argument = "nothing" },
        ["taint { from = { call 'f' }, to = { argument { 'g', 1 } } }"] = { kind = "taint",
            from = { { kind = "call", "f" } }, to = { { kind = "argument", "g", 1 } } },
        ["dominates { guard { call('f', { on = 1 }) } }"] = { kind = "dominates",
            { kind = "guard", { kind = "call", "f", on = 1 } } },
    } do
        it(text, function() assert.are.same(expected, stage(text)) end)
    end

    it("may stand alone in confirm", function()
        assert.are.same({ { kind = "regex", pattern = "a" } }, bare(load "rule 'x' { confirm = regex 'a' }"[1].confirm))
    end)

    it("takes whatever it is given", function()
        for _, name in ipairs { "regex", "path", "count", "near", "entropy", "luhn", "checksum", "except", "only",
            "field", "condition", "host", "lit", "hex", "any", "all", "none", "at_least", "dominates", "post_dominates",
            "flows_to", "taint", "call", "argument", "guard" } do
            for _, value in ipairs { "", "nil", "1", "'s'", "true", "{}", "{ 1, 2 }", "{ {} }", "{ kind = 5 }",
                "{ text = 1, patterns = 2 }", "tostring", "1, 2, 3", "{ patterns = { 1 } }" } do
                local call = name .. "(" .. value .. ")"
                local rules = load(("rule 'x' { confirm = { %s }, prefilter = %s }"):format(call, call))
                assert.is_table(rules[1].confirm[1])
            end
        end
    end)
end)

describe("patterns of a rule", function()
    it("belong to the conditions that have none", function()
        local rule = bare(load [[rule "x" { patterns = { a = "n" }, confirm = {
            condition "$a", condition { "$b", patterns = { b = "m" } } } }]][1])
        assert.are.same({ a = literal "n" }, rule.confirm[1].patterns)
        assert.is_true(rule.confirm[1].shared_patterns)
        assert.are.same({ b = literal "m" }, rule.confirm[2].patterns)
        assert.is_nil(rule.patterns)
    end)
end)

describe("examples", function()
    it("are tables with a text", function()
        local rule = load [[rule "x" { examples = {
            match = { "a", { text = "b", spans = { { 1, 1 } } } }, miss = "c" } }]][1]
        assert.are.same({ match = { { text = "a" }, { text = "b", spans = { { 1, 1 } } } }, miss = { { text = "c" } } },
            rule.examples)
    end)
end)

describe("host functions", function()
    it("are counted in the order of the calls", function()
        local rules = load [[
            local late = host(function() end)
            rule "a" { confirm = { host(function() end), host(function() end) } }
            rule "b" { confirm = { late } }]]
        assert.are.same({ 2, 3, 1 }, { rules[1].confirm[1].fn_index, rules[1].confirm[2].fn_index,
            rules[2].confirm[1].fn_index })
    end)
end)
