/* source.h: the places a record's bytes come from, as a moving window for confirmers: memory, or a file by pread. */
#ifndef HUNCH_SOURCE_H
#define HUNCH_SOURCE_H

#include <stdatomic.h>

#include "regex.h"

#define HUNCH_SOURCE_WINDOW ((size_t)1 << 20) /* bytes: how far confirmers go between two looks at `stop` */

struct hunch_record_source {
    struct hunch_source base; /* first: confirmers see only this */
    const uint8_t *bytes;     /* memory: all of the record; file: NULL */
    int fd;
    uint8_t *buffer;          /* file: HUNCH_SOURCE_WINDOW bytes, the caller's */
    const atomic_int *stop;   /* not 0: give up; NULL: never */
};

void hunch_source_memory(struct hunch_record_source *s, const void *bytes, size_t size, const atomic_int *stop);
void hunch_source_file(struct hunch_record_source *s, int fd, uint64_t size, uint8_t *buffer, const atomic_int *stop);

#endif
