/* prefilter.cu: from the bytes of a slab to the places where patterns may match. */
#include "gram_tile.h"
#include "hit_tile.h"
#include "prefilter.h"
#include "tuning.h"

/* Numbers of the program: the table's; in a kernel that is compiled for one program, which begins
 * with HUNCH_PROGRAM and the rest (runtime/variant_source.c), constants, so that what it does not
 * need goes and loops over kinds are unrolled. */
#if defined(HUNCH_PROGRAM)
#define OF_PROGRAM(table, field) ((void)(table), HUNCH_PROGRAM_##field)
#define UNROLL_OF_PROGRAM HUNCH_UNROLL
#else
#define OF_PROGRAM(table, field) (table).field
#define UNROLL_OF_PROGRAM
#endif

HUNCH_TILE struct hunch_gram_kind kind_of(const struct hunch_gram_table &table, uint32_t k)
{
#if defined(HUNCH_PROGRAM)
    constexpr struct hunch_gram_kind kinds[] = {HUNCH_PROGRAM_KINDS};
    (void)table;
    return kinds[k];
#else
    return table.kind[k];
#endif
}

/* The tables as a block has them: in shared memory, or in the device's. */
struct block_tables {
    const uint8_t *slots;
    const uint32_t *known, *bucket;
    const struct hunch_gram *gram;
};

/* A window whose key is known, its bytes folded. */
struct known {
    uint32_t word, next; /* 8 bytes from its start on */
    uint32_t at;         /* in the slab */
    uint32_t kinds;      /* that it may be */
};

/* A warp's part of shared memory: its queues. */
struct warp_memory {
    struct known *known;
    uint32_t *passed; /* windows that passed the first filter, as place_of() wants them */
    struct hunch_literal_hit *found; /* places where a literal may stand */
    uint32_t *found_count;           /* may be more than there is room for */
};

/* Of 4 bytes in lower case, bit 5 of each that is a letter: the only one in which upper case may
 * differ. */
HUNCH_TILE uint32_t case_of(uint32_t bytes)
{
    const uint32_t seven = bytes & 0x7f7f7f7fu; /* 'a' + 0x1f and 'z' + 6 have bit 7 */
    return ((seven + 0x1f1f1f1fu) & ~(seven + 0x05050505u) & ~bytes & 0x80808080u) >> 2;
}

/* hunch_literal_here(), 4 bytes at a time. Reads up to 7 bytes behind the literal and the text. */
HUNCH_TILE bool stands(const struct hunch_prefilter_args &a, struct hunch_literal_hit hit)
{
    const struct hp_literal *l = &a.literal[hit.literal];
    const uint32_t length = l->bytes.length, from = l->bytes.offset;
    if (hit.at > a.slab.size || length > a.slab.size - hit.at)
        return false;
    const uint32_t *have = reinterpret_cast<const uint32_t *>(a.slab.bytes) + hit.at / 4,
                   *want = reinterpret_cast<const uint32_t *>(a.blob) + from / 4;
    const bool nocase = (l->flags & HP_LITERAL_NOCASE) != 0;
    uint32_t have0 = have[0], want0 = want[0];
    for (uint32_t i = 0; i < length; i += 4) {
        const uint32_t have1 = have[i / 4 + 1], want1 = want[i / 4 + 1];
        const uint32_t bytes = __funnelshift_r(want0, want1, 8 * (from & 3u));
        uint32_t other = __funnelshift_r(have0, have1, 8 * (hit.at & 3u)) ^ bytes;
        if (nocase)
            other &= ~case_of(bytes);
        if (length - i < 4)
            other &= (1u << (8 * (length - i))) - 1u;
        if (other != 0)
            return false;
        have0 = have1;
        want0 = want1;
    }
    return true;
}

/* What becomes of an occurrence, number `place` of all. The route fused has another: fused.cu. */
#if defined(HUNCH_KERNELS_ARE_FUNCTIONS)
HUNCH_TILE void occurs(const struct hunch_prefilter_args &a, uint32_t place,
                       struct hunch_literal_hit hit);
#else
HUNCH_TILE void occurs(const struct hunch_prefilter_args &a, uint32_t place,
                       struct hunch_literal_hit hit)
{
    if (place < a.capacity)
        a.hit[place] = hit;
    else if (place >= HUNCH_HITS_MANY)
        *a.many = 1;
}
#endif

