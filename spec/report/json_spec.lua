local cjson = require "cjson"
local json = require "hunch.report.json"

describe("report.json", function()
    it("escapes what JSON and terminals must not see", function()
        assert.equal([["a\"b\\c\nd\u0000\u001b\u007f"]], json.string("a\"b\\c\nd\0\27\127"))
        assert.equal('"gr\u{fc}n \u{1f600}"', json.string("gr\u{fc}n \u{1f600}"))
    end)

    it("reads back as it was for every ASCII character", function()
        for byte = 0, 127 do
            local text = "x" .. string.char(byte) .. "y"
            assert.equal(text, cjson.decode("[" .. json.string(text) .. "]")[1])
        end
    end)

    it("names bytes that are not UTF-8 by another member", function()
        assert.equal('"text":"abc"', json.bytes_member("text", "abc"))
        assert.equal('"text_b64":"/w=="', json.bytes_member("text", "\xff"))
        -- Surrogates, overlong forms and code points past U+10FFFF are not UTF-8.
        for _, bytes in ipairs { "\xed\xa0\x80", "\xc0\x80", "\xf4\x90\x80\x80" } do
            assert.matches("^\"text_b64\"", json.bytes_member("text", bytes))
        end
    end)

    it("writes numbers that read back the same", function()
        assert.equal("3", json.number(3))
        assert.equal("0.1", json.number(0.1))
        assert.equal("0.30000000000000004", json.number(0.1 + 0.2))
        assert.equal("null", json.number(0 / 0))
        assert.equal("null", json.number(math.huge))
        assert.equal("-9223372036854775808", json.number(math.mininteger))
    end)

    it("sorts keys", function()
        assert.equal('{"a":1,"b":[true,"x"],"c":{}}', json.encode { c = {}, b = { true, "x" }, a = 1 })
    end)

    it("ends on a table that holds itself", function()
        local loop = {}
        loop.self = loop
        assert.matches("nested too deeply", json.encode(loop))
    end)

    it("replaces what is not UTF-8 in a text for people", function()
        assert.equal("a\u{fffd}b\u{fffd}\u{fffd}", json.lossy("a\xffb\xc3\xe2"))
        assert.equal("", json.lossy(""))
    end)
end)
