/* lower_python_make.c: what makes texts and objects: strings with what is put into them, lists,
 * tuples, sets, dictionaries, comprehensions. Constants are not put into objects: nothing flows
 * from them, and places are few.
 */
#include <string.h>

#include "graph/lower_python.h"

enum { FIELDS_MOST = 8 }; /* of an object, told apart by constant keys; more are any element */

/* ---- strings ---- */

static void add_text(struct py_lower *l, uint32_t n)
{
    HUNCH_EACH_CHILD(&l->tree, n, c)
    if (py_kind(l, c, K_string_content)) {
        if (!hunch_vec_append(l->a, &l->text, py_text(l, c), py_size(l, c)))
            py_fail(l);
    } else if (py_kind(l, c, K_string)) {
        add_text(l, c);
    }
}

static uint32_t join(struct py_lower *l, uint32_t n, uint32_t left, uint32_t right)
{
    return left == HUNCH_NONE ? right : py_binary(l, HUNCH_CONCAT, n, left, right);
}

static uint32_t interpolations(struct py_lower *l, uint32_t n, uint32_t value)
{
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        if (py_kind(l, c, K_interpolation)) {
            value = join(l, n, value, py_value(l, py_child(l, c, F_expression)));
            HUNCH_EACH_CHILD(&l->tree, c, d)
            if (py_kind(l, d, K_format_specifier))
                value = join(l, n, value, py_value(l, d));
        } else if (py_kind(l, c, K_string)) {
            value = interpolations(l, c, value);
        }
    }
    return value;
}

uint32_t py_string(struct py_lower *l, uint32_t n)
{
    l->text.count = 0;
    add_text(l, n);
    const uint32_t name = hunch_name_add(l->names, l->text.items, l->text.count);
    return interpolations(l, n, py_op(l, HUNCH_OP_STRING, n, name, 0));
}

bool py_is_constant(const struct py_lower *l, uint32_t n)
{
    for (uint32_t i = n; i < py_node(l, n)->after; i++)
        switch (py_node(l, i)->kind) {
        case K_identifier:
        case K_call:
        case K_interpolation:
        case K_lambda:
        case K_yield:
        case K_await:
        case K_attribute:
        case K_list: /* one of its own, that may be filled */
        case K_dictionary:
        case K_set:
        case K_list_comprehension: return false;
        default: break;
        }
    return true;
}

/* Of a table with many entries even lists and dictionaries of constants are constants: places are
 * few, and such tables are read. */
static bool is_data(const struct py_lower *l, uint32_t n)
{
    for (uint32_t i = n; i < py_node(l, n)->after; i++)
        switch (py_node(l, i)->kind) {
        case K_identifier:
        case K_call:
        case K_interpolation:
        case K_lambda:
        case K_yield:
        case K_await:
        case K_attribute:
        case K_list_comprehension: return false;
        default: break;
        }
    return true;
}

static bool is_left_out(const struct py_lower *l, uint32_t n, bool is_table)
{
    return is_table ? is_data(l, n) : py_is_constant(l, n);
}

uint32_t py_position(struct py_lower *l, uint32_t index)
{
    char text[4] = {'[', (char)('0' + index % 10), ']', 0};
    return hunch_name_add(l->names, text, 3);
}

uint32_t py_key(struct py_lower *l, uint32_t n)
{
    n = py_bare(l, n);
    l->text.count = 0;
    if (n == HUNCH_NONE || !hunch_vec_push(l->a, &l->text, '['))
        return 0;
    if (py_kind(l, n, K_string)) {
        for (uint32_t i = n; i < py_node(l, n)->after; i++)
            if (py_kind(l, i, K_interpolation))
                return 0;
        add_text(l, n);
    } else if (!py_kind(l, n, K_integer) ||
               !hunch_vec_append(l->a, &l->text, py_text(l, n), py_size(l, n))) {
        return 0;
    }
    if (!hunch_vec_push(l->a, &l->text, ']'))
        py_fail(l);
    return hunch_name_add(l->names, l->text.items, l->text.count);
}

/* ---- objects ---- */

static uint32_t new_object(struct py_lower *l, uint32_t n)
{
    return py_call_name(l, n, "[]", NULL, 0);
}

