/* offload.h: do the next jobs of a scan go to the device, or stay with the host? Each side has
 * turns, in which all jobs are its; a turn tells how many bytes a thread got done in the time it
 * was at work. Integers only, no clock, no lock: the caller has them, and a scan has its own. What
 * a scan learned is a struct hunch_offload_memory, with which the next one begins. */
#ifndef HUNCH_OFFLOAD_H
#define HUNCH_OFFLOAD_H

#include <stdbool.h>
#include <stdint.h>

enum hunch_side { HUNCH_SIDE_HOST, HUNCH_SIDE_DEVICE };

/* Jobs, all together. */
struct hunch_offload_work {
    uint64_t bytes, ns; /* of threads at work; ns 0: nothing is known */
};

/* All zero: nothing. */
struct hunch_offload_memory {
    struct hunch_offload_work side[2]; /* what counted of its last turn */
    uint64_t since_ns;                 /* thread time since the side not taken had its last turn */
};

struct hunch_offload {
    struct hunch_offload_memory memory;
    struct hunch_offload_work counted; /* of this turn, behind the warm jobs */
    uint32_t threads;
    uint32_t turn;        /* its number */
    uint32_t warm, count; /* jobs of it that are done: at first `threads`, which do not count */
    uint8_t side;         /* enum hunch_side, whose turn it is */
    bool device;          /* there is one */
    bool trying;          /* it was not the side's turn because it is the faster one */
};

/* Begins with the host. */
void hunch_offload_init(struct hunch_offload *o, uint32_t threads,
                        const struct hunch_offload_memory *memory);

/* From now on there is a device. */
void hunch_offload_found(struct hunch_offload *o);
/* And now there is none any more. */
void hunch_offload_lost(struct hunch_offload *o);

/* Where a job goes that is taken now, and the turn it is of. */
enum hunch_side hunch_offload_next(struct hunch_offload *o, uint32_t *turn);

/* A job of that turn is done. One of no bytes, or no time, says nothing. */
void hunch_offload_done(struct hunch_offload *o, uint32_t turn, uint64_t bytes, uint64_t ns);

#endif
