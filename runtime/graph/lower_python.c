/* lower_python.c: the front end of Python: a file's functions and classes. tree-sitter gives the
 * tree, lower_python_scope.c says which name is what; then the functions are built one after
 * another, and what stands outside of them last. A class is a function, too: the one that makes an
 * object. What cannot be read is a fault of its function, or of the file, and the rest goes on.
 */
#include <string.h>

#include "graph/front.h"
#include "graph/lower_python.h"

extern const TSLanguage *hunch_grammar_python(void); /* NULL: not built in */

static const char *const KINDS[] = {
#define X(name) #name,
    HUNCH_PY_KINDS(X)
#undef X
        NULL};

static const char *const FIELDS[] = {
#define X(name) #name,
    HUNCH_PY_FIELDS(X)
#undef X
        NULL};

/* ---- nodes ---- */

bool py_is(const struct py_lower *l, uint32_t n, const char *text)
{
    const size_t size = strlen(text);
    return py_size(l, n) == size && memcmp(py_text(l, n), text, size) == 0;
}

bool py_is_named(const struct py_lower *l, uint32_t n)
{
    const uint16_t kind = py_node(l, n)->kind;
    const bool is_word = py_node(l, n)->after == n + 1 &&
                         (kind == K_lambda || kind == K_await || kind == K_yield || kind == K_type);
    return kind != K_NONE && !is_word;
}

uint32_t py_named(const struct py_lower *l, uint32_t n, uint32_t index)
{
    if (n == HUNCH_NONE)
        return HUNCH_NONE;
    HUNCH_EACH_CHILD(&l->tree, n, c)
    if (py_is_named(l, c) && index-- == 0)
        return c;
    return HUNCH_NONE;
}

uint32_t py_bare(const struct py_lower *l, uint32_t n)
{
    while (py_kind(l, n, K_parenthesized_expression))
        n = py_named(l, n, 0);
    return n;
}

uint32_t py_name(struct py_lower *l, uint32_t n)
{
    return hunch_name_add(l->names, py_text(l, n), py_size(l, n));
}

uint32_t py_join(struct py_lower *l, uint32_t left, const char *between, uint32_t right)
{
    return hunch_lower_join(l->names, left, between, right);
}

uint32_t py_line(const struct py_lower *l, uint32_t offset)
{
    return hunch_lower_line(l->file, offset);
}

void py_fail(struct py_lower *l)
{
    l->failed = true;
}

void py_fault(struct py_lower *l, uint32_t function, uint32_t line, const char *reason)
{
    if (!hunch_lower_fault(l->file, function, line, reason))
        py_fail(l);
}

/* ---- definitions, as they run ---- */

bool py_decorated(const struct py_lower *l, uint32_t definition, const char *name)
{
    /* The decorators stand before it, in a node of their own. */
    uint32_t at = definition;
    while (at > 0 && !(py_kind(l, at, K_decorated_definition) &&
                       py_node(l, at)->after >= py_node(l, definition)->after)) {
        if (py_kind(l, at, K_block) && py_node(l, at)->after >= py_node(l, definition)->after)
            return false;
        at--;
    }
    if (at == 0 || py_child(l, at, F_definition) != definition)
        return false;
    HUNCH_EACH_CHILD(&l->tree, at, c)
    if (py_kind(l, c, K_decorator)) {
        uint32_t what = py_named(l, c, 0);
        if (py_kind(l, what, K_call))
            what = py_child(l, what, F_function);
        if (py_kind(l, what, K_attribute))
            what = py_child(l, what, F_attribute);
        if (what != HUNCH_NONE && py_is(l, what, name))
            return true;
    }
    return false;
}

/* Where the value of a parameter's default is kept. */
static uint32_t default_name(struct py_lower *l, uint32_t function, uint32_t parameter)
{
    return py_join(l, l->scope.items[function].name, "=", parameter);
}

