/* commit_report.c: committed and rolled-back tiles: rates in parts per million, the counter tail.
 */
#include "hunch.h"

enum { PPM = 1000000, PPM_PER_PCT = PPM / 100 };

uint32_t hunch_commit_rate_ppm(const struct hunch_commit_report *report)
{
    uint32_t sum;
    if (__builtin_add_overflow(report->committed, report->rolled_back, &sum))
        sum = UINT32_MAX;
    return sum ? (uint32_t)((uint64_t)report->committed * PPM / sum) : 0;
}

uint32_t hunch_commit_rate_pct(const struct hunch_commit_report *report)
{
    return hunch_commit_rate_ppm(report) / PPM_PER_PCT;
}

bool hunch_commit_worthwhile(const struct hunch_commit_report *report, uint32_t pct)
{
    uint32_t least;
    if (__builtin_mul_overflow(pct, (uint32_t)PPM_PER_PCT, &least))
        least = UINT32_MAX;
    return hunch_commit_rate_ppm(report) >= least;
}

static void put_u32(uint8_t *to, uint32_t n)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(n >> 8 * i);
}

static uint32_t get_u32(const uint8_t *from)
{
    return from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
}

void hunch_encode_counter_tail(const struct hunch_commit_report *report,
                               uint8_t tail[HUNCH_COUNTER_TAIL_BYTES])
{
    put_u32(tail, report->committed);
    put_u32(tail + 4, report->rolled_back);
}

bool hunch_parse_counter_tail(const void *output, size_t size, struct hunch_commit_report *report)
{
    if (size < HUNCH_COUNTER_TAIL_BYTES || size % 4 != 0)
        return false;
    const uint8_t *tail = (const uint8_t *)output + size - HUNCH_COUNTER_TAIL_BYTES;
    report->committed = get_u32(tail);
    report->rolled_back = get_u32(tail + 4);
    return true;
}
