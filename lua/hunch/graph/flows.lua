--- What library functions do with what they get, from tables of short texts to lists of flows.
---
--- A table: function -> list of flows, "FROM -> TO". An end is `2`, the value of the second argument; `*2`, what it
--- points to; `2+`, `*2+`: that one and all that follow; as TO `return`; as FROM `outside`, text from outside the
--- program. A function with an empty list does nothing that matters. A function that writes to `*1` overwrites what
--- was there, unless `*1 -> *1` says that it stays.
local M = {}

local function read_end(text)
    if text == "return" then return { returned = true } end
    if text == "outside" then return { outside = true } end
    local star, index, on = text:match "^(%*?)(%d+)(%+?)$"
    if not index or tonumber(index) == 0 then return nil end
    return { pointed = star == "*", index = tonumber(index), on = on == "+" }
end

--- One flow; nil and a sentence where it cannot be read.
function M.read(text)
    local from, to = text:match "^%s*(%S+)%s*%->%s*(%S+)%s*$"
    from, to = from and read_end(from), to and read_end(to)
    if not from or not to or from.returned or to.outside then
        return nil, ("%q is no flow: write it as \"*2 -> *1\" or \"outside -> return\""):format(text)
    end
    return { from = from, to = to }
end

--- All flows of a table, sorted by name: { name =, from =, to = } each; nil and a sentence.
function M.list(functions)
    local names, flows = {}, {}
    for name in pairs(functions) do names[#names + 1] = name end
    table.sort(names)
    for _, name in ipairs(names) do
        for _, text in ipairs(functions[name]) do
            local flow, problem = M.read(text)
            if not flow then return nil, name .. ": " .. problem end
            flows[#flows + 1] = { name = name, from = flow.from, to = flow.to }
        end
        if #functions[name] == 0 then flows[#flows + 1] = { name = name, from = {}, to = {} } end
    end
    return flows
end

return M
