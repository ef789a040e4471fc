/* search.c: see search.h. Three ways, one answer:
 *
 * hits: occurrences of literal anchors; leftmost start before each, one anchored run from the least
 *
 * ranges: runs of a class anchor; one pass that may only start where such a run allows it
 *
 * everywhere: one pass that may start at every position
 *
 * All of them give up on a record that makes them waste work, for the reverse pass of liveness.c.
 */
#include "search.h"

#include <string.h>

#include "dfa.h"

enum {
    WORK_FREE = 256 * 1024, /* bytes of wasted work that are never counted against a search */
    WORK_RATIO = 8,         /* wasted bytes a byte of progress may cost beyond them */
    RUN_PART = 1024, /* bytes of a longer run of a class anchor that are looked at in one go... */
    GAP_PART = 16 * 1024,  /* ...and without one */
    ASK_EVERY = 64 * 1024, /* bytes between two looks at the cancel flag */
    TRIES_MOST =
        16, /* places at which a match is tried before the start is looked for in earnest */
    FORWARD_MOST =
        4096, /* bytes in which the machine looks for the start of a match that ends behind them */
    SPILL_BYTES = 64 * 1024 * 1024
};

void hunch_search_begin(struct hunch_search *s, const struct hunch_program *p, uint32_t pattern,
                        struct hunch_source *source, struct hunch_machine *machine,
                        const struct hunch_hit *hits, size_t hit_count, bool everywhere)
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
        if (anchor->max_before == HP_INFINITE)
            s->endless++;
        else if (anchor->max_before > s->furthest)
            s->furthest = anchor->max_before;
        if (anchor->kind == HP_ANCHOR_CLASS && s->pattern->anchor_count > 1)
            s->everywhere = true;
    }
}

void hunch_search_end(struct hunch_search *s)
{
    hunch_liveness_free(&s->live);
}

/* Whether the work done for the first `progress` bytes is out of proportion. */
static bool wasteful(const struct hunch_search *s, uint64_t progress)
{
    return s->work > WORK_FREE + WORK_RATIO * progress;
}

/* The window that holds the byte at `at`, if there is one; now and then a look at the cancel flag.
 */
static hunch_status need(struct hunch_search *s, uint64_t at, bool backwards,
                         struct hunch_error *err)
{
    if (at % ASK_EVERY == 0 && hunch_source_cancelled(s->source))
        return hunch_fail(err, HUNCH_ERROR_CANCELLED, "the scan was cancelled");
    return hunch_source_need(s->source, at, backwards, err);
}

hunch_status hunch_search_leftmost(struct hunch_search *s, const struct hp_anchor *anchor,
                                   uint64_t at, uint64_t limit, uint64_t *start,
                                   struct hunch_error *err)
{
    uint64_t room;
    *start = HUNCH_NOWHERE;
    if (!hunch_anchor_room(anchor, at, limit, &room))
        return HUNCH_OK;
    switch (anchor->prefix) {
    case HP_PREFIX_FIXED: *start = at - anchor->min_before; return HUNCH_OK;
    case HP_PREFIX_RUN: {
        const uint8_t *bits = s->program->classes[anchor->prefix_index].bits;
        const struct hunch_text *t = &s->source->text;
        uint64_t i = at;
        while (at - i < room) {
            hunch_status status = need(s, i - 1, true, err);
            if (status != HUNCH_OK)
                return status;
            if (!hunch_class_has(bits, t->bytes[i - 1 - t->base]))
                break;
            i--;
        }
        s->work += at - i;
        if (at - i >= anchor->min_before)
            *start = i;
        return HUNCH_OK;
    }
    default: {
        struct hunch_regex_view reversed = hunch_program_regex(s->program, anchor->prefix_index);
        hunch_status status = hunch_machine_load(s->machine, &reversed, false, err);
        if (status != HUNCH_OK)
            return status;
        hunch_vm_begin(&s->machine->vm, at, at, at - room);
        status = hunch_machine_run(s->machine, s->source, err);
        s->work += s->machine->vm.steps;
        *start = s->machine->vm.match_end;
        return status;
    }
    }
}

