/* device_budget.h: how much of a device's memory may be taken, and is. Each kind of device asks
 * before it takes a block, and says where the block lies, so that giving it back needs no size. Any
 * thread may call; what others have on the device is not counted. */
#ifndef HUNCH_DEVICE_BUDGET_H
#define HUNCH_DEVICE_BUDGET_H

#include <pthread.h>

#include "alloc.h"
#include "error.h"

struct hunch_device_block {
    void *at;
    size_t size;
};

struct hunch_device_budget {
    const struct hunch_allocator *a;
    pthread_mutex_t lock; /* of what follows */
    size_t most;          /* bytes that may be taken; SIZE_MAX: all that there are */
    bool given;           /* by the caller, who can raise it */
    size_t taken;         /* of blocks that are on their way, too */
    size_t coming;        /* such blocks */
    HUNCH_VEC(struct hunch_device_block) block;
};

/* most: SIZE_MAX where nobody knows. */
void hunch_device_budget_init(struct hunch_device_budget *b, const struct hunch_allocator *a,
                              size_t most);
void hunch_device_budget_done(struct hunch_device_budget *b);

/* The caller's own budget; what is taken already stays. */
void hunch_device_budget_give(struct hunch_device_budget *b, size_t most);

/* Before a block is taken. MEMORY: it does not fit. */
hunch_status hunch_device_budget_take(struct hunch_device_budget *b, size_t size,
                                      struct hunch_error *err);
/* Then, always: it lies at `at`; NULL: the device had none, and it is not counted. */
void hunch_device_budget_taken(struct hunch_device_budget *b, void *at, size_t size);
/* It is about to go back: then others may get the same place. */
void hunch_device_budget_release(struct hunch_device_budget *b, const void *at);

/* Bytes that may yet be taken; SIZE_MAX: nobody knows. */
size_t hunch_device_budget_left(struct hunch_device_budget *b);
/* No more than half of what may be taken is. */
bool hunch_device_budget_plenty(struct hunch_device_budget *b);

#endif
