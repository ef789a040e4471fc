-- What is said when a GPU cannot be opened, or fails while it is used: an error where there is nothing to use, the
-- CPU's answer and a note where there was. Driver and compiler are made for specs.
local fake_cuda = require "support.fake_cuda"

-- A library that is neither driver nor compiler.
local OTHER = fake_cuda.shell(("realpath '%s/lua/support/io_module.so'"):format(os.getenv "HUNCH_BUILD" or "build"))
                  :gsub("\n", "")

-- All of it on the CPU, and on the GPU with each of the words that follow: "same|note" a line.
local SCAN = [[
    local hunch, gpu = require "hunch", require "support.gpu_module"
    local records = {}
    for i = 1, 40 do records[i] = { name = "r" .. i, data = ("a key=%d, a needle "):format(i):rep(i) } end
    local function scan(backend, route)
        local engine = assert(hunch.engine { backend = backend, threads = 2 })
        local rules = assert(engine:compile { name = "x.lua", text =
            'rule "key" { confirm = { regex "key=([0-9]+)" } } rule "needle" { prefilter = any { "needle" } }' })
        local result = assert(rules:scan(records, { route = route }))
        assert(#result.incomplete == 0 and #result.matches == 1640)
        local list = {}
        for i, m in ipairs(result.matches) do list[i] = ("%s %s %d"):format(m.record, m.rule, m.first) end
        return table.concat(list, "\n"), result.stats.note
    end
    local wanted = scan "cpu"
    for _, words in ipairs { ... } do
        gpu.setenv("FAKE_CUDA", words)
        local found, note = scan("cuda", words:find "Cooperative" and "fused" or "chained")
        collectgarbage() -- the engine's device is closed
        print((found == wanted and "same" or "other") .. "|" .. (note or ""))
    end
]]

describe("a GPU that", function()
    local fake

    before_each(function() fake = fake_cuda.new() end)
    after_each(function() fake:remove() end)

    local function refuses(words, ...)
        local output, status = fake:lua(words, [[
            local engine, message = require("hunch").engine { backend = "cuda" }
            print(engine and "open" or message)
            engine = assert(require("hunch").engine())
            local rules = assert(engine:compile { name = "x", text = "rule 'x' { prefilter = any { 'x' } }" })
            print(#assert(rules:scan "a x").matches, (tostring(engine:info().backends.cuda):gsub("^not here: ", "")))
        ]])
        assert.equal(0, status, output)
        local message, matches, info = output:match "^([^\n]+)\n(%d)\t([^\n]+)\n"
        assert.equal("1", matches)
        assert.equal(message, info)
        for _, part in ipairs { ... } do assert.matches(part, message, 1, true) end
    end

    it("is not there: one sentence says why, and everything else goes on", function()
        refuses("cuInit=100", "there is an NVIDIA driver, but no GPU that it may use")
        refuses("devices=0", "there is an NVIDIA driver, but no GPU that it may use")
        refuses("cuInit=803", "starting its driver", "a failure that was asked for")
        refuses("cuDeviceGetAttribute=1", "its properties")
        refuses("cuDevicePrimaryCtxRetain=2", "making a context", "CUDA_ERROR_OUT_OF_MEMORY")
        refuses("cuStreamCreate@4=2", "making a stream", "CUDA_ERROR_OUT_OF_MEMORY")
        refuses("cuModuleLoadData=2", "the GPU has no memory for ", ".cu")
        assert.equal(2, fake:calls "left: 0 bytes, 0 modules, 0 streams") -- of an engine, and of info
        local output, status = fake:hunch("devices=0", "scan --backend cuda -r rules/secrets spec/device")
        assert.equal(2, status)
        assert.equal("hunch: there is an NVIDIA driver, but no GPU that it may use\n", output)
    end)

    it("is older than the kernels: nothing is compiled for it", function()
        refuses("capability=61", "the GPU is too old: fake GPU has compute capability 6.1", "need 7.5")
        assert.equal(0, fake:calls "nvrtcCompileProgram")
        assert.equal(0, fake:calls "cuDevicePrimaryCtxRetain")
    end)

    it("has a driver older than all kernels: it says which versions do not go together", function()
        refuses("driver=12020 nvrtc=1300 cuModuleLoadData=222 fatbin=222",
                "(for CUDA 12.2) does not take what NVRTC 13.0 makes of ",
                "CUDA_ERROR_UNSUPPORTED_PTX_VERSION",
                "update the driver, or install the CUDA Toolkit that goes with it")
        refuses("cuModuleLoadData=209", "CUDA_ERROR_NO_BINARY_FOR_GPU")
    end)

    it("has a compiler that cannot compile: its log is in the message", function()
        refuses("nvrtcCompileProgram=6", "NVRTC 13.0 does not compile ", ".cu for sm_90: ",
                ".cu(7): error: this was asked for")
        refuses("capability=103 knows=90", "NVRTC 13.0 does not compile ", ".cu for sm_103: ",
                "nvrtc: error: invalid value for --gpu-architecture")
        refuses("nvrtcCreateProgram=1", "NVRTC 13.0 does not take ")
        refuses("nvrtcGetCUBIN=1", "NVRTC 13.0 gives no code for ")
        refuses("nvrtcGetCUBINSize=1 nvrtcGetProgramLogSize=1", "it does not say why")
        refuses("nvrtcVersion=1", "NVRTC cannot be used (libnvrtc.so.13: it does not say its version)")
        refuses("cuModuleGetFunction=500", ".cu has not every kernel")
        assert.equal(2, fake:calls "left: 0 bytes, 0 modules, 0 streams")
    end)

    it("is opened when there is no memory: an error, or less of a cache", function()
        for _, words in ipairs { "", "fatbin=0" } do
            for _ = 1, 2 do -- with an empty cache, with a full one
                local output, status = fake:lua(words, "print(require('support.gpu_module').sweep(...))",
                                                fake:at "cache/hunch")
                assert.equal(0, status, output)
                assert.is_true(tonumber(output) >= 2, output)
                assert.equal(fake:calls "cuDevicePrimaryCtxRetain", fake:calls "left: 0 bytes, 0 modules, 0 streams")
            end
        end
    end)

    it("has memory from the last scan: the next one, with the same rules, takes none", function()
        local taken = {}
        for scans = 1, 3 do
            local output, status = fake:lua("", [[
                local hunch = require "hunch"
                local engine = assert(hunch.engine { backend = "cuda", threads = 1 })
                local rules = assert(engine:compile { name = "x", text = "rule 'x' { prefilter = any { 'key' } }" })
                for i = 1, tonumber(...) do
                    local records = { { data = ("a key "):rep(50) }, { data = ("a key "):rep(i) } }
                    assert(#assert(rules:scan(records)).matches == 50 + i)
                end
            ]], tostring(scans))
            assert.equal("", output)
            assert.equal(0, status)
            taken[scans] = { fake:calls "cuMemAlloc_v2", fake:calls "cuMemHostAlloc" }
            assert.equal(1, fake:calls "left: 0 bytes, 0 modules, 0 streams")
        end
        assert.is_true(taken[1][1] > 0 and taken[1][2] > 0)
        assert.same(taken[1], taken[2])
        assert.same(taken[1], taken[3])
    end)

    it("gives as much of its memory as it is asked for: what is free, less a 16th, or what the caller says", function()
        local output, status = fake:lua("memory=1600000", [[
            local hunch = require "hunch"
            for _, bytes in ipairs { 0, 5000 } do
                print(hunch.engine({ backend = "cuda", device_memory = bytes }):info().opened.memory_left)
            end
        ]])
        assert.equal("1500000\n5000\n", output)
        assert.equal(0, status)
        output = fake:hunch("", "scan --backend cuda --device-memory 5K -r rules/secrets spec/device")
        assert.matches("the device_memory of 5120 bytes has no room for %d+ more; raise it; the host went on", output)
    end)

    it("fails while it is used: the answer is the same, and a note says what failed", function()
        local words = { "seed=1", "cuOccupancyMaxActiveBlocksPerMultiprocessor=1" } -- nobody has to know that
        for _, call in ipairs { "cuMemAlloc_v2=2", "cuMemHostAlloc=2", "cuMemcpyHtoDAsync_v2=719",
                                "cuMemcpyDtoHAsync_v2=719", "cuMemsetD8Async=719", "cuLaunchKernel=719",
                                "cuLaunchCooperativeKernel=719", "cuStreamSynchronize=719" } do
            for _, from in ipairs { 1, 2, 3, 5 } do words[#words + 1] = call:gsub("=", "@" .. from .. "=") end
        end
        for _, bytes in ipairs { 1000, 100000, 8000000 } do words[#words + 1] = "memory=" .. bytes end
        local output, status = fake:lua("", SCAN, table.unpack(words))
        assert.equal(0, status, output)
        local i = 0
        for same, note in output:gmatch "([^\n|]*)|([^\n]*)\n" do
            i = i + 1
            assert.equal("same", same, words[i])
            if words[i] == "memory=8000000" then -- a slab was made smaller, until there was room
                assert.equal("", note)
            elseif words[i] == "memory=1000" then
                assert.matches("^the GPU's memory, of which 938 bytes were free, has no room for %d+ more; the", note)
            elseif note ~= "" then
                assert.matches("the GPU failed: .+ %(CUDA_ERROR_[A-Z_]+%); the host went on alone$", note)
            else -- there may be no fifth call
                assert.is_true(i <= 2 or words[i]:find "@[235]=" ~= nil, words[i])
            end
        end
        assert.equal(#words, i)
        -- A device a scan: each gave everything back.
        assert.equal(#words, fake:calls "left: 0 bytes, 0 modules, 0 streams")
    end)
end)

describe("the libraries of a GPU", function()
    local fake
    after_each(function() fake:remove() end)

    it("are not touched by a scan with the backend auto", function()
        fake = fake_cuda.new()
        local output, status = fake:hunch("", "scan -r rules/secrets spec/device")
        assert.is_true(status <= 1, output)
        assert.equal(1, select(2, fake:run("", "test -e " .. fake:at "log")))
    end)

    it("are passed over where they are no driver", function()
        fake = fake_cuda.new { driver = "/dev/null" }
        local output, status = fake:hunch("", "scan --backend cuda -r rules/secrets spec/device")
        assert.equal("hunch: no NVIDIA driver: libcuda.so.1 cannot be opened\n", output)
        assert.equal(2, status)
        fake:remove()
        fake = fake_cuda.new { driver = OTHER }
        output = fake:hunch("", "scan --backend cuda -r rules/secrets spec/device")
        assert.equal("hunch: the NVIDIA driver is too old: it has no cuInit\n", output)
    end)

    it("fails in bench and test, too, and it is said", function()
        fake = fake_cuda.new()
        local note = "hunch: the GPU failed"
        local output, status = fake:hunch("cuLaunchKernel=719", "test --backend cuda rules/secrets/chat.lua")
        assert.matches(note, output, 1, true)
        assert.equal(0, status)
        output, status =
            fake:hunch("cuLaunchKernel=719", "bench --backend cuda --runs 2 --threads 1 -r rules/secrets spec/device")
        local _, count = output:gsub(note, "")
        assert.same({ 1, 0 }, { count, status })
    end)

    it("are asked for by version, and one that is broken is passed over", function()
        fake = fake_cuda.new()
        local function now(name, target)
            assert(os.execute(("ln -sf %s '%s'"):format(target, fake:at("lib/" .. name))))
        end
        local function kernels(words)
            return fake:lua(words, "print((require('support.gpu_module').open(nil).kernels:gsub(', but.*', '')))")
        end
        assert.equal("compiled by NVRTC 13.0\n", kernels "driver=13000")
        now("libnvrtc.so.12", OTHER)
        assert.equal("compiled by NVRTC 12.9\n", kernels "driver=13000 nvrtc=1209")
        assert.equal("compiled by NVRTC 13.0\n", kernels "driver=12080") -- the one of its version cannot be used
        now("libnvrtc.so.13", OTHER)
        local output = fake:lua("", "print(select(2, require('support.gpu_module').open(nil)))")
        local real = fake_cuda.shell "ls /usr/local/cuda/lib64/libnvrtc.so" -- the last place that is looked at
        if not real:match "^/usr/local/cuda/lib64/libnvrtc.so\n$" then
            assert.matches("NVRTC cannot be used (libnvrtc.so.13: it has no nvrtcVersion); install NVRTC 13",
                           output, 1, true)
        end
    end)
end)
