local command = require "support.command"

describe("hunch test", function()
    local folder

    local function test(rules, ...)
        folder.write("rules.lua", rules)
        return command.run { "test", folder.path .. "/rules.lua", ... }
    end

    before_each(function()
        folder = command.folder()
    end)

    after_each(function()
        folder.remove()
    end)

    it("is content with examples that hold", function()
        local result = test [[
rule "a" { pattern = "AK%w+", examples = { match = { "x AKIA", { text = "AKX AKY", spans = { { 5, 7 }, { 1, 3 } } } },
                                           miss = { "BK", { text = "A K", path = "x.md" } } } }
]]
        assert.same({ 0, "4 examples, 0 failed\n", "" }, { result.status, result.out, result.err })
    end)

    it("is 130 when interrupted, and none of its examples failed", function()
        folder.write("rules.lua", 'rule "a" { pattern = "AK", examples = { match = { "AK" } } }')
        local result = command.run({ "test", folder.path .. "/rules.lua" },
                                   { interrupted = function() return true end })
        assert.same({ 130, "", "hunch: interrupted; not all examples were run\n" },
                    { result.status, result.out, result.err })
    end)

    it("shows a match that did not come", function()
        local result = test [[rule "a" { pattern = "AK%w+", examples = { match = { "good AKIA", "gr\u{fc}n BK" } } }]]
        assert.equal(1, result.status)
        assert.equal("FAIL a (" .. folder.path .. "/rules.lua:1), match example 2\n"
                     .. "  text      gr\u{fc}n BK\n"
                     .. "  expected  a match\n"
                     .. "  found     nothing\n"
                     .. "2 examples, 1 failed\n", result.out)
    end)

    it("shows a match that should not have come", function()
        local result = test [[rule "a" { pattern = "AK%w+", examples = { miss = { "x AKIA y" } } }]]
        assert.equal("FAIL a (" .. folder.path .. "/rules.lua:1), miss example 1\n"
                     .. "  text      x AKIA y\n"
                     .. "              ----\n"
                     .. "  expected  nothing\n"
                     .. "  found     3..6\n"
                     .. "1 example, 1 failed\n", result.out)
    end)

    it("compares spans, all of them", function()
        local result = test [[
rule "a" { pattern = "AK%w", examples = { match = { { text = "\tAKA AKB", spans = { { 2, 4 } }, path = "p" } } } }
]]
        assert.equal(1, result.status)
        assert.equal("FAIL a (" .. folder.path .. "/rules.lua:1), match example 1, path p\n"
                     .. "  text          AKA AKB\n"
                     .. "                +++\n"
                     .. "                --- ---\n"
                     .. "  expected  2..4\n"
                     .. "  found     2..4, 6..8\n"
                     .. "1 example, 1 failed\n", result.out)
    end)

    it("counts only the rule's own matches", function()
        local result = test [[
rule "a" { pattern = "AK", examples = { match = { "AK" }, miss = { "BK" } } }
rule "b" { pattern = "BK", examples = { match = { "AK" } } }
]]
        assert.equal(1, result.status)
        assert.matches("^FAIL b ", result.out)
        assert.matches("3 examples, 1 failed", result.out, 1, true)
    end)

    it("runs examples that share a path apart from each other", function()
        local result = test [[
rule "a" { pattern = "AK", examples = { match = { { text = "AK", path = "p" }, { text = "xAK", path = "p" } },
                                        miss = { { text = "BK", path = "p" }, { text = "", path = "example-1" } } } }
]]
        assert.same({ 0, "4 examples, 0 failed\n" }, { result.status, result.out })
    end)

    it("tests private rules", function()
        local result = test [[rule "a" { private = true, pattern = "AK", examples = { match = { "AK" } } }]]
        assert.equal(0, result.status)
    end)

    it("fails an example whose stage failed", function()
        local result = test [[rule "a" { pattern = "AK", fails = "boom", examples = { miss = { "x" } } }]]
        assert.equal(1, result.status)
        assert.matches("not evaluated to the end: host-error: boom", result.out, 1, true)
    end)

    it("shows long and hostile texts safely", function()
        local result = test [[rule "a" { pattern = "AK", examples = {
            match = { "\27[31m" .. ("x"):rep(5000), ("line\n"):rep(100) } } }]]
        assert.equal(1, result.status)
        assert.is_nil(result.out:find("\27", 1, true))
        assert.is_true(#result.out < 1000)
    end)

    it("names rules without examples", function()
        local result = test 'rule "a" { pattern = "x" } rule "b" { pattern = "y", examples = { match = { "y" } } }'
        assert.same({ 0, "1 without examples: a\n1 example, 0 failed\n" }, { result.status, result.out })
    end)

    it("names what passes with --verbose", function()
        local rules = [[
rule "a" { pattern = "x", examples = { match = { "x", "xx" } } }
rule "b" { pattern = "y", examples = { match = { "x" } } }
]]
        local result = test(rules, "--verbose")
        assert.matches("^ok   a\nFAIL b ", result.out)
        assert.is_nil(result.out:find("ok   b", 1, true))
    end)

    it("runs only the rules that are named", function()
        local rules = [[
rule "a" { pattern = "x", examples = { match = { "x" } } }
rule "b" { pattern = "y", examples = { match = { "x" } } }
]]
        assert.same({ 0, "1 example, 0 failed\n" }, { test(rules, "--rule", "a").status,
                                                      test(rules, "--rule", "a").out })
        assert.equal(1, test(rules, "--rule", "b").status)
        local result = test(rules .. 'rule "long-name" { pattern = "z" }', "--rule", "lnog-name")
        assert.equal(2, result.status)
        assert.matches("no rule is named 'lnog-name'; did you mean 'long-name'?", result.err, 1, true)
    end)

    it("is 2 when the rules are at fault", function()
        local result = test 'broken "no such stage"'
        assert.equal(2, result.status)
        assert.matches("E304: no such stage", result.err, 1, true)
        assert.equal(2, command.run({ "test", folder.path .. "/gone.lua" }).status)
    end)
end)
