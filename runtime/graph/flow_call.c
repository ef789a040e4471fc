/* flow_call.c: what calls do: functions of the unit by what is known of them, library functions by
 * their flows, others by next to nothing. Where functions' addresses are kept is remembered for the
 * whole unit, by global, field and parameter: that is who may be called by a pointer that came in.
 * Others hear of it when all functions of the level have been gone through.
 */
#include <string.h>

#include "graph/flow.h"

/* Kinds of keys in unit.pointer: { caller, callee, 0, CALLED }, { what, more, function, KEPT_* }.
 * Of the latter the n-th function is that of unit.kept_function with the number that
 * { what, more, n, KEPT_* } has in unit.kept. */
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

/* For all others. */
static void tell(struct hunch_unit *u, const struct hunch_map_key *key)
{
    const uint32_t kind = key->word[3];
    bool added = false, is_next = false;
    if (hunch_key_number(u->a, &u->pointer, *key, true, &added) == UINT32_MAX)
        u->failed = true;
    u->more_pointers |= added;
    for (uint32_t n = 0; added && kind != CALLED && n < HUNCH_CALLEES_MOST && !is_next; n++) {
        const struct hunch_map_key nth = {{key->word[0], key->word[1], n, kind}};
        if (hunch_key_number(u->a, &u->kept, nth, true, &is_next) == UINT32_MAX ||
            (is_next && !hunch_vec_push(u->a, &u->kept_function, key->word[2]))) {
            u->failed = true;
            return;
        }
    }
}

void hunch_flow_tell_pointers(struct hunch_flow *f)
{
    for (uint32_t i = 0; i < f->keep.key.count; i++)
        tell(f->u, &f->keep.key.items[i]);
    hunch_key_map_free(f->u->a, &f->keep);
}

static void keep(struct hunch_flow *f, uint32_t what, uint32_t more, uint32_t function,
                 uint32_t kind)
{
    const struct hunch_map_key key = {{what, more, function, kind}};
    if (f->collect || hunch_key_number(f->u->a, &f->u->pointer, key, false, NULL) != UINT32_MAX)
        return;
    if (hunch_key_number(f->u->a, &f->keep, key, true, NULL) == UINT32_MAX)
        f->u->failed = true;
}

void hunch_flow_keep_pointers(struct hunch_flow *f, uint32_t place, uint32_t node)
{
    const struct hunch_place *p = &f->place.items[place], *root = &f->place.items[p->root];
    for (uint32_t i = 0; i < f->node.items[node].to_count; i++) {
        const struct hunch_place *to = &f->place.items[f->node.items[node].to[i]];
        if (to->kind != HUNCH_PLACE_FUNCTION)
            continue;
        if (p->kind == HUNCH_PLACE_FIELD) {
            keep(f, p->b, 0, to->a, KEPT_IN_FIELD);
            if (f->place.items[p->a].kind == HUNCH_PLACE_GLOBAL) /* and of which global it is */
                keep(f, p->b, f->place.items[p->a].a + 1, to->a, KEPT_IN_FIELD);
        } else if (root->kind == HUNCH_PLACE_GLOBAL)
            keep(f, root->a, 0, to->a, KEPT_IN_GLOBAL);
    }
}

void hunch_flow_add_callee(struct hunch_callees *c, uint32_t function)
{
    for (uint32_t i = 0; i < c->count; i++)
        if (c->function[i] == function)
            return;
    if (c->count < HUNCH_CALLEES_MOST)
        c->function[c->count++] = function;
}

static void add_kept(struct hunch_flow *f, struct hunch_callees *c, uint32_t what, uint32_t more,
                     uint32_t kind)
{
    uint32_t n = 0;
    for (; n < HUNCH_CALLEES_MOST; n++) {
        const struct hunch_map_key nth = {{what, more, n, kind}};
        const uint32_t number = hunch_key_number(f->u->a, &f->u->kept, nth, false, NULL);
        if (number >= f->u->kept_function.count)
            break;
        hunch_flow_add_callee(c, f->u->kept_function.items[number]);
    }
    for (size_t i = 0; i < f->watched.count; i++) {
        const struct hunch_watched *w = &f->watched.items[i];
        if (w->what == what && w->more == more && w->kind == kind)
            return; /* as it was when it was asked for first: it may have grown since */
    }
    const struct hunch_watched watched = {what, more, kind, n};
    if (!hunch_vec_push(f->u->a, &f->watched, watched))
        f->u->failed = true;
}

