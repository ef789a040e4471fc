/* scan_record.c: what one thread does with one record: read it when it is large or strange, decide,
 * write the results. Small ones together: scan_batch.c. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "graph_scan.h"
#include "scan.h"
#include "spill.h"

enum { OUT_PART = 128 * 1024 }; /* bytes of results that are passed on together */

/* ---- the thread ---- */

hunch_status hunch_scan_matcher(struct hunch_scan_thread *t, struct hunch_error *err)
{
    const struct hunch_matcher_kind *kind;
    if (t->matcher != NULL &&
        (t->kind == &hunch_matcher_vectorscan || t->scan->backend == HUNCH_BACKEND_REF ||
         atomic_load(&t->scan->rules->fast) == NULL))
        return HUNCH_OK;
    struct hunch_matcher *matcher =
        hunch_rules_matcher(t->scan->rules, t->scan->backend == HUNCH_BACKEND_REF, &kind, err);
    if (matcher == NULL)
        return err->code;
    if (matcher == t->matcher)
        return HUNCH_OK;
    void *scratch = kind->scratch_new(matcher, err);
    if (scratch == NULL)
        return err->code;
    if (t->scratch != NULL)
        t->kind->scratch_free(t->matcher, t->scratch);
    t->kind = kind;
    t->matcher = matcher;
    t->scratch = scratch;
    return HUNCH_OK;
}

hunch_status hunch_scan_thread_init(struct hunch_scan_thread *t, struct hunch_scan *scan,
                                    struct hunch_error *err)
{
    memset(t, 0, sizeof *t);
    t->scan = scan;
    struct hunch_worker_options options = {
        .max_matches = scan->options.max_matches ? scan->options.max_matches : 10000,
        .hits_most = scan->rules->engine->sizes.hits_most,
        .spans_most = scan->rules->engine->sizes.spans_most,
        .matches_most = scan->rules->engine->sizes.matches_most,
        .profile = scan->options.profile,
        .prefilter_only = scan->options.prefilter_only};
    hunch_status status = hunch_worker_new(scan->plan, &options, &t->worker, err);
    if (status == HUNCH_OK && scan->on_device == NULL)
        status = hunch_scan_matcher(t, err);
    return status;
}

void hunch_scan_thread_done(struct hunch_scan_thread *t)
{
    struct hunch_scan *scan = t->scan;
    hunch_scan_count(t);
    if (t->worker != NULL) {
        hunch_scan_add(&scan->hits, t->worker->hit_count);
        if (scan->options.profile) {
            pthread_mutex_lock(&scan->lock);
            for (uint32_t i = 0; i < scan->rules->program->rule_count; i++) {
                scan->cost[i].nanoseconds += t->worker->cost[i].nanoseconds;
                scan->cost[i].candidates += t->worker->cost[i].candidates;
                scan->cost[i].matches += t->worker->cost[i].matches;
            }
            pthread_mutex_unlock(&scan->lock);
        }
    }
    if (t->scratch != NULL)
        t->kind->scratch_free(t->matcher, t->scratch);
    if (atomic_load(&scan->device_lost))
        hunch_slab_free(t->slab);
    else
        hunch_slab_give(scan->on_device, t->slab);
    hunch_vec_free(scan->a, &t->in_slab);
    hunch_vec_free(scan->a, &t->batch);
    hunch_kept_free(scan->a, &t->kept);
    hunch_buffer_free(scan->a, &t->batch_buffer);
    hunch_worker_free(t->worker);
    hunch_buffer_free(scan->a, &t->buffer);
    if (t->window)
        hunch_free(scan->a, t->window, scan->rules->engine->sizes.window);
    hunch_vec_free(scan->a, &t->out);
}

void hunch_scan_count(struct hunch_scan_thread *t)
{
    struct hunch_scan *scan = t->scan;
    hunch_scan_add(&scan->bytes, t->totals.bytes);
    hunch_scan_add(&scan->record_total, t->totals.records);
    hunch_scan_add(&scan->match_total, t->totals.matches);
    hunch_scan_add(&scan->lost_total, t->totals.lost);
    t->totals = (struct hunch_totals){0};
}

/* ---- a record ---- */

