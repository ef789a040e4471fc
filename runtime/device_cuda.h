/* device_cuda.h: a GPU, through its driver and, for kernels, NVRTC. */
#ifndef HUNCH_DEVICE_CUDA_H
#define HUNCH_DEVICE_CUDA_H

#include "device.h"

/* The first GPU, with its kernels. UNSUPPORTED and why where there is none, or none that can be
 * used. Close with device->kind->close. */
hunch_status hunch_device_cuda_open(const struct hunch_allocator *a, struct hunch_device **out,
                                    struct hunch_error *err);

#endif
