/* flow_named.c: names that a call has besides its own, for rules that ask what it is given by name.
 */
#include <stdio.h>

#include "graph/flow.h"

enum { NAME_WITH_MOST = 300 };

static const struct hunch_op *op_at(const struct hunch_flow *f, uint32_t op)
{
    return &f->graph->op.items[op];
}

static uint32_t argument(const struct hunch_flow *f, uint32_t op, uint32_t k)
{
    return f->graph->arg.items[op_at(f, op)->b + k];
}

/* Another name of the call, by an argument that is passed by name: "f(shell=1)" for all arguments
 * of f(…, shell=True), "f(shell=)" for that one, "f()" where there is one argument alone. */
static uint32_t name_with(struct hunch_flow *f, uint32_t name, const struct hunch_op *arg,
                          bool with_value)
{
    char text[NAME_WITH_MOST];
    const char *word = arg != NULL ? hunch_graph_name(f->graph, arg->b) : "";
    const struct hunch_op *value = arg != NULL ? op_at(f, arg->a) : NULL;
    int size;
    if (with_value && value->kind == HUNCH_OP_LOAD)
        value = op_at(f, value->a);
    if (!with_value)
        size = snprintf(text, sizeof text, "%s(%s%s)", hunch_unit_text(f->u, name), word,
                        arg != NULL ? "=" : "");
    else if (value->kind == HUNCH_OP_CONST)
        size = snprintf(text, sizeof text, "%s(%s=%lld)", hunch_unit_text(f->u, name), word,
                        (long long)hunch_op_value(value));
    else if (value->kind == HUNCH_OP_STRING || value->kind == HUNCH_OP_NAME)
        size = snprintf(text, sizeof text, "%s(%s=%s)", hunch_unit_text(f->u, name), word,
                        hunch_graph_name(f->graph, value->a));
    else
        return HUNCH_NONE;
    return size > 0 && size < (int)sizeof text ? hunch_unit_name_add(f->u, text) : HUNCH_NONE;
}

/* The call is one of `other`, too. */
static void also(struct hunch_flow *f, uint32_t op, uint32_t name, uint32_t other, uint32_t only)
{
    for (uint32_t k = 0; other != HUNCH_NONE && k < op_at(f, op)->c; k++) {
        if (only != HUNCH_NONE && k != only)
            continue;
        const uint32_t node = hunch_node_get(f, HUNCH_NODE_ARGUMENT, op, k, other + 1);
        hunch_node_label(f, node, HUNCH_LABEL_ARGUMENT, other,
                         hunch_op_is_named(op_at(f, argument(f, op, k))) ? HUNCH_ARGUMENT_NAMED
                                                                         : k + 1);
        hunch_node_edge(f, node, hunch_node_get(f, HUNCH_NODE_ARGUMENT, op, k, name + 1),
                        HUNCH_EDGE_ASSIGN, 0);
    }
}

void hunch_flow_other_names(struct hunch_flow *f, uint32_t op, uint32_t name)
{
    if (op_at(f, op)->c == 1)
        also(f, op, name, name_with(f, name, NULL, false), HUNCH_NONE);
    for (uint32_t k = 0; k < op_at(f, op)->c; k++)
        if (hunch_op_is_named(op_at(f, argument(f, op, k)))) {
            const struct hunch_op *arg = op_at(f, argument(f, op, k));
            also(f, op, name, name_with(f, name, arg, true), HUNCH_NONE);
            also(f, op, name, name_with(f, name, arg, false), k);
        }
}
