/* place.c: places, nodes, and what is known of nodes. Places are numbered so that a field comes
 * behind what it is part of. */
#include <string.h>

#include "graph/flow.h"

void hunch_unit_gap(struct hunch_unit *u, uint32_t function, const char *reason)
{
    const uint32_t file = u->function_file.items[function];
    const struct hunch_function *source = hunch_unit_function(u, function);
    const struct hunch_graph_gap gap = {u->file[file].number, function - u->file[file].function,
                                        reason, hunch_graph_name(u->file[file].graph, source->name),
                                        source->line};
    for (size_t i = 0; i < u->gap.count; i++)
        if (u->gap.items[i].file == gap.file && u->gap.items[i].function == gap.function &&
            strcmp(u->gap.items[i].reason, reason) == 0)
            return;
    if (!hunch_vec_push(u->a, &u->gap, gap))
        u->failed = true;
}

/* ---- places ---- */

/* Is it counted among places that are no variables? Not globals that the function names itself, nor
 * what a place points to: for each that is counted there is at most one. */
static bool is_outer(const struct hunch_flow *f, uint32_t kind, uint32_t a)
{
    if (kind == HUNCH_PLACE_GLOBAL)
        return f->is_calling;
    if (kind == HUNCH_PLACE_AT)
        return false;
    if (kind == HUNCH_PLACE_FIELD)
        kind = f->place.items[f->place.items[a].root].kind;
    return kind == HUNCH_PLACE_AT || kind == HUNCH_PLACE_GLOBAL || kind == HUNCH_PLACE_HEAP;
}

static uint32_t place_of(struct hunch_flow *f, const struct hunch_map_key key)
{
    const uint32_t kind = key.word[0], a = key.word[1], b = key.word[2];
    struct hunch_unit *u = f->u;
    const uint32_t there = hunch_key_number(u->a, &f->place_key, key, false, NULL);
    if (there != UINT32_MAX)
        return there;
    const bool outer = is_outer(f, kind, a),
               initial = f->source != NULL && (f->source->flags & HUNCH_FUNCTION_IS_INITIAL),
               cut = outer && !initial &&
                     (f->is_calling ? f->taken >= HUNCH_FLOW_TAKEN_MOST
                                    : f->own >= HUNCH_FLOW_OWN_MOST);
    if (cut || f->place.count >= HUNCH_FLOW_PLACES_MOST) {
        f->is_cut |= cut;
        f->is_gap |= !cut;
        return 0;
    }
    /* Room first: a key without its item would be a number beyond the items. */
    const uint32_t number = hunch_vec_reserve(u->a, &f->place, 1)
                                ? hunch_key_number(u->a, &f->place_key, key, true, NULL)
                                : UINT32_MAX;
    if (number == UINT32_MAX) {
        u->failed = true;
        return 0;
    }
    struct hunch_place p = {.kind = (uint8_t)kind, .a = a, .b = b, .root = number, .as = number};
    p.child = p.next = p.entry = p.formal = p.exit = p.result = HUNCH_NONE;
    if (kind == HUNCH_PLACE_LOCAL && f->source != NULL) {
        const uint32_t flags = f->graph->var.items[f->source->var + a].flags;
        if (flags & HUNCH_VAR_IS_ARRAY)
            p.flags = HUNCH_PLACE_IS_MANY;
    } else if (kind == HUNCH_PLACE_AT) {
        p.depth = f->place.items[a].depth + 1;
    } else if (kind == HUNCH_PLACE_FIELD) {
        p.root = f->place.items[a].root;
        p.depth = f->place.items[a].depth;
        p.fields = f->place.items[a].fields + 1;
        p.next = f->place.items[a].child;
        f->place.items[a].child = number;
    } else if (kind == HUNCH_PLACE_TEXT) {
        p.flags = HUNCH_PLACE_IS_MANY;
    }
    f->place.items[f->place.count++] = p;
    f->taken += outer && f->is_calling;
    f->own += outer && !f->is_calling;
    f->changed = true;
    return number;
}

