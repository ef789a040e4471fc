/* tuning.h: sizes and shapes of kernels. Changing one changes speed, never an answer. */
#ifndef HUNCH_TUNING_H
#define HUNCH_TUNING_H

#define HUNCH_PREFILTER_THREADS 1024 /* one block fills a multiprocessor: it shares one bitmap */
#define HUNCH_PREFILTER_LOADS 4      /* 16-byte loads that a thread has in flight */
#define HUNCH_PREFILTER_QUEUE 64 /* places a warp's queue keeps; 32 of them are checked at once */
#define HUNCH_HITS_THREADS 256

#define HUNCH_GRAM_BITS_MOST 20 /* log2 of the bits of the first filter: 128 KiB */
#define HUNCH_GRAM_BITS_LEAST 15
#define HUNCH_GRAM_BUCKETS_MOST 16 /* log2 */

#define HUNCH_RECORD_BLOCK 12 /* log2 of the bytes for which one entry says where records begin */

/* What one warp takes of the text at a time, and what a slab is padded to. */
#define HUNCH_PREFILTER_CHUNK (HUNCH_PREFILTER_LOADS * 32 * 16)
#define HUNCH_SLAB_BEHIND 64 /* zero bytes behind the last chunk */

#if HUNCH_PREFILTER_THREADS % 32 != 0 || HUNCH_PREFILTER_QUEUE < 64
#error "warps have 32 lanes, and a queue takes 32 places before 32 are checked"
#endif

#endif
