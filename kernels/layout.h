/* layout.h: the compiled program, byte for byte. Plain data, little-endian, offsets from the start.
 * Written by lua/hunch/passes/encode.lua, checked once by runtime/program_check.c, read by every
 * tile function. A change here changes HP_VERSION. All structs have no padding; sizes are asserted
 * in runtime/program.c. */
#ifndef HUNCH_LAYOUT_H
#define HUNCH_LAYOUT_H

#include "portable.h"

#define HP_MAGIC 0x314750484e554821ull /* "!HUNHPG1" */
#define HP_VERSION 4u
#define HP_NONE 0xffffffffu     /* no index */
#define HP_INFINITE 0xffffffffu /* no upper limit */

/* Limits, checked when compiling and again when loading. */
#define HP_MAX_RULES 1000000u
#define HP_MAX_INSTRUCTIONS 100000u /* of one regex */
#define HP_MAX_STATES 1000000u      /* of one regex */
#define HP_MAX_GROUPS 1000u         /* of one regex */
#define HP_MAX_LITERAL 65535u       /* bytes */
#define HP_MAX_STAGES 64u           /* of one rule */
#define HP_MAX_STACK 64u            /* of a condition */
#define HP_MAX_GATE_DEPTH 32u       /* lists in lists */
#define HP_GUARD_DEPTH 64u          /* bytes a guard may look at */

/* Sections, in the order in which they lie in the file: X(name, element type). */
#define HP_SECTIONS(X)            \
    X(BLOB, uint8_t)              \
    X(LITERAL, struct hp_literal) \
    X(LITERAL_USER, uint32_t)     \
    X(PATTERN, struct hp_pattern) \
    X(ANCHOR, struct hp_anchor)   \
    X(REGEX, struct hp_regex)     \
    X(INSTR, struct hp_instr)     \
    X(CLASS, struct hp_class)     \
    X(GUARD, struct hp_guard)     \
    X(WORD, uint32_t)             \
    X(RULE, struct hp_rule)       \
    X(STAGE, struct hp_stage)     \
    X(HOST, struct hp_host)       \
    X(GRAPH, struct hp_graph)     \
    X(SPOT, struct hp_spot)       \
    X(TEST, struct hp_test)       \
    X(ACTION, struct hp_action)   \
    X(FLOW, struct hp_flow)

enum hp_section_id {
#define HP_X(name, type) HP_SECTION_##name,
    HP_SECTIONS(HP_X)
#undef HP_X
        HP_SECTION_COUNT
};

struct hp_section {
    uint64_t offset; /* from the start of the program, a multiple of 8 */
    uint64_t count;  /* elements */
};

struct hp_header {
    uint64_t magic;
    uint32_t version;
    uint32_t flags;       /* 0 */
    uint64_t size;        /* of the whole program in bytes */
    uint8_t checksum[16]; /* hunch_hash128 of everything behind this field */
    struct hp_section section[HP_SECTION_COUNT];
};

/* A piece of BLOB. */
struct hp_text {
    uint32_t offset;
    uint32_t length;
};

/* A byte string the prefilter looks for. Its users are ANCHOR indices. */
enum { HP_LITERAL_NOCASE = 1 };
struct hp_literal {
    struct hp_text bytes; /* lower case where NOCASE */
    uint32_t flags;
    uint32_t user;       /* first of its entries in LITERAL_USER: indices of anchors */
    uint32_t user_count; /* */
    uint32_t window;     /* offset of its rarest window of up to 4 bytes */
    int32_t even, odd;   /* among even and odd offsets of windows, where its rarest run of up to 6
                            bytes begins; the window of a literal of 3 or 4 bytes may begin a byte
                            before it or end a byte behind it */
};

/* Something that occurs in a record: an exact byte string or a regex. Rules share equal patterns.
 */
enum { HP_PATTERN_LITERAL, HP_PATTERN_REGEX };
enum {
    HP_PATTERN_WORD = 1,     /* no [0-9A-Za-z_] beside the span */
    HP_PATTERN_PRESENCE = 2, /* only asked whether it occurs: the first hit is enough */
    HP_PATTERN_OVERLAP = 4,  /* literal semantics: every occurrence counts, overlaps included */
    HP_PATTERN_WIDE = 8      /* WORD looks at two-byte neighbours */
};
struct hp_pattern {
    uint32_t kind;
    uint32_t flags;
    uint32_t regex;        /* REGEX: index into REGEX */
    uint32_t anchor;       /* first anchor */
    uint32_t anchor_count; /* 0: runs everywhere (a LITERAL has exactly one) */
    struct hp_text source; /* as the author wrote it, for explain and profile */
    uint32_t literal;      /* LITERAL: index into LITERAL */
    uint32_t rule;         /* WORD: rules whose gate asks for it */
    uint32_t rule_count;   /* */
};

