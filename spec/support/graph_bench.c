/* graph_bench: how fast rules are solved on value-flow graphs, by the CPU's threads and by a GPU
 * that has them in its memory. spec/bench/gpu_bench.py runs it; words are NAME=VALUE:
 *
 *   graph_bench program= list= language= functions= rules= runs= threads= device=0|1 [cache=]
 *
 * list: a file with paths of sources, one a line: one link unit. It is copied until there are about
 * so many functions; copies lose a tenth of their labels (sources, sinks, sanitizers), others in
 * each. rules: numbers, `32,1024`; rule k is rule k % n of the program's n, less a fourth of its
 * sources. threads share out the copies; the GPU has all of them as one graph. One JSON object for
 * each number of rules; `same`: both found the same. */
#include "gpu_bench.h"

#include <pthread.h>
#include <stdatomic.h>

#include "graph/flow.h"
#include "graph/program_rules.h"
#include "program.h"

enum { THREADS_MOST = 256 };

static uint64_t seed = 1;

static uint32_t chance(uint32_t most)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 33) % most;
}

/* ---- the unit ---- */

struct sources {
    HUNCH_VEC(struct hunch_unit_file) file;
    uint64_t lines;
};

static hunch_status read_source(struct sources *s, uint32_t language, const char *path,
                                struct hunch_error *err)
{
    size_t size;
    struct hunch_graph_file *graph;
    char *bytes = gpu_bench_file(path, &size);
    const struct hunch_graph_source source = {
        .name = path, .bytes = (const uint8_t *)bytes, .size = size};
    const hunch_status status =
        hunch_graph_read(NULL, (enum hunch_graph_language)language, &source, &graph, err);
    const struct hunch_unit_file file = {graph, path};
    if (status == HUNCH_OK && !hunch_vec_push(NULL, &s->file, file))
        return hunch_fail_memory(err, sizeof file, "a link unit");
    for (size_t i = 0; i < size; i++)
        s->lines += bytes[i] == '\n';
    free(bytes);
    return status;
}

static hunch_status read_sources(struct sources *s, char *list, uint32_t language,
                                 struct hunch_error *err)
{
    hunch_status status = HUNCH_OK;
    for (char *line = strtok(list, "\n"); line != NULL && status == HUNCH_OK;
         line = strtok(NULL, "\n"))
        status = read_source(s, language, line, err);
    return status;
}

/* ---- rules ---- */

static bool bit_of(const uint32_t *row, uint32_t rule)
{
    return row[rule / 32] >> rule % 32 & 1u;
}

/* A table for `count` rules from that of the first `have` of them; thin: bits are left out. */
static const uint32_t *widen(const uint32_t *table, size_t rows, uint32_t words, uint32_t have,
                             uint32_t count, bool thin)
{
    const uint32_t width = (count + 31) / 32;
    uint32_t *wide = calloc(rows * width + 1, sizeof *wide);
    if (wide == NULL || table == NULL) {
        free(wide);
        return NULL;
    }
    for (size_t r = 0; r < rows; r++)
        for (uint32_t k = 0; k < count; k++)
            if (bit_of(table + r * words, k % have) && !(thin && k >= have && chance(4) == 0))
                wide[r * width + k / 32] |= 1u << k % 32;
    return wide;
}

static struct hunch_flow_rules widen_rules(const struct hunch_flow_rules *r, size_t classes,
                                           size_t labels, uint32_t have, uint32_t count)
{
    return (struct hunch_flow_rules){
        .words = (count + 31) / 32,
        .pass = widen(r->pass, classes, r->words, have, count, false),
        .enter = widen(r->enter, 1, r->words, have, count, false),
        .leave = widen(r->leave, 1, r->words, have, count, false),
        .give = widen(r->give, labels, r->words, have, count, false),
        .gen = widen(r->gen, labels, r->words, have, count, true),
        .keep = widen(r->keep, labels, r->words, have, count, false),
        .sink = widen(r->sink, labels, r->words, have, count, false),
    };
}

static void free_rules(const struct hunch_flow_rules *r)
{
    const uint32_t *const table[] = {r->pass, r->enter, r->leave, r->give,
                                     r->gen,  r->keep,  r->sink};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        free((void *)table[i]);
}

/* ---- copies ---- */

