/* c_api_sweep.c: makes every allocation of a call fail once, one run after the other: each run must
 * end in a clean error, or in the right answer, and leave nothing allocated.
 *
 *   c_api_sweep SCENARIO STEP       runs 1, 1 + STEP, ... ; prints one line of counts; exit status
 * 1 at the first fault
 *
 * The allocator checks what it is told: sizes of what is given back, bytes written behind a block.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine.h"

/* ---- the allocator ---- */

struct block {
    size_t size;
    uint64_t guard;
};

static struct {
    pthread_mutex_t lock;
    unsigned long calls, fail_at; /* 0: none fails */
    bool fail_after;              /* so do all that follow */
    long blocks;
    size_t bytes, peak;
} heap = {.lock = PTHREAD_MUTEX_INITIALIZER};

static const uint64_t GUARD = 0x5ca1ab1e0ddba11ull;

static void fault(const char *what)
{
    fprintf(stderr, "allocation %lu: %s\n", heap.fail_at, what);
    exit(1);
}

static struct block *block_of(void *ptr, size_t old_size)
{
    struct block *b = (struct block *)ptr - 1;
    if (b->size != old_size)
        fault("a block is given back with another size");
    if (memcmp((char *)ptr + old_size, &GUARD, sizeof GUARD) != 0)
        fault("bytes behind a block were written");
    return b;
}

static void *heap_realloc(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
    (void)ctx;
    void *result = NULL;
    pthread_mutex_lock(&heap.lock);
    struct block *b = ptr ? block_of(ptr, old_size) : NULL;
    if (new_size == 0) {
        if (b) {
            heap.blocks--;
            heap.bytes -= old_size;
            memset(ptr, 0xdd, old_size);
        }
        free(b);
    } else {
        bool grows = b == NULL || new_size > old_size;
        bool fails =
            grows && heap.fail_at != 0 &&
            (++heap.calls == heap.fail_at || (heap.fail_after && heap.calls > heap.fail_at));
        if (heap.fail_at == 0 && grows)
            heap.calls++;
        b = fails ? NULL : realloc(b, sizeof *b + new_size + sizeof GUARD);
        if (b) {
            if (ptr == NULL)
                heap.blocks++;
            heap.bytes += new_size - (ptr ? old_size : 0);
            if (heap.bytes > heap.peak)
                heap.peak = heap.bytes;
            b->size = new_size;
            result = b + 1;
            memcpy((char *)result + new_size, &GUARD, sizeof GUARD);
        }
    }
    pthread_mutex_unlock(&heap.lock);
    return result;
}

static const struct hunch_allocator allocator = {heap_realloc, NULL};

/* ---- what is run ---- */

static const char RULES[] =
    "rule 'a' { prefilter = any { 'needle', lit('Key', 'nocase', 'word') } }\n"
    "rule 'b' { confirm = { regex '(?P<n>nee)dle([0-9]+)', entropy { capture = 'n', at_least = 0.5 } } }\n"
    "rule 'c' { confirm = { regex '[a-z]+=(\\\\w+)', except { words = { 'test' }, regex = { '^b' } } } }\n"
    "rule 'd' { confirm = { count { 'e+', at_least = 2 }, near { 'a', within = 9, unit = 'lines' } } }\n"
    "rule 'e' { confirm = { condition { '#x > 1 and rule(\"a\")', patterns = { x = lit 'e' } } } }\n"
    "rule 'f' { prefilter = any { 'needle' }, confirm = { host(function(m, r)\n"
    "  return #r:sub(1, 3) == 3 and { title = 't' .. m.text, severity = 'low' } end) } }\n"
    "rule 'g' { private = true, global = true, prefilter = none { 'never' } }\n";

/* Rules on program graphs, and a program of two files. */
static const char GRAPH_RULES[] =
    "library { language = 'c', fill = { 'outside -> *1' } }\n"
    "rule 'flow' { language = 'c', confirm = { taint { from = call { 'getenv', 'fill' },\n"
    "  to = argument { 'system', 1 }, unless = guard { call 'ok', on = 1 } },\n"
    "  except { text = { 'nothing' } } } }\n"
    "rule 'order' { language = 'c', confirm = { post_dominates { by = assign { value = 'null' },\n"
    "  of = call { 'free', place = 1 }, missing = true, same = true } } }\n";
