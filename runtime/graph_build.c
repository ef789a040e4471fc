/* graph_build.c: the second pass of graph_scan.c: one link unit's files in memory, what they
 * include from elsewhere, and what graph/evaluate.h finds in them. */
#include "graph_scan_state.h"

#include <string.h>
#include <unistd.h>

/* ---- reading ---- */

const uint8_t *hunch_graph_read_member(struct hunch_graph_scan *g,
                                       const struct hunch_graph_member *m,
                                       struct hunch_buffer *buffer, size_t *size, const char **why,
                                       struct hunch_error *err)
{
    static const uint8_t nothing[1];
    struct hunch_read r;
    *why = "";
    *size = 0;
    if (m->record != NULL) {
        *size = m->record->size;
        if (*size > HUNCH_GRAPH_INPUT_MOST)
            *why = "it has more than 16 MiB, which no graph is made of";
        return *why[0] ? NULL : *size ? m->record->bytes : nothing;
    }
    hunch_status status = hunch_read_whole(
        g->a, hunch_dir_fd(m->dir), m->name + m->base, m->follow ? HUNCH_READ_FOLLOW : 0,
        g->scan->options.max_file_size, HUNCH_GRAPH_INPUT_MOST, buffer, &r, err);
    if (status != HUNCH_OK) {
        hunch_graph_fail(g, err);
        return NULL;
    }
    *size = r.size;
    if (r.state == HUNCH_READ_WHOLE) {
        hunch_buffer_fit(g->a, buffer, r.size); /* it stays as long as the unit */
        return r.size ? buffer->bytes : nothing;
    }
    if (r.state == HUNCH_READ_LARGE) {
        close(r.fd);
        *why = "it has more than 16 MiB, which no graph is made of";
    } else if (m->shared) {
        *why = "it cannot be read";
    }
    return NULL;
}

hunch_status hunch_graph_lose(struct hunch_graph_scan *g, struct hunch_graph_member *m,
                              const char *text, struct hunch_error *err)
{
    bool ok = true;
    pthread_mutex_lock(&g->lock);
    if (m->lost.count < 200) { /* of many gaps the first tell enough */
        if (m->lost.count > 0)
            m->lost.count--;
        ok = (m->lost.count == 0 || hunch_vec_append(g->a, &m->lost, "; ", 2)) &&
             hunch_vec_append(g->a, &m->lost, text, strlen(text) + 1);
    }
    pthread_mutex_unlock(&g->lock);
    return ok ? HUNCH_OK : hunch_fail_memory(err, strlen(text), "a link unit");
}

/* ---- one unit ---- */

/* One unit on its way: its files in memory. */
struct building {
    struct hunch_graph_scan *g;
    uint32_t language;
    HUNCH_VEC(struct hunch_graph_input) input;
    HUNCH_VEC(size_t) member; /* of each input */
    HUNCH_VEC(struct hunch_buffer) buffer;
    HUNCH_VEC(uint32_t) rule, graph;           /* rules whose gates hold, and their stages */
    size_t own;                                /* inputs that are not shared */
    pthread_mutex_t lock;                      /* of `other` */
    HUNCH_VEC(struct hunch_graph_input) other; /* of other units: included */
    HUNCH_VEC(struct hunch_buffer) other_buffer;
};

static bool is_stopped(void *ctx)
{
    struct building *b = ctx;
    return hunch_graph_over(b->g);
}

