--- Syntax trees to the code that kernels/regex_tile.h runs.
-- docs/INTERNALS.md section 4 has the instructions and the rules of lowering, which give RE2's
-- order of preference. An instruction is a table: `op` and `state` always, of the other fields
-- (lazy, arg, x, y, min, max) those that the opcode uses; program counters and classes count from 0.
local ast = require "hunch.regex.ast"
local charset = require "hunch.regex.charset"

local M = {}

-- The numbers are those of kernels/layout.h.
local OP = {
    MATCH = 0, -- accept
    FAIL = 1, -- the thread dies
    BYTE = 2, -- arg: the byte value
    SET = 3, -- x: class
    RUN = 4, -- x: class, min, max, lazy
    SPLIT = 5, -- x: preferred, y: other
    JMP = 6, -- x: target
    SAVE = 7, -- arg: slot
    ASSERT = 8, -- arg: kind
}
M.OP = OP

M.UNLIMITED = 0xFFFFFFFF
M.MAX_INSTRUCTIONS = 100000
M.MAX_STATES = 1000000
local UNLIMITED = M.UNLIMITED

local lower

--- Appends an instruction with `width` automaton states and returns it. Past a limit the
-- code is given up: e.too_large is set and the walk unwinds without emitting.
local function push(e, instruction, width)
    local pc = e.n
    instruction.state = e.states
    e.n, e.states = pc + 1, e.states + (width or 1)
    e.code[pc + 1] = instruction
    if e.n > M.MAX_INSTRUCTIONS or e.states > M.MAX_STATES then e.too_large = true end
    return instruction
end

--- Index of a set among the classes, in order of first use.
local function class_of(e, set)
    local index = e.class_index[set]
    if not index then
        index = #e.classes
        e.classes[index + 1] = set
        e.class_index[set] = index
    end
    return index
end

local function push_set(e, set)
    local byte = charset.single(set)
    if byte then
        push(e, { op = OP.BYTE, arg = byte })
    elseif set == charset.EMPTY then
        push(e, { op = OP.FAIL })
    else
        push(e, { op = OP.SET, x = class_of(e, set) })
    end
end

--- A branch to `body` or to a place not known yet, which the caller sets with `join`.
local function push_split(e, greedy)
    local split = push(e, { op = OP.SPLIT })
    if greedy then split.x = e.n else split.y = e.n end
    return split
end

local function join(split, greedy, target)
    if greedy then split.y = target else split.x = target end
end

local function push_run(e, set, min, max, greedy)
    if set == charset.EMPTY then
        if min > 0 then push(e, { op = OP.FAIL }) end
    else
        push(e, {
            op = OP.RUN, x = class_of(e, set), lazy = greedy and 0 or 1,
            min = min, max = max or UNLIMITED,
        }, max or min + 1)
    end
end

--- Body one or more times.
local function lower_plus(e, body, greedy)
    local start = e.n
    lower(e, body)
    local split = push(e, { op = OP.SPLIT })
    if greedy then split.x, split.y = start, e.n else split.x, split.y = e.n, start end
end

--- Body any number of times. A body that can be empty becomes an optional plus: then an empty
-- iteration is taken once, as RE2 does it.
local function lower_star(e, body, greedy)
    local start = e.n
    local split = push_split(e, greedy)
    if ast.nullable(body, e.nullable) then
        lower_plus(e, body, greedy)
    else
        lower(e, body)
        push(e, { op = OP.JMP, x = start })
    end
    join(split, greedy, e.n)
end

--- Can the node consume nothing and set no group? Then once is as good as often.
local function only_looks(node)
    local tag = node.tag
    if tag == "empty" or tag == "assert" then return true end
    if tag ~= "cat" and tag ~= "alt" then return false end
    for i = 1, #node do
        if not only_looks(node[i]) then return false end
    end
    return true
end

local function lower_copies(e, body, times)
    for _ = 1, times do
        if e.too_large then return end
        lower(e, body)
    end
end

--- Up to `times` more: x(x(x)?)?, where every branch that is not taken ends at the same place.
local function lower_optional(e, body, times, greedy)
    local splits = {}
    for i = 1, times do
        if e.too_large then return end
        splits[i] = push_split(e, greedy)
        lower(e, body)
    end
    for i = 1, #splits do join(splits[i], greedy, e.n) end
end

local LOWER = {}

function LOWER.empty() end

function LOWER.fail(e)
    push(e, { op = OP.FAIL })
end

function LOWER.set(e, node)
    push_set(e, node.set)
end

function LOWER.assert(e, node)
    push(e, { op = OP.ASSERT, arg = ast.ASSERTIONS[node.kind] })
end

