/* load_simulation.c: threads that share a made-up device, each dispatch by the route that a
 * speculator chooses. Copies go one after the other, so do kernels; the host has a core a thread.
 * Whatever a dispatch waits for, it waits for by every route.
 *
 *   load_simulation SEED [sizes] [wall]
 *
 * One line a machine: what auto takes of the time of the best single route, once 64 dispatches are
 * over, and how often it took each. sizes: each dispatch has another, down to a fiftieth. wall: it
 * learns how long dispatches were under way, as where nobody else uses the device. Judges nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dispatch.h"

enum { THREADS = 16, WARM_UP = 64, COUNTED = 1024, AUTO = HUNCH_ROUTE_COUNT };
enum { BYTES = 7 << 20, TILES = 448, HITS = 20 }; /* of a dispatch of size 1 */

/* Microseconds, of size 1. The host's: before kernels, between them (serial), and behind them. */
struct machine {
    const char *name;
    double copy, confirm;
    struct route {
        double launch, busy, between, again;
    } route[HUNCH_ROUTE_COUNT];
};

static const struct machine machines[] = {
    {"copies take longest", 147, 60, {{15, 400, 0, 0}, {35, 9, 0, 0}, {30, 8, 60, 1}}},
    {"the host does", 147, 2500, {{15, 900, 0, 0}, {35, 25, 0, 0}, {30, 20, 1500, 2}}},
    {"resident, large", 0, 1000, {{15, 350, 0, 0}, {35, 200, 0, 0}, {30, 180, 3000, 4}}},
    {"confirmers are cheap", 0, 40, {{15, 12, 0, 0}, {35, 30, 0, 0}, {30, 28, 60, 4}}},
    {"gates keep much back", 20, 100, {{15, 500, 0, 0}, {35, 300, 0, 0}, {30, 40, 150, 20}}},
};

enum stage { BEGIN, COPY, KERNELS, BETWEEN, AGAIN, BACK, DONE };

struct thread {
    double at; /* when its stage begins */
    enum stage stage;
    unsigned route;
    double size, began, busy; /* of its dispatch */
    struct hunch_decision decision;
};

