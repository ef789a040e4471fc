/* liveness.h: the reverse pass that makes all matches of any regex linear.
 *
 * Read from right to left, a regex has at each position a set of *live* states: those from which a
 * match can still be completed. Where that set is known, the leftmost-first match is walked without
 * looking ahead: at every choice the first live alternative is taken. Sets are kept at checkpoints
 * only (one bit a state, every `stride` bytes), the block between two of them is computed again
 * when the walk enters it: two passes over the text, memory states / 8 / stride of the record, in a
 * budgeted spill. */
#ifndef HUNCH_LIVENESS_H
#define HUNCH_LIVENESS_H

#include "regex.h"

/* A walk that waits at a position in a state ends there. */
struct hunch_liveness_end {
    uint64_t key; /* position and state, plus 1; 0: free */
    uint64_t end;
};

struct hunch_liveness {
    const struct hunch_allocator *a;
    struct hunch_regex_view regex;
    bool ready;
    bool every_start; /* the caller asks for the match of every start: walks remember where they end
                       */
    uint64_t from, to;    /* the part of the record it covers */
    uint64_t stride;      /* bytes between checkpoints */
    size_t words;         /* 64-bit words of a set */
    uint64_t *checkpoint; /* set at from + k * stride */
    size_t checkpoint_count;
    uint64_t *block[2]; /* sets of the blocks that were entered last, stride + 1 of them each... */
    uint64_t block_at[2]; /* ...and where these begin, HUNCH_NOWHERE: none */
    uint32_t block_last;  /* the one that was used last */
    uint64_t *scratch;    /* two sets */
    uint32_t *back;       /* instructions that go back without a byte, from the last one */
    uint32_t back_count;
    struct hunch_liveness_end *ends; /* a hash table, NULL until it is needed */
    size_t ends_count;
    HUNCH_VEC(uint64_t) waits; /* keys of the walk that runs */
    uint32_t *stack;   /* of the walk: pairs (instruction or restored slot, count), then saved slot
                          values */
    uint64_t *saved;   /* slot values to put back, beside the stack */
    uint64_t *visited; /* set of states that the walk has tried at this position */
};

/* Reads [from, to) of the record backwards once. `budget`: bytes for checkpoints; more is
 * HUNCH_ERROR_LIMIT. */
hunch_status hunch_liveness_build(struct hunch_liveness *l, const struct hunch_allocator *a,
                                  const struct hunch_regex_view *regex, struct hunch_source *source,
                                  uint64_t from, uint64_t to, size_t budget,
                                  struct hunch_error *err);

/* The first match that starts at or after `at`; slots (or NULL) get its groups. */
hunch_status hunch_liveness_next(struct hunch_liveness *l, struct hunch_source *source, uint64_t at,
                                 bool *found, uint64_t *start, uint64_t *end, uint64_t *slots,
                                 struct hunch_error *err);

/* Where the match that ends at `end` starts, if it is known to be the leftmost one and to start at
 * `low` or later: read backwards from `end` while a state is live. HUNCH_NOWHERE: there is none. */
hunch_status hunch_liveness_start(const struct hunch_allocator *a,
                                  const struct hunch_regex_view *regex, struct hunch_source *source,
                                  uint64_t low, uint64_t end, uint64_t *start,
                                  struct hunch_error *err);

void hunch_liveness_free(struct hunch_liveness *l);

#endif
