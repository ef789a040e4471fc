/* scan_device.c: a job whose records go through the device together: it searches them and confirms
 * what it can, the host decides what is left. When the device fails, the scan goes on without it,
 * and says so. */
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "graph_scan.h"
#include "scan.h"

enum {
    JOBS_A_THREAD = 2, /* of resident records, of these sizes */
    JOB_LEAST = 32 << 20,
    JOB_MOST = 256 << 20,
    ROOM_LEAST = 1 << 20, /* bytes of records that go to a device together, where it has little */
    REMOTE_WINDOW = 64 << 10, /* bytes that are read of a resident record at a time */
    PINNED_LEAST = 4 << 10    /* bytes of a record for which it is asked whether they are pinned */
};

struct hunch_device *hunch_scan_solver(struct hunch_scan *scan)
{
    if (atomic_load(&scan->device_lost))
        return NULL;
    if (scan->on_device != NULL)
        return scan->on_device->device;
    return scan->automatic ? scan->rules->engine->device : NULL;
}

void hunch_scan_leave_device(struct hunch_scan *scan, const struct hunch_error *why)
{
    pthread_mutex_lock(&scan->lock);
    if (!atomic_exchange(&scan->device_lost, true)) /* more than what is said so far, if anything */
        snprintf(scan->device_problem, sizeof scan->device_problem, "%.110s; %s", why->message,
                 scan->options.resident ? "records on it were left out" : "the host went on alone");
    pthread_mutex_unlock(&scan->lock);
}

void hunch_scan_without_device(struct hunch_scan *scan, const struct hunch_error *why,
                               const char *what)
{
    pthread_mutex_lock(&scan->lock);
    if (scan->device_problem[0] == '\0')
        snprintf(scan->device_problem, sizeof scan->device_problem, "%.110s; %s", why->message,
                 what);
    pthread_mutex_unlock(&scan->lock);
}

/* Room for resident records of one dispatch, for which tables are taken that grow with it, and the
 * least that holds each of them; what a job has of them, too. While a thread decides, the device
 * works for others: so each gets several jobs, unless what starting one takes (about 0.1 ms, in
 * which a device searches JOB_LEAST) would count. */
static uint32_t resident_room(struct hunch_scan *scan, uint32_t *least)
{
    uint64_t total = 0, largest = ROOM_LEAST;
    for (size_t i = 0; i < scan->record_count; i++) {
        total += scan->records[i].size;
        if (scan->records[i].size > largest)
            largest = scan->records[i].size;
    }
    const uint64_t share = total / (JOBS_A_THREAD * (uint64_t)scan->threads);
    scan->resident_job = share < JOB_LEAST ? JOB_LEAST : share > JOB_MOST ? JOB_MOST : share;
    uint64_t most = scan->resident_job + largest; /* for a job ends with a whole record */
    uint64_t room = total < most ? total : most;
    *least = largest < HUNCH_SLAB_MOST ? (uint32_t)largest : HUNCH_SLAB_MOST;
    return room < HUNCH_SLAB_MOST ? (uint32_t)room : HUNCH_SLAB_MOST;
}

static uint32_t wanted_room(struct hunch_scan *scan, uint32_t *least)
{
    *least = ROOM_LEAST;
    return scan->options.resident ? resident_room(scan, least)
                                  : (uint32_t)scan->rules->engine->sizes.slab;
}

unsigned hunch_scan_share_device(struct hunch_scan *scan, struct hunch_device_rules *rules)
{
    struct hunch_device_budget *budget = &rules->device->budget;
    const bool resident = scan->options.resident != HUNCH_RESIDENT_NO;
    uint32_t least, room = wanted_room(scan, &least);
    uint64_t left = hunch_device_budget_left(budget);
    if (left / scan->threads < hunch_slab_takes(rules, room, resident)) {
        hunch_slab_free_idle(rules);
        left = hunch_device_budget_left(budget);
    }
    while (room > least && left / scan->threads < hunch_slab_takes(rules, room, resident))
        room = room / 2 > least ? room / 2 : least;
    const uint64_t threads = left / hunch_slab_takes(rules, room, resident);
    scan->slab_least = least;
    scan->slab_most = room;
    return threads < scan->threads ? (unsigned)threads : scan->threads;
}

