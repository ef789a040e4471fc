/* lower_c_stmt.c: statements of C as blocks. Labels of a switch may stand anywhere below it, and
 * labels of goto anywhere in the function: each is a block that is known by name before it grows.
 */
#include <string.h>

#include "graph/lower_c.h"

enum { LABELS_MOST = 4096 }; /* of a function */

static void statement(struct c_lower *l, uint32_t n);

void c_statements(struct c_lower *l, uint32_t n)
{
    HUNCH_EACH_CHILD(&l->tree, n, c)
    statement(l, c);
}

static void scoped(struct c_lower *l, uint32_t n)
{
    if (n == HUNCH_NONE)
        return;
    uint32_t mark = c_scope_open(l);
    if (c_node(l, n)->kind == K_compound_statement)
        c_statements(l, n);
    else
        statement(l, n);
    c_scope_close(l, mark);
}

/* ---- labels ---- */

static uint32_t label_block(struct c_lower *l, uint32_t n, bool is_definition)
{
    uint32_t name = c_name(l, n);
    struct c_label *label = NULL;
    for (size_t i = l->label.count; i-- > 0 && label == NULL;)
        if (l->label.items[i].name == name)
            label = &l->label.items[i];
    if (label == NULL || (is_definition && label->is_defined)) { /* twice: the later one counts */
        struct c_label new = {.name = name, .block = hunch_build_block(l->b)};
        if (l->label.count >= LABELS_MOST) {
            l->fault = "too many labels";
            return new.block;
        }
        if (!hunch_vec_push(l->a, &l->label, new)) {
            c_fail(l);
            return new.block;
        }
        label = &l->label.items[l->label.count - 1];
    }
    label->is_defined = label->is_defined || is_definition;
    return label->block;
}

static void labeled(struct c_lower *l, uint32_t n)
{
    uint32_t label = c_child(l, n, F_label);
    if (label != HUNCH_NONE)
        hunch_build_start(l->b, label_block(l, label, true));
    HUNCH_EACH_CHILD(&l->tree, n, c)
    if (c != label)
        statement(l, c);
}

/* ---- loops and jumps ---- */

static void with_jumps(struct c_lower *l, uint32_t body, uint32_t on_break, uint32_t on_continue,
                       uint32_t loop)
{
    struct c_jumps outer = l->jumps;
    l->jumps.on_break = on_break;
    l->jumps.on_continue = on_continue;
    l->jumps.loop = loop;
    scoped(l, body);
    l->jumps = outer;
}

static void jump_to(struct c_lower *l, uint32_t n, enum hunch_stmt_kind kind, uint32_t block)
{
    c_stmt(l, kind, n, n);
    if (block == HUNCH_NONE)
        l->fault = "a jump that leads nowhere";
    else
        hunch_build_jump(l->b, block);
}

static void while_loop(struct c_lower *l, uint32_t n)
{
    uint32_t head = hunch_build_block(l->b), body = hunch_build_block(l->b),
             done = hunch_build_block(l->b);
    uint32_t test = c_child(l, n, F_condition);
    hunch_build_start(l->b, head);
    uint32_t stmt = c_stmt(l, HUNCH_STMT_WHILE, test, n);
    c_condition(l, test, body, done);
    hunch_build_start(l->b, body);
    with_jumps(l, c_child(l, n, F_body), done, head, stmt);
    hunch_build_jump(l->b, head);
    hunch_build_start(l->b, done);
}

/* The word that the condition of do … while stands behind. */
static uint32_t while_word(const struct c_lower *l, uint32_t n, uint32_t test)
{
    uint32_t word = n;
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        if (c == test)
            break;
        word = c;
    }
    return word;
}

static void do_loop(struct c_lower *l, uint32_t n)
{
    uint32_t body = hunch_build_block(l->b), head = hunch_build_block(l->b),
             done = hunch_build_block(l->b);
    uint32_t test = c_child(l, n, F_condition);
    hunch_build_start(l->b, body);
    /* Its condition, which names the loop, comes after what is in it. */
    uint32_t first = (uint32_t)l->b->stmt.count, mine = HUNCH_NONE - 1 - l->loops_open++;
    with_jumps(l, c_child(l, n, F_body), done, head, mine);
    l->loops_open--;
    hunch_build_start(l->b, head);
    uint32_t stmt = c_stmt(l, HUNCH_STMT_DO, test, while_word(l, n, test));
    for (uint32_t i = first; i < l->b->stmt.count; i++)
        if (l->b->stmt.items[i].loop == mine)
            l->b->stmt.items[i].loop = stmt;
    c_condition(l, test, body, done);
    hunch_build_start(l->b, done);
}

