--- Checks of literals, hex strings and prefilter expressions, and whether an expression can hold at all.
local hex = require "hunch.hex"
local layout = require "hunch.layout"
local quote = require("hunch.check.context").quote
local unknown = require "hunch.check.unknown"
local values = require "hunch.check.values"

local M = {}

local MAX_LITERAL, MAX_DEPTH = layout.MAX_LITERAL, layout.MAX_GATE_DEPTH

local LISTS = { any = true, all = true, none = true, at_least = true }
local LITERAL_FIELDS = { kind = true, where = true, bytes = true, nocase = true, wide = true, word = true }
local HEX_FIELDS = { kind = true, where = true, source = true }

local function drop_unknown(c, node, fields)
    if node.unknown_flag ~= nil then
        c:add("E205", node, ("a literal has no flag %s"):format(quote(node.unknown_flag)),
            { hint = "the flags are nocase, wide and word" })
        node.unknown_flag = nil
    end
    for key in pairs(node) do
        if not fields[key] then
            c:add("E205", node, ("a %s has no field %s"):format(node.kind, quote(key)),
                { hint = "make it with lit(...) or hex(...)" })
            node[key] = nil
        end
    end
end

local function check_literal(c, node)
    drop_unknown(c, node, LITERAL_FIELDS)
    if type(node.bytes) ~= "string" then
        c:add("E204", node, ("lit takes a string, not %s"):format(values.describe(node.bytes)),
            { hint = "write lit \"text\"" })
        return false
    end
    for _, flag in ipairs { "nocase", "wide", "word" } do
        if node[flag] ~= nil and node[flag] ~= true then
            c:add("E205", node, ("the flag %s of a literal must be true, not %s"):format(flag,
                values.describe(node[flag])), { hint = "make it with lit(\"text\", \"nocase\")" })
            node[flag] = nil
        end
    end
    if node.bytes == "" then
        c:add("E202", node, "an empty literal occurs everywhere and filters nothing",
            { text = "", hint = "give it at least one byte, or leave it out" })
        return false
    end
    if #node.bytes * (node.wide and 2 or 1) > MAX_LITERAL then
        c:add("E208", node, ("a literal of %d bytes is longer than %d"):format(
            #node.bytes * (node.wide and 2 or 1), MAX_LITERAL),
            { hint = "a piece of it will do; check the rest with a stage" })
        return false
    end
    return true
end

local function check_hex(c, node)
    drop_unknown(c, node, HEX_FIELDS)
    if type(node.source) ~= "string" then
        c:add("E206", node, ("hex takes a string, not %s"):format(values.describe(node.source)),
            { hint = "a hex string is like 4D 5A ?? [2-4] (50|51)" })
        return false
    end
    local tree, bytes = hex.parse(node.source)
    if not tree then
        c:add("E206", node, ("%s, at byte %d of the hex string"):format(bytes.message, bytes.position),
            { text = node.source, at = bytes.position, hint = "a hex string is like 4D 5A ?? [2-4] (50|51)" })
        return false
    end
    node.ast, node.bytes = tree, bytes
    if bytes and #bytes > MAX_LITERAL then
        c:add("E208", node, ("a hex string of %d bytes is longer than %d"):format(#bytes, MAX_LITERAL),
            { hint = "a piece of it will do; check the rest with a stage" })
        return false
    end
    return true
end

---Checks a literal or hex node and completes it. false: it is no such node, or it is at fault (reported).
function M.literal(c, node)
    if type(node) == "table" and node.kind == "literal" then return check_literal(c, node) end
    if type(node) == "table" and node.kind == "hex" then return check_hex(c, node) end
    return false
end

function M.is_literal(node)
    return type(node) == "table" and (node.kind == "literal" or node.kind == "hex")
end

-- ---- expressions ----

--- The same for equal literals.
function M.key(node)
    if node.kind == "hex" then return "h" .. tostring(node.source) end
    return table.concat { "l", node.nocase and "i" or "", node.wide and "w" or "", node.word and "b" or "", " ",
        tostring(node.bytes) }
end

local function wrong_item(c, node, item)
    if unknown.tell(c, item) then return end
    local hint = "a prefilter holds strings, lit, hex and lists of them"
    if type(item) == "table" and item.kind == "regex" then
        hint = "put the regex into confirm; the prefilter holds literals"
    elseif values.is_list(item) then
        hint = "say how the list counts: any { ... }, all { ... } or none { ... }"
    end
    c:add("E204", type(item) == "table" and item.where and item or node,
        ("a prefilter cannot hold %s"):format(values.describe(item)), { hint = hint })
end

local function check_at_least(c, node)
    if math.type(node.n) ~= "integer" or node.n < 1 or node.n > #node.items then
        c:add("E203", node, ("at_least(%s) of %d items: the number must lie between 1 and %d"):format(
            type(node.n) == "number" and tostring(node.n) or values.describe(node.n), #node.items, #node.items),
            { hint = "any is at_least(1), all is at_least of all items" })
        return false
    end
    return true
end

local check_expression

local function check_items(c, node, depth)
    local good, seen = true, {}
    for _, item in ipairs(node.items) do
        if M.is_literal(item) then
            local right = M.literal(c, item)
            local key = right and M.key(item)
            if key and seen[key] then
                c:add("W210", item, ("%s is there twice in one list"):format(quote(item.bytes or item.source)),
                    { text = item.bytes or item.source, nth = 2, hint = "leave one out" })
            elseif key then
                seen[key] = true
            end
            good = good and right
        elseif type(item) == "table" and LISTS[item.kind] then
            good = check_expression(c, item, depth + 1) and good
        else
            wrong_item(c, node, item)
            good = false
        end
    end
    return good
end

function check_expression(c, node, depth)
    if depth > MAX_DEPTH then
        c:add("E209", node, ("lists of a prefilter are nested deeper than %d"):format(MAX_DEPTH),
            { hint = "any in any and all in all can be written as one list" })
        return false
    end
    for key in pairs(node) do
        if key ~= "kind" and key ~= "where" and key ~= "items" and key ~= "n" then
            c:add("E204", node, ("%s takes a list, without the field %s"):format(node.kind, quote(key)),
                { field = type(key) == "string" and key or nil,
                  hint = "flags belong to a literal: lit(\"text\", \"nocase\")" })
            node[key] = nil
        end
    end
    if not values.is_list(node.items) then
        wrong_item(c, node, node.items)
        return false
    end
    if #node.items == 0 then
        c:add("E201", node, ("%s { } has no items"):format(node.kind),
            { hint = "give it literals, or leave the prefilter out: one is then derived" })
        return false
    end
    local good = check_items(c, node, depth)
    if node.kind == "at_least" then good = check_at_least(c, node) and good end
    return good
end

-- ---- can it hold? ----

local function raw(node)
    return node.bytes and (node.wide and node.bytes:gsub(".", "%0\0") or node.bytes)
end

-- Does an occurrence of `outer` always hold one of `inner`?
local function contains(outer, inner)
    local text, part = raw(outer), raw(inner)
    if not text or not part or inner.word then return M.key(outer) == M.key(inner) end
    if inner.nocase then return text:lower():find(part:lower(), 1, true) ~= nil end
    return not outer.nocase and text:find(part, 1, true) ~= nil
end

-- What must and what must not occur when the expression holds; nil: it cannot hold, and the two that clash.
local needs

local function clash(needed, forbidden)
    for _, a in ipairs(needed) do
        for _, b in ipairs(forbidden) do
            if contains(a, b) then return a, b end
        end
    end
    return nil
end

local function forbid(node, forbidden)
    if M.is_literal(node) then
        forbidden[#forbidden + 1] = node
    elseif node.kind == "any" then
        for _, item in ipairs(node.items) do forbid(item, forbidden) end
    end
end

local function all_of(items)
    local needed, forbidden = {}, {}
    for _, item in ipairs(items) do
        local inner, other = needs(item)
        if not inner then return nil, other end
        table.move(inner.needed, 1, #inner.needed, #needed + 1, needed)
        table.move(inner.forbidden, 1, #inner.forbidden, #forbidden + 1, forbidden)
    end
    local a, b = clash(needed, forbidden)
    if a then return nil, { a, b } end
    return { needed = needed, forbidden = forbidden }
end

function needs(node)
    if M.is_literal(node) then return { needed = { node }, forbidden = {} } end
    if node.kind == "none" then
        local forbidden = {}
        for _, item in ipairs(node.items) do forbid(item, forbidden) end
        return { needed = {}, forbidden = forbidden }
    end
    if node.kind == "all" or (node.kind == "at_least" and node.n == #node.items) then return all_of(node.items) end
    local possible, last, why = 0, nil, nil
    for _, item in ipairs(node.items) do
        local inner, pair = needs(item)
        possible, last, why = possible + (inner and 1 or 0), inner or last, pair or why
    end
    if possible < (node.kind == "at_least" and node.n or 1) then return nil, why end
    if possible == 1 and #node.items == 1 then return last end
    return { needed = {}, forbidden = {} }
end

-- ---- the same by trying everything ----

local MOST_TRIED = 10 -- different literals: every choice of those that occur is tried

local function has_none(node)
    if node.kind == "none" then return true end
    for _, item in ipairs(node.items) do
        if item.items and has_none(item) then return true end
    end
    return false
end

-- The different literals of an expression in `list`.
local function collect(node, list, by_key)
    for _, item in ipairs(node.items) do
        local key = M.is_literal(item) and M.key(item)
        if not key then
            collect(item, list, by_key)
        elseif not by_key[key] then
            list[#list + 1] = item
            by_key[key] = #list
        end
    end
end

local function holds(node, by_key, chosen)
    local n = 0
    for _, item in ipairs(node.items) do
        local yes
        if M.is_literal(item) then
            yes = chosen >> (by_key[M.key(item)] - 1) & 1 == 1
        else
            yes = holds(item, by_key, chosen)
        end
        n = n + (yes and 1 or 0)
    end
    if node.kind == "none" then return n == 0 end
    return n >= (node.kind == "any" and 1 or node.kind == "all" and #node.items or node.n)
end

-- Can it hold for some choice of literals, in which those come along that the chosen ones contain? true: or too many.
local function choosable(node)
    if not has_none(node) then return true end
    local list, by_key = {}, {}
    collect(node, list, by_key)
    if #list > MOST_TRIED then return true end
    local brings = {}
    for i, outer in ipairs(list) do
        brings[i] = 0
        for j, inner in ipairs(list) do
            if contains(outer, inner) then brings[i] = brings[i] | 1 << (j - 1) end
        end
    end
    for chosen = 0, (1 << #list) - 1 do
        local closed = true
        for i = 1, #list do
            closed = closed and (chosen >> (i - 1) & 1 == 0 or brings[i] & ~chosen == 0)
        end
        if closed and holds(node, by_key, chosen) then return true end
    end
    return false
end

-- ---- what a whole rule needs ----

---The literals that must not occur where the prefilter holds.
function M.forbidden(node)
    local known = has_none(node) and needs(node)
    return known and known.forbidden or {}
end

---Checks the prefilter of the context's rule.
---@return boolean
function M.check(c, node)
    if type(node) ~= "table" or not LISTS[node.kind] then
        wrong_item(c, c.rule, node)
        return false
    end
    if not check_expression(c, node, 1) then return false end
    local possible, pair = needs(node)
    if not possible then
        local function spell(literal) return quote(literal.bytes or literal.source) end
        c:add("E207", node, ("this prefilter can never hold: it asks for %s and forbids %s"):format(
            spell(pair[1]), spell(pair[2])), { hint = "take one of the two out" })
    elseif not choosable(node) then
        c:add("E207", node, "this prefilter can never hold: what it asks for is among what it forbids",
            { hint = "look at what none holds, and at literals that contain others" })
    else
        return true
    end
    c.rule.never = true
    return false
end

return M
