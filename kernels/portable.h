/* portable.h: the few words by which one source compiles as C11, as CUDA C++17 and under NVRTC.
 * Tile functions include nothing else of the system: no libc, no threadIdx, integers only. */
#ifndef HUNCH_PORTABLE_H
#define HUNCH_PORTABLE_H

#if defined(__CUDACC_RTC__)
typedef signed char int8_t;
typedef short int16_t;
typedef int int32_t;
typedef long long int64_t;
typedef unsigned char uint8_t;
typedef unsigned short uint16_t;
typedef unsigned int uint32_t;
typedef unsigned long long uint64_t;
#else
#include <stdint.h>
#endif

#if defined(__CUDACC__)
#define HUNCH_TILE static __device__ inline
#define HUNCH_TABLE static __device__ const
#else
#define HUNCH_TILE static inline
#define HUNCH_TABLE static const
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
