--- Keys in a fixed order: `pairs` has none, and nothing that is written or numbered may depend on it.
local M = {}

local RANK = { number = 1, string = 2 }

--- Keys of a map: numbers, then strings bytewise, then the rest by their text.
function M.keys(map)
    local keys = {}
    for key in pairs(map) do keys[#keys + 1] = key end
    table.sort(keys, function(a, b)
        local x, y = RANK[type(a)] or 3, RANK[type(b)] or 3
        if x ~= y then return x < y end
        if x == 3 then return tostring(a) < tostring(b) end
        return a < b
    end)
    return keys
end

return M
