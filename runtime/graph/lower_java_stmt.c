/* lower_java_stmt.c: statements as blocks. */
#include <string.h>

#include "graph/lower_java.h"

uint32_t jv_stmt(struct jv_lower *l, enum hunch_stmt_kind kind, uint32_t n, uint32_t line_node)
{
    const uint32_t at = jv_node(l, line_node)->begin;
    struct hunch_extent span = {at, at};
    if (n != HUNCH_NONE)
        span = jv_span(l, jv_bare(l, n));
    return hunch_build_stmt(l->b, kind, HUNCH_NONE, span, jv_line(l, at), l->loop);
}

void jv_statements(struct jv_lower *l, uint32_t n)
{
    if (n != HUNCH_NONE)
        HUNCH_EACH_CHILD(&l->tree, n, c)
    jv_statement(l, c);
}

/* ---- jumps ---- */

void jv_leave(struct jv_lower *l, uint32_t n, uint32_t value)
{
    if (l->finally != NULL) {
        struct jv_finally *f = l->finally;
        if (f->result == HUNCH_NONE)
            f->result = jv_temporary(l, n);
        (void)jv_store(l, n, jv_variable(l, n, f->result), value);
        hunch_build_jump(l->b, f->block);
        return;
    }
    (void)jv_op(l, HUNCH_OP_RETURN, n, value, 0);
    hunch_build_exit(l->b, true);
}

static void returned(struct jv_lower *l, uint32_t n)
{
    const uint32_t what = jv_named(l, n, 0);
    (void)jv_stmt(l, HUNCH_STMT_RETURN, n, n);
    uint32_t value;
    if (what != HUNCH_NONE)
        value = jv_value(l, what);
    else if (l->function.items[l->at].kind == JV_CONSTRUCTOR)
        value = jv_this(l, n, l->class_at);
    else
        value = jv_op(l, HUNCH_OP_NULL, n, 0, 0);
    jv_leave(l, n, value);
}

static void thrown(struct jv_lower *l, uint32_t n)
{
    (void)jv_stmt(l, HUNCH_STMT_GOTO, n, n);
    const uint32_t value = jv_value(l, jv_named(l, n, 0));
    if (l->thrown == HUNCH_NONE) {
        hunch_build_exit(l->b, false);
        return;
    }
    if (l->error != HUNCH_NONE)
        (void)jv_store(l, n, jv_variable(l, n, l->error), value);
    hunch_build_jump(l->b, l->thrown);
}

/* break, continue; and yield, which leaves a switch with a value. */
static void jump(struct jv_lower *l, uint32_t n, enum hunch_stmt_kind kind)
{
    const bool is_yield = jv_kind(l, n) == K_yield_statement;
    const uint32_t label_node = is_yield ? HUNCH_NONE : jv_named(l, n, 0),
                   label = label_node == HUNCH_NONE ? 0 : jv_name(l, label_node);
    (void)jv_stmt(l, kind, n, n);
    for (size_t i = l->jump.count; i-- > 0;) {
        const struct jv_target t = l->jump.items[i];
        const uint32_t to = kind == HUNCH_STMT_CONTINUE ? t.on_continue : t.on_break;
        const bool fits =
            is_yield     ? t.result != HUNCH_NONE
            : label != 0 ? t.label == label
            : kind == HUNCH_STMT_BREAK
                ? t.result == HUNCH_NONE && (t.label == 0 || t.on_continue != HUNCH_NONE)
                : t.on_continue != HUNCH_NONE;
        if (!fits || to == HUNCH_NONE)
            continue;
        if (is_yield)
            (void)jv_store(l, n, jv_variable(l, n, t.result), jv_value(l, jv_named(l, n, 0)));
        jv_jump_out(l, to, t.finally);
        return;
    }
    l->fault = "a jump that leads nowhere";
}

void jv_jump_push(struct jv_lower *l, uint32_t label, uint32_t on_break, uint32_t on_continue)
{
    const struct jv_target t = {label, on_break, on_continue, HUNCH_NONE, l->finally};
    if (!hunch_vec_push(l->a, &l->jump, t))
        jv_fail(l);
}

static void jump_pop(struct jv_lower *l)
{
    if (l->jump.count > 0)
        l->jump.count--;
}

uint32_t jv_take_label(struct jv_lower *l)
{
    const uint32_t label = l->label;
    l->label = 0;
    return label;
}

