/* lower_javascript.h: what the files of the JavaScript front end share: kinds of nodes, functions,
 * names in scope and the state of one file. lower_javascript.c a file and its functions,
 * lower_javascript_scope.c what is declared where, lower_javascript_resolve.c what names mean,
 * lower_javascript_text.c what the parser gets, lower_javascript_name.c dotted
 * names and modules, lower_javascript_stmt.c statements, lower_javascript_expr.c values and places,
 * lower_javascript_call.c calls, lower_javascript_pattern.c destructuring and literals.
 *
 * A variable that an inner function names is a place beyond functions, a global of the file; others
 * are variables of their function. Each function, and the file's own code, becomes one function.
 */
#ifndef HUNCH_GRAPH_LOWER_JAVASCRIPT_H
#define HUNCH_GRAPH_LOWER_JAVASCRIPT_H

#include "graph/build.h"
#include "graph/flow.h"
#include "graph/lower.h"
#include "graph/tree.h"

/* ---- the grammar's names ---- */

/* clang-format off */
#define HUNCH_JS_KINDS(X)                                                                        \
    X(program) X(export_statement) X(export_clause) X(export_specifier) X(namespace_export)      \
    X(import) X(import_statement) X(import_clause) X(namespace_import) X(named_imports)          \
    X(import_specifier) X(expression_statement) X(variable_declaration) X(lexical_declaration)   \
    X(variable_declarator) X(statement_block) X(else_clause) X(if_statement) X(switch_statement) \
    X(switch_body) X(switch_case) X(switch_default) X(for_statement) X(for_in_statement)         \
    X(while_statement) X(do_statement) X(try_statement) X(catch_clause) X(finally_clause)        \
    X(with_statement) X(break_statement) X(continue_statement) X(debugger_statement)             \
    X(return_statement) X(throw_statement) X(empty_statement) X(labeled_statement)               \
    X(statement_identifier) X(parenthesized_expression) X(sequence_expression)                   \
    X(yield_expression) X(object) X(object_pattern) X(assignment_pattern)                        \
    X(object_assignment_pattern) X(array) X(array_pattern) X(rest_pattern) X(pair)               \
    X(pair_pattern) X(shorthand_property_identifier) X(shorthand_property_identifier_pattern)    \
    X(jsx_element) X(jsx_self_closing_element) X(jsx_expression) X(class) X(class_declaration)   \
    X(class_body) X(class_heritage) X(class_static_block) X(field_definition)                    \
    X(method_definition) X(function_expression) X(function_declaration) X(generator_function)    \
    X(generator_function_declaration) X(arrow_function) X(formal_parameters)                     \
    X(call_expression) X(new_expression) X(await_expression) X(member_expression)                \
    X(subscript_expression) X(assignment_expression) X(augmented_assignment_expression)          \
    X(spread_element) X(ternary_expression) X(binary_expression) X(unary_expression)             \
    X(update_expression) X(string) X(template_string) X(template_substitution) X(regex)          \
    X(number) X(identifier) X(private_property_identifier) X(property_identifier)                \
    X(computed_property_name) X(meta_property) X(this) X(super) X(true) X(false) X(null)         \
    X(undefined) X(optional_chain) X(arguments) X(decorator)

#define HUNCH_JS_FIELDS(X)                                                                       \
    X(alias) X(alternative) X(argument) X(arguments) X(body) X(condition) X(consequence)         \
    X(constructor) X(declaration) X(finalizer) X(function) X(handler) X(increment) X(index)      \
    X(initializer) X(key) X(kind) X(label) X(left) X(member) X(name) X(object) X(operator)       \
    X(parameter) X(parameters) X(property) X(right) X(source) X(value) X(decorator)
/* clang-format on */

enum {
    K_NONE,
#define X(name) K_##name,
    HUNCH_JS_KINDS(X)
#undef X
};

enum {
    F_NONE,
#define X(name) F_##name,
    HUNCH_JS_FIELDS(X)
#undef X
};

/* ---- functions and names ---- */

