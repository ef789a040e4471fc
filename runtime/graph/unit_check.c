/* unit_check.c: is a unit that was read from the cache folder one that solving can go through? All
 * numbers are looked at once, so that nothing is asked for later. What a number means cannot be
 * told: a wrong one gives wrong findings, no more. */
#include "graph/unit_store.h"

/* Are all of them below `end`? */
static bool are_below(const uint32_t *item, size_t count, uint32_t end)
{
    uint32_t most = 0;
    for (size_t i = 0; i < count; i++)
        most = item[i] > most ? item[i] : most;
    return count == 0 || most < end;
}

/* Numbers that never fall, up to `end`. */
static bool rise(const uint32_t *item, size_t count, size_t end)
{
    uint32_t wrong = 0;
    for (size_t i = 1; i < count; i++)
        wrong |= item[i] < item[i - 1];
    return count == 0 || (!wrong && item[count - 1] <= end);
}

static bool is_in(struct hunch_extent span, size_t size)
{
    return span.begin <= span.end && span.end <= size;
}

/* One function's piece of an array begins where the one before has ended. */
static bool follows(uint32_t begin, uint32_t count, uint64_t *end)
{
    const bool ok = begin == *end;
    *end += count;
    return ok;
}

static bool names_are_sound(const struct hunch_unit *u)
{
    bool ok = u->text.count > 0 && u->text.count < UINT32_MAX &&
              u->text.items[u->text.count - 1] == '\0' &&
              are_below(u->name_at.items, u->name_at.count, (uint32_t)u->text.count);
    for (size_t i = 0; i < u->label.key.count && ok; i++) {
        const uint32_t *word = u->label.key.items[i].word;
        ok = word[0] < HUNCH_LABEL_KINDS && (word[0] == 0 || word[1] < u->name_at.count);
    }
    for (size_t i = 0; i < u->guard.key.count && ok; i++) {
        const uint32_t *word = u->guard.key.items[i].word;
        ok = word[0] == HUNCH_GUARD_CALL ? word[1] < u->name_at.count : word[1] <= HUNCH_OTHER;
    }
    for (size_t i = 0; i < u->class.key.count && ok; i++) {
        const uint32_t *word = u->class.key.items[i].word;
        ok = word[0] < HUNCH_EDGE_KINDS && word[1] <= u->guard.key.count;
    }
    return ok;
}

static bool edges_are_sound(const struct hunch_flow_graph *g, uint32_t function,
                            const uint32_t *first, const struct hunch_flow_in *edge, size_t edges,
                            bool may_be_source)
{
    const struct hunch_flow_function *f = &g->function[function];
    uint32_t wrong = 0;
    first += (size_t)f->node + function;
    if (!rise(first, (size_t)f->node_count + 1, edges))
        return false;
    for (uint32_t e = first[0]; e < first[f->node_count]; e++) {
        const bool is_source = may_be_source && edge[e].from == HUNCH_FLOW_SOURCE;
        wrong |= (edge[e].from >= f->node_count && !is_source) | (edge[e].mask >= g->mask_count) |
                 (is_source && edge[e].mask < g->result_mask);
    }
    return !wrong;
}

static bool function_is_sound(const struct hunch_flow_graph *g, uint32_t function)
{
    const struct hunch_flow_function *f = &g->function[function];
    uint32_t wrong = 0;
    for (uint32_t t = f->transfer; t < f->transfer + f->transfer_count; t++)
        wrong |= (g->transfer.items[t].formal >= f->formal_count) |
                 (g->transfer.items[t].result >= f->result_count);
    for (uint32_t b = f->bind; b < f->bind + f->bind_count; b++) {
        const struct hunch_flow_bind *bind = &g->bind.items[b];
        wrong |= bind->node >= f->node_count || bind->callee >= g->function_count ||
                 bind->formal >= g->function[bind->callee].formal_count;
    }
    for (uint32_t i = g->source_first[function]; i < g->source_first[function + 1]; i++)
        wrong |=
            (g->source.items[i].node >= f->node_count) | (g->source.items[i].mask >= g->mask_count);
    return !wrong && are_below(g->formal.items + f->formal, f->formal_count, f->node_count) &&
           are_below(g->result.items + f->result, f->result_count, f->node_count) &&
           edges_are_sound(g, function, g->first.items, g->in.items, g->in.count, true) &&
           edges_are_sound(g, function, g->out_first.items, g->out.items, g->out.count, false);
}

