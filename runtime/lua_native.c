/* lua_native.c: `hunch.native`, what the compiler in Lua asks of C: guards, checksums, sandboxes,
 * embedded sources, regexes. Every function takes and gives strings and tables; memory comes from
 * the calling state's allocator.
 */
#include "hunch.h"
#include "lua_core.h"
#include "lua_native.h"

#include "../kernels/follow_tile.h"
#include "../kernels/tuning.h"

#include "embedded.h"
#include "guard.h"
#include "program.h"
#include "read.h"
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <string.h>
#include <unistd.h>

HUNCH_API int luaopen_hunch_native(lua_State *L);

static void *native_realloc(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
    const struct hunch_native_memory *m = ctx;
    return m->realloc(m->ctx, ptr, ptr == NULL ? 0 : old_size, new_size);
}

void hunch_native_memory_init(struct hunch_native_memory *m, lua_State *L)
{
    m->realloc = lua_getallocf(L, &m->ctx);
    m->base.realloc = native_realloc;
    m->base.ctx = m;
}

void *hunch_native_box(lua_State *L, size_t size, const char *name, lua_CFunction free)
{
    struct hunch_native_memory *m = hunch_lua_box(L, size, name, free);
    hunch_native_memory_init(m, L);
    return m;
}

const void *hunch_native_array(lua_State *L, int index, size_t size, size_t *count)
{
    size_t bytes;
    const char *text = luaL_checklstring(L, index, &bytes);
    luaL_argcheck(L, bytes % size == 0, index, "not a whole number of elements");
    *count = bytes / size;
    void *copy = lua_newuserdatauv(L, bytes > 0 ? bytes : 1, 0);
    memcpy(copy, text, bytes);
    return copy;
}

/* ---- native.guard(code, classes, start, max_states) -> { table, shift, states, columns } | nil
 * ---- start: an instruction, or a string of states (u32, ascending) that wait for a byte. */

struct guard_box {
    struct hunch_native_memory memory;
    struct hunch_guard_build build;
};

static int guard_free(lua_State *L)
{
    struct guard_box *box = lua_touserdata(L, 1);
    hunch_free_array(&box->memory.base, box->build.table, box->build.entries, sizeof(uint16_t));
    box->build.table = NULL;
    return 0;
}

/* States and groups of code, counted: native.guard is not told. */
static struct hp_regex measure(const struct hp_instr *code, uint32_t count)
{
    struct hp_regex info = {
        .code_count = count, .first_class = HP_NONE, .group_count = HP_MAX_GROUPS};
    uint64_t states = 0;
    for (uint32_t i = 0; i < count; i++)
        states += code[i].op != HP_OP_RUN      ? 1
                  : code[i].max == HP_INFINITE ? (uint64_t)code[i].min + 1
                                               : code[i].max;
    info.state_count = states > HP_MAX_STATES ? HP_MAX_STATES + 1 : (uint32_t)states;
    return info;
}

static int native_guard(lua_State *L)
{
    lua_settop(L, 4);
    size_t code_count, class_count;
    const struct hp_instr *code = hunch_native_array(L, 1, sizeof *code, &code_count);
    const struct hp_class *classes = hunch_native_array(L, 2, sizeof *classes, &class_count);
    lua_Integer entry = 0, max_states = luaL_checkinteger(L, 4);
    const uint32_t *start = NULL;
    size_t start_count = 0;
    if (lua_type(L, 3) == LUA_TSTRING)
        start = hunch_native_array(L, 3, sizeof *start, &start_count);
    else
        entry = luaL_checkinteger(L, 3);
    luaL_argcheck(L, code_count <= HP_MAX_INSTRUCTIONS && class_count < HP_NONE, 1,
                  "too many instructions");
    struct hp_regex info = measure(code, (uint32_t)code_count);
    const char *flaw = hunch_regex_check(&info, code, (uint32_t)class_count);
    if (flaw != NULL)
        return luaL_error(L, "native.guard: the regex %s", flaw);
    for (size_t i = 0; i < start_count; i++)
        luaL_argcheck(L, start[i] < info.state_count && (i == 0 || start[i] > start[i - 1]), 3,
                      "not a set of states");
    luaL_argcheck(L, entry >= 0 && (size_t)entry < code_count, 3, "not an instruction");
    luaL_argcheck(L, max_states >= 3 && max_states <= 65535, 4, "3 to 65535");

    struct guard_box *box = hunch_native_box(L, sizeof *box, "hunch.guard", guard_free);
    int held = lua_gettop(L);
    struct hunch_error err;
    hunch_error_clear(&err);
    const struct hunch_guard_build *build = &box->build;
    if (hunch_guard_build(&box->memory.base, code, (uint32_t)code_count, classes,
                          (uint32_t)class_count, (uint32_t)entry, start, start_count,
                          (uint32_t)max_states, &box->build, &err) != HUNCH_OK)
        return luaL_error(L, "%s", err.message);
    if (build->table == NULL) {
        lua_pushnil(L);
        return 1;
    }
    lua_createtable(L, 0, 4);
    luaL_Buffer b;
    size_t size = build->entries * 2;
    char *out = luaL_buffinitsize(L, &b, size);
    for (size_t i = 0; i < build->entries; i++) {
        out[2 * i] = (char)(build->table[i] & 0xff);
        out[2 * i + 1] = (char)(build->table[i] >> 8);
    }
    luaL_pushresultsize(&b, size);
    lua_setfield(L, -2, "table");
    lua_pushinteger(L, build->shift);
    lua_setfield(L, -2, "shift");
    lua_pushinteger(L, build->state_count);
    lua_setfield(L, -2, "states");
    lua_pushlstring(L, (const char *)build->byte_class, sizeof build->byte_class);
    lua_setfield(L, -2, "columns");
    /* Now rather than by the collector, which does not know how large it is. */
    hunch_free_array(&box->memory.base, box->build.table, box->build.entries, sizeof(uint16_t));
    box->build.table = NULL;
    lua_pushvalue(L, held + 1);
    return 1;
}

