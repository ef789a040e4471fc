/* autotune.c: the autotune store, see hunch.h. Entries lie in memory, sorted by key; the file is
 * read again when it has changed, and written whole: to a temporary that is renamed, under a lock
 * that readers take too. What this object put and could not write is `dirty`, and outlives what the
 * file says. Nothing that the file system does is an error. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "alloc.h"
#include "autotune.h"
#include "cache.h"
#include "error.h"
#include "program.h"

enum {
    MOST_DEFAULT = 1024,
    FILE_MOST = 64 << 20, /* bytes: what is larger is not ours */
    LOCK_TRIES = 20,      /* a millisecond apart */
    SCHEMA = 1,
    VERSION = HUNCH_VERSION_MAJOR << 16 | HUNCH_VERSION_MINOR << 8 | HUNCH_VERSION_PATCH,
};

static const char MAGIC[8] = {'H', 'U', 'N', 'C', 'H', 'A', 'T', '1'};

/* The file: a head, then records, each followed by its state, in the order of their keys. Numbers
 * are this machine's. */
struct head {
    char magic[8];
    uint8_t checksum[16];     /* of all that is behind it */
    uint32_t schema, version; /* of this format, of the library: others are as good as empty */
    uint64_t clock;           /* counts uses */
    uint64_t count;
};

struct record {
    struct hunch_key key;
    uint32_t workgroup, unroll, tile, winner;
    uint32_t samples[HUNCH_VARIANT_COUNT];
    uint32_t state_size; /* so many bytes follow */
    uint32_t reserved;
    uint64_t median_ns[HUNCH_VARIANT_COUNT];
    uint64_t recorded_at;
    uint64_t used; /* the clock when it was last used */
};

_Static_assert(sizeof(struct head) == 48 && sizeof(struct record) == 80, "no padding");

#define HASHED_FROM offsetof(struct head, schema)

struct entry {
    struct record record;
    uint8_t *state; /* record.state_size bytes; NULL: none */
    bool dirty;     /* not in the file */
    bool touched;   /* only its `used` is not */
};

struct hunch_autotune {
    const struct hunch_allocator *a;
    char *path, *folder, *lock; /* NULL: no file */
    size_t most;
    uint64_t clock;
    struct stat seen; /* of the file that was read; st_ino 0: none */
    HUNCH_VEC(struct entry) entries;
};

/* ---- keys ---- */

struct hunch_key hunch_key_of(const void *bytes, size_t size)
{
    struct hunch_key key;
    hunch_hash128(bytes, size, key.bytes);
    return key;
}

/* Hash of hashes: no field can be taken for a part of its neighbour. */
struct hunch_key hunch_tuning_key(const struct hunch_tuning_id *id)
{
    const char *adapter = id->adapter ? id->adapter : "", *driver = id->driver ? id->driver : "";
    struct {
        struct hunch_key program, specialisation, adapter, driver;
        uint64_t binding;
        uint32_t workgroup, capability;
    } all = {id->program,
             id->specialisation,
             hunch_key_of(adapter, strlen(adapter)),
             hunch_key_of(driver, strlen(driver)),
             id->binding,
             id->workgroup,
             id->capability};
    return hunch_key_of(&all, sizeof all);
}

const char *hunch_variant_name(unsigned variant)
{
    return variant == HUNCH_VARIANT_CONSERVATIVE  ? "conservative"
           : variant == HUNCH_VARIANT_SPECULATIVE ? "speculative"
                                                  : NULL;
}

/* ---- entries ---- */

static void free_entry(const struct hunch_allocator *a, struct entry *e)
{
    hunch_free(a, e->state, e->record.state_size);
    e->state = NULL;
}

static void free_entries(struct hunch_autotune *s)
{
    for (size_t i = 0; i < s->entries.count; i++)
        free_entry(s->a, &s->entries.items[i]);
    s->entries.count = 0;
}

