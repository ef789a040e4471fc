/* worker.c: from literal occurrences to hits, from hits to candidate rules, from rules to matches.
 */
#include "worker.h"

#include <stdlib.h>
#include <string.h>

#include "../kernels/gate_tile.h"
#include "../kernels/literal_tile.h"
#include "clock.h"
#include "host.h"

static const char *const reason_names[HUNCH_REASON_COUNT] = {
    "deadline", "cancelled", "unreadable", "max-matches", "too-large", "window",
    "spill",    "memory",    "host-error", "not-a-file",  "undecided",
};

const char *hunch_reason_name(enum hunch_reason reason)
{
    return reason_names[reason];
}

hunch_status hunch_worker_new(const struct hunch_plan *plan,
                              const struct hunch_worker_options *options, struct hunch_worker **out,
                              struct hunch_error *err)
{
    const struct hunch_program *p = plan->program;
    const struct hunch_allocator *a = p->a;
    *out = NULL;
    struct hunch_worker *w = hunch_alloc_zero(a, sizeof *w);
    if (w == NULL)
        return hunch_fail_memory(err, sizeof *w, "a worker");
    w->a = a;
    w->program = p;
    w->plan = plan;
    w->options = *options;
    hunch_machine_init(&w->machine, a);
    bool ok = hunch_dfa_set_init(&w->dfa, a, p->regex_count);
    w->machine.dfa = &w->dfa;
#define NEW(field, count)                                       \
    w->field = hunch_alloc_array(a, (count), sizeof *w->field); \
    if (w->field)                                               \
        memset(w->field, 0, (count) * sizeof *w->field);        \
    else                                                        \
        ok = false
    NEW(seen, p->pattern_count);
    NEW(state, p->pattern_count);
    NEW(hits, p->pattern_count);
    NEW(guarded, p->pattern_count);
    NEW(spans, p->pattern_count);
    NEW(touched, p->pattern_count);
    NEW(candidate, p->rule_count);
    NEW(queue, p->rule_count);
    NEW(truth, p->rule_count);
    NEW(candidate_slots, 2 * (HP_MAX_GROUPS + 1));
    NEW(cost, p->rule_count);
#undef NEW
    if (!ok) {
        hunch_worker_free(w);
        return hunch_fail_memory(err, p->pattern_count * 64u, "a worker");
    }
    *out = w;
    return HUNCH_OK;
}

void hunch_worker_free(struct hunch_worker *w)
{
    if (w == NULL)
        return;
    const struct hunch_program *p = w->program;
    const struct hunch_allocator *a = w->a;
    for (uint32_t i = 0; i < p->pattern_count; i++) {
        if (w->hits)
            hunch_vec_free(a, &w->hits[i]);
        if (w->spans)
            hunch_vec_free(a, &w->spans[i]);
    }
    hunch_free_array(a, w->seen, p->pattern_count, sizeof *w->seen);
    hunch_free_array(a, w->state, p->pattern_count, sizeof *w->state);
    hunch_free_array(a, w->hits, p->pattern_count, sizeof *w->hits);
    hunch_free_array(a, w->guarded, p->pattern_count, sizeof *w->guarded);
    hunch_free_array(a, w->spans, p->pattern_count, sizeof *w->spans);
    hunch_free_array(a, w->touched, p->pattern_count, sizeof *w->touched);
    hunch_free_array(a, w->candidate, p->rule_count, sizeof *w->candidate);
    hunch_free_array(a, w->queue, p->rule_count, sizeof *w->queue);
    hunch_free_array(a, w->truth, p->rule_count, sizeof *w->truth);
    hunch_free_array(a, w->candidate_slots, 2 * (HP_MAX_GROUPS + 1), sizeof *w->candidate_slots);
    hunch_free_array(a, w->cost, p->rule_count, sizeof *w->cost);
    hunch_vec_free(a, &w->match);
    hunch_vec_free(a, &w->slot);
    hunch_vec_free(a, &w->lost);
    hunch_vec_free(a, &w->change);
    hunch_vec_free(a, &w->change_text);
    hunch_vec_free(a, &w->near_list);
    hunch_vec_free(a, &w->near_span);
    hunch_vec_free(a, &w->buffer);
    hunch_host_set_free(w->host);
    hunch_machine_free(&w->machine);
    hunch_dfa_set_done(&w->dfa);
    hunch_free(a, w, sizeof *w);
}

