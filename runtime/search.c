/* search.c: see search.h. Three ways, one answer:
 *   hits        occurrences of literal anchors: leftmost start before each, one anchored run from the least of them
 *   ranges      runs of a class anchor: one pass that may only start where such a run allows it
 *   everywhere  one pass that may start at every position
 * All of them give up on a record that makes them waste work, for the reverse pass of liveness.c. */
#include "search.h"

#include <string.h>

enum {
    WORK_FREE = 256 * 1024, /* bytes of wasted work that are never counted against a search */
    WORK_RATIO = 8,         /* wasted bytes a byte of progress may cost beyond them */
    SPILL_BYTES = 64 * 1024 * 1024
};

void hunch_search_begin(struct hunch_search *s, const struct hunch_program *p, uint32_t pattern, struct hunch_source *source,
                        struct hunch_machine *machine, const struct hunch_hit *hits, size_t hit_count, bool everywhere)
{
    memset(s, 0, sizeof *s);
    s->program = p;
    s->pattern = &p->pattern[pattern];
    s->regex = hunch_program_regex(p, s->pattern->regex);
    s->source = source;
    s->machine = machine;
    s->hits = hits;
    s->hit_count = hit_count;
    s->last_end = HUNCH_NOWHERE;
    s->everywhere = everywhere || s->pattern->anchor_count == 0;
    for (uint32_t i = 0; i < s->pattern->anchor_count; i++) {
        const struct hp_anchor *anchor = &p->anchor[s->pattern->anchor + i];
        uint64_t before = anchor->max_before == HP_INFINITE ? HUNCH_NOWHERE : anchor->max_before;
        if (before > s->furthest) s->furthest = before;
        if (anchor->kind == HP_ANCHOR_CLASS && s->pattern->anchor_count > 1) s->everywhere = true;
    }
}

void hunch_search_end(struct hunch_search *s)
{
    hunch_liveness_free(&s->live);
}

/* Counts what a run consumed beyond the progress it made; true: this record is better read backwards once. */
static bool wasted(struct hunch_search *s, uint64_t steps, uint64_t progress)
{
    s->work += steps > progress ? steps - progress : 0;
    return s->work > WORK_FREE + WORK_RATIO * s->limit;
}

hunch_status hunch_search_leftmost(struct hunch_search *s, const struct hp_anchor *anchor, uint64_t at, uint64_t limit,
                                   uint64_t *start, struct hunch_error *err)
{
    *start = HUNCH_NOWHERE;
    if (at < limit || at - limit < anchor->min_before) return HUNCH_OK;
    uint64_t room = at - limit;
    if (anchor->max_before != HP_INFINITE && room > anchor->max_before) room = anchor->max_before;
    switch (anchor->prefix) {
    case HP_PREFIX_FIXED: *start = at - anchor->min_before; return HUNCH_OK;
    case HP_PREFIX_RUN: {
        const uint8_t *bits = s->program->classes[anchor->prefix_index].bits;
        const struct hunch_text *t = &s->source->text;
        uint64_t i = at;
        while (at - i < room) {
            hunch_status status = hunch_source_need(s->source, i - 1, true, err);
            if (status != HUNCH_OK) return status;
            if (!hunch_class_has(bits, t->bytes[i - 1 - t->base])) break;
            i--;
        }
        s->work += at - i;
        if (at - i >= anchor->min_before) *start = i;
        return HUNCH_OK;
    }
    default: {
        struct hunch_regex_view reversed = hunch_program_regex(s->program, anchor->prefix_index);
        hunch_status status = hunch_machine_load(s->machine, &reversed, false, err);
        if (status != HUNCH_OK) return status;
        hunch_vm_begin(&s->machine->vm, at, at, at - room);
        status = hunch_machine_run(s->machine, s->source, err);
        s->work += s->machine->vm.steps;
        *start = s->machine->vm.match_end;
        return status;
    }
    }
}

