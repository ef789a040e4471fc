/* graph_sweep.c: reads a C, Java, JavaScript or Python file again and again while every allocation
 * in turn fails, once and from there on: graph_sweep FILE [STEP]. Says how many reads it made; dies
 * of what is wrong. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "graph/dominance.h"
#include "graph/dump.h"

static unsigned long read_once(const struct hunch_graph_source *source, unsigned long fail_at,
                               bool fail_after)
{
    struct hunch_counting_allocator a;
    struct hunch_graph_file *file;
    struct hunch_error err;
    hunch_counting_allocator_init(&a, NULL);
    a.fail_at = fail_at;
    a.fail_after = fail_after;
    const char *end = strrchr(source->name, '.');
    const enum hunch_graph_language language =
        end != NULL && strcmp(end, ".js") == 0     ? HUNCH_LANGUAGE_JAVASCRIPT
        : end != NULL && strcmp(end, ".java") == 0 ? HUNCH_LANGUAGE_JAVA
        : end != NULL && strcmp(end, ".py") == 0   ? HUNCH_LANGUAGE_PYTHON
                                                   : HUNCH_LANGUAGE_C;
    hunch_status status = hunch_graph_read(&a.base, language, source, &file, &err);
    if (status == HUNCH_OK) {
        hunch_text text = {0};
        for (uint32_t f = 0; f < file->function.count; f++)
            hunch_graph_dump(file, f, &text);
        hunch_vec_free(&a.base, &text);
        hunch_graph_file_free(file);
    }
    if (a.blocks != 0 || (status != HUNCH_OK && (status != HUNCH_ERROR_MEMORY || fail_at == 0))) {
        fprintf(stderr, "allocation %lu: status %d, %lu blocks are left\n", fail_at, (int)status,
                (unsigned long)a.blocks);
        exit(1);
    }
    return a.calls;
}

int main(int argc, char **argv)
{
    static uint8_t bytes[1 << 20];
    FILE *file = argc > 1 ? fopen(argv[1], "rb") : NULL;
    if (file == NULL)
        return 2;
    struct hunch_graph_source source = {.name = argv[1], .bytes = bytes};
    source.size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    unsigned long step = argc > 2 ? strtoul(argv[2], NULL, 10) : 1, reads = 0;
    unsigned long calls = read_once(&source, 0, false);
    for (unsigned long n = 1; n <= calls; n += step, reads += 2) {
        read_once(&source, n, false);
        read_once(&source, n, true);
    }
    printf("%lu reads\n", reads);
    return 0;
}
