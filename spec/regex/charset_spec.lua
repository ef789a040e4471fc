local charset = require "hunch.regex.charset"

--- The set as a string of 256 characters, by asking for every byte.
local function picture(set)
    local out = {}
    for byte = 0, 255 do out[byte + 1] = charset.contains(set, byte) and "1" or "0" end
    return table.concat(out)
end

local function picture_of(wanted)
    local out = {}
    for byte = 0, 255 do out[byte + 1] = wanted(byte) and "1" or "0" end
    return table.concat(out)
end

describe("charset", function()
    it("keeps bit b & 7 of byte b >> 3", function()
        local set = charset.of "A"
        assert.equal(32, #set)
        assert.equal(1 << (65 & 7), set:byte((65 >> 3) + 1))
        assert.equal(string.rep("\0", 32), charset.EMPTY)
        assert.equal(string.rep("\255", 32), charset.ANY)
    end)

    it("builds any range", function()
        for lo = 0, 255, 7 do
            for hi = lo, 255, 5 do
                assert.equal(picture_of(function(b) return b >= lo and b <= hi end),
                    picture(charset.range(lo, hi)))
            end
        end
    end)

    it("unites, intersects, subtracts, complements", function()
        local s, t = charset.from_ranges { 10, 100, 200, 255 }, charset.from_ranges { 50, 210 }
        local function in_s(b) return b >= 10 and b <= 100 or b >= 200 end
        local function in_t(b) return b >= 50 and b <= 210 end
        assert.equal(picture_of(function(b) return in_s(b) or in_t(b) end), picture(charset.union(s, t)))
        assert.equal(picture_of(function(b) return in_s(b) and in_t(b) end), picture(charset.intersect(s, t)))
        assert.equal(picture_of(function(b) return in_s(b) and not in_t(b) end), picture(charset.minus(s, t)))
        assert.equal(picture_of(function(b) return not in_s(b) end), picture(charset.complement(s)))
    end)

    it("compares", function()
        local s, t = charset.range(10, 20), charset.range(10, 30)
        assert.is_true(charset.subset(s, t))
        assert.is_false(charset.subset(t, s))
        assert.is_true(charset.overlaps(s, t))
        assert.is_false(charset.overlaps(s, charset.range(21, 30)))
    end)

    it("folds ASCII letters and nothing else", function()
        assert.equal(charset.of "aAzZ", charset.fold(charset.of "aZ"))
        assert.equal(charset.of "@[`{\xC0\xE0", charset.fold(charset.of "@[`{\xC0\xE0"))
        assert.equal(charset.of "kK", charset.FOLDED[string.byte "K"])
        assert.equal(charset.of "1", charset.FOLDED[string.byte "1"])
    end)

    it("counts and lists", function()
        assert.equal(0, charset.count(charset.EMPTY))
        assert.equal(256, charset.count(charset.ANY))
        assert.equal(63, charset.count(charset.WORD))
        assert.same({ 0, 9, 10, 255 }, charset.members(charset.of "\n\t\0\255"))
        local ranges = {}
        for lo, hi in charset.ranges(charset.from_ranges { 0, 3, 5, 5, 250, 255 }) do
            ranges[#ranges + 1] = { lo, hi }
        end
        assert.same({ { 0, 3 }, { 5, 5 }, { 250, 255 } }, ranges)
    end)

    it("knows a set of one and a letter of both cases", function()
        assert.equal(0, charset.single(charset.of "\0"))
        assert.is_nil(charset.single(charset.of "ab"))
        assert.is_nil(charset.single(charset.EMPTY))
        assert.equal(string.byte "x", charset.folded_letter(charset.of "xX"))
        for _, bytes in ipairs { "x", "X", "xXy", "", "xY", "12" } do
            assert.is_nil(charset.folded_letter(charset.of(bytes)))
        end
    end)

    it("shows a set as one writes it", function()
        local shown = {
            [charset.ANY] = "(?s:.)", [charset.NOT_NEWLINE] = ".", [charset.DIGIT] = "\\d",
            [charset.complement(charset.SPACE)] = "\\S", [charset.of "a"] = "a",
            [charset.of "."] = "\\.", [charset.of "\n"] = "\\n", [charset.of "\xFF"] = "\\xFF",
            [charset.of "ab"] = "[ab]", [charset.of "abc-]^"] = "[\\-\\]\\^a-c]",
            [charset.complement(charset.of "ab")] = "[^ab]",
            [charset.EMPTY] = "[^\\x00-\\xFF]",
        }
        for set, text in pairs(shown) do assert.equal(text, charset.to_string(set)) end
    end)
end)
