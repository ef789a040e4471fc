/* cuda_module.c: see cuda_module.h. */
#include "cuda_module.h"

#include <elf.h>
#include <string.h>

#include "cache.h"
#include "embedded.h"
#include "program.h"

static const char kind[] = "cubin";
enum { CACHE_MOST = 64 << 20 }; /* bytes of all compiled kernels that are kept */

static const char *name_of(const struct hunch_cuda_target *t, CUresult result)
{
    const char *name = NULL;
    t->api->cuGetErrorName(result, &name);
    return name ? name : "an error without a name";
}

/* The function, ready to be launched. A driver that loads lazily looks at its code only now. */
static CUresult take_function(const struct hunch_cuda_target *t, CUmodule module, const char *entry,
                              CUfunction *function)
{
    int own = 0;
    CUresult result = t->api->cuModuleGetFunction(function, module, entry);
    if (result == CUDA_SUCCESS)
        result = t->api->cuFuncGetAttribute(&own, CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES, *function);
    if (result == CUDA_SUCCESS)
        result = t->api->cuFuncSetAttribute(
            *function, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, (int)t->shared_most - own);
    return result;
}

/* What the driver says to an image. */
static CUresult take(const struct hunch_cuda_target *t, const void *image,
                     const char *const *entries, size_t count, CUmodule *module,
                     CUfunction *functions)
{
    CUresult result = t->api->cuModuleLoadData(module, image);
    if (result != CUDA_SUCCESS) {
        *module = NULL;
        return result;
    }
    for (size_t i = 0; i < count && result == CUDA_SUCCESS; i++)
        result = take_function(t, *module, entries[i], &functions[i]);
    if (result != CUDA_SUCCESS) {
        t->api->cuModuleUnload(*module);
        *module = NULL;
    }
    return result;
}

/* Adds a header to a hash of those before it. */
static void chain_header(uint8_t hash[16], const char *name, const void *text, size_t size)
{
    uint8_t chain[48];
    memcpy(chain, hash, 16);
    hunch_hash128(name, strlen(name), chain + 16);
    hunch_hash128(text, size, chain + 32);
    hunch_hash128(chain, sizeof chain, hash);
}

/* Whether an image that lies in the cache is whole: the driver crashes on an ELF file that ends
 * early. What is none it refuses by itself. */
static bool is_whole(const void *image, size_t size)
{
    const uint8_t *bytes = image;
    Elf64_Ehdr head;
    Elf64_Shdr section;
    if (size < SELFMAG || memcmp(bytes, ELFMAG, SELFMAG) != 0)
        return true;
    if (size < sizeof head)
        return false;
    memcpy(&head, bytes, sizeof head);
    if (head.e_shentsize != sizeof section || head.e_shoff > size ||
        (size - head.e_shoff) / sizeof section < head.e_shnum || head.e_phoff > size ||
        (size - head.e_phoff) / sizeof(Elf64_Phdr) < head.e_phnum)
        return false;
    for (size_t i = 0; i < head.e_shnum; i++) {
        memcpy(&section, bytes + head.e_shoff + i * sizeof section, sizeof section);
        if (section.sh_type != SHT_NOBITS &&
            (section.sh_offset > size || size - section.sh_offset < section.sh_size))
            return false;
    }
    return true;
}

/* Everything that decides what the compiler writes. */
static void key_of(const struct hunch_cuda_target *t, const struct hunch_cuda_source *source,
                   uint8_t key[16])
{
    struct {
        uint8_t text[16], options[16], headers[16];
        uint32_t architecture, driver, major, minor;
    } all;
    char options[HUNCH_NVRTC_OPTIONS_MOST];
    memset(&all, 0, sizeof all);
    hunch_hash128(source->text, strlen(source->text), all.text);
    hunch_nvrtc_options(t->architecture, options);
    hunch_hash128(options, strlen(options), all.options);
    for (size_t i = 0; source->headers != NULL && i < source->headers->count; i++)
        chain_header(all.headers, source->headers->names[i], source->headers->texts[i],
                     strlen(source->headers->texts[i]));
    for (const struct hunch_embedded *e = hunch_embedded_kernels; e->name != NULL; e++)
        chain_header(all.headers, e->name, e->data, e->size);
    all.architecture = t->architecture;
    all.driver = (uint32_t)t->driver;
    all.major = (uint32_t)t->nvrtc->major;
    all.minor = (uint32_t)t->nvrtc->minor;
    hunch_hash128(&all, sizeof all, key);
}

/* refused: what the driver said to the fatbin; CUDA_SUCCESS: there is none. */
static hunch_status fail(const struct hunch_cuda_target *t, CUresult refused,
                         const struct hunch_error *why, struct hunch_error *err)
{
    if (refused == CUDA_SUCCESS)
        return hunch_fail(err, why->code, "%s", why->message);
    return hunch_fail(err, why->code,
                      "the driver (for CUDA %d.%d) does not take the kernels that hunch was built "
                      "with (%s), and others cannot be had: %s",
                      t->driver / 1000, t->driver % 1000 / 10, name_of(t, refused), why->message);
}

