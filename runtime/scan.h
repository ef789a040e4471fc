/* scan.h: one scan: what its threads share. scan.c runs it, scan_record.c is what a thread does
 * with a record, scan_input.c hands out the work, scan_auto.c says where it is done. */
#ifndef HUNCH_SCAN_H
#define HUNCH_SCAN_H

#include <pthread.h>

#include "dispatch.h"
#include "engine.h"
#include "kept.h"
#include "order.h"
#include "read.h"
#include "source.h"
#include "walk.h"

#define HUNCH_TILE_SIZE ((uint64_t)1 << 20)
#define HUNCH_TILE_MOST ((uint64_t)1 << 30) /* Vectorscan counts bytes in 32 bits */

/* One thing to scan, or to tell that it could not be. */
struct hunch_item {
    enum {
        HUNCH_ITEM_BYTES,
        HUNCH_ITEM_FILE,
        HUNCH_ITEM_STDIN,
        HUNCH_ITEM_FD,
        HUNCH_ITEM_PROBLEM
    } kind;
    const char *name; /* NUL-terminated for FILE; lives in the job's arena or with the caller */
    size_t name_length;
    const void *bytes;     /* BYTES */
    uint64_t size;         /* BYTES, FD */
    int fd;                /* FD */
    struct hunch_dir *dir; /* FILE: a reference */
    size_t base;
    bool follow;
    const struct hunch_record *record; /* BYTES: where they come from; else NULL */
    enum hunch_reason reason;          /* PROBLEM */
    char detail[160];
};

/* Items that one thread scans one after the other; their results leave under one sequence number.
 */
struct hunch_job {
    uint64_t sequence;
    HUNCH_VEC(struct hunch_item) item;
    HUNCH_VEC(char *) names;           /* copies of paths, freed with the job */
    const struct hunch_record *record; /* for a device: the caller's, and no item: they are many */
    size_t record_count;
    bool on_device; /* where it goes, */
    uint32_t turn;  /* and in which turn: offload.h */
};

static inline size_t hunch_job_count(const struct hunch_job *job)
{
    return job->item.count + job->record_count;
}

static inline struct hunch_item hunch_item_of(const struct hunch_record *r)
{
    return (struct hunch_item){.kind = HUNCH_ITEM_BYTES,
                               .name = r->name,
                               .name_length = r->name_length,
                               .bytes = r->bytes,
                               .size = r->size,
                               .record = r};
}

/* The i-th; `room` is what it may be made in. */
static inline const struct hunch_item *hunch_job_item(const struct hunch_job *job, size_t i,
                                                      struct hunch_item *room)
{
    if (job->record == NULL)
        return &job->item.items[i];
    *room = hunch_item_of(&job->record[i]);
    return room;
}

/* A large file whose slices several threads look through; its owner decides it. */
struct hunch_large {
    int fd;
    uint64_t size;
    uint64_t next;              /* first byte of the next slice; under scan->lock */
    unsigned active;            /* helpers that are not merged yet */
    bool merging;               /* the owner is done with slices */
    struct hunch_error problem; /* the first slice that could not be read; under scan->lock */
    struct hunch_worker *owner;
    struct hunch_large *link; /* of scan->large */
};

enum hunch_stop { HUNCH_STOP_NONE, HUNCH_STOP_DEADLINE, HUNCH_STOP_CANCELLED, HUNCH_STOP_FAILED };

struct hunch_file_id {
    uint64_t dev, ino;
};

enum { HUNCH_CACHE_LINE = 64 };