void hunch_worker_begin(struct hunch_worker *w, const char *name, size_t name_length,
                        struct hunch_source *source)
{
    for (uint32_t i = 0; i < w->touched_count; i++) {
        uint32_t t = w->touched[i];
        w->seen[t] = 0;
        w->state[t] = 0;
        w->hits[t].count = 0;
        w->guarded[t] = 0;
        w->spans[t].count = 0;
        if (w->hits[t].capacity > 4096)
            hunch_vec_free(w->a, &w->hits[t]); /* one odd record must not cost for ever */
        if (w->spans[t].capacity > 4096)
            hunch_vec_free(w->a, &w->spans[t]);
    }
    for (uint32_t i = 0; i < w->queue_count; i++)
        w->candidate[w->queue[i]] = w->truth[w->queue[i]] = 0;
    w->touched_count = w->queue_count = 0;
    w->hit_total = w->span_total = 0;
    w->slices_before = 0;
    w->match.count = w->slot.count = w->lost.count = w->change.count = w->change_text.count = 0;
    w->near_list.count = w->near_span.count = 0;
    w->groups_committed = 0;
    w->condition = NULL;
    w->line_at = w->line_start = 0;
    w->line = 1;
    w->name = name;
    w->name_length = name_length;
    w->source = source;
}

/* From now on the pattern is searched everywhere in this record. */
static void overflow(struct hunch_worker *w, uint32_t pattern)
{
    w->state[pattern] |= HUNCH_PATTERN_OVERFLOW;
    w->hit_total -= w->hits[pattern].count;
    hunch_vec_free(w->a, &w->hits[pattern]);
}

/* Room for one more hit: the pattern with the most of them gives its up. */
static void make_room(struct hunch_worker *w)
{
    uint32_t largest = w->touched[0];
    for (uint32_t i = 1; i < w->touched_count; i++)
        if (w->hits[w->touched[i]].count > w->hits[largest].count)
            largest = w->touched[i];
    overflow(w, largest);
}

static void keep_hit(struct hunch_worker *w, uint32_t pattern, uint64_t at, uint32_t anchor)
{
    hunch_hits *hits = &w->hits[pattern];
    if (w->hit_total >= w->options.hits_most)
        make_room(w);
    if (w->state[pattern] & HUNCH_PATTERN_OVERFLOW)
        return;
    if (hits->count > 0 && hits->items[hits->count - 1].at > at)
        w->state[pattern] |= HUNCH_PATTERN_UNSORTED;
    struct hunch_hit hit = {at, anchor};
    if (hunch_vec_push(w->a, hits, hit))
        w->hit_total++;
    else
        overflow(w, pattern);
}

/* Where anchors stand so close that asking the guard for each costs more than one pass over
 * everything, hits are no help: more than one in eight bytes, and not just a few. */
static bool flooded(struct hunch_worker *w, uint32_t pattern, uint64_t at)
{
    uint64_t seen = w->slices_before + (at - w->slice_low);
    if (++w->guarded[pattern] == 1)
        hunch_worker_touch(w, pattern);
    if (w->guarded[pattern] <= 4096 + seen / 8)
        return false;
    overflow(w, pattern);
    return true;
}

