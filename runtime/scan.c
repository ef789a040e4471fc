/* scan.c: runs a scan: threads that take jobs, an order that puts their results back in line, and
 * the caller's thread, which hands them over, looks at the clock and asks whether to go on. */
#include "clock.h"
#include "graph_scan.h"
#include "guess.h"
#include "scan.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    OUT_MOST = 4 << 20, /* bytes that wait for the caller's thread before the workers wait too */
    TICK_MS = 40        /* how often the caller's thread looks at the clock */
};

static double now(void)
{
    return (double)hunch_clock_ns() * 1e-9;
}

void hunch_scan_stop(struct hunch_scan *scan, enum hunch_stop why)
{
    int none = HUNCH_STOP_NONE;
    atomic_compare_exchange_strong(&scan->stop, &none, (int)why);
}

static void fail_scan(struct hunch_scan *scan, const struct hunch_error *err)
{
    pthread_mutex_lock(&scan->lock);
    if (scan->failure.code == HUNCH_OK)
        scan->failure = *err;
    hunch_scan_stop(scan, HUNCH_STOP_FAILED);
    pthread_cond_broadcast(&scan->changed); /* who waits for work waits in vain */
    pthread_mutex_unlock(&scan->lock);
    hunch_order_cancel(
        scan->order); /* and who waits to deliver: a sequence before it may never come */
}

/* ---- workers ---- */

static hunch_status on_ordered(void *ctx, uint64_t sequence, const void *bytes, size_t size,
                               struct hunch_error *err)
{
    struct hunch_scan *scan = ctx;
    (void)sequence;
    pthread_mutex_lock(&scan->out_lock);
    while (scan->out.count > OUT_MOST)
        pthread_cond_wait(&scan->out_room, &scan->out_lock);
    bool ok = hunch_vec_append(scan->a, &scan->out, (const uint8_t *)bytes, size);
    pthread_cond_signal(&scan->out_ready);
    pthread_mutex_unlock(&scan->out_lock);
    return ok ? HUNCH_OK : hunch_fail_memory(err, size, "results");
}

static hunch_status pass_to_order(struct hunch_scan_thread *t, struct hunch_error *err)
{
    hunch_status status =
        hunch_order_append(t->scan->order, t->sequence, t->out.items, t->out.count, err);
    t->out.count = 0;
    return status;
}

static void run_job(struct hunch_scan_thread *t, struct hunch_job *job)
{
    struct hunch_scan *scan = t->scan;
    struct hunch_error err = {0};
    hunch_status status;
    t->out.count = 0;
    t->sequence = job->sequence;
    t->on_device = job->on_device;
    t->helped = false;
    t->bytes = 0;
    const uint64_t began = hunch_clock_ns();
    status = t->on_device ? hunch_scan_job_on_device(t, job, &err) : hunch_scan_job(t, job, &err);
    if (status != HUNCH_OK)
        fail_scan(scan, &err);
    hunch_scan_count(t);
    hunch_scan_auto_done(t, job, hunch_clock_ns() - began);
    status = hunch_order_deliver(scan->order, job->sequence, t->out.items, t->out.count, &err);
    if (status != HUNCH_OK)
        fail_scan(scan, &err);
    hunch_job_free(scan, job);
}

static void *thread_main(void *ctx)
{
    struct hunch_scan_thread *t = ctx;
    struct hunch_scan *scan = t->scan;
    struct hunch_error err = {0};
    for (;;) {
        struct hunch_job job;
        struct hunch_large *large;
        bool more;
        if (hunch_scan_take(scan, &job, &large, &more, &err) != HUNCH_OK) {
            fail_scan(scan, &err);
            hunch_job_free(scan, &job);
            break;
        }
        if (!more)
            break;
        hunch_scan_auto_look(scan);
        if (large != NULL) {
            if (hunch_scan_help(t, large, &err) != HUNCH_OK)
                fail_scan(scan, &err);
            hunch_scan_count(t);
        } else {
            run_job(t, &job);
            hunch_scan_job_done(scan);
        }
    }
    pthread_mutex_lock(&scan->out_lock);
    scan->running--;
    pthread_cond_signal(&scan->out_ready);
    pthread_mutex_unlock(&scan->out_lock);
    return NULL;
}