/* A place where a pattern's match can be recognised: see docs/INTERNALS.md section 5. */
enum { HP_PREFIX_FIXED, HP_PREFIX_RUN, HP_PREFIX_PROGRAM };
enum { HP_ANCHOR_LITERAL, HP_ANCHOR_CLASS };
struct hp_anchor {
    uint32_t pattern;
    uint32_t kind;        /* LITERAL: found by the literals that name it; CLASS: by runs of class */
    uint32_t class_index; /* CLASS: the class; else HP_NONE */
    uint32_t class_length; /* CLASS: how many bytes of it */
    uint32_t min_before;   /* bytes between the start of the match and the anchor */
    uint32_t max_before;   /* HP_INFINITE: no limit */
    uint32_t entry;        /* instruction from which the code goes on at the anchor */
    uint32_t prefix;       /* HP_PREFIX_* */
    uint32_t prefix_index; /* RUN: class; PROGRAM: reversed regex */
    uint32_t guard;        /* index into GUARD or HP_NONE */
    uint32_t guard_behind; /* 1: the guard begins behind the literal, 0: where the anchor begins */
};

struct hp_regex {
    uint32_t code;       /* first instruction in INSTR; pc 0 is the entry */
    uint32_t code_count; /* */
    uint32_t state_count;
    uint32_t group_count; /* capturing groups without group 0 */
    uint32_t first_class; /* class of bytes a non-empty match can start with, HP_NONE: may be empty
                             or anything */
    uint32_t flags;       /* HP_REGEX_* */
    uint32_t min_length;  /* of a match, bytes */
    uint32_t max_length;  /* HP_INFINITE */
};
enum {
    HP_REGEX_REVERSED = 1, /* runs from right to left */
    HP_REGEX_ANCHORED = 2, /* starts with \A: only tried at the start of the record */
    HP_REGEX_LOOKAHEAD = 4 /* the end of a match can stay undecided past it (explain names these) */
};

/* One instruction: operands by op as docs/INTERNALS.md section 4 lists them. */
enum hp_op {
    HP_OP_MATCH,
    HP_OP_FAIL,
    HP_OP_BYTE,
    HP_OP_SET,
    HP_OP_RUN,
    HP_OP_SPLIT,
    HP_OP_JMP,
    HP_OP_SAVE,
    HP_OP_ASSERT
};
enum {
    HP_ASSERT_TEXT_BEGIN,
    HP_ASSERT_TEXT_END,
    HP_ASSERT_LINE_BEGIN,
    HP_ASSERT_LINE_END,
    HP_ASSERT_WORD,
    HP_ASSERT_NOT_WORD
};
struct hp_instr {
    uint8_t op;
    uint8_t lazy;
    uint16_t arg;
    uint32_t x;
    uint32_t y;
    uint32_t state;
    uint32_t min;
    uint32_t max;
};

struct hp_class {
    uint8_t bits[32]; /* bit b of byte b>>3 is byte value b */
};

/* A DFA over byte classes that says no early. State 0 rejects, state 1 accepts, state 2 starts;
 * next = table[(state << shift) + byte_class[byte]]. The end of the text accepts. */
struct hp_guard {
    uint32_t table;       /* first entry in WORD; uint16, two a word */
    uint32_t shift;       /* log2 of the row length in entries */
    uint32_t state_count; /* */
    uint32_t byte_class;  /* offset in BLOB of 256 bytes: byte value -> column */
};

/* A rule. */
enum {
    HP_RULE_PRIVATE = 1,
    HP_RULE_GLOBAL = 2,
    HP_RULE_ALWAYS = 4, /* its gate can hold though none of its patterns occurs */
    HP_RULE_HOST = 8,   /* has a host stage */
    HP_RULE_GRAPH = 16  /* has a graph stage: its gate is of the link unit, not of the record */
};
struct hp_rule {
    struct hp_text name;
    struct hp_text info; /* JSON: title, tags, severity, meta, file, line, class */
    uint32_t flags;
    uint32_t gate; /* first word of the gate in WORD */
    uint32_t gate_count;
    uint32_t stage; /* first stage */
    uint32_t stage_count;
    uint32_t span; /* WORD: patterns whose spans it reports when no stage is a regex */
    uint32_t span_count;
    uint32_t group; /* cost class: HP_GROUP_* */
    uint32_t need;  /* WORD: rules that must be decided before this one (near, condition) */
    uint32_t need_count;
};
enum {
    HP_GROUP_LITERAL,
    HP_GROUP_ANCHORED,
    HP_GROUP_UNANCHORED,
    HP_GROUP_COUNTING,
    HP_GROUP_HOST,
    HP_GROUP_GRAPH,
    HP_GROUP_COUNT
};

