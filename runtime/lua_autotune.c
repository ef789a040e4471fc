/* lua_autotune.c: the autotune store and the variant race for a host's Lua. Keys are 32 hexadecimal
 * digits. */
#include "lua_core.h"

#include <string.h>

#include "guess.h"
#include "variants.h"

#define AUTOTUNE "hunch.autotune"
#define RACE "hunch.race"

/* { conservative = …, speculative = … } */
static void set_pair(lua_State *L, const char *name, uint64_t conservative, uint64_t speculative)
{
    lua_createtable(L, 0, HUNCH_VARIANT_COUNT);
    hunch_lua_set_number(L, hunch_variant_name(HUNCH_VARIANT_CONSERVATIVE), conservative);
    hunch_lua_set_number(L, hunch_variant_name(HUNCH_VARIANT_SPECULATIVE), speculative);
    lua_setfield(L, -2, name);
}

/* ---- keys ---- */

static void push_key(lua_State *L, const struct hunch_key *key)
{
    char digits[2 * sizeof key->bytes];
    for (size_t i = 0; i < sizeof digits; i++)
        digits[i] = "0123456789abcdef"[key->bytes[i / 2] >> (i % 2 ? 0 : 4) & 15];
    lua_pushlstring(L, digits, sizeof digits);
}

static bool parse_key(const char *text, size_t size, struct hunch_key *key)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    if (size != 2 * sizeof key->bytes || strspn(text, digits) != size)
        return false;
    memset(key, 0, sizeof *key);
    for (size_t i = 0; i < size; i++) {
        unsigned digit = (unsigned)(strchr(digits, text[i]) - digits);
        key->bytes[i / 2] |= (uint8_t)((digit < 16 ? digit : digit - 6) << (i % 2 ? 0 : 4));
    }
    return true;
}

/* A field: 32 digits, or other bytes, which are hashed; nil: all 0. */
static struct hunch_key key_field(lua_State *L, int table, const char *name)
{
    struct hunch_key key = {{0}};
    size_t size;
    int type = lua_getfield(L, table, name);
    if (type == LUA_TSTRING) {
        const char *text = lua_tolstring(L, -1, &size);
        if (!parse_key(text, size, &key))
            key = hunch_key_of(text, size);
    } else if (type != LUA_TNIL) {
        luaL_error(L, "%s must be a string", name);
    }
    lua_pop(L, 1);
    return key;
}

/* The last: what a race's id has besides. */
static const char *const id_names[] = {"program",        "binding",    "workgroup", "adapter",
                                       "specialisation", "dispatches", NULL};

/* Of a copy of the fields, in which the strings stay. */
static struct hunch_tuning_id read_id(lua_State *L, int table)
{
    static const char *const names[] = {"name", "capability", "driver", NULL};
    struct hunch_tuning_id id = {
        .program = key_field(L, table, "program"),
        .binding = hunch_lua_number(L, table, "binding", INT64_MAX),
        .workgroup = (uint32_t)hunch_lua_number(L, table, "workgroup", UINT32_MAX),
        .specialisation = key_field(L, table, "specialisation"),
    };
    int type = lua_getfield(L, table, "adapter");
    if (type == LUA_TTABLE) {
        int adapter = lua_gettop(L);
        hunch_lua_fields(L, adapter, names);
        id.adapter = hunch_lua_word(L, adapter, "name", "");
        id.driver = hunch_lua_word(L, adapter, "driver", "");
        id.capability = (uint32_t)hunch_lua_number(L, adapter, "capability", UINT32_MAX);
    } else if (type != LUA_TNIL) {
        luaL_error(L, "adapter must be a table with name, capability, driver");
    }
    lua_setfield(L, table, "adapter");
    return id;
}

/* At index: 32 digits, or the table of an id. */
static struct hunch_key check_key(lua_State *L, int index)
{
    struct hunch_key key;
    if (lua_istable(L, index)) {
        hunch_lua_fields(L, index, id_names);
        struct hunch_tuning_id id = read_id(L, index);
        return hunch_tuning_key(&id);
    }
    size_t size;
    const char *text = luaL_checklstring(L, index, &size);
    luaL_argcheck(L, parse_key(text, size, &key), index, "a key is 32 hexadecimal digits");
    return key;
}

/* ---- tunings ---- */

static unsigned check_variant(lua_State *L, const char *word)
{
    for (unsigned v = 0; v < HUNCH_VARIANT_COUNT; v++)
        if (strcmp(word, hunch_variant_name(v)) == 0)
            return v;
    luaL_error(L, "there is no variant \"%s\"; use conservative or speculative", word);
    return 0;
}

