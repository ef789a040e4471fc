/* speculator.c: see hunch.h. The commit rate is one 64-bit word (moving average, samples, enabled),
 * changed by one CAS; the cost model and the order of calls are behind a lock. */
#include "speculator.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "cost_model.h"
#include "error.h"

#define SAMPLES_MOST 0x7fffffffu

struct hunch_speculator {
    const struct hunch_allocator *a;
    enum hunch_policy policy;
    uint32_t threshold_ppm;
    _Atomic uint64_t word; /* struct rate */
    pthread_mutex_t lock;  /* of what follows */
    uint64_t calls;        /* decisions and measurements so far */
    struct hunch_cost_model model;
};

_Static_assert(sizeof(struct hunch_decision) == 11 * 8 + 4 * 4 + 8, "no padding");
_Static_assert(sizeof(struct hunch_cost_class) == 8 + 2 * 4 + HUNCH_ROUTE_COUNT * (3 * 16 + 3 * 8),
               "no padding");

/* ---- the word ---- */

struct rate {
    uint32_t ema_ppm; /* bits 0 to 31 */
    uint32_t samples; /* bits 32 to 62, saturating */
    bool enabled;     /* bit 63 */
};

static uint64_t pack(struct rate r)
{
    return r.ema_ppm | (uint64_t)r.samples << 32 | (uint64_t)r.enabled << 63;
}

static struct rate unpack(uint64_t word)
{
    return (struct rate){(uint32_t)word, (uint32_t)(word >> 32) & SAMPLES_MOST, word >> 63};
}

static struct rate read_rate(const struct hunch_speculator *s)
{
    return unpack(atomic_load_explicit(&s->word, memory_order_relaxed));
}

static struct rate step(struct rate r, uint32_t observed_ppm, uint32_t threshold_ppm)
{
    uint32_t margin = threshold_ppm / 4, above;
    if (__builtin_add_overflow(threshold_ppm, margin, &above))
        above = UINT32_MAX;
    /* Signed: >> keeps the sign with every compiler that builds this. */
    int64_t ema = r.ema_ppm + (((int64_t)observed_ppm - r.ema_ppm) >> 2);
    r.ema_ppm = ema < 0 ? 0 : ema > UINT32_MAX ? UINT32_MAX : (uint32_t)ema;
    if (r.ema_ppm < threshold_ppm - margin)
        r.enabled = false;
    else if (r.ema_ppm >= above)
        r.enabled = true;
    if (r.samples < SAMPLES_MOST)
        r.samples++;
    return r;
}

void hunch_speculator_record(struct hunch_speculator *s, const struct hunch_commit_report *report)
{
    if (report->committed == 0 && report->rolled_back == 0)
        return;
    uint32_t observed = hunch_commit_rate_ppm(report);
    uint64_t old = atomic_load_explicit(&s->word, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(
        &s->word, &old, pack(step(unpack(old), observed, s->threshold_ppm)), memory_order_relaxed,
        memory_order_relaxed))
        ;
}

void hunch_speculator_observe(struct hunch_speculator *s, const struct hunch_commit_report *report)
{
    hunch_speculator_record(s, report);
}

uint32_t hunch_speculator_threshold_ppm(const struct hunch_speculator *s)
{
    return s->threshold_ppm;
}

uint32_t hunch_speculator_commit_rate_ppm(const struct hunch_speculator *s)
{
    return read_rate(s).ema_ppm;
}

uint32_t hunch_speculator_samples(const struct hunch_speculator *s)
{
    return read_rate(s).samples;
}

bool hunch_speculator_should_speculate(const struct hunch_speculator *s)
{
    return read_rate(s).enabled;
}

/* ---- new, free ---- */

