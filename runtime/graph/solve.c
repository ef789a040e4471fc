/* solve.c: drafts made into a graph, and the solver over it.
 *
 * Two phases give what tabulation gives. Up: callees first, each function says which of its formals
 * flow into which results (transfers) and which results hold values of sources below it; both are
 * masks of edges in its callers. Down: callers first, what really comes in by each formal.
 * Functions that call each other are gone through until nothing changes: masks only grow.
 */
#include "graph/solve.h"

#include <stdlib.h>
#include <string.h>

void hunch_draft_function_free(const struct hunch_allocator *a, struct hunch_draft_function *f)
{
    hunch_vec_free(a, &f->label);
    hunch_vec_free(a, &f->edge);
    hunch_vec_free(a, &f->formal);
    hunch_vec_free(a, &f->result);
    hunch_vec_free(a, &f->call);
    hunch_vec_free(a, &f->bind);
}

enum {
    WAITS = 1,  /* bits of a node's state: its values have to go on */
    REACHED = 2 /* it is in `reached` */
};

#define NOWHERE UINT32_MAX

/* Values on their way in one function. */
struct way {
    uint32_t *row;     /* of the function's nodes */
    uint8_t *state;    /* likewise, and 8 bytes behind */
    uint32_t low;      /* no node before it waits; NOWHERE: no node does */
    uint32_t *reached; /* nodes whose rows have to be cleared again; NULL: rows stay */
    uint32_t reached_count;
};

struct solver {
    const struct hunch_flow_graph *g;
    const struct hunch_flow_rules *rules;
    struct hunch_flow_answer *answer;
    struct way way;      /* of one function at a time; rows are 0 between */
    uint32_t *gen_first; /* by function: gen_node[gen_first[f] .. gen_first[f + 1]) are sources */
    HUNCH_VEC(uint32_t) gen_node;
    uint32_t *maybe; /* of all nodes: see mingle() */
    uint8_t *fresh;  /* likewise, as way.state */
    uint8_t *used;   /* of each function: some of its nodes may be reached */
    uint8_t *stale;  /* of each function: what it depends on has changed since it was solved */
};

/* to |= from & gate; true: that is more than it was. */
static bool grow(uint32_t *to, const uint32_t *from, const uint32_t *gate, uint32_t words)
{
    uint32_t more = 0;
    for (uint32_t w = 0; w < words; w++) {
        const uint32_t add = from[w] & gate[w] & ~to[w];
        to[w] |= add;
        more |= add;
    }
    return more != 0;
}

static void callers_stale(const struct solver *s, uint32_t f)
{
    for (uint32_t c = s->g->caller_first[f]; c < s->g->caller_first[f + 1]; c++)
        s->stale[s->g->caller.items[c]] = 1;
}

static void arrive(struct way *w, uint32_t n)
{
    if (!(w->state[n] & REACHED) && w->reached != NULL) {
        w->reached[w->reached_count++] = n;
        w->state[n] |= REACHED;
    }
    w->state[n] |= WAITS;
    if (n < w->low)
        w->low = n;
}

/* What `from` and `gate` have in common gets to a node. */
static void begin(struct way *w, const struct solver *s, uint32_t f, uint32_t n,
                  const uint32_t *from, const uint32_t *gate)
{
    const uint32_t words = s->rules->words,
                   *keep = s->rules->keep +
                           (size_t)s->g->label.items[s->g->function[f].node + n] * words;
    uint32_t *to = w->row + (size_t)n * words, more = 0;
    for (uint32_t i = 0; i < words; i++) {
        const uint32_t add = from[i] & gate[i] & keep[i] & ~to[i];
        to[i] |= add;
        more |= add;
    }
    if (more != 0)
        arrive(w, n);
}

/* More may get to a node of any function. */
static void spread(const struct solver *s, uint32_t f, uint32_t node, const uint32_t *from)
{
    const uint32_t words = s->rules->words;
    if (grow(s->maybe + (size_t)node * words, from,
             s->rules->keep + (size_t)s->g->label.items[node] * words, words)) {
        s->fresh[node] |= WAITS;
        s->stale[f] = s->used[f] = 1;
    }
}

