/* prefilter.cu: from the bytes of a slab to the places where patterns may match. */
#include "gram_tile.h"
#include "hit_tile.h"
#include "prefilter.h"
#include "tuning.h"

/* The tables as a block has them: in shared memory, or in the device's. */
struct block_tables {
    const uint8_t *slots;
    const uint32_t *known, *bucket;
    const struct hunch_gram *gram;
};

/* A warp's part of shared memory. */
struct warp_memory {
    uint32_t *text;  /* its chunk and the 4 bytes behind */
    uint32_t *queue; /* windows that passed: see at_of() */
    struct hunch_literal_hit *found; /* places where a literal may stand */
    uint32_t *found_count;           /* may be more than there is room for */
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

/* Where in its chunk the window is that passed as a lane's bit: bits 0 and 1 of `bit` say which row
 * of 512 bytes; then come windows 0, 4, 1, 5, 2, 6, 3, 7 of the lane's 16 bytes. */
HUNCH_TILE uint32_t at_of(uint32_t lane, uint32_t bit)
{
    return (bit & 3u) * 512 + lane * 16 + (bit >> 3) * 2 + (bit & 4u) * 2;
}

/* Looks up the grams that the window at `at` of the warp's chunk may be, and keeps the places of
 * their literals. */
HUNCH_TILE void check_lane(const struct hunch_prefilter_args &a, const struct block_tables &tables,
                           const struct warp_memory &memory, uint32_t chunk_at, uint32_t at)
{
    const uint32_t low = hunch_gram_fold(memory.text[at / 4]),
                   high = hunch_gram_fold(memory.text[at / 4 + 1]), shift = 8 * (at & 2u);
    const uint32_t word = __funnelshift_r(low, high, shift), tail = high >> shift;
    at += chunk_at;
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
        slot[k] = slots[hunch_gram_slot(fifth ? word : hunch_gram_fold(word) & table.mask, next,
                                        fifth ? table.multiplier5 : 0, table.slot_log2)];
    }
    return slot[0] + slot[1] * 256 + (slot[2] + slot[3] * 256) * 65536;
}

/* The windows of one row of the warp's chunk that the filter lets pass, a bit each: of 0 to 3 bits
 * 0, 8, 16 and 24, of 4 to 7 four bits higher. `far`: the 4 bytes behind the row. */
template <bool fifth>
HUNCH_TILE uint32_t pass_row(const struct hunch_gram_table &table, const uint8_t *slots, uint4 load,
                             uint32_t far, uint32_t lane)
{
    uint32_t r[5] = {load.x, load.y, load.z, load.w, 0};
    /* Each lane wants what the next one has, the last one what lane 0 has in `far`. */
    r[4] = __shfl_sync(0xffffffffu, lane == 0 ? far : r[0], static_cast<int>((lane + 1) & 31u));
    if (fifth) {
        HUNCH_UNROLL
        for (int k = 0; k < 5; k++)
            r[k] = hunch_gram_fold(r[k]);
    }
    const uint32_t low = slots_of<fifth>(table, slots, r),
                   high = slots_of<fifth>(table, slots, r + 2),
                   next = __shfl_down_sync(0xffffffffu, low, 1);
    /* The window behind the last lane's is not looked at here: as if it followed everything. */
    const uint32_t unseen = lane == 31 ? 0x0f000000u : 0;
    const uint32_t passed_low = low & __funnelshift_r(low, high, 8 + HUNCH_GRAM_SECOND),
                   passed_high =
                       high & (__funnelshift_r(high, next, 8 + HUNCH_GRAM_SECOND) | unseen);
    uint32_t passed = (passed_low & 0x0f0f0f0fu) | (passed_high << 4 & 0xf0f0f0f0u);
    passed |= passed >> 2 & 0x33333333u;
    return (passed | passed >> 1) & 0x11111111u;
}

HUNCH_TILE void load_chunk(const struct hunch_prefilter_args &a, uint32_t chunk, uint32_t lane,
                           uint4 row[HUNCH_PREFILTER_ROWS], uint32_t *behind)
{
    const uint4 *text = reinterpret_cast<const uint4 *>(a.slab.bytes) +
                        static_cast<uint64_t>(chunk) * (HUNCH_PREFILTER_ROWS * 32);
    HUNCH_UNROLL
    for (int j = 0; j < HUNCH_PREFILTER_ROWS; j++)
        row[j] = __ldcs(text + j * 32 + lane);
    *behind = reinterpret_cast<const uint32_t *>(text)[HUNCH_PREFILTER_CHUNK / 4];
}

