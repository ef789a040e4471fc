/* patterns.c: what a worker knows of a pattern in its record: whether it occurs, where, and the
 * bytes of a span. */
#include <stdlib.h>
#include <string.h>

#include "../kernels/literal_tile.h"
#include "../kernels/stage_tile.h"
#include "../kernels/tuning.h"
#include "worker.h"

static int compare_hits(const void *x, const void *y)
{
    const struct hunch_hit *a = x, *b = y;
    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    return a->anchor < b->anchor ? -1 : a->anchor > b->anchor;
}

static void sort_hits(struct hunch_worker *w, uint32_t pattern)
{
    if (!(w->state[pattern] & HUNCH_PATTERN_UNSORTED))
        return;
    if (w->hits[pattern].count > 1)
        qsort(w->hits[pattern].items, w->hits[pattern].count, sizeof(struct hunch_hit),
              compare_hits);
    w->state[pattern] &= (uint16_t)~HUNCH_PATTERN_UNSORTED;
}

void hunch_worker_search(struct hunch_worker *w, uint32_t pattern, struct hunch_search *search)
{
    sort_hits(w, pattern);
    hunch_search_begin(search, w->program, pattern, w->source, &w->machine, w->hits[pattern].items,
                       w->hits[pattern].count, w->state[pattern] & HUNCH_PATTERN_OVERFLOW);
    search->known = w->known.items;
}

hunch_status hunch_worker_bytes(struct hunch_worker *w, uint64_t start, uint64_t end,
                                const uint8_t **bytes, struct hunch_error *err)
{
    struct hunch_source *s = w->source;
    *bytes = NULL;
    if (start == end) {
        *bytes = (const uint8_t *)"";
        return HUNCH_OK;
    }
    if (start >= s->text.base && end <= s->text.end) {
        *bytes = s->text.bytes + (start - s->text.base);
        return HUNCH_OK;
    }
    if (end - start > HUNCH_SPAN_MOST)
        return HUNCH_OK;
    w->buffer.count = 0;
    for (uint64_t at = start; at < end;) {
        hunch_status status = hunch_source_need(s, at, false, err);
        if (status != HUNCH_OK)
            return status;
        if (at >= s->text.end)
            return HUNCH_OK; /* the record became shorter while it was read */
        uint64_t n = (end < s->text.end ? end : s->text.end) - at;
        if (!hunch_vec_append(w->a, &w->buffer, s->text.bytes + (at - s->text.base), n))
            return hunch_fail_memory(err, n, "the bytes of a match");
        at += n;
    }
    *bytes = w->buffer.items;
    return HUNCH_OK;
}

/* Keeps an occurrence; *full: it is one too many. A pattern gets half of the room that others have
 * left, so that a flood of one leaves enough for all that occur now and then. */
static hunch_status add_span(struct hunch_worker *w, hunch_spans *spans, struct hunch_span span,
                             bool *full, struct hunch_error *err)
{
    size_t others = w->span_total - spans->count;
    *full = spans->count >= (w->options.spans_most - others + 1) / 2;
    if (*full)
        return HUNCH_OK;
    if (!hunch_vec_push(w->a, spans, span))
        return hunch_fail_memory(err, sizeof span, "the spans of a pattern");
    w->span_total++;
    return HUNCH_OK;
}

/* Occurrences of a literal whose hits were not kept: every position is compared. */
static hunch_status rescan_literal(struct hunch_worker *w, uint32_t pattern, hunch_spans *spans,
                                   bool *full, struct hunch_error *err)
{
    const struct hp_pattern *t = &w->program->pattern[pattern];
    const struct hp_literal *l = &w->program->literal[t->literal];
    uint64_t size = w->source->text.size, n = l->bytes.length;
    hunch_status status = HUNCH_OK;
    for (uint64_t at = 0; at + n <= size && status == HUNCH_OK && !*full; at++) {
        const uint8_t *bytes;
        uint64_t low = at < 2 ? 0 : at - 2, high = size - at - n < 2 ? size : at + n + 2;
        status = hunch_source_need(w->source, high - 1, false, err);
        if (status == HUNCH_OK)
            status = hunch_worker_bytes(w, low, high, &bytes, err);
        if (status != HUNCH_OK || bytes == NULL)
            return status;
        if (!hunch_literal_here(l, w->program->blob, bytes, high - low, at - low))
            continue;
        if ((t->flags & HP_PATTERN_WORD) &&
            hunch_word_beside(bytes, high - low, at - low, at - low + n,
                              t->flags & HP_PATTERN_WIDE))
            continue;
        status = add_span(w, spans, (struct hunch_span){at, at + n}, full, err);
    }
    return status;
}

