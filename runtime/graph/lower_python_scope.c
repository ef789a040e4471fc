/* lower_python_scope.c: which name is what: scopes of a Python file, what each binds, and what of a
 * function its inner functions use. Names are found before anything is lowered, as Python does it.
 */
#include <string.h>

#include "graph/lower_python.h"

enum { BASES_MOST = 16 }; /* steps from a class to what it derives from */

/* ---- binding ---- */

struct py_binding *py_bound(const struct py_lower *l, uint32_t scope, uint32_t name)
{
    const struct hunch_map_key key = {{scope, name, 0, 0}};
    const uint32_t number =
        hunch_key_number(l->a, (struct hunch_key_map *)&l->bound, key, false, NULL);
    return number == UINT32_MAX ? NULL : &l->binding.items[number];
}

static struct py_binding *bind(struct py_lower *l, uint32_t scope, uint32_t name, uint32_t flags)
{
    const struct hunch_map_key key = {{scope, name, 0, 0}};
    bool added = false;
    const uint32_t number = hunch_vec_reserve(l->a, &l->binding, 1)
                                ? hunch_key_number(l->a, &l->bound, key, true, &added)
                                : UINT32_MAX;
    if (number == UINT32_MAX) {
        py_fail(l);
        return NULL;
    }
    if (added)
        l->binding.items[l->binding.count++] = (struct py_binding){.scope_in = scope,
                                                                   .name = name,
                                                                   .scope = HUNCH_NONE,
                                                                   .value = HUNCH_NONE,
                                                                   .var = HUNCH_NONE};
    struct py_binding *b = &l->binding.items[number];
    b->flags |= flags;
    return b;
}

static void bind_value(struct py_lower *l, uint32_t scope, uint32_t n, uint32_t value)
{
    struct py_binding *b = bind(l, scope, py_name(l, n), 0);
    if (b == NULL)
        return;
    b->assigned++;
    b->value = value;
}

static uint32_t scope_add(struct py_lower *l, enum py_scope_kind kind, uint32_t node,
                          uint32_t parent, uint32_t name)
{
    const struct py_scope s = {.kind = (uint8_t)kind, .node = node, .parent = parent, .name = name};
    if (!hunch_vec_push(l->a, &l->scope, s))
        py_fail(l);
    return (uint32_t)l->scope.count - 1;
}

uint32_t py_scope_of(const struct py_lower *l, uint32_t n)
{
    size_t low = 0, high = l->scope.count; /* in the order of the text */
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (l->scope.items[middle].node < n)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && low < l->scope.count && l->scope.items[low].node == n ? (uint32_t)low
                                                                            : HUNCH_NONE;
}

/* ---- targets ---- */

/* Names in what is assigned to; value: where it is one name that gets it. */
static void targets(struct py_lower *l, uint32_t scope, uint32_t n, uint32_t value)
{
    const uint16_t kind = py_node(l, n)->kind;
    if (kind == K_identifier) {
        bind_value(l, scope, n, value);
    } else if (kind == K_pattern_list || kind == K_tuple_pattern || kind == K_list_pattern ||
               kind == K_list_splat_pattern || kind == K_as_pattern_target || kind == K_tuple ||
               kind == K_list || kind == K_expression_list || kind == K_list_splat ||
               kind == K_parenthesized_expression) {
        HUNCH_EACH_CHILD(&l->tree, n, c)
        if (py_is_named(l, c))
            targets(l, scope, c, HUNCH_NONE);
    }
}

/* ---- imports ---- */

/* The folders of the record's name, without `levels - 1` of them, as a dotted name; 0: none. What
 * stands before a folder whose name no module can have is left out. */
