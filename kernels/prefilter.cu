/* prefilter.cu: from the bytes of a slab to the places where patterns may match. */
#include "gram_tile.h"
#include "hit_tile.h"
#include "prefilter.h"
#include "tuning.h"

/* What a warp has found and not yet written: `count` may be more than there is room for. */
struct found {
    struct hunch_literal_hit *hit;
    uint32_t *count;
};

HUNCH_TILE void append(const struct hunch_prefilter_args &a, uint32_t place,
                       struct hunch_literal_hit hit)
{
    if (place < a.capacity)
        a.hit[place] = hit;
}

/* Keeps an occurrence of a literal where it stands at `start`. */
HUNCH_TILE void keep(const struct hunch_prefilter_args &a, uint32_t literal, uint32_t start,
                     struct found found)
{
    if (!hunch_literal_here(&a.literal[literal], a.blob, a.slab.bytes, a.slab.size, start))
        return;
    const struct hunch_literal_hit hit = {start, literal};
    const uint32_t place = atomicAdd(found.count, 1u);
    if (place < HUNCH_PREFILTER_FOUND)
        found.hit[place] = hit;
    else
        append(a, atomicAdd(a.count, 1u), hit);
}

/* Compares the literals whose grams the window at `at` is, and keeps those that stand there. */
HUNCH_TILE void check_lane(const struct hunch_prefilter_args &a,
                           const struct hunch_gram_table &table, uint32_t at, struct found found)
{
    const uint32_t *words = reinterpret_cast<const uint32_t *>(a.slab.bytes + (at & ~3u));
    const uint32_t shift = 8 * (at & 3u);
    const uint32_t word = hunch_gram_fold(__funnelshift_r(words[0], words[1], shift));
    const uint32_t word2 = hunch_gram_fold(__funnelshift_r(words[1], words[2], shift));
    for (uint32_t kind = 0; kind < HUNCH_GRAM_KINDS; kind++) {
        uint32_t from, to;
        hunch_gram_bucket(&table, word, kind, &from, &to);
        for (; from < to; from++) {
            const struct hunch_gram *gram = &table.gram[from];
            if ((word & gram->mask) != gram->word || (word2 & gram->mask2) != gram->word2 ||
                static_cast<int64_t>(at) < gram->offset)
                continue;
            keep(a, gram->literal, at - static_cast<uint32_t>(gram->offset), found);
        }
    }
}

/* Literals of 1 and 2 bytes in the 16 bytes from `at` on; `r`: those, folded, and the 4 behind. */
HUNCH_TILE void check_shorts(const struct hunch_prefilter_args &a,
                             const struct hunch_gram_table &table, const uint32_t r[5], uint32_t at,
                             struct found found)
{
    for (uint32_t i = 0; i < table.short_count; i++) {
        const struct hunch_short s = table.shorts[i];
        HUNCH_UNROLL
        for (uint32_t k = 0; k < 4; k++) {
            uint32_t bits = hunch_short_at(&s, r[k], __funnelshift_r(r[k], r[k + 1], 8));
            for (; bits != 0; bits &= bits - 1)
                keep(a, s.literal,
                     at + 4 * k + static_cast<uint32_t>(__ffs(static_cast<int>(bits)) - 8) / 8,
                     found);
        }
    }
}

/* Writes what the warp has found, once it is many or must be. All lanes of the warp call it. */
HUNCH_TILE void write_warp(const struct hunch_prefilter_args &a, struct found found, uint32_t lane,
                           bool all)
{
    __syncwarp();
    uint32_t count = *found.count;
    __syncwarp(); /* nobody adds to it before all have read it */
    if (count > HUNCH_PREFILTER_FOUND)
        count = HUNCH_PREFILTER_FOUND;
    if (count == 0 || (!all && count < HUNCH_PREFILTER_FOUND / 2))
        return;
    uint32_t place = 0;
    if (lane == 0)
        place = atomicAdd(a.count, count);
    place = __shfl_sync(0xffffffffu, place, 0);
    for (uint32_t i = lane; i < count; i += 32)
        append(a, place + i, found.hit[i]);
    __syncwarp();
    if (lane == 0)
        *found.count = 0;
    __syncwarp();
}

/* Every occurrence of every literal: a.hit, in no order; *a.count says how many there are, also
 * when they are more than a.capacity.
 *
 * A warp takes HUNCH_PREFILTER_CHUNK bytes at a time, its lanes 16 neighbouring bytes each, and has
 * the loads of the next chunk in flight meanwhile; the 4 bytes behind a lane's are its neighbour's.
 * Windows that the filter knows go to the warp's queue and are checked 32 at once, so that lanes
 * differ as little as can be. Example: lane 3 of warp 0 has bytes 48 to 63 and asks about windows
 * 48, 50, ... 62; whether the last goes on, its neighbour's first slot says.
 *
 * Shared memory: the filter's slots and, where a.grams_shared, buckets and grams (dynamic); a
 * warp's queue of HUNCH_PREFILTER_QUEUE places and its HUNCH_PREFILTER_FOUND occurrences, which are
 * written together because one counter cannot be added to more than about once a nanosecond. Moves
 * each byte of the slab once. */
