/* device_slab.c: see device_slab.h: a slab is filled and sent. */
#include "device_slab_state.h"

#include <string.h>

#include "../kernels/tuning.h"

enum {
    HITS_PER_BYTES = 128, /* room for one hit in so many bytes, at first */
    HITS_LEAST = 4096,
    USES_PER_MATCH = 8,     /* and of a match in so many of them */
    ALONE_LEAST = 32 << 10, /* bytes that are worth a copy of their own */
    SEEN_MOST = 256 << 20,  /* bytes of the table of what was seen where */
    ASKED_MOST = 32 << 20,  /* and of where runs were asked for */
    RUNS_MOST = 1 << 16     /* parts of records in which they are */
};

#define IDLE_MOST ((uint64_t)4 << 30) /* bytes of records that slabs which wait have room for */

/* Bytes of the device's text buffer: whole chunks, and what lies behind them. */
static size_t padded(uint32_t size)
{
    size_t chunk = HUNCH_PREFILTER_CHUNK;
    return ((size_t)size + chunk - 1) / chunk * chunk + HUNCH_SLAB_BEHIND;
}

/* Makes room for `size` bytes, whatever was in it. */
hunch_status hunch_slab_grow(struct hunch_slab *b, struct hunch_space *space, bool host,
                             size_t size, struct hunch_error *err)
{
    const struct hunch_device_kind *kind = b->device->kind;
    if (size <= space->size && space->at)
        return HUNCH_OK;
    if (space->at)
        (host ? kind->release_host : kind->release)(b->device, space->at);
    *space = (struct hunch_space){0};
    hunch_status status = (host ? kind->alloc_host : kind->alloc)(b->device, size, &space->at, err);
    if (status == HUNCH_OK)
        space->size = size;
    return status;
}

hunch_status hunch_slab_set_capacity(struct hunch_slab *b, uint32_t literals, uint32_t uses,
                                     struct hunch_error *err)
{
    hunch_status status = HUNCH_OK;
    if (literals > b->literal_capacity) {
        b->literal_capacity = 0;
        status = hunch_slab_grow(b, &b->on_device.literal_hit, false,
                                 literals * sizeof(struct hunch_literal_hit), err);
        if (status == HUNCH_OK)
            b->literal_capacity = literals;
    }
    if (status == HUNCH_OK && uses > b->use_capacity) {
        b->use_capacity = 0;
        status = hunch_slab_grow(b, &b->on_device.use_hit, false,
                                 uses * sizeof(struct hunch_use_hit), err);
        if (status == HUNCH_OK)
            status = hunch_slab_grow(b, &b->on_device.kept, false,
                                     uses * sizeof(struct hunch_kept_hit), err);
        if (status == HUNCH_OK)
            status = hunch_slab_grow(b, &b->on_device.verdict, false,
                                     uses * sizeof(struct hunch_hit_verdict), err);
        if (status == HUNCH_OK)
            status = hunch_slab_grow(b, &b->on_device.captured, false,
                                     uses / USES_PER_MATCH * sizeof(struct hunch_captured), err);
        if (status == HUNCH_OK)
            status = hunch_slab_grow(b, &b->on_device.queue, false, uses * sizeof(uint32_t), err);
        if (status == HUNCH_OK && b->rules->gating.asks_all)
            status = hunch_slab_grow(b, &b->on_device.next, false, uses * sizeof(uint32_t), err);
        if (status == HUNCH_OK)
            b->use_capacity = uses;
    }
    return status;
}

