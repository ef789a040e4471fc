-- Kernels of a host's own: functions on ref and cpu, sources on a device, here one that specs make. All find what a
-- naive search finds (support/card_kernels.lua).
local cards = require "support.card_kernels"
local fake_cuda = require "support.fake_cuda"
local hunch = require "hunch"

describe("a kernel on the host", function()
    it("is its host function", function()
        local states = {}
        for i, backend in ipairs { "ref", "cpu" } do
            assert.is_true(cards.compare(cards.open(backend)) > 20)
            states[i] = cards.learn(cards.open(backend))
        end
        assert.equal(states[1], states[2])
    end)

    it("needs something that the backend can run", function()
        local engine = hunch.engine { backend = "ref" }
        local none, message = engine:kernel { name = "mine", source = "x" }
        assert.is_nil(none)
        assert.matches("kernel mine has nothing that the backend ref can run", message, 1, true)
        for _, bad in ipairs {
            {}, { name = 5 }, { name = "x", host = "f" }, { name = "x", source = 5 }, { name = "x", code = "" },
            { name = "x", headers = "h" }, { name = "x", headers = { "h" } },
            { name = "x", headers = { { name = "h" } } },
        } do
            assert.is_false(pcall(engine.kernel, engine, bad))
        end
    end)

    it("takes no inputs of a device", function()
        local engine, kernels = cards.open "ref"
        local p = cards.pair(engine, kernels, "text")
        p.inputs = { { address = 4096, size = 4 } }
        local none, message = hunch.prefilter_confirm(p)
        assert.is_nil(none)
        assert.matches("its host function cannot read there", message, 1, true)
    end)

    it("raises what its host function raises, and says what that must return", function()
        local engine = hunch.engine { backend = "ref" }
        local thing = {}
        for _, case in ipairs {
            { function() error(thing) end, thing },
            { function() return nil end, "must return a list of 1 strings" },
            { function() return { "a", "b" } end, "must return a list of 1 strings" },
            { function() return { "a" } end, "output 1 of a kernel's host function must have 8 bytes" },
        } do
            local kernel = engine:kernel { name = "mine", host = case[1] }
            local launch = { kernel = kernel, outputs = { 8 } }
            local ok, raised = pcall(engine.dispatch, engine, launch, {})
            assert.is_false(ok)
            assert.is_true(raised == case[2] or raised:find(case[2], 1, true) ~= nil)
            ok = pcall(hunch.prefilter_confirm, { backend = engine, speculator = hunch.speculator(),
                plan = { fused = launch }, inputs = {}, mode = "force" })
            assert.is_false(ok)
        end
    end)

    it("may dispatch inside of its host function, itself too", function()
        local engine = hunch.engine { backend = "ref" }
        local kernel
        kernel = engine:kernel { name = "fib", host = function(_, _, n)
            n = n[1]
            if n < 2 then return { string.pack("<i8", n) } end
            local total = 0
            for less = 1, 2 do
                local out = assert(engine:dispatch({ kernel = kernel, outputs = { 8 }, arguments = { n - less } }, {}))
                total = total + string.unpack("<i8", out[1])
            end
            collectgarbage "step"
            return { string.pack("<i8", total) }
        end }
        local out = assert(engine:dispatch({ kernel = kernel, outputs = { 8 }, arguments = { 10 } }, {}))
        assert.equal(55, string.unpack("<i8", out[1]))
    end)

    it("is refused names and texts with a zero byte", function()
        local engine = hunch.engine { backend = "ref" }
        for _, field in ipairs { "name", "source", "source_name", "header" } do
            local options = { name = "k", host = print }
            if field == "header" then
                options.headers = { { name = "a.h", text = "int a;\0" } }
            else
                options[field] = "k\0z"
            end
            assert.error_matches(function() engine:kernel(options) end, "must not have a zero byte")
        end
    end)

    it("is closed like any other object, but not while it runs", function()
        local engine = hunch.engine { backend = "ref" }
        local kernel
        kernel = engine:kernel { name = "mine", host = function()
            getmetatable(kernel).__close(kernel)
            return {}
        end }
        assert.is_false(pcall(engine.dispatch, engine, { kernel = kernel }, {}))
        getmetatable(kernel).__close(kernel)
        getmetatable(kernel).__close(kernel)
        local ok, message = pcall(engine.dispatch, engine, { kernel = kernel }, {})
        assert.is_false(ok)
        assert.matches("the kernel is closed", message, 1, true)
        local other = hunch.engine { backend = "ref" }
        local none, why = other:dispatch({ kernel = engine:kernel { name = "mine", host = print } }, {})
        assert.is_nil(none)
        assert.matches("belongs to another engine", why, 1, true)
        assert.is_nil((engine:dispatch({ kernel = engine:kernel { name = "m", host = print } }, { { address = 0 } })))
    end)
end)

