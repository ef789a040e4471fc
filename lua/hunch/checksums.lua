-- The checksums that rules can name, in the order of HP_CHECK_* in kernels/checksum_tile.h, which says what they are.

local M = {}

M.names = {
    "luhn", "mod10", "mod11", "ean13", "isbn10", "aba", "iban", "mod97", "verhoeff", "damm", "crc32-base62",
    "crc32-hex",
}

--- name -> HP_CHECK_*
M.kinds = {}
for i, name in ipairs(M.names) do
    M.kinds[name] = i - 1
end

return M