/* The best match among the hits from hit_next on. A dead hit (no match can use it) is passed over for good. */
static hunch_status next_by_hits(struct hunch_search *s, bool *found, struct hunch_span *span, bool *give_up,
                                 struct hunch_error *err)
{
    uint64_t best = HUNCH_NOWHERE, failed = HUNCH_NOWHERE;
    *found = false;
    for (size_t i = s->hit_next; i < s->hit_count; i++) {
        const struct hunch_hit *hit = &s->hits[i];
        const struct hp_anchor *anchor = &s->program->anchor[hit->anchor];
        if (best != HUNCH_NOWHERE) {
            if (best == s->limit || (s->furthest != HUNCH_NOWHERE && hit->at >= best + s->furthest)) break;
            if (anchor->max_before != HP_INFINITE && hit->at >= best + anchor->max_before) continue;
        }
        uint64_t start, end;
        bool matched;
        hunch_status status = hunch_search_leftmost(s, anchor, hit->at, s->limit, &start, err);
        if (status != HUNCH_OK) return status;
        if (start == HUNCH_NOWHERE || start == failed || (best != HUNCH_NOWHERE && start >= best)) {
            if (best == HUNCH_NOWHERE && i == s->hit_next) s->hit_next++;
            continue;
        }
        status = hunch_regex_find(s->machine, &s->regex, s->source, start, start, HUNCH_NOWHERE, &matched, &start, &end, err);
        if (status != HUNCH_OK) return status;
        uint64_t steps = s->machine->vm.steps;
        if (!matched) {
            failed = start;
            if (best == HUNCH_NOWHERE && i == s->hit_next) s->hit_next++;
            if (wasted(s, steps, 0)) {
                *give_up = true;
                return HUNCH_OK;
            }
            continue;
        }
        best = start;
        span->start = start;
        span->end = end;
        *found = true;
        if (wasted(s, steps, end - start)) {
            *give_up = true;
            return HUNCH_OK;
        }
    }
    return HUNCH_OK;
}

/* The next run of the class anchor at or after range_low; [*low, *high]: where a match may start because of it. */
static hunch_status next_range(struct hunch_search *s, const struct hp_anchor *anchor, uint64_t *low, uint64_t *high,
                               struct hunch_error *err)
{
    const uint8_t *bits = s->program->classes[anchor->class_index].bits;
    const struct hunch_text *t = &s->source->text;
    uint64_t n = anchor->class_length, at = s->range_low;
    *low = HUNCH_NOWHERE;
    for (;;) { /* a run of n bytes must hold every n-th byte: look there, then back */
        uint64_t i = at + n;
        while (i > at) {
            hunch_status status = hunch_source_need(s->source, i - 1, false, err);
            if (status != HUNCH_OK) return status;
            if (i - 1 >= t->size) return HUNCH_OK;
            if (i - 1 < t->base) { /* the window moved on while the run was checked backwards */
                status = hunch_source_need(s->source, i - 1, true, err);
                if (status != HUNCH_OK) return status;
            }
            if (!hunch_class_has(bits, t->bytes[i - 1 - t->base])) break;
            i--;
        }
        if (i == at) break;
        at = i;
    }
    uint64_t end = at + n;
    for (;; end++) {
        hunch_status status = hunch_source_need(s->source, end, false, err);
        if (status != HUNCH_OK) return status;
        if (end >= t->size || !hunch_class_has(bits, t->bytes[end - t->base])) break;
    }
    s->range_low = end;
    uint64_t last = end - n;
    *high = last < anchor->min_before ? 0 : last - anchor->min_before;
    *low = anchor->max_before == HP_INFINITE || at < anchor->max_before ? 0 : at - anchor->max_before;
    if (last < anchor->min_before) *low = HUNCH_NOWHERE, s->range_low = end;
    return HUNCH_OK;
}

