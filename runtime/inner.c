/* inner.c: see inner.h. */
#include "inner.h"

#include <errno.h>
#include <lauxlib.h>
#include <lualib.h>
#include <string.h>
#include <sys/stat.h>

#include "clock.h"
#include "embedded.h"
#include "read.h"
#include "sandbox.h"
#include "seen.h"
#include "walk.h"

int luaopen_lpeg(lua_State *L);
HUNCH_API int luaopen_hunch_native(lua_State *L);

enum {
    RULE_FILE_MOST = 64 << 20,
    COLLECT_FROM = 64 << 10, /* KiB of Lua's memory: below, garbage stays */
    LOOK_EVERY =
        50000 /* VM instructions between two looks at who may end it: under a millisecond */
};

static void *inner_realloc(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
    const struct hunch_allocator *a = ctx; /* not the engine: the state may outlive it */
    if (new_size == 0) {
        if (ptr != NULL)
            hunch_free(a, ptr, old_size);
        return NULL;
    }
    return hunch_realloc(a, ptr, ptr == NULL ? 0 : old_size, new_size);
}

static int load_embedded(lua_State *L)
{
    const struct hunch_embedded *e = lua_touserdata(L, lua_upvalueindex(1));
    char chunk[256];
    snprintf(chunk, sizeof chunk, "@%s", e->path);
    if (luaL_loadbufferx(L, (const char *)e->data, e->size, chunk, "t") != LUA_OK)
        return lua_error(L);
    lua_pushstring(L, e->name);
    lua_call(L, 1, 1);
    return 1;
}

void hunch_preload_embedded(lua_State *L)
{
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    for (const struct hunch_embedded *e = hunch_embedded_lua; e->name != NULL; e++) {
        lua_pushlightuserdata(L, (void *)(uintptr_t)e);
        lua_pushcclosure(L, load_embedded, 1);
        lua_setfield(L, -2, e->name);
    }
    lua_pop(L, 1);
}

struct call {
    struct hunch_engine *engine;
    uint64_t began;
    const struct hunch_inner_request *request;
    struct hunch_walk *walk;
    struct hunch_seen seen; /* the rule files that were read: a link may lead to one of them */
    struct hunch_buffer buffer;
    struct hunch_error *err;
    hunch_status status;
    struct hunch_sandbox_interrupt interrupt;
    bool collecting; /* garbage: the state lives for one request, and seldom grows so large */
};

/* Whether compiling is to end, which c->status then says. */
static bool stopped(void *ctx)
{
    struct call *c = ctx;
    const struct hunch_compile_options *o = c->request->options;
    if (c->status == HUNCH_OK && c->engine->interrupted != NULL && c->engine->interrupted())
        c->status = hunch_fail(c->err, HUNCH_ERROR_CANCELLED, "compiling was interrupted");
    if (o == NULL)
        return c->status != HUNCH_OK;
    if (c->status == HUNCH_OK && o->deadline > 0 &&
        (double)(hunch_clock_ns() - c->began) >= o->deadline * 1e9)
        c->status = hunch_fail(c->err, HUNCH_ERROR_CANCELLED,
                               "the deadline came before the rules were compiled");
    else if (c->status == HUNCH_OK &&
             ((o->cancel_flag != NULL && *o->cancel_flag) || (o->cancel && o->cancel(o->ctx))))
        c->status = hunch_fail(c->err, HUNCH_ERROR_CANCELLED, "compiling was cancelled");
    return c->status != HUNCH_OK;
}

/* Asks now and then whether to go on; when not, no handler of the compiler's gets further. */
static void look(lua_State *L, lua_Debug *ar)
{
    struct call *c = *(struct call **)lua_getextraspace(L);
    (void)ar;
    if (!c->collecting && lua_gc(L, LUA_GCCOUNT) >= COLLECT_FROM) {
        c->collecting = true;
        lua_gc(L, LUA_GCRESTART);
    }
    if (!stopped(c))
        return;
    lua_sethook(L, look, LUA_MASKCOUNT, 1);
    luaL_error(L, "compiling was ended");
}

static bool ends_in_lua(const char *path, size_t n)
{
    return n > 4 && memcmp(path + n - 4, ".lua", 4) == 0;
}

/* Appends { name =, text = } to the table on top. */
static void add_source(lua_State *L, const char *name, size_t name_size, const char *text,
                       size_t size)
{
    lua_createtable(L, 0, 2);
    lua_pushlstring(L, name, name_size);
    lua_setfield(L, -2, "name");
    lua_pushlstring(L, text, size);
    lua_setfield(L, -2, "text");
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
}

static hunch_status fail_path(struct call *c, const char *path, const char *detail)
{
    return hunch_fail(c->err, HUNCH_ERROR_IO, "cannot read rules from %.300s: %s", path, detail);
}