struct hunch_scan {
    struct hunch_rules *rules;
    const struct hunch_allocator *a;
    struct hunch_scan_options options;
    struct hunch_plan *own_plan; /* where only some rules are reported */
    const struct hunch_plan *plan;
    enum hunch_backend backend;
    bool automatic;      /* it begins with `backend`, the host, and may go on with a device */
    atomic_bool seeking; /* there is none yet, and there may be one */
    uint64_t began_ns, record_bytes; /* of all records */
    struct hunch_offload offload;    /* where its jobs go, if automatic; under lock */
    /* NULL: the records stay on the host. When automatic, set in the middle, under lock. */
    struct hunch_device_rules *on_device;
    struct hunch_device_rules *own_on_device; /* the same, where it belongs to own_plan */
    atomic_bool device_lost;
    unsigned threads;
    uint64_t tile_size;
    uint32_t groups;       /* bit g: cost class g has rules */
    unsigned offered;      /* HUNCH_ROUTE_BITs of the backend that options allow */
    uint32_t leader;       /* the group that chooses the route of dispatches on a device */
    uint32_t slab_most;    /* bytes of records in each thread's slab, by what memory there is, */
    uint32_t slab_least;   /* and the least that it can do with */
    uint64_t resident_job; /* bytes of resident records of one job; a larger record is one */
    atomic_uint sharing;   /* jobs on the device that were seen at once, of all scans */
    struct hunch_speculator *const *speculator[2]; /* on the host, a device; by group; the rules' */
    struct hunch_report *report;
    struct hunch_graph_scan *graph; /* what graph rules found before; NULL: there are none */

    /* input, under lock */
    pthread_mutex_t lock;
    pthread_cond_t changed; /* a large file has slices, a helper is done, or was merged */
    const struct hunch_record *records;
    size_t record_count, record_next;
    const char *const *paths;
    size_t path_count;
    struct hunch_walk *walk; /* made when the first file is asked for; jobs hold its directories */
    bool walk_over;
    struct hunch_item single; /* FD: a stream's spill; else unused */
    bool has_single;
    uint64_t sequence;
    unsigned
        busy; /* threads with a job: each may yet find a large file that others can help with */
    struct hunch_large *large;
    struct hunch_error failure; /* the first that ends the scan */
    char device_problem[160];   /* why a device was left, "" */
    struct hunch_file_id *skip;
    size_t skip_count;
    HUNCH_VEC(struct hunch_decision)
    log[2]; /* with options.decisions: on the host, a device;
               under lock */

    /* All threads read this for each record, so nothing that is written often lies beside it. */
    _Alignas(HUNCH_CACHE_LINE) atomic_int stop; /* enum hunch_stop */
    struct hunch_stopper stopper;

    /* output */
    _Alignas(HUNCH_CACHE_LINE) struct hunch_order *order;
    pthread_mutex_t out_lock;
    pthread_cond_t out_ready, out_room;
    hunch_bytes out;
    unsigned running; /* threads; under out_lock */

    /* totals */
    _Alignas(HUNCH_CACHE_LINE) atomic_ullong bytes, device_bytes, record_total, match_total,
        lost_total, tiles, committed, rolled_back, speculated,
        dispatches[2], routes[HUNCH_ROUTE_COUNT], hits;
    atomic_ullong read_ns, prefilter_ns, confirm_ns;
    struct hunch_rule_cost *cost; /* per rule, under lock */
};

/* A record of a batch. */
struct hunch_batched {
    const struct hunch_item *item; /* the job's */
    const uint8_t *bytes;
    size_t size;
};

/* What a thread counts for itself: a counter that all add to for each record is what they would
 * spend their time on. */
struct hunch_totals {
    uint64_t bytes, records, matches, lost;
};

/* One scanning thread. */
struct hunch_scan_thread {
    struct hunch_scan *scan;
    /* Passes t->out on, whole blocks, and empties it; set before the first item. */
    hunch_status (*pass_on)(struct hunch_scan_thread *t, struct hunch_error *err);
    void *pass_ctx;
    uint64_t sequence;          /* of the job */
    bool on_device;             /* where it goes */
    bool helped;                /* others took a part of it */
    uint64_t bytes;             /* of its records that were decided */
    struct hunch_totals totals; /* not yet added to the scan's */
    struct hunch_worker *worker;
    const struct hunch_matcher_kind *kind;
    struct hunch_matcher *matcher;
    void *scratch;
    struct hunch_buffer buffer; /* the record, or the slice */
    struct hunch_dispatch dispatch;
    HUNCH_VEC(struct hunch_batched) batch; /* records that run together, from the host's memory */
    struct hunch_buffer batch_buffer;      /* bytes of those that are files */
    size_t batch_room, batch_used;         /* bytes: for small files together, of them */
    struct hunch_kept kept;
    unsigned number;           /* of the thread, from 0 */
    struct hunch_slab *slab;   /* records on their way through the device; made when first needed */
    HUNCH_VEC(size_t) in_slab; /* their items in the job */
    const uint8_t *pinned;     /* pinned memory of the caller's in which a record was found */
    size_t pinned_size;
    uint8_t *window; /* of a large file's confirmers, or a resident record's */
    hunch_bytes out;
    uint64_t lost, matches;
    pthread_t thread;
    bool started;
};

