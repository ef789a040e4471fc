/* lower_python_call.c: calls of Python: which name is called, what the receiver of a method is, and
 * arguments by position and by name.
 */
#include <string.h>

#include "graph/lower_python.h"

/* ---- arguments ---- */

static void push(struct py_lower *l, uint32_t value)
{
    if (!hunch_vec_push(l->a, &l->value, value))
        py_fail(l);
}

static uint32_t named(struct py_lower *l, uint32_t n, uint32_t value, uint32_t name)
{
    return hunch_build_op(l->b, (struct hunch_op){.kind = HUNCH_OP_CAST,
                                                  .flags = HUNCH_OP_IS_NAMED,
                                                  .a = value,
                                                  .b = name,
                                                  .span = py_span(l, n)});
}

static void arguments(struct py_lower *l, uint32_t n)
{
    if (n == HUNCH_NONE)
        return;
    if (!py_kind(l, n, K_argument_list)) { /* f(x for x in y) */
        push(l, py_value(l, n));
        return;
    }
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        const uint32_t name = py_child(l, c, F_name);
        if (py_kind(l, c, K_keyword_argument) && name != HUNCH_NONE) {
            const uint32_t value = py_value(l, py_child(l, c, F_value));
            push(l, named(l, c, value, py_name(l, name)));
        } else if (py_kind(l, c, K_list_splat)) {
            const uint32_t value = py_element(l, c, py_value(l, c));
            push(l, named(l, c, value, hunch_name_add(l->names, "*", 1)));
        } else if (py_kind(l, c, K_dictionary_splat)) {
            const uint32_t value = py_element(l, c, py_value(l, c));
            push(l, named(l, c, value, hunch_name_add(l->names, "**", 2)));
        } else if (py_is_named(l, c) || (py_node(l, c)->flags & HUNCH_NODE_IS_ERROR)) {
            push(l, py_value(l, c));
        }
    }
}

/* ---- receivers ---- */

/* The first parameter of the function, where it is a method that has its object there. */
static bool is_self(struct py_lower *l, uint32_t n)
{
    const struct py_scope *f = &l->scope.items[l->function_now];
    if (f->kind != PY_FUNCTION || py_own_class(l, l->function_now) == HUNCH_NONE || f->is_static ||
        l->scope_now != l->function_now || !py_kind(l, n, K_identifier))
        return false;
    const uint32_t first = py_named(l, py_child(l, f->node, F_parameters), 0);
    if (first == HUNCH_NONE || !py_kind(l, first, K_identifier) ||
        py_name(l, first) != py_name(l, n))
        return false;
    const struct py_binding *b = py_bound(l, l->function_now, py_name(l, n));
    return b != NULL && b->assigned == 0;
}

uint32_t py_receiver(struct py_lower *l, uint32_t n)
{
    uint32_t dotted;
    n = py_bare(l, n);
    if (n == HUNCH_NONE)
        return HUNCH_NONE;
    if (is_self(l, n))
        return py_own_class(l, l->function_now);
    uint32_t made = n;
    if (py_kind(l, n, K_identifier)) { /* a variable that gets one value: Class(…) */
        const struct py_meaning m = py_meaning(l, py_name(l, n));
        if (m.binding == NULL || m.binding->assigned != 1 || m.binding->flags != 0)
            return HUNCH_NONE;
        made = m.binding->value;
    }
    if (made == HUNCH_NONE || !py_kind(l, made, K_call))
        return HUNCH_NONE;
    return py_class_of(l, py_child(l, made, F_function), &dotted);
}

uint32_t py_super(struct py_lower *l, uint32_t n)
{
    const uint32_t callee = py_kind(l, n, K_call) ? py_child(l, n, F_function) : HUNCH_NONE;
    const uint32_t class =
        l->scope_now == l->function_now ? py_own_class(l, l->function_now) : HUNCH_NONE;
    if (!py_kind(l, callee, K_identifier) || !py_is(l, callee, "super") || class == HUNCH_NONE)
        return 0;
    const uint32_t now = l->scope_now;
    uint32_t dotted;
    l->scope_now = l->scope.items[class].parent;
    (void)py_class_of(l, py_base(l, class, 0), &dotted);
    l->scope_now = now;
    return dotted != 0 ? dotted : hunch_name_add(l->names, "object", 6);
}

