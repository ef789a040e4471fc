/* lower_javascript_expr.c: values and places. What && || ?? ?: and ?. do is blocks and branches; a
 * temporary variable carries the value. What is no expression that is known here still runs: its
 * children do.
 */
#include <stdlib.h>
#include <string.h>

#include "graph/lower_javascript.h"

/* ---- operations ---- */

uint32_t js_op(struct js_lower *l, enum hunch_op_kind kind, uint32_t n, uint32_t a, uint32_t b)
{
    return hunch_build_op(l->b,
                          (struct hunch_op){.kind = (uint8_t)kind,
                                            .a = a,
                                            .b = b,
                                            .span = {js_node(l, n)->begin, js_node(l, n)->end}});
}

uint32_t js_binary(struct js_lower *l, enum hunch_operator sub, uint32_t n, uint32_t a, uint32_t b)
{
    const uint32_t op = js_op(l, HUNCH_OP_BINARY, n, a, b);
    if (op != HUNCH_NONE)
        l->b->op.items[op].sub = (uint8_t)sub;
    return op;
}

static uint32_t unary(struct js_lower *l, enum hunch_operator sub, uint32_t n, uint32_t a)
{
    const uint32_t op = js_op(l, HUNCH_OP_UNARY, n, a, 0);
    if (op != HUNCH_NONE)
        l->b->op.items[op].sub = (uint8_t)sub;
    return op;
}

uint32_t js_const(struct js_lower *l, uint32_t n, int64_t value)
{
    return js_op(l, HUNCH_OP_CONST, n, (uint32_t)value, (uint32_t)((uint64_t)value >> 32));
}

uint32_t js_unknown(struct js_lower *l, uint32_t n)
{
    return js_op(l, HUNCH_OP_UNKNOWN, n, 0, 0);
}

uint32_t js_load(struct js_lower *l, uint32_t n, uint32_t address)
{
    return js_op(l, HUNCH_OP_LOAD, n, address, 0);
}

uint32_t js_store(struct js_lower *l, uint32_t n, uint32_t address, uint32_t value)
{
    return js_op(l, HUNCH_OP_STORE, n, address, value);
}

uint32_t js_temporary(struct js_lower *l, uint32_t n)
{
    return hunch_build_var(
        l->b, (struct hunch_var){.flags = HUNCH_VAR_IS_TEMPORARY,
                                 .span = {js_node(l, n)->begin, js_node(l, n)->begin}});
}

uint32_t js_variable(struct js_lower *l, uint32_t n, uint32_t variable)
{
    return js_op(l, HUNCH_OP_VAR, n, variable, 0);
}

uint32_t js_field(struct js_lower *l, uint32_t n, uint32_t object, const char *name)
{
    return js_op(l, HUNCH_OP_FIELD, n, object, js_literal(l, name));
}

/* ---- names ---- */

uint32_t js_symbol_address(struct js_lower *l, struct js_symbol *symbol, uint32_t n)
{
    if (symbol->is_captured || symbol->function != l->at)
        return js_op(l, HUNCH_OP_NAME, n, js_global(l, symbol), 0);
    if (symbol->index == HUNCH_NONE)
        symbol->index =
            hunch_build_var(l->b, (struct hunch_var){.name = symbol->name,
                                                     .span = {js_node(l, symbol->node)->begin,
                                                              js_node(l, symbol->node)->end}});
    return js_variable(l, n, symbol->index);
}

uint32_t js_symbol_value(struct js_lower *l, struct js_symbol *symbol, uint32_t n)
{
    if (symbol->kind == S_FUNCTION)
        return js_op(l, HUNCH_OP_NAME, n, l->function.items[symbol->index].name, 0);
    js_find_alias(l, symbol);
    if (symbol->module != 0) { /* the object that holds what it exports */
        const uint32_t module = js_op(l, HUNCH_OP_NAME, n, symbol->module, 0);
        return symbol->field == 0
                   ? module
                   : js_load(l, n, js_op(l, HUNCH_OP_FIELD, n, module, symbol->field));
    }
    if (symbol->alias != 0)
        return js_load(l, n, js_op(l, HUNCH_OP_NAME, n, symbol->alias, 0));
    const uint32_t address = js_symbol_address(l, symbol, n);
    return symbol->is_object ? address : js_load(l, n, address);
}

