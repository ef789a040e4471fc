/* dispatch.c: see dispatch.h. */
#include "dispatch.h"

#include <stdlib.h>
#include <string.h>

#include "guess.h"
#include "scan.h"

#define ALL_ROUTES (HUNCH_ROUTE_BIT(HUNCH_ROUTE_COUNT) - 1)
#define FUSED HUNCH_ROUTE_BIT(HUNCH_ROUTE_FUSED)

/* ---- what was asked for ---- */

static bool has_rules(const struct hunch_scan *scan, uint32_t group)
{
    return scan->groups & 1u << group;
}

static hunch_status check_options(const struct hunch_scan *scan, struct hunch_error *err)
{
    const struct hunch_scan_options *o = &scan->options;
    unsigned asked = o->routes ? o->routes : ALL_ROUTES;
    if (asked & ~ALL_ROUTES)
        return hunch_fail(err, HUNCH_ERROR_ARGUMENT,
                          "there is no such route; routes are HUNCH_ROUTE_BITs of fused, chained "
                          "and serial, or 0");
    if (hunch_speculation_name(o->speculate) == NULL || hunch_policy_name(o->policy) == NULL)
        return hunch_fail(err, HUNCH_ERROR_ARGUMENT,
                          "there is no such speculation mode or policy; use the names of hunch.h");
    if (o->speculate == HUNCH_SPECULATE_FORCE && !(asked & FUSED))
        return hunch_fail(err, HUNCH_ERROR_ARGUMENT,
                          "speculation is forced and the route %s does not speculate; leave one of "
                          "them out",
                          hunch_route_name((unsigned)__builtin_ctz(asked)));
    if (o->speculate == HUNCH_SPECULATE_DISABLE && asked == FUSED)
        return hunch_fail(err, HUNCH_ERROR_ARGUMENT,
                          "speculation is disabled and the route fused speculates; leave one of "
                          "them out");
    return HUNCH_OK;
}

/* The group that has the most rules to decide. */
static uint32_t leader_of(const struct hunch_scan *scan)
{
    const struct hunch_program *p = scan->rules->program;
    uint32_t rules[HP_GROUP_COUNT] = {0}, leader = 0;
    for (uint32_t i = 0; i < p->rule_count; i++)
        rules[p->rule[i].group] += (scan->plan->wanted[i] & HUNCH_WANTED_DECIDE) != 0;
    for (uint32_t g = 1; g < HP_GROUP_COUNT; g++)
        if (rules[g] > rules[leader])
            leader = g;
    return leader;
}

static bool must_fuse(const struct hunch_scan *scan)
{
    return scan->offered == FUSED || scan->options.speculate == HUNCH_SPECULATE_FORCE;
}

/* Has the device a kernel for the route fused? */
static bool has_fused(struct hunch_device *d, uint64_t after_ns, struct hunch_error *err)
{
    return d->kind->ready == NULL || d->kind->ready(d, HUNCH_ID_hunch_fused_kernel, after_ns, err);
}

/* The routes that a device can take now. */
static unsigned offered_now(struct hunch_scan *scan)
{
    struct hunch_error why = {0};
    const uint64_t after = (uint64_t)scan->rules->engine->sizes.late_after * 1000000u + 1;
    if (!(scan->offered & FUSED) || must_fuse(scan) ||
        has_fused(scan->on_device->device, after, &why))
        return scan->offered;
    if (why.code != HUNCH_OK)
        hunch_scan_without_device(scan, &why, "the route fused was left out");
    return scan->offered & ~FUSED;
}

/* What the speculators of one side know, by group. */
static hunch_status keep_known(struct hunch_scan *scan, bool on_device,
                               hunch_bytes known[HP_GROUP_COUNT], struct hunch_error *err)
{
    for (uint32_t g = 0; g < HP_GROUP_COUNT && scan->options.decisions; g++) {
        size_t need = 0;
        if (!has_rules(scan, g))
            continue;
        do { /* another scan may teach it something in between */
            if (!hunch_vec_reserve(scan->a, &known[g], need))
                return hunch_fail_memory(err, need, "the log of decisions");
            need = hunch_speculator_save(scan->speculator[on_device][g], known[g].items,
                                         known[g].capacity);
        } while (need > known[g].capacity);
        known[g].count = need;
    }
    return HUNCH_OK;
}

hunch_status hunch_dispatch_set_up(struct hunch_scan *scan, struct hunch_error *err)
{
    unsigned asked = scan->options.routes ? scan->options.routes : ALL_ROUTES;
    hunch_status status = check_options(scan, err);
    if (status != HUNCH_OK)
        return status;
    scan->offered = asked;
    if (scan->on_device != NULL && must_fuse(scan) && !has_fused(scan->on_device->device, 0, err))
        return HUNCH_ERROR_UNSUPPORTED;
    scan->leader = leader_of(scan);
    return hunch_guess_speculators(scan->rules->guess, scan->backend, scan->options.policy,
                                   &scan->speculator[scan->backend == HUNCH_BACKEND_CUDA], err);
}

