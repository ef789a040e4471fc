/* lower_java_expr.c: values. What && || ?: do is blocks and branches; a temporary variable carries
 * the value. What is no expression that is known here still runs: its children do.
 */
#include <string.h>

#include "graph/lower_java.h"

/* ---- operations ---- */

uint32_t jv_op(struct jv_lower *l, enum hunch_op_kind kind, uint32_t n, uint32_t a, uint32_t b)
{
    return hunch_build_op(
        l->b, (struct hunch_op){.kind = (uint8_t)kind, .a = a, .b = b, .span = jv_span(l, n)});
}

uint32_t jv_typed(struct jv_lower *l, uint32_t op, uint32_t type)
{
    if (op == HUNCH_NONE || type == 0)
        return op;
    while (l->type.count <= op)
        if (!hunch_vec_push(l->a, &l->type, 0)) {
            jv_fail(l);
            return op;
        }
    l->type.items[op] = type;
    if (op < l->b->op.count)
        l->b->op.items[op].flags |= (uint16_t)jv_type_flags(l, type);
    return op;
}

uint32_t jv_op_type(const struct jv_lower *l, uint32_t op)
{
    return op < l->type.count ? l->type.items[op] : 0;
}

uint32_t jv_binary(struct jv_lower *l, enum hunch_operator sub, uint32_t n, uint32_t a, uint32_t b)
{
    const uint32_t op = jv_op(l, HUNCH_OP_BINARY, n, a, b);
    if (op != HUNCH_NONE)
        l->b->op.items[op].sub = (uint8_t)sub;
    return op;
}

static uint32_t unary(struct jv_lower *l, enum hunch_operator sub, uint32_t n, uint32_t a)
{
    const uint32_t op = jv_op(l, HUNCH_OP_UNARY, n, a, 0);
    if (op != HUNCH_NONE)
        l->b->op.items[op].sub = (uint8_t)sub;
    return op;
}

uint32_t jv_const(struct jv_lower *l, uint32_t n, int64_t value)
{
    return jv_op(l, HUNCH_OP_CONST, n, (uint32_t)value, (uint32_t)((uint64_t)value >> 32));
}

uint32_t jv_unknown(struct jv_lower *l, uint32_t n)
{
    return jv_op(l, HUNCH_OP_UNKNOWN, n, 0, 0);
}

uint32_t jv_load(struct jv_lower *l, uint32_t n, uint32_t address)
{
    return jv_op(l, HUNCH_OP_LOAD, n, address, 0);
}

uint32_t jv_store(struct jv_lower *l, uint32_t n, uint32_t address, uint32_t value)
{
    return jv_typed(l, jv_op(l, HUNCH_OP_STORE, n, address, value), jv_op_type(l, value));
}

uint32_t jv_temporary(struct jv_lower *l, uint32_t n)
{
    return hunch_build_var(
        l->b, (struct hunch_var){.flags = HUNCH_VAR_IS_TEMPORARY,
                                 .span = {jv_node(l, n)->begin, jv_node(l, n)->begin}});
}

uint32_t jv_variable(struct jv_lower *l, uint32_t n, uint32_t variable)
{
    return jv_op(l, HUNCH_OP_VAR, n, variable, 0);
}

uint32_t jv_element(struct jv_lower *l, uint32_t n, uint32_t container)
{
    const uint32_t type = jv_element_type(l, jv_op_type(l, container));
    return jv_typed(l, jv_load(l, n, jv_op(l, HUNCH_OP_INDEX, n, container, HUNCH_NONE)), type);
}

/* ---- control flow ---- */

void jv_branch(struct jv_lower *l, uint32_t n, uint32_t value, uint32_t yes, uint32_t no)
{
    (void)jv_op(l, HUNCH_OP_CONDITION, n, value, 0);
    hunch_build_branch(l->b, value, yes, no);
}

void jv_either(struct jv_lower *l, uint32_t n, uint32_t one, uint32_t other)
{
    jv_branch(l, n, jv_unknown(l, n), one, other);
}

static bool has_operator(const struct jv_lower *l, uint32_t n, const char *text)
{
    const uint32_t operator= jv_child(l, n, F_operator);
    return operator!= HUNCH_NONE && jv_is(l, operator, text);
}

