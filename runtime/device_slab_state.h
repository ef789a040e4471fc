/* device_slab_state.h: a slab, for the files that make it: device_slab.c sends, device_slab_back.c
 * takes what came back, device_slab_bring.c brings what the host reads of resident records. */
#ifndef HUNCH_DEVICE_SLAB_STATE_H
#define HUNCH_DEVICE_SLAB_STATE_H

#include "../kernels/bring.h"
#include "../kernels/fused.h"
#include "device_slab.h"

/* Memory of the device, or of the host for copies, that grows and is never copied when it does. */
struct hunch_space {
    void *at;
    size_t size;
};

/* Where what came of a resident record begins; the next one's is the end. */
struct hunch_brought {
    uint32_t stretch; /* in `stretch` */
    uint32_t grain;   /* the number of newlines of its first grain, HP_NONE: nothing came */
};

struct hunch_slab {
    struct hunch_slab *next; /* idle, with its rules */
    struct hunch_device_rules *rules;
    struct hunch_device *device;
    const struct hunch_allocator *a;
    unsigned stream;
    struct hunch_slab_order order;
    struct hunch_trial trial; /* of the last search for literals */
    uint32_t room, used;
    uint32_t started; /* bits of the kernels that are to sign: HUNCH_ID_* */
    uint32_t literal_capacity, use_capacity;
    size_t seen_size;                 /* bytes of on_device.seen that the records take */
    size_t run_size;                  /* and of on_device.run_state, 0: they are too many */
    bool runs_known;                  /* host.run_state is about these records */
    HUNCH_VEC(uint32_t) start;        /* of each record, and the end of the last */
    bool is_resident;                 /* records lie in the device's memory, */
    const uint8_t *resident;          /* side by side from here on (NULL: all so far are empty), */
    bool in_place;                    /* and are searched there */
    HUNCH_VEC(const uint8_t *) place; /* others: where the host has each record, */
    HUNCH_VEC(struct hunch_stretch) sent;    /* and what goes to the device in one copy */
    HUNCH_VEC(struct hunch_brought) brought; /* resident: of each record, and the end */
    HUNCH_VEC(struct hunch_stretch) stretch;
    HUNCH_VEC(struct hunch_piece) piece;
    HUNCH_VEC(struct hunch_counted) counted;
    HUNCH_VEC(uint32_t) at;     /* hits of one record */
    struct hunch_remote remote; /* the record that is read now */
    uint32_t remote_record;
    struct hunch_error problem; /* the first of reading one */
    uint64_t searched_at;       /* when its last send had the bytes on their way, */
    uint64_t waited_ns;         /* and the waits since */
    struct {                    /* the device's */
        struct hunch_space bytes;
        struct hunch_space lists; /* start, then around: see put_lists */
        struct hunch_space literal_hit, use_hit;
        struct hunch_space verdict, kept; /* of use_hit: one each; those that come back */
        struct hunch_space queue;         /* those that are judged */
        struct hunch_space next, chain;   /* where rules ask for all hits of a record */
        struct hunch_space run, run_state, captured;
        struct hunch_space counters;
        struct hunch_space seen;
        struct hunch_space state; /* of records */
        struct hunch_space bring, brought;
    } on_device;
    struct {                      /* what is copied to, and from */
        struct hunch_space bytes; /* of records; resident: those that came, then their grains */
        struct hunch_space lists;
        struct hunch_space counters, state, run_state, hits;
        struct hunch_space bring;  /* resident: what is to come, */
        struct hunch_space lesson; /* and what is learned from */
    } host;
    HUNCH_VEC(struct hunch_kept_hit) all;    /* that came back */
    HUNCH_VEC(struct hunch_kept_hit) sorted; /* by record */
    HUNCH_VEC(uint32_t) first;               /* of each record in `sorted`, and the end */
    HUNCH_VEC(struct hunch_record_state) state;
    HUNCH_VEC(uint32_t) seen;  /* of one record: bits of patterns */
    HUNCH_VEC(uint32_t) named; /* records that are needed for their names, */
    bool names_asked;          /* since the last send */
};