/* The first parameter, as a value. */
static uint32_t own_object(struct py_lower *l, uint32_t n)
{
    if (l->b->var.count == 0)
        return py_unknown(l, n);
    return py_load(l, n, py_variable(l, n, 0));
}

/* A method by its class, where only one can be meant; or ".name". One that is of the class takes no
 * object. */
static uint32_t method_name(struct py_lower *l, uint32_t object, uint32_t name, bool *takes_object)
{
    *takes_object = true;
    const uint32_t class = py_receiver(l, object);
    const uint32_t method = class == HUNCH_NONE ? HUNCH_NONE : py_method(l, class, name);
    if (method != HUNCH_NONE && !(is_self(l, object) && py_is_overridden(l, class, name))) {
        const struct py_scope *s = &l->scope.items[method];
        *takes_object = !s->of_class && !s->is_static;
        return s->name;
    }
    return py_join(l, 0, ".", name);
}

/* x.append(y) leaves y in x: flows of libraries do not say what y points to. */
static void kept(struct py_lower *l, uint32_t n, uint32_t name, size_t first)
{
    static const char *const PUTS[] = {"append",     "add",  "insert",     "appendleft",
                                       "setdefault", "push", "put_nowait", "put"};
    const char *text = hunch_graph_name(l->file, name);
    if (l->value.count - first < 2)
        return;
    for (size_t i = 0; i < sizeof PUTS / sizeof *PUTS; i++)
        if (text[0] == '.' && strcmp(text + 1, PUTS[i]) == 0) {
            const uint32_t value = l->value.items[l->value.count - 1];
            py_store(l, n, py_op(l, HUNCH_OP_INDEX, n, l->value.items[first], HUNCH_NONE), value);
            return;
        }
}

static bool never_returns(const char *name)
{
    static const char *const NAMES[] = {"sys.exit", "exit", "quit", "os._exit", "os.abort"};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (strcmp(name, NAMES[i]) == 0)
            return true;
    return false;
}

/* ---- calls ---- */

uint32_t py_call(struct py_lower *l, uint32_t n)
{
    const uint32_t function = py_bare(l, py_child(l, n, F_function)),
                   list = py_child(l, n, F_arguments);
    const size_t first = l->value.count;
    uint32_t name = 0, callee = HUNCH_NONE;
    if (py_kind(l, function, K_attribute)) {
        const uint32_t object = py_child(l, function, F_object),
                       attribute = py_child(l, function, F_attribute);
        const uint32_t base = object == HUNCH_NONE ? 0 : py_super(l, object);
        if (base != 0 && attribute != HUNCH_NONE) {
            name = py_join(l, base, ".", py_name(l, attribute));
            push(l, own_object(l, n));
        } else if (attribute != HUNCH_NONE && !py_dotted(l, function, &name)) {
            bool takes_object;
            push(l, py_value(l, object));
            name = method_name(l, object, py_name(l, attribute), &takes_object);
            if (!takes_object)
                l->value.count = first;
        }
    } else if (py_kind(l, function, K_identifier)) {
        const struct py_meaning m = py_meaning(l, py_name(l, function));
        const bool is_variable = m.kind == PY_VAR || (m.kind == PY_NAME && m.binding != NULL &&
                                                      m.binding->flags == PY_IS_CAPTURED);
        if (!is_variable &&
            !(m.kind == PY_NAME && !(m.binding->flags & (PY_IS_FUNCTION | PY_IS_CLASS))))
            name = m.at;
    }
    if (name != 0)
        callee = py_op(l, HUNCH_OP_NAME, function, name, 0);
    else
        callee = py_value(l, function);
    arguments(l, list);
    const uint32_t count = (uint32_t)(l->value.count - first);
    const uint32_t args = hunch_build_args(l->b, l->value.items + first, count);
    const uint32_t value = hunch_build_op(
        l->b,
        (struct hunch_op){
            .kind = HUNCH_OP_CALL, .a = callee, .b = args, .c = count, .span = py_span(l, n)});
    kept(l, n, name, first);
    l->value.count = first;
    if (name != 0 && never_returns(hunch_graph_name(l->file, name)))
        hunch_build_exit(l->b, false);
    return value;
}
