/* lower_c_type.c: types, declarators, structs and unions, and names in scope. */
#include <string.h>

#include "graph/lower_c.h"

/* ---- types ---- */

uint32_t c_type_add(struct c_lower *l, enum c_type_kind kind, uint32_t of, uint32_t n)
{
    struct c_type type = {.kind = (uint8_t)kind, .of = of, .n = n};
    if (!hunch_vec_push(l->a, &l->type, type)) {
        c_fail(l);
        return C_UNKNOWN;
    }
    return (uint32_t)l->type.count - 1;
}

bool c_types_init(struct c_lower *l)
{
    static const struct c_type always[] = {
        [C_UNKNOWN] = {T_UNKNOWN, 0, 0},       [C_VOID] = {T_VOID, 0, 0},
        [C_CHAR] = {T_INTEGER, 0, 1},          [C_SHORT] = {T_INTEGER, 0, 2},
        [C_INT] = {T_INTEGER, 0, 4},           [C_LONG] = {T_INTEGER, 0, 8},
        [C_UNSIGNED_CHAR] = {T_INTEGER, 1, 1}, [C_UNSIGNED_SHORT] = {T_INTEGER, 1, 2},
        [C_UNSIGNED_INT] = {T_INTEGER, 1, 4},  [C_UNSIGNED_LONG] = {T_INTEGER, 1, 8},
        [C_FLOAT] = {T_FLOAT, 0, 4},           [C_DOUBLE] = {T_FLOAT, 0, 8},
        [C_POINTER] = {T_POINTER, C_VOID, 0},  [C_TEXT] = {T_POINTER, C_CHAR, 0},
    };
    return hunch_vec_append(l->a, &l->type, always, sizeof always / sizeof *always);
}

void c_types_free(struct c_lower *l)
{
    hunch_vec_free(l->a, &l->type);
    hunch_vec_free(l->a, &l->aggregate);
    hunch_vec_free(l->a, &l->field);
    hunch_vec_free(l->a, &l->scopes.symbol);
    hunch_free_array(l->a, l->scopes.key, l->scopes.capacity, sizeof *l->scopes.key);
    hunch_free_array(l->a, l->scopes.at, l->scopes.capacity, sizeof *l->scopes.at);
}

uint16_t c_sign_flags(const struct c_lower *l, uint32_t type)
{
    const struct c_type *t = c_type(l, type);
    if (t->kind != T_INTEGER || t->n == 1)
        return 0;
    return t->of != 0 ? HUNCH_OP_IS_UNSIGNED : HUNCH_OP_IS_SIGNED;
}

uint16_t c_value_flags(const struct c_lower *l, uint32_t type)
{
    switch (c_type(l, type)->kind) {
    case T_INTEGER: return HUNCH_OP_IS_NUMBER | c_sign_flags(l, type);
    case T_FLOAT: return HUNCH_OP_IS_NUMBER | HUNCH_OP_IS_FLOAT;
    case T_POINTER: return HUNCH_OP_IS_POINTER;
    default: return 0;
    }
}

uint32_t c_points_to(const struct c_lower *l, uint32_t type)
{
    const struct c_type *t = c_type(l, type);
    return t->kind == T_POINTER || t->kind == T_ARRAY ? t->of : C_UNKNOWN;
}

/* Sizes and alignments as on 64-bit Linux. */
enum { SIZE_BITS_MOST = 40 };

static bool layout(const struct c_lower *l, uint32_t type, uint64_t *size, uint32_t *align)
{
    uint64_t count = 1;
    const struct c_type *t = c_type(l, type);
    for (; t->kind == T_ARRAY; t = c_type(l, t->of))
        if (t->n == 0 || (count *= t->n) >> SIZE_BITS_MOST)
            return false;
    const struct c_aggregate *aggregate;
    switch ((enum c_type_kind)t->kind) {
    case T_INTEGER:
    case T_FLOAT:
        *size = t->n;
        *align = t->n;
        break;
    case T_POINTER: *size = *align = 8; break;
    case T_AGGREGATE:
        aggregate = &l->aggregate.items[t->of];
        if (aggregate->align == 0)
            return false;
        *size = aggregate->size;
        *align = aggregate->align;
        break;
    default: return false;
    }
    return !(*size >> SIZE_BITS_MOST) && !((*size *= count) >> SIZE_BITS_MOST);
}

