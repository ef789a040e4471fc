local emit = require "hunch.condition.emit"
local random_numbers = require "support.random"
local tiles = require "support.tiles_module"

-- string.unpack formats by type; HP_TYPE_* counts from 0 in the same order.
local formats = {
    U8 = "<I1", I8 = "<i1", U16LE = "<I2", I16LE = "<i2", U16BE = ">I2", I16BE = ">i2", U32LE = "<I4", I32LE = "<i4",
    U32BE = ">I4", I32BE = ">i4", U64LE = "<i8", I64LE = "<i8", U64BE = ">i8", I64BE = ">i8",
}
local EQUAL, LESS, MORE = 0, 1, 2

describe("a field", function()
    for i, name in ipairs(emit.types) do
        local kind, format = i - 1, formats[name]
        local size = string.packsize(format)
        local signed = name:sub(1, 1) == "I"

        it(name .. " reads what string.unpack reads", function()
            local random = random_numbers.generator(i)
            assert.equal(size, tiles.field_size(kind))
            for _ = 1, 500 do
                local bytes = random_numbers.bytes(random, size, 256)
                assert.equal(string.unpack(format, bytes), tiles.field_value(kind, bytes))
            end
            assert.equal(string.unpack(format, ("\xff"):rep(size)), tiles.field_value(kind, ("\xff"):rep(size)))
        end)

        it(name .. " compares with and without a mask", function()
            local random = random_numbers.generator(100 + i)
            local seen = {}
            for _ = 1, 2000 do
                local bytes = random_numbers.bytes(random, size, random(2) == 1 and 256 or 2)
                local mask = random(3) == 1 and -1 or (random(256) - 1) << (8 * random(size) - 8)
                -- The mask is laid over the bits of the type; then the sign counts.
                local bits = string.unpack(format, bytes) & mask & (-1 >> (64 - 8 * size))
                local value = signed and bits >> (8 * size - 1) == 1 and bits | -1 << (8 * size - 1) or bits
                local operand = random(2) == 1 and value or value + random(5) - 3
                local less
                if signed then
                    less = value < operand
                else
                    less = math.ult(value, operand)
                end
                assert.equal(value == operand, tiles.field_holds(kind, bytes, mask, EQUAL, operand))
                assert.equal(less, tiles.field_holds(kind, bytes, mask, LESS, operand))
                assert.equal(value ~= operand and not less, tiles.field_holds(kind, bytes, mask, MORE, operand))
                seen[value == operand and "equal" or less and "less" or "more"] = true
            end
            assert.same({ equal = true, less = true, more = true }, seen)
        end)
    end

    it("reads the examples of the guide", function()
        local elf = emit.types
        local index = {}
        for i, name in ipairs(elf) do
            index[name] = i - 1
        end
        assert.is_true(tiles.field_holds(index.U32LE, "\x7fELF", -1, EQUAL, 0x464c457f))
        assert.is_true(tiles.field_holds(index.I16LE, "\xff\xff", -1, LESS, 0))
        assert.is_true(tiles.field_holds(index.U16LE, "\xff\xff", -1, MORE, 65534))
        assert.is_true(tiles.field_holds(index.U8, "\xa5", 0xf0, EQUAL, 0xa0))
        assert.is_true(tiles.field_holds(index.I8, "\xa5", 0x80, EQUAL, -128))
        assert.is_true(tiles.field_holds(index.U64LE, ("\xff"):rep(8), -1, MORE, math.maxinteger))
        assert.is_false(tiles.field_holds(index.I64LE, ("\xff"):rep(8), -1, MORE, 0))
    end)
end)
