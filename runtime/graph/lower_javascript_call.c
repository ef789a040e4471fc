/* lower_javascript_call.c: calls. What is called by a dotted name is an operation of that name; a
 * method of anything else is called ".name", with the object as the first argument. What lists and
 * promises do with a function that they get is written out as a call of it.
 */
#include <stdio.h>
#include <string.h>

#include "graph/lower_javascript.h"

void js_argument(struct js_lower *l, uint32_t value)
{
    if (!hunch_vec_push(l->a, &l->arguments, value))
        js_fail(l);
}

uint32_t js_call_value(struct js_lower *l, uint32_t n, uint32_t callee, size_t first, bool receives)
{
    const uint32_t count = l->arguments.count > first ? (uint32_t)(l->arguments.count - first) : 0;
    const uint32_t args = hunch_build_args(l->b, l->arguments.items + first, count);
    l->arguments.count = first;
    return hunch_build_op(l->b,
                          (struct hunch_op){.kind = HUNCH_OP_CALL,
                                            .flags = receives ? HUNCH_OP_HAS_RECEIVER : 0,
                                            .a = callee,
                                            .b = args,
                                            .c = count,
                                            .span = {js_node(l, n)->begin, js_node(l, n)->end}});
}

uint32_t js_call_name(struct js_lower *l, uint32_t n, const char *name, const uint32_t *argument,
                      uint32_t count)
{
    const size_t first = l->arguments.count;
    for (uint32_t i = 0; i < count; i++)
        js_argument(l, argument[i]);
    return js_call_value(l, n, js_op(l, HUNCH_OP_NAME, n, js_literal(l, name), 0), first, false);
}

static void arguments(struct js_lower *l, uint32_t list)
{
    if (list == HUNCH_NONE)
        return;
    if (js_kind(l, list) == K_template_string) { /* f`a${x}`: f([ "a" ], x) */
        js_argument(l, js_unknown(l, list));
        HUNCH_EACH_CHILD(&l->tree, list, c)
        if (js_kind(l, c) == K_template_substitution)
            js_argument(l, js_value(l, js_first_named(l, c)));
        return;
    }
    HUNCH_EACH_CHILD(&l->tree, list, c)
    if (js_kind(l, c) != K_NONE || js_node(l, c)->after > c + 1)
        js_argument(l, js_value(l, c));
}

static uint32_t element(struct js_lower *l, uint32_t n, uint32_t list)
{
    return js_load(l, n, js_op(l, HUNCH_OP_INDEX, n, list, HUNCH_NONE));
}

/* ---- functions that lists and promises call ---- */

enum calls_back { BACK_NONE, BACK_EACH, BACK_MAP, BACK_THEN, BACK_CATCH, BACK_REDUCE };

