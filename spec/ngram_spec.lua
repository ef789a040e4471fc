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

    it("chooses rare runs that begin at even and at odd places", function()
        for _, bytes in ipairs { "abcde", "password", "return_qzxkvj_return", ("x"):rep(300) } do
            local _, even, odd = ngram.window(bytes, false)
            assert.equal(0, even % 2, bytes)
            assert.equal(1, odd % 2, bytes)
            assert.is_true(even + 4 <= #bytes and odd + 4 <= #bytes, bytes)
        end
        local _, even, odd = ngram.window("return_qzxkvj_return", false)
        assert.is_true(even >= 5 and even <= 8 and odd >= 5 and odd <= 8)
    end)
end)
