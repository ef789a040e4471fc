/* gating.h: a plan's rules in the tables of kernels/gating_tile.h, on the host. */
#ifndef HUNCH_GATING_H
#define HUNCH_GATING_H

#include "../kernels/gating_tile.h"
#include "plan.h"

struct hunch_gating_tables {
    const struct hunch_allocator *a;
    struct hunch_gating view; /* of what follows */
    uint32_t patterns, rules;
    bool asks_all; /* some rule is BY_RECORD, or LATE */
    struct hunch_gated_rule *rule;
    HUNCH_VEC(uint32_t) run_pattern; /* of each rule BY_RUNS, what it searches for */
    uint8_t *shared;
    struct {
        uint32_t *first; /* patterns + 1 */
        HUNCH_VEC(uint32_t) rule;
    } asking, searching;
};

hunch_status hunch_gating_tables_make(const struct hunch_plan *plan, struct hunch_gating_tables *m,
                                      struct hunch_error *err);
void hunch_gating_tables_free(struct hunch_gating_tables *m);

#endif