hunch_status hunch_scan_lose(struct hunch_scan_thread *t, const struct hunch_item *item,
                             enum hunch_reason reason, const char *detail, struct hunch_error *err)
{
    t->lost++;
    t->totals.lost++;
    return hunch_result_write_lost(t->scan->a, &t->out, item->name, item->name_length, HP_NONE,
                                   reason, detail, err);
}

/* Lines and results of what the worker has found; on failure those stand that were passed on, *next
 * of them. */
static hunch_status write_results(struct hunch_scan_thread *t, size_t *next,
                                  struct hunch_error *err)
{
    uint64_t matches = 0, lost = 0;
    hunch_status status = hunch_worker_lines(t->worker, err);
    *next = 0;
    for (bool more = true; status == HUNCH_OK && more;) {
        status =
            hunch_result_write(t->worker, next, OUT_PART, &more, &t->out, &matches, &lost, err);
        if (status == HUNCH_OK && t->out.count >= OUT_PART)
            status = t->pass_on(t, err);
    }
    t->matches += matches;
    t->lost += lost;
    t->totals.matches += matches;
    t->totals.lost += lost;
    return status;
}

hunch_status hunch_scan_lose_rest(struct hunch_scan_thread *t, const struct hunch_item *item,
                                  struct hunch_error *err)
{
    switch ((enum hunch_stop)atomic_load(&t->scan->stop)) {
    case HUNCH_STOP_DEADLINE:
        return hunch_scan_lose(t, item, HUNCH_REASON_DEADLINE,
                               "the deadline came before it was decided", err);
    case HUNCH_STOP_CANCELLED:
        return hunch_scan_lose(t, item, HUNCH_REASON_CANCELLED,
                               "the scan was ended before it was decided", err);
    default: return HUNCH_OK; /* a failure, which is said as such */
    }
}

/* What is found is written whatever ends the scan meanwhile: counting lines reads the record once
 * more at most. */
static const atomic_int never;
static const struct hunch_stopper nobody = {.stop = &never};

/* A record's matches so far, which are too many to wait for the others. */
static hunch_status pass_matches(struct hunch_worker *w, struct hunch_error *err)
{
    struct hunch_scan_thread *t = w->pass_ctx;
    struct hunch_record_source *source = (struct hunch_record_source *)w->source;
    const struct hunch_stopper *stopper = source->stopper;
    size_t lost = w->lost.count, written;
    source->stopper = &nobody;
    w->lost.count = 0; /* that comes at the end */
    hunch_status status = write_results(t, &written, err);
    w->lost.count = lost;
    source->stopper = stopper;
    w->match.count -= written;
    memmove(w->match.items, w->match.items + written, w->match.count * sizeof *w->match.items);
    return status;
}

hunch_status hunch_scan_conclude(struct hunch_scan_thread *t, const struct hunch_item *item,
                                 struct hunch_record_source *source, uint64_t size,
                                 struct hunch_error *err)
{
    struct hunch_error why;
    size_t written;
    t->worker->pass_on = pass_matches;
    t->worker->pass_ctx = t;
    hunch_status decided = hunch_worker_decide(t->worker, err);
    if (decided != HUNCH_OK && decided != HUNCH_ERROR_IO && decided != HUNCH_ERROR_CANCELLED)
        return decided;
    why = *err;
    source->stopper = &nobody;
    hunch_status status = write_results(t, &written, err);
    if (status == HUNCH_ERROR_IO && decided == HUNCH_OK)
        why = *err;
    else if (status != HUNCH_OK && status != HUNCH_ERROR_IO)
        return status;
    if (decided == HUNCH_ERROR_CANCELLED)
        return hunch_scan_lose_rest(t, item, err);
    t->bytes += size;
    t->totals.bytes += size;
    t->totals.records++;
    hunch_dispatch_record(t, size, t->worker->groups_committed, t->worker->groups_speculated);
    if (decided == HUNCH_OK && status == HUNCH_OK)
        return HUNCH_OK;
    return hunch_scan_lose(t, item, HUNCH_REASON_UNREADABLE, why.message, err);
}

void hunch_scan_pass_over(struct hunch_scan_thread *t, uint64_t size)
{
    t->bytes += size;
    t->totals.bytes += size;
    t->totals.records++;
    hunch_dispatch_record(t, size, 0, 0);
}

/* ---- large files ---- */

