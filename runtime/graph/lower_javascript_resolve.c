/* lower_javascript_resolve.c: what the names of a file mean: a second walk over the tree, by the
 * scopes that lower_javascript_scope.c found. Which variables inner functions name, which are
 * written, what `this` is, and which functions are constructors.
 */
#include "graph/lower_javascript.h"

static void resolve(struct js_lower *l, uint32_t n, uint32_t scope, uint32_t function);

static uint32_t function_scope(const struct js_lower *l, uint32_t function)
{
    return l->function.items[function].scope;
}

static struct js_symbol *look_up(struct js_lower *l, uint32_t scope, uint32_t name,
                                 uint32_t function)
{
    for (; scope != HUNCH_NONE; scope = l->scope.items[scope].parent) {
        struct js_symbol *symbol = js_find(l, scope, name);
        if (symbol != NULL) {
            symbol->is_captured |= symbol->function != function;
            return symbol;
        }
    }
    return NULL;
}

static void resolve_name(struct js_lower *l, uint32_t n, uint32_t scope, uint32_t function)
{
    if (l->of[n] != HUNCH_NONE)
        return;
    struct js_symbol *symbol = look_up(l, scope, js_name(l, n), function);
    if (symbol != NULL)
        l->of[n] = (uint32_t)(symbol - l->symbol.items);
    else if (js_is(l, n, "require") || js_is(l, n, "exports") || js_is(l, n, "module"))
        l->is_module = true;
}

static void resolve_this(struct js_lower *l, uint32_t n, uint32_t function)
{
    uint32_t of = function;
    while (of != 0 && l->function.items[of].is_arrow)
        of = l->function.items[of].parent;
    if (of == 0)
        return;
    struct js_function *f = &l->function.items[of];
    if (f->self == HUNCH_NONE) {
        struct js_symbol *symbol = js_declare(l, f->scope, n, js_literal(l, "this"), S_THIS);
        if (symbol == NULL)
            return;
        f->self = (uint32_t)(symbol - l->symbol.items);
    }
    l->of[n] = f->self;
    l->symbol.items[f->self].is_captured |= of != function;
}

static void written(struct js_lower *l, uint32_t n, uint32_t scope, uint32_t function)
{
    switch (js_kind(l, n)) {
    case K_identifier:
    case K_shorthand_property_identifier_pattern: {
        struct js_symbol *symbol = look_up(l, scope, js_name(l, n), function);
        if (symbol != NULL) {
            symbol->writes++;
            if (symbol->kind == S_FUNCTION || symbol->kind == S_IMPORT) {
                symbol->kind = S_VARIABLE;
                symbol->index = HUNCH_NONE;
            }
        }
        break;
    }
    case K_object_pattern:
    case K_array_pattern:
    case K_rest_pattern:
    case K_parenthesized_expression:
        HUNCH_EACH_CHILD(&l->tree, n, c)
        written(l, c, scope, function);
        break;
    case K_pair_pattern: written(l, js_child(l, n, F_value), scope, function); break;
    case K_assignment_pattern:
    case K_object_assignment_pattern: written(l, js_child(l, n, F_left), scope, function); break;
    default: break;
    }
}

static void resolve_children(struct js_lower *l, uint32_t n, uint32_t scope, uint32_t function)
{
    HUNCH_EACH_CHILD(&l->tree, n, c)
    resolve(l, c, scope, function);
}

static void resolve_inside(struct js_lower *l, uint32_t function)
{
    const struct js_function f = l->function.items[function];
    if (f.parameters != HUNCH_NONE)
        resolve(l, f.parameters, f.scope, function);
    if (f.body != HUNCH_NONE)
        resolve(l, f.body, f.scope, function);
}

static void resolve_class(struct js_lower *l, uint32_t n, uint32_t scope, uint32_t function)
{
    const uint32_t body = js_child(l, n, F_body), own = l->of[n];
    HUNCH_EACH_CHILD(&l->tree, n, c)
    if (c != body)
        resolve(l, c, scope, function);
    if (body == HUNCH_NONE || own == HUNCH_NONE)
        return;
    HUNCH_EACH_CHILD(&l->tree, body, c)
    {
        if (js_kind(l, c) == K_method_definition) {
            const uint32_t key = js_child(l, c, F_name);
            if (js_kind(l, key) == K_computed_property_name)
                resolve(l, key, scope, function);
            if (l->of[c] != HUNCH_NONE)
                resolve_inside(l, l->of[c]);
        } else if (js_kind(l, c) == K_field_definition && !js_has_word(l, c, "static")) {
            resolve(l, c, function_scope(l, own), own);
        } else {
            resolve(l, c, scope, function);
        }
    }
    if (l->function.items[own].self == HUNCH_NONE && l->function.items[own].is_constructor) {
        struct js_symbol *self =
            js_declare(l, function_scope(l, own), n, js_literal(l, "this"), S_THIS);
        l->of[n] = own;
        if (self != NULL)
            l->function.items[own].self = (uint32_t)(self - l->symbol.items);
    }
}