/* The chunks of one warp. */
template <bool fifth>
HUNCH_TILE void search_warp(const struct hunch_prefilter_args &a, const struct block_tables &tables,
                            const struct warp_memory &memory, uint32_t warp, uint32_t lane)
{
    const uint32_t below = (1u << lane) - 1u, warps = gridDim.x * (blockDim.x / 32);
    uint4 ahead[HUNCH_PREFILTER_ROWS];
    uint32_t ahead_behind = 0;
    if (warp < a.chunks)
        load_chunk(a, warp, lane, ahead, &ahead_behind);
    for (uint32_t chunk = warp; chunk < a.chunks; chunk += warps) {
        uint4 row[HUNCH_PREFILTER_ROWS];
        HUNCH_UNROLL
        for (int j = 0; j < HUNCH_PREFILTER_ROWS; j++)
            row[j] = ahead[j];
        const uint32_t behind = ahead_behind;
        if (chunk + warps < a.chunks)
            load_chunk(a, chunk + warps, lane, ahead, &ahead_behind);
        uint32_t passed = 0;
        HUNCH_UNROLL
        for (int j = 0; j < HUNCH_PREFILTER_ROWS; j++) {
            const uint32_t far = j + 1 < HUNCH_PREFILTER_ROWS ? row[(j + 1) % HUNCH_PREFILTER_ROWS].x : behind;
            passed |= pass_row<fifth>(a.table, tables.slots, row[j], far, lane) << j;
        }
        uint32_t any = __ballot_sync(0xffffffffu, passed != 0);
        if (any == 0)
            continue;
        HUNCH_UNROLL
        for (int j = 0; j < HUNCH_PREFILTER_ROWS; j++)
            reinterpret_cast<uint4 *>(memory.text)[j * 32 + lane] = row[j];
        if (lane == 0)
            memory.text[HUNCH_PREFILTER_CHUNK / 4] = behind;
        const uint32_t chunk_at = chunk * HUNCH_PREFILTER_CHUNK;
        uint32_t queued = 0;
        do {
            if (passed != 0) {
                const int bit = __ffs(static_cast<int>(passed)) - 1;
                memory.queue[queued + __popc(any & below)] =
                    at_of(lane, static_cast<uint32_t>(bit));
                passed &= passed - 1;
            }
            queued += __popc(any);
            any = __ballot_sync(0xffffffffu, passed != 0);
            if (queued < 32 && any != 0)
                continue;
            __syncwarp();
            const uint32_t count = queued < 32 ? queued : 32;
            queued -= count;
            if (lane < count)
                check_lane(a, tables, memory, chunk_at, memory.queue[queued + lane]);
            write_warp(a, memory, lane, false);
        } while (any != 0 || queued != 0);
    }
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
 * A warp takes HUNCH_PREFILTER_CHUNK bytes at a time, in rows of 512, its lanes 16 neighbouring
 * bytes of a row each, and has the loads of the next chunk in flight meanwhile; the 4 bytes behind
 * a lane's are its neighbour's. Windows that the filter lets pass go to the warp's queue and are
 * looked up 32 at once; what that finds goes to a second queue and is compared 32 at once, so that
 * lanes differ as little as can be. Example: lane 3 of warp 0 has bytes 48 to 63 of row 0 and asks
 * about windows 48, 50, ... 62; whether the last goes on, its neighbour's first slot says.
 *
 * Shared memory, all of it dynamic (hunch_prefilter_shared): the filter's slots, for each warp its
 * chunk and its queues, and where a.grams_shared buckets and grams, else the bits of known keys.
 * One counter cannot be added to more than about once a nanosecond: a warp writes together what it
 * found. Moves each byte of the slab once. */
HUNCH_KERNEL(hunch_prefilter_kernel, HUNCH_PREFILTER_THREADS, struct hunch_prefilter_args, a)
{
    HUNCH_SHARED_DYNAMIC(uint32_t, shared);
    const struct hunch_gram_table &t = a.table;
    const uint32_t slot_words = (1u << t.slot_log2) / 4, warps = blockDim.x / 32,
                   warp = threadIdx.x / 32, lane = threadIdx.x & 31u;
    uint32_t *own = shared + slot_words + warp * HUNCH_PREFILTER_WARP_WORDS,
             *rest = shared + slot_words + warps * HUNCH_PREFILTER_WARP_WORDS;
    const struct warp_memory memory = {
        own, own + HUNCH_PREFILTER_CHUNK / 4 + 4,
        reinterpret_cast<struct hunch_literal_hit *>(own + HUNCH_PREFILTER_WARP_WORDS -
                                                     2 * HUNCH_PREFILTER_FOUND),
        own + HUNCH_PREFILTER_CHUNK / 4 + 1};
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
