/* lower_javascript_stmt.c: statements as blocks. What is thrown goes to the block of catch that is
 * around it in the function, else out of it; any statement of a try may throw. A jump out of a try
 * with finally runs that block first: there is one of it, and behind it all ways that led there.
 */
#include <string.h>

#include "graph/lower_javascript.h"

static void statement(struct js_lower *l, uint32_t n);

uint32_t js_stmt(struct js_lower *l, enum hunch_stmt_kind kind, uint32_t n, uint32_t line_node)
{
    const uint32_t at = js_node(l, line_node)->begin;
    struct hunch_extent span = {at, at};
    if (n != HUNCH_NONE) {
        const uint32_t bare = js_bare(l, n);
        span = (struct hunch_extent){js_node(l, bare)->begin, js_node(l, bare)->end};
    }
    return hunch_build_stmt(l->b, kind, HUNCH_NONE, span, js_line(l, at), l->loop);
}

void js_statements(struct js_lower *l, uint32_t n)
{
    if (n != HUNCH_NONE)
        HUNCH_EACH_CHILD(&l->tree, n, c)
    statement(l, c);
}

/* ---- jumps ---- */

/* Behind the block of finally the way goes on to `to`. */
static void go_on(struct js_lower *l, struct js_finally *f, uint32_t to)
{
    for (size_t i = 0; i < f->to.count; i++)
        if (f->to.items[i] == to)
            return;
    if (!hunch_vec_push(l->a, &f->to, to))
        js_fail(l);
}

/* Jumps to a block that is outside of all trys up to `outer`. */
static void jump_out(struct js_lower *l, uint32_t to, struct js_finally *outer)
{
    struct js_finally *f = l->finally;
    if (f == outer || f == NULL) {
        hunch_build_jump(l->b, to);
        return;
    }
    hunch_build_jump(l->b, f->block);
    for (; f->outer != outer && f->outer != NULL; f = f->outer)
        go_on(l, f, f->outer->block);
    go_on(l, f, to);
}

void js_leave(struct js_lower *l, uint32_t n, uint32_t value)
{
    if (l->finally != NULL) {
        struct js_finally *f = l->finally;
        if (f->result == HUNCH_NONE)
            f->result = js_temporary(l, n);
        js_store(l, n, js_variable(l, n, f->result), value);
        hunch_build_jump(l->b, f->block);
        return;
    }
    js_op(l, HUNCH_OP_RETURN, n, value, 0);
    hunch_build_exit(l->b, true);
}

/* What a function gives that says nothing about it. */
static uint32_t given(struct js_lower *l, uint32_t n)
{
    struct js_function *f = &l->function.items[l->at];
    if (l->generated != HUNCH_NONE)
        return js_load(l, n, js_variable(l, n, l->generated));
    if (f->is_constructor && f->self != HUNCH_NONE)
        return js_symbol_value(l, &l->symbol.items[f->self], n);
    return js_op(l, HUNCH_OP_NULL, n, 0, 0);
}

static void returned(struct js_lower *l, uint32_t n)
{
    const uint32_t value_node = js_first_named(l, n);
    js_stmt(l, HUNCH_STMT_RETURN, n, n);
    uint32_t value = value_node == HUNCH_NONE ? HUNCH_NONE : js_value(l, value_node);
    if (value == HUNCH_NONE || l->generated != HUNCH_NONE)
        value = given(l, n);
    js_leave(l, n, value);
}

static void thrown(struct js_lower *l, uint32_t n)
{
    js_stmt(l, HUNCH_STMT_GOTO, n, n);
    const uint32_t value = js_value(l, js_first_named(l, n));
    if (l->thrown == HUNCH_NONE) {
        hunch_build_exit(l->b, false);
        return;
    }
    if (l->error != HUNCH_NONE)
        js_store(l, n, js_variable(l, n, l->error), value);
    hunch_build_jump(l->b, l->thrown);
}

