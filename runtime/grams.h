/* grams.h: a program's literals in the tables of kernels/gram_tile.h, on the host. */
#ifndef HUNCH_GRAMS_H
#define HUNCH_GRAMS_H

#include "../kernels/gram_tile.h"
#include "program.h"

struct hunch_grams {
    const struct hunch_allocator *a;
    struct hunch_gram_table table; /* points into what follows */
    uint32_t *slots, *known, *bucket;
    struct hunch_gram *gram;
    struct hunch_single *single;
};

/* For blocks that may have `shared_most` bytes of shared memory, of which the first filter takes at
 * most three fifths. */
hunch_status hunch_grams_new(const struct hunch_program *p, uint32_t shared_most,
                             struct hunch_grams **out, struct hunch_error *err);
void hunch_grams_free(struct hunch_grams *g);

#endif
