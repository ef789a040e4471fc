/* dispatch.h: one dispatch: records that a thread has together, and the route of each group of
 * rules for them. Begin asks the speculators; who runs the records fills in what they cost, record
 * by record; end lets the speculators learn, logs the decisions and adds to the scan's totals.
 *
 *   hunch_dispatch_begin(t, where, bytes, tiles, err)
 *   … t->dispatch.route[group] says how; t->worker->route is set to it …
 *   … t->dispatch.prefilter_ns +=, waiting_ns +=; hunch_dispatch_record for each record …
 *   hunch_dispatch_end(t, whole, err)
 *
 * Groups are the cost classes of the rules, HP_GROUP_*: hunch_decision.cost_class. On a device a
 * dispatch is one launch after the other for all of them: the group with the most rules chooses,
 * the others are offered what it chose. */
#ifndef HUNCH_DISPATCH_H
#define HUNCH_DISPATCH_H

#include "../kernels/layout.h"
#include "engine.h"

struct hunch_scan;
struct hunch_scan_thread;

enum hunch_place {
    HUNCH_PLACE_BACKEND, /* the scan's backend runs it: its speculators decide, and learn */
    HUNCH_PLACE_HELP, /* the host does what a device left: the route is given, nothing is learned */
};

struct hunch_dispatch {
    bool guessed;                                   /* speculators were asked, and learn */
    bool on_device;                                 /* one route for all groups */
    uint8_t route[HP_GROUP_COUNT];                  /* enum hunch_route */
    struct hunch_decision decision[HP_GROUP_COUNT]; /* of groups that have rules, if guessed */

    /* What it cost; times of the confirmers and held gates are the worker's. */
    uint64_t prefilter_ns;     /* until all hits are there */
    uint64_t waiting_ns;       /* serial: taking back what was kept of records */
    unsigned sharing;          /* jobs that share the device, this one too; 0: there is none */
    uint64_t busy_ns, host_ns; /* on a device, of prefilter_ns: struct hunch_slab_cost */
    uint64_t tiles, committed[HP_GROUP_COUNT], speculated; /* so far */
};

/* Are the scan's route, speculation and policy possible? Then its speculators are there. ARGUMENT,
 * UNSUPPORTED; MEMORY. */
hunch_status hunch_dispatch_set_up(struct hunch_scan *scan, struct hunch_error *err);

/* The same for the device of a scan that began without one. UNSUPPORTED, MEMORY. */
hunch_status hunch_dispatch_set_up_device(struct hunch_scan *scan, struct hunch_device *device,
                                          struct hunch_error *err);

hunch_status hunch_dispatch_begin(struct hunch_scan_thread *t, enum hunch_place place,
                                  uint64_t bytes, uint64_t tiles, struct hunch_error *err);

/* What the dispatch's speculators learn of its times, its confirmers' given by group. On the host a
 * group learns of the prefilter, which all share, and of its own confirmers; on a device of all of
 * the dispatch, which has one route. Where jobs share the device that is no time but what the
 * dispatch takes of the machine: the device while its blocks have it, and the host, where each job
 * has a thread, by its share. Whatever it waits for the others it waits by every route. */
void hunch_dispatch_times(const struct hunch_dispatch *d, uint32_t group,
                          const uint64_t confirm_ns[HP_GROUP_COUNT], struct hunch_measurement *m);

/* Tiles of a record of `size` bytes. */
uint64_t hunch_dispatch_tiles(const struct hunch_scan *scan, uint64_t size);

/* A record was decided; bits of groups. */
void hunch_dispatch_record(struct hunch_scan_thread *t, uint64_t size, uint32_t committed,
                           uint32_t speculated);

/* whole: all of its records were decided by the place that was to; else nothing is learned. MEMORY:
 * no room in the log. */
hunch_status hunch_dispatch_end(struct hunch_scan_thread *t, bool whole, struct hunch_error *err);

/* With options.decisions, around the scan: what the speculators knew before it, and its log in
 * order, go into the report. */
hunch_status hunch_dispatch_log_begin(struct hunch_scan *scan, struct hunch_error *err);
hunch_status hunch_dispatch_log_end(struct hunch_scan *scan, struct hunch_error *err);

#endif
