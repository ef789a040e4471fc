/* store.h: graphs of files, kept in the cache folder by what they were made from: the bytes of the
 * file, and of all that it includes. What is kept is never trusted to fit: a file that includes
 * something else now, another version of the front end, a damaged entry are misses, and the file is
 * read again. */
#ifndef HUNCH_GRAPH_STORE_H
#define HUNCH_GRAPH_STORE_H

#include "graph/ir.h"

enum {
    HUNCH_GRAPH_STORE_LEAST = 4 << 10 /* bytes of a source: a smaller one is read as fast */
};

/* As hunch_graph_read, by way of the folder; NULL: without. *written: bytes of an entry, or 0. */
hunch_status hunch_graph_recall(const struct hunch_allocator *a, const char *folder,
                                enum hunch_graph_language language,
                                const struct hunch_graph_source *source,
                                struct hunch_graph_file **file, size_t *written,
                                struct hunch_error *err);

/* Was some of it given up since it took long? It may not another time, so it is not kept. */
bool hunch_graph_is_timed(const struct hunch_graph_file *file);

/* What was used longest ago goes, until there is room for what comes next. */
void hunch_graph_store_trim(const struct hunch_allocator *a, const char *folder);

#endif
