/* sandbox_lua.c: the sandbox as functions of hunch.native; the contract is in sandbox.h.
 *
 * Every sandbox lies in a userdata with __gc, because any call on the outer state may unwind.
 */
#include "sandbox.h"
#include "alloc.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#define TYPE_NAME "hunch.sandbox"

struct box {
    struct hunch_sandbox *sandbox;    /* NULL: closed */
    struct hunch_allocator allocator; /* the outer state's */
};

/* Called early where that can be: the outer state's collector does not see a sandbox's memory. */
static void box_close(struct box *box)
{
    hunch_sandbox_free(box->sandbox);
    box->sandbox = NULL;
}

static int box_free(lua_State *L)
{
    box_close(luaL_checkudata(L, 1, TYPE_NAME));
    return 0;
}

static int host_call(lua_State *L);

static int host_count(lua_State *L)
{
    const struct box *box = luaL_checkudata(L, 1, TYPE_NAME);
    lua_pushinteger(L,
                    box->sandbox == NULL ? 0 : (lua_Integer)hunch_sandbox_host_count(box->sandbox));
    return 1;
}

static struct box *push_box(lua_State *L)
{
    static const luaL_Reg methods[] = {{"call", host_call}, {"count", host_count}, {NULL, NULL}};
    struct box *box = lua_newuserdatauv(L, sizeof *box, 0);
    box->sandbox = NULL;
    box->allocator.realloc = lua_getallocf(L, &box->allocator.ctx);
    if (luaL_newmetatable(L, TYPE_NAME)) {
        luaL_newlib(L, methods);
        lua_setfield(L, -2, "__index");
        lua_pushcfunction(L, box_free);
        lua_setfield(L, -2, "__gc");
        lua_pushcfunction(L, box_free);
        lua_setfield(L, -2, "__close");
    }
    lua_setmetatable(L, -2);
    return box;
}

/* nil, failure */
static int push_failure(lua_State *L, const struct hunch_sandbox_error *err)
{
    static const char *const kinds[] = {"",      "syntax", "script", "limit", "limit",
                                        "limit", "limit",  "data",   "memory"};
    static const char *const limits[] = {NULL,   NULL,       NULL, "memory", "instructions",
                                         "time", "deadline", NULL, NULL};
    lua_pushnil(L);
    lua_createtable(L, 0, 5);
    lua_pushstring(L, kinds[err->outcome]);
    lua_setfield(L, -2, "kind");
    lua_pushstring(L, limits[err->outcome]);
    lua_setfield(L, -2, "limit");
    lua_pushstring(L, err->message);
    lua_setfield(L, -2, "message");
    if (err->line > 0) {
        lua_pushinteger(L, err->line);
        lua_setfield(L, -2, "line");
    }
    if (err->rule[0] != '\0') {
        lua_pushstring(L, err->rule);
        lua_setfield(L, -2, "rule");
    }
    return 2;
}

static lua_Number limit_field(lua_State *L, int index, const char *name, lua_Number most)
{
    lua_Number n = 0;
    if (lua_getfield(L, index, name) != LUA_TNIL) {
        n = luaL_checknumber(L, -1);
        luaL_argcheck(L, n > 0, index, "limits must be above 0");
    }
    lua_pop(L, 1);
    return n < most ? n : most;
}

static void read_limits(lua_State *L, int index, struct hunch_sandbox_options *options)
{
    if (lua_isnoneornil(L, index))
        return;
    luaL_checktype(L, index, LUA_TTABLE);
    options->memory = (size_t)limit_field(L, index, "memory", 1e15);
    options->instructions = (uint64_t)limit_field(L, index, "instructions", 1e18);
    options->milliseconds = (uint32_t)(limit_field(L, index, "seconds", 1e6) * 1000);
}

static void read_interrupt(lua_State *L, struct hunch_sandbox_options *options)
{
    lua_getfield(L, LUA_REGISTRYINDEX, HUNCH_SANDBOX_INTERRUPT);
    const struct hunch_sandbox_interrupt *interrupt = lua_touserdata(L, -1);
    if (interrupt != NULL) {
        options->interrupted = interrupt->interrupted;
        options->interrupt_data = interrupt->data;
    }
    lua_pop(L, 1);
}

/* Leaves the box on the stack; false: err is filled, and there may be no sandbox. Arguments:
 * source, name, setup, limits. */
static bool load(lua_State *L, bool hosts_only, struct box **out, struct hunch_sandbox_error *err)
{
    struct hunch_sandbox_options options = {0};
    size_t source_size, setup_size;
    const char *source = luaL_checklstring(L, 1, &source_size);
    const char *name = luaL_checkstring(L, 2);
    const char *setup = luaL_checklstring(L, 3, &setup_size);
    read_limits(L, 4, &options);
    options.hosts_only = hosts_only;
    read_interrupt(L, &options);
    struct box *box = *out = push_box(L);
    options.allocator = &box->allocator;
    box->sandbox = hunch_sandbox_new(&options, setup, setup_size, err);
    return box->sandbox != NULL &&
           hunch_sandbox_load(box->sandbox, source, source_size, name, err) == HUNCH_SANDBOX_OK;
}

/* nil, failure and, where the script ran a part of its way, what it had declared. */
static int push_failed_run(lua_State *L, struct box *box, const struct hunch_sandbox_error *err)
{
    struct hunch_sandbox_error copying;
    push_failure(L, err);
    switch (err->outcome) {
    case HUNCH_SANDBOX_SCRIPT:
    case HUNCH_SANDBOX_MEMORY_LIMIT:
    case HUNCH_SANDBOX_INSTRUCTION_LIMIT:
    case HUNCH_SANDBOX_TIME_LIMIT: break;
    default: box_close(box); return 2;
    }
    bool copied = box->sandbox != NULL &&
                  hunch_sandbox_push_rules(box->sandbox, L, &copying) == HUNCH_SANDBOX_OK;
    box_close(box);
    return copied ? 3 : 2;
}

