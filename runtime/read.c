/* read.c: see read.h. */
#define _GNU_SOURCE
#include "read.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "dir.h"

#define READ_MOST ((size_t)1 << 30) /* bytes asked of one call: below what Linux cuts off at */
#define FIRST_ROOM ((size_t)256 << 10)

const char *hunch_not_a_file_text(unsigned mode)
{
    switch (mode & S_IFMT) {
    case S_IFIFO: return "it is a FIFO, and only regular files are scanned";
    case S_IFSOCK: return "it is a socket, and only regular files are scanned";
    case S_IFCHR: return "it is a character device, and only regular files are scanned";
    case S_IFBLK: return "it is a block device, and only regular files are scanned";
    case S_IFDIR: return "it is a directory where a file was expected";
    case S_IFLNK: return "it became a symbolic link while it was looked at";
    default: return "it is not a regular file";
    }
}

static void problem(struct hunch_read *out, const char *reason, const char *detail, int error)
{
    out->state = HUNCH_READ_PROBLEM;
    out->reason = reason;
    out->detail = detail;
    out->error = error;
}

/* O_NONBLOCK: a FIFO that took the file's place must not hold us. */
static int open_file(int dirfd, const char *path, unsigned flags)
{
    int how = O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
    if (!(flags & HUNCH_READ_FOLLOW) && dirfd != AT_FDCWD)
        return hunch_open_beneath(dirfd, path, how);
    if (!(flags & HUNCH_READ_FOLLOW))
        how |= O_NOFOLLOW;
    int fd;
    do
        fd = openat(dirfd, path, how);
    while (fd < 0 && errno == EINTR);
    return fd < 0 ? -errno : fd;
}

int hunch_read_at(int fd, void *buffer, size_t size, uint64_t offset, size_t *got)
{
    *got = 0;
    while (*got < size) {
        size_t want = size - *got < READ_MOST ? size - *got : READ_MOST;
        ssize_t n = pread(fd, (char *)buffer + *got, want, (off_t)(offset + *got));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        if (n == 0)
            break;
        *got += (size_t)n;
    }
    return 0;
}

/* Fills the buffer and leaves the file open. False: a problem, said in out.
 * Most files are small: one read brings all of it, and a look at the size afterwards spares the
 * second read that would say "end". The type is known only then, and what a FIFO or a device gave
 * is thrown away. */
static bool fill(int fd, uint64_t limit, void *buffer, size_t capacity, struct hunch_read *out)
{
    struct stat st;
    ssize_t n = 0;
    int error = 0;

    /* With a limit the size comes first: nothing of a file past it is read. */
    if (limit && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (uint64_t)st.st_size > limit) {
        out->state = HUNCH_READ_TOO_LARGE;
        out->file_size = (uint64_t)st.st_size;
        return true;
    }
    if (capacity > 0) {
        do
            n = pread(fd, buffer, capacity < READ_MOST ? capacity : READ_MOST, 0);
        while (n < 0 && errno == EINTR);
        error = n < 0 ? errno : 0;
    }
    if (fstat(fd, &st) != 0) {
        problem(out, "unreadable", hunch_errno_text(errno), errno);
        return false;
    }
    if (!S_ISREG(st.st_mode)) {
        problem(out, "not-a-file", hunch_not_a_file_text(st.st_mode), 0);
        return false;
    }
    out->size = n > 0 ? (size_t)n : 0;
    out->file_size = (uint64_t)st.st_size;
    /* Short of the size, or more than it (files of /proc say 0): only a read of nothing is the end.
     */
    if (!error && out->size != out->file_size && out->size < capacity && n > 0) {
        size_t more;
        error =
            hunch_read_at(fd, (char *)buffer + out->size, capacity - out->size, out->size, &more);
        out->size += more;
    }
    if (error) {
        problem(out, "unreadable", hunch_errno_text(error), error);
        return false;
    }
    if (limit && out->size > limit) {
        out->state = HUNCH_READ_TOO_LARGE;
        if (out->file_size < out->size)
            out->file_size = out->size;
        out->size = 0;
    } else if (out->size < capacity || (capacity > 0 && out->size == out->file_size)) {
        out->state = HUNCH_READ_WHOLE;
    } else {
        out->state = HUNCH_READ_LARGE;
    }
    return true;
}

