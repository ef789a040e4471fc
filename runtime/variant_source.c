/* variant_source.c: see variant_source.h. */
#include "variant_source.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct hunch_variant_shape hunch_variant_shape[HUNCH_VARIANT_SHAPES] = {
    {HUNCH_PREFILTER_THREADS, 1}, {896, 1}, {768, 2}};

bool hunch_variant_fits(const struct hunch_gram_table *table, uint32_t threads,
                        uint32_t shared_most, uint32_t *shared, uint32_t *grams_shared)
{
    if (hunch_prefilter_shared(table, threads, 0) > shared_most)
        return false;
    *grams_shared = hunch_prefilter_shared(table, threads, 1) <= shared_most;
    *shared = hunch_prefilter_shared(table, threads, *grams_shared);
    return true;
}

static void add(char text[HUNCH_VARIANT_TEXT_MOST], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void add(char text[HUNCH_VARIANT_TEXT_MOST], const char *format, ...)
{
    va_list list;
    size_t length = strlen(text);
    va_start(list, format);
    int n = vsnprintf(text + length, HUNCH_VARIANT_TEXT_MOST - length, format, list);
    va_end(list);
    assert(n >= 0 && (size_t)n < HUNCH_VARIANT_TEXT_MOST - length);
    (void)n;
}

void hunch_variant_text(const struct hunch_gram_table *t, struct hunch_variant_shape shape,
                        uint32_t grams_shared, char text[HUNCH_VARIANT_TEXT_MOST])
{
    static const struct hunch_gram_kind none = {.log2 = 1}; /* an array has something in it */
    text[0] = '\0';
    add(text, "#define HUNCH_PREFILTER_THREADS %u\n", shape.threads);
    add(text, "#define HUNCH_PREFILTER_AHEAD %u\n", shape.ahead);
    add(text, "#define HUNCH_PROGRAM\n");
#define NUMBER(name, value) add(text, "#define HUNCH_PROGRAM_" #name " %uu\n", (value))
    NUMBER(window, t->window);
    NUMBER(stride, t->stride);
    NUMBER(slot_log2, t->slot_log2);
    NUMBER(known_log2, t->known_log2);
    NUMBER(kind_count, t->kind_count);
    NUMBER(bucket_count, t->bucket_count);
    NUMBER(gram_count, t->gram_count);
    NUMBER(single_count, t->single_count);
    NUMBER(grams_shared, grams_shared);
#undef NUMBER
    add(text, "#define HUNCH_PROGRAM_KINDS");
    for (uint32_t k = 0; k == 0 || k < t->kind_count; k++) {
        const struct hunch_gram_kind *kind = k < t->kind_count ? &t->kind[k] : &none;
        add(text, "%s {0x%xu, 0x%xu, %uu, %uu}", k > 0 ? "," : "", kind->mask, kind->next_mask,
            kind->first, kind->log2);
    }
    add(text, "\n#include \"prefilter.cu\"\n");
}

bool hunch_variant_same(const struct hunch_gram_table *a, const struct hunch_gram_table *b)
{
    return a->window == b->window && a->stride == b->stride && a->slot_log2 == b->slot_log2 &&
           a->known_log2 == b->known_log2 && a->kind_count == b->kind_count &&
           a->bucket_count == b->bucket_count && a->gram_count == b->gram_count &&
           a->single_count == b->single_count &&
           memcmp(a->kind, b->kind, a->kind_count * sizeof *a->kind) == 0;
}
