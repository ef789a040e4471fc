/* matcher_portable.c: the tables of kernels/literal_tile.h, and a walk with them. */
#include <string.h>

#include "../kernels/literal_tile.h"
#include "matcher.h"

struct hunch_matcher {
    const struct hunch_program *program;
    struct hunch_filter filter;
};

static struct hunch_matcher *build(const struct hunch_program *p, const uint8_t *single,
                                   const char *cache, struct hunch_error *err)
{
    (void)single;
    (void)cache;
    struct hunch_matcher *m = hunch_alloc_zero(p->a, sizeof *m);
    struct hunch_filter_entry *entry = hunch_alloc_array(p->a, p->literal_count, sizeof *entry);
    if (m == NULL || entry == NULL) {
        hunch_free(p->a, m, sizeof *m);
        hunch_free_array(p->a, entry, p->literal_count, sizeof *entry);
        hunch_fail_memory(err, p->literal_count * sizeof *entry, "the literal matcher");
        return NULL;
    }
    struct hunch_filter *f = &m->filter;
    m->program = p;
    f->entry = entry;
    memset(f->pair_head, 0xff, sizeof f->pair_head);
    memset(f->single_head, 0xff, sizeof f->single_head);
    for (uint32_t i = p->literal_count;
         i-- > 0;) { /* backwards, so that lists are in order of literals */
        const struct hp_literal *l = &p->literal[i];
        const uint8_t *window = p->blob + l->bytes.offset + l->window;
        uint32_t n = l->bytes.length - l->window, *head;
        struct hunch_filter_entry *e = &entry[i];
        e->literal = i;
        e->word = e->mask = 0;
        if (n > 4)
            n = 4;
        for (uint32_t k = 0; k < n; k++) {
            e->word |= hunch_fold(window[k]) << (8 * k);
            e->mask |= 0xffu << (8 * k);
        }
        if (n == 1) {
            f->has_single = 1;
            head = &f->single_head[e->word];
        } else {
            uint32_t pair = e->word & 0xffff;
            f->pair_bits[pair >> 5] |= 1u << (pair & 31);
            head = &f->pair_head[pair];
        }
        e->next = *head;
        *head = i;
    }
    return m;
}

static void matcher_free(struct hunch_matcher *m)
{
    if (m == NULL)
        return;
    const struct hunch_allocator *a = m->program->a;
    hunch_free_array(a, m->filter.entry, m->program->literal_count, sizeof *m->filter.entry);
    hunch_free(a, m, sizeof *m);
}

static void *scratch_new(struct hunch_matcher *m, struct hunch_error *err)
{
    (void)err;
    return m; /* needs none */
}

static void scratch_free(struct hunch_matcher *m, void *scratch)
{
    (void)m;
    (void)scratch;
}

static hunch_status find(struct hunch_matcher *m, void *scratch, const uint8_t *bytes, size_t n,
                         hunch_matcher_emit *emit, void *ctx, struct hunch_error *err)
{
    (void)scratch;
    (void)err;
    const struct hunch_program *p = m->program;
    struct hunch_literal_cursor c = {0, HP_NONE, 0};
    uint32_t literal;
    uint64_t start;
    if (p->literal_count == 0)
        return HUNCH_OK;
    while (hunch_literal_next(&c, &m->filter, p->literal, p->blob, bytes, n, n, &literal, &start))
        emit(ctx, literal, start);
    return HUNCH_OK;
}

const struct hunch_matcher_kind hunch_matcher_portable = {"portable",  build,        matcher_free,
                                                          scratch_new, scratch_free, find};
