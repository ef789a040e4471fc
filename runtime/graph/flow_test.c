/* flow_test.c: what is found of values where a condition gave something other than 0, or 0: by
 * comparisons, calls, their negations, and conditions that are put together of such. */
#include <string.h>

#include "graph/flow.h"

enum { TREE_MOST = 24, JOINED_MOST = 4, COMPARISONS = HUNCH_GE - HUNCH_EQ + 1 };

static const struct hunch_op *op_at(const struct hunch_flow *f, uint32_t op)
{
    return &f->graph->op.items[op];
}

/* Guards that any function may have, so that they are numbered before: comparisons, by operator and
 * HUNCH_FOUND_*; with values, of which no one asks as yet. */
static struct hunch_map_key common_guard(uint32_t number)
{
    const uint32_t o = number / HUNCH_FOUND_SETS, found = number % HUNCH_FOUND_SETS;
    return (struct hunch_map_key){{HUNCH_GUARD_COMPARE,
                                   o == COMPARISONS ? HUNCH_OTHER : HUNCH_EQ + o, found,
                                   found == HUNCH_FOUND_VALUE ? UINT32_MAX : 0}};
}

bool hunch_unit_begin_guards(struct hunch_unit *u)
{
    for (uint32_t n = 0; n < (COMPARISONS + 1) * HUNCH_FOUND_SETS; n++)
        if (hunch_key_number(u->a, &u->working, common_guard(n), true, NULL) != n)
            return false;
    return true;
}

static uint32_t guard_number(struct hunch_flow *f, struct hunch_map_key key)
{
    struct hunch_unit *u = f->u;
    if (key.word[0] == HUNCH_GUARD_COMPARE &&
        (key.word[2] != HUNCH_FOUND_VALUE || key.word[3] == UINT32_MAX)) {
        const uint32_t o = key.word[1] == HUNCH_OTHER ? COMPARISONS : key.word[1] - HUNCH_EQ;
        return o * HUNCH_FOUND_SETS + key.word[2];
    }
    uint32_t number;
    if (key.word[0] == HUNCH_GUARD_COMPARE) {
        number = hunch_key_number(u->a, &f->guard, key, true, NULL);
        if (number != UINT32_MAX)
            number |= HUNCH_GUARD_IS_OWN;
    } else {
        pthread_mutex_lock(&u->lock);
        number = hunch_key_number(u->a, &u->working, key, true, NULL);
        pthread_mutex_unlock(&u->lock);
    }
    if (number == UINT32_MAX)
        u->failed = true;
    return number;
}

void hunch_flow_add_test(struct hunch_flow *f, struct hunch_tests *t, uint32_t value,
                         struct hunch_map_key key, uint32_t since)
{
    const uint32_t guard = guard_number(f, key);
    if (guard != UINT32_MAX && t->count < HUNCH_TESTS_MOST)
        t->item[t->count++] = (struct hunch_test){value, guard + 1, since != HUNCH_NONE, since};
}

static enum hunch_operator turned(enum hunch_operator o) /* a o b as b o a */
{
    return o == HUNCH_LT   ? HUNCH_GT
           : o == HUNCH_GT ? HUNCH_LT
           : o == HUNCH_LE ? HUNCH_GE
           : o == HUNCH_GE ? HUNCH_LE
                           : o;
}

enum hunch_operator hunch_flow_negated(enum hunch_operator o)
{
    switch (o) {
    case HUNCH_EQ: return HUNCH_NE;
    case HUNCH_NE: return HUNCH_EQ;
    case HUNCH_LT: return HUNCH_GE;
    case HUNCH_LE: return HUNCH_GT;
    case HUNCH_GT: return HUNCH_LE;
    default: return HUNCH_LT;
    }
}

/* The operation whose value `op` is, without casts, assignments and copies that can be seen. */
uint32_t hunch_flow_bare(const struct hunch_flow *f, uint32_t op)
{
    for (int steps = 0; steps < TREE_MOST; steps++) {
        const struct hunch_op *o = op_at(f, op);
        if (o->kind == HUNCH_OP_CAST)
            op = o->a;
        else if (o->kind == HUNCH_OP_STORE)
            op = o->b;
        else
            break;
    }
    return op;
}

/* The same; a variable that holds what a test or a call gave stands for that. */
static uint32_t tested(struct hunch_flow *f, uint32_t op)
{
    op = hunch_flow_bare(f, op);
    if (op_at(f, op)->kind == HUNCH_OP_LOAD) {
        const uint32_t value = hunch_flow_value(f, op);
        const struct hunch_flow_node *n = &f->node.items[f->canon.items[value]];
        if (n->kind == HUNCH_NODE_OP && n->op != HUNCH_NONE) {
            const uint8_t kind = op_at(f, n->op)->kind;
            if (kind == HUNCH_OP_CALL || kind == HUNCH_OP_BINARY || kind == HUNCH_OP_UNARY)
                return n->op;
        }
    }
    return op;
}

