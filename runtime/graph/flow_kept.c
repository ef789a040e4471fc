/* flow_kept.c: a variable that ways have set where they met (ok = n < 9 && n >= 0) and that a
 * condition asks for later: behind the condition only some of these ways can have been taken, and
 * what places hold is what they held there.
 *
 * That is so of places into which nothing was written since: they hold the node that the ways gave
 * them, but for tests. What was found by these is found again. Heads of loops are left out, where
 * the ways come from blocks that are gone through later.
 */
#include "graph/flow.h"

enum {
    WAYS_MOST = 16,   /* that meet */
    PHIS_MOST = 4,    /* of variables that were set by variables */
    STEPS_MOST = 16,  /* from a condition to what decides it */
    GUARDS_MOST = 16, /* of a value since ways met */
    CHECKS_MOST = 32, /* of a function: what its outcome says of what came in */
    DEPTH_MOST = 4,   /* of blocks where ways meet, one behind the other */
    FIRST_NUMBER = 64 /* of nodes behind an edge: those before are tests of the edge itself */
};

struct way {
    const struct hunch_row *row;
    const struct hunch_behind *behind;
    uint32_t block;       /* where it begins */
    bool is_out;          /* it cannot have been taken */
    uint32_t phi;         /* what is known of it in turn, or HUNCH_NONE */
    struct hunch_tests t; /* what is known where it begins */
};

struct phi {
    uint32_t block, ways;
    struct way way[WAYS_MOST];
};

struct kept {
    struct hunch_flow *f;
    uint32_t link, condition;
    uint32_t phis, number;
    struct phi phi[PHIS_MOST];
};

static const struct hunch_op *op_at(const struct hunch_flow *f, uint32_t op)
{
    return &f->graph->op.items[op];
}

/* A value is known to be in some relation to a constant. */
struct fact {
    uint32_t node;
    enum hunch_operator relation;
    int64_t with;
};

static bool allows(const struct fact *fact, int64_t value)
{
    int64_t is = 0;
    return !hunch_flow_fold(fact->relation, value, fact->with, &is) || is != 0;
}

/* Does the fact say whether what operation `op` gave is 0? */
static bool decides(const struct fact *fact, const struct hunch_op *op, bool *outcome)
{
    const bool is_test = (op->kind == HUNCH_OP_BINARY || op->kind == HUNCH_OP_UNARY) &&
                         op->sub >= HUNCH_EQ && op->sub <= HUNCH_NOT;
    *outcome = !allows(fact, 0);
    return *outcome || (is_test && !allows(fact, 1)) ||
           (fact->relation == HUNCH_EQ && fact->with == 0);
}

/* What it says of an operand where the operation is a test; node: HUNCH_NONE, nothing. */
static struct fact inner(struct hunch_flow *f, const struct hunch_op *op, bool outcome)
{
    if (op->kind == HUNCH_OP_UNARY && op->sub == HUNCH_NOT)
        return (struct fact){hunch_flow_value(f, op->a), outcome ? HUNCH_EQ : HUNCH_NE, 0};
    if (op->kind == HUNCH_OP_BINARY && op->sub >= HUNCH_EQ && op->sub <= HUNCH_GE) {
        const uint32_t of = hunch_flow_value(f, op->a), with = hunch_flow_value(f, op->b);
        const enum hunch_operator o = (enum hunch_operator)op->sub;
        if (f->node.items[with].known == HUNCH_KNOWN_VALUE)
            return (struct fact){of, outcome ? o : hunch_flow_negated(o),
                                 f->node.items[with].value};
    }
    return (struct fact){HUNCH_NONE, HUNCH_EQ, 0};
}

static uint32_t find_phi(struct kept *k, const struct fact *fact, const struct hunch_map_key *of);

/* What a fact says of a way: it cannot have been taken, or tests hold where it begins, or some of
 * the ways before it were not taken. */
