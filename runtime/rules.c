/* rules.c: a program ready to be scanned with, and its literal matchers. */
#include "engine.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "device_cuda.h"
#include "guess.h"

enum {
    BUILD_AT_ONCE = 600
}; /* so many literals Vectorscan compiles in the time of a blink; more wait for nobody */

hunch_status hunch_backend_find(const char *name, enum hunch_backend *backend, bool *automatic,
                                struct hunch_error *err)
{
    static const char *const names[] = {"auto", "ref", "cpu", "cuda"};
    static const enum hunch_backend backends[] = {HUNCH_BACKEND_CPU, HUNCH_BACKEND_REF,
                                                  HUNCH_BACKEND_CPU, HUNCH_BACKEND_CUDA};
    *backend = HUNCH_BACKEND_CPU;
    *automatic = false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (name != NULL && strcmp(name, names[i]) != 0)
            continue;
        *backend = backends[i];
        *automatic = i == 0;
        return HUNCH_OK;
    }
    return hunch_fail(err, HUNCH_ERROR_ARGUMENT,
                      "there is no backend \"%s\"; use auto, ref, cpu or cuda", name);
}

const char *hunch_backend_name(enum hunch_backend backend)
{
    static const char *const names[] = {"ref", "cpu", "cuda"};
    return names[backend];
}

/* ---- the device ---- */

static hunch_status open_device(struct hunch_engine *engine, const struct hunch_cuda_opening *how,
                                struct hunch_device **device, struct hunch_error *err)
{
    hunch_status status = HUNCH_OK;
    pthread_mutex_lock(&engine->lock);
    *device = engine->device;
    if (*device == NULL)
        status = hunch_device_cuda_open(engine->a, engine->cache, how, device, err);
    if (*device != NULL && engine->device_memory > 0)
        hunch_device_budget_give(&(*device)->budget, engine->device_memory);
    engine->device = *device;
    pthread_mutex_unlock(&engine->lock);
    return status;
}

hunch_status hunch_engine_device(struct hunch_engine *engine, struct hunch_device **device,
                                 struct hunch_error *err)
{
    return open_device(engine, NULL, device, err);
}

static void *opener(void *ctx)
{
    struct hunch_engine *engine = ctx;
    struct hunch_device *device;
    struct hunch_error why = {0}; /* who asks for a device is told; a scan does without */
    const struct hunch_cuda_opening how = {.given_up = &engine->closing, .made = engine->tries < 2};
    open_device(engine, &how, &device, &why);
    atomic_store(&engine->opening, false);
    return NULL;
}

