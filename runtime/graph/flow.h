/* flow.h: functions on their way to the value-flow graph of a unit: places, and nodes.
 *
 * A function is gone through block by block until nothing changes (flow.c): a row says, for each
 * place, which node holds what is in it. Everything only grows on the way, so that this ends. Then
 * it is gone through once more (`collect`) and leaves edges and calls for the solver.
 *
 * A failed allocation sets unit->failed; node 0 and place 0 of a function are dummies that stand
 * for what could not be made.
 */
#ifndef HUNCH_GRAPH_FLOW_H
#define HUNCH_GRAPH_FLOW_H

#include "graph/unit_state.h"

/* ---- places ---- */

enum hunch_place_kind {
    HUNCH_PLACE_DUMMY,
    HUNCH_PLACE_LOCAL,    /* a: variable of the function, counted from its first */
    HUNCH_PLACE_GLOBAL,   /* a: global of the unit */
    HUNCH_PLACE_TEXT,     /* all literals: nobody writes them */
    HUNCH_PLACE_FUNCTION, /* a: function of the unit */
    HUNCH_PLACE_HEAP,     /* a: the call that gave it; b: 0, or 1 + whose memory it was before */
    HUNCH_PLACE_AT,       /* what place a pointed to when the function was entered */
    HUNCH_PLACE_RESULT,   /* what the function returns */
    HUNCH_PLACE_GIVEN,    /* what call a returned by value, of an aggregate */
    HUNCH_PLACE_FIELD     /* a: place, b: name of the unit, or HUNCH_FIELD_* */
};

/* All fields of what comes in that the function does not name, where it reads them as one. */
enum { HUNCH_FIELD_REST = INT32_MAX };
#define HUNCH_FIELD_CELL 0x80000000u /* and above: elements of arrays of C */

enum {
    HUNCH_PLACE_IS_MANY = 1,      /* stands for several: nothing overwrites it */
    HUNCH_PLACE_IS_CELL = 2,      /* FIELD: one element of an array: flow_cell.c */
    HUNCH_PLACE_IS_ALLOCATED = 4, /* HEAP: certainly memory, not a number */
    HUNCH_PLACE_IS_OUT = 8,       /* HEAP: callers can get to it */
    HUNCH_PLACE_IS_NUMBER = 16,   /* no address is in it */
    HUNCH_PLACE_IS_POINTER = 32   /* an address is in it: it has no fields */
};

struct hunch_place {
    uint8_t kind, flags;
    uint8_t depth; /* steps from a root that is no AT: pointers followed */
    uint8_t fields;
    uint32_t a, b;
    uint32_t root;         /* itself where it is no FIELD */
    uint32_t child, next;  /* fields: the first; the next of the same parent */
    uint32_t entry;        /* the node that holds what was in it at entry, or HUNCH_NONE */
    uint32_t formal, exit; /* collect: numbers among formals; exit: the node at the end or NONE */
    uint32_t result;       /* collect: number among results */
    uint32_t as;           /* HEAP: the first of those of which callers get one or the other */
};

/* ---- nodes ---- */

enum hunch_node_kind {
    HUNCH_NODE_DUMMY,
    HUNCH_NODE_OP,       /* x: operation */
    HUNCH_NODE_ENTRY,    /* x: place */
    HUNCH_NODE_PART,     /* x: node of a whole, y: place in it */
    HUNCH_NODE_STORE,    /* x: operation, y: place */
    HUNCH_NODE_PHI,      /* x: block of the function, y: place */
    HUNCH_NODE_GUARD,    /* x: link of a block's successor, y: place, z: how many before */
    HUNCH_NODE_ARGUMENT, /* x: operation, y: argument, z: name + 1 of what is called */
    HUNCH_NODE_GIVEN,   /* x: operation, y: name + 1: what one of several that are called returns */
    HUNCH_NODE_OUTSIDE, /* x: operation, y: argument */
    HUNCH_NODE_LIBRARY, /* x: operation, y: argument: what is written there */
    HUNCH_NODE_OUT,     /* x: operation, y: place: behind a call */
    HUNCH_NODE_SINK,    /* x: operation, y: label kind */
    HUNCH_NODE_LOOK,    /* x: operation, y: place, z: what was found */
    HUNCH_NODE_RETURN,  /* what the function returns */
    HUNCH_NODE_POOL     /* of the function above all: x: global, y: number of its path */
};