/* ---- the caller's thread ---- */

struct consumer {
    struct hunch_scan *scan;
    struct hunch_report *report;
    double began, next_progress, next_tick;
};

static void forward_match(void *ctx, const struct hunch_match *m)
{
    const struct hunch_scan *scan = ctx;
    scan->options.on_match(scan->options.ctx, m);
}

static void forward_lost(void *ctx, const struct hunch_incomplete *lost)
{
    const struct hunch_scan *scan = ctx;
    scan->options.on_incomplete(scan->options.ctx, lost);
}

/* Hands blocks to the callbacks, and to the report what no callback wants. */
static hunch_status consume(struct consumer *c, const uint8_t *bytes, size_t size,
                            struct hunch_error *err)
{
    struct hunch_scan *scan = c->scan;
    struct hunch_result_sink sink = {scan->options.on_match ? forward_match : NULL,
                                     scan->options.on_incomplete ? forward_lost : NULL, scan};
    if (size == 0)
        return HUNCH_OK;
    if (sink.match || sink.incomplete)
        hunch_result_read(bytes, size, &sink);
    return hunch_report_keep(c->report, bytes, size, sink.match == NULL, sink.incomplete == NULL,
                             err);
}

static void look_around(struct consumer *c)
{
    struct hunch_scan *scan = c->scan;
    const struct hunch_scan_options *o = &scan->options;
    double t = now();
    if (o->deadline > 0 && t - c->began >= o->deadline)
        hunch_scan_stop(scan, HUNCH_STOP_DEADLINE);
    if ((o->cancel_flag && *o->cancel_flag) || (o->cancel && o->cancel(o->ctx)))
        hunch_scan_stop(scan, HUNCH_STOP_CANCELLED);
    if (o->on_progress && t >= c->next_progress) {
        struct hunch_progress p = {atomic_load(&scan->bytes), atomic_load(&scan->record_total),
                                   atomic_load(&scan->match_total)};
        c->next_progress = t + 0.05;
        o->on_progress(o->ctx, &p);
    }
}

static void look_from(void *ctx)
{
    look_around(ctx);
}

/* Of a scan that has no thread of its own: called by what reads the record. */
static void tick(void *ctx)
{
    struct consumer *c = ctx;
    double t = now();
    if (t < c->next_tick)
        return;
    c->next_tick = t + TICK_MS * 1e-3;
    look_around(c);
}

static hunch_status drain(struct consumer *c, struct hunch_error *err)
{
    struct hunch_scan *scan = c->scan;
    hunch_bytes mine = {0};
    hunch_status status = HUNCH_OK;
    bool over = false;
    while (!over) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += TICK_MS * 1000000L;
        if (until.tv_nsec >= 1000000000L)
            until.tv_sec++, until.tv_nsec -= 1000000000L;
        pthread_mutex_lock(&scan->out_lock);
        if (scan->out.count == 0 && scan->running > 0)
            pthread_cond_timedwait(&scan->out_ready, &scan->out_lock, &until);
        hunch_bytes swap = scan->out;
        scan->out = mine;
        scan->out.count = 0;
        mine = swap;
        over = scan->running == 0 && mine.count == 0;
        pthread_cond_broadcast(&scan->out_room);
        pthread_mutex_unlock(&scan->out_lock);
        if (status == HUNCH_OK)
            status = consume(c, mine.items, mine.count, err);
        if (status != HUNCH_OK)
            hunch_scan_stop(scan, HUNCH_STOP_FAILED);
        if (!over) /* what is done cannot be late */
            look_around(c);
    }
    hunch_vec_free(scan->a, &mine);
    return status;
}

/* ---- setting up ---- */

struct chosen {
    const struct hunch_scan_options *options;
};

static bool is_chosen(void *ctx, uint32_t rule)
{
    const struct chosen *c = ctx;
    for (size_t i = 0; i < c->options->rule_count; i++)
        if (c->options->rules[i] == rule)
            return true;
    return false;
}

