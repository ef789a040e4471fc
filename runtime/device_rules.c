/* device_rules.c: see device_rules.h. */
#include "device_rules.h"

#include <string.h>

#include "../kernels/prefilter.h"
#include "../kernels/tuning.h"
#include "grams.h"

enum {
    HITS_PER_BYTES = 64, /* room for one hit in so many bytes, at first */
    HITS_LEAST = 4096,
    SEEN_MOST = 256 << 20 /* bytes of the table of what was seen where */
};

struct hunch_device_rules {
    struct hunch_device *device;
    const struct hunch_program *program;
    struct hunch_grams *grams;
    void *memory;                          /* all tables of the device */
    struct hunch_prefilter_args prefilter; /* with the program's part filled in */
    struct hunch_hits_args hits;
    uint32_t threads; /* of a block of the prefilter */
    uint32_t shared;  /* bytes of shared memory that it takes */
};

/* ---- the program's tables ---- */

/* One table on its way into the device's memory. */
struct table {
    const void *from;
    size_t size;
    const void **to; /* gets the device's address */
};

static size_t rounded(size_t size)
{
    return (size + 255) / 256 * 256;
}

static hunch_status upload(struct hunch_device_rules *r, const struct table *table, size_t count,
                           struct hunch_error *err)
{
    struct hunch_device *d = r->device;
    size_t total = 256;
    for (size_t i = 0; i < count; i++)
        total += rounded(table[i].size);
    hunch_status status = d->kind->alloc(d, total, &r->memory, err);
    uint8_t *at = r->memory;
    for (size_t i = 0; i < count && status == HUNCH_OK; i++) {
        *table[i].to = at;
        if (table[i].size > 0)
            status = d->kind->put(d, 0, at, table[i].from, table[i].size, err);
        at += rounded(table[i].size);
    }
    if (status == HUNCH_OK)
        status = d->kind->wait(d, 0, err); /* what is copied from may go away */
    return status;
}

hunch_status hunch_device_rules_new(struct hunch_device *device, const struct hunch_plan *plan,
                                    struct hunch_device_rules **out, struct hunch_error *err)
{
    const struct hunch_program *p = plan->program;
    struct hunch_device_rules *r = *out = hunch_alloc_zero(p->a, sizeof *r);
    if (r == NULL)
        return hunch_fail_memory(err, sizeof *r, "a program on a device");
    r->device = device;
    r->program = p;
    hunch_status status = hunch_grams_new(p, device->shared_most, &r->grams, err);
    if (status != HUNCH_OK)
        goto failed;
    const struct hunch_grams *g = r->grams;
    struct hunch_gram_table *t = &r->prefilter.table;
    *t = g->table;
#define TABLE(array, n, to)                                          \
    {                                                                \
        (array), (size_t)(n) * sizeof *(array), (const void **)&(to) \
    }
    const struct table tables[] = {
        TABLE(g->slots, (1u << t->slot_log2) / 4, t->slots),
        TABLE(g->known, (1u << t->known_log2) / 32, t->known),
        TABLE(g->bucket, t->bucket_count, t->bucket),
        TABLE(g->gram, t->gram_count, t->gram),
        TABLE(g->single, t->single_count, t->single),
        TABLE(p->literal, p->literal_count, r->prefilter.literal),
        TABLE(p->blob, p->blob_count, r->prefilter.blob),
        TABLE(plan->use, p->literal_user_count, r->hits.use),
        TABLE(p->guard, p->guard_count, r->hits.guard),
        TABLE(p->word, p->word_count, r->hits.word),
    };
#undef TABLE
    status = upload(r, tables, sizeof tables / sizeof *tables, err);
    if (status != HUNCH_OK)
        goto failed;
    r->hits.literal = r->prefilter.literal;
    r->hits.blob = r->prefilter.blob;
    r->hits.pattern_count = p->pattern_count;
    r->threads = HUNCH_PREFILTER_THREADS;
    while (r->threads > 32 && hunch_prefilter_shared(t, r->threads, 0) > device->shared_most)
        r->threads -= 32;
    r->prefilter.grams_shared = hunch_prefilter_shared(t, r->threads, 1) <= device->shared_most;
    r->shared = hunch_prefilter_shared(t, r->threads, r->prefilter.grams_shared);
    return HUNCH_OK;
failed:
    hunch_device_rules_free(r);
    *out = NULL;
    return status;
}

