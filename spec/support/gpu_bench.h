/* gpu_bench.h: what the programs behind spec/bench/gpu_bench.py share: words NAME=VALUE, files, one
 * JSON object a line on standard output, bytes in a device's memory, medians. An error is one
 * sentence on standard error and status 1. */
#ifndef GPU_BENCH_H
#define GPU_BENCH_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "device_cuda.h"
#include "engine.h"

enum { GPU_BENCH_RUNS_MOST = 1024 };

/* The value of NAME=VALUE among the words, or `otherwise`; without one the program ends. */
static inline const char *gpu_bench_word(char **words, const char *name, const char *otherwise)
{
    size_t length = strlen(name);
    for (; *words != NULL; words++)
        if (strncmp(*words, name, length) == 0 && (*words)[length] == '=')
            return *words + length + 1;
    if (otherwise == NULL) {
        fprintf(stderr, "the word %s=… is missing\n", name);
        exit(2);
    }
    return otherwise;
}

static inline uint64_t gpu_bench_number(char **words, const char *name, const char *otherwise)
{
    return strtoull(gpu_bench_word(words, name, otherwise), NULL, 10);
}

static inline int gpu_bench_runs(char **words, const char *name)
{
    uint64_t runs = gpu_bench_number(words, name, NULL);
    if (runs >= 1 && runs <= GPU_BENCH_RUNS_MOST)
        return (int)runs;
    fprintf(stderr, "%s is not 1 to %d\n", name, GPU_BENCH_RUNS_MOST);
    exit(2);
}

static inline char *gpu_bench_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    long end = file != NULL && fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    char *bytes = end >= 0 ? malloc((size_t)end + 1) : NULL;
    if (bytes != NULL) {
        rewind(file);
        *size = fread(bytes, 1, (size_t)end, file);
        bytes[*size] = '\0';
    }
    if (file != NULL)
        fclose(file);
    if (bytes != NULL)
        return bytes;
    fprintf(stderr, "%s cannot be read\n", path);
    exit(2);
}

static inline int gpu_bench_compare(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;
    return a < b ? -1 : a > b;
}

static inline double gpu_bench_median(const double *list, size_t count)
{
    double sorted[GPU_BENCH_RUNS_MOST];
    memcpy(sorted, list, count * sizeof *list);
    qsort(sorted, count, sizeof *sorted, gpu_bench_compare);
    return sorted[count / 2];
}

static inline double gpu_bench_since(uint64_t began)
{
    return (double)(hunch_clock_ns() - began) * 1e-9;
}

/* ,"NAME":"TEXT"; of control characters and quotes only those are kept that JSON takes as they are.
 */
static inline void gpu_bench_text(const char *name, const char *text)
{
    printf(",\"%s\":\"", name);
    for (; *text; text++)
        if ((unsigned char)*text >= ' ' && *text != '"' && *text != '\\')
            putchar(*text);
    putchar('"');
}

static inline int gpu_bench_end(hunch_status status, const struct hunch_error *err)
{
    if (status == HUNCH_OK)
        return 0;
    fprintf(stderr, "%s\n", err->message);
    return 1;
}

/* cache: a folder for kernels and databases that are made while it runs; none otherwise. */
static inline hunch_status gpu_bench_engine(char **words, const char *backend,
                                            struct hunch_engine **engine, struct hunch_error *err)
{
    const struct hunch_engine_options options = {
        .backend = backend,
        .threads = (unsigned)gpu_bench_number(words, "threads", "0"),
        .cache = gpu_bench_word(words, "cache", "")};
    return hunch_engine_new(&options, engine, err);
}

/* An engine with its GPU. */
static inline hunch_status gpu_bench_open(char **words, struct hunch_engine **engine,
                                          struct hunch_device **device, struct hunch_error *err)
{
    hunch_status status = gpu_bench_engine(words, "cuda", engine, err);
    return status == HUNCH_OK ? hunch_engine_device(*engine, device, err) : status;
}

/* `total` bytes of the device's memory, filled with the text again and again; 64 KiB behind them
 * may be read. Released with the device's `release`. */
static inline hunch_status gpu_bench_fill(struct hunch_device *d, const char *text, size_t size,
                                          uint64_t total, uint8_t **out, struct hunch_error *err)
{
    const struct hunch_device_kind *kind = d->kind;
    void *place = NULL;
    hunch_status status = kind->alloc(d, total + HUNCH_RESIDENT_BEHIND, &place, err);
    uint8_t *at = *out = place;
    if (status == HUNCH_OK)
        status = kind->clear(d, 0, at, total + HUNCH_RESIDENT_BEHIND, err);
    if (status == HUNCH_OK)
        status = kind->put(d, 0, at, text, size < total ? size : total, err);
    for (uint64_t have = size; have < total && status == HUNCH_OK; have *= 2)
        status = kind->copy(d, 0, at + have, at, have < total - have ? have : total - have, err);
    return status == HUNCH_OK ? kind->wait(d, 0, err) : status;
}

#endif
