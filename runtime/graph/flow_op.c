/* flow_op.c: what one operation does to values and places. Meanings of edges: docs/GRAPH.md. */
#include <stdio.h>
#include <string.h>

#include "graph/flow.h"

uint32_t hunch_flow_new_value(struct hunch_flow *f, uint32_t op)
{
    const uint32_t at = op - f->first_op;
    if (at >= f->op_count)
        return hunch_node_get(f, HUNCH_NODE_OP, op, 0, 0);
    f->op_node[at] = hunch_node_get(f, HUNCH_NODE_OP, op, 0, 0);
    return f->op_node[at];
}

static const struct hunch_op *op_at(const struct hunch_flow *f, uint32_t op)
{
    return &f->graph->op.items[op];
}

static bool is_direct(const struct hunch_flow *f, uint32_t address)
{
    uint8_t kind = op_at(f, address)->kind;
    while (kind == HUNCH_OP_FIELD || kind == HUNCH_OP_INDEX) {
        address = op_at(f, address)->a;
        kind = op_at(f, address)->kind;
    }
    return kind == HUNCH_OP_VAR || kind == HUNCH_OP_NAME;
}

/* A node that is only a sink, fed by the value of an operation. */
static void sink(struct hunch_flow *f, uint32_t op, uint32_t value, enum hunch_label_kind kind)
{
    if (f->collect && f->node.items[value].known != HUNCH_KNOWN_VALUE) {
        const uint32_t node = hunch_node_get(f, HUNCH_NODE_SINK, op, kind, 0);
        hunch_node_label(f, node, kind, 0, 0);
        hunch_node_edge(f, node, value, HUNCH_EDGE_ASSIGN, 0);
    }
}

/* `may_be_below`: where the number is negative, that is before the first element. */
static void index_sinks(struct hunch_flow *f, uint32_t op, uint32_t index, uint32_t value,
                        bool may_be_below)
{
    sink(f, op, value, HUNCH_LABEL_INDEX);
    if (may_be_below && (op_at(f, index)->flags & HUNCH_OP_IS_SIGNED))
        sink(f, op, value, HUNCH_LABEL_SIGNED_INDEX);
}

/* The name of field operation `op` for rules; of languages other than C, that have methods and
 * handlers by convention, with the name of what it is a field of: "req.query". */
static uint32_t field_name(struct hunch_flow *f, const struct hunch_op *op)
{
    const uint32_t field = hunch_unit_name(f->u, f->file, op->b);
    const struct hunch_op *base = op_at(f, op->a);
    uint32_t of = HUNCH_NONE;
    if (f->graph->language == HUNCH_LANGUAGE_C || base->kind != HUNCH_OP_LOAD)
        return field;
    base = op_at(f, base->a);
    if (base->kind == HUNCH_OP_VAR)
        of = f->graph->var.items[f->source->var + base->a].name;
    else if (base->kind == HUNCH_OP_NAME)
        of = base->a;
    else if (base->kind == HUNCH_OP_FIELD)
        of = base->b;
    if (of == HUNCH_NONE || of == 0)
        return field;
    char text[128];
    const char *name = hunch_graph_name(f->graph, of), *last = strrchr(name, '.');
    last = last != NULL ? last + 1 : name;
    snprintf(text, sizeof text, "%.*s.%s", (int)strcspn(last, "#"), last,
             hunch_unit_text(f->u, field));
    return hunch_unit_name_add(f->u, text);
}

/* What the place at `address` is called, for rules: a field or a global. */
static void label_place(struct hunch_flow *f, uint32_t node, uint32_t address, bool stored)
{
    if (!f->collect)
        return;
    while (op_at(f, address)->kind == HUNCH_OP_INDEX)
        address = op_at(f, address)->a;
    const struct hunch_op *op = op_at(f, address);
    if (op->kind == HUNCH_OP_FIELD)
        hunch_node_label(f, node, stored ? HUNCH_LABEL_FIELD_IN : HUNCH_LABEL_FIELD,
                         field_name(f, op), 0);
    else if (op->kind == HUNCH_OP_NAME)
        hunch_node_label(f, node, stored ? HUNCH_LABEL_GLOBAL_IN : HUNCH_LABEL_GLOBAL,
                         hunch_unit_name(f->u, f->file, op->a), 0);
}

