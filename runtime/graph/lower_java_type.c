/* lower_java_type.c: what names of types mean, whose field or method a name is, and constants: what
 * can be said of a file before anything runs.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "graph/lower_java.h"

enum { BASES_MOST = 16, CONSTANT_DEPTH = 32, DIMENSIONS_MOST = 255 };

static uint32_t number_of(const struct jv_lower *l, const struct hunch_key_map *map, uint32_t a,
                          uint32_t b)
{
    const struct hunch_map_key key = {{a, b, 0, 0}};
    return hunch_key_number(l->a, (struct hunch_key_map *)map, key, false, NULL);
}

/* ---- names of types ---- */

/* a.b.Outer.Inner without its package: from the first part on that begins with a capital. */
static uint32_t without_package(struct jv_lower *l, uint32_t n)
{
    const char *text = jv_text(l, n);
    const uint32_t size = jv_size(l, n);
    uint32_t from = 0, last = 0;
    bool found = false;
    for (uint32_t i = 0; i < size; i++) {
        if ((i == 0 || text[i - 1] == '.') && !found) {
            last = i;
            found = isupper((unsigned char)text[i]) != 0;
            from = found ? i : from;
        }
        if (text[i] == '<' || text[i] == '@' || isspace((unsigned char)text[i]))
            return 0;
    }
    from = found ? from : last;
    return hunch_name_add(l->names, text + from, size - from);
}

/* The language has no arrays of more dimensions, and a name for each would take too much. */
uint32_t jv_array_type(struct jv_lower *l, uint32_t type, uint32_t dimension)
{
    return type == 0 || dimension > DIMENSIONS_MOST ? 0 : jv_join(l, type, "[]", 0);
}

uint32_t jv_written_type(struct jv_lower *l, uint32_t n)
{
    if (n == HUNCH_NONE)
        return 0;
    switch (jv_kind(l, n)) {
    case K_type_identifier: return jv_is(l, n, "var") ? 0 : jv_name(l, n);
    case K_scoped_type_identifier: return without_package(l, n);
    case K_generic_type: return jv_written_type(l, jv_named(l, n, 0));
    case K_annotated_type: {
        uint32_t last = HUNCH_NONE;
        HUNCH_EACH_CHILD(&l->tree, n, c)
        last = c;
        return jv_written_type(l, last);
    }
    case K_array_type: {
        uint32_t type = jv_written_type(l, jv_child(l, n, F_element));
        const uint32_t dimensions = jv_child(l, n, F_dimensions);
        uint32_t count = 0;
        for (uint32_t i = 0; type != 0 && dimensions != HUNCH_NONE && i < jv_size(l, dimensions);
             i++)
            if (jv_text(l, dimensions)[i] == '[')
                type = jv_array_type(l, type, ++count);
        return type;
    }
    case K_integral_type:
    case K_floating_point_type:
    case K_boolean_type: return jv_name(l, n);
    default: return 0;
    }
}

uint32_t jv_imported(struct jv_lower *l, uint32_t name)
{
    const uint32_t number = number_of(l, &l->imported, name, 0);
    return number == UINT32_MAX ? 0 : l->target.items[number];
}

uint32_t jv_class_named(struct jv_lower *l, uint32_t name)
{
    const uint32_t number = name == 0 ? UINT32_MAX : number_of(l, &l->classes, name, 0);
    return number == UINT32_MAX ? HUNCH_NONE : number;
}

/* The full name of a class of the file that `class` calls so, 0: none. */
static uint32_t of_file(struct jv_lower *l, uint32_t name, uint32_t class)
{
    for (uint32_t c = class; c != HUNCH_NONE; c = l->class.items[c].outer) {
        const uint32_t inner = jv_join(l, l->class.items[c].name, ".", name);
        if (jv_class_named(l, inner) != HUNCH_NONE)
            return inner;
    }
    return jv_class_named(l, name) != HUNCH_NONE ? name : 0;
}

uint32_t jv_resolved(struct jv_lower *l, uint32_t name, uint32_t class)
{
    const char *text = hunch_graph_name(l->file, name);
    if (name == 0 || !isupper((unsigned char)text[0]) || text[strlen(text) - 1] == ']')
        return name;
    const uint32_t own = of_file(l, name, class);
    if (own != 0)
        return own;
    const uint32_t target = jv_imported(l, name);
    if (target == 0 && strlen(hunch_graph_name(l->file, name)) == 1)
        return 0; /* T: a parameter of a class */
    return target != 0 ? target : name;
}

uint32_t jv_type_of(struct jv_lower *l, uint32_t n, uint32_t class)
{
    return jv_resolved(l, jv_written_type(l, n), class);
}

