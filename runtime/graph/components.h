/* components.h: strongly connected components of a graph of functions, callees first. */
#ifndef HUNCH_GRAPH_COMPONENTS_H
#define HUNCH_GRAPH_COMPONENTS_H

#include "alloc.h"

/* Node n points to edge[first[n] .. first[n + 1]). order: all nodes, those that are pointed to
 * first; group[n]: of its component, which stand together in order. false: no memory. The same
 * graph gives the same order. */
bool hunch_components(const struct hunch_allocator *a, uint32_t count, const uint32_t *first,
                      const uint32_t *edge, uint32_t *order, uint32_t *group);

#endif