static void defaults(struct py_lower *l, uint32_t n, uint32_t scope)
{
    const uint32_t list = py_child(l, n, F_parameters);
    if (list == HUNCH_NONE || scope == HUNCH_NONE)
        return;
    HUNCH_EACH_CHILD(&l->tree, list, c)
    {
        const uint32_t value = py_child(l, c, F_value), name = py_child(l, c, F_name);
        if (value == HUNCH_NONE || name == HUNCH_NONE || py_is_constant(l, value))
            continue;
        const uint32_t global = default_name(l, scope, py_name(l, name));
        const struct hunch_global g = {
            .name = global, .flags = HUNCH_VAR_IS_STATIC, .is_defined = 1};
        if (!hunch_vec_push(l->a, &l->file->global, g))
            py_fail(l);
        (void)py_stmt(l, HUNCH_STMT_EXPRESSION, value, c);
        py_store(l, c, py_op(l, HUNCH_OP_NAME, c, global, 0), py_value(l, value));
    }
}

static bool is_plain(const struct py_lower *l, uint32_t n)
{
    static const char *const NAMES[] = {"property", "staticmethod", "classmethod",   "dataclass",
                                        "override", "overload",     "abstractmethod"};
    for (size_t i = 0; n != HUNCH_NONE && i < sizeof NAMES / sizeof *NAMES; i++)
        if (py_is(l, n, NAMES[i]))
            return true;
    return false;
}

void py_function_value(struct py_lower *l, uint32_t n)
{
    const uint32_t definition =
        py_kind(l, n, K_decorated_definition) ? py_child(l, n, F_definition) : n;
    if (definition == HUNCH_NONE)
        return;
    const uint32_t scope = py_scope_of(l, definition);
    if (py_kind(l, definition, K_class_definition))
        py_class_body(l, definition);
    else
        defaults(l, definition, scope);
    if (definition == n || scope == HUNCH_NONE)
        return;
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        const uint32_t what = py_kind(l, c, K_decorator) ? py_named(l, c, 0) : HUNCH_NONE;
        uint32_t name = 0;
        if (what == HUNCH_NONE || is_plain(l, what))
            continue;
        (void)py_stmt(l, HUNCH_STMT_EXPRESSION, what, c);
        const bool is_name = py_dotted(l, what, &name);
        const uint32_t callee =
            is_name ? py_op(l, HUNCH_OP_NAME, what, name, 0) : py_value(l, what);
        const uint32_t value =
            py_load(l, what, py_op(l, HUNCH_OP_NAME, what, l->scope.items[scope].name, 0));
        const uint32_t args = hunch_build_args(l->b, &value, 1);
        (void)hunch_build_op(
            l->b,
            (struct hunch_op){
                .kind = HUNCH_OP_CALL, .a = callee, .b = args, .c = 1, .span = py_span(l, what)});
    }
}

void py_class_body(struct py_lower *l, uint32_t n)
{
    const uint32_t scope = py_scope_of(l, n), outer = l->scope_now;
    if (scope == HUNCH_NONE)
        return;
    l->scope_now = scope;
    py_statements(l, py_child(l, n, F_body));
    l->scope_now = outer;
}

/* ---- functions ---- */

/* A parameter's variable; flags: of rest parameters. */
static void parameter(struct py_lower *l, uint32_t n, uint32_t flags)
{
    const uint32_t name = py_kind(l, n, K_identifier) ? py_name(l, n) : 0;
    const uint32_t index = hunch_build_var(
        l->b, (struct hunch_var){
                  .name = name, .flags = HUNCH_VAR_IS_PARAMETER | flags, .span = py_span(l, n)});
    struct py_binding *b = name == 0 ? NULL : py_bound(l, l->function_now, name);
    if (b != NULL)
        b->var = index;
}

