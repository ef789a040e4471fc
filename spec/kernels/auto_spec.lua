-- The backend auto with the emulated device: a scan that goes over to it in the middle, and back, finds what the host
-- finds, byte for byte.
local device = require "support.device_module"
local module = require "support.engine_module"
local random_of = require("support.random").generator
local tree = require "support.tree"

local SEEDS = os.getenv "HUNCH_SAN" and 6 or 30

local RULES = [[
    rule "key" { prefilter = all { "gate" }, confirm = { regex "key=([0-9]+)" } }
    rule "needle" { prefilter = any { "needle" } }
    rule "none" { prefilter = none { "a" } }
    rule "host" { confirm = { regex "h[0-9]{2}", host(function(m) return m.text ~= "h11" end) } }
    rule "run" { confirm = { regex "[0-9]{12}" } }
]]

local function show(result)
    local out = {}
    for _, m in ipairs(result.matches) do
        out[#out + 1] = ("%s %s %d..%d line %d %q %s"):format(m.record, m.rule, m.first, m.last, m.line, m.text,
            m.captures and m.captures[1] and m.captures[1].text or "")
    end
    for _, l in ipairs(result.incomplete) do out[#out + 1] = ("%s %s %s"):format(l.record, l.rule, l.reason) end
    return table.concat(out, "\n")
end

local WORDS = { "gate", "key=12", "needle", "a", "h10", "h11", "123456789012", "x", "\n", "key=" }

local function records_of(random, count)
    local records = {}
    for i = 1, count do
        local words = {}
        for k = 1, random(12) do words[k] = WORDS[random(#WORDS)] end
        records[i] = { name = "r" .. i, data = table.concat(words, " ") }
    end
    return records
end

--- An engine whose scans have jobs of a record or a few; its backend is auto.
local function engine_of(threads, sizes)
    local engine = assert(module.core.engine { cache = "", threads = threads })
    local all = { inline_most = 0, device_least = 0, job = 1, slab = 400, open_after = 1 << 30 }
    for key, value in pairs(sizes or {}) do all[key] = value end
    module.sizes(engine, all)
    return engine
end

describe("the backend auto, with the emulated device,", function()
    it(("goes over in the middle, and finds the same (%d seeds)"):format(SEEDS), function()
        local moved, stayed = 0, 0
        for seed = 1, SEEDS do
            local random = random_of(seed)
            local threads = ({ 1, 2, 4 })[seed % 3 + 1]
            local engine = engine_of(threads, { slab = 100 * random(6), device_least = random(2) == 1 and 1000 or 0 })
            local rules = assert(engine:compile { name = "r.lua", text = RULES })
            local records = records_of(random, 120)
            local wanted = show(assert(rules:scan(records, { backend = "ref" })))
            -- Attached before the scan, or when so many records have had a match.
            local after, list = random(3) == 1 and 0 or random(60), {}
            if after == 0 then device.attach(engine, { seed = seed }) end
            local found = 0
            local result = assert(rules:scan(records, { decisions = "log", on_match = function(m)
                found = found + 1
                if found == after then device.attach(engine, { seed = seed }) end
                list[#list + 1] = m
            end }))
            result.matches = list
            assert.equal(wanted, show(result), "seed " .. seed)
            local stats, bytes = result.stats, 0
            for _, record in ipairs(records) do bytes = bytes + #record.data end
            assert.equal(bytes, stats.bytes)
            assert.is_true(stats.device_bytes <= bytes)
            assert.equal(stats.device_bytes > bytes // 2 and "cuda" or "cpu", stats.backend)
            assert.is_nil(stats.note)
            local of_device = 0
            for _, d in ipairs(result.decisions) do
                assert.is_true(d.backend == "cpu" or d.backend == "cuda")
                of_device = of_device + (d.backend == "cuda" and 1 or 0)
            end
            assert.equal(stats.device_bytes > 0, of_device > 0)
            assert.equal(stats.device_bytes > 0, next(result.decisions.known_on_device) ~= nil)
            moved = moved + (stats.device_bytes > 0 and 1 or 0)
            stayed = stayed + (stats.device_bytes < bytes and 1 or 0)
            -- Once more: it begins as this one has ended, with all that it knows.
            assert.equal(wanted, show(assert(rules:scan(records))), "seed " .. seed)
        end
        assert.is_true(moved > SEEDS // 2, tostring(moved))
        assert.equal(SEEDS, stayed) -- the host is measured first, and the emulator is slower
    end)

    it("sends files, too, and comes back to a host that is faster", function()
        local folder = tree.new()
        local random = random_of(7)
        for i, record in ipairs(records_of(random, 900)) do folder:write(("f/%d/%d"):format(i % 9, i), record.data) end
        local engine = engine_of(1)
        device.attach(engine, { seed = 1 })
        local rules = assert(engine:compile { name = "r.lua", text = RULES })
        local wanted = assert(rules:scan_paths({ folder:at "f" }, { backend = "cpu" }))
        local function scan()
            local result = assert(rules:scan_paths({ folder:at "f" }))
            assert.equal(show(wanted), show(result))
            assert.equal(wanted.stats.records, result.stats.records)
            return result.stats
        end
        local first = scan()
        assert.is_true(first.device_bytes > 0 and first.device_bytes < first.bytes)
        -- It is known by now. Where others use the machine, a job of the host that was interrupted may say otherwise
        -- for a while; in one of the next scans it does not.
        local again
        local tries = 0
        repeat
            again, tries = scan(), tries + 1
        until again.device_bytes == 0 or tries == 8
        assert.equal(0, again.device_bytes)
        assert.equal("cpu", again.backend)
        folder:remove()
    end)

    it("replays what each side has decided", function()
        local hunch = require "hunch"
        local engine = engine_of(2)
        device.attach(engine, { seed = 1 })
        local rules = assert(engine:compile { name = "r.lua", text = RULES })
        local result = assert(rules:scan(records_of(random_of(3), 200), { decisions = "log" }))
        local logs = { cpu = {}, cuda = {} }
        for _, d in ipairs(result.decisions) do
            local log = logs[d.backend]
            log[d.group] = log[d.group] or {}
            table.insert(log[d.group], d)
            d.group, d.backend = nil, nil
        end
        for backend, known in pairs { cpu = result.decisions.known, cuda = result.decisions.known_on_device } do
            assert.is_truthy(next(logs[backend]))
            for group, log in pairs(logs[backend]) do
                local guess = hunch.speculator()
                assert(guess:load(known[group]))
                assert.same(log, assert(guess:replay(log)))
            end
        end
    end)

    it("says the same when the device fails, and that it did", function()
        local records = records_of(random_of(5), 150)
        local failed, wanted = 0, nil
        for fail_at = 0, 60, 3 do
            local engine = engine_of(2)
            device.attach(engine, { fail_at = fail_at })
            local rules = assert(engine:compile { name = "r.lua", text = RULES })
            wanted = wanted or show(assert(rules:scan(records, { backend = "cpu" })))
            local result = assert(rules:scan(records))
            assert.equal(wanted, show(result))
            if result.stats.note then
                assert.matches("emulated device .*; the host went on alone", result.stats.note)
                failed = failed + 1
            end
        end
        assert.is_true(failed > 5, tostring(failed))
    end)

    it("leaves a device alone that has no room for all threads", function()
        local engine = engine_of(4)
        device.attach(engine, { memory = 200000 })
        local rules = assert(engine:compile { name = "r.lua", text = RULES })
        local records = records_of(random_of(5), 150)
        local wanted = show(assert(rules:scan(records, { backend = "cpu" })))
        local result = assert(rules:scan(records))
        assert.equal(wanted, show(result))
        assert.matches("the host went on alone$", result.stats.note)
        assert.equal(0, result.stats.device_bytes)
    end)

    it("does not touch it for what is small, or known to be", function()
        for _, sizes in ipairs { { inline_most = 1 << 20 }, { device_least = 1 << 20 } } do
            local engine = engine_of(2, sizes)
            device.attach(engine, { seed = 1 })
            local rules = assert(engine:compile { name = "r.lua", text = RULES })
            local result = assert(rules:scan(records_of(random_of(5), 300)))
            assert.equal(0, result.stats.device_bytes)
            assert.equal("cpu", result.stats.backend)
            assert.equal(0, device.copies(engine))
        end
    end)

    it("is stopped in the middle, and says how far it came", function()
        local engine = engine_of(2)
        device.attach(engine, { seed = 1 })
        local rules = assert(engine:compile { name = "r.lua", text = RULES })
        local asked = 0
        local result = assert(rules:scan(records_of(random_of(5), 2000), { cancel = function()
            asked = asked + 1
            return asked > 3
        end }))
        assert.is_true(result.stats.device_bytes <= result.stats.bytes)
        assert.equal(result.stats.records < 2000, #result.incomplete > 0)
    end)

    it("has records on the device as long as it has one", function()
        local engine = engine_of(2)
        device.attach(engine, { seed = 1 })
        local rules = assert(engine:compile { name = "r.lua", text = RULES })
        local box, address = device.upload("a needle", 0, 65536)
        local result = assert(rules:scan({ { name = "r", data = address, size = 8 } }, { resident = "copy" }))
        assert.equal("r needle 3..8 line 1 \"needle\" ", show(result))
        assert.equal("cuda", result.stats.backend)
        assert.equal(8, result.stats.device_bytes)
        assert.is_truthy(box)
    end)
end)