/* The labels of one more copy. */
static uint32_t *perturb(const struct hunch_flow_graph *g)
{
    uint32_t *label = malloc((g->node_count + 1) * sizeof *label);
    for (uint32_t n = 0; label != NULL && n < g->node_count; n++)
        label[n] = g->label.items[n] != 0 && chance(10) == 0 ? 0 : g->label.items[n];
    return label;
}

#define REPEAT(vec, member, add)                                          \
    for (uint32_t c = 0; c < copies && ok; c++)                           \
        for (size_t i = 0; i < g->vec.count && ok; i++) {                 \
            ok = hunch_vec_push(NULL, &m->vec, g->vec.items[i]);          \
            if (ok)                                                       \
                m->vec.items[m->vec.count - 1] member += (uint32_t)(add); \
        }

/* Where a mask of copy c is among those of all copies. */
static uint32_t mask_of(const struct hunch_flow_graph *g, const struct hunch_flow_graph *m,
                        uint32_t mask, uint32_t c)
{
    if (mask < g->transfer_mask)
        return mask;
    if (mask < g->result_mask)
        return mask + c * (uint32_t)g->transfer.count;
    return mask - g->result_mask + m->result_mask + c * (uint32_t)g->result.count;
}

static bool repeat_edges(const struct hunch_flow_graph *g, struct hunch_flow_graph *m,
                         uint32_t copies)
{
    bool ok = true;
    for (uint32_t c = 0; c < copies && ok; c++) {
        for (size_t i = 0; i < g->in.count && ok; i++) {
            const struct hunch_flow_in in = {g->in.items[i].from,
                                             mask_of(g, m, g->in.items[i].mask, c)};
            ok = hunch_vec_push(NULL, &m->in, in);
        }
        for (size_t i = 0; i < g->out.count && ok; i++) {
            const struct hunch_flow_in out = {g->out.items[i].from,
                                              mask_of(g, m, g->out.items[i].mask, c)};
            ok = hunch_vec_push(NULL, &m->out, out);
        }
        for (size_t i = 0; i < g->cross.count && ok; i++) {
            const struct hunch_flow_cross to = {g->cross.items[i].function + c * g->function_count,
                                                g->cross.items[i].node + c * g->node_count};
            ok = hunch_vec_push(NULL, &m->cross, to);
        }
        for (size_t i = 0; i < g->source.count && ok; i++) {
            const struct hunch_flow_source source = {g->source.items[i].node,
                                                     mask_of(g, m, g->source.items[i].mask, c)};
            ok = hunch_vec_push(NULL, &m->source, source);
        }
        for (size_t i = 0; i < g->bind.count && ok; i++) {
            struct hunch_flow_bind bind = g->bind.items[i];
            bind.callee += c * g->function_count;
            ok = hunch_vec_push(NULL, &m->bind, bind);
        }
    }
    return ok;
}

/* All copies as one graph: functions, nodes and the rest of one copy after those of another. */
static struct hunch_flow_graph *merge(const struct hunch_flow_graph *g, uint32_t *const *label,
                                      uint32_t copies)
{
    struct hunch_flow_graph *m = hunch_alloc_zero(NULL, sizeof *m);
    bool ok = m != NULL;
    if (!ok)
        return NULL;
    m->class_count = g->class_count;
    m->function_count = copies * g->function_count;
    m->node_count = copies * g->node_count;
    m->transfer_mask = g->class_count;
    m->result_mask = m->transfer_mask + copies * (uint32_t)g->transfer.count;
    m->mask_count = m->result_mask + copies * (uint32_t)g->result.count;
    m->function = hunch_alloc_zero(NULL, m->function_count * sizeof *m->function);
    m->cross_first = hunch_alloc_zero(NULL, ((size_t)m->node_count + 2) * sizeof *m->cross_first);
    m->caller_first =
        hunch_alloc_zero(NULL, ((size_t)m->function_count + 2) * sizeof *m->caller_first);
    m->source_first =
        hunch_alloc_zero(NULL, ((size_t)m->function_count + 1) * sizeof *m->source_first);
    ok = m->function != NULL && m->cross_first != NULL && m->caller_first != NULL &&
         m->source_first != NULL;
    for (uint32_t c = 0; c < copies && ok; c++) {
        for (uint32_t f = 0; f < g->function_count; f++) {
            struct hunch_flow_function *to = &m->function[c * g->function_count + f];
            *to = g->function[f];
            to->node += c * g->node_count;
            to->formal += c * (uint32_t)g->formal.count;
            to->result += c * (uint32_t)g->result.count;
            to->transfer += c * (uint32_t)g->transfer.count;
            to->bind += c * (uint32_t)g->bind.count;
            to->group += c * g->function_count;
            m->source_first[c * g->function_count + f] =
                g->source_first[f] + c * (uint32_t)g->source.count;
            m->caller_first[c * g->function_count + f] =
                g->caller_first[f] + c * (uint32_t)g->caller.count;
        }
        for (uint32_t n = 0; n < g->node_count; n++)
            m->cross_first[c * g->node_count + n] =
                g->cross_first[n] + c * (uint32_t)g->cross.count;
        ok = hunch_vec_append(NULL, &m->label, label[c], g->node_count);
    }
    if (ok) {
        m->source_first[m->function_count] = copies * (uint32_t)g->source.count;
        m->caller_first[m->function_count] = copies * (uint32_t)g->caller.count;
        m->cross_first[m->node_count] = copies * (uint32_t)g->cross.count;
    }
    REPEAT(first, , c * g->in.count)
    REPEAT(out_first, , c * g->out.count)
    REPEAT(formal, , 0)
    REPEAT(result, , 0)
    REPEAT(result_node, , c * g->node_count)
    REPEAT(transfer, .formal, 0)
    REPEAT(order, , c * g->function_count)
    REPEAT(caller, , c * g->function_count)
    ok = ok && repeat_edges(g, m, copies);
    if (!ok) {
        hunch_flow_graph_free(m);
        return NULL;
    }
    return m;
}

