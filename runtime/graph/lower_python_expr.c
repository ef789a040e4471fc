/* lower_python_expr.c: values of Python's expressions, and control flow in them: what and, or, not
 * and if-else do is blocks and branches; a temporary variable carries the value where it is wanted.
 */
#include <stdlib.h>
#include <string.h>

#include "graph/lower_python.h"

uint32_t py_op(struct py_lower *l, enum hunch_op_kind kind, uint32_t n, uint32_t a, uint32_t b)
{
    return hunch_build_op(
        l->b, (struct hunch_op){.kind = (uint8_t)kind, .a = a, .b = b, .span = py_span(l, n)});
}

uint32_t py_binary(struct py_lower *l, enum hunch_operator o, uint32_t n, uint32_t a, uint32_t b)
{
    return hunch_build_op(
        l->b,
        (struct hunch_op){
            .kind = HUNCH_OP_BINARY, .sub = (uint8_t)o, .a = a, .b = b, .span = py_span(l, n)});
}

static uint32_t unary(struct py_lower *l, enum hunch_operator o, uint32_t n, uint32_t a)
{
    return hunch_build_op(
        l->b, (struct hunch_op){
                  .kind = HUNCH_OP_UNARY, .sub = (uint8_t)o, .a = a, .span = py_span(l, n)});
}

uint32_t py_const(struct py_lower *l, uint32_t n, int64_t value)
{
    return py_op(l, HUNCH_OP_CONST, n, (uint32_t)value, (uint32_t)((uint64_t)value >> 32));
}

uint32_t py_unknown(struct py_lower *l, uint32_t n)
{
    return py_op(l, HUNCH_OP_UNKNOWN, n, 0, 0);
}

uint32_t py_load(struct py_lower *l, uint32_t n, uint32_t address)
{
    return py_op(l, HUNCH_OP_LOAD, n, address, 0);
}

void py_store(struct py_lower *l, uint32_t n, uint32_t address, uint32_t value)
{
    (void)py_op(l, HUNCH_OP_STORE, n, address, value);
}

uint32_t py_variable(struct py_lower *l, uint32_t n, uint32_t var)
{
    return py_op(l, HUNCH_OP_VAR, n, var, 0);
}

uint32_t py_temporary(struct py_lower *l, uint32_t n)
{
    return hunch_build_var(
        l->b, (struct hunch_var){.flags = HUNCH_VAR_IS_TEMPORARY, .span = py_span(l, n)});
}

uint32_t py_element(struct py_lower *l, uint32_t n, uint32_t container)
{
    return py_load(l, n, py_op(l, HUNCH_OP_INDEX, n, container, HUNCH_NONE));
}

uint32_t py_call_name(struct py_lower *l, uint32_t n, const char *name, const uint32_t *value,
                      uint32_t count)
{
    const uint32_t callee =
        py_op(l, HUNCH_OP_NAME, n, hunch_name_add(l->names, name, strlen(name)), 0);
    return hunch_build_op(l->b, (struct hunch_op){.kind = HUNCH_OP_CALL,
                                                  .a = callee,
                                                  .b = hunch_build_args(l->b, value, count),
                                                  .c = count,
                                                  .span = py_span(l, n)});
}

void py_maybe(struct py_lower *l, uint32_t n, uint32_t yes, uint32_t no)
{
    const uint32_t value = py_unknown(l, n);
    (void)py_op(l, HUNCH_OP_CONDITION, n, value, 0);
    hunch_build_branch(l->b, value, yes, no);
}

/* ---- numbers ---- */