static const uint8_t *on_include(void *ctx, const char *name, const char *from, size_t *size,
                                 const char **found)
{
    struct building *b = ctx;
    struct hunch_graph_scan *g = b->g;
    const struct hunch_graph_member *m =
        hunch_graph_files_included(&g->files, b->language, name, from);
    const uint8_t *bytes = NULL;
    if (m == NULL)
        return NULL;
    *found = m->name;
    for (size_t i = 0; i < b->input.count; i++)
        if (b->input.items[i].name == m->name) {
            *size = b->input.items[i].size;
            return b->input.items[i].bytes;
        }
    pthread_mutex_lock(&b->lock);
    for (size_t i = 0; i < b->other.count && bytes == NULL; i++)
        if (b->other.items[i].name == m->name) {
            *size = b->other.items[i].size;
            bytes = b->other.items[i].bytes;
        }
    if (bytes == NULL) {
        struct hunch_buffer buffer = {0};
        struct hunch_error err = {0};
        const char *why;
        bytes = hunch_graph_read_member(g, m, &buffer, size, &why, &err);
        struct hunch_graph_input input = {m->name, bytes, *size};
        if (bytes == NULL || !hunch_vec_reserve(g->a, &b->other, 1) ||
            !hunch_vec_push(g->a, &b->other_buffer, buffer)) {
            hunch_buffer_free(g->a, &buffer);
            bytes = NULL;
        } else {
            b->other.items[b->other.count++] = input;
        }
    }
    pthread_mutex_unlock(&b->lock);
    return bytes;
}

static hunch_status on_found(void *ctx, size_t rule, size_t file, uint64_t start, uint64_t end,
                             const uint8_t *witness, size_t witness_size, struct hunch_error *err)
{
    struct building *b = ctx;
    struct hunch_graph_scan *g = b->g;
    if (file >= b->own)
        return HUNCH_OK; /* reported where the file is scanned, or nowhere */
    pthread_mutex_lock(&g->lock);
    struct hunch_graph_finding_of f = {.member = b->member.items[file],
                                       .rule = b->rule.items[rule],
                                       .start = start,
                                       .end = end,
                                       .witness = g->witness.count,
                                       .witness_size = witness_size};
    bool ok = hunch_vec_append(g->a, &g->witness, witness, witness_size) &&
              hunch_vec_push(g->a, &g->finding, f);
    pthread_mutex_unlock(&g->lock);
    return ok ? HUNCH_OK : hunch_fail_memory(err, sizeof f + witness_size, "findings");
}

static hunch_status on_gap(void *ctx, size_t file, const char *function, uint32_t line,
                           const char *reason, struct hunch_error *err)
{
    struct building *b = ctx;
    char text[200];
    if (file == b->input.count) { /* the unit: its language */
        pthread_mutex_lock(&b->g->lock);
        if (b->g->note[0] == '\0')
            snprintf(b->g->note, sizeof b->g->note, "%s", reason);
        pthread_mutex_unlock(&b->g->lock);
    }
    if (file >= b->own)
        return HUNCH_OK;
    if (function != NULL)
        snprintf(text, sizeof text, "%.60s at line %u: %.110s", function, line, reason);
    else if (line > 0)
        snprintf(text, sizeof text, "line %u: %.170s", line, reason);
    else
        snprintf(text, sizeof text, "%.190s", reason);
    return hunch_graph_lose(b->g, &b->g->files.member.items[b->member.items[file]], text, err);
}

/* One that has no room for the graph is good for records all the same. */
static void on_device_failed(void *ctx, const struct hunch_error *why)
{
    struct building *b = ctx;
    if (why->code == HUNCH_ERROR_MEMORY)
        hunch_scan_without_device(b->g->scan, why, "the host solved graph rules");
    else
        hunch_scan_leave_device(b->g->scan, why);
}

static hunch_status take_file(struct building *b, size_t index, struct hunch_error *err)
{
    struct hunch_graph_scan *g = b->g;
    struct hunch_graph_member *m = &g->files.member.items[index];
    struct hunch_buffer buffer = {0};
    const char *why;
    size_t size;
    const uint8_t *bytes = hunch_graph_read_member(g, m, &buffer, &size, &why, err);
    if (bytes == NULL) {
        hunch_buffer_free(g->a, &buffer);
        return m->lost.count == 0 && why[0] ? hunch_graph_lose(g, m, why, err) : HUNCH_OK;
    }
    struct hunch_graph_input input = {m->name, bytes, size};
    if (!hunch_vec_reserve(g->a, &b->input, 1) || !hunch_vec_reserve(g->a, &b->member, 1) ||
        !hunch_vec_push(g->a, &b->buffer, buffer)) {
        hunch_buffer_free(g->a, &buffer);
        return hunch_fail_memory(err, sizeof input, "a link unit");
    }
    b->input.items[b->input.count++] = input;
    b->member.items[b->member.count++] = index;
    return HUNCH_OK;
}