static hunch_status set_up(struct hunch_scan *scan, struct hunch_rules *rules,
                           const struct hunch_scan_options *options, struct hunch_error *err)
{
    memset(scan, 0, sizeof *scan);
    scan->rules = rules;
    scan->a = rules->engine->a;
    if (options)
        scan->options = *options;
    const struct hunch_scan_options *o = &scan->options;
    const struct hunch_program *p = rules->program;
    pthread_mutex_init(&scan->lock, NULL);
    pthread_cond_init(&scan->changed, NULL);
    pthread_mutex_init(&scan->out_lock, NULL);
    pthread_cond_init(&scan->out_ready, NULL);
    pthread_cond_init(&scan->out_room, NULL);
    scan->backend = rules->engine->backend;
    scan->automatic = rules->engine->automatic;
    if (o->backend) {
        hunch_status status = hunch_backend_find(o->backend, &scan->backend, &scan->automatic, err);
        if (status != HUNCH_OK)
            return status;
    }
    if (scan->automatic && o->resident) {
        scan->automatic = false;
        scan->backend = HUNCH_BACKEND_CUDA;
    }
    scan->threads = scan->backend == HUNCH_BACKEND_REF ? 1
                    : o->threads                       ? o->threads
                                                       : rules->engine->threads;
    if (scan->threads > HUNCH_THREADS_MOST)
        scan->threads = HUNCH_THREADS_MOST;
    scan->tile_size = o->tile_size ? o->tile_size : HUNCH_TILE_SIZE;
    if (scan->tile_size > HUNCH_TILE_MOST)
        scan->tile_size = HUNCH_TILE_MOST;
    scan->stopper.stop = &scan->stop;
    scan->plan = rules->plan;
    if (o->rules != NULL) {
        struct chosen chosen = {o};
        for (size_t i = 0; i < o->rule_count; i++)
            if (o->rules[i] >= p->rule_count)
                return hunch_fail(err, HUNCH_ERROR_ARGUMENT, "there is no rule number %u",
                                  o->rules[i]);
        hunch_status status = hunch_plan_new(p, is_chosen, &chosen, &scan->own_plan, err);
        if (status != HUNCH_OK)
            return status;
        scan->plan = scan->own_plan;
    }
    for (uint32_t i = 0; i < p->rule_count; i++)
        if (scan->plan->wanted[i] & HUNCH_WANTED_DECIDE)
            scan->groups |= 1u << p->rule[i].group;
    if (o->profile) {
        scan->cost = hunch_alloc_array(scan->a, p->rule_count, sizeof *scan->cost);
        if (scan->cost == NULL)
            return hunch_fail_memory(err, p->rule_count * sizeof *scan->cost, "a profile");
        memset(scan->cost, 0, p->rule_count * sizeof *scan->cost);
    }
    scan->skip = hunch_alloc_array(scan->a, o->skip_count, sizeof *scan->skip);
    if (scan->skip == NULL)
        return hunch_fail_memory(err, o->skip_count * 16, "a scan");
    for (size_t i = 0; i < o->skip_count; i++) {
        struct stat st;
        if (stat(o->skip[i], &st) != 0)
            continue;
        scan->skip[scan->skip_count].dev = st.st_dev;
        scan->skip[scan->skip_count++].ino = st.st_ino;
    }
    hunch_status status = HUNCH_OK;
    if (o->resident && scan->backend != HUNCH_BACKEND_CUDA)
        return hunch_fail(
            err, HUNCH_ERROR_ARGUMENT,
            "records cannot be resident with the backend %s, which has no device; use "
            "cuda",
            hunch_backend_name(scan->backend));
    if (scan->backend == HUNCH_BACKEND_CUDA)
        status = hunch_scan_open_device(scan, err);
    if (status == HUNCH_OK)
        status = hunch_dispatch_set_up(scan, err);
    if (status != HUNCH_OK)
        return status;
    return hunch_order_new(scan->a, NULL, on_ordered, scan, &scan->order, err);
}

