/* lua_kernel.c: kernels of a host's own from Lua: engine:kernel, engine:dispatch. A host function
 * is a Lua function there, called in the state and the thread that dispatches. */
#include <string.h>

#include "lua_pair.h"
#include "prefilter_confirm.h"

#define KERNEL "hunch.kernel"
#define OUTPUTS "hunch.outputs"

/* ---- calling back ---- */

struct hunch_lua_frame hunch_lua_frame_begin(lua_State *L)
{
    luaL_checkstack(L, 8, "a dispatch");
    lua_pushnil(L);
    return (struct hunch_lua_frame){L, false, lua_gettop(L)};
}

void hunch_lua_frame_end(const struct hunch_lua_frame *f)
{
    if (!f->failed)
        return;
    lua_pushvalue(f->L, f->error_index);
    lua_error(f->L);
}

hunch_status hunch_lua_protected(struct hunch_lua_frame *f, lua_CFunction work, void *data,
                                 int value_index, struct hunch_error *err)
{
    lua_State *L = f->L;
    int top = lua_gettop(L);
    if (!f->failed && lua_checkstack(L, 8)) {
        lua_pushcfunction(L, work);
        lua_pushlightuserdata(L, data);
        lua_pushvalue(L, value_index);
        if (lua_pcall(L, 2, 0, 0) == LUA_OK)
            return HUNCH_OK;
        lua_replace(L, f->error_index);
    }
    lua_settop(L, top);
    f->failed = true;
    return hunch_fail(err, HUNCH_ERROR_CANCELLED, "a function of the host raised an error");
}

/* ---- lists of outputs ---- */

struct hunch_outputs **hunch_lua_outputs_box(lua_State *L)
{
    struct hunch_outputs **box = lua_newuserdatauv(L, sizeof *box, 0);
    *box = NULL;
    luaL_setmetatable(L, OUTPUTS);
    return box;
}

static int outputs_gc(lua_State *L)
{
    struct hunch_outputs **box = luaL_checkudata(L, 1, OUTPUTS);
    hunch_outputs_free(*box);
    *box = NULL;
    return 0;
}

