local checksums = require "hunch.checksums"
local naive = require "support.naive_values"
local random_numbers = require "support.random"
local tiles = require "support.tiles_module"

local function both(kind, text)
    local answer = tiles.checksum(kind, text)
    assert.equal(naive.checks[kind](text), answer, kind .. " of " .. text)
    return answer
end

describe("a checksum", function()
    it("has the same names in Lua and in C", function()
        assert.same(tiles.checks, checksums.names)
        for i, name in ipairs(checksums.names) do
            assert.equal(i - 1, checksums.kinds[name])
            assert.is_function(naive.checks[name])
        end
        assert.has_error(function() tiles.checksum("sum", "1") end)
    end)

    for kind, cases in pairs {
        luhn = {
            good = { "79927398713", "4111 1111 1111 1111", "4111-1111-1111-1111", "378282246310005", "18" },
            bad = { "79927398710", "4111 1111 1111 1112", "4111.1111.1111.1111", "411111111111111a", "", "0", " " },
        },
        mod10 = {
            good = { "4006381333931", "036000291452", "73513537", "0012345000065", "9780306406157" },
            bad = { "4006381333932", "036000291453", "7351353a", "", "0" },
        },
        ean13 = {
            good = { "4006381333931", "978-0-306-40615-7" },
            bad = { "036000291452", "73513537", "4006381333930", "" },
        },
        mod11 = {
            good = { "0306406152", "0-8044-2957-X", "080442957x", "9434765919" },
            bad = { "0306406153", "X804429570", "1X", "9434765918", "", "0" },
        },
        isbn10 = {
            good = { "0306406152", "0-8044-2957-X", "99921-58-10-7" },
            bad = { "0306406153", "030640615", "00306406152", "" },
        },
        aba = {
            good = { "111000025", "021000021", "1110-0002-5" },
            bad = { "111000026", "11100002", "0111000025", "11100002X", "" },
        },
        iban = {
            good = {
                "GB82 WEST 1234 5698 7654 32", "DE89370400440532013000", "FR14 2004 1010 0505 0001 3M02 606",
                "MT84MALT011000012345MTLCAST001S", "gb82west12345698765432", "NO93 8601 1117 947",
            },
            bad = {
                "GB82 WEST 1234 5698 7654 33", "GB28 WEST 1234 5698 7654 32", "DE8937040044053201300",
                "89DE370400440532013000",
                "G182WEST12345698765432", "GBX2WEST12345698765432", "GB82WEST1234569876543?", "NO93", "",
            },
        },
        mod97 = { good = { "1", "98", "00098", "3214282912345698765432161182" }, bad = { "99", "9A", "" } },
        verhoeff = { good = { "2363", "236 3", "84736430954837284567892" }, bad = { "2364", "236a", "0", "" } },
        damm = { good = { "5724", "572 4", "00" }, bad = { "5727", "572a", "0", "" } },
    } do
        it(kind .. " knows good from bad", function()
            for _, text in ipairs(cases.good) do
                if kind == "mod97" and #text < 3 then
                    assert.is_false(both(kind, text)) -- too short to have two check digits and a number
                else
                    assert.is_true(both(kind, text), text)
                end
            end
            for _, text in ipairs(cases.bad) do
                assert.is_false(both(kind, text), text)
            end
        end)
    end

    it("crc32 is the one of zip and PNG", function()
        assert.equal(0xcbf43926, tiles.crc32 "123456789")
        assert.equal(0, tiles.crc32 "")
        assert.equal(0xe8b7be43, tiles.crc32 "a")
        assert.equal(0xae426082, tiles.crc32 "IEND")
    end)

    it("crc32-base62 checks what GitHub's tokens end in", function()
        local body = "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ"
        local digits = naive.base62(naive.crc32(body))
        assert.equal("0mLq17", digits)
        assert.is_true(both("crc32-base62", body .. digits))
        assert.is_true(tiles.checksum("crc32-base62", body, digits))
        assert.is_false(both("crc32-base62", body .. digits:lower()))
        assert.is_false(tiles.checksum("crc32-base62", body, digits:sub(2)))
        assert.is_false(tiles.checksum("crc32-base62", body, "0" .. digits))
        assert.is_false(tiles.checksum("crc32-base62", body .. "x", digits))
        assert.is_false(tiles.checksum("crc32-base62", body, "0mLq1!"))
        assert.is_false(both("crc32-base62", "12345"))
        assert.is_true(both("crc32-base62", "000000")) -- the CRC of nothing is 0
    end)

    it("crc32-hex takes both cases", function()
        assert.is_true(both("crc32-hex", "123456789cbf43926"))
        assert.is_true(both("crc32-hex", "123456789CBF43926"))
        assert.is_true(tiles.checksum("crc32-hex", "123456789", "cbf43926"))
        assert.is_false(both("crc32-hex", "123456789cbf43927"))
        assert.is_false(both("crc32-hex", "123456789cbf4392g"))
        assert.is_false(both("crc32-hex", "cbf4392"))
    end)

    it("takes its check digits apart from the rest", function()
        assert.is_true(tiles.checksum("luhn", "7992739871", "3"))
        assert.is_true(tiles.checksum("luhn", "7992 7398 71", " 3"))
        assert.is_false(tiles.checksum("luhn", "7992739871", "4"))
        assert.is_true(tiles.checksum("luhn", "", "18"))
        assert.is_true(tiles.checksum("luhn", "18", ""))
        assert.is_true(tiles.checksum("verhoeff", "236", "3"))
        assert.is_true(tiles.checksum("damm", "572", "4"))
        assert.is_true(tiles.checksum("iban", "GB82WEST1234569876", "5432"))
    end)

    it("says of random digits what its definition says", function()
        local random = random_numbers.generator(6)
        local alphabets = {
            "0123456789", "0123456789", "0123456789 -", "0123456789Xx", "0123456789ABab", "0123456789 -Zz!",
        }
        local good = {}
        for round = 1, os.getenv "HUNCH_SAN" and 6000 or 30000 do
            local alphabet = alphabets[random(#alphabets)]
            local bytes = {}
            for i = 1, random(20) do
                local n = random(#alphabet)
                bytes[i] = alphabet:sub(n, n)
            end
            local text = table.concat(bytes)
            if round % 3 == 0 then
                text = "DE" .. text .. text -- long enough for an IBAN
            end
            for _, kind in ipairs(checksums.names) do
                if both(kind, text) then
                    good[kind] = (good[kind] or 0) + 1
                end
            end
        end
        -- Long digits check by chance one time in 10 to 97; a CRC does not.
        for _, kind in ipairs(checksums.names) do
            if not kind:find "^crc32" then
                assert.is_true((good[kind] or 0) > 0, kind .. " never checked")
            end
        end
    end)

    it("says of random tokens what its definition says", function()
        local random = random_numbers.generator(8)
        for _ = 1, 300 do
            local body = random_numbers.bytes(random, random(60) - 1, 75, 48)
            local crc = naive.crc32(body)
            assert.equal(crc, tiles.crc32(body))
            local token = body .. naive.base62(crc)
            assert.is_true(both("crc32-base62", token))
            assert.is_true(both("crc32-hex", ("%s%08x"):format(body, crc)))
            local at = random(#token)
            local changed = token:sub(1, at - 1) .. string.char(token:byte(at) ~ 1) .. token:sub(at + 1)
            assert.is_false(both("crc32-base62", changed))
        end
    end)
end)