struct js_function {
    uint32_t node;       /* of the function, of the class whose constructor it is, or the program */
    uint32_t parameters; /* formal_parameters, one identifier, or NONE */
    uint32_t body;       /* a block, an expression, or NONE */
    uint32_t parent;     /* or NONE */
    uint32_t scope;      /* of its parameters and its body */
    uint32_t name;
    uint32_t class;    /* CONSTRUCTOR: of which; else NONE */
    uint32_t of_class; /* a method: of which; else NONE */
    uint32_t key;      /* of its name in the class; 0: static, or none */
    uint32_t self;     /* symbol of `this`, or NONE */
    uint32_t error;    /* the first node of it that is an error, or NONE */
    bool is_arrow;
    bool is_method;      /* called as a field of something */
    bool is_constructor; /* makes `this`, and gives it back */
    bool is_generator;
    bool is_top; /* declared by the file itself */
    bool is_deep;
    uint32_t hoisted, next; /* functions of it that are variables, too; the next of its parent */
};

enum js_symbol_kind {
    S_VARIABLE,
    S_FUNCTION, /* function `index` of the file */
    S_IMPORT,   /* what an import statement names: alias or module */
    S_THIS
};

struct js_symbol {
    uint8_t kind;
    bool is_captured;  /* an inner function names it */
    bool is_resolving; /* its alias is being looked for */
    bool is_resolved;
    bool is_object;                 /* an object that is a place of its own: the place `global` */
    uint32_t name, scope, function; /* in which function it is */
    uint32_t node;                  /* that declares it */
    uint32_t value;                 /* the initialiser, or NONE */
    uint32_t pattern; /* where it stands in a pattern: the pattern that the initialiser gives */
    uint32_t writes;  /* assignments and declarations beyond the first */
    uint32_t index;   /* FUNCTION: of the file's; VARIABLE: of its function's, or NONE as yet */
    uint32_t global;  /* the name of its place beyond functions, 0: none as yet */
    uint32_t settles; /* the global that holds what it is called with: `resolve` of a promise; 0 */
    uint32_t alias;   /* the dotted name that it stands for, 0: none */
    uint32_t module;  /* the module of the tree that it stands for, or a field of that; 0 */
    uint32_t field;   /* of the module, 0: the module itself */
};

struct js_scope {
    uint32_t parent, function;
};

/* Where a jump out of try … finally goes when the block of finally has run. */
struct js_finally {
    struct js_finally *outer;
    uint32_t block;
    HUNCH_VEC(uint32_t) to; /* blocks */
    uint32_t result;        /* variable: what is returned, or NONE: nothing is */
};

struct js_target {
    uint32_t label;                 /* its name, 0: none */
    uint32_t on_break, on_continue; /* blocks; on_continue NONE: no loop */
    struct js_finally *finally;
};

struct js_lower {
    const struct hunch_allocator *a;
    struct hunch_graph_file *file;
    const struct hunch_graph_source *source;
    struct hunch_tree tree;
    struct hunch_name_set *names;
    HUNCH_VEC(struct js_function) function;
    HUNCH_VEC(struct js_symbol) symbol;
    HUNCH_VEC(struct js_scope) scope;
    struct hunch_key_map declared; /* scope, name -> symbol */
    struct hunch_key_map taken;    /* names of functions and globals */
    HUNCH_VEC(uint32_t) times;     /* how often each of them was wanted */
    uint32_t hint_node, hint;      /* a function or class, and what it is called */
    bool hint_method;
    uint32_t owner; /* what the object literal whose parts are looked at is given to, 0: unknown */
    uint32_t *of;   /* by node: its scope, function or symbol, else NONE */
    bool is_module; /* it imports or exports: what it declares is its own */
    bool has_exports;
    uint32_t module; /* the name of its own exports */
    uint32_t depth;  /* of the search for an alias */
    /* the function that is lowered */
    struct hunch_builder builder, *b;
    uint32_t at; /* its number */
    uint32_t loop;
    uint32_t thrown;    /* block that catches, or NONE */
    uint32_t error;     /* variable of what is caught, or NONE */
    uint32_t generated; /* variable: what a generator gives, or NONE */
    struct js_finally *finally;
    HUNCH_VEC(struct js_target) target;
    uint32_t label; /* of the statement that is next, 0: none */
    HUNCH_VEC(uint32_t) arguments;
    HUNCH_VEC(char) text;
    const char *fault;
    bool failed;
};

