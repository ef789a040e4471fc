/* lower_java_scope.c: what a file declares: its classes first (lower_java_class.c), then, in the
 * order of the text, what stands in them: scopes, local variables, lambdas, and what each name
 * means. `of` has what was found, by node.
 */
#include <stdio.h>
#include <string.h>

#include "graph/lower_java.h"

static void walk(struct jv_lower *l, uint32_t n, struct jv_where w);

uint32_t jv_class_of(const struct jv_lower *l, uint32_t n)
{
    return n == HUNCH_NONE ? HUNCH_NONE : l->of[n];
}

/* ---- names ---- */

static void symbol_add(struct jv_lower *l, struct jv_where w, uint32_t node, uint32_t type,
                       uint32_t value)
{
    const struct jv_symbol s = {.name = jv_name(l, node),
                                .scope = w.scope,
                                .function = w.function,
                                .node = node,
                                .type = type,
                                .value = value,
                                .index = HUNCH_NONE};
    bool added = false;
    const uint32_t number = jv_key_number(l, &l->declared, w.scope, s.name, &added),
                   index = (uint32_t)l->symbol.count;
    if (l->failed || !hunch_vec_push(l->a, &l->symbol, s) ||
        (added && !hunch_vec_push(l->a, &l->last, index))) {
        jv_fail(l);
        return;
    }
    l->last.items[number] = index; /* of two in one scope the later one, from here on */
    l->of[node] = index;
}

/* The symbol, or field | JV_FIELD, that a name means there; NONE: nobody of the file declares it.
 */
static uint32_t find(const struct jv_lower *l, uint32_t scope, uint32_t name)
{
    for (uint32_t s = scope; s != HUNCH_NONE; s = l->scope.items[s].parent) {
        struct hunch_map_key key = {{s, name, 0, 0}};
        uint32_t number =
            hunch_key_number(l->a, (struct hunch_key_map *)&l->declared, key, false, NULL);
        if (number != UINT32_MAX)
            return l->last.items[number];
        if (l->scope.items[s].class == HUNCH_NONE)
            continue;
        key.word[0] = l->scope.items[s].class;
        number = hunch_key_number(l->a, (struct hunch_key_map *)&l->fields, key, false, NULL);
        if (number != UINT32_MAX)
            return number | JV_FIELD;
    }
    return HUNCH_NONE;
}

static bool is_lambda(const struct jv_lower *l, uint32_t function)
{
    return function != HUNCH_NONE && l->function.items[function].kind == JV_LAMBDA;
}

/* `this` of that class is used there: from an inner class or a lambda it is a place for all. */
static void use_this(struct jv_lower *l, struct jv_where w, uint32_t class)
{
    if (class != HUNCH_NONE && (class != w.class || is_lambda(l, w.function)))
        l->class.items[class].is_this_shared = true;
}

static void use_name(struct jv_lower *l, uint32_t n, struct jv_where w)
{
    const uint32_t name = jv_name(l, n), found = find(l, w.scope, name);
    l->of[n] = found;
    if (found == HUNCH_NONE)
        return;
    if (found & JV_FIELD) {
        const struct jv_field *f = &l->field.items[found & ~JV_FIELD];
        if (!f->is_static)
            use_this(l, w, f->class);
    } else if (l->symbol.items[found].function != w.function) {
        l->symbol.items[found].is_captured = true;
    }
}

static void assigned(struct jv_lower *l, uint32_t n, struct jv_where w)
{
    while (jv_kind(l, n) == K_parenthesized_expression)
        n = jv_named(l, n, 0);
    uint32_t name = HUNCH_NONE;
    bool added;
    if (jv_kind(l, n) == K_identifier) {
        name = n;
        const uint32_t found = find(l, w.scope, jv_name(l, n));
        if (found != HUNCH_NONE && !(found & JV_FIELD)) {
            l->symbol.items[found].writes++;
            return;
        }
    } else if (jv_kind(l, n) == K_field_access) {
        name = jv_child(l, n, F_field);
    }
    if (name != HUNCH_NONE)
        (void)jv_key_number(l, &l->assigned, jv_name(l, name), 0, &added);
}

/* ---- the walk ---- */

static void walk_children(struct jv_lower *l, uint32_t n, struct jv_where w)
{
    HUNCH_EACH_CHILD(&l->tree, n, c)
    walk(l, c, w);
}

