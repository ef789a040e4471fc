/* io_module: the walk, globs, file reading and the means to build hostile trees, for specs.
 * Lua module support.io_module, built by make as build/lua/support/io_module.so.
 *
 *   io.walk(paths, options, on_item) -> { {kind=, path=, reason=, detail=, error=, data=}… }, stats
 *
 * options: include, exclude (lists), input ("-" is it), gitignore, open_most, read = true, limit,
 * capacity, hold = n (files are opened n items late), fail_at = n (the n-th allocation and all
 * later ones fail). on_item(path, kind): before the file is opened. On a failure: nil, message,
 * stats
 *
 *   io.glob(pattern, path, folder, braces, root) -> boolean | nil, message, position
 *
 *   io.read(path, options) -> state, data, file_size | state, reason, detail
 *
 *   io.child(user, function) -> what the function returned as a string, from a forked process
 *
 *   io.fifo symlink link socket mkdir rmdir unlink rename chmod chdir (path…) -> true
 *
 *   io.deep(path, name, depth): folders inside each other; io.stat(path) -> size | nil
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include "alloc.h"
#include "glob.h"
#include "read.h"
#include "walk.h"

#define HOLD_MOST 4096

/* A file that waits to be opened. */
struct held {
    struct hunch_dir *dir;
    char *name;
    unsigned flags;
    int index; /* in the list of items */
};

/* All that a walk has in C: a userdata, so that a Lua error leaves nothing behind. */
struct state {
    struct hunch_counting_allocator memory;
    struct hunch_walk *walk;
    struct hunch_buffer buffer;
    struct held held[HOLD_MOST];
    size_t held_count, hold;
    const char **lists[3];
    size_t counts[3];
    size_t limit, capacity;
    bool read;
};

static int state_close(lua_State *L)
{
    struct state *s = luaL_checkudata(L, 1, "hunch.spec.walk");
    for (size_t i = 0; i < s->held_count; i++) {
        hunch_dir_unref(s->held[i].dir);
        free(s->held[i].name);
    }
    s->held_count = 0;
    hunch_buffer_free(&s->memory.base, &s->buffer);
    hunch_walk_free(s->walk);
    s->walk = NULL;
    for (int i = 0; i < 3; i++) {
        free(s->lists[i]);
        s->lists[i] = NULL;
    }
    return 0;
}

/* A list of strings at index, which the table there keeps alive. */
static void get_list(lua_State *L, int index, struct state *s, int which)
{
    if (lua_isnoneornil(L, index))
        return;
    size_t n = (size_t)luaL_len(L, index);
    s->lists[which] = calloc(n + 1, sizeof(char *));
    for (size_t i = 0; i < n; i++) {
        lua_geti(L, index, (lua_Integer)i + 1);
        s->lists[which][i] = luaL_checkstring(L, -1);
        lua_pop(L, 1);
    }
    s->counts[which] = n;
}

static lua_Integer get_integer(lua_State *L, int index, const char *name)
{
    lua_getfield(L, index, name);
    lua_Integer value = luaL_optinteger(L, -1, 0);
    lua_pop(L, 1);
    return value;
}

static bool get_boolean(lua_State *L, int index, const char *name)
{
    lua_getfield(L, index, name);
    bool value = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return value;
}

static void set_string(lua_State *L, const char *name, const char *value)
{
    lua_pushstring(L, value);
    lua_setfield(L, -2, name);
}

static const char *const states[] = {"whole", "large", "too-large", "problem"};

/* Reads the oldest held file into the field data of its item; list: index of the items. */
static hunch_status read_held(lua_State *L, int list, struct state *s, struct hunch_error *err)
{
    struct held h = s->held[0];
    struct hunch_read read;
    memmove(s->held, s->held + 1, --s->held_count * sizeof h);
    hunch_status status =
        hunch_read_whole(&s->memory.base, hunch_dir_fd(h.dir), h.name, h.flags, s->limit,
                         s->capacity ? s->capacity : (size_t)1 << 30, &s->buffer, &read, err);
    hunch_dir_unref(h.dir);
    free(h.name);
    if (read.fd >= 0)
        close(read.fd);
    if (status)
        return status;
    lua_geti(L, list, h.index);
    set_string(L, "state", states[read.state]);
    if (read.state == HUNCH_READ_PROBLEM) {
        set_string(L, "reason", read.reason);
        set_string(L, "detail", read.detail);
    } else {
        lua_pushlstring(L, (const char *)s->buffer.bytes, read.size);
        lua_setfield(L, -2, "data");
    }
    lua_pop(L, 1);
    return HUNCH_OK;
}