enum { HUNCH_KNOWN_NOTHING, HUNCH_KNOWN_VALUE, HUNCH_KNOWN_ANY }; /* of a constant, in this order */
enum {
    HUNCH_NODE_IS_OFFSET = 1, /* an address that may be inside of what it points to */
    HUNCH_NODE_IS_WHOLE = 2,  /* what was written as one, fields and all */
    HUNCH_NODE_IS_SHORT = 4,  /* it may be the address of places that are left out */
    HUNCH_NODE_IS_NUMBER = 8  /* it is the address of nothing */
};

struct hunch_flow_node {
    uint8_t kind, known, flags;
    uint8_t to_count;
    uint32_t op;    /* of the file, where it stands, or HUNCH_NONE */
    uint32_t place; /* or HUNCH_NONE */
    uint32_t label;
    int64_t value; /* where it is known */
    uint32_t *to;  /* places it may be the address of, sorted; a list of a thread's */
};

/* A list of functions behind pointers, as long as it was when it was asked for: flow_call.c. */
struct hunch_watched {
    uint32_t what, more, kind, count;
};

struct hunch_row {
    uint32_t *node; /* by place, HUNCH_NONE: as in the place it is part of, or as at entry */
    uint32_t count, room;
};

/* Behind an edge what tests make of places, all others as behind its block. */
struct hunch_held {
    uint32_t place, node;
};

struct hunch_behind {
    struct hunch_held *item;
    uint32_t count;
};

/* A node that holds what `before` does, behind a test. guard: number of unit.guard, + 1; 0: it is
 * what flow_kept.c made of it. */
struct hunch_tested {
    uint32_t node, before, guard;
};

/* What a function has found of a parameter, or of what it points to, where it returned something
 * other than 0 (outcome), or 0. */
struct hunch_flow_check {
    uint32_t parameter, guard;
    bool outcome, is_content;
};

struct hunch_flow {
    struct hunch_unit *u;
    uint32_t function, file;
    const struct hunch_graph_file *graph;
    const struct hunch_function *source; /* NULL: the function above all */
    struct hunch_key_map place_key, node_key;
    HUNCH_VEC(struct hunch_place) place;
    HUNCH_VEC(struct hunch_flow_node) node;
    HUNCH_VEC(uint32_t) canon;             /* by node: equal for nodes that hold the same value */
    HUNCH_VEC(struct hunch_tested) tested; /* sorted by node */
    size_t tested_next;                    /* where the next one stands, as a rule */
    HUNCH_VEC(struct hunch_flow_check) check; /* for callers */
    struct hunch_row *row;                    /* behind each block */
    struct hunch_behind *behind;              /* by link - first_link */
    struct hunch_row now;
    uint8_t *live; /* by link - first_link: the edge is taken */
    uint32_t first_link, link_count;
    uint32_t at;      /* the block that is gone through */
    uint8_t *celled;  /* by variable: its elements are told apart; NULL: of none */
    uint8_t *in_loop; /* by block */
    uint8_t *reached; /* by block: its end was */
    bool changed, collect, analysed, returns;
    bool is_initial;             /* it initialises globals: who asks for these asks it */
    bool is_settled;             /* nothing has changed the last time */
    uint32_t own, taken;         /* places that are no variables of it: met by itself, by callees */
    bool is_calling;             /* what is met is what a callee meets */
    bool is_cut;                 /* some of these are left out */
    bool is_gap;                 /* over a budget: to callers it is a function that nobody knows */
    bool is_short;               /* some places that a value may point to are left out */
    struct hunch_flow_thread *t; /* whose turn it is */
    uint32_t level, group;       /* of the call graph, callees first; HUNCH_NONE: in no round */
    struct hunch_key_map keep;   /* of unit.pointer: what it has found, and others do not know */
    uint32_t sweeps;
    uint32_t *op_node; /* by operation, from first_op on: its node, or HUNCH_NONE */
    uint32_t first_op, op_count;
    HUNCH_VEC(uint32_t) callee;              /* functions of the unit that it may call, each once */
    uint32_t version;                        /* how often callers had something to learn of it */
    uint64_t shown;                          /* a hash of what callers see of it */
    uint64_t callees_known;                  /* a hash of their versions when it was gone through */
    HUNCH_VEC(struct hunch_watched) watched; /* that it asked for then */
    bool calls_pointers;
    HUNCH_VEC(uint32_t) kept_op, call_op; /* collect: of the draft's nodes and calls */
    /* The same: what its draft speaks of by numbers of its own, until unit.c gives it the unit's;
     * values that guards compared with. */
    struct hunch_key_map label, class, guard;
    HUNCH_VEC(uint32_t) with;
};

