/* lower_python_stmt.c: statements of Python as blocks. What stands in `finally` is lowered once for
 * each way that leaves it.
 */
#include "graph/lower_python.h"

uint32_t py_stmt(struct py_lower *l, enum hunch_stmt_kind kind, uint32_t n, uint32_t line_node)
{
    const struct hunch_extent at = py_span(l, line_node);
    const uint32_t bare = n == HUNCH_NONE ? n : py_bare(l, n);
    const struct hunch_extent span =
        bare == HUNCH_NONE ? (struct hunch_extent){at.begin, at.begin} : py_span(l, bare);
    return hunch_build_stmt(l->b, kind, HUNCH_NONE, span, py_line(l, at.begin), l->loop);
}

void py_statements(struct py_lower *l, uint32_t n)
{
    if (n == HUNCH_NONE)
        return;
    HUNCH_EACH_CHILD(&l->tree, n, c)
    py_statement(l, c);
}

/* ---- ways out ---- */

void py_leave(struct py_lower *l, struct py_frame *to)
{
    struct py_frame *const now = l->frame;
    for (struct py_frame *f = now; f != NULL && f != to; f = f->outer)
        if (f->finally != HUNCH_NONE) {
            l->frame = f->outer; /* a jump in it leaves from there */
            py_statements(l, f->finally);
        }
    l->frame = now;
}

void py_return(struct py_lower *l, uint32_t n, uint32_t value)
{
    if (l->yielded != HUNCH_NONE)
        value = py_load(l, n, py_variable(l, n, l->yielded));
    (void)py_op(l, HUNCH_OP_RETURN, n, value, 0);
    hunch_build_exit(l->b, true);
}

static void returned(struct py_lower *l, uint32_t n)
{
    const uint32_t value_node = py_named(l, n, 0);
    (void)py_stmt(l, HUNCH_STMT_RETURN, n, n);
    const uint32_t value = value_node == HUNCH_NONE ? HUNCH_NONE : py_value(l, value_node);
    py_leave(l, NULL);
    py_return(l, n, value);
}

void py_raise(struct py_lower *l)
{
    struct py_frame *f = l->frame;
    while (f != NULL && f->handler == HUNCH_NONE)
        f = f->outer;
    py_leave(l, f);
    if (f == NULL)
        hunch_build_exit(l->b, false);
    else
        hunch_build_jump(l->b, f->handler);
}

static void raised(struct py_lower *l, uint32_t n)
{
    (void)py_stmt(l, HUNCH_STMT_EXPRESSION, n, n);
    HUNCH_EACH_CHILD(&l->tree, n, c)
    if (py_is_named(l, c))
        (void)py_value(l, c);
    py_raise(l);
}

static void asserted(struct py_lower *l, uint32_t n)
{
    const uint32_t yes = hunch_build_block(l->b), no = hunch_build_block(l->b),
                   test = py_named(l, n, 0), says = py_named(l, n, 1);
    (void)py_stmt(l, HUNCH_STMT_IF, test, n);
    py_condition(l, test, yes, no);
    hunch_build_start(l->b, no);
    if (says != HUNCH_NONE)
        (void)py_value(l, says);
    py_raise(l);
    hunch_build_start(l->b, yes);
}

static void jump(struct py_lower *l, uint32_t n, bool is_break)
{
    struct py_frame *f = l->frame;
    while (f != NULL && !f->is_loop)
        f = f->outer;
    (void)py_stmt(l, is_break ? HUNCH_STMT_BREAK : HUNCH_STMT_CONTINUE, n, n);
    if (f == NULL) {
        py_fault(l, HUNCH_NONE, py_line(l, py_node(l, n)->begin), "a jump that leads nowhere");
        return;
    }
    py_leave(l, f);
    hunch_build_jump(l->b, is_break ? f->on_break : f->on_continue);
}

/* ---- choices and loops ---- */

