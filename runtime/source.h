/* source.h: the places a record's bytes come from, as a moving window for confirmers: memory, or a
 * file by pread. */
#ifndef HUNCH_SOURCE_H
#define HUNCH_SOURCE_H

#include <stdatomic.h>

#include "regex.h"

/* Who may end the reading. */
struct hunch_stopper {
    const atomic_int *stop;  /* not 0: give up */
    void (*tick)(void *ctx); /* called now and then by the reading thread; may set *stop; NULL:
                                nobody to call */
    void *ctx;
};

struct hunch_record_source {
    struct hunch_source base; /* first: confirmers see only this */
    const uint8_t *bytes;     /* memory: all of the record; file: NULL */
    int fd;
    uint8_t *buffer; /* file: `window` bytes, the caller's */
    size_t window; /* bytes: how far confirmers go between two looks at the stopper; at least 64 */
    const struct hunch_stopper *stopper; /* must outlive the source */
};

/* A file that turns out shorter than `size` is an error of reading. */
void hunch_source_memory(struct hunch_record_source *s, const void *bytes, size_t size,
                         size_t window, const struct hunch_stopper *stopper);
void hunch_source_file(struct hunch_record_source *s, int fd, uint64_t size, uint8_t *buffer,
                       size_t window, const struct hunch_stopper *stopper);

#endif
