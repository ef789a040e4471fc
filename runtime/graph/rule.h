/* rule.h: what a graph rule asks for, as solvers take it: dominates, post_dominates, flows_to and
 * taint, and what library functions do. It comes from a program (program_rules.c) or from a host's
 * query. Names are 0-ended; one that ends in '*' stands for all that begin so. docs/GRAPH.md has
 * the words of the rule language for each.
 */
#ifndef HUNCH_GRAPH_RULE_H
#define HUNCH_GRAPH_RULE_H

#include <stdbool.h>

#include "graph/ir.h"

/* A place in a program where a value is. As a source: the value found there is tainted. As a sink:
 * a tainted value that gets there is a finding. As a sanitizer: what passes there is clean. */
enum hunch_spot_kind {
    HUNCH_SPOT_CALL,       /* what a call of `name` gives back, and what by the summary of `name` it
                              writes from outside. As a sink: any argument */
    HUNCH_SPOT_ARGUMENT,   /* argument `index` of a call of `name`, and what it points to. As a
                              source: what the call leaves in the place it points to */
    HUNCH_SPOT_PARAMETER,  /* parameter `index` of a function called `name` ("*": any) */
    HUNCH_SPOT_RETURN,     /* what a function called `name` returns */
    HUNCH_SPOT_GLOBAL,     /* what is in global `name` */
    HUNCH_SPOT_LOOP_BOUND, /* what the condition of a loop compares with what the loop changes */
    HUNCH_SPOT_INDEX,      /* the index of an array's element, or what is added to a pointer that is
                              then used */
    HUNCH_SPOT_ADDRESS,    /* an address that is loaded from or stored to */
    HUNCH_SPOT_DIVISOR,    /* right of / and % */
    HUNCH_SPOT_FIELD,      /* what is in a field called `name` */
    HUNCH_SPOT_SIGNED_INDEX, /* an INDEX whose type has a sign, so that it may be negative */
    HUNCH_SPOT_OPERAND,      /* of what gives an integer: `name` is "add", "subtract", "multiply" */
    HUNCH_SPOT_SIGNED_ARGUMENT, /* an ARGUMENT that is an integer with a sign before it is converted
                                 */
    HUNCH_SPOT_NARROWED         /* an integer of 32 bits or more that becomes one of 8 or 16 */
};

enum {
    HUNCH_INDEX_ANY = 0,
    HUNCH_INDEX_AND_ON = 1u << 31
}; /* or-ed: that one and all that follow */

struct hunch_spot {
    enum hunch_spot_kind kind;
    const char *name;
    uint32_t index; /* from 1; HUNCH_INDEX_ANY: any */
};

/* A test that cleans the tested value where the test's outcome dominates. */
enum hunch_guard_kind {
    HUNCH_GUARD_CALL, /* name(…, value as argument `index`, …) was true (`outcome` 1) or false */
    HUNCH_GUARD_COMPARE /* value was found `compare` (enum hunch_operator LT … NE) than `with` */
};

enum hunch_guard_with {
    HUNCH_WITH_ANY,
    HUNCH_WITH_CONSTANT, /* a constant, a name of one, sizeof */
    HUNCH_WITH_NULL,
    HUNCH_WITH_CLEAN, /* anything that is not tainted itself */
    HUNCH_WITH_ZERO   /* as a number: not a pointer with null */
};

struct hunch_guard {
    enum hunch_guard_kind kind;
    const char *name;
    uint32_t index;
    bool outcome;
    enum hunch_operator compare;
    enum hunch_guard_with with;
};

/* Edges over which a value goes on; a rule allows some of them. `taint` allows all. */
enum hunch_edge_kind {
    HUNCH_EDGE_ASSIGN,     /* and initialisation; exact */
    HUNCH_EDGE_PHI,        /* two ways meet; exact as a set of ways */
    HUNCH_EDGE_ARGUMENT,   /* into a function; exact for calls by name */
    HUNCH_EDGE_RETURN,     /* out of one */
    HUNCH_EDGE_STORE,      /* into memory by a pointer; may, must where the place is one */
    HUNCH_EDGE_LOAD,       /* out of it */
    HUNCH_EDGE_FIELD,      /* from a whole to a part, or back */
    HUNCH_EDGE_INDEX,      /* an element of an array; all elements are one place */
    HUNCH_EDGE_ARITHMETIC, /* an operand, into the result */
    HUNCH_EDGE_LIBRARY,    /* by the summary of a library function */
    HUNCH_EDGE_UNKNOWN, /* an argument of a function that nobody knows, into what it gives back */
    HUNCH_EDGE_GUARD,   /* the same value behind a test */
    HUNCH_EDGE_CONTENT, /* an address, into what is loaded from there; what an argument points to */
    HUNCH_EDGE_MASKED,  /* an operand of %, & or >>, into a result that is bounded */
    HUNCH_EDGE_RETURNED, /* out of a function by its return alone, as RETURN does, too */
    HUNCH_EDGE_KINDS
};

/* What a library function does with what it gets: name, then flows. One whose `to` is neither
 * returned nor an argument (index 0) says that the function is known and passes nothing on. What a
 * function writes to *n overwrites what was there, unless a flow from *n to *n says that it stays.
 */
struct hunch_flow_end {
    bool returned; /* what it gives back; else argument `index`, from 1 (| HUNCH_INDEX_AND_ON) */
    bool pointed;  /* not the value but what it points to */
    bool outside;  /* as `from`: text from outside the program (a source where the rule names it) */
    uint32_t index;
};

struct hunch_library_flow {
    const char *name; /* of the function */
    enum hunch_graph_language language;
    struct hunch_flow_end from, to; /* a function with a flow has only the flows listed for it */
};

/* Statements, for dominance: those that do what the pattern says. */
enum hunch_action_kind {
    HUNCH_ACTION_CALL,   /* a call of `name` */
    HUNCH_ACTION_ASSIGN, /* a store; `value` says of what */
    HUNCH_ACTION_TEST,   /* a condition that tests; of what: `place` */
    HUNCH_ACTION_USE,    /* an address is loaded from or stored to: place */
    HUNCH_ACTION_RETURN
};

enum hunch_action_value { HUNCH_VALUE_ANY, HUNCH_VALUE_NULL, HUNCH_VALUE_CALL /* of `name` */ };

struct hunch_action {
    enum hunch_action_kind kind;
    const char *name;
    uint32_t place; /* CALL: the argument (from 1) whose place is meant; 0: none */
    enum hunch_action_value value;
};

enum hunch_graph_rule_kind {
    HUNCH_GRAPH_DOMINATES,
    HUNCH_GRAPH_POST_DOMINATES,
    HUNCH_GRAPH_FLOWS_TO,
    HUNCH_GRAPH_TAINT
};

struct hunch_graph_rule {
    enum hunch_graph_rule_kind kind;
    enum hunch_graph_language language;
    /* flows_to, taint */
    const struct hunch_spot *from, *to, *except;
    size_t from_count, to_count, except_count;
    const struct hunch_guard *guard;
    size_t guard_count;
    uint32_t edges; /* 1 << enum hunch_edge_kind, or-ed */
    /* dominates, post_dominates: each statement that does `of` is a finding where none (missing) or
     * some (not missing) that does `by`, of the same place where same_place, dominates it. */
    const struct hunch_action *by, *of;
    size_t by_count, of_count;
    bool missing, same_place;
};

#endif