/* The name of a parameter, *value its default; *flags of rest parameters. NONE: a `*` or `/`. */
static uint32_t parameter_name(const struct py_lower *l, uint32_t n, uint32_t *value,
                               uint32_t *flags)
{
    *value = py_child(l, n, F_value);
    *flags = 0;
    if (py_kind(l, n, K_default_parameter) || py_kind(l, n, K_typed_default_parameter))
        n = py_child(l, n, F_name);
    else if (py_kind(l, n, K_typed_parameter))
        n = py_named(l, n, 0);
    if (py_kind(l, n, K_list_splat_pattern))
        *flags = HUNCH_VAR_IS_REST;
    else if (py_kind(l, n, K_dictionary_splat_pattern))
        *flags = HUNCH_VAR_IS_REST_NAMED;
    if (*flags != 0)
        n = py_named(l, n, 0);
    return n != HUNCH_NONE && (py_kind(l, n, K_identifier) || py_kind(l, n, K_tuple_pattern))
               ? n
               : HUNCH_NONE;
}

static void begin_function(struct py_lower *l, uint32_t scope)
{
    hunch_build_begin(l->b, l->a);
    l->function_now = l->scope_now = scope;
    l->yielded = HUNCH_NONE;
    l->loop = HUNCH_NONE;
    l->frame = NULL;
    l->inner.count = l->value.count = 0;
}

/* What parameters hold beyond being variables: defaults, places of inner functions, tuples. */
static void enter(struct py_lower *l, uint32_t scope, uint32_t list, uint32_t first)
{
    uint32_t index = first, value, flags;
    if (list == HUNCH_NONE)
        return;
    HUNCH_EACH_CHILD(&l->tree, list, c)
    {
        const uint32_t name = parameter_name(l, c, &value, &flags);
        if (name == HUNCH_NONE)
            continue;
        const uint32_t var = index++;
        if (value != HUNCH_NONE && !py_is_constant(l, value) && py_kind(l, name, K_identifier)) {
            const uint32_t yes = hunch_build_block(l->b), done = hunch_build_block(l->b);
            py_maybe(l, c, yes, done);
            hunch_build_start(l->b, yes);
            py_store(
                l, c, py_variable(l, c, var),
                py_load(l, c,
                        py_op(l, HUNCH_OP_NAME, c, default_name(l, scope, py_name(l, name)), 0)));
            hunch_build_start(l->b, done);
        }
        const struct py_binding *b =
            py_kind(l, name, K_identifier) ? py_bound(l, scope, py_name(l, name)) : NULL;
        if (py_kind(l, name, K_tuple_pattern) || (b != NULL && (b->flags & PY_IS_CAPTURED)))
            py_assign(l, name, py_load(l, name, py_variable(l, name, var)));
    }
}

/* Is something of the function itself, not of one in it, so marked? Its node, or NONE. */
static uint32_t flagged(const struct py_lower *l, uint32_t n, uint8_t flags)
{
    for (uint32_t i = n + 1; i < py_node(l, n)->after;) {
        if (py_node(l, i)->flags & flags)
            return i;
        const bool is_inner =
            py_kind(l, i, K_function_definition) || (py_kind(l, i, K_lambda) && py_is_named(l, i));
        i = is_inner ? py_node(l, i)->after : i + 1;
    }
    return HUNCH_NONE;
}

static void finish(struct py_lower *l, uint32_t n, uint32_t name, uint32_t flags,
                   uint32_t parameters, uint32_t error, uint32_t deep)
{
    struct hunch_function f = {.name = name,
                               .flags = flags | HUNCH_FUNCTION_IS_STATIC |
                                        (error != HUNCH_NONE ? HUNCH_FUNCTION_HAS_ERROR : 0u),
                               .span = py_span(l, n),
                               .parameter_count = parameters};
    f.line = py_line(l, f.span.begin);
    f.last_line = py_line(l, f.span.end > f.span.begin ? f.span.end - 1 : f.span.end);
    const bool is_cut = l->b->is_cut;
    if (hunch_build_finish(l->b, l->file, f, NULL) != HUNCH_OK) {
        py_fail(l);
        return;
    }
    const uint32_t index = (uint32_t)l->file->function.count - 1;
    if (deep != HUNCH_NONE)
        py_fault(l, index, py_line(l, py_node(l, deep)->begin), "nested too deeply");
    else if (is_cut)
        py_fault(l, index, f.line, "function too large");
    if (error != HUNCH_NONE)
        py_fault(l, index, py_line(l, py_node(l, error)->begin), "syntax error");
}