/* Of the fields, whose own sizes are known by now. */
static void measure(struct c_lower *l, struct c_aggregate *aggregate)
{
    uint64_t size = 0, one;
    uint32_t align = 1, at;
    for (uint32_t f = aggregate->first; f != HUNCH_NONE; f = l->field.items[f].next) {
        if (l->field.items[f].is_bits || !layout(l, l->field.items[f].type, &one, &at))
            return;
        align = at > align ? at : align;
        if (aggregate->is_union)
            size = one > size ? one : size;
        else
            size = (size + at - 1) / at * at + one;
    }
    aggregate->size = (size + align - 1) / align * align;
    aggregate->align = aggregate->size >> SIZE_BITS_MOST ? 0 : align;
}

bool c_sizeof(const struct c_lower *l, uint32_t type, uint64_t *size)
{
    uint32_t align;
    return layout(l, type, size, &align);
}

/* ---- scopes ---- */

static uint32_t slot_of(const struct c_scopes *s, uint64_t key)
{
    uint32_t at = (uint32_t)((key * 0x9e3779b97f4a7c15u) >> 32) & (s->capacity - 1);
    while (s->key[at] != 0 && s->key[at] != key + 1)
        at = (at + 1) & (s->capacity - 1);
    return at;
}

static bool grow(struct c_lower *l)
{
    struct c_scopes *s = &l->scopes, old = *s;
    uint32_t capacity = old.capacity == 0 ? 256 : old.capacity * 2;
    s->key = hunch_alloc_zero(l->a, capacity * sizeof *s->key);
    s->at = hunch_alloc_array(l->a, capacity, sizeof *s->at);
    if (s->key == NULL || s->at == NULL) {
        hunch_free_array(l->a, s->key, capacity, sizeof *s->key);
        hunch_free_array(l->a, s->at, capacity, sizeof *s->at);
        *s = old;
        return false;
    }
    s->capacity = capacity;
    for (uint32_t i = 0; i < old.capacity; i++)
        if (old.key[i] != 0) {
            uint32_t at = slot_of(s, old.key[i] - 1);
            s->key[at] = old.key[i];
            s->at[at] = old.at[i];
        }
    hunch_free_array(l->a, old.key, old.capacity, sizeof *old.key);
    hunch_free_array(l->a, old.at, old.capacity, sizeof *old.at);
    return true;
}

struct c_symbol *c_find(const struct c_lower *l, uint32_t name, enum c_space space)
{
    const struct c_scopes *s = &l->scopes;
    if (s->capacity == 0)
        return NULL;
    uint32_t at = slot_of(s, (uint64_t)name << 2 | space);
    return s->key[at] == 0 || s->at[at] == HUNCH_NONE ? NULL : &s->symbol.items[s->at[at]];
}

struct c_symbol *c_declare(struct c_lower *l, uint32_t name, enum c_space space,
                           enum c_symbol_kind kind)
{
    struct c_scopes *s = &l->scopes;
    if (s->count * 2 >= s->capacity && !grow(l)) {
        c_fail(l);
        return NULL;
    }
    struct c_symbol symbol = {.key = (uint64_t)name << 2 | space,
                              .kind = (uint8_t)kind,
                              .is_initial = l->b == &l->initial_builder,
                              .type = C_UNKNOWN,
                              .index = HUNCH_NONE};
    uint32_t at = slot_of(s, symbol.key);
    bool is_new = s->key[at] == 0;
    symbol.hides = is_new ? HUNCH_NONE : s->at[at];
    if (!hunch_vec_push(l->a, &s->symbol, symbol)) {
        c_fail(l);
        return NULL;
    }
    s->count += is_new;
    s->key[at] = symbol.key + 1;
    s->at[at] = (uint32_t)s->symbol.count - 1;
    return &s->symbol.items[s->symbol.count - 1];
}

uint32_t c_scope_open(struct c_lower *l)
{
    l->scope_depth++;
    return (uint32_t)l->scopes.symbol.count;
}

void c_scope_close(struct c_lower *l, uint32_t mark)
{
    struct c_scopes *s = &l->scopes;
    l->scope_depth--;
    while (s->symbol.count > mark) {
        const struct c_symbol *symbol = &s->symbol.items[--s->symbol.count];
        s->at[slot_of(s, symbol->key)] = symbol->hides;
    }
}

/* ---- structs, unions, enums ---- */