/* The host decides every record: it was asked for nothing less, or some rule has to see each. */
static inline bool hunch_slab_every(const struct hunch_slab *b)
{
    const struct hunch_plan *plan = b->rules->plan;
    const uint32_t named = b->order.named != NULL ? plan->named_count : 0;
    return b->order.depth != HUNCH_SLAB_RESULTS || plan->always_count > named;
}

/* Groups whose confirmers run before anything comes back. */
static inline uint32_t hunch_slab_at_once(const struct hunch_slab *b)
{
    return b->order.depth == HUNCH_SLAB_RESULTS ? b->rules->groups & ~b->order.serial : 0;
}

static inline struct hunch_counters *hunch_slab_counters(const struct hunch_slab *b)
{
    return b->host.counters.at;
}

/* Hits that come back: after confirmers those that are kept, else all uses. */
struct hunch_slab_back {
    uint32_t count; /* once the counters are back */
    const struct hunch_space *at;
    size_t size; /* of one */
};

static inline struct hunch_slab_back hunch_slab_uses(const struct hunch_slab *b)
{
    return (struct hunch_slab_back){hunch_slab_counters(b)->uses, &b->on_device.use_hit,
                                    sizeof(struct hunch_use_hit)};
}

static inline struct hunch_slab_back hunch_slab_kept(const struct hunch_slab *b)
{
    return (struct hunch_slab_back){hunch_slab_counters(b)->header.kept, &b->on_device.kept,
                                    sizeof(struct hunch_kept_hit)};
}

enum {
    HUNCH_HITS_AT_ONCE = 4096, /* come back with the counters; more take a second wait */
    HUNCH_USES_PER_MATCH = 8,  /* room for a match in so many hits */
    HUNCH_RUNS_MOST = 1 << 18  /* parts of records in which runs are asked for */
};

/* Bytes of the device's text buffer: whole chunks, and what lies behind them. */
static inline size_t hunch_slab_padded(uint32_t size)
{
    size_t chunk = HUNCH_PREFILTER_CHUNK;
    return ((size_t)size + chunk - 1) / chunk * chunk + HUNCH_SLAB_BEHIND;
}

/* Makes room for `size` bytes, whatever was in it. */
hunch_status hunch_slab_grow(struct hunch_slab *b, struct hunch_space *space, bool host,
                             size_t size, struct hunch_error *err);
hunch_status hunch_slab_set_capacity(struct hunch_slab *b, uint32_t literals, uint32_t uses,
                                     struct hunch_error *err);

/* The slab as kernels see it. */
struct hunch_slab_view hunch_slab_view(const struct hunch_slab *b);

/* Starts the confirmers of the groups `now` on every hit; what is left is on its way to the
 * device's `kept`, states of records to the host. `ungated`: groups whose gates were asked. */
hunch_status hunch_slab_confirm(struct hunch_slab *b, uint32_t now, uint32_t ungated,
                                struct hunch_error *err);

/* Until all that was started is done: hunch_slab_cost leaves it out. */
hunch_status hunch_slab_wait(struct hunch_slab *b, struct hunch_error *err);

/* Finds out which records are needed for their names, once a send. */
hunch_status hunch_slab_ask_names(struct hunch_slab *b, struct hunch_error *err);

/* Where kernels find, and put, all hits of each record. */
void hunch_slab_chains(const struct hunch_slab *b, struct hunch_confirm_hits_args *args);

/* What the device knows of records (`size` bytes of states) before it looks at them. */
hunch_status hunch_slab_begin_states(struct hunch_slab *b, size_t size, struct hunch_error *err);

/* The last search was one launch, with a counter tail. */
bool hunch_slab_is_fused(const struct hunch_slab *b);

/* Starts copying the counters and the first hits. */
hunch_status hunch_slab_fetch(struct hunch_slab *b, struct hunch_slab_back back,
                              struct hunch_error *err);

#endif
