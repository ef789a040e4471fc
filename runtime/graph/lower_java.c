/* lower_java.c: the front end of Java: a file's methods, constructors and lambdas, one after
 * another, then for each class what runs when it is loaded, and last the constants that its static
 * fields begin with. tree-sitter gives the tree of the whole file; what is declared is found first.
 * What cannot be read is a fault of its function, or of the file, and the rest goes on.
 */
#include <string.h>

#include "graph/front.h"
#include "graph/lower_java.h"

/* Bytes of a file. Its syntax tree is made as a whole, and takes some 200 for each of them. */
enum { SOURCE_MOST = 2 << 20, FAULTS_MOST = 64, INITIALISED_MOST = 1 << 17 };

extern const TSLanguage *hunch_grammar_java(void); /* NULL: not built in */

static const char *const KINDS[] = {
#define X(name) #name,
    HUNCH_JV_KINDS(X)
#undef X
        NULL};

static const char *const FIELDS[] = {
#define X(name) #name,
    HUNCH_JV_FIELDS(X)
#undef X
        NULL};

/* ---- nodes ---- */

bool jv_is(const struct jv_lower *l, uint32_t n, const char *text)
{
    const size_t size = strlen(text);
    return jv_size(l, n) == size && memcmp(jv_text(l, n), text, size) == 0;
}

uint32_t jv_name(struct jv_lower *l, uint32_t n)
{
    return hunch_name_add(l->names, jv_text(l, n), jv_size(l, n));
}

uint32_t jv_literal(struct jv_lower *l, const char *text)
{
    return hunch_name_add(l->names, text, strlen(text));
}

uint32_t jv_join(struct jv_lower *l, uint32_t left, const char *between, uint32_t right)
{
    return hunch_lower_join(l->names, left, between, right);
}

uint32_t jv_line(const struct jv_lower *l, uint32_t offset)
{
    return hunch_lower_line(l->file, offset);
}

uint32_t jv_named(const struct jv_lower *l, uint32_t n, uint32_t index)
{
    if (n != HUNCH_NONE)
        HUNCH_EACH_CHILD(&l->tree, n, c)
    if (jv_kind(l, c) != K_NONE && index-- == 0)
        return c;
    return HUNCH_NONE;
}

uint32_t jv_of_kind(const struct jv_lower *l, uint32_t n, uint16_t kind)
{
    if (n != HUNCH_NONE)
        HUNCH_EACH_CHILD(&l->tree, n, c)
    if (jv_kind(l, c) == kind)
        return c;
    return HUNCH_NONE;
}

uint32_t jv_bare(const struct jv_lower *l, uint32_t n)
{
    while (jv_kind(l, n) == K_parenthesized_expression) {
        const uint32_t inner = jv_named(l, n, 0);
        if (inner == HUNCH_NONE)
            break;
        n = inner;
    }
    return n;
}

bool jv_has_modifier(const struct jv_lower *l, uint32_t n, const char *word)
{
    const uint32_t list = jv_of_kind(l, n, K_modifiers);
    if (list != HUNCH_NONE)
        HUNCH_EACH_CHILD(&l->tree, list, c)
    if (jv_is(l, c, word))
        return true;
    return false;
}

static void fault(struct jv_lower *l, uint32_t function, uint32_t line, const char *reason)
{
    if (!hunch_lower_fault(l->file, function, line, reason))
        jv_fail(l);
}

void jv_add_global(struct jv_lower *l, uint32_t name, uint32_t node, uint32_t flags)
{
    const struct hunch_global g = {
        .name = name, .flags = flags, .is_defined = 1, .span = jv_span(l, node)};
    if (!hunch_vec_push(l->a, &l->file->global, g))
        jv_fail(l);
}

/* ---- parameters ---- */

/* The name of a parameter, or NONE: it is none. */
static uint32_t parameter_name(const struct jv_lower *l, uint32_t n)
{
    switch (jv_kind(l, n)) {
    case K_identifier: return n;
    case K_formal_parameter: return jv_child(l, n, F_name);
    case K_spread_parameter: return jv_child(l, jv_of_kind(l, n, K_variable_declarator), F_name);
    default: return HUNCH_NONE;
    }
}

static void parameter_add(struct jv_lower *l, uint32_t node, uint32_t name, uint32_t flags)
{
    (void)hunch_build_var(l->b, (struct hunch_var){.name = name,
                                                   .flags = HUNCH_VAR_IS_PARAMETER | flags,
                                                   .span = jv_span(l, node)});
}