static uint32_t package_of(struct py_lower *l, uint32_t levels)
{
    const char *name = l->source->name != NULL ? l->source->name : "";
    size_t end = strlen(name), begin = 0;
    for (uint32_t i = 0; i < levels; i++) {
        while (end > 0 && name[end - 1] != '/')
            end--;
        end -= end > 0;
    }
    for (size_t i = 0; i < end; i++)
        if (name[i] == '/' || name[i] == '.') /* an empty one, ".", "..", one with a dot */
            if (i == begin || name[i] == '.') {
                while (i < end && name[i] != '/')
                    i++;
                begin = i < end ? i + 1 : end;
            }
    l->text.count = 0;
    for (size_t i = begin; i < end; i++)
        if (!hunch_vec_push(l->a, &l->text, name[i] == '/' ? '.' : name[i]))
            py_fail(l);
    return hunch_name_add(l->names, l->text.items, l->text.count);
}

static uint32_t dotted_text(struct py_lower *l, uint32_t n) /* without blanks */
{
    l->text.count = 0;
    for (uint32_t i = 0; i < py_size(l, n); i++) {
        const char c = py_text(l, n)[i];
        if (c != ' ' && c != '\t' && c != '\\' && c != '\n' && c != '\r' &&
            !hunch_vec_push(l->a, &l->text, c))
            py_fail(l);
    }
    return hunch_name_add(l->names, l->text.items, l->text.count);
}

static uint32_t module_of(struct py_lower *l, uint32_t n)
{
    if (n == HUNCH_NONE || !py_kind(l, n, K_relative_import))
        return n == HUNCH_NONE ? 0 : dotted_text(l, n);
    uint32_t levels = 0, module = 0;
    HUNCH_EACH_CHILD(&l->tree, n, c)
    if (py_kind(l, c, K_import_prefix)) {
        for (uint32_t i = 0; i < py_size(l, c); i++)
            levels += py_text(l, c)[i] == '.';
    } else if (py_kind(l, c, K_dotted_name)) {
        module = dotted_text(l, c);
    }
    const uint32_t package = package_of(l, levels);
    return module == 0 ? package : package == 0 ? module : py_join(l, package, ".", module);
}

/* What `from x import *` takes from: files of that name. */
static void include(struct py_lower *l, uint32_t module)
{
    static const char *const ENDINGS[] = {".py", "/__init__.py"};
    for (int i = 0; i < 2; i++) {
        const char *text = hunch_graph_name(l->file, module);
        l->text.count = 0;
        for (; *text != 0; text++)
            if (!hunch_vec_push(l->a, &l->text, *text == '.' ? '/' : *text))
                py_fail(l);
        if (!hunch_vec_append(l->a, &l->text, ENDINGS[i], strlen(ENDINGS[i])))
            py_fail(l);
        const uint32_t name = hunch_name_add(l->names, l->text.items, l->text.count);
        if (!hunch_vec_push(l->a, &l->file->include, name))
            py_fail(l);
    }
}

static void import_as(struct py_lower *l, uint32_t scope, uint32_t name, uint32_t target)
{
    struct py_binding *b = bind(l, scope, name, PY_IS_IMPORT);
    if (b == NULL || b->target != 0)
        return;
    b->target = target;
    if (scope == 0) {
        const struct hunch_graph_alias alias = {name, target};
        if (!hunch_vec_push(l->a, &l->file->alias, alias))
            py_fail(l);
    }
}

static void imports(struct py_lower *l, uint32_t scope, uint32_t n)
{
    const uint32_t from = py_child(l, n, F_module_name);
    const uint32_t module = module_of(l, from);
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        if (py_kind(l, c, K_wildcard_import) && module != 0)
            include(l, module);
        if (py_node(l, c)->field != F_name)
            continue;
        const uint32_t named = py_kind(l, c, K_aliased_import) ? py_child(l, c, F_name) : c,
                       alias =
                           py_kind(l, c, K_aliased_import) ? py_child(l, c, F_alias) : HUNCH_NONE;
        if (named == HUNCH_NONE)
            continue;
        const uint32_t what = dotted_text(l, named);
        const uint32_t target =
            from == HUNCH_NONE || module == 0 ? what : py_join(l, module, ".", what);
        if (alias != HUNCH_NONE) {
            import_as(l, scope, py_name(l, alias), target);
        } else if (from != HUNCH_NONE) {
            import_as(l, scope, what, target);
        } else { /* import a.b binds a */
            const char *text = hunch_graph_name(l->file, what), *dot = strchr(text, '.');
            const uint32_t first =
                dot == NULL ? what
                            : hunch_name_add(l->names, py_text(l, named), (size_t)(dot - text));
            import_as(l, scope, first, first);
        }
    }
}

