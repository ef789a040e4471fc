/* cost_model.c: see cost_model.h. */
#include "cost_model.h"

#include <math.h>
#include <string.h>

/* At the start, and wherever predictions are equal: serial before chained before fused. */
static const uint8_t order[HUNCH_ROUTE_COUNT] = {HUNCH_ROUTE_SERIAL, HUNCH_ROUTE_CHAINED,
                                                 HUNCH_ROUTE_FUSED};

enum {
    HYSTERESIS_PCT = 5,  /* a route must be predicted to be so much faster to be switched to */
    PROBE_SHARE = 50,    /* a probe may lose 1/50 of the time since the route was last taken */
    GAP_LEAST = 8,       /* back-off of probes, in dispatches: doubles with each, down again with */
    GAP_MOST = 64,       /* a switch or a surprise */
    SIZE_REACH = 4,      /* what was measured holds for sizes of a 16th to the 16-fold */
    FAR_LOSS = 8,        /* beyond, a route is tried unless predicted to be so much slower, or twice
                          * that for each further doubling: sizes near each other do not tell what
                          * a call takes from what a byte takes */
    APART_BYTES = 65536, /* times of smaller batches, and of fewer hits, are what a call takes */
    APART_HITS = 16,     /* whatever it does: they say little of a byte, or of a hit */
};

static const double NOISE = 0.1;     /* of one measured time, relative */
static const double SD_LEAST = 0.06; /* relative; with NOISE a gain of about 1/4 for ever */
static const double SURE = 0.25;     /* a prediction with a smaller relative sd can be surprised */
static const double SURPRISE = 1.5;  /* measured / predicted, or the inverse */
static const double SHRINK = 1.0 / 16;  /* the most that a value falls at once: it stays positive */
static const double VALUE_MOST = 1e15;  /* ns: 11 days */
static const double VALUE_LEAST = 1e-9; /* ns */

/* Where nothing was measured: magnitudes of one large GPU. They matter until the first measurement,
 * and for how that one is shared out: so latencies are known to a factor of a few, rates are not
 * known at all. */
static const double start[HUNCH_ROUTE_COUNT][HUNCH_PART_COUNT] = {
    {11500, 0.001, 0.1}, {14800, 0.0004, 1}, {22600, 0.0004, 2}};
static const double unsure[HUNCH_PART_COUNT] = {3, 1000, 1000};

void hunch_cost_model_init(struct hunch_cost_model *m)
{
    memset(m, 0, sizeof *m);
    for (uint32_t n = 0; n < HUNCH_COST_MODELS; n++) {
        struct hunch_cost_class *c = &m->class[n];
        c->number = n;
        c->current = HUNCH_ROUTE_COUNT;
        for (int r = 0; r < HUNCH_ROUTE_COUNT; r++) {
            c->route[r].gap = GAP_LEAST;
            for (int i = 0; i < HUNCH_PART_COUNT; i++)
                c->route[r].part[i] =
                    (struct hunch_cost_part){start[r][i], start[r][i] * unsure[i]};
        }
    }
}

bool hunch_cost_class_used(const struct hunch_cost_class *c)
{
    return c->current < HUNCH_ROUTE_COUNT;
}

bool hunch_cost_class_valid(const struct hunch_cost_class *c)
{
    if (!(c->hits_per_commit >= 0 && c->hits_per_commit <= VALUE_MOST) ||
        c->current >= HUNCH_ROUTE_COUNT || c->number >= HUNCH_COST_MODELS)
        return false;
    for (int r = 0; r < HUNCH_ROUTE_COUNT; r++) {
        const struct hunch_cost_route *k = &c->route[r];
        if (k->gap < GAP_LEAST || k->gap > GAP_MOST || k->suspect > 1)
            return false;
        for (int i = 0; i < HUNCH_PART_COUNT; i++)
            if (!(k->part[i].value >= VALUE_LEAST && k->part[i].value <= VALUE_MOST &&
                  k->part[i].sd > 0 && k->part[i].sd <= 1e6 * VALUE_MOST))
                return false;
    }
    return true;
}

/* ---- predicting ---- */

static struct hunch_cost_class *class_of(struct hunch_cost_model *m, const struct hunch_decision *d)
{
    return &m->class[d->cost_class + (d->contended ? HUNCH_COST_CLASSES : 0)];
}

/* The terms of a predicted time, or some of them. */
struct sum {
    struct hunch_cost_part *part[HUNCH_PART_COUNT];
    double x[HUNCH_PART_COUNT]; /* how often the part counts */
    int count;
};

static void add(struct sum *s, struct hunch_cost_part *part, double x)
{
    s->part[s->count] = part;
    s->x[s->count++] = x;
}

static double value(const struct sum *s)
{
    double ns = 0;
    for (int i = 0; i < s->count; i++)
        ns += s->part[i]->value * s->x[i];
    return ns;
}

static double variance(const struct sum *s)
{
    double v = 0;
    for (int i = 0; i < s->count; i++) {
        double sd = s->part[i]->sd * s->x[i];
        v += sd * sd;
    }
    return v;
}

