-- The example as its reader would build and run it: hunch.h, pkg-config, nothing else of this tree.
local BUILD = os.getenv("HUNCH_BUILD") or "build"
local CC = os.getenv("CC") or "cc"
local RULES = "examples/rule_pack/rules"

local function run(command)
    local pipe = assert(io.popen("{ " .. command .. "\n} 2>&1; echo \"status $?\""))
    local text, status = pipe:read("a"):match("^(.-)status (%d+)\n$")
    pipe:close()
    return text, tonumber(status)
end

describe("examples/c_host", function()
    local folder, program

    setup(function()
        folder = run("mktemp -d"):gsub("\n$", "")
        run("mkdir " .. folder .. "/data")
        program = folder .. "/grep_secrets"
        -- The compiler must not run under the sanitizer that the specs may run under.
        local sanitizer = os.getenv("HUNCH_SAN") and "-fsanitize=address,undefined" or ""
        local output, status = run(string.format("export PKG_CONFIG_PATH=%s/pkgconfig; unset LD_PRELOAD\n"
            .. "%s -std=c11 -Wall -Wextra -Werror %s examples/c_host/grep_secrets.c -o %s "
            .. "$(pkg-config --cflags --libs hunch)", BUILD, CC, sanitizer, program))
        assert.are.equal(0, status, output)
        program = "LD_LIBRARY_PATH=" .. BUILD .. " " .. program .. " "
        local file = assert(io.open(folder .. "/data/app.ini", "w"))
        file:write("[deploy]\ntoken = acme_k3Vq8ZrT1mXw9LbN5cYd7HsA\n")
        file:close()
    end)

    teardown(function() run("rm -rf " .. folder) end)

    it("scans folders", function()
        local output, status = run(program .. RULES .. " " .. folder .. "/data 2>/dev/null")
        assert.are.equal(folder .. "/data/app.ini:2:9: acme-deploy-token: acme_k3Vq8ZrT1mXw9LbN5cYd7HsA\n", output)
        assert.are.equal(1, status)
    end)

    it("scans standard input", function()
        local command = program .. RULES .. " < " .. folder .. "/data/app.ini"
        local output, status = run(command .. " 2>/dev/null")
        assert.are.equal("stdin:2:9: acme-deploy-token: acme_k3Vq8ZrT1mXw9LbN5cYd7HsA\n", output)
        assert.are.equal(1, status)
        assert.are.equal("1 findings in 1 records, 47 bytes\n", (run(command .. " >/dev/null")))
    end)

    it("says where a rule file is wrong", function()
        local path = folder .. "/bad.lua"
        local file = assert(io.open(path, "w"))
        file:write('rule "x" {\n  confirm = { regex [[(]] },\n}\n')
        file:close()
        local output, status = run(program .. path .. " /dev/null")
        os.remove(path)
        assert.are.equal(2, status)
        assert.is_truthy(output:find(path .. ":2: error: ", 1, true), output)
    end)

    it("says what it could not read", function()
        local path = folder .. "/no-such-file"
        local output, status = run(program .. RULES .. " " .. path)
        assert.are.equal(3, status)
        assert.is_truthy(output:find("not everything was scanned: " .. path .. ": unreadable", 1, true), output)
    end)
end)