static void on_literal(void *ctx, uint32_t literal, uint64_t start)
{
    struct hunch_worker *w = ctx;
    const struct hunch_program *p = w->program;
    const struct hp_literal *l = &p->literal[literal];
    uint64_t at = w->slice_base + start;
    if (at < w->slice_low || at >= w->slice_high)
        return;
    w->hit_count++;
    const struct hunch_literal_use *use = w->plan->use + l->user;
    for (uint32_t i = 0; i < l->user_count; i++, use++) {
        bool literal_pattern = use->kind == HP_PATTERN_LITERAL;
        if (literal_pattern ? (use->flags & HP_PATTERN_PRESENCE) && w->seen[use->pattern]
                            : w->state[use->pattern] & HUNCH_PATTERN_OVERFLOW)
            continue;
        if (use->guard != HP_NONE && at >= use->min_before && flooded(w, use->pattern, at))
            continue;
        if (!hunch_hit_tile(use, l->bytes.length, p->guard, p->word, p->blob, w->slice,
                            w->slice_size, start, at))
            continue;
        hunch_worker_hit(w, use, at);
    }
}

void hunch_worker_hit(struct hunch_worker *w, const struct hunch_literal_use *use, uint64_t at)
{
    hunch_worker_touch(w, use->pattern);
    if (use->kind == HP_PATTERN_LITERAL) {
        w->seen[use->pattern] = 1;
        if (use->flags & HP_PATTERN_PRESENCE)
            return;
    }
    keep_hit(w, use->pattern, at, use->anchor);
}

hunch_status hunch_worker_slice(struct hunch_worker *w, const struct hunch_matcher_kind *kind,
                                struct hunch_matcher *matcher, void *scratch, const uint8_t *bytes,
                                size_t n, uint64_t base, uint64_t low, uint64_t high,
                                struct hunch_error *err)
{
    w->slice = bytes;
    w->slice_size = n;
    w->slice_base = base;
    w->slice_low = low;
    w->slice_high = high;
    hunch_status status = kind->find(matcher, scratch, bytes, n, on_literal, w, err);
    w->slices_before += high - low;
    return status;
}

void hunch_worker_merge(struct hunch_worker *w, const struct hunch_worker *from)
{
    for (uint32_t i = 0; i < from->touched_count; i++) {
        uint32_t t = from->touched[i];
        hunch_worker_touch(w, t);
        w->seen[t] |= from->seen[t];
        w->state[t] |= from->state[t] & (HUNCH_PATTERN_OVERFLOW | HUNCH_PATTERN_UNSORTED);
        if (w->state[t] & HUNCH_PATTERN_OVERFLOW) {
            w->hit_total -= w->hits[t].count;
            hunch_vec_free(w->a, &w->hits[t]);
            continue;
        }
        for (size_t k = 0; k < from->hits[t].count; k++)
            keep_hit(w, t, from->hits[t].items[k].at, from->hits[t].items[k].anchor);
    }
}

/* ---- rules ---- */

static void enqueue(struct hunch_worker *w, uint32_t rule)
{
    if (w->candidate[rule] || !(w->plan->wanted[rule] & HUNCH_WANTED_DECIDE))
        return;
    w->candidate[rule] = 1;
    w->queue[w->queue_count++] = rule;
}

/* Presence of the gate's patterns, regexes included, in w->seen; then the gate itself. */
static hunch_status gate_holds(struct hunch_worker *w, const struct hp_rule *r, bool *holds,
                               struct hunch_error *err)
{
    const uint32_t *words = w->program->word + r->gate;
    for (uint32_t i = 0; i < r->gate_count; i++) {
        uint32_t op = words[i] & 0xff, pattern = words[i] >> 8;
        if (op == HP_GATE_AT_LEAST)
            i++;
        if (op != HP_GATE_PATTERN || w->program->pattern[pattern].kind == HP_PATTERN_LITERAL)
            continue;
        bool occurs;
        hunch_status status = hunch_worker_occurs(w, pattern, &occurs, err);
        if (status != HUNCH_OK)
            return status;
        w->seen[pattern] = occurs;
    }
    *holds = hunch_gate_tile(words, r->gate_count, (struct hunch_presence){.bytes = w->seen});
    return HUNCH_OK;
}

