/* guess_store.c: autotune store and variant race as a C program sees them, one function a thing.
 *
 *   guess_store NAME FOLDER       FOLDER is empty and private; prints each expectation that fails;
 *                                 exit status 1 when one did
 *
 * spec/guess/ has the same for Lua, and damaged files. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alloc.h"
#include "hunch.h"

static unsigned checks, failures;
static char path[4096], lock_path[4200];

#define CHECK(condition)                                           \
    do {                                                           \
        checks++;                                                  \
        if (!(condition)) {                                        \
            failures++;                                            \
            printf("%s:%d: %s\n", __FILE__, __LINE__, #condition); \
        }                                                          \
    } while (0)

static struct hunch_autotune *open_store(const char *file, uint32_t most)
{
    struct hunch_autotune *s = NULL;
    CHECK(hunch_autotune_open(NULL, file, most, &s, NULL) == HUNCH_OK);
    return s;
}

static struct hunch_key key(unsigned n)
{
    return hunch_key_of(&n, sizeof n);
}

static bool put(struct hunch_autotune *s, unsigned n, const char *state)
{
    struct hunch_key k = key(n);
    struct hunch_tuning t = {.workgroup = n,
                             .unroll = 4,
                             .tile = 8192,
                             .winner = n % 2,
                             .median_ns = {n, 2 * n},
                             .samples = {8, 9},
                             .recorded_at = 7,
                             .state = state,
                             .state_size = state ? strlen(state) : 0};
    bool kept;
    CHECK(hunch_autotune_put(s, &k, &t, &kept, NULL) == HUNCH_OK);
    return kept;
}

/* 0: a miss; else what put made, whole. */
static int get(struct hunch_autotune *s, unsigned n, const char *state)
{
    struct hunch_key k = key(n);
    struct hunch_tuning t;
    if (!hunch_autotune_get(s, &k, &t))
        return 0;
    CHECK(t.workgroup == n && t.unroll == 4 && t.tile == 8192 && t.winner == n % 2 &&
          t.median_ns[0] == n && t.median_ns[1] == 2 * n && t.samples[0] == 8 &&
          t.samples[1] == 9 && t.recorded_at == 7 && t.state_size == (state ? strlen(state) : 0) &&
          (state == NULL || memcmp(t.state, state, t.state_size) == 0));
    return 1;
}

static void check_keys(void)
{
    struct hunch_tuning_id id[] = {
        {.adapter = "H200", .driver = "550"},
        {.adapter = "H200", .driver = "551"},
        {.adapter = "H20", .driver = "0550"},
        {.adapter = "", .driver = "550"},
        {.adapter = "H200", .driver = "550", .capability = 90},
        {.adapter = "H200", .driver = "550", .workgroup = 90},
        {.adapter = "H200", .driver = "550", .binding = 90},
        {.adapter = "H200", .driver = "550", .program = {{90}}},
        {.adapter = "H200", .driver = "550", .specialisation = {{90}}},
    };
    struct hunch_tuning_id null = {.driver = "550"};
    struct hunch_key k[9], again = hunch_tuning_key(&null);
    for (int i = 0; i < 9; i++) {
        k[i] = hunch_tuning_key(&id[i]);
        for (int j = 0; j < i; j++)
            CHECK(memcmp(&k[i], &k[j], sizeof *k) != 0);
    }
    CHECK(memcmp(&again, &k[3], sizeof again) == 0);
}

static void check_round_trip(void)
{
    struct hunch_autotune *s = open_store(path, 0), *other = open_store(path, 0);
    CHECK(hunch_autotune_count(s) == 0 && !get(s, 1, NULL));
    CHECK(put(s, 1, NULL) && put(s, 2, "what a speculator learned"));
    CHECK(get(s, 1, NULL) && get(s, 2, "what a speculator learned") && !get(s, 3, NULL));
    CHECK(get(other, 2, "what a speculator learned")); /* seen at once */
    CHECK(put(other, 3, NULL) && get(s, 3, NULL));
    CHECK(put(s, 2, NULL) && get(other, 2, NULL)); /* replaced */
    CHECK(hunch_autotune_count(other) == 3);
    hunch_autotune_free(s);
    hunch_autotune_free(other);
    s = open_store(path, 0);
    CHECK(get(s, 1, NULL) && get(s, 2, NULL) && get(s, 3, NULL));
    struct hunch_tuning t = {.winner = 2};
    struct hunch_key k = key(9);
    CHECK(hunch_autotune_put(s, &k, &t, NULL, NULL) == HUNCH_ERROR_ARGUMENT);
    t = (struct hunch_tuning){.state = path, .state_size = HUNCH_TUNING_STATE_MOST + 1};
    CHECK(hunch_autotune_put(s, &k, &t, NULL, NULL) == HUNCH_ERROR_ARGUMENT);
    CHECK(!hunch_autotune_entry(s, 3, &k, &t));
    CHECK(hunch_autotune_clear(s) && hunch_autotune_count(s) == 0 && access(path, F_OK) != 0);
    hunch_autotune_free(s);
    s = open_store("", 0); /* no file */
    CHECK(!put(s, 1, NULL) && get(s, 1, NULL) && hunch_autotune_path(s) == NULL);
    CHECK(hunch_autotune_clear(s) && !get(s, 1, NULL));
    hunch_autotune_free(s);
    hunch_autotune_free(NULL);
}

