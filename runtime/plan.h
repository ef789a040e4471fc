/* plan.h: what a scan derives from a program before it starts: the order in which rules are
 * decided, which rules are asked for, which literals need only be seen once. Immutable while scans
 * run. */
#ifndef HUNCH_PLAN_H
#define HUNCH_PLAN_H

#include "../kernels/hit_tile.h"
#include "names.h"
#include "program.h"

struct hunch_plan {
    const struct hunch_program *program;
    uint32_t *rank;   /* per rule: its place among decisions; a rule comes after those it needs */
    uint8_t *wanted;  /* per rule: HUNCH_WANTED bits */
    uint32_t *always; /* rules that are candidates on every record; behind the others those... */
    uint32_t always_count;
    uint32_t named_count; /* ...that ask for its name first: where that fails they report nothing */
    uint32_t named_groups;    /* bits of groups that they commit in every record all the same */
    struct hunch_names names; /* of which names such a rule may report something */
    uint8_t *single;          /* per literal: the first occurrence in a record is enough */
    bool has_global;
    bool in_order; /* decided in the order of their matches: rules need none of each other */
    struct hunch_literal_use *use; /* one an entry of LITERAL_USER */
};

enum {
    HUNCH_WANTED_REPORT = 1, /* its matches are reported */
    HUNCH_WANTED_DECIDE = 2  /* it is decided: for its own sake, or because a wanted rule needs it,
                                or because it is global */
};

/* Which rules to report: called with the rule's index; NULL: every rule that is not private. */
typedef bool hunch_plan_filter(void *ctx, uint32_t rule);

hunch_status hunch_plan_new(const struct hunch_program *p, hunch_plan_filter *filter, void *ctx,
                            struct hunch_plan **out, struct hunch_error *err);
void hunch_plan_free(struct hunch_plan *plan);

#endif