static void function(struct py_lower *l, uint32_t scope)
{
    const struct py_scope s = l->scope.items[scope];
    const uint32_t n = s.node, list = py_child(l, n, F_parameters), body = py_child(l, n, F_body),
                   first = s.is_static;
    uint32_t value, flags, count = first;
    begin_function(l, scope);
    (void)py_stmt(l, HUNCH_STMT_PARAMETERS, list, list == HUNCH_NONE ? n : list);
    if (s.is_static)
        (void)hunch_build_var(
            l->b, (struct hunch_var){.flags = HUNCH_VAR_IS_PARAMETER, .span = py_span(l, n)});
    if (list != HUNCH_NONE) {
        HUNCH_EACH_CHILD(&l->tree, list, c)
        {
            const uint32_t name = parameter_name(l, c, &value, &flags);
            if (name == HUNCH_NONE)
                continue;
            parameter(l, name, flags);
            count++;
        }
    }
    const uint32_t error = flagged(l, n, HUNCH_NODE_IS_ERROR),
                   deep = flagged(l, n, HUNCH_NODE_IS_TOO_DEEP);
    l->b->is_cut |= deep != HUNCH_NONE;
    enter(l, scope, list, first);
    if (s.yields) {
        l->yielded = py_temporary(l, n);
        py_store(l, n, py_variable(l, n, l->yielded), py_call_name(l, n, "[]", NULL, 0));
    }
    if (py_kind(l, n, K_lambda)) {
        if (body != HUNCH_NONE) {
            (void)py_stmt(l, HUNCH_STMT_RETURN, body, body);
            py_return(l, body, py_value(l, body));
        }
    } else {
        py_statements(l, body);
    }
    if (s.yields)
        py_return(l, n, HUNCH_NONE);
    hunch_build_exit(l->b, true);
    const bool is_method = py_own_class(l, scope) != HUNCH_NONE;
    finish(l, n, s.name,
           (is_method ? HUNCH_FUNCTION_IS_METHOD : 0u) |
               (s.of_class || s.is_static ? HUNCH_FUNCTION_IS_OF_CLASS : 0u),
           count, error, deep);
}

/* ---- objects ---- */

static uint32_t pass_on(struct py_lower *l, uint32_t n, uint32_t var, const char *by)
{
    const uint32_t value = py_load(l, n, py_variable(l, n, var));
    if (by == NULL)
        return value;
    return hunch_build_op(l->b, (struct hunch_op){.kind = HUNCH_OP_CAST,
                                                  .flags = HUNCH_OP_IS_NAMED,
                                                  .a = value,
                                                  .b = hunch_name_add(l->names, by, strlen(by)),
                                                  .span = py_span(l, n)});
}

