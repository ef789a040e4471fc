/* preprocess_header.c: of what is included only declarations that others need are kept: types, and
 * variables of other files. */
#include <string.h>

#include "graph/macro.h"
#include "graph/preprocess.h"

struct item {
    const uint8_t *first; /* its first word, or NULL */
    uint32_t first_size;
    bool has_parenthesis, has_braces, has_body, has_value;
};

static bool is_first(const struct item *i, const char *word)
{
    return i->first_size == strlen(word) && memcmp(i->first, word, i->first_size) == 0;
}

static bool is_type(const struct item *i)
{
    return is_first(i, "struct") || is_first(i, "union") || is_first(i, "enum");
}

static bool is_kept(const struct item *i)
{
    if (i->first == NULL || i->has_body)
        return false;
    if (is_first(i, "typedef") || is_type(i))
        return !i->has_value;
    return is_first(i, "extern") && !i->has_value && !i->has_parenthesis;
}

/* The end of the item that begins at `at`: behind its ; or its body. */
static const uint8_t *item_end(const uint8_t *at, const uint8_t *end, struct item *item)
{
    uint8_t last = 0;
    int depth = 0;
    *item = (struct item){0};
    while (at < end) {
        const uint8_t c = *at;
        if (pp_class[c] & P_BLANK || c == '\n') {
            at++;
            continue;
        }
        if (c == '"' || c == '\'') {
            at = pp_literal_end(at, end);
            last = c;
            continue;
        }
        if (pp_class[c] & P_BEGINS) {
            const uint8_t *begin = at;
            while (at < end && pp_class[*at] & P_GOES_ON)
                at++;
            if (item->first == NULL) {
                item->first = begin;
                item->first_size = (uint32_t)(at - begin);
            }
            last = 'a';
            continue;
        }
        at++;
        if (c == '(' || c == '[') {
            item->has_parenthesis |= c == '(' && depth == 0;
            depth++;
        } else if (c == '{') {
            if (depth == 0) {
                item->has_braces = true;
                item->has_body = last == ')' && !is_type(item) && !is_first(item, "typedef");
            }
            depth++;
        } else if (c == ')' || c == ']' || c == '}') {
            depth -= depth > 0;
            if (depth == 0 && c == '}' && item->has_body)
                return at;
        } else if (depth == 0 && c == ';') {
            return at;
        } else if (depth == 0 && c == '=') {
            item->has_value = true;
        }
        last = c;
    }
    return at;
}

void hunch_preprocessed_keep_declarations(struct hunch_preprocessed *p, size_t from)
{
    uint8_t *to = p->text.items + from;
    const uint8_t *at = to, *end = p->text.items + p->text.count;
    while (at < end) {
        struct item item;
        const uint8_t *next = item_end(at, end, &item);
        if (is_kept(&item)) {
            memmove(to, at, (size_t)(next - at));
            to += next - at;
        }
        at = next;
    }
    p->text.count = (size_t)(to - p->text.items);
}
