-- engine:explain, through the library: plain tables about rules.
local hunch = require "hunch"

local RULES = [==[
rule "key" {
  title = "A key", prefilter = any { "AKIA", lit("asia", "nocase") },
  confirm = { regex [[\b(AKIA|(?i:asia))(?P<rest>[A-Z2-7]{16})\b]], entropy { capture = "rest", at_least = 2 },
    except { text = { "EXAMPLE" }, path = { "test/" } } },
}
rule "wrong" { prefilter = any { "zzz" }, confirm = { regex "abc+" } }
rule "derived" { confirm = { regex "needle(?:.*b)?" } }
rule "asks" { confirm = { condition("#a > 2", { a = hex "4D 5A ?? 00" }), host(function() return true end) } }
rule "everywhere" { private = true, confirm = { regex "[a-z]" } }
rule "called" { confirm = { path "[.]pem$", field { at = 0, type = "u8", equal = 0x30 } } }
]==]

describe("engine:explain", function()
    local explained, by_name

    setup(function()
        explained = assert(hunch.engine():explain { text = RULES, name = "r.lua" })
        by_name = {}
        for _, rule in ipairs(explained.rules) do by_name[rule.name] = rule end
    end)

    it("tells of every rule in order, and of the program", function()
        local names = {}
        for i, rule in ipairs(explained.rules) do names[i] = rule.name end
        assert.same({ "key", "wrong", "derived", "asks", "everywhere", "called" }, names)
        assert.equal(6, explained.program.rules)
        assert.is_true(explained.program.bytes > 1000)
        assert.is_true(explained.program.guard_states > 0)
    end)

    it("tells of prefilters and proofs", function()
        local prefilter = by_name.key.prefilter
        assert.equal("declared", prefilter.origin)
        assert.equal("implied by the regex", prefilter.proof)
        assert.matches('^"AKIA": [%d.]+ a MB$', prefilter["any of"][1])
        assert.matches('^"asia" nocase: [%d.]+ a MB$', prefilter["any of"][2])
        assert.equal('not implied: the regex matches "abc"', by_name.wrong.prefilter.proof)
        assert.equal("derived from the stages", by_name.derived.prefilter.origin)
        assert.matches("looks at every record", by_name.everywhere.prefilter, 1, true)
    end)

    it("tells of regexes", function()
        local regex = by_name.key.stages[1]
        assert.equal("regex", regex.title)
        local tree = 'group 1\n    one of, the first preferred\n      sequence\n        "AKIA"'
        assert.matches(tree, regex.parse_tree, 1, true)
        assert.equal("20 bytes", regex.matches)
        assert.matches("2 groups", regex.size, 1, true)
        assert.same({ "2 rest" }, regex.group_names)
        assert.is_true(regex.starts_at[1].guard_states > 2)
        assert.is_nil(regex.undecided)
        assert.matches("undecided", by_name.derived.stages[1].undecided, 1, true)
        assert.matches("every position", by_name.everywhere.stages[1].starts_at, 1, true)
    end)

    it("tells of other stages, of classes and of devices", function()
        assert.equal("rest", by_name.key.stages[2].capture)
        assert.same({ "EXAMPLE" }, by_name.key.stages[3].text)
        assert.equal("test/", by_name.key.stages[3].path[1].pattern)
        assert.matches("^anchored: ", by_name.key.class)
        assert.matches("^host: ", by_name.asks.class)
        assert.same({ gpu = "literals and gates, condition",
            host = "condition (a regex that has hits), host (a Lua function), spans, records with over 2048 hits" },
            by_name.asks.device)
        assert.same({ gpu = "literals and gates, regex, entropy, except",
            host = "except path (the record's name), spans, and matches over 4096 bytes" }, by_name.key.device)
        assert.matches("can match where no literal stands", by_name.everywhere.device.host, 1, true)
        assert.same("every record that is called so", by_name.called.device.host)
        assert.equal("#a > 2", by_name.asks.stages[1].source)
        assert.equal("4 bytes", by_name.asks.stages[1].patterns.a.matches)
        assert.same({ "private" }, by_name.everywhere.flags)
    end)

    it("tells of groups and routes", function()
        assert.matches("^anchored, 3 of 6 rules: ", by_name.key.group)
        assert.matches("^unanchored, 1 of 6 rules: ", by_name.everywhere.group)
        assert.matches("^fused, chained or serial: ", by_name.key.routes.any)
        assert.matches("is dropped when it fails", by_name.key.routes.fused, 1, true)
        assert.matches("a host stage never does", by_name.asks.routes.fused, 1, true)
        assert.matches("no gate", by_name.everywhere.routes.fused, 1, true)
    end)

    it("tells of one rule", function()
        local one = assert(hunch.engine():explain({ text = RULES, name = "r.lua" }, "wrong"))
        assert.equal(1, #one.rules)
        assert.same(by_name.wrong, one.rules[1])
        assert.same({}, assert(hunch.engine():explain({ text = RULES, name = "r.lua" }, "none")).rules)
    end)

    it("says what is wrong instead", function()
        local none, list = hunch.engine():explain { text = '\nrule "x" { confirm = { regex "(" } }', name = "r.lua" }
        assert.is_nil(none)
        local codes = {}
        for i, d in ipairs(list) do codes[i] = d.code end
        assert.matches("E401", table.concat(codes, " "), 1, true)
    end)

    it("tells which regexes find no room for their lists on a device", function()
        local rules = {}
        for r = 1, 10 do
            local words = {}
            for i = 1, 700 do
                words[i] = ("%s%d%s"):format(string.char(97 + i % 26, 97 + (i * 7 + r) % 26), i * r * 7919 % 100003,
                    string.char(65 + i % 26, 48 + i % 10, 65 + (i + r) % 26))
            end
            rules[r] = ('rule "r%d" { confirm = { regex [[key%d=(?:%s)\\b[.][a-z]{1,20}]] } }'):format(r, r,
                table.concat(words, "|"))
        end
        rules[11] = 'rule "short" { confirm = { regex "tok=[0-9]+" } }'
        local list = assert(hunch.engine():explain { text = table.concat(rules, "\n"), name = "r.lua" }).rules
        assert.equal("literals and gates, regex", list[1].device.gpu)
        assert.same({ gpu = "literals and gates",
            host = "the regex (with those before it its lists take more than 64 MB), and what follows it" },
            list[10].device)
        assert.equal("literals and gates, regex", list[11].device.gpu) -- there is room for short ones
    end)
end)