/* ---- what a scope binds ---- */

static void collect(struct py_lower *l, uint32_t scope, uint32_t n);

static void parameters(struct py_lower *l, uint32_t scope, uint32_t outer, uint32_t n)
{
    if (n == HUNCH_NONE)
        return;
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        uint32_t at = c;
        const uint32_t value = py_child(l, c, F_value);
        if (value != HUNCH_NONE)
            collect(l, outer, value);
        if (py_kind(l, at, K_default_parameter) || py_kind(l, at, K_typed_default_parameter))
            at = py_child(l, c, F_name);
        else if (py_kind(l, at, K_typed_parameter))
            at = py_named(l, c, 0);
        if (at != HUNCH_NONE &&
            (py_kind(l, at, K_list_splat_pattern) || py_kind(l, at, K_dictionary_splat_pattern)))
            at = py_named(l, at, 0);
        if (at == HUNCH_NONE)
            continue;
        if (py_kind(l, at, K_identifier))
            (void)bind(l, scope, py_name(l, at), PY_IS_PARAMETER);
        else
            targets(l, scope, at, HUNCH_NONE);
    }
}

static uint32_t inner_name(struct py_lower *l, uint32_t scope, uint32_t name)
{
    const uint32_t outer = l->scope.items[scope].name;
    return outer == 0 ? name : py_join(l, outer, ".", name);
}

/* def and lambda. */
static void function(struct py_lower *l, uint32_t scope, uint32_t n)
{
    uint32_t name;
    const uint32_t name_node = py_child(l, n, F_name);
    if (name_node == HUNCH_NONE) {
        char number[24] = "lambda.";
        size_t size = 7;
        uint32_t count = ++l->scope.items[scope].lambdas, digits = 1;
        for (uint32_t most = 10; count >= most && digits < 9; most *= 10)
            digits++;
        for (uint32_t i = digits; i-- > 0; count /= 10)
            number[size + i] = (char)('0' + count % 10);
        name = hunch_name_add(l->names, number, size + digits);
    } else {
        name = py_name(l, name_node);
    }
    const uint32_t mine = scope_add(l, PY_FUNCTION, n, scope, inner_name(l, scope, name));
    if (l->failed)
        return;
    if (name_node != HUNCH_NONE) {
        struct py_binding *b = bind(l, scope, name, PY_IS_FUNCTION);
        if (b != NULL && b->scope == HUNCH_NONE)
            b->scope = mine;
        const uint32_t kind = l->scope.items[scope].kind;
        struct py_scope *s = &l->scope.items[mine];
        s->of_class = kind == PY_CLASS &&
                      (py_decorated(l, n, "classmethod") ||
                       py_is(l, name_node, "__init_subclass__") || py_is(l, name_node, "__new__"));
        s->is_static = kind == PY_CLASS && py_decorated(l, n, "staticmethod");
        s->is_value = kind == PY_CLASS &&
                      (py_decorated(l, n, "property") || py_decorated(l, n, "cached_property"));
    }
    parameters(l, mine, scope, py_child(l, n, F_parameters));
    const uint32_t body = py_child(l, n, F_body);
    if (body != HUNCH_NONE)
        collect(l, mine, body);
}

