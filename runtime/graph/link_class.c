/* link_class.c: whose method a call means, of Java, by what its name says: "C.m(2)", ".C.m(2)" of
 * an object that is a C or derived from it, "C(2)" what makes one (lower_java_call.c). Functions
 * are known as "C.m(2)", with "*" for a number where they take any; what a class extends are its
 * file's aliases. Of classes of one name the nearest file's counts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/flow.h"

enum { TEXT_MOST = 400, CLASSES_MOST = 1024, OVERRIDING_MOST = 8 };

/* ---- what is there ---- */

static bool add(struct hunch_unit *u, uint32_t name, uint32_t file, uint32_t link, bool is_alias)
{
    const struct hunch_symbol s = {name, file, link, false};
    return is_alias ? hunch_vec_push(u->a, &u->alias, s) : hunch_vec_push(u->a, &u->method, s);
}

static bool add_function(struct hunch_unit *u, uint32_t file, uint32_t number)
{
    const struct hunch_linked_file *f = &u->file[file];
    const struct hunch_function *function = &f->graph->function.items[number];
    const char *name = hunch_graph_name(f->graph, function->name), *dot = strrchr(name, '.');
    const bool has_this = (function->flags & HUNCH_FUNCTION_HAS_THIS) != 0;
    const uint32_t count = function->parameter_count - has_this;
    char text[TEXT_MOST], number_text[16] = "*";
    bool takes_any = false;
    for (uint32_t p = 0; p < function->parameter_count; p++)
        takes_any |= (f->graph->var.items[function->var + p].flags & HUNCH_VAR_IS_REST) != 0;
    if (function->flags & (HUNCH_FUNCTION_IS_INITIAL | HUNCH_FUNCTION_IS_STATIC))
        return true;
    if (!takes_any)
        snprintf(number_text, sizeof number_text, "%u", (unsigned)count);
    if (snprintf(text, sizeof text, "%s(%s)", name, number_text) >= TEXT_MOST)
        return true;
    bool ok = add(u, hunch_unit_name_add(u, text), file, f->function + number, false);
    if (ok && has_this && dot != NULL) {
        snprintf(text, sizeof text, "%s(%s)", dot, number_text);
        ok = add(u, hunch_unit_name_add(u, text), file, f->function + number, false);
    }
    return ok;
}

bool hunch_unit_add_classes(struct hunch_unit *u, uint32_t file)
{
    const struct hunch_linked_file *f = &u->file[file];
    bool ok = true;
    for (uint32_t i = 0; ok && i < f->graph->function.count; i++)
        ok = add_function(u, file, i);
    for (size_t i = 0; ok && i < f->graph->alias.count; i++) {
        const uint32_t name = hunch_unit_name(u, file, f->graph->alias.items[i].name),
                       base = hunch_unit_name(u, file, f->graph->alias.items[i].target);
        char text[TEXT_MOST];
        ok = add(u, name, file, base, true);
        if (ok && snprintf(text, sizeof text, "<%s", hunch_unit_text(u, base)) < TEXT_MOST)
            ok = add(u, hunch_unit_name_add(u, text), file, name, true);
    }
    return ok && !u->failed;
}

/* ---- looking ---- */

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

static size_t nearness(const char *l, const char *r)
{
    size_t folders = 0;
    for (size_t i = 0; l[i] != 0 && l[i] == r[i]; i++)
        folders = l[i] == '/' ? i + 1 : folders;
    return folders;
}

struct search {
    struct hunch_unit *u;
    uint32_t file;               /* who asks */
    const char *method, *number; /* "m", or "" of a constructor; "2" */
    size_t method_size;
    struct hunch_callees *found;
    uint32_t class[CLASSES_MOST], count; /* names of classes that were looked at */
};

static size_t near(const struct search *s, uint32_t file)
{
    return file == s->file ? SIZE_MAX : nearness(s->u->file[s->file].name, s->u->file[file].name);
}

static bool add_called(struct search *s, const char *class, const char *number)
{
    char text[TEXT_MOST];
    const int size =
        snprintf(text, sizeof text, "%s%s%.*s(%s)", class, s->method_size > 0 ? "." : "",
                 (int)s->method_size, s->method, number);
    if (size < 0 || size >= TEXT_MOST)
        return false;
    const uint32_t name = hunch_unit_name_add(s->u, text);
    const struct hunch_symbol *list = s->u->method.items;
    const size_t count = s->u->method.count, first = first_of(list, count, name);
    size_t best = 0;
    for (size_t i = first; i < count && list[i].name == name; i++)
        best = near(s, list[i].file) > best ? near(s, list[i].file) : best;
    bool found = false;
    for (size_t i = first; i < count && list[i].name == name; i++)
        if (near(s, list[i].file) == best) {
            hunch_flow_add_callee(s->found, list[i].link);
            found = true;
        }
    return found;
}

