/* fused.h: the arguments of the kernel of fused.cu, for those who launch it. Pointers are the
 * device's. */
#ifndef HUNCH_FUSED_H
#define HUNCH_FUSED_H

#include "confirm.h"
#include "prefilter.h"

/* The counters of a search: a header, and at their end the counter tail of the route fused: tiles.
 */
struct hunch_counters {
    struct hunch_results_header header;
    uint32_t literals, uses;
    uint32_t judged; /* hits in the queue */
    uint32_t asked;  /* records whose rules are judged by record */
    uint32_t spent;  /* hunch_confirm_hits_args */
    uint32_t runs;   /* parts of records in the queue */
    uint32_t captured;
    uint32_t lessons;
    struct hunch_group_tally tally;
    struct hunch_lesson lesson[HUNCH_LESSONS];
    unsigned long long busy[HUNCH_BUSY_CELLS * HUNCH_BUSY_APART]; /* busy.h; here, so that nothing
                                                                   * pads what follows */
    uint32_t committed, rolled_back;
};

struct hunch_fused_args {
    struct hunch_prefilter_args prefilter; /* first: what finds an occurrence has nothing else */
    struct hunch_busy busy;
    struct hunch_signature signature;
    struct hunch_hits_args hits;
    struct hunch_confirm_hits_args confirm;
    struct hunch_collect_args collect;
    struct hunch_counters *counters;
    uint32_t *arrived; /* blocks at the barriers; begins at 0 */
    uint32_t tile_size;
    uint32_t groups; /* that have rules: how many */
};

#endif
