/* scan_device.c: a job whose records go through the device together: it searches them and confirms
 * what it can, the host decides what is left. When the device fails, the scan goes on without it,
 * and says so. */
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "scan.h"

enum { RESIDENT_MOST = 1 << 30 }; /* bytes of resident records of one dispatch, or one larger one */

static void leave_device(struct hunch_scan *scan, const struct hunch_error *why)
{
    pthread_mutex_lock(&scan->lock);
    if (scan->device_problem[0] == '\0')
        snprintf(scan->device_problem, sizeof scan->device_problem, "%.110s; %s", why->message,
                 scan->options.resident ? "records on it were left out" : "the host went on alone");
    pthread_mutex_unlock(&scan->lock);
    atomic_store(&scan->device_lost, true);
}

hunch_status hunch_scan_open_device(struct hunch_scan *scan, struct hunch_error *err)
{
    struct hunch_device *device;
    hunch_status status = hunch_engine_device(scan->rules->engine, &device, err);
    if (status != HUNCH_OK)
        return status;
    if (scan->own_plan != NULL) {
        status = hunch_device_rules_new(device, scan->plan, &scan->own_on_device, err);
        scan->on_device = scan->own_on_device;
    } else {
        status = hunch_rules_on_device(scan->rules, device, &scan->on_device, err);
    }
    if (status == HUNCH_OK || scan->options.resident)
        return status;
    scan->on_device = NULL; /* it is there, and has no room: the answer is the same without */
    leave_device(scan, err);
    return HUNCH_OK;
}

/* The record's hits are known. */
static hunch_status decide(struct hunch_scan_thread *t, const struct hunch_item *item,
                           uint32_t record, struct hunch_error *err)
{
    struct hunch_scan *scan = t->scan;
    struct hunch_record_source source;
    uint32_t size, count;
    const uint8_t *bytes = hunch_slab_record(t->slab, record, &size);
    const struct hunch_use_hit *hit = hunch_slab_hits(t->slab, record, &count);
    struct hunch_record_state state = hunch_slab_state(t->slab, record);
    if (state.needed == HUNCH_RECORD_AGAIN)
        return hunch_scan_within(t, item, bytes, size, err);
    hunch_source_memory(&source, bytes, size, scan->rules->engine->sizes.window, &scan->stopper);
    hunch_worker_begin(t->worker, item->name, item->name_length, &source.base);
    t->worker->groups_committed = state.committed;
    t->worker->groups_speculated = state.speculated;
    for (uint32_t i = 0; i < count; i++)
        hunch_worker_hit(t->worker, &scan->plan->use[hit[i].use], hit[i].at);
    t->worker->hit_count += count;
    t->worker->lap = hunch_clock_ns();
    return hunch_scan_conclude(t, item, &source, size, err);
}

/* The record is where the host cannot look. */
static hunch_status lose_resident(struct hunch_scan_thread *t, const struct hunch_item *item,
                                  struct hunch_error *err)
{
    return hunch_scan_lose(t, item, HUNCH_REASON_UNREADABLE,
                           "it lies on a device that failed, or has no room to search it", err);
}

/* Room for resident records of one dispatch: it takes tables that grow with it. */
static uint32_t resident_room(const struct hunch_scan *scan)
{
    uint64_t total = 0, largest = 0;
    for (size_t i = 0; i < scan->record_count; i++) {
        total += scan->records[i].size;
        if (scan->records[i].size > largest)
            largest = scan->records[i].size;
    }
    uint64_t room = total < RESIDENT_MOST ? total : RESIDENT_MOST;
    room = room < largest ? largest : room;
    return room < HUNCH_SLAB_MOST ? (uint32_t)room : HUNCH_SLAB_MOST;
}

