/* dir.c: see dir.h. */
#define _GNU_SOURCE
#include "dir.h"

#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DENTS_SIZE ((size_t)128 << 10) /* bytes a getdents call may fill */

struct hunch_dir *hunch_dir_new(struct hunch_dir_pool *pool, int fd)
{
    struct hunch_dir *dir = hunch_alloc(pool->allocator, sizeof *dir);
    if (!dir) {
        close(fd);
        return NULL;
    }
    dir->pool = pool;
    dir->fd = fd;
    atomic_init(&dir->references, 1);
    atomic_fetch_add_explicit(&pool->open, 1, memory_order_relaxed);
    return dir;
}

struct hunch_dir *hunch_dir_ref(struct hunch_dir *dir)
{
    if (dir)
        atomic_fetch_add_explicit(&dir->references, 1, memory_order_relaxed);
    return dir;
}

void hunch_dir_unref(struct hunch_dir *dir)
{
    if (!dir || atomic_fetch_sub_explicit(&dir->references, 1, memory_order_acq_rel) != 1)
        return;
    struct hunch_dir_pool *pool = dir->pool;
    close(dir->fd);
    hunch_free(pool->allocator, dir, sizeof *dir);
    atomic_fetch_sub_explicit(&pool->open, 1, memory_order_relaxed);
}

int hunch_dir_fd(const struct hunch_dir *dir)
{
    return dir ? dir->fd : AT_FDCWD;
}

/* One step: a single name, or a path that openat2 guards. */
static int open_step(int fd, const char *path, int flags, bool single)
{
    int opened;
    do {
        if (single) {
            opened = openat(fd, path, flags | O_NOFOLLOW | O_CLOEXEC);
        } else {
            struct open_how how = {.flags = (uint64_t)(flags | O_NOFOLLOW | O_CLOEXEC),
                                   .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
            opened = (int)syscall(SYS_openat2, fd, path, &how, sizeof how);
        }
    } while (opened < 0 && errno == EINTR);
    return opened < 0 ? -errno : opened;
}

int hunch_open_beneath(int fd, const char *path, int flags)
{
    const char *slash = strchr(path, '/');
    if (!slash)
        return open_step(fd, path, flags, true);
    int opened = open_step(fd, path, flags, false);
    /* EPERM, EINVAL: how sandboxes and old kernels refuse openat2. EAGAIN: a rename raced. */
    if (opened >= 0 || (opened != -ENAMETOOLONG && opened != -ENOSYS && opened != -EPERM &&
                        opened != -EINVAL && opened != -EAGAIN))
        return opened;
    int at = fd;
    while (slash) {
        char part[NAME_MAX + 1];
        size_t length = (size_t)(slash - path);
        if (length > NAME_MAX) {
            opened = -ENAMETOOLONG;
            goto done;
        }
        memcpy(part, path, length);
        part[length] = '\0';
        int next = open_step(at, part, O_PATH | O_DIRECTORY, true);
        if (at != fd)
            close(at);
        at = next;
        if (next < 0)
            return next;
        path = slash + 1;
        slash = strchr(path, '/');
    }
    opened = open_step(at, path, flags, true);
done:
    if (at != fd)
        close(at);
    return opened;
}

bool hunch_listing_init(struct hunch_listing *l, bool others, const struct hunch_allocator *a)
{
    memset(l, 0, sizeof *l);
    l->allocator = a;
    l->others = others;
    l->buffer = hunch_alloc(a, DENTS_SIZE);
    return l->buffer != NULL;
}

void hunch_listing_done(struct hunch_listing *l)
{
    hunch_vec_free(l->allocator, &l->entries);
    hunch_vec_free(l->allocator, &l->scratch);
    hunch_vec_free(l->allocator, &l->names);
    hunch_free(l->allocator, l->buffer, DENTS_SIZE);
    l->buffer = NULL;
}

static bool precedes(const char *rest, const struct hunch_entry *a, const struct hunch_entry *b)
{
    if (a->key != b->key)
        return a->key < b->key;
    /* A last byte of 0 means that both names end inside the key: they are equal. */
    return (a->key & 0xff) && strcmp(rest + a->name + 8, rest + b->name + 8) < 0;
}

static void sort_short(const char *rest, struct hunch_entry *e, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct hunch_entry moving = e[i];
        size_t k = i;
        for (; k > 0 && precedes(rest, &moving, &e[k - 1]); k--)
            e[k] = e[k - 1];
        e[k] = moving;
    }
}

