/* flow_callee.c: a call of a function of the unit: places of the callee are places of the caller,
 * what is in these goes in, what is known of those in the end is known behind the call. */
#include "graph/flow.h"

enum { HEAPS_MOST = 4 };

static const struct hunch_op *op_at(const struct hunch_flow *f, uint32_t op)
{
    return &f->graph->op.items[op];
}

static uint32_t argument(const struct hunch_flow *f, uint32_t op, uint32_t k)
{
    return f->graph->arg.items[op_at(f, op)->b + k];
}

static uint32_t argument_value(struct hunch_flow *f, uint32_t op, uint32_t k)
{
    return hunch_flow_value(f, argument(f, op, k));
}

/* What the callee's places are to the caller: lists in `place`, one behind the other. */
struct mapping {
    struct hunch_flow *f;
    const struct hunch_flow *callee;
    uint32_t op, function;
    uint32_t heaps; /* of the callee, that callers can get to */
    uint32_t first_heap;
    uint32_t places; /* of the callee, that are looked at: it may be the caller itself, and grow */
    uint32_t *first, *count; /* of each of them; count NONE: not known yet */
};

static void map_place(struct mapping *m, uint32_t place);

/* The caller's i-th place for one of the callee. */
static uint32_t mapped(const struct mapping *m, uint32_t place, uint32_t i)
{
    return m->f->t->mapped.place.items[m->first[place] + i];
}

/* Nodes of the caller that hold what is in a place of the callee that comes in. */
static uint32_t nodes_of(struct mapping *m, uint32_t place, uint32_t *node)
{
    struct hunch_flow *f = m->f;
    const struct hunch_place one = m->callee->place.items[place], *p = &one;
    const struct hunch_place whole = m->callee->place.items[p->root], *root = &whole;
    uint32_t count = 0;
    if (root->kind == HUNCH_PLACE_LOCAL && p->kind == HUNCH_PLACE_LOCAL) {
        for (uint32_t k = 0; k < op_at(f, m->op)->c && count < HUNCH_FLOW_TO_MOST; k++)
            if (hunch_flow_binds(f, m->op, m->function, k, root->a))
                node[count++] = argument_value(f, m->op, k);
        return count;
    }
    map_place(m, place);
    for (uint32_t i = 0; i < m->count[place] && count < HUNCH_FLOW_TO_MOST; i++)
        node[count++] = hunch_flow_read(f, mapped(m, place, i));
    return count;
}

static void map_to(uint32_t *list, uint32_t *count, uint32_t place)
{
    for (uint32_t i = 0; i < *count; i++)
        if (list[i] == place)
            return;
    if (place != 0 && *count < HUNCH_FLOW_TO_MOST)
        list[(*count)++] = place;
}

static uint32_t map_heap(struct mapping *m, uint32_t place)
{
    struct hunch_flow *f = m->f;
    const struct hunch_place one = m->callee->place.items[place], *p = &one;
    /* The first is that of the call itself, so that it stays the same when more are found. Of
     * functions that call each other there is one for each call, or there would be no end. */
    const bool of_callee = p->as != m->first_heap && m->callee->group != f->group && p->b == 0 &&
                           m->heaps <= HEAPS_MOST;
    const uint32_t heap = of_callee ? hunch_place_heap(f, m->op, m->function, p->as)
                                    : hunch_place_get(f, HUNCH_PLACE_HEAP, m->op, 0);
    if (f->in_loop[f->at - f->source->block] || (p->flags & HUNCH_PLACE_IS_MANY))
        hunch_place_mark(f, heap, HUNCH_PLACE_IS_MANY);
    hunch_place_mark(f, heap, p->flags & HUNCH_PLACE_IS_ALLOCATED);
    return heap;
}

