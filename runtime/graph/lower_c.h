/* lower_c.h: what the files of the C front end share: kinds of nodes, types, names in scope and the
 * state of one file. lower_c.c declarations and functions, lower_c_type.c types and scopes,
 * lower_c_stmt.c statements, lower_c_expr.c values and addresses, lower_c_call.c calls,
 * lower_c_init.c initialisers, lower_c_constant.c numbers.
 */
#ifndef HUNCH_GRAPH_LOWER_C_H
#define HUNCH_GRAPH_LOWER_C_H

#include "graph/build.h"
#include "graph/preprocess.h"
#include "graph/tree.h"

/* ---- the grammar's names ---- */

/* clang-format off */
#define HUNCH_C_KINDS(X)                                                                        \
    X(translation_unit) X(function_definition) X(declaration) X(type_definition)                \
    X(linkage_specification) X(declaration_list) X(attributed_statement)                        \
    X(storage_class_specifier) X(type_qualifier) X(primitive_type) X(sized_type_specifier)      \
    X(type_identifier) X(struct_specifier) X(union_specifier) X(enum_specifier)                 \
    X(macro_type_specifier) X(field_declaration_list) X(field_declaration) X(bitfield_clause)   \
    X(enumerator_list) X(enumerator) X(identifier) X(field_identifier) X(statement_identifier)  \
    X(pointer_declarator) X(array_declarator) X(function_declarator)                            \
    X(parenthesized_declarator) X(attributed_declarator) X(abstract_pointer_declarator)         \
    X(abstract_array_declarator) X(abstract_function_declarator)                                \
    X(abstract_parenthesized_declarator) X(init_declarator) X(parameter_list)                   \
    X(parameter_declaration) X(variadic_parameter) X(compound_statement) X(labeled_statement)   \
    X(expression_statement) X(if_statement) X(else_clause) X(switch_statement)                  \
    X(case_statement) X(while_statement) X(do_statement) X(for_statement) X(return_statement)   \
    X(break_statement) X(continue_statement) X(goto_statement) X(seh_try_statement)             \
    X(seh_except_clause) X(seh_finally_clause) X(seh_leave_statement) X(comma_expression)       \
    X(conditional_expression) X(assignment_expression) X(pointer_expression)                    \
    X(unary_expression) X(binary_expression) X(update_expression) X(cast_expression)            \
    X(type_descriptor) X(sizeof_expression) X(alignof_expression) X(offsetof_expression)        \
    X(generic_expression) X(subscript_expression) X(call_expression) X(gnu_asm_expression)      \
    X(argument_list) X(field_expression) X(compound_literal_expression)                         \
    X(parenthesized_expression) X(initializer_list) X(initializer_pair)                         \
    X(subscript_designator) X(subscript_range_designator) X(field_designator)                   \
    X(number_literal) X(char_literal) X(concatenated_string) X(string_literal)                  \
    X(string_content) X(escape_sequence) X(true) X(false) X(null)

#define HUNCH_C_FIELDS(X)                                                                       \
    X(type) X(declarator) X(body) X(name) X(value) X(parameters) X(size) X(label) X(condition)  \
    X(consequence) X(alternative) X(initializer) X(update) X(left) X(right) X(operator)         \
    X(argument) X(arguments) X(function) X(index) X(field) X(designator) X(filter) X(start)     \
    X(end)
/* clang-format on */

enum {
    K_NONE,
#define X(name) K_##name,
    HUNCH_C_KINDS(X)
#undef X
};

enum {
    F_NONE,
#define X(name) F_##name,
    HUNCH_C_FIELDS(X)
#undef X
};

/* ---- types: only what flows and dominance ask for ---- */

enum c_type_kind {
    T_UNKNOWN,
    T_VOID,
    T_INTEGER,  /* n bytes; of: 1 where it has no sign */
    T_FLOAT,    /* n bytes */
    T_POINTER,  /* to `of` */
    T_ARRAY,    /* n elements of `of`; 0: not known */
    T_FUNCTION, /* that returns `of` */
    T_AGGREGATE /* number `of` */
};