hunch_status hunch_speculator_new(const struct hunch_allocator *a, enum hunch_policy policy,
                                  uint32_t threshold_pct, struct hunch_speculator **out,
                                  struct hunch_error *err)
{
    *out = NULL;
    if (hunch_policy_name(policy) == NULL)
        return hunch_fail(err, HUNCH_ERROR_ARGUMENT,
                          "there is no policy %d; use HUNCH_POLICY_COST_MODEL or "
                          "HUNCH_POLICY_COMMIT_RATE",
                          (int)policy);
    struct hunch_speculator *s = hunch_alloc_zero(a, sizeof *s);
    if (s == NULL || pthread_mutex_init(&s->lock, NULL) != 0) {
        hunch_free(a, s, sizeof *s);
        return hunch_fail_memory(err, sizeof *s, "a speculator");
    }
    s->a = a;
    s->policy = policy;
    if (__builtin_mul_overflow(threshold_pct, 10000u, &s->threshold_ppm))
        s->threshold_ppm = UINT32_MAX;
    atomic_init(&s->word, pack((struct rate){s->threshold_ppm, 0, true}));
    hunch_cost_model_init(&s->model);
    *out = s;
    return HUNCH_OK;
}

void hunch_speculator_free(struct hunch_speculator *s)
{
    if (s == NULL)
        return;
    pthread_mutex_destroy(&s->lock);
    hunch_free(s->a, s, sizeof *s);
}

/* ---- deciding ---- */

static hunch_status check_batch(const struct hunch_batch *b, unsigned routes,
                                struct hunch_error *err)
{
    const char *backend = b->backend ? b->backend : "in use";
    if (b->cost_class >= HUNCH_COST_CLASSES)
        return hunch_fail(err, HUNCH_ERROR_ARGUMENT,
                          "there is no cost class %u; use a number below %d", b->cost_class,
                          HUNCH_COST_CLASSES);
    if (hunch_speculation_name(b->mode) == NULL || routes >= HUNCH_ROUTE_BIT(HUNCH_ROUTE_COUNT))
        return hunch_fail(err, HUNCH_ERROR_ARGUMENT,
                          "the batch names a mode or a route that there is not");
    if (b->mode == HUNCH_SPECULATE_FORCE && !(routes & HUNCH_ROUTE_BIT(HUNCH_ROUTE_FUSED)))
        return hunch_fail(err, HUNCH_ERROR_UNSUPPORTED,
                          "the backend %.100s cannot speculate, so that cannot be forced; use auto "
                          "or disable",
                          backend);
    if (b->mode == HUNCH_SPECULATE_DISABLE && routes == HUNCH_ROUTE_BIT(HUNCH_ROUTE_FUSED))
        return hunch_fail(err, HUNCH_ERROR_ARGUMENT,
                          "speculation is disabled and the backend %.100s offers no other route; "
                          "use auto or force",
                          backend);
    return HUNCH_OK;
}

/* The policy commit-rate: on is fused, off is serial. */
static void choose_by_rate(unsigned offered, struct hunch_decision *d)
{
    bool fused = offered & HUNCH_ROUTE_BIT(HUNCH_ROUTE_FUSED);
    d->reason = !fused ? HUNCH_WHY_ONLY : d->enabled ? HUNCH_WHY_RATE_HIGH : HUNCH_WHY_RATE_LOW;
    d->route = fused && d->enabled                             ? HUNCH_ROUTE_FUSED
               : offered & HUNCH_ROUTE_BIT(HUNCH_ROUTE_SERIAL) ? HUNCH_ROUTE_SERIAL
                                                               : HUNCH_ROUTE_CHAINED;
}

