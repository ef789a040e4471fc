/* program_rules.h: the graph stages of a program as solvers take them (rule.h), and the flows of
 * its libraries. Names stay in the program, which must outlive the plan. Immutable once made. */
#ifndef HUNCH_GRAPH_PROGRAM_RULES_H
#define HUNCH_GRAPH_PROGRAM_RULES_H

#include "../../kernels/layout.h"
#include "alloc.h"

struct hunch_graph_rule;
struct hunch_library_flow;
struct hunch_graph_plan;

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

/* MEMORY. */
hunch_status hunch_graph_plan_new(const struct hunch_allocator *a,
                                  const struct hunch_graph_tables *tables,
                                  struct hunch_graph_plan **out, struct hunch_error *err);
void hunch_graph_plan_free(struct hunch_graph_plan *plan); /* NULL is fine */

/* Of graph stage `index`; all flows of its libraries. */
const struct hunch_graph_rule *hunch_graph_plan_rule(const struct hunch_graph_plan *plan,
                                                     uint32_t index);
const struct hunch_library_flow *hunch_graph_plan_library(const struct hunch_graph_plan *plan,
                                                          size_t *count);

/* HP_LANGUAGE_* of a record of this name, 0 where it is of none. */
uint32_t hunch_graph_language_of(const char *name, size_t length);

#endif
