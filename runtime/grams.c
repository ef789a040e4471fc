/* grams.c: see grams.h. The first filter is sized so that few windows are let pass by chance,
 * within what fits into a multiprocessor's shared memory. */
#include "grams.h"

#include <string.h>

#include "../kernels/literal_tile.h"
#include "../kernels/tuning.h"

enum { SPARSE = 512 }; /* slots of the filter for each that is set, where there is room */
enum { FIRST = 1, SECOND = 2 };

static uint32_t log2_above(uint64_t n, uint32_t least, uint32_t most)
{
    uint32_t log2 = least;
    while (log2 < most && (1ull << log2) < n)
        log2++;
    return log2;
}

/* Four bytes of the literal from `at` on, folded; *mask: those that it has. */
static uint32_t word_at(const struct hunch_program *p, const struct hp_literal *l, int64_t at,
                        uint32_t *mask)
{
    uint32_t word = 0;
    *mask = 0;
    for (int64_t k = 0; k < 4; k++) {
        if (at + k < 0 || at + k >= (int64_t)l->bytes.length)
            continue;
        word |= (uint32_t)(p->blob[l->bytes.offset + (uint64_t)(at + k)] | 0x20) << (8 * k);
        *mask |= 0xffu << (8 * k);
    }
    return word;
}

static struct hunch_gram gram_of(const struct hunch_program *p, uint32_t literal, int32_t offset)
{
    struct hunch_gram gram = {.literal = literal, .offset = offset};
    const struct hp_literal *l = &p->literal[literal];
    gram.word = word_at(p, l, offset, &gram.mask);
    gram.word2 = word_at(p, l, (int64_t)offset + 4, &gram.mask2);
    return gram;
}

static uint32_t kind_of(const struct hunch_gram *gram)
{
    return gram->mask == 0xffffffffu  ? HUNCH_GRAM_FULL
           : (gram->mask & 0xff) == 0 ? HUNCH_GRAM_HIGH
                                      : HUNCH_GRAM_LOW;
}

/* The window two places on is the literal's too: all of it. */
static bool has_second(const struct hunch_gram *gram)
{
    return gram->mask == 0xffffffffu && (gram->mask2 & 0xffff) == 0xffff;
}

/* How many slots the gram sets: one for each folded byte that its window leaves open. */
static uint32_t slot_count(const struct hunch_gram *gram)
{
    return gram->mask == 0xffffffffu ? 1 + has_second(gram) : 128;
}

static void set_slot(struct hunch_grams *g, uint32_t word, uint32_t bits)
{
    uint32_t hash = hunch_gram_hash(word, g->table.slot_log2);
    g->slots[hash / 16] |= bits << (2 * (hash % 16));
}

static void set_slots(struct hunch_grams *g, const struct hunch_gram *gram)
{
    if (has_second(gram)) {
        set_slot(g, gram->word, FIRST);
        set_slot(g, gram->word >> 16 | gram->word2 << 16, SECOND);
        return;
    }
    if (gram->mask == 0xffffffffu) {
        set_slot(g, gram->word, FIRST | SECOND);
        return;
    }
    uint32_t shift = kind_of(gram) == HUNCH_GRAM_HIGH ? 0 : 24;
    for (uint32_t byte = 0; byte < 256; byte++)
        if (byte & 0x20)
            set_slot(g, gram->word | byte << shift, FIRST | SECOND);
}

static uint32_t *bucket_of(struct hunch_grams *g, const struct hunch_gram *gram)
{
    uint32_t kind = kind_of(gram);
    return &g->bucket[kind][hunch_gram_hash(hunch_gram_key(gram->word, kind),
                                            g->table.bucket_log2[kind])];
}

/* Calls back for both grams of every literal that has them. */
static void each_gram(const struct hunch_program *p, struct hunch_grams *g,
                      void (*visit)(struct hunch_grams *g, const struct hunch_gram *gram))
{
    for (uint32_t i = 0; i < p->literal_count; i++) {
        if (p->literal[i].bytes.length < 3)
            continue;
        struct hunch_gram even = gram_of(p, i, p->literal[i].even),
                          odd = gram_of(p, i, p->literal[i].odd);
        visit(g, &even);
        visit(g, &odd);
    }
}

static void count_in_bucket(struct hunch_grams *g, const struct hunch_gram *gram)
{
    set_slots(g, gram);
    bucket_of(g, gram)[1]++;
}

/* Buckets are filled from their first place on, which moves. */
static void put_in_bucket(struct hunch_grams *g, const struct hunch_gram *gram)
{
    g->gram[(*bucket_of(g, gram))++] = *gram;
}

