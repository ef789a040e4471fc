-- The example as its reader would run it.
local PROGRAM = "examples/lua_host/logwatch.lua"
local LINES = table.concat({
    'Mar 12 04:05:06 gate sshd[71]: Failed password for root from 10.0.0.7 port 22 ssh2',
    'Mar 12 04:05:07 gate sshd[71]: Accepted publickey for alice from 10.0.0.8 port 22 ssh2',
    '10.0.0.9 - - [12/Mar/2026:04:05:08 +0000] "GET /cart?id=7 HTTP/1.1" 503 120 "-" "curl/8.5.0"',
}, "\n") .. "\n"

local function run(arguments)
    local lua = os.getenv("LUA") or "lua5.4"
    local pipe = assert(io.popen(string.format("%s %s %s 2>/dev/null; echo status $?", lua, PROGRAM, arguments)))
    local output = pipe:read("a")
    pipe:close()
    return output
end

describe("examples/lua_host", function()
    local path

    setup(function()
        path = os.tmpname()
        local file = assert(io.open(path, "w"))
        file:write(LINES)
        file:close()
    end)

    teardown(function() os.remove(path) end)

    local function expected(name)
        return name .. ":1:32: failed-login: Failed password for root\n"
            .. name .. ':3:43: server-error: "GET /cart?id=7 HTTP/1.1" 503 \nstatus 1\n'
    end

    it("scans files", function()
        assert.are.equal(expected(path), run(path))
    end)

    it("scans a stream", function()
        assert.are.equal(expected("stdin"), run("- < " .. path))
    end)

    it("ends with 0 when there is nothing", function()
        assert.are.equal("status 0\n", run("- < /dev/null"))
    end)
end)
