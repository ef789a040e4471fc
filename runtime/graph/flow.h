/* flow.h: the inside of a unit: linked names, places, and the value-flow graph of each function.
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

#include "graph/solve_device.h"
#include "graph/unit.h"

/* ---- keys to numbers ---- */

struct hunch_map_key {
    uint32_t word[4];
};

/* Numbers keys from 0 in the order in which they come. */
struct hunch_key_map {
    HUNCH_VEC(struct hunch_map_key) key;
    uint32_t *slot; /* number + 1, by hash */
    uint32_t slot_count;
};

/* The number of a key, or UINT32_MAX. add: one that is new is put in, *added says so; no memory:
 * UINT32_MAX. */
uint32_t hunch_key_number(const struct hunch_allocator *a, struct hunch_key_map *map,
                          struct hunch_map_key key, bool add, bool *added);
/* Keeps the keys; the first that is asked for then takes as long as all of them. */
void hunch_key_map_rest(const struct hunch_allocator *a, struct hunch_key_map *map);
void hunch_key_map_free(const struct hunch_allocator *a, struct hunch_key_map *map);

/* ---- the unit ---- */

/* What a name beyond a function means in a file. */
enum { HUNCH_LINK_FUNCTION = 1u << 31 }; /* | function of the unit; without it: a global's number */

struct hunch_unit_global {
    uint32_t name;     /* of the unit */
    uint32_t file;     /* HUNCH_NONE: not defined in the unit */
    uint32_t function; /* of a static variable in a function, else HUNCH_NONE */
    bool is_defined, is_const;
    bool is_written; /* by other than its initialiser, or its address goes where that may happen */
    bool has_value;  /* of a static in a function: its initial value is `value` */
    bool is_stored;  /* by a constant, `stored`; link.c compares it with the initial one */
    bool is_begun;   /* by its initialiser, not with 0 alone: with `value` where has_value */
    int64_t value, stored;
};

struct hunch_linked_file {
    const struct hunch_graph_file *graph;
    const char *name;
    uint32_t number;             /* in the caller's order */
    uint32_t function;           /* the first, in numbers of the unit */
    uint32_t global;             /* likewise */
    uint32_t initial;            /* the function that initialises its globals, or HUNCH_NONE */
    uint32_t *unit_name;         /* by name: the unit's, or HUNCH_NONE as yet */
    uint32_t *link;              /* by name: what it means there, or HUNCH_NONE as yet */
    HUNCH_VEC(uint32_t) include; /* files of the unit */
};

/* What a node is to rules: kind, name of the unit, index. */
enum hunch_label_kind {
    HUNCH_LABEL_NONE,
    HUNCH_LABEL_CALL,         /* what it gives back */
    HUNCH_LABEL_OUTSIDE,      /* what a call writes from outside */
    HUNCH_LABEL_ARGUMENT,     /* what goes in */
    HUNCH_LABEL_ARGUMENT_OUT, /* what the place that it points to holds then */
    HUNCH_LABEL_ARGUMENT_ALL, /* the same, where that is the one place */
    HUNCH_LABEL_PARAMETER,
    HUNCH_LABEL_RETURN,
    HUNCH_LABEL_GLOBAL,
    HUNCH_LABEL_GLOBAL_IN, /* what is stored */
    HUNCH_LABEL_FIELD,
    HUNCH_LABEL_FIELD_IN,
    HUNCH_LABEL_LOOP_BOUND,
    HUNCH_LABEL_INDEX,
    HUNCH_LABEL_ADDRESS,
    HUNCH_LABEL_DIVISOR,
    HUNCH_LABEL_SIGNED_INDEX,
    HUNCH_LABEL_OPERAND, /* name: of the operator */
    HUNCH_LABEL_NARROWED,
    HUNCH_LABEL_SIGNED_ARGUMENT, /* as ARGUMENT, and the value alone */
    HUNCH_LABEL_KINDS
};

/* What a guard has found, as key of a map: kind, then CALL: name, index, outcome; COMPARE:
 * operator, HUNCH_FOUND_*, and where that is HUNCH_FOUND_VALUE the number of the value it was
 * compared with. */
