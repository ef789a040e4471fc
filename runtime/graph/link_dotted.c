/* link_dotted.c: names with dots, of languages that import by name: "a.b.f" is f of the file a/b.py
 * or a/b/__init__.py, ".m" may be any method called m. Of several files the nearest counts; a
 * file in a package is no module of its own name.
 */
#include <stdlib.h>
#include <string.h>

#include "graph/flow.h"

enum { TEXT_MOST = 512, ALIASES_MOST = 12, PARTS_MOST = 3 };

static uint32_t add(struct hunch_unit *u, const char *text, size_t size)
{
    char copy[TEXT_MOST];
    if (size >= sizeof copy)
        return 0;
    memcpy(copy, text, size);
    copy[size] = 0;
    return hunch_unit_name_add(u, copy);
}

bool hunch_unit_add_dotted(struct hunch_unit *u, uint32_t file)
{
    const struct hunch_linked_file *f = &u->file[file];
    if (f->graph->language == HUNCH_LANGUAGE_JAVA)
        return hunch_unit_add_classes(u, file);
    if (f->graph->language != HUNCH_LANGUAGE_PYTHON)
        return true;
    for (uint32_t i = 0; i < f->graph->function.count; i++) {
        const struct hunch_function *function = &f->graph->function.items[i];
        const char *name = hunch_graph_name(f->graph, function->name), *dot = strrchr(name, '.');
        if (!(function->flags & HUNCH_FUNCTION_IS_METHOD) || dot == NULL)
            continue;
        const struct hunch_symbol s = {hunch_unit_name_add(u, dot), file, f->function + i, false};
        if (!hunch_vec_push(u->a, &u->method, s))
            return false;
    }
    for (size_t i = 0; i < f->graph->alias.count; i++) {
        const struct hunch_symbol s = {
            hunch_unit_name(u, file, f->graph->alias.items[i].name), file,
            hunch_unit_name(u, file, f->graph->alias.items[i].target), false};
        if (!hunch_vec_push(u->a, &u->alias, s))
            return false;
    }
    return true;
}

