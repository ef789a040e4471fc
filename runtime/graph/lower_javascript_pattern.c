/* lower_javascript_pattern.c: what takes values apart and puts them together: destructuring, object
 * and array literals, classes. An object is new memory, with places for its fields; all elements of
 * an array are one place.
 */
#include <string.h>

#include "graph/lower_javascript.h"

/* ---- destructuring ---- */

/* A pattern's default: the value where it is there, else what `right` gives. */
static uint32_t or_default(struct js_lower *l, uint32_t n, uint32_t value, uint32_t right)
{
    const uint32_t variable = js_temporary(l, n), more = hunch_build_block(l->b),
                   done = hunch_build_block(l->b);
    js_store(l, n, js_variable(l, n, variable), value);
    js_either(l, n, done, more);
    hunch_build_start(l->b, more);
    const uint32_t other = js_value(l, right);
    js_store(l, n, js_variable(l, n, variable), other);
    hunch_build_jump(l->b, done);
    hunch_build_start(l->b, done);
    return js_load(l, n, js_variable(l, n, variable));
}

static uint32_t property(struct js_lower *l, uint32_t n, uint32_t key_node, uint32_t object)
{
    const uint32_t key = js_key(l, key_node);
    return js_load(
        l, n,
        key != 0 ? js_op(l, HUNCH_OP_FIELD, n, object, key)
                 : js_op(l, HUNCH_OP_INDEX, n, object, js_value(l, js_first_named(l, key_node))));
}

static void take_object(struct js_lower *l, uint32_t n, uint32_t value)
{
    HUNCH_EACH_CHILD(&l->tree, n, c)
    switch (js_kind(l, c)) {
    case K_shorthand_property_identifier_pattern: js_assign(l, c, property(l, c, c, value)); break;
    case K_object_assignment_pattern: {
        const uint32_t left = js_child(l, c, F_left);
        if (left != HUNCH_NONE && js_kind(l, left) == K_shorthand_property_identifier_pattern)
            js_assign(l, left,
                      or_default(l, c, property(l, left, left, value), js_child(l, c, F_right)));
        break;
    }
    case K_pair_pattern: {
        const uint32_t key = js_child(l, c, F_key), target = js_child(l, c, F_value);
        if (key != HUNCH_NONE && target != HUNCH_NONE)
            js_assign(l, target, property(l, c, key, value));
        break;
    }
    case K_rest_pattern: {
        const uint32_t rest = js_call_name(l, c, "{}", NULL, 0);
        js_copy_fields(l, c, rest, value);
        js_assign(l, js_first_named(l, c), rest);
        break;
    }
    default: break;
    }
}

static void take_array(struct js_lower *l, uint32_t n, uint32_t value)
{
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        const uint16_t kind = js_kind(l, c);
        if (kind == K_NONE)
            continue;
        if (kind == K_rest_pattern)
            js_assign(l, js_first_named(l, c), value);
        else
            js_assign(l, c, js_load(l, c, js_op(l, HUNCH_OP_INDEX, c, value, HUNCH_NONE)));
    }
}

void js_assign(struct js_lower *l, uint32_t target, uint32_t value)
{
    if (target == HUNCH_NONE)
        return;
    switch (js_kind(l, target)) {
    case K_parenthesized_expression: js_assign(l, js_first_named(l, target), value); break;
    case K_object_pattern: take_object(l, target, value); break;
    case K_array_pattern: take_array(l, target, value); break;
    case K_rest_pattern: js_assign(l, js_first_named(l, target), value); break;
    case K_assignment_pattern:
        js_assign(l, js_child(l, target, F_left),
                  or_default(l, target, value, js_child(l, target, F_right)));
        break;
    case K_identifier:
    case K_shorthand_property_identifier_pattern: {
        struct js_symbol *symbol = js_symbol_of(l, target);
        if (symbol != NULL)
            js_find_alias(l, symbol);
        if (symbol != NULL && (symbol->alias != 0 || symbol->module != 0 || symbol->is_object))
            break; /* it stands for what it is given */
        js_store(l, target, js_address(l, target), value);
        break;
    }
    case K_member_expression:
    case K_subscript_expression: js_store(l, target, js_address(l, target), value); break;
    default: js_effect(l, target); break;
    }
}

/* ---- literals ---- */

void js_copy_fields(struct js_lower *l, uint32_t n, uint32_t to, uint32_t from)
{
    const uint32_t all = js_load(l, n, from), store = js_store(l, n, to, all);
    if (all != HUNCH_NONE)
        l->b->op.items[all].flags |= HUNCH_OP_IS_AGGREGATE;
    if (store != HUNCH_NONE)
        l->b->op.items[store].flags |= HUNCH_OP_IS_AGGREGATE;
}

static bool is_getter(const struct js_lower *l, uint32_t n)
{
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        if (js_node(l, c)->field == F_name)
            return false;
        if (js_kind(l, c) == K_NONE && js_is(l, c, "get"))
            return true;
    }
    return false;
}

/* What `get x() { … }` gives, for object `self`. */
static uint32_t got(struct js_lower *l, uint32_t n, uint32_t self)
{
    const size_t first = l->arguments.count;
    js_argument(l, self);
    return js_call_value(l, n, js_op(l, HUNCH_OP_NAME, n, l->function.items[l->of[n]].name, 0),
                         first, true);
}