bool hunch_cuda_load_cached(const struct hunch_cuda_target *t, const uint8_t key[16],
                            const char *const *entries, size_t count, CUmodule *module,
                            CUfunction *functions)
{
    void *image;
    size_t size;
    if (!hunch_cache_read(t->a, t->cache, kind, key, &image, &size))
        return false;
    bool taken =
        is_whole(image, size) && take(t, image, entries, count, module, functions) == CUDA_SUCCESS;
    hunch_free(t->a, image, size);
    return taken;
}

static hunch_status compile(const struct hunch_cuda_target *t,
                            const struct hunch_cuda_source *source, const char *const *entries,
                            size_t count, CUmodule *module, CUfunction *functions,
                            enum hunch_cuda_origin *origin, uint8_t key[16], char **log,
                            struct hunch_error *err)
{
    void *image;
    size_t size;
    hunch_status status = hunch_nvrtc_open(t->nvrtc, t->driver / 1000, err);
    if (status != HUNCH_OK)
        return status;
    key_of(t, source, key);
    *origin = HUNCH_CUDA_CACHE;
    if (hunch_cuda_load_cached(t, key, entries, count, module, functions))
        return HUNCH_OK;
    if (source->made)
        return hunch_fail(err, HUNCH_ERROR_UNSUPPORTED, "%s has not been compiled yet",
                          source->name);
    /* What is there is no use, whoever wrote it: it is written again. */
    *origin = HUNCH_CUDA_NVRTC;
    status = hunch_nvrtc_compile(t->nvrtc, t->a, source->name, source->text, source->headers,
                                 t->architecture, &image, &size, log, err);
    if (status != HUNCH_OK)
        return status;
    CUresult result = take(t, image, entries, count, module, functions);
    if (result == CUDA_SUCCESS)
        hunch_cache_write(t->a, t->cache, kind, key, image, size, CACHE_MOST);
    hunch_free(t->a, image, size);
    if (result == CUDA_SUCCESS)
        return HUNCH_OK;
    if (result == CUDA_ERROR_OUT_OF_MEMORY)
        return hunch_fail(err, HUNCH_ERROR_MEMORY, "the GPU has no memory for %s", source->name);
    if (result == CUDA_ERROR_NOT_FOUND)
        return hunch_fail(err, HUNCH_ERROR_ARGUMENT,
                          "%s has not every kernel that is asked of it: \"%s\"%s must be "
                          "__global__ and extern \"C\"",
                          source->name, entries[0], count > 1 ? " and others" : "");
    return hunch_fail(
        err, HUNCH_ERROR_UNSUPPORTED,
        "the driver (for CUDA %d.%d) does not take what NVRTC %d.%d makes of %s (%s): "
        "update the driver, or install the CUDA Toolkit that goes with it",
        t->driver / 1000, t->driver % 1000 / 10, t->nvrtc->major, t->nvrtc->minor, source->name,
        name_of(t, result));
}

static hunch_status load(const struct hunch_cuda_target *t, const struct hunch_cuda_source *source,
                         const char *const *entries, size_t count, CUmodule *module,
                         CUfunction *functions, enum hunch_cuda_origin *origin, uint8_t key[16],
                         char **log, struct hunch_error *err)
{
    struct hunch_error why = {0};
    uint8_t unasked[16];
    CUresult refused = CUDA_SUCCESS;
    if (source->fatbin != NULL) {
        *origin = HUNCH_CUDA_FATBIN;
        refused = take(t, source->fatbin, entries, count, module, functions);
        if (refused == CUDA_SUCCESS)
            return HUNCH_OK;
        if (refused == CUDA_ERROR_OUT_OF_MEMORY)
            return hunch_fail(err, HUNCH_ERROR_MEMORY, "the GPU has no memory for %s",
                              source->name);
    }
    hunch_status status = compile(t, source, entries, count, module, functions, origin,
                                  key ? key : unasked, log, &why);
    return status == HUNCH_OK ? HUNCH_OK : fail(t, refused, &why, err);
}

hunch_status hunch_cuda_load(const struct hunch_cuda_target *t,
                             const struct hunch_cuda_source *source, const char *const *entries,
                             size_t count, CUmodule *module, CUfunction *functions,
                             enum hunch_cuda_origin *origin, uint8_t key[16], char **log,
                             struct hunch_error *err)
{
    CUcontext popped;
    *module = NULL;
    if (log)
        *log = NULL;
    CUresult result = t->api->cuCtxPushCurrent(t->context);
    if (result != CUDA_SUCCESS)
        return hunch_fail(err, HUNCH_ERROR_IO, "the GPU failed: loading kernels (%s)",
                          name_of(t, result));
    pthread_mutex_lock(t->lock);
    hunch_status status = load(t, source, entries, count, module, functions, origin, key, log, err);
    pthread_mutex_unlock(t->lock);
    t->api->cuCtxPopCurrent(&popped);
    return status;
}
