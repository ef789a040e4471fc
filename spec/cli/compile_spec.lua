local command = require "support.command"
local compile = require "hunch.cli.compile"

describe("hunch compile", function()
    local folder

    before_each(function()
        folder = command.folder { ["rules.lua"] = 'rule "a" { pattern = "x" }\nodd "strange"\n',
                                  ["broken.lua"] = 'broken "bad"' }
    end)

    after_each(function()
        folder.remove()
    end)

    local function run(output, rules)
        return command.run { "compile", folder.path .. "/" .. (rules or "rules.lua"), "-o", output }
    end

    it("writes a program, and counts warnings", function()
        local result = run(folder.path .. "/program")
        assert.equal(0, result.status)
        assert.matches("/program: 1 rule, %d+ B\n$", result.out)
        assert.equal("hunch: 1 warning; see `hunch check`\n", result.err)
        assert.equal("!HUNHPG1" .. folder.path .. "/rules.lua", folder.read "program")
    end)

    it("replaces a file whole and leaves nothing beside it", function()
        folder.write("program", "before")
        assert.equal(0, run(folder.path .. "/program").status)
        assert.matches("^!HUNHPG1", folder.read "program")
        local pipe = io.popen("ls '" .. folder.path .. "'")
        assert.equal("broken.lua\nprogram\nrules.lua\n", pipe:read("a"))
        pipe:close()
    end)

    it("needs a place", function()
        local result = command.run { "compile", folder.path .. "/rules.lua" }
        assert.equal(2, result.status)
        assert.matches("-o FILE", result.err, 1, true)
    end)

    it("writes nothing when the rules are at fault", function()
        assert.equal(2, run(folder.path .. "/program", "broken.lua").status)
        assert.is_nil(io.open(folder.path .. "/program"))
    end)

    it("is 3 with a reason when the place cannot be written", function()
        for place, reason in pairs { [folder.path .. "/no/program"] = "No such file or directory",
                                     [folder.path] = "is a folder", ["/dev/full"] = "No space left on device" } do
            local result = run(place)
            assert.equal(3, result.status)
            assert.matches("hunch: cannot write the program: " .. place .. ": " .. reason .. "\n", result.err, 1, true)
        end
    end)

    it("never overwrites what it reads, under whatever name", function()
        local before = folder.read "rules.lua"
        os.execute(("cd '%s' && ln -s rules.lua symbolic && ln rules.lua hard"):format(folder.path))
        for _, name in ipairs { "rules.lua", "./rules.lua", "symbolic", "hard" } do
            local result = run(folder.path .. "/" .. name)
            assert.same({ 2, "" }, { result.status, result.out })
            assert.matches("^hunch: %-o .* would overwrite what is read.*; name another file\n$",
                           result.err:gsub("^hunch: 1 warning[^\n]*\n", ""))
        end
        assert.equal(before, folder.read "rules.lua")
    end)

    it("refuses a compiled program", function()
        assert.equal(0, run(folder.path .. "/program").status)
        local result = run(folder.path .. "/copy", "program")
        assert.equal(2, result.status)
        assert.matches("/program is a compiled program, which `hunch scan -r` takes; give `hunch compile` the rule "
                       .. "files that it was made from\n", result.err, 1, true)
        assert.is_nil(io.open(folder.path .. "/copy"))
    end)

    it("refuses rules that are none, and tells when nobody would hear of a match", function()
        folder.write("none.lua", "local x = 1")
        local result = run(folder.path .. "/program", "none.lua")
        assert.equal(2, result.status)
        assert.matches("^hunch: there is no rule in .*/none.lua; name rule files, or folders", result.err)
        assert.is_nil(io.open(folder.path .. "/program"))
        folder.write("private.lua", 'rule "a" { pattern = "x", private = true }')
        result = run(folder.path .. "/program", "private.lua")
        assert.same({ 0, "hunch: every rule is private: none would be reported\n" }, { result.status, result.err })
    end)

    it("is 130 when interrupted", function()
        local result = command.run({ "compile", folder.path .. "/broken.lua", "-o", folder.path .. "/program" },
                                   { interrupted = function() return true end })
        assert.same({ 130, "hunch: interrupted before the rules were compiled\n" }, { result.status, result.err })
    end)

    it("writes through devices, pipes and links instead of replacing them", function()
        local path = folder.path .. "/link"
        os.execute("ln -s target '" .. path .. "'")
        assert.is_truthy(compile.write_whole(path, "bytes", "link"))
        assert.equal("bytes", folder.read "target")
        assert.is_truthy(compile.write_whole("/dev/null", "bytes", "other"))
        local file = assert(io.open("/dev/null", "rb"))
        assert.equal("", file:read("a"))
        file:close()
    end)
end)