/* The parameters of the function, in a list. */
static uint32_t all_arguments(struct js_lower *l, uint32_t n)
{
    const uint32_t list = js_call_name(l, n, "[]", NULL, 0);
    for (uint32_t v = 0; v < l->b->var.count; v++)
        if (l->b->var.items[v].flags & HUNCH_VAR_IS_PARAMETER)
            js_store(l, n, js_op(l, HUNCH_OP_INDEX, n, list, HUNCH_NONE),
                     js_load(l, n, js_variable(l, n, v)));
    return list;
}

static uint32_t identifier(struct js_lower *l, uint32_t n)
{
    struct js_symbol *symbol = js_symbol_of(l, n);
    if (symbol != NULL)
        return js_symbol_value(l, symbol, n);
    if (l->at != 0 && js_is(l, n, "arguments"))
        return all_arguments(l, n);
    if (js_is_exports(l, n))
        return js_address(l, n);
    if (js_is(l, n, "NaN") || js_is(l, n, "Infinity"))
        return js_unknown(l, n);
    return js_load(l, n, js_address(l, n));
}

/* ---- places ---- */

uint32_t js_key(struct js_lower *l, uint32_t n)
{
    switch (js_kind(l, n)) {
    case K_property_identifier:
    case K_private_property_identifier:
    case K_shorthand_property_identifier:
    case K_shorthand_property_identifier_pattern:
    case K_identifier: return js_name(l, n);
    case K_string: return js_string(l, n);
    case K_computed_property_name: return js_string(l, js_first_named(l, n));
    default: return 0;
    }
}

static uint32_t exports_place(struct js_lower *l, uint32_t n)
{
    l->has_exports = true;
    return js_op(l, HUNCH_OP_NAME, n, l->module, 0);
}

uint32_t js_address(struct js_lower *l, uint32_t n)
{
    const uint16_t kind = js_kind(l, n);
    uint32_t name, field;
    if (kind == K_parenthesized_expression)
        return js_address(l, js_first_named(l, n));
    if (kind == K_identifier || kind == K_shorthand_property_identifier_pattern ||
        kind == K_shorthand_property_identifier) {
        struct js_symbol *symbol = js_symbol_of(l, n);
        if (js_is_exports(l, n))
            return exports_place(l, n);
        if (symbol == NULL)
            return js_op(l, HUNCH_OP_NAME, n, (name = js_dotted(l, n)) != 0 ? name : js_name(l, n),
                         0);
        js_find_alias(l, symbol);
        if (symbol->module != 0) {
            const uint32_t module = js_op(l, HUNCH_OP_NAME, n, symbol->module, 0);
            return symbol->field == 0 ? module : js_op(l, HUNCH_OP_FIELD, n, module, symbol->field);
        }
        if (symbol->alias != 0)
            return js_op(l, HUNCH_OP_NAME, n, symbol->alias, 0);
        return js_symbol_address(l, symbol, n);
    }
    const uint32_t object = js_child(l, n, F_object);
    if ((kind != K_member_expression && kind != K_subscript_expression) || object == HUNCH_NONE) {
        const uint32_t temporary = js_temporary(l, n); /* no place: what is there still runs */
        const uint32_t value = js_value(l, n);
        js_store(l, n, js_variable(l, n, temporary), value);
        return js_variable(l, n, temporary);
    }
    if (js_is_exports(l, n))
        return exports_place(l, n);
    name = js_dotted(l, n);
    if (name != 0)
        return js_op(l, HUNCH_OP_NAME, n, name, 0);
    const uint32_t module = js_module(l, n, &field);
    if (module != 0 && field != 0)
        return js_op(l, HUNCH_OP_FIELD, n, js_op(l, HUNCH_OP_NAME, object, module, 0), field);
    const uint32_t base = js_value(l, object);
    if (kind == K_member_expression) {
        const uint32_t property = js_child(l, n, F_property);
        return js_op(l, HUNCH_OP_FIELD, n, base, property == HUNCH_NONE ? 0 : js_name(l, property));
    }
    const uint32_t index = js_child(l, n, F_index), key = js_string(l, index);
    if (key != 0)
        return js_op(l, HUNCH_OP_FIELD, n, base, key);
    return js_op(l, HUNCH_OP_INDEX, n, base, js_value(l, index));
}

