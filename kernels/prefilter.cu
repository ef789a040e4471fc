/* prefilter.cu: from the bytes of a slab to the places where patterns may match. */
#include "gram_tile.h"
#include "hit_tile.h"
#include "prefilter.h"
#include "tuning.h"

/* What lies in shared memory behind the slots: for each warp HUNCH_PREFILTER_QUEUE lanes' bytes that
 * the filter let pass, and HUNCH_PREFILTER_FOUND places where a literal may stand. */
struct queued {
    uint32_t word[5]; /* a lane's 16 bytes and the 4 behind, folded */
    uint32_t at;      /* of the first */
    uint32_t passed;  /* its lowest bit says at which window: see window_of() */
    uint32_t unused;
};

/* The tables as a block has them: in shared memory, or in the device's. */
struct block_tables {
    const uint8_t *slots;
    const uint32_t *known, *bucket;
    const struct hunch_gram *gram;
};

struct warp_memory {
    struct queued *queue;
    struct hunch_literal_hit *found;
    uint32_t *found_count; /* may be more than there is room for */
};

HUNCH_TILE bool stands(const struct hunch_prefilter_args &a, struct hunch_literal_hit hit)
{
    return hunch_literal_here(&a.literal[hit.literal], a.blob, a.slab.bytes, a.slab.size, hit.at);
}

HUNCH_TILE void append(const struct hunch_prefilter_args &a, uint32_t place,
                       struct hunch_literal_hit hit)
{
    if (place < a.capacity)
        a.hit[place] = hit;
}

/* Which of a lane's 8 windows bit `bit` of what passed is: the first four have the lower halves of
 * the four bytes, the others the upper ones. */
HUNCH_TILE uint32_t window_of(uint32_t bit)
{
    return (bit >> 3) + (bit & 4u);
}

/* Looks up the grams that a queued window may be, and keeps the places of their literals. */
HUNCH_TILE void check_lane(const struct hunch_prefilter_args &a,
                           const struct block_tables &tables, const struct queued *q,
                           const struct warp_memory &memory)
{
    const uint32_t window = window_of(static_cast<uint32_t>(__ffs(static_cast<int>(q->passed)) - 1));
    const uint32_t low = q->word[window / 2], high = q->word[window / 2 + 1],
                   shift = 16 * (window & 1u), at = q->at + 2 * window;
    const uint32_t word = __funnelshift_r(low, high, shift), tail = high >> shift;
    for (uint32_t k = 0; k < a.table.kind_count; k++) {
        const struct hunch_gram_kind *kind = &a.table.kind[k];
        const uint32_t key = hunch_gram_key(kind, word, tail);
        if (tables.known != nullptr) {
            const uint32_t bit = key >> (32 - a.table.known_log2);
            if (((tables.known[bit / 32] >> (bit & 31u)) & 1u) == 0)
                continue;
        }
        const uint32_t *bucket = &tables.bucket[kind->first + (key >> (32 - kind->log2))];
        for (uint32_t i = bucket[0], end = bucket[1]; i < end; i++) {
            if (!hunch_gram_fits(&tables.gram[i], word, tail))
                continue;
            const struct hunch_gram_place gram = a.table.place[i];
            if (static_cast<int64_t>(at) < gram.offset)
                continue;
            const struct hunch_literal_hit hit = {at - static_cast<uint32_t>(gram.offset),
                                                  gram.literal};
            const uint32_t place = atomicAdd(memory.found_count, 1u);
            if (place < HUNCH_PREFILTER_FOUND)
                memory.found[place] = hit;
            else if (stands(a, hit))
                append(a, atomicAdd(a.count, 1u), hit);
        }
    }
}

/* Compares what the warp has found, once it is many or must be, and writes what stands there. All
 * lanes of the warp call it. */
HUNCH_TILE void write_warp(const struct hunch_prefilter_args &a, const struct warp_memory &memory,
                           uint32_t lane, bool all)
{
    __syncwarp();
    uint32_t count = *memory.found_count;
    if (count == 0 || (!all && count < HUNCH_PREFILTER_FOUND / 2))
        return; /* all lanes: nobody adds before the next __syncwarp() */
    if (count > HUNCH_PREFILTER_FOUND)
        count = HUNCH_PREFILTER_FOUND;
    for (uint32_t i = lane; i < count + lane; i += 32) {
        const bool here = i < count && stands(a, memory.found[i]);
        const uint32_t which = __ballot_sync(0xffffffffu, here);
        uint32_t place = 0;
        if (lane == 0 && which != 0)
            place = atomicAdd(a.count, static_cast<uint32_t>(__popc(which)));
        place = __shfl_sync(0xffffffffu, place, 0);
        if (here)
            append(a, place + __popc(which & ((1u << lane) - 1u)), memory.found[i]);
    }
    __syncwarp();
    if (lane == 0)
        *memory.found_count = 0;
    __syncwarp();
}

