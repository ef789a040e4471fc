/* flow_module: the solver of value-flow graphs on graphs that a spec made. Lua module
 * support.flow_module.
 *
 *   local hits, rows, masks, turns = flow.solve(functions, rules [, { seed =, memory = }])
 *
 * With a table: plain = true: as the backend ref does it; gpu = true: on a GPU; else on the
 * emulated device, which has so many bytes, or fails at a call (fail_at =), or leaves out a kernel
 * (skip =); nil, message where that fails. masks: a string, all that witnesses are found with;
 * turns: in how many it was solved.
 *
 * Numbers count from 0. functions: { nodes = n, label = { l ... }, edge = { from, to, class, ... },
 * formal = { node ... }, result = { node ... }, call = { { callee =, into = { node, formal ... },
 * out = { node, result ... } } ... } }. rules: { words =, classes =, labels =, pass =, gen =, keep
 * =, sink = { word ... } by row, enter =, leave = one row }. hits: { function, node, rule, ... };
 * rows: words by node, functions one after another.
 *
 *   local graph = flow.flat(functions, classes)   as a kernel takes it: strings of u32
 *   flow.tile(graph, { nodes, words, mask, gen, keep as strings of u32 }, sources, row) -> row, of
 * one function
 */
#include <lauxlib.h>
#include <lua.h>
#include <string.h>

#include "emulated_device.h"
#include "engine.h"
#include "graph/solve_device.h"

HUNCH_API int luaopen_support_flow_module(lua_State *L);

/* Appends the integers of field `name` of the table at `index`. */
#define APPEND(L, index, name, vec)                                                \
    do {                                                                           \
        if (lua_getfield(L, index, name) == LUA_TTABLE)                            \
            for (lua_Integer i_ = 1; i_ <= (lua_Integer)lua_rawlen(L, -1); i_++) { \
                lua_rawgeti(L, -1, i_);                                            \
                (void)hunch_vec_push(NULL, vec, (uint32_t)lua_tointeger(L, -1));   \
                lua_pop(L, 1);                                                     \
            }                                                                      \
        lua_pop(L, 1);                                                             \
    } while (0)

typedef HUNCH_VEC(uint32_t) numbers;

static uint32_t read_binds(lua_State *L, const char *name, struct hunch_draft_function *d)
{
    numbers list = {0};
    APPEND(L, -1, name, &list);
    for (size_t i = 0; i + 1 < list.count; i += 2) {
        const struct hunch_draft_bind bind = {list.items[i], list.items[i + 1]};
        (void)hunch_vec_push(NULL, &d->bind, bind);
    }
    const uint32_t count = (uint32_t)list.count / 2;
    hunch_vec_free(NULL, &list);
    return count;
}

