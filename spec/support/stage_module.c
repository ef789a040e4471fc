/* stage_module: what tile functions of whole rules say of a record, against the engine.
 * Lua module support.stage_module.
 *
 *   local program = stage.load(bytes)
 *
 *   program:confirm(record, { budget =, states =, room =, frames =, slots = }) -> counts
 *       every hit of every regex, at limits 0 and behind the matches before it, against
 *       hunch_search; then all matches of a pattern as its hits give them. counts: no, yes, ask,
 *       patterns, matches. Left out: large enough
 *
 *   program:hits(record) -> { { anchor, at } ... }   anchors from 0, of regexes with literal ones
 *
 *   program:confirm_one(record, anchor, at, limit, options) -> { verdict, span and groups of a YES
 * } as hunch_confirm_kernel writes it
 *
 *   program:tables() -> the bytes of a struct hunch_tables, { states =, slots = } of its regexes
 *
 * What differs is an error. */
#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>

#include "../kernels/literal_tile.h"
#include "dfa.h"
#include "matcher.h"
#include "plan.h"
#include "search.h"

HUNCH_API int luaopen_support_stage_module(lua_State *L);

static const char type_name[] = "hunch.spec.stages";

typedef HUNCH_VEC(struct hunch_hit) hits;

struct object {
    struct hunch_program *program;
    struct hunch_plan *plan;
    struct hunch_matcher *matcher;
    struct hunch_machine machine;
    struct hunch_dfa_set dfa;
    bool has_dfa;
    struct hunch_tables tables;
    struct hunch_vm_size most; /* of its regexes */
    hits hits;                 /* of the record */
    const uint8_t *bytes;
    size_t size;
    uint64_t *mine, *theirs; /* slots of both sides */
    struct hunch_error err;
};

static struct object *check_object(lua_State *L)
{
    return luaL_checkudata(L, 1, type_name);
}

/* Lua's memory: it is let go when the collector comes by. */
static void *block(lua_State *L, size_t count, size_t size)
{
    return lua_newuserdatauv(L, (count > 0 ? count : 1) * size, 0);
}

static void check(lua_State *L, struct object *o, hunch_status status)
{
    if (status != HUNCH_OK)
        luaL_error(L, "%s", o->err.message);
}

static int object_free(lua_State *L)
{
    struct object *o = check_object(L);
    hunch_vec_free(NULL, &o->hits);
    hunch_machine_free(&o->machine);
    if (o->has_dfa)
        hunch_dfa_set_done(&o->dfa);
    if (o->matcher != NULL)
        hunch_matcher_portable.free(o->matcher);
    hunch_plan_free(o->plan);
    hunch_program_free(o->program);
    memset(o, 0, sizeof *o);
    return 0;
}

static int stage_load(lua_State *L)
{
    size_t size;
    const char *bytes = luaL_checklstring(L, 1, &size);
    struct object *o = lua_newuserdatauv(L, sizeof *o, 0);
    memset(o, 0, sizeof *o);
    luaL_setmetatable(L, type_name);
    hunch_error_clear(&o->err);
    hunch_machine_init(&o->machine, NULL);
    check(L, o, hunch_program_load(NULL, bytes, size, &o->program, &o->err));
    check(L, o, hunch_plan_new(o->program, NULL, NULL, &o->plan, &o->err));
    const struct hunch_program *p = o->program;
    o->matcher = hunch_matcher_portable.build(p, o->plan->single, NULL, &o->err);
    o->has_dfa = hunch_dfa_set_init(&o->dfa, NULL, p->regex_count);
    if (o->matcher == NULL || !o->has_dfa)
        return luaL_error(L, "no memory");
    o->tables = hunch_program_tables(p);
    o->most.slots = 2;
    for (uint32_t i = 0; i < p->regex_count; i++) {
        if (p->regex[i].state_count > o->most.states)
            o->most.states = p->regex[i].state_count;
        if (2 * (p->regex[i].group_count + 1) > o->most.slots)
            o->most.slots = 2 * (p->regex[i].group_count + 1);
    }
    o->most.room = o->most.states + 1;
    o->most.frames = o->most.states;
    return 1;
}

