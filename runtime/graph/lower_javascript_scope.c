/* lower_javascript_scope.c: what a file declares: a walk over the tree that finds functions, scopes
 * and declarations: var and functions belong to the function or block around them before they stand
 * there. lower_javascript_resolve.c looks up what is used then. The tree is at most
 * HUNCH_GRAPH_DEPTH_MOST deep.
 */
#include <stdio.h>
#include <string.h>

#include "graph/lower_javascript.h"

enum { NAME_MOST = 120 }; /* of a qualified name that more is put behind */

static void declare_all(struct js_lower *l, uint32_t n, uint32_t scope, uint32_t function);

bool js_is_function(uint16_t kind)
{
    return kind == K_function_declaration || kind == K_function_expression ||
           kind == K_arrow_function || kind == K_generator_function ||
           kind == K_generator_function_declaration || kind == K_method_definition;
}

/* ---- names of functions and of places beyond them ---- */

uint32_t js_unique(struct js_lower *l, uint32_t name)
{
    for (;;) {
        const struct hunch_map_key key = {{name, 0, 0, 0}};
        bool added;
        const uint32_t number = hunch_vec_reserve(l->a, &l->times, 1)
                                    ? hunch_key_number(l->a, &l->taken, key, true, &added)
                                    : UINT32_MAX;
        if (number == UINT32_MAX) {
            js_fail(l);
            return name;
        }
        if (added) {
            l->times.items[l->times.count++] = 1;
            return name;
        }
        char text[NAME_MOST * 2 + 16];
        snprintf(text, sizeof text, "%.*s#%u", NAME_MOST * 2, hunch_graph_name(l->file, name),
                 ++l->times.items[number]);
        name = js_literal(l, text);
        if (l->names->failed)
            return 0;
    }
}

/* outer.name; what is too long, and names of the file itself, stay as they are. */
static uint32_t qualified(struct js_lower *l, uint32_t outer, uint32_t name)
{
    const char *before = hunch_graph_name(l->file, outer),
               *behind = hunch_graph_name(l->file, name);
    char text[NAME_MOST * 3];
    if (outer == 0 || name == 0 || strlen(before) > NAME_MOST || strlen(behind) > NAME_MOST)
        return name;
    snprintf(text, sizeof text, "%s.%s", before, behind);
    return js_literal(l, text);
}

static uint32_t outer_name(const struct js_lower *l, uint32_t function)
{
    return function == 0 ? 0 : l->function.items[function].name;
}

void js_add_global(struct js_lower *l, uint32_t name, uint32_t node, bool is_static)
{
    struct hunch_global global = {.name = name,
                                  .flags = is_static ? HUNCH_VAR_IS_STATIC : 0,
                                  .is_defined = 1,
                                  .span = {js_node(l, node)->begin, js_node(l, node)->end}};
    if (!hunch_vec_push(l->a, &l->file->global, global))
        js_fail(l);
}

uint32_t js_global(struct js_lower *l, struct js_symbol *symbol)
{
    if (symbol->global == 0) {
        const bool is_shared = symbol->scope == 0 && !l->is_module;
        symbol->global = js_unique(l, qualified(l, outer_name(l, symbol->function), symbol->name));
        js_add_global(l, symbol->global, symbol->node, !is_shared);
    }
    return symbol->global;
}

/* ---- functions, scopes, symbols ---- */

static uint32_t scope_add(struct js_lower *l, uint32_t parent, uint32_t function)
{
    const struct js_scope scope = {parent, function};
    if (!hunch_vec_push(l->a, &l->scope, scope)) {
        js_fail(l);
        return 0;
    }
    return (uint32_t)l->scope.count - 1;
}

struct js_symbol *js_find(struct js_lower *l, uint32_t scope, uint32_t name)
{
    const struct hunch_map_key key = {{scope, name, 0, 0}};
    const uint32_t number = hunch_key_number(l->a, &l->declared, key, false, NULL);
    return number == UINT32_MAX ? NULL : &l->symbol.items[number];
}

