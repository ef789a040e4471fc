/* lower_java_try.c: try and switch. What is thrown goes to the block of catch that is around it in
 * the function, else out of it; any statement of a try may throw. A jump out of a try with finally
 * runs that block first: there is one of it, and behind it all ways that led there.
 */
#include <string.h>

#include "graph/lower_java.h"

/* Behind the block of finally the way goes on to `to`. */
static void go_on(struct jv_lower *l, struct jv_finally *f, uint32_t to)
{
    for (size_t i = 0; i < f->to.count; i++)
        if (f->to.items[i] == to)
            return;
    if (!hunch_vec_push(l->a, &f->to, to))
        jv_fail(l);
}

void jv_jump_out(struct jv_lower *l, uint32_t to, struct jv_finally *outer)
{
    struct jv_finally *f = l->finally;
    if (f == outer || f == NULL) {
        hunch_build_jump(l->b, to);
        return;
    }
    hunch_build_jump(l->b, f->block);
    for (; f->outer != outer && f->outer != NULL; f = f->outer)
        go_on(l, f, f->outer->block);
    go_on(l, f, to);
}

/* ---- try ---- */

/* Each statement may throw: behind it a way leads to where that is caught. */
static void guarded(struct jv_lower *l, uint32_t body, uint32_t to)
{
    if (body == HUNCH_NONE)
        return;
    HUNCH_EACH_CHILD(&l->tree, body, c)
    {
        if (jv_stops(l))
            return;
        if (jv_kind(l, c) == K_NONE && !(jv_node(l, c)->flags & HUNCH_NODE_IS_ERROR))
            continue;
        const uint32_t next = hunch_build_block(l->b);
        jv_either(l, c, next, to);
        hunch_build_start(l->b, next);
        jv_statement(l, c);
    }
    const uint32_t next = hunch_build_block(l->b);
    jv_either(l, body, next, to);
    hunch_build_start(l->b, next);
}

static void resources(struct jv_lower *l, uint32_t list)
{
    if (list == HUNCH_NONE)
        return;
    HUNCH_EACH_CHILD(&l->tree, list, c)
    {
        if (jv_kind(l, c) != K_resource)
            continue;
        const uint32_t name = jv_child(l, c, F_name), value = jv_child(l, c, F_value);
        (void)jv_stmt(l, HUNCH_STMT_DECLARATION, c, c);
        const uint32_t made = jv_value(l, value != HUNCH_NONE ? value : jv_named(l, c, 0));
        if (name != HUNCH_NONE && value != HUNCH_NONE)
            jv_assign_symbol(l, name, made);
    }
}

static void run_finally(struct jv_lower *l, uint32_t n, struct jv_finally *f, uint32_t done)
{
    hunch_build_jump(l->b, f->block);
    hunch_build_start(l->b, f->block);
    l->finally = f->outer;
    jv_statements(l, jv_of_kind(l, n, K_block));
    if (f->result != HUNCH_NONE) {
        const uint32_t leave = hunch_build_block(l->b), stay = hunch_build_block(l->b);
        jv_either(l, n, leave, stay);
        hunch_build_start(l->b, leave);
        jv_leave(l, n, jv_load(l, n, jv_variable(l, n, f->result)));
        hunch_build_start(l->b, stay);
    }
    for (size_t i = 0; i < f->to.count; i++) {
        const uint32_t stay = hunch_build_block(l->b);
        jv_either(l, n, f->to.items[i], stay);
        hunch_build_start(l->b, stay);
    }
    hunch_build_jump(l->b, done);
    hunch_vec_free(l->a, &f->to);
}

static void caught_by(struct jv_lower *l, uint32_t clause, uint32_t error)
{
    const uint32_t parameter = jv_of_kind(l, clause, K_catch_formal_parameter),
                   name = jv_child(l, parameter, F_name);
    if (name != HUNCH_NONE) {
        (void)jv_stmt(l, HUNCH_STMT_DECLARATION, parameter, clause);
        jv_assign_symbol(l, name, jv_load(l, name, jv_variable(l, name, error)));
    }
    jv_statements(l, jv_child(l, clause, F_body));
}