/* Gate: a tree in prefix order, opcode in the low 8 bits of a word, operand above. An empty gate
 * holds. */
enum hp_gate_op {
    HP_GATE_PATTERN,  /* operand: pattern; does it occur in the record? */
    HP_GATE_ALL,      /* operand: number of children, which follow */
    HP_GATE_ANY,      /* */
    HP_GATE_NONE,     /* holds when no child does */
    HP_GATE_AT_LEAST, /* the next word: how many children must hold; then the children */
    HP_GATE_OP_COUNT
};

/* A stage: what a..h mean depends on the kind. Lists lie in WORD as count, elements... */
enum hp_stage_kind {
    HP_STAGE_REGEX,    /* a: pattern. capture narrows the span */
    HP_STAGE_PATH,     /* a: pattern, searched in the record's name */
    HP_STAGE_COUNT,    /* a: pattern, b: at least, c: at most, d: HP_WITHIN_*, e: bytes */
    HP_STAGE_NEAR,     /* a: pattern or HP_NONE, b: rule or HP_NONE, c: within, d: HP_UNIT_*, e:
                          HP_NEAR_* bits */
    HP_STAGE_ENTROPY,  /* x: threshold in 1/2^24 bits per byte, a: 1 when strictly above */
    HP_STAGE_CHECKSUM, /* a: HP_CHECK_*, b: capture that holds the digits or HP_NONE, capture: over
                          what */
    HP_STAGE_EXCEPT, /* a: list of items in WORD: their number, then three words each: HP_ITEM_*, x,
                        y; b: HP_ON_* */
    HP_STAGE_ONLY,   /* same */
    HP_STAGE_FIELD,  /* x: offset (signed), y: operand, a: HP_TYPE_*, b: HP_COMPARE_*, c: HP_FROM_*,
                        mask: z */
    HP_STAGE_CONDITION, /* a: first word of the bytecode (condition_code.h) in WORD, b: words; c:
                         * patterns of its slots in WORD, d: how many; e: rules of its slots in
                         * WORD, their number first */
    HP_STAGE_HOST,      /* a: index into HOST, b: which host function of that file, from 0 */
    HP_STAGE_GRAPH /* a: index into GRAPH; before it stand only PATH stages, and there is one */
};
enum { HP_WITHIN_RECORD, HP_WITHIN_LINE, HP_WITHIN_BYTES };
enum { HP_UNIT_BYTES, HP_UNIT_LINES };
enum { HP_NEAR_BEFORE = 1, HP_NEAR_AFTER = 2 };
enum { HP_ON_MATCH, HP_ON_CAPTURE, HP_ON_LINE };
enum { HP_FROM_START, HP_FROM_END, HP_FROM_MATCH };
enum { HP_COMPARE_EQUAL, HP_COMPARE_LESS, HP_COMPARE_MORE };
/* Items of except / only: x, y. */
enum {
    HP_ITEM_TEXT,  /* BLOB offset, length: the subject contains it */
    HP_ITEM_EQUAL, /* BLOB offset, length: the subject is it */
    HP_ITEM_REGEX, /* pattern, 0: found in the subject */
    HP_ITEM_PATH,  /* pattern, 0: found in the record's name */
    HP_ITEM_WORDS  /* first word in WORD, number: pairs of BLOB offset and length, lower case,
                    * sorted; the subject contains one,  whatever its case */
};
enum {
    HP_TYPE_U8,
    HP_TYPE_I8,
    HP_TYPE_U16LE,
    HP_TYPE_I16LE,
    HP_TYPE_U16BE,
    HP_TYPE_I16BE,
    HP_TYPE_U32LE,
    HP_TYPE_I32LE,
    HP_TYPE_U32BE,
    HP_TYPE_I32BE,
    HP_TYPE_U64LE,
    HP_TYPE_I64LE,
    HP_TYPE_U64BE,
    HP_TYPE_I64BE,
    HP_TYPE_COUNT
};
#define HP_CAPTURE_MATCH 0xffffu /* the whole span */
#define HP_CAPTURE_FIRST 0xfffeu /* the first group that is set and not empty, else the span */
struct hp_stage {
    uint16_t kind;
    uint16_t capture; /* group number from 1, or HP_CAPTURE_*: which span it judges, or leaves */
    uint32_t a, b, c, d, e;
    uint64_t x, y, z;
};

/* The source of a rule file whose host functions are called on survivors. */
struct hp_host {
    struct hp_text name;
    struct hp_text source;
};

