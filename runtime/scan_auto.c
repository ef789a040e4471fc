/* scan_auto.c: a scan with the backend auto. It begins with the host, which needs nothing to be
 * opened. Where it lasts and there is a device its jobs may go there, in turns: offload.c. Which
 * jobs do changes how long the scan takes, never what it finds. */
#include "clock.h"
#include "scan.h"

enum { COMPILE_AFTER = 10 }; /* times as long as for a device that needs no compiler */

/* What scans of the same kind have learned of these rules. */
static struct hunch_offload_memory *memory_of(struct hunch_scan *scan)
{
    return &scan->rules->offload[scan->records != NULL];
}

void hunch_scan_auto_begin(struct hunch_scan *scan)
{
    if (!scan->automatic)
        return;
    scan->began_ns = hunch_clock_ns();
    for (size_t i = 0; i < scan->record_count; i++)
        scan->record_bytes += scan->records[i].size;
    pthread_mutex_lock(&scan->rules->lock);
    hunch_offload_init(&scan->offload, scan->threads, memory_of(scan));
    pthread_mutex_unlock(&scan->rules->lock);
    atomic_store(&scan->seeking, true);
}

/* Has the scan run for so long, and will go on for as long as far as that is known: of files it is
 * not, but a thread that asks has just got some. */
static bool is_long(struct hunch_scan *scan, uint64_t ms)
{
    const uint64_t ran = (hunch_clock_ns() - scan->began_ns) / 1000000;
    const uint64_t done = atomic_load(&scan->bytes);
    const uint64_t left = scan->record_bytes > done ? scan->record_bytes - done : 0;
    return ran >= ms && (scan->records == NULL || left / (ms + 1) >= done / (ran + 1));
}

/* Is there enough for a device that is open? Of files it is known when they were read. */
static bool is_large(struct hunch_scan *scan)
{
    const size_t least = scan->rules->engine->sizes.device_least;
    return scan->record_bytes >= least || atomic_load(&scan->bytes) >= least;
}

/* By one thread, while the others work. A device that has no room for all threads is left alone. */
static void set_up_device(struct hunch_scan *scan, struct hunch_device *device)
{
    struct hunch_device_rules *rules = NULL;
    struct hunch_error why = {0};
    hunch_status status = hunch_scan_device_rules(scan, &rules, &why);
    if (status == HUNCH_OK)
        status = hunch_dispatch_set_up_device(scan, device, &why);
    if (status == HUNCH_OK && hunch_scan_share_device(scan, rules) < scan->threads)
        status = hunch_fail(&why, HUNCH_ERROR_MEMORY, "the GPU's memory has no room for %u threads",
                            scan->threads);
    if (status != HUNCH_OK) {
        hunch_scan_leave_device(scan, &why);
        return;
    }
    pthread_mutex_lock(&scan->lock);
    scan->on_device = rules;
    hunch_offload_found(&scan->offload);
    pthread_mutex_unlock(&scan->lock);
}

void hunch_scan_auto_look(struct hunch_scan *scan)
{
    if (!atomic_load_explicit(&scan->seeking, memory_order_relaxed))
        return;
    struct hunch_engine *engine = scan->rules->engine;
    struct hunch_device *device = engine->device;
    /* Opening takes one thread 0.2 to 0.3 s, and some seconds where the kernels have to be
     * compiled, for which whoever frees the engine may have to wait: it shall be little of the
     * whole. */
    const uint64_t after = engine->sizes.open_after;
    if (device == NULL && is_long(scan, after))
        hunch_engine_open_device(engine, is_long(scan, COMPILE_AFTER * after));
    if (device != NULL && is_large(scan) && atomic_exchange(&scan->seeking, false))
        set_up_device(scan, device);
}

bool hunch_scan_auto_next(struct hunch_scan *scan, uint32_t *turn)
{
    if (atomic_load(&scan->device_lost) && scan->offload.device)
        hunch_offload_lost(&scan->offload);
    return hunch_offload_next(&scan->offload, turn) == HUNCH_SIDE_DEVICE;
}

void hunch_scan_auto_done(struct hunch_scan_thread *t, const struct hunch_job *job, uint64_t ns)
{
    struct hunch_scan *scan = t->scan;
    if (!scan->automatic || t->helped)
        return;
    pthread_mutex_lock(&scan->lock);
    hunch_offload_done(&scan->offload, job->turn, t->bytes, ns);
    pthread_mutex_unlock(&scan->lock);
}

void hunch_scan_auto_end(struct hunch_scan *scan)
{
    if (!scan->automatic)
        return;
    pthread_mutex_lock(&scan->rules->lock);
    *memory_of(scan) = scan->offload.memory;
    pthread_mutex_unlock(&scan->rules->lock);
}