hunch_status hunch_scan_device_rules(struct hunch_scan *scan, struct hunch_device_rules **rules,
                                     struct hunch_error *err)
{
    struct hunch_device *device;
    hunch_status status = hunch_engine_device(scan->rules->engine, &device, err);
    if (status != HUNCH_OK)
        return status;
    if (scan->own_plan == NULL)
        return hunch_rules_on_device(scan->rules, device, rules, err);
    status = hunch_device_rules_new(device, scan->plan, &scan->own_on_device, err);
    *rules = scan->own_on_device;
    if (status == HUNCH_OK)
        scan->own_on_device->variants = hunch_rules_variants(scan->rules, scan->own_on_device);
    return status;
}

hunch_status hunch_scan_open_device(struct hunch_scan *scan, struct hunch_error *err)
{
    struct hunch_device *device;
    hunch_status status = hunch_engine_device(scan->rules->engine, &device, err);
    if (status != HUNCH_OK)
        return status;
    status = hunch_scan_device_rules(scan, &scan->on_device, err);
    if (status == HUNCH_OK || scan->options.resident)
        return status;
    scan->on_device = NULL; /* it is there, and has no room: the answer is the same without */
    hunch_scan_leave_device(scan, err);
    return HUNCH_OK;
}

/* Where the host reads the record. */
static hunch_status open_source(struct hunch_scan_thread *t, uint32_t record,
                                struct hunch_record_source *source, struct hunch_error *err)
{
    const size_t window = t->scan->rules->engine->sizes.window;
    uint32_t size = hunch_slab_size(t->slab, record);
    if (!t->scan->options.resident) {
        hunch_source_memory(source, hunch_slab_record(t->slab, record, &size), size, window,
                            &t->scan->stopper);
        return HUNCH_OK;
    }
    hunch_status status = hunch_scan_window(t, err);
    if (status == HUNCH_OK)
        hunch_source_remote(source, hunch_slab_remote(t->slab, record), size, t->window,
                            window < REMOTE_WINDOW ? window : REMOTE_WINDOW, &t->scan->stopper);
    return status;
}

/* The record's hits are known. */
static hunch_status decide(struct hunch_scan_thread *t, const struct hunch_item *item,
                           uint32_t record, struct hunch_record_state state,
                           struct hunch_error *err)
{
    struct hunch_scan *scan = t->scan;
    struct hunch_record_source source;
    uint32_t size = hunch_slab_size(t->slab, record), count;
    if (state.needed == HUNCH_RECORD_AGAIN)
        return hunch_scan_within(t, item, hunch_slab_record(t->slab, record, &size), size, err);
    hunch_status status = open_source(t, record, &source, err);
    if (status != HUNCH_OK)
        return status;
    const struct hunch_kept_hit *hit = hunch_slab_hits(t->slab, record, &count);
    hunch_worker_begin(t->worker, item->name, item->name_length, &source.base);
    t->worker->groups_committed = state.committed;
    t->worker->groups_speculated = state.speculated;
    for (uint32_t i = 0; i < count; i++) {
        const struct hunch_hit_verdict *verdict = &hit[i].verdict;
        struct hunch_known known = {verdict->start, verdict->end,
                                    verdict->kind == HUNCH_HIT_REJECTED, verdict->captured > 0,
                                    hit[i].captured};
        hunch_worker_hit(t->worker, &scan->plan->use[hit[i].hit.use], hit[i].hit.at,
                         known.end > 0 ? &known : NULL);
    }
    for (uint32_t n = 0, pattern; hunch_slab_absent(t->slab, record, &n, &pattern);)
        hunch_worker_absent(t->worker, pattern);
    t->worker->hit_count += count;
    t->worker->lap = hunch_clock_ns();
    return hunch_scan_conclude(t, item, &source, size, err);
}

/* All records of the slab, until the scan is ended. Those of which nothing is reported are many,
 * and counted together. */
