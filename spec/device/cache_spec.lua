-- Compiled kernels are kept, and a file that is not what it should be is a miss: never an error, never another answer.
local fake_cuda = require "support.fake_cuda"

local SCAN = [[
    local engine = assert(require("hunch").engine { backend = "cuda", cache = ... })
    local rules = assert(engine:compile { name = "x", text = "rule 'x' { prefilter = any { 'needle' } }" })
    local result = assert(rules:scan { { name = "a", data = "a needle, a needle" }, { name = "b", data = "" } })
    print(#result.matches, engine:info().opened.kernels, result.stats.note)
]]
-- The same without a scan, which takes a tenth of the time.
local OPEN = [[print(2, assert(require("support.gpu_module").open(...)).kernels, nil)]]
local FIRST = "compiled by NVRTC 13.0, but for fused.cu" -- that is compiled when it is wanted: fused_spec.lua
local COMPILED, CACHED = ("2\t%s\tnil\n"):format(FIRST), ("2\tcached, %s\tnil\n"):format(FIRST)

describe("compiled kernels", function()
    local fake

    before_each(function() fake = fake_cuda.new() end)
    after_each(function() fake:remove() end)

    -- folder: "": none; nil: what XDG_CACHE_HOME says, and a scan.
    local function start(words, folder)
        local output, status = fake:lua(words or "", folder and folder ~= "" and OPEN or SCAN, folder)
        assert.equal(0, status, output)
        return output
    end

    local function compiles(words, ...)
        assert.equal(COMPILED, start(words, ...))
        assert.is_true(fake:calls "nvrtcCompileProgram" > 0)
    end

    local function is_cached(words, ...)
        assert.equal(CACHED, start(words, ...))
        assert.equal(0, fake:calls "nvrtcCompileProgram")
    end

    local function read(path)
        local file = assert(io.open(path, "rb"))
        local bytes = file:read "a"
        file:close()
        return bytes
    end

    it("are there at the second start, for this user alone", function()
        compiles()
        is_cached()
        is_cached()
        local modes = fake_cuda.shell(("stat -c '%%a %%u' '%s' '%s'/cubin-*; id -u"):format(fake:at "cache/hunch",
                                                                                            fake:at "cache/hunch"))
        local user = modes:match "(%d+)\n$"
        for _, line in ipairs { "700 " .. user, "600 " .. user } do assert.matches(line .. "\n", modes, 1, true) end
    end)

    it("are compiled again for another GPU, driver or compiler, and all are kept", function()
        local seen = 0
        for _, words in ipairs { "", "capability=100", "driver=13010", "nvrtc=1301" } do
            local output = start(words)
            assert.matches("^2\tcompiled by NVRTC 13", output)
            local kept = #fake:kept()
            assert.is_true(kept > seen)
            seen = kept
        end
        is_cached()
        assert.matches("^2\tcached, compiled by NVRTC 13.1", start "nvrtc=1301")
    end)

    it("are a miss when they are damaged, cut off, of another key, or no file at all", function()
        compiles()
        local kept = fake:kept()
        local folder = fake:at "cache/hunch"
        local path = folder .. "/" .. kept[1]
        local good = read(path)
        local function spoil(bytes)
            local file = assert(io.open(path, "wb"))
            file:write(bytes)
            file:close()
            compiles("", folder)
            is_cached("", folder)
            assert.equal(good, read(path))
        end
        for _, length in ipairs { 0, 1, 8, 39, 40, 41, #good - 1 } do spoil(good:sub(1, length)) end
        for _, at in ipairs { 1, 9, 24, 25, 40, 41, #good } do
            spoil(good:sub(1, at - 1) .. string.char(good:byte(at) ~ 1) .. good:sub(at + 1))
        end
        spoil(good .. "x")
        spoil(("x"):rep(100000))
        -- The file of another compiler under this name.
        start "nvrtc=1301"
        for _, name in ipairs(fake:kept()) do
            local other = fake:at("cache/hunch/" .. name)
            if other ~= path then spoil(read(other)) end
        end
        for _, make in ipairs { "mkdir '%s'", "mkfifo '%s'", "ln -s /dev/zero '%s'", "ln -s /nowhere '%s'" } do
            assert(os.execute(("rm -rf '%s'; " .. make):format(path, path)))
            compiles("", folder)
        end
    end)

    it("are a miss when the driver does not take them, whatever their checksum says", function()
        compiles()
        -- A head with one section of 64 bytes behind it, which begins at 64 and has 8 bytes more than there are.
        local elf = "\127ELF" .. string.pack("<c12I2I2I4I8I8I8I4I2I2I2I2I2I2", "\2\1\1", 2, 190, 1, 0, 0, 64, 0, 64, 56,
                                             0, 64, 1, 0)
        local cut = elf .. string.pack("<I4I4I8I8I8I8I4I4I8I8", 0, 1, 0, 0, 64, 73, 0, 0, 0, 0)
        for _, bytes in ipairs { "no cubin at all", "FAKE CUBIN sm_90 hunch_other_kernel ", "FAKE CUBIN sm_75 ",
                                 "\127ELF", elf:sub(1, 60), elf, cut:sub(1, -2), cut } do
            for _, name in ipairs(fake:kept()) do
                local _, status = fake:lua("", [[
                    local folder, key, bytes = ...
                    local function raw(hex)
                        return (hex:gsub("%x%x", function(byte) return string.char(tonumber(byte, 16)) end))
                    end
                    require("support.gpu_module").cache_write(folder, "cubin", raw(key), raw(bytes) .. "\0", 1 << 20)
                ]], fake:at "cache/hunch", name:match "^cubin%-(%x+)$",
                    (bytes:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end)))
                assert.equal(0, status)
            end
            compiles()
            is_cached("", fake:at "cache/hunch")
        end
        -- A driver that looks at the code of a function only when it is asked for.
        assert.equal(COMPILED, start("cuFuncGetAttribute!1=200", fake:at "cache/hunch"))
    end)

    it("are a miss when somebody else may have written them", function()
        compiles()
        local folder = fake:at "cache/hunch"
        for _, mode in ipairs { "755", "770", "701" } do
            assert(os.execute(("chmod %s '%s'"):format(mode, folder)))
            compiles("", folder)
        end
        assert(os.execute(("chmod 700 '%s'"):format(folder)))
        is_cached()
        assert(os.execute(("mv '%s' '%s.real' && ln -s '%s.real' '%s'"):format(folder, folder, folder, folder)))
        compiles("", folder) -- the folder is a link
        assert(os.execute(("rm '%s' && mv '%s.real' '%s'"):format(folder, folder, folder)))
        is_cached()
        if fake_cuda.shell "id -u" == "0\n" then
            assert(os.execute(("chown 65534 '%s'/cubin-*"):format(folder)))
            compiles("", folder)
            is_cached("", folder)
            assert(os.execute(("chown 65534 '%s'"):format(folder)))
            compiles("", folder)
            compiles("", folder)
        end
    end)

    it("are not kept where there is no cache, or one that cannot be written", function()
        compiles("", "")
        compiles("", "")
        assert.same({}, fake:kept())
        compiles("", "/proc/self/fd") -- ours, and nothing can be made in it
        compiles("", "/proc/self/fd")
        compiles("", fake:at "no/such/folder")
        compiles()
        assert(os.execute(("chmod 500 '%s'"):format(fake:at "cache/hunch")))
        is_cached()
    end)

    it("are made once when many start at the same time", function()
        local command = ("for i in 1 2 3 4 5 6; do %s '%s' & done; wait"):format(os.getenv "LUA" or "lua5.4",
                                                                                 fake:write("scan.lua", SCAN))
        local output = fake:run("", "sh -c \"" .. command .. "\"")
        assert.equal(6, select(2, output:gsub("2\t[a-z, ]+ by NVRTC 13.0, but for fused.cu\tnil\n", "")), output)
        is_cached()
        assert.is_true(#fake:kept() < 6)
    end)
end)

describe("the cache folder", function()
    local fake

    before_each(function() fake = fake_cuda.new() end)
    after_each(function() fake:remove() end)

    it("gives back what was put in, and drops what was used longest ago", function()
        local output, status = fake:lua("", [[
            local gpu, folder = require "support.gpu_module", ...
            local function key(n) return ("%016d"):format(n) end
            local function put(n, size, kind) gpu.cache_write(folder, kind or "k", key(n), ("x"):rep(size), 10000) end
            local function has(n, kind) return gpu.cache_read(folder, kind or "k", key(n)) ~= nil end
            local function age(n) os.execute(("touch -d '%d seconds ago' '%s'/k-%s"):format(n, folder,
                key(n):gsub(".", function(c) return ("%02x"):format(c:byte()) end))) end
            put(1, 3) assert(gpu.cache_read(folder, "k", key(1)) == "xxx")
            assert(not has(2) and not has(1, "other"))
            for n = 1, 9 do put(n, 1000) age(n) end
            for n = 1, 9 do assert(has(n)) end           -- used now
            for n = 1, 9 do age(n) end                   -- 9 is the oldest
            assert(has(9))                               -- and no longer
            put(10, 1000)
            assert(has(9) and has(10) and not has(8) and has(7))
            put(11, 9000)
            assert(has(11) and not has(1) and not has(7))
            put(12, 20000)                               -- more than the folder may have
            assert(not has(12) and has(11))
            put(1, 1000, "kind") assert(has(1, "kind") and has(11)) -- bounds are by kind
        ]], fake:at "cache/hunch")
        assert.equal(0, status, output)
    end)

    it("has the databases of the backend cpu, and a damaged one is made again", function()
        fake:write("text", "a needle, a needle")
        fake:write("x.lua", "rule 'x' { prefilter = any { 'needle' } }")
        local function scan()
            local output, status = fake:hunch("", ("scan -r '%s' --format jsonl --no-progress '%s'"):format(
                fake:at "x.lua", fake:at "text"))
            assert.equal(1, status, output)
            assert.equal(2, select(2, output:gsub('"type":"match"', "")))
            local names = fake_cuda.shell(("ls '%s'"):format(fake:at "cache/hunch"))
            local path = fake:at "cache/hunch/" .. assert(names:match "hs%-%x+", names)
            local file = assert(io.open(path, "rb"))
            local bytes = file:read "a"
            file:close()
            return bytes, path
        end
        local good, path = scan()
        for _, bytes in ipairs { "", good:sub(1, 39), good:sub(1, -2), good:sub(1, -2) .. "\0\1", ("x"):rep(#good) } do
            local file = assert(io.open(path, "wb"))
            file:write(bytes)
            file:close()
            assert.equal(good, scan())
        end
    end)
end)