hunch_status hunch_scan_thread_init(struct hunch_scan_thread *t, struct hunch_scan *scan,
                                    struct hunch_error *err);
void hunch_scan_thread_done(struct hunch_scan_thread *t);

/* All items of a job on the host, those that are small together. Results are appended to t->out,
 * which is passed on when it has grown. Only failures that end the scan are returned. */
hunch_status hunch_scan_job(struct hunch_scan_thread *t, struct hunch_job *job,
                            struct hunch_error *err);

/* One item by itself, in the same way. */
hunch_status hunch_scan_item(struct hunch_scan_thread *t, const struct hunch_item *item,
                             struct hunch_error *err);

/* All items of a job, by way of the device where they can take it. */
hunch_status hunch_scan_job_on_device(struct hunch_scan_thread *t, struct hunch_job *job,
                                      struct hunch_error *err);

/* The rules on the engine's device, opened if it is not yet. MEMORY: they have no room there. */
hunch_status hunch_scan_device_rules(struct hunch_scan *scan, struct hunch_device_rules **rules,
                                     struct hunch_error *err);
/* The device of this scan, whose backend has one: set-up, and what goes with it. */
hunch_status hunch_scan_open_device(struct hunch_scan *scan, struct hunch_error *err);
/* Once its records are known: what memory the device has is divided by the threads. Smaller slabs,
 * and fewer threads where even the least would be too many: returns how many there may be. */
unsigned hunch_scan_share_device(struct hunch_scan *scan, struct hunch_device_rules *rules);
/* The device that may solve graph rules: of this scan, or, where it may choose, one that is open;
 * NULL: none. */
struct hunch_device *hunch_scan_solver(struct hunch_scan *scan);
/* The scan goes on without it, and says why. */
void hunch_scan_leave_device(struct hunch_scan *scan, const struct hunch_error *why);
/* What it did without the device, for the summary, where nothing is said yet. */
void hunch_scan_without_device(struct hunch_scan *scan, const struct hunch_error *why,
                               const char *what);

/* ---- the backend auto: scan_auto.c ---- */

/* Before the threads, once the records are known. */
void hunch_scan_auto_begin(struct hunch_scan *scan);
/* By a thread that has taken a job: has the time come for a device? Opening one is for others;
 * the rules go to one that is open, here, and jobs that are taken from then on may. */
void hunch_scan_auto_look(struct hunch_scan *scan);
/* Where the next job goes; under scan->lock. */
bool hunch_scan_auto_next(struct hunch_scan *scan, uint32_t *turn);
/* A job is done, and took so long. */
void hunch_scan_auto_done(struct hunch_scan_thread *t, const struct hunch_job *job, uint64_t ns);
/* Behind the threads: the rules keep what was learned. */
void hunch_scan_auto_end(struct hunch_scan *scan);

/* The host does all of one record of a dispatch that has begun. */
hunch_status hunch_scan_within(struct hunch_scan_thread *t, const struct hunch_item *item,
                               const uint8_t *bytes, size_t size, struct hunch_error *err);

/* A record that is in memory as a whole, by itself. */
hunch_status hunch_scan_bytes(struct hunch_scan_thread *t, const struct hunch_item *item,
                              const uint8_t *bytes, size_t size, struct hunch_error *err);

/* Decides a record whose hits the worker has, as a part of t->dispatch, and writes its results.
 * When the scan is ended meanwhile, or the record cannot be read on, the matches that were found
 * before stand. */