hunch_status hunch_slab_new(struct hunch_device_rules *rules, unsigned stream, uint32_t room,
                            bool resident, struct hunch_slab **out, struct hunch_error *err)
{
    const struct hunch_allocator *a = rules->plan->program->a;
    struct hunch_slab *b = *out = hunch_alloc_zero(a, sizeof *b);
    if (b == NULL)
        return hunch_fail_memory(err, sizeof *b, "a slab");
    b->rules = rules;
    b->device = rules->device;
    b->a = a;
    b->stream = stream;
    b->room = room;
    b->is_resident = resident;
    hunch_status status = HUNCH_OK;
    if (!resident)
        status = hunch_slab_grow(b, &b->host.bytes, true, padded(room), err);
    if (!resident && status == HUNCH_OK)
        status = hunch_slab_grow(b, &b->on_device.bytes, false, padded(room), err);
    if (status == HUNCH_OK)
        status = hunch_slab_grow(b, &b->on_device.counters, false,
                                 sizeof(struct hunch_counters) + sizeof(uint32_t), err);
    if (status == HUNCH_OK)
        status = hunch_slab_grow(b, &b->host.counters, true, sizeof(struct hunch_counters), err);
    if (status == HUNCH_OK)
        status = hunch_slab_grow(b, &b->host.hits, true,
                                 HUNCH_HITS_AT_ONCE * sizeof(struct hunch_kept_hit), err);
    uint32_t hits = room / HITS_PER_BYTES < HITS_LEAST ? HITS_LEAST : room / HITS_PER_BYTES;
    if (status == HUNCH_OK)
        status = hunch_slab_set_capacity(b, hits, hits, err);
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
    struct hunch_space *device = (struct hunch_space *)&b->on_device,
                       *host = (struct hunch_space *)&b->host;
    for (size_t i = 0; i < sizeof b->on_device / sizeof *device; i++)
        if (device[i].at)
            b->device->kind->release(b->device, device[i].at);
    for (size_t i = 0; i < sizeof b->host / sizeof *host; i++)
        if (host[i].at)
            b->device->kind->release_host(b->device, host[i].at);
    hunch_vec_free(b->a, &b->start);
    hunch_vec_free(b->a, &b->around);
    hunch_vec_free(b->a, &b->place);
    hunch_vec_free(b->a, &b->sent);
    hunch_vec_free(b->a, &b->brought);
    hunch_vec_free(b->a, &b->stretch);
    hunch_vec_free(b->a, &b->piece);
    hunch_vec_free(b->a, &b->counted);
    hunch_vec_free(b->a, &b->at);
    hunch_vec_free(b->a, &b->all);
    hunch_vec_free(b->a, &b->sorted);
    hunch_vec_free(b->a, &b->first);
    hunch_vec_free(b->a, &b->state);
    hunch_vec_free(b->a, &b->seen);
    hunch_vec_free(b->a, &b->named);
    hunch_free(b->a, b, sizeof *b);
}

hunch_status hunch_slab_take(struct hunch_device_rules *rules, unsigned stream, uint32_t room,
                             bool resident, struct hunch_slab **out, struct hunch_error *err)
{
    pthread_mutex_lock(&rules->lock);
    struct hunch_slab **link = &rules->idle, *b;
    while ((b = *link) != NULL && (b->is_resident != resident || b->room < room))
        link = &b->next;
    if (b != NULL) {
        *link = b->next;
        rules->idle_room -= b->room;
    }
    pthread_mutex_unlock(&rules->lock);
    *out = b;
    if (b != NULL) {
        b->stream = stream;
        return HUNCH_OK;
    }
    hunch_status status = hunch_slab_new(rules, stream, room, resident, out, err);
    if (status != HUNCH_ERROR_MEMORY)
        return status;
    hunch_slab_free_idle(rules); /* those that wait are too small, and in the way */
    return hunch_slab_new(rules, stream, room, resident, out, err);
}

void hunch_slab_give(struct hunch_device_rules *rules, struct hunch_slab *b)
{
    if (b == NULL)
        return;
    hunch_slab_clear(b);
    pthread_mutex_lock(&rules->lock);
    bool stays = rules->idle_room + b->room <= IDLE_MOST;
    if (stays) {
        b->next = rules->idle;
        rules->idle = b;
        rules->idle_room += b->room;
    }
    pthread_mutex_unlock(&rules->lock);
    if (!stays)
        hunch_slab_free(b);
}

void hunch_slab_free_idle(struct hunch_device_rules *rules)
{
    pthread_mutex_lock(&rules->lock);
    struct hunch_slab *b = rules->idle, *next;
    rules->idle = NULL;
    rules->idle_room = 0;
    pthread_mutex_unlock(&rules->lock);
    for (; b != NULL; b = next) {
        next = b->next;
        hunch_slab_free(b);
    }
}

void hunch_slab_clear(struct hunch_slab *b)
{
    b->used = 0;
    b->resident = NULL;
    b->in_place = false;
    b->start.count = 1;
    b->sorted.count = b->first.count = 0;
    b->place.count = b->sent.count = 0;
    hunch_error_clear(&b->problem);
}

uint8_t *hunch_slab_place(struct hunch_slab *b, uint32_t *room)
{
    *room = b->room - b->used;
    return (uint8_t *)b->host.bytes.at + b->used;
}

