/* flat.c: drafts into a graph: which formals may flow into which results at all, and edges that
 * stand for calls, one for each such pair at each call. */
#include <stdlib.h>
#include <string.h>

#include "graph/components.h"
#include "graph/solve.h"

struct pulled {
    uint32_t to;
    struct hunch_flow_in in;
};

/* While it is made: rows of bits, one for each formal, for the nodes of each function. */
struct maker {
    const struct hunch_allocator *a;
    const struct hunch_draft_function *draft;
    struct hunch_flow_graph *g;
    uint32_t **reach; /* of function f: result_count rows of reach_words(f) words: formals that get
                         to that result */
    uint32_t calls;   /* of the functions before */
    uint32_t *row;    /* of one function, node_count rows */
    size_t row_room;
    HUNCH_VEC(struct hunch_draft_bind) way; /* edges of one function: from, to */
    HUNCH_VEC(uint32_t) first, to;          /* the same by node */
    HUNCH_VEC(uint32_t) queue;
    HUNCH_VEC(struct pulled) pulled; /* edges of one function: by where they end, unsorted */
    HUNCH_VEC(struct hunch_flow_in) in;
};

static uint32_t reach_words(const struct hunch_draft_function *d)
{
    return (uint32_t)(d->formal.count + 31) / 32;
}

static size_t reach_size(const struct hunch_draft_function *d)
{
    return d->result.count * reach_words(d);
}

static bool join(uint32_t *to, const uint32_t *from, uint32_t words)
{
    uint32_t more = 0;
    for (uint32_t w = 0; w < words; w++) {
        more |= from[w] & ~to[w];
        to[w] |= from[w];
    }
    return more != 0;
}

/* Edges of a function by where they begin, calls' too by what is known of the callees. */
static bool push_edges(struct maker *m, const struct hunch_draft_function *d)
{
    const uint32_t nodes = (uint32_t)d->label.count;
    m->way.count = m->to.count = 0;
    for (size_t e = 0; e < d->edge.count; e++) {
        const struct hunch_draft_bind way = {d->edge.items[e].from, d->edge.items[e].to};
        if (!hunch_vec_push(m->a, &m->way, way))
            return false;
    }
    for (size_t c = 0; c < d->call.count; c++) {
        const struct hunch_draft_call *call = &d->call.items[c];
        const uint32_t words = reach_words(&m->draft[call->callee]);
        for (uint32_t o = call->out; o < call->out + call->out_count; o++) {
            const struct hunch_draft_bind out = d->bind.items[o];
            const uint32_t *through = m->reach[call->callee] + (size_t)out.formal * words;
            for (uint32_t i = call->in; i < call->in + call->in_count; i++) {
                const struct hunch_draft_bind in = d->bind.items[i], way = {in.node, out.node};
                if ((through[in.formal / 32] >> in.formal % 32 & 1u) &&
                    !hunch_vec_push(m->a, &m->way, way))
                    return false;
            }
        }
    }
    if (!hunch_vec_reserve(m->a, &m->to, m->way.count) ||
        !hunch_vec_reserve(m->a, &m->first, (size_t)nodes + 2 - m->first.count))
        return false;
    m->first.count = (size_t)nodes + 2;
    memset(m->first.items, 0, m->first.count * sizeof *m->first.items);
    for (size_t w = 0; w < m->way.count; w++)
        m->first.items[m->way.items[w].node + 2]++;
    for (uint32_t n = 0; n < nodes; n++)
        m->first.items[n + 2] += m->first.items[n + 1];
    for (size_t w = 0; w < m->way.count; w++)
        m->to.items[m->first.items[m->way.items[w].node + 1]++] = m->way.items[w].formal;
    return true;
}