/* The aggregate that a specifier names or defines. */
static uint32_t tag_type(struct c_lower *l, uint32_t n, bool is_union)
{
    uint32_t name_node = c_child(l, n, F_name), body = c_child(l, n, F_body);
    uint32_t name = name_node == HUNCH_NONE ? 0 : c_name(l, name_node);
    const struct c_symbol *there = name == 0 ? NULL : c_find(l, name, SPACE_TAGS);
    bool is_here =
        there != NULL && c_type_is(l, there->type, T_AGGREGATE) &&
        (body == HUNCH_NONE || !l->aggregate.items[c_type(l, there->type)->of].is_defined);
    if (is_here)
        return there->type;
    struct c_aggregate aggregate = {.is_union = is_union, .first = HUNCH_NONE, .last = HUNCH_NONE};
    if (!hunch_vec_push(l->a, &l->aggregate, aggregate)) {
        c_fail(l);
        return C_UNKNOWN;
    }
    uint32_t type = c_type_add(l, T_AGGREGATE, (uint32_t)l->aggregate.count - 1, 0);
    if (name != 0) {
        struct c_symbol *symbol = c_declare(l, name, SPACE_TAGS, S_TAG);
        if (symbol != NULL)
            symbol->type = type;
    }
    return type;
}

static void field_add(struct c_lower *l, uint32_t aggregate, uint32_t name, uint32_t type,
                      bool is_bits)
{
    struct c_field field = {.name = name, .type = type, .next = HUNCH_NONE, .is_bits = is_bits};
    if (!hunch_vec_push(l->a, &l->field, field)) {
        c_fail(l);
        return;
    }
    uint32_t index = (uint32_t)l->field.count - 1;
    struct c_aggregate *to = &l->aggregate.items[aggregate];
    if (to->first == HUNCH_NONE)
        to->first = index;
    else
        l->field.items[to->last].next = index;
    to->last = index;
}

static void fields_of(struct c_lower *l, uint32_t body, uint32_t aggregate)
{
    HUNCH_EACH_CHILD(&l->tree, body, c)
    {
        if (c_node(l, c)->kind != K_field_declaration)
            continue;
        struct c_specifiers base = c_specifiers(l, c);
        bool is_bits = false, is_named = false;
        HUNCH_EACH_CHILD(&l->tree, c, d)
        is_bits = is_bits || c_node(l, d)->kind == K_bitfield_clause;
        HUNCH_EACH_CHILD(&l->tree, c, d)
        {
            if (c_node(l, d)->field != F_declarator)
                continue;
            struct c_declarator declarator = c_declarator(l, d, base);
            field_add(l, aggregate, declarator.name, declarator.type, is_bits);
            is_named = true;
        }
        uint32_t type = c_child(l, c, F_type);
        if (!is_named && c_type_is(l, base.type, T_AGGREGATE) && type != HUNCH_NONE &&
            c_child(l, type, F_name) == HUNCH_NONE)
            field_add(l, aggregate, 0, base.type, false);
    }
}

static uint32_t aggregate_type(struct c_lower *l, uint32_t n)
{
    uint32_t type = tag_type(l, n, c_node(l, n)->kind == K_union_specifier);
    uint32_t body = c_child(l, n, F_body);
    if (body == HUNCH_NONE || !c_type_is(l, type, T_AGGREGATE))
        return type;
    uint32_t aggregate = c_type(l, type)->of;
    l->aggregate.items[aggregate].is_defined = true;
    fields_of(l, body, aggregate);
    measure(l, &l->aggregate.items[aggregate]);
    return type;
}

static uint32_t enum_type(struct c_lower *l, uint32_t n)
{
    uint32_t body = c_child(l, n, F_body);
    int64_t next = 0;
    if (body == HUNCH_NONE)
        return C_INT;
    HUNCH_EACH_CHILD(&l->tree, body, c)
    {
        if (c_node(l, c)->kind != K_enumerator)
            continue;
        uint32_t name = c_child(l, c, F_name), value = c_child(l, c, F_value);
        if (name == HUNCH_NONE)
            continue;
        if (value != HUNCH_NONE && !c_constant(l, value, &next))
            next = 0;
        struct c_symbol *symbol = c_declare(l, c_name(l, name), SPACE_NAMES, S_CONSTANT);
        if (symbol == NULL)
            return C_INT;
        symbol->type = C_INT;
        symbol->value = next;
        next = (int64_t)((uint64_t)next + 1);
    }
    return C_INT;
}

