/* tiles_module.c: the tile functions of conditions, entropy, checksums, fields and dominance for
 * specs: require "support.tiles_module". Arrays that a tile function reads are copied to blocks of
 * exactly their size, so that AddressSanitizer sees every read outside. */
#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>

#include "checksum_tile.h"
#include "condition_tile.h"
#include "dominance_tile.h"
#include "entropy_tile.h"

/* A block that the collector frees. */
static void *block(lua_State *L, size_t count, size_t size)
{
    /* One element at least: an empty array has an address too, and nobody reads it. */
    return lua_newuserdatauv(L, (count > 0 ? count : 1u) * size, 0);
}

/* The integers of the table at `index`, as a block that stays on the stack. */
static uint32_t *words_of(lua_State *L, int index, uint32_t *count)
{
    luaL_checktype(L, index, LUA_TTABLE);
    const lua_Unsigned n = lua_rawlen(L, index);
    uint32_t *words = block(L, n, sizeof *words);
    for (lua_Unsigned i = 0; i < n; i++) {
        lua_rawgeti(L, index, (lua_Integer)i + 1);
        words[i] = (uint32_t)lua_tointeger(L, -1);
        lua_pop(L, 1);
    }
    *count = (uint32_t)n;
    return words;
}

static uint64_t *numbers_of(lua_State *L, int index, const char *field, uint64_t *count)
{
    lua_getfield(L, index, field);
    luaL_checktype(L, -1, LUA_TTABLE);
    const lua_Unsigned n = lua_rawlen(L, -1);
    uint64_t *numbers = block(L, n, sizeof *numbers);
    for (lua_Unsigned i = 0; i < n; i++) {
        lua_rawgeti(L, -2, (lua_Integer)i + 1);
        numbers[i] = (uint64_t)lua_tointeger(L, -1);
        lua_pop(L, 1);
    }
    *count = n;
    return numbers;
}

/* A record for conditions: env(data, { { offsets =, lengths = } ... }, { boolean ... }). The
 * userdata's user value keeps the blocks that it points to. */
struct record {
    struct hunch_condition_env env;
    const uint8_t *bytes;
    int broken; /* reads fail */
};

static int read_record(void *context, uint64_t at, uint8_t *out, uint32_t n)
{
    const struct record *record = context;
    if (record->broken) {
        return 0;
    }
    memcpy(out, record->bytes + at, n);
    return 1;
}

static int tiles_env(lua_State *L)
{
    size_t size;
    const char *bytes = luaL_checklstring(L, 1, &size);
    luaL_checktype(L, 2, LUA_TTABLE);
    luaL_checktype(L, 3, LUA_TTABLE);
    const int broken = lua_toboolean(L, 4);
    const lua_Unsigned patterns = lua_rawlen(L, 2);
    const lua_Unsigned rules = lua_rawlen(L, 3);
    struct record *record = lua_newuserdatauv(L, sizeof *record, 1);
    memset(record, 0, sizeof *record);
    luaL_setmetatable(L, "hunch.spec.record");
    lua_newtable(L);
    const int keep = lua_gettop(L);
    struct hunch_condition_pattern *list = block(L, patterns, sizeof *list);
    lua_rawseti(L, keep, 1);
    uint8_t *truths = block(L, rules, 1);
    lua_rawseti(L, keep, 2);
    uint8_t *copy = block(L, size, 1);
    lua_rawseti(L, keep, 3);
    memcpy(copy, bytes, size);
    for (lua_Unsigned i = 0; i < patterns; i++) {
        uint64_t lengths;
        lua_rawgeti(L, 2, (lua_Integer)i + 1);
        const int at = lua_gettop(L);
        list[i].offsets = numbers_of(L, at, "offsets", &list[i].count);
        lua_rawseti(L, keep, 4 + 2 * (lua_Integer)i);
        list[i].lengths = numbers_of(L, at, "lengths", &lengths);
        lua_rawseti(L, keep, 5 + 2 * (lua_Integer)i);
        luaL_argcheck(L, lengths == list[i].count, 2, "as many lengths as offsets");
        lua_settop(L, keep);
    }
    for (lua_Unsigned i = 0; i < rules; i++) {
        lua_rawgeti(L, 3, (lua_Integer)i + 1);
        truths[i] = (uint8_t)lua_toboolean(L, -1);
        lua_pop(L, 1);
    }
    lua_setiuservalue(L, keep - 1, 1);
    record->bytes = copy;
    record->broken = broken;
    record->env.size = size;
    record->env.patterns = list;
    record->env.pattern_count = (uint32_t)patterns;
    record->env.rules = truths;
    record->env.rule_count = (uint32_t)rules;
    record->env.read = read_record;
    return 1;
}

