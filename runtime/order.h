/* order.h: results that are finished in any order leave in the order of their sequence numbers.
 *
 * Sequence numbers are dense from 0. A worker appends the parts of its sequence and finishes it;
 * the sink gets the bytes of sequence 0, then of 1, and so on, one call at a time, from whichever
 * worker's call made them due. The lowest unfinished sequence, the head, is passed on at once.
 * Parts that are early wait in memory; past the budget in an unlinked temporary file; when that
 * cannot be written, the worker waits until the head has moved, so that nothing is lost.
 *
 * So that waiting ends: a thread that calls append or finish for a sequence holds no lower one
 * unfinished, and who holds the head waits for nobody who is ahead of it. One thread at a time
 * appends to a sequence. The head's own calls wait for nothing but the sink.
 */
#ifndef HUNCH_ORDER_H
#define HUNCH_ORDER_H

#include <stddef.h>
#include <stdint.h>
#include "alloc.h"
#include "error.h"

#define HUNCH_ORDER_MEMORY ((size_t)32 << 20) /* default budget */
#define HUNCH_ORDER_AHEAD ((uint64_t)1 << 20) /* default: how far a sequence may be ahead */

struct hunch_order;

/* Gets one or several whole parts of one sequence, in order; a part is never cut, and a call never
 * empty. Must not call the order. Anything but HUNCH_OK ends the order with that status. */
typedef hunch_status (*hunch_order_sink)(void *ctx, uint64_t sequence, const void *bytes,
                                         size_t size, struct hunch_error *err);

struct hunch_order_options {
    size_t memory;        /* bytes held back in memory; 0: HUNCH_ORDER_MEMORY */
    uint64_t ahead;       /* sequences from the head that may be touched; 0: HUNCH_ORDER_AHEAD */
    const char *folder;   /* of the temporary file; NULL: $TMPDIR or /tmp */
    uint64_t spill_limit; /* most bytes of the temporary file; 0: none */
};

struct hunch_order_stats {
    uint64_t head;                  /* sequences passed on completely */
    uint64_t bytes;                 /* given to the sink */
    uint64_t spilled;               /* bytes that went through the temporary file */
    uint64_t waits;                 /* times a worker had to wait */
    size_t memory_peak;             /* most bytes held back in memory */
    struct hunch_error spill_error; /* the first reason why the file could not be used, or OK */
};

/* options may be NULL. */
hunch_status hunch_order_new(const struct hunch_allocator *a,
                             const struct hunch_order_options *options, hunch_order_sink sink,
                             void *ctx, struct hunch_order **order, struct hunch_error *err);

/* No call may be running. What has not been passed on is dropped. NULL: nothing. */
void hunch_order_free(struct hunch_order *o);

/* Copies the part; one of 0 bytes is none. ARGUMENT: the sequence is finished. Other failures: the
 * order's, for good. */
hunch_status hunch_order_append(struct hunch_order *o, uint64_t sequence, const void *bytes,
                                size_t size, struct hunch_error *err);
hunch_status hunch_order_finish(struct hunch_order *o, uint64_t sequence, struct hunch_error *err);

/* append + finish. */
hunch_status hunch_order_deliver(struct hunch_order *o, uint64_t sequence, const void *bytes,
                                 size_t size, struct hunch_error *err);

/* Ends the order: who waits is woken, and all calls fail with HUNCH_ERROR_CANCELLED. Not from a
 * signal handler. */
void hunch_order_cancel(struct hunch_order *o);

void hunch_order_get_stats(struct hunch_order *o, struct hunch_order_stats *stats);

#endif
