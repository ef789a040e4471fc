/* lower_java_init.c: what fields begin with: what runs when a class is loaded, what when an object
 * is made, and the constants of static fields, which stand there before anything runs.
 */
#include "graph/lower_java.h"

void jv_share_this(struct jv_lower *l, uint32_t n)
{
    const struct jv_class *k = &l->class.items[l->class_at];
    if (k->is_this_shared && l->self != HUNCH_NONE)
        (void)jv_store(l, n, jv_op(l, HUNCH_OP_NAME, n, jv_join(l, k->name, ".this", 0), 0),
                       jv_load(l, n, jv_variable(l, n, l->self)));
}

static void initialise(struct jv_lower *l, uint32_t n, bool is_static)
{
    const bool is_constant =
        jv_kind(l, n) == K_constant_declaration || l->class.items[l->class_at].is_interface;
    if ((is_constant || jv_has_modifier(l, n, "static")) != is_static)
        return;
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        const uint32_t name =
            jv_kind(l, c) == K_variable_declarator ? jv_child(l, c, F_name) : HUNCH_NONE;
        const uint32_t value = jv_child(l, c, F_value);
        int64_t number;
        if (name == HUNCH_NONE || value == HUNCH_NONE ||
            (is_static && (jv_kind(l, value) == K_string_literal ||
                           jv_constant(l, value, l->class_at, &number))))
            continue;
        const uint32_t field = jv_field_of(l, l->class_at, jv_name(l, name));
        (void)jv_stmt(l, HUNCH_STMT_DECLARATION, c, c);
        const uint32_t type = jv_type_of(l, jv_child(l, n, F_type), l->class_at),
                       made = jv_kind(l, value) == K_array_initializer ? jv_array(l, value, type)
                                                                       : jv_value(l, value);
        if (field == HUNCH_NONE)
            continue;
        const uint32_t place = jv_name(l, name);
        (void)jv_store(l, c,
                       is_static
                           ? jv_op(l, HUNCH_OP_NAME, c,
                                   jv_join(l, l->class.items[l->class_at].name, ".", place), 0)
                           : jv_op(l, HUNCH_OP_FIELD, c, jv_this(l, c, l->class_at), place),
                       made);
    }
}

static void enum_constant(struct jv_lower *l, uint32_t n)
{
    const uint32_t name = jv_child(l, n, F_name);
    const struct jv_class *k = &l->class.items[l->class_at];
    const size_t first = l->argument.count;
    if (name == HUNCH_NONE)
        return;
    const uint32_t made = l->of[n] != HUNCH_NONE ? l->class.items[l->of[n]].name : k->name,
                   place = jv_join(l, k->name, ".", jv_name(l, name));
    (void)jv_stmt(l, HUNCH_STMT_DECLARATION, n, n);
    jv_arguments(l, jv_child(l, n, F_arguments));
    const uint32_t object = jv_make(l, n, made, first);
    (void)jv_store(l, n, jv_op(l, HUNCH_OP_NAME, n, place, 0), object);
}

void jv_initialisers(struct jv_lower *l, uint32_t body, bool is_static)
{
    if (body == HUNCH_NONE)
        return;
    HUNCH_EACH_CHILD(&l->tree, body, c)
    {
        const uint16_t kind = jv_kind(l, c);
        if (kind == K_field_declaration || kind == K_constant_declaration)
            initialise(l, c, is_static);
        else if (kind == K_enum_body_declarations)
            jv_initialisers(l, c, is_static);
        else if (kind == K_enum_constant && is_static)
            enum_constant(l, c);
        else if (kind == K_static_initializer && is_static)
            jv_statements(l, jv_of_kind(l, c, K_block));
        else if (kind == K_block && !is_static)
            jv_statements(l, c);
    }
}

void jv_initial_values(struct jv_lower *l)
{
    for (uint32_t i = 0; i < l->field.count && !jv_stops(l); i++) {
        const struct jv_field f = l->field.items[i];
        if (!f.is_static)
            continue;
        const uint32_t name = jv_join(l, l->class.items[f.class].name, ".", f.name);
        jv_add_global(l, name, f.node, f.is_final ? HUNCH_VAR_IS_CONST : 0u);
        int64_t number;
        uint32_t value = HUNCH_NONE;
        l->class_at = f.class;
        if (f.value == HUNCH_NONE)
            continue;
        if (jv_constant(l, f.value, f.class, &number))
            value = jv_const(l, f.value, number);
        else if (jv_kind(l, f.value) == K_string_literal)
            value = jv_op(l, HUNCH_OP_STRING, f.value, jv_text_value(l, f.value), 0);
        if (value == HUNCH_NONE)
            continue;
        const uint32_t store =
            jv_op(l, HUNCH_OP_STORE, f.node, jv_op(l, HUNCH_OP_NAME, f.node, name, 0), value);
        if (store != HUNCH_NONE)
            l->b->op.items[store].flags |= HUNCH_OP_IS_INITIAL;
    }
}
