/* components.c: Tarjan's algorithm with a stack of its own. */
#include "graph/components.h"

enum { UNSEEN = 0 };

bool hunch_components(const struct hunch_allocator *a, uint32_t count, const uint32_t *first,
                      const uint32_t *edge, uint32_t *order, uint32_t *group)
{
    /* seen: when a node was met, from 1; low: the first met that it gets to; next: its next edge.
     */
    uint32_t *seen = hunch_alloc_array(a, (size_t)count * 5, sizeof *seen);
    uint32_t *low = seen + count, *next = low + count, *way = next + count, *open = way + count;
    uint32_t met = 0, done = 0, groups = 0, opened = 0;
    if (seen == NULL)
        return false;
    for (uint32_t n = 0; n < count; n++) {
        seen[n] = UNSEEN;
        group[n] = UINT32_MAX; /* open, or not met */
    }
    for (uint32_t root = 0; root < count; root++) {
        uint32_t depth = 0;
        if (seen[root] != UNSEEN)
            continue;
        way[depth++] = root;
        while (depth > 0) {
            const uint32_t n = way[depth - 1];
            if (seen[n] == UNSEEN) {
                seen[n] = low[n] = ++met;
                next[n] = first[n];
                open[opened++] = n;
            }
            if (next[n] < first[n + 1]) {
                const uint32_t to = edge[next[n]];
                if (seen[to] == UNSEEN) {
                    way[depth++] = to; /* this edge is looked at again behind it */
                    continue;
                }
                if (group[to] == UINT32_MAX && low[to] < low[n])
                    low[n] = low[to];
                next[n]++;
                continue;
            }
            depth--;
            if (low[n] == seen[n]) {
                uint32_t member;
                do {
                    member = open[--opened];
                    group[member] = groups;
                    order[done++] = member;
                } while (member != n);
                groups++;
            }
        }
    }
    hunch_free_array(a, seen, (size_t)count * 5, sizeof *seen);
    return true;
}