static void class(struct py_lower *l, uint32_t scope, uint32_t n)
{
    const uint32_t name_node = py_child(l, n, F_name), body = py_child(l, n, F_body),
                   bases = py_child(l, n, F_superclasses);
    if (name_node == HUNCH_NONE)
        return;
    const uint32_t name = py_name(l, name_node);
    const uint32_t mine = scope_add(l, PY_CLASS, n, scope, inner_name(l, scope, name));
    struct py_binding *b = bind(l, scope, name, PY_IS_CLASS);
    if (b != NULL && b->scope == HUNCH_NONE)
        b->scope = mine;
    if (bases != HUNCH_NONE)
        collect(l, scope, bases);
    if (body != HUNCH_NONE && !l->failed)
        collect(l, mine, body);
}

/* case: names alone are bound; what has a dot or is called is not. */
static void pattern(struct py_lower *l, uint32_t scope, uint32_t n)
{
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        const uint16_t kind = py_node(l, c)->kind;
        if (kind == K_dotted_name && py_node(l, n)->kind == K_case_pattern &&
            memchr(py_text(l, c), '.', py_size(l, c)) == NULL && !py_is(l, c, "_"))
            bind_value(l, scope, c, HUNCH_NONE);
        else if (kind == K_identifier &&
                 (py_node(l, n)->kind == K_splat_pattern || py_node(l, n)->kind == K_as_pattern))
            bind_value(l, scope, c, HUNCH_NONE);
        else
            pattern(l, scope, c);
    }
}

static void collect_children(struct py_lower *l, uint32_t scope, uint32_t n)
{
    HUNCH_EACH_CHILD(&l->tree, n, c)
    collect(l, scope, c);
}

static void collect(struct py_lower *l, uint32_t scope, uint32_t n)
{
    uint32_t at;
    if (l->failed)
        return;
    switch (py_node(l, n)->kind) {
    case K_function_definition: function(l, scope, n); return;
    case K_lambda:
        if (py_is_named(l, n))
            function(l, scope, n);
        return;
    case K_class_definition: class(l, scope, n); return;
    case K_import_statement:
    case K_import_from_statement: imports(l, scope, n); return;
    case K_future_import_statement: return;
    case K_assignment:
        at = py_child(l, n, F_left);
        if (at != HUNCH_NONE)
            targets(l, scope, at, py_child(l, n, F_right));
        break;
    case K_augmented_assignment:
    case K_for_statement:
        at = py_child(l, n, F_left);
        if (at != HUNCH_NONE)
            targets(l, scope, at, HUNCH_NONE);
        break;
    case K_named_expression:
        at = py_child(l, n, F_name);
        if (at != HUNCH_NONE)
            bind_value(l, scope, at, HUNCH_NONE);
        break;
    case K_as_pattern_target: targets(l, scope, n, HUNCH_NONE); return;
    case K_case_clause:
        HUNCH_EACH_CHILD(&l->tree, n, c)
        if (py_kind(l, c, K_case_pattern))
            pattern(l, scope, c);
        break;
    case K_global_statement:
    case K_nonlocal_statement:
        HUNCH_EACH_CHILD(&l->tree, n, c)
        if (py_kind(l, c, K_identifier)) {
            const bool global = py_kind(l, n, K_global_statement);
            (void)bind(l, scope, py_name(l, c), global ? PY_IS_GLOBAL : PY_IS_NONLOCAL);
            if (global) {
                struct py_binding *b = bind(l, 0, py_name(l, c), 0);
                if (b != NULL)
                    b->assigned += 2; /* who knows of what */
            }
        }
        return;
    case K_yield:
        if (py_is_named(l, n))
            l->scope.items[scope].yields = true;
        break;
    default: break;
    }
    collect_children(l, scope, n);
}

/* ---- what inner functions use ---- */

/* The binding of a name as seen from a scope; *in: of which. Class scopes are seen by what stands
 * in them alone. */
static struct py_binding *see(const struct py_lower *l, uint32_t scope, uint32_t name)
{
    bool own = true;
    for (uint32_t s = scope; s != HUNCH_NONE; s = l->scope.items[s].parent) {
        if (l->scope.items[s].kind == PY_CLASS && !own)
            continue;
        struct py_binding *b = py_bound(l, s, name);
        if (b != NULL && (b->flags & PY_IS_GLOBAL) && s != 0)
            return py_bound(l, 0, name);
        if (b != NULL && !(b->flags & PY_IS_NONLOCAL))
            return b;
        own = false;
    }
    return NULL;
}

