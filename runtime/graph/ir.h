/* ir.h: one source file as functions, basic blocks, statements and operations: what a front end
 * (one file a language) writes and everything else of the graph rules reads. docs/GRAPH.md explains
 * it with an example.
 *
 * Flat: arrays and u32 indices, no pointers between items, so that a graph can be kept in the
 * cache. Names are offsets into `names`, equal names have equal offsets. Offsets of source text are
 * bytes of the record as it was read, before macros, 0-based, half open.
 */
#ifndef HUNCH_GRAPH_IR_H
#define HUNCH_GRAPH_IR_H

#include <stdint.h>

#include "alloc.h"

#define HUNCH_NONE UINT32_MAX /* no such item */

enum hunch_graph_language {
    HUNCH_LANGUAGE_NONE,
    HUNCH_LANGUAGE_C,
    HUNCH_LANGUAGE_PYTHON,
    HUNCH_LANGUAGE_JAVASCRIPT,
    HUNCH_LANGUAGE_JAVA
};

/* Where something stands. What a macro gave stands where the macro was called. */
struct hunch_extent {
    uint32_t begin, end;
};

/* ---- operations: what is computed. The index of one is the name of its value. ---- */

/* Variables and everything else in memory are places; an operation gets the address of a place and
 * loads from it or stores to it. A variable that is only ever loaded and stored is a place like any
 * other: what flows through it is found later. */
enum hunch_op_kind {
    HUNCH_OP_CONST,    /* an integer or character: value = lo | hi << 32, signed */
    HUNCH_OP_STRING,   /* text: a = its bytes, a name; a place of its own that nobody writes */
    HUNCH_OP_NULL,     /* the null pointer, None, nil */
    HUNCH_OP_UNKNOWN,  /* a value of which nothing is known: float, sizeof of a type, ... */
    HUNCH_OP_VAR,      /* the address of variable a of this function (an index into var) */
    HUNCH_OP_NAME,     /* the address of what is called a beyond the function: a global, or a
                          function, which is its own value (linking says which) */
    HUNCH_OP_FIELD,    /* the address of the field called b of the place at address a; a union's
                          fields are all called "" */
    HUNCH_OP_INDEX,    /* the address of an element of the array at address a; b = index, a value,
                          or HUNCH_NONE */
    HUNCH_OP_LOAD,     /* what is in the place at address a */
    HUNCH_OP_STORE,    /* value b into the place at address a; its own value is b's */
    HUNCH_OP_UNARY,    /* sub = enum hunch_operator, of a */
    HUNCH_OP_BINARY,   /* sub = enum hunch_operator, of a and b; pointer + integer, too */
    HUNCH_OP_CAST,     /* a, with another type; IS_NAMED: an argument that is passed by name b */
    HUNCH_OP_CALL,     /* a = the value that is called (NAME for f(), LOAD of a place for pointers),
                          arg[b .. b + c): values of the arguments */
    HUNCH_OP_RETURN,   /* value a or HUNCH_NONE leaves the function */
    HUNCH_OP_CONDITION /* value a is tested by the block's end: true goes to successor 0 */
};

enum hunch_operator {
    HUNCH_ADD,
    HUNCH_SUB,
    HUNCH_MUL,
    HUNCH_DIV,
    HUNCH_MOD,
    HUNCH_AND, /* of bits, as OR, XOR, NOT_BITS */
    HUNCH_OR,
    HUNCH_XOR,
    HUNCH_SHL,
    HUNCH_SHR,
    HUNCH_EQ, /* comparisons from here to GE: 1 or 0, nothing of their operands is in the value */
    HUNCH_NE,
    HUNCH_LT,
    HUNCH_LE,
    HUNCH_GT,
    HUNCH_GE,
    HUNCH_NOT, /* !a: as comparisons */
    HUNCH_NEGATE,
    HUNCH_NOT_BITS,
    HUNCH_CONCAT, /* of strings, of languages that have it */
    HUNCH_OTHER
};

struct hunch_op {
    uint8_t kind; /* enum hunch_op_kind */
    uint8_t sub;  /* enum hunch_operator */
    uint16_t flags;
    uint32_t a, b, c;
    uint32_t stmt; /* the statement it is part of */
    struct hunch_extent span;
};