enum { HUNCH_ARGUMENT_NAMED = 1 << 20 }; /* as an index: passed by name, at no place */
enum {
    HUNCH_FOUND_CONSTANT = 1,
    HUNCH_FOUND_NULL = 2,
    HUNCH_FOUND_VALUE = 4,
    HUNCH_FOUND_POINTER = 8, /* beside NULL: it was a pointer that was compared */
    HUNCH_FOUND_SETS = 16    /* of these, by number */
};

struct hunch_flow;

struct hunch_compared {
    uint32_t function, node;
};

struct hunch_symbol {
    uint32_t name, file;
    uint32_t link;
    bool is_static;
};

/* Short lists, many of them: of 2, 4, 8 or 16 numbers, cut from blocks. Those that are given back
 * are linked by their first bytes. */
enum { HUNCH_LISTS_SIZES = 4 };

struct hunch_lists {
    HUNCH_VEC(uint32_t *) block;
    uint32_t left; /* numbers of the last block that are not used as yet */
    uint32_t *unused[HUNCH_LISTS_SIZES];
};

/* A callee's places as a caller's, as long as flow_callee.c looks at the call. */
struct hunch_written {
    uint32_t place, node;
    bool whole, weak;
};

struct hunch_mapped {
    HUNCH_VEC(uint32_t) first; /* of each place of the callee, then how many */
    HUNCH_VEC(uint32_t) place;
    HUNCH_VEC(struct hunch_written) written;
};

/* Rows that meet, as long as flow_row.c looks at them. */
struct hunch_way {
    const uint32_t *node; /* by place */
    uint32_t count;
    const struct hunch_behind *behind;
};

struct hunch_ways {
    HUNCH_VEC(struct hunch_way) way;
    HUNCH_VEC(uint32_t) copy;  /* rows of ways that tests have changed */
    HUNCH_VEC(uint8_t) differ; /* by place, so far */
    bool any_differ;
};

/* Of a function what findings tell. */
struct hunch_unit_part {
    uint32_t file, function; /* in the caller's order; counted in its file */
    struct hunch_extent span;
};

/* Of a node or call that stands for nothing in the source: begin is HUNCH_NONE. */
static inline struct hunch_extent hunch_no_span(void)
{
    return (struct hunch_extent){HUNCH_NONE, HUNCH_NONE};
}

struct hunch_unit {
    const struct hunch_allocator *a;
    enum hunch_graph_language language; /* of all of its files */
    struct hunch_linked_file *file;     /* sorted by name */
    uint32_t file_count;
    HUNCH_VEC(uint32_t) function_file; /* of each function */
    HUNCH_VEC(struct hunch_unit_global) global;
    HUNCH_VEC(uint32_t) unknown; /* by name: the global that nobody defines, or HUNCH_NONE as yet */
    HUNCH_VEC(char) text;        /* names of the unit */
    struct hunch_key_map name;   /* of hashes; see link.c */
    HUNCH_VEC(uint32_t) name_at;
    HUNCH_VEC(struct hunch_symbol) symbol; /* sorted by name */
    HUNCH_VEC(struct hunch_symbol) method; /* the same; called ".name"; link: the function */
    HUNCH_VEC(struct hunch_symbol) alias;  /* the same; link: the name it stands for */
    struct hunch_key_map local_static;     /* function, variable -> global */
    HUNCH_VEC(uint32_t) local_static_global;
    const struct hunch_library_flow *library; /* sorted copy */
    size_t library_count, library_room;
    struct hunch_key_map label, guard, class, heap;
    HUNCH_VEC(struct hunch_compared) with; /* values that guards compared with */
    /* Numbers of guards, + 1, by operator and HUNCH_FOUND_*: of comparisons with constants. */
    uint32_t common_guard[HUNCH_OTHER + 1][HUNCH_FOUND_SETS];
    struct hunch_flow *flow; /* of each function, and one that calls all roots */
    uint32_t flow_count;
    struct hunch_key_map pointer; /* where functions' addresses are kept, and which: flow_call.c */
    struct hunch_key_map kept;    /* the same by place */
    HUNCH_VEC(uint32_t) kept_function;
    bool more_pointers; /* since the last round */
    struct hunch_lists lists;
    struct hunch_mapped mapped;
    struct hunch_ways ways;
    HUNCH_VEC(struct hunch_held) held; /* behind the edge that is looked at */
    struct hunch_draft_function *draft;
    struct hunch_flow_graph *graph;
    struct hunch_solver solver;
    HUNCH_VEC(struct hunch_unit_part) part;   /* of each function but the one above all */
    HUNCH_VEC(struct hunch_extent) node_span; /* of the graph's nodes: the operation's */
    HUNCH_VEC(struct hunch_extent) call_span; /* of the graph's calls */
    HUNCH_VEC(struct hunch_graph_gap) gap;
    HUNCH_VEC(struct hunch_graph_finding) finding;
    HUNCH_VEC(struct hunch_step) step;
    bool failed; /* no memory */
    void *entry; /* what it was read from, or NULL: all that solving asks for lies there then */
    size_t entry_size;
};

