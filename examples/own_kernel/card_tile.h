/* card_tile.h: what one lane computes, for the kernels of cards.cu and for the functions of the
 * host alike. A tile owns the numbers that begin in it, and reads behind its end where one goes on.
 */
#ifndef CARD_TILE_H
#define CARD_TILE_H

#if defined(__CUDACC__)
#define CARD_TILE static __device__ inline
#else
#include <stdint.h>
#define CARD_TILE static inline
#endif

#define CARD_TILE_BYTES 256
#define CARD_LEAST 13 /* digits */
#define CARD_MOST 19

CARD_TILE int card_digit(const uint8_t *text, uint64_t size, uint64_t at)
{
    return at < size && text[at] >= '0' && text[at] <= '9';
}

/* Where the run of digits that begins at `at` ends. */
CARD_TILE uint64_t card_end(const uint8_t *text, uint64_t size, uint64_t at)
{
    while (card_digit(text, size, at))
        at++;
    return at;
}

/* The prefilter: does a run of CARD_LEAST digits or more begin in the tile? Cheap: most tiles have
 * no digit at all. */
CARD_TILE int card_gate(const uint8_t *text, uint64_t size, uint64_t tile)
{
    uint64_t at = tile * CARD_TILE_BYTES, end = at + CARD_TILE_BYTES;
    for (; at < end && at < size; at++)
        if (card_digit(text, size, at) && (at == 0 || !card_digit(text, size, at - 1)) &&
            card_digit(text, size, at + CARD_LEAST - 1) &&
            card_end(text, size, at) - at >= CARD_LEAST)
            return 1;
    return 0;
}

/* The confirmer: how many card numbers begin in the tile. Every second digit from the right counts
 * double; the sum of all digits that come out is a multiple of 10. */
CARD_TILE uint32_t card_count(const uint8_t *text, uint64_t size, uint64_t tile)
{
    uint64_t at = tile * CARD_TILE_BYTES, end = at + CARD_TILE_BYTES;
    uint32_t found = 0;
    for (; at < end && at < size; at++) {
        if (!card_digit(text, size, at) || (at > 0 && card_digit(text, size, at - 1)))
            continue;
        const uint64_t stop = card_end(text, size, at);
        uint32_t sum = 0;
        for (uint64_t i = at; i < stop; i++) {
            const uint32_t n = (uint32_t)(text[i] - '0') << ((stop - i) % 2 == 0);
            sum += n > 9 ? n - 9 : n;
        }
        found += stop - at >= CARD_LEAST && stop - at <= CARD_MOST && sum % 10 == 0;
    }
    return found;
}

#endif