static uint32_t integer(struct py_lower *l, uint32_t n)
{
    char digits[24];
    uint32_t count = 0;
    for (uint32_t i = 0; i < py_size(l, n); i++)
        if (py_text(l, n)[i] != '_') {
            if (count + 1 == sizeof digits)
                return py_unknown(l, n);
            digits[count++] = py_text(l, n)[i];
        }
    digits[count] = 0;
    const char second = count > 1 ? (char)(digits[1] | 32) : '0';
    const int base = digits[0] != '0' ? 10 : second == 'x' ? 16 : second == 'b' ? 2 : 8;
    const bool has_prefix = digits[0] == '0' && second >= 'a';
    char *end;
    const uint64_t value = strtoull(digits + (has_prefix ? 2 : 0), &end, base);
    if (*end != 0 || value > INT64_MAX) /* 1j, 10L */
        return py_unknown(l, n);
    return py_const(l, n, (int64_t)value);
}

/* ---- operators ---- */

static bool is_number(const struct py_lower *l, uint32_t op)
{
    return op != HUNCH_NONE && op < l->b->op.count && l->b->op.items[op].kind == HUNCH_OP_CONST;
}

static enum hunch_operator operator_of(const struct py_lower *l, uint32_t n)
{
    const char *t = py_text(l, n);
    const bool twice = py_size(l, n) > 1 && t[0] == t[1];
    switch (t[0]) {
    case '+': return HUNCH_ADD;
    case '-': return HUNCH_SUB;
    case '*': return twice ? HUNCH_OTHER : HUNCH_MUL;
    case '/': return HUNCH_DIV;
    case '%': return HUNCH_MOD;
    case '&': return HUNCH_AND;
    case '|': return HUNCH_OR;
    case '^': return HUNCH_XOR;
    case '<': return HUNCH_SHL;
    case '>': return HUNCH_SHR;
    default: return HUNCH_OTHER;
    }
}

/* + and % of texts and lists hold what went in; of numbers they are sums. */
uint32_t py_plus(struct py_lower *l, uint32_t n, uint32_t operator, uint32_t a, uint32_t b)
{
    enum hunch_operator o = operator== HUNCH_NONE ? HUNCH_OTHER : operator_of(l, operator);
    const bool is_text =
        a != HUNCH_NONE && a < l->b->op.count &&
        (l->b->op.items[a].kind == HUNCH_OP_STRING ||
         (l->b->op.items[a].kind == HUNCH_OP_BINARY && l->b->op.items[a].sub == HUNCH_CONCAT));
    if ((o == HUNCH_ADD && !is_number(l, a) && !is_number(l, b)) || (o == HUNCH_MOD && is_text) ||
        o == HUNCH_OR)
        o = HUNCH_CONCAT;
    return py_binary(l, o, n, a, b);
}

static uint32_t membership(struct py_lower *l, uint32_t n, uint32_t a, uint32_t b)
{
    const uint32_t value[] = {a, b};
    return py_call_name(l, n, "in", value, 2);
}

/* Of two words the operator is the first one. */
static bool is_not(const struct py_lower *l, uint32_t operator)
{
    const uint8_t *at = l->tree.text + py_node(l, operator)->end,
                  *end = l->tree.text + l->tree.size;
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\\' || *at == '\n' || *at == '\r'))
        at++;
    return end - at > 3 && memcmp(at, "not", 3) == 0 &&
           (at[3] == ' ' || at[3] == '(' || at[3] == '\t' || at[3] == '\\' || at[3] == '\n');
}

uint32_t py_compare(struct py_lower *l, uint32_t n, uint32_t operator, uint32_t a, uint32_t b)
{
    const char *t = py_text(l, operator);
    const uint32_t size = py_size(l, operator);
    if (size == 0)
        return py_unknown(l, n);
    if (t[0] == 'i' && size == 2 && t[1] == 'n')
        return membership(l, n, a, b);
    if (t[0] == 'n')
        return unary(l, HUNCH_NOT, n, membership(l, n, a, b));
    enum hunch_operator o = HUNCH_EQ;
    if (t[0] == '!' || (t[0] == 'i' && (size > 2 || is_not(l, operator))) ||
        (t[0] == '<' && size > 1 && t[1] == '>'))
        o = HUNCH_NE;
    else if (t[0] == '<')
        o = size > 1 ? HUNCH_LE : HUNCH_LT;
    else if (t[0] == '>')
        o = size > 1 ? HUNCH_GE : HUNCH_GT;
    return py_binary(l, o, n, a, b);
}

