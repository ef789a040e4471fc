/* spill.h: an unlinked temporary file for what does not fit in memory.
 *
 * The file has no name, so that nothing is left behind however the process ends. It is opened at
 * the first write. Reserving and releasing are the owner's to serialise; hunch_spill_write and
 * hunch_spill_read of different ranges may run in several threads at once.
 */
#ifndef HUNCH_SPILL_H
#define HUNCH_SPILL_H

#include <stddef.h>
#include <stdint.h>
#include "error.h"

struct hunch_spill {
    const char *folder; /* NULL: $TMPDIR, or /tmp */
    uint64_t limit;     /* most bytes of the file; 0: none */
    int fd;             /* -1: not open yet */
    uint64_t end;       /* of what is reserved */
    uint64_t alive;     /* bytes reserved and not released */
};

/* folder must outlive it. Opens nothing. */
void hunch_spill_init(struct hunch_spill *s, const char *folder, uint64_t limit);
void hunch_spill_done(struct hunch_spill *s);

/* A range at the end of the file. IO: the file cannot be opened; LIMIT: the limit is reached. */
hunch_status hunch_spill_reserve(struct hunch_spill *s, uint64_t size, uint64_t *offset,
                                 struct hunch_error *err);

/* The range is no longer needed. When none is, the file is cut to nothing. */
void hunch_spill_release(struct hunch_spill *s, uint64_t size);

/* All of it or an error (IO; the message names the cause, as "No space left on device"). */
hunch_status hunch_spill_write(const struct hunch_spill *s, uint64_t offset, const void *bytes,
                               size_t size, struct hunch_error *err);
hunch_status hunch_spill_read(const struct hunch_spill *s, uint64_t offset, void *bytes,
                              size_t size, struct hunch_error *err);

#endif
