/* lua_speculator.c: reports of commit rates and speculators for a host's Lua. A decision is a plain
 * table, so that a log of them can be written down and read again; docs/LUA.md has its fields. */
#include "lua_core.h"

#include <string.h>

#include "alloc.h"
#include "speculator.h"

#define SPECULATOR "hunch.speculator"

/* ---- fields of tables ---- */

void hunch_lua_set_number(lua_State *L, const char *name, uint64_t n)
{
    lua_pushinteger(L, n > INT64_MAX ? INT64_MAX : (lua_Integer)n);
    lua_setfield(L, -2, name);
}

void hunch_lua_set_real(lua_State *L, const char *name, lua_Number n)
{
    lua_pushnumber(L, n);
    lua_setfield(L, -2, name);
}

static void set_word(lua_State *L, const char *name, const char *word)
{
    lua_pushstring(L, word);
    lua_setfield(L, -2, name);
}

/* ---- reports ---- */

static struct hunch_commit_report read_counts(lua_State *L, int table)
{
    struct hunch_commit_report r;
    r.committed = (uint32_t)hunch_lua_number(L, table, "committed", UINT32_MAX);
    r.rolled_back = (uint32_t)hunch_lua_number(L, table, "rolled_back", UINT32_MAX);
    return r;
}

struct hunch_commit_report hunch_lua_report(lua_State *L, int index)
{
    /* the last two: what a report has, which may be made of another one */
    static const char *const names[] = {"committed", "rolled_back", "commit_rate_ppm",
                                        "commit_rate_pct", NULL};
    if (lua_istable(L, index)) {
        hunch_lua_fields(L, index, names);
        return read_counts(L, index);
    }
    lua_Integer committed = luaL_checkinteger(L, index), other = luaL_checkinteger(L, index + 1);
    luaL_argcheck(L, committed >= 0 && committed <= UINT32_MAX, index, "0 to 2^32 - 1 tiles");
    luaL_argcheck(L, other >= 0 && other <= UINT32_MAX, index + 1, "0 to 2^32 - 1 tiles");
    return (struct hunch_commit_report){(uint32_t)committed, (uint32_t)other};
}

void hunch_lua_push_report(lua_State *L, const struct hunch_commit_report *r)
{
    lua_createtable(L, 0, 4);
    hunch_lua_set_number(L, "committed", r->committed);
    hunch_lua_set_number(L, "rolled_back", r->rolled_back);
    hunch_lua_set_number(L, "commit_rate_ppm", hunch_commit_rate_ppm(r));
    hunch_lua_set_number(L, "commit_rate_pct", hunch_commit_rate_pct(r));
}

static int new_report(lua_State *L)
{
    struct hunch_commit_report r = hunch_lua_report(L, 1);
    hunch_lua_push_report(L, &r);
    return 1;
}

static int worthwhile(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    struct hunch_commit_report r = hunch_lua_report(L, 1);
    lua_Integer pct = luaL_checkinteger(L, 2);
    luaL_argcheck(L, pct >= 0 && pct <= UINT32_MAX, 2, "not a percentage");
    lua_pushboolean(L, hunch_commit_worthwhile(&r, (uint32_t)pct));
    return 1;
}

static int encode_counter_tail(lua_State *L)
{
    struct hunch_commit_report r = hunch_lua_report(L, 1);
    uint8_t tail[HUNCH_COUNTER_TAIL_BYTES];
    hunch_encode_counter_tail(&r, tail);
    lua_pushlstring(L, (const char *)tail, sizeof tail);
    return 1;
}

static int parse_counter_tail(lua_State *L)
{
    size_t size;
    const char *output = luaL_checklstring(L, 1, &size);
    struct hunch_commit_report r;
    if (hunch_parse_counter_tail(output, size, &r))
        hunch_lua_push_report(L, &r);
    else
        lua_pushnil(L);
    return 1;
}

/* ---- decisions ---- */

static const char *const route_names[] = {"fused", "chained", "serial"};

