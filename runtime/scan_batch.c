/* scan_batch.c: records that a thread has together in the host's memory: one dispatch. They are
 * read or pointed at one after the other, then run by the routes of their groups:
 *
 *   no group is serial   record by record: literals, then gates and stages while it is hot
 *   some group is        the literals of all records first, hits put aside (kept.h); then the gates
 *                        of the serial groups, of all records; then the stages, of the records that
 *                        have a rule left. Groups on other routes are decided in this last pass
 *
 * Where hits are so many that they cannot all be put aside, the dispatch runs in parts. */
#include "clock.h"
#include "graph_scan.h"
#include "scan.h"

#include <string.h>
#include <unistd.h>

/* ---- one record ---- */

/* The worker begins the record. */
static hunch_status begin(struct hunch_scan_thread *t, const struct hunch_batched *b,
                          struct hunch_record_source *source, struct hunch_error *err)
{
    hunch_source_memory(source, b->bytes, b->size, t->scan->rules->engine->sizes.window,
                        &t->scan->stopper);
    hunch_worker_begin(t->worker, b->item->name, b->item->name_length, &source->base);
    return hunch_worker_graph(t->worker, hunch_graph_scan_record(t->scan->graph, b->item), err);
}

/* Literals of all tiles; *ended: the scan was, a gate that saw a part of the record says nothing.
 */
static hunch_status find(struct hunch_scan_thread *t, const struct hunch_batched *b,
                         struct hunch_record_source *source, bool *ended, struct hunch_error *err)
{
    const struct hunch_scan *scan = t->scan;
    uint64_t size = b->size, behind = scan->rules->longest_literal + HUNCH_SLICE_BEHIND;
    for (uint64_t low = 0; low < size; low += scan->tile_size) {
        uint64_t high = size - low < scan->tile_size ? size : low + scan->tile_size;
        uint64_t first = low < HUNCH_SLICE_BEFORE ? 0 : low - HUNCH_SLICE_BEFORE;
        uint64_t last = size - high < behind ? size : high + behind;
        *ended = hunch_source_cancelled(&source->base);
        if (*ended)
            return HUNCH_OK;
        hunch_status status =
            hunch_worker_slice(t->worker, t->kind, t->matcher, t->scratch, b->bytes + first,
                               (size_t)(last - first), first, low, high, err);
        if (status != HUNCH_OK)
            return status;
    }
    *ended = false;
    return HUNCH_OK;
}

/* ---- the routes ---- */

static hunch_status run_each(struct hunch_scan_thread *t, struct hunch_error *err)
{
    struct hunch_scan *scan = t->scan;
    hunch_status status = HUNCH_OK;
    uint64_t now = hunch_clock_ns(), confirm_ns = 0;
    for (size_t i = 0; i < t->batch.count && status == HUNCH_OK; i++) {
        const struct hunch_batched *b = &t->batch.items[i];
        struct hunch_record_source source;
        bool ended = false;
        if (hunch_scan_stopped(scan))
            break;
        status = begin(t, b, &source, err);
        if (status == HUNCH_OK)
            status = find(t, b, &source, &ended, err);
        uint64_t found = hunch_clock_ns();
        t->dispatch.prefilter_ns += found - now;
        t->worker->lap = found;
        if (status == HUNCH_OK && ended)
            status = hunch_scan_lose_rest(t, b->item, err);
        else if (status == HUNCH_OK)
            status = hunch_scan_conclude(t, b->item, &source, b->size, err);
        now = hunch_clock_ns();
        confirm_ns += now - found;
    }
    hunch_scan_add(&scan->confirm_ns, confirm_ns);
    return status;
}

/* Literals of the records from `from` on, as many as can be put aside: *to is behind the last. */
static hunch_status find_part(struct hunch_scan_thread *t, size_t from, size_t *to,
                              struct hunch_error *err)
{
    size_t most = t->scan->rules->engine->sizes.hits_most;
    hunch_status status = HUNCH_OK;
    bool ended = false;
    uint64_t began = hunch_clock_ns();
    hunch_kept_clear(t->scan->a, &t->kept);
    for (*to = from; status == HUNCH_OK && *to < t->batch.count && !ended &&
                     (*to == from || t->kept.hit.count < most);) {
        const struct hunch_batched *b = &t->batch.items[*to];
        struct hunch_record_source source;
        if (hunch_scan_stopped(t->scan))
            break;
        status = begin(t, b, &source, err);
        if (status == HUNCH_OK)
            status = find(t, b, &source, &ended, err);
        if (status == HUNCH_OK)
            status = hunch_kept_add(&t->kept, t->worker, err);
        ++*to;
    }
    t->dispatch.prefilter_ns += hunch_clock_ns() - began;
    return status;
}