static void jump(struct js_lower *l, uint32_t n, bool is_break)
{
    const uint32_t label_node = js_child(l, n, F_label),
                   label = label_node == HUNCH_NONE ? 0 : js_name(l, label_node);
    js_stmt(l, is_break ? HUNCH_STMT_BREAK : HUNCH_STMT_CONTINUE, n, n);
    for (size_t i = l->target.count; i-- > 0;) {
        const struct js_target *t = &l->target.items[i];
        const uint32_t to = is_break ? t->on_break : t->on_continue;
        const bool fits = label != 0 ? t->label == label
                          : is_break ? t->label == 0 || t->on_continue != HUNCH_NONE
                                     : t->on_continue != HUNCH_NONE;
        if (fits && to != HUNCH_NONE) {
            jump_out(l, to, t->finally);
            return;
        }
    }
    l->fault = "a jump that leads nowhere";
}

static void target_push(struct js_lower *l, uint32_t label, uint32_t on_break, uint32_t on_continue)
{
    const struct js_target t = {label, on_break, on_continue, l->finally};
    if (!hunch_vec_push(l->a, &l->target, t))
        js_fail(l);
}

static void target_pop(struct js_lower *l)
{
    if (l->target.count > 0)
        l->target.count--;
}

static uint32_t take_label(struct js_lower *l)
{
    const uint32_t label = l->label;
    l->label = 0;
    return label;
}

static void labeled(struct js_lower *l, uint32_t n)
{
    const uint32_t name = js_child(l, n, F_label), body = js_child(l, n, F_body);
    const uint16_t kind = js_kind(l, body);
    if (name == HUNCH_NONE || body == HUNCH_NONE)
        return;
    if (kind == K_for_statement || kind == K_for_in_statement || kind == K_while_statement ||
        kind == K_do_statement) {
        l->label = js_name(l, name);
        statement(l, body);
        l->label = 0;
        return;
    }
    const uint32_t done = hunch_build_block(l->b);
    target_push(l, js_name(l, name), done, HUNCH_NONE);
    statement(l, body);
    target_pop(l);
    hunch_build_jump(l->b, done);
    hunch_build_start(l->b, done);
}

/* ---- loops ---- */

static void loop_body(struct js_lower *l, uint32_t body, uint32_t label, uint32_t done,
                      uint32_t next, uint32_t stmt)
{
    const uint32_t outer = l->loop;
    l->loop = stmt;
    target_push(l, label, done, next);
    if (body != HUNCH_NONE)
        statement(l, body);
    target_pop(l);
    l->loop = outer;
}

static void while_loop(struct js_lower *l, uint32_t n)
{
    const uint32_t label = take_label(l), head = hunch_build_block(l->b),
                   body = hunch_build_block(l->b), done = hunch_build_block(l->b),
                   test = js_child(l, n, F_condition);
    hunch_build_start(l->b, head);
    const uint32_t stmt = js_stmt(l, HUNCH_STMT_WHILE, test, n);
    js_condition(l, test, body, done);
    hunch_build_start(l->b, body);
    loop_body(l, js_child(l, n, F_body), label, done, head, stmt);
    hunch_build_jump(l->b, head);
    hunch_build_start(l->b, done);
}

static void do_loop(struct js_lower *l, uint32_t n)
{
    const uint32_t label = take_label(l), body = hunch_build_block(l->b),
                   head = hunch_build_block(l->b), done = hunch_build_block(l->b),
                   test = js_child(l, n, F_condition);
    /* Its condition, which names the loop, comes after what is in it. */
    const uint32_t first = (uint32_t)l->b->stmt.count,
                   mine = HUNCH_NONE - 1 - (uint32_t)l->target.count;
    hunch_build_start(l->b, body);
    loop_body(l, js_child(l, n, F_body), label, done, head, mine);
    hunch_build_start(l->b, head);
    const uint32_t stmt = js_stmt(l, HUNCH_STMT_DO, test, test == HUNCH_NONE ? n : test);
    for (uint32_t i = first; i < l->b->stmt.count; i++)
        if (l->b->stmt.items[i].loop == mine)
            l->b->stmt.items[i].loop = stmt;
    js_condition(l, test, body, done);
    hunch_build_start(l->b, done);
}