/* 1: more of the function's formals get to its results than was known; -1: no memory. */
static int reach_function(struct maker *m, uint32_t f)
{
    const struct hunch_draft_function *d = &m->draft[f];
    const uint32_t words = reach_words(d), nodes = (uint32_t)d->label.count;
    const size_t size = (size_t)nodes * words + nodes; /* and which nodes are queued */
    int more = 0;
    if (words == 0 || d->result.count == 0)
        return 0;
    m->queue.count = m->first.count = 0;
    if (size > m->row_room) {
        uint32_t *row = hunch_realloc_array(m->a, m->row, m->row_room, size, sizeof *row);
        if (row == NULL)
            return -1;
        m->row = row;
        m->row_room = size;
    }
    if (!push_edges(m, d) || !hunch_vec_reserve(m->a, &m->queue, nodes))
        return -1;
    memset(m->row, 0, size * sizeof *m->row);
    uint32_t *queued = m->row + (size_t)nodes * words;
    for (uint32_t i = 0; i < d->formal.count; i++) {
        const uint32_t node = d->formal.items[i];
        m->row[(size_t)node * words + i / 32] |= 1u << i % 32;
        if (!queued[node])
            m->queue.items[m->queue.count++] = node;
        queued[node] = 1;
    }
    for (size_t at = 0, left = m->queue.count; left > 0; left--, at = (at + 1) % nodes) {
        const uint32_t node = m->queue.items[at]; /* a ring: each node stands in it once */
        queued[node] = 0;
        for (uint32_t e = m->first.items[node]; e < m->first.items[node + 1]; e++) {
            const uint32_t to = m->to.items[e];
            if (join(m->row + (size_t)to * words, m->row + (size_t)node * words, words) &&
                !queued[to]) {
                queued[to] = 1;
                m->queue.items[(at + left) % nodes] = to;
                left++;
            }
        }
    }
    for (uint32_t r = 0; r < d->result.count; r++)
        more |= join(m->reach[f] + (size_t)r * words, m->row + (size_t)d->result.items[r] * words,
                     words);
    return more;
}

static bool make_order(struct maker *m, uint32_t count)
{
    struct hunch_flow_graph *g = m->g;
    const struct hunch_allocator *a = m->a;
    HUNCH_VEC(uint32_t) edge = {0};
    uint32_t *first = hunch_alloc_array(a, (size_t)count * 2 + 1, sizeof *first);
    uint32_t *group = first != NULL ? first + count + 1 : NULL;
    bool ok = first != NULL && hunch_vec_reserve(a, &g->order, count);
    for (uint32_t f = 0; ok && f < count; f++) {
        const struct hunch_draft_function *d = &m->draft[f];
        first[f] = (uint32_t)edge.count;
        for (size_t c = 0; ok && c < d->call.count; c++) {
            ok = hunch_vec_push(a, &edge, d->call.items[c].callee);
            g->function[f].recursive |= d->call.items[c].callee == f;
        }
    }
    if (ok) {
        first[count] = (uint32_t)edge.count;
        ok = hunch_components(a, count, first, edge.items, g->order.items, group);
        g->order.count = count;
    }
    for (uint32_t i = 0; ok && i < count; i++) {
        const uint32_t f = g->order.items[i];
        g->function[f].group = group[f];
        if (i > 0 && group[g->order.items[i - 1]] == group[f])
            g->function[f].recursive = g->function[g->order.items[i - 1]].recursive = true;
    }
    /* A circle's first is marked by its second, the others by themselves. */
    hunch_free_array(a, first, (size_t)count * 2 + 1, sizeof *first);
    hunch_vec_free(a, &edge);
    return ok;
}

static bool make_callers(struct maker *m, uint32_t count)
{
    struct hunch_flow_graph *g = m->g;
    size_t calls = 0;
    g->caller_first = hunch_alloc_zero(m->a, ((size_t)count + 2) * sizeof *g->caller_first);
    if (g->caller_first == NULL)
        return false;
    for (uint32_t f = 0; f < count; f++)
        for (size_t c = 0; c < m->draft[f].call.count; c++, calls++)
            g->caller_first[m->draft[f].call.items[c].callee + 2]++;
    if (!hunch_vec_reserve(m->a, &g->caller, calls))
        return false;
    g->caller.count = calls;
    for (uint32_t f = 0; f < count; f++)
        g->caller_first[f + 2] += g->caller_first[f + 1];
    for (uint32_t f = 0; f < count; f++)
        for (size_t c = 0; c < m->draft[f].call.count; c++)
            g->caller.items[g->caller_first[m->draft[f].call.items[c].callee + 1]++] = f;
    return true;
}

