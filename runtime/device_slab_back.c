/* device_slab_back.c: what comes back of a slab. On the serial route hits stop over on the host,
 * which asks the gates, and go to the confirmers as one compact list. */
#include "device_slab_state.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"

void hunch_slab_counts(const struct hunch_slab *b, uint32_t *literals, uint32_t *uses)
{
    *literals = hunch_slab_counters(b)->literals;
    *uses = hunch_slab_counters(b)->uses;
}

hunch_status hunch_slab_wait(struct hunch_slab *b, struct hunch_error *err)
{
    uint64_t began = hunch_clock_ns();
    hunch_status status = b->device->kind->wait(b->device, b->stream, err);
    b->waited_ns += hunch_clock_ns() - began;
    return status;
}

struct hunch_slab_cost hunch_slab_cost(const struct hunch_slab *b)
{
    return (struct hunch_slab_cost){hunch_device_busy_ns(b->device, hunch_slab_counters(b)->busy),
                                    hunch_clock_ns() - b->searched_at - b->waited_ns};
}

/* Nothing is believed of results that the kernels of this build have not written, each of them that
 * was started. */
static hunch_status check_header(const struct hunch_slab *b, struct hunch_error *err)
{
    const struct hunch_counters *counters = hunch_slab_counters(b);
    const struct hunch_results_header *h = &counters->header;
    if (h->magic != HUNCH_RESULTS_MAGIC)
        return hunch_fail(err, HUNCH_ERROR_IO, "the GPU failed: its results have no header");
    if (h->version != HUNCH_RESULTS_VERSION)
        return hunch_fail(err, HUNCH_ERROR_IO,
                          "the GPU failed: its results are of version %u, this is version %u",
                          h->version, HUNCH_RESULTS_VERSION);
    if (h->ended != b->started)
        return hunch_fail(err, HUNCH_ERROR_IO,
                          "the GPU failed: not every kernel of a search says that it ran");
    if (h->kept > counters->uses || h->many > 1)
        return hunch_fail(err, HUNCH_ERROR_IO,
                          "the GPU failed: the counts of its results contradict each other");
    return HUNCH_OK;
}

static hunch_status wait_for_results(struct hunch_slab *b, struct hunch_error *err)
{
    hunch_status status = hunch_slab_wait(b, err);
    return status == HUNCH_OK ? check_header(b, err) : status;
}

/* The rest of the hits, where there are more than came with the counters. */
static hunch_status fetch_rest(struct hunch_slab *b, struct hunch_slab_back hits,
                               struct hunch_error *err)
{
    struct hunch_device *d = b->device;
    size_t size = hits.count * hits.size;
    if (hits.count <= HUNCH_HITS_AT_ONCE)
        return HUNCH_OK;
    hunch_status status = hunch_slab_grow(b, &b->host.hits, true, size, err);
    if (status == HUNCH_OK)
        status = d->kind->get(d, b->stream, b->host.hits.at, hits.at->at, size, err);
    return status == HUNCH_OK ? hunch_slab_wait(b, err) : status;
}

/* The n hits in b->sorted in the order of their records. */
static hunch_status sort_hits(struct hunch_slab *b, struct hunch_error *err)
{
    size_t records = hunch_slab_count(b), n = b->all.count;
    b->sorted.count = b->first.count = 0;
    if (!hunch_vec_reserve(b->a, &b->sorted, n) || !hunch_vec_reserve(b->a, &b->first, records + 2))
        return hunch_fail_memory(err, n * sizeof *b->sorted.items, "the hits of a slab");
    uint32_t *first = b->first.items;
    memset(first, 0, (records + 2) * sizeof *first);
    for (size_t i = 0; i < n; i++)
        first[b->all.items[i].hit.record + 2]++;
    for (size_t i = 2; i < records + 2; i++)
        first[i] += first[i - 1];
    for (size_t i = 0; i < n; i++)
        b->sorted.items[first[b->all.items[i].hit.record + 1]++] = b->all.items[i];
    b->sorted.count = n;
    b->first.count = records + 1;
    return HUNCH_OK;
}

