-- Counters and speculators from Lua: the rules of the policy commit-rate, and decisions as data. The same in C:
-- spec/support/guess_check.c.
local hunch = require "hunch"
local random = require "support.random"

local MOST = (1 << 32) - 1

local function rate(committed, rolled_back)
    return hunch.report(committed, rolled_back).commit_rate_ppm
end

local function speculator(pct, policy)
    return hunch.speculator { threshold_pct = pct, policy = policy or "commit-rate" }
end

describe("hunch.report", function()
    it("has rates in parts per million and in percent, floored", function()
        assert.same({ committed = 1, rolled_back = 2, commit_rate_ppm = 333333, commit_rate_pct = 33 },
            hunch.report(1, 2))
        assert.same(hunch.report(1, 2), hunch.report { committed = 1, rolled_back = 2 })
        assert.same({ 0, 0, 1000000, 500000 }, { rate(0, 0), rate(0, 7), rate(7, 0), rate(1 << 31, 1 << 31) })
        assert.equal(19, hunch.report(199, 801).commit_rate_pct)
    end)

    it("saturates the sum, not the product", function()
        assert.same({ 1000000, 1000000, 0 }, { rate(MOST, 0), rate(MOST, MOST), rate(1, MOST) })
    end)

    it("takes 32-bit counts only", function()
        for _, bad in ipairs { { -1, 0 }, { 0, MOST + 1 }, { 1.5, 0 }, { "a", 0 }, { 1 }, { { committed = -1 } } } do
            assert.is_false(pcall(hunch.report, table.unpack(bad)))
        end
    end)
end)

describe("hunch.worthwhile", function()
    it("is rate >= percent, saturating", function()
        assert.is_true(hunch.worthwhile(hunch.report(15, 85), 15))
        assert.is_false(hunch.worthwhile(hunch.report(149999, 850001), 15))
        assert.is_true(hunch.worthwhile(hunch.report(0, 0), 0))
        assert.is_false(hunch.worthwhile(hunch.report(0, 0), 1))
        assert.is_true(hunch.worthwhile({ committed = 1, rolled_back = 0 }, 100))
        for _, pct in ipairs { 101, 429497, MOST } do assert.is_false(hunch.worthwhile(hunch.report(1, 0), pct)) end
        assert.is_false(pcall(hunch.worthwhile, hunch.report(1, 0), -1))
    end)
end)

describe("the counter tail", function()
    it("is two little-endian numbers", function()
        assert.equal(8, hunch.COUNTER_TAIL_BYTES)
        assert.equal("\4\3\2\1\254\255\255\255", hunch.encode_counter_tail(0x01020304, 0xfffffffe))
        local next_number = random.generator(4)
        for _ = 1, 200 do
            local committed, rolled_back = next_number(1 << 31) * 2 - 1, next_number(1 << 31)
            local tail = hunch.encode_counter_tail { committed = committed, rolled_back = rolled_back }
            assert.equal(string.pack("<I4I4", committed, rolled_back), tail)
            assert.same(hunch.report(committed, rolled_back), hunch.parse_counter_tail("abcdefgh" .. tail))
        end
    end)

    it("is nil where the output is shorter than 8 bytes or not a multiple of 4", function()
        for size = 0, 40 do
            local report = hunch.parse_counter_tail(("\1"):rep(size))
            assert.equal(size >= 8 and size % 4 == 0, report ~= nil)
            assert.is_true(report == nil or report.committed == 0x01010101)
        end
    end)
end)

