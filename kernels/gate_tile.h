/* gate_tile.h: does a rule's prefilter hold? A tree of all / any / none / at_least over which
 * patterns occur.
 *
 * Worked example: any { "a", all { "b", "c" } } is ANY(2) PATTERN(a) ALL(2) PATTERN(b) PATTERN(c).
 */
#ifndef HUNCH_GATE_TILE_H
#define HUNCH_GATE_TILE_H

#include "layout.h"

/* One list whose children are being read. */
struct hunch_gate_level {
    uint32_t op;
    uint32_t left; /* children still to come */
    uint32_t all;  /* children */
    uint32_t held; /* of these, how many hold */
    uint32_t need; /* AT_LEAST */
};

HUNCH_TILE int hunch_gate_level_holds(const struct hunch_gate_level *l)
{
    switch (l->op) {
    case HP_GATE_ALL: return l->held == l->all;
    case HP_GATE_ANY: return l->held > 0;
    case HP_GATE_NONE: return l->held == 0;
    default: return l->held >= l->need;
    }
}

/* Which patterns occur in a record: one byte a pattern, not 0 where it does, or, where `bytes` is
 * null, bit first + pattern of `bits`. */
struct hunch_presence {
    const uint8_t *bytes;
    const uint32_t *bits;
    uint64_t first;
};

HUNCH_TILE int hunch_presence_of(const struct hunch_presence *seen, uint32_t pattern)
{
    if (seen->bytes)
        return seen->bytes[pattern] != 0;
    const uint64_t bit = seen->first + pattern;
    return (int)(seen->bits[bit >> 5] >> (bit & 31u)) & 1;
}

HUNCH_TILE_CALLED int hunch_gate_tile(const uint32_t *words, uint32_t count,
                                      struct hunch_presence seen)
{
    struct hunch_gate_level level[HP_MAX_GATE_DEPTH + 1];
    uint32_t depth = 0;
    int holds = 1;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t op = words[i] & 0xff, n = words[i] >> 8;
        if (op != HP_GATE_PATTERN) {
            struct hunch_gate_level *l = &level[depth++];
            l->op = op;
            l->left = l->all = n;
            l->held = 0;
            l->need = op == HP_GATE_AT_LEAST ? words[++i] : 0;
            if (n > 0)
                continue;
            holds = hunch_gate_level_holds(&level[--depth]);
        } else {
            holds = hunch_presence_of(&seen, n);
        }
        while (depth > 0) { /* one child is known; that may end its list, and that the next */
            struct hunch_gate_level *l = &level[depth - 1];
            l->held += (uint32_t)holds;
            if (--l->left > 0)
                break;
            holds = hunch_gate_level_holds(l);
            depth--;
        }
    }
    return holds;
}

#endif
