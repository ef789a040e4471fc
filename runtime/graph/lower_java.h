/* lower_java.h: what the files of the Java front end share: kinds of nodes, classes, functions,
 * names in scope and the state of one file. lower_java.c a file and its functions,
 * lower_java_class.c what classes declare, lower_java_scope.c what is declared where,
 * lower_java_type.c what names of types and fields mean, lower_java_text.c what the parser gets,
 * lower_java_stmt.c statements, lower_java_try.c try and switch, lower_java_expr.c values,
 * lower_java_place.c names, fields and elements, lower_java_call.c calls and what makes objects,
 * lower_java_init.c what fields begin with.
 * docs/GRAPH.md says what becomes of what.
 *
 * Methods, constructors and lambdas become functions. A local variable that a lambda or an inner
 * class names is a place beyond functions, a global of the file; others are variables.
 */
#ifndef HUNCH_GRAPH_LOWER_JAVA_H
#define HUNCH_GRAPH_LOWER_JAVA_H

#include "graph/build.h"
#include "graph/flow.h"
#include "graph/lower.h"
#include "graph/tree.h"

/* ---- the grammar's names ---- */

/* clang-format off */
#define HUNCH_JV_KINDS(X)                                                                        \
    X(program) X(import_declaration) X(asterisk) X(scoped_identifier) X(class_declaration)       \
    X(interface_declaration) X(enum_declaration) X(record_declaration)                           \
    X(annotation_type_declaration) X(class_body) X(interface_body) X(enum_body)                  \
    X(enum_body_declarations) X(annotation_type_body) X(annotation) X(marker_annotation) X(enum_constant) X(field_declaration)      \
    X(constant_declaration) X(method_declaration) X(constructor_declaration)                     \
    X(compact_constructor_declaration) X(constructor_body) X(static_initializer)                 \
    X(explicit_constructor_invocation) X(superclass) X(super_interfaces) X(extends_interfaces)   \
    X(type_list) X(modifiers) X(formal_parameters) X(formal_parameter) X(spread_parameter)       \
    X(receiver_parameter) X(inferred_parameters) X(variable_declarator) X(dimensions)            \
    X(dimensions_expr) X(type_identifier) X(scoped_type_identifier) X(generic_type)              \
    X(array_type) X(annotated_type) X(integral_type) X(floating_point_type) X(boolean_type)      \
    X(void_type) X(block) X(expression_statement) X(local_variable_declaration) X(if_statement)  \
    X(while_statement) X(do_statement) X(for_statement) X(enhanced_for_statement)                \
    X(labeled_statement) X(break_statement) X(continue_statement) X(return_statement)            \
    X(throw_statement) X(yield_statement) X(assert_statement) X(synchronized_statement)          \
    X(try_statement) X(try_with_resources_statement) X(resource_specification) X(resource)       \
    X(catch_clause) X(catch_formal_parameter) X(catch_type) X(finally_clause)                    \
    X(switch_expression) X(switch_block) X(switch_block_statement_group) X(switch_rule)          \
    X(switch_label) X(guard) X(pattern) X(type_pattern) X(record_pattern)                        \
    X(record_pattern_body) X(record_pattern_component) X(identifier) X(this) X(super)            \
    X(parenthesized_expression) X(assignment_expression) X(binary_expression)                    \
    X(unary_expression) X(update_expression) X(ternary_expression) X(cast_expression)            \
    X(instanceof_expression) X(lambda_expression) X(method_reference) X(method_invocation)       \
    X(object_creation_expression) X(array_creation_expression) X(array_initializer)              \
    X(array_access) X(field_access) X(class_literal) X(argument_list) X(string_literal)          \
    X(template_expression) X(string_interpolation) X(string_fragment)                            \
    X(multiline_string_fragment) X(escape_sequence) X(character_literal)                         \
    X(decimal_integer_literal) X(hex_integer_literal) X(octal_integer_literal)                   \
    X(binary_integer_literal) X(decimal_floating_point_literal) X(hex_floating_point_literal)    \
    X(true) X(false) X(null_literal)