struct c_step c_field_step(struct c_lower *l, uint32_t aggregate, uint32_t field)
{
    const struct c_field *f = &l->field.items[field];
    struct c_step step = {.name = f->name, .type = f->type};
    if (l->aggregate.items[aggregate].is_union) {
        step.name = 0;
    } else if (f->name == 0) { /* a name that no program can write */
        char name[16];
        uint32_t place = 1;
        for (uint32_t i = l->aggregate.items[aggregate].first; i != field;
             i = l->field.items[i].next)
            place++;
        int size = 0;
        for (uint32_t p = place; p > 0; p /= 10)
            size++;
        for (int i = size; i > 0; i--, place /= 10)
            name[i] = (char)('0' + place % 10);
        name[0] = '#';
        step.name = hunch_name_add(l->names, name, (size_t)size + 1);
    }
    return step;
}

/* The fields, outermost first, and of which aggregates they are; how many. */
static int field_path(const struct c_lower *l, uint32_t aggregate, uint32_t name,
                      uint32_t at[C_STEPS_MOST], uint32_t of[C_STEPS_MOST])
{
    int depth = 0;
    of[0] = aggregate;
    at[0] = l->aggregate.items[aggregate].first;
    while (depth >= 0) {
        if (at[depth] == HUNCH_NONE) {
            if (--depth >= 0)
                at[depth] = l->field.items[at[depth]].next;
            continue;
        }
        const struct c_field *field = &l->field.items[at[depth]];
        if (field->name == name && name != 0)
            return depth + 1;
        if (field->name == 0 && depth + 1 < C_STEPS_MOST &&
            c_type_is(l, field->type, T_AGGREGATE)) {
            of[depth + 1] = c_type(l, field->type)->of;
            at[depth + 1] = l->aggregate.items[of[depth + 1]].first;
            depth++;
            continue;
        }
        at[depth] = field->next;
    }
    return 0;
}

int c_field_find(struct c_lower *l, uint32_t aggregate, uint32_t name,
                 struct c_step step[C_STEPS_MOST])
{
    uint32_t at[C_STEPS_MOST], of[C_STEPS_MOST];
    int steps = field_path(l, aggregate, name, at, of);
    for (int i = 0; i < steps; i++)
        step[i] = c_field_step(l, of[i], at[i]);
    return steps;
}

uint32_t c_field_outer(struct c_lower *l, uint32_t aggregate, uint32_t name)
{
    uint32_t at[C_STEPS_MOST], of[C_STEPS_MOST];
    return field_path(l, aggregate, name, at, of) == 0 ? HUNCH_NONE : at[0];
}

/* ---- specifiers and declarators ---- */

struct named_type {
    const char *name;
    uint32_t type;
};

static const struct named_type NAMED[] = {
    {"void", C_VOID},
    {"char", C_CHAR},
    {"int", C_INT},
    {"float", C_FLOAT},
    {"double", C_DOUBLE},
    {"bool", C_UNSIGNED_CHAR},
    {"_Bool", C_UNSIGNED_CHAR},
    {"size_t", C_UNSIGNED_LONG},
    {"ssize_t", C_LONG},
    {"ptrdiff_t", C_LONG},
    {"intptr_t", C_LONG},
    {"uintptr_t", C_UNSIGNED_LONG},
    {"int8_t", C_CHAR},
    {"uint8_t", C_UNSIGNED_CHAR},
    {"int16_t", C_SHORT},
    {"uint16_t", C_UNSIGNED_SHORT},
    {"int32_t", C_INT},
    {"uint32_t", C_UNSIGNED_INT},
    {"int64_t", C_LONG},
    {"uint64_t", C_UNSIGNED_LONG},
    {"char16_t", C_UNSIGNED_SHORT},
    {"char32_t", C_UNSIGNED_INT},
    {"wchar_t", C_INT},
    {"off_t", C_LONG},
    {"time_t", C_LONG},
    {"pid_t", C_INT},
    {"FILE", C_UNKNOWN},
    {"va_list", C_UNKNOWN},
    {"uid_t", C_UNSIGNED_INT},
    {"gid_t", C_UNSIGNED_INT},
    {"mode_t", C_UNSIGNED_INT},
    {"socklen_t", C_UNSIGNED_INT},
    {"nullptr_t", C_POINTER},
    {"max_align_t", C_UNKNOWN},
    {"charptr_t", C_UNKNOWN},
};

static uint32_t named_type(struct c_lower *l, uint32_t n)
{
    const struct c_symbol *symbol = c_find(l, c_name(l, n), SPACE_NAMES);
    if (symbol != NULL && symbol->kind == S_TYPE)
        return symbol->type;
    for (size_t i = 0; i < sizeof NAMED / sizeof *NAMED; i++)
        if (c_is(l, n, NAMED[i].name))
            return NAMED[i].type;
    return C_UNKNOWN;
}