static bool is_union(const struct hunch_flow *f, uint32_t place)
{
    const struct hunch_place *p = &f->place.items[place];
    return p->kind == HUNCH_PLACE_FIELD && p->b < HUNCH_FIELD_REST &&
           hunch_unit_text(f->u, p->b)[0] == '\0';
}

/* What the type of a value says of the place that it is in. */
static void mark_type(struct hunch_flow *f, uint32_t place, const struct hunch_op *value)
{
    if (is_union(f, place))
        return;
    if (value->flags & HUNCH_OP_IS_NUMBER)
        hunch_place_mark(f, place, HUNCH_PLACE_IS_NUMBER);
    else if (value->flags & HUNCH_OP_IS_POINTER)
        hunch_place_mark(f, place, HUNCH_PLACE_IS_POINTER);
}

/* A field of a struct, and none of an array of them: there may be several such structs, but who
 * asks for it twice means the same one, as a rule. */
static bool is_field(const struct hunch_flow *f, uint32_t address, uint32_t place)
{
    while (op_at(f, address)->kind == HUNCH_OP_FIELD)
        address = op_at(f, address)->a;
    return f->place.items[place].kind == HUNCH_PLACE_FIELD &&
           !(f->place.items[place].flags & HUNCH_PLACE_IS_MANY) &&
           op_at(f, address)->kind != HUNCH_OP_INDEX;
}

/* The place of an element where `place` is its array and elements are told apart; *any: it may be
 * each of them. */
static uint32_t element(struct hunch_flow *f, uint32_t address, uint32_t place, bool *any)
{
    *any = hunch_flow_has_keys(f) && op_at(f, address)->kind == HUNCH_OP_INDEX;
    if (!hunch_flow_has_cells(f, address))
        return place;
    const uint32_t cell = hunch_flow_cell(f, address, place);
    *any = cell == place;
    return cell;
}

static void do_load(struct hunch_flow *f, uint32_t number, const struct hunch_op *op, uint32_t n)
{
    const uint32_t address = hunch_flow_value(f, op->a);
    const uint32_t *to = f->node.items[address].to, count = f->node.items[address].to_count;
    uint32_t same = HUNCH_NONE;
    bool unknown = count == 0 || (f->node.items[address].flags & HUNCH_NODE_IS_SHORT);
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t kind = f->place.items[to[i]].kind;
        bool any;
        if (kind == HUNCH_PLACE_FUNCTION) {
            hunch_node_point(f, n, to[i]);
            unknown = true;
            continue;
        }
        if (kind == HUNCH_PLACE_TEXT) {
            unknown = true;
            continue;
        }
        const uint32_t place = element(f, op->a, f->node.items[address].to[i], &any);
        if (any) {
            hunch_flow_read_whole(f, n, place, HUNCH_EDGE_LOAD, true);
        } else {
            mark_type(f, place, op);
            const uint32_t node = hunch_flow_read(f, place);
            hunch_node_copy(f, n, node, HUNCH_EDGE_LOAD);
            if (count == 1 && (!hunch_place_is_many(f, place) || is_field(f, op->a, place)))
                same = node;
        }
    }
    if (unknown)
        hunch_node_know(f, n, HUNCH_KNOWN_ANY, 0);
    hunch_node_same(f, n, same);
    label_place(f, n, op->a, false);
    if (!is_direct(f, op->a)) { /* of a tainted address all that is there is */
        /* Where objects are all there is, that is what they held at first: a field that was
         * written, or tested, is what it is then. */
        const uint8_t held = same != HUNCH_NONE && f->graph->language != HUNCH_LANGUAGE_C
                                 ? f->node.items[same].kind
                                 : HUNCH_NODE_DUMMY;
        if (held == HUNCH_NODE_ENTRY || held == HUNCH_NODE_PART)
            hunch_node_edge(f, same, address, HUNCH_EDGE_CONTENT, 0);
        else if (held != HUNCH_NODE_STORE && held != HUNCH_NODE_GUARD)
            hunch_node_edge(f, n, address, HUNCH_EDGE_CONTENT, 0);
        sink(f, number, address, HUNCH_LABEL_ADDRESS);
        hunch_flow_look(f, number, op->a, HUNCH_NE);
    }
}