struct js_symbol *js_declare(struct js_lower *l, uint32_t scope, uint32_t node, uint32_t name,
                             enum js_symbol_kind kind)
{
    const struct hunch_map_key key = {{scope, name, 0, 0}};
    bool added;
    const uint32_t number = hunch_vec_reserve(l->a, &l->symbol, 1)
                                ? hunch_key_number(l->a, &l->declared, key, true, &added)
                                : UINT32_MAX;
    if (number == UINT32_MAX) {
        js_fail(l);
        return NULL;
    }
    if (added)
        l->symbol.items[l->symbol.count++] =
            (struct js_symbol){.kind = (uint8_t)kind,
                               .name = name,
                               .scope = scope,
                               .function = l->scope.items[scope].function,
                               .node = node,
                               .value = HUNCH_NONE,
                               .pattern = HUNCH_NONE,
                               .index = HUNCH_NONE};
    struct js_symbol *symbol = &l->symbol.items[number];
    if (!added) { /* more than one meaning: a variable that is written */
        symbol->writes++;
        symbol->kind = S_VARIABLE;
        symbol->index = HUNCH_NONE;
    }
    l->of[node] = number;
    return symbol;
}

static void declare_pattern(struct js_lower *l, uint32_t n, uint32_t scope, uint32_t value,
                            uint32_t pattern)
{
    struct js_symbol *symbol;
    switch (js_kind(l, n)) {
    case K_identifier:
    case K_shorthand_property_identifier_pattern:
        symbol = js_declare(l, scope, n, js_name(l, n), S_VARIABLE);
        if (symbol != NULL && symbol->writes == 0) {
            symbol->value = value;
            symbol->pattern = n == pattern ? HUNCH_NONE : pattern;
        }
        break;
    case K_object_pattern:
    case K_array_pattern:
    case K_rest_pattern:
        HUNCH_EACH_CHILD(&l->tree, n, c)
        declare_pattern(l, c, scope, value, pattern);
        break;
    case K_pair_pattern: declare_pattern(l, js_child(l, n, F_value), scope, value, pattern); break;
    case K_assignment_pattern:
    case K_object_assignment_pattern: /* with a default: no alias */
        declare_pattern(l, js_child(l, n, F_left), scope, HUNCH_NONE, HUNCH_NONE);
        break;
    default: break;
    }
}

static uint32_t function_scope(const struct js_lower *l, uint32_t function)
{
    return l->function.items[function].scope;
}

bool js_has_word(const struct js_lower *l, uint32_t n, const char *word)
{
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        if (js_kind(l, c) == K_NONE && js_is(l, c, word))
            return true;
        if (js_node(l, c)->field == F_body || js_node(l, c)->field == F_name)
            return false;
    }
    return false;
}

static void hint(struct js_lower *l, uint32_t value, uint32_t name, bool is_method)
{
    l->hint_node = value == HUNCH_NONE ? HUNCH_NONE : js_bare(l, value);
    l->hint = name;
    l->hint_method = is_method;
}

/* The name of a property; of a computed one none. */
static uint32_t property_name(struct js_lower *l, uint32_t n)
{
    switch (js_kind(l, n)) {
    case K_property_identifier:
    case K_private_property_identifier:
    case K_identifier: return js_name(l, n);
    case K_string: return js_string(l, n);
    default: return 0;
    }
}

static uint32_t function_add(struct js_lower *l, struct js_function f, uint32_t scope)
{
    f.scope = scope_add(l, scope, (uint32_t)l->function.count);
    f.name = js_unique(l, f.name);
    f.self = f.error = f.hoisted = f.next = HUNCH_NONE;
    if (!hunch_vec_push(l->a, &l->function, f)) {
        js_fail(l);
        return 0;
    }
    return (uint32_t)l->function.count - 1;
}

static void declare_inside(struct js_lower *l, uint32_t function)
{
    const struct js_function f = l->function.items[function];
    l->owner = 0;
    if (f.parameters != HUNCH_NONE) {
        if (js_kind(l, f.parameters) == K_identifier)
            declare_pattern(l, f.parameters, f.scope, HUNCH_NONE, HUNCH_NONE);
        else
            HUNCH_EACH_CHILD(&l->tree, f.parameters, c)
        declare_pattern(l, c, f.scope, HUNCH_NONE, HUNCH_NONE);
        declare_all(l, f.parameters, f.scope, function);
    }
    if (f.body == HUNCH_NONE)
        return;
    if (js_kind(l, f.body) == K_statement_block) {
        l->of[f.body] = f.scope;
        HUNCH_EACH_CHILD(&l->tree, f.body, c)
        declare_all(l, c, f.scope, function);
    } else {
        declare_all(l, f.body, f.scope, function);
    }
}