describe("the policy commit-rate", function()
    it("begins with the threshold as its value, enabled", function()
        assert.equal(15, hunch.DEFAULT_THRESHOLD_PCT)
        assert.same({ threshold_ppm = 150000, commit_rate_ppm = 150000, samples = 0, should_speculate = true },
            hunch.speculator({ policy = "commit-rate" }):report())
        assert.same({ 300000, 300000 }, { speculator(30):threshold_ppm(), speculator(30):commit_rate_ppm() })
        assert.equal(MOST, speculator(MOST):threshold_ppm())
    end)

    it("ignores empty reports", function()
        local s = speculator(15)
        s:record(0, 0)
        s:observe { committed = 0, rolled_back = 0 }
        assert.equal(0, s:samples())
        assert.equal(150000, s:commit_rate_ppm())
    end)

    it("moves by a quarter of the difference, shifted as a signed number", function()
        local s, expected, next_number = speculator(15), 150000, random.generator(9)
        local enabled = true
        for i = 1, 2000 do
            local committed, rolled_back = next_number(100) - 1, next_number(1000)
            if i % 2 == 0 then s:record(committed, rolled_back) else s:observe(committed, rolled_back) end
            expected = expected + (rate(committed, rolled_back) - expected) // 4 -- // floors, as >> does
            if expected < 112500 then enabled = false elseif expected >= 187500 then enabled = true end
            assert.same({ expected, enabled, i }, { s:commit_rate_ppm(), s:should_speculate(), s:samples() })
        end
    end)

    it("counts samples up to 2^31 - 1", function()
        local s = speculator(15)
        s:load(s:save():sub(1, 8) .. string.pack("<I8", 150000 | 0x7ffffffe << 32 | 1 << 63))
        for i = 0, 2 do
            assert.same({ i == 0 and 0x7ffffffe or 0x7fffffff, true, 150000 },
                { s:samples(), s:should_speculate(), s:commit_rate_ppm() })
            s:record(15, 85)
        end
    end)

    it("collapses below the dead band, recovers above it, and keeps what it was inside", function()
        local s = speculator(15)
        s:record(0, 10)
        assert.is_true(s:should_speculate()) -- 112,500 is the edge, not below it
        s:record(0, 10)
        assert.is_false(s:should_speculate())
        for _ = 1, 50 do s:observe(15, 85) end -- inside
        assert.is_false(s:should_speculate())
        s:observe(1, 0)
        assert.is_true(s:should_speculate())
        for _ = 1, 50 do s:observe(15, 85) end
        assert.is_true(s:should_speculate())
    end)

    it("has no latch: off is serial, whose dispatches are observed", function()
        local s, routes = speculator(15), {}
        for i = 1, 30 do
            local d = s:decide { bytes = 1, tiles = 100 }
            routes[i] = d.route:sub(1, 1)
            s:measure(d, { committed = i <= 10 and 0 or 60, rolled_back = 100 })
        end
        assert.equal("ff" .. ("s"):rep(11) .. ("f"):rep(17), table.concat(routes))
    end)
end)

