/* evaluate.h: what rules find in one link unit: its files are read into graphs, the unit is built
 * and solved, and what was found goes to callbacks. graph_scan.c says which files and which rules.
 */
#ifndef HUNCH_GRAPH_EVALUATE_H
#define HUNCH_GRAPH_EVALUATE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "graph/program_rules.h"

enum { HUNCH_GRAPH_INPUT_MOST = 16 << 20 }; /* bytes of a file */

struct hunch_graph_input {
    const char *name; /* of the record */
    const uint8_t *bytes;
    size_t size;
};

struct hunch_graph_work {
    const struct hunch_allocator *a;
    const struct hunch_graph_plan *plan;
    uint32_t language; /* HP_LANGUAGE_* */
    const struct hunch_graph_input *file;
    size_t count;
    const uint32_t *rule; /* graph stages of the plan */
    size_t rule_count;
    unsigned threads;            /* that may read files at once, at least 1 */
    const char *cache;           /* folder for graphs, units, what was found; NULL: none */
    atomic_size_t *written;      /* bytes, of all units of a scan, to that folder */
    bool plain;                  /* as of hunch_unit_be_plain */
    struct hunch_device *device; /* that solves rules; NULL: none */
    uint64_t device_least;       /* as of hunch_unit_use_device */
    void *ctx;
    /* As struct hunch_graph_source has it, of ctx; from several threads. */
    const uint8_t *(*include)(void *ctx, const char *name, const char *from, size_t *size,
                              const char **found);
    bool (*stopped)(void *ctx); /* asked between files and rules; true: nothing more is found */
    /* rule: index in `rule`, file: in `file`; witness: witness.h. MEMORY ends the work. */
    hunch_status (*found)(void *ctx, size_t rule, size_t file, uint64_t start, uint64_t end,
                          const uint8_t *witness, size_t witness_size, struct hunch_error *err);
    /* Something of a file, or all of it, that was not evaluated. function: its name, or NULL. file
     * == count: nothing of the unit was. */
    hunch_status (*gap)(void *ctx, size_t file, const char *function, uint32_t line,
                        const char *reason, struct hunch_error *err);
    void (*device_failed)(void *ctx, const struct hunch_error *why); /* rules were solved without */
};

/* MEMORY; what is wrong with the sources is told by `gap`. */
hunch_status hunch_graph_evaluate(const struct hunch_graph_work *work, struct hunch_error *err);

#endif
