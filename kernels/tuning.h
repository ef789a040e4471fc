/* tuning.h: sizes and shapes of kernels that a measurement may change, in one place. Changing one
 * changes speed, never an answer; a value that cannot work does not compile. */
#ifndef HUNCH_TUNING_H
#define HUNCH_TUNING_H

/* Lanes of a block that does one item a lane: tiles.cu, prefilter.cu. */
#ifndef HUNCH_TILES_THREADS
#define HUNCH_TILES_THREADS 128
#endif
#ifndef HUNCH_HITS_THREADS
#define HUNCH_HITS_THREADS 256
#endif
#ifndef HUNCH_CONFIRM_THREADS
#define HUNCH_CONFIRM_THREADS 128
#endif
/* Judging waits for memory most of the time, and few blocks have anything to do: a block has
 * registers beside the prefilter's (128 x 64 lanes of what 64 x 896 leave), so that the search of
 * another slab need not wait for the longest match of this one. */
#ifndef HUNCH_JUDGE_THREADS
#define HUNCH_JUDGE_THREADS 64
#endif
#define HUNCH_JUDGE_BLOCKS 8 /* of them share a multiprocessor */

/* A lane's regex machine. What needs more is left to the host. */
#define HUNCH_CONFIRM_BUDGET 4096 /* bytes of text that one search may read */
#define HUNCH_CONFIRM_WORK 1      /* and those of all hits: so many times the bytes of the slab, */
#define HUNCH_CONFIRM_WORK_LEAST (1u << 20) /* and these; what comes then is the host's */
#define HUNCH_CONFIRM_ROOM 16               /* threads at once */
#define HUNCH_CONFIRM_GROUPS 8

/* Rules that are judged by all hits of a record. With more hits, rules, or looks at hits for one
 * rule or match the host does it. */
#define HUNCH_RECORD_HITS 2048
#define HUNCH_RECORD_RULES 16
#define HUNCH_RECORD_LOOKS 8192

#define HUNCH_RUN_PART (8u << 10) /* bytes in which a warp looks for a run of a class */

/* The prefilter. One block fills a multiprocessor, because all its lanes share one filter. */
#ifndef HUNCH_PREFILTER_THREADS
#define HUNCH_PREFILTER_THREADS 1024
#endif
#define HUNCH_PREFILTER_LANES 896 /* of those that are launched: see HUNCH_JUDGE_THREADS */
#ifndef HUNCH_PREFILTER_AHEAD
#define HUNCH_PREFILTER_AHEAD 1 /* chunks whose loads a warp has in flight */
#endif
#define HUNCH_PREFILTER_QUEUE 64 /* windows a warp's queue keeps; 32 of them are taken at once */
#define HUNCH_PREFILTER_FOUND 64 /* places a warp keeps, compares and writes together */

/* log2 of the slots of the first filter, of the bits of known keys, of the buckets of a kind. */
#define HUNCH_GRAM_SLOTS_LEAST 12
#define HUNCH_GRAM_SLOTS_MOST 17 /* 128 KiB of shared memory */
#define HUNCH_GRAM_KNOWN_LEAST 10
#define HUNCH_GRAM_KNOWN_MOST 17 /* 16 KiB */
#define HUNCH_GRAM_BUCKETS_MOST 16

/* What of a record goes to the host at a time. */
#define HUNCH_GRAIN 512
#ifndef HUNCH_BRING_THREADS
#define HUNCH_BRING_THREADS 256
#endif

#define HUNCH_RECORD_BLOCK 12 /* log2 of the bytes for which one entry says where records begin */

/* 4-byte words of shared memory for each warp of the prefilter, a multiple of 4. */
#define HUNCH_PREFILTER_WARP_WORDS (5 * HUNCH_PREFILTER_QUEUE + 2 * HUNCH_PREFILTER_FOUND + 4)

/* What one warp takes of the text at a time, and what a slab is padded to. */
#define HUNCH_PREFILTER_CHUNK 1024
#define HUNCH_SLAB_BEHIND 64 /* zero bytes behind the last chunk */

#define HUNCH_LANES_OK(n) ((n) >= 32 && (n) <= 1024 && (n) % 32 == 0)
#if !HUNCH_LANES_OK(HUNCH_TILES_THREADS) || !HUNCH_LANES_OK(HUNCH_HITS_THREADS) ||    \
    !HUNCH_LANES_OK(HUNCH_CONFIRM_THREADS) || !HUNCH_LANES_OK(HUNCH_JUDGE_THREADS) || \
    !HUNCH_LANES_OK(HUNCH_PREFILTER_THREADS) || !HUNCH_LANES_OK(HUNCH_BRING_THREADS)
#error "a block has a multiple of 32 lanes, up to 1024"
#endif
#if HUNCH_PREFILTER_AHEAD < 1 || HUNCH_PREFILTER_AHEAD > 4
#error "a warp has the loads of 1 to 4 chunks in flight"
#endif
#if HUNCH_PREFILTER_QUEUE < 64
#error "a queue takes 32 windows before 32 are taken"
#endif

#endif
