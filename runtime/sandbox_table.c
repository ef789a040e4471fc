/* sandbox_table.c: the table library of rule scripts, math, and the order of keys.
 *
 * Own loops that charge for every element. Sorting is a merge sort: a comparison function that
 * contradicts itself gives some order, never a fault, and equal elements keep theirs.
 */
#include "sandbox_state.h"

#include <lauxlib.h>
#include <limits.h>
#include <lualib.h>
#include <string.h>

static lua_Integer table_length(lua_State *L, int index)
{
    luaL_checktype(L, index, LUA_TTABLE);
    return luaL_len(L, index);
}

static int table_concat(lua_State *L)
{
    luaL_Buffer b;
    size_t between_size;
    lua_Integer last = table_length(L, 1);
    const char *between = luaL_optlstring(L, 2, "", &between_size);
    lua_Integer i = luaL_optinteger(L, 3, 1);
    last = luaL_optinteger(L, 4, last);
    luaL_buffinit(L, &b);
    for (; i <= last; i++) {
        sandbox_spend(L, 2);
        if (lua_geti(L, 1, i) != LUA_TSTRING && lua_type(L, -1) != LUA_TNUMBER)
            return luaL_error(L, "invalid value (at index %I) in table for 'concat'",
                              (LUAI_UACINT)i);
        luaL_addvalue(&b);
        if (i == last)
            break; /* also where last is the largest integer */
        luaL_addlstring(&b, between, between_size);
    }
    luaL_pushresult(&b);
    return 1;
}

static int table_insert(lua_State *L)
{
    lua_Integer end = table_length(L, 1);
    end = (lua_Integer)((lua_Unsigned)end + 1);
    int n = lua_gettop(L);
    if (n != 2 && n != 3)
        return luaL_error(L, "wrong number of arguments to 'insert'");
    lua_Integer at = n == 2 ? end : luaL_checkinteger(L, 2);
    luaL_argcheck(L, (lua_Unsigned)at - 1u < (lua_Unsigned)end, 2, "position out of bounds");
    for (lua_Integer i = end; i > at; i--) {
        sandbox_spend(L, 2);
        lua_geti(L, 1, i - 1);
        lua_seti(L, 1, i);
    }
    sandbox_spend(L, 2);
    lua_settop(L, n);
    lua_seti(L, 1, at);
    return 0;
}

static int table_remove(lua_State *L)
{
    lua_Integer size = table_length(L, 1);
    lua_Integer at = luaL_optinteger(L, 2, size);
    if (lua_gettop(L) > 1)
        luaL_argcheck(L, (lua_Unsigned)at - 1u <= (lua_Unsigned)size, 2, "position out of bounds");
    lua_geti(L, 1, at);
    for (; at < size; at++) {
        sandbox_spend(L, 2);
        lua_geti(L, 1, at + 1);
        lua_seti(L, 1, at);
    }
    sandbox_spend(L, 2);
    lua_pushnil(L);
    lua_seti(L, 1, at);
    return 1;
}

static int table_move(lua_State *L)
{
    lua_Integer first = luaL_checkinteger(L, 2), last = luaL_checkinteger(L, 3);
    lua_Integer to = luaL_checkinteger(L, 4);
    int target = lua_isnoneornil(L, 5) ? 1 : 5;
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checktype(L, target, LUA_TTABLE);
    if (last >= first) {
        luaL_argcheck(L, first > 0 || last < LUA_MAXINTEGER + first, 3,
                      "too many elements to move");
        lua_Integer n = last - first + 1;
        luaL_argcheck(L, to <= LUA_MAXINTEGER - n + 1, 4, "destination wrap around");
        bool backwards = target == 1 && to > first && to <= last;
        for (lua_Integer k = 0; k < n; k++) {
            lua_Integer i = backwards ? n - 1 - k : k;
            sandbox_spend(L, 2);
            lua_geti(L, 1, first + i);
            lua_seti(L, target, to + i);
        }
    }
    lua_pushvalue(L, target);
    return 1;
}

static int table_pack(lua_State *L)
{
    int n = lua_gettop(L);
    sandbox_spend(L, (uint64_t)n);
    lua_createtable(L, n, 1);
    lua_insert(L, 1);
    for (int i = n; i >= 1; i--)
        lua_rawseti(L, 1, i);
    lua_pushinteger(L, n);
    lua_setfield(L, 1, "n");
    return 1;
}

static int table_unpack(lua_State *L)
{
    lua_Integer first = luaL_optinteger(L, 2, 1);
    lua_Integer last = lua_isnoneornil(L, 3) ? luaL_len(L, 1) : luaL_checkinteger(L, 3);
    if (first > last)
        return 0;
    lua_Unsigned n = (lua_Unsigned)last - (lua_Unsigned)first;
    if (n >= (unsigned)INT_MAX || !lua_checkstack(L, (int)n + 1))
        return luaL_error(L, "too many results to unpack");
    for (lua_Unsigned i = 0; i <= n; i++) {
        sandbox_spend(L, 1);
        lua_geti(L, 1, (lua_Integer)((lua_Unsigned)first + i));
    }
    return (int)n + 1;
}

/* ---- order ---- */

