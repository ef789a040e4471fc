/* tree.c: tree-sitter's tree as an array. */
#include "graph/tree.h"

#include <string.h>

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
                bool is_too_deep)
{
    TSSymbol symbol = ts_node_symbol(at);
    bool is_missing = ts_node_is_missing(at), is_error = symbol == (TSSymbol)-1;
    struct hunch_node node = {
        .kind = symbol < n->kinds ? n->kind[symbol] : 0,
        .field = field < n->fields ? n->field[field] : 0,
        .begin = ts_node_start_byte(at),
        .end = ts_node_end_byte(at),
    };
    if (is_error || is_missing)
        node.flags |= HUNCH_NODE_IS_ERROR | HUNCH_NODE_HAS_ERROR;
    if (ts_node_has_error(at))
        node.flags |= HUNCH_NODE_HAS_ERROR;
    if (is_too_deep)
        node.flags |= HUNCH_NODE_IS_TOO_DEEP;
    return hunch_vec_push(t->a, &t->node, node);
}

/* Goes through the tree; open[depth]: the nodes whose children are being read. */
static bool flatten(struct hunch_tree *t, const struct numbers *n, TSTreeCursor *cursor)
{
    uint32_t open[HUNCH_GRAPH_DEPTH_MOST], depth = 0;
    for (;;) {
        TSNode at = ts_tree_cursor_current_node(cursor);
        if (!ts_node_is_extra(at) || ts_node_symbol(at) == (TSSymbol)-1) {
            bool is_full = depth == HUNCH_GRAPH_DEPTH_MOST && ts_node_child_count(at) > 0;
            uint32_t index = (uint32_t)t->node.count;
            if (!add(t, n, at, ts_tree_cursor_current_field_id(cursor), is_full))
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

hunch_status hunch_tree_parse(const struct hunch_allocator *a, const TSLanguage *language,
                              const uint8_t *text, uint32_t size, const char *const *kinds,
                              const char *const *fields, struct hunch_tree *t,
                              struct hunch_error *err)
{
    *t = (struct hunch_tree){.a = a, .text = text, .size = size};
    struct numbers n = {0};
    TSTree *parsed = NULL;
    TSParser *parser = ts_parser_new();
    hunch_status status = HUNCH_OK;
    if (!ts_parser_set_language(parser, language)) {
        status = hunch_fail(err, HUNCH_ERROR_UNSUPPORTED,
                            "the grammar is of another version than the tree-sitter library; build "
                            "hunch again with the library that is here");
        goto done;
    }
    parsed = ts_parser_parse_string(parser, NULL, (const char *)text, size);
    if (parsed == NULL || !number(a, language, kinds, fields, &n)) {
        status = hunch_fail_memory(err, size, "a syntax tree");
        goto done;
    }
    TSTreeCursor cursor = ts_tree_cursor_new(ts_tree_root_node(parsed));
    if (!flatten(t, &n, &cursor))
        status = hunch_fail_memory(err, t->node.capacity * sizeof *t->node.items, "a syntax tree");
    ts_tree_cursor_delete(&cursor);
done:
    number_free(a, &n);
    if (parsed != NULL)
        ts_tree_delete(parsed);
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
