/* grams.c: see grams.h. At which stride windows stand, how many bytes each has and which grams ask
 * for a second one is chosen so that few places pass the first filter; the choice never decides
 * what is found. */
#include "grams.h"

#include <string.h>

#include "../kernels/tuning.h"

enum {
    SPARSE = 16, /* slots of the filter for each that is set, where there is room */
    SOME = 512,  /* literals from which windows of 5 bytes pay */
    LONG = 10,   /* bytes of literals from which a stride of 4 is tried; in 12 both windows lie
                    wherever they begin, in 10 and 11 one in four grams may have to do with one */
    ALONE = 256, /* slots of the filter for each such gram, or the stride is 2 */
    OPEN_MOST = 1 << 16 /* slots that windows with an open byte may set, second ones among them */
};

static uint32_t log2_above(uint64_t n, uint32_t least, uint32_t most)
{
    uint32_t log2 = least;
    while (log2 < most && (1ull << log2) < n)
        log2++;
    return log2;
}

/* ---- a literal's grams ---- */

/* Up to 8 bytes of the literal from `at` on, folded; *mask: those that it has. */
static uint64_t bytes_at(const struct hunch_program *p, const struct hp_literal *l, int64_t at,
                         uint32_t count, uint64_t *mask)
{
    uint64_t bytes = 0;
    *mask = 0;
    for (int64_t k = 0; k < count; k++) {
        if (at + k < 0 || at + k >= (int64_t)l->bytes.length)
            continue;
        bytes |= (uint64_t)(p->blob[l->bytes.offset + (uint64_t)(at + k)] | 0x20) << (8 * k);
        *mask |= 0xffull << (8 * k);
    }
    return bytes;
}

/* Of a window's bytes, those that are open. */
static uint32_t open_count(uint64_t mask, uint32_t window)
{
    uint32_t open = 0;
    for (uint32_t k = 0; k < window; k++)
        open += ((mask >> (8 * k)) & 1) == 0;
    return open;
}

/* A literal's gram for occurrences of which a window begins `phase` bytes behind their start, or a
 * multiple of the stride more. */
struct choice {
    struct hunch_gram gram;
    uint32_t kind;
    bool paired;
    uint64_t first, first_mask, second, second_mask; /* its windows */
};

/* Which bytes the grams of a kind are found by. */
static uint64_t key_mask(uint32_t kind, uint32_t window)
{
    uint64_t whole = (1ull << (8 * window)) - 1;
    switch (kind) {
    case HUNCH_GRAM_PAIR: return 0xffffffffffffull & (whole << 16 | whole);
    case HUNCH_GRAM_WHOLE: return whole;
    case HUNCH_GRAM_LOW: return whole >> 8;
    case HUNCH_GRAM_BEHIND: return (whole << 8) & 0xffffffffffffull;
    default: return whole & ~0xffull;
    }
}

/* Where a gram's window begins in the literal: at the rarest place of those that the phase leaves,
 * at stride 4 perhaps 2 bytes beside it, but with room for the second window if there is any. */
static int32_t offset_of(const struct hp_literal *l, uint32_t phase,
                         const struct hunch_gram_table *t)
{
    const int32_t n = (int32_t)l->bytes.length, window = (int32_t)t->window,
                  stride = (int32_t)t->stride;
    const bool odd = phase & 1;
    if (n <= window || n == 4) /* one of the two with an open byte, or both */
        return odd ? -1 : 0;
    int32_t at = odd ? l->odd : l->even;
    if ((at - (int32_t)phase) % stride != 0)
        at += at >= 2 ? -2 : 2;
    while (at >= stride && at + window + stride > n)
        at -= stride;
    return at;
}

static uint32_t kind_of(const struct hunch_gram *gram, uint32_t window)
{
    uint64_t known = gram->mask | (uint64_t)gram->next_mask << 32;
    for (uint32_t kind = 0; kind < HUNCH_GRAM_KINDS - 1; kind++)
        if ((key_mask(kind, window) & ~known) == 0)
            return kind;
    return HUNCH_GRAM_KINDS - 1;
}

static struct choice choose(const struct hunch_program *p, uint32_t literal, uint32_t phase,
                            const struct hunch_gram_table *t, bool open_pairs)
{
    const struct hp_literal *l = &p->literal[literal];
    const uint32_t window = t->window;
    int32_t at = offset_of(l, phase, t);
    uint64_t mask, run = bytes_at(p, l, at, 8, &mask);
    struct choice c = {.gram = {.word = (uint32_t)run,
                                .mask = (uint32_t)mask,
                                .next = (uint32_t)(run >> 32),
                                .next_mask = (uint32_t)(mask >> 32),
                                .literal = literal,
                                .offset = at}};
    c.first = bytes_at(p, l, at, window, &c.first_mask);
    c.second = bytes_at(p, l, (int64_t)at + t->stride, window, &c.second_mask);
    uint32_t first_open = open_count(c.first_mask, window),
             second_open = open_count(c.second_mask, window);
    c.paired = first_open + second_open == 0 || (open_pairs && first_open <= 1 && second_open <= 1);
    c.kind = kind_of(&c.gram, window);
    return c;
}

