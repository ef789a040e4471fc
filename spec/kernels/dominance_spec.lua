-- dominance_tile.h against the definition: a fact holds on every way to a block if the block cannot be reached once
-- the blocks that bring the fact about are taken out; on some way, if it can be reached from one of them. Random
-- graphs, as C and as a kernel on the emulator.
local random_numbers = require "support.random"
local simt = require "support.simt_module"
local tiles = require "support.tiles_module"

local MORE = os.getenv "HUNCH_SAN" and 1 or os.getenv "HUNCH_SOAK" and 200 or 8

--- Blocks 1 to n; edges to[b]; facts gen[b], a list of words for each block; 1 is the root, and others may be.
local function random_graph(random)
    local n, words = random(12), random(3)
    local g = { n = n, words = words, from = {}, to = {}, gen = {}, is_root = {} }
    for b = 1, n do
        g.from[b], g.to[b], g.gen[b] = {}, {}, {}
        g.is_root[b] = (b == 1 or random(20) == 1) and 1 or 0
        for w = 1, words do
            local word = 0
            for bit = 0, 31 do
                if random(4) == 1 then word = word | 1 << bit end
            end
            g.gen[b][w] = word
        end
    end
    for _ = 1, random(3 * n) - 1 do
        local a, b = random(n), random(n)
        if g.is_root[b] == 0 then
            g.to[a][#g.to[a] + 1] = b
            g.from[b][#g.from[b] + 1] = a
        end
    end
    return g
end

--- Which blocks can be entered from `starts` when ways may not go on behind a block of `stops`.
local function reached(g, starts, stops)
    local seen, stack = {}, {}
    for _, b in ipairs(starts) do
        seen[b], stack[#stack + 1] = true, b
    end
    while #stack > 0 do
        local b = table.remove(stack)
        if not stops[b] then
            for _, next in ipairs(g.to[b]) do
                if not seen[next] then seen[next], stack[#stack + 1] = true, next end
            end
        end
    end
    return seen
end

local function roots(g)
    local list = {}
    for b = 1, g.n do
        if g.is_root[b] == 1 then list[#list + 1] = b end
    end
    return list
end

local function naive(g, is_every)
    local rows = {}
    for i = 1, g.n * g.words do rows[i] = 0 end
    for w = 1, g.words do
        for bit = 0, 31 do
            local holders = {}
            for b = 1, g.n do holders[b] = g.gen[b][w] >> bit & 1 == 1 or nil end
            local seen
            if is_every then
                seen = reached(g, roots(g), holders)
            else
                local behind = {}
                for b in pairs(holders) do
                    for _, next in ipairs(g.to[b]) do behind[#behind + 1] = next end
                end
                seen = reached(g, behind, {})
            end
            for b = 1, g.n do
                if (seen[b] ~= nil) ~= is_every then
                    local i = (b - 1) * g.words + w
                    rows[i] = rows[i] | 1 << bit
                end
            end
        end
    end
    return rows
end

--- order, begin, edge, is_root, gen as the tile takes them, from 0.
local function flat(g, random)
    local order, begin, edge, gen = {}, { 0 }, {}, {}
    for b = 1, g.n do
        table.insert(order, random(#order + 1), b - 1)
        for _, a in ipairs(g.from[b]) do edge[#edge + 1] = a - 1 end
        begin[b + 1] = #edge
        for w = 1, g.words do gen[#gen + 1] = g.gen[b][w] end
    end
    return order, begin, edge, g.is_root, gen
end

local function buffer(list)
    local parts = {}
    for i, value in ipairs(list) do parts[i] = string.pack("<I4", value) end
    return simt.buffer(table.concat(parts))
end

local function words_of(bytes)
    local list = {}
    for at = 1, #bytes, 4 do list[#list + 1] = string.unpack("<I4", bytes, at) end
    return list
end

describe("dominance_tile.h", function()
    it("is the definition, on random graphs", function()
        local random = random_numbers.generator(71)
        for _ = 1, 250 * MORE do
            local g = random_graph(random)
            for _, is_every in ipairs { true, false } do
                local order, begin, edge, is_root, gen = flat(g, random)
                assert.same(naive(g, is_every), (tiles.dominance(is_every, order, begin, edge, is_root, gen, g.words)))
            end
        end
    end)

    it("says the same as a kernel, for any number of lanes", function()
        local random = random_numbers.generator(72)
        for _ = 1, 30 * MORE do
            local g = random_graph(random)
            local is_every = random(2) == 1
            local order, begin, edge, is_root, gen = flat(g, random)
            local expected = tiles.dominance(is_every, order, begin, edge, is_root, gen, g.words)
            for seed, lanes in ipairs { 1, 2, 33 } do
                local out = simt.buffer(4 * g.n * g.words)
                local ok, status, message = simt.launch("hunch_dominance_kernel",
                    { grid = 1, block = lanes, seed = seed },
                    { g.n, is_every and 1 or 0, buffer(order), buffer(begin), buffer(edge), buffer(is_root),
                      buffer(gen), g.words, out, simt.buffer(4 * lanes) })
                assert.is_true(ok, tostring(status) .. " " .. tostring(message))
                assert.same(expected, words_of(out:bytes()))
            end
        end
    end)

    it("takes two rounds without a loop, and one more for a loop", function()
        -- 0 -> 1 -> 2 -> 3, and then with 2 -> 1
        local line = { { 0, 1, 2, 3 }, { 0, 0, 1, 2, 3 }, { 0, 1, 2 }, { 1, 0, 0, 0 }, { 1, 2, 4, 8 } }
        local _, rounds = tiles.dominance(true, line[1], line[2], line[3], line[4], line[5], 1)
        assert.equal(2, rounds)
        local rows
        rows, rounds = tiles.dominance(true, line[1], { 0, 0, 2, 3, 4 }, { 0, 2, 1, 2 }, line[4], line[5], 1)
        assert.same({ 0, 1, 3, 7 }, rows)
        assert.equal(2, rounds)
        rows, rounds = tiles.dominance(false, line[1], { 0, 0, 2, 3, 4 }, { 0, 2, 1, 2 }, line[4], line[5], 1)
        assert.same({ 0, 7, 7, 7 }, rows)
        assert.equal(3, rounds)
    end)
end)
