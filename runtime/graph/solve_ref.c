/* solve_ref.c: solve.h by its definition, for the backend `ref`: kernels/flow_tile.h pulls all rows
 * of each function, and for each of its formals, whatever may get there. What solve.c and
 * kernels/solve.cu leave out as it cannot matter is all that they may leave out. */
#include <string.h>

#include "graph/solve.h"

struct reference {
    const struct hunch_flow_graph *g;
    const struct hunch_flow_rules *rules;
    struct hunch_flow_answer *answer;
    uint32_t *row; /* of one function */
};

/* Nothing gets anywhere in the function yet. */
static void begin(const struct reference *r, uint32_t f)
{
    memset(r->row, 0, (size_t)r->g->function[f].node_count * r->rules->words * sizeof *r->row);
}

static void add(const struct reference *r, uint32_t node, const uint32_t *from)
{
    for (uint32_t w = 0; w < r->rules->words; w++)
        r->row[(size_t)node * r->rules->words + w] |= from[w];
}

static void pull(const struct reference *r, uint32_t f, uint32_t sources)
{
    const struct hunch_flow_graph *g = r->g;
    const struct hunch_flow_function *function = &g->function[f];
    const struct hunch_flow_function_tile tile = {
        .first = g->first.items + function->node + f,
        .in = g->in.items,
        .label = g->label.items + function->node,
        .node_count = function->node_count,
        .mask = r->answer->mask,
        .gen = r->rules->gen,
        .keep = r->rules->keep,
        .words = r->rules->words,
    };
    for (uint32_t w = 0; w < r->rules->words; w++)
        hunch_flow_tile(&tile, sources, w, r->row);
}

/* *to |= what is at `node` of the rules of `gate`, or of those of `other`. */
static bool grow(const struct reference *r, uint32_t *to, uint32_t node, const uint32_t *gate,
                 const uint32_t *other)
{
    bool more = false;
    for (uint32_t w = 0; w < r->rules->words; w++) {
        const uint32_t now = to[w] | (r->row[(size_t)node * r->rules->words + w] &
                                      (gate[w] | (other != NULL ? other[w] : 0)));
        more |= now != to[w];
        to[w] = now;
    }
    return more;
}

static bool go_back(const struct reference *r, uint32_t f, uint32_t result, uint32_t mask)
{
    const struct hunch_flow_function *function = &r->g->function[f];
    const uint32_t words = r->rules->words, node = r->g->result.items[function->result + result],
                   label = r->g->label.items[function->node + node];
    return grow(r, r->answer->mask + (size_t)mask * words, node, r->rules->leave,
                r->rules->give ? r->rules->give + (size_t)label * words : NULL);
}

static bool up(const struct reference *r, uint32_t f)
{
    const struct hunch_flow_graph *g = r->g;
    const struct hunch_flow_function *function = &g->function[f];
    bool changed = false;
    for (uint32_t t = function->transfer; t < function->transfer + function->transfer_count; t++) {
        const struct hunch_transfer transfer = g->transfer.items[t];
        if (t == function->transfer || g->transfer.items[t - 1].formal != transfer.formal) {
            begin(r, f);
            add(r, g->formal.items[function->formal + transfer.formal], r->rules->enter);
            pull(r, f, 0);
        }
        changed |= go_back(r, f, transfer.result, g->transfer_mask + t);
    }
    begin(r, f);
    pull(r, f, 1);
    for (uint32_t i = 0; i < function->result_count; i++)
        changed |= go_back(r, f, i, g->result_mask + function->result + i);
    return changed;
}

static bool down(const struct reference *r, uint32_t f)
{
    const struct hunch_flow_graph *g = r->g;
    const struct hunch_flow_function *function = &g->function[f];
    const uint32_t words = r->rules->words;
    bool changed = false;
    begin(r, f);
    for (uint32_t i = 0; i < function->formal_count; i++)
        add(r, g->formal.items[function->formal + i],
            r->answer->down + (size_t)(function->formal + i) * words);
    pull(r, f, 1);
    for (uint32_t b = function->bind; b < function->bind + function->bind_count; b++) {
        const struct hunch_flow_bind *bind = &g->bind.items[b];
        const uint32_t formal = g->function[bind->callee].formal + bind->formal;
        changed |=
            grow(r, r->answer->down + (size_t)formal * words, bind->node, r->rules->enter, NULL);
    }
    return changed;
}

static bool find_hits(const struct reference *r, uint32_t f)
{
    const struct hunch_flow_function *function = &r->g->function[f];
    const uint32_t words = r->rules->words;
    for (uint32_t n = 0; n < function->node_count; n++) {
        const uint32_t *sink =
            r->rules->sink + (size_t)r->g->label.items[function->node + n] * words;
        for (uint32_t rule = 0; rule < words * 32; rule++) {
            const struct hunch_flow_hit hit = {f, n, rule};
            if ((r->row[(size_t)n * words + rule / 32] & sink[rule / 32]) >> rule % 32 & 1u &&
                !hunch_vec_push(r->g->a, &r->answer->hit, hit))
                return false;
        }
    }
    if (r->answer->row != NULL)
        memcpy(r->answer->row + (size_t)function->node * words, r->row,
               (size_t)function->node_count * words * sizeof *r->row);
    return true;
}

hunch_status hunch_flow_solve_ref(const struct hunch_flow_graph *g,
                                  const struct hunch_flow_rules *rules, bool keep_rows,
                                  struct hunch_flow_answer *answer)
{
    struct reference r = {.g = g, .rules = rules, .answer = answer};
    size_t most = 0;
    memset(answer, 0, sizeof *answer);
    answer->words = rules->words;
    for (uint32_t f = 0; f < g->function_count; f++)
        most = g->function[f].node_count > most ? g->function[f].node_count : most;
    r.row = hunch_alloc_array(g->a, most * rules->words, sizeof *r.row);
    bool ok = r.row != NULL && hunch_flow_answer_room(g, true, keep_rows, answer);
    if (ok)
        memcpy(answer->mask, rules->pass,
               (size_t)g->class_count * rules->words * sizeof *answer->mask);
    for (bool more = ok; more;) {
        more = false;
        for (uint32_t i = 0; i < g->function_count; i++)
            more |= up(&r, g->order.items[i]);
    }
    for (bool more = ok; more;) {
        more = false;
        for (uint32_t i = g->function_count; i > 0; i--)
            more |= down(&r, g->order.items[i - 1]);
    }
    for (uint32_t f = 0; f < g->function_count && ok; f++) {
        (void)down(&r, f);
        ok = find_hits(&r, f);
    }
    hunch_free_array(g->a, r.row, most * rules->words, sizeof *r.row);
    if (!ok) {
        hunch_flow_answer_free(g, answer);
        return HUNCH_ERROR_MEMORY;
    }
    hunch_flow_answer_sort(answer);
    return HUNCH_OK;
}
