/* lua_core.c: `hunch.core`, the engine for a host's Lua: engine and rules. Values are copied
 * across; the rules' own Lua never meets the host's. docs/INTERNALS.md section 7 lists the
 * functions. */
#include "lua_core.h"

#include <errno.h>
#include <limits.h>
#include <lualib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dir.h"
#include "inner.h"
#include "read.h"

int luaopen_cjson(lua_State *L);
HUNCH_API int luaopen_hunch_core(lua_State *L);

struct engine_box {
    struct hunch_engine *engine;
    unsigned users; /* compiles that call back */
};

struct rules_box {
    struct hunch_rules *rules;
    unsigned users; /* scans that call back */
};

struct hunch_engine *hunch_lua_engine(lua_State *L, int index)
{
    struct engine_box *box = luaL_checkudata(L, index, HUNCH_LUA_ENGINE);
    luaL_argcheck(L, box->engine != NULL, index, "the engine is closed");
    return box->engine;
}

struct hunch_rules *hunch_lua_rules(lua_State *L, int index)
{
    struct rules_box *box = luaL_checkudata(L, index, HUNCH_LUA_RULES);
    luaL_argcheck(L, box->rules != NULL, index, "the rules are closed");
    return box->rules;
}

void hunch_lua_rules_use(lua_State *L, int index, bool begins)
{
    struct rules_box *box = lua_touserdata(L, index);
    box->users += begins ? 1 : -1u;
}

/* ---- rules ---- */

/* cjson's answer: floats that are whole become integers, null becomes nil. The table is on top. */
static void mend_json(lua_State *L)
{
    luaL_checkstack(L, 8, "JSON");
    int t = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, t) != 0) {
        lua_Integer n;
        lua_pushvalue(L, -2);
        if (lua_istable(L, -2)) {
            lua_pushvalue(L, -2);
            mend_json(L);
            lua_pop(L, 2);
        } else if (lua_islightuserdata(L, -2)) {
            lua_pushnil(L);
            lua_rawset(L, t);
        } else if (lua_type(L, -2) == LUA_TNUMBER && lua_numbertointeger(lua_tonumber(L, -2), &n) &&
                   (lua_Number)n == lua_tonumber(L, -2)) {
            lua_pushinteger(L, n);
            lua_rawset(L, t);
        } else {
            lua_pop(L, 1);
        }
        lua_pop(L, 1);
    }
}

/* Decodes JSON text; pushes the value, or nil where it is not JSON. */
void hunch_lua_json(lua_State *L, const char *text, size_t size)
{
    luaL_requiref(L, "cjson", luaopen_cjson, 0);
    lua_getfield(L, -1, "decode");
    lua_pushlstring(L, text, size);
    if (lua_pcall(L, 1, 1, 0) != LUA_OK) {
        lua_pop(L, 1);
        lua_pushnil(L);
    }
    lua_remove(L, -2);
    if (lua_istable(L, -1))
        mend_json(L);
}

void hunch_lua_rule_info(lua_State *L, int rules_index, struct hunch_rules *rules, uint32_t rule)
{
    size_t size;
    lua_getiuservalue(L, rules_index, 1);
    if (lua_rawgeti(L, -1, (lua_Integer)rule + 1) != LUA_TTABLE) {
        lua_pop(L, 1);
        const char *json = hunch_rules_info(rules, rule, &size);
        hunch_lua_json(L, json, size);
        if (!lua_istable(L, -1)) {
            lua_pop(L, 1);
            lua_newtable(L);
        }
        lua_createtable(L, 0, 2); /* where = { file, line } */
        lua_getfield(L, -2, "file");
        lua_setfield(L, -2, "file");
        lua_getfield(L, -2, "line");
        lua_setfield(L, -2, "line");
        lua_setfield(L, -2, "where");
        lua_pushnil(L);
        lua_setfield(L, -2, "file");
        lua_pushnil(L);
        lua_setfield(L, -2, "line");
        const char *name = hunch_rules_name(rules, rule, &size);
        lua_pushlstring(L, name, size);
        lua_setfield(L, -2, "name");
        lua_pushvalue(L, -1);
        lua_rawseti(L, -3, (lua_Integer)rule + 1);
    }
    lua_remove(L, -2);
}

