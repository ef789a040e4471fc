-- How deep in calls each step of a witness is, as seen from its first.
local M = {}

--- Iterates over i, step, depth.
---@param witness table[]
function M.each(witness)
    local depth, lowest = 0, 0
    for _, step in ipairs(witness) do -- a way may begin inside of a call that it leaves
        depth = depth + (step.what == "call" and 1 or step.what == "return" and -1 or 0)
        lowest = math.min(lowest, depth)
    end
    local i = 0
    depth = -lowest
    return function()
        i = i + 1
        local step = witness[i]
        if not step then
            return nil
        end
        if step.what == "return" then
            depth = depth - 1
        end
        local at = depth
        if step.what == "call" then
            depth = depth + 1
        end
        return i, step, at
    end
end

return M
