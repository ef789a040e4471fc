/* device_rules.c: see device_rules.h. */
#include "device_rules.h"

#include <string.h>

#include "../kernels/tuning.h"
#include "device_slab.h"
#include "grams.h"

/* Which regexes a device runs: those of rules that it searches for, prefixes of their anchors and
 * what their stages ask for. */
static void mark_regexes(const struct hunch_plan *plan, const struct hunch_gating_tables *gating,
                         uint8_t *wanted)
{
    const struct hunch_program *p = plan->program;
    for (uint32_t rule = 0; rule < p->rule_count; rule++) {
        const struct hunch_gated_rule *gated = &gating->rule[rule];
        const struct hp_stage *stage = p->stage + p->rule[rule].stage;
        const bool by_hits = gated->flags & HUNCH_GATED_BY_HITS;
        if (!(plan->wanted[rule] & HUNCH_WANTED_DECIDE) ||
            !(by_hits || (gated->flags & HUNCH_GATED_BY_RECORD)))
            continue;
        const struct hp_pattern *search = by_hits ? &p->pattern[stage[gated->search].a] : NULL;
        for (uint32_t i = 0; search && i < search->anchor_count; i++)
            if (p->anchor[search->anchor + i].prefix == HP_PREFIX_PROGRAM)
                wanted[p->anchor[search->anchor + i].prefix_index] = 1;
        for (uint32_t i = by_hits ? gated->search : 0; i < p->rule[rule].stage_count; i++) {
            const struct hp_stage *s = &stage[i];
            if (s->kind == HP_STAGE_REGEX && !by_hits)
                break; /* the host's, and what comes behind it */
            if (s->kind == HP_STAGE_REGEX)
                wanted[p->pattern[s->a].regex] = 1;
            if (s->kind != HP_STAGE_EXCEPT && s->kind != HP_STAGE_ONLY)
                continue;
            for (uint32_t k = 0; k < p->word[s->a]; k++) {
                const uint32_t *item = p->word + s->a + 1 + 3 * (size_t)k;
                if (item[0] == HP_ITEM_REGEX)
                    wanted[p->pattern[item[1]].regex] = 1;
            }
        }
    }
}

hunch_status hunch_device_lists(const struct hunch_plan *plan,
                                const struct hunch_gating_tables *gating, size_t most,
                                uint8_t **wanted, struct hunch_follow_tables *lists,
                                struct hunch_error *err)
{
    const struct hunch_program *p = plan->program;
    *wanted = hunch_alloc_zero(p->a, p->regex_count);
    if (*wanted == NULL)
        return hunch_fail_memory(err, p->regex_count, "a program on a device");
    mark_regexes(plan, gating, *wanted);
    return hunch_follow_tables_make(p, *wanted, most, lists, err);
}

static hunch_status make_follow(struct hunch_device_rules *r, struct hunch_error *err)
{
    uint8_t *wanted;
    hunch_status status =
        hunch_device_lists(r->plan, &r->gating, HUNCH_DEVICE_LISTS, &wanted, &r->follow, err);
    hunch_free(r->plan->program->a, wanted, r->plan->program->regex_count);
    return status;
}

/* ---- tables on their way into the device's memory ---- */

struct table {
    const void *from;
    size_t size;
    const void **to; /* gets the device's address */
};

static size_t rounded(size_t size)
{
    return (size + 255) / 256 * 256;
}

static hunch_status upload(struct hunch_device_rules *r, const struct table *table, size_t count,
                           struct hunch_error *err)
{
    struct hunch_device *d = r->device;
    size_t total = 256;
    for (size_t i = 0; i < count; i++)
        total += rounded(table[i].size);
    hunch_status status = d->kind->alloc(d, total, &r->memory, err);
    uint8_t *at = r->memory;
    for (size_t i = 0; i < count && status == HUNCH_OK; i++) {
        *table[i].to = at;
        if (table[i].size > 0)
            status = d->kind->put(d, 0, at, table[i].from, table[i].size, err);
        at += rounded(table[i].size);
    }
    if (status == HUNCH_OK)
        status = d->kind->wait(d, 0, err); /* what is copied from may go away */
    return status;
}

/* What a tick of a block counts. Blocks of the prefilter, and of all in one launch, are one a
 * multiprocessor, whether or not more would fit. */
static void set_shares(struct hunch_device_rules *r)
{
    static const struct {
        enum hunch_kernel_id kernel;
        uint32_t threads;
    } small[] = {{HUNCH_ID_hunch_hits_kernel, HUNCH_HITS_THREADS},
                 {HUNCH_ID_hunch_gates_kernel, HUNCH_CONFIRM_THREADS},
                 {HUNCH_ID_hunch_judge_kernel, HUNCH_JUDGE_THREADS},
                 {HUNCH_ID_hunch_runs_kernel, HUNCH_CONFIRM_THREADS},
                 {HUNCH_ID_hunch_collect_kernel, HUNCH_CONFIRM_THREADS}};
    for (size_t i = 0; i < HUNCH_KERNEL_COUNT; i++)
        r->share[i] = HUNCH_BUSY_UNIT;
    for (size_t i = 0; i < sizeof small / sizeof *small; i++) {
        uint32_t blocks =
            r->device->kind->resident(r->device, small[i].kernel, small[i].threads, 0);
        if (blocks > 0)
            r->share[small[i].kernel] = HUNCH_BUSY_UNIT / blocks;
    }
}

