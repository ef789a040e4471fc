/* preprocess.c: what of the preprocessor is there: directives are left out. */
#include "graph/preprocess.h"

#include <string.h>

hunch_status hunch_preprocess(const struct hunch_graph_source *source,
                              struct hunch_graph_file *file, struct hunch_preprocessed *out,
                              struct hunch_error *err)
{
    const struct hunch_allocator *a = file->a;
    struct hunch_segment all = {.in_end = (uint32_t)source->size};
    if (!hunch_vec_append(a, &out->text, source->bytes, source->size) ||
        !hunch_vec_push(a, &out->segment, all))
        return hunch_fail_memory(err, source->size, "a source");
    bool is_directive = false;
    for (size_t i = 0; i < source->size; i++) {
        bool is_start = i == 0 || source->bytes[i - 1] == '\n';
        if (is_start && !(is_directive && i > 1 && source->bytes[i - 2] == '\\'))
            is_directive = source->bytes[i] == '#';
        if (is_directive && source->bytes[i] != '\n')
            out->text.items[i] = ' ';
    }
    return HUNCH_OK;
}

void hunch_preprocessed_free(const struct hunch_allocator *a, struct hunch_preprocessed *p)
{
    hunch_vec_free(a, &p->text);
    hunch_vec_free(a, &p->segment);
    hunch_vec_free(a, &p->noreturn);
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

struct hunch_span hunch_preprocessed_span(const struct hunch_preprocessed *p, uint32_t begin,
                                          uint32_t end)
{
    if (p->segment.count == 0)
        return (struct hunch_span){0, 0};
    const struct hunch_segment *first = segment_of(p, begin),
                               *last = segment_of(p, end > begin ? end - 1 : end);
    struct hunch_span span;
    span.begin = first->is_macro ? first->in_begin : first->in_begin + (begin - first->out);
    span.end = last->is_macro ? last->in_end : last->in_begin + (end - last->out);
    return span;
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
