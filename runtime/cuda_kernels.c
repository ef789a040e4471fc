/* cuda_kernels.c: see cuda_kernels.h. */
#include "cuda_kernels.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"

static const enum hunch_kernel_id late_kernel = HUNCH_ID_hunch_fused_kernel;

static const void *fatbin_of(const char *source)
{
    for (const struct hunch_embedded *e = hunch_embedded_fatbins; e->name != NULL; e++)
        if (strcmp(e->name, source) == 0)
            return e->data;
    return NULL;
}

#define HUNCH_X(name) #name,
static const char *const names[] = {HUNCH_KERNELS(HUNCH_X)};
#undef HUNCH_X

/* HUNCH_KERNEL(name, …, or another word that begins so, at the beginning of a line. */
static bool defines(const char *text, const char *name)
{
    const size_t length = strlen(name);
    for (const char *at = text; (at = strstr(at, "\nHUNCH_KERNEL")) != NULL;) {
        at += 1 + strcspn(at + 1, "(\n");
        if (*at == '(' && strncmp(at + 1, name, length) == 0 && at[length + 1] == ',')
            return true;
    }
    return false;
}

/* The kernels that one source defines; nothing where it is none of those. made: not by compiling
 * it now. */
static hunch_status load_source(struct hunch_cuda_kernels *k, const struct hunch_embedded *e,
                                bool made, bool *compiled, enum hunch_cuda_origin *origin,
                                struct hunch_error *err)
{
    const struct hunch_cuda_source source = {
        .name = e->name, .text = (const char *)e->data, .fatbin = fatbin_of(e->name), .made = made};
    const char *entries[HUNCH_KERNEL_COUNT];
    CUfunction functions[HUNCH_KERNEL_COUNT];
    size_t ids[HUNCH_KERNEL_COUNT], count = 0;
    for (size_t i = 0; i < HUNCH_KERNEL_COUNT; i++)
        if (k->function[i] == NULL && defines(source.text, names[i])) {
            entries[count] = names[i];
            ids[count++] = i;
        }
    *compiled = count > 0;
    if (count == 0)
        return HUNCH_OK;
    hunch_status status =
        hunch_cuda_load(k->target, &source, entries, count, &k->module[k->module_count], functions,
                        origin, NULL, NULL, err);
    if (status == HUNCH_OK)
        k->module_count++;
    for (size_t i = 0; i < count && status == HUNCH_OK; i++)
        k->function[ids[i]] = functions[i];
    return status;
}

hunch_status hunch_cuda_go_on(const struct hunch_cuda_opening *how, struct hunch_error *err)
{
    return how->given_up != NULL && atomic_load(how->given_up)
               ? hunch_fail(err, HUNCH_ERROR_CANCELLED, "opening the GPU was given up")
               : HUNCH_OK;
}

hunch_status hunch_cuda_kernels_load(struct hunch_cuda_kernels *k,
                                     const struct hunch_cuda_target *target,
                                     const struct hunch_cuda_opening *how, struct hunch_error *err)
{
    enum hunch_cuda_origin origin, slowest = HUNCH_CUDA_FATBIN;
    k->target = target;
    pthread_mutex_init(&k->lock, NULL);
    for (const struct hunch_embedded *e = hunch_embedded_kernels; e->name != NULL; e++) {
        const char *end = strrchr(e->name, '.');
        if (end == NULL || strcmp(end, ".cu") != 0)
            continue;
        const bool late = defines((const char *)e->data, names[late_kernel]);
        bool compiled;
        struct hunch_error unmade = {0};
        hunch_status status = hunch_cuda_go_on(how, err);
        if (status != HUNCH_OK)
            return status;
        status = load_source(k, e, late || how->made, &compiled, &origin, late ? &unmade : err);
        if (late && status == HUNCH_ERROR_UNSUPPORTED) {
            k->late = e;
            continue;
        }
        if (status != HUNCH_OK)
            return late ? hunch_fail(err, status, "%s", unmade.message) : status;
        if (compiled && origin > slowest)
            slowest = origin;
    }
    for (size_t i = 0; i < HUNCH_KERNEL_COUNT; i++)
        if (k->function[i] == NULL && !(k->late != NULL && i == late_kernel))
            return hunch_fail(err, HUNCH_ERROR_UNSUPPORTED,
                              "%s is in no source, which is a bug in hunch", names[i]);
    atomic_store(&k->is_there, k->late == NULL);
    const char *but_for = k->late ? ", but for " : "", *late = k->late ? k->late->name : "";
    if (slowest == HUNCH_CUDA_FATBIN)
        snprintf(k->origin, sizeof k->origin, "compiled when hunch was built%s%s", but_for, late);
    else
        snprintf(k->origin, sizeof k->origin, "%s by NVRTC %d.%d%s%s",
                 slowest == HUNCH_CUDA_CACHE ? "cached, compiled" : "compiled",
                 target->nvrtc->major, target->nvrtc->minor, but_for, late);
    return HUNCH_OK;
}

void hunch_cuda_kernels_free(struct hunch_cuda_kernels *k)
{
    CUcontext popped;
    if (k->target == NULL)
        return;
    atomic_store(&k->cancelled, true);
    if (k->started)
        pthread_join(k->thread, NULL);
    const struct hunch_cuda_api *api = k->target->api;
    if (api->cuCtxPushCurrent(k->target->context) == CUDA_SUCCESS) {
        for (unsigned i = 0; i < k->module_count; i++)
            api->cuModuleUnload(k->module[i]);
        api->cuCtxPopCurrent(&popped);
    }
    pthread_mutex_destroy(&k->lock);
}

/* ---- the late one ---- */

/* Under the lock. */
static void compile_late(struct hunch_cuda_kernels *k)
{
    enum hunch_cuda_origin origin;
    bool compiled;
    if (atomic_load(&k->is_there) || k->why.code != HUNCH_OK)
        return;
    if (load_source(k, k->late, false, &compiled, &origin, &k->why) == HUNCH_OK)
        atomic_store(&k->is_there, true);
}

static void *compiler(void *ctx)
{
    struct hunch_cuda_kernels *k = ctx;
    pthread_mutex_lock(&k->lock);
    if (!atomic_load(&k->cancelled))
        compile_late(k);
    pthread_mutex_unlock(&k->lock);
    return NULL;
}

bool hunch_cuda_kernels_ready(struct hunch_cuda_kernels *k, enum hunch_kernel_id kernel,
                              uint64_t after_ns, struct hunch_error *err)
{
    if (kernel != late_kernel || atomic_load(&k->is_there))
        return true;
    if (after_ns == 0) {
        pthread_mutex_lock(&k->lock);
        compile_late(k);
    } else if (pthread_mutex_trylock(&k->lock) != 0) {
        return false; /* it is being compiled */
    } else if (!k->started && k->why.code == HUNCH_OK) {
        const uint64_t now = hunch_clock_ns();
        k->asked_ns = k->asked_ns ? k->asked_ns : now;
        if (now - k->asked_ns >= after_ns)
            k->started = pthread_create(&k->thread, NULL, compiler, k) == 0;
    }
    if (k->why.code != HUNCH_OK)
        hunch_fail(err, k->why.code, "%s", k->why.message);
    pthread_mutex_unlock(&k->lock);
    return atomic_load(&k->is_there);
}
