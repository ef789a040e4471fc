/* guess_check.c: counters and speculator as a C program sees them, one function a thing.
 *
 *   guess_check NAME       prints each expectation that fails; exit status 1 when one did
 *
 * spec/guess/ has the same for Lua. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "hunch.h"

static unsigned checks, failures;

#define CHECK(condition)                                           \
    do {                                                           \
        checks++;                                                  \
        if (!(condition)) {                                        \
            failures++;                                            \
            printf("%s:%d: %s\n", __FILE__, __LINE__, #condition); \
        }                                                          \
    } while (0)

#define REPORT(c, r) (&(const struct hunch_commit_report){(c), (r)})
#define MOST UINT32_MAX

static struct hunch_speculator *new_speculator(enum hunch_policy policy, uint32_t pct)
{
    struct hunch_speculator *s = NULL;
    CHECK(hunch_speculator_new(NULL, policy, pct, &s, NULL) == HUNCH_OK);
    return s;
}

static void check_rates(void)
{
    CHECK(hunch_commit_rate_ppm(REPORT(0, 0)) == 0);
    CHECK(hunch_commit_rate_ppm(REPORT(1, 0)) == 1000000);
    CHECK(hunch_commit_rate_ppm(REPORT(0, 1)) == 0);
    CHECK(hunch_commit_rate_ppm(REPORT(1, 2)) == 333333);
    CHECK(hunch_commit_rate_ppm(REPORT(2, 1)) == 666666);
    /* The product needs 64 bits; the sum saturates. */
    CHECK(hunch_commit_rate_ppm(REPORT(MOST, 0)) == 1000000);
    CHECK(hunch_commit_rate_ppm(REPORT(MOST, MOST)) == 1000000);
    CHECK(hunch_commit_rate_ppm(REPORT(1, MOST)) == 0);
    CHECK(hunch_commit_rate_ppm(REPORT(1u << 31, 1u << 31)) == 500000);
    CHECK(hunch_commit_rate_pct(REPORT(199, 801)) == 19);
    CHECK(hunch_commit_rate_pct(REPORT(0, 0)) == 0);
    CHECK(hunch_commit_rate_pct(REPORT(MOST, 0)) == 100);
    CHECK(hunch_commit_worthwhile(REPORT(15, 85), 15));
    CHECK(!hunch_commit_worthwhile(REPORT(149999, 850001), 15));
    CHECK(hunch_commit_worthwhile(REPORT(0, 0), 0));
    CHECK(!hunch_commit_worthwhile(REPORT(0, 0), 1));
    CHECK(hunch_commit_worthwhile(REPORT(1, 0), 100));
    CHECK(!hunch_commit_worthwhile(REPORT(1, 0), 101));
    CHECK(!hunch_commit_worthwhile(REPORT(1, 0), 429497)); /* 2^32 would wrap to 27,704 */
    CHECK(!hunch_commit_worthwhile(REPORT(1, 0), MOST));
}

/* What decide has not made, as after it failed, is passed over. */
static void check_garbage(void)
{
    struct hunch_speculator *s = new_speculator(HUNCH_POLICY_COST_MODEL, 15);
    struct hunch_measurement m = {.ns = 1000, .report = {3, 1}};
    struct hunch_decision d;
    for (int byte = HUNCH_ROUTE_COUNT; byte < 256; byte++) {
        memset(&d, byte, sizeof d);
        hunch_speculator_measure(s, &d, &m);
        CHECK(hunch_speculator_samples(s) == 0);
    }
    hunch_speculator_free(s);
}