static hunch_status decide_all(struct hunch_scan_thread *t, const struct hunch_job *job,
                               struct hunch_error *err)
{
    struct hunch_scan *scan = t->scan;
    uint64_t silent = 0, silent_bytes = 0, again = 0;
    const uint64_t before = t->bytes;
    hunch_status status = HUNCH_OK;
    for (uint32_t i = 0, n = hunch_slab_count(t->slab); i < n && status == HUNCH_OK; i++) {
        struct hunch_record_state state = hunch_slab_state(t->slab, i);
        struct hunch_item room;
        const struct hunch_item *item = hunch_job_item(job, t->in_slab.items[i], &room);
        if (hunch_scan_stopped(scan))
            break;
        if (hunch_graph_scan_record(scan->graph, item) != NULL)
            state.needed = HUNCH_RECORD_AGAIN; /* the host has what graph rules found in it */
        if (state.needed == HUNCH_RECORD_SILENT) {
            uint32_t size = hunch_slab_size(t->slab, i);
            hunch_dispatch_record(t, size, state.committed, state.speculated);
            silent_bytes += size;
            silent++;
        } else {
            const uint64_t so_far = t->bytes;
            status = decide(t, item, i, state, err);
            again += state.needed == HUNCH_RECORD_AGAIN ? t->bytes - so_far : 0;
        }
    }
    t->bytes += silent_bytes;
    t->totals.bytes += silent_bytes;
    t->totals.records += silent;
    hunch_scan_add(&scan->device_bytes, t->bytes - before - again);
    return status;
}

/* The record is where the host cannot look. */
static hunch_status lose_resident(struct hunch_scan_thread *t, const struct hunch_item *item,
                                  struct hunch_error *err)
{
    return hunch_scan_lose(t, item, HUNCH_REASON_UNREADABLE,
                           "it lies on a device that failed, or has no room to search it", err);
}

/* The device failed: the host goes on, where it can read the records. */
static hunch_status help_out(struct hunch_scan_thread *t, const struct hunch_job *job,
                             struct hunch_error *err)
{
    hunch_status status = HUNCH_OK;
    for (uint32_t i = 0, n = hunch_slab_count(t->slab); i < n && status == HUNCH_OK; i++) {
        struct hunch_item room;
        const struct hunch_item *item = hunch_job_item(job, t->in_slab.items[i], &room);
        uint32_t size;
        if (hunch_scan_stopped(t->scan))
            break;
        if (t->scan->options.resident) {
            status = lose_resident(t, item, err);
        } else {
            const uint8_t *bytes = hunch_slab_record(t->slab, i, &size);
            status = hunch_scan_bytes(t, item, bytes, size, err);
        }
    }
    return status;
}

/* The thread's slab: as large as the device has room for. */
static hunch_status take_slab(struct hunch_scan_thread *t, struct hunch_error *err)
{
    struct hunch_scan *scan = t->scan;
    bool resident = scan->options.resident != HUNCH_RESIDENT_NO;
    uint32_t least = scan->slab_least, room = scan->slab_most;
    for (;;) {
        hunch_status status = hunch_slab_take(scan->on_device, t->number % HUNCH_DEVICE_STREAMS,
                                              room, resident, &t->slab, err);
        if (status != HUNCH_ERROR_MEMORY || room <= least)
            return status;
        room = room / 2 > least ? room / 2 : least;
    }
}

/* A pattern gets half of the room that there is for occurrences at least. */
static uint32_t hits_most(const struct hunch_scan *scan)
{
    const size_t most = scan->rules->engine->sizes.spans_most / 2;
    return most < UINT32_MAX ? (uint32_t)most : UINT32_MAX;
}

struct naming {
    struct hunch_scan_thread *thread;
    const struct hunch_job *job;
};

static bool is_named(void *ctx, uint32_t record)
{
    const struct naming *n = ctx;
    struct hunch_item room;
    const struct hunch_item *item = hunch_job_item(n->job, n->thread->in_slab.items[record], &room);
    return hunch_worker_named(n->thread->worker, item->name, item->name_length);
}

