/* algorithms.cu: small kernels that use what real ones use, for spec/kernels/emulator_spec.lua. */
#include "busy.h"
#include "portable.h"
#include "results.h"

struct numbers_args {
    const uint32_t *in;
    uint64_t n;
    uint32_t *out;
};

/* The lanes of this warp that there are, in a block whose size need not be a multiple of 32. */
static __device__ inline uint32_t warp_lanes()
{
    const uint32_t left = blockDim.x - (threadIdx.x & ~31u);
    return left >= 32u ? 0xffffffffu : (1u << left) - 1u;
}

/* out[0] += the sum of in[0..n). Shuffles within a warp, shared memory across warps, one atomic a
 * block. */
HUNCH_KERNEL(spec_sum_kernel, 1024, struct numbers_args, args)
{
    HUNCH_SHARED(uint32_t, part, 32);
    const uint32_t lane = threadIdx.x & 31u, lanes = warp_lanes();
    const uint64_t step = (uint64_t)gridDim.x * blockDim.x;
    uint32_t sum = 0;
    for (uint64_t i = (uint64_t)blockIdx.x * blockDim.x + threadIdx.x; i < args.n; i += step)
        sum += args.in[i];
    for (uint32_t delta = 16; delta > 0; delta /= 2) {
        const uint32_t from = lane + delta;
        const bool there = from < 32u && (lanes >> from & 1u) != 0;
        const uint32_t other = __shfl_sync(lanes, sum, there ? (int)from : (int)lane);
        sum += there ? other : 0u;
    }
    if (lane == 0)
        part[threadIdx.x / 32u] = sum;
    __syncthreads();
    if (threadIdx.x == 0) {
        uint32_t all = 0;
        for (uint32_t w = 0; w < (blockDim.x + 31u) / 32u; w++)
            all += part[w];
        atomicAdd(args.out, all);
    }
}

/* out[i] = in[0] + ... + in[i], block by block: each block starts at 0. */
HUNCH_KERNEL(spec_scan_kernel, 1024, struct numbers_args, args)
{
    HUNCH_SHARED_DYNAMIC(uint32_t, sums);
    const uint64_t i = (uint64_t)blockIdx.x * blockDim.x + threadIdx.x;
    sums[threadIdx.x] = i < args.n ? args.in[i] : 0u;
    for (uint32_t delta = 1; delta < blockDim.x; delta *= 2) {
        __syncthreads();
        const uint32_t before = threadIdx.x >= delta ? sums[threadIdx.x - delta] : 0u;
        __syncthreads();
        sums[threadIdx.x] += before;
    }
    if (i < args.n)
        args.out[i] = sums[threadIdx.x];
}

struct queue_args {
    const uint32_t *in;
    uint64_t n;
    unsigned long long *size; /* of the queue */
    uint32_t *queue;          /* indices of odd numbers, in no order */
    uint64_t room;
};

/* One atomic a warp: the lanes that have something agree on a place by ballot. */
HUNCH_KERNEL(spec_queue_kernel, 1024, struct queue_args, args)
{
    const uint32_t lane = threadIdx.x & 31u, lanes = warp_lanes();
    const uint64_t step = (uint64_t)gridDim.x * blockDim.x;
    for (uint64_t base = (uint64_t)blockIdx.x * blockDim.x; base < args.n; base += step) {
        const uint64_t i = base + threadIdx.x;
        const bool odd = i < args.n && (args.in[i] & 1u) != 0;
        const uint32_t have = __ballot_sync(lanes, odd);
        unsigned long long place = 0;
        if (lane == 0 && have != 0)
            place = atomicAdd(args.size, (unsigned long long)__popc(have));
        place = __shfl_sync(lanes, place, 0);
        place += (unsigned long long)__popc(have & ((1u << lane) - 1u));
        if (odd && place < args.room)
            args.queue[place] = (uint32_t)i;
    }
}

/* out[0] = 1 + the number of blocks, added by whichever block is last: a counter in place of an
 * order of blocks. out[1] counts. */
HUNCH_KERNEL(spec_last_block_kernel, 1024, struct numbers_args, args)
{
    HUNCH_SHARED(uint32_t, last, 1);
    if (threadIdx.x == 0) {
        atomicAdd(&args.out[0], 1u);
        __threadfence();
        last[0] = atomicAdd(&args.out[1], 1u) == gridDim.x - 1u;
    }
    __syncthreads();
    if (last[0] != 0 && threadIdx.x == blockDim.x - 1u)
        args.out[0] += 1u;
}

/* Every lane takes a lock in turn and adds to out[1] without an atomic. */
HUNCH_KERNEL(spec_lock_kernel, 1024, struct numbers_args, args)
{
    while (atomicCAS(&args.out[0], 0u, 1u) != 0u)
        __nanosleep(100);
    args.out[1]++;
    atomicExch(&args.out[0], 0u);
}

