/* source.h: the places a record's bytes come from, as a moving window for confirmers: memory, a
 * file by pread, or memory that somebody else has to read. */
#ifndef HUNCH_SOURCE_H
#define HUNCH_SOURCE_H

#include <stdatomic.h>

#include "../kernels/bring.h"
#include "regex.h"

/* Who may end the reading. */
struct hunch_stopper {
    const atomic_int *stop;  /* not 0: give up */
    void (*tick)(void *ctx); /* called now and then by the reading thread; may set *stop; NULL:
                                nobody to call */
    void *ctx;
};

/* Bytes of a record that are here, [start, end). */
struct hunch_stretch {
    uint64_t start, end;
    const uint8_t *bytes;
};

/* A record that lies elsewhere. */
struct hunch_remote {
    /* Copies bytes [at, at + size) of it. */
    hunch_status (*read)(void *ctx, uint64_t at, uint8_t *to, size_t size, struct hunch_error *err);
    void *ctx;
    const struct hunch_stretch *stretch; /* what is here, ascending */
    size_t stretch_count;
    const struct hunch_grain *grain; /* of each HUNCH_GRAIN bytes from its start on, or NULL */
};

struct hunch_record_source {
    struct hunch_source base; /* first: confirmers see only this */
    const uint8_t *bytes;     /* memory: all of the record; else NULL */
    int fd;                   /* file */
    const struct hunch_remote *remote;
    uint8_t *buffer; /* file, remote: `window` bytes, the caller's */
    size_t window; /* bytes: how far confirmers go between two looks at the stopper; at least 64 */
    const struct hunch_stopper *stopper; /* must outlive the source */
};

/* A file that turns out shorter than `size` is an error of reading. */
void hunch_source_memory(struct hunch_record_source *s, const void *bytes, size_t size,
                         size_t window, const struct hunch_stopper *stopper);
void hunch_source_file(struct hunch_record_source *s, int fd, uint64_t size, uint8_t *buffer,
                       size_t window, const struct hunch_stopper *stopper);
/* `remote` must outlive it. */
void hunch_source_remote(struct hunch_record_source *s, const struct hunch_remote *remote,
                         uint64_t size, uint8_t *buffer, size_t window,
                         const struct hunch_stopper *stopper);

#endif
