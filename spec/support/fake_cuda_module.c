/* fake_cuda_module: a driver and an NVRTC for specs, in one shared object: link it as libcuda.so.1
 * and as libnvrtc.so.N in a folder that LD_LIBRARY_PATH names. Kernels run on the emulator. No Lua
 * module.
 *
 * FAKE_CUDA holds words: NAME=CODE, that function fails with that number; NAME@N=CODE, from its
 * N-th call on; NAME!N=CODE, its N-th call; capability=90, driver=13000, devices=1, nvrtc=1300
 * (12.9: 1209), memory=BYTES of the device, knows=120 (NVRTC compiles for sm_120 and older),
 * fatbin=209 (what the driver says to a real fatbin, 0: it takes it), seed=0, compile_ms=0 (that
 * one compilation takes). FAKE_CUDA_LOG names a file that gets a line a call, and what is left when
 * the context goes.
 *
 * What this NVRTC writes begins with "FAKE CUBIN sm_90"; a source with the word #error does not
 * compile, which the log says with its line. A kernel that the emulator has not does nothing. Of a
 * source that is compiled for blocks of N lanes (a #define of HUNCH_PREFILTER_THREADS) kernels are
 * called NAME@N in the log; launchN=CODE, they do not start; time=NS, for so long the blocks of a
 * search for literals say that they ran, timeN=NS, those of such a one. */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../kernels/emulator/simt.h"
#include "../../kernels/prefilter.h"
#include "cuda_api.h"

#define FAKE __attribute__((visibility("default")))

enum {
    INVALID_VALUE = 1,
    INVALID_IMAGE = 200,
    INVALID_CONTEXT = 201,
    NO_BINARY_FOR_GPU = 209,
    UNSUPPORTED_PTX_VERSION = 222,
    LAUNCH_FAILED = 719,
    NVRTC_COMPILATION = 6
};

/* ---- what the spec wants ---- */

/* The number behind `name` and "=", or behind name, "@" or "!", a number n and "=" where `calls` is
 * n, or more with "@". */
static long setting(const char *name, unsigned long calls, long otherwise)
{
    const char *at = getenv("FAKE_CUDA");
    size_t length = strlen(name);
    for (; at != NULL && *at; at += strcspn(at, " "), at += strspn(at, " ")) {
        if (strncmp(at, name, length) != 0)
            continue;
        if (at[length] == '=')
            return strtol(at + length + 1, NULL, 10);
        if (at[length] != '@' && at[length] != '!')
            continue;
        char *end;
        unsigned long from = strtoul(at + length + 1, &end, 10);
        if (*end == '=' && (calls == from || (calls > from && at[length] == '@')))
            return strtol(end + 1, NULL, 10);
    }
    return otherwise;
}

static void note(const char *line)
{
    const char *path = getenv("FAKE_CUDA_LOG");
    char text[200];
    int fd = path ? open(path, O_WRONLY | O_APPEND | O_CREAT, 0600) : -1;
    if (fd < 0)
        return;
    int n = snprintf(text, sizeof text, "%.190s\n", line);
    if (write(fd, text, (size_t)n) != n)
        abort();
    close(fd);
}

static struct {
    pthread_mutex_t lock;
    struct {
        const char *name;
        unsigned long calls;
    } call[64];
    struct simt_machine *machine;
} fake = {.lock = PTHREAD_MUTEX_INITIALIZER};

static CUresult begin(const char *name)
{
    size_t i = 0;
    note(name);
    pthread_mutex_lock(&fake.lock);
    if (strcmp(name, "cuInit") == 0)
        memset(fake.call, 0, sizeof fake.call); /* counted anew with each device */
    while (fake.call[i].name != NULL && strcmp(fake.call[i].name, name) != 0)
        i++;
    fake.call[i].name = name;
    unsigned long calls = ++fake.call[i].calls;
    pthread_mutex_unlock(&fake.lock);
    return (CUresult)setting(name, calls, CUDA_SUCCESS);
}

