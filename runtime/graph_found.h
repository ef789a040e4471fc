/* graph_found.h: what graph rules found in one record before it is scanned, as the worker takes it;
 * graph_scan.c makes it. */
#ifndef HUNCH_GRAPH_FOUND_H
#define HUNCH_GRAPH_FOUND_H

#include <stddef.h>
#include <stdint.h>

struct hunch_graph_found {
    uint32_t rule; /* of the program */
    uint64_t start, end;
    const uint8_t *witness; /* witness.h */
    size_t witness_size;
};

/* Sorted by rule, start, end. Immutable while records are scanned. */
struct hunch_graph_record {
    const struct hunch_graph_found *found;
    size_t count;
    const char *lost; /* what of it was not evaluated, a sentence; NULL: nothing */
};

#endif