/* a < b < c: yes where each holds; what is behind one that does not hold is not computed. */
static void comparisons(struct py_lower *l, uint32_t n, uint32_t yes, uint32_t no)
{
    uint32_t left = HUNCH_NONE, operator= HUNCH_NONE, left_value = HUNCH_NONE, value = HUNCH_NONE;
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        if (py_node(l, c)->field == F_operators) {
            if (operator== HUNCH_NONE)
                operator= c;
            continue;
        }
        if (!py_is_named(l, c))
            continue;
        const uint32_t right = py_value(l, c);
        if (left != HUNCH_NONE && operator!= HUNCH_NONE) {
            if (value != HUNCH_NONE) {
                const uint32_t next = hunch_build_block(l->b);
                (void)py_op(l, HUNCH_OP_CONDITION, n, value, 0);
                hunch_build_branch(l->b, value, next, no);
                hunch_build_start(l->b, next);
            }
            value = py_compare(l, n, operator, left_value, right);
        }
        left = c;
        left_value = right;
        operator= HUNCH_NONE;
    }
    if (value == HUNCH_NONE)
        value = py_unknown(l, n);
    (void)py_op(l, HUNCH_OP_CONDITION, n, value, 0);
    hunch_build_branch(l->b, value, yes, no);
}

void py_condition(struct py_lower *l, uint32_t n, uint32_t yes, uint32_t no)
{
    n = py_bare(l, n);
    const uint16_t kind = n == HUNCH_NONE ? K_NONE : py_node(l, n)->kind;
    if (l->b->is_cut || l->failed)
        return;
    if (kind == K_boolean_operator) {
        const uint32_t between = hunch_build_block(l->b), operator= py_child(l, n, F_operator);
        const bool is_and = operator!= HUNCH_NONE && py_is(l, operator, "and");
        py_condition(l, py_child(l, n, F_left), is_and ? between : yes, is_and ? no : between);
        hunch_build_start(l->b, between);
        py_condition(l, py_child(l, n, F_right), yes, no);
    } else if (kind == K_not_operator) {
        py_condition(l, py_child(l, n, F_argument), no, yes);
    } else if (kind == K_comparison_operator) {
        comparisons(l, n, yes, no);
    } else if (kind == K_true || (kind == K_integer && !py_is(l, n, "0"))) {
        hunch_build_jump(l->b, yes);
    } else if (kind == K_false || kind == K_none || kind == K_integer) {
        hunch_build_jump(l->b, no);
    } else if (n == HUNCH_NONE) {
        hunch_build_jump(l->b, yes);
    } else {
        const uint32_t value = py_value(l, n);
        (void)py_op(l, HUNCH_OP_CONDITION, n, value, 0);
        hunch_build_branch(l->b, value, yes, no);
    }
}

/* What a condition, and its parts, leave as a value. */
static uint32_t truth(struct py_lower *l, uint32_t n)
{
    const uint32_t var = py_temporary(l, n), yes = hunch_build_block(l->b),
                   no = hunch_build_block(l->b), done = hunch_build_block(l->b);
    py_condition(l, n, yes, no);
    hunch_build_start(l->b, yes);
    py_store(l, n, py_variable(l, n, var), py_const(l, n, 1));
    hunch_build_jump(l->b, done);
    hunch_build_start(l->b, no);
    py_store(l, n, py_variable(l, n, var), py_const(l, n, 0));
    hunch_build_start(l->b, done);
    return py_load(l, n, py_variable(l, n, var));
}

static uint32_t comparison(struct py_lower *l, uint32_t n)
{
    const uint32_t left = py_named(l, n, 0), operator= py_child(l, n, F_operators);
    uint32_t operands = 0, right = HUNCH_NONE;
    HUNCH_EACH_CHILD(&l->tree, n, c)
    if (py_node(l, c)->field != F_operators && py_is_named(l, c) && operands++ == 1)
        right = c;
    if (operands != 2 || operator== HUNCH_NONE)
        return truth(l, n);
    const uint32_t a = py_value(l, left), b = py_value(l, right);
    return py_compare(l, n, operator, a, b);
}

