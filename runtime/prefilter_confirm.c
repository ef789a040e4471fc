/* prefilter_confirm.c: one batch of a prefilter/confirmer pair, fused or serial, and lists of
 * outputs. A decision is measured when there are outputs, and taken back when there are none: after
 * a failure the speculator knows what it knew before. */
#include "prefilter_confirm.h"

#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "clock.h"
#include "error.h"
#include "speculator.h"

/* ---- outputs ---- */

struct output {
    uint8_t *bytes;
    size_t size;
    size_t allocated; /* size, and the tail that was stripped */
};

struct hunch_outputs {
    const struct hunch_allocator *a;
    HUNCH_VEC(struct output) list;
};

hunch_status hunch_outputs_new(const struct hunch_allocator *a, struct hunch_outputs **out,
                               struct hunch_error *err)
{
    *out = hunch_alloc_zero(a, sizeof **out);
    if (*out == NULL)
        return hunch_fail_memory(err, sizeof **out, "a list of outputs");
    (*out)->a = a;
    return HUNCH_OK;
}

void hunch_outputs_free(struct hunch_outputs *o)
{
    if (o == NULL)
        return;
    for (size_t i = 0; i < o->list.count; i++)
        hunch_free(o->a, o->list.items[i].bytes, o->list.items[i].allocated);
    hunch_vec_free(o->a, &o->list);
    hunch_free(o->a, o, sizeof *o);
}

hunch_status hunch_outputs_add(struct hunch_outputs *o, size_t size, void **bytes,
                               struct hunch_error *err)
{
    struct output new = {hunch_alloc_zero(o->a, size), size, size};
    *bytes = NULL;
    if (new.bytes == NULL || !hunch_vec_push(o->a, &o->list, new)) {
        hunch_free(o->a, new.bytes, size);
        return hunch_fail_memory(err, size, "an output");
    }
    *bytes = new.bytes;
    return HUNCH_OK;
}

size_t hunch_outputs_count(const struct hunch_outputs *o)
{
    return o->list.count;
}

void *hunch_outputs_get(const struct hunch_outputs *o, size_t index, size_t *size)
{
    bool there = index < o->list.count;
    *size = there ? o->list.items[index].size : 0;
    return there ? o->list.items[index].bytes : NULL;
}

/* ---- one dispatch ---- */

/* What a function of the host's returned; it may have left the error as it was. */
static hunch_status explain(hunch_status status, const char *what, const char *name,
                            struct hunch_error *err)
{
    if (status == HUNCH_OK)
        return status;
    if (err->message[0] == '\0')
        hunch_fail(err, status, "%s%.100s failed and did not say why", what, name);
    err->code = status;
    return status;
}

hunch_status hunch_pair_dispatch(const struct hunch_pair_backend *backend, const void *program,
                                 const struct hunch_input *inputs, size_t input_count,
                                 const struct hunch_allocator *a, struct hunch_outputs **outputs,
                                 struct hunch_error *err)
{
    hunch_status status = hunch_outputs_new(a, outputs, err);
    if (status != HUNCH_OK)
        return status;
    hunch_error_clear(err);
    status = backend->dispatch(backend->ctx, program, inputs, input_count, *outputs, err);
    if (status != HUNCH_OK) {
        hunch_outputs_free(*outputs);
        *outputs = NULL;
    }
    return explain(status, "the backend ", backend->name ? backend->name : "in use", err);
}

/* ---- routes ---- */

struct run {
    const struct hunch_pair *pair;
    const struct hunch_pair_batch *batch;
    size_t first;
    struct hunch_pair_result *result;
    struct hunch_measurement measured;
};

/* Which route, and what the speculator is told of the batch. */
static hunch_status decide(const struct run *r, enum hunch_speculation mode,
                           struct hunch_error *err)
{
    const struct hunch_pair_backend *b = r->pair->backend;
    const unsigned serial = HUNCH_ROUTE_BIT(HUNCH_ROUTE_SERIAL);
    struct hunch_batch batch = {
        .tiles = r->batch->tiles,
        .mode = mode,
        .routes = b->can_speculate ? HUNCH_ROUTE_BIT(HUNCH_ROUTE_FUSED) | serial : serial,
        .backend = b->name};
    for (size_t i = 0; i < r->batch->input_count; i++)
        if (__builtin_add_overflow(batch.bytes, r->batch->inputs[i].size, &batch.bytes))
            batch.bytes = UINT64_MAX;
    return hunch_speculator_decide(r->pair->speculator, &batch, &r->result->decision, err);
}

/* Reads the tail of the counter output, and strips it where the plan says so. */
static hunch_status take_tail(const struct run *r, struct hunch_outputs *outputs,
                              struct hunch_error *err)
{
    const struct hunch_pair_plan *plan = &r->pair->plan;
    size_t size, index = plan->counter_output, count = hunch_outputs_count(outputs);
    const void *bytes = hunch_outputs_get(outputs, index, &size);
    if (bytes == NULL)
        return hunch_fail_at(err, HUNCH_ERROR_ARGUMENT, index,
                             "the plan's counter output is %zu, and the fused dispatch gave %zu "
                             "outputs, counted from %zu; name one that is there",
                             index + r->first, count, r->first);
    if (!hunch_parse_counter_tail(bytes, size, &r->result->report))
        return hunch_fail_at(err, HUNCH_ERROR_ARGUMENT, index,
                             "output %zu of the fused dispatch has %zu bytes: no counter tail, "
                             "which needs at least %d and a multiple of 4",
                             index + r->first, size, HUNCH_COUNTER_TAIL_BYTES);
    if (plan->strip_tail)
        outputs->list.items[index].size = size - HUNCH_COUNTER_TAIL_BYTES;
    return HUNCH_OK;
}

