/* lower_javascript.c: the front end of JavaScript: a file's own code and its functions, one after
 * another. tree-sitter gives the tree of the whole file; what names mean is found first. What
 * cannot be read is a fault of the function, or of the file, and the rest goes on.
 */
#include "graph/lower_javascript.h"

/* Bytes of a file. Its syntax tree is made as a whole, and takes some 200 for each of them. */
enum { SOURCE_MOST = 2 << 20 };

#include <string.h>

#include "graph/front.h"

extern const TSLanguage *hunch_grammar_javascript(void); /* NULL: not built in */

static const char *const KINDS[] = {
#define X(name) #name,
    HUNCH_JS_KINDS(X)
#undef X
        NULL};

static const char *const FIELDS[] = {
#define X(name) #name,
    HUNCH_JS_FIELDS(X)
#undef X
        NULL};

/* ---- nodes ---- */

bool js_is(const struct js_lower *l, uint32_t n, const char *text)
{
    const size_t size = strlen(text);
    return js_size(l, n) == size && memcmp(js_text(l, n), text, size) == 0;
}

uint32_t js_name(struct js_lower *l, uint32_t n)
{
    return hunch_name_add(l->names, js_text(l, n), js_size(l, n));
}

uint32_t js_literal(struct js_lower *l, const char *text)
{
    return hunch_name_add(l->names, text, strlen(text));
}

uint32_t js_line(const struct js_lower *l, uint32_t offset)
{
    return hunch_lower_line(l->file, offset);
}

uint32_t js_first_named(const struct js_lower *l, uint32_t n)
{
    if (n != HUNCH_NONE)
        HUNCH_EACH_CHILD(&l->tree, n, c)
    if (js_kind(l, c) != K_NONE)
        return c;
    return HUNCH_NONE;
}

uint32_t js_bare(const struct js_lower *l, uint32_t n)
{
    while (js_kind(l, n) == K_parenthesized_expression) {
        const uint32_t inner = js_first_named(l, n);
        if (inner == HUNCH_NONE)
            break;
        n = inner;
    }
    return n;
}

static void fault(struct js_lower *l, uint32_t function, uint32_t line, const char *reason)
{
    if (!hunch_lower_fault(l->file, function, line, reason))
        js_fail(l);
}

/* ---- one function ---- */

static struct hunch_extent extent(const struct js_lower *l, uint32_t n)
{
    return (struct hunch_extent){js_node(l, n)->begin, js_node(l, n)->end};
}

static uint32_t parameter_add(struct js_lower *l, uint32_t node, uint32_t name)
{
    return hunch_build_var(
        l->b,
        (struct hunch_var){.name = name, .flags = HUNCH_VAR_IS_PARAMETER, .span = extent(l, node)});
}

/* A parameter that is a name is its variable, unless an inner function names it. */
static void parameter(struct js_lower *l, uint32_t n)
{
    struct js_symbol *symbol = js_kind(l, n) == K_identifier ? js_symbol_of(l, n) : NULL;
    const uint32_t index = parameter_add(l, n, symbol != NULL ? symbol->name : 0);
    if (symbol != NULL && !symbol->is_captured && symbol->node == n)
        symbol->index = index;
}

static bool is_parameter(const struct js_lower *l, uint32_t n)
{
    return js_kind(l, n) != K_NONE;
}

static void parameters(struct js_lower *l, const struct js_function *f)
{
    if (f->parameters == HUNCH_NONE)
        return;
    if (js_kind(l, f->parameters) == K_identifier)
        parameter(l, f->parameters);
    else
        HUNCH_EACH_CHILD(&l->tree, f->parameters, c)
    if (is_parameter(l, c))
        parameter(l, c);
}

