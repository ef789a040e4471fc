/* lower_c_call.c: calls of C: what is called, by name or through a pointer, and calls that never
 * come back, which end their block.
 */
#include <string.h>

#include "graph/lower_c.h"

static bool never_returns(const struct c_lower *l, uint32_t n)
{
    static const char *const names[] = {
        "exit",
        "abort",
        "_exit",
        "_Exit",
        "quick_exit",
        "longjmp",
        "siglongjmp",
        "_longjmp",
        "err",
        "errx",
        "verr",
        "verrx",
        "__assert_fail",
        "__assert_rtn",
        "pthread_exit",
        "thrd_exit",
        "__builtin_unreachable",
        "__builtin_trap",
        "__builtin_abort",
        "__builtin_exit",
        "__stack_chk_fail",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (c_is(l, n, names[i]))
            return true;
    return false;
}

static struct c_value value_or_block(struct c_lower *l, uint32_t n)
{
    return c_node(l, n)->kind == K_compound_statement ? c_block_value(l, n) : c_rvalue(l, n);
}

/* What a name that is called stands for; the type that it returns. */
static struct c_value callee(struct c_lower *l, uint32_t function, bool *is_noreturn)
{
    uint32_t bare = c_bare(l, function);
    *is_noreturn = false;
    if (bare != HUNCH_NONE && c_node(l, bare)->kind == K_identifier) {
        const struct c_symbol *symbol = c_find(l, c_name(l, bare), SPACE_NAMES);
        if (symbol == NULL || symbol->kind == S_FUNCTION)
            *is_noreturn = symbol != NULL && symbol->is_noreturn;
        if (symbol == NULL || (symbol->kind == S_FUNCTION && !symbol->is_defined))
            *is_noreturn = *is_noreturn || never_returns(l, bare);
        if (symbol != NULL && (symbol->kind == S_VAR || symbol->kind == S_GLOBAL))
            return c_load(l, c_variable(l, symbol, bare), bare);
        return c_named(l, bare);
    }
    /* (*f)(x) is f(x). */
    while (bare != HUNCH_NONE && c_node(l, bare)->kind == K_pointer_expression) {
        uint32_t op = c_child(l, bare, F_operator);
        if (op == HUNCH_NONE || !c_is(l, op, "*"))
            break;
        struct c_value value = c_rvalue(l, c_child(l, bare, F_argument));
        uint32_t to = c_points_to(l, value.type);
        if (c_type_is(l, to, T_POINTER)) /* of a table, by address */
            return c_load(l, (struct c_value){value.op, to}, bare);
        return (struct c_value){value.op, to};
    }
    return bare == HUNCH_NONE ? c_unknown(l, function) : c_rvalue(l, bare);
}

static uint32_t returned_type(const struct c_lower *l, uint32_t type)
{
    if (c_type_is(l, type, T_POINTER))
        type = c_points_to(l, type);
    return c_type_is(l, type, T_FUNCTION) ? c_type(l, type)->of : C_UNKNOWN;
}

static bool is_type_name(struct c_lower *l, uint32_t n)
{
    n = c_bare(l, n);
    if (n == HUNCH_NONE || c_node(l, n)->kind != K_identifier)
        return false;
    const struct c_symbol *symbol = c_find(l, c_name(l, n), SPACE_NAMES);
    if (symbol != NULL)
        return symbol->kind == S_TYPE;
    uint32_t size = c_size(l, n);
    return size > 2 && memcmp(c_text(l, n) + size - 2, "_t", 2) == 0;
}

struct c_value c_call(struct c_lower *l, uint32_t n)
{
    uint32_t function = c_child(l, n, F_function), list = c_child(l, n, F_arguments);
    size_t first = l->arguments.count;
    if (function == HUNCH_NONE || list == HUNCH_NONE)
        return c_unknown(l, n);
    bool is_plain = c_node(l, function)->kind == K_identifier;
    bool is_inline = is_plain && c_is(l, function, HUNCH_STATEMENT_EXPRESSION);
    bool is_expect = is_plain && c_is(l, function, "__builtin_expect");
    bool is_cast = !is_plain && is_type_name(l, function); /* (T)(x) */
    bool is_noreturn = false;
    struct c_value what = {HUNCH_NONE, C_UNKNOWN}, last = what;
    if (!is_inline && !is_expect && !is_cast)
        what = callee(l, function, &is_noreturn);
    HUNCH_EACH_CHILD(&l->tree, list, c)
    {
        if (c_node(l, c)->kind == K_NONE && !(c_node(l, c)->flags & HUNCH_NODE_IS_ERROR))
            continue;
        if (is_expect && l->arguments.count > first)
            break;
        last = value_or_block(l, c);
        if (!hunch_vec_push(l->a, &l->arguments, last.op))
            c_fail(l);
    }
    uint32_t count = (uint32_t)(l->arguments.count - first);
    l->arguments.count = first;
    if ((is_inline || is_expect || is_cast) && count > 0)
        return last;
    uint32_t args = hunch_build_args(l->b, l->arguments.items + first, count);
    uint32_t op = hunch_build_op(
        l->b, (struct hunch_op){.kind = HUNCH_OP_CALL,
                                .flags = c_value_flags(l, returned_type(l, what.type)),
                                .a = what.op,
                                .b = args,
                                .c = count,
                                .span = c_span(l, n)});
    if (is_noreturn)
        hunch_build_exit(l->b, false);
    return (struct c_value){op, returned_type(l, what.type)};
}