#define CALL(name)                 \
    do {                           \
        int fake_ = begin(#name);  \
        if (fake_ != CUDA_SUCCESS) \
            return fake_;          \
    } while (0)

/* ---- the device ---- */

static _Thread_local int current; /* contexts pushed */
static atomic_long memory, modules, streams;

/* A call that needs a context. */
#define CALL_IN_CONTEXT(name)       \
    CALL(name);                     \
    do {                            \
        if (current == 0)           \
            return INVALID_CONTEXT; \
    } while (0)

FAKE CUresult cuInit(unsigned flags)
{
    CALL(cuInit);
    return flags == 0 ? CUDA_SUCCESS : INVALID_VALUE;
}

FAKE CUresult cuDriverGetVersion(int *version)
{
    CALL(cuDriverGetVersion);
    *version = (int)setting("driver", 0, 13000);
    return CUDA_SUCCESS;
}

FAKE CUresult cuGetErrorName(CUresult error, const char **name)
{
    static const struct {
        CUresult code;
        const char *name;
    } names[] = {{CUDA_ERROR_OUT_OF_MEMORY, "CUDA_ERROR_OUT_OF_MEMORY"},
                 {INVALID_IMAGE, "CUDA_ERROR_INVALID_IMAGE"},
                 {NO_BINARY_FOR_GPU, "CUDA_ERROR_NO_BINARY_FOR_GPU"},
                 {UNSUPPORTED_PTX_VERSION, "CUDA_ERROR_UNSUPPORTED_PTX_VERSION"},
                 {LAUNCH_FAILED, "CUDA_ERROR_LAUNCH_FAILED"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].code == error) {
            *name = names[i].name;
            return CUDA_SUCCESS;
        }
    *name = NULL;
    return INVALID_VALUE;
}

FAKE CUresult cuGetErrorString(CUresult error, const char **text)
{
    (void)error;
    *text = "a failure that was asked for";
    return CUDA_SUCCESS;
}

/* A real NVRTC beside this driver asks for it. */
FAKE CUresult cuGetExportTable(const void **table, const void *id)
{
    (void)id;
    *table = NULL;
    return CUDA_ERROR_NOT_FOUND;
}

FAKE CUresult cuDeviceGetCount(int *count)
{
    CALL(cuDeviceGetCount);
    *count = (int)setting("devices", 0, 1);
    return CUDA_SUCCESS;
}

FAKE CUresult cuDeviceGet(CUdevice *device, int ordinal)
{
    CALL(cuDeviceGet);
    *device = ordinal;
    return CUDA_SUCCESS;
}

FAKE CUresult cuDeviceGetName(char *name, int size, CUdevice device)
{
    (void)device;
    CALL(cuDeviceGetName);
    snprintf(name, (size_t)size, "fake GPU");
    return CUDA_SUCCESS;
}

FAKE CUresult cuDeviceGetAttribute(int *value, int attribute, CUdevice device)
{
    (void)device;
    CALL(cuDeviceGetAttribute);
    long capability = setting("capability", 0, 90);
    *value = attribute == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR   ? (int)(capability / 10)
             : attribute == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR ? (int)(capability % 10)
             : attribute == CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT     ? 2
             : attribute == CU_DEVICE_ATTRIBUTE_CLOCK_RATE               ? 1000000
                                                                         : 200000;
    return CUDA_SUCCESS;
}

FAKE CUresult cuDeviceTotalMem_v2(size_t *bytes, CUdevice device)
{
    (void)device;
    CALL(cuDeviceTotalMem_v2);
    *bytes = (size_t)setting("memory", 0, 1L << 40);
    return CUDA_SUCCESS;
}

FAKE CUresult cuDevicePrimaryCtxRetain(CUcontext *context, CUdevice device)
{
    (void)device;
    CALL(cuDevicePrimaryCtxRetain);
    *context = (CUcontext)&fake;
    return CUDA_SUCCESS;
}

FAKE CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device)
{
    char line[100];
    (void)device;
    CALL(cuDevicePrimaryCtxRelease_v2);
    snprintf(line, sizeof line, "left: %ld bytes, %ld modules, %ld streams", atomic_load(&memory),
             atomic_load(&modules), atomic_load(&streams));
    note(line);
    if (fake.machine != NULL)
        simt_close(fake.machine);
    fake.machine = NULL;
    return CUDA_SUCCESS;
}