function LOWER.cat(e, node)
    if e.reverse then
        for i = #node, 1, -1 do lower(e, node[i]) end
    else
        for i = 1, #node do lower(e, node[i]) end
    end
end

function LOWER.alt(e, node)
    local jumps = {}
    for i = 1, #node - 1 do
        local split = push_split(e, true)
        lower(e, node[i])
        jumps[i] = push(e, { op = OP.JMP })
        split.y = e.n
    end
    lower(e, node[#node])
    for _, jump in ipairs(jumps) do jump.x = e.n end
end

function LOWER.group(e, node)
    if e.reverse then return lower(e, node[1]) end
    if node.index > e.groups then e.groups = node.index end
    push(e, { op = OP.SAVE, arg = 2 * node.index })
    lower(e, node[1])
    push(e, { op = OP.SAVE, arg = 2 * node.index + 1 })
end

LOWER["repeat"] = function(e, node)
    local body, min, max, greedy = node[1], node.min, node.max, node.greedy
    if max == 0 then
        e.groups = math.max(e.groups, ast.count_groups(body))
    elseif body.tag == "set" then
        if min > 0 then e.entry[body] = e.entry[body] or e.n end
        if min == 1 and max == 1 then push_set(e, body.set)
        else push_run(e, body.set, min, max, greedy) end
    else
        if only_looks(body) then
            min, max = math.min(min, 1), max and math.min(max, 1)
        end
        if max then
            lower_copies(e, body, min)
            lower_optional(e, body, max - min, greedy)
        elseif min == 0 then
            lower_star(e, body, greedy)
        else
            lower_copies(e, body, min - 1)
            lower_plus(e, body, greedy)
        end
    end
end

function lower(e, node)
    if e.too_large then return end
    if not e.entry[node] then e.entry[node] = e.n end
    return LOWER[node.tag](e, node)
end

--- Compiles a tree. options.reverse: code that matches the text backwards, without groups.
-- Returns { code, classes, states, groups, entry }: `code` and `classes` are arrays, `entry` maps
-- every node that has code to the program counter of its first copy. Or nil and { message, position }.
---@param tree table
---@param options table|nil
---@return table|nil, table|nil
function M.emit(tree, options)
    local e = {
        code = {}, n = 0, states = 0, groups = 0, entry = {}, nullable = {},
        classes = {}, class_index = {}, reverse = options and options.reverse or false,
    }
    lower(e, tree)
    push(e, { op = OP.MATCH })
    if e.too_large then
        return nil, {
            message = ("the regex is too large: more than %d instructions or %d states"):format(M.MAX_INSTRUCTIONS,
                M.MAX_STATES),
            position = 1,
        }
    end
    return { code = e.code, classes = e.classes, states = e.states, groups = e.groups, entry = e.entry }
end

local INSTRUCTION = "<BBI2I4I4I4I4I4"

--- The code as an array of struct hp_instr, and the classes as 32-byte bitmaps one after the other.
function M.pack(emitted)
    local out = {}
    for i, instruction in ipairs(emitted.code) do
        out[i] = INSTRUCTION:pack(instruction.op, instruction.lazy or 0, instruction.arg or 0,
            instruction.x or 0, instruction.y or 0, instruction.state,
            instruction.min or 0, instruction.max or 0)
    end
    return table.concat(out), table.concat(emitted.classes)
end

local KIND = {}
for name, number in pairs(ast.ASSERTIONS) do KIND[number] = name end

local SHOW = {
    [OP.MATCH] = function() return "match" end,
    [OP.FAIL] = function() return "fail" end,
    [OP.BYTE] = function(i) return "byte   " .. charset.to_string(charset.SINGLE[i.arg]) end,
    [OP.SET] = function(i, sets) return "set    " .. charset.to_string(sets[i.x + 1]) end,
    [OP.RUN] = function(i, sets)
        return ("run    %s{%d,%s}%s"):format(charset.to_string(sets[i.x + 1]), i.min,
            i.max == UNLIMITED and "" or i.max, i.lazy == 1 and "?" or "")
    end,
    [OP.SPLIT] = function(i) return ("split  %d, %d"):format(i.x, i.y) end,
    [OP.JMP] = function(i) return ("jmp    %d"):format(i.x) end,
    [OP.SAVE] = function(i) return ("save   %d"):format(i.arg) end,
    [OP.ASSERT] = function(i) return "assert " .. KIND[i.arg] end,
}

--- One line an instruction, for `explain` and goldens.
function M.dump(emitted)
    local out = {}
    for i, instruction in ipairs(emitted.code) do
        out[i] = ("%4d  %s\n"):format(i - 1, SHOW[instruction.op](instruction, emitted.classes))
    end
    return table.concat(out)
end

return M
