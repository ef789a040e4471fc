/* lua_prefilter_confirm.c: hunch.prefilter_confirm. The backend is an engine, or a table of the
 * host's with a function; what a function returns is copied into lists of outputs. */
#include <string.h>

#include "lua_pair.h"
#include "prefilter_confirm.h"

enum { PAIR = 1, BACKEND, SPECULATOR, PLAN, INPUTS, CONFIRM, ARGUMENTS = CONFIRM };

/* What C functions that call back are told. */
struct lua_pair {
    struct hunch_lua_frame frame;
    struct hunch_kernel_launch *fused, *prefilter; /* of an engine */
};

struct call {
    const char *program; /* the plan's field */
    const struct hunch_outputs *prefiltered;
    struct hunch_outputs *outputs;
    struct hunch_commit_report *seen;
    struct hunch_error *err;
    hunch_status status;
};

/* nil and a message, from `index` on, are a failure. */
static bool returned_failure(lua_State *L, int index, const char *what, struct call *c)
{
    if (lua_toboolean(L, index))
        return false;
    const char *message = lua_tostring(L, index + 1);
    c->status = hunch_fail(c->err, HUNCH_ERROR_IO, "%s", message ? message : what);
    return true;
}

/* (call, pair's table): the backend's function. */
static int call_dispatch(lua_State *L)
{
    struct call *c = lua_touserdata(L, 1);
    lua_getfield(L, 2, "backend");
    lua_getfield(L, -1, "dispatch");
    lua_getfield(L, 2, "plan");
    if (lua_getfield(L, -1, c->program) == LUA_TNIL)
        return luaL_error(L, "the plan has no %s, which the route taken dispatches", c->program);
    lua_remove(L, -2);
    lua_getfield(L, 2, "inputs");
    lua_call(L, 2, 2);
    int first = lua_gettop(L) - 1;
    if (!returned_failure(L, first, "the backend failed and did not say why", c))
        c->status = hunch_lua_take_outputs(L, first, "a backend's dispatch", c->outputs, c->err);
    return 0;
}

/* (call, pair's table): confirm_serial. */
static int call_confirm(lua_State *L)
{
    struct call *c = lua_touserdata(L, 1);
    lua_getfield(L, 2, "confirm_serial");
    hunch_lua_push_outputs(L, c->prefiltered);
    lua_call(L, 1, 2);
    int first = lua_gettop(L) - 1;
    if (returned_failure(L, first, "confirm_serial failed and did not say why", c))
        return 0;
    if (lua_istable(L, first + 1))
        *c->seen = hunch_lua_report(L, first + 1);
    else if (!lua_isnil(L, first + 1))
        return luaL_error(L, "what confirm_serial saw must be { committed =, rolled_back = }");
    c->status = hunch_lua_take_outputs(L, first, "confirm_serial", c->outputs, c->err);
    return 0;
}

/* program: the name of the plan's field. */
static hunch_status dispatch(void *ctx, const void *program, const struct hunch_input *inputs,
                             size_t input_count, struct hunch_outputs *outputs,
                             struct hunch_error *err)
{
    struct lua_pair *p = ctx;
    struct call c = {.program = program, .outputs = outputs, .err = err};
    (void)inputs;
    (void)input_count;
    hunch_status status = hunch_lua_protected(&p->frame, call_dispatch, &c, PAIR, err);
    return status == HUNCH_OK ? c.status : status;
}

static hunch_status confirm_serial(void *ctx, const struct hunch_outputs *prefiltered,
                                   struct hunch_outputs *outputs, struct hunch_commit_report *seen,
                                   struct hunch_error *err)
{
    struct lua_pair *p = ctx;
    struct call c = {.prefiltered = prefiltered, .outputs = outputs, .seen = seen, .err = err};
    hunch_status status = hunch_lua_protected(&p->frame, call_confirm, &c, PAIR, err);
    return status == HUNCH_OK ? c.status : status;
}

/* An engine, or { name =, speculate =, dispatch = } at BACKEND. */
static struct hunch_pair_backend read_backend(lua_State *L, struct lua_pair *p)
{
    static const char *const names[] = {"name", "speculate", "dispatch", NULL};
    if (!lua_istable(L, BACKEND))
        return hunch_engine_pair_backend(hunch_lua_engine(L, BACKEND));
    hunch_lua_fields(L, BACKEND, names);
    struct hunch_pair_backend backend = {.dispatch = dispatch, .ctx = p};
    backend.name = hunch_lua_word(L, BACKEND, "name", NULL);
    if (lua_getfield(L, BACKEND, "dispatch") != LUA_TFUNCTION || backend.name == NULL)
        luaL_error(L, "a backend is an engine, or { name =, speculate =, dispatch = function }");
    lua_getfield(L, BACKEND, "speculate");
    backend.can_speculate = lua_toboolean(L, -1);
    lua_pop(L, 2);
    return backend;
}