/* Bottom-up merge sort: runs of 16 by insertion, then merged between e and scratch. */
static void sort_entries(const char *rest, struct hunch_entry *e, struct hunch_entry *scratch,
                         size_t n)
{
    for (size_t i = 0; i < n; i += 16)
        sort_short(rest, e + i, n - i < 16 ? n - i : 16);
    struct hunch_entry *from = e, *to = scratch;
    for (size_t width = 16; width < n; width *= 2) {
        for (size_t low = 0; low < n; low += 2 * width) {
            size_t middle = n - low < width ? n : low + width;
            size_t high = n - middle < width ? n : middle + width;
            size_t i = low, k = middle;
            for (size_t out = low; out < high; out++) {
                if (i < middle && (k >= high || !precedes(rest, &from[k], &from[i])))
                    to[out] = from[i++];
                else
                    to[out] = from[k++];
            }
        }
        struct hunch_entry *swap = from;
        from = to;
        to = swap;
    }
    if (from != e)
        memcpy(e, from, n * sizeof *e);
}

/* Fills the keys: names in one folder tend to begin alike, so what all share is skipped. Returns
 * its length. */
static size_t make_keys(const char *names, struct hunch_entry *e, size_t n)
{
    const char *first = names + e[0].name;
    size_t common = e[0].length;
    for (size_t i = 1; i < n && common > 0; i++) {
        const char *name = names + e[i].name;
        size_t k = 0;
        while (k < common && name[k] == first[k])
            k++;
        common = k;
    }
    for (size_t i = 0; i < n; i++) {
        uint64_t key = 0;
        size_t left = e[i].length - common;
        memcpy(&key, names + e[i].name + common, left < 8 ? left : 8);
        e[i].key = be64toh(key);
    }
    return common;
}

/* What a name is, or -1: passed over; *error: the errno when nobody knows. */
static int entry_type(int fd, const struct dirent64 *d, bool others, int *error)
{
    int type = d->d_type;
    if (type == DT_UNKNOWN) {
        struct stat st;
        if (fstatat(fd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
            *error = errno;
            return -1;
        }
        type = IFTODT(st.st_mode);
    }
    if (type == DT_REG)
        return HUNCH_ENTRY_FILE;
    if (type == DT_DIR)
        return strcmp(d->d_name, ".git") != 0 ? HUNCH_ENTRY_DIR : -1;
    return others ? HUNCH_ENTRY_OTHER : -1;
}

/* False: no memory. */
static bool add_entries(struct hunch_listing *l, int fd, size_t names_begin, size_t size,
                        int *problem)
{
    for (size_t at = 0; at < size;) {
        const struct dirent64 *d = (const void *)(l->buffer + at);
        at += d->d_reclen;
        const char *name = d->d_name;
        if (name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0')))
            continue;
        int error = 0, type = entry_type(fd, d, l->others, &error);
        if (error && !*problem)
            *problem = error;
        if (type < 0)
            continue;
        size_t length = strlen(name), begin = l->names.count - names_begin;
        if (begin > UINT32_MAX - NAME_MAX * 8 || length > UINT16_MAX - 1)
            return false;
        if (!hunch_vec_append(l->allocator, &l->names, name, length))
            return false;
        if (type == HUNCH_ENTRY_DIR) {
            if (!hunch_vec_push(l->allocator, &l->names, '/'))
                return false;
            length++;
        }
        struct hunch_entry entry = {0, (uint32_t)begin, (uint16_t)length, (uint8_t)type};
        if (!hunch_vec_push(l->allocator, &l->names, '\0') ||
            !hunch_vec_push(l->allocator, &l->entries, entry))
            return false;
    }
    return true;
}

bool hunch_listing_read(struct hunch_listing *l, int fd, int *problem)
{
    size_t entries_begin = l->entries.count, names_begin = l->names.count;
    *problem = 0;
    for (;;) {
        ssize_t got = getdents64(fd, l->buffer, DENTS_SIZE);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            *problem = errno;
        if (got <= 0)
            break;
        if (!add_entries(l, fd, names_begin, (size_t)got, problem))
            goto fail;
    }
    size_t n = l->entries.count - entries_begin;
    if (n > 1) {
        struct hunch_entry *e = l->entries.items + entries_begin;
        const char *names = l->names.items + names_begin;
        l->scratch.count = 0;
        if (n > 16 && !hunch_vec_reserve(l->allocator, &l->scratch, n))
            goto fail;
        size_t common = make_keys(names, e, n);
        sort_entries(names + common, e, l->scratch.items, n);
        /* A folder that changes while it is read may tell a name twice. */
        size_t kept = 1;
        for (size_t i = 1; i < n; i++)
            if (strcmp(names + e[i].name, names + e[kept - 1].name) != 0)
                e[kept++] = e[i];
        l->entries.count = entries_begin + kept;
    }
    return true;
fail:
    l->entries.count = entries_begin;
    l->names.count = names_begin;
    return false;
}
