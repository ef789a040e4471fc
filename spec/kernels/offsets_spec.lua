-- Offsets of 2^31 and more: a slab of 3.75 GiB that is zeros but for a few texts. Nobody allocates it, and
-- the emulator runs only those blocks that would see anything else than zeros (device.sparse).
--
-- 32 bits, all unsigned: offsets into a slab, where its records begin, their sizes, places of hits, matches and
-- groups in a record. That is enough because a slab has HUNCH_SLAB_MOST (15 * 2^28) bytes at the most: its chunks and
-- what lies behind them end below 2^32, as does a place plus a literal's length. Counts of hits are 32 bits and stop
-- at 2^31 (spec/kernels/results_spec.lua). 64 bits: where a chunk is read, bits of tables by record and pattern,
-- places inside of a regex machine, and all that the host does with a record once it has its bytes. A record that is
-- larger than a slab never comes to a device: the host searches it in windows, or, where it cannot read it, says so.
--
-- The route fused is left out: its blocks wait for each other, so all of them would have to run. It is made of the
-- functions that the other routes' kernels are made of.
local device = require "support.device_module"
local hunch = require "hunch"

local MOST, HALF = 0xf0000000, 1 << 31
local PLACES = os.getenv "HUNCH_SAN" and { HALF - 13, MOST - 21 } or { HALF - 21, HALF - 20, HALF - 13, HALF - 12,
    HALF - 11, HALF - 8, HALF - 7, HALF - 6, HALF - 5, HALF - 1, HALF, HALF + 3, MOST - 21 } -- of a text of 21 bytes

local RULES = [[
    rule "key" { prefilter = all { "gate" }, confirm = { regex "(?i:k)ey=([0-9]+)" } }
    rule "needle" { prefilter = any { "needle" } }
]]

local function compile(text, options)
    local engine = assert(hunch.engine { cache = "", threads = 1 })
    if options then device.attach(engine, options) end
    return assert(engine:compile { name = "offsets.lua", text = text })
end

