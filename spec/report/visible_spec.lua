local visible = require "hunch.report.visible"

describe("report.visible", function()
    it("leaves plain text alone", function()
        assert.equal("plain text ~", (visible.escape("plain text ~")))
        assert.equal("gr\u{fc}n", (visible.escape("gr\u{fc}n")))
    end)

    it("lets no control byte through", function()
        for byte = 0, 255 do
            local shown = visible.escape(string.char(byte))
            assert.is_nil(shown:find("[%c\128-\255]"), "byte " .. byte)
        end
    end)

    it("spells out what reorders or hides text", function()
        for _, code in ipairs { 0x85, 0x9b, 0xad, 0x200b, 0x200f, 0x202e, 0x2028, 0x2066, 0xfeff, 0xe0041 } do
            assert.equal(string.format("\\u{%x}", code), (visible.escape(utf8.char(code))))
        end
    end)

    it("shows bytes that are not UTF-8, one by one", function()
        assert.equal("a\\xff\\xc3b", (visible.escape("a\xff\xc3b")))
        assert.equal("\\xe2\\x82", (visible.escape("\xe2\x82")))
    end)

    it("knows how wide text is", function()
        assert.equal(3, select(2, visible.escape("abc")))
        assert.equal(4, select(2, visible.escape("\u{6f22}\u{5b57}")))
        assert.equal(1, select(2, visible.escape("e\u{301}")))
        assert.equal(4, select(2, visible.escape("\t")))
        assert.equal(4, select(2, visible.escape("\27")))
    end)

    it("cuts at the end", function()
        assert.same({ "abc", 3, true }, { visible.head("abcdef", 3) })
        assert.same({ "abc", 3, false }, { visible.head("abc", 3) })
        assert.same({ "a", 1, true }, { visible.head("a\27b", 3) })
        assert.same({ "\u{6f22}", 2, true }, { visible.head("\u{6f22}\u{5b57}", 3) })
    end)

    it("cuts at the beginning, never inside of a character", function()
        assert.same({ "def", 3, true }, { visible.tail("abcdef", 3) })
        assert.same({ "abc", 3, false }, { visible.tail("abc", 3) })
        local text, width, cut = visible.tail(string.rep("\u{20ac}", 1000), 7)
        assert.same({ string.rep("\u{20ac}", 7), 7, true }, { text, width, cut })
    end)

    it("looks at no more of a long text than it shows", function()
        local long = string.rep("\27", 10000000)
        local began = os.clock()
        visible.head(long, 100)
        visible.tail(long, 100)
        assert.is_true(os.clock() - began < 1)
    end)
end)
