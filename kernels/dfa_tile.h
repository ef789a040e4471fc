/* dfa_tile.h: regexes as tables of DFAs, as far as texts have called for their states: what a
 * search from a known start costs is then one look-up a byte. Whole DFAs would not fit anywhere,
 * but a few hundred states are all that most texts ever meet. The host makes them
 * (runtime/device_learn.c) from places at which a search met a state that nobody knew. Exact: what
 * is not in the table is said to be unknown.
 *
 * Worked example: a+b, learned from "aab". In "aaab" the search goes from the entry over "a" to the
 * state that waits for more, stays there, and ends behind "b": 1, the end is 4. In "ac" it is in a
 * state whose column of "c" nobody has called for: UNKNOWN. */
#ifndef HUNCH_DFA_TILE_H
#define HUNCH_DFA_TILE_H

#include "follow_tile.h"

/* What is known of one regex; numbers are places in an array of 4-byte words. */
struct hunch_learned {
    uint32_t columns; /* kinds of bytes; number `columns`: the record ends. 0: nothing is known yet,
                       * HUNCH_DFA_HOPELESS: and nothing ever will be */
    uint32_t column;  /* 256 bytes: the column of each byte */
    uint32_t start[HUNCH_BESIDE_COUNT]; /* rows in which a search begins, by the byte before */
};
/* A row has a word for each column: the row behind the byte (0: no match can come any more), and
 * whether a match ends before the byte. */
#define HUNCH_DFA_MATCHED 0x80000000u
#define HUNCH_DFA_ROW 0x7fffffffu
#define HUNCH_DFA_NEW HUNCH_DFA_ROW /* a row that nobody knows */
#define HUNCH_DFA_HOPELESS 0xffffffffu

enum hunch_dfa_answer {
    HUNCH_DFA_NONE,
    HUNCH_DFA_FOUND,
    HUNCH_DFA_UNKNOWN, /* a state is missing */
    HUNCH_DFA_CUT      /* the window ends */
};

/* The leftmost-first match that begins at `at`: *end. *read: the bytes before here were read. */
HUNCH_TILE enum hunch_dfa_answer hunch_dfa_tile(const struct hunch_learned *known,
                                                const uint32_t *word, const struct hunch_text *text,
                                                uint64_t at, uint64_t *end, uint64_t *read)
{
    const uint8_t *column = (const uint8_t *)(const void *)(word + known->column);
    const uint8_t *bytes = text->bytes;
    const uint32_t columns = known->columns;
    const uint64_t base = text->base;
    uint64_t matched = HUNCH_NOWHERE;
    *read = at;
    if (columns == 0 || columns == HUNCH_DFA_HOPELESS)
        return HUNCH_DFA_UNKNOWN;
    if (at > text->size || at < base || (at > 0 && at == base))
        return HUNCH_DFA_CUT;
    uint32_t row = known->start[hunch_beside(at == 0 ? 256u : bytes[at - 1 - base])];
    while (row != 0) {
        const int ends = at >= text->size;
        if (row == HUNCH_DFA_NEW)
            return HUNCH_DFA_UNKNOWN;
        if (!ends && at >= text->end)
            return HUNCH_DFA_CUT;
        const uint32_t entry = word[row + (ends ? columns : column[bytes[at - base]])];
        if (entry & HUNCH_DFA_MATCHED)
            matched = at;
        row = entry & HUNCH_DFA_ROW;
        if (ends && row != HUNCH_DFA_NEW)
            break;
        at += !ends;
        *read = at;
    }
    *end = matched;
    return matched == HUNCH_NOWHERE ? HUNCH_DFA_NONE : HUNCH_DFA_FOUND;
}

#endif