static void learn(struct kept *k, struct way *way, struct fact fact)
{
    struct hunch_flow *f = k->f;
    for (int steps = 0; steps < STEPS_MOST && fact.node != HUNCH_NONE; steps++) {
        const struct hunch_flow_node *node = &f->node.items[fact.node];
        const struct hunch_map_key key = f->node_key.key.items[f->canon.items[fact.node]];
        bool outcome;
        if (node->known == HUNCH_KNOWN_VALUE) {
            way->is_out = !allows(&fact, node->value);
            return;
        }
        if (key.word[0] == HUNCH_NODE_PHI)
            way->phi = find_phi(k, &fact, &key);
        if (key.word[0] != HUNCH_NODE_OP || !decides(&fact, op_at(f, key.word[1]), &outcome))
            return;
        if (steps == 0 && way->row != NULL) /* else that is known where the edge is looked at */
            hunch_flow_find_tests(f, &way->t, key.word[1], outcome);
        fact = inner(f, op_at(f, key.word[1]), outcome);
    }
}

/* Ways that lead into a block; 0: it is the head of a loop, or there are too many. */
static uint32_t find_ways(const struct hunch_flow *f, uint32_t block, struct way *way)
{
    const struct hunch_block *b = &f->graph->block.items[block];
    uint32_t ways = 0;
    if (block == f->source->block)
        return 0;
    for (uint32_t i = 0; i < b->pred_count; i++) {
        const uint32_t p = f->graph->link.items[b->pred + i];
        const struct hunch_block *pred = &f->graph->block.items[p];
        bool again = false;
        if (p >= block)
            return 0;
        for (uint32_t j = 0; j < i; j++)
            again |= f->graph->link.items[b->pred + j] == p;
        for (uint32_t s = pred->succ; !again && s < pred->succ + pred->succ_count; s++) {
            if (f->graph->link.items[s] != block || !f->live[s - f->first_link])
                continue;
            if (ways >= WAYS_MOST)
                return 0;
            way[ways].row = &f->row[p - f->source->block];
            way[ways].behind = &f->behind[s - f->first_link];
            way[ways].block = p;
            way[ways].is_out = false;
            way[ways].phi = HUNCH_NONE;
            way[ways++].t.count = 0;
        }
    }
    return ways;
}

/* The ways on which the variable of a phi is as the fact says; HUNCH_NONE: that is not known. */
static uint32_t find_phi(struct kept *k, const struct fact *fact, const struct hunch_map_key *of)
{
    if (k->phis >= PHIS_MOST)
        return HUNCH_NONE;
    const uint32_t number = k->phis++;
    struct phi *phi = &k->phi[number];
    phi->block = of->word[1];
    phi->ways = find_ways(k->f, phi->block, phi->way);
    for (uint32_t w = 0; w < phi->ways; w++) {
        struct way *way = &phi->way[w];
        struct fact here = *fact;
        here.node = hunch_flow_read_behind(k->f, way->row, way->behind, of->word[2]);
        learn(k, way, here);
    }
    return phi->ways > 0 ? number : HUNCH_NONE;
}

static uint32_t own(const struct way *way, uint32_t place)
{
    for (uint32_t i = 0; i < way->behind->count; i++)
        if (way->behind->item[i].place == place)
            return way->behind->item[i].node;
    return place < way->row->count ? way->row->node[place] : HUNCH_NONE;
}

static uint32_t new_node(struct kept *k, uint32_t place)
{
    const uint32_t node = hunch_node_get(k->f, HUNCH_NODE_GUARD, k->link, place, k->number++);
    k->f->node.items[node].op = k->condition;
    return node;
}

/* A node that holds the same behind one more test. */
static uint32_t behind_test(struct kept *k, uint32_t place, uint32_t held, uint32_t guard)
{
    const uint32_t node = new_node(k, place);
    hunch_flow_same_behind(k->f, node, held, guard);
    return node;
}

/* Guards of a value, the newest first. */
struct guards {
    uint32_t guard[GUARDS_MOST], count;
};

