/* lower_java_class.c: what classes declare: their fields, methods, constructors and inner classes.
 */
#include <stdio.h>
#include <string.h>

#include "graph/lower_java.h"

/* ---- adding ---- */

/* The number of a key whose values are in a list of its own; *added: that is one longer now. */
uint32_t jv_key_number(struct jv_lower *l, struct hunch_key_map *map, uint32_t a, uint32_t b,
                       bool *added)
{
    const struct hunch_map_key key = {{a, b, 0, 0}};
    const uint32_t number = hunch_key_number(l->a, map, key, added != NULL, added);
    if (number == UINT32_MAX && added != NULL)
        jv_fail(l);
    return number;
}

uint32_t jv_scope_add(struct jv_lower *l, uint32_t parent, uint32_t function, uint32_t class)
{
    const struct jv_scope s = {parent, function, class};
    if (!hunch_vec_push(l->a, &l->scope, s)) {
        jv_fail(l);
        return parent == HUNCH_NONE ? 0 : parent;
    }
    return (uint32_t)l->scope.count - 1;
}

uint32_t jv_function_add(struct jv_lower *l, struct jv_function f)
{
    const uint32_t index = (uint32_t)l->function.count;
    bool added = false;
    f.next = HUNCH_NONE;
    if (!hunch_vec_push(l->a, &l->function, f)) {
        jv_fail(l);
        return HUNCH_NONE;
    }
    if (f.kind == JV_CONSTRUCTOR && l->class.items[f.class].constructor == HUNCH_NONE)
        l->class.items[f.class].constructor = index;
    if (f.key == 0)
        return index;
    const uint32_t number = jv_key_number(l, &l->methods, f.class, f.key, &added);
    if (l->failed || (added && !hunch_vec_push(l->a, &l->first, index)))
        jv_fail(l);
    else if (!added) {
        l->function.items[index].next = l->first.items[number];
        l->first.items[number] = index;
    }
    return index;
}

static void field_add(struct jv_lower *l, struct jv_field f)
{
    bool added = false;
    const uint32_t number = jv_key_number(l, &l->fields, f.class, f.name, &added);
    if (l->failed || (added && !hunch_vec_push(l->a, &l->field, f)))
        jv_fail(l);
    (void)number;
}

/* ---- members ---- */

void jv_parameters_of(struct jv_lower *l, struct jv_function *f)
{
    if (f->parameters == HUNCH_NONE)
        return;
    if (jv_kind(l, f->parameters) == K_identifier) {
        f->count = 1;
        return;
    }
    HUNCH_EACH_CHILD(&l->tree, f->parameters, c)
    {
        const uint16_t kind = jv_kind(l, c);
        f->count +=
            kind == K_formal_parameter || kind == K_spread_parameter || kind == K_identifier;
        f->is_variadic |= kind == K_spread_parameter;
    }
}

static void add_method(struct jv_lower *l, uint32_t n, uint32_t class)
{
    const uint32_t name = jv_child(l, n, F_name);
    const bool is_method = jv_kind(l, n) == K_method_declaration;
    if (name == HUNCH_NONE)
        return;
    struct jv_function f = {.kind = is_method ? JV_METHOD : JV_CONSTRUCTOR,
                            .node = n,
                            .parameters = jv_child(l, n, F_parameters),
                            .body = jv_child(l, n, F_body),
                            .class = class,
                            .outer = HUNCH_NONE,
                            .name = l->class.items[class].name,
                            .is_static = is_method && jv_has_modifier(l, n, "static")};
    if (is_method) {
        f.key = jv_name(l, name);
        f.name = jv_join(l, f.name, ".", f.key);
        f.type = jv_written_type(l, jv_child(l, n, F_type));
    } else {
        if (jv_kind(l, n) == K_compact_constructor_declaration) {
            f.parameters = jv_child(l, l->class.items[class].node, F_parameters);
            f.is_record = true;
        }
    }
    jv_parameters_of(l, &f);
    l->of[n] = jv_function_add(l, f);
}

static bool is_annotated(const struct jv_lower *l, uint32_t n)
{
    const uint32_t list = jv_of_kind(l, n, K_modifiers);
    return list != HUNCH_NONE && (jv_of_kind(l, list, K_annotation) != HUNCH_NONE ||
                                  jv_of_kind(l, list, K_marker_annotation) != HUNCH_NONE);
}

static void add_fields(struct jv_lower *l, uint32_t n, uint32_t class)
{
    const bool is_constant =
        jv_kind(l, n) == K_constant_declaration || l->class.items[class].is_interface;
    struct jv_field f = {.class = class,
                         .is_static = is_constant || jv_has_modifier(l, n, "static"),
                         .is_final = is_constant || jv_has_modifier(l, n, "final"),
                         .is_private = jv_has_modifier(l, n, "private"),
                         .is_annotated = is_annotated(l, n)};
    const uint32_t type = jv_written_type(l, jv_child(l, n, F_type));
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        f.node = jv_kind(l, c) == K_variable_declarator ? jv_child(l, c, F_name) : HUNCH_NONE;
        if (f.node == HUNCH_NONE)
            continue;
        f.name = jv_name(l, f.node);
        f.value = jv_child(l, c, F_value);
        f.type = jv_child(l, c, F_dimensions) != HUNCH_NONE && type != 0 ? jv_join(l, type, "[]", 0)
                                                                         : type;
        field_add(l, f);
    }
}

