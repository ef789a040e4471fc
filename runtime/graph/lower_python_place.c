/* lower_python_place.c: what Python assigns to: names, attributes, elements, and patterns of them.
 */
#include "graph/lower_python.h"

/* ---- addresses ---- */

static uint32_t name_address(struct py_lower *l, uint32_t n, uint32_t name)
{
    const struct py_meaning m = py_meaning(l, name);
    return py_op(l, m.kind == PY_VAR ? HUNCH_OP_VAR : HUNCH_OP_NAME, n, m.at, 0);
}

/* An attribute that the file's class has, and no object of it by itself: Class.name. */
static uint32_t class_attribute(struct py_lower *l, uint32_t object, uint32_t name)
{
    const uint32_t class = py_receiver(l, object);
    const struct py_binding *b = class == HUNCH_NONE ? NULL : py_bound(l, class, name);
    if (b == NULL)
        return 0;
    if (b->flags & (PY_IS_FUNCTION | PY_IS_CLASS))
        return l->scope.items[b->scope].name;
    const uint32_t body = l->scope.items[class].node;
    for (uint32_t i = body; i < py_node(l, body)->after; i++) { /* self.name = …, name: type */
        if (!py_kind(l, i, K_assignment) && !py_kind(l, i, K_augmented_assignment))
            continue;
        const uint32_t left = py_child(l, i, F_left);
        const uint32_t named =
            py_kind(l, left, K_attribute) ? py_child(l, left, F_attribute)
            : py_child(l, i, F_type) != HUNCH_NONE && py_kind(l, left, K_identifier) ? left
                                                                                     : HUNCH_NONE;
        if (named != HUNCH_NONE && py_name(l, named) == name)
            return 0;
    }
    return py_join(l, l->scope.items[class].name, ".", name);
}

uint32_t py_address(struct py_lower *l, uint32_t n)
{
    n = py_bare(l, n);
    if (n == HUNCH_NONE)
        return py_variable(l, 0, py_temporary(l, 0));
    if (py_kind(l, n, K_identifier))
        return name_address(l, n, py_name(l, n));
    if (py_kind(l, n, K_dotted_name)) /* of a pattern */
        return py_op(l, HUNCH_OP_NAME, n, py_name(l, n), 0);
    if (py_kind(l, n, K_attribute)) {
        const uint32_t object = py_child(l, n, F_object), name = py_child(l, n, F_attribute);
        uint32_t dotted;
        if (py_dotted(l, n, &dotted))
            return py_op(l, HUNCH_OP_NAME, n, dotted, 0);
        if (name == HUNCH_NONE)
            return py_variable(l, n, py_temporary(l, n));
        const uint32_t attribute = py_name(l, name);
        dotted = object == HUNCH_NONE ? 0 : class_attribute(l, object, attribute);
        if (dotted != 0)
            return py_op(l, HUNCH_OP_NAME, n, dotted, 0);
        return py_op(l, HUNCH_OP_FIELD, n, py_value(l, object), attribute);
    }
    if (py_kind(l, n, K_subscript)) {
        const uint32_t key = py_child(l, n, F_subscript);
        const uint32_t value = py_value(l, py_child(l, n, F_value));
        if (py_kind(l, key, K_slice))
            return py_op(l, HUNCH_OP_INDEX, n, value, HUNCH_NONE);
        const uint32_t name = key == HUNCH_NONE ? 0 : py_key(l, key);
        if (name != 0)
            return py_op(l, HUNCH_OP_FIELD, n, value, name);
        return py_op(l, HUNCH_OP_INDEX, n, value, key == HUNCH_NONE ? key : py_value(l, key));
    }
    const uint32_t address = py_variable(l, n, py_temporary(l, n));
    py_store(l, n, address, py_value(l, n));
    return address;
}

/* ---- patterns ---- */

static bool is_list(const struct py_lower *l, uint32_t n)
{
    switch (py_node(l, n)->kind) {
    case K_pattern_list:
    case K_tuple_pattern:
    case K_list_pattern:
    case K_tuple:
    case K_list:
    case K_expression_list: return true;
    default: return false;
    }
}