/* What a value is, to whoever compares with it. */
uint32_t hunch_flow_found(const struct hunch_flow *f, uint32_t op, uint32_t node)
{
    const struct hunch_flow_node *n = &f->node.items[node];
    const uint8_t kind = op_at(f, hunch_flow_bare(f, op))->kind;
    if (kind == HUNCH_OP_NULL || (n->known == HUNCH_KNOWN_VALUE && n->value == 0))
        return HUNCH_FOUND_CONSTANT | HUNCH_FOUND_NULL;
    if (n->known == HUNCH_KNOWN_VALUE || kind == HUNCH_OP_UNKNOWN || kind == HUNCH_OP_CONST)
        return HUNCH_FOUND_CONSTANT;
    if (kind == HUNCH_OP_STRING && f->graph->language != HUNCH_LANGUAGE_C)
        return HUNCH_FOUND_CONSTANT; /* texts are compared, not addresses */
    return HUNCH_FOUND_VALUE;
}

bool hunch_flow_is_address(const struct hunch_flow *f, uint32_t op)
{
    const struct hunch_op *o = op_at(f, hunch_flow_bare(f, op));
    return o->kind == HUNCH_OP_NULL || (o->flags & HUNCH_OP_IS_POINTER);
}

/* Of `abs(x)` x, else HUNCH_NONE. */
static uint32_t absolute_of(struct hunch_flow *f, uint32_t op)
{
    static const char *const names[] = {"abs", "labs", "llabs", "imaxabs", "fabs", "fabsf"};
    const struct hunch_op *o = op_at(f, hunch_flow_bare(f, op));
    if (f->graph->language != HUNCH_LANGUAGE_C || o->kind != HUNCH_OP_CALL || o->c != 1 ||
        op_at(f, hunch_flow_bare(f, o->a))->kind != HUNCH_OP_NAME)
        return HUNCH_NONE;
    const char *called = hunch_graph_name(f->graph, op_at(f, hunch_flow_bare(f, o->a))->a);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(called, names[i]) == 0)
            return f->graph->arg.items[o->b];
    return HUNCH_NONE;
}

static void compare(struct hunch_flow *f, struct hunch_tests *t, uint32_t value,
                    enum hunch_operator o, uint32_t with_op)
{
    const uint8_t kind = op_at(f, hunch_flow_bare(f, value))->kind;
    if (kind == HUNCH_OP_CONST || kind == HUNCH_OP_NULL)
        return; /* it is in no place of which anything would be learnt */
    const uint32_t with = hunch_flow_value(f, with_op), what = hunch_flow_found(f, with_op, with);
    struct hunch_map_key key = {{HUNCH_GUARD_COMPARE, o, what, 0}};
    if ((what & HUNCH_FOUND_NULL) &&
        (hunch_flow_is_address(f, value) || hunch_flow_is_address(f, with_op)))
        key.word[2] |= HUNCH_FOUND_POINTER;
    if (what == HUNCH_FOUND_VALUE) { /* each by itself: rules may ask whether that is tainted */
        if (!f->collect)
            key.word[3] = UINT32_MAX;
        else {
            key.word[3] = (uint32_t)f->with.count;
            if (f->with.count > 0 && f->with.items[f->with.count - 1] == with)
                key.word[3]--;
            else if (!hunch_vec_push(f->u->a, &f->with, with))
                f->u->failed = true;
        }
    }
    const uint32_t absolute = absolute_of(f, value);
    const uint32_t of = hunch_flow_value(f, absolute != HUNCH_NONE ? absolute : value);
    hunch_flow_add_test(f, t, of, key, HUNCH_NONE);
    if ((o == HUNCH_LT || o == HUNCH_LE) &&
        (absolute != HUNCH_NONE ||
         ((op_at(f, value)->flags | op_at(f, with_op)->flags) & HUNCH_OP_IS_UNSIGNED))) {
        /* Compared as numbers without a sign a negative one is a large one. */
        const struct hunch_map_key above = {
            {HUNCH_GUARD_COMPARE, HUNCH_GE, HUNCH_FOUND_CONSTANT, 0}};
        hunch_flow_add_test(f, t, of, above, HUNCH_NONE);
    }
}

static void call(struct hunch_flow *f, struct hunch_tests *t, uint32_t op, bool outcome)
{
    const struct hunch_op *o = op_at(f, op);
    const struct hunch_op *callee = op_at(f, hunch_flow_bare(f, o->a));
    if (callee->kind != HUNCH_OP_NAME)
        return;
    uint32_t name = hunch_unit_name(f->u, f->file, callee->a);
    if (hunch_unit_is_call(f->u, f->file, name))
        name = hunch_unit_call_name(f->u, name);
    for (uint32_t k = 0; k < o->c; k++) {
        const struct hunch_map_key key = {{HUNCH_GUARD_CALL, name, k + 1, outcome}};
        hunch_flow_add_test(f, t, hunch_flow_value(f, f->graph->arg.items[o->b + k]), key, op);
    }
}

