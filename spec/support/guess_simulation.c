/* guess_simulation.c: the speculator against made-up machines, whose routes cost what a formula
 * says, with noise. Prints ratios and which routes were the best ones; judges nothing.
 *
 *   guess_simulation grid SEED [print]
 *
 *     hit rates x batch sizes x confirmers: auto against the best route, on a machine like a GPU
 *
 *   guess_simulation slow-grid SEED [print]
 *
 *     the same on one like a CPU
 *
 *   guess_simulation drift SEED
 *
 *     the machine and the data change: auto against the best route of each phase
 *
 *   guess_simulation mixed SEED
 *
 *     a new size with each dispatch, hit rates that wander
 *
 *   guess_simulation small-first SEED
 *
 *     some batches of a few bytes, whose phases take what a call takes, then large ones
 *
 *   guess_simulation decide
 *
 *     ns of one decision with its measurement */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "hunch.h"

enum { WARM_UP = 64, COUNTED = 512, TILE = 4096 };

static const unsigned ALL = HUNCH_ROUTE_BIT(HUNCH_ROUTE_FUSED) |
                            HUNCH_ROUTE_BIT(HUNCH_ROUTE_CHAINED) |
                            HUNCH_ROUTE_BIT(HUNCH_ROUTE_SERIAL);

