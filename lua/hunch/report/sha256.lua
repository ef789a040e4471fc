-- SHA-256 (FIPS 180-4). The HTML report names its own script and style by hash in its content security policy.
local M = {}

local MASK = 0xffffffff

-- The first 32 bits of the fractional parts of a root of the first primes, computed once.
local function constants()
    local primes, candidate = {}, 2
    while #primes < 64 do
        local prime = true
        for _, p in ipairs(primes) do
            if candidate % p == 0 then
                prime = false
                break
            end
        end
        if prime then
            primes[#primes + 1] = candidate
        end
        candidate = candidate + 1
    end
    local k, h = {}, {}
    for i, p in ipairs(primes) do
        -- Doubles carry 53 bits; the whole part takes 3 of them at most, so 32 bits of fraction are exact.
        k[i] = math.floor((p ^ (1 / 3)) % 1 * 2 ^ 32)
        h[i] = math.floor((p ^ 0.5) % 1 * 2 ^ 32)
    end
    return k, h
end

local function rotate(x, n)
    return (x >> n | x << (32 - n)) & MASK
end

local function compress(state, k, message, at)
    local w = table.pack(string.unpack(">I4I4I4I4I4I4I4I4I4I4I4I4I4I4I4I4", message, at))
    for i = 17, 64 do
        local s0 = rotate(w[i - 15], 7) ~ rotate(w[i - 15], 18) ~ w[i - 15] >> 3
        local s1 = rotate(w[i - 2], 17) ~ rotate(w[i - 2], 19) ~ w[i - 2] >> 10
        w[i] = (w[i - 16] + s0 + w[i - 7] + s1) & MASK
    end
    local a, b, c, d, e, f, g, h = table.unpack(state, 1, 8)
    for i = 1, 64 do
        local s1 = rotate(e, 6) ~ rotate(e, 11) ~ rotate(e, 25)
        local t1 = h + s1 + (e & f ~ ~e & MASK & g) + k[i] + w[i]
        local s0 = rotate(a, 2) ~ rotate(a, 13) ~ rotate(a, 22)
        local t2 = s0 + (a & b ~ a & c ~ b & c)
        h, g, f, e, d, c, b, a = g, f, e, (d + t1) & MASK, c, b, a, (t1 + t2) & MASK
    end
    for i, x in ipairs { a, b, c, d, e, f, g, h } do
        state[i] = (state[i] + x) & MASK
    end
end

--- The digest, 32 bytes.
---@param message string
---@return string
function M.digest(message)
    local k, state = constants()
    local padded = message .. "\x80" .. string.rep("\0", -(#message + 9) % 64) .. string.pack(">I8", #message * 8)
    for at = 1, #padded, 64 do
        compress(state, k, padded, at)
    end
    return string.pack(">I4I4I4I4I4I4I4I4", table.unpack(state, 1, 8))
end

return M
