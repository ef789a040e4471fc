/* pair_check.c: hunch_prefilter_confirm as a C program sees it, one function a thing.
 *
 *   pair_check NAME       prints each expectation that fails; exit status 1 when one did
 *
 * spec/guess/prefilter_confirm_spec.lua has the same for Lua, kernel_check.c the backends of
 * engines. */
#include <pthread.h>

#include "pair_host.h"

/* What a speculator knows, as bytes: two of these are equal when nothing was recorded. */
struct state {
    uint8_t bytes[8192];
    size_t size;
};

static struct state state_of(const struct host *h)
{
    struct state s = {.size = 0};
    s.size = hunch_speculator_save(h->pair.speculator, s.bytes, sizeof s.bytes);
    CHECK(s.size <= sizeof s.bytes);
    return s;
}

static bool same_state(const struct host *h, const struct state *before)
{
    struct state now = state_of(h);
    return now.size == before->size && memcmp(now.bytes, before->bytes, now.size) == 0;
}

/* ---- the two routes ---- */

static void check_fused(void)
{
    struct host h;
    set_up(&h, HUNCH_POLICY_COMMIT_RATE);
    CHECK(run(&h) == HUNCH_OK);
    CHECK(h.result.speculated && h.result.report.committed == 3 &&
          h.result.report.rolled_back == 1);
    CHECK(h.result.decision.route == HUNCH_ROUTE_FUSED && h.result.decision.observed == 2);
    CHECK(h.result.decision.reason == HUNCH_WHY_RATE_HIGH && h.result.decision.bytes == 10 &&
          h.result.decision.tiles == 4 && h.result.decision.committed == 3);
    CHECK(h.result.fallback.code == HUNCH_OK && h.result.failed.decided == 0);
    CHECK(h.dispatches == 1 && h.confirms == 0);
    CHECK(hunch_outputs_count(h.result.outputs) == 2);
    CHECK(size_of(&h, 0) == 4 && size_of(&h, 1) == 12); /* stripped */
    size_t size;
    CHECK(memcmp(hunch_outputs_get(h.result.outputs, 1, &size), "some bytesbb", 12) == 0);
    CHECK(hunch_outputs_get(h.result.outputs, 2, &size) == NULL && size == 0);
    CHECK(hunch_speculator_samples(h.pair.speculator) == 1);
    CHECK(hunch_speculator_commit_rate_ppm(h.pair.speculator) == 150000 + (750000 - 150000) / 4);

    h.pair.plan.strip_tail = false;
    CHECK(run(&h) == HUNCH_OK && size_of(&h, 1) == 20 && h.result.report.committed == 3);
    h.pair.plan.strip_tail = true; /* nothing but the tail: an empty output stays */
    h.fused.size = 8;
    CHECK(run(&h) == HUNCH_OK && size_of(&h, 1) == 0 && hunch_outputs_count(h.result.outputs) == 2);
    h.batch.input_count = 0;
    CHECK(run(&h) == HUNCH_OK && h.result.decision.bytes == 0);
    struct hunch_input huge[] = {{"", SIZE_MAX, true}, {"", 2, true}};
    h.batch = (struct hunch_pair_batch){huge, 2, 0, HUNCH_SPECULATE_AUTO};
    CHECK(run(&h) == HUNCH_OK && h.result.decision.bytes == UINT64_MAX);
    tear_down(&h);
}

static void check_serial(void)
{
    struct host h;
    set_up(&h, HUNCH_POLICY_COMMIT_RATE);
    h.batch.mode = HUNCH_SPECULATE_DISABLE;
    struct state before = state_of(&h);
    CHECK(run(&h) == HUNCH_OK);
    CHECK(!h.result.speculated && h.result.report.committed == 0 &&
          h.result.report.rolled_back == 0);
    CHECK(h.result.decision.route == HUNCH_ROUTE_SERIAL && h.result.fallback.code == HUNCH_OK);
    CHECK(h.dispatches == 1 && h.confirms == 1 && h.prefiltered == 1);
    CHECK(hunch_outputs_count(h.result.outputs) == 1 && size_of(&h, 0) == 4);
    CHECK(same_state(&h, &before)); /* it saw nothing */
    h.seen = (struct hunch_commit_report){1, 9};
    CHECK(run(&h) == HUNCH_OK);
    CHECK(!h.result.speculated && h.result.report.committed == 0); /* no report, and yet */
    CHECK(hunch_speculator_samples(h.pair.speculator) == 1);
    CHECK(hunch_speculator_commit_rate_ppm(h.pair.speculator) == 150000 - 50000 / 4);
    CHECK(h.result.decision.prefilter_ns + h.result.decision.confirm_ns ==
          h.result.decision.measured_ns);
    tear_down(&h);
}

