/* unit_store.h: units, kept in the cache folder by what they were made from: bytes and names of
 * their files, what these include, what library functions do. What is kept is never trusted: a
 * damaged entry, or one of another version, is a miss, and the unit is built again. The form:
 * docs/GRAPH.md. */
#ifndef HUNCH_GRAPH_UNIT_STORE_H
#define HUNCH_GRAPH_UNIT_STORE_H

#include "graph/asked.h"

enum {
    HUNCH_UNIT_STORE_LEAST = 32 << 10 /* bytes of all sources: a smaller one is built as fast */
};

/* What the unit of `work` is kept under, beside what it includes. */
bool hunch_unit_key(const struct hunch_graph_work *work,
                    struct hunch_key *key); /* false: no memory */

/* Files are those of the work, in its order; NULL: it is not there. Then `asked` has what the
 * unit's files ask for. */
struct hunch_unit *hunch_unit_recall(const struct hunch_allocator *a,
                                     const struct hunch_graph_work *work,
                                     const struct hunch_key *key, struct hunch_asked *asked);
/* How many bytes are written, or would be: 0: none. */
size_t hunch_unit_keep(const struct hunch_unit *unit, const struct hunch_graph_work *work,
                       const struct hunch_key *key, const struct hunch_asked *asked);

/* unit_check.c: is all of it in its bounds, for files of these sizes? */
bool hunch_unit_is_sound(const struct hunch_unit *unit, const struct hunch_graph_input *file,
                         size_t count);

#endif
