/* lower_c_init.c: initialisers of C: each value that is given becomes a store into its element or
 * field. Braces may be left out, as the language allows; designators are followed.
 */
#include <string.h>

#include "graph/lower_c.h"

/* Elements of one array that are told apart; constants beyond them are one value that is unknown.
 */
enum { ELEMENTS_MOST = 256, PATH_MOST = 16 };

/* The place that is initialised: a variable and steps into it, made anew for every store, so that
 * each store has its address in its own block. */
struct part {
    bool is_index;
    uint32_t name; /* of a field */
    int64_t index; /* of an element; < 0: any */
    uint32_t type; /* of what the step leads to */
};

struct place {
    struct c_value root;
    struct part part[PATH_MOST];
    int count;
};

static struct c_value address_of(struct c_lower *l, const struct place *p, uint32_t n)
{
    struct c_value at = p->root;
    if (at.op == HUNCH_NONE || l->b->is_cut)
        return at;
    struct hunch_op root = l->b->op.items[at.op];
    root.flags = 0;
    root.span = c_span(l, n);
    at.op = hunch_build_op(l->b, root);
    for (int i = 0; i < p->count; i++) {
        const struct part *part = &p->part[i];
        if (part->is_index) {
            if (at.op != HUNCH_NONE && !l->b->is_cut)
                l->b->op.items[at.op].flags |= HUNCH_OP_IS_DECAY;
            uint32_t index = part->index < 0 ? HUNCH_NONE : c_const(l, n, part->index);
            at.op = c_op(l, HUNCH_OP_INDEX, n, at.op, index);
        } else
            at.op = c_op(l, HUNCH_OP_FIELD, n, at.op, part->name);
        at.type = part->type;
    }
    return at;
}

static uint32_t type_of(const struct place *p)
{
    return p->count > 0 ? p->part[p->count - 1].type : p->root.type;
}

static bool push(struct place *p, struct part part)
{
    if (p->count == PATH_MOST)
        return false;
    p->part[p->count++] = part;
    return true;
}

static bool is_string(const struct c_lower *l, uint32_t n)
{
    n = c_bare(l, n);
    return n != HUNCH_NONE &&
           (c_node(l, n)->kind == K_string_literal || c_node(l, n)->kind == K_concatenated_string);
}

/* char a[] = "text": its bytes are copied. */
static void copy_string(struct c_lower *l, struct place *p, uint32_t n)
{
    n = c_bare(l, n);
    uint32_t element = c_points_to(l, type_of(p));
    uint32_t text = c_op(l, HUNCH_OP_STRING, n, c_string(l, n), 0);
    uint32_t from = c_op(l, HUNCH_OP_INDEX, n, text, HUNCH_NONE);
    struct c_value value = c_load(l, (struct c_value){from, element}, n);
    if (!push(p, (struct part){.is_index = true, .index = -1, .type = element}))
        return;
    c_store(l, address_of(l, p, n), value, n, HUNCH_OP_IS_INITIAL);
    p->count--;
}

static void one(struct c_lower *l, struct place *p, uint32_t n)
{
    if (c_type_is(l, type_of(p), T_ARRAY) && is_string(l, n)) {
        copy_string(l, p, n);
        return;
    }
    struct c_value value = c_rvalue(l, n);
    c_store(l, address_of(l, p, n), value, n, HUNCH_OP_IS_INITIAL);
}

static void list(struct c_lower *l, struct place *p, uint32_t n);

static void value_into(struct c_lower *l, struct place *p, uint32_t n)
{
    if (c_node(l, n)->kind == K_initializer_list)
        list(l, p, n);
    else
        one(l, p, n);
}

/* Does a value stand for the whole of an aggregate? */
static bool is_whole(struct c_lower *l, uint32_t type, uint32_t n)
{
    if (c_node(l, n)->kind == K_initializer_list)
        return true;
    if (c_type_is(l, type, T_ARRAY))
        return is_string(l, n);
    if (!c_type_is(l, type, T_AGGREGATE))
        return true;
    uint32_t bare = c_bare(l, n);
    uint16_t kind = bare == HUNCH_NONE ? K_NONE : c_node(l, bare)->kind;
    /* Braces are left out, or it is a struct by value: constants are no structs. */
    if (kind == K_identifier) {
        const struct c_symbol *symbol = c_find(l, c_name(l, bare), SPACE_NAMES);
        return symbol != NULL && c_type_is(l, symbol->type, T_AGGREGATE);
    }
    return kind == K_call_expression || kind == K_compound_literal_expression ||
           kind == K_field_expression || kind == K_subscript_expression ||
           (kind == K_pointer_expression && c_text(l, bare)[0] == '*');
}