static const char SINK[] = "#include \"b.h\"\n"
                           "void run(int n) {\n"
                           "  char *p = name(n);\n"
                           "  while (n) { RUN(p); n--; }\n"
                           "  if (ok(p)) system(p);\n"
                           "  free(p);\n"
                           "}\n";
static const char SOURCE[] = "char *name(int n) {\n"
                             "  static char room[9];\n"
                             "  if (n > 3) { fill(room); return room; }\n"
                             "  return getenv(\"N\");\n"
                             "}\n";
static const char HEADER[] = "#define RUN(x) system(x)\nchar *name(int n);\n";

static char text[3000];

struct answer {
    uint64_t digest;
    size_t incomplete;
};

static void mix(struct answer *answer, const void *bytes, size_t size)
{
    const unsigned char *b = bytes;
    for (size_t i = 0; i < size; i++)
        answer->digest = (answer->digest ^ b[i]) * 0x100000001b3ull;
}

static void read_report(const struct hunch_report *report, struct answer *answer)
{
    for (size_t i = 0; i < hunch_report_match_count(report); i++) {
        struct hunch_match m;
        hunch_report_match(report, i, &m);
        mix(answer, &m.rule, sizeof m.rule);
        mix(answer, &m.start, sizeof m.start);
        mix(answer, &m.end, sizeof m.end);
        mix(answer, m.text, m.text_length);
        mix(answer, m.title, m.title_length);
        mix(answer, m.groups, 2 * sizeof *m.groups * m.group_count);
        struct hunch_witness_step step = {0};
        while (hunch_match_witness(&m, &step)) {
            mix(answer, step.record, step.record_length);
            mix(answer, &step.line, sizeof step.line);
            mix(answer, step.text, step.text_length);
        }
    }
    for (size_t i = 0; i < hunch_report_incomplete_count(report); i++) {
        struct hunch_incomplete lost;
        hunch_report_incomplete(report, i, &lost);
        answer->incomplete += lost.reason[0] != '\0';
    }
    for (size_t i = 0; i < hunch_report_diagnostic_count(report); i++) {
        struct hunch_diagnostic d;
        hunch_report_diagnostic(report, i, &d);
        mix(answer, d.message, strlen(d.message));
        answer->incomplete += strcmp(d.code, "E004") == 0; /* a rule file had no memory */
    }
}

static void count_match(void *ctx, const struct hunch_match *m)
{
    mix(ctx, m->text, m->text_length);
}

/* Rules for the scans, made with the C library's allocator are of no use: they are made from these
 * bytes. */
static void *program;
static size_t program_size;
static char folder[] = "/tmp/hunch-sweep-XXXXXX";
static char store_folder[] = "/tmp/hunch-sweep-XXXXXX";
static const char *folders[] = {folder};

typedef hunch_status scenario(struct hunch_engine *engine, struct answer *answer,
                              struct hunch_error *err);

static hunch_status compile_text(struct hunch_engine *engine, struct answer *answer,
                                 struct hunch_error *err)
{
    struct hunch_rules *rules;
    struct hunch_report *report;
    hunch_status status = hunch_rules_compile_text(engine, "sweep.lua", RULES, sizeof RULES - 1,
                                                   NULL, &rules, &report, err);
    if (status == HUNCH_OK) {
        size_t size;
        const void *bytes = hunch_rules_program(rules, &size);
        mix(answer, bytes, size);
    }
    hunch_rules_free(rules);
    hunch_report_free(report);
    return status;
}

static hunch_status compile_faulty(struct hunch_engine *engine, struct answer *answer,
                                   struct hunch_error *err)
{
    static const char faulty[] = "rule 'x' { confirm = { regex '(' } } rule 'y' { tags = 3 }";
    struct hunch_rules *rules;
    struct hunch_report *report;
    hunch_status status = hunch_rules_compile_text(engine, "faulty.lua", faulty, sizeof faulty - 1,
                                                   NULL, &rules, &report, err);
    if (status == HUNCH_ERROR_RULES && report != NULL &&
        hunch_report_diagnostic_count(report) > 0) {
        read_report(report, answer);
        status = HUNCH_OK; /* the right answer */
    }
    hunch_report_free(report);
    return rules ? HUNCH_ERROR_ARGUMENT : status;
}

static hunch_status compile_files(struct hunch_engine *engine, struct answer *answer,
                                  struct hunch_error *err)
{
    struct hunch_rules *rules;
    hunch_status status = hunch_rules_compile(engine, folders, 1, NULL, &rules, NULL, err);
    if (status == HUNCH_OK) {
        size_t size;
        const void *bytes = hunch_rules_program(rules, &size);
        mix(answer, bytes, size);
    }
    hunch_rules_free(rules);
    return status;
}