void hunch_lua_push_outputs(lua_State *L, const struct hunch_outputs *outputs)
{
    size_t n = hunch_outputs_count(outputs), size;
    lua_newtable(L);
    for (size_t i = 0; i < n; i++) {
        const char *bytes = hunch_outputs_get(outputs, i, &size);
        lua_pushlstring(L, bytes, size);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

hunch_status hunch_lua_take_outputs(lua_State *L, int index, const char *what,
                                    struct hunch_outputs *outputs, struct hunch_error *err)
{
    hunch_status status = HUNCH_OK;
    size_t n = lua_istable(L, index) ? lua_rawlen(L, index) : 0, size;
    if (!lua_istable(L, index))
        luaL_error(L, "%s must return a list of strings, or nil and a message", what);
    for (size_t i = 1; status == HUNCH_OK && i <= n; i++) {
        void *bytes;
        if (lua_rawgeti(L, index, (lua_Integer)i) != LUA_TSTRING)
            luaL_error(L, "%s must return a list of strings; its output %I is a %s", what,
                       (lua_Integer)i, luaL_typename(L, -1));
        const char *text = lua_tolstring(L, -1, &size);
        status = hunch_outputs_add(outputs, size, &bytes, err);
        if (status == HUNCH_OK)
            memcpy(bytes, text, size);
        lua_pop(L, 1);
    }
    return status;
}

/* ---- kernels ---- */

struct kernel_box {
    struct hunch_kernel *kernel;
    struct hunch_lua_frame *frame; /* of the dispatch that runs; NULL: none */
    int index;                     /* of the box, in that frame's stack */
};

/* A Lua launch begins with the C one. The box of its kernel is its user value. */
struct launch {
    struct hunch_kernel_launch base;
    struct kernel_box *box;
};

struct host_call {
    const struct hunch_input *inputs;
    size_t input_count;
    const void *arguments;
    size_t argument_size;
    struct hunch_outputs *outputs;
    struct hunch_error *err;
};

/* (call, box): the box's function with inputs, sizes of outputs, arguments; what it returns goes to
 * the outputs, which are there. */
static int call_host(lua_State *L)
{
    const struct host_call *c = lua_touserdata(L, 1);
    size_t n = hunch_outputs_count(c->outputs), size, length;
    luaL_checkstack(L, 8, "a host function");
    lua_getiuservalue(L, 2, 1);
    lua_createtable(L, (int)c->input_count, 0);
    for (size_t i = 0; i < c->input_count; i++) {
        lua_pushlstring(L, c->inputs[i].bytes, c->inputs[i].size);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        hunch_outputs_get(c->outputs, i, &size);
        lua_pushinteger(L, (lua_Integer)size);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_newtable(L);
    for (size_t i = 0; i < c->argument_size / sizeof(lua_Integer); i++) {
        lua_pushinteger(L, ((const lua_Integer *)c->arguments)[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_call(L, 3, 1);
    if (!lua_istable(L, -1) || lua_rawlen(L, -1) != n)
        return luaL_error(L, "a kernel's host function must return a list of %I strings",
                          (lua_Integer)n);
    for (size_t i = 0; i < n; i++) {
        void *bytes = hunch_outputs_get(c->outputs, i, &size);
        lua_rawgeti(L, -1, (lua_Integer)i + 1);
        const char *text = lua_isstring(L, -1) ? lua_tolstring(L, -1, &length) : NULL;
        if (text == NULL || length != size)
            return luaL_error(L, "output %I of a kernel's host function must have %I bytes",
                              (lua_Integer)i + 1, (lua_Integer)size);
        memcpy(bytes, text, size);
        lua_pop(L, 1);
    }
    return 0;
}

static hunch_status host(void *ctx, const struct hunch_input *inputs, size_t input_count,
                         const void *arguments, size_t argument_size, struct hunch_outputs *outputs,
                         struct hunch_error *err)
{
    const struct kernel_box *box = ctx;
    struct host_call c = {inputs, input_count, arguments, argument_size, outputs, err};
    return hunch_lua_protected(box->frame, call_host, &c, box->index, err);
}

static int kernel_gc(lua_State *L)
{
    struct kernel_box *box = luaL_checkudata(L, 1, KERNEL);
    if (box->frame != NULL)
        return luaL_error(L, "the kernel runs; close it when the dispatch has returned");
    hunch_kernel_free(box->kernel);
    box->kernel = NULL;
    return 0;
}

/* headers = { { name =, text = }, … }: two arrays in one block, which stays on the stack. */
static void read_headers(lua_State *L, struct hunch_kernel_options *o)
{
    static const char *const wrong = "headers must be a list of { name =, text = }";
    int type = lua_getfield(L, 2, "headers");
    if (type != LUA_TNIL && type != LUA_TTABLE)
        luaL_error(L, "%s", wrong);
    size_t n = type == LUA_TTABLE ? lua_rawlen(L, -1) : 0;
    const char **list = lua_newuserdatauv(L, (2 * n + 1) * sizeof *list, 0);
    for (size_t i = 0; i < n; i++) {
        if (lua_rawgeti(L, -2, (lua_Integer)i + 1) != LUA_TTABLE)
            luaL_error(L, "%s", wrong);
        list[i] = hunch_lua_word(L, lua_gettop(L), "name", NULL); /* the tables keep them */
        list[n + i] = hunch_lua_word(L, lua_gettop(L), "text", NULL);
        if (list[i] == NULL || list[n + i] == NULL)
            luaL_error(L, "%s", wrong);
        lua_pop(L, 1);
    }
    o->header_names = list;
    o->headers = list + n;
    o->header_count = n;
}

/* engine:kernel { name =, source =, source_name =, headers =, host = } -> kernel, or nil, message,
 * and the compiler's log where it has one. */
int hunch_lua_kernel(lua_State *L)
{
    enum { LOG = 65536 };
    static const char *const names[] = {"name", "source", "source_name", "headers", "host", NULL};
    struct hunch_kernel_options o = {0};
    struct hunch_error err = {0};
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    hunch_lua_fields(L, 2, names);
    o.name = hunch_lua_word(L, 2, "name", NULL);
    luaL_argcheck(L, o.name != NULL, 2, "a kernel needs a name");
    o.source = hunch_lua_word(L, 2, "source", NULL);
    o.source_name = hunch_lua_word(L, 2, "source_name", NULL);
    read_headers(L, &o);
    o.log = lua_newuserdatauv(L, LOG, 0);
    o.log_size = LOG;
    int type = lua_getfield(L, 2, "host");
    luaL_argcheck(L, type == LUA_TNIL || type == LUA_TFUNCTION, 2, "host must be a function");
    struct kernel_box *box = lua_newuserdatauv(L, sizeof *box, 2);
    memset(box, 0, sizeof *box);
    luaL_setmetatable(L, KERNEL);
    lua_pushvalue(L, -2);
    lua_setiuservalue(L, -2, 1);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 2);
    o.host = type == LUA_TFUNCTION ? host : NULL;
    o.ctx = box;
    if (hunch_kernel_new(hunch_lua_engine(L, 1), &o, &box->kernel, &err) == HUNCH_OK)
        return 1;
    hunch_lua_fail(L, &err);
    if (o.log[0] == '\0')
        return 2;
    lua_pushstring(L, o.log);
    return 3;
}

/* ---- launches ---- */

struct hunch_input *hunch_lua_inputs(lua_State *L, int index, size_t *count)
{
    static const char *const wrong =
        "inputs must be a list of strings, or of { address =, size = }";
    if (!lua_istable(L, index))
        luaL_error(L, "%s", wrong);
    size_t n = lua_rawlen(L, index);
    struct hunch_input *inputs = lua_newuserdatauv(L, (n + 1) * sizeof *inputs, 1);
    lua_newtable(L); /* keeps the strings, also where a function changes the list */
    for (size_t i = 0; i < n; i++) {
        int type = lua_rawgeti(L, index, (lua_Integer)i + 1);
        memset(&inputs[i], 0, sizeof inputs[i]);
        if (type == LUA_TSTRING) {
            inputs[i].bytes = lua_tolstring(L, -1, &inputs[i].size);
        } else if (type == LUA_TTABLE) {
            int table = lua_gettop(L);
            inputs[i].bytes = (void *)(uintptr_t)hunch_lua_number(L, table, "address", INT64_MAX);
            inputs[i].size = hunch_lua_number(L, table, "size", INT64_MAX);
            inputs[i].on_device = true;
        } else {
            luaL_error(L, "%s", wrong);
        }
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setiuservalue(L, -2, 1);
    *count = n;
    return inputs;
}

/* The list of integers in a field of the table at index; nil: none. Pushes what keeps them. */
static const lua_Integer *integers(lua_State *L, int index, const char *name, size_t *count)
{
    int type = lua_getfield(L, index, name), is_integer;
    if (type != LUA_TNIL && type != LUA_TTABLE)
        luaL_error(L, "%s must be a list of integers", name);
    size_t n = type == LUA_TTABLE ? lua_rawlen(L, -1) : 0;
    lua_Integer *list = lua_newuserdatauv(L, (n + 1) * sizeof *list, 0);
    for (size_t i = 0; i < n; i++) {
        lua_rawgeti(L, -2, (lua_Integer)i + 1);
        list[i] = lua_tointegerx(L, -1, &is_integer);
        if (!is_integer)
            luaL_error(L, "%s must be a list of integers", name);
        lua_pop(L, 1);
    }
    lua_remove(L, -2);
    *count = n;
    return list;
}

struct hunch_kernel_launch *hunch_lua_launch(lua_State *L, int index)
{
    static const char *const names[] = {"kernel",  "blocks",    "threads", "shared",
                                        "outputs", "arguments", NULL};
    _Static_assert(sizeof(size_t) == sizeof(lua_Integer), "sizes are read as integers");
    if (lua_isnil(L, index)) {
        lua_pushnil(L);
        return NULL;
    }
    luaL_checkstack(L, 8, "a launch");
    if (!lua_istable(L, index))
        luaL_error(L,
                   "a program of an engine is a table { kernel =, blocks =, threads =, outputs = "
                   "}");
    hunch_lua_fields(L, index, names);
    struct launch *l = lua_newuserdatauv(L, sizeof *l, 3);
    memset(l, 0, sizeof *l);
    if (lua_getfield(L, index, "kernel") != LUA_TUSERDATA)
        luaL_error(L, "a launch needs a kernel, which engine:kernel makes");
    l->box = luaL_checkudata(L, -1, KERNEL);
    lua_setiuservalue(L, -2, 1);
    l->base.kernel = l->box->kernel;
    l->base.blocks = (uint32_t)hunch_lua_number(L, index, "blocks", UINT32_MAX);
    l->base.threads = (uint32_t)hunch_lua_number(L, index, "threads", UINT32_MAX);
    l->base.shared = (uint32_t)hunch_lua_number(L, index, "shared", UINT32_MAX);
    const lua_Integer *sizes = integers(L, index, "outputs", &l->base.output_count);
    for (size_t i = 0; i < l->base.output_count; i++)
        if (sizes[i] < 0)
            luaL_error(L, "outputs must be a list of sizes in bytes");
    l->base.output_sizes = (const size_t *)sizes;
    lua_setiuservalue(L, -2, 2);
    l->base.arguments = integers(L, index, "arguments", &l->base.argument_size);
    l->base.argument_size *= sizeof(lua_Integer);
    lua_setiuservalue(L, -2, 3);
    return &l->base;
}

void hunch_lua_launch_open(lua_State *L, const struct hunch_kernel_launch *launch)
{
    if (launch != NULL && ((const struct launch *)launch)->box->kernel == NULL)
        luaL_error(L, "the kernel is closed");
}

struct hunch_lua_entry hunch_lua_enter(struct hunch_lua_frame *f,
                                       const struct hunch_kernel_launch *launch, int launch_index)
{
    struct kernel_box *box = launch ? ((const struct launch *)launch)->box : NULL;
    if (box == NULL) {
        lua_pushnil(f->L);
        return (struct hunch_lua_entry){0};
    }
    struct hunch_lua_entry entry = {box, box->frame, box->index};
    lua_getiuservalue(f->L, launch_index, 1);
    box->frame = f;
    box->index = lua_gettop(f->L);
    return entry;
}

void hunch_lua_leave(const struct hunch_lua_entry *entry)
{
    if (entry->box == NULL)
        return;
    entry->box->frame = entry->before;
    entry->box->index = entry->before_index;
}

/* engine:dispatch(launch, inputs) -> list of strings, or nil, message */
int hunch_lua_dispatch(lua_State *L)
{
    struct hunch_error err = {0};
    size_t count;
    lua_settop(L, 3);
    luaL_checktype(L, 2, LUA_TTABLE);
    const struct hunch_kernel_launch *launch = hunch_lua_launch(L, 2); /* at 4 */
    const struct hunch_input *inputs = hunch_lua_inputs(L, 3, &count);
    struct hunch_outputs **box = hunch_lua_outputs_box(L);
    struct hunch_lua_frame f = hunch_lua_frame_begin(L);
    struct hunch_pair_backend backend = hunch_engine_pair_backend(hunch_lua_engine(L, 1));
    hunch_lua_launch_open(L, launch);
    struct hunch_lua_entry entry = hunch_lua_enter(&f, launch, 4);
    hunch_status status = hunch_pair_dispatch(&backend, launch, inputs, count, NULL, box, &err);
    hunch_lua_leave(&entry);
    hunch_lua_frame_end(&f);
    if (status != HUNCH_OK)
        return hunch_lua_fail(L, &err);
    hunch_lua_push_outputs(L, *box);
    return 1;
}

void hunch_lua_kernel_open(lua_State *L)
{
    static const luaL_Reg none[] = {{NULL, NULL}};
    hunch_lua_class(L, KERNEL, none, kernel_gc);
    hunch_lua_class(L, OUTPUTS, none, outputs_gc);
}
