/* offload_module: runtime/offload.c for specs. Lua module support.offload_module.
 *
 *   offload.new(threads [, bytes]) -> object; bytes: what another's `memory` gave
 *
 *   object:found(), object:lost()
 *
 *   object:next() -> "host" | "device", turn
 *
 *   object:done(turn, bytes, ns)
 *
 *   object:memory() -> bytes */
#include <lauxlib.h>
#include <lua.h>
#include <string.h>

#include "hunch.h"
#include "offload.h"

HUNCH_API int luaopen_support_offload_module(lua_State *L);

static struct hunch_offload *offload(lua_State *L)
{
    return luaL_checkudata(L, 1, "offload");
}

static int l_new(lua_State *L)
{
    struct hunch_offload_memory memory = {0};
    size_t size;
    const char *bytes = luaL_optlstring(L, 2, NULL, &size);
    if (bytes != NULL)
        memcpy(&memory, bytes, size < sizeof memory ? size : sizeof memory);
    struct hunch_offload *o = lua_newuserdatauv(L, sizeof *o, 0);
    hunch_offload_init(o, (uint32_t)luaL_checkinteger(L, 1), &memory);
    luaL_setmetatable(L, "offload");
    return 1;
}

static int l_found(lua_State *L)
{
    hunch_offload_found(offload(L));
    return 0;
}

static int l_lost(lua_State *L)
{
    hunch_offload_lost(offload(L));
    return 0;
}

static int l_next(lua_State *L)
{
    uint32_t turn;
    lua_pushstring(L, hunch_offload_next(offload(L), &turn) == HUNCH_SIDE_HOST ? "host" : "device");
    lua_pushinteger(L, turn);
    return 2;
}

static int l_done(lua_State *L)
{
    hunch_offload_done(offload(L), (uint32_t)luaL_checkinteger(L, 2),
                       (uint64_t)luaL_checkinteger(L, 3), (uint64_t)luaL_checkinteger(L, 4));
    return 0;
}

static int l_memory(lua_State *L)
{
    lua_pushlstring(L, (const char *)&offload(L)->memory, sizeof offload(L)->memory);
    return 1;
}

int luaopen_support_offload_module(lua_State *L)
{
    static const luaL_Reg functions[] = {{"new", l_new}, {NULL, NULL}};
    static const luaL_Reg methods[] = {{"found", l_found}, {"lost", l_lost},     {"next", l_next},
                                       {"done", l_done},   {"memory", l_memory}, {NULL, NULL}};
    luaL_newmetatable(L, "offload");
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
    luaL_setfuncs(L, methods, 0);
    luaL_newlib(L, functions);
    return 1;
}