void hunch_device_rules_free(struct hunch_device_rules *r)
{
    if (r == NULL)
        return;
    if (r->memory)
        r->device->kind->release(r->device, r->memory);
    hunch_grams_free(r->grams);
    hunch_free(r->program->a, r, sizeof *r);
}

/* ---- slabs ---- */

struct hunch_slab {
    const struct hunch_device_rules *rules;
    struct hunch_device *device;
    const struct hunch_allocator *a;
    unsigned stream;
    uint32_t room, used;
    uint8_t *bytes;            /* host memory for copies */
    HUNCH_VEC(uint32_t) start; /* of each record, and the end of the last */
    HUNCH_VEC(uint32_t) around;
    uint8_t *device_bytes;
    void *device_lists; /* start, then around */
    size_t device_lists_size;
    struct hunch_literal_hit *literal_hit; /* the device's */
    struct hunch_use_hit *use_hit;         /* the device's */
    uint32_t literal_capacity, use_capacity;
    uint32_t *counts; /* the device's: literal hits, use hits */
    uint32_t *host_counts;
    uint32_t *seen; /* the device's */
    size_t seen_size;
    struct hunch_use_hit *hits; /* the host's, in the device's order, then by record */
    uint32_t hits_capacity;
    HUNCH_VEC(struct hunch_use_hit) sorted;
    HUNCH_VEC(uint32_t) first; /* of each record in `sorted`, and the end */
};

/* Bytes of the device's text buffer: whole chunks, and what lies behind them. */
static size_t padded(uint32_t size)
{
    size_t chunk = HUNCH_PREFILTER_CHUNK;
    return ((size_t)size + chunk - 1) / chunk * chunk + HUNCH_SLAB_BEHIND;
}

/* Room for so many elements, whatever was in it. */
static hunch_status resize(struct hunch_device *d, void **memory, size_t size,
                           struct hunch_error *err)
{
    if (*memory)
        d->kind->release(d, *memory);
    *memory = NULL;
    return d->kind->alloc(d, size, memory, err);
}

static hunch_status set_capacity(struct hunch_slab *b, uint32_t literals, uint32_t uses,
                                 struct hunch_error *err)
{
    struct hunch_device *d = b->device;
    hunch_status status = HUNCH_OK;
    if (literals > b->literal_capacity) {
        b->literal_capacity = 0;
        status =
            resize(d, (void **)&b->literal_hit, (size_t)literals * sizeof *b->literal_hit, err);
        if (status != HUNCH_OK)
            return status;
        b->literal_capacity = literals;
    }
    if (uses > b->use_capacity) {
        b->use_capacity = 0;
        status = resize(d, (void **)&b->use_hit, (size_t)uses * sizeof *b->use_hit, err);
        if (status != HUNCH_OK)
            return status;
        b->use_capacity = uses;
    }
    return HUNCH_OK;
}