static uint64_t option(lua_State *L, int index, const char *name, uint64_t otherwise)
{
    if (lua_istable(L, index)) {
        lua_getfield(L, index, name);
        otherwise = (uint64_t)luaL_optinteger(L, -1, (lua_Integer)otherwise);
        lua_pop(L, 1);
    }
    return otherwise;
}

static void on_literal(void *ctx, uint32_t literal, uint64_t start)
{
    struct object *o = ctx;
    const struct hunch_program *p = o->program;
    const struct hp_literal *l = &p->literal[literal];
    for (uint32_t i = l->user; i < l->user + l->user_count; i++) {
        const struct hunch_literal_use *use = &o->plan->use[i];
        struct hunch_hit hit = {start, use->anchor};
        if (use->kind == HP_PATTERN_REGEX &&
            hunch_hit_tile(use, l->bytes.length, p->guard, p->word, p->blob, o->bytes, o->size,
                           start, start))
            (void)hunch_vec_push(NULL, &o->hits, hit);
    }
}

static int compare_hits(const void *x, const void *y)
{
    const struct hunch_hit *a = x, *b = y;
    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    return a->anchor < b->anchor ? -1 : a->anchor > b->anchor;
}

/* Copies the record at index 2 and finds its hits. */
static void take_record(lua_State *L, struct object *o)
{
    size_t size;
    const char *bytes = luaL_checklstring(L, 2, &size);
    uint8_t *copy = block(L, size, 1); /* of its exact size, for the sanitizer */
    memcpy(copy, bytes, size);
    o->bytes = copy;
    o->size = size;
    o->hits.count = 0;
    check(L, o,
          hunch_matcher_portable.find(o->matcher, o->matcher, copy, size, on_literal, o, &o->err));
    if (o->hits.count > 1)
        qsort(o->hits.items, o->hits.count, sizeof *o->hits.items, compare_hits);
}

struct counts {
    lua_Integer no, yes, ask, patterns, matches;
};

static int push_counts(lua_State *L, const struct counts *c)
{
    const struct {
        const char *name;
        lua_Integer n;
    } rows[] = {{"no", c->no},
                {"yes", c->yes},
                {"ask", c->ask},
                {"patterns", c->patterns},
                {"matches", c->matches}};
    lua_createtable(L, 0, 5);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        lua_pushinteger(L, rows[i].n);
        lua_setfield(L, -2, rows[i].name);
    }
    return 1;
}

static void check_groups(lua_State *L, struct object *o, const struct hunch_candidate *c)
{
    if (memcmp(o->mine, o->theirs, 2 * (c->group_count + 1) * sizeof *o->mine) != 0)
        luaL_error(L, "[%d, %d) has other groups", (int)c->start, (int)c->end);
}

/* One hit: what the tile says, which is compared with what the host's own steps say. */
static enum hunch_stage_verdict one_hit(lua_State *L, struct object *o,
                                        const struct hunch_stage_env *e,
                                        const struct hunch_hit *hit, uint64_t limit,
                                        struct hunch_candidate *c, struct counts *counts)
{
    const struct hunch_program *p = o->program;
    struct hunch_search s;
    struct hunch_source source = hunch_source_of(o->bytes, o->size);
    const struct hp_anchor *anchor = &p->anchor[hit->anchor];
    uint64_t start, end = 0, same;
    bool found = false;
    c->slots = o->mine;
    enum hunch_stage_verdict verdict = hunch_confirm_tile(e, hit->anchor, hit->at, limit, c);
    if (verdict == HUNCH_STAGE_ASK) {
        counts->ask++;
        return verdict;
    }
    o->machine.dfa = NULL;
    hunch_search_begin(&s, p, anchor->pattern, &source, &o->machine, hit, 1, false);
    check(L, o, hunch_search_leftmost(&s, anchor, hit->at, limit, &start, &o->err));
    if (start != HUNCH_NOWHERE)
        check(L, o,
              hunch_regex_find(&o->machine, &s.regex, &source, start, start, HUNCH_NOWHERE, &found,
                               &same, &end, &o->err));
    if (found != (verdict == HUNCH_STAGE_YES) ||
        (found &&
         (c->start != start || c->end != end || c->group_count != s.regex.info.group_count)))
        luaL_error(L, "hit of anchor %d at %d: %s [%d, %d), not %s [%d, %d)", (int)hit->anchor,
                   (int)hit->at, verdict == HUNCH_STAGE_YES ? "yes" : "no", (int)c->start,
                   (int)c->end, found ? "yes" : "no", (int)start, (int)end);
    if (found) {
        check(L, o, hunch_search_groups(&s, (struct hunch_span){start, end}, o->theirs, &o->err));
        check_groups(L, o, c);
    }
    hunch_search_end(&s);
    counts->no += verdict == HUNCH_STAGE_NO;
    counts->yes += verdict == HUNCH_STAGE_YES;
    return verdict;
}

