--- The numbers of kernels/layout.h that the compiler writes or holds to. A spec compares them with the header's.
local checksums = require "hunch.checksums"
local words = require "hunch.graph.words"

local M = {}

M.MAGIC, M.VERSION = 0x314750484e554821, 4
M.NONE, M.INFINITE = 0xffffffff, 0xffffffff
M.MAX_RULES, M.MAX_STAGES, M.MAX_GROUPS, M.MAX_GATE_DEPTH, M.MAX_LITERAL = 1000000, 64, 1000, 32, 65535

--- A list of names to a map name -> number from 0.
local function enum(...)
    local map = {}
    for i, name in ipairs { ... } do map[name] = i - 1 end
    return map
end

M.SECTIONS = { "BLOB", "LITERAL", "LITERAL_USER", "PATTERN", "ANCHOR", "REGEX", "INSTR", "CLASS", "GUARD", "WORD",
    "RULE", "STAGE", "HOST", "GRAPH", "SPOT", "TEST", "ACTION", "FLOW" }

M.LITERAL_NOCASE = 1
M.PATTERN = enum("LITERAL", "REGEX")
M.PATTERN_WORD, M.PATTERN_PRESENCE, M.PATTERN_OVERLAP, M.PATTERN_WIDE = 1, 2, 4, 8
M.ANCHOR = enum("LITERAL", "CLASS")
M.PREFIX = enum("fixed", "run", "program")
M.REGEX_REVERSED, M.REGEX_ANCHORED, M.REGEX_LOOKAHEAD = 1, 2, 4
M.RULE_PRIVATE, M.RULE_GLOBAL, M.RULE_ALWAYS, M.RULE_HOST, M.RULE_GRAPH = 1, 2, 4, 8, 16
M.GROUP = enum("LITERAL", "ANCHORED", "UNANCHORED", "COUNTING", "HOST", "GRAPH")
M.GATE = enum("pattern", "all", "any", "none", "at_least")
M.STAGE = enum("regex", "path", "count", "near", "entropy", "checksum", "except", "only", "field", "condition", "host",
    "graph")
M.WITHIN = enum("record", "line", "bytes")
M.UNIT = enum("bytes", "lines")
M.NEAR_BEFORE, M.NEAR_AFTER = 1, 2
M.ON = enum("match", "capture", "line")
M.FROM = enum("start", "end", "match")
M.COMPARE = enum("equal", "less", "more")
M.ITEM = enum("text", "equal", "regex", "path", "words")
M.TYPE = enum("u8", "i8", "u16le", "i16le", "u16be", "i16be", "u32le", "i32le", "u32be", "i32be", "u64le", "i64le",
    "u64be", "i64be")
M.CAPTURE_MATCH, M.CAPTURE_FIRST = 0xffff, 0xfffe
M.ENTROPY_ONE = 1 << 24
M.CHECK = checksums.kinds

-- Program graphs; the words themselves are in hunch.graph.words.
M.GRAPH, M.LANGUAGE, M.SPOT, M.ACTION = words.STAGE, words.LANGUAGE, words.SPOT, words.ACTION
M.TEST = enum("call", "compare")
M.RELATION = enum("EQ", "NE", "LT", "LE", "GT", "GE")
M.WITH, M.VALUE, M.EDGE = words.WITH, words.VALUE, words.EDGE
M.GRAPH_MISSING, M.GRAPH_SAME = 1, 2
M.PLACE_MOST = words.PLACE_MOST
M.PLACE_AND_ON, M.PLACE_RETURNED, M.PLACE_POINTED, M.PLACE_OUTSIDE = words.AND_ON, words.RETURNED, words.POINTED,
    words.OUTSIDE

return M
