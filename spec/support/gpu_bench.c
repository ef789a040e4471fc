/* gpu_bench: how fast a GPU goes over text. What is measured is the first word; the others are
 * NAME=VALUE; each run prints one JSON object. spec/bench/gpu_bench.py runs it.
 *
 *   device                                      which it is, and what opening it takes
 *   prefilter program= text= bytes= runs=       the kernels alone over text in the device's memory,
 *                                               each copy of it a record: the search for literals,
 *                                               with guards, and the whole chained dispatch
 *   scan program= text= sizes= bytes= runs= route= place= [warm=1]
 *                                               hunch_scan_records, matches counted in a callback.
 *     sizes: a file with the size of each record of the text, one a line, or - (the text is one);
 *     place: resident, host or pinned memory; the last two with what a plain copy of pinned memory
 *     to the device reaches
 *   tree program= path= runs= backend= [warm=1] hunch_scan_paths of files, and where the time goes
 *   decision count=                             what a decision of a speculator takes; no GPU
 *
 * All: cache= (folder of compiled kernels), threads=. */
#include "gpu_bench.h"

/* ---- device ---- */

static hunch_status show_device(char **words, struct hunch_error *err)
{
    struct hunch_engine *engine = NULL;
    struct hunch_device *d;
    hunch_status status = gpu_bench_open(words, &engine, &d, err);
    if (status == HUNCH_OK) {
        printf("{\"context_seconds\":%.6f,\"kernels_seconds\":%.6f,\"multiprocessors\":%u",
               d->context_seconds, d->kernels_seconds, d->multiprocessors);
        gpu_bench_text("about", d->about);
        gpu_bench_text("kernels", d->kernels);
        printf("}\n");
    }
    hunch_engine_free(engine);
    return status;
}

/* ---- prefilter ---- */

static hunch_status search(struct hunch_slab *b, struct hunch_device *d,
                           enum hunch_slab_depth depth, int runs, double *seconds,
                           struct hunch_error *err)
{
    double list[GPU_BENCH_RUNS_MOST];
    hunch_status status = HUNCH_OK;
    for (int i = -2; i < runs && status == HUNCH_OK; i++) {
        uint64_t began = hunch_clock_ns();
        status = hunch_slab_search(b, depth, err);
        if (status == HUNCH_OK)
            status = d->kind->wait(d, 0, err);
        if (i >= 0)
            list[i] = gpu_bench_since(began);
    }
    if (status == HUNCH_OK)
        *seconds = gpu_bench_median(list, (size_t)runs);
    return status;
}

/* Sends the slab until lists have room for what it holds, and what can be learned of it is. */
static hunch_status settle(struct hunch_slab *b, enum hunch_slab_depth depth,
                           struct hunch_error *err)
{
    hunch_status status = HUNCH_OK;
    for (int i = 0; i < 20 && status == HUNCH_OK; i++) {
        status = hunch_slab_send(b, &(struct hunch_slab_order){.depth = depth}, err);
        if (status == HUNCH_OK)
            status = hunch_slab_receive(b, err);
        if (status == HUNCH_OK)
            hunch_slab_learn(b);
    }
    return status;
}

static hunch_status measure_prefilter(struct hunch_slab *b, struct hunch_device *d, uint64_t total,
                                      uint32_t literal_count, int runs, struct hunch_error *err)
{
    double alone = 0, guarded = 0, chained = 0;
    uint32_t literals = 0, uses = 0, records = hunch_slab_count(b), of_record;
    uint64_t kept = 0;
    hunch_status status = settle(b, HUNCH_SLAB_HITS, err);
    if (status == HUNCH_OK)
        hunch_slab_counts(b, &literals, &uses);
    if (status == HUNCH_OK)
        status = search(b, d, HUNCH_SLAB_LITERALS, runs, &alone, err);
    if (status == HUNCH_OK)
        status = search(b, d, HUNCH_SLAB_HITS, runs, &guarded, err);
    if (status == HUNCH_OK)
        status = settle(b, HUNCH_SLAB_RESULTS, err);
    for (uint32_t i = 0; status == HUNCH_OK && i < records; i++) {
        hunch_slab_hits(b, i, &of_record);
        kept += of_record;
    }
    if (status == HUNCH_OK)
        status = search(b, d, HUNCH_SLAB_RESULTS, runs, &chained, err);
    if (status == HUNCH_OK)
        printf("{\"bytes\":%llu,\"literals\":%u,\"occurrences\":%u,\"hits\":%u,\"kept\":%llu,"
               "\"prefilter_seconds\":%.9f,\"guarded_seconds\":%.9f,\"chained_seconds\":%.9f}\n",
               (unsigned long long)total, literal_count, literals, uses, (unsigned long long)kept,
               alone, guarded, chained);
    return status;
}

