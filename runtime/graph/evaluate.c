/* evaluate.c: see evaluate.h. */
#include "graph/evaluate.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "error.h"
#include "graph/actions.h"
#include "graph/found_store.h"
#include "graph/store.h"
#include "graph/unit.h"
#include "graph/unit_store.h"
#include "witness.h"

_Static_assert((int)HUNCH_GRAPH_INPUT_MOST <= (int)HUNCH_GRAPH_SOURCE_MOST, "bytes of a file");

/* ---- memory ---- */

/* What a unit's graphs take is bounded by their sources. It also ends work that knows no other end:
 * nothing more is given once the scan is stopped. */
enum { MEMORY_LEAST = 512 << 20, MEMORY_A_BYTE = 256 };

struct bounded {
    struct hunch_allocator base;
    const struct hunch_graph_work *work;
    size_t most;
    atomic_size_t used;
    atomic_bool is_over;
};

static void *bounded_realloc(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
    struct bounded *b = ctx;
    const struct hunch_allocator *a = b->work->a;
    if (new_size == 0) {
        hunch_free(a, ptr, old_size);
        atomic_fetch_sub(&b->used, old_size);
        return NULL;
    }
    const size_t more = new_size > old_size ? new_size - old_size : 0;
    if (more > 0) {
        const size_t used = atomic_load(&b->used);
        if (used > b->most || more > b->most - used)
            atomic_store(&b->is_over, true);
        if (atomic_load(&b->is_over) || b->work->stopped(b->work->ctx))
            return NULL;
    }
    void *bytes = ptr ? hunch_realloc(a, ptr, old_size, new_size) : hunch_alloc(a, new_size);
    if (bytes != NULL)
        atomic_fetch_add(&b->used, new_size - old_size); /* less than 0 goes around */
    return bytes;
}

/* ---- the cache ---- */

/* A scan that has written so much keeps no more units: they would push out each other. */
enum { WRITTEN_MOST = 256 << 20, TRIM_EACH = 64 << 20 };

/* The folder may hold that much more than it should, until the scan ends: graph_scan.c. */
static void wrote(const struct hunch_graph_work *w, size_t bytes)
{
    const size_t before = atomic_fetch_add(w->written, bytes);
    if (before / TRIM_EACH != (before + bytes) / TRIM_EACH)
        hunch_graph_store_trim(w->a, w->cache);
}

static bool may_write(const struct hunch_graph_work *w)
{
    return atomic_load(w->written) < WRITTEN_MOST;
}

/* ---- files to graphs, several at once ---- */

typedef HUNCH_VEC(uint32_t) line_list; /* offsets at which lines begin */

struct reading {
    const struct hunch_graph_work *work;
    struct hunch_asked asked; /* what files include */
    struct hunch_told told;
    struct hunch_key key;            /* what the unit is kept under */
    bool is_kept;                    /* it is worth it */
    bool is_whole;                   /* it has all files */
    struct hunch_graph_file **graph; /* one a file; NULL: it could not be read */
    hunch_status *status;            /* why */
    struct hunch_error *why;
    size_t *input_of; /* the unit's files, among those of the work */
    line_list *line;  /* of each file, once a witness asks for them */
    atomic_size_t next;
    struct bounded memory; /* of graphs and of the unit */
};

static void *read_files(void *ctx)
{
    struct reading *r = ctx;
    const struct hunch_graph_work *w = r->work;
    for (;;) {
        size_t i = atomic_fetch_add(&r->next, 1);
        if (i >= w->count || w->stopped(w->ctx))
            return NULL;
        struct hunch_graph_source source = {.name = w->file[i].name,
                                            .bytes = w->file[i].bytes,
                                            .size = w->file[i].size,
                                            .include = w->include,
                                            .ctx = w->ctx};
        if (r->is_kept && w->include != NULL) {
            source.include = hunch_asked_include;
            source.ctx = &r->asked;
        }
        size_t written;
        r->status[i] =
            hunch_graph_recall(&r->memory.base, w->cache, (enum hunch_graph_language)w->language,
                               &source, &r->graph[i], &written, &r->why[i]);
        wrote(w, written);
    }
}

