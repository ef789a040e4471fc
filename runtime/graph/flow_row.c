/* flow_row.c: rows: which node holds what is in each place at one point of a function, and what
 * they become where ways meet. Most places are the same on all ways: those that are not are looked
 * at one by one. */
#include <string.h>

#include "graph/flow.h"

static bool row_room(struct hunch_flow *f, struct hunch_row *row, uint32_t count)
{
    if (row->room < count) {
        uint32_t room = row->room > 0 ? row->room : 16;
        while (room < count)
            room *= 2;
        uint32_t *node = hunch_realloc_array(f->u->a, row->node, row->room, room, sizeof *node);
        if (node == NULL) {
            f->u->failed = true;
            return false;
        }
        row->node = node;
        row->room = room;
    }
    if (row->count < count) {
        memset(row->node + row->count, 0xff, (count - row->count) * sizeof *row->node);
        row->count = count;
    }
    return true;
}

void hunch_row_free(const struct hunch_flow *f, struct hunch_row *row)
{
    hunch_free_array(f->u->a, row->node, row->room, sizeof *row->node);
    *row = (struct hunch_row){0};
}

/* Rows that stay have no more room than they need: there is one for each block of the unit. */
void hunch_row_keep(struct hunch_flow *f, struct hunch_row *to)
{
    const struct hunch_row *from = &f->now;
    uint32_t count = from->count;
    while (count > to->count && from->node[count - 1] == HUNCH_NONE)
        count--;
    if (count == to->count &&
        (count == 0 || memcmp(to->node, from->node, count * sizeof *to->node) == 0))
        return;
    if (count > to->room) {
        uint32_t *node = hunch_realloc_array(f->u->a, to->node, to->room, count, sizeof *node);
        if (node == NULL) {
            f->u->failed = true;
            return;
        }
        to->node = node;
        to->room = count;
    }
    memcpy(to->node, from->node, count * sizeof *to->node);
    to->count = count;
    f->changed = true;
}

/* ---- one row ---- */

static uint32_t own(const struct hunch_way *way, uint32_t place)
{
    return place < way->count ? way->node[place] : HUNCH_NONE;
}

/* The same of a way that may not have got a row of its own for what tests have changed. */
static uint32_t own_behind(const struct hunch_way *way, uint32_t place)
{
    for (uint32_t i = 0; way->behind != NULL && i < way->behind->count; i++)
        if (way->behind->item[i].place == place)
            return way->behind->item[i].node;
    return own(way, place);
}

/* What is in a place by a row: the node of the nearest whole that has one, and which that is. */
static uint32_t nearest(const struct hunch_flow *f, const struct hunch_way *way, uint32_t place,
                        uint32_t *whole)
{
    for (;;) {
        const uint32_t node = own_behind(way, place);
        *whole = place;
        if (node != HUNCH_NONE || f->place.items[place].kind != HUNCH_PLACE_FIELD)
            return node;
        place = f->place.items[place].a;
    }
}

static uint32_t read_row(struct hunch_flow *f, const struct hunch_way *way, uint32_t place)
{
    uint32_t whole;
    const uint32_t node = nearest(f, way, place, &whole);
    if (node == HUNCH_NONE)
        return hunch_node_entry(f, place);
    if (whole == place)
        return node;
    const uint32_t part = hunch_node_get(f, HUNCH_NODE_PART, node, place, 0);
    f->node.items[part].op = f->node.items[node].op;
    for (uint32_t i = 0; i < f->node.items[node].to_count; i++) {
        const uint32_t to = f->node.items[node].to[i];
        const struct hunch_place *p = &f->place.items[to];
        if (p->kind != HUNCH_PLACE_AT || p->a != whole) /* that is of a whole that is a pointer */
            hunch_node_point(f, part, to);
    }
    hunch_node_know(f, part, f->node.items[node].known, f->node.items[node].value);
    hunch_node_flag(f, part,
                    f->node.items[node].flags & (HUNCH_NODE_IS_OFFSET | HUNCH_NODE_IS_SHORT));
    hunch_node_edge(f, part, node, HUNCH_EDGE_FIELD, 0);
    return part;
}

uint32_t hunch_flow_read(struct hunch_flow *f, uint32_t place)
{
    const struct hunch_way now = {f->now.node, f->now.count, NULL};
    return read_row(f, &now, place);
}

uint32_t hunch_flow_read_behind(struct hunch_flow *f, const struct hunch_row *row,
                                const struct hunch_behind *behind, uint32_t place)
{
    const struct hunch_way way = {row->node, row->count, behind};
    return read_row(f, &way, place);
}

bool hunch_flow_is_known(const struct hunch_flow *f, uint32_t place)
{
    const struct hunch_way now = {f->now.node, f->now.count, NULL};
    uint32_t whole;
    return nearest(f, &now, place, &whole) != HUNCH_NONE ||
           f->place.items[place].entry != HUNCH_NONE;
}

void hunch_flow_write(struct hunch_flow *f, uint32_t place, uint32_t node)
{
    if (place != 0 && (place < f->now.count || row_room(f, &f->now, (uint32_t)f->place.count)))
        f->now.node[place] = node;
}

/* ---- where ways meet ---- */

void hunch_ways_begin(struct hunch_flow *f)
{
    struct hunch_ways *ways = &f->t->ways;
    ways->way.count = ways->differ.count = ways->copy.count = 0;
    ways->any_differ = false;
}