static void tear_down(struct hunch_scan *scan)
{
    hunch_order_free(scan->order);
    hunch_graph_scan_free(scan->graph);
    hunch_walk_free(scan->walk);
    hunch_device_rules_free(scan->own_on_device);
    hunch_plan_free(scan->own_plan);
    hunch_vec_free(scan->a, &scan->out);
    hunch_vec_free(scan->a, &scan->log[0]);
    hunch_vec_free(scan->a, &scan->log[1]);
    if (scan->cost)
        hunch_free_array(scan->a, scan->cost, scan->rules->program->rule_count, sizeof *scan->cost);
    if (scan->skip)
        hunch_free_array(scan->a, scan->skip, scan->options.skip_count, sizeof *scan->skip);
    pthread_mutex_destroy(&scan->lock);
    pthread_cond_destroy(&scan->changed);
    pthread_mutex_destroy(&scan->out_lock);
    pthread_cond_destroy(&scan->out_ready);
    pthread_cond_destroy(&scan->out_room);
}

static int by_cost(const void *x, const void *y)
{
    const struct hunch_rule_profile *a = x, *b = y;
    if (a->seconds != b->seconds)
        return a->seconds > b->seconds ? -1 : 1;
    return a->rule < b->rule ? -1 : a->rule > b->rule;
}

static hunch_status pass_to_caller(struct hunch_scan_thread *t, struct hunch_error *err)
{
    hunch_status status = consume(t->pass_ctx, t->out.items, t->out.count, err);
    t->out.count = 0;
    return status;
}

/* One thread, the caller's: for little input. */
static hunch_status run_inline(struct consumer *c, struct hunch_error *err)
{
    struct hunch_scan *scan = c->scan;
    struct hunch_scan_thread t;
    scan->stopper.tick = tick;
    scan->stopper.ctx = c;
    hunch_status status = hunch_scan_thread_init(&t, scan, err);
    t.pass_on = pass_to_caller;
    t.pass_ctx = c;
    for (bool more = true; status == HUNCH_OK && more;) {
        struct hunch_job job;
        struct hunch_large *large;
        status = hunch_scan_take(scan, &job, &large, &more, err);
        if (status == HUNCH_OK && more)
            look_around(c); /* what is done cannot be late */
        if (status == HUNCH_OK && more)
            status = hunch_scan_job(&t, &job, err);
        if (status == HUNCH_OK && more)
            status = pass_to_caller(&t, err);
        hunch_job_free(scan, &job);
        if (more)
            hunch_scan_job_done(scan);
    }
    hunch_scan_thread_done(&t);
    return status;
}

static hunch_status run_threads(struct consumer *c, struct hunch_error *err)
{
    struct hunch_scan *scan = c->scan;
    unsigned n = scan->threads, made = 0;
    hunch_status status = HUNCH_OK;
    struct hunch_scan_thread *threads = hunch_alloc_array(scan->a, n, sizeof *threads);
    if (threads == NULL)
        return hunch_fail_memory(err, n * sizeof *threads, "threads");
    for (; made < n && status == HUNCH_OK; made++) {
        status = hunch_scan_thread_init(&threads[made], scan, err);
        threads[made].pass_on = pass_to_order;
        threads[made].number = made;
    }
    if (status == HUNCH_OK) {
        scan->running = n;
        for (unsigned i = 0; i < n; i++) {
            threads[i].started =
                pthread_create(&threads[i].thread, NULL, thread_main, &threads[i]) == 0;
            if (threads[i].started)
                continue;
            pthread_mutex_lock(&scan->out_lock);
            scan->running--;
            pthread_mutex_unlock(&scan->out_lock);
            if (i == 0)
                status = hunch_fail(err, HUNCH_ERROR_MEMORY, "cannot start a thread");
        }
        hunch_status drained = drain(c, err);
        if (status == HUNCH_OK)
            status = drained;
        for (unsigned i = 0; i < n; i++)
            if (threads[i].started)
                pthread_join(threads[i].thread, NULL);
    }
    for (unsigned i = 0; i < made; i++)
        hunch_scan_thread_done(&threads[i]);
    hunch_free_array(scan->a, threads, n, sizeof *threads);
    return status;
}

