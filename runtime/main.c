/* main.c: the `hunch` command: a Lua state, the embedded modules, and lua/hunch/cli/main.lua. */
#include <lauxlib.h>
#include <lualib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "inner.h"

int luaopen_cjson(lua_State *L);
int luaopen_hunch_core(lua_State *L);
int luaopen_hunch_native(lua_State *L);
int luaopen_lpeg(lua_State *L);
void hunch_lua_interrupt(void);

/* A second Ctrl-C ends the process at once; but one press may arrive twice, through the terminal's
 * group and a wrapper. */
static void on_interrupt(int signal_number)
{
    static struct timespec first;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    hunch_lua_interrupt();
    if (first.tv_sec == 0)
        first = now;
    else if (now.tv_sec > first.tv_sec + 1 ||
             (now.tv_sec - first.tv_sec) * 1000 + (now.tv_nsec - first.tv_nsec) / 1000000 > 300)
        _exit(128 + signal_number);
}

struct arguments {
    int count;
    char **values;
};

static int run(lua_State *L)
{
    static const luaL_Reg preloaded[] = {{"hunch.core", luaopen_hunch_core},
                                         {"hunch.native", luaopen_hunch_native},
                                         {"lpeg", luaopen_lpeg},
                                         {"cjson", luaopen_cjson},
                                         {NULL, NULL}};
    struct arguments *arguments = lua_touserdata(L, 1);
    luaL_openlibs(L);
    hunch_preload_embedded(L);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    luaL_setfuncs(L, preloaded, 0);
    lua_getglobal(L, "require");
    lua_pushliteral(L, "hunch.cli.main");
    lua_call(L, 1, 1);
    lua_getfield(L, -1, "run");
    lua_createtable(L, arguments->count, 1);
    for (int i = 0; i < arguments->count; i++) {
        lua_pushstring(L, arguments->values[i]);
        lua_rawseti(L, -2, i);
    }
    lua_getglobal(L, "require");
    lua_pushliteral(L, "hunch.core");
    lua_call(L, 1, 1);
    lua_call(L, 2, 1);
    lua_pushinteger(L, lua_tointeger(L, -1));
    return 1;
}

static int traceback(lua_State *L)
{
    const char *message = lua_tostring(L, 1);
    luaL_traceback(L, L, message ? message : "an error without a message", 1);
    return 1;
}

int main(int argc, char **argv)
{
    struct arguments arguments = {argc, argv};
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a limit on the size of files: writing fails */
    struct sigaction action = {.sa_handler = on_interrupt};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    lua_State *L = luaL_newstate();
    if (L == NULL) {
        fputs("hunch: not enough memory to start\n", stderr);
        return 2;
    }
    lua_pushcfunction(L, traceback);
    lua_pushcfunction(L, run);
    lua_pushlightuserdata(L, &arguments);
    int status = 2;
    if (lua_pcall(L, 1, 1, 1) == LUA_OK)
        status = (int)lua_tointeger(L, -1);
    else
        fprintf(stderr, "hunch: this is a bug in hunch: %s\n", lua_tostring(L, -1));
    lua_close(L);
    return status;
}
