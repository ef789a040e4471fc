/* sandbox_copy.c: deep copies of plain data, inside a sandbox or from it into the compiler's state.
 *
 * Only raw accesses: nothing of the script runs. `from` never raises here, so that an error in `to`
 * cannot unwind past a call of `from`; what is wrong with the data is the return value. Shared
 * tables are copied once for each place, bounded by the number of nodes; that also ends cycles, by
 * depth.
 */
#include "sandbox_state.h"

#include <lauxlib.h>
#include <math.h>

struct copier {
    lua_State *from, *to;
    size_t nodes;
};

static enum sandbox_copy copy_value(struct copier *c, int index, int depth);

static void push_unsupported(struct copier *c, int type)
{
    lua_createtable(c->to, 0, 1);
    lua_pushstring(c->to, lua_typename(c->to, type));
    lua_setfield(c->to, -2, "unsupported");
}

/* Keys that are not plain become a string that no field is called, and that is no text: a zero
 * byte, the type. */
static void copy_key(struct copier *c, int index)
{
    size_t size;
    switch (lua_type(c->from, index)) {
    case LUA_TSTRING: {
        const char *bytes = lua_tolstring(c->from, index, &size);
        lua_pushlstring(c->to, bytes, size);
        break;
    }
    case LUA_TNUMBER:
        if (lua_isinteger(c->from, index))
            lua_pushinteger(c->to, lua_tointeger(c->from, index));
        else
            lua_pushnumber(c->to, lua_tonumber(c->from, index));
        break;
    default:
        lua_pushlstring(c->to, "\0", 1);
        lua_pushstring(c->to, luaL_typename(c->from, index));
        lua_concat(c->to, 2);
        break;
    }
}

static enum sandbox_copy copy_table(struct copier *c, int index, int depth)
{
    if (depth >= HUNCH_SANDBOX_MAX_DEPTH)
        return SANDBOX_COPY_DEEP;
    luaL_checkstack(c->to, 8, "nested too deep");
    if (c->from != c->to && !lua_checkstack(c->from, 8))
        return SANDBOX_COPY_STOPPED;
    lua_Unsigned n = lua_rawlen(c->from, index);
    lua_createtable(c->to, n < 65536 ? (int)n : 0, 0);
    int table = lua_gettop(c->to);
    lua_pushnil(c->from);
    while (lua_next(c->from, index)) {
        int value = lua_gettop(c->from);
        if (++c->nodes > HUNCH_SANDBOX_MAX_NODES)
            return SANDBOX_COPY_LARGE;
        if (c->from == c->to)
            sandbox_spend(c->to, 2);
        copy_key(c, value - 1);
        enum sandbox_copy result = copy_value(c, value, depth + 1);
        if (result != SANDBOX_COPIED)
            return result;
        lua_rawset(c->to, table);
        lua_settop(c->from, value - 1);
        if (c->from == c->to)
            lua_settop(c->to, value - 1);
    }
    return SANDBOX_COPIED;
}

static enum sandbox_copy copy_value(struct copier *c, int index, int depth)
{
    switch (lua_type(c->from, index)) {
    case LUA_TNIL: lua_pushnil(c->to); break;
    case LUA_TBOOLEAN: lua_pushboolean(c->to, lua_toboolean(c->from, index)); break;
    case LUA_TNUMBER:
    case LUA_TSTRING: copy_key(c, index); break;
    case LUA_TTABLE: return copy_table(c, index, depth);
    default: push_unsupported(c, lua_type(c->from, index)); break;
    }
    return SANDBOX_COPIED;
}

/* Pushes a copy of from[index] on `to`; when it fails, both stacks hold what they held before. */
enum sandbox_copy sandbox_copy(lua_State *from, int index, lua_State *to)
{
    struct copier c = {from, to, 0};
    int from_top = lua_gettop(from), to_top = lua_gettop(to);
    enum sandbox_copy result = copy_value(&c, lua_absindex(from, index), 0);
    if (from != to)
        lua_settop(from, from_top);
    if (result != SANDBOX_COPIED)
        lua_settop(to, to_top);
    return result;
}

const char *sandbox_copy_message(enum sandbox_copy why)
{
    switch (why) {
    case SANDBOX_COPY_DEEP:
        return "a table is nested deeper than 100 levels, or contains itself; flatten it";
    case SANDBOX_COPY_LARGE:
        return "the rules of the file have more than 8000000 entries; split the file";
    case SANDBOX_COPY_STOPPED: return "there is not enough memory to read the rules";
    default: return NULL;
    }
}