static void predict(struct hunch_cost_model *m, struct hunch_decision *d)
{
    const struct hunch_cost_class *c = class_of(m, d);
    double per_commit = c->hits_per_commit > 0 ? c->hits_per_commit : 1;
    double hits = (double)d->tiles * d->hit_rate_ppm * 1e-6 * per_commit;
    for (unsigned r = 0; r < HUNCH_ROUTE_COUNT; r++) {
        const struct hunch_cost_part *part = c->route[r].part;
        double ns = part[HUNCH_PART_LATENCY].value +
                    part[HUNCH_PART_BYTE].value * (double)d->bytes +
                    part[HUNCH_PART_HIT].value * hits;
        d->predicted_ns[r] = (uint64_t)(ns < VALUE_MOST ? ns : VALUE_MOST);
    }
}

/* ---- choosing ---- */

static unsigned size_of(const struct hunch_decision *d)
{
    return d->bytes ? 63 - (unsigned)__builtin_clzll(d->bytes) : 0;
}

/* How many times larger or smaller, as a power of two, than the nearest size that was tried. */
static unsigned distance(uint64_t sizes, unsigned size)
{
    unsigned least = 64;
    for (unsigned i = 0; i < 64; i++) {
        const unsigned away = i > size ? i - size : size - i;
        if ((sizes >> i & 1) && away < least)
            least = away;
    }
    return least;
}

/* For hunch_cost_model_withdraw. */
static void remember(struct hunch_cost_model *m, const struct hunch_decision *d)
{
    m->before = *class_of(m, d);
    m->decided = d->decided;
}

static void took(struct hunch_cost_class *c, const struct hunch_decision *d)
{
    for (int r = 0; r < HUNCH_ROUTE_COUNT; r++)
        if (c->route[r].passed < UINT32_MAX)
            c->route[r].passed++;
    c->route[d->route].passed = 0;
    c->route[d->route].since_ns = 0;
    c->route[d->route].sizes |= (uint64_t)1 << size_of(d);
    if (c->current == HUNCH_ROUTE_COUNT)
        c->current = d->route;
}

static void reset_gaps(struct hunch_cost_class *c)
{
    for (int r = 0; r < HUNCH_ROUTE_COUNT; r++)
        c->route[r].gap = GAP_LEAST;
}

/* The route that is due for a probe and loses least by it; HUNCH_ROUTE_COUNT: none is due. */
static unsigned due(const struct hunch_cost_class *c, unsigned offered, unsigned taken,
                    const uint64_t *ns)
{
    unsigned found = HUNCH_ROUTE_COUNT;
    for (int i = 0; i < HUNCH_ROUTE_COUNT; i++) {
        unsigned r = order[i];
        if (r == taken || !(offered & HUNCH_ROUTE_BIT(r)) || c->route[r].passed < c->route[r].gap)
            continue;
        uint64_t loss = ns[r] > ns[taken] ? ns[r] - ns[taken] : 0;
        if (loss <= c->route[r].since_ns / PROBE_SHARE &&
            (found == HUNCH_ROUTE_COUNT || ns[r] < ns[found]))
            found = r;
    }
    return found;
}

/* The route of which nothing is known: never tried with this class, or only at sizes from which
 * nothing follows for this one, and not hopeless; HUNCH_ROUTE_COUNT: there is none. */
static unsigned untried(const struct hunch_cost_class *c, unsigned offered, unsigned size,
                        const uint64_t *ns, unsigned best)
{
    for (int i = 0; i < HUNCH_ROUTE_COUNT; i++) {
        unsigned r = order[i];
        if ((offered & HUNCH_ROUTE_BIT(r)) && !c->route[r].sizes)
            return r;
    }
    for (int i = 0; i < HUNCH_ROUTE_COUNT; i++) {
        unsigned r = order[i];
        const unsigned away = distance(c->route[r].sizes, size);
        if ((offered & HUNCH_ROUTE_BIT(r)) && away > SIZE_REACH &&
            (double)ns[r] <= FAR_LOSS * exp2(away - SIZE_REACH) * (double)ns[best])
            return r;
    }
    return HUNCH_ROUTE_COUNT;
}

void hunch_cost_model_choose(struct hunch_cost_model *m, unsigned offered, struct hunch_decision *d)
{
    struct hunch_cost_class *c = class_of(m, d);
    remember(m, d);
    predict(m, d);
    const uint64_t *ns = d->predicted_ns;
    unsigned best = HUNCH_ROUTE_COUNT;
    for (int i = 0; i < HUNCH_ROUTE_COUNT; i++) {
        unsigned r = order[i];
        if ((offered & HUNCH_ROUTE_BIT(r)) && (best == HUNCH_ROUTE_COUNT || ns[r] < ns[best]))
            best = r;
    }
    unsigned route = untried(c, offered, size_of(d), ns, best);
    bool stays = c->current < HUNCH_ROUTE_COUNT && (offered & HUNCH_ROUTE_BIT(c->current));
    if (route != HUNCH_ROUTE_COUNT) {
        d->reason = HUNCH_WHY_UNTRIED;
    } else if (!stays || ns[best] * 100 < ns[c->current] * (100 - HYSTERESIS_PCT)) {
        d->reason = HUNCH_WHY_FASTEST;
        route = c->current = best;
        reset_gaps(c);
    } else if ((route = due(c, offered, c->current, ns)) != HUNCH_ROUTE_COUNT) {
        d->reason = HUNCH_WHY_PROBE;
        c->route[route].gap =
            c->route[route].gap * 2 < GAP_MOST ? c->route[route].gap * 2 : GAP_MOST;
    } else {
        d->reason = HUNCH_WHY_STAYS;
        route = c->current;
    }
    d->route = (uint8_t)route;
    took(c, d);
}