static void keep_common(struct guards *all, const struct guards *one)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < all->count; i++)
        for (uint32_t j = 0; j < one->count; j++)
            if (all->guard[i] == one->guard[j]) {
                all->guard[kept++] = all->guard[i];
                break;
            }
    all->count = kept;
}

static void add_guard(struct guards *to, uint32_t guard)
{
    for (uint32_t i = 0; i < to->count; i++)
        if (to->guard[i] == guard)
            return;
    if (to->count < GUARDS_MOST)
        to->guard[to->count++] = guard;
}

/* What was found of `now` since it was `from`, on all ways; false: it was not. */
static bool found_since(struct hunch_flow *f, uint32_t now, uint32_t from, struct guards *found,
                        int depth)
{
    uint32_t steps = 0;
    found->count = 0;
    if (from == HUNCH_NONE)
        return false;
    while (now != from) {
        const struct hunch_tested *tested = hunch_flow_tested(f, now);
        if (++steps > STEPS_MOST * 2)
            return false;
        /* Where ways meet again, what one of them alone knew of such a variable is gone. */
        if (tested != NULL && (tested->guard != 0 || depth > 0) && found->count < GUARDS_MOST) {
            if (tested->guard != 0)
                found->guard[found->count++] = tested->guard;
            now = tested->before;
            continue;
        }
        const struct hunch_map_key key = f->node_key.key.items[now];
        if (key.word[0] != HUNCH_NODE_PHI || f->canon.items[now] != f->canon.items[from] ||
            depth >= DEPTH_MOST)
            return false;
        struct way way[WAYS_MOST];
        struct guards all = {.count = 0}, one;
        const uint32_t ways = find_ways(f, key.word[1], way);
        for (uint32_t w = 0; w < ways; w++) {
            const uint32_t node = hunch_flow_read_behind(f, way[w].row, way[w].behind, key.word[2]);
            if (!found_since(f, node, from, &one, depth + 1))
                return false;
            if (w == 0)
                all = one;
            keep_common(&all, &one);
        }
        for (uint32_t i = 0; i < all.count && found->count < GUARDS_MOST; i++)
            found->guard[found->count++] = all.guard[i];
        return ways > 0;
    }
    return true;
}

/* The node that the ways of a phi gave a place where they met, or HUNCH_NONE: as at entry. */
static uint32_t node_of(struct hunch_flow *f, const struct phi *phi, uint32_t place)
{
    const struct hunch_map_key key = {{HUNCH_NODE_PHI, phi->block, place, 0}};
    const uint32_t first = own(&phi->way[0], place);
    for (uint32_t w = 1; w < phi->ways; w++)
        if (own(&phi->way[w], place) != first)
            return hunch_key_number(f->u->a, &f->node_key, key, false, NULL);
    return first;
}

/* What the place holds where only ways of the phi were taken that may have been: `now`, or a node
 * that holds the same. */
static uint32_t refine(struct kept *k, uint32_t place, uint32_t now, uint32_t number)
{
    struct hunch_flow *f = k->f;
    const struct phi *phi = &k->phi[number];
    const uint32_t from = node_of(f, phi, place);
    uint32_t node[WAYS_MOST], count = 0;
    struct guards found;
    bool differ = false;
    if (!found_since(f, now, from, &found, 0))
        return now;
    for (uint32_t w = 0; w < phi->ways; w++) {
        const struct way *way = &phi->way[w];
        const uint32_t before = hunch_flow_read_behind(f, way->row, way->behind, place);
        const uint32_t canon = f->canon.items[before];
        uint32_t held = before;
        if (!way->is_out && way->phi != HUNCH_NONE)
            held = refine(k, place, held, way->phi);
        for (uint32_t i = 0; !way->is_out && i < way->t.count; i++)
            if (f->canon.items[way->t.item[i].value] == canon)
                held = behind_test(k, place, held, way->t.item[i].guard);
        differ |= way->is_out ? before != from : held != before;
        if (!way->is_out)
            node[count++] = held;
    }
    if (!differ || count == 0)
        return now;
    uint32_t held = new_node(k, place);
    for (uint32_t i = 0; i < count; i++)
        hunch_node_copy(f, held, node[i], HUNCH_EDGE_PHI);
    hunch_node_same(f, held, now);
    hunch_flow_note_tested(f, held, now, 0);
    for (uint32_t i = found.count; i > 0; i--)
        held = behind_test(k, place, held, found.guard[i - 1]);
    return held;
}