static void read_all(struct reading *r)
{
    enum { MOST = 64 };
    pthread_t thread[MOST];
    unsigned n = r->work->threads < MOST ? r->work->threads : MOST, started = 0;
    if (n > r->work->count)
        n = (unsigned)r->work->count;
    for (unsigned i = 1; i < n; i++, started++)
        if (pthread_create(&thread[started], NULL, read_files, r) != 0)
            break; /* this thread does their work */
    read_files(r);
    for (unsigned i = 0; i < started; i++)
        pthread_join(thread[i], NULL);
}

/* ---- witnesses ---- */

typedef HUNCH_VEC(uint8_t) bytes;

static bool find_lines(const struct hunch_allocator *a, const struct hunch_graph_input *f,
                       line_list *line)
{
    const uint8_t *at = f->bytes, *end = at + f->size;
    bool ok = hunch_vec_push(a, line, 0);
    while (ok && f->size > 0 && (at = memchr(at, '\n', (size_t)(end - at))) != NULL)
        ok = hunch_vec_push(a, line, (uint32_t)(++at - f->bytes));
    return ok;
}

static void place_of(const line_list *lines, uint32_t at, uint64_t *line, uint64_t *column)
{
    size_t low = 0, high = lines->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (lines->items[middle] <= at)
            low = middle;
        else
            high = middle;
    }
    *line = low + 1;
    *column = at - lines->items[low] + 1;
}

/* Source text on one line: what stands between words is one space. */
static bool put_text(const struct hunch_allocator *a, bytes *out, const struct hunch_graph_input *f,
                     struct hunch_extent span, uint32_t *length)
{
    uint8_t text[HUNCH_WITNESS_TEXT_MOST];
    uint32_t n = 0;
    for (uint32_t i = span.begin; i < span.end && i < f->size && n < sizeof text; i++) {
        bool blank = f->bytes[i] <= ' ' || f->bytes[i] == 0x7f;
        if (blank && (n == 0 || text[n - 1] == ' '))
            continue;
        text[n++] = blank ? ' ' : f->bytes[i];
    }
    if (n == sizeof text) /* whole characters */
        while (n > 0 && (text[n - 1] & 0xc0) == 0x80)
            n--;
    if (n > 0 && text[n - 1] >= 0xc0)
        n--;
    while (n > 0 && text[n - 1] == ' ')
        n--;
    *length = n;
    return hunch_vec_append(a, out, text, n);
}

static bool put_step(struct reading *r, size_t file, enum hunch_step_kind kind,
                     struct hunch_extent span, bytes *out)
{
    const struct hunch_graph_work *w = r->work;
    const struct hunch_graph_input *f = &w->file[file];
    struct hunch_witness_head head;
    memset(&head, 0, sizeof head); /* what is between its fields is compared, and kept, too */
    head.start = span.begin;
    head.end = span.end;
    head.what = (uint32_t)kind;
    head.name = (uint32_t)strlen(f->name);
    size_t at = out->count;
    if (r->line[file].count == 0 && !find_lines(w->a, f, &r->line[file]))
        return false;
    place_of(&r->line[file], span.begin, &head.line, &head.column);
    if (!hunch_vec_append(w->a, out, (const uint8_t *)&head, sizeof head) ||
        !hunch_vec_append(w->a, out, (const uint8_t *)f->name, head.name) ||
        !put_text(w->a, out, f, span, &head.text))
        return false;
    memcpy(out->items + at, &head, sizeof head);
    return true;
}

/* ---- the unit ---- */

static hunch_status pass_flows(struct reading *r, struct hunch_unit *unit,
                               const struct hunch_graph_rule *rule, struct hunch_error *err)
{
    const struct hunch_graph_work *w = r->work;
    const struct hunch_graph_finding *finding;
    size_t count = 0;
    bytes witness = {0};
    hunch_status status = hunch_unit_solve(unit, rule, w->rule_count, &finding, &count, err);
    for (size_t i = 0; status == HUNCH_OK && i < count; i++) {
        const struct hunch_graph_finding *f = &finding[i];
        witness.count = 0;
        for (size_t k = 0; k < f->step_count && status == HUNCH_OK; k++)
            if (!put_step(r, r->input_of[f->step[k].file], f->step[k].kind, f->step[k].span,
                          &witness))
                status = hunch_fail_memory(err, sizeof f->step[k], "a witness");
        if (status == HUNCH_OK)
            status = hunch_tell_found(w, &r->told, f->rule, r->input_of[f->file], f->span,
                                      witness.items, witness.count, err);
    }
    hunch_vec_free(w->a, &witness);
    return status;
}

