-- Conditions: tree -> words of kernels/condition_code.h, which says what they mean and in what order data lies.
-- Operands are evaluated in the order that needs the least stack (Sethi and Ullman): since nothing has an effect,
-- the order does not show. So the depth grows with the logarithm of the size, but for lists of values.

local ast = require "hunch.condition.ast"
local tokens = require "hunch.condition.tokens"

local M = {}

--- HP_MAX_STACK of kernels/layout.h.
M.max_stack = 64
--- HUNCH_CONDITION_WORDS of kernels/condition_code.h.
M.max_words = 0xffffff
--- HUNCH_CONDITION_CURRENT.
M.current = 0xfffff0

--- Opcodes in the order of HUNCH_CONDITION_OPS.
M.ops = {
    "LABEL", "SMALL", "CONST", "FILESIZE", "RULE", "LOCAL", "PRESENT", "COUNT", "COUNT_IN", "OFFSET", "LENGTH", "AT",
    "IN", "READ", "NEGATE", "BIT_NOT", "NOT", "DEFINED", "TRUTH", "ADD", "SUB", "MUL", "DIV", "MOD", "BIT_AND",
    "BIT_OR", "BIT_XOR", "SHL", "SHR", "EQ", "NE", "LT", "LE", "GT", "GE", "SWAP", "TALLY", "AND_ELSE", "OR_ELSE",
    "ENOUGH", "OF", "OF_AT", "OF_IN", "LOOP", "NEXT",
}
--- HP_TYPE_* in the order of layout.h.
M.types = {
    "U8", "I8", "U16LE", "I16LE", "U16BE", "I16BE", "U32LE", "I32LE", "U32BE", "I32BE", "U64LE", "I64LE", "U64BE",
    "I64BE",
}
M.quantifiers = { "any", "all", "none", "n", "percent" }
M.loop_kinds = { "range", "numbers", "values", "patterns" }

-- name -> number from 0
local function numbered(list)
    local map = {}
    for i, name in ipairs(list) do
        map[name] = i - 1
    end
    return map
end

local OP, TYPE, QUANTIFIER, KIND = numbered(M.ops), numbered(M.types), numbered(M.quantifiers), numbered(M.loop_kinds)

local unary_op = { ["-"] = "NEGATE", ["~"] = "BIT_NOT", ["not"] = "NOT", ["defined"] = "DEFINED", ["truth"] = "TRUTH" }
local binary_op = {
    ["+"] = "ADD", ["-"] = "SUB", ["*"] = "MUL", ["\\"] = "DIV", ["%"] = "MOD", ["&"] = "BIT_AND", ["|"] = "BIT_OR",
    ["^"] = "BIT_XOR", ["<<"] = "SHL", [">>"] = "SHR", ["=="] = "EQ", ["!="] = "NE", ["<"] = "LT", ["<="] = "LE",
    [">"] = "GT", [">="] = "GE",
}

-- What the record must know of a pattern: whether it occurs, how often, or where.
local PRESENCE, COUNT, SPANS = 1, 2, 3
M.uses = { "presence", "count", "spans" }

local function fail(node, message)
    tokens.fail(node.from, "%s", message)
end

-- ---- how much stack a node needs ------------------------------------------------------------------

local Emitter = {}
Emitter.__index = Emitter

local function pair_need(a, b)
    return a == b and a + 1 or math.max(a, b)
end

-- Whether the values of a loop are all constants: they go into the pool then and need no stack.
local function is_constant(source)
    for _, value in ipairs(source) do
        if value.tag ~= "number" then
            return false
        end
    end
    return true
end

local function loop_need(self, node)
    local source, quantifier = node.source, node.quantifier
    local n = quantifier.n and self:need(quantifier.n) or 0
    local body = self:need(node.body)
    if source.kind == "range" then
        return math.max(pair_need(self:need(source.low), self:need(source.high)), 2 + n, body)
    elseif source.kind == "patterns" or is_constant(source) then
        return math.max(n, body, 1)
    end
    local need = #source + math.max(n, body)
    for i, value in ipairs(source) do
        need = math.max(need, i - 1 + self:need(value))
    end
    return need
end

local function measure(self, node)
    local tag = node.tag
    if tag == "binary" then
        return pair_need(self:need(node[1]), self:need(node[2]))
    elseif tag == "unary" then
        return self:need(node[1])
    elseif tag == "and" or tag == "or" then
        local need = 1
        for _, child in ipairs(node) do
            need = math.max(need, self:need(child))
        end
        return need
    elseif tag == "tally" then
        local need = node.quantifier.n and 1 + self:need(node.quantifier.n) or 1
        for _, child in ipairs(node) do
            need = math.max(need, 1 + self:need(child))
        end
        return need
    elseif tag == "loop" then
        return loop_need(self, node)
    end
    local need, held = 1, 0
    if node.low then
        need, held = pair_need(self:need(node.low), self:need(node.high)), 2
    elseif node.offset or node.index then
        need, held = self:need(node.offset or node.index), 1
    end
    if node.quantifier and node.quantifier.n then
        need = math.max(need, held + self:need(node.quantifier.n))
    end
    return need