static void declare_parameters(struct jv_lower *l, uint32_t list, struct jv_where w)
{
    if (list == HUNCH_NONE)
        return;
    if (jv_kind(l, list) == K_identifier) {
        symbol_add(l, w, list, 0, HUNCH_NONE);
        return;
    }
    HUNCH_EACH_CHILD(&l->tree, list, c)
    {
        uint32_t name = jv_kind(l, c) == K_identifier ? c : jv_child(l, c, F_name), type = 0;
        if (jv_kind(l, c) == K_formal_parameter) {
            type = jv_written_type(l, jv_child(l, c, F_type));
        } else if (jv_kind(l, c) == K_spread_parameter) {
            name = jv_child(l, jv_of_kind(l, c, K_variable_declarator), F_name);
            HUNCH_EACH_CHILD(&l->tree, c, t)
            if (type == 0 && jv_kind(l, t) != K_modifiers &&
                jv_kind(l, t) != K_variable_declarator && jv_kind(l, t) != K_NONE)
                type = jv_written_type(l, t);
            type = type == 0 ? 0 : jv_join(l, type, "[]", 0);
        } else if (jv_kind(l, c) != K_identifier) {
            continue;
        }
        if (name != HUNCH_NONE)
            symbol_add(l, w, name, type, HUNCH_NONE);
    }
}

static void walk_function(struct jv_lower *l, uint32_t function, struct jv_where w)
{
    const struct jv_where inside = {jv_scope_add(l, w.scope, function, HUNCH_NONE), function,
                                    w.class};
    const struct jv_function f = l->function.items[function];
    if (l->failed)
        return;
    l->function.items[function].scope = inside.scope;
    declare_parameters(l, f.parameters, inside);
    if (f.body != HUNCH_NONE)
        walk(l, f.body, inside);
}

static void walk_lambda(struct jv_lower *l, uint32_t n, struct jv_where w)
{
    char text[24];
    const uint32_t around = w.function != HUNCH_NONE ? l->function.items[w.function].name
                            : w.class != HUNCH_NONE  ? l->class.items[w.class].name
                                                     : 0;
    snprintf(text, sizeof text, "%s", around != 0 ? ".lambda" : "lambda");
    uint32_t name = jv_join(l, around, text, 0);
    bool added = false;
    for (uint32_t i = 2; !added && !l->failed; i++) {
        (void)jv_key_number(l, &l->taken, name, 0, &added);
        if (!added) {
            snprintf(text, sizeof text, "%slambda#%u", around != 0 ? "." : "", i);
            name = jv_join(l, around, text, 0);
        }
    }
    struct jv_function f = {.kind = JV_LAMBDA,
                            .node = n,
                            .parameters = jv_child(l, n, F_parameters),
                            .body = jv_child(l, n, F_body),
                            .class = w.class,
                            .outer = w.function,
                            .name = name};
    jv_parameters_of(l, &f);
    const uint32_t function = jv_function_add(l, f);
    if (function == HUNCH_NONE)
        return;
    l->of[n] = function;
    walk_function(l, function, w);
}

/* What stands in a class: its methods, and what runs when it or an object of it is made. */
static void walk_members(struct jv_lower *l, uint32_t body, uint32_t class)
{
    const struct jv_class k = l->class.items[class];
    const struct jv_where inside = {k.scope, HUNCH_NONE, class},
                          making = {k.scope, k.constructor, class},
                          loading = {k.scope, k.loader, class};
    HUNCH_EACH_CHILD(&l->tree, body, c)
    {
        const uint16_t kind = jv_kind(l, c);
        if (kind == K_method_declaration || kind == K_constructor_declaration ||
            kind == K_compact_constructor_declaration) {
            if (l->of[c] != HUNCH_NONE)
                walk_function(l, l->of[c], inside);
        } else if (kind == K_enum_body_declarations) {
            walk_members(l, c, class);
        } else if (kind == K_field_declaration || kind == K_constant_declaration) {
            const bool is_static =
                kind == K_constant_declaration || k.is_interface || jv_has_modifier(l, c, "static");
            HUNCH_EACH_CHILD(&l->tree, c, d)
            if (jv_kind(l, d) == K_variable_declarator && jv_child(l, d, F_value) != HUNCH_NONE)
                walk(l, jv_child(l, d, F_value), is_static ? loading : making);
        } else {
            const bool is_static = kind == K_static_initializer || kind == K_enum_constant;
            walk(l, c, is_static ? loading : making);
        }
    }
}

static void walk_class(struct jv_lower *l, uint32_t class)
{
    const struct jv_class k = l->class.items[class];
    if (k.body != HUNCH_NONE)
        walk_members(l, k.body, class);
}