hunch_status hunch_speculator_decide(struct hunch_speculator *s, const struct hunch_batch *b,
                                     struct hunch_decision *d, struct hunch_error *err)
{
    unsigned routes =
        b->routes ? b->routes
                  : HUNCH_ROUTE_BIT(HUNCH_ROUTE_FUSED) | HUNCH_ROUTE_BIT(HUNCH_ROUTE_SERIAL);
    memset(d, 0, sizeof *d);
    hunch_status status = check_batch(b, routes, err);
    if (status != HUNCH_OK)
        return status;
    unsigned offered = b->mode == HUNCH_SPECULATE_FORCE ? HUNCH_ROUTE_BIT(HUNCH_ROUTE_FUSED)
                       : b->mode == HUNCH_SPECULATE_DISABLE
                           ? routes & ~HUNCH_ROUTE_BIT(HUNCH_ROUTE_FUSED)
                           : routes;
    d->bytes = b->bytes;
    d->tiles = b->tiles;
    d->mode = (uint8_t)b->mode;
    d->policy = (uint8_t)s->policy;
    d->routes = (uint8_t)routes;
    d->cost_class = (uint8_t)b->cost_class;
    d->contended = b->contended;
    struct rate rate = read_rate(s);
    d->hit_rate_ppm = rate.ema_ppm;
    d->samples = rate.samples;
    d->enabled = rate.enabled;

    pthread_mutex_lock(&s->lock);
    d->decided = ++s->calls;
    bool given = (offered & (offered - 1)) == 0;
    if (given) {
        d->route = (uint8_t)__builtin_ctz(offered);
        d->reason = b->mode == HUNCH_SPECULATE_FORCE ? HUNCH_WHY_FORCED : HUNCH_WHY_ONLY;
    }
    if (s->policy == HUNCH_POLICY_COMMIT_RATE && !given)
        choose_by_rate(offered, d);
    else if (s->policy == HUNCH_POLICY_COST_MODEL && given)
        hunch_cost_model_take(&s->model, d);
    else if (s->policy == HUNCH_POLICY_COST_MODEL)
        hunch_cost_model_choose(&s->model, offered, d);
    pthread_mutex_unlock(&s->lock);
    return HUNCH_OK;
}

void hunch_speculator_measure(struct hunch_speculator *s, struct hunch_decision *d,
                              const struct hunch_measurement *m)
{
    if (d->decided == 0 || d->observed != 0 || d->cost_class >= HUNCH_COST_CLASSES ||
        d->route >= HUNCH_ROUTE_COUNT || d->contended > 1)
        return; /* what no decide has made, or what was measured, teaches nothing */
    const bool nothing = m->ns == 0 && m->report.committed == 0 && m->report.rolled_back == 0;
    d->measured_ns = m->ns;
    d->prefilter_ns = m->prefilter_ns;
    d->confirm_ns = m->confirm_ns;
    d->hits = m->hits ? m->hits : m->report.committed;
    d->committed = m->report.committed;
    d->rolled_back = m->report.rolled_back;
    hunch_speculator_record(s, &m->report);
    pthread_mutex_lock(&s->lock);
    d->observed = ++s->calls;
    if (s->policy == HUNCH_POLICY_COST_MODEL && nothing)
        hunch_cost_model_withdraw(&s->model, d);
    else if (s->policy == HUNCH_POLICY_COST_MODEL)
        hunch_cost_model_learn(&s->model, d);
    pthread_mutex_unlock(&s->lock);
}

/* ---- state as bytes ---- */

#define STATE_MAGIC 0x31535048u /* "HPS1" */

enum { STATE_VERSION = 2 };

/* Behind it the classes of the cost model of which something was learned. */
struct state {
    uint32_t magic;
    uint16_t version;
    uint8_t policy, classes;
    uint64_t word;
};

size_t hunch_speculator_save(struct hunch_speculator *s, void *bytes, size_t size)
{
    struct state state = {STATE_MAGIC, STATE_VERSION, (uint8_t)s->policy, 0, 0};
    size_t need = sizeof state;
    pthread_mutex_lock(&s->lock);
    state.word = atomic_load(&s->word);
    for (int i = 0; i < HUNCH_COST_MODELS; i++)
        state.classes += hunch_cost_class_used(&s->model.class[i]);
    need += state.classes * sizeof s->model.class[0];
    if (size >= need) {
        uint8_t *to = bytes;
        memcpy(to, &state, sizeof state);
        to += sizeof state;
        for (int i = 0; i < HUNCH_COST_MODELS; i++)
            if (hunch_cost_class_used(&s->model.class[i])) {
                memcpy(to, &s->model.class[i], sizeof s->model.class[i]);
                to += sizeof s->model.class[i];
            }
    }
    pthread_mutex_unlock(&s->lock);
    return need;
}