static hunch_status prefilter(char **words, struct hunch_error *err)
{
    size_t program_size, size;
    char *bytes = gpu_bench_file(gpu_bench_word(words, "program", NULL), &program_size);
    char *text = gpu_bench_file(gpu_bench_word(words, "text", NULL), &size);
    uint64_t total = gpu_bench_number(words, "bytes", NULL) / size * size;
    struct hunch_engine *engine = NULL;
    struct hunch_rules *rules = NULL;
    struct hunch_device_rules *on_device;
    struct hunch_device *d = NULL;
    struct hunch_slab *b = NULL;
    uint8_t *place = NULL;
    hunch_status status = HUNCH_OK;
    if (total == 0 || total > HUNCH_SLAB_MOST)
        status = hunch_fail(err, HUNCH_ERROR_ARGUMENT,
                            "bytes must hold the text at least once, and be 4.0 GB at most");
    if (status == HUNCH_OK)
        status = gpu_bench_open(words, &engine, &d, err);
    if (status == HUNCH_OK)
        status = hunch_rules_load(engine, bytes, program_size, &rules, err);
    if (status == HUNCH_OK)
        status = hunch_rules_on_device(rules, d, &on_device, err);
    if (status == HUNCH_OK)
        status = gpu_bench_fill(d, text, size, total, &place, err);
    if (status == HUNCH_OK)
        status = hunch_slab_new(on_device, 0, (uint32_t)total, true, &b, err);
    for (uint64_t at = 0; status == HUNCH_OK && at < total; at += size)
        if (!hunch_slab_add_resident(b, place + at, (uint32_t)size, true))
            status = hunch_fail(err, HUNCH_ERROR_MEMORY, "a slab has no room for the text");
    if (status == HUNCH_OK)
        status = measure_prefilter(b, d, total, rules->program->literal_count,
                                   gpu_bench_runs(words, "runs"), err);
    hunch_slab_free(b);
    if (place != NULL)
        d->kind->release(d, place);
    hunch_rules_free(rules);
    hunch_engine_free(engine);
    free(bytes);
    free(text);
    return status;
}

/* ---- scan ---- */

enum place { RESIDENT, HOST, PINNED };

struct corpus {
    char *text, *program;
    size_t size, program_size;
    struct hunch_record *record;
    size_t count;
};

/* Where the n-th record of the text ends; `sizes` is at its line and moves on. NULL: one record. */
static size_t record_end(char **sizes, size_t start, size_t size)
{
    char *line = *sizes;
    size_t end = line == NULL ? size : start + strtoull(line, sizes, 10);
    return line != NULL && *sizes == line ? start : end;
}

/* The records of `total` bytes at `place`: those of the text, again and again. */
static hunch_status make_records(struct corpus *c, const char *sizes, const uint8_t *place,
                                 uint64_t total, struct hunch_error *err)
{
    size_t size_bytes, room = 0;
    char *list = strcmp(sizes, "-") == 0 ? NULL : gpu_bench_file(sizes, &size_bytes);
    for (uint64_t base = 0; base < total; base += c->size) {
        char *line = list;
        for (size_t start = 0, end; start < c->size; start = end) {
            end = record_end(&line, start, c->size);
            if (end <= start || end > c->size) {
                free(list);
                return hunch_fail(err, HUNCH_ERROR_ARGUMENT,
                                  "the sizes do not add up to the %zu bytes of the text", c->size);
            }
            if (c->count == room) {
                room = room ? 2 * room : 1024;
                struct hunch_record *more = realloc(c->record, room * sizeof *more);
                if (more == NULL) {
                    free(list);
                    return hunch_fail_memory(err, room * sizeof *more, "the records");
                }
                c->record = more;
            }
            c->record[c->count++] = (struct hunch_record){
                .name = "", .bytes = place + base + start, .size = end - start};
        }
    }
    free(list);
    return HUNCH_OK;
}