static hunch_status report(struct hunch_worker *w, uint32_t rule, const struct hunch_candidate *c,
                           struct hunch_error *err)
{
    struct hunch_found m = {.rule = rule,
                            .order = (uint32_t)w->match.count,
                            .start = c->start,
                            .end = c->end,
                            .slot = w->slot.count,
                            .group_count = c->group_count,
                            .change = c->change};
    if (!hunch_vec_append(w->a, &w->slot, c->slots + 2, 2 * (size_t)c->group_count) ||
        !hunch_vec_push(w->a, &w->match, m))
        return hunch_fail_memory(err, sizeof m, "a match");
    return HUNCH_OK;
}

/* A record is long, so are the lists of its rules and candidates: this is asked before each of
 * them. */
static hunch_status go_on(struct hunch_worker *w, struct hunch_error *err)
{
    if (!hunch_source_cancelled(w->source))
        return HUNCH_OK;
    return hunch_fail(err, HUNCH_ERROR_CANCELLED, "the scan was ended");
}

/* Runs stages [from, end) over one candidate and reports it; *full: the rule has all the matches it
 * may have. */
static hunch_status run_stages(struct hunch_worker *w, uint32_t rule, uint32_t from,
                               struct hunch_candidate *c, uint64_t *reported, bool *full,
                               struct hunch_error *err)
{
    const struct hp_rule *r = &w->program->rule[rule];
    hunch_status status = go_on(w, err);
    if (status != HUNCH_OK)
        return status;
    for (uint32_t i = from; i < r->stage_count; i++) {
        bool keep = false;
        status = hunch_stage_run(w, rule, &w->program->stage[r->stage + i], c, &keep, err);
        if (status != HUNCH_OK || !keep)
            return status;
    }
    if (*reported == w->options.max_matches) {
        *full = true;
        char detail[96];
        snprintf(detail, sizeof detail, "more than %llu matches; see --max-matches",
                 (unsigned long long)*reported);
        return hunch_worker_lose(w, rule, HUNCH_REASON_MAX_MATCHES, detail, err);
    }
    ++*reported;
    return report(w, rule, c, err);
}

/* A rule with a regex stage: stages before it judge the record, those behind it each of its
 * matches. */
static hunch_status decide_by_regex(struct hunch_worker *w, uint32_t rule, uint32_t regex_at,
                                    struct hunch_error *err)
{
    const struct hunch_program *p = w->program;
    const struct hp_rule *r = &p->rule[rule];
    const struct hp_stage *stage = &p->stage[r->stage + regex_at];
    const struct hp_pattern *t = &p->pattern[stage->a];
    bool overflow = w->state[stage->a] & HUNCH_PATTERN_OVERFLOW;
    if (!overflow && w->hits[stage->a].count == 0 && hunch_anchors_literal(t, p->anchor))
        return HUNCH_OK; /* every match holds an anchor, and there is none */
    struct hunch_candidate c = {
        .start = 0, .end = w->source->text.size, .slots = w->candidate_slots};
    for (uint32_t i = 0; i < regex_at; i++) {
        bool keep = false;
        c.slots[0] = c.start;
        c.slots[1] = c.end;
        hunch_status status = hunch_stage_run(w, rule, &p->stage[r->stage + i], &c, &keep, err);
        if (status != HUNCH_OK || !keep)
            return status;
    }
    struct hunch_search search;
    hunch_worker_search(w, stage->a, &search);
    uint64_t reported = 0;
    bool full = false;
    hunch_status status = HUNCH_OK;
    while (!full) {
        bool found;
        struct hunch_span span;
        status = hunch_search_next(&search, &found, &span, err);
        if (status != HUNCH_OK || !found)
            break;
        c.start = span.start;
        c.end = span.end;
        c.change = 0;
        c.group_count = search.regex.info.group_count;
        status = hunch_search_groups(&search, span, c.slots, err);
        if (status != HUNCH_OK)
            break;
        if (!hunch_candidate_narrow(&c, stage->capture))
            continue;
        status = run_stages(w, rule, regex_at + 1, &c, &reported, &full, err);
        if (status != HUNCH_OK)
            break;
    }
    hunch_search_end(&search);
    return status;
}