/* splitmix64 over whatever identifies a number. */
static double uniform(uint64_t seed, uint64_t n)
{
    uint64_t z = seed * 0x9e3779b97f4a7c15ull + n * 0xbf58476d1ce4e5b9ull + 1;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

struct simulation {
    const struct machine *m;
    uint64_t seed, drawn;
    bool wall, sizes;
    unsigned way; /* a route, or AUTO */
    struct hunch_speculator *speculator;
    struct thread thread[THREADS];
    double now, copies_free, device_free;
    unsigned done, taken[HUNCH_ROUTE_COUNT];
};

/* About so much. */
static double noisy(struct simulation *s, double us)
{
    return us * (0.9 + 0.2 * uniform(s->seed, ++s->drawn));
}

/* One behind the other, in the order in which they come. */
static double queue(double *is_free, double at, double us)
{
    if (us == 0)
        return at;
    *is_free = (at > *is_free ? at : *is_free) + us;
    return *is_free;
}

static void decide(struct simulation *s, struct thread *t)
{
    t->size = s->sizes ? 0.02 + 0.98 * uniform(s->seed, ++s->drawn) : 1;
    const struct hunch_batch batch = {.bytes = (uint64_t)(t->size * BYTES),
                                      .tiles = (uint32_t)(t->size * TILES),
                                      .routes = HUNCH_ROUTE_BIT(HUNCH_ROUTE_COUNT) - 1,
                                      .contended = !s->wall};
    t->route = s->way;
    t->began = t->at;
    t->busy = 0;
    if (s->way != AUTO)
        return;
    if (hunch_speculator_decide(s->speculator, &batch, &t->decision, NULL) != HUNCH_OK)
        exit(2);
    t->route = t->decision.route;
    if (s->done >= WARM_UP)
        s->taken[t->route]++;
}

static void learn(struct simulation *s, const struct thread *t, double confirm)
{
    const struct route *r = &s->m->route[t->route];
    const uint64_t confirm_ns[HP_GROUP_COUNT] = {(uint64_t)(confirm * 1e3)};
    struct hunch_dispatch d = {.on_device = true,
                               .sharing = s->wall ? 1 : THREADS,
                               .prefilter_ns = (uint64_t)((t->at - t->began) * 1e3),
                               .busy_ns = (uint64_t)(t->busy * 1e3),
                               .host_ns = (uint64_t)((r->launch + r->between) * 1e3)};
    const uint32_t tiles = (uint32_t)(t->size * TILES), hits = (uint32_t)(t->size * HITS);
    struct hunch_measurement how = {.hits = hits, .report = {hits, tiles - hits}};
    struct hunch_decision decision = t->decision;
    memset(d.route, (int)t->route, sizeof d.route);
    hunch_dispatch_times(&d, 0, confirm_ns, &how);
    if (s->way == AUTO)
        hunch_speculator_measure(s->speculator, &decision, &how);
}

/* The next stage of the thread that is first. */
static void step(struct simulation *s)
{
    struct thread *t = &s->thread[0];
    for (int i = 1; i < THREADS; i++)
        if (s->thread[i].at < t->at)
            t = &s->thread[i];
    double us;
    if (t->stage == BEGIN)
        decide(s, t);
    const struct route *r = &s->m->route[t->route];
    switch (t->stage) {
    case BEGIN: t->at += r->launch; break;
    case COPY: t->at = queue(&s->copies_free, t->at, s->m->copy * t->size); break;
    case KERNELS:
    case AGAIN:
        us = noisy(s, t->stage == AGAIN ? r->again : r->busy) * (0.3 + 0.7 * t->size);
        t->busy += us;
        t->at = queue(&s->device_free, t->at, us);
        break;
    case BETWEEN: t->at += r->between; break;
    case BACK:
        us = noisy(s, s->m->confirm) * t->size;
        learn(s, t, us);
        t->at += us;
        break;
    case DONE:
        s->done++;
        s->now = t->at;
        break;
    }
    t->stage = t->stage == DONE ? BEGIN : t->stage + 1;
}

/* Microseconds of a dispatch, as many threads as there are at a time. */
static double run(struct simulation *s, unsigned way)
{
    double from = 0;
    memset(s->thread, 0, sizeof s->thread);
    s->way = way;
    s->copies_free = s->device_free = 0;
    s->done = 0;
    for (int i = 0; i < THREADS; i++)
        s->thread[i].at = i; /* they do not begin all at once */
    while (s->done < WARM_UP + COUNTED) {
        unsigned before = s->done;
        step(s);
        if (before != s->done && s->done == WARM_UP)
            from = s->now;
    }
    return (s->now - from) / COUNTED;
}

int main(int argc, char **argv)
{
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    bool wall = false, sizes = false;
    for (int i = 2; i < argc; i++) {
        wall |= strcmp(argv[i], "wall") == 0;
        sizes |= strcmp(argv[i], "sizes") == 0;
    }
    for (size_t i = 0; i < sizeof machines / sizeof *machines; i++) {
        struct machine m = machines[i];
        struct simulation s = {.m = &m, .seed = seed * 100 + i, .wall = wall, .sizes = sizes};
        double each[HUNCH_ROUTE_COUNT], best = 0;
        for (unsigned r = 0; r < HUNCH_ROUTE_COUNT; r++) {
            m.route[r].busy = noisy(&s, m.route[r].busy);
            m.route[r].between = noisy(&s, m.route[r].between);
        }
        for (unsigned r = 0; r < HUNCH_ROUTE_COUNT; r++) {
            each[r] = run(&s, r);
            best = r == 0 || each[r] < best ? each[r] : best;
        }
        if (hunch_speculator_new(NULL, HUNCH_POLICY_COST_MODEL, HUNCH_DEFAULT_THRESHOLD_PCT,
                                 &s.speculator, NULL) != HUNCH_OK)
            return 2;
        double took = run(&s, AUTO);
        hunch_speculator_free(s.speculator);
        printf("%s: %.3f, each %.2f %.2f %.2f, taken %u %u %u\n", m.name, took / best,
               each[0] / best, each[1] / best, each[2] / best, s.taken[0], s.taken[1], s.taken[2]);
    }
    return 0;
}
