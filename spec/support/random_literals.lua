-- Random patterns rich in literals, and random prefilters over the same letters, for the specs of anchors and proofs.
-- `random` as in support.random_regex.

local random_regex = require "support.random_regex"

local M = {}

local PIECES = {
    "ab", "abc", "foo", "ba", "cab", "k", "KEY", "a", "xy", "[ab]", "[a-c]", "[aA]", "[0-9]", "\\w", "\\b", "\\B",
    "[ab]{2,5}", "[a-c]{2}", "[ab]{0,3}?", "(?i:ab)", "(?i)", "c+", "b*", "(?:ab|ba|c)", "(?:foo|a[bc]+)", "(x|yz|)",
    ".", "[ab]+", "a{3}", "(ab){1,2}", "(?:a|b.)+", "^", "$", "(?m:$)", "(?:\\b|a)", "\\n",
}
local REPEATS = { "?", "*", "+", "{2}", "{1,2}", "{2,}", "{0,2}?" }
local AFTER = { "", "+", "?" }

--- A pattern; it may be refused.
function M.pattern(random, depth)
    if random(3) == 1 then
        return random_regex.pattern(random, depth)
    end
    local out = {}
    for i = 1, random(6) do
        out[i] = PIECES[random(#PIECES)]
        if random(6) == 1 then
            out[i] = "(?:" .. out[i] .. ")" .. REPEATS[random(#REPEATS)]
        end
    end
    local pattern = table.concat(out)
    if random(5) == 1 and depth > 0 then
        pattern = "(?:" .. pattern .. "|" .. M.pattern(random, depth - 1) .. ")" .. AFTER[random(#AFTER)]
            .. PIECES[random(#PIECES)]
    end
    return pattern
end

local LITERALS = { "a", "b", "ab", "ba", "foo", "k", "aa", "abc", "c", "A", "-", "1" }
local KINDS = { "any", "any", "any", "all", "none", "at_least" }

--- A prefilter expression nested up to `depth` levels.
function M.expr(random, depth)
    local kind = KINDS[random(#KINDS)]
    local items = {}
    for i = 1, random(3) do
        if depth > 0 and random(4) == 1 then
            items[i] = M.expr(random, depth - 1)
        else
            items[i] = {
                kind = "literal", bytes = LITERALS[random(#LITERALS)],
                nocase = random(3) == 1 or nil, word = random(4) == 1 or nil,
            }
        end
    end
    return { kind = kind, items = items, n = kind == "at_least" and random(#items) or nil }
end

local function is_word(text, at)
    return at >= 1 and text:sub(at, at):find("^[%w_]") ~= nil
end

local function occurs(literal, text)
    local bytes = literal.bytes
    if literal.nocase then
        text, bytes = text:lower(), bytes:lower()
    end
    local at = text:find(bytes, 1, true)
    while at do
        if not (literal.word and (is_word(text, at - 1) or is_word(text, at + #bytes))) then
            return true
        end
        at = text:find(bytes, at + 1, true)
    end
    return false
end

--- Whether a record satisfies a prefilter: the plain meaning.
function M.holds(expr, text)
    local n = 0
    for _, item in ipairs(expr.items) do
        if item.items and M.holds(item, text) or not item.items and occurs(item, text) then
            n = n + 1
        end
    end
    if expr.kind == "any" then
        return n > 0
    elseif expr.kind == "all" then
        return n == #expr.items
    elseif expr.kind == "none" then
        return n == 0
    end
    return n >= expr.n
end

--- Whether the expression holds a `none`.
function M.has_none(expr)
    if expr.kind == "none" then
        return true
    end
    for _, item in ipairs(expr.items) do
        if item.items and M.has_none(item) then
            return true
        end
    end
    return false
end

--- An expression as one writes it, for messages.
function M.show(expr)
    if not expr.items then
        return expr.bytes .. (expr.nocase and "/i" or "") .. (expr.word and "/w" or "")
    end
    local out = {}
    for i, item in ipairs(expr.items) do
        out[i] = M.show(item)
    end
    return expr.kind .. (expr.n or "") .. " { " .. table.concat(out, ", ") .. " }"
end

return M