/* Parameters as those of __init__ without its first; they are passed on to it. */
static uint32_t initialised(struct py_lower *l, uint32_t n, uint32_t init)
{
    const uint32_t list = py_child(l, l->scope.items[init].node, F_parameters);
    uint32_t count = 0, value, flags, seen = 0;
    bool by_name = false;
    HUNCH_EACH_CHILD(&l->tree, list == HUNCH_NONE ? n : list, c)
    {
        const uint32_t name =
            list == HUNCH_NONE ? HUNCH_NONE : parameter_name(l, c, &value, &flags);
        if (name != HUNCH_NONE && seen++ > 0) {
            (void)hunch_build_var(
                l->b,
                (struct hunch_var){.name = py_kind(l, name, K_identifier) ? py_name(l, name) : 0,
                                   .flags = HUNCH_VAR_IS_PARAMETER | flags,
                                   .span = py_span(l, name)});
            count++;
        }
    }
    const uint32_t object = py_call_name(l, n, "[]", NULL, 0);
    const size_t first = l->value.count;
    if (!hunch_vec_push(l->a, &l->value, object))
        py_fail(l);
    for (uint32_t i = 0; i < count && i < l->b->var.count; i++) {
        const struct hunch_var var = l->b->var.items[i];
        const char *by = (var.flags & HUNCH_VAR_IS_REST)         ? "*"
                         : (var.flags & HUNCH_VAR_IS_REST_NAMED) ? "**"
                         : by_name ? hunch_graph_name(l->file, var.name)
                                   : NULL;
        by_name |= (var.flags & HUNCH_VAR_IS_REST) != 0;
        const uint32_t passed = pass_on(l, n, i, by);
        if (!hunch_vec_push(l->a, &l->value, passed))
            py_fail(l);
    }
    (void)py_call_name(l, n, hunch_graph_name(l->file, l->scope.items[init].name),
                       l->value.items + first, (uint32_t)(l->value.count - first));
    l->value.count = first;
    (void)py_op(l, HUNCH_OP_RETURN, n, object, 0);
    return count;
}

/* Fields that a class only declares, `name: type`: a dataclass and its kin. */
static uint32_t declared(struct py_lower *l, uint32_t n)
{
    const uint32_t body = py_child(l, n, F_body);
    uint32_t count = 0;
    if (body == HUNCH_NONE)
        return 0;
    HUNCH_EACH_CHILD(&l->tree, body, c)
    {
        const uint32_t a = py_kind(l, c, K_expression_statement) ? py_named(l, c, 0) : HUNCH_NONE;
        const uint32_t left = py_kind(l, a, K_assignment) && py_child(l, a, F_type) != HUNCH_NONE
                                  ? py_child(l, a, F_left)
                                  : HUNCH_NONE;
        if (!py_kind(l, left, K_identifier))
            continue;
        (void)hunch_build_var(l->b, (struct hunch_var){.name = py_name(l, left),
                                                       .flags = HUNCH_VAR_IS_PARAMETER,
                                                       .span = py_span(l, left)});
        count++;
    }
    if (count == 0)
        return 0;
    const uint32_t object = py_call_name(l, n, "[]", NULL, 0);
    for (uint32_t i = 0; i < count && i < l->b->var.count; i++) {
        const uint32_t value = py_load(l, n, py_variable(l, n, i));
        py_store(l, n, py_op(l, HUNCH_OP_FIELD, n, object, l->b->var.items[i].name), value);
    }
    (void)py_op(l, HUNCH_OP_RETURN, n, object, 0);
    return count;
}

/* What the base makes of all that is given. */
static uint32_t inherited(struct py_lower *l, uint32_t n, uint32_t scope)
{
    static const uint32_t FLAGS[] = {HUNCH_VAR_IS_REST, HUNCH_VAR_IS_REST_NAMED};
    uint32_t base = 0, object;
    l->scope_now = l->scope.items[scope].parent;
    (void)py_class_of(l, py_base(l, scope, 0), &base);
    for (int i = 0; i < 2; i++)
        (void)hunch_build_var(l->b, (struct hunch_var){.flags = HUNCH_VAR_IS_PARAMETER | FLAGS[i],
                                                       .span = py_span(l, n)});
    if (base != 0 && base != l->scope.items[scope].name) {
        const uint32_t value[] = {pass_on(l, n, 0, "*"), pass_on(l, n, 1, "**")};
        object = py_call_name(l, n, hunch_graph_name(l->file, base), value, 2);
    } else {
        object = py_call_name(l, n, "[]", NULL, 0);
    }
    (void)py_op(l, HUNCH_OP_RETURN, n, object, 0);
    return 2;
}