void hunch_lua_push_decision(lua_State *L, const struct hunch_decision *d)
{
    lua_createtable(L, 0, 23);
    hunch_lua_set_number(L, "decided", d->decided);
    hunch_lua_set_number(L, "observed", d->observed);
    hunch_lua_set_number(L, "bytes", d->bytes);
    hunch_lua_set_number(L, "tiles", d->tiles);
    hunch_lua_set_number(L, "class", d->cost_class);
    set_word(L, "route", hunch_route_name(d->route));
    set_word(L, "reason", hunch_why_name(d->reason));
    set_word(L, "mode", hunch_speculation_name(d->mode));
    set_word(L, "policy", hunch_policy_name(d->policy));
    hunch_lua_set_number(L, "hit_rate_ppm", d->hit_rate_ppm);
    hunch_lua_set_number(L, "samples", d->samples);
    lua_pushboolean(L, d->enabled);
    lua_setfield(L, -2, "enabled");
    lua_pushboolean(L, d->contended);
    lua_setfield(L, -2, "contended");
    hunch_lua_set_number(L, "measured_ns", d->measured_ns);
    hunch_lua_set_number(L, "prefilter_ns", d->prefilter_ns);
    hunch_lua_set_number(L, "confirm_ns", d->confirm_ns);
    hunch_lua_set_number(L, "hits", d->hits);
    hunch_lua_set_number(L, "committed", d->committed);
    hunch_lua_set_number(L, "rolled_back", d->rolled_back);
    lua_createtable(L, 0, HUNCH_ROUTE_COUNT);
    for (unsigned r = 0; r < HUNCH_ROUTE_COUNT; r++)
        hunch_lua_set_number(L, route_names[r], d->predicted_ns[r]);
    lua_setfield(L, -2, "predicted_ns");
    lua_createtable(L, HUNCH_ROUTE_COUNT, 0);
    lua_Integer n = 0;
    for (unsigned r = 0; r < HUNCH_ROUTE_COUNT; r++)
        if (d->routes & HUNCH_ROUTE_BIT(r)) {
            lua_pushstring(L, route_names[r]);
            lua_rawseti(L, -2, ++n);
        }
    lua_setfield(L, -2, "routes");
}