static struct hunch_pair_plan read_plan(lua_State *L, struct lua_pair *p, bool engine)
{
    static const char *const names[] = {"fused", "prefilter", "counter_output", "strip_tail", NULL};
    struct hunch_pair_plan plan = {.fused = "fused", .prefilter = "prefilter"};
    hunch_lua_fields(L, PLAN, names);
    uint64_t output = hunch_lua_number(L, PLAN, "counter_output", INT64_MAX);
    plan.counter_output = output > 0 ? output - 1 : 0;
    if (output == 0 && lua_getfield(L, PLAN, "counter_output") != LUA_TNIL)
        luaL_error(L, "counter_output counts from 1");
    lua_getfield(L, PLAN, "strip_tail");
    plan.strip_tail = lua_toboolean(L, -1);
    lua_settop(L, ARGUMENTS);
    if (!engine)
        return plan;
    lua_getfield(L, PLAN, "fused");
    plan.fused = p->fused = hunch_lua_launch(L, ARGUMENTS + 1);
    lua_getfield(L, PLAN, "prefilter");
    plan.prefilter = p->prefilter = hunch_lua_launch(L, ARGUMENTS + 3);
    return plan;
}

static int push_result(lua_State *L, const struct hunch_pair_result *r)
{
    lua_createtable(L, 0, 5);
    hunch_lua_push_outputs(L, r->outputs);
    lua_setfield(L, -2, "outputs");
    if (r->speculated) {
        hunch_lua_push_report(L, &r->report);
        lua_setfield(L, -2, "report");
    }
    lua_pushboolean(L, r->speculated);
    lua_setfield(L, -2, "speculated");
    hunch_lua_push_decision(L, &r->decision);
    lua_setfield(L, -2, "decision");
    if (r->fallback.code != HUNCH_OK) {
        lua_pushstring(L, r->fallback.message);
        lua_setfield(L, -2, "fallback");
    }
    return 1;
}

static void log_decision(lua_State *L, const struct hunch_decision *d)
{
    if (d->decided == 0)
        return;
    hunch_lua_push_decision(L, d);
    hunch_lua_log_decision(L, SPECULATOR);
    lua_pop(L, 1);
}

/* hunch.prefilter_confirm { backend =, speculator =, plan =, inputs =, confirm_serial =, mode =,
 * tiles = } -> result, or nil, message */
int hunch_lua_prefilter_confirm(lua_State *L)
{
    static const char *const names[] = {"backend",        "speculator", "plan",  "inputs",
                                        "confirm_serial", "mode",       "tiles", NULL};
    struct hunch_pair_result result;
    struct hunch_error err = {0};
    struct lua_pair p = {.fused = NULL};
    struct hunch_pair pair = {.confirm_serial = confirm_serial, .ctx = &p};
    struct hunch_pair_batch batch = {0};
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    hunch_lua_fields(L, PAIR, names);
    for (int i = 0; i < 5; i++)
        lua_getfield(L, PAIR, names[i]);
    luaL_argcheck(L, lua_istable(L, PLAN), 1, "a plan is a table");
    luaL_argcheck(L, lua_isfunction(L, CONFIRM) || lua_isnil(L, CONFIRM), 1,
                  "confirm_serial must be a function");
    if (lua_isnil(L, CONFIRM))
        pair.confirm_serial = NULL;
    struct hunch_pair_backend backend = read_backend(L, &p);
    pair.backend = &backend;
    pair.plan = read_plan(L, &p, !lua_istable(L, BACKEND));
    batch.mode = hunch_lua_mode(L, PAIR);
    batch.tiles = (uint32_t)hunch_lua_number(L, PAIR, "tiles", UINT32_MAX);
    batch.inputs = hunch_lua_inputs(L, INPUTS, &batch.input_count);
    struct hunch_outputs **box = hunch_lua_outputs_box(L);
    p.frame = hunch_lua_frame_begin(L);
    if (!lua_istable(L, BACKEND)) /* again: what was read since may have closed it */
        backend = hunch_engine_pair_backend(hunch_lua_engine(L, BACKEND));
    pair.speculator = hunch_lua_speculator(L, SPECULATOR);
    hunch_lua_launch_open(L, p.fused);
    hunch_lua_launch_open(L, p.prefilter);
    struct hunch_lua_entry fused = hunch_lua_enter(&p.frame, p.fused, ARGUMENTS + 2);
    struct hunch_lua_entry prefilter = hunch_lua_enter(&p.frame, p.prefilter, ARGUMENTS + 4);
    hunch_lua_speculator_use(L, SPECULATOR, true);
    hunch_status status = hunch_pair_run(&pair, &batch, 1, &result, &err);
    hunch_lua_speculator_use(L, SPECULATOR, false);
    hunch_lua_leave(&prefilter);
    hunch_lua_leave(&fused);
    *box = result.outputs;
    log_decision(L, &result.failed);
    log_decision(L, &result.decision);
    hunch_lua_frame_end(&p.frame);
    return status == HUNCH_OK ? push_result(L, &result) : hunch_lua_fail(L, &err);
}
