/* cuda_api.c: see cuda_api.h. */
#include "cuda_api.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "embedded.h"

hunch_status hunch_cuda_open(struct hunch_cuda_api *api, struct hunch_error *err)
{
    memset(api, 0, sizeof *api);
    api->library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
    if (api->library == NULL)
        return hunch_fail(err, HUNCH_ERROR_UNSUPPORTED,
                          "no NVIDIA driver: libcuda.so.1 cannot be opened");
#define HUNCH_X(name, exported, parameters)                                         \
    if ((*(void **)&api->name = dlsym(api->library, #exported)) == NULL) {          \
        hunch_cuda_close(api);                                                      \
        return hunch_fail(err, HUNCH_ERROR_UNSUPPORTED,                             \
                          "the NVIDIA driver is too old: it has no %s", #exported); \
    }
    HUNCH_CUDA_CALLS(HUNCH_X)
#undef HUNCH_X
    return HUNCH_OK;
}

void hunch_cuda_close(struct hunch_cuda_api *api)
{
    if (api->library)
        dlclose(api->library);
    memset(api, 0, sizeof *api);
}

/* The library opens its builtins by their bare name and finds them where the system looks; beside a
 * library given by its path they must be opened first. */
static void open_builtins(struct hunch_nvrtc_api *api, const char *path)
{
    const char *slash = strrchr(path, '/');
    static const char *const names[] = {"libnvrtc-builtins.so", "libnvrtc-builtins.so.13.0",
                                        "libnvrtc-builtins.so.12.9"};
    for (size_t i = 0; slash && !api->builtins && i < sizeof names / sizeof *names; i++) {
        char full[4096];
        snprintf(full, sizeof full, "%.*s%s", (int)(slash - path + 1), path, names[i]);
        api->builtins = dlopen(full, RTLD_NOW | RTLD_LOCAL);
    }
}

hunch_status hunch_nvrtc_open(struct hunch_nvrtc_api *api, const char *path,
                              struct hunch_error *err)
{
    static const char *const names[] = {"libnvrtc.so", "libnvrtc.so.13", "libnvrtc.so.12",
                                        "/usr/local/cuda/lib64/libnvrtc.so"};
    memset(api, 0, sizeof *api);
    if (path != NULL) {
        open_builtins(api, path);
        api->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    }
    for (size_t i = 0; path == NULL && !api->library && i < sizeof names / sizeof *names; i++)
        api->library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (api->library == NULL) {
        hunch_nvrtc_close(api);
        return hunch_fail(err, HUNCH_ERROR_UNSUPPORTED,
                          "no NVRTC: libnvrtc.so cannot be opened; it is part of the CUDA Toolkit");
    }
#define HUNCH_X(name, parameters)                                                          \
    if ((*(void **)&api->name = dlsym(api->library, #name)) == NULL) {                     \
        hunch_nvrtc_close(api);                                                            \
        return hunch_fail(err, HUNCH_ERROR_UNSUPPORTED, "NVRTC is too old: no %s", #name); \
    }
    HUNCH_NVRTC_CALLS(HUNCH_X)
#undef HUNCH_X
    return HUNCH_OK;
}

void hunch_nvrtc_close(struct hunch_nvrtc_api *api)
{
    if (api->library)
        dlclose(api->library);
    if (api->builtins)
        dlclose(api->builtins);
    memset(api, 0, sizeof *api);
}

static hunch_status fail_compile(const struct hunch_nvrtc_api *api, const struct hunch_allocator *a,
                                 nvrtcProgram program, const char *source, struct hunch_error *err)
{
    size_t size = 0;
    hunch_status status =
        hunch_fail(err, HUNCH_ERROR_UNSUPPORTED, "NVRTC does not compile kernels/%s", source);
    if (api->nvrtcGetProgramLogSize(program, &size) != NVRTC_SUCCESS || size < 2)
        return status;
    char *log = hunch_alloc(a, size);
    if (log != NULL && api->nvrtcGetProgramLog(program, log) == NVRTC_SUCCESS)
        status = hunch_fail(err, HUNCH_ERROR_UNSUPPORTED,
                            "NVRTC does not compile kernels/%s: %.380s", source, log);
    hunch_free(a, log, size);
    return status;
}

hunch_status hunch_nvrtc_compile(const struct hunch_nvrtc_api *api, const struct hunch_allocator *a,
                                 const char *source, unsigned architecture, void **image,
                                 size_t *size, struct hunch_error *err)
{
    enum { HEADERS = 64 };
    const char *names[HEADERS], *texts[HEADERS], *text = NULL;
    char option[32];
    int count = 0;
    nvrtcProgram program;
    *image = NULL;
    for (const struct hunch_embedded *e = hunch_embedded_kernels; e->name != NULL; e++) {
        if (strcmp(e->name, source) == 0)
            text = (const char *)e->data;
        else if (count < HEADERS) {
            names[count] = e->name;
            texts[count++] = (const char *)e->data;
        }
    }
    if (text == NULL)
        return hunch_fail(err, HUNCH_ERROR_ARGUMENT, "there is no kernel source %s", source);
    snprintf(option, sizeof option, "--gpu-architecture=sm_%u", architecture);
    const char *const options[] = {option, "--std=c++17"};
    if (api->nvrtcCreateProgram(&program, text, source, count, texts, names) != NVRTC_SUCCESS)
        return hunch_fail(err, HUNCH_ERROR_UNSUPPORTED, "NVRTC takes no program");
    hunch_status status = HUNCH_OK;
    if (api->nvrtcCompileProgram(program, 2, options) != NVRTC_SUCCESS ||
        api->nvrtcGetCUBINSize(program, size) != NVRTC_SUCCESS || *size == 0) {
        status = fail_compile(api, a, program, source, err);
    } else if ((*image = hunch_alloc(a, *size)) == NULL) {
        status = hunch_fail_memory(err, *size, "a compiled kernel");
    } else if (api->nvrtcGetCUBIN(program, *image) != NVRTC_SUCCESS) {
        hunch_free(a, *image, *size);
        *image = NULL;
        status = hunch_fail(err, HUNCH_ERROR_UNSUPPORTED, "NVRTC gives no code");
    }
    api->nvrtcDestroyProgram(&program);
    return status;
}