/* The match that starts at `start`, if there is one. */
static hunch_status match_from(struct hunch_search *s, uint64_t start, bool *matched, uint64_t *end,
                               struct hunch_error *err)
{
    struct hunch_machine *m = s->machine;
    if (m->dfa != NULL) {
        bool usable;
        struct hunch_dfa_run run;
        hunch_status status = hunch_dfa_find(m->dfa, s->pattern->regex, &s->regex, s->source, start,
                                             HUNCH_NOWHERE, false, &usable, &run, err);
        if (status != HUNCH_OK)
            return status;
        if (usable) {
            *matched = run.end != HUNCH_NOWHERE;
            *end = run.end;
            s->work += run.at - start;
            return HUNCH_OK;
        }
    }
    uint64_t same;
    hunch_status status = hunch_regex_find(m, &s->regex, s->source, start, start, HUNCH_NOWHERE,
                                           matched, &same, end, err);
    s->work += m->vm.steps;
    return status;
}

static bool is_endless(const struct hunch_search *s, size_t hit)
{
    return s->program->anchor[s->hits[hit].anchor].max_before == HP_INFINITE;
}

/* The first hit from i on whose anchor is endless, or hit_count. */
static size_t next_endless(struct hunch_search *s, size_t i)
{
    bool again =
        i < s->gap_from; /* looking once at each is not work that could grow faster than the hits */
    if (again || i > s->gap_to)
        s->gap_from = s->gap_to = i;
    while (s->gap_to < s->hit_count && !is_endless(s, s->gap_to))
        s->gap_to++;
    if (again)
        s->work += s->gap_to - i;
    return s->gap_to;
}

/* The best match among the hits from hit_next on. A dead hit (no match can use it) is passed over
 * for good. */
static hunch_status next_by_hits(struct hunch_search *s, bool *found, struct hunch_span *span,
                                 bool *give_up, struct hunch_error *err)
{
    uint64_t best = HUNCH_NOWHERE, failed = HUNCH_NOWHERE;
    *found = false;
    s->found = NULL;
    for (size_t i = s->hit_next; i < s->hit_count; i++) {
        const struct hunch_hit *hit = &s->hits[i];
        if (best == s->limit)
            break;
        if (best != HUNCH_NOWHERE &&
            hit->at >= best + s->furthest) { /* only an endless one can start before the best */
            i = s->endless == 0 ? s->hit_count : next_endless(s, i);
            if (i == s->hit_count)
                break;
            hit = &s->hits[i];
        }
        const struct hp_anchor *anchor = &s->program->anchor[hit->anchor];
        bool endless = anchor->max_before == HP_INFINITE;
        s->work++;
        if (wasteful(s, hit->at)) {
            *give_up = true;
            return HUNCH_OK;
        }
        if (best != HUNCH_NOWHERE && !endless && hit->at >= best + anchor->max_before)
            continue;
        uint64_t start, end;
        const struct hunch_known *known = hit->known > 0 ? &s->known[hit->known - 1] : NULL;
        if (known != NULL && known->start < s->limit)
            known = NULL; /* it would have to start later now */
        hunch_status status = HUNCH_OK;
        if (known != NULL)
            start = known->start;
        else
            status = hunch_search_leftmost(s, anchor, hit->at, s->limit, &start, err);
        if (status != HUNCH_OK)
            return status;
        /* A run that begins behind the best start: so do those before all later hits of this
         * anchor. */
        if (best != HUNCH_NOWHERE && start != HUNCH_NOWHERE && start > best && endless &&
            s->endless == 1 && anchor->prefix == HP_PREFIX_RUN && hit->at >= best + s->furthest)
            break;
        bool matched = false;
        if (start != HUNCH_NOWHERE && start != failed && start < best) {
            matched = known != NULL;
            if (matched)
                end = known->end;
            else
                status = match_from(s, start, &matched, &end, err);
            if (status != HUNCH_OK)
                return status;
            if (matched) {
                s->found = known;
                uint64_t paid = s->pattern->flags & HP_PATTERN_OVERLAP ? 0 : end - start;
                s->work -= s->work < paid ? s->work : paid;
                best = span->start = start;
                span->end = end;
                *found = true;
                continue;
            }
            failed = start;
        }
        if (best == HUNCH_NOWHERE)
            s->hit_next = i + 1; /* this hit and all before it are dead */
    }
    return HUNCH_OK;
}