static void one_parameter(struct jv_lower *l, uint32_t n)
{
    const uint32_t name = parameter_name(l, n), index = (uint32_t)l->b->var.count;
    if (name == HUNCH_NONE)
        return;
    parameter_add(l, name, jv_name(l, name),
                  jv_kind(l, n) == K_spread_parameter ? HUNCH_VAR_IS_REST : 0);
    const uint32_t of = l->of[name];
    if (of == HUNCH_NONE || (of & JV_FIELD))
        return;
    l->symbol.items[of].index = index;
    l->symbol.items[of].at = l->at;
}

static void parameters(struct jv_lower *l, const struct jv_function *f)
{
    if (jv_kind(l, f->parameters) == K_identifier)
        one_parameter(l, f->parameters);
    else if (f->parameters != HUNCH_NONE)
        HUNCH_EACH_CHILD(&l->tree, f->parameters, c)
    one_parameter(l, c);
    if (f->kind == JV_CONSTRUCTOR && f->parameters == HUNCH_NONE)
        for (uint32_t i = 0; i < f->count; i++)
            parameter_add(l, f->node, 0, 0);
}

/* What parameters hold goes where it is looked for; of T... what was given is a list, or in one. */
static void enter_one(struct jv_lower *l, uint32_t n, uint32_t index)
{
    const uint32_t name = parameter_name(l, n), of = l->of[name];
    if (jv_kind(l, n) == K_spread_parameter) {
        const uint32_t one = hunch_build_block(l->b), done = hunch_build_block(l->b);
        jv_either(l, n, one, done);
        hunch_build_start(l->b, one);
        const uint32_t value = jv_load(l, n, jv_variable(l, n, index)),
                       list = jv_call_name(l, n, "[]", NULL, 0);
        (void)jv_store(l, n, jv_op(l, HUNCH_OP_INDEX, n, list, HUNCH_NONE), value);
        (void)jv_store(l, n, jv_variable(l, n, index), list);
        hunch_build_jump(l->b, done);
        hunch_build_start(l->b, done);
    }
    if (of != HUNCH_NONE && !(of & JV_FIELD) && l->symbol.items[of].is_captured)
        (void)jv_store(l, n, jv_symbol_address(l, &l->symbol.items[of], n),
                       jv_load(l, n, jv_variable(l, n, index)));
}

static void enter(struct jv_lower *l, const struct jv_function *f)
{
    uint32_t index = 0;
    if (jv_kind(l, f->parameters) == K_identifier)
        enter_one(l, f->parameters, 0);
    else if (f->parameters != HUNCH_NONE)
        HUNCH_EACH_CHILD(&l->tree, f->parameters, c)
    if (parameter_name(l, c) != HUNCH_NONE)
        enter_one(l, c, index++);
}

/* ---- functions ---- */

static void store_components(struct jv_lower *l, const struct jv_function *f)
{
    uint32_t index = 0;
    HUNCH_EACH_CHILD(&l->tree, f->parameters, c)
    {
        const uint32_t name = parameter_name(l, c);
        if (name == HUNCH_NONE)
            continue;
        const uint32_t value = jv_load(l, c, jv_variable(l, c, index++));
        (void)jv_store(
            l, c, jv_op(l, HUNCH_OP_FIELD, c, jv_this(l, c, l->class_at), jv_name(l, name)), value);
    }
}

/* What the class' fields begin with. Each constructor has it: many of many fields are too much. */
static void initialise(struct jv_lower *l)
{
    const size_t before = l->b->op.count;
    if (l->initialised > INITIALISED_MOST) {
        l->fault = "initialisers too large";
        return;
    }
    jv_initialisers(l, l->class.items[l->class_at].body, false);
    l->initialised += l->b->op.count - before;
}

