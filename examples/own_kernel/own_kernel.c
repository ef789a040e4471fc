/* A C program with kernels of its own, which hunch dispatches: counts payment card numbers.
 *
 *   cc own_kernel.c -o own_kernel $(pkg-config --cflags --libs hunch)
 *   ./own_kernel FOLDER [--backend ref|cpu|cuda] [--speculate auto|force|disable] FILE…
 *
 * FOLDER holds cards.cu and card_tile.h, which hunch compiles where there is a GPU; elsewhere it
 * calls the functions below, which do the same. A file is a batch. Exit status: 0, or 2 when
 * something failed. */
#include <hunch.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "card_tile.h"

enum { THREADS = 128 }; /* of a block, as in cards.cu */

/* ---- the kernels, on the host ---- */

static uint64_t tiles_of(const struct hunch_input *text)
{
    return (text->size + CARD_TILE_BYTES - 1) / CARD_TILE_BYTES;
}

static hunch_status fused(void *ctx, const struct hunch_input *in, size_t count,
                          const void *arguments, size_t argument_size, struct hunch_outputs *out,
                          struct hunch_error *err)
{
    struct hunch_commit_report report = {0};
    size_t size;
    uint32_t *counts = hunch_outputs_get(out, 0, &size);
    (void)ctx, (void)count, (void)arguments, (void)argument_size, (void)err;
    for (uint64_t tile = 0; tile < tiles_of(in); tile++) {
        if (card_gate(in->bytes, in->size, tile)) {
            counts[tile] = card_count(in->bytes, in->size, tile);
            report.committed++;
        } else {
            report.rolled_back++;
        }
    }
    hunch_encode_counter_tail(&report, (uint8_t *)counts + size - HUNCH_COUNTER_TAIL_BYTES);
    return HUNCH_OK;
}

static hunch_status prefilter(void *ctx, const struct hunch_input *in, size_t count,
                              const void *arguments, size_t argument_size,
                              struct hunch_outputs *out, struct hunch_error *err)
{
    size_t size;
    uint32_t *counts = hunch_outputs_get(out, 0, &size);
    (void)ctx, (void)count, (void)arguments, (void)argument_size, (void)err;
    for (uint64_t tile = 0; tile < tiles_of(in); tile++)
        counts[tile] = (uint32_t)card_gate(in->bytes, in->size, tile);
    return HUNCH_OK;
}

static hunch_status confirm(void *ctx, const struct hunch_input *in, size_t count,
                            const void *arguments, size_t argument_size, struct hunch_outputs *out,
                            struct hunch_error *err)
{
    size_t size;
    const uint32_t *tiles = in[1].bytes;
    uint32_t *counts = hunch_outputs_get(out, 0, &size);
    (void)ctx, (void)count, (void)arguments, (void)argument_size, (void)err;
    for (size_t i = 0; i < size / sizeof *counts; i++)
        counts[i] = card_count(in->bytes, in->size, tiles[i]);
    return HUNCH_OK;
}

/* ---- the pair ---- */

struct host {
    struct hunch_engine *engine;
    struct hunch_pair_backend backend;
    struct hunch_speculator *speculator;
    struct hunch_kernel *fused, *prefilter, *confirm;
    struct hunch_input text; /* of this batch */
};

static uint32_t blocks_for(uint64_t lanes)
{
    return lanes ? (uint32_t)((lanes + THREADS - 1) / THREADS) : 1;
}

/* A list of the tiles that the prefilter let pass goes to the confirmer; what it finds goes back to
 * where the fused kernel would have put it. */