/* A userdata that is collected with what it holds; user value 1: infos by rule, 2: the engine, 3:
 * examples or nil. */
static struct rules_box *new_rules(lua_State *L, int engine_index)
{
    engine_index = lua_absindex(L, engine_index);
    struct rules_box *box = lua_newuserdatauv(L, sizeof *box, 3);
    box->rules = NULL;
    box->users = 0;
    luaL_setmetatable(L, HUNCH_LUA_RULES);
    lua_newtable(L);
    lua_setiuservalue(L, -2, 1);
    lua_pushvalue(L, engine_index);
    lua_setiuservalue(L, -2, 2);
    return box;
}

static int rules_gc(lua_State *L)
{
    struct rules_box *box = luaL_checkudata(L, 1, HUNCH_LUA_RULES);
    if (box->users > 0)
        return luaL_error(L, "the rules scan; close them when the scan has returned");
    hunch_rules_free(box->rules);
    box->rules = NULL;
    return 0;
}

static int rules_save(lua_State *L)
{
    size_t size;
    const void *bytes = hunch_rules_program(hunch_lua_rules(L, 1), &size);
    lua_pushlstring(L, bytes, size);
    return 1;
}

static int rules_list(lua_State *L)
{
    struct hunch_rules *rules = hunch_lua_rules(L, 1);
    uint32_t n = hunch_rules_count(rules);
    lua_createtable(L, (int)n, 0);
    for (uint32_t i = 0; i < n; i++) {
        hunch_lua_rule_info(L, 1, rules, i);
        lua_createtable(L, 0, 8); /* a copy that the caller may change */
        lua_pushnil(L);
        while (lua_next(L, -3) != 0) {
            lua_pushvalue(L, -2);
            lua_insert(L, -2);
            lua_rawset(L, -4);
        }
        if (lua_getiuservalue(L, 1, 3) == LUA_TTABLE) {
            lua_rawgeti(L, -1, (lua_Integer)i + 1);
            if (lua_istable(L, -1)) {
                lua_getfield(L, -1, "examples");
                lua_setfield(L, -4, "examples");
            }
            lua_pop(L, 1);
        }
        lua_pop(L, 1);
        lua_rawseti(L, -3, (lua_Integer)i + 1);
        lua_pop(L, 1);
    }
    return 1;
}

static int rules_count(lua_State *L)
{
    lua_pushinteger(L, hunch_rules_count(hunch_lua_rules(L, 1)));
    return 1;
}

/* ---- engine ---- */

static int engine_gc(lua_State *L)
{
    struct engine_box *box = luaL_checkudata(L, 1, HUNCH_LUA_ENGINE);
    if (box->users > 0)
        return luaL_error(L, "the engine compiles; close it when the call has returned");
    hunch_engine_free(box->engine);
    box->engine = NULL;
    return 0;
}

/* What the inner call left behind, closed also when this Lua raises an error. */
struct inner_box {
    lua_State *L;
};

/* It may be large: closed as soon as its answer was copied. */
static void close_inner(struct inner_box *box)
{
    if (box->L != NULL)
        lua_close(box->L);
    box->L = NULL;
}

static int inner_gc(lua_State *L)
{
    close_inner(lua_touserdata(L, 1));
    return 0;
}

static struct inner_box *new_inner(lua_State *L)
{
    return hunch_lua_box(L, sizeof(struct inner_box), "hunch.inner", inner_gc);
}

/* Raises an error for what is in the list of paths at 2 besides them: it would be lost. */
static void only_paths(lua_State *L, size_t n)
{
    for (lua_pushnil(L); lua_next(L, 2) != 0; lua_pop(L, 1)) {
        if (lua_type(L, -2) == LUA_TSTRING)
            luaL_error(L, "there is no option \"%s\" beside paths", lua_tostring(L, -2));
        lua_Integer i = lua_isinteger(L, -2) ? lua_tointeger(L, -2) : 0;
        if (i < 1 || (lua_Unsigned)i > n)
            luaL_argerror(L, 2, "is no list of paths: it has holes, or other keys");
    }
}

/* Reads { path... } or { text =, name = } at 2 into a request; strings and the array stay on the
 * stack. */
