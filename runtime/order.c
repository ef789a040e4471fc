/* order.c: see order.h.
 *
 * One mutex guards everything; the sink and the temporary file are used without it. `draining`
 * says that some thread is passing bytes on: it alone calls the sink and moves the head, and takes
 * one chunk at a time off the head's list. Sequences from the head on have a slot each in a ring.
 */
#define _GNU_SOURCE
#include "order.h"

#include <pthread.h>
#include <string.h>
#include "spill.h"

#define RING_FIRST ((size_t)256)       /* slots at first; a power of two */
#define CHUNK_MOST ((size_t)64 << 10)  /* room of a chunk that collects small parts */
#define BACK_FIRST ((size_t)256 << 10) /* of the buffer for what comes back from the file */
#define HEADER_SIZE sizeof(uint64_t)   /* in the file each part stands behind its size */

/* Bytes that wait: in memory, right behind it, or in the file. */
struct chunk {
    struct chunk *next;
    size_t room;     /* bytes behind it; 0: in the file */
    size_t used;     /* of room, or in the file with headers */
    uint64_t offset; /* in the file */
    unsigned char bytes[];
};

struct pending {
    struct chunk *first, *last;
    bool finished;
};

/* In a slot: a finished sequence that left nothing. */
#define EMPTY ((struct pending *)(void *)&empty_mark)
static const char empty_mark = 0;

struct hunch_order {
    const struct hunch_allocator *allocator;
    hunch_order_sink sink;
    void *ctx;
    size_t memory_most;
    uint64_t ahead_most;

    pthread_mutex_t lock;
    pthread_cond_t moved; /* head, memory, draining or failure changed */
    unsigned waiting;
    bool draining;
    hunch_status failed;
    struct hunch_error error; /* of failed */

    struct pending **ring; /* ring[s & (ring_size - 1)] for head <= s < head + ring_size */
    size_t ring_size;
    size_t memory; /* bytes of chunks and pendings */
    struct hunch_spill spill;
    bool spill_failed;
    uint64_t spill_alive_then; /* when it failed: less alive means room, it is tried again */
    unsigned char *back;       /* buffer of the draining thread, for what comes from the file */
    size_t back_size;          /* BACK_FIRST, or for a moment what a larger part needs */
    struct hunch_order_stats stats;
};

hunch_status hunch_order_new(const struct hunch_allocator *a,
                             const struct hunch_order_options *options, hunch_order_sink sink,
                             void *ctx, struct hunch_order **order, struct hunch_error *err)
{
    static const struct hunch_order_options none;
    if (!options)
        options = &none;
    *order = NULL;
    struct hunch_order *o = hunch_alloc_zero(a, sizeof *o);
    if (!o)
        return hunch_fail_memory(err, sizeof *o, "ordering the results");
    o->allocator = a;
    o->sink = sink;
    o->ctx = ctx;
    o->memory_most = options->memory ? options->memory : HUNCH_ORDER_MEMORY;
    o->ahead_most = options->ahead ? options->ahead : HUNCH_ORDER_AHEAD;
    hunch_spill_init(&o->spill, options->folder, options->spill_limit);
    pthread_mutex_init(&o->lock, NULL);
    pthread_cond_init(&o->moved, NULL);
    o->ring_size = RING_FIRST;
    o->ring = hunch_alloc_zero(a, o->ring_size * sizeof *o->ring);
    o->back_size = BACK_FIRST;
    o->back = hunch_alloc(a, o->back_size);
    if (!o->ring || !o->back) {
        hunch_order_free(o);
        return hunch_fail_memory(err, BACK_FIRST, "ordering the results");
    }
    *order = o;
    return HUNCH_OK;
}

static void free_chunk(struct hunch_order *o, struct chunk *c)
{
    o->memory -= sizeof *c + c->room;
    hunch_free(o->allocator, c, sizeof *c + c->room);
}

static void free_pending(struct hunch_order *o, struct pending *p)
{
    o->memory -= sizeof *p;
    hunch_free(o->allocator, p, sizeof *p);
}

void hunch_order_free(struct hunch_order *o)
{
    if (!o)
        return;
    for (size_t i = 0; o->ring && i < o->ring_size; i++) {
        struct pending *p = o->ring[i];
        if (!p || p == EMPTY)
            continue;
        while (p->first) {
            struct chunk *c = p->first;
            p->first = c->next;
            free_chunk(o, c);
        }
        free_pending(o, p);
    }
    hunch_spill_done(&o->spill);
    hunch_free_array(o->allocator, o->ring, o->ring_size, sizeof *o->ring);
    hunch_free(o->allocator, o->back, o->back_size);
    pthread_cond_destroy(&o->moved);
    pthread_mutex_destroy(&o->lock);
    hunch_free(o->allocator, o, sizeof *o);
}