void jv_condition(struct jv_lower *l, uint32_t n, uint32_t yes, uint32_t no)
{
    int64_t constant;
    n = n == HUNCH_NONE ? n : jv_bare(l, n);
    const uint16_t kind = jv_kind(l, n);
    if (n == HUNCH_NONE) {
        hunch_build_jump(l->b, yes);
    } else if (kind == K_binary_expression &&
               (has_operator(l, n, "&&") || has_operator(l, n, "||"))) {
        const bool is_and = has_operator(l, n, "&&");
        const uint32_t next = hunch_build_block(l->b);
        jv_condition(l, jv_child(l, n, F_left), is_and ? next : yes, is_and ? no : next);
        hunch_build_start(l->b, next);
        jv_condition(l, jv_child(l, n, F_right), yes, no);
    } else if (kind == K_unary_expression && has_operator(l, n, "!")) {
        jv_condition(l, jv_child(l, n, F_operand), no, yes);
    } else if ((kind == K_true || kind == K_false) && jv_constant(l, n, l->class_at, &constant)) {
        hunch_build_jump(l->b, constant != 0 ? yes : no);
    } else {
        jv_branch(l, n, jv_value(l, n), yes, no);
    }
}

/* The last of the ways ends with `value`; all meet in `done`. */
static uint32_t finish_choice(struct jv_lower *l, uint32_t n, uint32_t variable, uint32_t value,
                              uint32_t done)
{
    const uint32_t type = jv_op_type(l, value);
    (void)jv_store(l, n, jv_variable(l, n, variable), value);
    hunch_build_jump(l->b, done);
    hunch_build_start(l->b, done);
    return jv_typed(l, jv_load(l, n, jv_variable(l, n, variable)), type);
}

/* && and || as values. */
static uint32_t truth(struct jv_lower *l, uint32_t n)
{
    const uint32_t variable = jv_temporary(l, n), yes = hunch_build_block(l->b),
                   no = hunch_build_block(l->b), done = hunch_build_block(l->b);
    jv_condition(l, n, yes, no);
    hunch_build_start(l->b, yes);
    (void)jv_store(l, n, jv_variable(l, n, variable), jv_const(l, n, 1));
    hunch_build_jump(l->b, done);
    hunch_build_start(l->b, no);
    return finish_choice(l, n, variable, jv_const(l, n, 0), done);
}

static uint32_t ternary(struct jv_lower *l, uint32_t n)
{
    const uint32_t variable = jv_temporary(l, n), yes = hunch_build_block(l->b),
                   no = hunch_build_block(l->b), done = hunch_build_block(l->b);
    jv_condition(l, jv_child(l, n, F_condition), yes, no);
    hunch_build_start(l->b, yes);
    const uint32_t one = jv_value(l, jv_child(l, n, F_consequence)), type = jv_op_type(l, one);
    (void)jv_store(l, n, jv_variable(l, n, variable), one);
    hunch_build_jump(l->b, done);
    hunch_build_start(l->b, no);
    const uint32_t value =
        finish_choice(l, n, variable, jv_value(l, jv_child(l, n, F_alternative)), done);
    return jv_op_type(l, value) == 0 ? jv_typed(l, value, type) : value;
}

/* ---- operators ---- */

static enum hunch_operator operator_of(const char *text, uint32_t size)
{
    static const struct {
        const char *text;
        enum hunch_operator sub;
    } all[] = {{"+", HUNCH_ADD},  {"-", HUNCH_SUB},  {"*", HUNCH_MUL},   {"/", HUNCH_DIV},
               {"%", HUNCH_MOD},  {"&", HUNCH_AND},  {"|", HUNCH_OR},    {"^", HUNCH_XOR},
               {"<<", HUNCH_SHL}, {">>", HUNCH_SHR}, {">>>", HUNCH_SHR}, {"==", HUNCH_EQ},
               {"!=", HUNCH_NE},  {"<", HUNCH_LT},   {"<=", HUNCH_LE},   {">", HUNCH_GT},
               {">=", HUNCH_GE}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strlen(all[i].text) == size && memcmp(all[i].text, text, size) == 0)
            return all[i].sub;
    return HUNCH_OTHER;
}

