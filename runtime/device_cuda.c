/* device_cuda.c: see device_cuda.h. The device's context is current only inside of calls: a host
 * may have one of its own. */
#include "device_cuda.h"

#include <stdio.h>
#include <string.h>

#include "cuda_api.h"

struct cuda {
    struct hunch_device base; /* first */
    const struct hunch_allocator *a;
    struct hunch_cuda_api api;
    struct hunch_nvrtc_api nvrtc;
    CUdevice device;
    CUcontext context; /* the primary one */
    CUmodule module;
    CUfunction function[HUNCH_KERNEL_COUNT];
    CUstream stream[HUNCH_DEVICE_STREAMS];
    char about[200];
    unsigned architecture; /* 90: compute capability 9.0 */
};

static hunch_status fail_call(struct cuda *c, CUresult result, const char *what,
                              struct hunch_error *err)
{
    const char *name = NULL, *text = NULL;
    c->api.cuGetErrorName(result, &name);
    c->api.cuGetErrorString(result, &text);
    return hunch_fail(err, result == CUDA_ERROR_OUT_OF_MEMORY ? HUNCH_ERROR_MEMORY : HUNCH_ERROR_IO,
                      "the GPU failed: %s: %s (%s)", what, text ? text : "unknown",
                      name ? name : "?");
}

/* Runs `call` with the device's context current. */
#define HUNCH_CUDA(c, what, call)                                   \
    do {                                                            \
        CUcontext popped_;                                          \
        CUresult result_ = (c)->api.cuCtxPushCurrent((c)->context); \
        if (result_ == CUDA_SUCCESS) {                              \
            result_ = (call);                                       \
            (c)->api.cuCtxPopCurrent(&popped_);                     \
        }                                                           \
        if (result_ != CUDA_SUCCESS)                                \
            return fail_call((c), result_, (what), err);            \
    } while (0)

static struct cuda *of(struct hunch_device *d)
{
    return (struct cuda *)d;
}

static CUdeviceptr address_of(const void *pointer)
{
    return (CUdeviceptr)(uintptr_t)pointer;
}

static hunch_status take(struct hunch_device *d, size_t size, void **address,
                         struct hunch_error *err)
{
    CUdeviceptr pointer = 0;
    HUNCH_CUDA(of(d), "memory of the device", of(d)->api.cuMemAlloc(&pointer, size ? size : 1));
    *address = (void *)(uintptr_t)pointer;
    return HUNCH_OK;
}

static void release(struct hunch_device *d, void *address)
{
    struct cuda *c = of(d);
    CUcontext popped;
    if (c->api.cuCtxPushCurrent(c->context) != CUDA_SUCCESS)
        return;
    c->api.cuMemFree(address_of(address));
    c->api.cuCtxPopCurrent(&popped);
}

static hunch_status take_host(struct hunch_device *d, size_t size, void **bytes,
                              struct hunch_error *err)
{
    HUNCH_CUDA(of(d), "pinned memory", of(d)->api.cuMemHostAlloc(bytes, size ? size : 1, 0));
    return HUNCH_OK;
}

static void release_host(struct hunch_device *d, void *bytes)
{
    struct cuda *c = of(d);
    CUcontext popped;
    if (c->api.cuCtxPushCurrent(c->context) != CUDA_SUCCESS)
        return;
    c->api.cuMemFreeHost(bytes);
    c->api.cuCtxPopCurrent(&popped);
}

static hunch_status put(struct hunch_device *d, unsigned stream, void *to, const void *from,
                        size_t size, struct hunch_error *err)
{
    struct cuda *c = of(d);
    HUNCH_CUDA(c, "copying to it",
               c->api.cuMemcpyHtoDAsync(address_of(to), from, size, c->stream[stream]));
    return HUNCH_OK;
}

static hunch_status get(struct hunch_device *d, unsigned stream, void *to, const void *from,
                        size_t size, struct hunch_error *err)
{
    struct cuda *c = of(d);
    HUNCH_CUDA(c, "copying from it",
               c->api.cuMemcpyDtoHAsync(to, address_of(from), size, c->stream[stream]));
    return HUNCH_OK;
}

static hunch_status clear(struct hunch_device *d, unsigned stream, void *to, size_t size,
                          struct hunch_error *err)
{
    struct cuda *c = of(d);
    HUNCH_CUDA(c, "clearing memory",
               c->api.cuMemsetD8Async(address_of(to), 0, size, c->stream[stream]));
    return HUNCH_OK;
}

static hunch_status launch(struct hunch_device *d, unsigned stream, const struct hunch_launch *l,
                           struct hunch_error *err)
{
    struct cuda *c = of(d);
    void *parameters[] = {(void *)(uintptr_t)l->args};
    HUNCH_CUDA(c, "starting a kernel",
               c->api.cuLaunchKernel(c->function[l->kernel], l->blocks, 1, 1, l->threads, 1, 1,
                                     l->shared, c->stream[stream], parameters, NULL));
    return HUNCH_OK;
}

static hunch_status wait(struct hunch_device *d, unsigned stream, struct hunch_error *err)
{
    struct cuda *c = of(d);
    HUNCH_CUDA(c, "running a kernel", c->api.cuStreamSynchronize(c->stream[stream]));
    return HUNCH_OK;
}