/* Sends what the slab holds and decides it. */
static hunch_status flush(struct hunch_scan_thread *t, const struct hunch_job *job,
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
    struct naming naming = {t, job};
    struct hunch_slab_order order = {.depth = HUNCH_SLAB_RESULTS,
                                     .tile_size = scan->tile_size,
                                     .hits_most = hits_most(scan),
                                     .named = is_named,
                                     .ctx = &naming};
    for (uint32_t g = 0; g < HP_GROUP_COUNT; g++) {
        order.serial |= (uint32_t)(t->dispatch.route[g] == HUNCH_ROUTE_SERIAL) << g;
        order.fused |= (uint32_t)(t->dispatch.route[g] == HUNCH_ROUTE_FUSED) << g;
    }
    hunch_status sent = hunch_slab_send(t->slab, &order, &why);
    if (sent == HUNCH_OK)
        sent = hunch_slab_receive(t->slab, &why);
    struct hunch_slab_cost cost = {0};
    if (sent == HUNCH_OK)
        cost = hunch_slab_cost(t->slab);
    if (sent == HUNCH_OK && scan->options.resident)
        sent = hunch_slab_bring(t->slab, &why);
    uint64_t found = hunch_clock_ns();
    bool lost = sent != HUNCH_OK;
    t->dispatch.prefilter_ns = found - began;
    t->dispatch.busy_ns = cost.busy_ns;
    t->dispatch.host_ns = cost.host_ns;
    if (!lost) {
        status = decide_all(t, job, err);
        if (hunch_slab_problem(t->slab) != NULL)
            hunch_scan_leave_device(scan, hunch_slab_problem(t->slab));
        if (status == HUNCH_OK)
            status = hunch_dispatch_end(t, !hunch_scan_stopped(scan), err);
        hunch_slab_learn(t->slab);
    } else {
        hunch_scan_leave_device(scan, &why);
        status = hunch_dispatch_end(t, false, err); /* records are the host's from here on */
        if (status == HUNCH_OK)
            status = help_out(t, job, err);
    }
    hunch_scan_add(&scan->prefilter_ns, found - began);
    hunch_scan_add(&scan->confirm_ns, hunch_clock_ns() - found);
    hunch_slab_clear(t->slab);
    t->in_slab.count = 0;
    return status;
}

/* The caller's bytes are copied from where they are, if that can be done. */
static bool put_pinned(struct hunch_scan_thread *t, const struct hunch_item *item)
{
    const struct hunch_device *d = t->scan->on_device->device;
    const uint8_t *bytes = item->bytes;
    if (bytes < t->pinned || bytes >= t->pinned + t->pinned_size) {
        const void *start = NULL;
        if (item->size < PINNED_LEAST)
            return false; /* asking takes as long as copying */
        t->pinned_size = d->kind->pinned(t->scan->on_device->device, bytes, &start);
        t->pinned = start;
    }
    return t->pinned_size > 0 && bytes >= t->pinned &&
           item->size <= (size_t)(t->pinned + t->pinned_size - bytes) &&
           hunch_slab_add_pinned(t->slab, t->pinned, bytes, (uint32_t)item->size);
}

/* Puts the item's bytes into the batch; *taken false: it cannot take it. */
static hunch_status put(struct hunch_scan_thread *t, const struct hunch_job *job, size_t index,
                        bool *taken, struct hunch_error *err)
{
    struct hunch_scan *scan = t->scan;
    struct hunch_item of_record;
    const struct hunch_item *item = hunch_job_item(job, index, &of_record);
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
        if (!hunch_vec_reserve(scan->a, &t->in_slab, 1))
            return hunch_fail_memory(err, sizeof index, "a slab");
        *taken = put_pinned(t, item);
        if (*taken) {
            t->in_slab.items[t->in_slab.count++] = index;
            return HUNCH_OK;
        }
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
    atomic_fetch_add(&scan->on_device->device->jobs, 1);
    if (t->slab == NULL && !atomic_load(&scan->device_lost) && take_slab(t, &why) != HUNCH_OK)
        hunch_scan_leave_device(scan, &why);
    for (size_t i = 0; i < hunch_job_count(job) && status == HUNCH_OK; i++) {
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
        if (status == HUNCH_OK && !taken) { /* too large, not there, or no record at all */
            struct hunch_item room_of;
            const struct hunch_item *item = hunch_job_item(job, i, &room_of);
            status = resident ? lose_resident(t, item, err) : hunch_scan_item(t, item, err);
        }
    }
    if (status == HUNCH_OK)
        status = flush(t, job, err);
    atomic_fetch_sub(&scan->on_device->device->jobs, 1);
    return status;
}