/* ---- measuring ---- */

struct found {
    uint64_t count, sum; /* of all hits: order does not matter */
};

static void add_hits(struct found *to, const struct hunch_flow_answer *answer, uint32_t first)
{
    for (size_t i = 0; i < answer->hit.count; i++) {
        const struct hunch_flow_hit *h = &answer->hit.items[i];
        uint64_t x = ((uint64_t)(h->function + first) << 32 | h->node) * 0x9e3779b97f4a7c15u;
        x = (x ^ x >> 29 ^ h->rule) * 0xbf58476d1ce4e5b9u;
        to->sum += x ^ x >> 32;
    }
    to->count += answer->hit.count;
}

struct crew {
    const struct hunch_flow_graph *g;
    uint32_t *const *label;
    uint32_t copies;
    const struct hunch_flow_rules *rules;
    atomic_uint next;
    pthread_mutex_t lock;
    struct found found;
    bool failed;
};

static void *solve_copies(void *ctx)
{
    struct crew *crew = ctx;
    struct found found = {0};
    bool failed = false;
    for (uint32_t c; !failed && (c = atomic_fetch_add(&crew->next, 1)) < crew->copies;) {
        struct hunch_flow_graph copy = *crew->g;
        struct hunch_flow_answer answer;
        copy.label.items = crew->label[c];
        failed = hunch_flow_solve(&copy, crew->rules, false, &answer) != HUNCH_OK;
        if (!failed)
            add_hits(&found, &answer, c * copy.function_count);
        if (!failed)
            hunch_flow_answer_free(&copy, &answer);
    }
    pthread_mutex_lock(&crew->lock);
    crew->found.count += found.count;
    crew->found.sum += found.sum;
    crew->failed |= failed;
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

static hunch_status by_threads(struct crew *crew, unsigned threads, int runs, double *seconds,
                               struct hunch_error *err)
{
    double list[GPU_BENCH_RUNS_MOST];
    pthread_t thread[THREADS_MOST];
    for (int i = -1; i < runs; i++) { /* the first warms up */
        const uint64_t began = hunch_clock_ns();
        crew->found = (struct found){0};
        atomic_store(&crew->next, 0);
        unsigned made = 0;
        while (made < threads && pthread_create(&thread[made], NULL, solve_copies, crew) == 0)
            made++;
        const bool all = made == threads;
        while (made > 0)
            pthread_join(thread[--made], NULL);
        if (!all)
            return hunch_fail(err, HUNCH_ERROR_MEMORY, "cannot start %u threads", threads);
        if (i >= 0)
            list[i] = gpu_bench_since(began);
    }
    if (crew->failed)
        return hunch_fail_memory(err, 0, "solving");
    *seconds = gpu_bench_median(list, (size_t)runs);
    return HUNCH_OK;
}

static hunch_status by_device(struct hunch_flow_resident *r, const struct hunch_flow_graph *g,
                              const struct hunch_flow_rules *rules, int runs, double *seconds,
                              struct found *found, struct hunch_error *err)
{
    double list[GPU_BENCH_RUNS_MOST];
    hunch_status status = HUNCH_OK;
    for (int i = -1; i < runs && status == HUNCH_OK; i++) {
        struct hunch_flow_answer answer;
        const uint64_t began = hunch_clock_ns();
        status = hunch_flow_resident_solve(r, rules, HUNCH_SOLVE_HITS, &answer, err);
        if (i >= 0)
            list[i] = gpu_bench_since(began);
        *found = (struct found){0};
        if (status == HUNCH_OK)
            add_hits(found, &answer, 0);
        if (status == HUNCH_OK)
            hunch_flow_answer_free(g, &answer);
    }
    if (status == HUNCH_OK)
        *seconds = gpu_bench_median(list, (size_t)runs);
    return status;
}

struct bench {
    struct hunch_unit *unit;
    struct hunch_flow_rules rows;
    uint32_t rule_count, copies;
    uint32_t **label;
    struct hunch_flow_graph *all; /* copies as one; NULL: no device */
    struct hunch_flow_resident *resident;
    double merge_seconds, upload_seconds;
    const char *about;
};

static hunch_status measure(const struct bench *b, char **words, uint32_t rules,
                            struct hunch_error *err)
{
    const struct hunch_flow_graph *g = b->unit->graph;
    const int runs = gpu_bench_runs(words, "runs");
    const unsigned threads = (unsigned)gpu_bench_number(words, "threads", "0");
    if (threads < 1 || threads > THREADS_MOST)
        return hunch_fail(err, HUNCH_ERROR_ARGUMENT, "threads: 1 to %d", THREADS_MOST);
    struct hunch_flow_rules wide =
        widen_rules(&b->rows, g->class_count, b->unit->label.key.count, b->rule_count, rules);
    struct crew crew = {.g = g, .label = b->label, .copies = b->copies, .rules = &wide};
    struct found on_device = {0};
    double cpu = 0, device = 0;
    pthread_mutex_init(&crew.lock, NULL);
    hunch_status status = by_threads(&crew, threads, runs, &cpu, err);
    if (status == HUNCH_OK && b->resident != NULL)
        status = by_device(b->resident, b->all, &wide, runs, &device, &on_device, err);
    if (status == HUNCH_OK) {
        printf("{\"rules\":%u,\"functions\":%llu,\"nodes\":%llu,\"edges\":%llu,\"copies\":%u,"
               "\"hits\":%llu,\"threads\":%u,\"cpu_seconds\":%.6f",
               rules, (unsigned long long)g->function_count * b->copies,
               (unsigned long long)g->node_count * b->copies,
               (unsigned long long)g->in.count * b->copies, b->copies,
               (unsigned long long)crew.found.count, threads, cpu);
        if (b->resident != NULL) {
            printf(",\"merge_seconds\":%.3f,\"upload_seconds\":%.3f,\"device_seconds\":%.6f,"
                   "\"same\":%s",
                   b->merge_seconds, b->upload_seconds, device,
                   on_device.count == crew.found.count && on_device.sum == crew.found.sum
                       ? "true"
                       : "false");
            gpu_bench_text("about", b->about);
        }
        printf("}\n");
        fflush(stdout);
    }
    pthread_mutex_destroy(&crew.lock);
    free_rules(&wide);
    return status;
}

static hunch_status make_unit(struct bench *b, struct sources *s, const struct hunch_program *p,
                              struct hunch_graph_plan *plan, struct hunch_error *err)
{
    size_t flows;
    bool needs_first;
    HUNCH_VEC(struct hunch_graph_rule) rule = {0};
    const struct hunch_library_flow *library = hunch_graph_plan_library(plan, &flows);
    hunch_status status =
        hunch_unit_new(NULL, s->file.items, s->file.count, library, flows, 1, &b->unit, err);
    for (uint32_t i = 0; i < p->graph_count && status == HUNCH_OK; i++) {
        const struct hunch_graph_rule *one = hunch_graph_plan_rule(plan, i);
        const bool flow =
            p->graph[i].kind == HP_GRAPH_TAINT || p->graph[i].kind == HP_GRAPH_FLOWS_TO;
        if (flow && !hunch_vec_push(NULL, &rule, *one))
            status = hunch_fail_memory(err, sizeof *one, "rules");
    }
    b->rule_count = (uint32_t)rule.count;
    if (status == HUNCH_OK)
        status = hunch_unit_rules(b->unit, rule.items, rule.count, &b->rows, &needs_first);
    hunch_vec_free(NULL, &rule);
    return status;
}

static hunch_status make_copies(struct bench *b, struct hunch_device *d, struct hunch_error *err)
{
    b->label = calloc(b->copies + 1, sizeof *b->label);
    for (uint32_t c = 0; c < b->copies; c++)
        if (b->label == NULL || (b->label[c] = perturb(b->unit->graph)) == NULL)
            return hunch_fail_memory(err, 0, "copies");
    if (d == NULL)
        return HUNCH_OK;
    uint64_t began = hunch_clock_ns();
    b->all = merge(b->unit->graph, b->label, b->copies);
    if (b->all == NULL)
        return hunch_fail_memory(err, 0, "copies");
    b->merge_seconds = gpu_bench_since(began);
    began = hunch_clock_ns();
    b->about = d->about;
    hunch_status status = hunch_flow_resident_new(NULL, d, 0, b->all, &b->resident, err);
    b->upload_seconds = gpu_bench_since(began);
    return status;
}

int main(int count, char **word)
{
    struct hunch_error err = {0};
    struct bench b = {0};
    struct sources s = {0};
    struct hunch_engine *engine = NULL;
    struct hunch_device *device = NULL;
    struct hunch_program *p = NULL;
    struct hunch_graph_plan *plan = NULL;
    size_t size;
    if (count < 2) {
        fprintf(stderr, "usage: graph_bench NAME=VALUE…, see graph_bench.c\n");
        return 2;
    }
    char **words = word + 1;
    const uint32_t language = (uint32_t)gpu_bench_number(words, "language", "1");
    char *program = gpu_bench_file(gpu_bench_word(words, "program", NULL), &size);
    hunch_status status = hunch_program_load(NULL, program, size, &p, &err);
    free(program);
    if (status == HUNCH_OK) {
        const struct hunch_graph_tables tables = {.blob = p->blob,
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
        status = hunch_graph_plan_new(NULL, &tables, &plan, &err);
    }
    char *list = gpu_bench_file(gpu_bench_word(words, "list", NULL), &size);
    if (status == HUNCH_OK)
        status = read_sources(&s, list, language, &err);
    if (status == HUNCH_OK)
        status = make_unit(&b, &s, p, plan, &err);
    if (status == HUNCH_OK && gpu_bench_number(words, "device", "0"))
        status = gpu_bench_open(words, &engine, &device, &err);
    if (status == HUNCH_OK) {
        const uint64_t functions = gpu_bench_number(words, "functions", "0");
        b.copies = (uint32_t)(functions / (b.unit->graph->function_count + 1)) + 1;
        if ((uint64_t)b.copies * b.unit->graph->in.count > UINT32_MAX)
            status = hunch_fail(&err, HUNCH_ERROR_ARGUMENT, "functions: a graph has 2^32 edges");
        else
            status = make_copies(&b, device, &err);
    }
    const char *rules = gpu_bench_word(words, "rules", NULL);
    while (status == HUNCH_OK && *rules) {
        char *end;
        const uint64_t n = strtoull(rules, &end, 10);
        if (end == rules || n < 1 || n > 1 << 20)
            status = hunch_fail(&err, HUNCH_ERROR_ARGUMENT, "rules are numbers from 1 to 1048576");
        else
            status = measure(&b, words, (uint32_t)n, &err);
        rules = *end ? end + 1 : end;
    }
    hunch_flow_resident_free(b.resident);
    hunch_flow_graph_free(b.all);
    for (uint32_t c = 0; b.label != NULL && c < b.copies; c++)
        free(b.label[c]);
    free(b.label);
    if (b.unit != NULL)
        hunch_unit_rules_free(b.unit, &b.rows);
    hunch_unit_free(b.unit);
    for (size_t i = 0; i < s.file.count; i++)
        hunch_graph_file_free((struct hunch_graph_file *)s.file.items[i].graph);
    hunch_vec_free(NULL, &s.file);
    free(list);
    hunch_graph_plan_free(plan);
    hunch_program_free(p);
    hunch_engine_free(engine);
    return gpu_bench_end(status, &err);
}