static void for_loop(struct js_lower *l, uint32_t n)
{
    const uint32_t label = take_label(l), head = hunch_build_block(l->b),
                   body = hunch_build_block(l->b), next = hunch_build_block(l->b),
                   done = hunch_build_block(l->b), first = js_child(l, n, F_initializer),
                   update = js_child(l, n, F_increment);
    uint32_t test = js_child(l, n, F_condition);
    if (first != HUNCH_NONE)
        statement(l, first);
    if (test != HUNCH_NONE) /* an expression statement, or an empty one */
        test = js_first_named(l, test);
    hunch_build_start(l->b, head);
    const uint32_t stmt = js_stmt(l, HUNCH_STMT_FOR, test, n);
    js_condition(l, test, body, done);
    hunch_build_start(l->b, body);
    loop_body(l, js_child(l, n, F_body), label, done, next, stmt);
    hunch_build_start(l->b, next);
    if (update != HUNCH_NONE) {
        const uint32_t outer = l->loop;
        l->loop = stmt;
        js_stmt(l, HUNCH_STMT_FOR_NEXT, update, update);
        js_effect(l, update);
        l->loop = outer;
    }
    hunch_build_jump(l->b, head);
    hunch_build_start(l->b, done);
}

static void for_each(struct js_lower *l, uint32_t n)
{
    const uint32_t label = take_label(l), head = hunch_build_block(l->b),
                   body = hunch_build_block(l->b), done = hunch_build_block(l->b),
                   left = js_child(l, n, F_left), right = js_child(l, n, F_right),
                   word = js_child(l, n, F_operator);
    js_stmt(l, HUNCH_STMT_FOR_FIRST, right, n);
    const uint32_t list = js_value(l, right);
    hunch_build_start(l->b, head);
    const uint32_t stmt = js_stmt(l, HUNCH_STMT_FOR, left, n);
    js_either(l, n, body, done);
    hunch_build_start(l->b, body);
    if (left != HUNCH_NONE) {
        const uint32_t one =
            word != HUNCH_NONE && js_is(l, word, "in")
                ? js_call_name(l, left, "Object.keys", &list, 1)
                : js_load(l, left, js_op(l, HUNCH_OP_INDEX, left, list, HUNCH_NONE));
        js_assign(l, left, one);
    }
    loop_body(l, js_child(l, n, F_body), label, done, head, stmt);
    hunch_build_jump(l->b, head);
    hunch_build_start(l->b, done);
}

/* ---- switch ---- */

static void switched(struct js_lower *l, uint32_t n)
{
    const uint32_t test = js_child(l, n, F_value), body = js_child(l, n, F_body),
                   done = hunch_build_block(l->b);
    HUNCH_VEC(uint32_t) to = {0};
    HUNCH_VEC(int64_t) label = {0};
    uint32_t otherwise = done;
    js_stmt(l, HUNCH_STMT_SWITCH, test, n);
    const uint32_t value = js_value(l, test);
    js_op(l, HUNCH_OP_CONDITION, n, value, 0);
    const uint32_t block = hunch_build_switch(l->b, value);
    target_push(l, take_label(l), done, HUNCH_NONE);
    if (body != HUNCH_NONE)
        HUNCH_EACH_CHILD(&l->tree, body, c)
        {
            const uint16_t kind = js_kind(l, c);
            if (kind != K_switch_case && kind != K_switch_default)
                continue;
            const uint32_t at = hunch_build_block(l->b), is = js_child(l, c, F_value);
            int64_t constant = HUNCH_LABEL_UNKNOWN;
            hunch_build_start(l->b, at);
            if (kind == K_switch_default) {
                otherwise = at;
            } else {
                if (js_kind(l, is) == K_number && js_size(l, is) == 1)
                    constant = *js_text(l, is) - '0';
                if (!hunch_vec_push(l->a, &to, at) || !hunch_vec_push(l->a, &label, constant))
                    js_fail(l);
            }
            HUNCH_EACH_CHILD(&l->tree, c, s)
            if (s != is)
                statement(l, s);
        }
    target_pop(l);
    hunch_build_jump(l->b, done);
    hunch_build_start(l->b, done);
    if (hunch_vec_push(l->a, &to, otherwise) && hunch_vec_push(l->a, &label, 0))
        hunch_build_cases(l->b, block, to.items, label.items, (uint32_t)to.count);
    else
        js_fail(l);
    hunch_vec_free(l->a, &to);
    hunch_vec_free(l->a, &label);
}

