/* lower_c_constant.c: integer constant expressions of C, and the bytes of literals. */
#include <string.h>

#include "graph/lower_c.h"

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 99;
}

bool c_number(const char *text, uint32_t size, int64_t *value)
{
    uint32_t i = 0;
    bool is_negative = size > 0 && text[0] == '-';
    if (size > 0 && (text[0] == '-' || text[0] == '+'))
        i++;
    int base = 10;
    if (size - i > 2 && text[i] == '0' && (text[i + 1] == 'x' || text[i + 1] == 'X'))
        base = 16;
    else if (size - i > 2 && text[i] == '0' && (text[i + 1] == 'b' || text[i + 1] == 'B'))
        base = 2;
    else if (size - i > 1 && text[i] == '0')
        base = 8;
    i += base == 16 || base == 2 ? 2 : 0;
    uint64_t n = 0;
    uint32_t first = i;
    for (; i < size; i++) {
        if (text[i] == '\'')
            continue;
        if (digit(text[i]) >= base)
            break;
        n = n * (uint64_t)base + (uint64_t)digit(text[i]);
    }
    if (i == first)
        return false;
    for (; i < size; i++)
        if (strchr("uUlLzZ", text[i]) == NULL)
            return false; /* a float */
    *value = (int64_t)(is_negative ? 0 - n : n);
    return true;
}

/* The character at text[*i], which is moved on. */
static uint32_t unescape(const char *text, uint32_t size, uint32_t *i)
{
    uint32_t at = *i;
    if (text[at] != '\\' || at + 1 >= size) {
        *i = at + 1;
        return (uint8_t)text[at];
    }
    char c = text[at + 1];
    *i = at + 2;
    switch (c) {
    case 'n': return '\n';
    case 't': return '\t';
    case 'r': return '\r';
    case 'a': return 7;
    case 'b': return 8;
    case 'f': return 12;
    case 'v': return 11;
    case 'e': return 27;
    case 'x': {
        uint32_t value = 0;
        for (; *i < size && digit(text[*i]) < 16; ++*i)
            value = value * 16 + (uint32_t)digit(text[*i]);
        return value & 255;
    }
    default:
        if (c >= '0' && c <= '7') {
            uint32_t value = 0;
            *i = at + 1;
            for (uint32_t k = 0; k < 3 && *i < size && digit(text[*i]) < 8; k++, ++*i)
                value = value * 8 + (uint32_t)digit(text[*i]);
            return value & 255;
        }
        return (uint8_t)c;
    }
}

int64_t c_character(const char *text, uint32_t size)
{
    uint32_t i = 0;
    while (i < size && text[i] != '\'')
        i++;
    i++;
    if (i >= size)
        return 0;
    bool is_wide = text[0] != '\'';
    uint32_t c = unescape(text, size, &i);
    return is_wide ? (int64_t)c : (int8_t)c;
}

static bool literal(struct c_lower *l, uint32_t n, char *to, uint32_t room, uint32_t *used)
{
    const char *text = c_text(l, n);
    uint32_t size = c_size(l, n), i = 0;
    while (i < size && text[i] != '"')
        i++;
    for (i++; i < size && text[i] != '"' && *used < room;)
        to[(*used)++] = (char)unescape(text, size, &i);
    return true;
}

uint32_t c_string(struct c_lower *l, uint32_t n)
{
    uint32_t room = c_size(l, n) + 1, used = 0;
    char *bytes = hunch_alloc(l->a, room);
    if (bytes == NULL) {
        c_fail(l);
        return 0;
    }
    if (c_node(l, n)->kind == K_string_literal)
        literal(l, n, bytes, room, &used);
    else
        HUNCH_EACH_CHILD(&l->tree, n, c)
    if (c_node(l, c)->kind == K_string_literal)
        literal(l, c, bytes, room, &used);
    uint32_t name = hunch_name_add(l->names, bytes, used);
    hunch_free(l->a, bytes, room);
    return name;
}

/* ---- expressions ---- */

static bool binary(const char *op, uint32_t size, int64_t a, int64_t b, int64_t *value)
{
    uint64_t x = (uint64_t)a, y = (uint64_t)b;
    char first = op[0], second = size > 1 ? op[1] : 0;
    if (size == 1) {
        switch (first) {
        case '+': *value = (int64_t)(x + y); return true;
        case '-': *value = (int64_t)(x - y); return true;
        case '*': *value = (int64_t)(x * y); return true;
        case '/':
        case '%':
            if (b == 0 || (b == -1 && a == INT64_MIN))
                return false;
            *value = first == '/' ? a / b : a % b;
            return true;
        case '&': *value = a & b; return true;
        case '|': *value = a | b; return true;
        case '^': *value = a ^ b; return true;
        case '<': *value = a < b; return true;
        case '>': *value = a > b; return true;
        }
    } else if (first == second) {
        switch (first) {
        case '<':
        case '>':
            if (b < 0 || b > 63)
                return false;
            *value = first == '<' ? (int64_t)(x << y) : a >> b;
            return true;
        case '=': *value = a == b; return true;
        case '&': *value = a && b; return true;
        case '|': *value = a || b; return true;
        }
    } else if (second == '=') {
        switch (first) {
        case '!': *value = a != b; return true;
        case '<': *value = a <= b; return true;
        case '>': *value = a >= b; return true;
        }
    }
    return false;
}

