/* flow_call.c: what calls do: functions of the unit by what is known of them, library functions by
 * their flows, others by next to nothing. Where functions' addresses are kept is remembered for the
 * whole unit, by global, field and parameter: that is who may be called by a pointer that came in.
 */
#include <string.h>

#include "graph/flow.h"

enum { CALLEES_MOST = 64, HEAPS_MOST = 4 };

/* Kinds of keys in unit.pointer: { caller, callee, 0, CALLED }, { what, more, function, KEPT_* }.
 */
enum { CALLED = 1, KEPT_IN_GLOBAL, KEPT_IN_FIELD, KEPT_IN_PARAMETER };

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

/* ---- pointers to functions ---- */

static void keep(struct hunch_unit *u, uint32_t what, uint32_t more, uint32_t function,
                 uint32_t kind)
{
    const struct hunch_map_key key = {{what, more, function, kind}};
    bool added;
    if (hunch_key_number(u->a, &u->pointer, key, true, &added) == UINT32_MAX)
        u->failed = true;
    u->more_pointers |= added;
}

void hunch_flow_keep_pointers(struct hunch_flow *f, uint32_t place, uint32_t node)
{
    const struct hunch_place *p = &f->place.items[place], *root = &f->place.items[p->root];
    for (uint32_t i = 0; i < f->node.items[node].to_count; i++) {
        const struct hunch_place *to = &f->place.items[f->node.items[node].to[i]];
        if (to->kind != HUNCH_PLACE_FUNCTION)
            continue;
        if (p->kind == HUNCH_PLACE_FIELD)
            keep(f->u, p->b, 0, to->a, KEPT_IN_FIELD);
        else if (root->kind == HUNCH_PLACE_GLOBAL)
            keep(f->u, root->a, 0, to->a, KEPT_IN_GLOBAL);
    }
}

/* Who is called: functions of the unit, and names of others. */
struct callees {
    uint32_t function[CALLEES_MOST], count;
    uint32_t name[CALLEES_MOST], name_count;
};

static void add_function(struct callees *c, uint32_t function)
{
    for (uint32_t i = 0; i < c->count; i++)
        if (c->function[i] == function)
            return;
    if (c->count < CALLEES_MOST)
        c->function[c->count++] = function;
}

static void add_kept(struct hunch_flow *f, struct callees *c, uint32_t what, uint32_t more,
                     uint32_t kind)
{
    for (size_t i = 0; i < f->u->pointer.key.count; i++) {
        const struct hunch_map_key *key = &f->u->pointer.key.items[i];
        if (key->word[3] == kind && key->word[0] == what && key->word[1] == more)
            add_function(c, key->word[2]);
    }
}

/* A method is one of the class whose objects the receiver holds, where it was made here. */
static void keep_own(struct hunch_flow *f, uint32_t op, struct callees *c)
{
    const struct hunch_op *called = op_at(f, op_at(f, op)->a);
    if (f->graph->language != HUNCH_LANGUAGE_PYTHON || called->kind != HUNCH_OP_NAME ||
        c->count == 0 || op_at(f, op)->c == 0 || hunch_graph_name(f->graph, called->a)[0] != '.')
        return;
    const uint32_t object = argument_value(f, op, 0);
    struct callees own = {.count = 0};
    for (uint32_t i = 0; i < f->node.items[object].to_count; i++) {
        const struct hunch_place *p = &f->place.items[f->node.items[object].to[i]];
        const struct hunch_op *made = p->kind == HUNCH_PLACE_HEAP ? op_at(f, p->a) : NULL;
        if (made == NULL || made->kind != HUNCH_OP_CALL || op_at(f, made->a)->kind != HUNCH_OP_NAME)
            return;
        const uint32_t link = hunch_unit_link_of(f->u, f->file, op_at(f, made->a)->a);
        if (!(link & HUNCH_LINK_FUNCTION))
            return;
        for (uint32_t k = 0; k < c->count; k++)
            if (hunch_unit_is_method_of(f->u, c->function[k], link & ~HUNCH_LINK_FUNCTION))
                add_function(&own, c->function[k]);
    }
    if (own.count > 0)
        *c = own;
}

