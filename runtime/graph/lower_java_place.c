/* lower_java_place.c: names, fields and elements: where a value is, and what is there. A variable
 * of which a lambda or an inner class makes use, and what is static, is a global; the object around
 * an inner one is the global "Outer.this".
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "graph/lower_java.h"

uint32_t jv_symbol_address(struct jv_lower *l, struct jv_symbol *symbol, uint32_t n)
{
    if (symbol->is_captured) {
        if (symbol->global == 0) {
            const uint32_t around =
                symbol->function == HUNCH_NONE ? 0 : l->function.items[symbol->function].name;
            char more[24] = "";
            bool added = false;
            for (uint32_t i = 1; !added && !l->failed; i++) {
                symbol->global = jv_join(l, jv_join(l, around, ".", symbol->name), more, 0);
                const struct hunch_map_key key = {{symbol->global, 0, 0, 0}};
                if (hunch_key_number(l->a, &l->taken, key, true, &added) == UINT32_MAX)
                    jv_fail(l);
                snprintf(more, sizeof more, "#%u", i + 1);
            }
            jv_add_global(l, symbol->global, symbol->node, HUNCH_VAR_IS_STATIC);
        }
        return jv_op(l, HUNCH_OP_NAME, n, symbol->global, 0);
    }
    if (symbol->index == HUNCH_NONE || symbol->at != l->at) {
        symbol->at = l->at;
        symbol->index = hunch_build_var(
            l->b, (struct hunch_var){.name = symbol->name, .span = jv_span(l, symbol->node)});
    }
    return jv_variable(l, n, symbol->index);
}

static struct jv_symbol *symbol_of(struct jv_lower *l, uint32_t n)
{
    const uint32_t of = n == HUNCH_NONE ? HUNCH_NONE : l->of[n];
    return of == HUNCH_NONE || (of & JV_FIELD) ? NULL : &l->symbol.items[of];
}

void jv_assign_symbol(struct jv_lower *l, uint32_t n, uint32_t value)
{
    struct jv_symbol *symbol = symbol_of(l, n);
    if (symbol == NULL)
        return;
    if (symbol->type == 0)
        symbol->type = jv_op_type(l, value); /* var */
    (void)jv_store(l, n, jv_symbol_address(l, symbol, n), value);
}

/* The object whose members of that class are seen: `this`, or that of a class around. */
uint32_t jv_this(struct jv_lower *l, uint32_t n, uint32_t class)
{
    if (class == HUNCH_NONE)
        return jv_unknown(l, n);
    const uint32_t name = l->class.items[class].name;
    const bool is_own = l->self != HUNCH_NONE && class == l->class_at;
    if (is_own)
        return jv_typed(l, jv_load(l, n, jv_variable(l, n, l->self)), name);
    const uint32_t shared = jv_join(l, name, ".this", 0);
    return jv_typed(l, jv_load(l, n, jv_op(l, HUNCH_OP_NAME, n, shared, 0)), name);
}

static uint32_t field_address(struct jv_lower *l, uint32_t n, uint32_t field, uint32_t *type)
{
    const struct jv_field f = l->field.items[field];
    *type = jv_resolved(l, f.type, f.class);
    if (f.is_static)
        return jv_op(l, HUNCH_OP_NAME, n, jv_join(l, l->class.items[f.class].name, ".", f.name), 0);
    return jv_op(l, HUNCH_OP_FIELD, n, jv_this(l, n, f.class), f.name);
}

/* A name that nobody in the file declares: of a class that another file shows, or imported. */
static uint32_t free_address(struct jv_lower *l, uint32_t n)
{
    const uint32_t name = jv_name(l, n), imported = jv_imported(l, name);
    const bool is_static = isupper((unsigned char)*jv_text(l, n)) || l->self == HUNCH_NONE;
    if (imported != 0)
        return jv_op(l, HUNCH_OP_NAME, n, imported, 0);
    if (l->class_at == HUNCH_NONE)
        return jv_op(l, HUNCH_OP_NAME, n, name, 0);
    /* It may be one of a base of this class, or of one around it whose base is not here. */
    uint32_t class = l->class_at;
    while (jv_base_of(l, class) == 0 && l->class.items[class].outer != HUNCH_NONE)
        class = l->class.items[class].outer;
    const uint32_t known = jv_field_of(l, class, name);
    uint32_t type;
    if (known != HUNCH_NONE)
        return field_address(l, n, known, &type);
    if (is_static)
        return jv_op(l, HUNCH_OP_NAME, n, jv_join(l, l->class.items[class].name, ".", name), 0);
    return jv_op(l, HUNCH_OP_FIELD, n, jv_this(l, n, l->class_at), name);
}

/* The place of an element: a constant index has one of its own. */
uint32_t jv_key_place(struct jv_lower *l, uint32_t n, uint32_t base, uint32_t index)
{
    const struct hunch_op *op = index < l->b->op.count ? &l->b->op.items[index] : NULL;
    char text[32];
    if (op != NULL && op->kind == HUNCH_OP_CONST) {
        snprintf(text, sizeof text, "[%lld]", (long long)hunch_op_value(op));
        return jv_op(l, HUNCH_OP_FIELD, n, base, jv_literal(l, text));
    }
    return jv_op(l, HUNCH_OP_INDEX, n, base, index);
}