end

function Emitter:need(node)
    local need = self.needs[node]
    if not need then
        need = measure(self, node)
        self.needs[node] = need
    end
    return need
end

-- ---- code ---------------------------------------------------------------------------------------------

function Emitter:op(name, operand)
    local code = self.code
    code[#code + 1] = OP[name] | (operand or 0) << 8
    return #code
end

-- Words for the pool; returns the index that they will have among all words, counted from the pool's start.
function Emitter:data(...)
    local pool = self.pool
    local first = #pool
    for i = 1, select("#", ...) do
        pool[first + i] = (select(i, ...))
    end
    return first
end

-- An instruction with data: its operand is moved when the length of the code is known.
function Emitter:op_data(name, first)
    local at = self:op(name, 0)
    self.moved[#self.moved + 1] = { at = at, first = first }
    return at
end

function Emitter:number(value)
    if value >= -0x800000 and value <= 0x7fffff then
        self:op("SMALL", value & 0xffffff)
    else
        self:op_data("CONST", self:data(value & 0xffffffff, value >> 32))
    end
end

-- The slot of a pattern, with what is asked of it.
function Emitter:slot(pattern, use)
    if math.type(pattern) == "integer" then
        for _, name in ipairs(self.loops[pattern + 1]) do
            self:slot(name, use)
        end
        return M.current + pattern
    end
    local slot = self.slots[pattern]
    if not slot then
        slot = #self.patterns
        self.slots[pattern] = slot
        self.patterns[slot + 1] = pattern
        self.asked[slot + 1] = PRESENCE
    end
    self.asked[slot + 1] = math.max(self.asked[slot + 1], use)
    return slot
end

-- Both operands, the right one on top.
function Emitter:pair(left, right)
    if self:need(right) > self:need(left) then
        self:emit(right)
        self:emit(left)
        self:op("SWAP")
    else
        self:emit(left)
        self:emit(right)
    end
end

function Emitter:label()
    self:op("LABEL", self.depth | #self.loops << 8)
end

-- ---- one function a tag: leaves one value --------------------------------------------------------------
-- self.depth is the depth of the stack below that value. Only truth values need it, for their labels, and a
-- number never contains one: so it is kept up by tally and loop alone.

local emitters = {}

function emitters.number(self, node)
    self:number(node.value)
end

function emitters.bool(self, node)
    self:number(node.value and 1 or 0)
end

function emitters.filesize(self)
    self:op("FILESIZE")
end

function emitters.rule(self, node)
    local slot = self.rule_slots[node.name]
    if not slot then
        slot = #self.rules
        self.rule_slots[node.name] = slot
        self.rules[slot + 1] = node.name
    end
    self:op("RULE", slot)
end

function emitters.var(self, node)
    self:op("LOCAL", node.loop)
end

function emitters.present(self, node)
    self:op("PRESENT", self:slot(node.pattern, PRESENCE))
end

function emitters.count(self, node)
    if node.low then
        self:pair(node.low, node.high)
        self:op("COUNT_IN", self:slot(node.pattern, SPANS))
    else
        self:op("COUNT", self:slot(node.pattern, COUNT))
    end
end

function emitters.offset(self, node)
    self:emit(node.index)
    self:op("OFFSET", self:slot(node.pattern, SPANS))
end

function emitters.length(self, node)
    self:emit(node.index)
    self:op("LENGTH", self:slot(node.pattern, SPANS))
end

function emitters.at(self, node)
    self:emit(node.offset)
    self:op("AT", self:slot(node.pattern, SPANS))
end

function emitters.within(self, node)
    self:pair(node.low, node.high)
    self:op("IN", self:slot(node.pattern, SPANS))
end

function emitters.read(self, node)
    self:emit(node.offset)
    self:op("READ", TYPE[ast.reads[node.kind]])
end

function emitters.unary(self, node)
    self:emit(node[1], node.op == "not" or node.op == "defined")
    self:op(unary_op[node.op])
end

function emitters.binary(self, node)
    self:pair(node[1], node[2])
    self:op(binary_op[node.op])
end

-- Whether a node's value is 0 or 1 and defined as it stands.
local function is_plain_truth(node)
    return node.tag == "present" or node.tag == "rule" or node.tag == "bool" or node.tag == "and" or node.tag == "or"
end

-- `strict`: whether undefined would show; everything but `not` and `defined` takes it for false.
local function junction(self, node, strict)
    local jumps = {}
    for i = 1, #node - 1 do
        self:emit(node[i])
        jumps[i] = self:op(node.tag == "and" and "AND_ELSE" or "OR_ELSE")
    end
    local last = node[#node]
    self:emit(last, strict)
    if strict and not is_plain_truth(last) then
        self:op("TRUTH")
    end
    if #jumps == 0 then
        return
    end
    local target = #self.code
    self.depth = self.depth + 1
    self:label()
    self.depth = self.depth - 1
    for _, at in ipairs(jumps) do
        self.code[at] = self.code[at] | target << 8
    end
end

emitters["and"] = junction
emitters["or"] = junction

function Emitter:quantity(quantifier)
    if quantifier.n then
        self:emit(quantifier.n)
    end
end

function emitters.of(self, node)
    local name, use = "OF", PRESENCE
    if node.low then
        self:pair(node.low, node.high)
        name, use = "OF_IN", SPANS
    elseif node.offset then
        self:emit(node.offset)
        name, use = "OF_AT", SPANS
    end
    self:quantity(node.quantifier)
    local first = self:data(QUANTIFIER[node.quantifier.kind], #node.patterns)
    for _, pattern in ipairs(node.patterns) do
        self:data(self:slot(pattern, use))
    end
    self:op_data(name, first)
end

function emitters.tally(self, node)
    self:number(0)
    self.depth = self.depth + 1
    for _, child in ipairs(node) do
        self:emit(child)
        self:op("TALLY")
    end
    self.depth = self.depth - 1
    self:quantity(node.quantifier)
    self:op_data("ENOUGH", self:data(QUANTIFIER[node.quantifier.kind], #node))
end

function emitters.loop(self, node)
    local source, depth = node.source, self.depth
    local kind, held = source.kind, 0
    if kind == "range" then
        self:pair(source.low, source.high)
    elseif kind == "values" and is_constant(source) then
        kind = "numbers"
    elseif kind == "values" then
        for _, value in ipairs(source) do
            self:emit(value)
        end
        held = #source
    end
    self:quantity(node.quantifier)
    local items = kind == "range" and 0 or #(source.patterns or source)
    local first = self:data(KIND[kind], QUANTIFIER[node.quantifier.kind], 0, items)
    if kind == "numbers" then
        for _, value in ipairs(source) do
            self:data(value.value & 0xffffffff, value.value >> 32)
        end
    elseif kind == "patterns" then
        for _, pattern in ipairs(source.patterns) do
            self:data(self:slot(pattern, PRESENCE))
        end
    end
    self:op_data("LOOP", first)
    self.depth = depth + held
    self.loops[#self.loops + 1] = source.patterns or {}
    self:emit(node.body)
    self.loops[#self.loops] = nil
    self:op("NEXT")
    self.pool[first + 3] = #self.code -- the label behind NEXT
    self.depth = depth + 1
    self:label()
    self.depth = depth
end

function Emitter:emit(node, strict)
    emitters[node.tag](self, node, strict)
end

function Emitter:whole(tree)
    if self:need(tree) > M.max_stack then
        fail(tree, ("more than %d values are needed at once; shorten the lists of values"):format(M.max_stack))
    end
    self:emit(tree)
    if 1 + #self.code + #self.pool > M.max_words then
        fail(tree, "the condition is too large; split it into several rules")
    end
    return true
end

-- ---- the module --------------------------------------------------------------------------------------

--- tree -> { words = { u32... }, patterns = { name of slot 0, ... }, uses = { "presence"|"count"|"spans" of each },
---           rules = { name of slot 0, ... } }; or nil and { message =, position = }.
function M.emit(tree)
    local self = setmetatable({
        code = {}, pool = {}, moved = {}, patterns = {}, slots = {}, asked = {}, rules = {}, rule_slots = {},
        loops = {}, depth = 0, needs = {},
    }, Emitter)
    local done, problem = tokens.caught(self.whole, self, tree)
    if not done then
        return nil, problem
    end
    local start = 1 + #self.code
    for _, each in ipairs(self.moved) do
        self.code[each.at] = self.code[each.at] | (start + each.first) << 8
    end
    local words = { #self.code }
    table.move(self.code, 1, #self.code, 2, words)
    table.move(self.pool, 1, #self.pool, #words + 1, words)
    local uses = {}
    for i, use in ipairs(self.asked) do
        uses[i] = M.uses[use]
    end
    return { words = words, patterns = self.patterns, uses = uses, rules = self.rules }
end

return M
