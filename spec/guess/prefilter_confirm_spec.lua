-- Dispatch of a prefilter/confirmer pair from Lua, with backends of the host's own. The same in C:
-- spec/support/pair_check.c. Kernels on an engine: kernel_spec.lua.
local hunch = require "hunch"

local function tail(committed, rolled_back)
    return hunch.encode_counter_tail(committed, rolled_back)
end

-- A backend that gives what the program says, and keeps what it was asked.
local function abacus(speculate)
    local calls = {}
    return {
        name = "abacus",
        speculate = speculate ~= false,
        dispatch = function(program, inputs)
            calls[#calls + 1] = { program = program, inputs = inputs }
            if program.raises then error(program.raises, 0) end
            if program.fails then return nil, program.fails end
            return program.gives
        end,
    }, calls
end

-- Arguments of a pair whose fused program gives two outputs, the second with a tail, and changes to them.
local function pair(changes)
    local p = {
        backend = abacus(),
        speculator = hunch.speculator { policy = "commit-rate", decisions = "log" },
        plan = {
            fused = { gives = { "head", "abcd" .. tail(3, 1) } },
            prefilter = { gives = { "hits" } },
            counter_output = 2,
            strip_tail = true,
        },
        inputs = { "some ", "bytes" },
        confirm_serial = function(prefiltered) return { "confirmed " .. prefiltered[1] } end,
    }
    for key, value in pairs(changes or {}) do p[key] = value end
    return p
end

local function fails(p, ...)
    local result, message = hunch.prefilter_confirm(p)
    assert.is_nil(result)
    for _, text in ipairs { ... } do assert.matches(text, message, 1, true) end
end

describe("fused dispatch", function()
    it("parses the tail, strips it and records", function()
        local p = pair { tiles = 4 }
        local r = assert(hunch.prefilter_confirm(p))
        assert.same({ "head", "abcd" }, r.outputs)
        assert.same(hunch.report(3, 1), r.report)
        assert.is_true(r.speculated)
        assert.is_nil(r.fallback)
        assert.same({ 1, 150000 + 600000 // 4 }, { p.speculator:samples(), p.speculator:commit_rate_ppm() })
        assert.same({ "fused", "rate-high", 10, 4, 3, 1, 2 }, { r.decision.route, r.decision.reason, r.decision.bytes,
            r.decision.tiles, r.decision.committed, r.decision.rolled_back, r.decision.observed })
        assert.same({ r.decision }, p.speculator:log())
    end)

    it("shows the backend the program and the inputs, and does not confirm", function()
        local p = pair { confirm_serial = function() error "not serial" end }
        local calls
        p.backend, calls = abacus()
        assert(hunch.prefilter_confirm(p))
        assert.equal(1, #calls)
        assert.equal(p.plan.fused, calls[1].program)
        assert.equal(p.inputs, calls[1].inputs)
    end)

    it("leaves the tail where the plan does not strip it, and an empty output where it is everything", function()
        local p = pair()
        p.plan.strip_tail = nil
        assert.same({ "head", "abcd" .. tail(3, 1) }, assert(hunch.prefilter_confirm(p)).outputs)
        p.plan = { fused = { gives = { tail(7, 0) } }, strip_tail = true } -- the first output, when it is not said
        local r = assert(hunch.prefilter_confirm(p))
        assert.same({ { "" }, 7 }, { r.outputs, r.report.committed })
    end)

    it("takes no counters from an output of nothing: an empty report is ignored", function()
        local p = pair { plan = { fused = { gives = { tail(0, 0) } } } }
        assert.equal(0, assert(hunch.prefilter_confirm(p)).report.commit_rate_ppm)
        assert.equal(0, p.speculator:samples())
    end)
end)

describe("serial dispatch", function()
    it("gives what confirm_serial made of the prefilter's outputs, without a report", function()
        local p = pair { mode = "disable" }
        local r = assert(hunch.prefilter_confirm(p))
        assert.same({ "confirmed hits" }, r.outputs)
        assert.is_nil(r.report)
        assert.is_false(r.speculated)
        assert.equal("serial", r.decision.route)
        assert.equal(0, p.speculator:samples())
    end)

    it("observes what confirm_serial saw", function()
        local p = pair { mode = "disable" }
        p.confirm_serial = function() return {}, { committed = 1, rolled_back = 9 } end
        local r = assert(hunch.prefilter_confirm(p))
        assert.same({ {}, nil, 1 }, { r.outputs, r.report, p.speculator:samples() })
        assert.equal(150000 - 12500, p.speculator:commit_rate_ppm())
    end)

    it("follows a collapse, and finds back", function()
        local p, routes = pair(), {}
        for i = 1, 30 do
            local seen = i <= 10 and { 0, 100 } or { 60, 100 }
            p.plan.fused.gives[2] = tail(seen[1], seen[2])
            p.confirm_serial = function(outputs)
                return outputs, { committed = seen[1], rolled_back = seen[2] }
            end
            routes[i] = assert(hunch.prefilter_confirm(p)).decision.route:sub(1, 1)
        end
        assert.equal("ff" .. ("s"):rep(11) .. ("f"):rep(17), table.concat(routes))
        local log = p.speculator:log()
        assert.equal(30, #log)
        assert.same(log, hunch.speculator({ policy = "commit-rate" }):replay(log))
    end)
end)

describe("the mode", function()
    it("force ignores the speculator and records", function()
        local p = pair { mode = "force" }
        for _ = 1, 20 do p.speculator:observe(0, 1) end
        local r = assert(hunch.prefilter_confirm(p))
        assert.same({ true, "forced", 21 }, { r.speculated, r.decision.reason, p.speculator:samples() })
    end)

    it("force is an error that names a backend which cannot", function()
        local backend, calls = abacus(false)
        local p = pair { mode = "force", backend = backend }
        fails(p, "backend abacus cannot speculate")
        assert.same({ 0, 0 }, { #calls, p.speculator:samples() })
    end)

    it("auto is serial there, silently; it is also what is meant by nothing", function()
        local p = pair { backend = abacus(false) }
        local r = assert(hunch.prefilter_confirm(p))
        assert.same({ false, "serial", "only", nil }, { r.speculated, r.decision.route, r.decision.reason, r.fallback })
        p.mode, p.backend = "auto", abacus()
        assert.is_true(hunch.prefilter_confirm(p).speculated)
    end)

    it("disable is serial whatever was learned", function()
        local p = pair { mode = "disable" }
        for _ = 1, 20 do p.speculator:observe(1, 0) end
        assert.is_false(hunch.prefilter_confirm(p).speculated)
    end)

    it("auto asks the cost model too", function()
        local p = pair { speculator = hunch.speculator() }
        local routes = {}
        for i = 1, 2 do routes[i] = assert(hunch.prefilter_confirm(p)).decision.route end
        assert.same({ "serial", "fused" }, routes)
    end)
end)

describe("a failure", function()
    local function records_nothing(p, ...)
        local state, rate = p.speculator:save(), p.speculator:commit_rate_ppm()
        fails(p, ...)
        assert.equal(state, p.speculator:save())
        assert.equal(rate, p.speculator:commit_rate_ppm())
    end

    it("of the index names it and the count", function()
        for _, mode in ipairs { "auto", "force" } do
            local p = pair { mode = mode }
            p.plan.counter_output = 3
            records_nothing(p, "counter output is 3", "2 outputs", "counted from 1")
            p.plan.fused = { gives = {} }
            records_nothing(p, "0 outputs")
        end
    end)

    it("of the tail names the output and its size", function()
        for _, mode in ipairs { "auto", "force" } do
            for size = 0, 24 do
                local p = pair { mode = mode }
                p.plan.fused.gives[2] = ("x"):rep(size)
                if size >= 8 and size % 4 == 0 then
                    assert(hunch.prefilter_confirm(p))
                else
                    records_nothing(p, ("output 2 of the fused dispatch has %d bytes"):format(size))
                    p.plan.strip_tail = false
                    records_nothing(p, "no counter tail")
                end
            end
        end
    end)

    it("of a fused launch falls back to serial once in auto, and says so", function()
        local backend, calls = abacus()
        local p = pair { backend = backend }
        p.plan.fused = { fails = "the launch failed" }
        p.confirm_serial = function() return { "x" }, { committed = 1, rolled_back = 1 } end
        local r = assert(hunch.prefilter_confirm(p))
        assert.same({ { "x" }, false, "the launch failed", "serial" },
            { r.outputs, r.speculated, r.fallback, r.decision.route })
        assert.same({ p.plan.fused, p.plan.prefilter }, { calls[1].program, calls[2].program })
        assert.same({ 2, 1 }, { #calls, p.speculator:samples() })
        local log = p.speculator:log()
        assert.same({ "fused", 4, "serial", 3 }, { log[1].route, log[1].observed, log[2].route, log[2].observed })
        p.plan.prefilter = { fails = "gone" } -- there is no second fallback
        records_nothing(p, "gone")
        assert.equal(4, #calls)
    end)

    it("of every fused launch is learned, and leaves a log that replays", function()
        local p, tried = pair { speculator = hunch.speculator { decisions = "log" } }, 0
        p.plan.fused = { fails = "out of device memory" }
        p.confirm_serial = function(prefiltered)
            local began = os.clock() -- dearer than what is thought of fused at the start
            while os.clock() - began < 2e-4 do end
            return prefiltered
        end
        for _ = 1, 200 do
            if assert(hunch.prefilter_confirm(p)).fallback then tried = tried + 1 end
        end
        assert.is_true(tried > 0 and tried <= 12, tried)
        p.plan.prefilter = { fails = "gone" }
        records_nothing(p, "gone")
        p.mode = "force"
        records_nothing(p, "out of device memory")
        p.mode, p.plan.prefilter = "auto", { gives = { "hits" } }
        assert(hunch.prefilter_confirm(p))
        local log = p.speculator:log()
        assert.same(log, hunch.speculator():replay(log))
    end)

    it("of everything leaves a new speculator new", function()
        local p = pair { speculator = hunch.speculator(), mode = "force" }
        p.plan.fused = { gives = { "abc", "abc" } }
        records_nothing(p, "no counter tail")
        local confirm = p.confirm_serial
        p.mode, p.confirm_serial = "auto", function() return nil, "x" end
        records_nothing(p, "x")
        p.confirm_serial = function() error "y" end
        assert.is_false(pcall(hunch.prefilter_confirm, p))
        p.confirm_serial = confirm
        assert.equal("serial", assert(hunch.prefilter_confirm(p)).decision.route)
    end)

    it("of a fused launch is returned when it was forced", function()
        local p = pair { mode = "force" }
        p.plan.fused = { fails = "the launch failed" }
        records_nothing(p, "the launch failed")
        p.plan.fused = {}
        records_nothing(p, "the backend failed and did not say why")
    end)

    it("of the prefilter or of confirm_serial is returned", function()
        local p = pair { mode = "disable", confirm_serial = function() return nil, "too many hits" end }
        records_nothing(p, "too many hits")
        p.confirm_serial = function() return nil end
        records_nothing(p, "confirm_serial failed and did not say why")
        p.confirm_serial = nil
        records_nothing(p, "no confirm_serial")
        p.plan.prefilter = { fails = "no prefilter" }
        p.confirm_serial = function() error "not reached" end
        records_nothing(p, "no prefilter")
    end)

    it("that a function raises comes out as it is, and nothing falls back", function()
        local thing = {}
        local backend, calls = abacus()
        local p = pair { backend = backend }
        p.plan.fused = { raises = thing }
        local ok, raised = pcall(hunch.prefilter_confirm, p)
        assert.same({ false, true, 1 }, { ok, raised == thing, #calls })
        p.mode, p.confirm_serial = "disable", function() error(thing) end
        ok, raised = pcall(hunch.prefilter_confirm, p)
        assert.same({ false, true, 0 }, { ok, raised == thing, p.speculator:samples() })
    end)

    it("of what a function returned is an error that says what it must be", function()
        for _, gives in ipairs { 5, { 5 }, { "a", {} } } do
            local p = pair()
            p.plan.fused = { gives = gives }
            local ok, message = pcall(hunch.prefilter_confirm, p)
            assert.is_false(ok)
            assert.matches("a backend's dispatch must return a list of strings", message, 1, true)
        end
        local p = pair { mode = "disable", confirm_serial = function() return {}, "seen" end }
        assert.is_false(pcall(hunch.prefilter_confirm, p))
        p.confirm_serial = function() return {}, { committed = -1 } end
        assert.is_false(pcall(hunch.prefilter_confirm, p))
        assert.equal(0, p.speculator:samples())
    end)

    it("of the arguments is an error", function()
        for _, change in ipairs {
            { backend = false }, { backend = "cpu" }, { backend = {} }, { backend = { name = "x", dispatch = 5 } },
            { backend = { dispatch = print } }, { backend = { name = "x", dispatch = print, wait = print } },
            { speculator = false }, { speculator = {} }, { plan = false }, { inputs = "text" }, { inputs = { 5 } },
            { inputs = { {}, { address = -1 } } }, { mode = "maybe" }, { tiles = -1 }, { confirm_serial = 5 },
            { modes = 1 },
            { plan = { counter_output = 0 } }, { plan = { counter_output = "1" } }, { plan = { counter = 1 } },
        } do
            assert.is_false(pcall(hunch.prefilter_confirm, pair(change)))
        end
        assert.is_false(pcall(hunch.prefilter_confirm))
        local closed = pair()
        getmetatable(closed.speculator).__close(closed.speculator)
        assert.is_false(pcall(hunch.prefilter_confirm, closed))
    end)

    it("does not let its speculator be closed before it has returned", function()
        for _, mode in ipairs { "force", "disable" } do
            local p = pair { mode = mode }
            local function close() getmetatable(p.speculator).__close(p.speculator) end
            local message = "the speculator decides; close it when prefilter_confirm has returned"
            local tried = 0
            local function try(inner)
                return function(...)
                    tried = tried + 1
                    local ok, why = pcall(close)
                    assert(not ok and why:find(message, 1, true), why)
                    return inner(...)
                end
            end
            p.backend.dispatch, p.confirm_serial = try(p.backend.dispatch), try(p.confirm_serial)
            assert(hunch.prefilter_confirm(p))
            assert.equal(mode == "force" and 1 or 2, tried)
            close()
        end
    end)

    it("says what a plan lacks", function()
        for mode, name in pairs { force = "fused", disable = "prefilter" } do
            local p = pair { mode = mode }
            p.plan[name] = nil
            local ok, why = pcall(hunch.prefilter_confirm, p)
            assert.is_false(ok)
            assert.matches("the plan has no " .. name .. ", which the route taken dispatches$", why)
        end
    end)
end)

describe("a pair", function()
    it("may dispatch inside of its own functions", function()
        local inner = pair()
        local p = pair { mode = "disable", confirm_serial = function(prefiltered)
            local r = assert(hunch.prefilter_confirm(inner))
            return { prefiltered[1] .. r.outputs[2] }
        end }
        assert.same({ "hitsabcd" }, assert(hunch.prefilter_confirm(p)).outputs)
    end)

    it("is not moved by functions that change its tables, nor by the collector", function()
        local p = pair { mode = "disable" }
        p.confirm_serial = function(prefiltered)
            for key in pairs(p) do p[key] = nil end
            collectgarbage()
            return prefiltered
        end
        assert.same({ "hits" }, assert(hunch.prefilter_confirm(p)).outputs)
    end)

    it("works in a coroutine, and many times", function()
        local p = pair()
        local co = coroutine.wrap(function()
            for _ = 1, 2000 do coroutine.yield(assert(hunch.prefilter_confirm(p)).report.committed) end
        end)
        for _ = 1, 2000 do assert.equal(3, co()) end
        assert.equal(2000, p.speculator:samples())
    end)
end)
