/* draft.c: from what functions of a unit know to its graph: each is gone through once more, callers
 * first, and leaves a draft of nodes, edges and calls; drafts are numbered alike, and made into one
 * graph. */
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "graph/flow.h"

enum { TRIM_LEAST = 1 << 17 /* nodes of a graph */ };

/* ---- drafts ---- */

/* Which places come in and go out, numbered. */
static bool number_ends(struct hunch_unit *u, uint32_t function)
{
    struct hunch_flow *f = &u->flow[function];
    struct hunch_draft_function *draft = &u->draft[function];
    for (uint32_t p = 1; p < f->place.count; p++) {
        struct hunch_place *place = &f->place.items[p];
        const struct hunch_place *root = &f->place.items[place->root];
        if (place->entry != HUNCH_NONE && hunch_place_is_formal(f, p)) {
            place->formal = (uint32_t)draft->formal.count;
            if (!hunch_vec_push(u->a, &draft->formal, place->entry))
                return false;
        }
        if (place->exit != HUNCH_NONE &&
            (root->kind != HUNCH_PLACE_HEAP || (root->flags & HUNCH_PLACE_IS_OUT))) {
            place->result = (uint32_t)draft->result.count;
            if (!hunch_vec_push(u->a, &draft->result, place->exit))
                return false;
        }
    }
    return true;
}

static void collect(struct hunch_unit *u, uint32_t function)
{
    struct hunch_flow *f = &u->flow[function];
    struct hunch_draft_function *draft = &u->draft[function];
    if (hunch_key_number(u->a, &f->label, (struct hunch_map_key){{HUNCH_LABEL_NONE, 0, 0, 0}}, true,
                         NULL) == UINT32_MAX) {
        u->failed = true;
        return;
    }
    f->collect = true;
    (void)hunch_flow_run(f, true);
    for (uint32_t p = 1; p < f->place.count; p++) {
        const struct hunch_place *place = &f->place.items[p];
        if (place->kind == HUNCH_PLACE_LOCAL && place->entry != HUNCH_NONE &&
            hunch_place_is_formal(f, p))
            hunch_node_label(f, place->entry, HUNCH_LABEL_PARAMETER,
                             hunch_unit_name(u, f->file, f->source->name), place->a + 1);
        if (place->kind == HUNCH_PLACE_RESULT && place->exit != HUNCH_NONE &&
            place->result != HUNCH_NONE) {
            const uint32_t exit = place->exit, result = place->result;
            const uint32_t node = hunch_node_get(f, HUNCH_NODE_RETURN, 0, 0, 0);
            f->node.items[node].op = f->node.items[exit].op;
            hunch_node_label(f, node, HUNCH_LABEL_RETURN,
                             hunch_unit_name(u, f->file, f->source->name), 0);
            hunch_node_edge(f, node, exit, HUNCH_EDGE_ASSIGN, 0);
            draft->result.items[result] = node;
        }
    }
}

/* Where a node stands among others: about as values flow, so that few passes are enough. A place,
 * a kind and the node as one number, the node in its last bits. */
enum { RANK_NODE_BITS = 27, RANK_KIND_BITS = 5 };
_Static_assert(HUNCH_FLOW_NODES_MOST < 1 << RANK_NODE_BITS, "nodes of a function");
_Static_assert(HUNCH_NODE_POOL < 1 << RANK_KIND_BITS, "kinds of nodes");

