--- The most entropy that a piece of a regex's match can have, in bits per byte.
-- n bytes of k different values have at most log2(min(n, k)).
local analysis = require "hunch.regex.analysis"
local charset = require "hunch.regex.charset"

local M = {}

local function group_node(node, index)
    if node.tag == "group" and node.index == index then return node end
    for _, child in ipairs(node) do
        local found = group_node(child, index)
        if found then return found end
    end
    return nil
end

local function alphabet(node, set)
    if node.tag == "set" then return charset.union(set, node.set) end
    for _, child in ipairs(node) do
        set = alphabet(child, set)
    end
    return set
end

---@param tree table the regex
---@param index integer|nil a group; nil: any group, or the whole
---@return number bits
---@return integer|nil length the longest text, when it is what bounds
function M.bound(tree, index)
    local node = index and index > 0 and group_node(tree, index) or tree
    local _, longest = analysis.length(node)
    local kinds = charset.count(alphabet(node, charset.EMPTY))
    local n = math.max(1, math.min(kinds, longest or kinds))
    return math.log(n, 2), longest and longest <= kinds and longest or nil
end

return M
