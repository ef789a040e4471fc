/* lower_c.c: the front end of C: a file's declarations and functions. The preprocessor gives text,
 * tree-sitter its tree; here names get their scopes and functions are built one after another. What
 * cannot be read is a fault of the function, or of the file, and the rest goes on.
 */
#include <string.h>

#include "graph/front.h"
#include "graph/lower_c.h"

extern const TSLanguage *hunch_grammar_c(void); /* NULL: not built in */

static const char *const KINDS[] = {
#define X(name) #name,
    HUNCH_C_KINDS(X)
#undef X
        NULL};

static const char *const FIELDS[] = {
#define X(name) #name,
    HUNCH_C_FIELDS(X)
#undef X
        NULL};

/* ---- nodes ---- */

bool c_is(const struct c_lower *l, uint32_t n, const char *text)
{
    size_t size = strlen(text);
    return c_size(l, n) == size && memcmp(c_text(l, n), text, size) == 0;
}

uint32_t c_name(struct c_lower *l, uint32_t n)
{
    return hunch_name_add(l->names, c_text(l, n), c_size(l, n));
}

struct hunch_extent c_span(const struct c_lower *l, uint32_t n)
{
    return hunch_preprocessed_span(l->source, c_node(l, n)->begin, c_node(l, n)->end);
}

