/* flow_tile.h: where values get to in one function: a row of bits for each node of its value-flow
 * graph, 32 rules a word, pulled along edges until nothing changes. What calls do is in edges too:
 * runtime/graph/solve.c, which calls it function by function, keeps their masks.
 *
 * Worked example, one rule: node 0 is what getenv gave (its label generates), node 1 <- 0 a copy,
 * node 2 <- 1 the copy behind a guard that the rule cuts (the mask of that edge is 0), node 3 <- 1,
 * 2 a phi. Rows in the end: 1 1 0 1. */
#ifndef HUNCH_FLOW_TILE_H
#define HUNCH_FLOW_TILE_H

#include "portable.h"

#define HUNCH_FLOW_SOURCE                                                  \
    0xffffffffu /* `from` of an edge: sources in a function that is called \
                 */

struct hunch_flow_in {
    uint32_t from; /* a node of the same function, or HUNCH_FLOW_SOURCE */
    uint32_t mask; /* row of masks: the rules whose values go along it */
};

/* A function as rows of masks see it: rows have `words` words, one after another. */
struct hunch_flow_function_tile {
    const uint32_t *first;          /* of node n: in[first[n] .. first[n + 1]) */
    const struct hunch_flow_in *in; /* of the whole graph */
    const uint32_t *label;          /* of each node: a row of gen and of keep */
    uint64_t node_count;
    const uint32_t *mask; /* rows by hunch_flow_in.mask */
    const uint32_t *gen;  /* rows by label: rules for which the node is a source */
    const uint32_t *keep; /* rows by label: rules for which it is no sanitizer */
    uint64_t words;
};

/* Solves word `lane` of each row; other lanes do the other words. sources: 1: sources generate; 0:
 * only what stands in `row` at the start flows on. */
HUNCH_TILE void hunch_flow_tile(const struct hunch_flow_function_tile *f, uint32_t sources,
                                uint32_t lane, uint32_t *row)
{
    const uint64_t words = f->words;
    const uint32_t all = sources ? 0xffffffffu : 0u;
    for (uint32_t n = 0; n < f->node_count; n++)
        row[n * words + lane] &= f->keep[f->label[n] * words + lane];
    for (;;) {
        uint32_t changed = 0;
        for (uint32_t n = 0; n < f->node_count; n++) {
            const uint32_t label = f->label[n], end = f->first[n + 1];
            const uint32_t before = row[n * words + lane];
            uint32_t now = f->gen[label * words + lane] & all;
            for (uint32_t e = f->first[n]; e < end; e++) {
                const struct hunch_flow_in in = f->in[e];
                const uint32_t from =
                    in.from == HUNCH_FLOW_SOURCE ? all : row[in.from * words + lane];
                if (from != 0)
                    now |= from & f->mask[in.mask * words + lane];
            }
            now = before | (now & f->keep[label * words + lane]);
            changed |= now ^ before;
            row[n * words + lane] = now;
        }
        if (changed == 0)
            return;
    }
}

#endif