/* The unit's own files, then shared ones that are not among them. */
static hunch_status take_files(struct building *b, const struct hunch_graph_unit *u,
                               struct hunch_error *err)
{
    const struct hunch_graph_files *f = &b->g->files;
    hunch_status status = HUNCH_OK;
    for (size_t i = 0; i < u->count && status == HUNCH_OK; i++)
        status = take_file(b, f->by_unit.items[u->first + i], err);
    b->own = b->input.count;
    for (size_t i = f->shared; i < f->member.count && status == HUNCH_OK; i++) {
        const struct hunch_graph_member *m = &f->member.items[i];
        bool known = m->language != u->language;
        for (size_t k = 0; k < b->own && !known; k++)
            known = strcmp(b->input.items[k].name, m->name) == 0;
        if (!known)
            status = take_file(b, i, err);
    }
    return status;
}

void hunch_graph_build(struct hunch_graph_scan *g, size_t item, void *own)
{
    const struct hunch_graph_unit *u = &g->files.unit.items[item];
    const struct hunch_program *p = g->scan->rules->program;
    struct building b = {.g = g, .language = u->language};
    struct hunch_error err = {0};
    hunch_status status = HUNCH_OK;
    /* One with more than its share of all files is what others would wait for. */
    const unsigned all = g->scan->threads;
    const unsigned inner = u->count > g->files.member.count / all ? all : g->inner;
    (void)own;
    pthread_mutex_init(&b.lock, NULL);
    for (size_t k = 0; k < g->rule.count && status == HUNCH_OK; k++)
        if (g->holds[item * g->rule.count + k] &&
            (!hunch_vec_push(g->a, &b.rule, g->rule.items[k]) ||
             !hunch_vec_push(g->a, &b.graph, hunch_graph_stage_of(p, g->rule.items[k]))))
            status = hunch_fail_memory(&err, sizeof(uint32_t), "graph rules");
    if (status == HUNCH_OK && b.rule.count > 0)
        status = take_files(&b, u, &err);
    if (status == HUNCH_OK && b.input.count > 0 && !hunch_graph_over(g)) {
        struct hunch_graph_work work = {.a = g->a,
                                        .plan = g->plan,
                                        .language = u->language,
                                        .file = b.input.items,
                                        .count = b.input.count,
                                        .rule = b.graph.items,
                                        .rule_count = b.graph.count,
                                        .threads = inner,
                                        .cache = g->scan->rules->engine->cache,
                                        .written = &g->written,
                                        .plain = g->scan->backend == HUNCH_BACKEND_REF,
                                        .device = hunch_scan_solver(g->scan),
                                        .device_least = g->scan->rules->engine->sizes.solve_least,
                                        .ctx = &b,
                                        .include = on_include,
                                        .stopped = is_stopped,
                                        .found = on_found,
                                        .gap = on_gap,
                                        .device_failed = on_device_failed};
        status = hunch_graph_evaluate(&work, &err);
    }
    if (status != HUNCH_OK)
        hunch_graph_fail(g, &err);
    for (size_t i = 0; i < b.buffer.count; i++)
        hunch_buffer_free(g->a, &b.buffer.items[i]);
    for (size_t i = 0; i < b.other_buffer.count; i++)
        hunch_buffer_free(g->a, &b.other_buffer.items[i]);
    hunch_vec_free(g->a, &b.input);
    hunch_vec_free(g->a, &b.member);
    hunch_vec_free(g->a, &b.buffer);
    hunch_vec_free(g->a, &b.rule);
    hunch_vec_free(g->a, &b.graph);
    hunch_vec_free(g->a, &b.other);
    hunch_vec_free(g->a, &b.other_buffer);
    pthread_mutex_destroy(&b.lock);
}