hunch_status hunch_scan_conclude(struct hunch_scan_thread *t, const struct hunch_item *item,
                                 struct hunch_record_source *source, uint64_t size,
                                 struct hunch_error *err);

/* Reads a file as a whole, up to sizes.record_most of it. MEMORY. */
hunch_status hunch_scan_read(struct hunch_scan_thread *t, const struct hunch_item *item,
                             struct hunch_buffer *buffer, struct hunch_read *r,
                             struct hunch_error *err);

/* The file of which that is not all: it is scanned in slices, or lost. Closes r->fd. */
hunch_status hunch_scan_unread(struct hunch_scan_thread *t, const struct hunch_item *item,
                               const struct hunch_read *r, struct hunch_error *err);

/* An entry about the record as a whole. */
hunch_status hunch_scan_lose(struct hunch_scan_thread *t, const struct hunch_item *item,
                             enum hunch_reason reason, const char *detail, struct hunch_error *err);

/* The scan was ended in the middle of this record; what was decided of it before stands. */
hunch_status hunch_scan_lose_rest(struct hunch_scan_thread *t, const struct hunch_item *item,
                                  struct hunch_error *err);

/* Nothing of the record can match: it counts, and that is all. */
void hunch_scan_pass_over(struct hunch_scan_thread *t, uint64_t size);

/* The window of a record that is not in memory: t->window. */
hunch_status hunch_scan_window(struct hunch_scan_thread *t, struct hunch_error *err);

/* Where the host runs this thread's records: the backend's place, or as a device's help. */
static inline enum hunch_place hunch_scan_host(const struct hunch_scan_thread *t)
{
    return t->on_device || t->scan->backend == HUNCH_BACKEND_CUDA ? HUNCH_PLACE_HELP
                                                                  : HUNCH_PLACE_BACKEND;
}

/* Adds to one of the totals. */
static inline void hunch_scan_add(atomic_ullong *total, uint64_t n)
{
    atomic_fetch_add_explicit(total, n, memory_order_relaxed);
}

/* What the thread has counted becomes the scan's: at the end of dispatches and jobs. */
void hunch_scan_count(struct hunch_scan_thread *t);

static inline bool hunch_scan_stopped(const struct hunch_scan *scan)
{
    return atomic_load_explicit(&scan->stop, memory_order_relaxed) != HUNCH_STOP_NONE;
}

/* Takes the matcher that is best now; it may have become ready since the last job. */
hunch_status hunch_scan_matcher(struct hunch_scan_thread *t, struct hunch_error *err);

enum {
    HUNCH_SLICE_BEFORE = 16,                /* bytes that word checks see before a slice, */
    HUNCH_SLICE_BEHIND = 2 * HP_GUARD_DEPTH /* and they and guards behind it */
};

/* Looks through slices of a large file until it has none left, and waits until the owner has taken
 * the hits. Failures end the scan. */
hunch_status hunch_scan_help(struct hunch_scan_thread *t, struct hunch_large *large,
                             struct hunch_error *err);

/* The next job, or *more false. A large file of another thread to help with: *large, and no job. */
hunch_status hunch_scan_take(struct hunch_scan *scan, struct hunch_job *job,
                             struct hunch_large **large, bool *more, struct hunch_error *err);
void hunch_job_free(struct hunch_scan *scan, struct hunch_job *job);

/* The job that hunch_scan_take gave is done. */
void hunch_scan_job_done(struct hunch_scan *scan);

/* A file that is open already, as one record: what a stream has spilled. */
hunch_status hunch_scan_fd(struct hunch_rules *rules, const char *name, size_t name_length, int fd,
                           uint64_t size, const struct hunch_scan_options *options,
                           struct hunch_report **report, struct hunch_error *err);

/* Options for finish in place of those of hunch_stream_new: their callbacks may lie in a frame that
 * is gone by then. */
void hunch_stream_set_options(struct hunch_stream *stream,
                              const struct hunch_scan_options *options);

void hunch_scan_stop(struct hunch_scan *scan, enum hunch_stop why);

#endif