#define HUNCH_JV_FIELDS(X)                                                                       \
    X(alternative) X(arguments) X(array) X(body) X(condition) X(consequence) X(constructor)      \
    X(declarator) X(dimensions) X(element) X(field) X(index) X(init) X(interfaces) X(left)       \
    X(name) X(object) X(operand) X(operator) X(parameters) X(pattern) X(resources) X(right)      \
    X(superclass) X(type) X(update) X(value)
/* clang-format on */

enum {
    K_NONE,
#define X(name) K_##name,
    HUNCH_JV_KINDS(X)
#undef X
};

enum {
    F_NONE,
#define X(name) F_##name,
    HUNCH_JV_FIELDS(X)
#undef X
};

/* ---- classes, functions and names ---- */

struct jv_class {
    uint32_t node;      /* declaration, or the creation whose body it is, or an enum constant */
    uint32_t body;      /* or NONE */
    uint32_t outer;     /* class, or NONE */
    uint32_t scope;     /* of its members */
    uint32_t name;      /* "Outer.Inner"; without a name of its own "Outer$1" */
    uint32_t base;      /* node of the type that it extends, or NONE */
    uint32_t anonymous; /* classes without a name in it, so far */
    bool is_interface, is_enum, is_anonymous;
    uint32_t constructor; /* the first, or NONE */
    uint32_t loader;      /* what runs when it is loaded */
    bool is_this_shared;  /* what stands in it names its object: a global, "Outer.this" */
};

struct jv_field {
    uint32_t class, name, type;
    uint32_t node;  /* of the name */
    uint32_t value; /* node, or NONE */
    bool is_static, is_final, is_private;
    bool is_annotated; /* a framework may set it, @Value */
    bool is_folding;   /* its constant is being looked for */
};

enum jv_function_kind { JV_METHOD, JV_CONSTRUCTOR, JV_LAMBDA, JV_STATIC };

struct jv_function {
    uint8_t kind;        /* enum jv_function_kind; STATIC: what runs when a class is loaded */
    uint32_t node;       /* of the whole; of a constructor that is not written the class' */
    uint32_t parameters; /* node: a list, or one identifier; or NONE */
    uint32_t body;       /* a block, an expression of a lambda, or NONE */
    uint32_t class;
    uint32_t outer; /* the function around it, or NONE */
    uint32_t scope; /* of its parameters */
    uint32_t name;  /* "C.m", of a constructor "C" */
    uint32_t key;   /* "m"; 0: not a method */
    uint32_t type;  /* of what it returns, 0: not known */
    uint32_t count; /* of arguments */
    uint32_t next;  /* the next of the class that is called so, or NONE */
    bool is_static, is_variadic;
    bool is_record; /* a constructor: its parameters are the fields */
};

struct jv_symbol {
    uint32_t name, scope, function;
    uint32_t node;  /* that declares it */
    uint32_t type;  /* 0: not known */
    uint32_t value; /* the initialiser, or NONE */
    uint32_t writes;
    uint32_t index;  /* of the variables of function `at`, or NONE as yet */
    uint32_t at;     /* initialisers of an object run in each constructor */
    uint32_t global; /* the name of its place beyond functions, 0: none as yet */
    bool is_captured;
};

struct jv_scope {
    uint32_t parent, function, class; /* class: whose members it has, else NONE */
};

/* of[] of an identifier: a symbol, or a field | this. */
enum { JV_FIELD = 1u << 31 };

/* Where a jump out of try … finally goes when the block of finally has run. */
struct jv_finally {
    struct jv_finally *outer;
    uint32_t block;
    HUNCH_VEC(uint32_t) to; /* blocks */
    uint32_t result;        /* variable: what is returned, or NONE: nothing is */
};

struct jv_target {
    uint32_t label;                 /* its name, 0: none */
    uint32_t on_break, on_continue; /* blocks; on_continue NONE: no loop */
    uint32_t result;                /* of a switch as an expression: its variable, else NONE */
    struct jv_finally *finally;
};

