-- What must stand at a place of a regex: the finite sets of literals, or the runs of a class, with which everything
-- that can follow the place begins. Works on linked lists of AST nodes ({ node =, next = }); called by anchors.
-- Invariant: each returned choice is complete (whatever matches from the place begins with one of its strings).

local analysis = require "hunch.regex.analysis"
local charset = require "hunch.regex.charset"
local ngram = require "hunch.ngram"

local M = {}

M.MAX_PRODUCT = 64 -- strings that multiplying sets may make
M.MAX_UNION = 1024 -- strings that adding branches may make
M.MAX_LENGTH = 64 -- bytes of one string; more does not make it rarer in practice
M.MAX_CLASS = 100 -- byte values of a class; larger ones run everywhere in text
M.MAX_RUN = 1024 -- bytes of a class that are asked for
M.MAX_INNER = 8 -- strings that multiplying sets may make inside a branch, where there is no choice of stopping before
M.MAX_OPTIONAL = 4 -- optional copies that are tried

-- A string in the making is its bytes (lower case where folded) and a mask: "f" where both cases match, "." where one.

-- A state: `open` strings can still grow, `shut` ones can not.
local function shut_all(state)
    local shut = table.move(state.open, 1, #state.open, #state.shut + 1, table.move(state.shut, 1, #state.shut, 1, {}))
    return { open = {}, shut = shut }
end

local function append(state, symbols)
    local open, shut = {}, state.shut
    for _, item in ipairs(state.open) do
        for _, symbol in ipairs(symbols) do
            local grown = { item[1] .. symbol[1], item[2] .. symbol[2] }
            if #grown[1] >= M.MAX_LENGTH then
                if shut == state.shut then
                    shut = table.move(shut, 1, #shut, 1, {})
                end
                shut[#shut + 1] = grown
            else
                open[#open + 1] = grown
            end
        end
    end
    return { open = open, shut = shut }
end

local function joined(a, b)
    return table.move(b, 1, #b, #a + 1, table.move(a, 1, #a, 1, {}))
end

local function size(state)
    return #state.open + #state.shut
end

local function same_strings(a, b)
    if #a ~= #b then
        return false
    end
    for i, item in ipairs(a) do
        if item[1] ~= b[i][1] or item[2] ~= b[i][2] then
            return false
        end
    end
    return true
end

local function unique(list)
    local known, out = {}, {}
    for _, item in ipairs(list) do
        local key = item[2] .. item[1]
        if not known[key] then
            known[key] = true
            out[#out + 1] = item
        end
    end
    return out
end

local grow

local function grow_alt(state, node, budget)
    local open, shut = {}, state.shut
    local start = { open = state.open, shut = {} }
    local outer = budget.inner
    budget.inner = math.max(M.MAX_INNER, #state.open)
    for _, branch in ipairs(node) do
        local grown = grow(start, branch, budget)
        table.move(grown.open, 1, #grown.open, #open + 1, open)
        shut = #grown.shut > 0 and joined(shut, grown.shut) or shut
        if #open + #shut > M.MAX_UNION then
            budget.inner = outer
            return shut_all(state)
        end
    end
    budget.inner = outer
    open = unique(open)
    if shut == state.shut and same_strings(open, state.open) then
        return state -- a repeat of nothing but assertions ends by this
    end
    return { open = open, shut = shut }
end

local function grow_repeat(state, node, budget)
    local child = node[1]
    for _ = 1, node.min do
        local grown = #state.open > 0 and grow(state, child, budget) or state
        if grown == state then
            return state
        end
        state = grown
    end
    if node.max == node.min then
        return state
    end
    if not node.max or node.max - node.min > M.MAX_OPTIONAL then
        return shut_all(state)
    end
    local out = state
    local start = { open = state.open, shut = {} }
    for _ = node.min + 1, node.max do
        start = grow(start, child, budget)
        if size(out) + size(start) > M.MAX_PRODUCT then
            return shut_all(state)
        end
        out = { open = unique(joined(out.open, start.open)), shut = joined(out.shut, start.shut) }
        start = { open = start.open, shut = {} }
    end
    return out
end

-- The state after `node`; the same table when the node adds nothing. What would grow too large is shut instead.
function grow(state, node, budget)
    local tag = node.tag
    if #state.open == 0 or tag == "empty" or tag == "assert" then
        return state
    end
    budget.left = budget.left - #state.open
    if budget.left <= 0 then
        return shut_all(state)
    elseif tag == "set" then
        local symbols = analysis.symbols(node.set)
        if not symbols or (#symbols > 1 and #symbols * #state.open > (budget.inner or M.MAX_PRODUCT)) then
            return shut_all(state)
        end
        return append(state, symbols)
    elseif tag == "group" then
        return grow(state, node[1], budget)
    elseif tag == "cat" then
        for _, child in ipairs(node) do
            if #state.open == 0 then
                break
            end
            state = grow(state, child, budget)
        end
        return state
    elseif tag == "alt" then
        return grow_alt(state, node, budget)
    elseif tag == "repeat" then
        return grow_repeat(state, node, budget)
    end
    return { open = {}, shut = state.shut } -- fail
end

local function letters(mask)
    return select(2, mask:gsub("f", ""))
end

local function fold_count(bytes)
    return select(2, bytes:gsub("%a", ""))
end

-- Literals of a finished string. A string with some folded letters becomes two exact ones, or one folded superset.
local function spell(item, add)
    local bytes, mask = item[1], item[2]
    local folded = letters(mask)
    if folded == 0 then
        add(bytes, false)
    elseif folded > 1 or folded == fold_count(bytes) then
        add(bytes:lower(), true)
    else
        local at = mask:find("f", 1, true)
        add(bytes, false)
        add(bytes:sub(1, at - 1) .. bytes:sub(at, at):upper() .. bytes:sub(at + 1), false)
    end
end

-- Exact literals that differ only in case become one folded literal where that costs almost nothing.
local function merge_cases(literals)
    local by_fold, order = {}, {}
    for _, literal in ipairs(literals) do
        local fold = literal.bytes:lower()
        if not by_fold[fold] then
            by_fold[fold] = {}
            order[#order + 1] = fold
        end
        table.insert(by_fold[fold], literal)
    end
    local out = {}
    for _, fold in ipairs(order) do
        local same = by_fold[fold]
        if #same > 1 then
            local sum, any = 0, false
            for _, literal in ipairs(same) do
                sum = sum + ngram.hits(literal.bytes, literal.nocase)
                any = any or literal.nocase
            end
            if any or ngram.hits(fold, true) <= 1.5 * sum + 1 then
                same = { { bytes = fold, nocase = true } }
            end
        end
        table.move(same, 1, #same, #out + 1, out)
    end
    return out
end

local function by_bytes(a, b)
    if a.bytes ~= b.bytes then
        return a.bytes < b.bytes
    end
    return not a.nocase and b.nocase
end

-- A literal that begins with another one says nothing more.
local function drop_covered(literals)
    local known = {}
    for _, literal in ipairs(literals) do
        known[(literal.nocase and "f" or ".") .. literal.bytes] = true
    end
    local out = {}
    for _, literal in ipairs(literals) do
        local bytes, covered = literal.bytes, false
        local fold = bytes:lower()
        for length = 1, #bytes - 1 do
            if known["f" .. fold:sub(1, length)] or (not literal.nocase and known["." .. bytes:sub(1, length)]) then
                covered = true
                break
            end
        end
        covered = covered or (not literal.nocase and known["f" .. fold])
        if not covered then
            out[#out + 1] = literal
        end
    end
    return out
end

-- nil when one of the strings is empty: then nothing has to stand there.
local function finish(state)
    local literals, known = {}, {}
    local function add(bytes, nocase)
        local key = (nocase and "f" or ".") .. bytes
        if not known[key] then
            known[key] = true
            literals[#literals + 1] = { bytes = bytes, nocase = nocase }
        end
    end
    for _, list in ipairs { state.shut, state.open } do
        for _, item in ipairs(list) do
            if item[1] == "" then
                return nil
            end
            spell(item, add)
        end
    end
    if #literals == 0 or #literals > M.MAX_UNION then
        return nil
    end
    if #literals > 1 then
        literals = drop_covered(merge_cases(literals))
        table.sort(literals, by_bytes)
    end
    return literals
end

-- The next node of a list that is neither a group nor a concatenation, and what follows it. A long concatenation is
-- read as far as strings are, so that starting at each place of a long pattern stays linear.
local function advance(list)
    while list do
        local node, rest = list.node, list.next
        if node.tag == "group" then
            list = { node = node[1], next = rest }
        elseif node.tag == "cat" then
            local last = #node
            if last > M.MAX_LENGTH then
                last, rest = M.MAX_LENGTH, nil
            end
            for i = last, 1, -1 do
                rest = { node = node[i], next = rest }
            end
            list = rest
        else
            return node, rest
        end
    end
end

--- Choices of literals that stand at the head of the list: each a list of { bytes =, nocase = } in bytewise order,
--- handed to `visit`, which says true when it needs no more. Later ones are longer and more.
--- `budget.left` counts down the steps; at 0 there is nothing more to be had.
function M.literals(list, budget, visit)
    local state = { open = { { "", "" } }, shut = {} }
    local function visited()
        local literals = finish(state)
        return literals and visit(literals)
    end
    local node, rest = advance(list)
    while node and #state.open > 0 do
        local grown = grow(state, node, budget)
        if size(grown) > M.MAX_UNION then
            break
        elseif size(grown) > size(state) and visited() then
            return
        end
        state = grown
        node, rest = advance(rest)
    end
    visited()
end

--- Runs of a class that stand at the head of the list: { { class = <set>, length = n }, … }, longer ones later.
function M.runs(list, memo)
    local runs = {}
    local class, length = charset.EMPTY, 0
    local node, rest = advance(list)
    while node and length < M.MAX_LENGTH and charset.count(class) <= M.MAX_CLASS do
        -- However long each piece is, the sum of the least lengths lies within the pieces read so far.
        local wider = charset.union(class, analysis.bytes(node, memo))
        if wider ~= class and length > 0 then
            runs[#runs + 1] = { class = class, length = length }
        end
        class, length = wider, length + analysis.length(node, memo)
        node, rest = advance(rest)
    end
    if length > 0 and charset.count(class) <= M.MAX_CLASS then
        runs[#runs + 1] = { class = class, length = math.min(length, M.MAX_RUN) }
    end
    return runs
end

return M
