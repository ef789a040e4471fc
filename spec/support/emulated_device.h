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

/* Memory of zeros, large and never touched, with a few texts in it. */
struct sparse {
    uint8_t *at;
    size_t length, count;
    struct {
        const uint8_t *from, *to;
    } text[16];
};

struct emulated {
    struct hunch_device base;
    pthread_mutex_t lock; /* one launch at a time */
    struct simt_machine *machine;
    uint64_t seed;
    const char *prefilter; /* the kernel that searches for literals */
    atomic_ullong calls;
    uint64_t fail_at;
    bool all_count;      /* clearing and waiting are calls that may fail, too */
    atomic_llong memory; /* that is left */
    atomic_llong copies;
    char *skipped; /* a kernel that is started and does nothing, or NULL */
    struct {       /* a number of struct hunch_counters that comes back wrong */
        size_t offset;
        uint32_t value;
        uint64_t at; /* how many times counters have come back by then; 0: never */
    } spoil;
    atomic_ullong counters_back;
    const struct sparse *sparse; /* records lie there; NULL: anywhere */
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
    *address = failing(d) ? NULL : e->sparse ? calloc(1, size) : malloc(size);
    if (*address != NULL && atomic_fetch_sub(&e->memory, (long long)malloc_usable_size(*address)) <
                                (long long)malloc_usable_size(*address)) {
        atomic_fetch_add(&e->memory, (long long)malloc_usable_size(*address));
        free(*address);
        *address = NULL;
    }
    if (*address == NULL)
        return hunch_fail(err, HUNCH_ERROR_MEMORY, "the emulated device has no memory");
    if (!e->sparse) /* whose tables are as large as the text: what is not touched takes no memory */
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
    (void)stream;
    if (((struct emulated *)d)->all_count && failing(d))
        return hunch_fail(err, HUNCH_ERROR_IO, "the emulated device clears nothing");
    memset(to, 0, size);
    return HUNCH_OK;
}

/* Some blocks of a grid. */
struct some_blocks {
    uint32_t grid;
    size_t count;
    uint64_t number[1024];
};

static void add_block(struct some_blocks *some, uint64_t number)
{
    for (size_t i = 0; i < some->count; i++)
        if (some->number[i] == number)
            return;
    if (some->count == sizeof some->number / sizeof *some->number)
        abort(); /* the spec's texts are too long */
    some->number[some->count++] = number;
}

/* Adds the blocks of `warps` warps whose pieces of `piece` bytes, a warp each, the sparse texts
 * touch: the first piece is number `first` and begins at `bytes`, as does what has `size` bytes. */
static void add_pieces(struct some_blocks *some, const struct sparse *s, const uint8_t *bytes,
                       uint64_t size, uint64_t first, uint32_t piece, uint32_t warps)
{
    for (size_t i = 0; i < s->count; i++) {
        const uint8_t *from = s->text[i].from > bytes ? s->text[i].from : bytes,
                      *to = s->text[i].to < bytes + size ? s->text[i].to : bytes + size;
        for (; from < to; from += piece - (uint64_t)(from - bytes) % piece)
            add_block(some, (first + (uint64_t)(from - bytes) / piece) / warps);
    }
}

/* Of kernels whose warps go through all of the text: a grid of which each warp has one piece, and
 * those of its blocks that have anything else than zeros to look at. False: another kernel. */
static bool sparse_blocks(const struct sparse *s, const struct hunch_launch *l,
                          struct some_blocks *some)
{
    const uint32_t warps = l->threads / 32;
    uint64_t pieces = 0;
    some->count = 0;
    add_block(some, 0); /* which signs */
    if (l->kernel == HUNCH_ID_hunch_prefilter_kernel) {
        const struct hunch_prefilter_args *a = l->args;
        pieces = a->chunks;
        add_pieces(some, s, a->slab.bytes, a->slab.size, 0, HUNCH_PREFILTER_CHUNK, warps);
    } else if (l->kernel == HUNCH_ID_hunch_runs_kernel) {
        const struct hunch_confirm_hits_args *a = l->args;
        pieces = *a->run_count < a->run_capacity ? *a->run_count : a->run_capacity;
        for (uint32_t i = 0; i < pieces; i++) {
            const uint32_t begin = a->slab.start[a->run[i].record],
                           low = a->run[i].part * HUNCH_RUN_PART,
                           size = a->slab.start[a->run[i].record + 1] - begin - low;
            add_pieces(some, s, a->slab.bytes + begin + low,
                       size < HUNCH_RUN_PART ? size : HUNCH_RUN_PART, i, HUNCH_RUN_PART, warps);
        }
    } else if (l->kernel == HUNCH_ID_hunch_newlines_kernel) {
        const struct hunch_newlines_args *a = l->args;
        pieces = a->grain_count;
        for (uint32_t i = 0; i < a->record_count; i++)
            add_pieces(some, s, a->bytes + a->record[i].from, a->record[i].size, a->record[i].first,
                       HUNCH_GRAIN, warps);
    } else {
        return false;
    }
    some->grid = (uint32_t)((pieces + warps - 1) / warps);
    some->grid = some->grid < 1 ? 1 : some->grid;
    return true;
}

static enum simt_status run_kernel(struct emulated *e, const char *name,
                                   const struct hunch_launch *l, struct simt_launch *shape,
                                   struct simt_error *why)
{
    struct some_blocks some;
    if (e->sparse == NULL || !sparse_blocks(e->sparse, l, &some))
        return simt_run(e->machine, name, shape, l->args, l->args_size, why);
    enum simt_status status = SIMT_OK;
    shape->grid[0] = some.grid;
    shape->blocks = 1;
    for (size_t i = 0; i < some.count && status == SIMT_OK; i++) {
        shape->first_block = some.number[i];
        status = simt_run(e->machine, name, shape, l->args, l->args_size, why);
    }
    return status;
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
    enum simt_status status = run_kernel(
        e, l->kernel == HUNCH_ID_hunch_prefilter_kernel ? e->prefilter : names[l->kernel], l,
        &shape, &why);
    pthread_mutex_unlock(&e->lock);
    if (status != SIMT_OK)
        return hunch_fail(err, HUNCH_ERROR_IO, "%.400s", why.message);
    return HUNCH_OK;
}

static hunch_status wait(struct hunch_device *d, unsigned stream, struct hunch_error *err)
{
    (void)stream;
    if (((struct emulated *)d)->all_count && failing(d))
        return hunch_fail(err, HUNCH_ERROR_IO, "the emulated device did not do what it was sent");
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