static hunch_status run_fused(struct run *r, struct hunch_error *err)
{
    struct hunch_outputs *outputs = NULL;
    uint64_t start = hunch_clock_ns();
    hunch_status status =
        hunch_pair_dispatch(r->pair->backend, r->pair->plan.fused, r->batch->inputs,
                            r->batch->input_count, r->pair->allocator, &outputs, err);
    r->measured.ns = hunch_clock_ns() - start;
    if (status == HUNCH_OK)
        status = take_tail(r, outputs, err);
    if (status != HUNCH_OK) {
        hunch_outputs_free(outputs);
        return status;
    }
    r->result->outputs = outputs;
    r->result->speculated = true;
    r->measured.report = r->result->report;
    return HUNCH_OK;
}

static hunch_status run_serial(struct run *r, struct hunch_error *err)
{
    struct hunch_outputs *prefiltered = NULL, *outputs = NULL;
    if (r->pair->confirm_serial == NULL)
        return hunch_fail(err, HUNCH_ERROR_ARGUMENT,
                          "the batch runs serial, and the pair has no confirm_serial");
    uint64_t start = hunch_clock_ns();
    hunch_status status =
        hunch_pair_dispatch(r->pair->backend, r->pair->plan.prefilter, r->batch->inputs,
                            r->batch->input_count, r->pair->allocator, &prefiltered, err);
    uint64_t between = hunch_clock_ns();
    if (status == HUNCH_OK)
        status = hunch_outputs_new(r->pair->allocator, &outputs, err);
    if (status == HUNCH_OK) {
        hunch_error_clear(err);
        status =
            r->pair->confirm_serial(r->pair->ctx, prefiltered, outputs, &r->measured.report, err);
        status = explain(status, "confirm_serial", "", err);
    }
    r->measured.ns = hunch_clock_ns() - start;
    r->measured.prefilter_ns = between - start;
    r->measured.confirm_ns = r->measured.ns - r->measured.prefilter_ns;
    hunch_outputs_free(prefiltered);
    if (status == HUNCH_OK)
        r->result->outputs = outputs;
    else
        hunch_outputs_free(outputs);
    return status;
}

/* The launch failed: not the caller's mistake, as a wrong index or tail is, and nobody asked for an
 * end. */
static bool may_fall_back(const struct run *r, hunch_status status)
{
    return r->batch->mode == HUNCH_SPECULATE_AUTO && status != HUNCH_OK &&
           status != HUNCH_ERROR_ARGUMENT && status != HUNCH_ERROR_CANCELLED;
}

/* Serial in place of a fused dispatch that failed. To take that route cost the time of both, and an
 * error; twice, so that it never looks as fast as the one that gave the outputs. With no outputs it
 * is no fault of one route, and the caller takes the decision back. */
static hunch_status fall_back(struct run *r, struct hunch_error *err)
{
    const uint64_t failed_ns = r->measured.ns;
    struct hunch_decision failed = r->result->decision;
    r->result->fallback = *err;
    hunch_status status = run_serial(r, err);
    if (status == HUNCH_OK)
        status = decide(r, HUNCH_SPECULATE_DISABLE, err);
    if (status != HUNCH_OK)
        return status;
    hunch_speculator_measure(r->pair->speculator, &r->result->decision, &r->measured);
    struct hunch_measurement both = {.ns = 2 * (failed_ns + r->measured.ns)};
    hunch_speculator_measure(r->pair->speculator, &failed, &both);
    r->result->failed = failed;
    return HUNCH_OK;
}

hunch_status hunch_pair_run(const struct hunch_pair *pair, const struct hunch_pair_batch *batch,
                            size_t first, struct hunch_pair_result *result, struct hunch_error *err)
{
    struct hunch_error own;
    struct run r = {pair, batch, first, result, {0}};
    static const struct hunch_measurement nothing;
    err = err ? err : &own;
    memset(result, 0, sizeof *result);
    if (pair->backend == NULL || pair->backend->dispatch == NULL || pair->speculator == NULL)
        return hunch_fail(err, HUNCH_ERROR_ARGUMENT,
                          "a pair needs a backend that dispatches, and a speculator");
    hunch_status status = decide(&r, batch->mode, err);
    if (status != HUNCH_OK)
        return status;
    status = result->decision.route == HUNCH_ROUTE_FUSED ? run_fused(&r, err) : run_serial(&r, err);
    if (result->decision.route == HUNCH_ROUTE_FUSED && may_fall_back(&r, status))
        status = fall_back(&r, err);
    else if (status == HUNCH_OK)
        hunch_speculator_measure(pair->speculator, &result->decision, &r.measured);
    if (status != HUNCH_OK)
        hunch_speculator_measure(pair->speculator, &result->decision, &nothing);
    return status;
}

hunch_status hunch_prefilter_confirm(const struct hunch_pair *pair,
                                     const struct hunch_pair_batch *batch,
                                     struct hunch_pair_result *result, struct hunch_error *err)
{
    return hunch_pair_run(pair, batch, 0, result, err);
}