describe("a kernel on a device", function()
    local fake

    before_each(function() fake = fake_cuda.new() end)
    after_each(function() fake:remove() end)

    -- Runs the chunk with `cards`, `hunch` and what it prints.
    local function run(words, chunk, ...)
        local output, status = fake:lua(words,
            'local cards, hunch = require "support.card_kernels", require "hunch"\n' .. chunk, ...)
        assert.equal(0, status, output)
        assert.equal(1, fake:calls "left: 0 bytes, 0 modules, 0 streams")
        return output
    end

    it("is its source: the same on every route, in every order of its lanes", function()
        for seed = 0, 4 do
            assert.is_true(tonumber(run("seed=" .. seed, 'print(cards.compare(cards.open "cuda"))')) > 20)
            assert.is_true(fake:calls "kernel cards_fused_kernel" > 0)
            assert.is_true(fake:calls "kernel cards_prefilter_kernel" > 0)
            assert.is_true(fake:calls "kernel cards_confirm_kernel" > 0)
        end
    end)

    it("teaches a speculator what the host's function teaches it", function()
        assert.equal(cards.learn(cards.open "ref"), run("seed=3", 'io.write(cards.learn(cards.open "cuda"))'))
    end)

    it("is compiled once: what it was compiled to is kept, under its text and its headers", function()
        local open = 'local engine, kernels = cards.open "cuda" print(#kernels)'
        run("", open)
        local compiled, kept = fake:calls "nvrtcCompileProgram", #fake:kept()
        run("", open)
        assert.same({ 0, kept }, { fake:calls "nvrtcCompileProgram", #fake:kept() })
        run("", 'cards.HEADERS[1].text = cards.HEADERS[1].text .. " // changed"\n' .. open)
        assert.is_true(compiled > 0)
        assert.same({ 1, kept + 1 }, { fake:calls "nvrtcCompileProgram", #fake:kept() })
    end)

    it("that does not compile is an error with the compiler's log and the source's lines", function()
        local output = run("", [[
            local engine = assert(hunch.engine { backend = "cuda" })
            local source = "\n\n#error no\n"
            local kernel, message, log = engine:kernel { name = "mine", source = source, source_name = "my.cu" }
            print(kernel, message)
            io.write(log)
            print(engine:kernel { name = "mine", source = "\n#error no\n" })
            print(engine:kernel { name = "other", source = cards.SOURCE, headers = cards.HEADERS })
        ]])
        assert.matches("nil\tNVRTC 13.0 does not compile my.cu for sm_90: my.cu(3): error: #error directive\n" ..
            "my.cu(3): error: #error directive\n1 error detected", output, 1, true)
        assert.matches("kernel.cu(2): error", output, 1, true)
        assert.matches('kernel.cu has not every kernel that is asked of it: "other" must be', output, 1, true)
    end)

    it("may have a host function beside it, which other backends call", function()
        assert.equal("HOST\n", run("", [[
            local engine = assert(hunch.engine { backend = "cuda" })
            local function upper(inputs) return { inputs[1]:upper() } end
            local host = assert(engine:kernel { name = "host", host = upper })
            print(assert(engine:dispatch({ kernel = host, outputs = { 4 } }, { "host" }))[1])
        ]]))
    end)

    it("reads inputs where they are on the device", function()
        assert.equal("1 0 0 true\n1 0 0 false\n", run("", [[
            local text = "4111111111111111 " .. ("."):rep(700)
            local buffer = require("support.simt_module").buffer(text) -- this device reads the host's memory
            local engine, kernels = cards.open "cuda"
            for _, mode in ipairs { "force", "disable" } do
                local p = cards.pair(engine, kernels, text, mode)
                p.inputs = { { address = buffer:address(), size = #buffer } }
                local r = assert(hunch.prefilter_confirm(p))
                local a, b, c = ("<I4I4I4"):unpack(r.outputs[1])
                print(("%d %d %d %s"):format(a, b, c, r.speculated))
            end
        ]]))
    end)

    it("is refused a shape or arguments that cannot be, in auto too", function()
        local output = run("", [[
            local engine, kernels = cards.open "cuda"
            local many = {}
            for i = 1, 600 do many[i] = i end
            for _, change in ipairs { { blocks = 0 }, { threads = 0 }, { threads = 1025 }, { arguments = many } } do
                local p = cards.pair(engine, kernels, "text", nil, hunch.speculator { policy = "commit-rate" })
                for key, value in pairs(change) do p.plan.fused[key] = value end
                local r, message = hunch.prefilter_confirm(p)
                print(r, message, p.speculator:samples())
            end
        ]])
        local line = "nil\tthe kernel cards_fused_kernel cannot have %d blocks of %d threads; "
            .. "use 1 to 2^31 - 1 blocks of 1 to 1024\t0\n"
        assert.equal(line:format(0, 128) .. line:format(1, 0) .. line:format(1, 1025)
            .. "nil\tthe argument struct of the kernel cards_fused_kernel has more than 4096 bytes; "
            .. "give it fewer inputs, outputs or arguments\t0\n", output)
    end)

    it("that cannot be started falls back to serial once, and says so", function()
        local output = run("", [[
            local engine, kernels = cards.open "cuda"
            local p = cards.pair(engine, kernels, "4111111111111111", nil, hunch.speculator { policy = "commit-rate" })
            p.plan.fused.shared = 1 << 30
            local r = assert(hunch.prefilter_confirm(p))
            print(#r.outputs, r.outputs[1] == cards.packed { 1 }, r.speculated, p.speculator:samples())
            print(r.fallback)
            p.mode = "force"
            print(hunch.prefilter_confirm(p))
            print(p.speculator:samples())
        ]])
        local why = "the kernel cards_fused_kernel failed: the GPU failed: starting a kernel: "
            .. "a failure that was asked for (CUDA_ERROR_LAUNCH_FAILED)\n"
        assert.equal("1\ttrue\tfalse\t1\n" .. why .. "nil\t" .. why .. "1\n", output)
    end)

    it("leaves nothing behind wherever the device fails, and never a wrong answer", function()
        local chunk = [[
            local text = ("4111111111111111 "):rep(40)
            local _, counts = cards.search(text)
            local engine, kernels = cards.open "cuda"
            local p = cards.pair(engine, kernels, text, nil, hunch.speculator { policy = "commit-rate" })
            for _ = 1, 3 do
                local r, message = hunch.prefilter_confirm(p)
                print(r and (r.outputs[1] == cards.packed(counts) and r.speculated) or message)
            end
        ]]
        for _, name in ipairs { "cuMemAlloc_v2", "cuMemcpyHtoDAsync_v2", "cuMemsetD8Async", "cuLaunchKernel",
            "cuMemcpyDtoHAsync_v2", "cuStreamSynchronize" } do
            local good = 0
            for at = 1, 4 do
                for line in run(("%s@%d=719"):format(name, at), chunk):gmatch "[^\n]+" do
                    if line == "true" then
                        good = good + 1
                    else
                        assert.matches("the GPU failed", line, 1, true)
                    end
                end
            end
            assert.is_true(good > 2, name) -- three dispatches, so the fourth call may be in none of them
        end
    end)

    it("does all of this in C, in many threads, and with each allocation refused in its turn", function()
        local build = os.getenv "HUNCH_BUILD" or "build"
        local output, status = fake:run("", build .. "/spec/kernel_check device examples/own_kernel")
        assert.equal(0, status, output)
        assert.is_true(tonumber(output:match "(%d+) checks, 0 failures") > 100, output)
        assert.equal(1, fake:calls "left: 0 bytes, 0 modules, 0 streams")
    end)

    it("runs as often as one likes, with what it took the first time", function()
        run("", [[
            local engine, kernels = cards.open "cuda"
            local speculator = hunch.speculator()
            local text = ("4111111111111111 "):rep(40)
            for _ = 1, 60 do
                assert(hunch.prefilter_confirm(cards.pair(engine, kernels, text, nil, speculator)))
            end
        ]])
        assert.is_true(fake:calls "cuMemAlloc_v2" < 30)
    end)
end)