/* The first node from n on that waits; `count`: none. */
static uint32_t next_waiting(const uint8_t *state, uint32_t n, uint32_t count)
{
    for (uint64_t eight; n < count; n += 8) {
        memcpy(&eight, state + n, sizeof eight);
        eight &= UINT64_C(0x0101010101010101) * WAITS;
        if (eight != 0) {
            n += (uint32_t)__builtin_ctzll(eight) / 8;
            return n < count ? n : count;
        }
    }
    return count;
}

/* Lets values go on along edges of masks below `limit` until none waits: in the order of nodes,
 * which is about theirs, so that most nodes have their turn once. everywhere: into callers and
 * callees, too. */
static void sweep(struct way *way, const struct solver *s, uint32_t f, const uint32_t *mask,
                  uint32_t limit, bool everywhere)
{
    const struct hunch_flow_graph *g = s->g;
    const struct hunch_flow_function *function = &g->function[f];
    const uint32_t words = s->rules->words, *first = g->out_first.items + function->node + f,
                   *label = g->label.items + function->node;
    while (way->low != NOWHERE) {
        uint32_t n = way->low;
        way->low = NOWHERE;
        for (; (n = next_waiting(way->state, n, function->node_count)) < function->node_count;
             n++) {
            const uint32_t *from = way->row + (size_t)n * words;
            way->state[n] &= (uint8_t)~WAITS;
            for (uint32_t e = first[n]; e < first[n + 1]; e++) {
                const struct hunch_flow_in out = g->out.items[e];
                if (out.mask >= limit)
                    continue; /* through a call: by way of the callee */
                uint32_t *to = way->row + (size_t)out.from * words, more = 0;
                const uint32_t *pass = mask + (size_t)out.mask * words,
                               *keep = s->rules->keep + (size_t)label[out.from] * words;
                for (uint32_t w = 0; w < words; w++) {
                    const uint32_t add = from[w] & pass[w] & keep[w] & ~to[w];
                    to[w] |= add;
                    more |= add;
                }
                if (more == 0)
                    continue;
                const uint32_t low = way->low;
                arrive(way, out.from);
                if (out.from > n)
                    way->low = low; /* this sweep comes there */
            }
            const uint32_t node = function->node + n;
            for (uint32_t c = g->cross_first[node]; everywhere && c < g->cross_first[node + 1]; c++)
                spread(s, g->cross.items[c].function, g->cross.items[c].node, from);
        }
    }
}

/* Where values may get to if calls were not matched with returns: no more than that need be looked
 * at. From nodes of the function at which more has come (`fresh`), into its callers and callees. */
static void mingle(const struct solver *s, uint32_t f)
{
    const uint32_t node = s->g->function[f].node;
    struct way way = {.row = s->maybe + (size_t)node * s->rules->words, .state = s->fresh + node};
    sweep(&way, s, f, s->rules->pass, s->g->transfer_mask, true);
}

static bool any(const uint32_t *row, uint32_t words)
{
    uint32_t all = 0;
    for (uint32_t w = 0; w < words; w++)
        all |= row[w];
    return all != 0;
}

/* Rows of the function are 0 again. */
static void clear_way(struct solver *s)
{
    struct way *w = &s->way;
    for (uint32_t i = 0; i < w->reached_count; i++) {
        memset(w->row + (size_t)w->reached[i] * s->rules->words, 0,
               s->rules->words * sizeof *w->row);
        w->state[w->reached[i]] = 0;
    }
    w->reached_count = 0;
}

/* Sources of the function, and what its calls bring back of those below them. */
static void begin_sources(struct solver *s, uint32_t f)
{
    const struct hunch_flow_graph *g = s->g;
    const uint32_t words = s->rules->words, *label = g->label.items + g->function[f].node;
    for (uint32_t i = s->gen_first[f]; i < s->gen_first[f + 1]; i++) {
        const uint32_t n = s->gen_node.items[i], *gen = s->rules->gen + (size_t)label[n] * words;
        begin(&s->way, s, f, n, gen, gen);
    }
    for (uint32_t i = g->source_first[f]; i < g->source_first[f + 1]; i++) {
        const uint32_t *mask = s->answer->mask + (size_t)g->source.items[i].mask * words;
        begin(&s->way, s, f, g->source.items[i].node, mask, mask);
    }
}