static void choice(struct py_lower *l, uint32_t n)
{
    const uint32_t done = hunch_build_block(l->b);
    uint32_t at = n; /* the if, then each elif */
    for (uint32_t c = n + 1, end = py_node(l, n)->after; at != HUNCH_NONE;) {
        const uint32_t yes = hunch_build_block(l->b), no = hunch_build_block(l->b),
                       test = py_child(l, at, F_condition);
        (void)py_stmt(l, HUNCH_STMT_IF, test, at);
        py_condition(l, test, yes, no);
        hunch_build_start(l->b, yes);
        py_statements(l, py_child(l, at, F_consequence));
        hunch_build_jump(l->b, done);
        hunch_build_start(l->b, no);
        for (at = HUNCH_NONE; c < end && at == HUNCH_NONE; c = py_node(l, c)->after) {
            if (py_kind(l, c, K_elif_clause))
                at = c;
            else if (py_kind(l, c, K_else_clause))
                py_statements(l, py_child(l, c, F_body));
            else if (py_node(l, c)->flags & HUNCH_NODE_IS_ERROR)
                py_statement(l, c);
        }
    }
    hunch_build_start(l->b, done);
}

static void loop_body(struct py_lower *l, uint32_t n, uint32_t done, uint32_t again, uint32_t stmt)
{
    struct py_frame frame = {.outer = l->frame,
                             .handler = HUNCH_NONE,
                             .finally = HUNCH_NONE,
                             .is_loop = true,
                             .on_break = done,
                             .on_continue = again};
    const uint32_t outer = l->loop;
    l->frame = &frame;
    l->loop = stmt;
    py_statements(l, py_child(l, n, F_body));
    l->frame = frame.outer;
    l->loop = outer;
    hunch_build_jump(l->b, again);
}

static void loop(struct py_lower *l, uint32_t n)
{
    const bool is_for = py_kind(l, n, K_for_statement);
    const uint32_t right = py_child(l, n, F_right), left = py_child(l, n, F_left),
                   otherwise = py_child(l, n, F_alternative), test = py_child(l, n, F_condition);
    uint32_t from = HUNCH_NONE;
    if (is_for) {
        (void)py_stmt(l, HUNCH_STMT_FOR_FIRST, right, n);
        from = py_value(l, right);
    }
    const uint32_t head = hunch_build_block(l->b), body = hunch_build_block(l->b),
                   ended = hunch_build_block(l->b), done = hunch_build_block(l->b);
    hunch_build_start(l->b, head);
    const uint32_t stmt =
        py_stmt(l, is_for ? HUNCH_STMT_FOR : HUNCH_STMT_WHILE, is_for ? left : test, n);
    if (is_for)
        py_maybe(l, n, body, ended);
    else
        py_condition(l, test, body, ended);
    hunch_build_start(l->b, body);
    if (is_for && left != HUNCH_NONE)
        py_assign(l, left, py_element(l, left, from));
    loop_body(l, n, done, head, stmt);
    hunch_build_start(l->b, ended);
    if (otherwise != HUNCH_NONE)
        py_statements(l, py_child(l, otherwise, F_body));
    hunch_build_start(l->b, done);
}

/* ---- with ---- */

static void with_item(struct py_lower *l, uint32_t n)
{
    const uint32_t value = py_child(l, n, F_value);
    if (value == HUNCH_NONE)
        return;
    (void)py_stmt(l, HUNCH_STMT_EXPRESSION, value, n);
    if (py_kind(l, value, K_as_pattern)) {
        const uint32_t alias = py_child(l, value, F_alias);
        const uint32_t object = py_value(l, py_named(l, value, 0));
        if (alias != HUNCH_NONE)
            py_assign(l, alias, object);
    } else {
        (void)py_value(l, value);
    }
}

