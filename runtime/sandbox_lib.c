/* sandbox_lib.c: the global functions of rule scripts, and what the rule language needs from C.
 *
 * Only what is put here by name exists in a sandbox. A function that works longer than a VM
 * instruction does charges for it. Nothing shows an address or an order that depends on one. pcall
 * and xpcall let a fired limit through.
 */
#include "sandbox_state.h"

#include <lauxlib.h>
#include <lualib.h>
#include <string.h>

/* ---- charged wrappers of standard functions without upvalues: upvalues are the function and the
 * bytes a unit ---- */

static int charged_call(lua_State *L)
{
    lua_CFunction original = lua_tocfunction(L, lua_upvalueindex(1));
    uint64_t units = 1, rate = (uint64_t)lua_tointeger(L, lua_upvalueindex(2));
    int n = lua_gettop(L);
    for (int i = 1; i <= n; i++)
        units += 1 + (lua_type(L, i) == LUA_TSTRING ? lua_rawlen(L, i) / rate : 0);
    sandbox_spend(L, units);
    int results = original(L);
    sandbox_spend(L, (uint64_t)results);
    return results;
}

/* Sets name of the table on top to a wrapper of `original`, which works on so many bytes as an
 * instruction lasts. */
void sandbox_set_charged(lua_State *L, const char *name, lua_CFunction original, int bytes_a_unit)
{
    lua_pushcfunction(L, original);
    lua_pushinteger(L, bytes_a_unit);
    lua_pushcclosure(L, charged_call, 2);
    lua_setfield(L, -2, name);
}

/* ---- protected calls ---- */

/* A limit goes through; a refusal of memory that Lua could not mend is one. */
static void stop_at_limit(lua_State *L, int status)
{
    struct hunch_sandbox *sb = sandbox_of(L);
    if (status == LUA_ERRMEM)
        sandbox_fire(sb,
                     sb->refused_size != 0 ? HUNCH_SANDBOX_MEMORY_LIMIT : HUNCH_SANDBOX_NO_MEMORY);
    if (sb->fired != HUNCH_SANDBOX_OK)
        sandbox_raise(L);
}

static int base_pcall(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_pushboolean(L, 1);
    lua_insert(L, 1);
    int status = lua_pcall(L, lua_gettop(L) - 2, LUA_MULTRET, 0);
    stop_at_limit(L, status);
    if (status != LUA_OK) {
        lua_pushboolean(L, 0);
        lua_insert(L, -2);
        return 2;
    }
    return lua_gettop(L);
}

/* The handler runs after the stack is unwound: during an error hooks are off, and nothing could
 * stop it. */
static int base_xpcall(lua_State *L)
{
    luaL_checkany(L, 1);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_pushboolean(L, 1);
    lua_pushvalue(L, 1);
    lua_rotate(L, 3, 2); /* f, handler, true, f, arguments */
    int status = lua_pcall(L, lua_gettop(L) - 4, LUA_MULTRET, 0);
    stop_at_limit(L, status);
    if (status == LUA_OK)
        return lua_gettop(L) - 2;
    lua_pushvalue(L, 2);
    lua_insert(L, -2);
    lua_call(L, 1, 1);
    lua_pushboolean(L, 0);
    lua_insert(L, -2);
    return 2;
}

/* ---- values ---- */

static bool push_metafield(lua_State *L, int index, const char *event)
{
    return lua_type(L, index) == LUA_TTABLE && luaL_getmetafield(L, index, event) != LUA_TNIL;
}

void sandbox_push_text(lua_State *L, int index)
{
    index = lua_absindex(L, index);
    if (push_metafield(L, index, "__tostring")) {
        lua_pushvalue(L, index);
        lua_call(L, 1, 1);
        if (lua_type(L, -1) != LUA_TSTRING)
            luaL_error(L, "'__tostring' must return a string");
        return;
    }
    switch (lua_type(L, index)) {
    case LUA_TNIL:
    case LUA_TBOOLEAN:
    case LUA_TNUMBER:
    case LUA_TSTRING: luaL_tolstring(L, index, NULL); break;
    default: lua_pushstring(L, luaL_typename(L, index)); break;
    }
}

