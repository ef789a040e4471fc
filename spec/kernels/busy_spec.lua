-- What a dispatch takes of a device that others use, too: kernels add up how long their blocks run (kernels/busy.h),
-- and where jobs share the device the speculators learn from that. On the emulator, whose clock counts the turns that
-- lanes have.
local device = require "support.device_module"
local hunch = require "hunch"
local module = require "support.engine_module"

local ROUTES = { "fused", "chained", "serial" }
local ALL = 0xffffffff
local ORDERS = { {}, { serial = ALL }, { fused = ALL } }

local function program(text)
    return assert(hunch.engine { cache = "" }:compile { text = text, name = "busy.lua" }):save()
end

describe("a dispatch's time on the device", function()
    local SOURCE = [[rule "a" { prefilter = any { "gate" }, confirm = { regex "key=[a-z]{10,900}!" } }]]

    it("is the same each time, and more of it where more is done", function()
        local source = program(SOURCE)
        for _, order in ipairs(ORDERS) do
            for seed = 0, 3 do
                order.seed = seed
                local function busy(records)
                    local _, device_ns, host_ns = assert(device.dispatch(source, records, order))
                    assert.is_true(host_ns > 0 and host_ns < 60e9)
                    return device_ns
                end
                local hit = "gate key=" .. ("x"):rep(800) .. "!"
                local nothing, little, much = busy { "" }, busy { hit }, busy { hit:rep(20), ("gate "):rep(4000) }
                assert.is_true(nothing > 0 and little > 0 and 3 * math.max(nothing, little) < much)
                assert.equal(much, busy { hit:rep(20), ("gate "):rep(4000) })
            end
        end
    end)

    it("is there for rules without a literal, for which one kernel less runs", function()
        local source = program [[rule "a" { confirm = { regex "[a-z]$" } }]]
        for _, order in ipairs(ORDERS) do
            local _, busy = assert(device.dispatch(source, { "abc" }, order))
            assert.is_true(busy > 0)
        end
    end)
end)

