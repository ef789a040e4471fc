/* gram_tile.h: the literals as a device's prefilter sees them. Tables: runtime/grams.c.
 *
 * The text is looked at through windows of 4 bytes at every second place, folded to lower case by
 * one OR (which also joins other bytes: this filter may say yes too often). Each literal of 3 bytes
 * or more has two grams: one window for occurrences that start at an even place, one for odd ones.
 * First a bitmap over hashed windows says "none", then a bucket of grams says which literals; the
 * literal itself is compared last, byte by byte.
 *
 * Worked example: "secret" with windows 2 ("cret") and 1 ("ecre"). In "my secret" it starts at 3,
 * which is odd: its window 1 begins at 4, an even place. */
#ifndef HUNCH_GRAM_TILE_H
#define HUNCH_GRAM_TILE_H

#include "layout.h"

struct hunch_gram {
    uint32_t word; /* the window, folded, low byte first; 0 where mask is 0 */
    uint32_t mask; /* of the bytes that the literal says; 3 or all of 4 */
    uint32_t literal;
    int32_t offset; /* of the window from the literal's start */
};

struct hunch_gram_table {
    const uint32_t *bits; /* 1 << bit_log2 bits by the hash of a window */
    const uint32_t *low;  /* first gram of a bucket, by the hash of a window's bytes 0 to 2 */
    const uint32_t *high; /* by that of its bytes 1 to 3: grams that do not say byte 0 */
    const struct hunch_gram *gram;          /* those of `low`, then those of `high` */
    uint32_t bit_log2, low_log2, high_log2; /* high_log2 0: there are none */
    uint32_t gram_count;
};

HUNCH_TILE uint32_t hunch_gram_fold(uint32_t word)
{
    return word | 0x20202020u;
}

/* log2: 1 to 31. */
HUNCH_TILE uint32_t hunch_gram_hash(uint32_t word, uint32_t log2)
{
    return (word * 0x9e3779b1u) >> (32 - log2);
}

/* Of a folded window: the grams [*from, *to) that may be it. `which`: 0, then 1. */
HUNCH_TILE void hunch_gram_bucket(const struct hunch_gram_table *t, uint32_t word, uint32_t which,
                                  uint32_t *from, uint32_t *to)
{
    *from = *to = 0;
    if (which == 1 && t->high_log2 == 0)
        return;
    const uint32_t *start = which == 0 ? t->low : t->high;
    uint32_t bucket = which == 0 ? hunch_gram_hash(word & 0xffffffu, t->low_log2)
                                 : hunch_gram_hash(word >> 8, t->high_log2);
    *from = start[bucket];
    *to = start[bucket + 1];
}

#endif