static bool is_name(const struct c_lower *l, uint32_t n, uint32_t name)
{
    n = c_bare(l, n);
    return n != HUNCH_NONE && c_node(l, n)->kind == K_identifier &&
           c_size(l, n) == c_size(l, name) &&
           memcmp(c_text(l, n), c_text(l, name), c_size(l, n)) == 0;
}

/* May the subtree write the variable? */
static bool writes_name(const struct c_lower *l, uint32_t n, uint32_t name)
{
    for (uint32_t c = n; c < c_node(l, n)->after; c++) {
        const uint16_t kind = c_node(l, c)->kind;
        if ((kind == K_assignment_expression && is_name(l, c_child(l, c, F_left), name)) ||
            (kind == K_update_expression && is_name(l, c_child(l, c, F_argument), name)) ||
            (kind == K_pointer_expression && c_text(l, c)[0] == '&' &&
             is_name(l, c_child(l, c, F_argument), name)))
            return true;
    }
    return false;
}

/* `for (i = 0; i < 1; i++)`, where nothing else writes i: what runs once is no loop. Asked for when
 * the first part is lowered, so that the variable is known. */
static bool runs_once(struct c_lower *l, uint32_t n)
{
    uint32_t first = c_child(l, n, F_initializer), test = c_bare(l, c_child(l, n, F_condition)),
             update = c_bare(l, c_child(l, n, F_update)), name = HUNCH_NONE, value = HUNCH_NONE;
    int64_t from, to;
    if (first != HUNCH_NONE && c_node(l, first)->kind == K_declaration)
        first = c_child(l, first, F_declarator);
    if (first == HUNCH_NONE || test == HUNCH_NONE || update == HUNCH_NONE)
        return false;
    if (c_node(l, first)->kind == K_init_declarator) {
        name = c_child(l, first, F_declarator);
        value = c_child(l, first, F_value);
    } else if (c_node(l, first)->kind == K_assignment_expression) {
        name = c_child(l, first, F_left);
        value = c_child(l, first, F_right);
    }
    if (name == HUNCH_NONE || value == HUNCH_NONE || c_node(l, name)->kind != K_identifier ||
        c_node(l, test)->kind != K_binary_expression ||
        !is_name(l, c_child(l, test, F_left), name) ||
        !c_is(l, c_child(l, test, F_operator), "<") ||
        c_node(l, update)->kind != K_update_expression ||
        !is_name(l, c_child(l, update, F_argument), name) ||
        !c_is(l, c_child(l, update, F_operator), "++") || !c_constant(l, value, &from) ||
        !c_constant(l, c_child(l, test, F_right), &to) || to - 1 != from)
        return false;
    const struct c_symbol *symbol = c_find(l, c_name(l, name), SPACE_NAMES);
    return symbol != NULL && symbol->kind == S_VAR && !writes_name(l, c_child(l, n, F_body), name);
}

static void for_loop(struct c_lower *l, uint32_t n)
{
    uint32_t head = hunch_build_block(l->b), body = hunch_build_block(l->b),
             next = hunch_build_block(l->b), done = hunch_build_block(l->b);
    uint32_t first = c_child(l, n, F_initializer), test = c_child(l, n, F_condition),
             update = c_child(l, n, F_update), outer = l->jumps.loop, step = HUNCH_NONE;
    uint32_t mark = c_scope_open(l);
    if (first != HUNCH_NONE && c_node(l, first)->kind == K_declaration) {
        c_declaration(l, first, HUNCH_STMT_FOR_FIRST);
    } else if (first != HUNCH_NONE) {
        c_stmt(l, HUNCH_STMT_FOR_FIRST, first, first);
        c_effect(l, first);
    }
    const bool once = runs_once(l, n);
    hunch_build_start(l->b, head);
    uint32_t stmt = c_stmt(l, HUNCH_STMT_FOR, test, n);
    c_condition(l, test, body, done);
    l->jumps.loop = stmt;
    if (update != HUNCH_NONE) /* in the order of the source; it runs after the body */
        step = c_stmt_in(l, HUNCH_STMT_FOR_NEXT, update, update, next);
    l->jumps.loop = outer;
    hunch_build_start(l->b, body);
    with_jumps(l, c_child(l, n, F_body), done, next, stmt);
    hunch_build_start(l->b, next);
    if (update != HUNCH_NONE) {
        l->b->statement = step;
        c_effect(l, update);
    }
    hunch_build_jump(l->b, once ? done : head);
    hunch_build_start(l->b, done);
    c_scope_close(l, mark);
}