uint32_t c_line(const struct c_lower *l, uint32_t offset)
{
    size_t low = 0, high = l->file->line.count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (l->file->line.items[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    return (uint32_t)low + 1;
}

void c_fail(struct c_lower *l)
{
    l->failed = true;
}

uint32_t c_first_named(const struct c_lower *l, uint32_t n)
{
    HUNCH_EACH_CHILD(&l->tree, n, c)
    if (c_node(l, c)->kind != K_NONE)
        return c;
    return HUNCH_NONE;
}

uint32_t c_bare(const struct c_lower *l, uint32_t n)
{
    while (n != HUNCH_NONE && c_node(l, n)->kind == K_parenthesized_expression)
        n = c_first_named(l, n);
    return n;
}

uint32_t c_stmt_in(struct c_lower *l, enum hunch_stmt_kind kind, uint32_t n, uint32_t line_node,
                   uint32_t block)
{
    struct hunch_extent at = c_span(l, line_node), span = {at.begin, at.begin};
    uint32_t bare = c_bare(l, n);
    if (bare != HUNCH_NONE)
        span = c_span(l, bare);
    return hunch_build_stmt(l->b, kind, block, span, c_line(l, at.begin), l->jumps.loop);
}

uint32_t c_stmt(struct c_lower *l, enum hunch_stmt_kind kind, uint32_t n, uint32_t line_node)
{
    return c_stmt_in(l, kind, n, line_node, HUNCH_NONE);
}

static void fault(struct c_lower *l, uint32_t function, uint32_t line, const char *reason)
{
    struct hunch_graph_fault f = {.function = function, .line = line, .reason = reason};
    if (!hunch_vec_push(l->a, &l->file->fault, f))
        c_fail(l);
}

/* ---- globals ---- */

/* Its entry, one for each name. */
static struct hunch_global *global_of(struct c_lower *l, uint32_t name)
{
    if (l->global_of.count <= name) {
        size_t more = l->file->names.count - l->global_of.count;
        if (!hunch_vec_reserve(l->a, &l->global_of, more)) {
            c_fail(l);
            return NULL;
        }
        memset(l->global_of.items + l->global_of.count, 0, more * sizeof *l->global_of.items);
        l->global_of.count += more;
    }
    uint32_t *place = &l->global_of.items[name];
    if (*place == 0) {
        struct hunch_global global = {.name = name};
        if (!hunch_vec_push(l->a, &l->file->global, global)) {
            c_fail(l);
            return NULL;
        }
        *place = (uint32_t)l->file->global.count;
    }
    return &l->file->global.items[*place - 1];
}

static uint32_t var_flags(const struct c_lower *l, uint32_t type, bool is_const)
{
    return (c_type_is(l, type, T_ARRAY) ? HUNCH_VAR_IS_ARRAY : 0u) |
           (c_type_is(l, type, T_AGGREGATE) ? HUNCH_VAR_IS_AGGREGATE : 0u) |
           (is_const ? HUNCH_VAR_IS_CONST : 0u);
}

static void global_add(struct c_lower *l, uint32_t name, uint32_t name_node, uint32_t flags,
                       bool is_defined)
{
    struct hunch_global *global = global_of(l, name);
    if (global == NULL)
        return;
    if (!global->is_defined || is_defined)
        global->span = c_span(l, name_node);
    global->flags |= flags;
    global->is_defined |= is_defined;
}

/* The name beyond it of a static variable of a function: one that no program can write. */
static uint32_t static_name(struct c_lower *l, uint32_t name)
{
    char number[12];
    int digits = 0;
    uint32_t n = ++l->unnamed;
    const char *function = hunch_graph_name(l->file, l->function_name),
               *variable = hunch_graph_name(l->file, name);
    size_t a = strlen(function), b = strlen(variable);
    char *text = hunch_alloc(l->a, a + b + 16);
    if (text == NULL) {
        c_fail(l);
        return name;
    }
    memcpy(text, function, a);
    text[a] = '.';
    memcpy(text + a + 1, variable, b);
    text[a + 1 + b] = '.';
    for (; n > 0; n /= 10)
        number[digits++] = (char)('0' + n % 10);
    for (int i = 0; i < digits; i++)
        text[a + 2 + b + (size_t)i] = number[digits - 1 - i];
    uint32_t result = hunch_name_add(l->names, text, a + b + 2 + (size_t)digits);
    hunch_free(l->a, text, a + b + 16);
    return result;
}

/* ---- declarations ---- */

/* Such a word may stand before the first one of the declaration that is left. */
static bool says_noreturn(const struct c_lower *l, uint32_t n, uint32_t end)
{
    uint32_t begin = l->scope_depth == 0 ? l->item_begin : c_node(l, n)->begin;
    return hunch_preprocessed_noreturn(l->source, begin, end);
}

static void declare_function(struct c_lower *l, const struct c_declarator *d,
                             const struct c_specifiers *s, bool is_noreturn, bool is_defined)
{
    const struct c_symbol *there = c_find(l, d->name, SPACE_NAMES);
    bool was_noreturn = false, was_defined = false;
    if (there != NULL && there->kind == S_FUNCTION) {
        was_noreturn = there->is_noreturn;
        was_defined = there->is_defined;
    }
    struct c_symbol *symbol = c_declare(l, d->name, SPACE_NAMES, S_FUNCTION);
    if (symbol == NULL)
        return;
    symbol->type = d->type;
    symbol->index = d->name;
    symbol->is_noreturn = is_noreturn || was_noreturn;
    symbol->is_defined = is_defined || was_defined;
    if (!is_defined)
        global_add(l, d->name, d->name_node,
                   HUNCH_VAR_IS_FUNCTION | (s->is_static ? HUNCH_VAR_IS_STATIC : 0u), false);
}

/* A variable beyond the function. Its initialiser runs before the program does. */
static void declare_global(struct c_lower *l, const struct c_declarator *d,
                           const struct c_specifiers *s, uint32_t value, uint32_t node)
{
    uint32_t type = c_completed(l, d->type, value), name = d->name;
    bool is_file = l->scope_depth == 0;
    if (!is_file && s->is_static)
        name = static_name(l, name);
    const struct c_symbol *there = is_file ? c_find(l, name, SPACE_NAMES) : NULL;
    if (there != NULL && there->kind == S_GLOBAL && c_type_is(l, type, T_ARRAY) &&
        c_type(l, type)->n == 0)
        type = there->type;
    struct c_symbol *symbol = c_declare(l, d->name, SPACE_NAMES, S_GLOBAL);
    if (symbol == NULL)
        return;
    symbol->type = type;
    symbol->index = name;
    global_add(l, name, d->name_node,
               var_flags(l, type, d->is_const) | (s->is_static ? HUNCH_VAR_IS_STATIC : 0u),
               !s->is_extern || value != HUNCH_NONE);
    if (value == HUNCH_NONE)
        return;
    struct hunch_builder *outer = l->b;
    uint32_t loop = l->jumps.loop;
    l->b = &l->initial_builder;
    l->jumps.loop = HUNCH_NONE;
    c_stmt(l, HUNCH_STMT_DECLARATION, node, node);
    struct c_value address = {c_op(l, HUNCH_OP_NAME, d->name_node, name, 0), type};
    c_initialise(l, address, value);
    l->b = outer;
    l->jumps.loop = loop;
}

static void declare_local(struct c_lower *l, const struct c_declarator *d, uint32_t value,
                          uint32_t node, uint32_t declaration, enum hunch_stmt_kind kind,
                          bool *has_stmt)
{
    uint32_t type = c_completed(l, d->type, value);
    uint32_t index =
        hunch_build_var(l->b, (struct hunch_var){.name = d->name,
                                                 .flags = var_flags(l, type, d->is_const),
                                                 .span = c_span(l, d->name_node)});
    struct c_symbol *symbol = c_declare(l, d->name, SPACE_NAMES, S_VAR);
    if (symbol == NULL)
        return;
    symbol->type = type;
    symbol->index = index;
    if (value == HUNCH_NONE && d->size_node == HUNCH_NONE)
        return;
    if (!*has_stmt)
        c_stmt(l, kind, declaration, declaration);
    *has_stmt = true;
    if (d->size_node != HUNCH_NONE) /* how many elements: it runs */
        c_effect(l, d->size_node);
    if (value == HUNCH_NONE)
        return;
    struct c_value address = {c_op(l, HUNCH_OP_VAR, node, index, 0), type};
    c_initialise(l, address, value);
}

/* Is `a * b;`, which looks like a declaration, a product? */
static bool is_product(struct c_lower *l, uint32_t n)
{
    uint32_t type = c_child(l, n, F_type);
    if (type == HUNCH_NONE || c_node(l, type)->kind != K_type_identifier)
        return false;
    const struct c_symbol *symbol = c_find(l, c_name(l, type), SPACE_NAMES);
    return symbol != NULL && (symbol->kind == S_VAR || symbol->kind == S_GLOBAL);
}

void c_declaration(struct c_lower *l, uint32_t n, enum hunch_stmt_kind kind)
{
    if (is_product(l, n))
        return;
    struct c_specifiers s = c_specifiers(l, n);
    bool has_stmt = false;
    bool is_noreturn = says_noreturn(l, n, c_node(l, n)->end);
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        if (c_node(l, c)->field != F_declarator)
            continue;
        struct c_declarator d = c_declarator(l, c, s);
        uint32_t value = HUNCH_NONE;
        if (c_node(l, c)->kind == K_init_declarator)
            value = c_child(l, c, F_value);
        if (d.name == 0)
            continue;
        if (c_type_is(l, d.type, T_FUNCTION))
            declare_function(l, &d, &s, is_noreturn, false);
        else if (l->scope_depth == 0 || s.is_static || s.is_extern)
            declare_global(l, &d, &s, value, c);
        else
            declare_local(l, &d, value, c, n, kind, &has_stmt);
    }
}

void c_type_definition(struct c_lower *l, uint32_t n)
{
    struct c_specifiers s = c_specifiers(l, n);
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        if (c_node(l, c)->field != F_declarator)
            continue;
        struct c_declarator d = c_declarator(l, c, s);
        struct c_symbol *symbol = d.name == 0 ? NULL : c_declare(l, d.name, SPACE_NAMES, S_TYPE);
        if (symbol != NULL)
            symbol->type = d.type;
    }
}

