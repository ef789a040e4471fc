/* device_module: a slab of records on the emulated device, against the portable tile functions.
 * Lua module support.device_module.
 *
 *   device.compare(program, records, { seed =, room =, pinned =, shape =, shared = }) -> hits, or
 * nil and what differs; shared: bytes of shared memory that a block has; pinned: most records go to
 * the device from where they lie side by side; shape: 1, 2 …, that form of the prefilter which is
 * compiled for the program searches, the kernel hunch_variant_kernel, which a spec has linked in
 *
 *   device.variant(program, {}, { shape = }) -> the source of that form
 *
 *   device.block(program, {}, { shared = }) -> lanes and bytes of shared memory of a block of the
 * prefilter; 1 where grams are in it, else 0
 *
 *   device.dispatch(program, records, { seed =, room =, serial =, fused =, rounds = }) -> for each
 * record what came back of it: { needed =, committed =, hits = }; groups = { for each
 * record those of each hit that came with some, as "start end ..." }; lessons =, traced =, followed
 * =: how many there were, and how many matches' groups were worked out so, in the last dispatch;
 * then what that took: nanoseconds of the device, of the host. serial, fused: bits of groups that
 * go so; rounds: it learns and does it again, what came last counts
 *
 *   device.attach(engine, { seed =, fail_at =, memory =, jobs =, clock_khz =, shared =, skip =,
 * spoil =, spoil_with =, spoil_at = }): scans with backend = "cuda" run on it; the n-th call of the
 * device fails, and all later ones; it has so many bytes; so many jobs of others are under way on
 * it all the time; its clock has so many ticks a millisecond; a block has so many bytes of shared
 * memory; that kernel does nothing; of the counters this one (a field, a header's field, or
 * "committed", "rolled_back") is another when they come back for the spoil_at-th time (1)
 *
 *   device.copies(engine) -> how many copies to, from and within it there were
 *
 *   device.pin(string): from now on it, and nothing else, is pinned memory
 *
 *   device.upload(bytes, before, behind) -> box, address: bytes in the device's memory, with so
 * many others before and behind them; they go with the box
 *
 *   device.sparse(size, { { offset, text }, ... }) -> box, address: so much memory, zeros but for
 * the texts. With sparse = box in the options of attach, or of dispatch, the blocks of kernels that
 * would see zeros only are left out, and memory that nobody touches takes none. Records of such a
 * dispatch are { address, size }, and come back with places = { "at start..end" of each hit and its
 * match, ... }
 *
 * program: bytes; records: list of strings; hits: how many uses of literals were let pass. Every
 * buffer of the emulated device is one allocation of its exact size. */
#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "emulated_device.h"
#include "lua_core.h"
#include "matcher.h"

HUNCH_API int luaopen_support_device_module(lua_State *L);

/* ---- what the tile functions say ---- */

typedef HUNCH_VEC(struct hunch_use_hit) use_hits;

struct expected {
    const struct hunch_allocator *a;
    const struct hunch_plan *plan;
    const uint8_t *bytes;
    size_t size;
    uint32_t record;
    use_hits hits;
};

static void expect(void *ctx, uint32_t literal, uint64_t start)
{
    struct expected *e = ctx;
    const struct hunch_program *p = e->plan->program;
    const struct hp_literal *l = &p->literal[literal];
    for (uint32_t i = l->user; i < l->user + l->user_count; i++)
        if (hunch_hit_tile(&e->plan->use[i], l->bytes.length, p->guard, p->word, p->blob, e->bytes,
                           e->size, start, start)) {
            struct hunch_use_hit hit = {e->record, (uint32_t)start, i};
            (void)hunch_vec_push(e->a, &e->hits, hit);
        }
}

static int compare_hits(const void *x, const void *y)
{
    const struct hunch_use_hit *a = x, *b = y;
    if (a->use != b->use)
        return a->use < b->use ? -1 : 1;
    return a->at < b->at ? -1 : a->at > b->at;
}

static bool presence(const struct hunch_plan *plan, uint32_t use)
{
    return plan->use[use].kind == HP_PATTERN_LITERAL &&
           (plan->use[use].flags & HP_PATTERN_PRESENCE);
}

/* Sorts; of a use that is only asked whether it occurs one hit stays, without its place. Of a
 * pattern with several such uses, the first. */
