/* lower_javascript_name.c: what an expression is called: dotted names of packages and of names that
 * nobody declares (`child_process.exec`, `document.cookie`), also by way of variables that only
 * ever hold such a thing, and the modules of the scanned tree, whose exports are one global a file.
 */
#include <string.h>

#include "graph/lower_javascript.h"

enum { DOTTED_MOST = 200, ALIAS_DEPTH = 40, PATH_MOST = 1000 };

/* ---- texts ---- */

uint32_t js_string(struct js_lower *l, uint32_t n)
{
    const uint16_t kind = js_kind(l, n);
    if (kind != K_string && kind != K_template_string)
        return 0;
    if (kind == K_template_string)
        HUNCH_EACH_CHILD(&l->tree, n, c)
    if (js_kind(l, c) == K_template_substitution)
        return 0;
    const uint32_t size = js_size(l, n);
    return size < 2 ? 0 : hunch_name_add(l->names, js_text(l, n) + 1, size - 2);
}

static bool append(struct js_lower *l, const char *text, size_t size)
{
    if (l->text.count + size > DOTTED_MOST)
        return false;
    if (!hunch_vec_append(l->a, &l->text, text, size)) {
        js_fail(l);
        return false;
    }
    return true;
}

static bool append_name(struct js_lower *l, uint32_t name)
{
    const char *text = hunch_graph_name(l->file, name);
    return append(l, text, strlen(text));
}

/* ---- modules ---- */

bool js_is_relative(const char *path, size_t size)
{
    return size > 0 && (path[0] == '/' ||
                        (path[0] == '.' && (size == 1 || path[1] == '/' ||
                                            (path[1] == '.' && (size == 2 || path[2] == '/')))));
}

uint32_t js_package_name(struct js_lower *l, const char *path, size_t size)
{
    if (size > 5 && memcmp(path, "node:", 5) == 0) {
        path += 5;
        size -= 5;
    }
    if (size == 11 && memcmp(path, "fs/promises", 11) == 0)
        return js_literal(l, "fs.promises");
    return hunch_name_add(l->names, path, size);
}

static size_t without(const char *text, size_t size, const char *ending)
{
    const size_t n = strlen(ending);
    return size >= n && memcmp(text + size - n, ending, n) == 0 ? size - n : size;
}

/* Parts of a path, put behind what is there: `.` and `..` go. */
static bool put_path(char *to, size_t *count, const char *path, size_t size)
{
    for (size_t i = 0; i < size;) {
        size_t end = i;
        while (end < size && path[end] != '/')
            end++;
        const size_t part = end - i;
        if (part == 2 && path[i] == '.' && path[i + 1] == '.') {
            while (*count > 0 && to[*count - 1] != '/')
                --*count;
            if (*count > 0)
                --*count;
        } else if (part > 0 && !(part == 1 && path[i] == '.')) {
            if (*count + part + 1 > PATH_MOST)
                return false;
            if (*count > 0)
                to[(*count)++] = '/';
            memcpy(to + *count, path + i, part);
            *count += part;
        }
        i = end + 1;
    }
    return true;
}

/* "module:" and the file's path without its ending; a folder's index.js is the folder. */
uint32_t js_module_name(struct js_lower *l, const char *path, size_t size, bool is_own)
{
    static const char prefix[] = "module:";
    char text[PATH_MOST + 16];
    size_t count = 0, folder = 0;
    const char *own = l->source->name != NULL ? l->source->name : "";
    for (size_t i = 0; own[i] != '\0'; i++)
        folder = own[i] == '/' ? i : folder;
    bool fits = true;
    if (!is_own && size > 0 && path[0] != '/')
        fits = put_path(text, &count, own, folder);
    fits = fits && put_path(text, &count, path, size);
    if (!fits)
        return 0;
    static const char *const endings[] = {".js", ".mjs", ".cjs", ".jsx"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        const size_t shorter = without(text, count, endings[i]);
        if (shorter != count) {
            count = shorter;
            break;
        }
    }
    if (count == 5 && memcmp(text, "index", 5) == 0)
        count = 0;
    else
        count = without(text, count, "/index");
    memmove(text + sizeof prefix - 1, text, count);
    memcpy(text, prefix, sizeof prefix - 1);
    return hunch_name_add(l->names, text, count + sizeof prefix - 1);
}