struct jv_lower {
    const struct hunch_allocator *a;
    struct hunch_graph_file *file;
    struct hunch_tree tree;
    struct hunch_name_set *names;
    HUNCH_VEC(struct jv_class) class;
    HUNCH_VEC(struct jv_field) field;
    HUNCH_VEC(struct jv_function) function;
    HUNCH_VEC(struct jv_symbol) symbol;
    HUNCH_VEC(struct jv_scope) scope;
    struct hunch_key_map declared; /* scope, name -> symbols: the last of each is in `last` */
    HUNCH_VEC(uint32_t) last;
    struct hunch_key_map fields;  /* class, name -> field */
    struct hunch_key_map methods; /* class, name -> the first function, in `first` */
    HUNCH_VEC(uint32_t) first;
    struct hunch_key_map classes;  /* name -> class */
    struct hunch_key_map imported; /* name -> target, in `target` */
    HUNCH_VEC(uint32_t) target;
    struct hunch_key_map assigned; /* names of fields that something in the file is assigned to */
    struct hunch_key_map taken;    /* names of functions and globals that are none of a class */
    uint32_t *of;                  /* by node: its class, function, symbol or field, else NONE */
    /* the function that is lowered */
    struct hunch_builder builder, *b;
    HUNCH_VEC(uint32_t) type; /* by operation: the name of its type, 0: not known */
    uint32_t at;              /* its number */
    uint32_t class_at;        /* its class */
    uint32_t self;            /* variable of `this`, or NONE */
    uint32_t loop;
    uint32_t thrown; /* block that catches, or NONE */
    uint32_t error;  /* variable of what is caught, or NONE */
    struct jv_finally *finally;
    HUNCH_VEC(struct jv_target) jump;
    uint32_t label; /* of the statement that is next, 0: none */
    HUNCH_VEC(uint32_t) argument;
    const char *fault;
    size_t initialised; /* operations of initialisers of fields that stand in constructors */
    bool failed;
};

static inline const struct hunch_node *jv_node(const struct jv_lower *l, uint32_t n)
{
    return &l->tree.node.items[n];
}
static inline uint16_t jv_kind(const struct jv_lower *l, uint32_t n)
{
    return n == HUNCH_NONE ? K_NONE : l->tree.node.items[n].kind;
}
static inline uint32_t jv_child(const struct jv_lower *l, uint32_t n, int field)
{
    return n == HUNCH_NONE ? HUNCH_NONE : hunch_tree_child(&l->tree, n, (uint8_t)field);
}
static inline const char *jv_text(const struct jv_lower *l, uint32_t n)
{
    return (const char *)l->tree.text + jv_node(l, n)->begin;
}
static inline uint32_t jv_size(const struct jv_lower *l, uint32_t n)
{
    return jv_node(l, n)->end - jv_node(l, n)->begin;
}
static inline struct hunch_extent jv_span(const struct jv_lower *l, uint32_t n)
{
    return (struct hunch_extent){jv_node(l, n)->begin, jv_node(l, n)->end};
}
static inline void jv_fail(struct jv_lower *l)
{
    l->failed = true;
}
static inline bool jv_stops(const struct jv_lower *l)
{
    return l->failed || l->names->failed || l->b->is_cut || l->b->failed;
}

bool jv_is(const struct jv_lower *l, uint32_t n, const char *text);
uint32_t jv_name(struct jv_lower *l, uint32_t n); /* of a node's text */
uint32_t jv_literal(struct jv_lower *l, const char *text);
uint32_t jv_join(struct jv_lower *l, uint32_t left, const char *between, uint32_t right);
uint32_t jv_line(const struct jv_lower *l, uint32_t offset);
uint32_t jv_named(const struct jv_lower *l, uint32_t n, uint32_t index);  /* child, from 0 */
uint32_t jv_of_kind(const struct jv_lower *l, uint32_t n, uint16_t kind); /* child, or NONE */
uint32_t jv_bare(const struct jv_lower *l, uint32_t n);                   /* without parentheses */
bool jv_has_modifier(const struct jv_lower *l, uint32_t n, const char *word);
void jv_add_global(struct jv_lower *l, uint32_t name, uint32_t node, uint32_t flags);

/* ---- lower_java_text.c ---- */

/* Where text was taken away for the first time. */
struct jv_cut {
    bool is_there;
    uint32_t at;
};
/* Makes white space of what the parser could not bear. */
void jv_bound(uint8_t *text, uint32_t size, struct jv_cut *deep, struct jv_cut *large);