/* The places whose value, of an aggregate, operation `op` is: *place or an address' all. */
static uint32_t aggregate(struct hunch_flow *f, uint32_t op, uint32_t *place, const uint32_t **to)
{
    while (op_at(f, op)->kind == HUNCH_OP_CAST || op_at(f, op)->kind == HUNCH_OP_STORE)
        op = op_at(f, op)->kind == HUNCH_OP_CAST ? op_at(f, op)->a : op_at(f, op)->b;
    *to = place;
    if (op_at(f, op)->kind == HUNCH_OP_CALL) {
        *place = hunch_place_get(f, HUNCH_PLACE_GIVEN, op, 0);
        return 1;
    }
    if (op_at(f, op)->kind == HUNCH_OP_LOAD && (op_at(f, op)->flags & HUNCH_OP_IS_AGGREGATE)) {
        const uint32_t address = hunch_flow_value(f, op_at(f, op)->a);
        *to = f->node.items[address].to;
        return f->node.items[address].to_count;
    }
    return 0;
}

static void store_fields(struct hunch_flow *f, uint32_t number, uint32_t value, uint32_t place,
                         bool weak)
{
    uint32_t one;
    const uint32_t *from, count = aggregate(f, value, &one, &from);
    for (uint32_t i = 0; i < count; i++) {
        hunch_place_rest(f, from[i]);
        hunch_flow_copy_fields(f, place, from[i], number, weak || count > 1);
    }
}

static void do_store(struct hunch_flow *f, uint32_t number, const struct hunch_op *op, uint32_t n)
{
    const uint32_t address = hunch_flow_value(f, op->a), value = hunch_flow_value(f, op->b);
    const uint32_t *to = f->node.items[address].to, count = f->node.items[address].to_count;
    const bool offset = (f->node.items[address].flags & HUNCH_NODE_IS_OFFSET) != 0,
               is_short = (f->node.items[address].flags & HUNCH_NODE_IS_SHORT) != 0,
               direct = is_direct(f, op->a);
    const enum hunch_edge_kind kind = direct ? HUNCH_EDGE_ASSIGN : HUNCH_EDGE_STORE;
    hunch_node_copy(f, n, value, HUNCH_EDGE_ASSIGN);
    hunch_node_same(f, n, value);
    if (!direct)
        sink(f, number, address, HUNCH_LABEL_ADDRESS);
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t kind_of = f->place.items[to[i]].kind;
        bool any;
        if (kind_of == HUNCH_PLACE_TEXT || kind_of == HUNCH_PLACE_FUNCTION)
            continue;
        const uint32_t place = element(f, op->a, to[i], &any);
        const bool is_cell = (f->place.items[place].flags & HUNCH_PLACE_IS_CELL) != 0,
                   weak = count > 1 || is_short || hunch_place_is_many(f, place) ||
                          (offset && !direct && !is_cell) ||
                          (any && hunch_flow_has_cells(f, op->a));
        const uint32_t node = hunch_node_get(f, HUNCH_NODE_STORE, number, place, 0);
        hunch_node_copy(f, node, value, kind);
        if (weak)
            hunch_node_copy(f, node, hunch_flow_read(f, place), HUNCH_EDGE_PHI);
        hunch_node_same(f, node, weak ? HUNCH_NONE : value);
        uint32_t stored = node;
        if (weak && f->collect) { /* what was there is not put there */
            stored = hunch_node_get(f, HUNCH_NODE_SINK, number, HUNCH_LABEL_FIELD_IN, 0);
            hunch_node_edge(f, stored, value, HUNCH_EDGE_ASSIGN, 0);
        }
        label_place(f, stored, op->a, true);
        if (op->flags & HUNCH_OP_IS_AGGREGATE) {
            store_fields(f, number, op->b, place, weak);
            hunch_node_flag(f, node, HUNCH_NODE_IS_WHOLE);
        }
        if (any)
            hunch_flow_write_whole(f, place, node, number, true);
        else
            hunch_flow_write(f, place, node);
        hunch_flow_keep_pointers(f, place, value);
    }
    if (!direct)
        hunch_flow_look(f, number, op->a, HUNCH_NE);
}