/* One scan of each kind, with rules that are loaded first. */
enum way {
    BY_RECORDS,
    BY_THREADS,
    BY_PATHS,
    BY_STREAM,
    BY_LARGE,
    BY_CALLBACK,
    BY_FUSED,
    BY_SERIAL,
    BY_STORE,
    BY_GRAPH
};

static hunch_status scan(struct hunch_engine *engine, struct answer *answer, enum way way,
                         const char *backend, struct hunch_error *err)
{
    struct hunch_rules *rules = NULL;
    struct hunch_report *report = NULL;
    struct hunch_stream *stream = NULL;
    struct hunch_record records[3] = {
        {"r", 1, text, sizeof text - 1}, {"s", 1, "needle7", 7}, {"t", 1, NULL, 0}};
    const struct hunch_record sources[3] = {{"a.c", 3, SINK, sizeof SINK - 1},
                                            {"b.c", 3, SOURCE, sizeof SOURCE - 1},
                                            {"b.h", 3, HEADER, sizeof HEADER - 1}};
    struct hunch_scan_options o = {
        .backend = backend, .profile = true, .tile_size = 500, .max_matches = 5000};
    if (way == BY_THREADS || way == BY_LARGE)
        engine->sizes.inline_most = 0;
    if (way == BY_LARGE || way == BY_PATHS) {
        engine->sizes.record_most = 700;
        engine->sizes.slice = 300;
        engine->sizes.window = 200;
        engine->sizes.stream_most = 1000;
    }
    if (way == BY_FUSED || way == BY_SERIAL)
        o.routes = HUNCH_ROUTE_BIT(way == BY_FUSED ? HUNCH_ROUTE_FUSED : HUNCH_ROUTE_SERIAL);
    if (way == BY_SERIAL)
        engine->sizes.hits_most = 40; /* in parts */
    if (way == BY_STORE) { /* what was learned is read and written; each decision is kept */
        o.decisions = true;
        engine->cache = hunch_strdup(engine->a, store_folder);
    }
    if (way == BY_CALLBACK) {
        o.on_match = count_match;
        o.ctx = answer;
    }
    hunch_status status = hunch_rules_load(engine, program, program_size, &rules, err);
    if (status != HUNCH_OK)
        return status;
    if (way == BY_STREAM || way == BY_LARGE) {
        status = hunch_stream_new(rules, "stream", &o, &stream, err);
        for (size_t at = 0; status == HUNCH_OK && at < sizeof text - 1; at += 100)
            status = hunch_stream_feed(
                stream, text + at, sizeof text - 1 - at < 100 ? sizeof text - 1 - at : 100, err);
        if (status == HUNCH_OK)
            status = hunch_stream_finish(stream, &report, err);
    } else if (way == BY_PATHS) {
        status = hunch_scan_paths(rules, folders, 1, &o, &report, err);
    } else {
        status =
            hunch_scan_records(rules, way == BY_GRAPH ? sources : records, 3, &o, &report, err);
    }
    if (status == HUNCH_OK)
        read_report(report, answer);
    hunch_report_free(report);
    hunch_stream_free(stream);
    hunch_rules_free(rules);
    return status;
}

#define SCAN(name, way, backend)                                                 \
    static hunch_status name(struct hunch_engine *engine, struct answer *answer, \
                             struct hunch_error *err)                            \
    {                                                                            \
        return scan(engine, answer, way, backend, err);                          \
    }
SCAN(records_ref, BY_RECORDS, "ref")
SCAN(records_cpu, BY_RECORDS, "cpu")
SCAN(callback, BY_CALLBACK, "ref")
SCAN(threads, BY_THREADS, "cpu")
SCAN(paths, BY_PATHS, "cpu")
SCAN(stream, BY_STREAM, "ref")
SCAN(large, BY_LARGE, "cpu")
SCAN(fused, BY_FUSED, "ref")
SCAN(serial, BY_SERIAL, "ref")
SCAN(store, BY_STORE, "ref")
SCAN(graph, BY_GRAPH, "ref")