/* The class' own methods of that name and number of arguments. */
static bool own(struct search *s, const char *class)
{
    char copy[TEXT_MOST]; /* texts move when one is added */
    snprintf(copy, sizeof copy, "%s", class);
    return add_called(s, copy, s->number) || add_called(s, copy, "*");
}

static bool seen(struct search *s, uint32_t class)
{
    for (uint32_t i = 0; i < s->count; i++)
        if (s->class[i] == class)
            return true;
    if (s->count == CLASSES_MOST)
        return true;
    s->class[s->count++] = class;
    return false;
}

/* Those of the class or, where it has none, of the bases that are met first. */
static bool inherited(struct search *s, uint32_t class)
{
    if (seen(s, class))
        return false;
    if (own(s, hunch_unit_text(s->u, class)))
        return true;
    const size_t first = first_of(s->u->alias.items, s->u->alias.count, class);
    size_t best = 0;
    bool found = false;
    for (size_t i = first; i < s->u->alias.count && s->u->alias.items[i].name == class; i++)
        best =
            near(s, s->u->alias.items[i].file) > best ? near(s, s->u->alias.items[i].file) : best;
    for (size_t i = first; i < s->u->alias.count && s->u->alias.items[i].name == class && !found;
         i++)
        found =
            near(s, s->u->alias.items[i].file) == best && inherited(s, s->u->alias.items[i].link);
    return found;
}

/* Those of the classes that are derived from it, one generation after another, until there are
 * more than `most`. */
static void overriding(struct search *s, uint32_t class, uint32_t most)
{
    char text[TEXT_MOST];
    s->count = 0;
    (void)seen(s, class);
    for (uint32_t at = 0; at < s->count && s->found->count <= most; at++) {
        if (snprintf(text, sizeof text, "<%s", hunch_unit_text(s->u, s->class[at])) >= TEXT_MOST)
            continue;
        const uint32_t name = hunch_unit_name_add(s->u, text);
        for (size_t i = first_of(s->u->alias.items, s->u->alias.count, name);
             i < s->u->alias.count && s->u->alias.items[i].name == name && s->found->count <= most;
             i++)
            if (!seen(s, s->u->alias.items[i].link))
                (void)own(s, hunch_unit_text(s->u, s->u->alias.items[i].link));
    }
}

/* ---- names of calls ---- */

/* "C.m(2)" in its parts, in `text`. False: it is no name of a call. */
struct parts {
    char text[TEXT_MOST];
    const char *class, *method, *number;
    size_t class_size, method_size;
    bool is_virtual;
};

static bool split(const struct hunch_unit *u, uint32_t name, struct parts *p)
{
    const char *text = hunch_unit_text(u, name);
    const size_t size = strlen(text);
    if (size < 4 || size >= sizeof p->text || text[size - 1] != ')')
        return false;
    memcpy(p->text, text, size + 1);
    char *open = strrchr(p->text, '(');
    if (open == NULL || open[1] < '0' || open[1] > '9')
        return false;
    p->text[size - 1] = *open = 0;
    p->number = open + 1;
    p->is_virtual = p->text[0] == '.';
    char *begin = p->text + p->is_virtual, *dot = strrchr(begin, '.');
    p->class = begin; /* of ".m(2)" of no bytes */
    p->class_size = dot != NULL ? (size_t)(dot - begin) : p->is_virtual ? 0 : strlen(begin);
    p->method = dot != NULL ? dot + 1 : p->is_virtual ? begin : "";
    p->method_size = strlen(p->method);
    return true;
}

bool hunch_unit_is_call(const struct hunch_unit *u, uint32_t file, uint32_t name)
{
    const char *text = hunch_unit_text(u, name);
    const size_t size = strlen(text);
    return u->file[file].graph->language == HUNCH_LANGUAGE_JAVA && size > 3 &&
           text[size - 1] == ')' && text[size - 2] >= '0' && text[size - 2] <= '9';
}

