/* graph_scan.c: see graph_scan.h. Two passes over the files of the graph rules' languages: literals
 * of all, so that each link unit knows which rules' prefilters hold over it; then, for units with
 * such a rule, all of their files as graphs. Threads share out the files in the first pass; in the
 * second the units where there are many, else the files of one. */
#include "graph_scan.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../kernels/gate_tile.h"
#include "clock.h"
#include "graph/evaluate.h"
#include "graph_files.h"

struct finding {
    size_t member;
    uint32_t rule; /* of the program */
    uint64_t start, end;
    size_t witness, witness_size; /* piece of `witness` */
};

struct hunch_graph_scan {
    struct hunch_scan *scan;
    const struct hunch_allocator *a;
    struct hunch_graph_plan *plan;
    HUNCH_VEC(uint32_t) rule;    /* graph rules that are decided, of the program */
    HUNCH_VEC(uint32_t) pattern; /* that their gates ask for, each once */
    uint8_t *seen;               /* a row of patterns for each unit, then one for each language */
    uint8_t *holds;              /* a row of rules for each unit */
    struct hunch_graph_files files;
    pthread_mutex_t lock; /* of what follows, while threads run */
    HUNCH_VEC(struct finding) finding;
    HUNCH_VEC(uint8_t) witness;
    HUNCH_VEC(struct hunch_graph_found) found;
    char note[256];
    struct hunch_error failure;
    pthread_cond_t done;
    unsigned running;
    atomic_size_t next;
    unsigned inner; /* threads that one unit may use */
};

enum { LANGUAGES = HP_LANGUAGE_JAVA + 1, TICK_MS = 40 };

static void fail(struct hunch_graph_scan *g, const struct hunch_error *err)
{
    pthread_mutex_lock(&g->lock);
    if (g->failure.code == HUNCH_OK)
        g->failure = *err;
    pthread_mutex_unlock(&g->lock);
}

static bool over(struct hunch_graph_scan *g)
{
    pthread_mutex_lock(&g->lock);
    bool failed = g->failure.code != HUNCH_OK;
    pthread_mutex_unlock(&g->lock);
    return failed || hunch_scan_stopped(g->scan);
}

/* ---- which rules ---- */

static uint32_t graph_of(const struct hunch_program *p, uint32_t rule)
{
    const struct hp_stage *stage = p->stage + p->rule[rule].stage;
    while (stage->kind != HP_STAGE_GRAPH)
        stage++;
    return stage->a;
}

static uint32_t language_of(const struct hunch_graph_scan *g, uint32_t rule)
{
    const struct hunch_program *p = g->scan->rules->program;
    return p->graph[graph_of(p, rule)].language;
}

static bool ask_for(struct hunch_graph_scan *g, uint32_t pattern)
{
    for (size_t i = 0; i < g->pattern.count; i++)
        if (g->pattern.items[i] == pattern)
            return true;
    return hunch_vec_push(g->a, &g->pattern, pattern);
}

static hunch_status choose(struct hunch_graph_scan *g, uint32_t *languages, struct hunch_error *err)
{
    const struct hunch_program *p = g->scan->rules->program;
    bool ok = true;
    *languages = 0;
    for (uint32_t i = 0; i < p->rule_count && ok; i++) {
        const struct hp_rule *r = &p->rule[i];
        if (!(r->flags & HP_RULE_GRAPH) || !(g->scan->plan->wanted[i] & HUNCH_WANTED_DECIDE))
            continue;
        ok = hunch_vec_push(g->a, &g->rule, i);
        *languages |= 1u << language_of(g, i);
        for (uint32_t k = 0; k < r->gate_count && ok; k++) {
            uint32_t word = p->word[r->gate + k];
            if ((word & 0xff) == HP_GATE_PATTERN)
                ok = ask_for(g, word >> 8);
            if ((word & 0xff) == HP_GATE_AT_LEAST)
                k++;
        }
    }
    if (!ok)
        return hunch_fail_memory(err, p->rule_count * sizeof(uint32_t), "graph rules");
    struct hunch_graph_tables tables = {.blob = p->blob,
                                        .graph = p->graph,
                                        .spot = p->spot,
                                        .test = p->test,
                                        .action = p->action,
                                        .flow = p->flow,
                                        .graph_count = p->graph_count,
                                        .spot_count = p->spot_count,
                                        .test_count = p->test_count,
                                        .action_count = p->action_count,
                                        .flow_count = p->flow_count};
    return hunch_graph_plan_new(g->a, &tables, &g->plan, err);
}