FAKE CUresult cuCtxPushCurrent_v2(CUcontext context)
{
    if (context != (CUcontext)&fake)
        return INVALID_CONTEXT;
    current++;
    return CUDA_SUCCESS;
}

FAKE CUresult cuCtxPopCurrent_v2(CUcontext *context)
{
    if (current == 0)
        return INVALID_CONTEXT;
    *context = (CUcontext)&fake;
    current--;
    return CUDA_SUCCESS;
}

/* ---- modules ---- */

struct CUmod_st {
    char *kernels; /* " name name "; NULL: every one */
};

FAKE CUresult cuModuleLoadData(CUmodule *module, const void *image)
{
    static const unsigned char fatbin[] = {0x50, 0xed, 0x55, 0xba};
    char head[40];
    CALL_IN_CONTEXT(cuModuleLoadData);
    bool all = memcmp(image, fatbin, sizeof fatbin) == 0;
    int n = snprintf(head, sizeof head, "FAKE CUBIN sm_%ld ", setting("capability", 0, 90));
    if (all && setting("fatbin", 0, NO_BINARY_FOR_GPU) != CUDA_SUCCESS)
        return (CUresult)setting("fatbin", 0, NO_BINARY_FOR_GPU);
    if (memcmp(image, "\177ELF", 4) == 0)
        abort(); /* as the real one may when it ends early; of those that are whole there are none
                  */
    if (!all && strncmp(image, "FAKE CUBIN ", 11) != 0)
        return INVALID_IMAGE;
    if (!all && strncmp(image, head, (size_t)n) != 0)
        return NO_BINARY_FOR_GPU;
    *module = calloc(1, sizeof **module);
    if (!all)
        (*module)->kernels = strdup((const char *)image + n - 1);
    atomic_fetch_add(&modules, 1);
    return CUDA_SUCCESS;
}

FAKE CUresult cuModuleUnload(CUmodule module)
{
    CALL_IN_CONTEXT(cuModuleUnload);
    free(module->kernels);
    free(module);
    atomic_fetch_sub(&modules, 1);
    return CUDA_SUCCESS;
}

/* A function is its name, for ever. */
static char *interned(const char *name)
{
    static char *names[200];
    size_t i = 0;
    pthread_mutex_lock(&fake.lock);
    while (names[i] != NULL && strcmp(names[i], name) != 0)
        i++;
    if (names[i] == NULL)
        names[i] = strdup(name);
    pthread_mutex_unlock(&fake.lock);
    return names[i];
}

FAKE CUresult cuModuleGetFunction(CUfunction *function, CUmodule module, const char *name)
{
    char word[200];
    CALL_IN_CONTEXT(cuModuleGetFunction);
    snprintf(word, sizeof word, " %s ", name);
    if (module->kernels != NULL && strstr(module->kernels, word) == NULL)
        return CUDA_ERROR_NOT_FOUND;
    const char *lanes = module->kernels ? strchr(module->kernels, '@') : NULL;
    snprintf(word, sizeof word, "%s%.*s", name, lanes ? (int)strcspn(lanes, " ") : 0,
             lanes ? lanes : "");
    *function = (CUfunction)interned(word);
    return CUDA_SUCCESS;
}

FAKE CUresult cuFuncGetAttribute(int *value, int attribute, CUfunction function)
{
    (void)attribute;
    (void)function;
    CALL_IN_CONTEXT(cuFuncGetAttribute);
    *value = 28 * 1024;
    return CUDA_SUCCESS;
}

FAKE CUresult cuFuncSetAttribute(CUfunction function, int attribute, int value)
{
    (void)attribute;
    (void)function;
    CALL_IN_CONTEXT(cuFuncSetAttribute);
    return value >= 0 && value <= 200000 - 28 * 1024 ? CUDA_SUCCESS : INVALID_VALUE;
}

