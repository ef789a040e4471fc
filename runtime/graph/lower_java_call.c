/* lower_java_call.c: calls and what makes objects. What is called has a name that says all that
 * linking needs: "C.m(2)" a method of C or of a base with 2 arguments, ".C.m(2)" one of an object
 * that is known to be a C or derived from it, ".m(2)" of an object of which nothing is known,
 * "C(2)" a constructor. An object comes first among the arguments, which the number leaves out.
 */
#include <stdio.h>
#include <string.h>

#include "graph/lower_java.h"

void jv_argument(struct jv_lower *l, uint32_t value)
{
    if (!hunch_vec_push(l->a, &l->argument, value))
        jv_fail(l);
}

void jv_arguments(struct jv_lower *l, uint32_t list)
{
    if (list == HUNCH_NONE)
        return;
    HUNCH_EACH_CHILD(&l->tree, list, c)
    if (jv_kind(l, c) != K_NONE || jv_node(l, c)->after > c + 1)
        jv_argument(l, jv_value(l, c));
}

uint32_t jv_call_value(struct jv_lower *l, uint32_t n, uint32_t callee, size_t first, bool receives)
{
    const uint32_t count = l->argument.count > first ? (uint32_t)(l->argument.count - first) : 0;
    const uint32_t args = hunch_build_args(l->b, l->argument.items + first, count);
    l->argument.count = first;
    return hunch_build_op(l->b, (struct hunch_op){.kind = HUNCH_OP_CALL,
                                                  .flags = receives ? HUNCH_OP_HAS_RECEIVER : 0,
                                                  .a = callee,
                                                  .b = args,
                                                  .c = count,
                                                  .span = jv_span(l, n)});
}

uint32_t jv_call_name(struct jv_lower *l, uint32_t n, const char *name, const uint32_t *argument,
                      uint32_t count)
{
    const size_t first = l->argument.count;
    for (uint32_t i = 0; i < count; i++)
        jv_argument(l, argument[i]);
    return jv_call_value(l, n, jv_op(l, HUNCH_OP_NAME, n, jv_literal(l, name), 0), first, false);
}

/* The call's name: with how many arguments, from `first` on. */
static uint32_t counted(struct jv_lower *l, uint32_t name, size_t first, bool receives)
{
    char text[24];
    snprintf(text, sizeof text, "(%u)", (unsigned)(l->argument.count - first - receives));
    return jv_join(l, name, text, 0);
}

static uint32_t call_named(struct jv_lower *l, uint32_t n, uint32_t name, size_t first,
                           bool receives)
{
    const uint32_t callee = jv_op(l, HUNCH_OP_NAME, n, counted(l, name, first, receives), 0);
    return jv_call_value(l, n, callee, first, receives);
}

/* ---- functions that lists, streams and optional values call ---- */

enum calls_back { BACK_NONE, BACK_EACH, BACK_MAP, BACK_GIVE };

