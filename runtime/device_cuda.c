/* device_cuda.c: see device_cuda.h. The device's context is current only inside of calls: a host
 * may have one of its own. */
#include "device_cuda.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "cuda_kernels.h"

enum {
    LEAST_ARCHITECTURE = 75, /* what the kernels are written for */
    DRIVERS_PART = 16 /* of the memory that is free at first: for code, and stacks of lanes */
};

struct cuda {
    struct hunch_device base; /* first */
    const struct hunch_allocator *a;
    struct hunch_cuda_api api;
    struct hunch_nvrtc_api nvrtc;
    struct hunch_cuda_target target;
    pthread_mutex_t compiling; /* one at a time */
    char *cache;
    CUdevice device;
    CUcontext context; /* the primary one */
    struct hunch_cuda_kernels kernels;
    CUstream stream[HUNCH_DEVICE_STREAMS];
    char about[200];
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

static hunch_status ask_driver(struct cuda *c, size_t size, CUdeviceptr *pointer,
                               struct hunch_error *err)
{
    HUNCH_CUDA(c, "memory of the device", c->api.cuMemAlloc(pointer, size));
    return HUNCH_OK;
}

static hunch_status take(struct hunch_device *d, size_t size, void **address,
                         struct hunch_error *err)
{
    CUdeviceptr pointer = 0;
    size = size ? size : 1;
    hunch_status status = hunch_device_budget_take(&d->budget, size, err);
    if (status != HUNCH_OK)
        return status;
    status = ask_driver(of(d), size, &pointer, err);
    void *at = status == HUNCH_OK ? (void *)(uintptr_t)pointer : NULL;
    hunch_device_budget_taken(&d->budget, at, size);
    if (status == HUNCH_OK)
        *address = at;
    return status;
}

static void release(struct hunch_device *d, void *address)
{
    struct cuda *c = of(d);
    CUcontext popped;
    hunch_device_budget_release(&d->budget, address);
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

static size_t pinned(struct hunch_device *d, const void *at, const void **start)
{
    struct cuda *c = of(d);
    CUcontext popped;
    unsigned type = 0;
    CUdeviceptr first = 0;
    size_t size = 0;
    *start = NULL;
    if (c->api.cuCtxPushCurrent(c->context) != CUDA_SUCCESS)
        return 0;
#define ASK(value, attribute) \
    (c->api.cuPointerGetAttribute(&(value), (attribute), address_of(at)) == CUDA_SUCCESS)
    bool known = ASK(type, CU_POINTER_ATTRIBUTE_MEMORY_TYPE) && type == CU_MEMORYTYPE_HOST &&
                 ASK(first, CU_POINTER_ATTRIBUTE_RANGE_START_ADDR) &&
                 ASK(size, CU_POINTER_ATTRIBUTE_RANGE_SIZE);
#undef ASK
    c->api.cuCtxPopCurrent(&popped);
    if (!known || first > address_of(at) || address_of(at) - first >= size)
        return 0;
    *start = (const void *)(uintptr_t)first;
    return size;
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

static hunch_status copy(struct hunch_device *d, unsigned stream, void *to, const void *from,
                         size_t size, struct hunch_error *err)
{
    struct cuda *c = of(d);
    HUNCH_CUDA(c, "copying within it",
               c->api.cuMemcpyDtoDAsync(address_of(to), address_of(from), size, c->stream[stream]));
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
    if (!hunch_cuda_kernels_ready(&c->kernels, l->kernel, 0, err))
        return HUNCH_ERROR_UNSUPPORTED;
    CUfunction function = c->kernels.function[l->kernel];
    if (l->together)
        HUNCH_CUDA(c, "starting all blocks",
                   c->api.cuLaunchCooperativeKernel(function, l->blocks, 1, 1, l->threads, 1, 1,
                                                    l->shared, c->stream[stream], parameters));
    else
        HUNCH_CUDA(c, "starting a kernel",
                   c->api.cuLaunchKernel(function, l->blocks, 1, 1, l->threads, 1, 1, l->shared,
                                         c->stream[stream], parameters, NULL));
    return HUNCH_OK;
}

static hunch_status wait(struct hunch_device *d, unsigned stream, struct hunch_error *err)
{
    struct cuda *c = of(d);
    HUNCH_CUDA(c, "running a kernel", c->api.cuStreamSynchronize(c->stream[stream]));
    return HUNCH_OK;
}

static uint32_t resident(struct hunch_device *d, enum hunch_kernel_id kernel, uint32_t threads,
                         uint32_t shared)
{
    struct cuda *c = of(d);
    CUcontext popped;
    int blocks = 0;
    if (c->api.cuCtxPushCurrent(c->context) != CUDA_SUCCESS)
        return 0;
    CUresult result = c->api.cuOccupancyMaxActiveBlocksPerMultiprocessor(
        &blocks, c->kernels.function[kernel], (int)threads, shared);
    c->api.cuCtxPopCurrent(&popped);
    return result == CUDA_SUCCESS && blocks > 0 ? (uint32_t)blocks : 0;
}

static bool ready(struct hunch_device *d, enum hunch_kernel_id kernel, uint64_t after_ns,
                  struct hunch_error *err)
{
    return hunch_cuda_kernels_ready(&of(d)->kernels, kernel, after_ns, err);
}

static void close_device(struct hunch_device *d)
{
    struct cuda *c = of(d);
    CUcontext popped;
    hunch_cuda_kernels_free(&c->kernels);
    if (c->context != NULL && c->api.cuCtxPushCurrent(c->context) == CUDA_SUCCESS) {
        for (unsigned i = 0; i < HUNCH_DEVICE_STREAMS; i++)
            if (c->stream[i])
                c->api.cuStreamDestroy(c->stream[i]);
        c->api.cuCtxPopCurrent(&popped);
    }
    if (c->context != NULL)
        c->api.cuDevicePrimaryCtxRelease(c->device);
    hunch_nvrtc_close(&c->nvrtc);
    hunch_cuda_close(&c->api);
    pthread_mutex_destroy(&c->compiling);
    hunch_device_budget_done(&d->budget);
    hunch_strfree(c->a, c->cache);
    hunch_free(c->a, c, sizeof *c);
}

static const struct hunch_device_kind cuda_kind = {
    "cuda", close_device, take,  release, take_host, release_host, pinned, put,
    get,    copy,         clear, launch,  wait,      resident,     ready};

/* Before there is a context: whatever is wrong, this GPU cannot be used. */
#define CALL(what, call)                                                    \
    do {                                                                    \
        CUresult result_ = (call);                                          \
        if (result_ != CUDA_SUCCESS) {                                      \
            hunch_status status_ = fail_call(c, result_, (what), err);      \
            return status_ == HUNCH_ERROR_MEMORY ? status_ : unusable(err); \
        }                                                                   \
    } while (0)

static hunch_status unusable(struct hunch_error *err)
{
    if (err)
        err->code = HUNCH_ERROR_UNSUPPORTED;
    return HUNCH_ERROR_UNSUPPORTED;
}

static hunch_status find_device(struct cuda *c, struct hunch_error *err)
{
    int count = 0, major, minor, processors, shared, khz, driver = 0;
    char name[100];
    CUresult result = c->api.cuInit(0);
    if (result == CUDA_ERROR_NO_DEVICE)
        return hunch_fail(err, HUNCH_ERROR_UNSUPPORTED,
                          "there is an NVIDIA driver, but no GPU that it may use");
    CALL("starting its driver", result);
    CALL("counting devices", c->api.cuDeviceGetCount(&count));
    if (count == 0)
        return hunch_fail(err, HUNCH_ERROR_UNSUPPORTED,
                          "there is an NVIDIA driver, but no GPU that it may use");
    CALL("choosing a device", c->api.cuDeviceGet(&c->device, 0));
    CALL("its name", c->api.cuDeviceGetName(name, sizeof name, c->device));
    CALL("its driver", c->api.cuDriverGetVersion(&driver));
#define ASK(value, attribute) \
    CALL("its properties", c->api.cuDeviceGetAttribute(&(value), (attribute), c->device))
    ASK(major, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
    ASK(minor, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
    ASK(processors, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
    ASK(shared, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
    ASK(khz, CU_DEVICE_ATTRIBUTE_CLOCK_RATE);
#undef ASK
    snprintf(c->about, sizeof c->about, "%s, compute capability %d.%d, driver for CUDA %d.%d", name,
             major, minor, driver / 1000, driver % 1000 / 10);
    if (10 * major + minor < LEAST_ARCHITECTURE)
        return hunch_fail(
            err, HUNCH_ERROR_UNSUPPORTED,
            "the GPU is too old: %s has compute capability %d.%d, and hunch's kernels "
            "need %d.%d",
            name, major, minor, LEAST_ARCHITECTURE / 10, LEAST_ARCHITECTURE % 10);
    c->target.architecture = (unsigned)(10 * major + minor);
    c->target.driver = driver;
    c->target.shared_most = (unsigned)shared;
    c->base.about = c->about;
    c->base.multiprocessors = (uint32_t)processors;
    c->base.shared_most = (uint32_t)shared;
    c->base.clock_khz = khz > 0 ? (uint32_t)khz : 1000000; /* some do not say */
    return HUNCH_OK;
}

static hunch_status make_context(struct cuda *c, struct hunch_error *err)
{
    CALL("making a context", c->api.cuDevicePrimaryCtxRetain(&c->context, c->device));
    c->target.context = c->context;
    for (unsigned i = 0; i < HUNCH_DEVICE_STREAMS; i++)
        HUNCH_CUDA(c, "making a stream",
                   c->api.cuStreamCreate(&c->stream[i], CU_STREAM_NON_BLOCKING));
    size_t left, total;
    HUNCH_CUDA(c, "asking for its memory", c->api.cuMemGetInfo(&left, &total));
    c->base.budget.most = left - left / DRIVERS_PART;
    return HUNCH_OK;
}

hunch_status hunch_device_cuda_open(const struct hunch_allocator *a, const char *cache,
                                    const struct hunch_cuda_opening *how, struct hunch_device **out,
                                    struct hunch_error *err)
{
    static const struct hunch_cuda_opening patiently;
    *out = NULL;
    how = how ? how : &patiently;
    struct cuda *c = hunch_alloc_zero(a, sizeof *c);
    if (c == NULL)
        return hunch_fail_memory(err, sizeof *c, "a device");
    c->base.kind = &cuda_kind;
    c->a = a;
    c->cache = cache ? hunch_strdup(a, cache) : NULL; /* none is no failure */
    pthread_mutex_init(&c->compiling, NULL);
    hunch_device_budget_init(&c->base.budget, a, SIZE_MAX);
    c->target = (struct hunch_cuda_target){
        .a = a, .api = &c->api, .nvrtc = &c->nvrtc, .cache = c->cache, .lock = &c->compiling};
    uint64_t began = hunch_clock_ns();
    hunch_status status = hunch_cuda_open(&c->api, err);
    if (status == HUNCH_OK)
        status = find_device(c, err);
    if (status == HUNCH_OK)
        status = hunch_cuda_go_on(how, err);
    if (status == HUNCH_OK)
        status = make_context(c, err);
    uint64_t context = hunch_clock_ns();
    if (status == HUNCH_OK)
        status = hunch_cuda_kernels_load(&c->kernels, &c->target, how, err);
    c->base.kernels = c->kernels.origin;
    c->base.context_seconds = (double)(context - began) * 1e-9;
    c->base.kernels_seconds = (double)(hunch_clock_ns() - context) * 1e-9;
    if (status == HUNCH_OK)
        *out = &c->base;
    else
        close_device(&c->base);
    return status;
}

/* ---- kernels of others ---- */

struct hunch_cuda_kernel {
    struct cuda *c;
    CUmodule module;
    CUfunction function;
    uint8_t key[16]; /* of the cache of compiled kernels */
};

hunch_status hunch_cuda_kernel_new(struct hunch_device *d, const struct hunch_cuda_source *source,
                                   const char *entry, struct hunch_cuda_kernel **out, char **log,
                                   struct hunch_error *err)
{
    enum hunch_cuda_origin origin;
    *out = NULL;
    if (log)
        *log = NULL;
    if (d->kind != &cuda_kind)
        return hunch_fail(err, HUNCH_ERROR_UNSUPPORTED,
                          "the device \"%s\" compiles no sources: that takes a GPU", d->kind->name);
    struct cuda *c = of(d);
    struct hunch_cuda_kernel *k = hunch_alloc_zero(c->a, sizeof *k);
    if (k == NULL)
        return hunch_fail_memory(err, sizeof *k, "a kernel");
    k->c = c;
    hunch_status status = hunch_cuda_load(&c->target, source, &entry, 1, &k->module, &k->function,
                                          &origin, k->key, log, err);
    if (status == HUNCH_OK)
        *out = k;
    else
        hunch_cuda_kernel_free(k);
    return status;
}

struct hunch_cuda_kernel *hunch_cuda_kernel_cached(struct hunch_device *d, const uint8_t key[16],
                                                   const char *entry)
{
    CUcontext popped;
    struct cuda *c = of(d);
    struct hunch_cuda_kernel *k = hunch_alloc_zero(c->a, sizeof *k);
    if (k == NULL)
        return NULL;
    k->c = c;
    memcpy(k->key, key, sizeof k->key);
    bool taken = c->api.cuCtxPushCurrent(c->context) == CUDA_SUCCESS;
    if (taken) {
        taken = hunch_cuda_load_cached(&c->target, key, &entry, 1, &k->module, &k->function);
        c->api.cuCtxPopCurrent(&popped);
    }
    if (taken)
        return k;
    hunch_free(c->a, k, sizeof *k);
    return NULL;
}

const uint8_t *hunch_cuda_kernel_key(const struct hunch_cuda_kernel *k)
{
    return k->key;
}

void hunch_cuda_kernel_free(struct hunch_cuda_kernel *k)
{
    CUcontext popped;
    if (k == NULL)
        return;
    struct cuda *c = k->c;
    if (k->module != NULL && c->api.cuCtxPushCurrent(c->context) == CUDA_SUCCESS) {
        c->api.cuModuleUnload(k->module);
        c->api.cuCtxPopCurrent(&popped);
    }
    hunch_free(c->a, k, sizeof *k);
}

hunch_status hunch_cuda_kernel_launch(struct hunch_cuda_kernel *k, unsigned stream, uint32_t blocks,
                                      uint32_t threads, uint32_t shared, void **parameters,
                                      struct hunch_error *err)
{
    struct cuda *c = k->c;
    HUNCH_CUDA(c, "starting a kernel",
               c->api.cuLaunchKernel(k->function, blocks, 1, 1, threads, 1, 1, shared,
                                     c->stream[stream], parameters, NULL));
    return HUNCH_OK;
}

bool hunch_device_is_cuda(const struct hunch_device *d)
{
    return d->kind == &cuda_kind;
}