struct c_type {
    uint8_t kind;
    uint32_t of;
    uint32_t n;
};

/* Types that are always there, by index. */
enum {
    C_UNKNOWN,
    C_VOID,
    C_CHAR,
    C_SHORT,
    C_INT,
    C_LONG,
    C_UNSIGNED_CHAR,
    C_UNSIGNED_SHORT,
    C_UNSIGNED_INT,
    C_UNSIGNED_LONG,
    C_FLOAT,
    C_DOUBLE,
    C_POINTER,
    C_TEXT
};

struct c_field {
    uint32_t name; /* 0: a struct or union without a name */
    uint32_t type;
    uint32_t next; /* of the same aggregate, or NONE */
    bool is_bits;
};

struct c_aggregate {
    bool is_union;
    bool is_defined;
    uint32_t first, last; /* fields, or NONE */
    uint32_t align;       /* 0: the size is not known */
    uint64_t size;
};

/* ---- names ---- */

enum c_symbol_kind {
    S_VAR,      /* index: of the function's variables */
    S_GLOBAL,   /* index: its name beyond the function */
    S_FUNCTION, /* index: the same */
    S_TYPE,     /* a typedef */
    S_CONSTANT, /* an enumerator; value */
    S_TAG       /* struct, union: type */
};

enum c_space { SPACE_NAMES, SPACE_TAGS };

struct c_symbol {
    uint64_t key; /* name << 2 | enum c_space */
    uint8_t kind;
    bool is_noreturn;
    bool is_initial; /* of variables: of what runs before the program */
    bool is_defined; /* of functions: has a body */
    uint32_t type;
    uint32_t index;
    uint32_t hides; /* the symbol that this one hides, or NONE */
    int64_t value;
};

struct c_scopes {
    HUNCH_VEC(struct c_symbol) symbol; /* those in scope; inner ones behind outer ones */
    uint64_t *key;                     /* hash table: key + 1, 0 free */
    uint32_t *at;                      /* the symbol in scope, or NONE */
    uint32_t capacity, count;
};

/* ---- one file ---- */

/* Where jumps go, and the switch that labels belong to. */
struct c_jumps {
    uint32_t on_break, on_continue; /* blocks, or NONE */
    uint32_t loop;                  /* statement, or NONE */
    struct c_switch *in_switch;
};

struct c_case {
    int64_t label;
    uint32_t block;
};

struct c_switch {
    uint32_t type;
    HUNCH_VEC(struct c_case) label;
    uint32_t otherwise; /* block of default, or NONE */
};

/* A label of goto. */
struct c_label {
    uint32_t name, block;
    bool is_defined;
};

struct c_lower {
    const struct hunch_allocator *a;
    struct hunch_graph_file *file;
    struct hunch_preprocessed *source;
    struct hunch_tree tree;
    struct hunch_name_set *names;
    struct c_scopes scopes;
    HUNCH_VEC(struct c_type) type;
    HUNCH_VEC(struct c_aggregate) aggregate;
    HUNCH_VEC(struct c_field) field;
    struct hunch_builder *b; /* the one of these two that grows */
    struct hunch_builder function_builder, initial_builder;
    uint32_t function_name; /* that is lowered; 0: none */
    uint32_t return_type;
    bool is_variadic;
    uint32_t scope_depth; /* 0: file */
    uint32_t item_begin;  /* of the declaration of the file that is read: the end of the last one */
    uint32_t unnamed;     /* static variables of functions, counted */
    uint32_t loops_open;  /* do loops, whose conditions are yet to come */
    struct c_jumps jumps;
    HUNCH_VEC(struct c_label) label; /* of this function */
    HUNCH_VEC(uint32_t) global_of;   /* by name: 1 + index of the global; 0: none */
    HUNCH_VEC(uint32_t) arguments;   /* of calls whose arguments are being evaluated */
    bool failed;
    const char *fault; /* of the function; NULL: none */
};