/* What a parameter holds goes where it is looked for. */
static void enter_parameter(struct js_lower *l, uint32_t n, uint32_t index)
{
    struct js_symbol *symbol = js_kind(l, n) == K_identifier ? js_symbol_of(l, n) : NULL;
    if (symbol != NULL && !symbol->is_captured && symbol->index == index)
        return;
    uint32_t value = js_load(l, n, js_variable(l, n, index));
    if (js_kind(l, n) == K_rest_pattern) {
        const uint32_t list = js_call_name(l, n, "[]", NULL, 0);
        js_store(l, n, js_op(l, HUNCH_OP_INDEX, n, list, HUNCH_NONE), value);
        value = list;
    }
    js_assign(l, n, value);
}

static void enter_parameters(struct js_lower *l, const struct js_function *f)
{
    uint32_t index = 0;
    if (f->parameters == HUNCH_NONE)
        return;
    if (js_kind(l, f->parameters) == K_identifier)
        enter_parameter(l, f->parameters, index);
    else
        HUNCH_EACH_CHILD(&l->tree, f->parameters, c)
    if (is_parameter(l, c))
        enter_parameter(l, c, index++);
}

/* `this` of a function that is called as a method is its last parameter; of a constructor, new. */
static void enter_this(struct js_lower *l, struct js_function *f, uint32_t index)
{
    struct js_symbol *self = f->self == HUNCH_NONE ? NULL : &l->symbol.items[f->self];
    if (self == NULL)
        return;
    if (f->is_constructor) {
        const uint32_t object = js_call_name(l, f->node, "{}", NULL, 0);
        js_store(l, f->node, js_symbol_address(l, self, f->node), object);
    } else if (self->is_captured) {
        const uint32_t value = js_load(l, f->node, js_variable(l, f->node, index));
        js_store(l, f->node, js_symbol_address(l, self, f->node), value);
    }
}

/* A class without a constructor hands on what it gets to the one that it extends. */
enum { HANDED_ON = 4 };

static void call_parent(struct js_lower *l, const struct js_function *f)
{
    uint32_t parent = HUNCH_NONE;
    HUNCH_EACH_CHILD(&l->tree, f->class, c)
    if (js_kind(l, c) == K_class_heritage)
        parent = js_first_named(l, c);
    const uint16_t kind = js_kind(l, parent);
    if (kind != K_identifier && kind != K_member_expression)
        return;
    const size_t first = l->arguments.count;
    const uint32_t dotted = js_dotted(l, parent);
    const uint32_t callee =
        dotted != 0 ? js_op(l, HUNCH_OP_NAME, parent, dotted, 0) : js_value(l, parent);
    for (uint32_t i = 0; i < HANDED_ON; i++)
        js_argument(l, js_load(l, parent, js_variable(l, parent, i)));
    const uint32_t value = js_call_value(l, parent, callee, first, false);
    js_store(l, parent, js_symbol_address(l, &l->symbol.items[f->self], parent), value);
}

/* Function declarations whose name is used as a variable, too. */
static void hoist(struct js_lower *l, const struct js_function *f)
{
    for (uint32_t i = f->hoisted; i != HUNCH_NONE; i = l->function.items[i].next) {
        const uint32_t name = js_child(l, l->function.items[i].node, F_name);
        struct js_symbol *symbol = js_symbol_of(l, name);
        const uint32_t address = js_symbol_address(l, symbol, name);
        js_store(l, name, address, js_op(l, HUNCH_OP_NAME, name, l->function.items[i].name, 0));
    }
}

static void body(struct js_lower *l, struct js_function *f, uint32_t self)
{
    enter_this(l, f, self);
    enter_parameters(l, f);
    hoist(l, f);
    if (f->is_generator) {
        l->generated = js_temporary(l, f->node);
        const uint32_t list = js_call_name(l, f->node, "[]", NULL, 0);
        js_store(l, f->node, js_variable(l, f->node, l->generated), list);
    }
    if (f->class != HUNCH_NONE && f->parameters == HUNCH_NONE)
        call_parent(l, f);
    if (f->class != HUNCH_NONE)
        js_class_fields(l, f->class, false);
    if (f->body != HUNCH_NONE && js_kind(l, f->body) != K_statement_block && f->body != f->node) {
        js_stmt(l, HUNCH_STMT_RETURN, f->body, f->body);
        js_leave(l, f->body, js_value(l, f->body));
        return;
    }
    js_statements(l, f->body);
    if (f->class != HUNCH_NONE)
        js_class_fields(l, f->class, true);
    if (f->is_generator)
        js_op(l, HUNCH_OP_RETURN, f->node,
              js_load(l, f->node, js_variable(l, f->node, l->generated)), 0);
    else if (f->is_constructor && f->self != HUNCH_NONE)
        js_op(l, HUNCH_OP_RETURN, f->node, js_symbol_value(l, &l->symbol.items[f->self], f->node),
              0);
    hunch_build_exit(l->b, true);
}

