/* worker.c: what a thread has for its records, and literal occurrences, which become hits. */
#include "worker.h"

#include <string.h>

#include "../kernels/literal_tile.h"
#include "host.h"

static const char *const reason_names[HUNCH_REASON_COUNT] = {
    "deadline", "cancelled", "unreadable", "max-matches", "too-large", "window",
    "spill",    "memory",    "host-error", "not-a-file",  "undecided", "graph",
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
    memset(w->route, HUNCH_ROUTE_CHAINED, sizeof w->route);
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
    NEW(verdict, p->rule_count);
    NEW(listed, p->pattern_count);
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
    hunch_free_array(a, w->verdict, p->rule_count, sizeof *w->verdict);
    hunch_free_array(a, w->listed, p->pattern_count, sizeof *w->listed);
    hunch_free_array(a, w->candidate_slots, 2 * (HP_MAX_GROUPS + 1), sizeof *w->candidate_slots);
    hunch_free_array(a, w->cost, p->rule_count, sizeof *w->cost);
    hunch_vec_free(a, &w->known);
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
    for (uint32_t i = 0; i < w->queue_count; i++) {
        uint32_t rule = w->queue[i];
        w->candidate[rule] = w->truth[rule] = w->verdict[rule] = 0;
    }
    w->touched_count = w->queue_count = w->listed_count = 0;
    w->collected = false;
    w->hit_total = w->span_total = 0;
    w->slices_before = 0;
    w->match.count = w->slot.count = w->lost.count = w->change.count = w->change_text.count = 0;
    w->reported = 0;
    w->known.count = w->near_list.count = w->near_span.count = 0;
    w->groups_committed = w->groups_speculated = 0;
    w->condition = NULL;
    w->line_at = w->line_start = 0;
    w->line = 1;
    w->name = name;
    w->name_length = name_length;
    w->source = source;
    w->graph = NULL;
    w->finding = 0;
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

static void keep_hit(struct hunch_worker *w, uint32_t pattern, uint64_t at, uint32_t anchor,
                     uint32_t known)
{
    hunch_hits *hits = &w->hits[pattern];
    if (w->hit_total >= w->options.hits_most)
        make_room(w);
    if (w->state[pattern] & HUNCH_PATTERN_OVERFLOW)
        return;
    if (hits->count > 0 && hits->items[hits->count - 1].at > at)
        w->state[pattern] |= HUNCH_PATTERN_UNSORTED;
    struct hunch_hit hit = {at, anchor, known};
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
        hunch_worker_hit(w, use, at, NULL);
    }
}

void hunch_worker_hit(struct hunch_worker *w, const struct hunch_literal_use *use, uint64_t at,
                      const struct hunch_known *known)
{
    hunch_worker_touch(w, use->pattern);
    if (use->kind == HP_PATTERN_LITERAL) {
        w->seen[use->pattern] = 1;
        if (use->flags & HP_PATTERN_PRESENCE)
            return;
    }
    /* Where there is no memory for it, it is searched once more. */
    bool is_known = known != NULL && hunch_vec_push(w->a, &w->known, *known);
    keep_hit(w, use->pattern, at, use->anchor, is_known ? (uint32_t)w->known.count : 0);
}

void hunch_worker_absent(struct hunch_worker *w, uint32_t pattern)
{
    hunch_worker_touch(w, pattern);
    w->state[pattern] |= HUNCH_PATTERN_NO;
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
            keep_hit(w, t, from->hits[t].items[k].at, from->hits[t].items[k].anchor, 0);
    }
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

hunch_status hunch_worker_graph(struct hunch_worker *w, const struct hunch_graph_record *graph,
                                struct hunch_error *err)
{
    w->graph = graph;
    if (graph == NULL || graph->lost == NULL)
        return HUNCH_OK;
    return hunch_worker_lose(w, HP_NONE, HUNCH_REASON_GRAPH, graph->lost, err);
}