/* A value, and an address of a place: operation (HUNCH_NONE in a function that is cut) and type. */
struct c_value {
    uint32_t op, type;
};

static inline const struct hunch_node *c_node(const struct c_lower *l, uint32_t n)
{
    return &l->tree.node.items[n];
}

static inline uint32_t c_child(const struct c_lower *l, uint32_t n, int field)
{
    return hunch_tree_child(&l->tree, n, (uint8_t)field);
}

static inline const char *c_text(const struct c_lower *l, uint32_t n)
{
    return (const char *)l->tree.text + c_node(l, n)->begin;
}

static inline uint32_t c_size(const struct c_lower *l, uint32_t n)
{
    return c_node(l, n)->end - c_node(l, n)->begin;
}

bool c_is(const struct c_lower *l, uint32_t n, const char *text);
uint32_t c_name(struct c_lower *l, uint32_t n); /* of a node's text */
struct hunch_extent c_span(const struct c_lower *l, uint32_t n);
uint32_t c_line(const struct c_lower *l, uint32_t offset); /* of a byte of the record, from 1 */
void c_fail(struct c_lower *l);
/* The first child that is no token, or HUNCH_NONE. */
uint32_t c_first_named(const struct c_lower *l, uint32_t n);
/* Without parentheses around it. */
uint32_t c_bare(const struct c_lower *l, uint32_t n);

/* ---- lower_c_type.c ---- */

bool c_types_init(struct c_lower *l);
void c_types_free(struct c_lower *l);
uint32_t c_type_add(struct c_lower *l, enum c_type_kind kind, uint32_t of, uint32_t n);
static inline const struct c_type *c_type(const struct c_lower *l, uint32_t type)
{
    return &l->type.items[type];
}
static inline bool c_type_is(const struct c_lower *l, uint32_t type, enum c_type_kind kind)
{
    return c_type(l, type)->kind == kind;
}
uint32_t c_points_to(const struct c_lower *l, uint32_t type);   /* or element of; C_UNKNOWN */
uint16_t c_sign_flags(const struct c_lower *l, uint32_t type);  /* HUNCH_OP_IS_SIGNED, ... */
uint16_t c_value_flags(const struct c_lower *l, uint32_t type); /* HUNCH_OP_IS_NUMBER, ... */
bool c_sizeof(const struct c_lower *l, uint32_t type, uint64_t *size);

struct c_symbol *c_find(const struct c_lower *l, uint32_t name, enum c_space space);
/* Declared in the scope that is open; NULL: no memory. Valid until the next one. */
struct c_symbol *c_declare(struct c_lower *l, uint32_t name, enum c_space space,
                           enum c_symbol_kind kind);
uint32_t c_scope_open(struct c_lower *l); /* returns what closes it */
void c_scope_close(struct c_lower *l, uint32_t mark);

struct c_specifiers {
    uint32_t type;
    bool is_static, is_extern, is_const, is_typedef;
};
/* Of a declaration, a parameter, a field, a type name, ... */
struct c_specifiers c_specifiers(struct c_lower *l, uint32_t n);

struct c_declarator {
    uint32_t name_node, name; /* NONE, 0: none */
    uint32_t type;
    uint32_t parameters; /* the parameter_list of the function that it declares, or NONE */
    uint32_t size_node;  /* of an array, where it is no constant; or NONE */
    bool is_const;       /* the place itself */
};
/* `n` may be HUNCH_NONE. */
struct c_declarator c_declarator(struct c_lower *l, uint32_t n, struct c_specifiers base);
uint32_t c_specified(struct c_lower *l, uint32_t n); /* of one type specifier */
uint32_t c_type_name(struct c_lower *l, uint32_t n); /* of a type_descriptor */

/* Steps from an aggregate to its field of that name, outermost first; 0: it has none. */
struct c_step {
    uint32_t name, type; /* of the field; a union's are called "" */
};
enum { C_STEPS_MOST = 8 };
int c_field_find(struct c_lower *l, uint32_t aggregate, uint32_t name,
                 struct c_step step[C_STEPS_MOST]);