static int compare_spans(const void *x, const void *y)
{
    const struct hunch_span *a = x, *b = y;
    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    return a->end < b->end ? -1 : a->end > b->end;
}

/* The spans that the rule's patterns have, in order, equal ones once; those that start before
 * *known are all there. */
static hunch_status collect_spans(struct hunch_worker *w, const struct hp_rule *r, hunch_spans *all,
                                  uint64_t *known, struct hunch_error *err)
{
    *known = HUNCH_NOWHERE;
    for (uint32_t i = 0; i < r->span_count; i++) {
        const hunch_spans *spans;
        uint64_t until;
        hunch_status status =
            hunch_worker_spans(w, w->program->word[r->span + i], &spans, &until, err);
        if (status != HUNCH_OK)
            return status;
        if (until < *known)
            *known = until;
        if (!hunch_vec_append(w->a, all, spans->items, spans->count))
            return hunch_fail_memory(err, spans->count * sizeof(struct hunch_span),
                                     "the spans of a rule");
    }
    if (r->span_count < 2 || all->count < 2)
        return HUNCH_OK;
    qsort(all->items, all->count, sizeof *all->items, compare_spans);
    size_t kept = 1;
    for (size_t i = 1; i < all->count; i++)
        if (compare_spans(&all->items[i - 1], &all->items[i]) != 0)
            all->items[kept++] = all->items[i];
    all->count = kept;
    return HUNCH_OK;
}

/* A rule without a regex stage: its literals' spans, or one empty span where it has none to report.
 */
static hunch_status decide_by_literals(struct hunch_worker *w, uint32_t rule,
                                       struct hunch_error *err)
{
    hunch_spans all = {0};
    uint64_t reported = 0, known;
    bool full = false;
    hunch_status status = collect_spans(w, &w->program->rule[rule], &all, &known, err);
    if (status == HUNCH_OK && all.count == 0 && known == HUNCH_NOWHERE) {
        struct hunch_span none = {0, 0};
        if (!hunch_vec_push(w->a, &all, none))
            status = hunch_fail_memory(err, sizeof none, "the spans of a rule");
    }
    for (size_t i = 0; status == HUNCH_OK && i < all.count && all.items[i].start < known && !full;
         i++) {
        struct hunch_candidate c = {
            .start = all.items[i].start, .end = all.items[i].end, .slots = w->candidate_slots};
        c.slots[0] = c.start;
        c.slots[1] = c.end;
        status = run_stages(w, rule, 0, &c, &reported, &full, err);
    }
    if (status == HUNCH_OK && !full && known != HUNCH_NOWHERE)
        status = hunch_worker_lose(w, rule, HUNCH_REASON_MEMORY,
                                   "more occurrences of its literals than can be kept", err);
    hunch_vec_free(w->a, &all);
    return status;
}

static hunch_status decide_rule(struct hunch_worker *w, uint32_t rule, struct hunch_error *err)
{
    const struct hunch_program *p = w->program;
    const struct hp_rule *r = &p->rule[rule];
    bool holds = true;
    hunch_status status = HUNCH_OK;
    uint64_t began = w->options.profile ? hunch_clock_ns() : 0;
    size_t before = w->match.count;
    status = go_on(w, err);
    if (status == HUNCH_OK && r->gate_count > 0)
        status = gate_holds(w, r, &holds, err);
    if (status == HUNCH_OK && holds) {
        w->groups_committed |= 1u << r->group;
        if (!w->options.prefilter_only) {
            uint32_t i = 0;
            while (i < r->stage_count && p->stage[r->stage + i].kind != HP_STAGE_REGEX)
                i++;
            status = i < r->stage_count ? decide_by_regex(w, rule, i, err)
                                        : decide_by_literals(w, rule, err);
        }
    }
    w->truth[rule] = w->match.count > before;
    if (w->options.profile) {
        w->cost[rule].nanoseconds += hunch_clock_ns() - began;
        w->cost[rule].candidates++;
        w->cost[rule].matches += w->match.count - before;
    }
    if (status == HUNCH_ERROR_LIMIT) /* one rule's budget is not the scan's end */
        status = hunch_worker_lose(w, rule, HUNCH_REASON_SPILL, err ? err->message : "", err);
    return status;
}