static void count_match(void *ctx, const struct hunch_match *match)
{
    (void)match;
    ++*(uint64_t *)ctx;
}

/* Medians of all runs, counters of the last one. */
struct seen {
    struct hunch_stats stats;
    uint64_t matches;
    double seconds;
};

/* What is scanned again and again: records, or a path. */
struct task {
    struct hunch_rules *rules;
    const struct corpus *corpus; /* NULL: the path */
    const char *path;
    struct hunch_scan_options options;
};

static hunch_status scan_once(struct task *t, struct seen *seen, struct hunch_error *err)
{
    struct hunch_report *report = NULL;
    seen->matches = 0;
    t->options.on_match = count_match;
    t->options.ctx = &seen->matches;
    uint64_t began = hunch_clock_ns();
    hunch_status status = t->corpus
                              ? hunch_scan_records(t->rules, t->corpus->record, t->corpus->count,
                                                   &t->options, &report, err)
                              : hunch_scan_paths(t->rules, &t->path, 1, &t->options, &report, err);
    seen->seconds = gpu_bench_since(began);
    if (status == HUNCH_OK) {
        seen->stats = *hunch_report_stats(report);
        if (seen->stats.note[0] != '\0')
            status = hunch_fail(err, HUNCH_ERROR_IO, "the scan could not go its way: %s",
                                seen->stats.note);
    }
    hunch_report_free(report);
    return status;
}

/* Of `warm` scans that are not timed auto learns. */
static hunch_status scan_often(struct task *t, char **words, struct seen *seen,
                               struct hunch_error *err)
{
    double list[GPU_BENCH_RUNS_MOST];
    int runs = gpu_bench_runs(words, "runs"), warm = (int)gpu_bench_number(words, "warm", "1");
    hunch_status status = HUNCH_OK;
    for (int i = -warm; i < runs && status == HUNCH_OK; i++) {
        status = scan_once(t, seen, err);
        if (i >= 0)
            list[i] = seen->seconds;
    }
    if (status == HUNCH_OK)
        seen->seconds = gpu_bench_median(list, (size_t)runs);
    return status;
}

/* Matches are counted by the callback: one that got lost shows. */
static void show_scan(const struct seen *seen, double bus_rate)
{
    const struct hunch_stats *s = &seen->stats;
    printf("{\"bytes\":%llu,\"records\":%llu,\"seconds\":%.9f,\"matches\":%llu,"
           "\"incomplete\":%llu,\"tiles\":%llu,\"committed\":%llu,\"fused\":%llu,"
           "\"chained\":%llu,\"serial\":%llu,\"read_seconds\":%.9f,\"prefilter_seconds\":%.9f,"
           "\"confirm_seconds\":%.9f,\"bus_rate\":%.0f}\n",
           (unsigned long long)s->bytes, (unsigned long long)s->records, seen->seconds,
           (unsigned long long)seen->matches, (unsigned long long)s->incomplete,
           (unsigned long long)s->tiles, (unsigned long long)s->committed,
           (unsigned long long)s->routes[HUNCH_ROUTE_FUSED],
           (unsigned long long)s->routes[HUNCH_ROUTE_CHAINED],
           (unsigned long long)s->routes[HUNCH_ROUTE_SERIAL], s->seconds_read, s->seconds_prefilter,
           s->seconds_confirm, bus_rate);
}

/* Bytes a second that a copy of pinned memory to the device reaches. */
static hunch_status measure_bus(struct hunch_device *d, uint64_t total, int runs, double *rate,
                                struct hunch_error *err)
{
    enum { PIECE_MOST = 256 << 20 };
    size_t piece = total < PIECE_MOST ? (size_t)total : PIECE_MOST;
    double list[GPU_BENCH_RUNS_MOST];
    void *from = NULL, *to = NULL;
    hunch_status status = d->kind->alloc_host(d, piece, &from, err);
    if (status == HUNCH_OK)
        memset(from, 'a', piece); /* pages that are there */
    if (status == HUNCH_OK)
        status = d->kind->alloc(d, piece, &to, err);
    for (int i = -1; i < runs && status == HUNCH_OK; i++) {
        uint64_t began = hunch_clock_ns();
        for (uint64_t at = 0; at < total && status == HUNCH_OK; at += piece)
            status = d->kind->put(d, 0, to, from, piece, err);
        if (status == HUNCH_OK)
            status = d->kind->wait(d, 0, err);
        if (i >= 0)
            list[i] = gpu_bench_since(began);
    }
    if (status == HUNCH_OK)
        *rate =
            (double)((total + piece - 1) / piece * piece) / gpu_bench_median(list, (size_t)runs);
    if (from != NULL)
        d->kind->release_host(d, from);
    if (to != NULL)
        d->kind->release(d, to);
    return status;
}

