/* flow_loop.c: which value says how often a loop runs: what its condition compares with something
 * that the loop changes. */
#include "graph/flow.h"

enum { TREE_MOST = 24 };

static const struct hunch_op *op_at(const struct hunch_flow *f, uint32_t op)
{
    return &f->graph->op.items[op];
}

/* Is a statement part of the loop whose condition is statement `loop`? */
static bool in_loop(const struct hunch_flow *f, uint32_t stmt, uint32_t loop)
{
    for (uint32_t steps = 0; stmt != HUNCH_NONE && steps < 1000; steps++) {
        if (stmt == loop)
            return true;
        if (f->graph->stmt.items[stmt].loop == stmt)
            return false;
        stmt = f->graph->stmt.items[stmt].loop;
    }
    return false;
}

/* Does the loop write the place, *counts: by arithmetic on what is in it? */
static bool writes(struct hunch_flow *f, uint32_t place, uint32_t loop, bool *counts)
{
    bool any = false;
    for (uint32_t n = 1; n < f->node.count; n++) {
        const struct hunch_flow_node *node = &f->node.items[n];
        if ((node->kind != HUNCH_NODE_STORE && node->kind != HUNCH_NODE_OUT) ||
            node->place != place || node->op == HUNCH_NONE ||
            !in_loop(f, op_at(f, node->op)->stmt, loop))
            continue;
        any = true;
        const struct hunch_op *store = op_at(f, node->op);
        if (store->kind != HUNCH_OP_STORE)
            continue;
        const struct hunch_op *value = op_at(f, hunch_flow_bare(f, store->b));
        if (value->kind != HUNCH_OP_BINARY ||
            (value->sub != HUNCH_ADD && value->sub != HUNCH_SUB && value->sub != HUNCH_MUL))
            continue; /* what is divided, shifted or masked is soon nothing */
        const uint32_t side[] = {hunch_flow_bare(f, value->a), hunch_flow_bare(f, value->b)};
        for (int i = 0; i < 2; i++)
            if (op_at(f, side[i])->kind == HUNCH_OP_LOAD) {
                const uint32_t address = hunch_flow_value(f, op_at(f, side[i])->a);
                const struct hunch_flow_node *from = &f->node.items[address];
                for (uint32_t k = 0; k < from->to_count; k++)
                    *counts |= from->to[k] == place;
            }
    }
    return any;
}

/* Does what `op` computes change in the loop? */
static bool varies(struct hunch_flow *f, uint32_t op, uint32_t loop, bool *counts)
{
    uint32_t work[TREE_MOST], left = 0;
    bool any = false;
    work[left++] = op;
    for (int steps = 0; left > 0 && steps < TREE_MOST; steps++) {
        const struct hunch_op *o = op_at(f, hunch_flow_bare(f, work[--left]));
        if (o->kind == HUNCH_OP_UNARY || (o->kind == HUNCH_OP_BINARY && left < TREE_MOST - 1))
            work[left++] = o->a;
        if (o->kind == HUNCH_OP_BINARY && left < TREE_MOST)
            work[left++] = o->b;
        if (o->kind == HUNCH_OP_LOAD) {
            const uint32_t address = hunch_flow_value(f, o->a);
            for (uint32_t i = 0; i < f->node.items[address].to_count; i++)
                any |= writes(f, f->node.items[address].to[i], loop, counts);
        }
    }
    return any;
}

static void bound(struct hunch_flow *f, uint32_t condition, uint32_t value)
{
    if (op_at(f, value)->flags & HUNCH_OP_IS_POINTER) /* to the end of something that is there */
        return;
    const uint32_t node = hunch_node_get(f, HUNCH_NODE_SINK, condition, HUNCH_LABEL_LOOP_BOUND, 0);
    hunch_node_label(f, node, HUNCH_LABEL_LOOP_BOUND, 0, 0);
    hunch_node_edge(f, node, hunch_flow_value(f, value), HUNCH_EDGE_ASSIGN, 0);
}

void hunch_flow_loop_bound(struct hunch_flow *f, uint32_t block)
{
    const struct hunch_block *b = &f->graph->block.items[block];
    if (b->end != HUNCH_END_BRANCH)
        return;
    uint32_t condition = hunch_flow_bare(f, b->condition);
    const uint32_t loop = op_at(f, b->condition)->stmt;
    if (loop == HUNCH_NONE)
        return;
    const uint8_t kind = f->graph->stmt.items[loop].kind;
    if (kind != HUNCH_STMT_WHILE && kind != HUNCH_STMT_DO && kind != HUNCH_STMT_FOR)
        return;
    while (op_at(f, condition)->kind == HUNCH_OP_UNARY && op_at(f, condition)->sub == HUNCH_NOT)
        condition = hunch_flow_bare(f, op_at(f, condition)->a);
    const struct hunch_op *o = op_at(f, condition);
    bool a_counts = false, b_counts = false;
    if (o->kind == HUNCH_OP_BINARY && o->sub >= HUNCH_EQ && o->sub <= HUNCH_GE) {
        const bool ordered = o->sub >= HUNCH_LT, a = varies(f, o->a, loop, &a_counts),
                   c = varies(f, o->b, loop, &b_counts);
        const uint32_t l = hunch_flow_value(f, o->a), r = hunch_flow_value(f, o->b);
        if ((a && ordered) ||
            a_counts) /* the other side, or, where that is a constant, it counts down */
            bound(f, condition,
                  hunch_flow_found(f, o->b, r) != HUNCH_FOUND_VALUE && a_counts ? o->a : o->b);
        if ((c && ordered) || b_counts)
            bound(f, condition,
                  hunch_flow_found(f, o->a, l) != HUNCH_FOUND_VALUE && b_counts ? o->b : o->a);
    } else if (varies(f, condition, loop, &a_counts) && a_counts) {
        bound(f, condition, condition); /* while (n--) */
    }
}