static int base_tostring(lua_State *L)
{
    luaL_checkany(L, 1);
    sandbox_push_text(L, 1);
    return 1;
}

/* What a metatable may say; __gc and __mode are not among it. */
static const char *const METHODS[] = {
    "__index",  "__newindex", "__call",     "__len",   "__eq",   "__lt",       "__le",
    "__concat", "__unm",      "__add",      "__sub",   "__mul",  "__div",      "__mod",
    "__pow",    "__idiv",     "__band",     "__bor",   "__bxor", "__bnot",     "__shl",
    "__shr",    "__close",    "__tostring", "__pairs", "__name", "__metatable"};

/* Tables get a copy of the metatable that the script gives, so that what is written there later
 * does not count until the next setmetatable. One copy for each given table. */
static int base_setmetatable(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    if (lua_type(L, 2) != LUA_TNIL && lua_type(L, 2) != LUA_TTABLE)
        return luaL_argerror(L, 2, "nil or table expected");
    sandbox_spend(L, sizeof METHODS / sizeof METHODS[0]);
    lua_settop(L, 2);
    if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
        return luaL_error(L, "cannot change a protected metatable");
    if (lua_isnil(L, 2)) {
        lua_setmetatable(L, 1);
        return 1;
    }
    static const char *const refused[] = {"__gc", "__mode"};
    for (size_t i = 0; i < 2; i++) {
        lua_pushstring(L, refused[i]);
        if (lua_rawget(L, 2) != LUA_TNIL)
            return luaL_error(L, "rule scripts have no %s; take it out of the metatable",
                              refused[i]);
        lua_pop(L, 1);
    }
    lua_getfield(L, LUA_REGISTRYINDEX, SANDBOX_KEY_META);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, 3) == LUA_TNIL) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushvalue(L, 2);
        lua_pushvalue(L, 4);
        lua_rawset(L, 3);
        lua_getfield(L, LUA_REGISTRYINDEX, SANDBOX_KEY_GIVEN);
        lua_pushvalue(L, 4);
        lua_pushvalue(L, 2);
        lua_rawset(L, 5);
        lua_pop(L, 1);
    }
    for (size_t i = 0; i < sizeof METHODS / sizeof METHODS[0]; i++) {
        lua_pushstring(L, METHODS[i]);
        lua_pushvalue(L, -1);
        lua_rawget(L, 2);
        lua_rawset(L, 4);
    }
    lua_setmetatable(L, 1);
    lua_settop(L, 1);
    return 1;
}

static int base_getmetatable(lua_State *L)
{
    luaL_checkany(L, 1);
    if (!lua_getmetatable(L, 1))
        return 0;
    lua_pushliteral(L, "__metatable");
    if (lua_rawget(L, -2) != LUA_TNIL)
        return 1;
    lua_pop(L, 1);
    lua_getfield(L, LUA_REGISTRYINDEX, SANDBOX_KEY_GIVEN);
    lua_insert(L, -2);
    lua_rawget(L, -2);
    return 1;
}

/* ---- traversal in a fixed order: numbers, strings bytewise, false, true ---- */

/* Walking a table touches its empty slots too: charge as if the largest block were it. */
static void charge_walk(lua_State *L)
{
    sandbox_spend(L, 4 + sandbox_of(L)->largest_block / 4096);
}

/* upvalues: the table, the list of its keys, the position in it. A script may call this with
 * anything. */
static int pairs_step(lua_State *L)
{
    lua_Integer i = lua_tointeger(L, lua_upvalueindex(3));
    lua_settop(L, 0);
    for (;;) {
        sandbox_spend(L, 1);
        i++;
        if (lua_rawgeti(L, lua_upvalueindex(2), i) == LUA_TNIL)
            return 1;
        lua_pushvalue(L, -1);
        if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
            break; /* not taken away since */
        lua_settop(L, 0);
    }
    lua_pushinteger(L, i);
    lua_replace(L, lua_upvalueindex(3));
    return 2;
}

