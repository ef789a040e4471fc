/* gpu_bench_grid: which route is the fastest for one rule, one size of batch and some hit rates.
 *
 *   gpu_bench_grid program= text= batch= tile= pool= rates=PPM,PPM… open= shut=
 *                  [warm=64] [count=512] [fixed_seconds=1] [auto_seconds=6] [rounds=3]
 *                  [round_seconds=3] [threads=0]
 *
 * The text lies in the device's memory, again and again, `pool` bytes of it. A record is `tile`
 * bytes, begins with the word `open` where its rule's gate shall hold, else with `shut`; which ones
 * is drawn with a fixed seed. A batch is one hunch_scan_records over `batch` bytes of records that
 * lie there, one batch behind the other, round and round. Each route alone, then auto, all with
 * rules that have learned nothing: `warm` batches, then `count` that are timed. Less where
 * fixed_seconds, for auto auto_seconds, are over, half of which the warm-up may take: 3 and 5
 * batches at least. A route that did fewer than auto counts for as many by its median. Where all
 * four took less than round_seconds they go again, `rounds` times altogether, and the round with
 * the median time counts for each: one time of so few milliseconds is a tenth off as often as not.
 * Prints one JSON object a rate. All routes must find the same, batch by batch.
 * spec/bench/gpu_grid.py makes rules and text. */
#include "gpu_bench.h"

enum { LEAST = 5, WARM_LEAST = 3, ROUNDS_MOST = 9, AUTO = HUNCH_ROUTE_COUNT, WAYS };

struct grid {
    struct hunch_engine *engine;
    struct hunch_device *device;
    char *program;
    size_t program_size;
    const char *open, *shut;
    uint64_t batch, tile, pool;
    uint8_t *place;              /* the pool */
    uint8_t *opened;             /* of each record of the pool: its gate holds */
    struct hunch_record *record; /* of one batch */
    uint64_t *matches;           /* of the first batches, as the first route found them */
    size_t known;                /* how many of those */
    size_t warm, count, rounds;
    double fixed_seconds, auto_seconds, round_seconds;
};

/* What one way of going took. */
struct way {
    size_t warmed, batches; /* not timed, and timed */
    double total, median;   /* seconds of scans */
    double inside;          /* of the total: in dispatches, as the engine measures them */
    uint64_t routes[HUNCH_ROUTE_COUNT]; /* dispatches by route, those of the warm-up left out */
    uint64_t tiles, committed, matches;
};

/* ---- gates ---- */

/* A number for each record: splitmix64, so that the same records are open on every machine. */
static uint64_t draw(uint64_t n)
{
    n += 0x9e3779b97f4a7c15u;
    n = (n ^ n >> 30) * 0xbf58476d1ce4e5b9u;
    n = (n ^ n >> 27) * 0x94d049bb133111ebu;
    return n ^ n >> 31;
}

/* Opens as many records as the rate says, rounded, and shuts all others. */
static hunch_status set_gates(struct grid *g, uint64_t ppm, struct hunch_error *err)
{
    uint64_t records = g->pool / g->tile, left = (records * ppm + 500000) / 1000000;
    hunch_status status = HUNCH_OK;
    for (uint64_t i = 0; i < records && status == HUNCH_OK; i++) {
        /* each of what is left with the same chance: exactly `left` of them */
        bool open = draw(i) % (records - i) < left;
        left -= open;
        if (open == g->opened[i])
            continue;
        g->opened[i] = open;
        status = g->device->kind->put(g->device, 0, g->place + i * g->tile,
                                      open ? g->open : g->shut, strlen(g->open), err);
    }
    return status == HUNCH_OK ? g->device->kind->wait(g->device, 0, err) : status;
}

/* ---- one way ---- */

static void count_match(void *ctx, const struct hunch_match *match)
{
    (void)match;
    ++*(uint64_t *)ctx;
}

/* The n-th batch. */
static hunch_status scan_batch(struct grid *g, struct hunch_rules *rules, unsigned routes, size_t n,
                               struct hunch_stats *stats, struct hunch_error *err)
{
    uint64_t found = 0;
    struct hunch_report *report = NULL;
    const struct hunch_scan_options options = {.on_match = count_match,
                                               .ctx = &found,
                                               .routes = routes,
                                               .tile_size = g->tile,
                                               .resident = HUNCH_RESIDENT_IN_PLACE};
    const uint8_t *at = g->place + n % (g->pool / g->batch) * g->batch;
    for (size_t i = 0; i < g->batch / g->tile; i++)
        g->record[i] =
            (struct hunch_record){.name = "", .bytes = at + i * g->tile, .size = g->tile};
    hunch_status status =
        hunch_scan_records(rules, g->record, g->batch / g->tile, &options, &report, err);
    if (status != HUNCH_OK)
        return status;
    *stats = *hunch_report_stats(report);
    hunch_report_free(report);
    if (stats->note[0] != '\0')
        return hunch_fail(err, HUNCH_ERROR_IO, "the scan was not the GPU's: %s", stats->note);
    if (n == g->known)
        g->matches[g->known++] = found;
    return stats->incomplete == 0 && g->matches[n] == found
               ? HUNCH_OK
               : hunch_fail(err, HUNCH_ERROR_IO,
                            "batch %zu has %llu matches and %llu incomplete records by one route, "
                            "%llu matches by another",
                            n, (unsigned long long)found, (unsigned long long)stats->incomplete,
                            (unsigned long long)g->matches[n]);
}