/* The list of names in a field as HUNCH_ROUTE_BITs; nil: 0. */
static unsigned read_routes(lua_State *L, int table)
{
    static const char *const wrong = "routes must be a list of fused, chained, serial";
    unsigned routes = 0;
    int type = lua_getfield(L, table, "routes");
    if (type != LUA_TNIL && type != LUA_TTABLE)
        luaL_error(L, "%s", wrong);
    size_t n = type == LUA_TTABLE ? lua_rawlen(L, -1) : 0;
    for (size_t i = 1; i <= n; i++) {
        unsigned r = 0;
        lua_rawgeti(L, -1, (lua_Integer)i);
        const char *word = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
        if (word != NULL && strlen(word) != lua_rawlen(L, -1))
            word = NULL;
        while (word != NULL && r < HUNCH_ROUTE_COUNT && strcmp(word, route_names[r]) != 0)
            r++;
        if (word == NULL || r == HUNCH_ROUTE_COUNT)
            luaL_error(L, "%s", wrong);
        routes |= HUNCH_ROUTE_BIT(r);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return routes;
}

enum hunch_speculation hunch_lua_mode(lua_State *L, int table)
{
    enum hunch_speculation mode;
    const char *word = hunch_lua_word(L, table, "mode", "auto");
    if (!hunch_speculation_find(word, &mode))
        luaL_error(L, "there is no mode \"%s\"; use auto, force or disable", word);
    return mode;
}

static enum hunch_policy read_policy(lua_State *L, int table)
{
    enum hunch_policy policy;
    const char *word = hunch_lua_word(L, table, "policy", "cost-model");
    if (!hunch_policy_find(word, &policy))
        luaL_error(L, "there is no policy \"%s\"; use cost-model or commit-rate", word);
    return policy;
}

/* The number of a word; what is not one is an error. */
static uint8_t read_name(lua_State *L, int table, const char *field,
                         const char *(*name)(unsigned number))
{
    const char *word = hunch_lua_word(L, table, field, ""), *each;
    for (unsigned i = 0; (each = name(i)) != NULL; i++)
        if (strcmp(each, word) == 0)
            return (uint8_t)i;
    luaL_error(L, "%s of a decision cannot be \"%s\"", field, word);
    return 0;
}

static void read_decision(lua_State *L, int table, struct hunch_decision *d)
{
    luaL_checktype(L, table, LUA_TTABLE);
    memset(d, 0, sizeof *d);
    d->decided = hunch_lua_number(L, table, "decided", INT64_MAX);
    d->observed = hunch_lua_number(L, table, "observed", INT64_MAX);
    d->bytes = hunch_lua_number(L, table, "bytes", INT64_MAX);
    d->tiles = hunch_lua_number(L, table, "tiles", UINT32_MAX);
    d->cost_class = (uint8_t)hunch_lua_number(L, table, "class", HUNCH_COST_CLASSES - 1);
    d->route = read_name(L, table, "route", hunch_route_name);
    d->reason = read_name(L, table, "reason", hunch_why_name);
    d->mode = (uint8_t)hunch_lua_mode(L, table);
    d->policy = (uint8_t)read_policy(L, table);
    d->routes = (uint8_t)read_routes(L, table);
    d->hit_rate_ppm = (uint32_t)hunch_lua_number(L, table, "hit_rate_ppm", UINT32_MAX);
    d->samples = (uint32_t)hunch_lua_number(L, table, "samples", INT32_MAX);
    lua_getfield(L, table, "enabled");
    d->enabled = (uint8_t)lua_toboolean(L, -1);
    lua_getfield(L, table, "contended");
    d->contended = (uint8_t)lua_toboolean(L, -1);
    lua_pop(L, 2);
    d->measured_ns = hunch_lua_number(L, table, "measured_ns", INT64_MAX);
    d->prefilter_ns = hunch_lua_number(L, table, "prefilter_ns", INT64_MAX);
    d->confirm_ns = hunch_lua_number(L, table, "confirm_ns", INT64_MAX);
    d->hits = hunch_lua_number(L, table, "hits", INT64_MAX);
    d->committed = (uint32_t)hunch_lua_number(L, table, "committed", UINT32_MAX);
    d->rolled_back = (uint32_t)hunch_lua_number(L, table, "rolled_back", UINT32_MAX);
    if (lua_getfield(L, table, "predicted_ns") == LUA_TTABLE)
        for (unsigned r = 0; r < HUNCH_ROUTE_COUNT; r++)
            d->predicted_ns[r] = hunch_lua_number(L, -1, route_names[r], INT64_MAX);
    lua_pop(L, 1);
}

/* ---- speculators ---- */

struct speculator_box {
    struct hunch_speculator *speculator;
    unsigned users; /* calls of prefilter_confirm that decide with it */
    bool log;       /* user value 1: the list of decisions */
};

struct hunch_speculator *hunch_lua_speculator(lua_State *L, int index)
{
    struct speculator_box *box = luaL_checkudata(L, index, SPECULATOR);
    luaL_argcheck(L, box->speculator != NULL, index, "the speculator is closed");
    return box->speculator;
}

void hunch_lua_speculator_use(lua_State *L, int index, bool begins)
{
    struct speculator_box *box = lua_touserdata(L, index);
    box->users += begins ? 1 : -1u;
}

static struct hunch_speculator *check(lua_State *L)
{
    return hunch_lua_speculator(L, 1);
}

void hunch_lua_log_decision(lua_State *L, int index)
{
    struct speculator_box *box = lua_touserdata(L, index);
    if (!box->log)
        return;
    lua_getiuservalue(L, index, 1);
    lua_pushvalue(L, -2);
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
    lua_pop(L, 1);
}

static int speculator_gc(lua_State *L)
{
    struct speculator_box *box = luaL_checkudata(L, 1, SPECULATOR);
    if (box->users > 0)
        return luaL_error(L,
                          "the speculator decides; close it when prefilter_confirm has returned");
    hunch_speculator_free(box->speculator);
    box->speculator = NULL;
    return 0;
}

static int new_speculator(lua_State *L)
{
    static const char *const names[] = {"policy", "threshold_pct", "decisions", NULL};
    enum hunch_policy policy = HUNCH_POLICY_COST_MODEL;
    uint32_t threshold = HUNCH_DEFAULT_THRESHOLD_PCT;
    bool log = false;
    if (!lua_isnoneornil(L, 1)) {
        luaL_checktype(L, 1, LUA_TTABLE);
        hunch_lua_fields(L, 1, names);
        policy = read_policy(L, 1);
        if (lua_getfield(L, 1, "threshold_pct") != LUA_TNIL)
            threshold = (uint32_t)hunch_lua_number(L, 1, "threshold_pct", UINT32_MAX);
        lua_pop(L, 1);
        const char *decisions = hunch_lua_word(L, 1, "decisions", "none");
        log = strcmp(decisions, "log") == 0;
        if (!log && strcmp(decisions, "none") != 0)
            return luaL_error(L, "decisions must be \"log\" or \"none\"");
    }
    struct speculator_box *box = lua_newuserdatauv(L, sizeof *box, 1);
    box->speculator = NULL;
    box->users = 0;
    box->log = log;
    luaL_setmetatable(L, SPECULATOR);
    lua_newtable(L);
    lua_setiuservalue(L, -2, 1);
    struct hunch_error err;
    if (hunch_speculator_new(NULL, policy, threshold, &box->speculator, &err) != HUNCH_OK)
        return hunch_lua_fail(L, &err);
    return 1;
}

static int speculator_record(lua_State *L)
{
    struct hunch_commit_report r = hunch_lua_report(L, 2);
    hunch_speculator_record(check(L), &r);
    return 0;
}

static int speculator_observe(lua_State *L)
{
    struct hunch_commit_report r = hunch_lua_report(L, 2);
    hunch_speculator_observe(check(L), &r);
    return 0;
}

static int speculator_decide(lua_State *L)
{
    static const char *const names[] = {"bytes",  "tiles",     "class",   "mode",
                                        "routes", "contended", "backend", NULL};
    struct hunch_batch batch = {0};
    struct hunch_decision d;
    struct hunch_error err;
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    hunch_lua_fields(L, 2, names);
    batch.bytes = hunch_lua_number(L, 2, "bytes", INT64_MAX);
    batch.tiles = (uint32_t)hunch_lua_number(L, 2, "tiles", UINT32_MAX);
    batch.cost_class = (uint32_t)hunch_lua_number(L, 2, "class", HUNCH_COST_CLASSES - 1);
    batch.mode = hunch_lua_mode(L, 2);
    batch.routes = read_routes(L, 2);
    lua_getfield(L, 2, "contended");
    batch.contended = lua_toboolean(L, -1);
    lua_pop(L, 1);
    batch.backend = hunch_lua_word(L, 2, "backend", NULL);
    if (hunch_speculator_decide(check(L), &batch, &d, &err) != HUNCH_OK)
        return hunch_lua_fail(L, &err);
    hunch_lua_push_decision(L, &d);
    hunch_lua_log_decision(L, 1);
    return 1;
}

/* speculator:measure(decision, { ns =, … }): completes the table. */
static int speculator_measure(lua_State *L)
{
    static const char *const names[] = {"ns",        "prefilter_ns", "confirm_ns", "hits",
                                        "committed", "rolled_back",  NULL};
    struct hunch_decision d;
    lua_settop(L, 3);
    read_decision(L, 2, &d);
    luaL_checktype(L, 3, LUA_TTABLE);
    hunch_lua_fields(L, 3, names);
    luaL_argcheck(L, d.decided > 0 && d.observed == 0, 2, "was measured before");
    struct hunch_measurement m = {.ns = hunch_lua_number(L, 3, "ns", INT64_MAX),
                                  .prefilter_ns = hunch_lua_number(L, 3, "prefilter_ns", INT64_MAX),
                                  .confirm_ns = hunch_lua_number(L, 3, "confirm_ns", INT64_MAX),
                                  .hits = hunch_lua_number(L, 3, "hits", INT64_MAX),
                                  .report = read_counts(L, 3)};
    hunch_speculator_measure(check(L), &d, &m);
    lua_settop(L, 2);
    hunch_lua_set_number(L, "observed", d.observed);
    hunch_lua_set_number(L, "measured_ns", d.measured_ns);
    hunch_lua_set_number(L, "prefilter_ns", d.prefilter_ns);
    hunch_lua_set_number(L, "confirm_ns", d.confirm_ns);
    hunch_lua_set_number(L, "hits", d.hits);
    hunch_lua_set_number(L, "committed", d.committed);
    hunch_lua_set_number(L, "rolled_back", d.rolled_back);
    return 1;
}

static int speculator_log(lua_State *L)
{
    check(L);
    lua_getiuservalue(L, 1, 1);
    return 1;
}

static int speculator_replay(lua_State *L)
{
    struct hunch_error err;
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    size_t n = lua_rawlen(L, 2);
    struct hunch_decision *log = lua_newuserdatauv(L, (n + 1) * sizeof *log, 0);
    struct hunch_decision *out = lua_newuserdatauv(L, (n + 1) * sizeof *out, 0);
    for (size_t i = 0; i < n; i++) {
        if (lua_rawgeti(L, 2, (lua_Integer)i + 1) != LUA_TTABLE)
            return luaL_error(L, "entry %d of the log is not a table", (int)i + 1);
        read_decision(L, 5, &log[i]);
        lua_pop(L, 1);
    }
    if (hunch_speculator_replay_from(check(L), log, n, 1, out, &err) != HUNCH_OK)
        return hunch_lua_fail(L, &err);
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        hunch_lua_push_decision(L, &out[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int speculator_save(lua_State *L)
{
    struct hunch_speculator *s = check(L);
    luaL_Buffer buffer;
    size_t size = hunch_speculator_save(s, NULL, 0);
    /* Nobody else has this speculator: it is as large as it was. */
    size = hunch_speculator_save(s, luaL_buffinitsize(L, &buffer, size), size);
    luaL_pushresultsize(&buffer, size);
    return 1;
}

static int speculator_load(lua_State *L)
{
    struct hunch_error err;
    size_t size;
    const char *bytes = luaL_checklstring(L, 2, &size);
    if (hunch_speculator_load(check(L), bytes, size, &err) != HUNCH_OK)
        return hunch_lua_fail(L, &err);
    lua_pushboolean(L, true);
    return 1;
}

static int speculator_threshold_ppm(lua_State *L)
{
    lua_pushinteger(L, hunch_speculator_threshold_ppm(check(L)));
    return 1;
}

static int speculator_commit_rate_ppm(lua_State *L)
{
    lua_pushinteger(L, hunch_speculator_commit_rate_ppm(check(L)));
    return 1;
}

static int speculator_samples(lua_State *L)
{
    lua_pushinteger(L, hunch_speculator_samples(check(L)));
    return 1;
}

static int speculator_should_speculate(lua_State *L)
{
    lua_pushboolean(L, hunch_speculator_should_speculate(check(L)));
    return 1;
}

static int speculator_report(lua_State *L)
{
    const struct hunch_speculator *s = check(L);
    lua_createtable(L, 0, 4);
    hunch_lua_set_number(L, "threshold_ppm", hunch_speculator_threshold_ppm(s));
    hunch_lua_set_number(L, "commit_rate_ppm", hunch_speculator_commit_rate_ppm(s));
    hunch_lua_set_number(L, "samples", hunch_speculator_samples(s));
    lua_pushboolean(L, hunch_speculator_should_speculate(s));
    lua_setfield(L, -2, "should_speculate");
    return 1;
}

static const luaL_Reg methods[] = {
    {"decide", speculator_decide},
    {"measure", speculator_measure},
    {"record", speculator_record},
    {"observe", speculator_observe},
    {"report", speculator_report},
    {"should_speculate", speculator_should_speculate},
    {"threshold_ppm", speculator_threshold_ppm},
    {"commit_rate_ppm", speculator_commit_rate_ppm},
    {"samples", speculator_samples},
    {"log", speculator_log},
    {"replay", speculator_replay},
    {"save", speculator_save},
    {"load", speculator_load},
    {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"speculator", new_speculator},
    {"report", new_report},
    {"worthwhile", worthwhile},
    {"encode_counter_tail", encode_counter_tail},
    {"parse_counter_tail", parse_counter_tail},
    {"prefilter_confirm", hunch_lua_prefilter_confirm},
    {NULL, NULL},
};

void hunch_lua_speculator_open(lua_State *L)
{
    hunch_lua_class(L, SPECULATOR, methods, speculator_gc);
    luaL_setfuncs(L, functions, 0);
    hunch_lua_set_number(L, "DEFAULT_THRESHOLD_PCT", HUNCH_DEFAULT_THRESHOLD_PCT);
    hunch_lua_set_number(L, "COUNTER_TAIL_BYTES", HUNCH_COUNTER_TAIL_BYTES);
}