/* The bytes as a word and a model; false: they are none of this policy. */
static bool parse_state(const uint8_t *bytes, size_t size, enum hunch_policy policy, uint64_t *word,
                        struct hunch_cost_model *model)
{
    struct state state;
    struct hunch_cost_class class;
    if (size < sizeof state)
        return false;
    memcpy(&state, bytes, sizeof state);
    if (state.magic != STATE_MAGIC || state.version != STATE_VERSION || state.policy != policy ||
        size != sizeof state + state.classes * sizeof class ||
        (state.classes > 0 && policy != HUNCH_POLICY_COST_MODEL))
        return false;
    hunch_cost_model_init(model);
    bytes += sizeof state;
    size -= sizeof state;
    for (uint32_t next = 0; size > 0; next = class.number + 1) {
        memcpy(&class, bytes, sizeof class);
        if (!hunch_cost_class_valid(&class) || class.number < next)
            return false;
        model->class[class.number] = class;
        bytes += sizeof class;
        size -= sizeof class;
    }
    *word = state.word;
    return true;
}

hunch_status hunch_speculator_load(struct hunch_speculator *s, const void *bytes, size_t size,
                                   struct hunch_error *err)
{
    struct hunch_cost_model model;
    uint64_t word;
    if (!parse_state(bytes, size, s->policy, &word, &model))
        return hunch_fail(
            err, HUNCH_ERROR_ARGUMENT,
            "not a state of a speculator of this version and policy; start with a new "
            "one");
    pthread_mutex_lock(&s->lock);
    atomic_store(&s->word, word);
    s->model = model;
    pthread_mutex_unlock(&s->lock);
    return HUNCH_OK;
}

/* ---- replay ---- */

struct place {
    uint64_t observed;
    size_t index;
};

static int by_place(const void *a, const void *b)
{
    uint64_t x = ((const struct place *)a)->observed, y = ((const struct place *)b)->observed;
    return x < y ? -1 : x > y;
}

static bool is_decision(const struct hunch_decision *d, enum hunch_policy policy)
{
    const struct hunch_batch batch = {.cost_class = d->cost_class, .mode = d->mode};
    return (d->observed == 0 || d->observed > d->decided) && d->policy == policy &&
           check_batch(&batch, d->routes, NULL) == HUNCH_OK && d->route < HUNCH_ROUTE_COUNT &&
           (d->routes & HUNCH_ROUTE_BIT(d->route)) && d->tiles <= UINT32_MAX &&
           d->samples <= SAMPLES_MOST && d->enabled <= 1 && d->contended <= 1;
}

/* Before anything is decided: what this lets through does not fail. */
static hunch_status check_log(const struct hunch_decision *log, size_t count, size_t first,
                              enum hunch_policy policy, struct hunch_error *err)
{
    for (size_t i = 0; i < count; i++)
        if (log[i].decided <= (i ? log[i - 1].decided : 0) || !is_decision(&log[i], policy))
            return hunch_fail_at(err, HUNCH_ERROR_ARGUMENT, i,
                                 "entry %zu of the log is not a decision of this policy that comes "
                                 "after the one before; give the log as it was made",
                                 i + first);
    return HUNCH_OK;
}

static void measure_again(struct hunch_speculator *s, const struct hunch_decision *from,
                          struct hunch_decision *to)
{
    struct hunch_measurement m = {from->measured_ns,
                                  from->prefilter_ns,
                                  from->confirm_ns,
                                  from->hits,
                                  {from->committed, from->rolled_back}};
    s->calls = from->observed - 1;
    hunch_speculator_measure(s, to, &m);
}