static bool is_star(const struct py_lower *l, uint32_t n)
{
    return py_kind(l, n, K_list_splat_pattern) || py_kind(l, n, K_list_splat);
}

void py_assign_name(struct py_lower *l, uint32_t n, uint32_t name, uint32_t value)
{
    py_store(l, n, name_address(l, n, name), value);
}

void py_assign(struct py_lower *l, uint32_t target, uint32_t value)
{
    target = py_bare(l, target);
    if (target == HUNCH_NONE || l->b->is_cut)
        return;
    if (py_kind(l, target, K_as_pattern_target) || is_star(l, target)) {
        py_assign(l, py_named(l, target, 0), value);
    } else if (is_list(l, target)) {
        uint32_t index = 0;
        bool exact = true;
        HUNCH_EACH_CHILD(&l->tree, target, c)
        {
            if (!py_is_named(l, c))
                continue;
            if (is_star(l, c)) { /* a list of what is left: as much as all of it */
                py_assign(l, c, py_op(l, HUNCH_OP_CAST, c, value, 0));
                exact = false;
            } else if (exact && index < 10) {
                const uint32_t name = py_position(l, index++);
                py_assign(l, c, py_load(l, c, py_op(l, HUNCH_OP_FIELD, c, value, name)));
            } else {
                py_assign(l, c, py_element(l, c, value));
            }
        }
    } else {
        py_store(l, target, py_address(l, target), value);
    }
}

/* a, b = c, d: each to each, where none has a star. */
static bool pairwise(struct py_lower *l, uint32_t target, uint32_t value)
{
    uint32_t targets = 0, values = 0;
    const size_t first = l->value.count;
    if (!is_list(l, target) || !is_list(l, value))
        return false;
    HUNCH_EACH_CHILD(&l->tree, target, c)
    {
        targets += py_is_named(l, c);
        if (is_star(l, c))
            return false;
    }
    HUNCH_EACH_CHILD(&l->tree, value, c)
    {
        values += py_is_named(l, c);
        if (is_star(l, c))
            return false;
    }
    if (targets != values)
        return false;
    HUNCH_EACH_CHILD(&l->tree, value, c)
    if (py_is_named(l, c)) {
        const uint32_t one = py_value(l, c);
        if (!hunch_vec_push(l->a, &l->value, one))
            py_fail(l);
    }
    size_t at = first;
    HUNCH_EACH_CHILD(&l->tree, target, c)
    if (py_is_named(l, c) && at < l->value.count)
        py_assign(l, c, l->value.items[at++]);
    l->value.count = first;
    return true;
}

void py_assign_node(struct py_lower *l, uint32_t target, uint32_t value_node)
{
    const uint32_t to = py_bare(l, target), from = py_bare(l, value_node);
    if (to == HUNCH_NONE || from == HUNCH_NONE || !pairwise(l, to, from))
        py_assign(l, target, py_value(l, value_node));
}

uint32_t py_assignment(struct py_lower *l, uint32_t n)
{
    const uint32_t left = py_child(l, n, F_left), right = py_child(l, n, F_right);
    if (left == HUNCH_NONE || right == HUNCH_NONE) /* a type alone */
        return py_unknown(l, n);
    if (py_kind(l, n, K_augmented_assignment)) {
        const uint32_t address = py_address(l, left), old = py_load(l, left, address);
        const uint32_t new = py_plus(l, n, py_child(l, n, F_operator), old, py_value(l, right));
        py_store(l, n, address, new);
        return new;
    }
    if (!py_kind(l, right, K_assignment) && !py_kind(l, right, K_augmented_assignment)) {
        const uint32_t to = py_bare(l, left), from = py_bare(l, right);
        if (to != HUNCH_NONE && from != HUNCH_NONE && pairwise(l, to, from))
            return py_unknown(l, n);
    }
    const uint32_t value = py_value(l, right);
    py_assign(l, left, value);
    return value;
}