static void uses(struct py_lower *l, uint32_t scope)
{
    const uint32_t n = l->scope.items[scope].node;
    for (uint32_t i = n; i < py_node(l, n)->after; i++) {
        if (py_node(l, i)->kind != K_identifier || py_node(l, i)->field == F_attribute)
            continue;
        struct py_binding *b = see(l, scope, py_name(l, i));
        if (b != NULL && b->scope_in != scope && b->scope_in != 0 &&
            l->scope.items[b->scope_in].kind == PY_FUNCTION)
            b->flags |= PY_IS_CAPTURED;
    }
}

static void add_globals(struct py_lower *l)
{
    for (size_t i = 0; i < l->binding.count; i++) {
        struct py_binding *b = &l->binding.items[i];
        const struct py_scope *s = &l->scope.items[b->scope_in];
        if (b->flags & (PY_IS_IMPORT | PY_IS_FUNCTION | PY_IS_CLASS) ||
            (s->kind == PY_FUNCTION && !(b->flags & PY_IS_CAPTURED)) ||
            (s->kind != PY_MODULE && (b->flags & (PY_IS_GLOBAL | PY_IS_NONLOCAL))))
            continue;
        const uint32_t name = s->kind == PY_MODULE ? b->name : py_join(l, s->name, ".", b->name);
        const struct hunch_global global = {
            .name = name, .flags = HUNCH_VAR_IS_STATIC, .is_defined = 1};
        if (!hunch_vec_push(l->a, &l->file->global, global))
            py_fail(l);
    }
}

bool py_scopes(struct py_lower *l)
{
    (void)scope_add(l, PY_MODULE, 0, HUNCH_NONE, 0);
    if (!l->failed)
        collect_children(l, 0, 0);
    for (uint32_t s = 1; s < l->scope.count && !l->failed; s++)
        if (l->scope.items[s].kind == PY_FUNCTION)
            uses(l, s);
    if (!l->failed)
        add_globals(l);
    return !l->failed;
}

/* ---- meanings ---- */

struct py_meaning py_meaning(struct py_lower *l, uint32_t name)
{
    for (size_t i = l->inner.count; i-- > 0;)
        if (l->inner.items[i].name == name)
            return (struct py_meaning){PY_VAR, l->inner.items[i].var, NULL};
    struct py_binding *b = see(l, l->scope_now, name);
    if (b == NULL)
        return (struct py_meaning){PY_FREE, name, NULL};
    const struct py_scope *s = &l->scope.items[b->scope_in];
    if (b->flags & PY_IS_IMPORT)
        return (struct py_meaning){PY_IMPORTED, b->target, b};
    if (b->flags & (PY_IS_FUNCTION | PY_IS_CLASS))
        return (struct py_meaning){PY_NAME, l->scope.items[b->scope].name, b};
    if (s->kind == PY_MODULE)
        return (struct py_meaning){PY_NAME, name, b};
    if (s->kind == PY_CLASS || (b->flags & PY_IS_CAPTURED) || b->scope_in != l->function_now)
        return (struct py_meaning){PY_NAME, py_join(l, s->name, ".", name), b};
    if (b->var == HUNCH_NONE)
        b->var = hunch_build_var(l->b, (struct hunch_var){.name = name});
    return (struct py_meaning){PY_VAR, b->var, b};
}

uint32_t py_base(struct py_lower *l, uint32_t scope, uint32_t index)
{
    const uint32_t bases = py_child(l, l->scope.items[scope].node, F_superclasses);
    if (bases == HUNCH_NONE)
        return HUNCH_NONE;
    HUNCH_EACH_CHILD(&l->tree, bases, c)
    if (py_is_named(l, c) && !py_kind(l, c, K_keyword_argument) && !py_kind(l, c, K_list_splat) &&
        index-- == 0)
        return c;
    return HUNCH_NONE;
}