/* unit_store.c: gives back the entry, and all that points there. */
void hunch_unit_let_go(struct hunch_unit *u);

/* link.c */
hunch_status hunch_unit_link(struct hunch_unit *u, const struct hunch_unit_file *file, size_t count,
                             struct hunch_error *err);
void hunch_unit_unlink(struct hunch_unit *u); /* all but the text of names */
uint32_t hunch_unit_name_add(struct hunch_unit *u, const char *text);
uint32_t hunch_unit_name(struct hunch_unit *u, uint32_t file, uint32_t name); /* of a file's */
uint32_t hunch_unit_link_of(struct hunch_unit *u, uint32_t file, uint32_t name);
uint32_t hunch_unit_static(struct hunch_unit *u, uint32_t function, uint32_t var);
/* Who is called: functions of the unit, and names of others. */
enum { HUNCH_CALLEES_MOST = 64 };
struct hunch_callees {
    uint32_t function[HUNCH_CALLEES_MOST], count;
    uint32_t name[HUNCH_CALLEES_MOST], name_count;
};

/* link_class.c: names of calls that say what is called, of Java */
bool hunch_unit_add_classes(struct hunch_unit *u, uint32_t file);
bool hunch_unit_is_call(const struct hunch_unit *u, uint32_t file, uint32_t name);
uint32_t hunch_unit_call_name(struct hunch_unit *u, uint32_t name); /* for rules: ".C.m" */
/* Functions that it may mean; *is_known: the class, or a base of it, is one of the unit and has it.
 */
void hunch_unit_called(struct hunch_unit *u, uint32_t file, uint32_t name,
                       struct hunch_callees *found, bool *is_known);
/* The same of an object that this constructor made. */
bool hunch_unit_called_of(struct hunch_unit *u, uint32_t name, uint32_t constructor,
                          struct hunch_callees *found);
/* Methods of that name of any class, where these are few and no library has it. */
void hunch_unit_called_any(struct hunch_unit *u, uint32_t name, struct hunch_callees *found);
/* Is nothing said of the object's class, but by which method it was given? */
bool hunch_unit_is_any(struct hunch_unit *u, uint32_t name);
/* "C.f" as "B.f" of its base; false: nothing is known of one. */
bool hunch_unit_inherited_name(struct hunch_unit *u, uint32_t *name);
/* link_dotted.c */
enum { HUNCH_METHODS_MOST = 3 }; /* of one name; more, and nobody knows which is called */
bool hunch_unit_add_dotted(struct hunch_unit *u, uint32_t file);
uint32_t hunch_unit_dotted(struct hunch_unit *u, uint32_t file, uint32_t name); /* link or NONE */
/* The flows of a function, *count of them. */
const struct hunch_library_flow *hunch_unit_library(const struct hunch_unit *u, uint32_t name,
                                                    size_t *count);
bool hunch_unit_is_method_of(const struct hunch_unit *u, uint32_t function, uint32_t class);
/* Which functions a call of ".name" with so many arguments may mean: how many; none where a library
 * says what it does. */
uint32_t hunch_unit_methods(const struct hunch_unit *u, uint32_t name, uint32_t arguments,
                            uint32_t *function);