static hunch_status walk_all(lua_State *L, struct state *s, int list, int on_item,
                             struct hunch_error *err)
{
    struct hunch_walk_item item;
    for (int n = 1;; n++) {
        hunch_status status = hunch_walk_next(s->walk, &item, err);
        if (status)
            return status;
        if (item.kind == HUNCH_WALK_END)
            break;
        static const char *const kinds[] = {[HUNCH_WALK_FILE] = "file",
                                            [HUNCH_WALK_INPUT] = "input",
                                            [HUNCH_WALK_PROBLEM] = "problem"};
        const char *kind = kinds[item.kind];
        if (strlen(item.path) != item.path_length)
            luaL_error(L, "path_length is wrong for %s", item.path);
        lua_newtable(L);
        set_string(L, "path", item.path);
        set_string(L, "kind", kind);
        if (item.kind == HUNCH_WALK_PROBLEM) {
            set_string(L, "reason", item.reason);
            set_string(L, "detail", item.detail);
            lua_pushinteger(L, item.error);
            lua_setfield(L, -2, "error");
        }
        lua_seti(L, list, n);
        if (!lua_isnoneornil(L, on_item)) {
            lua_pushvalue(L, on_item);
            lua_pushstring(L, item.path);
            lua_pushstring(L, kind);
            lua_call(L, 2, 0);
        }
        if (item.kind == HUNCH_WALK_FILE && s->read) {
            s->held[s->held_count++] =
                (struct held){hunch_dir_ref(item.dir), strdup(item.path + item.base),
                              item.follow ? HUNCH_READ_FOLLOW : 0, n};
            if (s->held_count > s->hold && (status = read_held(L, list, s, err)) != HUNCH_OK)
                return status;
        }
    }
    while (s->held_count > 0) {
        hunch_status status = read_held(L, list, s, err);
        if (status)
            return status;
    }
    return HUNCH_OK;
}

static int l_walk(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 3);
    if (lua_isnil(L, 2)) {
        lua_newtable(L);
        lua_replace(L, 2);
    }
    struct state *s = lua_newuserdatauv(L, sizeof *s, 0);
    memset(s, 0, sizeof *s);
    hunch_counting_allocator_init(&s->memory, NULL);
    luaL_setmetatable(L, "hunch.spec.walk");
    lua_toclose(L, 4);
    lua_newtable(L); /* 5: items */

    get_list(L, 1, s, 0);
    lua_getfield(L, 2, "include");
    lua_getfield(L, 2, "exclude");
    get_list(L, 6, s, 1);
    get_list(L, 7, s, 2);
    struct hunch_walk_options options = {.include = s->lists[1],
                                         .include_count = s->counts[1],
                                         .exclude = s->lists[2],
                                         .exclude_count = s->counts[2],
                                         .input = get_boolean(L, 2, "input") ? "-" : NULL,
                                         .gitignore = get_boolean(L, 2, "gitignore"),
                                         .open_most = (int)get_integer(L, 2, "open_most")};
    s->read = get_boolean(L, 2, "read");
    s->limit = (size_t)get_integer(L, 2, "limit");
    s->capacity = (size_t)get_integer(L, 2, "capacity");
    s->hold = (size_t)get_integer(L, 2, "hold");
    luaL_argcheck(L, s->hold < HOLD_MOST, 2, "hold is too large");
    s->memory.fail_at = (unsigned long)get_integer(L, 2, "fail_at");
    s->memory.fail_after = true;

    struct hunch_error err;
    hunch_error_clear(&err);
    hunch_status status =
        hunch_walk_new(&s->memory.base, s->lists[0], s->counts[0], &options, &s->walk, &err);
    if (!status)
        status = walk_all(L, s, 5, 3, &err);
    /* The second end of a failed walk must fail, too. */
    struct hunch_walk_item item;
    if (status && s->walk && s->memory.fail_at && s->memory.failures == 0)
        return luaL_error(L, "it failed and no allocation had");
    if (!status && s->walk && (hunch_walk_next(s->walk, &item, &err) || item.kind))
        return luaL_error(L, "the end is not the end");

    lua_pushcfunction(L, state_close);
    lua_pushvalue(L, 4);
    lua_call(L, 1, 0);
    lua_newtable(L); /* stats */
    lua_pushinteger(L, (lua_Integer)atomic_load(&s->memory.calls));
    lua_setfield(L, -2, "allocations");
    lua_pushinteger(L, (lua_Integer)atomic_load(&s->memory.blocks));
    lua_setfield(L, -2, "blocks");
    lua_pushinteger(L, (lua_Integer)atomic_load(&s->memory.bytes));
    lua_setfield(L, -2, "bytes");
    lua_pushinteger(L, (lua_Integer)atomic_load(&s->memory.peak));
    lua_setfield(L, -2, "peak");
    if (status) {
        lua_pushnil(L);
        lua_pushstring(L, err.message);
        lua_pushvalue(L, -3);
        return 3;
    }
    lua_pushvalue(L, 5);
    lua_pushvalue(L, -2);
    return 2;
}