enum {
    HUNCH_FLOW_DEPTH_MOST = 2,      /* pointers followed from what comes in */
    HUNCH_FLOW_FIELDS_MOST = 3,     /* fields of fields */
    HUNCH_FLOW_TO_MOST = 16,        /* places a value may point to */
    HUNCH_FLOW_OWN_MOST = 256,      /* places that are no variables, met by the function itself */
    HUNCH_FLOW_TAKEN_MOST = 32,     /* and more of them that only its callees meet */
    HUNCH_FLOW_PLACES_MOST = 4096,  /* of a function */
    HUNCH_FLOW_ROWS_MOST = 1 << 22, /* places times blocks */
    HUNCH_FLOW_NODES_MOST = 1 << 18,
    HUNCH_FLOW_SWEEPS_MOST = 200 /* through a function */
};

/* place.c */
uint32_t hunch_place_get(struct hunch_flow *f, enum hunch_place_kind kind, uint32_t a, uint32_t b);
uint32_t hunch_place_heap(struct hunch_flow *f, uint32_t op, uint32_t function, uint32_t place);
uint32_t hunch_place_field(struct hunch_flow *f, uint32_t place, uint32_t name);
uint32_t hunch_place_at(struct hunch_flow *f, uint32_t place);
void hunch_place_rest(struct hunch_flow *f, uint32_t place); /* there is one, where it comes in */
bool hunch_place_is_many(const struct hunch_flow *f, uint32_t place);
void hunch_place_mark(struct hunch_flow *f, uint32_t place, uint32_t flags);
bool hunch_place_is_formal(const struct hunch_flow *f, uint32_t place);
uint32_t hunch_node_get(struct hunch_flow *f, enum hunch_node_kind kind, uint32_t x, uint32_t y,
                        uint32_t z);
uint32_t hunch_node_entry(struct hunch_flow *f, uint32_t place);
void hunch_node_point(struct hunch_flow *f, uint32_t node, uint32_t place);
void hunch_node_give_lists(struct hunch_flow *f); /* of all nodes, which are gone then */
void hunch_lists_free(const struct hunch_allocator *a, struct hunch_lists *lists);
void hunch_node_know(struct hunch_flow *f, uint32_t node, int known, int64_t value);
void hunch_node_flag(struct hunch_flow *f, uint32_t node, uint32_t flags);
void hunch_node_same(struct hunch_flow *f, uint32_t node, uint32_t as); /* holds the same value */
void hunch_node_label(struct hunch_flow *f, uint32_t node, enum hunch_label_kind kind,
                      uint32_t name, uint32_t index);
/* All that is known of `from` is known of `to`: places, constant, flags; and an edge (collect). */
void hunch_node_copy(struct hunch_flow *f, uint32_t to, uint32_t from, enum hunch_edge_kind kind);
void hunch_node_edge(struct hunch_flow *f, uint32_t to, uint32_t from, enum hunch_edge_kind kind,
                     uint32_t guard);
void hunch_unit_gap(struct hunch_unit *u, uint32_t function, const char *reason);
/* May another thread have it just now, or is it done with? To this caller it does not come back. */
static inline bool hunch_flow_is_busy(const struct hunch_flow *f, const struct hunch_flow *callee)
{
    return f->level != HUNCH_NONE && callee->group != f->group &&
           (f->collect && !f->is_initial ? callee->level >= f->level : callee->level == f->level);
}
static inline struct hunch_flow_node *hunch_node_of(struct hunch_flow *f, uint32_t node)
{
    return &f->node.items[node];
}

/* flow.c */
void hunch_flow_init(struct hunch_unit *u, uint32_t function);
void hunch_flow_free(struct hunch_flow *f);
void hunch_flow_forget(struct hunch_flow *f); /* all but its places: what only callers ask for */
void hunch_flow_forget_own(struct hunch_flow *f); /* numbers of its draft */
/* Goes through the function, `once` or until nothing changes any more. true: something is known
 * that was not. */
bool hunch_flow_run(struct hunch_flow *f, bool once);
/* What is in it becomes that of node, fields and all; weak: or stays. */
void hunch_flow_write_whole(struct hunch_flow *f, uint32_t place, uint32_t node, uint32_t op,
                            bool weak);
/* All that is in `place`, fields and all, flows into `to`; pointers: and what it points to, `to`
 * may. */