void hunch_ways_add(struct hunch_flow *f, const struct hunch_row *row,
                    const struct hunch_behind *behind)
{
    const struct hunch_way way = {row != NULL ? row->node : NULL, row != NULL ? row->count : 0,
                                  behind != NULL && behind->count > 0 ? behind : NULL};
    if (!hunch_vec_push(f->u->a, &f->t->ways.way, way))
        f->u->failed = true;
}

/* Ways that tests have changed get rows of their own, for as long as they are looked at. */
bool hunch_ways_ready(struct hunch_flow *f)
{
    struct hunch_ways *ways = &f->t->ways;
    const uint32_t places = (uint32_t)f->place.count;
    size_t copies = 0, at = 0;
    for (size_t w = 0; w < ways->way.count; w++)
        copies += ways->way.items[w].behind != NULL;
    if (f->u->failed || !hunch_vec_reserve(f->u->a, &ways->copy, copies * places)) {
        f->u->failed = true;
        return false;
    }
    for (size_t w = 0; w < ways->way.count; w++) {
        struct hunch_way *way = &ways->way.items[w];
        if (way->behind == NULL)
            continue;
        uint32_t *copy = ways->copy.items + at++ * places;
        hunch_copy(copy, way->node, way->count * sizeof *copy);
        memset(copy + way->count, 0xff, (places - way->count) * sizeof *copy);
        for (uint32_t i = 0; i < way->behind->count; i++)
            copy[way->behind->item[i].place] = way->behind->item[i].node;
        way->node = copy;
        way->count = places;
        way->behind = NULL;
    }
    if (ways->way.count > 1) {
        if (!hunch_vec_reserve(f->u->a, &ways->differ, places)) {
            f->u->failed = true;
            return false;
        }
        memset(ways->differ.items, 0, places);
        ways->differ.count = places;
    }
    return ways->way.count > 0;
}

/* Do ways differ in what is in the place? Where none has a node for it, as in its whole. */
static bool differ(struct hunch_flow *f, uint32_t place, uint32_t *first)
{
    struct hunch_ways *ways = &f->t->ways;
    bool is = false;
    *first = own(&ways->way.items[0], place);
    for (size_t w = 1; w < ways->way.count; w++)
        is |= own(&ways->way.items[w], place) != *first;
    if (!is && *first == HUNCH_NONE && ways->any_differ &&
        f->place.items[place].kind == HUNCH_PLACE_FIELD)
        is = ways->differ.items[f->place.items[place].a];
    while (ways->differ.count <= place)
        if (!hunch_vec_push(f->u->a, &ways->differ, 0)) {
            f->u->failed = true;
            return false;
        }
    ways->differ.items[place] = is;
    ways->any_differ |= is;
    return is;
}

uint32_t hunch_ways_meet(struct hunch_flow *f, uint32_t place, uint32_t block)
{
    uint32_t canon = HUNCH_NONE, first;
    if (!differ(f, place, &first))
        return first;
    const uint32_t phi = hunch_node_get(f, HUNCH_NODE_PHI, block, place, 0);
    for (size_t w = 0; w < f->t->ways.way.count; w++) {
        const uint32_t node = read_row(f, &f->t->ways.way.items[w], place);
        hunch_node_copy(f, phi, node, HUNCH_EDGE_PHI);
        const uint32_t one = f->canon.items[node];
        canon = w == 0 || canon == one ? one : phi;
    }
    if (f->canon.items[phi] != canon) {
        f->canon.items[phi] = canon;
        f->changed = true;
    }
    return phi;
}

/* Nearly all places, of nearly all blocks: all ways have the same node, or none and the whole is
 * the same as well. */
static bool agree(const struct hunch_flow *f, uint32_t place)
{
    const struct hunch_ways *ways = &f->t->ways;
    const struct hunch_way *way = ways->way.items;
    const uint32_t node = way[0].node[place];
    bool same = way[1].node[place] == node;
    for (size_t w = 2; same && w < ways->way.count; w++)
        same = way[w].node[place] == node;
    return same && (node != HUNCH_NONE || !ways->any_differ ||
                    f->place.items[place].kind != HUNCH_PLACE_FIELD ||
                    !ways->differ.items[f->place.items[place].a]);
}

bool hunch_ways_join(struct hunch_flow *f, uint32_t block)
{
    const struct hunch_ways *ways = &f->t->ways;
    const struct hunch_way *way = ways->way.items;
    uint32_t common = way[0].count; /* places that all ways know */
    f->now.count = 0;
    if (!row_room(f, &f->now, (uint32_t)f->place.count))
        return false;
    if (ways->way.count == 1) {
        hunch_copy(f->now.node, way[0].node, way[0].count * sizeof *f->now.node);
        return true;
    }
    for (size_t w = 1; w < ways->way.count; w++)
        common = way[w].count < common ? way[w].count : common;
    for (uint32_t place = 1; place < f->place.count; place++) {
        for (; place < common && agree(f, place); place++)
            f->now.node[place] = way[0].node[place];
        if (place >= f->place.count)
            break;
        const uint32_t node = hunch_ways_meet(f, place, block); /* there may be more places then */
        if (place >= f->now.count && !row_room(f, &f->now, (uint32_t)f->place.count))
            return false;
        f->now.node[place] = node;
    }
    return row_room(f, &f->now, (uint32_t)f->place.count);
}
