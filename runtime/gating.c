/* gating.c: see gating.h. */
#include "gating.h"

#include <string.h>

#include "../kernels/confirm_tile.h"

void hunch_gating_tables_free(struct hunch_gating_tables *m)
{
    hunch_free_array(m->a, m->rule, m->rules, sizeof *m->rule);
    hunch_free_array(m->a, m->shared, m->patterns, 1);
    hunch_free_array(m->a, m->asking.first, (size_t)m->patterns + 1, sizeof(uint32_t));
    hunch_free_array(m->a, m->searching.first, (size_t)m->patterns + 1, sizeof(uint32_t));
    hunch_vec_free(m->a, &m->run_pattern);
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

/* Do the stages before it say no more than yes or no? Others may report what they could not see. */
static bool quiet_before(const struct hunch_program *p, const struct hp_rule *r, uint32_t search)
{
    for (uint32_t i = r->stage; i < search; i++)
        if (p->stage[i].kind != HP_STAGE_PATH && p->stage[i].kind != HP_STAGE_FIELD)
            return false;
    return true;
}

/* The pattern that a gate asks for at word *i, HP_NONE: the word is something else. */
static uint32_t asked_for(const struct hunch_program *p, const struct hp_rule *r, uint32_t *i)
{
    uint32_t word = p->word[r->gate + *i];
    if ((word & 0xff) == HP_GATE_AT_LEAST)
        ++*i; /* the next word is a number */
    return (word & 0xff) == HP_GATE_PATTERN ? word >> 8 : HP_NONE;
}

/* Can stages tell from all hits of a record that the rule reports nothing? Not where the first is
 * the host's, and not where a regex that matches without hits comes first. */
static bool is_by_record(const struct hunch_program *p, const struct hp_rule *r, uint32_t search)
{
    if (r->flags & (HP_RULE_ALWAYS | HP_RULE_GRAPH) || r->stage_count == 0)
        return false;
    if (search == r->stage)
        return hunch_anchors_literal(&p->pattern[p->stage[search].a], p->anchor);
    const struct hp_stage *first = &p->stage[r->stage];
    return first->kind != HP_STAGE_PATH && first->kind != HP_STAGE_HOST &&
           (first->kind != HP_STAGE_NEAR || first->b == HP_NONE) &&
           (first->kind != HP_STAGE_CONDITION || p->word[first->e] == 0);
}

/* Does a stage behind the regex look at other hits? */
static bool is_late(const struct hunch_program *p, const struct hp_rule *r, uint32_t search)
{
    for (uint32_t i = search + 1; i < r->stage + r->stage_count; i++) {
        const struct hp_stage *s = &p->stage[i];
        if (s->kind == HP_STAGE_COUNT || s->kind == HP_STAGE_CONDITION ||
            (s->kind == HP_STAGE_NEAR && s->b == HP_NONE))
            return true;
    }
    return false;
}

/* The one anchor of a pattern, where that is a run of a class. */
static const struct hp_anchor *only_run(const struct hunch_program *p, uint32_t pattern)
{
    const struct hp_anchor *anchor = &p->anchor[p->pattern[pattern].anchor];
    bool is = p->pattern[pattern].anchor_count == 1 && anchor->kind == HP_ANCHOR_CLASS;
    return is && anchor->class_length > 0 ? anchor : NULL;
}

static void describe_rule(const struct hunch_program *p, uint32_t rule,
                          struct hunch_gating_tables *m)
{
    const struct hp_rule *r = &p->rule[rule];
    uint32_t search = first_regex(p, r), flags = HUNCH_GATED_KNOWN;
    bool quiet = search != HP_NONE && quiet_before(p, r, search);
    if (quiet && hunch_anchors_literal(&p->pattern[p->stage[search].a], p->anchor))
        flags |= HUNCH_GATED_BY_HITS;
    for (uint32_t i = 0; i < r->gate_count; i++) {
        uint32_t pattern = asked_for(p, r, &i);
        if (pattern == HP_NONE)
            continue;
        m->shared[pattern] |= HUNCH_SHARED_MATCHES;
        if (p->pattern[pattern].kind != HP_PATTERN_LITERAL)
            flags &= ~(uint32_t)HUNCH_GATED_KNOWN;
    }
    if (!(flags & HUNCH_GATED_BY_HITS))
        flags |= is_by_record(p, r, search) ? HUNCH_GATED_BY_RECORD : 0;
    else if (is_late(p, r, search))
        flags |= HUNCH_GATED_LATE;
    for (uint32_t i = 0; i < r->span_count; i++)
        m->shared[p->word[r->span + i]] |= HUNCH_SHARED_MATCHES | HUNCH_SHARED_SPANS;
    for (uint32_t i = r->stage; i < r->stage + r->stage_count; i++) {
        const struct hp_stage *s = &p->stage[i];
        if ((s->kind == HP_STAGE_COUNT || s->kind == HP_STAGE_NEAR) && s->a != HP_NONE)
            m->shared[s->a] |= HUNCH_SHARED_MATCHES;
        for (uint32_t n = 0; s->kind == HP_STAGE_CONDITION && n < s->d; n++)
            m->shared[p->word[s->c + n]] |= HUNCH_SHARED_MATCHES;
    }
    if (search != HP_NONE && !(flags & HUNCH_GATED_BY_HITS))
        m->shared[p->stage[search].a] |= quiet ? HUNCH_SHARED_MATCHES : HUNCH_SHARED_HITS;
    struct hunch_gated_rule *gated = &m->rule[rule];
    *gated = (struct hunch_gated_rule){.gate = r->gate,
                                       .gate_count = r->gate_count,
                                       .group = r->group,
                                       .flags = flags,
                                       .search = search - r->stage};
    const struct hp_anchor *anchor = quiet ? only_run(p, p->stage[search].a) : NULL;
    if (anchor == NULL)
        return;
    gated->flags &= ~(uint32_t)HUNCH_GATED_BY_RECORD;
    gated->flags |= HUNCH_GATED_BY_RUNS;
    gated->run = (uint32_t)m->run_pattern.count;
    m->run_pattern.items[m->run_pattern.count++] = p->stage[search].a; /* there is room for all */
    gated->run_class = anchor->class_index;
    gated->run_length = anchor->class_length;
}

/* Which wanted rules each pattern makes candidates, and which search for it. */
static bool list_rules(const struct hunch_plan *plan, struct hunch_gating_tables *m)
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
                !(m->rule[rule].flags & HUNCH_GATED_BY_HITS))
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