/* What a function of the unit has found of its parameters where it returned that. */
static void checked(struct hunch_flow *f, struct hunch_tests *t, uint32_t op, bool outcome)
{
    const struct hunch_op *o = op_at(f, op);
    const uint32_t called = hunch_flow_value(f, hunch_flow_bare(f, o->a));
    const struct hunch_flow_node *n = &f->node.items[called];
    if (op_at(f, hunch_flow_bare(f, o->a))->kind != HUNCH_OP_NAME || n->to_count != 1 ||
        f->place.items[n->to[0]].kind != HUNCH_PLACE_FUNCTION)
        return;
    const uint32_t function = f->place.items[n->to[0]].a;
    const struct hunch_flow *callee = &f->u->flow[function];
    if (hunch_flow_is_busy(f, callee))
        return;
    for (size_t i = 0; i < callee->check.count && !callee->is_gap; i++) {
        const struct hunch_flow_check check = callee->check.items[i];
        bool is_content = false;
        if (check.outcome != outcome || check.is_content)
            continue;
        for (size_t j = 0; j < callee->check.count; j++) {
            const struct hunch_flow_check *other = &callee->check.items[j];
            is_content |= other->is_content && other->outcome == outcome &&
                          other->parameter == check.parameter && other->guard == check.guard;
        }
        for (uint32_t k = 0; k < o->c && t->count < HUNCH_TESTS_MOST; k++)
            if (hunch_flow_binds(f, op, function, k, check.parameter))
                t->item[t->count++] =
                    (struct hunch_test){hunch_flow_value(f, f->graph->arg.items[o->b + k]),
                                        check.guard, is_content, op};
    }
}

static void find_joined(struct hunch_flow *f, struct hunch_tests *t, uint32_t op, bool outcome,
                        int depth)
{
    for (int steps = 0; steps < TREE_MOST; steps++) {
        const uint32_t held = hunch_flow_bare(f, op);
        op = tested(f, op);
        const struct hunch_op *o = op_at(f, op);
        if (o->kind == HUNCH_OP_UNARY && o->sub == HUNCH_NOT) {
            op = o->a;
            outcome = !outcome;
            continue;
        }
        if (o->kind == HUNCH_OP_BINARY && o->sub >= HUNCH_EQ && o->sub <= HUNCH_GE) {
            const enum hunch_operator as = outcome
                                               ? (enum hunch_operator)o->sub
                                               : hunch_flow_negated((enum hunch_operator)o->sub);
            const uint32_t a = hunch_flow_value(f, o->a), b = hunch_flow_value(f, o->b);
            compare(f, t, o->a, as, o->b);
            compare(f, t, o->b, turned(as), o->a);
            if (as == HUNCH_EQ || as == HUNCH_NE) { /* f(x) == 0 tells of x, too */
                const uint32_t zero = HUNCH_FOUND_CONSTANT | HUNCH_FOUND_NULL;
                if (hunch_flow_found(f, o->b, b) == zero) {
                    op = o->a;
                } else if (hunch_flow_found(f, o->a, a) == zero) {
                    op = o->b;
                } else {
                    return;
                }
                outcome = as == HUNCH_NE;
                if (op_at(f, tested(f, op))->kind == HUNCH_OP_LOAD)
                    return; /* it is told already */
                continue;
            }
            return;
        }
        if (o->kind == HUNCH_OP_BINARY && o->sub == (outcome ? HUNCH_AND : HUNCH_OR) &&
            depth < JOINED_MOST) { /* of bits: both are not 0, both are 0 */
            find_joined(f, t, o->a, outcome, depth + 1);
            op = o->b;
            continue;
        }
        if (o->kind == HUNCH_OP_CALL) {
            call(f, t, op, outcome);
            checked(f, t, op, outcome);
        }
        if (op != held || o->kind == HUNCH_OP_LOAD || o->kind == HUNCH_OP_CALL) {
            const struct hunch_map_key key = {
                {HUNCH_GUARD_COMPARE, outcome ? HUNCH_NE : HUNCH_EQ,
                 HUNCH_FOUND_CONSTANT | HUNCH_FOUND_NULL |
                     (hunch_flow_is_address(f, held) ? HUNCH_FOUND_POINTER : 0),
                 0}};
            hunch_flow_add_test(f, t, hunch_flow_value(f, held), key, HUNCH_NONE);
        }
        return;
    }
}

void hunch_flow_find_tests(struct hunch_flow *f, struct hunch_tests *t, uint32_t op, bool outcome)
{
    find_joined(f, t, op, outcome, 0);
}
