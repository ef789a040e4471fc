/* lua_native.h: what the files runtime/lua_native*.c share; nobody else includes it. */
#ifndef HUNCH_LUA_NATIVE_H
#define HUNCH_LUA_NATIVE_H

#include <lua.h>

#include "alloc.h"

/* Pushes the table of constants. */
void hunch_native_push_constants(lua_State *L);

/* Pushes the table of what a device has room for; native.device_lists: lua_native_device.c. */
void hunch_native_push_device(lua_State *L);
int hunch_native_device_lists(lua_State *L);

/* native.regex(code, classes, info): lua_native_regex.c. */
int hunch_native_regex(lua_State *L);

/* The allocator of a Lua state as one of ours: what a budget on the state counts, counts this too.
 * Lies in a userdata, beside the memory it gave: any Lua call may unwind. */
struct hunch_native_memory {
    struct hunch_allocator base;
    lua_Alloc realloc;
    void *ctx;
};
void hunch_native_memory_init(struct hunch_native_memory *m, lua_State *L);

/* hunch_lua_box of a struct that begins with such an allocator, which is made. */
void *hunch_native_box(lua_State *L, size_t size, const char *name, lua_CFunction free);

/* Copies argument `index`, an array of `size`-byte elements, into a new userdata, which it leaves
 * on the stack. */
const void *hunch_native_array(lua_State *L, int index, size_t size, size_t *count);

#endif
