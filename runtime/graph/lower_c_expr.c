/* lower_c_expr.c: expressions of C: values, addresses, and control flow in them. What && || ?: and
 * a comma do is blocks and branches; a temporary variable carries the value where it is wanted.
 */
#include "graph/lower_c.h"

uint32_t c_op(struct c_lower *l, enum hunch_op_kind kind, uint32_t n, uint32_t a, uint32_t b)
{
    return hunch_build_op(
        l->b, (struct hunch_op){.kind = (uint8_t)kind, .a = a, .b = b, .span = c_span(l, n)});
}

uint32_t c_const(struct c_lower *l, uint32_t n, int64_t value)
{
    return c_op(l, HUNCH_OP_CONST, n, (uint32_t)value, (uint32_t)((uint64_t)value >> 32));
}

static void flag(struct c_lower *l, uint32_t op, uint16_t flags)
{
    if (op != HUNCH_NONE && op < l->b->op.count)
        l->b->op.items[op].flags |= flags;
}

struct c_value c_unknown(struct c_lower *l, uint32_t n)
{
    return (struct c_value){c_op(l, HUNCH_OP_UNKNOWN, n, 0, 0), C_UNKNOWN};
}

/* ---- places ---- */

struct c_value c_variable(struct c_lower *l, const struct c_symbol *symbol, uint32_t n)
{
    bool is_var = symbol->kind == S_VAR;
    /* A function's variable has no place before the program runs. */
    if (is_var && symbol->is_initial != (l->b == &l->initial_builder))
        return c_unknown(l, n);
    uint32_t type = symbol->type, index = symbol->index;
    return (struct c_value){c_op(l, is_var ? HUNCH_OP_VAR : HUNCH_OP_NAME, n, index, 0), type};
}

struct c_value c_temporary(struct c_lower *l, uint32_t type, uint32_t n)
{
    struct hunch_var var = {.flags = HUNCH_VAR_IS_TEMPORARY, .span = c_span(l, n)};
    if (c_type_is(l, type, T_AGGREGATE))
        var.flags |= HUNCH_VAR_IS_AGGREGATE;
    if (c_type_is(l, type, T_ARRAY))
        var.flags |= HUNCH_VAR_IS_ARRAY;
    uint32_t index = hunch_build_var(l->b, var);
    return (struct c_value){c_op(l, HUNCH_OP_VAR, n, index, 0), type};
}

static struct c_value again(struct c_lower *l, struct c_value place, uint32_t n)
{
    if (place.op == HUNCH_NONE)
        return place;
    return (struct c_value){c_op(l, HUNCH_OP_VAR, n, l->b->op.items[place.op].a, 0), place.type};
}

struct c_value c_load(struct c_lower *l, struct c_value address, uint32_t n)
{
    const struct c_type *type = c_type(l, address.type);
    uint32_t of = type->of;
    if (type->kind == T_ARRAY) {
        flag(l, address.op, HUNCH_OP_IS_DECAY);
        return (struct c_value){address.op, c_type_add(l, T_POINTER, of, 0)};
    }
    if (type->kind == T_FUNCTION)
        return address;
    bool is_aggregate = type->kind == T_AGGREGATE;
    uint32_t op = c_op(l, HUNCH_OP_LOAD, n, address.op, 0);
    flag(l, op, is_aggregate ? HUNCH_OP_IS_AGGREGATE : c_value_flags(l, address.type));
    return (struct c_value){op, address.type};
}

/* A zero where a pointer is wanted. */
static struct c_value as_pointer(struct c_lower *l, struct c_value value)
{
    if (value.op != HUNCH_NONE && value.op < l->b->op.count) {
        struct hunch_op *op = &l->b->op.items[value.op];
        if (op->kind == HUNCH_OP_CONST && hunch_op_value(op) == 0)
            op->kind = HUNCH_OP_NULL;
    }
    return value;
}