static hunch_status take_uses(struct hunch_slab *b, struct hunch_error *err)
{
    hunch_status status = fetch_rest(b, hunch_slab_uses(b), err);
    const struct hunch_use_hit *hit = b->host.hits.at;
    uint32_t n = hunch_slab_counters(b)->uses;
    b->all.count = 0;
    if (status == HUNCH_OK && !hunch_vec_reserve(b->a, &b->all, n))
        status = hunch_fail_memory(err, n * sizeof *b->all.items, "the hits of a slab");
    if (status != HUNCH_OK)
        return status;
    for (uint32_t i = 0; i < n; i++)
        b->all.items[b->all.count++] = (struct hunch_kept_hit){.hit = hit[i]};
    return sort_hits(b, err);
}

static void need(struct hunch_slab *b, uint32_t record, uint32_t needed)
{
    if (b->state.items[record].needed < needed)
        b->state.items[record].needed = needed;
}

/* In the order in which a search meets matches. */
static int compare_rejected(const void *x, const void *y)
{
    const struct hunch_kept_hit *a = x, *b = y;
    if (a->hit.record != b->hit.record)
        return a->hit.record < b->hit.record ? -1 : 1;
    if (a->hit.use != b->hit.use) /* the pattern, which was put in its place */
        return a->hit.use < b->hit.use ? -1 : 1;
    if (a->verdict.start != b->verdict.start)
        return a->verdict.start < b->verdict.start ? -1 : 1;
    return a->hit.at < b->hit.at ? -1 : a->hit.at > b->hit.at;
}

/* Matches of records that nobody needs, each rejected as the first of its record. One that begins
 * inside another, by a hit behind that, would have had to begin later and be judged again: the
 * record is the host's. */
static void find_conflicts(struct hunch_slab *b, struct hunch_kept_hit *rejected, size_t n)
{
    uint32_t limit = 0;
    for (size_t i = 0; i < n; i++)
        rejected[i].hit.use = b->rules->plan->use[rejected[i].hit.use].pattern;
    if (n > 1)
        qsort(rejected, n, sizeof *rejected, compare_rejected);
    for (size_t i = 0; i < n; i++) {
        const struct hunch_kept_hit *r = &rejected[i];
        if (i == 0 || r[-1].hit.record != r->hit.record || r[-1].hit.use != r->hit.use)
            limit = 0;
        if (r->hit.at < limit)
            continue; /* the search has gone past it */
        if (r->verdict.start < limit)
            need(b, r->hit.record, HUNCH_RECORD_AGAIN);
        limit = r->verdict.end;
    }
}

/* What confirmers said joins what gates said; then the hits. */
static hunch_status take_kept(struct hunch_slab *b, struct hunch_error *err)
{
    const struct hunch_record_state *from = b->host.state.at;
    hunch_status status = fetch_rest(b, hunch_slab_kept(b), err);
    struct hunch_kept_hit *hits = b->host.hits.at;
    uint32_t n = hunch_slab_counters(b)->header.kept, rejected = 0;
    b->all.count = 0;
    if (status == HUNCH_OK && !hunch_vec_reserve(b->a, &b->all, n))
        status = hunch_fail_memory(err, n * sizeof *b->all.items, "the hits of a slab");
    if (status != HUNCH_OK)
        return status;
    for (uint32_t i = 0; i < hunch_slab_count(b); i++) {
        b->state.items[i].committed |= from[i].committed;
        b->state.items[i].speculated |= from[i].speculated;
        need(b, i, from[i].needed);
    }
    for (uint32_t i = 0; i < n; i++) {
        if (b->state.items[hits[i].hit.record].needed)
            b->all.items[b->all.count++] = hits[i];
        else
            hits[rejected++] = hits[i];
    }
    find_conflicts(b, hits, rejected);
    return sort_hits(b, err);
}

