/* flow.c: one function, gone through block by block: what each place holds, which blocks can run,
 * what each operation is. Meanings of edges: docs/GRAPH.md. */
#include "graph/flow.h"

#include <string.h>

/* ---- rows ---- */

static bool row_room(struct hunch_flow *f, struct hunch_row *row, uint32_t count)
{
    if (row->room < count) {
        uint32_t room = row->room > 0 ? row->room : 16;
        while (room < count)
            room *= 2;
        uint32_t *node = hunch_realloc_array(f->u->a, row->node, row->room, room, sizeof *node);
        if (node == NULL) {
            f->u->failed = true;
            return false;
        }
        row->node = node;
        row->room = room;
    }
    for (; row->count < count; row->count++)
        row->node[row->count] = HUNCH_NONE;
    return true;
}

static void row_free(const struct hunch_flow *f, struct hunch_row *row)
{
    hunch_free_array(f->u->a, row->node, row->room, sizeof *row->node);
}

static uint32_t own(const struct hunch_row *row, uint32_t place)
{
    return place < row->count ? row->node[place] : HUNCH_NONE;
}

/* to becomes `from`; what is new there is a change. */
static void row_keep(struct hunch_flow *f, struct hunch_row *to, const struct hunch_row *from)
{
    if (!row_room(f, to, from->count))
        return;
    for (uint32_t p = 0; p < to->count; p++)
        if (to->node[p] != own(from, p)) {
            to->node[p] = own(from, p);
            f->changed = true;
        }
}

/* What is in a place by a row: the node of the nearest whole that has one, and which that is. */
static uint32_t nearest(const struct hunch_flow *f, const struct hunch_row *row, uint32_t place,
                        uint32_t *whole)
{
    for (;;) {
        const uint32_t node = own(row, place);
        *whole = place;
        if (node != HUNCH_NONE || f->place.items[place].kind != HUNCH_PLACE_FIELD)
            return node;
        place = f->place.items[place].a;
    }
}

static uint32_t read_row(struct hunch_flow *f, const struct hunch_row *row, uint32_t place)
{
    uint32_t whole;
    const uint32_t node = nearest(f, row, place, &whole);
    if (node == HUNCH_NONE)
        return hunch_node_entry(f, place);
    if (whole == place)
        return node;
    const uint32_t part = hunch_node_get(f, HUNCH_NODE_PART, node, place, 0);
    f->node.items[part].op = f->node.items[node].op;
    hunch_node_copy(f, part, node, HUNCH_EDGE_FIELD);
    return part;
}

uint32_t hunch_flow_read(struct hunch_flow *f, uint32_t place)
{
    return read_row(f, &f->now, place);
}

void hunch_flow_write(struct hunch_flow *f, uint32_t place, uint32_t node)
{
    if (place != 0 && row_room(f, &f->now, (uint32_t)f->place.count))
        f->now.node[place] = node;
}

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

bool hunch_flow_is_known(const struct hunch_flow *f, uint32_t place)
{
    uint32_t whole;
    return nearest(f, &f->now, place, &whole) != HUNCH_NONE ||
           f->place.items[place].entry != HUNCH_NONE;
}

void hunch_flow_read_whole(struct hunch_flow *f, uint32_t to, uint32_t place,
                           enum hunch_edge_kind kind, bool pointers)
{
    const uint32_t node = hunch_flow_read(f, place);
    if (pointers)
        hunch_node_copy(f, to, node, kind);
    else
        hunch_node_edge(f, to, node, kind, 0);
    if (hunch_place_is_formal(f, place))
        hunch_place_mark(f, place, HUNCH_PLACE_IS_WHOLE);
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
        if (field == from || c == to)
            continue;
        const uint32_t node = hunch_node_get(f, HUNCH_NODE_STORE, op, field, 0);
        hunch_node_copy(f, node, hunch_flow_read(f, c), HUNCH_EDGE_ASSIGN);
        if (weak)
            hunch_node_copy(f, node, hunch_flow_read(f, field), HUNCH_EDGE_PHI);
        hunch_flow_copy_fields(f, field, c, op, weak);
        hunch_flow_write(f, field, node);
    }
}

/* ---- where ways meet ---- */

struct ways {
    const struct hunch_row **row;
    uint32_t count;
};