/* ---- try ---- */

/* Each statement may throw: behind it a way leads to where that is caught. */
static void guarded(struct js_lower *l, uint32_t body, uint32_t to)
{
    if (body == HUNCH_NONE)
        return;
    HUNCH_EACH_CHILD(&l->tree, body, c)
    {
        if (js_kind(l, c) == K_NONE)
            continue;
        uint32_t next = hunch_build_block(l->b);
        js_either(l, c, next, to);
        hunch_build_start(l->b, next);
        statement(l, c);
    }
    const uint32_t next = hunch_build_block(l->b);
    js_either(l, body, next, to);
    hunch_build_start(l->b, next);
}

static void run_finally(struct js_lower *l, uint32_t n, struct js_finally *f, uint32_t done)
{
    hunch_build_jump(l->b, f->block);
    hunch_build_start(l->b, f->block);
    l->finally = f->outer;
    js_statements(l, js_child(l, n, F_body));
    if (f->result != HUNCH_NONE) {
        const uint32_t leave = hunch_build_block(l->b), stay = hunch_build_block(l->b);
        js_either(l, n, leave, stay);
        hunch_build_start(l->b, leave);
        const uint32_t value = js_load(l, n, js_variable(l, n, f->result));
        js_leave(l, n, value);
        hunch_build_start(l->b, stay);
    }
    for (size_t i = 0; i < f->to.count; i++) {
        const uint32_t stay = hunch_build_block(l->b);
        js_either(l, n, f->to.items[i], stay);
        hunch_build_start(l->b, stay);
    }
    hunch_build_jump(l->b, done);
    hunch_vec_free(l->a, &f->to);
}

static void try_statement(struct js_lower *l, uint32_t n)
{
    const uint32_t handler = js_child(l, n, F_handler), last = js_child(l, n, F_finalizer),
                   done = hunch_build_block(l->b), outer = l->thrown, outer_error = l->error;
    struct js_finally f = {.outer = l->finally, .result = HUNCH_NONE};
    uint32_t caught = HUNCH_NONE;
    if (last != HUNCH_NONE) {
        f.block = hunch_build_block(l->b);
        l->finally = &f;
    }
    if (handler != HUNCH_NONE) {
        caught = hunch_build_block(l->b);
        l->error = js_temporary(l, n);
    }
    const uint32_t error = l->error;
    l->thrown = caught != HUNCH_NONE ? caught : f.block;
    if (caught == HUNCH_NONE && last == HUNCH_NONE) /* broken source */
        l->thrown = outer;
    if (l->thrown != HUNCH_NONE)
        guarded(l, js_child(l, n, F_body), l->thrown);
    else
        js_statements(l, js_child(l, n, F_body));
    l->thrown = last != HUNCH_NONE ? f.block : outer;
    l->error = outer_error;
    if (handler != HUNCH_NONE) {
        const uint32_t parameter = js_child(l, handler, F_parameter);
        hunch_build_jump(l->b, last != HUNCH_NONE ? f.block : done);
        hunch_build_start(l->b, caught);
        if (parameter != HUNCH_NONE) {
            js_stmt(l, HUNCH_STMT_DECLARATION, parameter, handler);
            js_assign(l, parameter, js_load(l, parameter, js_variable(l, parameter, error)));
        }
        js_statements(l, js_child(l, handler, F_body));
    }
    l->thrown = outer;
    if (last != HUNCH_NONE)
        run_finally(l, last, &f, done);
    hunch_build_jump(l->b, done);
    hunch_build_start(l->b, done);
}

/* ---- declarations and modules ---- */

