-- What a program graph says of its source, short enough to compare.
local M = {}

--- The names of the functions; those that were not read whole end in "!".
function M.names(graph)
    local list = {}
    for _, fn in ipairs(graph:functions()) do list[#list + 1] = fn.name .. (fn.incomplete and "!" or "") end
    return table.concat(list, " ")
end

--- Its faults, each "FUNCTION LINE REASON".
function M.reasons(graph)
    local list = {}
    for _, fault in ipairs(graph.faults) do
        list[#list + 1] = ("%s %d %s"):format(fault["function"] or "-", fault.line, fault.reason)
    end
    return list
end

return M