/* Of dominance the witness is what dominates, where something does, and the statement. */
static hunch_status pass_actions(struct reading *r, size_t file,
                                 const struct hunch_graph_rule *rule, struct hunch_error *err)
{
    const struct hunch_graph_work *w = r->work;
    hunch_actions_found found = {0};
    bytes witness = {0};
    hunch_status status =
        hunch_actions_solve(w->a, r->graph[file], rule, w->rule_count, &found, err);
    for (size_t i = 0; status == HUNCH_OK && i < found.count; i++) {
        const struct hunch_action_found *f = &found.items[i];
        bool ok = true;
        witness.count = 0;
        if (!rule[f->rule].missing)
            ok = put_step(r, file, HUNCH_STEP_SOURCE, f->by, &witness);
        ok = ok && put_step(r, file, HUNCH_STEP_SINK, f->span, &witness);
        status = ok ? hunch_tell_found(w, &r->told, f->rule, file, f->span, witness.items,
                                       witness.count, err)
                    : hunch_fail_memory(err, sizeof *f, "a witness");
    }
    hunch_vec_free(w->a, &found);
    hunch_vec_free(w->a, &witness);
    return status;
}

static bool is_flow(const struct hunch_graph_work *w, size_t rule)
{
    const enum hunch_graph_rule_kind kind = hunch_graph_plan_rule(w->plan, w->rule[rule])->kind;
    return kind == HUNCH_GRAPH_FLOWS_TO || kind == HUNCH_GRAPH_TAINT;
}

static size_t count_flows(const struct hunch_graph_work *w)
{
    size_t count = 0;
    for (size_t i = 0; i < w->rule_count; i++)
        count += is_flow(w, i);
    return count;
}

static hunch_status pass_findings(struct reading *r, struct hunch_unit *unit,
                                  struct hunch_error *err)
{
    const struct hunch_graph_work *w = r->work;
    struct hunch_graph_rule *rule = hunch_alloc_array(w->a, w->rule_count, sizeof *rule);
    const size_t flows = count_flows(w);
    hunch_status status = HUNCH_OK;
    if (rule == NULL)
        return hunch_fail_memory(err, w->rule_count * sizeof *rule, "graph rules");
    for (size_t i = 0; i < w->rule_count; i++)
        rule[i] = *hunch_graph_plan_rule(w->plan, w->rule[i]);
    if (flows > 0)
        status = pass_flows(r, unit, rule, err);
    for (size_t i = 0; flows < w->rule_count && i < w->count && status == HUNCH_OK; i++)
        if (r->graph[i] != NULL && !w->stopped(w->ctx))
            status = pass_actions(r, i, rule, err);
    hunch_free_array(w->a, rule, w->rule_count, sizeof *rule);
    return status;
}

static hunch_status pass_gaps(struct reading *r, const struct hunch_unit *unit,
                              struct hunch_error *err)
{
    const struct hunch_graph_work *w = r->work;
    const struct hunch_graph_gap *gap;
    size_t count = hunch_unit_gaps(unit, &gap);
    hunch_status status = HUNCH_OK;
    for (size_t i = 0; i < count && status == HUNCH_OK; i++)
        status = hunch_tell_gap(w, &r->told, r->input_of[gap[i].file], gap[i].name, gap[i].line,
                                gap[i].reason, err);
    return status;
}