/* Certainly an address, not a number. */
static bool is_pointer(const struct hunch_flow *f, uint32_t op, uint32_t node)
{
    const struct hunch_flow_node *n = &f->node.items[node];
    if (op_at(f, op)->flags & (HUNCH_OP_IS_POINTER | HUNCH_OP_IS_NUMBER))
        return (op_at(f, op)->flags & HUNCH_OP_IS_POINTER) != 0;
    for (uint32_t i = 0; i < n->to_count; i++) {
        const struct hunch_place *root = &f->place.items[f->place.items[n->to[i]].root];
        if (root->kind == HUNCH_PLACE_LOCAL || root->kind == HUNCH_PLACE_GLOBAL ||
            root->kind == HUNCH_PLACE_TEXT || (root->flags & HUNCH_PLACE_IS_ALLOCATED))
            return true;
    }
    return false;
}

static void point_inside(struct hunch_flow *f, uint32_t n, uint32_t from, bool mark)
{
    hunch_node_flag(f, n, f->node.items[from].flags & HUNCH_NODE_IS_SHORT);
    for (uint32_t i = 0; i < f->node.items[from].to_count; i++) {
        const uint32_t to = f->node.items[from].to[i];
        const uint8_t kind = f->place.items[to].kind;
        hunch_node_point(f, n, to);
        if (mark && kind != HUNCH_PLACE_LOCAL && kind != HUNCH_PLACE_FUNCTION)
            hunch_place_mark(f, to, HUNCH_PLACE_IS_MANY);
    }
}

static void know_folded(struct hunch_flow *f, uint32_t n, enum hunch_operator operator, int64_t a,
                        int64_t b)
{
    int64_t value = 0;
    const bool known = f->graph->language == HUNCH_LANGUAGE_JAVA
                           ? hunch_flow_fold_int(operator, a, b, &value)
                           : hunch_flow_fold(operator, a, b, &value);
    hunch_node_know(f, n, known ? HUNCH_KNOWN_VALUE : HUNCH_KNOWN_ANY, value);
}

static void operand_sink(struct hunch_flow *f, uint32_t op, uint32_t value, enum hunch_operator how)
{
    const uint32_t name = f->u->operand[how == HUNCH_ADD ? 0 : how == HUNCH_SUB ? 1 : 2];
    if (!f->collect || f->node.items[value].known == HUNCH_KNOWN_VALUE)
        return;
    const uint32_t node = hunch_node_get(f, HUNCH_NODE_SINK, op, HUNCH_LABEL_OPERAND, 0);
    hunch_node_label(f, node, HUNCH_LABEL_OPERAND, name, 0);
    hunch_node_edge(f, node, value, HUNCH_EDGE_ASSIGN, 0);
}

/* By its type, or by what it is converted to. */
static bool is_integer(const struct hunch_flow *f, uint32_t op)
{
    return (op_at(f, op)->flags &
            (HUNCH_OP_IS_NUMBER | HUNCH_OP_IS_SIGNED | HUNCH_OP_IS_UNSIGNED)) != 0;
}

