/* flow_guard.c: what a test of a block's end says of values: behind it, each place that holds the
 * tested value holds it by an edge of its own, which rules may cut. */
#include <string.h>

#include "graph/flow.h"

enum { SWITCH_MOST = 64, TREE_MOST = 24, PARTS_MOST = 16 };

static const struct hunch_op *op_at(const struct hunch_flow *f, uint32_t op)
{
    return &f->graph->op.items[op];
}

/* The value that an operation compares with null, as a test of which nothing else is known. */
static void find_null(struct hunch_flow *f, struct hunch_tests *t, uint32_t op, bool is_condition)
{
    struct hunch_map_key key = {
        {HUNCH_GUARD_COMPARE, HUNCH_OTHER, HUNCH_FOUND_CONSTANT | HUNCH_FOUND_NULL, 0}};
    const uint32_t zero = HUNCH_FOUND_CONSTANT | HUNCH_FOUND_NULL;
    const struct hunch_op *o = op_at(f, op);
    uint32_t of = HUNCH_NONE;
    if (o->kind == HUNCH_OP_BINARY && (o->sub == HUNCH_EQ || o->sub == HUNCH_NE))
        of = hunch_flow_found(f, o->b, hunch_flow_value(f, o->b)) == zero   ? o->a
             : hunch_flow_found(f, o->a, hunch_flow_value(f, o->a)) == zero ? o->b
                                                                            : HUNCH_NONE;
    else if (o->kind == HUNCH_OP_UNARY && o->sub == HUNCH_NOT)
        of = o->a;
    else if (is_condition)
        of = op;
    if (of != HUNCH_NONE && hunch_flow_is_address(f, of))
        key.word[2] |= HUNCH_FOUND_POINTER;
    if (of != HUNCH_NONE && op_at(f, hunch_flow_bare(f, of))->kind == HUNCH_OP_LOAD)
        hunch_flow_add_test(f, t, hunch_flow_value(f, hunch_flow_bare(f, of)), key, HUNCH_NONE);
}

