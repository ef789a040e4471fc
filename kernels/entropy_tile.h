/* entropy_tile.h: Shannon entropy of a byte string in integers: the same number on every machine.
 *
 * With n bytes of which c are the value v:   n * H = sum over v of c * (log2 n - log2 c)
 * in units of 1/2^24 bit. log2 is rounded to 1/2^24 (error below 2^-24.9), so H errs by less than
 * 2^-23.9 = 6.4e-8 bits per byte. It is exact where every count is n divided by a power of two.
 *
 * Worked example: "aab": n = 3, log2 3 = 26591258 / 2^24; n * H = 2 * (26591258 - 2^24) + 26591258
 * = 46219342, H = 0.918296 bits per byte. */
#ifndef HUNCH_ENTROPY_TILE_H
#define HUNCH_ENTROPY_TILE_H

#include "log2_table.h"

#define HUNCH_ENTROPY_ONE 16777216u /* one bit: 2^24 */
#define HUNCH_ENTROPY_MAX_LENGTH \
    0xffffffffu /* longer strings are refused: n * H stays below 2^62 */

/* log2(value) * 2^24, rounded to nearest, for value >= 1; 0 for 0. The definition, also for the
 * table: the mantissa m in [1, 2) as 1.31 bits is squared 25 times, rounded down to 31 bits each
 * time; a result of 2 or more gives a bit 1 and is halved. The 25th bit rounds. It never decreases.
 */
HUNCH_TILE uint32_t hunch_log2_compute(uint32_t value)
{
    uint32_t exponent = 31;
    uint32_t bits = 0;
    if (value == 0) {
        return 0;
    }
    while ((value & 0x80000000u) == 0) {
        value <<= 1;
        exponent--;
    }
    for (int i = 0; i < 25; i++) {
        const uint64_t square = (uint64_t)value * (uint64_t)value;
        const uint32_t carry = (uint32_t)(square >> 63);
        bits = bits << 1 | carry;
        value = (uint32_t)(square >> (31u + carry));
    }
    return (exponent << 24) + ((bits + 1u) >> 1);
}

HUNCH_TILE uint32_t hunch_log2(uint32_t value)
{
    return value < HUNCH_LOG2_TABLE_SIZE ? hunch_log2_table[value] : hunch_log2_compute(value);
}

/* *scaled = n * H * 2^24. 0 when n > HUNCH_ENTROPY_MAX_LENGTH (nothing is written), else 1. */
HUNCH_TILE_CALLED int hunch_entropy_tile(const uint8_t *bytes, uint64_t n, uint64_t *scaled)
{
    uint32_t count[256];
    uint64_t sum = 0;
    if (n > HUNCH_ENTROPY_MAX_LENGTH) {
        return 0;
    }
    for (uint32_t v = 0; v < 256u; v++) {
        count[v] = 0;
    }
    for (uint64_t i = 0; i < n; i++) {
        count[bytes[i]]++;
    }
    const uint32_t whole = hunch_log2((uint32_t)n);
    /* A short string is walked again, each value taken where it first occurs; a long one has all.
     */
    const uint32_t steps = n < 256u ? (uint32_t)n : 256u;
    for (uint32_t i = 0; i < steps; i++) {
        const uint32_t v = n < 256u ? bytes[i] : i;
        if (count[v] != 0) {
            sum += (uint64_t)count[v] * (uint64_t)(whole - hunch_log2(count[v]));
            count[v] = 0;
        }
    }
    *scaled = sum;
    return 1;
}

/* Whether an entropy reaches `threshold`, in 1/2^24 bit per byte; strictly above it where `above`.
 * n * H is compared with n * threshold: nothing is rounded. The empty string has H = 0. */
HUNCH_TILE int hunch_entropy_reaches(uint64_t n, uint64_t scaled, uint64_t threshold, int above)
{
    if (n == 0) {
        return !above && threshold == 0;
    }
    if (threshold > (uint64_t)9 * HUNCH_ENTROPY_ONE) { /* bytes have at most 8 bits */
        return 0;
    }
    return above ? scaled > n * threshold : scaled >= n * threshold;
}

#endif