/* What an operator makes of two values: + of anything that is no number is a text. */
static uint32_t computed(struct jv_lower *l, uint32_t n, enum hunch_operator sub, uint32_t a,
                         uint32_t b)
{
    const uint32_t left = jv_known_type(l, jv_op_type(l, a)),
                   right = jv_known_type(l, jv_op_type(l, b));
    const bool both = jv_is_number(l, left) && jv_is_number(l, right);
    uint32_t type = 0;
    if (sub == HUNCH_ADD && !both &&
        !((left == 0 || right == 0) && (jv_is_number(l, left) || jv_is_number(l, right)))) {
        sub = HUNCH_CONCAT;
        type = jv_literal(l, "String");
    } else if (sub >= HUNCH_EQ && sub <= HUNCH_GE) {
        type = jv_literal(l, "boolean");
    } else if (both) {
        const char *wide = hunch_graph_name(l->file, left);
        type =
            strcmp(wide, "long") == 0 || strcmp(wide, "double") == 0 || strcmp(wide, "float") == 0
                ? left
                : right;
    }
    const uint32_t op = jv_typed(l, jv_binary(l, sub, n, a, b), type);
    int64_t bits;
    if (op != HUNCH_NONE && sub == HUNCH_SHR && b < l->b->op.count &&
        l->b->op.items[b].kind == HUNCH_OP_CONST &&
        (bits = hunch_op_value(&l->b->op.items[b])) >= 24 && bits < 32)
        l->b->op.items[op].flags |= HUNCH_OP_IS_SMALL;
    return op;
}

static uint32_t binary(struct jv_lower *l, uint32_t n)
{
    const uint32_t left = jv_child(l, n, F_left),
                   right = jv_child(l, n, F_right), operator= jv_child(l, n, F_operator);
    if (operator== HUNCH_NONE)
        return jv_unknown(l, n);
    if (jv_is(l, operator, "&&") || jv_is(l, operator, "||"))
        return jv_typed(l, truth(l, n), jv_literal(l, "boolean"));
    const uint32_t a = jv_value(l, left), b = jv_value(l, right);
    return computed(l, n, operator_of(jv_text(l, operator), jv_size(l, operator)), a, b);
}

static uint32_t assignment(struct jv_lower *l, uint32_t n)
{
    const uint32_t left = jv_child(l, n, F_left),
                   right = jv_child(l, n, F_right), operator= jv_child(l, n, F_operator);
    uint32_t type = 0;
    if (left == HUNCH_NONE || operator== HUNCH_NONE)
        return jv_unknown(l, n);
    if (jv_is(l, operator, "=")) {
        const uint32_t value = jv_value(l, right), address = jv_address(l, jv_bare(l, left), &type);
        return jv_store(l, n, address, value);
    }
    const uint32_t address = jv_address(l, jv_bare(l, left), &type);
    const uint32_t old = jv_typed(l, jv_load(l, n, address), type), value = jv_value(l, right);
    return jv_store(
        l, n, address,
        computed(l, n, operator_of(jv_text(l, operator), jv_size(l, operator) - 1), old, value));
}

static uint32_t update(struct jv_lower *l, uint32_t n)
{
    const uint32_t operand = jv_named(l, n, 0);
    uint32_t type = 0;
    bool down = false;
    HUNCH_EACH_CHILD(&l->tree, n, c)
    down |= jv_is(l, c, "--");
    if (operand == HUNCH_NONE)
        return jv_unknown(l, n);
    const uint32_t address = jv_address(l, jv_bare(l, operand), &type);
    const uint32_t old = jv_typed(l, jv_load(l, n, address), type);
    const uint32_t next =
        jv_typed(l, jv_binary(l, down ? HUNCH_SUB : HUNCH_ADD, n, old, jv_const(l, n, 1)), type);
    const uint32_t stored = jv_store(l, n, address, next);
    return jv_node(l, operand)->begin == jv_node(l, n)->begin ? old : stored; /* a++, ++a */
}

static uint32_t unary_value(struct jv_lower *l, uint32_t n)
{
    const uint32_t value = jv_value(l, jv_child(l, n, F_operand)), type = jv_op_type(l, value);
    if (has_operator(l, n, "!"))
        return jv_typed(l, unary(l, HUNCH_NOT, n, value), jv_literal(l, "boolean"));
    if (has_operator(l, n, "-"))
        return jv_typed(l, unary(l, HUNCH_NEGATE, n, value), type);
    if (has_operator(l, n, "~"))
        return jv_typed(l, unary(l, HUNCH_NOT_BITS, n, value), type);
    return value;
}

