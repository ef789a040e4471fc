/* device_budget.c: see device_budget.h. */
#include "device_budget.h"

void hunch_device_budget_init(struct hunch_device_budget *b, const struct hunch_allocator *a,
                              size_t most)
{
    *b = (struct hunch_device_budget){.a = a, .most = most};
    pthread_mutex_init(&b->lock, NULL);
}

void hunch_device_budget_done(struct hunch_device_budget *b)
{
    hunch_vec_free(b->a, &b->block);
    pthread_mutex_destroy(&b->lock);
}

void hunch_device_budget_give(struct hunch_device_budget *b, size_t most)
{
    pthread_mutex_lock(&b->lock);
    b->most = most;
    b->given = true;
    pthread_mutex_unlock(&b->lock);
}

hunch_status hunch_device_budget_take(struct hunch_device_budget *b, size_t size,
                                      struct hunch_error *err)
{
    pthread_mutex_lock(&b->lock);
    const size_t most = b->most;
    const bool given = b->given, fits = b->taken <= most && size <= most - b->taken;
    /* Room for the block, and for those of others that are on their way. */
    const bool room = fits && hunch_vec_reserve(b->a, &b->block, b->coming + 1);
    if (room) {
        b->taken += size;
        b->coming++;
    }
    pthread_mutex_unlock(&b->lock);
    if (room)
        return HUNCH_OK;
    if (fits)
        return hunch_fail_memory(err, sizeof *b->block.items, "a list of a device's memory");
    return given ? hunch_fail(err, HUNCH_ERROR_MEMORY,
                              "the device_memory of %zu bytes has no room for %zu more; raise it",
                              most, size)
                 : hunch_fail(err, HUNCH_ERROR_MEMORY,
                              "the GPU's memory, of which %zu bytes were free, has no room for %zu "
                              "more",
                              most, size);
}

void hunch_device_budget_taken(struct hunch_device_budget *b, void *at, size_t size)
{
    pthread_mutex_lock(&b->lock);
    b->coming--;
    if (at != NULL)
        b->block.items[b->block.count++] = (struct hunch_device_block){at, size};
    else
        b->taken -= size;
    pthread_mutex_unlock(&b->lock);
}

void hunch_device_budget_release(struct hunch_device_budget *b, const void *at)
{
    pthread_mutex_lock(&b->lock);
    size_t i = b->block.count;
    while (i > 0 && b->block.items[i - 1].at != at)
        i--;
    if (i > 0) {
        b->taken -= b->block.items[i - 1].size;
        b->block.items[i - 1] = b->block.items[--b->block.count];
    }
    if (b->block.count == 0 && b->coming == 0)
        hunch_vec_free(b->a, &b->block); /* a device that nobody uses keeps nothing */
    pthread_mutex_unlock(&b->lock);
}

size_t hunch_device_budget_left(struct hunch_device_budget *b)
{
    pthread_mutex_lock(&b->lock);
    const size_t left = b->most == SIZE_MAX   ? SIZE_MAX
                        : b->taken <= b->most ? b->most - b->taken
                                              : 0;
    pthread_mutex_unlock(&b->lock);
    return left;
}

bool hunch_device_budget_plenty(struct hunch_device_budget *b)
{
    pthread_mutex_lock(&b->lock);
    const bool plenty = b->taken <= b->most / 2;
    pthread_mutex_unlock(&b->lock);
    return plenty;
}
