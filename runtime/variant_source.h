/* variant_source.h: the source of the prefilter as it is compiled for one program:
 * kernels/prefilter.cu with the program's numbers as constants. */
#ifndef HUNCH_VARIANT_SOURCE_H
#define HUNCH_VARIANT_SOURCE_H

#include <stdbool.h>

#include "../kernels/prefilter.h"

/* What a block is, and how far it reads ahead. */
struct hunch_variant_shape {
    uint32_t threads;
    uint32_t ahead; /* chunks whose loads a warp has in flight */
};

/* Those that are raced, in this order: the one of the kernel that serves every program first. */
enum { HUNCH_VARIANT_SHAPES = 3 };
extern const struct hunch_variant_shape hunch_variant_shape[HUNCH_VARIANT_SHAPES];

/* How a block of so many threads is launched: bytes of shared memory that it takes, and whether
 * buckets and grams go there. False: a block of this device has not enough. */
bool hunch_variant_fits(const struct hunch_gram_table *table, uint32_t threads,
                        uint32_t shared_most, uint32_t *shared, uint32_t *grams_shared);

/* The source, NUL-terminated. */
enum { HUNCH_VARIANT_TEXT_MOST = 2048 };
void hunch_variant_text(const struct hunch_gram_table *table, struct hunch_variant_shape shape,
                        uint32_t grams_shared, char text[HUNCH_VARIANT_TEXT_MOST]);

/* Whether two tables have the same numbers, and so one source: not what their pointers are. */
bool hunch_variant_same(const struct hunch_gram_table *a, const struct hunch_gram_table *b);

#endif