static void read_request(lua_State *L, struct hunch_inner_request *request)
{
    static const char *const fields[] = {"text", "name", NULL};
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 3);
    size_t n = lua_rawlen(L, 2);
    if (lua_getfield(L, 2, "text") != LUA_TNIL) {
        if (lua_type(L, -1) != LUA_TSTRING)
            luaL_error(L, "text must be a string");
        luaL_argcheck(L, n == 0, 2, "has paths and a text: give one of them");
        hunch_lua_fields(L, 2, fields);
        request->text = lua_tolstring(L, -1, &request->text_size);
        request->name = hunch_lua_word(L, 2, "name", "=text");
        return;
    }
    luaL_argcheck(L, n > 0, 2, "names no rules: give paths, or text and name");
    only_paths(L, n);
    const char **paths = lua_newuserdatauv(L, n * sizeof *paths, 0);
    lua_createtable(L, n < INT_MAX ? (int)n : 0, 0); /* cancel may change the caller's table */
    for (size_t i = 0; i < n; i++) {
        if (lua_rawgeti(L, 2, (lua_Integer)i + 1) != LUA_TSTRING)
            luaL_argerror(L, 2, "a path is not a string");
        paths[i] = lua_tostring(L, -1);
        luaL_argcheck(L, strlen(paths[i]) == lua_rawlen(L, -1), 2, "a path has a zero byte");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    request->paths = paths;
    request->path_count = n;
}

static int failed_call(lua_State *L, const struct hunch_error *err)
{
    lua_pushnil(L);
    lua_createtable(L, 1, 0);
    lua_createtable(L, 0, 3);
    lua_pushstring(L, err->code == HUNCH_ERROR_CANCELLED ? "E006" : "E001");
    lua_setfield(L, -2, "code");
    lua_pushliteral(L, "error");
    lua_setfield(L, -2, "severity");
    lua_pushstring(L, err->message);
    lua_setfield(L, -2, "message");
    lua_rawseti(L, -2, 1);
    return 2;
}

static bool has_errors(lua_State *inner)
{
    bool errors = false;
    lua_getfield(inner, 1, "diagnostics");
    for (lua_Integer i = 1; lua_rawgeti(inner, -1, i) == LUA_TTABLE; i++) {
        lua_getfield(inner, -1, "severity");
        errors |= strcmp(lua_tostring(inner, -1), "error") == 0;
        lua_pop(inner, 2);
    }
    lua_settop(inner, 1);
    return errors;
}

/* Pushes a copy of a field of the inner answer. */
static void copy_field(lua_State *inner, const char *name, lua_State *L)
{
    lua_getfield(inner, 1, name);
    hunch_lua_copy(inner, -1, L);
    lua_pop(inner, 1);
}

/* options.deadline and options.cancel of a compile. */
struct watch {
    struct hunch_compile_options options;
    lua_State *L;
    int cancel, error; /* stack indices */
    bool failed;       /* cancel raised what is at `error` */
};

static bool ask(void *ctx)
{
    struct watch *w = ctx;
    if (w->failed || !lua_checkstack(w->L, 2))
        return true;
    lua_pushvalue(w->L, w->cancel);
    w->failed = lua_pcall(w->L, 0, 1, 0) != LUA_OK;
    bool stop = w->failed || lua_toboolean(w->L, -1);
    if (w->failed)
        lua_replace(w->L, w->error);
    else
        lua_pop(w->L, 1);
    return stop;
}

/* Reads the options at 3; uses two places of the stack. */
static void read_watch(lua_State *L, struct watch *w, struct hunch_inner_request *request)
{
    memset(w, 0, sizeof *w);
    w->L = L;
    if (lua_isnil(L, 3))
        return;
    static const char *const options[] = {"deadline", "cancel", NULL};
    luaL_checktype(L, 3, LUA_TTABLE);
    hunch_lua_fields(L, 3, options);
    lua_pushnil(L);
    w->error = lua_gettop(L);
    if (lua_getfield(L, 3, "deadline") != LUA_TNIL) {
        if (!lua_isnumber(L, -1) || !(lua_tonumber(L, -1) >= 0))
            luaL_error(L, "option deadline must be a number of seconds");
        w->options.deadline = lua_tonumber(L, -1);
    }
    lua_pop(L, 1);
    if (lua_getfield(L, 3, "cancel") != LUA_TNIL) {
        luaL_argcheck(L, lua_isfunction(L, -1), 3, "option cancel must be a function");
        w->cancel = lua_gettop(L);
        w->options.cancel = ask;
        w->options.ctx = w;
    }
    request->options = &w->options;
}