uint32_t hunch_place_get(struct hunch_flow *f, enum hunch_place_kind kind, uint32_t a, uint32_t b)
{
    return place_of(f, (struct hunch_map_key){{kind, a, b, 0}});
}

/* Memory that call `op` gives, which was `place` of the function that it calls. */
uint32_t hunch_place_heap(struct hunch_flow *f, uint32_t op, uint32_t function, uint32_t place)
{
    return place_of(f, (struct hunch_map_key){{HUNCH_PLACE_HEAP, op, function + 1, place}});
}

uint32_t hunch_place_field(struct hunch_flow *f, uint32_t place, uint32_t name)
{
    const struct hunch_place *p = &f->place.items[place];
    if (p->kind == HUNCH_PLACE_DUMMY || p->kind == HUNCH_PLACE_TEXT ||
        p->kind == HUNCH_PLACE_FUNCTION)
        return place;
    if (p->fields < HUNCH_FLOW_FIELDS_MOST)
        return hunch_place_get(f, HUNCH_PLACE_FIELD, place, name);
    hunch_place_mark(f, place, HUNCH_PLACE_IS_MANY);
    return place;
}

static bool is_rest(const struct hunch_flow *f, uint32_t place)
{
    const struct hunch_place *p = &f->place.items[place];
    return p->kind == HUNCH_PLACE_FIELD && p->b == HUNCH_FIELD_REST;
}

void hunch_place_rest(struct hunch_flow *f, uint32_t place)
{
    const struct hunch_place *p = &f->place.items[place];
    if (hunch_place_is_formal(f, place) && p->kind != HUNCH_PLACE_LOCAL && !is_rest(f, place) &&
        !(p->flags & (HUNCH_PLACE_IS_NUMBER | HUNCH_PLACE_IS_POINTER)) &&
        p->fields < HUNCH_FLOW_FIELDS_MOST)
        hunch_node_entry(f, hunch_place_field(f, place, HUNCH_FIELD_REST));
}

uint32_t hunch_place_at(struct hunch_flow *f, uint32_t place)
{
    const struct hunch_place *p = &f->place.items[place];
    if (p->kind == HUNCH_PLACE_FIELD) /* a list: what its second `next` points to is the second */
        for (uint32_t at = p->root; f->place.items[at].kind == HUNCH_PLACE_AT;) {
            const struct hunch_place *from = &f->place.items[f->place.items[at].a];
            if (from->kind == HUNCH_PLACE_FIELD && from->b == p->b) {
                hunch_place_mark(f, p->root, HUNCH_PLACE_IS_MANY);
                return p->root;
            }
            at = from->root;
        }
    if (place == 0 || p->depth >= HUNCH_FLOW_DEPTH_MOST)
        return 0;
    return hunch_place_get(f, HUNCH_PLACE_AT, place, 0);
}

bool hunch_place_is_many(const struct hunch_flow *f, uint32_t place)
{
    for (;;) {
        const struct hunch_place *p = &f->place.items[place];
        if (p->flags & HUNCH_PLACE_IS_MANY)
            return true;
        if (p->flags & HUNCH_PLACE_IS_CELL)
            return false;
        if (p->kind != HUNCH_PLACE_FIELD)
            return p->kind == HUNCH_PLACE_AT && hunch_place_is_many(f, p->a);
        place = p->a;
    }
}

void hunch_place_mark(struct hunch_flow *f, uint32_t place, uint32_t flags)
{
    struct hunch_place *p = &f->place.items[place];
    if ((p->flags & flags) != flags) {
        p->flags |= (uint8_t)flags;
        f->changed = true;
    }
}

bool hunch_place_is_formal(const struct hunch_flow *f, uint32_t place)
{
    const struct hunch_place *root = &f->place.items[f->place.items[place].root];
    switch (root->kind) {
    case HUNCH_PLACE_LOCAL: return f->source != NULL && root->a < f->source->parameter_count;
    case HUNCH_PLACE_GLOBAL: {
        const struct hunch_unit_global *g = &f->u->global.items[root->a];
        return g->is_written;
    }
    case HUNCH_PLACE_AT: return true;
    default: return false;
    }
}