struct c_value c_converted(struct c_lower *l, struct c_value value, uint32_t type)
{
    return c_type_is(l, type, T_POINTER) ? as_pointer(l, value) : value;
}

/* Of integers that become characters or short ones. From int to shorter types only: who keeps what
 * strtol gave in an int is everywhere, and rarely wrong. */
static uint16_t narrowed(const struct c_lower *l, uint32_t from, uint32_t to)
{
    const struct c_type *wide = c_type(l, from), *narrow = c_type(l, to);
    return wide->kind == T_INTEGER && narrow->kind == T_INTEGER && narrow->n <= 2 && wide->n >= 4
               ? HUNCH_OP_IS_NARROWED
               : 0;
}

struct c_value c_store(struct c_lower *l, struct c_value address, struct c_value value, uint32_t n,
                       uint16_t flags)
{
    value = c_converted(l, value, address.type);
    uint32_t op = c_op(l, HUNCH_OP_STORE, n, address.op, value.op);
    if (c_type_is(l, address.type, T_AGGREGATE) ||
        (c_type_is(l, address.type, T_UNKNOWN) && c_type_is(l, value.type, T_AGGREGATE)))
        flags |= HUNCH_OP_IS_AGGREGATE;
    flag(l, op, flags | narrowed(l, value.type, address.type));
    return (struct c_value){op, address.type};
}

struct c_value c_step_to(struct c_lower *l, struct c_value base, struct c_step step, uint32_t n)
{
    return (struct c_value){c_op(l, HUNCH_OP_FIELD, n, base.op, step.name), step.type};
}

/* ---- names ---- */

/* An operation for a name that stands as a value or a place. */
struct c_value c_named(struct c_lower *l, uint32_t n)
{
    uint32_t name = c_name(l, n);
    const struct c_symbol *symbol = c_find(l, name, SPACE_NAMES);
    if (symbol != NULL &&
        (symbol->kind == S_VAR || symbol->kind == S_GLOBAL || symbol->kind == S_FUNCTION))
        return c_variable(l, symbol, n);
    return (struct c_value){c_op(l, HUNCH_OP_NAME, n, name, 0), C_UNKNOWN};
}

static struct c_value identifier(struct c_lower *l, uint32_t n)
{
    const struct c_symbol *symbol = c_find(l, c_name(l, n), SPACE_NAMES);
    if (symbol != NULL && symbol->kind == S_CONSTANT)
        return (struct c_value){c_const(l, n, symbol->value), C_INT};
    if (symbol == NULL && l->function_name != 0 &&
        (c_is(l, n, "__func__") || c_is(l, n, "__FUNCTION__") || c_is(l, n, "__PRETTY_FUNCTION__")))
        return (struct c_value){c_op(l, HUNCH_OP_STRING, n, l->function_name, 0), C_TEXT};
    return c_load(l, c_named(l, n), n);
}

/* ---- addresses ---- */

/* A value that is no place gets one. */
static struct c_value placed(struct c_lower *l, uint32_t n)
{
    struct c_value value = c_rvalue(l, n);
    struct c_value place = c_temporary(l, value.type, n);
    c_store(l, place, value, n, 0);
    return again(l, place, n);
}

static struct c_value field_address(struct c_lower *l, uint32_t n)
{
    uint32_t argument = c_child(l, n, F_argument), op = c_child(l, n, F_operator),
             field = c_child(l, n, F_field);
    if (argument == HUNCH_NONE || field == HUNCH_NONE)
        return c_unknown(l, n);
    struct c_value base;
    if (op != HUNCH_NONE && c_is(l, op, "->")) {
        base = c_rvalue(l, argument);
        base.type = c_points_to(l, base.type);
    } else
        base = c_address(l, argument);
    uint32_t name = c_name(l, field);
    if (c_type_is(l, base.type, T_AGGREGATE)) {
        struct c_step step[C_STEPS_MOST];
        int steps = c_field_find(l, c_type(l, base.type)->of, name, step);
        for (int i = 0; i < steps; i++)
            base = c_step_to(l, base, step[i], n);
        if (steps > 0)
            return base;
    }
    return c_step_to(l, base, (struct c_step){.name = name, .type = C_UNKNOWN}, n);
}

