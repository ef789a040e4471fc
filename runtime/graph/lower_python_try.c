/* lower_python_try.c: try and match. Any statement of a try may go to what catches: behind each of
 * its statements a branch leads there.
 */
#include "graph/lower_python.h"

/* ---- try ---- */

static void guarded(struct py_lower *l, uint32_t body, uint32_t handler)
{
    if (body == HUNCH_NONE)
        return;
    HUNCH_EACH_CHILD(&l->tree, body, c)
    {
        py_statement(l, c);
        if (handler != HUNCH_NONE && !l->b->is_cut && !l->failed) {
            const uint32_t next = hunch_build_block(l->b);
            py_maybe(l, c, next, handler);
            hunch_build_start(l->b, next);
        }
    }
}

static void except_clause(struct py_lower *l, uint32_t n)
{
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        if (py_kind(l, c, K_block)) {
            py_statements(l, c);
        } else if (py_kind(l, c, K_as_pattern)) {
            const uint32_t alias = py_child(l, c, F_alias);
            (void)py_stmt(l, HUNCH_STMT_EXPRESSION, c, n);
            if (alias != HUNCH_NONE)
                py_assign(l, alias, py_unknown(l, c));
        } else if (py_node(l, c)->flags & HUNCH_NODE_IS_ERROR) {
            py_statement(l, c);
        }
    }
}

static bool is_except(const struct py_lower *l, uint32_t n)
{
    return py_kind(l, n, K_except_clause) || py_kind(l, n, K_except_group_clause);
}

void py_try(struct py_lower *l, uint32_t n)
{
    uint32_t excepts = 0, otherwise = HUNCH_NONE, finally = HUNCH_NONE;
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        excepts += is_except(l, c);
        if (py_kind(l, c, K_else_clause))
            otherwise = py_child(l, c, F_body);
        else if (py_kind(l, c, K_finally_clause))
            finally = py_named(l, c, 0);
    }
    const uint32_t done = hunch_build_block(l->b),
                   handler = excepts > 0 ? hunch_build_block(l->b) : HUNCH_NONE;
    struct py_frame outer = {.outer = l->frame, .handler = HUNCH_NONE, .finally = finally},
                    inner = {.outer = &outer, .handler = handler, .finally = HUNCH_NONE};
    l->frame = &inner;
    if (handler != HUNCH_NONE) { /* the first statement may not get anywhere */
        const uint32_t first = hunch_build_block(l->b);
        py_maybe(l, n, first, handler);
        hunch_build_start(l->b, first);
    }
    guarded(l, py_child(l, n, F_body), handler);
    l->frame = &outer;
    py_statements(l, otherwise);
    hunch_build_jump(l->b, done);
    if (handler != HUNCH_NONE)
        hunch_build_start(l->b, handler);
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        if (is_except(l, c)) {
            const uint32_t mine = hunch_build_block(l->b), next = hunch_build_block(l->b);
            if (--excepts > 0)
                py_maybe(l, c, mine, next);
            hunch_build_start(l->b, mine);
            except_clause(l, c);
            hunch_build_jump(l->b, done);
            hunch_build_start(l->b, next);
        } else if (py_node(l, c)->flags & HUNCH_NODE_IS_ERROR) {
            py_statement(l, c);
        }
    }
    hunch_build_start(l->b, done);
    l->frame = outer.outer;
    py_statements(l, finally);
}

/* ---- match ---- */

/* Names that a pattern binds get what is somewhere in the subject. */
static void captures(struct py_lower *l, uint32_t n, uint32_t subject)
{
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        const bool is_name = (py_kind(l, c, K_dotted_name) && py_kind(l, n, K_case_pattern)) ||
                             (py_kind(l, c, K_identifier) &&
                              (py_kind(l, n, K_splat_pattern) || py_kind(l, n, K_as_pattern)));
        if (is_name && py_bound(l, l->scope_now, py_name(l, c)) != NULL)
            py_assign_name(l, c, py_name(l, c), py_element(l, c, subject));
        else
            captures(l, c, subject);
    }
}