static void with_items(struct py_lower *l, uint32_t n)
{
    HUNCH_EACH_CHILD(&l->tree, n, c)
    if (py_kind(l, c, K_with_clause) || py_kind(l, c, K_tuple))
        with_items(l, c);
    else if (py_kind(l, c, K_with_item))
        with_item(l, c);
}

/* ---- others ---- */

static void expressions(struct py_lower *l, uint32_t n)
{
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        if (!py_is_named(l, c) && !(py_node(l, c)->flags & HUNCH_NODE_IS_ERROR))
            continue;
        if (py_kind(l, c, K_string)) { /* a comment, nearly always */
            bool is_constant = py_is_constant(l, c);
            if (is_constant)
                continue;
        }
        const bool is_declaration = py_kind(l, c, K_assignment);
        if (is_declaration && py_child(l, c, F_right) == HUNCH_NONE)
            continue;
        (void)py_stmt(l, HUNCH_STMT_EXPRESSION, c, n);
        (void)py_value(l, c);
    }
}

static void deleted(struct py_lower *l, uint32_t n)
{
    (void)py_stmt(l, HUNCH_STMT_EXPRESSION, n, n);
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        if (py_kind(l, c, K_expression_list)) {
            HUNCH_EACH_CHILD(&l->tree, c, d)
            if (py_kind(l, d, K_identifier) || py_kind(l, d, K_attribute))
                py_assign(l, d, py_value(l, HUNCH_NONE));
        } else if (py_kind(l, c, K_identifier) || py_kind(l, c, K_attribute)) {
            py_assign(l, c, py_value(l, HUNCH_NONE));
        } else if (py_is_named(l, c)) {
            (void)py_value(l, c);
        }
    }
}

/* print and exec of Python 2. */
static void old_call(struct py_lower *l, uint32_t n, const char *name)
{
    const size_t first = l->value.count;
    (void)py_stmt(l, HUNCH_STMT_EXPRESSION, n, n);
    HUNCH_EACH_CHILD(&l->tree, n, c)
    if (py_is_named(l, c)) {
        const uint32_t value = py_value(l, c);
        if (!hunch_vec_push(l->a, &l->value, value))
            py_fail(l);
    }
    (void)py_call_name(l, n, name, l->value.items + first, (uint32_t)(l->value.count - first));
    l->value.count = first;
}

void py_statement(struct py_lower *l, uint32_t n)
{
    if (l->b->is_cut || l->b->failed || l->failed)
        return;
    switch (py_node(l, n)->kind) {
    case K_module:
    case K_block: py_statements(l, n); break;
    case K_expression_statement: expressions(l, n); break;
    case K_if_statement: choice(l, n); break;
    case K_for_statement:
    case K_while_statement: loop(l, n); break;
    case K_try_statement: py_try(l, n); break;
    case K_match_statement: py_match(l, n); break;
    case K_with_statement:
        with_items(l, n);
        py_statements(l, py_child(l, n, F_body));
        break;
    case K_return_statement: returned(l, n); break;
    case K_raise_statement: raised(l, n); break;
    case K_assert_statement: asserted(l, n); break;
    case K_break_statement: jump(l, n, true); break;
    case K_continue_statement: jump(l, n, false); break;
    case K_delete_statement: deleted(l, n); break;
    case K_print_statement: old_call(l, n, "print"); break;
    case K_exec_statement: old_call(l, n, "exec"); break;
    case K_decorated_definition:
    case K_function_definition: py_function_value(l, n); break;
    case K_class_definition: py_class_body(l, n); break;
    case K_NONE: /* what an error left: statements and expressions that could be read */
        if (py_node(l, n)->flags & HUNCH_NODE_IS_ERROR)
            py_statements(l, n);
        break;
    case K_call:
    case K_assignment:
    case K_augmented_assignment:
    case K_binary_operator:
        (void)py_stmt(l, HUNCH_STMT_EXPRESSION, n, n);
        (void)py_value(l, n);
        break;
    default: break;
    }
}