static uint32_t cast(struct jv_lower *l, uint32_t n)
{
    int64_t number;
    const uint32_t value = jv_value(l, jv_child(l, n, F_value)),
                   type = jv_type_of(l, jv_child(l, n, F_type), l->class_at);
    if (jv_constant(l, n, l->class_at, &number))
        return jv_typed(l, jv_const(l, n, number), type);
    return jv_typed(l, jv_op(l, HUNCH_OP_CAST, n, value, 0), type);
}

static uint32_t instance_of(struct jv_lower *l, uint32_t n)
{
    const uint32_t value = jv_value(l, jv_child(l, n, F_left)), name = jv_child(l, n, F_name),
                   pattern = jv_child(l, n, F_pattern), right = jv_child(l, n, F_right);
    if (name != HUNCH_NONE)
        jv_assign_symbol(l, name, value);
    if (pattern != HUNCH_NONE)
        jv_bind_pattern(l, pattern, value);
    const uint32_t type = right == HUNCH_NONE ? 0 : jv_type_of(l, right, l->class_at);
    const uint32_t argument[] = {value, jv_op(l, HUNCH_OP_STRING, n, type, 0)};
    return jv_typed(l, jv_call_name(l, n, "instanceof", argument, 2), jv_literal(l, "boolean"));
}

/* ---- literals ---- */

uint32_t jv_text_value(struct jv_lower *l, uint32_t n)
{
    const uint32_t size = jv_size(l, n);
    const uint32_t quotes = size >= 6 && memcmp(jv_text(l, n), "\"\"\"", 3) == 0 ? 3 : 1;
    return size < quotes * 2 ? 0
                             : hunch_name_add(l->names, jv_text(l, n) + quotes, size - quotes * 2);
}

static uint32_t text(struct jv_lower *l, uint32_t n)
{
    uint32_t value = jv_op(l, HUNCH_OP_STRING, n, jv_text_value(l, n), 0);
    HUNCH_EACH_CHILD(&l->tree, n, c)
    if (jv_kind(l, c) == K_string_interpolation)
        value = jv_binary(l, HUNCH_CONCAT, n, value, jv_value(l, jv_named(l, c, 0)));
    return jv_typed(l, value, jv_literal(l, "String"));
}

/* A number that is written there: of which type it is, its last letter says. */
static uint32_t number(struct jv_lower *l, uint32_t n)
{
    int64_t value;
    const uint16_t kind = jv_kind(l, n);
    if (kind == K_decimal_floating_point_literal || kind == K_hex_floating_point_literal)
        return jv_typed(l, jv_unknown(l, n), jv_literal(l, "double"));
    if (!jv_constant(l, n, l->class_at, &value))
        return jv_unknown(l, n);
    const char last = (char)(jv_text(l, n)[jv_size(l, n) - 1] | 32);
    const char *type = kind == K_true || kind == K_false ? "boolean"
                       : kind == K_character_literal     ? "char"
                       : last == 'l'                     ? "long"
                                                         : "int";
    return jv_typed(l, jv_const(l, n, value), jv_literal(l, type));
}

uint32_t jv_array(struct jv_lower *l, uint32_t n, uint32_t type)
{
    const uint32_t list = jv_call_name(l, n, "[]", NULL, 0), element = jv_element_type(l, type);
    uint32_t index = 0;
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        if (jv_kind(l, c) == K_NONE && !(jv_node(l, c)->flags & HUNCH_NODE_IS_ERROR))
            if (jv_node(l, c)->after == c + 1)
                continue; /* , */
        if (jv_stops(l))
            break;
        const uint32_t value =
            jv_kind(l, c) == K_array_initializer ? jv_array(l, c, element) : jv_value(l, c);
        const uint8_t kind =
            value < l->b->op.count ? l->b->op.items[value].kind : (uint8_t)HUNCH_OP_UNKNOWN;
        if (kind != HUNCH_OP_CONST && kind != HUNCH_OP_STRING && kind != HUNCH_OP_NULL)
            (void)jv_store(l, c, jv_key_place(l, c, list, jv_const(l, c, index)), value);
        index++;
    }
    return jv_typed(l, list, type);
}