static void check_tail(void)
{
    static const uint8_t wanted[] = {0x04, 0x03, 0x02, 0x01, 0xfe, 0xff, 0xff, 0xff};
    uint8_t output[24] = {0}, tail[HUNCH_COUNTER_TAIL_BYTES];
    struct hunch_commit_report r = {7, 7};
    CHECK(HUNCH_COUNTER_TAIL_BYTES == 8 && HUNCH_DEFAULT_THRESHOLD_PCT == 15);
    hunch_encode_counter_tail(REPORT(0x01020304, 0xfffffffe), tail);
    CHECK(memcmp(tail, wanted, sizeof tail) == 0);
    for (size_t size = 0; size <= sizeof output; size++) {
        bool ok = size >= 8 && size % 4 == 0;
        memset(output, 0xaa, sizeof output);
        if (ok)
            memcpy(output + size - 8, tail, 8);
        r = (struct hunch_commit_report){7, 7};
        CHECK(hunch_parse_counter_tail(output, size, &r) == ok);
        CHECK(r.committed == (ok ? 0x01020304 : 7) && r.rolled_back == (ok ? 0xfffffffe : 7));
    }
    CHECK(!hunch_parse_counter_tail(NULL, 0, &r));
    static const uint32_t edge[] = {0, 1, 255, 256, 1u << 31, MOST};
    for (int i = 0; i < 36; i++) {
        hunch_encode_counter_tail(REPORT(edge[i / 6], edge[i % 6]), tail);
        CHECK(hunch_parse_counter_tail(tail, 8, &r) && r.committed == edge[i / 6] &&
              r.rolled_back == edge[i % 6]);
    }
}

/* The moving average, as section by section of its definition. */
static void check_commit_rate(void)
{
    struct hunch_speculator *s = new_speculator(HUNCH_POLICY_COMMIT_RATE, 15);
    CHECK(hunch_speculator_threshold_ppm(s) == 150000);
    CHECK(hunch_speculator_commit_rate_ppm(s) == 150000); /* the seed value */
    CHECK(hunch_speculator_samples(s) == 0 && hunch_speculator_should_speculate(s));

    hunch_speculator_record(s, REPORT(0, 0)); /* an empty report */
    CHECK(hunch_speculator_samples(s) == 0 && hunch_speculator_commit_rate_ppm(s) == 150000);

    /* Dead band: margin 37,500, so off below 112,500, on from 187,500. (0 - 150,000) >> 2 is
     * -37,500: exactly 112,500 is not below. */
    hunch_speculator_record(s, REPORT(0, 10));
    CHECK(hunch_speculator_commit_rate_ppm(s) == 112500 && hunch_speculator_should_speculate(s));
    hunch_speculator_record(s, REPORT(0, 10)); /* 84,375: it collapses */
    CHECK(hunch_speculator_commit_rate_ppm(s) == 84375 && !hunch_speculator_should_speculate(s));
    CHECK(hunch_speculator_samples(s) == 2);

    /* Inside the dead band it stays as it is: off here. */
    hunch_speculator_observe(s, REPORT(18, 82)); /* + (180,000 - 84,375) >> 2 = 23,906 */
    CHECK(hunch_speculator_commit_rate_ppm(s) == 108281 && !hunch_speculator_should_speculate(s));
    for (int i = 0; i < 40; i++)
        hunch_speculator_observe(s, REPORT(18, 82));
    CHECK(hunch_speculator_commit_rate_ppm(s) == 179997); /* >> 2 of less than 4 is 0 */
    CHECK(!hunch_speculator_should_speculate(s));

    /* No latch: what serial dispatches saw brings it back. 179,997 + 205,000 */
    hunch_speculator_observe(s, REPORT(1, 0));
    CHECK(hunch_speculator_commit_rate_ppm(s) == 179997 + (1000000 - 179997) / 4);
    CHECK(hunch_speculator_should_speculate(s));
    for (int i = 0; i < 80; i++) /* and inside the band it stays on */
        hunch_speculator_record(s, REPORT(12, 88));
    CHECK(hunch_speculator_commit_rate_ppm(s) == 120000 && hunch_speculator_should_speculate(s));
    for (int i = 0; i < 80; i++) /* the shift of a negative number rounds down: 0 is reached */
        hunch_speculator_record(s, REPORT(0, 1));
    CHECK(hunch_speculator_commit_rate_ppm(s) == 0 && !hunch_speculator_should_speculate(s));
    CHECK(hunch_speculator_samples(s) == 2 + 41 + 1 + 80 + 80);
    hunch_speculator_free(s);

    /* Exactly on the upper edge: threshold 20 %, on from 250,000. */
    s = new_speculator(HUNCH_POLICY_COMMIT_RATE, 20);
    for (int i = 0; i < 60; i++)
        hunch_speculator_record(s, REPORT(0, 1));
    for (int i = 0; i < 60; i++)
        hunch_speculator_record(s, REPORT(249999, 750001));
    CHECK(!hunch_speculator_should_speculate(s));
    for (int i = 0; i < 60; i++) /* 250,003 stalls at 250,000 */
        hunch_speculator_record(s, REPORT(250003, 749997));
    CHECK(hunch_speculator_commit_rate_ppm(s) == 250000 && hunch_speculator_should_speculate(s));
    hunch_speculator_free(s);

    /* The sample count saturates at 2^31 - 1, and spills into nothing. */
    s = new_speculator(HUNCH_POLICY_COMMIT_RATE, 15);
    uint64_t state[2], word = 150000 | (uint64_t)0x7ffffffe << 32 | (uint64_t)1 << 63;
    CHECK(hunch_speculator_save(s, state, sizeof state) == sizeof state);
    state[1] = word;
    CHECK(hunch_speculator_load(s, state, sizeof state, NULL) == HUNCH_OK);
    for (int i = 0; i < 3; i++) {
        CHECK(hunch_speculator_samples(s) == (i ? 0x7fffffff : 0x7ffffffe));
        hunch_speculator_record(s, REPORT(15, 85));
        CHECK(hunch_speculator_should_speculate(s));
        CHECK(hunch_speculator_commit_rate_ppm(s) == 150000);
    }
    hunch_speculator_free(s);

    /* Extremes: 0 is always on, what no rate can reach goes off and stays so; nothing wraps. */
    s = new_speculator(HUNCH_POLICY_COMMIT_RATE, 0);
    for (int i = 0; i < 9; i++)
        hunch_speculator_record(s, REPORT(0, 1));
    CHECK(hunch_speculator_should_speculate(s) && hunch_speculator_threshold_ppm(s) == 0);
    hunch_speculator_free(s);
    s = new_speculator(HUNCH_POLICY_COMMIT_RATE, MOST);
    CHECK(hunch_speculator_threshold_ppm(s) == MOST && hunch_speculator_commit_rate_ppm(s) == MOST);
    for (int i = 0; i < 99; i++)
        hunch_speculator_record(s, REPORT(MOST, 0));
    CHECK(!hunch_speculator_should_speculate(s) && hunch_speculator_commit_rate_ppm(s) == 1000000);
    hunch_speculator_free(s);
}