/* Bytewise, whatever the locale of the process. */
static bool string_less(lua_State *L, int a, int b)
{
    size_t na, nb;
    const char *pa = lua_tolstring(L, a, &na), *pb = lua_tolstring(L, b, &nb);
    size_t n = na < nb ? na : nb;
    sandbox_spend(L, n / SANDBOX_BYTES_A_UNIT);
    int order = memcmp(pa, pb, n);
    return order < 0 || (order == 0 && na < nb);
}

static int key_class(lua_State *L, int index)
{
    switch (lua_type(L, index)) {
    case LUA_TNUMBER: return 0;
    case LUA_TSTRING: return 1;
    default: return lua_toboolean(L, index) ? 3 : 2;
    }
}

static bool key_less(lua_State *L, int a, int b)
{
    int ca = key_class(L, a), cb = key_class(L, b);
    if (ca != cb)
        return ca < cb;
    if (ca == 0)
        return lua_compare(L, a, b, LUA_OPLT);
    return ca == 1 && string_less(L, a, b);
}

/* Is the value at the top less than the one below it? compare: index of a function, 0: <, -1: keys.
 */
static bool top_less(lua_State *L, int compare)
{
    sandbox_spend(L, 4);
    if (compare < 0)
        return key_less(L, -1, -2);
    if (compare == 0) {
        if (lua_type(L, -1) == LUA_TSTRING && lua_type(L, -2) == LUA_TSTRING)
            return string_less(L, -1, -2);
        return lua_compare(L, -1, -2, LUA_OPLT);
    }
    lua_pushvalue(L, compare);
    lua_pushvalue(L, -2);
    lua_pushvalue(L, -4);
    lua_call(L, 2, 1);
    bool less = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return less;
}

/* Merges list[lo .. mid] and list[mid + 1 .. hi] by way of the scratch list. */
static void merge(lua_State *L, int list, int scratch, int compare, lua_Integer lo, lua_Integer mid,
                  lua_Integer hi)
{
    lua_Integer a = lo, b = mid + 1, out = lo;
    while (a <= mid && b <= hi) {
        lua_rawgeti(L, list, a);
        lua_rawgeti(L, list, b);
        bool right = top_less(L, compare);
        if (right) {
            lua_rawseti(L, scratch, out++);
            lua_pop(L, 1);
            b++;
        } else {
            lua_pop(L, 1);
            lua_rawseti(L, scratch, out++);
            a++;
        }
    }
    for (; a <= mid; a++) {
        lua_rawgeti(L, list, a);
        lua_rawseti(L, scratch, out++);
    }
    for (lua_Integer i = lo; i < out; i++) {
        lua_rawgeti(L, scratch, i);
        lua_rawseti(L, list, i);
    }
    sandbox_spend(L, (uint64_t)(hi - lo + 1));
}

/* list: index of a plain table that no script can reach */
static void sort_list(lua_State *L, int list, lua_Integer n, int compare)
{
    lua_newtable(L);
    int scratch = lua_gettop(L);
    for (lua_Integer width = 1; width < n; width *= 2)
        for (lua_Integer lo = 1; lo + width <= n; lo += 2 * width) {
            lua_Integer hi = lo + 2 * width - 1;
            merge(L, list, scratch, compare, lo, lo + width - 1, hi < n ? hi : n);
        }
    lua_pop(L, 1);
}

void sandbox_sort_keys(lua_State *L, int index, lua_Integer n)
{
    luaL_checkstack(L, 8, "too many values");
    sort_list(L, index, n, -1);
}

static int table_sort(lua_State *L)
{
    lua_Integer n = table_length(L, 1);
    luaL_argcheck(L, n < INT_MAX, 1, "array too big");
    if (!lua_isnoneornil(L, 2))
        luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 2);
    lua_newtable(L);
    for (lua_Integer i = 1; i <= n; i++) {
        sandbox_spend(L, 2);
        if (lua_geti(L, 1, i) == LUA_TNIL)
            return luaL_error(L, "cannot sort a list with a hole (at index %I)", (LUAI_UACINT)i);
        lua_rawseti(L, 3, i);
    }
    sort_list(L, 3, n, lua_isnil(L, 2) ? 0 : 2);
    for (lua_Integer i = 1; i <= n; i++) {
        sandbox_spend(L, 2);
        lua_rawgeti(L, 3, i);
        lua_seti(L, 1, i);
    }
    return 0;
}

void sandbox_push_table(lua_State *L)
{
    static const luaL_Reg functions[] = {{"concat", table_concat}, {"insert", table_insert},
                                         {"move", table_move},     {"pack", table_pack},
                                         {"remove", table_remove}, {"sort", table_sort},
                                         {"unpack", table_unpack}, {NULL, NULL}};
    luaL_newlib(L, functions);
}

/* ---- math: all of it takes constant time; without random, whose seed would be the clock ---- */

void sandbox_push_math(lua_State *L)
{
    lua_pushcfunction(L, luaopen_math);
    lua_call(L, 0, 1);
    lua_pushnil(L);
    lua_setfield(L, -2, "random");
    lua_pushnil(L);
    lua_setfield(L, -2, "randomseed");
}
