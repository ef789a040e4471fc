/* grams.c: see grams.h. The bitmap is sized so that few windows are let pass by chance, within what
 * fits into a multiprocessor's shared memory. */
#include "grams.h"

#include <string.h>

#include "../kernels/literal_tile.h"
#include "../kernels/tuning.h"

enum { SPARSE = 512 }; /* bits of the bitmap for each that is set, where there is room */

static uint32_t log2_above(uint64_t n, uint32_t least, uint32_t most)
{
    uint32_t log2 = least;
    while (log2 < most && (1ull << log2) < n)
        log2++;
    return log2;
}

/* The gram of the window that begins `offset` bytes from the literal's start. */
static struct hunch_gram gram_of(const struct hunch_program *p, uint32_t literal, int32_t offset)
{
    const struct hp_literal *l = &p->literal[literal];
    const uint8_t *bytes = p->blob + l->bytes.offset;
    struct hunch_gram gram = {.literal = literal, .offset = offset};
    for (int32_t k = 0; k < 4; k++) {
        int64_t at = (int64_t)offset + k;
        if (at < 0 || at >= (int64_t)l->bytes.length)
            continue;
        gram.word |= (uint32_t)(bytes[at] | 0x20) << (8 * k);
        gram.mask |= 0xffu << (8 * k);
    }
    return gram;
}

static bool is_high(const struct hunch_gram *gram)
{
    return (gram->mask & 0xff) == 0;
}

/* How many windows are the gram: one, or one for each folded byte that it leaves open. */
static uint32_t window_count(const struct hunch_gram *gram)
{
    return gram->mask == 0xffffffffu ? 1 : 128;
}

static void set_bit(struct hunch_grams *g, uint32_t word)
{
    uint32_t hash = hunch_gram_hash(word, g->table.bit_log2);
    g->bits[hash / 32] |= 1u << (hash % 32);
}

static void set_bits(struct hunch_grams *g, const struct hunch_gram *gram)
{
    if (gram->mask == 0xffffffffu) {
        set_bit(g, gram->word);
        return;
    }
    uint32_t shift = is_high(gram) ? 0 : 24;
    for (uint32_t byte = 0; byte < 256; byte++)
        if (byte & 0x20)
            set_bit(g, gram->word | byte << shift);
}

static uint32_t bucket_of(const struct hunch_grams *g, const struct hunch_gram *gram)
{
    return is_high(gram) ? hunch_gram_hash(gram->word >> 8, g->table.high_log2)
                         : hunch_gram_hash(gram->word & 0xffffff, g->table.low_log2);
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
    set_bits(g, gram);
    (is_high(gram) ? g->high : g->low)[bucket_of(g, gram) + 1]++;
}

/* Buckets are filled from their first place on, which moves; move_back is for that. */
static void put_in_bucket(struct hunch_grams *g, const struct hunch_gram *gram)
{
    g->gram[(is_high(gram) ? g->high : g->low)[bucket_of(g, gram)]++] = *gram;
}

static uint32_t sum_up(uint32_t *start, uint32_t buckets, uint32_t first)
{
    start[0] = first;
    for (uint32_t i = 0; i < buckets; i++)
        start[i + 1] += start[i];
    return start[buckets];
}

static void move_back(uint32_t *start, uint32_t buckets, uint32_t first)
{
    memmove(start + 1, start, buckets * sizeof *start);
    start[0] = first;
}

struct sizes {
    uint64_t windows;
    uint32_t low, high, shorts;
};

static struct sizes measure(const struct hunch_program *p)
{
    struct sizes s = {0};
    for (uint32_t i = 0; i < p->literal_count; i++) {
        if (p->literal[i].bytes.length < 3) {
            s.shorts++;
            continue;
        }
        for (int odd = 0; odd < 2; odd++) {
            struct hunch_gram gram = gram_of(p, i, odd ? p->literal[i].odd : p->literal[i].even);
            s.windows += window_count(&gram);
            if (is_high(&gram))
                s.high++;
            else
                s.low++;
        }
    }
    return s;
}