/* One pass from s->limit over everything, or over the ranges of a class anchor. */
static hunch_status next_by_pass(struct hunch_search *s, bool *found, struct hunch_span *span, bool *give_up,
                                 struct hunch_error *err)
{
    struct hunch_vm *vm = &s->machine->vm;
    const struct hp_anchor *anchor = s->everywhere ? NULL : &s->program->anchor[s->pattern->anchor];
    hunch_status status = hunch_machine_load(s->machine, &s->regex, false, err);
    if (status != HUNCH_OK) return status;
    uint64_t from = s->limit, high = HUNCH_NOWHERE - 1;
    *found = false;
    if (s->regex.info.flags & HP_REGEX_ANCHORED) {
        if (from > 0) return HUNCH_OK;
        high = 0;
    }
    hunch_vm_begin(vm, from, high, HUNCH_NOWHERE);
    if (anchor != NULL) {
        vm->ranges = 1;
        vm->start_high = 0;
        vm->start_low = 0;
        s->range_low = from; /* the run that the last match lay in may still serve */
        do {
            status = next_range(s, anchor, &vm->start_low, &vm->start_high, err);
            if (status != HUNCH_OK || vm->start_low == HUNCH_NOWHERE) return status;
        } while (vm->start_high < from);
        if (vm->start_low < from) vm->start_low = from;
        vm->at = vm->start_low;
    }
    for (;;) {
        enum hunch_vm_result r = hunch_vm_run(vm, &s->source->text);
        if (r == HUNCH_VM_DONE) break;
        if (r == HUNCH_VM_NEED_TEXT) {
            if (s->source->cancelled && s->source->cancelled(s->source))
                return hunch_fail(err, HUNCH_ERROR_CANCELLED, "the scan was cancelled");
            status = s->source->fetch(s->source, vm->at, false, err);
            if (status != HUNCH_OK) return status;
            continue;
        }
        do {
            status = next_range(s, anchor, &vm->start_low, &vm->start_high, err);
            if (status != HUNCH_OK) return status;
        } while (vm->start_low != HUNCH_NOWHERE && vm->start_high < vm->at);
        if (vm->start_low != HUNCH_NOWHERE && vm->start_low < vm->at) vm->start_low = vm->at;
    }
    if (vm->match_end == HUNCH_NOWHERE) return HUNCH_OK;
    *found = true;
    span->start = vm->match_start;
    span->end = vm->match_end;
    *give_up = wasted(s, vm->at, span->end);
    return HUNCH_OK;
}

hunch_status hunch_search_next(struct hunch_search *s, bool *found, struct hunch_span *span, struct hunch_error *err)
{
    *found = false;
    while (!s->done) {
        bool give_up = false;
        hunch_status status;
        if (s->live.ready) {
            status = hunch_liveness_next(&s->live, s->source, s->limit, found, &span->start, &span->end, NULL, err);
        } else if (s->everywhere || s->program->anchor[s->pattern->anchor].kind == HP_ANCHOR_CLASS) {
            status = next_by_pass(s, found, span, &give_up, err);
        } else {
            while (s->hit_next < s->hit_count && s->hits[s->hit_next].at < s->limit) s->hit_next++;
            status = next_by_hits(s, found, span, &give_up, err);
            if (status == HUNCH_OK && give_up) { /* first the single pass; that may have to give up too */
                s->everywhere = true;
                s->work = 0;
                continue;
            }
        }
        if (status != HUNCH_OK) return status;
        if (give_up && s->source->text.size != HUNCH_NOWHERE) {
            status = hunch_liveness_build(&s->live, s->machine->a, &s->regex, s->source, s->limit, s->source->text.size,
                                          SPILL_BYTES, err);
            if (status != HUNCH_OK) return status;
        }
        if (!*found) {
            s->done = true;
            return HUNCH_OK;
        }
        bool empty = span->start == span->end, touches = empty && span->start == s->last_end;
        s->limit = touches ? span->end + 1 : span->end;
        if (touches) {
            *found = false;
            if (s->limit > s->source->text.size) s->done = true;
            continue;
        }
        s->last_end = span->end;
        return HUNCH_OK;
    }
    return HUNCH_OK;
}

hunch_status hunch_search_groups(struct hunch_search *s, struct hunch_span span, uint64_t *slots, struct hunch_error *err)
{
    return hunch_regex_groups(s->machine, &s->regex, s->source, span.start, span.end, slots, err);
}
