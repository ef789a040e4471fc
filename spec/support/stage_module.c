/* stage_module: what tile functions of whole rules say of a record, against the engine.
 * Lua module support.stage_module.
 *
 *   local program = stage.load(bytes)
 *
 *   program:confirm(record, { budget =, room =, groups = }) -> counts
 *       every hit of every regex, at limits 0 and behind the matches before it, against
 *       hunch_search; then all matches of a pattern as its hits give them. counts: no, yes, ask,
 *       patterns, matches. Left out: large enough
 *
 *   program:stages(record, { window =, the same }) -> counts, { [kind] = counts }, { [item] =
 * counts } every match of every rule through its stages, against the worker's: stage by stage, the
 * whole rule, and what a scan reports. window: of the host's source
 *
 *       options.keep: a function that gets each candidate and its verdict, as hunch_stages_kernel
 *       has them: { rule, first, start, end, groups }, slots before, { verdict, start, end, groups
 * }, slots after
 *
 *   program:hits(record) -> { { anchor, at } ... }   anchors from 0, of regexes with literal ones
 *
 *   program:confirm_one(record, anchor, at, limit, options) -> { verdict, span and groups of a YES
 * } as hunch_confirm_kernel writes it
 *
 *   program:tables() -> the bytes of a struct hunch_tables, { room =, groups = } that are enough
 *
 * What differs is an error. */
#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>

#include "../kernels/record_tile.h"
#include "dfa.h"
#include "follow.h"
#include "matcher.h"
#include "source.h"
#include "worker.h"

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
    struct hunch_follow_tables follow;
    uint32_t room, groups; /* that are enough */
    hits hits;             /* of the record */
    const uint8_t *bytes;
    size_t size;
    uint64_t *mine, *theirs, *tried; /* slots of both sides */
    struct hunch_worker *worker;
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
    hunch_worker_free(o->worker);
    hunch_follow_tables_free(&o->follow);
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
    check(L, o, hunch_follow_tables_make(p, NULL, SIZE_MAX, &o->follow, &o->err));
    o->tables.follow_word = o->follow.word.items;
    o->tables.follow = o->follow.regex;
    o->room = 1;
    for (uint32_t i = 0; i < p->regex_count; i++) {
        uint32_t groups = p->regex[i].group_count;
        o->room = p->regex[i].state_count > o->room ? p->regex[i].state_count : o->room;
        o->groups = groups > o->groups ? groups : o->groups;
    }
    return 1;
}