static void map_place(struct mapping *m, uint32_t place)
{
    struct hunch_flow *f = m->f;
    const struct hunch_place one = m->callee->place.items[place], *p = &one;
    uint32_t list[HUNCH_FLOW_TO_MOST], count = 0;
    if (place >= m->places || m->count[place] != HUNCH_NONE)
        return;
    m->count[place] = 0; /* a circle, were there one, adds nothing */
    switch (p->kind) {
    case HUNCH_PLACE_GLOBAL:
    case HUNCH_PLACE_TEXT:
    case HUNCH_PLACE_FUNCTION: map_to(list, &count, hunch_place_get(f, p->kind, p->a, 0)); break;
    case HUNCH_PLACE_HEAP: map_to(list, &count, map_heap(m, place)); break;
    case HUNCH_PLACE_RESULT:
        map_to(list, &count, hunch_place_get(f, HUNCH_PLACE_GIVEN, m->op, 0));
        break;
    case HUNCH_PLACE_AT: {
        uint32_t node[HUNCH_FLOW_TO_MOST];
        const uint32_t nodes = nodes_of(m, p->a, node);
        for (uint32_t i = 0; i < nodes; i++)
            for (uint32_t t = 0; t < f->node.items[node[i]].to_count; t++)
                map_to(list, &count, f->node.items[node[i]].to[t]);
        break;
    }
    case HUNCH_PLACE_FIELD: {
        const struct hunch_place whole = m->callee->place.items[p->root], *root = &whole;
        if (m->callee->place.items[p->a].kind == HUNCH_PLACE_LOCAL) { /* of a struct by value */
            uint32_t arg = root->a < op_at(f, m->op)->c ? argument(f, m->op, root->a) : HUNCH_NONE;
            while (arg != HUNCH_NONE && op_at(f, arg)->kind == HUNCH_OP_CAST)
                arg = op_at(f, arg)->a;
            if (arg != HUNCH_NONE && op_at(f, arg)->kind == HUNCH_OP_LOAD) {
                const uint32_t address = hunch_flow_value(f, op_at(f, arg)->a);
                for (uint32_t t = 0; t < f->node.items[address].to_count; t++)
                    map_to(list, &count, hunch_place_field(f, f->node.items[address].to[t], p->b));
            } else if (arg != HUNCH_NONE && op_at(f, arg)->kind == HUNCH_OP_CALL) {
                map_to(list, &count,
                       hunch_place_field(f, hunch_place_get(f, HUNCH_PLACE_GIVEN, arg, 0), p->b));
            }
            break;
        }
        map_place(m, p->a);
        for (uint32_t i = 0; i < m->count[p->a]; i++) {
            const uint32_t to = mapped(m, p->a, i);
            if (p->b != HUNCH_FIELD_REST || p->exit != HUNCH_NONE ||
                hunch_place_is_formal(f, to)) /* what else is in the caller's own, it knows */
                map_to(list, &count, hunch_place_field(f, to, p->b));
        }
        break;
    }
    default: /* a variable of a function that has returned */ break;
    }
    for (uint32_t i = 0; i < count; i++)
        hunch_place_mark(f, list[i], p->flags & (HUNCH_PLACE_IS_NUMBER | HUNCH_PLACE_IS_POINTER));
    m->first[place] = (uint32_t)f->t->mapped.place.count;
    m->count[place] = count;
    if (!hunch_vec_append(f->u->a, &f->t->mapped.place, list, count)) {
        f->u->failed = true;
        m->count[place] = 0;
    }
}

static void bind(struct hunch_flow *f, uint32_t node, uint32_t formal)
{
    const struct hunch_draft_bind b = {node, formal};
    if (!hunch_vec_push(f->u->a, &f->u->draft[f->function].bind, b))
        f->u->failed = true;
}

/* Fields of a place of which the callee knows only that they are part of one. `whole`: the callee's
 * place of which it is known, or HUNCH_NONE. */
static void bind_fields(struct hunch_flow *f, const struct hunch_flow *callee, uint32_t whole,
                        uint32_t place, uint32_t formal)
{
    for (uint32_t c = f->place.items[place].child; c != HUNCH_NONE; c = f->place.items[c].next) {
        uint32_t there = whole != HUNCH_NONE ? callee->place.items[whole].child : HUNCH_NONE;
        while (there != HUNCH_NONE && callee->place.items[there].b != f->place.items[c].b)
            there = callee->place.items[there].next;
        if (there == HUNCH_NONE && hunch_flow_is_known(f, c)) {
            bind(f, hunch_flow_read(f, c), formal);
            bind_fields(f, callee, HUNCH_NONE, c, formal);
        }
    }
}

