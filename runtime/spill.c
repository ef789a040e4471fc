/* spill.c: see spill.h. */
#define _GNU_SOURCE
#include "spill.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>
#include "read.h"

#define WRITE_MOST ((size_t)1 << 30) /* bytes of one call: below what Linux cuts off at */

void hunch_spill_init(struct hunch_spill *s, const char *folder, uint64_t limit)
{
    *s = (struct hunch_spill){.folder = folder, .limit = limit, .fd = -1};
}

void hunch_spill_done(struct hunch_spill *s)
{
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
    s->end = s->alive = 0;
}

static hunch_status open_file(struct hunch_spill *s, struct hunch_error *err)
{
    const char *folder = s->folder;
    if (!folder || !*folder)
        folder = secure_getenv("TMPDIR");
    if (!folder || !*folder)
        folder = "/tmp";
    s->fd = open(folder, O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);
    if (s->fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
        char name[PATH_MAX];
        int length = snprintf(name, sizeof name, "%s/hunch-XXXXXX", folder);
        if (length < 0 || (size_t)length >= sizeof name) {
            errno = ENAMETOOLONG;
        } else {
            s->fd = mkostemp(name, O_CLOEXEC);
            if (s->fd >= 0)
                unlink(name);
        }
    }
    if (s->fd >= 0)
        return HUNCH_OK;
    return hunch_fail(err, HUNCH_ERROR_IO,
                      "cannot open a temporary file in '%s': %s; set TMPDIR to a folder that can "
                      "be written",
                      folder, hunch_errno_text(errno));
}

hunch_status hunch_spill_reserve(struct hunch_spill *s, uint64_t size, uint64_t *offset,
                                 struct hunch_error *err)
{
    if (s->limit && (size > s->limit || s->end > s->limit - size))
        return hunch_fail(err, HUNCH_ERROR_LIMIT,
                          "the temporary file has reached its limit of %llu bytes",
                          (unsigned long long)s->limit);
    if (s->fd < 0) {
        hunch_status status = open_file(s, err);
        if (status)
            return status;
    }
    *offset = s->end;
    s->end += size;
    s->alive += size;
    return HUNCH_OK;
}

void hunch_spill_release(struct hunch_spill *s, uint64_t size)
{
    s->alive -= size;
    /* Should the cut fail, the old bytes are overwritten all the same. */
    if (s->alive == 0 && s->end > 0) {
        s->end = 0;
        if (ftruncate(s->fd, 0) != 0)
            return;
    }
}

hunch_status hunch_spill_write(const struct hunch_spill *s, uint64_t offset, const void *bytes,
                               size_t size, struct hunch_error *err)
{
    const char *from = bytes;
    while (size > 0) {
        ssize_t n = pwrite(s->fd, from, size < WRITE_MOST ? size : WRITE_MOST, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return hunch_fail(err, HUNCH_ERROR_IO, "cannot write to the temporary file: %s",
                              hunch_errno_text(n < 0 ? errno : ENOSPC));
        from += n;
        size -= (size_t)n;
        offset += (uint64_t)n;
    }
    return HUNCH_OK;
}

hunch_status hunch_spill_read(const struct hunch_spill *s, uint64_t offset, void *bytes,
                              size_t size, struct hunch_error *err)
{
    size_t got;
    int error = hunch_read_at(s->fd, bytes, size, offset, &got);
    if (error || got < size)
        return hunch_fail(err, HUNCH_ERROR_IO, "cannot read the temporary file back: %s",
                          error ? hunch_errno_text(error) : "it is shorter than what was written");
    return HUNCH_OK;
}