/* --- all that follows, but for the sink and the file, runs with the lock held ------------------
 */

static void wake(struct hunch_order *o)
{
    if (o->waiting > 0)
        pthread_cond_broadcast(&o->moved);
}

static void wait_for_move(struct hunch_order *o)
{
    o->waiting++;
    o->stats.waits++;
    pthread_cond_wait(&o->moved, &o->lock);
    o->waiting--;
}

static void fail(struct hunch_order *o, hunch_status status, const struct hunch_error *error)
{
    if (o->failed)
        return;
    o->failed = status;
    o->error = *error;
    wake(o);
}

static hunch_status failure(const struct hunch_order *o, struct hunch_error *err)
{
    if (err)
        *err = o->error;
    return o->failed;
}

static struct pending **slot(struct hunch_order *o, uint64_t sequence)
{
    return &o->ring[sequence & (o->ring_size - 1)];
}

/* Whether the sequence has a slot; makes the ring larger for it. False: too far ahead, or no
 * memory; when the head has come nearer there will be one. */
static bool have_slot(struct hunch_order *o, uint64_t sequence)
{
    uint64_t ahead = sequence - o->stats.head;
    if (ahead < o->ring_size)
        return true;
    if (ahead >= o->ahead_most)
        return false;
    size_t size = o->ring_size;
    while (size <= ahead)
        size *= 2;
    struct pending **ring = hunch_alloc_zero(o->allocator, size * sizeof *ring);
    if (!ring)
        return false;
    for (size_t i = 0; i < o->ring_size; i++) {
        uint64_t s = o->stats.head + i;
        ring[s & (size - 1)] = *slot(o, s);
    }
    hunch_free_array(o->allocator, o->ring, o->ring_size, sizeof *o->ring);
    o->ring = ring;
    o->ring_size = size;
    return true;
}

static void count_memory(struct hunch_order *o, size_t more)
{
    o->memory += more;
    if (o->memory > o->stats.memory_peak)
        o->stats.memory_peak = o->memory;
}

/* The sequence's pending, made when it has none. NULL: no memory. */
static struct pending *get_pending(struct hunch_order *o, uint64_t sequence)
{
    struct pending **at = slot(o, sequence);
    if (!*at) {
        *at = hunch_alloc_zero(o->allocator, sizeof **at);
        if (*at)
            count_memory(o, sizeof **at);
    }
    return *at;
}

static struct chunk *add_chunk(struct hunch_order *o, struct pending *p, size_t room)
{
    struct chunk *c = hunch_alloc(o->allocator, sizeof *c + room);
    if (!c)
        return NULL;
    *c = (struct chunk){.room = room};
    if (p->last)
        p->last->next = c;
    else
        p->first = c;
    p->last = c;
    count_memory(o, sizeof *c + room);
    return c;
}

static bool fits(const struct hunch_order *o, size_t more)
{
    return o->memory <= o->memory_most && more <= o->memory_most - o->memory;
}

/* False: no room, or no memory. */
static bool hold(struct hunch_order *o, uint64_t sequence, const void *bytes, size_t size)
{
    struct pending **at = slot(o, sequence);
    struct chunk *last = *at ? (*at)->last : NULL;
    if (!last || last->room == 0 || last->room - last->used < size) {
        size_t room = size;
        if (last && last->room > 0 && room < CHUNK_MOST && room < last->room * 2)
            room = last->room * 2 < CHUNK_MOST ? last->room * 2 : CHUNK_MOST;
        if (!fits(o, sizeof **at + sizeof *last + room))
            room = size;
        if (!fits(o, sizeof **at + sizeof *last + room))
            return false;
        struct pending *p = get_pending(o, sequence);
        last = p ? add_chunk(o, p, room) : NULL;
        if (!last)
            return false;
    }
    memcpy(last->bytes + last->used, bytes, size);
    last->used += size;
    return true;
}

static void note_spill_failure(struct hunch_order *o, const struct hunch_error *why)
{
    o->spill_failed = true;
    o->spill_alive_then = o->spill.alive;
    if (!o->stats.spill_error.code)
        o->stats.spill_error = *why;
}