bool hunch_flow_is_watched_same(const struct hunch_flow *f)
{
    for (size_t i = 0; i < f->watched.count; i++) {
        const struct hunch_watched *w = &f->watched.items[i];
        const struct hunch_map_key next = {{w->what, w->more, w->count, w->kind}};
        if (w->count < HUNCH_CALLEES_MOST &&
            hunch_key_number(f->u->a, &f->u->kept, next, false, NULL) != UINT32_MAX)
            return false;
    }
    return true;
}

static void add_callee(struct hunch_flow *f, uint32_t function)
{
    for (size_t i = 0; i < f->callee.count; i++)
        if (f->callee.items[i] == function)
            return;
    if (!hunch_vec_push(f->u->a, &f->callee, function))
        f->u->failed = true;
}

void hunch_flow_keep_in_field(struct hunch_unit *u, uint32_t field, uint32_t function)
{
    const struct hunch_map_key key = {{field, 0, function, KEPT_IN_FIELD}};
    tell(u, &key);
}

void hunch_flow_add_in_field(struct hunch_flow *f, struct hunch_callees *c, uint32_t field,
                             uint32_t global)
{
    add_kept(f, c, field, global, KEPT_IN_FIELD);
}

/* The callee is certain only where it stands there by name. */
static void find_callees(struct hunch_flow *f, uint32_t op, struct hunch_callees *c)
{
    uint32_t called = op_at(f, op)->a;
    while (op_at(f, called)->kind == HUNCH_OP_CAST)
        called = op_at(f, called)->a;
    const uint32_t value = hunch_flow_value(f, called);
    c->count = c->name_count = 0;
    const bool is_method = hunch_flow_classes(f, op, op_at(f, called), c) ||
                           hunch_flow_methods(f, op, op_at(f, called), c);
    f->calls_pointers |= is_method || op_at(f, called)->kind != HUNCH_OP_NAME;
    for (uint32_t i = 0; !is_method && i < f->node.items[value].to_count; i++) {
        const struct hunch_place *p = &f->place.items[f->node.items[value].to[i]];
        if (p->kind == HUNCH_PLACE_FUNCTION) {
            hunch_flow_add_callee(c, p->a);
        } else if (p->kind == HUNCH_PLACE_GLOBAL && !f->u->global.items[p->a].is_defined) {
            if (c->name_count < HUNCH_CALLEES_MOST)
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
    hunch_flow_own_methods(f, op, c);
    for (uint32_t i = 0; i < c->count; i++) {
        const struct hunch_flow *callee = &f->u->flow[c->function[i]];
        add_callee(f, c->function[i]);
        if (callee->group != f->group && callee->level >= f->level)
            keep(f, f->function, c->function[i], 0, CALLED);
        for (uint32_t k = 0; k < op_at(f, op)->c; k++) {
            const uint32_t node = argument_value(f, op, k);
            for (uint32_t t = 0; t < f->node.items[node].to_count; t++) {
                const struct hunch_place *to = &f->place.items[f->node.items[node].to[t]];
                for (uint32_t p = 0;
                     to->kind == HUNCH_PLACE_FUNCTION && p < callee->source->parameter_count; p++)
                    if (hunch_flow_binds(f, op, c->function[i], k, p))
                        keep(f, c->function[i], p, to->a, KEPT_IN_PARAMETER);
            }
        }
    }
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

/* Behind a list of one's own that a library function gets there is what came in by a pointer, too,
 * although nobody has read it as yet: `char *args[] = {"sh", text}`. */
static bool is_listed(const struct hunch_flow *f, uint32_t list, uint32_t deep)
{
    const struct hunch_place *root = &f->place.items[f->place.items[list].root];
    return root->kind == HUNCH_PLACE_LOCAL && !hunch_place_is_formal(f, list) &&
           f->place.items[deep].kind == HUNCH_PLACE_AT;
}

/* What is behind pointers that are behind the argument: the words of a list of words. */
static void read_deeper(struct hunch_flow *f, uint32_t op, uint32_t k, uint32_t to, bool known)
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
                (hunch_flow_is_known(f, deep) || (!known && is_listed(f, place, deep))))
                hunch_flow_read_whole(f, to, deep, HUNCH_EDGE_CONTENT, false);
        }
    }
}