static struct c_value index_address(struct c_lower *l, uint32_t n)
{
    uint32_t array = c_child(l, n, F_argument), index = c_child(l, n, F_index);
    if (index == HUNCH_NONE) /* the grammar has no field for it */
        HUNCH_EACH_CHILD(&l->tree, n, c)
    if (c != array && c_node(l, c)->kind != K_NONE)
        index = c;
    if (array == HUNCH_NONE || index == HUNCH_NONE)
        return c_unknown(l, n);
    struct c_value base = c_rvalue(l, array), at = c_rvalue(l, index);
    if (c_points_to(l, base.type) == C_UNKNOWN && c_type_is(l, at.type, T_POINTER)) {
        struct c_value swap = base; /* 1[a] */
        base = at;
        at = swap;
    }
    return (struct c_value){c_op(l, HUNCH_OP_INDEX, n, base.op, at.op), c_points_to(l, base.type)};
}

static struct c_value compound_literal(struct c_lower *l, uint32_t n)
{
    uint32_t value = c_child(l, n, F_value), type = c_type_name(l, c_child(l, n, F_type));
    if (value == HUNCH_NONE)
        return c_unknown(l, n);
    struct c_value place = c_temporary(l, c_completed(l, type, value), n);
    c_initialise(l, place, value);
    return again(l, place, n);
}

struct c_value c_address(struct c_lower *l, uint32_t n)
{
    n = c_bare(l, n);
    if (n == HUNCH_NONE)
        return (struct c_value){HUNCH_NONE, C_UNKNOWN};
    switch (c_node(l, n)->kind) {
    case K_identifier: {
        const struct c_symbol *symbol = c_find(l, c_name(l, n), SPACE_NAMES);
        return symbol != NULL && symbol->kind == S_CONSTANT ? placed(l, n) : c_named(l, n);
    }
    case K_field_expression: return field_address(l, n);
    case K_subscript_expression: return index_address(l, n);
    case K_compound_literal_expression: return compound_literal(l, n);
    case K_pointer_expression: {
        uint32_t op = c_child(l, n, F_operator), argument = c_child(l, n, F_argument);
        if (op != HUNCH_NONE && c_is(l, op, "*") && argument != HUNCH_NONE) {
            struct c_value value = c_rvalue(l, argument);
            if (c_type_is(l, value.type, T_FUNCTION))
                return value;
            return (struct c_value){value.op, c_points_to(l, value.type)};
        }
        return placed(l, n);
    }
    case K_comma_expression:
        c_effect(l, c_child(l, n, F_left));
        return c_address(l, c_child(l, n, F_right));
    case K_string_literal:
    case K_concatenated_string:
        return (struct c_value){c_op(l, HUNCH_OP_STRING, n, c_string(l, n), 0),
                                c_type_add(l, T_ARRAY, C_CHAR, 0)};
    default: return placed(l, n);
    }
}

/* ---- operators ---- */

static enum hunch_operator operator_of(const char *text, uint32_t size)
{
    char second = size > 1 ? text[1] : 0;
    switch (text[0]) {
    case '+': return HUNCH_ADD;
    case '-': return HUNCH_SUB;
    case '*': return HUNCH_MUL;
    case '/': return HUNCH_DIV;
    case '%': return HUNCH_MOD;
    case '&': return HUNCH_AND;
    case '|': return HUNCH_OR;
    case '^': return HUNCH_XOR;
    case '=': return HUNCH_EQ;
    case '!': return second == '=' ? HUNCH_NE : HUNCH_NOT;
    case '<': return second == '<' ? HUNCH_SHL : second == '=' ? HUNCH_LE : HUNCH_LT;
    case '>': return second == '>' ? HUNCH_SHR : second == '=' ? HUNCH_GE : HUNCH_GT;
    default: return HUNCH_OTHER;
    }
}

