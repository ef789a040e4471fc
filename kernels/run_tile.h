/* run_tile.h: whether a class anchor occurs at all: some bytes of one class beside each other,
 * without which no match of its pattern can be. A run of n bytes covers a place that is a multiple
 * of n, so one byte in n is looked at, and those around it where it is of the class.
 *
 * Worked example: 4 digits in "ab12 3456". Looked at are "a", " " and the "6" at 8: it is a digit,
 * and 3 before it are: there is a run. */
#ifndef HUNCH_RUN_TILE_H
#define HUNCH_RUN_TILE_H

#include "regex_tile.h"

/* Does a run of n bytes of the class cover the place? size: of the record. */
HUNCH_TILE int hunch_run_tile(const uint8_t *bits, uint32_t n, const uint8_t *bytes, uint64_t size,
                              uint64_t place)
{
    uint64_t first = place, end = place;
    if (place >= size || !hunch_class_has(bits, bytes[place]))
        return 0;
    while (end < size && end - first < n && hunch_class_has(bits, bytes[end]))
        end++;
    while (first > 0 && end - first < n && hunch_class_has(bits, bytes[first - 1]))
        first--;
    return end - first >= n;
}

#endif