/* Does `x & with` bound x? Not where it only takes a few bits away: ~7, or the sign. */
static bool masks(const struct hunch_flow *f, uint8_t operator, uint32_t with)
{
    const struct hunch_flow_node *n = &f->node.items[with];
    return operator==
        HUNCH_AND &&(n->known != HUNCH_KNOWN_VALUE || (n->value >= 0 && n->value < INT32_MAX));
}

static void do_binary(struct hunch_flow *f, const struct hunch_op *op, uint32_t n, uint32_t number)
{
    const uint32_t a = hunch_flow_value(f, op->a), b = hunch_flow_value(f, op->b);
    const struct hunch_flow_node *l = &f->node.items[a], *r = &f->node.items[b];
    const bool adds = op->sub == HUNCH_ADD || op->sub == HUNCH_SUB,
               a_points = adds && is_pointer(f, op->a, a),
               b_points = adds && is_pointer(f, op->b, b);
    if (l->known == HUNCH_KNOWN_ANY || r->known == HUNCH_KNOWN_ANY)
        hunch_node_know(f, n, HUNCH_KNOWN_ANY, 0);
    else if (l->known == HUNCH_KNOWN_VALUE && r->known == HUNCH_KNOWN_VALUE)
        know_folded(f, n, (enum hunch_operator)op->sub, l->value, r->value);
    if ((op->sub == HUNCH_DIV || op->sub == HUNCH_MOD) && !(op->flags & HUNCH_OP_IS_FLOAT))
        sink(f, number, b, HUNCH_LABEL_DIVISOR);
    if (op->sub == HUNCH_EQ || op->sub == HUNCH_NE)
        hunch_flow_compared(f, number);
    if (op->sub >= HUNCH_EQ && op->sub <= HUNCH_NOT)
        return;
    if (a_points && b_points) /* how far they are apart is no more than there is memory */
        return;
    if (a_points)
        index_sinks(f, number, op->b, b, op->sub == HUNCH_ADD);
    else if (!b_points && (adds || op->sub == HUNCH_MUL) && (op->flags & HUNCH_OP_IS_NUMBER) &&
             !(op->flags & HUNCH_OP_IS_FLOAT)) {
        if (is_integer(f, op->a))
            operand_sink(f, number, a, (enum hunch_operator)op->sub);
        if (is_integer(f, op->b))
            operand_sink(f, number, b, (enum hunch_operator)op->sub);
    }
    if (adds) {
        hunch_node_flag(f, n, HUNCH_NODE_IS_OFFSET);
        if (!b_points)
            point_inside(f, n, a, true);
        if (!a_points)
            point_inside(f, n, b, b_points);
    }
    if (op->sub == HUNCH_CONCAT &&
        f->graph->language == HUNCH_LANGUAGE_PYTHON) { /* of lists: what is in either */
        hunch_node_flag(f, n, HUNCH_NODE_IS_OFFSET);
        point_inside(f, n, a, false);
        point_inside(f, n, b, false);
    }
    const bool is_masked =
        op->sub == HUNCH_MOD || (op->flags & HUNCH_OP_IS_SMALL) || masks(f, op->sub, b);
    if (!b_points)
        hunch_node_edge(f, n, a, is_masked ? HUNCH_EDGE_MASKED : HUNCH_EDGE_ARITHMETIC, 0);
    if (!a_points)
        hunch_node_edge(f, n, b, masks(f, op->sub, a) ? HUNCH_EDGE_MASKED : HUNCH_EDGE_ARITHMETIC,
                        0);
}

