/* device.h: what runs kernels: a GPU through its driver, or, in specs, the emulator. Addresses are
 * the device's and mean nothing to the host. Calls on one stream run in order; `wait` returns when
 * all of them are done and says what failed. Any number of threads may use one device, each its own
 * streams; those that share one wait for what the others sent, too. */
#ifndef HUNCH_DEVICE_H
#define HUNCH_DEVICE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../kernels/busy.h"
#include "alloc.h"
#include "device_budget.h"
#include "error.h"

enum { HUNCH_DEVICE_STREAMS = 32 };

/* Names are those of the kernels in kernels: X(name). */
#define HUNCH_KERNELS(X)         \
    X(hunch_prefilter_kernel)    \
    X(hunch_hits_kernel)         \
    X(hunch_gates_kernel)        \
    X(hunch_judge_kernel)        \
    X(hunch_runs_kernel)         \
    X(hunch_collect_kernel)      \
    X(hunch_pieces_kernel)       \
    X(hunch_newlines_kernel)     \
    X(hunch_fused_kernel)        \
    X(hunch_solve_mingle_kernel) \
    X(hunch_solve_up_kernel)     \
    X(hunch_solve_down_kernel)   \
    X(hunch_solve_hits_kernel)

enum hunch_kernel_id {
#define HUNCH_X(name) HUNCH_ID_##name,
    HUNCH_KERNELS(HUNCH_X)
#undef HUNCH_X
        HUNCH_KERNEL_COUNT
};

struct hunch_launch {
    enum hunch_kernel_id kernel;
    uint32_t blocks, threads;
    uint32_t shared; /* bytes of dynamic shared memory */
    bool together;   /* all blocks run at the same time, or it fails */
    const void *args;
    size_t args_size;
};

struct hunch_device;

struct hunch_device_kind {
    const char *name; /* of the backend */
    void (*close)(struct hunch_device *d);
    /* MEMORY: the device has no more, or its budget does not allow it. */
    hunch_status (*alloc)(struct hunch_device *d, size_t size, void **address,
                          struct hunch_error *err);
    void (*release)(struct hunch_device *d, void *address);
    /* Memory of the host that copies take from, or put into, without the host's help. */
    hunch_status (*alloc_host)(struct hunch_device *d, size_t size, void **bytes,
                               struct hunch_error *err);
    void (*release_host)(struct hunch_device *d, void *bytes);
    /* Where the memory of this kind that holds `at` begins and how large it is, whoever has taken
     * it; 0: it is other memory. */
    size_t (*pinned)(struct hunch_device *d, const void *at, const void **start);
    hunch_status (*put)(struct hunch_device *d, unsigned stream, void *to, const void *from,
                        size_t size, struct hunch_error *err);
    hunch_status (*get)(struct hunch_device *d, unsigned stream, void *to, const void *from,
                        size_t size, struct hunch_error *err);
    /* From the device's memory to the device's. */
    hunch_status (*copy)(struct hunch_device *d, unsigned stream, void *to, const void *from,
                         size_t size, struct hunch_error *err);
    hunch_status (*clear)(struct hunch_device *d, unsigned stream, void *to, size_t size,
                          struct hunch_error *err);
    hunch_status (*launch)(struct hunch_device *d, unsigned stream,
                           const struct hunch_launch *launch, struct hunch_error *err);
    hunch_status (*wait)(struct hunch_device *d, unsigned stream, struct hunch_error *err);
    /* Blocks of this shape that a multiprocessor runs at once; 0: it cannot say. */
    uint32_t (*resident)(struct hunch_device *d, enum hunch_kernel_id kernel, uint32_t threads,
                         uint32_t shared);
    /* Can the kernel be launched? NULL: all can. One that has to be compiled first is, beside the
     * callers, once they have asked for so long; 0: now, and the call waits. False with an error:
     * it never can be. */
    bool (*ready)(struct hunch_device *d, enum hunch_kernel_id kernel, uint64_t after_ns,
                  struct hunch_error *err);
};

struct hunch_device {
    const struct hunch_device_kind *kind;
    const char *about; /* for people: what it is */
    uint32_t multiprocessors;
    uint32_t shared_most;              /* bytes of shared memory that a block may have */
    uint32_t clock_khz;                /* of its kernels' clock64() */
    atomic_uint jobs;                  /* threads that are at work on one for it, in all scans */
    atomic_uint graphs_solved;         /* times that rules were solved on a graph */
    struct hunch_device_budget budget; /* of its memory */
    const char *kernels; /* for people: where its kernels came from; NULL: nothing was opened */
    double context_seconds, kernels_seconds; /* that opening took: the driver's part, and ours */
};

/* What blocks added up, as time for which they alone would fill the device. */
static inline uint64_t hunch_device_busy_ns(const struct hunch_device *d,
                                            const unsigned long long *cell)
{
    double ticks = 0;
    for (size_t i = 0; i < HUNCH_BUSY_CELLS * HUNCH_BUSY_APART; i += HUNCH_BUSY_APART)
        ticks += (double)cell[i];
    return (uint64_t)(ticks / (HUNCH_BUSY_UNIT * (double)d->multiprocessors) * 1e6 / d->clock_khz);
}

#endif
