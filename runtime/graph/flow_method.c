/* flow_method.c: whose method a call of ".name" is, of languages that have them. */
#include <stdio.h>
#include <string.h>

#include "graph/flow.h"

enum { METHODS_MOST = 4 };

static const struct hunch_op *op_at(const struct hunch_flow *f, uint32_t op)
{
    return &f->graph->op.items[op];
}

void hunch_flow_keep_methods(struct hunch_unit *u)
{
    for (uint32_t f = 0; f < u->function_file.count; f++) {
        const struct hunch_function *source = hunch_unit_function(u, f);
        const struct hunch_graph_file *graph = u->file[u->function_file.items[f]].graph;
        if (!(source->flags & HUNCH_FUNCTION_IS_METHOD) ||
            graph->language != HUNCH_LANGUAGE_JAVASCRIPT)
            continue;
        const char *name = hunch_graph_name(graph, source->name), *last = strrchr(name, '.');
        char text[128];
        last = last != NULL ? last + 1 : name;
        const size_t size = strcspn(last, "#"); /* a second one of that name */
        if (size == 0 || size >= sizeof text)
            continue;
        memcpy(text, last, size);
        text[size] = '\0';
        hunch_flow_keep_in_field(u, hunch_unit_name_add(u, text), f);
    }
}

/* The class that made the object at the place in this function, by a call of its name; NONE: it is
 * no such object. */
static uint32_t class_of(struct hunch_flow *f, uint32_t place)
{
    const struct hunch_place *p = &f->place.items[place];
    if (p->kind != HUNCH_PLACE_HEAP || op_at(f, p->a)->kind != HUNCH_OP_CALL)
        return HUNCH_NONE;
    const struct hunch_op *called = op_at(f, op_at(f, p->a)->a);
    if (called->kind != HUNCH_OP_NAME)
        return HUNCH_NONE;
    const uint32_t link = hunch_unit_link_of(f->u, f->file, called->a);
    return link & HUNCH_LINK_FUNCTION ? link & ~HUNCH_LINK_FUNCTION : HUNCH_NONE;
}

/* A call of Java's: its name says of which class' method. Where it is seen which objects there may
 * be, these say it; else each class may be meant that is one of that class. */
bool hunch_flow_classes(struct hunch_flow *f, uint32_t op, const struct hunch_op *called,
                        struct hunch_callees *c)
{
    const uint32_t name =
        called->kind == HUNCH_OP_NAME ? hunch_unit_name(f->u, f->file, called->a) : HUNCH_NONE;
    if (name == HUNCH_NONE || !hunch_unit_is_call(f->u, f->file, name))
        return false;
    const bool is_virtual = hunch_unit_text(f->u, name)[0] == '.' && op_at(f, op)->c > 0;
    bool is_known = false, sees_all = is_virtual;
    if (is_virtual) {
        const uint32_t receiver = hunch_flow_value(f, f->graph->arg.items[op_at(f, op)->b]);
        const uint32_t count = f->node.items[receiver].to_count;
        for (uint32_t i = 0; i < count; i++) {
            const uint32_t place = f->node.items[receiver].to[i];
            if (f->place.items[place].kind == HUNCH_PLACE_FUNCTION) {
                hunch_flow_add_callee(c, f->place.items[place].a);
                continue;
            }
            const uint32_t class = class_of(f, place);
            sees_all &= class != HUNCH_NONE && hunch_unit_called_of(f->u, name, class, c);
        }
        if (sees_all && count > 0)
            return true;
    }
    hunch_unit_called(f->u, f->file, name, c, &is_known);
    if (is_known)
        return true;
    if (c->count == 0 && is_virtual && hunch_unit_is_any(f->u, name))
        hunch_unit_called_any(f->u, name, c);
    c->name[c->name_count++] = hunch_unit_call_name(f->u, name);
    return true;
}

static uint32_t receiver_of(struct hunch_flow *f, uint32_t op)
{
    return hunch_flow_value(f, f->graph->arg.items[op_at(f, op)->b]);
}