/* The next record's bytes are at `from`; they go along with those before them where they can. */
static bool add(struct hunch_slab *b, const uint8_t *from, uint32_t size)
{
    struct hunch_stretch next = {b->used, (uint64_t)b->used + size, from};
    struct hunch_stretch *last = b->sent.count > 0 ? &b->sent.items[b->sent.count - 1] : NULL;
    bool behind = last != NULL && last->bytes + (last->end - last->start) == from;
    if (!hunch_vec_push(b->a, &b->start, b->used + size))
        return false;
    if (!hunch_vec_push(b->a, &b->place, from) ||
        (!behind && size > 0 && !hunch_vec_push(b->a, &b->sent, next))) {
        b->place.count = --b->start.count - 1;
        return false;
    }
    if (behind)
        last->end = next.end;
    b->used += size;
    return true;
}

hunch_status hunch_slab_add(struct hunch_slab *b, uint32_t size, struct hunch_error *err)
{
    if (add(b, (uint8_t *)b->host.bytes.at + b->used, size))
        return HUNCH_OK;
    return hunch_fail_memory(err, sizeof(uint32_t), "a slab");
}

bool hunch_slab_add_pinned(struct hunch_slab *b, const uint8_t *within, const uint8_t *bytes,
                           uint32_t size)
{
    const struct hunch_stretch *last = b->sent.count > 0 ? &b->sent.items[b->sent.count - 1] : NULL;
    bool behind =
        last != NULL && last->bytes >= within && last->bytes + (last->end - last->start) == bytes;
    return size <= b->room - b->used && (behind || size >= ALONE_LEAST) && add(b, bytes, size);
}

bool hunch_slab_add_resident(struct hunch_slab *b, const uint8_t *address, uint32_t size,
                             bool in_place)
{
    bool first = b->used == 0 && size > 0; /* an empty one lies anywhere */
    if (size > b->room - b->used || (size > 0 && !first && address != b->resident + b->used) ||
        !hunch_vec_push(b->a, &b->start, b->used + size))
        return false;
    if (first) {
        b->resident = address;
        b->in_place = in_place && (uintptr_t)address % 16 == 0;
    }
    b->used += size;
    return true;
}

uint32_t hunch_slab_count(const struct hunch_slab *b)
{
    return (uint32_t)b->start.count - 1;
}

uint32_t hunch_slab_size(const struct hunch_slab *b, uint32_t record)
{
    return b->start.items[record + 1] - b->start.items[record];
}

const uint8_t *hunch_slab_record(const struct hunch_slab *b, uint32_t record, uint32_t *size)
{
    *size = hunch_slab_size(b, record);
    return b->is_resident ? b->stretch.items[b->brought.items[record].stretch].bytes
                          : b->place.items[record];
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

/* ---- launches ---- */

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
    struct hunch_launch l = {kernel, blocks, threads, shared, false, args, size};
    return b->device->kind->launch(b->device, b->stream, &l, err);
}

struct hunch_slab_view hunch_slab_view(const struct hunch_slab *b)
{
    const uint32_t *lists = b->on_device.lists.at;
    return (struct hunch_slab_view){b->in_place ? b->resident : b->on_device.bytes.at, lists,
                                    lists + b->start.count, hunch_slab_count(b), b->used};
}

static struct hunch_counters *device_counters(const struct hunch_slab *b)
{
    return b->on_device.counters.at;
}

static struct hunch_prefilter_args prefilter_args(const struct hunch_slab *b)
{
    struct hunch_prefilter_args args = b->rules->prefilter;
    args.slab = hunch_slab_view(b);
    args.hit = b->on_device.literal_hit.at;
    args.count = &device_counters(b)->literals;
    args.many = &device_counters(b)->many;
    args.capacity = b->literal_capacity;
    args.chunks = (uint32_t)((padded(b->used) - HUNCH_SLAB_BEHIND) / HUNCH_PREFILTER_CHUNK);
    return args;
}

/* At most one block a multiprocessor. */
static uint32_t prefilter_blocks(const struct hunch_slab *b, uint32_t chunks)
{
    uint32_t warps = b->rules->threads / 32, blocks = (chunks + warps - 1) / warps;
    if (blocks > b->device->multiprocessors)
        blocks = b->device->multiprocessors;
    return blocks < 1 ? 1 : blocks;
}

