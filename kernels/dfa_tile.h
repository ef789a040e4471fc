/* dfa_tile.h: regexes as tables of DFAs, as far as texts have called for their states: what a
 * search from a known start costs is then one look-up a byte. Whole DFAs would not fit anywhere,
 * but a few hundred states are all that most texts ever meet. The host makes them
 * (runtime/device_learn.c) from places at which a search met a state that nobody knew. Exact: what
 * is not in the table is said to be unknown.
 *
 * Worked example: a+b, learned from "aab". In "aaab" the search goes from the entry over "a" to the
 * state that waits for more, stays there, and ends behind "b": 1, the end is 4. In "ac" it is in a
 * state whose column of "c" nobody has called for: UNKNOWN.
 *
 * A state is a list of the regex machine's threads, and for each transition it is noted from which
 * thread of the list before each thread of the list behind comes, and which slots it saved on its
 * way. So who knows the transitions that a match took goes back from the thread that matched, and
 * the first save of a slot that he meets is where it stands: its last one. In (a+)b on "aab" the
 * match's thread came from the one behind "b", this one saved slot 3 before "b", at 2, and came
 * from the one behind the second "a", that one from the one behind the first, and this one saved
 * slot 2 at 0: group 1 is [0, 2). */
#ifndef HUNCH_DFA_TILE_H
#define HUNCH_DFA_TILE_H

#include "follow_tile.h"

/* What is known of one regex; numbers are places in an array of 4-byte words. */
struct hunch_learned {
    uint32_t columns; /* kinds of bytes; number `columns`: the record ends. 0: nothing is known yet,
                       * HUNCH_DFA_HOPELESS: and nothing ever will be */
    uint32_t column;  /* 256 bytes: the column of each byte */
    uint32_t start[HUNCH_BESIDE_COUNT]; /* rows in which a search begins, by the byte before */
    uint32_t origins; /* added to the place of a transition: that of its origins; 0: none are noted
                       */
};
/* A row has a word for each column: the row behind the byte (0: no match can come any more), and
 * whether a match ends before the byte. */
#define HUNCH_DFA_MATCHED 0x80000000u
#define HUNCH_DFA_ROW 0x7fffffffu
#define HUNCH_DFA_NEW HUNCH_DFA_ROW /* a row that nobody knows */
#define HUNCH_DFA_HOPELESS 0xffffffffu
/* The origins of a transition are as many 2-byte numbers, from the one on that the word says (0:
 * they are not noted): that of the match before the byte, if there is one, then one for each thread
 * behind the byte, in order. An origin is the number of the thread before the byte, and below it a
 * bit for each of slots 2, 3, ... that is saved. */
#define HUNCH_DFA_GROUPS 3 /* most groups for which they are noted, */
#define HUNCH_DFA_SLOTS 6
#define HUNCH_DFA_THREADS 1024 /* and most threads */

enum hunch_dfa_answer {
    HUNCH_DFA_NONE,
    HUNCH_DFA_FOUND,
    HUNCH_DFA_UNKNOWN, /* a state is missing */
    HUNCH_DFA_CUT      /* the window ends */
};

/* The transitions that a search takes, one a byte. Stretches of so many bytes as there is room for
 * are taken again, from where they begin, when somebody goes back over them. */
struct hunch_dfa_path {
    uint32_t *place; /* of the transitions of one stretch: room for `room` */
    uint32_t *row;   /* with which stretches begin: room for `stretches` */
    uint32_t room, stretches;
    uint32_t stretch; /* the one whose transitions are there */
};

/* A path in so many words of memory; in none it is not kept. */
HUNCH_TILE struct hunch_dfa_path hunch_dfa_path_in(uint32_t *memory, uint32_t words)
{
    const uint32_t stretches = words / 8;
    const struct hunch_dfa_path path = {memory + stretches, memory, words - stretches, stretches,
                                        0};
    return path;
}

/* 256: the window ends. */
HUNCH_TILE uint32_t hunch_dfa_byte(const struct hunch_text text, uint64_t at)
{
    return at < text.end ? text.bytes[at - text.base] : 256;
}

/* The leftmost-first match that begins at `at`: *end. *read: the bytes before here were read.
 * *path: the way there, of which the caller has said where it is kept. */