/* What may leave the function by a result goes into the mask. */
static bool go_back(const struct solver *s, uint32_t *mask, uint32_t result, uint32_t label)
{
    const uint32_t words = s->rules->words, *row = s->way.row + (size_t)result * words;
    bool changed = grow(mask, row, s->rules->leave, words);
    if (s->rules->give != NULL)
        changed |= grow(mask, row, s->rules->give + (size_t)label * words, words);
    return changed;
}

/* Transfers and results of a function from those of its callees. */
static bool up(struct solver *s, uint32_t f)
{
    const struct hunch_flow_graph *g = s->g;
    const struct hunch_flow_function *function = &g->function[f];
    const uint32_t words = s->rules->words, *label = g->label.items + function->node;
    const struct hunch_transfer *transfer = g->transfer.items + function->transfer;
    uint32_t *mask = s->answer->mask;
    bool changed = false;
    if (!s->used[f])
        return false;
    for (uint32_t t = 0; t < function->transfer_count;) {
        const uint32_t formal = transfer[t].formal,
                       node = g->formal.items[function->formal + formal];
        /* One at a time, and of those rules only whose values may get there. */
        begin(&s->way, s, f, node, s->rules->enter,
              s->maybe + (size_t)(function->node + node) * words);
        sweep(&s->way, s, f, mask, UINT32_MAX, false);
        for (; t < function->transfer_count && transfer[t].formal == formal; t++) {
            const uint32_t result = g->result.items[function->result + transfer[t].result];
            if (s->way.reached_count > 0)
                changed |=
                    go_back(s, mask + (size_t)(g->transfer_mask + function->transfer + t) * words,
                            result, label[result]);
        }
        clear_way(s);
    }
    begin_sources(s, f);
    sweep(&s->way, s, f, mask, UINT32_MAX, false);
    for (uint32_t r = 0; r < function->result_count; r++)
        changed |= go_back(s, mask + (size_t)(g->result_mask + function->result + r) * words,
                           g->result.items[function->result + r],
                           label[g->result.items[function->result + r]]);
    clear_way(s);
    return changed;
}

/* Rows of a function from what comes into it, and what it brings into its callees. */
static bool down(struct solver *s, uint32_t f)
{
    const struct hunch_flow_graph *g = s->g;
    const struct hunch_flow_function *function = &g->function[f];
    const uint32_t words = s->rules->words;
    bool changed = false;
    clear_way(s);
    if (!s->used[f])
        return false;
    for (uint32_t i = 0; i < function->formal_count; i++) {
        const uint32_t *in = s->answer->down + (size_t)(function->formal + i) * words;
        begin(&s->way, s, f, g->formal.items[function->formal + i], in, in);
    }
    begin_sources(s, f);
    sweep(&s->way, s, f, s->answer->mask, UINT32_MAX, false);
    for (uint32_t b = function->bind; b < function->bind + function->bind_count; b++) {
        const struct hunch_flow_bind bind = g->bind.items[b];
        if (!(s->way.state[bind.node] & REACHED))
            continue;
        const bool more =
            grow(s->answer->down + (size_t)(g->function[bind.callee].formal + bind.formal) * words,
                 s->way.row + (size_t)bind.node * words, s->rules->enter, words);
        if (more)
            s->stale[bind.callee] = 1;
        changed |= more;
    }
    return changed;
}

