/* lua_pair.h: what lua_kernel.c and lua_prefilter_confirm.c share: C calls that call back into Lua.
 * An error in a function of the host's is kept, the C call ends with CANCELLED, and the error is
 * raised again behind it, so that no C frame is jumped over. */
#ifndef HUNCH_LUA_PAIR_H
#define HUNCH_LUA_PAIR_H

#include "lua_core.h"

struct kernel_box; /* lua_kernel.c */

struct hunch_lua_frame {
    lua_State *L;
    bool failed;
    int error_index; /* of the stack slot that is kept for the error */
};

/* Makes the slot. Raises what was kept, if anything. */
struct hunch_lua_frame hunch_lua_frame_begin(lua_State *L);
void hunch_lua_frame_end(const struct hunch_lua_frame *f);

/* Calls work(data, the value at value_index), protected. */
hunch_status hunch_lua_protected(struct hunch_lua_frame *f, lua_CFunction work, void *data,
                                 int value_index, struct hunch_error *err);

/* A list of outputs that is collected; *box is NULL. Pushes it. */
struct hunch_outputs **hunch_lua_outputs_box(lua_State *L);
/* Pushes a list of strings. Appends the strings of the list at index; anything else raises an error
 * that names `what`. MEMORY. */
void hunch_lua_push_outputs(lua_State *L, const struct hunch_outputs *outputs);
hunch_status hunch_lua_take_outputs(lua_State *L, int index, const char *what,
                                    struct hunch_outputs *outputs, struct hunch_error *err);

/* The list at index: strings, or { address =, size = } on the engine's device. Pushes what keeps
 * the array. */
struct hunch_input *hunch_lua_inputs(lua_State *L, int index, size_t *count);

/* The launch at index, { kernel =, blocks =, threads =, shared =, outputs =, arguments = }, or NULL
 * where it is nil. Pushes one value, which keeps it. */
struct hunch_kernel_launch *hunch_lua_launch(lua_State *L, int index);

/* Raises an error where the launch's kernel is closed (NULL: none): before it runs, when nothing is
 * read any more. */
void hunch_lua_launch_open(lua_State *L, const struct hunch_kernel_launch *launch);

/* While a dispatch runs, the host function of its launch (at launch_index; NULL: none) calls back
 * in its frame. Enter pushes one value; leave in the reverse order. */
struct hunch_lua_entry {
    struct kernel_box *box;
    struct hunch_lua_frame *before;
    int before_index;
};
struct hunch_lua_entry hunch_lua_enter(struct hunch_lua_frame *f,
                                       const struct hunch_kernel_launch *launch, int launch_index);
void hunch_lua_leave(const struct hunch_lua_entry *entry);

#endif
