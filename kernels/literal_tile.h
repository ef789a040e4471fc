/* literal_tile.h: the portable literal matcher. Every occurrence of every literal, overlaps
 * included, exactly.
 *
 * Each literal is known by its rarest window of up to 4 bytes. The two first bytes of a window,
 * folded to lower case, index a bitmap (is there any?) and a list (which?); the whole window is
 * compared as one word, then the literal byte by byte.
 *
 * Worked example: literals "AKIA" (window 0) and "secret" (window 2: "cret"), text "my secret": at
 * 5 the pair "cr" is set, the word is "cret", the literal is compared from 5 - 2 = 3 and found
 * there. */
#ifndef HUNCH_LITERAL_TILE_H
#define HUNCH_LITERAL_TILE_H

#include "layout.h"
#include "regex_tile.h" /* hunch_is_word */

struct hunch_filter_entry {
    uint32_t literal;
    uint32_t word; /* the window's bytes, folded, low byte first */
    uint32_t mask; /* of the bytes that the window has */
    uint32_t next; /* next entry of the same pair, or HP_NONE */
};

/* Tables made from the LITERAL section when a program is loaded (runtime/matcher_portable.c). */
struct hunch_filter {
    uint32_t pair_bits[2048];  /* bit (first | second << 8) */
    uint32_t pair_head[65536]; /* first entry; HP_NONE */
    uint32_t single_head[256]; /* entries of windows of one byte, by that byte folded */
    uint32_t has_single;       /* 1: there are such */
    struct hunch_filter_entry *entry;
};

struct hunch_literal_cursor {
    uint64_t at;    /* window position that is being looked at */
    uint32_t entry; /* next entry to compare there, HP_NONE: none */
    uint32_t phase; /* 0: pair list to come, 1: in the pair list, 2: in the list of single bytes */
};

HUNCH_TILE uint32_t hunch_fold(uint32_t byte)
{
    return byte - 'A' < 26u ? byte | 32u : byte;
}

HUNCH_TILE int hunch_literal_here(const struct hp_literal *l, const uint8_t *blob,
                                  const uint8_t *bytes, uint64_t n, uint64_t at)
{
    if (at > n || l->bytes.length > n - at)
        return 0;
    const uint8_t *want = blob + l->bytes.offset, *have = bytes + at;
    if (l->flags & HP_LITERAL_NOCASE) {
        for (uint32_t i = 0; i < l->bytes.length; i++)
            if (hunch_fold(have[i]) != want[i])
                return 0;
    } else {
        for (uint32_t i = 0; i < l->bytes.length; i++)
            if (have[i] != want[i])
                return 0;
    }
    return 1;
}

/* Whether a word character stands beside [start, end) of the n bytes: one of two bytes, low first,
 * where `wide`. */
HUNCH_TILE int hunch_word_beside(const uint8_t *bytes, uint64_t n, uint64_t start, uint64_t end,
                                 int wide)
{
    if (wide)
        return (start >= 2 && bytes[start - 1] == 0 && hunch_is_word(bytes[start - 2])) ||
               (end + 1 < n && bytes[end + 1] == 0 && hunch_is_word(bytes[end]));
    return (start >= 1 && hunch_is_word(bytes[start - 1])) ||
           (end < n && hunch_is_word(bytes[end]));
}

/* The next occurrence whose window begins in [c->at, end) of the n bytes: 1 and *literal, *start,
 * or 0. Begin with at = the first position and phase = 0. Occurrences come in order of their
 * windows, not of their starts. */
HUNCH_TILE int hunch_literal_next(struct hunch_literal_cursor *c, const struct hunch_filter *f,
                                  const struct hp_literal *literals, const uint8_t *blob,
                                  const uint8_t *bytes, uint64_t n, uint64_t end, uint32_t *literal,
                                  uint64_t *start)
{
    for (;;) {
        if (c->phase == 0) {
            uint64_t i = c->at;
            uint32_t pair = 0;
            if (!f->has_single) {
                uint64_t last = end < n ? end : n;
                while (i + 1 < n && i < last) {
                    pair = hunch_fold(bytes[i]) | hunch_fold(bytes[i + 1]) << 8;
                    if ((f->pair_bits[pair >> 5] >> (pair & 31)) & 1)
                        break;
                    i++;
                }
                c->at = i;
                if (i >= last || i + 1 >= n)
                    return 0;
                c->entry = f->pair_head[pair];
            } else {
                if (i >= end || i >= n)
                    return 0;
                c->entry = HP_NONE;
                if (i + 1 < n) {
                    pair = hunch_fold(bytes[i]) | hunch_fold(bytes[i + 1]) << 8;
                    c->entry = f->pair_head[pair];
                }
            }
            c->phase = 1;
        }
        while (c->entry != HP_NONE) {
            const struct hunch_filter_entry *e = &f->entry[c->entry];
            const struct hp_literal *l = &literals[e->literal];
            c->entry = e->next;
            uint32_t word = 0;
            for (uint32_t k = 0; k < 4 && c->at + k < n; k++)
                word |= hunch_fold(bytes[c->at + k]) << (8 * k);
            if ((word & e->mask) != e->word || c->at < l->window)
                continue;
            if (!hunch_literal_here(l, blob, bytes, n, c->at - l->window))
                continue;
            *literal = e->literal;
            *start = c->at - l->window;
            return 1;
        }
        if (c->phase == 1 && f->has_single) {
            c->entry = f->single_head[hunch_fold(bytes[c->at])];
            c->phase = 2;
            continue;
        }
        c->at++;
        c->phase = 0;
    }
}

#endif