/* The record's hits come back; what that takes is time of the serial route. */
static hunch_status resume(struct hunch_scan_thread *t, const struct hunch_batched *b, size_t kept,
                           struct hunch_record_source *source, struct hunch_error *err)
{
    uint64_t began = hunch_clock_ns();
    hunch_status status = begin(t, b, source, err);
    if (status == HUNCH_OK)
        status = hunch_kept_take(&t->kept, kept, t->worker, err);
    t->worker->lap = hunch_clock_ns();
    t->dispatch.waiting_ns += t->worker->lap - began;
    return status;
}

/* The gates of the serial groups, of records [from, to). */
static hunch_status ask_gates(struct hunch_scan_thread *t, size_t from, size_t to,
                              struct hunch_error *err)
{
    hunch_status status = HUNCH_OK;
    for (size_t i = from; i < to && status == HUNCH_OK; i++) {
        struct hunch_record_source source;
        if (!hunch_kept_open(&t->kept, i - from))
            continue;
        status = resume(t, &t->batch.items[i], i - from, &source, err);
        if (status == HUNCH_OK)
            status = hunch_worker_gates(t->worker, err);
        if (status == HUNCH_OK)
            hunch_kept_verdicts(&t->kept, i - from, t->worker);
    }
    return status == HUNCH_ERROR_CANCELLED ? HUNCH_OK : status;
}

static hunch_status run_part(struct hunch_scan_thread *t, size_t from, size_t *to,
                             struct hunch_error *err)
{
    struct hunch_scan *scan = t->scan;
    hunch_status status = find_part(t, from, to, err);
    uint64_t began = hunch_clock_ns();
    if (status == HUNCH_OK)
        status = ask_gates(t, from, *to, err);
    for (size_t i = from; i < *to && status == HUNCH_OK; i++) {
        const struct hunch_batched *b = &t->batch.items[i];
        struct hunch_record_source source;
        if (hunch_scan_stopped(scan)) {
            status = hunch_scan_lose_rest(t, b->item, err);
        } else if (!hunch_kept_open(&t->kept, i - from)) {
            hunch_scan_pass_over(t, b->size);
        } else {
            status = resume(t, b, i - from, &source, err);
            if (status == HUNCH_OK)
                status = hunch_scan_conclude(t, b->item, &source, b->size, err);
        }
    }
    hunch_scan_add(&scan->confirm_ns, hunch_clock_ns() - began);
    return status;
}

static hunch_status run_serial(struct hunch_scan_thread *t, struct hunch_error *err)
{
    hunch_status status = HUNCH_OK;
    for (size_t from = 0; status == HUNCH_OK && from < t->batch.count;) {
        size_t to;
        if (hunch_scan_stopped(t->scan))
            break;
        status = run_part(t, from, &to, err);
        from = to;
    }
    return status;
}

/* Runs what is there, as one dispatch. */
static hunch_status flush(struct hunch_scan_thread *t, struct hunch_error *err)
{
    struct hunch_scan *scan = t->scan;
    uint64_t bytes = 0, tiles = 0;
    bool serial = false;
    if (t->batch.count == 0)
        return HUNCH_OK;
    for (size_t i = 0; i < t->batch.count; i++) {
        bytes += t->batch.items[i].size;
        tiles += hunch_dispatch_tiles(scan, t->batch.items[i].size);
    }
    hunch_status status = hunch_scan_matcher(t, err);
    if (status == HUNCH_OK)
        status = hunch_dispatch_begin(t, hunch_scan_host(t), bytes, tiles, err);
    for (uint32_t g = 0; g < HP_GROUP_COUNT; g++)
        serial |= (scan->groups & 1u << g) && t->dispatch.route[g] == HUNCH_ROUTE_SERIAL;
    if (status == HUNCH_OK)
        status = serial ? run_serial(t, err) : run_each(t, err);
    hunch_scan_add(&scan->prefilter_ns, t->dispatch.prefilter_ns);
    if (status == HUNCH_OK)
        status = hunch_dispatch_end(t, !hunch_scan_stopped(scan), err);
    t->batch.count = t->batch_used = 0;
    return status;
}

hunch_status hunch_scan_within(struct hunch_scan_thread *t, const struct hunch_item *item,
                               const uint8_t *bytes, size_t size, struct hunch_error *err)
{
    const struct hunch_batched b = {item, bytes, size};
    struct hunch_record_source source;
    bool ended = false;
    uint64_t began = hunch_clock_ns();
    hunch_status status = hunch_scan_matcher(t, err);
    if (status == HUNCH_OK)
        status = begin(t, &b, &source, err);
    if (status == HUNCH_OK)
        status = find(t, &b, &source, &ended, err);
    t->worker->lap = hunch_clock_ns();
    t->dispatch.prefilter_ns += t->worker->lap - began;
    if (status == HUNCH_OK && ended)
        return hunch_scan_lose_rest(t, item, err);
    return status == HUNCH_OK ? hunch_scan_conclude(t, item, &source, size, err) : status;
}

