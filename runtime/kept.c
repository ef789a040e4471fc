/* kept.c: see kept.h. */
#include "kept.h"

enum { ROOM_STAYS = 1 << 14 }; /* hits: one odd batch must not cost for ever */

hunch_status hunch_kept_add(struct hunch_kept *k, struct hunch_worker *w, struct hunch_error *err)
{
    const struct hunch_allocator *a = w->a;
    struct hunch_kept_record r = {
        .pattern = k->pattern.count, .rule = k->rule.count, .hit = k->hit.count};
    bool ok = true;
    if (hunch_worker_candidates(w) > 0) {
        for (uint32_t i = 0; i < w->touched_count && ok; i++) {
            uint32_t t = w->touched[i];
            const hunch_hits *hits = &w->hits[t];
            struct hunch_kept_pattern p = {t, w->state[t], w->seen[t], (uint32_t)hits->count};
            ok = hunch_vec_push(a, &k->pattern, p) &&
                 hunch_vec_append(a, &k->hit, hits->items, hits->count);
        }
        for (uint32_t i = 0; i < w->queue_count && ok; i++)
            ok = hunch_vec_push(a, &k->rule,
                                (struct hunch_kept_rule){w->queue[i], HUNCH_GATE_UNKNOWN});
    }
    r.pattern_count = k->pattern.count - r.pattern;
    r.rule_count = k->rule.count - r.rule;
    if (ok && hunch_vec_push(a, &k->record, r))
        return HUNCH_OK;
    return hunch_fail_memory(err, sizeof r, "the hits of a record");
}

hunch_status hunch_kept_take(const struct hunch_kept *k, size_t record, struct hunch_worker *w,
                             struct hunch_error *err)
{
    const struct hunch_kept_record *r = &k->record.items[record];
    const struct hunch_hit *hit = k->hit.items + r->hit;
    for (size_t i = 0; i < r->pattern_count; i++) {
        const struct hunch_kept_pattern *p = &k->pattern.items[r->pattern + i];
        hunch_worker_touch(w, p->pattern);
        w->state[p->pattern] |= p->state;
        w->seen[p->pattern] = p->seen;
        if (!hunch_vec_append(w->a, &w->hits[p->pattern], hit, p->hits))
            return hunch_fail_memory(err, p->hits * sizeof *hit, "the hits of a record");
        w->hit_total += p->hits;
        hit += p->hits;
    }
    for (size_t i = 0; i < r->rule_count; i++) {
        const struct hunch_kept_rule *rule = &k->rule.items[r->rule + i];
        w->candidate[rule->rule] = 1;
        w->verdict[rule->rule] = (uint8_t)rule->verdict;
        w->queue[w->queue_count++] = rule->rule;
    }
    w->collected = true;
    return HUNCH_OK;
}

void hunch_kept_verdicts(struct hunch_kept *k, size_t record, const struct hunch_worker *w)
{
    const struct hunch_kept_record *r = &k->record.items[record];
    for (size_t i = 0; i < r->rule_count; i++) {
        struct hunch_kept_rule *rule = &k->rule.items[r->rule + i];
        rule->verdict = w->verdict[rule->rule];
    }
}

bool hunch_kept_open(const struct hunch_kept *k, size_t record)
{
    const struct hunch_kept_record *r = &k->record.items[record];
    for (size_t i = 0; i < r->rule_count; i++)
        if (k->rule.items[r->rule + i].verdict != HUNCH_GATE_FAILS)
            return true;
    return false;
}

void hunch_kept_clear(const struct hunch_allocator *a, struct hunch_kept *k)
{
    k->record.count = k->pattern.count = k->rule.count = k->hit.count = 0;
    if (k->hit.capacity > ROOM_STAYS)
        hunch_vec_free(a, &k->hit);
}

void hunch_kept_free(const struct hunch_allocator *a, struct hunch_kept *k)
{
    hunch_vec_free(a, &k->record);
    hunch_vec_free(a, &k->pattern);
    hunch_vec_free(a, &k->rule);
    hunch_vec_free(a, &k->hit);
}