static void check_bound(void)
{
    struct hunch_autotune *s = open_store(path, 4);
    for (unsigned n = 1; n <= 4; n++)
        CHECK(put(s, n, NULL));
    CHECK(get(s, 1, NULL)); /* used again, so 2 is the oldest */
    CHECK(put(s, 5, NULL));
    CHECK(hunch_autotune_count(s) == 4 && !get(s, 2, NULL) && get(s, 3, NULL));
    hunch_autotune_free(s); /* what was used is written, too */
    s = open_store(path, 4);
    CHECK(put(s, 6, NULL));
    CHECK(!get(s, 4, NULL) && get(s, 1, NULL) && get(s, 3, NULL) && get(s, 5, NULL));
    hunch_autotune_free(s);
    s = open_store(path, 2); /* another process may want less */
    CHECK(put(s, 7, NULL) && hunch_autotune_count(s) == 2 && get(s, 7, NULL));
    hunch_autotune_free(s);
}

static void check_lock(void)
{
    struct hunch_autotune *s = open_store(path, 0), *fresh = open_store(path, 0);
    CHECK(put(s, 1, NULL));
    int fd = open(lock_path, O_RDWR);
    CHECK(fd >= 0 && flock(fd, LOCK_EX) == 0);
    CHECK(!get(fresh, 1, NULL)); /* a miss, not an error, and no waiting for ever */
    CHECK(!put(s, 2, NULL) && get(s, 2, NULL));
    CHECK(!hunch_autotune_clear(fresh));
    CHECK(flock(fd, LOCK_UN) == 0);
    CHECK(get(fresh, 1, NULL) && !get(fresh, 2, NULL));
    CHECK(put(s, 3, NULL)); /* takes along what waited */
    CHECK(get(fresh, 2, NULL) && get(fresh, 3, NULL));
    CHECK(flock(fd, LOCK_SH) == 0 && get(fresh, 1, NULL) && !put(fresh, 4, NULL));
    close(fd);
    hunch_autotune_free(fresh); /* writes what waited */
    CHECK(get(s, 4, NULL));
    hunch_autotune_free(s);
}

enum { PROCESSES = 6, PUTS = 25 };

/* What put called kept is there in the end, whoever else wrote meanwhile; so is what was not, since
 * free tries again: but for a free that finds the lock taken. */