static void put_shorts(const struct hunch_program *p, struct hunch_grams *g)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->literal_count; i++) {
        const struct hp_literal *l = &p->literal[i];
        const uint8_t *bytes = p->blob + l->bytes.offset;
        if (l->bytes.length >= 3)
            continue;
        struct hunch_short *s = &g->shorts[n++];
        s->first = 0x01010101u * (bytes[0] | 0x20u);
        s->second = l->bytes.length == 2 ? 0x01010101u * (bytes[1] | 0x20u) : 0;
        s->open = l->bytes.length == 2 ? 0 : 0xffffffffu;
        s->literal = i;
    }
}

static uint32_t *zeroes(const struct hunch_allocator *a, size_t count)
{
    uint32_t *list = hunch_alloc_array(a, count, sizeof *list);
    if (list != NULL)
        memset(list, 0, count * sizeof *list);
    return list;
}

/* What there is of everything, and how large that makes the tables. */
static uint64_t measure(const struct hunch_program *p, struct hunch_gram_table *t,
                        uint32_t count[HUNCH_GRAM_KINDS])
{
    uint64_t slots = 0;
    for (uint32_t i = 0; i < p->literal_count; i++) {
        if (p->literal[i].bytes.length < 3) {
            t->short_count++;
            continue;
        }
        for (int odd = 0; odd < 2; odd++) {
            struct hunch_gram gram = gram_of(p, i, odd ? p->literal[i].odd : p->literal[i].even);
            slots += slot_count(&gram);
            count[kind_of(&gram)]++;
            t->gram_count++;
        }
    }
    t->slot_log2 = log2_above(slots * SPARSE, HUNCH_GRAM_SLOTS_LEAST, HUNCH_GRAM_SLOTS_MOST);
    for (int k = 0; k < HUNCH_GRAM_KINDS; k++)
        t->bucket_log2[k] = count[k] ? log2_above(count[k], 1, HUNCH_GRAM_BUCKETS_MOST) : 0;
    return slots;
}

static size_t slot_words(const struct hunch_gram_table *t)
{
    return ((size_t)1 << t->slot_log2) / 16;
}

static size_t bucket_words(const struct hunch_gram_table *t, int kind)
{
    return ((size_t)1 << t->bucket_log2[kind]) + 1;
}

hunch_status hunch_grams_new(const struct hunch_program *p, struct hunch_grams **out,
                             struct hunch_error *err)
{
    const struct hunch_allocator *a = p->a;
    uint32_t count[HUNCH_GRAM_KINDS] = {0}, first = 0;
    struct hunch_grams *g = *out = hunch_alloc_zero(a, sizeof *g);
    if (g == NULL)
        return hunch_fail_memory(err, sizeof *g, "the tables of a device");
    g->a = a;
    struct hunch_gram_table *t = &g->table;
    measure(p, t, count);
    t->slots = g->slots = zeroes(a, slot_words(t));
    t->gram = g->gram = hunch_alloc_array(a, t->gram_count, sizeof *g->gram);
    t->shorts = g->shorts = hunch_alloc_array(a, t->short_count, sizeof *g->shorts);
    bool ok = g->slots && g->gram && g->shorts;
    for (int k = 0; k < HUNCH_GRAM_KINDS; k++) {
        t->bucket[k] = g->bucket[k] = zeroes(a, bucket_words(t, k));
        ok = ok && g->bucket[k];
    }
    if (!ok) {
        hunch_grams_free(g);
        *out = NULL;
        return hunch_fail_memory(err, sizeof *g->gram * t->gram_count, "the tables of a device");
    }
    each_gram(p, g, count_in_bucket);
    for (int k = 0; k < HUNCH_GRAM_KINDS; k++) {
        g->bucket[k][0] = first;
        for (size_t i = 1; i < bucket_words(t, k); i++)
            g->bucket[k][i] += g->bucket[k][i - 1];
        first += count[k];
    }
    each_gram(p, g, put_in_bucket);
    first = 0;
    for (int k = 0; k < HUNCH_GRAM_KINDS; k++) { /* filling has moved each start to its end */
        memmove(g->bucket[k] + 1, g->bucket[k], (bucket_words(t, k) - 1) * sizeof **g->bucket);
        g->bucket[k][0] = first;
        first += count[k];
    }
    put_shorts(p, g);
    return HUNCH_OK;
}

void hunch_grams_free(struct hunch_grams *g)
{
    if (g == NULL)
        return;
    const struct hunch_gram_table *t = &g->table;
    hunch_free_array(g->a, g->slots, slot_words(t), sizeof *g->slots);
    for (int k = 0; k < HUNCH_GRAM_KINDS; k++)
        hunch_free_array(g->a, g->bucket[k], bucket_words(t, k), sizeof **g->bucket);
    hunch_free_array(g->a, g->gram, t->gram_count, sizeof *g->gram);
    hunch_free_array(g->a, g->shorts, t->short_count, sizeof *g->shorts);
    hunch_free(g->a, g, sizeof *g);
}