static hunch_status confirm_serial(void *ctx, const struct hunch_outputs *prefiltered,
                                   struct hunch_outputs *out, struct hunch_commit_report *seen,
                                   struct hunch_error *err)
{
    struct host *h = ctx;
    struct hunch_outputs *found = NULL;
    uint32_t hits = 0;
    size_t size;
    void *counts;
    const uint32_t *gate = hunch_outputs_get(prefiltered, 0, &size);
    const uint32_t tiles = (uint32_t)(size / sizeof *gate);
    hunch_status status = hunch_outputs_add(out, size, &counts, err);
    uint32_t *list = malloc(size + 1);
    if (status == HUNCH_OK && list == NULL)
        status = HUNCH_ERROR_MEMORY;
    if (status == HUNCH_OK)
        status = hunch_outputs_new(NULL, &found, err);
    if (status != HUNCH_OK)
        goto done;
    for (uint32_t tile = 0; tile < tiles; tile++)
        if (gate[tile])
            list[hits++] = tile;
    if (hits > 0) {
        size_t sizes[] = {hits * sizeof *list};
        struct hunch_input inputs[] = {h->text, {.bytes = list, .size = sizes[0]}};
        struct hunch_kernel_launch launch = {.kernel = h->confirm,
                                             .blocks = blocks_for(hits),
                                             .threads = THREADS,
                                             .output_sizes = sizes,
                                             .output_count = 1};
        status = h->backend.dispatch(h->backend.ctx, &launch, inputs, 2, found, err);
        if (status != HUNCH_OK)
            goto done;
        const uint32_t *each = hunch_outputs_get(found, 0, &size);
        for (uint32_t i = 0; i < hits; i++)
            ((uint32_t *)counts)[list[i]] = each[i];
    }
    *seen = (struct hunch_commit_report){hits, tiles - hits};
done:
    hunch_outputs_free(found);
    free(list);
    return status;
}

static hunch_status run(struct host *h, const char *name, enum hunch_speculation mode,
                        struct hunch_error *err)
{
    const uint64_t tiles = tiles_of(&h->text);
    size_t plain[] = {tiles * sizeof(uint32_t)}, tailed[] = {plain[0] + HUNCH_COUNTER_TAIL_BYTES};
    struct hunch_kernel_launch fused_launch = {h->fused, blocks_for(tiles), THREADS, 0, tailed, 1,
                                               &tiles,   sizeof tiles},
                               prefilter_launch = fused_launch;
    prefilter_launch.kernel = h->prefilter;
    prefilter_launch.output_sizes = plain;
    struct hunch_pair pair = {.backend = &h->backend,
                              .speculator = h->speculator,
                              .plan = {.fused = &fused_launch,
                                       .prefilter = &prefilter_launch,
                                       .counter_output = 0,
                                       .strip_tail = true},
                              .confirm_serial = confirm_serial,
                              .ctx = h};
    struct hunch_pair_batch batch = {&h->text, 1, (uint32_t)tiles, mode};
    struct hunch_pair_result result;
    hunch_status status = hunch_prefilter_confirm(&pair, &batch, &result, err);
    if (status != HUNCH_OK)
        return status;
    size_t size;
    uint64_t numbers = 0;
    const uint32_t *counts = hunch_outputs_get(result.outputs, 0, &size);
    for (size_t i = 0; i < size / sizeof *counts; i++)
        numbers += counts[i];
    printf("%s: %" PRIu64 " card numbers, %s", name, numbers,
           hunch_route_name(result.decision.route));
    if (result.speculated)
        printf(", %" PRIu32 " of %" PRIu64 " tiles committed", result.report.committed, tiles);
    printf("\n");
    if (result.fallback.code != HUNCH_OK)
        fprintf(stderr, "%s: serial, because the fused kernel failed: %s\n", name,
                result.fallback.message);
    hunch_outputs_free(result.outputs);
    return HUNCH_OK;
}

/* ---- setting up ---- */

static char *read_file(const char *folder, const char *name, size_t *size)
{
    char path[4096];
    snprintf(path, sizeof path, "%s%s%s", folder, *folder ? "/" : "", name);
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    *size = 0;
    for (size_t room = 1 << 16; file != NULL; room *= 2) {
        char *grown = realloc(text, room);
        if (grown == NULL)
            break;
        text = grown;
        *size += fread(text + *size, 1, room - 1 - *size, file);
        if (*size < room - 1)
            break;
    }
    if (file == NULL)
        perror(path);
    else
        fclose(file);
    if (text != NULL)
        text[*size] = '\0';
    return text;
}