static uint64_t rank_of(const struct hunch_flow *f, uint32_t node)
{
    const struct hunch_map_key *key = &f->node_key.key.items[node];
    struct {
        uint32_t at, kind;
    } r = {0, key->word[0]};
    if (key->word[0] == HUNCH_NODE_PHI) {
        const uint32_t block = key->word[1];
        r.at = block < f->source->block + f->source->block_count
                   ? f->graph->block.items[block].op + 1
                   : UINT32_MAX - 1;
        r.kind = 0;
    } else if (key->word[0] == HUNCH_NODE_RETURN) {
        r.at = UINT32_MAX;
    } else if (f->node.items[node].op != HUNCH_NONE) {
        r.at = f->node.items[node].op + 1;
        if (key->word[0] == HUNCH_NODE_OP &&
            f->graph->op.items[f->node.items[node].op].kind == HUNCH_OP_CALL)
            r.kind = HUNCH_NODE_SINK; /* behind what goes in */
        else if (key->word[0] == HUNCH_NODE_GUARD || key->word[0] == HUNCH_NODE_PART)
            r.kind = HUNCH_NODE_RETURN;
    }
    return (uint64_t)r.at << 32 | (uint64_t)r.kind << RANK_NODE_BITS | node;
}

static int by_rank(const void *left, const void *right)
{
    const uint64_t *l = left, *r = right;
    return (*l > *r) - (*l < *r);
}

/* Marks nodes from which or to which something may flow: others are left out. */
static void find_used(const struct hunch_unit *u, uint32_t function, uint32_t *used)
{
    const struct hunch_flow *f = &u->flow[function];
    const struct hunch_draft_function *draft = &u->draft[function];
    memset(used, 0, f->node.count * sizeof *used);
    used[0] = 1;
    for (size_t e = 0; e < draft->edge.count; e++)
        used[draft->edge.items[e].from] = used[draft->edge.items[e].to] = 1;
    for (size_t b = 0; b < draft->bind.count; b++)
        used[draft->bind.items[b].node] = 1;
    for (size_t i = 0; i < draft->formal.count; i++)
        used[draft->formal.items[i]] = 1;
    for (size_t i = 0; i < draft->result.count; i++)
        used[draft->result.items[i]] = 1;
    for (size_t w = 0; w < f->with.count; w++)
        used[f->with.items[w]] = 1;
    for (uint32_t n = 1; n < f->node.count; n++)
        used[n] |= f->node.items[n].label != 0;
}

/* Gives the nodes of a draft other numbers. */
static void arrange(struct hunch_unit *u, uint32_t function)
{
    struct hunch_flow *f = &u->flow[function];
    struct hunch_draft_function *draft = &u->draft[function];
    const uint32_t nodes = (uint32_t)f->node.count;
    uint32_t count = 0, *new_of = hunch_alloc_array(u->a, nodes, sizeof *new_of);
    uint64_t *rank = hunch_alloc_array(u->a, nodes, sizeof *rank);
    if (rank == NULL || new_of == NULL) {
        u->failed = true;
        goto done;
    }
    find_used(u, function, new_of);
    for (uint32_t n = 0; n < nodes; n++)
        if (new_of[n])
            rank[count++] = rank_of(f, n);
    if (!hunch_vec_reserve(u->a, &draft->label, count) ||
        !hunch_vec_reserve(u->a, &f->kept_op, count))
        u->failed = true;
    if (count > 2)
        qsort(rank + 1, count - 1, sizeof *rank, by_rank);
    for (uint32_t n = 0; n < count; n++) {
        const uint32_t from = (uint32_t)rank[n] & ((1u << RANK_NODE_BITS) - 1);
        const struct hunch_flow_node *node = &f->node.items[from];
        new_of[from] = n;
        if (!hunch_vec_push(u->a, &draft->label, node->label) ||
            !hunch_vec_push(u->a, &f->kept_op, node->op))
            u->failed = true;
    }
    for (size_t e = 0; e < draft->edge.count; e++) {
        draft->edge.items[e].from = new_of[draft->edge.items[e].from];
        draft->edge.items[e].to = new_of[draft->edge.items[e].to];
    }
    for (size_t b = 0; b < draft->bind.count; b++)
        draft->bind.items[b].node = new_of[draft->bind.items[b].node];
    for (size_t i = 0; i < draft->formal.count; i++)
        draft->formal.items[i] = new_of[draft->formal.items[i]];
    for (size_t i = 0; i < draft->result.count; i++)
        draft->result.items[i] = new_of[draft->result.items[i]];
    for (size_t w = 0; w < f->with.count; w++)
        f->with.items[w] = new_of[f->with.items[w]];
    hunch_vec_fit(u->a, &f->place);
    hunch_vec_fit(u->a, &draft->edge);
    hunch_vec_fit(u->a, &draft->bind);
done:
    hunch_free_array(u->a, rank, nodes, sizeof *rank);
    hunch_free_array(u->a, new_of, nodes, sizeof *new_of);
}