static bool size_of(struct c_lower *l, uint32_t n, int64_t *value)
{
    uint32_t type = c_child(l, n, F_type);
    uint64_t size;
    if (type == HUNCH_NONE || !c_sizeof(l, c_type_name(l, type), &size))
        return false;
    *value = (int64_t)size;
    return true;
}

bool c_constant(struct c_lower *l, uint32_t n, int64_t *value)
{
    n = c_bare(l, n);
    if (n == HUNCH_NONE || c_node(l, n)->flags & HUNCH_NODE_HAS_ERROR)
        return false;
    switch (c_node(l, n)->kind) {
    case K_number_literal: return c_number(c_text(l, n), c_size(l, n), value);
    case K_char_literal: *value = c_character(c_text(l, n), c_size(l, n)); return true;
    case K_true: *value = 1; return true;
    case K_false: *value = 0; return true;
    case K_identifier: {
        const struct c_symbol *symbol = c_find(l, c_name(l, n), SPACE_NAMES);
        if (symbol == NULL || symbol->kind != S_CONSTANT)
            return false;
        *value = symbol->value;
        return true;
    }
    case K_sizeof_expression: return size_of(l, n, value);
    case K_cast_expression: {
        uint32_t type = c_type_name(l, c_child(l, n, F_type));
        return c_type_is(l, type, T_INTEGER) && c_type(l, type)->n >= 4 &&
               c_constant(l, c_child(l, n, F_value), value);
    }
    case K_unary_expression: {
        uint32_t op = c_child(l, n, F_operator);
        int64_t a;
        if (op == HUNCH_NONE || !c_constant(l, c_child(l, n, F_argument), &a))
            return false;
        switch (c_text(l, op)[0]) {
        case '-': *value = (int64_t)(0 - (uint64_t)a); return true;
        case '+': *value = a; return true;
        case '~': *value = ~a; return true;
        default: *value = !a; return true;
        }
    }
    case K_binary_expression: {
        uint32_t op = c_child(l, n, F_operator);
        int64_t a, b;
        return op != HUNCH_NONE && c_constant(l, c_child(l, n, F_left), &a) &&
               c_constant(l, c_child(l, n, F_right), &b) &&
               binary(c_text(l, op), c_size(l, op), a, b, value);
    }
    case K_conditional_expression: {
        int64_t test;
        if (!c_constant(l, c_child(l, n, F_condition), &test))
            return false;
        uint32_t yes = c_child(l, n, F_consequence);
        if (test && yes == HUNCH_NONE) {
            *value = test;
            return true;
        }
        return c_constant(l, test ? yes : c_child(l, n, F_alternative), value);
    }
    default: return false;
    }
}

enum { BITS_SMALL = 8, BITS_MOST = 64 };

/* Of what is loaded or cast the type says how many bits there were; of what is computed it need
 * not. */
bool c_leaves_few_bits(const struct c_lower *l, struct c_value of, struct c_value by)
{
    const struct hunch_op *value = &l->b->op.items[of.op], *shift = &l->b->op.items[by.op];
    int64_t bits = BITS_MOST;
    if (shift->kind != HUNCH_OP_CONST)
        return false;
    if ((value->kind == HUNCH_OP_LOAD || value->kind == HUNCH_OP_CAST) &&
        c_type_is(l, of.type, T_INTEGER) && c_type(l, of.type)->n < 8)
        bits = 8 * (int64_t)c_type(l, of.type)->n;
    const int64_t by_bits = hunch_op_value(shift);
    return by_bits >= bits - BITS_SMALL && by_bits >= 0 && by_bits < BITS_MOST;
}

struct c_value c_sized(struct c_lower *l, uint32_t n)
{
    uint64_t size;
    struct c_value result = {HUNCH_NONE, C_UNKNOWN};
    uint32_t type = c_child(l, n, F_type), of = C_UNKNOWN;
    uint32_t value = c_bare(l, c_child(l, n, F_value));
    if (type != HUNCH_NONE)
        of = c_type_name(l, type);
    else if (value != HUNCH_NONE && c_node(l, value)->kind == K_identifier) {
        const struct c_symbol *symbol = c_find(l, c_name(l, value), SPACE_NAMES);
        if (symbol != NULL && symbol->kind <= S_TYPE)
            of = symbol->type;
    }
    if (c_node(l, n)->kind == K_sizeof_expression && c_sizeof(l, of, &size))
        result.op = c_const(l, n, (int64_t)size);
    else
        result = c_unknown(l, n);
    if (result.op < l->b->op.count)
        l->b->op.items[result.op].flags |= HUNCH_OP_IS_UNSIGNED;
    result.type = C_UNSIGNED_LONG;
    return result;
}