static inline const char *hunch_unit_text(const struct hunch_unit *u, uint32_t name)
{
    return u->text.items + u->name_at.items[name];
}
static inline const struct hunch_function *hunch_unit_function(const struct hunch_unit *u,
                                                               uint32_t f)
{
    const struct hunch_linked_file *file = &u->file[u->function_file.items[f]];
    return &file->graph->function.items[f - file->function];
}
/* Functions, callees before callers, by names and addresses in the source and by `pointer`. */
bool hunch_unit_order(struct hunch_unit *u, uint32_t *order, uint32_t *group);

/* ---- places ---- */

enum hunch_place_kind {
    HUNCH_PLACE_DUMMY,
    HUNCH_PLACE_LOCAL,    /* a: variable of the function, counted from its first */
    HUNCH_PLACE_GLOBAL,   /* a: global of the unit */
    HUNCH_PLACE_TEXT,     /* all literals: nobody writes them */
    HUNCH_PLACE_FUNCTION, /* a: function of the unit */
    HUNCH_PLACE_HEAP,     /* a: the call that gave it; b: 0, or a number of unit.heap */
    HUNCH_PLACE_AT,       /* what place a pointed to when the function was entered */
    HUNCH_PLACE_RESULT,   /* what the function returns */
    HUNCH_PLACE_GIVEN,    /* what call a returned by value, of an aggregate */
    HUNCH_PLACE_FIELD     /* a: place, b: name of the unit, or HUNCH_FIELD_REST */
};

/* All fields of what comes in that the function does not name, where it reads them as one. */
enum { HUNCH_FIELD_REST = INT32_MAX };

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
    uint32_t *to;  /* places it may be the address of, sorted; a list of unit.lists */
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
    bool is_settled;          /* nothing has changed the last time */
    uint32_t own, taken;      /* places that are no variables of it: met by itself, by callees */
    bool is_calling;          /* what is met is what a callee meets */
    bool is_cut;              /* some of these are left out */
    bool is_gap;              /* over a budget: to callers it is a function that nobody knows */
    bool is_short;            /* some places that a value may point to are left out */
    uint32_t position, group; /* among functions, callees first */
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
static inline struct hunch_flow_node *hunch_node_of(struct hunch_flow *f, uint32_t node)
{
    return &f->node.items[node];
}

/* flow.c */
void hunch_flow_init(struct hunch_unit *u, uint32_t function);
void hunch_flow_free(struct hunch_flow *f);
void hunch_flow_forget(struct hunch_flow *f); /* all but its places: what only callers ask for */
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

/* flow_kept.c: adds to unit.held, which is empty, what is known behind an edge since a condition
 * asks for what ways left that met before. */
void hunch_flow_kept(struct hunch_flow *f, uint32_t link, uint32_t condition, bool outcome);

/* What callers know by what the function returned, as far as it was gone through. */
void hunch_flow_find_checks(struct hunch_flow *f);

/* flow_loop.c */
void hunch_flow_loop_bound(struct hunch_flow *f, uint32_t block);

/* flow_fold.c */
bool hunch_flow_fold(enum hunch_operator operator, int64_t a, int64_t b, int64_t *value);

/* spot.c: rules as rows of bits. */
hunch_status hunch_unit_rules(struct hunch_unit *u, const struct hunch_graph_rule *rule,
                              size_t count, struct hunch_flow_rules *rows, bool *needs_first);
/* Over which edges values go, once more: where `first` says what is tainted while no guard asks for
 * what is clean. true: some do. */
bool hunch_unit_passes(const struct hunch_unit *u, const struct hunch_graph_rule *rule,
                       size_t count, const struct hunch_flow_answer *first,
                       struct hunch_flow_rules *rows);
void hunch_unit_rules_free(const struct hunch_unit *u, struct hunch_flow_rules *rows);

/* witness.c: the shortest way of each hit. length[h]: how many steps, from unit.step[at[h]] on. */
bool hunch_unit_witness(struct hunch_unit *u, const struct hunch_flow_rules *rows,
                        const struct hunch_flow_answer *answer, uint32_t *at, uint32_t *length);

/* pool.c: the function above all: what roots leave in globals, others find there. */
bool hunch_unit_pool(struct hunch_unit *u);

#endif