static void settle(const struct hunch_plan *plan, use_hits *hits)
{
    for (size_t i = 0; i < hits->count; i++)
        if (presence(plan, hits->items[i].use))
            hits->items[i].at = 0;
    if (hits->count > 1)
        qsort(hits->items, hits->count, sizeof *hits->items, compare_hits);
    size_t kept = 0;
    for (size_t i = 0; i < hits->count; i++)
        if (kept == 0 || compare_hits(&hits->items[kept - 1], &hits->items[i]) != 0)
            hits->items[kept++] = hits->items[i];
    hits->count = kept;
}

static hunch_status check_record(struct hunch_slab *b, struct expected *e,
                                 struct hunch_matcher *matcher, uint32_t record,
                                 struct hunch_error *err)
{
    uint32_t size, count;
    e->bytes = hunch_slab_record(b, record, &size);
    e->size = size;
    e->record = record;
    e->hits.count = 0;
    hunch_status status =
        hunch_matcher_portable.find(matcher, matcher, e->bytes, size, expect, e, err);
    if (status != HUNCH_OK)
        return status;
    use_hits found = {0};
    const struct hunch_kept_hit *hits = hunch_slab_hits(b, record, &count);
    for (uint32_t i = 0; i < count; i++)
        if (!hunch_vec_push(e->a, &found, hits[i].hit))
            return hunch_fail_memory(err, count, "a spec");
    settle(e->plan, &found);
    settle(e->plan, &e->hits);
    if (found.count != e->hits.count ||
        (found.count > 0 &&
         memcmp(found.items, e->hits.items, found.count * sizeof *found.items) != 0))
        status = hunch_fail(err, HUNCH_ERROR_ARGUMENT, "record %u: %zu hits, not %zu", record,
                            found.count, e->hits.count);
    hunch_vec_free(e->a, &found);
    return status;
}

struct run {
    struct hunch_program *program;
    struct hunch_plan *plan;
    struct hunch_matcher *matcher;
    struct hunch_device_rules *rules;
    struct hunch_slab *slab;
    uint8_t *pinned; /* as large as the slab, or NULL */
    bool resident;   /* records are on the device: { address, size } */
    uint32_t room, pinned_used;
    struct expected expected;
    struct emulated device;
};

/* Side by side; a small one that is not behind the last one of the slab is not taken. */
static bool put_pinned(struct run *r, const char *text, uint32_t size)
{
    uint8_t *at = r->pinned + r->pinned_used;
    if (r->pinned == NULL || size > r->room - r->pinned_used)
        return false;
    memcpy(at, text, size);
    r->pinned_used += size;
    return hunch_slab_add_pinned(r->slab, r->pinned, at, size);
}

/* The program on the emulated device, and a slab. Arguments: program, records, options. */
static hunch_status begin(lua_State *L, struct run *r, struct hunch_error *err)
{
    size_t size;
    const char *bytes = lua_tolstring(L, 1, &size);
    hunch_status status = hunch_program_load(NULL, bytes, size, &r->program, err);
    if (status == HUNCH_OK)
        status = hunch_plan_new(r->program, NULL, NULL, &r->plan, err);
    if (status == HUNCH_OK)
        status = hunch_device_rules_new(&r->device.base, r->plan, &r->rules, err);
    if (status != HUNCH_OK)
        return status;
    lua_getfield(L, 3, "shape");
    if (!lua_isnil(L, -1)) {
        r->device.prefilter = "hunch_variant_kernel";
        r->rules->threads = hunch_variant_shape[lua_tointeger(L, -1) - 1].threads;
        if (!hunch_variant_fits(&r->rules->prefilter.table, r->rules->threads,
                                r->device.base.shared_most, &r->rules->shared,
                                &r->rules->prefilter.grams_shared))
            return hunch_fail(err, HUNCH_ERROR_ARGUMENT, "a block has no room");
    }
    r->matcher = hunch_matcher_portable.build(r->program, r->plan->single, NULL, err);
    lua_getfield(L, 3, "room");
    r->room = (uint32_t)luaL_optinteger(L, -1, 1 << 16);
    lua_getfield(L, 3, "pinned");
    if (lua_toboolean(L, -1))
        r->pinned = malloc(r->room);
    lua_getfield(L, 3, "sparse");
    r->resident = lua_touserdata(L, -1) != NULL;
    return hunch_slab_new(r->rules, 0, r->room, r->resident, &r->slab, err);
}

