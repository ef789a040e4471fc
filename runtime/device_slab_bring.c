/* device_slab_bring.c: what comes of records that lie on the device: of those that the host decides
 * what it is likely to read, in one copy, and anything else when it is asked for; and texts to
 * learn from. */
#include "device_slab_state.h"

#include <stdlib.h>
#include <string.h>

#include "../kernels/tuning.h"

enum {
    BEFORE = 2 * HUNCH_GRAIN, /* bytes around a hit that come */
    BEHIND = 2 * HUNCH_GRAIN,
    WHOLE = 4 * HUNCH_GRAIN, /* a record up to here comes whole */
    COPY_LEAST = 64          /* bytes between the lists of a launch start at a multiple of it */
};

static bool add_piece(struct hunch_slab *b, uint32_t from, uint32_t size)
{
    struct hunch_piece piece = {from, size};
    return hunch_vec_push(b->a, &b->piece, piece);
}

/* Bytes [low, high) of the record come, by whole grains; not less than those that came before. */
static bool add_range(struct hunch_slab *b, uint32_t record, uint64_t low, uint64_t high)
{
    const uint64_t size = hunch_slab_size(b, record);
    struct hunch_stretch *last = b->stretch.count > b->brought.items[record].stretch
                                     ? &b->stretch.items[b->stretch.count - 1]
                                     : NULL;
    low = low / HUNCH_GRAIN * HUNCH_GRAIN;
    high = (high + HUNCH_GRAIN - 1) / HUNCH_GRAIN * HUNCH_GRAIN;
    if (high > size)
        high = size;
    if (last == NULL || low > last->end) {
        /* Where it begins is known once there is room for all. */
        struct hunch_stretch next = {low, low, (const uint8_t *)(uintptr_t)b->piece.count};
        if (!hunch_vec_push(b->a, &b->stretch, next))
            return false;
        last = &b->stretch.items[b->stretch.count - 1];
    }
    for (uint64_t at = last->end; at < high; at += HUNCH_GRAIN) {
        uint64_t n = high - at < HUNCH_GRAIN ? high - at : HUNCH_GRAIN;
        if (!add_piece(b, b->start.items[record] + (uint32_t)at, (uint32_t)n))
            return false;
        last->end = at + n;
    }
    return true;
}

static int ascending(const void *x, const void *y)
{
    const uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    return a < b ? -1 : a > b;
}

/* Does the host read text because of this hit? Of literals that gates ask for it takes note, and of
 * a match that confirmers have rejected it needs the end. */
static bool is_read(const struct hunch_slab *b, const struct hunch_kept_hit *hit)
{
    const struct hunch_literal_use *use = &b->rules->plan->use[hit->hit.use];
    if (use->kind == HP_PATTERN_LITERAL)
        return (b->rules->gating.shared[use->pattern] & HUNCH_SHARED_SPANS) != 0;
    return hit->verdict.kind != HUNCH_HIT_REJECTED;
}

static bool add_around(struct hunch_slab *b, uint32_t record, const struct hunch_kept_hit *hit,
                       uint32_t count)
{
    const uint64_t size = hunch_slab_size(b, record);
    b->at.count = 0;
    if (!hunch_vec_reserve(b->a, &b->at, count))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        const struct hunch_hit_verdict *v = &hit[i].verdict;
        if (!is_read(b, &hit[i]))
            continue;
        const bool earlier = v->start < v->end && v->start < hit[i].hit.at;
        b->at.items[b->at.count++] = earlier ? v->start : hit[i].hit.at;
    }
    if (b->at.count > 1)
        qsort(b->at.items, b->at.count, sizeof *b->at.items, ascending);
    for (size_t i = 0; i < b->at.count; i++) {
        const uint64_t at = b->at.items[i];
        if (!add_range(b, record, at < BEFORE ? 0 : at - BEFORE,
                       size - at < BEHIND ? size : at + BEHIND))
            return false;
    }
    return true;
}