void hunch_flow_read_whole(struct hunch_flow *f, uint32_t to, uint32_t place,
                           enum hunch_edge_kind kind, bool pointers);
void hunch_flow_copy_fields(struct hunch_flow *f, uint32_t to, uint32_t from, uint32_t op,
                            bool weak);
uint32_t hunch_flow_new_value(struct hunch_flow *f, uint32_t op);
static inline uint32_t hunch_flow_value(struct hunch_flow *f, uint32_t op) /* its node */
{
    const uint32_t at = op - f->first_op;
    return at < f->op_count && f->op_node[at] != HUNCH_NONE ? f->op_node[at]
                                                            : hunch_flow_new_value(f, op);
}

/* flow_row.c */
uint32_t hunch_flow_read(struct hunch_flow *f, uint32_t place); /* the node that holds it now */
void hunch_flow_write(struct hunch_flow *f, uint32_t place, uint32_t node);
/* The same behind an edge, where `row` is that of its block. */
uint32_t hunch_flow_read_behind(struct hunch_flow *f, const struct hunch_row *row,
                                const struct hunch_behind *behind, uint32_t place);
/* Something is known of what is in it, so that reading it adds nothing to what comes in. */
bool hunch_flow_is_known(const struct hunch_flow *f, uint32_t place);
/* `to` becomes as it is now; what is new there is a change. */
void hunch_row_keep(struct hunch_flow *f, struct hunch_row *to);
void hunch_row_free(const struct hunch_flow *f, struct hunch_row *row);
/* Ways that meet: begin, add each (row NULL: as at entry), ready (false: there are none). Then
 * either of: */
void hunch_ways_begin(struct hunch_flow *f);
void hunch_ways_add(struct hunch_flow *f, const struct hunch_row *row,
                    const struct hunch_behind *behind);
bool hunch_ways_ready(struct hunch_flow *f);
bool hunch_ways_join(struct hunch_flow *f, uint32_t block); /* into the row that is now */
/* What is in `place`, or HUNCH_NONE: on all as it was at entry, or as in the whole; asked for
 * wholes before their fields. */
uint32_t hunch_ways_meet(struct hunch_flow *f, uint32_t place, uint32_t block);

/* flow_op.c; false: what follows in the block is not reached as yet. */
bool hunch_flow_do(struct hunch_flow *f, uint32_t op);

/* flow_cell.c */
void hunch_flow_find_cells(struct hunch_flow *f);
void hunch_flow_forget_cells(struct hunch_flow *f);
/* Is the address one of an element of an array whose elements are told apart? */
bool hunch_flow_has_cells(const struct hunch_flow *f, uint32_t address);
/* Then of which of `array`, or the array where that is not known. */
uint32_t hunch_flow_cell(struct hunch_flow *f, uint32_t address, uint32_t array);

/* flow_call.c */
bool hunch_flow_call(struct hunch_flow *f, uint32_t op); /* false: it does not come back as yet */
/* Does argument k (from 0) of call `op` go to the parameter of the function? link_dotted.c */
bool hunch_flow_binds(const struct hunch_flow *f, uint32_t op, uint32_t function, uint32_t k,
                      uint32_t parameter);
static inline bool hunch_op_is_named(const struct hunch_op *arg)
{
    return arg->kind == HUNCH_OP_CAST && (arg->flags & HUNCH_OP_IS_NAMED);
}
/* flow_named.c: nodes for "f(shell=1)", "f(args=)", "f()"; that of each argument is there or comes.
 */
void hunch_flow_other_names(struct hunch_flow *f, uint32_t op, uint32_t name);
void hunch_flow_keep_pointers(struct hunch_flow *f, uint32_t place, uint32_t node);
void hunch_flow_add_callee(struct hunch_callees *c, uint32_t function);
bool hunch_flow_is_watched_same(const struct hunch_flow *f); /* no list that it asked for grew */
/* Functions that were put into fields of that name, of any object or of global - 1. */
void hunch_flow_add_in_field(struct hunch_flow *f, struct hunch_callees *c, uint32_t field,
                             uint32_t global);
void hunch_flow_keep_in_field(struct hunch_unit *u, uint32_t field, uint32_t function);
void hunch_flow_tell_pointers(struct hunch_flow *f); /* all others of what it has kept */

/* Have constant keys and indices fields of their own, so that any element may be each field? */
static inline bool hunch_flow_has_keys(const struct hunch_flow *f)
{
    return f->graph->language == HUNCH_LANGUAGE_PYTHON || f->graph->language == HUNCH_LANGUAGE_JAVA;
}

