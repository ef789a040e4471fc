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

/* The tile's view of function number f. */
static struct hunch_flow_function_tile tile_of(const struct hunch_flow_graph *g, uint32_t f,
                                               const struct hunch_flow_rules *rules,
                                               const uint32_t *mask)
{
    const struct hunch_flow_function *function = &g->function[f];
    return (struct hunch_flow_function_tile){
        .first = g->first.items + function->node + f,
        .in = g->in.items,
        .label = g->label.items + function->node,
        .node_count = function->node_count,
        .mask = mask,
        .gen = rules->gen,
        .keep = rules->keep,
        .words = rules->words,
    };
}

struct solver {
    const struct hunch_flow_graph *g;
    const struct hunch_flow_rules *rules;
    struct hunch_flow_answer *answer;
    uint32_t *row;   /* of one function */
    uint32_t *queue; /* of its nodes, twice as many */
    uint8_t *state;  /* of its nodes: see push() */
    uint32_t *maybe; /* of all nodes: see mingle() */
    uint8_t *fresh;  /* likewise */
    uint8_t *used;   /* of each function: some of its nodes may be reached */
    uint8_t *stale;  /* of each function: what it depends on has changed since it was solved */
};

static void solve_function(const struct solver *s, uint32_t f, uint32_t sources)
{
    const struct hunch_flow_function_tile tile = tile_of(s->g, f, s->rules, s->answer->mask);
    for (uint32_t w = 0; w < s->rules->words; w++)
        hunch_flow_tile(&tile, sources, w, s->row);
}

static void clear_rows(const struct solver *s, uint32_t f)
{
    memset(s->row, 0, (size_t)s->g->function[f].node_count * s->rules->words * sizeof *s->row);
}

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

/* More may get to a node of any function. */
static void spread(const struct solver *s, uint32_t f, uint32_t node, const uint32_t *from)
{
    const uint32_t words = s->rules->words;
    if (grow(s->maybe + (size_t)node * words, from,
             s->rules->keep + (size_t)s->g->label.items[node] * words, words)) {
        s->fresh[node] = 1;
        s->stale[f] = s->used[f] = 1;
    }
}

/* Where values may get to if calls were not matched with returns: no more than that need be looked
 * at. From nodes of the function at which more has come (`fresh`), into its callers and callees. */
static void mingle(const struct solver *s, uint32_t f)
{
    const struct hunch_flow_graph *g = s->g;
    const struct hunch_flow_function *function = &g->function[f];
    const uint32_t words = s->rules->words, *first = g->out_first.items + function->node + f,
                   *label = g->label.items + function->node;
    uint32_t *row = s->maybe + (size_t)function->node * words, left = 0;
    uint8_t *fresh = s->fresh + function->node;
    for (uint32_t n = 0; n < function->node_count; n++)
        if (fresh[n])
            s->queue[left++] = n;
    while (left > 0) {
        const uint32_t n = s->queue[--left], *from = row + (size_t)n * words;
        fresh[n] = 0;
        for (uint32_t e = first[n]; e < first[n + 1]; e++) {
            const struct hunch_flow_in out = g->out.items[e];
            uint32_t *to = row + (size_t)out.from * words, more = 0;
            if (out.mask >= g->transfer_mask)
                continue; /* through a call: by way of the callee */
            const uint32_t *pass = s->rules->pass + (size_t)out.mask * words,
                           *keep = s->rules->keep + (size_t)label[out.from] * words;
            for (uint32_t w = 0; w < words; w++) {
                const uint32_t add = from[w] & pass[w] & keep[w] & ~to[w];
                to[w] |= add;
                more |= add;
            }
            if (more != 0 && !fresh[out.from]) {
                fresh[out.from] = 1;
                s->queue[left++] = out.from;
            }
        }
        const uint32_t node = function->node + n;
        for (uint32_t c = g->cross_first[node]; c < g->cross_first[node + 1]; c++)
            spread(s, g->cross.items[c].function, g->cross.items[c].node, from);
    }
}

static bool any(const uint32_t *row, uint32_t words)
{
    uint32_t all = 0;
    for (uint32_t w = 0; w < words; w++)
        all |= row[w];
    return all != 0;
}

/* What one formal brings, of the rules whose values may get there: few nodes, as a rule, so that it
 * is pushed from node to node instead of pulled by all. Rows that are not 0 then are those of
 * queue[0 .. the number that is returned). */