static bool make_reach(struct maker *m, uint32_t count)
{
    const struct hunch_flow_graph *g = m->g;
    for (uint32_t f = 0; f < count; f++) {
        m->reach[f] = hunch_alloc_zero(m->a, reach_size(&m->draft[f]) * sizeof **m->reach);
        if (m->reach[f] == NULL)
            return false;
    }
    for (uint32_t i = 0, end; i < count; i = end) {
        int more;
        for (end = i; end < count && g->function[g->order.items[end]].group ==
                                         g->function[g->order.items[i]].group;)
            end++;
        do {
            more = 0;
            for (uint32_t k = i; k < end && more >= 0; k++) {
                const int one = reach_function(m, g->order.items[k]);
                more = one < 0 ? -1 : more | one;
            }
        } while (more > 0 && g->function[g->order.items[i]].recursive);
        if (more < 0)
            return false;
    }
    return true;
}

static bool make_transfers(struct maker *m, uint32_t f)
{
    struct hunch_flow_graph *g = m->g;
    const struct hunch_draft_function *d = &m->draft[f];
    const uint32_t words = reach_words(d);
    g->function[f].transfer = (uint32_t)g->transfer.count;
    for (uint32_t i = 0; i < d->formal.count; i++)
        for (uint32_t r = 0; r < d->result.count; r++) {
            const struct hunch_transfer t = {i, r};
            if ((m->reach[f][(size_t)r * words + i / 32] >> i % 32 & 1u) &&
                !hunch_vec_push(m->a, &g->transfer, t))
                return false;
        }
    g->function[f].transfer_count = (uint32_t)g->transfer.count - g->function[f].transfer;
    return true;
}

static int by_from(const void *left, const void *right)
{
    const struct hunch_flow_in *l = left, *r = right;
    if (l->from != r->from)
        return l->from < r->from ? -1 : 1;
    return l->mask < r->mask ? -1 : l->mask > r->mask;
}

/* Of the few edges that end at one node, as a rule. */
static void sort_few(struct hunch_flow_in *in, size_t count)
{
    enum { FEW = 24 };
    if (count > FEW) {
        qsort(in, count, sizeof *in, by_from);
        return;
    }
    for (size_t i = 1; i < count; i++) {
        const struct hunch_flow_in one = in[i];
        size_t at = i;
        for (; at > 0 && by_from(&in[at - 1], &one) > 0; at--)
            in[at] = in[at - 1];
        in[at] = one;
    }
}

/* m->pulled into g->in, sorted, each once. */
static bool put_edges(struct maker *m, uint32_t nodes)
{
    struct hunch_flow_graph *g = m->g;
    const size_t count = m->pulled.count;
    m->first.count = m->in.count = 0;
    if (!hunch_vec_reserve(m->a, &m->first, (size_t)nodes + 2) ||
        !hunch_vec_reserve(m->a, &m->in, count) || !hunch_vec_reserve(m->a, &g->in, count))
        return false;
    uint32_t *first = m->first.items;
    memset(first, 0, ((size_t)nodes + 2) * sizeof *first);
    for (size_t e = 0; e < count; e++)
        first[m->pulled.items[e].to + 2]++;
    for (uint32_t n = 0; n < nodes; n++)
        first[n + 2] += first[n + 1];
    for (size_t e = 0; e < count; e++)
        m->in.items[first[m->pulled.items[e].to + 1]++] = m->pulled.items[e].in;
    for (uint32_t n = 0; n < nodes; n++) {
        struct hunch_flow_in *in = m->in.items + first[n];
        const size_t few = first[n + 1] - first[n];
        g->first.items[g->first.count++] = (uint32_t)g->in.count;
        sort_few(in, few);
        for (size_t e = 0; e < few; e++)
            if (e == 0 || by_from(&in[e - 1], &in[e]) != 0)
                g->in.items[g->in.count++] = in[e];
    }
    g->first.items[g->first.count++] = (uint32_t)g->in.count;
    return true;
}