static hunch_status spans_of_hits(struct hunch_worker *w, uint32_t pattern, hunch_spans *spans,
                                  bool *full, struct hunch_error *err)
{
    uint64_t n = w->program->literal[w->program->pattern[pattern].literal].bytes.length;
    hunch_status status = HUNCH_OK;
    sort_hits(w, pattern);
    for (size_t i = 0; i < w->hits[pattern].count && status == HUNCH_OK && !*full; i++) {
        uint64_t at = w->hits[pattern].items[i].at;
        status = add_span(w, spans, (struct hunch_span){at, at + n}, full, err);
    }
    return status;
}

static hunch_status spans_of_regex(struct hunch_worker *w, uint32_t pattern, hunch_spans *spans,
                                   bool *full, struct hunch_error *err)
{
    struct hunch_search search;
    hunch_status status = HUNCH_OK;
    hunch_worker_search(w, pattern, &search);
    while (status == HUNCH_OK && !*full) {
        bool found;
        struct hunch_span span;
        status = hunch_search_next(&search, &found, &span, err);
        if (status != HUNCH_OK || !found)
            break;
        status = add_span(w, spans, span, full, err);
    }
    hunch_search_end(&search);
    return status;
}

hunch_status hunch_worker_spans(struct hunch_worker *w, uint32_t pattern, const hunch_spans **out,
                                uint64_t *known, struct hunch_error *err)
{
    hunch_spans *spans = &w->spans[pattern];
    *out = spans;
    if (!(w->state[pattern] & HUNCH_PATTERN_LISTED)) {
        bool full = false;
        hunch_status status;
        hunch_worker_touch(w, pattern);
        if (w->program->pattern[pattern].kind == HP_PATTERN_REGEX)
            status = spans_of_regex(w, pattern, spans, &full, err);
        else if (w->state[pattern] & HUNCH_PATTERN_OVERFLOW)
            status = rescan_literal(w, pattern, spans, &full, err);
        else
            status = spans_of_hits(w, pattern, spans, &full, err);
        if (status != HUNCH_OK) {
            w->span_total -= spans->count;
            spans->count = 0;
            return status;
        }
        w->state[pattern] |= HUNCH_PATTERN_LISTED | (full ? HUNCH_PATTERN_FULL : 0);
        w->listed[w->listed_count++] = pattern;
    }
    *known = !(w->state[pattern] & HUNCH_PATTERN_FULL) ? HUNCH_NOWHERE
             : spans->count                            ? spans->items[spans->count - 1].start + 1
                                                       : 0;
    return HUNCH_OK;
}

void hunch_worker_unlist(struct hunch_worker *w, uint32_t from)
{
    while (w->listed_count > from) {
        uint32_t pattern = w->listed[--w->listed_count];
        w->state[pattern] &= (uint16_t) ~(HUNCH_PATTERN_LISTED | HUNCH_PATTERN_FULL);
        w->span_total -= w->spans[pattern].count;
        w->spans[pattern].count = 0;
    }
}