/* The record on the stack, which goes. */
static bool add_resident(lua_State *L, struct run *r)
{
    lua_rawgeti(L, -1, 1);
    lua_rawgeti(L, -2, 2);
    const uint8_t *at = (const uint8_t *)(uintptr_t)lua_tointeger(L, -2);
    const uint32_t size = (uint32_t)lua_tointeger(L, -1);
    lua_pop(L, 3);
    return hunch_slab_add_resident(r->slab, at, size, true);
}

/* As many of the records from *next on as there is room for, there and back, `rounds` times:
 * *last: the counters of the last one. */
static hunch_status dispatch(lua_State *L, struct run *r, const struct hunch_slab_order *order,
                             lua_Integer rounds, size_t *next, struct hunch_counters *last,
                             struct hunch_error *err)
{
    hunch_status status = HUNCH_OK;
    hunch_slab_clear(r->slab);
    r->pinned_used = 0;
    for (; status == HUNCH_OK && *next <= lua_rawlen(L, 2); ++*next) {
        size_t size;
        uint32_t left;
        lua_rawgeti(L, 2, (lua_Integer)*next);
        if (r->resident) {
            if (!add_resident(L, r))
                break;
            continue;
        }
        uint8_t *place = hunch_slab_place(r->slab, &left);
        const char *text = lua_tolstring(L, -1, &size);
        lua_pop(L, 1);
        if (size > left)
            break;
        if (*next % 5 != 0 && put_pinned(r, text, (uint32_t)size))
            continue;
        memcpy(place, text, size);
        status = hunch_slab_add(r->slab, (uint32_t)size, err);
    }
    if (hunch_slab_count(r->slab) == 0)
        return hunch_fail(err, HUNCH_ERROR_ARGUMENT, "a record is larger than the room");
    for (lua_Integer i = 0; i < rounds && status == HUNCH_OK; i++) {
        if (i > 0)
            hunch_slab_learn(r->slab);
        status = hunch_slab_send(r->slab, order, err);
        if (status == HUNCH_OK)
            status = hunch_slab_receive(r->slab, err);
        *last = *hunch_slab_counters(r->slab);
    }
    return status;
}

static hunch_status compare(lua_State *L, struct run *r, struct hunch_error *err)
{
    uint64_t total = 0;
    hunch_status status = begin(L, r, err);
    r->expected.plan = r->plan;
    for (size_t next = 1; status == HUNCH_OK && next <= lua_rawlen(L, 2);) {
        struct hunch_counters none;
        status = dispatch(L, r, &(struct hunch_slab_order){.depth = HUNCH_SLAB_HITS}, 1, &next,
                          &none, err);
        for (uint32_t i = 0; status == HUNCH_OK && i < hunch_slab_count(r->slab); i++) {
            status = check_record(r->slab, &r->expected, r->matcher, i, err);
            total += r->expected.hits.count;
        }
    }
    lua_pushinteger(L, (lua_Integer)total);
    return status;
}

/* The places of groups that came back with the record's hits: a list, one text a hit. */
static void push_groups(lua_State *L, struct run *r, uint32_t record)
{
    const struct hunch_program *p = r->program;
    uint32_t count;
    const struct hunch_kept_hit *hit = hunch_slab_hits(r->slab, record, &count);
    lua_newtable(L);
    for (uint32_t i = 0; i < count; i++) {
        const struct hp_pattern *pattern = &p->pattern[r->plan->use[hit[i].hit.use].pattern];
        if (hit[i].verdict.captured == 0)
            continue;
        lua_pushliteral(L, "");
        for (uint32_t k = 0; k < 2 * p->regex[pattern->regex].group_count; k++) {
            const uint32_t place = hit[i].captured.place[k];
            lua_pushfstring(L, "%s%s%I", lua_tostring(L, -1), k > 0 ? " " : "",
                            place == HP_NONE ? (LUAI_UACINT)-1 : (LUAI_UACINT)place);
            lua_remove(L, -2);
        }
        lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
    }
}