void hunch_cost_model_take(struct hunch_cost_model *m, struct hunch_decision *d)
{
    remember(m, d);
    predict(m, d);
    took(class_of(m, d), d);
}

void hunch_cost_model_withdraw(struct hunch_cost_model *m, const struct hunch_decision *d)
{
    struct hunch_cost_class *c = class_of(m, d);
    if (m->decided == d->decided)
        *c = m->before;
    else if (d->reason == HUNCH_WHY_UNTRIED)
        c->route[d->route].sizes &= ~((uint64_t)1 << size_of(d));
    if (m->before.number == c->number)
        m->decided = 0;
}

/* ---- learning ---- */

/* Moves the parts of a sum towards what was measured, each by how much it counts times how unsure
 * it is. */
static void fit(struct sum *s, double measured)
{
    double predicted = value(s), v = variance(s);
    double noise = NOISE * fmin(predicted, measured), all = v + noise * noise;
    if (!(v > 0))
        return;
    for (int i = 0; i < s->count; i++) {
        struct hunch_cost_part *p = s->part[i];
        double x = s->x[i], gain = p->sd * p->sd * x / all;
        double now = p->value + gain * (measured - predicted);
        p->value = fmin(fmax(fmax(now, p->value * SHRINK), VALUE_LEAST), VALUE_MOST);
        p->sd = fmax(p->sd * sqrt(fmax(1 - gain * x, 0)), SD_LEAST * p->value);
    }
}

/* Times far from a prediction that seemed sure. Far below: at once, everything is learned anew. Far
 * above: a hiccup of the machine looks so once; when the route's next time says so too it is true.
 * False: this time teaches nothing. */
static bool believe(struct hunch_cost_class *c, unsigned route, struct sum *all, double measured)
{
    double predicted = value(all);
    bool sure = variance(all) < SURE * SURE * predicted * predicted;
    bool above = measured > SURPRISE * predicted, below = predicted > SURPRISE * measured;
    bool first = sure && above && !c->route[route].suspect;
    c->route[route].suspect = first;
    if (sure && !first && (above || below)) {
        for (int i = 0; i < all->count; i++)
            if (all->x[i] > 0)
                all->part[i]->sd = fmax(all->part[i]->sd, all->part[i]->value);
        reset_gaps(c);
    }
    return !first;
}

void hunch_cost_model_learn(struct hunch_cost_model *m, const struct hunch_decision *d)
{
    struct hunch_cost_class *c = class_of(m, d);
    struct hunch_cost_part *part = c->route[d->route].part;
    if (m->before.number == c->number)
        m->decided = 0;
    if (d->committed > 0) {
        double seen = fmin((double)d->hits / d->committed, VALUE_MOST);
        c->hits_per_commit += (seen - c->hits_per_commit) * (c->hits_per_commit > 0 ? 0.25 : 1);
    }
    if (d->measured_ns == 0)
        return;
    for (unsigned r = 0; r < HUNCH_ROUTE_COUNT; r++)
        if (r != d->route &&
            __builtin_add_overflow(c->route[r].since_ns, d->measured_ns, &c->route[r].since_ns))
            c->route[r].since_ns = UINT64_MAX;

    struct sum all = {.count = 0}, prefilter = all, confirm = all, rest = all;
    add(&all, &part[HUNCH_PART_LATENCY], 1);
    add(&all, &part[HUNCH_PART_BYTE], (double)d->bytes);
    add(&all, &part[HUNCH_PART_HIT], (double)d->hits);
    double left = fmin((double)d->measured_ns, VALUE_MOST);
    if (!believe(c, d->route, &all, left))
        return;
    /* What was measured apart is learned apart; the others share what is left. */
    const bool apart = d->route != HUNCH_ROUTE_FUSED && d->bytes >= APART_BYTES;
    add(&rest, all.part[0], all.x[0]);
    add(apart && d->prefilter_ns ? &prefilter : &rest, all.part[1], all.x[1]);
    add(apart && d->confirm_ns && d->hits >= APART_HITS ? &confirm : &rest, all.part[2], all.x[2]);
    if (prefilter.count) {
        fit(&prefilter, (double)d->prefilter_ns);
        left -= (double)d->prefilter_ns;
    }
    if (confirm.count) {
        fit(&confirm, (double)d->confirm_ns);
        left -= (double)d->confirm_ns;
    }
    fit(&rest, fmax(left, 1));
}