static void declaration(struct js_lower *l, uint32_t n)
{
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        if (js_kind(l, c) != K_variable_declarator)
            continue;
        const uint32_t name = js_child(l, c, F_name), value = js_child(l, c, F_value);
        if (name == HUNCH_NONE || (value == HUNCH_NONE && js_kind(l, n) == K_variable_declaration))
            continue;
        js_stmt(l, HUNCH_STMT_DECLARATION, c, c);
        struct js_symbol *symbol = js_kind(l, name) == K_identifier ? js_symbol_of(l, name) : NULL;
        if (symbol != NULL)
            js_find_alias(l, symbol);
        if (symbol == NULL || (symbol->alias == 0 && symbol->module == 0)) /* else another name */
            js_assign(l, name, js_value(l, value));
    }
}

void js_export(struct js_lower *l, uint32_t n, uint32_t node)
{
    l->has_exports = true;
    const uint32_t exports = js_op(l, HUNCH_OP_NAME, n, l->module, 0);
    if (js_kind(l, js_bare(l, node)) == K_object) {
        js_object_into(l, js_bare(l, node), exports);
        return;
    }
    if (js_kind(l, node) == K_assignment_expression && js_child(l, node, F_left) != HUNCH_NONE &&
        js_is_exports(l, js_child(l, node, F_left))) { /* module.exports = exports = … */
        js_effect(l, node);
        return;
    }
    js_store(l, n, exports, js_value(l, node));
}

static void export_name(struct js_lower *l, uint32_t n, uint32_t name, uint32_t value)
{
    l->has_exports = true;
    const uint32_t exports = js_op(l, HUNCH_OP_NAME, n, l->module, 0);
    if (strcmp(hunch_graph_name(l->file, name), "default") == 0)
        js_store(l, n, exports, value);
    else
        js_store(l, n, js_op(l, HUNCH_OP_FIELD, n, exports, name), value);
}

static void export_pattern(struct js_lower *l, uint32_t n)
{
    switch (js_kind(l, n)) {
    case K_identifier:
    case K_shorthand_property_identifier_pattern: {
        struct js_symbol *symbol = js_symbol_of(l, n);
        if (symbol != NULL)
            export_name(l, n, js_name(l, n), js_symbol_value(l, symbol, n));
        break;
    }
    case K_object_pattern:
    case K_array_pattern:
    case K_rest_pattern:
        HUNCH_EACH_CHILD(&l->tree, n, c)
        export_pattern(l, c);
        break;
    case K_pair_pattern: export_pattern(l, js_child(l, n, F_value)); break;
    case K_assignment_pattern:
    case K_object_assignment_pattern: export_pattern(l, js_child(l, n, F_left)); break;
    default: break;
    }
}

static void export_declared(struct js_lower *l, uint32_t n)
{
    HUNCH_EACH_CHILD(&l->tree, n, c)
    if (js_kind(l, c) == K_variable_declarator && js_child(l, c, F_name) != HUNCH_NONE)
        export_pattern(l, js_child(l, c, F_name));
    const uint32_t name = js_child(l, n, F_name);
    if (name != HUNCH_NONE && js_kind(l, n) != K_variable_declarator)
        export_pattern(l, name);
}

/* export { a as b }, also of what another module exports. */
static void export_list(struct js_lower *l, uint32_t list, uint32_t source)
{
    uint32_t module = 0;
    if (source != HUNCH_NONE && js_size(l, source) > 2 &&
        js_is_relative(js_text(l, source) + 1, js_size(l, source) - 2))
        module = js_module_name(l, js_text(l, source) + 1, js_size(l, source) - 2, false);
    HUNCH_EACH_CHILD(&l->tree, list, c)
    {
        const uint32_t name = js_child(l, c, F_name), alias = js_child(l, c, F_alias);
        if (js_kind(l, c) != K_export_specifier || name == HUNCH_NONE)
            continue;
        const uint32_t as = js_key(l, alias != HUNCH_NONE ? alias : name);
        if (as == 0)
            continue;
        if (source == HUNCH_NONE)
            export_name(l, c, as, js_value(l, name));
        else if (module != 0) {
            const uint32_t from = js_op(l, HUNCH_OP_NAME, c, module, 0), key = js_key(l, name);
            const bool is_default = strcmp(hunch_graph_name(l->file, key), "default") == 0;
            export_name(l, c, as,
                        js_load(l, c, is_default ? from : js_op(l, HUNCH_OP_FIELD, c, from, key)));
        }
    }
}