/* Keeps a place where a literal may stand. */
HUNCH_TILE void keep(const struct hunch_prefilter_args &a, const struct warp_memory &memory,
                     struct hunch_literal_hit hit)
{
    const uint32_t place = atomicAdd(memory.found_count, 1u);
    if (place < HUNCH_PREFILTER_FOUND)
        memory.found[place] = hit;
    else if (stands(a, hit))
        occurs(a, atomicAdd(a.count, 1u), hit);
}

/* Where the window begins that passed as `bit` of a lane's chunk (passed_of), of which the queue
 * keeps the lane's place in the slab, a multiple of 16, plus half of the bit. */
HUNCH_TILE uint32_t place_of(uint32_t window, uint32_t stride)
{
    const uint32_t row = window & 1u, upper = window >> 1 & 1u, which = window >> 2 & 3u;
    return (window & ~15u) + row * 512 + (stride == 4 ? which * 4 : upper * 8 + which * 2);
}

/* Which kinds of grams the window at `at` may be. Its text is read once more: few windows come this
 * far, 32 at a time, and to choose it from a lane's registers costs each of them more. */
HUNCH_TILE struct known kinds_of(const struct hunch_prefilter_args &a, const uint32_t *bits,
                                 uint32_t at)
{
    const uint32_t *from = reinterpret_cast<const uint32_t *>(a.slab.bytes) + at / 4,
                   shift = 8 * (at & 3u);
    const uint32_t text0 = from[0], text1 = from[1], text2 = from[2];
    struct known w = {hunch_gram_fold(__funnelshift_r(text0, text1, shift)),
                      hunch_gram_fold(__funnelshift_r(text1, text2, shift)), at, 0};
    HUNCH_UNROLL
    for (uint32_t k = 0; k < HUNCH_GRAM_KINDS; k++) {
        if (k == OF_PROGRAM(a.table, kind_count))
            break;
        const struct hunch_gram_kind kind = kind_of(a.table, k);
        const uint32_t bit =
            hunch_gram_key(&kind, w.word, w.next) >> (32 - OF_PROGRAM(a.table, known_log2));
        w.kinds |= ((bits[bit / 32] >> (bit & 31u)) & 1u) << k;
    }
    return w;
}