uint32_t jv_class_type(struct jv_lower *l, uint32_t n, uint32_t class)
{
    const uint32_t written = jv_written_type(l, n), resolved = jv_resolved(l, written, class);
    return resolved != 0 ? resolved : written;
}

uint32_t jv_base_of(struct jv_lower *l, uint32_t class)
{
    const struct jv_class *k = &l->class.items[class];
    if (k->node != HUNCH_NONE && jv_kind(l, k->node) == K_enum_constant)
        return l->class.items[k->outer].name;
    return k->base == HUNCH_NONE ? 0 : jv_class_type(l, k->base, k->outer);
}

uint32_t jv_element_type(struct jv_lower *l, uint32_t type)
{
    const char *text = hunch_graph_name(l->file, type);
    const size_t size = strlen(text);
    if (size < 3 || text[size - 1] != ']')
        return 0;
    char copy[200]; /* names move when one is added */
    if (size - 2 >= sizeof copy)
        return 0;
    memcpy(copy, text, size - 2);
    return hunch_name_add(l->names, copy, size - 2);
}

static bool is_one_of(const struct jv_lower *l, uint32_t type, const char *const *names)
{
    const char *text = hunch_graph_name(l->file, type);
    for (; *names != NULL; names++)
        if (strcmp(text, *names) == 0)
            return true;
    return false;
}

bool jv_is_number(const struct jv_lower *l, uint32_t type)
{
    static const char *const NAMES[] = {"int",   "long",    "short",  "byte", "char",
                                        "float", "boolean", "double", NULL};
    return type != 0 && is_one_of(l, type, NAMES);
}

uint32_t jv_known_type(const struct jv_lower *l, uint32_t type)
{
    const char *text = hunch_graph_name(l->file, type);
    return isupper((unsigned char)*text) || jv_is_number(l, type) ? type : 0;
}

uint32_t jv_type_flags(const struct jv_lower *l, uint32_t type)
{
    static const char *const SIGNED[] = {"int", "long", "short", "byte", NULL}, *const FLOATS[] = {
                                                                                    "float",
                                                                                    "double", NULL};
    if (!jv_is_number(l, type))
        return 0;
    return HUNCH_OP_IS_NUMBER | (is_one_of(l, type, SIGNED)   ? HUNCH_OP_IS_SIGNED
                                 : is_one_of(l, type, FLOATS) ? HUNCH_OP_IS_FLOAT
                                                              : 0u);
}

/* ---- members ---- */

uint32_t jv_field_of(struct jv_lower *l, uint32_t class, uint32_t name)
{
    for (int steps = 0; class != HUNCH_NONE && steps < BASES_MOST; steps++) {
        const uint32_t number = number_of(l, &l->fields, class, name);
        if (number != UINT32_MAX)
            return number;
        class = jv_class_named(l, jv_base_of(l, class));
    }
    return HUNCH_NONE;
}

uint32_t jv_method_of(struct jv_lower *l, uint32_t class, uint32_t name, uint32_t count)
{
    for (int steps = 0; class != HUNCH_NONE && steps < BASES_MOST; steps++) {
        const uint32_t number = number_of(l, &l->methods, class, name);
        for (uint32_t f = number == UINT32_MAX ? HUNCH_NONE : l->first.items[number];
             f != HUNCH_NONE; f = l->function.items[f].next)
            if (l->function.items[f].count == count || l->function.items[f].is_variadic)
                return f;
        class = jv_class_named(l, jv_base_of(l, class));
    }
    return HUNCH_NONE;
}

static bool has_method(struct jv_lower *l, uint32_t class, uint32_t name)
{
    for (int steps = 0; class != HUNCH_NONE && steps < BASES_MOST; steps++) {
        if (number_of(l, &l->methods, class, name) != UINT32_MAX)
            return true;
        class = jv_class_named(l, jv_base_of(l, class));
    }
    return false;
}

uint32_t jv_method_class(struct jv_lower *l, uint32_t class, uint32_t name)
{
    for (; class != HUNCH_NONE; class = l->class.items[class].outer)
        if (has_method(l, class, name))
            return class;
    return HUNCH_NONE;
}

/* ---- constants ---- */

static bool literal(const struct jv_lower *l, uint32_t n, int base, int64_t *value)
{
    char digits[72];
    uint32_t count = 0;
    for (uint32_t i = base == 16 || base == 2 ? 2 : 0; i < jv_size(l, n); i++)
        if (jv_text(l, n)[i] != '_') {
            if (count + 1 == sizeof digits)
                return false;
            digits[count++] = jv_text(l, n)[i];
        }
    digits[count] = 0;
    const bool is_long = count > 0 && (digits[count - 1] | 32) == 'l';
    if (is_long)
        digits[--count] = 0;
    char *end;
    const uint64_t bits = strtoull(digits, &end, base);
    if (*end != 0 || count == 0)
        return false;
    *value = is_long || base == 10 ? (int64_t)bits : (int64_t)(int32_t)(uint32_t)bits;
    return true;
}

