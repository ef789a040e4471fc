/* bring.cu: of records that stay on the device, what the host needs to decide them: the bytes
 * around hits, side by side for one copy, and how many lines end in each part of the record, and
 * where the last of them does. */
#include "bring.h"

/* A warp a piece. */
HUNCH_KERNEL(hunch_pieces_kernel, HUNCH_BRING_THREADS, struct hunch_pieces_args, a)
{
    const uint32_t lane = threadIdx.x % 32, step = gridDim.x * (blockDim.x / 32);
    for (uint32_t i = blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32; i < a.count; i += step) {
        const struct hunch_piece piece = a.piece[i];
        uint8_t *to = a.to + static_cast<uint64_t>(i) * HUNCH_GRAIN;
        for (uint32_t at = lane; at < piece.size; at += 32)
            to[at] = a.bytes[piece.from + at];
    }
}

/* The record that has the grain: the last one that begins at or before it. */
HUNCH_TILE uint32_t record_of_grain(const struct hunch_newlines_args &a, uint32_t grain)
{
    uint32_t low = 0, high = a.record_count - 1;
    while (low < high) {
        const uint32_t middle = low + (high - low + 1) / 2;
        if (a.record[middle].first <= grain)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

/* A warp a grain. */
HUNCH_KERNEL(hunch_newlines_kernel, HUNCH_BRING_THREADS, struct hunch_newlines_args, a)
{
    const uint32_t lane = threadIdx.x % 32, step = gridDim.x * (blockDim.x / 32);
    for (uint32_t i = blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32; i < a.grain_count;
         i += step) {
        const struct hunch_counted record = a.record[record_of_grain(a, i)];
        const uint32_t begin = (i - record.first) * HUNCH_GRAIN;
        const uint32_t size = record.size - begin < HUNCH_GRAIN ? record.size - begin : HUNCH_GRAIN;
        uint32_t count = 0, behind = 0;
        for (uint32_t at = 0; at < size; at += 32) {
            const bool is = at + lane < size && a.bytes[record.from + begin + at + lane] == '\n';
            const uint32_t found = __ballot_sync(0xffffffffu, is);
            count += static_cast<uint32_t>(__popc(found));
            if (found != 0)
                behind = at + 32 - static_cast<uint32_t>(__clz(static_cast<int>(found)));
        }
        if (lane == 0)
            a.to[i] = {static_cast<uint16_t>(count), static_cast<uint16_t>(behind)};
    }
}