/* require("x"), import("x"): the string, or NONE. */
static uint32_t required(struct js_lower *l, uint32_t n)
{
    if (js_kind(l, n) != K_call_expression)
        return HUNCH_NONE;
    const uint32_t function = js_child(l, n, F_function), list = js_child(l, n, F_arguments);
    const bool is_import = js_kind(l, function) == K_import;
    if (list == HUNCH_NONE ||
        (!is_import && (js_kind(l, function) != K_identifier || l->of[function] != HUNCH_NONE ||
                        !js_is(l, function, "require"))))
        return HUNCH_NONE;
    const uint32_t first = js_first_named(l, list);
    return js_string(l, first) != 0 ? first : HUNCH_NONE;
}

static bool is_module_path(const struct js_lower *l, uint32_t n)
{
    return js_is_relative(js_text(l, n) + 1, js_size(l, n) - 2);
}

static uint32_t module_of(struct js_lower *l, uint32_t n)
{
    return js_module_name(l, js_text(l, n) + 1, js_size(l, n) - 2, false);
}

uint32_t js_module(struct js_lower *l, uint32_t n, uint32_t *field)
{
    *field = 0;
    while (js_kind(l, n) == K_parenthesized_expression || js_kind(l, n) == K_await_expression)
        n = js_first_named(l, n);
    if (js_kind(l, n) == K_member_expression) {
        const uint32_t property = js_child(l, n, F_property);
        if (property == HUNCH_NONE)
            return 0;
        const uint32_t module = js_module(l, js_child(l, n, F_object), field);
        if (module == 0 || *field != 0)
            return 0;
        if (!js_is(l, property, "default"))
            *field = js_name(l, property);
        return module;
    }
    if (js_kind(l, n) == K_identifier) {
        struct js_symbol *symbol = js_symbol_of(l, n);
        if (symbol == NULL)
            return 0;
        js_find_alias(l, symbol);
        *field = symbol->field;
        return symbol->module;
    }
    const uint32_t path = required(l, n);
    return path != HUNCH_NONE && is_module_path(l, path) ? module_of(l, path) : 0;
}

bool js_is_exports(struct js_lower *l, uint32_t n)
{
    if (js_kind(l, n) == K_identifier)
        return l->of[n] == HUNCH_NONE && js_is(l, n, "exports");
    if (js_kind(l, n) != K_member_expression)
        return false;
    const uint32_t object = js_child(l, n, F_object), property = js_child(l, n, F_property);
    return property != HUNCH_NONE && js_kind(l, object) == K_identifier &&
           l->of[object] == HUNCH_NONE && js_is(l, object, "module") &&
           js_is(l, property, "exports");
}

/* ---- dotted names ---- */

static bool dotted(struct js_lower *l, uint32_t n);

/* util.promisify(f) is f, to whoever calls it. */
static bool promisified(struct js_lower *l, uint32_t n)
{
    const uint32_t function = js_child(l, n, F_function), list = js_child(l, n, F_arguments);
    const size_t mark = l->text.count;
    if (list == HUNCH_NONE || js_kind(l, function) == K_call_expression || !dotted(l, function))
        return false;
    const bool is_it =
        l->text.count - mark == 14 && memcmp(l->text.items + mark, "util.promisify", 14) == 0;
    l->text.count = mark;
    const uint32_t first = js_first_named(l, list);
    return is_it && first != HUNCH_NONE && dotted(l, first);
}

static bool dotted(struct js_lower *l, uint32_t n)
{
    switch (js_kind(l, n)) {
    case K_parenthesized_expression:
    case K_await_expression: return dotted(l, js_first_named(l, n));
    case K_identifier: {
        struct js_symbol *symbol = js_symbol_of(l, n);
        if (symbol == NULL)
            return !js_is(l, n, "exports") && !js_is(l, n, "module") && !js_is(l, n, "arguments") &&
                   append(l, js_text(l, n), js_size(l, n));
        js_find_alias(l, symbol);
        return symbol->alias != 0 && append_name(l, symbol->alias);
    }
    case K_member_expression: {
        const uint32_t property = js_child(l, n, F_property);
        return js_kind(l, property) == K_property_identifier &&
               dotted(l, js_child(l, n, F_object)) && append(l, ".", 1) &&
               append(l, js_text(l, property), js_size(l, property));
    }
    case K_subscript_expression: {
        const uint32_t key = js_string(l, js_child(l, n, F_index));
        return key != 0 && dotted(l, js_child(l, n, F_object)) && append(l, ".", 1) &&
               append_name(l, key);
    }
    case K_call_expression: {
        const uint32_t path = required(l, n);
        if (path == HUNCH_NONE)
            return promisified(l, n);
        return !is_module_path(l, path) &&
               append_name(l, js_package_name(l, js_text(l, path) + 1, js_size(l, path) - 2));
    }
    default: return false;
    }
}