static void bind_in(struct mapping *m)
{
    struct hunch_flow *f = m->f;
    for (uint32_t p = 1; p < m->places; p++) {
        if (m->callee->place.items[p].entry == HUNCH_NONE || !hunch_place_is_formal(m->callee, p))
            continue;
        const struct hunch_place one = m->callee->place.items[p], *place = &one;
        uint32_t node[HUNCH_FLOW_TO_MOST];
        const uint32_t nodes = nodes_of(m, p, node);
        if (!f->collect || place->formal == HUNCH_NONE)
            continue;
        for (uint32_t i = 0; i < nodes; i++)
            bind(f, node[i], place->formal);
        if (place->kind != HUNCH_PLACE_FIELD || place->b != HUNCH_FIELD_REST)
            continue;
        map_place(m, place->a);
        for (uint32_t i = 0; i < m->count[place->a]; i++)
            bind_fields(f, m->callee, place->a, mapped(m, place->a, i), place->formal);
    }
}

/* What is known of a node of the callee is known of one of the caller. */
static void take_over(struct mapping *m, uint32_t to, uint32_t from)
{
    const struct hunch_flow_node n = m->callee->node.items[from];
    hunch_node_know(m->f, to, n.known, n.value);
    hunch_node_flag(m->f, to, n.flags);
    for (uint32_t i = 0; i < m->callee->node.items[from].to_count; i++) {
        const uint32_t place = m->callee->node.items[from].to[i];
        map_place(m, place);
        if (place < m->places && m->count[place] == 0)
            hunch_node_flag(m->f, to, HUNCH_NODE_IS_SHORT);
        for (uint32_t k = 0; place < m->places && k < m->count[place]; k++)
            hunch_node_point(m->f, to, mapped(m, place, k));
    }
}

static bool comes_out(const struct hunch_flow *callee, uint32_t p)
{
    const struct hunch_place *place = &callee->place.items[p];
    const struct hunch_place *root = &callee->place.items[place->root];
    return place->exit != HUNCH_NONE &&
           (root->kind != HUNCH_PLACE_HEAP || (root->flags & HUNCH_PLACE_IS_OUT));
}

/* Which argument points to the place, and whether to nothing else; 0: none. */
static uint32_t pointed_by(struct hunch_flow *f, uint32_t op, uint32_t place, bool *only)
{
    for (uint32_t k = 0; k < op_at(f, op)->c; k++) {
        const uint32_t value = argument_value(f, op, k); /* it may be a new node */
        const struct hunch_flow_node *n = &f->node.items[value];
        for (uint32_t i = 0; i < n->to_count; i++)
            if (n->to[i] == place) {
                *only = n->to_count == 1;
                return k + 1;
            }
    }
    return 0;
}

static uint64_t mix(uint64_t h, uint64_t value)
{
    h = (h ^ value) * 0xff51afd7ed558ccdu;
    return h ^ h >> 32;
}

/* Places that cannot be a caller's are left out; the others' kinds and names never change. */
uint64_t hunch_flow_shown(const struct hunch_flow *callee)
{
    uint64_t h = mix(callee->analysed, (uint64_t)callee->returns << 1 | callee->is_gap);
    for (uint32_t p = 1; p < callee->place.count; p++) {
        const struct hunch_place *place = &callee->place.items[p];
        if (callee->place.items[place->root].kind == HUNCH_PLACE_LOCAL &&
            !hunch_place_is_formal(callee, p))
            continue;
        h = mix(h, (uint64_t)p << 32 | (uint64_t)(place->entry != HUNCH_NONE) << 9 |
                       (uint64_t)(place->exit != HUNCH_NONE) << 8 | place->flags);
        h = mix(h, place->as);
        if (!comes_out(callee, p))
            continue;
        const struct hunch_flow_node *n = &callee->node.items[place->exit];
        h = mix(h, (uint64_t)n->known << 40 | (uint64_t)n->flags << 32 | n->to_count);
        h = mix(h, (uint64_t)n->value);
        for (uint32_t i = 0; i < n->to_count; i++)
            h = mix(h, n->to[i]);
    }
    for (size_t i = 0; i < callee->check.count; i++) {
        const struct hunch_flow_check *c = &callee->check.items[i];
        h = mix(h, (uint64_t)c->parameter << 2 | (uint64_t)c->outcome << 1 | c->is_content);
        h = mix(h, c->guard);
    }
    return h;
}