/* What comes of each record, and the grains of those of which something does. */
static hunch_status plan(struct hunch_slab *b, uint32_t *grains, struct hunch_error *err)
{
    const uint32_t records = hunch_slab_count(b);
    b->brought.count = b->stretch.count = b->piece.count = b->counted.count = 0;
    *grains = 0;
    bool ok = hunch_vec_reserve(b->a, &b->brought, records + 1);
    for (uint32_t i = 0; i <= records && ok; i++) {
        b->brought.items[b->brought.count++] =
            (struct hunch_brought){(uint32_t)b->stretch.count, HP_NONE};
        if (i == records || b->state.items[i].needed == HUNCH_RECORD_SILENT)
            continue;
        const uint32_t size = hunch_slab_size(b, i);
        uint32_t count;
        const struct hunch_kept_hit *hit = hunch_slab_hits(b, i, &count);
        const bool all = b->state.items[i].needed >= HUNCH_RECORD_READ;
        if (size == 0 || (count == 0 && !all))
            continue;
        ok = all || size <= WHOLE ? add_range(b, i, 0, size) : add_around(b, i, hit, count);
        struct hunch_counted counted = {b->start.items[i], size, *grains};
        ok = ok && hunch_vec_push(b->a, &b->counted, counted);
        b->brought.items[i].grain = *grains;
        *grains += (size - 1) / HUNCH_GRAIN + 1;
    }
    return ok ? HUNCH_OK
              : hunch_fail_memory(err, b->piece.count * sizeof *b->piece.items, "a slab");
}

static size_t aligned(size_t size)
{
    return (size + COPY_LEAST - 1) / COPY_LEAST * COPY_LEAST;
}

static hunch_status launch(struct hunch_slab *b, enum hunch_kernel_id kernel, uint32_t warps,
                           const void *args, size_t size, struct hunch_error *err)
{
    const uint32_t of_block = HUNCH_BRING_THREADS / 32, most = 16 * b->device->multiprocessors;
    const uint32_t blocks = (warps + of_block - 1) / of_block;
    struct hunch_launch l = {
        kernel, blocks < most ? blocks : most, HUNCH_BRING_THREADS, 0, false, args, size};
    return b->device->kind->launch(b->device, b->stream, &l, err);
}

/* Both lists to the device, the kernels, and what they made back. */
static hunch_status copy(struct hunch_slab *b, uint32_t grains, struct hunch_error *err)
{
    const struct hunch_device_kind *kind = b->device->kind;
    const size_t pieces = b->piece.count * sizeof *b->piece.items,
                 counted = b->counted.count * sizeof *b->counted.items,
                 bytes = b->piece.count * HUNCH_GRAIN,
                 grained = grains * sizeof(struct hunch_grain);
    hunch_status status =
        hunch_slab_grow(b, &b->on_device.bring, false, aligned(pieces) + counted, err);
    if (status == HUNCH_OK)
        status = hunch_slab_grow(b, &b->on_device.brought, false, bytes + grained, err);
    if (status == HUNCH_OK)
        status = hunch_slab_grow(b, &b->host.bytes, true, bytes + grained, err);
    if (status == HUNCH_OK)
        status = hunch_slab_grow(b, &b->host.bring, true, aligned(pieces) + counted, err);
    if (status != HUNCH_OK)
        return status;
    memcpy(b->host.bring.at, b->piece.items, pieces);
    memcpy((uint8_t *)b->host.bring.at + aligned(pieces), b->counted.items, counted);
    uint8_t *lists = b->on_device.bring.at, *to = b->on_device.brought.at;
    const uint8_t *slab = hunch_slab_view(b).bytes;
    const struct hunch_pieces_args piece_args = {slab, (const struct hunch_piece *)(void *)lists,
                                                 (uint32_t)b->piece.count, to};
    const struct hunch_newlines_args newline_args = {
        slab, (const struct hunch_counted *)(void *)(lists + aligned(pieces)),
        (uint32_t)b->counted.count, grains, (struct hunch_grain *)(void *)(to + bytes)};
    status =
        kind->put(b->device, b->stream, lists, b->host.bring.at, aligned(pieces) + counted, err);
    if (status == HUNCH_OK)
        status = launch(b, HUNCH_ID_hunch_pieces_kernel, piece_args.count, &piece_args,
                        sizeof piece_args, err);
    if (status == HUNCH_OK)
        status = launch(b, HUNCH_ID_hunch_newlines_kernel, grains, &newline_args,
                        sizeof newline_args, err);
    if (status == HUNCH_OK)
        status = kind->get(b->device, b->stream, b->host.bytes.at, to, bytes + grained, err);
    return status == HUNCH_OK ? kind->wait(b->device, b->stream, err) : status;
}

hunch_status hunch_slab_bring(struct hunch_slab *b, struct hunch_error *err)
{
    uint32_t grains;
    hunch_status status = plan(b, &grains, err);
    if (status == HUNCH_OK && b->piece.count > 0)
        status = copy(b, grains, err);
    const uint8_t *bytes = b->host.bytes.at;
    for (size_t i = 0; i < b->stretch.count && status == HUNCH_OK; i++)
        b->stretch.items[i].bytes =
            bytes + (size_t)(uintptr_t)b->stretch.items[i].bytes * HUNCH_GRAIN;
    return status;
}