/* key 0: any element. */
static void put(struct py_lower *l, uint32_t n, uint32_t object, uint32_t key, uint32_t value)
{
    const uint32_t address = key != 0 ? py_op(l, HUNCH_OP_FIELD, n, object, key)
                                      : py_op(l, HUNCH_OP_INDEX, n, object, HUNCH_NONE);
    py_store(l, n, address, value);
}

static bool is_splat(const struct py_lower *l, uint32_t n)
{
    return py_kind(l, n, K_list_splat) || py_kind(l, n, K_dictionary_splat) ||
           py_kind(l, n, K_list_splat_pattern) || py_kind(l, n, K_parenthesized_list_splat);
}

uint32_t py_object(struct py_lower *l, uint32_t n)
{
    const uint32_t object = new_object(l, n);
    const bool is_set = py_kind(l, n, K_set);
    uint32_t count = 0, index = 0;
    bool fine = !is_set;
    HUNCH_EACH_CHILD(&l->tree, n, c)
    if (py_is_named(l, c)) {
        count += !py_is_constant(l, c);
        fine &= !is_splat(l, c) || py_kind(l, c, K_dictionary_splat);
    }
    const bool is_table = count > FIELDS_MOST;
    fine &= !is_table;
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        if (!py_is_named(l, c) && !(py_node(l, c)->flags & HUNCH_NODE_IS_ERROR))
            continue;
        const uint32_t at = index++;
        if (py_kind(l, c, K_pair)) {
            const uint32_t key = py_child(l, c, F_key), value = py_child(l, c, F_value);
            const uint32_t name = fine && key != HUNCH_NONE ? py_key(l, key) : 0;
            if (name == 0 && key != HUNCH_NONE && !py_is_constant(l, key))
                put(l, c, object, 0, py_value(l, key)); /* a loop over it gives keys */
            if (value != HUNCH_NONE && !is_left_out(l, value, is_table))
                put(l, c, object, name, py_value(l, value));
        } else if (is_splat(l, c)) {
            put(l, c, object, 0, py_element(l, c, py_value(l, c)));
        } else if (!is_left_out(l, c, is_table)) {
            put(l, c, object, fine && at < 10 ? py_position(l, at) : 0, py_value(l, c));
        }
    }
    return object;
}

/* ---- comprehensions ---- */

static void declare(struct py_lower *l, uint32_t n)
{
    if (py_kind(l, n, K_identifier)) {
        const struct hunch_var var = {.name = py_name(l, n), .span = py_span(l, n)};
        const struct py_inner inner = {var.name, hunch_build_var(l->b, var)};
        if (!hunch_vec_push(l->a, &l->inner, inner))
            py_fail(l);
    } else if (!py_kind(l, n, K_attribute) && !py_kind(l, n, K_subscript)) {
        HUNCH_EACH_CHILD(&l->tree, n, c)
        declare(l, c);
    }
}

uint32_t py_comprehension(struct py_lower *l, uint32_t n)
{
    const uint32_t list = new_object(l, n), done = hunch_build_block(l->b),
                   body = py_child(l, n, F_body);
    const size_t inner = l->inner.count;
    uint32_t again = done; /* where the innermost loop goes on */
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        if (py_kind(l, c, K_for_in_clause)) {
            const uint32_t left = py_child(l, c, F_left), right = py_child(l, c, F_right);
            const uint32_t from = py_value(l, right), head = hunch_build_block(l->b),
                           next = hunch_build_block(l->b);
            hunch_build_start(l->b, head);
            py_maybe(l, c, next, again);
            hunch_build_start(l->b, next);
            again = head;
            if (left != HUNCH_NONE) {
                declare(l, left);
                py_assign(l, left, py_element(l, c, from));
            }
        } else if (py_kind(l, c, K_if_clause)) {
            const uint32_t next = hunch_build_block(l->b);
            py_condition(l, py_named(l, c, 0), next, again);
            hunch_build_start(l->b, next);
        }
    }
    if (py_kind(l, body, K_pair)) {
        const uint32_t key = py_child(l, body, F_key);
        if (key != HUNCH_NONE && !py_is_constant(l, key))
            put(l, body, list, 0, py_value(l, key));
        put(l, body, list, 0, py_value(l, py_child(l, body, F_value)));
    } else if (body != HUNCH_NONE) {
        put(l, body, list, 0, py_value(l, body));
    }
    hunch_build_jump(l->b, again);
    hunch_build_start(l->b, done);
    l->inner.count = inner;
    return list;
}
