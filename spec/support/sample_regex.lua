-- Random strings that a syntax tree matches (but for its assertions, which are ignored): texts on which a matcher
-- has something to find. `random` as in support.random_regex.

local charset = require "hunch.regex.charset"

local M = {}

local LIMIT = 200 -- bytes; a longer sample is cut

local function write(node, random, out, more)
    local tag = node.tag
    if #out > LIMIT then
        return
    elseif tag == "set" then
        local bytes = charset.members(node.set)
        if #bytes > 0 then
            out[#out + 1] = string.char(bytes[random(#bytes)])
        end
    elseif tag == "cat" then
        for _, child in ipairs(node) do
            write(child, random, out, more)
        end
    elseif tag == "alt" then
        write(node[random(#node)], random, out, more)
    elseif tag == "group" then
        write(node[1], random, out, more)
    elseif tag == "repeat" then
        local most = math.min(node.max or math.huge, node.min + more)
        for _ = 1, node.min + random(most - node.min + 1) - 1 do
            write(node[1], random, out, more)
        end
    end
end

--- A sample; optional repeats run up to `more` (2 when not given) past their minimum.
function M.sample(tree, random, more)
    local out = {}
    write(tree, random, out, more or 2)
    return table.concat(out)
end

return M
