/* cuda_api.h: the part of CUDA's driver API and of NVRTC that hunch uses, declared here so that
 * neither is needed to build: both are opened at run time. Names and numbers are those of NVIDIA's
 * cuda.h and nvrtc.h; a name with a version is what the library exports. */
#ifndef HUNCH_CUDA_API_H
#define HUNCH_CUDA_API_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

typedef int CUresult;
typedef int CUdevice;
typedef struct CUctx_st *CUcontext;
typedef struct CUmod_st *CUmodule;
typedef struct CUfunc_st *CUfunction;
typedef struct CUstream_st *CUstream;
typedef unsigned long long CUdeviceptr;
typedef int nvrtcResult;
typedef struct _nvrtcProgram *nvrtcProgram;

enum {
    CUDA_SUCCESS = 0,
    CUDA_ERROR_INVALID_VALUE = 1,
    CUDA_ERROR_OUT_OF_MEMORY = 2,
    CUDA_ERROR_NO_DEVICE = 100,
    CUDA_ERROR_NOT_FOUND = 500,
    CU_DEVICE_ATTRIBUTE_CLOCK_RATE = 13,
    CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT = 16,
    CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR = 75,
    CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR = 76,
    CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN = 97,
    CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES = 1,
    CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES = 8,
    CU_STREAM_NON_BLOCKING = 1,
    CU_POINTER_ATTRIBUTE_MEMORY_TYPE = 2,
    CU_POINTER_ATTRIBUTE_RANGE_START_ADDR = 11,
    CU_POINTER_ATTRIBUTE_RANGE_SIZE = 12,
    CU_MEMORYTYPE_HOST = 1,
    NVRTC_SUCCESS = 0
};

/* X(name without version, exported name, parameters); all return CUresult. */
#define HUNCH_CUDA_CALLS(X)                                                                       \
    X(cuInit, cuInit, (unsigned flags))                                                           \
    X(cuDriverGetVersion, cuDriverGetVersion, (int *version))                                     \
    X(cuGetErrorName, cuGetErrorName, (CUresult error, const char **name))                        \
    X(cuGetErrorString, cuGetErrorString, (CUresult error, const char **text))                    \
    X(cuDeviceGetCount, cuDeviceGetCount, (int *count))                                           \
    X(cuDeviceGet, cuDeviceGet, (CUdevice * device, int ordinal))                                 \
    X(cuDeviceGetName, cuDeviceGetName, (char *name, int size, CUdevice device))                  \
    X(cuDeviceGetAttribute, cuDeviceGetAttribute, (int *value, int attribute, CUdevice device))   \
    X(cuDeviceTotalMem, cuDeviceTotalMem_v2, (size_t * bytes, CUdevice device))                   \
    X(cuDevicePrimaryCtxRetain, cuDevicePrimaryCtxRetain, (CUcontext * context, CUdevice device)) \
    X(cuDevicePrimaryCtxRelease, cuDevicePrimaryCtxRelease_v2, (CUdevice device))                 \
    X(cuCtxPushCurrent, cuCtxPushCurrent_v2, (CUcontext context))                                 \
    X(cuCtxPopCurrent, cuCtxPopCurrent_v2, (CUcontext * context))                                 \
    X(cuModuleLoadData, cuModuleLoadData, (CUmodule * module, const void *image))                 \
    X(cuModuleUnload, cuModuleUnload, (CUmodule module))                                          \
    X(cuModuleGetFunction, cuModuleGetFunction,                                                   \
      (CUfunction * function, CUmodule module, const char *name))                                 \
    X(cuFuncGetAttribute, cuFuncGetAttribute, (int *value, int attribute, CUfunction function))   \
    X(cuFuncSetAttribute, cuFuncSetAttribute, (CUfunction function, int attribute, int value))    \
    X(cuOccupancyMaxActiveBlocksPerMultiprocessor, cuOccupancyMaxActiveBlocksPerMultiprocessor,   \
      (int *blocks, CUfunction function, int threads, size_t shared))                             \
    X(cuMemGetInfo, cuMemGetInfo_v2, (size_t * free, size_t * total))                             \
    X(cuMemAlloc, cuMemAlloc_v2, (CUdeviceptr * address, size_t size))                            \
    X(cuMemFree, cuMemFree_v2, (CUdeviceptr address))                                             \
    X(cuMemHostAlloc, cuMemHostAlloc, (void **bytes, size_t size, unsigned flags))                \
    X(cuMemFreeHost, cuMemFreeHost, (void *bytes))                                                \
    X(cuPointerGetAttribute, cuPointerGetAttribute,                                               \
      (void *value, int attribute, CUdeviceptr pointer))                                          \
    X(cuMemcpyHtoDAsync, cuMemcpyHtoDAsync_v2,                                                    \
      (CUdeviceptr to, const void *from, size_t size, CUstream stream))                           \
    X(cuMemcpyDtoHAsync, cuMemcpyDtoHAsync_v2,                                                    \
      (void *to, CUdeviceptr from, size_t size, CUstream stream))                                 \
    X(cuMemcpyDtoDAsync, cuMemcpyDtoDAsync_v2,                                                    \
      (CUdeviceptr to, CUdeviceptr from, size_t size, CUstream stream))                           \
    X(cuMemsetD8Async, cuMemsetD8Async,                                                           \
      (CUdeviceptr to, unsigned char byte, size_t size, CUstream stream))                         \
    X(cuStreamCreate, cuStreamCreate, (CUstream * stream, unsigned flags))                        \
    X(cuStreamDestroy, cuStreamDestroy_v2, (CUstream stream))                                     \
    X(cuStreamSynchronize, cuStreamSynchronize, (CUstream stream))                                \
    X(cuLaunchCooperativeKernel, cuLaunchCooperativeKernel,                                       \
      (CUfunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x,  \
       unsigned block_y, unsigned block_z, unsigned shared, CUstream stream, void **parameters))  \
    X(cuLaunchKernel, cuLaunchKernel,                                                             \
      (CUfunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x,  \
       unsigned block_y, unsigned block_z, unsigned shared, CUstream stream, void **parameters,   \
       void **extra))

