--- The numbers of kernels/layout.h that the compiler writes. A spec holds them against the header.
local M = {}

M.MAGIC, M.VERSION = 0x314750484e554821, 1
M.NONE, M.INFINITE = 0xffffffff, 0xffffffff
M.MAX_STAGES, M.MAX_GATE_DEPTH, M.MAX_LITERAL = 64, 32, 65535

--- A list of names to a map name -> number from 0.
local function enum(...)
    local map = {}
    for i, name in ipairs { ... } do map[name] = i - 1 end
    return map
end

M.SECTIONS = { "BLOB", "LITERAL", "LITERAL_USER", "PATTERN", "ANCHOR", "REGEX", "INSTR", "CLASS", "GUARD", "WORD",
    "RULE", "STAGE", "HOST" }

M.LITERAL_NOCASE = 1
M.PATTERN = enum("LITERAL", "REGEX")
M.PATTERN_WORD, M.PATTERN_PRESENCE, M.PATTERN_OVERLAP, M.PATTERN_WIDE = 1, 2, 4, 8
M.ANCHOR = enum("LITERAL", "CLASS")
M.PREFIX = enum("fixed", "run", "program")
M.REGEX_REVERSED, M.REGEX_ANCHORED, M.REGEX_LOOKAHEAD = 1, 2, 4
M.RULE_PRIVATE, M.RULE_GLOBAL, M.RULE_ALWAYS, M.RULE_HOST = 1, 2, 4, 8
M.GROUP = enum("LITERAL", "ANCHORED", "UNANCHORED", "COUNTING", "HOST")
M.GATE = enum("pattern", "all", "any", "none", "at_least")
M.STAGE = enum("regex", "path", "count", "near", "entropy", "checksum", "except", "only", "field", "condition", "host")
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
M.CHECK = enum("luhn", "mod10", "mod11", "ean13", "isbn10", "aba", "iban", "mod97", "verhoeff", "damm", "crc32-base62",
    "crc32-hex")

return M