/* What is in `place` where ways meet, or HUNCH_NONE: on all as it was at entry, or as in the whole.
 */
static uint32_t meet(struct hunch_flow *f, const struct ways *ways, uint32_t place, uint32_t block)
{
    uint32_t first_whole = 0, first = 0, whole;
    bool differ = false, any_own = false;
    for (uint32_t w = 0; w < ways->count; w++) {
        const uint32_t node = nearest(f, ways->row[w], place, &whole);
        any_own |= own(ways->row[w], place) != HUNCH_NONE;
        if (w == 0) {
            first = node;
            first_whole = whole;
        } else if (node != first || (node != HUNCH_NONE && whole != first_whole)) {
            differ = true;
        }
    }
    if (!differ)
        return any_own ? first : HUNCH_NONE;
    const uint32_t phi = hunch_node_get(f, HUNCH_NODE_PHI, block, place, 0);
    uint32_t canon = HUNCH_NONE;
    for (uint32_t w = 0; w < ways->count; w++) {
        const uint32_t node = read_row(f, ways->row[w], place);
        hunch_node_copy(f, phi, node, HUNCH_EDGE_PHI);
        const uint32_t one = f->node.items[node].canon;
        canon = w == 0 || canon == one ? one : phi;
    }
    if (f->node.items[phi].canon != canon) {
        f->node.items[phi].canon = canon;
        f->changed = true;
    }
    return phi;
}

static const struct hunch_row at_entry; /* as it was */

/* The row at the head of a block; false: nothing gets there as yet. */
static bool begin_block(struct hunch_flow *f, uint32_t block)
{
    const struct hunch_block *b = &f->graph->block.items[block];
    const struct hunch_row *some[16], **row = some;
    struct ways ways = {row, 0};
    uint32_t room = 16;
    f->now.count = 0;
    if (block == f->source->block)
        row[ways.count++] = &at_entry;
    for (uint32_t i = 0; i < b->pred_count; i++) {
        const uint32_t p = f->graph->link.items[b->pred + i];
        const struct hunch_block *pred = &f->graph->block.items[p];
        bool again = false;
        for (uint32_t k = 0; k < i; k++)
            again |= f->graph->link.items[b->pred + k] == p;
        for (uint32_t s = pred->succ; !again && s < pred->succ + pred->succ_count; s++) {
            const struct hunch_row *edge = &f->edge_row[s - f->first_link];
            if (f->graph->link.items[s] != block || !f->live[s - f->first_link])
                continue;
            if (ways.count == room) {
                const struct hunch_row **more =
                    row == some ? hunch_alloc_array(f->u->a, room * 2, sizeof *row)
                                : hunch_realloc_array(f->u->a, row, room, room * 2, sizeof *row);
                if (more == NULL) {
                    f->u->failed = true;
                    break;
                }
                if (row == some)
                    memcpy(more, some, sizeof some);
                row = more;
                room *= 2;
            }
            row[ways.count++] = edge->count > 0 ? edge : &f->row[p - f->source->block];
        }
    }
    ways.row = row;
    if (ways.count > 0 && row_room(f, &f->now, (uint32_t)f->place.count)) {
        if (ways.count == 1)
            for (uint32_t place = 0; place < row[0]->count; place++)
                f->now.node[place] = row[0]->node[place];
        else
            for (uint32_t place = 1; place < f->place.count; place++) {
                const uint32_t node = meet(f, &ways, place, block);
                if (row_room(f, &f->now, (uint32_t)f->place.count))
                    f->now.node[place] = node;
            }
    }
    if (row != some)
        hunch_free_array(f->u->a, row, room, sizeof *row);
    return ways.count > 0;
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
    struct ways ways = {hunch_alloc_array(f->u->a, source->block_count, sizeof *ways.row), 0};
    if (ways.row == NULL) {
        f->u->failed = true;
        return;
    }
    for (uint32_t b = source->block; b < source->block + source->block_count; b++) {
        const struct hunch_block *block = &f->graph->block.items[b];
        if (block->end == HUNCH_END_EXIT && block->returns && f->reached[b - source->block])
            ways.row[ways.count++] = &f->row[b - source->block];
    }
    if (ways.count > 0 && !f->returns) {
        f->returns = true;
        f->changed = true;
    }
    for (uint32_t p = 1; ways.count > 0 && p < f->place.count; p++) {
        const uint8_t kind = f->place.items[f->place.items[p].root].kind;
        if (kind != HUNCH_PLACE_RESULT && kind != HUNCH_PLACE_GLOBAL && kind != HUNCH_PLACE_AT &&
            kind != HUNCH_PLACE_HEAP)
            continue;
        uint32_t node = meet(f, &ways, p, source->block + source->block_count);
        if (node != HUNCH_NONE && node == f->place.items[p].entry)
            node = HUNCH_NONE;
        if (f->place.items[p].exit != node) {
            f->place.items[p].exit = node;
            f->changed = true;
        }
    }
    hunch_free_array(f->u->a, ways.row, source->block_count, sizeof *ways.row);
    mark_out(f);
}