static uint32_t place_value(struct js_lower *l, uint32_t n)
{
    uint32_t field;
    if (js_is_exports(l, n))
        return js_address(l, n);
    if (js_module(l, n, &field) != 0 && field == 0)
        return js_op(l, HUNCH_OP_NAME, n, js_module(l, n, &field), 0);
    return js_load(l, n, js_address(l, n));
}

/* ---- control flow ---- */

static void branch(struct js_lower *l, uint32_t n, uint32_t value, uint32_t yes, uint32_t no)
{
    js_op(l, HUNCH_OP_CONDITION, n, value, 0);
    hunch_build_branch(l->b, value, yes, no);
}

void js_either(struct js_lower *l, uint32_t n, uint32_t one, uint32_t other)
{
    branch(l, n, js_unknown(l, n), one, other);
}

static const char *operator_of(const struct js_lower *l, uint32_t n, uint32_t *size)
{
    const uint32_t op = js_child(l, n, F_operator);
    *size = op == HUNCH_NONE ? 0 : js_size(l, op);
    return op == HUNCH_NONE ? "" : js_text(l, op);
}

static bool has_operator(const struct js_lower *l, uint32_t n, const char *text)
{
    uint32_t size;
    const char *op = operator_of(l, n, &size);
    return size == strlen(text) && memcmp(op, text, size) == 0;
}

void js_condition(struct js_lower *l, uint32_t n, uint32_t yes, uint32_t no)
{
    n = n == HUNCH_NONE ? n : js_bare(l, n);
    const uint16_t kind = js_kind(l, n);
    if (n == HUNCH_NONE) {
        hunch_build_jump(l->b, yes);
        return;
    }
    if (kind == K_binary_expression && (has_operator(l, n, "&&") || has_operator(l, n, "||"))) {
        const bool is_and = has_operator(l, n, "&&");
        const uint32_t next = hunch_build_block(l->b);
        js_condition(l, js_child(l, n, F_left), is_and ? next : yes, is_and ? no : next);
        hunch_build_start(l->b, next);
        js_condition(l, js_child(l, n, F_right), yes, no);
        return;
    }
    if (kind == K_unary_expression && has_operator(l, n, "!")) {
        js_condition(l, js_child(l, n, F_argument), no, yes);
        return;
    }
    branch(l, n, js_value(l, n), yes, no);
}

/* The last of the ways ends with `value`; all meet in `done`. */
static uint32_t finish_choice(struct js_lower *l, uint32_t n, uint32_t variable, uint32_t value,
                              uint32_t done)
{
    js_store(l, n, js_variable(l, n, variable), value);
    hunch_build_jump(l->b, done);
    hunch_build_start(l->b, done);
    return js_load(l, n, js_variable(l, n, variable));
}

/* a && b, a || b, a ?? b as values. */
static uint32_t logical(struct js_lower *l, uint32_t n)
{
    const uint32_t variable = js_temporary(l, n), left = js_child(l, n, F_left);
    const uint32_t right = hunch_build_block(l->b), done = hunch_build_block(l->b);
    const uint32_t value = js_value(l, left);
    js_store(l, n, js_variable(l, n, variable), value);
    if (has_operator(l, n, "&&"))
        branch(l, left == HUNCH_NONE ? n : left, value, right, done);
    else
        branch(l, left == HUNCH_NONE ? n : left, value, done, right);
    hunch_build_start(l->b, right);
    return finish_choice(l, n, variable, js_value(l, js_child(l, n, F_right)), done);
}

static uint32_t ternary(struct js_lower *l, uint32_t n)
{
    const uint32_t variable = js_temporary(l, n);
    const uint32_t yes = hunch_build_block(l->b), no = hunch_build_block(l->b),
                   done = hunch_build_block(l->b);
    js_condition(l, js_child(l, n, F_condition), yes, no);
    hunch_build_start(l->b, yes);
    const uint32_t one = js_value(l, js_child(l, n, F_consequence));
    js_store(l, n, js_variable(l, n, variable), one);
    hunch_build_jump(l->b, done);
    hunch_build_start(l->b, no);
    return finish_choice(l, n, variable, js_value(l, js_child(l, n, F_alternative)), done);
}

