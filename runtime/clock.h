/* clock.h: how long things take. */
#ifndef HUNCH_CLOCK_H
#define HUNCH_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Nanoseconds from an origin that means nothing; never goes back. */
static inline uint64_t hunch_clock_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

#endif
