/* device_rules.c: see device_rules.h. */
#include "device_rules.h"

#include <string.h>

#include "../kernels/tuning.h"
#include "grams.h"

/* ---- rules, as the confirm kernel sees them ---- */

/* Tables made for the device; they go once they are uploaded. */
struct made {
    const struct hunch_allocator *a;
    uint32_t patterns, rules;
    struct hunch_device_rule *rule;
    uint8_t *shared;
    struct {
        uint32_t *first; /* patterns + 1 */
        HUNCH_VEC(uint32_t) rule;
    } asking, searching;
};

static void free_made(struct made *m)
{
    hunch_free_array(m->a, m->rule, m->rules, sizeof *m->rule);
    hunch_free_array(m->a, m->shared, m->patterns, 1);
    hunch_free_array(m->a, m->asking.first, (size_t)m->patterns + 1, sizeof(uint32_t));
    hunch_free_array(m->a, m->searching.first, (size_t)m->patterns + 1, sizeof(uint32_t));
    hunch_vec_free(m->a, &m->asking.rule);
    hunch_vec_free(m->a, &m->searching.rule);
}

/* The stage that searches the record, or HP_NONE. */
static uint32_t first_regex(const struct hunch_program *p, const struct hp_rule *r)
{
    for (uint32_t i = r->stage; i < r->stage + r->stage_count; i++)
        if (p->stage[i].kind == HP_STAGE_REGEX)
            return i;
    return HP_NONE;
}

/* The pattern that a gate asks for at word *i, HP_NONE: the word is something else. */
static uint32_t asked_for(const struct hunch_program *p, const struct hp_rule *r, uint32_t *i)
{
    uint32_t word = p->word[r->gate + *i];
    if ((word & 0xff) == HP_GATE_AT_LEAST)
        ++*i; /* the next word is a number */
    return (word & 0xff) == HP_GATE_PATTERN ? word >> 8 : HP_NONE;
}

static void describe_rule(const struct hunch_program *p, uint32_t rule, struct made *m)
{
    const struct hp_rule *r = &p->rule[rule];
    uint32_t search = first_regex(p, r), flags = HUNCH_RULE_GATE_KNOWN;
    if (search != HP_NONE && hunch_anchors_literal(&p->pattern[p->stage[search].a], p->anchor))
        flags |= HUNCH_RULE_BY_HITS;
    for (uint32_t i = 0; i < r->gate_count; i++) {
        uint32_t pattern = asked_for(p, r, &i);
        if (pattern == HP_NONE)
            continue;
        m->shared[pattern] = 1;
        if (p->pattern[pattern].kind != HP_PATTERN_LITERAL)
            flags &= ~(uint32_t)HUNCH_RULE_GATE_KNOWN;
    }
    for (uint32_t i = 0; i < r->span_count; i++)
        m->shared[p->word[r->span + i]] = 1;
    for (uint32_t i = r->stage; i < r->stage + r->stage_count; i++) {
        const struct hp_stage *s = &p->stage[i];
        if ((s->kind == HP_STAGE_COUNT || s->kind == HP_STAGE_NEAR) && s->a != HP_NONE)
            m->shared[s->a] = 1;
        for (uint32_t n = 0; s->kind == HP_STAGE_CONDITION && n < s->d; n++)
            m->shared[p->word[s->c + n]] = 1;
    }
    if (search != HP_NONE && !(flags & HUNCH_RULE_BY_HITS))
        m->shared[p->stage[search].a] = 1;
    m->rule[rule] = (struct hunch_device_rule){r->gate, r->gate_count, r->group, flags};
}

/* Which wanted rules each pattern makes candidates, and which search for it. */
static bool list_rules(const struct hunch_plan *plan, struct made *m)
{
    const struct hunch_program *p = plan->program;
    for (uint32_t t = 0; t < p->pattern_count; t++) {
        m->asking.first[t] = (uint32_t)m->asking.rule.count;
        for (uint32_t i = 0; i < p->pattern[t].rule_count; i++) {
            uint32_t rule = p->word[p->pattern[t].rule + i];
            if ((plan->wanted[rule] & HUNCH_WANTED_DECIDE) &&
                !hunch_vec_push(m->a, &m->asking.rule, rule))
                return false;
        }
    }
    m->asking.first[p->pattern_count] = (uint32_t)m->asking.rule.count;
    /* By pattern: counted, then put where they belong. */
    uint32_t *first = m->searching.first;
    memset(first, 0, ((size_t)p->pattern_count + 1) * sizeof *first);
    for (unsigned pass = 0; pass < 2; pass++) {
        for (uint32_t rule = p->rule_count; rule-- > 0;) {
            if (!(plan->wanted[rule] & HUNCH_WANTED_DECIDE) ||
                !(m->rule[rule].flags & HUNCH_RULE_BY_HITS))
                continue;
            uint32_t pattern = p->stage[first_regex(p, &p->rule[rule])].a;
            if (pass == 0)
                first[pattern]++;
            else
                m->searching.rule.items[--first[pattern]] = rule;
        }
        if (pass > 0)
            break;
        for (uint32_t t = 1; t <= p->pattern_count; t++)
            first[t] += first[t - 1];
        if (!hunch_vec_reserve(m->a, &m->searching.rule, first[p->pattern_count]))
            return false;
        m->searching.rule.count = first[p->pattern_count];
    }
    return true;
}

