/* flow_kept.c: a variable that ways have set where they met (ok = n < 9 && n >= 0) and that a
 * condition asks for later: behind the condition only some of these ways can have been taken, and
 * what places hold is what they held there.
 *
 * That is so where nothing was written since (a place holds the value that the ways gave it), and
 * where the block in which they meet is no head of a loop: each turn sets values anew, and what
 * a variable holds from the turn before says nothing of this one's. Below, a way goes along one
 * edge into such a block; a kept phi is the block with the ways that may have been taken.
 */
#include "graph/flow.h"

enum {
    WAYS_MOST = 16,   /* that meet */
    PHIS_MOST = 4,    /* of variables that were set by variables */
    STEPS_MOST = 16,  /* from a condition to what decides it */
    FIRST_NUMBER = 64 /* of nodes behind an edge: those before are tests of the edge itself */
};

struct way {
    const struct hunch_row *row;
    const struct hunch_behind *behind;
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
    return !hunch_fold(fact->relation, value, fact->with, &is) || is != 0;
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

/* The ways on which the variable of a phi is as the fact says; HUNCH_NONE: that is not known. */
static uint32_t find_phi(struct kept *k, const struct fact *fact, const struct hunch_map_key *of)
{
    struct hunch_flow *f = k->f;
    const struct hunch_block *b = &f->graph->block.items[of->word[1]];
    if (k->phis >= PHIS_MOST || of->word[1] == f->source->block)
        return HUNCH_NONE;
    const uint32_t number = k->phis++;
    struct phi *phi = &k->phi[number];
    phi->block = of->word[1];
    phi->ways = 0;
    for (uint32_t i = 0; i < b->pred_count; i++) {
        const uint32_t p = f->graph->link.items[b->pred + i];
        const struct hunch_block *pred = &f->graph->block.items[p];
        bool again = false;
        if (p >= phi->block) /* the head of a loop */
            return HUNCH_NONE;
        for (uint32_t j = 0; j < i; j++)
            again |= f->graph->link.items[b->pred + j] == p;
        for (uint32_t s = pred->succ; !again && s < pred->succ + pred->succ_count; s++) {
            if (f->graph->link.items[s] != phi->block || !f->live[s - f->first_link])
                continue;
            if (phi->ways >= WAYS_MOST)
                return HUNCH_NONE;
            struct way *way = &phi->way[phi->ways++];
            way->row = &f->row[p - f->source->block];
            way->behind = &f->behind[s - f->first_link];
            way->is_out = false;
            way->phi = HUNCH_NONE;
            way->t.count = 0;
        }
    }
    for (uint32_t w = 0; w < phi->ways; w++) {
        struct way *way = &phi->way[w];
        struct fact here = *fact;
        here.node = hunch_flow_read_behind(f, way->row, way->behind, of->word[2]);
        learn(k, way, here);
    }
    return number;
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

/* What the place holds where only ways of the phi were taken that may have been: `now`, or a node
 * that holds the same. */
static uint32_t refine(struct kept *k, uint32_t place, uint32_t now, uint32_t number)
{
    struct hunch_flow *f = k->f;
    const struct phi *phi = &k->phi[number];
    uint32_t node[WAYS_MOST], count = 0, canon = HUNCH_NONE;
    bool any = false, differ = false;
    for (uint32_t w = 0; w < phi->ways; w++) {
        const struct way *way = &phi->way[w];
        any |= own(way, place) != HUNCH_NONE;
        differ |= own(way, place) != own(&phi->way[0], place) || way->t.count > 0 ||
                  way->phi != HUNCH_NONE;
    }
    if (!any || !differ)
        return now;
    differ = false;
    for (uint32_t w = 0; w < phi->ways; w++) {
        const struct way *way = &phi->way[w];
        const uint32_t before = hunch_flow_read_behind(f, way->row, way->behind, place);
        const uint32_t same = f->canon.items[before];
        uint32_t held = before;
        canon = w == 0 || canon == same ? same : UINT32_MAX - 1;
        if (!way->is_out && way->phi != HUNCH_NONE)
            held = refine(k, place, held, way->phi);
        for (uint32_t i = 0; !way->is_out && i < way->t.count; i++) {
            const struct hunch_test *test = &way->t.item[i];
            if (f->canon.items[test->value] != same)
                continue;
            const uint32_t tested = new_node(k, place);
            hunch_flow_same_behind(f, tested, held, test->guard);
            held = tested;
        }
        differ |= way->is_out || held != before;
        if (!way->is_out)
            node[count++] = held;
    }
    if (canon == UINT32_MAX - 1) { /* ways gave it values of their own */
        const struct hunch_map_key key = {{HUNCH_NODE_PHI, phi->block, place, 0}};
        canon = hunch_key_number(f->u->a, &f->node_key, key, false, NULL);
    }
    if (!differ || count == 0 || f->canon.items[now] != canon)
        return now;
    const uint32_t held = new_node(k, place);
    for (uint32_t i = 0; i < count; i++)
        hunch_node_copy(f, held, node[i], HUNCH_EDGE_PHI);
    hunch_node_same(f, held, now);
    return held;
}

void hunch_flow_kept(struct hunch_flow *f, uint32_t link, uint32_t condition, bool outcome)
{
    struct kept k = {.f = f, .link = link, .condition = condition};
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
        if (held.node != now && !hunch_vec_push(f->u->a, &f->u->held, held))
            f->u->failed = true;
    }
}
