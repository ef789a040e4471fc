/* pool.c: functions that nobody in the unit calls may run one after another, in any order: what one
 * leaves in a global another finds there. A last function, without source, calls them all and has
 * one node for each global, part of one, and what it points to. */
#include "graph/flow.h"

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
    } else if (p->kind != HUNCH_PLACE_GLOBAL) {
        return UINT32_MAX;
    }
    return hunch_key_number(u->a, pool, key, true, NULL);
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
        }
        if (!out) {
            call.in_count = (uint32_t)draft->bind.count - call.in;
            call.out = (uint32_t)draft->bind.count;
        }
    }
    call.out_count = (uint32_t)draft->bind.count - call.out;
    return call.in_count + call.out_count == 0 || (hunch_vec_push(u->a, &draft->call, call) &&
                                                   hunch_vec_push(u->a, &u->call_op, HUNCH_NONE));
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
    for (uint32_t f = 0; ok && f < count; f++)
        if (!called[f] && (!(u->flow[f].source->flags & HUNCH_FUNCTION_IS_INITIAL) ||
                           u->flow[f].graph->language != HUNCH_LANGUAGE_C))
            ok = add_root(u, f, &pool);
    hunch_free(u->a, called, count);
    hunch_key_map_free(u->a, &pool);
    return ok && !u->failed;
}
