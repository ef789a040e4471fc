/* tree.h: the syntax tree of a preprocessed source as one array, in the order of the text: node,
 * its first child, that child's first child, ...; `after` is the index behind a node's subtree.
 * What tree-sitter made is read once, with a cursor, and is gone then; nesting is bounded here, so
 * that front ends may recurse.
 */
#ifndef HUNCH_GRAPH_TREE_H
#define HUNCH_GRAPH_TREE_H

#include <tree_sitter/api.h>

#include "error.h"
#include "graph/ir.h"

enum {
    HUNCH_NODE_IS_ERROR = 1,    /* ERROR, or a token that is missing in the text */
    HUNCH_NODE_HAS_ERROR = 2,   /* itself or below */
    HUNCH_NODE_IS_TOO_DEEP = 4, /* what is below was left out */
    HUNCH_NODE_IS_TOO_SLOW = 8
};

#define HUNCH_TREE_TOO_SLOW "too many syntax errors" /* what front ends say of it */

struct hunch_node {
    uint16_t kind; /* the front end's: index into its list of kinds, from 1; 0: another */
    uint8_t field; /* the same of fields: what it is to its parent */
    uint8_t flags;
    uint32_t begin, end; /* bytes of the text */
    uint32_t after;
};

struct hunch_tree {
    const struct hunch_allocator *a;
    const uint8_t *text;
    uint32_t size;
    HUNCH_VEC(struct hunch_node) node; /* the first is the root */
};

/* The children of node n of tree t, one after another. */
#define HUNCH_EACH_CHILD(t, n, c) \
    for (uint32_t c = (n) + 1; c < (t)->node.items[n].after; c = (t)->node.items[c].after)

/* What is read, and how. Kinds and fields are NULL-ended lists of the grammar's names. */
struct hunch_tree_source {
    const TSLanguage *language;
    const uint8_t *text; /* borrowed, as long as the tree is there */
    uint32_t size;
    const uint32_t *piece; /* ends of the pieces that are parsed one by one */
    size_t piece_count;
    const char *const *kinds, *const *fields;
};

/* The root's children are the roots of the pieces. Comments and other extras are left out. A piece
 * that takes too long, which only text does that is full of errors, is an error as a whole. */
hunch_status hunch_tree_parse(const struct hunch_allocator *a,
                              const struct hunch_tree_source *source, struct hunch_tree *t,
                              struct hunch_error *err);
void hunch_tree_free(struct hunch_tree *t);

/* The first child that is `field`, or HUNCH_NONE. */
uint32_t hunch_tree_child(const struct hunch_tree *t, uint32_t n, uint8_t field);

#endif