/* Where hits are that came back, and where their matches begin and end: "at start..end" each. */
static void push_places(lua_State *L, struct run *r, uint32_t record)
{
    uint32_t count;
    const struct hunch_kept_hit *hit = hunch_slab_hits(r->slab, record, &count);
    lua_createtable(L, (int)count, 0);
    for (uint32_t i = 0; i < count; i++) {
        char text[40];
        snprintf(text, sizeof text, "%u %u..%u", hit[i].hit.at, hit[i].verdict.start,
                 hit[i].verdict.end);
        lua_pushstring(L, text);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static hunch_status results(lua_State *L, struct run *r, struct hunch_error *err)
{
    lua_Integer records = 0;
    struct hunch_counters last = {0};
    struct hunch_slab_cost cost = {0};
    struct hunch_slab_order order = {
        .depth = HUNCH_SLAB_RESULTS, .tile_size = 16, .hits_most = UINT32_MAX};
    lua_getfield(L, 3, "rounds");
    const lua_Integer rounds = luaL_optinteger(L, -1, 1);
    lua_getfield(L, 3, "serial");
    order.serial = (uint32_t)luaL_optinteger(L, -1, 0);
    lua_getfield(L, 3, "fused");
    order.fused = (uint32_t)luaL_optinteger(L, -1, 0);
    hunch_status status = begin(L, r, err);
    lua_newtable(L);
    lua_newtable(L);
    lua_setfield(L, -2, "groups");
    for (size_t next = 1; status == HUNCH_OK && next <= lua_rawlen(L, 2);) {
        status = dispatch(L, r, &order, rounds, &next, &last, err);
        for (uint32_t i = 0; status == HUNCH_OK && i < hunch_slab_count(r->slab); i++) {
            struct hunch_record_state state = hunch_slab_state(r->slab, i);
            uint32_t hits;
            hunch_slab_hits(r->slab, i, &hits);
            lua_getfield(L, -1, "groups");
            push_groups(L, r, i);
            lua_rawseti(L, -2, records + 1);
            lua_pop(L, 1);
            lua_createtable(L, 0, 4);
            lua_pushboolean(L, state.needed != HUNCH_RECORD_SILENT);
            lua_setfield(L, -2, "needed");
            lua_pushinteger(L, state.committed);
            lua_setfield(L, -2, "committed");
            lua_pushinteger(L, hits);
            lua_setfield(L, -2, "hits");
            if (r->resident) {
                push_places(L, r, i);
                lua_setfield(L, -2, "places");
            }
            lua_rawseti(L, -2, ++records);
        }
        if (status == HUNCH_OK)
            cost = hunch_slab_cost(r->slab);
    }
    lua_pushinteger(L, last.lessons);
    lua_setfield(L, -2, "lessons");
    lua_pushinteger(L, last.tally.traced);
    lua_setfield(L, -2, "traced");
    lua_pushinteger(L, last.tally.followed);
    lua_setfield(L, -2, "followed");
    lua_pushinteger(L, (lua_Integer)cost.busy_ns);
    lua_pushinteger(L, (lua_Integer)cost.host_ns);
    return status;
}

static hunch_status variant(lua_State *L, struct run *r, struct hunch_error *err)
{
    char text[HUNCH_VARIANT_TEXT_MOST];
    hunch_status status = begin(L, r, err);
    if (status != HUNCH_OK)
        return status;
    lua_getfield(L, 3, "shape");
    hunch_variant_text(&r->rules->prefilter.table, hunch_variant_shape[lua_tointeger(L, -1) - 1],
                       r->rules->prefilter.grams_shared, text);
    lua_pushstring(L, text);
    return HUNCH_OK;
}

static void set_spoil(lua_State *L, struct emulated *e)
{
#define FIELD(at, name)                                 \
    {                                                   \
#name, offsetof(struct hunch_counters, at name) \
    }
    static const struct {
        const char *name;
        size_t offset;
    } fields[] = {FIELD(header., magic), FIELD(header., version), FIELD(header., kept),
                  FIELD(header., many),  FIELD(header., ended),   FIELD(, committed),
                  FIELD(, rolled_back)};
#undef FIELD
    lua_getfield(L, 2, "spoil_with");
    e->spoil.value = (uint32_t)luaL_optinteger(L, -1, 0);
    lua_getfield(L, 2, "spoil_at");
    const lua_Integer at = luaL_optinteger(L, -1, 1);
    lua_getfield(L, 2, "spoil");
    if (lua_isnil(L, -1))
        return;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (strcmp(fields[i].name, luaL_checkstring(L, -1)) == 0) {
            e->spoil.offset = fields[i].offset;
            e->spoil.at = (uint64_t)at;
        }
    luaL_argcheck(L, e->spoil.at > 0, 2, "no such counter");
}

static hunch_status block(lua_State *L, struct run *r, struct hunch_error *err)
{
    hunch_status status = begin(L, r, err);
    if (status != HUNCH_OK)
        return status;
    lua_pushinteger(L, r->rules->threads);
    lua_pushinteger(L, r->rules->shared);
    lua_pushinteger(L, r->rules->prefilter.grams_shared);
    return HUNCH_OK;
}

static int l_attach(lua_State *L)
{
    struct hunch_engine *engine = hunch_lua_engine(L, 1);
    luaL_checktype(L, 2, LUA_TTABLE);
    luaL_argcheck(L, engine->device == NULL, 1, "has a device, and rules may be on it");
    struct emulated *e = malloc(sizeof *e);
    if (e == NULL)
        return luaL_error(L, "no memory");
    lua_getfield(L, 2, "seed");
    lua_getfield(L, 2, "fail_at");
    open_device(e, (uint64_t)luaL_optinteger(L, -2, 0));
    e->fail_at = (uint64_t)luaL_optinteger(L, -1, 0);
    lua_getfield(L, 2, "jobs");
    atomic_init(&e->base.jobs, (unsigned)luaL_optinteger(L, -1, 0));
    lua_getfield(L, 2, "clock_khz");
    e->base.clock_khz = (uint32_t)luaL_optinteger(L, -1, e->base.clock_khz);
    lua_getfield(L, 2, "memory");
    atomic_init(&e->memory, (long long)luaL_optinteger(L, -1, INT64_MAX));
    lua_getfield(L, 2, "shared");
    e->base.shared_most = (uint32_t)luaL_optinteger(L, -1, e->base.shared_most);
    lua_getfield(L, 2, "skip");
    e->skipped = lua_isnil(L, -1) ? NULL : strdup(lua_tostring(L, -1));
    lua_getfield(L, 2, "sparse");
    e->sparse = lua_touserdata(L, -1);
    set_spoil(L, e);
    engine->device = &e->base;
    return 0;
}

/* Runs what leaves some values on the stack. */
static int run(lua_State *L, int values,
               hunch_status (*what)(lua_State *L, struct run *r, struct hunch_error *err))
{
    luaL_checkstring(L, 1);
    luaL_checktype(L, 2, LUA_TTABLE);
    luaL_checktype(L, 3, LUA_TTABLE);
    struct run r = {0};
    struct hunch_error err = {0};
    lua_getfield(L, 3, "seed");
    open_device(&r.device, (uint64_t)luaL_optinteger(L, -1, 0));
    lua_getfield(L, 3, "shared");
    r.device.base.shared_most = (uint32_t)luaL_optinteger(L, -1, r.device.base.shared_most);
    lua_getfield(L, 3, "sparse");
    r.device.sparse = lua_touserdata(L, -1);
    hunch_status status = what(L, &r, &err);
    hunch_vec_free(NULL, &r.expected.hits);
    hunch_slab_free(r.slab);
    hunch_device_rules_free(r.rules);
    if (r.matcher)
        hunch_matcher_portable.free(r.matcher);
    hunch_plan_free(r.plan);
    hunch_program_free(r.program);
    simt_close(r.device.machine);
    free(r.pinned);
    pthread_mutex_destroy(&r.device.lock);
    hunch_device_budget_done(&r.device.base.budget);
    if (status == HUNCH_OK)
        return values;
    lua_pushnil(L);
    lua_pushstring(L, err.message);
    return 2;
}

static int l_copies(lua_State *L)
{
    struct emulated *e = (struct emulated *)hunch_lua_engine(L, 1)->device;
    lua_pushinteger(L, (lua_Integer)atomic_load(&e->copies));
    return 1;
}

static int l_pin(lua_State *L)
{
    pinned_by_spec.at = luaL_checklstring(L, 1, &pinned_by_spec.size);
    return 0;
}

static int free_upload(lua_State *L)
{
    free(*(void **)lua_touserdata(L, 1));
    return 0;
}

static int l_upload(lua_State *L)
{
    size_t size, before = (size_t)luaL_optinteger(L, 2, 0),
                 behind = (size_t)luaL_optinteger(L, 3, 0);
    const char *bytes = luaL_checklstring(L, 1, &size);
    void **box = lua_newuserdatauv(L, sizeof *box, 0);
    *box = NULL;
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, free_upload);
    lua_setfield(L, -2, "__gc");
    lua_setmetatable(L, -2);
    uint8_t *at = *box = malloc(before + size + behind + 1);
    if (at == NULL)
        return luaL_error(L, "no memory");
    memset(at, 0xa5, before + size + behind);
    memcpy(at + before, bytes, size);
    lua_pushinteger(L, (lua_Integer)(uintptr_t)(at + before));
    return 2;
}

static int free_sparse(lua_State *L)
{
    struct sparse *s = lua_touserdata(L, 1);
    if (s->at != NULL)
        munmap(s->at, s->length);
    return 0;
}

static int l_sparse(lua_State *L)
{
    const size_t behind = 1 << 16, size = (size_t)luaL_checkinteger(L, 1);
    luaL_checktype(L, 2, LUA_TTABLE);
    struct sparse *s = lua_newuserdatauv(L, sizeof *s, 0);
    memset(s, 0, sizeof *s);
    void *at = mmap(NULL, size + behind, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED)
        return luaL_error(L, "no address space");
    s->at = at;
    s->length = size + behind;
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, free_sparse);
    lua_setfield(L, -2, "__gc");
    lua_setmetatable(L, -2);
    for (; s->count < lua_rawlen(L, 2); s->count++) {
        size_t length;
        luaL_argcheck(L, s->count < sizeof s->text / sizeof *s->text, 2, "too many texts");
        lua_rawgeti(L, 2, (lua_Integer)s->count + 1);
        lua_rawgeti(L, -1, 1);
        lua_rawgeti(L, -2, 2);
        const char *text = luaL_checklstring(L, -1, &length);
        uint8_t *to = s->at + lua_tointeger(L, -2);
        memcpy(to, text, length);
        s->text[s->count].from = to;
        s->text[s->count].to = to + length;
        lua_pop(L, 3);
    }
    lua_pushinteger(L, (lua_Integer)(uintptr_t)s->at);
    return 2;
}