static enum calls_back calls_back(const struct jv_lower *l, uint32_t name)
{
    static const struct {
        const char *name;
        enum calls_back how;
    } all[] = {{"forEach", BACK_EACH},   {"forEachOrdered", BACK_EACH}, {"filter", BACK_EACH},
               {"anyMatch", BACK_EACH},  {"allMatch", BACK_EACH},       {"noneMatch", BACK_EACH},
               {"peek", BACK_EACH},      {"removeIf", BACK_EACH},       {"ifPresent", BACK_EACH},
               {"map", BACK_MAP},        {"flatMap", BACK_MAP},         {"mapToObj", BACK_MAP},
               {"orElseGet", BACK_GIVE}, {"thenApply", BACK_MAP},       {"thenAccept", BACK_EACH}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (jv_is(l, name, all[i].name))
            return all[i].how;
    return BACK_NONE;
}

static uint32_t with_callback(struct jv_lower *l, uint32_t n, enum calls_back how, uint32_t object,
                              uint32_t function, uint32_t result)
{
    const size_t first = l->argument.count;
    if (how != BACK_GIVE)
        jv_argument(l, jv_element(l, n, object));
    const uint32_t made = jv_call_value(l, n, function, first, false);
    if (how == BACK_EACH)
        return result;
    const uint32_t list = jv_call_name(l, n, "[]", NULL, 0);
    if (how == BACK_MAP) {
        (void)jv_store(l, n, jv_op(l, HUNCH_OP_INDEX, n, list, HUNCH_NONE), made);
        return list;
    }
    const uint32_t variable = jv_temporary(l, n), one = hunch_build_block(l->b),
                   done = hunch_build_block(l->b);
    (void)jv_store(l, n, jv_variable(l, n, variable), result);
    jv_either(l, n, one, done);
    hunch_build_start(l->b, one);
    (void)jv_store(l, n, jv_variable(l, n, variable), made);
    hunch_build_jump(l->b, done);
    hunch_build_start(l->b, done);
    return jv_load(l, n, jv_variable(l, n, variable));
}

static bool is_function(uint16_t kind)
{
    return kind == K_lambda_expression || kind == K_method_reference;
}

/* ---- methods that are operations ---- */

static bool is_map(const struct jv_lower *l, uint32_t type)
{
    static const char *const NAMES[] = {
        "Map",       "HashMap",   "LinkedHashMap",     "TreeMap",
        "SortedMap", "Hashtable", "ConcurrentHashMap", "ConcurrentMap"};
    for (size_t i = 0; type != 0 && i < sizeof NAMES / sizeof *NAMES; i++)
        if (strcmp(hunch_graph_name(l->file, type), NAMES[i]) == 0)
            return true;
    return false;
}

/* map.put("a", x), map.get("a"): of a key that is written there, the field "[a]" of the map. */
static bool map_entry(struct jv_lower *l, uint32_t n, uint32_t object, uint32_t name, uint32_t list,
                      uint32_t *result)
{
    const bool is_put = jv_is(l, name, "put"), is_get = jv_is(l, name, "get");
    const uint32_t key = list == HUNCH_NONE ? HUNCH_NONE : jv_named(l, list, 0),
                   value = list == HUNCH_NONE ? HUNCH_NONE : jv_named(l, list, 1);
    int64_t number;
    uint32_t field;
    if ((!is_put && !is_get) || key == HUNCH_NONE || (value != HUNCH_NONE) != is_put ||
        !is_map(l, jv_op_type(l, object)))
        return false;
    if (jv_kind(l, key) == K_string_literal) {
        field = jv_join(l, jv_join(l, jv_literal(l, "["), "", jv_text_value(l, key)), "]", 0);
    } else if (jv_constant(l, key, l->class_at, &number)) {
        char text[32];
        snprintf(text, sizeof text, "[%lld]", (long long)number);
        field = jv_literal(l, text);
    } else {
        return false;
    }
    const uint32_t put = is_put ? jv_value(l, value) : HUNCH_NONE;
    const uint32_t place = jv_op(l, HUNCH_OP_FIELD, n, object, field);
    *result = is_put ? jv_store(l, n, place, put) : jv_load(l, n, place);
    return true;
}

/* a.equals(b): texts are compared, not addresses. */
static bool is_equals(const struct jv_lower *l, uint32_t name, uint32_t list)
{
    return list != HUNCH_NONE && jv_named(l, list, 0) != HUNCH_NONE &&
           jv_named(l, list, 1) == HUNCH_NONE &&
           (jv_is(l, name, "equals") || jv_is(l, name, "equalsIgnoreCase") ||
            jv_is(l, name, "contentEquals"));
}

static uint32_t compared(struct jv_lower *l, uint32_t n, uint32_t a, uint32_t b)
{
    return jv_typed(l, jv_binary(l, HUNCH_EQ, n, a, b), jv_literal(l, "boolean"));
}

/* What methods of the library give that is no object: by their names. */
static uint32_t given_type(struct jv_lower *l, uint32_t name)
{
    static const char *const NUMBERS[] = {"length",    "size",       "indexOf",   "lastIndexOf",
                                          "parseInt",  "intValue",   "nextInt",   "hashCode",
                                          "compareTo", "ordinal",    "parseLong", "longValue",
                                          "nextLong",  "parseShort", "parseByte"},
                             *const TEXTS[] = {"toString",     "substring",   "trim",
                                               "toLowerCase",  "toUpperCase", "readLine",
                                               "getParameter", "getHeader",   "replace",
                                               "concat",       "nextLine"};
    for (size_t i = 0; i < sizeof NUMBERS / sizeof *NUMBERS; i++)
        if (jv_is(l, name, NUMBERS[i]))
            return jv_literal(l, strstr(NUMBERS[i], "ong") != NULL ? "long" : "int");
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++)
        if (jv_is(l, name, TEXTS[i]))
            return jv_literal(l, "String");
    return jv_name(l, name); /* what is called of it is named by it: "getWriter.println" */
}