/* splitmix64 over whatever identifies a number: the same machine does the same in every run. */
static double uniform(uint64_t seed, uint64_t a, uint64_t b)
{
    uint64_t z = seed * 0x9e3779b97f4a7c15ull + a * 0xbf58476d1ce4e5b9ull + b + 1;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

/* What a machine's routes cost: latency, a byte, a committed tile. What the cost model does not
 * know: small batches do not fill the device, many hits disturb the prefilter. */
struct machine {
    double latency[3], byte[3], hit[3];
    double fill;   /* bytes below which bytes cost more */
    double noise;  /* relative, uniform */
    double hiccup; /* how often a dispatch takes 10 times as long */
    double call;   /* ns of each phase, whatever it is given */
    bool phases;   /* prefilter and confirmer are measured apart */
    uint64_t seed;
};

static struct machine make_machine(uint64_t seed, int confirmer, bool phases)
{
    static const double fused[] = {0.00005, 0.001, 0.02}, hit[] = {1, 12, 150};
    double f = 0.8 + 0.4 * uniform(seed, 1, 0), g = 0.8 + 0.4 * uniform(seed, 2, 0);
    struct machine m = {.latency = {11500 * g, 14800 * g, 22600 * g},
                        .byte = {0.0004 + fused[confirmer] * f, 0.00046, 0.0004},
                        .hit = {0.02, hit[confirmer] * f, hit[confirmer] * f + 1.5 * g},
                        .fill = 1 << 20,
                        .noise = 0.05,
                        .phases = phases,
                        .seed = seed};
    return m;
}

/* The same shape on a CPU: short latencies, bytes a thousand times dearer. */
static struct machine make_slow_machine(uint64_t seed, int confirmer, bool phases)
{
    struct machine m = make_machine(seed, confirmer, phases);
    for (int r = 0; r < 3; r++) {
        m.latency[r] /= 20;
        m.byte[r] *= 1000;
        m.hit[r] *= 100;
    }
    m.fill = 1;
    return m;
}

static struct hunch_measurement run(const struct machine *m, unsigned route, uint64_t bytes,
                                    uint32_t tiles, double rate, uint64_t n)
{
    double spread = 1 + 0.02 * (uniform(m->seed, n, 9) - 0.5);
    uint32_t committed = (uint32_t)(tiles * fmin(rate * spread, 1) + uniform(m->seed, n, 8));
    double filled = (double)bytes + m->fill * exp(-(double)bytes / m->fill);
    double prefilter = filled * m->byte[route] * (1 + 0.1 * rate) + m->call;
    double confirm = committed * m->hit[route] + m->call;
    double noise = 1 + m->noise * (2 * uniform(m->seed, n, route) - 1);
    if (uniform(m->seed, n, 4 + route) < m->hiccup)
        noise *= 10;
    struct hunch_measurement r = {.ns =
                                      (uint64_t)((m->latency[route] + prefilter + confirm) * noise),
                                  .report = {committed, tiles - committed}};
    if (m->phases && route != HUNCH_ROUTE_FUSED) {
        r.prefilter_ns = (uint64_t)(prefilter * noise);
        r.confirm_ns = (uint64_t)(confirm * noise);
    }
    return r;
}

struct totals {
    double spent, best, each[3];
    unsigned taken[3], probes;
};

/* One dispatch; adds to totals what it cost and what each route alone would have. */
static void dispatch(struct hunch_speculator *s, const struct machine *m, uint64_t bytes,
                     double rate, uint64_t n, struct totals *t)
{
    uint32_t tiles = (uint32_t)((bytes + TILE - 1) / TILE);
    struct hunch_batch batch = {.bytes = bytes, .tiles = tiles, .routes = ALL};
    struct hunch_decision d;
    if (hunch_speculator_decide(s, &batch, &d, NULL) != HUNCH_OK)
        exit(2);
    struct hunch_measurement r = run(m, d.route, bytes, tiles, rate, n);
    hunch_speculator_measure(s, &d, &r);
    if (t == NULL)
        return;
    double least = INFINITY;
    for (unsigned route = 0; route < 3; route++) {
        double ns = (double)run(m, route, bytes, tiles, rate, n).ns;
        t->each[route] += ns;
        least = fmin(least, ns);
    }
    t->best += least;
    t->spent += (double)r.ns;
    t->taken[d.route]++;
    t->probes += d.reason == HUNCH_WHY_PROBE;
}

static struct hunch_speculator *new_speculator(void)
{
    struct hunch_speculator *s;
    if (hunch_speculator_new(NULL, HUNCH_POLICY_COST_MODEL, HUNCH_DEFAULT_THRESHOLD_PCT, &s,
                             NULL) != HUNCH_OK)
        exit(2);
    return s;
}

static int grid(uint64_t seed, bool slow, bool print)
{
    static const double rates[] = {0.0001, 0.001, 0.01, 0.05, 0.2, 0.5, 0.9};
    double worst = 0;
    unsigned cells = 0, wins[3] = {0};
    for (int phases = 0; phases < 2; phases++)
        for (int confirmer = 0; confirmer < 3; confirmer++)
            for (unsigned i = 0; i < 7; i++)
                for (uint64_t bytes = 1 << 16; bytes <= (uint64_t)4 << 30; bytes *= 4) {
                    struct machine m = slow ? make_slow_machine(seed, confirmer, phases)
                                            : make_machine(seed, confirmer, phases);
                    struct hunch_speculator *s = new_speculator();
                    struct totals t = {0};
                    for (uint64_t n = 0; n < WARM_UP + COUNTED; n++)
                        dispatch(s, &m, bytes, rates[i], n, n < WARM_UP ? NULL : &t);
                    hunch_speculator_free(s);
                    int best = 0;
                    for (int r = 1; r < 3; r++)
                        if (t.each[r] < t.each[best])
                            best = r;
                    double ratio = t.spent / t.each[best];
                    wins[best]++;
                    cells++;
                    worst = fmax(worst, ratio);
                    if (print)
                        printf("%d %d %7.4f %11llu  %-8s %.3f  taken %u %u %u, %u probes; each "
                               "%.3f %.3f %.3f\n",
                               phases, confirmer, rates[i], (unsigned long long)bytes,
                               hunch_route_name((unsigned)best), ratio, t.taken[0], t.taken[1],
                               t.taken[2], t.probes, t.each[0] / t.each[best],
                               t.each[1] / t.each[best], t.each[2] / t.each[best]);
                }
    printf("%u cells, worst %.3f, best fused %u chained %u serial %u\n", cells, worst, wins[0],
           wins[1], wins[2]);
    return 0;
}

/* Phases of 2,000 dispatches; of each the last 1,000 are counted against the best single route. */
static int drift(uint64_t seed)
{
    static const struct {
        const char *name;
        uint64_t bytes;
        double rate, fused, chained, serial; /* factors of what the routes cost */
    } phase[] = {
        {"few hits", 50 << 20, 0.001, 1, 1, 1},
        {"many hits", 50 << 20, 0.9, 1, 1, 1},
        {"few hits again", 50 << 20, 0.001, 1, 1, 1},
        {"small batches", 1 << 16, 0.3, 1, 1, 1},
        {"large batches", 1 << 30, 0.0001, 1, 1, 1},
        {"chained 20 times slower", 50 << 20, 0.001, 1, 20, 1},
        {"chained well again", 50 << 20, 0.001, 1, 1, 1},
        {"all slower but fused", 50 << 20, 0.001, 0.2, 8, 8},
        {"as in the beginning", 50 << 20, 0.001, 1, 1, 1},
        {"everything slower", 50 << 20, 0.001, 3, 3, 3},
        {"serial fast", 50 << 20, 0.001, 1, 1, 0.2},
    };
    double worst = 0, worst_whole = 0;
    unsigned wins[3] = {0};
    struct hunch_speculator *s = new_speculator();
    uint64_t n = 0;
    for (unsigned i = 0; i < sizeof phase / sizeof *phase; i++) {
        struct machine m = make_machine(seed, 1, i % 2);
        double factor[] = {phase[i].fused, phase[i].chained, phase[i].serial};
        m.hiccup = 0.003;
        for (int r = 0; r < 3; r++) {
            m.latency[r] *= factor[r];
            m.byte[r] *= factor[r];
            m.hit[r] *= factor[r];
        }
        struct totals whole = {0}, t = {0};
        for (int k = 0; k < 1000; k++)
            dispatch(s, &m, phase[i].bytes, phase[i].rate, n++, &whole);
        for (int k = 0; k < 1000; k++)
            dispatch(s, &m, phase[i].bytes, phase[i].rate, n++, &t);
        int best = 0;
        for (int r = 1; r < 3; r++)
            if (t.each[r] < t.each[best])
                best = r;
        double ratio = t.spent / t.each[best],
               both = (t.spent + whole.spent) / (t.each[best] + whole.each[best]);
        worst = fmax(worst, ratio);
        worst_whole = fmax(worst_whole, both);
        wins[best]++;
        printf("%-24s %-8s second half %.3f, whole %.3f, taken %u %u %u\n", phase[i].name,
               hunch_route_name((unsigned)best), ratio, both, t.taken[0], t.taken[1], t.taken[2]);
    }
    hunch_speculator_free(s);
    printf("worst second half %.3f, worst whole %.3f, best fused %u chained %u serial %u\n", worst,
           worst_whole, wins[0], wins[1], wins[2]);
    return 0;
}

/* Against the best single route; against an oracle that knows the best one of each dispatch. */
static int mixed(uint64_t seed)
{
    double worst = 0, worst_oracle = 0;
    for (int confirmer = 0; confirmer < 3; confirmer++) {
        struct hunch_speculator *s = new_speculator();
        struct machine m = make_machine(seed, confirmer, seed % 2);
        struct totals t = {0};
        for (uint64_t n = 0; n < 4000; n++) {
            uint64_t bytes = (uint64_t)exp2(16 + 14 * uniform(seed, n, 20));
            double rate = exp2(-6 + 6 * sin((double)n / 300));
            dispatch(s, &m, bytes, rate, n, n < WARM_UP ? NULL : &t);
        }
        hunch_speculator_free(s);
        double best = fmin(t.each[0], fmin(t.each[1], t.each[2]));
        worst = fmax(worst, t.spent / best);
        worst_oracle = fmax(worst_oracle, t.spent / t.best);
    }
    printf("mixed: worst %.3f, of an oracle %.3f\n", worst, worst_oracle);
    return 0;
}

/* Against the best single route of the large batches. */
static int small_first(uint64_t seed)
{
    static const uint64_t small[] = {1, 30, 1000, 20000, 60000};
    static const unsigned count[] = {1, 2, 3, 20, 200};
    static const double rates[] = {0.001, 0.05, 0.9};
    double worst = 0;
    unsigned cells = 0, wins[3] = {0};
    for (unsigned i = 0; i < 5 * 5 * 3 * 3 * 2; i++) {
        const unsigned size = i % 5, first = count[i / 5 % 5];
        const double rate = rates[i / 25 % 3];
        const int confirmer = (int)(i / 75 % 3);
        struct machine m = i / 225 ? make_slow_machine(seed, confirmer, true)
                                   : make_machine(seed, confirmer, true);
        m.fill = 1;
        m.call = 10000;
        struct hunch_speculator *s = new_speculator();
        struct totals t = {0};
        for (uint64_t n = 0; n < first; n++)
            dispatch(s, &m, small[size], rate, n, NULL);
        for (uint64_t n = 0; n < WARM_UP + COUNTED; n++)
            dispatch(s, &m, 4 << 20, rate, first + n, n < WARM_UP ? NULL : &t);
        hunch_speculator_free(s);
        int best = 0;
        for (int r = 1; r < 3; r++)
            if (t.each[r] < t.each[best])
                best = r;
        wins[best]++;
        cells++;
        worst = fmax(worst, t.spent / t.each[best]);
    }
    printf("%u cells, worst %.3f, best fused %u chained %u serial %u\n", cells, worst, wins[0],
           wins[1], wins[2]);
    return 0;
}

static int decide(void)
{
    struct hunch_speculator *s = new_speculator();
    struct machine m = make_machine(1, 1, true);
    enum { ROUNDS = 200000 };
    struct hunch_measurement r = run(&m, HUNCH_ROUTE_CHAINED, 1 << 20, 256, 0.01, 1);
    uint64_t begin = hunch_clock_ns();
    for (int i = 0; i < ROUNDS; i++) {
        struct hunch_batch batch = {.bytes = 1 << 20, .tiles = 256, .routes = ALL};
        struct hunch_decision d;
        hunch_speculator_decide(s, &batch, &d, NULL);
        hunch_speculator_measure(s, &d, &r);
    }
    uint64_t took = hunch_clock_ns() - begin;
    hunch_speculator_free(s);
    printf("%.0f ns to decide, measure and learn\n", (double)took / ROUNDS);
    return 0;
}

int main(int argc, char **argv)
{
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    if (argc > 1 && strcmp(argv[1], "grid") == 0)
        return grid(seed, false, argc > 3);
    if (argc > 1 && strcmp(argv[1], "slow-grid") == 0)
        return grid(seed, true, argc > 3);
    if (argc > 1 && strcmp(argv[1], "drift") == 0)
        return drift(seed);
    if (argc > 1 && strcmp(argv[1], "mixed") == 0)
        return mixed(seed);
    if (argc > 1 && strcmp(argv[1], "small-first") == 0)
        return small_first(seed);
    if (argc > 1 && strcmp(argv[1], "decide") == 0)
        return decide();
    fprintf(stderr,
            "usage: guess_simulation grid|slow-grid SEED [print] | drift SEED | mixed SEED | "
            "small-first SEED | decide\n");
    return 2;
}