void c_tag(struct c_lower *l, uint32_t n)
{
    (void)c_specified(l, n);
}

/* ---- functions ---- */

static void parameter(struct c_lower *l, const struct c_declarator *d, uint32_t node)
{
    uint32_t type = d->type;
    if (c_type_is(l, type, T_ARRAY))
        type = c_type_add(l, T_POINTER, c_type(l, type)->of, 0);
    else if (c_type_is(l, type, T_FUNCTION))
        type = c_type_add(l, T_POINTER, type, 0);
    uint32_t at = d->name_node == HUNCH_NONE ? node : d->name_node;
    uint32_t index = hunch_build_var(
        l->b, (struct hunch_var){.name = d->name,
                                 .flags = var_flags(l, type, d->is_const) | HUNCH_VAR_IS_PARAMETER,
                                 .span = c_span(l, at)});
    if (d->name == 0)
        return;
    struct c_symbol *symbol = c_declare(l, d->name, SPACE_NAMES, S_VAR);
    if (symbol == NULL)
        return;
    symbol->type = type;
    symbol->index = index;
}

/* int f(a, b) char *a; { … }: types come behind; what is not declared is an int. */
static void old_style_type(struct c_lower *l, uint32_t n, struct c_declarator *d)
{
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        if (c_node(l, c)->kind != K_declaration)
            continue;
        HUNCH_EACH_CHILD(&l->tree, c, e)
        {
            if (c_node(l, e)->field != F_declarator)
                continue;
            struct c_declarator one = c_declarator(l, e, c_specifiers(l, c));
            if (one.name == d->name) {
                d->type = one.type;
                d->is_const = one.is_const;
                return;
            }
        }
    }
}

