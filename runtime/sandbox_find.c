/* sandbox_find.c: string.find, match, gmatch, gsub of rule scripts; what they cost is the engine's
 * matter. */
#include "sandbox_pattern.h"

#include <ctype.h>
#include <lauxlib.h>
#include <string.h>

/* Capture i, or the whole match where the pattern has none. */
static void push_capture(struct sandbox_matcher *m, int i, const char *s, const char *end)
{
    if (i >= m->pattern->captures) {
        if (i != 0)
            luaL_error(m->L, "invalid capture index %%%d", i + 1);
        lua_pushlstring(m->L, s, (size_t)(end - s));
    } else if (m->captures[i].position) {
        lua_pushinteger(m->L, (lua_Integer)(m->captures[i].at - m->begin) + 1);
    } else {
        lua_pushlstring(m->L, m->captures[i].at, m->captures[i].size);
    }
}

static int push_captures(struct sandbox_matcher *m, const char *s, const char *end, bool whole)
{
    int n = m->pattern->captures == 0 && whole ? 1 : m->pattern->captures;
    luaL_checkstack(m->L, n + 4, "too many captures");
    for (int i = 0; i < n; i++)
        push_capture(m, i, s, end);
    return n;
}

/* 0-based start from the usual argument; size + 1: after the end. */
static size_t start_argument(lua_State *L, int index, size_t size)
{
    lua_Integer at = luaL_optinteger(L, index, 1);
    if (at > 0)
        return (lua_Unsigned)at - 1 > size ? size + 1 : (size_t)at - 1;
    if (at == 0 || at < -(lua_Integer)size)
        return 0;
    return size - (size_t)-at;
}

static const char *find_plain(lua_State *L, const char *s, const char *end, const char *what,
                              size_t size)
{
    if (size == 0)
        return s;
    while ((size_t)(end - s) >= size) {
        const char *hit = memchr(s, what[0], (size_t)(end - s) - size + 1);
        if (hit == NULL) {
            sandbox_spend(L, 1 + (uint64_t)(end - s) / SANDBOX_BYTES_A_UNIT);
            return NULL;
        }
        sandbox_spend(L, 2 + ((uint64_t)(hit - s) + size) / SANDBOX_BYTES_A_UNIT);
        if (memcmp(hit, what, size) == 0)
            return hit;
        s = hit + 1;
    }
    return NULL;
}

static int find_or_match(lua_State *L, bool find)
{
    size_t size, pattern_size;
    const char *text = luaL_checklstring(L, 1, &size);
    const char *source = luaL_checklstring(L, 2, &pattern_size);
    size_t at = start_argument(L, 3, size);
    if (at > size) {
        lua_pushnil(L);
        return 1;
    }
    const char *s = text + at;
    if (find && lua_toboolean(L, 4)) {
        s = find_plain(L, s, text + size, source, pattern_size);
        if (s == NULL) {
            lua_pushnil(L);
            return 1;
        }
        lua_pushinteger(L, (lua_Integer)(s - text) + 1);
        lua_pushinteger(L, (lua_Integer)(s - text) + (lua_Integer)pattern_size);
        return 2;
    }
    struct sandbox_matcher m;
    sandbox_matcher_init(&m, L, sandbox_push_pattern(L, source, pattern_size, true), text, size);
    const char *end = sandbox_search(&m, &s, NULL);
    if (end == NULL) {
        lua_pushnil(L);
        return 1;
    }
    if (!find)
        return push_captures(&m, s, end, true);
    lua_pushinteger(L, (lua_Integer)(s - text) + 1);
    lua_pushinteger(L, (lua_Integer)(end - text));
    return 2 + push_captures(&m, s, end, false);
}

static int string_find(lua_State *L)
{
    return find_or_match(L, true);
}

static int string_match(lua_State *L)
{
    return find_or_match(L, false);
}

/* upvalues: text, pattern, where to go on, end of the last match (both 0-based, -1: none) */
static int gmatch_step(lua_State *L)
{
    size_t size;
    const char *text = lua_tolstring(L, lua_upvalueindex(1), &size);
    lua_Integer at = lua_tointeger(L, lua_upvalueindex(3));
    lua_Integer last = lua_tointeger(L, lua_upvalueindex(4));
    if (at < 0 || (size_t)at > size)
        return 0;
    struct sandbox_matcher m;
    sandbox_matcher_init(&m, L, lua_touserdata(L, lua_upvalueindex(2)), text, size);
    const char *s = text + at;
    const char *end = sandbox_search(&m, &s, last < 0 ? NULL : text + last);
    lua_pushinteger(L, end == NULL ? -1 : (lua_Integer)(end - text));
    lua_pushvalue(L, -1);
    lua_replace(L, lua_upvalueindex(3));
    lua_replace(L, lua_upvalueindex(4));
    return end == NULL ? 0 : push_captures(&m, s, end, true);
}