/* ---- the tables ---- */

/* Sets `bits` in the slots of a window, for each folded byte where it is open. */
static void set_slots(struct hunch_grams *g, uint64_t bytes, uint64_t mask, uint32_t at,
                      uint32_t bits)
{
    const struct hunch_gram_table *t = &g->table;
    for (; at < t->window; at++) {
        if ((mask >> (8 * at)) & 1)
            continue;
        for (uint64_t byte = 0; byte < 256; byte++)
            if (byte & 0x20)
                set_slots(g, bytes | byte << (8 * at), mask | 0xffull << (8 * at), at + 1, bits);
        return;
    }
    uint32_t slot =
        hunch_gram_slot((uint32_t)bytes, (uint32_t)(bytes >> 32 & 0xff) << 16, t->slot_log2);
    g->slots[slot / 4] |= bits << (8 * (slot % 4));
}

/* What is found of all grams: counted, then put where they belong. */
struct build {
    struct hunch_grams *g;
    bool open_pairs;
    uint64_t count[HUNCH_GRAM_KINDS], slots, open_slots, alone;
    uint32_t index[HUNCH_GRAM_KINDS]; /* of the kind among those that there are */
};

static uint32_t key_of(const struct build *b, const struct choice *c)
{
    const struct hunch_gram_kind *kind = &b->g->table.kind[b->index[c->kind]];
    return hunch_gram_key(kind, c->gram.word, c->gram.next);
}

static uint32_t *bucket_of(const struct build *b, const struct choice *c)
{
    const struct hunch_gram_kind *kind = &b->g->table.kind[b->index[c->kind]];
    return &b->g->bucket[kind->first + (key_of(b, c) >> (32 - kind->log2))];
}

static void count_gram(struct build *b, const struct choice *c)
{
    uint32_t window = b->g->table.window, first = open_count(c->first_mask, window),
             second = open_count(c->second_mask, window);
    b->count[c->kind]++;
    b->slots += 1ull << (7 * first);
    if (!c->paired) {
        b->alone++;
        return;
    }
    b->slots += 1ull << (7 * second);
    if (first + second > 0)
        b->open_slots += (1ull << (7 * first)) + (1ull << (7 * second));
}

static void set_gram(struct build *b, const struct choice *c)
{
    struct hunch_grams *g = b->g;
    uint32_t class = ((uint32_t)c->second * 0x85ebca6bu >> 16) % HUNCH_GRAM_CLASSES;
    if (c->paired) {
        set_slots(g, c->first, c->first_mask, 0, 1u << class);
        set_slots(g, c->second, c->second_mask, 0, 1u << (class + HUNCH_GRAM_SECOND));
    } else {
        set_slots(g, c->first, c->first_mask, 0, 1u << HUNCH_GRAM_ALONE);
    }
    uint32_t bit = key_of(b, c) >> (32 - g->table.known_log2);
    g->known[bit / 32] |= 1u << (bit % 32);
    bucket_of(b, c)[0]++;
}

/* Buckets are filled from their last place down. */
static void put_gram(struct build *b, const struct choice *c)
{
    struct hunch_gram *gram = &b->g->gram[--*bucket_of(b, c)];
    uint32_t last = gram->last;
    *gram = c->gram;
    gram->last = last;
}

static void each_gram(const struct hunch_program *p, struct build *b,
                      void (*visit)(struct build *b, const struct choice *c))
{
    for (uint32_t i = 0; i < p->literal_count; i++)
        for (uint32_t k = 0; k < b->g->table.stride && p->literal[i].bytes.length > 1; k++) {
            struct choice c = choose(p, i, k, &b->g->table, b->open_pairs);
            visit(b, &c);
        }
}

/* Returns the bytes of the shortest literal that has a gram. */
static uint32_t find_shortest(const struct hunch_program *p, struct hunch_gram_table *t)
{
    uint32_t shortest = HP_MAX_LITERAL;
    for (uint32_t i = 0; i < p->literal_count; i++) {
        uint32_t length = p->literal[i].bytes.length;
        t->single_count += length == 1;
        if (length > 1 && length < shortest)
            shortest = length;
    }
    return shortest;
}

static void put_singles(const struct hunch_program *p, struct hunch_grams *g)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->literal_count; i++)
        if (p->literal[i].bytes.length == 1)
            g->single[n++] = (struct hunch_single){
                0x01010101u * (p->blob[p->literal[i].bytes.offset] | 0x20u), i};
}

static void count_grams(const struct hunch_program *p, struct build *b, bool open_pairs)
{
    b->open_pairs = open_pairs;
    memset(b->count, 0, sizeof b->count);
    b->slots = b->open_slots = b->alone = 0;
    each_gram(p, b, count_gram);
}