static inline const struct hunch_node *js_node(const struct js_lower *l, uint32_t n)
{
    return &l->tree.node.items[n];
}
static inline uint16_t js_kind(const struct js_lower *l, uint32_t n)
{
    return n == HUNCH_NONE ? K_NONE : l->tree.node.items[n].kind;
}
static inline uint32_t js_child(const struct js_lower *l, uint32_t n, int field)
{
    return hunch_tree_child(&l->tree, n, (uint8_t)field);
}
static inline const char *js_text(const struct js_lower *l, uint32_t n)
{
    return (const char *)l->tree.text + js_node(l, n)->begin;
}
static inline uint32_t js_size(const struct js_lower *l, uint32_t n)
{
    return js_node(l, n)->end - js_node(l, n)->begin;
}
static inline void js_fail(struct js_lower *l)
{
    l->failed = true;
}

bool js_is(const struct js_lower *l, uint32_t n, const char *text);
uint32_t js_name(struct js_lower *l, uint32_t n); /* of a node's text */
uint32_t js_literal(struct js_lower *l, const char *text);
uint32_t js_line(const struct js_lower *l, uint32_t offset);
uint32_t js_first_named(const struct js_lower *l, uint32_t n); /* the first child, or NONE */
uint32_t js_bare(const struct js_lower *l, uint32_t n);        /* without parentheses */
bool js_is_function(uint16_t kind);

/* ---- lower_javascript_text.c ---- */

/* Where text was taken away for the first time. */
struct js_cut {
    bool is_there;
    uint32_t at;
};
struct js_bound_memory {
    _Alignas(8) uint8_t bytes[HUNCH_GRAPH_DEPTH_MOST * 16 + 256];
};
/* Makes white space of what the parser could not bear. */
void js_bound(uint8_t *text, uint32_t size, struct js_cut *deep, struct js_cut *large,
              struct js_bound_memory *memory);

/* ---- lower_javascript_scope.c ---- */

void js_declare_file(struct js_lower *l);
struct js_symbol *js_find(struct js_lower *l, uint32_t scope, uint32_t name); /* or NULL */
/* Twice in one scope makes it a variable that is written. NULL: no memory. */
struct js_symbol *js_declare(struct js_lower *l, uint32_t scope, uint32_t node, uint32_t name,
                             enum js_symbol_kind kind);
bool js_has_word(const struct js_lower *l, uint32_t n, const char *word); /* before name and body */

/* ---- lower_javascript_resolve.c ---- */

/* Finds all functions, scopes, symbols and what names mean. */
void js_resolve(struct js_lower *l);
/* What an identifier means, or NULL: nobody declares it. */
struct js_symbol *js_symbol_of(struct js_lower *l, uint32_t n);
/* A name that no other function or global of the file has. */
uint32_t js_unique(struct js_lower *l, uint32_t name);
/* The name of its place beyond functions; it is one of the file's from now on. */
uint32_t js_global(struct js_lower *l, struct js_symbol *symbol);
void js_add_global(struct js_lower *l, uint32_t name, uint32_t node, bool is_static);

/* ---- lower_javascript_name.c ---- */

/* The dotted name that an expression stands for: a chain that begins at an import of a package or
 * at a name that nobody declares. 0: none. */