static void constructor(struct jv_lower *l, const struct jv_function *f)
{
    const uint32_t first = jv_named(l, f->body, 0), base = jv_base_of(l, l->class_at);
    const bool is_explicit = jv_kind(l, first) == K_explicit_constructor_invocation,
               is_other = is_explicit && jv_kind(l, jv_child(l, first, F_constructor)) == K_this;
    const size_t given = l->argument.count;
    uint32_t object = HUNCH_NONE;
    l->self = jv_temporary(l, f->node);
    if (is_explicit) {
        (void)jv_store(l, f->node, jv_variable(l, f->node, l->self),
                       jv_call_name(l, f->node, "{}", NULL, 0));
        jv_constructed(l, first);
    } else if (base != 0 && !l->class.items[l->class_at].is_enum) {
        if (f->parameters == HUNCH_NONE)
            for (uint32_t i = 0; i < f->count; i++)
                jv_argument(l, jv_load(l, f->node, jv_variable(l, f->node, i)));
        object = jv_make(l, f->node, base, given);
    } else {
        object = jv_call_name(l, f->node, "{}", NULL, 0);
    }
    if (object != HUNCH_NONE)
        (void)jv_store(l, f->node, jv_variable(l, f->node, l->self), object);
    jv_share_this(l, f->node);
    if (!is_other)
        initialise(l);
    if (f->body != HUNCH_NONE)
        HUNCH_EACH_CHILD(&l->tree, f->body, c)
    if (c != first || !is_explicit)
        jv_statement(l, c);
    if (f->is_record && f->parameters != HUNCH_NONE)
        store_components(l, f);
    (void)jv_op(l, HUNCH_OP_RETURN, f->node, jv_this(l, f->node, l->class_at), 0);
}

static void body(struct jv_lower *l, const struct jv_function *f)
{
    enter(l, f);
    if (f->kind == JV_CONSTRUCTOR) {
        constructor(l, f);
    } else if (f->kind == JV_STATIC) {
        jv_initialisers(l, l->class.items[f->class].body, true);
    } else {
        jv_share_this(l, f->node);
        if (f->kind == JV_LAMBDA && jv_kind(l, f->body) != K_block) {
            if (f->body != HUNCH_NONE) {
                (void)jv_stmt(l, HUNCH_STMT_RETURN, f->body, f->body);
                jv_leave(l, f->body, jv_value(l, f->body));
            }
        } else {
            jv_statements(l, f->body);
        }
    }
    hunch_build_exit(l->b, true);
}

static bool is_function(const struct jv_lower *l, uint32_t n)
{
    const uint16_t kind = jv_kind(l, n);
    return l->of[n] != HUNCH_NONE &&
           (kind == K_method_declaration || kind == K_constructor_declaration ||
            kind == K_compact_constructor_declaration || kind == K_lambda_expression);
}

/* The first node from n to `end` so marked that is of no function in between, or NONE. */
static uint32_t flagged(const struct jv_lower *l, uint32_t n, uint32_t end, uint8_t flags)
{
    while (n < end) {
        if (jv_node(l, n)->flags & flags)
            return n;
        n = is_function(l, n) ? jv_node(l, n)->after : n + 1;
    }
    return HUNCH_NONE;
}

static void begin(struct jv_lower *l, uint32_t number, uint32_t class)
{
    hunch_build_begin(l->b, l->a);
    l->at = number;
    l->class_at = class;
    l->self = l->loop = l->thrown = l->error = HUNCH_NONE;
    l->finally = NULL;
    l->jump.count = l->argument.count = l->type.count = 0;
    l->label = 0;
    l->fault = NULL;
}

static void finish(struct jv_lower *l, struct hunch_function out, uint32_t error, uint32_t deep)
{
    out.line = jv_line(l, out.span.begin);
    out.last_line = jv_line(l, out.span.end > out.span.begin ? out.span.end - 1 : out.span.end);
    out.flags |= error != HUNCH_NONE ? HUNCH_FUNCTION_HAS_ERROR : 0u;
    const bool is_cut = l->b->is_cut;
    if (hunch_build_finish(l->b, l->file, out, NULL) != HUNCH_OK) {
        jv_fail(l);
        return;
    }
    const uint32_t index = (uint32_t)l->file->function.count - 1;
    if (deep != HUNCH_NONE)
        fault(l, index, jv_line(l, jv_node(l, deep)->begin), "nested too deeply");
    else if (is_cut)
        fault(l, index, out.line, "function too large");
    if (error != HUNCH_NONE)
        fault(l, index, jv_line(l, jv_node(l, error)->begin), "syntax error");
    if (l->fault != NULL)
        fault(l, index, out.line, l->fault);
}