/* The function on top of the stack. */
static void read_function(lua_State *L, struct hunch_draft_function *d)
{
    numbers edge = {0};
    APPEND(L, -1, "label", &d->label);
    APPEND(L, -1, "formal", &d->formal);
    APPEND(L, -1, "result", &d->result);
    APPEND(L, -1, "edge", &edge);
    for (size_t i = 0; i + 2 < edge.count; i += 3) {
        const struct hunch_draft_edge e = {edge.items[i], edge.items[i + 1], edge.items[i + 2]};
        (void)hunch_vec_push(NULL, &d->edge, e);
    }
    hunch_vec_free(NULL, &edge);
    lua_getfield(L, -1, "call");
    for (lua_Integer i = 1; i <= (lua_Integer)lua_rawlen(L, -1); i++) {
        struct hunch_draft_call call = {0};
        lua_rawgeti(L, -1, i);
        lua_getfield(L, -1, "callee");
        call.callee = (uint32_t)lua_tointeger(L, -1);
        lua_pop(L, 1);
        call.in = (uint32_t)d->bind.count;
        call.in_count = read_binds(L, "into", d);
        call.out = (uint32_t)d->bind.count;
        call.out_count = read_binds(L, "out", d);
        (void)hunch_vec_push(NULL, &d->call, call);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

static struct hunch_flow_graph *read_graph(lua_State *L, lua_Integer classes)
{
    const uint32_t count = (uint32_t)lua_rawlen(L, 1);
    struct hunch_draft_function *draft = hunch_alloc_zero(NULL, count * sizeof *draft);
    for (uint32_t f = 0; f < count; f++) {
        lua_rawgeti(L, 1, f + 1);
        read_function(L, &draft[f]);
        lua_pop(L, 1);
    }
    struct hunch_flow_graph *g = hunch_flow_graph_new(NULL, draft, count, (uint32_t)classes);
    for (uint32_t f = 0; f < count; f++)
        hunch_draft_function_free(NULL, &draft[f]);
    hunch_free(NULL, draft, count * sizeof *draft);
    return g;
}

static void push_words(lua_State *L, const uint32_t *words, size_t count)
{
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        lua_pushinteger(L, words[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static lua_Integer integer_of(lua_State *L, int table, const char *name)
{
    lua_getfield(L, table, name);
    const lua_Integer value = luaL_optinteger(L, -1, 0);
    lua_pop(L, 1);
    return value;
}

static bool boolean_of(lua_State *L, int table, const char *name)
{
    lua_getfield(L, table, name);
    const bool value = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return value;
}

/* Twice with the same graph: what the first leaves there must not change the second. */
static hunch_status solve_twice(struct hunch_device *d, const struct hunch_flow_graph *g,
                                const struct hunch_flow_rules *rules,
                                struct hunch_flow_answer *answer, uint32_t *turns,
                                struct hunch_error *err)
{
    struct hunch_flow_resident *resident = NULL;
    hunch_status status = hunch_flow_resident_new(NULL, d, 0, g, &resident, err);
    for (int i = 0; i < 2 && status == HUNCH_OK; i++) {
        if (i > 0)
            hunch_flow_answer_free(g, answer);
        status = hunch_flow_resident_solve(resident, rules, HUNCH_SOLVE_MASKS | HUNCH_SOLVE_ROWS,
                                           answer, err);
    }
    if (status == HUNCH_OK)
        *turns = hunch_flow_resident_turns(resident);
    hunch_flow_resident_free(resident);
    return status;
}

/* The GPU, opened once. */
static hunch_status gpu_of(struct hunch_device **device, struct hunch_error *err)
{
    static struct hunch_engine *engine;
    const struct hunch_engine_options options = {.backend = "cuda"};
    hunch_status status = engine == NULL ? hunch_engine_new(&options, &engine, err) : HUNCH_OK;
    return status == HUNCH_OK ? hunch_engine_device(engine, device, err) : status;
}

/* As the table of options at `index` says. */
static hunch_status solve_on_device(lua_State *L, int index, const struct hunch_flow_graph *g,
                                    const struct hunch_flow_rules *rules,
                                    struct hunch_flow_answer *answer, uint32_t *turns,
                                    struct hunch_error *err)
{
    struct emulated *e;
    struct hunch_device *gpu;
    const lua_Integer memory = integer_of(L, index, "memory");
    if (boolean_of(L, index, "plain"))
        return hunch_flow_solve_ref(g, rules, true, answer);
    if (boolean_of(L, index, "gpu")) {
        const hunch_status opened = gpu_of(&gpu, err);
        return opened == HUNCH_OK ? solve_twice(gpu, g, rules, answer, turns, err) : opened;
    }
    e = malloc(sizeof *e);
    open_device(e, (uint64_t)integer_of(L, index, "seed"));
    e->all_count = true;
    e->fail_at = (uint64_t)integer_of(L, index, "fail_at");
    if (memory > 0)
        atomic_store(&e->memory, memory);
    lua_getfield(L, index, "skip");
    e->skipped = lua_isstring(L, -1) ? strdup(lua_tostring(L, -1)) : NULL;
    lua_pop(L, 1);
    hunch_status status = solve_twice(&e->base, g, rules, answer, turns, err);
    if (atomic_load(&e->memory) != (memory > 0 ? memory : INT64_MAX))
        luaL_error(L, "memory of the device was lost");
    close_device(&e->base);
    return status;
}

static int flow_solve(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_getfield(L, 2, "words");
    lua_getfield(L, 2, "classes");
    const lua_Integer words = lua_tointeger(L, -2), classes = lua_tointeger(L, -1);
    lua_pop(L, 2);
    struct hunch_flow_graph *g = read_graph(L, classes);
    numbers pass = {0}, gen = {0}, keep = {0}, sink = {0}, enter = {0}, leave = {0}, give = {0};
    APPEND(L, 2, "pass", &pass);
    APPEND(L, 2, "gen", &gen);
    APPEND(L, 2, "keep", &keep);
    APPEND(L, 2, "sink", &sink);
    APPEND(L, 2, "enter", &enter);
    APPEND(L, 2, "leave", &leave);
    APPEND(L, 2, "give", &give);
    const struct hunch_flow_rules rules = {.words = (uint32_t)words,
                                           .pass = pass.items,
                                           .enter = enter.items,
                                           .leave = leave.items,
                                           .give = give.count > 0 ? give.items : NULL,
                                           .gen = gen.items,
                                           .keep = keep.items,
                                           .sink = sink.items};
    struct hunch_flow_answer answer;
    uint32_t turns = 1;
    struct hunch_error err = {.message = "no memory"};
    const hunch_status status = lua_istable(L, 3)
                                    ? solve_on_device(L, 3, g, &rules, &answer, &turns, &err)
                                    : hunch_flow_solve(g, &rules, true, &answer);
    if (status == HUNCH_OK) {
        lua_createtable(L, (int)answer.hit.count * 3, 0);
        for (size_t i = 0; i < answer.hit.count; i++) {
            const uint32_t hit[] = {answer.hit.items[i].function, answer.hit.items[i].node,
                                    answer.hit.items[i].rule};
            for (int k = 0; k < 3; k++) {
                lua_pushinteger(L, hit[k]);
                lua_rawseti(L, -2, (lua_Integer)i * 3 + k + 1);
            }
        }
        push_words(L, answer.row, (size_t)g->node_count * (size_t)words);
        lua_pushlstring(L, (const char *)answer.mask,
                        (size_t)g->mask_count * (size_t)words * sizeof *answer.mask);
        lua_pushlstring(L, (const char *)answer.down,
                        g->formal.count * (size_t)words * sizeof *answer.down);
        lua_concat(L, 2);
        hunch_flow_answer_free(g, &answer);
    }
    hunch_flow_graph_free(g);
    hunch_vec_free(NULL, &pass);
    hunch_vec_free(NULL, &gen);
    hunch_vec_free(NULL, &keep);
    hunch_vec_free(NULL, &sink);
    hunch_vec_free(NULL, &enter);
    hunch_vec_free(NULL, &leave);
    hunch_vec_free(NULL, &give);
    lua_pushinteger(L, turns);
    if (status == HUNCH_OK)
        return 4;
    lua_pushnil(L);
    lua_pushstring(L, err.message);
    return 2;
}

static int flow_flat(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    struct hunch_flow_graph *g = read_graph(L, luaL_checkinteger(L, 2));
    lua_newtable(L);
    lua_pushlstring(L, (const char *)g->label.items, g->label.count * sizeof(uint32_t));
    lua_setfield(L, -2, "label");
    lua_pushlstring(L, (const char *)g->first.items, g->first.count * sizeof(uint32_t));
    lua_setfield(L, -2, "first");
    lua_pushlstring(L, (const char *)g->in.items, g->in.count * sizeof *g->in.items);
    lua_setfield(L, -2, "edges");
    lua_pushinteger(L, g->mask_count);
    lua_setfield(L, -2, "masks");
    hunch_flow_graph_free(g);
    return 1;
}

static const uint32_t *words_of(lua_State *L, int table, const char *name)
{
    lua_getfield(L, table, name);
    const void *words = luaL_checkstring(L, -1); /* the table keeps it */
    lua_pop(L, 1);
    return words;
}

static int flow_tile(lua_State *L)
{
    size_t size;
    const char *row = luaL_checklstring(L, 4, &size);
    const lua_Integer sources = luaL_checkinteger(L, 3);
    struct hunch_flow_function_tile f = {
        .first = words_of(L, 1, "first"),
        .in = (const void *)words_of(L, 1, "edges"),
        .label = words_of(L, 1, "label"),
        .mask = words_of(L, 2, "mask"),
        .gen = words_of(L, 2, "gen"),
        .keep = words_of(L, 2, "keep"),
    };
    lua_getfield(L, 2, "nodes");
    f.node_count = (uint32_t)lua_tointeger(L, -1);
    lua_getfield(L, 2, "words");
    f.words = (uint32_t)lua_tointeger(L, -1);
    uint32_t *copy = lua_newuserdatauv(L, size + 1, 0);
    memcpy(copy, row, size);
    for (uint32_t w = 0; w < f.words; w++)
        hunch_flow_tile(&f, (uint32_t)sources, w, copy);
    lua_pushlstring(L, (const char *)copy, size);
    return 1;
}

static const luaL_Reg functions[] = {
    {"solve", flow_solve}, {"flat", flow_flat}, {"tile", flow_tile}, {NULL, NULL}};

int luaopen_support_flow_module(lua_State *L)
{
    luaL_newlib(L, functions);
    return 1;
}