/* The next place at or after `at` where n bytes of the class stand, or that there is none for a
 * while. What was seen last is remembered: a search that starts again a little further on does not
 * read everything again. */
static hunch_status next_run(struct hunch_search *s, const uint8_t *bits, uint64_t at, uint64_t n,
                             struct hunch_run *out, struct hunch_error *err)
{
    const struct hunch_text *t = &s->source->text;
    hunch_status status;
    for (unsigned i = 0; i < sizeof s->run / sizeof s->run[0]; i++) {
        const struct hunch_run *run = &s->run[i];
        if (at < run->from || (run->begin == run->end ? at >= run->next : at + n > run->end))
            continue;
        *out = *run;
        if (out->begin < at && out->begin < out->end)
            out->begin = at;
        return HUNCH_OK;
    }
    *out = (struct hunch_run){at, at, at, HUNCH_NOWHERE};
    uint64_t known = at; /* bytes of the class up to here */
    bool ended = false;
    for (uint64_t i = at + n; i > known; i--) {
        /* Right to left: a byte that is not of the class moves the place behind it. */
        status = need(s, i - 1, i < at + n, err);
        if (status != HUNCH_OK)
            return status;
        ended = i - 1 >= t->size;
        if (ended)
            break;
        if (hunch_class_has(bits, t->bytes[i - 1 - t->base]))
            continue;
        known = at + n;
        at = i;
        if (at - out->from >= GAP_PART)
            break;
        i = at + n + 1;
    }
    if (!ended && at - out->from < GAP_PART) {
        uint64_t end = at + n;
        out->next = HUNCH_NOWHERE;
        for (;; end++) {
            if (end - at - n == RUN_PART) {
                out->next = end - n + 1;
                break;
            }
            status = need(s, end, false, err);
            if (status != HUNCH_OK)
                return status;
            if (end >= t->size || !hunch_class_has(bits, t->bytes[end - t->base]))
                break;
        }
        if (out->next == HUNCH_NOWHERE)
            out->next = end;
        out->begin = at;
        out->end = end;
    } else if (!ended) {
        out->next = at;
    }
    s->work += (out->next == HUNCH_NOWHERE ? at : out->next) - out->from;
    s->run[s->run_oldest] = *out;
    s->run_oldest = (s->run_oldest + 1) % (sizeof s->run / sizeof s->run[0]);
    return HUNCH_OK;
}

/* [*low, *high]: where a match may start because of the next run of the class anchor at or after
 * *at, which moves behind it. low = high + 1: nowhere before low. *low is HUNCH_NOWHERE when there
 * are no more. */
static hunch_status next_range(struct hunch_search *s, const struct hp_anchor *anchor, uint64_t *at,
                               uint64_t *low, uint64_t *high, struct hunch_error *err)
{
    const uint8_t *bits = s->program->classes[anchor->class_index].bits;
    uint64_t n = anchor->class_length;
    for (;;) {
        struct hunch_run run;
        hunch_status status = next_run(s, bits, *at, n, &run, err);
        if (status != HUNCH_OK)
            return status;
        *low = HUNCH_NOWHERE;
        if (run.next == HUNCH_NOWHERE)
            return HUNCH_OK;
        *at = run.next;
        bool gap = run.begin == run.end;
        uint64_t first = gap ? run.next : run.begin;
        *low = anchor->max_before == HP_INFINITE || first < anchor->max_before
                   ? 0
                   : first - anchor->max_before;
        if (gap ? *low == 0 : run.end - n < anchor->min_before)
            continue;
        *high = gap ? *low - 1 : run.end - n - anchor->min_before;
        return HUNCH_OK;
    }
}

/* The start of a match that the DFA has found the end of: most often it is the place where the
 * thread before had died, or one soon behind it, so a few places are tried. */
