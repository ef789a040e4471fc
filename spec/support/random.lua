-- Random numbers for specs: the same everywhere for the same seed, whatever else uses math.random.

local M = {}

--- Returns random(n) -> 1..n.
function M.generator(seed)
    local state = seed * 2 + 1
    return function(n)
        state = state * 6364136223846793005 + 1442695040888963407
        return (state >> 33) % n + 1
    end
end

--- A string of `length` bytes out of the first `alphabet` byte values from `first` on.
function M.bytes(random, length, alphabet, first)
    local bytes = {}
    for i = 1, length do
        bytes[i] = string.char((first or 0) + random(alphabet) - 1)
    end
    return table.concat(bytes)
end

return M
