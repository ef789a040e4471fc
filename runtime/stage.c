/* stage.c: one stage over one candidate. Each kind is a small function: what it looks at, then a
 * tile function's verdict. Operands by kind: kernels/layout.h. kernels/stage_tile.h does the same
 * over a record in memory. */
#include <string.h>

#include "../kernels/record_tile.h"
#include "host.h"
#include "worker.h"

/* The bytes of a span; *bytes NULL: too long, which is noted as lost. */
static hunch_status span_bytes(struct hunch_worker *w, uint32_t rule, struct hunch_span span,
                               const uint8_t **bytes, struct hunch_error *err)
{
    hunch_status status = hunch_worker_bytes(w, span.start, span.end, bytes, err);
    if (status == HUNCH_OK && *bytes == NULL)
        status = hunch_worker_lose(w, rule, HUNCH_REASON_TOO_LARGE,
                                   "a match is too long to be looked at in one piece", err);
    return status;
}

/* The start of the line that lies `lines` lines before the one `at` lies in, at most `most` bytes
 * away. */
static hunch_status line_before(struct hunch_worker *w, uint64_t at, uint64_t lines, uint64_t most,
                                uint64_t *start, struct hunch_error *err)
{
    struct hunch_source *s = w->source;
    uint64_t first = at < most ? 0 : at - most;
    hunch_status status = HUNCH_OK;
    *start = at;
    while (status == HUNCH_OK && !hunch_line_before(&s->text, first, start, &lines))
        status = hunch_source_need(s, *start - 1, true, err);
    return status;
}

/* The end, without its newline, of the line that lies `lines` lines behind the one in which [start,
 * end) ends. */
static hunch_status line_after(struct hunch_worker *w, const struct hunch_candidate *c,
                               uint64_t lines, uint64_t most, uint64_t *end,
                               struct hunch_error *err)
{
    struct hunch_source *s = w->source;
    uint64_t at = hunch_line_last(c), last = s->text.size - at < most ? s->text.size : at + most;
    hunch_status status = HUNCH_OK;
    while (status == HUNCH_OK && !hunch_line_after(&s->text, last, &at, &lines))
        status = hunch_source_need(s, at, false, err);
    *end = at < c->end ? c->end : at;
    return status;
}

/* ---- the kinds ---- */

static hunch_status stage_regex(struct hunch_worker *w, const struct hp_stage *s,
                                struct hunch_candidate *c, bool *keep, struct hunch_error *err)
{
    struct hunch_regex_view regex =
        hunch_program_regex(w->program, w->program->pattern[s->a].regex);
    bool found;
    uint64_t start, end;
    hunch_status status = hunch_regex_find(&w->machine, &regex, w->source, c->start, c->end, c->end,
                                           &found, &start, &end, err);
    if (status != HUNCH_OK || !found)
        return status;
    c->start = start;
    c->end = end;
    c->group_count = regex.info.group_count;
    status = hunch_regex_groups(&w->machine, &regex, w->source, start, end, c->slots, err);
    *keep = status == HUNCH_OK && hunch_candidate_narrow(c, s->capture);
    return status;
}

static hunch_status path_holds(struct hunch_worker *w, uint32_t pattern, bool *found,
                               struct hunch_error *err)
{
    if (!(w->state[pattern] & (HUNCH_PATH_YES | HUNCH_PATH_NO))) {
        hunch_status status =
            hunch_worker_found_in_name(w, pattern, w->name, w->name_length, found, err);
        if (status != HUNCH_OK)
            return status;
        hunch_worker_touch(w, pattern);
        w->state[pattern] |= *found ? HUNCH_PATH_YES : HUNCH_PATH_NO;
    }
    *found = w->state[pattern] & HUNCH_PATH_YES;
    return HUNCH_OK;
}

/* Index of the first span from `from` on that starts, or ends, at or behind `at`: starts are in
 * order, ends must be. */
static size_t first_from(const hunch_spans *spans, size_t from, bool ends, uint64_t at)
{
    size_t first = from, n = spans->count - from;
    while (n > 0) {
        const struct hunch_span *middle = &spans->items[first + n / 2];
        if ((ends ? middle->end : middle->start) < at)
            first += n / 2 + 1, n -= n / 2 + 1;
        else
            n /= 2;
    }
    return first;
}

/* Whether a later span never ends before an earlier one: spans that may lie inside of each other
 * do. */