void hunch_flow_kept(struct hunch_flow *f, uint32_t link, uint32_t condition, bool outcome)
{
    struct kept k; /* of its ways only those that are there are filled */
    k.f = f;
    k.link = link;
    k.condition = condition;
    k.phis = k.number = 0;
    struct way end = {.phi = HUNCH_NONE};
    learn(&k, &end,
          (struct fact){hunch_flow_value(f, condition), outcome ? HUNCH_NE : HUNCH_EQ, 0});
    if (end.phi == HUNCH_NONE)
        return;
    const uint32_t places = f->now.count;
    for (uint32_t p = 1; p < places; p++) {
        const uint32_t now = f->now.node[p];
        if (now == HUNCH_NONE || (hunch_place_is_many(f, p) &&
                                  f->place.items[f->place.items[p].root].kind != HUNCH_PLACE_LOCAL))
            continue;
        k.number = FIRST_NUMBER;
        const struct hunch_held held = {p, refine(&k, p, now, end.phi)};
        if (held.node != now && !hunch_vec_push(f->u->a, &f->t->held, held))
            f->u->failed = true;
    }
}

/* ---- tests in functions of one's own ---- */

static bool points_only_to(const struct hunch_flow *f, uint32_t node, uint32_t place)
{
    return f->node.items[node].to_count == 1 && f->node.items[node].to[0] == place;
}

/* What was found of what is in a place, whatever that is, the newest first. */
static void found_there(struct hunch_flow *f, uint32_t now, struct guards *found, int depth)
{
    found->count = 0;
    for (const struct hunch_tested *tested = hunch_flow_tested(f, now); tested != NULL;
         tested = hunch_flow_tested(f, now)) {
        if (found->count >= GUARDS_MOST || tested->before >= now)
            return;
        if (tested->guard != 0)
            add_guard(found, tested->guard);
        now = tested->before;
    }
    const struct hunch_map_key key = f->node_key.key.items[now];
    struct way way[WAYS_MOST];
    struct guards all = {.count = 0}, one;
    if (key.word[0] != HUNCH_NODE_PHI || depth >= DEPTH_MOST)
        return;
    const uint32_t ways = find_ways(f, key.word[1], way);
    for (uint32_t w = 0; w < ways; w++) {
        const uint32_t node = hunch_flow_read_behind(f, way[w].row, way[w].behind, key.word[2]);
        found_there(f, node, &one, depth + 1);
        if (w == 0)
            all = one;
        keep_common(&all, &one);
    }
    for (uint32_t i = 0; i < all.count; i++)
        add_guard(found, all.guard[i]);
}

/* What a way has found of what came in at the place, or, where a pointer that came in points to
 * it, of what is there; false: it holds something else. */