/* Sends what the slab holds and decides it. */
static hunch_status flush(struct hunch_scan_thread *t, struct hunch_job *job,
                          struct hunch_error *err)
{
    struct hunch_scan *scan = t->scan;
    struct hunch_error why = {0};
    uint32_t count = t->slab ? hunch_slab_count(t->slab) : 0;
    if (count == 0)
        return HUNCH_OK;
    uint64_t total = 0, tiles = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t size = hunch_slab_size(t->slab, i);
        total += size;
        tiles += hunch_dispatch_tiles(scan, size);
    }
    hunch_status status = hunch_dispatch_begin(t, HUNCH_PLACE_BACKEND, total, tiles, err);
    if (status != HUNCH_OK)
        return status;
    uint64_t began = hunch_clock_ns();
    struct hunch_slab_order order = {.depth = HUNCH_SLAB_RESULTS, .tile_size = scan->tile_size};
    for (uint32_t g = 0; g < HP_GROUP_COUNT; g++) {
        order.serial |= (uint32_t)(t->dispatch.route[g] == HUNCH_ROUTE_SERIAL) << g;
        order.fused |= (uint32_t)(t->dispatch.route[g] == HUNCH_ROUTE_FUSED) << g;
    }
    hunch_status sent = hunch_slab_send(t->slab, &order, &why);
    if (sent == HUNCH_OK)
        sent = hunch_slab_receive(t->slab, &why);
    if (sent == HUNCH_OK && scan->options.resident)
        sent = hunch_slab_bring(t->slab, &why);
    uint64_t found = hunch_clock_ns();
    bool lost = sent != HUNCH_OK;
    t->dispatch.prefilter_ns = found - began;
    if (lost) {
        leave_device(scan, &why);
        status = hunch_dispatch_end(t, false, err); /* records are the host's from here on */
    }
    for (uint32_t i = 0; i < count && status == HUNCH_OK; i++) {
        if (hunch_scan_stopped(scan))
            break;
        const struct hunch_item *item = &job->item.items[t->in_slab.items[i]];
        if (!lost) {
            status = decide(t, item, i, err);
        } else if (scan->options.resident) {
            status = lose_resident(t, item, err);
        } else {
            uint32_t size;
            const uint8_t *bytes = hunch_slab_record(t->slab, i, &size);
            status = hunch_scan_bytes(t, item, bytes, size, err);
        }
    }
    if (status == HUNCH_OK && !lost)
        status = hunch_dispatch_end(t, !hunch_scan_stopped(scan), err);
    hunch_scan_add(&scan->prefilter_ns, found - began);
    hunch_scan_add(&scan->confirm_ns, hunch_clock_ns() - found);
    hunch_slab_clear(t->slab);
    t->in_slab.count = 0;
    return status;
}

/* Puts the item's bytes into the batch; *taken false: it cannot take it. */
static hunch_status put(struct hunch_scan_thread *t, struct hunch_job *job, size_t index,
                        bool *taken, struct hunch_error *err)
{
    struct hunch_scan *scan = t->scan;
    const struct hunch_item *item = &job->item.items[index];
    uint32_t room, size = 0;
    uint8_t *place = hunch_slab_place(t->slab, &room);
    *taken = false;
    if (scan->options.resident) {
        if (item->size > HUNCH_SLAB_MOST || !hunch_vec_reserve(scan->a, &t->in_slab, 1) ||
            !hunch_slab_add_resident(t->slab, item->bytes, (uint32_t)item->size,
                                     scan->options.resident == HUNCH_RESIDENT_IN_PLACE))
            return HUNCH_OK;
        t->in_slab.items[t->in_slab.count++] = index;
        *taken = true;
        return HUNCH_OK;
    }
    if (item->kind == HUNCH_ITEM_BYTES) {
        if (item->size > room)
            return HUNCH_OK;
        size = (uint32_t)item->size;
        if (size > 0)
            memcpy(place, item->bytes, size);
    } else if (item->kind == HUNCH_ITEM_FILE && room > 0) {
        struct hunch_read r;
        uint64_t began = hunch_clock_ns();
        hunch_read_file(hunch_dir_fd(item->dir), item->name + item->base,
                        item->follow ? HUNCH_READ_FOLLOW : 0, scan->options.max_file_size, place,
                        room, &r);
        hunch_scan_add(&scan->read_ns, hunch_clock_ns() - began);
        if (r.fd >= 0)
            close(r.fd);
        if (r.state != HUNCH_READ_WHOLE)
            return HUNCH_OK;
        size = (uint32_t)r.size;
    } else {
        return HUNCH_OK;
    }
    if (!hunch_vec_push(scan->a, &t->in_slab, index))
        return hunch_fail_memory(err, sizeof index, "a slab");
    *taken = true;
    return hunch_slab_add(t->slab, size, err);
}

hunch_status hunch_scan_job_on_device(struct hunch_scan_thread *t, struct hunch_job *job,
                                      struct hunch_error *err)
{
    struct hunch_scan *scan = t->scan;
    struct hunch_error why = {0};
    hunch_status status = HUNCH_OK;
    bool resident = scan->options.resident != HUNCH_RESIDENT_NO;
    uint32_t room = resident ? resident_room(scan) : (uint32_t)scan->rules->engine->sizes.slab;
    if (t->slab == NULL && !atomic_load(&scan->device_lost) &&
        hunch_slab_take(scan->on_device, t->number % HUNCH_DEVICE_STREAMS, room, resident, &t->slab,
                        &why) != HUNCH_OK)
        leave_device(scan, &why);
    for (size_t i = 0; i < job->item.count && status == HUNCH_OK; i++) {
        bool taken = false;
        if (hunch_scan_stopped(scan))
            break;
        if (!atomic_load(&scan->device_lost))
            status = put(t, job, i, &taken, err);
        if (status == HUNCH_OK && !taken && t->slab && hunch_slab_count(t->slab) > 0) {
            status = flush(t, job, err);
            if (status == HUNCH_OK && !atomic_load(&scan->device_lost))
                status = put(t, job, i, &taken, err);
        }
        if (hunch_scan_stopped(scan))
            break;
        if (status == HUNCH_OK && !taken) /* too large, not there, or no record at all */
            status = resident ? lose_resident(t, &job->item.items[i], err)
                              : hunch_scan_item(t, &job->item.items[i], err);
    }
    if (status == HUNCH_OK)
        status = flush(t, job, err);
    return status;
}