void hunch_flow_own_methods(struct hunch_flow *f, uint32_t op, struct hunch_callees *c)
{
    const struct hunch_op *called = op_at(f, op_at(f, op)->a);
    if (f->graph->language != HUNCH_LANGUAGE_PYTHON || called->kind != HUNCH_OP_NAME ||
        c->count == 0 || op_at(f, op)->c == 0 || hunch_graph_name(f->graph, called->a)[0] != '.')
        return;
    const uint32_t receiver = receiver_of(f, op);
    struct hunch_callees own = {.count = 0};
    for (uint32_t i = 0; i < f->node.items[receiver].to_count; i++) {
        const uint32_t class = class_of(f, f->node.items[receiver].to[i]);
        if (class == HUNCH_NONE)
            return;
        for (uint32_t k = 0; k < c->count; k++)
            if (hunch_unit_is_method_of(f->u, c->function[k], class))
                hunch_flow_add_callee(&own, c->function[k]);
    }
    if (own.count > 0) {
        memcpy(c->function, own.function, own.count * sizeof *own.function);
        c->count = own.count;
        c->name_count = 0;
    }
}

/* A call of ".name": of what that field of the receiver holds, or of its class' method. Where these
 * are not known, of the name, and, unless a library knows that, of all functions that were put into
 * a field, or are methods, of that name, where these are few. */
bool hunch_flow_methods(struct hunch_flow *f, uint32_t op, const struct hunch_op *called,
                        struct hunch_callees *c)
{
    if (!(op_at(f, op)->flags & HUNCH_OP_HAS_RECEIVER) || called->kind != HUNCH_OP_NAME ||
        op_at(f, op)->c == 0)
        return false;
    const uint32_t name = hunch_unit_name(f->u, f->file, called->a);
    if (hunch_unit_text(f->u, name)[0] != '.')
        return false;
    char text[128];
    snprintf(text, sizeof text, "%s", hunch_unit_text(f->u, name) + 1);
    const uint32_t field = hunch_unit_name_add(f->u, text), receiver = receiver_of(f, op);
    for (uint32_t i = 0; i < f->node.items[receiver].to_count; i++) {
        const uint32_t at = f->node.items[receiver].to[i];
        const struct hunch_map_key key = {{HUNCH_PLACE_FIELD, at, field, 0}};
        const uint32_t place = hunch_key_number(f->u->a, &f->place_key, key, false, NULL);
        if (place != UINT32_MAX && hunch_flow_is_known(f, place)) {
            const uint32_t held = hunch_flow_read(f, place);
            for (uint32_t t = 0; t < f->node.items[held].to_count; t++) {
                const struct hunch_place *to = &f->place.items[f->node.items[held].to[t]];
                if (to->kind == HUNCH_PLACE_FUNCTION)
                    hunch_flow_add_callee(c, to->a);
            }
        }
        if (f->place.items[at].kind == HUNCH_PLACE_GLOBAL)
            hunch_flow_add_in_field(f, c, field, f->place.items[at].a + 1);
    }
    if (c->count > 0)
        return true;
    struct hunch_callees all = {.count = 0};
    size_t flows;
    hunch_flow_add_in_field(f, &all, field, 0);
    for (uint32_t i = 0; i < f->node.items[receiver].to_count; i++) {
        const uint32_t class = class_of(f, f->node.items[receiver].to[i]);
        for (uint32_t k = 0; class != HUNCH_NONE && k < all.count; k++)
            if (hunch_unit_is_method_of(f->u, all.function[k], class))
                hunch_flow_add_callee(c, all.function[k]);
    }
    if (c->count > 0)
        return true;
    (void)hunch_unit_library(f->u, name, &flows);
    uint32_t near = 0; /* of the file itself */
    for (uint32_t k = 0; k < all.count; k++)
        near += f->u->function_file.items[all.function[k]] == f->file;
    const uint32_t most = near > 0 ? METHODS_MOST : 1;
    for (uint32_t k = 0; flows == 0 && (near > 0 ? near : all.count) <= most && k < all.count; k++)
        if (near == 0 || f->u->function_file.items[all.function[k]] == f->file)
            hunch_flow_add_callee(c, all.function[k]);
    c->name[c->name_count++] = name;
    return true;
}
