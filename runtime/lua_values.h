/* lua_values.h: what files of the Lua binding share that know nothing of the engine: options and
 * errors. */
#ifndef HUNCH_LUA_VALUES_H
#define HUNCH_LUA_VALUES_H

#include <lauxlib.h>
#include <lua.h>

#include "hunch.h"

/* Pushes nil and the error's message. */
int hunch_lua_fail(lua_State *L, const struct hunch_error *err);

/* Raises an error for a key of the table that is none of the names, which end with NULL, and puts a
 * copy of these fields in its place: reading it runs none of the host's code, and it keeps what it
 * has while it is on the stack. */
void hunch_lua_fields(lua_State *L, int index, const char *const *names);

/* A field of a table, which must be an integer from 0 to most (nil: 0), or a string without a zero
 * byte (nil: otherwise); anything else is an error that names it. */
uint64_t hunch_lua_number(lua_State *L, int table, const char *name, uint64_t most);
const char *hunch_lua_word(lua_State *L, int table, const char *name, const char *otherwise);
/* The argument at index, a string without a zero byte. */
const char *hunch_lua_string(lua_State *L, int index);

#endif