/* What is found in the function that down() was called of last. */
static bool find_hits(const struct solver *s, uint32_t f)
{
    const struct hunch_flow_function *function = &s->g->function[f];
    const uint32_t words = s->rules->words;
    for (uint32_t i = 0; i < s->way.reached_count; i++) {
        const uint32_t n = s->way.reached[i], *row = s->way.row + (size_t)n * words,
                       *sink =
                           s->rules->sink + (size_t)s->g->label.items[function->node + n] * words;
        if (s->answer->row != NULL)
            memcpy(s->answer->row + (size_t)(function->node + n) * words, row, words * sizeof *row);
        for (uint32_t w = 0; w < words; w++) {
            uint32_t bits = row[w] & sink[w];
            for (uint32_t bit = 0; bits != 0; bit++, bits >>= 1) {
                const struct hunch_flow_hit hit = {f, n, w * 32 + bit};
                if ((bits & 1u) && !hunch_vec_push(s->g->a, &s->answer->hit, hit))
                    return false;
            }
        }
    }
    return true;
}

static int by_place(const void *left, const void *right)
{
    const struct hunch_flow_hit *l = left, *r = right;
    if (l->function != r->function)
        return l->function < r->function ? -1 : 1;
    if (l->node != r->node)
        return l->node < r->node ? -1 : 1;
    return l->rule < r->rule ? -1 : l->rule > r->rule;
}

bool hunch_flow_answer_room(const struct hunch_flow_graph *g, bool masks, bool rows,
                            struct hunch_flow_answer *answer)
{
    const size_t row = answer->words * sizeof *answer->row;
    if (masks) {
        answer->mask = hunch_alloc_zero(g->a, g->mask_count * row);
        answer->down = hunch_alloc_zero(g->a, g->formal.count * row);
    }
    if (rows)
        answer->row = hunch_alloc_zero(g->a, g->node_count * row);
    return (!masks || (answer->mask != NULL && answer->down != NULL)) &&
           (!rows || answer->row != NULL);
}

void hunch_flow_answer_sort(struct hunch_flow_answer *answer)
{
    if (answer->hit.count > 1)
        qsort(answer->hit.items, answer->hit.count, sizeof *answer->hit.items, by_place);
}

/* Finds sources, from which mingle() begins. */
static bool find_sources(struct solver *s)
{
    const struct hunch_flow_graph *g = s->g;
    const uint32_t words = s->rules->words;
    for (uint32_t f = 0; f < g->function_count; f++) {
        const uint32_t node = g->function[f].node;
        s->gen_first[f] = (uint32_t)s->gen_node.count;
        for (uint32_t n = 0; n < g->function[f].node_count; n++) {
            const uint32_t *gen = s->rules->gen + (size_t)g->label.items[node + n] * words;
            if (!any(gen, words))
                continue;
            spread(s, f, node + n, gen);
            if (!hunch_vec_push(g->a, &s->gen_node, n))
                return false;
        }
    }
    s->gen_first[g->function_count] = (uint32_t)s->gen_node.count;
    return true;
}

/* Both ways in turns: some values go into functions, some out of them. */
static void mingle_all(const struct solver *s)
{
    const uint32_t count = s->g->function_count;
    bool more = true;
    for (bool backward = false; more; backward = !backward) {
        more = false;
        for (uint32_t i = 0; i < count; i++) {
            const uint32_t f = s->g->order.items[backward ? count - 1 - i : i];
            if (!s->stale[f])
                continue;
            s->stale[f] = 0;
            mingle(s, f);
            more = true;
        }
    }
}

static void up_all(struct solver *s)
{
    const struct hunch_flow_graph *g = s->g;
    memset(s->stale, 1, g->function_count);
    for (uint32_t i = 0, end; i < g->function_count; i = end) {
        bool changed;
        for (end = i; end < g->function_count && g->function[g->order.items[end]].group ==
                                                     g->function[g->order.items[i]].group;)
            end++;
        do {
            changed = false;
            for (uint32_t k = i; k < end; k++) {
                const uint32_t f = g->order.items[k];
                if (!s->stale[f])
                    continue;
                s->stale[f] = 0;
                if (up(s, f)) {
                    callers_stale(s, f);
                    changed = true;
                }
            }
        } while (changed && g->function[g->order.items[i]].recursive);
    }
}

