/* dir.h: open directories that several threads share, and their sorted entries.
 *
 * A hunch_dir is one open directory with a reference count: the walk holds one while it is inside,
 * each file handed out from it may hold one until it is opened. The last reference closes it.
 * Callers: walk.c (opens and lists), the readers of the files (fd, unref).
 */
#ifndef HUNCH_DIR_H
#define HUNCH_DIR_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "alloc.h"

/* How many directories are open; outlives every directory opened through it. */
struct hunch_dir_pool {
    const struct hunch_allocator *allocator;
    atomic_int open;
};

struct hunch_dir {
    struct hunch_dir_pool *pool;
    atomic_uint references;
    int fd;
};

/* Takes fd over, on failure (no memory: NULL) too. One reference, the caller's. */
struct hunch_dir *hunch_dir_new(struct hunch_dir_pool *pool, int fd);
struct hunch_dir *hunch_dir_ref(struct hunch_dir *dir); /* NULL: NULL */
void hunch_dir_unref(struct hunch_dir *dir);            /* from any thread; NULL: nothing */

/* For openat; NULL: AT_FDCWD. Valid as long as the caller's reference. */
int hunch_dir_fd(const struct hunch_dir *dir);

/* Opens a relative path of any length below fd, no symbolic link followed in any of its parts.
 * Returns a descriptor or -errno. flags: as for open; O_NOFOLLOW and O_CLOEXEC are added. */
int hunch_open_beneath(int fd, const char *path, int flags);

enum hunch_entry_type { HUNCH_ENTRY_FILE, HUNCH_ENTRY_DIR, HUNCH_ENTRY_OTHER };

struct hunch_entry {
    uint64_t key;  /* 8 bytes of the name, big-endian, after what all names have in common */
    uint32_t name; /* offset in names, from where the listing's names begin */
    uint16_t length;
    uint8_t type; /* enum hunch_entry_type */
};

/* Entries of several directories on top of each other: each listing appends its own. Of a
 * directory the name is stored with a '/' after it, so that sorting sees full paths. */
struct hunch_listing {
    const struct hunch_allocator *allocator;
    HUNCH_VEC(struct hunch_entry) entries;
    HUNCH_VEC(struct hunch_entry) scratch; /* of the sort */
    HUNCH_VEC(char) names;                 /* NUL-terminated */
    char *buffer;                          /* of getdents */
    bool others; /* symbolic links, FIFOs, sockets and devices are entries, too: OTHER */
};

bool hunch_listing_init(struct hunch_listing *l, bool others, const struct hunch_allocator *a);
void hunch_listing_done(struct hunch_listing *l);

/* Appends the regular files and directories of fd, sorted by name, to l. "." and "..", directories
 * named ".git" and, without l->others, what is neither are left out. *problem: 0, or the errno
 * that ended the reading early; what was read until then is there. False: no memory, l as before.
 */
bool hunch_listing_read(struct hunch_listing *l, int fd, int *problem);

#endif
