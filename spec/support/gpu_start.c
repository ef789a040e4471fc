/* gpu_start: what passes from nothing to the first result of a scan on a GPU, step by step.
 *
 *   gpu_start program= times= [cache=]
 *
 * program: what hunch compile wrote; cache: folder of compiled kernels, else none. Each of the
 * times is an engine of its own and prints one JSON object; the first one's context costs what it
 * costs a process. Built by make as build/spec/gpu_start, and as gpu_start_bare without the kernels
 * that were compiled with hunch. */
#include "gpu_bench.h"

static double since(uint64_t *began)
{
    uint64_t now = hunch_clock_ns();
    double seconds = (double)(now - *began) * 1e-9;
    *began = now;
    return seconds;
}

static hunch_status start(const char *program, size_t size, const char *cache,
                          struct hunch_error *err)
{
    const struct hunch_engine_options options = {.backend = "cuda", .threads = 1, .cache = cache};
    static const char text[] = "key = \"AKIA"
                               "Q3EGRTVMBZ6WZ4NK\"\n"; /* in two: nobody shall find it here */
    const struct hunch_record record = {
        .name = "a", .name_length = 1, .bytes = text, .size = sizeof text - 1};
    struct hunch_engine *engine = NULL;
    struct hunch_rules *rules = NULL;
    struct hunch_report *report = NULL;
    double opened = 0, loaded = 0, scanned = 0;
    uint64_t began = hunch_clock_ns(), all = began;
    hunch_status status = hunch_engine_new(&options, &engine, err);
    opened = since(&began);
    if (status == HUNCH_OK)
        status = hunch_rules_load(engine, program, size, &rules, err);
    loaded = since(&began);
    if (status == HUNCH_OK)
        status = hunch_scan_records(rules, &record, 1, NULL, &report, err);
    scanned = since(&began);
    double total = (double)(began - all) * 1e-9;
    if (status == HUNCH_OK) {
        const struct hunch_device *d = engine->device;
        const struct hunch_stats *stats = hunch_report_stats(report);
        printf("{\"open_seconds\":%.6f,\"context_seconds\":%.6f,\"kernels_seconds\":%.6f,"
               "\"program_seconds\":%.6f,\"scan_seconds\":%.6f,\"first_result_seconds\":%.6f,"
               "\"matches\":%llu",
               opened, d->context_seconds, d->kernels_seconds, loaded, scanned, total,
               (unsigned long long)stats->matches);
        gpu_bench_text("kernels", d->kernels);
        gpu_bench_text("note", stats->note);
        printf("}\n");
    }
    hunch_report_free(report);
    hunch_rules_free(rules);
    hunch_engine_free(engine);
    return status;
}

int main(int count, char **word)
{
    struct hunch_error err = {0};
    size_t size;
    if (count < 2) {
        fprintf(stderr, "usage: gpu_start NAME=VALUE…, see gpu_start.c\n");
        return 2;
    }
    char *program = gpu_bench_file(gpu_bench_word(word + 1, "program", NULL), &size);
    int times = gpu_bench_runs(word + 1, "times");
    hunch_status status = HUNCH_OK;
    for (int i = 0; i < times && status == HUNCH_OK; i++)
        status = start(program, size, gpu_bench_word(word + 1, "cache", ""), &err);
    free(program);
    return gpu_bench_end(status, &err);
}