static void labeled(struct jv_lower *l, uint32_t n)
{
    const uint32_t name = jv_named(l, n, 0), body = jv_named(l, n, 1);
    const uint16_t kind = jv_kind(l, body);
    if (name == HUNCH_NONE || body == HUNCH_NONE)
        return;
    if (kind == K_for_statement || kind == K_enhanced_for_statement || kind == K_while_statement ||
        kind == K_do_statement) {
        l->label = jv_name(l, name);
        jv_statement(l, body);
        l->label = 0;
        return;
    }
    const uint32_t done = hunch_build_block(l->b);
    jv_jump_push(l, jv_name(l, name), done, HUNCH_NONE);
    jv_statement(l, body);
    jump_pop(l);
    hunch_build_jump(l->b, done);
    hunch_build_start(l->b, done);
}

/* ---- choices and loops ---- */

static void choice(struct jv_lower *l, uint32_t n)
{
    const uint32_t done = hunch_build_block(l->b);
    uint32_t at = n; /* the if, then each `else if` */
    while (at != HUNCH_NONE && !jv_stops(l)) {
        const uint32_t test = jv_child(l, at, F_condition), then = jv_child(l, at, F_consequence),
                       otherwise = jv_child(l, at, F_alternative), yes = hunch_build_block(l->b),
                       no = hunch_build_block(l->b);
        (void)jv_stmt(l, HUNCH_STMT_IF, test, at);
        jv_condition(l, test, yes, no);
        hunch_build_start(l->b, yes);
        if (then != HUNCH_NONE)
            jv_statement(l, then);
        hunch_build_jump(l->b, done);
        hunch_build_start(l->b, no);
        at = jv_kind(l, otherwise) == K_if_statement ? otherwise : HUNCH_NONE;
        if (at == HUNCH_NONE && otherwise != HUNCH_NONE)
            jv_statement(l, otherwise);
    }
    hunch_build_start(l->b, done);
}

static void loop_body(struct jv_lower *l, uint32_t body, uint32_t label, uint32_t done,
                      uint32_t next, uint32_t stmt)
{
    const uint32_t outer = l->loop;
    l->loop = stmt;
    jv_jump_push(l, label, done, next);
    if (body != HUNCH_NONE)
        jv_statement(l, body);
    jump_pop(l);
    l->loop = outer;
}

static void while_loop(struct jv_lower *l, uint32_t n)
{
    const uint32_t label = jv_take_label(l), head = hunch_build_block(l->b),
                   body = hunch_build_block(l->b), done = hunch_build_block(l->b),
                   test = jv_child(l, n, F_condition);
    hunch_build_start(l->b, head);
    const uint32_t stmt = jv_stmt(l, HUNCH_STMT_WHILE, test, n);
    jv_condition(l, test, body, done);
    hunch_build_start(l->b, body);
    loop_body(l, jv_child(l, n, F_body), label, done, head, stmt);
    hunch_build_jump(l->b, head);
    hunch_build_start(l->b, done);
}

static void do_loop(struct jv_lower *l, uint32_t n)
{
    const uint32_t label = jv_take_label(l), body = hunch_build_block(l->b),
                   head = hunch_build_block(l->b), done = hunch_build_block(l->b),
                   test = jv_child(l, n, F_condition);
    /* Its condition, which names the loop, comes after what is in it. */
    const uint32_t first = (uint32_t)l->b->stmt.count,
                   mine = HUNCH_NONE - 1 - (uint32_t)l->jump.count;
    hunch_build_start(l->b, body);
    loop_body(l, jv_child(l, n, F_body), label, done, head, mine);
    hunch_build_start(l->b, head);
    const uint32_t stmt = jv_stmt(l, HUNCH_STMT_DO, test, test == HUNCH_NONE ? n : test);
    for (uint32_t i = first; i < l->b->stmt.count; i++)
        if (l->b->stmt.items[i].loop == mine)
            l->b->stmt.items[i].loop = stmt;
    jv_condition(l, test, body, done);
    hunch_build_start(l->b, done);
}

static void for_loop(struct jv_lower *l, uint32_t n)
{
    const uint32_t label = jv_take_label(l), head = hunch_build_block(l->b),
                   body = hunch_build_block(l->b), next = hunch_build_block(l->b),
                   done = hunch_build_block(l->b), test = jv_child(l, n, F_condition);
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        if (jv_node(l, c)->field != F_init)
            continue;
        if (jv_kind(l, c) == K_local_variable_declaration) {
            jv_statement(l, c);
        } else {
            (void)jv_stmt(l, HUNCH_STMT_FOR_FIRST, c, c);
            (void)jv_value(l, c);
        }
    }
    hunch_build_start(l->b, head);
    const uint32_t stmt = jv_stmt(l, HUNCH_STMT_FOR, test, n), outer = l->loop;
    jv_condition(l, test, body, done);
    hunch_build_start(l->b, body);
    loop_body(l, jv_child(l, n, F_body), label, done, next, stmt);
    hunch_build_start(l->b, next);
    l->loop = stmt;
    HUNCH_EACH_CHILD(&l->tree, n, c)
    if (jv_node(l, c)->field == F_update) {
        (void)jv_stmt(l, HUNCH_STMT_FOR_NEXT, c, c);
        (void)jv_value(l, c);
    }
    l->loop = outer;
    hunch_build_jump(l->b, head);
    hunch_build_start(l->b, done);
}