static void close_device(struct hunch_device *d)
{
    struct cuda *c = of(d);
    CUcontext popped;
    if (c->context != NULL && c->api.cuCtxPushCurrent(c->context) == CUDA_SUCCESS) {
        for (unsigned i = 0; i < HUNCH_DEVICE_STREAMS; i++)
            if (c->stream[i])
                c->api.cuStreamDestroy(c->stream[i]);
        if (c->module)
            c->api.cuModuleUnload(c->module);
        c->api.cuCtxPopCurrent(&popped);
    }
    if (c->context != NULL)
        c->api.cuDevicePrimaryCtxRelease(c->device);
    hunch_nvrtc_close(&c->nvrtc);
    hunch_cuda_close(&c->api);
    hunch_free(c->a, c, sizeof *c);
}

static const struct hunch_device_kind cuda_kind = {
    "cuda", close_device, take, release, take_host, release_host, put, get, clear, launch, wait};

/* Before there is a context. */
#define CALL(what, call)                               \
    do {                                               \
        CUresult result_ = (call);                     \
        if (result_ != CUDA_SUCCESS)                   \
            return fail_call(c, result_, (what), err); \
    } while (0)

static hunch_status find_device(struct cuda *c, struct hunch_error *err)
{
    int count = 0, major, minor, processors, shared;
    CALL("it has no device", c->api.cuInit(0));
    CALL("counting devices", c->api.cuDeviceGetCount(&count));
    if (count == 0)
        return hunch_fail(err, HUNCH_ERROR_UNSUPPORTED, "there is a driver, and no GPU");
    CALL("choosing a device", c->api.cuDeviceGet(&c->device, 0));
    char name[100];
    int driver = 0;
    CALL("its name", c->api.cuDeviceGetName(name, sizeof name, c->device));
    CALL("its driver", c->api.cuDriverGetVersion(&driver));
#define ASK(value, attribute) \
    CALL("its properties", c->api.cuDeviceGetAttribute(&(value), (attribute), c->device))
    ASK(major, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
    ASK(minor, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
    ASK(processors, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
    ASK(shared, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
#undef ASK
    c->architecture = (unsigned)(10 * major + minor);
    snprintf(c->about, sizeof c->about, "%s, compute capability %d.%d, driver for CUDA %d.%d", name,
             major, minor, driver / 1000, driver % 1000 / 10);
    c->base.about = c->about;
    c->base.multiprocessors = (uint32_t)processors;
    c->base.shared_most = (uint32_t)shared;
    CALL("making a context", c->api.cuDevicePrimaryCtxRetain(&c->context, c->device));
    for (unsigned i = 0; i < HUNCH_DEVICE_STREAMS; i++)
        HUNCH_CUDA(c, "making a stream",
                   c->api.cuStreamCreate(&c->stream[i], CU_STREAM_NON_BLOCKING));
    return HUNCH_OK;
}

static hunch_status load_kernels(struct cuda *c, struct hunch_error *err)
{
#define HUNCH_X(name) #name,
    static const char *const names[] = {HUNCH_KERNELS(HUNCH_X)};
#undef HUNCH_X
    void *image;
    size_t size;
    hunch_status status = hunch_nvrtc_open(&c->nvrtc, NULL, err);
    if (status == HUNCH_OK)
        status = hunch_nvrtc_compile(&c->nvrtc, c->a, "prefilter.cu", c->architecture, &image,
                                     &size, err);
    if (status != HUNCH_OK)
        return status;
    CUcontext popped;
    CUresult result = c->api.cuCtxPushCurrent(c->context);
    if (result == CUDA_SUCCESS) {
        result = c->api.cuModuleLoadData(&c->module, image);
        for (int i = 0; i < HUNCH_KERNEL_COUNT && result == CUDA_SUCCESS; i++) {
            result = c->api.cuModuleGetFunction(&c->function[i], c->module, names[i]);
            if (result == CUDA_SUCCESS && i == HUNCH_ID_hunch_prefilter_kernel)
                result = c->api.cuFuncSetAttribute(c->function[i],
                                                   CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
                                                   (int)c->base.shared_most);
        }
        c->api.cuCtxPopCurrent(&popped);
    }
    hunch_free(c->a, image, size);
    return result == CUDA_SUCCESS ? HUNCH_OK : fail_call(c, result, "loading its kernels", err);
}

hunch_status hunch_device_cuda_open(const struct hunch_allocator *a, struct hunch_device **out,
                                    struct hunch_error *err)
{
    *out = NULL;
    struct cuda *c = hunch_alloc_zero(a, sizeof *c);
    if (c == NULL)
        return hunch_fail_memory(err, sizeof *c, "a device");
    c->base.kind = &cuda_kind;
    c->a = a;
    hunch_status status = hunch_cuda_open(&c->api, err);
    if (status == HUNCH_OK)
        status = find_device(c, err);
    if (status == HUNCH_OK)
        status = load_kernels(c, err);
    if (status == HUNCH_OK)
        *out = &c->base;
    else
        close_device(&c->base);
    return status;
}
