/* flow.c: one function, gone through block by block: what each place holds, which blocks can run,
 * what each operation is. Meanings of edges: docs/GRAPH.md. */
#include "graph/flow.h"

#include <string.h>

/* ---- wholes ---- */

void hunch_flow_write_whole(struct hunch_flow *f, uint32_t place, uint32_t node, uint32_t op,
                            bool weak)
{
    for (uint32_t c = f->place.items[place].child; c != HUNCH_NONE; c = f->place.items[c].next) {
        uint32_t field = HUNCH_NONE; /* as in the whole */
        if (weak && hunch_flow_is_known(f, c)) {
            field = hunch_node_get(f, HUNCH_NODE_OUT, op, c, 1);
            hunch_node_copy(f, field, hunch_flow_read(f, c), HUNCH_EDGE_PHI);
            hunch_node_copy(f, field, node, HUNCH_EDGE_FIELD);
        }
        hunch_flow_write_whole(f, c, field != HUNCH_NONE ? field : node, op, weak);
        hunch_flow_write(f, c, field);
    }
    hunch_flow_write(f, place, node);
}

void hunch_flow_read_whole(struct hunch_flow *f, uint32_t to, uint32_t place,
                           enum hunch_edge_kind kind, bool pointers)
{
    const uint32_t node = hunch_flow_read(f, place);
    if (pointers)
        hunch_node_copy(f, to, node, kind);
    else
        hunch_node_edge(f, to, node, kind, 0);
    hunch_place_rest(f, place);
    for (uint32_t c = f->place.items[place].child; c != HUNCH_NONE; c = f->place.items[c].next)
        if (hunch_flow_is_known(f, c))
            hunch_flow_read_whole(f, to, c, kind, pointers);
}

/* Every field of either becomes, in `to`, what it is in `from`. weak: or stays. */
void hunch_flow_copy_fields(struct hunch_flow *f, uint32_t to, uint32_t from, uint32_t op,
                            bool weak)
{
    if (f->place.items[to].fields >= HUNCH_FLOW_FIELDS_MOST || to == from)
        return;
    for (uint32_t c = f->place.items[to].child; c != HUNCH_NONE; c = f->place.items[c].next)
        (void)hunch_place_field(f, from, f->place.items[c].b);
    for (uint32_t c = f->place.items[from].child; c != HUNCH_NONE; c = f->place.items[c].next) {
        const uint32_t field = hunch_place_field(f, to, f->place.items[c].b);
        if (field == 0 || field == from || c == to)
            continue;
        const uint32_t node = hunch_node_get(f, HUNCH_NODE_STORE, op, field, 0);
        hunch_node_copy(f, node, hunch_flow_read(f, c), HUNCH_EDGE_ASSIGN);
        if (weak)
            hunch_node_copy(f, node, hunch_flow_read(f, field), HUNCH_EDGE_PHI);
        hunch_flow_copy_fields(f, field, c, op, weak);
        hunch_flow_write(f, field, node);
    }
}

/* ---- ends of functions ---- */

/* Of the memory that one value may point to, callers get one. */
static bool join_out(struct hunch_flow *f, const struct hunch_flow_node *n)
{
    uint32_t first = HUNCH_NONE;
    bool more = false;
    for (uint32_t i = 0; i < n->to_count; i++) {
        const struct hunch_place *to = &f->place.items[n->to[i]];
        if (to->kind == HUNCH_PLACE_HEAP && to->as < first)
            first = to->as;
    }
    for (uint32_t i = 0; i < n->to_count; i++) {
        struct hunch_place *to = &f->place.items[n->to[i]];
        if (to->kind == HUNCH_PLACE_HEAP && to->as != first) {
            to->as = first;
            more = f->changed = true;
        }
    }
    return more;
}

/* Memory that callers can get to: by what is returned, or by what is left in places of theirs. */
static void mark_out(struct hunch_flow *f)
{
    bool more = true;
    while (more) {
        more = false;
        for (uint32_t p = 1; p < f->place.count; p++) {
            const struct hunch_place *place = &f->place.items[p],
                                     *root = &f->place.items[place->root];
            if (place->exit == HUNCH_NONE ||
                (root->kind == HUNCH_PLACE_HEAP && !(root->flags & HUNCH_PLACE_IS_OUT)))
                continue;
            const struct hunch_flow_node *n = &f->node.items[place->exit];
            more |= join_out(f, n);
            for (uint32_t i = 0; i < n->to_count; i++) {
                struct hunch_place *to = &f->place.items[f->place.items[n->to[i]].root];
                if (to->kind == HUNCH_PLACE_HEAP && !(to->flags & HUNCH_PLACE_IS_OUT)) {
                    to->flags |= HUNCH_PLACE_IS_OUT;
                    more = f->changed = true;
                }
            }
        }
    }
}