/* Nothing commits: it collapses to serial; what serial sees brings it back. */
static void check_recovery(void)
{
    struct host h;
    char routes[31] = {0};
    set_up(&h, HUNCH_POLICY_COMMIT_RATE);
    for (int i = 0; i < 30; i++) {
        h.fused.counters = h.seen =
            i < 10 ? (struct hunch_commit_report){0, 100} : (struct hunch_commit_report){60, 100};
        CHECK(run(&h) == HUNCH_OK);
        CHECK(h.result.speculated == (h.result.decision.route == HUNCH_ROUTE_FUSED));
        routes[i] = hunch_route_name(h.result.decision.route)[0];
    }
    CHECK(strcmp(routes, "ffsssssssssssfffffffffffffffff") == 0);
    tear_down(&h);
    set_up(&h, HUNCH_POLICY_COMMIT_RATE); /* where it does not say what it saw, it stays off */
    h.fused.counters = (struct hunch_commit_report){0, 100};
    for (int i = 0; i < 30; i++)
        CHECK(run(&h) == HUNCH_OK);
    CHECK(hunch_speculator_samples(h.pair.speculator) == 2 && !h.result.speculated);
    tear_down(&h);
}

/* The cost model times both routes and takes the faster one, with tiles known or not. */
static void check_cost_model(void)
{
    struct host h;
    set_up(&h, HUNCH_POLICY_COST_MODEL);
    unsigned fused = 0;
    for (int i = 0; i < 200; i++) {
        CHECK(run(&h) == HUNCH_OK);
        CHECK(i > 1 || h.result.decision.reason == HUNCH_WHY_UNTRIED);
        CHECK(i > 0 || h.result.decision.route == HUNCH_ROUTE_SERIAL);
        CHECK(i != 1 || h.result.decision.route == HUNCH_ROUTE_FUSED);
        CHECK(h.result.decision.measured_ns > 0);
        fused += h.result.speculated;
    }
    CHECK(fused > 0 && fused < 200);
    CHECK(hunch_speculator_samples(h.pair.speculator) == fused); /* serial saw nothing */
    tear_down(&h);
}

/* ---- modes ---- */

static void check_modes(void)
{
    struct host h;
    for (int policy = 0; policy < 2; policy++) {
        set_up(&h, policy);
        for (int i = 0; i < 40; i++)
            hunch_speculator_observe(h.pair.speculator, REPORT(0, 1));
        h.batch.mode = HUNCH_SPECULATE_FORCE; /* ignores that it is off, and records */
        CHECK(run(&h) == HUNCH_OK && h.result.speculated);
        CHECK(h.result.decision.reason == HUNCH_WHY_FORCED);
        CHECK(hunch_speculator_samples(h.pair.speculator) == 41);
        for (int i = 0; i < 40; i++)
            hunch_speculator_observe(h.pair.speculator, REPORT(1, 0));
        h.batch.mode = HUNCH_SPECULATE_DISABLE; /* ignores that it is on */
        CHECK(run(&h) == HUNCH_OK && !h.result.speculated);

        h.backend.can_speculate = false;
        struct state before = state_of(&h);
        unsigned dispatches = h.dispatches;
        h.batch.mode = HUNCH_SPECULATE_FORCE;
        CHECK(run(&h) == HUNCH_ERROR_UNSUPPORTED && says(&h, HUNCH_ERROR_UNSUPPORTED, "abacus"));
        CHECK(same_state(&h, &before) && h.dispatches == dispatches);
        h.batch.mode = HUNCH_SPECULATE_AUTO; /* serial, silently */
        CHECK(run(&h) == HUNCH_OK && !h.result.speculated && h.result.fallback.code == HUNCH_OK);
        CHECK(h.result.decision.reason == HUNCH_WHY_ONLY);
        h.batch.mode = HUNCH_SPECULATE_DISABLE;
        CHECK(run(&h) == HUNCH_OK && !h.result.speculated);
        h.batch.mode = 3;
        CHECK(run(&h) == HUNCH_ERROR_ARGUMENT);
        tear_down(&h);
    }
    set_up(&h, HUNCH_POLICY_COMMIT_RATE);
    h.batch = (struct hunch_pair_batch){0}; /* unset is auto */
    CHECK(run(&h) == HUNCH_OK && h.result.speculated && h.result.decision.mode == 0);
    h.pair.confirm_serial = NULL; /* not needed while nothing is serial */
    CHECK(run(&h) == HUNCH_OK);
    h.batch.mode = HUNCH_SPECULATE_DISABLE;
    CHECK(run(&h) == HUNCH_ERROR_ARGUMENT && says(&h, HUNCH_ERROR_ARGUMENT, "confirm_serial"));
    h.pair.backend = NULL;
    CHECK(run(&h) == HUNCH_ERROR_ARGUMENT && says(&h, HUNCH_ERROR_ARGUMENT, "backend"));
    h.pair.backend = &h.backend;
    struct hunch_speculator *s = h.pair.speculator;
    h.pair.speculator = NULL;
    CHECK(run(&h) == HUNCH_ERROR_ARGUMENT && says(&h, HUNCH_ERROR_ARGUMENT, "speculator"));
    h.pair.speculator = s;
    CHECK(hunch_prefilter_confirm(&h.pair, &h.batch, &h.result, NULL) == HUNCH_ERROR_ARGUMENT);
    tear_down(&h);
}