uint32_t hunch_unit_call_name(struct hunch_unit *u, uint32_t name)
{
    struct parts p;
    return split(u, name, &p) ? hunch_unit_name_add(u, p.text) : name;
}

static uint32_t class_name(struct hunch_unit *u, const struct parts *p)
{
    char text[TEXT_MOST];
    memcpy(text, p->class, p->class_size);
    text[p->class_size] = 0;
    return p->class_size == 0 ? 0 : hunch_unit_name_add(u, text);
}

/* Functions by class and name; *is_known: it is a class of the unit, or a base of one. */
void hunch_unit_called(struct hunch_unit *u, uint32_t file, uint32_t name,
                       struct hunch_callees *found, bool *is_known)
{
    struct parts p;
    *is_known = false;
    if (!split(u, name, &p))
        return;
    struct search s = {.u = u, .file = file, .found = found, .method = "", .number = p.number};
    if (!p.is_virtual && own(&s, p.text)) { /* C(2), or C.m(2) as it stands there */
        *is_known = true;
        return;
    }
    const uint32_t class = class_name(u, &p);
    if (class == 0 || p.method_size == 0)
        return;
    s.method = p.method;
    s.method_size = p.method_size;
    const bool has_own = inherited(&s, class);
    *is_known = has_own;
    const uint32_t count = found->count, most = count + OVERRIDING_MOST;
    if (p.is_virtual)
        overriding(&s, class, most);
    if (found->count > most) { /* a word like any other */
        found->count = count;
        *is_known = false;
    }
}

/* A field that a class does not have is one of its base: "C.f" becomes "B.f". */
bool hunch_unit_inherited_name(struct hunch_unit *u, uint32_t *name)
{
    char text[TEXT_MOST], next[TEXT_MOST];
    const char *whole = hunch_unit_text(u, *name), *dot = strrchr(whole, '.');
    if (dot == NULL || dot == whole || strlen(whole) >= sizeof text)
        return false;
    memcpy(text, whole, (size_t)(dot - whole));
    text[dot - whole] = 0;
    char field[TEXT_MOST];
    snprintf(field, sizeof field, "%s", dot);
    const uint32_t class = hunch_unit_name_add(u, text);
    const size_t at = first_of(u->alias.items, u->alias.count, class);
    if (at == u->alias.count || u->alias.items[at].name != class)
        return false;
    if (snprintf(next, sizeof next, "%s%s", hunch_unit_text(u, u->alias.items[at].link), field) >=
        TEXT_MOST)
        return false;
    *name = hunch_unit_name_add(u, next);
    return true;
}

/* The same of an object that this constructor made. */
bool hunch_unit_called_of(struct hunch_unit *u, uint32_t name, uint32_t constructor,
                          struct hunch_callees *found)
{
    struct parts p;
    if (!split(u, name, &p) || p.method_size == 0)
        return false;
    const struct hunch_function *function = hunch_unit_function(u, constructor);
    struct search s = {.u = u,
                       .file = u->function_file.items[constructor],
                       .found = found,
                       .number = p.number,
                       .method = p.method,
                       .method_size = p.method_size};
    return inherited(&s, hunch_unit_name(u, u->function_file.items[constructor], function->name));
}

/* Methods of that name of any class, where these are few and no library has it. */
void hunch_unit_called_any(struct hunch_unit *u, uint32_t name, struct hunch_callees *found)
{
    struct parts p;
    size_t flows;
    uint32_t function[HUNCH_METHODS_MOST];
    char text[TEXT_MOST];
    if (!split(u, name, &p) || !p.is_virtual)
        return;
    snprintf(text, sizeof text, ".%s", p.method);
    (void)hunch_unit_library(u, hunch_unit_name_add(u, text), &flows);
    if (flows > 0)
        return;
    snprintf(text, sizeof text, ".%s(%s)", p.method, p.number);
    const uint32_t count = hunch_unit_methods(u, hunch_unit_name_add(u, text), 0, function);
    for (uint32_t i = 0; i < count; i++)
        hunch_flow_add_callee(found, function[i]);
}

/* Is nothing said of the object's class, but by which method it was given? */
bool hunch_unit_is_any(struct hunch_unit *u, uint32_t name)
{
    struct parts p;
    if (!split(u, name, &p) || !p.is_virtual)
        return false;
    const uint32_t class = class_name(u, &p);
    const char *text = hunch_unit_text(u, class);
    return class == 0 || text[0] < 'A' || text[0] > 'Z' || strchr(text, '.') != NULL;
}