/* Looks up the grams that a window may be, and keeps the places of their literals. */
HUNCH_TILE void check_lane(const struct hunch_prefilter_args &a, const struct block_tables &tables,
                           const struct warp_memory &memory, const struct known &w)
{
    UNROLL_OF_PROGRAM
    for (uint32_t k = 0; k != OF_PROGRAM(a.table, kind_count); k++) {
        if (((w.kinds >> k) & 1u) == 0)
            continue;
        const struct hunch_gram_kind kind = kind_of(a.table, k);
        const uint32_t key = hunch_gram_key(&kind, w.word, w.next);
        uint32_t i = tables.bucket[kind.first + (key >> (32 - kind.log2))], last = i == HP_NONE;
        for (; last == 0; i++) {
            const uint4 *from = reinterpret_cast<const uint4 *>(&tables.gram[i]);
            const uint4 one = from[0], two = from[1];
            const struct hunch_gram gram = {
                one.x, one.y, one.z, one.w, two.x, static_cast<int32_t>(two.y), two.z, 0};
            last = gram.last;
            if (!hunch_gram_fits(&gram, w.word, w.next) || static_cast<int64_t>(w.at) < gram.offset)
                continue;
            keep(a, memory, {w.at - static_cast<uint32_t>(gram.offset), gram.literal});
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
            occurs(a, place + __popc(which & ((1u << lane) - 1u)), memory.found[i]);
    }
    __syncwarp();
    if (lane == 0)
        *memory.found_count = 0;
    __syncwarp();
}

/* Keeps the literals of 1 byte of a chunk. All lanes of the warp call it. */
HUNCH_TILE void keep_singles(const struct hunch_prefilter_args &a, const struct warp_memory &memory,
                             const uint32_t text[2][5], uint32_t at, uint32_t lane)
{
    for (uint32_t i = 0; i != OF_PROGRAM(a.table, single_count); i++) {
        const struct hunch_single single = a.table.single[i];
        uint32_t bits = 0; /* of the 16 bytes of row 0, then of row 1's */
        HUNCH_UNROLL
        for (uint32_t k = 0; k < 8; k++)
            bits |= hunch_single_at(&single, hunch_gram_fold(text[k / 4][k % 4])) << (4 * k);
        while (__any_sync(0xffffffffu, bits != 0)) {
            if (bits != 0) {
                const uint32_t bit = 31u - static_cast<uint32_t>(__clz(static_cast<int>(bits)));
                keep(a, memory, {at + (bit >> 4) * 512 + (bit & 15u), single.literal});
                bits ^= 1u << bit;
            }
            write_warp(a, memory, lane, false);
        }
    }
}

/* The slots of the 4 windows from r[0] on, the first in the low byte. */
template <int window, int stride>
HUNCH_TILE uint32_t slots_of(const struct hunch_gram_table &table, const uint8_t *slots,
                             const uint32_t *r)
{
    uint32_t slot[4];
    HUNCH_UNROLL
    for (int k = 0; k < 4; k++) {
        const int i = k * stride / 4;
        const bool between = k * stride % 4 != 0;
        uint32_t word = between ? __funnelshift_r(r[i], r[i + 1], 16) : r[i], fifth = 0;
        if (window == 3)
            word = hunch_gram_fold(word) & 0xffffffu;
        if (window == 5)
            fifth = __byte_perm(r[i + 1], 0, between ? 0x4244 : 0x4044);
        slot[k] = slots[hunch_gram_slot(word, fifth, OF_PROGRAM(table, slot_log2))];
    }
    return slot[0] + slot[1] * 256 + (slot[2] + slot[3] * 256) * 65536;
}

/* The classes of which a lane's windows may be, four bits each; text[4]: the 4 bytes behind the
 * lane's. Of 8 windows at stride 2 window 0 from bit 0 on, 1 to 3 from 8, 16 and 24 on, 4 to 7 four
 * bits higher; of 4 at stride 4 the upper four bits of each byte are 0. */
template <int window, int stride>
HUNCH_TILE uint32_t classes_of(const struct hunch_gram_table &table, const uint8_t *slots,
                               const uint32_t text[5], uint32_t lane)
{
    uint32_t r[5];
    HUNCH_UNROLL
    for (int k = 0; k < 5; k++)
        r[k] = window == 3 ? text[k] : hunch_gram_fold(text[k]);
    const uint32_t low = slots_of<window, stride>(table, slots, r),
                   next = __shfl_down_sync(0xffffffffu, low, 1);
    /* The window behind the last lane's is not looked at here: as if it followed everything. */
    const uint32_t unseen = lane == 31 ? 0x0f000000u : 0;
    if (stride == 4)
        return low & (__funnelshift_r(low, next, 8 + HUNCH_GRAM_SECOND) | unseen) & 0x0f0f0f0fu;
    const uint32_t high = slots_of<window, stride>(table, slots, r + 2),
                   passed_low = low & __funnelshift_r(low, high, 8 + HUNCH_GRAM_SECOND),
                   passed_high =
                       high & (__funnelshift_r(high, next, 8 + HUNCH_GRAM_SECOND) | unseen);
    return (passed_low & 0x0f0f0f0fu) | (passed_high << 4 & 0xf0f0f0f0u);
}

/* A bit for each window that is of any class: bits 0 of each four are row 0's, bits 2 row 1's. */
HUNCH_TILE uint32_t passed_of(uint32_t row0, uint32_t row1)
{
    row0 = (row0 | row0 >> 2) & 0x33333333u;
    row1 = (row1 | row1 << 2) & 0xccccccccu;
    const uint32_t both = row0 | row1;
    return (both | both >> 1) & 0x55555555u;
}

HUNCH_TILE void load_chunk(const struct hunch_prefilter_args &a, uint32_t chunk, uint32_t lane,
                           uint4 row[2], uint32_t *behind)
{
    const uint4 *text =
        reinterpret_cast<const uint4 *>(a.slab.bytes) + static_cast<uint64_t>(chunk) * 64;
    row[0] = __ldg(text + lane);
    row[1] = __ldg(text + 32 + lane);
    *behind = reinterpret_cast<const uint32_t *>(text)[HUNCH_PREFILTER_CHUNK / 4];
}

/* The chunks of one warp, and when there are no more what still waits. */
template <int window, int stride>
HUNCH_TILE void search_warp(const struct hunch_prefilter_args &a, const struct block_tables &tables,
                            const struct warp_memory &memory, uint32_t warp, uint32_t lane)
{
    const uint32_t below = (1u << lane) - 1u, warps = gridDim.x * (blockDim.x / 32);
    uint4 ahead[HUNCH_PREFILTER_AHEAD][2];
    uint32_t behind[HUNCH_PREFILTER_AHEAD] = {}, passed_count = 0, known_count = 0, text[2][5] = {};
    HUNCH_UNROLL
    for (uint32_t i = 0; i < HUNCH_PREFILTER_AHEAD; i++)
        if (warp + i * warps < a.chunks)
            load_chunk(a, warp + i * warps, lane, ahead[i], &behind[i]);
    for (uint32_t chunk = warp;; chunk += warps) {
        const bool end = chunk >= a.chunks;
        uint32_t passed = 0;
        if (!end) {
            /* Each lane wants the word that the next one has, the last one what lane 0 says. */
            const uint32_t first0 = lane == 0 ? ahead[0][1].x : ahead[0][0].x,
                           first1 = lane == 0 ? behind[0] : ahead[0][1].x;
            const int from = static_cast<int>((lane + 1) & 31u);
            HUNCH_UNROLL
            for (int j = 0; j < 2; j++) {
                text[j][0] = ahead[0][j].x;
                text[j][1] = ahead[0][j].y;
                text[j][2] = ahead[0][j].z;
                text[j][3] = ahead[0][j].w;
                text[j][4] = __shfl_sync(0xffffffffu, j == 0 ? first0 : first1, from);
            }
            HUNCH_UNROLL
            for (uint32_t i = 1; i < HUNCH_PREFILTER_AHEAD; i++) {
                ahead[i - 1][0] = ahead[i][0];
                ahead[i - 1][1] = ahead[i][1];
                behind[i - 1] = behind[i];
            }
            /* The last one again where there is none. */
            const uint32_t following = chunk + HUNCH_PREFILTER_AHEAD * warps;
            load_chunk(a, following < a.chunks ? following : a.chunks - 1, lane,
                       ahead[HUNCH_PREFILTER_AHEAD - 1], &behind[HUNCH_PREFILTER_AHEAD - 1]);
            passed = passed_of(classes_of<window, stride>(a.table, tables.slots, text[0], lane),
                               classes_of<window, stride>(a.table, tables.slots, text[1], lane));
        }
        const uint32_t at = chunk * HUNCH_PREFILTER_CHUNK + lane * 16;
        if (OF_PROGRAM(a.table, single_count) != 0 && !end)
            keep_singles(a, memory, text, at, lane);
        for (uint32_t any = __ballot_sync(0xffffffffu, passed != 0); any != 0 || end;
             any = __ballot_sync(0xffffffffu, passed != 0)) {
            if (passed != 0) {
                const uint32_t bit = 31u - static_cast<uint32_t>(__clz(static_cast<int>(passed)));
                memory.passed[passed_count + __popc(any & below)] = at + (bit >> 1);
                passed ^= 1u << bit;
            }
            passed_count += __popc(any);
            if (passed_count < 32 && !end)
                continue;
            __syncwarp();
            const uint32_t taken = passed_count < 32 ? passed_count : 32;
            passed_count -= taken;
            struct known w;
            w.kinds = 0;
            if (lane < taken)
                w = kinds_of(a, tables.known, place_of(memory.passed[passed_count + lane], stride));
            const uint32_t known = __ballot_sync(0xffffffffu, w.kinds != 0);
            if (w.kinds != 0)
                memory.known[known_count + __popc(known & below)] = w;
            known_count += __popc(known);
            __syncwarp(); /* both queues have been read and written */
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
 * bytes of a row each, and has the loads of the next chunk (HUNCH_PREFILTER_AHEAD of them) in
 * flight meanwhile; the 4 bytes behind a lane's are its neighbour's. Example: lane 3 of warp 0 has
 * bytes 48 to 63 of row 0 and asks about windows 48, 50, ... 62, at stride 4 about 48, 52, 56 and
 * 60; whether the last goes on, its neighbour's first slot says.
 *
 * Few windows pass each step and lanes shall differ as little as can be, so a warp has a queue
 * before each and takes it 32 at once: windows that the filter lets pass, to be asked whether their
 * key is known; those that are, to be looked up in buckets; places of literals, to be compared.
 * They are written together, because one counter cannot be added to more than about once a
 * nanosecond.
 *
 * Shared memory, all of it dynamic (hunch_prefilter_shared): the filter's slots, the bits of known
 * keys, each warp's queues, and where a.grams_shared buckets and grams. Moves each byte of the slab
 * once, and 12 bytes for each window that passes the filter once more. */
HUNCH_KERNEL_ALONE(hunch_prefilter_kernel, HUNCH_PREFILTER_THREADS, struct hunch_prefilter_args, a)
{
    HUNCH_SHARED_DYNAMIC(uint32_t, shared);
    const struct hunch_gram_table &t = a.table;
    const uint32_t slot_words = (1u << OF_PROGRAM(t, slot_log2)) / 4, warps = blockDim.x / 32,
                   lane = threadIdx.x & 31u,
                   warp = __shfl_sync(0xffffffffu, threadIdx.x / 32, 0); /* known to be uniform */
    const uint32_t known_words = (1u << OF_PROGRAM(t, known_log2)) / 32;
    uint32_t *known = shared + slot_words, *own = known + known_words,
             *rest = own + warps * HUNCH_PREFILTER_WARP_WORDS;
    own += warp * HUNCH_PREFILTER_WARP_WORDS;
    const struct warp_memory memory = {
        reinterpret_cast<struct known *>(own), own + 4 * HUNCH_PREFILTER_QUEUE,
        reinterpret_cast<struct hunch_literal_hit *>(own + 5 * HUNCH_PREFILTER_QUEUE),
        own + HUNCH_PREFILTER_WARP_WORDS - 4};
    struct block_tables tables = {reinterpret_cast<const uint8_t *>(shared), known, t.bucket,
                                  t.gram};
    copy_block(shared, t.slots, slot_words);
    copy_block(known, t.known, known_words);
    if (OF_PROGRAM(a, grams_shared)) {
        const uint32_t gram_words = OF_PROGRAM(t, gram_count) * (sizeof *t.gram / 4);
        copy_block(rest, reinterpret_cast<const uint32_t *>(t.gram), gram_words);
        copy_block(rest + gram_words, t.bucket, OF_PROGRAM(t, bucket_count));
        tables.gram = reinterpret_cast<const struct hunch_gram *>(rest);
        tables.bucket = rest + gram_words;
    }
    if (lane == 0)
        *memory.found_count = 0;
    __syncthreads();
    const uint32_t first = blockIdx.x * warps + warp;
#if defined(HUNCH_PROGRAM)
    search_warp<HUNCH_PROGRAM_window, HUNCH_PROGRAM_stride>(a, tables, memory, first, lane);
#else
    if (t.window == 3)
        search_warp<3, 2>(a, tables, memory, first, lane);
    else if (t.stride == 4)
        search_warp<5, 4>(a, tables, memory, first, lane);
    else if (t.window == 4)
        search_warp<4, 2>(a, tables, memory, first, lane);
    else
        search_warp<5, 2>(a, tables, memory, first, lane);
#endif
}

#if !defined(HUNCH_PROGRAM) /* the rest is as fast for every program */

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

/* From an occurrence of a literal to those uses of it that may come to something: each(place),
 * where the hit of the use lies. An occurrence that reaches over the end of its record is none. Of
 * a pattern that is only asked whether it occurs, one hit a record is enough where a.seen has room
 * to know. */
template <class Each>
HUNCH_TILE void each_use(const struct hunch_hits_args &a, struct hunch_literal_hit hit, Each each)
{
    const struct hp_literal *literal = &a.literal[hit.literal];
    const uint32_t record = record_of(a.slab, hit.at);
    const uint32_t begin = a.slab.start[record], end = a.slab.start[record + 1],
                   at = hit.at - begin;
    if (literal->bytes.length > end - hit.at)
        return;
    for (uint32_t k = 0; k < literal->user_count; k++) {
        const struct hunch_literal_use *use = &a.use[literal->user + k];
        if (!hunch_hit_tile(use, literal->bytes.length, a.guard, a.word, a.blob,
                            a.slab.bytes + begin, end - begin, at, at))
            continue;
        if (a.seen != nullptr && use->kind == HP_PATTERN_LITERAL) {
            const uint64_t bit = static_cast<uint64_t>(record) * a.pattern_count + use->pattern;
            const uint32_t mask = 1u << (bit & 31u);
            /* Looked at first: what is set stays set, and one word cannot be added to very often.
             */
            const bool first =
                (a.seen[bit >> 5] & mask) == 0 && (atomicOr(&a.seen[bit >> 5], mask) & mask) == 0;
            if (!first && (use->flags & HP_PATTERN_PRESENCE))
                continue;
        }
        const uint32_t place = atomicAdd(a.count, 1u);
        if (place < a.capacity) {
            a.hit[place].record = record;
            a.hit[place].at = at;
            a.hit[place].use = literal->user + k;
            each(place);
        } else if (place >= HUNCH_HITS_MANY) {
            *a.many = 1;
        }
    }
}

/* One occurrence a lane. */
HUNCH_KERNEL_TIMED(hunch_hits_kernel, HUNCH_HITS_THREADS, struct hunch_hits_args, a)
{
    const uint32_t count =
        *a.literal_count < a.literal_capacity ? *a.literal_count : a.literal_capacity;
    const uint32_t step = gridDim.x * blockDim.x;
    for (uint32_t i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += step)
        each_use(a, a.literal_hit[i], [](uint32_t) {});
}
#endif
