--- The most entropy that a piece of a regex's match can have, in bits per byte.
-- n bytes of k different values have at most log2(min(n, k)); of a few texts it is known what they have.
local analysis = require "hunch.regex.analysis"
local charset = require "hunch.regex.charset"

local M = {}

---The node of a group.
function M.group(node, index)
    if node.tag == "group" and node.index == index then return node end
    for _, child in ipairs(node) do
        local found = M.group(child, index)
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

local FEW, FEW_KINDS = 64, 16 -- texts that are looked at one by one, and bytes in them
local SLACK = 1e-6 -- sums of logarithms are not exact

local function of_text(text)
    local counts, bits = {}, 0
    for i = 1, #text do counts[text:byte(i)] = (counts[text:byte(i)] or 0) + 1 end
    for byte = 0, 255 do -- in order: sums of floats depend on it
        local n = counts[byte]
        if n then bits = bits + n * (math.log(#text, 2) - math.log(n, 2)) end
    end
    return #text > 0 and bits / #text or 0
end

---@param tree table the regex
---@param index integer|nil a group; nil: any group, or the whole
---@param certain boolean|nil the text is one of this piece, and no other: then a few texts are looked at one by one
---@return number bits
---@return integer|nil length the longest text, when it is what bounds
function M.bound(tree, index, certain)
    local node = index and index > 0 and M.group(tree, index) or tree
    local _, longest = analysis.length(node)
    local kinds = charset.count(alphabet(node, charset.EMPTY))
    local n = math.max(1, math.min(kinds, longest or kinds))
    local bits = math.log(n, 2)
    local most = 0
    for _, text in ipairs(certain and longest and kinds <= FEW_KINDS and analysis.strings(node, FEW) or { false }) do
        most = math.max(most, text and of_text(text) + SLACK or bits)
    end
    if most < bits then return most, nil end
    return bits, longest and longest <= kinds and longest or nil
end

return M