/* ---- the small ones ---- */

static int native_hash(lua_State *L)
{
    size_t size;
    const char *bytes = luaL_checklstring(L, 1, &size);
    uint8_t sum[16];
    hunch_hash128(bytes, size, sum);
    lua_pushlstring(L, (const char *)sum, sizeof sum);
    return 1;
}

/* native.source(module) -> text of an embedded Lua file, its path | nil */
static int native_source(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    for (const struct hunch_embedded *e = hunch_embedded_lua; e->name != NULL; e++) {
        if (strcmp(e->name, name) != 0)
            continue;
        lua_pushlstring(L, (const char *)e->data, e->size);
        lua_pushstring(L, e->path);
        return 2;
    }
    lua_pushnil(L);
    return 1;
}

struct read_box {
    struct hunch_native_memory memory;
    struct hunch_buffer buffer;
};

static int read_free(lua_State *L)
{
    struct read_box *box = lua_touserdata(L, 1);
    hunch_buffer_free(&box->memory.base, &box->buffer);
    return 0;
}

/* native.read_below(folder, name) -> text | nil, why: a regular file of at most 64 MiB below the
 * folder ("": the working directory); no symbolic link may lead to it. */
static int native_read_below(lua_State *L)
{
    enum { MOST = 64 << 20 };
    const char *folder = luaL_checkstring(L, 1), *name = luaL_checkstring(L, 2);
    struct read_box *box = hunch_native_box(L, sizeof *box, "hunch.native.read", read_free);
    const char *why = NULL;
    struct hunch_error err = {0};
    struct hunch_read r = {.fd = -1};
    int fd = open(folder[0] ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        why = hunch_errno_text(errno);
    } else {
        if (hunch_read_whole(&box->memory.base, fd, name, 0, MOST, MOST, &box->buffer, &r, &err) !=
            HUNCH_OK)
            why = err.message;
        else if (r.state == HUNCH_READ_PROBLEM)
            why = r.error == ELOOP ? "symbolic links are not followed" : r.detail;
        else if (r.state != HUNCH_READ_WHOLE)
            why = "it has more than 64 MiB";
        if (r.fd >= 0)
            close(r.fd);
        close(fd);
    }
    if (why != NULL) {
        lua_pushnil(L);
        lua_pushstring(L, why);
        return 2;
    }
    lua_pushlstring(L, box->buffer.bytes ? (const char *)box->buffer.bytes : "", r.size);
    hunch_buffer_free(&box->memory.base, &box->buffer);
    return 1;
}

int luaopen_hunch_native(lua_State *L)
{
    static const luaL_Reg functions[] = {{"device_lists", hunch_native_device_lists},
                                         {"guard", native_guard},
                                         {"hash", native_hash},
                                         {"source", native_source},
                                         {"read_below", native_read_below},
                                         {"regex", hunch_native_regex},
                                         {"sandbox", hunch_native_sandbox},
                                         {"sandbox_host", hunch_native_sandbox_host},
                                         {NULL, NULL}};
    luaL_newlib(L, functions);
    hunch_native_push_constants(L);
    lua_setfield(L, -2, "constants");
    hunch_native_push_device(L);
    lua_setfield(L, -2, "device");
    return 1;
}
