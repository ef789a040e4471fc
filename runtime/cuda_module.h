/* cuda_module.h: sources of kernels on their way onto a GPU. A source becomes a module by the first
 * of these that the driver takes: the fatbin made when hunch was built, what the cache of compiled
 * kernels has, and NVRTC, whose work then goes into the cache. */
#ifndef HUNCH_CUDA_MODULE_H
#define HUNCH_CUDA_MODULE_H

#include <pthread.h>

#include "alloc.h"
#include "cuda_api.h"

/* For what, and with what, kernels are compiled. */
struct hunch_cuda_target {
    const struct hunch_allocator *a;
    const struct hunch_cuda_api *api;
    struct hunch_nvrtc_api *nvrtc; /* opened when it is first needed; the caller closes it */
    const char *cache;             /* folder, or NULL: none */
    unsigned architecture;         /* 90: compute capability 9.0 */
    unsigned shared_most;          /* bytes of shared memory that a block may have */
    CUcontext context;             /* into which modules are loaded */
    pthread_mutex_t *lock;         /* held by each call */
    int driver;                    /* the CUDA version that the driver is for: 13000 */
};

struct hunch_cuda_source {
    const char *name;   /* as messages and the compiler's log call it, "prefilter.cu" */
    const char *text;   /* CUDA C++; may include the headers in kernels/ by their names */
    const void *fatbin; /* of the same text; NULL: none */
    const struct hunch_cuda_headers *headers; /* of its own; NULL: none */
    bool made; /* it comes from the fatbin or the cache, or not at all: UNSUPPORTED */
};

enum hunch_cuda_origin { HUNCH_CUDA_FATBIN, HUNCH_CUDA_CACHE, HUNCH_CUDA_NVRTC };

/* Loads the module, finds `count` entries in it and lets each have all shared memory that its own
 * arrays leave. Any thread may call; compiling goes one after the other. UNSUPPORTED: it cannot be
 * compiled, or the driver takes none of its forms; a compiler's whole log is in *log then
 * (hunch_strfree; NULL: there is none, or nobody asked: log may be NULL). MEMORY: the GPU has not
 * enough. key (may be NULL) gets that of the cache, where the origin is not the fatbin. */
hunch_status hunch_cuda_load(const struct hunch_cuda_target *target,
                             const struct hunch_cuda_source *source, const char *const *entries,
                             size_t count, CUmodule *module, CUfunction *functions,
                             enum hunch_cuda_origin *origin, uint8_t key[16], char **log,
                             struct hunch_error *err);

/* The same into the context that is current, from the cache alone, where a load before gave this
 * key: NVRTC is not opened. False: it is not there any more, or of no use. */
bool hunch_cuda_load_cached(const struct hunch_cuda_target *target, const uint8_t key[16],
                            const char *const *entries, size_t count, CUmodule *module,
                            CUfunction *functions);

#endif