static bool is_optional(const struct js_lower *l, uint32_t n)
{
    HUNCH_EACH_CHILD(&l->tree, n, c)
    if (js_kind(l, c) == K_optional_chain)
        return true;
    return false;
}

/* What a?.b asks is a way of its own where a is a name; elsewhere what is asked would run twice. */
static bool is_asked(const struct js_lower *l, uint32_t n)
{
    const uint32_t object =
        js_child(l, n, js_kind(l, n) == K_call_expression ? F_function : F_object);
    return is_optional(l, n) &&
           (js_kind(l, object) == K_identifier || js_kind(l, object) == K_this);
}

/* a?.b: nothing where a is nothing. */
static uint32_t optional(struct js_lower *l, uint32_t n)
{
    const uint32_t object =
        js_child(l, n, js_kind(l, n) == K_call_expression ? F_function : F_object);
    const uint32_t variable = js_temporary(l, n);
    const uint32_t yes = hunch_build_block(l->b), no = hunch_build_block(l->b),
                   done = hunch_build_block(l->b);
    branch(l, object, js_value(l, object), yes, no);
    hunch_build_start(l->b, no);
    js_store(l, n, js_variable(l, n, variable), js_op(l, HUNCH_OP_NULL, n, 0, 0));
    hunch_build_jump(l->b, done);
    hunch_build_start(l->b, yes);
    const uint32_t value = js_kind(l, n) == K_call_expression ? js_call(l, n) : place_value(l, n);
    return finish_choice(l, n, variable, value, done);
}

/* ---- operators ---- */

static bool is_number(const struct js_lower *l, uint32_t n)
{
    return n != HUNCH_NONE && js_kind(l, js_bare(l, n)) == K_number;
}

static enum hunch_operator operator_number(const char *text, uint32_t size)
{
    static const struct {
        const char *text;
        enum hunch_operator sub;
    } all[] = {{"-", HUNCH_SUB},  {"*", HUNCH_MUL},   {"/", HUNCH_DIV},   {"%", HUNCH_MOD},
               {"&", HUNCH_AND},  {"|", HUNCH_OR},    {"^", HUNCH_XOR},   {"<<", HUNCH_SHL},
               {">>", HUNCH_SHR}, {">>>", HUNCH_SHR}, {"==", HUNCH_EQ},   {"===", HUNCH_EQ},
               {"!=", HUNCH_NE},  {"!==", HUNCH_NE},  {"<", HUNCH_LT},    {"<=", HUNCH_LE},
               {">", HUNCH_GT},   {">=", HUNCH_GE},   {"+", HUNCH_CONCAT}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strlen(all[i].text) == size && memcmp(all[i].text, text, size) == 0)
            return all[i].sub;
    return HUNCH_OTHER;
}

static uint32_t binary(struct js_lower *l, uint32_t n)
{
    const uint32_t left = js_child(l, n, F_left), right = js_child(l, n, F_right);
    uint32_t size;
    const char *text = operator_of(l, n, &size);
    if (size == 2 &&
        (memcmp(text, "&&", 2) == 0 || memcmp(text, "||", 2) == 0 || memcmp(text, "??", 2) == 0))
        return logical(l, n);
    const uint32_t argument[] = {js_value(l, left), js_value(l, right)};
    if (size == 2 && memcmp(text, "in", 2) == 0)
        return js_call_name(l, n, "in", argument, 2);
    if (size == 10 && memcmp(text, "instanceof", 10) == 0)
        return js_call_name(l, n, "instanceof", argument, 2);
    enum hunch_operator sub = operator_number(text, size);
    if (sub == HUNCH_CONCAT && (is_number(l, left) || is_number(l, right)))
        sub = HUNCH_ADD;
    return js_binary(l, sub, n, argument[0], argument[1]);
}

