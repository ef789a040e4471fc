/* kept.h: records that are behind the prefilter and wait to be decided: their hits, the rules that
 * can match, and what gates said. A thread of a serial dispatch puts each record's here and takes
 * it back into its worker when the record's turn comes. */
#ifndef HUNCH_KEPT_H
#define HUNCH_KEPT_H

#include "worker.h"

struct hunch_kept_pattern {
    uint32_t pattern;
    uint16_t state;
    uint8_t seen;
    uint32_t hits; /* so many of `hit` are its */
};

struct hunch_kept_rule {
    uint32_t rule;
    uint32_t verdict; /* HUNCH_GATE_* */
};

struct hunch_kept_record {
    size_t pattern, pattern_count;
    size_t rule, rule_count; /* none: it has no matches */
    size_t hit;
};

struct hunch_kept {
    HUNCH_VEC(struct hunch_kept_record) record;
    HUNCH_VEC(struct hunch_kept_pattern) pattern;
    HUNCH_VEC(struct hunch_kept_rule) rule;
    hunch_hits hit;
};

/* The worker's record, of which all slices were seen, as the next one. MEMORY. */
hunch_status hunch_kept_add(struct hunch_kept *k, struct hunch_worker *w, struct hunch_error *err);

/* Into a worker that has begun the record. MEMORY. */
hunch_status hunch_kept_take(const struct hunch_kept *k, size_t record, struct hunch_worker *w,
                             struct hunch_error *err);

/* Notes what the worker's gates said of this record, whose rules are still those of `take`. */
void hunch_kept_verdicts(struct hunch_kept *k, size_t record, const struct hunch_worker *w);

/* Is there a rule whose gate is not known to fail? */
bool hunch_kept_open(const struct hunch_kept *k, size_t record);

void hunch_kept_clear(const struct hunch_allocator *a, struct hunch_kept *k);
void hunch_kept_free(const struct hunch_allocator *a, struct hunch_kept *k);

#endif