HUNCH_KERNEL(hunch_prefilter_kernel, HUNCH_PREFILTER_THREADS, struct hunch_prefilter_args, a)
{
    HUNCH_SHARED_DYNAMIC(uint32_t, shared);
    HUNCH_SHARED(uint32_t, queues, HUNCH_PREFILTER_THREADS / 32 * HUNCH_PREFILTER_QUEUE);
    HUNCH_SHARED(struct hunch_literal_hit, all_found,
                 HUNCH_PREFILTER_THREADS / 32 * HUNCH_PREFILTER_FOUND);
    HUNCH_SHARED(uint32_t, found_counts, HUNCH_PREFILTER_THREADS / 32);
    struct hunch_gram_table table = a.table;
    const uint32_t words = (1u << table.slot_log2) / 16;
    for (uint32_t i = threadIdx.x; i < words; i += blockDim.x)
        shared[i] = table.slots[i];
    if (a.grams_shared) {
        struct hunch_gram *gram = reinterpret_cast<struct hunch_gram *>(shared + words);
        uint32_t *bucket = reinterpret_cast<uint32_t *>(gram + table.gram_count);
        for (uint32_t i = threadIdx.x; i < table.gram_count; i += blockDim.x)
            gram[i] = table.gram[i];
        table.gram = gram;
        for (uint32_t kind = 0; kind < HUNCH_GRAM_KINDS; kind++) {
            const uint32_t count = (1u << table.bucket_log2[kind]) + 1;
            for (uint32_t i = threadIdx.x; i < count; i += blockDim.x)
                bucket[i] = table.bucket[kind][i];
            table.bucket[kind] = bucket;
            bucket += count;
        }
    }
    if (threadIdx.x < blockDim.x / 32)
        found_counts[threadIdx.x] = 0;
    __syncthreads();

    const uint32_t lane = threadIdx.x & 31u, below = (1u << lane) - 1u,
                   shift = 32 - table.slot_log2, warp = threadIdx.x / 32;
    const uint32_t warps = gridDim.x * (blockDim.x / 32);
    uint32_t *queue = queues + warp * HUNCH_PREFILTER_QUEUE, queued = 0;
    const struct found found = {all_found + warp * HUNCH_PREFILTER_FOUND, found_counts + warp};
    const uint4 *text = reinterpret_cast<const uint4 *>(a.slab.bytes);
    uint32_t chunk = blockIdx.x * (blockDim.x / 32) + warp;
    uint4 ahead[HUNCH_PREFILTER_LOADS];
    if (chunk < a.chunks) {
        HUNCH_UNROLL
        for (int j = 0; j < HUNCH_PREFILTER_LOADS; j++)
            ahead[j] = __ldcs(text + static_cast<uint64_t>(chunk) * HUNCH_PREFILTER_LOADS * 32 +
                              j * 32 + lane);
    }
    for (; chunk < a.chunks; chunk += warps) {
        const uint64_t base = static_cast<uint64_t>(chunk) * (HUNCH_PREFILTER_LOADS * 32);
        uint4 load[HUNCH_PREFILTER_LOADS];
        HUNCH_UNROLL
        for (int j = 0; j < HUNCH_PREFILTER_LOADS; j++)
            load[j] = ahead[j];
        if (chunk + warps < a.chunks) {
            HUNCH_UNROLL
            for (int j = 0; j < HUNCH_PREFILTER_LOADS; j++)
                ahead[j] =
                    __ldcs(text + base + static_cast<uint64_t>(warps) * HUNCH_PREFILTER_LOADS * 32 +
                           j * 32 + lane);
        }
        const uint32_t behind =
            *reinterpret_cast<const uint32_t *>(text + base + HUNCH_PREFILTER_LOADS * 32);
        HUNCH_UNROLL
        for (int j = 0; j < HUNCH_PREFILTER_LOADS; j++) {
            const int after = j + 1 < HUNCH_PREFILTER_LOADS ? j + 1 : j;
            const bool last = j + 1 == HUNCH_PREFILTER_LOADS;
            uint32_t next = __shfl_down_sync(0xffffffffu, load[j].x, 1);
            const uint32_t far = __shfl_sync(0xffffffffu, load[after].x, 0);
            if (lane == 31)
                next = last ? behind : far;
            const uint32_t r[5] = {hunch_gram_fold(load[j].x), hunch_gram_fold(load[j].y),
                                   hunch_gram_fold(load[j].z), hunch_gram_fold(load[j].w),
                                   hunch_gram_fold(next)};
            uint32_t first = 0, second = 0; /* bit k: of the window at 2 * k */
            HUNCH_UNROLL
            for (int k = 0; k < 8; k++) {
                const uint32_t word =
                    k & 1 ? __funnelshift_r(r[k / 2], r[k / 2 + 1], 16) : r[k / 2];
                const uint32_t hash = (word * 0x9e3779b1u) >> shift;
                const uint32_t slot = shared[hash / 16] >> (2 * (hash & 15u));
                first |= (slot & 1u) << k;
                second |= ((slot >> 1) & 1u) << k;
            }
            /* The slot of the window behind the lane's: its neighbour's first, else looked up. */
            uint32_t neighbour = __shfl_down_sync(0xffffffffu, second & 1u, 1);
            if (lane == 31) {
                const uint32_t word = r[4];
                const uint32_t hash = (word * 0x9e3779b1u) >> shift;
                neighbour = (shared[hash / 16] >> (2 * (hash & 15u) + 1)) & 1u;
            }
            uint32_t passed = first & (second | second >> 1 | neighbour << 7);
            const uint32_t at = static_cast<uint32_t>(base + j * 32 + lane) * 16;
            for (uint32_t any = __ballot_sync(0xffffffffu, passed != 0); any != 0;
                 any = __ballot_sync(0xffffffffu, passed != 0)) {
                if (passed != 0) {
                    queue[queued + __popc(any & below)] =
                        at + 2 * static_cast<uint32_t>(__ffs(static_cast<int>(passed)) - 1);
                    passed &= passed - 1;
                }
                queued += __popc(any);
                __syncwarp();
                if (queued >= 32) {
                    queued -= 32;
                    check_lane(a, table, queue[queued + lane], found);
                    write_warp(a, found, lane, false);
                }
            }
            if (table.short_count > 0) {
                check_shorts(a, table, r, at, found);
                write_warp(a, found, lane, false);
            }
        }
    }
    if (lane < queued)
        check_lane(a, table, queue[lane], found);
    write_warp(a, found, lane, true);
}

