/* device_cuda.h: a GPU, through its driver and, for kernels, NVRTC. */
#ifndef HUNCH_DEVICE_CUDA_H
#define HUNCH_DEVICE_CUDA_H

#include "device.h"

/* How it is opened beside others' work. */
struct hunch_cuda_opening {
    const atomic_bool *given_up; /* true: CANCELLED, as soon as that can be */
    bool made;                   /* nothing is compiled: UNSUPPORTED where that would be needed */
};

/* The first GPU, with its kernels. UNSUPPORTED and why where there is none, or none that can be
 * used. cache: folder of compiled kernels, or NULL; how: NULL: whatever it takes. Close with
 * device->kind->close. */
hunch_status hunch_device_cuda_open(const struct hunch_allocator *a, const char *cache,
                                    const struct hunch_cuda_opening *how, struct hunch_device **out,
                                    struct hunch_error *err);

/* A kernel of somebody else's source, on a device that hunch_device_cuda_open gave. */
struct hunch_cuda_kernel;

/* source: CUDA C++ that may include what lies in kernels/ ("portable.h"), and its own headers;
 * compiled by NVRTC, or taken from the cache. `entry`: a __global__ function in it, extern "C".
 * UNSUPPORTED: the device is no GPU, or the source does not compile; *log (may be NULL) gets the
 * compiler's whole log, with the source's lines, where there is one (hunch_strfree with the
 * device's allocator). Any thread may call it. Free before the device is closed. */
struct hunch_cuda_source; /* cuda_module.h */
hunch_status hunch_cuda_kernel_new(struct hunch_device *d, const struct hunch_cuda_source *source,
                                   const char *entry, struct hunch_cuda_kernel **out, char **log,
                                   struct hunch_error *err);
void hunch_cuda_kernel_free(struct hunch_cuda_kernel *k);

/* From the cache of compiled kernels alone, by the key that one had which was compiled before;
 * NULL: it is not there, or of no use. `d` is a GPU. */
struct hunch_cuda_kernel *hunch_cuda_kernel_cached(struct hunch_device *d, const uint8_t key[16],
                                                   const char *entry);
const uint8_t *hunch_cuda_kernel_key(const struct hunch_cuda_kernel *k); /* 16 bytes */

/* Starts it on a stream of the device; `parameters` points to each of the entry's parameters.
 * shared: bytes of dynamic shared memory. */
hunch_status hunch_cuda_kernel_launch(struct hunch_cuda_kernel *k, unsigned stream, uint32_t blocks,
                                      uint32_t threads, uint32_t shared, void **parameters,
                                      struct hunch_error *err);

bool hunch_device_is_cuda(const struct hunch_device *d);

#endif
