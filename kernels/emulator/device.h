/* device.h: CUDA's words for a .cu file that is compiled as C++ for the emulator: keywords,
 * built-in variables, vector types, intrinsics. Included by portable.h. It takes no more than CUDA
 * takes: an atomic on uint64_t (unsigned long) does not compile with nvcc either.
 *
 * Every point where lanes meet carries the file and line of its call, for messages. Not modelled:
 * bank conflicts, weak memory between blocks, what __activemask() happens to say, asynchronous
 * copies. A loop that waits for another lane must hold an atomic or __nanosleep, where lanes change
 * places. */
#ifndef HUNCH_SIMT_DEVICE_H
#define HUNCH_SIMT_DEVICE_H

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#define __device__
#define __host__
#define __constant__
#define __forceinline__ inline
#define __restrict__ __restrict

struct uint2 {
    unsigned x, y;
};
struct uint3 {
    unsigned x, y, z;
};
struct alignas(16) uint4 {
    unsigned x, y, z, w;
};
struct alignas(16) ulonglong2 {
    unsigned long long x, y;
};
static inline uint2 make_uint2(unsigned x, unsigned y)
{
    return {x, y};
}
static inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w)
{
    return {x, y, z, w};
}
static inline ulonglong2 make_ulonglong2(unsigned long long x, unsigned long long y)
{
    return {x, y};
}

namespace simt
{
/* A kernel, known by its name from the moment it is linked. */
struct kernel {
    kernel(const char *name, size_t args_size, unsigned max_threads, void (*body)(const void *));
    const char *name;
    size_t args_size;
    unsigned max_threads; /* of a block */
    void (*body)(const void *args);
    const kernel *next;
};

/* What the running lane sees of its place in the grid. */
struct view {
    uint3 thread, block, block_size, grid_size;
    unsigned lane; /* in the warp */
};
extern __thread const view *here;

struct place {
    const char *file;
    int line;
};
/* As a default argument: where the call stands. */
#define SIMT_HERE simt::place at = {__builtin_FILE(), __builtin_LINE()}

enum class op : uint8_t {
    sync,
    ballot,
    any,
    all,
    shuffle,
    match_any,
    match_all,
    add,
    smallest,
    largest,
    bit_and,
    bit_or,
    bit_xor,
    barrier,
    barrier_count,
    barrier_and,
    barrier_or
};

/* Waits for the lanes of `mask` in this warp. `source` is the lane that a shuffle reads. */
uint64_t meet_warp(op what, unsigned mask, uint64_t value, unsigned source, place at);
/* Waits for every lane of the block that has not ended. */
uint64_t meet_block(op what, uint64_t value, place at);
void at_atomic();  /* now and then lets others run */
void yield();      /* lets others run */
long long clock(); /* turns that lanes have had so far: the same in every run of one seed */
[[noreturn]] void trap(place at);
/* The block's memory for a shared variable, made when its first lane asks. */
void *shared(const void *key, const char *name, size_t bytes);
void *shared_dynamic();

template <class T> uint64_t bits_of(T value)
{
    static_assert(sizeof(T) == 4 || sizeof(T) == 8, "CUDA exchanges values of 4 and 8 bytes");
    uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof value);
    return bits;
}

template <class T> T shuffle(unsigned mask, T value, int source, place at)
{
    const uint64_t bits = meet_warp(op::shuffle, mask, bits_of(value), (unsigned)source, at);
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

/* Orders signed numbers as unsigned ones. */
template <class T> uint64_t ordered(T value)
{
    return (uint32_t)value ^ (std::is_signed<T>::value ? 0x80000000u : 0u);
}

template <class T> T reduce(op what, unsigned mask, T value, place at)
{
    static_assert(sizeof(T) == 4 && std::is_integral<T>::value, "CUDA reduces 32-bit integers");
    const bool compares = what == op::smallest || what == op::largest;
    const uint64_t result =
        meet_warp(what, mask, compares ? ordered(value) : (uint32_t)value, 0, at);
    return (T)(compares ? ordered((T)result) : result);
}

template <class T> void check_atomic()
{
    static_assert(std::is_same<T, int>::value || std::is_same<T, unsigned>::value ||
                      std::is_same<T, unsigned long long>::value,
                  "CUDA's atomics take int, unsigned int and unsigned long long");
    at_atomic();
}
} // namespace simt