/* The callee is certain only where it stands there by name. */
static void find_callees(struct hunch_flow *f, uint32_t op, struct callees *c)
{
    uint32_t called = op_at(f, op)->a;
    while (op_at(f, called)->kind == HUNCH_OP_CAST)
        called = op_at(f, called)->a;
    const uint32_t value = hunch_flow_value(f, called);
    c->count = c->name_count = 0;
    for (uint32_t i = 0; i < f->node.items[value].to_count; i++) {
        const struct hunch_place *p = &f->place.items[f->node.items[value].to[i]];
        if (p->kind == HUNCH_PLACE_FUNCTION) {
            add_function(c, p->a);
        } else if (p->kind == HUNCH_PLACE_GLOBAL && !f->u->global.items[p->a].is_defined) {
            if (c->name_count < CALLEES_MOST)
                c->name[c->name_count++] = f->u->global.items[p->a].name;
        } else if (p->kind == HUNCH_PLACE_AT) {
            const struct hunch_place *from = &f->place.items[p->a],
                                     *root = &f->place.items[from->root];
            if (from->kind == HUNCH_PLACE_FIELD)
                add_kept(f, c, from->b, 0, KEPT_IN_FIELD);
            else if (root->kind == HUNCH_PLACE_LOCAL)
                add_kept(f, c, f->function, root->a, KEPT_IN_PARAMETER);
            else if (root->kind == HUNCH_PLACE_GLOBAL)
                add_kept(f, c, root->a, 0, KEPT_IN_GLOBAL);
        }
    }
    keep_own(f, op, c);
    for (uint32_t i = 0; i < c->count; i++) {
        const struct hunch_flow *callee = &f->u->flow[c->function[i]];
        if (callee->group != f->group && callee->position > f->position)
            keep(f->u, f->function, c->function[i], 0, CALLED);
        for (uint32_t k = 0; k < op_at(f, op)->c; k++) {
            const uint32_t node = argument_value(f, op, k);
            for (uint32_t t = 0; t < f->node.items[node].to_count; t++) {
                const struct hunch_place *to = &f->place.items[f->node.items[node].to[t]];
                for (uint32_t p = 0;
                     to->kind == HUNCH_PLACE_FUNCTION && p < callee->source->parameter_count; p++)
                    if (hunch_flow_binds(f, op, c->function[i], k, p))
                        keep(f->u, c->function[i], p, to->a, KEPT_IN_PARAMETER);
            }
        }
    }
}

/* ---- functions of the unit ---- */

/* What the callee's places are to the caller: lists in `place`, one behind the other. */
struct mapping {
    struct hunch_flow *f;
    const struct hunch_flow *callee;
    uint32_t op, function;
    uint32_t heaps;  /* of the callee, that callers can get to */
    uint32_t places; /* of the callee, that are looked at: it may be the caller itself, and grow */
    uint32_t *first, *count; /* of each of them; count NONE: not known yet */
    HUNCH_VEC(uint32_t) place;
};