static void put_shorts(const struct hunch_program *p, struct hunch_grams *g)
{
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < p->literal_count; i++) {
            if (p->literal[i].bytes.length >= 3)
                continue;
            uint32_t first = hunch_fold(p->blob[p->literal[i].bytes.offset]);
            if (round == 0)
                g->short_start[first + 1]++;
            else
                g->short_literal[g->short_start[first]++] = i;
        }
        if (round == 0)
            sum_up(g->short_start, 256, 0);
    }
    move_back(g->short_start, 256, 0);
}

static uint32_t *zeroes(const struct hunch_allocator *a, size_t count)
{
    uint32_t *list = hunch_alloc_array(a, count, sizeof *list);
    if (list != NULL)
        memset(list, 0, count * sizeof *list);
    return list;
}

hunch_status hunch_grams_new(const struct hunch_program *p, struct hunch_grams **out,
                             struct hunch_error *err)
{
    const struct hunch_allocator *a = p->a;
    struct sizes sizes = measure(p);
    struct hunch_grams *g = *out = hunch_alloc_zero(a, sizeof *g);
    if (g == NULL)
        return hunch_fail_memory(err, sizeof *g, "the tables of a device");
    g->a = a;
    struct hunch_gram_table *t = &g->table;
    t->gram_count = sizes.low + sizes.high;
    t->bit_log2 = log2_above(sizes.windows * SPARSE, HUNCH_GRAM_BITS_LEAST, HUNCH_GRAM_BITS_MOST);
    t->low_log2 = log2_above(sizes.low, 1, HUNCH_GRAM_BUCKETS_MOST);
    t->high_log2 = sizes.high ? log2_above(sizes.high, 1, HUNCH_GRAM_BUCKETS_MOST) : 0;
    g->short_count = sizes.shorts;
    g->bits = zeroes(a, (1u << t->bit_log2) / 32);
    g->low = zeroes(a, (1u << t->low_log2) + 1u);
    g->high = zeroes(a, (1u << t->high_log2) + 1u);
    g->gram = hunch_alloc_array(a, t->gram_count, sizeof *g->gram);
    g->short_start = zeroes(a, 257);
    g->short_literal = hunch_alloc_array(a, sizes.shorts, sizeof *g->short_literal);
    if (!g->bits || !g->low || !g->high || !g->gram || !g->short_start || !g->short_literal) {
        hunch_grams_free(g);
        *out = NULL;
        return hunch_fail_memory(err, sizeof *g->gram * t->gram_count, "the tables of a device");
    }
    each_gram(p, g, count_in_bucket);
    sum_up(g->low, 1u << t->low_log2, 0);
    sum_up(g->high, 1u << t->high_log2, sizes.low);
    each_gram(p, g, put_in_bucket);
    move_back(g->low, 1u << t->low_log2, 0);
    move_back(g->high, 1u << t->high_log2, sizes.low);
    put_shorts(p, g);
    t->bits = g->bits;
    t->low = g->low;
    t->high = g->high;
    t->gram = g->gram;
    return HUNCH_OK;
}

void hunch_grams_free(struct hunch_grams *g)
{
    if (g == NULL)
        return;
    const struct hunch_allocator *a = g->a;
    const struct hunch_gram_table *t = &g->table;
    hunch_free_array(a, g->bits, (1u << t->bit_log2) / 32, sizeof *g->bits);
    hunch_free_array(a, g->low, (1u << t->low_log2) + 1u, sizeof *g->low);
    hunch_free_array(a, g->high, (1u << t->high_log2) + 1u, sizeof *g->high);
    hunch_free_array(a, g->gram, t->gram_count, sizeof *g->gram);
    hunch_free_array(a, g->short_start, 257, sizeof *g->short_start);
    hunch_free_array(a, g->short_literal, g->short_count, sizeof *g->short_literal);
    hunch_free(a, g, sizeof *g);
}
