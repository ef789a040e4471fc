/* cache.c: see cache.h. */
#define _GNU_SOURCE
#include "cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "error.h"
#include "program.h"

char *hunch_cache_default(const struct hunch_allocator *a)
{
    const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    char path[4096];
    int n;
    if (base != NULL && base[0] == '/') {
        n = snprintf(path, sizeof path, "%s", base);
    } else if (home != NULL && home[0] == '/') {
        n = snprintf(path, sizeof path, "%s/.cache", home);
    } else {
        return NULL;
    }
    if (n < 0 || (size_t)n + 8 > sizeof path)
        return NULL;
    mkdir(path, 0700);
    strcat(path, "/hunch");
    return hunch_strdup(a, path);
}

const char *hunch_cache_problem(const char *folder)
{
    struct stat st;
    if ((mkdir(folder, 0700) != 0 && errno != EEXIST) || lstat(folder, &st) != 0)
        return hunch_errno_text(errno);
    if (!S_ISDIR(st.st_mode))
        return "it is not a folder";
    if (st.st_uid != geteuid())
        return "it belongs to another user";
    return st.st_mode & 077 ? "others may use it, too: its mode must be 0700" : NULL;
}

bool hunch_cache_private(const char *folder)
{
    return hunch_cache_problem(folder) == NULL;
}

/* ---- files ---- */

/* A file is this, then its bytes. */
struct head {
    char magic[8];
    uint8_t key[16];
    uint8_t checksum[16]; /* of the bytes */
    uint64_t size;        /* how many: one that has grown is not even read */
};
static const char magic[8] = "hunch 2";

enum { NAME_MOST = 64, FILE_MOST = 1 << 30 };

static void name_of(const char *kind, const uint8_t key[16], char name[NAME_MOST])
{
    int n = snprintf(name, NAME_MOST - 32, "%s-", kind);
    for (int i = 0; i < 16; i++)
        snprintf(name + n + 2 * i, 3, "%02x", key[i]);
}

bool hunch_cache_read_all(int fd, void *to, size_t size)
{
    for (size_t have = 0; have < size;) {
        ssize_t n = read(fd, (char *)to + have, size - have);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        have += (size_t)n;
    }
    return true;
}

bool hunch_cache_write_all(int fd, const void *from, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = write(fd, (const char *)from + done, size - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        done += (size_t)n;
    }
    return true;
}

bool hunch_cache_read(const struct hunch_allocator *a, const char *folder, const char *kind,
                      const uint8_t key[16], void **bytes, size_t *size)
{
    char path[4096], name[NAME_MOST];
    struct head head;
    struct stat st;
    uint8_t checksum[16];
    *bytes = NULL;
    if (folder == NULL || !hunch_cache_private(folder))
        return false;
    name_of(kind, key, name);
    if ((size_t)snprintf(path, sizeof path, "%s/%s", folder, name) >= sizeof path)
        return false;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return false;
    bool good = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
                st.st_size > (off_t)sizeof head && st.st_size <= FILE_MOST &&
                hunch_cache_read_all(fd, &head, sizeof head) &&
                memcmp(head.magic, magic, sizeof magic) == 0 &&
                memcmp(head.key, key, sizeof head.key) == 0 &&
                head.size == (uint64_t)st.st_size - sizeof head;
    if (good) {
        *size = (size_t)st.st_size - sizeof head;
        *bytes = hunch_alloc(a, *size);
        good = *bytes != NULL && hunch_cache_read_all(fd, *bytes, *size);
    }
    if (good) {
        hunch_hash128(*bytes, *size, checksum);
        good = memcmp(checksum, head.checksum, sizeof checksum) == 0;
    }
    if (good)
        futimens(fd, NULL); /* used now */
    close(fd);
    if (!good && *bytes != NULL) {
        hunch_free(a, *bytes, *size);
        *bytes = NULL;
    }
    return good;
}

struct kept {
    char name[NAME_MOST];
    uint64_t size;
    struct timespec used;
};

static int by_use(const void *x, const void *y)
{
    const struct kept *a = x, *b = y;
    if (a->used.tv_sec != b->used.tv_sec)
        return a->used.tv_sec < b->used.tv_sec ? -1 : 1;
    if (a->used.tv_nsec != b->used.tv_nsec)
        return a->used.tv_nsec < b->used.tv_nsec ? -1 : 1;
    return strcmp(a->name, b->name);
}

/* Temporaries that a process left behind when it ended are of their kind, and go in their turn. */
void hunch_cache_trim(const struct hunch_allocator *a, const char *folder, const char *kind,
                      uint64_t most)
{
    HUNCH_VEC(struct kept) files = {0};
    uint64_t total = 0;
    size_t length = strlen(kind);
    DIR *dir = opendir(folder);
    if (dir == NULL)
        return;
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        struct kept kept;
        struct stat st;
        if (strncmp(entry->d_name, kind, length) != 0 || entry->d_name[length] != '-' ||
            strlen(entry->d_name) >= sizeof kept.name ||
            fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        strcpy(kept.name, entry->d_name);
        kept.size = (uint64_t)st.st_size;
        kept.used = st.st_mtim;
        total += kept.size;
        if (!hunch_vec_push(a, &files, kept))
            break;
    }
    if (total > most)
        qsort(files.items, files.count, sizeof *files.items, by_use);
    for (size_t i = 0; i < files.count && total > most; i++)
        if (unlinkat(dirfd(dir), files.items[i].name, 0) == 0)
            total -= files.items[i].size;
    hunch_vec_free(a, &files);
    closedir(dir);
}

void hunch_cache_write(const struct hunch_allocator *a, const char *folder, const char *kind,
                       const uint8_t key[16], const void *bytes, size_t size, uint64_t most)
{
    const struct hunch_cache_piece piece = {bytes, size};
    hunch_cache_write_pieces(a, folder, kind, key, &piece, 1, most);
}

size_t hunch_cache_size(const struct hunch_cache_piece *piece, size_t count)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++)
        size += piece[i].size;
    return size;
}

void hunch_cache_write_pieces(const struct hunch_allocator *a, const char *folder, const char *kind,
                              const uint8_t key[16], const struct hunch_cache_piece *piece,
                              size_t count, uint64_t most)
{
    char path[4096], temporary[4096 + 8], name[NAME_MOST];
    struct head head;
    if (folder == NULL || hunch_cache_size(piece, count) > most || !hunch_cache_private(folder))
        return;
    name_of(kind, key, name);
    if ((size_t)snprintf(path, sizeof path, "%s/%s", folder, name) >= sizeof path)
        return;
    snprintf(temporary, sizeof temporary, "%s.XXXXXX", path);
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return;
    memcpy(head.magic, magic, sizeof magic);
    memcpy(head.key, key, sizeof head.key);
    head.size = hunch_cache_size(piece, count);
    hunch_hash128_pieces(piece, count, head.checksum);
    bool good = hunch_cache_write_all(fd, &head, sizeof head);
    for (size_t i = 0; i < count && good; i++)
        good = hunch_cache_write_all(fd, piece[i].bytes, piece[i].size);
    good = close(fd) == 0 && good;
    if (!good || rename(temporary, path) != 0)
        unlink(temporary);
    else if (most < UINT64_MAX)
        hunch_cache_trim(a, folder, kind, most);
}