/* The number of a transfer of the function. */
static uint32_t find_transfer(const struct hunch_flow_graph *g, uint32_t f, uint32_t formal,
                              uint32_t result)
{
    uint32_t low = g->function[f].transfer, high = low + g->function[f].transfer_count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        const struct hunch_transfer t = g->transfer.items[middle];
        if (t.formal < formal || (t.formal == formal && t.result < result))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool make_edges(struct maker *m, uint32_t f)
{
    struct hunch_flow_graph *g = m->g;
    const struct hunch_draft_function *d = &m->draft[f];
    const uint32_t nodes = (uint32_t)d->label.count;
    bool ok = true;
    m->pulled.count = 0;
    for (size_t e = 0; ok && e < d->edge.count; e++) {
        const struct hunch_draft_edge *from = &d->edge.items[e];
        const struct pulled p = {from->to, {from->from, from->class}};
        ok = hunch_vec_push(m->a, &m->pulled, p);
    }
    g->function[f].bind = (uint32_t)g->bind.count;
    for (size_t c = 0; ok && c < d->call.count; c++) {
        const struct hunch_draft_call *call = &d->call.items[c];
        const struct hunch_flow_function *callee = &g->function[call->callee];
        const uint32_t words = reach_words(&m->draft[call->callee]);
        for (uint32_t i = call->in; ok && i < call->in + call->in_count; i++) {
            const struct hunch_draft_bind in = d->bind.items[i];
            const struct hunch_flow_bind bind = {in.node, call->callee, in.formal,
                                                 m->calls + (uint32_t)c};
            ok = hunch_vec_push(m->a, &g->bind, bind);
            for (uint32_t o = call->out; ok && o < call->out + call->out_count; o++) {
                const struct hunch_draft_bind out = d->bind.items[o];
                const uint32_t *through = m->reach[call->callee] + (size_t)out.formal * words;
                if (!(through[in.formal / 32] >> in.formal % 32 & 1u))
                    continue;
                const uint32_t t = find_transfer(g, call->callee, in.formal, out.formal);
                const struct pulled p = {out.node, {in.node, g->transfer_mask + t}};
                ok = hunch_vec_push(m->a, &m->pulled, p);
            }
        }
        for (uint32_t o = call->out; ok && o < call->out + call->out_count; o++) {
            const struct hunch_draft_bind out = d->bind.items[o];
            const struct pulled p = {
                out.node, {HUNCH_FLOW_SOURCE, g->result_mask + callee->result + out.formal}};
            ok = hunch_vec_push(m->a, &m->pulled, p);
        }
    }
    m->calls += (uint32_t)d->call.count;
    g->function[f].bind_count = (uint32_t)g->bind.count - g->function[f].bind;
    return ok && put_edges(m, nodes);
}

/* The function's edges once more, by where they begin. */
static void turn_edges(struct hunch_flow_graph *g, uint32_t f)
{
    const uint32_t nodes = g->function[f].node_count;
    const uint32_t *first = g->first.items + g->function[f].node + f;
    const uint32_t base = (uint32_t)g->out.count;
    uint32_t *out = g->out_first.items + g->out_first.count;
    memset(out, 0, ((size_t)nodes + 2) * sizeof *out);
    for (uint32_t e = first[0]; e < first[nodes]; e++)
        if (g->in.items[e].from != HUNCH_FLOW_SOURCE)
            out[g->in.items[e].from + 2]++;
    out[0] = out[1] = base;
    for (uint32_t n = 0; n < nodes; n++)
        out[n + 2] += n == 0 ? base : out[n + 1];
    g->out.count = nodes > 0 ? out[nodes + 1] : base;
    for (uint32_t n = 0; n < nodes; n++)
        for (uint32_t e = first[n]; e < first[n + 1]; e++)
            if (g->in.items[e].from != HUNCH_FLOW_SOURCE)
                g->out.items[out[g->in.items[e].from + 1]++] =
                    (struct hunch_flow_in){n, g->in.items[e].mask};
    g->out_first.count += (size_t)nodes + 1;
}

static bool make_out(struct hunch_flow_graph *g)
{
    hunch_vec_fit(g->a, &g->in);
    if (!hunch_vec_reserve(g->a, &g->out_first, (size_t)g->node_count + g->function_count + 1) ||
        !hunch_vec_reserve(g->a, &g->out, g->in.count))
        return false;
    for (uint32_t f = 0; f < g->function_count; f++)
        turn_edges(g, f);
    return true;
}

/* Edges that begin at no node, once more by function. */
static bool make_sources(struct hunch_flow_graph *g)
{
    g->source_first =
        hunch_alloc_zero(g->a, ((size_t)g->function_count + 1) * sizeof *g->source_first);
    if (g->source_first == NULL)
        return false;
    for (uint32_t f = 0; f < g->function_count; f++) {
        const uint32_t *first = g->first.items + g->function[f].node + f;
        for (uint32_t n = 0; n < g->function[f].node_count; n++)
            for (uint32_t e = first[n]; e < first[n + 1]; e++) {
                const struct hunch_flow_source source = {n, g->in.items[e].mask};
                if (g->in.items[e].from == HUNCH_FLOW_SOURCE &&
                    !hunch_vec_push(g->a, &g->source, source))
                    return false;
            }
        g->source_first[f + 1] = (uint32_t)g->source.count;
    }
    return true;
}

/* Calls `put` with each node and where it goes in another function. */
static void each_cross(struct hunch_flow_graph *g,
                       void (*put)(struct hunch_flow_graph *g, uint32_t from,
                                   struct hunch_flow_cross to))
{
    for (uint32_t f = 0; f < g->function_count; f++) {
        const struct hunch_flow_function *function = &g->function[f];
        const uint32_t *first = g->first.items + function->node + f;
        for (uint32_t b = function->bind; b < function->bind + function->bind_count; b++) {
            const struct hunch_flow_bind bind = g->bind.items[b];
            const struct hunch_flow_function *callee = &g->function[bind.callee];
            put(g, function->node + bind.node,
                (struct hunch_flow_cross){
                    bind.callee, callee->node + g->formal.items[callee->formal + bind.formal]});
        }
        for (uint32_t n = 0; n < function->node_count; n++)
            for (uint32_t e = first[n]; e < first[n + 1]; e++)
                if (g->in.items[e].mask >= g->result_mask)
                    put(g, g->result_node.items[g->in.items[e].mask - g->result_mask],
                        (struct hunch_flow_cross){f, function->node + n});
    }
}

static void count_cross(struct hunch_flow_graph *g, uint32_t from, struct hunch_flow_cross to)
{
    (void)to;
    g->cross_first[from + 2]++;
}

static void put_cross(struct hunch_flow_graph *g, uint32_t from, struct hunch_flow_cross to)
{
    g->cross.items[g->cross_first[from + 1]++] = to;
}

static bool make_cross(struct hunch_flow_graph *g)
{
    g->cross_first = hunch_alloc_zero(g->a, ((size_t)g->node_count + 2) * sizeof *g->cross_first);
    if (g->cross_first == NULL)
        return false;
    each_cross(g, count_cross);
    for (uint32_t n = 0; n < g->node_count; n++)
        g->cross_first[n + 2] += g->cross_first[n + 1];
    const size_t count = g->cross_first[g->node_count + 1];
    if (!hunch_vec_reserve(g->a, &g->cross, count))
        return false;
    g->cross.count = count;
    each_cross(g, put_cross);
    return true;
}

/* Are there fewer of everything than 32 bits count? */
static bool is_countable(const struct hunch_flow_graph *g)
{
    return g->label.count < UINT32_MAX && g->in.count < UINT32_MAX && g->out.count < UINT32_MAX &&
           g->transfer.count < UINT32_MAX && g->bind.count < UINT32_MAX &&
           g->cross.count < UINT32_MAX && g->source.count < UINT32_MAX;
}

struct hunch_flow_graph *hunch_flow_graph_new(const struct hunch_allocator *a,
                                              const struct hunch_draft_function *draft,
                                              uint32_t function_count, uint32_t class_count)
{
    struct hunch_flow_graph *g = hunch_alloc_zero(a, sizeof *g);
    struct maker m = {.a = a, .draft = draft, .g = g};
    bool ok = g != NULL;
    if (!ok)
        return NULL;
    g->a = a;
    g->class_count = class_count;
    g->function_count = function_count;
    g->function = hunch_alloc_zero(a, function_count * sizeof *g->function);
    m.reach = hunch_alloc_zero(a, function_count * sizeof *m.reach);
    ok = g->function != NULL && m.reach != NULL;
    for (uint32_t f = 0; ok && f < function_count; f++) {
        const struct hunch_draft_function *d = &draft[f];
        struct hunch_flow_function *function = &g->function[f];
        function->node = (uint32_t)g->label.count;
        function->node_count = (uint32_t)d->label.count;
        function->formal = (uint32_t)g->formal.count;
        function->formal_count = (uint32_t)d->formal.count;
        function->result = (uint32_t)g->result.count;
        function->result_count = (uint32_t)d->result.count;
        ok = hunch_vec_append(a, &g->label, d->label.items, d->label.count) &&
             hunch_vec_append(a, &g->formal, d->formal.items, d->formal.count) &&
             hunch_vec_append(a, &g->result, d->result.items, d->result.count);
    }
    for (uint32_t f = 0; ok && f < function_count; f++)
        for (size_t r = 0; ok && r < draft[f].result.count; r++)
            ok = hunch_vec_push(a, &g->result_node, g->function[f].node + draft[f].result.items[r]);
    g->node_count = (uint32_t)g->label.count;
    ok = ok && make_order(&m, function_count) && make_callers(&m, function_count) &&
         make_reach(&m, function_count);
    hunch_free_array(a, m.row, m.row_room, sizeof *m.row);
    for (uint32_t f = 0; ok && f < function_count; f++)
        ok = make_transfers(&m, f);
    g->transfer_mask = class_count;
    g->result_mask = g->transfer_mask + (uint32_t)g->transfer.count;
    g->mask_count = g->result_mask + (uint32_t)g->result.count;
    ok = ok && hunch_vec_reserve(a, &g->first, (size_t)g->node_count + function_count);
    for (uint32_t f = 0; ok && f < function_count; f++)
        ok = make_edges(&m, f);
    for (uint32_t f = 0; m.reach != NULL && f < function_count; f++)
        hunch_free(a, m.reach[f], reach_size(&draft[f]) * sizeof **m.reach);
    hunch_free(a, m.reach, function_count * sizeof *m.reach);
    hunch_vec_free(a, &m.way);
    hunch_vec_free(a, &m.first);
    hunch_vec_free(a, &m.to);
    hunch_vec_free(a, &m.queue);
    hunch_vec_free(a, &m.pulled);
    hunch_vec_free(a, &m.in);
    ok = ok && make_out(g) && make_sources(g) && make_cross(g) && is_countable(g);
    if (!ok) {
        hunch_flow_graph_free(g);
        g = NULL;
    }
    return g;
}

void hunch_flow_graph_free(struct hunch_flow_graph *g)
{
    if (g == NULL)
        return;
    const struct hunch_allocator *a = g->a;
    hunch_free(a, g->function, g->function_count * sizeof *g->function);
    hunch_vec_free(a, &g->label);
    hunch_vec_free(a, &g->first);
    hunch_vec_free(a, &g->in);
    hunch_vec_free(a, &g->out);
    hunch_vec_free(a, &g->out_first);
    hunch_vec_free(a, &g->formal);
    hunch_vec_free(a, &g->result);
    hunch_vec_free(a, &g->result_node);
    hunch_vec_free(a, &g->transfer);
    hunch_vec_free(a, &g->bind);
    hunch_free(a, g->cross_first, ((size_t)g->node_count + 2) * sizeof *g->cross_first);
    hunch_vec_free(a, &g->cross);
    hunch_free(a, g->source_first, ((size_t)g->function_count + 1) * sizeof *g->source_first);
    hunch_vec_free(a, &g->source);
    hunch_vec_free(a, &g->order);
    hunch_vec_free(a, &g->caller);
    hunch_free(a, g->caller_first, ((size_t)g->function_count + 2) * sizeof *g->caller_first);
    hunch_free(a, g, sizeof *g);
}
