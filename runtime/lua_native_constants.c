/* lua_native_constants.c: native.constants, the numbers of kernels/layout.h under their C names.
 * The compiler keeps its own copy (lua/hunch/layout.lua); spec/layout_spec.lua holds the two
 * against each other and this list against the header's text.
 */
#include "lua_native.h"

#include "../kernels/checksum_tile.h"
#include "../kernels/condition_code.h"
#include "../kernels/layout.h"

#include <lauxlib.h>

/* Every HP_* of layout.h, without its prefix, but for the sections, which have a list of their own.
 */
#define NUMBERS(X)                                                                                 \
    X(MAGIC)                                                                                       \
    X(VERSION) X(NONE) X(INFINITE) X(MAX_RULES) X(MAX_INSTRUCTIONS) X(MAX_STATES) X(MAX_GROUPS) X( \
        MAX_LITERAL) X(MAX_STAGES) X(MAX_STACK) X(MAX_GATE_DEPTH) X(GUARD_DEPTH) X(SECTION_COUNT)  \
        X(LITERAL_NOCASE) X(PATTERN_LITERAL) X(PATTERN_REGEX) X(PATTERN_WORD) X(                   \
            PATTERN_PRESENCE) X(PATTERN_OVERLAP) X(PATTERN_WIDE) X(PREFIX_FIXED) X(PREFIX_RUN)     \
            X(PREFIX_PROGRAM) X(ANCHOR_LITERAL) X(ANCHOR_CLASS) X(REGEX_REVERSED) X(               \
                REGEX_ANCHORED) X(REGEX_LOOKAHEAD) X(OP_MATCH) X(OP_FAIL) X(OP_BYTE) X(OP_SET)     \
                X(OP_RUN) X(OP_SPLIT) X(OP_JMP) X(OP_SAVE) X(OP_ASSERT) X(ASSERT_TEXT_BEGIN) X(    \
                    ASSERT_TEXT_END) X(ASSERT_LINE_BEGIN) X(ASSERT_LINE_END) X(ASSERT_WORD)        \
                    X(ASSERT_NOT_WORD) X(RULE_PRIVATE) X(RULE_GLOBAL) X(RULE_ALWAYS) X(            \
                        RULE_HOST) X(GROUP_LITERAL) X(GROUP_ANCHORED) X(GROUP_UNANCHORED)          \
                        X(GROUP_COUNTING) X(GROUP_HOST) X(GROUP_COUNT) X(GATE_PATTERN) X(          \
                            GATE_ALL) X(GATE_ANY) X(GATE_NONE) X(GATE_AT_LEAST) X(GATE_OP_COUNT)   \
                            X(STAGE_REGEX) X(STAGE_PATH) X(STAGE_COUNT) X(STAGE_NEAR) X(           \
                                STAGE_ENTROPY) X(STAGE_CHECKSUM) X(STAGE_EXCEPT) X(STAGE_ONLY)     \
                                X(STAGE_FIELD) X(STAGE_CONDITION) X(STAGE_HOST) X(WITHIN_RECORD)   \
                                    X(WITHIN_LINE) X(WITHIN_BYTES) X(UNIT_BYTES) X(UNIT_LINES) X(  \
                                        NEAR_BEFORE) X(NEAR_AFTER) X(ON_MATCH) X(ON_CAPTURE)       \
                                        X(ON_LINE) X(FROM_START) X(FROM_END) X(FROM_MATCH) X(      \
                                            COMPARE_EQUAL) X(COMPARE_LESS) X(COMPARE_MORE)         \
                                            X(ITEM_TEXT) X(ITEM_EQUAL) X(ITEM_REGEX) X(ITEM_PATH)  \
                                                X(ITEM_WORDS) X(TYPE_U8) X(TYPE_I8) X(TYPE_U16LE)  \
                                                    X(TYPE_I16LE) X(TYPE_U16BE) X(TYPE_I16BE)      \
                                                        X(TYPE_U32LE) X(TYPE_I32LE) X(TYPE_U32BE)  \
                                                            X(TYPE_I32BE) X(TYPE_U64LE)            \
                                                                X(TYPE_I64LE) X(TYPE_U64BE)        \
                                                                    X(TYPE_I64BE) X(TYPE_COUNT)    \
                                                                        X(CAPTURE_MATCH)           \
                                                                            X(CAPTURE_FIRST)

struct constant {
    const char *name;
    uint64_t value;
};

static const struct constant constants[] = {
#define CONSTANT(name) {"HP_" #name, (uint64_t)HP_##name},
    NUMBERS(CONSTANT)
#undef CONSTANT
#define HP_X(name, type) {"HP_SECTION_" #name, HP_SECTION_##name},
        HP_SECTIONS(HP_X)
#undef HP_X
#define HUNCH_X(id, name, digits, what) {"HP_CHECK_" #id, HP_CHECK_##id},
            HUNCH_CHECKS(HUNCH_X)
#undef HUNCH_X
                {"HP_CHECK_COUNT", HP_CHECK_COUNT},
#define HUNCH_X(name, pops, pushes) {"HC_" #name, HC_##name},
    HUNCH_CONDITION_OPS(HUNCH_X)
#undef HUNCH_X
        {"HC_OP_COUNT", HC_OP_COUNT},
};

void hunch_native_push_constants(lua_State *L)
{
    int n = (int)(sizeof constants / sizeof constants[0]);
    lua_createtable(L, 0, n);
    for (int i = 0; i < n; i++) {
        lua_pushinteger(L, (lua_Integer)constants[i].value);
        lua_setfield(L, -2, constants[i].name);
    }
}