/* ---- switch ---- */

static void case_label(struct c_lower *l, uint32_t n)
{
    struct c_switch *in = l->jumps.in_switch;
    uint32_t block = hunch_build_block(l->b), value = c_child(l, n, F_value);
    hunch_build_start(l->b, block);
    if (in == NULL) {
        l->fault = "a case outside of a switch";
    } else if (value == HUNCH_NONE) {
        if (in->otherwise == HUNCH_NONE)
            in->otherwise = block;
    } else {
        struct c_case label = {.label = HUNCH_LABEL_UNKNOWN, .block = block};
        if (!c_constant(l, value, &label.label))
            label.label = HUNCH_LABEL_UNKNOWN;
        if (!hunch_vec_push(l->a, &in->label, label))
            c_fail(l);
    }
    HUNCH_EACH_CHILD(&l->tree, n, c)
    if (c != value)
        statement(l, c);
}

static void end_switch(struct c_lower *l, struct c_switch *in, uint32_t block, uint32_t done)
{
    size_t count = in->label.count + 1;
    uint32_t *to = hunch_alloc_array(l->a, count, sizeof *to);
    int64_t *label = hunch_alloc_array(l->a, count, sizeof *label);
    if (to != NULL && label != NULL) {
        for (size_t i = 0; i + 1 < count; i++) {
            to[i] = in->label.items[i].block;
            label[i] = in->label.items[i].label;
        }
        to[count - 1] = in->otherwise == HUNCH_NONE ? done : in->otherwise;
        label[count - 1] = 0;
        hunch_build_cases(l->b, block, to, label, (uint32_t)count);
    } else
        c_fail(l);
    hunch_free_array(l->a, to, count, sizeof *to);
    hunch_free_array(l->a, label, count, sizeof *label);
}

static void switched(struct c_lower *l, uint32_t n)
{
    uint32_t test = c_child(l, n, F_condition), done = hunch_build_block(l->b);
    c_stmt(l, HUNCH_STMT_SWITCH, test, n);
    struct c_value value = c_rvalue(l, test);
    c_op(l, HUNCH_OP_CONDITION, test == HUNCH_NONE ? n : test, value.op, 0);
    uint32_t block = hunch_build_switch(l->b, value.op);
    struct c_switch mine = {.otherwise = HUNCH_NONE};
    struct c_jumps outer = l->jumps;
    l->jumps.in_switch = &mine;
    l->jumps.on_break = done;
    scoped(l, c_child(l, n, F_body));
    l->jumps = outer;
    hunch_build_start(l->b, done);
    end_switch(l, &mine, block, done);
    hunch_vec_free(l->a, &mine.label);
}

/* ---- the others ---- */

static void choice(struct c_lower *l, uint32_t n)
{
    uint32_t yes = hunch_build_block(l->b), no = hunch_build_block(l->b),
             done = hunch_build_block(l->b);
    uint32_t test = c_child(l, n, F_condition), otherwise = c_child(l, n, F_alternative);
    c_stmt(l, HUNCH_STMT_IF, test, n);
    c_condition(l, test, yes, no);
    hunch_build_start(l->b, yes);
    scoped(l, c_child(l, n, F_consequence));
    hunch_build_jump(l->b, done);
    hunch_build_start(l->b, no);
    if (otherwise != HUNCH_NONE) {
        uint32_t mark = c_scope_open(l);
        c_statements(l, otherwise); /* of the else clause */
        c_scope_close(l, mark);
    }
    hunch_build_start(l->b, done);
}

static void returned(struct c_lower *l, uint32_t n)
{
    uint32_t value = c_first_named(l, n);
    c_stmt(l, HUNCH_STMT_RETURN, n, n);
    struct c_value result = {HUNCH_NONE, C_UNKNOWN};
    if (value != HUNCH_NONE) {
        result = c_rvalue(l, value);
        result = c_converted(l, result, l->return_type);
    }
    c_op(l, HUNCH_OP_RETURN, n, result.op, 0);
    hunch_build_exit(l->b, true);
}

static void expression(struct c_lower *l, uint32_t n)
{
    uint32_t value = c_first_named(l, n);
    if (value == HUNCH_NONE)
        return;
    c_stmt(l, HUNCH_STMT_EXPRESSION, n, n);
    c_effect(l, value);
}