static hunch_status launch_prefilter(struct hunch_slab *b, struct hunch_error *err)
{
    struct hunch_prefilter_args args = prefilter_args(b);
    return launch(b, HUNCH_ID_hunch_prefilter_kernel, prefilter_blocks(b, args.chunks),
                  b->rules->threads, b->rules->shared, &args, sizeof args, err);
}

static struct hunch_hits_args hits_args(const struct hunch_slab *b)
{
    struct hunch_hits_args args = b->rules->hits;
    args.slab = hunch_slab_view(b);
    args.literal_hit = b->on_device.literal_hit.at;
    args.literal_count = &device_counters(b)->literals;
    args.literal_capacity = b->literal_capacity;
    args.seen = b->on_device.seen.at;
    args.hit = b->on_device.use_hit.at;
    args.count = &device_counters(b)->uses;
    args.many = &device_counters(b)->many;
    args.capacity = b->use_capacity;
    return args;
}

static hunch_status launch_hits(struct hunch_slab *b, struct hunch_error *err)
{
    struct hunch_hits_args args = hits_args(b);
    return launch(b, HUNCH_ID_hunch_hits_kernel,
                  blocks_for(b, b->literal_capacity, HUNCH_HITS_THREADS), HUNCH_HITS_THREADS, 0,
                  &args, sizeof args, err);
}

static struct hunch_confirm_hits_args confirm_args(const struct hunch_slab *b, uint32_t now,
                                                   uint32_t ungated)
{
    struct hunch_confirm_hits_args args = b->rules->confirm;
    args.slab = hunch_slab_view(b);
    args.hit = b->on_device.use_hit.at;
    args.hit_count = &device_counters(b)->uses;
    args.hit_capacity = b->use_capacity;
    args.now = now;
    args.ungated = ungated;
    args.seen = b->on_device.seen.at;
    args.verdict = b->on_device.verdict.at;
    args.record = b->on_device.state.at;
    args.queue = b->on_device.queue.at;
    args.queue_count = &device_counters(b)->judged;
    args.spent = &device_counters(b)->spent;
    hunch_slab_chains(b, &args);
    args.run_asked = b->asked_size > 0 ? b->on_device.run_asked.at : NULL;
    args.run_rules = b->rules->gating.runs;
    args.run = b->on_device.run.at;
    args.run_count = &device_counters(b)->runs;
    args.run_capacity = RUNS_MOST;
    args.captured = b->on_device.captured.at;
    args.captured_count = &device_counters(b)->captured;
    args.captured_capacity = b->use_capacity / USES_PER_MATCH;
    args.lesson = device_counters(b)->lesson;
    args.lesson_count = &device_counters(b)->lessons;
    hunch_lessons_view(&b->rules->lessons, &args.tables);
    args.spent_most =
        (uint32_t)(((uint64_t)HUNCH_CONFIRM_WORK * b->used + HUNCH_CONFIRM_WORK_LEAST) /
                   HUNCH_SPENT_BLOCK);
    return args;
}

static struct hunch_collect_args collect_args(const struct hunch_slab *b)
{
    return (struct hunch_collect_args){.hit = b->on_device.use_hit.at,
                                       .hit_count = &device_counters(b)->uses,
                                       .hit_capacity = b->use_capacity,
                                       .every = hunch_slab_every(b),
                                       .verdict = b->on_device.verdict.at,
                                       .captured = b->on_device.captured.at,
                                       .record = b->on_device.state.at,
                                       .kept = b->on_device.kept.at,
                                       .kept_count = &device_counters(b)->kept};
}

/* Room for what confirmers say of records, cleared. */
static hunch_status clear_states(struct hunch_slab *b, size_t *size, struct hunch_error *err)
{
    *size = hunch_slab_count(b) * sizeof(struct hunch_record_state);
    hunch_status status = hunch_slab_grow(b, &b->on_device.state, false, *size, err);
    if (status == HUNCH_OK)
        status = hunch_slab_grow(b, &b->host.state, true, *size, err);
    const uint64_t asked = ((uint64_t)hunch_slab_count(b) * b->rules->gating.runs + 31) / 32 * 4;
    b->asked_size = asked <= ASKED_MOST ? (size_t)asked : 0;
    if (status == HUNCH_OK && b->asked_size > 0)
        status = hunch_slab_grow(b, &b->on_device.run_asked, false, b->asked_size, err);
    if (status == HUNCH_OK && b->asked_size > 0)
        status = hunch_slab_grow(b, &b->on_device.run, false,
                                 RUNS_MOST * sizeof(struct hunch_run_part), err);
    if (status == HUNCH_OK && b->asked_size > 0)
        status = b->device->kind->clear(b->device, b->stream, b->on_device.run_asked.at,
                                        b->asked_size, err);
    return status == HUNCH_OK ? hunch_slab_begin_states(b, *size, err) : status;
}