enum {
    HUNCH_OP_IS_AGGREGATE = 1, /* LOAD, STORE: of a struct or union by value, all fields of it */
    HUNCH_OP_IS_DECAY = 2,     /* VAR, FIELD, NAME used as a value: an array, whose address it is */
    HUNCH_OP_IS_INITIAL = 4,   /* STORE: the first, of a declaration */
    /* What is known of the type of a value, where the language has types: */
    HUNCH_OP_IS_NUMBER = 8,   /* it holds no address */
    HUNCH_OP_IS_POINTER = 16, /* it is an address, or null */
    HUNCH_OP_IS_FLOAT = 32,
    HUNCH_OP_IS_NAMED = 64,      /* CAST, as an argument: by name b; "*": a list's elements, for the
                                   places from there on; "**": a dictionary's, for any name */
    HUNCH_OP_HAS_RECEIVER = 128, /* CALL: the first argument is the object whose method is called */
    /* Of an integer wider than a character: */
    HUNCH_OP_IS_SIGNED = 256,   /* it may be negative */
    HUNCH_OP_IS_UNSIGNED = 512, /* it never is */
    HUNCH_OP_IS_SMALL = 1024,   /* BINARY: few bits are left of the first operand, whatever it is */
    HUNCH_OP_IS_NARROWED = 2048 /* CAST, STORE: of a wider integer only 8 or 16 bits are left */
};

static inline int64_t hunch_op_value(const struct hunch_op *op)
{
    return (int64_t)((uint64_t)op->a | (uint64_t)op->b << 32);
}

/* ---- what holds operations ---- */

enum hunch_stmt_kind {
    HUNCH_STMT_EXPRESSION,
    HUNCH_STMT_DECLARATION, /* with an initialiser; others are no statements */
    HUNCH_STMT_RETURN,
    HUNCH_STMT_BREAK,
    HUNCH_STMT_CONTINUE,
    HUNCH_STMT_GOTO,
    HUNCH_STMT_IF, /* the condition of one, as of the next four */
    HUNCH_STMT_WHILE,
    HUNCH_STMT_DO,
    HUNCH_STMT_FOR,
    HUNCH_STMT_SWITCH,
    HUNCH_STMT_FOR_FIRST, /* the first and the last of for (first; condition; next) */
    HUNCH_STMT_FOR_NEXT,
    HUNCH_STMT_PARAMETERS /* the function's own, before all others: no source statement */
};

struct hunch_stmt {
    uint8_t kind;             /* enum hunch_stmt_kind */
    struct hunch_extent span; /* of a condition: of its expression alone */
    uint32_t line;            /* of its begin, from 1; of an if or a loop: of the word itself */
    uint32_t block;           /* in which it begins; HUNCH_NONE: it can never run */
    uint32_t loop; /* the innermost loop around it: the statement of its condition, or NONE */
};

enum hunch_block_end {
    HUNCH_END_JUMP,   /* to its one successor */
    HUNCH_END_BRANCH, /* successor 0 when `condition` holds, else 1 */
    HUNCH_END_SWITCH, /* `condition` is compared with labels: cases in `label`, as successors; the
                         last successor is the default or what follows */
    HUNCH_END_EXIT    /* returns, or never comes back: no successor */
};

/* Blocks of a function stand in reverse post-order; the first is its entry, all can be reached. */
struct hunch_block {
    uint8_t end;               /* enum hunch_block_end */
    uint8_t returns;           /* EXIT: 1 it returns, 0 it calls what never comes back */
    uint32_t condition;        /* the value tested by BRANCH and SWITCH */
    uint32_t op, op_count;     /* run one after another */
    uint32_t pred, pred_count; /* link[pred ..]: blocks, of the whole file, as below */
    uint32_t succ, succ_count; /* link[succ ..] */
    uint32_t label;            /* SWITCH: label[label .. + succ_count): int64 constants;
                                  of the default 0 */
};

/* A label that is no constant that the file shows: such a case may be any value. */
#define HUNCH_LABEL_UNKNOWN INT64_MIN

enum {
    HUNCH_VAR_IS_PARAMETER = 1,
    HUNCH_VAR_IS_ARRAY = 2,       /* its name as a value is its address */
    HUNCH_VAR_IS_AGGREGATE = 4,   /* a struct or union by value */
    HUNCH_VAR_IS_STATIC = 8,      /* keeps its value: one place for all calls */
    HUNCH_VAR_IS_CONST = 16,      /* as declared, of the place itself, not of what it points to */
    HUNCH_VAR_IS_TEMPORARY = 32,  /* of the front end: ?:, &&, || */
    HUNCH_VAR_IS_FUNCTION = 64,   /* of globals: a declaration of a function */
    HUNCH_VAR_IS_REST = 128,      /* a parameter for all arguments from its place on */
    HUNCH_VAR_IS_REST_NAMED = 256 /* for all that are passed by names that no parameter has */
};

struct hunch_var {
    uint32_t name;
    uint32_t flags;
    struct hunch_extent span; /* of the declared name */
};

