/* prefilter.h: the arguments of the kernels of prefilter.cu, for those who launch them. Pointers
 * are the device's. */
#ifndef HUNCH_PREFILTER_H
#define HUNCH_PREFILTER_H

#include "busy.h"
#include "gram_tile.h"
#include "hit_tile.h"
#include "results.h"
#include "slab.h"
#include "tuning.h"

#define HUNCH_HITS_MANY 0x80000000u /* so many cannot be counted on without an end */

struct hunch_prefilter_args {
    struct hunch_busy busy;
    struct hunch_signature signature;
    struct hunch_slab_view slab;
    struct hunch_gram_table table;
    const struct hp_literal *literal;
    const uint8_t *blob;
    struct hunch_literal_hit *hit;
    uint32_t *count; /* occurrences found, those beyond the capacity too; begins at 0 */
    uint32_t *many;  /* gets 1 when they are HUNCH_HITS_MANY */
    uint32_t capacity;
    uint32_t chunks;       /* of HUNCH_PREFILTER_CHUNK bytes */
    uint32_t grams_shared; /* 1: buckets and grams fit into shared memory, see below */
};

/* Bytes of shared memory that a block of the prefilter takes. */
HUNCH_TILE uint32_t hunch_prefilter_shared(const struct hunch_gram_table *t, uint32_t threads,
                                           uint32_t grams_shared)
{
    const uint32_t grams = t->bucket_count + t->gram_count * (uint32_t)(sizeof *t->gram / 4),
                   words = (1u << t->known_log2) / 32 + threads / 32 * HUNCH_PREFILTER_WARP_WORDS;
    return (1u << t->slot_log2) + 4 * (words + (grams_shared ? grams : 0));
}

struct hunch_hits_args {
    struct hunch_busy busy;
    struct hunch_signature signature;
    struct hunch_slab_view slab;
    const struct hunch_literal_hit *literal_hit;
    const uint32_t *literal_count;
    uint32_t literal_capacity;
    uint32_t pattern_count;
    const struct hp_literal *literal;
    const struct hunch_literal_use *use;
    const struct hp_guard *guard;
    const uint32_t *word;
    const uint8_t *blob;
    uint32_t *seen; /* record_count * pattern_count bits, 0 at first: gets 1 where a literal occurs;
                     * NULL: too many for that */
    struct hunch_use_hit *hit;
    uint32_t *count, *many; /* as above */
    uint32_t capacity;
};

#endif