FAKE CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, CUfunction function,
                                                          int threads, size_t shared)
{
    (void)function;
    CALL_IN_CONTEXT(cuOccupancyMaxActiveBlocksPerMultiprocessor);
    *blocks = shared > 100000 ? 1 : 2048 / threads;
    return CUDA_SUCCESS;
}

/* 2 multiprocessors of 1 GHz. */
static void say_time(const struct hunch_prefilter_args *args, long ns)
{
    memset(args->busy.cell, 0, HUNCH_BUSY_CELLS * HUNCH_BUSY_APART * sizeof *args->busy.cell);
    args->busy.cell[0] = 2ull * HUNCH_BUSY_UNIT * (unsigned long long)ns;
}

static CUresult launch_kernel(CUfunction function, const unsigned grid[3], const unsigned block[3],
                              unsigned shared, unsigned resident, void **parameters)
{
    const char *called = (const char *)function, *lanes = strchr(called, '@');
    char name[200];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(called, "@"), called);
    struct simt_launch shape = {.grid = {grid[0], grid[1], grid[2]},
                                .block = {block[0], block[1], block[2]},
                                .resident = resident,
                                .shared_bytes = shared,
                                .seed = (uint64_t)setting("seed", 0, 0)};
    struct simt_error why;
    char line[1100];
    snprintf(line, sizeof line, "kernel %s", called);
    note(line);
    snprintf(line, sizeof line, "launch%s", lanes ? lanes + 1 : "");
    if (setting(line, 0, CUDA_SUCCESS) != CUDA_SUCCESS)
        return (CUresult)setting(line, 0, CUDA_SUCCESS);
    if (simt_kernel_args(name) == 0)
        return CUDA_SUCCESS;
    pthread_mutex_lock(&fake.lock);
    if (fake.machine == NULL)
        fake.machine = simt_open();
    enum simt_status status =
        simt_run(fake.machine, name, &shape, parameters[0], simt_kernel_args(name), &why);
    pthread_mutex_unlock(&fake.lock);
    snprintf(line, sizeof line, "time%s", lanes ? lanes + 1 : "");
    long time = setting(line, 0, setting("time", 0, 0));
    if (status == SIMT_OK && time > 0 && strcmp(name, "hunch_prefilter_kernel") == 0)
        say_time(parameters[0], time);
    if (status == SIMT_OK)
        return CUDA_SUCCESS;
    note(why.message);
    return LAUNCH_FAILED;
}

FAKE CUresult cuLaunchKernel(CUfunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z,
                             unsigned block_x, unsigned block_y, unsigned block_z, unsigned shared,
                             CUstream stream, void **parameters, void **extra)
{
    (void)stream;
    (void)extra;
    CALL_IN_CONTEXT(cuLaunchKernel);
    return launch_kernel(function, (unsigned[]){grid_x, grid_y, grid_z},
                         (unsigned[]){block_x, block_y, block_z}, shared, 0, parameters);
}

FAKE CUresult cuLaunchCooperativeKernel(CUfunction function, unsigned grid_x, unsigned grid_y,
                                        unsigned grid_z, unsigned block_x, unsigned block_y,
                                        unsigned block_z, unsigned shared, CUstream stream,
                                        void **parameters)
{
    (void)stream;
    CALL_IN_CONTEXT(cuLaunchCooperativeKernel);
    return launch_kernel(function, (unsigned[]){grid_x, grid_y, grid_z},
                         (unsigned[]){block_x, block_y, block_z}, shared, grid_x, parameters);
}

/* ---- memory ---- */

struct block {
    size_t size;
    _Alignas(16) unsigned char bytes[];
};

static void *take(size_t size)
{
    if (atomic_fetch_add(&memory, (long)size) + (long)size > setting("memory", 0, 1L << 40)) {
        atomic_fetch_sub(&memory, (long)size);
        return NULL;
    }
    struct block *b = malloc(sizeof *b + size);
    b->size = size;
    memset(b->bytes, 0xa5, size);
    return b->bytes;
}

