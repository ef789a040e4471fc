-- What comes back of a dispatch is believed only where its kernels have signed it (kernels/results.h) and its counter
-- tail speaks of the tiles that were sent. Else the records are the host's again, and it is said. On the emulated
-- device, which can leave out a kernel and spoil a number of what comes back.
local device = require "support.device_module"
local module = require "support.engine_module"

local RULES = [[
    rule "key" { prefilter = all { "gate" }, confirm = { regex "key=([0-9]+)" } }
    rule "needle" { prefilter = any { "needle" } }
    rule "digits" { prefilter = all { "gate" }, confirm = { regex "\\b[0-9]{9}\\b" } }
]]

local RECORDS = {}
for i = 1, 60 do
    RECORDS[i] = { name = "r" .. i, data = ("%s key=%d %s %s"):format(i % 3 == 0 and "gate" or "x", i,
        i % 4 == 0 and "needle" or "y", i % 6 == 0 and "123456789" or "") }
end

local function show(result)
    local out = {}
    for _, m in ipairs(result.matches) do
        out[#out + 1] = ("%s %s %d..%d line %d %q"):format(m.record, m.rule, m.first, m.last, m.line, m.text)
    end
    for _, l in ipairs(result.incomplete) do out[#out + 1] = ("%s %s %s"):format(l.record, l.rule, l.reason) end
    return table.concat(out, "\n")
end

--- The scan's answer, its note and the bytes that the device decided: on the emulated device with these options.
local function scan(route, attached)
    collectgarbage() -- a device has the stacks of a thousand lanes, and a process 65,530 mappings
    local engine = assert(module.core.engine { cache = "", threads = 1 })
    module.sizes(engine, { slab = 300 })
    attached.seed = 1
    device.attach(engine, attached)
    local rules = assert(engine:compile { name = "r.lua", text = RULES })
    local result = assert(rules:scan(RECORDS, { backend = "cuda", route = route }))
    return show(result), result.stats.note, result.stats.device_bytes
end

local NO_HEADER = "the GPU failed: its results have no header"
local VERSION = "the GPU failed: its results are of version %d, this is version 1"
local NOT_EVERY = "the GPU failed: not every kernel of a search says that it ran"
local CONTRADICT = "the GPU failed: the counts of its results contradict each other"
local TAIL = "the GPU failed: its counters do not speak of the tiles it was sent"
local ALONE = "; the host went on alone"

describe("results of a device", function()
    local wanted, whole

    setup(function()
        local engine = assert(module.core.engine { cache = "", threads = 1 })
        local rules = assert(engine:compile { name = "r.lua", text = RULES })
        local result = assert(rules:scan(RECORDS, { backend = "ref" }))
        wanted, whole = show(result), result.stats.bytes
        assert.equal(20 + 15 + 10, #result.matches)
    end)

    for _, route in ipairs { "fused", "chained", "serial" } do
        it("are believed where nothing is wrong, " .. route, function()
            local found, note, bytes = scan(route, {})
            assert.equal(wanted, found)
            assert.is_nil(note)
            assert.equal(whole, bytes)
        end)

        -- The first results, and those of a later dispatch; serial has a second time what the host has compacted.
        for _, at in ipairs { 1, 2, 3 } do
            it(("with a broken header are the host's again, %s, number %d"):format(route, at), function()
                for _, case in ipairs {
                    { "magic", 0, NO_HEADER }, { "magic", 0xa5a5a5a5, NO_HEADER },
                    { "version", 0, VERSION:format(0) }, { "version", 2, VERSION:format(2) },
                    { "ended", 0, NOT_EVERY }, { "ended", 0xffffffff, NOT_EVERY },
                    { "kept", 0xffffffff, CONTRADICT }, { "many", 2, CONTRADICT },
                } do
                    local found, note, bytes = scan(route, { spoil = case[1], spoil_with = case[2], spoil_at = at })
                    assert.equal(wanted, found)
                    assert.equal(case[3] .. ALONE, note)
                    assert.equal(at > (route == "serial" and 2 or 1), bytes > 0)
                    assert.is_true(bytes < whole)
                end
            end)
        end
    end

    it("with a tail that does not add up are the host's again", function()
        for _, name in ipairs { "committed", "rolled_back" } do
            for at = 1, 2 do
                local found, note, bytes = scan("fused", { spoil = name, spoil_with = 12345, spoil_at = at })
                assert.equal(wanted, found)
                assert.equal(TAIL .. ALONE, note)
                assert.equal(at > 1, bytes > 0)
            end
        end
    end)

    it("of a kernel that never ran are the host's again", function()
        for route, kernels in pairs { fused = { "fused" },
            chained = { "prefilter", "hits", "gates", "judge", "runs", "collect" },
            serial = { "prefilter", "hits", "gates", "judge", "runs", "collect" } } do
            for _, kernel in ipairs(kernels) do
                local found, note, bytes = scan(route, { skip = ("hunch_%s_kernel"):format(kernel) })
                assert.equal(wanted, found)
                assert.equal((kernel == "fused" and NO_HEADER or NOT_EVERY) .. ALONE, note, kernel)
                assert.equal(0, bytes)
            end
        end
    end)

    it("that 32 bits do not count are the host's again", function()
        for _, route in ipairs { "fused", "chained", "serial" } do
            local found, note = scan(route, { spoil = "many", spoil_with = 1 })
            assert.equal(wanted, found)
            assert.equal("literals occur more than 2^31 times in what the GPU searches at once" .. ALONE, note)
        end
    end)
end)
