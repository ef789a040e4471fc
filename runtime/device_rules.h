/* device_rules.h: a program on a device: its tables, uploaded once. Immutable but for the slabs
 * (device_slab.h) that wait here for the next scan: making one takes longer than a small dispatch.
 */
#ifndef HUNCH_DEVICE_RULES_H
#define HUNCH_DEVICE_RULES_H

#include <pthread.h>

#include "../kernels/confirm.h"
#include "../kernels/prefilter.h"
#include "device.h"
#include "device_learn.h"
#include "follow.h"
#include "gating.h"
#include "variants.h"

struct hunch_device_rules {
    struct hunch_device *device;
    const struct hunch_plan *plan;
    struct hunch_grams *grams;
    struct hunch_gating_tables gating; /* the host's */
    struct hunch_follow_tables follow; /* likewise */
    void *memory;                      /* all tables of the device but those that grow: */
    struct hunch_lessons lessons;
    struct hunch_prefilter_args prefilter; /* with the program's part filled in */
    struct hunch_hits_args hits;
    struct hunch_confirm_hits_args confirm;
    uint32_t groups;                    /* bits of those that have rules */
    uint32_t threads;                   /* of a block of the prefilter */
    uint32_t shared;                    /* bytes of shared memory that it takes */
    uint64_t share[HUNCH_KERNEL_COUNT]; /* of a tick of a block: struct hunch_busy */

    struct hunch_variants *variants; /* of the prefilter; NULL: none. Others own them */

    pthread_mutex_t lock; /* of what follows */
    struct hunch_slab *idle;
    uint64_t idle_room; /* bytes of records that all of them have room for */
};

/* The follow lists of the regexes that a device runs for the plan (*wanted: one byte a regex, the
 * caller's to free, NULL on failure to make it), `most` words at most. MEMORY. */
enum { HUNCH_DEVICE_LISTS = 16 << 20 };
hunch_status hunch_device_lists(const struct hunch_plan *plan,
                                const struct hunch_gating_tables *gating, size_t most,
                                uint8_t **wanted, struct hunch_follow_tables *lists,
                                struct hunch_error *err);

/* `plan` and `device` must outlive it. */
hunch_status hunch_device_rules_new(struct hunch_device *device, const struct hunch_plan *plan,
                                    struct hunch_device_rules **out, struct hunch_error *err);
void hunch_device_rules_free(struct hunch_device_rules *rules);

#endif
