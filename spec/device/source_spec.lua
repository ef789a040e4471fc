-- Sources on their way to a module: fatbin, cache, NVRTC; and a user's own.
local fake_cuda = require "support.fake_cuda"

describe("a source of kernels", function()
    local fake

    before_each(function() fake = fake_cuda.new() end)
    after_each(function() fake:remove() end)

    local TEXT = [[extern "C" __global__ void f(int *out) { *out = 1; }]]
    -- What a fatbin begins with.
    local function load(words, fatbin, entry)
        local output, status = fake:lua(words, [[
            local text, fatbin, folder, entry = ...
            print(require("support.gpu_module").load { name = "x.cu", text = text, entries = { entry }, cache = folder,
                fatbin = fatbin == "yes" and "\x50\xed\x55\xba more" or fatbin == "broken" and "none" or nil })
        ]], TEXT, fatbin or "no", fake:at "cache/hunch", entry or "f")
        assert.equal(0, status, output)
        return (output:gsub("\n$", ""))
    end

    it("comes from the fatbin where the driver takes it, and nothing else is opened", function()
        assert.equal("fatbin", load("fatbin=0", "yes"))
        assert.equal(0, fake:calls "nvrtcVersion")
        assert.same({}, fake:kept())
    end)

    it("is compiled where the driver does not, and then cached", function()
        for _, code in ipairs { 209, 222, 218, 200 } do
            fake_cuda.shell("rm -rf '" .. fake:at "cache/hunch" .. "'")
            assert.equal("NVRTC", load("fatbin=" .. code, "yes"))
            assert.equal("cache", load("fatbin=" .. code, "yes"))
        end
        assert.equal("cache", load("", "broken"))
        assert.equal("cache", load("", "no"))
    end)

    it("says both reasons where neither goes", function()
        local output = load("fatbin=222 nvrtcCompileProgram=6", "yes")
        assert.matches("the driver (for CUDA 13.0) does not take the kernels that hunch was built with " ..
                       "(CUDA_ERROR_UNSUPPORTED_PTX_VERSION), and others cannot be had: NVRTC 13.0 does not compile",
                       output, 1, true)
        assert.matches("the GPU has no memory for x.cu", load("fatbin=2", "yes"), 1, true)
        assert.equal(0, fake:calls "nvrtcCompileProgram")
        assert.matches("x.cu has not every kernel that is asked of it: \"g\" must be", load("", "no", "g"), 1, true)
        assert.same({}, fake:kept())
    end)

    local function compile(words, text, entry, launch)
        local output, status = fake:lua(words, [[
            local text, entry, folder, launch = ...
            local ok, message, log = require("support.gpu_module").compile { name = "mine.cu", text = text,
                entry = entry, cache = folder, launch = launch == "launch" }
            print(ok, message) io.write(log or "")
        ]], text, entry, fake:at "cache/hunch", launch or "")
        assert.equal(0, status, output)
        return output
    end

    it("may be a user's: compiled against portable.h, kept, started", function()
        local text = '#include "portable.h"\nextern "C" __global__ void mine(int *out) { *out = 1; }\n'
        assert.equal("true\tnil\n", compile("", text, "mine", "launch"))
        assert.equal(1, fake:calls "kernel mine")
        assert.is_true(fake:calls "nvrtcCompileProgram" > 0)
        assert.equal("true\tnil\n", compile("", text, "mine"))
        assert.equal(0, fake:calls "nvrtcCompileProgram")
        assert.equal(1, fake:calls "left: 0 bytes, 0 modules, 0 streams")
        assert.equal("true\tnil\n", compile("", text .. "// another text", "mine"))
        assert.equal(1, fake:calls "nvrtcCompileProgram")
    end)

    it("that does not compile comes with the compiler's whole log and the user's lines", function()
        local output = compile("", '#include "portable.h"\n\n#error no\nextern "C" __global__ void mine() {}', "mine")
        assert.matches("^nil\tNVRTC 13.0 does not compile mine.cu for sm_90: mine.cu%(3%): error: #error directive\n" ..
                       "mine.cu%(3%): error: #error directive\n1 error detected in the compilation\n$", output)
        assert.matches('mine.cu has not every kernel that is asked of it: "other" must be __global__ and extern "C"',
                       compile("", 'extern "C" __global__ void mine() {}', "other"), 1, true)
        local good = 'extern "C" __global__ void mine() {}'
        assert.matches("starting a kernel", compile("cuLaunchKernel=719", good, "mine", "launch"), 1, true)
        assert.equal(1, fake:calls "left: 0 bytes, 0 modules, 0 streams")
    end)
end)