static bool found_on(struct kept *k, const struct way *way, uint32_t place, struct guards *found)
{
    struct hunch_flow *f = k->f;
    const uint32_t entry = f->place.items[place].entry;
    const uint32_t held = hunch_flow_read_behind(f, way->row, way->behind, place);
    const bool is_content = f->place.items[place].kind == HUNCH_PLACE_AT;
    bool any = false;
    struct guards all = {.count = 0}, one;
    if (is_content)
        found_there(f, held, found, 0);
    else if (!found_since(f, held, entry, found, 1))
        return false;
    for (uint32_t i = 0; i < way->t.count; i++) {
        const struct hunch_test *test = &way->t.item[i];
        if (is_content ? test->is_content && points_only_to(f, test->value, place) &&
                             hunch_flow_is_unchanged(f, held, test->since, way->block)
                       : f->canon.items[test->value] == entry)
            add_guard(found, test->guard);
    }
    if (way->phi != HUNCH_NONE && is_content && /* it may have changed since */
        !found_since(f, held, node_of(f, &k->phi[way->phi], place), &one, 1))
        return true;
    for (uint32_t w = 0; way->phi != HUNCH_NONE && w < k->phi[way->phi].ways; w++) {
        const struct way *inner = &k->phi[way->phi].way[w];
        if (inner->is_out)
            continue;
        if (!found_on(k, inner, place, &one))
            return true; /* of these ways nothing more is known */
        if (any)
            keep_common(&all, &one);
        else
            all = one;
        any = true;
    }
    for (uint32_t i = 0; i < all.count; i++)
        add_guard(found, all.guard[i]);
    return true;
}

/* What all ways that return such an outcome have found of a place that came in. */
static bool found_of(struct kept *k, const struct way *way, uint32_t ways, uint32_t place,
                     struct guards *found)
{
    bool any = false;
    struct guards one;
    for (uint32_t w = 0; w < ways; w++) {
        if (way[w].is_out)
            continue;
        if (!found_on(k, &way[w], place, &one))
            return false;
        if (any)
            keep_common(found, &one);
        else
            *found = one;
        any = true;
    }
    return any && found->count > 0;
}

static void find_checks(struct hunch_flow *f, uint32_t result, bool outcome)
{
    const struct hunch_function *source = f->source;
    const struct hunch_behind none = {NULL, 0};
    struct way way[WAYS_MOST];
    struct kept k;
    uint32_t ways = 0;
    k.f = f;
    k.phis = 0;
    for (uint32_t b = source->block; b < source->block + source->block_count; b++) {
        const struct hunch_block *block = &f->graph->block.items[b];
        if (block->end != HUNCH_END_EXIT || !block->returns || !f->reached[b - source->block])
            continue;
        if (ways >= WAYS_MOST)
            return;
        struct way *one = &way[ways++];
        one->row = &f->row[b - source->block];
        one->behind = &none;
        one->block = b;
        one->is_out = false;
        one->phi = HUNCH_NONE;
        one->t.count = 0;
        const uint32_t node = hunch_flow_read_behind(f, one->row, one->behind, result);
        learn(&k, one, (struct fact){node, outcome ? HUNCH_NE : HUNCH_EQ, 0});
    }
    const uint32_t places = (uint32_t)f->place.count;
    for (uint32_t p = 1; p < places; p++) {
        const struct hunch_place place = f->place.items[p]; /* there may be more places then */
        const bool is_content = place.kind == HUNCH_PLACE_AT;
        const struct hunch_place of = is_content ? f->place.items[place.a] : place;
        struct guards found;
        if (of.kind != HUNCH_PLACE_LOCAL || of.a >= source->parameter_count ||
            place.entry == HUNCH_NONE || of.entry == HUNCH_NONE ||
            !found_of(&k, way, ways, p, &found))
            continue;
        for (uint32_t i = 0; i < found.count; i++) {
            const struct hunch_flow_check check = {of.a, found.guard[i], outcome, is_content};
            if (f->check.count < CHECKS_MOST && !hunch_vec_push(f->u->a, &f->check, check))
                f->u->failed = true;
        }
    }
}

void hunch_flow_find_checks(struct hunch_flow *f)
{
    const struct hunch_map_key key = {{HUNCH_PLACE_RESULT, 0, 0, 0}};
    if (f->collect) /* callers have been collected before */
        return;
    f->check.count = 0;
    if (f->source->parameter_count == 0 || f->is_gap)
        return;
    const uint32_t result = hunch_key_number(f->u->a, &f->place_key, key, false, NULL);
    if (result == UINT32_MAX || f->place.items[result].child != HUNCH_NONE)
        return;
    find_checks(f, result, true);
    find_checks(f, result, false);
}
