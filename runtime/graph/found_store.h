/* found_store.h: what rules found in a unit, kept in the cache folder: the same rules over the same
 * files, and all that these include, find it again without the unit. Distrusted as units are
 * (unit_store.h). */
#ifndef HUNCH_GRAPH_FOUND_STORE_H
#define HUNCH_GRAPH_FOUND_STORE_H

#include "graph/asked.h"

/* What is told on the way to work.found and work.gap, written down. */
struct hunch_told {
    HUNCH_VEC(uint8_t) bytes;
    bool failed; /* no memory: nothing is kept */
};

/* unit: what the unit is kept under. */
bool hunch_found_key(const struct hunch_graph_work *work, const struct hunch_key *unit,
                     struct hunch_key *key); /* false: no memory */

/* Passes it on to the work, and writes it down. */
hunch_status hunch_tell_found(const struct hunch_graph_work *work, struct hunch_told *told,
                              size_t rule, size_t file, struct hunch_extent span,
                              const uint8_t *witness, size_t witness_size, struct hunch_error *err);
hunch_status hunch_tell_gap(const struct hunch_graph_work *work, struct hunch_told *told,
                            size_t file, const char *function, uint32_t line, const char *reason,
                            struct hunch_error *err);

/* Tells all of it again, in its order; false: it is not there, nothing was told. */
bool hunch_found_recall(const struct hunch_graph_work *work, const struct hunch_key *key,
                        struct hunch_asked *asked, hunch_status *status, struct hunch_error *err);
/* Bytes, as hunch_unit_keep. */
size_t hunch_found_keep(const struct hunch_graph_work *work, const struct hunch_key *key,
                        const struct hunch_asked *asked, const struct hunch_told *told);

#endif