/* The next slice of a large file: [*low, *high), or false. */
static bool next_slice(struct hunch_scan *scan, struct hunch_large *large, uint64_t *low,
                       uint64_t *high)
{
    uint64_t slice = scan->rules->engine->sizes.slice;
    pthread_mutex_lock(&scan->lock);
    bool more = large->next < large->size && !hunch_scan_stopped(scan);
    if (more) {
        *low = large->next;
        *high = large->size - *low < slice ? large->size : *low + slice;
        large->next = *high;
    }
    pthread_mutex_unlock(&scan->lock);
    return more;
}

static hunch_status grow_buffer(struct hunch_scan_thread *t, size_t size, struct hunch_error *err)
{
    if (t->buffer.capacity >= size)
        return HUNCH_OK;
    unsigned char *bytes = hunch_realloc(t->scan->a, t->buffer.bytes, t->buffer.capacity, size);
    if (bytes == NULL)
        return hunch_fail_memory(err, size, "a slice of a large file");
    t->buffer.bytes = bytes;
    t->buffer.capacity = size;
    return HUNCH_OK;
}

/* The file cannot be read on: nobody needs to look at the rest. */
static void give_up(struct hunch_scan *scan, struct hunch_large *large, uint64_t at,
                    const char *why)
{
    pthread_mutex_lock(&scan->lock);
    if (large->problem.code == HUNCH_OK)
        hunch_fail_at(&large->problem, HUNCH_ERROR_IO, at, "%s", why);
    large->next = large->size;
    pthread_mutex_unlock(&scan->lock);
}

static hunch_status scan_slices(struct hunch_scan_thread *t, struct hunch_large *large,
                                struct hunch_error *err)
{
    struct hunch_scan *scan = t->scan;
    uint64_t behind = scan->rules->longest_literal + HUNCH_SLICE_BEHIND, low, high;
    hunch_status status = grow_buffer(
        t, (size_t)(scan->rules->engine->sizes.slice + HUNCH_SLICE_BEFORE + behind), err);
    while (status == HUNCH_OK && next_slice(scan, large, &low, &high)) {
        uint64_t first = low < HUNCH_SLICE_BEFORE ? 0 : low - HUNCH_SLICE_BEFORE;
        uint64_t last = large->size - high < behind ? large->size : high + behind;
        size_t got;
        uint64_t began = hunch_clock_ns();
        int problem =
            hunch_read_at(large->fd, t->buffer.bytes, (size_t)(last - first), first, &got);
        hunch_scan_add(&scan->read_ns, hunch_clock_ns() - began);
        if (problem != 0 || got < last - first) {
            give_up(scan, large, first,
                    problem ? hunch_errno_text(problem)
                            : "the file became shorter while it was read");
            return HUNCH_OK;
        }
        began = hunch_clock_ns();
        status = hunch_worker_slice(t->worker, t->kind, t->matcher, t->scratch, t->buffer.bytes,
                                    got, first, low, high, err);
        hunch_scan_add(&scan->prefilter_ns, hunch_clock_ns() - began);
    }
    return status;
}

/* A source for workers that only collect hits. */
static struct hunch_source no_source(uint64_t size)
{
    struct hunch_source s = {.text = {.size = size}};
    return s;
}

hunch_status hunch_scan_help(struct hunch_scan_thread *t, struct hunch_large *large,
                             struct hunch_error *err)
{
    struct hunch_scan *scan = t->scan;
    struct hunch_source source = no_source(large->size);
    hunch_worker_begin(t->worker, "", 0, &source);
    hunch_status status = hunch_scan_matcher(t, err);
    if (status == HUNCH_OK)
        status = scan_slices(t, large, err);
    pthread_mutex_lock(&scan->lock);
    if (status != HUNCH_OK)
        hunch_scan_stop(scan, HUNCH_STOP_FAILED); /* before the owner decides without these hits */
    while (!large->merging)
        pthread_cond_wait(&scan->changed, &scan->lock);
    hunch_worker_merge(large->owner, t->worker); /* one helper at a time; the owner waits */
    large->active--;
    pthread_cond_broadcast(&scan->changed);
    pthread_mutex_unlock(&scan->lock);
    hunch_worker_begin(t->worker, "", 0, NULL);
    return status;
}

