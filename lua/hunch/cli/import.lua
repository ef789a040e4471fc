-- `hunch import`: a later part of hunch.
local M = {}

function M.run(_, env)
    env.stderr:write("hunch: import is not built yet\n")
    return 2
end

return M