static hunch_status open_host(struct host *h, const char *backend, const char *source,
                              const char *header, struct hunch_error *err)
{
    static const char *const header_names[] = {"card_tile.h"};
    static char log[65536];
    const char *headers[] = {header};
    struct hunch_engine_options engine = {.backend = backend ? backend : "cuda"};
    struct hunch_kernel_options kernel = {.source = source,
                                          .source_name = "cards.cu",
                                          .header_names = header_names,
                                          .headers = headers,
                                          .header_count = 1,
                                          .log = log,
                                          .log_size = sizeof log};
    hunch_status status = hunch_engine_new(&engine, &h->engine, err);
    if (status != HUNCH_OK && backend == NULL) { /* no GPU: whatever else there is */
        engine.backend = NULL;
        status = hunch_engine_new(&engine, &h->engine, err);
    }
    if (status == HUNCH_OK)
        status = hunch_speculator_new(NULL, HUNCH_POLICY_COST_MODEL, HUNCH_DEFAULT_THRESHOLD_PCT,
                                      &h->speculator, err);
    if (status != HUNCH_OK)
        return status;
    h->backend = hunch_engine_pair_backend(h->engine);
    kernel.name = "cards_fused_kernel";
    kernel.host = fused;
    status = hunch_kernel_new(h->engine, &kernel, &h->fused, err);
    kernel.name = "cards_prefilter_kernel";
    kernel.host = prefilter;
    if (status == HUNCH_OK)
        status = hunch_kernel_new(h->engine, &kernel, &h->prefilter, err);
    kernel.name = "cards_confirm_kernel";
    kernel.host = confirm;
    if (status == HUNCH_OK)
        status = hunch_kernel_new(h->engine, &kernel, &h->confirm, err);
    if (log[0] != '\0')
        fprintf(stderr, "%s", log); /* what the compiler said */
    return status;
}

int main(int argc, char **argv)
{
    static const char *const modes[] = {"auto", "force", "disable"};
    struct host h = {0};
    struct hunch_error err = {.code = HUNCH_OK};
    enum hunch_speculation mode = HUNCH_SPECULATE_AUTO;
    const char *backend = NULL;
    size_t size;
    int next = 2;

    for (; next + 1 < argc && strncmp(argv[next], "--", 2) == 0; next += 2) {
        int m = 0;
        while (m < 3 && strcmp(argv[next + 1], modes[m]) != 0)
            m++;
        if (strcmp(argv[next], "--backend") == 0)
            backend = argv[next + 1];
        else if (strcmp(argv[next], "--speculate") == 0 && m < 3)
            mode = (enum hunch_speculation)m;
        else
            break;
    }
    if (next >= argc || strncmp(argv[next], "--", 2) == 0) {
        fprintf(stderr, "usage: own_kernel FOLDER [--backend ref|cpu|cuda]"
                        " [--speculate auto|force|disable] FILE...\n");
        return 2;
    }
    char *source = read_file(argv[1], "cards.cu", &size);
    char *header = read_file(argv[1], "card_tile.h", &size);
    hunch_status status =
        source && header ? open_host(&h, backend, source, header, &err) : HUNCH_ERROR_IO;
    if (status == HUNCH_OK)
        printf("backend %s\n", h.backend.name);
    for (; status == HUNCH_OK && next < argc; next++) {
        char *text = read_file("", argv[next], &h.text.size);
        h.text.bytes = text;
        status = text ? run(&h, argv[next], mode, &err) : HUNCH_ERROR_IO;
        free(text);
    }
    if (err.code != HUNCH_OK && status != HUNCH_OK)
        fprintf(stderr, "own_kernel: %s\n", err.message);
    hunch_kernel_free(h.confirm);
    hunch_kernel_free(h.prefilter);
    hunch_kernel_free(h.fused);
    hunch_speculator_free(h.speculator);
    hunch_engine_free(h.engine);
    free(header);
    free(source);
    return status == HUNCH_OK ? 0 : 2;
}