/* The children of an initialiser that are yet to be taken. */
struct queue {
    uint32_t next, end;
};

static void skip(const struct c_lower *l, struct queue *q)
{
    while (q->next < q->end && c_node(l, q->next)->kind == K_NONE)
        q->next = c_node(l, q->next)->after;
}

static uint32_t take(const struct c_lower *l, struct queue *q)
{
    uint32_t n = q->next;
    q->next = c_node(l, n)->after;
    skip(l, q);
    return n;
}

static void fill(struct c_lower *l, struct place *p, struct queue *q, bool is_outermost);

/* The element or field that comes next: a value of its own, or, without braces, as many as it
 * takes. */
static void next_into(struct c_lower *l, struct place *p, struct queue *q)
{
    uint32_t type = type_of(p), n = q->next;
    if (is_whole(l, type, n) || p->count == PATH_MOST)
        value_into(l, p, take(l, q));
    else
        fill(l, p, q, false);
    /* A struct without fields takes nothing. */
    if (q->next == n && c_node(l, n)->kind != K_initializer_pair)
        value_into(l, p, take(l, q));
}

/* .a.b[3] = value: goes there; returns the child that is the value. The first step is told, as
 * what comes next continues behind it. */
static uint32_t designated(struct c_lower *l, struct place *p, uint32_t n, int64_t *index,
                           uint32_t *field)
{
    bool is_first = true;
    uint32_t value = c_child(l, n, F_value);
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        uint16_t kind = c_node(l, c)->kind;
        uint32_t type = type_of(p);
        if (kind == K_subscript_designator || kind == K_subscript_range_designator) {
            struct part part = {.is_index = true, .index = -1, .type = c_points_to(l, type)};
            int64_t at;
            if (kind == K_subscript_designator && c_constant(l, c_first_named(l, c), &at) &&
                at >= 0)
                part.index = at;
            if (is_first)
                *index = part.index;
            push(p, part);
            is_first = false;
        } else if (kind == K_field_designator || (kind == K_field_identifier && c != value)) {
            uint32_t name_node = kind == K_field_designator ? c_first_named(l, c) : c;
            uint32_t name = name_node == HUNCH_NONE ? 0 : c_name(l, name_node);
            struct c_step step[C_STEPS_MOST] = {{.name = name, .type = C_UNKNOWN}};
            int steps = 0;
            if (c_type_is(l, type, T_AGGREGATE))
                steps = c_field_find(l, c_type(l, type)->of, name, step);
            for (int i = 0; i < (steps == 0 ? 1 : steps); i++)
                push(p, (struct part){.name = step[i].name, .type = step[i].type});
            if (is_first && c_type_is(l, type, T_AGGREGATE))
                *field = c_field_outer(l, c_type(l, type)->of, name);
            is_first = false;
        }
    }
    return value;
}

static void pair(struct c_lower *l, struct place *p, uint32_t n, int64_t *index, uint32_t *field)
{
    int depth = p->count;
    uint32_t value = designated(l, p, n, index, field);
    if (value != HUNCH_NONE)
        value_into(l, p, value);
    p->count = depth;
}

static void fill_array(struct c_lower *l, struct place *p, struct queue *q, bool is_outermost)
{
    uint32_t element = c_points_to(l, type_of(p));
    uint64_t room = c_type(l, type_of(p))->n;
    int64_t at = 0;
    for (; q->next < q->end && !l->b->is_cut; at++) {
        uint32_t field;
        if (!is_outermost && room > 0 && (uint64_t)at >= room)
            return;
        if (c_node(l, q->next)->kind == K_initializer_pair) {
            if (!is_outermost)
                return;
            pair(l, p, take(l, q), &at, &field);
            continue;
        }
        int64_t constant;
        if (at >= ELEMENTS_MOST && c_constant(l, q->next, &constant)) {
            uint32_t n = take(l, q);
            if (at == ELEMENTS_MOST &&
                push(p, (struct part){.is_index = true, .index = -1, .type = element})) {
                struct c_value value = {c_op(l, HUNCH_OP_UNKNOWN, n, 0, 0), element};
                c_store(l, address_of(l, p, n), value, n, HUNCH_OP_IS_INITIAL);
                p->count--;
            }
            continue;
        }
        if (!push(p, (struct part){.is_index = true, .index = at, .type = element})) {
            take(l, q);
            continue;
        }
        next_into(l, p, q);
        p->count--;
    }
}