/* ---- operations ---- */

uint32_t hunch_flow_value(struct hunch_flow *f, uint32_t op)
{
    return hunch_node_get(f, HUNCH_NODE_OP, op, 0, 0);
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

/* What the place at `address` is called, for rules: a field or a global. */
static void label_place(struct hunch_flow *f, uint32_t node, uint32_t address, bool stored)
{
    while (op_at(f, address)->kind == HUNCH_OP_INDEX)
        address = op_at(f, address)->a;
    const struct hunch_op *op = op_at(f, address);
    if (op->kind == HUNCH_OP_FIELD)
        hunch_node_label(f, node, stored ? HUNCH_LABEL_FIELD_IN : HUNCH_LABEL_FIELD,
                         hunch_unit_name(f->u, f->file, op->b), 0);
    else if (op->kind == HUNCH_OP_NAME)
        hunch_node_label(f, node, stored ? HUNCH_LABEL_GLOBAL_IN : HUNCH_LABEL_GLOBAL,
                         hunch_unit_name(f->u, f->file, op->a), 0);
}

static void do_load(struct hunch_flow *f, uint32_t number, const struct hunch_op *op, uint32_t n)
{
    const uint32_t address = hunch_flow_value(f, op->a);
    const uint32_t *to = f->node.items[address].to, count = f->node.items[address].to_count;
    uint32_t same = HUNCH_NONE;
    bool unknown = count == 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t kind = f->place.items[to[i]].kind;
        if (kind == HUNCH_PLACE_FUNCTION) {
            hunch_node_point(f, n, to[i]);
            unknown = true;
        } else if (kind == HUNCH_PLACE_TEXT) {
            unknown = true;
        } else {
            const uint32_t node = hunch_flow_read(f, to[i]);
            hunch_node_copy(f, n, node, HUNCH_EDGE_LOAD);
            if (count == 1 && !hunch_place_is_many(f, to[i]))
                same = node;
        }
    }
    if (unknown)
        hunch_node_know(f, n, HUNCH_KNOWN_ANY, 0);
    hunch_node_same(f, n, same);
    label_place(f, n, op->a, false);
    if (!is_direct(f, op->a)) { /* of a tainted address all that is there is */
        hunch_node_edge(f, n, address, HUNCH_EDGE_LOAD, 0);
        sink(f, number, address, HUNCH_LABEL_ADDRESS);
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
    for (uint32_t i = 0; i < count; i++)
        hunch_flow_copy_fields(f, place, from[i], number, weak || count > 1);
}

static void do_store(struct hunch_flow *f, uint32_t number, const struct hunch_op *op, uint32_t n)
{
    const uint32_t address = hunch_flow_value(f, op->a), value = hunch_flow_value(f, op->b);
    const uint32_t *to = f->node.items[address].to, count = f->node.items[address].to_count;
    const bool offset = (f->node.items[address].flags & HUNCH_NODE_IS_OFFSET) != 0,
               direct = is_direct(f, op->a);
    const enum hunch_edge_kind kind = direct ? HUNCH_EDGE_ASSIGN : HUNCH_EDGE_STORE;
    hunch_node_copy(f, n, value, HUNCH_EDGE_ASSIGN);
    hunch_node_same(f, n, value);
    if (!direct)
        sink(f, number, address, HUNCH_LABEL_ADDRESS);
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t place = to[i];
        const uint8_t kind_of = f->place.items[place].kind;
        if (kind_of == HUNCH_PLACE_TEXT || kind_of == HUNCH_PLACE_FUNCTION)
            continue;
        const bool weak = count > 1 || hunch_place_is_many(f, place) || (offset && !direct);
        const uint32_t node = hunch_node_get(f, HUNCH_NODE_STORE, number, place, 0);
        hunch_node_copy(f, node, value, kind);
        if (weak)
            hunch_node_copy(f, node, hunch_flow_read(f, place), HUNCH_EDGE_PHI);
        hunch_node_same(f, node, weak ? HUNCH_NONE : value);
        label_place(f, node, op->a, true);
        if (op->flags & HUNCH_OP_IS_AGGREGATE) {
            store_fields(f, number, op->b, place, weak);
            hunch_node_flag(f, node, HUNCH_NODE_IS_WHOLE);
        }
        hunch_flow_write(f, place, node);
        hunch_flow_keep_pointers(f, place, value);
    }
}

