/* portable.h: the few words by which one source compiles as C11, as CUDA C++17 with nvcc and under
 * NVRTC, and as C++17 for the emulator (-DHUNCH_EMULATOR).
 * Tile functions include nothing else of the system: no libc, no threadIdx, integers only. */
#ifndef HUNCH_PORTABLE_H
#define HUNCH_PORTABLE_H

#if defined(__CUDACC_RTC__) /* it has no headers */
typedef signed char int8_t;
typedef short int16_t;
typedef int int32_t;
typedef long int64_t;
typedef unsigned char uint8_t;
typedef unsigned short uint16_t;
typedef unsigned int uint32_t;
typedef unsigned long uint64_t; /* as on the host, so that nvcc and NVRTC take the same overloads */
#else
#include <stdint.h>
#endif

/* HUNCH_TILE: a function of the device and of the host; HUNCH_TILE_CALLED: a large one, which a
 * device keeps once, since compilers there take seconds for each copy. HUNCH_TABLE: numbers that
 * both have; in device memory rather than __constant__, whose reads are one by one where lanes
 * differ. */
#if defined(__CUDACC__)
#define HUNCH_TILE static __device__ inline
#define HUNCH_TILE_CALLED static __device__ __noinline__
#define HUNCH_TABLE static __device__ const
#else
#define HUNCH_TILE static inline
#define HUNCH_TILE_CALLED static inline
#define HUNCH_TABLE static const
#endif

/* Words of the kernels in *.cu:
 *
 *   HUNCH_KERNEL(name, threads, type, args) { ... }   an entry, launched with one struct `type` and
 *                                                     blocks of at most `threads` lanes
 *
 *   HUNCH_KERNEL_TIMED(...)       the same, and args.busy gets how long its blocks ran: busy.h;
 *                                 args.signature says that it did: results.h
 *
 *   HUNCH_KERNEL_ALONE(...)       likewise, a block of which has a multiprocessor for itself: all
 *                                 registers are its lanes'
 *
 *   HUNCH_KERNEL_BESIDE(..., n)   likewise, n blocks of which share a multiprocessor at least
 *
 *   HUNCH_KERNEL_OF_ALL(...)      likewise, of a file that includes others whose kernels are then
 *                                 functions: it defines HUNCH_KERNELS_ARE_FUNCTIONS first
 *
 *   HUNCH_SHARED(type, name, count)   an array in shared memory; not for sizeof
 *
 *   HUNCH_SHARED_DYNAMIC(type, name)  the array whose size the launch says
 *
 *   HUNCH_UNROLL                      before a loop of known length */
#if defined(__CUDACC__)
#define HUNCH_KERNEL_CLOCK(bounds, name, type, args)                                            \
    static __device__ __forceinline__ void name##_block(const type &args);                      \
    extern "C" __global__ __launch_bounds__ bounds void name(const __grid_constant__ type args) \
    {                                                                                           \
        const long long hunch_began = clock64();                                                \
        name##_block(args);                                                                     \
        hunch_busy_add(args.busy, hunch_began);                                                 \
        hunch_sign(args.signature);                                                             \
    }                                                                                           \
    static __device__ __forceinline__ void name##_block(const type &args)
#define HUNCH_KERNEL_CLOCKED(name, threads, type, args) \
    HUNCH_KERNEL_CLOCK((threads), name, type, args)
#define HUNCH_KERNEL_OF_ALL(name, threads, type, args) \
    HUNCH_KERNEL_CLOCK((threads, 1), name, type, args)
#define HUNCH_KERNEL_ENTRY(name, threads, type, args) \
    extern "C" __global__ __launch_bounds__(threads) void name(const __grid_constant__ type args)
#define HUNCH_KERNEL_BESIDE_ENTRY(name, threads, type, args, blocks) \
    HUNCH_KERNEL_CLOCK((threads, blocks), name, type, args)
#define HUNCH_SHARED(type, name, count) __shared__ type name[count]
#define HUNCH_SHARED_DYNAMIC(type, name)                                \
    extern __shared__ __align__(16) unsigned char hunch_shared_bytes[]; \
    type *const name = reinterpret_cast<type *>(hunch_shared_bytes)
#define HUNCH_UNROLL _Pragma("unroll")
#elif defined(HUNCH_EMULATOR)
#include "emulator/device.h"
#define HUNCH_KERNEL_ENTRY(name, threads, type, args)                                  \
    static void name(const type &args);                                                \
    static const simt::kernel name##_entry(                                            \
        #name, sizeof(type), threads,                                                  \
        [](const void *hunch_args) { name(*static_cast<const type *>(hunch_args)); }); \
    static void name(const type &args)
#define HUNCH_KERNEL_CLOCKED(name, threads, type, args) \
    static void name##_block(const type &args);         \
    HUNCH_KERNEL_ENTRY(name, threads, type, args)       \
    {                                                   \
        const long long hunch_began = clock64();        \
        name##_block(args);                             \
        hunch_busy_add(args.busy, hunch_began);         \
        hunch_sign(args.signature);                     \
    }                                                   \
    static void name##_block(const type &args)
#define HUNCH_KERNEL_OF_ALL HUNCH_KERNEL_CLOCKED
#define HUNCH_KERNEL_BESIDE_ENTRY(name, threads, type, args, blocks) \
    HUNCH_KERNEL_CLOCKED(name, threads, type, args)
#define HUNCH_SHARED(type, name, count) \
    static const char name##_key = 0;   \
    type *const name = static_cast<type *>(simt::shared(&name##_key, #name, sizeof(type) * (count)))
#define HUNCH_SHARED_DYNAMIC(type, name) \
    type *const name = static_cast<type *>(simt::shared_dynamic())
#define HUNCH_UNROLL
#endif

#if defined(HUNCH_KERNELS_ARE_FUNCTIONS)
#define HUNCH_KERNEL(name, threads, type, args) HUNCH_TILE void name(const type &args)
#define HUNCH_KERNEL_TIMED HUNCH_KERNEL
#define HUNCH_KERNEL_ALONE HUNCH_KERNEL
#define HUNCH_KERNEL_BESIDE(name, threads, type, args, blocks) \
    HUNCH_KERNEL(name, threads, type, args)
#else
#define HUNCH_KERNEL HUNCH_KERNEL_ENTRY
#define HUNCH_KERNEL_TIMED HUNCH_KERNEL_CLOCKED
#define HUNCH_KERNEL_ALONE HUNCH_KERNEL_OF_ALL
#define HUNCH_KERNEL_BESIDE HUNCH_KERNEL_BESIDE_ENTRY
#endif

#if defined(__GNUC__) || defined(__clang__)
#define HUNCH_UNUSED __attribute__((unused))
#define HUNCH_LIKELY(x) __builtin_expect(!!(x), 1)
#define HUNCH_UNLIKELY(x) __builtin_expect(!!(x), 0)
#else
#define HUNCH_UNUSED
#define HUNCH_LIKELY(x) (x)
#define HUNCH_UNLIKELY(x) (x)
#endif

#endif