/* ---- lower_java_class.c ---- */

/* Where something is declared. */
struct jv_where {
    uint32_t scope, function, class;
};
/* The number of a key whose values are in a list of its own; *added: that is one longer now. With
 * `added` NULL it is looked for only, and UINT32_MAX where it is not there. */
uint32_t jv_key_number(struct jv_lower *l, struct hunch_key_map *map, uint32_t a, uint32_t b,
                       bool *added);
uint32_t jv_scope_add(struct jv_lower *l, uint32_t parent, uint32_t function, uint32_t class);
uint32_t jv_function_add(struct jv_lower *l, struct jv_function f); /* its number, or NONE */
void jv_parameters_of(struct jv_lower *l, struct jv_function *f);   /* how many it has */
bool jv_is_class(uint16_t kind);
/* A class with all that it declares: its number, or NONE; name 0: it has none. */
uint32_t jv_class_add(struct jv_lower *l, uint32_t node, uint32_t body, uint32_t name,
                      struct jv_where w);

/* ---- lower_java_scope.c ---- */

void jv_declare(struct jv_lower *l); /* all of the file */
/* The class of a declaration's or creation's node, or NONE; likewise a lambda's function. */
uint32_t jv_class_of(const struct jv_lower *l, uint32_t n);

/* ---- lower_java_type.c ---- */

/* The name of a type as it is written: without its package and what is in <>. 0: var, or none. */
uint32_t jv_written_type(struct jv_lower *l, uint32_t n);
uint32_t jv_type_of(struct jv_lower *l, uint32_t n, uint32_t class); /* as seen from a class */
/* The same where it is a class, and not the parameter of one: of new, extends, implements. */
uint32_t jv_class_type(struct jv_lower *l, uint32_t n, uint32_t class);
/* What a name of a type means there: "Outer.Inner" where it is one of the file, or imported. */
uint32_t jv_resolved(struct jv_lower *l, uint32_t name, uint32_t class);
uint32_t jv_class_named(struct jv_lower *l, uint32_t name); /* of the file, or NONE */
uint32_t jv_base_of(struct jv_lower *l, uint32_t class);    /* its base's name, 0: none */
/* "T[]", the array's dimension of that number, from 1; 0: not known, or too many of them. */
uint32_t jv_array_type(struct jv_lower *l, uint32_t type, uint32_t dimension);
uint32_t jv_element_type(struct jv_lower *l, uint32_t type); /* of "T[]", 0: not known */
bool jv_is_number(const struct jv_lower *l, uint32_t type);  /* int, char, boolean, … */
/* 0 where it only says by which method it was given, "getWriter". */
uint32_t jv_known_type(const struct jv_lower *l, uint32_t type);
uint32_t jv_type_flags(const struct jv_lower *l, uint32_t type); /* HUNCH_OP_IS_* */
/* A field of the class, or of a base of it that the file shows, or NONE. */
uint32_t jv_field_of(struct jv_lower *l, uint32_t class, uint32_t name);
uint32_t jv_method_of(struct jv_lower *l, uint32_t class, uint32_t name, uint32_t count);
/* The class, from `class` outwards, that has a method of that name; NONE: none of the file. */
uint32_t jv_method_class(struct jv_lower *l, uint32_t class, uint32_t name);
bool jv_constant(struct jv_lower *l, uint32_t n, uint32_t class, int64_t *value);
/* The class or package that an expression names: "System", "Outer.Inner"; 0: it is a value. */
uint32_t jv_static(struct jv_lower *l, uint32_t n);
uint32_t jv_imported(struct jv_lower *l, uint32_t name); /* 0: it is not */

/* ---- lower_java_init.c ---- */

void jv_share_this(struct jv_lower *l, uint32_t n); /* for what stands in its class */
/* What runs when the class is loaded, or an object of it is made, beside constructors. */
void jv_initialisers(struct jv_lower *l, uint32_t body, bool is_static);
void jv_initial_values(struct jv_lower *l); /* stores of constants into static fields */

/* ---- lower_java_expr.c ---- */