/* Functions' pieces are the arrays, one behind the other. */
static bool pieces_are_sound(const struct hunch_flow_graph *g)
{
    uint64_t node = 0, formal = 0, result = 0, transfer = 0, bind = 0;
    bool ok = true;
    for (uint32_t i = 0; i < g->function_count && ok; i++) {
        const struct hunch_flow_function *f = &g->function[i];
        ok = follows(f->node, f->node_count, &node) &&
             follows(f->formal, f->formal_count, &formal) &&
             follows(f->result, f->result_count, &result) &&
             follows(f->transfer, f->transfer_count, &transfer) &&
             follows(f->bind, f->bind_count, &bind) && f->recursive <= 1 &&
             f->group < g->function_count;
    }
    return ok && node == g->node_count && formal == g->formal.count && result == g->result.count &&
           transfer == g->transfer.count && bind == g->bind.count;
}

static bool graph_is_sound(const struct hunch_unit *u)
{
    const struct hunch_flow_graph *g = u->graph;
    const uint32_t functions = g->function_count, nodes = g->node_count;
    const uint64_t first = (uint64_t)nodes + functions;
    uint32_t wrong = 0;
    bool ok = g->class_count == u->class.key.count && g->transfer_mask == g->class_count &&
              g->result_mask == g->transfer_mask + g->transfer.count &&
              g->mask_count == g->result_mask + g->result.count && g->label.count == nodes &&
              g->first.count == first && g->out_first.count == first &&
              g->result_node.count == g->result.count && g->order.count == functions &&
              pieces_are_sound(g) &&
              are_below(g->label.items, nodes, (uint32_t)u->label.key.count) &&
              are_below(g->result_node.items, g->result_node.count, nodes) &&
              are_below(g->order.items, functions, functions) &&
              are_below(g->caller.items, g->caller.count, functions) &&
              rise(g->caller_first, (size_t)functions + 2, g->caller.count) &&
              rise(g->source_first, (size_t)functions + 1, g->source.count) &&
              rise(g->cross_first, (size_t)nodes + 2, g->cross.count);
    for (size_t i = 0; i < g->cross.count && ok; i++)
        wrong |= (g->cross.items[i].function >= functions) | (g->cross.items[i].node >= nodes);
    for (size_t i = 0; i < g->bind.count && ok; i++)
        wrong |= g->bind.items[i].call >= u->call_span.count;
    for (uint32_t f = 0; f < functions && ok; f++)
        ok = function_is_sound(g, f);
    return ok && !wrong;
}

/* Every span lies in its file. The function above all has none. */
static bool spans_are_sound(const struct hunch_unit *u, const struct hunch_graph_input *file,
                            size_t count)
{
    const struct hunch_flow_graph *g = u->graph;
    bool ok = u->part.count + 1 == g->function_count && u->node_span.count == g->node_count;
    for (size_t i = 0; i < u->part.count && ok; i++) {
        const struct hunch_unit_part *part = &u->part.items[i];
        const struct hunch_flow_function *f = &g->function[i];
        ok = part->file < count && is_in(part->span, file[part->file].size);
        for (uint32_t n = f->node; n < f->node + f->node_count && ok; n++)
            ok = u->node_span.items[n].begin == HUNCH_NONE ||
                 is_in(u->node_span.items[n], file[part->file].size);
        for (uint32_t b = f->bind; b < f->bind + f->bind_count && ok; b++) {
            const struct hunch_extent span = u->call_span.items[g->bind.items[b].call];
            ok = span.begin == HUNCH_NONE || is_in(span, file[part->file].size);
        }
    }
    for (size_t i = 0; i < u->with.count && ok; i++)
        ok = u->with.items[i].function < g->function_count &&
             u->with.items[i].node < g->function[u->with.items[i].function].node_count;
    return ok;
}

bool hunch_unit_is_sound(const struct hunch_unit *u, const struct hunch_graph_input *file,
                         size_t count)
{
    return u->graph->function_count > 0 && names_are_sound(u) && graph_is_sound(u) &&
           spans_are_sound(u, file, count);
}
