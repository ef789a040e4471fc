local charset = require "hunch.regex.charset"
local ranges = require "hunch.regex.utf8"

--- Is the string one of the sequences?
local function accepts(sequences, bytes)
    for _, sequence in ipairs(sequences) do
        local all = #sequence == #bytes
        for i = 1, all and #bytes or 0 do
            all = all and charset.contains(sequence[i], bytes:byte(i))
        end
        if all then return true end
    end
    return false
end

describe("UTF-8 ranges", function()
    it("hold the characters of the range and no others", function()
        local edges = { 0, 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFD, 0xFFFF, 0x10000, 0x10FFFF }
        for _, lo in ipairs(edges) do
            for _, hi in ipairs(edges) do
                local sequences = ranges.sequences { lo, hi }
                for _, edge in ipairs(edges) do
                    for point = edge - 2, edge + 2 do
                        local valid = point >= 0 and point <= 0x10FFFF and (point < 0xD800 or point > 0xDFFF)
                        if valid then
                            assert.equal(point >= lo and point <= hi, accepts(sequences, utf8.char(point)),
                                ("%X in %X-%X"):format(point, lo, hi))
                        end
                    end
                end
            end
        end
    end)

    it("hold exactly U+0700..U+0905", function()
        local sequences = ranges.sequences { 0x700, 0x905 }
        for point = 0x600, 0xA00 do
            assert.equal(point >= 0x700 and point <= 0x905, accepts(sequences, utf8.char(point)))
        end
    end)

    it("leave surrogates out", function()
        local sequences = ranges.sequences { 0xD000, 0xF000 }
        assert.is_true(accepts(sequences, "\u{D7FF}"))
        assert.is_false(accepts(sequences, "\xED\xA0\x80"))
        assert.is_false(accepts(sequences, "\xED\xBF\xBF"))
    end)

    it("are few", function()
        assert.equal(1, #ranges.sequences { 0x80, 0x7FF })
        assert.equal(1, #ranges.sequences { 0xE9, 0xE9, 0xEB, 0xEB, 0xE0, 0xE1 })
        assert.equal(9, #ranges.sequences { 0, 0x10FFFF })
    end)
end)