#define threadIdx (simt::here->thread)
#define blockIdx (simt::here->block)
#define blockDim (simt::here->block_size)
#define gridDim (simt::here->grid_size)
#define warpSize 32

/* --- blocks ----------------------------------------------------------------------------------- */
static inline void __syncthreads(SIMT_HERE)
{
    simt::meet_block(simt::op::barrier, 0, at);
}
static inline int __syncthreads_count(int holds, SIMT_HERE)
{
    return (int)simt::meet_block(simt::op::barrier_count, holds != 0, at);
}
static inline int __syncthreads_and(int holds, SIMT_HERE)
{
    return (int)simt::meet_block(simt::op::barrier_and, holds != 0, at);
}
static inline int __syncthreads_or(int holds, SIMT_HERE)
{
    return (int)simt::meet_block(simt::op::barrier_or, holds != 0, at);
}
static inline void __threadfence() {}
static inline void __threadfence_block() {}
static inline void __nanosleep(unsigned)
{
    simt::yield();
}
static inline long long clock64()
{
    return simt::clock();
}
[[noreturn]] static inline void __trap(SIMT_HERE)
{
    simt::trap(at);
}

/* --- warps ------------------------------------------------------------------------------------ */
static inline void __syncwarp(unsigned mask = 0xffffffffu, SIMT_HERE)
{
    simt::meet_warp(simt::op::sync, mask, 0, 0, at);
}
/* The least that CUDA promises: the lane itself. */
static inline unsigned __activemask()
{
    return 1u << simt::here->lane;
}
static inline unsigned __ballot_sync(unsigned mask, int holds, SIMT_HERE)
{
    return (unsigned)simt::meet_warp(simt::op::ballot, mask, holds != 0, 0, at);
}
static inline int __any_sync(unsigned mask, int holds, SIMT_HERE)
{
    return (int)simt::meet_warp(simt::op::any, mask, holds != 0, 0, at);
}
static inline int __all_sync(unsigned mask, int holds, SIMT_HERE)
{
    return (int)simt::meet_warp(simt::op::all, mask, holds != 0, 0, at);
}
template <class T> unsigned __match_any_sync(unsigned mask, T value, SIMT_HERE)
{
    return (unsigned)simt::meet_warp(simt::op::match_any, mask, simt::bits_of(value), 0, at);
}
template <class T> unsigned __match_all_sync(unsigned mask, T value, int *equal, SIMT_HERE)
{
    const uint64_t lanes = simt::meet_warp(simt::op::match_all, mask, simt::bits_of(value), 0, at);
    *equal = lanes != 0;
    return (unsigned)lanes;
}
/* Shuffles stay inside groups of `width` lanes; what would leave the group reads the lane itself.
 */
template <class T> T __shfl_sync(unsigned mask, T value, int source, int width = 32, SIMT_HERE)
{
    const int lane = (int)simt::here->lane;
    return simt::shuffle(mask, value, (lane & ~(width - 1)) | (source & (width - 1)), at);
}
template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32, SIMT_HERE)
{
    const int lane = (int)simt::here->lane, low = lane & ~(width - 1);
    return simt::shuffle(mask, value, lane - (int)delta < low ? lane : lane - (int)delta, at);
}
template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32, SIMT_HERE)
{
    const int lane = (int)simt::here->lane, high = lane | (width - 1);
    return simt::shuffle(mask, value, lane + (int)delta > high ? lane : lane + (int)delta, at);
}
template <class T> T __shfl_xor_sync(unsigned mask, T value, int bits, int width = 32, SIMT_HERE)
{
    const int lane = (int)simt::here->lane, other = lane ^ bits;
    return simt::shuffle(mask, value, other > (lane | (width - 1)) ? lane : other, at);
}
template <class T> T __reduce_add_sync(unsigned mask, T value, SIMT_HERE)
{
    return simt::reduce(simt::op::add, mask, value, at);
}
template <class T> T __reduce_min_sync(unsigned mask, T value, SIMT_HERE)
{
    return simt::reduce(simt::op::smallest, mask, value, at);
}
template <class T> T __reduce_max_sync(unsigned mask, T value, SIMT_HERE)
{
    return simt::reduce(simt::op::largest, mask, value, at);
}
static inline unsigned __reduce_and_sync(unsigned mask, unsigned value, SIMT_HERE)
{
    return simt::reduce(simt::op::bit_and, mask, value, at);
}
static inline unsigned __reduce_or_sync(unsigned mask, unsigned value, SIMT_HERE)
{
    return simt::reduce(simt::op::bit_or, mask, value, at);
}
static inline unsigned __reduce_xor_sync(unsigned mask, unsigned value, SIMT_HERE)
{
    return simt::reduce(simt::op::bit_xor, mask, value, at);
}

