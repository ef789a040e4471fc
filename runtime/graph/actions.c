/* actions.c: see actions.h. Of a function and a rule: the events that do `by` and `of`; a fact a
 * place ("some `by` of it ran"); rows of facts by dominance.h; then each `of` against the row of
 * its block and what stands beside it there. */
#include "graph/actions.h"

#include <stdlib.h>
#include <string.h>

#include "graph/dominance.h"

struct event {
    uint32_t block, op;
    uint64_t place; /* 0: none that could be the same */
    uint32_t fact;
};

typedef HUNCH_VEC(struct event) events;

enum { TEST_DEPTH = 16, CHAIN_MOST = 4096 /* operations of one address */ };

/* ---- places: numbers that are equal for expressions that are written alike ---- */

static uint64_t mix(uint64_t kind, uint64_t x, uint64_t y)
{
    uint64_t h = (kind + 0x9e3779b97f4a7c15u) * 0xbf58476d1ce4e5b9u;
    h = (h ^ x ^ h >> 29) * 0x94d049bb133111ebu;
    h = (h ^ y ^ h >> 31) * 0xbf58476d1ce4e5b9u;
    h ^= h >> 32;
    return h ? h : 1;
}

static const struct hunch_op *op_of(const struct hunch_graph_file *f, uint32_t op)
{
    return op < f->op.count ? &f->op.items[op] : NULL;
}

/* The number of a value: of what is loaded from an address, or of the address itself. 0: it is no
 * place's. The chain is gone down once, and mixed on the way back. */
static uint64_t place_of(const struct hunch_graph_file *f, uint32_t op)
{
    uint32_t chain[CHAIN_MOST], n = 0;
    uint64_t place = 0;
    for (const struct hunch_op *o = op_of(f, op); place == 0; o = op_of(f, o->a)) {
        if (o == NULL || n == CHAIN_MOST)
            return 0;
        switch (o->kind) {
        case HUNCH_OP_VAR: place = mix(1, o->a, 0); break;
        case HUNCH_OP_NAME: place = mix(2, o->a, 0); break;
        case HUNCH_OP_FIELD:
        case HUNCH_OP_INDEX:
        case HUNCH_OP_LOAD:
        case HUNCH_OP_STORE: chain[n++] = (uint32_t)(o - f->op.items); break;
        case HUNCH_OP_CAST: break;
        default: return 0;
        }
    }
    while (n > 0) {
        const struct hunch_op *o = &f->op.items[chain[--n]];
        if (o->kind == HUNCH_OP_FIELD)
            place = mix(3, place, o->b);
        else if (o->kind == HUNCH_OP_INDEX)
            place = mix(4, place, 0);
        else /* what a STORE gives is what the place holds then */
            place = mix(5, place, 0);
    }
    return place;
}

/* What the place at an address holds. */
static uint64_t content_of(const struct hunch_graph_file *f, uint32_t address)
{
    uint64_t place = place_of(f, address);
    return place ? mix(5, place, 0) : 0;
}

/* The pointer by which an address is reached, 0: it is a variable's own. */
static uint64_t pointer_of(const struct hunch_graph_file *f, uint32_t address)
{
    const struct hunch_op *o = op_of(f, address);
    for (uint32_t steps = 0; o != NULL && steps < CHAIN_MOST; steps++) {
        bool inner = o->kind == HUNCH_OP_FIELD || o->kind == HUNCH_OP_INDEX ||
                     o->kind == HUNCH_OP_CAST ||
                     (o->kind == HUNCH_OP_BINARY && (o->sub == HUNCH_ADD || o->sub == HUNCH_SUB));
        if (!inner)
            break;
        o = op_of(f, o->a);
    }
    if (o == NULL || (o->kind != HUNCH_OP_LOAD && o->kind != HUNCH_OP_STORE))
        return 0;
    return place_of(f, (uint32_t)(o - f->op.items));
}

/* ---- what an operation does ---- */