/* hunch_inner_call of the engine at 1; what cancel raised is raised again. */
static hunch_status call_inner(lua_State *L, const struct hunch_inner_request *request,
                               struct inner_box *box, const struct watch *w,
                               struct hunch_error *err)
{
    struct hunch_engine *engine = hunch_lua_engine(L, 1);
    struct engine_box *engine_box = lua_touserdata(L, 1);
    engine_box->users++;
    hunch_status status = hunch_inner_call(engine, request, &box->L, err);
    engine_box->users--;
    if (w->failed) {
        lua_pushvalue(L, w->error);
        lua_error(L);
    }
    return status;
}

static int engine_compile(lua_State *L)
{
    struct hunch_inner_request request = {.what = "compile"};
    struct hunch_error err = {0};
    struct watch watch;
    read_request(L, &request);
    read_watch(L, &watch, &request);
    struct inner_box *box = new_inner(L);
    if (call_inner(L, &request, box, &watch, &err) != HUNCH_OK)
        return failed_call(L, &err);
    if (has_errors(box->L)) {
        lua_pushnil(L);
        copy_field(box->L, "diagnostics", L);
        close_inner(box);
        return 2;
    }
    size_t size;
    lua_getfield(box->L, 1, "program");
    const char *program = lua_tolstring(box->L, -1, &size);
    struct rules_box *rules = new_rules(L, 1);
    if (program == NULL)
        luaL_error(L, "the compiler wrote no program, which is a bug in hunch");
    if (hunch_rules_load(hunch_lua_engine(L, 1), program, size, &rules->rules, &err) != HUNCH_OK)
        return failed_call(L, &err);
    copy_field(box->L, "rules", L);
    lua_setiuservalue(L, -2, 3);
    copy_field(box->L, "diagnostics", L);
    copy_field(box->L, "files", L);
    close_inner(box);
    return 3;
}

static int engine_check(lua_State *L)
{
    struct hunch_inner_request request = {.what = "check"};
    struct hunch_error err = {0};
    struct watch watch;
    read_request(L, &request);
    read_watch(L, &watch, &request);
    struct inner_box *box = new_inner(L);
    hunch_status status = call_inner(L, &request, box, &watch, &err);
    if (status == HUNCH_ERROR_IO)
        return hunch_lua_fail(L, &err);
    if (status != HUNCH_OK) {
        failed_call(L, &err);
        lua_newtable(L);
        return 2;
    }
    copy_field(box->L, "diagnostics", L);
    copy_field(box->L, "rules", L);
    close_inner(box);
    return 2;
}

static int engine_explain(lua_State *L)
{
    struct hunch_inner_request request = {.what = "explain"};
    struct hunch_error err = {0};
    request.rule = lua_isnoneornil(L, 3) ? NULL : hunch_lua_string(L, 3);
    read_request(L, &request);
    struct inner_box *box = new_inner(L);
    if (hunch_inner_call(hunch_lua_engine(L, 1), &request, &box->L, &err) != HUNCH_OK)
        return failed_call(L, &err);
    lua_getfield(box->L, 1, "explained");
    bool explained = lua_istable(box->L, -1);
    lua_pop(box->L, 1);
    if (!explained)
        lua_pushnil(L);
    copy_field(box->L, explained ? "explained" : "diagnostics", L);
    close_inner(box);
    return explained ? 1 : 2;
}