/* Of two integers the wider one, of two as wide the one without a sign; no narrower than int. */
static uint32_t common_type(const struct c_lower *l, uint32_t a, uint32_t b)
{
    const struct c_type *left = c_type(l, a), *right = c_type(l, b);
    if (left->kind != T_INTEGER || right->kind != T_INTEGER)
        return a == C_UNKNOWN ? b : a;
    if (left->n < 4 && right->n < 4)
        return C_INT;
    return left->n > right->n || (left->n == right->n && left->of != 0) ? a : b;
}

static struct c_value binary(struct c_lower *l, uint32_t n, enum hunch_operator how,
                             struct c_value a, struct c_value b)
{
    bool is_pointer = c_type_is(l, a.type, T_POINTER), to_pointer = c_type_is(l, b.type, T_POINTER),
         is_float = c_type_is(l, a.type, T_FLOAT) || c_type_is(l, b.type, T_FLOAT);
    uint32_t type = is_pointer && how != HUNCH_SUB ? a.type
                    : is_pointer                   ? (to_pointer ? C_LONG : a.type)
                    : to_pointer                   ? b.type
                    : is_float                     ? C_DOUBLE
                                                   : common_type(l, a.type, b.type);
    if (how >= HUNCH_EQ && how <= HUNCH_GE) {
        type = C_INT;
        if (is_pointer)
            b = as_pointer(l, b);
        if (to_pointer)
            a = as_pointer(l, a);
    }
    const uint16_t flags =
        (uint16_t)(c_value_flags(l, type) |
                   (how == HUNCH_SHR && c_leaves_few_bits(l, a, b) ? HUNCH_OP_IS_SMALL : 0));
    uint32_t op = hunch_build_op(l->b, (struct hunch_op){.kind = HUNCH_OP_BINARY,
                                                         .sub = (uint8_t)how,
                                                         .flags = flags,
                                                         .a = a.op,
                                                         .b = b.op,
                                                         .span = c_span(l, n)});
    return (struct c_value){op, type};
}

static struct c_value unary(struct c_lower *l, uint32_t n, enum hunch_operator how,
                            struct c_value a)
{
    uint32_t op = hunch_build_op(
        l->b, (struct hunch_op){
                  .kind = HUNCH_OP_UNARY, .sub = (uint8_t)how, .a = a.op, .span = c_span(l, n)});
    return (struct c_value){op, how == HUNCH_NOT ? C_INT : a.type};
}

static struct c_value assignment(struct c_lower *l, uint32_t n)
{
    uint32_t left = c_child(l, n, F_left), right = c_child(l, n, F_right),
             op = c_child(l, n, F_operator);
    if (left == HUNCH_NONE || right == HUNCH_NONE || op == HUNCH_NONE)
        return c_unknown(l, n);
    if (c_size(l, op) == 1) {
        /* Sides that hold no control flow may be evaluated in any order; the right one's comes
         * first, so that an address is in the block of its store. */
        struct c_value value = c_rvalue(l, right);
        struct c_value address = c_address(l, left);
        return c_store(l, address, value, n, 0);
    }
    enum hunch_operator how = operator_of(c_text(l, op), c_size(l, op) - 1);
    struct c_value by = c_rvalue(l, right);
    struct c_value address = c_address(l, left);
    struct c_value old = c_load(l, address, left);
    return c_store(l, address, binary(l, n, how, old, by), n, 0);
}

