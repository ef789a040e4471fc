/* graph_scan.c: see graph_scan.h. Two passes over the files of the graph rules' languages: literals
 * of all, so that each link unit knows which rules' prefilters hold over it; then, for units with
 * such a rule, all of their files as graphs. Threads share out the files in the first pass; in the
 * second the units where there are many, else the files of one. */
#include "graph_scan.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../kernels/gate_tile.h"
#include "clock.h"
#include "graph/store.h"
#include "graph_scan_state.h"

enum { TICK_MS = 40 };

void hunch_graph_fail(struct hunch_graph_scan *g, const struct hunch_error *err)
{
    pthread_mutex_lock(&g->lock);
    if (g->failure.code == HUNCH_OK)
        g->failure = *err;
    pthread_mutex_unlock(&g->lock);
}

bool hunch_graph_over(struct hunch_graph_scan *g)
{
    pthread_mutex_lock(&g->lock);
    bool failed = g->failure.code != HUNCH_OK;
    pthread_mutex_unlock(&g->lock);
    return failed || hunch_scan_stopped(g->scan);
}

/* ---- which rules ---- */

uint32_t hunch_graph_stage_of(const struct hunch_program *p, uint32_t rule)
{
    const struct hp_stage *stage = p->stage + p->rule[rule].stage;
    while (stage->kind != HP_STAGE_GRAPH)
        stage++;
    return stage->a;
}

static uint32_t language_of(const struct hunch_graph_scan *g, uint32_t rule)
{
    const struct hunch_program *p = g->scan->rules->program;
    return p->graph[hunch_graph_stage_of(p, rule)].language;
}

static bool ask_for(struct hunch_graph_scan *g, uint8_t *known, uint32_t pattern)
{
    if (known[pattern])
        return true;
    known[pattern] = 1;
    return hunch_vec_push(g->a, &g->pattern, pattern);
}

static hunch_status choose(struct hunch_graph_scan *g, uint32_t *languages, struct hunch_error *err)
{
    const struct hunch_program *p = g->scan->rules->program;
    uint8_t *known = hunch_alloc_zero(g->a, p->pattern_count + 1);
    bool ok = known != NULL;
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
                ok = ask_for(g, known, word >> 8);
            if ((word & 0xff) == HP_GATE_AT_LEAST)
                k++;
        }
    }
    hunch_free(g->a, known, p->pattern_count + 1);
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
        hunch_graph_fail(g, &err);
    while (!hunch_graph_over(g)) {
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

/* ---- the first pass: literals ---- */

static hunch_status look_for(struct hunch_graph_scan *g, struct hunch_scan_thread *t, size_t item,
                             const uint8_t *bytes, size_t size, struct hunch_error *err)
{
    struct hunch_record_source source;
    const struct hunch_program *p = g->scan->rules->program;
    const struct hunch_graph_member *m = &g->files.member.items[item];
    uint64_t *row = g->seen + item * g->words;
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
        if (status == HUNCH_OK && occurs)
            row[i / 64] |= UINT64_C(1) << i % 64;
    }
    hunch_worker_begin(t->worker, "", 0, NULL);
    return status == HUNCH_ERROR_CANCELLED ? HUNCH_OK : status;
}

/* Where the name of an #include in a line begins, and its length; 0: the line is none. */
static size_t included_name(const char *line, size_t size, const char **name)
{
    size_t i = 0;
    while (i < size && (line[i] == ' ' || line[i] == '\t'))
        i++;
    if (i == size || line[i++] != '#')
        return 0;
    while (i < size && (line[i] == ' ' || line[i] == '\t'))
        i++;
    if (size - i < 7 || memcmp(line + i, "include", 7) != 0)
        return 0;
    for (i += 7; i < size && (line[i] == ' ' || line[i] == '\t');)
        i++;
    if (i == size || (line[i] != '"' && line[i] != '<'))
        return 0;
    const char *end = memchr(line + i + 1, line[i] == '"' ? '"' : '>', size - i - 1);
    *name = line + i + 1;
    return end ? (size_t)(end - *name) : 0;
}