static void add(struct way *w, const struct hunch_stats *s, double seconds)
{
    w->batches++;
    w->total += seconds;
    w->inside += s->seconds_prefilter + s->seconds_confirm;
    w->tiles += s->tiles;
    w->committed += s->committed;
    w->matches += s->matches;
    for (int r = 0; r < HUNCH_ROUTE_COUNT; r++)
        w->routes[r] += s->routes[r];
}

/* With rules that nobody used before, so that nothing was learned. */
static hunch_status go(struct grid *g, unsigned routes, double most, struct way *w,
                       struct hunch_error *err)
{
    double *list = malloc(g->count * sizeof *list);
    struct hunch_rules *rules = NULL;
    hunch_status status = list ? HUNCH_OK : hunch_fail_memory(err, g->count * 8, "times");
    if (status == HUNCH_OK)
        status = hunch_rules_load(g->engine, g->program, g->program_size, &rules, err);
    uint64_t first = hunch_clock_ns();
    for (size_t n = 0; status == HUNCH_OK && w->batches < g->count; n++) {
        struct hunch_stats stats;
        if (gpu_bench_since(first) > most && w->batches >= LEAST)
            break;
        uint64_t began = hunch_clock_ns();
        status = scan_batch(g, rules, routes, n, &stats, err);
        double seconds = gpu_bench_since(began);
        /* half of the time may go to the warm-up */
        if (n < g->warm && (n < WARM_LEAST || gpu_bench_since(first) < most / 2)) {
            w->warmed++;
            continue;
        }
        list[w->batches] = seconds;
        add(w, &stats, seconds);
    }
    if (status == HUNCH_OK)
        w->median = gpu_bench_median(list, w->batches);
    free(list);
    hunch_rules_free(rules);
    return status;
}

/* ---- a cell ---- */

/* Seconds that `batches` batches take: those that ran, or as many as the median says. */
static double scaled(const struct way *w, double of_those, size_t batches)
{
    return w->batches == batches ? of_those : of_those / (double)w->batches * (double)batches;
}

static void show_way(const struct way *w, const char *name, size_t batches)
{
    double total = w->batches == batches ? w->total : w->median * (double)batches;
    printf(",\"%s\":{\"batches\":%zu,\"median\":%.9f,\"seconds\":%.9f,\"inside\":%.9f}", name,
           w->batches, w->median, total, scaled(w, w->inside, batches));
}

static int by_time(const void *a, const void *b)
{
    const struct way *left = a, *right = b;
    double l = left->total / (double)left->batches, r = right->total / (double)right->batches;
    return (l > r) - (l < r);
}

/* All ways, round by round; of each the round with the median time of a batch. */
static hunch_status race(struct grid *g, struct way *median, size_t *rounds,
                         struct hunch_error *err)
{
    struct way way[WAYS][ROUNDS_MOST] = {0};
    size_t wanted = g->rounds, n = 0;
    uint64_t began = hunch_clock_ns();
    hunch_status status = HUNCH_OK;
    while (n < wanted && status == HUNCH_OK) {
        for (unsigned w = 0; w < WAYS && status == HUNCH_OK; w++)
            status = w == AUTO ? go(g, 0, g->auto_seconds, &way[w][n], err)
                               : go(g, HUNCH_ROUTE_BIT(w), g->fixed_seconds, &way[w][n], err);
        if (n++ == 0 && gpu_bench_since(began) > g->round_seconds)
            wanted = 1;
    }
    for (unsigned w = 0; w < WAYS && status == HUNCH_OK; w++) {
        qsort(way[w], n, sizeof way[w][0], by_time);
        median[w] = way[w][n / 2];
    }
    *rounds = n;
    return status;
}