static uint32_t push(const struct solver *s, uint32_t f, uint32_t formal)
{
    const struct hunch_flow_graph *g = s->g;
    const struct hunch_flow_function *function = &g->function[f];
    const uint32_t words = s->rules->words, *first = g->out_first.items + function->node + f,
                   *mask = s->answer->mask, *label = g->label.items + function->node;
    const uint32_t *maybe = s->maybe + (size_t)(function->node + formal) * words;
    uint32_t touched = 0, left = 0, *work = s->queue + function->node_count;
    for (uint32_t w = 0; w < words; w++)
        s->row[(size_t)formal * words + w] =
            s->rules->enter[w] & s->rules->keep[(size_t)label[formal] * words + w] & maybe[w];
    s->queue[touched++] = work[left++] = formal;
    s->state[formal] = 3; /* 1: in queue; 2: to be done */
    while (left > 0) {
        const uint32_t n = work[--left], *from = s->row + (size_t)n * words;
        s->state[n] = 1;
        for (uint32_t e = first[n]; e < first[n + 1]; e++) {
            const struct hunch_flow_in out = g->out.items[e];
            uint32_t *to = s->row + (size_t)out.from * words, more = 0;
            for (uint32_t w = 0; w < words; w++) {
                const uint32_t add = from[w] & mask[(size_t)out.mask * words + w] &
                                     s->rules->keep[(size_t)label[out.from] * words + w] & ~to[w];
                to[w] |= add;
                more |= add;
            }
            if (more != 0 && !(s->state[out.from] & 2)) {
                if (s->state[out.from] == 0)
                    s->queue[touched++] = out.from;
                s->state[out.from] = 3;
                work[left++] = out.from;
            }
        }
    }
    return touched;
}

/* What may leave the function by a result goes into the mask. */
static bool go_back(const struct solver *s, uint32_t *mask, uint32_t result, uint32_t label)
{
    const uint32_t words = s->rules->words, *row = s->row + (size_t)result * words;
    bool changed = grow(mask, row, s->rules->leave, words);
    if (s->rules->give != NULL)
        changed |= grow(mask, row, s->rules->give + (size_t)label * words, words);
    return changed;
}

/* Transfers and results of a function from those of its callees. */
static bool up(const struct solver *s, uint32_t f)
{
    const struct hunch_flow_graph *g = s->g;
    const struct hunch_flow_function *function = &g->function[f];
    const uint32_t words = s->rules->words, *label = g->label.items + function->node;
    uint32_t *mask = s->answer->mask;
    bool changed = false;
    if (!s->used[f])
        return false;
    clear_rows(s, f);
    for (uint32_t t = 0; t < function->transfer_count;) {
        const uint32_t formal = g->transfer.items[function->transfer + t].formal;
        const uint32_t node_of = g->formal.items[function->formal + formal];
        if (!any(s->maybe + (size_t)(function->node + node_of) * words, words)) {
            while (t < function->transfer_count &&
                   g->transfer.items[function->transfer + t].formal == formal)
                t++;
            continue;
        }
        const uint32_t touched = push(s, f, node_of);
        for (; t < function->transfer_count &&
               g->transfer.items[function->transfer + t].formal == formal;
             t++) {
            const uint32_t result = g->transfer.items[function->transfer + t].result;
            const uint32_t node = g->result.items[function->result + result];
            changed |=
                go_back(s, mask + (size_t)(g->transfer_mask + function->transfer + t) * words, node,
                        label[node]);
        }
        for (uint32_t i = 0; i < touched; i++) {
            memset(s->row + (size_t)s->queue[i] * words, 0, words * sizeof *s->row);
            s->state[s->queue[i]] = 0;
        }
    }
    clear_rows(s, f);
    solve_function(s, f, 1);
    for (uint32_t r = 0; r < function->result_count; r++)
        changed |= go_back(s, mask + (size_t)(g->result_mask + function->result + r) * words,
                           g->result.items[function->result + r],
                           label[g->result.items[function->result + r]]);
    return changed;
}

/* Rows of a function from what comes into it, and what it brings into its callees. */
static bool down(const struct solver *s, uint32_t f)
{
    const struct hunch_flow_graph *g = s->g;
    const struct hunch_flow_function *function = &g->function[f];
    const uint32_t words = s->rules->words;
    bool changed = false;
    if (!s->used[f])
        return false;
    clear_rows(s, f);
    for (uint32_t i = 0; i < function->formal_count; i++) {
        const uint32_t *in = s->answer->down + (size_t)(function->formal + i) * words;
        uint32_t *to = s->row + (size_t)g->formal.items[function->formal + i] * words;
        for (uint32_t w = 0; w < words; w++)
            to[w] |= in[w];
    }
    solve_function(s, f, 1);
    for (uint32_t b = function->bind; b < function->bind + function->bind_count; b++) {
        const struct hunch_flow_bind bind = g->bind.items[b];
        const bool more =
            grow(s->answer->down + (size_t)(g->function[bind.callee].formal + bind.formal) * words,
                 s->row + (size_t)bind.node * words, s->rules->enter, words);
        if (more)
            s->stale[bind.callee] = 1;
        changed |= more;
    }
    return changed;
}