static void parts(struct js_lower *l, uint32_t n, struct js_function *f)
{
    f->body = js_child(l, n, F_body);
    f->parameters = js_child(l, n, F_parameters);
    if (f->parameters == HUNCH_NONE)
        f->parameters = js_child(l, n, F_parameter);
}

/* A function that the file's scope does not know by this name must not be taken for a name that
 * nobody declares: what a function is called has a dot then. */
static uint32_t function_name(struct js_lower *l, uint32_t name, uint32_t outer, bool is_top)
{
    if (name == 0)
        return qualified(l, outer_name(l, outer), js_literal(l, "function"));
    if (outer == 0 && !is_top && strchr(hunch_graph_name(l->file, name), '.') == NULL &&
        js_find(l, 0, name) == NULL)
        return qualified(l, js_literal(l, "inner"), name);
    return qualified(l, outer_name(l, outer), name);
}

static void declare_function(struct js_lower *l, uint32_t n, uint32_t scope, uint32_t outer)
{
    const uint16_t kind = js_kind(l, n);
    const uint32_t name_node = js_child(l, n, F_name);
    uint32_t name = kind == K_method_definition ? property_name(l, name_node)
                    : name_node != HUNCH_NONE   ? js_name(l, name_node)
                    : l->hint_node == n         ? l->hint
                                                : 0;
    struct js_function f = {
        .node = n, .parent = outer, .class = HUNCH_NONE, .of_class = HUNCH_NONE};
    const uint32_t own = name;
    if (js_kind(l, name_node) == K_computed_property_name)
        declare_all(l, name_node, scope, outer);
    f.is_method = kind == K_method_definition || (l->hint_node == n && l->hint_method);
    f.is_arrow = kind == K_arrow_function;
    f.is_generator = kind == K_generator_function || kind == K_generator_function_declaration ||
                     (kind == K_method_definition && js_has_word(l, n, "*"));
    f.is_top = outer == 0 && scope == 0 && kind == K_function_declaration;
    if (kind == K_method_definition)
        name = qualified(l, l->owner, name);
    f.name = function_name(l, name, outer, f.is_top);
    parts(l, n, &f);
    const uint32_t index = function_add(l, f, scope);
    l->of[n] = index;
    if (own != 0 && (kind == K_function_declaration || kind == K_generator_function_declaration)) {
        struct js_symbol *symbol = js_declare(l, scope, name_node, own, S_FUNCTION);
        if (symbol != NULL && symbol->kind == S_FUNCTION)
            symbol->index = index;
    } else if (own != 0 && kind != K_method_definition && name_node != HUNCH_NONE) {
        struct js_symbol *symbol =
            js_declare(l, function_scope(l, index), name_node, own, S_FUNCTION);
        if (symbol != NULL && symbol->kind == S_FUNCTION)
            symbol->index = index;
    }
    declare_inside(l, index);
}

static bool is_constructor(struct js_lower *l, uint32_t n)
{
    return js_kind(l, n) == K_method_definition && js_child(l, n, F_name) != HUNCH_NONE &&
           js_is(l, js_child(l, n, F_name), "constructor") && !js_has_word(l, n, "static");
}