static void for_each(struct jv_lower *l, uint32_t n)
{
    const uint32_t label = jv_take_label(l), head = hunch_build_block(l->b),
                   body = hunch_build_block(l->b), done = hunch_build_block(l->b),
                   name = jv_child(l, n, F_name), list = jv_child(l, n, F_value);
    (void)jv_stmt(l, HUNCH_STMT_FOR_FIRST, list, n);
    const uint32_t from = jv_value(l, list);
    hunch_build_start(l->b, head);
    const uint32_t stmt = jv_stmt(l, HUNCH_STMT_FOR, name, n);
    jv_either(l, n, body, done);
    hunch_build_start(l->b, body);
    if (name != HUNCH_NONE)
        jv_assign_symbol(l, name, jv_element(l, name, from));
    loop_body(l, jv_child(l, n, F_body), label, done, head, stmt);
    hunch_build_jump(l->b, head);
    hunch_build_start(l->b, done);
}

/* ---- others ---- */

void jv_declaration(struct jv_lower *l, uint32_t n)
{
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        const uint32_t name =
            jv_kind(l, c) == K_variable_declarator ? jv_child(l, c, F_name) : HUNCH_NONE;
        const uint32_t value = jv_child(l, c, F_value);
        if (name == HUNCH_NONE || value == HUNCH_NONE)
            continue;
        (void)jv_stmt(l, HUNCH_STMT_DECLARATION, c, c);
        const uint32_t type = jv_type_of(l, jv_child(l, n, F_type), l->class_at);
        const uint32_t made = jv_kind(l, value) == K_array_initializer ? jv_array(l, value, type)
                                                                       : jv_value(l, value);
        jv_assign_symbol(l, name, made);
    }
}

static void expression(struct jv_lower *l, uint32_t n, uint32_t value)
{
    (void)jv_stmt(l, HUNCH_STMT_EXPRESSION, value, n);
    (void)jv_value(l, value);
}

static void synchronized_block(struct jv_lower *l, uint32_t n)
{
    const uint32_t on = jv_of_kind(l, n, K_parenthesized_expression);
    if (on != HUNCH_NONE)
        expression(l, n, on);
    jv_statements(l, jv_child(l, n, F_body));
}

void jv_statement(struct jv_lower *l, uint32_t n)
{
    if (jv_stops(l))
        return;
    switch (jv_kind(l, n)) {
    case K_block:
    case K_constructor_body: jv_statements(l, n); break;
    case K_expression_statement:
        if (jv_kind(l, jv_named(l, n, 0)) == K_switch_expression)
            jv_statement(l, jv_named(l, n, 0));
        else if (jv_named(l, n, 0) != HUNCH_NONE)
            expression(l, n, jv_named(l, n, 0));
        break;
    case K_local_variable_declaration: jv_declaration(l, n); break;
    case K_explicit_constructor_invocation: jv_constructed(l, n); break;
    case K_if_statement: choice(l, n); break;
    case K_while_statement: while_loop(l, n); break;
    case K_do_statement: do_loop(l, n); break;
    case K_for_statement: for_loop(l, n); break;
    case K_enhanced_for_statement: for_each(l, n); break;
    case K_labeled_statement: labeled(l, n); break;
    case K_break_statement: jump(l, n, HUNCH_STMT_BREAK); break;
    case K_continue_statement: jump(l, n, HUNCH_STMT_CONTINUE); break;
    case K_yield_statement: jump(l, n, HUNCH_STMT_GOTO); break;
    case K_return_statement: returned(l, n); break;
    case K_throw_statement: thrown(l, n); break;
    case K_assert_statement: expression(l, n, jv_named(l, n, 0)); break;
    case K_synchronized_statement: synchronized_block(l, n); break;
    case K_switch_expression: (void)jv_switch(l, n, false); break;
    case K_try_statement:
    case K_try_with_resources_statement: jv_try(l, n); break;
    case K_NONE: /* what an error left: statements and expressions that could be read */
        if (jv_node(l, n)->flags & HUNCH_NODE_IS_ERROR)
            jv_statements(l, n);
        break;
    case K_method_invocation:
    case K_assignment_expression:
    case K_update_expression:
    case K_object_creation_expression: expression(l, n, n); break;
    default: break;
    }
}