/* ---- errors ---- */

/* The caller's: returned in every mode, nothing recorded, serial does not run. */
static void check_caller_errors(void)
{
    struct host h;
    set_up(&h, HUNCH_POLICY_COMMIT_RATE);
    struct state before = state_of(&h);
    for (int mode = HUNCH_SPECULATE_AUTO; mode <= HUNCH_SPECULATE_FORCE; mode++) {
        h.batch.mode = mode;
        for (size_t index = 2; index < 40; index += 7) {
            char number[32];
            h.pair.plan.counter_output = index;
            snprintf(number, sizeof number, "is %zu, ", index);
            CHECK(run(&h) == HUNCH_ERROR_ARGUMENT && says(&h, HUNCH_ERROR_ARGUMENT, number));
            CHECK(says(&h, HUNCH_ERROR_ARGUMENT, "2 outputs") && h.err.position == index);
        }
        h.pair.plan.counter_output = 0;
        h.fused.count = 0;
        CHECK(run(&h) == HUNCH_ERROR_ARGUMENT && says(&h, HUNCH_ERROR_ARGUMENT, "0 outputs"));
        h.fused.count = 2;
        h.pair.plan.counter_output = 1;
        for (size_t size = 0; size < 24; size++) {
            bool good = size >= 8 && size % 4 == 0;
            char number[32];
            snprintf(number, sizeof number, "has %zu bytes", size);
            for (int strip = 0; strip < 2 && !good; strip++) {
                h.pair.plan.strip_tail = strip;
                h.fused.size = size;
                CHECK(run(&h) == HUNCH_ERROR_ARGUMENT && says(&h, HUNCH_ERROR_ARGUMENT, number));
                CHECK(says(&h, HUNCH_ERROR_ARGUMENT, "output 1 "));
            }
        }
        h.fused.size = 20;
        h.fused.fails = HUNCH_ERROR_ARGUMENT; /* the plan does not suit the backend */
        h.fused.why = "such blocks cannot be";
        CHECK(run(&h) == HUNCH_ERROR_ARGUMENT && says(&h, HUNCH_ERROR_ARGUMENT, "such blocks"));
        h.fused.fails = HUNCH_ERROR_CANCELLED;
        CHECK(run(&h) == HUNCH_ERROR_CANCELLED);
        h.fused.fails = HUNCH_OK;
    }
    CHECK(same_state(&h, &before) && h.confirms == 0);
    tear_down(&h);
}