/* ---- threads ---- */

struct crew {
    struct hunch_graph_scan *g;
    void (*work)(struct hunch_graph_scan *g, size_t item, void *own);
    size_t count;
    bool searches; /* each thread needs a worker */
};

static void run_items(struct crew *c, void (*look)(void *ctx), void *ctx)
{
    struct hunch_graph_scan *g = c->g;
    struct hunch_scan_thread t;
    struct hunch_error err = {0};
    hunch_status status = HUNCH_OK;
    if (c->searches)
        status = hunch_scan_thread_init(&t, g->scan, &err);
    if (status == HUNCH_OK && c->searches)
        status = hunch_scan_matcher(&t, &err);
    if (status != HUNCH_OK)
        fail(g, &err);
    while (!over(g)) {
        size_t i = atomic_fetch_add(&g->next, 1);
        if (i >= c->count)
            break;
        if (look)
            look(ctx);
        c->work(g, i, &t);
    }
    if (c->searches && t.worker != NULL)
        t.worker->hit_count = 0; /* the records' own scan counts them */
    if (c->searches)
        hunch_scan_thread_done(&t);
}

static void *crew_main(void *ctx)
{
    struct crew *c = ctx;
    struct hunch_graph_scan *g = c->g;
    run_items(c, NULL, NULL);
    pthread_mutex_lock(&g->lock);
    g->running--;
    pthread_cond_signal(&g->done);
    pthread_mutex_unlock(&g->lock);
    return NULL;
}

/* Items 0 to count - 1, by up to `threads`, while this thread looks around. */
static void run_crew(struct crew *c, unsigned threads, void (*look)(void *ctx), void *ctx)
{
    struct hunch_graph_scan *g = c->g;
    pthread_t *thread = hunch_alloc_array(g->a, threads, sizeof *thread);
    unsigned started = 0;
    atomic_store(&g->next, 0);
    for (; thread != NULL && threads > 1 && started < threads && started < c->count; started++) {
        pthread_mutex_lock(&g->lock);
        g->running++;
        pthread_mutex_unlock(&g->lock);
        if (pthread_create(&thread[started], NULL, crew_main, c) != 0) {
            pthread_mutex_lock(&g->lock);
            g->running--;
            pthread_mutex_unlock(&g->lock);
            break;
        }
    }
    if (started == 0)
        run_items(c, look, ctx);
    pthread_mutex_lock(&g->lock);
    while (g->running > 0) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += TICK_MS * 1000000L;
        if (until.tv_nsec >= 1000000000L)
            until.tv_sec++, until.tv_nsec -= 1000000000L;
        pthread_cond_timedwait(&g->done, &g->lock, &until);
        pthread_mutex_unlock(&g->lock);
        look(ctx);
        pthread_mutex_lock(&g->lock);
    }
    pthread_mutex_unlock(&g->lock);
    for (unsigned i = 0; i < started; i++)
        pthread_join(thread[i], NULL);
    hunch_free_array(g->a, thread, threads, sizeof *thread);
}

/* ---- reading ---- */

/* All bytes of a member, or NULL with *why: what is wrong with it, "" where the scan tells. */
static const uint8_t *read_member(struct hunch_graph_scan *g, const struct hunch_graph_member *m,
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
        fail(g, err);
        return NULL;
    }
    *size = r.size;
    if (r.state == HUNCH_READ_WHOLE)
        return r.size ? buffer->bytes : nothing;
    if (r.state == HUNCH_READ_LARGE) {
        close(r.fd);
        *why = "it has more than 16 MiB, which no graph is made of";
    } else if (m->shared) {
        *why = "it cannot be read";
    }
    return NULL;
}

/* One more sentence of what of a member was not evaluated. */
static hunch_status lose(struct hunch_graph_scan *g, struct hunch_graph_member *m, const char *text,
                         struct hunch_error *err)
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

/* ---- the first pass: literals ---- */

static uint8_t *row_of(const struct hunch_graph_scan *g, const struct hunch_graph_member *m)
{
    size_t row = m->shared ? g->files.unit.count + m->language : m->unit;
    return g->seen + row * g->pattern.count;
}