static void class(struct py_lower *l, uint32_t scope)
{
    const struct py_scope s = l->scope.items[scope];
    const struct py_binding *init = py_bound(l, scope, hunch_name_add(l->names, "__init__", 8));
    const uint32_t name = py_child(l, s.node, F_name);
    begin_function(l, scope);
    (void)py_stmt(l, HUNCH_STMT_PARAMETERS, name, s.node);
    uint32_t count = 0;
    if (init != NULL && (init->flags & PY_IS_FUNCTION))
        count = initialised(l, name, init->scope);
    else if ((count = declared(l, s.node)) == 0)
        count = inherited(l, name, scope);
    hunch_build_exit(l->b, true);
    finish(l, name, s.name, 0, count, HUNCH_NONE, HUNCH_NONE);
}

/* ---- the file ---- */

static void module(struct py_lower *l)
{
    begin_function(l, 0);
    const uint32_t error = flagged(l, 0, HUNCH_NODE_IS_ERROR),
                   deep = flagged(l, 0, HUNCH_NODE_IS_TOO_DEEP);
    l->b->is_cut |= deep != HUNCH_NONE;
    py_statements(l, 0);
    hunch_build_exit(l->b, true);
    const bool is_slow = error != HUNCH_NONE && (py_node(l, error)->flags & HUNCH_NODE_IS_TOO_SLOW);
    if (is_slow)
        py_fault(l, HUNCH_NONE, py_line(l, py_node(l, error)->begin), HUNCH_TREE_TOO_SLOW);
    if (l->b->stmt.count > 0 || l->b->is_cut || error != HUNCH_NONE)
        finish(l, 0, hunch_name_add(l->names, "<module>", 8), HUNCH_FUNCTION_IS_INITIAL, 0,
               is_slow ? HUNCH_NONE : error, deep);
}

static void release(struct py_lower *l)
{
    hunch_vec_free(l->a, &l->scope);
    hunch_vec_free(l->a, &l->binding);
    hunch_key_map_free(l->a, &l->bound);
    hunch_vec_free(l->a, &l->inner);
    hunch_vec_free(l->a, &l->value);
    hunch_vec_free(l->a, &l->text);
}

bool hunch_front_python_is_built(void)
{
    return hunch_grammar_python() != NULL;
}

hunch_status hunch_front_python(const struct hunch_graph_source *source,
                                struct hunch_graph_file *file, struct hunch_error *err)
{
    if (hunch_grammar_python() == NULL)
        return hunch_fail(err, HUNCH_ERROR_UNSUPPORTED,
                          "hunch was built without the grammar of Python; run `make grammars` "
                          "where npm reaches its packages, then `make`");
    struct hunch_name_set names;
    struct hunch_builder builder = {0};
    struct py_lower l = {
        .a = file->a, .file = file, .source = source, .names = &names, .b = &builder};
    hunch_name_set_init(&names, file);
    hunch_build_begin(&builder, l.a);
    uint8_t *text = py_pieces(&l);
    const struct hunch_tree_source tree = {.language = hunch_grammar_python(),
                                           .text = text != NULL ? text : source->bytes,
                                           .size = (uint32_t)source->size,
                                           .piece = l.value.items,
                                           .piece_count = l.value.count,
                                           .kinds = KINDS,
                                           .fields = FIELDS};
    hunch_status status = l.failed || names.failed
                              ? hunch_fail_memory(err, source->size, "a source")
                              : hunch_tree_parse(l.a, &tree, &l.tree, err);
    l.value.count = 0;
    if (status == HUNCH_OK) {
        if (py_scopes(&l)) {
            for (uint32_t s = 1; s < l.scope.count && !l.failed && !names.failed; s++)
                if (l.scope.items[s].kind == PY_FUNCTION)
                    function(&l, s);
                else
                    class(&l, s);
            if (!l.failed && !names.failed)
                module(&l);
        }
        if (l.failed || names.failed || builder.failed)
            status = hunch_fail_memory(err, source->size, "a graph");
        hunch_tree_free(&l.tree);
    }
    release(&l);
    hunch_free(l.a, text, source->size);
    hunch_build_free(&builder);
    hunch_name_set_free(&names);
    return status;
}