/* An entry about the scan as a whole. */
static hunch_status lose_of_scan(struct consumer *c, enum hunch_reason reason, const char *detail,
                                 struct hunch_error *err)
{
    struct hunch_scan *scan = c->scan;
    hunch_bytes block = {0};
    hunch_status status =
        hunch_result_write_lost(scan->a, &block, NULL, 0, HP_NONE, reason, detail, err);
    if (status == HUNCH_OK)
        status = consume(c, block.items, block.count, err);
    hunch_vec_free(scan->a, &block);
    atomic_fetch_add(&scan->lost_total, 1);
    return status;
}

/* What the end of the scan says: why it was ended, the totals, the profile. */
static hunch_status wind_up(struct consumer *c, struct hunch_error *err)
{
    struct hunch_scan *scan = c->scan;
    struct hunch_stats *s = &c->report->stats;
    const char *note = hunch_graph_scan_note(scan->graph);
    if (note[0] != '\0') {
        hunch_status status = lose_of_scan(c, HUNCH_REASON_GRAPH, note, err);
        if (status != HUNCH_OK)
            return status;
    }
    enum hunch_stop stop = (enum hunch_stop)atomic_load(&scan->stop);
    if (stop == HUNCH_STOP_DEADLINE || stop == HUNCH_STOP_CANCELLED) {
        char detail[128];
        unsigned long long records = atomic_load(&scan->record_total),
                           bytes = atomic_load(&scan->bytes);
        bool deadline = stop == HUNCH_STOP_DEADLINE;
        snprintf(detail, sizeof detail,
                 "the scan ended after %llu record%s and %llu byte%s; what follows was not scanned",
                 records, records == 1 ? "" : "s", bytes, bytes == 1 ? "" : "s");
        hunch_status status =
            lose_of_scan(c, deadline ? HUNCH_REASON_DEADLINE : HUNCH_REASON_CANCELLED, detail, err);
        if (status != HUNCH_OK)
            return status;
    }
    s->bytes = atomic_load(&scan->bytes);
    s->device_bytes = atomic_load(&scan->device_bytes);
    s->backend = hunch_backend_name(
        scan->automatic && s->device_bytes > s->bytes / 2 ? HUNCH_BACKEND_CUDA : scan->backend);
    s->records = atomic_load(&scan->record_total);
    s->matches = atomic_load(&scan->match_total);
    s->incomplete = atomic_load(&scan->lost_total);
    s->tiles = atomic_load(&scan->tiles);
    s->committed = atomic_load(&scan->committed);
    s->rolled_back = atomic_load(&scan->rolled_back);
    s->speculated = atomic_load(&scan->speculated);
    for (int r = 0; r < HUNCH_ROUTE_COUNT; r++)
        s->routes[r] = atomic_load(&scan->routes[r]);
    s->prefilter_hits = atomic_load(&scan->hits);
    if (scan->device_problem[0] != '\0')
        snprintf(s->note, sizeof s->note, "%s", scan->device_problem);
    else if (scan->backend == HUNCH_BACKEND_CPU)
        hunch_rules_matcher_problem(scan->rules, s->note, sizeof s->note);
    s->seconds = now() - c->began;
    s->seconds_read = (double)atomic_load(&scan->read_ns) * 1e-9;
    s->seconds_prefilter = (double)atomic_load(&scan->prefilter_ns) * 1e-9;
    s->seconds_confirm = (double)atomic_load(&scan->confirm_ns) * 1e-9;
    for (uint32_t i = 0; scan->cost != NULL && i < scan->rules->program->rule_count; i++) {
        struct hunch_rule_profile p = {i, (double)scan->cost[i].nanoseconds * 1e-9,
                                       scan->cost[i].candidates, scan->cost[i].matches};
        if (p.candidates == 0)
            continue;
        if (!hunch_vec_push(scan->a, &c->report->profile, p))
            return hunch_fail_memory(err, sizeof p, "a profile");
    }
    if (c->report->profile.count > 1)
        qsort(c->report->profile.items, c->report->profile.count, sizeof *c->report->profile.items,
              by_cost);
    return hunch_dispatch_log_end(scan, err);
}

