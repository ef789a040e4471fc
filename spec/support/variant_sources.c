/* variant_sources.c: the sources of kernels that are compiled for one program, for
 * spec/support/kernels_check.sh:
 *
 *   variant_sources FOLDER
 *
 * Writes FOLDER/variant_PROGRAM_LANES.cu, every form for programs with windows of 3, 4 and 5 bytes,
 * of 5 bytes at every fourth place, and one whose literals all have one byte, as a device with 227
 * KiB of shared memory gets them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "grams.h"
#include "variant_source.h"

enum { SHARED_MOST = 227 << 10, MANY = 2100 };

static int write_forms(const char *folder, const char *name, const char *rules,
                       struct hunch_engine *engine)
{
    struct hunch_error err = {0};
    struct hunch_rules *compiled = NULL;
    struct hunch_grams *grams = NULL;
    hunch_status status =
        hunch_rules_compile_text(engine, name, rules, strlen(rules), NULL, &compiled, NULL, &err);
    if (status == HUNCH_OK)
        status = hunch_grams_new(compiled->program, SHARED_MOST, &grams, &err);
    for (int i = 0; i < HUNCH_VARIANT_SHAPES && status == HUNCH_OK; i++) {
        const struct hunch_variant_shape shape = hunch_variant_shape[i];
        char text[HUNCH_VARIANT_TEXT_MOST], path[4200];
        uint32_t shared, grams_shared;
        if (!hunch_variant_fits(&grams->table, shape.threads, SHARED_MOST, &shared, &grams_shared))
            continue;
        hunch_variant_text(&grams->table, shape, grams_shared, text);
        snprintf(path, sizeof path, "%s/variant_%s_%u.cu", folder, name, shape.threads);
        FILE *file = fopen(path, "w");
        if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0)
            status = hunch_fail(&err, HUNCH_ERROR_IO, "%s cannot be written", path);
    }
    if (status != HUNCH_OK)
        fprintf(stderr, "variant_sources: %s\n", err.message);
    hunch_grams_free(grams);
    hunch_rules_free(compiled);
    return status != HUNCH_OK;
}

int main(int argc, char **argv)
{
    static char many[MANY * 16 + 100] = "rule 'x' { prefilter = any { ";
    struct hunch_engine *engine;
    struct hunch_error err = {0};
    if (argc != 2) {
        fprintf(stderr, "usage: variant_sources FOLDER\n");
        return 2;
    }
    for (unsigned i = 0; i < MANY; i++)
        sprintf(many + strlen(many), "'w%07x',", i * 7919u & 0xfffffffu);
    strcat(many, "} }");
    if (hunch_engine_new(&(struct hunch_engine_options){.cache = ""}, &engine, &err) != HUNCH_OK) {
        fprintf(stderr, "variant_sources: %s\n", err.message);
        return 1;
    }
    int failed = write_forms(argv[1], "three",
                             "rule 'x' { prefilter = any { 'k', 'zq', lit('key', 'nocase'), "
                             "'needle', 'secrets' } }",
                             engine);
    failed |=
        write_forms(argv[1], "four", "rule 'x' { prefilter = any { 'pass', 'needle' } }", engine);
    failed |= write_forms(argv[1], "five", many, engine);
    failed |=
        write_forms(argv[1], "stride",
                    "rule 'x' { prefilter = any { 'access_token', 'private-key-' } }", engine);
    failed |= write_forms(argv[1], "single", "rule 'x' { prefilter = any { '7' } }", engine);
    hunch_engine_free(engine);
    return failed;
}
