-- The prefilter compiled for one program, on the emulator: its source as NVRTC gets it, compiled for the host, finds
-- what the portable tile functions find.
local device = require "support.device_module"
local hunch = require "hunch"
local tree = require "support.tree"

local BUILD = os.getenv "HUNCH_BUILD" or "build"
local SEEDS = os.getenv "HUNCH_SAN" and 1 or 3

local function read(path)
    local file <close> = assert(io.open(path, "rb"))
    return file:read "a"
end

local function run(command)
    local pipe = assert(io.popen(command .. " 2>&1; echo \"status $?\""))
    local output, status = pipe:read("a"):match "^(.-)status (%d+)\n$"
    pipe:close()
    assert.equal("0", status, command .. "\n" .. output)
end

-- The compilers, and what the build gives them.
local function commands()
    local cxx, cxx_flags, libs = read(BUILD .. "/flags"):match "^%S+ (%S+) [^|]*| ([^|]*) | (.*) %S+\n$"
    return cxx, cxx_flags, libs
end

describe("the prefilter compiled for a program", function()
    local folder

    setup(function() folder = tree.new() end)
    teardown(function() folder:remove() end)

    -- support.device_module once more, with the kernel of this program in it.
    local function module_of(name, program, shape)
        local cxx, flags, libs = commands()
        local kernel = read("kernels/prefilter.cu"):gsub("hunch_prefilter_kernel", "hunch_variant_kernel")
        local text, n = assert(device.variant(program, {}, { shape = shape }))
            :gsub('#include "prefilter.cu"\n', function() return kernel end)
        assert.equal(1, n)
        local source = folder:write(name .. ".cu", text)
        local object, module = folder:at(name .. ".o"), folder:at(name .. ".so")
        run(("env -u LD_PRELOAD %s %s -DHUNCH_EMULATOR -c -o %s -x c++ %s"):format(
            cxx, flags, object, source))
        local objects = read(BUILD .. "/simt.list"):gsub("\n", " ")
        run(("env -u LD_PRELOAD %s -shared %s -Wl,-z,nodelete -o %s %s %s %s %s %s"):format(cxx, flags, module,
            object, BUILD .. "/obj/spec/support/device_module.o", objects, BUILD .. "/libhunch.a", libs))
        return assert(package.loadlib(module, "luaopen_support_device_module"))()
    end

    local function check(name, text, shape, records, wanted)
        local program = assert(hunch.engine { cache = "" }:compile { text = text, name = "variants.lua" }):save()
        local variant = module_of(name, program, shape)
        for _, list in ipairs(records) do
            for seed = 0, SEEDS - 1 do
                local options = { seed = seed, shape = shape }
                local found, message = variant.compare(program, list, options)
                assert.is_nil(message)
                assert.equal(wanted or device.compare(program, list, { seed = seed }), found)
            end
        end
        return program
    end

    -- Words in noise, over borders of rows and chunks; the empty record, and one of a byte.
    local function records_with(words, n)
        local text = {}
        for i = 1, n do
            text[i] = words[i % #words + 1] .. ("."):rep(i * 7 % 23) .. words[i * 5 % #words + 1]:upper()
        end
        local all = table.concat(text, " ")
        local cut, at = {}, 1
        for _, size in ipairs { 0, 1, 2, 511, 512, 513, 1023, 1025, 4096 } do
            cut[#cut + 1] = all:sub(at, at + size - 1)
            at = at + size
        end
        return { { all }, cut, { "" } }
    end

    it("finds the same with windows of 3 bytes, and literals of every length", function()
        local words = { "k", "zq", "key", "tok_", "AKIA", "secret", "needle in a haystack" }
        check("three", [[rule "x" { prefilter = any { "k", "zq", lit("key", "nocase"), "tok_", "AKIA",
            lit("secret", "nocase"), lit("wide", "wide"), "needle in a haystack" } }]], 1, records_with(words, 400))
    end)

    it("finds the same with windows of 4 bytes, reading ahead", function()
        local words = { "pass", "secret", "token=", "AKIA" }
        check("four", [[rule "x" { prefilter = any { lit("pass", "nocase"), "secret", "token=", "AKIA" } }
            rule "y" { confirm = { regex "AKIA[A-Z]{4}" } }]], 3, records_with(words, 900))
    end)

    it("finds the same with windows of 5 bytes, and tables that fill a block's memory", function()
        local words, quoted = {}, {}
        for i = 1, 2100 do
            words[i] = ("w%06x"):format(i * 7919 % 0xffffff)
            quoted[i] = '"' .. words[i] .. '"'
        end
        check("five", ('rule "x" { prefilter = any { %s } }'):format(table.concat(quoted, ",")), 2,
              records_with(words, 600))
    end)

    it("finds the same at every fourth place, where all literals are long", function()
        local words = { "access_token", "private-key-", "AccountKey=...", "-----BEGIN PRIVATE KEY-----" }
        check("stride", [[rule "x" { prefilter = any { lit("access_token", "nocase"), "private-key-", "AccountKey=...",
            "-----BEGIN PRIVATE KEY-----" } }]], 1, records_with(words, 500))
    end)

    it("finds the same where all literals have one byte", function()
        check("single", 'rule "x" { prefilter = any { "7", lit("q", "nocase") } }', 2,
              { { ("7q.Q"):rep(700) }, { "7", "", "x", "q" } })
    end)

    it("looks at every fourth place where all literals are long, and few of their windows are alone", function()
        local function stride(n, size, more)
            local words = { more }
            for i = 1, n do
                local word = ("%x-%x"):format(i * 7919 % 0xffff, i)
                words[#words + 1] = ("%q"):format(word .. ("."):rep(size - #word))
            end
            local text = ('rule "x" { prefilter = any { %s } }'):format(table.concat(words, ","))
            local program = assert(hunch.engine { cache = "" }:compile { text = text, name = "x.lua" }):save()
            return assert(device.variant(program, {}, { shape = 1 })):match "HUNCH_PROGRAM_stride (%d)u"
        end
        for _, each in ipairs { { 20, 9, "2" }, { 1, 10, "4" }, { 20, 10, "4" }, { 20, 11, "4" }, { 600, 10, "2" },
            { 600, 12, "4" }, { 3000, 12, "4" } } do
            assert.equal(each[3], stride(each[1], each[2]), each[1] .. " of " .. each[2])
        end
        assert.equal("2", stride(20, 12, '"k"'))
        assert.equal("2", stride(20, 12, '"key"'))
    end)

    it("says nothing of other programs: sources of two differ in their numbers alone", function()
        local texts = {}
        for i, words in ipairs { '"needle"', '"needle", "k"' } do
            local rule = ('rule "x" { prefilter = any { %s } }'):format(words)
            local program = assert(hunch.engine { cache = "" }:compile { text = rule, name = "x.lua" }):save()
            texts[i] = assert(device.variant(program, {}, { shape = 1 }))
            assert.matches('^#define HUNCH_PREFILTER_THREADS 1024\n.*\n#include "prefilter.cu"\n$', texts[i])
        end
        assert.not_equal(texts[1], texts[2])
        assert.equal(texts[1]:gsub("%x+u", ""), (texts[2]:gsub("%x+u", "")))
    end)
end)
