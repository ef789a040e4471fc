/* worker.h: everything one thread needs to decide one record after the other.
 *
 * For each record: begin; the bytes in slices, whose literal occurrences become hits of patterns;
 * decide, which evaluates the gates and the stages of the rules that may match. Then `match` and
 * `lost` hold the record's results in canonical order until the next begin. Nothing here knows
 * where bytes come from or results go. */
#ifndef HUNCH_WORKER_H
#define HUNCH_WORKER_H

#include <stdio.h>

#include "dfa.h"
#include "graph_found.h"
#include "matcher.h"
#include "plan.h"
#include "search.h"
#include "speculator.h"

struct hunch_host_set; /* host.h */

/* Why something was not evaluated. Names: hunch_reason_name. */
enum hunch_reason {
    HUNCH_REASON_DEADLINE,
    HUNCH_REASON_CANCELLED,
    HUNCH_REASON_UNREADABLE,
    HUNCH_REASON_MAX_MATCHES,
    HUNCH_REASON_TOO_LARGE,
    HUNCH_REASON_WINDOW,
    HUNCH_REASON_SPILL,
    HUNCH_REASON_MEMORY,
    HUNCH_REASON_HOST_ERROR,
    HUNCH_REASON_NOT_A_FILE,
    HUNCH_REASON_UNDECIDED,
    HUNCH_REASON_GRAPH,
    HUNCH_REASON_COUNT
};
const char *hunch_reason_name(enum hunch_reason reason);

struct hunch_found {
    uint32_t rule;
    uint32_t order;      /* as found, to keep equal spans in order */
    uint64_t start, end; /* reported span */
    size_t slot;         /* its groups: worker->slot.items[slot ...], pairs from group 1 */
    uint32_t group_count;
    uint32_t change; /* 1 + index in worker->change of what a host stage changed, 0: nothing */
    uint64_t line, column; /* filled in by hunch_worker_lines */
    size_t witness;        /* 1 + index in worker->graph->found, 0: it has none */
};

/* What was not evaluated in this record. */
struct hunch_lost {
    uint32_t rule; /* HP_NONE: the record as a whole */
    enum hunch_reason reason;
    char detail[256];
};

/* What a host stage changed of a match, JSON and text as it gave them; empty: unchanged. */
struct hunch_change {
    struct hp_text severity, title, meta; /* pieces of worker->change_text */
};

struct hunch_rule_cost {
    uint64_t nanoseconds, candidates, matches;
};

struct hunch_worker_options {
    uint64_t max_matches; /* per rule and record */
    size_t hits_most;     /* of one record, all patterns together */
    size_t spans_most;    /* of one record, all patterns together */
    size_t matches_most;  /* bytes of one record's, after which they are passed on */
    bool profile;         /* measure each rule */
    bool prefilter_only;  /* no confirmers */
};

/* Spans of a rule's matches or of a pattern (the other is HP_NONE), in worker->near_span. */
struct hunch_near_list {
    uint32_t rule, pattern;
    size_t from, count;
};

typedef HUNCH_VEC(struct hunch_hit) hunch_hits;
typedef HUNCH_VEC(struct hunch_span) hunch_spans;

struct hunch_worker {
    const struct hunch_allocator *a;
    const struct hunch_program *program;
    const struct hunch_plan *plan;
    struct hunch_worker_options options;
    struct hunch_machine machine;
    struct hunch_dfa_set dfa;
    struct hunch_host_set *host; /* host stages, made when the first is met */

    /* the record */
    const char *name;
    size_t name_length;
    struct hunch_source *source;
    const struct hunch_graph_record *graph; /* what graph rules found in it; NULL: nothing. Set
                                               by hunch_worker_graph */
    size_t finding; /* 1 + index of the one that goes through its rule's stages */

    /* patterns of this record */
    uint8_t *seen;    /* literal patterns: occurs */
    uint16_t *state;  /* HUNCH_PATTERN_* bits */
    hunch_hits *hits; /* where anchors were seen (literal patterns: occurrences) */
    HUNCH_VEC(struct hunch_known) known; /* matches that hits speak of */
    hunch_spans *spans;                  /* all occurrences, once they were asked for */
    uint32_t *touched;                   /* patterns with any of the above, to be put back */
    uint32_t touched_count;
    size_t hit_total, span_total;
    uint32_t *guarded; /* how often a guard of the pattern was asked */