static bool is_literal(const struct py_lower *l, uint32_t n)
{
    switch (py_node(l, n)->kind) {
    case K_string:
    case K_concatenated_string:
    case K_integer:
    case K_float:
    case K_none:
    case K_true:
    case K_false: return true;
    default: return false;
    }
}

/* Goes on to `yes` where pattern n may match. */
static void pattern(struct py_lower *l, uint32_t n, uint32_t subject, uint32_t yes, uint32_t no)
{
    const uint32_t what = py_kind(l, n, K_case_pattern) ? py_named(l, n, 0) : n;
    if (what == HUNCH_NONE) { /* _ */
        hunch_build_jump(l->b, yes);
    } else if (is_literal(l, what)) {
        const uint32_t value = py_binary(l, HUNCH_EQ, n, subject, py_value(l, what));
        (void)py_op(l, HUNCH_OP_CONDITION, n, value, 0);
        hunch_build_branch(l->b, value, yes, no);
    } else if (py_kind(l, what, K_dotted_name) &&
               py_bound(l, l->scope_now, py_name(l, what)) != NULL) { /* a name: all of it */
        py_assign_name(l, what, py_name(l, what), subject);
        hunch_build_jump(l->b, yes);
    } else if (py_kind(l, what, K_union_pattern)) {
        HUNCH_EACH_CHILD(&l->tree, what, c)
        if (py_is_named(l, c)) {
            const uint32_t next = hunch_build_block(l->b);
            pattern(l, c, subject, yes, next);
            hunch_build_start(l->b, next);
        }
        hunch_build_jump(l->b, no);
    } else if (py_is(l, what, "_")) {
        hunch_build_jump(l->b, yes);
    } else {
        captures(l, n, subject);
        py_maybe(l, n, yes, no);
    }
}

static void case_clause(struct py_lower *l, uint32_t n, uint32_t subject, uint32_t done)
{
    const uint32_t yes = hunch_build_block(l->b), no = hunch_build_block(l->b),
                   guard = py_child(l, n, F_guard);
    uint32_t patterns = 0, one = HUNCH_NONE;
    HUNCH_EACH_CHILD(&l->tree, n, c)
    if (py_kind(l, c, K_case_pattern)) {
        patterns++;
        one = c;
    }
    (void)py_stmt(l, HUNCH_STMT_IF, one, n);
    if (patterns == 1) {
        pattern(l, one, subject, yes, no);
    } else {
        HUNCH_EACH_CHILD(&l->tree, n, c)
        if (py_kind(l, c, K_case_pattern))
            captures(l, c, subject);
        py_maybe(l, n, yes, no);
    }
    hunch_build_start(l->b, yes);
    if (guard != HUNCH_NONE) {
        const uint32_t body = hunch_build_block(l->b);
        py_condition(l, py_named(l, guard, 0), body, no);
        hunch_build_start(l->b, body);
    }
    py_statements(l, py_child(l, n, F_consequence));
    hunch_build_jump(l->b, done);
    hunch_build_start(l->b, no);
}

void py_match(struct py_lower *l, uint32_t n)
{
    const uint32_t done = hunch_build_block(l->b), body = py_child(l, n, F_body),
                   what = py_child(l, n, F_subject);
    uint32_t subjects = 0;
    HUNCH_EACH_CHILD(&l->tree, n, c)
    subjects += py_node(l, c)->field == F_subject && py_is_named(l, c);
    (void)py_stmt(l, HUNCH_STMT_SWITCH, what, n);
    uint32_t subject = py_value(l, what);
    if (subjects > 1) { /* a tuple without parentheses */
        const uint32_t list = py_call_name(l, n, "[]", NULL, 0);
        HUNCH_EACH_CHILD(&l->tree, n, c)
        if (py_node(l, c)->field == F_subject && py_is_named(l, c))
            py_store(l, c, py_op(l, HUNCH_OP_INDEX, c, list, HUNCH_NONE),
                     c == what ? subject : py_value(l, c));
        subject = list;
    }
    if (body != HUNCH_NONE) {
        HUNCH_EACH_CHILD(&l->tree, body, c)
        if (py_kind(l, c, K_case_clause))
            case_clause(l, c, subject, done);
        else
            py_statement(l, c);
    }
    hunch_build_start(l->b, done);
}