/* ---- calls ---- */

static uint32_t result_type(struct jv_lower *l, uint32_t function, uint32_t name)
{
    if (function == HUNCH_NONE)
        return given_type(l, name);
    return jv_resolved(l, l->function.items[function].type, l->function.items[function].class);
}

static uint32_t arguments_in(const struct jv_lower *l, uint32_t list)
{
    uint32_t count = 0;
    while (list != HUNCH_NONE && jv_named(l, list, count) != HUNCH_NONE)
        count++;
    return count;
}

/* m(…): of this class, a base of it, one around it, or imported. */
static uint32_t call_own(struct jv_lower *l, uint32_t n, uint32_t name, uint32_t list)
{
    const size_t first = l->argument.count;
    const uint32_t key = jv_name(l, name), imported = jv_imported(l, key);
    uint32_t class = jv_method_class(l, l->class_at, key);
    if (class == HUNCH_NONE && (imported != 0 || l->class_at == HUNCH_NONE)) {
        jv_arguments(l, list);
        return jv_typed(l, call_named(l, n, imported != 0 ? imported : key, first, false),
                        given_type(l, name));
    }
    if (class == HUNCH_NONE) { /* inherited: by the innermost class that has a base */
        class = l->class_at;
        while (jv_base_of(l, class) == 0 && l->class.items[class].outer != HUNCH_NONE)
            class = l->class.items[class].outer;
    }
    const uint32_t function = jv_method_of(l, class, key, arguments_in(l, list)),
                   of = jv_join(l, l->class.items[class].name, ".", key);
    const bool is_static = function != HUNCH_NONE && l->function.items[function].is_static,
               has_this = !is_static && (l->self != HUNCH_NONE || class != l->class_at);
    if (has_this)
        jv_argument(l, jv_this(l, n, class));
    jv_arguments(l, list);
    const uint32_t called = has_this ? jv_join(l, jv_literal(l, "."), "", of) : of;
    return jv_typed(l, call_named(l, n, called, first, has_this), result_type(l, function, name));
}

static uint32_t call_base(struct jv_lower *l, uint32_t n, uint32_t name, uint32_t list)
{
    const size_t first = l->argument.count;
    const uint32_t base = l->class_at == HUNCH_NONE ? 0 : jv_base_of(l, l->class_at),
                   class = jv_class_named(l, base), key = jv_name(l, name);
    jv_argument(l, jv_this(l, n, l->class_at));
    jv_arguments(l, list);
    const uint32_t function =
        class == HUNCH_NONE ? HUNCH_NONE : jv_method_of(l, class, key, arguments_in(l, list));
    return jv_typed(
        l, call_named(l, n, jv_join(l, base, base == 0 ? "super." : ".", key), first, true),
        result_type(l, function, name));
}

static uint32_t call_static(struct jv_lower *l, uint32_t n, uint32_t of, uint32_t name,
                            uint32_t list)
{
    const size_t first = l->argument.count;
    const uint32_t class = jv_class_named(l, of), key = jv_name(l, name);
    jv_arguments(l, list);
    if (strcmp(hunch_graph_name(l->file, of), "Objects") == 0 && jv_is(l, name, "equals") &&
        l->argument.count == first + 2) {
        l->argument.count = first;
        return compared(l, n, l->argument.items[first], l->argument.items[first + 1]);
    }
    const uint32_t function =
        class == HUNCH_NONE ? HUNCH_NONE : jv_method_of(l, class, key, arguments_in(l, list));
    const uint32_t result = jv_typed(l, call_named(l, n, jv_join(l, of, ".", key), first, false),
                                     result_type(l, function, name));
    if (strcmp(hunch_graph_name(l->file, of), "System") == 0 && jv_is(l, name, "exit"))
        hunch_build_exit(l->b, false);
    return result;
}

/* r.x() of a record with a part x. */
static bool is_part(struct jv_lower *l, uint32_t class, uint32_t key, uint32_t list)
{
    return class != HUNCH_NONE && jv_kind(l, l->class.items[class].node) == K_record_declaration &&
           arguments_in(l, list) == 0 && jv_field_of(l, class, key) != HUNCH_NONE;
}