static hunch_status start_by_trying(struct hunch_search *s, const struct hunch_dfa_run *run,
                                    bool *known, uint64_t *start, struct hunch_error *err)
{
    const uint8_t *first = s->regex.info.first_class == HP_NONE
                               ? NULL
                               : s->regex.classes[s->regex.info.first_class].bits;
    uint64_t until =
        run->at + 1; /* the whole search was decided there, so is each of its threads */
    *known = false;
    for (uint64_t at = run->reset, tries = 0; tries < TRIES_MOST && at <= run->end; at++) {
        if (first != NULL) {
            hunch_status status = need(s, at, false, err);
            if (status != HUNCH_OK)
                return status;
            const struct hunch_text *t = &s->source->text;
            if (at >= t->size || !hunch_class_has(first, t->bytes[at - t->base]))
                continue;
        }
        struct hunch_dfa_run one;
        bool usable;
        hunch_status status = hunch_dfa_find(s->machine->dfa, s->pattern->regex, &s->regex,
                                             s->source, at, until, false, &usable, &one, err);
        if (status != HUNCH_OK || !usable)
            return status;
        tries++;
        s->work += one.at - at;
        if (one.end == HUNCH_NOWHERE)
            continue;
        *start = at;
        *known = true;
        return HUNCH_OK;
    }
    return HUNCH_OK;
}

/* One pass over everything with the DFA: it says where the match ends; the machine then finds where
 * it starts, on the stretch in which that can be. */
static hunch_status next_by_dfa(struct hunch_search *s, bool *usable, bool *found,
                                struct hunch_span *span, struct hunch_error *err)
{
    struct hunch_vm *vm = &s->machine->vm;
    struct hunch_dfa_run run;
    bool bound = (s->regex.info.flags & HP_REGEX_ANCHORED) != 0;
    hunch_status status = hunch_dfa_find(s->machine->dfa, s->pattern->regex, &s->regex, s->source,
                                         s->limit, HUNCH_NOWHERE, !bound, usable, &run, err);
    if (status != HUNCH_OK || !*usable)
        return status;
    s->work += run.at - s->limit;
    *found = run.end != HUNCH_NOWHERE;
    if (!*found)
        return HUNCH_OK;
    span->start = s->limit;
    span->end = run.end;
    if (bound)
        return HUNCH_OK;
    bool known;
    status = start_by_trying(s, &run, &known, &span->start, err);
    if (status != HUNCH_OK || known)
        return status;
    if (run.end - run.reset >
        FORWARD_MOST) { /* far back there may be threads that have nothing to do with the match */
        status = hunch_liveness_start(s->machine->a, &s->regex, s->source, run.reset, run.end,
                                      &span->start, err);
        s->work += run.end - span->start;
        return status;
    }
    status = hunch_machine_load(s->machine, &s->regex, false, err);
    if (status != HUNCH_OK)
        return status;
    hunch_vm_begin(vm, run.reset, HUNCH_NOWHERE - 1, run.end);
    vm->only_end = run.end;
    status = hunch_machine_run(s->machine, s->source, err);
    if (status != HUNCH_OK)
        return status;
    if (vm->match_end != run.end)
        return hunch_source_changed(err);
    span->start = vm->match_start;
    s->work += vm->steps;
    return HUNCH_OK;
}