static bool is_called(const char *name, const char *pattern)
{
    size_t n = strlen(pattern);
    return n > 0 && pattern[n - 1] == '*' ? strncmp(name, pattern, n - 1) == 0
                                          : strcmp(name, pattern) == 0;
}

static bool calls(const struct hunch_graph_file *f, uint32_t op, const char *pattern)
{
    const struct hunch_op *o = op_of(f, op);
    while (o != NULL && o->kind == HUNCH_OP_CAST)
        o = op_of(f, o->a);
    if (o == NULL || o->kind != HUNCH_OP_CALL)
        return false;
    const struct hunch_op *callee = op_of(f, o->a);
    return callee != NULL && callee->kind == HUNCH_OP_NAME &&
           is_called(hunch_graph_name(f, callee->a), pattern);
}

static bool is_null(const struct hunch_graph_file *f, uint32_t op)
{
    const struct hunch_op *o = op_of(f, op);
    while (o != NULL && o->kind == HUNCH_OP_CAST)
        o = op_of(f, o->a);
    return o != NULL &&
           (o->kind == HUNCH_OP_NULL || (o->kind == HUNCH_OP_CONST && hunch_op_value(o) == 0));
}

struct looking {
    const struct hunch_allocator *a;
    const struct hunch_graph_file *file;
    uint32_t block;
    events *out;
};

static bool add(struct looking *l, uint32_t op, uint64_t place)
{
    struct event e = {l->block, op, place, 0};
    return hunch_vec_push(l->a, l->out, e);
}

/* All places whose values a condition looks at. */
static bool add_tested(struct looking *l, uint32_t condition, uint32_t op, int depth)
{
    const struct hunch_op *o = op_of(l->file, op);
    if (o == NULL || depth == TEST_DEPTH)
        return true;
    if (o->kind == HUNCH_OP_UNARY || o->kind == HUNCH_OP_CAST)
        return add_tested(l, condition, o->a, depth + 1);
    if (o->kind == HUNCH_OP_BINARY)
        return add_tested(l, condition, o->a, depth + 1) &&
               add_tested(l, condition, o->b, depth + 1);
    uint64_t place = place_of(l->file, op);
    return place == 0 || add(l, condition, place);
}

/* The places of one operation that does the action. */
static bool add_action(struct looking *l, uint32_t op, const struct hunch_action *action)
{
    const struct hunch_graph_file *f = l->file;
    const struct hunch_op *o = &f->op.items[op];
    switch (action->kind) {
    case HUNCH_ACTION_CALL:
        if (o->kind != HUNCH_OP_CALL || !calls(f, op, action->name))
            return true;
        if (action->place == 0)
            return add(l, op, 0);
        return action->place > o->c ||
               add(l, op, place_of(f, f->arg.items[o->b + action->place - 1]));
    case HUNCH_ACTION_ASSIGN:
        if (o->kind != HUNCH_OP_STORE || (action->value == HUNCH_VALUE_NULL && !is_null(f, o->b)) ||
            (action->value == HUNCH_VALUE_CALL && !calls(f, o->b, action->name)))
            return true;
        return add(l, op, content_of(f, o->a));
    case HUNCH_ACTION_TEST:
        return o->kind != HUNCH_OP_CONDITION ||
               (add(l, op, 0) && add_tested(l, op, o->a, 0)); /* of no place, too: any test */
    case HUNCH_ACTION_USE: {
        if (o->kind != HUNCH_OP_LOAD && o->kind != HUNCH_OP_STORE)
            return true;
        uint64_t pointer = pointer_of(f, o->a);
        return pointer == 0 || add(l, op, pointer);
    }
    case HUNCH_ACTION_RETURN: return o->kind != HUNCH_OP_RETURN || add(l, op, 0);
    }
    return true;
}

