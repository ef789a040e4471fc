/* grammar_words.h: words that grammars of tree-sitter use and that the parser.h of its 0.20 does
 * not have, for a grammar that comes without a parser.h of its own (a source package of PyPI). The
 * Makefile puts it before the grammar. */
#ifndef HUNCH_GRAMMAR_WORDS_H
#define HUNCH_GRAMMAR_WORDS_H

#include <tree_sitter/parser.h>

typedef struct {
    int32_t start, end; /* both are in it */
} TSCharacterRange;

/* Ranges are sorted: is the character in one of them? */
static inline bool set_contains(const TSCharacterRange *ranges, uint32_t count, int32_t character)
{
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (character > ranges[middle].end)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && character >= ranges[low].start;
}

/* Pairs of a character and the state behind it. */
#define ADVANCE_MAP(...)                                                        \
    {                                                                           \
        static const uint16_t pairs[] = {__VA_ARGS__};                          \
        for (uint32_t pair = 0; pair < sizeof pairs / sizeof *pairs; pair += 2) \
            if (pairs[pair] == lookahead) {                                     \
                state = pairs[pair + 1];                                        \
                goto next_state;                                                \
            }                                                                   \
    }

#endif