static void check_processes(void)
{
    unsigned char *kept =
        mmap(NULL, PROCESSES * PUTS, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (unsigned p = 0; p < PROCESSES; p++)
        if (fork() == 0) {
            struct hunch_autotune *s = open_store(path, 0);
            for (unsigned i = 0; i < PUTS; i++) {
                kept[p * PUTS + i] = put(s, p * PUTS + i, "state");
                get(s, (p * 7 + i * 3) % (PROCESSES * PUTS), "state");
            }
            hunch_autotune_free(s);
            _exit(failures != 0);
        }
    for (unsigned p = 0; p < PROCESSES; p++) {
        int status;
        CHECK(wait(&status) > 0 && status == 0);
    }
    struct hunch_autotune *s = open_store(path, 0);
    unsigned count = 0;
    for (unsigned n = 0; n < PROCESSES * PUTS; n++) {
        CHECK(!kept[n] || get(s, n, "state"));
        count += kept[n];
    }
    CHECK(count > PUTS);
    hunch_autotune_free(s);
    munmap(kept, PROCESSES * PUTS);
}

static void check_memory(void)
{
    struct hunch_counting_allocator c;
    unsigned errors = 0;
    for (unsigned long fail = 1; fail < 60; fail++) {
        struct hunch_autotune *s = NULL, *clean = open_store(path, 0);
        hunch_autotune_clear(clean);
        put(clean, 100, "first");
        hunch_counting_allocator_init(&c, NULL);
        c.fail_at = fail;
        hunch_status status = hunch_autotune_open(&c.base, path, 0, &s, NULL);
        for (unsigned n = 0; status == HUNCH_OK && n < 3; n++) {
            struct hunch_key k = key(n);
            struct hunch_tuning t = {.state = "second", .state_size = 6};
            status = hunch_autotune_put(s, &k, &t, NULL, NULL);
            if (status == HUNCH_OK)
                hunch_autotune_get(s, &k, &t);
        }
        CHECK(status == HUNCH_OK || status == HUNCH_ERROR_MEMORY);
        errors += status != HUNCH_OK;
        hunch_autotune_free(s);
        CHECK(c.bytes == 0 && c.blocks == 0);
        CHECK(get(clean, 100, "first")); /* the file has lost nothing by it */
        struct hunch_race *race = NULL;
        hunch_counting_allocator_init(&c, NULL);
        c.fail_at = fail;
        CHECK(hunch_race_new(&c.base, NULL, 0, &race, NULL) ==
              (fail == 1 ? HUNCH_ERROR_MEMORY : HUNCH_OK));
        hunch_race_free(race);
        CHECK(c.bytes == 0 && c.blocks == 0);
        hunch_autotune_free(clean);
    }
    CHECK(errors > 3);
}

/* ---- the race ---- */

static const struct hunch_tuning_id ID = {.program = {{1}},
                                          .workgroup = 256,
                                          .specialisation = {{2}},
                                          .adapter = "H200",
                                          .driver = "550"};

static struct hunch_race *new_race(const struct hunch_tuning_id *id, uint64_t dispatches)
{
    struct hunch_race *race = NULL;
    CHECK(hunch_race_new(NULL, id, dispatches, &race, NULL) == HUNCH_OK);
    return race;
}

static void run(struct hunch_race *race, enum hunch_variant v, unsigned count, uint64_t ns)
{
    for (unsigned i = 0; i < count; i++)
        hunch_race_dispatched(race, v, ns);
}

static const enum hunch_variant C = HUNCH_VARIANT_CONSERVATIVE, S = HUNCH_VARIANT_SPECULATIVE;

static void check_race(void)
{
    struct hunch_race_decision d;
    struct hunch_race *race = new_race(&ID, 0);
    CHECK(hunch_race_next(race) == C);
    run(race, C, 8, 1000);
    CHECK(hunch_race_next(race) == S);
    run(race, S, 7, 400);
    CHECK(!hunch_race_decide(race, &d)); /* 7 samples are too few */
    run(race, S, 1, 400);
    CHECK(hunch_race_decide(race, &d) && d.winner == S && d.saved_ns == 600);
    hunch_race_compiled(race, S, 500); /* compile + dispatch: 900 */
    CHECK(hunch_race_decide(race, &d) && d.winner == S && d.saved_ns == 100 &&
          d.compile_ns[S] == 500 && d.median_ns[S] == 400 && d.total_ns[S] == 900);
    hunch_race_compiled(race, S, 9999);                         /* counts once */
    for (int none = -3; none < 5; none += none == -1 ? 3 : 1) { /* there are no such variants */
        hunch_race_compiled(race, (enum hunch_variant)none, 7);
        run(race, (enum hunch_variant)none, 70, 7);
    }
    CHECK(hunch_race_decide(race, &d) && d.winner == S && d.saved_ns == 100);
    CHECK(hunch_race_decide(race, &d) && d.compile_ns[S] == 500);
    hunch_race_free(race);

    race = new_race(&ID, 0); /* a tie stays conservative */
    run(race, C, 8, 1000);
    run(race, S, 8, 600);
    hunch_race_compiled(race, S, 400);
    CHECK(hunch_race_decide(race, &d) && d.winner == C && d.saved_ns == 0);
    run(race, S, 9, 601); /* the median is 601 now */
    CHECK(hunch_race_decide(race, &d) && d.winner == C && d.saved_ns == 1);
    hunch_race_free(race);

    race = new_race(NULL, 0); /* medians: outliers and an even number */
    run(race, C, 5, 100);
    run(race, C, 4, UINT64_MAX);
    run(race, S, 4, 10);
    run(race, S, 4, 21);
    CHECK(hunch_race_decide(race, &d) && d.median_ns[C] == 100 && d.median_ns[S] == 15 &&
          d.samples[C] == 9 && d.winner == S && d.saved_ns == 85);
    run(race, S, 64, 5000); /* the last 64 count */
    CHECK(hunch_race_decide(race, &d) && d.median_ns[S] == 5000 && d.winner == C);
    hunch_race_free(race);

    race = new_race(NULL, 1000); /* a compile pays off over so many */
    run(race, C, 8, 1000);
    run(race, S, 8, 400);
    hunch_race_compiled(race, S, 599999);
    CHECK(hunch_race_decide(race, &d) && d.winner == S && d.saved_ns == 1);
    hunch_race_free(race);

    race = new_race(NULL, 3); /* totals saturate */
    run(race, C, 8, UINT64_MAX / 2);
    run(race, S, 8, UINT64_MAX);
    hunch_race_compiled(race, C, UINT64_MAX);
    CHECK(hunch_race_decide(race, &d) && d.total_ns[C] == UINT64_MAX &&
          d.total_ns[S] == UINT64_MAX && d.winner == C && d.saved_ns == 0);
    hunch_race_free(race);

    struct hunch_tuning_id plain = ID;
    memset(&plain.specialisation, 0, sizeof plain.specialisation);
    CHECK(hunch_race_new(NULL, &plain, 0, &race, NULL) == HUNCH_ERROR_ARGUMENT && race == NULL);
    hunch_race_free(NULL);
}

static void check_verdict(void)
{
    struct hunch_autotune *s = open_store(path, 0);
    struct hunch_tuning_id plain = ID;
    memset(&plain.specialisation, 0, sizeof plain.specialisation);
    struct hunch_key verdict = hunch_tuning_key(&plain), own = hunch_tuning_key(&ID);
    struct hunch_tuning t = {.workgroup = 128, .unroll = 4, .tile = 4096}, got;
    for (int winner = 0; winner < 2; winner++) {
        struct hunch_race *race = new_race(&ID, 0);
        struct hunch_race_decision d;
        CHECK(hunch_race_keep(race, s, &t, NULL) == HUNCH_ERROR_ARGUMENT); /* no winner yet */
        run(race, C, 8, winner == 0 ? 10 : 1000);
        run(race, S, 9, 100);
        CHECK(hunch_race_decide(race, &d) && d.winner == (uint32_t)winner);
        CHECK(memcmp(&d.autotune_key, winner == 0 ? &verdict : &own, sizeof own) == 0);
        CHECK(hunch_autotune_clear(s));
        CHECK(hunch_race_keep(race, s, &t, NULL) == HUNCH_OK);
        CHECK(hunch_autotune_get(s, &verdict, &got) && got.winner == (uint32_t)winner &&
              got.workgroup == 128 && got.unroll == 4 && got.tile == 4096 && got.samples[S] == 9 &&
              got.median_ns[S] == 100 && got.recorded_at > 1600000000);
        CHECK(hunch_autotune_get(s, &own, &got) == (winner == 1));
        CHECK(hunch_autotune_count(s) == (winner == 1 ? 2 : 1));
        hunch_race_free(race);
    }
    struct hunch_race *race = new_race(NULL, 0);
    run(race, C, 8, 1);
    run(race, S, 8, 1);
    CHECK(hunch_race_keep(race, s, &t, NULL) == HUNCH_ERROR_ARGUMENT); /* no keys */
    hunch_race_free(race);
    hunch_autotune_free(s);
}

static const struct {
    const char *name;
    void (*run)(void);
} all[] = {
    {"keys", check_keys}, {"round-trip", check_round_trip}, {"bound", check_bound},
    {"lock", check_lock}, {"processes", check_processes},   {"memory", check_memory},
    {"race", check_race}, {"verdict", check_verdict},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc == 3 && i < sizeof all / sizeof *all; i++)
        if (strcmp(argv[1], all[i].name) == 0) {
            snprintf(path, sizeof path, "%s/store", argv[2]);
            snprintf(lock_path, sizeof lock_path, "%s.lock", path);
            all[i].run();
            printf("%u checks, %u failures\n", checks, failures);
            return failures != 0;
        }
    fprintf(stderr, "usage: guess_store NAME FOLDER; the names are at the end of the source\n");
    return 2;
}
