/* gpu_start: what passes from nothing to the first result of a scan on a GPU, step by step.
 *
 *   gpu_start PROGRAM CACHE|- TIMES
 *
 * PROGRAM: what hunch compile wrote; CACHE: folder of compiled kernels, "-": none. Each of TIMES is
 * an engine of its own; the first one's context costs what it costs a process. Built by make as
 * build/spec/gpu_start. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "engine.h"

static double since(uint64_t *began)
{
    uint64_t now = hunch_clock_ns();
    double seconds = (double)(now - *began) * 1e-9;
    *began = now;
    return seconds;
}

static char *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    char *bytes = malloc(1 << 26);
    *size = file && bytes ? fread(bytes, 1, 1 << 26, file) : 0;
    if (file)
        fclose(file);
    return bytes;
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
        printf("open %.3f s: context %.3f, kernels %.3f, %s; program %.3f; scan %.3f, %llu matches"
               "%s%s; ",
               opened, d->context_seconds, d->kernels_seconds, d->kernels, loaded, scanned,
               (unsigned long long)stats->matches, stats->note[0] ? ", " : "", stats->note);
    }
    hunch_report_free(report);
    hunch_rules_free(rules);
    hunch_engine_free(engine);
    if (status == HUNCH_OK)
        printf("first result %.3f s; close %.3f\n", total, since(&began));
    return status;
}

int main(int count, char **word)
{
    struct hunch_error err = {0};
    size_t size;
    if (count != 4) {
        fprintf(stderr, "usage: gpu_start PROGRAM CACHE|- TIMES\n");
        return 2;
    }
    char *program = read_file(word[1], &size);
    hunch_status status = HUNCH_OK;
    for (int i = 0; i < atoi(word[3]) && status == HUNCH_OK; i++)
        status = start(program, size, strcmp(word[2], "-") == 0 ? "" : word[2], &err);
    if (status != HUNCH_OK)
        fprintf(stderr, "%s\n", err.message);
    free(program);
    return status == HUNCH_OK ? 0 : 1;
}
