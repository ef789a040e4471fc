/* engine_module.c: hunch.core once more, with what only specs may do: small sizes, so that little
 * records take the ways of large ones, and standard input from a string. A process uses this module
 * or hunch.core, not both. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lua_core.h"
#include "scan.h"

HUNCH_API int luaopen_hunch_core(lua_State *L);
HUNCH_API int luaopen_support_engine_module(lua_State *L);

static void set_size(lua_State *L, const char *name, size_t *size)
{
    if (lua_getfield(L, 2, name) != LUA_TNIL)
        *size = (size_t)luaL_checkinteger(L, -1);
    lua_pop(L, 1);
}

/* sizes(engine, { window = 64, ... }): names as in struct hunch_sizes; the others stay. */
static int sizes(lua_State *L)
{
    struct hunch_sizes *s = &hunch_lua_engine(L, 1)->sizes;
    luaL_checktype(L, 2, LUA_TTABLE);
    set_size(L, "record_most", &s->record_most);
    set_size(L, "slice", &s->slice);
    set_size(L, "window", &s->window);
    set_size(L, "stream_most", &s->stream_most);
    set_size(L, "inline_most", &s->inline_most);
    set_size(L, "hits_most", &s->hits_most);
    set_size(L, "job", &s->job);
    set_size(L, "slab", &s->slab);
    set_size(L, "batch", &s->batch);
    set_size(L, "spans_most", &s->spans_most);
    set_size(L, "matches_most", &s->matches_most);
    set_size(L, "race_after", &s->race_after);
    set_size(L, "late_after", &s->late_after);
    set_size(L, "race_least", &s->race_least);
    set_size(L, "open_after", &s->open_after);
    set_size(L, "device_least", &s->device_least);
    set_size(L, "solve_least", &s->solve_least);
    return 0;
}

/* graphs_solved(engine): how many times its device has solved rules on a graph. */
static int graphs_solved(lua_State *L)
{
    struct hunch_device *device = hunch_lua_engine(L, 1)->device;
    lua_pushinteger(L, device != NULL ? atomic_load(&device->graphs_solved) : 0);
    return 1;
}

/* driver(engine, path): the file that tells of a driver. */
static int driver(lua_State *L)
{
    struct hunch_engine *engine = hunch_lua_engine(L, 1);
    engine->driver = luaL_checkstring(L, 2);
    lua_settop(L, 2);
    luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

/* with_input(bytes, function, ...): calls it with a pipe that holds the bytes as standard input. At
 * most 1 MiB. */
static int with_input(lua_State *L)
{
    size_t n;
    const char *bytes = luaL_checklstring(L, 1, &n);
    int ends[2];
    if (pipe(ends) != 0)
        return luaL_error(L, "no pipe: %s", strerror(errno));
    fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    int saved = dup(0);
    ssize_t written = n == 0 ? 0 : write(ends[1], bytes, n);
    close(ends[1]);
    dup2(ends[0], 0);
    close(ends[0]);
    int failed = written != (ssize_t)n || lua_pcall(L, lua_gettop(L) - 2, LUA_MULTRET, 0) != LUA_OK;
    if (saved >= 0) {
        dup2(saved, 0);
        close(saved);
    } else {
        close(0);
    }
    if (written != (ssize_t)n)
        return luaL_error(L, "the pipe does not hold %d bytes", (int)n);
    if (failed)
        return lua_error(L);
    return lua_gettop(L) - 1;
}

/* scan_fd(rules, path, size): the file as a record of `size` bytes, whatever it has. Returns the
 * number of matches, and reason and detail of the first incomplete entry. */
static int scan_fd(lua_State *L)
{
    struct hunch_rules *rules = hunch_lua_rules(L, 1);
    int fd = open(luaL_checkstring(L, 2), O_RDONLY | O_CLOEXEC);
    struct hunch_report *report;
    struct hunch_error err;
    if (fd < 0)
        return luaL_error(L, "cannot open: %s", strerror(errno));
    hunch_status status =
        hunch_scan_fd(rules, "fd", 2, fd, (uint64_t)luaL_checkinteger(L, 3), NULL, &report, &err);
    close(fd);
    if (status != HUNCH_OK)
        return luaL_error(L, "%s", err.message);
    lua_pushinteger(L, (lua_Integer)hunch_report_match_count(report));
    if (hunch_report_incomplete_count(report) > 0) {
        struct hunch_incomplete lost;
        hunch_report_incomplete(report, 0, &lost);
        lua_pushstring(L, lost.reason);
        lua_pushstring(L, lost.detail);
    }
    hunch_report_free(report);
    return lua_gettop(L) - 3;
}

int luaopen_support_engine_module(lua_State *L)
{
    static const luaL_Reg functions[] = {{"sizes", sizes},     {"graphs_solved", graphs_solved},
                                         {"driver", driver},   {"with_input", with_input},
                                         {"scan_fd", scan_fd}, {NULL, NULL}};
    luaL_newlib(L, functions);
    lua_pushcfunction(L, luaopen_hunch_core);
    lua_call(L, 0, 1);
    lua_setfield(L, -2, "core");
    return 1;
}