hunch_status hunch_device_rules_new(struct hunch_device *device, const struct hunch_plan *plan,
                                    struct hunch_device_rules **out, struct hunch_error *err)
{
    const struct hunch_program *p = plan->program;
    struct hunch_device_rules *r = *out = hunch_alloc_zero(p->a, sizeof *r);
    if (r == NULL)
        return hunch_fail_memory(err, sizeof *r, "a program on a device");
    pthread_mutex_init(&r->lock, NULL);
    r->device = device;
    r->gating.a = r->follow.a = p->a;
    r->plan = plan;
    struct hunch_gating_tables *made = &r->gating;
    hunch_status status = hunch_grams_new(p, device->shared_most, &r->grams, err);
    if (status == HUNCH_OK)
        status = hunch_gating_tables_make(plan, made, err);
    if (status == HUNCH_OK)
        status = make_follow(r, err);
    if (status != HUNCH_OK)
        goto done;
    const struct hunch_grams *g = r->grams;
    struct hunch_gram_table *t = &r->prefilter.table;
    *t = g->table;
#define TABLE(array, n, to)                                          \
    {                                                                \
        (array), (size_t)(n) * sizeof *(array), (const void **)&(to) \
    }
    const struct table tables[] = {
        TABLE(g->slots, (1u << t->slot_log2) / 4, t->slots),
        TABLE(g->known, (1u << t->known_log2) / 32, t->known),
        TABLE(g->bucket, t->bucket_count, t->bucket),
        TABLE(g->gram, t->gram_count, t->gram),
        TABLE(g->single, t->single_count, t->single),
        TABLE(p->literal, p->literal_count, r->prefilter.literal),
        TABLE(p->blob, p->blob_count, r->prefilter.blob),
        TABLE(plan->use, p->literal_user_count, r->hits.use),
        TABLE(p->guard, p->guard_count, r->hits.guard),
        TABLE(p->word, p->word_count, r->hits.word),
        TABLE(p->pattern, p->pattern_count, r->confirm.tables.pattern),
        TABLE(p->anchor, p->anchor_count, r->confirm.tables.anchor),
        TABLE(p->regex, p->regex_count, r->confirm.tables.regex),
        TABLE(p->instr, p->instr_count, r->confirm.tables.instr),
        TABLE(p->classes, p->classes_count, r->confirm.tables.classes),
        TABLE(r->follow.regex, r->follow.count, r->confirm.tables.follow),
        TABLE(r->follow.word.items, r->follow.word.count, r->confirm.tables.follow_word),
        TABLE(p->rule, p->rule_count, r->confirm.tables.rule),
        TABLE(p->stage, p->stage_count, r->confirm.tables.stage),
        TABLE(made->rule, made->rules, r->confirm.gating.rule),
        TABLE(made->shared, made->patterns, r->confirm.gating.shared),
        TABLE(made->asking.first, made->patterns + 1, r->confirm.gating.asking.first),
        TABLE(made->asking.rule.items, made->asking.rule.count, r->confirm.gating.asking.rule),
        TABLE(made->searching.first, made->patterns + 1, r->confirm.gating.searching.first),
        TABLE(made->searching.rule.items, made->searching.rule.count,
              r->confirm.gating.searching.rule),
    };
#undef TABLE
    status = upload(r, tables, sizeof tables / sizeof *tables, err);
    if (status == HUNCH_OK)
        status = hunch_lessons_init(&r->lessons, device, p, err);
    if (status != HUNCH_OK)
        goto done;
    for (uint32_t i = 0; i < p->rule_count; i++)
        if (plan->wanted[i] & HUNCH_WANTED_DECIDE)
            r->groups |= 1u << p->rule[i].group;
    r->hits.literal = r->prefilter.literal;
    r->confirm.literal = r->prefilter.literal;
    r->hits.blob = r->prefilter.blob;
    r->hits.pattern_count = r->confirm.pattern_count = p->pattern_count;
    r->confirm.use = r->hits.use;
    r->confirm.tables.word = r->confirm.gating.word = r->hits.word;
    r->confirm.tables.blob = r->hits.blob;
    r->threads = HUNCH_PREFILTER_LANES;
    while (!hunch_variant_fits(t, r->threads, device->shared_most, &r->shared,
                               &r->prefilter.grams_shared) &&
           r->threads > 32)
        r->threads -= 32;
    set_shares(r);
done:
    if (status == HUNCH_OK)
        return HUNCH_OK;
    hunch_device_rules_free(r);
    *out = NULL;
    return status;
}

void hunch_device_rules_free(struct hunch_device_rules *r)
{
    if (r == NULL)
        return;
    hunch_slab_free_idle(r);
    hunch_lessons_done(&r->lessons);
    pthread_mutex_destroy(&r->lock);
    if (r->memory)
        r->device->kind->release(r->device, r->memory);
    hunch_grams_free(r->grams);
    hunch_gating_tables_free(&r->gating);
    hunch_follow_tables_free(&r->follow);
    hunch_free(r->plan->program->a, r, sizeof *r);
}