void jv_try(struct jv_lower *l, uint32_t n)
{
    uint32_t clauses = 0;
    HUNCH_EACH_CHILD(&l->tree, n, c)
    clauses += jv_kind(l, c) == K_catch_clause;
    const uint32_t last = jv_of_kind(l, n, K_finally_clause), done = hunch_build_block(l->b),
                   outer = l->thrown, outer_error = l->error;
    struct jv_finally f = {.outer = l->finally, .result = HUNCH_NONE};
    uint32_t caught = HUNCH_NONE;
    if (last != HUNCH_NONE) {
        f.block = hunch_build_block(l->b);
        l->finally = &f;
    }
    if (clauses > 0) {
        caught = hunch_build_block(l->b);
        l->error = jv_temporary(l, n);
    }
    const uint32_t error = l->error, behind = last != HUNCH_NONE ? f.block : done;
    l->thrown = clauses > 0 ? caught : last != HUNCH_NONE ? f.block : outer;
    resources(l, jv_child(l, n, F_resources));
    if (l->thrown != HUNCH_NONE)
        guarded(l, jv_child(l, n, F_body), l->thrown);
    else
        jv_statements(l, jv_child(l, n, F_body));
    hunch_build_jump(l->b, behind);
    l->thrown = last != HUNCH_NONE ? f.block : outer;
    l->error = outer_error;
    if (caught != HUNCH_NONE)
        hunch_build_start(l->b, caught);
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        if (jv_kind(l, c) != K_catch_clause)
            continue;
        const uint32_t mine = hunch_build_block(l->b), next = hunch_build_block(l->b);
        if (--clauses > 0)
            jv_either(l, c, mine, next);
        hunch_build_start(l->b, mine);
        caught_by(l, c, error);
        hunch_build_jump(l->b, behind);
        hunch_build_start(l->b, next);
    }
    hunch_build_jump(l->b, behind);
    l->thrown = outer;
    if (last != HUNCH_NONE)
        run_finally(l, last, &f, done);
    hunch_build_start(l->b, done);
}

/* ---- switch ---- */

/* Goes on to `yes` where a label fits: texts are compared one after another. */
static void label_test(struct jv_lower *l, uint32_t label, uint32_t value, uint32_t yes)
{
    HUNCH_EACH_CHILD(&l->tree, label, c)
    {
        const uint16_t kind = jv_kind(l, c);
        if (kind == K_NONE || kind == K_guard)
            continue;
        const uint32_t next = hunch_build_block(l->b);
        if (kind == K_pattern || kind == K_identifier) {
            if (kind == K_pattern)
                jv_bind_pattern(l, c, value);
            jv_either(l, c, yes, next);
        } else {
            jv_branch(l, c, jv_binary(l, HUNCH_EQ, c, value, jv_value(l, c)), yes, next);
        }
        hunch_build_start(l->b, next);
    }
}

static bool is_default(const struct jv_lower *l, uint32_t label)
{
    bool has_value = false;
    HUNCH_EACH_CHILD(&l->tree, label, c)
    has_value |= jv_kind(l, c) != K_NONE && jv_kind(l, c) != K_guard;
    return !has_value || (jv_size(l, label) >= 7 && memcmp(jv_text(l, label), "default", 7) == 0);
}

struct cases {
    HUNCH_VEC(uint32_t) to;
    HUNCH_VEC(int64_t) label;
};

static void add_case(struct jv_lower *l, struct cases *k, uint32_t to, int64_t label)
{
    if (!hunch_vec_push(l->a, &k->to, to) || !hunch_vec_push(l->a, &k->label, label))
        jv_fail(l);
}

/* Numbers that the file shows: the block's end compares them. Else each label is a test. */
static bool has_numbers(struct jv_lower *l, uint32_t body)
{
    int64_t number;
    HUNCH_EACH_CHILD(&l->tree, body, group)
    HUNCH_EACH_CHILD(&l->tree, group, label)
    {
        if (jv_kind(l, label) != K_switch_label)
            continue;
        HUNCH_EACH_CHILD(&l->tree, label, c)
        if (jv_kind(l, c) != K_NONE && !jv_constant(l, c, l->class_at, &number))
            return false;
    }
    return true;
}