/* long, short, unsigned char, long double, ... */
static uint32_t sized_type(struct c_lower *l, uint32_t n)
{
    uint32_t type = C_INT;
    bool is_long = false, is_unsigned = false;
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        if (c_is(l, c, "short"))
            type = C_SHORT;
        else if (c_is(l, c, "char"))
            type = C_CHAR;
        else if (c_is(l, c, "double"))
            type = C_DOUBLE;
        else if (c_is(l, c, "long"))
            is_long = true;
        else if (c_is(l, c, "unsigned"))
            is_unsigned = true;
        else if (c_node(l, c)->kind == K_type_identifier)
            type = named_type(l, c);
    }
    type = type == C_INT && is_long ? C_LONG : type;
    return is_unsigned && type >= C_CHAR && type <= C_LONG ? type - C_CHAR + C_UNSIGNED_CHAR : type;
}

uint32_t c_specified(struct c_lower *l, uint32_t n)
{
    switch (c_node(l, n)->kind) {
    case K_primitive_type:
    case K_type_identifier: return named_type(l, n);
    case K_sized_type_specifier: return sized_type(l, n);
    case K_struct_specifier:
    case K_union_specifier: return aggregate_type(l, n);
    case K_enum_specifier: return enum_type(l, n);
    default: return C_UNKNOWN;
    }
}

struct c_specifiers c_specifiers(struct c_lower *l, uint32_t n)
{
    struct c_specifiers s = {.type = C_UNKNOWN};
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        const struct hunch_node *node = c_node(l, c);
        if (node->field == F_type)
            s.type = c_specified(l, c);
        else if (node->kind == K_storage_class_specifier) {
            s.is_static = s.is_static || c_is(l, c, "static");
            s.is_extern = s.is_extern || c_is(l, c, "extern");
        } else if (node->kind == K_type_qualifier)
            s.is_const = s.is_const || c_is(l, c, "const");
        else if (node->field == F_declarator)
            break;
    }
    return s;
}

/* The first of the children that is a declarator; those of attributed ones have no field. */
static uint32_t inner_declarator(const struct c_lower *l, uint32_t n)
{
    uint32_t inner = c_child(l, n, F_declarator);
    return inner != HUNCH_NONE ? inner : c_first_named(l, n);
}

struct c_declarator c_declarator(struct c_lower *l, uint32_t n, struct c_specifiers base)
{
    struct c_declarator d = {.name_node = HUNCH_NONE,
                             .type = base.type,
                             .parameters = HUNCH_NONE,
                             .size_node = HUNCH_NONE,
                             .is_const = base.is_const};
    while (n != HUNCH_NONE) {
        const struct hunch_node *node = c_node(l, n);
        switch (node->kind) {
        case K_pointer_declarator:
        case K_abstract_pointer_declarator:
            d.type = c_type_add(l, T_POINTER, d.type, 0);
            d.is_const = false;
            HUNCH_EACH_CHILD(&l->tree, n, c)
            d.is_const =
                d.is_const || (c_node(l, c)->kind == K_type_qualifier && c_is(l, c, "const"));
            n = c_child(l, n, F_declarator);
            break;
        case K_array_declarator:
        case K_abstract_array_declarator: {
            uint32_t size = c_child(l, n, F_size);
            int64_t count = 0;
            if (size != HUNCH_NONE && !c_constant(l, size, &count))
                d.size_node = size;
            if (count < 0 || count > INT32_MAX)
                count = 0;
            d.type = c_type_add(l, T_ARRAY, d.type, (uint32_t)count);
            n = c_child(l, n, F_declarator);
            break;
        }
        case K_function_declarator:
        case K_abstract_function_declarator:
            d.type = c_type_add(l, T_FUNCTION, d.type, 0);
            d.parameters = c_child(l, n, F_parameters);
            n = c_child(l, n, F_declarator);
            break;
        case K_init_declarator: n = c_child(l, n, F_declarator); break;
        case K_parenthesized_declarator:
        case K_abstract_parenthesized_declarator:
        case K_attributed_declarator: n = inner_declarator(l, n); break;
        case K_identifier:
        case K_field_identifier:
        case K_type_identifier:
        case K_primitive_type:
            d.name_node = n;
            d.name = c_name(l, n);
            n = HUNCH_NONE;
            break;
        default: n = HUNCH_NONE; break;
        }
    }
    return d;
}

uint32_t c_type_name(struct c_lower *l, uint32_t n)
{
    if (n == HUNCH_NONE)
        return C_UNKNOWN;
    return c_declarator(l, c_child(l, n, F_declarator), c_specifiers(l, n)).type;
}