/* What places hold where the function returns. */
static void end_function(struct hunch_flow *f)
{
    const struct hunch_function *source = f->source;
    hunch_ways_begin(f);
    for (uint32_t b = source->block; b < source->block + source->block_count; b++) {
        const struct hunch_block *block = &f->graph->block.items[b];
        if (block->end == HUNCH_END_EXIT && block->returns && f->reached[b - source->block])
            hunch_ways_add(f, &f->row[b - source->block], NULL);
    }
    const bool any = hunch_ways_ready(f);
    if (any && !f->returns) {
        f->returns = true;
        f->changed = true;
    }
    for (uint32_t p = 1; any && p < f->place.count; p++) {
        const uint8_t kind = f->place.items[f->place.items[p].root].kind;
        if (kind != HUNCH_PLACE_RESULT && kind != HUNCH_PLACE_GLOBAL && kind != HUNCH_PLACE_AT &&
            kind != HUNCH_PLACE_HEAP)
            continue;
        uint32_t node = hunch_ways_meet(f, p, source->block + source->block_count);
        if (node != HUNCH_NONE && node == f->place.items[p].entry)
            node = HUNCH_NONE;
        if (f->place.items[p].exit != node) {
            f->place.items[p].exit = node;
            f->changed = true;
        }
    }
    mark_out(f);
}

/* ---- blocks ---- */

/* The row at the head of a block; false: nothing gets there as yet. */
static bool begin_block(struct hunch_flow *f, uint32_t block)
{
    const struct hunch_block *b = &f->graph->block.items[block];
    hunch_ways_begin(f);
    if (block == f->source->block)
        hunch_ways_add(f, NULL, NULL);
    for (uint32_t i = 0; i < b->pred_count; i++) {
        const uint32_t p = f->graph->link.items[b->pred + i];
        const struct hunch_block *pred = &f->graph->block.items[p];
        bool again = false;
        for (uint32_t k = 0; k < i; k++)
            again |= f->graph->link.items[b->pred + k] == p;
        for (uint32_t s = pred->succ; !again && s < pred->succ + pred->succ_count; s++)
            if (f->graph->link.items[s] == block && f->live[s - f->first_link])
                hunch_ways_add(f, &f->row[p - f->source->block], &f->behind[s - f->first_link]);
    }
    return hunch_ways_ready(f) && hunch_ways_join(f, block);
}

static void take(struct hunch_flow *f, const struct hunch_block *b, uint32_t number)
{
    uint8_t *live = &f->live[b->succ + number - f->first_link];
    if (!*live) {
        *live = 1;
        f->changed = true;
    }
}

/* Which successors the block may go to. */
static void end_block(struct hunch_flow *f, const struct hunch_block *b)
{
    const struct hunch_flow_node *test = NULL;
    if (b->end == HUNCH_END_BRANCH || b->end == HUNCH_END_SWITCH) {
        const uint32_t value = hunch_flow_value(f, b->condition); /* it may be a new node */
        test = &f->node.items[value];
        if (test->known == HUNCH_KNOWN_NOTHING)
            return;
    }
    if (test == NULL || test->known == HUNCH_KNOWN_ANY) {
        for (uint32_t s = 0; s < b->succ_count; s++)
            take(f, b, s);
    } else if (b->end == HUNCH_END_BRANCH) {
        take(f, b, test->value != 0 ? 0 : b->succ_count - 1);
    } else {
        uint32_t to = b->succ_count - 1;
        for (uint32_t s = 0; s + 1 < b->succ_count; s++)
            if (f->graph->label.items[b->label + s] == test->value)
                to = s;
        take(f, b, to);
    }
}

static void do_block(struct hunch_flow *f, uint32_t block)
{
    const struct hunch_block *b = &f->graph->block.items[block];
    const uint32_t number = block - f->source->block;
    f->at = block;
    if (!begin_block(f, block))
        return;
    for (uint32_t op = b->op; op < b->op + b->op_count; op++)
        if (!hunch_flow_do(f, op) || f->u->failed)
            return;
    if (!f->reached[number]) {
        f->reached[number] = 1;
        f->changed = true;
    }
    hunch_row_keep(f, &f->row[number]);
    end_block(f, b);
    hunch_flow_guards(f, block);
    if (f->collect)
        hunch_flow_loop_bound(f, block);
}