static uint32_t augmented(struct js_lower *l, uint32_t n)
{
    const uint32_t left = js_child(l, n, F_left), right = js_child(l, n, F_right);
    uint32_t size;
    const char *text = operator_of(l, n, &size);
    if (left == HUNCH_NONE || size < 2)
        return js_unknown(l, n);
    const uint32_t address = js_address(l, left), old = js_load(l, n, address);
    if (memcmp(text, "&&", 2) == 0 || memcmp(text, "||", 2) == 0 || memcmp(text, "??", 2) == 0) {
        const uint32_t more = hunch_build_block(l->b), done = hunch_build_block(l->b);
        branch(l, left, old, text[0] == '&' ? more : done, text[0] == '&' ? done : more);
        hunch_build_start(l->b, more);
        const uint32_t value = js_value(l, right);
        js_store(l, n, address, value);
        hunch_build_jump(l->b, done);
        hunch_build_start(l->b, done);
        return js_load(l, n, address);
    }
    enum hunch_operator sub = operator_number(text, size - 1);
    if (sub == HUNCH_CONCAT && is_number(l, right))
        sub = HUNCH_ADD;
    const uint32_t value = js_value(l, right);
    return js_store(l, n, address, js_binary(l, sub, n, old, value));
}

static uint32_t update(struct js_lower *l, uint32_t n)
{
    const uint32_t argument = js_child(l, n, F_argument);
    if (argument == HUNCH_NONE)
        return js_unknown(l, n);
    const uint32_t address = js_address(l, argument), old = js_load(l, n, address);
    const uint32_t value =
        js_binary(l, has_operator(l, n, "--") ? HUNCH_SUB : HUNCH_ADD, n, old, js_const(l, n, 1));
    return js_store(l, n, address, value);
}

static uint32_t unary_value(struct js_lower *l, uint32_t n)
{
    const uint32_t argument = js_child(l, n, F_argument);
    if (has_operator(l, n, "delete") && argument != HUNCH_NONE) {
        const uint16_t kind = js_kind(l, js_bare(l, argument));
        if (kind == K_member_expression || kind == K_subscript_expression) {
            const uint32_t address = js_address(l, argument);
            js_store(l, n, address, js_op(l, HUNCH_OP_NULL, n, 0, 0));
        } else
            js_effect(l, argument);
        return js_unknown(l, n);
    }
    const uint32_t value = js_value(l, argument);
    if (has_operator(l, n, "!"))
        return unary(l, HUNCH_NOT, n, value);
    if (has_operator(l, n, "-"))
        return unary(l, HUNCH_NEGATE, n, value);
    if (has_operator(l, n, "~"))
        return unary(l, HUNCH_NOT_BITS, n, value);
    if (has_operator(l, n, "+"))
        return js_call_name(l, n, "Number", &value, 1);
    if (has_operator(l, n, "typeof"))
        return js_call_name(l, n, "typeof", &value, 1);
    return js_op(l, HUNCH_OP_NULL, n, 0, 0);
}

/* ---- literals ---- */

static uint32_t number(struct js_lower *l, uint32_t n)
{
    char text[32], *end;
    const uint32_t size = js_size(l, n);
    if (size >= sizeof text)
        return js_unknown(l, n);
    memcpy(text, js_text(l, n), size);
    text[size] = '\0';
    const bool is_plain = strchr(text, '_') == NULL && strchr(text, '.') == NULL;
    const long long value = strtoll(text, &end, text[0] == '0' && (text[1] | 32) == 'x' ? 16 : 10);
    return is_plain && *end == '\0' ? js_const(l, n, value) : js_unknown(l, n);
}

/* `a${x}b`: what is put together. */
static uint32_t template(struct js_lower *l, uint32_t n)
{
    uint32_t value = HUNCH_NONE, from = js_node(l, n)->begin + 1;
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        if (js_kind(l, c) != K_template_substitution)
            continue;
        const uint32_t part = js_value(l, js_first_named(l, c));
        const uint32_t text =
            value == HUNCH_NONE
                ? js_op(l, HUNCH_OP_STRING, n,
                        hunch_name_add(l->names, l->tree.text + from, js_node(l, c)->begin - from),
                        0)
                : value;
        value = js_binary(l, HUNCH_CONCAT, n, text, part);
    }
    if (value != HUNCH_NONE)
        return value;
    return js_op(l, HUNCH_OP_STRING, n, js_string(l, n), 0);
}

static void children(struct js_lower *l, uint32_t n)
{
    HUNCH_EACH_CHILD(&l->tree, n, c)
    if (js_kind(l, c) != K_NONE || js_node(l, c)->after > c + 1)
        js_effect(l, c);
}