static bool find_events(const struct hunch_allocator *a, const struct hunch_graph_file *file,
                        const struct hunch_function *f, const struct hunch_action *action,
                        size_t count, events *out)
{
    struct looking l = {a, file, 0, out};
    out->count = 0;
    for (uint32_t b = 0; b < f->block_count; b++) {
        const struct hunch_block *block = &file->block.items[f->block + b];
        l.block = b;
        for (uint32_t op = block->op; op < block->op + block->op_count; op++)
            for (size_t k = 0; k < count; k++)
                if (!add_action(&l, op, &action[k]))
                    return false;
    }
    return true;
}

/* ---- a rule in a function ---- */

struct solving {
    const struct hunch_allocator *a;
    const struct hunch_graph_file *file;
    uint32_t function;
    const struct hunch_graph_rule *rule;
    events by, of;
    HUNCH_VEC(uint64_t) place; /* of each fact */
};

static int compare_places(const void *x, const void *y)
{
    uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;
    return a < b ? -1 : a > b;
}

static uint32_t fact_of(const struct solving *s, uint64_t place)
{
    const uint64_t *at =
        bsearch(&place, s->place.items, s->place.count, sizeof place, compare_places);
    return at ? (uint32_t)(at - s->place.items) : HUNCH_NONE;
}

/* Numbers the places of `of`; `by` of others are left out. Where places do not matter there is one
 * fact. */
static bool number_facts(struct solving *s)
{
    const bool same = s->rule->same_place;
    s->place.count = 0;
    size_t kept = 0;
    for (size_t i = 0; i < s->of.count; i++)
        if (!same || s->of.items[i].place != 0) {
            s->of.items[kept] = s->of.items[i];
            s->of.items[kept].place = same ? s->of.items[i].place : 1;
            if (!hunch_vec_push(s->a, &s->place, s->of.items[kept].place))
                return false;
            kept++;
        }
    s->of.count = kept;
    if (kept == 0)
        return true;
    qsort(s->place.items, s->place.count, sizeof *s->place.items, compare_places);
    size_t places = 1;
    for (size_t i = 1; i < s->place.count; i++)
        if (s->place.items[i] != s->place.items[places - 1])
            s->place.items[places++] = s->place.items[i];
    s->place.count = places;
    for (size_t i = 0; i < s->of.count; i++)
        s->of.items[i].fact = fact_of(s, s->of.items[i].place);
    kept = 0;
    for (size_t i = 0; i < s->by.count; i++) {
        uint32_t fact = same ? fact_of(s, s->by.items[i].place) : 0;
        if (fact == HUNCH_NONE)
            continue;
        s->by.items[kept] = s->by.items[i];
        s->by.items[kept++].fact = fact;
    }
    s->by.count = kept;
    return true;
}

/* Some `by` that is on every way; *nearest: the last before it, the first behind it, in the order
 * of the operations. */
static bool holds(const struct solving *s, const struct event *of, const uint32_t *row,
                  uint32_t words, bool post, const struct event **nearest)
{
    bool found = row[(size_t)of->block * words + of->fact / 32] >> (of->fact % 32) & 1;
    *nearest = NULL;
    for (size_t i = 0; i < s->by.count; i++) {
        const struct event *by = &s->by.items[i];
        if (by->fact != of->fact || by->op == of->op)
            continue;
        bool is_there = post ? by->op > of->op : by->op < of->op;
        found |= is_there && by->block == of->block;
        if (is_there && (*nearest == NULL || !post))
            *nearest = by;
    }
    return found;
}

