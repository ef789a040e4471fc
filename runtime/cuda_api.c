/* cuda_api.c: see cuda_api.h. */
#define _GNU_SOURCE
#include "cuda_api.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
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

/* NVRTC opens its builtins by their bare name, which only the system's folders are searched for: in
 * another folder they must have been opened before. */
static void open_builtins(struct hunch_nvrtc_api *api)
{
    Dl_info info;
    char folder[PATH_MAX], path[PATH_MAX + 64];
    void *symbol;
    memcpy(&symbol, &api->nvrtcVersion, sizeof symbol);
    if (dladdr(symbol, &info) == 0 || info.dli_fname == NULL ||
        realpath(info.dli_fname, folder) == NULL)
        return;
    strrchr(folder, '/')[1] = '\0';
    snprintf(path, sizeof path, "%slibnvrtc-builtins.so.%d.%d", folder, api->major, api->minor);
    api->builtins = dlopen(path, RTLD_NOW | RTLD_LOCAL);
}

/* NULL, or what is wrong with it. */
static const char *try_nvrtc(struct hunch_nvrtc_api *api, const char *path)
{
    memset(api, 0, sizeof *api);
    api->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (api->library == NULL)
        return "";
#define HUNCH_X(name, parameters)                                      \
    if ((*(void **)&api->name = dlsym(api->library, #name)) == NULL) { \
        hunch_nvrtc_close(api);                                        \
        return "it has no " #name;                                     \
    }
    HUNCH_NVRTC_CALLS(HUNCH_X)
#undef HUNCH_X
    if (api->nvrtcVersion(&api->major, &api->minor) != NVRTC_SUCCESS) {
        hunch_nvrtc_close(api);
        return "it does not say its version";
    }
    open_builtins(api);
    return NULL;
}

hunch_status hunch_nvrtc_open(struct hunch_nvrtc_api *api, int major, struct hunch_error *err)
{
    char first[32], broken[160] = "";
    snprintf(first, sizeof first, "libnvrtc.so.%d", major);
    const char *const paths[] = {first,
                                 "libnvrtc.so",
                                 "/usr/local/cuda/lib64/libnvrtc.so",
                                 "libnvrtc.so.13",
                                 "libnvrtc.so.12",
                                 "libnvrtc.so.11.2"};
    if (api->library != NULL)
        return HUNCH_OK;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        const char *problem = try_nvrtc(api, paths[i]);
        if (problem == NULL)
            return HUNCH_OK;
        if (problem[0] != '\0' && broken[0] == '\0')
            snprintf(broken, sizeof broken, "NVRTC cannot be used (%s: %s)", paths[i], problem);
    }
    return hunch_fail(
        err, HUNCH_ERROR_UNSUPPORTED, "%s; install NVRTC %d, which is part of the CUDA Toolkit",
        broken[0] ? broken : "there is no NVRTC: libnvrtc.so cannot be opened", major);
}

void hunch_nvrtc_close(struct hunch_nvrtc_api *api)
{
    if (api->library)
        dlclose(api->library);
    if (api->builtins)
        dlclose(api->builtins);
    memset(api, 0, sizeof *api);
}

void hunch_nvrtc_options(unsigned architecture, char options[HUNCH_NVRTC_OPTIONS_MOST])
{
    snprintf(options, HUNCH_NVRTC_OPTIONS_MOST, "--gpu-architecture=sm_%u\n--std=c++17",
             architecture);
}

/* The compiler's log, or NULL. */
static char *log_of(const struct hunch_nvrtc_api *api, const struct hunch_allocator *a,
                    nvrtcProgram program)
{
    size_t size = 0;
    if (api->nvrtcGetProgramLogSize(program, &size) != NVRTC_SUCCESS || size < 2)
        return NULL;
    char *text = hunch_alloc_zero(a, size + 1), *log = NULL;
    if (text != NULL && api->nvrtcGetProgramLog(program, text) == NVRTC_SUCCESS)
        log = hunch_strdup(a, text); /* of its own length, as strfree needs it */
    hunch_free(a, text, size + 1);
    return log;
}

/* The line of a log that says what is wrong; its length in *length. */
static const char *first_error(const char *log, int *length)
{
    const char *at = strstr(log, "error");
    while (at != NULL && at > log && at[-1] != '\n')
        at--;
    if (at == NULL)
        at = log;
    *length = (int)strcspn(at, "\n");
    return at;
}

/* The source's own headers, then the files of kernels/, under their names: fused.cu includes
 * others. */
struct headers {
    const char **names, **texts;
    size_t count, room;
};

static bool take_headers(const struct hunch_allocator *a, const struct hunch_cuda_headers *own,
                         struct headers *h)
{
    size_t ours = 0, theirs = own ? own->count : 0;
    while (hunch_embedded_kernels[ours].name != NULL)
        ours++;
    h->room = ours + theirs;
    h->count = 0;
    h->names = hunch_alloc_array(a, h->room, sizeof *h->names);
    h->texts = hunch_alloc_array(a, h->room, sizeof *h->texts);
    if (h->names == NULL || h->texts == NULL)
        return false;
    for (size_t i = 0; i < theirs; i++) {
        h->names[h->count] = own->names[i];
        h->texts[h->count++] = own->texts[i];
    }
    for (size_t i = 0; i < ours; i++) {
        h->names[h->count] = hunch_embedded_kernels[i].name;
        h->texts[h->count++] = (const char *)hunch_embedded_kernels[i].data;
    }
    return true;
}

static void release_headers(const struct hunch_allocator *a, struct headers *h)
{
    hunch_free_array(a, h->names, h->room, sizeof *h->names);
    hunch_free_array(a, h->texts, h->room, sizeof *h->texts);
}

hunch_status hunch_nvrtc_compile(const struct hunch_nvrtc_api *api, const struct hunch_allocator *a,
                                 const char *name, const char *text,
                                 const struct hunch_cuda_headers *own, unsigned architecture,
                                 void **image, size_t *size, char **log, struct hunch_error *err)
{
    char options[HUNCH_NVRTC_OPTIONS_MOST], *rest = NULL, *said = NULL;
    const char *option[4];
    int options_count = 0;
    nvrtcProgram program = NULL;
    struct headers headers;
    hunch_status status = HUNCH_OK;
    *image = NULL;
    hunch_nvrtc_options(architecture, options);
    for (char *o = strtok_r(options, "\n", &rest); o && options_count < 4;
         o = strtok_r(NULL, "\n", &rest))
        option[options_count++] = o;
    if (!take_headers(a, own, &headers)) {
        status = hunch_fail_memory(err, 0, "the sources of the kernels");
        goto done;
    }
    if (api->nvrtcCreateProgram(&program, text, name, (int)headers.count, headers.texts,
                                headers.names) != NVRTC_SUCCESS) {
        program = NULL;
        status = hunch_fail(err, HUNCH_ERROR_UNSUPPORTED, "NVRTC %d.%d does not take %s",
                            api->major, api->minor, name);
        goto done;
    }
    if (api->nvrtcCompileProgram(program, options_count, option) != NVRTC_SUCCESS ||
        api->nvrtcGetCUBINSize(program, size) != NVRTC_SUCCESS || *size == 0) {
        int length;
        said = log_of(api, a, program);
        const char *line = first_error(said ? said : "it does not say why", &length);
        status = hunch_fail(err, HUNCH_ERROR_UNSUPPORTED,
                            "NVRTC %d.%d does not compile %s for sm_%u: %.*s", api->major,
                            api->minor, name, architecture, length, line);
        goto done;
    }
    *image = hunch_alloc(a, *size);
    if (*image == NULL) {
        status = hunch_fail_memory(err, *size, "a compiled kernel");
    } else if (api->nvrtcGetCUBIN(program, *image) != NVRTC_SUCCESS) {
        hunch_free(a, *image, *size);
        *image = NULL;
        status = hunch_fail(err, HUNCH_ERROR_UNSUPPORTED, "NVRTC %d.%d gives no code for %s",
                            api->major, api->minor, name);
    }
done:
    if (program != NULL)
        api->nvrtcDestroyProgram(&program);
    release_headers(a, &headers);
    if (log != NULL)
        *log = said;
    else
        hunch_strfree(a, said);
    return status;
}