static uint32_t sequence(struct js_lower *l, uint32_t n)
{
    uint32_t value = HUNCH_NONE;
    HUNCH_EACH_CHILD(&l->tree, n, c)
    if (js_kind(l, c) != K_NONE)
        value = js_value(l, c);
    return value == HUNCH_NONE ? js_unknown(l, n) : value;
}

static uint32_t yielded(struct js_lower *l, uint32_t n)
{
    const uint32_t value = js_value(l, js_first_named(l, n));
    if (l->generated != HUNCH_NONE) {
        const uint32_t list = js_load(l, n, js_variable(l, n, l->generated));
        js_store(l, n, js_op(l, HUNCH_OP_INDEX, n, list, HUNCH_NONE), value);
    }
    return js_unknown(l, n);
}

static uint32_t assignment(struct js_lower *l, uint32_t n)
{
    const uint32_t left = js_child(l, n, F_left), right = js_child(l, n, F_right);
    if (left == HUNCH_NONE || right == HUNCH_NONE)
        return js_unknown(l, n);
    if (js_is_exports(l, left)) {
        js_export(l, n, right);
        return js_address(l, left);
    }
    const uint32_t value = js_value(l, right);
    js_assign(l, left, value);
    return value;
}

/* ---- all ---- */

static uint32_t function_value(struct js_lower *l, uint32_t n)
{
    if (l->of[n] == HUNCH_NONE)
        return js_unknown(l, n);
    return js_op(l, HUNCH_OP_NAME, n, l->function.items[l->of[n]].name, 0);
}

uint32_t js_value(struct js_lower *l, uint32_t n)
{
    if (n == HUNCH_NONE || l->b->is_cut || l->b->failed || l->failed)
        return js_op(l, HUNCH_OP_NULL, n == HUNCH_NONE ? 0 : n, 0, 0);
    const uint16_t kind = js_kind(l, n);
    switch (kind) {
    case K_parenthesized_expression:
    case K_await_expression: return js_value(l, js_first_named(l, n));
    case K_spread_element: {
        const uint32_t list = js_value(l, js_first_named(l, n));
        return js_load(l, n, js_op(l, HUNCH_OP_INDEX, n, list, HUNCH_NONE));
    }
    case K_identifier:
    case K_shorthand_property_identifier: return identifier(l, n);
    case K_this:
    case K_super: {
        struct js_symbol *self = js_symbol_of(l, n);
        return self == NULL ? js_unknown(l, n) : js_symbol_value(l, self, n);
    }
    case K_string: return js_op(l, HUNCH_OP_STRING, n, js_string(l, n), 0);
    case K_template_string: return template(l, n);
    case K_number: return number(l, n);
    case K_true: return js_const(l, n, 1);
    case K_false: return js_const(l, n, 0);
    case K_null:
    case K_undefined: return js_op(l, HUNCH_OP_NULL, n, 0, 0);
    case K_member_expression:
    case K_subscript_expression:
        return is_asked(l, n) && js_dotted(l, n) == 0 ? optional(l, n) : place_value(l, n);
    case K_call_expression: return is_asked(l, n) ? optional(l, n) : js_call(l, n);
    case K_new_expression: return js_new(l, n);
    case K_object: return js_object(l, n);
    case K_array: return js_array(l, n);
    case K_function_expression:
    case K_arrow_function:
    case K_generator_function: return function_value(l, n);
    case K_class: return js_class(l, n);
    case K_assignment_expression: return assignment(l, n);
    case K_augmented_assignment_expression: return augmented(l, n);
    case K_update_expression: return update(l, n);
    case K_ternary_expression: return ternary(l, n);
    case K_binary_expression: return binary(l, n);
    case K_unary_expression: return unary_value(l, n);
    case K_sequence_expression: return sequence(l, n);
    case K_yield_expression: return yielded(l, n);
    case K_function_declaration:
    case K_generator_function_declaration:
    case K_method_definition:
    case K_class_declaration:
    case K_property_identifier: return js_unknown(l, n);
    default: children(l, n); return js_unknown(l, n);
    }
}

void js_effect(struct js_lower *l, uint32_t n)
{
    if (n != HUNCH_NONE)
        (void)js_value(l, n);
}