static hunch_status make_tables(const struct hunch_plan *plan, struct made *m,
                                struct hunch_error *err)
{
    const struct hunch_program *p = plan->program;
    size_t patterns = p->pattern_count;
    *m = (struct made){.a = p->a, .patterns = p->pattern_count, .rules = p->rule_count};
    m->rule = hunch_alloc_array(p->a, p->rule_count, sizeof *m->rule);
    m->shared = hunch_alloc_array(p->a, patterns, 1);
    m->asking.first = hunch_alloc_array(p->a, patterns + 1, sizeof(uint32_t));
    m->searching.first = hunch_alloc_array(p->a, patterns + 1, sizeof(uint32_t));
    if (!m->rule || !m->shared || !m->asking.first || !m->searching.first)
        return hunch_fail_memory(err, patterns * 9, "a program on a device");
    memset(m->shared, 0, patterns);
    for (uint32_t rule = 0; rule < p->rule_count; rule++)
        describe_rule(p, rule, m);
    if (!list_rules(plan, m))
        return hunch_fail_memory(err, patterns * 9, "a program on a device");
    return HUNCH_OK;
}

/* States that a lane's machine has room for. */
static uint32_t largest_regex(const struct hunch_program *p)
{
    uint32_t states = 1;
    for (uint32_t i = 0; i < p->regex_count; i++)
        if (p->regex[i].state_count > states && p->regex[i].state_count <= HUNCH_CONFIRM_STATES)
            states = p->regex[i].state_count;
    return states;
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

hunch_status hunch_device_rules_new(struct hunch_device *device, const struct hunch_plan *plan,
                                    struct hunch_device_rules **out, struct hunch_error *err)
{
    const struct hunch_program *p = plan->program;
    struct hunch_device_rules *r = *out = hunch_alloc_zero(p->a, sizeof *r);
    if (r == NULL)
        return hunch_fail_memory(err, sizeof *r, "a program on a device");
    r->device = device;
    r->plan = plan;
    struct made made = {.a = p->a};
    hunch_status status = hunch_grams_new(p, &r->grams, err);
    if (status == HUNCH_OK)
        status = make_tables(plan, &made, err);
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
        TABLE(g->slots, (1u << t->slot_log2) / 16, t->slots),
        TABLE(g->bucket[0], (1u << t->bucket_log2[0]) + 1, t->bucket[0]),
        TABLE(g->bucket[1], (1u << t->bucket_log2[1]) + 1, t->bucket[1]),
        TABLE(g->bucket[2], (1u << t->bucket_log2[2]) + 1, t->bucket[2]),
        TABLE(g->gram, t->gram_count, t->gram),
        TABLE(g->shorts, t->short_count, t->shorts),
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
        TABLE(made.rule, made.rules, r->confirm.rule),
        TABLE(made.shared, made.patterns, r->confirm.shared_pattern),
        TABLE(made.asking.first, made.patterns + 1, r->confirm.asking.first),
        TABLE(made.asking.rule.items, made.asking.rule.count, r->confirm.asking.rule),
        TABLE(made.searching.first, made.patterns + 1, r->confirm.searching.first),
        TABLE(made.searching.rule.items, made.searching.rule.count, r->confirm.searching.rule),
    };
#undef TABLE
    status = upload(r, tables, sizeof tables / sizeof *tables, err);
    if (status != HUNCH_OK)
        goto done;
    r->hits.literal = r->prefilter.literal;
    r->hits.blob = r->prefilter.blob;
    r->hits.pattern_count = r->confirm.pattern_count = p->pattern_count;
    r->confirm.use = r->hits.use;
    r->confirm.tables.word = r->hits.word;
    r->confirm.machine = (struct hunch_vm_size){
        .states = largest_regex(p), .room = HUNCH_CONFIRM_ROOM, .frames = HUNCH_CONFIRM_ROOM};
    size_t fixed = HUNCH_PREFILTER_THREADS / 32 *
                   ((HUNCH_PREFILTER_QUEUE + 1) * sizeof(uint32_t) +
                    HUNCH_PREFILTER_FOUND * sizeof(struct hunch_literal_hit));
    size_t slots = ((size_t)1 << t->slot_log2) / 4, grams = t->gram_count * sizeof *g->gram;
    for (int k = 0; k < HUNCH_GRAM_KINDS; k++)
        grams += (((size_t)1 << t->bucket_log2[k]) + 1) * sizeof(uint32_t);
    r->prefilter.grams_shared = slots + grams + fixed <= device->shared_most;
    r->shared = (uint32_t)(slots + (r->prefilter.grams_shared ? grams : 0));
done:
    free_made(&made);
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
    if (r->memory)
        r->device->kind->release(r->device, r->memory);
    hunch_grams_free(r->grams);
    hunch_free(r->plan->program->a, r, sizeof *r);
}