/* What a member includes: a macro's body may hold what a prefilter asks for. */
static hunch_status note_includes(struct hunch_graph_scan *g, size_t item, const uint8_t *bytes,
                                  size_t size, struct hunch_error *err)
{
    const struct hunch_graph_member *m = &g->files.member.items[item];
    const char *at = (const char *)bytes, *end = at + size, *name;
    char text[1024];
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t n = included_name(at, (size_t)((newline ? newline : end) - at), &name);
        at = newline ? newline + 1 : end;
        if (n == 0 || n >= sizeof text)
            continue;
        memcpy(text, name, n);
        text[n] = '\0';
        const struct hunch_graph_member *to =
            hunch_graph_files_included(&g->files, m->language, text, m->name);
        if (to == NULL)
            continue;
        struct hunch_graph_include include = {item, (size_t)(to - g->files.member.items)};
        pthread_mutex_lock(&g->lock);
        bool ok = hunch_vec_push(g->a, &g->include, include);
        pthread_mutex_unlock(&g->lock);
        if (!ok)
            return hunch_fail_memory(err, sizeof include, "what files include");
    }
    return HUNCH_OK;
}

static void search_member(struct hunch_graph_scan *g, size_t item, void *own)
{
    struct hunch_graph_member *m = &g->files.member.items[item];
    struct hunch_buffer buffer = {0};
    struct hunch_error err = {0};
    const char *why;
    size_t size;
    const uint8_t *bytes = hunch_graph_read_member(g, m, &buffer, &size, &why, &err);
    hunch_status status = HUNCH_OK;
    if (bytes != NULL)
        status = look_for(g, own, item, bytes, size, &err);
    if (bytes != NULL && status == HUNCH_OK && m->language == HP_LANGUAGE_C)
        status = note_includes(g, item, bytes, size, &err);
    if (bytes == NULL && why[0]) /* whether or not the unit holds what a rule asks for */
        status = hunch_graph_lose(g, m, why, &err);
    if (status != HUNCH_OK)
        hunch_graph_fail(g, &err);
    hunch_buffer_free(g->a, &buffer);
}

static int compare_includes(const void *x, const void *y)
{
    const struct hunch_graph_include *a = x, *b = y;
    if (a->from != b->from)
        return a->from < b->from ? -1 : 1;
    return a->to < b->to ? -1 : a->to > b->to;
}

/* The members that a unit's gates are asked of, each once: its own, shared ones of its language,
 * and what they include. `mark`: the last unit that met a member, from 1. */
struct reach {
    uint32_t *mark;
    size_t *stack, top;
};

static void reach(struct reach *r, size_t member, uint32_t unit)
{
    if (r->mark[member] == unit)
        return;
    r->mark[member] = unit;
    r->stack[r->top++] = member;
}

/* What occurs in the unit: bits of patterns. */
static void gather(const struct hunch_graph_scan *g, struct reach *r, size_t unit, uint64_t *row)
{
    const struct hunch_graph_files *f = &g->files;
    const struct hunch_graph_unit *u = &f->unit.items[unit];
    memset(row, 0, g->words * sizeof *row);
    for (size_t i = 0; i < u->count; i++)
        reach(r, f->by_unit.items[u->first + i], (uint32_t)unit + 1);
    for (size_t i = f->shared; i < f->member.count; i++)
        if (f->member.items[i].language == u->language)
            reach(r, i, (uint32_t)unit + 1);
    while (r->top > 0) {
        size_t member = r->stack[--r->top], low = 0, high = g->include.count;
        for (size_t w = 0; w < g->words; w++)
            row[w] |= g->seen[member * g->words + w];
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (g->include.items[middle].from < member)
                low = middle + 1;
            else
                high = middle;
        }
        for (; low < g->include.count && g->include.items[low].from == member; low++)
            reach(r, g->include.items[low].to, (uint32_t)unit + 1);
    }
}