/* Writes a part to the file; the lock is open meanwhile. False: it could not be written. */
static bool spill(struct hunch_order *o, uint64_t sequence, const void *bytes, size_t size)
{
    struct hunch_error why;
    uint64_t header = size;
    uint64_t offset;
    size_t total = HEADER_SIZE + size;

    if (o->spill_failed && o->spill.alive >= o->spill_alive_then)
        return false;
    /* What says where the parts lie takes memory, too: a quarter of the budget at most. */
    if (o->memory > o->memory_most + o->memory_most / 4)
        return false;
    struct pending *p = get_pending(o, sequence);
    struct chunk *c = p ? hunch_alloc(o->allocator, sizeof *c) : NULL;
    if (!c)
        return false;
    hunch_status status = hunch_spill_reserve(&o->spill, total, &offset, &why);
    if (!status) {
        pthread_mutex_unlock(&o->lock);
        status = hunch_spill_write(&o->spill, offset, &header, HEADER_SIZE, &why);
        if (!status)
            status = hunch_spill_write(&o->spill, offset + HEADER_SIZE, bytes, size, &why);
        pthread_mutex_lock(&o->lock);
        if (status)
            hunch_spill_release(&o->spill, total);
    }
    if (status) {
        note_spill_failure(o, &why);
        hunch_free(o->allocator, c, sizeof *c);
        return false;
    }
    o->spill_failed = false;
    o->stats.spilled += size;
    if (p->last && p->last->room == 0 && p->last->offset + p->last->used == offset) {
        p->last->used += total;
        hunch_free(o->allocator, c, sizeof *c);
        return true;
    }
    *c = (struct chunk){.used = total, .offset = offset};
    if (p->last)
        p->last->next = c;
    else
        p->first = c;
    p->last = c;
    count_memory(o, sizeof *c);
    return true;
}

/* The buffer gets the size. False: no memory, it stays as it is. */
static bool resize_back(struct hunch_order *o, size_t size)
{
    void *back = hunch_realloc(o->allocator, o->back, o->back_size, size);
    if (!back)
        return false;
    o->back = back;
    o->back_size = size;
    return true;
}

/* Moves the whole parts among the first `size` bytes of the buffer together, without their headers.
 * *to: their bytes, *from: those of the buffer that they took. */
static void join_parts(struct hunch_order *o, size_t size, size_t *from, size_t *to)
{
    *from = *to = 0;
    while (size - *from > HEADER_SIZE) {
        uint64_t part;
        memcpy(&part, o->back + *from, HEADER_SIZE);
        if (part > size - *from - HEADER_SIZE)
            break;
        memmove(o->back + *to, o->back + *from + HEADER_SIZE, part);
        *from += HEADER_SIZE + part;
        *to += part;
    }
}

/* Without the lock: gives the sink what lies in the file, as many whole parts at a time as fit. */
static hunch_status pass_on_spilled(struct hunch_order *o, uint64_t sequence, const struct chunk *c,
                                    uint64_t *passed, struct hunch_error *err)
{
    hunch_status status = HUNCH_OK;
    *passed = 0;
    for (uint64_t at = 0; at < c->used && !status;) {
        size_t size = c->used - at < o->back_size ? (size_t)(c->used - at) : o->back_size, from, to;
        status = hunch_spill_read(&o->spill, c->offset + at, o->back, size, err);
        if (status)
            break;
        join_parts(o, size, &from, &to);
        if (to == 0) { /* a part that is larger than the buffer */
            uint64_t part;
            memcpy(&part, o->back, HEADER_SIZE);
            if (!resize_back(o, (size_t)part + HEADER_SIZE))
                status =
                    hunch_fail_memory(err, (size_t)part, "a large result that waited in a file");
            continue;
        }
        at += from;
        *passed += to;
        status = o->sink(o->ctx, sequence, o->back, to, err);
    }
    if (o->back_size > BACK_FIRST)
        resize_back(o, BACK_FIRST);
    return status;
}

/* Gives bytes (c NULL) or a chunk of the head to the sink, the lock open meanwhile. The caller has
 * set draining. */
static void pass_on(struct hunch_order *o, const struct chunk *c, const void *bytes, size_t size)
{
    struct hunch_error why;
    hunch_status status;
    uint64_t head = o->stats.head, passed = size;

    hunch_error_clear(&why);
    pthread_mutex_unlock(&o->lock);
    if (c && c->room == 0)
        status = pass_on_spilled(o, head, c, &passed, &why);
    else
        status = o->sink(o->ctx, head, bytes, size, &why);
    pthread_mutex_lock(&o->lock);
    o->stats.bytes += passed;
    if (status) {
        if (!why.code)
            hunch_fail(&why, status, "the results could not be passed on");
        fail(o, status, &why);
    }
}

