/* slab.h: records beside each other in one buffer, as kernels see them, and what kernels say of
 * them. */
#ifndef HUNCH_SLAB_H
#define HUNCH_SLAB_H

#include "layout.h"

struct hunch_slab_view {
    const uint8_t *bytes;  /* 16-byte aligned, zero-padded: tuning.h */
    const uint32_t *start; /* of each record, and the end of the last: ascending */
    const uint32_t
        *around; /* record in which byte b << HUNCH_RECORD_BLOCK lies, one more at the end */
    uint32_t record_count;
    uint32_t size; /* of all records */
};

/* A literal at a place of the slab. */
struct hunch_literal_hit {
    uint32_t at;
    uint32_t literal;
};

/* A use of a literal that hunch_hit_tile let pass. */
struct hunch_use_hit {
    uint32_t record;
    uint32_t at; /* in the record */
    uint32_t use;
};

/* The groups of a match of a regex with few of them: start and end in the record, 0xffffffff: not
 * set.
 */
#define HUNCH_CAPTURED_GROUPS 2
struct hunch_captured {
    uint32_t place[2 * HUNCH_CAPTURED_GROUPS];
};

/* What confirmers make of a hit. */
enum {
    HUNCH_HIT_DROPPED,
    HUNCH_HIT_KEPT,     /* the host looks at it */
    HUNCH_HIT_REJECTED, /* its match is one that no rule accepts; others can only begin behind it */
    HUNCH_HIT_LATE      /* of the route fused: it is judged once all hits are known */
};
struct hunch_hit_verdict {
    uint32_t kind;       /* HUNCH_HIT_* */
    uint32_t start, end; /* the match, in the record; end 0: it is not known */
    uint32_t captured; /* number of its groups, from 1; 0: they are not known, or there are none */
};

struct hunch_kept_hit {
    struct hunch_use_hit hit;
    struct hunch_hit_verdict verdict;
    struct hunch_captured captured; /* where the verdict has some */
};

#endif