#define HUNCH_NVRTC_CALLS(X)                                                              \
    X(nvrtcVersion, (int *major, int *minor))                                             \
    X(nvrtcCreateProgram,                                                                 \
      (nvrtcProgram * program, const char *source, const char *name, int header_count,    \
       const char *const *headers, const char *const *header_names))                      \
    X(nvrtcDestroyProgram, (nvrtcProgram * program))                                      \
    X(nvrtcCompileProgram, (nvrtcProgram program, int count, const char *const *options)) \
    X(nvrtcGetCUBINSize, (nvrtcProgram program, size_t * size))                           \
    X(nvrtcGetCUBIN, (nvrtcProgram program, char *bytes))                                 \
    X(nvrtcGetProgramLogSize, (nvrtcProgram program, size_t * size))                      \
    X(nvrtcGetProgramLog, (nvrtcProgram program, char *text))

struct hunch_cuda_api {
    void *library;
#define HUNCH_X(name, exported, parameters) CUresult(*name) parameters;
    HUNCH_CUDA_CALLS(HUNCH_X)
#undef HUNCH_X
};

struct hunch_nvrtc_api {
    void *library, *builtins;
    int major, minor; /* its version */
#define HUNCH_X(name, parameters) nvrtcResult(*name) parameters;
    HUNCH_NVRTC_CALLS(HUNCH_X)
#undef HUNCH_X
};

/* Opens the driver's library. UNSUPPORTED: it is not there, or is too old. Close what was opened.
 */
hunch_status hunch_cuda_open(struct hunch_cuda_api *api, struct hunch_error *err);
void hunch_cuda_close(struct hunch_cuda_api *api);

/* Opens NVRTC, unless it is open: the one of CUDA `major` first, which is what the driver takes.
 * UNSUPPORTED: there is none that can be used. */
hunch_status hunch_nvrtc_open(struct hunch_nvrtc_api *api, int major, struct hunch_error *err);
void hunch_nvrtc_close(struct hunch_nvrtc_api *api);

/* The options of a compilation, one a line. */
enum { HUNCH_NVRTC_OPTIONS_MOST = 100 };
void hunch_nvrtc_options(unsigned architecture, char options[HUNCH_NVRTC_OPTIONS_MOST]);

/* Headers that a source brings along. */
struct hunch_cuda_headers {
    const char *const *names, *const *texts;
    size_t count;
};

/* A source compiled for sm_<architecture>: *image is allocated with `a`. It may include what lies
 * in kernels/, and its own headers (NULL: none), which come first where names are the same.
 * UNSUPPORTED: the message has the first error of the compiler's log; *log, where log is not NULL,
 * all of it (hunch_strfree). */
hunch_status hunch_nvrtc_compile(const struct hunch_nvrtc_api *api, const struct hunch_allocator *a,
                                 const char *name, const char *text,
                                 const struct hunch_cuda_headers *own, unsigned architecture,
                                 void **image, size_t *size, char **log, struct hunch_error *err);

#endif
