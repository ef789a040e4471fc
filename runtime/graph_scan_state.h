/* graph_scan_state.h: what graph_scan.c and graph_build.c share. */
#ifndef HUNCH_GRAPH_SCAN_STATE_H
#define HUNCH_GRAPH_SCAN_STATE_H

#include "graph/evaluate.h"
#include "graph_files.h"
#include "graph_scan.h"

/* One finding, before they are sorted by member. */
struct hunch_graph_finding_of {
    size_t member;
    uint32_t rule; /* of the program */
    uint64_t start, end;
    size_t witness, witness_size; /* piece of `witness` */
};

/* One member includes another. */
struct hunch_graph_include {
    size_t from, to;
};

struct hunch_graph_scan {
    struct hunch_scan *scan;
    const struct hunch_allocator *a;
    struct hunch_graph_plan *plan;
    HUNCH_VEC(uint32_t) rule;    /* graph rules that are decided, of the program */
    HUNCH_VEC(uint32_t) pattern; /* that their gates ask for, each once */
    size_t words;                /* of a row of bits, one a pattern */
    uint64_t *seen;              /* a row for each member: what occurs in it */
    HUNCH_VEC(struct hunch_graph_include) include; /* sorted by `from` when all are there */
    uint8_t *holds;                                /* a row of rules for each unit */
    struct hunch_graph_files files;
    pthread_mutex_t lock; /* of what follows, while threads run */
    HUNCH_VEC(struct hunch_graph_finding_of) finding;
    HUNCH_VEC(uint8_t) witness;
    HUNCH_VEC(struct hunch_graph_found) found;
    char note[256];
    struct hunch_error failure;
    pthread_cond_t done;
    unsigned running;
    atomic_size_t next, written; /* written: bytes, to the cache folder */
    unsigned inner;              /* threads that a unit may use that is one of many */
};

/* The first failure ends the work of all threads. */
void hunch_graph_fail(struct hunch_graph_scan *g, const struct hunch_error *err);
bool hunch_graph_over(struct hunch_graph_scan *g); /* failed, or the scan was stopped */

/* The index of the rule's graph stage in GRAPH. */
uint32_t hunch_graph_stage_of(const struct hunch_program *p, uint32_t rule);

/* All bytes of a member, in `buffer` where it is a file; or NULL with *why: what is wrong with it,
 * "" where the scan of the records tells. */
const uint8_t *hunch_graph_read_member(struct hunch_graph_scan *g,
                                       const struct hunch_graph_member *m,
                                       struct hunch_buffer *buffer, size_t *size, const char **why,
                                       struct hunch_error *err);

/* One more sentence of what of a member was not evaluated. */
hunch_status hunch_graph_lose(struct hunch_graph_scan *g, struct hunch_graph_member *m,
                              const char *text, struct hunch_error *err);

/* Graphs, findings and gaps of unit `item`, for the rules that hold over it. */
void hunch_graph_build(struct hunch_graph_scan *g, size_t item, void *own);

#endif