static hunch_status read_remote(void *ctx, uint64_t at, uint8_t *to, size_t size,
                                struct hunch_error *err)
{
    struct hunch_slab *b = ctx;
    const struct hunch_device_kind *kind = b->device->kind;
    const uint8_t *from = hunch_slab_view(b).bytes + b->start.items[b->remote_record] + at;
    hunch_status status = kind->get(b->device, b->stream, to, from, size, err);
    if (status == HUNCH_OK)
        status = kind->wait(b->device, b->stream, err);
    if (status != HUNCH_OK && b->problem.code == HUNCH_OK && err)
        b->problem = *err;
    return status;
}

const struct hunch_remote *hunch_slab_remote(struct hunch_slab *b, uint32_t record)
{
    const struct hunch_brought *brought = &b->brought.items[record];
    const struct hunch_grain *grain = NULL;
    if (brought->grain != HP_NONE) {
        const uint8_t *bytes = b->host.bytes.at;
        grain = (const struct hunch_grain *)(const void *)(bytes + b->piece.count * HUNCH_GRAIN);
        grain += brought->grain;
    }
    b->remote_record = record;
    b->remote = (struct hunch_remote){
        .read = read_remote,
        .ctx = b,
        .stretch = b->stretch.count > 0 ? b->stretch.items + brought->stretch : NULL,
        .stretch_count = brought[1].stretch - brought->stretch,
        .grain = grain};
    return &b->remote;
}

const struct hunch_error *hunch_slab_problem(const struct hunch_slab *b)
{
    return b->problem.code == HUNCH_OK ? NULL : &b->problem;
}

/* ---- texts to learn from ---- */

/* What of a record a lesson is about, from the byte before its start on: *text but for its bytes.
 */
static void lesson_window(const struct hunch_slab *b, const struct hunch_lesson *lesson,
                          struct hunch_lesson_text *out)
{
    const uint64_t size = hunch_slab_size(b, lesson->record), start = lesson->start,
                   base = start > 0 ? start - 1 : 0,
                   end = size - start < HUNCH_CONFIRM_BUDGET ? size : start + HUNCH_CONFIRM_BUDGET;
    *out = (struct hunch_lesson_text){lesson->regex, start, {NULL, base, end, size}};
}

/* The bytes of n texts, side by side, into the host's memory. */
static hunch_status fetch_lessons(struct hunch_slab *b, const struct hunch_lesson *lesson,
                                  struct hunch_lesson_text *text, size_t n)
{
    const struct hunch_device_kind *kind = b->device->kind;
    struct hunch_error ignored;
    size_t total = 0;
    for (size_t i = 0; i < n; i++)
        total += (size_t)(text[i].text.end - text[i].text.base);
    hunch_status status = hunch_slab_grow(b, &b->host.lesson, true, total, &ignored);
    uint8_t *to = b->host.lesson.at;
    for (size_t i = 0; i < n && status == HUNCH_OK; i++) {
        const size_t size = (size_t)(text[i].text.end - text[i].text.base);
        const uint8_t *from = hunch_slab_view(b).bytes + b->start.items[lesson[i].record];
        text[i].text.bytes = to;
        status = kind->get(b->device, b->stream, to, from + text[i].text.base, size, &ignored);
        to += size;
    }
    return status == HUNCH_OK ? kind->wait(b->device, b->stream, &ignored) : status;
}

void hunch_slab_learn(struct hunch_slab *b)
{
    const struct hunch_counters *counters = hunch_slab_counters(b);
    struct hunch_lesson_text text[HUNCH_LESSONS];
    const size_t n = counters->lessons < HUNCH_LESSONS ? counters->lessons : HUNCH_LESSONS;
    uint32_t size;
    if (n == 0 || hunch_slab_count(b) == 0)
        return;
    for (size_t i = 0; i < n; i++) {
        lesson_window(b, &counters->lesson[i], &text[i]);
        if (!b->is_resident)
            text[i].text.bytes =
                hunch_slab_record(b, counters->lesson[i].record, &size) + text[i].text.base;
    }
    if (!b->is_resident || fetch_lessons(b, counters->lesson, text, n) == HUNCH_OK)
        hunch_lessons_learn(&b->rules->lessons, b->stream, text, n);
}