static struct c_value update(struct c_lower *l, uint32_t n)
{
    uint32_t argument = c_child(l, n, F_argument), op = c_child(l, n, F_operator);
    if (argument == HUNCH_NONE || op == HUNCH_NONE)
        return c_unknown(l, n);
    struct c_value address = c_address(l, argument);
    struct c_value old = c_load(l, address, argument);
    struct c_value one = {c_const(l, n, 1), C_INT};
    struct c_value new = binary(l, n, c_text(l, op)[0] == '+' ? HUNCH_ADD : HUNCH_SUB, old, one);
    c_store(l, address, new, n, 0);
    bool is_prefix = c_node(l, op)->begin < c_node(l, argument)->begin;
    return (struct c_value){is_prefix ? new.op : old.op, address.type};
}

/* ---- control flow ---- */

static bool is_logical(const struct c_lower *l, uint32_t n, bool *is_and)
{
    if (c_node(l, n)->kind != K_binary_expression)
        return false;
    uint32_t op = c_child(l, n, F_operator);
    if (op == HUNCH_NONE || c_size(l, op) != 2)
        return false;
    *is_and = c_is(l, op, "&&");
    return *is_and || c_is(l, op, "||");
}

void c_condition(struct c_lower *l, uint32_t n, uint32_t yes, uint32_t no)
{
    bool is_and;
    int64_t value;
    uint32_t bare = c_bare(l, n);
    if (bare == HUNCH_NONE || c_constant(l, bare, &value)) {
        hunch_build_jump(l->b, bare == HUNCH_NONE || value ? yes : no);
        return;
    }
    const struct hunch_node *node = c_node(l, bare);
    if (is_logical(l, bare, &is_and)) {
        uint32_t right = hunch_build_block(l->b);
        c_condition(l, c_child(l, bare, F_left), is_and ? right : yes, is_and ? no : right);
        hunch_build_start(l->b, right);
        c_condition(l, c_child(l, bare, F_right), yes, no);
        return;
    }
    if (node->kind == K_unary_expression) {
        uint32_t op = c_child(l, bare, F_operator);
        if (op != HUNCH_NONE && c_is(l, op, "!")) {
            c_condition(l, c_child(l, bare, F_argument), no, yes);
            return;
        }
    }
    if (node->kind == K_comma_expression) {
        c_effect(l, c_child(l, bare, F_left));
        c_condition(l, c_child(l, bare, F_right), yes, no);
        return;
    }
    if (node->kind == K_call_expression) { /* what is expected says nothing of what is */
        uint32_t function = c_child(l, bare, F_function), list = c_child(l, bare, F_arguments);
        if (function != HUNCH_NONE && list != HUNCH_NONE && c_is(l, function, "__builtin_expect")) {
            c_condition(l, c_first_named(l, list), yes, no);
            return;
        }
    }
    struct c_value test = c_rvalue(l, bare);
    c_op(l, HUNCH_OP_CONDITION, bare, test.op, 0);
    hunch_build_branch(l->b, test.op, yes, no);
}

/* The value of && and ||. */
static struct c_value logical(struct c_lower *l, uint32_t n)
{
    uint32_t yes = hunch_build_block(l->b), no = hunch_build_block(l->b),
             join = hunch_build_block(l->b);
    struct c_value place = c_temporary(l, C_INT, n);
    c_condition(l, n, yes, no);
    hunch_build_start(l->b, yes);
    c_store(l, again(l, place, n), (struct c_value){c_const(l, n, 1), C_INT}, n, 0);
    hunch_build_jump(l->b, join);
    hunch_build_start(l->b, no);
    c_store(l, again(l, place, n), (struct c_value){c_const(l, n, 0), C_INT}, n, 0);
    hunch_build_start(l->b, join);
    return c_load(l, again(l, place, n), n);
}