/* The first of the sorted symbols of a name. */
static size_t first_of(const struct hunch_symbol *symbol, size_t count, uint32_t name)
{
    size_t low = 0, high = count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (symbol[middle].name < name)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* ---- modules ---- */

static bool has_file(const struct hunch_unit *u, const char *folder, size_t size)
{
    char name[TEXT_MOST];
    static const char FILE_NAME[] = "__init__.py";
    if (size + sizeof FILE_NAME > sizeof name)
        return false;
    memcpy(name, folder, size);
    memcpy(name + size, FILE_NAME, sizeof FILE_NAME);
    uint32_t low = 0, high = u->file_count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        const int order = strcmp(u->file[middle].name, name);
        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* Is the record `name` the module `module` (size bytes, with dots)? */
static bool is_module(const struct hunch_unit *u, const char *name, const char *module, size_t size)
{
    static const char *const ENDINGS[] = {"/__init__.py", ".py"};
    size_t n = strlen(name);
    for (int i = 0; i < 2; i++) {
        const size_t ending = strlen(ENDINGS[i]);
        if (n > ending && strcmp(name + n - ending, ENDINGS[i]) == 0) {
            n -= ending;
            break;
        }
        if (i == 1)
            return false;
    }
    if (size == 0 || size > n || (size < n && name[n - size - 1] != '/'))
        return false;
    for (size_t i = 0; i < size; i++)
        if (name[n - size + i] != (module[i] == '.' ? '/' : module[i]))
            return false;
    const size_t root = n - size;
    bool is_here = true; /* "", "./", "../": where the scan begins */
    for (size_t i = 0; i < root; i++)
        is_here &= name[i] == '.' || name[i] == '/';
    return is_here || !has_file(u, name, root);
}

static size_t nearness(const char *l, const char *r)
{
    size_t folders = 0;
    for (size_t i = 0; l[i] != 0 && l[i] == r[i]; i++)
        folders = l[i] == '/' ? i + 1 : folders;
    return folders;
}

/* How near the module is to a file, + 1, where the symbol's file is it, or it takes all that is in
 * the symbol's file; else 0. */
static size_t rank(const struct hunch_unit *u, uint32_t from, uint32_t file, const char *module,
                   size_t size)
{
    if (is_module(u, u->file[file].name, module, size))
        return nearness(u->file[from].name, u->file[file].name) * 2 + 2;
    for (uint32_t i = 0; i < u->file_count; i++) {
        const struct hunch_linked_file *f = &u->file[i];
        for (size_t k = 0; k < f->include.count; k++)
            if (f->include.items[k] == file && is_module(u, f->name, module, size))
                return nearness(u->file[from].name, f->name) * 2 + 1;
    }
    return 0;
}

static uint32_t find(const struct hunch_unit *u, const struct hunch_symbol *list, size_t count,
                     uint32_t name, uint32_t from, const char *module, size_t size)
{
    uint32_t best = HUNCH_NONE;
    size_t best_rank = 0;
    for (size_t i = first_of(list, count, name); i < count && list[i].name == name; i++) {
        const size_t one = rank(u, from, list[i].file, module, size);
        if (one > best_rank) {
            best_rank = one;
            best = (uint32_t)i;
        }
    }
    return best;
}

uint32_t hunch_unit_dotted(struct hunch_unit *u, uint32_t file, uint32_t name)
{
    char text[TEXT_MOST];
    for (int steps = 0; steps < ALIASES_MOST; steps++) {
        const size_t n = strlen(hunch_unit_text(u, name));
        if (n >= sizeof text)
            return HUNCH_NONE;
        memcpy(text, hunch_unit_text(u, name), n + 1);
        uint32_t next = HUNCH_NONE;
        size_t end = n;
        for (int parts = 0; parts < PARTS_MOST && next == HUNCH_NONE; parts++) {
            while (end > 0 && text[end - 1] != '.')
                end--;
            if (end <= 1)
                break;
            const char *rest = text + end, *dot = strchr(rest, '.');
            const uint32_t symbol = find(u, u->symbol.items, u->symbol.count, add(u, rest, n - end),
                                         file, text, end - 1);
            if (symbol != HUNCH_NONE)
                return u->symbol.items[symbol].link;
            const size_t first = dot == NULL ? n - end : (size_t)(dot - rest);
            const uint32_t alias =
                find(u, u->alias.items, u->alias.count, add(u, rest, first), file, text, end - 1);
            if (alias != HUNCH_NONE) {
                char target[TEXT_MOST * 2];
                const char *to = hunch_unit_text(u, u->alias.items[alias].link);
                const size_t size = strlen(to), more = n - end - first;
                if (size + more >= TEXT_MOST)
                    return HUNCH_NONE;
                memcpy(target, to, size);
                memcpy(target + size, rest + first, more);
                file = u->alias.items[alias].file;
                next = add(u, target, size + more);
            }
            end--;
        }
        if (next == HUNCH_NONE || next == name)
            return HUNCH_NONE;
        name = next;
    }
    return HUNCH_NONE;
}

/* ---- methods ---- */

static const struct hunch_library_flow *library(const struct hunch_unit *u, const char *text,
                                                size_t *count)
{
    size_t low = 0, high = u->library_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (strcmp(u->library[middle].name, text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *count = 0;
    while (low + *count < u->library_count && strcmp(u->library[low + *count].name, text) == 0)
        ++*count;
    return u->library + low;
}

/* What a method of a class does is said of the class, ".C.m" as "C.m", or of all, as ".m". */
const struct hunch_library_flow *hunch_unit_library(const struct hunch_unit *u, uint32_t name,
                                                    size_t *count)
{
    const char *text = hunch_unit_text(u, name), *last = strrchr(text, '.');
    const struct hunch_library_flow *flow = library(u, text, count);
    if (*count == 0 && text[0] == '.' && last != text) {
        flow = library(u, text + 1, count);
        if (*count == 0)
            flow = library(u, last, count);
    }
    return flow;
}

bool hunch_unit_is_method_of(const struct hunch_unit *u, uint32_t function, uint32_t class)
{
    const uint32_t file = u->function_file.items[class];
    const struct hunch_graph_file *graph = u->file[file].graph;
    const char *of = hunch_graph_name(graph, hunch_unit_function(u, class)->name),
               *name = hunch_graph_name(u->file[u->function_file.items[function]].graph,
                                        hunch_unit_function(u, function)->name);
    const size_t size = strlen(of);
    return u->function_file.items[function] == file && strncmp(name, of, size) == 0 &&
           name[size] == '.' && strchr(name + size + 1, '.') == NULL;
}

uint32_t hunch_unit_methods(const struct hunch_unit *u, uint32_t name, uint32_t arguments,
                            uint32_t *function)
{
    uint32_t count = 0;
    const struct hunch_symbol *list = u->method.items;
    const size_t first = first_of(list, u->method.count, name);
    size_t flows = 0;
    if (first < u->method.count && list[first].name == name)
        (void)hunch_unit_library(u, name, &flows);
    for (size_t i = first; flows == 0 && i < u->method.count && list[i].name == name; i++) {
        const struct hunch_function *f = hunch_unit_function(u, list[i].link);
        const struct hunch_graph_file *graph = u->file[list[i].file].graph;
        bool takes_all = arguments <= f->parameter_count;
        for (uint32_t p = 0; p < f->parameter_count && !takes_all; p++)
            takes_all = (graph->var.items[f->var + p].flags &
                         (HUNCH_VAR_IS_REST | HUNCH_VAR_IS_REST_NAMED)) != 0;
        if (!takes_all)
            continue;
        if (count == HUNCH_METHODS_MOST) /* a word like any other */
            return 0;
        function[count++] = list[i].link;
    }
    return count;
}

/* ---- arguments ---- */

static bool is_called(const struct hunch_graph_file *callee, const struct hunch_function *source,
                      const char *name)
{
    for (uint32_t p = 0; p < source->parameter_count; p++) {
        const struct hunch_var *v = &callee->var.items[source->var + p];
        if (!(v->flags & (HUNCH_VAR_IS_REST | HUNCH_VAR_IS_REST_NAMED)) &&
            strcmp(hunch_graph_name(callee, v->name), name) == 0)
            return true;
    }
    return false;
}

bool hunch_flow_binds(const struct hunch_flow *f, uint32_t op, uint32_t function, uint32_t k,
                      uint32_t parameter)
{
    const struct hunch_op *call = &f->graph->op.items[op],
                          *arg = &f->graph->op.items[f->graph->arg.items[call->b + k]],
                          *called = &f->graph->op.items[call->a];
    if (f->graph->language == HUNCH_LANGUAGE_C)
        return k == parameter;
    const struct hunch_function *source = hunch_unit_function(f->u, function);
    if (f->graph->language != HUNCH_LANGUAGE_PYTHON) { /* `this` is the last parameter */
        const struct hunch_graph_file *graph =
            f->u->file[f->u->function_file.items[function]].graph;
        const uint32_t receives = (call->flags & HUNCH_OP_HAS_RECEIVER) != 0;
        const bool is_this = (source->flags & HUNCH_FUNCTION_HAS_THIS) &&
                             parameter + 1 == source->parameter_count,
                   is_rest =
                       (graph->var.items[source->var + parameter].flags & HUNCH_VAR_IS_REST) != 0;
        return is_this   ? receives && k == 0
               : is_rest ? k >= parameter + receives
                         : k == parameter + receives;
    }
    const struct hunch_graph_file *graph = f->u->file[f->u->function_file.items[function]].graph;
    const uint32_t flags = graph->var.items[source->var + parameter].flags;
    const bool by_method =
        called->kind == HUNCH_OP_NAME && hunch_graph_name(f->graph, called->a)[0] == '.';
    const uint32_t shift = !by_method && (source->flags & HUNCH_FUNCTION_IS_OF_CLASS) ? 1 : 0;
    if (parameter < shift)
        return false;
    const uint32_t position = parameter - shift;
    if (arg->kind != HUNCH_OP_CAST || !(arg->flags & HUNCH_OP_IS_NAMED)) {
        if (flags & HUNCH_VAR_IS_REST)
            return k >= position;
        for (uint32_t p = 0; p < parameter; p++) /* behind *rest by name alone */
            if (graph->var.items[source->var + p].flags & HUNCH_VAR_IS_REST)
                return false;
        return k == position && !(flags & HUNCH_VAR_IS_REST_NAMED);
    }
    const char *name = hunch_graph_name(f->graph, arg->b);
    if (strcmp(name, "*") == 0)
        return k <= position && !(flags & HUNCH_VAR_IS_REST_NAMED);
    if (strcmp(name, "**") == 0)
        return !(flags & HUNCH_VAR_IS_REST) && (position > 0 || k == 0);
    if (flags & HUNCH_VAR_IS_REST_NAMED)
        return !is_called(graph, source, name);
    return !(flags & HUNCH_VAR_IS_REST) &&
           strcmp(hunch_graph_name(graph, graph->var.items[source->var + parameter].name), name) ==
               0;
}