/* Pushes the sorted list of the keys of the table at index. */
static void push_keys(lua_State *L, int index)
{
    charge_walk(L);
    lua_newtable(L);
    int keys = lua_gettop(L);
    lua_Integer n = 0;
    lua_pushnil(L);
    while (lua_next(L, index)) {
        int type = lua_type(L, -2);
        sandbox_spend(L, 2);
        if (type != LUA_TNUMBER && type != LUA_TSTRING && type != LUA_TBOOLEAN)
            luaL_error(
                L, "a table whose keys are %ss has no fixed order; use strings or numbers as keys",
                lua_typename(L, type));
        lua_pop(L, 1);
        lua_pushvalue(L, -1);
        lua_rawseti(L, keys, ++n);
    }
    sandbox_sort_keys(L, keys, n);
}

static int base_pairs(lua_State *L)
{
    luaL_checkany(L, 1);
    if (push_metafield(L, 1, "__pairs")) {
        lua_pushvalue(L, 1);
        lua_call(L, 1, 3);
        return 3;
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    lua_pushvalue(L, 1);
    push_keys(L, 1);
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, pairs_step, 3);
    lua_pushvalue(L, 1);
    return 2;
}

/* next(t) only: the first key in that order, so that next(t) == nil asks for emptiness. */
static int base_next(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    if (!lua_isnoneornil(L, 2))
        return luaL_error(L, "next takes the table alone here; use pairs to walk it");
    lua_settop(L, 1);
    push_keys(L, 1);
    if (lua_rawgeti(L, 2, 1) == LUA_TNIL)
        return 1;
    lua_pushvalue(L, -1);
    lua_rawget(L, 1);
    return 2;
}

/* ---- globals ---- */

static int set_global(lua_State *L)
{
    struct hunch_sandbox *sb = sandbox_of(L);
    if (sb->sealed)
        return luaL_error(L, "globals are read-only in a host function; use a local for '%s'",
                          lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "it");
    lua_settop(L, 3);
    lua_getfield(L, LUA_REGISTRYINDEX, SANDBOX_KEY_GLOBALS);
    lua_replace(L, 1);
    lua_rawset(L, 1);
    return 0;
}

static void push_base_function(lua_State *L, const char *name)
{
    lua_getfield(L, LUA_REGISTRYINDEX, SANDBOX_KEY_RULES); /* the opened base library, for now */
    lua_getfield(L, -1, name);
    lua_remove(L, -2);
}

void sandbox_open_base(lua_State *L)
{
    static const char *const plain[] = {"assert", "error",  "ipairs", "rawequal",
                                        "rawget", "rawlen", "select", "type"};
    static const luaL_Reg own[] = {{"pcall", base_pcall},
                                   {"xpcall", base_xpcall},
                                   {"tostring", base_tostring},
                                   {"setmetatable", base_setmetatable},
                                   {"getmetatable", base_getmetatable},
                                   {"pairs", base_pairs},
                                   {"next", base_next},
                                   {NULL, NULL}};
    /* luaopen_base fills the state's own globals table, which no script ever sees. */
    lua_pushcfunction(L, luaopen_base);
    lua_call(L, 0, 1);
    lua_setfield(L, LUA_REGISTRYINDEX, SANDBOX_KEY_RULES);

    lua_newtable(L);
    luaL_setfuncs(L, own, 0);
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        push_base_function(L, plain[i]);
        lua_setfield(L, -2, plain[i]);
    }
    push_base_function(L, "tonumber");
    lua_CFunction tonumber = lua_tocfunction(L, -1);
    lua_pop(L, 1);
    sandbox_set_charged(L, "tonumber", tonumber, 4);
    lua_pushliteral(L, LUA_VERSION);
    lua_setfield(L, -2, "_VERSION");
    sandbox_push_table(L);
    lua_setfield(L, -2, "table");
    sandbox_push_string(L);
    lua_setfield(L, -2, "string");
    sandbox_push_utf8(L);
    lua_setfield(L, -2, "utf8");
    sandbox_push_math(L);
    lua_setfield(L, -2, "math");

    lua_newtable(L); /* the scripts' _ENV: reads go through, writes are judged */
    lua_createtable(L, 0, 3);
    lua_pushvalue(L, -3);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, set_global);
    lua_setfield(L, -2, "__newindex");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, "_G");
    lua_setfield(L, LUA_REGISTRYINDEX, SANDBOX_KEY_ENV);
    lua_setfield(L, LUA_REGISTRYINDEX, SANDBOX_KEY_GLOBALS);

    static const char *const tables[] = {SANDBOX_KEY_RULES, SANDBOX_KEY_HOSTS, SANDBOX_KEY_META,
                                         SANDBOX_KEY_GIVEN};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        lua_newtable(L);
        lua_setfield(L, LUA_REGISTRYINDEX, tables[i]);
    }
    /* No way back to the real libraries. */
    lua_newtable(L);
    lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    lua_pushnil(L);
    lua_setfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
}