hunch_status hunch_slab_new(const struct hunch_device_rules *rules, unsigned stream, uint32_t room,
                            struct hunch_slab **out, struct hunch_error *err)
{
    struct hunch_device *d = rules->device;
    const struct hunch_allocator *a = rules->program->a;
    struct hunch_slab *b = *out = hunch_alloc_zero(a, sizeof *b);
    if (b == NULL)
        return hunch_fail_memory(err, sizeof *b, "a slab");
    b->rules = rules;
    b->device = d;
    b->a = a;
    b->stream = stream;
    b->room = room;
    hunch_status status = d->kind->alloc_host(d, padded(room), (void **)&b->bytes, err);
    if (status == HUNCH_OK)
        status = d->kind->alloc(d, padded(room), (void **)&b->device_bytes, err);
    if (status == HUNCH_OK)
        status = d->kind->alloc(d, 2 * sizeof(uint32_t), (void **)&b->counts, err);
    if (status == HUNCH_OK)
        status = d->kind->alloc_host(d, 2 * sizeof(uint32_t), (void **)&b->host_counts, err);
    uint32_t hits = room / HITS_PER_BYTES < HITS_LEAST ? HITS_LEAST : room / HITS_PER_BYTES;
    if (status == HUNCH_OK)
        status = set_capacity(b, hits, hits, err);
    if (status == HUNCH_OK && !hunch_vec_push(a, &b->start, 0))
        status = hunch_fail_memory(err, sizeof(uint32_t), "a slab");
    if (status == HUNCH_OK)
        return HUNCH_OK;
    hunch_slab_free(b);
    *out = NULL;
    return status;
}

void hunch_slab_free(struct hunch_slab *b)
{
    if (b == NULL)
        return;
    struct hunch_device *d = b->device;
    void *const device[] = {b->device_bytes, b->device_lists, b->literal_hit,
                            b->use_hit,      b->counts,       b->seen};
    for (size_t i = 0; i < sizeof device / sizeof *device; i++)
        if (device[i])
            d->kind->release(d, device[i]);
    void *const host[] = {b->bytes, b->host_counts, b->hits};
    for (size_t i = 0; i < sizeof host / sizeof *host; i++)
        if (host[i])
            d->kind->release_host(d, host[i]);
    hunch_vec_free(b->a, &b->start);
    hunch_vec_free(b->a, &b->around);
    hunch_vec_free(b->a, &b->sorted);
    hunch_vec_free(b->a, &b->first);
    hunch_free(b->a, b, sizeof *b);
}

void hunch_slab_clear(struct hunch_slab *b)
{
    b->used = 0;
    b->start.count = 1;
    b->sorted.count = b->first.count = 0;
}

uint8_t *hunch_slab_place(struct hunch_slab *b, uint32_t *room)
{
    *room = b->room - b->used;
    return b->bytes + b->used;
}

hunch_status hunch_slab_add(struct hunch_slab *b, uint32_t size, struct hunch_error *err)
{
    if (!hunch_vec_push(b->a, &b->start, b->used + size))
        return hunch_fail_memory(err, sizeof(uint32_t), "a slab");
    b->used += size;
    return HUNCH_OK;
}

uint32_t hunch_slab_count(const struct hunch_slab *b)
{
    return (uint32_t)b->start.count - 1;
}

const uint8_t *hunch_slab_record(const struct hunch_slab *b, uint32_t record, uint32_t *size)
{
    *size = b->start.items[record + 1] - b->start.items[record];
    return b->bytes + b->start.items[record];
}

/* around[i]: the last record that begins at or before byte i << HUNCH_RECORD_BLOCK. */
static hunch_status find_around(struct hunch_slab *b, struct hunch_error *err)
{
    uint32_t record = 0, count = hunch_slab_count(b);
    b->around.count = 0;
    for (uint64_t at = 0;; at += 1u << HUNCH_RECORD_BLOCK) {
        while (record + 1 < count && b->start.items[record + 1] <= at)
            record++;
        uint32_t here = at > b->used ? count - 1 : record;
        if (!hunch_vec_push(b->a, &b->around, here))
            return hunch_fail_memory(err, sizeof here, "a slab");
        if (at > b->used)
            return HUNCH_OK;
    }
}

static uint32_t blocks_for(const struct hunch_slab *b, uint64_t lanes, uint32_t threads)
{
    uint64_t blocks = (lanes + threads - 1) / threads;
    uint64_t most = (uint64_t)b->device->multiprocessors * (2048 / threads);
    return (uint32_t)(blocks < 1 ? 1 : blocks < most ? blocks : most);
}

