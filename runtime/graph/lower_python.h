/* lower_python.h: what the files of the Python front end share: kinds of nodes, scopes and the
 * state of one file. lower_python.c files, functions and classes, lower_python_scope.c which name
 * is what, lower_python_stmt.c statements, lower_python_try.c try and match, lower_python_expr.c
 * values, lower_python_bound.c what the parser gets, lower_python_make.c what makes objects,
 * lower_python_call.c calls, lower_python_place.c what is assigned to. docs/GRAPH.md says what
 * becomes of what.
 */
#ifndef HUNCH_GRAPH_LOWER_PYTHON_H
#define HUNCH_GRAPH_LOWER_PYTHON_H

#include "graph/build.h"
#include "graph/flow.h"
#include "graph/lower.h"
#include "graph/tree.h"

/* ---- the grammar's names ---- */

/* clang-format off */
#define HUNCH_PY_KINDS(X)                                                                       \
    X(module) X(block) X(expression_statement) X(assignment) X(augmented_assignment)            \
    X(function_definition) X(class_definition) X(decorated_definition) X(decorator)             \
    X(if_statement) X(elif_clause) X(else_clause) X(for_statement) X(while_statement)           \
    X(try_statement) X(except_clause) X(except_group_clause) X(finally_clause)                  \
    X(with_statement) X(with_clause) X(with_item) X(match_statement) X(case_clause)             \
    X(case_pattern) X(as_pattern) X(as_pattern_target) X(union_pattern) X(dict_pattern)         \
    X(class_pattern) X(keyword_pattern) X(splat_pattern) X(complex_pattern) X(if_clause)        \
    X(import_statement) X(import_from_statement) X(future_import_statement) X(aliased_import)   \
    X(dotted_name) X(relative_import) X(import_prefix) X(wildcard_import) X(global_statement)   \
    X(nonlocal_statement) X(return_statement) X(raise_statement) X(assert_statement)            \
    X(delete_statement) X(break_statement) X(continue_statement) X(pass_statement)              \
    X(print_statement) X(exec_statement) X(type_alias_statement) X(parameters)                  \
    X(lambda_parameters) X(default_parameter) X(typed_parameter) X(typed_default_parameter)     \
    X(list_splat_pattern) X(dictionary_splat_pattern) X(tuple_pattern) X(list_pattern)          \
    X(pattern_list) X(expression_list) X(keyword_separator) X(positional_separator)             \
    X(identifier) X(attribute) X(subscript) X(slice) X(call) X(argument_list)                   \
    X(keyword_argument) X(list_splat) X(dictionary_splat) X(parenthesized_list_splat)           \
    X(parenthesized_expression) X(binary_operator) X(unary_operator) X(boolean_operator)        \
    X(not_operator) X(comparison_operator) X(conditional_expression) X(named_expression)        \
    X(lambda) X(await) X(yield) X(list) X(tuple) X(set) X(dictionary) X(pair)                   \
    X(list_comprehension) X(set_comprehension) X(dictionary_comprehension)                      \
    X(generator_expression) X(for_in_clause) X(string) X(concatenated_string)                   \
    X(string_start) X(string_content) X(string_end) X(interpolation) X(format_specifier)        \
    X(format_expression) X(integer) X(float) X(true) X(false) X(none) X(ellipsis) X(type)

#define HUNCH_PY_FIELDS(X)                                                                      \
    X(name) X(body) X(parameters) X(superclasses) X(definition) X(condition) X(consequence)     \
    X(alternative) X(left) X(right) X(operator) X(operators) X(type) X(function) X(arguments)   \
    X(object) X(attribute) X(value) X(subscript) X(key) X(argument) X(module_name) X(alias)     \
    X(expression) X(guard) X(subject) X(code) X(cause)
/* clang-format on */

enum {
    K_NONE,
#define X(name) K_##name,
    HUNCH_PY_KINDS(X)
#undef X
};

enum {
    F_NONE,
#define X(name) F_##name,
    HUNCH_PY_FIELDS(X)
#undef X
};

/* ---- scopes ---- */

enum py_scope_kind { PY_MODULE, PY_FUNCTION, PY_CLASS };

struct py_scope {
    uint8_t kind;    /* enum py_scope_kind; a lambda is a function */
    bool yields;     /* a generator */
    bool of_class;   /* its first parameter is the class: @classmethod */
    bool is_static;  /* of a class, without a parameter for the object: @staticmethod */
    bool is_value;   /* @property: reading the attribute calls it */
    uint32_t node;   /* of the definition */
    uint32_t parent; /* HUNCH_NONE: none */
    uint32_t name;   /* "f", "Class.method", "f.inner"; of the module 0 */
    uint32_t lambdas;
};