/* Of one record's hits those that somebody wants go to *kept, and the record's state is what gates
 * say. */
static uint32_t compact_record(struct hunch_slab *b, uint32_t record, struct hunch_use_hit *kept)
{
    const struct hunch_plan *plan = b->rules->plan;
    const struct hunch_gating *gating = &b->rules->gating.view;
    struct hunch_record_state *state = &b->state.items[record];
    uint32_t count, n = 0, wanted = 0;
    const struct hunch_kept_hit *hit = hunch_slab_hits(b, record, &count);
    memset(b->seen.items, 0, b->seen.count * sizeof *b->seen.items);
    for (uint32_t i = 0; i < count; i++) {
        const struct hunch_literal_use *use = &plan->use[hit[i].hit.use];
        if (use->kind == HP_PATTERN_LITERAL)
            b->seen.items[use->pattern >> 5] |= 1u << (use->pattern & 31);
    }
    const struct hunch_presence seen = {.bits = b->seen.items};
    for (uint32_t i = 0; i < count; i++) {
        const struct hunch_literal_use *use = &plan->use[hit[i].hit.use];
        struct hunch_fate fate =
            hunch_hit_fate(gating, &seen, use->pattern, use->kind, ~b->order.serial);
        state->committed |= fate.committed;
        if (fate.needed)
            need(b, record, HUNCH_RECORD_NEEDED);
        wanted |= fate.wanted | fate.runs | fate.asked;
        if (fate.kept || fate.wanted)
            kept[n++] = hit[i].hit;
    }
    return state->needed || wanted ? n : 0;
}

/* The serial route from the host on: hits that came back are compacted, and confirmed. */
static hunch_status confirm_compacted(struct hunch_slab *b, struct hunch_error *err)
{
    const struct hunch_device_kind *kind = b->device->kind;
    struct hunch_counters *counters = hunch_slab_counters(b);
    uint32_t n = 0;
    b->seen.count = 0;
    if (!hunch_vec_reserve(b->a, &b->seen, b->rules->confirm.pattern_count / 32 + 1))
        return hunch_fail_memory(err, b->rules->confirm.pattern_count / 8, "a slab");
    b->seen.count = b->rules->confirm.pattern_count / 32 + 1;
    for (uint32_t i = 0; i < hunch_slab_count(b); i++)
        n += compact_record(b, i, (struct hunch_use_hit *)b->host.hits.at + n);
    counters->uses = n;
    counters->header = (struct hunch_results_header){0};
    b->started = 0;
    counters->judged = counters->spent = 0;
    counters->runs = counters->asked = counters->captured = 0;
    b->all.count = 0;
    if (n == 0)
        return sort_hits(b, err);
    hunch_status status =
        kind->put(b->device, b->stream, b->on_device.counters.at, counters, sizeof *counters, err);
    if (status == HUNCH_OK)
        status = kind->put(b->device, b->stream, b->on_device.use_hit.at, b->host.hits.at,
                           n * sizeof(struct hunch_use_hit), err);
    if (status == HUNCH_OK)
        status = hunch_slab_confirm(b, b->rules->groups, b->rules->groups, err);
    if (status == HUNCH_OK)
        status = hunch_slab_fetch(b, hunch_slab_kept(b), err);
    if (status == HUNCH_OK)
        status = wait_for_results(b, err);
    return status == HUNCH_OK ? take_kept(b, err) : status;
}

/* More than there was room for; the route fused keeps no list of literals. */
static bool overflowed(const struct hunch_slab *b)
{
    const struct hunch_counters *counters = hunch_slab_counters(b);
    return counters->header.many || counters->uses > b->use_capacity ||
           (!hunch_slab_is_fused(b) && counters->literals > b->literal_capacity);
}

