/* dominance.h: dominance over a function's blocks and statements (kernels/dominance_tile.h).
 *
 * Ways out of a function are its returns: a call that never comes back ends a way without being
 * one. Where no way leads out, or in, everything is on all of them.
 */
#ifndef HUNCH_GRAPH_DOMINANCE_H
#define HUNCH_GRAPH_DOMINANCE_H

#include "error.h"
#include "graph/ir.h"

enum hunch_relation {
    HUNCH_DOMINATES,      /* every way from the function's start to b ran a before */
    HUNCH_POST_DOMINATES, /* every way from b out of the function runs a later */
    HUNCH_REACHES         /* a way of one step or more leads from a to b */
};

/* gen, in: block_count rows of `words` bit words, by block of the function. DOMINATES, REACHES: in
 * has the facts that hold when a block begins; POST_DOMINATES: those that come behind its end. */
hunch_status hunch_dominance_rows(const struct hunch_allocator *a,
                                  const struct hunch_graph_file *file, uint32_t function,
                                  enum hunch_relation relation, const uint32_t *gen, uint32_t words,
                                  uint32_t *in, struct hunch_error *err);

/* Between statements of the function, indices into the file's: for each of b, is it so for at least
 * one of the statements a[0 .. a_count)? *holds: for all of them. A statement is not before or
 * after itself, but by way of a loop. */
hunch_status hunch_dominance_holds(const struct hunch_allocator *a,
                                   const struct hunch_graph_file *file, uint32_t function,
                                   enum hunch_relation relation, const uint32_t *a_stmt,
                                   uint32_t a_count, const uint32_t *b_stmt, uint32_t b_count,
                                   bool *holds, struct hunch_error *err);

#endif