static void resolve(struct js_lower *l, uint32_t n, uint32_t scope, uint32_t function)
{
    const uint16_t kind = js_kind(l, n);
    if (l->failed)
        return;
    if (js_is_function(kind)) {
        const uint32_t key = kind == K_method_definition ? js_child(l, n, F_name) : HUNCH_NONE;
        if (js_kind(l, key) == K_computed_property_name)
            resolve(l, key, scope, function);
        if (l->of[n] != HUNCH_NONE)
            resolve_inside(l, l->of[n]);
        return;
    }
    switch (kind) {
    case K_identifier:
    case K_shorthand_property_identifier:
    case K_shorthand_property_identifier_pattern: resolve_name(l, n, scope, function); return;
    case K_this:
    case K_super: resolve_this(l, n, function); return;
    case K_class:
    case K_class_declaration:
        if (l->of[n] != HUNCH_NONE)
            resolve_class(l, n, scope, function);
        return;
    case K_statement_block:
    case K_for_statement:
    case K_for_in_statement:
    case K_switch_body:
    case K_catch_clause:
        if (l->of[n] != HUNCH_NONE)
            scope = l->of[n];
        if (kind == K_for_in_statement && js_child(l, n, F_kind) == HUNCH_NONE)
            written(l, js_child(l, n, F_left), scope, function);
        break;
    case K_assignment_expression:
    case K_augmented_assignment_expression:
        written(l, js_child(l, n, F_left), scope, function);
        break;
    case K_update_expression: written(l, js_child(l, n, F_argument), scope, function); break;
    case K_import_statement: return;
    case K_export_statement:
        if (js_child(l, n, F_source) != HUNCH_NONE)
            return;
        break;
    case K_export_specifier: {
        const uint32_t name = js_child(l, n, F_name);
        if (js_kind(l, name) == K_identifier)
            resolve_name(l, name, scope, function);
        return;
    }
    default: break;
    }
    resolve_children(l, n, scope, function);
}

struct js_symbol *js_symbol_of(struct js_lower *l, uint32_t n)
{
    return l->of[n] == HUNCH_NONE ? NULL : &l->symbol.items[l->of[n]];
}

/* `new f(…)` makes f a constructor, and so does `this` in a function whose name is capitalised. */
static void find_constructors(struct js_lower *l)
{
    for (uint32_t n = 0; n < l->tree.node.count; n++) {
        if (js_kind(l, n) != K_new_expression)
            continue;
        const uint32_t name = js_child(l, n, F_constructor);
        struct js_symbol *symbol = js_kind(l, name) == K_identifier ? js_symbol_of(l, name) : NULL;
        if (symbol == NULL)
            continue;
        uint32_t of = symbol->kind == S_FUNCTION ? symbol->index : HUNCH_NONE;
        if (symbol->kind == S_VARIABLE && symbol->value != HUNCH_NONE &&
            js_is_function(js_kind(l, symbol->value)))
            of = l->of[symbol->value];
        if (of != HUNCH_NONE && !l->function.items[of].is_arrow)
            l->function.items[of].is_constructor = true;
    }
    for (size_t i = 1; i < l->function.count; i++) {
        struct js_function *f = &l->function.items[i];
        const char first = hunch_graph_name(l->file, f->name)[0];
        if (f->self != HUNCH_NONE && !f->is_method && !f->is_arrow && first >= 'A' && first <= 'Z')
            f->is_constructor = true;
    }
}

/* Function declarations whose name is used as a variable, too. */
static void find_hoisted(struct js_lower *l)
{
    for (uint32_t i = (uint32_t)l->function.count; i-- > 1;) {
        struct js_function *f = &l->function.items[i];
        const uint16_t kind = js_kind(l, f->node);
        if (kind != K_function_declaration && kind != K_generator_function_declaration &&
            kind != K_class_declaration)
            continue;
        const uint32_t name = js_child(l, f->node, F_name);
        const struct js_symbol *symbol = name == HUNCH_NONE ? NULL : js_symbol_of(l, name);
        if (symbol == NULL || symbol->kind != S_VARIABLE)
            continue;
        struct js_function *parent = &l->function.items[f->parent];
        f->next = parent->hoisted;
        parent->hoisted = i;
    }
}

void js_resolve(struct js_lower *l)
{
    js_declare_file(l);
    if (l->failed || l->names->failed)
        return;
    resolve_children(l, 0, 0, 0);
    if (l->failed || l->names->failed)
        return;
    find_constructors(l);
    find_hoisted(l);
}
