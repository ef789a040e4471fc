local redact = require "hunch.report.redact"

describe("report.redact", function()
    it("keeps at most four characters and a quarter", function()
        assert.equal("AKIA***", redact.text("AKIA1234567890ABCDEF"))
        assert.equal("a***", redact.text("abcdefg"))
        assert.equal("***", redact.text("abc"))
        assert.equal("***", redact.text(""))
    end)

    it("does not cut a character in two", function()
        assert.equal("a\u{20ac}***", redact.text("a\u{20ac}" .. string.rep("x", 20)))
        assert.equal("ab***", redact.text("ab\u{20ac}" .. string.rep("x", 20)))
        assert.equal("***", redact.text(string.rep("\x80", 40)))
    end)

    it("takes the secret out of everything that a report could print", function()
        local secret = "S3CRETS3CRETS3CRET"
        local redacted = redact.match {
            record = "a", rule = "r", first = 5, last = 22, line = 1, column = 5, text = secret,
            captures = { { 5, 22 } }, tags = {}, meta = {}, severity = "high", title = "t",
            before = "x = ", after = secret, witness = { { record = "a", line = 1, column = 1, what = "sink",
                                                           text = "f(" .. secret .. ")" } },
        }
        assert.equal(secret, redacted.raw)
        redacted.raw = nil
        assert.is_nil(require("hunch.report.json").encode(redacted):find("CRET", 1, true))
        assert.same({ { 5, 22 } }, redacted.captures)
    end)
end)