enum {
    PY_IS_IMPORT = 1,   /* target: the dotted name that it stands for */
    PY_IS_FUNCTION = 2, /* scope: its own, as of a class */
    PY_IS_CLASS = 4,
    PY_IS_GLOBAL = 8, /* said to be of the module */
    PY_IS_NONLOCAL = 16,
    PY_IS_CAPTURED = 32, /* an inner function reads or writes it: a place beyond the function */
    PY_IS_PARAMETER = 64
};

/* A name that a scope binds. */
struct py_binding {
    uint32_t scope_in, name;
    uint32_t flags;
    uint32_t target, scope;
    uint32_t value;    /* the node that is assigned; of several the last */
    uint32_t assigned; /* how many times */
    uint32_t var;      /* of the function that is lowered, or HUNCH_NONE */
};

/* What a name means. */
enum py_meaning_kind { PY_VAR, PY_NAME, PY_IMPORTED, PY_FREE };
struct py_meaning {
    enum py_meaning_kind kind;
    uint32_t at;                      /* VAR: its index; else the name beyond the function */
    const struct py_binding *binding; /* or NULL; valid until the next name is bound */
};

/* A variable of a comprehension, in front of all scopes. */
struct py_inner {
    uint32_t name, var;
};

/* What a jump leaves: innermost first. */
struct py_frame {
    struct py_frame *outer;
    uint32_t handler; /* block of what catches, or NONE */
    uint32_t finally; /* node, or NONE */
    bool is_loop;
    uint32_t on_break, on_continue; /* blocks */
};

struct py_lower {
    const struct hunch_allocator *a;
    struct hunch_graph_file *file;
    const struct hunch_graph_source *source;
    struct hunch_tree tree;
    struct hunch_name_set *names;
    HUNCH_VEC(struct py_scope) scope; /* the first is the module */
    HUNCH_VEC(struct py_binding) binding;
    struct hunch_key_map bound; /* scope, name -> binding */
    HUNCH_VEC(struct py_inner) inner;
    HUNCH_VEC(uint32_t) value; /* of arguments and elements that are being evaluated */
    HUNCH_VEC(char) text;      /* a name that is put together */
    struct hunch_builder *b;   /* that grows */
    uint32_t scope_now;        /* of the function, or of a class in it */
    uint32_t function_now;     /* scope of the function */
    uint32_t yielded;          /* variable that holds what a generator gives, or NONE */
    uint32_t loop;             /* statement */
    struct py_frame *frame;
    bool failed;
};

/* ---- nodes ---- */

static inline const struct hunch_node *py_node(const struct py_lower *l, uint32_t n)
{
    return &l->tree.node.items[n];
}
static inline uint32_t py_child(const struct py_lower *l, uint32_t n, int field)
{
    return n == HUNCH_NONE ? HUNCH_NONE : hunch_tree_child(&l->tree, n, (uint8_t)field);
}
static inline bool py_kind(const struct py_lower *l, uint32_t n, uint16_t kind)
{
    return n != HUNCH_NONE && py_node(l, n)->kind == kind;
}
static inline const char *py_text(const struct py_lower *l, uint32_t n)
{
    return (const char *)l->tree.text + py_node(l, n)->begin;
}
static inline uint32_t py_size(const struct py_lower *l, uint32_t n)
{
    return py_node(l, n)->end - py_node(l, n)->begin;
}
static inline struct hunch_extent py_span(const struct py_lower *l, uint32_t n)
{
    return (struct hunch_extent){py_node(l, n)->begin, py_node(l, n)->end};
}
bool py_is(const struct py_lower *l, uint32_t n, const char *text);
/* A node of the language, not a token; `lambda`, `await` and `yield` are words, too. */
bool py_is_named(const struct py_lower *l, uint32_t n);
uint32_t py_named(const struct py_lower *l, uint32_t n,
                  uint32_t index);                      /* child, from 0, or NONE */
uint32_t py_bare(const struct py_lower *l, uint32_t n); /* without parentheses */
uint32_t py_name(struct py_lower *l, uint32_t n);       /* of its text */
uint32_t py_join(struct py_lower *l, uint32_t left, const char *between, uint32_t right);
uint32_t py_line(const struct py_lower *l, uint32_t offset);
void py_fail(struct py_lower *l);
void py_fault(struct py_lower *l, uint32_t function, uint32_t line, const char *reason);

/* ---- lower_python_bound.c ---- */

/* Leaves ends of pieces in l->value; the text without what is too large, or NULL: as it is. */
uint8_t *py_pieces(struct py_lower *l);

/* ---- lower_python_scope.c ---- */