hunch_status hunch_gating_tables_make(const struct hunch_plan *plan, struct hunch_gating_tables *m,
                                      struct hunch_error *err)
{
    const struct hunch_program *p = plan->program;
    size_t patterns = p->pattern_count;
    *m = (struct hunch_gating_tables){
        .a = p->a, .patterns = p->pattern_count, .rules = p->rule_count};
    m->rule = hunch_alloc_array(p->a, p->rule_count, sizeof *m->rule);
    m->shared = hunch_alloc_array(p->a, patterns, 1);
    m->asking.first = hunch_alloc_array(p->a, patterns + 1, sizeof(uint32_t));
    m->searching.first = hunch_alloc_array(p->a, patterns + 1, sizeof(uint32_t));
    if (!m->rule || !m->shared || !m->asking.first || !m->searching.first ||
        !hunch_vec_reserve(p->a, &m->run_pattern, p->rule_count))
        return hunch_fail_memory(err, patterns * 9, "a program on a device");
    memset(m->shared, 0, patterns);
    for (uint32_t rule = 0; rule < p->rule_count; rule++)
        describe_rule(p, rule, m);
    for (uint32_t rule = 0; rule < p->rule_count; rule++)
        if ((plan->wanted[rule] & HUNCH_WANTED_DECIDE) &&
            (m->rule[rule].flags & (HUNCH_GATED_BY_RECORD | HUNCH_GATED_LATE)))
            m->asks_all = true;
    if (!list_rules(plan, m))
        return hunch_fail_memory(err, patterns * 9, "a program on a device");
    m->view = (struct hunch_gating){
        m->rule,
        {m->asking.first, m->asking.rule.items},
        {m->searching.first, m->searching.rule.items},
        m->shared,
        p->word,
    };
    return HUNCH_OK;
}