static void parameters(struct c_lower *l, uint32_t n, uint32_t list)
{
    l->is_variadic = false;
    if (list == HUNCH_NONE)
        return;
    HUNCH_EACH_CHILD(&l->tree, list, c)
    {
        uint16_t kind = c_node(l, c)->kind;
        if (kind == K_variadic_parameter) {
            l->is_variadic = true;
        } else if (kind == K_parameter_declaration) {
            struct c_declarator d =
                c_declarator(l, c_child(l, c, F_declarator), c_specifiers(l, c));
            if (d.type != C_VOID)
                parameter(l, &d, c);
        } else if (kind == K_identifier) {
            struct c_declarator d = {.name_node = c, .name = c_name(l, c), .type = C_INT};
            old_style_type(l, n, &d);
            parameter(l, &d, c);
        }
    }
}

/* The first node below n with one of the flags, or NONE. */
static uint32_t flagged(const struct c_lower *l, uint32_t n, uint8_t flags)
{
    uint32_t after = c_node(l, n)->after;
    for (uint32_t i = n; i < after; i++)
        if (c_node(l, i)->flags & flags)
            return i;
    return HUNCH_NONE;
}

/* What was taken away before the text of node n was parsed, or NULL. It is told from now on. */
static struct hunch_cut *cut_in(struct c_lower *l, uint32_t n)
{
    struct hunch_cut *first = NULL;
    for (size_t i = 0; i < l->source->cut.count; i++) {
        struct hunch_cut *lost = &l->source->cut.items[i];
        if (lost->at >= c_node(l, n)->begin && lost->at < c_node(l, n)->end) {
            lost->is_told = true;
            first = first == NULL ? lost : first;
        }
    }
    return first;
}

