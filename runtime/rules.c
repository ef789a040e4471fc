/* rules.c: a program ready to be scanned with, and its literal matchers. */
#include "engine.h"

#include <stdio.h>
#include <string.h>

enum {
    BUILD_AT_ONCE = 600
}; /* so many literals Vectorscan compiles in the time of a blink; more wait for nobody */

hunch_status hunch_backend_find(const char *name, bool *portable, struct hunch_error *err)
{
    *portable = false;
    if (name == NULL || strcmp(name, "auto") == 0 || strcmp(name, "cpu") == 0)
        return HUNCH_OK;
    *portable = true;
    if (strcmp(name, "ref") == 0)
        return HUNCH_OK;
    if (strcmp(name, "cuda") == 0)
        return hunch_fail(err, HUNCH_ERROR_UNSUPPORTED,
                          "the backend cuda is not built yet; use cpu or ref");
    return hunch_fail(err, HUNCH_ERROR_ARGUMENT, "there is no backend \"%s\"; use auto, ref or cpu",
                      name);
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
