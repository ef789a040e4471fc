/* device_slab.c: see device_slab.h: a slab is filled and sent. */
#include "device_slab_state.h"

#include <string.h>

#include "../kernels/tuning.h"
#include "clock.h"

enum {
    HITS_PER_BYTES = 128, /* room for one hit in so many bytes, at first */
    HITS_LEAST = 4096,
    RECORDS_PART = 4,       /* of a slab's room: what lists and states of its records take, about */
    ALONE_LEAST = 32 << 10, /* bytes that are worth a copy of their own */
    SEEN_MOST = 256 << 20   /* bytes of the table of what was seen where */
};

#define IDLE_MOST ((uint64_t)4 << 30) /* bytes of records that slabs which wait have room for */

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
            status =
                hunch_slab_grow(b, &b->on_device.captured, false,
                                uses / HUNCH_USES_PER_MATCH * sizeof(struct hunch_captured), err);
        if (status == HUNCH_OK)
            status = hunch_slab_grow(b, &b->on_device.queue, false, uses * sizeof(uint32_t), err);
        if (status == HUNCH_OK && b->rules->gating.asks_all)
            status = hunch_slab_grow(b, &b->on_device.next, false, uses * sizeof(uint32_t), err);
        if (status == HUNCH_OK)
            b->use_capacity = uses;
    }
    return status;
}

/* Hits that a slab has room for at first. */
static uint32_t first_hits(uint32_t room)
{
    return room / HITS_PER_BYTES < HITS_LEAST ? HITS_LEAST : room / HITS_PER_BYTES;
}

uint64_t hunch_slab_takes(const struct hunch_device_rules *rules, uint32_t room, bool resident)
{
    static const uint32_t a_hit = sizeof(struct hunch_literal_hit) + sizeof(struct hunch_use_hit) +
                                  sizeof(struct hunch_kept_hit) + sizeof(struct hunch_hit_verdict) +
                                  sizeof(struct hunch_captured) / HUNCH_USES_PER_MATCH +
                                  2 * sizeof(uint32_t);
    uint64_t size = (uint64_t)first_hits(room) * a_hit + room / RECORDS_PART;
    if (rules->gating.run_pattern.count > 0)
        size += HUNCH_RUNS_MOST * sizeof(struct hunch_run_part);
    return resident ? size : size + hunch_slab_padded(room);
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
        status = hunch_slab_grow(b, &b->host.bytes, true, hunch_slab_padded(room), err);
    if (!resident && status == HUNCH_OK)
        status = hunch_slab_grow(b, &b->on_device.bytes, false, hunch_slab_padded(room), err);
    if (status == HUNCH_OK)
        status = hunch_slab_grow(b, &b->on_device.counters, false,
                                 sizeof(struct hunch_counters) + sizeof(uint32_t), err);
    if (status == HUNCH_OK)
        status = hunch_slab_grow(b, &b->host.counters, true, sizeof(struct hunch_counters), err);
    if (status == HUNCH_OK)
        status = hunch_slab_grow(b, &b->host.hits, true,
                                 HUNCH_HITS_AT_ONCE * sizeof(struct hunch_kept_hit), err);
    if (status == HUNCH_OK)
        status = hunch_slab_set_capacity(b, first_hits(room), first_hits(room), err);
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
    const bool plenty = hunch_device_budget_plenty(&b->device->budget);
    pthread_mutex_lock(&rules->lock);
    bool stays = plenty && rules->idle_room + b->room <= IDLE_MOST;
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
    if (b->rules->variants != NULL)
        hunch_variants_back(b->rules->variants, &b->trial, false); /* it may have failed */
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

/* Where records begin, and around[i]: the last record that begins at or before byte
 * i << HUNCH_RECORD_BLOCK, both in one copy from pinned memory: small ones keep the bus from the
 * records of others. */
static hunch_status put_lists(struct hunch_slab *b, struct hunch_error *err)
{
    const uint32_t count = hunch_slab_count(b);
    const size_t around = ((size_t)b->used >> HUNCH_RECORD_BLOCK) + 2,
                 size = (b->start.count + around) * sizeof(uint32_t);
    hunch_status status = HUNCH_OK;
    if (size > b->on_device.lists.size)
        status = hunch_slab_grow(b, &b->on_device.lists, false, 2 * size, err);
    if (status == HUNCH_OK && size > b->host.lists.size)
        status = hunch_slab_grow(b, &b->host.lists, true, 2 * size, err);
    if (status != HUNCH_OK)
        return status;
    uint32_t *list = b->host.lists.at, record = 0;
    memcpy(list, b->start.items, b->start.count * sizeof *list);
    list += b->start.count;
    for (size_t i = 0; i < around; i++) {
        const uint64_t at = (uint64_t)i << HUNCH_RECORD_BLOCK;
        while (record + 1 < count && b->start.items[record + 1] <= at)
            record++;
        list[i] = at > b->used ? count - 1 : record;
    }
    return b->device->kind->put(b->device, b->stream, b->on_device.lists.at, b->host.lists.at, size,
                                err);
}

/* The records' bytes to where kernels read them, with zeros behind. */
static hunch_status send_bytes(struct hunch_slab *b, struct hunch_error *err)
{
    const struct hunch_device_kind *kind = b->device->kind;
    size_t all = hunch_slab_padded(b->used);
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
    hunch_status status = HUNCH_OK;
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
        status = put_lists(b, err);
    b->searched_at = hunch_clock_ns();
    b->waited_ns = 0;
    if (status == HUNCH_OK)
        status = hunch_slab_search(b, order->depth, err);
    return status == HUNCH_OK ? hunch_slab_ask_names(b, err) : status;
}