void hunch_read_file(int dirfd, const char *path, unsigned flags, uint64_t limit, void *buffer,
                     size_t capacity, struct hunch_read *out)
{
    memset(out, 0, sizeof *out);
    out->fd = -1;
    int fd = open_file(dirfd, path, flags);
    if (fd < 0) {
        if (fd == -ENXIO)
            problem(out, "not-a-file",
                    "it is a socket or a device, and only regular files are scanned", ENXIO);
        else if (fd == -ELOOP && !(flags & HUNCH_READ_FOLLOW))
            problem(out, "not-a-file", hunch_not_a_file_text(S_IFLNK), ELOOP);
        else
            problem(out, "unreadable", hunch_errno_text(-fd), -fd);
        return;
    }
    if (fill(fd, limit, buffer, capacity, out) && out->state == HUNCH_READ_LARGE)
        out->fd = fd;
    else
        close(fd);
}

static bool buffer_grow(const struct hunch_allocator *a, struct hunch_buffer *b, size_t capacity)
{
    void *bytes = hunch_realloc(a, b->bytes, b->capacity, capacity);
    if (!bytes)
        return false;
    b->bytes = bytes;
    b->capacity = capacity;
    return true;
}

hunch_status hunch_read_whole(const struct hunch_allocator *a, int dirfd, const char *path,
                              unsigned flags, uint64_t limit, size_t most,
                              struct hunch_buffer *buffer, struct hunch_read *out,
                              struct hunch_error *err)
{
    size_t first = most < FIRST_ROOM ? most : FIRST_ROOM;
    if (buffer->capacity < first && !buffer_grow(a, buffer, first)) {
        memset(out, 0, sizeof *out);
        out->fd = -1;
        return hunch_fail_memory(err, first, "the contents of a file");
    }
    hunch_read_file(dirfd, path, flags, limit, buffer->bytes,
                    buffer->capacity < most ? buffer->capacity : most, out);
    /* One byte more than the size shows that nothing follows; a size that lies is doubled. */
    while (out->state == HUNCH_READ_LARGE && out->size < most) {
        size_t want = out->file_size >= most ? most : (size_t)out->file_size + 1;
        if (want <= out->size)
            want = out->size <= most / 2 ? out->size * 2 : most;
        if (want > buffer->capacity && !buffer_grow(a, buffer, want)) {
            close(out->fd);
            out->fd = -1;
            return hunch_fail_memory(err, want, "the contents of a file");
        }
        size_t got;
        int error =
            hunch_read_at(out->fd, buffer->bytes + out->size, want - out->size, out->size, &got);
        out->size += got;
        if (error)
            problem(out, "unreadable", hunch_errno_text(error), error);
        else if (limit && out->size > limit)
            out->state = HUNCH_READ_TOO_LARGE;
        else if (out->size < want || out->size == out->file_size)
            out->state = HUNCH_READ_WHOLE;
    }
    if (out->state != HUNCH_READ_LARGE && out->fd >= 0) {
        close(out->fd);
        out->fd = -1;
    }
    return HUNCH_OK;
}

void hunch_buffer_fit(const struct hunch_allocator *a, struct hunch_buffer *buffer, size_t size)
{
    void *bytes = size > 0 && size < buffer->capacity
                      ? hunch_realloc(a, buffer->bytes, buffer->capacity, size)
                      : NULL;
    if (bytes != NULL) {
        buffer->bytes = bytes;
        buffer->capacity = size;
    }
}

void hunch_buffer_free(const struct hunch_allocator *a, struct hunch_buffer *buffer)
{
    hunch_free(a, buffer->bytes, buffer->capacity);
    buffer->bytes = NULL;
    buffer->capacity = 0;
}
