/* gpu_bench: how fast the device's kernels go over bytes that lie in its memory.
 *
 *   gpu_bench PROGRAM TEXT GIGABYTES RUNS
 *
 * TEXT is repeated to so many gigabytes, each copy a record. Prints medians of RUNS: the prefilter
 * alone, with guards, and the whole chained dispatch; bytes per second, hits per KiB. Built by make
 * as build/spec/gpu_bench. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "device_cuda.h"
#include "device_slab.h"

static char *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    char *bytes = malloc(*size + 1);
    if (bytes != NULL)
        *size = fread(bytes, 1, *size, file);
    fclose(file);
    return bytes;
}

static int compare(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;
    return a < b ? -1 : a > b;
}

static hunch_status median(struct hunch_slab *b, struct hunch_device *d,
                           enum hunch_slab_depth depth, int runs, double *seconds,
                           struct hunch_error *err)
{
    double list[64];
    hunch_status status = HUNCH_OK;
    for (int i = -2; i < runs && status == HUNCH_OK; i++) {
        uint64_t began = hunch_clock_ns();
        status = hunch_slab_search(b, depth, err);
        if (status == HUNCH_OK)
            status = d->kind->wait(d, 0, err);
        if (i >= 0)
            list[i] = (double)(hunch_clock_ns() - began) * 1e-9;
    }
    qsort(list, (size_t)runs, sizeof *list, compare);
    *seconds = list[runs / 2];
    return status;
}

int main(int count, char **word)
{
    struct hunch_error err = {0};
    struct hunch_program *program = NULL;
    struct hunch_plan *plan = NULL;
    struct hunch_device *d = NULL;
    struct hunch_device_rules *rules = NULL;
    struct hunch_slab *b = NULL;
    size_t program_size, size;
    if (count != 5) {
        fprintf(stderr, "usage: gpu_bench PROGRAM TEXT GIGABYTES RUNS\n");
        return 2;
    }
    char *bytes = read_file(word[1], &program_size), *text = read_file(word[2], &size);
    double gigabytes = atof(word[3]);
    int runs = atoi(word[4]);
    if (bytes == NULL || text == NULL || runs < 1 || runs > 64) {
        fprintf(stderr, "a file cannot be read, or RUNS is not 1 to 64\n");
        return 2;
    }
    uint32_t room = (uint32_t)(gigabytes * 1e9), left;
    hunch_status status = hunch_device_cuda_open(NULL, NULL, &d, &err);
    if (status == HUNCH_OK)
        status = hunch_program_load(NULL, bytes, program_size, &program, &err);
    if (status == HUNCH_OK)
        status = hunch_plan_new(program, NULL, NULL, &plan, &err);
    if (status == HUNCH_OK)
        status = hunch_device_rules_new(d, plan, &rules, &err);
    if (status == HUNCH_OK)
        status = hunch_slab_new(rules, 0, room, false, &b, &err);
    while (status == HUNCH_OK) {
        uint8_t *place = hunch_slab_place(b, &left);
        if (left < size)
            break;
        memcpy(place, text, size);
        status = hunch_slab_add(b, (uint32_t)size, &err);
    }
    uint64_t began = hunch_clock_ns();
    if (status == HUNCH_OK)
        status = hunch_slab_send(b, &(struct hunch_slab_order){.depth = HUNCH_SLAB_HITS}, &err);
    if (status == HUNCH_OK)
        status = hunch_slab_receive(b, &err);
    double first = (double)(hunch_clock_ns() - began) * 1e-9;
    double total = status == HUNCH_OK ? (double)hunch_slab_count(b) * (double)size : 0;
    uint32_t literals = 0, uses = 0;
    if (b)
        hunch_slab_counts(b, &literals, &uses);
    double alone = 0, both = 0, all = 0;
    uint32_t count_of, kept = 0;
    if (status == HUNCH_OK)
        status = median(b, d, HUNCH_SLAB_LITERALS, runs, &alone, &err);
    if (status == HUNCH_OK)
        status = median(b, d, HUNCH_SLAB_HITS, runs, &both, &err);
    if (status == HUNCH_OK)
        status = hunch_slab_send(b, &(struct hunch_slab_order){.depth = HUNCH_SLAB_RESULTS}, &err);
    if (status == HUNCH_OK)
        status = hunch_slab_receive(b, &err);
    if (status == HUNCH_OK)
        status = median(b, d, HUNCH_SLAB_RESULTS, runs, &all, &err);
    for (uint32_t i = 0; status == HUNCH_OK && i < hunch_slab_count(b); i++) {
        hunch_slab_hits(b, i, &count_of);
        kept += count_of;
    }
    if (status == HUNCH_OK)
        printf(
            "context %.3f s, kernels %.3f s (%s), send and receive %.3f s; %.2f GB, %u literals, "
            "%.3f occurrences and %.3f hits a KiB; prefilter %.3f ms %.0f GB/s; with guards %.3f "
            "ms %.0f GB/s; chained %.3f ms %.0f GB/s, %.4f hits a KiB left\n",
            d->context_seconds, d->kernels_seconds, d->kernels, first, total * 1e-9,
            program->literal_count, literals * 1024.0 / total, uses * 1024.0 / total, alone * 1e3,
            total / alone * 1e-9, both * 1e3, total / both * 1e-9, all * 1e3, total / all * 1e-9,
            kept * 1024.0 / total);
    else
        fprintf(stderr, "%s\n", err.message);
    hunch_slab_free(b);
    hunch_device_rules_free(rules);
    hunch_plan_free(plan);
    hunch_program_free(program);
    if (d)
        d->kind->close(d);
    free(bytes);
    free(text);
    return status == HUNCH_OK ? 0 : 1;
}
