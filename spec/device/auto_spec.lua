-- The backend auto opens a GPU beside a scan that lasts, and never for one that does not. Driver and compiler are made
-- for specs.
local fake_cuda = require "support.fake_cuda"

-- Arguments: milliseconds until a device is wanted; a file that is there where a driver is; "once", or "": until a
-- scan has used the device, "info": show it; how many records, each a job.
local SCAN = [[
    local module = require "support.engine_module"
    local after, driver, wait, count = ...
    local engine = assert(module.core.engine { threads = 2 })
    module.sizes(engine, { inline_most = 0, device_least = 0, job = 1, slab = 1500, open_after = tonumber(after) })
    module.driver(engine, driver)
    local rules = assert(engine:compile { name = "x.lua", text =
        'rule "key" { confirm = { regex "key=([0-9]+)" } } rule "needle" { prefilter = any { "needle" } }' })
    local records = {}
    for i = 1, tonumber(count) do
        records[i] = { name = "r" .. i, data = ("a key=%d, a needle "):format(i):rep(i % 12) }
    end
    local function text(result)
        local list = {}
        for i, m in ipairs(result.matches) do list[i] = ("%s %s %d"):format(m.record, m.rule, m.first) end
        return table.concat(list, "\n")
    end
    local wanted = text(assert(rules:scan(records, { backend = "cpu" })))
    local most, stats = 0, nil
    local began = os.time()
    repeat
        local result = assert(rules:scan(records))
        assert(text(result) == wanted and #result.incomplete == 0)
        stats = result.stats
        most = math.max(most, stats.device_bytes)
    until wait == "once" or most > 0 or os.time() - began > 60
    print(most > 0 and "device" or "host", stats.note or "no note")
    if wait == "info" then print((engine:info().backends.cuda)) end
]]

describe("the backend auto", function()
    local fake

    before_each(function() fake = fake_cuda.new() end)
    after_each(function() fake:remove() end)

    local function scan(words, after, driver, wait, count)
        local output, status = fake:lua(words, SCAN, after, driver or "/dev/null", wait or "", count or "500")
        assert.equal(0, status, output)
        return output
    end

    it("opens a GPU beside the scan, once, and uses it", function()
        assert.equal("device\tno note\n", scan("", "0"))
        assert.equal(1, fake:calls "cuInit")
        assert.equal(1, fake:calls "left: 0 bytes, 0 modules, 0 streams")
        assert.is_true(fake:calls "cuLaunchKernel" > 0)
    end)

    it("opens one whose kernels have to be compiled only for a scan that lasts longer", function()
        assert.equal("device\tno note\n", scan("", "2", nil, "", "12000"))
        assert.equal(2, fake:calls "left: 0 bytes, 0 modules, 0 streams") -- the first one was left without kernels
        assert.equal(2, fake:calls "cuInit")
        assert.is_true(fake:calls "nvrtcCompileProgram" > 0)
        assert.equal("device\tno note\n", scan("", "2", nil, "", "12000")) -- now the cache has them
        assert.equal(1, fake:calls "cuInit")
        assert.equal(0, fake:calls "nvrtcCompileProgram")
    end)

    it("opens nothing for a scan that is over before", function()
        assert.equal("host\tno note\n", scan("", "60000", "/dev/null", "once"))
        assert.equal(0, fake:calls "cuInit")
    end)

    it("opens nothing where there is no driver's file", function()
        assert.equal("host\tno note\n", scan("", "0", "/there/is/none", "once"))
        assert.equal(0, fake:calls "cuInit")
    end)

    it("goes on with the host where opening fails; info says why", function()
        for _, words in ipairs { "devices=0", "cuInit=100", "cuDevicePrimaryCtxRetain=2", "cuModuleLoadData=2" } do
            local output = fake:lua(words, SCAN:gsub("> 60", "> 0"), "0", "/dev/null", "info", "500")
            assert.matches("^host\tno note\nnot here: ", output)
            assert.equal(2, fake:calls "cuInit", words) -- by a scan, and by info
            assert.is_true(fake:calls "cuDevicePrimaryCtxRetain" == 0
                or fake:calls "left: 0 bytes, 0 modules, 0 streams" <= 2)
        end
    end)

    it("gives up what it opens when the engine is freed meanwhile", function()
        for round, words in ipairs { "compile_ms=400", "compile_ms=1", "", "" } do
            scan(words, "0", "/dev/null", "once")
            local retained = fake:calls "cuDevicePrimaryCtxRetain"
            assert.equal(retained, fake:calls "left: 0 bytes, 0 modules, 0 streams")
            if round == 1 then
                assert.equal(1, retained)
                assert.equal(1, fake:calls "nvrtcCompileProgram") -- of three
            end
        end
    end)

    it("is left by a GPU that fails in the middle, and says so", function()
        local output = scan("cuLaunchKernel@3=719", "0")
        assert.matches("^device\t.*the GPU failed: .*; the host went on alone\n$", output)
    end)
end)