static int l_compare(lua_State *L)
{
    return run(L, 1, compare);
}

static int l_dispatch(lua_State *L)
{
    return run(L, 3, results);
}

static int l_variant(lua_State *L)
{
    return run(L, 1, variant);
}

static int l_block(lua_State *L)
{
    return run(L, 3, block);
}

/* name_ends(program, name): rules that the last bytes of the name leave, as bits. */
static int l_name_ends(lua_State *L)
{
    size_t size, length;
    const char *bytes = luaL_checklstring(L, 1, &size), *name = luaL_checklstring(L, 2, &length);
    struct hunch_program *program = NULL;
    struct hunch_plan *plan = NULL;
    struct hunch_error err = {0};
    hunch_status status = hunch_program_load(NULL, bytes, size, &program, &err);
    if (status == HUNCH_OK)
        status = hunch_plan_new(program, NULL, NULL, &plan, &err);
    const uint32_t bits = status == HUNCH_OK ? hunch_names_by_end(&plan->names, name, length) : 0;
    hunch_plan_free(plan);
    hunch_program_free(program);
    if (status != HUNCH_OK)
        return luaL_error(L, "%s", err.message);
    lua_pushinteger(L, bits);
    return 1;
}

int luaopen_support_device_module(lua_State *L)
{
    static const luaL_Reg functions[] = {{"compare", l_compare},
                                         {"dispatch", l_dispatch},
                                         {"attach", l_attach},
                                         {"upload", l_upload},
                                         {"copies", l_copies},
                                         {"name_ends", l_name_ends},
                                         {"pin", l_pin},
                                         {"variant", l_variant},
                                         {"block", l_block},
                                         {"sparse", l_sparse},
                                         {NULL, NULL}};
    luaL_newlib(L, functions);
    return 1;
}
