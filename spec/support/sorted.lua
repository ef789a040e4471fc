-- pairs in a fixed order: tables of cases run in the same order every time.
return function(map)
    local keys = {}
    for key in pairs(map) do keys[#keys + 1] = key end
    table.sort(keys)
    local i = 0
    return function()
        i = i + 1
        return keys[i], map[keys[i]]
    end
end