static hunch_status launch(struct hunch_slab *b, enum hunch_kernel_id kernel, uint32_t blocks,
                           uint32_t threads, uint32_t shared, const void *args, size_t size,
                           struct hunch_error *err)
{
    struct hunch_launch l = {kernel, blocks, threads, shared, args, size};
    return b->device->kind->launch(b->device, b->stream, &l, err);
}

/* The kernels of one search, and its counts on their way back. */
hunch_status hunch_slab_search(struct hunch_slab *b, bool prefilter_only, struct hunch_error *err)
{
    const struct hunch_device_rules *r = b->rules;
    struct hunch_device *d = b->device;
    const struct hunch_slab_view slab = {b->device_bytes, b->device_lists,
                                         (const uint32_t *)b->device_lists + b->start.count,
                                         hunch_slab_count(b), b->used};
    struct hunch_prefilter_args prefilter = r->prefilter;
    prefilter.slab = slab;
    prefilter.hit = b->literal_hit;
    prefilter.count = &b->counts[0];
    prefilter.capacity = b->literal_capacity;
    prefilter.chunks = (uint32_t)((padded(b->used) - HUNCH_SLAB_BEHIND) / HUNCH_PREFILTER_CHUNK);
    struct hunch_hits_args hits = r->hits;
    hits.slab = slab;
    hits.literal_hit = b->literal_hit;
    hits.literal_count = &b->counts[0];
    hits.literal_capacity = b->literal_capacity;
    hits.seen = b->seen;
    hits.hit = b->use_hit;
    hits.count = &b->counts[1];
    hits.capacity = b->use_capacity;

    hunch_status status = d->kind->clear(d, b->stream, b->counts, 2 * sizeof *b->counts, err);
    if (status == HUNCH_OK && b->seen)
        status = d->kind->clear(d, b->stream, b->seen, b->seen_size, err);
    if (status == HUNCH_OK && r->program->literal_count > 0) {
        uint32_t warps = r->threads / 32;
        uint32_t blocks = (prefilter.chunks + warps - 1) / warps;
        if (blocks > d->multiprocessors)
            blocks = d->multiprocessors;
        status = launch(b, HUNCH_ID_hunch_prefilter_kernel, blocks < 1 ? 1 : blocks, r->threads,
                        r->shared, &prefilter, sizeof prefilter, err);
    }
    if (status == HUNCH_OK && !prefilter_only)
        status = launch(b, HUNCH_ID_hunch_hits_kernel,
                        blocks_for(b, b->literal_capacity, HUNCH_HITS_THREADS), HUNCH_HITS_THREADS,
                        0, &hits, sizeof hits, err);
    if (status == HUNCH_OK)
        status = d->kind->get(d, b->stream, b->host_counts, b->counts, 2 * sizeof *b->counts, err);
    return status;
}