/* ---- threads ---- */

enum { THREADS = 8, RECORDS = 50000 };

static void *record_many(void *s)
{
    for (int i = 0; i < RECORDS; i++)
        hunch_speculator_record(s, REPORT(1, 3));
    return NULL;
}

static void *decide_many(void *s)
{
    for (int i = 0; i < RECORDS / 50; i++) {
        struct hunch_batch batch = {.bytes = 1000, .tiles = 10, .cost_class = i % 8, .routes = 7};
        struct hunch_measurement m = {.ns = 1000 + i % 7, .report = {1, 3}};
        struct hunch_decision d;
        if (hunch_speculator_decide(s, &batch, &d, NULL) == HUNCH_OK)
            hunch_speculator_measure(s, &d, &m);
    }
    return NULL;
}

static void run_threads(void *(*run)(void *), struct hunch_speculator *s)
{
    pthread_t thread[THREADS];
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_create(&thread[i], NULL, run, s) == 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
}

/* Equal reports give the same average in every order, so one thread that does it all is the truth:
 * a change that was lost would miss in the samples, one that was torn in the average. */
static void check_threads(void)
{
    struct hunch_speculator *s = new_speculator(HUNCH_POLICY_COMMIT_RATE, 15),
                            *one = new_speculator(HUNCH_POLICY_COMMIT_RATE, 15);
    run_threads(record_many, s);
    for (int i = 0; i < THREADS; i++)
        record_many(one);
    CHECK(hunch_speculator_samples(s) == THREADS * RECORDS);
    CHECK(hunch_speculator_commit_rate_ppm(s) == hunch_speculator_commit_rate_ppm(one));
    CHECK(hunch_speculator_should_speculate(s));
    hunch_speculator_free(s);
    hunch_speculator_free(one);
    s = new_speculator(HUNCH_POLICY_COST_MODEL, 15);
    run_threads(decide_many, s);
    CHECK(hunch_speculator_samples(s) == THREADS * (RECORDS / 50));
    struct hunch_batch batch = {.bytes = 1000, .tiles = 10};
    struct hunch_decision d;
    CHECK(hunch_speculator_decide(s, &batch, &d, NULL) == HUNCH_OK);
    CHECK(d.decided == 2 * THREADS * (RECORDS / 50) + 1); /* every call had a place of its own */
    hunch_speculator_free(s);
}