/* Where the key is, or belongs. */
static size_t place_of(const struct hunch_autotune *s, const struct hunch_key *key, bool *found)
{
    size_t low = 0, high = s->entries.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (memcmp(s->entries.items[middle].record.key.bytes, key->bytes, sizeof key->bytes) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *found = low < s->entries.count &&
             memcmp(s->entries.items[low].record.key.bytes, key->bytes, sizeof key->bytes) == 0;
    return low;
}

static void remove_at(struct hunch_autotune *s, size_t i)
{
    free_entry(s->a, &s->entries.items[i]);
    memmove(&s->entries.items[i], &s->entries.items[i + 1],
            (s->entries.count - i - 1) * sizeof(struct entry));
    s->entries.count--;
}

/* Takes over the entry's state; replaces an entry of the same key. False: no memory. */
static bool insert(struct hunch_autotune *s, struct entry e)
{
    bool found;
    size_t i = place_of(s, &e.record.key, &found);
    if (found) {
        free_entry(s->a, &s->entries.items[i]);
    } else {
        if (!hunch_vec_reserve(s->a, &s->entries, 1)) {
            free_entry(s->a, &e);
            return false;
        }
        memmove(&s->entries.items[i + 1], &s->entries.items[i],
                (s->entries.count - i) * sizeof(struct entry));
        s->entries.count++;
    }
    s->entries.items[i] = e;
    return true;
}

/* Least recently used first; of equals the one with the smaller key. */
static void bound(struct hunch_autotune *s)
{
    while (s->entries.count > s->most) {
        size_t oldest = 0;
        for (size_t i = 1; i < s->entries.count; i++)
            if (s->entries.items[i].record.used < s->entries.items[oldest].record.used)
                oldest = i;
        remove_at(s, oldest);
    }
}

/* ---- reading ---- */

/* A descriptor that holds the lock; -1: another has it; -2: nobody could, the folder is read-only.
 */
static int take_lock(const struct hunch_autotune *s, int how)
{
    int fd = open(s->lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (fd < 0)
        return errno == EROFS || errno == EACCES ? -2 : -1;
    for (int i = 0; i < LOCK_TRIES; i++) {
        if (flock(fd, how | LOCK_NB) == 0)
            return fd;
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    }
    close(fd);
    return -1;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Is this a store of this version, all of it? */
static bool whole(const uint8_t *bytes, size_t size)
{
    struct head head;
    uint8_t sum[16];
    if (size < sizeof head)
        return false;
    memcpy(&head, bytes, sizeof head);
    if (memcmp(head.magic, MAGIC, sizeof head.magic) != 0 || head.schema != SCHEMA ||
        head.version != VERSION)
        return false;
    hunch_hash128(bytes + HASHED_FROM, size - HASHED_FROM, sum);
    if (memcmp(sum, head.checksum, sizeof sum) != 0)
        return false;
    size_t at = sizeof head;
    struct record r, last;
    for (uint64_t i = 0; i < head.count; i++) {
        if (size - at < sizeof r)
            return false;
        memcpy(&r, bytes + at, sizeof r);
        at += sizeof r;
        if (r.winner >= HUNCH_VARIANT_COUNT || r.state_size > HUNCH_TUNING_STATE_MOST ||
            r.state_size > size - at || r.reserved != 0 || r.used > head.clock ||
            (i > 0 && memcmp(last.key.bytes, r.key.bytes, sizeof r.key.bytes) >= 0))
            return false;
        at += r.state_size;
        last = r;
    }
    return at == size;
}

/* The entries of a whole file. False: no memory. */
static bool parse(struct hunch_autotune *s, const uint8_t *bytes)
{
    struct head head;
    memcpy(&head, bytes, sizeof head);
    bytes += sizeof head;
    for (uint64_t i = 0; i < head.count; i++) {
        struct entry e = {.state = NULL};
        memcpy(&e.record, bytes, sizeof e.record);
        bytes += sizeof e.record;
        if (e.record.state_size > 0) {
            e.state = hunch_memdup(s->a, bytes, e.record.state_size);
            if (e.state == NULL)
                return false;
        }
        if (!insert(s, e))
            return false;
        bytes += e.record.state_size;
    }
    if (s->clock < head.clock)
        s->clock = head.clock;
    return true;
}

/* False: no memory for what it has. */
static bool read_file(struct hunch_autotune *s)
{
    struct stat st;
    bool ok = true;
    int fd = open(s->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return true;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
        st.st_size >= (off_t)sizeof(struct head) && st.st_size <= FILE_MOST) {
        size_t size = (size_t)st.st_size;
        uint8_t *bytes = hunch_alloc(s->a, size);
        ok = bytes != NULL;
        if (ok && hunch_cache_read_all(fd, bytes, size) && whole(bytes, size)) {
            ok = parse(s, bytes);
            if (ok)
                s->seen = st;
            else
                free_entries(s);
        }
        hunch_free(s->a, bytes, size);
    }
    close(fd);
    return ok;
}

/* Memory becomes what the file has (nothing, where it may not be read), and what was put or used
 * here and is not in it yet. False: memory was short, the file has more. */
static bool load(struct hunch_autotune *s, bool readable)
{
    struct hunch_autotune old = *s;
    memset(&s->entries, 0, sizeof s->entries);
    s->seen = (struct stat){0};
    bool ok = !readable || read_file(s);
    for (size_t i = 0; i < old.entries.count; i++) {
        struct entry *e = &old.entries.items[i];
        bool found;
        size_t at = place_of(s, &e->record.key, &found);
        if (e->dirty) {
            ok = insert(s, *e) && ok; /* takes the state */
            continue;
        }
        if (found && e->touched) {
            struct entry *now = &s->entries.items[at];
            now->touched = true;
            if (now->record.used < e->record.used)
                now->record.used = e->record.used;
        }
        free_entry(s->a, e);
    }
    hunch_vec_free(s->a, &old.entries);
    return ok;
}

/* Reads the file again if it is another one than before. */
static void refresh(struct hunch_autotune *s)
{
    struct stat st;
    if (s->path == NULL)
        return;
    bool there = lstat(s->path, &st) == 0 && hunch_cache_private(s->folder);
    if (there && s->seen.st_ino != 0 && same_file(&st, &s->seen))
        return;
    int lock = there ? take_lock(s, LOCK_SH) : -1;
    load(s, lock != -1);
    if (lock >= 0)
        close(lock);
}

/* ---- writing ---- */

static uint8_t *serialise(const struct hunch_autotune *s, size_t *size)
{
    struct head head = {
        .schema = SCHEMA, .version = VERSION, .clock = s->clock, .count = s->entries.count};
    memcpy(head.magic, MAGIC, sizeof head.magic);
    *size = sizeof head;
    for (size_t i = 0; i < s->entries.count; i++)
        *size += sizeof(struct record) + s->entries.items[i].record.state_size;
    uint8_t *bytes = hunch_alloc(s->a, *size), *to = bytes;
    if (bytes == NULL)
        return NULL;
    memcpy(to, &head, sizeof head);
    to += sizeof head;
    for (size_t i = 0; i < s->entries.count; i++) {
        const struct entry *e = &s->entries.items[i];
        memcpy(to, &e->record, sizeof e->record);
        hunch_copy(to + sizeof e->record, e->state, e->record.state_size);
        to += sizeof e->record + e->record.state_size;
    }
    hunch_hash128(bytes + HASHED_FROM, *size - HASHED_FROM,
                  bytes + offsetof(struct head, checksum));
    return bytes;
}

/* Under the lock: the temporary has one name, and what a process that was killed left is used up.
 */
static bool replace_file(struct hunch_autotune *s, const uint8_t *bytes, size_t size)
{
    char temporary[4200];
    struct stat st;
    int n = snprintf(temporary, sizeof temporary, "%s.new", s->path);
    if (n < 0 || (size_t)n >= sizeof temporary)
        return false;
    int fd = open(temporary, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (fd < 0)
        return false;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        return false;
    }
    bool ok =
        ftruncate(fd, 0) == 0 && hunch_cache_write_all(fd, bytes, size) && fstat(fd, &st) == 0;
    ok = close(fd) == 0 && ok;
    if (!ok || rename(temporary, s->path) != 0) {
        unlink(temporary);
        return false;
    }
    s->seen = st;
    return true;
}

/* What others wrote since comes in, what was put here goes out. False: it stays for another time.
 */
static bool flush(struct hunch_autotune *s)
{
    size_t size;
    bool ok = false;
    if (s->path == NULL || !hunch_cache_private(s->folder))
        return false;
    int lock = take_lock(s, LOCK_EX);
    if (lock < 0)
        return false;
    if (load(s, true)) {
        bound(s);
        uint8_t *bytes = serialise(s, &size);
        ok = bytes != NULL && size <= FILE_MOST && replace_file(s, bytes, size);
        hunch_free(s->a, bytes, size);
    }
    close(lock);
    for (size_t i = 0; ok && i < s->entries.count; i++)
        s->entries.items[i].dirty = s->entries.items[i].touched = false;
    return ok;
}

/* ---- the store ---- */

hunch_status hunch_autotune_open(const struct hunch_allocator *a, const char *path, uint32_t most,
                                 struct hunch_autotune **out, struct hunch_error *err)
{
    *out = NULL;
    struct hunch_autotune *s = hunch_alloc_zero(a, sizeof *s);
    if (s == NULL)
        return hunch_fail_memory(err, sizeof *s, "an autotune store");
    s->a = a;
    s->most = most ? most : MOST_DEFAULT;
    char *cache = path ? NULL : hunch_cache_default(a), joined[4200];
    int n = path    ? snprintf(joined, sizeof joined, "%s", path)
            : cache ? snprintf(joined, sizeof joined, "%s/autotune", cache)
                    : 0;
    hunch_strfree(a, cache);
    if (n > 0 && (size_t)n + 16 < sizeof joined) {
        const char *slash = strrchr(joined, '/');
        s->path = hunch_strdup(a, joined);
        strcat(joined, ".lock");
        s->lock = hunch_strdup(a, joined);
        joined[slash == NULL ? 0 : slash == joined ? 1 : slash - joined] = '\0';
        s->folder = hunch_strdup(a, joined[0] ? joined : ".");
        if (s->path == NULL || s->lock == NULL || s->folder == NULL) {
            hunch_fail_memory(err, sizeof joined, "an autotune store");
            hunch_autotune_free(s);
            return HUNCH_ERROR_MEMORY;
        }
    }
    *out = s;
    return HUNCH_OK;
}

void hunch_autotune_free(struct hunch_autotune *s)
{
    if (s == NULL)
        return;
    bool changed = false;
    for (size_t i = 0; i < s->entries.count; i++)
        changed |= s->entries.items[i].dirty || s->entries.items[i].touched;
    if (changed)
        flush(s);
    free_entries(s);
    hunch_vec_free(s->a, &s->entries);
    hunch_strfree(s->a, s->path);
    hunch_strfree(s->a, s->lock);
    hunch_strfree(s->a, s->folder);
    hunch_free(s->a, s, sizeof *s);
}

static void show(const struct entry *e, struct hunch_tuning *t)
{
    const struct record *r = &e->record;
    *t = (struct hunch_tuning){r->workgroup,
                               r->unroll,
                               r->tile,
                               r->winner,
                               {r->median_ns[0], r->median_ns[1]},
                               {r->samples[0], r->samples[1]},
                               r->recorded_at,
                               e->state,
                               r->state_size};
}

bool hunch_autotune_get(struct hunch_autotune *s, const struct hunch_key *key,
                        struct hunch_tuning *t)
{
    bool found;
    refresh(s);
    size_t i = place_of(s, key, &found);
    if (!found)
        return false;
    s->entries.items[i].record.used = ++s->clock;
    s->entries.items[i].touched = true;
    show(&s->entries.items[i], t);
    return true;
}

hunch_status hunch_autotune_add(struct hunch_autotune *s, const struct hunch_key *key,
                                const struct hunch_tuning *t, struct hunch_error *err)
{
    if (hunch_variant_name(t->winner) == NULL)
        return hunch_fail(err, HUNCH_ERROR_ARGUMENT,
                          "there is no variant %u; the winner is HUNCH_VARIANT_CONSERVATIVE or "
                          "HUNCH_VARIANT_SPECULATIVE",
                          t->winner);
    if (t->state_size > HUNCH_TUNING_STATE_MOST)
        return hunch_fail(err, HUNCH_ERROR_ARGUMENT,
                          "a state of %zu bytes is too large; at most %d are kept", t->state_size,
                          HUNCH_TUNING_STATE_MOST);
    struct entry e = {
        .record = {.key = *key,
                   .workgroup = t->workgroup,
                   .unroll = t->unroll,
                   .tile = t->tile,
                   .winner = t->winner,
                   .samples = {t->samples[0], t->samples[1]},
                   .state_size = (uint32_t)t->state_size,
                   .median_ns = {t->median_ns[0], t->median_ns[1]},
                   .recorded_at = t->recorded_at ? t->recorded_at : (uint64_t)time(NULL)},
        .dirty = true};
    if (t->state_size > 0) {
        e.state = hunch_memdup(s->a, t->state, t->state_size);
        if (e.state == NULL)
            return hunch_fail_memory(err, t->state_size, "a tuning");
    }
    refresh(s); /* the clock: this use is the latest */
    e.record.used = ++s->clock;
    if (!insert(s, e))
        return hunch_fail_memory(err, sizeof e, "a tuning");
    bound(s);
    return HUNCH_OK;
}

void hunch_autotune_flush(struct hunch_autotune *s)
{
    flush(s);
}

hunch_status hunch_autotune_put(struct hunch_autotune *s, const struct hunch_key *key,
                                const struct hunch_tuning *t, bool *kept, struct hunch_error *err)
{
    if (kept)
        *kept = false;
    hunch_status status = hunch_autotune_add(s, key, t, err);
    bool ok = status == HUNCH_OK && flush(s);
    if (kept)
        *kept = ok;
    return status;
}

size_t hunch_autotune_count(struct hunch_autotune *s)
{
    refresh(s);
    return s->entries.count;
}

bool hunch_autotune_entry(struct hunch_autotune *s, size_t index, struct hunch_key *key,
                          struct hunch_tuning *t)
{
    if (index >= s->entries.count)
        return false;
    *key = s->entries.items[index].record.key;
    show(&s->entries.items[index], t);
    return true;
}

bool hunch_autotune_clear(struct hunch_autotune *s)
{
    free_entries(s);
    s->seen = (struct stat){0};
    if (s->path == NULL)
        return true;
    if (!hunch_cache_private(s->folder))
        return false;
    int lock = take_lock(s, LOCK_EX);
    if (lock < 0)
        return false;
    bool ok = unlink(s->path) == 0 || errno == ENOENT;
    close(lock);
    return ok;
}

const char *hunch_autotune_path(const struct hunch_autotune *s)
{
    return s->path;
}
