--- Hex strings ("4D 5A ?? [2-4] (50|51) 5? ~00") to regex syntax trees.
--   4D a byte · ?? any byte · 5? ?5 any other nibble · ~00 ~5? any byte but this
--   [3] so many bytes · [2-4] · [4-] · [-] as few as make the rest match · (A | B C) alternatives
-- Space and // and /* */ comments separate. As in regex/: LPeg gives a flat token stream, an
-- explicit stack folds it. Called by the rule language for `hex "…"` and by the YARA importer.
local lpeg = require "lpeg"
local ast = require "hunch.regex.ast"
local charset = require "hunch.regex.charset"

local P, R, S = lpeg.P, lpeg.R, lpeg.S
local C, Cc, Cp, Ct = lpeg.C, lpeg.Cc, lpeg.Cp, lpeg.Ct

local M = {}

local MAX_JUMP = 65535
local MAX_DEPTH = 1000

-- Tokens: triples (from, kind, value), then the offset after the end.

--- The set of the bytes that have these two nibbles; "?" stands for every nibble.
local function masked(high, low)
    local bytes = {}
    for byte = 0, 255 do
        local digits = ("%02X"):format(byte)
        if (high == "?" or high:upper() == digits:sub(1, 1))
            and (low == "?" or low:upper() == digits:sub(2, 2)) then
            bytes[#bytes + 1] = string.char(byte)
        end
    end
    return charset.of(table.concat(bytes))
end

local known = {} -- pair of nibbles -> its set; at most 17 * 17 * 2 * 2 spellings
local function byte_token(negated, high, low)
    local pair = high .. low
    known[pair] = known[pair] or masked(high, low)
    if negated == "" then return "byte", known[pair] end
    if pair == "??" then return "error", "~?? can never match: leave it out" end
    return "byte", charset.complement(known[pair])
end

local function jump_token(min, dash, max)
    if min == "" and (dash == "" or max ~= "") then
        return "error", "a jump is [n], [n-m], [n-] or [-]"
    end
    min = min == "" and 0 or tonumber(min)
    if dash == "" then max = min elseif max == "" then max = nil else max = tonumber(max) end
    if min > MAX_JUMP or max and max > MAX_JUMP then
        return "error", "a jump goes up to 65,535 bytes: use [n-] without a limit"
    end
    if max and max < min then return "error", "a jump is [least-most]: swap its ends" end
    return "jump", { min = min, max = max }
end

local function unexpected(char)
    return "error", ("unexpected %s: a hex string has bytes like 4D, 5? or ~00, jumps like [2-4] "
        .. "and alternatives like (50|51)"):format(char)
end

local blank = S " \t\r\n\f\v" + P "//" * (P(1) - "\n") ^ 0 + P "/*" * (P(1) - "*/") ^ 0 * P "*/"
local nibble = C(R("09", "af", "AF") + "?")
local space = S " \t" ^ 0
local number = C(R "09" ^ 0)

local token = Cp() * (
    C(P "~" ^ -1) * nibble * nibble / byte_token
    + P "[" * space * number * space * C(P "-" ^ -1) * space * number * space * P "]" / jump_token
    + P "(" * Cc "open" * Cc(false)
    + P "|" * Cc "bar" * Cc(false)
    + P ")" * Cc "close" * Cc(false)
    + P "[" * Cc "error" * Cc "a jump is [n], [n-m], [n-] or [-]"
    + P "~" ^ -1 * nibble * Cc "error" / function(_, kind)
        return kind, "a byte has two digits: one is missing here"
    end
    + P "/*" * Cc "error" * Cc "this comment has no closing */"
    + C(R "\194\244" * R "\128\191" ^ 1 + 1) / unexpected)

local stream = Ct(blank ^ 0 * (token * blank ^ 0) ^ 0 * Cp())

local function new_frame(from)
    return { from = from, items = {}, alts = {} }
end

--- Two jumps in a row are one.
local function push_jump(items, min, max, from, to)
    local last = items[#items]
    if last and last.tag == "repeat" then
        min, from = min + last.min, last.from
        max = max and last.max and max + last.max
        items[#items] = nil
    end
    if max ~= 0 then
        items[#items + 1] = ast.rep(ast.set(charset.ANY, from, to), min, max, false, from, to)
    end
end

local function end_alternative(frame, to)
    if #frame.items == 0 then return "there is no byte here: give every alternative at least one" end
    frame.alts[#frame.alts + 1] = ast.cat(frame.items, frame.items[1].from, to)
    frame.items = {}
end

local HANDLE = {} -- (state, value, from, to) -> message when something is wrong

function HANDLE.byte(state, set, from, to)
    local items = state.frame.items
    items[#items + 1] = ast.set(set, from, to)
end

function HANDLE.jump(state, jump, from, to)
    push_jump(state.frame.items, jump.min, jump.max, from, to)
end

function HANDLE.open(state, _, from)
    if #state.stack == MAX_DEPTH then return "alternatives nest deeper than 1,000: unnest them" end
    state.stack[#state.stack + 1] = state.frame
    state.frame = new_frame(from)
end

function HANDLE.bar(state, _, from)
    if #state.stack == 0 then return "a | stands inside of parentheses: write (50|51)" end
    return end_alternative(state.frame, from - 1)
end

function HANDLE.close(state, _, from, to)
    local frame, depth = state.frame, #state.stack
    if depth == 0 then return "this ) closes no alternatives" end
    local message = end_alternative(frame, from - 1)
    if message then return message end
    state.frame = state.stack[depth]
    state.stack[depth] = nil
    local items = state.frame.items
    items[#items + 1] = ast.alt(frame.alts, frame.from, to)
end

function HANDLE.error(_, message)
    return message
end

--- The bytes of a tree that is one fixed string, else nil.
local function fixed_bytes(tree)
    local bytes = {}
    for i, node in ipairs(tree.tag == "cat" and tree or { tree }) do
        local byte = node.tag == "set" and charset.single(node.set)
        if not byte then return nil end
        bytes[i] = string.char(byte)
    end
    return table.concat(bytes)
end

--- Parses a hex string. Returns its tree, and its bytes when they are all fixed; or nil and
-- { message, position } with a 1-based byte offset.
---@param source string
---@return table|nil, string|table|nil
function M.parse(source)
    local list = stream:match(source)
    local state = { frame = new_frame(1), stack = {} }
    for i = 1, #list - 1, 3 do
        local from = list[i]
        local message = HANDLE[list[i + 1]](state, list[i + 2], from, list[i + 3] - 1)
        if message then return nil, { message = message, position = from } end
    end
    if #state.stack > 0 then
        return nil, { message = "this ( has no closing )", position = state.frame.from }
    end
    local message = end_alternative(state.frame, #source)
    local tree = state.frame.alts[1]
    if not message and ast.nullable(tree) then
        message = "this hex string matches nothing at all: give it at least one byte"
    end
    if message then return nil, { message = message, position = 1 } end
    return tree, fixed_bytes(tree)
end

return M
