/* hit_tile.h: what an occurrence of a literal means to a pattern that uses it.
 *
 * Worked example: the literal "AKIA" is the anchor of a regex AKIA[A-Z]{16}. In "x AKIA- y" it
 * occurs, and the guard, which begins behind it, sees "-" and says no: nothing. In "AKIAQ3EG..." it
 * says yes: a hit, from which a search for the regex starts. */
#ifndef HUNCH_HIT_TILE_H
#define HUNCH_HIT_TILE_H

#include "layout.h"
#include "literal_tile.h"

/* One user of a literal, with all that a hit looks at in one place. Parallel to the LITERAL_USER
 * section. */
struct hunch_literal_use {
    uint32_t pattern;
    uint32_t anchor;
    uint32_t min_before;
    uint32_t guard;        /* index, HP_NONE: none */
    uint32_t guard_offset; /* where it begins, from the literal's start */
    uint16_t kind;         /* HP_PATTERN_* */
    uint16_t flags;
};

/* May the pattern match around the literal of `length` bytes at `start`? `bytes`: the record, or so
 * much of it as guards and word checks look at; `at`: where the literal stands in the record. */
HUNCH_TILE int hunch_hit_tile(const struct hunch_literal_use *use, uint32_t length,
                              const struct hp_guard *guards, const uint32_t *word,
                              const uint8_t *blob, const uint8_t *bytes, uint64_t n, uint64_t start,
                              uint64_t at)
{
    if (use->kind == HP_PATTERN_LITERAL)
        return !(use->flags & HP_PATTERN_WORD) ||
               !hunch_word_beside(bytes, n, start, start + length, use->flags & HP_PATTERN_WIDE);
    if (at < use->min_before)
        return 0;
    return use->guard == HP_NONE || hunch_guard_tile(&guards[use->guard], word, blob,
                                                     bytes + start + use->guard_offset, bytes + n);
}

#endif