static hunch_status cell(struct grid *g, uint64_t ppm, struct hunch_error *err)
{
    struct way way[WAYS];
    size_t rounds;
    g->known = 0;
    hunch_status status = set_gates(g, ppm, err);
    if (status == HUNCH_OK)
        status = race(g, way, &rounds, err);
    if (status != HUNCH_OK)
        return status;
    const struct way *a = &way[AUTO];
    printf(
        "{\"batch\":%llu,\"tile\":%llu,\"rate_ppm\":%llu,\"hit_ppm\":%.0f,\"batches\":%zu,"
        "\"rounds\":%zu,\"warmed\":%zu,\"matches\":%llu,\"taken\":{\"fused\":%llu,\"chained\":%llu,"
        "\"serial\":%llu}",
        (unsigned long long)g->batch, (unsigned long long)g->tile, (unsigned long long)ppm,
        (double)a->committed * 1e6 / (double)a->tiles, a->batches, rounds, a->warmed,
        (unsigned long long)a->matches, (unsigned long long)a->routes[HUNCH_ROUTE_FUSED],
        (unsigned long long)a->routes[HUNCH_ROUTE_CHAINED],
        (unsigned long long)a->routes[HUNCH_ROUTE_SERIAL]);
    for (unsigned r = 0; r < HUNCH_ROUTE_COUNT; r++)
        show_way(&way[r], hunch_route_name(r), a->batches);
    show_way(a, "auto", a->batches);
    printf("}\n");
    fflush(stdout);
    return HUNCH_OK;
}

/* ---- all of them ---- */

static hunch_status set_up(struct grid *g, char **words, struct hunch_error *err)
{
    size_t size;
    g->open = gpu_bench_word(words, "open", NULL);
    g->shut = gpu_bench_word(words, "shut", NULL);
    g->batch = gpu_bench_number(words, "batch", NULL);
    g->tile = gpu_bench_number(words, "tile", NULL);
    g->pool = gpu_bench_number(words, "pool", NULL);
    g->warm = gpu_bench_number(words, "warm", "64");
    g->count = gpu_bench_number(words, "count", "512");
    g->fixed_seconds = atof(gpu_bench_word(words, "fixed_seconds", "1"));
    g->auto_seconds = atof(gpu_bench_word(words, "auto_seconds", "6"));
    g->rounds = gpu_bench_number(words, "rounds", "3");
    g->round_seconds = atof(gpu_bench_word(words, "round_seconds", "3"));
    if (g->tile == 0 || g->batch == 0 || g->batch % g->tile != 0 || g->pool < g->batch ||
        g->pool % g->batch != 0 || strlen(g->open) != strlen(g->shut) ||
        strlen(g->open) > g->tile || g->count < LEAST || g->count > GPU_BENCH_RUNS_MOST ||
        g->rounds < 1 || g->rounds > ROUNDS_MOST)
        return hunch_fail(err, HUNCH_ERROR_ARGUMENT,
                          "batch must be some tiles, pool some batches, open and shut of one "
                          "length, count %d to %d, rounds 1 to %d",
                          LEAST, GPU_BENCH_RUNS_MOST, ROUNDS_MOST);
    g->program = gpu_bench_file(gpu_bench_word(words, "program", NULL), &g->program_size);
    char *text = gpu_bench_file(gpu_bench_word(words, "text", NULL), &size);
    g->opened = calloc(g->pool / g->tile, 1);
    g->record = calloc(g->batch / g->tile, sizeof *g->record);
    g->matches = calloc(g->warm + g->count, sizeof *g->matches);
    hunch_status status = g->opened && g->record && g->matches
                              ? HUNCH_OK
                              : hunch_fail_memory(err, g->pool / g->tile, "the records");
    if (status == HUNCH_OK)
        status = gpu_bench_open(words, &g->engine, &g->device, err);
    if (status == HUNCH_OK)
        status = gpu_bench_fill(g->device, text, size, g->pool, &g->place, err);
    free(text);
    return status;
}

static void tear_down(struct grid *g)
{
    if (g->place != NULL)
        g->device->kind->release(g->device, g->place);
    hunch_engine_free(g->engine);
    free(g->program);
    free(g->opened);
    free(g->record);
    free(g->matches);
}

int main(int count, char **word)
{
    struct grid g = {0};
    struct hunch_error err = {0};
    if (count < 2) {
        fprintf(stderr, "usage: gpu_bench_grid NAME=VALUE…, see gpu_bench_grid.c\n");
        return 2;
    }
    const char *rates = gpu_bench_word(word + 1, "rates", NULL);
    hunch_status status = set_up(&g, word + 1, &err);
    while (status == HUNCH_OK && *rates) {
        char *end;
        uint64_t ppm = strtoull(rates, &end, 10);
        if (end == rates || ppm > 1000000)
            status = hunch_fail(&err, HUNCH_ERROR_ARGUMENT, "rates are numbers up to 1000000");
        else
            status = cell(&g, ppm, &err);
        rates = *end ? end + 1 : end;
    }
    tear_down(&g);
    return gpu_bench_end(status, &err);
}