uint32_t jv_op(struct jv_lower *l, enum hunch_op_kind kind, uint32_t n, uint32_t a, uint32_t b);
uint32_t jv_typed(struct jv_lower *l, uint32_t op, uint32_t type); /* op, whose type is that */
uint32_t jv_op_type(const struct jv_lower *l, uint32_t op);
uint32_t jv_binary(struct jv_lower *l, enum hunch_operator sub, uint32_t n, uint32_t a, uint32_t b);
uint32_t jv_const(struct jv_lower *l, uint32_t n, int64_t value);
uint32_t jv_unknown(struct jv_lower *l, uint32_t n);
uint32_t jv_load(struct jv_lower *l, uint32_t n, uint32_t address);
uint32_t jv_store(struct jv_lower *l, uint32_t n, uint32_t address, uint32_t value);
uint32_t jv_temporary(struct jv_lower *l, uint32_t n);
uint32_t jv_variable(struct jv_lower *l, uint32_t n, uint32_t variable);
uint32_t jv_element(struct jv_lower *l, uint32_t n, uint32_t container); /* any of it */
uint32_t jv_value(struct jv_lower *l, uint32_t n);                       /* NONE: null */
void jv_condition(struct jv_lower *l, uint32_t n, uint32_t yes, uint32_t no);
void jv_branch(struct jv_lower *l, uint32_t n, uint32_t value, uint32_t yes, uint32_t no);
void jv_either(struct jv_lower *l, uint32_t n, uint32_t one, uint32_t other);
uint32_t jv_array(struct jv_lower *l, uint32_t n, uint32_t type); /* { a, b } */
uint32_t jv_text_value(struct jv_lower *l, uint32_t n);           /* of a literal: its name */

/* ---- lower_java_place.c ---- */

uint32_t jv_address(struct jv_lower *l, uint32_t n, uint32_t *type);
uint32_t jv_place_value(struct jv_lower *l, uint32_t n);
uint32_t jv_symbol_address(struct jv_lower *l, struct jv_symbol *symbol, uint32_t n);
void jv_assign_symbol(struct jv_lower *l, uint32_t n, uint32_t value); /* n: what declares it */
uint32_t jv_this(struct jv_lower *l, uint32_t n, uint32_t class);
uint32_t jv_key_place(struct jv_lower *l, uint32_t n, uint32_t base, uint32_t index);
void jv_bind_pattern(struct jv_lower *l, uint32_t n, uint32_t value);

/* ---- lower_java_call.c ---- */

uint32_t jv_call(struct jv_lower *l, uint32_t n);
uint32_t jv_new(struct jv_lower *l, uint32_t n);
void jv_constructed(struct jv_lower *l, uint32_t n); /* this(…), super(…) */
/* What makes an object of the class called so, with l->argument from `first` on. */
uint32_t jv_make(struct jv_lower *l, uint32_t n, uint32_t class_name, size_t first);
void jv_argument(struct jv_lower *l, uint32_t value);
void jv_arguments(struct jv_lower *l, uint32_t list);
uint32_t jv_call_value(struct jv_lower *l, uint32_t n, uint32_t callee, size_t first,
                       bool receives);
uint32_t jv_call_name(struct jv_lower *l, uint32_t n, const char *name, const uint32_t *argument,
                      uint32_t count);

/* ---- lower_java_stmt.c, lower_java_try.c ---- */

uint32_t jv_stmt(struct jv_lower *l, enum hunch_stmt_kind kind, uint32_t n, uint32_t line_node);
void jv_statement(struct jv_lower *l, uint32_t n);
void jv_statements(struct jv_lower *l, uint32_t n);
void jv_leave(struct jv_lower *l, uint32_t n, uint32_t value); /* return */
void jv_declaration(struct jv_lower *l, uint32_t n);
void jv_jump_push(struct jv_lower *l, uint32_t label, uint32_t on_break, uint32_t on_continue);
void jv_jump_out(struct jv_lower *l, uint32_t to, struct jv_finally *outer);
uint32_t jv_take_label(struct jv_lower *l);
void jv_try(struct jv_lower *l, uint32_t n);
uint32_t jv_switch(struct jv_lower *l, uint32_t n, bool is_value);

#endif