/* --- atomics ---------------------------------------------------------------------------------- */
/* The second operand is converted to the type of the first, as CUDA's overloads do. */
#define SIMT_ATOMIC(name, result)                                                     \
    template <class T> T name(T *address, typename std::common_type<T>::type operand) \
    {                                                                                 \
        simt::check_atomic<T>();                                                      \
        const T old = *address;                                                       \
        *address = (result);                                                          \
        return old;                                                                   \
    }
SIMT_ATOMIC(atomicAdd, old + operand)
SIMT_ATOMIC(atomicSub, old - operand)
SIMT_ATOMIC(atomicExch, operand)
SIMT_ATOMIC(atomicMin, operand < old ? operand : old)
SIMT_ATOMIC(atomicMax, operand > old ? operand : old)
SIMT_ATOMIC(atomicAnd, old &operand)
SIMT_ATOMIC(atomicOr, old | operand)
SIMT_ATOMIC(atomicXor, old ^ operand)
template <class T>
T atomicCAS(T *address, typename std::common_type<T>::type expected,
            typename std::common_type<T>::type desired)
{
    simt::check_atomic<T>();
    const T old = *address;
    if (old == expected)
        *address = desired;
    return old;
}

/* --- loads and bits --------------------------------------------------------------------------- */
template <class T> T __ldg(const T *address)
{
    return *address;
}
template <class T> T __ldcs(const T *address)
{
    return *address;
}
template <class T> T __ldcg(const T *address)
{
    return *address;
}
template <class T> T min(T a, T b)
{
    return b < a ? b : a;
}
template <class T> T max(T a, T b)
{
    return a < b ? b : a;
}
static inline int __popc(unsigned x)
{
    return __builtin_popcount(x);
}
static inline int __popcll(unsigned long long x)
{
    return __builtin_popcountll(x);
}
static inline int __ffs(int x)
{
    return __builtin_ffs(x);
}
static inline int __ffsll(long long x)
{
    return __builtin_ffsll(x);
}
static inline int __clz(int x)
{
    return x == 0 ? 32 : __builtin_clz((unsigned)x);
}
static inline int __clzll(long long x)
{
    return x == 0 ? 64 : __builtin_clzll((unsigned long long)x);
}
static inline unsigned __umulhi(unsigned a, unsigned b)
{
    return (unsigned)((uint64_t)a * b >> 32);
}
static inline unsigned __brev(unsigned x)
{
    unsigned result = 0;
    for (int bit = 0; bit < 32; bit++)
        result |= (x >> bit & 1u) << (31 - bit);
    return result;
}
/* The high (low) half of high:low shifted left (right) by 0 to 31 bits. */
static inline unsigned __funnelshift_l(unsigned low, unsigned high, unsigned shift)
{
    return (unsigned)(((uint64_t)high << 32 | low) << (shift & 31u) >> 32);
}
static inline unsigned __funnelshift_r(unsigned low, unsigned high, unsigned shift)
{
    return (unsigned)(((uint64_t)high << 32 | low) >> (shift & 31u));
}
/* Byte i of the result is the byte of y:x that nibble i names; bit 3 spreads its sign instead. */
static inline unsigned __byte_perm(unsigned x, unsigned y, unsigned selector)
{
    const uint64_t both = (uint64_t)y << 32 | x;
    unsigned result = 0;
    for (unsigned i = 0; i < 4; i++) {
        const unsigned nibble = selector >> (4 * i) & 15u;
        unsigned byte = (unsigned)(both >> (8 * (nibble & 7u))) & 255u;
        if (nibble & 8u)
            byte = byte & 128u ? 255u : 0u;
        result |= byte << (8 * i);
    }
    return result;
}
#endif
