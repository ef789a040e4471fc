/* busy.h: how long the blocks of a dispatch occupy multiprocessors, added up by themselves. With
 * other dispatches on the device the time from launch to end is mostly a wait for theirs; this is
 * what the dispatch takes away from them.
 *
 * Worked example: 24 blocks of which 8 fit a multiprocessor, 3,000 ticks each: a tick counts 1/8,
 * so all of them are 9,000 ticks of one multiprocessor, of a device with 132 of them 68. */
#ifndef HUNCH_BUSY_H
#define HUNCH_BUSY_H

#include "portable.h"

#define HUNCH_BUSY_UNIT 1024u /* a tick of a whole multiprocessor; 64 bits hold a day of 1,000 */
#define HUNCH_BUSY_CELLS                                                                          \
    32                     /* blocks that end together add to different ones: adding to one takes \
                            * a nanosecond each */
#define HUNCH_BUSY_APART 4 /* and they lie so many apart, each in a sector of its own */

struct hunch_busy {
    unsigned long long *cell; /* HUNCH_BUSY_CELLS * HUNCH_BUSY_APART, 0 at first */
    uint64_t share; /* of a tick: HUNCH_BUSY_UNIT / blocks that fit a multiprocessor at once */
};

#if defined(__CUDACC__) || defined(HUNCH_EMULATOR)
/* All lanes of the block call it, last; it began at clock64() `began`. What waits in a loop is busy
 * too: nobody else has its place meanwhile. */
HUNCH_TILE void hunch_busy_add(const struct hunch_busy &busy, long long began)
{
    __syncthreads(); /* a block keeps its place until its last lane is done */
    if (threadIdx.x == 0)
        atomicAdd(&busy.cell[blockIdx.x % HUNCH_BUSY_CELLS * HUNCH_BUSY_APART],
                  static_cast<unsigned long long>(clock64() - began) * busy.share);
}
#endif

#endif