static enum calls_back calls_back(const struct js_lower *l, uint32_t property)
{
    static const struct {
        const char *name;
        enum calls_back how;
    } all[] = {{"forEach", BACK_EACH},  {"filter", BACK_EACH},       {"some", BACK_EACH},
               {"every", BACK_EACH},    {"find", BACK_EACH},         {"findIndex", BACK_EACH},
               {"findLast", BACK_EACH}, {"map", BACK_MAP},           {"flatMap", BACK_MAP},
               {"then", BACK_THEN},     {"catch", BACK_CATCH},       {"finally", BACK_CATCH},
               {"reduce", BACK_REDUCE}, {"reduceRight", BACK_REDUCE}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (js_is(l, property, all[i].name))
            return all[i].how;
    return BACK_NONE;
}

/* May be a function: no text, number or object that is written there. */
static bool may_be_function(const struct js_lower *l, uint32_t n)
{
    switch (js_kind(l, n)) {
    case K_arrow_function:
    case K_function_expression:
    case K_generator_function:
    case K_identifier:
    case K_member_expression: return true;
    default: return false;
    }
}

static uint32_t call_back(struct js_lower *l, uint32_t n, uint32_t function, const uint32_t *value,
                          uint32_t count)
{
    const size_t first = l->arguments.count;
    for (uint32_t i = 0; i < count; i++)
        js_argument(l, value[i]);
    return js_call_value(l, n, function, first, false);
}

/* What list.map(f) and its kin give; `result` is what the call by name gave. */
static uint32_t with_callback(struct js_lower *l, uint32_t n, enum calls_back how, uint32_t object,
                              const uint32_t *argument, uint32_t count, uint32_t result)
{
    const uint32_t function = argument[0];
    uint32_t value[2];
    switch (how) {
    case BACK_EACH:
        value[0] = element(l, n, object);
        (void)call_back(l, n, function, value, 1);
        return result;
    case BACK_MAP: {
        value[0] = element(l, n, object);
        const uint32_t made = call_back(l, n, function, value, 1),
                       list = js_call_name(l, n, "[]", NULL, 0);
        js_store(l, n, js_op(l, HUNCH_OP_INDEX, n, list, HUNCH_NONE), made);
        return list;
    }
    case BACK_THEN: /* a promise is what it promises */
        value[0] = object;
        if (count > 1) {
            const uint32_t why = js_unknown(l, n);
            (void)call_back(l, n, argument[1], &why, 1);
        }
        return call_back(l, n, function, value, 1);
    case BACK_CATCH:
        value[0] = js_unknown(l, n);
        (void)call_back(l, n, function, value, 1);
        return result;
    case BACK_REDUCE: {
        const uint32_t variable = js_temporary(l, n);
        value[1] = element(l, n, object);
        js_store(l, n, js_variable(l, n, variable), count > 1 ? argument[1] : value[1]);
        for (int twice = 0; twice < 2; twice++) {
            value[0] = js_load(l, n, js_variable(l, n, variable));
            const uint32_t sum = call_back(l, n, function, value, 2);
            js_store(l, n, js_variable(l, n, variable), sum);
        }
        return js_load(l, n, js_variable(l, n, variable));
    }
    default: return result;
    }
}

/* ---- methods ---- */

static uint32_t method_name(struct js_lower *l, uint32_t key)
{
    const size_t mark = l->text.count;
    const char *text = hunch_graph_name(l->file, key);
    uint32_t name = 0;
    if (hunch_vec_push(l->a, &l->text, '.') && hunch_vec_append(l->a, &l->text, text, strlen(text)))
        name = hunch_name_add(l->names, l->text.items + mark, l->text.count - mark);
    else
        js_fail(l);
    l->text.count = mark;
    return name;
}

/* a.b.slice(1): of what is in a.b, which has a name, it is a method: those of texts and lists. */
static bool is_of_value(const struct js_lower *l, uint32_t object, uint32_t property)
{
    static const char *const names[] = {
        "slice",       "split",  "substring", "substr",  "replace",     "replaceAll", "trim",
        "toLowerCase", "charAt", "concat",    "match",   "toUpperCase", "toString",   "map",
        "forEach",     "filter", "reduce",    "find",    "some",        "every",      "includes",
        "indexOf",     "join",   "shift",     "pop",     "push",        "startsWith", "endsWith",
        "then",        "catch",  "at",        "flatMap", "test"};
    const uint16_t kind = js_kind(l, object);
    if (kind != K_member_expression && kind != K_subscript_expression)
        return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (js_is(l, property, names[i]))
            return true;
    return false;
}

/* The class whose object an expression is: `this` in it, a variable that only ever holds new C(…).
 */
static uint32_t class_of(struct js_lower *l, uint32_t object)
{
    if (js_kind(l, object) == K_this) {
        uint32_t function = l->at;
        while (function != 0 && l->function.items[function].is_arrow)
            function = l->function.items[function].parent;
        return l->function.items[function].of_class;
    }
    uint32_t made = js_bare(l, object);
    if (js_kind(l, made) == K_identifier) {
        const struct js_symbol *symbol = js_symbol_of(l, made);
        if (symbol == NULL || symbol->kind != S_VARIABLE || symbol->writes > 0 ||
            symbol->value == HUNCH_NONE || symbol->pattern != HUNCH_NONE)
            return HUNCH_NONE;
        made = js_bare(l, symbol->value);
    }
    const uint32_t name =
        js_kind(l, made) == K_new_expression ? js_child(l, made, F_constructor) : HUNCH_NONE;
    const struct js_symbol *class = js_kind(l, name) == K_identifier ? js_symbol_of(l, name) : NULL;
    return class == NULL || class->kind != S_FUNCTION ? HUNCH_NONE
                                                      : l->function.items[class->index].class;
}

enum { MEMBERS_MOST = 500 }; /* of a class that are looked at */

/* The method of that class, as the name of its function; 0: it has none of that name. */
static uint32_t known_method(struct js_lower *l, uint32_t object, uint32_t key)
{
    const uint32_t class = class_of(l, object),
                   body = class == HUNCH_NONE ? HUNCH_NONE : js_child(l, class, F_body);
    uint32_t members = 0;
    if (body == HUNCH_NONE)
        return 0;
    HUNCH_EACH_CHILD(&l->tree, body, c)
    {
        if (++members > MEMBERS_MOST)
            break;
        if (js_kind(l, c) == K_method_definition && l->of[c] != HUNCH_NONE &&
            l->function.items[l->of[c]].key == key)
            return l->function.items[l->of[c]].name;
    }
    return 0;
}

static uint32_t call_method(struct js_lower *l, uint32_t n, uint32_t object, uint32_t property,
                            uint32_t key, uint32_t list)
{
    const size_t first = l->arguments.count;
    const uint32_t receiver = js_value(l, object);
    js_argument(l, receiver);
    arguments(l, list);
    enum calls_back how = BACK_NONE;
    uint32_t argument[2] = {0}, count = 0;
    const uint32_t first_node = list == HUNCH_NONE ? HUNCH_NONE : js_first_named(l, list);
    if (first_node != HUNCH_NONE && may_be_function(l, js_bare(l, first_node)))
        how = calls_back(l, property);
    for (size_t i = first + 1; i < l->arguments.count && count < 2; i++)
        argument[count++] = l->arguments.items[i];
    const uint32_t known = known_method(l, object, key);
    const uint32_t callee = js_op(l, HUNCH_OP_NAME, property,
                                  known != 0 ? known : method_name(l, key), 0),
                   result = js_call_value(l, n, callee, first, true);
    return how == BACK_NONE || count == 0
               ? result
               : with_callback(l, n, how, receiver, argument, count, result);
}

/* f.call(self, a), f.apply(self, list), f.bind(self). */
static bool call_indirect(struct js_lower *l, uint32_t n, uint32_t object, uint32_t property,
                          uint32_t list, uint32_t *result)
{
    const bool is_call = js_is(l, property, "call"), is_apply = js_is(l, property, "apply"),
               is_bind = js_is(l, property, "bind");
    const uint16_t kind = js_kind(l, object);
    if ((!is_call && !is_apply && !is_bind) || list == HUNCH_NONE ||
        js_kind(l, list) != K_arguments ||
        (kind != K_identifier && kind != K_member_expression && kind != K_function_expression))
        return false;
    const size_t first = l->arguments.count;
    const uint32_t dotted = js_dotted(l, object);
    char text[256]; /* a copy: names move when one is added */
    snprintf(text, sizeof text, "%s", hunch_graph_name(l->file, dotted));
    const char *method = strstr(text, ".prototype.");
    const uint32_t callee = dotted == 0 ? js_value(l, object)
                            : method != NULL
                                ? js_op(l, HUNCH_OP_NAME, object, js_literal(l, method + 10), 0)
                                : js_op(l, HUNCH_OP_NAME, object, dotted, 0);
    arguments(l, list);
    if (is_apply)
        for (size_t i = first + 1; i < l->arguments.count; i++)
            l->arguments.items[i] = element(l, n, l->arguments.items[i]);
    const bool receives = l->arguments.count > first && (dotted == 0 || method != NULL);
    if (!receives && l->arguments.count > first) { /* a function by name has no use for it */
        for (size_t i = first + 1; i < l->arguments.count; i++)
            l->arguments.items[i - 1] = l->arguments.items[i];
        l->arguments.count--;
    }
    if (is_bind) {
        l->arguments.count = first;
        *result = callee;
    } else {
        *result = js_call_value(l, n, callee, first, receives);
    }
    return true;
}

/* ---- calls ---- */

static uint32_t class_parent(struct js_lower *l, uint32_t class)
{
    HUNCH_EACH_CHILD(&l->tree, class, c)
    if (js_kind(l, c) == K_class_heritage)
        return js_first_named(l, c);
    return HUNCH_NONE;
}

/* The value that `f(…)` and `new f(…)` call, for anything that is no method. */
static uint32_t callee(struct js_lower *l, uint32_t function)
{
    uint32_t field;
    const uint32_t dotted = js_dotted(l, function);
    if (dotted != 0)
        return js_op(l, HUNCH_OP_NAME, function, dotted, 0);
    const uint32_t module = js_module(l, function, &field);
    if (module != 0 && field == 0)
        return js_load(l, function, js_op(l, HUNCH_OP_NAME, function, module, 0));
    return js_value(l, function);
}

/* The class whose constructor is lowered, or that of the function around an arrow; or NONE. */
static uint32_t class_around(const struct js_lower *l)
{
    uint32_t function = l->at;
    while (function != 0 && l->function.items[function].is_arrow)
        function = l->function.items[function].parent;
    return l->function.items[function].class;
}

static uint32_t call_super(struct js_lower *l, uint32_t n, uint32_t function, uint32_t list)
{
    const size_t first = l->arguments.count;
    const uint32_t class = class_around(l),
                   parent = class == HUNCH_NONE ? HUNCH_NONE : class_parent(l, class);
    struct js_symbol *self = js_symbol_of(l, function);
    arguments(l, list);
    const uint32_t value = js_call_value(
        l, n, parent == HUNCH_NONE ? js_unknown(l, n) : callee(l, parent), first, false);
    if (self != NULL)
        js_store(l, n, js_symbol_address(l, self, n), value);
    return value;
}

uint32_t js_call(struct js_lower *l, uint32_t n)
{
    const uint32_t function = js_child(l, n, F_function) == HUNCH_NONE
                                  ? HUNCH_NONE
                                  : js_bare(l, js_child(l, n, F_function)),
                   list = js_child(l, n, F_arguments);
    const size_t first = l->arguments.count;
    uint32_t field, name, result;
    if (function == HUNCH_NONE)
        return js_unknown(l, n);
    if (js_kind(l, function) == K_super)
        return call_super(l, n, function, list);
    name = js_dotted(l, n); /* require("x") */
    if (name != 0)
        return js_load(l, n, js_op(l, HUNCH_OP_NAME, n, name, 0));
    name = js_module(l, n, &field);
    if (name != 0)
        return js_op(l, HUNCH_OP_NAME, n, name, 0);
    name = js_dotted(l, function);
    const uint16_t kind = js_kind(l, function);
    if (kind == K_member_expression || kind == K_subscript_expression) {
        const uint32_t object = js_child(l, function, F_object),
                       property = js_child(l, function,
                                           kind == K_member_expression ? F_property : F_index),
                       key = kind == K_member_expression ? js_key(l, property)
                                                         : js_string(l, property);
        if (property != HUNCH_NONE && object != HUNCH_NONE && key != 0 &&
            call_indirect(l, n, object, property, list, &result))
            return result;
        if (name != 0 && object != HUNCH_NONE && is_of_value(l, object, property))
            name = 0;
        if (name == 0 && object != HUNCH_NONE && key != 0)
            return call_method(l, n, object, property, key, list);
        if (name == 0 && object != HUNCH_NONE) { /* o[k](…) */
            const uint32_t receiver = js_value(l, object),
                           value = js_load(
                               l, n,
                               js_op(l, HUNCH_OP_INDEX, function, receiver, js_value(l, property)));
            js_argument(l, receiver);
            arguments(l, list);
            return js_call_value(l, n, value, first, true);
        }
    }
    const uint32_t module = name == 0 ? js_module(l, function, &field) : 0;
    if (module != 0 && field != 0) { /* import { f } from "./x": as x.f() */
        js_argument(l, js_op(l, HUNCH_OP_NAME, function, module, 0));
        arguments(l, list);
        return js_call_value(l, n, js_op(l, HUNCH_OP_NAME, function, method_name(l, field), 0),
                             first, true);
    }
    const uint32_t value = callee(l, function);
    const struct js_symbol *symbol = kind == K_identifier ? js_symbol_of(l, function) : NULL;
    const uint32_t settles = symbol != NULL ? symbol->settles : 0;
    arguments(l, list);
    if (settles != 0 && l->arguments.count > first)
        js_store(l, n, js_op(l, HUNCH_OP_NAME, n, settles, 0), l->arguments.items[first]);
    result = js_call_value(l, n, value, first, false);
    if (name != 0 && (strcmp(hunch_graph_name(l->file, name), "process.exit") == 0 ||
                      strcmp(hunch_graph_name(l->file, name), "process.abort") == 0))
        hunch_build_exit(l->b, false);
    return result;
}

/* new Promise((resolve) => …): what resolve gets. Inner functions are lowered later, so that they
 * see where it goes. 0: it is another thing. */
static uint32_t promised(struct js_lower *l, uint32_t n, uint32_t constructor)
{
    const uint32_t list = js_child(l, n, F_arguments),
                   first = list == HUNCH_NONE ? HUNCH_NONE : js_first_named(l, list);
    if (first == HUNCH_NONE || js_kind(l, constructor) != K_identifier ||
        l->of[constructor] != HUNCH_NONE || !js_is(l, constructor, "Promise") ||
        !js_is_function(js_kind(l, first)) || l->of[first] == HUNCH_NONE)
        return 0;
    const struct js_function *f = &l->function.items[l->of[first]];
    uint32_t resolve = f->parameters;
    if (js_kind(l, resolve) == K_formal_parameters)
        resolve = js_first_named(l, resolve);
    struct js_symbol *symbol =
        js_kind(l, resolve) == K_identifier ? js_symbol_of(l, resolve) : NULL;
    if (symbol == NULL || symbol->writes > 0)
        return 0;
    if (symbol->settles == 0) {
        char text[300];
        snprintf(text, sizeof text, "%.200s.promised", hunch_graph_name(l->file, f->name));
        symbol->settles = js_unique(l, js_literal(l, text));
        js_add_global(l, symbol->settles, n, true);
    }
    return symbol->settles;
}

uint32_t js_new(struct js_lower *l, uint32_t n)
{
    const uint32_t function = js_child(l, n, F_constructor);
    const size_t first = l->arguments.count;
    if (function == HUNCH_NONE)
        return js_unknown(l, n);
    const uint32_t promise = promised(l, n, js_bare(l, function));
    const uint32_t value = callee(l, js_bare(l, function));
    arguments(l, js_child(l, n, F_arguments));
    if (promise != 0 && l->arguments.count > first) {
        const uint32_t executor = l->arguments.items[first];
        l->arguments.count = first;
        (void)js_call_value(l, n, executor, first, false);
        return js_load(l, n, js_op(l, HUNCH_OP_NAME, n, promise, 0));
    }
    return js_call_value(l, n, value, first, false);
}