static bool ends_in_order(const struct hunch_worker *w, uint32_t pattern)
{
    return !(w->program->pattern[pattern].flags & HP_PATTERN_OVERLAP);
}

/* How many spans lie inside [low, high] of a record of `size` bytes. */
static uint64_t spans_inside(const hunch_spans *spans, bool ends_ordered, uint64_t low,
                             uint64_t high, uint64_t size)
{
    if (low == 0 && high == size)
        return spans->count;
    size_t first = first_from(spans, 0, false, low);
    if (ends_ordered)
        return first_from(spans, first, true, high + 1) - first;
    uint64_t count = 0;
    for (size_t i = first; i < spans->count && spans->items[i].start <= high; i++)
        count += spans->items[i].end <= high;
    return count;
}

/* A pattern has more occurrences than are kept, and those that are do not decide. */
static hunch_status lose_flood(struct hunch_worker *w, uint32_t rule, struct hunch_error *err)
{
    return hunch_worker_lose(w, rule, HUNCH_REASON_MEMORY,
                             "a pattern of a stage occurs more often than can be kept", err);
}

static hunch_status stage_count(struct hunch_worker *w, uint32_t rule, const struct hp_stage *s,
                                struct hunch_candidate *c, bool *keep, struct hunch_error *err)
{
    const hunch_spans *spans;
    uint64_t size = w->source->text.size, low = 0, high = size, known;
    hunch_status status = hunch_worker_spans(w, s->a, &spans, &known, err);
    if (status != HUNCH_OK)
        return status;
    if (s->d == HP_WITHIN_LINE) {
        status = line_before(w, c->start, 0, HUNCH_LINE_MOST, &low, err);
        if (status == HUNCH_OK)
            status = line_after(w, c, 0, HUNCH_LINE_MOST, &high, err);
        if (status != HUNCH_OK)
            return status;
    } else if (s->d == HP_WITHIN_BYTES) {
        struct hunch_span around;
        hunch_bytes_around(c, size, s->e, s->e, &around);
        low = around.start;
        high = around.end;
    }
    uint64_t n = spans_inside(spans, ends_in_order(w, s->a), low, high, size);
    *keep = n >= s->b && n <= s->c;
    bool decided = high < known || n > s->c || (n >= s->b && s->c == HP_INFINITE);
    if (decided)
        return HUNCH_OK;
    *keep = false;
    return lose_flood(w, rule, err);
}

static hunch_status stage_near(struct hunch_worker *w, uint32_t rule, const struct hp_stage *s,
                               struct hunch_candidate *c, bool *keep, struct hunch_error *err)
{
    struct hunch_span span = {c->start, c->end};
    bool before = s->e & HP_NEAR_BEFORE, after = s->e & HP_NEAR_AFTER;
    hunch_status status = HUNCH_OK;
    if (s->d == HP_UNIT_LINES) {
        uint64_t most = (uint64_t)HUNCH_LINE_MOST * ((uint64_t)s->c + 1);
        if (before)
            status = line_before(w, c->start, s->c, most, &span.start, err);
        if (after && status == HUNCH_OK)
            status = line_after(w, c, s->c, most, &span.end, err);
        if (status != HUNCH_OK)
            return status;
    } else {
        hunch_bytes_around(c, w->source->text.size, before ? s->c : 0, after ? s->c : 0, &span);
    }
    hunch_near_sides(s, c, &span);
    if (s->b != HP_NONE) /* the matches of another rule, decided before this one */
        return hunch_worker_near_rule(w, s->b, span.start, span.end, keep, err);
    uint64_t known;
    status = hunch_worker_near_pattern(w, s->a, span.start, span.end, keep, &known, err);
    return status != HUNCH_OK || *keep || span.end < known ? status : lose_flood(w, rule, err);
}

static hunch_status stage_entropy(struct hunch_worker *w, uint32_t rule, const struct hp_stage *s,
                                  struct hunch_candidate *c, bool *keep, struct hunch_error *err)
{
    struct hunch_span span = {c->start,
                              c->start}; /* a group without a part in the match counts as empty */
    const uint8_t *bytes;
    uint64_t scaled = 0;
    (void)hunch_candidate_part(c, s->capture, &span);
    hunch_status status = span_bytes(w, rule, span, &bytes, err);
    if (status != HUNCH_OK || bytes == NULL)
        return status;
    if (!hunch_entropy_tile(bytes, span.end - span.start, &scaled))
        return hunch_worker_lose(w, rule, HUNCH_REASON_TOO_LARGE,
                                 "a match is too long for its entropy", err);
    *keep = hunch_entropy_reaches(span.end - span.start, scaled, s->x, s->a);
    return HUNCH_OK;
}