/* ---- decisions ---- */

static const unsigned FUSED = HUNCH_ROUTE_BIT(HUNCH_ROUTE_FUSED),
                      CHAINED = HUNCH_ROUTE_BIT(HUNCH_ROUTE_CHAINED),
                      SERIAL = HUNCH_ROUTE_BIT(HUNCH_ROUTE_SERIAL), ALL = 7;

static struct hunch_decision decide(struct hunch_speculator *s, struct hunch_batch batch)
{
    struct hunch_decision d;
    struct hunch_error err = {0};
    CHECK(hunch_speculator_decide(s, &batch, &d, &err) == HUNCH_OK);
    return d;
}

static void check_modes(void)
{
    for (int policy = 0; policy < 2; policy++) {
        struct hunch_speculator *s = new_speculator(policy, 15);
        struct hunch_error err = {0};
        struct hunch_decision d;
        struct hunch_batch b = {.bytes = 9, .tiles = 1, .mode = HUNCH_SPECULATE_FORCE};
        for (int i = 0; i < 99; i++) /* nothing commits, */
            hunch_speculator_observe(s, REPORT(0, 1));
        d = decide(s, b); /* and yet */
        CHECK(d.route == HUNCH_ROUTE_FUSED && d.reason == HUNCH_WHY_FORCED);
        hunch_speculator_measure(s, &d, &(struct hunch_measurement){.report = {1, 0}});
        CHECK(hunch_speculator_samples(s) == 100); /* force records */
        b.routes = CHAINED | SERIAL;
        b.backend = "abacus";
        CHECK(hunch_speculator_decide(s, &b, &d, &err) == HUNCH_ERROR_UNSUPPORTED);
        CHECK(strstr(err.message, "abacus") != NULL);
        b.mode = HUNCH_SPECULATE_AUTO; /* serial, silently */
        b.routes = SERIAL;
        d = decide(s, b);
        CHECK(d.route == HUNCH_ROUTE_SERIAL && d.reason == HUNCH_WHY_ONLY);
        b.mode = HUNCH_SPECULATE_DISABLE;
        b.routes = FUSED | SERIAL;
        for (int i = 0; i < 99; i++) {
            hunch_speculator_observe(s, REPORT(1, 0));
            d = decide(s, b);
            CHECK(d.route == HUNCH_ROUTE_SERIAL);
        }
        b.routes = FUSED;
        CHECK(hunch_speculator_decide(s, &b, &d, &err) == HUNCH_ERROR_ARGUMENT);
        b.routes = 8;
        CHECK(hunch_speculator_decide(s, &b, &d, &err) == HUNCH_ERROR_ARGUMENT);
        b.routes = 0;
        b.cost_class = HUNCH_COST_CLASSES;
        CHECK(hunch_speculator_decide(s, &b, &d, NULL) == HUNCH_ERROR_ARGUMENT);
        b.cost_class = 0;
        b.mode = 3;
        CHECK(hunch_speculator_decide(s, &b, &d, NULL) == HUNCH_ERROR_ARGUMENT);
        hunch_speculator_free(s);
    }
    struct hunch_speculator *s = NULL;
    CHECK(hunch_speculator_new(NULL, 2, 15, &s, NULL) == HUNCH_ERROR_ARGUMENT && s == NULL);
    hunch_speculator_free(NULL);
}