static struct c_value conditional(struct c_lower *l, uint32_t n, bool is_wanted)
{
    uint32_t test = c_child(l, n, F_condition), first = c_child(l, n, F_consequence),
             second = c_child(l, n, F_alternative);
    if (test == HUNCH_NONE || second == HUNCH_NONE)
        return c_unknown(l, n);
    uint32_t yes = hunch_build_block(l->b), no = hunch_build_block(l->b),
             join = hunch_build_block(l->b);
    uint32_t type = C_UNKNOWN;
    struct c_value place = {HUNCH_NONE, C_UNKNOWN}, value;
    if (is_wanted)
        place = c_temporary(l, C_UNKNOWN, n);
    if (first == HUNCH_NONE) { /* a ?: b */
        value = c_rvalue(l, test);
        type = value.type;
        if (is_wanted)
            c_store(l, again(l, place, n), value, n, 0);
        c_op(l, HUNCH_OP_CONDITION, test, value.op, 0);
        hunch_build_branch(l->b, value.op, yes, no);
        hunch_build_start(l->b, yes);
    } else {
        c_condition(l, test, yes, no);
        hunch_build_start(l->b, yes);
        if (is_wanted) {
            value = c_rvalue(l, first);
            type = value.type;
            c_store(l, again(l, place, n), value, n, 0);
        } else
            c_effect(l, first);
    }
    hunch_build_jump(l->b, join);
    hunch_build_start(l->b, no);
    if (is_wanted) {
        value = c_rvalue(l, second);
        if (type == C_UNKNOWN || (c_type_is(l, type, T_INTEGER) && value.type != C_UNKNOWN))
            type = value.type;
        c_store(l, again(l, place, n), value, n, 0);
    } else
        c_effect(l, second);
    hunch_build_start(l->b, join);
    if (!is_wanted)
        return place;
    if (c_type_is(l, type, T_AGGREGATE) && place.op != HUNCH_NONE && !l->b->is_cut)
        l->b->var.items[l->b->op.items[place.op].a].flags |= HUNCH_VAR_IS_AGGREGATE;
    place = again(l, place, n);
    place.type = type;
    return c_load(l, place, n);
}

/* ---- values ---- */

static struct c_value cast(struct c_lower *l, uint32_t n)
{
    uint32_t argument = c_child(l, n, F_value), type = c_type_name(l, c_child(l, n, F_type));
    if (argument == HUNCH_NONE)
        return c_unknown(l, n);
    struct c_value value = c_rvalue(l, argument);
    if (c_type_is(l, type, T_POINTER))
        value = as_pointer(l, value);
    if (value.op != HUNCH_NONE && value.op < l->b->op.count &&
        l->b->op.items[value.op].kind == HUNCH_OP_NULL)
        return (struct c_value){value.op, type};
    uint32_t op = c_op(l, HUNCH_OP_CAST, n, value.op, 0);
    flag(l, op, narrowed(l, value.type, type));
    if (c_type_is(l, type, T_POINTER)) /* an address may be kept as a number for a while */
        flag(l, op, HUNCH_OP_IS_POINTER);
    else
        flag(l, op, c_sign_flags(l, type));
    return (struct c_value){op, type};
}

static struct c_value operated(struct c_lower *l, uint32_t n)
{
    bool is_and;
    if (is_logical(l, n, &is_and))
        return logical(l, n);
    uint32_t left = c_child(l, n, F_left), right = c_child(l, n, F_right),
             op = c_child(l, n, F_operator);
    if (left == HUNCH_NONE || right == HUNCH_NONE || op == HUNCH_NONE)
        return c_unknown(l, n);
    struct c_value a = c_rvalue(l, left), b = c_rvalue(l, right);
    return binary(l, n, operator_of(c_text(l, op), c_size(l, op)), a, b);
}

static struct c_value prefixed(struct c_lower *l, uint32_t n)
{
    uint32_t op = c_child(l, n, F_operator), argument = c_child(l, n, F_argument);
    int64_t value;
    if (op == HUNCH_NONE || argument == HUNCH_NONE)
        return c_unknown(l, n);
    if (c_constant(l, n, &value))
        return (struct c_value){c_const(l, n, value), C_INT};
    struct c_value of = c_rvalue(l, argument);
    switch (c_text(l, op)[0]) {
    case '+': return of;
    case '-': return unary(l, n, HUNCH_NEGATE, of);
    case '~': return unary(l, n, HUNCH_NOT_BITS, of);
    default: return unary(l, n, HUNCH_NOT, of);
    }
}