/* The field of the aggregate itself through which that goes, or NONE. */
uint32_t c_field_outer(struct c_lower *l, uint32_t aggregate, uint32_t name);
/* The step to a field that is known. */
struct c_step c_field_step(struct c_lower *l, uint32_t aggregate, uint32_t field);

/* ---- lower_c_constant.c ---- */

bool c_number(const char *text, uint32_t size, int64_t *value); /* false: a float, or none */
int64_t c_character(const char *text, uint32_t size);           /* with its quotes */
/* Does a shift to the right by a constant leave no more than 8 bits of it? */
bool c_leaves_few_bits(const struct c_lower *l, struct c_value of, struct c_value by);
/* The value of an expression where it is an integer constant; does nothing else. */
bool c_constant(struct c_lower *l, uint32_t n, int64_t *value);
/* sizeof and _Alignof: a constant where the file shows it. */
struct c_value c_sized(struct c_lower *l, uint32_t n);
/* The bytes of string literals, one after another, as a name. */
uint32_t c_string(struct c_lower *l, uint32_t n);

/* ---- lower_c_expr.c ---- */

uint32_t c_op(struct c_lower *l, enum hunch_op_kind kind, uint32_t n, uint32_t a, uint32_t b);
uint32_t c_const(struct c_lower *l, uint32_t n, int64_t value);
struct c_value c_rvalue(struct c_lower *l, uint32_t n);
struct c_value c_address(struct c_lower *l, uint32_t n);
void c_effect(struct c_lower *l, uint32_t n); /* its value is not wanted */
void c_condition(struct c_lower *l, uint32_t n, uint32_t yes, uint32_t no);
struct c_value c_load(struct c_lower *l, struct c_value address, uint32_t n);
/* value is what n gave. Null pointers are told from zeros here. */
struct c_value c_store(struct c_lower *l, struct c_value address, struct c_value value, uint32_t n,
                       uint16_t flags);
struct c_value c_converted(struct c_lower *l, struct c_value value, uint32_t type);
struct c_value c_variable(struct c_lower *l, const struct c_symbol *symbol, uint32_t n);
struct c_value c_temporary(struct c_lower *l, uint32_t type, uint32_t n);
struct c_value c_step_to(struct c_lower *l, struct c_value base, struct c_step step, uint32_t n);

struct c_value c_named(struct c_lower *l, uint32_t n); /* an identifier's place, or function */
struct c_value c_unknown(struct c_lower *l, uint32_t n);

/* ---- lower_c_call.c ---- */

struct c_value c_call(struct c_lower *l, uint32_t n);

/* ---- lower_c_init.c ---- */

/* Stores what an initialiser gives into a variable that `again` gives the address of. */
void c_initialise(struct c_lower *l, struct c_value address, uint32_t value_node);
/* A type's size by its initialiser: char a[] = "x". */
uint32_t c_completed(struct c_lower *l, uint32_t type, uint32_t value_node);

/* ---- lower_c_stmt.c ---- */

void c_body(struct c_lower *l, uint32_t compound); /* of a function, in a scope that is open */
/* ({ … }): the value of its last expression. */
struct c_value c_block_value(struct c_lower *l, uint32_t compound);
void c_statements(struct c_lower *l, uint32_t n); /* what stands in a block that an error broke */

/* ---- lower_c.c ---- */

/* A declaration in a block: variables, with their initialisers as one statement. */
void c_declaration(struct c_lower *l, uint32_t n, enum hunch_stmt_kind kind);
void c_type_definition(struct c_lower *l, uint32_t n);
void c_tag(struct c_lower *l, uint32_t n); /* struct x { … }; alone */
/* A statement; node n is its expression (HUNCH_NONE: it has none), line_node where it begins. */
uint32_t c_stmt(struct c_lower *l, enum hunch_stmt_kind kind, uint32_t n, uint32_t line_node);
uint32_t c_stmt_in(struct c_lower *l, enum hunch_stmt_kind kind, uint32_t n, uint32_t line_node,
                   uint32_t block);

#endif
