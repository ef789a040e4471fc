/* sandbox_string.c: the string and utf8 libraries of rule scripts, but for pattern matching.
 *
 * What the standard functions do in time linear in their arguments and results is left to them,
 * behind a wrapper that charges; the others are written anew. string.dump and "%p" do not exist.
 */
#include "sandbox_state.h"

#include <lauxlib.h>
#include <lualib.h>
#include <string.h>

#define FORMAT_UNITS 64 /* for one "%": "%.99f" may have hundreds of digits */

static int string_rep(lua_State *L)
{
    size_t size, between_size;
    const char *s = luaL_checklstring(L, 1, &size);
    lua_Integer n = luaL_checkinteger(L, 2);
    const char *between = luaL_optlstring(L, 3, "", &between_size);
    if (n <= 0 || (size == 0 && between_size == 0)) {
        lua_pushliteral(L, "");
        return 1;
    }
    if (size > SIZE_MAX - between_size ||
        size + between_size > (size_t)LUA_MAXINTEGER / 2 / (lua_Unsigned)n)
        return luaL_error(L, "resulting string too large");
    size_t total = (size_t)n * size + (size_t)(n - 1) * between_size;
    if (total > sandbox_of(L)->options.memory) { /* say so before the instructions run out */
        sandbox_fire(sandbox_of(L), HUNCH_SANDBOX_MEMORY_LIMIT);
        sandbox_raise(L);
    }
    sandbox_spend(L, 1 + total / SANDBOX_BYTES_A_UNIT);
    luaL_Buffer b;
    char *to = luaL_buffinitsize(L, &b, total);
    memcpy(to, s, size);
    if (n > 1)
        memcpy(to + size, between, between_size);
    /* What is there repeats with the period size + between_size: copying it doubles it. */
    for (size_t done = n > 1 ? size + between_size : size; done < total;) {
        size_t more = done < total - done ? done : total - done;
        memcpy(to + done, to, more);
        done += more;
    }
    luaL_pushresultsize(&b, total);
    return 1;
}

/* upvalue: the standard function, which sees texts where "%s" would show an address */
static int string_format(lua_State *L)
{
    size_t size;
    const char *p = luaL_checklstring(L, 1, &size), *end = p + size;
    int arg = 1, top = lua_gettop(L);
    uint64_t units = 1 + size;
    luaL_checkstack(L, 8, "too many arguments");
    for (int i = 2; i <= top; i++)
        if (lua_type(L, i) == LUA_TSTRING)
            units += lua_rawlen(L, i);
    sandbox_spend(L, units);
    while (p < end) {
        if (*p++ != '%')
            continue;
        if (p < end && *p == '%') {
            p++;
            continue;
        }
        while (p < end && strchr("-+ #0123456789.", *p) != NULL && *p != '\0')
            p++;
        arg++;
        sandbox_spend(L, FORMAT_UNITS);
        if (p < end && *p == 'p')
            return luaL_error(L, "'%%p' would show an address; rule scripts have none");
        if (p < end && *p == 's' && arg <= top && lua_type(L, arg) >= LUA_TTABLE) {
            sandbox_push_text(L, arg);
            lua_replace(L, arg);
        }
    }
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

static void take(lua_State *L, int library, const char *const *names, int bytes_a_unit)
{
    for (; *names != NULL; names++) {
        lua_getfield(L, library, *names);
        lua_CFunction original = lua_tocfunction(L, -1);
        lua_pop(L, 1);
        sandbox_set_charged(L, *names, original, bytes_a_unit);
    }
}

void sandbox_push_string(lua_State *L)
{
    static const char *const standard[] = {"byte",    "char", "len",    "lower", "pack", "packsize",
                                           "reverse", "sub",  "unpack", "upper", NULL};
    lua_pushcfunction(L, luaopen_string);
    lua_call(L, 0, 1);
    int library = lua_gettop(L);
    lua_newtable(L);
    take(L, library, standard, SANDBOX_BYTES_A_UNIT);
    lua_pushcfunction(L, string_rep);
    lua_setfield(L, -2, "rep");
    lua_getfield(L, library, "format");
    lua_pushcclosure(L, string_format, 1);
    lua_setfield(L, -2, "format");
    sandbox_add_patterns(L);

    lua_pushliteral(L, "");
    lua_getmetatable(L, -1); /* luaopen_string made it: arithmetic, and the library as __index */
    lua_pushvalue(L, -3);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 2);
    lua_remove(L, library);
}

void sandbox_push_utf8(lua_State *L)
{
    static const char *const standard[] = {"char", "codepoint", "codes", "len", "offset", NULL};
    lua_pushcfunction(L, luaopen_utf8);
    lua_call(L, 0, 1);
    int library = lua_gettop(L);
    lua_newtable(L);
    take(L, library, standard, 2);
    lua_getfield(L, library, "charpattern");
    lua_setfield(L, -2, "charpattern");
    lua_remove(L, library);
}