uint32_t js_dotted(struct js_lower *l, uint32_t n);
/* The name of the exports of the module of the tree that an expression stands for, 0: none. */
uint32_t js_module(struct js_lower *l, uint32_t n, uint32_t *field);
bool js_is_exports(struct js_lower *l, uint32_t n); /* module.exports, exports */
/* "x" and `x`: the name of what it says; 0: it is no such thing, or empty. */
uint32_t js_string(struct js_lower *l, uint32_t n);
/* Its alias and module are known from now on. */
void js_find_alias(struct js_lower *l, struct js_symbol *symbol);
uint32_t js_module_name(struct js_lower *l, const char *path, size_t size, bool is_own);
uint32_t js_package_name(struct js_lower *l, const char *path, size_t size);
bool js_is_relative(const char *path, size_t size);

/* ---- lower_javascript_expr.c ---- */

uint32_t js_op(struct js_lower *l, enum hunch_op_kind kind, uint32_t n, uint32_t a, uint32_t b);
uint32_t js_binary(struct js_lower *l, enum hunch_operator sub, uint32_t n, uint32_t a, uint32_t b);
uint32_t js_const(struct js_lower *l, uint32_t n, int64_t value);
uint32_t js_unknown(struct js_lower *l, uint32_t n);
uint32_t js_load(struct js_lower *l, uint32_t n, uint32_t address);
uint32_t js_store(struct js_lower *l, uint32_t n, uint32_t address, uint32_t value);
uint32_t js_temporary(struct js_lower *l, uint32_t n);                   /* the variable */
uint32_t js_variable(struct js_lower *l, uint32_t n, uint32_t variable); /* its address */
uint32_t js_field(struct js_lower *l, uint32_t n, uint32_t object, const char *name);
/* A call of something that is known by name; no more than 4 arguments. */
uint32_t js_call_name(struct js_lower *l, uint32_t n, const char *name, const uint32_t *argument,
                      uint32_t count);
uint32_t js_value(struct js_lower *l, uint32_t n); /* n may be NONE: undefined */
void js_effect(struct js_lower *l, uint32_t n);
void js_condition(struct js_lower *l, uint32_t n, uint32_t yes, uint32_t no);
/* To either: nobody knows which. */
void js_either(struct js_lower *l, uint32_t n, uint32_t one, uint32_t other);
uint32_t js_address(struct js_lower *l, uint32_t n); /* of a name, a member, an element */
uint32_t js_symbol_address(struct js_lower *l, struct js_symbol *symbol, uint32_t n);
uint32_t js_symbol_value(struct js_lower *l, struct js_symbol *symbol, uint32_t n);
uint32_t js_key(struct js_lower *l, uint32_t n); /* a property's name, 0: it is computed */

/* ---- lower_javascript_call.c ---- */

uint32_t js_call(struct js_lower *l, uint32_t n);
uint32_t js_new(struct js_lower *l, uint32_t n);
/* Calls the value with arguments that are in l->arguments from `first` on, which are taken off. */
uint32_t js_call_value(struct js_lower *l, uint32_t n, uint32_t callee, size_t first,
                       bool receives);
void js_argument(struct js_lower *l, uint32_t value);

/* ---- lower_javascript_pattern.c ---- */

/* What `value` holds goes where the pattern, name, member or element says. */
void js_assign(struct js_lower *l, uint32_t target, uint32_t value);
uint32_t js_object(struct js_lower *l, uint32_t n);
void js_object_into(struct js_lower *l, uint32_t n, uint32_t address);
uint32_t js_array(struct js_lower *l, uint32_t n);
uint32_t js_class(struct js_lower *l, uint32_t n); /* its value */
void js_class_fields(struct js_lower *l, uint32_t class, bool is_static);
/* What is stored in all of `from` is stored in `to`, too. */
void js_copy_fields(struct js_lower *l, uint32_t n, uint32_t to, uint32_t from);

/* ---- lower_javascript_stmt.c ---- */

uint32_t js_stmt(struct js_lower *l, enum hunch_stmt_kind kind, uint32_t n, uint32_t line_node);
void js_statements(struct js_lower *l, uint32_t n);
void js_leave(struct js_lower *l, uint32_t n, uint32_t value); /* return */
void js_export(struct js_lower *l, uint32_t n, uint32_t node); /* module.exports = node */

#endif