int hunch_native_sandbox(lua_State *L)
{
    struct hunch_sandbox_error err;
    struct box *box;
    if (!load(L, false, &box, &err))
        return push_failed_run(L, box, &err);
    enum hunch_sandbox_outcome outcome = hunch_sandbox_push_rules(box->sandbox, L, &err);
    box_close(box);
    return outcome == HUNCH_SANDBOX_OK ? 1 : push_failure(L, &err);
}

int hunch_native_sandbox_host(lua_State *L)
{
    struct hunch_sandbox_error err;
    struct box *box;
    if (load(L, true, &box, &err))
        return 1;
    box_close(box);
    return push_failure(L, &err);
}

/* ---- object:call(n, match, record) ---- */

static struct hunch_host_bytes bytes_field(lua_State *L, int index, const char *name)
{
    struct hunch_host_bytes bytes = {"", 0};
    lua_getfield(L, index, name); /* stays on the stack, so that the bytes live */
    if (!lua_isnil(L, -1))
        bytes.data = luaL_checklstring(L, -1, &bytes.size);
    return bytes;
}

static uint64_t integer_field(lua_State *L, int index, const char *name, lua_Integer otherwise)
{
    if (lua_getfield(L, index, name) != LUA_TNIL)
        otherwise = luaL_checkinteger(L, -1);
    lua_pop(L, 1);
    return (uint64_t)otherwise;
}

static bool read_bytes(void *data, uint64_t begin, size_t size, char *to)
{
    const struct hunch_host_bytes *bytes = data;
    if (begin > bytes->size || size > bytes->size - begin)
        return false;
    memcpy(to, bytes->data + begin, size);
    return true;
}

static struct hunch_host_span *read_captures(lua_State *L, int index, size_t *count)
{
    *count = 0;
    if (lua_getfield(L, index, "captures") != LUA_TTABLE)
        return NULL;
    int list = lua_gettop(L);
    size_t n = (size_t)lua_rawlen(L, list);
    struct hunch_host_span *spans = lua_newuserdatauv(L, (n + 1) * sizeof *spans, 0);
    for (size_t i = 0; i < n; i++) {
        spans[i].begin = 1;
        spans[i].end = 0;
        if (lua_rawgeti(L, list, (lua_Integer)i + 1) == LUA_TTABLE) {
            lua_rawgeti(L, -1, 1);
            lua_rawgeti(L, -2, 2);
            spans[i].begin = (uint64_t)luaL_checkinteger(L, -2) - 1;
            spans[i].end = (uint64_t)luaL_checkinteger(L, -1);
            lua_pop(L, 2);
        }
        lua_pop(L, 1);
    }
    *count = n;
    return spans;
}

static int push_changes(lua_State *L, const struct hunch_host_changes *changes)
{
    lua_createtable(L, 0, 5);
    if (changes->has_span) {
        lua_pushinteger(L, (lua_Integer)changes->span.begin + 1);
        lua_setfield(L, -2, "first");
        lua_pushinteger(L, (lua_Integer)changes->span.end);
        lua_setfield(L, -2, "last");
    }
    const struct {
        const char *name;
        struct hunch_host_bytes bytes;
    } texts[] = {
        {"severity", changes->severity}, {"title", changes->title}, {"meta", changes->meta}};
    for (size_t i = 0; i < 3; i++) {
        if (texts[i].bytes.size == 0)
            continue;
        lua_pushlstring(L, texts[i].bytes.data, texts[i].bytes.size);
        lua_setfield(L, -2, texts[i].name);
    }
    return 1;
}

/* match: { rule, title, severity, text, first, last, captures, line, column }; record: { name, data
 * } */
static int host_call(lua_State *L)
{
    struct box *box = luaL_checkudata(L, 1, TYPE_NAME);
    lua_Integer index = luaL_checkinteger(L, 2);
    luaL_checktype(L, 3, LUA_TTABLE);
    luaL_checktype(L, 4, LUA_TTABLE);
    luaL_argcheck(L, box->sandbox != NULL, 1, "the sandbox is closed");
    luaL_checkstack(L, 20, "too many values");
    struct hunch_host_bytes data = bytes_field(L, 4, "data");
    struct hunch_host_record record = {bytes_field(L, 4, "name"), data.size, read_bytes, &data};
    struct hunch_host_match match = {0};
    match.rule = bytes_field(L, 3, "rule");
    match.title = bytes_field(L, 3, "title");
    match.severity = bytes_field(L, 3, "severity");
    match.text = bytes_field(L, 3, "text");
    match.span.begin = integer_field(L, 3, "first", 1) - 1;
    match.span.end = integer_field(L, 3, "last", (lua_Integer)match.text.size);
    match.captures = read_captures(L, 3, &match.capture_count);
    match.line = integer_field(L, 3, "line", 0);
    match.column = integer_field(L, 3, "column", 0);
    struct hunch_sandbox_error err;
    struct hunch_host_changes changes;
    switch (hunch_sandbox_call(box->sandbox, index < 0 ? 0 : (size_t)index, &match, &record,
                               &changes, &err)) {
    case HUNCH_HOST_ACCEPT: lua_pushboolean(L, 1); return 1;
    case HUNCH_HOST_REJECT: lua_pushboolean(L, 0); return 1;
    case HUNCH_HOST_CHANGE: return push_changes(L, &changes);
    default: return push_failure(L, &err);
    }
}