/* On is fused, off is serial, and what serial sees turns it on again. */
static void check_recovery(void)
{
    struct hunch_speculator *s = new_speculator(HUNCH_POLICY_COMMIT_RATE, 15);
    struct hunch_batch b = {.bytes = 4096, .tiles = 100, .routes = ALL};
    int off_at = -1, on_at = -1;
    for (int i = 0; i < 40; i++) {
        struct hunch_decision d = decide(s, b);
        bool bad = i < 20;
        CHECK(d.reason == (d.enabled ? HUNCH_WHY_RATE_HIGH : HUNCH_WHY_RATE_LOW));
        CHECK(d.route == (d.enabled ? HUNCH_ROUTE_FUSED : HUNCH_ROUTE_SERIAL));
        if (off_at < 0 && d.route == HUNCH_ROUTE_SERIAL)
            off_at = i;
        if (off_at >= 0 && !bad && on_at < 0 && d.route == HUNCH_ROUTE_FUSED)
            on_at = i;
        hunch_speculator_measure(
            s, &d, &(struct hunch_measurement){.report = {bad ? 0 : 50, bad ? 100 : 50}});
    }
    CHECK(off_at == 2 && on_at > 20 && on_at < 25);
    hunch_speculator_free(s);
}

static void check_ties(void)
{
    static const unsigned offered[] = {ALL, FUSED | CHAINED, FUSED | SERIAL, CHAINED | SERIAL};
    static const uint8_t first[] = {HUNCH_ROUTE_SERIAL, HUNCH_ROUTE_CHAINED, HUNCH_ROUTE_SERIAL,
                                    HUNCH_ROUTE_SERIAL};
    for (int i = 0; i < 4; i++) { /* all cost the same: what was first stays */
        struct hunch_speculator *s = new_speculator(HUNCH_POLICY_COST_MODEL, 15);
        struct hunch_batch b = {.bytes = 1 << 20, .tiles = 256, .routes = offered[i]};
        for (int n = 0; n < 200; n++) {
            struct hunch_decision d = decide(s, b);
            CHECK(n > 0 || d.route == first[i]);
            CHECK(d.route == first[i] || d.reason == HUNCH_WHY_UNTRIED ||
                  d.reason == HUNCH_WHY_PROBE);
            CHECK(d.reason != HUNCH_WHY_FASTEST);
            hunch_speculator_measure(s, &d,
                                     &(struct hunch_measurement){.ns = 50000, .report = {8, 248}});
        }
        hunch_speculator_free(s);
    }
}

/* 4 % faster is not enough to leave, 8 % is; probes lose at most 2 % of the time. */
static void check_hysteresis(void)
{
    for (int gain = 4; gain <= 8; gain += 4) {
        struct hunch_speculator *s = new_speculator(HUNCH_POLICY_COST_MODEL, 15);
        struct hunch_batch b = {.bytes = 1 << 20, .tiles = 256, .routes = ALL};
        unsigned taken[3] = {0};
        uint64_t spent = 0, lost = 0;
        for (int n = 0; n < 1000; n++) {
            struct hunch_decision d = decide(s, b);
            uint64_t ns = d.route == HUNCH_ROUTE_SERIAL    ? 100000
                          : d.route == HUNCH_ROUTE_CHAINED ? 100000 - 1000 * (unsigned)gain
                                                           : 300000;
            hunch_speculator_measure(s, &d,
                                     &(struct hunch_measurement){.ns = ns, .report = {8, 248}});
            taken[d.route]++;
            spent += ns;
            if (d.reason == HUNCH_WHY_PROBE && d.route == HUNCH_ROUTE_FUSED)
                lost += 200000;
        }
        CHECK(taken[gain == 4 ? HUNCH_ROUTE_SERIAL : HUNCH_ROUTE_CHAINED] > 900);
        CHECK(lost > 0 && lost <= spent / 50);
        hunch_speculator_free(s);
    }
}

