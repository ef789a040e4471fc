/* inner.h: the Lua state in which libhunch compiles rules: made for one request, closed after it.
 * It never meets the host's Lua; what it answers is plain data. */
#ifndef HUNCH_INNER_H
#define HUNCH_INNER_H

#include <lua.h>

#include "engine.h"

struct hunch_inner_request {
    const char *what;         /* function of lua/hunch/inner.lua: "compile", "check", "explain" */
    const char *const *paths; /* rule files and folders of them, or NULL: */
    size_t path_count;
    const char *name, *text; /* one file in memory */
    size_t text_size;
    const char *rule;                            /* explain: only this one; NULL: all */
    const struct hunch_compile_options *options; /* NULL: nothing ends it early */
};

/* On OK the answer, a table, is on top of *L, which the caller closes with lua_close. IO: a path
 * cannot be read; MEMORY; CANCELLED; RULES: the compiler itself failed, which is a bug and says
 * so. */
hunch_status hunch_inner_call(struct hunch_engine *engine,
                              const struct hunch_inner_request *request, lua_State **L,
                              struct hunch_error *err);

/* Makes the embedded Lua modules known to `require` in L. */
void hunch_preload_embedded(lua_State *L);

/* Copies the value at `index` of `from` onto the stack of `to`: tables, strings, numbers, booleans;
 * anything else is left out. May raise a memory error in `to`. */
void hunch_lua_copy(lua_State *from, int index, lua_State *to);

#endif