static void lower_function(struct jv_lower *l, uint32_t number)
{
    const struct jv_function f = l->function.items[number];
    const bool is_own = is_function(l, f.node) && f.kind != JV_STATIC,
               has_this = f.kind == JV_METHOD && !f.is_static;
    if (f.kind == JV_METHOD && f.body == HUNCH_NONE)
        return; /* declared only */
    begin(l, number, f.class);
    if (f.kind != JV_STATIC)
        (void)jv_stmt(l, HUNCH_STMT_PARAMETERS, HUNCH_NONE,
                      f.parameters == HUNCH_NONE ? f.node : f.parameters);
    parameters(l, &f);
    if (has_this) {
        l->self = (uint32_t)l->b->var.count;
        parameter_add(l, f.node, jv_literal(l, "this"), 0);
    }
    struct hunch_function out = {.name = f.name,
                                 .span = jv_span(l, f.node),
                                 .parameter_count = (uint32_t)l->b->var.count,
                                 .flags = (f.kind == JV_LAMBDA ? HUNCH_FUNCTION_IS_STATIC : 0u) |
                                          (f.kind == JV_METHOD ? HUNCH_FUNCTION_IS_METHOD : 0u) |
                                          (has_this ? HUNCH_FUNCTION_HAS_THIS : 0u)};
    const uint32_t end = jv_node(l, f.node)->after,
                   error = is_own ? flagged(l, f.node + 1, end, HUNCH_NODE_IS_ERROR) : HUNCH_NONE,
                   deep = is_own
                              ? flagged(l, f.node, f.node + 1, HUNCH_NODE_IS_TOO_DEEP) != HUNCH_NONE
                                    ? f.node
                                    : flagged(l, f.node + 1, end, HUNCH_NODE_IS_TOO_DEEP)
                              : HUNCH_NONE;
    if (deep != HUNCH_NONE)
        l->b->is_cut = true;
    else
        body(l, &f);
    if (f.kind != JV_STATIC || l->b->stmt.count > 0)
        finish(l, out, error, deep);
}

/* ---- the file ---- */

/* The constants that static fields begin with, in a function without a name. */
static void initial_values(struct jv_lower *l)
{
    begin(l, HUNCH_NONE, HUNCH_NONE);
    jv_initial_values(l);
    hunch_build_exit(l->b, true);
    if (l->b->op.count > 0 || l->b->is_cut)
        finish(l, (struct hunch_function){.flags = HUNCH_FUNCTION_IS_INITIAL}, HUNCH_NONE,
               HUNCH_NONE);
}

static void derive(struct jv_lower *l, uint32_t class, uint32_t from)
{
    const struct hunch_graph_alias a = {l->class.items[class].name, from};
    if (from != 0 && from != a.name && !hunch_vec_push(l->a, &l->file->alias, a))
        jv_fail(l);
}

/* What linking needs of classes: those that they extend, as aliases; what inner ones share. */
static void classes(struct jv_lower *l)
{
    for (uint32_t c = 0; c < l->class.count && !l->failed; c++) {
        const struct jv_class k = l->class.items[c];
        derive(l, c, jv_base_of(l, c));
        HUNCH_EACH_CHILD(&l->tree, k.node, i)
        {
            const uint16_t kind = jv_kind(l, i);
            if (kind != K_super_interfaces && kind != K_extends_interfaces)
                continue;
            const uint32_t list = jv_of_kind(l, i, K_type_list);
            for (uint32_t t = 0; jv_named(l, list, t) != HUNCH_NONE; t++)
                derive(l, c, jv_class_type(l, jv_named(l, list, t), k.outer));
        }
        if (k.is_this_shared)
            jv_add_global(l, jv_join(l, k.name, ".this", 0), k.node, HUNCH_VAR_IS_STATIC);
    }
}

/* Errors that stand in no function. */
static void errors(struct jv_lower *l)
{
    const uint32_t end = (uint32_t)l->tree.node.count;
    uint32_t at = 0, line = 0;
    for (int count = 0; count < FAULTS_MOST && at < end; count++) {
        at = flagged(l, at, end, HUNCH_NODE_IS_ERROR);
        if (at == HUNCH_NONE)
            return;
        const uint32_t found = jv_line(l, jv_node(l, at)->begin);
        const bool is_slow = (jv_node(l, at)->flags & HUNCH_NODE_IS_TOO_SLOW) != 0;
        if (found != line)
            fault(l, HUNCH_NONE, found, is_slow ? HUNCH_TREE_TOO_SLOW : "syntax error");
        line = found;
        at = jv_node(l, at)->after;
    }
}