/* ---- nodes ---- */

uint32_t hunch_node_get(struct hunch_flow *f, enum hunch_node_kind kind, uint32_t x, uint32_t y,
                        uint32_t z)
{
    const struct hunch_map_key key = {{kind, x, y, z}};
    struct hunch_unit *u = f->u;
    const uint32_t there = hunch_key_number(u->a, &f->node_key, key, false, NULL);
    if (there != UINT32_MAX)
        return there;
    if (f->node.count >= HUNCH_FLOW_NODES_MOST) {
        f->is_gap = true;
        return 0;
    }
    /* Room first: a key without its item would be a number beyond the items. */
    const uint32_t number =
        hunch_vec_reserve(u->a, &f->node, 1) && hunch_vec_reserve(u->a, &f->canon, 1)
            ? hunch_key_number(u->a, &f->node_key, key, true, NULL)
            : UINT32_MAX;
    if (number == UINT32_MAX) {
        u->failed = true;
        return 0;
    }
    struct hunch_flow_node n = {.kind = (uint8_t)kind, .op = HUNCH_NONE, .place = HUNCH_NONE};
    switch (kind) {
    case HUNCH_NODE_OP:
    case HUNCH_NODE_ARGUMENT:
    case HUNCH_NODE_GIVEN:
    case HUNCH_NODE_OUTSIDE:
    case HUNCH_NODE_LIBRARY:
    case HUNCH_NODE_SINK: n.op = x; break;
    case HUNCH_NODE_STORE:
    case HUNCH_NODE_LOOK:
    case HUNCH_NODE_OUT:
        n.op = x;
        n.place = y;
        break;
    case HUNCH_NODE_ENTRY: n.place = x; break;
    case HUNCH_NODE_PART:
    case HUNCH_NODE_PHI:
    case HUNCH_NODE_GUARD: n.place = y; break;
    default: break;
    }
    f->node.items[f->node.count++] = n;
    f->canon.items[f->canon.count++] = number;
    f->changed = true;
    return number;
}

/* What an initialiser gave a global that nobody writes. */
static void initial_value(struct hunch_flow *f, uint32_t place, uint32_t node)
{
    struct hunch_unit *u = f->u;
    uint32_t name[HUNCH_FLOW_FIELDS_MOST + 1], names = 0, at = place;
    for (; f->place.items[at].kind == HUNCH_PLACE_FIELD; at = f->place.items[at].a)
        name[names++] = f->place.items[at].b;
    const uint32_t number = f->place.items[at].a;
    const struct hunch_unit_global *g = &u->global.items[number];
    if (g->function != HUNCH_NONE) { /* static in a function */
        hunch_node_know(f, node, g->has_value ? HUNCH_KNOWN_VALUE : HUNCH_KNOWN_ANY, g->value);
        return;
    }
    if (!g->is_defined || g->file == HUNCH_NONE) {
        hunch_node_know(f, node, HUNCH_KNOWN_ANY, 0);
        return;
    }
    const uint32_t initial = u->file[g->file].initial;
    struct hunch_flow *from = initial != HUNCH_NONE ? &u->flow[initial] : NULL;
    const struct hunch_map_key key = {{HUNCH_PLACE_GLOBAL, number, 0, 0}};
    uint32_t there = from != NULL && from != f && from->analysed
                         ? hunch_key_number(u->a, &from->place_key, key, false, NULL)
                         : UINT32_MAX;
    while (there != UINT32_MAX && names > 0) {
        const struct hunch_map_key part = {{HUNCH_PLACE_FIELD, there, name[--names], 0}};
        there = hunch_key_number(u->a, &from->place_key, part, false, NULL);
    }
    const uint32_t last = there != UINT32_MAX ? from->place.items[there].exit : HUNCH_NONE;
    if (last == HUNCH_NONE) { /* nothing is stored there: zero, or not gone through as yet */
        const bool all = from != f && (from == NULL || !from->is_gap) &&
                         f->graph->language != HUNCH_LANGUAGE_PYTHON;
        hunch_node_know(f, node, all ? HUNCH_KNOWN_VALUE : HUNCH_KNOWN_ANY, 0);
        return;
    }
    const struct hunch_flow_node *n = &from->node.items[last];
    hunch_node_know(f, node, n->known, n->value);
    for (uint32_t i = 0; i < n->to_count; i++) {
        const struct hunch_place *to = &from->place.items[n->to[i]];
        if (to->kind == HUNCH_PLACE_FUNCTION || to->kind == HUNCH_PLACE_GLOBAL ||
            to->kind == HUNCH_PLACE_TEXT)
            hunch_node_point(f, node, hunch_place_get(f, to->kind, to->a, 0));
    }
}