/* Appends { name =, why = } to the table at index 'skipped'. */
static void skip_path(lua_State *L, int skipped, const struct hunch_walk_item *w, const char *why)
{
    lua_createtable(L, 0, 2);
    lua_pushlstring(L, w->path, w->path_length);
    lua_setfield(L, -2, "name");
    lua_pushstring(L, why);
    lua_setfield(L, -2, "why");
    lua_rawseti(L, skipped, (lua_Integer)lua_rawlen(L, skipped) + 1);
}

/* Whether what the walk found is a rule file that was not read yet. Of what looks like one and is
 * none, a link that leads nowhere or a FIFO, the compiler is told. */
static hunch_status is_rule_file(lua_State *L, int skipped, struct call *c,
                                 const struct hunch_walk_item *w, bool *is)
{
    struct stat st;
    bool named = w->follow || ends_in_lua(w->path, w->path_length);
    *is = false;
    if (!named && w->kind == HUNCH_WALK_FILE)
        return HUNCH_OK;
    int error = fstatat(hunch_dir_fd(w->dir), w->path + w->base, &st, 0) == 0 ? 0 : errno;
    if (w->kind == HUNCH_WALK_OTHER) {
        if (error == 0 && S_ISDIR(st.st_mode))
            skip_path(L, skipped, w, "it is a symbolic link to a folder, which is not followed");
        else if (named && error != 0)
            skip_path(L, skipped, w,
                      error == ENOENT ? "it is a symbolic link to a file that does not exist"
                                      : hunch_errno_text(error));
        else if (named && !S_ISREG(st.st_mode))
            skip_path(L, skipped, w, "it is no regular file");
        if (!named || error != 0 || !S_ISREG(st.st_mode))
            return HUNCH_OK;
    }
    *is = true;
    if (error != 0)
        return HUNCH_OK; /* reading it says why */
    struct hunch_seen_entry *e = hunch_seen_put(&c->seen, st.st_dev, st.st_ino, NULL);
    if (e == NULL)
        return hunch_fail_memory(c->err, sizeof *e, "the names of rule files");
    *is = !(e->flags & HUNCH_SEEN_DONE);
    e->flags |= HUNCH_SEEN_DONE;
    return HUNCH_OK;
}

/* Adds to the sources, which are on top, and to the list of what was passed over. */
static hunch_status add_files(lua_State *L, int skipped, struct call *c)
{
    const struct hunch_allocator *a = c->engine->a;
    static const struct hunch_walk_options options = {.others = true};
    struct hunch_walk_item w;
    hunch_status status =
        hunch_walk_new(a, c->request->paths, c->request->path_count, &options, &c->walk, c->err);
    while (status == HUNCH_OK) {
        status = hunch_walk_next(c->walk, &w, c->err);
        if (status != HUNCH_OK || w.kind == HUNCH_WALK_END)
            break;
        if (w.kind == HUNCH_WALK_PROBLEM)
            return fail_path(c, w.path,
                             strcmp(w.reason, "not-a-file") == 0
                                 ? "rules are regular files, and folders of them"
                                 : w.detail);
        bool is;
        status = is_rule_file(L, skipped, c, &w, &is);
        if (status != HUNCH_OK || !is)
            continue;
        struct hunch_read r;
        status = hunch_read_whole(a, hunch_dir_fd(w.dir), w.path + w.base,
                                  w.follow || w.kind == HUNCH_WALK_OTHER ? HUNCH_READ_FOLLOW : 0,
                                  RULE_FILE_MOST, RULE_FILE_MOST, &c->buffer, &r, c->err);
        if (status != HUNCH_OK)
            return status;
        if (r.state == HUNCH_READ_PROBLEM)
            return fail_path(c, w.path, r.detail);
        if (r.state != HUNCH_READ_WHOLE)
            return fail_path(c, w.path, "a rule file may have at most 64 MiB");
        add_source(L, w.path, w.path_length, (const char *)c->buffer.bytes, r.size);
    }
    return status;
}

