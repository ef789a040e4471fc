-- The backend cuda on the emulated device: what the engine finds is what the naive one finds, and what it finds when
-- the device fails in the middle is the same.
local differential = require "support.engine_differential"
local hunch = require "hunch"
local device = require "support.device_module"

local CASES = os.getenv "HUNCH_SOAK" and 3000 or os.getenv "HUNCH_SAN" and 10 or 60

describe("the backend cuda, emulated,", function()
    it(("equals the naive engine (%d rule sets)"):format(CASES), function()
        local counts = differential.run(1, CASES, 1, function(engine) device.attach(engine, { seed = 3 }) end)
        assert.is_true(counts.cases > CASES * 0.8 and counts.matches > 5 * CASES)
    end)

    it("says the same when the device fails in the middle, and that it did", function()
        local records = {}
        for i = 1, 40 do records[i] = { name = "r" .. i, data = ("a key=%d, a needle "):format(i):rep(i) } end
        local function scan(options, fail_at)
            local engine = assert(hunch.engine { cache = "", threads = 2 })
            if fail_at then device.attach(engine, { fail_at = fail_at }) end
            local rules = assert(engine:compile { name = "x.lua", text =
                [[rule "key" { confirm = { regex "key=([0-9]+)" } } rule "needle" { prefilter = any { "needle" } }]] })
            local result = assert(rules:scan(records, options))
            assert.same({}, result.incomplete)
            local list = {}
            for i, m in ipairs(result.matches) do list[i] = ("%s %s %d"):format(m.record, m.rule, m.first) end
            return table.concat(list, "\n"), result.stats
        end
        local wanted = scan { backend = "cpu" }
        local failed = 0
        for fail_at = 0, 40 do
            local found, stats = scan({ backend = "cuda" }, fail_at)
            assert.equal(wanted, found)
            assert.equal("cuda", stats.backend)
            if stats.note then
                assert.matches("emulated device .*; the host went on alone", stats.note)
                failed = failed + 1
            else
                assert.is_true(fail_at == 0 or fail_at > 20)
            end
        end
        assert.is_true(failed > 20)
    end)
end)