static void declare_class(struct js_lower *l, uint32_t n, uint32_t scope, uint32_t outer)
{
    const uint32_t name_node = js_child(l, n, F_name), body = js_child(l, n, F_body);
    const uint32_t own = name_node != HUNCH_NONE ? js_name(l, name_node) : 0;
    const uint32_t name = own != 0 ? own : l->hint_node == n ? l->hint : 0;
    uint32_t constructor = HUNCH_NONE;
    struct js_function f = {.node = n,
                            .parent = outer,
                            .parameters = HUNCH_NONE,
                            .body = HUNCH_NONE,
                            .class = n,
                            .of_class = n,
                            .is_constructor = true,
                            .is_top = outer == 0 && scope == 0 && own != 0};
    f.name = qualified(l, outer_name(l, outer), name == 0 ? js_literal(l, "class") : name);
    if (body != HUNCH_NONE)
        HUNCH_EACH_CHILD(&l->tree, body, c)
    if (is_constructor(l, c))
        constructor = c;
    if (constructor != HUNCH_NONE)
        parts(l, constructor, &f);
    const uint32_t index = function_add(l, f, scope);
    const uint32_t class_name = l->function.items[index].name;
    l->of[n] = index;
    if (own != 0) {
        struct js_symbol *symbol = js_declare(l, scope, name_node, own, S_FUNCTION);
        if (symbol != NULL && symbol->kind == S_FUNCTION)
            symbol->index = index;
    }
    HUNCH_EACH_CHILD(&l->tree, n, c)
    if (c != body && c != name_node)
        declare_all(l, c, scope, outer);
    if (body != HUNCH_NONE)
        HUNCH_EACH_CHILD(&l->tree, body, c)
        {
            if (c == constructor) {
                l->of[c] = index;
                declare_inside(l, index);
            } else if (js_kind(l, c) == K_method_definition) {
                struct js_function method = {.node = c,
                                             .parent = outer,
                                             .class = HUNCH_NONE,
                                             .of_class = n,
                                             .is_method = true};
                const uint32_t key = property_name(l, js_child(l, c, F_name));
                if (js_kind(l, js_child(l, c, F_name)) == K_computed_property_name)
                    declare_all(l, js_child(l, c, F_name), scope, outer);
                method.is_generator = js_has_word(l, c, "*");
                method.key = js_has_word(l, c, "static") ? 0 : key;
                method.name = qualified(l, class_name, key == 0 ? js_literal(l, "function") : key);
                parts(l, c, &method);
                const uint32_t at = function_add(l, method, scope);
                l->of[c] = at;
                declare_inside(l, at);
            } else if (js_kind(l, c) == K_field_definition && !js_has_word(l, c, "static")) {
                const uint32_t key = property_name(l, js_child(l, c, F_property));
                hint(l, js_child(l, c, F_value), qualified(l, class_name, key), true);
                declare_all(l, c, function_scope(l, index), index);
            } else {
                declare_all(l, c, scope, outer);
            }
        }
}

/* x.y = function () {}: "x.y", and a method. */
static void hint_assignment(struct js_lower *l, uint32_t n)
{
    const uint32_t left = js_child(l, n, F_left), right = js_child(l, n, F_right);
    const uint16_t kind = js_kind(l, left);
    if (kind == K_identifier)
        hint(l, right, js_name(l, left), false);
    else if (kind == K_member_expression) {
        const uint32_t object = js_child(l, left, F_object);
        uint32_t name = property_name(l, js_child(l, left, F_property)), outer = 0;
        if (js_kind(l, object) == K_identifier)
            outer = js_name(l, object);
        else if (js_kind(l, object) == K_member_expression &&
                 js_child(l, object, F_property) != HUNCH_NONE &&
                 js_is(l, js_child(l, object, F_property), "prototype") &&
                 js_kind(l, js_child(l, object, F_object)) == K_identifier)
            outer = js_name(l, js_child(l, object, F_object));
        else if (js_kind(l, object) == K_member_expression && js_is(l, object, "module.exports"))
            outer = js_literal(l, "exports");
        hint(l, right, qualified(l, outer, name), true);
    }
}

static void declare_import(struct js_lower *l, uint32_t n)
{
    const uint32_t source = js_child(l, n, F_source);
    uint32_t end = js_node(l, n)->after;
    l->is_module = true;
    if (source == HUNCH_NONE)
        return;
    for (uint32_t c = n + 1; c < end; c++) {
        const uint16_t kind = js_kind(l, c);
        uint32_t local = HUNCH_NONE, name = 0;
        if (kind == K_import_specifier) {
            const uint32_t alias = js_child(l, c, F_alias), what = js_child(l, c, F_name);
            local = alias != HUNCH_NONE ? alias : what;
            name = what == HUNCH_NONE ? 0 : property_name(l, what);
            if (name != 0 && strcmp(hunch_graph_name(l->file, name), "default") == 0)
                name = 0;
        } else if (kind == K_identifier && (js_kind(l, c - 1) == K_import_clause)) {
            local = c;
        } else if (kind == K_namespace_import) {
            local = js_first_named(l, c);
        }
        if (js_kind(l, local) != K_identifier)
            continue;
        struct js_symbol *symbol = js_declare(l, 0, local, js_name(l, local), S_IMPORT);
        if (symbol != NULL && symbol->kind == S_IMPORT) {
            symbol->value = source;
            symbol->field = name;
        }
    }
}

