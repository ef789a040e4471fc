/* read.h: the bytes of a file, by read and pread, never mapped.
 *
 * What a read saw is what counts: a file that grows meanwhile ends where it ended when it was
 * looked at, one that shrinks ends where nothing more came. Nothing here allocates but
 * hunch_read_whole. Any thread.
 */
#ifndef HUNCH_READ_H
#define HUNCH_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "alloc.h"
#include "error.h"

enum hunch_read_state {
    HUNCH_READ_WHOLE,     /* all of it is in the buffer: `size` bytes */
    HUNCH_READ_LARGE,     /* the buffer is full: its `size` bytes are the first ones, and fd is open
                           * and the caller's to continue with hunch_read_at and to close */
    HUNCH_READ_TOO_LARGE, /* more than the limit: nothing to scan */
    HUNCH_READ_PROBLEM,   /* reason, detail and error say why */
};

struct hunch_read {
    enum hunch_read_state state;
    int fd;             /* LARGE, else -1 */
    size_t size;        /* bytes in the buffer */
    uint64_t file_size; /* as the file system told it; LARGE, TOO_LARGE */
    const char *reason; /* PROBLEM: "unreadable" or "not-a-file" */
    const char *detail; /* PROBLEM: static text */
    int error;          /* PROBLEM: errno, or 0 */
};

enum hunch_read_flags {
    HUNCH_READ_FOLLOW = 1, /* the last name may be a symbolic link (a path the user named) */
};

/* Reads the regular file `path`, relative to dirfd (or AT_FDCWD), into buffer. A path of several
 * parts below a dirfd may not lead through symbolic links. limit: bytes; 0: none. An empty
 * buffer (capacity 0) only opens: the state is then LARGE. */
void hunch_read_file(int dirfd, const char *path, unsigned flags, uint64_t limit, void *buffer,
                     size_t capacity, struct hunch_read *out);

/* Reads at most size bytes at offset; *got is less only at the end of the file. Returns 0 or errno
 * (*got bytes are good all the same). */
int hunch_read_at(int fd, void *buffer, size_t size, uint64_t offset, size_t *got);

struct hunch_buffer {
    unsigned char *bytes;
    size_t capacity;
};

/* The same with a buffer that grows (bytes NULL and capacity 0 at first) up to `most` bytes, and
 * says LARGE only for files that are bigger. MEMORY: the buffer could not grow. */
hunch_status hunch_read_whole(const struct hunch_allocator *a, int dirfd, const char *path,
                              unsigned flags, uint64_t limit, size_t most,
                              struct hunch_buffer *buffer, struct hunch_read *out,
                              struct hunch_error *err);
/* Gives back what lies behind the first `size` bytes. */
void hunch_buffer_fit(const struct hunch_allocator *a, struct hunch_buffer *buffer, size_t size);
void hunch_buffer_free(const struct hunch_allocator *a, struct hunch_buffer *buffer);

/* What fstat's mode says about something that is not a regular file: "it is a FIFO", … */
const char *hunch_not_a_file_text(unsigned mode);

#endif