/* Confirmers of the groups `now` on every hit, then what is left, on its way back. */
hunch_status hunch_slab_confirm(struct hunch_slab *b, uint32_t now, uint32_t ungated,
                                struct hunch_error *err)
{
    size_t states;
    hunch_status status = clear_states(b, &states, err);
    if (status != HUNCH_OK)
        return status;
    struct hunch_confirm_hits_args confirm = confirm_args(b, now, ungated);
    struct hunch_collect_args collect = collect_args(b);
    uint32_t blocks = blocks_for(b, b->use_capacity, HUNCH_CONFIRM_THREADS);
    status = launch(b, HUNCH_ID_hunch_gates_kernel, blocks, HUNCH_CONFIRM_THREADS, 0, &confirm,
                    sizeof confirm, err);
    if (status == HUNCH_OK)
        status = launch(b, HUNCH_ID_hunch_judge_kernel, blocks, HUNCH_CONFIRM_THREADS, 0, &confirm,
                        sizeof confirm, err);
    if (status == HUNCH_OK && b->asked_size > 0)
        status = launch(b, HUNCH_ID_hunch_runs_kernel, blocks, HUNCH_CONFIRM_THREADS, 0, &confirm,
                        sizeof confirm, err);
    if (status == HUNCH_OK)
        status = launch(b, HUNCH_ID_hunch_collect_kernel, blocks, HUNCH_CONFIRM_THREADS, 0,
                        &collect, sizeof collect, err);
    return status == HUNCH_OK ? b->device->kind->get(b->device, b->stream, b->host.state.at,
                                                     b->on_device.state.at, states, err)
                              : status;
}

/* Everything in one launch. */
static hunch_status launch_fused(struct hunch_slab *b, struct hunch_error *err)
{
    const struct hunch_device_kind *kind = b->device->kind;
    uint64_t tile_size = b->order.tile_size;
    size_t states;
    hunch_status status = clear_states(b, &states, err);
    struct hunch_fused_args args = {.prefilter = prefilter_args(b),
                                    .hits = hits_args(b),
                                    .confirm = confirm_args(b, b->rules->groups, 0),
                                    .collect = collect_args(b),
                                    .counters = device_counters(b),
                                    .arrived = (uint32_t *)(device_counters(b) + 1),
                                    .tile_size =
                                        tile_size > UINT32_MAX ? UINT32_MAX : (uint32_t)tile_size,
                                    .groups = (uint32_t)__builtin_popcount(b->rules->groups)};
    args.confirm.judged = 1;
    struct hunch_launch l = {HUNCH_ID_hunch_fused_kernel,
                             prefilter_blocks(b, args.prefilter.chunks),
                             b->rules->threads,
                             b->rules->shared,
                             true,
                             &args,
                             sizeof args};
    if (status == HUNCH_OK)
        status = kind->launch(b->device, b->stream, &l, err);
    return status == HUNCH_OK ? kind->get(b->device, b->stream, b->host.state.at,
                                          b->on_device.state.at, states, err)
                              : status;
}

/* The counters and the first hits come back. */
hunch_status hunch_slab_fetch(struct hunch_slab *b, struct hunch_slab_back hits,
                              struct hunch_error *err)
{
    const struct hunch_device_kind *kind = b->device->kind;
    size_t n = b->use_capacity < HUNCH_HITS_AT_ONCE ? b->use_capacity : HUNCH_HITS_AT_ONCE;
    hunch_status status = kind->get(b->device, b->stream, b->host.counters.at,
                                    b->on_device.counters.at, sizeof(struct hunch_counters), err);
    if (status == HUNCH_OK)
        status = kind->get(b->device, b->stream, b->host.hits.at, hits.at->at, n * hits.size, err);
    return status;
}

bool hunch_slab_is_fused(const struct hunch_slab *b)
{
    return b->order.depth == HUNCH_SLAB_RESULTS && b->order.fused && b->order.serial == 0 &&
           b->rules->plan->program->literal_count > 0;
}

