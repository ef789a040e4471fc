local sha256 = require "hunch.report.sha256"

local function hex(message)
    return (sha256.digest(message):gsub(".", function(byte)
        return string.format("%02x", byte:byte())
    end))
end

describe("report.sha256", function()
    it("gives the digests of FIPS 180-4", function()
        assert.equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", hex "")
        assert.equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", hex "abc")
        assert.equal("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
                     hex "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")
    end)

    it("pads every length as sha256sum does", function()
        local name = os.tmpname()
        for _, size in ipairs { 1, 55, 56, 57, 63, 64, 65, 119, 120, 128, 1000 } do
            local message = string.rep("\xa5", size)
            local file = assert(io.open(name, "wb"))
            file:write(message)
            file:close()
            local pipe = io.popen("sha256sum " .. name)
            local expected = pipe:read("a"):match("^%x+")
            pipe:close()
            assert.equal(expected, hex(message))
        end
        os.remove(name)
    end)
end)
