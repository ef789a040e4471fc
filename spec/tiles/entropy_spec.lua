local naive = require "support.naive_values"
local random_numbers = require "support.random"
local table_maker = require "support.log2_table"
local tiles = require "support.tiles_module"

local ONE = 1 << 24

describe("log2", function()
    it("has the table that its definition makes", function()
        local file = assert(io.open("kernels/log2_table.h"))
        local text = file:read "a"
        file:close()
        assert.equal(table_maker.generate(), text)
    end)

    it("is its definition inside and outside the table, and near the real one", function()
        local random = random_numbers.generator(3)
        local values = {}
        for value = 1, 3000 do
            values[value] = value
        end
        for bits = 2, 32 do
            for _ = 1, 300 do
                values[#values + 1] = (1 << (bits - 1)) + random(1 << (bits - 1)) - 1
            end
            values[#values + 1] = (1 << bits) - 1
        end
        local worst = 0.0
        for _, value in ipairs(values) do
            local looked_up, computed = tiles.log2(value)
            assert.equal(table_maker.log2(value), looked_up)
            assert.equal(computed, looked_up)
            worst = math.max(worst, math.abs(computed / ONE - math.log(value, 2)))
        end
        assert.is_true(worst < 2.0 ^ -24.9, "error " .. worst)
    end)

    it("is exact for powers of two and never decreases", function()
        for bits = 0, 31 do
            assert.equal(bits * ONE, (tiles.log2(1 << bits)))
        end
        local random = random_numbers.generator(4)
        for _ = 1, 20000 do
            local value = random((1 << 32) - 2)
            assert.is_true(tiles.log2(value) <= tiles.log2(value + 1))
        end
        local before = 0
        for value = 1, 70000 do
            local now = tiles.log2(value)
            assert.is_true(now >= before)
            before = now
        end
    end)
end)

describe("entropy", function()
    local function bits(text)
        return tiles.entropy(text) / ONE / #text
    end

    for text, expected in pairs {
        ["a"] = 0.0, ["aaaaaaaa"] = 0.0, ["ab"] = 1.0, ["abcd"] = 2.0, ["aabbccdd"] = 2.0, ["0123456789abcdef"] = 4.0,
        ["aab"] = 46219342 / ONE / 3, ["aaabbbcccdddeeefffggghhh"] = 3.0,
    } do
        it(("of %q is %s bits per byte"):format(text, expected), function()
            assert.equal(expected, bits(text))
        end)
    end

    it("of all byte values is 8", function()
        local all = {}
        for byte = 0, 255 do
            all[byte + 1] = string.char(byte)
        end
        assert.equal(8.0, bits(table.concat(all)))
        assert.equal(8.0, bits(table.concat(all):rep(300)))
    end)

    it("of nothing is 0", function()
        assert.equal(0, tiles.entropy "")
    end)

    it("is within a millionth of a bit of the floats", function()
        local random = random_numbers.generator(5)
        local worst, compared = 0.0, 0
        for _ = 1, 20000 do
            local text = random_numbers.bytes(random, random(random(10) == 1 and 300 or 60), random(256))
            worst = math.max(worst, math.abs(bits(text) - naive.entropy(text)))
            compared = compared + 1
        end
        for _, length in ipairs { 5000, 70000, 300000 } do
            local text = random_numbers.bytes(random, length, 200)
            worst = math.max(worst, math.abs(bits(text) - naive.entropy(text)))
        end
        assert.is_true(worst < 1e-6, "error " .. worst)
        assert.is_true(worst > 0, "nothing was compared")
        assert.equal(20000, compared)
    end)

    it("compares without rounding", function()
        local function reaches(text, threshold, above)
            return tiles.entropy_reaches(#text, tiles.entropy(text), threshold, above)
        end
        assert.is_true(reaches("abcd", 2 * ONE, false))
        assert.is_false(reaches("abcd", 2 * ONE, true))
        assert.is_true(reaches("abcd", 2 * ONE - 1, true))
        assert.is_false(reaches("abcd", 2 * ONE + 1, false))
        -- n * H = 46219342 = 3 * 15406447 + 1
        assert.is_true(reaches("aab", 15406447, true))
        assert.is_false(reaches("aab", 15406448, false))
        assert.is_true(reaches("", 0, false))
        assert.is_false(reaches("", 0, true))
        assert.is_false(reaches("", 1, false))
        assert.is_true(reaches("aaaa", 0, false))
        assert.is_false(reaches("aaaa", 0, true))
        assert.is_false(reaches("abcd", 9 * ONE, false))
        assert.is_false(reaches("abcd", -1, false)) -- 2^64 - 1
    end)
end)