hunch_status hunch_worker_occurs(struct hunch_worker *w, uint32_t pattern, bool *occurs,
                                 struct hunch_error *err)
{
    const struct hp_pattern *t = &w->program->pattern[pattern];
    if (t->kind == HP_PATTERN_LITERAL) {
        *occurs = w->seen[pattern];
        return HUNCH_OK;
    }
    if (!(w->state[pattern] & (HUNCH_PATTERN_YES | HUNCH_PATTERN_NO))) {
        bool found;
        struct hunch_span span;
        struct hunch_search search;
        hunch_worker_touch(w, pattern);
        hunch_worker_search(w, pattern, &search);
        hunch_status status = hunch_search_next(&search, &found, &span, err);
        hunch_search_end(&search);
        if (status != HUNCH_OK)
            return status;
        w->state[pattern] |= found ? HUNCH_PATTERN_YES : HUNCH_PATTERN_NO;
    }
    *occurs = w->state[pattern] & HUNCH_PATTERN_YES;
    return HUNCH_OK;
}

hunch_status hunch_worker_found_in(struct hunch_worker *w, uint32_t pattern, const void *bytes,
                                   size_t n, bool *found, struct hunch_error *err)
{
    struct hunch_source text = hunch_source_of(bytes, n);
    struct hunch_regex_view regex =
        hunch_program_regex(w->program, w->program->pattern[pattern].regex);
    uint64_t start, end;
    return hunch_regex_find(&w->machine, &regex, &text, 0, n, n, found, &start, &end, err);
}

/* Counts newlines in [*at, to), moving *at; *line_start is behind the last one seen. */
static hunch_status count_lines(struct hunch_worker *w, uint64_t *at, uint64_t to, uint64_t *line,
                                uint64_t *line_start, struct hunch_error *err)
{
    struct hunch_source *s = w->source;
    while (*at < to) {
        if (s->hop != NULL)
            *at = s->hop(s, *at, to, line, line_start);
        if (*at == to)
            break;
        hunch_status status = hunch_source_need(s, *at, false, err);
        if (status != HUNCH_OK)
            return status;
        uint64_t end = to < s->text.end ? to : s->text.end;
        if (s->hop != NULL && end > *at / HUNCH_GRAIN * HUNCH_GRAIN + HUNCH_GRAIN)
            end = *at / HUNCH_GRAIN * HUNCH_GRAIN + HUNCH_GRAIN; /* from there it may go on */
        const uint8_t *from = s->text.bytes + (*at - s->text.base),
                      *last = s->text.bytes + (end - s->text.base), *hit;
        while (from < last && (hit = memchr(from, '\n', (size_t)(last - from))) != NULL) {
            ++*line;
            from = hit + 1;
            *line_start = s->text.base + (uint64_t)(from - s->text.bytes);
        }
        *at = end;
    }
    return HUNCH_OK;
}

hunch_status hunch_worker_line(struct hunch_worker *w, uint64_t at, uint64_t *line,
                               uint64_t *column, struct hunch_error *err)
{
    if (at < w->line_at) {
        w->line_at = w->line_start = 0;
        w->line = 1;
    }
    hunch_status status = count_lines(w, &w->line_at, at, &w->line, &w->line_start, err);
    *line = w->line;
    *column = at - w->line_start + 1;
    return status;
}

struct by_start {
    uint64_t start;
    size_t match;
};

static int compare_starts(const void *x, const void *y)
{
    const struct by_start *a = x, *b = y;
    return a->start < b->start ? -1 : a->start > b->start;
}

hunch_status hunch_worker_lines(struct hunch_worker *w, struct hunch_error *err)
{
    size_t n = w->match.count;
    if (n == 0)
        return HUNCH_OK;
    struct by_start small[32], *order = small;
    if (n > 32) {
        order = hunch_alloc_array(w->a, n, sizeof *order);
        if (order == NULL)
            return hunch_fail_memory(err, n * sizeof *order, "the lines of a record");
    }
    for (size_t i = 0; i < n; i++)
        order[i] = (struct by_start){w->match.items[i].start, i};
    qsort(order, n, sizeof *order, compare_starts);
    hunch_status status = HUNCH_OK;
    for (size_t i = 0; i < n && status == HUNCH_OK; i++) {
        struct hunch_found *m = &w->match.items[order[i].match];
        status = hunch_worker_line(w, m->start, &m->line, &m->column, err);
    }
    if (order != small)
        hunch_free_array(w->a, order, n, sizeof *order);
    return status;
}