/* Once callers are done nobody asks for what a function knows, but for what globals begin with. */
static void collect_circle(struct hunch_unit *u, struct hunch_flow_thread *t,
                           const uint32_t *function, uint32_t count)
{
    for (uint32_t i = 0; i < count && !u->failed; i++) {
        struct hunch_flow *f = &u->flow[function[i]];
        f->t = t;
        if (!f->is_initial)
            collect(u, function[i]);
        if (!f->is_initial && !u->failed)
            arrange(u, function[i]);
    }
    for (uint32_t i = 0; i < count; i++) {
        struct hunch_flow *f = &u->flow[function[i]];
        if (!f->is_initial && f->graph->language != HUNCH_LANGUAGE_PYTHON) /* pool.c asks it */
            hunch_flow_forget(f);
    }
}

/* The unit's numbers for those that the function has for keys of its own. */
static bool number_keys(const struct hunch_unit *u, const struct hunch_key_map *own,
                        struct hunch_key_map *all, uint32_t *number)
{
    bool ok = number != NULL;
    for (size_t k = 0; ok && k < own->key.count; k++) {
        number[k] = hunch_key_number(u->a, all, own->key.items[k], true, NULL);
        ok = number[k] != UINT32_MAX;
    }
    return ok;
}

/* Of a class the guard, as the unit numbers it. with: the function's first of unit.with. */
static bool number_guard(struct hunch_unit *u, const struct hunch_flow *f, size_t with,
                         struct hunch_map_key *class)
{
    if (class->word[1] == 0)
        return true;
    const uint32_t number = class->word[1] - 1;
    struct hunch_map_key key = number & HUNCH_GUARD_IS_OWN
                                   ? f->guard.key.items[number & ~(uint32_t)HUNCH_GUARD_IS_OWN]
                                   : u->working.key.items[number];
    if (number & HUNCH_GUARD_IS_OWN)
        key.word[3] += (uint32_t)with;
    const uint32_t guard = hunch_key_number(u->a, &u->guard, key, true, NULL);
    class->word[1] = guard + 1;
    return guard != UINT32_MAX;
}

static void tell_gap(struct hunch_unit *u, const struct hunch_flow *f)
{
    if (f->is_gap && !(f->source->flags & HUNCH_FUNCTION_IS_CUT))
        hunch_unit_gap(u, f->function, "the function is too large for value flow; split it");
    else if (f->is_cut)
        hunch_unit_gap(u, f->function,
                       "the function and those it calls meet too many places; some were left out");
    else if (f->is_short)
        hunch_unit_gap(
            u, f->function,
            "a pointer of the function may point to too many places; some were left out");
}

/* The draft in numbers of the unit. */
static void number_draft(struct hunch_flow *f)
{
    struct hunch_unit *u = f->u;
    struct hunch_draft_function *draft = &u->draft[f->function];
    const size_t labels = f->label.key.count, classes = f->class.key.count, with = u->with.count;
    if (f->label.key.count == 0) /* it is no function of this level, or has been told of */
        return;
    uint32_t *number = hunch_alloc_array(u->a, labels + classes, sizeof *number);
    bool ok = number != NULL;
    for (size_t w = 0; ok && w < f->with.count; w++) {
        const struct hunch_compared c = {f->function, f->with.items[w]};
        ok = hunch_vec_push(u->a, &u->with, c);
    }
    for (size_t k = 0; ok && k < classes; k++)
        ok = number_guard(u, f, with, &f->class.key.items[k]);
    ok = ok && number_keys(u, &f->label, &u->label, number) &&
         number_keys(u, &f->class, &u->class, number + labels);
    for (size_t n = 0; ok && n < draft->label.count; n++)
        draft->label.items[n] = number[draft->label.items[n]];
    for (size_t e = 0; ok && e < draft->edge.count; e++)
        draft->edge.items[e].class = number[labels + draft->edge.items[e].class];
    if (!ok)
        u->failed = true;
    hunch_free_array(u->a, number, labels + classes, sizeof *number);
    hunch_flow_forget_own(f);
    tell_gap(u, f);
}