static hunch_status run(struct hunch_scan *scan, struct hunch_report **out, struct hunch_error *err)
{
    struct hunch_error own = {0};
    if (err == NULL)
        err = &own;
    hunch_error_clear(err);
    if (scan->options.resident && scan->records == NULL)
        return hunch_fail(err, HUNCH_ERROR_ARGUMENT,
                          "only records can be resident, not files; leave it out");
    uint64_t total = 0;
    size_t most = scan->rules->engine->sizes.inline_most;
    for (size_t i = 0; i < scan->record_count && total < most; i++)
        total += scan->records[i].size;
    struct consumer c = {.scan = scan, .report = hunch_report_new(scan->a), .began = now()};
    if (c.report == NULL)
        return hunch_fail_memory(err, sizeof *c.report, "a report");
    scan->report = c.report;
    bool small = scan->records != NULL && total < most && scan->on_device == NULL;
    if (scan->on_device != NULL) {
        const unsigned threads = hunch_scan_share_device(scan, scan->on_device);
        scan->threads = threads > 0 ? threads : 1;
    }
    hunch_status status = hunch_dispatch_log_begin(scan, err);
    if (status == HUNCH_OK)
        status = hunch_graph_scan_run(scan, look_from, &c, &scan->graph, err);
    if (status == HUNCH_OK && small) {
        status = run_inline(&c, err);
    } else if (status == HUNCH_OK) {
        hunch_scan_auto_begin(scan);
        status = run_threads(&c, err);
        hunch_scan_auto_end(scan);
    }
    for (int side = 0; side < 2; side++)
        hunch_guess_learned(scan->rules->guess, side ? HUNCH_BACKEND_CUDA : scan->backend,
                            scan->options.policy, atomic_load(&scan->dispatches[side]));
    if (status == HUNCH_OK && scan->failure.code != HUNCH_OK) {
        *err = scan->failure;
        status = err->code;
    }
    if (status == HUNCH_OK)
        status = wind_up(&c, err);
    if (status != HUNCH_OK)
        hunch_report_free(c.report);
    else
        *out = c.report;
    return status;
}

hunch_status hunch_scan_records(struct hunch_rules *rules, const struct hunch_record *records,
                                size_t count, const struct hunch_scan_options *options,
                                struct hunch_report **report, struct hunch_error *err)
{
    static const struct hunch_record none;
    struct hunch_scan scan;
    *report = NULL;
    hunch_status status = set_up(&scan, rules, options, err);
    scan.records = records ? records : &none;
    scan.record_count = count;
    if (status == HUNCH_OK)
        status = run(&scan, report, err);
    tear_down(&scan);
    return status;
}

hunch_status hunch_scan_paths(struct hunch_rules *rules, const char *const *paths, size_t count,
                              const struct hunch_scan_options *options,
                              struct hunch_report **report, struct hunch_error *err)
{
    struct hunch_scan scan;
    *report = NULL;
    hunch_status status = set_up(&scan, rules, options, err);
    scan.paths = paths;
    scan.path_count = count;
    if (status == HUNCH_OK)
        status = run(&scan, report, err);
    tear_down(&scan);
    return status;
}

hunch_status hunch_scan_fd(struct hunch_rules *rules, const char *name, size_t name_length, int fd,
                           uint64_t size, const struct hunch_scan_options *options,
                           struct hunch_report **report, struct hunch_error *err)
{
    struct hunch_scan scan;
    *report = NULL;
    hunch_status status = set_up(&scan, rules, options, err);
    scan.single = (struct hunch_item){
        .kind = HUNCH_ITEM_FD, .name = name, .name_length = name_length, .fd = fd, .size = size};
    scan.has_single = true;
    if (status == HUNCH_OK)
        status = run(&scan, report, err);
    tear_down(&scan);
    return status;
}