static void do_index(struct hunch_flow *f, const struct hunch_op *op, uint32_t n, uint32_t number)
{
    const uint32_t a = hunch_flow_value(f, op->a);
    const uint8_t base = op_at(f, op->a)->kind;
    const bool array = base == HUNCH_OP_FIELD || base == HUNCH_OP_NAME || base == HUNCH_OP_VAR;
    bool first = false;
    hunch_node_know(f, n, HUNCH_KNOWN_ANY, 0);
    if (op->b != HUNCH_NONE) {
        const uint32_t index = hunch_flow_value(f, op->b);
        first = f->node.items[index].known == HUNCH_KNOWN_VALUE && f->node.items[index].value == 0;
        index_sinks(f, number, op->b, index, true);
    }
    point_inside(f, n, a, !hunch_flow_has_keys(f) && (array || !first));
    if (!first || (f->node.items[a].flags & HUNCH_NODE_IS_OFFSET))
        hunch_node_flag(f, n, HUNCH_NODE_IS_OFFSET);
    hunch_node_edge(f, n, a, HUNCH_EDGE_INDEX, 0);
}

/* The address of what a name means. */
static void point_name(struct hunch_flow *f, uint32_t n, const struct hunch_op *op)
{
    if (hunch_unit_is_call(f->u, f->file, hunch_unit_name(f->u, f->file, op->a))) {
        struct hunch_callees c = {.count = 0};
        bool is_known;
        hunch_unit_called(f->u, f->file, hunch_unit_name(f->u, f->file, op->a), &c, &is_known);
        for (uint32_t i = 0; i < c.count; i++)
            hunch_node_point(f, n, hunch_place_get(f, HUNCH_PLACE_FUNCTION, c.function[i], 0));
        return;
    }
    const uint32_t link = hunch_unit_link_of(f->u, f->file, op->a);
    uint32_t method[HUNCH_METHODS_MOST];
    const uint32_t methods =
        hunch_unit_methods(f->u, hunch_unit_name(f->u, f->file, op->a), 0, method);
    for (uint32_t i = 0; i < methods; i++)
        hunch_node_point(f, n, hunch_place_get(f, HUNCH_PLACE_FUNCTION, method[i], 0));
    const uint32_t place =
        link & HUNCH_LINK_FUNCTION
            ? hunch_place_get(f, HUNCH_PLACE_FUNCTION, link & ~HUNCH_LINK_FUNCTION, 0)
            : hunch_place_get(f, HUNCH_PLACE_GLOBAL, link, 0);
    hunch_node_point(f, n, place);
    if ((op->flags & HUNCH_OP_IS_DECAY) && !(link & HUNCH_LINK_FUNCTION))
        hunch_place_mark(f, place, HUNCH_PLACE_IS_MANY);
}

static void do_return(struct hunch_flow *f, uint32_t number, const struct hunch_op *op)
{
    if (op->a == HUNCH_NONE)
        return;
    const uint32_t place = hunch_place_get(f, HUNCH_PLACE_RESULT, 0, 0),
                   node = hunch_node_get(f, HUNCH_NODE_STORE, number, place, 0),
                   value = hunch_flow_value(f, op->a);
    hunch_node_copy(f, node, value, HUNCH_EDGE_ASSIGN);
    hunch_node_same(f, node, value);
    store_fields(f, number, op->a, place, false);
    hunch_flow_write(f, place, node);
}

