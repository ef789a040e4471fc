-- Devices whose blocks have less shared memory than a H200's: 48 KiB is what every one has, 64 KiB one of compute
-- capability 7.5, 99 KiB 8.6 and 8.9. Filters are smaller there and blocks have fewer lanes; the answer is ref's.
local agreement = require "support.rules_agreement"
local device = require "support.device_module"
local differential = require "support.engine_differential"
local hunch = require "hunch"

local SAN = os.getenv "HUNCH_SAN"
local SIZES, LARGE = { 48 << 10, 64 << 10, 99 << 10 }, 200000
local CASES = os.getenv "HUNCH_SOAK" and 500 or SAN and 3 or 15

local function program(text)
    return assert(hunch.engine { cache = "" }:compile { text = text, name = "shared.lua" }):save()
end

describe("a device with little shared memory", function()
    local few, many, text

    setup(function()
        few = program [==[
            rule "aws" { confirm = { regex "AKIA[A-Z0-9]{16}" } }
            rule "short" { prefilter = any { "7", lit("zq", "nocase"), lit("abcd", "word"), lit("WIDE", "wide") } }
        ]==]
        local words, list = {}, {}
        for i = 1, 500 do
            list[i] = ("w%xq%x"):format(i * 7919 % 65536, i)
            words[i] = ("%q"):format(list[i])
        end
        many = program(("rule 'many' { prefilter = any { %s } }"):format(table.concat(words, ", ")))
        text = { table.concat(list, " "), table.concat(list), ("w1q"):rep(3000) }
    end)

    it("has smaller blocks, and grams out of them where they are many", function()
        local lanes_before = 0
        for _, size in ipairs { SIZES[1], SIZES[2], SIZES[3], LARGE } do
            local lanes, bytes, grams = device.block(many, {}, { shared = size })
            assert.is_true(lanes >= 32 and lanes % 32 == 0 and bytes <= size)
            assert.is_true(lanes >= lanes_before)
            assert.equal(size == LARGE and 1 or 0, grams)
            lanes_before = lanes
            assert.is_true(select(2, device.block(few, {}, { shared = size })) <= size)
        end
        assert.equal(1, (select(3, device.block(few, {}, { shared = LARGE }))))
        assert.is_true(device.block(many, {}, { shared = SIZES[1] }) < device.block(many, {}, { shared = LARGE }))
    end)

    for _, size in ipairs(SIZES) do
        it(("finds the same hits with %d KiB"):format(size >> 10), function()
            local records = { "AKIA" .. "Q3EGRTVMBZ6WZ4NK 7", ("."):rep(2047) .. "zQ" .. ("-"):rep(3000) .. "abcd",
                "W\0I\0D\0E\0", "", ("7"):rep(500) }
            for seed = 0, SAN and 1 or 3 do
                local found, message = device.compare(few, records, { seed = seed, shared = size })
                assert.is_nil(message)
                assert.equal(505, found)
            end
            local found, message = device.compare(many, text, { seed = 2, shared = size, room = 1 << 17 })
            assert.is_nil(message)
            assert.is_true(found >= 1000)
        end)

        it(("equals the naive engine, and ref, with %d KiB (%d rule sets)"):format(size >> 10, CASES), function()
            local function attach(engine) device.attach(engine, { seed = 3, shared = size }) end
            local counts = differential.run(1, CASES, 1, attach)
            assert.is_true(counts.cases > CASES * 0.6 and counts.matches > CASES)
            counts = agreement.counts()
            agreement.run(1, { rules = SAN and 40 or 200, records = 4, most = 200, attach = attach }, counts)
            assert.is_true(counts.matches > 100)
        end)
    end
end)
