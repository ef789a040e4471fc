/* unit_state.h: the inside of a unit: its names and what they are linked to, its value-flow graph,
 * and what its rules have found; flow.h has what is known of each function.
 *
 * A failed allocation sets unit->failed.
 */
#ifndef HUNCH_GRAPH_UNIT_STATE_H
#define HUNCH_GRAPH_UNIT_STATE_H

#include <pthread.h>
#include <stdatomic.h>

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
enum { HUNCH_GUARD_IS_OWN = 1 << 30 };   /* a number: of hunch_flow.guard */
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

/* What a thread that goes through functions has beside these. */
struct hunch_held;
struct hunch_flow_thread {
    struct hunch_lists lists;
    struct hunch_mapped mapped;
    struct hunch_ways ways;
    HUNCH_VEC(struct hunch_held) held; /* behind the edge that is looked at */
    char room[128];                    /* so that no two of them share a line of a cache */
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
    struct hunch_key_map label, guard, class;
    struct hunch_key_map working; /* guards while functions are gone through: flow_test.c */
    uint32_t operand[3];          /* names: "add", "subtract", "multiply" */
    HUNCH_VEC(struct hunch_compared) with; /* values that guards compared with */
    struct hunch_flow *flow;               /* of each function, and one that calls all roots */
    uint32_t flow_count;
    struct hunch_key_map pointer; /* where functions' addresses are kept, and which: flow_call.c */
    struct hunch_key_map kept;    /* the same by place */
    HUNCH_VEC(uint32_t) kept_function;
    bool more_pointers;               /* since the last round */
    struct hunch_flow_thread *thread; /* the first is that of who builds the unit */
    unsigned threads;
    bool is_shared;       /* by several of them, just now: names and links are not added */
    pthread_mutex_t lock; /* of working */
    struct hunch_draft_function *draft;
    struct hunch_flow_graph *graph;
    struct hunch_solver solver;
    HUNCH_VEC(struct hunch_unit_part) part;   /* of each function but the one above all */
    HUNCH_VEC(struct hunch_extent) node_span; /* of the graph's nodes: the operation's */
    HUNCH_VEC(struct hunch_extent) call_span; /* of the graph's calls */
    HUNCH_VEC(struct hunch_graph_gap) gap;
    HUNCH_VEC(struct hunch_graph_finding) finding;
    HUNCH_VEC(struct hunch_step) step;
    atomic_bool failed; /* no memory */
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
/* Functions, callees before callers, by names and addresses in the source and by `pointer`; level:
 * of each, above those of all that stand before it and are not in its group. */
bool hunch_unit_order(struct hunch_unit *u, uint32_t *order, uint32_t *group, uint32_t *level);

/* rounds.c: goes through functions until nothing is learnt any more. order: by level. */
bool hunch_unit_run(struct hunch_unit *u, uint32_t *order);
/* work: on functions that call each other, by any thread; tell: for each, by this one, behind each
 * level. */
void hunch_unit_callers_first(struct hunch_unit *u, const uint32_t *order,
                              void (*work)(struct hunch_unit *u, struct hunch_flow_thread *t,
                                           const uint32_t *function, uint32_t count),
                              void (*tell)(struct hunch_flow *f));
/* draft.c: the graph, once functions have been gone through. */
bool hunch_unit_make_graph(struct hunch_unit *u, const uint32_t *order);
/* Solving asks for nothing of what building has known of the files. */
void hunch_unit_forget_building(struct hunch_unit *u);
/* flow_test.c */
bool hunch_unit_begin_guards(struct hunch_unit *u);

/* ---- rules ---- */

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