static int l_glob(lua_State *L)
{
    size_t pattern_length, length;
    const char *pattern = luaL_checklstring(L, 1, &pattern_length);
    const char *path = luaL_checklstring(L, 2, &length);
    struct hunch_globs globs;
    struct hunch_error err;
    hunch_globs_init(&globs, NULL);
    hunch_status status = hunch_globs_add(&globs, pattern, pattern_length,
                                          lua_toboolean(L, 4) ? HUNCH_GLOB_BRACES : 0, &err);
    bool matches =
        !status && hunch_globs_match(&globs, path, length, (size_t)luaL_optinteger(L, 5, 0),
                                     lua_toboolean(L, 3));
    hunch_globs_done(&globs);
    if (!status) {
        lua_pushboolean(L, matches);
        return 1;
    }
    lua_pushnil(L);
    lua_pushstring(L, err.message);
    lua_pushinteger(L, (lua_Integer)err.position);
    return 3;
}

static int l_read(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    luaL_checktype(L, 2, LUA_TTABLE);
    size_t capacity = (size_t)get_integer(L, 2, "capacity");
    void *bytes = lua_newuserdatauv(L, capacity ? capacity : 1, 0);
    struct hunch_read read;
    hunch_read_file(AT_FDCWD, path, get_boolean(L, 2, "follow") ? HUNCH_READ_FOLLOW : 0,
                    (uint64_t)get_integer(L, 2, "limit"), bytes, capacity, &read);
    if (read.fd >= 0)
        close(read.fd);
    if ((read.fd >= 0) != (read.state == HUNCH_READ_LARGE))
        return luaL_error(L, "a descriptor is open or missing");
    lua_pushstring(L, states[read.state]);
    if (read.state == HUNCH_READ_PROBLEM) {
        lua_pushstring(L, read.reason);
        lua_pushstring(L, read.detail);
    } else {
        lua_pushlstring(L, bytes, read.size);
        lua_pushinteger(L, (lua_Integer)read.file_size);
    }
    return 3;
}

/* Runs a function in a forked process, as user `user` when it is not nil. */
static int l_child(lua_State *L)
{
    int ends[2];
    luaL_checktype(L, 2, LUA_TFUNCTION);
    if (pipe(ends) != 0)
        return luaL_error(L, "pipe: %s", strerror(errno));
    pid_t child = fork();
    if (child == 0) {
        const char *text = "setresuid failed";
        size_t length = strlen(text);
        if (lua_isnil(L, 1) || setresuid((uid_t)lua_tointeger(L, 1), (uid_t)lua_tointeger(L, 1),
                                         (uid_t)lua_tointeger(L, 1)) == 0) {
            lua_pushvalue(L, 2);
            lua_pcall(L, 0, 1, 0);
            text = luaL_tolstring(L, -1, &length);
        }
        while (length > 0) {
            ssize_t n = write(ends[1], text, length);
            if (n <= 0)
                break;
            text += n;
            length -= (size_t)n;
        }
        _exit(0);
    }
    close(ends[1]);
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (;;) {
        char *room = luaL_prepbuffer(&b);
        ssize_t n = read(ends[0], room, LUAL_BUFFERSIZE);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        luaL_addsize(&b, (size_t)n);
    }
    close(ends[0]);
    luaL_pushresult(&b);
    int status = 0;
    if (child > 0)
        waitpid(child, &status, 0);
    if (child < 0 || status != 0)
        return luaL_error(L, "the child process died");
    return 1;
}

