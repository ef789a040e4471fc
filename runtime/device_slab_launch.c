/* device_slab_launch.c: the kernels of one search of a slab: what each is given, and their order.
 */
#include "device_slab_state.h"

#include "../kernels/tuning.h"

enum { STATES_MOST = 64 << 20 }; /* bytes of the table of what is known of runs in records */

static uint32_t blocks_for(const struct hunch_slab *b, uint64_t lanes, uint32_t threads)
{
    uint64_t blocks = (lanes + threads - 1) / threads;
    uint64_t most = (uint64_t)b->device->multiprocessors * (2048 / threads);
    return (uint32_t)(blocks < 1 ? 1 : blocks < most ? blocks : most);
}

static hunch_status start(struct hunch_slab *b, const struct hunch_launch *l,
                          struct hunch_error *err)
{
    b->started |= 1u << l->kernel;
    if (l->kernel == HUNCH_ID_hunch_prefilter_kernel && b->rules->variants != NULL)
        return hunch_variants_launch(b->rules->variants, &b->trial, b->stream, l, err);
    return b->device->kind->launch(b->device, b->stream, l, err);
}

static hunch_status launch(struct hunch_slab *b, enum hunch_kernel_id kernel, uint32_t blocks,
                           uint32_t threads, const void *args, size_t size, struct hunch_error *err)
{
    struct hunch_launch l = {kernel, blocks, threads, 0, false, args, size};
    return start(b, &l, err);
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

/* Where the kernel's blocks add up how long they run. */
static struct hunch_busy busy(const struct hunch_slab *b, enum hunch_kernel_id kernel)
{
    return (struct hunch_busy){device_counters(b)->busy, b->rules->share[kernel]};
}

/* Where it says that it ran. */
static struct hunch_signature signature(const struct hunch_slab *b, enum hunch_kernel_id kernel)
{
    return (struct hunch_signature){&device_counters(b)->header, 1u << kernel};
}

static struct hunch_prefilter_args prefilter_args(const struct hunch_slab *b)
{
    struct hunch_prefilter_args args = b->rules->prefilter;
    args.busy = busy(b, HUNCH_ID_hunch_prefilter_kernel);
    args.signature = signature(b, HUNCH_ID_hunch_prefilter_kernel);
    args.slab = hunch_slab_view(b);
    args.hit = b->on_device.literal_hit.at;
    args.count = &device_counters(b)->literals;
    args.many = &device_counters(b)->header.many;
    args.capacity = b->literal_capacity;
    args.chunks =
        (uint32_t)((hunch_slab_padded(b->used) - HUNCH_SLAB_BEHIND) / HUNCH_PREFILTER_CHUNK);
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
    struct hunch_launch l = {HUNCH_ID_hunch_prefilter_kernel,
                             prefilter_blocks(b, args.chunks),
                             b->rules->threads,
                             b->rules->shared,
                             false,
                             &args,
                             sizeof args};
    return start(b, &l, err);
}

static struct hunch_hits_args hits_args(const struct hunch_slab *b)
{
    struct hunch_hits_args args = b->rules->hits;
    args.busy = busy(b, HUNCH_ID_hunch_hits_kernel);
    args.signature = signature(b, HUNCH_ID_hunch_hits_kernel);
    args.slab = hunch_slab_view(b);
    args.literal_hit = b->on_device.literal_hit.at;
    args.literal_count = &device_counters(b)->literals;
    args.literal_capacity = b->literal_capacity;
    args.seen = b->on_device.seen.at;
    args.hit = b->on_device.use_hit.at;
    args.count = &device_counters(b)->uses;
    args.many = &device_counters(b)->header.many;
    args.capacity = b->use_capacity;
    return args;
}

static hunch_status launch_hits(struct hunch_slab *b, struct hunch_error *err)
{
    struct hunch_hits_args args = hits_args(b);
    return launch(b, HUNCH_ID_hunch_hits_kernel,
                  blocks_for(b, b->literal_capacity, HUNCH_HITS_THREADS), HUNCH_HITS_THREADS, &args,
                  sizeof args, err);
}

static struct hunch_confirm_hits_args confirm_args(const struct hunch_slab *b, uint32_t now,
                                                   uint32_t ungated)
{
    struct hunch_confirm_hits_args args = b->rules->confirm;
    args.busy = busy(b, HUNCH_ID_hunch_gates_kernel);
    args.signature = signature(b, HUNCH_ID_hunch_gates_kernel);
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
    args.run_state = b->run_size > 0 ? b->on_device.run_state.at : NULL;
    args.run_rules = (uint32_t)b->rules->gating.run_pattern.count;
    args.run = b->on_device.run.at;
    args.run_count = &device_counters(b)->runs;
    args.run_capacity = HUNCH_RUNS_MOST;
    args.captured = b->on_device.captured.at;
    args.captured_count = &device_counters(b)->captured;
    args.captured_capacity = b->use_capacity / HUNCH_USES_PER_MATCH;
    args.lesson = device_counters(b)->lesson;
    args.lesson_count = &device_counters(b)->lessons;
    args.tally = &device_counters(b)->tally;
    hunch_lessons_view(&b->rules->lessons, &args.tables);
    args.spent_most =
        (uint32_t)(((uint64_t)HUNCH_CONFIRM_WORK * b->used + HUNCH_CONFIRM_WORK_LEAST) /
                   HUNCH_SPENT_BLOCK);
    return args;
}

static struct hunch_collect_args collect_args(const struct hunch_slab *b)
{
    return (struct hunch_collect_args){.busy = busy(b, HUNCH_ID_hunch_collect_kernel),
                                       .signature = signature(b, HUNCH_ID_hunch_collect_kernel),
                                       .hit = b->on_device.use_hit.at,
                                       .hit_count = &device_counters(b)->uses,
                                       .hit_capacity = b->use_capacity,
                                       .every = hunch_slab_every(b),
                                       .verdict = b->on_device.verdict.at,
                                       .captured = b->on_device.captured.at,
                                       .record = b->on_device.state.at,
                                       .kept = b->on_device.kept.at,
                                       .kept_count = &device_counters(b)->header.kept};
}

/* Room for what confirmers say of records, cleared. */
static hunch_status clear_states(struct hunch_slab *b, size_t *size, struct hunch_error *err)
{
    *size = hunch_slab_count(b) * sizeof(struct hunch_record_state);
    hunch_status status = hunch_slab_grow(b, &b->on_device.state, false, *size, err);
    if (status == HUNCH_OK)
        status = hunch_slab_grow(b, &b->host.state, true, *size, err);
    const uint64_t runs =
        ((uint64_t)hunch_slab_count(b) * b->rules->gating.run_pattern.count + 15) / 16 * 4;
    b->run_size = runs <= STATES_MOST ? (size_t)runs : 0;
    if (status == HUNCH_OK && b->run_size > 0)
        status = hunch_slab_grow(b, &b->on_device.run_state, false, b->run_size, err);
    if (status == HUNCH_OK && b->run_size > 0)
        status = hunch_slab_grow(b, &b->host.run_state, true, b->run_size, err);
    if (status == HUNCH_OK && b->run_size > 0)
        status = hunch_slab_grow(b, &b->on_device.run, false,
                                 HUNCH_RUNS_MOST * sizeof(struct hunch_run_part), err);
    if (status == HUNCH_OK && b->run_size > 0)
        status = b->device->kind->clear(b->device, b->stream, b->on_device.run_state.at,
                                        b->run_size, err);
    return status == HUNCH_OK ? hunch_slab_begin_states(b, *size, err) : status;
}

/* What confirmers said of records and of runs in them, on its way back. */
static hunch_status get_states(struct hunch_slab *b, size_t size, struct hunch_error *err)
{
    const struct hunch_device_kind *kind = b->device->kind;
    hunch_status status =
        kind->get(b->device, b->stream, b->host.state.at, b->on_device.state.at, size, err);
    if (status == HUNCH_OK && b->run_size > 0)
        status = kind->get(b->device, b->stream, b->host.run_state.at, b->on_device.run_state.at,
                           b->run_size, err);
    b->runs_known = status == HUNCH_OK && b->run_size > 0;
    return status;
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
    status = launch(b, HUNCH_ID_hunch_gates_kernel, blocks, HUNCH_CONFIRM_THREADS, &confirm,
                    sizeof confirm, err);
    confirm.busy = busy(b, HUNCH_ID_hunch_judge_kernel);
    confirm.signature = signature(b, HUNCH_ID_hunch_judge_kernel);
    if (status == HUNCH_OK)
        status = launch(b, HUNCH_ID_hunch_judge_kernel,
                        blocks_for(b, b->use_capacity, HUNCH_JUDGE_THREADS), HUNCH_JUDGE_THREADS,
                        &confirm, sizeof confirm, err);
    confirm.busy = busy(b, HUNCH_ID_hunch_runs_kernel);
    confirm.signature = signature(b, HUNCH_ID_hunch_runs_kernel);
    if (status == HUNCH_OK && b->run_size > 0)
        status = launch(b, HUNCH_ID_hunch_runs_kernel, blocks, HUNCH_CONFIRM_THREADS, &confirm,
                        sizeof confirm, err);
    if (status == HUNCH_OK)
        status = launch(b, HUNCH_ID_hunch_collect_kernel, blocks, HUNCH_CONFIRM_THREADS, &collect,
                        sizeof collect, err);
    return status == HUNCH_OK ? get_states(b, states, err) : status;
}

/* Everything in one launch. */
static hunch_status launch_fused(struct hunch_slab *b, struct hunch_error *err)
{
    uint64_t tile_size = b->order.tile_size;
    size_t states;
    hunch_status status = clear_states(b, &states, err);
    struct hunch_fused_args args = {.prefilter = prefilter_args(b),
                                    .busy = busy(b, HUNCH_ID_hunch_fused_kernel),
                                    .signature = signature(b, HUNCH_ID_hunch_fused_kernel),
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
        status = start(b, &l, err);
    return status == HUNCH_OK ? get_states(b, states, err) : status;
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
    b->runs_known = false;
    b->started = 0;
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
