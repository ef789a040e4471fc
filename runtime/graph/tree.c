/* tree.c: tree-sitter's tree as an array. */
#include "graph/tree.h"

#include <string.h>
#include <time.h>

/* By symbol and by field id of the grammar: the front end's number. */
struct numbers {
    uint16_t *kind;
    uint8_t *field;
    uint32_t kinds, fields;
};

static uint32_t find(const char *const *names, const char *name)
{
    for (uint32_t i = 0; name != NULL && names[i] != NULL; i++)
        if (strcmp(names[i], name) == 0)
            return i + 1;
    return 0;
}

static bool number(const struct hunch_allocator *a, const TSLanguage *language,
                   const char *const *kinds, const char *const *fields, struct numbers *n)
{
    n->kinds = ts_language_symbol_count(language);
    n->fields = ts_language_field_count(language) + 1;
    n->kind = hunch_alloc_array(a, n->kinds, sizeof *n->kind);
    n->field = hunch_alloc_array(a, n->fields, sizeof *n->field);
    if (n->kind == NULL || n->field == NULL)
        return false;
    for (uint32_t i = 0; i < n->kinds; i++)
        n->kind[i] = (uint16_t)find(kinds, ts_language_symbol_name(language, (TSSymbol)i));
    for (uint32_t i = 0; i < n->fields; i++)
        n->field[i] = (uint8_t)find(fields, ts_language_field_name_for_id(language, (TSFieldId)i));
    return true;
}

static void number_free(const struct hunch_allocator *a, struct numbers *n)
{
    hunch_free_array(a, n->kind, n->kinds, sizeof *n->kind);
    hunch_free_array(a, n->field, n->fields, sizeof *n->field);
}

static bool add(struct hunch_tree *t, const struct numbers *n, TSNode at, TSFieldId field,
                uint32_t base, bool is_too_deep)
{
    TSSymbol symbol = ts_node_symbol(at);
    bool is_missing = ts_node_is_missing(at), is_error = symbol == (TSSymbol)-1;
    struct hunch_node node = {
        .kind = symbol < n->kinds ? n->kind[symbol] : 0,
        .field = field < n->fields ? n->field[field] : 0,
        .begin = base + ts_node_start_byte(at),
        .end = base + ts_node_end_byte(at),
    };
    if (is_error || is_missing)
        node.flags |= HUNCH_NODE_IS_ERROR | HUNCH_NODE_HAS_ERROR;
    if (ts_node_has_error(at))
        node.flags |= HUNCH_NODE_HAS_ERROR;
    if (is_too_deep)
        node.flags |= HUNCH_NODE_IS_TOO_DEEP;
    return hunch_vec_push(t->a, &t->node, node);
}

/* Goes through the tree of a piece that begins at `base`; open[depth]: the nodes whose children are
 * being read. */
static bool flatten(struct hunch_tree *t, const struct numbers *n, TSTreeCursor *cursor,
                    uint32_t base)
{
    uint32_t open[HUNCH_GRAPH_DEPTH_MOST], depth = 0;
    for (;;) {
        TSNode at = ts_tree_cursor_current_node(cursor);
        if (!ts_node_is_extra(at) || ts_node_symbol(at) == (TSSymbol)-1) {
            bool is_full = depth == HUNCH_GRAPH_DEPTH_MOST && ts_node_child_count(at) > 0;
            uint32_t index = (uint32_t)t->node.count;
            if (!add(t, n, at, ts_tree_cursor_current_field_id(cursor), base, is_full))
                return false;
            t->node.items[index].after = index + 1;
            if (!is_full && ts_tree_cursor_goto_first_child(cursor)) {
                open[depth++] = index;
                continue;
            }
        }
        while (!ts_tree_cursor_goto_next_sibling(cursor)) {
            if (depth == 0)
                return true;
            ts_tree_cursor_goto_parent(cursor);
            t->node.items[open[--depth]].after = (uint32_t)t->node.count;
        }
    }
}

/* Time for a source, in microseconds: many times what parsing takes. */
static uint64_t time_for(uint32_t size)
{
    return 5000000 + (uint64_t)size * 2;
}

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static bool parse_piece(struct hunch_tree *t, const struct numbers *n, TSParser *parser,
                        uint32_t begin, uint32_t end, uint64_t until)
{
    uint64_t at = now();
    TSTree *parsed = NULL;
    if (at < until) {
        ts_parser_set_timeout_micros(parser, until - at);
        parsed = ts_parser_parse_string(parser, NULL, (const char *)t->text + begin, end - begin);
        ts_parser_reset(parser);
    }
    if (parsed == NULL) {
        struct hunch_node node = {.flags = HUNCH_NODE_IS_ERROR | HUNCH_NODE_HAS_ERROR |
                                           HUNCH_NODE_IS_TOO_SLOW,
                                  .begin = begin,
                                  .end = end,
                                  .after = (uint32_t)t->node.count + 1};
        return hunch_vec_push(t->a, &t->node, node);
    }
    TSTreeCursor cursor = ts_tree_cursor_new(ts_tree_root_node(parsed));
    bool is_done = flatten(t, n, &cursor, begin);
    ts_tree_cursor_delete(&cursor);
    ts_tree_delete(parsed);
    return is_done;
}

hunch_status hunch_tree_parse(const struct hunch_allocator *a,
                              const struct hunch_tree_source *source, struct hunch_tree *t,
                              struct hunch_error *err)
{
    *t = (struct hunch_tree){.a = a, .text = source->text, .size = source->size};
    struct numbers n = {0};
    TSParser *parser = ts_parser_new();
    hunch_status status = HUNCH_OK;
    if (!ts_parser_set_language(parser, source->language)) {
        status = hunch_fail(err, HUNCH_ERROR_UNSUPPORTED,
                            "the grammar is of another version than the tree-sitter library; build "
                            "hunch again with the library that is here");
        goto done;
    }
    struct hunch_node root = {.end = source->size, .after = 1};
    bool is_done = number(a, source->language, source->kinds, source->fields, &n) &&
                   hunch_vec_push(a, &t->node, root);
    uint64_t until = now() + time_for(source->size);
    for (size_t i = 0; i < source->piece_count && is_done; i++)
        is_done =
            parse_piece(t, &n, parser, i == 0 ? 0 : source->piece[i - 1], source->piece[i], until);
    if (is_done)
        t->node.items[0].after = (uint32_t)t->node.count;
    else
        status = hunch_fail_memory(err, t->node.capacity * sizeof *t->node.items, "a syntax tree");
done:
    number_free(a, &n);
    ts_parser_delete(parser);
    if (status != HUNCH_OK)
        hunch_tree_free(t);
    return status;
}

void hunch_tree_free(struct hunch_tree *t)
{
    hunch_vec_free(t->a, &t->node);
}

uint32_t hunch_tree_child(const struct hunch_tree *t, uint32_t n, uint8_t field)
{
    HUNCH_EACH_CHILD(t, n, c)
    if (t->node.items[c].field == field)
        return c;
    return HUNCH_NONE;
}
