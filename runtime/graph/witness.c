/* witness.c: the shortest way from a source to each hit, for one rule after another.
 *
 * First lengths: in each function from each of its origins (0: sources in it or below it; 1 + i:
 * its formal i, where something comes in) to each node, callees first, until no length changes;
 * then from sources to formals, callers first. Then ways, backwards, taking at each node the first
 * edge whose length fits: edges are sorted, so that the same program has the same ways.
 */
#include <string.h>

#include "graph/flow.h"

#define FAR UINT32_MAX
enum { NEST_MOST = 200, STEPS_MOST = 4000 };

struct bound {
    uint32_t caller, bind; /* of the graph */
};

struct way {
    struct hunch_unit *u;
    const struct hunch_flow_graph *g;
    const struct hunch_flow_rules *rows;
    const struct hunch_flow_answer *answer;
    uint32_t rule;
    uint32_t **length; /* of each function, by slot of an origin and node; NULL: nothing */
    uint32_t *slot;    /* of each of g->formal: the slot of that origin; NONE: nothing comes in */
    uint32_t *coming;  /* of each function, from its first formal on: the origins of slots 1 .. */
    uint32_t *slots;   /* of each function, how many */
    uint32_t *down;    /* from a source to each of g->formal */
    uint32_t *bound_first; /* by number of a formal: what it is bound to */
    struct bound *bound;
    uint32_t *begins; /* rows by function: see find_begins() */
    uint32_t *queue;  /* of one function's nodes: a ring */
    uint8_t *queued;  /* by node */
    uint32_t head, left, most;
    uint8_t *stale; /* by function: what it depends on is shorter than when it was looked at */
    HUNCH_VEC(struct hunch_step) back;        /* a way, from its end */
    uint32_t last_begin, last_end, last_file; /* of the last step, not to say it twice */
};

static bool bit(const struct way *w, const uint32_t *rows, size_t row)
{
    return rows[row * w->rows->words + w->rule / 32] >> w->rule % 32 & 1u;
}

/* Most formals bring nothing in: origins that do have slots, 0 that of origin 0. */
static void find_slots(struct way *w, uint32_t f)
{
    const struct hunch_flow_function *function = &w->g->function[f];
    w->slots[f] = 1;
    for (uint32_t i = 0; i < function->formal_count; i++) {
        const bool comes = bit(w, w->answer->down, function->formal + i);
        w->slot[function->formal + i] = comes ? w->slots[f] : HUNCH_NONE;
        if (comes)
            w->coming[function->formal + w->slots[f]++ - 1] = i + 1;
    }
}

/* Lengths from origin o of a function; NULL: nothing comes in there. */
static uint32_t *lengths_from(const struct way *w, uint32_t f, uint32_t o)
{
    const struct hunch_flow_function *function = &w->g->function[f];
    const uint32_t slot = o == 0 ? 0 : w->slot[function->formal + o - 1];
    if (w->length[f] == NULL || slot == HUNCH_NONE)
        return NULL;
    return w->length[f] + (size_t)slot * function->node_count;
}

static uint32_t origin_of(const struct way *w, uint32_t f, uint32_t slot)
{
    return slot == 0 ? 0 : w->coming[w->g->function[f].formal + slot - 1];
}