/* The slots of the 4 windows from r[0] on, the first in the low byte. */
template <bool fifth>
HUNCH_TILE uint32_t slots_of(const struct hunch_gram_table &table, const uint8_t *slots,
                             const uint32_t *r)
{
    uint32_t slot[4];
    HUNCH_UNROLL
    for (int k = 0; k < 4; k++) {
        const uint32_t word = k & 1 ? __funnelshift_r(r[k / 2], r[k / 2 + 1], 16) : r[k / 2];
        const uint32_t next = fifth ? __byte_perm(r[k / 2 + 1], 0, k & 1 ? 0x4244 : 0x4044) : 0;
        slot[k] = slots[hunch_gram_slot(word, next, table.multiplier,
                                        fifth ? table.multiplier5 : 0, table.slot_log2)];
    }
    return slot[0] + slot[1] * 256 + (slot[2] + slot[3] * 256) * 65536;
}

/* The chunks of one warp. */
template <bool fifth>
HUNCH_TILE void search_warp(const struct hunch_prefilter_args &a,
                            const struct block_tables &tables, const struct warp_memory &memory, uint32_t warp, uint32_t lane)
{
    const uint32_t below = (1u << lane) - 1u, warps = gridDim.x * (blockDim.x / 32);
    /* The window behind the last lane's is not looked at here: as if it followed everything. */
    const uint32_t unseen = lane == 31 ? 0x0f000000u : 0;
    const uint4 *text = reinterpret_cast<const uint4 *>(a.slab.bytes) + lane;
    const uint32_t *behind = reinterpret_cast<const uint32_t *>(a.slab.bytes) + HUNCH_PREFILTER_CHUNK / 4;
    uint32_t queued = 0, ahead_behind = 0, chunk = warp;
    uint4 ahead[HUNCH_PREFILTER_LOADS];
    if (chunk < a.chunks) {
        const uint64_t base = static_cast<uint64_t>(chunk) * (HUNCH_PREFILTER_LOADS * 32);
        HUNCH_UNROLL
        for (int j = 0; j < HUNCH_PREFILTER_LOADS; j++)
            ahead[j] = __ldcs(text + base + j * 32);
        ahead_behind = behind[base * 4];
    }
    for (; chunk < a.chunks; chunk += warps) {
        uint4 load[HUNCH_PREFILTER_LOADS];
        HUNCH_UNROLL
        for (int j = 0; j < HUNCH_PREFILTER_LOADS; j++)
            load[j] = ahead[j];
        const uint32_t load_behind = ahead_behind;
        if (chunk + warps < a.chunks) {
            const uint64_t base =
                static_cast<uint64_t>(chunk + warps) * (HUNCH_PREFILTER_LOADS * 32);
            HUNCH_UNROLL
            for (int j = 0; j < HUNCH_PREFILTER_LOADS; j++)
                ahead[j] = __ldcs(text + base + j * 32);
            ahead_behind = behind[base * 4];
        }
        HUNCH_UNROLL
        for (int j = 0; j < HUNCH_PREFILTER_LOADS; j++) {
            const bool last = j + 1 == HUNCH_PREFILTER_LOADS;
            const uint32_t far = last ? load_behind : load[last ? j : j + 1].x;
            uint32_t r[5] = {hunch_gram_fold(load[j].x), hunch_gram_fold(load[j].y),
                             hunch_gram_fold(load[j].z), hunch_gram_fold(load[j].w), 0};
            /* Each lane wants what the next one has, the last one what lane 0 has in `far`. */
            r[4] = __shfl_sync(0xffffffffu, lane == 0 ? hunch_gram_fold(far) : r[0],
                               static_cast<int>((lane + 1) & 31u));
            const uint32_t low = slots_of<fifth>(a.table, tables.slots, r),
                           high = slots_of<fifth>(a.table, tables.slots, r + 2),
                           next = __shfl_down_sync(0xffffffffu, low, 1);
            const uint32_t passed_low = low & __funnelshift_r(low, high, 8 + HUNCH_GRAM_SECOND),
                           passed_high =
                               high & (__funnelshift_r(high, next, 8 + HUNCH_GRAM_SECOND) | unseen);
            uint32_t passed = (passed_low & 0x0f0f0f0fu) | (passed_high << 4 & 0xf0f0f0f0u);
            uint32_t any = __ballot_sync(0xffffffffu, passed != 0);
            if (any == 0)
                continue;
            /* One bit a window. */
            passed |= passed >> 2 & 0x33333333u;
            passed = (passed | passed >> 1) & 0x11111111u;
            const uint32_t at =
                (chunk * HUNCH_PREFILTER_LOADS + static_cast<uint32_t>(j)) * 512 + lane * 16;
            do {
                if (passed != 0) {
                    struct queued *q = &memory.queue[queued + __popc(any & below)];
                    *reinterpret_cast<uint4 *>(q) = make_uint4(r[0], r[1], r[2], r[3]);
                    *(reinterpret_cast<uint4 *>(q) + 1) = make_uint4(r[4], at, passed, 0);
                    passed &= passed - 1;
                }
                queued += __popc(any);
                __syncwarp();
                if (queued >= 32) {
                    queued -= 32;
                    check_lane(a, tables, &memory.queue[queued + lane], memory);
                    write_warp(a, memory, lane, false);
                }
                any = __ballot_sync(0xffffffffu, passed != 0);
            } while (any != 0);
        }
    }
    if (lane < queued)
        check_lane(a, tables, &memory.queue[lane], memory);
    write_warp(a, memory, lane, true);
}

