/* near.c: is one of many spans close to a place? The spans that were asked about in a record are
 * kept in order of start, each with the furthest end up to it: two looks answer, however many spans
 * there are and however they lie in each other. */
#include <stdlib.h>

#include "worker.h"

static int compare_starts(const void *x, const void *y)
{
    const struct hunch_span *a = x, *b = y;
    return a->start < b->start ? -1 : a->start > b->start;
}

/* The list that is asked about, NULL when it is not there yet. */
static const struct hunch_near_list *find(const struct hunch_worker *w, uint32_t rule,
                                          uint32_t pattern)
{
    for (size_t i = 0; i < w->near_list.count; i++)
        if (w->near_list.items[i].rule == rule && w->near_list.items[i].pattern == pattern)
            return &w->near_list.items[i];
    return NULL;
}

/* Makes a list of the spans from `from` on. */
static hunch_status close_list(struct hunch_worker *w, uint32_t rule, uint32_t pattern, size_t from,
                               const struct hunch_near_list **list, struct hunch_error *err)
{
    struct hunch_span *items = w->near_span.items + from;
    size_t n = w->near_span.count - from;
    bool sorted = true;
    for (size_t i = 1; i < n && sorted; i++)
        sorted = items[i - 1].start <= items[i].start;
    if (!sorted) /* a host stage may have moved them */
        qsort(items, n, sizeof *items, compare_starts);
    for (size_t i = 1; i < n; i++)
        if (items[i].end < items[i - 1].end)
            items[i].end = items[i - 1].end;
    struct hunch_near_list made = {rule, pattern, from, n};
    if (!hunch_vec_push(w->a, &w->near_list, made))
        return hunch_fail_memory(err, sizeof made, "what lies near a match");
    *list = &w->near_list.items[w->near_list.count - 1];
    return HUNCH_OK;
}

static hunch_status no_room(struct hunch_error *err)
{
    return hunch_fail_memory(err, sizeof(struct hunch_span), "what lies near a match");
}

static bool touches(const struct hunch_worker *w, const struct hunch_near_list *list, uint64_t low,
                    uint64_t high)
{
    const struct hunch_span *items = w->near_span.items + list->from;
    size_t first = 0, n = list->count; /* the first that starts behind high */
    while (n > 0) {
        if (items[first + n / 2].start <= high)
            first += n / 2 + 1, n -= n / 2 + 1;
        else
            n /= 2;
    }
    return first > 0 && items[first - 1].end >= low;
}

hunch_status hunch_worker_near_rule(struct hunch_worker *w, uint32_t rule, uint64_t low,
                                    uint64_t high, bool *near, struct hunch_error *err)
{
    const struct hunch_near_list *list = find(w, rule, HP_NONE);
    if (list == NULL) {
        size_t from = w->near_span.count;
        for (size_t i = 0; i < w->match.count; i++) {
            const struct hunch_found *m = &w->match.items[i];
            struct hunch_span span = {m->start, m->end};
            if (m->rule == rule && !hunch_vec_push(w->a, &w->near_span, span))
                return no_room(err);
        }
        hunch_status status = close_list(w, rule, HP_NONE, from, &list, err);
        if (status != HUNCH_OK)
            return status;
    }
    *near = touches(w, list, low, high);
    return HUNCH_OK;
}

hunch_status hunch_worker_near_pattern(struct hunch_worker *w, uint32_t pattern, uint64_t low,
                                       uint64_t high, bool *near, uint64_t *known,
                                       struct hunch_error *err)
{
    const hunch_spans *spans;
    hunch_status status = hunch_worker_spans(w, pattern, &spans, known, err);
    if (status != HUNCH_OK)
        return status;
    const struct hunch_near_list *list = find(w, HP_NONE, pattern);
    if (list == NULL) {
        size_t from = w->near_span.count;
        if (!hunch_vec_append(w->a, &w->near_span, spans->items, spans->count))
            return no_room(err);
        status = close_list(w, HP_NONE, pattern, from, &list, err);
        if (status != HUNCH_OK)
            return status;
    }
    *near = touches(w, list, low, high);
    return HUNCH_OK;
}