hunch_status hunch_slab_send(struct hunch_slab *b, struct hunch_error *err)
{
    struct hunch_device *d = b->device;
    if (hunch_slab_count(b) == 0)
        return HUNCH_OK;
    hunch_status status = find_around(b, err);
    if (status != HUNCH_OK)
        return status;
    size_t start_size = b->start.count * sizeof(uint32_t);
    size_t around_size = b->around.count * sizeof(uint32_t);
    if (start_size + around_size > b->device_lists_size) {
        b->device_lists_size = 0;
        status = resize(d, &b->device_lists, 2 * (start_size + around_size), err);
        if (status != HUNCH_OK)
            return status;
        b->device_lists_size = 2 * (start_size + around_size);
    }
    size_t seen = ((uint64_t)hunch_slab_count(b) * b->rules->program->pattern_count + 31) / 32 *
                  sizeof(uint32_t);
    if (seen > b->seen_size && seen <= SEEN_MOST) {
        b->seen_size = 0;
        status = resize(d, (void **)&b->seen, seen, err);
        if (status != HUNCH_OK)
            return status;
        b->seen_size = seen;
    } else if (seen > SEEN_MOST && b->seen) {
        d->kind->release(d, b->seen);
        b->seen = NULL;
        b->seen_size = 0;
    }
    size_t all = padded(b->used);
    memset(b->bytes + b->used, 0, all - b->used);
    status = d->kind->put(d, b->stream, b->device_bytes, b->bytes, all, err);
    if (status == HUNCH_OK)
        status = d->kind->put(d, b->stream, b->device_lists, b->start.items, start_size, err);
    if (status == HUNCH_OK)
        status = d->kind->put(d, b->stream, (uint8_t *)b->device_lists + start_size,
                              b->around.items, around_size, err);
    return status == HUNCH_OK ? hunch_slab_search(b, false, err) : status;
}

void hunch_slab_counts(const struct hunch_slab *b, uint32_t *literals, uint32_t *uses)
{
    *literals = b->host_counts[0];
    *uses = b->host_counts[1];
}

/* Hits in the order of their records. */
static hunch_status sort_hits(struct hunch_slab *b, uint32_t n, struct hunch_error *err)
{
    size_t records = hunch_slab_count(b);
    b->sorted.count = b->first.count = 0;
    if (!hunch_vec_reserve(b->a, &b->sorted, n) || !hunch_vec_reserve(b->a, &b->first, records + 2))
        return hunch_fail_memory(err, n * sizeof *b->hits, "the hits of a slab");
    uint32_t *first = b->first.items;
    memset(first, 0, (records + 2) * sizeof *first);
    for (uint32_t i = 0; i < n; i++)
        first[b->hits[i].record + 2]++;
    for (size_t i = 2; i < records + 2; i++)
        first[i] += first[i - 1];
    for (uint32_t i = 0; i < n; i++)
        b->sorted.items[first[b->hits[i].record + 1]++] = b->hits[i];
    b->sorted.count = n;
    b->first.count = records + 1;
    return HUNCH_OK;
}

hunch_status hunch_slab_receive(struct hunch_slab *b, struct hunch_error *err)
{
    struct hunch_device *d = b->device;
    if (hunch_slab_count(b) == 0)
        return HUNCH_OK;
    hunch_status status = d->kind->wait(d, b->stream, err);
    while (status == HUNCH_OK &&
           (b->host_counts[0] > b->literal_capacity || b->host_counts[1] > b->use_capacity)) {
        status = set_capacity(b, b->host_counts[0], b->host_counts[1], err);
        if (status == HUNCH_OK)
            status = hunch_slab_search(b, false, err);
        if (status == HUNCH_OK)
            status = d->kind->wait(d, b->stream, err);
    }
    uint32_t n = status == HUNCH_OK ? b->host_counts[1] : 0;
    if (n > b->hits_capacity) {
        if (b->hits)
            d->kind->release_host(d, b->hits);
        b->hits = NULL;
        b->hits_capacity = 0;
        status = d->kind->alloc_host(d, (size_t)n * sizeof *b->hits, (void **)&b->hits, err);
        if (status == HUNCH_OK)
            b->hits_capacity = n;
    }
    if (status == HUNCH_OK && n > 0)
        status = d->kind->get(d, b->stream, b->hits, b->use_hit, n * sizeof *b->hits, err);
    if (status == HUNCH_OK && n > 0)
        status = d->kind->wait(d, b->stream, err);
    return status == HUNCH_OK ? sort_hits(b, n, err) : status;
}

const struct hunch_use_hit *hunch_slab_hits(const struct hunch_slab *b, uint32_t record,
                                            uint32_t *count)
{
    uint32_t first = b->first.items[record];
    *count = b->first.items[record + 1] - first;
    return b->sorted.items + first;
}
