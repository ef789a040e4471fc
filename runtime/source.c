/* source.c: see source.h. */
#include "source.h"

#include <string.h>

#include "../kernels/tuning.h"
#include "read.h"

static bool stopped(struct hunch_source *base)
{
    const struct hunch_stopper *s = ((const struct hunch_record_source *)base)->stopper;
    if (s->tick)
        s->tick(s->ctx);
    return atomic_load_explicit(s->stop, memory_order_relaxed) != 0;
}

/* The window around `at`: most of it in the direction of reading, and a part the other way. Who
 * looks back now and then (to the start of a match, over a run) then finds it there; else the
 * window would go back and forth at every step. */
static void place(struct hunch_text *t, size_t window, uint64_t at, bool backwards)
{
    uint64_t other = window / 16 > 0 ? window / 16 : 1;
    if (backwards) {
        t->end = at < t->size && t->size - at > other ? at + 1 + other : t->size;
        t->base = t->end > window ? t->end - window : 0;
    } else {
        t->base = at > other ? at - other : 0;
        t->end = t->size - t->base < window ? t->size : t->base + window;
    }
}

static hunch_status fetch_memory(struct hunch_source *base, uint64_t at, bool backwards,
                                 struct hunch_error *err)
{
    struct hunch_record_source *s = (struct hunch_record_source *)base;
    if (stopped(base))
        return hunch_fail(err, HUNCH_ERROR_CANCELLED, "the scan was ended");
    place(&base->text, s->window, at, backwards);
    base->text.bytes = s->bytes + base->text.base;
    return HUNCH_OK;
}

static hunch_status fetch_file(struct hunch_source *base, uint64_t at, bool backwards,
                               struct hunch_error *err)
{
    struct hunch_record_source *s = (struct hunch_record_source *)base;
    struct hunch_text *t = &base->text;
    size_t got;
    if (stopped(base))
        return hunch_fail(err, HUNCH_ERROR_CANCELLED, "the scan was ended");
    place(t, s->window, at, backwards);
    size_t want = (size_t)(t->end - t->base);
    int problem = hunch_read_at(s->fd, s->buffer, want, t->base, &got);
    if (problem == 0 && got == want)
        return HUNCH_OK;
    uint64_t from = t->base;
    t->end = t->base; /* nothing is known any more */
    if (problem != 0)
        return hunch_fail_at(err, HUNCH_ERROR_IO, from, "cannot read on: %s",
                             hunch_errno_text(problem));
    return hunch_fail_at(err, HUNCH_ERROR_IO, from, "the file became shorter while it was read");
}

/* What all sources have; the window is empty. */
static void begin(struct hunch_record_source *s, uint64_t size, size_t window,
                  const struct hunch_stopper *stopper)
{
    memset(s, 0, sizeof *s);
    s->fd = -1;
    s->window = window;
    s->stopper = stopper;
    s->base.text.size = size;
    s->base.cancelled = stopped;
}

/* One that reads into a buffer. */
static void begin_reading(struct hunch_record_source *s, uint8_t *buffer, uint64_t size,
                          size_t window, const struct hunch_stopper *stopper)
{
    begin(s, size, window, stopper);
    s->buffer = buffer;
    s->base.text.bytes = buffer;
}

void hunch_source_memory(struct hunch_record_source *s, const void *bytes, size_t size,
                         size_t window, const struct hunch_stopper *stopper)
{
    begin(s, size, window, stopper);
    s->bytes = bytes;
    s->base.text.bytes = bytes;
    s->base.text.end = size < window ? size : window;
    s->base.fetch = fetch_memory;
}

void hunch_source_file(struct hunch_record_source *s, int fd, uint64_t size, uint8_t *buffer,
                       size_t window, const struct hunch_stopper *stopper)
{
    begin_reading(s, buffer, size, window, stopper);
    s->fd = fd;
    s->base.fetch = fetch_file;
}

/* ---- elsewhere ---- */

/* The stretch that holds the bytes at - 1 and at; NULL: none does. */
static const struct hunch_stretch *stretch_at(const struct hunch_remote *r, uint64_t at)
{
    size_t low = 0, high = r->stretch_count;
    while (low < high) { /* the first that ends behind `at` */
        size_t middle = low + (high - low) / 2;
        if (r->stretch[middle].end > at)
            high = middle;
        else
            low = middle + 1;
    }
    uint64_t before = at > 0 ? at - 1 : 0;
    return low < r->stretch_count && r->stretch[low].start <= before ? &r->stretch[low] : NULL;
}

static hunch_status fetch_remote(struct hunch_source *base, uint64_t at, bool backwards,
                                 struct hunch_error *err)
{
    struct hunch_record_source *s = (struct hunch_record_source *)base;
    struct hunch_text *t = &base->text;
    if (stopped(base))
        return hunch_fail(err, HUNCH_ERROR_CANCELLED, "the scan was ended");
    const struct hunch_stretch *here = stretch_at(s->remote, at);
    if (here != NULL) {
        t->bytes = here->bytes;
        t->base = here->start;
        t->end = here->end;
        return HUNCH_OK;
    }
    t->bytes = s->buffer;
    place(t, s->window, at, backwards);
    hunch_status status =
        s->remote->read(s->remote->ctx, t->base, s->buffer, (size_t)(t->end - t->base), err);
    if (status != HUNCH_OK)
        t->end = t->base; /* nothing is known any more */
    return status;
}

/* By whole grains. */
static uint64_t hop(struct hunch_source *base, uint64_t at, uint64_t to, uint64_t *lines,
                    uint64_t *line_start)
{
    const struct hunch_record_source *s = (const struct hunch_record_source *)base;
    const struct hunch_grain *grain = s->remote->grain;
    const uint64_t from = at / HUNCH_GRAIN, end = to / HUNCH_GRAIN;
    if (at % HUNCH_GRAIN != 0 || from >= end)
        return at;
    for (uint64_t i = from; i < end; i++) {
        *lines += grain[i].newlines;
        if (grain[i].behind != 0)
            *line_start = i * HUNCH_GRAIN + grain[i].behind;
    }
    return end * HUNCH_GRAIN;
}

void hunch_source_remote(struct hunch_record_source *s, const struct hunch_remote *remote,
                         uint64_t size, uint8_t *buffer, size_t window,
                         const struct hunch_stopper *stopper)
{
    begin_reading(s, buffer, size, window, stopper);
    s->remote = remote;
    s->base.fetch = fetch_remote;
    s->base.hop = remote->grain ? hop : NULL;
}