/* All lanes of the block copy words into shared memory. */
HUNCH_TILE void copy_block(uint32_t *to, const uint32_t *from, uint32_t words)
{
    for (uint32_t i = threadIdx.x; i < words; i += blockDim.x)
        to[i] = from[i];
}

/* Every occurrence of every literal: a.hit, in no order; *a.count says how many there are, also
 * when they are more than a.capacity.
 *
 * A warp takes HUNCH_PREFILTER_CHUNK bytes at a time, its lanes 16 neighbouring bytes each, and has
 * the loads of the next chunk in flight meanwhile; the 4 bytes behind a lane's are its neighbour's.
 * Windows that the filter lets pass go to the warp's queue together with the lane's bytes, and are
 * looked up 32 at once; what that finds goes to a second queue and is compared 32 at once, so that
 * lanes differ as little as can be. Example: lane 3 of warp 0 has bytes 48 to 63 and asks about
 * windows 48, 50, ... 62; whether the last goes on, its neighbour's first slot says.
 *
 * Shared memory, all of it dynamic (hunch_prefilter_shared): the filter's slots, the warps' queues,
 * and where a.grams_shared buckets and grams, else the bits of known keys. One counter cannot be
 * added to more than about once a nanosecond: a warp writes together what it found. Moves each byte
 * of the slab once. */
HUNCH_KERNEL(hunch_prefilter_kernel, HUNCH_PREFILTER_THREADS, struct hunch_prefilter_args, a)
{
    HUNCH_SHARED_DYNAMIC(uint32_t, shared);
    const struct hunch_gram_table &t = a.table;
    const uint32_t slot_words = (1u << t.slot_log2) / 4, warps = blockDim.x / 32,
                   warp = threadIdx.x / 32, lane = threadIdx.x & 31u;
    uint32_t *queues = shared + slot_words, *founds = queues + warps * HUNCH_PREFILTER_QUEUE * 8,
             *counts = founds + warps * HUNCH_PREFILTER_FOUND * 2, *rest = counts + warps;
    const struct warp_memory memory = {
        reinterpret_cast<struct queued *>(queues) + warp * HUNCH_PREFILTER_QUEUE,
        reinterpret_cast<struct hunch_literal_hit *>(founds) + warp * HUNCH_PREFILTER_FOUND,
        counts + warp};
    struct block_tables tables = {reinterpret_cast<const uint8_t *>(shared), nullptr, t.bucket,
                                  t.gram};
    copy_block(shared, t.slots, slot_words);
    if (a.grams_shared) {
        const uint32_t buckets = t.bucket_count + 1;
        copy_block(rest, t.bucket, buckets);
        copy_block(rest + buckets, reinterpret_cast<const uint32_t *>(t.gram), t.gram_count * 3);
        tables.bucket = rest;
        tables.gram = reinterpret_cast<const struct hunch_gram *>(rest + buckets);
    } else {
        copy_block(rest, t.known, (1u << t.known_log2) / 32);
        tables.known = rest;
    }
    if (lane == 0)
        *memory.found_count = 0;
    __syncthreads();
    const uint32_t first = blockIdx.x * warps + warp;
    if (t.multiplier5 != 0)
        search_warp<true>(a, tables, memory, first, lane);
    else
        search_warp<false>(a, tables, memory, first, lane);
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
            if (a.seen != nullptr && use->kind == HP_PATTERN_LITERAL &&
                (use->flags & HP_PATTERN_PRESENCE)) {
                const uint64_t bit = static_cast<uint64_t>(record) * a.pattern_count + use->pattern;
                const uint32_t mask = 1u << (bit & 31u);
                if (atomicOr(&a.seen[bit >> 5], mask) & mask)
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