static void give_back(void *bytes)
{
    struct block *b = (struct block *)((unsigned char *)bytes - sizeof *b);
    atomic_fetch_sub(&memory, (long)b->size);
    free(b);
}

static void *place(CUdeviceptr address)
{
    return (void *)(uintptr_t)address;
}

FAKE CUresult cuMemGetInfo_v2(size_t *free_bytes, size_t *total)
{
    CALL_IN_CONTEXT(cuMemGetInfo_v2);
    *total = (size_t)setting("memory", 0, 1L << 40);
    *free_bytes = *total - (size_t)atomic_load(&memory);
    return CUDA_SUCCESS;
}

FAKE CUresult cuMemAlloc_v2(CUdeviceptr *address, size_t size)
{
    CALL_IN_CONTEXT(cuMemAlloc_v2);
    *address = (CUdeviceptr)(uintptr_t)take(size);
    return *address ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
}

FAKE CUresult cuMemFree_v2(CUdeviceptr address)
{
    CALL_IN_CONTEXT(cuMemFree_v2);
    give_back(place(address));
    return CUDA_SUCCESS;
}

FAKE CUresult cuMemHostAlloc(void **bytes, size_t size, unsigned flags)
{
    (void)flags;
    CALL_IN_CONTEXT(cuMemHostAlloc);
    *bytes = take(size);
    return *bytes ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
}

FAKE CUresult cuMemFreeHost(void *bytes)
{
    CALL_IN_CONTEXT(cuMemFreeHost);
    give_back(bytes);
    return CUDA_SUCCESS;
}

/* Only what cuMemHostAlloc gave is pinned, and nobody asks about that here. */
FAKE CUresult cuPointerGetAttribute(void *value, int attribute, CUdeviceptr pointer)
{
    (void)value;
    (void)attribute;
    (void)pointer;
    CALL_IN_CONTEXT(cuPointerGetAttribute);
    return CUDA_ERROR_INVALID_VALUE;
}

FAKE CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void *from, size_t size, CUstream stream)
{
    (void)stream;
    CALL_IN_CONTEXT(cuMemcpyHtoDAsync_v2);
    memcpy(place(to), from, size);
    return CUDA_SUCCESS;
}

FAKE CUresult cuMemcpyDtoHAsync_v2(void *to, CUdeviceptr from, size_t size, CUstream stream)
{
    (void)stream;
    CALL_IN_CONTEXT(cuMemcpyDtoHAsync_v2);
    memcpy(to, place(from), size);
    return CUDA_SUCCESS;
}

FAKE CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t size, CUstream stream)
{
    (void)stream;
    CALL_IN_CONTEXT(cuMemcpyDtoDAsync_v2);
    memcpy(place(to), place(from), size);
    return CUDA_SUCCESS;
}

FAKE CUresult cuMemsetD8Async(CUdeviceptr to, unsigned char byte, size_t size, CUstream stream)
{
    (void)stream;
    CALL_IN_CONTEXT(cuMemsetD8Async);
    memset(place(to), byte, size);
    return CUDA_SUCCESS;
}

FAKE CUresult cuStreamCreate(CUstream *stream, unsigned flags)
{
    (void)flags;
    CALL_IN_CONTEXT(cuStreamCreate);
    *stream = (CUstream)&fake;
    atomic_fetch_add(&streams, 1);
    return CUDA_SUCCESS;
}

FAKE CUresult cuStreamDestroy_v2(CUstream stream)
{
    (void)stream;
    CALL_IN_CONTEXT(cuStreamDestroy_v2);
    atomic_fetch_sub(&streams, 1);
    return CUDA_SUCCESS;
}

FAKE CUresult cuStreamSynchronize(CUstream stream)
{
    (void)stream;
    CALL_IN_CONTEXT(cuStreamSynchronize);
    return CUDA_SUCCESS;
}

#include "fake_nvrtc.h"