static int string_gmatch(lua_State *L)
{
    size_t size, pattern_size;
    luaL_checklstring(L, 1, &size);
    const char *source = luaL_checklstring(L, 2, &pattern_size);
    size_t at = start_argument(L, 3, size);
    lua_pushvalue(L, 1);
    sandbox_push_pattern(L, source, pattern_size, false);
    lua_pushinteger(L, (lua_Integer)at);
    lua_pushinteger(L, -1);
    lua_pushcclosure(L, gmatch_step, 4);
    return 1;
}

/* Pushes the text that a replacement string gives. */
static void expand(struct sandbox_matcher *m, const char *s, const char *end)
{
    lua_State *L = m->L;
    size_t size;
    const char *p = lua_tolstring(L, 3, &size), *stop = p + size;
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    sandbox_spend(L, 1 + size / SANDBOX_BYTES_A_UNIT);
    while (p < stop) {
        const char *percent = memchr(p, '%', (size_t)(stop - p));
        if (percent == NULL)
            percent = stop;
        luaL_addlstring(&b, p, (size_t)(percent - p));
        if (percent == stop)
            break;
        p = percent + 1;
        if (p < stop && *p == '%') {
            luaL_addchar(&b, '%');
        } else if (p < stop && *p == '0') {
            luaL_addlstring(&b, s, (size_t)(end - s));
        } else if (p < stop && isdigit((unsigned char)*p)) {
            push_capture(m, *p - '1', s, end);
            luaL_tolstring(L, -1, NULL);
            lua_remove(L, -2);
            luaL_addvalue(&b);
        } else {
            luaL_error(L, "invalid use of '%%' in replacement string");
        }
        p++;
        sandbox_spend(L, 4);
    }
    luaL_pushresult(&b);
}

/* Pushes what stands for the match. */
static void push_replacement(struct sandbox_matcher *m, int type, const char *s, const char *end)
{
    lua_State *L = m->L;
    if (type == LUA_TTABLE) {
        push_capture(m, 0, s, end);
        lua_gettable(L, 3);
    } else if (type == LUA_TFUNCTION) {
        lua_pushvalue(L, 3);
        lua_call(L, push_captures(m, s, end, true), 1);
    } else {
        expand(m, s, end);
    }
    if (!lua_toboolean(L, -1)) {
        lua_pop(L, 1);
        lua_pushlstring(L, s, (size_t)(end - s));
    } else if (!lua_isstring(L, -1)) {
        luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
    }
}

static int string_gsub(lua_State *L)
{
    size_t size, pattern_size;
    const char *text = luaL_checklstring(L, 1, &size);
    const char *source = luaL_checklstring(L, 2, &pattern_size);
    int type = lua_type(L, 3);
    luaL_argcheck(L,
                  type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION ||
                      type == LUA_TTABLE,
                  3, "string, function or table expected");
    lua_Integer most = luaL_optinteger(L, 4, LUA_MAXINTEGER), count = 0;
    lua_settop(L, 3);
    struct sandbox_matcher m;
    sandbox_matcher_init(&m, L, sandbox_push_pattern(L, source, pattern_size, true), text, size);
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    const char *copied = text, *s = text, *last = NULL;
    while (count < most) {
        const char *end = sandbox_search(&m, &s, last);
        if (end == NULL)
            break;
        count++;
        luaL_addlstring(&b, copied, (size_t)(s - copied));
        push_replacement(&m, type, s, end);
        luaL_addvalue(&b);
        copied = s = last = end;
        if (m.pattern->anchored)
            break;
    }
    luaL_addlstring(&b, copied, (size_t)(m.end - copied));
    luaL_pushresult(&b);
    lua_pushinteger(L, count);
    return 2;
}

void sandbox_add_patterns(lua_State *L)
{
    static const luaL_Reg functions[] = {{"find", string_find},
                                         {"match", string_match},
                                         {"gmatch", string_gmatch},
                                         {"gsub", string_gsub},
                                         {NULL, NULL}};
    luaL_setfuncs(L, functions, 0);
}
