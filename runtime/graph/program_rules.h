/* program_rules.h: the graph stages of a program as solvers take them (rule.h), and the flows of
 * its libraries. Names stay in the program, which must outlive the plan. Immutable once made. */
#ifndef HUNCH_GRAPH_PROGRAM_RULES_H
#define HUNCH_GRAPH_PROGRAM_RULES_H

#include "../../kernels/layout.h"
#include "graph/rule.h"

/* The sections of a checked program that a plan is made of. */
struct hunch_graph_tables {
    const uint8_t *blob;
    const struct hp_graph *graph;
    const struct hp_spot *spot;
    const struct hp_test *test;
    const struct hp_action *action;
    const struct hp_flow *flow;
    uint32_t graph_count, spot_count, test_count, action_count, flow_count;
};

struct hunch_graph_plan {
    const struct hunch_allocator *a;
    struct hunch_graph_tables tables;
    struct hunch_graph_rule *rule; /* one a graph stage, as GRAPH counts them */
    struct hunch_library_flow *library;
    struct hunch_spot *spot;
    struct hunch_guard *guard;
    struct hunch_action *action;
};

/* MEMORY. */
hunch_status hunch_graph_plan_new(const struct hunch_allocator *a,
                                  const struct hunch_graph_tables *tables,
                                  struct hunch_graph_plan **out, struct hunch_error *err);
void hunch_graph_plan_free(struct hunch_graph_plan *plan); /* NULL is fine */

/* The language of a record of this name, HUNCH_LANGUAGE_NONE where it is of none. */
enum hunch_graph_language hunch_graph_language_of(const char *name, size_t length);

#endif