static void read_pair(lua_State *L, int table, const char *name, uint64_t most, uint64_t pair[2])
{
    static const char *const names[] = {"conservative", "speculative", NULL};
    int type = lua_getfield(L, table, name);
    pair[0] = pair[1] = 0;
    if (type == LUA_TTABLE)
        hunch_lua_fields(L, -1, names);
    if (type == LUA_TTABLE)
        for (unsigned v = 0; v < HUNCH_VARIANT_COUNT; v++)
            pair[v] = hunch_lua_number(L, lua_gettop(L), hunch_variant_name(v), most);
    else if (type != LUA_TNIL)
        luaL_error(L, "%s must be a table with conservative and speculative", name);
    lua_pop(L, 1);
}

/* The table becomes a copy, in which the state stays. */
static struct hunch_tuning read_tuning(lua_State *L, int table)
{
    /* the last three: what a list adds to a tuning, which may be put elsewhere */
    static const char *const names[] = {"workgroup", "unroll",  "tile",        "winner",
                                        "median_ns", "samples", "recorded_at", "state",
                                        "key",       "learned", "variants",    NULL};
    uint64_t median[2], samples[2];
    luaL_checktype(L, table, LUA_TTABLE);
    hunch_lua_fields(L, table, names);
    read_pair(L, table, "median_ns", INT64_MAX, median);
    read_pair(L, table, "samples", UINT32_MAX, samples);
    struct hunch_tuning t = {
        .workgroup = (uint32_t)hunch_lua_number(L, table, "workgroup", UINT32_MAX),
        .unroll = (uint32_t)hunch_lua_number(L, table, "unroll", UINT32_MAX),
        .tile = (uint32_t)hunch_lua_number(L, table, "tile", UINT32_MAX),
        .winner = check_variant(L, hunch_lua_word(L, table, "winner", "conservative")),
        .median_ns = {median[0], median[1]},
        .samples = {(uint32_t)samples[0], (uint32_t)samples[1]},
        .recorded_at = hunch_lua_number(L, table, "recorded_at", INT64_MAX),
    };
    int type = lua_getfield(L, table, "state");
    if (type == LUA_TSTRING)
        t.state = lua_tolstring(L, -1, &t.state_size);
    else if (type != LUA_TNIL)
        luaL_error(L, "state must be a string");
    lua_pop(L, 1);
    return t;
}

static void push_tuning(lua_State *L, const struct hunch_tuning *t)
{
    lua_createtable(L, 0, 9);
    hunch_lua_set_number(L, "workgroup", t->workgroup);
    hunch_lua_set_number(L, "unroll", t->unroll);
    hunch_lua_set_number(L, "tile", t->tile);
    lua_pushstring(L, hunch_variant_name(t->winner));
    lua_setfield(L, -2, "winner");
    set_pair(L, "median_ns", t->median_ns[0], t->median_ns[1]);
    set_pair(L, "samples", t->samples[0], t->samples[1]);
    hunch_lua_set_number(L, "recorded_at", t->recorded_at);
    if (t->state_size > 0) {
        lua_pushlstring(L, t->state, t->state_size);
        lua_setfield(L, -2, "state");
    }
}

/* ---- stores ---- */

struct store_box {
    struct hunch_autotune *store;
};

static struct hunch_autotune *check_store(lua_State *L, int index)
{
    struct store_box *box = luaL_checkudata(L, index, AUTOTUNE);
    luaL_argcheck(L, box->store != NULL, index, "the store is closed");
    return box->store;
}

static int store_gc(lua_State *L)
{
    struct store_box *box = luaL_checkudata(L, 1, AUTOTUNE);
    struct hunch_autotune *store = box->store;
    box->store = NULL;
    hunch_autotune_free(store);
    return 0;
}

/* core.autotune(path | nil, most | nil) */
static int new_store(lua_State *L)
{
    struct hunch_error err;
    const char *path = lua_isnoneornil(L, 1) ? NULL : hunch_lua_string(L, 1);
    lua_Integer most = luaL_optinteger(L, 2, 0);
    luaL_argcheck(L, most >= 0 && most <= UINT32_MAX, 2, "not a number of entries");
    struct store_box *box = lua_newuserdatauv(L, sizeof *box, 0);
    box->store = NULL;
    luaL_setmetatable(L, AUTOTUNE);
    if (hunch_autotune_open(NULL, path, (uint32_t)most, &box->store, &err) != HUNCH_OK)
        return hunch_lua_fail(L, &err);
    return 1;
}