hunch_status hunch_scan_window(struct hunch_scan_thread *t, struct hunch_error *err)
{
    size_t size = t->scan->rules->engine->sizes.window;
    if (t->window == NULL && (t->window = hunch_alloc(t->scan->a, size)) == NULL)
        return hunch_fail_memory(err, size, "a window of a record");
    return HUNCH_OK;
}

/* A file that is read in slices; `fd` is closed by the caller. */
static hunch_status scan_large(struct hunch_scan_thread *t, const struct hunch_item *item, int fd,
                               uint64_t size, struct hunch_error *err)
{
    struct hunch_scan *scan = t->scan;
    hunch_status status = hunch_scan_window(t, err);
    if (status == HUNCH_OK)
        status = hunch_dispatch_begin(t, hunch_scan_host(t), size, hunch_dispatch_tiles(scan, size),
                                      err);
    if (status != HUNCH_OK)
        return status;
    struct hunch_record_source source;
    hunch_source_file(&source, fd, size, t->window, scan->rules->engine->sizes.window,
                      &scan->stopper);
    hunch_worker_begin(t->worker, item->name, item->name_length, &source.base);
    status = hunch_worker_graph(t->worker, hunch_graph_scan_record(scan->graph, item), err);
    if (status != HUNCH_OK)
        return status;
    uint64_t started = hunch_clock_ns();
    struct hunch_large large = {.fd = fd, .size = size, .owner = t->worker};
    pthread_mutex_lock(&scan->lock);
    large.link = scan->large;
    scan->large = &large;
    pthread_cond_broadcast(&scan->changed);
    pthread_mutex_unlock(&scan->lock);

    t->helped = true;
    status = scan_slices(t, &large, err);

    pthread_mutex_lock(&scan->lock);
    large.merging = true;
    pthread_cond_broadcast(&scan->changed);
    while (large.active > 0)
        pthread_cond_wait(&scan->changed, &scan->lock);
    struct hunch_large **link = &scan->large;
    while (*link != &large)
        link = &(*link)->link;
    *link = large.link;
    pthread_mutex_unlock(&scan->lock);

    bool whole = status == HUNCH_OK && large.problem.code == HUNCH_OK && !hunch_scan_stopped(scan);
    uint64_t began = hunch_clock_ns();
    t->dispatch.prefilter_ns = began - started; /* reading is a part of it */
    t->worker->lap = began;
    if (status == HUNCH_OK && large.problem.code != HUNCH_OK)
        status = hunch_scan_lose(t, item, HUNCH_REASON_UNREADABLE, large.problem.message, err);
    else if (status == HUNCH_OK && !whole) /* a gate that saw a part of the record says nothing */
        status = hunch_scan_lose_rest(t, item, err);
    else if (status == HUNCH_OK)
        status = hunch_scan_conclude(t, item, &source, size, err);
    hunch_scan_add(&scan->confirm_ns, hunch_clock_ns() - began);
    if (status == HUNCH_OK)
        status = hunch_dispatch_end(t, whole && !hunch_scan_stopped(scan), err);
    return status;
}

/* ---- where records come from ---- */

hunch_status hunch_scan_read(struct hunch_scan_thread *t, const struct hunch_item *item,
                             struct hunch_buffer *buffer, struct hunch_read *r,
                             struct hunch_error *err)
{
    const struct hunch_scan *scan = t->scan;
    uint64_t began = hunch_clock_ns();
    hunch_status status =
        hunch_read_whole(scan->a, hunch_dir_fd(item->dir), item->name + item->base,
                         item->follow ? HUNCH_READ_FOLLOW : 0, scan->options.max_file_size,
                         scan->rules->engine->sizes.record_most, buffer, r, err);
    hunch_scan_add(&t->scan->read_ns, hunch_clock_ns() - began);
    return status;
}

hunch_status hunch_scan_unread(struct hunch_scan_thread *t, const struct hunch_item *item,
                               const struct hunch_read *r, struct hunch_error *err)
{
    char detail[200];
    hunch_status status;
    switch (r->state) {
    case HUNCH_READ_LARGE:
        status = scan_large(t, item, r->fd, r->file_size, err);
        close(r->fd);
        return status;
    case HUNCH_READ_TOO_LARGE:
        snprintf(detail, sizeof detail, "%llu bytes are more than --max-file-size allows",
                 (unsigned long long)r->file_size);
        return hunch_scan_lose(t, item, HUNCH_REASON_TOO_LARGE, detail, err);
    default:
        return hunch_scan_lose(t, item,
                               strcmp(r->reason, "not-a-file") == 0 ? HUNCH_REASON_NOT_A_FILE
                                                                    : HUNCH_REASON_UNREADABLE,
                               r->detail, err);
    }
}