hunch_status hunch_dispatch_set_up_device(struct hunch_scan *scan, struct hunch_device *device,
                                          struct hunch_error *err)
{
    if (must_fuse(scan) && !has_fused(device, 0, err))
        return HUNCH_ERROR_UNSUPPORTED;
    hunch_status status = hunch_guess_speculators(scan->rules->guess, HUNCH_BACKEND_CUDA,
                                                  scan->options.policy, &scan->speculator[1], err);
    return status == HUNCH_OK ? keep_known(scan, true, scan->report->known_on_device, err) : status;
}

/* The route where no speculator is asked: of what the host does for a device, which may go every
 * way, and of scans without confirmers. */
static uint8_t given_route(const struct hunch_scan *scan, enum hunch_place place)
{
    unsigned asked = scan->options.routes ? scan->options.routes : ALL_ROUTES;
    unsigned may = place == HUNCH_PLACE_HELP ? asked : scan->offered;
    if (scan->options.speculate == HUNCH_SPECULATE_FORCE || may == FUSED)
        return HUNCH_ROUTE_FUSED;
    return may & HUNCH_ROUTE_BIT(HUNCH_ROUTE_CHAINED) ? HUNCH_ROUTE_CHAINED : HUNCH_ROUTE_SERIAL;
}

/* ---- one dispatch ---- */

uint64_t hunch_dispatch_tiles(const struct hunch_scan *scan, uint64_t size)
{
    return size == 0 ? 1 : (size - 1) / scan->tile_size + 1;
}