    /* rules of this record */
    uint8_t *candidate; /* is in `queue` */
    uint32_t *queue;
    uint32_t queue_count;
    bool collected;                /* all that there are */
    uint8_t *truth;                /* decided, and true */
    uint8_t *verdict;              /* of the rule's gate: HUNCH_GATE_* */
    uint8_t route[HP_GROUP_COUNT]; /* how groups run, enum hunch_route; chained at first. Stays */
    uint32_t *listed;              /* patterns whose occurrences were listed, in that order */
    uint32_t listed_count;

    /* the slice whose literals are being emitted */
    const uint8_t *slice;
    size_t slice_size;
    uint64_t slices_before; /* bytes of this record in earlier slices of this worker */
    uint64_t slice_base, slice_low,
        slice_high; /* occurrences that start in [low, high) of the record count */

    /* results */
    /* Takes the matches there are, in canonical order and before all that come, when they are more
     * than options.matches_most; on failure it leaves those that it has not taken. NULL: they stay
     * until the record is decided. */
    hunch_status (*pass_on)(struct hunch_worker *w, struct hunch_error *err);
    void *pass_ctx;
    uint64_t reported; /* matches of the record, those that were passed on too */
    HUNCH_VEC(struct hunch_found) match;
    HUNCH_VEC(uint64_t) slot;
    HUNCH_VEC(struct hunch_lost) lost;
    HUNCH_VEC(struct hunch_change) change;
    HUNCH_VEC(char) change_text;
    const struct hp_stage
        *condition; /* the last condition that was evaluated for this record, and what it said */
    bool condition_holds;
    uint32_t groups_committed;  /* bit g: the gate of a rule of cost class g held */
    uint32_t groups_speculated; /* a rule of it was confirmed before its gate was known */

    HUNCH_VEC(struct hunch_near_list) near_list; /* what near stages asked about: near.c */
    hunch_spans near_span;
    HUNCH_VEC(uint8_t) buffer; /* bytes of a span that no window holds whole */
    uint64_t *candidate_slots;
    uint64_t line_at, line, line_start; /* of the place that hunch_worker_line was asked for last */
    struct hunch_rule_cost *cost;       /* per rule, summed over records */
    uint64_t hit_count;                 /* literal occurrences, summed over records */
    /* Who measures sets these to 0, and `lap` before rules are decided. */
    uint64_t lap;
    uint64_t confirm_ns[HP_GROUP_COUNT]; /* in gates and stages */
    uint64_t held[HP_GROUP_COUNT];       /* gates that held */
};

enum { HUNCH_GATE_UNKNOWN, HUNCH_GATE_HOLDS, HUNCH_GATE_FAILS };

enum {
    HUNCH_PATTERN_TOUCHED = 1,
    HUNCH_PATTERN_OVERFLOW = 2, /* more hits than are kept: it is searched everywhere */
    HUNCH_PATTERN_UNSORTED = 4,
    HUNCH_PATTERN_LISTED = 8, /* spans holds all occurrences, or with FULL the first of them */
    HUNCH_PATTERN_YES = 16,   /* known to occur */
    HUNCH_PATTERN_NO = 32,
    HUNCH_PATH_YES = 64, /* as a path pattern: found in the record's name */
    HUNCH_PATH_NO = 128,
    HUNCH_PATTERN_FULL = 256
};

hunch_status hunch_worker_new(const struct hunch_plan *plan,
                              const struct hunch_worker_options *options, struct hunch_worker **out,
                              struct hunch_error *err);
void hunch_worker_free(struct hunch_worker *w);

/* `source` and `name` must stay until the record's results were taken. */
void hunch_worker_begin(struct hunch_worker *w, const char *name, size_t name_length,
                        struct hunch_source *source);

/* What graph rules found in the record that was begun, and what they lost; NULL: nothing. */
hunch_status hunch_worker_graph(struct hunch_worker *w, const struct hunch_graph_record *graph,
                                struct hunch_error *err);

/* Literals of one slice: bytes[0] lies at `base` of the record; occurrences that start in [low,
 * high) are this slice's. */
hunch_status hunch_worker_slice(struct hunch_worker *w, const struct hunch_matcher_kind *kind,
                                struct hunch_matcher *matcher, void *scratch, const uint8_t *bytes,
                                size_t n, uint64_t base, uint64_t low, uint64_t high,
                                struct hunch_error *err);

/* Something other than hunch_worker_slice has found the literal of this use at `at`, and
 * hunch_hit_tile has let it pass. known: the match that it leads to, NULL: nobody has looked. */
void hunch_worker_hit(struct hunch_worker *w, const struct hunch_literal_use *use, uint64_t at,
                      const struct hunch_known *known);

