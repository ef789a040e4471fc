/* gram_tile.h: the literals as a device's prefilter sees them. Tables: runtime/grams.c.
 *
 * The text is looked at through windows of 4 bytes at every second place, folded to lower case by
 * one OR (which also joins other bytes: this filter may say yes too often). Each literal of 3 bytes
 * or more has two grams: one window for occurrences that start at an even place, one for odd ones.
 *
 * First filter: two bits for each hash of a window. FIRST: a gram begins here; SECOND: a gram's
 * next 4 bytes, two places on, are these; a gram whose literal ends before has both bits on its own
 * window. So "a gram may begin at p" is FIRST(p) and (SECOND(p) or SECOND(p + 2)). Then a bucket of
 * grams says which literals; the literal itself is compared last, byte by byte.
 *
 * Literals of 1 and 2 bytes are compared with every place, four at once.
 *
 * Worked example: "secret" with windows 2 ("cret") and 1 ("ecre"). In "my secret" it starts at 3,
 * which is odd: its window 1 begins at 4, an even place; FIRST is set for "ecre" and, since 6 bytes
 * follow from there, SECOND for "ret?" is not: a literal says 6 bytes from its window, or is alone.
 */
#ifndef HUNCH_GRAM_TILE_H
#define HUNCH_GRAM_TILE_H

#include "layout.h"

struct hunch_gram {
    uint32_t word;  /* the window, folded, low byte first; 0 where mask is 0 */
    uint32_t mask;  /* of the bytes that the literal says; 3 or all of 4 */
    uint32_t word2; /* the 4 bytes behind the window alike; mask2 may be 0 */
    uint32_t mask2;
    uint32_t literal;
    int32_t offset; /* of the window from the literal's start */
};

/* By which bytes of its window a gram is found. */
enum { HUNCH_GRAM_FULL, HUNCH_GRAM_LOW, HUNCH_GRAM_HIGH, HUNCH_GRAM_KINDS };

/* A literal of 1 or 2 bytes, each byte four times, folded. */
struct hunch_short {
    uint32_t first, second;
    uint32_t open; /* all bits: there is no second byte */
    uint32_t literal;
};

struct hunch_gram_table {
    const uint32_t *slots;                    /* 2 bits for each of 1 << slot_log2 hashes */
    const uint32_t *bucket[HUNCH_GRAM_KINDS]; /* first gram of each bucket, and the end */
    const struct hunch_gram *gram;            /* by kind, then by bucket */
    const struct hunch_short *shorts;
    uint32_t bucket_log2[HUNCH_GRAM_KINDS]; /* 0: there are none of this kind */
    uint32_t slot_log2;
    uint32_t gram_count, short_count;
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

/* What of a window the grams of a kind are found by. */
HUNCH_TILE uint32_t hunch_gram_key(uint32_t word, uint32_t kind)
{
    return kind == HUNCH_GRAM_FULL ? word : kind == HUNCH_GRAM_LOW ? word & 0xffffffu : word >> 8;
}

/* Of a folded window: the grams [*from, *to) of a kind that may be it. */
HUNCH_TILE void hunch_gram_bucket(const struct hunch_gram_table *t, uint32_t word, uint32_t kind,
                                  uint32_t *from, uint32_t *to)
{
    *from = *to = 0;
    if (t->bucket_log2[kind] == 0)
        return;
    const uint32_t bucket = hunch_gram_hash(hunch_gram_key(word, kind), t->bucket_log2[kind]);
    *from = t->bucket[kind][bucket];
    *to = t->bucket[kind][bucket + 1];
}

/* Bit 7 of each byte of `word` at which the short literal may stand; `next`: the bytes one on. A
 * byte above one that does may be set, too. */
HUNCH_TILE uint32_t hunch_short_at(const struct hunch_short *s, uint32_t word, uint32_t next)
{
    const uint32_t off = (word ^ s->first) | ((next ^ s->second) & ~s->open);
    return (off - 0x01010101u) & ~off & 0x80808080u;
}

#endif