/* condition_validate(words, patterns, rules) -> boolean */
static int tiles_condition_validate(lua_State *L)
{
    uint32_t count;
    const uint32_t *words = words_of(L, 1, &count);
    lua_pushboolean(L, hunch_condition_validate(words, count, (uint32_t)luaL_checkinteger(L, 2),
                                                (uint32_t)luaL_checkinteger(L, 3)));
    return 1;
}

/* condition_eval(words, env, { index of slot 0, ... }, { rule index, ... } [, budget]) -> 1, 0, -1;
 * nil where the words are refused. Indices count from 1 and choose from the env's lists. */
static int tiles_condition_eval(lua_State *L)
{
    uint32_t count;
    uint32_t patterns;
    uint32_t rules;
    struct record *record = luaL_checkudata(L, 2, "hunch.spec.record");
    const uint64_t budget = (uint64_t)luaL_optinteger(L, 5, HUNCH_CONDITION_BUDGET);
    const uint32_t *words = words_of(L, 1, &count);
    const uint32_t *slots = words_of(L, 3, &patterns);
    const uint32_t *rule_slots = words_of(L, 4, &rules);
    struct hunch_condition_pattern *list = block(L, patterns, sizeof *list);
    uint8_t *truths = block(L, rules, 1);
    for (uint32_t i = 0; i < patterns; i++) {
        luaL_argcheck(L, slots[i] - 1u < record->env.pattern_count, 3, "no such pattern");
        list[i] = record->env.patterns[slots[i] - 1u];
    }
    for (uint32_t i = 0; i < rules; i++) {
        luaL_argcheck(L, rule_slots[i] - 1u < record->env.rule_count, 4, "no such rule");
        truths[i] = record->env.rules[rule_slots[i] - 1u];
    }
    if (!hunch_condition_validate(words, count, patterns, rules)) {
        lua_pushnil(L);
        return 1;
    }
    struct hunch_condition_env env = record->env;
    env.patterns = list;
    env.pattern_count = patterns;
    env.rules = truths;
    env.rule_count = rules;
    env.context = record;
    lua_pushinteger(L, hunch_condition_eval_within(words, &env, budget));
    return 1;
}

static uint32_t random_below(uint64_t *state, uint32_t n)
{
    *state = *state * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(*state >> 33) % n;
}

/* condition_fuzz(words, env, seed, rounds, budget) -> how many mutants were accepted, how many were
 * undecided. Every round changes some words, mostly a little; what is accepted is evaluated. */
static int tiles_condition_fuzz(lua_State *L)
{
    uint32_t count;
    struct record *record = luaL_checkudata(L, 2, "hunch.spec.record");
    uint64_t state = (uint64_t)luaL_checkinteger(L, 3) * 2u + 1u;
    const lua_Integer rounds = luaL_checkinteger(L, 4);
    const uint64_t budget = (uint64_t)luaL_checkinteger(L, 5);
    const uint32_t *original = words_of(L, 1, &count);
    lua_Integer accepted = 0;
    lua_Integer undecided = 0;
    struct hunch_condition_env env = record->env;
    env.context = record;
    for (lua_Integer round = 0; round < rounds; round++) {
        const uint32_t length =
            random_below(&state, 8) == 0 ? 1u + random_below(&state, count + 4u) : count;
        uint32_t *words = malloc(length * sizeof *words);
        if (words == NULL) {
            return luaL_error(L, "out of memory");
        }
        for (uint32_t i = 0; i < length; i++) {
            words[i] = i < count ? original[i] : random_below(&state, 64);
        }
        for (uint32_t changes = 1u + random_below(&state, 3); changes > 0; changes--) {
            uint32_t *word = &words[random_below(&state, length)];
            switch (random_below(&state, 6)) {
            case 0: *word ^= 1u << random_below(&state, 32); break;
            case 1: *word = (*word & ~255u) | random_below(&state, HC_OP_COUNT + 1u); break;
            case 2: *word = (*word & 255u) | random_below(&state, length + 2u) << 8; break;
            case 3: *word = words[random_below(&state, length)]; break;
            case 4: *word += random_below(&state, 3) - 1u; break;
            default:
                *word = random_below(&state, HC_OP_COUNT);
                *word |= random_below(&state, 4) << 8;
            }
        }
        if (hunch_condition_validate(words, length, env.pattern_count, env.rule_count)) {
            accepted++;
            undecided += hunch_condition_eval_within(words, &env, budget) < 0;
        }
        free(words);
    }
    lua_pushinteger(L, accepted);
    lua_pushinteger(L, undecided);
    return 2;
}

