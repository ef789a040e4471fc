-- The backend cuda on the emulated device: what the engine finds is what the naive one finds, and what it finds when
-- the device fails in the middle is the same.
local agreement = require "support.rules_agreement"
local differential = require "support.engine_differential"
local hunch = require "hunch"
local device = require "support.device_module"
local module = require "support.engine_module"

local CASES = os.getenv "HUNCH_SOAK" and 3000 or os.getenv "HUNCH_SAN" and 10 or 60

describe("the backend cuda, emulated,", function()
    it(("equals the naive engine (%d rule sets)"):format(CASES), function()
        local counts = differential.run(1, CASES, 1, function(engine) device.attach(engine, { seed = 3 }) end)
        assert.is_true(counts.cases > CASES * 0.8 and counts.matches > 5 * CASES)
    end)

    it("equals ref on a program of many random rules", function()
        local counts = agreement.counts()
        agreement.run(1, { rules = os.getenv "HUNCH_SAN" and 40 or 200, records = 4, most = 200,
            attach = function(engine) device.attach(engine, { seed = 5 }) end }, counts)
        assert.is_true(counts.matches > 100)
    end)

    it("equals ref where literals are long enough for windows at every fourth place", function()
        local counts = agreement.counts()
        for least = 10, 12, 2 do
            agreement.run(least, { rules = least == 10 and 50 or os.getenv "HUNCH_SAN" and 300 or 2100, least = least,
                attach = function(engine) device.attach(engine, { seed = 6 }) end }, counts)
        end
        assert.is_true(counts.matches > 100)
    end)

    local function scan_one(rules, data, options, sizes)
        local engine = assert(module.core.engine { cache = "", threads = 1 })
        module.sizes(engine, sizes or {})
        device.attach(engine, { seed = 1 })
        rules = assert(engine:compile { name = "r.lua", text = rules })
        local result = assert(rules:scan({ { name = "r", data = data } }, options))
        local list = {}
        for _, m in ipairs(result.matches) do list[#list + 1] = ("%s %d..%d"):format(m.rule, m.first, m.last) end
        for _, l in ipairs(result.incomplete) do list[#list + 1] = ("%s %s"):format(l.rule, l.reason) end
        return table.concat(list, "; "), result
    end

    local ROUTES = { "fused", "chained", "serial" }

    it("reports what stages before a regex could not see, whatever the regex finds", function()
        for _, case in ipairs {
            { 'host(function() error "boom" end), regex "key=[0-9]+", entropy { at_least = 3 }', "key=1111",
              "a host-error" },
            { 'host(function() error "boom" end), regex "key=[a-z]{80}!"', "key=" .. ("x"):rep(80) .. ".",
              "a host-error" },
            { 'count { lit "b", at_least = 9 }, regex "key=[0-9]+", entropy { at_least = 3 }',
              "key=1111 " .. ("b"):rep(19), "a memory", { spans_most = 4 } },
        } do
            local rules = ('rule "a" { confirm = { %s } }'):format(case[1])
            assert.equal(case[3], (scan_one(rules, case[2], { backend = "ref" }, case[4])))
            for _, route in ipairs(ROUTES) do
                assert.equal(case[3], (scan_one(rules, case[2], { backend = "cuda", route = route }, case[4])))
            end
        end
    end)

    it("charges a record that the host does again with its own time", function()
        local rules = [[rule "a" { confirm = { regex "[a-d]+=[a-d]{2}", entropy { at_least = 2 } } }]]
        for _, route in ipairs(ROUTES) do
            local _, result = scan_one(rules, "aa=aab=ab", { backend = "cuda", route = route, decisions = "log" })
            assert.is_true(result.decisions[1].measured_ns < 60e9)
            assert.is_true(result.decisions[1].confirm_ns <= result.decisions[1].measured_ns)
        end
    end)

    it("has not speculated where a rule has no gate", function()
        for rules, speculated in pairs { [ [[rule "b" { confirm = { regex "key=[0-9]" } }]] ] = 0,
            [ [[rule "b" { prefilter = any { "x" }, confirm = { regex "key=[0-9]" } }]] ] = 1 } do
            for _, backend in ipairs { "cpu", "cuda" } do
                local _, result = scan_one(rules, "x key=1", { backend = backend, route = "fused" })
                assert.equal(speculated, result.stats.speculated, backend .. rules)
            end
        end
    end)

    it("takes many small records in dispatches of a size", function()
        local records = {}
        for i = 1, 70000 do records[i] = { name = "", data = i % 35000 == 0 and "key" or "" } end
        local engine = assert(hunch.engine { cache = "", threads = 1 })
        device.attach(engine, { seed = 1 })
        local rules = assert(engine:compile { name = "r.lua", text = 'rule "a" { prefilter = any { "key" } }' })
        local result = assert(rules:scan(records, { backend = "cuda", decisions = "log" }))
        assert.equal(2, #result.matches)
        assert.equal(70000, result.stats.records)
        assert.equal(2, #result.decisions)
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
