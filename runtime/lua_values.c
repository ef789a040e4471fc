/* lua_values.c: options and errors for a host's Lua. What reads a table runs the host's code, which
 * may close any object: options are copied first, pointers of objects are taken last. */
#include "lua_values.h"

#include <string.h>

int hunch_lua_fail(lua_State *L, const struct hunch_error *err)
{
    lua_pushnil(L);
    lua_pushstring(L, err->message);
    return 2;
}

static void only(lua_State *L, int index, const char *const *names)
{
    for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) {
        bool is_text = lua_type(L, -2) == LUA_TSTRING;
        const char *key = is_text ? lua_tostring(L, -2) : "?";
        size_t i = 0;
        while (names[i] != NULL && strcmp(names[i], key) != 0)
            i++;
        if (names[i] == NULL || strlen(key) != lua_rawlen(L, -2))
            luaL_error(L, "there is no option \"%s\"", key);
    }
}

void hunch_lua_fields(lua_State *L, int index, const char *const *names)
{
    index = lua_absindex(L, index);
    only(L, index, names);
    lua_newtable(L);
    for (size_t i = 0; names[i] != NULL; i++) {
        lua_getfield(L, index, names[i]);
        lua_setfield(L, -2, names[i]);
    }
    lua_replace(L, index);
}

uint64_t hunch_lua_number(lua_State *L, int table, const char *name, uint64_t most)
{
    int is_integer = 1;
    lua_Integer n = 0;
    if (lua_getfield(L, table, name) != LUA_TNIL)
        n = lua_tointegerx(L, -1, &is_integer);
    lua_pop(L, 1);
    if (!is_integer || n < 0 || (uint64_t)n > most)
        luaL_error(L, "%s must be an integer from 0 to %I", name, (lua_Integer)most);
    return (uint64_t)n;
}

const char *hunch_lua_word(lua_State *L, int table, const char *name, const char *otherwise)
{
    const char *word = otherwise;
    table = lua_absindex(L, table);
    lua_pushstring(L, name);
    int type = lua_rawget(L, table); /* what a metamethod makes nobody would keep */
    if (type == LUA_TSTRING)
        word = lua_tostring(L, -1); /* the table keeps it alive */
    else if (type != LUA_TNIL)
        luaL_error(L, "%s must be a string", name);
    if (type == LUA_TSTRING && strlen(word) != lua_rawlen(L, -1))
        luaL_error(L, "%s must not have a zero byte", name);
    lua_pop(L, 1);
    return word;
}

const char *hunch_lua_string(lua_State *L, int index)
{
    size_t size;
    const char *text = luaL_checklstring(L, index, &size);
    luaL_argcheck(L, strlen(text) == size, index, "has a zero byte");
    return text;
}