static void release(struct jv_lower *l)
{
    hunch_build_free(&l->builder);
    hunch_vec_free(l->a, &l->class);
    hunch_vec_free(l->a, &l->field);
    hunch_vec_free(l->a, &l->function);
    hunch_vec_free(l->a, &l->symbol);
    hunch_vec_free(l->a, &l->scope);
    hunch_vec_free(l->a, &l->last);
    hunch_vec_free(l->a, &l->first);
    hunch_vec_free(l->a, &l->target);
    hunch_vec_free(l->a, &l->type);
    hunch_vec_free(l->a, &l->jump);
    hunch_vec_free(l->a, &l->argument);
    hunch_key_map_free(l->a, &l->declared);
    hunch_key_map_free(l->a, &l->fields);
    hunch_key_map_free(l->a, &l->methods);
    hunch_key_map_free(l->a, &l->classes);
    hunch_key_map_free(l->a, &l->imported);
    hunch_key_map_free(l->a, &l->assigned);
    hunch_key_map_free(l->a, &l->taken);
    hunch_free_array(l->a, l->of, l->tree.node.count, sizeof *l->of);
}

static void lower_all(struct jv_lower *l)
{
    const uint32_t nodes = (uint32_t)l->tree.node.count;
    l->of = hunch_alloc_array(l->a, nodes, sizeof *l->of);
    if (l->of == NULL) {
        jv_fail(l);
        return;
    }
    memset(l->of, 0xff, nodes * sizeof *l->of);
    l->b = &l->builder;
    begin(l, HUNCH_NONE, HUNCH_NONE);
    jv_declare(l);
    for (uint32_t f = 0; f < l->function.count && !l->failed && !l->names->failed; f++)
        lower_function(l, f);
    if (!l->failed && !l->names->failed)
        initial_values(l);
    if (!l->failed && !l->names->failed)
        classes(l);
    if (!l->failed)
        errors(l);
}

static hunch_status lower(const struct hunch_graph_source *source, struct hunch_graph_file *file,
                          struct hunch_name_set *names, struct hunch_error *err)
{
    struct jv_lower l = {.a = file->a, .file = file, .names = names};
    struct jv_cut deep = {false, 0}, large = {false, 0};
    const uint32_t end = (uint32_t)source->size;
    uint8_t *text = hunch_alloc(l.a, source->size + 1);
    if (text == NULL)
        return hunch_fail_memory(err, source->size, "a source");
    memcpy(text, source->bytes, source->size);
    text[source->size] = 0;
    jv_bound(text, end, &deep, &large);
    if (deep.is_there)
        fault(&l, HUNCH_NONE, jv_line(&l, deep.at), "nested too deeply");
    if (large.is_there)
        fault(&l, HUNCH_NONE, jv_line(&l, large.at), "statement too large");
    const struct hunch_tree_source tree = {.language = hunch_grammar_java(),
                                           .text = text,
                                           .size = end,
                                           .piece = &end,
                                           .piece_count = 1,
                                           .kinds = KINDS,
                                           .fields = FIELDS};
    hunch_status status = hunch_tree_parse(l.a, &tree, &l.tree, err);
    if (status == HUNCH_OK) {
        lower_all(&l);
        if (l.failed || names->failed)
            status = hunch_fail_memory(err, source->size, "a graph");
        release(&l);
        hunch_tree_free(&l.tree);
    }
    hunch_free(l.a, text, source->size + 1);
    return status;
}

bool hunch_front_java_is_built(void)
{
    return hunch_grammar_java() != NULL;
}

hunch_status hunch_front_java(const struct hunch_graph_source *source,
                              struct hunch_graph_file *file, struct hunch_error *err)
{
    if (hunch_grammar_java() == NULL)
        return hunch_fail(err, HUNCH_ERROR_UNSUPPORTED,
                          "hunch was built without the grammar of Java; run `make grammars` "
                          "where npm reaches its packages, then `make`");
    if (source->size > SOURCE_MOST)
        return hunch_lower_fault(file, HUNCH_NONE, 1, "file too large")
                   ? HUNCH_OK
                   : hunch_fail_memory(err, source->size, "a graph");
    struct hunch_name_set names;
    hunch_name_set_init(&names, file);
    hunch_status status = lower(source, file, &names, err);
    hunch_name_set_free(&names);
    return status;
}