/* What a counter tail alone cannot show: that it speaks of the tiles that were sent. */
static hunch_status check_tail(const struct hunch_slab *b, struct hunch_error *err)
{
    struct hunch_commit_report tail;
    uint64_t tiles = 0, groups = (uint64_t)__builtin_popcount(b->rules->groups);
    for (uint32_t i = 0; i < hunch_slab_count(b); i++) {
        uint32_t size = hunch_slab_size(b, i);
        tiles += size == 0 ? 1 : (size - 1) / b->order.tile_size + 1;
    }
    if (hunch_parse_counter_tail(b->host.counters.at, sizeof(struct hunch_counters), &tail) &&
        tail.committed + tail.rolled_back == (uint32_t)(tiles * groups))
        return HUNCH_OK;
    return hunch_fail(err, HUNCH_ERROR_IO,
                      "the GPU failed: its counters do not speak of the tiles it was sent");
}

hunch_status hunch_slab_receive(struct hunch_slab *b, struct hunch_error *err)
{
    uint32_t records = hunch_slab_count(b);
    if (records == 0)
        return HUNCH_OK;
    hunch_status status = wait_for_results(b, err);
    if (status == HUNCH_OK && b->rules->variants != NULL)
        hunch_variants_back(b->rules->variants, &b->trial, true);
    while (status == HUNCH_OK && overflowed(b)) {
        if (hunch_slab_counters(b)->header.many)
            return hunch_fail(
                err, HUNCH_ERROR_LIMIT,
                "literals occur more than 2^31 times in what the GPU searches at once");
        status = hunch_slab_set_capacity(b, hunch_slab_counters(b)->literals,
                                         hunch_slab_counters(b)->uses, err);
        if (status == HUNCH_OK)
            status = hunch_slab_search(b, b->order.depth, err);
        if (status == HUNCH_OK)
            status = wait_for_results(b, err);
    }
    if (status == HUNCH_OK && hunch_slab_is_fused(b))
        status = check_tail(b, err);
    if (status == HUNCH_OK && !hunch_vec_reserve(b->a, &b->state, records))
        status = hunch_fail_memory(err, records * sizeof *b->state.items, "a slab");
    if (status != HUNCH_OK)
        return status;
    const bool every = hunch_slab_every(b);
    b->state.count = records;
    for (uint32_t i = 0; i < records; i++)
        b->state.items[i] =
            every ? (struct hunch_record_state){.needed = HUNCH_RECORD_NEEDED}
                  : (struct hunch_record_state){.committed = b->rules->plan->named_groups};
    for (size_t i = 0; i < b->named.count && !every; i++)
        need(b, b->named.items[i], HUNCH_RECORD_NEEDED);
    status = hunch_slab_at_once(b) ? take_kept(b, err) : take_uses(b, err);
    if (status == HUNCH_OK && b->order.depth == HUNCH_SLAB_RESULTS && b->order.serial)
        status = confirm_compacted(b, err);
    return status;
}

const struct hunch_kept_hit *hunch_slab_hits(const struct hunch_slab *b, uint32_t record,
                                             uint32_t *count)
{
    uint32_t first = b->first.items[record];
    *count = b->first.items[record + 1] - first;
    return b->sorted.items + first;
}

struct hunch_record_state hunch_slab_state(const struct hunch_slab *b, uint32_t record)
{
    return b->state.items[record];
}

bool hunch_slab_absent(const struct hunch_slab *b, uint32_t record, uint32_t *n, uint32_t *pattern)
{
    const struct hunch_gating_tables *gating = &b->rules->gating;
    const uint32_t *state = b->host.run_state.at;
    for (; b->runs_known && *n < gating->run_pattern.count; ++*n) {
        const uint64_t bit = 2 * ((uint64_t)record * gating->run_pattern.count + *n);
        if ((state[bit >> 5] >> (bit & 31u) & 3u) == HUNCH_RUN_ASKED) {
            *pattern = gating->run_pattern.items[(*n)++];
            return true;
        }
    }
    return false;
}
