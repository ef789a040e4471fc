-- hunch graph: the three formats, and what it says of files that it cannot show.
local cjson = require "cjson"

local HUNCH = os.getenv "HUNCH_BUILD" .. "/hunch"

local function run(arguments)
    local pipe = assert(io.popen(("%s graph %s 2>&1; echo \"status $?\""):format(HUNCH, arguments)))
    local text = pipe:read "a"
    pipe:close()
    local out, status = text:match "^(.-)status (%d+)\n$"
    return out, tonumber(status)
end

local function write(path, text)
    local file = assert(io.open(path, "wb"))
    file:write(text)
    file:close()
end

describe("hunch graph", function()
    local folder

    setup(function()
        folder = io.popen("mktemp -d"):read "l"
        write(folder .. "/a.h", "#define RUN system\n")
        write(folder .. "/a.c", '#include "a.h"\nint f(char *s)\n{\n    if (s)\n        RUN(s);\n    return 1;\n}\n' ..
            "int g(void) { return 2; }\n")
    end)

    teardown(function() os.execute("rm -rf '" .. folder .. "'") end)

    it("shows text, of one function too, with macros of what is included", function()
        local out, status = run(folder .. "/a.c")
        assert.equal(0, status)
        assert.matches("^f%(s%)\n    b0 %-> b1 b2\n", out)
        assert.matches("name system", out, 1, true)
        assert.matches("\ng()\n", out, 1, true)
        assert.is_nil((run("--function f " .. folder .. "/a.c"):find("g()", 1, true)))
    end)

    it("shows JSON", function()
        local facts = cjson.decode((run("--format json " .. folder .. "/a.c")))
        local f = facts.functions[1]
        assert.same({ "f", 2, 7, false }, { f.name, f.line, f.last_line, f.incomplete })
        assert.same({ 1, 2 }, f.blocks[1].to)
        assert.equal("branch", f.blocks[1].ends)
        assert.same({ kind = "if", line = 4, start = 40, ["end"] = 41 }, f.blocks[1].statements[2])
        assert.is_true(f.blocks[3].returns)
    end)

    it("draws", function()
        local out = run("--format dot " .. folder .. "/a.c")
        assert.matches('label="4: if s\\l"', out, 1, true)
        assert.matches('"f1.1" -> "f1.2" [label="yes"];', out, 1, true)
        assert.matches('"f1.1" -> "f1.3" [label="no"];', out, 1, true)
    end)

    it("says what it cannot show", function()
        for arguments, message in pairs {
            [folder .. "/none.c"] = "No such file",
            [folder .. "/a"] = "says no language: name it with --language",
            ["--function h " .. folder .. "/a.c"] = "has no function 'h'",
        } do
            local out, status = run(arguments)
            assert.equal(2, status)
            assert.matches(message, out, 1, true)
        end
        write(folder .. "/bad.c", "int f(void) { return 1; }\nint g(void) { return = ; }\n")
        local out, status = run(folder .. "/bad.c")
        assert.equal(0, status)
        assert.matches("bad.c:2: syntax error", out, 1, true)
    end)
end)