static hunch_status solve(struct solving *s, uint32_t rule_index, hunch_actions_found *found,
                          struct hunch_error *err)
{
    const struct hunch_function *f = &s->file->function.items[s->function];
    const bool post = s->rule->kind == HUNCH_GRAPH_POST_DOMINATES;
    const uint32_t words = (uint32_t)((s->place.count + 31) / 32);
    const size_t room = (size_t)f->block_count * words;
    uint32_t *gen = hunch_alloc_zero(s->a, room * sizeof *gen + 1),
             *in = hunch_alloc_zero(s->a, room * sizeof *in + 1);
    hunch_status status = HUNCH_OK;
    if (gen == NULL || in == NULL) {
        status = hunch_fail_memory(err, room * sizeof *gen, "the blocks of a function");
        goto done;
    }
    for (size_t i = 0; i < s->by.count; i++)
        gen[(size_t)s->by.items[i].block * words + s->by.items[i].fact / 32] |=
            (uint32_t)1 << (s->by.items[i].fact % 32);
    status =
        hunch_dominance_rows(s->a, s->file, s->function,
                             post ? HUNCH_POST_DOMINATES : HUNCH_DOMINATES, gen, words, in, err);
    for (size_t i = 0; status == HUNCH_OK && i < s->of.count; i++) {
        const struct event *of = &s->of.items[i], *nearest;
        if (holds(s, of, in, words, post, &nearest) == s->rule->missing)
            continue;
        struct hunch_extent span = s->file->op.items[of->op].span;
        struct hunch_action_found one = {rule_index, s->function, span, span};
        if (nearest != NULL && !s->rule->missing)
            one.by = s->file->op.items[nearest->op].span;
        if (!hunch_vec_push(s->a, found, one))
            status = hunch_fail_memory(err, sizeof one, "findings");
    }
done:
    hunch_free(s->a, gen, room * sizeof *gen + 1);
    hunch_free(s->a, in, room * sizeof *in + 1);
    return status;
}

static int compare_found(const void *x, const void *y)
{
    const struct hunch_action_found *a = x, *b = y;
    const uint32_t l[] = {a->function, a->rule, a->span.begin, a->span.end, a->by.begin, a->by.end},
                   r[] = {b->function, b->rule, b->span.begin, b->span.end, b->by.begin, b->by.end};
    for (size_t i = 0; i < sizeof l / sizeof *l; i++)
        if (l[i] != r[i])
            return l[i] < r[i] ? -1 : 1;
    return 0;
}

/* Sorts what is new, and keeps of equal spans the first. */
static void tidy(hunch_actions_found *found, size_t first)
{
    struct hunch_action_found *item = found->items;
    if (found->count - first < 2)
        return;
    qsort(item + first, found->count - first, sizeof *item, compare_found);
    size_t kept = first + 1;
    for (size_t i = first + 1; i < found->count; i++)
        if (item[i].function != item[kept - 1].function || item[i].rule != item[kept - 1].rule ||
            item[i].span.begin != item[kept - 1].span.begin ||
            item[i].span.end != item[kept - 1].span.end)
            item[kept++] = item[i];
    found->count = kept;
}

hunch_status hunch_actions_solve(const struct hunch_allocator *a,
                                 const struct hunch_graph_file *file,
                                 const struct hunch_graph_rule *rule, size_t rule_count,
                                 hunch_actions_found *found, struct hunch_error *err)
{
    struct solving s = {.a = a, .file = file};
    size_t first = found->count;
    hunch_status status = HUNCH_OK;
    for (uint32_t i = 0; i < file->function.count && status == HUNCH_OK; i++) {
        const struct hunch_function *f = &file->function.items[i];
        s.function = i;
        for (uint32_t r = 0; r < rule_count && status == HUNCH_OK && f->block_count > 0; r++) {
            s.rule = &rule[r];
            if (s.rule->kind != HUNCH_GRAPH_DOMINATES && s.rule->kind != HUNCH_GRAPH_POST_DOMINATES)
                continue;
            bool ok = find_events(a, file, f, s.rule->of, s.rule->of_count, &s.of);
            if (ok && s.of.count == 0)
                continue;
            ok = ok && find_events(a, file, f, s.rule->by, s.rule->by_count, &s.by) &&
                 number_facts(&s);
            if (!ok)
                status = hunch_fail_memory(err, sizeof(struct event), "a function's statements");
            else if (s.of.count > 0)
                status = solve(&s, r, found, err);
        }
    }
    if (status == HUNCH_OK)
        tidy(found, first);
    hunch_vec_free(a, &s.by);
    hunch_vec_free(a, &s.of);
    hunch_vec_free(a, &s.place);
    return status;
}
