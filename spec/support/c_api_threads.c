/* c_api_threads.c: many threads with one hunch_rules, each with scans of every kind; all must say
 * the same. For ThreadSanitizer.
 *
 *   c_api_threads THREADS ROUNDS FOLDER      FOLDER is scanned too */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hunch.h"

static const char RULES[] =
    "rule 'a' { prefilter = any { 'needle', lit('Key', 'nocase', 'word') } }\n"
    "rule 'b' { confirm = { regex '(nee)dle([0-9]+)', entropy { capture = 1, at_least = 0.5 } } }\n"
    "rule 'c' { confirm = { regex '[a-z]+=(\\\\w+)', except { words = { 'test' } } } }\n"
    "rule 'd' { confirm = { count { 'e+', at_least = 2 }, near { 'a', within = 9, unit = 'lines' } } }\n"
    "rule 'e' { confirm = { condition { '#x > 1 and rule(\"a\")', patterns = { x = lit 'e' } } } }\n"
    "rule 'f' { prefilter = any { 'needle' }, confirm = { host(function(m) return #m.text > 2 end) } }\n";

enum { RECORDS = 40, RECORD_SIZE = 60000 };

static struct hunch_rules *rules;
static struct hunch_record records[RECORDS];
static const char *folder;
static unsigned rounds;
static uint64_t expected;
static atomic_uint failures;

static void mix(uint64_t *digest, const void *bytes, size_t size)
{
    const unsigned char *b = bytes;
    for (size_t i = 0; i < size; i++)
        *digest = (*digest ^ b[i]) * 0x100000001b3ull;
}

static void on_match(void *ctx, const struct hunch_match *m)
{
    mix(ctx, &m->rule, sizeof m->rule);
    mix(ctx, &m->start, sizeof m->start);
    mix(ctx, m->text, m->text_length);
}

/* The digest of all matches, by threads or without them. */
static uint64_t scan_all(unsigned threads, unsigned round)
{
    uint64_t digest = 1;
    struct hunch_error err = {0};
    struct hunch_report *report = NULL;
    struct hunch_scan_options o = {.on_match = on_match,
                                   .ctx = &digest,
                                   .threads = threads,
                                   .tile_size = 1000 + 7777 * (round % 5),
                                   .profile = true,
                                   .routes = round % 4 ? HUNCH_ROUTE_BIT(round % 4 - 1) : 0,
                                   .decisions = round % 2};
    hunch_status status = hunch_scan_records(rules, records, RECORDS, &o, &report, &err);
    hunch_report_free(report);
    if (status == HUNCH_OK) {
        status = hunch_scan_paths(rules, &folder, 1, &o, &report, &err);
        hunch_report_free(report);
    }
    struct hunch_stream *stream = NULL;
    if (status == HUNCH_OK)
        status = hunch_stream_new(rules, "stream", &o, &stream, &err);
    for (size_t at = 0; status == HUNCH_OK && at < RECORD_SIZE; at += 1000)
        status = hunch_stream_feed(stream, (const char *)records[0].bytes + at, 1000, &err);
    if (status == HUNCH_OK)
        status = hunch_stream_finish(stream, &report, &err);
    if (status == HUNCH_OK)
        hunch_report_free(report);
    hunch_stream_free(stream);
    if (status != HUNCH_OK)
        fprintf(stderr, "%s\n", err.message);
    return status == HUNCH_OK ? digest : 0;
}

static void *run(void *ctx)
{
    unsigned number = (unsigned)(uintptr_t)ctx;
    for (unsigned i = 0; i < rounds; i++)
        if (scan_all(1 + (number + i) % 3, number + i) != expected)
            atomic_fetch_add(&failures, 1);
    return NULL;
}

static hunch_status make_rules(struct hunch_engine *engine, struct hunch_error *err)
{
    return hunch_rules_compile_text(engine, "threads.lua", RULES, sizeof RULES - 1, NULL, &rules,
                                    NULL, err);
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: c_api_threads THREADS ROUNDS FOLDER\n");
        return 2;
    }
    unsigned n = (unsigned)atoi(argv[1]);
    rounds = (unsigned)atoi(argv[2]);
    folder = argv[3];
    static char text[RECORDS][RECORD_SIZE];
    for (int i = 0; i < RECORDS; i++) {
        for (size_t at = 0; at < RECORD_SIZE; at += 50)
            memcpy(text[i] + at, "\nlorem ipsum dolor sit amet consetetur sadipscing e", 50);
        memcpy(text[i] + 101 * (i + 1), "needle42 key alpha=beta", 23);
        records[i] = (struct hunch_record){"r", 1, text[i], RECORD_SIZE};
    }
    struct hunch_engine_options options = {.threads = 2, .cache = ""};
    struct hunch_engine *engine = NULL;
    struct hunch_error err = {0};
    if (hunch_engine_new(&options, &engine, &err) != HUNCH_OK ||
        make_rules(engine, &err) != HUNCH_OK) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    expected = scan_all(1, 0);
    hunch_rules_free(rules);
    if (make_rules(engine, &err) !=
        HUNCH_OK) /* once more: the first scans meet rules whose matcher is not built */
        return 1;
    pthread_t *threads = calloc(n, sizeof *threads);
    for (unsigned i = 0; i < n; i++)
        pthread_create(&threads[i], NULL, run, (void *)(uintptr_t)i);
    for (unsigned i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    free(threads);
    hunch_rules_free(rules);
    hunch_engine_free(engine);
    printf("%u threads, %u rounds, %u differences\n", n, rounds, atomic_load(&failures));
    return expected == 0 || atomic_load(&failures) != 0;
}