uint32_t js_dotted(struct js_lower *l, uint32_t n)
{
    static const char *const outer[] = {"window.", "globalThis.", "self.", "global."};
    uint32_t name = 0;
    const size_t mark = l->text.count;
    if (n != HUNCH_NONE && l->depth < ALIAS_DEPTH) {
        l->depth++;
        if (dotted(l, n)) {
            size_t from = mark;
            for (size_t i = 0; i < sizeof outer / sizeof *outer; i++) {
                const size_t size = strlen(outer[i]);
                if (l->text.count - from > size &&
                    memcmp(l->text.items + from, outer[i], size) == 0)
                    from += size;
            }
            name = hunch_name_add(l->names, l->text.items + from, l->text.count - from);
        }
        l->depth--;
    }
    l->text.count = mark;
    return name;
}

/* ---- what a variable stands for ---- */

static uint32_t joined(struct js_lower *l, uint32_t name, uint32_t field)
{
    const size_t mark = l->text.count;
    const bool is_done = append_name(l, name) && append(l, ".", 1) && append_name(l, field);
    const uint32_t result =
        is_done ? hunch_name_add(l->names, l->text.items + mark, l->text.count - mark) : 0;
    l->text.count = mark;
    return result;
}

/* The property of `const { a, b: c } = …` that the symbol gets, 0: another pattern. */
static uint32_t taken_property(struct js_lower *l, const struct js_symbol *symbol)
{
    if (js_kind(l, symbol->pattern) != K_object_pattern)
        return 0;
    HUNCH_EACH_CHILD(&l->tree, symbol->pattern, c)
    {
        if (c == symbol->node && js_kind(l, c) == K_shorthand_property_identifier_pattern)
            return symbol->name;
        const uint32_t key = js_child(l, c, F_key);
        if (js_kind(l, c) == K_pair_pattern && js_child(l, c, F_value) == symbol->node &&
            js_kind(l, key) == K_property_identifier)
            return js_name(l, key);
    }
    return 0;
}

static void find_import(struct js_lower *l, struct js_symbol *symbol)
{
    const char *path = js_text(l, symbol->value) + 1;
    const uint32_t size = js_size(l, symbol->value);
    if (size < 3)
        return;
    if (js_is_relative(path, size - 2)) {
        symbol->module = js_module_name(l, path, size - 2, false);
        return;
    }
    symbol->alias = js_package_name(l, path, size - 2);
    if (symbol->field != 0)
        symbol->alias = joined(l, symbol->alias, symbol->field);
    symbol->field = 0;
}

void js_find_alias(struct js_lower *l, struct js_symbol *symbol)
{
    if (symbol->is_resolved || symbol->is_resolving)
        return;
    symbol->is_resolved = true;
    if (symbol->kind == S_IMPORT) {
        find_import(l, symbol);
        return;
    }
    if (symbol->kind != S_VARIABLE || symbol->writes > 0 || symbol->value == HUNCH_NONE ||
        l->depth >= ALIAS_DEPTH)
        return;
    symbol->is_resolving = true;
    l->depth++;
    const uint16_t kind = js_kind(l, symbol->value);
    uint32_t field, key = 0;
    if (symbol->pattern != HUNCH_NONE)
        key = taken_property(l, symbol);
    if (symbol->pattern == HUNCH_NONE || key != 0) {
        const uint32_t module = js_module(l, symbol->value, &field),
                       alias = module == 0 ? js_dotted(l, symbol->value) : 0;
        if (module != 0 && (key == 0 || field == 0)) {
            symbol->module = module;
            symbol->field = key != 0 ? key : field;
        } else if (alias != 0) {
            symbol->alias = key != 0 ? joined(l, alias, key) : alias;
        }
    }
    symbol->is_object = symbol->pattern == HUNCH_NONE && symbol->is_captured &&
                        (kind == K_object || kind == K_array);
    l->depth--;
    symbol->is_resolving = false;
}