static const struct {
    const char *name;
    scenario *run;
} scenarios[] = {
    {"compile_text", compile_text},
    {"compile_faulty", compile_faulty},
    {"compile_files", compile_files},
    {"records_ref", records_ref},
    {"records_cpu", records_cpu},
    {"callback", callback},
    {"threads", threads},
    {"paths", paths},
    {"stream", stream},
    {"large", large},
    {"fused", fused},
    {"serial", serial},
    {"store", store},
    {"graph", graph},
};

/* An engine, the scenario, and everything freed. */
static hunch_status run_once(scenario *run, struct answer *answer)
{
    struct hunch_engine_options options = {.threads = 2, .cache = "", .allocator = &allocator};
    struct hunch_engine *engine;
    struct hunch_error err = {0};
    memset(answer, 0, sizeof *answer);
    hunch_status status = hunch_engine_new(&options, &engine, &err);
    if (status == HUNCH_OK)
        status = run(engine, answer, &err);
    hunch_engine_free(engine);
    if (status != HUNCH_OK &&
        (err.message[0] == '\0' || memchr(err.message, '\0', sizeof err.message) == NULL))
        fault("an error without a message");
    if (heap.blocks != 0 || heap.bytes != 0)
        fault("memory is not given back");
    return status;
}

static void write_file(const char *name, const char *bytes, size_t size)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
        fault("cannot write a file");
}

static void prepare(const char *rule_text, size_t rule_size, bool rules_only)
{
    struct hunch_engine_options options = {.threads = 2, .cache = ""};
    struct hunch_engine *engine;
    struct hunch_rules *rules;
    struct hunch_error err;
    for (size_t i = 0; i + 40 < sizeof text; i += 40)
        memcpy(text + i, "\nneedle42 key = value=test abc=beef eee   ", 40);
    if (hunch_engine_new(&options, &engine, &err) != HUNCH_OK ||
        hunch_rules_compile_text(engine, "sweep.lua", rule_text, rule_size, NULL, &rules, NULL,
                                 &err) != HUNCH_OK) {
        fprintf(stderr, "%s\n", err.message);
        exit(1);
    }
    const void *bytes = hunch_rules_program(rules, &program_size);
    program = malloc(program_size);
    memcpy(program, bytes, program_size);
    hunch_rules_free(rules);
    hunch_engine_free(engine);
    if (mkdtemp(folder) == NULL || mkdtemp(store_folder) == NULL)
        fault("cannot make a folder");
    write_file("rules.lua", RULES, sizeof RULES - 1);
    if (rules_only)
        return;
    write_file("a", text, sizeof text - 1);
    write_file("b", text, 300);
}

static void clean_up(void)
{
    static const char *const names[] = {"rules.lua", "a", "b"};
    char path[256];
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
    static const char *const kept[] = {"autotune", "autotune.lock"};
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", store_folder, kept[i]);
        unlink(path);
    }
    rmdir(store_folder);
}

int main(int argc, char **argv)
{
    scenario *run = NULL;
    unsigned long step = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
    unsigned long last = argc > 3 ? strtoul(argv[3], NULL, 10) : (unsigned long)-1;
    for (size_t i = 0; argc > 1 && i < sizeof scenarios / sizeof *scenarios; i++)
        if (strcmp(scenarios[i].name, argv[1]) == 0)
            run = scenarios[i].run;
    if (run == NULL || step == 0) {
        fprintf(stderr, "usage: c_api_sweep SCENARIO STEP\n");
        return 2;
    }
    atexit(clean_up);
    if (run == graph)
        prepare(GRAPH_RULES, sizeof GRAPH_RULES - 1, true);
    else
        prepare(RULES, sizeof RULES - 1, run == compile_files);
    struct answer right, answer;
    if (run_once(run, &right) != HUNCH_OK || right.incomplete != 0)
        fault("the scenario fails though nothing is refused");
    unsigned long total = heap.calls, failed = 0, passed = 0, runs = 0;
    for (int after = 0; after < 2; after++)
        for (unsigned long n = total > last ? total - last : 1; n <= total; n += step) {
            heap.calls = 0;
            heap.fail_at = n;
            heap.fail_after = after;
            hunch_status status = run_once(run, &answer);
            runs++;
            if (status != HUNCH_OK)
                failed++;
            else if (answer.digest != right.digest && answer.incomplete == 0)
                fault("another answer, and nothing is said to be incomplete");
            else
                passed++;
        }
    printf("%lu allocations, %lu runs: %lu errors, %lu answers; at most %zu bytes\n", total, runs,
           failed, passed, heap.peak);
    return failed == 0;
}