static void bind_out(struct mapping *m, uint32_t result, bool certain, uint32_t name)
{
    struct hunch_flow *f = m->f;
    struct hunch_mapped *all = &f->t->mapped;
    all->written.count = 0;
    for (uint32_t p = 1; p < m->places && !f->u->failed; p++) {
        if (!comes_out(m->callee, p))
            continue;
        const struct hunch_place one = m->callee->place.items[p], *place = &one;
        if (place->kind == HUNCH_PLACE_RESULT) {
            take_over(m, result, place->exit);
            if (f->collect && place->result != HUNCH_NONE)
                bind(f, result, place->result);
            if (place->child == HUNCH_NONE)
                continue;
        }
        map_place(m, p);
        for (uint32_t i = 0; i < m->count[p]; i++) {
            const uint32_t to = mapped(m, p, i);
            const uint8_t kind = f->place.items[to].kind;
            if (kind == HUNCH_PLACE_TEXT || kind == HUNCH_PLACE_FUNCTION)
                continue;
            const bool fresh = m->callee->place.items[place->root].kind == HUNCH_PLACE_HEAP,
                       whole =
                           (m->callee->node.items[place->exit].flags & HUNCH_NODE_IS_WHOLE) != 0,
                       weak = !certain || m->count[p] > 1 ||
                              (hunch_place_is_many(f, to) && !whole && !fresh);
            const uint32_t node = hunch_node_get(f, HUNCH_NODE_OUT, m->op, to, 0);
            take_over(m, node, place->exit);
            if (weak || (fresh && f->in_loop[f->at - f->source->block]))
                hunch_node_copy(f, node, hunch_flow_read(f, to), HUNCH_EDGE_PHI);
            bool only = false;
            const uint32_t k = pointed_by(f, m->op, to, &only);
            if (k > 0)
                hunch_node_label(
                    f, node, only ? HUNCH_LABEL_ARGUMENT_ALL : HUNCH_LABEL_ARGUMENT_OUT, name, k);
            if (f->collect && place->result != HUNCH_NONE)
                bind(f, node, place->result);
            const struct hunch_written w = {to, node, whole, weak};
            if (!hunch_vec_push(f->u->a, &all->written, w))
                f->u->failed = true;
        }
    }
    for (size_t i = 0; i < all->written.count; i++) {
        const struct hunch_written *w = &all->written.items[i];
        hunch_flow_keep_pointers(f, w->place, w->node);
        if (w->whole)
            hunch_flow_write_whole(f, w->place, w->node, m->op, w->weak);
        else
            hunch_flow_write(f, w->place, w->node);
    }
    /* Fields that the callee wrote stand behind the whole of which they are part. */
    for (size_t i = 0; i < all->written.count; i++)
        hunch_flow_write(f, all->written.items[i].place, all->written.items[i].node);
}

bool hunch_flow_call_function(struct hunch_flow *f, uint32_t op, uint32_t function, uint32_t result,
                              bool certain)
{
    struct hunch_unit *u = f->u;
    const struct hunch_flow *callee = &u->flow[function];
    const uint32_t places = (uint32_t)callee->place.count;
    struct mapping m = {.f = f, .callee = callee, .op = op, .function = function, .places = places};
    struct hunch_draft_function *draft = &u->draft[f->function];
    struct hunch_draft_call call = {.callee = function};
    if (hunch_flow_is_busy(f, callee) || !callee->analysed)
        return false;
    f->t->mapped.first.count = f->t->mapped.place.count = 0;
    if (!hunch_vec_reserve(u->a, &f->t->mapped.first, (size_t)places * 2)) {
        u->failed = true;
        return false;
    }
    m.first = f->t->mapped.first.items;
    m.count = m.first + places;
    for (uint32_t p = 0; p < places; p++) {
        m.count[p] = HUNCH_NONE;
        const struct hunch_place *heap = &callee->place.items[p];
        if ((heap->flags & HUNCH_PLACE_IS_OUT) && heap->as == p && m.heaps++ == 0)
            m.first_heap = p;
    }
    call.in = (uint32_t)draft->bind.count;
    f->is_calling = true;
    bind_in(&m);
    call.in_count = (uint32_t)draft->bind.count - call.in;
    call.out = (uint32_t)draft->bind.count;
    if (callee->returns)
        bind_out(&m, result, certain, hunch_unit_name(u, callee->file, callee->source->name));
    call.out_count = (uint32_t)draft->bind.count - call.out;
    f->is_calling = false;
    if (f->collect &&
        (!hunch_vec_push(u->a, &draft->call, call) || !hunch_vec_push(u->a, &f->call_op, op)))
        u->failed = true;
    return callee->returns;
}