void js_object_into(struct js_lower *l, uint32_t n, uint32_t address)
{
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        uint32_t key = 0, key_node = HUNCH_NONE, value;
        switch (js_kind(l, c)) {
        case K_pair:
            key_node = js_child(l, c, F_key);
            value = js_value(l, js_child(l, c, F_value));
            break;
        case K_shorthand_property_identifier:
            key_node = c;
            value = js_value(l, c);
            break;
        case K_method_definition:
            if (l->of[c] == HUNCH_NONE)
                continue;
            key_node = js_child(l, c, F_name);
            value = is_getter(l, c)
                        ? got(l, c, address)
                        : js_op(l, HUNCH_OP_NAME, c, l->function.items[l->of[c]].name, 0);
            break;
        case K_spread_element:
            js_copy_fields(l, c, address, js_value(l, js_first_named(l, c)));
            continue;
        default:
            if (js_kind(l, c) != K_NONE || js_node(l, c)->after > c + 1)
                js_effect(l, c);
            continue;
        }
        key = key_node == HUNCH_NONE ? 0 : js_key(l, key_node);
        const uint32_t computed = key == 0 && js_kind(l, key_node) == K_computed_property_name
                                      ? js_value(l, js_first_named(l, key_node))
                                      : HUNCH_NONE;
        js_store(l, c,
                 key != 0 ? js_op(l, HUNCH_OP_FIELD, c, address, key)
                          : js_op(l, HUNCH_OP_INDEX, c, address, computed),
                 value);
    }
}

/* Where the literal of a variable that is known by its object goes: its own place. */
static uint32_t own_place(struct js_lower *l, uint32_t n, const char *kind)
{
    const uint32_t declarator = n > 0 ? n - 1 : 0;
    uint32_t name = HUNCH_NONE;
    if (js_node(l, n)->field == F_value)
        for (uint32_t c = declarator; c > 0 && c + 4 > n; c--)
            if (js_kind(l, c) == K_identifier && js_node(l, c)->field == F_name) {
                name = c;
                break;
            }
    if (name != HUNCH_NONE && js_kind(l, name - 1) == K_variable_declarator) {
        struct js_symbol *symbol = js_symbol_of(l, name);
        if (symbol != NULL && symbol->value == n) {
            js_find_alias(l, symbol);
            if (symbol->is_object)
                return js_symbol_address(l, symbol, n);
        }
    }
    return js_call_name(l, n, kind, NULL, 0);
}

uint32_t js_object(struct js_lower *l, uint32_t n)
{
    const uint32_t object = own_place(l, n, "{}");
    js_object_into(l, n, object);
    return object;
}

uint32_t js_array(struct js_lower *l, uint32_t n)
{
    const uint32_t list = own_place(l, n, "[]");
    HUNCH_EACH_CHILD(&l->tree, n, c)
    if (js_kind(l, c) != K_NONE || js_node(l, c)->after > c + 1) {
        const uint32_t value = js_value(l, c);
        js_store(l, c, js_op(l, HUNCH_OP_INDEX, c, list, HUNCH_NONE), value);
    }
    return list;
}

/* ---- classes ---- */

static bool is_static(const struct js_lower *l, uint32_t n)
{
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        if (js_node(l, c)->field != F_NONE)
            return false;
        if (js_kind(l, c) == K_NONE && js_is(l, c, "static"))
            return true;
    }
    return false;
}

void js_class_fields(struct js_lower *l, uint32_t class, bool getters)
{
    const uint32_t body = js_child(l, class, F_body);
    struct js_symbol *self = &l->symbol.items[l->function.items[l->at].self];
    if (body == HUNCH_NONE)
        return;
    HUNCH_EACH_CHILD(&l->tree, body, c)
    {
        const bool is_field = js_kind(l, c) == K_field_definition;
        const uint32_t key_node = js_child(l, c, is_field ? F_property : F_name);
        const uint32_t key = key_node == HUNCH_NONE ? 0 : js_key(l, key_node);
        if (is_static(l, c))
            continue;
        if (is_field && !getters) {
            const uint32_t value = js_value(l, js_child(l, c, F_value));
            const uint32_t object = js_symbol_value(l, self, c);
            js_store(l, c, js_op(l, HUNCH_OP_FIELD, c, object, key), value);
        } else if (getters && js_kind(l, c) == K_method_definition && is_getter(l, c) && key != 0 &&
                   l->of[c] != HUNCH_NONE) {
            const uint32_t object = js_symbol_value(l, self, c), value = got(l, c, object);
            js_store(l, c, js_op(l, HUNCH_OP_FIELD, c, object, key), value);
        }
    }
}

uint32_t js_class(struct js_lower *l, uint32_t n)
{
    const uint32_t body = js_child(l, n, F_body);
    if (l->of[n] == HUNCH_NONE)
        return js_unknown(l, n);
    HUNCH_EACH_CHILD(&l->tree, n, c)
    if (js_kind(l, c) == K_class_heritage || js_kind(l, c) == K_decorator)
        js_effect(l, c);
    if (body != HUNCH_NONE)
        HUNCH_EACH_CHILD(&l->tree, body, c)
        {
            if (js_kind(l, c) == K_class_static_block)
                js_statements(l, js_child(l, c, F_body));
            else if (js_kind(l, c) == K_field_definition && is_static(l, c))
                js_effect(l, js_child(l, c, F_value));
        }
    return js_op(l, HUNCH_OP_NAME, n, l->function.items[l->of[n]].name, 0);
}