static void fill_aggregate(struct c_lower *l, struct place *p, struct queue *q, bool is_outermost)
{
    uint32_t of = c_type(l, type_of(p))->of;
    uint32_t field = l->aggregate.items[of].first;
    bool is_known = l->aggregate.items[of].is_defined, is_union = l->aggregate.items[of].is_union;
    while (q->next < q->end && !l->b->is_cut) {
        int64_t index = 0;
        if (c_node(l, q->next)->kind == K_initializer_pair) {
            if (!is_outermost)
                return;
            pair(l, p, take(l, q), &index, &field);
            if (field != HUNCH_NONE)
                field = l->field.items[field].next;
            continue;
        }
        struct part part = {.type = C_UNKNOWN};
        if (field != HUNCH_NONE) {
            struct c_step step = c_field_step(l, of, field);
            part.name = step.name;
            part.type = step.type;
            field = is_union ? HUNCH_NONE : l->field.items[field].next;
        } else if (is_known || !is_outermost) {
            if (is_outermost)
                take(l, q); /* one too many */
            else
                return;
            continue;
        } else { /* a struct that nobody has seen: its value is in it somewhere */
            part.is_index = true;
            part.index = -1;
        }
        if (push(p, part)) {
            next_into(l, p, q);
            p->count--;
        } else
            take(l, q);
    }
}

static void fill(struct c_lower *l, struct place *p, struct queue *q, bool is_outermost)
{
    uint32_t type = type_of(p);
    skip(l, q);
    if (q->next >= q->end)
        return;
    if (c_type_is(l, type, T_ARRAY)) {
        fill_array(l, p, q, is_outermost);
    } else if (c_type_is(l, type, T_AGGREGATE)) {
        fill_aggregate(l, p, q, is_outermost);
    } else if (c_node(l, q->next)->kind == K_initializer_pair) {
        while (q->next < q->end) { /* of a type that is not known */
            int64_t index = 0;
            uint32_t field = HUNCH_NONE, n = take(l, q);
            if (c_node(l, n)->kind == K_initializer_pair)
                pair(l, p, n, &index, &field);
        }
    } else {
        value_into(l, p, take(l, q));
        while (is_outermost && q->next < q->end) { /* a type that is not known, in order */
            uint32_t n = take(l, q);
            if (push(p, (struct part){.is_index = true, .index = -1, .type = C_UNKNOWN})) {
                value_into(l, p, n);
                p->count--;
            }
        }
    }
}

static void list(struct c_lower *l, struct place *p, uint32_t n)
{
    struct queue q = {.next = n + 1, .end = c_node(l, n)->after};
    fill(l, p, &q, true);
}

void c_initialise(struct c_lower *l, struct c_value address, uint32_t value_node)
{
    struct place p = {.root = address};
    value_into(l, &p, value_node);
}

uint32_t c_completed(struct c_lower *l, uint32_t type, uint32_t value_node)
{
    const struct c_type *t = c_type(l, type);
    if (t->kind != T_ARRAY || t->n != 0 || value_node == HUNCH_NONE)
        return type;
    uint32_t of = t->of, count = 0;
    if (is_string(l, value_node)) {
        uint32_t name = c_string(l, c_bare(l, value_node));
        count = (uint32_t)strlen(hunch_graph_name(l->file, name)) + 1;
    } else if (c_node(l, value_node)->kind == K_initializer_list) {
        HUNCH_EACH_CHILD(&l->tree, value_node, c)
        {
            if (c_node(l, c)->kind == K_initializer_pair)
                return type;
            count += c_node(l, c)->kind != K_NONE;
        }
        if (c_type_is(l, of, T_ARRAY) || c_type_is(l, of, T_AGGREGATE))
            HUNCH_EACH_CHILD(&l->tree, value_node, c)
        if (c_node(l, c)->kind != K_NONE && !is_whole(l, of, c))
            return type;
    }
    return count == 0 ? type : c_type_add(l, T_ARRAY, of, count);
}
