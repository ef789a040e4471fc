/* flow_cell.c: arrays of a function whose elements are told apart by constant indices: variables
 * that are arrays, and what main's parameters point to.
 *
 * Only such as nothing but `a[i]` touches, to load or store an element: their address goes nowhere
 * else, so that no write is missed, and all elements have one size. An element is then a field of
 * the array, called "[2]", and an index that is not known means each of them.
 */
#include <stdio.h>
#include <string.h>

#include "graph/flow.h"

enum {
    CELL_MOST = 1 << 29, /* indices from there on are not told apart */
    CELLS_MOST = 16      /* of an array; others are what the array as a whole is */
};

static const struct hunch_op *op_at(const struct hunch_flow *f, uint32_t op)
{
    return &f->graph->op.items[op];
}

/* The variable of which an operation is the array's address, or HUNCH_NONE. */
static uint32_t array_of(const struct hunch_flow *f, uint32_t op)
{
    const struct hunch_op *o = op_at(f, op);
    const struct hunch_op *var = o->kind == HUNCH_OP_LOAD ? op_at(f, o->a) : o;
    if (var->kind != HUNCH_OP_VAR || var->a >= f->source->var_count || !f->celled[var->a])
        return HUNCH_NONE;
    const uint32_t flags = f->graph->var.items[f->source->var + var->a].flags;
    return ((flags & HUNCH_VAR_IS_ARRAY) != 0) == (o->kind == HUNCH_OP_VAR) ? var->a : HUNCH_NONE;
}

/* `op` uses the value of `of` as operand `a`, or as another one. */
static void use(struct hunch_flow *f, const struct hunch_op *op, uint32_t of, bool as_a)
{
    const struct hunch_op *o = op_at(f, of);
    uint32_t var = array_of(f, of);
    if (var != HUNCH_NONE) {
        if (op->kind != HUNCH_OP_INDEX || !as_a || op->b == HUNCH_NONE)
            f->celled[var] = 0;
    } else if (o->kind == HUNCH_OP_VAR && o->a < f->source->var_count) {
        if (op->kind != HUNCH_OP_LOAD) /* a parameter that is set, or whose address is taken */
            f->celled[o->a] = 0;
    } else if (o->kind == HUNCH_OP_INDEX) {
        var = array_of(f, o->a);
        if (var != HUNCH_NONE &&
            ((op->kind != HUNCH_OP_LOAD && (op->kind != HUNCH_OP_STORE || !as_a)) ||
             (op->flags & HUNCH_OP_IS_AGGREGATE)))
            f->celled[var] = 0;
    }
}

static void use_operands(struct hunch_flow *f, const struct hunch_op *op)
{
    switch (op->kind) {
    case HUNCH_OP_INDEX:
    case HUNCH_OP_BINARY:
    case HUNCH_OP_STORE:
        if (op->b != HUNCH_NONE)
            use(f, op, op->b, false);
        use(f, op, op->a, true);
        break;
    case HUNCH_OP_CALL:
        for (uint32_t k = 0; k < op->c; k++)
            use(f, op, f->graph->arg.items[op->b + k], false);
        use(f, op, op->a, true);
        break;
    case HUNCH_OP_RETURN:
    case HUNCH_OP_FIELD:
    case HUNCH_OP_LOAD:
    case HUNCH_OP_UNARY:
    case HUNCH_OP_CAST:
    case HUNCH_OP_CONDITION:
        if (op->a != HUNCH_NONE)
            use(f, op, op->a, true);
        break;
    default: break;
    }
}

void hunch_flow_find_cells(struct hunch_flow *f)
{
    const struct hunch_function *source = f->source;
    bool any = false;
    if (f->graph->language != HUNCH_LANGUAGE_C || source->var_count == 0)
        return;
    const bool is_main = strcmp(hunch_graph_name(f->graph, source->name), "main") == 0;
    for (uint32_t v = 0; v < source->var_count; v++) {
        const uint32_t flags = f->graph->var.items[source->var + v].flags;
        any |= v < source->parameter_count
                   ? is_main
                   : (flags & (HUNCH_VAR_IS_ARRAY | HUNCH_VAR_IS_STATIC)) == HUNCH_VAR_IS_ARRAY;
    }
    if (!any)
        return;
    f->celled = hunch_alloc_zero(f->u->a, source->var_count);
    if (f->celled == NULL) {
        f->u->failed = true;
        return;
    }
    for (uint32_t v = 0; v < source->var_count; v++) {
        const uint32_t flags = f->graph->var.items[source->var + v].flags;
        f->celled[v] =
            v < source->parameter_count
                ? is_main
                : (flags & (HUNCH_VAR_IS_ARRAY | HUNCH_VAR_IS_STATIC)) == HUNCH_VAR_IS_ARRAY;
    }
    for (uint32_t b = source->block; b < source->block + source->block_count; b++) {
        const struct hunch_block *block = &f->graph->block.items[b];
        for (uint32_t op = block->op; op < block->op + block->op_count; op++)
            use_operands(f, op_at(f, op));
    }
}

void hunch_flow_forget_cells(struct hunch_flow *f)
{
    if (f->celled != NULL)
        hunch_free(f->u->a, f->celled, f->source->var_count);
    f->celled = NULL;
}

bool hunch_flow_has_cells(const struct hunch_flow *f, uint32_t address)
{
    const struct hunch_op *o = op_at(f, address);
    return f->celled != NULL && o->kind == HUNCH_OP_INDEX && array_of(f, o->a) != HUNCH_NONE;
}

/* What the element is called, as a field: of other languages as their front ends call it, of C by a
 * number that is no name's, as functions of C are gone through by several threads. */
static uint32_t cell_name(struct hunch_flow *f, int64_t at)
{
    char text[32];
    if (f->graph->language == HUNCH_LANGUAGE_C)
        return at >= -CELL_MOST && at < CELL_MOST ? HUNCH_FIELD_CELL + (uint32_t)(at + CELL_MOST)
                                                  : HUNCH_NONE;
    snprintf(text, sizeof text, "[%lld]", (long long)at);
    return hunch_unit_name_add(f->u, text);
}

uint32_t hunch_flow_cell(struct hunch_flow *f, uint32_t address, uint32_t array)
{
    const uint32_t index = hunch_flow_value(f, op_at(f, address)->b);
    if (f->node.items[index].known != HUNCH_KNOWN_VALUE)
        return array;
    const uint32_t name = cell_name(f, f->node.items[index].value);
    if (name == HUNCH_NONE)
        return array;
    uint32_t cells = 0;
    for (uint32_t c = f->place.items[array].child; c != HUNCH_NONE; c = f->place.items[c].next) {
        if (f->place.items[c].b == name)
            return c;
        cells++;
    }
    if (cells >= CELLS_MOST || f->place.items[array].fields >= HUNCH_FLOW_FIELDS_MOST)
        return array;
    const uint32_t cell = hunch_place_field(f, array, name);
    hunch_place_mark(f, cell, HUNCH_PLACE_IS_CELL);
    return cell;
}