static int store_key(lua_State *L)
{
    check_store(L, 1);
    luaL_checktype(L, 2, LUA_TTABLE);
    struct hunch_key key = check_key(L, 2);
    push_key(L, &key);
    return 1;
}

static int store_get(lua_State *L)
{
    struct hunch_key key = check_key(L, 2);
    struct hunch_tuning t;
    if (hunch_autotune_get(check_store(L, 1), &key, &t))
        push_tuning(L, &t);
    else
        lua_pushnil(L);
    return 1;
}

static int store_put(lua_State *L)
{
    struct hunch_key key = check_key(L, 2);
    struct hunch_tuning t = read_tuning(L, 3);
    struct hunch_error err;
    bool kept;
    if (hunch_autotune_put(check_store(L, 1), &key, &t, &kept, &err) != HUNCH_OK)
        return hunch_lua_fail(L, &err);
    lua_pushboolean(L, kept);
    return 1;
}

/* Sets `learned` of the tuning on top, where scans have put it there. */
static void set_learned(lua_State *L, const struct hunch_tuning *t)
{
    struct hunch_guess_entry e;
    if (!hunch_guess_describe(t, &e))
        return;
    hunch_lua_push_decision(L, &e.decision);
    push_key(L, &e.program);
    lua_setfield(L, -2, "program");
    hunch_lua_set_number(L, "rules", e.rules);
    lua_pushstring(L, hunch_group_name(e.group));
    lua_setfield(L, -2, "group");
    lua_pushstring(L, e.backend);
    lua_setfield(L, -2, "backend");
    lua_pushstring(L, e.adapter);
    lua_setfield(L, -2, "adapter");
    lua_setfield(L, -2, "learned");
}

/* Sets `variants` of the tuning on top, where scans have raced kernels. */
static void set_variants(lua_State *L, const struct hunch_tuning *t)
{
    struct hunch_variants_state state;
    if (!hunch_variants_describe(t, &state))
        return;
    lua_createtable(L, 0, 9);
    lua_pushboolean(L, state.verdict == 1);
    lua_setfield(L, -2, "verdict");
    push_key(L, &state.program);
    lua_setfield(L, -2, "program");
    hunch_lua_set_number(L, "rules", state.rules);
    lua_pushstring(L, state.adapter);
    lua_setfield(L, -2, "adapter");
    hunch_lua_set_number(L, "bytes", state.reference);
    hunch_lua_set_number(L, "from_bytes", state.from);
    if (state.problem[0] != '\0') {
        lua_pushstring(L, state.problem);
        lua_setfield(L, -2, "problem");
    }
    lua_createtable(L, (int)state.count, 0);
    lua_Integer n = 0;
    for (uint32_t i = 0; i < state.count; i++) {
        const struct hunch_variants_raced *r = &state.raced[i];
        if (r->samples[HUNCH_VARIANT_SPECULATIVE] == 0)
            continue;
        lua_createtable(L, 0, 6);
        hunch_lua_set_number(L, "workgroup", r->threads);
        hunch_lua_set_number(L, "unroll", r->ahead);
        hunch_lua_set_number(L, "compile_ns", r->compile_ns);
        set_pair(L, "median_ns", r->median_ns[0], r->median_ns[1]);
        set_pair(L, "samples", r->samples[0], r->samples[1]);
        lua_pushboolean(L, i == state.winner);
        lua_setfield(L, -2, "wins");
        lua_rawseti(L, -2, ++n);
    }
    lua_setfield(L, -2, "raced");
    lua_setfield(L, -2, "variants");
}