static void lower_function(struct js_lower *l, uint32_t number)
{
    struct js_function f = l->function.items[number];
    const uint32_t list = f.parameters == HUNCH_NONE ? f.node : f.parameters;
    hunch_build_begin(l->b, l->a);
    l->at = number;
    l->loop = l->thrown = l->error = l->generated = HUNCH_NONE;
    l->finally = NULL;
    l->target.count = 0;
    l->label = 0;
    l->fault = NULL;
    if (number != 0)
        js_stmt(l, HUNCH_STMT_PARAMETERS, HUNCH_NONE, list);
    parameters(l, &f);
    if (f.class != HUNCH_NONE && f.parameters == HUNCH_NONE)
        for (uint32_t i = 0; i < HANDED_ON; i++)
            (void)parameter_add(l, f.node, 0);
    const uint32_t self = (uint32_t)l->b->var.count;
    const bool has_this = f.self != HUNCH_NONE && !f.is_constructor;
    if (has_this) {
        (void)parameter_add(l, f.node, js_literal(l, "this"));
        if (!l->symbol.items[f.self].is_captured)
            l->symbol.items[f.self].index = self;
    }
    struct hunch_function out = {.name = f.name, .span = extent(l, f.node)};
    out.parameter_count = (uint32_t)l->b->var.count;
    out.line = js_line(l, out.span.begin);
    out.last_line = js_line(l, out.span.end > out.span.begin ? out.span.end - 1 : out.span.end);
    if (f.is_deep)
        l->b->is_cut = true;
    else
        body(l, &f, self);
    out.flags = (f.is_top && !l->is_module ? 0 : HUNCH_FUNCTION_IS_STATIC) |
                (f.error != HUNCH_NONE ? HUNCH_FUNCTION_HAS_ERROR : 0) |
                (has_this ? HUNCH_FUNCTION_HAS_THIS : 0) |
                (f.is_method ? HUNCH_FUNCTION_IS_METHOD : 0);
    const bool is_cut = l->b->is_cut;
    if (hunch_build_finish(l->b, l->file, out, NULL) != HUNCH_OK) {
        js_fail(l);
        return;
    }
    const uint32_t index = (uint32_t)l->file->function.count - 1;
    if (f.is_deep)
        fault(l, index, out.line, "nested too deeply");
    else if (is_cut)
        fault(l, index, out.line, "function too large");
    if (f.error != HUNCH_NONE)
        fault(l, index, js_line(l, js_node(l, f.error)->begin),
              js_node(l, f.error)->flags & HUNCH_NODE_IS_TOO_SLOW ? HUNCH_TREE_TOO_SLOW
                                                                  : "syntax error");
    if (l->fault != NULL)
        fault(l, index, out.line, l->fault);
}

/* ---- the file ---- */

static void release(struct js_lower *l)
{
    hunch_build_free(&l->builder);
    hunch_vec_free(l->a, &l->function);
    hunch_vec_free(l->a, &l->symbol);
    hunch_vec_free(l->a, &l->scope);
    hunch_key_map_free(l->a, &l->declared);
    hunch_key_map_free(l->a, &l->taken);
    hunch_vec_free(l->a, &l->times);
    hunch_vec_free(l->a, &l->target);
    hunch_vec_free(l->a, &l->arguments);
    hunch_vec_free(l->a, &l->text);
    hunch_free_array(l->a, l->of, l->tree.node.count, sizeof *l->of);
}