static void function(struct c_lower *l, uint32_t n)
{
    struct c_specifiers s = c_specifiers(l, n);
    struct c_declarator d = c_declarator(l, c_child(l, n, F_declarator), s);
    uint32_t body = c_child(l, n, F_body);
    if (d.name == 0 || body == HUNCH_NONE || !c_type_is(l, d.type, T_FUNCTION)) {
        fault(l, HUNCH_NONE, c_line(l, c_span(l, n).begin), "syntax error");
        return;
    }
    declare_function(
        l, &d, &s,
        hunch_preprocessed_noreturn(l->source, c_node(l, n)->begin, c_node(l, body)->begin), true);
    l->b = &l->function_builder;
    hunch_build_begin(l->b, l->a);
    l->function_name = d.name;
    l->return_type = c_type(l, d.type)->of;
    l->unnamed = 0;
    l->fault = NULL;
    l->jumps.loop = HUNCH_NONE;
    uint32_t mark = c_scope_open(l);
    uint32_t list = d.parameters == HUNCH_NONE ? n : d.parameters;
    c_stmt(l, HUNCH_STMT_PARAMETERS, list, list);
    parameters(l, n, d.parameters);
    struct hunch_function f = {.name = d.name, .span = c_span(l, n)};
    f.parameter_count = (uint32_t)l->b->var.count;
    f.line = c_line(l, f.span.begin);
    f.last_line = c_line(l, f.span.end > f.span.begin ? f.span.end - 1 : f.span.end);
    uint32_t error = flagged(l, n, HUNCH_NODE_IS_ERROR),
             deep = flagged(l, n, HUNCH_NODE_IS_TOO_DEEP);
    struct hunch_cut *lost = cut_in(l, n);
    if (deep != HUNCH_NONE || lost != NULL)
        l->b->is_cut = true;
    else
        c_body(l, body);
    c_scope_close(l, mark);
    f.flags = (s.is_static ? HUNCH_FUNCTION_IS_STATIC : 0u) |
              (l->is_variadic ? HUNCH_FUNCTION_IS_VARIADIC : 0u) |
              (error != HUNCH_NONE ? HUNCH_FUNCTION_HAS_ERROR : 0u);
    bool is_cut = l->b->is_cut;
    if (hunch_build_finish(l->b, l->file, f, NULL) != HUNCH_OK) {
        c_fail(l);
        return;
    }
    uint32_t index = (uint32_t)l->file->function.count - 1;
    if (deep != HUNCH_NONE || (lost != NULL && lost->is_deep))
        fault(l, index, f.line, "nested too deeply");
    else if (is_cut)
        fault(l, index, f.line, "function too large");
    if (error != HUNCH_NONE)
        fault(l, index, c_line(l, c_span(l, error).begin), "syntax error");
    if (l->fault != NULL)
        fault(l, index, f.line, l->fault);
    l->function_name = 0;
    l->b = &l->initial_builder;
}

static void items(struct c_lower *l, uint32_t n)
{
    uint32_t begin = n == 0 ? 0 : c_node(l, n)->begin;
    HUNCH_EACH_CHILD(&l->tree, n, c)
    {
        if (l->failed || l->names->failed)
            return;
        const struct hunch_node *node = c_node(l, c);
        size_t told = l->file->fault.count;
        l->item_begin = begin;
        begin = node->end;
        switch (node->kind) {
        case K_function_definition: function(l, c); continue;
        case K_declaration: c_declaration(l, c, HUNCH_STMT_DECLARATION); break;
        case K_type_definition: c_type_definition(l, c); break;
        case K_struct_specifier:
        case K_union_specifier:
        case K_enum_specifier: c_tag(l, c); break;
        case K_translation_unit:
        case K_linkage_specification:
        case K_declaration_list: items(l, c); continue;
        case K_NONE:
            if (node->flags & HUNCH_NODE_IS_ERROR)
                items(l, c);
            break;
        default: break;
        }
        bool is_empty = node->end - node->begin == 1 && *c_text(l, c) == ';'; /* one too many */
        bool is_told = l->file->fault.count > told;
        if (node->flags & HUNCH_NODE_HAS_ERROR && !is_empty && !is_told &&
            !hunch_preprocessed_is_header(l->source, node->begin)) {
            uint32_t error = flagged(l, c, HUNCH_NODE_IS_ERROR | HUNCH_NODE_IS_TOO_DEEP);
            fault(l, HUNCH_NONE, c_line(l, c_span(l, error == HUNCH_NONE ? c : error).begin),
                  node->flags & HUNCH_NODE_IS_TOO_SLOW ? HUNCH_TREE_TOO_SLOW : "syntax error");
        }
    }
}