static void check_fallback(void)
{
    static const hunch_status failures_of[] = {HUNCH_ERROR_IO, HUNCH_ERROR_MEMORY,
                                               HUNCH_ERROR_UNSUPPORTED, HUNCH_ERROR_LIMIT};
    struct host h;
    set_up(&h, HUNCH_POLICY_COMMIT_RATE);
    h.fused.why = "the launch failed";
    h.seen = (struct hunch_commit_report){1, 0};
    for (int i = 0; i < 4; i++) {
        h.fused.fails = failures_of[i];
        h.dispatches = h.confirms = 0;
        CHECK(run(&h) == HUNCH_OK && !h.result.speculated);
        CHECK(h.dispatches == 2 && h.confirms == 1); /* once */
        CHECK(h.result.fallback.code == failures_of[i] &&
              strcmp(h.result.fallback.message, "the launch failed") == 0);
        CHECK(h.result.failed.route == HUNCH_ROUTE_FUSED &&
              h.result.failed.observed == h.result.decision.observed + 1);
        CHECK(h.result.decision.route == HUNCH_ROUTE_SERIAL &&
              h.result.decision.decided == h.result.failed.decided + 1);
        CHECK(hunch_speculator_samples(h.pair.speculator) == (uint32_t)i + 1); /* what serial saw */
    }
    h.fused.why = NULL; /* a backend that does not say why */
    CHECK(run(&h) == HUNCH_OK && strstr(h.result.fallback.message, "abacus") != NULL);
    struct state before = state_of(&h);
    h.prefilter.fails = HUNCH_ERROR_IO; /* serial fails too: no second fallback */
    h.prefilter.why = "gone";
    h.dispatches = 0;
    CHECK(run(&h) == HUNCH_ERROR_IO && says(&h, HUNCH_ERROR_IO, "gone") && h.dispatches == 2);
    CHECK(h.result.fallback.code == HUNCH_ERROR_LIMIT);
    h.prefilter.fails = HUNCH_OK;
    h.batch.mode = HUNCH_SPECULATE_FORCE; /* never falls back */
    h.fused.fails = HUNCH_ERROR_IO;
    h.fused.why = "the launch failed";
    h.confirms = 0;
    CHECK(run(&h) == HUNCH_ERROR_IO && says(&h, HUNCH_ERROR_IO, "the launch failed"));
    CHECK(h.confirms == 0 && same_state(&h, &before) && h.result.fallback.code == HUNCH_OK);
    tear_down(&h);
}

static void check_confirm_errors(void)
{
    struct host h;
    for (int policy = 0; policy < 2; policy++) {
        set_up(&h, policy);
        h.batch.mode = HUNCH_SPECULATE_DISABLE;
        CHECK(run(&h) == HUNCH_OK);
        h.seen = (struct hunch_commit_report){1, 0};
        uint32_t samples = hunch_speculator_samples(h.pair.speculator);
        h.fails = HUNCH_ERROR_LIMIT;
        h.why = "too many hits";
        CHECK(run(&h) == HUNCH_ERROR_LIMIT && says(&h, HUNCH_ERROR_LIMIT, "too many hits"));
        h.why = NULL;
        CHECK(run(&h) == HUNCH_ERROR_LIMIT && says(&h, HUNCH_ERROR_LIMIT, "confirm_serial"));
        h.fails = HUNCH_OK;
        h.prefilter.fails = HUNCH_ERROR_IO;
        h.confirms = 0;
        CHECK(run(&h) == HUNCH_ERROR_IO && h.confirms == 0);
        CHECK(hunch_speculator_samples(h.pair.speculator) == samples);
        CHECK(h.result.decision.decided > 0 && h.result.decision.measured_ns == 0);
        tear_down(&h);
    }
}

/* A call that failed, on any way, leaves the cost model as it was: new, or with what it knows. */
static void check_taken_back(void)
{
    struct host h;
    for (int known = 0; known < 40; known += 13) {
        set_up(&h, HUNCH_POLICY_COST_MODEL);
        for (int i = 0; i < known; i++)
            CHECK(run(&h) == HUNCH_OK);
        struct state before = state_of(&h);
        h.batch.mode = HUNCH_SPECULATE_FORCE;
        h.fused.fails = HUNCH_ERROR_IO;
        CHECK(run(&h) == HUNCH_ERROR_IO && same_state(&h, &before));
        h.fused.fails = HUNCH_OK;
        h.fused.size = 3; /* no tail */
        CHECK(run(&h) == HUNCH_ERROR_ARGUMENT && same_state(&h, &before));
        h.batch.mode = HUNCH_SPECULATE_DISABLE;
        h.fails = HUNCH_ERROR_LIMIT;
        CHECK(run(&h) == HUNCH_ERROR_LIMIT && same_state(&h, &before));
        h.batch.mode = HUNCH_SPECULATE_AUTO;
        h.fused.fails = h.prefilter.fails = HUNCH_ERROR_IO; /* whichever is taken */
        for (int i = 0; i < 9; i++)
            CHECK(run(&h) == HUNCH_ERROR_IO && same_state(&h, &before));
        tear_down(&h);
    }
}