static uint8_t *copy_of(lua_State *L, int index, size_t *size)
{
    const char *bytes = luaL_checklstring(L, index, size);
    uint8_t *copy = block(L, *size, 1);
    memcpy(copy, bytes, *size);
    return copy;
}

static int tiles_entropy(lua_State *L)
{
    size_t n;
    uint64_t scaled;
    const uint8_t *bytes = copy_of(L, 1, &n);
    if (!hunch_entropy_tile(bytes, n, &scaled)) {
        return luaL_error(L, "too long");
    }
    lua_pushinteger(L, (lua_Integer)scaled);
    return 1;
}

static int tiles_entropy_reaches(lua_State *L)
{
    lua_pushboolean(L, hunch_entropy_reaches(
                           (uint64_t)luaL_checkinteger(L, 1), (uint64_t)luaL_checkinteger(L, 2),
                           (uint64_t)luaL_checkinteger(L, 3), lua_toboolean(L, 4)));
    return 1;
}

static int tiles_log2(lua_State *L)
{
    const uint32_t value = (uint32_t)luaL_checkinteger(L, 1);
    lua_pushinteger(L, hunch_log2(value));
    lua_pushinteger(L, hunch_log2_compute(value));
    return 2;
}

/* checksum(name, bytes [, digits]) -> boolean */
static int tiles_checksum(lua_State *L)
{
    size_t n;
    size_t digits_n = 0;
    const uint8_t *digits = NULL;
    lua_settop(L, 3);
    lua_pushvalue(L, 1);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNUMBER) {
        return luaL_error(L, "no checksum has this name");
    }
    const uint32_t kind = (uint32_t)lua_tointeger(L, -1);
    const uint8_t *bytes = copy_of(L, 2, &n);
    if (!lua_isnoneornil(L, 3)) {
        digits = copy_of(L, 3, &digits_n);
    }
    lua_pushboolean(L, hunch_checksum_tile(kind, bytes, n, digits, digits_n));
    return 1;
}

static int tiles_crc32(lua_State *L)
{
    size_t n;
    const uint8_t *bytes = copy_of(L, 1, &n);
    lua_pushinteger(L, hunch_crc32(bytes, n));
    return 1;
}

/* field_value(type, bytes) -> integer; field_size(type) -> bytes; field_holds(type, bytes, mask,
 * compare, operand) */
static int tiles_field_value(lua_State *L)
{
    size_t n;
    const uint32_t type = (uint32_t)luaL_checkinteger(L, 1);
    const uint8_t *bytes = copy_of(L, 2, &n);
    lua_pushinteger(L, (lua_Integer)hunch_field_extend(type, hunch_field_bits(type, bytes)));
    return 1;
}

static int tiles_field_size(lua_State *L)
{
    lua_pushinteger(L, hunch_field_size((uint32_t)luaL_checkinteger(L, 1)));
    return 1;
}

static int tiles_field_holds(lua_State *L)
{
    size_t n;
    const uint8_t *bytes = copy_of(L, 2, &n);
    lua_pushboolean(L, hunch_field_holds((uint32_t)luaL_checkinteger(L, 1), bytes,
                                         (uint64_t)luaL_checkinteger(L, 3),
                                         (uint32_t)luaL_checkinteger(L, 4),
                                         (uint64_t)luaL_checkinteger(L, 5)));
    return 1;
}

static void set_list(lua_State *L, const char *field, const char *const *names, int count)
{
    lua_createtable(L, count, 0);
    for (int i = 0; i < count; i++) {
        lua_pushstring(L, names[i]);
        lua_rawseti(L, -2, i + 1);
    }
    lua_setfield(L, -2, field);
}

