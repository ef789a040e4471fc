-- `make install` and `make -s env`: what a user gets, used from elsewhere with nothing of this tree in reach.
local BUILD = os.getenv("HUNCH_BUILD") or "build"
local LUA = os.getenv("LUA") or "lua5.4"

local function shell(command)
    local pipe = assert(io.popen("{ " .. command .. "\n} 2>&1; echo \"status $?\""))
    local output = pipe:read("a")
    pipe:close()
    local text, status = output:match("^(.-)status (%d+)\n$")
    return text, tonumber(status)
end

local function quiet(command)
    local output, status = shell(command)
    assert.are.equal(0, status, command .. "\n" .. output)
    return output
end

-- Neither the flags nor the job server of a `make` that runs this spec may reach the one that is tested,
-- nor the sanitizer its tools.
local MAKE = "env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS -u LD_PRELOAD make -s BUILD='" .. BUILD .. "' "

local function make(arguments)
    return quiet(MAKE .. arguments)
end

describe("make install", function()
    local prefix

    setup(function()
        prefix = quiet("mktemp -d"):gsub("\n$", "")
        make("install-only PREFIX='" .. prefix .. "'")
    end)

    teardown(function()
        quiet("rm -rf '" .. prefix .. "'")
    end)

    -- A clean environment but for what the sanitizer build needs.
    local function elsewhere(command)
        local keep = os.getenv("HUNCH_SAN") and 'LD_PRELOAD="$LD_PRELOAD" ASAN_OPTIONS="$ASAN_OPTIONS"' or ""
        return shell("cd / && env -i HOME=/nonexistent PATH=/usr/local/bin:/usr/bin:/bin " .. keep .. " " .. command)
    end

    it("installs the command, the libraries, the header, hunch.pc, the modules and the rules", function()
        for _, path in ipairs {
            "bin/hunch", "lib/libhunch.so", "lib/libhunch.a", "include/hunch.h", "lib/pkgconfig/hunch.pc",
            "lib/lua/5.4/hunch/core.so", "share/lua/5.4/hunch/init.lua", "share/hunch/rules/secrets/cloud.lua",
        } do
            quiet("test -s '" .. prefix .. "/" .. path .. "'")
        end
        assert.are.equal("", (shell("find '" .. prefix .. "' -name '*_spec.lua'")))
    end)

    it("gives a command that runs by itself", function()
        local output, status = elsewhere(prefix .. "/bin/hunch version")
        assert.are.equal(0, status, output)
        assert.is_truthy(output:find("^hunch %d+%.%d+"), output)
    end)

    it("gives a stock Lua the module", function()
        local program = [[
            local hunch = require "hunch"
            local text = [=[rule "x" { prefilter = any { "needle" } }]=]
            local rules = assert(hunch.engine():compile { text = text, name = "x.lua" })
            print(#rules:scan("a needle, a needle").matches)]]
        local share = prefix .. "/share/lua/5.4/"
        local paths = string.format("LUA_PATH='%s?.lua;%s?/init.lua;;' LUA_CPATH='%s/lib/lua/5.4/?.so;;'",
            share, share, prefix)
        local output, status = elsewhere(string.format("%s %s -e '%s'", paths, LUA, program))
        assert.are.equal("2\n", output)
        assert.are.equal(0, status)
    end)

    it("gives pkg-config flags that name the prefix", function()
        local flags = quiet("PKG_CONFIG_PATH='" .. prefix .. "/lib/pkgconfig' pkg-config --cflags --libs hunch")
        assert.is_truthy(flags:find("-I" .. prefix .. "/include", 1, true), flags)
        assert.is_truthy(flags:find("-L" .. prefix .. "/lib", 1, true), flags)
        assert.is_truthy(flags:find("-lhunch", 1, true), flags)
    end)

    it("has a soname that programs are linked with", function()
        local dynamic = quiet("readelf -d '" .. prefix .. "/lib/libhunch.so'")
        local soname = dynamic:match("Library soname: %[(.-)%]")
        assert.is_truthy(soname and soname:find("^libhunch%.so%.%d+$"), dynamic)
        quiet("test -e '" .. prefix .. "/lib/" .. soname .. "'")
    end)

    it("exports nothing but hunch_ and luaopen_ names", function()
        for name in quiet("nm -D --defined-only '" .. prefix .. "/lib/libhunch.so'"):gmatch("%x+ %u (%S+)") do
            assert.is_truthy(name:find("^hunch_") or name:find("^luaopen_hunch_") or name:find("^__odr_asan"), name)
        end
    end)

    it("respects DESTDIR, and uninstall leaves nothing", function()
        local stage = quiet("mktemp -d"):gsub("\n$", "")
        make("install-only PREFIX=/opt/hunch DESTDIR='" .. stage .. "'")
        quiet("test -x '" .. stage .. "/opt/hunch/bin/hunch'")
        local pc = quiet("cat '" .. stage .. "/opt/hunch/lib/pkgconfig/hunch.pc'")
        assert.is_truthy(pc:find("prefix=/opt/hunch\n", 1, true), pc)
        make("uninstall PREFIX=/opt/hunch DESTDIR='" .. stage .. "'")
        assert.are.equal("", quiet("find '" .. stage .. "' -not -type d"))
        quiet("rm -rf '" .. stage .. "'")
    end)
end)

describe("make -s env", function()
    it("lets a shell use the build folder from anywhere", function()
        local output, status = shell("eval \"$(" .. MAKE
            .. "env)\"; cd /; hunch version && " .. LUA .. " -e 'print(type(require(\"hunch\").engine))'")
        assert.are.equal(0, status, output)
        assert.is_truthy(output:find("\nfunction\n$"), output)
    end)
end)

describe("the embedded sources", function()
    it("are the files of lua/, byte for byte, in one order", function()
        local once, again = os.tmpname(), os.tmpname()
        local list = quiet("find lua/hunch -name '*.lua' | LC_ALL=C sort"):gsub("\n", " ")
        local reversed = quiet("find lua/hunch -name '*.lua' | LC_ALL=C sort -r"):gsub("\n", " ")
        quiet(LUA .. " runtime/embed.lua -o " .. once .. " " .. list)
        quiet(LUA .. " runtime/embed.lua -o " .. again .. " " .. reversed)
        local function text(path)
            local file = assert(io.open(path))
            local all = file:read("a")
            file:close()
            os.remove(path)
            return all
        end
        local first = text(once)
        assert.is_true(first == text(again), "the order of the arguments changes the output")
        -- Undo the C literals and compare with the files.
        local count = 0
        local units = { n = "\n", t = "\t", ['"'] = '"', ["\\"] = "\\", ["?"] = "?" }
        local entry = '{"[%w_.]+", "([%w_./]+)", %(const unsigned char %*%)source_(%d+), (%d+)}'
        for path, index, size in first:gmatch(entry) do
            local body = first:match("source_" .. index .. "%[%] =\n(.-);\n")
            local source = {}
            for line in body:gmatch("[^\n]+") do
                source[#source + 1] = line:match('^    "(.*)"$'):gsub("\\(.)([0-7]?[0-7]?)", function(char, digits)
                    return units[char] and units[char] .. digits or string.char(tonumber(char .. digits, 8))
                end)
            end
            local file = assert(io.open(path, "rb"))
            local original = file:read("a")
            file:close()
            assert.is_true(original == table.concat(source), path)
            assert.are.equal(#original, tonumber(size), path)
            count = count + 1
        end
        assert.is_true(count > 10)
    end)
end)