/* Passes on all that is due. Nobody is draining. */
static void drain(struct hunch_order *o)
{
    o->draining = true;
    while (!o->failed) {
        struct pending **at = slot(o, o->stats.head), *p = *at;
        if (p && p != EMPTY && p->first) {
            struct chunk *c = p->first;
            p->first = c->next;
            if (!p->first)
                p->last = NULL;
            pass_on(o, c, c->bytes, c->used);
            if (c->room == 0)
                hunch_spill_release(&o->spill, c->used);
            free_chunk(o, c);
        } else if (p == EMPTY || (p && p->finished)) {
            if (p != EMPTY)
                free_pending(o, p);
            *at = NULL;
            o->stats.head++;
        } else {
            break;
        }
        wake(o);
    }
    o->draining = false;
    wake(o);
}

/* Whether the sequence may still be appended to or finished. */
static bool is_open(struct hunch_order *o, uint64_t sequence)
{
    if (sequence < o->stats.head)
        return false;
    if (sequence - o->stats.head >= o->ring_size)
        return true;
    const struct pending *p = *slot(o, sequence);
    return !p || (p != EMPTY && !p->finished);
}

static hunch_status is_closed(uint64_t sequence, struct hunch_error *err)
{
    return hunch_fail(err, HUNCH_ERROR_ARGUMENT, "sequence %llu has been finished already",
                      (unsigned long long)sequence);
}

static hunch_status append(struct hunch_order *o, uint64_t sequence, const void *bytes, size_t size,
                           struct hunch_error *err)
{
    while (size > 0) {
        if (o->failed)
            return failure(o, err);
        if (!is_open(o, sequence))
            return is_closed(sequence, err);
        if (sequence == o->stats.head && !o->draining) {
            const struct pending *p = *slot(o, sequence);
            if (p && p->first) {
                drain(o);
                continue;
            }
            o->draining = true;
            pass_on(o, NULL, bytes, size);
            o->draining = false;
            wake(o);
            return o->failed ? failure(o, err) : HUNCH_OK;
        }
        if (have_slot(o, sequence)) {
            if (hold(o, sequence, bytes, size))
                return HUNCH_OK;
            if (spill(o, sequence, bytes, size)) {
                if (sequence == o->stats.head && !o->draining)
                    drain(o);
                return HUNCH_OK;
            }
            /* The lock was open: what is waited for may have come. */
            if (sequence == o->stats.head && !o->draining)
                continue;
        }
        wait_for_move(o);
    }
    return HUNCH_OK;
}

static hunch_status finish(struct hunch_order *o, uint64_t sequence, struct hunch_error *err)
{
    while (!o->failed) {
        if (!is_open(o, sequence))
            return is_closed(sequence, err);
        if (have_slot(o, sequence)) {
            struct pending **at = slot(o, sequence);
            if (*at)
                (*at)->finished = true;
            else
                *at = EMPTY;
            if (sequence == o->stats.head && !o->draining)
                drain(o);
            return o->failed ? failure(o, err) : HUNCH_OK;
        }
        wait_for_move(o);
    }
    return failure(o, err);
}

/* --- the public calls ----------------------------------------------------------------------------
 */

hunch_status hunch_order_append(struct hunch_order *o, uint64_t sequence, const void *bytes,
                                size_t size, struct hunch_error *err)
{
    pthread_mutex_lock(&o->lock);
    hunch_status status = append(o, sequence, bytes, size, err);
    pthread_mutex_unlock(&o->lock);
    return status;
}

hunch_status hunch_order_finish(struct hunch_order *o, uint64_t sequence, struct hunch_error *err)
{
    pthread_mutex_lock(&o->lock);
    hunch_status status = finish(o, sequence, err);
    pthread_mutex_unlock(&o->lock);
    return status;
}

hunch_status hunch_order_deliver(struct hunch_order *o, uint64_t sequence, const void *bytes,
                                 size_t size, struct hunch_error *err)
{
    pthread_mutex_lock(&o->lock);
    hunch_status status = append(o, sequence, bytes, size, err);
    if (!status)
        status = finish(o, sequence, err);
    pthread_mutex_unlock(&o->lock);
    return status;
}

void hunch_order_cancel(struct hunch_order *o)
{
    struct hunch_error why;
    hunch_fail(&why, HUNCH_ERROR_CANCELLED, "the results are no longer wanted");
    pthread_mutex_lock(&o->lock);
    fail(o, HUNCH_ERROR_CANCELLED, &why);
    pthread_mutex_unlock(&o->lock);
}

void hunch_order_get_stats(struct hunch_order *o, struct hunch_order_stats *stats)
{
    pthread_mutex_lock(&o->lock);
    *stats = o->stats;
    pthread_mutex_unlock(&o->lock);
}