/* dominance(is_every, order, begin, edge, is_root, gen, words) -> in, rounds; lists of integers */
static int tiles_dominance(lua_State *L)
{
    uint32_t blocks, n, rows;
    struct hunch_ways ways = {.is_every = (uint64_t)lua_toboolean(L, 1)};
    ways.order = words_of(L, 2, &blocks);
    ways.blocks = blocks;
    ways.begin = words_of(L, 3, &n);
    ways.edge = words_of(L, 4, &n);
    ways.is_root = words_of(L, 5, &n);
    const uint32_t *gen = words_of(L, 6, &rows), words = (uint32_t)luaL_checkinteger(L, 7);
    luaL_argcheck(L, rows == blocks * words, 6, "has another number of words");
    uint32_t *in = block(L, rows, sizeof *in);
    const uint32_t rounds = hunch_dominance_tile(&ways, gen, words, 0, 1, in);
    lua_createtable(L, (int)rows, 0);
    for (uint32_t i = 0; i < rows; i++) {
        lua_pushinteger(L, in[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_pushinteger(L, rounds);
    return 2;
}

static const luaL_Reg functions[] = {{"env", tiles_env},
                                     {"condition_validate", tiles_condition_validate},
                                     {"condition_eval", tiles_condition_eval},
                                     {"condition_fuzz", tiles_condition_fuzz},
                                     {"entropy", tiles_entropy},
                                     {"entropy_reaches", tiles_entropy_reaches},
                                     {"log2", tiles_log2},
                                     {"crc32", tiles_crc32},
                                     {"field_value", tiles_field_value},
                                     {"field_size", tiles_field_size},
                                     {"field_holds", tiles_field_holds},
                                     {"dominance", tiles_dominance},
                                     {NULL, NULL}};

static const char *const op_names[] = {
#define HUNCH_X(name, pops, pushes) #name,
    HUNCH_CONDITION_OPS(HUNCH_X)
#undef HUNCH_X
};

static const char *const check_names[] = {
#define HUNCH_X(id, name, digits, what) name,
    HUNCH_CHECKS(HUNCH_X)
#undef HUNCH_X
};

#define TYPE(name) [HP_TYPE_##name] = #name
static const char *const type_names[] = {
    TYPE(U8),    TYPE(I8),    TYPE(U16LE), TYPE(I16LE), TYPE(U16BE), TYPE(I16BE), TYPE(U32LE),
    TYPE(I32LE), TYPE(U32BE), TYPE(I32BE), TYPE(U64LE), TYPE(I64LE), TYPE(U64BE), TYPE(I64BE)};
static const char *const quantifier_names[] = {
    [HC_ANY] = "any", [HC_ALL] = "all", [HC_NONE] = "none", [HC_N] = "n", [HC_PERCENT] = "percent"};
static const char *const loop_names[] = {[HC_RANGE] = "range",
                                         [HC_NUMBERS] = "numbers",
                                         [HC_VALUES] = "values",
                                         [HC_PATTERNS] = "patterns"};

__attribute__((visibility("default"))) int luaopen_support_tiles_module(lua_State *L);

int luaopen_support_tiles_module(lua_State *L)
{
    luaL_newmetatable(L, "hunch.spec.record");
    lua_pop(L, 1);
    luaL_newlib(L, functions);
    lua_createtable(L, 0, HP_CHECK_COUNT);
    for (int i = 0; i < HP_CHECK_COUNT; i++) {
        lua_pushinteger(L, i);
        lua_setfield(L, -2, check_names[i]);
    }
    lua_pushcclosure(L, tiles_checksum, 1);
    lua_setfield(L, -2, "checksum");
    set_list(L, "checks", check_names, HP_CHECK_COUNT);
    set_list(L, "condition_ops", op_names, HC_OP_COUNT);
    set_list(L, "types", type_names, HP_TYPE_COUNT);
    set_list(L, "quantifiers", quantifier_names, HC_QUANTIFIER_COUNT);
    set_list(L, "loop_kinds", loop_names, HC_LOOP_KIND_COUNT);
    lua_pushinteger(L, HP_MAX_STACK);
    lua_setfield(L, -2, "max_stack");
    lua_pushinteger(L, HUNCH_CONDITION_LOOPS);
    lua_setfield(L, -2, "max_loops");
    lua_pushinteger(L, HUNCH_CONDITION_WORDS);
    lua_setfield(L, -2, "max_words");
    lua_pushinteger(L, HUNCH_CONDITION_CURRENT);
    lua_setfield(L, -2, "current");
    return 1;
}