HUNCH_TILE enum hunch_dfa_answer hunch_dfa_tile(const struct hunch_learned *known,
                                                const uint32_t *word,
                                                const struct hunch_text *window, uint64_t at,
                                                struct hunch_dfa_path *path, uint64_t *end,
                                                uint64_t *read)
{
    const uint8_t *column = (const uint8_t *)(const void *)(word + known->column);
    const uint32_t columns = known->columns, room = path->room, stretches = path->stretches;
    uint32_t *const places = path->place, *const rows = path->row;
    const struct hunch_text text = *window; /* all that in registers */
    uint64_t matched = HUNCH_NOWHERE;
    uint32_t step = 0, stretch = 0;
    *read = at;
    if (columns == 0 || columns == HUNCH_DFA_HOPELESS)
        return HUNCH_DFA_UNKNOWN;
    if (at > text.size || at < text.base || (at > 0 && at == text.base))
        return HUNCH_DFA_CUT;
    uint32_t row = known->start[hunch_beside(at == 0 ? 256u : text.bytes[at - 1 - text.base])];
    /* Bytes and columns are asked for early: they need not wait for the row. */
    uint32_t byte = hunch_dfa_byte(text, at), behind = hunch_dfa_byte(text, at + 1);
    uint32_t here = byte < 256 ? column[byte] : columns;
    if (stretches > 0)
        rows[0] = row;
    while (row != 0) {
        const int ends = at >= text.size;
        if (row == HUNCH_DFA_NEW)
            return HUNCH_DFA_UNKNOWN;
        if (!ends && at >= text.end)
            return HUNCH_DFA_CUT;
        const uint32_t place = row + here;
        here = behind < 256 ? column[behind] : columns;
        behind = hunch_dfa_byte(text, at + 2);
        const uint32_t entry = word[place];
        if (room > 0) {
            if (step == room) {
                step = 0;
                if (++stretch < stretches)
                    rows[stretch] = row;
            }
            places[step++] = place;
        }
        if (entry & HUNCH_DFA_MATCHED)
            matched = at;
        row = entry & HUNCH_DFA_ROW;
        if (ends && row != HUNCH_DFA_NEW)
            break;
        at += !ends;
        *read = at;
    }
    path->stretch = stretch;
    *end = matched;
    return matched == HUNCH_NOWHERE ? HUNCH_DFA_NONE : HUNCH_DFA_FOUND;
}

/* The first `steps` transitions of a stretch, which begins at `at`. All of them are known. */
HUNCH_TILE void hunch_dfa_again(const struct hunch_learned *known, const uint32_t *word,
                                const struct hunch_text text, uint64_t at,
                                struct hunch_dfa_path *path, uint32_t stretch, uint32_t steps)
{
    const uint8_t *column = (const uint8_t *)(const void *)(word + known->column);
    const uint32_t columns = known->columns;
    uint32_t row = path->row[stretch], byte = hunch_dfa_byte(text, at);
    uint32_t *const places = path->place;
    path->stretch = stretch;
    for (uint32_t i = 0; i < steps; i++) {
        const uint32_t place = row + (byte < 256 ? column[byte] : columns);
        byte = hunch_dfa_byte(text, at + i + 1);
        places[i] = place;
        row = word[place] & HUNCH_DFA_ROW;
    }
}

/* The groups of the match [start, end) whose path this is. 0: it is too long, or it is not noted
 * where its threads come from. */
HUNCH_TILE int hunch_dfa_groups(const struct hunch_learned *known, const uint32_t *word,
                                const struct hunch_text *text, struct hunch_dfa_path *path,
                                uint64_t start, uint64_t end, uint32_t groups,
                                struct hunch_follow_group *group)
{
    const uint16_t *origin = (const uint16_t *)(const void *)word;
    const uint32_t *const places = path->place, *const origins = word + known->origins;
    const uint32_t length = (uint32_t)(end - start), room = path->room;
    uint32_t number = 0, missing = (1u << 2 * groups) - 1u;
    if (known->origins == 0 || path->stretches == 0 || length / room >= path->stretches)
        return 0;
    for (uint32_t g = 0; g < groups; g++)
        group[g].start = group[g].end = HUNCH_FOLLOW_NOWHERE;
    uint32_t stretch = length / room, step = length % room;
    for (;; stretch--, step = room - 1) {
        const uint64_t begin = start + (uint64_t)stretch * room;
        if (path->stretch != stretch)
            hunch_dfa_again(known, word, *text, begin, path, stretch, step + 1);
        uint32_t first = origins[places[step]];
        for (;; step--) {
            if (first == 0)
                return 0;
            const uint32_t place = first + number;
            if (step > 0)
                first = origins[places[step - 1]];
            const uint32_t from = origin[place], saved = from & missing;
            missing &= ~saved;
            for (uint32_t g = 0; g < groups && saved >> 2 * g != 0; g++) {
                if (saved >> 2 * g & 1u)
                    group[g].start = (uint32_t)(begin + step);
                if (saved >> 2 * g & 2u)
                    group[g].end = (uint32_t)(begin + step);
            }
            if (missing == 0)
                return 1;
            number = 1 + (from >> HUNCH_DFA_SLOTS);
            if (step == 0)
                break;
        }
        if (stretch == 0)
            return 1;
    }
}

#endif