bool py_scopes(struct py_lower *l); /* of the whole file */
struct py_binding *py_bound(const struct py_lower *l, uint32_t scope, uint32_t name);
struct py_meaning py_meaning(struct py_lower *l, uint32_t name);
/* The function of a class, or of a base of it that the file shows, that is called so; or NONE. */
uint32_t py_method(struct py_lower *l, uint32_t scope, uint32_t name);
/* May one of the file's classes that derive from it have another? */
bool py_is_overridden(struct py_lower *l, uint32_t scope, uint32_t name);
/* The scope of the class that an expression names, or NONE; *dotted its name, 0: not known. */
uint32_t py_class_of(struct py_lower *l, uint32_t n, uint32_t *dotted);
uint32_t py_base(struct py_lower *l, uint32_t scope, uint32_t index); /* node, or NONE */
uint32_t py_scope_of(const struct py_lower *l, uint32_t n);           /* of a definition, or NONE */
/* The class of which a function is a method, or NONE. */
uint32_t py_own_class(const struct py_lower *l, uint32_t function);
/* a.b.c that begins with what is imported, a class or a name that nobody defines: its full name. */
bool py_dotted(struct py_lower *l, uint32_t n, uint32_t *name);

/* ---- lower_python_expr.c ---- */

uint32_t py_op(struct py_lower *l, enum hunch_op_kind kind, uint32_t n, uint32_t a, uint32_t b);
uint32_t py_binary(struct py_lower *l, enum hunch_operator o, uint32_t n, uint32_t a, uint32_t b);
uint32_t py_const(struct py_lower *l, uint32_t n, int64_t value);
uint32_t py_unknown(struct py_lower *l, uint32_t n);
uint32_t py_value(struct py_lower *l, uint32_t n); /* NONE as a node: None */
void py_condition(struct py_lower *l, uint32_t n, uint32_t yes, uint32_t no);
/* A call of a name with these values. */
uint32_t py_call_name(struct py_lower *l, uint32_t n, const char *name, const uint32_t *value,
                      uint32_t count);
uint32_t py_temporary(struct py_lower *l, uint32_t n);
uint32_t py_variable(struct py_lower *l, uint32_t n, uint32_t var); /* its address */
uint32_t py_load(struct py_lower *l, uint32_t n, uint32_t address);
void py_store(struct py_lower *l, uint32_t n, uint32_t address, uint32_t value);
uint32_t py_element(struct py_lower *l, uint32_t n, uint32_t container); /* any of it: its value */
uint32_t py_compare(struct py_lower *l, uint32_t n, uint32_t operator, uint32_t a, uint32_t b);
uint32_t py_plus(struct py_lower *l, uint32_t n, uint32_t operator, uint32_t a, uint32_t b);
/* A branch of which nothing is known. */
void py_maybe(struct py_lower *l, uint32_t n, uint32_t yes, uint32_t no);

/* ---- lower_python_make.c ---- */

uint32_t py_string(struct py_lower *l, uint32_t n);
uint32_t py_object(struct py_lower *l, uint32_t n); /* [], (), {}, {…: …} */
uint32_t py_comprehension(struct py_lower *l, uint32_t n);
bool py_is_constant(const struct py_lower *l, uint32_t n);
/* "[key]" where the key is a constant, or 0. */
uint32_t py_key(struct py_lower *l, uint32_t n);
uint32_t py_position(struct py_lower *l, uint32_t index);

/* ---- lower_python_call.c ---- */

uint32_t py_call(struct py_lower *l, uint32_t n);
uint32_t py_super(struct py_lower *l, uint32_t n); /* the base's name where n is super(), or 0 */
/* The file's class of what an expression is an object of, or NONE. */
uint32_t py_receiver(struct py_lower *l, uint32_t n);

/* ---- lower_python_place.c ---- */

void py_assign(struct py_lower *l, uint32_t target, uint32_t value);
void py_assign_node(struct py_lower *l, uint32_t target, uint32_t value_node);
uint32_t py_assignment(struct py_lower *l, uint32_t n); /* of any kind: its value */
uint32_t py_address(struct py_lower *l, uint32_t n);    /* of a name, an attribute, an element */
void py_assign_name(struct py_lower *l, uint32_t n, uint32_t name, uint32_t value);

/* ---- lower_python_stmt.c, lower_python_try.c ---- */

void py_statements(struct py_lower *l, uint32_t n);
void py_statement(struct py_lower *l, uint32_t n);
uint32_t py_stmt(struct py_lower *l, enum hunch_stmt_kind kind, uint32_t n, uint32_t line_node);
void py_return(struct py_lower *l, uint32_t n, uint32_t value);
/* Runs what stands in `finally` between here and a frame (not its own). */
void py_leave(struct py_lower *l, struct py_frame *to);
void py_raise(struct py_lower *l);
void py_try(struct py_lower *l, uint32_t n);
void py_match(struct py_lower *l, uint32_t n);

/* ---- lower_python.c ---- */

void py_function_value(struct py_lower *l,
                       uint32_t n); /* def: defaults and decorators, as it runs */
void py_class_body(struct py_lower *l, uint32_t n);
bool py_decorated(const struct py_lower *l, uint32_t definition, const char *name);

#endif