/* flow_method.c */
bool hunch_flow_classes(struct hunch_flow *f, uint32_t op, const struct hunch_op *called,
                        struct hunch_callees *c);
void hunch_flow_keep_methods(struct hunch_unit *u); /* of classes, for calls by a method's name */
/* false: it is no call of a method. */
bool hunch_flow_methods(struct hunch_flow *f, uint32_t op, const struct hunch_op *called,
                        struct hunch_callees *c);
/* Of what is called those that are methods of what the receiver is, where that was made here. */
void hunch_flow_own_methods(struct hunch_flow *f, uint32_t op, struct hunch_callees *c);

/* flow_callee.c; false: it does not come back. certain: nothing else is called there. */
bool hunch_flow_call_function(struct hunch_flow *f, uint32_t op, uint32_t function, uint32_t result,
                              bool certain);
/* A hash of all that callers read of a function that they call. */
uint64_t hunch_flow_shown(const struct hunch_flow *callee);

/* flow_test.c */
enum { HUNCH_TESTS_MOST = 16 };
struct hunch_test {  /* one thing found */
    uint32_t value;  /* the node */
    uint32_t guard;  /* number of unit.guard, + 1 */
    bool is_content; /* and what it points to, unless that has changed since operation `since` */
    uint32_t since;
};
struct hunch_tests {
    struct hunch_test item[HUNCH_TESTS_MOST];
    uint32_t count;
};
/* What is known where operation `op` gave something other than 0, or 0. */
void hunch_flow_find_tests(struct hunch_flow *f, struct hunch_tests *t, uint32_t op, bool outcome);
/* The operation whose value `op` is, without casts, assignments and copies that can be seen. */
uint32_t hunch_flow_bare(const struct hunch_flow *f, uint32_t op);
/* What a value is to whoever compares with it: HUNCH_FOUND_*. */
uint32_t hunch_flow_found(const struct hunch_flow *f, uint32_t op, uint32_t node);
enum hunch_operator hunch_flow_negated(enum hunch_operator o);
/* One more thing found of a value; since: HUNCH_NONE, or it is found of what it points to, too. */
void hunch_flow_add_test(struct hunch_flow *f, struct hunch_tests *t, uint32_t value,
                         struct hunch_map_key key, uint32_t since);
/* Is the operation's value an address, by its type? */
bool hunch_flow_is_address(const struct hunch_flow *f, uint32_t op);

/* flow_guard.c */
/* node: what `held` is, behind a test. */
void hunch_flow_same_behind(struct hunch_flow *f, uint32_t node, uint32_t held, uint32_t guard);
void hunch_flow_note_tested(struct hunch_flow *f, uint32_t node, uint32_t held, uint32_t guard);
/* Is what node holds at the end of a block what its place held behind operation `since`? */
bool hunch_flow_is_unchanged(const struct hunch_flow *f, uint32_t node, uint32_t since,
                             uint32_t block);
/* Of a node that holds a value behind a test, or NULL. */
const struct hunch_tested *hunch_flow_tested(const struct hunch_flow *f, uint32_t node);
/* An operation that compares with null without a jump (found: HUNCH_OTHER), or that could not go on
 * were it null (HUNCH_NE), tells the same of the places that hold the value of `of`. */
void hunch_flow_look(struct hunch_flow *f, uint32_t op, uint32_t of, enum hunch_operator found);
void hunch_flow_compared(struct hunch_flow *f, uint32_t op);
void hunch_flow_guards(struct hunch_flow *f, uint32_t block);

/* flow_kept.c: adds to the thread's `held`, which is empty, what is known behind an edge since a
 * condition asks for what ways left that met before. */
void hunch_flow_kept(struct hunch_flow *f, uint32_t link, uint32_t condition, bool outcome);

/* What callers know by what the function returned, as far as it was gone through. */
void hunch_flow_find_checks(struct hunch_flow *f);

/* flow_loop.c */
void hunch_flow_loop_bound(struct hunch_flow *f, uint32_t block);

/* flow_fold.c */
bool hunch_flow_fold(enum hunch_operator operator, int64_t a, int64_t b, int64_t *value);
/* The same of Java: not where what may be numbers of 32 bits gives one of more. */
bool hunch_flow_fold_int(enum hunch_operator operator, int64_t a, int64_t b, int64_t *value);

#endif
