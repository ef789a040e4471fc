/* pair_host.h: a host that dispatches pairs, for pair_check.c and kernel_check.c: expectations, a
 * backend of its own, one pair with all that belongs to it. */
#ifndef HUNCH_SPEC_PAIR_HOST_H
#define HUNCH_SPEC_PAIR_HOST_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "alloc.h"
#include "error.h"
#include "hunch.h"

static _Thread_local unsigned checks, failures;

#define CHECK(condition)                                           \
    do {                                                           \
        checks++;                                                  \
        if (!(condition)) {                                        \
            failures++;                                            \
            printf("%s:%d: %s\n", __FILE__, __LINE__, #condition); \
        }                                                          \
    } while (0)

#define REPORT(c, r) (&(const struct hunch_commit_report){(c), (r)})

/* ---- a backend of the host's own ---- */

/* A program: gives `count` outputs; the one at `tail` has `size` bytes and ends in the counters. */
struct program {
    size_t count, tail, size;
    struct hunch_commit_report counters;
    hunch_status fails;
    const char *why; /* NULL: the error stays as it was */
};

static inline hunch_status dispatch(void *ctx, const void *program,
                                    const struct hunch_input *inputs, size_t input_count,
                                    struct hunch_outputs *outputs, struct hunch_error *err)
{
    const struct program *p = program;
    unsigned *dispatches = ctx;
    if (dispatches != NULL)
        ++*dispatches;
    for (size_t i = 0; i < p->count; i++) {
        void *bytes;
        size_t size = i == p->tail ? p->size : 4;
        hunch_status status = hunch_outputs_add(outputs, size, &bytes, err);
        if (status != HUNCH_OK)
            return status;
        memset(bytes, (int)('a' + i), size);
        if (input_count > 0 && size > 8)
            memcpy(bytes, inputs[0].bytes, inputs[0].size < size - 8 ? inputs[0].size : size - 8);
        if (i == p->tail && size >= 8)
            hunch_encode_counter_tail(&p->counters, (uint8_t *)bytes + size - 8);
    }
    if (p->fails != HUNCH_OK && p->why != NULL)
        snprintf(err->message, sizeof err->message, "%s", p->why); /* and not its code */
    return p->fails;
}

struct host {
    unsigned dispatches, confirms;
    bool slow; /* confirm_serial takes half a millisecond */
    hunch_status fails;
    const char *why;
    struct hunch_commit_report seen;
    size_t prefiltered; /* outputs that confirm_serial was shown */
    struct program fused, prefilter;
    struct hunch_pair_backend backend;
    struct hunch_pair pair;
    struct hunch_input input;
    struct hunch_pair_batch batch;
    struct hunch_pair_result result;
    struct hunch_error err;
};

static inline hunch_status confirm(void *ctx, const struct hunch_outputs *prefiltered,
                                   struct hunch_outputs *outputs, struct hunch_commit_report *seen,
                                   struct hunch_error *err)
{
    struct host *h = ctx;
    size_t size;
    void *bytes;
    const void *first = hunch_outputs_get(prefiltered, 0, &size);
    if (h->slow)
        nanosleep(&(struct timespec){0, 500000}, NULL);
    h->confirms++;
    h->prefiltered = hunch_outputs_count(prefiltered);
    *seen = h->seen; /* also where it fails then */
    if (h->fails != HUNCH_OK && h->why != NULL)
        return hunch_fail(err, h->fails, "%s", h->why);
    if (h->fails != HUNCH_OK)
        return h->fails;
    hunch_status status = hunch_outputs_add(outputs, size, &bytes, err);
    if (status == HUNCH_OK)
        hunch_copy(bytes, first, size);
    return status;
}

/* A fused program of two outputs, the second with a tail of 3 committed, 1 rolled back. */
static inline void set_up(struct host *h, enum hunch_policy policy)
{
    memset(h, 0, sizeof *h);
    h->fused = (struct program){.count = 2, .tail = 1, .size = 20, .counters = {3, 1}};
    h->prefilter = (struct program){.count = 1, .tail = 9};
    h->backend = (struct hunch_pair_backend){"abacus", true, dispatch, &h->dispatches};
    h->pair = (struct hunch_pair){.backend = &h->backend,
                                  .plan = {&h->fused, &h->prefilter, 1, true},
                                  .confirm_serial = confirm,
                                  .ctx = h};
    h->input = (struct hunch_input){"some bytes", 10, false};
    h->batch = (struct hunch_pair_batch){&h->input, 1, 4, HUNCH_SPECULATE_AUTO};
    CHECK(hunch_speculator_new(NULL, policy, 15, &h->pair.speculator, NULL) == HUNCH_OK);
}

static inline hunch_status run(struct host *h)
{
    hunch_outputs_free(h->result.outputs);
    memset(&h->result, 0xee, sizeof h->result);
    memset(&h->err, 0xee, sizeof h->err);
    return hunch_prefilter_confirm(&h->pair, &h->batch, &h->result, &h->err);
}

static inline void tear_down(struct host *h)
{
    hunch_outputs_free(h->result.outputs);
    hunch_speculator_free(h->pair.speculator);
}

static inline bool says(const struct host *h, hunch_status code, const char *text)
{
    bool found = h->err.code == code && strstr(h->err.message, text) != NULL;
    if (!found)
        printf("%d: %s\n", h->err.code, h->err.message);
    return found && h->result.outputs == NULL && !h->result.speculated &&
           h->result.report.committed == 0;
}

static inline size_t size_of(const struct host *h, size_t index)
{
    size_t size;
    CHECK(hunch_outputs_get(h->result.outputs, index, &size) != NULL);
    return size;
}

#endif
