/* bring.h: the arguments of the kernels of bring.cu, for those who launch them. Pointers are the
 * device's. A record is cut into grains of HUNCH_GRAIN bytes, from its start on; the last may be
 * shorter. */
#ifndef HUNCH_BRING_H
#define HUNCH_BRING_H

#include "portable.h"
#include "tuning.h"

struct hunch_piece {
    uint32_t from, size; /* bytes of the slab, at most a grain */
};

/* Piece i goes to to[i * HUNCH_GRAIN]. */
struct hunch_pieces_args {
    const uint8_t *bytes; /* of the slab */
    const struct hunch_piece *piece;
    uint32_t count;
    uint8_t *to;
};

struct hunch_counted {
    uint32_t from, size; /* a record: bytes of the slab */
    uint32_t first;      /* number of its first grain; ascending, the first is 0 */
};

struct hunch_grain {
    uint16_t newlines;
    uint16_t behind; /* the last of them, counted from the grain's start; 0: there is none */
};

/* Newlines of each grain of some records. */
struct hunch_newlines_args {
    const uint8_t *bytes;
    const struct hunch_counted *record;
    uint32_t record_count;
    uint32_t grain_count; /* of all of them */
    struct hunch_grain *to;
};

#endif