static uint32_t call_object(struct jv_lower *l, uint32_t n, uint32_t object, uint32_t name,
                            uint32_t list)
{
    const size_t first = l->argument.count;
    const uint32_t receiver = jv_value(l, object), type = jv_op_type(l, receiver),
                   class = jv_class_named(l, type), key = jv_name(l, name);
    uint32_t result;
    const uint32_t function =
        class == HUNCH_NONE ? HUNCH_NONE : jv_method_of(l, class, key, arguments_in(l, list));
    if (class == HUNCH_NONE && map_entry(l, n, receiver, name, list, &result))
        return result;
    if (function == HUNCH_NONE && is_part(l, class, key, list))
        return jv_load(l, n, jv_op(l, HUNCH_OP_FIELD, n, receiver, key));
    if (function == HUNCH_NONE && is_equals(l, name, list))
        return compared(l, n, receiver, jv_value(l, jv_named(l, list, 0)));
    jv_argument(l, receiver);
    jv_arguments(l, list);
    const uint32_t back = list == HUNCH_NONE ? HUNCH_NONE : jv_named(l, list, 0);
    const enum calls_back how =
        function == HUNCH_NONE && is_function(jv_kind(l, back)) ? calls_back(l, name) : BACK_NONE;
    const uint32_t given =
        how != BACK_NONE && l->argument.count > first + 1 ? l->argument.items[first + 1] : 0;
    const uint32_t called = type == 0
                                ? jv_join(l, jv_literal(l, "."), "", key)
                                : jv_join(l, jv_join(l, jv_literal(l, "."), "", type), ".", key);
    result = jv_typed(l, call_named(l, n, called, first, true), result_type(l, function, name));
    return how == BACK_NONE ? result : with_callback(l, n, how, receiver, given, result);
}

uint32_t jv_call(struct jv_lower *l, uint32_t n)
{
    const uint32_t object = jv_child(l, n, F_object), name = jv_child(l, n, F_name),
                   list = jv_child(l, n, F_arguments);
    int64_t letter;
    if (name == HUNCH_NONE)
        return jv_unknown(l, n);
    if (jv_is(l, name, "charAt") && jv_constant(l, n, l->class_at, &letter))
        return jv_typed(l, jv_const(l, n, letter), jv_literal(l, "char"));
    if (object == HUNCH_NONE)
        return jv_of_kind(l, n, K_super) != HUNCH_NONE ? call_base(l, n, name, list)
                                                       : call_own(l, n, name, list);
    if (jv_kind(l, object) == K_super || jv_of_kind(l, n, K_super) != HUNCH_NONE)
        return call_base(l, n, name, list);
    const uint32_t of = jv_static(l, object);
    return of != 0 ? call_static(l, n, of, name, list) : call_object(l, n, object, name, list);
}

/* ---- objects ---- */

uint32_t jv_make(struct jv_lower *l, uint32_t n, uint32_t class_name, size_t first)
{
    return jv_typed(l, call_named(l, n, class_name, first, false), class_name);
}

uint32_t jv_new(struct jv_lower *l, uint32_t n)
{
    const size_t first = l->argument.count;
    const uint32_t class = jv_class_of(l, n);
    const uint32_t name = class != HUNCH_NONE
                              ? l->class.items[class].name
                              : jv_class_type(l, jv_child(l, n, F_type), l->class_at);
    jv_arguments(l, jv_child(l, n, F_arguments));
    if (name == 0) {
        l->argument.count = first;
        return jv_unknown(l, n);
    }
    return jv_make(l, n, name, first);
}

void jv_constructed(struct jv_lower *l, uint32_t n)
{
    const uint32_t which = jv_child(l, n, F_constructor);
    const size_t first = l->argument.count;
    if (l->self == HUNCH_NONE || l->class_at == HUNCH_NONE)
        return;
    const uint32_t name =
        jv_kind(l, which) == K_this ? l->class.items[l->class_at].name : jv_base_of(l, l->class_at);
    (void)jv_stmt(l, HUNCH_STMT_EXPRESSION, n, n);
    jv_arguments(l, jv_child(l, n, F_arguments));
    if (name == 0) {
        l->argument.count = first;
        return;
    }
    const uint32_t object = jv_make(l, n, name, first);
    (void)jv_store(l, n, jv_variable(l, n, l->self), object);
}
