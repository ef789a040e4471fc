/* search.h: all matches of one pattern in one record, in order, from the places where its anchors
 * were seen. Matches do not overlap, and RE2's rule for empty ones holds; a pattern with
 * HP_PATTERN_OVERLAP has a match at every start. Exact whatever the anchors and guards say: they
 * only decide where to look. Linear: work is counted, and a search that wastes it goes on with one
 * pass over everything that is left (and, where even that wastes, with the reverse pass of
 * liveness.h). */
#ifndef HUNCH_SEARCH_H
#define HUNCH_SEARCH_H

#include "../kernels/slab.h"
#include "liveness.h"
#include "program.h"
#include "regex.h"

/* An occurrence of an anchor that its guard let pass. */
struct hunch_hit {
    uint64_t at;
    uint32_t anchor; /* index in the program */
    uint32_t known;  /* number of the match that it leads to, from 1; 0: nobody has looked */
};

/* The match that a search from position 0 on finds by a hit alone. */
struct hunch_known {
    uint64_t start, end;
    bool rejected;   /* stages behind the regex have dropped it, of every rule that searches so */
    bool has_groups; /* of the regex, all that it has: */
    struct hunch_captured captured;
};

/* No run of a class anchor begins in [from, begin); [begin, end) is one or a part of one, empty:
 * there is none before `next`, which is where the scan goes on (HUNCH_NOWHERE: nowhere). */
struct hunch_run {
    uint64_t from, begin, end, next;
};

struct hunch_search {
    const struct hunch_program *program;
    const struct hp_pattern *pattern;
    struct hunch_regex_view regex;
    struct hunch_source *source;
    struct hunch_machine *machine;
    const struct hunch_hit
        *hits; /* sorted by `at`; all that the record has, or NULL with everywhere */
    size_t hit_count, hit_next;
    const struct hunch_known *known; /* that hits speak of; NULL: none does */
    const struct hunch_known *found; /* the last match is this one; NULL: it was searched */
    uint64_t limit; /* where the last match ended: the next one starts here or later */
    uint64_t
        last_end; /* end of the last match, HUNCH_NOWHERE before the first; not used with OVERLAP */
    struct hunch_run run[4]; /* class anchors: what is known of the places where runs lie, the
                                oldest is replaced */
    uint32_t run_oldest;
    uint64_t furthest; /* largest distance of an anchor from the start of its match, but for endless
                          ones */
    uint32_t endless;  /* anchors without a largest distance */
    size_t gap_from, gap_to; /* of the hits gap_from .. gap_to - 1 none is of an endless anchor */
    uint64_t work;           /* bytes read and hits looked at, less what progress paid for */
    bool everywhere;         /* every position may start a match */
    bool done;
    struct hunch_liveness live; /* the reverse pass, once it is needed */
};

/* `hits` as above; everywhere: there are none to be had, or too many to be kept. */
void hunch_search_begin(struct hunch_search *s, const struct hunch_program *p, uint32_t pattern,
                        struct hunch_source *source, struct hunch_machine *machine,
                        const struct hunch_hit *hits, size_t hit_count, bool everywhere);

/* The next match: *found, *span. HUNCH_ERROR_CANCELLED, _IO, _MEMORY, _LIMIT (the spill is full):
 * what came before stands. */
hunch_status hunch_search_next(struct hunch_search *s, bool *found, struct hunch_span *span,
                               struct hunch_error *err);

/* The groups of a match that hunch_search_next gave; slots as for hunch_regex_groups. */
hunch_status hunch_search_groups(struct hunch_search *s, struct hunch_span span, uint64_t *slots,
                                 struct hunch_error *err);

void hunch_search_end(struct hunch_search *s);

/* The bytes before the anchor in the text: the leftmost start >= limit from which the anchor's
 * prefix reaches exactly to `at`, or HUNCH_NOWHERE. */
hunch_status hunch_search_leftmost(struct hunch_search *s, const struct hp_anchor *anchor,
                                   uint64_t at, uint64_t limit, uint64_t *start,
                                   struct hunch_error *err);

#endif
