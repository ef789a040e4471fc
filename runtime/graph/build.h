/* build.h: how a front end makes functions: names, and a builder that takes operations and control
 * flow one after another and puts a function's blocks into reverse post-order. Memory that fails is
 * remembered: everything goes on, and finishing returns the error.
 */
#ifndef HUNCH_GRAPH_BUILD_H
#define HUNCH_GRAPH_BUILD_H

#include "error.h"
#include "graph/ir.h"

/* Names of a file: text -> offset in its `names`. */
struct hunch_name_set {
    struct hunch_graph_file *file;
    uint32_t *slot; /* an offset, or 0: free */
    uint32_t capacity, count;
    bool failed;
};
void hunch_name_set_init(struct hunch_name_set *s, struct hunch_graph_file *file);
void hunch_name_set_free(struct hunch_name_set *s);
/* 0, which is "", where there is no memory. Bytes of 0 end a name. */
uint32_t hunch_name_add(struct hunch_name_set *s, const void *text, size_t size);

struct hunch_draft_block {
    uint8_t end, returns;
    bool is_ended;
    uint32_t condition;
    uint32_t op, op_count;
    uint32_t stmt_count; /* that begin in it */
    uint32_t succ, succ_count;
    uint32_t label;
};

/* One function while it grows. Indices are its own until it is finished. */
struct hunch_builder {
    const struct hunch_allocator *a;
    HUNCH_VEC(struct hunch_draft_block) block;
    HUNCH_VEC(struct hunch_op) op;
    HUNCH_VEC(struct hunch_stmt) stmt;
    HUNCH_VEC(struct hunch_var) var;
    HUNCH_VEC(uint32_t) arg;
    HUNCH_VEC(uint32_t) link;
    HUNCH_VEC(int64_t) label;
    uint32_t at;        /* the block that grows */
    uint32_t statement; /* the statement that operations are part of */
    bool is_cut;        /* more operations than there may be: nothing is added any more */
    bool failed;
};

/* Empties it, keeping its memory; one block is there and grows. */
void hunch_build_begin(struct hunch_builder *b, const struct hunch_allocator *a);
void hunch_build_free(struct hunch_builder *b);

uint32_t hunch_build_var(struct hunch_builder *b, struct hunch_var var);
/* Begins in `block`; HUNCH_NONE: in the one that grows. Operations are part of it from now on. */
uint32_t hunch_build_stmt(struct hunch_builder *b, enum hunch_stmt_kind kind, uint32_t block,
                          struct hunch_extent span, uint32_t line, uint32_t loop);
uint32_t hunch_build_op(struct hunch_builder *b, struct hunch_op op); /* HUNCH_NONE: is_cut */
/* `count` arguments, one after another: the index of the first. */
uint32_t hunch_build_args(struct hunch_builder *b, const uint32_t *value, uint32_t count);

/* A block that does not grow yet, and where it does. What grew without an end goes on there. */
uint32_t hunch_build_block(struct hunch_builder *b);
void hunch_build_start(struct hunch_builder *b, uint32_t block);

/* Ends of the block that grows; what follows them, until a block is started, can never run. */
void hunch_build_jump(struct hunch_builder *b, uint32_t to);
void hunch_build_branch(struct hunch_builder *b, uint32_t value, uint32_t yes, uint32_t no);
void hunch_build_exit(struct hunch_builder *b, bool returns);
/* Returns the block, whose successors are told when they are known: `count` of them, the last one
 * the default, with as many labels. */
uint32_t hunch_build_switch(struct hunch_builder *b, uint32_t value);
void hunch_build_cases(struct hunch_builder *b, uint32_t block, const uint32_t *to,
                       const int64_t *label, uint32_t count);

/* Appends the function to the file: its blocks that can be reached, in reverse post-order. The
 * caller has set name, flags, span, lines and parameter_count. */
hunch_status hunch_build_finish(struct hunch_builder *b, struct hunch_graph_file *file,
                                struct hunch_function function, struct hunch_error *err);

#endif