static hunch_status scan_file(struct hunch_scan_thread *t, const struct hunch_item *item,
                              struct hunch_error *err)
{
    struct hunch_read r;
    hunch_status status = hunch_scan_read(t, item, &t->buffer, &r, err);
    if (status != HUNCH_OK)
        return status;
    return r.state == HUNCH_READ_WHOLE ? hunch_scan_bytes(t, item, t->buffer.bytes, r.size, err)
                                       : hunch_scan_unread(t, item, &r, err);
}

/* Waits until standard input has something, or the scan is to end: a read that blocks could not be
 * cancelled. */
static bool input_waits(const struct hunch_scan *scan)
{
    struct pollfd input = {.fd = 0, .events = POLLIN};
    while (!hunch_scan_stopped(scan)) {
        int n = poll(&input, 1, 50);
        if (n > 0 || (n < 0 && errno != EINTR))
            return true;
    }
    return false;
}

/* Standard input: as a whole while it is small, else through an unlinked temporary file. */
static hunch_status scan_stdin(struct hunch_scan_thread *t, const struct hunch_item *item,
                               struct hunch_error *err)
{
    struct hunch_scan *scan = t->scan;
    struct hunch_spill spill;
    size_t have = 0;
    uint64_t spilled = 0;
    hunch_status status = HUNCH_OK;
    hunch_spill_init(&spill, NULL, 0);
    for (;;) {
        if (have == t->buffer.capacity) {
            size_t most = scan->rules->engine->sizes.record_most;
            size_t more = have > 0 ? 2 * have : most < 64 * 1024 ? most : 64 * 1024;
            if (have < most) {
                status = grow_buffer(t, more, err);
            } else {
                uint64_t at;
                status = hunch_spill_reserve(&spill, have, &at, err);
                if (status == HUNCH_OK)
                    status = hunch_spill_write(&spill, at, t->buffer.bytes, have, err);
                spilled += have;
                have = 0;
            }
            if (status != HUNCH_OK)
                break;
        }
        ssize_t n =
            input_waits(scan) ? read(0, t->buffer.bytes + have, t->buffer.capacity - have) : 0;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            status =
                hunch_scan_lose(t, item, HUNCH_REASON_UNREADABLE, hunch_errno_text(errno), err);
            hunch_spill_done(&spill);
            return status;
        }
        if (n == 0)
            break;
        have += (size_t)n;
    }
    if (status == HUNCH_OK && spilled == 0) {
        status = hunch_scan_bytes(t, item, t->buffer.bytes, have, err);
    } else if (status == HUNCH_OK) {
        uint64_t at;
        status = hunch_spill_reserve(&spill, have, &at, err);
        if (status == HUNCH_OK)
            status = hunch_spill_write(&spill, at, t->buffer.bytes, have, err);
        if (status == HUNCH_OK)
            status = scan_large(t, item, spill.fd, spilled + have, err);
    }
    hunch_spill_done(&spill);
    if (status == HUNCH_ERROR_IO || status == HUNCH_ERROR_LIMIT) {
        char why[HUNCH_ERROR_MESSAGE_SIZE];
        memcpy(why, err->message, sizeof why);
        status = hunch_scan_lose(t, item, HUNCH_REASON_SPILL, why, err);
    }
    return status;
}

hunch_status hunch_scan_item(struct hunch_scan_thread *t, const struct hunch_item *item,
                             struct hunch_error *err)
{
    hunch_status status = hunch_scan_matcher(t, err);
    if (status != HUNCH_OK)
        return status;
    switch (item->kind) {
    case HUNCH_ITEM_BYTES: return hunch_scan_bytes(t, item, item->bytes, (size_t)item->size, err);
    case HUNCH_ITEM_FILE: return scan_file(t, item, err);
    case HUNCH_ITEM_STDIN: return scan_stdin(t, item, err);
    case HUNCH_ITEM_FD: return scan_large(t, item, item->fd, item->size, err);
    default: return hunch_scan_lose(t, item, item->reason, item->detail, err);
    }
}