static hunch_status stage_checksum(struct hunch_worker *w, uint32_t rule, const struct hp_stage *s,
                                   struct hunch_candidate *c, bool *keep, struct hunch_error *err)
{
    struct hunch_span over, digits;
    const uint8_t *bytes, *digit_bytes = NULL;
    uint8_t kept[HUNCH_DIGITS_MOST];
    if (!hunch_checksum_parts(s, c, &over, &digits))
        return HUNCH_OK;
    hunch_status status = HUNCH_OK;
    uint64_t digits_n = digits.end - digits.start;
    if (s->b != HP_NONE) { /* copied: both may need the one buffer */
        status = span_bytes(w, rule, digits, &bytes, err);
        if (status != HUNCH_OK || bytes == NULL)
            return status;
        memcpy(kept, bytes, (size_t)digits_n);
        digit_bytes = kept;
    }
    status = span_bytes(w, rule, over, &bytes, err);
    if (status != HUNCH_OK || bytes == NULL)
        return status;
    *keep = hunch_checksum_tile(s->a, bytes, over.end - over.start, digit_bytes, digits_n);
    return HUNCH_OK;
}

/* except and only: does any item hold? */
static hunch_status any_item(struct hunch_worker *w, uint32_t rule, const struct hp_stage *s,
                             struct hunch_candidate *c, bool *any, bool *lost,
                             struct hunch_error *err)
{
    const struct hunch_program *p = w->program;
    struct hunch_span span = {c->start, c->end};
    hunch_status status = HUNCH_OK;
    if (s->b == HP_ON_CAPTURE) {
        if (!hunch_candidate_part(c, s->capture, &span))
            span.end = span.start;
    } else if (s->b == HP_ON_LINE) {
        status = line_before(w, c->start, 0, HUNCH_LINE_MOST, &span.start, err);
        if (status == HUNCH_OK)
            status = line_after(w, c, 0, HUNCH_LINE_MOST, &span.end, err);
    }
    const uint8_t *bytes = NULL;
    if (status == HUNCH_OK)
        status = span_bytes(w, rule, span, &bytes, err);
    if (status != HUNCH_OK)
        return status;
    *any = false;
    *lost = bytes == NULL;
    size_t n = (size_t)(span.end - span.start);
    const uint32_t *item = p->word + s->a + 1;
    for (uint32_t i = 0; i < p->word[s->a] && !*any && !*lost && status == HUNCH_OK;
         i++, item += 3) {
        if (item[0] == HP_ITEM_TEXT) { /* libc is faster on long lines */
            *any = memmem(bytes, n, p->blob + item[1], item[2]) != NULL;
            continue;
        }
        int known = hunch_item_holds(p->blob, p->word, item, bytes, n);
        if (known >= 0)
            *any = known;
        else if (item[0] == HP_ITEM_REGEX)
            status = hunch_worker_found_in(w, item[1], bytes, n, any, err);
        else
            status = path_holds(w, item[1], any, err);
    }
    return status;
}

static hunch_status stage_field(struct hunch_worker *w, const struct hp_stage *s,
                                struct hunch_candidate *c, bool *keep, struct hunch_error *err)
{
    const uint8_t *bytes;
    uint64_t at;
    if (!hunch_field_place(s, c, w->source->text.size, &at))
        return HUNCH_OK;
    hunch_status status = hunch_worker_bytes(w, at, at + hunch_field_size(s->a), &bytes, err);
    if (status == HUNCH_OK && bytes != NULL)
        *keep = hunch_field_holds(s->a, bytes, s->z, s->b, s->y);
    return status;
}

struct condition_reader {
    struct hunch_worker *w;
    struct hunch_error *err;
    hunch_status status;
};

static int condition_read(void *context, uint64_t at, uint8_t *out, uint32_t n)
{
    struct condition_reader *r = context;
    const uint8_t *bytes;
    r->status = hunch_worker_bytes(r->w, at, at + n, &bytes, r->err);
    if (r->status != HUNCH_OK || bytes == NULL)
        return 0;
    memcpy(out, bytes, n);
    return 1;
}

