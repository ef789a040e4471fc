/* matcher_vectorscan.c: Vectorscan's literal matcher. Its databases are specific to a CPU and its
 * loader trusts its input: they are kept in a folder of this user alone (0700, own uid, else
 * ignored), under a name that says for which literals, library and CPU they were made, with a
 * checksum. A file that does not fit is made again. */
#include <hs/hs.h>
#include <stdlib.h>
#include <string.h>

#include "../kernels/literal_tile.h"
#include "cache.h"
#include "matcher.h"

enum {
    PART_MOST = 4096,      /* bytes; Vectorscan takes literals of up to 16,000 */
    TAIL_LEAST = 128,      /* bytes of a tail, beyond the longest literal */
    CACHE_MOST = 256 << 20 /* bytes of all databases that are kept */
};
#define CACHE_KIND "hs"

/* The part of a literal that Vectorscan looks for: it takes none that begins with a zero byte. */
struct part {
    uint32_t from, length; /* length 0: the literal has zero bytes only */
};

struct hunch_matcher {
    const struct hunch_program *program;
    hs_database_t *db; /* NULL: no literals that Vectorscan takes */
    struct part *part; /* one a literal */
    bool has_zeros;    /* there are literals of zero bytes only */
    /* The last bytes of a text are for the portable matcher: with AVX-512, Vectorscan 5.4.9 misses
     * matches that end behind the last whole 64 bytes when it has few literals. */
    struct hunch_matcher *portable;
    size_t tail;
};

struct find_ctx {
    const struct hunch_matcher *m;
    const uint8_t *bytes;
    size_t n, tail; /* where the tail begins */
    hunch_matcher_emit *emit;
    void *ctx;
};

static struct part part_of(const struct hunch_program *p, uint32_t literal)
{
    const struct hp_literal *l = &p->literal[literal];
    struct part part = {0, 0};
    while (part.from < l->bytes.length && p->blob[l->bytes.offset + part.from] == 0)
        part.from++;
    part.length = l->bytes.length - part.from;
    if (part.length > PART_MOST)
        part.length = PART_MOST;
    return part;
}

static bool is_whole(const struct hp_literal *l, struct part part)
{
    return part.length == l->bytes.length;
}

/* What the portable matcher found in the tail's bytes. */
static void in_tail(void *ctx, uint32_t literal, uint64_t start)
{
    struct find_ctx *f = ctx;
    f->emit(f->ctx, literal, f->tail + start);
}

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                    void *ctx)
{
    (void)from;
    (void)flags;
    struct find_ctx *f = ctx;
    const struct hunch_program *p = f->m->program;
    const struct hp_literal *l = &p->literal[id];
    struct part part = f->m->part[id];
    uint64_t before = (uint64_t)part.from + part.length;
    if (to < before || to - before >= f->tail)
        return 0;
    if (is_whole(l, part) || hunch_literal_here(l, p->blob, f->bytes, f->n, to - before))
        f->emit(f->ctx, id, to - before);
    return 0;
}

/* Literals of zero bytes only, which Vectorscan does not take: in each run of zeros. */
static void find_zeros(const struct find_ctx *f)
{
    const struct hunch_program *p = f->m->program;
    for (size_t at = 0; at < f->tail;) {
        const uint8_t *zero = memchr(f->bytes + at, 0, f->n - at);
        if (zero == NULL)
            return;
        size_t begin = (size_t)(zero - f->bytes), end = begin + 1;
        while (end < f->n && f->bytes[end] == 0)
            end++;
        for (uint32_t i = 0; i < p->literal_count; i++) {
            size_t length = p->literal[i].bytes.length;
            for (size_t k = begin; f->m->part[i].length == 0 && k < f->tail && k + length <= end;
                 k++)
                f->emit(f->ctx, i, k);
        }
        at = end;
    }
}

/* ---- the cache ---- */