/* Certainly an address, not a number. */
static bool is_pointer(const struct hunch_flow *f, uint32_t node)
{
    const struct hunch_flow_node *n = &f->node.items[node];
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
    const bool known = hunch_fold(operator, a, b, &value);
    hunch_node_know(f, n, known ? HUNCH_KNOWN_VALUE : HUNCH_KNOWN_ANY, value);
}

static void do_binary(struct hunch_flow *f, const struct hunch_op *op, uint32_t n, uint32_t number)
{
    const uint32_t a = hunch_flow_value(f, op->a), b = hunch_flow_value(f, op->b);
    const struct hunch_flow_node *l = &f->node.items[a], *r = &f->node.items[b];
    const bool adds = op->sub == HUNCH_ADD || op->sub == HUNCH_SUB,
               a_points = adds && is_pointer(f, a), b_points = adds && is_pointer(f, b);
    if (l->known == HUNCH_KNOWN_ANY || r->known == HUNCH_KNOWN_ANY)
        hunch_node_know(f, n, HUNCH_KNOWN_ANY, 0);
    else if (l->known == HUNCH_KNOWN_VALUE && r->known == HUNCH_KNOWN_VALUE)
        know_folded(f, n, (enum hunch_operator)op->sub, l->value, r->value);
    if (op->sub == HUNCH_DIV || op->sub == HUNCH_MOD)
        sink(f, number, b, HUNCH_LABEL_DIVISOR);
    if (op->sub >= HUNCH_EQ && op->sub <= HUNCH_NOT)
        return;
    if (a_points)
        sink(f, number, b, HUNCH_LABEL_INDEX);
    if (adds) {
        hunch_node_flag(f, n, HUNCH_NODE_IS_OFFSET);
        if (!b_points || a_points)
            point_inside(f, n, a, true);
        if (!a_points)
            point_inside(f, n, b, b_points);
    }
    if (!b_points || a_points)
        hunch_node_edge(f, n, a, HUNCH_EDGE_ARITHMETIC, 0);
    if (!a_points || b_points)
        hunch_node_edge(f, n, b, HUNCH_EDGE_ARITHMETIC, 0);
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
        sink(f, number, index, HUNCH_LABEL_INDEX);
    }
    point_inside(f, n, a, array || !first);
    if (!first || (f->node.items[a].flags & HUNCH_NODE_IS_OFFSET))
        hunch_node_flag(f, n, HUNCH_NODE_IS_OFFSET);
    hunch_node_edge(f, n, a, HUNCH_EDGE_INDEX, 0);
}