/* All matches of a pattern, by its hits alone, against a search with the DFA. false: a hit asks. */
static bool whole_pattern(lua_State *L, struct object *o, const struct hunch_stage_env *e,
                          uint32_t pattern, const struct hunch_hit *list, size_t n,
                          struct counts *counts)
{
    const struct hunch_program *p = o->program;
    const struct hp_pattern *t = &p->pattern[pattern];
    bool overlap = t->flags & HP_PATTERN_OVERLAP, asked = false;
    struct hunch_search s;
    struct hunch_source source = hunch_source_of(o->bytes, o->size);
    uint64_t limit = 0, last_end = HUNCH_NOWHERE;
    for (;;) {
        struct hunch_candidate best = {.start = HUNCH_NOWHERE}, c = {0};
        bool found;
        struct hunch_span span;
        for (size_t i = 0; i < n && !asked; i++) {
            if (list[i].at < limit)
                continue;
            enum hunch_stage_verdict v = one_hit(L, o, e, &list[i], limit, &c, counts);
            asked = v == HUNCH_STAGE_ASK;
            if (v == HUNCH_STAGE_YES && c.start < best.start)
                best = c;
        }
        if (asked)
            return false;
        /* A search that starts where this one does finds the same match. */
        o->machine.dfa = &o->dfa;
        hunch_search_begin(&s, p, pattern, &source, &o->machine, list, n, false);
        s.limit = limit;
        s.last_end = last_end;
        hunch_status status = hunch_search_next(&s, &found, &span, &o->err);
        hunch_search_end(&s);
        check(L, o, status);
        bool touches = !overlap && best.start == best.end && best.start == last_end;
        if (best.start == HUNCH_NOWHERE) {
            if (found)
                luaL_error(L, "pattern %d: hits find nothing behind %d, the search [%d, %d)",
                           (int)pattern, (int)limit, (int)span.start, (int)span.end);
            counts->patterns++;
            return true;
        }
        if (!touches) {
            if (!found || span.start != best.start || span.end != best.end)
                luaL_error(L, "pattern %d: hits find [%d, %d), the search something else",
                           (int)pattern, (int)best.start, (int)best.end);
            counts->matches++;
        }
        limit = overlap ? best.start + 1 : touches ? best.end + 1 : best.end;
        if (!touches)
            last_end = best.end;
        if (limit > o->size) {
            counts->patterns++;
            return true;
        }
    }
}

/* A machine, as the options at `index` say; what it lies in goes to Lua. */
struct machine {
    struct hunch_text text;
    struct hunch_vm vm;
    struct hunch_stage_env env;
};

static void open_machine(lua_State *L, struct object *o, int index, struct machine *m)
{
    struct hunch_vm_size size = {(uint32_t)option(L, index, "states", o->most.states),
                                 (uint32_t)option(L, index, "room", o->most.room),
                                 (uint32_t)option(L, index, "frames", o->most.frames),
                                 (uint32_t)option(L, index, "slots", o->most.slots)};
    size_t words = hunch_vm_words(&size);
    uint64_t *memory = block(L, words, 8);
    memset(memory, 0xa5, words * 8);
    hunch_vm_place(&m->vm, &size, memory);
    m->text = (struct hunch_text){o->bytes, 0, o->size, o->size};
    m->env = (struct hunch_stage_env){&o->tables, &m->text, &m->vm,
                                      option(L, index, "budget", HUNCH_NOWHERE)};
    o->mine = block(L, o->most.slots, 8);
    o->theirs = block(L, o->most.slots, 8);
    memset(o->mine, 0, o->most.slots * 8);
}

