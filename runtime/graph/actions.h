/* actions.h: dominates and post_dominates: which statements of a file do what a rule says, and
 * whether others are on every way to them, or from them. Works on blocks and operations alone: two
 * actions are of one place where the source names it alike (p, s->next, &table[i] for any i).
 */
#ifndef HUNCH_GRAPH_ACTIONS_H
#define HUNCH_GRAPH_ACTIONS_H

#include "error.h"
#include "graph/rule.h"

struct hunch_action_found {
    uint32_t rule; /* index into the rules */
    uint32_t function;
    struct hunch_extent span; /* of what does `of` */
    struct hunch_extent by;   /* of the nearest that does `by`, of rules that are not `missing` */
};

typedef HUNCH_VEC(struct hunch_action_found) hunch_actions_found;

/* Rules of other kinds are passed over. Appends to `found`, by function, rule and span, each span
 * once. MEMORY. */
hunch_status hunch_actions_solve(const struct hunch_allocator *a,
                                 const struct hunch_graph_file *file,
                                 const struct hunch_graph_rule *rule, size_t rule_count,
                                 hunch_actions_found *found, struct hunch_error *err);

#endif