uint32_t hunch_node_entry(struct hunch_flow *f, uint32_t place)
{
    if (f->place.items[place].entry != HUNCH_NONE)
        return f->place.items[place].entry;
    const uint32_t node = hunch_node_get(f, HUNCH_NODE_ENTRY, place, 0, 0);
    const struct hunch_place root = f->place.items[f->place.items[place].root];
    f->place.items[place].entry = node;
    if (hunch_place_is_formal(f, place)) {
        hunch_node_know(f, node, HUNCH_KNOWN_ANY, 0);
        if (!is_rest(f, place) && f->place.items[place].child == HUNCH_NONE &&
            !(f->place.items[place].flags & HUNCH_PLACE_IS_NUMBER)) /* it may be a pointer */
            hunch_node_point(f, node, hunch_place_at(f, place));
    } else if (root.kind == HUNCH_PLACE_GLOBAL) {
        initial_value(f, place, node);
    } else {
        hunch_node_know(f, node, HUNCH_KNOWN_ANY, 0);
    }
    return node;
}

enum { LISTS_BLOCK = 1 << 14 };

/* How many fit into the list of so many, as a number of a size. */
static uint32_t size_of(uint32_t count)
{
    return count <= 2 ? 0 : count <= 4 ? 1 : count <= 8 ? 2 : 3;
}

static uint32_t *list_get(struct hunch_flow *f, uint32_t size)
{
    struct hunch_lists *lists = &f->t->lists;
    const struct hunch_allocator *a = f->u->a;
    uint32_t *list = lists->unused[size];
    if (list != NULL) {
        memcpy((void *)&lists->unused[size], (void *)list, sizeof list); /* the next one */
        return list;
    }
    const uint32_t room = 2u << size;
    if (lists->left < room) {
        uint32_t *block = hunch_alloc_array(a, LISTS_BLOCK, sizeof *block);
        if (block == NULL || !hunch_vec_push(a, &lists->block, block)) {
            hunch_free_array(a, block, LISTS_BLOCK, sizeof *block);
            return NULL;
        }
        lists->left = LISTS_BLOCK;
    }
    list = lists->block.items[lists->block.count - 1] + LISTS_BLOCK - lists->left;
    lists->left -= room;
    return list;
}

static void list_give(struct hunch_flow *f, uint32_t *list, uint32_t count)
{
    if (count == 0)
        return;
    memcpy((void *)list, (void *)&f->t->lists.unused[size_of(count)], sizeof list);
    f->t->lists.unused[size_of(count)] = list;
}

void hunch_node_give_lists(struct hunch_flow *f)
{
    for (size_t n = 0; n < f->node.count; n++)
        list_give(f, f->node.items[n].to, f->node.items[n].to_count);
}

void hunch_lists_free(const struct hunch_allocator *a, struct hunch_lists *lists)
{
    for (size_t b = 0; b < lists->block.count; b++)
        hunch_free_array(a, lists->block.items[b], LISTS_BLOCK, sizeof(uint32_t));
    hunch_vec_free(a, &lists->block);
}