static int answer(lua_State *L, int result)
{
    if (result != 0)
        return luaL_error(L, "%s: %s", lua_tostring(L, 1), strerror(errno));
    lua_pushboolean(L, 1);
    return 1;
}

static int l_fifo(lua_State *L)
{
    return answer(L, mkfifo(luaL_checkstring(L, 1), 0600));
}

static int l_socket(lua_State *L)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    const char *path = luaL_checkstring(L, 1);
    luaL_argcheck(L, strlen(path) < sizeof name.sun_path, 1, "too long for a socket");
    strcpy(name.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    int result = bind(fd, (const struct sockaddr *)&name, sizeof name);
    close(fd);
    return answer(L, result);
}

static int l_symlink(lua_State *L)
{
    return answer(L, symlink(luaL_checkstring(L, 2), luaL_checkstring(L, 1)));
}

static int l_link(lua_State *L)
{
    return answer(L, link(luaL_checkstring(L, 2), luaL_checkstring(L, 1)));
}

static int l_mkdir(lua_State *L)
{
    return answer(L, mkdir(luaL_checkstring(L, 1), 0700));
}

static int l_rmdir(lua_State *L)
{
    return answer(L, rmdir(luaL_checkstring(L, 1)));
}

static int l_unlink(lua_State *L)
{
    return answer(L, unlink(luaL_checkstring(L, 1)));
}

static int l_rename(lua_State *L)
{
    return answer(L, rename(luaL_checkstring(L, 1), luaL_checkstring(L, 2)));
}

static int l_chmod(lua_State *L)
{
    return answer(L, chmod(luaL_checkstring(L, 1), (mode_t)luaL_checkinteger(L, 2)));
}

static int l_chdir(lua_State *L)
{
    return answer(L, chdir(luaL_checkstring(L, 1)));
}

static int l_deep(lua_State *L)
{
    const char *name = luaL_checkstring(L, 2);
    lua_Integer depth = luaL_checkinteger(L, 3), every = luaL_checkinteger(L, 4);
    int fd = open(luaL_checkstring(L, 1), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (lua_Integer i = 0; i < depth && fd >= 0; i++) {
        int next = mkdirat(fd, name, 0700) == 0 ? openat(fd, name, O_RDONLY | O_DIRECTORY) : -1;
        if (i % every == 0) { /* one comes before the folder, one after it */
            close(openat(fd, "a", O_CREAT | O_WRONLY, 0600));
            close(openat(fd, "z", O_CREAT | O_WRONLY, 0600));
        }
        close(fd);
        fd = next;
    }
    int result = fd < 0 ? -1 : 0;
    if (fd >= 0)
        close(fd);
    return answer(L, result);
}

static int l_stat(lua_State *L)
{
    struct stat st;
    if (lstat(luaL_checkstring(L, 1), &st) != 0)
        return 0;
    lua_pushinteger(L, (lua_Integer)st.st_size);
    return 1;
}

static int l_descriptors(lua_State *L)
{
    lua_Integer n = 0;
    for (int fd = 0; fd < 4096; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    lua_pushinteger(L, n);
    return 1;
}

static int l_uid(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)geteuid());
    return 1;
}

int luaopen_support_io_module(lua_State *L);
__attribute__((visibility("default"))) int luaopen_support_io_module(lua_State *L)
{
    static const luaL_Reg functions[] = {{"walk", l_walk},
                                         {"glob", l_glob},
                                         {"read", l_read},
                                         {"child", l_child},
                                         {"fifo", l_fifo},
                                         {"socket", l_socket},
                                         {"symlink", l_symlink},
                                         {"link", l_link},
                                         {"mkdir", l_mkdir},
                                         {"rmdir", l_rmdir},
                                         {"unlink", l_unlink},
                                         {"rename", l_rename},
                                         {"chmod", l_chmod},
                                         {"chdir", l_chdir},
                                         {"deep", l_deep},
                                         {"stat", l_stat},
                                         {"descriptors", l_descriptors},
                                         {"uid", l_uid},
                                         {NULL, NULL}};
    luaL_newmetatable(L, "hunch.spec.walk");
    lua_pushcfunction(L, state_close);
    lua_setfield(L, -2, "__gc");
    lua_pushcfunction(L, state_close);
    lua_setfield(L, -2, "__close");
    luaL_newlib(L, functions);
    return 1;
}
