/* dominance_tile.h: which facts hold on every way, or on some way, to each block of a function: the
 * one computation behind dominates, post_dominates and reaches.
 *
 * Bit rows: in[b * words + w] has a bit for each of 32 facts; gen has the same shape: bits of the
 * facts that block b brings about. What holds behind a block is in | gen; what holds before it is
 * that of all blocks in front of it, and-ed (every way) or or-ed (some way). Pulled, in the order
 * that is given, until nothing changes: the greatest solution of "every", the least of "some". In
 * reverse post-order that takes two rounds and one for each loop in a loop.
 *
 * Facts may be anything: that block a ran (gen is the identity then, and in holds the dominators),
 * or, for rules, that a statement ran which rule r asks for: 32 rules a word.
 *
 * Worked example: 0 -> 1, 0 -> 2, 1 -> 3, 2 -> 3; fact A comes about in 0, B in 1. Every: in[3] is
 * ({A} | {B}) & {A} = {A}: A holds before 3 whichever way it was reached, B does not. Some: {A, B}.
 *
 * One function is one tile. A lane takes words of its own, for all blocks, so that lanes share
 * nothing and never wait; 33 lanes of 32 words: one is idle. No shared memory. A round reads each
 * edge and 8 bytes for it, and writes 4 bytes a block, in each lane.
 */
#ifndef HUNCH_DOMINANCE_TILE_H
#define HUNCH_DOMINANCE_TILE_H

#include "portable.h"

struct hunch_ways {
    uint64_t blocks;
    uint64_t is_every;     /* else some */
    const uint32_t *order; /* blocks, as they are best gone through */
    const uint32_t *begin; /* blocks + 1: edge[begin[b] .. begin[b + 1]) are those in front of b */
    const uint32_t *edge;
    const uint32_t *is_root; /* by block: ways begin there, with no fact */
};

/* How many rounds the slowest word of this lane took. */
HUNCH_TILE uint32_t hunch_dominance_tile(const struct hunch_ways *ways, const uint32_t *gen,
                                         uint32_t words, uint32_t lane, uint32_t lanes,
                                         uint32_t *in)
{
    uint32_t most = 0;
    for (uint32_t w = lane; w < words; w += lanes) {
        for (uint32_t b = 0; b < ways->blocks; b++)
            in[(uint64_t)b * words + w] = ways->is_every && !ways->is_root[b] ? ~(uint32_t)0 : 0;
        uint32_t rounds = 0;
        for (uint32_t changed = 1; changed != 0; rounds++) {
            changed = 0;
            for (uint32_t i = 0; i < ways->blocks; i++) {
                const uint32_t b = ways->order[i];
                uint32_t row = in[(uint64_t)b * words + w];
                const uint32_t was = row;
                for (uint32_t e = ways->begin[b]; e < ways->begin[b + 1]; e++) {
                    const uint64_t from = (uint64_t)ways->edge[e] * words + w;
                    const uint32_t behind = in[from] | gen[from];
                    row = ways->is_every ? row & behind : row | behind;
                }
                in[(uint64_t)b * words + w] = row;
                changed |= row ^ was;
            }
        }
        most = rounds > most ? rounds : most;
    }
    return most;
}

#endif