/* ---- what lua/hunch/dsl.lua gets ---- */

/* where() -> { file =, line = } of the innermost call that stands in the rule file */
static int internal_where(lua_State *L)
{
    struct hunch_sandbox *sb = sandbox_of(L);
    lua_createtable(L, 0, 2);
    lua_pushstring(L, sb->name != NULL ? sb->name : "?");
    lua_setfield(L, -2, "file");
    lua_pushinteger(L, sandbox_script_line(sb));
    lua_setfield(L, -2, "line");
    return 1;
}

/* name(text): a rule begins; messages about limits name it. */
static int internal_name(lua_State *L)
{
    struct hunch_sandbox *sb = sandbox_of(L);
    size_t n = 0;
    const char *name = lua_type(L, 1) == LUA_TSTRING ? lua_tolstring(L, 1, &n) : "?";
    if (n >= sizeof sb->rule) {
        n = sizeof sb->rule - 1;
        while (n > 0 && ((unsigned char)name[n] & 0xC0) == 0x80)
            n--; /* whole characters */
        memcpy(sb->rule, name, n);
        sb->rule[n] = '\0';
    } else {
        strcpy(sb->rule, name); /* shorter: checked above; a zero byte ends it early */
    }
    sb->rule_open = true;
    return 0;
}

/* declare(rule): keeps a copy of it as it is now. */
static int internal_declare(lua_State *L)
{
    struct hunch_sandbox *sb = sandbox_of(L);
    if (sb->options.hosts_only) {
        sb->rule_open = false;
        return 0;
    }
    lua_settop(L, 1);
    lua_getfield(L, LUA_REGISTRYINDEX, SANDBOX_KEY_RULES);
    enum sandbox_copy copied = sandbox_copy(L, 1, L);
    if (copied != SANDBOX_COPIED) {
        lua_pushstring(L, sandbox_copy_message(copied)); /* without the rule language's own line */
        return lua_error(L);
    }
    lua_rawseti(L, 2, (lua_Integer)lua_rawlen(L, 2) + 1);
    sb->rule_open = false;
    return 0;
}

/* host(function) -> its number in this file, from 1 */
static int internal_host(lua_State *L)
{
    struct hunch_sandbox *sb = sandbox_of(L);
    luaL_checktype(L, 1, LUA_TFUNCTION);
    if (sb->sealed)
        return luaL_error(L, "host cannot be called from a host function");
    sb->host_count++;
    if (sb->options.hosts_only) {
        lua_getfield(L, LUA_REGISTRYINDEX, SANDBOX_KEY_HOSTS);
        lua_pushvalue(L, 1);
        lua_rawseti(L, -2, (lua_Integer)sb->host_count);
    }
    lua_pushinteger(L, (lua_Integer)sb->host_count);
    return 1;
}

/* next(t, key): in whatever order; scripts do not get it. */
static int internal_next(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    sandbox_spend(L, 1);
    if (lua_next(L, 1))
        return 2;
    lua_pushnil(L);
    return 1;
}

void sandbox_push_internals(lua_State *L)
{
    static const luaL_Reg internals[] = {{"where", internal_where},     {"name", internal_name},
                                         {"declare", internal_declare}, {"host", internal_host},
                                         {"next", internal_next},       {NULL, NULL}};
    luaL_newlib(L, internals);
}