/* ---- functions ---- */

static void find_loops(struct hunch_flow *f)
{
    const struct hunch_function *source = f->source;
    for (uint32_t b = 0; b < source->block_count; b++) {
        const struct hunch_block *block = &f->graph->block.items[source->block + b];
        for (uint32_t s = block->succ; s < block->succ + block->succ_count; s++) {
            const uint32_t to = f->graph->link.items[s] - source->block;
            for (uint32_t i = to; i <= b && to <= b; i++) /* backwards: at most all between */
                f->in_loop[i] = 1;
        }
    }
}

void hunch_flow_init(struct hunch_unit *u, uint32_t function)
{
    struct hunch_flow *f = &u->flow[function];
    const struct hunch_function *source = hunch_unit_function(u, function);
    f->u = u;
    f->t = u->thread;
    f->is_initial = (source->flags & HUNCH_FUNCTION_IS_INITIAL) != 0;
    f->level = HUNCH_NONE;
    f->function = function;
    f->file = u->function_file.items[function];
    f->graph = u->file[f->file].graph;
    f->source = source;
    f->first_link = UINT32_MAX;
    uint32_t last = 0;
    for (uint32_t b = source->block; b < source->block + source->block_count; b++) {
        const struct hunch_block *block = &f->graph->block.items[b];
        if (block->succ_count > 0) {
            f->first_link = block->succ < f->first_link ? block->succ : f->first_link;
            last = block->succ + block->succ_count > last ? block->succ + block->succ_count : last;
        }
    }
    f->link_count = last > f->first_link ? last - f->first_link : 0;
    if (f->link_count == 0)
        f->first_link = 0;
    f->row = hunch_alloc_zero(u->a, source->block_count * sizeof *f->row);
    f->behind = hunch_alloc_zero(u->a, f->link_count * sizeof *f->behind);
    f->live = hunch_alloc_zero(u->a, f->link_count);
    f->in_loop = hunch_alloc_zero(u->a, source->block_count);
    f->reached = hunch_alloc_zero(u->a, source->block_count);
    if (f->row == NULL || f->behind == NULL || f->live == NULL || f->in_loop == NULL ||
        f->reached == NULL) {
        u->failed = true;
        return;
    }
    find_loops(f);
    hunch_flow_find_cells(f);
    f->first_op = UINT32_MAX;
    for (uint32_t b = source->block; b < source->block + source->block_count; b++) {
        const struct hunch_block *block = &f->graph->block.items[b];
        if (block->op_count == 0)
            continue;
        f->first_op = block->op < f->first_op ? block->op : f->first_op;
        if (block->op + block->op_count > f->op_count)
            f->op_count = block->op + block->op_count;
    }
    f->op_count = f->op_count > f->first_op ? f->op_count - f->first_op : 0;
    f->op_node = hunch_alloc_array(u->a, f->op_count, sizeof *f->op_node);
    if (f->op_node == NULL) {
        u->failed = true;
        return;
    }
    memset(f->op_node, 0xff, f->op_count * sizeof *f->op_node);
    (void)hunch_place_get(f, HUNCH_PLACE_DUMMY, 0, 0);
    (void)hunch_node_get(f, HUNCH_NODE_DUMMY, 0, 0, 0);
    f->is_gap = (source->flags & HUNCH_FUNCTION_IS_CUT) != 0;
}

void hunch_flow_forget(struct hunch_flow *f)
{
    const struct hunch_allocator *a = f->u->a;
    hunch_node_give_lists(f);
    for (uint32_t b = 0; f->source != NULL && f->row != NULL && b < f->source->block_count; b++)
        hunch_row_free(f, &f->row[b]);
    for (uint32_t l = 0; f->behind != NULL && l < f->link_count; l++)
        hunch_free_array(a, f->behind[l].item, f->behind[l].count, sizeof *f->behind[l].item);
    hunch_row_free(f, &f->now);
    if (f->source != NULL) {
        hunch_free(a, f->row, f->source->block_count * sizeof *f->row);
        hunch_free(a, f->behind, f->link_count * sizeof *f->behind);
        hunch_free(a, f->live, f->link_count);
        hunch_free(a, f->in_loop, f->source->block_count);
        hunch_free(a, f->reached, f->source->block_count);
        hunch_free_array(a, f->op_node, f->op_count, sizeof *f->op_node);
        hunch_flow_forget_cells(f);
    }
    f->row = NULL;
    f->behind = NULL;
    f->live = f->in_loop = f->reached = NULL;
    f->op_node = NULL;
    hunch_key_map_free(a, &f->place_key);
    hunch_key_map_free(a, &f->node_key);
    hunch_vec_free(a, &f->node);
    hunch_vec_free(a, &f->canon);
    hunch_vec_free(a, &f->tested);
    hunch_vec_free(a, &f->callee);
    hunch_vec_free(a, &f->watched);
    hunch_key_map_free(a, &f->keep);
}