/* What a database depends on: literals, flags, library version and platform. */
static bool cache_key(const struct hunch_program *p, const uint8_t *single, uint8_t hash[16])
{
    hs_platform_info_t platform;
    if (hs_populate_platform(&platform) != HS_SUCCESS)
        return false;
    const char *version = hs_version();
    size_t total = sizeof platform + strlen(version) + p->literal_count;
    for (uint32_t i = 0; i < p->literal_count; i++)
        total += sizeof(uint32_t) * 2 + p->literal[i].bytes.length;
    uint8_t *key = hunch_alloc(p->a, total), *to = key;
    if (key == NULL)
        return false;
#define PUT(from, n) (memcpy(to, (from), (n)), to += (n))
    PUT(&platform, sizeof platform);
    PUT(version, strlen(version));
    PUT(single, p->literal_count);
    for (uint32_t i = 0; i < p->literal_count; i++) {
        const struct hp_literal *l = &p->literal[i];
        PUT(&l->flags, sizeof l->flags);
        PUT(&l->bytes.length, sizeof l->bytes.length);
        PUT(p->blob + l->bytes.offset, l->bytes.length);
    }
#undef PUT
    hunch_hash128(key, total, hash);
    hunch_free(p->a, key, total);
    return true;
}

static hs_database_t *cache_read(const struct hunch_program *p, const char *folder,
                                 const uint8_t key[16])
{
    hs_database_t *db = NULL;
    void *bytes;
    size_t size;
    if (!hunch_cache_read(p->a, folder, CACHE_KIND, key, &bytes, &size))
        return NULL;
    if (hs_deserialize_database(bytes, size, &db) != HS_SUCCESS)
        db = NULL;
    hunch_free(p->a, bytes, size);
    return db;
}

/* Best effort: a cache that cannot be written is no error. */
static void cache_write(const struct hunch_program *p, const char *folder, const uint8_t key[16],
                        hs_database_t *db)
{
    char *bytes = NULL;
    size_t size = 0;
    if (hs_serialize_database(db, &bytes, &size) != HS_SUCCESS)
        return;
    hunch_cache_write(p->a, folder, CACHE_KIND, key, bytes, size, CACHE_MOST);
    free(bytes);
}

/* ---- the matcher ---- */

static hs_database_t *compile(const struct hunch_program *p, const struct part *part,
                              const uint8_t *single, struct hunch_error *err)
{
    uint32_t n = p->literal_count;
    const char **text = hunch_alloc_array(p->a, n, sizeof *text);
    size_t *length = hunch_alloc_array(p->a, n, sizeof *length);
    unsigned *flags = hunch_alloc_array(p->a, n, sizeof *flags),
             *id = hunch_alloc_array(p->a, n, sizeof *id);
    hs_database_t *db = NULL;
    if (text && length && flags && id) {
        uint32_t taken = 0;
        for (uint32_t i = 0; i < n; i++) {
            const struct hp_literal *l = &p->literal[i];
            if (part[i].length == 0)
                continue;
            text[taken] = (const char *)p->blob + l->bytes.offset + part[i].from;
            length[taken] = part[i].length;
            flags[taken] = (l->flags & HP_LITERAL_NOCASE ? HS_FLAG_CASELESS : 0u) |
                           (single[i] && is_whole(l, part[i]) ? HS_FLAG_SINGLEMATCH : 0u);
            id[taken++] = i;
        }
        hs_compile_error_t *bad = NULL;
        if (hs_compile_lit_multi(text, flags, id, length, taken, HS_MODE_BLOCK, NULL, &db, &bad) !=
            HS_SUCCESS) {
            hunch_fail(err, HUNCH_ERROR_UNSUPPORTED, "Vectorscan cannot take the literals: %s",
                       bad ? bad->message : "no reason given");
            hs_free_compile_error(bad);
            db = NULL;
        }
    } else {
        hunch_fail_memory(err, n * 32u, "the literal matcher");
    }
    hunch_free_array(p->a, text, n, sizeof *text);
    hunch_free_array(p->a, length, n, sizeof *length);
    hunch_free_array(p->a, flags, n, sizeof *flags);
    hunch_free_array(p->a, id, n, sizeof *id);
    return db;
}

