/* nvrtc_compile.c: compiles CUDA sources with NVRTC, for spec/support/kernels_check.sh:
 *
 *   nvrtc_compile FOLDER ARCH OPTION... -- FILE...
 *
 * FOLDER holds libnvrtc.so.13; ARCH is as in sm_90; the options are NVRTC's. Needs no GPU and no
 * driver. A line a file: its name, the cubin's bytes, milliseconds; a compiler's log goes to
 * standard error. Status 1 when a file does not compile. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct nvrtc_program *nvrtc_program;

static struct {
    int (*create)(nvrtc_program *, const char *source, const char *name, int headers,
                  const char *const *header_sources, const char *const *header_names);
    int (*compile)(nvrtc_program, int options, const char *const *option);
    int (*log_size)(nvrtc_program, size_t *);
    int (*log)(nvrtc_program, char *);
    int (*cubin_size)(nvrtc_program, size_t *);
    int (*destroy)(nvrtc_program *);
    const char *(*error)(int);
} nvrtc;

/* The builtins are opened by their bare name later on, which only works when they are loaded
 * already, since the library has no run path. */
static int load(const char *folder)
{
    static const struct {
        const char *name;
        void *slot;
    } wanted[] = {
        {"nvrtcCreateProgram", &nvrtc.create},       {"nvrtcCompileProgram", &nvrtc.compile},
        {"nvrtcGetProgramLogSize", &nvrtc.log_size}, {"nvrtcGetProgramLog", &nvrtc.log},
        {"nvrtcGetCUBINSize", &nvrtc.cubin_size},    {"nvrtcDestroyProgram", &nvrtc.destroy},
        {"nvrtcGetErrorString", &nvrtc.error},
    };
    char path[4096];
    snprintf(path, sizeof path, "%s/libnvrtc-builtins.so.13.0", folder);
    if (dlopen(path, RTLD_NOW) == NULL) {
        fprintf(stderr, "nvrtc_compile: %s\n", dlerror());
        return 0;
    }
    snprintf(path, sizeof path, "%s/libnvrtc.so.13", folder);
    void *library = dlopen(path, RTLD_NOW);
    if (library == NULL) {
        fprintf(stderr, "nvrtc_compile: %s\n", dlerror());
        return 0;
    }
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        void *function = dlsym(library, wanted[i].name);
        if (function == NULL) {
            fprintf(stderr, "nvrtc_compile: %s has no %s\n", path, wanted[i].name);
            return 0;
        }
        memcpy(wanted[i].slot, &function, sizeof function);
    }
    return 1;
}

static char *read_file(const char *name)
{
    FILE *file = fopen(name, "rb");
    char *text = NULL;
    if (file == NULL || fseek(file, 0, SEEK_END) != 0)
        goto done;
    const long size = ftell(file);
    if (size < 0 || fseek(file, 0, SEEK_SET) != 0 || (text = malloc((size_t)size + 1)) == NULL)
        goto done;
    text[fread(text, 1, (size_t)size, file)] = '\0';
done:
    if (text == NULL)
        perror(name);
    if (file != NULL)
        fclose(file);
    return text;
}

static int compile(const char *name, int count, const char *const *options)
{
    nvrtc_program program = NULL;
    size_t log_size = 0;
    size_t size = 0;
    struct timespec from, to;
    char *source = read_file(name);
    char *log = NULL;
    int failed = 1;
    if (source == NULL)
        return 1;
    clock_gettime(CLOCK_MONOTONIC, &from);
    int status = nvrtc.create(&program, source, name, 0, NULL, NULL);
    if (status == 0)
        status = nvrtc.compile(program, count, options);
    clock_gettime(CLOCK_MONOTONIC, &to);
    if (program != NULL && nvrtc.log_size(program, &log_size) == 0 && log_size > 1 &&
        (log = malloc(log_size)) != NULL && nvrtc.log(program, log) == 0)
        fprintf(stderr, "%s\n", log);
    if (status == 0)
        status = nvrtc.cubin_size(program, &size);
    if (status == 0 && size > 0) {
        printf("%s %zu bytes %.0f ms\n", name, size,
               (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6);
        failed = 0;
    } else {
        fprintf(stderr, "%s: %s\n", name, status != 0 ? nvrtc.error(status) : "no cubin");
    }
    if (program != NULL)
        nvrtc.destroy(&program);
    free(log);
    free(source);
    return failed;
}

int main(int argc, char **argv)
{
    const char *options[64];
    char arch[64];
    int count = 0, at = 3, failed = 0;
    if (argc < 5)
        goto usage;
    snprintf(arch, sizeof arch, "--gpu-architecture=%s", argv[2]);
    options[count++] = arch;
    while (at < argc && strcmp(argv[at], "--") != 0 && count < 64)
        options[count++] = argv[at++];
    if (at + 1 >= argc || strcmp(argv[at], "--") != 0)
        goto usage;
    if (!load(argv[1]))
        return 1;
    for (at++; at < argc; at++)
        failed |= compile(argv[at], count, options);
    return failed;
usage:
    fprintf(stderr, "usage: nvrtc_compile FOLDER ARCH OPTION... -- FILE...\n");
    return 2;
}
