-- Do the next jobs go to the device (runtime/offload.c)? Threads of a scan are played, with jobs that take as long as
-- the case says; what is lost against the faster side is bounded.
local module = require "support.offload_module"

local JOB = { host = 1 << 20, device = 7 << 20 } -- bytes

--- Plays `bytes` with `threads`; rate(side, done): bytes a thread does in a microsecond. found: bytes after which there
-- is a device. Returns the time, bytes of each side, and how often it changed.
local function play(case)
    local o = case.offload or module.new(case.threads)
    local free, done, by, changes, last = {}, 0, { host = 0, device = 0 }, 0, "host"
    for i = 1, case.threads do free[i] = { at = 0 } end
    local there = false
    while done < case.bytes do
        table.sort(free, function(a, b) return a.at < b.at end)
        local thread = free[1]
        if thread.turn then o:done(thread.turn, thread.bytes, thread.ns) end
        if not there and done >= (case.found or 0) then
            o:found()
            there = true
        end
        local side, turn = o:next()
        changes = changes + (side ~= last and 1 or 0)
        last = side
        local ns = math.floor(JOB[side] / case.rate(side, done) * 1000)
        thread.turn, thread.bytes, thread.ns, thread.at = turn, JOB[side], ns, thread.at + ns
        done = done + JOB[side]
        by[side] = by[side] + JOB[side]
    end
    local ends = 0
    for _, thread in ipairs(free) do ends = math.max(ends, thread.at) end
    return ends, by, changes, o
end

local function rates(host, device)
    return function(side) return side == "host" and host or device end
end

describe("the choice between host and device", function()
    it("stays with the host while there is no device", function()
        local o = module.new(2)
        for _ = 1, 100 do
            local side, turn = o:next()
            assert.equal("host", side)
            o:done(turn, 1000, 1000)
        end
    end)

    it("knows the host before it tries the device, and does not count warm jobs", function()
        local o = module.new(1)
        o:found()
        local function job(side, bytes)
            local now, turn = o:next()
            assert.equal(side, now)
            o:done(turn, bytes, 1000)
        end
        job("host", 1) -- warm
        job("host", 1000)
        job("device", 1) -- warm
        job("device", 1050)
        job("host", 1) -- not more than 5 % faster
        o = module.new(1)
        o:found()
        job("host", 1)
        job("host", 1000)
        job("device", 1)
        job("device", 1051)
        job("device", 1000)
    end)

    it("does not learn from jobs of an earlier turn, of nothing, or in no time", function()
        local o = module.new(1)
        o:found()
        local _, early = o:next()
        for _ = 1, 2 do
            local _, turn = o:next()
            o:done(turn, 0, 1000)
            o:done(turn, 1000, 0)
            o:done(turn, 1000, 1000)
        end
        local side, turn = o:next()
        assert.equal("device", side)
        for _ = 1, 10 do o:done(early, 1, 1 << 40) end
        o:done(turn, 2000, 1000)
        o:done(turn, 2000, 1000)
        assert.equal("device", (o:next()))
    end)

    it("goes to what is faster, and loses little by trying", function()
        for _, threads in ipairs { 1, 2, 16 } do
            for _, r in ipairs { { 1000, 100 }, { 1000, 990 }, { 1000, 1030 }, { 1000, 1200 }, { 1000, 20000 } } do
                local bytes = threads * (6 << 30)
                local time, by = play { threads = threads, bytes = bytes, rate = rates(r[1], r[2]) }
                local best = bytes / threads / math.max(r[1], r[2]) * 1000
                assert.is_true(time <= best * 1.06, ("%d, %d, %d: %.3f"):format(threads, r[1], r[2], time / best))
                assert.equal(r[2] >= r[1] * 1.05, by.device > bytes * 0.9)
                if r[2] < r[1] * 0.95 then assert.is_true(by.device < bytes * 0.06) end
            end
        end
    end)

    it("sees when the other one becomes faster", function()
        for _, first in ipairs { "host", "device" } do
            local bytes = 4 * (20 << 30)
            local function rate(side, done) return (side == first) == (done < bytes / 3) and 1000 or 300 end
            local time, by = play { threads = 4, bytes = bytes, rate = rate }
            assert.is_true(time <= bytes / 4 / 1000 * 1000 * 1.2, tostring(time / (bytes / 4)))
            assert.is_true(by.host > bytes * 0.2 and by.device > bytes * 0.2)
        end
    end)

    it("begins as the last scan has ended", function()
        local _, _, _, o = play { threads = 4, bytes = 4 << 30, rate = rates(1000, 5000) }
        local _, by = play { threads = 4, bytes = 1 << 30, rate = rates(1000, 5000),
            offload = module.new(4, o:memory()) }
        assert.is_true(by.host < 1 << 25) -- tried once more
        _, _, _, o = play { threads = 4, bytes = 4 << 30, rate = rates(1000, 500) }
        _, by = play { threads = 4, bytes = 1 << 30, rate = rates(1000, 500), offload = module.new(4, o:memory()) }
        assert.equal(0, by.device)
    end)

    it("goes back when the device is lost", function()
        local _, _, _, o = play { threads = 2, bytes = 4 << 30, rate = rates(1000, 5000) }
        assert.equal("device", (o:next()))
        o:lost()
        for _ = 1, 1000 do
            local side, turn = o:next()
            assert.equal("host", side)
            o:done(turn, 1 << 20, 1 << 30)
        end
    end)

    it("counts what no scan ever has", function()
        local o = module.new(1)
        o:found()
        for _, side in ipairs { "host", "host", "device", "device", "host", "host", "host" } do
            local now, turn = o:next()
            assert.equal(side, now)
            o:done(turn, math.maxinteger, 1 << 62)
        end
    end)
end)
