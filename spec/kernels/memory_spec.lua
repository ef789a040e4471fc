-- An engine's budget of a device's memory, on the emulated device: slabs shrink to fit, and what has no room is done
-- by the host, which says so.
local device = require "support.device_module"
local hunch = require "hunch"

local RULES = [[
    rule "key" { prefilter = all { "gate" }, confirm = { regex "key=([0-9]+)" } }
    rule "digits" { confirm = { regex "[0-9]{6}" } }
]]

local function show(result)
    local out = {}
    for _, m in ipairs(result.matches) do
        out[#out + 1] = ("%s %s %d..%d"):format(m.record, m.rule, m.first, m.last)
    end
    for _, l in ipairs(result.incomplete) do out[#out + 1] = ("%s %s"):format(l.record, l.reason) end
    return table.concat(out, "\n")
end

describe("a budget of a device's memory", function()
    local records, many = {}, {}
    for i = 1, 60 do
        many[i] = { name = "r" .. i, data = "gate " .. ("y"):rep(200000) .. "key=" .. (i % 7 == 0 and 123456 or i) }
        records[i] = i <= 20 and many[i] or nil
    end

    local function opened(memory, threads)
        local engine = assert(hunch.engine { cache = "", device_memory = memory, threads = threads })
        device.attach(engine, {})
        return assert(engine:compile { name = "r.lua", text = RULES }), engine
    end

    local function scan(rules, list)
        return assert(rules:scan(list or records, { backend = "cuda", route = "chained" }))
    end

    it("makes slabs smaller, until all threads have one", function()
        local rules = opened(nil, 2)
        local whole = scan(rules)
        assert.is_nil(whole.stats.note)
        assert.equal(show(assert(rules:scan(records, { backend = "ref" }))), show(whole))
        local before = whole.stats.routes.chained
        for _, memory in ipairs { 40 << 20, 12 << 20, 8 << 20 } do
            rules = opened(memory, 2)
            for _ = 1, 2 do
                local result = scan(rules)
                assert.is_nil(result.stats.note, memory)
                assert.equal(show(whole), show(result))
                assert.is_true(result.stats.routes.chained >= before)
                before = result.stats.routes.chained
            end
        end
        assert.is_true(before > whole.stats.routes.chained)
    end)

    it("is for fewer threads where it is small", function()
        local wanted = show(scan((opened(nil, 2)), many))
        local result = scan((opened(9 << 20, 16)), many)
        assert.is_nil(result.stats.note)
        assert.equal(wanted, show(result))
    end)

    it("is one for all rules: those that are used no more give way", function()
        local first, engine = opened(24 << 20, 2)
        local wanted = show(scan(first))
        local second = assert(engine:compile { name = "r.lua", text = RULES })
        for _ = 1, 2 do
            for _, rules in ipairs { first, second } do
                local result = scan(rules)
                assert.is_nil(result.stats.note)
                assert.equal(wanted, show(result))
            end
        end
    end)

    it("that has no room is said, and the host goes on", function()
        local wanted = show(scan((opened(nil, 2))))
        for _, memory in ipairs { 1, 1000, 100000 } do
            local result = scan((opened(memory, 2)))
            assert.equal(wanted, show(result))
            local note = "^the device_memory of %d bytes has no room for %%d+ more; raise it; the host went on alone$"
            assert.matches(note:format(memory), result.stats.note)
        end
    end)

    it("that has no room leaves out resident records, and says so", function()
        local box, address = device.upload(("gate key=12 "):rep(100), 0, 65536)
        local list = { { name = "r", data = address, size = 1200 } }
        local rules = opened(1000, 1)
        local result, why = rules:scan(list, { backend = "cuda", resident = "copy" })
        assert.is_nil(result)
        assert.matches("the device_memory of 1000 bytes has no room for %d+ more; raise it", why.message or why)
        local left_out = 0
        for _, memory in ipairs { 60000, 120000, 200000, 400000 } do
            result = opened(memory, 1):scan(list, { backend = "cuda", resident = "copy" })
            if result and result.stats.note then
                left_out = left_out + 1
                assert.same({ 0, 1 }, { #result.matches, #result.incomplete })
                assert.equal("unreadable", result.incomplete[1].reason)
                assert.matches("raise it; records on it were left out$", result.stats.note)
            end
        end
        assert.is_true(left_out > 0)
        assert.equal(100, #opened(8 << 20, 1):scan(list, { backend = "cuda", resident = "copy" }).matches)
        assert.is_userdata(box)
    end)

    it("is a number of bytes", function()
        for _, wrong in ipairs { -1, 1.5, "much", {} } do
            assert.error_matches(function() hunch.engine { device_memory = wrong } end,
                "device_memory must be an integer from 0 to")
        end
        assert.is_truthy(hunch.engine { cache = "", device_memory = 0 })
    end)
end)
