/* engine.h: what lies behind the opaque types of hunch.h that have to do with rules. */
#ifndef HUNCH_ENGINE_H
#define HUNCH_ENGINE_H

#include <pthread.h>
#include <stdatomic.h>

#include "device_slab.h"
#include "matcher.h"
#include "offload.h"
#include "plan.h"
#include "result.h"

#define HUNCH_THREADS_MOST 1024u

/* ref: portable tile functions, one thread. cpu: Vectorscan finds the literals. cuda: a GPU does.
 */
enum hunch_backend { HUNCH_BACKEND_REF, HUNCH_BACKEND_CPU, HUNCH_BACKEND_CUDA };

/* What decides only how a scan goes about its work, not what it finds (but for spans_most, past
 * which it says that it does not know). Specs make them small. */
struct hunch_sizes {
    size_t record_most; /* bytes: larger files are read in slices, not as a whole */
    size_t slice;       /* bytes of a large file that a thread takes at a time */
    size_t window;      /* bytes of a record that confirmers have before them; at least 64 */
    size_t stream_most; /* bytes: more of what cannot seek waits in a temporary file */
    size_t inline_most; /* bytes: less than this in memory is scanned by the caller's thread */
    size_t hits_most;   /* hits kept for one record, all patterns together */
    size_t job;         /* bytes of records in memory that a thread takes at a time */
    size_t slab;        /* bytes of records that go to a device together */
    size_t batch;       /* bytes of files that a thread has together */
    size_t spans_most;  /* occurrences kept for one record, all patterns together: as spans, counts,
                           for conditions */
    size_t matches_most; /* bytes: more matches of one record are written before all are known */
    size_t race_after;   /* milliseconds from the first search on a device until kernels are
                            compiled for the program: variants.h */
    size_t late_after;   /* milliseconds from the first dispatch that could run fused until a device
                            that has no kernel for it compiles one */
    size_t race_least;   /* bytes of a dispatch that takes part in their race */
    size_t open_after;   /* milliseconds that a scan with the backend auto runs until a device is
                            opened for it, */
    size_t device_least; /* and bytes that it must have for one that is open */
    size_t solve_least;  /* words of a link unit's rows, from which on a device solves its rules */
};

struct hunch_engine {
    atomic_uint refs; /* of the caller and of its rules */
    const struct hunch_allocator *a;
    struct hunch_sizes sizes;
    unsigned threads; /* at least 1 */
    enum hunch_backend backend;
    bool automatic; /* it was to choose: scans begin with `backend` and may go on with a device */
    char *cache;    /* folder, or NULL: none */
    size_t script_memory;
    uint64_t script_instructions;
    double script_seconds;
    bool (*interrupted)(void); /* ends a compile early; NULL: nothing does */
    pthread_mutex_t lock;      /* of `device` while it is opened */
    struct hunch_device *_Atomic device;
    size_t device_memory; /* bytes of it that may be taken; 0: what is free when it is opened */
    const char *driver;   /* a file that can be opened where there is a driver for devices */
    unsigned tries;       /* to open the device beside a scan; under lock */
    atomic_bool opening;  /* such a one goes on, */
    atomic_bool closing;  /* and shall end */
    bool opener_started;
    pthread_t opener;
};

struct hunch_guess; /* guess.h */

/* Immutable but for the matcher, which may become a faster one while scans run, and for what was
 * learned of routes. */
struct hunch_rules {
    atomic_uint refs;            /* of the caller and of its streams */
    struct hunch_engine *engine; /* a reference */
    struct hunch_program *program;
    struct hunch_plan *plan; /* every rule that is not private */
    size_t longest_literal;
    struct hunch_matcher *portable;
    struct hunch_device_rules *on_device;
    struct hunch_variants *variants; /* made with the first rules on the device */
    bool variants_tried;
    struct hunch_guess *guess;
    struct hunch_offload_memory offload[2]; /* of scans of files, of records; under `lock` */
    struct hunch_matcher
        *_Atomic fast;    /* Vectorscan's; NULL until it is built, or where it cannot be */
    pthread_mutex_t lock; /* of `portable` and of what follows */
    bool fast_tried;
    char fast_problem[160]; /* why Vectorscan is not used; "": it is, or not yet */
    bool builder_runs;
    pthread_t builder; /* builds `fast` while the portable matcher serves */
};

/* Which matcher to use now: the rules', for as long as they live. `portable`: the backend is ref.
 * NULL and err: no memory. */
struct hunch_matcher *hunch_rules_matcher(struct hunch_rules *rules, bool portable,
                                          const struct hunch_matcher_kind **kind,
                                          struct hunch_error *err);

/* Why a scan had to do without the faster matcher; "" where it had it, or will have. */
void hunch_rules_matcher_problem(struct hunch_rules *rules, char *text, size_t size);

/* "ref", "cpu", "cuda", or, *automatic, "auto" or NULL; ARGUMENT for anything else. */
hunch_status hunch_backend_find(const char *name, enum hunch_backend *backend, bool *automatic,
                                struct hunch_error *err);
const char *hunch_backend_name(enum hunch_backend backend);

/* The engine's device, opened when it is first asked for. UNSUPPORTED: there is none. */
hunch_status hunch_engine_device(struct hunch_engine *engine, struct hunch_device **device,
                                 struct hunch_error *err);

/* Opens it beside the callers, if there seems to be one. At most once without `compile`, and once
 * with it: what failed is not tried again unless somebody asks for the device. Without, it is
 * left alone when its kernels would have to be compiled first. Only while a scan runs; what goes on
 * when the engine is freed is given up. */
void hunch_engine_open_device(struct hunch_engine *engine, bool compile);

/* What searches for the literals of the rules, for those that are on the device with any plan;
 * NULL: nothing but the kernel for every program. */
struct hunch_variants *hunch_rules_variants(struct hunch_rules *rules,
                                            const struct hunch_device_rules *on_device);

/* The rules on that device, uploaded when first asked for. */
hunch_status hunch_rules_on_device(struct hunch_rules *rules, struct hunch_device *device,
                                   struct hunch_device_rules **out, struct hunch_error *err);

#endif