/* The text, again and again, where the records shall lie. */
static hunch_status make_text(struct hunch_device *d, enum place place, const struct corpus *c,
                              uint64_t total, uint8_t **out, struct hunch_error *err)
{
    void *bytes = NULL;
    hunch_status status = HUNCH_OK;
    if (place == RESIDENT)
        return gpu_bench_fill(d, c->text, c->size, total, out, err);
    if (place == PINNED)
        status = d->kind->alloc_host(d, total, &bytes, err);
    else if ((bytes = malloc(total)) == NULL)
        status = hunch_fail_memory(err, total, "the text");
    *out = bytes;
    for (uint64_t at = 0; at < total && status == HUNCH_OK; at += c->size)
        memcpy(*out + at, c->text, c->size);
    return status;
}

static void free_text(struct hunch_device *d, enum place place, uint8_t *text)
{
    if (text == NULL)
        return;
    if (place == HOST)
        free(text);
    else
        (place == PINNED ? d->kind->release_host : d->kind->release)(d, text);
}

static unsigned route_bits(const char *name)
{
    for (unsigned r = 0; r < HUNCH_ROUTE_COUNT; r++)
        if (strcmp(name, hunch_route_name(r)) == 0)
            return HUNCH_ROUTE_BIT(r);
    return 0; /* auto */
}

static hunch_status scan(char **words, struct hunch_error *err)
{
    const char *where = gpu_bench_word(words, "place", NULL);
    enum place place = strcmp(where, "resident") == 0 ? RESIDENT
                       : strcmp(where, "pinned") == 0 ? PINNED
                                                      : HOST;
    struct corpus c = {0};
    c.program = gpu_bench_file(gpu_bench_word(words, "program", NULL), &c.program_size);
    c.text = gpu_bench_file(gpu_bench_word(words, "text", NULL), &c.size);
    uint64_t total = gpu_bench_number(words, "bytes", NULL);
    total = total < c.size ? c.size : total / c.size * c.size;
    struct task task = {
        .corpus = &c,
        .options = {.routes = route_bits(gpu_bench_word(words, "route", NULL)),
                    .resident = place == RESIDENT ? HUNCH_RESIDENT_IN_PLACE : HUNCH_RESIDENT_NO}};
    struct hunch_engine *engine = NULL;
    struct hunch_device *d = NULL;
    struct seen seen = {0};
    uint8_t *text = NULL;
    double bus_rate = 0;
    hunch_status status = gpu_bench_open(words, &engine, &d, err);
    if (status == HUNCH_OK)
        status = hunch_rules_load(engine, c.program, c.program_size, &task.rules, err);
    if (status == HUNCH_OK)
        status = make_text(d, place, &c, total, &text, err);
    if (status == HUNCH_OK)
        status = make_records(&c, gpu_bench_word(words, "sizes", NULL), text, total, err);
    if (status == HUNCH_OK)
        status = scan_often(&task, words, &seen, err);
    if (status == HUNCH_OK && place != RESIDENT)
        status = measure_bus(d, total, gpu_bench_runs(words, "runs"), &bus_rate, err);
    if (status == HUNCH_OK)
        show_scan(&seen, bus_rate);
    free_text(d, place, text);
    hunch_rules_free(task.rules);
    hunch_engine_free(engine);
    free(c.record);
    free(c.text);
    free(c.program);
    return status;
}

/* ---- tree ---- */

