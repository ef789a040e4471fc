/* seen.h: which directories and named files a walk over several arguments has met.
 *
 * A directory is known by device and inode, a named file by its directory and its name in there,
 * so that two hard links of one file are two files. Callers: walk.c; inner.c, which keeps the rule
 * files it has read, by their own device and inode.
 */
#ifndef HUNCH_SEEN_H
#define HUNCH_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include "alloc.h"

enum hunch_seen_flags {
    HUNCH_SEEN_DONE = 1,      /* walked, or handed out */
    HUNCH_SEEN_HAS_NAMED = 2, /* directory: a named file lies in it */
};

struct hunch_seen_entry {
    dev_t dev; /* of the directory, or of the file's directory */
    ino_t ino;
    char *name; /* NULL: the directory itself */
    unsigned flags;
    bool used;
};

struct hunch_seen {
    const struct hunch_allocator *allocator;
    struct hunch_seen_entry *table; /* open addressing, size a power of two */
    size_t size, count;
};

void hunch_seen_init(struct hunch_seen *s, const struct hunch_allocator *a);
void hunch_seen_done(struct hunch_seen *s);

/* NULL: not there. Valid until the next put. */
struct hunch_seen_entry *hunch_seen_find(const struct hunch_seen *s, dev_t dev, ino_t ino,
                                         const char *name);

/* Finds or adds; the name is copied. NULL: no memory. */
struct hunch_seen_entry *hunch_seen_put(struct hunch_seen *s, dev_t dev, ino_t ino,
                                        const char *name);

#endif