describe("records on a device, with offsets from 2^31 on,", function()
    for _, route in ipairs { "chained", "serial" } do
        it("are searched to the last byte that a slab may have, " .. route, function()
            local box, address = device.sparse(MOST, { { 0, "gate\nkey=12 " }, { HALF - 6, "\n needle Key=34\n\n\n" },
                { HALF + 512, "needle" },
                { 3 << 30, "\n\n" }, -- lines end far from all hits, too
                { MOST - 7, "key=567" } })
            local rules = compile(RULES, { seed = 2, sparse = box })
            local result = assert(rules:scan({ { name = "r", data = address, size = MOST } },
                { backend = "cuda", resident = "in-place", route = route }))
            local found = {}
            for i, m in ipairs(result.matches) do
                found[i] = ("%s %d..%d line %d column %d %s"):format(m.rule, m.first, m.last, m.line, m.column, m.text)
            end
            assert.same({
                "key 6..11 line 2 column 1 key=12",
                ("key %d..%d line 3 column 9 Key=34"):format(HALF + 4, HALF + 9),
                ("key %d..%d line 8 column %d key=567"):format(MOST - 6, MOST, MOST - 7 - ((3 << 30) + 1)),
                ("needle %d..%d line 3 column 2 needle"):format(HALF - 3, HALF + 2),
                ("needle %d..%d line 6 column %d needle"):format(HALF + 513, HALF + 518, 513 - 12),
            }, found)
            assert.is_nil(result.stats.note)
            assert.same({}, result.incomplete)
            assert.equal(MOST, result.stats.device_bytes)
        end)
    end

    it("are refused, not cut off, where they are larger than a slab", function()
        for _, size in ipairs { MOST + 1, (1 << 32) + 12, (1 << 33) + MOST } do
            local box, address = device.sparse(size, { { 0, "gate\nkey=12 " } })
            local result = assert(compile(RULES, { sparse = box }):scan({ { name = "r", data = address, size = size } },
                { backend = "cuda", resident = "in-place" }))
            assert.same({}, result.matches)
            assert.equal("unreadable", result.incomplete[1].reason)
        end
    end)

    --- What comes back of a dispatch of such records, each a number of bytes.
    local function dispatch(program, texts, sizes, options)
        local records, total = {}, 0
        for _, size in ipairs(sizes) do total = total + size end
        local box, address = device.sparse(total, texts)
        local at = address
        for i, size in ipairs(sizes) do
            records[i] = { at, size }
            at = at + size
        end
        options.sparse, options.room = box, total
        local back = assert(device.dispatch(program, records, options))
        for _, record in ipairs(back) do table.sort(record.places) end
        return back
    end

    local function places(list, by)
        local out = {}
        for i, text in ipairs(list) do
            out[i] = text:gsub("%d+", function(n) return ("%d"):format(n + by) end)
        end
        table.sort(out)
        return out
    end

    it("have the hits, matches and groups that they have at low ones", function()
        local program = compile [[rule "key" { prefilter = all { "gate" }, confirm = { regex "(?i:k)(e)y=([0-9]+)" } }]]
            :save()
        local text = "gate key=12 Key=3456!"
        for _, serial in ipairs { 0, 0xffffffff } do
            local low = dispatch(program, { { 0, text } }, { 4096 }, { serial = serial, rounds = 2 })
            assert.equal(2, #low.groups[1])
            for _, at in ipairs(PLACES) do
                local high = dispatch(program, { { at, text } }, { MOST }, { serial = serial, rounds = 2 })
                assert.same({ true, low[1].committed, low[1].hits },
                    { high[1].needed, high[1].committed, high[1].hits })
                local matches, moved = {}, {}
                for _, place in ipairs(low[1].places) do
                    if not place:find " 0%.%.0$" then moved[#moved + 1] = place end
                end
                for _, place in ipairs(high[1].places) do
                    if not place:find " 0%.%.0$" then matches[#matches + 1] = place end
                end
                assert.equal(2, #matches)
                assert.same(places(moved, at), matches)
                table.sort(high.groups[1])
                assert.same(places(low.groups[1], at), high.groups[1])
                assert.equal(low.traced, high.traced)
                assert.equal(low.followed, high.followed)
            end
        end
    end)

    it("may begin there, and end between two bytes of a literal", function()
        local program = compile(RULES):save()
        -- Further records begin behind 2^31; the fourth one at it, and hits of the second one are in the block before.
        for _, first in ipairs { HALF + 5, HALF - 30 } do
            local sizes, begin = { first, 30, 0, 40, 1 << 30, 19 }, { 0 }
            for i, size in ipairs(sizes) do begin[i + 1] = begin[i] + size end
            for _, serial in ipairs { 0, 0xffffffff } do
                local back = dispatch(program, {
                    { begin[2] - 3, "needle" },                   -- of two records: none
                    { begin[2] + 5, "gate key=12" },
                    { begin[4] - 10, "gate key=1gate Key=345 " }, -- begins in the second one
                    { begin[5] + 11, "needle" }, { begin[6] - 6, "needle" },
                    { begin[6], "gate" }, { begin[7] - 5, "key=8" },
                }, sizes, { serial = serial })
                local needed, found = {}, {}
                for i, record in ipairs(back) do
                    needed[i] = record.needed
                    for _, place in ipairs(record.places) do
                        if not place:find " 0%.%.0$" then found[#found + 1] = ("%d: %s"):format(i, place) end
                    end
                end
                assert.same({ false, true, false, true, true, true }, needed)
                assert.same({ "2: 10 10..16", "2: 25 25..30", "4: 5 5..12", "6: 14 14..19" }, found)
                assert.equal(2, #back[5].places)
            end
        end
    end)

    it("are asked for runs of a class, part by part", function()
        local program = compile [[rule "digits" { prefilter = all { "gate" }, confirm = { regex "[0-9]{30}" } }]]:save()
        local run, short = ("7"):rep(30), ("7"):rep(29)
        for _, serial in ipairs { 0, 0xffffffff } do
            for _, case in ipairs {
                { HALF, HALF - 30, run, true }, { HALF, HALF - 30, short, false }, { HALF, HALF - 31, short, false },
                { HALF, HALF - 8192 - 11, run, true }, { HALF, HALF - 8192 - 11, short, false },
                { HALF + 1, HALF - 30, short, true }, -- more parts than there is room for: nobody looks
            } do
                local texts = { { 100, "gate" }, { case[2], case[3] } }
                local back = dispatch(program, texts, { case[1] }, { serial = serial })
                assert.equal(case[4], back[1].needed, ("%d %d %d"):format(case[1], case[2], #case[3]))
            end
        end
    end)
end)