static int protected_call(lua_State *L)
{
    struct call *c = lua_touserdata(L, 1);
    const struct hunch_inner_request *q = c->request;
    *(struct call **)lua_getextraspace(L) = c;
    c->interrupt = (struct hunch_sandbox_interrupt){stopped, c};
    lua_sethook(L, look, LUA_MASKCOUNT, LOOK_EVERY);
    luaL_openlibs(L);
    lua_pushlightuserdata(L, &c->interrupt);
    lua_setfield(L, LUA_REGISTRYINDEX, HUNCH_SANDBOX_INTERRUPT);
    hunch_preload_embedded(L);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    lua_pushcfunction(L, luaopen_lpeg);
    lua_setfield(L, -2, "lpeg");
    lua_pushcfunction(L, luaopen_hunch_native);
    lua_setfield(L, -2, "hunch.native");
    lua_settop(L, 1);
    lua_gc(L, LUA_GCINC, 400, 400, 0);
    lua_gc(L, LUA_GCSTOP);

    lua_getglobal(L, "require");
    lua_pushliteral(L, "hunch.inner");
    lua_call(L, 1, 1);
    lua_getfield(L, -1, q->what);

    lua_createtable(L, 0, 6);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, "skipped");
    int skipped = lua_gettop(L);
    lua_newtable(L);
    if (q->paths != NULL) {
        c->status = add_files(L, skipped, c);
        if (c->status != HUNCH_OK)
            return 0;
    } else {
        add_source(L, q->name, strlen(q->name), q->text, q->text_size);
    }
    lua_setfield(L, -3, "sources");
    lua_pop(L, 1);
    lua_pushboolean(L, q->paths != NULL);
    lua_setfield(L, -2, "files");
    if (q->rule != NULL) {
        lua_pushstring(L, q->rule);
        lua_setfield(L, -2, "rule");
    }
    lua_createtable(L, 0, 3);
    if (c->engine->script_memory) {
        lua_pushinteger(L, (lua_Integer)c->engine->script_memory);
        lua_setfield(L, -2, "memory");
    }
    if (c->engine->script_instructions) {
        lua_pushinteger(L, (lua_Integer)c->engine->script_instructions);
        lua_setfield(L, -2, "instructions");
    }
    if (c->engine->script_seconds > 0) {
        lua_pushnumber(L, c->engine->script_seconds);
        lua_setfield(L, -2, "seconds");
    }
    lua_setfield(L, -2, "limits");
    lua_call(L, 1, 1);
    return 1;
}

hunch_status hunch_inner_call(struct hunch_engine *engine,
                              const struct hunch_inner_request *request, lua_State **out,
                              struct hunch_error *err)
{
    struct call c = {.engine = engine,
                     .began = hunch_clock_ns(),
                     .request = request,
                     .err = err,
                     .status = HUNCH_OK};
    *out = NULL;
    hunch_seen_init(&c.seen, engine->a);
    lua_State *L = lua_newstate(inner_realloc, (void *)(uintptr_t)engine->a);
    if (L == NULL)
        return hunch_fail_memory(err, 0, "the compiler's Lua state");
    lua_pushcfunction(L, protected_call);
    lua_pushlightuserdata(L, &c);
    int code = lua_pcall(L, 1, 1, 0);
    lua_sethook(L, NULL, 0, 0);
    hunch_walk_free(c.walk);
    hunch_seen_done(&c.seen);
    hunch_buffer_free(engine->a, &c.buffer);
    if (c.status != HUNCH_OK)
        ; /* a path cannot be read, or it was ended: said already */
    else if (code == LUA_ERRMEM)
        c.status = hunch_fail_memory(err, 0, "compiling rules");
    else if (code != LUA_OK)
        c.status = hunch_fail(err, HUNCH_ERROR_RULES,
                              "the compiler failed, which is a bug in hunch: %.400s",
                              lua_tostring(L, -1) ? lua_tostring(L, -1) : "no message");
    if (c.status != HUNCH_OK)
        lua_close(L);
    else
        *out = L;
    return c.status;
}

/* ---- copying ---- */

static void copy_value(lua_State *from, int index, lua_State *to, int depth)
{
    luaL_checkstack(to, 6, "copying a value");
    index = lua_absindex(from, index);
    switch (lua_type(from, index)) {
    case LUA_TBOOLEAN: lua_pushboolean(to, lua_toboolean(from, index)); break;
    case LUA_TNUMBER:
        if (lua_isinteger(from, index))
            lua_pushinteger(to, lua_tointeger(from, index));
        else
            lua_pushnumber(to, lua_tonumber(from, index));
        break;
    case LUA_TSTRING: {
        size_t n;
        const char *s = lua_tolstring(from, index, &n);
        lua_pushlstring(to, s, n);
        break;
    }
    case LUA_TTABLE:
        if (depth == 0 || !lua_checkstack(from, 4)) {
            lua_pushnil(to);
            break;
        }
        lua_newtable(to);
        lua_pushnil(from);
        while (lua_next(from, index) != 0) {
            copy_value(from, -2, to, 0); /* keys are no tables */
            copy_value(from, -1, to, depth - 1);
            if (lua_isnil(to, -2) || lua_isnil(to, -1))
                lua_pop(to, 2);
            else
                lua_rawset(to, -3);
            lua_pop(from, 1);
        }
        break;
    default: lua_pushnil(to);
    }
}

void hunch_lua_copy(lua_State *from, int index, lua_State *to)
{
    copy_value(from, index, to, 180);
}
