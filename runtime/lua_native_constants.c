/* lua_native_constants.c: native.constants, the numbers of kernels/layout.h under their C names.
 * The compiler keeps its own copy (lua/hunch/layout.lua); spec/layout_spec.lua holds the two
 * against each other and this list against the header's text.
 */
#include "lua_native.h"

#include "../kernels/checksum_tile.h"
#include "../kernels/condition_code.h"
#include "../kernels/layout.h"

#include <lauxlib.h>

struct constant {
    const char *name;
    uint64_t value;
};

static const struct constant constants[] = {
/* Every HP_* of layout.h, but for the sections, which have a list of their own. */
#define NUMBER(name)                     \
    {                                    \
        "HP_" #name, (uint64_t)HP_##name \
    }
    NUMBER(MAGIC),
    NUMBER(VERSION),
    NUMBER(NONE),
    NUMBER(INFINITE),
    NUMBER(MAX_RULES),
    NUMBER(MAX_INSTRUCTIONS),
    NUMBER(MAX_STATES),
    NUMBER(MAX_GROUPS),
    NUMBER(MAX_LITERAL),
    NUMBER(MAX_STAGES),
    NUMBER(MAX_STACK),
    NUMBER(MAX_GATE_DEPTH),
    NUMBER(GUARD_DEPTH),
    NUMBER(SECTION_COUNT),
    NUMBER(LITERAL_NOCASE),
    NUMBER(PATTERN_LITERAL),
    NUMBER(PATTERN_REGEX),
    NUMBER(PATTERN_WORD),
    NUMBER(PATTERN_PRESENCE),
    NUMBER(PATTERN_OVERLAP),
    NUMBER(PATTERN_WIDE),
    NUMBER(PREFIX_FIXED),
    NUMBER(PREFIX_RUN),
    NUMBER(PREFIX_PROGRAM),
    NUMBER(ANCHOR_LITERAL),
    NUMBER(ANCHOR_CLASS),
    NUMBER(REGEX_REVERSED),
    NUMBER(REGEX_ANCHORED),
    NUMBER(REGEX_LOOKAHEAD),
    NUMBER(OP_MATCH),
    NUMBER(OP_FAIL),
    NUMBER(OP_BYTE),
    NUMBER(OP_SET),
    NUMBER(OP_RUN),
    NUMBER(OP_SPLIT),
    NUMBER(OP_JMP),
    NUMBER(OP_SAVE),
    NUMBER(OP_ASSERT),
    NUMBER(ASSERT_TEXT_BEGIN),
    NUMBER(ASSERT_TEXT_END),
    NUMBER(ASSERT_LINE_BEGIN),
    NUMBER(ASSERT_LINE_END),
    NUMBER(ASSERT_WORD),
    NUMBER(ASSERT_NOT_WORD),
    NUMBER(RULE_PRIVATE),
    NUMBER(RULE_GLOBAL),
    NUMBER(RULE_ALWAYS),
    NUMBER(RULE_HOST),
    NUMBER(GROUP_LITERAL),
    NUMBER(GROUP_ANCHORED),
    NUMBER(GROUP_UNANCHORED),
    NUMBER(GROUP_COUNTING),
    NUMBER(GROUP_HOST),
    NUMBER(GROUP_COUNT),
    NUMBER(GATE_PATTERN),
    NUMBER(GATE_ALL),
    NUMBER(GATE_ANY),
    NUMBER(GATE_NONE),
    NUMBER(GATE_AT_LEAST),
    NUMBER(GATE_OP_COUNT),
    NUMBER(STAGE_REGEX),
    NUMBER(STAGE_PATH),
    NUMBER(STAGE_COUNT),
    NUMBER(STAGE_NEAR),
    NUMBER(STAGE_ENTROPY),
    NUMBER(STAGE_CHECKSUM),
    NUMBER(STAGE_EXCEPT),
    NUMBER(STAGE_ONLY),
    NUMBER(STAGE_FIELD),
    NUMBER(STAGE_CONDITION),
    NUMBER(STAGE_HOST),
    NUMBER(WITHIN_RECORD),
    NUMBER(WITHIN_LINE),
    NUMBER(WITHIN_BYTES),
    NUMBER(UNIT_BYTES),
    NUMBER(UNIT_LINES),
    NUMBER(NEAR_BEFORE),
    NUMBER(NEAR_AFTER),
    NUMBER(ON_MATCH),
    NUMBER(ON_CAPTURE),
    NUMBER(ON_LINE),
    NUMBER(FROM_START),
    NUMBER(FROM_END),
    NUMBER(FROM_MATCH),
    NUMBER(COMPARE_EQUAL),
    NUMBER(COMPARE_LESS),
    NUMBER(COMPARE_MORE),
    NUMBER(ITEM_TEXT),
    NUMBER(ITEM_EQUAL),
    NUMBER(ITEM_REGEX),
    NUMBER(ITEM_PATH),
    NUMBER(ITEM_WORDS),
    NUMBER(TYPE_U8),
    NUMBER(TYPE_I8),
    NUMBER(TYPE_U16LE),
    NUMBER(TYPE_I16LE),
    NUMBER(TYPE_U16BE),
    NUMBER(TYPE_I16BE),
    NUMBER(TYPE_U32LE),
    NUMBER(TYPE_I32LE),
    NUMBER(TYPE_U32BE),
    NUMBER(TYPE_I32BE),
    NUMBER(TYPE_U64LE),
    NUMBER(TYPE_I64LE),
    NUMBER(TYPE_U64BE),
    NUMBER(TYPE_I64BE),
    NUMBER(TYPE_COUNT),
    NUMBER(CAPTURE_MATCH),
    NUMBER(CAPTURE_FIRST),
#undef NUMBER
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