/* The statements of a group, or what stands behind ->. */
static void run_group(struct jv_lower *l, uint32_t group, uint32_t variable, uint32_t done)
{
    const bool is_rule = jv_kind(l, group) == K_switch_rule;
    HUNCH_EACH_CHILD(&l->tree, group, c)
    {
        const uint16_t kind = jv_kind(l, c);
        if (kind == K_switch_label)
            continue;
        if (is_rule && kind == K_expression_statement && variable != HUNCH_NONE) {
            (void)jv_stmt(l, HUNCH_STMT_EXPRESSION, c, c);
            (void)jv_store(l, c, jv_variable(l, c, variable), jv_value(l, jv_named(l, c, 0)));
        } else {
            jv_statement(l, c);
        }
    }
    if (is_rule)
        hunch_build_jump(l->b, done);
}

uint32_t jv_switch(struct jv_lower *l, uint32_t n, bool is_value)
{
    const uint32_t test = jv_child(l, n, F_condition), body = jv_child(l, n, F_body),
                   done = hunch_build_block(l->b),
                   variable = is_value ? jv_temporary(l, n) : HUNCH_NONE;
    struct cases k = {0};
    uint32_t otherwise = done, group = 0;
    if (!is_value)
        (void)jv_stmt(l, HUNCH_STMT_SWITCH, test, n);
    const uint32_t value = jv_value(l, test);
    const uint32_t first = body == HUNCH_NONE ? HUNCH_NONE : hunch_build_block(l->b);
    const bool by_number = body != HUNCH_NONE && has_numbers(l, body);
    HUNCH_VEC(uint32_t) blocks = {0};
    if (body != HUNCH_NONE)
        HUNCH_EACH_CHILD(&l->tree, body, c)
        {
            const uint32_t block = hunch_build_block(l->b);
            if (!hunch_vec_push(l->a, &blocks, block))
                jv_fail(l);
        }
    hunch_build_jump(l->b, first == HUNCH_NONE ? done : first);
    if (first != HUNCH_NONE && !l->failed) {
        hunch_build_start(l->b, first);
        HUNCH_EACH_CHILD(&l->tree, body, g)
        {
            HUNCH_EACH_CHILD(&l->tree, g, label)
            if (jv_kind(l, label) == K_switch_label) {
                if (is_default(l, label))
                    otherwise = blocks.items[group];
                if (!by_number)
                    label_test(l, label, value, blocks.items[group]);
                else
                    HUNCH_EACH_CHILD(&l->tree, label, c)
                    {
                        int64_t number;
                        if (jv_kind(l, c) != K_NONE && jv_constant(l, c, l->class_at, &number))
                            add_case(l, &k, blocks.items[group], number);
                    }
            }
            group++;
        }
        if (by_number) {
            (void)jv_op(l, HUNCH_OP_CONDITION, n, value, 0);
            const uint32_t block = hunch_build_switch(l->b, value);
            add_case(l, &k, otherwise, 0);
            if (!l->failed)
                hunch_build_cases(l->b, block, k.to.items, k.label.items, (uint32_t)k.to.count);
        } else {
            hunch_build_jump(l->b, otherwise);
        }
        jv_jump_push(l, is_value ? 0 : jv_take_label(l), done, HUNCH_NONE);
        if (l->jump.count > 0)
            l->jump.items[l->jump.count - 1].result = variable;
        group = 0;
        HUNCH_EACH_CHILD(&l->tree, body, g)
        {
            if (l->failed)
                break;
            hunch_build_start(l->b, blocks.items[group++]);
            run_group(l, g, variable, done);
        }
        if (l->jump.count > 0)
            l->jump.count--;
    }
    hunch_build_jump(l->b, done);
    hunch_build_start(l->b, done);
    hunch_vec_free(l->a, &blocks);
    hunch_vec_free(l->a, &k.to);
    hunch_vec_free(l->a, &k.label);
    return is_value ? jv_load(l, n, jv_variable(l, n, variable)) : HUNCH_NONE;
}