/* Slots of a candidate. */
static uint32_t slots_of(const struct object *o)
{
    return 2 * (o->groups + 1);
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
        struct hunch_hit hit = {start, use->anchor, 0};
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
    bool *dead = block(L, n, sizeof *dead);
    memset(dead, 0, n * sizeof *dead);
    for (;;) {
        struct hunch_candidate best = {.start = HUNCH_NOWHERE}, c = {0};
        bool found;
        struct hunch_span span;
        for (size_t i = 0; i < n && !asked; i++) {
            if (list[i].at < limit || dead[i])
                continue;
            enum hunch_stage_verdict v = one_hit(L, o, e, &list[i], limit, &c, counts);
            asked = v == HUNCH_STAGE_ASK;
            dead[i] = v == HUNCH_STAGE_NO; /* for good */
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
    struct hunch_follow_machine machine;
    struct hunch_stage_env env;
};

static void open_machine(lua_State *L, struct object *o, int index, struct machine *m)
{
    uint32_t room = (uint32_t)option(L, index, "room", o->room),
             groups = (uint32_t)option(L, index, "groups", o->groups);
    size_t words = hunch_follow_words(room, groups);
    uint64_t *memory = block(L, words, 8);
    memset(memory, 0xa5, words * 8);
    hunch_follow_place(&m->machine, room, groups, memory);
    m->text = (struct hunch_text){o->bytes, 0, o->size, o->size};
    m->env = (struct hunch_stage_env){.tables = &o->tables,
                                      .text = &m->text,
                                      .machine = &m->machine,
                                      .budget = option(L, index, "budget", HUNCH_NOWHERE)};
    o->mine = block(L, slots_of(o), 8);
    o->theirs = block(L, slots_of(o), 8);
    o->tried = block(L, slots_of(o), 8);
    memset(o->mine, 0, slots_of(o) * 8);
    memset(o->theirs, 0, slots_of(o) * 8);
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
        struct hunch_candidate c = {0}, again = {0};
        const struct hunch_hit *hit = &o->hits.items[i];
        if (one_hit(L, o, &m.env, hit, 0, &c, &counts) == HUNCH_STAGE_YES && c.start > 0 &&
            one_hit(L, o, &m.env, hit, c.start, &again, &counts) != HUNCH_STAGE_ASK &&
            (again.start != c.start || again.end != c.end))
            luaL_error(L, "hit of anchor %d at %d: another match where it may start as late",
                       (int)hit->anchor, (int)hit->at);
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

/* ---- stages ---- */

struct stage_counts {
    struct counts all, kind[HP_STAGE_HOST + 1], item[HP_ITEM_WORDS + 1];
};

static void count(struct counts *c, enum hunch_stage_verdict v)
{
    c->no += v == HUNCH_STAGE_NO;
    c->yes += v == HUNCH_STAGE_YES;
    c->ask += v == HUNCH_STAGE_ASK;
}

static const char *const verdict_names[] = {"no", "yes", "ask"};

/* By the kind of the stage, and by that of its items where they are of one. */
static void count_stage(const struct object *o, struct stage_counts *counts,
                        const struct hp_stage *s, enum hunch_stage_verdict v)
{
    const uint32_t *words = o->program->word + s->a;
    bool alike = true;
    count(&counts->kind[s->kind], v);
    if (s->kind != HP_STAGE_EXCEPT && s->kind != HP_STAGE_ONLY)
        return;
    for (uint32_t i = 1; i < words[0]; i++)
        alike &= words[1] == words[1 + 3 * i];
    if (words[0] > 0 && alike)
        count(&counts->item[words[1]], v);
}

static bool equal(const struct hunch_candidate *a, const struct hunch_candidate *b)
{
    return a->start == b->start && a->end == b->end && a->group_count == b->group_count &&
           memcmp(a->slots, b->slots, 2 * (a->group_count + 1) * sizeof *a->slots) == 0;
}

static void push_integers(lua_State *L, const uint64_t *list, uint32_t n)
{
    lua_createtable(L, (int)n, 0);
    for (uint32_t i = 0; i < n; i++) {
        lua_pushinteger(L, (lua_Integer)list[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

/* Tells options.keep. */
static void keep_candidate(lua_State *L, const struct object *o, uint32_t rule, uint32_t first,
                           const struct hunch_candidate *from, enum hunch_stage_verdict verdict,
                           const struct hunch_candidate *whole)
{
    bool yes = verdict == HUNCH_STAGE_YES;
    if (!lua_istable(L, 3))
        return;
    if (lua_getfield(L, 3, "keep") == LUA_TNIL) {
        lua_pop(L, 1);
        return;
    }
    const uint64_t item[] = {rule, first, from->start, from->end, from->group_count};
    const uint64_t said[] = {verdict, yes ? whole->start : 0, yes ? whole->end : 0,
                             yes ? whole->group_count : 0};
    push_integers(L, item, 5);
    push_integers(L, o->theirs, slots_of(o));
    push_integers(L, said, 4);
    push_integers(L, o->mine, yes ? 2 * (whole->group_count + 1) : 0);
    lua_call(L, 4, 0);
}

/* A candidate through the stages of a rule from `first` on: o->theirs are its slots. */
static enum hunch_stage_verdict one_candidate(lua_State *L, struct object *o,
                                              const struct hunch_stage_env *e, uint32_t rule,
                                              uint32_t first, const struct hunch_candidate *from,
                                              struct hunch_candidate *whole,
                                              struct stage_counts *counts)
{
    const struct hp_rule *r = &o->program->rule[rule];
    struct hunch_worker *w = o->worker;
    struct hunch_candidate c = *from, tried;
    bool keep = true, known = true;
    w->lost.count = 0; /* once a rule and reason is enough: not this time */
    *whole = *from;
    whole->slots = o->mine;
    memcpy(o->mine, o->theirs, slots_of(o) * sizeof *o->mine);
    enum hunch_stage_verdict verdict =
        hunch_stages_tile(e, NULL, rule, first, r->stage_count, whole);
    count(&counts->all, verdict);
    keep_candidate(L, o, rule, first, from, verdict, whole);
    for (uint32_t i = first; i < r->stage_count && keep && known; i++) {
        const struct hp_stage *s = &o->program->stage[r->stage + i];
        tried = c;
        tried.slots = o->tried;
        memcpy(o->tried, o->theirs, slots_of(o) * sizeof *o->tried);
        enum hunch_stage_verdict v = hunch_stage_tile(e, s, &tried);
        count_stage(o, counts, s, v);
        known = s->kind == HP_STAGE_REGEX || hunch_stage_quiet(s->kind, 0);
        if (!known) {
            if (v != HUNCH_STAGE_ASK)
                luaL_error(L, "rule %d, stage %d: %s, but only the host knows", (int)rule, (int)i,
                           verdict_names[v]);
            break;
        }
        check(L, o, hunch_stage_run(w, rule, s, &c, &keep, &o->err));
        if (v != HUNCH_STAGE_ASK &&
            (keep != (v == HUNCH_STAGE_YES) || w->lost.count > 0 || (keep && !equal(&tried, &c))))
            luaL_error(L, "rule %d, stage %d over [%d, %d): %s, which is wrong", (int)rule, (int)i,
                       (int)from->start, (int)from->end, verdict_names[v]);
    }
    if (verdict == HUNCH_STAGE_NO && (keep || w->lost.count > 0))
        luaL_error(L, "rule %d: no of [%d, %d), which the host keeps or has to ask about",
                   (int)rule, (int)from->start, (int)from->end);
    if (verdict == HUNCH_STAGE_YES && (!keep || !known || w->lost.count > 0 || !equal(whole, &c)))
        luaL_error(L, "rule %d: yes of [%d, %d), which is not what the host says", (int)rule,
                   (int)from->start, (int)from->end);
    return verdict;
}

/* What a scan reports of a rule is what had a yes, where nothing was asked; nothing at all where
 * its gate does not hold. */
static void check_report(lua_State *L, struct object *o, uint32_t rule, const uint64_t *spans,
                         size_t n)
{
    struct hunch_worker *w = o->worker;
    size_t reported = 0, same = 0;
    for (size_t i = 0; i < w->match.count; i++) {
        const struct hunch_found *m = &w->match.items[i];
        if (m->rule != rule)
            continue;
        reported++;
        for (size_t k = 0; k < n; k++)
            if (spans[2 * k] == m->start && spans[2 * k + 1] == m->end) {
                same++;
                break;
            }
    }
    if (reported > 0 && (reported != n || same != n))
        luaL_error(L, "rule %d: %d matches are reported, %d had a yes, %d are the same", (int)rule,
                   (int)reported, (int)n, (int)same);
}

static void one_rule(lua_State *L, struct object *o, const struct hunch_stage_env *e, uint32_t rule,
                     uint64_t *spans, struct stage_counts *counts)
{
    const struct hp_rule *r = &o->program->rule[rule];
    struct hunch_worker *w = o->worker;
    struct hunch_candidate c = {.slots = o->theirs}, whole;
    struct hunch_search search;
    uint32_t at = 0;
    size_t n = 0;
    bool asked = false, found = true;
    while (at < r->stage_count && o->program->stage[r->stage + at].kind != HP_STAGE_REGEX)
        at++;
    if (at == r->stage_count) { /* literals: each occurrence of each */
        for (uint32_t i = 0; i < r->span_count; i++) {
            const hunch_spans *list;
            uint64_t known;
            check(L, o,
                  hunch_worker_spans(w, o->program->word[r->span + i], &list, &known, &o->err));
            for (size_t k = 0; k < list->count; k++) {
                c.start = o->theirs[0] = list->items[k].start;
                c.end = o->theirs[1] = list->items[k].end;
                c.group_count = 0;
                (void)one_candidate(L, o, e, rule, 0, &c, &whole, counts);
            }
        }
        return;
    }
    const struct hp_stage *stage = &o->program->stage[r->stage + at];
    hunch_worker_search(w, stage->a, &search);
    while (found && n < o->size + 1) {
        struct hunch_span span;
        check(L, o, hunch_search_next(&search, &found, &span, &o->err));
        if (!found)
            break;
        c.start = span.start;
        c.end = span.end;
        c.group_count = search.regex.info.group_count;
        check(L, o, hunch_search_groups(&search, span, o->theirs, &o->err));
        if (!hunch_candidate_narrow(&c, stage->capture))
            continue;
        enum hunch_stage_verdict v = one_candidate(L, o, e, rule, at + 1, &c, &whole, counts);
        asked |= v == HUNCH_STAGE_ASK;
        if (v == HUNCH_STAGE_YES) {
            spans[2 * n] = whole.start;
            spans[2 * n++ + 1] = whole.end;
        }
    }
    hunch_search_end(&search);
    if (!asked)
        check_report(L, o, rule, spans, n);
}

static int push_stage_counts(lua_State *L, const struct stage_counts *counts)
{
    push_counts(L, &counts->all);
    lua_newtable(L);
    for (int i = 0; i <= HP_STAGE_HOST; i++) {
        push_counts(L, &counts->kind[i]);
        lua_rawseti(L, -2, i);
    }
    lua_newtable(L);
    for (int i = 0; i <= HP_ITEM_WORDS; i++) {
        push_counts(L, &counts->item[i]);
        lua_rawseti(L, -2, i);
    }
    return 3;
}

static int object_stages(lua_State *L)
{
    static const atomic_int never;
    static const struct hunch_stopper nobody = {.stop = &never};
    struct object *o = check_object(L);
    struct stage_counts counts;
    struct hunch_record_source source;
    struct machine m;
    lua_settop(L, 3);
    memset(&counts, 0, sizeof counts);
    take_record(L, o);
    open_machine(L, o, 3, &m);
    uint64_t *spans = block(L, 2 * (o->size + 2), sizeof *spans);
    if (o->worker == NULL) {
        struct hunch_worker_options options = {
            .max_matches = 1 << 20, .hits_most = 1 << 20, .spans_most = 1 << 20};
        check(L, o, hunch_worker_new(o->plan, &options, &o->worker, &o->err));
    }
    hunch_source_memory(&source, o->bytes, o->size, (size_t)option(L, 3, "window", 1 << 20),
                        &nobody);
    hunch_worker_begin(o->worker, "name", 4, &source.base);
    hunch_status status = hunch_worker_slice(o->worker, &hunch_matcher_portable, o->matcher,
                                             o->matcher, o->bytes, o->size, 0, 0, o->size, &o->err);
    if (status == HUNCH_OK)
        status = hunch_worker_decide(o->worker, &o->err);
    check(L, o, status);
    for (uint32_t i = 0; i < o->program->rule_count; i++)
        one_rule(L, o, &m.env, i, spans, &counts);
    hunch_worker_begin(o->worker, "", 0, NULL);
    return push_stage_counts(L, &counts);
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
    lua_createtable(L, (int)slots_of(o) + 1, 0);
    lua_pushinteger(L, verdict);
    lua_rawseti(L, -2, 1);
    for (uint32_t i = 0; i < slots_of(o); i++) {
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
    lua_pushinteger(L, o->room);
    lua_setfield(L, -2, "room");
    lua_pushinteger(L, o->groups);
    lua_setfield(L, -2, "groups");
    return 2;
}

int luaopen_support_stage_module(lua_State *L)
{
    static const luaL_Reg functions[] = {{"load", stage_load}, {NULL, NULL}};
    static const luaL_Reg methods[] = {
        {"confirm", object_confirm}, {"confirm_one", object_confirm_one}, {"stages", object_stages},
        {"hits", object_hits},       {"tables", object_tables},           {NULL, NULL}};
    luaL_newmetatable(L, type_name);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, object_free);
    lua_setfield(L, -2, "__gc");
    luaL_newlib(L, functions);
    return 1;
}