/* What a route takes of a machine that others use is learned apart from how long it takes alone. */
static void check_contended(void)
{
    struct hunch_speculator *s = new_speculator(HUNCH_POLICY_COST_MODEL, 15);
    unsigned taken[2][HUNCH_ROUTE_COUNT] = {{0}};
    for (int i = 0; i < 400; i++) {
        bool contended = i % 2;
        struct hunch_decision d =
            decide(s, (struct hunch_batch){
                          .bytes = 1 << 20, .tiles = 100, .routes = ALL, .contended = contended});
        CHECK(d.contended == contended && d.cost_class == 0);
        CHECK(i >= 6 || d.reason == HUNCH_WHY_UNTRIED);
        /* fused is over soonest, and takes most meanwhile */
        uint64_t alone[HUNCH_ROUTE_COUNT] = {100000, 130000, 200000},
                 share[HUNCH_ROUTE_COUNT] = {90000, 9000, 12000};
        struct hunch_measurement m = {.ns = contended ? share[d.route] : alone[d.route],
                                      .report = {1, 99}};
        hunch_speculator_measure(s, &d, &m);
        taken[contended][d.route] += i >= 64;
    }
    CHECK(taken[0][HUNCH_ROUTE_FUSED] > 150 && taken[1][HUNCH_ROUTE_CHAINED] > 150);
    hunch_speculator_free(s);
}

/* A decision teaches once, and only where decide has made it. */
static void check_measure(void)
{
    for (int policy = 0; policy < 2; policy++) {
        struct hunch_speculator *s = new_speculator(policy, 15);
        const struct hunch_measurement m = {.ns = 5000, .report = {9, 1}};
        struct hunch_batch b = {
            .bytes = 9, .tiles = 10, .mode = HUNCH_SPECULATE_FORCE, .routes = SERIAL};
        struct hunch_decision none = {0}, refused, d;
        hunch_speculator_measure(s, &none, &m);
        CHECK(hunch_speculator_decide(s, &b, &refused, NULL) == HUNCH_ERROR_UNSUPPORTED);
        hunch_speculator_measure(s, &refused, &m);
        CHECK(none.observed == 0 && refused.observed == 0 && hunch_speculator_samples(s) == 0);
        CHECK(hunch_speculator_save(s, NULL, 0) == 16);
        b.mode = HUNCH_SPECULATE_AUTO;
        d = decide(s, b);
        CHECK(d.decided == 1);
        for (int i = 0; i < 3; i++) {
            hunch_speculator_measure(s, &d, &m);
            CHECK(d.observed == 2 && d.committed == 9 && hunch_speculator_samples(s) == 1);
        }
        hunch_speculator_free(s);
    }
}

/* ---- logs and states ---- */

static uint64_t random_state;

static uint32_t random_below(uint32_t n)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((random_state >> 33) % n);
}

/* A run with several dispatches in flight, that end in any order, or never; another thread's
 * reports in between. */
static void make_log(struct hunch_speculator *s, struct hunch_decision *log, size_t count)
{
    static const struct hunch_decision none;
    size_t flying[8];
    unsigned n = 0;
    for (size_t i = 0; i < count; i++) {
        struct hunch_batch b = {.bytes = (uint64_t)1 << random_below(33),
                                .tiles = random_below(5000),
                                .cost_class = random_below(3),
                                .mode = random_below(20) ? HUNCH_SPECULATE_AUTO : random_below(3),
                                .routes = random_below(10) ? ALL : FUSED | SERIAL,
                                .contended = random_below(2)};
        log[i] = none;
        log[i] = decide(s, b);
        flying[n++] = i;
        if (random_below(5) == 0)
            hunch_speculator_observe(s, REPORT(random_below(5), 7));
        while (n == 8 || (n > 0 && random_below(3) == 0)) {
            unsigned k = random_below(n);
            struct hunch_decision *d = &log[flying[k]];
            struct hunch_measurement m = {.ns = random_below(9)
                                                    ? 10000 + d->bytes * (1 + d->route) / 1000 +
                                                          random_below(3000)
                                                    : 0,
                                          .prefilter_ns = random_below(2) ? d->bytes / 2000 : 0,
                                          .confirm_ns = random_below(2) * random_below(5000),
                                          .hits = random_below(2) * random_below(100),
                                          .report = {random_below(9), random_below(90)}};
            if (random_below(50))
                hunch_speculator_measure(s, d, &m);
            flying[k] = flying[--n];
        }
    }
}