enum {
    HUNCH_FUNCTION_IS_STATIC = 1, /* called in its file, and in files that include it, only */
    HUNCH_FUNCTION_IS_VARIADIC = 2,
    HUNCH_FUNCTION_HAS_ERROR = 4,   /* some of it is no valid source: what could be read is here */
    HUNCH_FUNCTION_IS_CUT = 8,      /* over a budget: nothing of it is here; `incomplete` says so */
    HUNCH_FUNCTION_IS_INITIAL = 16, /* what runs when the file is loaded: of C the stores that
                                       initialise its globals */
    HUNCH_FUNCTION_IS_METHOD = 32,  /* called "Class.name"; a call of ".name" may be one of it */
    HUNCH_FUNCTION_IS_OF_CLASS = 64, /* its first parameter is the class, which calls by its full
                                       name leave out */
    HUNCH_FUNCTION_HAS_THIS = 128    /* its last parameter is the receiver of the call */
};

struct hunch_function {
    uint32_t name;
    uint32_t flags;
    struct hunch_extent span; /* of the whole definition */
    uint32_t line, last_line;
    uint32_t block, block_count; /* the first, in reverse post-order */
    uint32_t var, var_count;     /* parameters first */
    uint32_t parameter_count;
    uint32_t stmt, stmt_count; /* in the order of the source */
};

struct hunch_global {
    uint32_t name;
    uint32_t flags;      /* as of a var; IS_STATIC: its file's own. */
    uint32_t is_defined; /* 0: only declared here (extern) */
    struct hunch_extent span;
};

/* What a name of the file stands for beyond it: `from a.b import c as d` is d, "a.b.c". */
struct hunch_graph_alias {
    uint32_t name, target;
};

/* What could not be read: a sentence for `incomplete`. */
struct hunch_graph_fault {
    uint32_t function; /* or HUNCH_NONE: the file */
    uint32_t line;
    const char *reason; /* a literal of the front end: "syntax error", "function too large", ... */
};

struct hunch_graph_file {
    const struct hunch_allocator *a;
    enum hunch_graph_language language;
    HUNCH_VEC(struct hunch_function) function;
    HUNCH_VEC(struct hunch_block) block;
    HUNCH_VEC(struct hunch_stmt) stmt;
    HUNCH_VEC(struct hunch_op) op;
    HUNCH_VEC(struct hunch_var) var;
    HUNCH_VEC(struct hunch_global) global;
    HUNCH_VEC(uint32_t) arg;
    HUNCH_VEC(uint32_t) link;
    HUNCH_VEC(int64_t) label;
    HUNCH_VEC(uint32_t) include; /* names of what it includes, as written: "x.h" without quotes */
    HUNCH_VEC(struct hunch_graph_alias) alias; /* of languages that import names */
    HUNCH_VEC(uint32_t) line;                  /* offsets at which lines begin */
    HUNCH_VEC(char) names;                     /* 0-ended, one after another; offset 0 is "" */
    HUNCH_VEC(struct hunch_graph_fault) fault;
};

/* 0-ended. */
static inline const char *hunch_graph_name(const struct hunch_graph_file *f, uint32_t name)
{
    return f->names.items + name;
}

void hunch_graph_file_free(struct hunch_graph_file *f); /* NULL is fine */

/* What a front end is asked for. */
struct hunch_graph_source {
    const char *name; /* of the record, for includes */
    const uint8_t *bytes;
    size_t size; /* at most HUNCH_GRAPH_SOURCE_MOST */
    /* The bytes of what is included as `name`, as seen from the file called `from`; NULL where it
     * is not among the scanned records. *size, *found (its record's name) are set. May be NULL. */
    const uint8_t *(*include)(void *ctx, const char *name, const char *from, size_t *size,
                              const char **found);
    void *ctx;
};

enum {
    HUNCH_GRAPH_SOURCE_MOST = 16 << 20, /* bytes of a file */
    HUNCH_GRAPH_OPS_MOST = 1 << 18,     /* operations of a function; more: it IS_CUT */
    HUNCH_GRAPH_DEPTH_MOST = 1000       /* of nesting in the syntax tree; more: it IS_CUT */
};

/* Errors: HUNCH_ERROR_MEMORY, HUNCH_ERROR_LIMIT (too large), HUNCH_ERROR_UNSUPPORTED (the language
 * is not built in). Bytes that are no source of the language give a file with faults, not an error.
 */
hunch_status hunch_graph_read(const struct hunch_allocator *a, enum hunch_graph_language language,
                              const struct hunch_graph_source *source,
                              struct hunch_graph_file **file, struct hunch_error *err);

#endif
