/* confirm.h: the arguments of the kernels of confirm.cu, for those who launch them. Pointers are
 * the device's. */
#ifndef HUNCH_CONFIRM_H
#define HUNCH_CONFIRM_H

#include "busy.h"
#include "gating_tile.h"
#include "record_tile.h"
#include "results.h"

/* What came of one record. */
struct hunch_record_state {
    uint32_t committed;  /* bit g: the gate of a rule of group g holds */
    uint32_t speculated; /* bit g: a rule of group g was confirmed before its gate was known */
    uint32_t needed;     /* HUNCH_RECORD_* */
};
enum {
    HUNCH_RECORD_SILENT, /* no rule reports anything */
    HUNCH_RECORD_NEEDED, /* the host decides it, by the hits that are left */
    HUNCH_RECORD_READ,   /* likewise, and for that reads most of it */
    HUNCH_RECORD_AGAIN   /* the host does all of it: what the device knows is not enough */
};

/* A part of a record in which a rule BY_RUNS has to find its run, or the record is not needed for
 * it. */
enum {
    HUNCH_RUN_ASKED = 1, /* it has been queued */
    HUNCH_RUN_FOUND = 2  /* it stands there, or nobody looked */
};

struct hunch_run_part {
    uint32_t record, rule;
    uint32_t part; /* HUNCH_RUN_PART bytes from number `part` times that on */
};

struct hunch_confirm_hits_args {
    struct hunch_busy busy;
    struct hunch_signature signature;
    struct hunch_slab_view slab;
    const struct hunch_use_hit *hit;
    const uint32_t *hit_count;
    uint32_t hit_capacity;
    uint32_t now;           /* bits of groups whose confirmers run; hits that others want stay */
    uint32_t ungated;       /* bits of groups whose gates have been asked */
    uint32_t judged;        /* 1: `verdict` is there already, gates or not */
    uint32_t pattern_count; /* of the program */
    const struct hunch_literal_use *use;
    struct hunch_gating gating;
    struct hunch_tables tables;
    const uint32_t *seen;              /* as hunch_hits_args left it; NULL: no gate is known */
    struct hunch_hit_verdict *verdict; /* one a hit */
    struct hunch_record_state *record; /* all 0 at first */
    uint32_t *queue;       /* numbers of hits that are to be judged, few of all; room for all */
    uint32_t *queue_count; /* begins at 0 */
    uint32_t *spent;     /* blocks of HUNCH_SPENT_BLOCK bytes that judging has read; begins at 0 */
    uint32_t spent_most; /* then hits are left to the host: a text made of them stays bearable */
    struct hunch_chain *chain; /* one a record, all 0 at first; NULL: no rule asks for all hits */
    uint32_t *next;            /* of the chains: one a hit */
    uint32_t *asked_count;     /* records in their list; begins at 0 */
    const struct hp_literal *literal;
    uint32_t chain_most; /* hits of a record that rules are judged by */
    uint32_t *run_state; /* HUNCH_RUN_* of a record and a rule BY_RUNS, two bits each; all 0 at
                            first. NULL: there are too many */
    uint32_t run_rules;  /* BY_RUNS, in all */
    struct hunch_run_part *run; /* queued */
    uint32_t *run_count;        /* of them, more than there is room for too; begins at 0 */
    uint32_t run_capacity;
    struct hunch_captured *captured; /* groups of matches; those for which there is no room are
                                        worked out by the host */
    uint32_t *captured_count;        /* more than there is room for too; begins at 0 */
    uint32_t captured_capacity;
    struct hunch_lesson *lesson;     /* places to learn from, room for HUNCH_LESSONS */
    uint32_t *lesson_count;          /* of all that there were; begins at 0 */
    struct hunch_group_tally *tally; /* of all matches; begins at 0 */
};
#define HUNCH_SPENT_BLOCK 64
#define HUNCH_LESSONS 128

struct hunch_collect_args {
    struct hunch_busy busy;
    struct hunch_signature signature;
    const struct hunch_use_hit *hit;
    const uint32_t *hit_count;
    uint32_t hit_capacity;
    uint32_t every; /* 1: all records are needed */
    const struct hunch_hit_verdict *verdict;
    const struct hunch_captured *captured;
    const struct hunch_record_state *record;
    struct hunch_kept_hit *kept; /* KEPT ones of needed records, and REJECTED ones; room for all */
    uint32_t *kept_count;        /* begins at 0 */
};

#endif