/* The function that transfer or result number `number` belongs to. */
static uint32_t owner(const struct hunch_flow_graph *g, uint32_t number, bool transfer)
{
    uint32_t low = 0, high = g->function_count - 1;
    while (low < high) { /* the last that begins at or before it, and has some */
        const uint32_t middle = low + (high - low + 1) / 2;
        const uint32_t begin = transfer ? g->function[middle].transfer : g->function[middle].result;
        if (begin <= number)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

/* What an edge adds to a length, or FAR: it is not for the rule, or not from there. */
static uint32_t cost(const struct way *w, const struct hunch_flow_in *in, bool sources)
{
    const struct hunch_flow_graph *g = w->g;
    if (!bit(w, w->answer->mask, in->mask))
        return FAR;
    if (in->mask < g->transfer_mask)
        return 1;
    if (in->mask < g->result_mask) {
        const uint32_t t = in->mask - g->transfer_mask, f = owner(g, t, true);
        const struct hunch_transfer transfer = g->transfer.items[t];
        const uint32_t *length = lengths_from(w, f, 1 + transfer.formal);
        if (length == NULL)
            return FAR;
        const uint32_t inside = length[g->result.items[g->function[f].result + transfer.result]];
        return inside == FAR ? FAR : inside + 2;
    }
    const uint32_t r = in->mask - g->result_mask, f = owner(g, r, false);
    if (!sources || w->length[f] == NULL)
        return FAR;
    const uint32_t inside = w->length[f][g->result.items[r]];
    return inside == FAR ? FAR : inside + 1;
}

static const uint32_t *first_in(const struct hunch_flow_graph *g, uint32_t f)
{
    return g->first.items + g->function[f].node + f;
}

/* Each node stands in the queue once. */
static void shorten(struct way *w, uint32_t *length, uint32_t node, uint32_t to)
{
    length[node] = to;
    if (w->queued[node])
        return;
    w->queued[node] = 1;
    w->queue[(w->head + w->left++) % w->most] = node;
}

/* Lengths of what begins in the function, and of what comes back from those that it calls. */
static void begin(struct way *w, uint32_t f, uint32_t *length)
{
    const struct hunch_flow_graph *g = w->g;
    const struct hunch_flow_function *function = &g->function[f];
    const uint32_t *first = first_in(g, f), *label = g->label.items + function->node;
    for (uint32_t n = 0; n < function->node_count; n++) {
        uint32_t best = length[n];
        if (best == 0 || !bit(w, w->rows->keep, label[n]))
            continue;
        if (bit(w, w->rows->gen, label[n]))
            best = 0;
        for (uint32_t e = first[n]; e < first[n + 1]; e++)
            if (g->in.items[e].from == HUNCH_FLOW_SOURCE) {
                const uint32_t add = cost(w, &g->in.items[e], true);
                best = add < best ? add : best;
            }
        if (best < length[n])
            shorten(w, length, n, best);
    }
}

/* true: some length became shorter. Few nodes are reached from one origin, as a rule, so that
 * lengths are pushed on from those that are. */
static bool relax(struct way *w, uint32_t f)
{
    const struct hunch_flow_graph *g = w->g;
    const struct hunch_flow_function *function = &g->function[f];
    const uint32_t *first = g->out_first.items + function->node + f,
                   *label = g->label.items + function->node;
    bool ever = false;
    for (uint32_t slot = 0; slot < w->slots[f]; slot++) {
        uint32_t *length = w->length[f] + (size_t)slot * function->node_count;
        const uint32_t o = origin_of(w, f, slot);
        const uint32_t formal = o > 0 ? g->formal.items[function->formal + o - 1] : 0;
        if (o == 0)
            begin(w, f, length);
        else if (length[formal] != 0 && bit(w, w->rows->keep, label[formal]))
            shorten(w, length, formal, 0);
        ever |= w->left > 0;
        for (uint32_t n = 0; n < function->node_count; n++) /* what calls cost may be less now */
            if (length[n] != FAR)
                shorten(w, length, n, length[n]);
        while (w->left > 0) {
            const uint32_t n = w->queue[w->head];
            w->head = (w->head + 1) % w->most;
            w->left--;
            w->queued[n] = 0;
            for (uint32_t e = first[n]; e < first[n + 1]; e++) {
                const struct hunch_flow_in *out = &g->out.items[e];
                const uint32_t to = out->from;
                if (length[n] >= length[to] || !bit(w, w->rows->keep, label[to]))
                    continue;
                const uint32_t add = cost(w, out, o == 0);
                if (add == FAR || length[n] + add >= length[to])
                    continue;
                ever = true;
                shorten(w, length, to, length[n] + add);
            }
        }
    }
    return ever;
}

/* From a source, by callers too. *origin: of the shortest. */
static uint32_t total(const struct way *w, uint32_t f, uint32_t node, uint32_t *origin)
{
    const struct hunch_flow_function *function = &w->g->function[f];
    uint32_t best = FAR;
    *origin = 0;
    if (w->length[f] == NULL)
        return FAR;
    for (uint32_t slot = 0; slot < w->slots[f]; slot++) {
        const uint32_t here = w->length[f][(size_t)slot * function->node_count + node],
                       o = origin_of(w, f, slot),
                       before = o == 0 ? 0 : w->down[function->formal + o - 1];
        if (here != FAR && before != FAR && here + before < best) {
            best = here + before;
            *origin = o;
        }
    }
    return best;
}

/* Which rules' values begin in a function, or come back from one that it calls. */
static bool find_begins(struct way *w)
{
    const struct hunch_flow_graph *g = w->g;
    const uint32_t words = w->rows->words;
    w->begins = hunch_alloc_zero(w->u->a, (size_t)g->function_count * words * sizeof *w->begins);
    for (uint32_t f = 0; w->begins != NULL && f < g->function_count; f++) {
        const struct hunch_flow_function *function = &g->function[f];
        const uint32_t *first = first_in(g, f), *label = g->label.items + function->node;
        uint32_t *row = w->begins + (size_t)f * words;
        for (uint32_t i = 0; i < words; i++) {
            for (uint32_t n = 0; n < function->node_count; n++)
                row[i] |= w->rows->gen[(size_t)label[n] * words + i];
            for (uint32_t e = first[0]; e < first[function->node_count]; e++)
                if (g->in.items[e].mask >= g->result_mask)
                    row[i] |= w->answer->mask[(size_t)g->in.items[e].mask * words + i];
        }
    }
    return w->begins != NULL;
}

static bool lengths(struct way *w)
{
    const struct hunch_flow_graph *g = w->g;
    for (uint32_t f = 0; f < g->function_count; f++) {
        const struct hunch_flow_function *function = &g->function[f];
        find_slots(w, f);
        if (!bit(w, w->begins, f) && w->slots[f] == 1)
            continue;
        const size_t size = (size_t)w->slots[f] * function->node_count;
        w->length[f] = hunch_alloc_array(w->u->a, size, sizeof **w->length);
        if (w->length[f] == NULL)
            return false;
        memset(w->length[f], 0xff, size * sizeof **w->length);
    }
    memset(w->stale, 1, g->function_count);
    for (bool again = true; again;) {
        again = false;
        for (uint32_t i = 0; i < g->function_count; i++) {
            const uint32_t f = g->order.items[i];
            if (w->length[f] == NULL || !w->stale[f])
                continue;
            w->stale[f] = 0;
            if (!relax(w, f))
                continue;
            for (uint32_t c = g->caller_first[f]; c < g->caller_first[f + 1]; c++)
                w->stale[g->caller.items[c]] = 1;
            again = true;
        }
    }
    memset(w->down, 0xff, g->formal.count * sizeof *w->down);
    memset(w->stale, 1, g->function_count);
    for (bool more = bit(w, w->rows->enter, 0); more;) {
        more = false;
        for (uint32_t i = g->function_count; i > 0; i--) {
            const uint32_t f = g->order.items[i - 1];
            const struct hunch_flow_function *function = &g->function[f];
            if (w->length[f] == NULL || !w->stale[f])
                continue;
            w->stale[f] = 0;
            for (uint32_t b = function->bind; b < function->bind + function->bind_count; b++) {
                const struct hunch_flow_bind bind = g->bind.items[b];
                uint32_t *down = &w->down[g->function[bind.callee].formal + bind.formal];
                uint32_t origin;
                const uint32_t length = total(w, f, bind.node, &origin);
                if (length != FAR && length + 1 < *down) {
                    *down = length + 1;
                    w->stale[bind.callee] = 1;
                    more = true;
                }
            }
        }
    }
    return true;
}

/* ---- ways, from their ends ---- */

static void step(struct way *w, uint32_t f, enum hunch_step_kind kind, struct hunch_extent span)
{
    if (span.begin == HUNCH_NONE || f + 1 == w->u->flow_count || w->back.count >= STEPS_MOST)
        return;
    const struct hunch_step s = {kind, w->u->part.items[f].file, span};
    if (kind == HUNCH_STEP_STEP && w->back.count > 0) {
        const struct hunch_step *last = &w->back.items[w->back.count - 1];
        if (last->file == s.file && last->span.begin == s.span.begin &&
            last->span.end == s.span.end)
            return;
    }
    if (kind == HUNCH_STEP_SOURCE && w->back.count > 0) {
        struct hunch_step *last = &w->back.items[w->back.count - 1];
        if (last->kind == HUNCH_STEP_STEP && last->file == s.file &&
            last->span.begin == s.span.begin && last->span.end == s.span.end) {
            last->kind = HUNCH_STEP_SOURCE;
            return;
        }
    }
    if (!hunch_vec_push(w->u->a, &w->back, s))
        w->u->failed = true;
}

static struct hunch_extent span_of(const struct way *w, uint32_t f, uint32_t node)
{
    return w->u->node_span.items[w->g->function[f].node + node];
}

/* From `node` back to origin o of the function. */
static void walk(struct way *w, uint32_t f, uint32_t o, uint32_t node, bool is_sink, uint32_t nest)
{
    const struct hunch_flow_graph *g = w->g;
    const uint32_t *length = lengths_from(w, f, o), *first = first_in(g, f);
    if (nest > NEST_MOST || length == NULL)
        return;
    step(w, f, is_sink ? HUNCH_STEP_SINK : HUNCH_STEP_STEP, span_of(w, f, node));
    while (length[node] > 0) {
        uint32_t e = first[node];
        const struct hunch_flow_in *in = NULL;
        for (; e < first[node + 1]; e++) {
            in = &g->in.items[e];
            const uint32_t from = in->from == HUNCH_FLOW_SOURCE ? 0 : length[in->from];
            const uint32_t add = from == FAR ? FAR : cost(w, in, o == 0);
            if (add != FAR && from + add == length[node])
                break;
        }
        if (e == first[node + 1])
            return;
        if (in->mask >= g->result_mask) {
            const uint32_t r = in->mask - g->result_mask, callee = owner(g, r, false);
            step(w, f, HUNCH_STEP_RETURN, span_of(w, f, node));
            walk(w, callee, 0, g->result.items[r], false, nest + 1);
            return;
        }
        if (in->mask >= g->transfer_mask) {
            const uint32_t t = in->mask - g->transfer_mask, callee = owner(g, t, true);
            const struct hunch_transfer transfer = g->transfer.items[t];
            step(w, f, HUNCH_STEP_RETURN, span_of(w, f, node));
            walk(w, callee, 1 + transfer.formal,
                 g->result.items[g->function[callee].result + transfer.result], false, nest + 1);
            step(w, f, HUNCH_STEP_CALL, span_of(w, f, node));
        }
        node = in->from;
        step(w, f, length[node] == 0 && o == 0 ? HUNCH_STEP_SOURCE : HUNCH_STEP_STEP,
             span_of(w, f, node));
    }
    if (o == 0 && w->back.count > 0 && w->back.items[w->back.count - 1].kind == HUNCH_STEP_STEP)
        step(w, f, HUNCH_STEP_SOURCE, span_of(w, f, node));
}

/* What each formal is bound to, callers in their order. */
static bool make_bound(struct way *w)
{
    const struct hunch_flow_graph *g = w->g;
    const size_t formals = g->formal.count;
    w->bound_first = hunch_alloc_zero(w->u->a, (formals + 2) * sizeof *w->bound_first);
    w->bound = hunch_alloc_array(w->u->a, g->bind.count, sizeof *w->bound);
    if (w->bound_first == NULL || w->bound == NULL)
        return false;
    for (size_t b = 0; b < g->bind.count; b++)
        w->bound_first[g->function[g->bind.items[b].callee].formal + g->bind.items[b].formal + 2]++;
    for (size_t i = 0; i < formals; i++)
        w->bound_first[i + 2] += w->bound_first[i + 1];
    for (uint32_t f = 0; f < g->function_count; f++)
        for (uint32_t b = g->function[f].bind; b < g->function[f].bind + g->function[f].bind_count;
             b++) {
            const struct hunch_flow_bind *bind = &g->bind.items[b];
            const uint32_t formal = g->function[bind->callee].formal + bind->formal;
            w->bound[w->bound_first[formal + 1]++] = (struct bound){f, b};
        }
    return true;
}

/* The caller from which the shortest way to a formal comes. */
static bool find_caller(const struct way *w, uint32_t f, uint32_t formal, uint32_t *caller,
                        struct hunch_flow_bind *bind)
{
    const struct hunch_flow_graph *g = w->g;
    const uint32_t number = g->function[f].formal + formal, length = w->down[number];
    for (uint32_t b = w->bound_first[number]; b < w->bound_first[number + 1]; b++) {
        uint32_t origin;
        *caller = w->bound[b].caller;
        *bind = g->bind.items[w->bound[b].bind];
        if (w->length[*caller] == NULL)
            continue;
        const uint32_t before = total(w, *caller, bind->node, &origin);
        if (before != FAR && before + 1 == length)
            return true;
    }
    return false;
}

static void find_way(struct way *w, uint32_t f, uint32_t node)
{
    const struct hunch_flow_graph *g = w->g;
    bool sink = true;
    w->back.count = 0;
    for (uint32_t callers = 0; callers < NEST_MOST; callers++) {
        uint32_t origin;
        struct hunch_flow_bind bind;
        uint32_t caller;
        if (total(w, f, node, &origin) == FAR)
            return;
        walk(w, f, origin, node, sink, 0);
        sink = false;
        if (origin == 0 || !find_caller(w, f, origin - 1, &caller, &bind))
            return;
        step(w, caller, HUNCH_STEP_CALL, w->u->call_span.items[bind.call]);
        f = caller;
        node = bind.node;
    }
    (void)g;
}

bool hunch_unit_witness(struct hunch_unit *u, const struct hunch_flow_rules *rows,
                        const struct hunch_flow_answer *answer, uint32_t *at, uint32_t *length)
{
    const struct hunch_flow_graph *g = u->graph;
    struct way w = {.u = u, .g = g, .rows = rows, .answer = answer};
    w.length = hunch_alloc_zero(u->a, g->function_count * sizeof *w.length);
    w.slot = hunch_alloc_array(u->a, g->formal.count, sizeof *w.slot);
    w.coming = hunch_alloc_array(u->a, g->formal.count, sizeof *w.coming);
    w.slots = hunch_alloc_zero(u->a, g->function_count * sizeof *w.slots);
    w.stale = hunch_alloc_zero(u->a, g->function_count);
    w.down = hunch_alloc_array(u->a, g->formal.count, sizeof *w.down);
    for (uint32_t f = 0; f < g->function_count; f++)
        w.most = g->function[f].node_count > w.most ? g->function[f].node_count : w.most;
    w.queue = hunch_alloc_array(u->a, w.most, sizeof *w.queue);
    w.queued = hunch_alloc_zero(u->a, w.most);
    bool ok = w.queue != NULL && w.queued != NULL && w.length != NULL && w.down != NULL &&
              w.slot != NULL && w.coming != NULL && w.slots != NULL && w.stale != NULL &&
              find_begins(&w) && make_bound(&w);
    for (uint32_t rule = 0; ok && rule < rows->words * 32; rule++) {
        bool any = false;
        for (size_t h = 0; !any && h < answer->hit.count; h++)
            any = answer->hit.items[h].rule == rule;
        if (!any)
            continue;
        w.rule = rule;
        ok = lengths(&w);
        for (size_t h = 0; ok && h < answer->hit.count; h++) {
            if (answer->hit.items[h].rule != rule)
                continue;
            find_way(&w, answer->hit.items[h].function, answer->hit.items[h].node);
            at[h] = (uint32_t)u->step.count;
            length[h] = (uint32_t)w.back.count;
            for (size_t i = w.back.count; ok && i > 0; i--)
                ok = hunch_vec_push(u->a, &u->step, w.back.items[i - 1]);
        }
        for (uint32_t f = 0; f < g->function_count; f++) {
            const size_t size = (size_t)w.slots[f] * g->function[f].node_count;
            hunch_free_array(u->a, w.length[f], size, sizeof **w.length);
            w.length[f] = NULL;
        }
    }
    hunch_vec_free(u->a, &w.back);
    hunch_free_array(u->a, w.slot, g->formal.count, sizeof *w.slot);
    hunch_free_array(u->a, w.coming, g->formal.count, sizeof *w.coming);
    hunch_free(u->a, w.slots, g->function_count * sizeof *w.slots);
    hunch_free(u->a, w.stale, g->function_count);
    hunch_free_array(u->a, w.queue, w.most, sizeof *w.queue);
    hunch_free(u->a, w.queued, w.most);
    hunch_free_array(u->a, w.down, g->formal.count, sizeof *w.down);
    hunch_free(u->a, w.bound_first, (g->formal.count + 2) * sizeof *w.bound_first);
    hunch_free_array(u->a, w.bound, g->bind.count, sizeof *w.bound);
    hunch_free(u->a, w.length, g->function_count * sizeof *w.length);
    hunch_free(u->a, w.begins, (size_t)g->function_count * rows->words * sizeof *w.begins);
    return ok && !u->failed;
}