/* Graphs of all files, and what of them there is not. */
static hunch_status read_graphs(struct reading *r, struct hunch_error *err)
{
    const struct hunch_graph_work *w = r->work;
    hunch_status status = HUNCH_OK;
    bool told = false;
    read_all(r);
    for (size_t i = 0; i < w->count && status == HUNCH_OK; i++) {
        if (r->status[i] == HUNCH_ERROR_MEMORY) {
            *err = r->why[i];
            status = r->status[i];
        } else if (r->status[i] == HUNCH_ERROR_UNSUPPORTED && !told) {
            told = true; /* the same of all files */
            status = w->gap(w->ctx, w->count, NULL, 0, r->why[i].message, err);
        } else if (r->status[i] != HUNCH_OK && r->status[i] != HUNCH_ERROR_UNSUPPORTED) {
            status = w->gap(w->ctx, i, NULL, 0, r->why[i].message, err);
        }
    }
    return status;
}

/* The unit of all files that could be read; NULL: there is none. */
static hunch_status build(struct reading *r, struct hunch_unit **unit, struct hunch_error *err)
{
    const struct hunch_graph_work *w = r->work;
    struct hunch_unit_file *file = hunch_alloc_array(w->a, w->count, sizeof *file);
    size_t n = 0, flows;
    if (file == NULL)
        return hunch_fail_memory(err, w->count * sizeof *file, "a link unit");
    for (size_t i = 0; i < w->count; i++) {
        if (r->graph[i] == NULL)
            continue;
        file[n] = (struct hunch_unit_file){r->graph[i], w->file[i].name};
        r->input_of[n++] = i;
    }
    const struct hunch_library_flow *library = hunch_graph_plan_library(w->plan, &flows);
    hunch_status status = HUNCH_OK;
    if (n > 0)
        status = hunch_unit_new(&r->memory.base, file, n, library, flows, w->threads, unit, err);
    r->is_whole = n == w->count;
    hunch_free_array(w->a, file, w->count, sizeof *file);
    return status;
}

/* A unit that was built is written while rules are solved. */
struct keeping {
    const struct reading *r;
    const struct hunch_unit *unit;
    pthread_t thread;
    bool runs;
};

static void *keep(void *ctx)
{
    const struct keeping *k = ctx;
    const struct hunch_graph_work *w = k->r->work;
    wrote(w, hunch_unit_keep(k->unit, w, &k->r->key, &k->r->asked));
    return NULL;
}

static void start_keeping(struct keeping *k)
{
    k->runs = k->r->work->threads > 1 && pthread_create(&k->thread, NULL, keep, k) == 0;
    if (!k->runs)
        (void)keep(k);
}

/* The unit, from the folder or built, and what rules find in it. *is_whole: all of it. */
static hunch_status solve(struct reading *r, bool *is_whole, struct hunch_error *err)
{
    struct keeping keeping = {.r = r};
    const struct hunch_graph_work *w = r->work;
    struct hunch_unit *unit = NULL;
    hunch_status status = HUNCH_OK;
    if (r->is_kept)
        unit = hunch_unit_recall(&r->memory.base, w, &r->key, &r->asked);
    for (size_t i = 0; i < w->count; i++)
        r->input_of[i] = i;
    if (unit == NULL || count_flows(w) < w->rule_count)
        status = read_graphs(r, err);
    for (size_t i = 0; i < w->count; i++)
        if (r->graph[i] != NULL && hunch_graph_is_timed(r->graph[i]))
            r->is_kept = false;
    if (status == HUNCH_OK && unit == NULL && !w->stopped(w->ctx)) {
        status = build(r, &unit, err);
        keeping.unit = unit;
        if (unit != NULL && r->is_kept && r->is_whole && may_write(w))
            start_keeping(&keeping);
    }
    if (unit != NULL && w->plain)
        hunch_unit_be_plain(unit);
    if (unit != NULL && w->device != NULL)
        hunch_unit_use_device(unit, w->device, w->device_least, w->a);
    if (status == HUNCH_OK && unit != NULL && !w->stopped(w->ctx))
        status = pass_findings(r, unit, err);
    if (status == HUNCH_OK && unit != NULL && !w->stopped(w->ctx) &&
        hunch_unit_device_problem(unit)->code != HUNCH_OK)
        w->device_failed(w->ctx, hunch_unit_device_problem(unit));
    if (status == HUNCH_OK && unit != NULL)
        status = pass_gaps(r, unit, err);
    *is_whole = unit != NULL && !w->stopped(w->ctx);
    if (keeping.runs)
        pthread_join(keeping.thread, NULL);
    hunch_unit_free(unit);
    return status;
}