hunch_status hunch_speculator_replay_from(struct hunch_speculator *s,
                                          const struct hunch_decision *log, size_t count,
                                          size_t first, struct hunch_decision *out,
                                          struct hunch_error *err)
{
    size_t places = 0, next = 0;
    hunch_status status = check_log(log, count, first, s->policy, err);
    if (status != HUNCH_OK || count == 0)
        return status;
    struct place *place = hunch_alloc_array(s->a, count, sizeof *place);
    if (place == NULL)
        return hunch_fail_memory(err, count * sizeof *place, "a replay");
    for (size_t i = 0; i < count; i++)
        if (log[i].observed)
            place[places++] = (struct place){log[i].observed, i};
    qsort(place, places, sizeof *place, by_place);
    for (size_t i = 0; status == HUNCH_OK && i < count; i++) {
        const struct hunch_decision *d = &log[i];
        for (; next < places && place[next].observed < d->decided; next++)
            measure_again(s, &log[place[next].index], &out[place[next].index]);
        struct hunch_batch batch = {d->bytes, (uint32_t)d->tiles, d->cost_class, d->mode, d->routes,
                                    NULL,     d->contended};
        /* Commit rates are an input: other threads may have recorded in between. */
        atomic_store(&s->word, pack((struct rate){d->hit_rate_ppm, d->samples, d->enabled}));
        s->calls = d->decided - 1;
        status = hunch_speculator_decide(s, &batch, &out[i], err);
    }
    for (; status == HUNCH_OK && next < places; next++)
        measure_again(s, &log[place[next].index], &out[place[next].index]);
    hunch_free_array(s->a, place, count, sizeof *place);
    return status;
}

hunch_status hunch_speculator_replay(struct hunch_speculator *s, const struct hunch_decision *log,
                                     size_t count, struct hunch_decision *out,
                                     struct hunch_error *err)
{
    return hunch_speculator_replay_from(s, log, count, 0, out, err);
}

/* ---- names ---- */

static const char *const routes[] = {"fused", "chained", "serial"};
static const char *const reasons[] = {"forced",  "only",    "rate-high", "rate-low",
                                      "untried", "fastest", "stays",     "probe"};
static const char *const policies[] = {"cost-model", "commit-rate"};
static const char *const modes[] = {"auto", "force", "disable"};

#define COUNT(list) (sizeof(list) / sizeof *(list))

_Static_assert(COUNT(routes) == HUNCH_ROUTE_COUNT && COUNT(reasons) == HUNCH_WHY_COUNT, "names");

static const char *name(const char *const *list, size_t count, unsigned i)
{
    return i < count ? list[i] : NULL;
}

static bool find(const char *const *list, size_t count, const char *word, unsigned *i)
{
    for (*i = 0; *i < count; ++*i)
        if (strcmp(list[*i], word) == 0)
            return true;
    return false;
}

const char *hunch_route_name(unsigned route)
{
    return name(routes, COUNT(routes), route);
}

const char *hunch_why_name(unsigned reason)
{
    return name(reasons, COUNT(reasons), reason);
}

const char *hunch_policy_name(unsigned policy)
{
    return name(policies, COUNT(policies), policy);
}

const char *hunch_speculation_name(unsigned mode)
{
    return name(modes, COUNT(modes), mode);
}

bool hunch_policy_find(const char *word, enum hunch_policy *policy)
{
    unsigned i;
    bool found = find(policies, COUNT(policies), word, &i);
    *policy = found ? (enum hunch_policy)i : HUNCH_POLICY_COST_MODEL;
    return found;
}

bool hunch_speculation_find(const char *word, enum hunch_speculation *mode)
{
    unsigned i;
    bool found = find(modes, COUNT(modes), word, &i);
    *mode = found ? (enum hunch_speculation)i : HUNCH_SPECULATE_AUTO;
    return found;
}