hunch_status hunch_slab_search(struct hunch_slab *b, enum hunch_slab_depth depth,
                               struct hunch_error *err)
{
    const struct hunch_device_kind *kind = b->device->kind;
    struct hunch_device *d = b->device;
    b->order.depth = depth;
    hunch_status status = kind->clear(d, b->stream, b->on_device.counters.at,
                                      sizeof(struct hunch_counters) + sizeof(uint32_t), err);
    if (status == HUNCH_OK && b->on_device.seen.at)
        status = kind->clear(d, b->stream, b->on_device.seen.at, b->seen_size, err);
    if (status == HUNCH_OK && hunch_slab_is_fused(b)) {
        status = launch_fused(b, err);
        return status == HUNCH_OK ? hunch_slab_fetch(b, hunch_slab_kept(b), err) : status;
    }
    if (status == HUNCH_OK && b->rules->plan->program->literal_count > 0)
        status = launch_prefilter(b, err);
    if (status == HUNCH_OK && depth != HUNCH_SLAB_LITERALS)
        status = launch_hits(b, err);
    if (status == HUNCH_OK && hunch_slab_at_once(b))
        status = hunch_slab_confirm(b, hunch_slab_at_once(b), 0, err);
    return status == HUNCH_OK
               ? hunch_slab_fetch(
                     b, hunch_slab_at_once(b) ? hunch_slab_kept(b) : hunch_slab_uses(b), err)
               : status;
}

/* The records' bytes to where kernels read them, with zeros behind. */
static hunch_status send_bytes(struct hunch_slab *b, struct hunch_error *err)
{
    const struct hunch_device_kind *kind = b->device->kind;
    size_t all = padded(b->used);
    if (b->in_place)
        return HUNCH_OK;
    hunch_status status = hunch_slab_grow(b, &b->on_device.bytes, false, all, err);
    uint8_t *to = b->on_device.bytes.at;
    for (size_t i = 0; i < b->sent.count && status == HUNCH_OK; i++) {
        const struct hunch_stretch *s = &b->sent.items[i];
        status = kind->put(b->device, b->stream, to + s->start, s->bytes,
                           (size_t)(s->end - s->start), err);
    }
    if (status == HUNCH_OK && b->resident != NULL)
        status = kind->copy(b->device, b->stream, to, b->resident, b->used, err);
    return status == HUNCH_OK ? kind->clear(b->device, b->stream, to + b->used, all - b->used, err)
                              : status;
}

hunch_status hunch_slab_send(struct hunch_slab *b, const struct hunch_slab_order *order,
                             struct hunch_error *err)
{
    struct hunch_device *d = b->device;
    b->order = *order;
    b->order.serial &= b->rules->groups;
    b->order.fused &= b->rules->groups;
    b->names_asked = false;
    if (hunch_slab_count(b) == 0)
        return HUNCH_OK;
    hunch_status status = find_around(b, err);
    if (status != HUNCH_OK)
        return status;
    size_t start_size = b->start.count * sizeof(uint32_t);
    size_t around_size = b->around.count * sizeof(uint32_t);
    if (start_size + around_size > b->on_device.lists.size)
        status =
            hunch_slab_grow(b, &b->on_device.lists, false, 2 * (start_size + around_size), err);
    size_t seen = ((uint64_t)hunch_slab_count(b) * b->rules->confirm.pattern_count + 31) / 32 * 4;
    if (seen > SEEN_MOST && b->on_device.seen.at) {
        d->kind->release(d, b->on_device.seen.at);
        b->on_device.seen = (struct hunch_space){0};
    } else if (seen <= SEEN_MOST && status == HUNCH_OK) {
        status = hunch_slab_grow(b, &b->on_device.seen, false, seen, err);
        b->seen_size = seen;
    }
    if (status == HUNCH_OK)
        status = send_bytes(b, err);
    if (status == HUNCH_OK)
        status = d->kind->put(d, b->stream, b->on_device.lists.at, b->start.items, start_size, err);
    if (status == HUNCH_OK)
        status = d->kind->put(d, b->stream, (uint8_t *)b->on_device.lists.at + start_size,
                              b->around.items, around_size, err);
    if (status == HUNCH_OK)
        status = hunch_slab_search(b, order->depth, err);
    return status == HUNCH_OK ? hunch_slab_ask_names(b, err) : status;
}