static void matcher_free(struct hunch_matcher *m)
{
    if (m == NULL)
        return;
    hunch_matcher_portable.free(m->portable);
    if (m->part)
        hunch_free_array(m->program->a, m->part, m->program->literal_count, sizeof *m->part);
    hs_free_database(m->db);
    hunch_free(m->program->a, m, sizeof *m);
}

static struct hunch_matcher *build(const struct hunch_program *p, const uint8_t *single,
                                   const char *cache, struct hunch_error *err)
{
    uint8_t key[16];
    struct hunch_matcher *m = hunch_alloc_zero(p->a, sizeof *m);
    if (m == NULL) {
        hunch_fail_memory(err, sizeof *m, "the literal matcher");
        return NULL;
    }
    m->program = p;
    m->part = hunch_alloc_array(p->a, p->literal_count, sizeof *m->part);
    if (m->part == NULL) {
        matcher_free(m);
        hunch_fail_memory(err, p->literal_count * sizeof *m->part, "the literal matcher");
        return NULL;
    }
    uint32_t taken = 0, longest = 0;
    for (uint32_t i = 0; i < p->literal_count; i++) {
        m->part[i] = part_of(p, i);
        taken += m->part[i].length > 0;
        if (p->literal[i].bytes.length > longest)
            longest = p->literal[i].bytes.length;
    }
    m->tail = TAIL_LEAST + longest;
    m->has_zeros = taken < p->literal_count;
    if (p->literal_count == 0)
        return m;
    m->portable = hunch_matcher_portable.build(p, single, NULL, err);
    if (m->portable == NULL) {
        matcher_free(m);
        return NULL;
    }
    if (taken == 0)
        return m;
    bool cached = cache != NULL && cache_key(p, single, key);
    if (cached)
        m->db = cache_read(p, cache, key);
    if (m->db == NULL) {
        m->db = compile(p, m->part, single, err);
        if (m->db == NULL) {
            matcher_free(m);
            return NULL;
        }
        if (cached)
            cache_write(p, cache, key, m->db);
    }
    return m;
}

static void *scratch_new(struct hunch_matcher *m, struct hunch_error *err)
{
    hs_scratch_t *scratch = NULL;
    if (m->db != NULL && hs_alloc_scratch(m->db, &scratch) != HS_SUCCESS) {
        hunch_fail_memory(err, 0, "Vectorscan");
        return NULL;
    }
    return m->db ? (void *)scratch : (void *)m;
}

static void scratch_free(struct hunch_matcher *m, void *scratch)
{
    if (m->db != NULL)
        hs_free_scratch(scratch);
}

static hunch_status find(struct hunch_matcher *m, void *scratch, const uint8_t *bytes, size_t n,
                         hunch_matcher_emit *emit, void *ctx, struct hunch_error *err)
{
    struct find_ctx f = {m, bytes, n, n > m->tail ? n - m->tail : 0, emit, ctx};
    if (m->program->literal_count == 0 || n == 0)
        return HUNCH_OK;
    hunch_matcher_portable.find(m->portable, m->portable, bytes + f.tail, n - f.tail, in_tail, &f,
                                err);
    if (m->has_zeros)
        find_zeros(&f);
    if (m->db == NULL || f.tail == 0)
        return HUNCH_OK;
    hs_error_t e = hs_scan(m->db, (const char *)bytes, (unsigned)n, 0, scratch, on_match, &f);
    if (e != HS_SUCCESS)
        return hunch_fail(err, HUNCH_ERROR_UNSUPPORTED, "Vectorscan failed with error %d", (int)e);
    return HUNCH_OK;
}

const struct hunch_matcher_kind hunch_matcher_vectorscan = {
    "vectorscan", build, matcher_free, scratch_new, scratch_free, find};