static hunch_status look_for(struct hunch_graph_scan *g, struct hunch_scan_thread *t,
                             const struct hunch_graph_member *m, const uint8_t *bytes, size_t size,
                             struct hunch_error *err)
{
    struct hunch_record_source source;
    const struct hunch_program *p = g->scan->rules->program;
    uint8_t *row = row_of(g, m);
    hunch_source_memory(&source, bytes, size, g->scan->rules->engine->sizes.window,
                        &g->scan->stopper);
    hunch_worker_begin(t->worker, m->name, m->name_length, &source.base);
    hunch_status status = hunch_worker_slice(t->worker, t->kind, t->matcher, t->scratch, bytes,
                                             size, 0, 0, size, err);
    for (size_t i = 0; i < g->pattern.count && status == HUNCH_OK; i++) {
        uint32_t pattern = g->pattern.items[i];
        bool occurs = t->worker->seen[pattern] != 0;
        if (p->pattern[pattern].kind != HP_PATTERN_LITERAL)
            status = hunch_worker_occurs(t->worker, pattern, &occurs, err);
        if (status != HUNCH_OK || !occurs)
            continue;
        pthread_mutex_lock(&g->lock);
        row[i] = 1;
        pthread_mutex_unlock(&g->lock);
    }
    hunch_worker_begin(t->worker, "", 0, NULL);
    return status == HUNCH_ERROR_CANCELLED ? HUNCH_OK : status;
}

static void search_member(struct hunch_graph_scan *g, size_t item, void *own)
{
    struct hunch_graph_member *m = &g->files.member.items[item];
    struct hunch_buffer buffer = {0};
    struct hunch_error err = {0};
    const char *why;
    size_t size;
    const uint8_t *bytes = read_member(g, m, &buffer, &size, &why, &err);
    hunch_status status = HUNCH_OK;
    if (bytes != NULL)
        status = look_for(g, own, m, bytes, size, &err);
    if (status != HUNCH_OK)
        fail(g, &err);
    hunch_buffer_free(g->a, &buffer);
}

/* Which rules' gates hold over which units. */
static hunch_status ask_gates(struct hunch_graph_scan *g, struct hunch_error *err)
{
    const struct hunch_program *p = g->scan->rules->program;
    uint8_t *presence = hunch_alloc_zero(g->a, p->pattern_count + 1);
    if (presence == NULL)
        return hunch_fail_memory(err, p->pattern_count, "gates of graph rules");
    for (size_t u = 0; u < g->files.unit.count; u++) {
        const uint8_t *row = g->seen + u * g->pattern.count;
        const uint8_t *shared =
            g->seen + (g->files.unit.count + g->files.unit.items[u].language) * g->pattern.count;
        for (size_t i = 0; i < g->pattern.count; i++)
            presence[g->pattern.items[i]] = row[i] | shared[i];
        for (size_t k = 0; k < g->rule.count; k++) {
            const struct hp_rule *r = &p->rule[g->rule.items[k]];
            g->holds[u * g->rule.count + k] =
                language_of(g, g->rule.items[k]) == g->files.unit.items[u].language &&
                (r->gate_count == 0 || hunch_gate_tile(p->word + r->gate, r->gate_count,
                                                       (struct hunch_presence){.bytes = presence}));
        }
    }
    hunch_free(g->a, presence, p->pattern_count + 1);
    return HUNCH_OK;
}

/* ---- the second pass: graphs ---- */

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
    return over(b->g);
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
        bytes = read_member(g, m, &buffer, size, &why, &err);
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
    struct finding f = {.member = b->member.items[file],
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
    if (file >= b->own)
        return HUNCH_OK;
    if (function != NULL)
        snprintf(text, sizeof text, "%.60s at line %u: %.110s", function, line, reason);
    else
        snprintf(text, sizeof text, "%.190s", reason);
    return lose(b->g, &b->g->files.member.items[b->member.items[file]], text, err);
}

