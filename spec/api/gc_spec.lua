-- The Lua binding while the host's collector runs as often as it can: nothing may be collected that is still needed,
-- and nothing may stay when it is not.
local hunch = require "hunch"

local RULES = [==[
rule "a" { title = "A", tags = { "t", "u" }, meta = { deep = { list = { 1, 2.5, true, "x" } } },
  prefilter = any { "needle" }, examples = { match = { "needle" }, miss = { "x" } } }
rule "b" { confirm = { regex "(nee)(x)?dle([0-9]+)" } }
rule "c" { prefilter = any { "needle" },
  confirm = { host(function(m) return { title = m.text, meta = { k = 1 } } end) } }
rule "d" { confirm = { regex "e", count { lit "e", at_least = 1 } } }
]==]

local function everything()
    local engine = assert(hunch.engine { threads = 2, cache = "" })
    local rules = assert(engine:compile { text = RULES, name = "gc.lua" })
    local again = assert(engine:load(rules:save()))
    assert(engine:check { text = RULES, name = "gc.lua" })
    assert(engine:explain({ text = RULES, name = "gc.lua" }, "b"))
    local none, list = engine:compile { text = "rule 'x' { confirm = { regex '(' } }", name = "bad.lua" }
    assert.is_nil(none)
    assert.equal("E401", list[#list].code)
    engine = nil -- luacheck: ignore 311 (the rules must keep it)
    local out = {}
    local data = ("needle12 "):rep(20) .. ("x"):rep(50000) .. "needle9"
    for _, each in ipairs { rules, again } do
        local seen = {}
        each:scan({ { name = "one", data = data }, { name = "two", data = data:sub(1, 90) } }, {
            max_matches = 30,
            on_match = function(m)
                local meta = m.meta and m.meta.k or m.meta.deep and m.meta.deep.list[4] or ""
                seen[#seen + 1] = ("%s %d %s %s %s"):format(m.rule, m.first, m.title or "", meta,
                    table.concat(m.tags or {}, ","))
            end,
            on_incomplete = function(entry) seen[#seen + 1] = entry.reason end,
            on_progress = function(p) assert(p.bytes) end,
            cancel = function() return false end,
        })
        out[#out + 1] = table.concat(seen, "\n")
        local result = each:scan_paths({ "examples/tree" }, { include = { "*.py", "*.env" }, exclude = { "x" },
            tags = { "t" }, profile = true, threads = 2 })
        out[#out + 1] = tostring(result.stats.records)
        local stream = each:stream { name = "s" }
        for at = 1, #data, 5000 do stream:feed(data:sub(at, at + 4999)) end
        result = stream:finish()
        out[#out + 1] = tostring(#result.matches)
        for _, rule in ipairs(each:list()) do out[#out + 1] = rule.name .. tostring(rule.title) end
        pcall(each.scan, each, data, { on_match = function() error({}) end })
        pcall(each.scan, each, { { data = 3 } })
        pcall(each.scan, each, data, { include = { false } })
        pcall(each.stream(each, {}).feed, nil)
    end
    local guess = hunch.speculator { decisions = "log" }
    local by_rate = hunch.speculator { policy = "commit-rate" } -- no route depends on how long things took
    local host = hunch.engine { backend = "ref", cache = "" }
    local kernel = assert(host:kernel { name = "k", source = "x", headers = { { name = "a", text = "b" } },
        host = function(inputs, sizes, arguments)
            return { inputs[1]:rep(arguments[1]) .. hunch.encode_counter_tail(sizes[1], 1) }
        end })
    local launch = { kernel = kernel, outputs = { 16 }, arguments = { 2 } }
    for i = 1, 6 do
        local own = { name = "own", speculate = i % 2 == 0, dispatch = function(program, inputs)
            return host:dispatch(program, inputs)
        end }
        local r = assert(hunch.prefilter_confirm {
            backend = i < 4 and own or host,
            speculator = by_rate,
            inputs = { "abcd" },
            plan = { fused = launch, prefilter = launch, strip_tail = true },
            confirm_serial = function(hits) return { hits[1]:upper() }, { committed = i, rolled_back = 1 } end,
        })
        out[#out + 1] = r.outputs[1]:sub(1, 8) .. (r.report and r.report.committed or "") .. r.decision.route
        pcall(hunch.prefilter_confirm, { backend = own, speculator = by_rate, inputs = { "a" }, plan = {},
            confirm_serial = error })
    end
    local race, store = hunch.race { specialisation = "x" }, hunch.autotune ""
    for i = 1, 20 do
        local d = guess:decide { bytes = i << 10, tiles = i, routes = { "fused", "chained", "serial" } }
        guess:measure(d, { ns = 1000 * i, committed = 1, rolled_back = i - 1 })
        race:dispatched(race:next(), i)
    end
    for _, d in ipairs(hunch.speculator():replay(guess:log())) do out[#out + 1] = d.route .. d.reason end
    race:keep(store, { state = guess:save() })
    for _, tuning in ipairs(store:list()) do out[#out + 1] = tuning.key .. tuning.state end
    pcall(guess.decide, guess, { routes = { "fused", false } })
    pcall(store.put, store, {}, { winner = "me" })
    return table.concat(out, "\n")
end

describe("the Lua binding under an eager collector", function()
    local expected

    setup(function() expected = everything() end)

    teardown(function()
        collectgarbage("incremental", 200, 100)
        collectgarbage()
    end)

    it("works with a full collection every few allocations", function()
        collectgarbage("incremental", 1, 1000)
        collectgarbage("setpause", 1)
        for _ = 1, 3 do assert.equal(expected, everything()) end
    end)

    it("works with the generational collector", function()
        collectgarbage("generational", 1, 1)
        for _ = 1, 5 do assert.equal(expected, everything()) end
    end)

    it("works with a collection at every line and call", function()
        collectgarbage("incremental", 200, 100)
        local n = 0
        debug.sethook(function()
            n = n + 1
            if n % 50 == 0 then collectgarbage() end
        end, "crl")
        local ok, answer = pcall(everything)
        debug.sethook()
        assert.is_true(ok, answer)
        assert.equal(expected, answer)
    end)

    it("gives everything back", function()
        collectgarbage("incremental", 200, 100)
        local function rounds(n)
            for _ = 1, n do everything() end
            collectgarbage()
            collectgarbage()
            local kb = collectgarbage "count"
            local file = io.open "/proc/self/statm"
            local pages = tonumber(file:read("a"):match "^%d+ (%d+)")
            file:close()
            return kb, pages
        end
        local kb, pages = rounds(5)
        local later_kb, later_pages = rounds(15)
        assert.is_true(later_kb < kb + 200, ("%.0f KB, then %.0f KB"):format(kb, later_kb))
        local limit = os.getenv "HUNCH_SAN" and 40000 or 4000 -- pages; the sanitizer keeps freed memory for a while
        assert.is_true(later_pages < pages + limit, ("%d pages, then %d"):format(pages, later_pages))
    end)
end)

describe("closing", function()
    local function closed(object) getmetatable(object).__close(object) end

    it("ends objects before they are collected, in any order", function()
        local engine = assert(hunch.engine { cache = "" })
        local rules = assert(engine:compile { text = RULES, name = "gc.lua" })
        local stream = rules:stream {}
        stream:feed "needle"
        closed(engine)
        assert.equal(5, #rules:scan("needle").matches)
        closed(rules)
        stream:feed(" needle")
        for _, call in ipairs {
            function() return rules:scan "x" end, function() return engine:compile { text = "", name = "x" } end,
            function() return stream:finish() end,
        } do
            local ok, message = pcall(call)
            assert.is_false(ok)
            assert.matches("closed", message)
        end
        closed(stream)
        closed(rules)
        closed(engine)
        assert.is_false(pcall(stream.feed, stream, "x"))
    end)

    it("happens at the end of a block", function()
        local rules
        do
            local engine <close> = assert(hunch.engine { cache = "" })
            local inner <close> = assert(engine:compile { text = RULES, name = "gc.lua" })
            rules = inner
        end
        assert.is_false(pcall(rules.scan, rules, "x"))
    end)

    it("does not happen to rules that scan, nor to a stream that ends", function()
        local engine = assert(hunch.engine { cache = "" })
        local rules = assert(engine:compile { text = RULES, name = "gc.lua" })
        local function close(object) getmetatable(object).__close(object) end
        local tried, stream = 0, nil
        local options = { on_match = function()
            tried = tried + 1
            local ok, why = pcall(close, rules)
            assert(not ok and why:find("the rules scan; close them when the scan has returned", 1, true), why)
            if stream then close(stream) end
        end }
        local wanted = #assert(rules:scan("needle12")).matches
        assert(rules:scan("needle12", options))
        stream = assert(rules:stream(options))
        assert(stream:feed "needle12")
        assert(stream:finish())
        assert.is_true(wanted > 0 and tried == 2 * wanted)
        assert.is_false(pcall(stream.feed, stream, "x"))
        close(rules)
        assert.is_false(pcall(rules.scan, rules, "x"))
    end)

    it("is noticed where a field of an argument does it", function()
        local function close(object) getmetatable(object).__close(object) end
        -- The table: a field that it does not have closes the object.
        local function closing(object, fields)
            return setmetatable(fields or {}, { __index = function()
                close(object)
                collectgarbage()
            end })
        end
        local function refused(f, ...)
            local ok, message = pcall(f, ...)
            assert.is_false(ok)
            assert.matches("closed", message, 1, true)
        end
        for _, name in ipairs { "decide", "record", "observe" } do
            local s = hunch.speculator()
            refused(s[name], s, closing(s))
        end
        local s = hunch.speculator()
        refused(s.measure, s, s:decide { bytes = 1 }, closing(s))
        s = hunch.speculator()
        local decision = s:decide { bytes = 1 }
        s:measure(decision, { ns = 5 })
        decision.contended = nil
        refused(s.replay, s, { closing(s, decision) })
        for _, use in ipairs {
            function(store) store:get(closing(store)) end,
            function(store) store:put({}, closing(store)) end,
            function(store) store:put({ adapter = closing(store) }, {}) end,
            function(store) hunch.race():keep(store, closing(store)) end,
            function(store)
                local race = hunch.race()
                race:keep(store, closing(race))
            end,
        } do
            refused(use, hunch.autotune "")
        end
        for _, use in ipairs {
            function(rules) rules:scan("needle", closing(rules)) end,
            function(rules) rules:scan { closing(rules, { data = "needle" }) } end,
            function(rules) rules:stream(closing(rules)) end,
        } do
            refused(use, assert(assert(hunch.engine { cache = "" }):compile { text = RULES, name = "gc.lua" }))
        end
        for _, use in ipairs {
            function(engine) engine:kernel(closing(engine, { name = "k", host = print })) end,
            function(engine, kernel) engine:dispatch(closing(kernel, { kernel = kernel }), {}) end,
            function(engine, kernel) engine:dispatch({ kernel = kernel }, { closing(kernel) }) end,
            function(engine, kernel) engine:dispatch({ kernel = kernel }, { closing(engine) }) end,
        } do
            local engine = hunch.engine { backend = "cpu", cache = "" }
            refused(use, engine, engine:kernel { name = "k", host = function() return {} end })
        end
        for _, object in ipairs { "speculator", "backend", "fused", "prefilter" } do
            for _, field in ipairs { "plan", "fused", "inputs" } do
                local o = { speculator = hunch.speculator(), backend = hunch.engine { backend = "cpu", cache = "" } }
                for _, program in ipairs { "fused", "prefilter" } do
                    o[program] = o.backend:kernel { name = program, host = function() return {} end }
                end
                local plan, input = { fused = { kernel = o.fused }, prefilter = { kernel = o.prefilter } }, { size = 0 }
                closing(o[object], ({ plan = plan, fused = plan.fused, inputs = input })[field])
                refused(hunch.prefilter_confirm, { backend = o.backend, speculator = o.speculator, plan = plan,
                    inputs = { input }, confirm_serial = function() return {} end })
            end
        end
    end)

    it("does not happen to an engine that compiles", function()
        local engine = assert(hunch.engine { cache = "" })
        local asked = 0
        local rules = assert(engine:compile({ text = RULES, name = "gc.lua" }, { cancel = function()
            asked = asked + 1
            local ok, why = pcall(getmetatable(engine).__close, engine)
            assert(not ok and why:find("the engine compiles; close it when the call has returned", 1, true), why)
        end }))
        assert.is_true(asked > 0)
        getmetatable(engine).__close(engine)
        assert.equal(5, #rules:scan("needle").matches)
    end)

    it("is no matter of what a field makes: it is kept while it is used", function()
        local race = hunch.race(setmetatable({}, { __index = function(_, field)
            collectgarbage()
            for i = 1, 100 do local _ = ("z"):rep(53) .. i end
            if field == "adapter" then return { name = ("x"):rep(50) .. "1", driver = ("y"):rep(50) .. "2" } end
            return field == "specialisation" and "mine" or nil
        end }))
        for _ = 1, 8 do
            race:dispatched("conservative", 2)
            race:dispatched("speculative", 1)
        end
        local adapter = { name = ("x"):rep(50) .. "1", driver = ("y"):rep(50) .. "2" }
        local wanted = hunch.autotune "":key { specialisation = "mine", adapter = adapter }
        assert.equal(wanted, race:decide().autotune_key)
    end)
end)
