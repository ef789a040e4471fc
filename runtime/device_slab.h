/* device_slab.h: records beside each other on their way through a device, on one stream: one
 * dispatch. Fill a slab, send it, and when it is back read what is left to the host; clear it for
 * the next. */
#ifndef HUNCH_DEVICE_SLAB_H
#define HUNCH_DEVICE_SLAB_H

#include "device_rules.h"
#include "hunch.h"
#include "source.h"

struct hunch_slab;

/* What a slab with so much room takes of the device's memory, about: texts of nothing but hits take
 * more. */
uint64_t hunch_slab_takes(const struct hunch_device_rules *rules, uint32_t room, bool resident);

/* room: bytes of all records; at most HUNCH_SLAB_MOST. resident: for records that lie on the
 * device: none of the host's memory is taken for them beforehand. `rules` must outlive it. */
#define HUNCH_SLAB_MOST 0xf0000000u
hunch_status hunch_slab_new(struct hunch_device_rules *rules, unsigned stream, uint32_t room,
                            bool resident, struct hunch_slab **out, struct hunch_error *err);
void hunch_slab_free(struct hunch_slab *b);

/* The same where one waits with the rules that has as much room; and back to there, empty, whatever
 * was in it, or freed where enough wait, or more than half of the memory that may be is taken. Not
 * one whose device has failed. b may be NULL. */
hunch_status hunch_slab_take(struct hunch_device_rules *rules, unsigned stream, uint32_t room,
                             bool resident, struct hunch_slab **out, struct hunch_error *err);
void hunch_slab_give(struct hunch_device_rules *rules, struct hunch_slab *b);
void hunch_slab_free_idle(struct hunch_device_rules *rules);

void hunch_slab_clear(struct hunch_slab *b);

/* Where the next record's bytes go, and how many of them may. */
uint8_t *hunch_slab_place(struct hunch_slab *b, uint32_t *room);
/* `size` bytes were put there: they are the next record. */
hunch_status hunch_slab_add(struct hunch_slab *b, uint32_t size, struct hunch_error *err);
/* The next record lies in pinned memory that begins at `within`, and is copied from there: it must
 * stay until the slab is cleared. False: there is no room, or it is so small and so far from the
 * last one that it had better be put to hunch_slab_place. */
bool hunch_slab_add_pinned(struct hunch_slab *b, const uint8_t *within, const uint8_t *bytes,
                           uint32_t size);
uint32_t hunch_slab_count(const struct hunch_slab *b);
uint32_t hunch_slab_size(const struct hunch_slab *b, uint32_t record);
/* Its bytes, in the host's memory; of a resident one only where its state is AGAIN, once brought.
 */
const uint8_t *hunch_slab_record(const struct hunch_slab *b, uint32_t record, uint32_t *size);

/* The same for a record that lies in the device's memory. False: it does not lie behind the last
 * one, or there is no room. Resident records and others do not mix. In place: 64 KiB behind it may
 * be read, and the first one lies at a multiple of 16: nothing is copied. */
bool hunch_slab_add_resident(struct hunch_slab *b, const uint8_t *address, uint32_t size,
                             bool in_place);
/* Once they are back: of resident records that are needed the bytes around hits, or all. */
hunch_status hunch_slab_bring(struct hunch_slab *b, struct hunch_error *err);
/* Then: one of them as the host reads it. Good until the next call. */
const struct hunch_remote *hunch_slab_remote(struct hunch_slab *b, uint32_t record);
/* What went wrong when one was read, or NULL. */
const struct hunch_error *hunch_slab_problem(const struct hunch_slab *b);

/* How far the device goes. */
enum hunch_slab_depth {
    HUNCH_SLAB_LITERALS, /* occurrences are counted: a measurement */
    HUNCH_SLAB_HITS,     /* hits of all uses come back */
    HUNCH_SLAB_RESULTS   /* gates and confirmers: what comes to nothing does not come back */
};

/* The confirmers of groups that are neither serial nor fused wait for gates on the device. */
struct hunch_slab_order {
    enum hunch_slab_depth depth;
    uint32_t serial;    /* bits of groups whose confirmers wait until the host has compacted hits */
    uint32_t fused;     /* of those whose confirmers do not wait for gates, where none is serial */
    uint64_t tile_size; /* for the counter tail of the route fused */
    /* Is the record needed for its name? Called once for each while the device works on the slab.
     * NULL: nobody knows, and rules that ask for it need every record. */
    bool (*named)(void *ctx, uint32_t record);
    void *ctx;
    uint32_t hits_most; /* of a record whose rules are judged by all its hits; with more the host
                           may run out of room for occurrences, which it has to say */
};

/* Starts copying and searching; the slab must not change until it is back. */
hunch_status hunch_slab_send(struct hunch_slab *b, const struct hunch_slab_order *order,
                             struct hunch_error *err);
/* Starts searching the bytes of the last send once more. */
hunch_status hunch_slab_search(struct hunch_slab *b, enum hunch_slab_depth depth,
                               struct hunch_error *err);
/* Waits. Where hits did not fit it searches again with room for all. */
hunch_status hunch_slab_receive(struct hunch_slab *b, struct hunch_error *err);

/* What the dispatch took, once it is back, whoever else used the device meanwhile. Copies, which
 * are the same by every route, are left out. */
struct hunch_slab_cost {
    uint64_t busy_ns; /* of the device, all of it: multiprocessors that its blocks occupied */
    uint64_t host_ns; /* of the host, until now, but for waits: launches, and on the serial route
                       * what it does in between */
};
struct hunch_slab_cost hunch_slab_cost(const struct hunch_slab *b);

/* What the last search did not know of its regexes is learned for the next one. Records must still
 * be there. */
void hunch_slab_learn(struct hunch_slab *b);

/* Occurrences of literals, and uses of them that are hits, of the last search. */
void hunch_slab_counts(const struct hunch_slab *b, uint32_t *literals, uint32_t *uses);

/* Hits of one record, in no order, with what is known of them. */
const struct hunch_kept_hit *hunch_slab_hits(const struct hunch_slab *b, uint32_t record,
                                             uint32_t *count);

/* What is known of a record. Where it is not needed, `committed` is complete and no rule reports
 * anything. Where no results were asked for nothing is known: needed, and no commits. */
struct hunch_record_state hunch_slab_state(const struct hunch_slab *b, uint32_t record);

/* Are there regexes of which no match can be in the record, for the run that each asks for does not
 * stand in it? The first pattern at or behind number *n of the tables' run_pattern, and *n behind
 * it; false: no further one. */
bool hunch_slab_absent(const struct hunch_slab *b, uint32_t record, uint32_t *n, uint32_t *pattern);

#endif