/* A fused program that fails is taken seldom, however dear serial is, and again when it works. */
static void check_back_off(void)
{
    struct host h;
    unsigned tried = 0, fused = 0;
    set_up(&h, HUNCH_POLICY_COST_MODEL);
    h.fused.fails = HUNCH_ERROR_MEMORY;
    h.slow = true;
    for (int i = 0; i < 400; i++) {
        CHECK(run(&h) == HUNCH_OK && !h.result.speculated);
        CHECK(h.result.failed.measured_ns == 0 ||
              h.result.failed.measured_ns > 2 * h.result.decision.measured_ns);
        tried += h.result.fallback.code != HUNCH_OK;
    }
    CHECK(tried > 0 && tried <= 20);
    h.fused.fails = HUNCH_OK;
    for (int i = 0; i < 400; i++) {
        CHECK(run(&h) == HUNCH_OK);
        fused += h.result.speculated;
    }
    CHECK(fused > 100);
    tear_down(&h);
}

/* ---- threads, memory ---- */

enum { THREADS = 8, ROUNDS = 3000 };

static void *dispatch_many(void *shared)
{
    struct host h = *(const struct host *)shared;
    h.backend.ctx = NULL; /* no counting: it would race */
    h.pair.backend = &h.backend;
    h.pair.ctx = &h;
    h.result.outputs = NULL;
    for (int i = 0; i < ROUNDS; i++)
        CHECK(run(&h) == HUNCH_OK);
    hunch_outputs_free(h.result.outputs);
    return (void *)(uintptr_t)failures;
}

/* Equal reports give the same average in every order: one thread that does it all is the truth. */
static void check_threads(void)
{
    struct host h, one;
    pthread_t thread[THREADS];
    set_up(&h, HUNCH_POLICY_COMMIT_RATE);
    set_up(&one, HUNCH_POLICY_COMMIT_RATE);
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_create(&thread[i], NULL, dispatch_many, &h) == 0);
    for (int i = 0; i < THREADS; i++) {
        void *failed;
        pthread_join(thread[i], &failed);
        CHECK(failed == NULL);
    }
    for (int i = 0; i < THREADS; i++)
        dispatch_many(&one);
    CHECK(hunch_speculator_samples(h.pair.speculator) == THREADS * ROUNDS);
    CHECK(hunch_speculator_commit_rate_ppm(h.pair.speculator) ==
          hunch_speculator_commit_rate_ppm(one.pair.speculator));
    tear_down(&h);
    tear_down(&one);
}

/* Every allocation fails once: a clean error or the right answer, and nothing is left. */
static void check_memory(void)
{
    struct hunch_counting_allocator c;
    for (int mode = HUNCH_SPECULATE_AUTO; mode <= HUNCH_SPECULATE_DISABLE; mode++)
        for (unsigned long fail = 1, ok = 0; ok < 2; fail++) {
            struct host h;
            hunch_counting_allocator_init(&c, NULL);
            c.fail_at = fail;
            set_up(&h, HUNCH_POLICY_COMMIT_RATE);
            h.pair.allocator = &c.base;
            h.batch.mode = mode;
            h.seen = (struct hunch_commit_report){3, 1};
            hunch_status status = run(&h);
            ok += c.failures == 0; /* past the last one */
            bool fell_back = mode == HUNCH_SPECULATE_AUTO && c.failures > 0;
            CHECK(status == (c.failures > 0 && !fell_back ? HUNCH_ERROR_MEMORY : HUNCH_OK));
            CHECK((h.result.fallback.code == HUNCH_ERROR_MEMORY) == fell_back);
            CHECK(hunch_speculator_samples(h.pair.speculator) == (status == HUNCH_OK));
            CHECK((h.result.outputs != NULL) == (status == HUNCH_OK));
            tear_down(&h);
            CHECK(c.bytes == 0 && c.blocks == 0);
        }
}

static const struct {
    const char *name;
    void (*run)(void);
} all[] = {
    {"fused", check_fused},           {"serial", check_serial},
    {"recovery", check_recovery},     {"cost-model", check_cost_model},
    {"modes", check_modes},           {"caller-errors", check_caller_errors},
    {"fallback", check_fallback},     {"confirm-errors", check_confirm_errors},
    {"taken-back", check_taken_back}, {"back-off", check_back_off},
    {"threads", check_threads},       {"memory", check_memory},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc == 2 && i < sizeof all / sizeof *all; i++)
        if (strcmp(argv[1], all[i].name) == 0) {
            all[i].run();
            printf("%u checks, %u failures\n", checks, failures);
            return failures != 0;
        }
    fprintf(stderr, "usage: pair_check NAME; it is in the table at the end of the source\n");
    return 2;
}