/* engine:load(path | bytes): bytes when they begin as a program does. */
static int engine_load(lua_State *L)
{
    size_t size;
    const char *text = luaL_checklstring(L, 2, &size);
    struct hunch_error err = {0};
    struct hunch_buffer buffer = {0};
    struct rules_box *rules = new_rules(L, 1);
    struct hunch_engine *engine = hunch_lua_engine(L, 1);
    hunch_status status = HUNCH_OK;
    if (hunch_program_is(text, size)) {
        status = hunch_rules_load(engine, text, size, &rules->rules, &err);
    } else if (strlen(text) != size) {
        status =
            hunch_fail(&err, HUNCH_ERROR_ARGUMENT, "neither a program nor a path: a zero byte");
    } else {
        struct hunch_read r;
        status = hunch_read_whole(engine->a, hunch_dir_fd(NULL), text, HUNCH_READ_FOLLOW, 0,
                                  (size_t)4 << 30, &buffer, &r, &err);
        if (status == HUNCH_OK && r.state == HUNCH_READ_LARGE)
            close(r.fd);
        if (status == HUNCH_OK && r.state != HUNCH_READ_WHOLE)
            status = hunch_fail(&err, HUNCH_ERROR_IO, "cannot read %.300s: %s", text,
                                r.state == HUNCH_READ_PROBLEM
                                    ? (r.error ? hunch_errno_text(r.error) : r.detail)
                                    : "it is too large for a program");
        if (status == HUNCH_OK)
            status = hunch_rules_load(engine, buffer.bytes, r.size, &rules->rules, &err);
        hunch_buffer_free(engine->a, &buffer);
    }
    return status == HUNCH_OK ? 1 : hunch_lua_fail(L, &err);
}

static int new_engine(lua_State *L)
{
    struct hunch_engine_options o = {0};
    struct hunch_error err = {0};
    if (!lua_isnoneornil(L, 1)) {
        static const char *const options[] = {"backend", "cache", "device_memory", "threads", NULL};
        luaL_checktype(L, 1, LUA_TTABLE);
        hunch_lua_fields(L, 1, options);
        o.backend = hunch_lua_word(L, 1, "backend", NULL);
        o.cache = hunch_lua_word(L, 1, "cache", NULL);
        o.device_memory = hunch_lua_number(L, 1, "device_memory", INT64_MAX);
        if (lua_getfield(L, 1, "threads") != LUA_TNIL) {
            int whole;
            lua_Integer threads = lua_tointegerx(L, -1, &whole);
            if (!whole || threads < 0 || threads > 1024)
                luaL_error(L, "threads must be an integer from 0 to 1024");
            o.threads = (unsigned)threads;
        }
    }
    struct engine_box *box = lua_newuserdatauv(L, sizeof *box, 0);
    box->engine = NULL;
    box->users = 0;
    luaL_setmetatable(L, HUNCH_LUA_ENGINE);
    if (hunch_engine_new(&o, &box->engine, &err) != HUNCH_OK)
        return hunch_lua_fail(L, &err);
    box->engine->interrupted = hunch_lua_interrupted;
    return 1;
}

void *hunch_lua_box(lua_State *L, size_t size, const char *name, lua_CFunction gc)
{
    void *box = lua_newuserdatauv(L, size, 0);
    memset(box, 0, size);
    if (luaL_newmetatable(L, name)) {
        lua_pushcfunction(L, gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    return box;
}

void hunch_lua_class(lua_State *L, const char *name, const luaL_Reg *methods, lua_CFunction gc)
{
    luaL_newmetatable(L, name);
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, gc);
    lua_setfield(L, -2, "__gc");
    lua_pushcfunction(L, gc);
    lua_setfield(L, -2, "__close");
    lua_pop(L, 1);
}

static const luaL_Reg engine_methods[] = {
    {"compile", engine_compile},      {"check", engine_check},
    {"explain", engine_explain},      {"load", engine_load},
    {"info", hunch_lua_info},         {"kernel", hunch_lua_kernel},
    {"dispatch", hunch_lua_dispatch}, {NULL, NULL},
};

static const luaL_Reg rules_methods[] = {
    {"save", rules_save},
    {"list", rules_list},
    {"count", rules_count},
    {"scan", hunch_lua_scan},
    {"scan_paths", hunch_lua_scan_paths},
    {"stream", hunch_lua_stream},
    {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"engine", new_engine},
    {NULL, NULL},
};

int luaopen_hunch_core(lua_State *L)
{
    hunch_lua_class(L, HUNCH_LUA_ENGINE, engine_methods, engine_gc);
    hunch_lua_class(L, HUNCH_LUA_RULES, rules_methods, rules_gc);
    hunch_lua_scan_open(L);
    hunch_lua_kernel_open(L);
    luaL_newlib(L, functions);
    hunch_lua_command_open(L);
    hunch_lua_speculator_open(L);
    hunch_lua_autotune_open(L);
    hunch_lua_graph_open(L);
    lua_pushstring(L, hunch_version());
    lua_setfield(L, -2, "version");
    return 1;
}