/* What a jump out of __try does to its __finally is not followed. */
static void protected_block(struct c_lower *l, uint32_t n)
{
    uint32_t handler = hunch_build_block(l->b), done = hunch_build_block(l->b);
    scoped(l, c_child(l, n, F_body));
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        if (c_node(l, c)->kind == K_seh_finally_clause) {
            scoped(l, c_child(l, c, F_body));
        } else if (c_node(l, c)->kind == K_seh_except_clause) {
            uint32_t filter = c_child(l, c, F_filter);
            c_stmt(l, HUNCH_STMT_IF, filter, c);
            c_condition(l, filter, handler, done);
            hunch_build_start(l->b, handler);
            scoped(l, c_child(l, c, F_body));
        }
    }
    hunch_build_start(l->b, done);
}

static void statement(struct c_lower *l, uint32_t n)
{
    if (l->b->is_cut || l->b->failed || l->failed)
        return;
    uint32_t label;
    switch (c_node(l, n)->kind) {
    case K_compound_statement: scoped(l, n); break;
    case K_expression_statement: expression(l, n); break;
    case K_declaration: c_declaration(l, n, HUNCH_STMT_DECLARATION); break;
    case K_type_definition: c_type_definition(l, n); break;
    case K_struct_specifier:
    case K_union_specifier:
    case K_enum_specifier: c_tag(l, n); break;
    case K_if_statement: choice(l, n); break;
    case K_while_statement: while_loop(l, n); break;
    case K_do_statement: do_loop(l, n); break;
    case K_for_statement: for_loop(l, n); break;
    case K_switch_statement: switched(l, n); break;
    case K_case_statement: case_label(l, n); break;
    case K_labeled_statement: labeled(l, n); break;
    case K_attributed_statement: c_statements(l, n); break;
    case K_return_statement: returned(l, n); break;
    case K_break_statement: jump_to(l, n, HUNCH_STMT_BREAK, l->jumps.on_break); break;
    case K_continue_statement: jump_to(l, n, HUNCH_STMT_CONTINUE, l->jumps.on_continue); break;
    case K_goto_statement:
        label = c_child(l, n, F_label);
        jump_to(l, n, HUNCH_STMT_GOTO,
                label == HUNCH_NONE ? HUNCH_NONE : label_block(l, label, false));
        break;
    case K_seh_try_statement: protected_block(l, n); break;
    case K_NONE: /* what an error left: statements and expressions that could be read */
        if (c_node(l, n)->flags & HUNCH_NODE_IS_ERROR)
            c_statements(l, n);
        break;
    case K_call_expression:
    case K_assignment_expression:
    case K_update_expression:
    case K_conditional_expression:
        c_stmt(l, HUNCH_STMT_EXPRESSION, n, n);
        c_effect(l, n);
        break;
    default: break;
    }
}

void c_body(struct c_lower *l, uint32_t compound)
{
    l->jumps = (struct c_jumps){HUNCH_NONE, HUNCH_NONE, HUNCH_NONE, NULL};
    l->loops_open = 0;
    l->label.count = 0;
    c_statements(l, compound);
    hunch_build_exit(l->b, true);
    for (size_t i = 0; i < l->label.count; i++)
        if (!l->label.items[i].is_defined) {
            l->fault = "a label that is nowhere";
            hunch_build_start(l->b, l->label.items[i].block);
            hunch_build_exit(l->b, true);
        }
}

struct c_value c_block_value(struct c_lower *l, uint32_t compound)
{
    struct c_value value = {HUNCH_NONE, C_VOID};
    uint32_t mark = c_scope_open(l), outer = l->b->statement, last = HUNCH_NONE;
    HUNCH_EACH_CHILD(&l->tree, compound, c)
    if (c_node(l, c)->kind != K_NONE)
        last = c;
    HUNCH_EACH_CHILD(&l->tree, compound, c)
    {
        if (c == last && c_node(l, c)->kind == K_expression_statement) {
            c_stmt(l, HUNCH_STMT_EXPRESSION, c, c);
            value = c_rvalue(l, c_first_named(l, c));
        } else
            statement(l, c);
    }
    c_scope_close(l, mark);
    l->b->statement = outer;
    if (value.op == HUNCH_NONE)
        value.op = c_op(l, HUNCH_OP_UNKNOWN, compound, 0, 0);
    return value;
}