static void add_record_fields(struct jv_lower *l, uint32_t list, uint32_t class)
{
    if (list == HUNCH_NONE)
        return;
    HUNCH_EACH_CHILD(&l->tree, list, c)
    {
        const uint32_t name = jv_child(l, c, F_name);
        if (jv_kind(l, c) == K_formal_parameter && name != HUNCH_NONE)
            field_add(l, (struct jv_field){.class = class,
                                           .name = jv_name(l, name),
                                           .type = jv_written_type(l, jv_child(l, c, F_type)),
                                           .node = name,
                                           .value = HUNCH_NONE,
                                           .is_final = true});
    }
}

bool jv_is_class(uint16_t kind)
{
    return kind == K_class_declaration || kind == K_interface_declaration ||
           kind == K_enum_declaration || kind == K_record_declaration ||
           kind == K_annotation_type_declaration;
}

static void add_members(struct jv_lower *l, uint32_t body, uint32_t class)
{
    const struct jv_where inside = {l->class.items[class].scope, HUNCH_NONE, class};
    HUNCH_EACH_CHILD(&l->tree, body, c)
    {
        const uint16_t kind = jv_kind(l, c);
        if (kind == K_method_declaration || kind == K_constructor_declaration ||
            kind == K_compact_constructor_declaration) {
            add_method(l, c, class);
        } else if (kind == K_field_declaration || kind == K_constant_declaration) {
            add_fields(l, c, class);
        } else if (kind == K_enum_constant) {
            const uint32_t name = jv_child(l, c, F_name), own = jv_child(l, c, F_body);
            if (name == HUNCH_NONE)
                continue;
            field_add(l, (struct jv_field){.class = class,
                                           .name = jv_name(l, name),
                                           .type = l->class.items[class].name,
                                           .node = name,
                                           .value = HUNCH_NONE,
                                           .is_static = true,
                                           .is_final = true});
            if (own != HUNCH_NONE)
                (void)jv_class_add(l, c, own, 0, inside);
        } else if (jv_is_class(kind)) {
            const uint32_t name = jv_child(l, c, F_name);
            if (name != HUNCH_NONE)
                (void)jv_class_add(l, c, jv_child(l, c, F_body), jv_name(l, name), inside);
        } else if (kind == K_enum_body_declarations ||
                   (jv_node(l, c)->flags & HUNCH_NODE_IS_ERROR)) {
            add_members(l, c, class);
        }
    }
}

/* A class without a constructor has one that gets nothing, or what the base's is given. */
static void add_constructor(struct jv_lower *l, uint32_t class)
{
    const struct jv_class *k = &l->class.items[class];
    struct jv_function f = {.kind = JV_CONSTRUCTOR,
                            .node = k->node,
                            .parameters = HUNCH_NONE,
                            .body = HUNCH_NONE,
                            .class = class,
                            .outer = HUNCH_NONE,
                            .name = k->name};
    if (k->is_interface)
        return;
    if (jv_kind(l, k->node) == K_record_declaration) {
        f.parameters = jv_child(l, k->node, F_parameters);
        f.is_record = true;
        jv_parameters_of(l, &f);
    } else if (k->is_anonymous) {
        const uint32_t list = jv_child(l, k->node, F_arguments);
        for (uint32_t i = 0; list != HUNCH_NONE && jv_named(l, list, i) != HUNCH_NONE; i++)
            f.count++;
    }
    (void)jv_function_add(l, f);
}

static uint32_t base_node(struct jv_lower *l, uint32_t node)
{
    if (jv_kind(l, node) == K_object_creation_expression)
        return jv_child(l, node, F_type);
    const uint32_t super = jv_child(l, node, F_superclass);
    return super == HUNCH_NONE ? HUNCH_NONE : jv_named(l, super, 0);
}

uint32_t jv_class_add(struct jv_lower *l, uint32_t node, uint32_t body, uint32_t name,
                      struct jv_where w)
{
    const uint16_t kind = jv_kind(l, node);
    const uint32_t index = (uint32_t)l->class.count;
    struct jv_class k = {.node = node,
                         .body = body,
                         .outer = w.class,
                         .base = base_node(l, node),
                         .is_interface = kind == K_interface_declaration ||
                                         kind == K_annotation_type_declaration,
                         .is_enum = kind == K_enum_declaration,
                         .is_anonymous = name == 0,
                         .constructor = HUNCH_NONE,
                         .scope = jv_scope_add(l, w.scope, HUNCH_NONE, index)};
    if (name == 0 && w.class != HUNCH_NONE) {
        char text[16];
        snprintf(text, sizeof text, "$%u", ++l->class.items[w.class].anonymous);
        k.name = jv_join(l, l->class.items[w.class].name, text, 0);
    } else {
        k.name = w.class == HUNCH_NONE ? name : jv_join(l, l->class.items[w.class].name, ".", name);
    }
    bool added = false;
    const uint32_t number = jv_key_number(l, &l->classes, k.name, 0, &added);
    if (l->failed || !added || number != index || !hunch_vec_push(l->a, &l->class, k)) {
        l->failed |= added; /* a second class of that name is left out */
        return HUNCH_NONE;
    }
    l->of[node] = index;
    if (kind == K_record_declaration)
        add_record_fields(l, jv_child(l, node, F_parameters), index);
    if (body != HUNCH_NONE)
        add_members(l, body, index);
    if (l->class.items[index].constructor == HUNCH_NONE)
        add_constructor(l, index);
    l->class.items[index].loader =
        jv_function_add(l, (struct jv_function){.kind = JV_STATIC,
                                                .node = node,
                                                .parameters = HUNCH_NONE,
                                                .body = HUNCH_NONE,
                                                .class = index,
                                                .outer = HUNCH_NONE,
                                                .name = jv_join(l, k.name, ".<static>", 0),
                                                .is_static = true});
    return index;
}
