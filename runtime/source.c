/* source.c: see source.h. */
#include "source.h"

#include <string.h>

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

void hunch_source_memory(struct hunch_record_source *s, const void *bytes, size_t size,
                         size_t window, const struct hunch_stopper *stopper)
{
    memset(s, 0, sizeof *s);
    s->bytes = bytes;
    s->fd = -1;
    s->window = window;
    s->stopper = stopper;
    s->base.text.bytes = bytes;
    s->base.text.size = size;
    s->base.text.end = size < window ? size : window;
    s->base.fetch = fetch_memory;
    s->base.cancelled = stopped;
}

void hunch_source_file(struct hunch_record_source *s, int fd, uint64_t size, uint8_t *buffer,
                       size_t window, const struct hunch_stopper *stopper)
{
    memset(s, 0, sizeof *s);
    s->fd = fd;
    s->buffer = buffer;
    s->window = window;
    s->stopper = stopper;
    s->base.text.bytes = buffer;
    s->base.text.size = size;
    s->base.fetch = fetch_file;
    s->base.cancelled = stopped;
}