/* The record in which the byte at `at` lies. */
HUNCH_TILE uint32_t record_of(const struct hunch_slab_view &slab, uint32_t at)
{
    uint32_t low = slab.around[at >> HUNCH_RECORD_BLOCK],
             high = slab.around[(at >> HUNCH_RECORD_BLOCK) + 1];
    while (low < high) { /* the last one that starts at or before `at` */
        const uint32_t middle = low + (high - low + 1) / 2;
        if (slab.start[middle] <= at)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

/* From occurrences of literals to those uses of them that may come to something: one occurrence a
 * lane. An occurrence that reaches over the end of its record is none. Of a pattern that is only
 * asked whether it occurs, one hit a record is enough where a.seen has room to know. */
HUNCH_KERNEL(hunch_hits_kernel, HUNCH_HITS_THREADS, struct hunch_hits_args, a)
{
    const uint32_t count =
        *a.literal_count < a.literal_capacity ? *a.literal_count : a.literal_capacity;
    const uint32_t step = gridDim.x * blockDim.x;
    for (uint32_t i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += step) {
        const struct hunch_literal_hit hit = a.literal_hit[i];
        const struct hp_literal *literal = &a.literal[hit.literal];
        const uint32_t record = record_of(a.slab, hit.at);
        const uint32_t begin = a.slab.start[record], end = a.slab.start[record + 1],
                       at = hit.at - begin;
        if (literal->bytes.length > end - hit.at)
            continue;
        for (uint32_t k = 0; k < literal->user_count; k++) {
            const struct hunch_literal_use *use = &a.use[literal->user + k];
            if (!hunch_hit_tile(use, literal->bytes.length, a.guard, a.word, a.blob,
                                a.slab.bytes + begin, end - begin, at, at))
                continue;
            if (a.seen != nullptr && use->kind == HP_PATTERN_LITERAL) {
                const uint64_t bit = static_cast<uint64_t>(record) * a.pattern_count + use->pattern;
                const uint32_t mask = 1u << (bit & 31u);
                if ((atomicOr(&a.seen[bit >> 5], mask) & mask) &&
                    (use->flags & HP_PATTERN_PRESENCE))
                    continue;
            }
            const uint32_t place = atomicAdd(a.count, 1u);
            if (place < a.capacity) {
                a.hit[place].record = record;
                a.hit[place].at = at;
                a.hit[place].use = literal->user + k;
            }
        }
    }
}