/* What the filter is like with windows at a stride. */
static void choose_filter(const struct hunch_program *p, uint32_t shared_most, uint32_t shortest,
                          uint32_t stride, struct build *b)
{
    struct hunch_gram_table *t = &b->g->table;
    const uint32_t longer = p->literal_count - t->single_count;
    t->stride = stride;
    t->window = shortest < 3 ? 3 : stride == 4 || (shortest >= 6 && longer >= SOME) ? 5 : 4;
    t->gram_count = stride * longer;
    count_grams(p, b, true);
    if (b->open_slots > OPEN_MOST)
        count_grams(p, b, false);
    t->slot_log2 = log2_above(b->slots * SPARSE, HUNCH_GRAM_SLOTS_LEAST, HUNCH_GRAM_SLOTS_MOST);
    while (t->slot_log2 > HUNCH_GRAM_SLOTS_LEAST && 5ull << t->slot_log2 > 3ull * shared_most)
        t->slot_log2--;
}

/* How large everything is. */
static void measure(const struct hunch_program *p, uint32_t shared_most, struct build *b)
{
    struct hunch_gram_table *t = &b->g->table;
    const uint32_t shortest = find_shortest(p, t);
    const bool is_long = shortest >= LONG && p->literal_count > 0 && t->single_count == 0;
    choose_filter(p, shared_most, shortest, is_long ? 4 : 2, b);
    if (t->stride == 4 && b->alone * ALONE > 1ull << t->slot_log2)
        choose_filter(p, shared_most, shortest, 2, b);
    t->known_log2 =
        log2_above(t->gram_count * 16ull, HUNCH_GRAM_KNOWN_LEAST, HUNCH_GRAM_KNOWN_MOST);
    for (uint32_t k = 0; k < HUNCH_GRAM_KINDS; k++) {
        if (b->count[k] == 0)
            continue;
        uint64_t mask = key_mask(k, t->window);
        b->index[k] = t->kind_count;
        struct hunch_gram_kind *kind = &t->kind[t->kind_count++];
        kind->mask = (uint32_t)mask;
        kind->next_mask = (uint32_t)(mask >> 32);
        kind->first = t->bucket_count;
        kind->log2 = log2_above(b->count[k] * 2, 1, HUNCH_GRAM_BUCKETS_MOST);
        t->bucket_count += 1u << kind->log2;
    }
}

static uint32_t *zeroes(const struct hunch_allocator *a, size_t count)
{
    uint32_t *list = hunch_alloc_array(a, count, sizeof *list);
    if (list != NULL)
        memset(list, 0, count * sizeof *list);
    return list;
}

static size_t slot_words(const struct hunch_gram_table *t)
{
    return ((size_t)1 << t->slot_log2) / 4;
}

static size_t known_words(const struct hunch_gram_table *t)
{
    return ((size_t)1 << t->known_log2) / 32;
}

hunch_status hunch_grams_new(const struct hunch_program *p, uint32_t shared_most,
                             struct hunch_grams **out, struct hunch_error *err)
{
    const struct hunch_allocator *a = p->a;
    struct hunch_grams *g = *out = hunch_alloc_zero(a, sizeof *g);
    if (g == NULL)
        return hunch_fail_memory(err, sizeof *g, "the tables of a device");
    g->a = a;
    struct hunch_gram_table *t = &g->table;
    struct build b = {.g = g};
    measure(p, shared_most, &b);
    t->slots = g->slots = zeroes(a, slot_words(t));
    t->known = g->known = zeroes(a, known_words(t));
    t->bucket = g->bucket = zeroes(a, t->bucket_count);
    t->gram = g->gram = hunch_alloc_array(a, t->gram_count, sizeof *g->gram);
    t->single = g->single = hunch_alloc_array(a, t->single_count, sizeof *g->single);
    if (!g->slots || !g->known || !g->bucket || !g->gram || !g->single) {
        size_t size = sizeof *g->gram * t->gram_count;
        hunch_grams_free(g);
        *out = NULL;
        return hunch_fail_memory(err, size, "the tables of a device");
    }
    memset(g->slots, HUNCH_GRAM_EMPTY, slot_words(t) * sizeof *g->slots);
    each_gram(p, &b, set_gram);
    /* From how many to where each ends; filling moves that to where it begins. */
    uint32_t end = 0;
    for (uint32_t i = 0; i < t->bucket_count; i++) {
        uint32_t count = g->bucket[i];
        for (uint32_t k = 0; k < count; k++)
            g->gram[end++].last = k + 1 == count;
        g->bucket[i] = count > 0 ? end : HP_NONE;
    }
    each_gram(p, &b, put_gram);
    put_singles(p, g);
    return HUNCH_OK;
}

void hunch_grams_free(struct hunch_grams *g)
{
    if (g == NULL)
        return;
    const struct hunch_gram_table *t = &g->table;
    hunch_free_array(g->a, g->slots, slot_words(t), sizeof *g->slots);
    hunch_free_array(g->a, g->known, known_words(t), sizeof *g->known);
    hunch_free_array(g->a, g->bucket, t->bucket_count, sizeof *g->bucket);
    hunch_free_array(g->a, g->gram, t->gram_count, sizeof *g->gram);
    hunch_free_array(g->a, g->single, t->single_count, sizeof *g->single);
    hunch_free(g->a, g, sizeof *g);
}
