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

/* A window that waits. */
struct waiting {
    uint32_t word; /* 4 bytes of the text from its start on, folded */
    uint32_t tail; /* the next 2; from bit 16 on the kinds of grams that it may be */
    uint32_t at;   /* in the slab */
};

/* A warp's part of shared memory. */
struct warp_memory {
    struct waiting *passed;          /* the first filter: as window_of() says */
    struct waiting *known;           /* to the bits of known keys */
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

/* Of a window as window_of() has it, its bytes and its place, and which kinds of grams it may be. */
HUNCH_TILE struct waiting kinds_of(const struct hunch_prefilter_args &a, const uint32_t *known,
                                   const struct waiting &passed)
{
    const uint32_t low = hunch_gram_fold(passed.word), high = hunch_gram_fold(passed.tail),
                   row = passed.at & 1u, upper = passed.at >> 1 & 1u, which = passed.at >> 2 & 3u,
                   shift = 16 * (which & 1u);
    struct waiting w = {__funnelshift_r(low, high, shift), (high >> shift) & 0xffffu,
                        (passed.at & ~15u) + row * 512 + upper * 8 + which * 2};
    HUNCH_UNROLL
    for (uint32_t k = 0; k < HUNCH_GRAM_KINDS; k++) {
        if (k >= a.table.kind_count)
            break;
        const uint32_t bit =
            hunch_gram_key(&a.table.kind[k], w.word, w.tail) >> (32 - a.table.known_log2);
        w.tail |= ((known[bit / 32] >> (bit & 31u)) & 1u) << (16 + k);
    }
    return w;
}

/* Looks up the grams that a window may be, and keeps the places of their literals. */
HUNCH_TILE void check_lane(const struct hunch_prefilter_args &a, const struct block_tables &tables,
                           const struct warp_memory &memory, const struct waiting &w)
{
    for (uint32_t k = 0; k < a.table.kind_count; k++) {
        if (((w.tail >> (16 + k)) & 1u) == 0)
            continue;
        const struct hunch_gram_kind &kind = a.table.kind[k];
        const uint32_t key = hunch_gram_key(&kind, w.word, w.tail);
        const uint32_t *bucket = &tables.bucket[kind.first + (key >> (32 - kind.log2))];
        for (uint32_t i = bucket[0], end = bucket[1]; i < end; i++) {
            if (!hunch_gram_fits(&tables.gram[i], w.word, w.tail))
                continue;
            const struct hunch_gram_place gram = a.table.place[i];
            if (static_cast<int64_t>(w.at) < gram.offset)
                continue;
            const struct hunch_literal_hit hit = {w.at - static_cast<uint32_t>(gram.offset),
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
template <int window>
HUNCH_TILE uint32_t slots_of(const struct hunch_gram_table &table, const uint8_t *slots,
                             const uint32_t *r)
{
    uint32_t slot[4];
    HUNCH_UNROLL
    for (int k = 0; k < 4; k++) {
        uint32_t word = k & 1 ? __funnelshift_r(r[k / 2], r[k / 2 + 1], 16) : r[k / 2], fifth = 0;
        if (window == 3)
            word = hunch_gram_fold(word) & 0xffffffu;
        if (window == 5)
            fifth = __byte_perm(r[k / 2 + 1], 0, k & 1 ? 0x4244 : 0x4044);
        slot[k] = slots[hunch_gram_slot(word, fifth, table.slot_log2)];
    }
    return slot[0] + slot[1] * 256 + (slot[2] + slot[3] * 256) * 65536;
}

/* The windows of a lane's 16 bytes that the filter lets pass, a bit each: of 0 to 3 bits 0, 8, 16
 * and 24, of 4 to 7 four bits higher. r[4]: the 4 bytes behind. */
template <int window>
HUNCH_TILE uint32_t pass_row(const struct hunch_gram_table &table, const uint8_t *slots,
                             const uint32_t text[5], uint32_t lane)
{
    uint32_t r[5];
    HUNCH_UNROLL
    for (int k = 0; k < 5; k++)
        r[k] = window == 3 ? text[k] : hunch_gram_fold(text[k]);
    const uint32_t low = slots_of<window>(table, slots, r),
                   high = slots_of<window>(table, slots, r + 2),
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

/* The window that passed as `bit` of a lane's chunk: bits 0 of each four are row 0's, bits 2 row
 * 1's, otherwise as pass_row() has them. Only the 8 bytes in which it lies, as they are, and in the
 * low bits of `at` which it is: the rest is done for 32 at once. Chosen, not indexed: the text stays
 * in registers. */
HUNCH_TILE struct waiting window_of(const uint32_t text[2][5], uint32_t bit, uint32_t at)
{
    const uint32_t only = 1u << bit;
    const bool row = (only & 0x44444444u) != 0, upper = (only & 0xf0f0f0f0u) != 0,
               third = only >= 0x10000u;
    uint32_t r[3];
    HUNCH_UNROLL
    for (int k = 0; k < 3; k++) {
        const uint32_t first = upper ? text[0][k + 2] : text[0][k],
                       second = upper ? text[1][k + 2] : text[1][k];
        r[k] = row ? second : first;
    }
    return {third ? r[1] : r[0], third ? r[2] : r[1], at + (bit >> 1)};
}

HUNCH_TILE void load_chunk(const struct hunch_prefilter_args &a, uint32_t chunk, uint32_t lane,
                           uint4 row[2], uint32_t *behind)
{
    const uint4 *text =
        reinterpret_cast<const uint4 *>(a.slab.bytes) + static_cast<uint64_t>(chunk) * 64;
    row[0] = __ldcs(text + lane);
    row[1] = __ldcs(text + 32 + lane);
    *behind = reinterpret_cast<const uint32_t *>(text)[HUNCH_PREFILTER_CHUNK / 4];
}

/* The chunks of one warp, and when there are no more what still waits. */
template <int window>
HUNCH_TILE void search_warp(const struct hunch_prefilter_args &a, const struct block_tables &tables,
                            const struct warp_memory &memory, uint32_t warp, uint32_t lane)
{
    const uint32_t below = (1u << lane) - 1u, warps = gridDim.x * (blockDim.x / 32);
    uint4 ahead[2];
    uint32_t ahead_behind = 0, passed_count = 0, known_count = 0, text[2][5] = {};
    if (warp < a.chunks)
        load_chunk(a, warp, lane, ahead, &ahead_behind);
    for (uint32_t chunk = warp;; chunk += warps) {
        const bool end = chunk >= a.chunks;
        uint32_t passed = 0;
        if (!end) {
            /* Each lane wants the word that the next one has, the last one what lane 0 says. */
            const uint32_t first0 = lane == 0 ? ahead[1].x : ahead[0].x,
                           first1 = lane == 0 ? ahead_behind : ahead[1].x;
            const int from = static_cast<int>((lane + 1) & 31u);
            HUNCH_UNROLL
            for (int j = 0; j < 2; j++) {
                text[j][0] = ahead[j].x;
                text[j][1] = ahead[j].y;
                text[j][2] = ahead[j].z;
                text[j][3] = ahead[j].w;
                text[j][4] = __shfl_sync(0xffffffffu, j == 0 ? first0 : first1, from);
            }
            const uint32_t following = chunk + warps; /* the last one again where there is none */
            load_chunk(a, following < a.chunks ? following : a.chunks - 1, lane, ahead,
                       &ahead_behind);
            passed = pass_row<window>(a.table, tables.slots, text[0], lane) |
                     pass_row<window>(a.table, tables.slots, text[1], lane) << 2;
        }
        const uint32_t at = chunk * HUNCH_PREFILTER_CHUNK + lane * 16;
        for (uint32_t any = __ballot_sync(0xffffffffu, passed != 0); any != 0 || end;
             any = __ballot_sync(0xffffffffu, passed != 0)) {
            if (passed != 0) {
                const uint32_t bit = 31u - static_cast<uint32_t>(__clz(static_cast<int>(passed)));
                memory.passed[passed_count + __popc(any & below)] = window_of(text, bit, at);
                passed ^= 1u << bit;
            }
            passed_count += __popc(any);
            __syncwarp();
            if (passed_count < 32 && !end)
                continue;
            const uint32_t taken = passed_count < 32 ? passed_count : 32;
            passed_count -= taken;
            struct waiting w = {};
            if (lane < taken)
                w = kinds_of(a, tables.known, memory.passed[passed_count + lane]);
            const uint32_t known = __ballot_sync(0xffffffffu, w.tail >> 16 != 0);
            if (w.tail >> 16 != 0)
                memory.known[known_count + __popc(known & below)] = w;
            known_count += __popc(known);
            __syncwarp();
            if (known_count < 32 && !end)
                continue;
            const uint32_t looked = known_count < 32 ? known_count : 32;
            known_count -= looked;
            if (lane < looked)
                check_lane(a, tables, memory, memory.known[known_count + lane]);
            write_warp(a, memory, lane, end);
            if (end && passed_count + known_count == 0)
                return;
        }
    }
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
 * A warp takes HUNCH_PREFILTER_CHUNK bytes at a time, in two rows of 512, its lanes 16 neighbouring
 * bytes of a row each, and has the loads of the next chunk in flight meanwhile; the 4 bytes behind
 * a lane's are its neighbour's. Example: lane 3 of warp 0 has bytes 48 to 63 of row 0 and asks about
 * windows 48, 50, ... 62; whether the last goes on, its neighbour's first slot says.
 *
 * Few windows pass each step and lanes shall differ as little as can be, so a warp has a queue
 * before each and takes it 32 at once: windows that the filter lets pass, to be asked whether their
 * key is known; those that are, to be looked up in buckets; places of literals, to be compared.
 * They are written together, because one counter cannot be added to more than about once a
 * nanosecond.
 *
 * Shared memory, all of it dynamic (hunch_prefilter_shared): the filter's slots, the bits of known
 * keys, each warp's queues, and where a.grams_shared buckets and grams. Moves each byte of the slab
 * once. */
HUNCH_KERNEL_ALONE(hunch_prefilter_kernel, HUNCH_PREFILTER_THREADS, struct hunch_prefilter_args, a)
{
    HUNCH_SHARED_DYNAMIC(uint32_t, shared);
    const struct hunch_gram_table &t = a.table;
    const uint32_t slot_words = (1u << t.slot_log2) / 4, warps = blockDim.x / 32,
                   lane = threadIdx.x & 31u,
                   warp = __shfl_sync(0xffffffffu, threadIdx.x / 32, 0); /* known to be uniform */
    const uint32_t known_words = (1u << t.known_log2) / 32, buckets = t.bucket_count + 1;
    uint32_t *known = shared + slot_words, *own = known + known_words,
             *rest = own + warps * HUNCH_PREFILTER_WARP_WORDS;
    own += warp * HUNCH_PREFILTER_WARP_WORDS;
    const struct warp_memory memory = {
        reinterpret_cast<struct waiting *>(own),
        reinterpret_cast<struct waiting *>(own) + HUNCH_PREFILTER_QUEUE,
        reinterpret_cast<struct hunch_literal_hit *>(own + 6 * HUNCH_PREFILTER_QUEUE),
        own + HUNCH_PREFILTER_WARP_WORDS - 1};
    struct block_tables tables = {reinterpret_cast<const uint8_t *>(shared), known, t.bucket,
                                  t.gram};
    copy_block(shared, t.slots, slot_words);
    copy_block(known, t.known, known_words);
    if (a.grams_shared) {
        copy_block(rest, t.bucket, buckets);
        copy_block(rest + buckets, reinterpret_cast<const uint32_t *>(t.gram), t.gram_count * 3);
        tables.bucket = rest;
        tables.gram = reinterpret_cast<const struct hunch_gram *>(rest + buckets);
    }
    if (lane == 0)
        *memory.found_count = 0;
    __syncthreads();
    const uint32_t first = blockIdx.x * warps + warp;
    if (t.window == 3)
        search_warp<3>(a, tables, memory, first, lane);
    else if (t.window == 4)
        search_warp<4>(a, tables, memory, first, lane);
    else
        search_warp<5>(a, tables, memory, first, lane);
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