describe("scans by a device", function()
    local RULES = [[
        rule "lit" { prefilter = any { "needle" } }
        rule "re" { prefilter = any { "gate" }, confirm = { regex "key=[a-z]{5,}!" } }
        rule "two" { prefilter = any { "gate" }, confirm = { regex "tok=[a-z]{5,}!" } }
    ]]
    local RECORDS = {}
    for i = 1, os.getenv "HUNCH_SAN" and 300 or 800 do
        RECORDS[i] = { name = "r" .. i,
                       data = ("needle %skey=%s! "):format(i % 10 == 0 and "gate " or "", ("abcde"):rep(i % 7 + 1)) }
    end

    local function open(attached, slab)
        local engine = assert(module.core.engine { cache = "", threads = 1 })
        module.sizes(engine, { slab = slab or 300 })
        attached.seed = 1
        device.attach(engine, attached)
        local rules = assert(engine:compile { name = "r.lua", text = RULES })
        return rules
    end

    local function scan(rules, options)
        options = options or {}
        options.backend, options.decisions = "cuda", "log"
        local result = assert(rules:scan(RECORDS, options))
        local by_group = {}
        for _, d in ipairs(result.decisions) do
            by_group[d.group] = by_group[d.group] or {}
            table.insert(by_group[d.group], d)
        end
        return by_group, result
    end

    local function total(decisions)
        local ns = 0
        for _, d in ipairs(decisions) do ns = ns + d.measured_ns end
        return ns
    end

    it("have one route a dispatch: the group with the most rules chooses", function()
        local groups, result = scan(open {})
        local lead, follow, seen = groups.anchored, groups.literal, {}
        assert.equal(#lead, #follow)
        assert.is_true(#lead > 20)
        for i, d in ipairs(lead) do
            assert.same({ d.route, "only", { d.route } }, { follow[i].route, follow[i].reason, follow[i].routes })
            assert.same({ d.measured_ns, d.prefilter_ns, d.confirm_ns },
                        { follow[i].measured_ns, follow[i].prefilter_ns, follow[i].confirm_ns })
            assert.same(ROUTES, d.routes)
            seen[d.route] = true
        end
        for _, route in ipairs(ROUTES) do assert.is_true(seen[route], route) end
        local sum = 0
        for _, route in ipairs(ROUTES) do sum = sum + result.stats.routes[route] end
        assert.equal(2 * #lead, sum)
        -- what was speculated is what the log says was fused
        local fused = 0
        for _, d in ipairs(lead) do fused = fused + (d.route == "fused" and 1 or 0) end
        assert.equal(fused > 0, result.stats.speculated > 0)
        assert.equal(0, select(2, scan(open {}, { speculate = "disable" })).stats.speculated)
        local forced = scan(open {}, { speculate = "force" })
        for _, name in ipairs { "anchored", "literal" } do
            for _, d in ipairs(forced[name]) do assert.same({ "fused", "forced" }, { d.route, d.reason }) end
        end
    end)

    it("learn from a dispatch's own time while they are alone, and from its share where others are there", function()
        local TICKS = 1 -- a millisecond: the device seems to take minutes, of which the host's clock knows nothing
        local began = os.time()
        local alone = scan(open { clock_khz = TICKS }).anchored
        local among = scan(open { clock_khz = TICKS, jobs = 3 }).anchored
        local wall = (os.time() - began + 1) * 1e9
        for _, d in ipairs(alone) do assert.is_false(d.contended) end
        for _, d in ipairs(among) do
            assert.is_true(d.contended)
            assert.is_true(d.measured_ns > d.confirm_ns)
        end
        assert.is_true(total(alone) <= wall)
        assert.is_true(total(among) > 10 * wall)
    end)

    -- Gates that the host asks are those of the few records that it decides: a model that took them for the work of
    -- confirmers predicted another number of hits with each match.
    it("count committed tiles as the work of confirmers", function()
        local some = 0
        for _, d in ipairs(scan(open {}).anchored) do
            assert.same({ d.committed, 0 }, { d.hits, d.confirm_ns })
            some = some + d.committed
        end
        assert.is_true(some > 0)
    end)

    it("take a route that leaves most of the device to others, whatever each seems to take", function()
        local each, least, most = {}, "serial", "fused" -- chained and serial do the same here
        for _, route in ipairs(ROUTES) do
            each[route] = total(scan(open { clock_khz = 1, jobs = 15 }, { route = route }).anchored)
        end
        for _, route in ipairs(ROUTES) do
            least = each[route] < each[least] and route or least
            most = each[route] > each[most] and route or most
        end
        assert.is_true(each[most] > 1.2 * each[least])
        local rules = open { clock_khz = 1, jobs = 15 }
        scan(rules)
        local log, taken = scan(rules).anchored, 0
        for _, d in ipairs(log) do taken = taken + (d.route == most and 1 or 0) end
        assert.is_true(taken <= 2, ("%s: %d of %d"):format(most, taken, #log))
        assert.is_true(total(log) < 1.05 * each[least])
    end)

    it("say in reports which decisions were made among others", function()
        local _, result = scan(open { jobs = 3 })
        local shown, lines = require("hunch.cli.decisions").render(result.decisions), {}
        assert.matches("^group[^\n]+rolled back\n", shown)
        for line in shown:gmatch "[^\n]+" do lines[#lines + 1] = line end
        for i = 2, #lines do assert.matches("%d  contended$", lines[i]) end
        local written = {}
        local report = require("hunch.report.jsonl").new(function(text) written[#written + 1] = text end)
        report:decisions(result.decisions, result.decisions.known)
        assert.is_true(require "cjson".decode(written[#written]).contended)
        assert.is_nil(require("hunch.cli.decisions").render(scan(open {}).literal):find "contended")
    end)

    it("keep apart what they learn in both cases, and a log can be made again", function()
        local rules = open { clock_khz = 1000 }
        local first = scan(rules).anchored[1]
        assert.equal("untried", first.reason)
        local second = scan(rules).anchored[1]
        assert.same({ false, false }, { second.reason == "untried", second.contended }) -- the first one's job is over
        for _, jobs in ipairs { 0, 3 } do
            local groups, result = scan(open { jobs = jobs })
            for name, log in pairs(groups) do
                for _, d in ipairs(log) do d.group, d.backend = nil, nil end
                local guess = assert(hunch.speculator {})
                assert(guess:load(result.decisions.known[name]))
                assert.same(log, assert(guess:replay(log)))
            end
        end
    end)
end)