static hunch_status take_file(struct building *b, size_t index, struct hunch_error *err)
{
    struct hunch_graph_scan *g = b->g;
    struct hunch_graph_member *m = &g->files.member.items[index];
    struct hunch_buffer buffer = {0};
    const char *why;
    size_t size;
    const uint8_t *bytes = read_member(g, m, &buffer, &size, &why, err);
    if (bytes == NULL) {
        hunch_buffer_free(g->a, &buffer);
        return why[0] ? lose(g, m, why, err) : HUNCH_OK;
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
    for (size_t i = 0; i < f->member.count && status == HUNCH_OK; i++) {
        const struct hunch_graph_member *m = &f->member.items[i];
        bool known = !m->shared || m->language != u->language;
        for (size_t k = 0; k < b->own && !known; k++)
            known = strcmp(b->input.items[k].name, m->name) == 0;
        if (!known)
            status = take_file(b, i, err);
    }
    return status;
}

static void build_unit(struct hunch_graph_scan *g, size_t item, void *own)
{
    const struct hunch_graph_unit *u = &g->files.unit.items[item];
    const struct hunch_program *p = g->scan->rules->program;
    struct building b = {.g = g, .language = u->language};
    struct hunch_error err = {0};
    hunch_status status = HUNCH_OK;
    (void)own;
    pthread_mutex_init(&b.lock, NULL);
    for (size_t k = 0; k < g->rule.count && status == HUNCH_OK; k++)
        if (g->holds[item * g->rule.count + k] &&
            (!hunch_vec_push(g->a, &b.rule, g->rule.items[k]) ||
             !hunch_vec_push(g->a, &b.graph, graph_of(p, g->rule.items[k]))))
            status = hunch_fail_memory(&err, sizeof(uint32_t), "graph rules");
    if (status == HUNCH_OK && b.rule.count > 0)
        status = take_files(&b, u, &err);
    if (status == HUNCH_OK && b.input.count > 0 && !over(g)) {
        struct hunch_graph_work work = {.a = g->a,
                                        .plan = g->plan,
                                        .language = u->language,
                                        .file = b.input.items,
                                        .count = b.input.count,
                                        .rule = b.graph.items,
                                        .rule_count = b.graph.count,
                                        .threads = g->inner,
                                        .ctx = &b,
                                        .include = on_include,
                                        .stopped = is_stopped,
                                        .found = on_found,
                                        .gap = on_gap};
        status = hunch_graph_evaluate(&work, &err);
    }
    if (status != HUNCH_OK)
        fail(g, &err);
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

/* ---- findings by member ---- */

static int compare_findings(const void *x, const void *y, void *ctx)
{
    const struct finding *a = x, *b = y;
    const struct hunch_graph_scan *g = ctx;
    if (a->member != b->member)
        return a->member < b->member ? -1 : 1;
    if (a->rule != b->rule)
        return a->rule < b->rule ? -1 : 1;
    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    if (a->end != b->end)
        return a->end < b->end ? -1 : 1;
    size_t least = a->witness_size < b->witness_size ? a->witness_size : b->witness_size;
    int order =
        least ? memcmp(g->witness.items + a->witness, g->witness.items + b->witness, least) : 0;
    return order != 0 ? order : (a->witness_size > b->witness_size) - (a->witness_size < least);
}

static hunch_status settle(struct hunch_graph_scan *g, struct hunch_error *err)
{
    size_t n = g->finding.count;
    if (n > 1)
        qsort_r(g->finding.items, n, sizeof *g->finding.items, compare_findings, g);
    for (size_t i = 0; i < n; i++) {
        const struct finding *f = &g->finding.items[i];
        struct hunch_graph_found found = {f->rule, f->start, f->end, g->witness.items + f->witness,
                                          f->witness_size};
        struct hunch_graph_member *m = &g->files.member.items[f->member];
        if (m->count++ == 0)
            m->found = i;
        if (!hunch_vec_push(g->a, &g->found, found))
            return hunch_fail_memory(err, sizeof found, "findings");
    }
    for (size_t i = 0; i < g->files.member.count; i++) {
        struct hunch_graph_member *m = &g->files.member.items[i];
        m->result =
            (struct hunch_graph_record){.found = m->count ? g->found.items + m->found : NULL,
                                        .count = m->count,
                                        .lost = m->lost.count ? m->lost.items : NULL};
    }
    return HUNCH_OK;
}

/* ---- all of it ---- */

static bool some_hold(const struct hunch_graph_scan *g)
{
    for (size_t i = 0; i < g->files.unit.count * g->rule.count; i++)
        if (g->holds[i])
            return true;
    return false;
}

static hunch_status evaluate(struct hunch_graph_scan *g, void (*look)(void *ctx), void *ctx,
                             struct hunch_error *err)
{
    size_t units = g->files.unit.count, rows = units + LANGUAGES;
    g->seen = hunch_alloc_zero(g->a, rows * g->pattern.count + 1);
    g->holds = hunch_alloc_zero(g->a, units * g->rule.count + 1);
    if (g->seen == NULL || g->holds == NULL)
        return hunch_fail_memory(err, rows * g->pattern.count, "gates of graph rules");
    unsigned threads = g->scan->threads;
    struct crew search = {g, search_member, g->files.member.count, true};
    if (g->pattern.count > 0)
        run_crew(&search, threads, look, ctx);
    hunch_status status = over(g) ? HUNCH_OK : ask_gates(g, err);
    if (status == HUNCH_OK && !over(g) && some_hold(g)) {
        bool many = units >= threads;
        struct crew build = {g, build_unit, units, false};
        g->inner = many ? 1 : threads;
        run_crew(&build, many ? threads : 1, look, ctx);
    }
    if (status == HUNCH_OK && g->failure.code != HUNCH_OK) {
        *err = g->failure;
        status = err->code;
    }
    if (status == HUNCH_OK && !hunch_scan_stopped(g->scan))
        status = settle(g, err);
    return status;
}

hunch_status hunch_graph_scan_run(struct hunch_scan *scan, void (*look)(void *ctx), void *ctx,
                                  struct hunch_graph_scan **out, struct hunch_error *err)
{
    uint32_t languages;
    *out = NULL;
    if (!(scan->groups & 1u << HP_GROUP_GRAPH) || scan->options.prefilter_only)
        return HUNCH_OK;
    struct hunch_graph_scan *g = hunch_alloc_zero(scan->a, sizeof *g);
    if (g == NULL)
        return hunch_fail_memory(err, sizeof *g, "graph rules");
    g->scan = scan;
    g->a = scan->a;
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->done, NULL);
    hunch_status status = choose(g, &languages, err);
    if (status == HUNCH_OK && scan->has_single) {
        uint32_t language = hunch_graph_language_of(scan->single.name, scan->single.name_length);
        if (languages & 1u << language)
            snprintf(g->note, sizeof g->note,
                     "%.100s is too large for the graph rules, which look at sources up to 16 MiB",
                     scan->single.name);
    } else if (status == HUNCH_OK && scan->options.resident) {
        snprintf(g->note, sizeof g->note,
                 "graph rules do not look at records that are resident on a device");
    } else if (status == HUNCH_OK) {
        status = hunch_graph_files_collect(&g->files, scan, languages, err);
        if (status == HUNCH_OK)
            status = evaluate(g, look, ctx, err);
    }
    if (status == HUNCH_OK)
        *out = g;
    else
        hunch_graph_scan_free(g);
    return status;
}

void hunch_graph_scan_free(struct hunch_graph_scan *g)
{
    if (g == NULL)
        return;
    size_t units = g->files.unit.count, rows = units + LANGUAGES;
    hunch_free(g->a, g->seen, rows * g->pattern.count + 1);
    hunch_free(g->a, g->holds, units * g->rule.count + 1);
    hunch_graph_plan_free(g->plan);
    hunch_graph_files_free(&g->files);
    hunch_vec_free(g->a, &g->rule);
    hunch_vec_free(g->a, &g->pattern);
    hunch_vec_free(g->a, &g->finding);
    hunch_vec_free(g->a, &g->witness);
    hunch_vec_free(g->a, &g->found);
    pthread_mutex_destroy(&g->lock);
    pthread_cond_destroy(&g->done);
    hunch_free(g->a, g, sizeof *g);
}

const char *hunch_graph_scan_note(const struct hunch_graph_scan *g)
{
    return g ? g->note : "";
}

const struct hunch_graph_record *hunch_graph_scan_record(const struct hunch_graph_scan *g,
                                                         const struct hunch_item *item)
{
    const struct hunch_graph_member *m = NULL;
    if (g == NULL || g->files.member.count == 0)
        return NULL;
    if (item->record != NULL) {
        size_t low = 0, high = g->files.member.count; /* in the order of the records */
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            const struct hunch_graph_member *at = &g->files.member.items[middle];
            if (at->record != NULL && at->record < item->record)
                low = middle + 1;
            else
                high = middle;
        }
        if (low < g->files.member.count && g->files.member.items[low].record == item->record)
            m = &g->files.member.items[low];
    } else if (item->kind == HUNCH_ITEM_FILE) {
        m = hunch_graph_files_named(&g->files, item->name, item->name_length);
    }
    return m && (m->count > 0 || m->lost.count > 0) ? &m->result : NULL;
}
