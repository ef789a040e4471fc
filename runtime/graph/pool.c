/* pool.c: functions that nobody in the unit calls may run one after another, in any order: what one
 * leaves in a global another finds there. A last function, without source, calls them all and has
 * one node for each global, part of one, and what it points to. */
#include "graph/flow.h"

/* The first global that points to an object when the function is left, or HUNCH_NONE. Of C, whose
 * memory has an owner of its own in each function, none. */
static uint32_t holder(const struct hunch_flow *f, uint32_t object)
{
    for (uint32_t p = 1; f->graph->language == HUNCH_LANGUAGE_PYTHON && p < f->place.count; p++) {
        const struct hunch_place *place = &f->place.items[p];
        if (place->kind != HUNCH_PLACE_GLOBAL || place->exit == HUNCH_NONE)
            continue;
        const struct hunch_flow_node *n = &f->node.items[place->exit];
        for (uint32_t i = 0; i < n->to_count; i++)
            if (n->to[i] == object)
                return p;
    }
    return HUNCH_NONE;
}

/* The number of a place that is reached from a global, the same in all functions; UINT32_MAX: of
 * another place, or no memory. */
static uint32_t pool_number(struct hunch_unit *u, const struct hunch_flow *f,
                            struct hunch_key_map *pool, uint32_t place)
{
    const struct hunch_place *p = &f->place.items[place];
    struct hunch_map_key key = {{p->kind, p->a, 0, 0}};
    if (p->kind == HUNCH_PLACE_FIELD || p->kind == HUNCH_PLACE_AT) {
        key.word[1] = pool_number(u, f, pool, p->a);
        key.word[2] = p->kind == HUNCH_PLACE_FIELD ? p->b : 0;
        if (key.word[1] == UINT32_MAX)
            return UINT32_MAX;
    } else if (p->kind == HUNCH_PLACE_HEAP) { /* what the global points to, to others */
        const uint32_t global = holder(f, place);
        key.word[0] = HUNCH_PLACE_AT;
        key.word[1] = global == HUNCH_NONE ? UINT32_MAX : pool_number(u, f, pool, global);
        if (key.word[1] == UINT32_MAX)
            return UINT32_MAX;
    } else if (p->kind != HUNCH_PLACE_GLOBAL) {
        return UINT32_MAX;
    }
    return hunch_key_number(u->a, pool, key, true, NULL);
}

/* Fields of a pooled place go into what a function reads as one. */
static bool bind_fields(struct hunch_unit *u, const struct hunch_key_map *pool, uint32_t whole,
                        uint32_t formal)
{
    for (uint32_t k = whole + 1; k < pool->key.count; k++) { /* parts stand behind wholes */
        uint32_t at = k;
        while (at > whole && pool->key.items[at].word[0] == HUNCH_PLACE_FIELD)
            at = pool->key.items[at].word[1];
        const struct hunch_draft_bind bind = {k, formal};
        if (at == whole && !hunch_vec_push(u->a, &u->draft[u->flow_count - 1].bind, bind))
            return false;
    }
    return true;
}

/* What is in a whole may be in each of its fields. */
static bool add_parts(struct hunch_unit *u, const struct hunch_key_map *pool)
{
    struct hunch_draft_function *draft = &u->draft[u->flow_count - 1];
    const struct hunch_map_key field = {{HUNCH_EDGE_FIELD, 0, 0, 0}};
    const uint32_t class = hunch_key_number(u->a, &u->class, field, true, NULL);
    bool ok = class != UINT32_MAX;
    while (ok && draft->label.count < pool->key.count)
        ok = hunch_vec_push(u->a, &draft->label, 0);
    for (uint32_t k = 0; ok && k < pool->key.count; k++) {
        const struct hunch_draft_edge e = {pool->key.items[k].word[1], k, class};
        if (pool->key.items[k].word[0] == HUNCH_PLACE_FIELD)
            ok = hunch_vec_push(u->a, &draft->edge, e);
    }
    return ok;
}

static bool is_root(const struct hunch_unit *u, const uint8_t *called, uint32_t f)
{
    return !called[f] && (!(u->flow[f].source->flags & HUNCH_FUNCTION_IS_INITIAL) ||
                          u->flow[f].graph->language == HUNCH_LANGUAGE_PYTHON);
}

static bool add_root(struct hunch_unit *u, uint32_t root, struct hunch_key_map *pool)
{
    const struct hunch_flow *f = &u->flow[root];
    struct hunch_draft_function *draft = &u->draft[u->flow_count - 1];
    struct hunch_draft_call call = {.callee = root, .in = (uint32_t)draft->bind.count};
    for (int out = 0; out < 2; out++) {
        for (uint32_t p = 1; p < f->place.count; p++) {
            const uint32_t number = out ? f->place.items[p].result : f->place.items[p].formal;
            if (number == HUNCH_NONE)
                continue;
            const uint32_t node = pool_number(u, f, pool, p);
            const struct hunch_draft_bind bind = {node, number};
            if (node == UINT32_MAX)
                continue;
            while (draft->label.count <= node)
                if (!hunch_vec_push(u->a, &draft->label, 0))
                    return false;
            if (!hunch_vec_push(u->a, &draft->bind, bind))
                return false;
            const struct hunch_place *place = &f->place.items[p];
            const bool rest = place->kind == HUNCH_PLACE_FIELD && place->b == HUNCH_FIELD_REST;
            if (!out && rest && f->graph->language == HUNCH_LANGUAGE_PYTHON &&
                !bind_fields(u, pool, pool->key.items[node].word[1], number))
                return false;
        }
        if (!out) {
            call.in_count = (uint32_t)draft->bind.count - call.in;
            call.out = (uint32_t)draft->bind.count;
        }
    }
    call.out_count = (uint32_t)draft->bind.count - call.out;
    return call.in_count + call.out_count == 0 ||
           (hunch_vec_push(u->a, &draft->call, call) &&
            hunch_vec_push(u->a, &u->call_span, hunch_no_span()));
}

bool hunch_unit_pool(struct hunch_unit *u)
{
    const uint32_t count = u->flow_count - 1;
    struct hunch_key_map pool = {0};
    uint8_t *called = hunch_alloc_zero(u->a, count);
    bool ok = called != NULL;
    for (uint32_t f = 0; ok && f < count; f++)
        for (size_t c = 0; c < u->draft[f].call.count; c++)
            if (u->draft[f].call.items[c].callee != f)
                called[u->draft[f].call.items[c].callee] = 1;
    const bool has_objects = count > 0 && u->flow[0].graph->language == HUNCH_LANGUAGE_PYTHON;
    for (uint32_t f = 0; ok && has_objects && f < count; f++)
        for (uint32_t p = 1; is_root(u, called, f) && p < u->flow[f].place.count; p++) {
            const struct hunch_place *place = &u->flow[f].place.items[p];
            if (place->formal != HUNCH_NONE || place->result != HUNCH_NONE)
                (void)pool_number(u, &u->flow[f], &pool, p);
        }
    for (uint32_t f = 0; ok && f < count; f++)
        if (is_root(u, called, f))
            ok = add_root(u, f, &pool);
    ok = ok && (!has_objects || add_parts(u, &pool));
    hunch_free(u->a, called, count);
    hunch_key_map_free(u->a, &pool);
    return ok && !u->failed;
}
