/* results.h: the header of what a search of a slab sends back. It is written by the kernels
 * themselves, so that the host notices one that never ran and a buffer that was overwritten.
 *
 * Worked example: the route chained starts the prefilter (bit 0) and the kernels with the bits 1,
 * 2, 3 and 5. Only with `ended` 0x2f, the magic and the version what came back is believed. */
#ifndef HUNCH_RESULTS_H
#define HUNCH_RESULTS_H

#include "portable.h"

#define HUNCH_RESULTS_MAGIC 0x53524348u /* "HCRS" */
#define HUNCH_RESULTS_VERSION 1u        /* of struct hunch_counters, and of hits and states */

struct hunch_results_header {
    uint32_t magic, version;
    uint32_t kept;  /* the match count: hits that are left, which come back beside it */
    uint32_t many;  /* the overflow flag, 1: counts came near to what 32 bits can hold */
    uint32_t ended; /* bits of the kernels that ran since it was cleared */
};

/* What each kernel of a search writes there. */
struct hunch_signature {
    struct hunch_results_header *header;
    uint64_t kernel; /* its bit */
};

#if defined(__CUDACC__) || defined(HUNCH_EMULATOR)
/* The last that a kernel does. One lane writes: kernels of a search run one after the other. */
HUNCH_TILE void hunch_sign(const struct hunch_signature &signature)
{
    if (blockIdx.x != 0 || threadIdx.x != 0)
        return;
    signature.header->magic = HUNCH_RESULTS_MAGIC;
    signature.header->version = HUNCH_RESULTS_VERSION;
    signature.header->ended |= static_cast<uint32_t>(signature.kernel);
}
#endif

#endif