/* The same by way of what was found before. */
static hunch_status find(struct reading *r, struct hunch_error *err)
{
    const struct hunch_graph_work *w = r->work;
    hunch_status status;
    bool is_whole;
    r->is_kept = r->is_kept && hunch_unit_key(w, &r->key);
    if (!r->is_kept || w->plain) /* `ref` finds what it finds by itself */
        return solve(r, &is_whole, err);
    struct hunch_key key;
    if (!hunch_found_key(w, &r->key, &key))
        return solve(r, &is_whole, err);
    if (hunch_found_recall(w, &key, &r->asked, &status, err))
        return status;
    status = solve(r, &is_whole, err);
    for (size_t i = 0; i < w->count; i++)
        is_whole &= r->status[i] == HUNCH_OK;
    if (status == HUNCH_OK && is_whole && r->is_kept)
        wrote(w, hunch_found_keep(w, &key, &r->asked, &r->told));
    return status;
}

hunch_status hunch_graph_evaluate(const struct hunch_graph_work *w, struct hunch_error *err)
{
    struct reading r = {.work = w};
    hunch_status status = HUNCH_OK;
    uint64_t bytes_of_sources = 0;
    for (size_t i = 0; i < w->count; i++)
        bytes_of_sources += w->file[i].size;
    r.memory.base = (struct hunch_allocator){bounded_realloc, &r.memory};
    r.memory.work = w;
    r.memory.most = (size_t)(MEMORY_LEAST + MEMORY_A_BYTE * bytes_of_sources);
    hunch_asked_init(&r.asked, w);
    r.graph = hunch_alloc_zero(w->a, w->count * sizeof *r.graph);
    r.line = hunch_alloc_zero(w->a, w->count * sizeof *r.line);
    r.input_of = hunch_alloc_array(w->a, w->count, sizeof *r.input_of);
    r.status = hunch_alloc_array(w->a, w->count, sizeof *r.status);
    r.why = hunch_alloc_array(w->a, w->count, sizeof *r.why);
    if (r.graph == NULL || r.line == NULL || r.input_of == NULL || r.status == NULL ||
        r.why == NULL) {
        status = hunch_fail_memory(err, w->count * sizeof *r.why, "a link unit");
        goto done;
    }
    memset(r.status, 0, w->count * sizeof *r.status);
    memset(r.why, 0, w->count * sizeof *r.why);
    r.is_kept = w->cache != NULL && bytes_of_sources >= HUNCH_UNIT_STORE_LEAST;
    status = find(&r, err);
    if (status == HUNCH_ERROR_MEMORY && w->stopped(w->ctx))
        status = HUNCH_OK; /* that is why there was none */
    if (status == HUNCH_ERROR_MEMORY && atomic_load(&r.memory.is_over)) {
        char text[200];
        snprintf(
            text, sizeof text,
            "the graph of a link unit of %zu files, %.80s among them, takes more than %zu MiB; "
            "link less of it",
            w->count, w->file[0].name, r.memory.most >> 20);
        status = w->gap(w->ctx, w->count, NULL, 0, text, err);
    }
done:
    for (size_t i = 0; r.graph != NULL && i < w->count; i++)
        hunch_graph_file_free(r.graph[i]);
    for (size_t i = 0; r.line != NULL && i < w->count; i++)
        hunch_vec_free(w->a, &r.line[i]);
    hunch_asked_free(&r.asked);
    hunch_vec_free(w->a, &r.told.bytes);
    hunch_free(w->a, r.graph, w->count * sizeof *r.graph);
    hunch_free(w->a, r.line, w->count * sizeof *r.line);
    hunch_free_array(w->a, r.input_of, w->count, sizeof *r.input_of);
    hunch_free_array(w->a, r.status, w->count, sizeof *r.status);
    hunch_free_array(w->a, r.why, w->count, sizeof *r.why);
    return status;
}