/* Something else knows that no match of the regex is in the record. */
void hunch_worker_absent(struct hunch_worker *w, uint32_t pattern);

/* Takes over the hits of another worker that saw other slices of the same record. */
void hunch_worker_merge(struct hunch_worker *w, const struct hunch_worker *from);

/* May one of the plan's rules that ask for the name first report something of a record that is
 * called so? No record needs to be begun. */
bool hunch_worker_named(struct hunch_worker *w, const char *name, size_t length);

/* How many rules can match, now that all slices were seen: w->queue. */
uint32_t hunch_worker_candidates(struct hunch_worker *w);

/* Asks the gates of the candidates whose groups are serial; others decide about theirs later.
 * CANCELLED, IO, MEMORY. */
hunch_status hunch_worker_gates(struct hunch_worker *w, struct hunch_error *err);

/* Evaluates the record. HUNCH_ERROR_CANCELLED or a failure that ends the scan; what concerns one
 * rule goes to `lost`. */
hunch_status hunch_worker_decide(struct hunch_worker *w, struct hunch_error *err);

/* Line and column of every match. */
hunch_status hunch_worker_lines(struct hunch_worker *w, struct hunch_error *err);

/* ---- for patterns.c, stage.c and host.c ---- */

/* Line and column, from 1, of a place in the record. Cheap where places are asked for in order. */
hunch_status hunch_worker_line(struct hunch_worker *w, uint64_t at, uint64_t *line,
                               uint64_t *column, struct hunch_error *err);

/* Something is known of the pattern in this record: the next begin forgets it. */
static inline void hunch_worker_touch(struct hunch_worker *w, uint32_t pattern)
{
    if (w->state[pattern] & HUNCH_PATTERN_TOUCHED)
        return;
    w->state[pattern] |= HUNCH_PATTERN_TOUCHED;
    w->touched[w->touched_count++] = pattern;
}

/* Notes what was lost. */
hunch_status hunch_worker_lose(struct hunch_worker *w, uint32_t rule, enum hunch_reason reason,
                               const char *detail, struct hunch_error *err);

/* Bytes [start, end) of the record in one piece, valid until the next call; *bytes NULL and
 * HUNCH_OK: too long to be held. */
hunch_status hunch_worker_bytes(struct hunch_worker *w, uint64_t start, uint64_t end,
                                const uint8_t **bytes, struct hunch_error *err);

/* The occurrences of a pattern in the record, in order of start. Those that start before *known are
 * all there: HUNCH_NOWHERE, unless they are too many to be held. */
hunch_status hunch_worker_spans(struct hunch_worker *w, uint32_t pattern, const hunch_spans **spans,
                                uint64_t *known, struct hunch_error *err);

/* Forgets the occurrences of all patterns that were listed behind the first `from`. */
void hunch_worker_unlist(struct hunch_worker *w, uint32_t from);

/* Has a match of the rule, which was decided before, a byte in [low, high], or touches it? */
hunch_status hunch_worker_near_rule(struct hunch_worker *w, uint32_t rule, uint64_t low,
                                    uint64_t high, bool *near, struct hunch_error *err);

/* The same of an occurrence of the pattern; *known as for hunch_worker_spans. */
hunch_status hunch_worker_near_pattern(struct hunch_worker *w, uint32_t pattern, uint64_t low,
                                       uint64_t high, bool *near, uint64_t *known,
                                       struct hunch_error *err);

/* Does the pattern occur? */
hunch_status hunch_worker_occurs(struct hunch_worker *w, uint32_t pattern, bool *occurs,
                                 struct hunch_error *err);

/* Is the regex pattern found in these bytes, as a text of their own? */
hunch_status hunch_worker_found_in(struct hunch_worker *w, uint32_t pattern, const void *bytes,
                                   size_t n, bool *found, struct hunch_error *err);

/* The same in a record's name. */
hunch_status hunch_worker_found_in_name(struct hunch_worker *w, uint32_t pattern, const char *name,
                                        size_t length, bool *found, struct hunch_error *err);

/* Begins a search for all matches of a regex pattern in the record; end with hunch_search_end. */
void hunch_worker_search(struct hunch_worker *w, uint32_t pattern, struct hunch_search *search);

/* One stage over one candidate: *keep. */
hunch_status hunch_stage_run(struct hunch_worker *w, uint32_t rule, const struct hp_stage *stage,
                             struct hunch_candidate *c, bool *keep, struct hunch_error *err);

#endif
