/* cuda_kernels.h: the kernels of device.h on a GPU. All are there from the start but for the one
 * launch of the route fused, which holds the others once more and takes NVRTC longer than all of
 * them: where neither the fatbin nor the cache has it, it is compiled when somebody insists on it,
 * or beside scans that go on for long. */
#ifndef HUNCH_CUDA_KERNELS_H
#define HUNCH_CUDA_KERNELS_H

#include <pthread.h>
#include <stdatomic.h>

#include "cuda_module.h"
#include "device.h"
#include "device_cuda.h"
#include "embedded.h"

struct hunch_cuda_kernels {
    const struct hunch_cuda_target *target;
    CUmodule module[HUNCH_KERNEL_COUNT]; /* one a source: never more than kernels */
    unsigned module_count;
    CUfunction function[HUNCH_KERNEL_COUNT]; /* of those that are ready */
    char origin[64];                         /* for people: where they came from */
    const struct hunch_embedded *late;       /* the source that is compiled later; NULL: none */
    atomic_bool is_there;                    /* what it defines is ready */
    atomic_bool cancelled;
    pthread_mutex_t lock;   /* of what follows, and held while it is compiled */
    struct hunch_error why; /* it cannot be compiled */
    uint64_t asked_ns;      /* when it was first asked for; 0: not yet */
    bool started;
    pthread_t thread; /* that compiles it */
};

/* `target` has a context. Errors as of hunch_cuda_load, and as `how` says; free it in any case. */
hunch_status hunch_cuda_kernels_load(struct hunch_cuda_kernels *k,
                                     const struct hunch_cuda_target *target,
                                     const struct hunch_cuda_opening *how, struct hunch_error *err);
/* CANCELLED: it was given up. */
hunch_status hunch_cuda_go_on(const struct hunch_cuda_opening *how, struct hunch_error *err);
/* Waits for what is being compiled. All 0 is as good as one without kernels. */
void hunch_cuda_kernels_free(struct hunch_cuda_kernels *k);

/* As hunch_device_kind.ready. */
bool hunch_cuda_kernels_ready(struct hunch_cuda_kernels *k, enum hunch_kernel_id kernel,
                              uint64_t after_ns, struct hunch_error *err);

#endif