void hunch_node_point(struct hunch_flow *f, uint32_t node, uint32_t place)
{
    struct hunch_flow_node *n = &f->node.items[node];
    uint32_t at = n->to_count;
    if (n->flags & HUNCH_NODE_IS_NUMBER)
        return;
    if (place == 0 || node == 0) {
        if (place == 0)
            hunch_node_flag(f, node, HUNCH_NODE_IS_SHORT);
        return;
    }
    while (at > 0 && n->to[at - 1] >= place) {
        if (n->to[at - 1] == place)
            return;
        at--;
    }
    if (n->to_count >= HUNCH_FLOW_TO_MOST) {
        f->is_short = true;
        hunch_node_flag(f, node, HUNCH_NODE_IS_SHORT);
        return;
    }
    if (n->to_count == 0 || size_of(n->to_count) != size_of(n->to_count + 1u)) {
        uint32_t *to = list_get(f, size_of(n->to_count + 1u));
        if (to == NULL) {
            f->u->failed = true;
            return;
        }
        hunch_copy(to, n->to, n->to_count * sizeof *to);
        list_give(f, n->to, n->to_count);
        n->to = to;
    }
    memmove(n->to + at + 1, n->to + at, (n->to_count - at) * sizeof *n->to);
    n->to[at] = place;
    n->to_count++;
    f->changed = true;
}

void hunch_node_know(struct hunch_flow *f, uint32_t node, int known, int64_t value)
{
    struct hunch_flow_node *n = &f->node.items[node];
    if (known == HUNCH_KNOWN_NOTHING || n->known == HUNCH_KNOWN_ANY)
        return;
    if (n->known == HUNCH_KNOWN_VALUE && known == HUNCH_KNOWN_VALUE && n->value == value)
        return;
    if (n->known == HUNCH_KNOWN_VALUE)
        known = HUNCH_KNOWN_ANY; /* another one */
    n->known = (uint8_t)known;
    n->value = known == HUNCH_KNOWN_VALUE ? value : 0;
    f->changed = true;
}

void hunch_node_flag(struct hunch_flow *f, uint32_t node, uint32_t flags)
{
    struct hunch_flow_node *n = &f->node.items[node];
    if ((n->flags & flags) != flags) {
        n->flags |= (uint8_t)flags;
        f->changed = true;
    }
}

void hunch_node_same(struct hunch_flow *f, uint32_t node, uint32_t as)
{
    const uint32_t canon = as == HUNCH_NONE ? node : f->canon.items[as];
    if (f->canon.items[node] != canon) {
        f->canon.items[node] = canon;
        f->changed = true;
    }
}

void hunch_node_label(struct hunch_flow *f, uint32_t node, enum hunch_label_kind kind,
                      uint32_t name, uint32_t index)
{
    if (!f->collect)
        return; /* nobody asks before */
    const struct hunch_map_key key = {{kind, name, index, 0}};
    const uint32_t label = hunch_key_number(f->u->a, &f->label, key, true, NULL);
    if (label == UINT32_MAX)
        f->u->failed = true;
    else
        f->node.items[node].label = label;
}

void hunch_node_copy(struct hunch_flow *f, uint32_t to, uint32_t from, enum hunch_edge_kind kind)
{
    if (to == from)
        return;
    for (uint32_t i = 0; i < f->node.items[from].to_count; i++)
        hunch_node_point(f, to, f->node.items[from].to[i]);
    hunch_node_know(f, to, f->node.items[from].known, f->node.items[from].value);
    hunch_node_flag(f, to,
                    f->node.items[from].flags & (HUNCH_NODE_IS_OFFSET | HUNCH_NODE_IS_SHORT));
    hunch_node_edge(f, to, from, kind, 0);
}

void hunch_node_edge(struct hunch_flow *f, uint32_t to, uint32_t from, enum hunch_edge_kind kind,
                     uint32_t guard)
{
    struct hunch_unit *u = f->u;
    if (!f->collect || to == from || to == 0 || from == 0)
        return;
    const struct hunch_map_key key = {{kind, guard, 0, 0}};
    const uint32_t class = hunch_key_number(u->a, &f->class, key, true, NULL);
    const struct hunch_draft_edge e = {from, to, class};
    if (class == UINT32_MAX || !hunch_vec_push(u->a, &u->draft[f->function].edge, e))
        u->failed = true;
}
