/* result.h: results on their way from the workers to the caller: flat blocks of bytes, one a
 * record, that the ordered output can hold, spill and pass on; and the report that keeps them when
 * no callback wants them. */
#ifndef HUNCH_RESULT_H
#define HUNCH_RESULT_H

#include "worker.h"

typedef HUNCH_VEC(uint8_t) hunch_bytes;

/* Appends what a worker found in its record (hunch_worker_lines has run), then what it lost:
 * entries from *next on (0 at first) until `out` has `most` bytes; *more: call again. Each call
 * appends a block that can be read alone, or nothing: where there is nothing to append, and on
 * failure. `matches`, `lost`: counted up. */
hunch_status hunch_result_write(struct hunch_worker *w, size_t *next, size_t most, bool *more,
                                hunch_bytes *out, uint64_t *matches, uint64_t *lost,
                                struct hunch_error *err);

/* Appends one entry about a record that was not scanned (name NULL: about the scan). */
hunch_status hunch_result_write_lost(const struct hunch_allocator *a, hunch_bytes *out,
                                     const char *name, size_t name_length, uint32_t rule,
                                     enum hunch_reason reason, const char *detail,
                                     struct hunch_error *err);

/* Who reads blocks. Either callback may be NULL. */
struct hunch_result_sink {
    void (*match)(void *ctx, const struct hunch_match *match);
    void (*incomplete)(void *ctx, const struct hunch_incomplete *incomplete);
    void *ctx;
};

/* Reads whole blocks. */
void hunch_result_read(const uint8_t *bytes, size_t size, const struct hunch_result_sink *sink);

/* ---- report ---- */

struct hunch_report {
    const struct hunch_allocator *a;
    hunch_bytes kept; /* entries, each with its record's name */
    HUNCH_VEC(size_t)
    match; /* where in `kept` each match begins; result.c says how it lies there */
    HUNCH_VEC(size_t) lost;
    struct hunch_stats stats;
    HUNCH_VEC(struct hunch_rule_profile) profile;
    HUNCH_VEC(struct hunch_diagnostic) diagnostic; /* strings owned */
    HUNCH_VEC(struct hunch_decision) decision;
    size_t host_decisions; /* which come first, */
    const char *host;      /* and the backend that made them */
    hunch_bytes known[HP_GROUP_COUNT], known_on_device[HP_GROUP_COUNT]; /* before the scan */
};

struct hunch_report *hunch_report_new(const struct hunch_allocator *a);
/* Keeps the matches, the incomplete entries, or both, of whole blocks. */
hunch_status hunch_report_keep(struct hunch_report *report, const uint8_t *bytes, size_t size,
                               bool matches, bool lost, struct hunch_error *err);
/* Copies all strings; NULL ones become "". */
hunch_status hunch_report_add_diagnostic(struct hunch_report *report,
                                         const struct hunch_diagnostic *d, struct hunch_error *err);

#endif