static bool character(const struct jv_lower *l, uint32_t n, int64_t *value)
{
    static const char FROM[] = "ntrbf0s'\"\\", TO[] = "\n\t\r\b\f\0 '\"\\";
    const char *text = jv_text(l, n);
    const uint32_t size = jv_size(l, n);
    if (size == 3 && (unsigned char)text[1] < 128) {
        *value = text[1];
        return true;
    }
    const char *at = size == 4 && text[1] == '\\' ? strchr(FROM, text[2]) : NULL;
    if (at == NULL || *at == 0)
        return false;
    *value = TO[at - FROM];
    return true;
}

static bool folded(struct jv_lower *l, uint32_t n, uint32_t class, int64_t *value, int depth);

static bool field_folded(struct jv_lower *l, uint32_t field, int64_t *value, int depth)
{
    struct jv_field *f = &l->field.items[field];
    if (f->value == HUNCH_NONE || f->is_folding || (!f->is_final && !f->is_private) ||
        (!f->is_final && (f->is_annotated || number_of(l, &l->assigned, f->name, 0) != UINT32_MAX)))
        return false;
    f->is_folding = true;
    const bool known = folded(l, f->value, f->class, value, depth);
    l->field.items[field].is_folding = false;
    return known;
}

static enum hunch_operator operator_of(const struct jv_lower *l, uint32_t n)
{
    static const struct {
        const char *text;
        enum hunch_operator sub;
    } all[] = {{"+", HUNCH_ADD},  {"-", HUNCH_SUB},  {"*", HUNCH_MUL}, {"/", HUNCH_DIV},
               {"%", HUNCH_MOD},  {"&", HUNCH_AND},  {"|", HUNCH_OR},  {"^", HUNCH_XOR},
               {"<<", HUNCH_SHL}, {">>", HUNCH_SHR}, {"==", HUNCH_EQ}, {"!=", HUNCH_NE},
               {"<", HUNCH_LT},   {"<=", HUNCH_LE},  {">", HUNCH_GT},  {">=", HUNCH_GE},
               {"&&", HUNCH_AND}, {"||", HUNCH_OR}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (jv_is(l, n, all[i].text))
            return all[i].sub;
    return HUNCH_OTHER;
}

static bool name_folded(struct jv_lower *l, uint32_t n, uint32_t class, int64_t *value, int depth)
{
    if (jv_kind(l, n) == K_field_access) {
        const uint32_t object = jv_child(l, n, F_object), field = jv_child(l, n, F_field);
        const uint32_t of = jv_kind(l, object) == K_this ? class
                            : object == HUNCH_NONE       ? HUNCH_NONE
                                                         : jv_class_named(l, jv_static(l, object));
        const uint32_t found = of == HUNCH_NONE || field == HUNCH_NONE
                                   ? HUNCH_NONE
                                   : jv_field_of(l, of, jv_name(l, field));
        return found != HUNCH_NONE && field_folded(l, found, value, depth);
    }
    const uint32_t of = l->of[n];
    if (of == HUNCH_NONE)
        return false;
    if (of & JV_FIELD)
        return field_folded(l, of & ~JV_FIELD, value, depth);
    const struct jv_symbol *s = &l->symbol.items[of];
    return s->writes == 0 && s->value != HUNCH_NONE && jv_is_number(l, s->type) &&
           folded(l, s->value, class, value, depth);
}

/* 'c' of "abc".charAt(2), also of a variable that only ever holds that text. */
static bool char_at(struct jv_lower *l, uint32_t n, uint32_t class, int64_t *value, int depth)
{
    const uint32_t name = jv_child(l, n, F_name), list = jv_child(l, n, F_arguments);
    uint32_t object = jv_child(l, n, F_object);
    int64_t at;
    if (name == HUNCH_NONE || object == HUNCH_NONE || list == HUNCH_NONE ||
        !jv_is(l, name, "charAt") || jv_named(l, list, 0) == HUNCH_NONE ||
        !folded(l, jv_named(l, list, 0), class, &at, depth))
        return false;
    object = jv_bare(l, object);
    if (jv_kind(l, object) == K_identifier && l->of[object] != HUNCH_NONE &&
        !(l->of[object] & JV_FIELD)) {
        const struct jv_symbol *s = &l->symbol.items[l->of[object]];
        object = s->writes == 0 ? s->value : HUNCH_NONE;
    }
    if (jv_kind(l, object) != K_string_literal || at < 0 || at + 2 >= jv_size(l, object) ||
        memchr(jv_text(l, object), '\\', jv_size(l, object)) != NULL ||
        jv_text(l, object)[1] == '"')
        return false;
    for (uint32_t i = 0; i < jv_size(l, object); i++)
        if ((unsigned char)jv_text(l, object)[i] >= 128)
            return false; /* a letter of more than one byte */
    *value = jv_text(l, object)[at + 1];
    return true;
}

/* What is left of a number in a smaller type. */
static bool narrowed(const struct jv_lower *l, uint32_t type, int64_t *value)
{
    const char *name = hunch_graph_name(l->file, type);
    if (strcmp(name, "byte") == 0)
        *value = (int8_t)(uint8_t)(uint64_t)*value;
    else if (strcmp(name, "short") == 0)
        *value = (int16_t)(uint16_t)(uint64_t)*value;
    else if (strcmp(name, "char") == 0)
        *value = (uint16_t)(uint64_t)*value;
    else if (strcmp(name, "int") == 0)
        *value = (int32_t)(uint32_t)(uint64_t)*value;
    else
        return strcmp(name, "long") == 0;
    return true;
}

static bool folded(struct jv_lower *l, uint32_t n, uint32_t class, int64_t *value, int depth)
{
    int64_t a, b;
    if (n == HUNCH_NONE || depth-- == 0)
        return false;
    switch (jv_kind(l, n)) {
    case K_parenthesized_expression: return folded(l, jv_named(l, n, 0), class, value, depth);
    case K_decimal_integer_literal: return literal(l, n, 10, value);
    case K_hex_integer_literal: return literal(l, n, 16, value);
    case K_octal_integer_literal: return literal(l, n, 8, value);
    case K_binary_integer_literal: return literal(l, n, 2, value);
    case K_character_literal: return character(l, n, value);
    case K_true: *value = 1; return true;
    case K_false: *value = 0; return true;
    case K_identifier:
    case K_field_access: return name_folded(l, n, class, value, depth);
    case K_method_invocation: return char_at(l, n, class, value, depth);
    case K_cast_expression:
        return folded(l, jv_child(l, n, F_value), class, value, depth) &&
               narrowed(l, jv_written_type(l, jv_child(l, n, F_type)), value);
    case K_unary_expression: {
        const uint32_t operator= jv_child(l, n, F_operator);
        if (operator== HUNCH_NONE || !folded(l, jv_child(l, n, F_operand), class, &a, depth))
            return false;
        if (jv_is(l, operator, "-"))
            return hunch_flow_fold_int(HUNCH_NEGATE, a, 0, value);
        *value = jv_is(l, operator, "!") ? a == 0 : jv_is(l, operator, "~") ? ~a : a;
        return true;
    }
    case K_binary_expression: {
        const uint32_t operator= jv_child(l, n, F_operator);
        return operator!= HUNCH_NONE && folded(l, jv_child(l, n, F_left), class, &a, depth) &&
               folded(l, jv_child(l, n, F_right), class, &b, depth) &&
               hunch_flow_fold_int(operator_of(l, operator), a, b, value);
    }
    default: return false;
    }
}

bool jv_constant(struct jv_lower *l, uint32_t n, uint32_t class, int64_t *value)
{
    return folded(l, n, class, value, CONSTANT_DEPTH);
}

/* ---- classes in expressions ---- */

uint32_t jv_static(struct jv_lower *l, uint32_t n)
{
    uint32_t first = n;
    int parts = 0;
    while (jv_kind(l, first) == K_field_access || jv_kind(l, first) == K_scoped_identifier) {
        const uint32_t next = jv_named(l, first, 0);
        if (next == HUNCH_NONE || ++parts > 32)
            return 0;
        first = next;
    }
    if (jv_kind(l, first) != K_identifier || l->of[first] != HUNCH_NONE)
        return 0;
    const uint32_t name = without_package(l, n);
    if (jv_kind(l, n) == K_scoped_identifier || name == 0)
        return name;
    const uint32_t own = of_file(l, name, l->class_at);
    if (own != 0)
        return own;
    /* Of others A.B is a class, A.b and A.B_C are fields of one. */
    const char *text = hunch_graph_name(l->file, name), *last = strrchr(text, '.');
    bool has_small = last == NULL;
    for (const char *c = last; c != NULL && *c != 0; c++)
        has_small |= islower((unsigned char)*c) != 0;
    if (!has_small || !isupper((unsigned char)(last == NULL ? text : last + 1)[0]))
        return 0;
    const uint32_t resolved = jv_resolved(l, name, l->class_at);
    return resolved != 0 ? resolved : name;
}