/* and, or: the value of one of the two. */
static uint32_t either(struct py_lower *l, uint32_t n)
{
    const uint32_t var = py_temporary(l, n), more = hunch_build_block(l->b),
                   done = hunch_build_block(l->b), operator= py_child(l, n, F_operator);
    const bool is_and = operator!= HUNCH_NONE && py_is(l, operator, "and");
    const uint32_t left = py_value(l, py_child(l, n, F_left));
    py_store(l, n, py_variable(l, n, var), left);
    (void)py_op(l, HUNCH_OP_CONDITION, n, left, 0);
    hunch_build_branch(l->b, left, is_and ? more : done, is_and ? done : more);
    hunch_build_start(l->b, more);
    py_store(l, n, py_variable(l, n, var), py_value(l, py_child(l, n, F_right)));
    hunch_build_start(l->b, done);
    return py_load(l, n, py_variable(l, n, var));
}

static uint32_t choice(struct py_lower *l, uint32_t n)
{
    const uint32_t var = py_temporary(l, n), yes = hunch_build_block(l->b),
                   no = hunch_build_block(l->b), done = hunch_build_block(l->b);
    py_condition(l, py_named(l, n, 1), yes, no);
    hunch_build_start(l->b, yes);
    py_store(l, n, py_variable(l, n, var), py_value(l, py_named(l, n, 0)));
    hunch_build_jump(l->b, done);
    hunch_build_start(l->b, no);
    py_store(l, n, py_variable(l, n, var), py_value(l, py_named(l, n, 2)));
    hunch_build_start(l->b, done);
    return py_load(l, n, py_variable(l, n, var));
}

/* ---- others ---- */

static uint32_t yielded(struct py_lower *l, uint32_t n)
{
    const uint32_t what = py_named(l, n, 0);
    bool from = false;
    HUNCH_EACH_CHILD(&l->tree, n, c)
    from |= py_is(l, c, "from");
    uint32_t value = py_value(l, what);
    if (from)
        value = py_element(l, n, value);
    if (l->yielded != HUNCH_NONE) {
        const uint32_t list = py_load(l, n, py_variable(l, n, l->yielded));
        py_store(l, n, py_op(l, HUNCH_OP_INDEX, n, list, HUNCH_NONE), value);
    }
    return py_unknown(l, n); /* what is sent */
}

static uint32_t lambda(struct py_lower *l, uint32_t n)
{
    const uint32_t s = py_scope_of(l, n);
    if (s == HUNCH_NONE)
        return py_unknown(l, n);
    return py_load(l, n, py_op(l, HUNCH_OP_NAME, n, l->scope.items[s].name, 0));
}

/* An attribute of self that is a @property of the file's class is a call. */
static uint32_t attribute(struct py_lower *l, uint32_t n)
{
    const uint32_t object = py_child(l, n, F_object), name = py_child(l, n, F_attribute);
    if (name != HUNCH_NONE && object != HUNCH_NONE) {
        const uint32_t class = py_receiver(l, object);
        const uint32_t method =
            class == HUNCH_NONE ? HUNCH_NONE : py_method(l, class, py_name(l, name));
        if (method != HUNCH_NONE && l->scope.items[method].is_value) {
            const uint32_t value = py_value(l, object);
            return py_call_name(l, n, hunch_graph_name(l->file, l->scope.items[method].name),
                                &value, 1);
        }
    }
    return py_load(l, n, py_address(l, n));
}

static uint32_t subscripted(struct py_lower *l, uint32_t n)
{
    const uint32_t key = py_child(l, n, F_subscript);
    if (!py_kind(l, key, K_slice))
        return py_load(l, n, py_address(l, n));
    const uint32_t value = py_value(l, py_child(l, n, F_value));
    HUNCH_EACH_CHILD(&l->tree, key, c)
    if (py_is_named(l, c))
        (void)py_value(l, c);
    return py_op(l, HUNCH_OP_CAST, n, value, 0); /* as much of it as is asked for */
}

