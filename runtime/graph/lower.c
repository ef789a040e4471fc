/* lower.c: see lower.h. */
#include "graph/lower.h"

#include <string.h>

uint32_t hunch_lower_line(const struct hunch_graph_file *file, uint32_t offset)
{
    size_t low = 0, high = file->line.count;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (file->line.items[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    return (uint32_t)low + 1;
}

bool hunch_lower_fault(struct hunch_graph_file *file, uint32_t function, uint32_t line,
                       const char *reason)
{
    const struct hunch_graph_fault f = {.function = function, .line = line, .reason = reason};
    return hunch_vec_push(file->a, &file->fault, f);
}

uint32_t hunch_lower_join(struct hunch_name_set *names, uint32_t left, const char *between,
                          uint32_t right)
{
    if (names->failed)
        return 0;
    const char *a = hunch_graph_name(names->file, left), *b = hunch_graph_name(names->file, right);
    const size_t first = strlen(a), middle = strlen(between), last = strlen(b),
                 size = first + middle + last;
    char *text = hunch_alloc(names->file->a, size + 1); /* names move when one is added */
    if (text == NULL) {
        names->failed = true;
        return 0;
    }
    memcpy(text, a, first);
    memcpy(text + first, between, middle);
    memcpy(text + first + middle, b, last);
    const uint32_t name = hunch_name_add(names, text, size);
    hunch_free(names->file->a, text, size + 1);
    return name;
}