/* One pass from s->limit over everything, or over the ranges of a class anchor. */
static hunch_status next_by_pass(struct hunch_search *s, bool *found, struct hunch_span *span,
                                 struct hunch_error *err)
{
    struct hunch_vm *vm = &s->machine->vm;
    const struct hp_anchor *anchor = s->everywhere ? NULL : &s->program->anchor[s->pattern->anchor];
    hunch_status status;
    uint64_t from = s->limit, high = HUNCH_NOWHERE - 1;
    uint64_t run_at = from; /* the run that the last match lay in may still serve */
    *found = false;
    if (s->regex.info.flags & HP_REGEX_ANCHORED) {
        if (from > 0)
            return HUNCH_OK;
        high = 0;
        anchor = NULL;
    }
    if (anchor == NULL && s->machine->dfa != NULL) {
        bool usable;
        status = next_by_dfa(s, &usable, found, span, err);
        if (status != HUNCH_OK || usable)
            return status;
    }
    status = hunch_machine_load(s->machine, &s->regex, false, err);
    if (status != HUNCH_OK)
        return status;
    hunch_vm_begin(vm, from, high, HUNCH_NOWHERE);
    vm->ranges = anchor != NULL;
    bool need_start = vm->ranges;
    for (;;) {
        if (need_start) {
            do {
                status = next_range(s, anchor, &run_at, &vm->start_low, &vm->start_high, err);
                if (status != HUNCH_OK)
                    return status;
            } while (vm->start_low != HUNCH_NOWHERE && vm->start_high < vm->at);
            if (vm->start_low != HUNCH_NOWHERE && vm->start_low < vm->at)
                vm->start_low = vm->at;
        }
        status = hunch_machine_resume(s->machine, s->source, &need_start, err);
        if (status != HUNCH_OK)
            return status;
        if (!need_start)
            break;
    }
    if (vm->match_end == HUNCH_NOWHERE)
        return HUNCH_OK;
    *found = true;
    span->start = vm->match_start;
    span->end = vm->match_end;
    s->work += vm->at - from;
    return HUNCH_OK;
}

/* The next match at or after s->limit; *found, *span. Chooses and leaves the ways. */
static hunch_status next_match(struct hunch_search *s, bool *found, struct hunch_span *span,
                               struct hunch_error *err)
{
    hunch_status status;
    if (!s->live.ready && !s->everywhere &&
        s->program->anchor[s->pattern->anchor].kind == HP_ANCHOR_LITERAL) {
        bool give_up = false;
        while (s->hit_next < s->hit_count && s->hits[s->hit_next].at < s->limit)
            s->hit_next++;
        status = next_by_hits(s, found, span, &give_up, err);
        if (status != HUNCH_OK || !give_up)
            return status;
        s->found = NULL;
        s->everywhere = true; /* first the single pass; that may have to give up too */
        s->work = 0;
    }
    if (!s->live.ready && wasteful(s, s->limit) && s->source->text.size != HUNCH_NOWHERE) {
        status = hunch_liveness_build(&s->live, s->machine->a, &s->regex, s->source, s->limit,
                                      s->source->text.size, SPILL_BYTES, err);
        if (status != HUNCH_OK)
            return status;
        s->live.every_start = (s->pattern->flags & HP_PATTERN_OVERLAP) != 0;
    }
    if (s->live.ready)
        return hunch_liveness_next(&s->live, s->source, s->limit, found, &span->start, &span->end,
                                   NULL, err);
    return next_by_pass(s, found, span, err);
}

hunch_status hunch_search_next(struct hunch_search *s, bool *found, struct hunch_span *span,
                               struct hunch_error *err)
{
    bool overlap = (s->pattern->flags & HP_PATTERN_OVERLAP) != 0;
    *found = false;
    while (!s->done) {
        hunch_status status = next_match(s, found, span, err);
        if (status != HUNCH_OK || !*found) {
            *found = false;
            s->done = true;
            return status;
        }
        uint64_t before = s->limit;
        bool touches = !overlap && span->start == span->end && span->start == s->last_end;
        s->limit = overlap ? span->start + 1 : touches ? span->end + 1 : span->end;
        /* What the pass read to get here is paid for. */
        s->work -= s->work < s->limit - before ? s->work : s->limit - before;
        if (s->limit > s->source->text.size)
            s->done = true;
        if (touches)
            continue;
        s->last_end = span->end;
        return HUNCH_OK;
    }
    *found = false;
    return HUNCH_OK;
}

hunch_status hunch_search_groups(struct hunch_search *s, struct hunch_span span, uint64_t *slots,
                                 struct hunch_error *err)
{
    const uint32_t groups = s->regex.info.group_count;
    if (s->found == NULL || (groups > 0 && !s->found->has_groups))
        return hunch_regex_groups(s->machine, &s->regex, s->source, span.start, span.end, slots,
                                  err);
    slots[0] = span.start;
    slots[1] = span.end;
    for (uint32_t i = 0; i < 2 * groups; i++) {
        const uint32_t place = s->found->captured.place[i];
        slots[2 + i] = place == UINT32_MAX ? HUNCH_NOWHERE : place;
    }
    return HUNCH_OK;
}