/* What each operation gives lane i of one warp, 24 words a lane. */
HUNCH_KERNEL(spec_warp_kernel, 32, struct numbers_args, args)
{
    const uint32_t lane = threadIdx.x, all = 0xffffffffu, value = args.in[lane];
    uint32_t *out = args.out + lane * 24u;
    int equal = 0;
    out[0] = __ballot_sync(all, value & 1u);
    out[1] = (uint32_t)__any_sync(all, value == 7u);
    out[2] = (uint32_t)__all_sync(all, value < 100u);
    out[3] = __match_any_sync(all, value % 4u);
    out[4] = __match_all_sync(all, value, &equal);
    out[5] = (uint32_t)equal;
    out[6] = __reduce_add_sync(all, value);
    out[7] = __reduce_min_sync(all, value);
    out[8] = __reduce_max_sync(all, value);
    out[9] = (uint32_t)__reduce_min_sync(all, (int)value - 50);
    out[10] = (uint32_t)__reduce_max_sync(all, (int)value - 50);
    out[11] = __reduce_and_sync(all, value | 64u);
    out[12] = __reduce_or_sync(all, value);
    out[13] = __reduce_xor_sync(all, value);
    out[14] = __shfl_sync(all, value, 5);
    out[15] = __shfl_sync(all, value, 5, 8);
    out[16] = __shfl_up_sync(all, value, 3);
    out[17] = __shfl_down_sync(all, value, 3, 16);
    out[18] = __shfl_xor_sync(all, value, 1);
    if (lane < 8u) { /* part of a warp */
        out[19] = __ballot_sync(0xffu, value & 1u);
        out[20] = __reduce_add_sync(0xffu, value);
    }
    __syncwarp();
    out[21] = (uint32_t)__syncthreads_count((int)(value & 1u));
    out[22] = (uint32_t)__syncthreads_and(value < 100u);
    out[23] = (uint32_t)__syncthreads_or(value == 1000u);
}

struct atomics_args {
    unsigned int *word;
    unsigned long long *wide;
    int *number;
};

HUNCH_KERNEL(spec_atomics_kernel, 1024, struct atomics_args, args)
{
    const uint32_t id = blockIdx.x * blockDim.x + threadIdx.x;
    atomicAdd(&args.word[0], 1u);
    atomicSub(&args.word[1], 2u);
    atomicMax(&args.word[2], id);
    atomicMin(&args.word[3], id);
    atomicOr(&args.word[4], 1u << (id & 31u));
    atomicAnd(&args.word[5], ~(1u << (id & 31u)));
    atomicXor(&args.word[6], id);
    atomicAdd(&args.wide[0], 0x100000001ull);
    atomicMax(&args.wide[1], (unsigned long long)id << 32);
    atomicMin(&args.number[0], -(int)id);
    atomicMax(&args.number[1], -(int)id);
}

/* Where a lane stands: x, y, z of lane and block, packed. */
HUNCH_KERNEL(spec_shape_kernel, 1024, struct numbers_args, args)
{
    const uint32_t lane = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
    const uint32_t block = blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);
    const uint32_t lanes = blockDim.x * blockDim.y * blockDim.z;
    args.out[block * lanes + lane] = threadIdx.x | threadIdx.y << 4 | threadIdx.z << 8 |
                                     blockIdx.x << 12 | blockIdx.y << 16 | blockIdx.z << 20;
}

struct bits_args {
    const uint4 *in; /* n of them */
    uint64_t n;
    uint32_t *out; /* 20 words each */
};

/* What the functions on bits say of x, y, z. */
HUNCH_KERNEL(spec_bits_kernel, 1024, struct bits_args, args)
{
    const uint64_t i = (uint64_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= args.n)
        return;
    const uint4 v = __ldg(&args.in[i]);
    const unsigned long long wide = (unsigned long long)v.y << 32 | v.x;
    uint32_t *out = args.out + 20 * i;
    out[0] = (uint32_t)__popc(v.x);
    out[1] = (uint32_t)__popcll(wide);
    out[2] = (uint32_t)__ffs((int)v.x);
    out[3] = (uint32_t)__ffsll((long long)wide);
    out[4] = (uint32_t)__clz((int)v.x);
    out[5] = (uint32_t)__clzll((long long)wide);
    out[6] = __brev(v.x);
    out[7] = __umulhi(v.x, v.y);
    out[8] = __funnelshift_l(v.x, v.y, v.z);
    out[9] = __funnelshift_r(v.x, v.y, v.z);
    out[10] = __byte_perm(v.x, v.y, v.z);
    out[11] = min(v.x, v.y);
    out[12] = max(v.x, v.y);
    out[13] = (uint32_t)min((int)v.x, (int)v.y);
    const uint2 pair = make_uint2(v.x + 1u, v.y + 1u);
    const uint4 four = make_uint4(pair.x, pair.y, v.z, v.w);
    const ulonglong2 two = make_ulonglong2(wide, wide + 1u);
    out[14] = four.x ^ four.w;
    out[15] = four.y ^ four.z;
    out[16] = (uint32_t)(two.x >> 32);
    out[17] = (uint32_t)two.y;
    out[18] = (uint32_t)(__shfl_xor_sync(__activemask(), wide, 0) >> 32);
    out[19] = __ldcs(&args.in[i].w) + __ldcg(&args.in[i].w);
}

struct busy_args {
    struct hunch_busy busy;
    struct hunch_signature signature;
    uint64_t turns; /* of a block; the last one has ten times as many */
};

/* Lanes that go on for a while; half of them end before. */
HUNCH_KERNEL_TIMED(spec_busy_kernel, 1024, struct busy_args, args)
{
    const uint64_t turns = args.turns * (blockIdx.x + 1 == gridDim.x ? 10 : 1);
    if (threadIdx.x % 2 == 1)
        return;
    for (uint64_t i = 0; i < turns; i++)
        __nanosleep(1);
}
