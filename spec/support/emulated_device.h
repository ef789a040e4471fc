/* emulated_device.h: a device whose kernels run in the emulator, for device_module.c. Every buffer
 * is one allocation of its exact size. It can be told to fail, to leave out a kernel, and to spoil
 * what comes back. */
#ifndef HUNCH_EMULATED_DEVICE_H
#define HUNCH_EMULATED_DEVICE_H

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "../../kernels/emulator/simt.h"
#include "device_slab_state.h"

struct emulated {
    struct hunch_device base;
    pthread_mutex_t lock; /* one launch at a time */
    struct simt_machine *machine;
    uint64_t seed;
    const char *prefilter; /* the kernel that searches for literals */
    atomic_ullong calls;
    uint64_t fail_at;
    atomic_llong memory; /* that is left */
    atomic_llong copies;
    char *skipped; /* a kernel that is started and does nothing, or NULL */
    struct {       /* a number of struct hunch_counters that comes back wrong */
        size_t offset;
        uint32_t value;
        uint64_t at; /* how many times counters have come back by then; 0: never */
    } spoil;
    atomic_ullong counters_back;
};

static bool failing(struct hunch_device *d)
{
    struct emulated *e = (struct emulated *)d;
    return e->fail_at > 0 && atomic_fetch_add(&e->calls, 1) + 1 >= e->fail_at;
}

static hunch_status take_host(struct hunch_device *d, size_t size, void **address,
                              struct hunch_error *err)
{
    struct emulated *e = (struct emulated *)d;
    *address = failing(d) ? NULL : malloc(size);
    if (*address != NULL && atomic_fetch_sub(&e->memory, (long long)malloc_usable_size(*address)) <
                                (long long)malloc_usable_size(*address)) {
        atomic_fetch_add(&e->memory, (long long)malloc_usable_size(*address));
        free(*address);
        *address = NULL;
    }
    if (*address == NULL)
        return hunch_fail(err, HUNCH_ERROR_MEMORY, "the emulated device has no memory");
    memset(*address, 0xa5, size);
    return HUNCH_OK;
}

static void release_host(struct hunch_device *d, void *address)
{
    struct emulated *e = (struct emulated *)d;
    atomic_fetch_add(&e->memory, (long long)malloc_usable_size(address));
    free(address);
}

static void release(struct hunch_device *d, void *address)
{
    hunch_device_budget_release(&d->budget, address);
    release_host(d, address);
}

static hunch_status take(struct hunch_device *d, size_t size, void **address,
                         struct hunch_error *err)
{
    hunch_status status = hunch_device_budget_take(&d->budget, size, err);
    if (status != HUNCH_OK)
        return status;
    status = take_host(d, size, address, err);
    hunch_device_budget_taken(&d->budget, status == HUNCH_OK ? *address : NULL, size);
    return status;
}

/* Memory that a spec has pinned. */
static struct {
    const void *at;
    size_t size;
} pinned_by_spec;

static size_t pinned(struct hunch_device *d, const void *at, const void **start)
{
    (void)d;
    *start = pinned_by_spec.at;
    return (uintptr_t)at - (uintptr_t)pinned_by_spec.at < pinned_by_spec.size ? pinned_by_spec.size
                                                                              : 0;
}

static hunch_status copy(struct hunch_device *d, unsigned stream, void *to, const void *from,
                         size_t size, struct hunch_error *err)
{
    (void)stream;
    if (failing(d))
        return hunch_fail(err, HUNCH_ERROR_IO, "the emulated device is gone");
    atomic_fetch_add(&((struct emulated *)d)->copies, 1);
    memcpy(to, from, size);
    return HUNCH_OK;
}

static hunch_status get(struct hunch_device *d, unsigned stream, void *to, const void *from,
                        size_t size, struct hunch_error *err)
{
    struct emulated *e = (struct emulated *)d;
    hunch_status status = copy(d, stream, to, from, size, err);
    if (status == HUNCH_OK && size == sizeof(struct hunch_counters) &&
        atomic_fetch_add(&e->counters_back, 1) + 1 == e->spoil.at)
        memcpy((uint8_t *)to + e->spoil.offset, &e->spoil.value, sizeof e->spoil.value);
    return status;
}

static hunch_status clear(struct hunch_device *d, unsigned stream, void *to, size_t size,
                          struct hunch_error *err)
{
    (void)d;
    (void)stream;
    (void)err;
    memset(to, 0, size);
    return HUNCH_OK;
}

static hunch_status launch(struct hunch_device *d, unsigned stream, const struct hunch_launch *l,
                           struct hunch_error *err)
{
#define HUNCH_X(name) #name,
    static const char *const names[] = {HUNCH_KERNELS(HUNCH_X)};
#undef HUNCH_X
    struct emulated *e = (struct emulated *)d;
    struct simt_launch shape = {.grid = {l->blocks, 1, 1},
                                .block = {l->threads, 1, 1},
                                .shared_bytes = l->shared,
                                .resident = l->together ? l->blocks : 0,
                                .seed = e->seed};
    struct simt_error why;
    (void)stream;
    if (failing(d))
        return hunch_fail(err, HUNCH_ERROR_IO, "the emulated device starts no kernel");
    if (l->shared > d->shared_most)
        return hunch_fail(err, HUNCH_ERROR_IO, "%s: a block of the emulated device has %u bytes",
                          names[l->kernel], d->shared_most);
    if (e->skipped != NULL && strcmp(e->skipped, names[l->kernel]) == 0)
        return HUNCH_OK;
    pthread_mutex_lock(&e->lock);
    enum simt_status status = simt_run(
        e->machine, l->kernel == HUNCH_ID_hunch_prefilter_kernel ? e->prefilter : names[l->kernel],
        &shape, l->args, l->args_size, &why);
    pthread_mutex_unlock(&e->lock);
    if (status != SIMT_OK)
        return hunch_fail(err, HUNCH_ERROR_IO, "%.400s", why.message);
    return HUNCH_OK;
}

static hunch_status wait(struct hunch_device *d, unsigned stream, struct hunch_error *err)
{
    (void)d;
    (void)stream;
    (void)err;
    return HUNCH_OK;
}

static uint32_t resident(struct hunch_device *d, enum hunch_kernel_id kernel, uint32_t threads,
                         uint32_t shared)
{
    (void)d;
    (void)kernel;
    return shared > 100000 ? 1 : 2048 / threads;
}

static void close_device(struct hunch_device *d)
{
    struct emulated *e = (struct emulated *)d;
    simt_close(e->machine);
    pthread_mutex_destroy(&e->lock);
    hunch_device_budget_done(&e->base.budget);
    free(e->skipped);
    free(e);
}

static const struct hunch_device_kind emulated_kind = {
    "emulator", close_device, take,  release, take_host, release_host, pinned, copy,
    get,        copy,         clear, launch,  wait,      resident,     NULL};

static void open_device(struct emulated *e, uint64_t seed)
{
    memset(e, 0, sizeof *e);
    e->base = (struct hunch_device){.kind = &emulated_kind,
                                    .about = "emulated",
                                    .multiprocessors = 2,
                                    .shared_most = 200000,
                                    .clock_khz = 1000000};
    pthread_mutex_init(&e->lock, NULL);
    hunch_device_budget_init(&e->base.budget, NULL, SIZE_MAX);
    e->machine = simt_open();
    e->seed = seed;
    e->prefilter = "hunch_prefilter_kernel";
    atomic_init(&e->memory, INT64_MAX);
    atomic_init(&e->copies, 0);
}

#endif