/* Initialisers first: all others may ask for what is in globals. */
static bool collect_all(struct hunch_unit *u, const uint32_t *order)
{
    for (uint32_t i = 0; i < u->file_count && !u->failed; i++)
        if (u->file[i].initial != HUNCH_NONE) {
            u->flow[u->file[i].initial].t = u->thread;
            collect(u, u->file[i].initial);
            if (!u->failed)
                arrange(u, u->file[i].initial);
            if (!u->failed)
                number_draft(&u->flow[u->file[i].initial]);
        }
    hunch_unit_callers_first(u, order, collect_circle, number_draft);
    for (uint32_t i = 0; i < u->file_count; i++)
        if (u->file[i].initial != HUNCH_NONE && u->file[i].graph->language != HUNCH_LANGUAGE_PYTHON)
            hunch_flow_forget(&u->flow[u->file[i].initial]);
    return !u->failed;
}

/* Where nodes and calls of a function stand: what solving asks for, without the files' graphs.
 * There is room for them. */
static bool keep_spans(struct hunch_unit *u, uint32_t function)
{
    struct hunch_flow *f = &u->flow[function];
    const struct hunch_op *op = f->graph->op.items;
    const struct hunch_linked_file *file = &u->file[f->file];
    const struct hunch_unit_part part = {file->number, function - file->function, f->source->span};
    const bool ok = hunch_vec_push(u->a, &u->part, part);
    for (size_t i = 0; ok && i < f->kept_op.count; i++)
        u->node_span.items[u->node_span.count++] =
            f->kept_op.items[i] != HUNCH_NONE ? op[f->kept_op.items[i]].span : hunch_no_span();
    for (size_t i = 0; ok && i < f->call_op.count; i++)
        u->call_span.items[u->call_span.count++] = op[f->call_op.items[i]].span;
    hunch_vec_free(u->a, &f->kept_op);
    hunch_vec_free(u->a, &f->call_op);
    return ok;
}

/* Functions and drafts leave many pieces, too small for the arrays that come next. */
static void give_back(const struct hunch_unit *u)
{
    if (u->node_span.count >= TRIM_LEAST)
        hunch_alloc_trim();
}

bool hunch_unit_make_graph(struct hunch_unit *u, const uint32_t *order)
{
    const uint32_t count = (uint32_t)u->function_file.count;
    bool ok = true;
    for (uint32_t f = 0; ok && f < count; f++)
        ok = number_ends(u, f);
    ok = ok && collect_all(u, order);
    size_t nodes = 0, calls = 0;
    for (uint32_t f = 0; f < count; f++) {
        nodes += u->flow[f].kept_op.count;
        calls += u->flow[f].call_op.count;
    }
    ok = ok && hunch_vec_reserve(u->a, &u->node_span, nodes) &&
         hunch_vec_reserve(u->a, &u->call_span, calls);
    for (uint32_t f = 0; ok && f < count; f++)
        ok = keep_spans(u, f);
    ok = ok && hunch_unit_pool(u);
    for (uint32_t n = 0; ok && n < u->draft[count].label.count; n++)
        ok = hunch_vec_push(u->a, &u->node_span, hunch_no_span());
    hunch_unit_forget_building(u);
    give_back(u);
    if (ok)
        u->graph =
            hunch_flow_graph_new(u->a, u->draft, u->flow_count, (uint32_t)u->class.key.count);
    for (uint32_t f = 0; f < u->flow_count; f++)
        hunch_draft_function_free(u->a, &u->draft[f]);
    give_back(u);
    return ok && u->graph != NULL;
}
