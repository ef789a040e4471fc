local cjson = require "cjson"
local command = require "support.command"

describe("hunch check", function()
    local folder

    local function check(rules, ...)
        folder.write("rules.lua", rules)
        return command.run { "check", folder.path .. "/rules.lua", ... }
    end

    before_each(function()
        folder = command.folder()
    end)

    after_each(function()
        folder.remove()
    end)

    it("is 0 when rules are clean or only odd", function()
        local result = check 'rule "a" { pattern = "x" }'
        assert.same({ 0, "1 rule: 0 errors, 0 warnings, 0 notes\n" }, { result.status, result.out })
        result = check 'rule "a" { pattern = "x" }\nodd "strange"\n'
        assert.equal(0, result.status)
        assert.matches("rules.lua:2:1: warning W403: strange\n", result.out, 1, true)
        assert.matches('  2 | odd "strange"\n    | ^\n', result.out, 1, true)
        assert.matches("help: write it another way\n", result.out, 1, true)
        assert.matches("1 rule: 0 errors, 1 warning, 0 notes\n$", result.out)
    end)

    it("is 1 when there is an error", function()
        local result = check 'broken "bad\27[31m"\nodd "x"\n'
        assert.equal(1, result.status)
        assert.matches("error E304: bad\\x1b[31m\n", result.out, 1, true)
        assert.is_nil(result.out:find("\27", 1, true))
        assert.matches("1 error, 1 warning, 0 notes\n$", result.out)
    end)

    it("is 2 when a file cannot be read", function()
        local result = command.run { "check", folder.path .. "/gone.lua" }
        assert.equal(2, result.status)
        assert.matches("^hunch: cannot read rules: .*/gone.lua: No such file or directory\n$", result.err)
        assert.equal(2, check('unreadable "Permission denied"').status)
    end)

    it("is 2 for a compiled program, with what to do", function()
        local path = folder.write("program", "!HUNHPG1" .. folder.path .. "/rules.lua")
        for _, call in ipairs { "check", "explain", "test" } do
            local result = command.run { call, path }
            assert.same({ 2, "" }, { result.status, result.out })
            assert.equal("hunch: " .. path .. " is a compiled program, which `hunch scan -r` takes; give `hunch "
                         .. call .. "` the rule files that it was made from\n", result.err)
        end
    end)

    it("is 130 when interrupted", function()
        folder.write("rules.lua", 'odd "x"\n')
        local result = command.run({ "check", folder.path .. "/rules.lua" },
                                   { interrupted = function() return true end })
        assert.same({ 130, "", "hunch: interrupted before the rules were compiled\n" },
                    { result.status, result.out, result.err })
    end)

    it("colours on a terminal, unless NO_COLOR says no", function()
        folder.write("rules.lua", 'odd "x"\n')
        local argv = { "check", folder.path .. "/rules.lua" }
        local result = command.run(argv, { terminal = { true } })
        assert.matches("\27[1;33mwarning W403\27[0m: x\n", result.out, 1, true)
        result = command.run(argv, { terminal = { true }, getenv = function() return "1" end })
        assert.is_nil(result.out:find("\27", 1, true))
    end)

    it("writes JSON Lines", function()
        local result = check('broken "bad"\n', "--format", "jsonl")
        assert.equal(1, result.status)
        local first, last = result.out:match("^(.-)\n(.-)\n$")
        local d = cjson.decode(first)
        assert.same({ "diagnostic", "error", "E304", 1, 1, "bad", "write it another way" },
                    { d.type, d.severity, d.code, d.line, d.column, d.message, d.hint })
        assert.same({ type = "summary", rules = 0, errors = 1, warnings = 0, notes = 0 }, cjson.decode(last))
    end)
end)
