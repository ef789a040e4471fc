-- kernels/emulator runs spec/kernels/algorithms.cu: every operation, odd shapes, many schedules.
local random_numbers = require "support.random"
local simt = require "support.simt_module"

local SEEDS = { 0, 1, 2, 3, 4, 5, 6, 7 }

local function pack(format, list)
    local parts = {}
    for i, value in ipairs(list) do
        parts[i] = string.pack(format, value)
    end
    return table.concat(parts)
end

local function unpack_all(format, buffer)
    local bytes, list, at = buffer:bytes(), {}, 1
    while at <= #bytes do
        list[#list + 1], at = string.unpack(format, bytes, at)
    end
    return list
end

local function run(kernel, shape, args)
    local ok, status, message = simt.launch(kernel, shape, args)
    assert.is_true(ok, ("%s, seed %s: %s"):format(status, shape.seed, message))
end

describe("a kernel on the emulator", function()
    local random = random_numbers.generator(11)
    local numbers, total, odd = {}, 0, {}
    for i = 1, 1000 do
        numbers[i] = random(1 << 20)
        total = total + numbers[i]
        if numbers[i] % 2 == 1 then
            odd[#odd + 1] = i - 1
        end
    end
    local input = simt.buffer(pack("<I4", numbers))
    local shapes = { { 1, 1 }, { 3, 1 }, { 1, 7 }, { 1, 32 }, { 2, 33 }, { 4, 100 }, { 1, 1023 }, { 2, 1024 } }

    it("adds with shuffles, shared memory and atomics in blocks of any size", function()
        for _, seed in ipairs(SEEDS) do
            for _, shape in ipairs(shapes) do
                local out = simt.buffer(4)
                run("spec_sum_kernel", { grid = shape[1], block = shape[2], seed = seed }, { input, 1000, out })
                assert.equal(total, (string.unpack("<I4", out:bytes())))
            end
        end
    end)

    it("adds nothing", function()
        local out = simt.buffer(4)
        run("spec_sum_kernel", { grid = 2, block = 40 }, { simt.buffer(0), 0, out })
        assert.equal(0, (string.unpack("<I4", out:bytes())))
    end)

    it("scans a block with barriers", function()
        for _, seed in ipairs(SEEDS) do
            for _, block in ipairs { 1, 31, 250 } do
                local out = simt.buffer(4000)
                local grid = (1000 + block - 1) // block
                run("spec_scan_kernel", { grid = grid, block = block, shared = 4 * block, seed = seed },
                    { input, 1000, out })
                local sum = 0
                for i, value in ipairs(unpack_all("<I4", out)) do
                    sum = (i - 1) % block == 0 and numbers[i] or sum + numbers[i]
                    assert.equal(sum, value)
                end
            end
        end
    end)

    it("fills a queue by ballots and one 64-bit atomic a warp, and counts what has no room", function()
        local orders = {}
        for _, seed in ipairs(SEEDS) do
            for _, shape in ipairs(shapes) do
                local size, queue = simt.buffer(8), simt.buffer(4 * #odd)
                run("spec_queue_kernel", { grid = shape[1], block = shape[2], seed = seed },
                    { input, 1000, size, queue, #odd })
                assert.equal(#odd, (string.unpack("<I8", size:bytes())))
                local found = unpack_all("<I4", queue)
                if shape[2] == 33 then
                    orders[table.concat(found, " ")] = true
                end
                table.sort(found)
                assert.same(odd, found)
                local few = simt.buffer(4 * 10)
                run("spec_queue_kernel", { grid = shape[1], block = shape[2], seed = seed },
                    { input, 1000, size, few, 10 })
                assert.equal(2 * #odd, (string.unpack("<I8", size:bytes())), "room of 10 counts all the same")
            end
        end
        local different = 0
        for _ in pairs(orders) do
            different = different + 1
        end
        assert.is_true(different >= 4, "the seeds order the queue in " .. different .. " ways")
    end)

    it("knows which block was last, whatever their order and however many run at once", function()
        for _, seed in ipairs(SEEDS) do
            for _, resident in ipairs { 0, 1, 2, 9 } do
                local out = simt.buffer(8)
                run("spec_last_block_kernel", { grid = { 2, 3, 2 }, block = 33, seed = seed, resident = resident },
                    { input, 0, out })
                assert.same({ 13, 12 }, unpack_all("<I4", out))
            end
        end
    end)

    it("lets lanes that wait for a lock change places", function()
        for _, seed in ipairs(SEEDS) do
            local out = simt.buffer(8)
            run("spec_lock_kernel", { grid = 4, block = 48, seed = seed, resident = 2 }, { input, 0, out })
            assert.same({ 0, 192 }, unpack_all("<I4", out))
        end
    end)

    it("gives the same output with the same seed", function()
        for _, seed in ipairs(SEEDS) do
            local before
            for _ = 1, 2 do
                local size, queue = simt.buffer(8), simt.buffer(4 * #odd)
                run("spec_queue_kernel", { grid = 4, block = 64, seed = seed }, { input, 1000, size, queue, #odd })
                assert.equal(before or queue:bytes(), queue:bytes())
                before = queue:bytes()
            end
        end
    end)

    it("has every operation of a warp", function()
        local list = {}
        for lane = 0, 31 do
            list[lane + 1] = (lane * 37 + 5) % 90 + (lane == 4 and 7 or 0)
        end
        local function lanes_where(holds, first, last)
            local mask = 0
            for lane = first or 0, last or 31 do
                if holds(list[lane + 1], lane) then
                    mask = mask | 1 << lane
                end
            end
            return mask
        end
        local sum, low, high, both, either, parity, odd_count, sum8 = 0, 1 << 32, 0, ~0, 0, 0, 0, 0
        for lane, value in ipairs(list) do
            sum, low, high = sum + value, math.min(low, value), math.max(high, value)
            both, either, parity = both & (value | 64), either | value, parity ~ value
            odd_count = odd_count + value % 2
            sum8 = sum8 + (lane <= 8 and value or 0)
        end
        local is_odd = function(value) return value % 2 == 1 end
        for _, seed in ipairs(SEEDS) do
            local out = simt.buffer(32 * 24 * 4)
            run("spec_warp_kernel", { block = 32, seed = seed }, { simt.buffer(pack("<I4", list)), 32, out })
            local got = unpack_all("<I4", out)
            for lane = 0, 31 do
                local value = list[lane + 1]
                local up, down = lane >= 3 and lane - 3 or lane, lane % 16 < 13 and lane + 3 or lane
                local expected = {
                    lanes_where(is_odd),
                    lanes_where(function(v) return v == 7 end) ~= 0 and 1 or 0,
                    1,
                    lanes_where(function(v) return v % 4 == value % 4 end),
                    0, 0,
                    sum, low, high, (low - 50) & 0xffffffff, (high - 50) & 0xffffffff, both & 0xffffffff, either,
                    parity, list[6], list[(lane & ~7 | 5) + 1], list[up + 1], list[down + 1], list[(lane ~ 1) + 1],
                    lane < 8 and lanes_where(is_odd, 0, 7) or 0,
                    lane < 8 and sum8 or 0,
                    odd_count, 1, 0,
                }
                assert.same(expected, table.move(got, lane * 24 + 1, lane * 24 + 24, 1, {}))
            end
        end
    end)

    it("has atomics of 32 and 64 bits", function()
        for _, seed in ipairs(SEEDS) do
            local word = simt.buffer(pack("<I4", { 0, 0, 0, 1000, 0, 0xffffffff, 0 }))
            local wide = simt.buffer(pack("<I8", { 5, 0 }))
            local number = simt.buffer(pack("<i4", { 5, -1000 }))
            run("spec_atomics_kernel", { grid = 4, block = 32, seed = seed }, { word, wide, number })
            assert.same({ 128, (-256) & 0xffffffff, 127, 0, 0xffffffff, 0, 0 }, unpack_all("<I4", word))
            assert.same({ 5 + 128 * 0x100000001, 127 << 32 }, unpack_all("<I8", wide))
            assert.same({ -127, 0 }, unpack_all("<i4", number))
        end
    end)

    it("has CUDA's functions on bits", function()
        local draw, inputs, expected = random_numbers.generator(9), {}, {}
        local WORD = 0xffffffff
        local function count(value)
            local n = 0
            for bit = 0, 63 do
                n = n + (value >> bit & 1)
            end
            return n
        end
        local function lowest(value) -- from 1; 0: none
            for bit = 0, 63 do
                if value >> bit & 1 == 1 then return bit + 1 end
            end
            return 0
        end
        local function zeros(value, bits) -- before the highest one
            for n = 0, bits - 1 do
                if value >> (bits - 1 - n) & 1 == 1 then return n end
            end
            return bits
        end
        local function reversed(value)
            local result = 0
            for bit = 0, 31 do
                result = result | (value >> bit & 1) << (31 - bit)
            end
            return result
        end
        local function picked(both, selector)
            local result = 0
            for i = 0, 3 do
                local nibble = selector >> 4 * i & 15
                local byte = both >> 8 * (nibble & 7) & 255
                if nibble > 7 then
                    byte = byte > 127 and 255 or 0
                end
                result = result | byte << 8 * i
            end
            return result
        end
        local function signed(value)
            return value < 1 << 31 and value or value - (1 << 32)
        end
        for i = 1, 200 do
            local x, y, z, w = draw(1 << 31) * draw(2) - 1, draw(1 << 31) * draw(2) - 1, draw(1 << 30),
                draw(99)
            x = ({ x, 0, 1 << (draw(32) - 1) })[draw(3)]
            y = ({ y, 0 })[draw(2)]
            local wide, shift = y << 32 | x, z & 31
            inputs[i] = string.pack("<I4I4I4I4", x, y, z, w)
            for _, value in ipairs {
                count(x), count(wide), lowest(x), lowest(wide), zeros(x, 32), zeros(wide, 64), reversed(x),
                -- x * y may pass 2^63, which a logical shift does not mind.
                x * y >> 32, wide << shift >> 32 & WORD, wide >> shift & WORD, picked(wide, z),
                math.min(x, y), math.max(x, y), math.min(signed(x), signed(y)) & WORD,
                (x + 1) & WORD ~ w, (y + 1) & WORD ~ z, y, (x + 1) & WORD, y, 2 * w,
            } do
                expected[#expected + 1] = value
            end
        end
        local out = simt.buffer(200 * 20 * 4)
        run("spec_bits_kernel", { grid = 7, block = 30 }, { simt.buffer(table.concat(inputs)), 200, out })
        assert.same(expected, unpack_all("<I4", out))
    end)

    it("sees where it stands in three dimensions", function()
        for _, seed in ipairs { 0, 1, 2 } do
            local out = simt.buffer(4 * 24 * 30)
            run("spec_shape_kernel", { grid = { 2, 3, 4 }, block = { 5, 3, 2 }, seed = seed }, { input, 0, out })
            local got, i = unpack_all("<I4", out), 0
            for block = 0, 23 do
                for lane = 0, 29 do
                    i = i + 1
                    local expected = lane % 5 | lane // 5 % 3 << 4 | lane // 15 << 8 | block % 2 << 12 |
                        block // 2 % 3 << 16 | block // 6 << 20
                    assert.equal(expected, got[i])
                end
            end
        end
    end)

    it("adds up how long its blocks ran, by what they take of a multiprocessor", function()
        local CELLS, APART = 32, 4 -- kernels/busy.h
        local function busy(grid, block, share, turns, seed)
            local cells, header = simt.buffer(CELLS * APART * 8), simt.buffer(5 * 4)
            run("spec_busy_kernel", { grid = grid, block = block, seed = seed }, { cells, share, header, 4, turns })
            assert.same({ 0x53524348, 1, 0, 0, 4 }, unpack_all("<I4", header)) -- kernels/results.h
            local list, sum = unpack_all("<I8", cells), 0
            for i, cell in ipairs(list) do
                assert.equal((i - 1) % APART == 0 and (i - 1) // APART < grid, cell > 0)
                assert.equal(0, cell % share)
                sum = sum + cell
            end
            return sum, list
        end
        for _, seed in ipairs(SEEDS) do
            local one = busy(1, 64, 1, 100, seed)
            assert.is_true(one >= 1000, one) -- 32 lanes of ten times 100 turns, side by side
            assert.equal(one, busy(1, 64, 1, 100, seed)) -- the clock is the schedule's, not the machine's
            assert.equal(3 * one, busy(1, 64, 3, 100, seed))
            assert.is_true(busy(1, 64, 1, 0, seed) > 0 and busy(1, 64, 1, 0, seed) < one)
            local all, list = busy(5, 64, 1, 100, seed) -- one cell each
            assert.is_true(all > one)
            if seed < 2 then -- block by block
                for i = 0, 3 do assert.is_true(list[1 + i * APART] < list[1 + 4 * APART]) end
            end
            assert.is_true(busy(70, 2, 1, 1, seed) > 0) -- more blocks than cells
        end
    end)

    it("runs some blocks of a grid alone", function()
        for _, seed in ipairs(SEEDS) do
            local cells, header = simt.buffer(32 * 4 * 8), simt.buffer(5 * 4)
            run("spec_busy_kernel", { grid = 1 << 30, block = 2, seed = seed, first_block = (1 << 29) + 3, blocks = 2 },
                { cells, 1, header, 4, 1 })
            for i, cell in ipairs(unpack_all("<I8", cells)) do assert.equal(i == 13 or i == 17, cell > 0, i) end
            assert.same({ 0, 0, 0, 0, 0 }, unpack_all("<I4", header)) -- which block 0 signs
        end
    end)

    it("is listed by its name", function()
        local names = simt.kernels()
        local sorted = table.move(names, 1, #names, 1, {})
        table.sort(sorted)
        assert.same(sorted, names)
        assert.is_not_nil((" " .. table.concat(names, " ") .. " "):find(" spec_sum_kernel ", 1, true))
    end)
end)

describe("a launch that a device refuses", function()
    local out = simt.buffer(4)

    for sentence, case in pairs {
        ["no kernel is called spec_nothing_kernel"] = { "spec_nothing_kernel", {}, "no-kernel" },
        ["spec_sum_kernel: a grid of 0 x 1 x 1 has no block: leave the launch out"] = {
            "spec_sum_kernel", { grid = 0 }, "bad-launch" },
        ["spec_sum_kernel: a grid of 1 x 65536 x 1 is more than 2^31-1 x 65535 x 65535"] = {
            "spec_sum_kernel", { grid = { 1, 65536 } }, "bad-launch" },
        ["spec_sum_kernel: a block of 0 x 1 x 1: the kernel takes 1 to 1024 threads"] = {
            "spec_sum_kernel", { block = 0 }, "bad-launch" },
        ["spec_warp_kernel: a block of 33 x 1 x 1: the kernel takes 1 to 32 threads"] = {
            "spec_warp_kernel", { block = 33 }, "bad-launch" },
        ["spec_sum_kernel: a block of 1 x 1 x 65: the kernel takes 1 to 1024 threads"] = {
            "spec_sum_kernel", { block = { 1, 1, 65 } }, "bad-launch" },
        ["spec_sum_kernel: 232449 bytes of dynamic shared memory, a device has 232448"] = {
            "spec_sum_kernel", { shared = 232449 }, "bad-launch" },
        ["spec_sum_kernel: 2 blocks from number 3 on are not in the grid"] = {
            "spec_sum_kernel", { grid = 4, first_block = 3, blocks = 2 }, "bad-launch" },
    } do
        it("says: " .. sentence, function()
            local ok, status, message = simt.launch(case[1], case[2], { out, 0, out })
            assert.is_nil(ok)
            assert.same({ case[3], sentence }, { status, message })
        end)
    end

    it("says how many bytes the arguments are", function()
        local ok, status, message = simt.launch("spec_sum_kernel", {}, { out, 0 })
        assert.same({ nil, "bad-launch", "spec_sum_kernel: 16 bytes of arguments, the kernel takes 24" },
            { ok, status, message })
    end)
end)