/* What initialises the file's globals, as a function. */
static void finish_initial(struct c_lower *l)
{
    struct hunch_builder *b = &l->initial_builder;
    if (b->stmt.count == 0 && !b->is_cut)
        return;
    struct hunch_function f = {.flags = HUNCH_FUNCTION_IS_INITIAL | HUNCH_FUNCTION_IS_STATIC};
    bool is_cut = b->is_cut;
    if (hunch_build_finish(b, l->file, f, NULL) != HUNCH_OK)
        c_fail(l);
    else if (is_cut)
        fault(l, (uint32_t)l->file->function.count - 1, 0, "initialisers too large");
}

static void release(struct c_lower *l)
{
    hunch_build_free(&l->function_builder);
    hunch_build_free(&l->initial_builder);
    c_types_free(l);
    hunch_vec_free(l->a, &l->label);
    hunch_vec_free(l->a, &l->arguments);
    hunch_vec_free(l->a, &l->global_of);
}

static hunch_status lower(struct hunch_graph_file *file, struct hunch_preprocessed *source,
                          struct hunch_name_set *names, struct hunch_error *err)
{
    struct c_lower l = {.a = file->a, .file = file, .source = source, .names = names};
    struct hunch_tree_source tree = {.language = hunch_grammar_c(),
                                     .text = source->text.items,
                                     .size = (uint32_t)source->text.count,
                                     .piece = source->piece.items,
                                     .piece_count = source->piece.count,
                                     .kinds = KINDS,
                                     .fields = FIELDS};
    hunch_status status = hunch_tree_parse(l.a, &tree, &l.tree, err);
    if (status != HUNCH_OK)
        return status;
    hunch_build_begin(&l.function_builder, l.a);
    hunch_build_begin(&l.initial_builder, l.a);
    l.b = &l.initial_builder;
    l.jumps = (struct c_jumps){HUNCH_NONE, HUNCH_NONE, HUNCH_NONE, NULL};
    if (source->fault != NULL)
        fault(&l, HUNCH_NONE, source->fault_line, source->fault);
    if (c_types_init(&l)) {
        items(&l, 0);
        finish_initial(&l);
    } else
        c_fail(&l);
    for (size_t i = 0; i < source->cut.count; i++) {
        const struct hunch_cut *lost = &source->cut.items[i];
        if (!lost->is_told)
            fault(&l, HUNCH_NONE,
                  c_line(&l, hunch_preprocessed_span(source, lost->at, lost->at).begin),
                  lost->is_deep ? "nested too deeply" : "declaration too large");
    }
    if (l.failed || names->failed)
        status = hunch_fail_memory(err, source->text.count, "a graph");
    release(&l);
    hunch_tree_free(&l.tree);
    return status;
}

bool hunch_front_c_is_built(void)
{
    return hunch_grammar_c() != NULL;
}

hunch_status hunch_front_c(const struct hunch_graph_source *source, struct hunch_graph_file *file,
                           struct hunch_error *err)
{
    if (hunch_grammar_c() == NULL)
        return hunch_fail(err, HUNCH_ERROR_UNSUPPORTED,
                          "hunch was built without the grammar of C; run `make grammars` where npm "
                          "reaches its packages, then `make`");
    struct hunch_preprocessed text = {0};
    struct hunch_name_set names;
    hunch_name_set_init(&names, file);
    hunch_status status = hunch_preprocess(source, file, &names, &text, err);
    if (status == HUNCH_OK)
        status = lower(file, &text, &names, err);
    hunch_name_set_free(&names);
    hunch_preprocessed_free(file->a, &text);
    return status;
}
