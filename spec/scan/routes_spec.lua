-- Routes inside scans: what the fused one may not let be seen, how dispatches are counted, every decision as data.
-- That all routes find the same is spec/scan/differential_spec.lua.
local device = require "support.device_module"
local hunch = require "hunch"
local module = require "support.engine_module"

local ROUTES = { "fused", "chained", "serial" }

local function open(settings)
    settings = settings or {}
    return assert(module.core.engine { cache = "", threads = settings.threads or 2, backend = settings.backend })
end

local function compile(text, engine)
    return assert((engine or open()):compile { text = text, name = "routes.lua" })
end

-- Matches and what is incomplete, as text.
local function found(result)
    local list = {}
    for _, m in ipairs(result.matches) do
        list[#list + 1] = ("%s %s %d-%d"):format(m.record, m.rule, m.first, m.last)
    end
    for _, entry in ipairs(result.incomplete) do
        list[#list + 1] = ("%s %s %s"):format(entry.record, entry.rule or "all", entry.reason)
    end
    return list
end

local function each_route(run)
    for _, backend in ipairs { "ref", "cpu" } do
        for _, route in ipairs(ROUTES) do run(route, backend) end
    end
end

describe("a rule whose gate fails", function()
    it("calls no host function", function()
        local rules = compile [[
            rule "late" { prefilter = all { "key", "end" }, confirm = { regex "key=[0-9]+", host(function(m)
                error("called for " .. m.text) end) } }
            rule "first" { prefilter = all { "key", "end" }, confirm = { host(function() error "called first" end) } }
            rule "none" { prefilter = none { "key" }, confirm = { host(function() error "called" end),
                regex "[a-z]" } }
        ]]
        local records = { { name = "fails", data = "key=1 key=2" }, { name = "holds", data = "key=1 key=2 end" } }
        each_route(function(route, backend)
            local result = assert(rules:scan(records, { route = route, backend = backend }))
            assert.same({ "holds late host-error", "holds first host-error" }, found(result), route)
        end)
        -- One call takes all the instructions that it may, which is felt: here were hundreds.
        local slow = compile [[
            rule "slow" { prefilter = all { "key", "end" }, confirm = { regex "key=[0-9]+", host(function()
                while true do end end) } }
        ]]
        each_route(function(route, backend)
            local began = os.clock()
            assert.same({}, found(assert(slow:scan(("key=1 "):rep(400), { route = route, backend = backend }))))
            assert.is_true(os.clock() - began < 2)
        end)
    end)

    it("has no truth for other rules, is not near, is nowhere incomplete", function()
        local rules = compile [[
            rule "gated" { private = true, prefilter = all { "key", "end" }, confirm = { regex "key=[0-9]+" } }
            rule "asks" { confirm = { condition [=[rule("gated")]=] } }
            rule "near" { confirm = { regex "x", near { "gated", within = 5, unit = "bytes" } } }
            rule "many" { prefilter = none { "key" }, confirm = { regex "[a-z]" } }
        ]]
        local data = "key=1 x key=2 key=3"
        each_route(function(route, backend)
            local function scan(text)
                return found(assert(rules:scan(text, { route = route, backend = backend, max_matches = 3 })))
            end
            assert.same({}, scan(data), route)
            assert.same({ " asks 1-0", " near 7-7" }, scan(data .. "end"), route)
            assert.same({ " many 1-1", " many 2-2", " many 3-3", " many max-matches" }, scan "abcd", route)
        end)
    end)

    it("takes no room from the occurrences of other rules", function()
        local engine = open()
        local rules = compile([[
            rule "greedy" { prefilter = all { "aa", "end" }, confirm = { count { "a", at_least = 1 } } }
            rule "modest" { confirm = { count { "b", at_least = 8 } } }
        ]], engine)
        module.sizes(engine, { spans_most = 20 })
        local data = ("a"):rep(40) .. ("b"):rep(8)
        each_route(function(route, backend)
            local result = assert(rules:scan({ { name = "r", data = data } }, { route = route, backend = backend }))
            assert.same({}, result.incomplete, route)
            assert.equal(1, #result.matches, route)
        end)
    end)
end)

describe("tiles", function()
    it("count once a group and dispatch, on every route alike", function()
        local rules = compile [[
            rule "lit" { prefilter = any { "needle" } }
            rule "re" { prefilter = all { "key", "end" }, confirm = { regex "key=[0-9]+" } }
        ]]
        local records = {
            { name = "both", data = "needle key=1 end" }, { name = "neither", data = ("x"):rep(250) },
            { name = "half", data = "key=1" .. (" "):rep(95) }, { name = "empty", data = "" },
        }
        for threads = 1, 2 do
            each_route(function(route, backend)
                local stats = assert(rules:scan(records, { route = route, backend = backend, threads = threads,
                    tile_size = 50 })).stats
                -- 1 + 5 + 2 + 1 tiles for each of two groups
                assert.same({ 18, 2, 16 }, { stats.tiles, stats.committed, stats.rolled_back })
                -- `lit` has a gate and is a candidate in one record, `re` in two
                assert.equal(route == "fused" and 1 + 1 + 2 or 0, stats.speculated)
                assert.equal(2, stats.routes[route])
            end)
        end
    end)
end)

describe("a scan's decisions", function()
    local RULES = [[
        rule "lit" { prefilter = any { "needle" } }
        rule "re" { prefilter = any { "key" }, confirm = { regex "key=[0-9]+" } }
        rule "all" { confirm = { regex "[a-z ]$" } }
    ]]
    local rules, records

    setup(function()
        rules = compile(RULES)
        records = {}
        for i = 1, 3000 do
            records[i] = { name = "r" .. i, data = ("needle key=%d "):format(i):rep(i % 7 == 0 and 30 or 3) }
        end
    end)

    it("are not kept unless asked for", function()
        assert.same({}, assert(rules:scan(records)).decisions)
        assert.same({}, assert(rules:scan(records, { decisions = "none" })).decisions)
    end)

    it("are one a group and dispatch, and add up to the counters", function()
        each_route(function(route, backend)
            local result = assert(rules:scan(records, { decisions = "log", route = route, backend = backend }))
            local groups, sum = {}, { tiles = 0, committed = 0, rolled_back = 0 }
            for i, d in ipairs(result.decisions) do
                local g = groups[d.group] or { n = 0, bytes = 0, last = 0 }
                groups[d.group] = g
                g.n, g.bytes = g.n + 1, g.bytes + d.bytes
                assert.is_true(d.decided > g.last and d.observed > d.decided)
                g.last = d.decided
                assert.same({ route, "only", "auto", "cost-model", { route } },
                    { d.route, d.reason, d.mode, d.policy, d.routes })
                assert.is_true(d.measured_ns > 0 and d.measured_ns >= d.prefilter_ns and d.predicted_ns[route] > 0)
                assert.is_true(i == 1 or result.decisions[i - 1].class <= d.class)
                for key, value in pairs(sum) do sum[key] = value + d[key] end
            end
            local n = groups.literal.n
            assert.is_true(n >= 12)
            for _, name in ipairs { "literal", "anchored", "unanchored" } do
                assert.same({ n, result.stats.bytes }, { groups[name].n, groups[name].bytes })
                assert.is_string(result.decisions.known[name])
            end
            assert.equal(3 * n, #result.decisions)
            assert.equal(3 * n, result.stats.routes[route])
            assert.same({ tiles = result.stats.tiles, committed = result.stats.committed,
                          rolled_back = result.stats.rolled_back }, sum)
        end)
    end)

    it("try every route, and can be made again from the log", function()
        local fresh = compile(RULES)
        for _, policy in ipairs { "cost-model", "commit-rate" } do
            for round = 1, 2 do
                local result = assert(fresh:scan(records, { decisions = "log", policy = policy, backend = "ref" }))
                local logs, seen = {}, {}
                for _, d in ipairs(result.decisions) do
                    logs[d.group] = logs[d.group] or {}
                    table.insert(logs[d.group], d)
                    seen[d.route .. " " .. d.reason] = true
                    d.group, d.backend = nil, nil
                end
                for group, log in pairs(logs) do
                    local guess = assert(hunch.speculator { policy = policy })
                    assert(guess:load(result.decisions.known[group]))
                    assert.same(log, assert(guess:replay(log)), policy .. " " .. round)
                end
                if policy == "commit-rate" then
                    assert.is_truthy(seen["fused rate-high"])
                elseif round == 1 then
                    for _, route in ipairs(ROUTES) do assert.is_truthy(seen[route .. " untried"], route) end
                end
            end
        end
    end)

    it("are none where there is nothing to confirm, and nothing is learned from that", function()
        local fresh = compile(RULES)
        local result = assert(fresh:scan(records, { decisions = "log", prefilter_only = true }))
        assert.same({ 0, 0, 0 }, { #result.decisions, #result.matches, result.stats.speculated })
        assert.equal(0, fresh:scan("a", { decisions = "log" }).decisions[1].samples)
    end)

    it("follow what was asked for", function()
        for _, case in ipairs {
            { { speculate = "force" }, { fused = true } },
            { { speculate = "force", route = "fused" }, { fused = true } },
            { { speculate = "disable" }, { chained = true, serial = true } },
            { { speculate = "disable", route = "chained" }, { chained = true } },
        } do
            case[1].decisions = "log"
            local result = assert(rules:scan(records, case[1]))
            for _, d in ipairs(result.decisions) do
                assert.is_true(case[2][d.route], d.route)
                assert.equal(case[1].speculate, d.mode)
            end
            assert.equal(case[1].speculate == "force", result.stats.speculated > 0)
        end
    end)

    it("are there for files, large files and streams", function()
        local folder = os.tmpname()
        os.remove(folder)
        assert(os.execute("mkdir '" .. folder .. "'"))
        for i = 1, 40 do
            local file = assert(io.open(("%s/%02d"):format(folder, i), "wb"))
            file:write(("needle key=%d "):format(i):rep(i == 20 and 200 or 4))
            file:close()
        end
        local engine = open()
        local own = compile([[rule "re" { prefilter = any { "key" }, confirm = { regex "key=[0-9]+" } }]], engine)
        module.sizes(engine, { record_most = 1000, slice = 500, window = 100, batch = 300, stream_most = 500 })
        local bytes
        for _, route in ipairs(ROUTES) do
            local result = assert(own:scan_paths({ folder }, { decisions = "log", route = route }))
            local sum = 0
            for _, d in ipairs(result.decisions) do sum = sum + d.bytes end
            assert.equal(result.stats.bytes, sum)
            assert.equal(bytes or sum, sum)
            bytes = sum
            assert.equal(39 * 4 + 200, #result.matches)
            assert.is_true(#result.decisions > 5)
        end
        os.execute("rm -r '" .. folder .. "'")
        local stream = assert(own:stream { decisions = "log" })
        stream:feed(("key=1 "):rep(1000))
        local result = assert(stream:finish())
        assert.same({ 1000, 1, 6000 }, { #result.matches, #result.decisions, result.decisions[1].bytes })
    end)
end)

describe("options that cannot be", function()
    local rules

    setup(function() rules = compile [[rule "x" { prefilter = any { "a" } }]] end)

    it("are errors that say what can", function()
        for _, case in ipairs {
            { { speculate = "force", route = "serial" }, "speculation is forced and the route serial does not" },
            { { speculate = "force", route = "chained" }, "speculation is forced and the route chained does not" },
            { { speculate = "disable", route = "fused" }, "speculation is disabled and the route fused speculates" },
        } do
            local result, message = rules:scan("a", case[1])
            assert.is_nil(result)
            assert.matches(case[2], message, 1, true)
        end
        for _, case in ipairs {
            { { route = "fast" }, "use auto, fused, chained or serial" },
            { { speculate = "maybe" }, "use auto, force or disable" },
            { { policy = "luck" }, "use cost-model or commit-rate" },
            { { decisions = true }, 'decisions must be "log" or "none", not a boolean' },
            { { decisions = {} }, "decisions must be a string" },
            { { decisions = "all" }, 'decisions must be "log" or "none"' },
        } do
            local ok, message = pcall(rules.scan, rules, "a", case[1])
            assert.is_false(ok)
            assert.matches(case[2], message, 1, true)
        end
    end)

    it("are there on a device, too", function()
        local engine = open()
        device.attach(engine, {})
        local own = compile([[rule "x" { prefilter = all { "a", "b" }, confirm = { regex "a[0-9]" } }]], engine)
        local records = { { name = "1", data = "a1" }, { name = "2", data = "a2 b" } }
        for route, speculated in pairs { fused = 2, chained = 0, serial = 0 } do
            local result = assert(own:scan(records, { backend = "cuda", route = route }))
            assert.equal(1, #result.matches)
            assert.equal(1, result.stats.routes[route])
            assert.same({ 1, 1, speculated },
                { result.stats.committed, result.stats.rolled_back, result.stats.speculated })
        end
        local result = assert(own:scan(records, { backend = "cuda", speculate = "force", decisions = "log" }))
        assert.same({ "fused", "forced" }, { result.decisions[1].route, result.decisions[1].reason })
        result = assert(own:scan(records, { backend = "cuda", decisions = "log" }))
        assert.same({ "fused", "chained", "serial" }, result.decisions[1].routes)
    end)
end)