/* The address of what a name means. */
static void point_name(struct hunch_flow *f, uint32_t n, const struct hunch_op *op)
{
    const uint32_t link = hunch_unit_link_of(f->u, f->file, op->a);
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

/* false: what follows in the block is not reached as yet. */
static bool do_op(struct hunch_flow *f, uint32_t number)
{
    const struct hunch_op *op = op_at(f, number);
    const uint32_t n = hunch_flow_value(f, number);
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
        if ((op->flags & HUNCH_OP_IS_INITIAL) && op_at(f, op->a)->kind == HUNCH_OP_VAR &&
            (f->graph->var.items[f->source->var + op_at(f, op->a)->a].flags & HUNCH_VAR_IS_STATIC))
            hunch_node_copy(f, n, hunch_flow_value(f, op->b), HUNCH_EDGE_ASSIGN);
        else
            do_store(f, number, op, n);
        break;
    case HUNCH_OP_UNARY: {
        const struct hunch_flow_node *a = &f->node.items[hunch_flow_value(f, op->a)];
        if (a->known == HUNCH_KNOWN_ANY)
            hunch_node_know(f, n, HUNCH_KNOWN_ANY, 0);
        else if (a->known == HUNCH_KNOWN_VALUE)
            know_folded(f, n, (enum hunch_operator)op->sub, a->value, 0);
        if (op->sub != HUNCH_NOT)
            hunch_node_edge(f, n, hunch_flow_value(f, op->a), HUNCH_EDGE_ARITHMETIC, 0);
        break;
    }
    case HUNCH_OP_BINARY: do_binary(f, op, n, number); break;
    case HUNCH_OP_CAST: {
        const uint32_t a = hunch_flow_value(f, op->a);
        hunch_node_copy(f, n, a, HUNCH_EDGE_ASSIGN);
        hunch_node_same(f, n, a);
        break;
    }
    case HUNCH_OP_CALL: return hunch_flow_call(f, number);
    case HUNCH_OP_RETURN: do_return(f, number, op); break;
    case HUNCH_OP_CONDITION: break;
    default: hunch_node_know(f, n, HUNCH_KNOWN_ANY, 0); break;
    }
    return true;
}

/* ---- blocks ---- */

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
        test = &f->node.items[hunch_flow_value(f, b->condition)];
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
        if (!do_op(f, op) || f->u->failed)
            return;
    if (!f->reached[number]) {
        f->reached[number] = 1;
        f->changed = true;
    }
    row_keep(f, &f->row[number], &f->now);
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
    f->edge_row = hunch_alloc_zero(u->a, f->link_count * sizeof *f->edge_row);
    f->live = hunch_alloc_zero(u->a, f->link_count);
    f->in_loop = hunch_alloc_zero(u->a, source->block_count);
    f->reached = hunch_alloc_zero(u->a, source->block_count);
    if (f->row == NULL || f->edge_row == NULL || f->live == NULL || f->in_loop == NULL ||
        f->reached == NULL) {
        u->failed = true;
        return;
    }
    find_loops(f);
    (void)hunch_place_get(f, HUNCH_PLACE_DUMMY, 0, 0);
    (void)hunch_node_get(f, HUNCH_NODE_DUMMY, 0, 0, 0);
    f->is_gap = (source->flags & HUNCH_FUNCTION_IS_CUT) != 0;
}

void hunch_flow_free(struct hunch_flow *f)
{
    const struct hunch_allocator *a = f->u != NULL ? f->u->a : NULL;
    if (f->u == NULL)
        return;
    for (size_t n = 0; n < f->node.count; n++)
        hunch_free_array(a, f->node.items[n].to, f->node.items[n].to_room, sizeof(uint32_t));
    for (uint32_t b = 0; f->source != NULL && f->row != NULL && b < f->source->block_count; b++)
        row_free(f, &f->row[b]);
    for (uint32_t l = 0; f->edge_row != NULL && l < f->link_count; l++)
        row_free(f, &f->edge_row[l]);
    row_free(f, &f->now);
    if (f->source != NULL) {
        hunch_free(a, f->row, f->source->block_count * sizeof *f->row);
        hunch_free(a, f->edge_row, f->link_count * sizeof *f->edge_row);
        hunch_free(a, f->live, f->link_count);
        hunch_free(a, f->in_loop, f->source->block_count);
        hunch_free(a, f->reached, f->source->block_count);
    }
    hunch_key_map_free(a, &f->place_key);
    hunch_key_map_free(a, &f->node_key);
    hunch_vec_free(a, &f->place);
    hunch_vec_free(a, &f->node);
}

bool hunch_flow_run(struct hunch_flow *f)
{
    bool ever = !f->analysed;
    const uint32_t blocks = f->source->block_count;
    if (f->source->flags & HUNCH_FUNCTION_IS_CUT) {
        f->analysed = f->returns = true;
        return false;
    }
    f->analysed = true;
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
    } while (f->changed && !f->is_gap && !f->collect && !f->u->failed);
    if (f->is_gap && !f->collect)
        return false; /* what is known so far is taken */
    return ever;
}
