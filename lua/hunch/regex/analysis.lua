-- Facts about a regex AST: how long a match is, which bytes it can start with, which strings a piece of it spells.
-- Invariant: a length is exact for the tree as written (assertions count as empty and as satisfiable), lengths
-- saturate at LONG, and every set is a 32-byte string. Called by anchors, imply and the literals pass.

local charset = require "hunch.regex.charset"

local M = {}

M.LONG = 1 << 31 -- a length that is as good as endless; also keeps sums and products in integers
local LONG = M.LONG

local known_symbols = {} -- by set: a pure function's memo, so sharing it changes nothing

for byte = 0, 255 do
    known_symbols[charset.SINGLE[byte]] = { { string.char(byte), "." } }
end
for byte = 97, 122 do
    known_symbols[charset.FOLDED[byte]] = { { string.char(byte), "f" } }
end

--- The set as symbols: { { char, "." or "f" }, … } in bytewise order; a letter of which both cases are in the set is
--- one folded ("f") symbol in lower case. false when there are more than 64 symbols.
function M.symbols(set)
    local known = known_symbols[set]
    if known ~= nil then
        return known
    end
    known = charset.count(set) <= 128 and {}
    for _, byte in ipairs(known and charset.members(set) or {}) do
        local upper = byte >= 65 and byte <= 90
        local lower = byte >= 97 and byte <= 122
        if not (upper and charset.contains(set, byte + 32)) then
            local folded = lower and charset.contains(set, byte - 32)
            known[#known + 1] = { string.char(byte), folded and "f" or "." }
        end
    end
    if known and #known > 64 then
        known = false
    end
    known_symbols[set] = known
    return known
end

local function times(length, count)
    if not length or not count then
        return nil
    end
    if length == 0 or count == 0 then
        return 0
    end
    if length >= LONG or count >= LONG then
        return LONG
    end
    return math.min(LONG, length * count)
end

local function measure(node, memo)
    local tag = node.tag
    if tag == "set" then
        return 1, 1
    elseif tag == "empty" or tag == "assert" then
        return 0, 0
    elseif tag == "fail" then
        return LONG, 0
    end
    local least = memo.least[node]
    if least then
        local most = memo.most[node]
        return least, most or nil
    end
    local most
    if tag == "group" then
        least, most = measure(node[1], memo)
    elseif tag == "cat" then
        least, most = 0, 0
        for _, child in ipairs(node) do
            local low, high = measure(child, memo)
            least = math.min(LONG, least + low)
            most = most and high and math.min(LONG, most + high)
        end
    elseif tag == "alt" then
        least, most = LONG, 0
        for _, child in ipairs(node) do
            local low, high = measure(child, memo)
            least = math.min(least, low)
            most = most and high and math.max(most, high)
        end
    else
        local low, high = measure(node[1], memo)
        least = times(low, node.min)
        if node.max == 0 then
            least, most = 0, 0
        elseif node.max then
            most = times(high, node.max)
        else
            most = high == 0 and 0 or nil
        end
    end
    memo.least[node], memo.most[node] = least, most or false
    return least, most
end

--- A memo to hand to `length` and `bytes` when many nodes of one tree are asked.
function M.memo()
    return { least = {}, most = {}, bytes = {} }
end

--- Shortest and longest match in bytes; longest is nil when there is no limit.
function M.length(node, memo)
    return measure(node, memo or M.memo())
end

--- Every byte that a match can hold, as a set.
function M.bytes(node, memo)
    local tag = node.tag
    if tag == "set" then
        return node.set
    elseif tag == "repeat" and node.max == 0 then
        return charset.EMPTY
    end
    local set = memo.bytes[node]
    if not set then
        set = charset.EMPTY
        for _, child in ipairs(node) do
            set = charset.union(set, M.bytes(child, memo))
        end
        memo.bytes[node] = set
    end
    return set
end

--- First bytes of the non-empty strings a node matches, and whether it matches the empty string.
function M.first(node)
    local tag = node.tag
    if tag == "set" then
        return node.set, false
    elseif tag == "empty" or tag == "assert" then
        return charset.EMPTY, true
    elseif tag == "fail" then
        return charset.EMPTY, false
    elseif tag == "group" then
        return M.first(node[1])
    elseif tag == "cat" then
        local set = charset.EMPTY
        for _, child in ipairs(node) do
            local first, nullable = M.first(child)
            set = charset.union(set, first)
            if not nullable then
                return set, false
            end
        end
        return set, true
    elseif tag == "alt" then
        local set, nullable = charset.EMPTY, false
        for _, child in ipairs(node) do
            local first, empty = M.first(child)
            set, nullable = charset.union(set, first), nullable or empty
        end
        return set, nullable
    end
    if node.max == 0 then
        return charset.EMPTY, true
    end
    local set, nullable = M.first(node[1])
    return set, nullable or node.min == 0
end

--- When the node is a run of one set (`[a-z]{2,5}`, `[a-z]+[a-z]?`, a set): set, min, max. Groups do not matter;
--- an assertion does. nil else; the empty node is a run of any set: nil, 0, 0.
function M.run(node)
    local tag = node.tag
    if tag == "empty" then
        return nil, 0, 0
    elseif tag == "set" then
        return node.set, 1, 1
    elseif tag == "group" then
        return M.run(node[1])
    elseif tag == "cat" then
        local set, least, most = nil, 0, 0
        for _, child in ipairs(node) do
            local inner, low, high = M.run(child)
            if not low or (set and inner and set ~= inner) then
                return nil
            end
            set, least, most = set or inner, math.min(LONG, least + low), most and high and math.min(LONG, most + high)
        end
        return set, least, most
    elseif tag == "repeat" then
        local set, low, high = M.run(node[1])
        -- (x{2}){0,3} skips counts; only a child of one byte, or one that may be shortened to it, leaves no holes.
        if not low or low > 1 or not set then
            return nil
        end
        return set, times(low, node.min), node.max and times(high, node.max)
    end
    return nil
end

--- The strings of a node when it matches exactly a finite, small set of them and holds no assertion:
--- { bytes, … } in ascending order; nil else.
function M.strings(node, limit)
    local function extend(list, item)
        local tag = item.tag
        if tag == "empty" then
            return list
        elseif tag == "fail" then
            return {}
        elseif tag == "group" then
            return extend(list, item[1])
        elseif tag == "set" then
            local bytes = charset.members(item.set)
            if #bytes * #list > limit then
                return nil
            end
            local out = {}
            for _, head in ipairs(list) do
                for _, byte in ipairs(bytes) do
                    out[#out + 1] = head .. string.char(byte)
                end
            end
            return out
        elseif tag == "cat" then
            for _, child in ipairs(item) do
                list = extend(list, child)
                if not list then
                    return nil
                end
            end
            return list
        elseif tag == "alt" then
            local out = {}
            for _, child in ipairs(item) do
                local more = extend(list, child)
                if not more or #out + #more > limit then
                    return nil
                end
                table.move(more, 1, #more, #out + 1, out)
            end
            return out
        elseif tag == "repeat" and item.max and item.max <= limit then
            local out = item.min == 0 and table.move(list, 1, #list, 1, {}) or {}
            for round = 1, item.max do
                list = extend(list, item[1])
                if not list or #out + #list > limit then
                    return nil
                end
                if round >= item.min then
                    table.move(list, 1, #list, #out + 1, out)
                end
            end
            return out
        end
        return nil
    end
    local list = extend({ "" }, node)
    if not list then
        return nil
    end
    table.sort(list)
    local out = {}
    for i, bytes in ipairs(list) do
        if bytes ~= list[i - 1] then
            out[#out + 1] = bytes
        end
    end
    return out
end

--- Whether every match starts at the start of the text: the tree begins with \A.
function M.at_text_begin(node)
    local tag = node.tag
    if tag == "assert" then
        return node.kind == "text_begin"
    elseif tag == "group" then
        return M.at_text_begin(node[1])
    elseif tag == "repeat" then
        return node.min > 0 and M.at_text_begin(node[1])
    elseif tag == "cat" then
        for _, child in ipairs(node) do
            if M.at_text_begin(child) then
                return true
            end
            local _, most = M.length(child)
            if most ~= 0 then
                return false
            end
        end
        return false
    elseif tag == "alt" then
        for _, child in ipairs(node) do
            if not M.at_text_begin(child) then
                return false
            end
        end
        return true
    end
    return false
end

return M