static bool find_hits(const struct solver *s, uint32_t f)
{
    const struct hunch_flow_function *function = &s->g->function[f];
    const uint32_t words = s->rules->words;
    if (!s->used[f])
        return true;
    if (s->answer->row != NULL)
        memcpy(s->answer->row + (size_t)function->node * words, s->row,
               (size_t)function->node_count * words * sizeof *s->row);
    for (uint32_t n = 0; n < function->node_count; n++) {
        const uint32_t *sink =
            s->rules->sink + (size_t)s->g->label.items[function->node + n] * words;
        for (uint32_t w = 0; w < words; w++) {
            uint32_t bits = s->row[(size_t)n * words + w] & sink[w];
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

hunch_status hunch_flow_solve(const struct hunch_flow_graph *g,
                              const struct hunch_flow_rules *rules, bool keep_rows,
                              struct hunch_flow_answer *answer)
{
    struct solver s = {.g = g, .rules = rules, .answer = answer};
    const uint32_t words = rules->words;
    hunch_status status = HUNCH_ERROR_MEMORY;
    uint32_t most = 0;
    memset(answer, 0, sizeof *answer);
    answer->words = words;
    for (uint32_t f = 0; f < g->function_count; f++)
        most = g->function[f].node_count > most ? g->function[f].node_count : most;
    s.row = hunch_alloc_array(g->a, (size_t)most * words, sizeof *s.row);
    s.maybe = hunch_alloc_zero(g->a, (size_t)g->node_count * words * sizeof *s.maybe);
    s.fresh = hunch_alloc_zero(g->a, g->node_count);
    s.used = hunch_alloc_zero(g->a, g->function_count);
    s.stale = hunch_alloc_zero(g->a, g->function_count);
    s.queue = hunch_alloc_array(g->a, (size_t)most * 2, sizeof *s.queue);
    s.state = hunch_alloc_zero(g->a, most);
    if (s.queue == NULL || s.state == NULL || s.stale == NULL || s.maybe == NULL ||
        s.fresh == NULL || s.used == NULL || s.row == NULL ||
        !hunch_flow_answer_room(g, true, keep_rows, answer))
        goto done;
    for (uint32_t f = 0; f < g->function_count; f++)
        for (uint32_t n = 0; n < g->function[f].node_count; n++) {
            const uint32_t node = g->function[f].node + n;
            const uint32_t *gen = rules->gen + (size_t)g->label.items[node] * words;
            if (any(gen, words))
                spread(&s, f, node, gen);
        }
    for (bool more = true; more;) {
        more = false;
        for (uint32_t i = 0; i < g->function_count; i++) {
            const uint32_t f = g->order.items[i];
            if (!s.stale[f])
                continue;
            s.stale[f] = 0;
            mingle(&s, f);
            more = true;
        }
    }
    memset(s.stale, 1, g->function_count);
    memcpy(answer->mask, rules->pass, (size_t)g->class_count * words * sizeof *answer->mask);
    for (uint32_t i = 0, end; i < g->function_count; i = end) {
        bool changed;
        for (end = i; end < g->function_count && g->function[g->order.items[end]].group ==
                                                     g->function[g->order.items[i]].group;)
            end++;
        do {
            changed = false;
            for (uint32_t k = i; k < end; k++) {
                const uint32_t f = g->order.items[k];
                if (!s.stale[f])
                    continue;
                s.stale[f] = 0;
                if (up(&s, f)) {
                    callers_stale(&s, f);
                    changed = true;
                }
            }
        } while (changed && g->function[g->order.items[i]].recursive);
    }
    memset(s.stale, 1, g->function_count);
    for (uint32_t end = g->function_count, begin; end > 0; end = begin) {
        bool changed;
        for (begin = end; begin > 0 && g->function[g->order.items[begin - 1]].group ==
                                           g->function[g->order.items[end - 1]].group;)
            begin--;
        do {
            changed = false;
            for (uint32_t k = end; k > begin; k--) {
                const uint32_t f = g->order.items[k - 1];
                if (!s.stale[f])
                    continue;
                s.stale[f] = 0;
                changed |= down(&s, f);
            }
        } while (changed && g->function[g->order.items[begin]].recursive);
        for (uint32_t k = begin; k < end; k++) {
            if (end - begin > 1)
                (void)down(&s, g->order.items[k]); /* its rows once more */
            if (!find_hits(&s, g->order.items[k]))
                goto done;
        }
    }
    hunch_flow_answer_sort(answer);
    status = HUNCH_OK;
done:
    hunch_free(g->a, s.maybe, (size_t)g->node_count * words * sizeof *s.maybe);
    hunch_free(g->a, s.fresh, g->node_count);
    hunch_free(g->a, s.used, g->function_count);
    hunch_free_array(g->a, s.queue, (size_t)most * 2, sizeof *s.queue);
    hunch_free(g->a, s.state, most);
    hunch_free(g->a, s.stale, g->function_count);
    hunch_free_array(g->a, s.row, (size_t)most * words, sizeof *s.row);
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
