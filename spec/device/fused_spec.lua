-- The kernel of the route fused, which takes NVRTC longer than all others: it is compiled when somebody insists on it,
-- or beside scans that go on for long, and then kept as the others are.
local fake_cuda = require "support.fake_cuda"

-- Scans until one took the route fused, `most` times at the most, with scan options of our own: what the kernels
-- came from, matches and notes that were seen, fused dispatches, and how many scans it took.
local SCAN = [[
    local late_after, most, options = ...
    local module = require "support.engine_module"
    local engine = assert(module.core.engine { backend = "cuda", threads = 1 })
    module.sizes(engine, { late_after = tonumber(late_after), race_after = 100000 })
    local rules = assert(engine:compile { name = "x.lua", text = 'rule "a" { confirm = { regex "key=([0-9]+)" } }' })
    local scans, fused, said = 0, 0, {}
    repeat
        scans = scans + 1
        local result, why = rules:scan({ { name = "a", data = ("key=12 "):rep(30) } }, load("return " .. options)())
        local what = result and #result.matches .. " " .. (result.stats.note or "no note") or (why.message or why)
        if said[#said] ~= what then said[#said + 1] = what end
        fused = fused + (result and result.stats.routes.fused or 0)
    until fused > 0 or scans == tonumber(most)
    print(engine:info().opened.kernels .. "\n" .. table.concat(said, "; ") .. "\n" .. (fused > 0 and "fused" or "not"))
]]
local OTHERS, ALL = "compiled by NVRTC 13.0, but for fused.cu", "cached, compiled by NVRTC 13.0"

describe("the kernel of the route fused", function()
    local fake, others

    before_each(function()
        fake = fake_cuda.new()
        fake:lua("", SCAN, "100000", "1", "{}")
        others = fake:calls "nvrtcCompileProgram"
        assert(os.execute(("rm -rf '%s'"):format(fake:at "cache/hunch")))
    end)
    after_each(function() fake:remove() end)

    local function scan(words, ...)
        local output, status = fake:lua(words, SCAN, ...)
        assert.equal(0, status, output)
        assert.equal(1, fake:calls "left: 0 bytes, 0 modules, 0 streams")
        local lines = {}
        for line in output:gmatch "[^\n]+" do lines[#lines + 1] = line end
        return lines
    end

    it("is not compiled for scans that end soon, which do without", function()
        assert.same({ OTHERS, "30 no note", "not" }, scan("", "100000", "40", "{}"))
        assert.equal(others, fake:calls "nvrtcCompileProgram")
        assert.is_true(others >= 3)
    end)

    it("is compiled at once for whoever insists, and is there in the next process", function()
        for _, options in ipairs { "{ route = 'fused' }", "{ speculate = 'force' }" } do
            assert.same({ OTHERS, "30 no note", "fused" }, scan("", "100000", "1", options))
            assert.equal(others + 1, fake:calls "nvrtcCompileProgram")
            assert.same({ ALL, "30 no note", "fused" }, scan("", "100000", "1", options))
            assert.equal(0, fake:calls "nvrtcCompileProgram")
            assert(os.execute(("rm -rf '%s'"):format(fake:at "cache/hunch")))
        end
    end)

    it("is compiled beside scans that go on", function()
        assert.same({ OTHERS, "30 no note", "fused" }, scan("", "0", "20000", "{}"))
        assert.equal(others + 1, fake:calls "nvrtcCompileProgram")
        -- Or while the engine is given back, which waits for it.
        assert(os.execute(("rm -rf '%s'"):format(fake:at "cache/hunch")))
        assert.equal(OTHERS, scan("", "0", "2", "{}")[1])
    end)

    it("that cannot be compiled is left out, and said; who insists on it is told why", function()
        local words = ("nvrtcCompileProgram@%d=6"):format(others + 1)
        assert.matches("NVRTC 13.0 does not compile fused.cu for sm_90: ",
                       scan(words, "100000", "3", "{ route = 'fused' }")[2])
        assert.equal(others + 1, fake:calls "nvrtcCompileProgram") -- once
        assert(os.execute(("rm -rf '%s'"):format(fake:at "cache/hunch")))
        local lines = scan(words, "0", "300", "{}")
        assert.equal("not", lines[3])
        assert.matches("30 [^;]+; the route fused was left out$", lines[2])
    end)
end)