void hunch_flow_forget_own(struct hunch_flow *f)
{
    const struct hunch_allocator *a = f->u->a;
    hunch_key_map_free(a, &f->label);
    hunch_key_map_free(a, &f->class);
    hunch_key_map_free(a, &f->guard);
    hunch_vec_free(a, &f->with);
}

void hunch_flow_free(struct hunch_flow *f)
{
    if (f->u == NULL)
        return;
    hunch_flow_forget(f);
    hunch_vec_free(f->u->a, &f->place);
    hunch_vec_free(f->u->a, &f->check);
    hunch_vec_free(f->u->a, &f->kept_op);
    hunch_vec_free(f->u->a, &f->call_op);
    hunch_flow_forget_own(f);
}

/* What it was gone through with of its callees; what changes of itself on the way counts then. Of
 * who is called by pointer also the order: some is remembered only for those that come later. */
static uint64_t callees_version(const struct hunch_flow *f)
{
    uint64_t h = 0;
    for (size_t i = 0; i < f->callee.count; i++) {
        const struct hunch_flow *callee = &f->u->flow[f->callee.items[i]];
        const bool is_busy = hunch_flow_is_busy(f, callee);
        uint32_t order = 0;
        if (f->calls_pointers && !is_busy)
            order = callee->group == f->group ? 1 : callee->level > f->level ? 2 : 3;
        h = (h ^ ((uint64_t)(is_busy ? UINT32_MAX : callee->version) << 2 | order)) *
            0xff51afd7ed558ccdu;
        h ^= h >> 32;
    }
    return h;
}

/* What it knows is there until callers are done with it: no more room than it takes. */
static void fit(struct hunch_flow *f)
{
    const struct hunch_allocator *a = f->u->a;
    hunch_vec_fit(a, &f->place);
    hunch_vec_fit(a, &f->place_key.key);
    hunch_vec_fit(a, &f->node);
    hunch_vec_fit(a, &f->node_key.key);
    hunch_vec_fit(a, &f->canon);
    hunch_key_map_rest(a, &f->node_key);
    hunch_row_free(f, &f->now);
}

/* Nothing that it was gone through with has changed since. */
static bool is_fresh(const struct hunch_flow *f)
{
    return f->is_settled && !f->collect && callees_version(f) == f->callees_known &&
           hunch_flow_is_watched_same(f);
}

bool hunch_flow_run(struct hunch_flow *f, bool once)
{
    bool ever = !f->analysed;
    const uint32_t blocks = f->source->block_count;
    if (f->source->flags & HUNCH_FUNCTION_IS_CUT) {
        f->analysed = f->returns = true;
        return false;
    }
    if (is_fresh(f))
        return false;
    f->analysed = true;
    f->watched.count = 0;
    do {
        f->changed = false;
        for (uint32_t b = 0; b < blocks && !f->u->failed; b++)
            do_block(f, f->source->block + b);
        if (!f->u->failed)
            end_function(f);
        ever |= f->changed;
        if (++f->sweeps > HUNCH_FLOW_SWEEPS_MOST ||
            (uint64_t)f->place.count * blocks > HUNCH_FLOW_ROWS_MOST)
            f->is_gap = true;
    } while (f->changed && !once && !f->is_gap && !f->u->failed);
    if (!f->u->failed)
        hunch_flow_find_checks(f);
    f->is_settled = !f->changed || f->is_gap;
    f->callees_known = callees_version(f);
    if (f->is_settled || f->is_initial)
        fit(f); /* an initialiser's values are asked for when all others are collected */
    const uint64_t shown = ever ? hunch_flow_shown(f) : f->shown;
    f->version += shown != f->shown;
    f->shown = shown;
    if (f->is_gap && !f->collect)
        return false; /* what is known so far is taken */
    return ever;
}