static void export_statement(struct js_lower *l, uint32_t n)
{
    const uint32_t declared = js_child(l, n, F_declaration), value = js_child(l, n, F_value);
    if (declared != HUNCH_NONE) {
        bool is_default = false;
        statement(l, declared);
        js_stmt(l, HUNCH_STMT_EXPRESSION, n, n);
        HUNCH_EACH_CHILD(&l->tree, n, c)
        is_default |= js_kind(l, c) == K_NONE && js_is(l, c, "default");
        if (!is_default)
            export_declared(l, declared);
        else if (l->of[declared] != HUNCH_NONE)
            export_name(l, n, js_literal(l, "default"),
                        js_op(l, HUNCH_OP_NAME, n, l->function.items[l->of[declared]].name, 0));
        return;
    }
    js_stmt(l, HUNCH_STMT_EXPRESSION, n, n);
    if (value != HUNCH_NONE)
        js_export(l, n, value);
    HUNCH_EACH_CHILD(&l->tree, n, c)
    if (js_kind(l, c) == K_export_clause)
        export_list(l, c, js_child(l, n, F_source));
}

/* ---- the others ---- */

static void choice(struct js_lower *l, uint32_t n)
{
    const uint32_t yes = hunch_build_block(l->b), no = hunch_build_block(l->b),
                   done = hunch_build_block(l->b), test = js_child(l, n, F_condition),
                   then = js_child(l, n, F_consequence), otherwise = js_child(l, n, F_alternative);
    js_stmt(l, HUNCH_STMT_IF, test, n);
    js_condition(l, test, yes, no);
    hunch_build_start(l->b, yes);
    if (then != HUNCH_NONE)
        statement(l, then);
    hunch_build_jump(l->b, done);
    hunch_build_start(l->b, no);
    js_statements(l, otherwise);
    hunch_build_start(l->b, done);
}

static void expression(struct js_lower *l, uint32_t n, uint32_t value)
{
    js_stmt(l, HUNCH_STMT_EXPRESSION, n, n);
    js_effect(l, value);
}

static void statement(struct js_lower *l, uint32_t n)
{
    if (l->b->is_cut || l->b->failed || l->failed)
        return;
    switch (js_kind(l, n)) {
    case K_program:
    case K_statement_block: js_statements(l, n); break;
    case K_expression_statement:
        if (js_first_named(l, n) != HUNCH_NONE)
            expression(l, n, js_first_named(l, n));
        break;
    case K_variable_declaration:
    case K_lexical_declaration: declaration(l, n); break;
    case K_class_declaration:
        expression(l, n, HUNCH_NONE);
        (void)js_class(l, n);
        break;
    case K_function_declaration:
    case K_generator_function_declaration:
    case K_import_statement:
    case K_empty_statement:
    case K_debugger_statement: break;
    case K_export_statement: export_statement(l, n); break;
    case K_if_statement: choice(l, n); break;
    case K_while_statement: while_loop(l, n); break;
    case K_do_statement: do_loop(l, n); break;
    case K_for_statement: for_loop(l, n); break;
    case K_for_in_statement: for_each(l, n); break;
    case K_switch_statement: switched(l, n); break;
    case K_labeled_statement: labeled(l, n); break;
    case K_return_statement: returned(l, n); break;
    case K_throw_statement: thrown(l, n); break;
    case K_break_statement: jump(l, n, true); break;
    case K_continue_statement: jump(l, n, false); break;
    case K_try_statement: try_statement(l, n); break;
    case K_with_statement:
        expression(l, n, js_child(l, n, F_object));
        if (js_child(l, n, F_body) != HUNCH_NONE)
            statement(l, js_child(l, n, F_body));
        break;
    case K_NONE: /* what an error left: statements and expressions that could be read */
        if (js_node(l, n)->flags & HUNCH_NODE_IS_ERROR)
            js_statements(l, n);
        break;
    case K_call_expression:
    case K_assignment_expression:
    case K_await_expression:
    case K_new_expression: expression(l, n, n); break;
    default: break;
    }
}
