/* solve.h: value-flow graphs of many functions that call each other, and where values get to in
 * them, calls matched with returns. Knows nothing of sources of programs: unit.c says what nodes
 * are. A draft is filled, then made into a graph, once; a graph is solved for any set of rules.
 */
#ifndef HUNCH_GRAPH_SOLVE_H
#define HUNCH_GRAPH_SOLVE_H

#include "../kernels/solve.h"
#include "alloc.h"

/* ---- a draft: numbers of nodes are those of their function ---- */

struct hunch_draft_edge {
    uint32_t from, to, class; /* class: which rules' values go along it */
};

/* Node `node` of the caller is formal (argument) or result number `formal` of the callee. */
struct hunch_draft_bind {
    uint32_t node, formal;
};

struct hunch_draft_call {
    uint32_t callee;
    uint32_t in, in_count;   /* bind[in ..]: what goes in */
    uint32_t out, out_count; /* bind[out ..]: what comes out */
};

struct hunch_draft_function {
    HUNCH_VEC(uint32_t) label; /* one a node */
    HUNCH_VEC(struct hunch_draft_edge) edge;
    HUNCH_VEC(uint32_t) formal; /* nodes where values come in, and go out */
    HUNCH_VEC(uint32_t) result;
    HUNCH_VEC(struct hunch_draft_call) call;
    HUNCH_VEC(struct hunch_draft_bind) bind;
};

void hunch_draft_function_free(const struct hunch_allocator *a, struct hunch_draft_function *f);

/* ---- the graph ---- */

struct hunch_flow_graph {
    const struct hunch_allocator *a;
    uint32_t class_count, function_count, node_count;
    uint32_t transfer_mask; /* masks: classes, then transfers, then results of functions */
    uint32_t result_mask, mask_count;
    struct hunch_flow_function *function;
    HUNCH_VEC(uint32_t) label; /* of each node */
    HUNCH_VEC(uint32_t) first; /* of each function's nodes, one more each: first[node + function] */
    HUNCH_VEC(struct hunch_flow_in) in;
    HUNCH_VEC(uint32_t) out_first;       /* the same edges by where they begin, as `first` */
    HUNCH_VEC(struct hunch_flow_in) out; /* from: where they go */
    HUNCH_VEC(uint32_t) formal;
    HUNCH_VEC(uint32_t) result;
    HUNCH_VEC(uint32_t) result_node; /* the same in numbers of the graph */
    HUNCH_VEC(struct hunch_transfer) transfer;
    HUNCH_VEC(struct hunch_flow_bind) bind;
    uint32_t *cross_first; /* by node: where it goes in other functions, into calls and back */
    HUNCH_VEC(struct hunch_flow_cross) cross;
    uint32_t *source_first; /* by function: its edges from HUNCH_FLOW_SOURCE */
    HUNCH_VEC(struct hunch_flow_source) source;
    HUNCH_VEC(uint32_t) order; /* functions, callees before callers */
    uint32_t *caller_first;    /* of function f: caller[caller_first[f] .. caller_first[f + 1]) */
    HUNCH_VEC(uint32_t) caller;
};

/* Drafts are read only; callees are their indices. NULL: no memory. */
struct hunch_flow_graph *hunch_flow_graph_new(const struct hunch_allocator *a,
                                              const struct hunch_draft_function *draft,
                                              uint32_t function_count, uint32_t class_count);
void hunch_flow_graph_free(struct hunch_flow_graph *g);

/* ---- solving ---- */

/* Rows of `words` words, 32 rules each. */
struct hunch_flow_rules {
    uint32_t words;
    const uint32_t *pass;          /* by class */
    const uint32_t *enter, *leave; /* one row each: values of which rules go into calls and back */
    const uint32_t *give;          /* by label, or NULL: which go back by such a result besides */
    const uint32_t *gen, *keep;    /* by label */
    const uint32_t *sink;          /* by label: a value of that rule here is a finding */
};

/* What solving leaves; hits by function, node, rule. mask, down: what witnesses are found with. */
struct hunch_flow_answer {
    HUNCH_VEC(struct hunch_flow_hit) hit;
    uint32_t *mask; /* mask_count rows */
    uint32_t *down; /* a row for each of .formal: what callers bring in */
    uint32_t *row;  /* node_count rows: everything that gets there; NULL unless it was asked for */
    uint32_t words;
};

hunch_status hunch_flow_solve(const struct hunch_flow_graph *g,
                              const struct hunch_flow_rules *rules, bool keep_rows,
                              struct hunch_flow_answer *answer);
/* The same, as plainly as it can be said. */
hunch_status hunch_flow_solve_ref(const struct hunch_flow_graph *g,
                                  const struct hunch_flow_rules *rules, bool keep_rows,
                                  struct hunch_flow_answer *answer);
/* For those who fill an answer, whose `words` are set: rows of 0; false: no memory. And its hits in
 * order. */
bool hunch_flow_answer_room(const struct hunch_flow_graph *g, bool masks, bool rows,
                            struct hunch_flow_answer *answer);
void hunch_flow_answer_sort(struct hunch_flow_answer *answer);
void hunch_flow_answer_free(const struct hunch_flow_graph *g, struct hunch_flow_answer *answer);

#endif