bool hunch_flow_do(struct hunch_flow *f, uint32_t number)
{
    const struct hunch_op *op = op_at(f, number);
    const uint32_t n = hunch_flow_value(f, number);
    if (op->flags & HUNCH_OP_IS_NUMBER)
        hunch_node_flag(f, n, HUNCH_NODE_IS_NUMBER);
    switch (op->kind) {
    case HUNCH_OP_CONST: hunch_node_know(f, n, HUNCH_KNOWN_VALUE, hunch_op_value(op)); break;
    case HUNCH_OP_NULL: hunch_node_know(f, n, HUNCH_KNOWN_VALUE, 0); break;
    case HUNCH_OP_STRING:
        hunch_node_know(f, n, HUNCH_KNOWN_ANY, 0);
        hunch_node_point(f, n, hunch_place_get(f, HUNCH_PLACE_TEXT, 0, 0));
        break;
    case HUNCH_OP_VAR: {
        const struct hunch_var *v = &f->graph->var.items[f->source->var + op->a];
        const uint32_t var = op->a;
        hunch_node_know(f, n, HUNCH_KNOWN_ANY, 0);
        hunch_node_point(f, n,
                         v->flags & HUNCH_VAR_IS_STATIC
                             ? hunch_place_get(f, HUNCH_PLACE_GLOBAL,
                                               hunch_unit_static(f->u, f->function, var), 0)
                             : hunch_place_get(f, HUNCH_PLACE_LOCAL, var, 0));
        break;
    }
    case HUNCH_OP_NAME:
        hunch_node_know(f, n, HUNCH_KNOWN_ANY, 0);
        point_name(f, n, op);
        break;
    case HUNCH_OP_FIELD: {
        const uint32_t a = hunch_flow_value(f, op->a), name = hunch_unit_name(f->u, f->file, op->b);
        hunch_node_know(f, n, HUNCH_KNOWN_ANY, 0);
        hunch_node_flag(f, n, f->node.items[a].flags & HUNCH_NODE_IS_SHORT);
        for (uint32_t i = 0; i < f->node.items[a].to_count; i++) {
            const uint32_t place = hunch_place_field(f, f->node.items[a].to[i], name);
            hunch_node_point(f, n, place);
            if (op->flags & HUNCH_OP_IS_DECAY)
                hunch_place_mark(f, place, HUNCH_PLACE_IS_MANY);
        }
        hunch_node_edge(f, n, a, HUNCH_EDGE_FIELD, 0);
        break;
    }
    case HUNCH_OP_INDEX: do_index(f, op, n, number); break;
    case HUNCH_OP_LOAD: do_load(f, number, op, n); break;
    case HUNCH_OP_STORE:
        if (op->flags & HUNCH_OP_IS_NARROWED)
            sink(f, number, hunch_flow_value(f, op->b), HUNCH_LABEL_NARROWED);
        if ((op->flags & HUNCH_OP_IS_INITIAL) && op_at(f, op->a)->kind == HUNCH_OP_VAR &&
            (f->graph->var.items[f->source->var + op_at(f, op->a)->a].flags & HUNCH_VAR_IS_STATIC))
            hunch_node_copy(f, n, hunch_flow_value(f, op->b), HUNCH_EDGE_ASSIGN);
        else
            do_store(f, number, op, n);
        break;
    case HUNCH_OP_UNARY: {
        const uint32_t of = hunch_flow_value(f, op->a); /* it may be a new node */
        const struct hunch_flow_node *a = &f->node.items[of];
        if (a->known == HUNCH_KNOWN_ANY)
            hunch_node_know(f, n, HUNCH_KNOWN_ANY, 0);
        else if (a->known == HUNCH_KNOWN_VALUE)
            know_folded(f, n, (enum hunch_operator)op->sub, a->value, 0);
        if (op->sub == HUNCH_NOT)
            hunch_flow_compared(f, number);
        else
            hunch_node_edge(f, n, hunch_flow_value(f, op->a), HUNCH_EDGE_ARITHMETIC, 0);
        break;
    }
    case HUNCH_OP_BINARY: do_binary(f, op, n, number); break;
    case HUNCH_OP_CAST: {
        const uint32_t a = hunch_flow_value(f, op->a);
        hunch_node_copy(f, n, a, HUNCH_EDGE_ASSIGN);
        hunch_node_same(f, n, a);
        if (op->flags & HUNCH_OP_IS_NARROWED)
            sink(f, number, a, HUNCH_LABEL_NARROWED);
        break;
    }
    case HUNCH_OP_CALL: return hunch_flow_call(f, number);
    case HUNCH_OP_RETURN: do_return(f, number, op); break;
    case HUNCH_OP_CONDITION: break;
    default: hunch_node_know(f, n, HUNCH_KNOWN_ANY, 0); break;
    }
    return true;
}