static uint32_t inner_scope(struct js_lower *l, uint32_t n, uint32_t scope, uint32_t function)
{
    return l->of[n] = scope_add(l, scope, function);
}

static void declare_children(struct js_lower *l, uint32_t n, uint32_t scope, uint32_t function)
{
    HUNCH_EACH_CHILD(&l->tree, n, c)
    declare_all(l, c, scope, function);
}

static void declare_all(struct js_lower *l, uint32_t n, uint32_t scope, uint32_t function)
{
    const struct hunch_node *node = js_node(l, n);
    struct js_function *f = &l->function.items[function];
    if (l->failed)
        return;
    if ((node->flags & HUNCH_NODE_IS_ERROR) && f->error == HUNCH_NONE)
        f->error = n;
    if (node->flags & HUNCH_NODE_IS_TOO_DEEP)
        f->is_deep = true;
    if (js_is_function(node->kind)) {
        declare_function(l, n, scope, function);
        return;
    }
    switch (node->kind) {
    case K_class:
        if (node->after == n + 1) /* the word */
            return;
        declare_class(l, n, scope, function);
        return;
    case K_class_declaration: declare_class(l, n, scope, function); return;
    case K_statement_block:
    case K_for_statement:
    case K_switch_body: scope = inner_scope(l, n, scope, function); break;
    case K_catch_clause:
        scope = inner_scope(l, n, scope, function);
        declare_pattern(l, js_child(l, n, F_parameter), scope, HUNCH_NONE, HUNCH_NONE);
        break;
    case K_for_in_statement: {
        const uint32_t word = js_child(l, n, F_kind);
        scope = inner_scope(l, n, scope, function);
        if (word != HUNCH_NONE)
            declare_pattern(l, js_child(l, n, F_left),
                            js_is(l, word, "var") ? function_scope(l, function) : scope, HUNCH_NONE,
                            HUNCH_NONE);
        break;
    }
    case K_variable_declaration:
    case K_lexical_declaration:
        HUNCH_EACH_CHILD(&l->tree, n, c)
        if (js_kind(l, c) == K_variable_declarator) {
            const uint32_t name = js_child(l, c, F_name), value = js_child(l, c, F_value);
            declare_pattern(
                l, name, node->kind == K_variable_declaration ? function_scope(l, function) : scope,
                value, name);
            node = js_node(l, n);
        }
        break;
    case K_variable_declarator: {
        const uint32_t name = js_child(l, n, F_name);
        if (js_kind(l, name) == K_identifier)
            hint(l, js_child(l, n, F_value), js_name(l, name), false);
        break;
    }
    case K_object: { /* its functions are called by what it is given to */
        const uint32_t around = l->owner, own = l->hint_node == n ? l->hint : 0;
        HUNCH_EACH_CHILD(&l->tree, n, c)
        {
            l->owner = own;
            declare_all(l, c, scope, function);
        }
        l->owner = around;
        return;
    }
    case K_assignment_expression: hint_assignment(l, n); break;
    case K_assignment_pattern:
    case K_object_assignment_pattern: {
        const uint32_t left = js_child(l, n, F_left);
        if (js_kind(l, left) == K_identifier)
            hint(l, js_child(l, n, F_right), js_name(l, left), false);
        break;
    }
    case K_pair:
    case K_field_definition:
        if (l->hint_node == HUNCH_NONE || l->hint_node != js_bare(l, js_child(l, n, F_value)))
            hint(l, js_child(l, n, F_value),
                 qualified(
                     l, l->owner,
                     property_name(l, js_child(l, n, node->kind == K_pair ? F_key : F_property))),
                 true);
        break;
    case K_import_statement: declare_import(l, n); return;
    case K_export_statement: l->is_module = true; break;
    default: break;
    }
    declare_children(l, n, scope, function);
}

/* ---- the file ---- */

void js_declare_file(struct js_lower *l)
{
    struct js_function program = {.node = 0,
                                  .parameters = HUNCH_NONE,
                                  .body = 0,
                                  .parent = HUNCH_NONE,
                                  .class = HUNCH_NONE,
                                  .of_class = HUNCH_NONE,
                                  .name = js_literal(l, "<module>")};
    l->hint_node = HUNCH_NONE;
    (void)function_add(l, program, HUNCH_NONE);
    if (!l->failed)
        declare_children(l, 0, 0, 0);
}
