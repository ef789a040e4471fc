/* guard.h: builds a guard, the small DFA that rejects most occurrences of an anchor at once.
 * Called when rules are compiled; what it returns is data of the program (struct hp_guard). */
#ifndef HUNCH_GUARD_H
#define HUNCH_GUARD_H

#include <stddef.h>

#include "../kernels/layout.h"
#include "alloc.h"
#include "error.h"

struct hunch_guard_build {
    uint16_t *table;      /* rows of 1 << shift entries; states 0 reject, 1 accept, 2 start */
    size_t entries;       /* state_count << shift */
    uint32_t shift;       /* */
    uint32_t state_count; /* 0: a guard from here could reject nothing */
    uint8_t byte_class[256];
};

/* Subset construction over `code` from instruction `entry`, or, where `start` is not NULL, from a
 * set of states that wait for a byte (start_count of them, ascending). Assertions that need a look
 * at the neighbours count as holding, and where `max_states` (3..65535) or HP_GUARD_DEPTH is
 * reached the guard accepts. The caller frees `table` by hunch_free_array(a, out->table,
 * out->entries, sizeof(uint16_t)). */
hunch_status hunch_guard_build(const struct hunch_allocator *a, const struct hp_instr *code,
                               uint32_t code_count, const struct hp_class *classes,
                               uint32_t class_count, uint32_t entry, const uint32_t *start,
                               size_t start_count, uint32_t max_states,
                               struct hunch_guard_build *out, struct hunch_error *err);

#endif