static bool has_driver(const struct hunch_engine *engine)
{
    const int fd = open(engine->driver, O_RDONLY | O_CLOEXEC);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

void hunch_engine_open_device(struct hunch_engine *engine, bool compile)
{
    const unsigned tries = compile ? 2 : 1;
    if (atomic_load(&engine->opening) || pthread_mutex_trylock(&engine->lock) != 0)
        return; /* somebody opens it */
    if (!atomic_load(&engine->opening) && engine->tries < tries) {
        engine->tries = tries;
        if (has_driver(engine)) {
            if (engine->opener_started)
                pthread_join(engine->opener, NULL);
            atomic_store(&engine->opening, true);
            engine->opener_started = pthread_create(&engine->opener, NULL, opener, engine) == 0;
            if (!engine->opener_started)
                atomic_store(&engine->opening, false);
        }
    }
    pthread_mutex_unlock(&engine->lock);
}

/* Under the lock. */
static struct hunch_variants *variants_of(struct hunch_rules *rules,
                                          const struct hunch_device_rules *on_device)
{
    const struct hunch_engine *engine = rules->engine;
    if (!rules->variants_tried) {
        rules->variants_tried = true;
        rules->variants = hunch_variants_new(&(struct hunch_variants_for){
            .a = engine->a,
            .device = on_device->device,
            .cache = engine->cache,
            .program = hunch_key_of(rules->program->bytes, rules->program->size),
            .rules = rules->program->rule_count,
            .table = &on_device->prefilter.table,
            .after_ns = engine->sizes.race_after * 1000000ull,
            .least = engine->sizes.race_least});
    }
    return rules->variants;
}

struct hunch_variants *hunch_rules_variants(struct hunch_rules *rules,
                                            const struct hunch_device_rules *on_device)
{
    pthread_mutex_lock(&rules->lock);
    struct hunch_variants *variants = variants_of(rules, on_device);
    pthread_mutex_unlock(&rules->lock);
    return variants;
}

hunch_status hunch_rules_on_device(struct hunch_rules *rules, struct hunch_device *device,
                                   struct hunch_device_rules **out, struct hunch_error *err)
{
    hunch_status status = HUNCH_OK;
    pthread_mutex_lock(&rules->lock);
    if (rules->on_device == NULL) {
        status = hunch_device_rules_new(device, rules->plan, &rules->on_device, err);
        if (status == HUNCH_OK)
            rules->on_device->variants = variants_of(rules, rules->on_device);
    }
    *out = rules->on_device;
    pthread_mutex_unlock(&rules->lock);
    return status;
}

hunch_status hunch_rules_load(struct hunch_engine *engine, const void *bytes, size_t size,
                              struct hunch_rules **out, struct hunch_error *err)
{
    const struct hunch_allocator *a = engine->a;
    *out = NULL;
    struct hunch_rules *rules = hunch_alloc_zero(a, sizeof *rules);
    if (rules == NULL)
        return hunch_fail_memory(err, sizeof *rules, "rules");
    atomic_init(&rules->refs, 1);
    atomic_fetch_add(&engine->refs, 1);
    rules->engine = engine;
    pthread_mutex_init(&rules->lock, NULL);
    hunch_status status = hunch_program_load(a, bytes, size, &rules->program, err);
    if (status == HUNCH_OK)
        status = hunch_plan_new(rules->program, NULL, NULL, &rules->plan, err);
    if (status == HUNCH_OK)
        status = hunch_guess_new(rules, &rules->guess, err);
    if (status != HUNCH_OK) {
        hunch_rules_free(rules);
        return status;
    }
    for (uint32_t i = 0; i < rules->program->literal_count; i++)
        if (rules->program->literal[i].bytes.length > rules->longest_literal)
            rules->longest_literal = rules->program->literal[i].bytes.length;
    *out = rules;
    return HUNCH_OK;
}

void hunch_rules_free(struct hunch_rules *rules)
{
    if (rules == NULL || atomic_fetch_sub(&rules->refs, 1) > 1)
        return;
    struct hunch_engine *engine = rules->engine;
    if (rules->builder_runs)
        pthread_join(rules->builder, NULL);
    hunch_guess_free(rules->guess);
    hunch_device_rules_free(rules->on_device);
    hunch_variants_free(rules->variants);
    hunch_matcher_portable.free(rules->portable);
    hunch_matcher_vectorscan.free(atomic_load(&rules->fast));
    hunch_plan_free(rules->plan);
    hunch_program_free(rules->program);
    pthread_mutex_destroy(&rules->lock);
    hunch_free(engine->a, rules, sizeof *rules);
    hunch_engine_free(engine);
}

/* What Vectorscan cannot take stays with the portable matcher. */
static void build_fast(struct hunch_rules *rules, char *problem, size_t size)
{
    struct hunch_error why = {0};
    struct hunch_matcher *fast = hunch_matcher_vectorscan.build(rules->program, rules->plan->single,
                                                                rules->engine->cache, &why);
    problem[0] = '\0';
    if (fast == NULL)
        snprintf(problem, size, "the portable matcher was used: %.120s", why.message);
    atomic_store(&rules->fast, fast);
}

static void *builder(void *ctx)
{
    struct hunch_rules *rules = ctx;
    char problem[sizeof rules->fast_problem];
    build_fast(rules, problem, sizeof problem);
    pthread_mutex_lock(&rules->lock);
    memcpy(rules->fast_problem, problem, sizeof problem);
    pthread_mutex_unlock(&rules->lock);
    return NULL;
}

void hunch_rules_matcher_problem(struct hunch_rules *rules, char *text, size_t size)
{
    pthread_mutex_lock(&rules->lock);
    snprintf(text, size, "%s", rules->fast_problem);
    pthread_mutex_unlock(&rules->lock);
}

struct hunch_matcher *hunch_rules_matcher(struct hunch_rules *rules, bool portable,
                                          const struct hunch_matcher_kind **kind,
                                          struct hunch_error *err)
{
    struct hunch_matcher *fast = NULL;
    if (!portable) {
        pthread_mutex_lock(&rules->lock);
        if (!rules->fast_tried) {
            rules->fast_tried = true;
            if (rules->program->literal_count <= BUILD_AT_ONCE)
                build_fast(rules, rules->fast_problem, sizeof rules->fast_problem);
            else
                rules->builder_runs = pthread_create(&rules->builder, NULL, builder, rules) == 0;
        }
        pthread_mutex_unlock(&rules->lock);
        fast = atomic_load(&rules->fast);
    }
    if (fast != NULL) {
        *kind = &hunch_matcher_vectorscan;
        return fast;
    }
    pthread_mutex_lock(&rules->lock);
    if (rules->portable == NULL)
        rules->portable =
            hunch_matcher_portable.build(rules->program, rules->plan->single, NULL, err);
    pthread_mutex_unlock(&rules->lock);
    *kind = &hunch_matcher_portable;
    return rules->portable;
}

const void *hunch_rules_program(const struct hunch_rules *rules, size_t *size)
{
    *size = rules->program->size;
    return rules->program->bytes;
}

uint32_t hunch_rules_count(const struct hunch_rules *rules)
{
    return rules->program->rule_count;
}

const char *hunch_rules_name(const struct hunch_rules *rules, uint32_t rule, size_t *length)
{
    const struct hp_rule *r = &rules->program->rule[rule];
    *length = r->name.length;
    return (const char *)rules->program->blob + r->name.offset;
}

const char *hunch_rules_info(const struct hunch_rules *rules, uint32_t rule, size_t *length)
{
    const struct hp_rule *r = &rules->program->rule[rule];
    *length = r->info.length;
    return (const char *)rules->program->blob + r->info.offset;
}