static int compare_matches(const void *x, const void *y)
{
    const struct hunch_found *a = x, *b = y;
    if (a->rule != b->rule)
        return a->rule < b->rule ? -1 : 1;
    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    if (a->end != b->end)
        return a->end < b->end ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

/* Only what is to be reported stays, in canonical order. */
static void settle(struct hunch_worker *w)
{
    bool silenced = false;
    if (w->plan->has_global)
        for (uint32_t i = 0; i < w->program->rule_count && !silenced; i++)
            silenced = (w->program->rule[i].flags & HP_RULE_GLOBAL) && !w->truth[i];
    size_t kept = 0;
    for (size_t i = 0; i < w->match.count && !silenced; i++)
        if (w->plan->wanted[w->match.items[i].rule] & HUNCH_WANTED_REPORT)
            w->match.items[kept++] = w->match.items[i];
    w->match.count = kept;
    if (kept > 1)
        qsort(w->match.items, kept, sizeof *w->match.items, compare_matches);
}

struct ranked {
    uint32_t rank, rule;
};

static int compare_ranked(const void *x, const void *y)
{
    const struct ranked *a = x, *b = y;
    return a->rank < b->rank ? -1 : a->rank > b->rank;
}

hunch_status hunch_worker_decide(struct hunch_worker *w, struct hunch_error *err)
{
    const struct hunch_program *p = w->program;
    for (uint32_t i = 0; i < w->touched_count; i++) {
        uint32_t pattern = w->touched[i];
        const struct hp_pattern *t = &p->pattern[pattern];
        if (!w->seen[pattern] && w->hits[pattern].count == 0 &&
            !(w->state[pattern] & HUNCH_PATTERN_OVERFLOW))
            continue; /* its guards let nothing pass */
        for (uint32_t k = 0; k < t->rule_count; k++)
            enqueue(w, p->word[t->rule + k]);
    }
    for (uint32_t i = 0; i < w->plan->always_count; i++)
        enqueue(w, w->plan->always[i]);
    if (w->queue_count == 0) {
        settle(w);
        return HUNCH_OK;
    }
    /* In the order of needs; matches are put into the order of rules at the end. */
    struct ranked small[64], *order = small;
    size_t n = w->queue_count;
    if (n > 64) {
        order = hunch_alloc_array(w->a, n, sizeof *order);
        if (order == NULL)
            return hunch_fail_memory(err, n * sizeof *order, "the rules of a record");
    }
    for (size_t i = 0; i < n; i++)
        order[i] = (struct ranked){w->plan->rank[w->queue[i]], w->queue[i]};
    qsort(order, n, sizeof *order, compare_ranked);
    hunch_status status = HUNCH_OK;
    for (size_t i = 0; i < n && status == HUNCH_OK; i++)
        status = decide_rule(w, order[i].rule, err);
    if (order != small)
        hunch_free_array(w->a, order, n, sizeof *order);
    settle(w);
    return status;
}

hunch_status hunch_worker_lose(struct hunch_worker *w, uint32_t rule, enum hunch_reason reason,
                               const char *detail, struct hunch_error *err)
{
    struct hunch_lost lost = {.rule = rule, .reason = reason};
    snprintf(lost.detail, sizeof lost.detail, "%s", detail);
    for (size_t i = 0; i < w->lost.count; i++) /* once a rule and reason is enough */
        if (w->lost.items[i].rule == rule && w->lost.items[i].reason == reason)
            return HUNCH_OK;
    if (!hunch_vec_push(w->a, &w->lost, lost))
        return hunch_fail_memory(err, sizeof lost, "the report of a record");
    return HUNCH_OK;
}