static uint32_t saturated(uint64_t n)
{
    return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

/* Asks the group's speculator, which may take `routes`. */
static hunch_status ask(struct hunch_scan_thread *t, uint32_t group, unsigned routes,
                        uint64_t bytes, uint64_t tiles, struct hunch_error *err)
{
    struct hunch_scan *scan = t->scan;
    struct hunch_dispatch *d = &t->dispatch;
    struct hunch_batch batch = {
        .bytes = bytes,
        .tiles = saturated(tiles),
        .cost_class = group,
        .mode = scan->options.speculate,
        .routes = routes,
        .backend = hunch_backend_name(d->on_device ? HUNCH_BACKEND_CUDA : scan->backend),
        .contended = d->sharing > 1};
    hunch_status status = hunch_speculator_decide(scan->speculator[d->on_device][group], &batch,
                                                  &d->decision[group], err);
    d->route[group] = d->decision[group].route;
    return status;
}

/* Jobs that share the device, at the most since the scan began: at its end they become fewer, and
 * what is learned shall not follow that. */
static unsigned sharing(struct hunch_scan *scan)
{
    unsigned now = atomic_load_explicit(&scan->on_device->device->jobs, memory_order_relaxed);
    unsigned most = atomic_load_explicit(&scan->sharing, memory_order_relaxed);
    while (now > most &&
           !atomic_compare_exchange_weak_explicit(&scan->sharing, &most, now, memory_order_relaxed,
                                                  memory_order_relaxed))
        ;
    return now > most ? now : most;
}

hunch_status hunch_dispatch_begin(struct hunch_scan_thread *t, enum hunch_place place,
                                  uint64_t bytes, uint64_t tiles, struct hunch_error *err)
{
    struct hunch_scan *scan = t->scan;
    struct hunch_dispatch *d = &t->dispatch;
    struct hunch_worker *w = t->worker;
    hunch_status status = HUNCH_OK;
    memset(d, 0, sizeof *d);
    d->guessed = place == HUNCH_PLACE_BACKEND && !scan->options.prefilter_only;
    d->on_device = t->on_device;
    memset(d->route, given_route(scan, place), sizeof d->route);
    unsigned routes = scan->offered;
    if (d->guessed && d->on_device && scan->groups != 0) {
        d->sharing = sharing(scan);
        routes = offered_now(scan);
        status = ask(t, scan->leader, routes, bytes, tiles, err);
        routes = HUNCH_ROUTE_BIT(d->route[scan->leader]);
        memset(d->route, d->route[scan->leader], sizeof d->route);
    }
    for (uint32_t g = 0; g < HP_GROUP_COUNT && d->guessed && status == HUNCH_OK; g++)
        if (has_rules(scan, g) && !(d->on_device && g == scan->leader))
            status = ask(t, g, routes, bytes, tiles, err);
    memcpy(w->route, d->route, sizeof w->route);
    memset(w->confirm_ns, 0, sizeof w->confirm_ns);
    memset(w->held, 0, sizeof w->held);
    return status;
}

void hunch_dispatch_record(struct hunch_scan_thread *t, uint64_t size, uint32_t committed,
                           uint32_t speculated)
{
    struct hunch_dispatch *d = &t->dispatch;
    uint64_t tiles = hunch_dispatch_tiles(t->scan, size);
    d->tiles += tiles;
    d->speculated += tiles * (uint64_t)__builtin_popcount(speculated);
    for (uint32_t g = 0; committed != 0; g++, committed >>= 1)
        if (committed & 1)
            d->committed[g] += tiles;
}

void hunch_dispatch_times(const struct hunch_dispatch *d, uint32_t group,
                          const uint64_t confirm_ns[HP_GROUP_COUNT], struct hunch_measurement *m)
{
    if (!d->on_device) {
        m->prefilter_ns = d->prefilter_ns;
        m->confirm_ns = confirm_ns[group];
        if (d->route[group] == HUNCH_ROUTE_SERIAL)
            m->confirm_ns += d->waiting_ns;
        m->ns = m->prefilter_ns + m->confirm_ns;
        return;
    }
    uint64_t decided_ns = 0;
    for (uint32_t g = 0; g < HP_GROUP_COUNT; g++)
        decided_ns += confirm_ns[g];
    /* Nothing is told apart: launches are a part of the prefilter, which no size makes more, and
     * confirmers have run on the device, where gates held that the host never asked. */
    m->prefilter_ns = m->confirm_ns = m->hits = 0;
    m->ns = d->prefilter_ns + decided_ns;
    if (d->sharing > 1)
        m->ns = d->busy_ns + (d->host_ns + decided_ns) / d->sharing;
}

static void learn(struct hunch_scan_thread *t, uint32_t group)
{
    struct hunch_dispatch *d = &t->dispatch;
    struct hunch_measurement m = {
        .hits = t->worker->held[group],
        .report = {saturated(d->committed[group]), saturated(d->tiles - d->committed[group])}};
    hunch_dispatch_times(d, group, t->worker->confirm_ns, &m);
    hunch_speculator_measure(t->scan->speculator[d->on_device][group], &d->decision[group], &m);
}

hunch_status hunch_dispatch_end(struct hunch_scan_thread *t, bool whole, struct hunch_error *err)
{
    struct hunch_scan *scan = t->scan;
    struct hunch_dispatch *d = &t->dispatch;
    bool ok = true;
    hunch_scan_count(t);
    hunch_scan_add(&scan->speculated, d->speculated);
    for (uint32_t g = 0; g < HP_GROUP_COUNT; g++) {
        if (!has_rules(scan, g))
            continue;
        hunch_scan_add(&scan->tiles, d->tiles);
        hunch_scan_add(&scan->committed, d->committed[g]);
        hunch_scan_add(&scan->rolled_back, d->tiles - d->committed[g]);
        hunch_scan_add(&scan->routes[d->route[g]], 1);
        if (d->guessed && whole)
            learn(t, g);
    }
    if (d->guessed && whole)
        hunch_scan_add(&scan->dispatches[d->on_device], 1);
    if (d->guessed && scan->options.decisions) {
        pthread_mutex_lock(&scan->lock);
        for (uint32_t g = 0; g < HP_GROUP_COUNT && ok; g++)
            if (has_rules(scan, g))
                ok = hunch_vec_push(scan->a, &scan->log[d->on_device], d->decision[g]);
        pthread_mutex_unlock(&scan->lock);
    }
    return ok ? HUNCH_OK : hunch_fail_memory(err, sizeof *d->decision, "the log of decisions");
}

/* ---- the log ---- */

hunch_status hunch_dispatch_log_begin(struct hunch_scan *scan, struct hunch_error *err)
{
    return keep_known(scan, scan->backend == HUNCH_BACKEND_CUDA, scan->report->known, err);
}

static int by_call(const void *x, const void *y)
{
    const struct hunch_decision *a = x, *b = y;
    if (a->cost_class != b->cost_class)
        return a->cost_class < b->cost_class ? -1 : 1;
    return a->decided < b->decided ? -1 : a->decided > b->decided;
}

hunch_status hunch_dispatch_log_end(struct hunch_scan *scan, struct hunch_error *err)
{
    struct hunch_report *report = scan->report;
    for (int side = 0; side < 2; side++) {
        if (scan->log[side].count > 1)
            qsort(scan->log[side].items, scan->log[side].count, sizeof *scan->log[side].items,
                  by_call);
        if (!hunch_vec_append(scan->a, &report->decision, scan->log[side].items,
                              scan->log[side].count))
            return hunch_fail_memory(err, scan->log[side].count * sizeof *scan->log[side].items,
                                     "the log of decisions");
    }
    report->host_decisions = scan->log[0].count;
    report->host = hunch_backend_name(scan->backend);
    /* A device that was there at last, and got nothing to do, has decided nothing. */
    for (uint32_t g = 0; g < HP_GROUP_COUNT && scan->log[1].count == 0; g++)
        report->known_on_device[g].count = 0;
    return HUNCH_OK;
}