static uint32_t all_of(struct py_lower *l, uint32_t n) /* what an error left, a format */
{
    uint32_t value = HUNCH_NONE;
    HUNCH_EACH_CHILD(&l->tree, n, c)
    if (py_is_named(l, c) || (py_node(l, c)->flags & HUNCH_NODE_IS_ERROR)) {
        const uint32_t next = py_value(l, c);
        value = value == HUNCH_NONE ? next : py_binary(l, HUNCH_CONCAT, n, value, next);
    }
    return value == HUNCH_NONE ? py_unknown(l, n) : value;
}

uint32_t py_value(struct py_lower *l, uint32_t n)
{
    uint32_t a, o;
    if (l->failed || l->b->is_cut || l->b->failed)
        return HUNCH_NONE;
    if (n == HUNCH_NONE)
        return py_op(l, HUNCH_OP_NULL, 0, 0, 0);
    switch (py_node(l, n)->kind) {
    case K_parenthesized_expression:
    case K_parenthesized_list_splat:
    case K_await:
    case K_type: return py_value(l, py_named(l, n, 0));
    case K_identifier:
    case K_dotted_name: return py_load(l, n, py_address(l, n));
    case K_attribute: return attribute(l, n);
    case K_subscript: return subscripted(l, n);
    case K_call: return py_call(l, n);
    case K_integer: return integer(l, n);
    case K_true: return py_const(l, n, 1);
    case K_false: return py_const(l, n, 0);
    case K_none: return py_op(l, HUNCH_OP_NULL, n, 0, 0);
    case K_string:
    case K_concatenated_string: return py_string(l, n);
    case K_list:
    case K_tuple:
    case K_set:
    case K_dictionary:
    case K_expression_list:
    case K_pattern_list:
    case K_list_pattern:
    case K_tuple_pattern: return py_object(l, n);
    case K_list_comprehension:
    case K_set_comprehension:
    case K_dictionary_comprehension:
    case K_generator_expression: return py_comprehension(l, n);
    case K_binary_operator:
        a = py_value(l, py_child(l, n, F_left));
        o = py_value(l, py_child(l, n, F_right));
        return py_plus(l, n, py_child(l, n, F_operator), a, o);
    case K_unary_operator:
        o = py_child(l, n, F_operator);
        a = py_value(l, py_child(l, n, F_argument));
        if (o != HUNCH_NONE && py_is(l, o, "+"))
            return a;
        return unary(l, o != HUNCH_NONE && py_is(l, o, "-") ? HUNCH_NEGATE : HUNCH_NOT_BITS, n, a);
    case K_not_operator: return unary(l, HUNCH_NOT, n, py_value(l, py_child(l, n, F_argument)));
    case K_boolean_operator: return either(l, n);
    case K_comparison_operator: return comparison(l, n);
    case K_conditional_expression: return choice(l, n);
    case K_named_expression:
        a = py_value(l, py_child(l, n, F_value));
        o = py_child(l, n, F_name);
        if (o != HUNCH_NONE)
            py_assign(l, o, a);
        return a;
    case K_assignment:
    case K_augmented_assignment: return py_assignment(l, n);
    case K_yield: return yielded(l, n);
    case K_lambda: return lambda(l, n);
    case K_list_splat:
    case K_dictionary_splat:
    case K_list_splat_pattern: return py_value(l, py_named(l, n, 0));
    case K_keyword_argument: return py_value(l, py_child(l, n, F_value));
    case K_interpolation:
    case K_format_expression:
    case K_format_specifier:
    case K_as_pattern: return all_of(l, n);
    case K_NONE:
        if (py_node(l, n)->flags & HUNCH_NODE_IS_ERROR)
            return all_of(l, n);
        return py_unknown(l, n);
    default: return py_unknown(l, n);
    }
}
