-- Kernels of a host's own on a real GPU (make gpu-check): NVRTC compiles those of examples/own_kernel.
local cards = require "support.card_kernels"
local hunch = require "hunch"

describe("a host's kernel on a GPU", function()
    it("finds what a naive search finds, fused and serial", function()
        local engine, kernels = cards.open "cuda"
        assert.is_true(cards.compare(engine, kernels) > 20)
        assert.equal(cards.learn(cards.open "ref"), cards.learn(engine, kernels))
    end)

    it("that does not compile comes with the compiler's log and its own lines", function()
        local engine = assert(hunch.engine { backend = "cuda" })
        local source = '#include "portable.h"\n\nstruct args { int *out; };\n'
            .. "HUNCH_KERNEL(mine, 32, struct args, args)\n{\n    args.out[0] = no_such_thing;\n}\n"
        local kernel, message, log = engine:kernel { name = "mine", source = source, source_name = "mine.cu" }
        assert.is_nil(kernel)
        assert.matches('mine.cu(6): error: identifier "no_such_thing" is undefined', message, 1, true)
        assert.matches("mine.cu(6): error", log, 1, true)
    end)

    it("that cannot be started falls back to serial, and says so", function()
        local engine, kernels = cards.open "cuda"
        local p = cards.pair(engine, kernels, "4111111111111111", nil, hunch.speculator { policy = "commit-rate" })
        p.plan.fused.shared = 1 << 30
        local r = assert(hunch.prefilter_confirm(p))
        assert.same({ { cards.packed { 1 } }, false }, { r.outputs, r.speculated })
        assert.matches("cards_fused_kernel failed", r.fallback, 1, true)
    end)
end)