/* Is it an integer with a sign, whatever it is converted to? */
static bool is_signed(const struct hunch_flow *f, uint32_t op)
{
    while (op_at(f, op)->kind == HUNCH_OP_CAST)
        op = op_at(f, op)->a;
    return (op_at(f, op)->flags & HUNCH_OP_IS_SIGNED) != 0;
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
        read_argument(f, op, k, node, HUNCH_EDGE_CONTENT, false, known);
        read_deeper(f, op, k, node, known);
        if (!known && f->collect && is_signed(f, argument(f, op, k)) &&
            f->node.items[argument_value(f, op, k)].known != HUNCH_KNOWN_VALUE) {
            const uint32_t number =
                hunch_node_get(f, HUNCH_NODE_SINK, op, HUNCH_LABEL_SIGNED_ARGUMENT, k + 1);
            hunch_node_label(f, number, HUNCH_LABEL_SIGNED_ARGUMENT, name, k + 1);
            hunch_node_edge(f, number, argument_value(f, op, k), HUNCH_EDGE_ARGUMENT, 0);
        }
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

/* A library function takes the value of argument k itself, as free does: what holds it holds what
 * is left of it then, a source for rules that name the argument. Only variables, and what came in
 * by pointers: memory by the call that gave it, globals that others use in any order, and what a
 * loop goes along may each be another one the next time. */
static void take_argument(struct hunch_flow *f, uint32_t op, uint32_t name, uint32_t k)
{
    const uint32_t canon = f->canon.items[argument_value(f, op, k)];
    const uint32_t places = (uint32_t)f->place.count;
    const bool in_loop = f->in_loop[f->at - f->source->block];
    for (uint32_t p = 1; p < places; p++) {
        const struct hunch_place *place = &f->place.items[p];
        const uint8_t root = f->place.items[place->root].kind;
        if ((place->flags & HUNCH_PLACE_IS_MANY) ||
            (root != HUNCH_PLACE_LOCAL && (root != HUNCH_PLACE_AT || in_loop)) ||
            !hunch_flow_is_known(f, p))
            continue;
        const uint32_t held = hunch_flow_read(f, p);
        if (f->canon.items[held] != canon)
            continue;
        const uint32_t node = hunch_node_get(f, HUNCH_NODE_OUT, op, p, 2);
        hunch_node_copy(f, node, held, HUNCH_EDGE_ASSIGN);
        hunch_node_same(f, node, held);
        hunch_node_label(f, node, HUNCH_LABEL_ARGUMENT_OUT, name, k + 1);
        hunch_flow_write(f, p, node);
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
        const bool takes = !flow[i].to.returned && !flow[i].to.pointed && flow[i].to.index > 0;
        for (uint32_t k = 0; takes && k < count; k++)
            if (is_argument(&flow[i].to, k))
                take_argument(f, op, name, k);
        only_memory &= !flow[i].to.returned && !flow[i].to.pointed;
        if (flow[i].to.returned)
            flow_from(f, op, &flow[i], name, result, true);
    }
    new_memory(f, op, result, only_memory);
    hunch_node_know(f, result, HUNCH_KNOWN_ANY, 0);
}

/* Fields that came in stay, each by itself, or are what a rule says of the whole. */
static void keep_fields(struct hunch_flow *f, uint32_t op, uint32_t place, uint32_t out)
{
    if (!hunch_place_is_formal(f, place))
        return;
    for (uint32_t c = f->place.items[place].child; c != HUNCH_NONE; c = f->place.items[c].next) {
        const uint32_t before = hunch_flow_read(f, c);
        if (f->place.items[c].entry != before)
            continue;
        const uint32_t node = hunch_node_get(f, HUNCH_NODE_OUT, op, c, 1);
        hunch_node_copy(f, node, before, HUNCH_EDGE_PHI);
        hunch_node_edge(f, node, out, HUNCH_EDGE_FIELD, 0);
        keep_fields(f, op, c, node);
        hunch_flow_write(f, c, node);
    }
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
            hunch_node_copy(f, out, hunch_flow_read(f, place), HUNCH_EDGE_UNKNOWN);
            hunch_node_label(f, out,
                             f->node.items[value].to_count == 1 ? HUNCH_LABEL_ARGUMENT_ALL
                                                                : HUNCH_LABEL_ARGUMENT_OUT,
                             name, k + 1);
            keep_fields(f, op, place, out);
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
    struct hunch_callees c;
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
        if (callee != NULL && hunch_flow_is_busy(f, callee)) {
            arguments(f, op, name, true);
        } else if (callee == NULL || callee->is_gap ||
                   (callee->source->flags & HUNCH_FUNCTION_IS_CUT)) {
            call_name(f, op, name, result);
            returns = true;
        } else {
            arguments(f, op, name, true);
            returns |= hunch_flow_call_function(f, op, function, result, certain);
            hunch_node_label(f, result, HUNCH_LABEL_CALL, name, 0);
        }
        if (!certain)
            hunch_node_copy(f, n, result, HUNCH_EDGE_PHI);
    }
    return returns;
}
