/* gram_tile.h: the literals as a device's prefilter sees them. Tables: runtime/grams.c.
 *
 * The text is looked at through windows of 3, 4 or 5 bytes at every second place, or of 5 bytes at
 * every fourth where all literals are long, folded to lower case by one OR (which also joins other
 * bytes: this filter may say yes too often). Each literal has as many grams as the stride has
 * bytes: a window for each phase in which it may start; bytes of a window that are not the
 * literal's are open.
 *
 * First filter: a byte for each hash of a window. Bits 0 to 2: a gram of this class begins here;
 * bits 4 to 6: a gram of this class has this window a stride further on; bit 3: a gram that asks
 * for no second window begins here; bit 7: always. So "a gram may begin at p" is slot(p) & slot(p +
 * stride) >> 4 & 15, for four windows at once where their slots lie in one word. Classes keep apart
 * first and second windows of different grams.
 *
 * What the filter lets pass is looked up in buckets, by kind: which bytes of the 6 from the
 * window's start on a gram is found by. The literal itself is compared last, all of it. Literals of
 * 1 byte would fill the filter and are compared with every place, four at once.
 *
 * Worked example at stride 2: "secret" in windows of 4 with grams at 0 ("secr", then "cret") and 1
 * ("ecre", then "ret" and any byte: 128 slots). In "my secret" it starts at 3, which is odd: its
 * gram begins at 4, an even place; the slots of "ecre" and "ret." have one class in common.
 */
#ifndef HUNCH_GRAM_TILE_H
#define HUNCH_GRAM_TILE_H

#include "layout.h"

enum {
    HUNCH_GRAM_CLASSES = 3,
    HUNCH_GRAM_ALONE = 3, /* bit of a gram without a second window */
    HUNCH_GRAM_SECOND = 4 /* its class's bit stands so much higher */
};
#define HUNCH_GRAM_EMPTY 0x80u /* a slot without grams may follow a gram that is alone */

/* What a gram must find, folded and 0 where it is open, and what it stands for. A multiple of 16
 * bytes: it is read at once. */
struct hunch_gram {
    uint32_t word, mask;      /* 4 bytes from the window's start on, low byte first; which count */
    uint32_t next, next_mask; /* the 4 behind those */
    uint32_t literal;
    int32_t offset;   /* of the window from the literal's start */
    uint32_t last;    /* 1: the last one of its bucket */
    uint32_t padding; /* 0 */
};

/* By which bytes a gram is found: the first of these that it has. */
enum {
    HUNCH_GRAM_PAIR,   /* the bytes of both windows, up to 6 */
    HUNCH_GRAM_WHOLE,  /* the window */
    HUNCH_GRAM_LOW,    /* all but the window's last byte */
    HUNCH_GRAM_BEHIND, /* all but its first, and the one behind it */
    HUNCH_GRAM_HIGH,   /* all but its first */
    HUNCH_GRAM_KINDS
};

struct hunch_gram_kind {
    uint32_t mask, next_mask; /* as in struct hunch_gram */
    uint32_t first;           /* of its buckets */
    uint32_t log2;            /* of how many there are, 1 to 31 */
};

/* A literal of 1 byte: folded, four times. */
struct hunch_single {
    uint32_t bytes;
    uint32_t literal;
};

struct hunch_gram_table {
    const uint32_t *slots;  /* 1 << slot_log2 bytes */
    const uint32_t *known;  /* 1 << known_log2 bits: whether there is a gram of such a key */
    const uint32_t *bucket; /* first gram of each, by kind; HP_NONE */
    const struct hunch_gram *gram;
    const struct hunch_single *single;
    struct hunch_gram_kind kind[HUNCH_GRAM_KINDS];
    uint32_t kind_count; /* only those that there are */
    uint32_t bucket_count, gram_count, single_count, slot_log2, known_log2;
    uint32_t window; /* bytes */
    uint32_t stride; /* of windows, 2 or 4 */
};

HUNCH_TILE uint32_t hunch_gram_fold(uint32_t word)
{
    return word | 0x20202020u;
}

/* Bits 0 to 3: which bytes of a folded word may be the literal. A byte above one that is may be
 * said, too. */
HUNCH_TILE uint32_t hunch_single_at(const struct hunch_single *s, uint32_t word)
{
    const uint32_t off = word ^ s->bytes, zero = (off - 0x01010101u) & ~off & 0x80808080u;
    return ((zero >> 7) * 0x10204080u) >> 28;
}

/* The slot of a window, of its first 4 bytes and the fifth in bits 16 to 23; 0 where it has less.
 */
HUNCH_TILE uint32_t hunch_gram_slot(uint32_t word, uint32_t fifth, uint32_t slot_log2)
{
    return (word * 0x6c454843u + fifth * 0x9c35u) >> (32 - slot_log2);
}

/* What the grams of a kind are found by; its upper bits are the better ones. */
HUNCH_TILE uint32_t hunch_gram_key(const struct hunch_gram_kind *kind, uint32_t word, uint32_t next)
{
    return (word & kind->mask) * 0x9e3779b1u + (next & kind->next_mask) * 0x85ebca77u;
}

/* Compares the 8 bytes from the window's start on. */
HUNCH_TILE int hunch_gram_fits(const struct hunch_gram *gram, uint32_t word, uint32_t next)
{
    return (((word ^ gram->word) & gram->mask) | ((next ^ gram->next) & gram->next_mask)) == 0;
}

#endif