describe("a speculator", function()
    local ALL = { "fused", "chained", "serial" }

    it("refuses what it does not know", function()
        for _, options in ipairs {
            { policy = "guess" }, { policy = 1 }, { threshold_pct = -1 }, { threshold_pct = "much" },
            { decisions = "all" }, 5, { policy = "cost-model\0" },
        } do
            assert.is_false(pcall(hunch.speculator, options))
        end
        local s = hunch.speculator()
        for _, batch in ipairs {
            { routes = { "fast" } }, { routes = { 1 } }, { routes = "fused" }, { mode = "maybe" }, { class = 8 },
            { bytes = -1 }, { tiles = 1 << 32 }, { backend = 5 }, { mode = "auto\0x" }, { routes = { "fused\0" } },
            { backend = "cpu\0" },
        } do
            assert.is_false(pcall(s.decide, s, batch))
        end
        assert.is_false(pcall(s.record, s, -1, 1))
        assert.is_false(pcall(s.measure, s, {}, {}))
        local d = s:decide { bytes = 1 }
        s:measure(d, { ns = 5 })
        assert.is_false(pcall(s.measure, s, d, { ns = 5 }))
    end)

    it("forces, disables, and names the backend that cannot", function()
        for _, policy in ipairs { "cost-model", "commit-rate" } do
            local s = speculator(15, policy)
            for _ = 1, 20 do s:observe(0, 1) end
            local d = s:decide { bytes = 1, tiles = 1, mode = "force" }
            assert.same({ "fused", "forced" }, { d.route, d.reason })
            s:measure(d, { committed = 1, rolled_back = 0 })
            assert.equal(21, s:samples())
            local none, message = s:decide { bytes = 1, routes = { "serial" }, mode = "force", backend = "abacus" }
            assert.is_nil(none)
            assert.matches("backend abacus cannot speculate", message, 1, true)
            assert.equal("serial", s:decide({ bytes = 1, routes = { "serial" }, mode = "auto" }).route)
            assert.equal("serial", s:decide({ bytes = 1, mode = "disable" }).route)
        end
    end)

    it("starts with serial before chained before fused, then takes what is fastest and says why", function()
        local s = hunch.speculator { decisions = "log" }
        local cost, reasons = { serial = 90000, chained = 60000, fused = 200000 }, {}
        for i = 1, 300 do
            local d = s:decide { bytes = 1 << 20, tiles = 256, routes = ALL }
            s:measure(d, { ns = cost[d.route], committed = 2, rolled_back = 254 })
            reasons[i] = d.reason
        end
        local log = s:log()
        assert.same({ "serial", "chained", "fused", "chained" },
            { log[1].route, log[2].route, log[3].route, log[4].route })
        assert.same({ "untried", "untried", "untried", "fastest", "stays" }, { table.unpack(reasons, 1, 5) })
        assert.is_true(table.concat(reasons, " "):find "probe" ~= nil)
        local last = log[300]
        for route, ns in pairs(cost) do
            assert.is_true(math.abs(last.predicted_ns[route] - ns) < ns / 50, route)
        end
        assert.same({ 599, 600, 60000, 2, 254, 2, "cost-model", "auto" }, { last.decided, last.observed,
            last.measured_ns, last.committed, last.rolled_back, last.hits, last.policy, last.mode })
        assert.equal(0, #hunch.speculator():log())
    end)

    -- One text for each decision, fields in order.
    local function written(log)
        local lines = {}
        for i, d in ipairs(log) do
            local fields = {}
            for key, value in pairs(d) do
                if key == "routes" then
                    value = table.concat(value, "+")
                elseif key == "predicted_ns" then
                    value = ("%d/%d/%d"):format(value.fused, value.chained, value.serial)
                end
                fields[#fields + 1] = key .. "=" .. tostring(value)
            end
            table.sort(fields)
            lines[i] = table.concat(fields, " ")
        end
        return table.concat(lines, "\n")
    end

    it("replays a log to the same bytes, from new and from a saved state", function()
        for _, policy in ipairs { "cost-model", "commit-rate" } do
            local next_number = random.generator(11)
            local s = hunch.speculator { policy = policy, decisions = "log" }
            local again = hunch.speculator { policy = policy }
            local flying = {}
            for _ = 1, 600 do
                flying[#flying + 1] = assert(s:decide { bytes = 1 << next_number(30), tiles = next_number(999),
                    class = next_number(2), routes = ALL })
                if next_number(6) == 1 then s:observe(next_number(9) - 1, 5) end
                if #flying > 3 then
                    local d = table.remove(flying, next_number(#flying))
                    s:measure(d, { ns = 9000 + d.bytes // #d.route, committed = next_number(5) - 1,
                        rolled_back = next_number(50), hits = next_number(3) - 1 })
                end
            end
            local replayed = assert(again:replay(s:log()))
            assert.equal(written(s:log()), written(replayed))
            local none, message = again:replay { s:log()[2], s:log()[1] }
            assert.is_nil(none)
            assert.matches("entry 2 of the log", message, 1, true)
            assert.is_false(pcall(again.replay, again, { { route = "fast" } }))
        end
    end)

    it("replays all of a log, or nothing of what is none, and says where", function()
        local s = hunch.speculator { decisions = "log" }
        for _ = 1, 4 do s:measure(s:decide { bytes = 9, tiles = 4 }, { ns = 50, committed = 1, rolled_back = 3 }) end
        local function refused(place, changes, raised)
            local log, again = {}, hunch.speculator()
            for i, d in ipairs(s:log()) do log[i] = d end
            for key, value in pairs(type(changes) == "table" and log[place] or {}) do
                changes[key] = changes[key] or value
            end
            log[place] = changes
            local state = again:save()
            local ok, replayed, message = pcall(again.replay, again, log)
            assert.equal(not raised, ok)
            assert.is_true(not ok or replayed == nil)
            assert.matches("entry " .. place .. " of the log", ok and message or replayed, 1, true)
            assert.same({ 0, state }, { again:samples(), again:save() })
        end
        refused(4, { mode = "force", routes = { "serial" } })
        refused(4, { mode = "disable", routes = { "fused" }, route = "fused" })
        refused(3, { routes = {} })
        refused(3, { routes = { "serial" }, route = "fused" })
        refused(3, 5, true)
        assert.same(s:log(), hunch.speculator():replay(s:log()))
    end)

    it("takes back a decision that was measured with nothing", function()
        for known = 0, 9, 3 do
            local s = hunch.speculator { decisions = "log" }
            local function next_one() return s:decide { bytes = 1 << 20, tiles = 9, routes = ALL } end
            for i = 1, known do s:measure(next_one(), { ns = 50000 + i, rolled_back = 9 }) end
            local state, last = s:save(), nil
            for _ = 1, 3 do
                local d = next_one()
                last = last or d.route
                assert.equal(last, d.route)
                s:measure(d, {})
                assert.equal(state, s:save())
            end
            s:measure(next_one(), { ns = 40000, committed = 1, rolled_back = 8 })
            assert.same(s:log(), hunch.speculator():replay(s:log()))
        end
        local s = hunch.speculator() -- and with others in flight: what was untried is untried again
        local first, second = s:decide { bytes = 1, routes = ALL }, s:decide { bytes = 1, routes = ALL }
        s:measure(first, {})
        s:measure(second, { ns = 500 })
        assert.same({ "serial", "chained", "serial" },
            { first.route, second.route, s:decide({ bytes = 1, routes = ALL }).route })
    end)

    it("saves what it learned, so that the next one starts wise", function()
        local s = hunch.speculator()
        for _ = 1, 50 do
            local d = s:decide { bytes = 1 << 20, tiles = 256, routes = ALL }
            s:measure(d, { ns = d.route == "fused" and 20000 or 60000, committed = 100, rolled_back = 156 })
        end
        local state = s:save()
        local wise = hunch.speculator()
        assert.is_true(wise:load(state))
        assert.equal(state, wise:save())
        local d = wise:decide { bytes = 1 << 20, tiles = 256, routes = ALL }
        assert.equal("fused", d.route)
        assert.not_equal("untried", d.reason)
        for _, bad in ipairs { "", "HPS1", state:sub(1, -2), state .. "x", state:sub(2) } do
            local none, message = wise:load(bad)
            assert.is_nil(none)
            assert.is_string(message)
        end
        assert.is_nil((speculator(15):load(state)))
        assert.equal(state, s:save())
    end)

    it("keeps classes of confirmers apart", function()
        local s = hunch.speculator()
        local function rounds(class, fast)
            local last
            for _ = 1, 30 do
                last = s:decide { bytes = 1 << 20, tiles = 256, class = class, routes = ALL }
                s:measure(last, { ns = last.route == fast and 30000 or 90000, committed = 9, rolled_back = 247 })
            end
            return last.route
        end
        assert.same({ "fused", "serial", "fused" }, { rounds(0, "fused"), rounds(1, "serial"), rounds(0, "fused") })
    end)

    it("refuses a state of which the end, or anything, is missing", function()
        local s = hunch.speculator()
        for class = 0, 2 do
            local d = s:decide { bytes = 1 << 20, tiles = 256, class = class, routes = ALL }
            s:measure(d, { ns = 30000, committed = 9, rolled_back = 247 })
        end
        local state = s:save()
        assert.is_true(#state > 100)
        for size = 0, #state - 1 do
            local loaded, why = hunch.speculator():load(state:sub(1, size))
            assert.is_nil(loaded)
            assert.matches("^not a state of a speculator", why.message or why)
        end
        assert(hunch.speculator():load(state))
    end)

    it("knows no other options", function()
        local s, store, race = hunch.speculator(), hunch.autotune "", hunch.race()
        local d = s:decide { bytes = 1, tiles = 1 }
        for _, each in ipairs {
            { hunch.speculator, { polcy = "commit-rate" } }, { s.decide, s, { byte = 1 } },
            { s.measure, s, d, { n = 1 } }, { hunch.report, { comitted = 5 } }, { hunch.race, { programm = "x" } },
            { hunch.autotune, "", { mots = 1 } },
            { s.record, s, { comitted = 5 } }, { s.observe, s, { rolledback = 5 } },
            { hunch.worthwhile, { comitted = 5 }, 15 }, { hunch.encode_counter_tail, { comitted = 5 } },
            { store.key, store, { progam = "x" } }, { store.key, store, { adapter = { nam = "H200" } } },
            { store.get, store, { progam = "x" } }, { store.put, store, {}, { workgruop = 5 } },
            { store.put, store, {}, { samples = { winner = 5 } } }, { hunch.race, { adapter = { nam = "H200" } } },
            { race.keep, race, store, { workgruop = 5 } }, { s.decide, s, { ["mode\0x"] = "auto" } },
        } do
            local ok, why = pcall(table.unpack(each))
            assert.is_false(ok)
            assert.matches('there is no option "[a-z]+"$', why)
        end
    end)

    it("is closed like any other object", function()
        local s = hunch.speculator()
        getmetatable(s).__close(s)
        assert.is_false(pcall(s.samples, s))
        getmetatable(s).__close(s)
    end)
end)