enum { LOG = 3000 };

static void check_replay(void)
{
    static struct hunch_decision log[LOG], again[LOG];
    for (int policy = 0; policy < 2; policy++)
        for (int start = 0; start < 2; start++) {
            random_state = (uint64_t)(7 * start + policy);
            struct hunch_speculator *s = new_speculator(policy, 15),
                                    *r = new_speculator(policy, 15);
            if (start == 1) { /* from a state that was saved */
                uint8_t state[8192];
                make_log(s, log, 500);
                size_t size = hunch_speculator_save(s, state, sizeof state);
                CHECK(size <= sizeof state);
                CHECK(hunch_speculator_load(r, state, size, NULL) == HUNCH_OK);
            }
            make_log(s, log, LOG);
            memset(again, 0xee, sizeof again);
            CHECK(hunch_speculator_replay(r, log, LOG, again, NULL) == HUNCH_OK);
            CHECK(memcmp(log, again, sizeof log) == 0);
            unsigned taken[3] = {0}, seen = 0;
            for (int i = 0; i < LOG; i++) {
                taken[log[i].route]++;
                seen |= 1u << log[i].reason;
            }
            CHECK(taken[HUNCH_ROUTE_FUSED] > 0 && taken[HUNCH_ROUTE_SERIAL] > 0);
            CHECK(policy == HUNCH_POLICY_COMMIT_RATE || start == 1 ||
                  (seen & 0xf0) == 0xf0); /* untried, fastest, stays, probe */
            struct hunch_error err;
            log[5].decided = log[4].decided;
            CHECK(hunch_speculator_replay(r, log, LOG, again, &err) == HUNCH_ERROR_ARGUMENT &&
                  err.position == 5);
            log[5].decided = log[4].decided + 1;
            log[5].observed = 0;
            for (int fault = 0; fault < 5; fault++) { /* none of it is a decision */
                struct hunch_decision good = log[5], *bad = &log[5];
                uint32_t samples = hunch_speculator_samples(r);
                bad->mode = fault == 0 ? 3 : fault == 1 ? HUNCH_SPECULATE_FORCE : 0;
                bad->routes = fault == 1 ? SERIAL : fault == 2 ? 0 : fault == 3 ? 9 : ALL;
                bad->cost_class = fault == 4 ? HUNCH_COST_CLASSES : 0;
                size_t bytes = hunch_speculator_save(r, NULL, 0);
                CHECK(hunch_speculator_replay(r, log, LOG, again, &err) == HUNCH_ERROR_ARGUMENT &&
                      err.position == 5 && strstr(err.message, "entry 5") != NULL);
                CHECK(hunch_speculator_samples(r) == samples &&
                      hunch_speculator_save(r, NULL, 0) == bytes);
                log[5] = good;
            }
            CHECK(hunch_speculator_replay(r, NULL, 0, NULL, &err) == HUNCH_OK);
            hunch_speculator_free(s);
            hunch_speculator_free(r);
        }
}