static struct c_value address_of(struct c_lower *l, uint32_t n)
{
    uint32_t op = c_child(l, n, F_operator), argument = c_child(l, n, F_argument);
    if (op == HUNCH_NONE || argument == HUNCH_NONE)
        return c_unknown(l, n);
    if (c_is(l, op, "*"))
        return c_load(l, c_address(l, n), n);
    struct c_value address = c_address(l, argument);
    if (c_type_is(l, address.type, T_FUNCTION))
        return address;
    return (struct c_value){address.op, c_type_add(l, T_POINTER, address.type, 0)};
}

struct c_value c_rvalue(struct c_lower *l, uint32_t n)
{
    n = c_bare(l, n);
    if (n == HUNCH_NONE || l->b->is_cut || l->b->failed)
        return (struct c_value){HUNCH_NONE, C_UNKNOWN};
    int64_t value;
    switch (c_node(l, n)->kind) {
    case K_identifier: return identifier(l, n);
    case K_number_literal:
        if (c_constant(l, n, &value))
            return (struct c_value){c_const(l, n, value), C_INT};
        return (struct c_value){c_op(l, HUNCH_OP_UNKNOWN, n, 0, 0), C_DOUBLE};
    case K_char_literal:
    case K_true:
    case K_false:
        (void)c_constant(l, n, &value);
        return (struct c_value){c_const(l, n, value), C_INT};
    case K_null: return (struct c_value){c_op(l, HUNCH_OP_NULL, n, 0, 0), C_POINTER};
    case K_string_literal:
    case K_concatenated_string:
        return (struct c_value){c_op(l, HUNCH_OP_STRING, n, c_string(l, n), 0), C_TEXT};
    case K_field_expression:
    case K_subscript_expression:
    case K_compound_literal_expression: return c_load(l, c_address(l, n), n);
    case K_pointer_expression: return address_of(l, n);
    case K_assignment_expression: return assignment(l, n);
    case K_update_expression: return update(l, n);
    case K_call_expression: return c_call(l, n);
    case K_cast_expression: return cast(l, n);
    case K_binary_expression: return operated(l, n);
    case K_unary_expression: return prefixed(l, n);
    case K_conditional_expression: return conditional(l, n, true);
    case K_comma_expression:
        c_effect(l, c_child(l, n, F_left));
        return c_rvalue(l, c_child(l, n, F_right));
    case K_sizeof_expression:
    case K_alignof_expression: return c_sized(l, n);
    case K_compound_statement: return c_block_value(l, n);
    default: return c_unknown(l, n);
    }
}

void c_effect(struct c_lower *l, uint32_t n)
{
    bool is_and;
    n = c_bare(l, n);
    if (n == HUNCH_NONE || l->b->is_cut || l->b->failed)
        return;
    switch (c_node(l, n)->kind) {
    case K_conditional_expression: conditional(l, n, false); return;
    case K_comma_expression:
        c_effect(l, c_child(l, n, F_left));
        c_effect(l, c_child(l, n, F_right));
        return;
    case K_binary_expression:
        if (is_logical(l, n, &is_and)) {
            uint32_t right = hunch_build_block(l->b), join = hunch_build_block(l->b);
            c_condition(l, c_child(l, n, F_left), is_and ? right : join, is_and ? join : right);
            hunch_build_start(l->b, right);
            c_effect(l, c_child(l, n, F_right));
            hunch_build_start(l->b, join);
            return;
        }
        break;
    case K_cast_expression: /* (void)x */ c_effect(l, c_child(l, n, F_value)); return;
    default: break;
    }
    c_rvalue(l, n);
}