/* Graph stages: runtime/graph/rule.h says what they mean and has the same numbers in its enums.
 * Names lie in BLOB with a zero behind them, which their length does not count. */
enum { HP_GRAPH_DOMINATES, HP_GRAPH_POST_DOMINATES, HP_GRAPH_FLOWS_TO, HP_GRAPH_TAINT };
enum { HP_GRAPH_MISSING = 1, HP_GRAPH_SAME = 2 };
enum { HP_LANGUAGE_C = 1, HP_LANGUAGE_PYTHON, HP_LANGUAGE_JAVASCRIPT, HP_LANGUAGE_JAVA };
enum {
    HP_EDGE_ASSIGN,
    HP_EDGE_PHI,
    HP_EDGE_ARGUMENT,
    HP_EDGE_RETURN,
    HP_EDGE_STORE,
    HP_EDGE_LOAD,
    HP_EDGE_FIELD,
    HP_EDGE_INDEX,
    HP_EDGE_ARITHMETIC,
    HP_EDGE_LIBRARY,
    HP_EDGE_UNKNOWN,
    HP_EDGE_GUARD,
    HP_EDGE_CONTENT,
    HP_EDGE_MASKED,
    HP_EDGE_RETURNED
};
struct hp_graph {
    uint32_t kind;                                                 /* HP_GRAPH_* */
    uint32_t language;                                             /* HP_LANGUAGE_* */
    uint32_t from, from_count, to, to_count, except, except_count; /* SPOT */
    uint32_t test, test_count;                                     /* TEST: guards */
    uint32_t edges;                                                /* bits: 1 << HP_EDGE_* */
    uint32_t by, by_count, of, of_count;                           /* ACTION */
    uint32_t flags;                                                /* HP_GRAPH_MISSING, ..._SAME */
};

#define HP_PLACE_MOST 1000u
#define HP_PLACE_AND_ON 0x80000000u /* that argument and all that follow */
enum {
    HP_SPOT_CALL,
    HP_SPOT_ARGUMENT,
    HP_SPOT_PARAMETER,
    HP_SPOT_RETURNED,
    HP_SPOT_GLOBAL,
    HP_SPOT_LOOP_BOUND,
    HP_SPOT_INDEX,
    HP_SPOT_ADDRESS,
    HP_SPOT_DIVISOR,
    HP_SPOT_FIELD,
    HP_SPOT_SIGNED_INDEX,
    HP_SPOT_OPERAND,
    HP_SPOT_SIGNED_ARGUMENT,
    HP_SPOT_NARROWED
};
struct hp_spot {
    struct hp_text name;
    uint32_t kind;  /* HP_SPOT_* */
    uint32_t index; /* of an argument or parameter from 1, perhaps with AND_ON; 0: any */
};

enum { HP_TEST_CALL, HP_TEST_COMPARE };
enum {
    HP_RELATION_EQ,
    HP_RELATION_NE,
    HP_RELATION_LT,
    HP_RELATION_LE,
    HP_RELATION_GT,
    HP_RELATION_GE
};
enum { HP_WITH_ANY, HP_WITH_CONSTANT, HP_WITH_NULL, HP_WITH_CLEAN, HP_WITH_ZERO };
struct hp_test {
    struct hp_text name; /* CALL */
    uint32_t kind;
    uint32_t index;   /* CALL: the argument, 0: any */
    uint32_t outcome; /* CALL: 0 or 1 */
    uint32_t compare; /* COMPARE: HP_RELATION_* */
    uint32_t with;    /* COMPARE: HP_WITH_* */
    uint32_t zero;
};

enum { HP_ACTION_CALL, HP_ACTION_ASSIGN, HP_ACTION_TEST, HP_ACTION_USE, HP_ACTION_RETURNED };
enum { HP_VALUE_ANY, HP_VALUE_NULL, HP_VALUE_CALL };
struct hp_action {
    struct hp_text name; /* of a call, that is done or whose value is assigned */
    uint32_t kind;
    uint32_t place; /* CALL: the argument whose place is meant, 0: none */
    uint32_t value; /* ASSIGN: HP_VALUE_* */
    uint32_t zero;
};

/* What a library function does: an end is the number of an argument, or RETURNED, or OUTSIDE. Both
 * ends 0: the function is known and passes nothing on. */
#define HP_PLACE_RETURNED 0x40000000u /* what it gives back */
#define HP_PLACE_POINTED 0x20000000u  /* not the value but what it points to */
#define HP_PLACE_OUTSIDE 0x10000000u  /* from: text from outside the program */
struct hp_flow {
    struct hp_text name;
    uint32_t language;
    uint32_t from, to;
    uint32_t zero;
};

#endif
