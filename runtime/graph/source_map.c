/* source_map.c: where text behind the preprocessor was in the record. */
#include "graph/preprocess.h"

void hunch_preprocessed_free(const struct hunch_allocator *a, struct hunch_preprocessed *p)
{
    hunch_vec_free(a, &p->text);
    hunch_vec_free(a, &p->segment);
    hunch_vec_free(a, &p->noreturn);
    hunch_vec_free(a, &p->border);
    hunch_vec_free(a, &p->piece);
    hunch_vec_free(a, &p->cut);
}

static const struct hunch_segment *segment_of(const struct hunch_preprocessed *p, uint32_t out)
{
    size_t low = 0, high = p->segment.count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (p->segment.items[middle].out <= out)
            low = middle;
        else
            high = middle;
    }
    return &p->segment.items[low];
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

struct hunch_extent hunch_preprocessed_span(const struct hunch_preprocessed *p, uint32_t begin,
                                            uint32_t end)
{
    if (p->segment.count == 0)
        return (struct hunch_extent){0, 0};
    const struct hunch_segment *first = segment_of(p, begin),
                               *last = segment_of(p, end > begin ? end - 1 : end);
    struct hunch_extent span;
    /* A space that took a comment's place stands behind the end of what was before it. */
    span.begin = first->is_macro ? first->in_begin
                                 : least(first->in_begin + (begin - first->out), first->in_end);
    span.end =
        last->is_macro ? last->in_end : least(last->in_begin + (end - last->out), last->in_end);
    if (span.end < span.begin)
        span.end = span.begin;
    return span;
}

bool hunch_preprocessed_is_header(const struct hunch_preprocessed *p, uint32_t at)
{
    size_t low = 0, high = p->border.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (p->border.items[middle] <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low % 2 == 1;
}

bool hunch_preprocessed_noreturn(const struct hunch_preprocessed *p, uint32_t begin, uint32_t end)
{
    size_t low = 0, high = p->noreturn.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (p->noreturn.items[middle] < begin)
            low = middle + 1;
        else
            high = middle;
    }
    return low < p->noreturn.count && p->noreturn.items[low] < end;
}
