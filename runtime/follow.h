/* follow.h: the lists of kernels/follow_tile.h, made from the code of regexes. */
#ifndef HUNCH_FOLLOW_H
#define HUNCH_FOLLOW_H

#include "../kernels/follow_tile.h"
#include "program.h"

struct hunch_follow_tables {
    const struct hunch_allocator *a;
    struct hunch_follow *regex; /* one each of the program */
    uint32_t count;
    HUNCH_VEC(uint32_t) word;
};

/* wanted: one byte a regex, 0: no lists; NULL: all. Those that would take more than `most` words
 * together have none either. MEMORY. */
hunch_status hunch_follow_tables_make(const struct hunch_program *program, const uint8_t *wanted,
                                      size_t most, struct hunch_follow_tables *tables,
                                      struct hunch_error *err);
void hunch_follow_tables_free(struct hunch_follow_tables *tables);

#endif