static void check_state(void)
{
    static struct hunch_decision log[LOG];
    uint8_t state[8192], second[8192], bad[8192];
    random_state = 3;
    struct hunch_speculator *s = new_speculator(HUNCH_POLICY_COST_MODEL, 15),
                            *r = new_speculator(HUNCH_POLICY_COST_MODEL, 15),
                            *other = new_speculator(HUNCH_POLICY_COMMIT_RATE, 15);
    size_t size = hunch_speculator_save(s, NULL, 0);
    CHECK(size == 16); /* nothing learned */
    make_log(s, log, 800);
    size = hunch_speculator_save(s, NULL, 0);
    memset(second, 0x55, sizeof second);
    CHECK(hunch_speculator_save(s, second, size - 1) == size && second[0] == 0x55);
    CHECK(hunch_speculator_save(s, state, size) == size);
    CHECK(hunch_speculator_load(r, state, size, NULL) == HUNCH_OK);
    CHECK(hunch_speculator_save(r, second, size) == size && memcmp(state, second, size) == 0);
    CHECK(hunch_speculator_commit_rate_ppm(r) == hunch_speculator_commit_rate_ppm(s));
    /* It starts wise: no route is untried. */
    struct hunch_decision d = decide(r, (struct hunch_batch){.bytes = 1 << 16, .routes = ALL});
    CHECK(d.reason != HUNCH_WHY_UNTRIED);
    CHECK(hunch_speculator_load(other, state, size, NULL) == HUNCH_ERROR_ARGUMENT);
    for (size_t cut = 0; cut < size; cut++)
        if (cut != 16 && (cut - 16) % ((size - 16) / 6) != 0)
            CHECK(hunch_speculator_load(r, state, cut, NULL) == HUNCH_ERROR_ARGUMENT);
    /* Bits that flip give a state that is refused, or one with which decisions can be made. */
    for (size_t bit = 0; bit < size * 8; bit += 5) {
        memcpy(bad, state, size);
        bad[bit / 8] ^= (uint8_t)(1u << bit % 8);
        struct hunch_speculator *t = new_speculator(HUNCH_POLICY_COST_MODEL, 15);
        if (hunch_speculator_load(t, bad, size, NULL) == HUNCH_OK) {
            make_log(t, log, 20);
            CHECK(log[19].decided > 0 && log[19].route < HUNCH_ROUTE_COUNT);
            size_t n = hunch_speculator_save(t, second, sizeof second);
            CHECK(hunch_speculator_load(r, second, n, NULL) == HUNCH_OK);
        }
        hunch_speculator_free(t);
    }
    hunch_speculator_free(s);
    hunch_speculator_free(r);
    hunch_speculator_free(other);
}

static void check_memory(void)
{
    struct hunch_counting_allocator c;
    static struct hunch_decision log[100], again[100];
    for (unsigned long fail = 1; fail <= 3; fail++) {
        struct hunch_speculator *s = NULL;
        hunch_counting_allocator_init(&c, NULL);
        c.fail_at = fail;
        hunch_status status = hunch_speculator_new(&c.base, HUNCH_POLICY_COST_MODEL, 15, &s, NULL);
        CHECK(status == (fail == 1 ? HUNCH_ERROR_MEMORY : HUNCH_OK));
        if (s != NULL) {
            make_log(s, log, 100);
            status = hunch_speculator_replay(s, log, 100, again, NULL);
            CHECK(status == (fail == 2 ? HUNCH_ERROR_MEMORY : HUNCH_OK));
        }
        hunch_speculator_free(s);
        CHECK(c.bytes == 0 && c.blocks == 0);
    }
}

static const struct {
    const char *name;
    void (*run)(void);
} all[] = {
    {"rates", check_rates},           {"tail", check_tail},
    {"garbage", check_garbage},       {"commit-rate", check_commit_rate},
    {"threads", check_threads},       {"modes", check_modes},
    {"recovery", check_recovery},     {"ties", check_ties},
    {"hysteresis", check_hysteresis}, {"contended", check_contended},
    {"measure", check_measure},       {"replay", check_replay},
    {"state", check_state},           {"memory", check_memory},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc == 2 && i < sizeof all / sizeof *all; i++)
        if (strcmp(argv[1], all[i].name) == 0) {
            all[i].run();
            printf("%u checks, %u failures\n", checks, failures);
            return failures != 0;
        }
    fprintf(stderr, "usage: guess_check NAME; it is in the table at the end of the source\n");
    return 2;
}
