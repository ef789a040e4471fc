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
        assert.matches("/program: 1 rules, %d+ B\n$", result.out)
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