/* Where the node stands in f->tested, or would. */
static size_t tested_at(const struct hunch_flow *f, uint32_t node)
{
    size_t low = 0, high = f->tested.count;
    if (high == 0 || f->tested.items[high - 1].node < node) /* a new one */
        return high;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (f->tested.items[middle].node < node)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct hunch_tested *hunch_flow_tested(const struct hunch_flow *f, uint32_t node)
{
    const uint8_t kind = f->node.items[node].kind;
    if (kind != HUNCH_NODE_GUARD && kind != HUNCH_NODE_LOOK)
        return NULL;
    const size_t at = tested_at(f, node);
    return at < f->tested.count && f->tested.items[at].node == node ? &f->tested.items[at] : NULL;
}

void hunch_flow_note_tested(struct hunch_flow *f, uint32_t node, uint32_t held, uint32_t guard)
{
    const struct hunch_tested tested = {node, held, guard};
    const bool is_next =
        f->tested_next < f->tested.count && f->tested.items[f->tested_next].node == node;
    const size_t at = is_next ? f->tested_next : tested_at(f, node);
    f->tested_next = at + 1;
    if (at < f->tested.count && f->tested.items[at].node == node) {
        f->tested.items[at] = tested;
    } else if (!hunch_vec_reserve(f->u->a, &f->tested, 1)) {
        f->u->failed = true;
    } else { /* nearly always at the end */
        memmove(f->tested.items + at + 1, f->tested.items + at,
                (f->tested.count++ - at) * sizeof tested);
        f->tested.items[at] = tested;
    }
}

void hunch_flow_same_behind(struct hunch_flow *f, uint32_t node, uint32_t held, uint32_t guard)
{
    hunch_flow_note_tested(f, node, held, guard);
    for (uint32_t i = 0; i < f->node.items[held].to_count; i++)
        hunch_node_point(f, node, f->node.items[held].to[i]);
    hunch_node_know(f, node, f->node.items[held].known, f->node.items[held].value);
    hunch_node_flag(f, node, f->node.items[held].flags);
    hunch_node_edge(f, node, held, HUNCH_EDGE_GUARD, guard);
    hunch_node_same(f, node, held);
}

/* What a test has made of the place already, behind the edge that is looked at; or HUNCH_NONE. */
static struct hunch_held *held_at(struct hunch_flow_thread *t, uint32_t place)
{
    for (size_t i = t->held.count; i > 0; i--)
        if (t->held.items[i - 1].place == place)
            return &t->held.items[i - 1];
    return NULL;
}

static uint32_t block_of(const struct hunch_flow *f, uint32_t op)
{
    const struct hunch_function *source = f->source;
    for (uint32_t b = source->block; b < source->block + source->block_count; b++) {
        const struct hunch_block *block = &f->graph->block.items[b];
        if (op >= block->op && op - block->op < block->op_count)
            return b;
    }
    return HUNCH_NONE;
}

bool hunch_flow_is_unchanged(const struct hunch_flow *f, uint32_t node, uint32_t since,
                             uint32_t block)
{
    for (int steps = 0; steps < TREE_MOST; steps++) {
        const struct hunch_tested *tested = hunch_flow_tested(f, node);
        if (tested == NULL)
            break;
        node = tested->before;
    }
    const struct hunch_map_key *key = &f->node_key.key.items[node];
    const struct hunch_block *b = &f->graph->block.items[block];
    const uint32_t op = key->word[1];
    if (key->word[0] == HUNCH_NODE_PART) /* as the whole is */
        return hunch_flow_is_unchanged(f, key->word[1], since, block);
    if (key->word[0] != HUNCH_NODE_STORE && key->word[0] != HUNCH_NODE_OUT &&
        key->word[0] != HUNCH_NODE_PHI && key->word[0] != HUNCH_NODE_LOOK)
        return key->word[0] == HUNCH_NODE_ENTRY;
    if (since >= b->op && since - b->op < b->op_count) /* nearly always */
        return key->word[0] == HUNCH_NODE_PHI || op <= since || op - b->op >= b->op_count;
    const uint32_t asked = block_of(f, since);
    if (asked == HUNCH_NONE)
        return false;
    if (key->word[0] == HUNCH_NODE_PHI)
        return op <= asked;
    const uint32_t changed = block_of(f, op);
    return changed < asked || (changed == asked && op <= since);
}

/* Gives what is in the place behind the edge. */
static uint32_t guard(struct hunch_flow *f, uint32_t link, uint32_t place, uint32_t before,
                      const struct hunch_tests *t, uint32_t number)
{
    const uint32_t node = hunch_node_get(f, HUNCH_NODE_GUARD, link, place, number);
    struct hunch_held *there = held_at(f->t, place);
    const struct hunch_held held = {place, node};
    f->node.items[node].op = f->graph->block.items[f->at].condition;
    hunch_flow_same_behind(f, node, before, t->item[number].guard);
    if (there != NULL)
        there->node = node;
    else if (!hunch_vec_push(f->u->a, &f->t->held, held))
        f->u->failed = true;
    return node;
}

/* Places of which nothing is written down, and one of the tests asks for what is in them, sorted.
 */
struct asked {
    uint32_t place[HUNCH_TESTS_MOST * 2], count;
};

static void add_asked(struct hunch_flow *f, struct asked *asked, uint32_t place)
{
    uint32_t at = asked->count;
    if (place == HUNCH_NONE || (f->place.items[place].flags & HUNCH_PLACE_IS_MANY) ||
        (place < f->now.count && f->now.node[place] != HUNCH_NONE))
        return;
    while (at > 0 && asked->place[at - 1] >= place) {
        if (asked->place[at - 1] == place)
            return;
        at--;
    }
    memmove(asked->place + at + 1, asked->place + at, (asked->count++ - at) * sizeof *asked->place);
    asked->place[at] = place;
}

static void find_asked(struct hunch_flow *f, const struct hunch_tests *t, struct asked *asked)
{
    asked->count = 0;
    for (uint32_t i = 0; i < t->count; i++) {
        const uint32_t value = t->item[i].value, canon = f->canon.items[value];
        const struct hunch_flow_node *n = &f->node.items[canon];
        if (n->kind == HUNCH_NODE_ENTRY && f->place.items[n->place].entry == canon)
            add_asked(f, asked, n->place); /* as at entry, unless a whole was written */
        if (n->kind == HUNCH_NODE_PART && f->node.items[value].kind == HUNCH_NODE_OP)
            add_asked(f, asked, n->place);
    }
}

static void guard_place(struct hunch_flow *f, uint32_t link, uint32_t place, uint32_t held,
                        const struct hunch_tests *t)
{
    const struct hunch_held *there = held_at(f->t, place);
    held = there != NULL ? there->node : held;
    for (uint32_t i = 0; i < t->count; i++)
        if (f->canon.items[held] == f->canon.items[t->item[i].value])
            held = guard(f, link, place, held, t, i);
}

/* Does the place hold a value that is tested? */
static bool is_tested(const struct hunch_flow *f, uint32_t held, const uint32_t *canon,
                      uint32_t tests)
{
    const uint32_t of = f->canon.items[held];
    bool is = false;
    for (uint32_t i = 0; i < tests; i++)
        is |= of == canon[i];
    return is;
}

/* A test of what an address points to: the whole, and each part that is something by itself, as
 * far as it has not changed since. */
static void guard_content(struct hunch_flow *f, uint32_t link, uint32_t place,
                          const struct hunch_tests *t, uint32_t number)
{
    const struct hunch_held *there = held_at(f->t, place);
    const uint32_t before = there != NULL ? there->node : hunch_flow_read(f, place);
    if (hunch_flow_is_unchanged(f, before, t->item[number].since, f->at))
        guard(f, link, place, before, t, number);
    for (uint32_t c = f->place.items[place].child; c != HUNCH_NONE; c = f->place.items[c].next)
        if (c < f->now.count && f->now.node[c] != HUNCH_NONE)
            guard_content(f, link, c, t, number);
}

/* The one place that a value is the address of, literals aside, in which nothing comes from
 * outside; or HUNCH_NONE. */
static uint32_t pointed_to(const struct hunch_flow *f, uint32_t value)
{
    const struct hunch_flow_node *n = &f->node.items[value];
    uint32_t place = HUNCH_NONE;
    for (uint32_t i = 0; i < n->to_count; i++) {
        const uint8_t kind = f->place.items[n->to[i]].kind;
        if (kind == HUNCH_PLACE_TEXT || kind == HUNCH_PLACE_FUNCTION)
            continue;
        if (place != HUNCH_NONE)
            return HUNCH_NONE;
        place = n->to[i];
    }
    return place;
}

/* What places hold behind one edge, from f->now; the thread's `held` has what is known already. */
static void guard_edge(struct hunch_flow *f, uint32_t link, const struct hunch_tests *t)
{
    const uint32_t places = f->now.count;
    uint32_t canon[HUNCH_TESTS_MOST];
    struct asked asked;
    find_asked(f, t, &asked);
    for (uint32_t i = 0; i < t->count; i++)
        canon[i] = f->canon.items[t->item[i].value];
    uint32_t next = 0;
    for (uint32_t p = 1; p < places || next < asked.count; p++) {
        if (next < asked.count && asked.place[next] == p) {
            next++;
            guard_place(f, link, p, hunch_flow_read(f, p), t);
        } else if (p < places && f->now.node[p] != HUNCH_NONE &&
                   is_tested(f, f->now.node[p], canon, t->count) &&
                   !(f->place.items[p].flags & HUNCH_PLACE_IS_MANY)) {
            guard_place(f, link, p, f->now.node[p], t);
        }
    }
    for (uint32_t i = 0; i < t->count; i++) {
        const uint32_t p = t->item[i].is_content ? pointed_to(f, t->item[i].value) : HUNCH_NONE;
        if (p != HUNCH_NONE)
            guard_content(f, link, p, t, i);
    }
    struct hunch_behind *to = &f->behind[link - f->first_link];
    const uint32_t count = (uint32_t)f->t->held.count;
    const size_t size = count * sizeof *to->item;
    if (count == to->count && (count == 0 || memcmp(to->item, f->t->held.items, size) == 0))
        return;
    struct hunch_held *item = hunch_memdup(f->u->a, f->t->held.items, size);
    if (item == NULL) {
        f->u->failed = true;
        return;
    }
    hunch_free_array(f->u->a, to->item, to->count, sizeof *to->item);
    to->item = item;
    to->count = count;
    f->changed = true;
}

/* Of `a == NULL || b == NULL` the one branch decides for both: where a is null, nobody asks for b,
 * but whoever wrote it has looked at b. What the other parts of the condition compare with null. */
static void find_others(struct hunch_flow *f, struct hunch_tests *t, uint32_t block)
{
    const struct hunch_block *first = &f->graph->block.items[block];
    const uint32_t stmt = op_at(f, first->condition)->stmt;
    uint32_t work[PARTS_MOST], count = 0;
    work[count++] = block;
    for (uint32_t w = 0; w < count; w++) {
        const struct hunch_block *b = &f->graph->block.items[work[w]];
        if (w > 0)
            for (uint32_t op = b->op; op < b->op + b->op_count; op++)
                if (op_at(f, op)->stmt == stmt)
                    find_null(f, t, op, b->end == HUNCH_END_BRANCH && b->condition == op);
        for (uint32_t s = b->succ; s < b->succ + b->succ_count && b->end != HUNCH_END_SWITCH; s++) {
            const uint32_t to = f->graph->link.items[s];
            const struct hunch_block *next = &f->graph->block.items[to];
            bool known = to <= block || next->op_count == 0 || op_at(f, next->op)->stmt != stmt;
            for (uint32_t i = 0; i < count && !known; i++)
                known = work[i] == to;
            if (!known && count < PARTS_MOST)
                work[count++] = to;
        }
    }
}

void hunch_flow_guards(struct hunch_flow *f, uint32_t block)
{
    const struct hunch_block *b = &f->graph->block.items[block];
    if (b->end == HUNCH_END_BRANCH) {
        for (uint32_t s = 0; s < b->succ_count; s++) {
            struct hunch_tests t = {.count = 0};
            if (!f->live[b->succ + s - f->first_link])
                continue;
            hunch_flow_find_tests(f, &t, b->condition, s == 0);
            find_others(f, &t, block);
            f->t->held.count = 0;
            hunch_flow_kept(f, b->succ + s, b->condition, s == 0);
            if (t.count > 0 || f->t->held.count > 0 ||
                f->behind[b->succ + s - f->first_link].count > 0)
                guard_edge(f, b->succ + s, &t);
        }
    } else if (b->end == HUNCH_END_SWITCH && b->succ_count <= SWITCH_MOST) {
        const struct hunch_map_key key = {{HUNCH_GUARD_COMPARE, HUNCH_EQ, HUNCH_FOUND_CONSTANT, 0}};
        for (uint32_t s = 0; s + 1 < b->succ_count; s++) {
            struct hunch_tests t = {.count = 0};
            const uint32_t to = f->graph->link.items[b->succ + s];
            if (!f->live[b->succ + s - f->first_link] ||
                to == f->graph->link.items[b->succ + b->succ_count - 1])
                continue;
            hunch_flow_add_test(f, &t, hunch_flow_value(f, hunch_flow_bare(f, b->condition)), key,
                                HUNCH_NONE);
            f->t->held.count = 0;
            guard_edge(f, b->succ + s, &t);
        }
    }
}

/* ---- tests without a jump ---- */

void hunch_flow_look(struct hunch_flow *f, uint32_t op, uint32_t of, enum hunch_operator found)
{
    of = hunch_flow_bare(f, of);
    while (found == HUNCH_NE &&
           (op_at(f, of)->kind == HUNCH_OP_FIELD || op_at(f, of)->kind == HUNCH_OP_INDEX))
        of = hunch_flow_bare(f, op_at(f, of)->a);
    if (op_at(f, of)->kind != HUNCH_OP_LOAD)
        return;
    const uint32_t value = hunch_flow_value(f, of), address = hunch_flow_value(f, op_at(f, of)->a);
    if (f->node.items[address].to_count != 1)
        return;
    const uint32_t place = f->node.items[address].to[0];
    const uint8_t kind = f->place.items[place].kind;
    if (kind == HUNCH_PLACE_TEXT || kind == HUNCH_PLACE_FUNCTION ||
        (f->place.items[place].flags & HUNCH_PLACE_IS_MANY))
        return;
    const uint32_t held = hunch_flow_read(f, place);
    const struct hunch_map_key *key = &f->node_key.key.items[held];
    if (f->canon.items[held] != f->canon.items[value] ||
        (key->word[0] == HUNCH_NODE_LOOK && key->word[3] == (uint32_t)found))
        return;
    struct hunch_tests t = {.count = 0};
    const struct hunch_map_key test = {
        {HUNCH_GUARD_COMPARE, found,
         HUNCH_FOUND_CONSTANT | HUNCH_FOUND_NULL |
             (found == HUNCH_NE || hunch_flow_is_address(f, of) ? HUNCH_FOUND_POINTER : 0),
         0}};
    hunch_flow_add_test(f, &t, value, test, HUNCH_NONE);
    const uint32_t node = hunch_node_get(f, HUNCH_NODE_LOOK, op, place, found);
    hunch_flow_same_behind(f, node, held, t.item[0].guard);
    hunch_flow_write(f, place, node);
}

void hunch_flow_compared(struct hunch_flow *f, uint32_t op)
{
    const struct hunch_op *o = op_at(f, op);
    const uint32_t zero = HUNCH_FOUND_CONSTANT | HUNCH_FOUND_NULL;
    if (f->graph->block.items[f->at].end == HUNCH_END_BRANCH &&
        f->graph->block.items[f->at].condition == op)
        return; /* what was found is known behind it */
    if (o->kind == HUNCH_OP_UNARY || hunch_flow_found(f, o->b, hunch_flow_value(f, o->b)) == zero)
        hunch_flow_look(f, op, o->a, HUNCH_OTHER);
    else if (hunch_flow_found(f, o->a, hunch_flow_value(f, o->a)) == zero)
        hunch_flow_look(f, op, o->b, HUNCH_OTHER);
}
