local ngram = require "hunch.ngram"

describe("the byte model", function()
    it("knows what is frequent", function()
        assert.is_true(ngram.hits("the", false) > 100 * ngram.hits("qzx", false))
        assert.is_true(ngram.hits("return", false) > 100)
        assert.is_true(ngram.hits("AKIA", false) < 1)
        assert.is_true(ngram.hits("key", true) > ngram.hits("key", false))
        assert.is_true(ngram.hits("\x4d\x5a\x90\x00", false) < 1)
    end)

    it("chooses windows inside the literal", function()
        for _, bytes in ipairs { "a", "abcd", "abcde", "password", "\xff\xfe\0\0\0", ("x"):rep(300) } do
            local at = ngram.window(bytes, false)
            assert.is_true(at >= 0 and at + math.min(4, #bytes) <= #bytes, bytes)
        end
    end)
end)