static hunch_status tree(char **words, struct hunch_error *err)
{
    size_t size;
    char *program = gpu_bench_file(gpu_bench_word(words, "program", NULL), &size);
    struct task task = {.path = gpu_bench_word(words, "path", NULL)};
    struct hunch_engine *engine = NULL;
    struct seen seen = {0};
    hunch_status status =
        gpu_bench_engine(words, gpu_bench_word(words, "backend", NULL), &engine, err);
    if (status == HUNCH_OK)
        status = hunch_rules_load(engine, program, size, &task.rules, err);
    if (status == HUNCH_OK)
        status = scan_often(&task, words, &seen, err);
    if (status == HUNCH_OK)
        show_scan(&seen, 0);
    hunch_rules_free(task.rules);
    hunch_engine_free(engine);
    free(program);
    return status;
}

/* ---- decision ---- */

/* What a batch may cost on a route: the figures do not matter, that they differ does. */
static struct hunch_measurement imagine(const struct hunch_decision *d)
{
    static const uint64_t latency[HUNCH_ROUTE_COUNT] = {20000, 30000, 50000};
    uint64_t ns = latency[d->route] + d->bytes / 400 + d->tiles;
    return (struct hunch_measurement){
        .ns = ns,
        .prefilter_ns = ns / 2,
        .confirm_ns = ns / 2,
        .hits = d->tiles / 4,
        .report = {(uint32_t)d->tiles / 8, (uint32_t)(d->tiles - d->tiles / 8)}};
}

static hunch_status decide_often(struct hunch_speculator *s, uint64_t count, uint64_t *deciding_ns,
                                 struct hunch_error *err)
{
    hunch_status status = HUNCH_OK;
    for (uint64_t i = 0; i < count && status == HUNCH_OK; i++) {
        struct hunch_batch batch = {.bytes = (uint64_t)1 << (16 + i % 12),
                                    .tiles = 64,
                                    .routes = HUNCH_ROUTE_BIT(HUNCH_ROUTE_COUNT) - 1};
        struct hunch_decision decision;
        uint64_t began = hunch_clock_ns();
        status = hunch_speculator_decide(s, &batch, &decision, err);
        *deciding_ns += hunch_clock_ns() - began;
        if (status == HUNCH_OK) {
            struct hunch_measurement m = imagine(&decision);
            hunch_speculator_measure(s, &decision, &m);
        }
    }
    return status;
}

static hunch_status decision(char **words, struct hunch_error *err)
{
    enum { ROUNDS = 9 };
    uint64_t count = gpu_bench_number(words, "count", NULL) / ROUNDS;
    double deciding[ROUNDS], both[ROUNDS];
    hunch_status status = HUNCH_OK;
    count = count ? count : 1;
    for (int round = 0; round < ROUNDS && status == HUNCH_OK; round++) {
        struct hunch_speculator *s = NULL;
        uint64_t deciding_ns = 0, began;
        status = hunch_speculator_new(NULL, HUNCH_POLICY_COST_MODEL, HUNCH_DEFAULT_THRESHOLD_PCT,
                                      &s, err);
        began = hunch_clock_ns();
        if (status == HUNCH_OK)
            status = decide_often(s, count, &deciding_ns, err);
        both[round] = (double)(hunch_clock_ns() - began) / (double)count;
        deciding[round] = (double)deciding_ns / (double)count;
        hunch_speculator_free(s);
    }
    if (status == HUNCH_OK)
        printf("{\"decisions\":%llu,\"decide_ns\":%.1f,\"decide_and_learn_ns\":%.1f}\n",
               (unsigned long long)count * ROUNDS, gpu_bench_median(deciding, ROUNDS),
               gpu_bench_median(both, ROUNDS));
    return status;
}

int main(int count, char **word)
{
    static const struct {
        const char *name;
        hunch_status (*run)(char **words, struct hunch_error *err);
    } kinds[] = {{"device", show_device},
                 {"prefilter", prefilter},
                 {"scan", scan},
                 {"tree", tree},
                 {"decision", decision}};
    struct hunch_error err = {0};
    for (size_t i = 0; count > 1 && i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(word[1], kinds[i].name) == 0)
            return gpu_bench_end(kinds[i].run(word + 2, &err), &err);
    fprintf(stderr, "usage: gpu_bench device|prefilter|scan|tree|decision NAME=VALUE…\n");
    return 2;
}