uint32_t py_class_of(struct py_lower *l, uint32_t n, uint32_t *dotted)
{
    *dotted = 0;
    if (n == HUNCH_NONE)
        return HUNCH_NONE;
    if (py_kind(l, n, K_identifier)) {
        const struct py_meaning m = py_meaning(l, py_name(l, n));
        if (m.binding != NULL && (m.binding->flags & PY_IS_CLASS) && m.kind == PY_NAME) {
            *dotted = m.at;
            return m.binding->scope;
        }
    }
    (void)py_dotted(l, n, dotted);
    return HUNCH_NONE;
}

uint32_t py_method(struct py_lower *l, uint32_t scope, uint32_t name)
{
    const uint32_t now = l->scope_now;
    for (int steps = 0; scope != HUNCH_NONE && steps < BASES_MOST; steps++) {
        const struct py_binding *b = py_bound(l, scope, name);
        if (b != NULL)
            return (b->flags & PY_IS_FUNCTION) ? b->scope : HUNCH_NONE;
        uint32_t dotted;
        l->scope_now = l->scope.items[scope].parent;
        scope = py_class_of(l, py_base(l, scope, 0), &dotted);
        l->scope_now = now;
    }
    return HUNCH_NONE;
}

bool py_is_overridden(struct py_lower *l, uint32_t scope, uint32_t name)
{
    const uint32_t now = l->scope_now;
    bool found = false;
    for (uint32_t s = 1; s < l->scope.count && !found; s++) {
        if (l->scope.items[s].kind != PY_CLASS || s == scope || py_bound(l, s, name) == NULL)
            continue;
        uint32_t at = s, dotted;
        for (int steps = 0; at != HUNCH_NONE && at != scope && steps < BASES_MOST; steps++) {
            l->scope_now = l->scope.items[at].parent;
            at = py_class_of(l, py_base(l, at, 0), &dotted);
        }
        found = at == scope;
    }
    l->scope_now = now;
    return found;
}

uint32_t py_own_class(const struct py_lower *l, uint32_t function)
{
    const uint32_t parent = l->scope.items[function].parent;
    return parent != HUNCH_NONE && l->scope.items[parent].kind == PY_CLASS ? parent : HUNCH_NONE;
}

bool py_dotted(struct py_lower *l, uint32_t n, uint32_t *name)
{
    uint32_t at = n, path[32], count = 0;
    while (py_kind(l, at, K_attribute)) {
        const uint32_t attribute = py_child(l, at, F_attribute);
        if (count == 32 || attribute == HUNCH_NONE)
            return false;
        path[count++] = attribute;
        at = py_child(l, at, F_object);
    }
    if (!py_kind(l, at, K_identifier))
        return false;
    const struct py_meaning m = py_meaning(l, py_name(l, at));
    if (m.kind == PY_VAR)
        return false;
    uint32_t all = m.at;
    if (m.kind == PY_NAME) {
        if (m.binding == NULL || !(m.binding->flags & PY_IS_CLASS))
            return false;
        for (uint32_t class = m.binding->scope; count > 0;) { /* of a class its own names alone */
            const uint32_t attribute = py_name(l, path[--count]);
            const struct py_binding *b = py_bound(l, class, attribute);
            const uint32_t method = b == NULL ? py_method(l, class, attribute) : HUNCH_NONE;
            if (b == NULL && method == HUNCH_NONE && count > 0)
                return false;
            all = method != HUNCH_NONE ? l->scope.items[method].name
                                       : py_join(l, all, ".", attribute);
            if (count > 0 && (b == NULL || !(b->flags & PY_IS_CLASS)))
                return false;
            class = b != NULL ? b->scope : class;
        }
        *name = all;
        return true;
    }
    while (count > 0)
        all = py_join(l, all, ".", py_name(l, path[--count]));
    *name = all;
    return true;
}