static void map_place(struct mapping *m, uint32_t place);

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
        node[count++] = hunch_flow_read(f, m->place.items[m->first[place] + i]);
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
    uint32_t sub = 0;
    /* Of functions that call each other there is one for each call, or there would be no end. */
    if (m->callee->group != f->group && p->b < 3 && m->heaps <= HEAPS_MOST) {
        const struct hunch_map_key key = {{m->function, place, 0, 0}};
        sub = hunch_key_number(f->u->a, &f->u->heap, key, true, NULL);
        if (sub == UINT32_MAX)
            f->u->failed = true;
        sub += 3;
    }
    if (!hunch_flow_is_fine(f))
        sub = 0;
    const uint32_t heap = hunch_place_get(f, HUNCH_PLACE_HEAP, m->op, sub);
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
        for (uint32_t i = 0; i < m->count[p->a]; i++)
            map_to(list, &count, hunch_place_field(f, m->place.items[m->first[p->a] + i], p->b));
        break;
    }
    default: /* a variable of a function that has returned */ break;
    }
    m->first[place] = (uint32_t)m->place.count;
    m->count[place] = count;
    if (!hunch_vec_append(f->u->a, &m->place, list, count)) {
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

/* Fields of a place that the callee reads as one. */
static void bind_fields(struct hunch_flow *f, uint32_t place, uint32_t formal)
{
    for (uint32_t c = f->place.items[place].child; c != HUNCH_NONE; c = f->place.items[c].next)
        if (hunch_flow_is_known(f, c)) {
            bind(f, hunch_flow_read(f, c), formal);
            bind_fields(f, c, formal);
        }
}

static void bind_in(struct mapping *m)
{
    struct hunch_flow *f = m->f;
    for (uint32_t p = 1; p < m->places; p++) {
        const struct hunch_place one = m->callee->place.items[p], *place = &one;
        uint32_t node[HUNCH_FLOW_TO_MOST];
        if (place->entry == HUNCH_NONE || !hunch_place_is_formal(m->callee, p))
            continue;
        const uint32_t nodes = nodes_of(m, p, node);
        if (!f->collect || place->formal == HUNCH_NONE)
            continue;
        for (uint32_t i = 0; i < nodes; i++)
            bind(f, node[i], place->formal);
        if (place->flags & HUNCH_PLACE_IS_WHOLE && place->kind != HUNCH_PLACE_LOCAL)
            for (uint32_t i = 0; i < m->count[p]; i++)
                bind_fields(f, m->place.items[m->first[p] + i], place->formal);
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
        for (uint32_t k = 0; place < m->places && k < m->count[place]; k++)
            hunch_node_point(m->f, to, m->place.items[m->first[place] + k]);
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

struct written {
    uint32_t place, node;
    bool whole, weak;
};

static void bind_out(struct mapping *m, uint32_t result, bool certain, uint32_t name)
{
    struct hunch_flow *f = m->f;
    HUNCH_VEC(struct written) written = {0};
    for (uint32_t p = 1; p < m->places && !f->u->failed; p++) {
        const struct hunch_place one = m->callee->place.items[p], *place = &one;
        if (!comes_out(m->callee, p))
            continue;
        if (place->kind == HUNCH_PLACE_RESULT) {
            take_over(m, result, place->exit);
            if (f->collect && place->result != HUNCH_NONE)
                bind(f, result, place->result);
            if (place->child == HUNCH_NONE)
                continue;
        }
        map_place(m, p);
        for (uint32_t i = 0; i < m->count[p]; i++) {
            const uint32_t to = m->place.items[m->first[p] + i];
            const uint8_t kind = f->place.items[to].kind;
            if (kind == HUNCH_PLACE_TEXT || kind == HUNCH_PLACE_FUNCTION)
                continue;
            const bool fresh = m->callee->place.items[place->root].kind == HUNCH_PLACE_HEAP,
                       whole =
                           (m->callee->node.items[place->exit].flags & HUNCH_NODE_IS_WHOLE) != 0,
                       weak = !certain || m->count[p] > 1 ||
                              (hunch_place_is_many(f, to) && !whole && !fresh) ||
                              (place->flags & HUNCH_PLACE_IS_MERGED);
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
            const bool merged = (place->flags & HUNCH_PLACE_IS_MERGED) != 0;
            const struct written w = {to, node, whole || merged, weak || merged};
            if (!hunch_vec_push(f->u->a, &written, w))
                f->u->failed = true;
        }
    }
    for (size_t i = 0; i < written.count; i++) {
        const struct written *w = &written.items[i];
        hunch_flow_keep_pointers(f, w->place, w->node);
        if (w->whole)
            hunch_flow_write_whole(f, w->place, w->node, m->op, w->weak);
        else
            hunch_flow_write(f, w->place, w->node);
    }
    /* Fields that the callee wrote stand behind the whole of which they are part. */
    for (size_t i = 0; i < written.count; i++)
        hunch_flow_write(f, written.items[i].place, written.items[i].node);
    hunch_vec_free(f->u->a, &written);
}

/* false: it does not come back. */
static bool call_function(struct hunch_flow *f, uint32_t op, uint32_t function, uint32_t result,
                          bool certain)
{
    struct hunch_unit *u = f->u;
    const struct hunch_flow *callee = &u->flow[function];
    const uint32_t places = (uint32_t)callee->place.count;
    struct mapping m = {.f = f, .callee = callee, .op = op, .function = function, .places = places};
    struct hunch_draft_function *draft = &u->draft[f->function];
    struct hunch_draft_call call = {.callee = function};
    if (!callee->analysed)
        return false;
    m.first = hunch_alloc_array(u->a, (size_t)places * 2 + 1, sizeof *m.first);
    if (m.first == NULL) {
        u->failed = true;
        return false;
    }
    m.count = m.first + places;
    for (uint32_t p = 0; p < places; p++) {
        m.count[p] = HUNCH_NONE;
        m.heaps += (callee->place.items[p].flags & HUNCH_PLACE_IS_OUT) != 0;
    }
    call.in = (uint32_t)draft->bind.count;
    bind_in(&m);
    call.in_count = (uint32_t)draft->bind.count - call.in;
    call.out = (uint32_t)draft->bind.count;
    if (callee->returns)
        bind_out(&m, result, certain, hunch_unit_name(u, callee->file, callee->source->name));
    call.out_count = (uint32_t)draft->bind.count - call.out;
    if (f->collect &&
        (!hunch_vec_push(u->a, &draft->call, call) || !hunch_vec_push(u->a, &u->call_op, op)))
        u->failed = true;
    hunch_vec_free(u->a, &m.place);
    hunch_free_array(u->a, m.first, (size_t)places * 2 + 1, sizeof *m.first);
    return callee->returns;
}

/* ---- others ---- */

static void new_memory(struct hunch_flow *f, uint32_t op, uint32_t node, bool certain)
{
    const uint32_t heap = hunch_place_get(f, HUNCH_PLACE_HEAP, op, 0);
    if (f->in_loop[f->at - f->source->block])
        hunch_place_mark(f, heap, HUNCH_PLACE_IS_MANY);
    if (certain)
        hunch_place_mark(f, heap, HUNCH_PLACE_IS_ALLOCATED);
    hunch_node_point(f, node, heap);
}

/* What argument k points to flows into `to`. */
static void read_argument(struct hunch_flow *f, uint32_t op, uint32_t k, uint32_t to,
                          enum hunch_edge_kind kind, bool pointers, bool only_known)
{
    const uint32_t value = argument_value(f, op, k);
    for (uint32_t i = 0; i < f->node.items[value].to_count; i++) {
        const uint32_t place = f->node.items[value].to[i];
        const uint8_t what = f->place.items[place].kind;
        if (what != HUNCH_PLACE_TEXT && what != HUNCH_PLACE_FUNCTION &&
            (!only_known || hunch_flow_is_known(f, place)))
            hunch_flow_read_whole(f, to, place, kind, pointers);
    }
}

/* What is behind pointers that are behind the argument: the words of a list of words. */
static void read_deeper(struct hunch_flow *f, uint32_t op, uint32_t k, uint32_t to)
{
    const uint32_t value = argument_value(f, op, k);
    for (uint32_t i = 0; i < f->node.items[value].to_count; i++) {
        const uint32_t place = f->node.items[value].to[i];
        if (!hunch_flow_is_known(f, place))
            continue;
        const uint32_t node = hunch_flow_read(f, place);
        for (uint32_t d = 0; d < f->node.items[node].to_count; d++) {
            const uint32_t deep = f->node.items[node].to[d];
            const uint8_t what = f->place.items[deep].kind;
            if (what != HUNCH_PLACE_TEXT && what != HUNCH_PLACE_FUNCTION &&
                hunch_flow_is_known(f, deep))
                hunch_flow_read_whole(f, to, deep, HUNCH_EDGE_ARGUMENT, false);
        }
    }
}

/* Sinks: a node for each argument. */
static void arguments(struct hunch_flow *f, uint32_t op, uint32_t name, bool known)
{
    if (f->graph->language == HUNCH_LANGUAGE_PYTHON && name != 0)
        hunch_flow_other_names(f, op, name);
    for (uint32_t k = 0; k < op_at(f, op)->c; k++) {
        const uint32_t node = hunch_node_get(f, HUNCH_NODE_ARGUMENT, op, k, name + 1);
        hunch_node_label(f, node, HUNCH_LABEL_ARGUMENT, name,
                         hunch_op_is_named(op_at(f, argument(f, op, k))) ? HUNCH_ARGUMENT_NAMED
                                                                         : k + 1);
        hunch_node_edge(f, node, argument_value(f, op, k), HUNCH_EDGE_ARGUMENT, 0);
        read_argument(f, op, k, node, HUNCH_EDGE_ARGUMENT, false, known);
        read_deeper(f, op, k, node);
    }
}

static bool is_argument(const struct hunch_flow_end *end, uint32_t k) /* from 0 */
{
    const uint32_t index = end->index & ~HUNCH_INDEX_AND_ON;
    return index == k + 1 || ((end->index & HUNCH_INDEX_AND_ON) && index != 0 && k + 1 > index);
}

/* One flow's beginning, into `to`. */
static void flow_from(struct hunch_flow *f, uint32_t op, const struct hunch_library_flow *flow,
                      uint32_t name, uint32_t to, bool returned)
{
    if (flow->from.outside) {
        const uint32_t node = hunch_node_get(f, HUNCH_NODE_OUTSIDE, op, returned, 0);
        hunch_node_label(f, node, HUNCH_LABEL_OUTSIDE, name, 0);
        hunch_node_edge(f, to, node, HUNCH_EDGE_LIBRARY, 0);
        return;
    }
    for (uint32_t k = 0; k < op_at(f, op)->c; k++) {
        if (!is_argument(&flow->from, k))
            continue;
        const uint32_t value = argument_value(f, op, k);
        if (flow->from.pointed)
            read_argument(f, op, k, to, HUNCH_EDGE_LIBRARY, !returned, false);
        hunch_node_edge(f, to, value, HUNCH_EDGE_LIBRARY, 0);
        if (returned && !flow->from.pointed)
            for (uint32_t i = 0; i < f->node.items[value].to_count; i++) {
                hunch_node_point(f, to, f->node.items[value].to[i]);
                hunch_node_flag(f, to, HUNCH_NODE_IS_OFFSET);
            }
    }
}

/* What a library function writes where argument k points to. */
static void flow_to_argument(struct hunch_flow *f, uint32_t op,
                             const struct hunch_library_flow *flow, size_t flows, uint32_t name,
                             uint32_t k)
{
    const uint32_t value = argument_value(f, op, k), count = f->node.items[value].to_count;
    const uint32_t node = hunch_node_get(f, HUNCH_NODE_LIBRARY, op, k, 0);
    bool writes = false, adds = false;
    for (size_t i = 0; i < flows; i++)
        if (flow[i].to.pointed && is_argument(&flow[i].to, k)) {
            writes = true;
            if (flow[i].from.pointed && is_argument(&flow[i].from, k) && !flow[i].from.outside &&
                flow[i].from.index == flow[i].to.index)
                adds = true;
            else
                flow_from(f, op, &flow[i], name, node, false);
        }
    if (!writes)
        return;
    hunch_node_know(f, node, HUNCH_KNOWN_ANY, 0);
    const bool weak = adds || count > 1 || (f->node.items[value].flags & HUNCH_NODE_IS_OFFSET);
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t place = f->node.items[value].to[i];
        const struct hunch_place *root = &f->place.items[f->place.items[place].root];
        if (root->kind == HUNCH_PLACE_TEXT || root->kind == HUNCH_PLACE_FUNCTION)
            continue;
        const bool several = root->kind == HUNCH_PLACE_HEAP && hunch_place_is_many(f, place) &&
                             f->in_loop[f->at - f->source->block];
        const uint32_t out = hunch_node_get(f, HUNCH_NODE_OUT, op, place, 0);
        hunch_node_copy(f, out, node, HUNCH_EDGE_LIBRARY);
        if (weak || several)
            hunch_node_copy(f, out, hunch_flow_read(f, place), HUNCH_EDGE_PHI);
        else
            hunch_node_flag(f, out, HUNCH_NODE_IS_WHOLE);
        hunch_node_label(f, out, count == 1 ? HUNCH_LABEL_ARGUMENT_ALL : HUNCH_LABEL_ARGUMENT_OUT,
                         name, k + 1);
        hunch_flow_write_whole(f, place, out, op, weak || several);
    }
}

static void call_library(struct hunch_flow *f, uint32_t op, const struct hunch_library_flow *flow,
                         size_t flows, uint32_t name, uint32_t result)
{
    const uint32_t count = op_at(f, op)->c;
    bool only_memory = true;
    for (uint32_t k = 0; k < count; k++)
        flow_to_argument(f, op, flow, flows, name, k);
    for (size_t i = 0; i < flows; i++) {
        only_memory &= !flow[i].to.returned && !flow[i].to.pointed;
        if (flow[i].to.returned)
            flow_from(f, op, &flow[i], name, result, true);
    }
    new_memory(f, op, result, only_memory);
    hunch_node_know(f, result, HUNCH_KNOWN_ANY, 0);
}

/* Nobody knows it: what goes in may come back; what it was pointed to may be another, by a rule. */
static void call_unknown(struct hunch_flow *f, uint32_t op, uint32_t name, uint32_t result)
{
    for (uint32_t k = 0; k < op_at(f, op)->c; k++) {
        const uint32_t value = argument_value(f, op, k);
        hunch_node_edge(f, result, value, HUNCH_EDGE_UNKNOWN, 0);
        read_argument(f, op, k, result, HUNCH_EDGE_UNKNOWN, false, false);
        for (uint32_t i = 0; i < f->node.items[value].to_count; i++) {
            const uint32_t place = f->node.items[value].to[i];
            const uint8_t what = f->place.items[place].kind;
            if (what == HUNCH_PLACE_TEXT || what == HUNCH_PLACE_FUNCTION)
                continue;
            const uint32_t out = hunch_node_get(f, HUNCH_NODE_OUT, op, place, 0);
            hunch_node_know(f, out, HUNCH_KNOWN_ANY, 0);
            hunch_node_copy(f, out, hunch_flow_read(f, place), HUNCH_EDGE_PHI);
            hunch_node_label(f, out,
                             f->node.items[value].to_count == 1 ? HUNCH_LABEL_ARGUMENT_ALL
                                                                : HUNCH_LABEL_ARGUMENT_OUT,
                             name, k + 1);
            hunch_flow_write(f, place, out);
        }
    }
    new_memory(f, op, result, false);
    hunch_node_know(f, result, HUNCH_KNOWN_ANY, 0);
}

static void call_name(struct hunch_flow *f, uint32_t op, uint32_t name, uint32_t result)
{
    size_t flows;
    const struct hunch_library_flow *flow = hunch_unit_library(f->u, name, &flows);
    arguments(f, op, name, false);
    if (flows > 0)
        call_library(f, op, flow, flows, name, result);
    else
        call_unknown(f, op, name, result);
    hunch_node_label(f, result, HUNCH_LABEL_CALL, name, 0);
}

bool hunch_flow_call(struct hunch_flow *f, uint32_t op)
{
    const uint32_t n = hunch_flow_value(f, op);
    struct callees c;
    bool returns = false;
    find_callees(f, op, &c);
    const bool certain = c.count + c.name_count == 1;
    if (c.count + c.name_count == 0) {
        call_name(f, op, 0, n);
        return true;
    }
    for (uint32_t i = 0; i < c.count + c.name_count; i++) {
        const uint32_t function = i < c.count ? c.function[i] : HUNCH_NONE;
        const struct hunch_flow *callee = i < c.count ? &f->u->flow[function] : NULL;
        const uint32_t name = callee != NULL
                                  ? hunch_unit_name(f->u, callee->file, callee->source->name)
                                  : c.name[i - c.count];
        const uint32_t result = certain ? n : hunch_node_get(f, HUNCH_NODE_GIVEN, op, name + 1, 0);
        if (callee == NULL || callee->is_gap || (callee->source->flags & HUNCH_FUNCTION_IS_CUT)) {
            call_name(f, op, name, result);
            returns = true;
        } else {
            arguments(f, op, name, true);
            returns |= call_function(f, op, function, result, certain);
            hunch_node_label(f, result, HUNCH_LABEL_CALL, name, 0);
        }
        if (!certain)
            hunch_node_copy(f, n, result, HUNCH_EDGE_PHI);
    }
    return returns;
}
