-- The tree of a condition. Nodes come only from these constructors, which check what they are given;
-- `new` is the one place that makes a table. Made by parse, rewritten by fold, read by emit.
--
-- node = { tag =, type = "number" | "truth", from = byte offset in the source, depth =, ... }
--
--   number   value                     a 64-bit integer
--   bool     value                     true or false
--   filesize
--   count    pattern, [low, high]      #a, #a in (low..high)
--   offset   pattern, index            @a[index]
--   length   pattern, index            !a[index]
--   present  pattern                   $a
--   at       pattern, offset           $a at offset
--   within   pattern, low, high        $a in (low..high)
--   rule     name
--   var      loop                      the variable of the loop-th loop around it, counted from outside, from 0
--   read     kind, offset              kind: a name of M.reads
--   unary    op, [1]                   "-" "~" "not" "defined" "truth"
--   binary   op, [1], [2]              arithmetic, bits, comparisons
--   and, or  [1]..[n]
--   of       quantifier, patterns, [offset | low, high]
--   tally    quantifier, [1]..[n]      quantifier of (expressions)
--   loop     quantifier, body, source = { kind = "range", low, high } | { kind = "values", [1]..[n] }
--                                     | { kind = "patterns", patterns = { pattern... } }
--
-- pattern    = a name, or the number of the loop whose current pattern it is
-- quantifier = { kind = "any" | "all" | "none" | "n" | "percent", n = node or nil }

local M = {}

--- Operations in one another; what walks a tree recurses as deep.
M.max_depth = 10000
--- Loops in one another: HUNCH_CONDITION_LOOPS of kernels/condition_code.h.
M.max_loops = 8

--- HP_TYPE_* names of the integers that can be read.
M.reads = {
    uint8 = "U8", int8 = "I8", uint8be = "U8", int8be = "I8",
    uint16 = "U16LE", int16 = "I16LE", uint16be = "U16BE", int16be = "I16BE",
    uint32 = "U32LE", int32 = "I32LE", uint32be = "U32BE", int32be = "I32BE",
    uint64 = "U64LE", int64 = "I64LE", uint64be = "U64BE", int64be = "I64BE",
}

M.arithmetic = {
    ["+"] = true, ["-"] = true, ["*"] = true, ["\\"] = true, ["%"] = true,
    ["&"] = true, ["|"] = true, ["^"] = true, ["<<"] = true, [">>"] = true,
}
M.comparison = { ["=="] = true, ["!="] = true, ["<"] = true, ["<="] = true, [">"] = true, [">="] = true }
local unary_type = { ["-"] = "number", ["~"] = "number", ["not"] = "truth", ["defined"] = "truth", ["truth"] = "truth" }
local quantifiers = { any = true, all = true, none = true, n = true, percent = true }

local function is_node(value)
    return type(value) == "table" and value.tag ~= nil
end

local function new(tag, kind, from, fields)
    assert(math.type(from) == "integer", "a node needs its place in the source")
    fields.tag, fields.type, fields.from = tag, kind, from
    fields.depth = 1
    return fields
end

local function with(node, child)
    assert(is_node(child), "a child must be a node")
    if child.depth >= node.depth then
        node.depth = child.depth + 1
    end
    return child
end

local function number(node, child)
    assert(with(node, child).type == "number", "a number is wanted here")
end

local function pattern(name)
    assert(type(name) == "string" or math.type(name) == "integer", "a pattern is a name or a loop")
end

local function pattern_list(names)
    assert(#names > 0, "a set of patterns is never empty")
    for _, name in ipairs(names) do
        pattern(name)
    end
end

local function quantified(node, quantifier)
    assert(quantifiers[quantifier.kind], "unknown quantifier")
    assert((quantifier.n ~= nil) == (quantifier.kind == "n" or quantifier.kind == "percent"))
    if quantifier.n then
        number(node, quantifier.n)
    end
end

function M.number(from, value)
    assert(math.type(value) == "integer")
    return new("number", "number", from, { value = value })
end

function M.bool(from, value)
    assert(type(value) == "boolean")
    return new("bool", "truth", from, { value = value })
end

function M.filesize(from)
    return new("filesize", "number", from, {})
end

function M.rule(from, name)
    assert(type(name) == "string")
    return new("rule", "truth", from, { name = name })
end

function M.var(from, loop)
    assert(math.type(loop) == "integer" and loop >= 0 and loop < M.max_loops)
    return new("var", "number", from, { loop = loop })
end

function M.present(from, name)
    pattern(name)
    return new("present", "truth", from, { pattern = name })
end

function M.count(from, name, low, high)
    pattern(name)
    local node = new("count", "number", from, { pattern = name, low = low, high = high })
    if low then
        number(node, low)
        number(node, high)
    end
    return node
end

local function indexed(tag)
    return function(from, name, index)
        pattern(name)
        local node = new(tag, "number", from, { pattern = name, index = index })
        number(node, index)
        return node
    end
end

M.offset = indexed("offset")
M.length = indexed("length")

function M.at(from, name, offset)
    pattern(name)
    local node = new("at", "truth", from, { pattern = name, offset = offset })
    number(node, offset)
    return node
end

function M.within(from, name, low, high)
    pattern(name)
    local node = new("within", "truth", from, { pattern = name, low = low, high = high })
    number(node, low)
    number(node, high)
    return node
end

function M.read(from, kind, offset)
    assert(M.reads[kind], "unknown integer type")
    local node = new("read", "number", from, { kind = kind, offset = offset })
    number(node, offset)
    return node
end

function M.unary(from, op, child)
    local node = new("unary", assert(unary_type[op], "unknown operator"), from, { op = op, child })
    if node.type == "number" then
        number(node, child)
    else
        with(node, child)
    end
    return node
end

function M.binary(from, op, left, right)
    assert(M.arithmetic[op] or M.comparison[op], "unknown operator")
    local node = new("binary", M.comparison[op] and "truth" or "number", from, { op = op, left, right })
    number(node, left)
    number(node, right)
    return node
end

--- tag: "and" or "or"; children in the order in which they are asked.
function M.junction(from, tag, children)
    assert(tag == "and" or tag == "or")
    assert(#children > 0)
    local node = new(tag, "truth", from, table.move(children, 1, #children, 1, {}))
    for _, child in ipairs(children) do
        with(node, child)
    end
    return node
end

--- place: nil, { offset = node } or { low = node, high = node }.
function M.of(from, quantifier, patterns, place)
    place = place or {}
    pattern_list(patterns)
    local node = new("of", "truth", from, {
        quantifier = quantifier, patterns = patterns, offset = place.offset, low = place.low, high = place.high,
    })
    quantified(node, quantifier)
    if place.offset then
        number(node, place.offset)
    elseif place.low then
        number(node, place.low)
        number(node, place.high)
    end
    return node
end

function M.tally(from, quantifier, children)
    assert(#children > 0)
    local node = new("tally", "truth", from, table.move(children, 1, #children, 1, { quantifier = quantifier }))
    quantified(node, quantifier)
    for _, child in ipairs(children) do
        with(node, child)
    end
    return node
end

function M.loop(from, quantifier, source, body)
    local node = new("loop", "truth", from, { quantifier = quantifier, source = source, body = body })
    quantified(node, quantifier)
    if source.kind == "range" then
        number(node, source.low)
        number(node, source.high)
    elseif source.kind == "values" then
        assert(#source > 0)
        for _, value in ipairs(source) do
            number(node, value)
        end
    else
        assert(source.kind == "patterns")
        pattern_list(source.patterns)
    end
    with(node, body)
    return node
end

return M
