-- The example as its reader would build and run it: hunch.h, pkg-config, nothing else of this tree. Its kernels run on
-- the emulated device in spec/guess/kernel_spec.lua.
local BUILD = os.getenv("HUNCH_BUILD") or "build"
local CC = os.getenv("CC") or "cc"
local FOLDER = "examples/own_kernel"

local function run(command)
    local pipe = assert(io.popen("{ " .. command .. "\n} 2>&1; echo \"status $?\""))
    local text, status = pipe:read("a"):match("^(.-)status (%d+)\n$")
    pipe:close()
    return text, tonumber(status)
end

describe("examples/own_kernel", function()
    local folder, program

    local function write(name, text)
        local file = assert(io.open(folder .. "/" .. name, "w"))
        file:write(text)
        file:close()
        return folder .. "/" .. name
    end

    setup(function()
        folder = run("mktemp -d"):gsub("\n$", "")
        -- The compiler must not run under the sanitizer that the specs may run under.
        local sanitizer = os.getenv("HUNCH_SAN") and "-fsanitize=address,undefined" or ""
        local output, status = run(string.format("export PKG_CONFIG_PATH=%s/pkgconfig; unset LD_PRELOAD\n"
            .. "%s -std=c11 -Wall -Wextra -Werror %s %s/own_kernel.c -o %s/own_kernel "
            .. "$(pkg-config --cflags --libs hunch)", BUILD, CC, sanitizer, FOLDER, folder))
        assert.are.equal(0, status, output)
        program = "LD_LIBRARY_PATH=" .. BUILD .. " " .. folder .. "/own_kernel "
    end)

    teardown(function() run("rm -rf " .. folder) end)

    it("finds the same on every route", function()
        local path = write("cards", "4111111111111111, not 4111111111111112\n" .. ("x"):rep(600)
            .. " 5500005555555559\n")
        for _, backend in ipairs { "ref", "cpu" } do
            local command = program .. FOLDER .. " --backend " .. backend .. " --speculate %s " .. path
            local found = ("backend %s\n%s: 2 card numbers, "):format(backend, path)
            assert.are.same({ found .. "fused, 2 of 3 tiles committed\n", 0 }, { run(command:format "force") })
            assert.are.same({ found .. "serial\n", 0 }, { run(command:format "disable") })
        end
    end)

    it("takes whatever there is: a batch a file, the route by the speculator", function()
        local files = {}
        for i = 0, 9 do files[i + 1] = write("batch" .. i, ("4111111111111111\n"):rep(i)) end
        local output, status = run(program .. FOLDER .. " " .. table.concat(files, " "))
        assert.are.equal(0, status, output)
        local found = {}
        for n in output:gmatch ": (%d+) card numbers, %a+" do found[#found + 1] = n end
        assert.are.equal("0 1 2 3 4 5 6 7 8 9", table.concat(found, " "))
    end)

    it("says what it cannot read", function()
        local output, status = run(program .. FOLDER .. " --backend ref " .. folder .. "/none")
        assert.are.equal(2, status)
        assert.is_truthy(output:find("none: No such file", 1, true), output)
        assert.are.equal(2, select(2, run(program .. folder .. " " .. folder .. "/own_kernel")))
        assert.are.equal(2, select(2, run(program)))
    end)
end)
