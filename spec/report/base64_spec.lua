local base64 = require "hunch.report.base64"

describe("report.base64", function()
    local vectors = { [""] = "", f = "Zg==", fo = "Zm8=", foo = "Zm9v", foob = "Zm9vYg==", fooba = "Zm9vYmE=",
                      foobar = "Zm9vYmFy", ["\0\xff\xfe"] = "AP/+" }

    it("encodes the vectors of RFC 4648", function()
        for bytes, text in pairs(vectors) do
            assert.equal(text, base64.encode(bytes))
            assert.equal(bytes, base64.decode(text))
        end
    end)

    it("goes there and back for every length and byte", function()
        local all = {}
        for byte = 0, 255 do
            all[#all + 1] = string.char(byte, 255 - byte)
            local bytes = table.concat(all)
            assert.equal(bytes, base64.decode(base64.encode(bytes)))
        end
    end)

    it("takes a text without padding", function()
        assert.equal("fo", base64.decode("Zm8"))
    end)

    it("refuses what is not base 64", function()
        for at = 1, 100 do
            local text = string.rep("QUJD", 25)
            assert.is_nil(base64.decode(text:sub(1, at - 1) .. "*" .. text:sub(at + 1)))
        end
        for _, text in ipairs { "Z", "Zm9v!", "Zm 9v", "Zm9v\n", "====", "Z===", "Zm=v", "Zm9vY" } do
            assert.is_nil(base64.decode(text), text)
        end
    end)
end)