static void declare_variables(struct jv_lower *l, uint32_t n, struct jv_where w)
{
    const uint32_t type = jv_written_type(l, jv_child(l, n, F_type));
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        const uint32_t name =
            jv_kind(l, c) == K_variable_declarator ? jv_child(l, c, F_name) : HUNCH_NONE;
        if (name == HUNCH_NONE)
            continue;
        const uint32_t value = jv_child(l, c, F_value);
        const bool is_array = jv_child(l, c, F_dimensions) != HUNCH_NONE && type != 0;
        if (value != HUNCH_NONE)
            walk(l, value, w);
        symbol_add(l, w, name, is_array ? jv_join(l, type, "[]", 0) : type, value);
    }
}

/* A name with a type in front of it: of a loop over elements, a resource, a pattern. */
static void declare_one(struct jv_lower *l, uint32_t n, struct jv_where w)
{
    const uint32_t name = jv_child(l, n, F_name);
    if (name == HUNCH_NONE)
        return;
    const uint32_t type = jv_child(l, n, F_type);
    symbol_add(l, w, name, type == HUNCH_NONE ? 0 : jv_written_type(l, type), HUNCH_NONE);
}

/* Names in `Type name` of patterns: the last identifier of each. */
static void declare_pattern(struct jv_lower *l, uint32_t n, struct jv_where w)
{
    const uint16_t kind = jv_kind(l, n);
    uint32_t name = HUNCH_NONE, type = HUNCH_NONE;
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        if (jv_kind(l, c) == K_identifier) {
            name = c;
        } else {
            if (jv_kind(l, c) != K_NONE)
                type = c;
            declare_pattern(l, c, w);
        }
    }
    if (name != HUNCH_NONE && (kind == K_type_pattern || kind == K_record_pattern_component))
        symbol_add(l, w, name, type == HUNCH_NONE ? 0 : jv_written_type(l, type), HUNCH_NONE);
}

static void walk_catch(struct jv_lower *l, uint32_t n, struct jv_where w)
{
    const uint32_t parameter = jv_of_kind(l, n, K_catch_formal_parameter),
                   name = jv_child(l, parameter, F_name),
                   types = jv_of_kind(l, parameter == HUNCH_NONE ? n : parameter, K_catch_type);
    w.scope = jv_scope_add(l, w.scope, w.function, HUNCH_NONE);
    if (name != HUNCH_NONE)
        symbol_add(l, w, name, types == HUNCH_NONE ? 0 : jv_written_type(l, jv_named(l, types, 0)),
                   HUNCH_NONE);
    const uint32_t body = jv_child(l, n, F_body);
    if (body != HUNCH_NONE)
        walk(l, body, w);
}

static void walk_call(struct jv_lower *l, uint32_t n, struct jv_where w)
{
    const uint32_t object = jv_child(l, n, F_object), list = jv_child(l, n, F_arguments);
    const uint32_t name = jv_child(l, n, F_name);
    if (object != HUNCH_NONE)
        walk(l, object, w);
    else if (name != HUNCH_NONE)
        use_this(l, w, jv_method_class(l, w.class, jv_name(l, name)));
    if (list != HUNCH_NONE)
        walk(l, list, w);
}

static void walk_creation(struct jv_lower *l, uint32_t n, struct jv_where w)
{
    const uint32_t body = jv_of_kind(l, n, K_class_body);
    HUNCH_EACH_CHILD(&l->tree, n, c)
    if (c != body)
        walk(l, c, w);
    if (body == HUNCH_NONE)
        return;
    const uint32_t class = jv_class_add(l, n, body, 0, w);
    if (class != HUNCH_NONE)
        walk_class(l, class);
}

static void walk_local_class(struct jv_lower *l, uint32_t n, struct jv_where w)
{
    const uint32_t name = jv_child(l, n, F_name);
    if (l->of[n] == HUNCH_NONE && name != HUNCH_NONE)
        (void)jv_class_add(l, n, jv_child(l, n, F_body), jv_name(l, name), w);
    if (l->of[n] != HUNCH_NONE)
        walk_class(l, l->of[n]);
}

