/* variants.h: the kernel that searches for literals, once as it serves every program and in forms
 * compiled for this one (variant_source.h), raced on what scans search anyway. Compiling goes on in
 * a thread of its own; nobody waits for it but hunch_variants_free. The winner of each class of
 * batches is kept in the autotune store, and the next process begins with it. Which one searches
 * changes no answer. */
#ifndef HUNCH_VARIANTS_H
#define HUNCH_VARIANTS_H

#include "device.h"
#include "device_cuda.h"
#include "hunch.h"
#include "variant_source.h"

/* Of how many bytes a batch is: below the least nothing is raced. */
enum { HUNCH_VARIANT_CLASSES = 3 };

struct hunch_variants_for {
    const struct hunch_allocator *a;
    struct hunch_device *device;
    const char *cache;                    /* folder of the store, or NULL: nothing is kept */
    struct hunch_key program;             /* hash of it */
    uint32_t rules;                       /* how many it has */
    const struct hunch_gram_table *table; /* its numbers */
    uint64_t
        after_ns;   /* since the first batch, before anything is compiled: most scans end first */
    uint64_t least; /* bytes of a batch that takes part */
};

struct hunch_variants;

/* NULL: the device is no GPU, or there is no memory; the kernel that serves every program does. */
struct hunch_variants *hunch_variants_new(const struct hunch_variants_for *what);
/* Ends compiling, once the kernel is done that is compiled now. Slabs are freed, or idle. */
void hunch_variants_free(struct hunch_variants *v);

/* A search that is measured, or not. All 0 at first; its slab's. */
struct hunch_trial {
    bool runs;
    uint32_t batch; /* class */
    uint32_t shape;
    uint32_t variant; /* enum hunch_variant */
    uint64_t bytes;
};

/* Starts the search for literals: `launch` is that of the kernel which serves every program, with
 * the arguments. It is the first of the dispatch whose blocks add up how long they run. */
hunch_status hunch_variants_launch(struct hunch_variants *v, struct hunch_trial *trial,
                                   unsigned stream, const struct hunch_launch *launch,
                                   struct hunch_error *err);
/* done: its stream was waited for, and all went well; else it does not count. */
void hunch_variants_back(struct hunch_variants *v, struct hunch_trial *trial, bool done);

/* ---- what is kept ---- */

/* One form that was raced against the one for every program. */
struct hunch_variants_raced {
    uint32_t threads, ahead;               /* hunch_variant_shape */
    uint32_t samples[HUNCH_VARIANT_COUNT]; /* 0: it was not raced */
    uint32_t reserved;
    uint64_t median_ns[HUNCH_VARIANT_COUNT]; /* for `reference` bytes */
    uint64_t compile_ns;
    struct hunch_key specialisation; /* hash of its source */
    uint8_t image[16];               /* its key in the cache of compiled kernels */
};

/* The state of a tuning, as it lies in the store. No padding. */
struct hunch_variants_state {
    char magic[8];
    struct hunch_key program;
    uint64_t from;      /* bytes of the smallest batch of the class */
    uint64_t reference; /* bytes for which times are given */
    uint32_t rules, batch;
    uint32_t count;   /* of `raced` */
    uint32_t winner;  /* one of them; count: the one for every program */
    uint32_t verdict; /* 1: of the class; 0: it lies under the winner's own key */
    uint32_t reserved;
    char adapter[104];
    char problem[200]; /* why there are no others; "": there are */
    struct hunch_variants_raced raced[HUNCH_VARIANT_SHAPES];
};

/* What is known by now of the class of a batch of so many bytes; false: it has no winner yet. A
 * class that an earlier process decided has a winner and nothing raced. */
bool hunch_variants_show(struct hunch_variants *v, uint64_t bytes,
                         struct hunch_variants_state *state);

/* False: the tuning is something else, or not one of this version. */
bool hunch_variants_describe(const struct hunch_tuning *tuning, struct hunch_variants_state *state);

#endif
