/* lua_info.c: engine:info(): versions, backends, the cache and what a GPU was opened with. */
#include "lua_core.h"

#include <hs/hs.h>
#include <string.h>

#include "cache.h"
#include "embedded.h"
#include "graph/languages.h"

int hunch_lua_info(lua_State *L)
{
    struct hunch_engine *engine = hunch_lua_engine(L, 1);
    lua_createtable(L, 0, 8);
    lua_pushstring(L, hunch_version());
    lua_setfield(L, -2, "version");
    lua_pushstring(L, hunch_engine_backend(engine));
    lua_setfield(L, -2, "backend");
    lua_pushinteger(L, hunch_engine_threads(engine));
    lua_setfield(L, -2, "threads");
    lua_pushinteger(L, HP_VERSION);
    lua_setfield(L, -2, "program_version");
    lua_pushlstring(L, hs_version(), strcspn(hs_version(), " ")); /* a date may follow */
    lua_setfield(L, -2, "vectorscan");
    lua_pushliteral(L, LUA_VERSION "." LUA_VERSION_RELEASE);
    lua_setfield(L, -2, "lua");
    lua_pushstring(L, hunch_graph_languages());
    lua_setfield(L, -2, "languages");
    if (engine->cache) {
        lua_pushstring(L, engine->cache);
        lua_setfield(L, -2, "cache");
    }
    const char *problem = engine->cache ? hunch_cache_problem(engine->cache)
                                        : "HOME and XDG_CACHE_HOME name no folder";
    if (problem) {
        lua_pushfstring(L, "nothing is kept: %s", problem);
        lua_setfield(L, -2, "cache_problem");
    }
    lua_createtable(L, 0, 3);
    lua_pushliteral(L, "portable tile functions, one thread: the oracle");
    lua_setfield(L, -2, "ref");
    lua_pushliteral(L, "Vectorscan finds literals, portable confirmers, all cores");
    lua_setfield(L, -2, "cpu");
    struct hunch_device *device;
    struct hunch_error err = {0};
    bool there = hunch_engine_device(engine, &device, &err) == HUNCH_OK;
    if (there)
        lua_pushfstring(L,
                        "a GPU searches and confirms; host functions, names, other rules, graphs, "
                        "spans and long matches are the host's (hunch explain: of each rule): %s",
                        device->about);
    else
        lua_pushfstring(L, "not here: %s", err.message);
    lua_setfield(L, -2, "cuda");
    lua_setfield(L, -2, "backends");
    if (hunch_embedded_targets[0] != '\0')
        lua_pushfstring(L, "fatbin %s", hunch_embedded_targets);
    else
        lua_pushliteral(L, "compiled at first use");
    lua_setfield(L, -2, "kernels");
    if (there && device->kernels != NULL) {
        lua_createtable(L, 0, 4);
        hunch_lua_set_number(L, "memory_left", hunch_device_budget_left(&device->budget));
        hunch_lua_set_real(L, "context_seconds", device->context_seconds);
        hunch_lua_set_real(L, "kernels_seconds", device->kernels_seconds);
        lua_pushstring(L, device->kernels);
        lua_setfield(L, -2, "kernels");
        lua_setfield(L, -2, "opened");
    }
    return 1;
}