static int object_confirm(lua_State *L)
{
    struct object *o = check_object(L);
    struct counts counts = {0};
    struct machine m;
    lua_settop(L, 3);
    take_record(L, o);
    open_machine(L, o, 3, &m);
    const struct hunch_program *p = o->program;
    for (size_t i = 0; i < o->hits.count; i++) {
        struct hunch_candidate c = {0};
        one_hit(L, o, &m.env, &o->hits.items[i], 0, &c, &counts);
    }
    struct hunch_hit *list = block(L, o->hits.count, sizeof *list);
    for (uint32_t k = 0; k < p->pattern_count; k++) {
        size_t n = 0;
        for (size_t i = 0; i < o->hits.count; i++)
            if (p->anchor[o->hits.items[i].anchor].pattern == k)
                list[n++] = o->hits.items[i];
        if (n > 0 && hunch_anchors_literal(&p->pattern[k], p->anchor))
            whole_pattern(L, o, &m.env, k, list, n, &counts);
    }
    return push_counts(L, &counts);
}

static int object_hits(lua_State *L)
{
    struct object *o = check_object(L);
    lua_settop(L, 2);
    take_record(L, o);
    lua_createtable(L, (int)o->hits.count, 0);
    for (size_t i = 0; i < o->hits.count; i++) {
        lua_createtable(L, 2, 0);
        lua_pushinteger(L, o->hits.items[i].anchor);
        lua_rawseti(L, -2, 1);
        lua_pushinteger(L, (lua_Integer)o->hits.items[i].at);
        lua_rawseti(L, -2, 2);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int object_confirm_one(lua_State *L)
{
    struct object *o = check_object(L);
    struct machine m;
    lua_settop(L, 6);
    take_record(L, o);
    open_machine(L, o, 6, &m);
    struct hunch_candidate c = {.slots = o->mine};
    enum hunch_stage_verdict verdict = hunch_confirm_tile(&m.env, (uint32_t)luaL_checkinteger(L, 3),
                                                          (uint64_t)luaL_checkinteger(L, 4),
                                                          (uint64_t)luaL_checkinteger(L, 5), &c);
    uint32_t words = 2 * (c.group_count + 1);
    lua_createtable(L, (int)o->most.slots + 1, 0);
    lua_pushinteger(L, verdict);
    lua_rawseti(L, -2, 1);
    for (uint32_t i = 0; i < o->most.slots; i++) {
        bool there = verdict == HUNCH_STAGE_YES && i < words;
        lua_pushinteger(L, there ? (lua_Integer)o->mine[i] : 0);
        lua_rawseti(L, -2, (lua_Integer)i + 2);
    }
    return 1;
}

static int object_tables(lua_State *L)
{
    struct object *o = check_object(L);
    lua_pushlstring(L, (const char *)&o->tables, sizeof o->tables);
    lua_createtable(L, 0, 2);
    lua_pushinteger(L, o->most.states);
    lua_setfield(L, -2, "states");
    lua_pushinteger(L, o->most.slots);
    lua_setfield(L, -2, "slots");
    return 2;
}

int luaopen_support_stage_module(lua_State *L)
{
    static const luaL_Reg functions[] = {{"load", stage_load}, {NULL, NULL}};
    static const luaL_Reg methods[] = {{"confirm", object_confirm},
                                       {"confirm_one", object_confirm_one},
                                       {"hits", object_hits},
                                       {"tables", object_tables},
                                       {NULL, NULL}};
    luaL_newmetatable(L, type_name);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, object_free);
    lua_setfield(L, -2, "__gc");
    luaL_newlib(L, functions);
    return 1;
}