/* A copy of the source that a parser can bear; what was taken away is a fault. */
static uint8_t *bounded(struct js_lower *l, const struct hunch_graph_source *source)
{
    uint8_t *text = hunch_alloc(l->a, source->size + 1);
    struct js_bound_memory *memory = hunch_alloc(l->a, sizeof *memory);
    struct js_cut deep = {false, 0}, large = {false, 0};
    if (text != NULL && memory != NULL) {
        memcpy(text, source->bytes, source->size);
        text[source->size] = 0;
        js_bound(text, (uint32_t)source->size, &deep, &large, memory);
    }
    if (deep.is_there)
        fault(l, HUNCH_NONE, js_line(l, deep.at), "nested too deeply");
    if (large.is_there)
        fault(l, HUNCH_NONE, js_line(l, large.at), "statement too large");
    if (memory == NULL) {
        hunch_free(l->a, text, source->size + 1);
        text = NULL;
    }
    hunch_free(l->a, memory, sizeof *memory);
    return text;
}

static hunch_status lower(const struct hunch_graph_source *source, struct hunch_graph_file *file,
                          struct hunch_name_set *names, struct hunch_error *err)
{
    struct js_lower l = {.a = file->a, .file = file, .source = source, .names = names};
    const uint32_t end = (uint32_t)source->size;
    uint8_t *text = bounded(&l, source);
    const struct hunch_tree_source tree = {.language = hunch_grammar_javascript(),
                                           .text = text,
                                           .size = end,
                                           .piece = &end,
                                           .piece_count = 1,
                                           .kinds = KINDS,
                                           .fields = FIELDS};
    if (text == NULL)
        return hunch_fail_memory(err, source->size, "a source");
    hunch_status status = hunch_tree_parse(l.a, &tree, &l.tree, err);
    if (status != HUNCH_OK) {
        hunch_free(l.a, text, source->size + 1);
        return status;
    }
    l.of = hunch_alloc_array(l.a, l.tree.node.count, sizeof *l.of);
    if (l.of != NULL) {
        memset(l.of, 0xff, l.tree.node.count * sizeof *l.of);
        l.b = &l.builder;
        l.builder.a = l.a;
        l.module = js_module_name(&l, source->name != NULL ? source->name : "",
                                  source->name != NULL ? strlen(source->name) : 0, true);
        js_resolve(&l);
        for (uint32_t f = 0; f < l.function.count && !l.failed && !names->failed; f++)
            lower_function(&l, f);
        if (l.has_exports)
            js_add_global(&l, l.module, 0, false);
    } else
        js_fail(&l);
    if (l.failed || names->failed)
        status = hunch_fail_memory(err, source->size, "a graph");
    release(&l);
    hunch_tree_free(&l.tree);
    hunch_free(l.a, text, source->size + 1);
    return status;
}

bool hunch_front_javascript_is_built(void)
{
    return hunch_grammar_javascript() != NULL;
}

hunch_status hunch_front_javascript(const struct hunch_graph_source *source,
                                    struct hunch_graph_file *file, struct hunch_error *err)
{
    if (hunch_grammar_javascript() == NULL)
        return hunch_fail(err, HUNCH_ERROR_UNSUPPORTED,
                          "hunch was built without the grammar of JavaScript; run `make grammars` "
                          "where npm reaches its packages, then `make`");
    if (source->size > SOURCE_MOST) {
        const struct hunch_graph_fault f = {.function = HUNCH_NONE, .line = 1, "file too large"};
        return hunch_vec_push(file->a, &file->fault, f)
                   ? HUNCH_OK
                   : hunch_fail_memory(err, sizeof f, "a graph");
    }
    struct hunch_name_set names;
    hunch_name_set_init(&names, file);
    hunch_status status = lower(source, file, &names, err);
    hunch_name_set_free(&names);
    return status;
}