static void walk(struct jv_lower *l, uint32_t n, struct jv_where w)
{
    const uint16_t kind = jv_kind(l, n);
    if (l->failed || l->names->failed)
        return;
    if (jv_is_class(kind)) {
        walk_local_class(l, n, w);
        return;
    }
    switch (kind) {
    case K_identifier: use_name(l, n, w); return;
    case K_this: use_this(l, w, w.class); return;
    case K_import_declaration:
    case K_type_identifier:
    case K_scoped_type_identifier:
    case K_generic_type:
    case K_modifiers: return;
    case K_lambda_expression: walk_lambda(l, n, w); return;
    case K_method_invocation: walk_call(l, n, w); return;
    case K_object_creation_expression: walk_creation(l, n, w); return;
    case K_local_variable_declaration: declare_variables(l, n, w); return;
    case K_field_access: {
        const uint32_t object = jv_child(l, n, F_object), field = jv_child(l, n, F_field);
        if (object != HUNCH_NONE)
            walk(l, object, w);
        if (field != HUNCH_NONE && jv_kind(l, field) == K_this &&
            jv_kind(l, object) == K_identifier)
            use_this(l, w, jv_class_named(l, jv_resolved(l, jv_name(l, object), w.class)));
        return;
    }
    case K_assignment_expression: assigned(l, jv_child(l, n, F_left), w); break;
    case K_update_expression: assigned(l, jv_named(l, n, 0), w); break;
    case K_enum_constant: {
        const uint32_t list = jv_child(l, n, F_arguments);
        if (list != HUNCH_NONE)
            walk(l, list, w);
        if (l->of[n] != HUNCH_NONE)
            walk_class(l, l->of[n]);
        return;
    }
    case K_enhanced_for_statement:
        w.scope = jv_scope_add(l, w.scope, w.function, HUNCH_NONE);
        if (jv_child(l, n, F_value) != HUNCH_NONE)
            walk(l, jv_child(l, n, F_value), w);
        declare_one(l, n, w);
        if (jv_child(l, n, F_body) != HUNCH_NONE)
            walk(l, jv_child(l, n, F_body), w);
        return;
    case K_resource:
        if (jv_child(l, n, F_value) != HUNCH_NONE) {
            walk(l, jv_child(l, n, F_value), w);
            declare_one(l, n, w);
            return;
        }
        break;
    case K_catch_clause: walk_catch(l, n, w); return;
    case K_instanceof_expression: {
        const uint32_t left = jv_child(l, n, F_left), pattern = jv_child(l, n, F_pattern);
        if (left != HUNCH_NONE)
            walk(l, left, w);
        if (jv_child(l, n, F_name) != HUNCH_NONE)
            symbol_add(l, w, jv_child(l, n, F_name), jv_written_type(l, jv_child(l, n, F_right)),
                       HUNCH_NONE);
        if (pattern != HUNCH_NONE)
            declare_pattern(l, pattern, w);
        return;
    }
    case K_pattern: declare_pattern(l, n, w); return;
    case K_method_reference: {
        const uint32_t first = jv_named(l, n, 0);
        if (first != HUNCH_NONE)
            walk(l, first, w);
        return;
    }
    case K_break_statement:
    case K_continue_statement: return;
    case K_block:
    case K_constructor_body:
    case K_for_statement:
    case K_switch_block:
    case K_switch_rule:
    case K_try_with_resources_statement:
    case K_static_initializer: w.scope = jv_scope_add(l, w.scope, w.function, HUNCH_NONE); break;
    default: break;
    }
    walk_children(l, n, w);
}

/* ---- the file ---- */

static void add_import(struct jv_lower *l, uint32_t n)
{
    const uint32_t what = jv_named(l, n, 0);
    const uint32_t last =
        jv_kind(l, what) == K_scoped_identifier ? jv_child(l, what, F_name) : what;
    if (what == HUNCH_NONE || last == HUNCH_NONE || jv_of_kind(l, n, K_asterisk) != HUNCH_NONE)
        return;
    const uint32_t target = jv_static(l, what);
    bool added = false;
    if (target == 0)
        return;
    (void)jv_key_number(l, &l->imported, jv_name(l, last), 0, &added);
    if (added && !hunch_vec_push(l->a, &l->target, target))
        jv_fail(l);
}

static void top(struct jv_lower *l, uint32_t n, bool declares)
{
    const struct jv_where nowhere = {HUNCH_NONE, HUNCH_NONE, HUNCH_NONE};
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        const uint16_t kind = jv_kind(l, c);
        const uint32_t name = jv_child(l, c, F_name);
        if (kind == K_program || (jv_node(l, c)->flags & HUNCH_NODE_IS_ERROR))
            top(l, c, declares);
        else if (kind == K_import_declaration && declares)
            add_import(l, c);
        else if (jv_is_class(kind) && declares && name != HUNCH_NONE)
            (void)jv_class_add(l, c, jv_child(l, c, F_body), jv_name(l, name), nowhere);
        else if (jv_is_class(kind) && !declares && l->of[c] != HUNCH_NONE)
            walk_class(l, l->of[c]);
    }
}

void jv_declare(struct jv_lower *l)
{
    top(l, 0, true);
    if (!l->failed && !l->names->failed)
        top(l, 0, false);
}