static bool down_all(struct solver *s)
{
    const struct hunch_flow_graph *g = s->g;
    memset(s->stale, 1, g->function_count);
    for (uint32_t end = g->function_count, begin; end > 0; end = begin) {
        bool changed;
        for (begin = end; begin > 0 && g->function[g->order.items[begin - 1]].group ==
                                           g->function[g->order.items[end - 1]].group;)
            begin--;
        do {
            changed = false;
            for (uint32_t k = end; k > begin; k--) {
                const uint32_t f = g->order.items[k - 1];
                if (!s->stale[f])
                    continue;
                s->stale[f] = 0;
                changed |= down(s, f);
            }
        } while (changed && g->function[g->order.items[begin]].recursive);
        for (uint32_t k = begin; k < end; k++) {
            if (end - begin > 1)
                (void)down(s, g->order.items[k]); /* its rows once more */
            if (!find_hits(s, g->order.items[k]))
                return false;
        }
    }
    return true;
}

hunch_status hunch_flow_solve(const struct hunch_flow_graph *g,
                              const struct hunch_flow_rules *rules, bool keep_rows,
                              struct hunch_flow_answer *answer)
{
    struct solver s = {.g = g, .rules = rules, .answer = answer, .way.low = NOWHERE};
    const uint32_t words = rules->words;
    const size_t behind = 8; /* next_waiting() */
    hunch_status status = HUNCH_ERROR_MEMORY;
    uint32_t most = 0;
    memset(answer, 0, sizeof *answer);
    answer->words = words;
    for (uint32_t f = 0; f < g->function_count; f++)
        most = g->function[f].node_count > most ? g->function[f].node_count : most;
    s.way.row = hunch_alloc_zero(g->a, (size_t)most * words * sizeof *s.way.row);
    s.way.state = hunch_alloc_zero(g->a, most + behind);
    s.way.reached = hunch_alloc_array(g->a, most, sizeof *s.way.reached);
    s.gen_first = hunch_alloc_array(g->a, (size_t)g->function_count + 1, sizeof *s.gen_first);
    s.maybe = hunch_alloc_zero(g->a, (size_t)g->node_count * words * sizeof *s.maybe);
    s.fresh = hunch_alloc_zero(g->a, g->node_count + behind);
    s.used = hunch_alloc_zero(g->a, g->function_count);
    s.stale = hunch_alloc_zero(g->a, g->function_count);
    if (s.way.row == NULL || s.way.state == NULL || s.way.reached == NULL || s.gen_first == NULL ||
        s.maybe == NULL || s.fresh == NULL || s.used == NULL || s.stale == NULL ||
        !hunch_flow_answer_room(g, true, keep_rows, answer) || !find_sources(&s))
        goto done;
    mingle_all(&s);
    memcpy(answer->mask, rules->pass, (size_t)g->class_count * words * sizeof *answer->mask);
    up_all(&s);
    if (!down_all(&s))
        goto done;
    hunch_flow_answer_sort(answer);
    status = HUNCH_OK;
done:
    hunch_free(g->a, s.way.row, (size_t)most * words * sizeof *s.way.row);
    hunch_free(g->a, s.way.state, most + behind);
    hunch_free_array(g->a, s.way.reached, most, sizeof *s.way.reached);
    hunch_free_array(g->a, s.gen_first, (size_t)g->function_count + 1, sizeof *s.gen_first);
    hunch_vec_free(g->a, &s.gen_node);
    hunch_free(g->a, s.maybe, (size_t)g->node_count * words * sizeof *s.maybe);
    hunch_free(g->a, s.fresh, g->node_count + behind);
    hunch_free(g->a, s.used, g->function_count);
    hunch_free(g->a, s.stale, g->function_count);
    if (status != HUNCH_OK)
        hunch_flow_answer_free(g, answer);
    return status;
}

void hunch_flow_answer_free(const struct hunch_flow_graph *g, struct hunch_flow_answer *answer)
{
    const uint32_t words = answer->words;
    hunch_vec_free(g->a, &answer->hit);
    hunch_free_array(g->a, answer->mask, (size_t)g->mask_count * words, sizeof *answer->mask);
    hunch_free_array(g->a, answer->down, g->formal.count * words, sizeof *answer->down);
    hunch_free_array(g->a, answer->row, (size_t)g->node_count * words, sizeof *answer->row);
    memset(answer, 0, sizeof *answer);
}