static uint32_t element_address(struct jv_lower *l, uint32_t n, uint32_t *type)
{
    const uint32_t array = jv_child(l, n, F_array), index = jv_child(l, n, F_index);
    const uint32_t base = jv_value(l, array), at = jv_value(l, index);
    *type = jv_element_type(l, jv_op_type(l, base));
    return jv_key_place(l, n, base, at);
}

static uint32_t member_address(struct jv_lower *l, uint32_t n, uint32_t *type)
{
    const uint32_t object = jv_child(l, n, F_object), field = jv_child(l, n, F_field);
    if (object == HUNCH_NONE || field == HUNCH_NONE)
        return HUNCH_NONE;
    const uint32_t name = jv_name(l, field), of = jv_static(l, object);
    if (of != 0) {
        const uint32_t class = jv_class_named(l, of),
                       known = class == HUNCH_NONE ? HUNCH_NONE : jv_field_of(l, class, name);
        if (known != HUNCH_NONE && l->field.items[known].is_static)
            return field_address(l, n, known, type);
        const uint32_t place = jv_join(l, of, ".", name);
        *type = place; /* System.out: what is called of it is named by it */
        return jv_op(l, HUNCH_OP_NAME, n, place, 0);
    }
    const bool is_base = jv_kind(l, object) == K_super;
    const uint32_t base = is_base ? jv_this(l, n, l->class_at) : jv_value(l, object),
                   class = jv_class_named(l, jv_op_type(l, base)),
                   known = class == HUNCH_NONE ? HUNCH_NONE : jv_field_of(l, class, name);
    if (known != HUNCH_NONE) {
        if (l->field.items[known].is_static)
            return field_address(l, n, known, type);
        *type = jv_resolved(l, l->field.items[known].type, l->field.items[known].class);
    }
    return jv_op(l, HUNCH_OP_FIELD, n, base, name);
}

uint32_t jv_address(struct jv_lower *l, uint32_t n, uint32_t *type)
{
    uint32_t address = HUNCH_NONE;
    *type = 0;
    switch (jv_kind(l, n)) {
    case K_identifier: {
        struct jv_symbol *symbol = symbol_of(l, n);
        if (symbol != NULL) {
            *type = jv_resolved(l, symbol->type, l->class_at);
            address = jv_symbol_address(l, symbol, n);
        } else if (l->of[n] != HUNCH_NONE) {
            address = field_address(l, n, l->of[n] & ~JV_FIELD, type);
        } else {
            address = free_address(l, n);
        }
        break;
    }
    case K_field_access: address = member_address(l, n, type); break;
    case K_array_access: address = element_address(l, n, type); break;
    default: break;
    }
    if (address == HUNCH_NONE) /* broken source */
        address = jv_variable(l, n, jv_temporary(l, n));
    return address;
}

/* Outer.this, and a field whose value never changes. */
uint32_t jv_place_value(struct jv_lower *l, uint32_t n)
{
    const uint32_t object = jv_child(l, n, F_object), field = jv_child(l, n, F_field);
    const bool is_field = jv_kind(l, n) == K_field_access;
    uint32_t type;
    int64_t value;
    if (is_field && field != HUNCH_NONE && jv_kind(l, field) == K_this && object != HUNCH_NONE)
        return jv_this(l, n, jv_class_named(l, jv_resolved(l, jv_name(l, object), l->class_at)));
    if (is_field && field != HUNCH_NONE && object != HUNCH_NONE && jv_is(l, field, "length") &&
        jv_static(l, object) == 0) {
        const uint32_t list = jv_value(l, object);
        return jv_typed(l, jv_call_name(l, n, "length", &list, 1), jv_literal(l, "int"));
    }
    const struct jv_symbol *symbol = is_field ? NULL : symbol_of(l, n);
    if (jv_kind(l, n) != K_array_access && symbol == NULL &&
        jv_constant(l, n, l->class_at, &value)) {
        const uint32_t of = is_field ? HUNCH_NONE : l->of[n];
        type = of != HUNCH_NONE ? l->field.items[of & ~JV_FIELD].type : jv_literal(l, "int");
        return jv_typed(l, jv_const(l, n, value), type);
    }
    const uint32_t address = jv_address(l, n, &type);
    return jv_typed(l, jv_load(l, n, address), type);
}

/* Names in `Type name` of a pattern: a record's parts are elements of it. */
static void bind(struct jv_lower *l, uint32_t n, uint32_t value, bool is_part)
{
    uint32_t name = HUNCH_NONE;
    const uint16_t kind = jv_kind(l, n);
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        if (jv_kind(l, c) == K_identifier)
            name = c;
        else if (jv_kind(l, c) != K_NONE)
            bind(l, c, value, is_part || kind == K_record_pattern_body);
    }
    if (name == HUNCH_NONE || (kind != K_type_pattern && kind != K_record_pattern_component))
        return;
    struct jv_symbol *symbol = symbol_of(l, name);
    const uint32_t type = symbol == NULL ? 0 : symbol->type;
    const uint32_t held = is_part ? jv_element(l, name, value) : value;
    jv_assign_symbol(l, name, held);
    if (type != 0 && (symbol = symbol_of(l, name)) != NULL)
        symbol->type = type;
}

void jv_bind_pattern(struct jv_lower *l, uint32_t n, uint32_t value)
{
    bind(l, n, value, false);
}