/* A condition speaks of the record: it is evaluated once for all candidates. */
static hunch_status stage_condition(struct hunch_worker *w, uint32_t rule, const struct hp_stage *s,
                                    bool *keep, struct hunch_error *err)
{
    const struct hunch_program *p = w->program;
    if (w->condition == s) {
        *keep = w->condition_holds;
        return HUNCH_OK;
    }
    uint32_t patterns = s->d, rules = p->word[s->e];
    size_t total = 0, used = 0;
    hunch_status status = HUNCH_OK;
    uint64_t *numbers = NULL;
    struct hunch_condition_pattern *list = hunch_alloc_array(w->a, patterns, sizeof *list);
    uint8_t *truth = hunch_alloc_array(w->a, rules, 1);
    if (list == NULL || truth == NULL) {
        status = hunch_fail_memory(err, patterns * sizeof *list, "a condition");
        goto done;
    }
    const hunch_spans *spans;
    uint64_t known;
    w->condition = s;
    w->condition_holds = false;
    for (uint32_t i = 0; i < patterns; i++) {
        status = hunch_worker_spans(w, p->word[s->c + i], &spans, &known, err);
        if (status == HUNCH_OK && known != HUNCH_NOWHERE)
            status = lose_flood(w, rule, err);
        else if (status == HUNCH_OK)
            total += spans->count;
        if (status != HUNCH_OK || known != HUNCH_NOWHERE)
            goto done;
    }
    numbers = hunch_alloc_array(w->a, total, 2 * sizeof *numbers);
    if (numbers == NULL) {
        status = hunch_fail_memory(err, total * 16, "a condition");
        goto done;
    }
    for (uint32_t i = 0; i < patterns; i++) {
        status = hunch_worker_spans(w, p->word[s->c + i], &spans, &known, err);
        if (status != HUNCH_OK)
            goto done;
        uint64_t *offsets = numbers + used, *lengths = offsets + spans->count;
        for (size_t k = 0; k < spans->count; k++) {
            offsets[k] = spans->items[k].start;
            lengths[k] = spans->items[k].end - spans->items[k].start;
        }
        list[i] = (struct hunch_condition_pattern){spans->count, offsets, lengths};
        used += 2 * spans->count;
    }
    for (uint32_t i = 0; i < rules; i++)
        truth[i] = w->truth[p->word[s->e + 1 + i]];
    struct condition_reader reader = {w, err, HUNCH_OK};
    struct hunch_condition_env env = {
        w->source->text.size, list, truth, condition_read, &reader, patterns, rules};
    int verdict = hunch_condition_eval(p->word + s->a, &env);
    status = reader.status;
    if (status != HUNCH_OK)
        goto done;
    if (verdict < 0)
        status = hunch_worker_lose(w, rule, HUNCH_REASON_UNDECIDED,
                                   "the condition needs more steps than it may take", err);
    *keep = w->condition_holds = verdict == 1;
done:
    hunch_free_array(w->a, list, patterns, sizeof *list);
    hunch_free_array(w->a, truth, rules, 1);
    hunch_free_array(w->a, numbers, total, 2 * sizeof *numbers);
    return status;
}

hunch_status hunch_stage_run(struct hunch_worker *w, uint32_t rule, const struct hp_stage *stage,
                             struct hunch_candidate *c, bool *keep, struct hunch_error *err)
{
    bool lost = false;
    hunch_status status;
    *keep = false;
    switch (stage->kind) {
    case HP_STAGE_REGEX: return stage_regex(w, stage, c, keep, err);
    case HP_STAGE_PATH: return path_holds(w, stage->a, keep, err);
    case HP_STAGE_COUNT: return stage_count(w, rule, stage, c, keep, err);
    case HP_STAGE_NEAR: return stage_near(w, rule, stage, c, keep, err);
    case HP_STAGE_ENTROPY: return stage_entropy(w, rule, stage, c, keep, err);
    case HP_STAGE_CHECKSUM: return stage_checksum(w, rule, stage, c, keep, err);
    case HP_STAGE_EXCEPT:
        status = any_item(w, rule, stage, c, keep, &lost, err);
        *keep = !*keep && !lost;
        return status;
    case HP_STAGE_ONLY: return any_item(w, rule, stage, c, keep, &lost, err);
    case HP_STAGE_FIELD: return stage_field(w, stage, c, keep, err);
    case HP_STAGE_CONDITION: return stage_condition(w, rule, stage, keep, err);
    default: return hunch_host_run(w, rule, stage, c, keep, err);
    }
}