/* Which rules' gates hold over which units. */
static hunch_status ask_gates(struct hunch_graph_scan *g, struct hunch_error *err)
{
    const struct hunch_program *p = g->scan->rules->program;
    size_t members = g->files.member.count;
    uint8_t *presence = hunch_alloc_zero(g->a, p->pattern_count + 1);
    uint64_t *row = hunch_alloc_array(g->a, g->words, sizeof *row);
    struct reach r = {hunch_alloc_zero(g->a, members * sizeof *r.mark + 1),
                      hunch_alloc_array(g->a, members, sizeof *r.stack), 0};
    hunch_status status = HUNCH_OK;
    if (presence == NULL || row == NULL || r.mark == NULL || r.stack == NULL) {
        status = hunch_fail_memory(err, p->pattern_count, "gates of graph rules");
        goto done;
    }
    if (g->include.count > 1)
        qsort(g->include.items, g->include.count, sizeof *g->include.items, compare_includes);
    for (size_t u = 0; u < g->files.unit.count; u++) {
        gather(g, &r, u, row);
        for (size_t i = 0; i < g->pattern.count; i++)
            presence[g->pattern.items[i]] = row[i / 64] >> i % 64 & 1;
        for (size_t k = 0; k < g->rule.count; k++) {
            const struct hp_rule *rule = &p->rule[g->rule.items[k]];
            g->holds[u * g->rule.count + k] =
                language_of(g, g->rule.items[k]) == g->files.unit.items[u].language &&
                (rule->gate_count == 0 ||
                 hunch_gate_tile(p->word + rule->gate, rule->gate_count,
                                 (struct hunch_presence){.bytes = presence}));
        }
    }
done:
    hunch_free(g->a, presence, p->pattern_count + 1);
    hunch_free_array(g->a, row, g->words, sizeof *row);
    hunch_free(g->a, r.mark, members * sizeof *r.mark + 1);
    hunch_free_array(g->a, r.stack, members, sizeof *r.stack);
    return status;
}

/* ---- findings by member ---- */

static int compare_findings(const void *x, const void *y, void *ctx)
{
    const struct hunch_graph_finding_of *a = x, *b = y;
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
        const struct hunch_graph_finding_of *f = &g->finding.items[i];
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
    size_t units = g->files.unit.count, members = g->files.member.count;
    g->words = (g->pattern.count + 63) / 64;
    g->seen = hunch_alloc_zero(g->a, members * g->words * sizeof *g->seen + 1);
    g->holds = hunch_alloc_zero(g->a, units * g->rule.count + 1);
    if (g->seen == NULL || g->holds == NULL)
        return hunch_fail_memory(err, members * g->words * 8, "gates of graph rules");
    unsigned threads = g->scan->threads;
    struct crew search = {g, search_member, g->files.member.count, true};
    if (g->pattern.count > 0)
        run_crew(&search, threads, look, ctx);
    hunch_status status = hunch_graph_over(g) ? HUNCH_OK : ask_gates(g, err);
    if (status == HUNCH_OK && !hunch_graph_over(g) && some_hold(g)) {
        bool many = units >= threads;
        struct crew build = {g, hunch_graph_build, units, false};
        g->inner = many ? 1 : threads;
        /* Of one unit, too, in a thread of its own, so that this one can look at the clock. */
        run_crew(&build, many && threads > 1 ? threads : 2, look, ctx);
        if (atomic_load(&g->written) > 0)
            hunch_graph_store_trim(g->a, g->scan->rules->engine->cache);
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
    hunch_free(g->a, g->seen, g->files.member.count * g->words * sizeof *g->seen + 1);
    hunch_free(g->a, g->holds, g->files.unit.count * g->rule.count + 1);
    hunch_vec_free(g->a, &g->include);
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
