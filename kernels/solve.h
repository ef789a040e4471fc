/* solve.h: value-flow graphs as kernels see them, and the arguments of those of solve.cu. Pointers
 * are the device's. What functions, rows and masks mean: runtime/graph/solve.h, which solves the
 * same graphs on the CPU and whose answer this one is to be, bit for bit.
 *
 * A warp has one function; its lanes are teams of `span` lanes, a word of the rows each, so that 32
 * rules go by with 32 nodes at once and 1,024 with one. */
#ifndef HUNCH_SOLVE_H
#define HUNCH_SOLVE_H

#include "flow_tile.h"

#define HUNCH_SOLVE_THREADS 128
#define HUNCH_SOLVE_WORDS 32 /* of a row, at most: host code takes more rules in turns */

/* A value that comes in as `formal` may go out as `result`. */
struct hunch_transfer {
    uint32_t formal, result;
};

struct hunch_flow_function {
    uint32_t node, node_count;         /* in numbers of the graph */
    uint32_t formal, formal_count;     /* hunch_flow_graph.formal */
    uint32_t result, result_count;     /* .result */
    uint32_t transfer, transfer_count; /* .transfer, sorted */
    uint32_t bind, bind_count;         /* .bind */
    uint32_t group;                    /* functions that call each other in a circle share one */
    uint32_t recursive;                /* 1: it is in such a circle, or calls itself */
};

struct hunch_flow_bind {
    uint32_t node, callee, formal;
    uint32_t call; /* which: calls of all drafts, counted one after another */
};

struct hunch_flow_cross {
    uint32_t function, node; /* in numbers of the graph */
};

/* A value of rule `rule` gets to node `node` of `function`, which is a sink. */
struct hunch_flow_hit {
    uint32_t function, node, rule;
};

/* What a call brings back of sources below it: an edge from HUNCH_FLOW_SOURCE. */
struct hunch_flow_source {
    uint32_t node, mask; /* a node of the function that calls */
};

struct hunch_solve_graph {
    const struct hunch_flow_function *function;
    const uint32_t *label;           /* of each node */
    const uint32_t *out_first;       /* of node n of function f: [node + f + n], and behind it */
    const struct hunch_flow_in *out; /* where edges go */
    const uint32_t *formal, *result; /* nodes of their function */
    const struct hunch_transfer *transfer;
    const struct hunch_flow_bind *bind;
    const uint32_t *cross_first; /* by node of the graph */
    const struct hunch_flow_cross *cross;
    const uint32_t *caller_first, *caller; /* by function */
    const uint32_t *source_first;          /* by function */
    const struct hunch_flow_source *source;
    const uint32_t *level; /* by function: above those of all that it calls, but for
                            * those of its own circle */
    const uint32_t *order; /* functions by level */
    uint64_t function_count, transfer_mask, result_mask;
};

/* As struct hunch_flow_rules. */
struct hunch_solve_rules {
    const uint32_t *pass, *enter, *leave, *give, *gen, *keep, *sink;
    const uint32_t *gen_words; /* by label: bits of the words of gen that are not 0 */
    uint64_t words;            /* 1 to HUNCH_SOLVE_WORDS */
};

/* What comes back to the host while it is solved. */
struct hunch_solve_cells {
    unsigned long long hits; /* that were found, those beyond the capacity too */
    uint32_t launches;       /* kernels that ran to their end */
    uint32_t listed[2];      /* functions in each of hunch_solve_state.list */
    uint32_t more;           /* functions of the level at hand have to be looked at again */
};

struct hunch_solve_state {
    uint32_t *maybe; /* rows by node: where values get to if calls are not matched with returns */
    uint32_t *row;   /* rows by node: of one formal at a time in the phase up, then the answer */
    uint32_t *mask;  /* rows: classes, transfers, results */
    uint32_t *down;  /* rows by formal */
    uint32_t *node;  /* by node: bits, see solve.cu */
    uint32_t *work;  /* two by node: nodes that wait, in a circle; and those that were reached */
    uint32_t *round; /* by function: the launch that has to look at it */
    uint32_t *used;  /* by function: 1: some of its nodes may be reached */
    uint32_t *list[2];
    struct hunch_solve_cells *cells;
    struct hunch_flow_hit *hit;
    uint64_t hit_capacity;
};

struct hunch_solve_args {
    struct hunch_solve_graph graph;
    struct hunch_solve_rules rules;
    struct hunch_solve_state state;
    uint64_t begin, end; /* of graph.order: the level at hand */
    uint32_t round;      /* launches of the phase, from 1 */
    uint32_t all;        /* 1: all functions that are used, not only those of this round */
};

#endif