/* new T[n], new T[] { … } */
static uint32_t new_array(struct jv_lower *l, uint32_t n)
{
    const uint32_t value = jv_child(l, n, F_value);
    uint32_t type = jv_type_of(l, jv_child(l, n, F_type), l->class_at);
    uint32_t size[2] = {HUNCH_NONE, HUNCH_NONE}, count = 0;
    HUNCH_EACH_CHILD(&l->tree, n, c)
    if (jv_kind(l, c) == K_dimensions_expr || jv_kind(l, c) == K_dimensions) {
        if (jv_kind(l, c) == K_dimensions_expr) {
            const uint32_t one = jv_value(l, jv_named(l, c, 0));
            size[0] = size[0] == HUNCH_NONE ? one : size[0];
        }
        type = jv_array_type(l, type, ++count);
    }
    if (value != HUNCH_NONE)
        return jv_array(l, value, type);
    return jv_typed(l, jv_call_name(l, n, "new", size, size[0] != HUNCH_NONE), type);
}

/* ---- functions as values ---- */

static uint32_t lambda(struct jv_lower *l, uint32_t n)
{
    if (l->of[n] == HUNCH_NONE)
        return jv_unknown(l, n);
    return jv_op(l, HUNCH_OP_NAME, n, l->function.items[l->of[n]].name, 0);
}

/* C::m, this::m, x::m: the function C.m; C::new the one that makes an object. */
static uint32_t reference(struct jv_lower *l, uint32_t n)
{
    const uint32_t first = jv_named(l, n, 0);
    uint32_t name = HUNCH_NONE, of = 0;
    HUNCH_EACH_CHILD(&l->tree, n, c)
    name = c;
    if (first == HUNCH_NONE || name == first)
        return jv_unknown(l, n);
    if (jv_kind(l, first) == K_this || jv_kind(l, first) == K_super)
        of = l->class_at == HUNCH_NONE ? 0 : l->class.items[l->class_at].name;
    else if ((of = jv_static(l, first)) == 0 && (of = jv_type_of(l, first, l->class_at)) == 0)
        of = jv_op_type(l, jv_value(l, first));
    if (of == 0)
        return jv_unknown(l, n);
    return jv_op(l, HUNCH_OP_NAME, n,
                 jv_is(l, name, "new") ? of : jv_join(l, of, ".", jv_name(l, name)), 0);
}

/* ---- all ---- */

static uint32_t children(struct jv_lower *l, uint32_t n)
{
    uint32_t value = HUNCH_NONE;
    HUNCH_EACH_CHILD(&l->tree, n, c)
    if (jv_kind(l, c) != K_NONE || jv_node(l, c)->after > c + 1)
        value = jv_value(l, c);
    return value == HUNCH_NONE ? jv_unknown(l, n) : value;
}

uint32_t jv_value(struct jv_lower *l, uint32_t n)
{
    if (n == HUNCH_NONE || jv_stops(l))
        return jv_op(l, HUNCH_OP_NULL, n == HUNCH_NONE ? 0 : n, 0, 0);
    switch (jv_kind(l, n)) {
    case K_parenthesized_expression: return jv_value(l, jv_named(l, n, 0));
    case K_identifier:
    case K_field_access:
    case K_array_access: return jv_place_value(l, n);
    case K_this: return jv_this(l, n, l->class_at);
    case K_string_literal: return text(l, n);
    case K_character_literal:
    case K_decimal_integer_literal:
    case K_hex_integer_literal:
    case K_octal_integer_literal:
    case K_binary_integer_literal:
    case K_decimal_floating_point_literal:
    case K_hex_floating_point_literal:
    case K_true:
    case K_false: return number(l, n);
    case K_null_literal: return jv_op(l, HUNCH_OP_NULL, n, 0, 0);
    case K_method_invocation: return jv_call(l, n);
    case K_object_creation_expression: return jv_new(l, n);
    case K_array_creation_expression: return new_array(l, n);
    case K_array_initializer: return jv_array(l, n, 0);
    case K_assignment_expression: return assignment(l, n);
    case K_update_expression: return update(l, n);
    case K_binary_expression: return binary(l, n);
    case K_unary_expression: return unary_value(l, n);
    case K_ternary_expression: return ternary(l, n);
    case K_cast_expression: return cast(l, n);
    case K_instanceof_expression: return instance_of(l, n);
    case K_switch_expression: return jv_switch(l, n, true);
    case K_lambda_expression: return lambda(l, n);
    case K_method_reference: return reference(l, n);
    case K_class_literal: return jv_typed(l, jv_unknown(l, n), jv_literal(l, "Class"));
    case K_type_identifier:
    case K_scoped_type_identifier:
    case K_generic_type:
    case K_class_body: return jv_unknown(l, n);
    default: return children(l, n);
    }
}
