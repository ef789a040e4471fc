-- explain, info and bench: calls that print what the core tells.
local cjson = require "cjson"
local command = require "support.command"
local outline = require "hunch.cli.outline"

describe("cli.outline", function()
    it("draws tables, lists and texts", function()
        assert.equal("name: x\n"
                     .. "empty: none\n"
                     .. "list: 1, 2.5, b\\x1b\n"
                     .. "nested:\n"
                     .. "  deep key: yes\n"
                     .. "rules:\n"
                     .. "  - name: one\n"
                     .. "    class: c\n"
                     .. "  - name: two\n"
                     .. "text:\n"
                     .. "  a\n"
                     .. "  b\n",
                     outline.render { text = "a\nb", rules = { { class = "c", name = "one" }, { name = "two" } },
                                      nested = { deep_key = "yes" }, list = { 1, 2.5, "b\27" }, empty = {},
                                      name = "x" })
    end)
end)

describe("the calls that tell", function()
    local folder, rules

    setup(function()
        folder = command.folder { ["rules.lua"] = 'rule "a" { pattern = "x" } rule "b" { pattern = "y" }',
                                  ["in/a"] = "x y x" }
        rules = folder.path .. "/rules.lua"
    end)

    teardown(function()
        folder.remove()
    end)

    it("explain: an outline, one rule, or JSON", function()
        local result = command.run { "explain", rules }
        assert.equal(0, result.status)
        assert.matches("- name: a\n    class: anchored\n    literals: a, b\n  - name: b\n", result.out, 1, true)
        assert.is_nil(command.run({ "explain", rules, "--rule", "b" }).out:find("name: a", 1, true))
        assert.equal("b", cjson.decode(command.run({ "explain", rules, "--rule", "b", "--format", "jsonl" }).out)
                     .rules[1].name)
        assert.equal(2, command.run({ "explain", folder.path .. "/gone" }).status)
    end)

    it("info: versions, backends and what is not built", function()
        local result = command.run { "info" }
        assert.equal(0, result.status)
        assert.matches("^version: 0.0.fake\n", result.out)
        assert.matches("backends:\n  cuda: not built yet\n  ref: portable\n", result.out, 1, true)
        assert.matches("lua: Lua 5.4\n", result.out, 1, true)
        assert.equal("portable", cjson.decode(command.run({ "info", "--format", "jsonl" }).out).backends.ref)
    end)

    it("bench: medians by threads, prefilter alone and full", function()
        local result = command.run { "bench", "-r", rules, "--runs", "3", "--threads", "1", "--threads", "2",
                                     "--format", "jsonl", folder.path .. "/in" }
        assert.equal(0, result.status)
        local seen = {}
        for line in result.out:gmatch("[^\n]+") do
            local row = cjson.decode(line)
            if row.type == "bench" then
                seen[#seen + 1] = { row.what, row.threads, row.runs, row.bytes }
            end
        end
        assert.same({ { "prefilter", 1, 3, 5 }, { "full", 1, 3, 5 }, { "prefilter", 2, 3, 5 }, { "full", 2, 3, 5 } },
                    seen)
        local text = command.run { "bench", "-r", rules, "--runs", "1", folder.path .. "/in" }
        assert.matches("\nfull +all ", text.out)
        assert.equal(2, command.run({ "bench", folder.path .. "/in" }).status)
        assert.equal(2, command.run({ "bench", "-r", rules }).status)
    end)

    it("bench: says once what was not scanned, and why", function()
        for _, format in ipairs { "text", "jsonl" } do
            local result = command.run { "bench", "-r", rules, "--runs", "2", "--format", format,
                                         folder.path .. "/gone", folder.path .. "/in" }
            assert.same({ 3, "hunch: not everything was scanned: " .. folder.path
                          .. "/gone: unreadable: No such file or directory\n" }, { result.status, result.err })
        end
    end)

    it("bench: ends when it is interrupted", function()
        local result = command.run({ "bench", "-r", rules, folder.path .. "/in" },
                                   { interrupted = function() return true end })
        assert.equal(130, result.status)
    end)
end)