static int store_list(lua_State *L)
{
    struct hunch_autotune *store = check_store(L, 1);
    struct hunch_key key;
    struct hunch_tuning t;
    size_t n = hunch_autotune_count(store);
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; hunch_autotune_entry(store, i, &key, &t); i++) {
        push_tuning(L, &t);
        push_key(L, &key);
        lua_setfield(L, -2, "key");
        set_learned(L, &t);
        set_variants(L, &t);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int store_clear(lua_State *L)
{
    lua_pushboolean(L, hunch_autotune_clear(check_store(L, 1)));
    return 1;
}

static int store_path(lua_State *L)
{
    lua_pushstring(L, hunch_autotune_path(check_store(L, 1)));
    return 1;
}

/* ---- races ---- */

struct race_box {
    struct hunch_race *race;
};

static struct hunch_race *check_race(lua_State *L)
{
    struct race_box *box = luaL_checkudata(L, 1, RACE);
    luaL_argcheck(L, box->race != NULL, 1, "the race is closed");
    return box->race;
}

static int race_gc(lua_State *L)
{
    struct race_box *box = luaL_checkudata(L, 1, RACE);
    hunch_race_free(box->race);
    box->race = NULL;
    return 0;
}

/* core.race { an id's fields, dispatches = }; without a specialisation it has no keys. */
static int new_race(lua_State *L)
{
    struct hunch_tuning_id id = {.binding = 0};
    struct hunch_error err;
    uint64_t dispatches = 0;
    bool has_id = false;
    if (!lua_isnoneornil(L, 1)) {
        luaL_checktype(L, 1, LUA_TTABLE);
        lua_settop(L, 1);
        hunch_lua_fields(L, 1, id_names);
        id = read_id(L, 1);
        dispatches = hunch_lua_number(L, 1, "dispatches", INT64_MAX);
        has_id = lua_getfield(L, 1, "specialisation") != LUA_TNIL;
        lua_settop(L, 1);
    }
    struct race_box *box = lua_newuserdatauv(L, sizeof *box, 0);
    box->race = NULL;
    luaL_setmetatable(L, RACE);
    if (hunch_race_new(NULL, has_id ? &id : NULL, dispatches, &box->race, &err) != HUNCH_OK)
        return hunch_lua_fail(L, &err);
    return 1;
}

static uint64_t check_ns(lua_State *L, int index)
{
    lua_Integer ns = luaL_checkinteger(L, index);
    luaL_argcheck(L, ns >= 0, index, "a time is not negative");
    return (uint64_t)ns;
}

static int race_compiled(lua_State *L)
{
    unsigned variant = check_variant(L, hunch_lua_string(L, 2));
    uint64_t ns = check_ns(L, 3);
    hunch_race_compiled(check_race(L), variant, ns);
    return 0;
}

static int race_dispatched(lua_State *L)
{
    unsigned variant = check_variant(L, hunch_lua_string(L, 2));
    uint64_t ns = check_ns(L, 3);
    hunch_race_dispatched(check_race(L), variant, ns);
    return 0;
}

static int race_next(lua_State *L)
{
    lua_pushstring(L, hunch_variant_name(hunch_race_next(check_race(L))));
    return 1;
}

static int race_decide(lua_State *L)
{
    struct hunch_race_decision d;
    if (!hunch_race_decide(check_race(L), &d)) {
        lua_pushnil(L);
        return 1;
    }
    lua_createtable(L, 0, 7);
    lua_pushstring(L, hunch_variant_name(d.winner));
    lua_setfield(L, -2, "winner");
    hunch_lua_set_number(L, "saved_ns", d.saved_ns);
    set_pair(L, "compile_ns", d.compile_ns[0], d.compile_ns[1]);
    set_pair(L, "median_ns", d.median_ns[0], d.median_ns[1]);
    set_pair(L, "total_ns", d.total_ns[0], d.total_ns[1]);
    set_pair(L, "samples", d.samples[0], d.samples[1]);
    push_key(L, &d.autotune_key);
    lua_setfield(L, -2, "autotune_key");
    return 1;
}

/* race:keep(store, tuning) -> true | nil, message */
static int race_keep(lua_State *L)
{
    struct hunch_error err;
    struct hunch_tuning t = {.winner = 0};
    if (!lua_isnoneornil(L, 3))
        t = read_tuning(L, 3);
    struct hunch_race *race = check_race(L);
    if (hunch_race_keep(race, check_store(L, 2), &t, &err) != HUNCH_OK)
        return hunch_lua_fail(L, &err);
    lua_pushboolean(L, true);
    return 1;
}

static const luaL_Reg store_methods[] = {
    {"key", store_key},     {"get", store_get},   {"put", store_put}, {"list", store_list},
    {"clear", store_clear}, {"path", store_path}, {NULL, NULL},
};

static const luaL_Reg race_methods[] = {
    {"compiled", race_compiled}, {"dispatched", race_dispatched},
    {"next", race_next},         {"decide", race_decide},
    {"keep", race_keep},         {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"autotune", new_store},
    {"race", new_race},
    {NULL, NULL},
};

void hunch_lua_autotune_open(lua_State *L)
{
    hunch_lua_class(L, AUTOTUNE, store_methods, store_gc);
    hunch_lua_class(L, RACE, race_methods, race_gc);
    luaL_setfuncs(L, functions, 0);
}