/* ---- filling ---- */

static hunch_status put(struct hunch_scan_thread *t, const struct hunch_item *item,
                        const uint8_t *bytes, size_t size, struct hunch_error *err)
{
    struct hunch_batched b = {item, bytes, size};
    if (!hunch_vec_push(t->scan->a, &t->batch, b))
        return hunch_fail_memory(err, sizeof b, "a batch");
    return HUNCH_OK;
}

hunch_status hunch_scan_bytes(struct hunch_scan_thread *t, const struct hunch_item *item,
                              const uint8_t *bytes, size_t size, struct hunch_error *err)
{
    hunch_status status = put(t, item, bytes, size, err);
    return status == HUNCH_OK ? flush(t, err) : status;
}

/* Into the room that is left in the buffer, if the file fits; *known false: nothing can be said
 * before the batch is out. */
static hunch_status put_beside(struct hunch_scan_thread *t, const struct hunch_item *item,
                               struct hunch_read *r, bool *known, struct hunch_error *err)
{
    uint8_t *place = t->batch_buffer.bytes + t->batch_used;
    uint64_t began = hunch_clock_ns();
    hunch_read_file(hunch_dir_fd(item->dir), item->name + item->base,
                    item->follow ? HUNCH_READ_FOLLOW : 0, t->scan->options.max_file_size, place,
                    t->batch_room - t->batch_used, r);
    hunch_scan_add(&t->scan->read_ns, hunch_clock_ns() - began);
    *known = r->state != HUNCH_READ_LARGE;
    if (r->state == HUNCH_READ_LARGE)
        close(r->fd);
    if (r->state != HUNCH_READ_WHOLE)
        return HUNCH_OK;
    t->batch_used += r->size;
    return put(t, item, place, r->size, err);
}

static hunch_status make_buffer(struct hunch_scan_thread *t, struct hunch_error *err)
{
    const struct hunch_sizes *sizes = &t->scan->rules->engine->sizes;
    size_t room = sizes->batch < sizes->record_most ? sizes->batch : sizes->record_most;
    t->batch_buffer.bytes = hunch_alloc(t->scan->a, room);
    if (t->batch_buffer.bytes == NULL)
        return hunch_fail_memory(err, room, "a batch");
    t->batch_buffer.capacity = t->batch_room = room;
    return HUNCH_OK;
}

static hunch_status add_file(struct hunch_scan_thread *t, const struct hunch_item *item,
                             struct hunch_error *err)
{
    hunch_status status = t->batch_buffer.bytes == NULL ? make_buffer(t, err) : HUNCH_OK;
    struct hunch_read r = {.state = HUNCH_READ_LARGE};
    bool known = false;
    if (status == HUNCH_OK && t->batch.count > 0 && t->batch_used < t->batch_room)
        status = put_beside(t, item, &r, &known, err);
    if (status != HUNCH_OK || r.state == HUNCH_READ_WHOLE)
        return status;
    status = flush(t, err);
    if (status != HUNCH_OK || hunch_scan_stopped(t->scan))
        return status;
    if (!known) /* an empty buffer takes what it can, and may grow */
        status = hunch_scan_read(t, item, &t->batch_buffer, &r, err);
    if (status != HUNCH_OK)
        return status;
    if (r.state != HUNCH_READ_WHOLE)
        return hunch_scan_unread(t, item, &r, err);
    t->batch_used = r.size;
    return put(t, item, t->batch_buffer.bytes, r.size, err);
}

hunch_status hunch_scan_job(struct hunch_scan_thread *t, struct hunch_job *job,
                            struct hunch_error *err)
{
    hunch_status status = HUNCH_OK;
    for (size_t i = 0; i < job->item.count && status == HUNCH_OK; i++) {
        const struct hunch_item *item = &job->item.items[i];
        if (hunch_scan_stopped(t->scan))
            break;
        if (item->kind == HUNCH_ITEM_BYTES) {
            status = put(t, item, item->bytes, (size_t)item->size, err);
        } else if (item->kind == HUNCH_ITEM_FILE) {
            status = add_file(t, item, err);
        } else {
            status = flush(t, err);
            if (status == HUNCH_OK && !hunch_scan_stopped(t->scan))
                status = hunch_scan_item(t, item, err);
        }
    }
    if (status == HUNCH_OK)
        status = flush(t, err);
    t->batch.count = t->batch_used = 0;
    return status;
}
