/* link.c: files into one program: names of all files as one set of numbers, what a name means in a
 * file, globals that nobody writes, functions in the order in which they call each other. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "graph/components.h"
#include "error.h"
#include "graph/flow.h"

enum { BASES_MOST = 16 }; /* of a class, that are looked at for a field */

/* ---- names ---- */

uint32_t hunch_unit_name_add(struct hunch_unit *u, const char *text)
{
    const size_t size = strlen(text) + 1;
    assert(!u->is_shared);
    uint64_t h = 0xcbf29ce484222325u, g = 0x84222325cbf29ce4u;
    for (size_t i = 0; i + 1 < size; i++) {
        h = (h ^ (uint8_t)text[i]) * 0x100000001b3u;
        g = (g + (uint8_t)text[i]) * 0xff51afd7ed558ccdu;
        g ^= g >> 29;
    }
    for (uint32_t other = 0;; other++) { /* texts of one hash */
        const struct hunch_map_key key = {
            {(uint32_t)h, (uint32_t)(h >> 32), (uint32_t)(g >> 16), other}};
        bool added;
        /* Room first: a key without its text would be a number beyond the texts. */
        const bool room =
            hunch_vec_reserve(u->a, &u->name_at, 1) && hunch_vec_reserve(u->a, &u->text, size);
        const uint32_t number =
            room ? hunch_key_number(u->a, &u->name, key, true, &added) : UINT32_MAX;
        if (number == UINT32_MAX) {
            u->failed = true;
            return 0;
        }
        if (added) {
            u->name_at.items[u->name_at.count++] = (uint32_t)u->text.count;
            (void)hunch_vec_append(u->a, &u->text, text, size); /* there is room */
            return number;
        }
        if (strcmp(hunch_unit_text(u, number), text) == 0)
            return number;
    }
}

/* Where the name at an offset of the file has its numbers: two names begin two bytes apart. */
static size_t slot_of(uint32_t name)
{
    return ((size_t)name + 1) / 2;
}

static size_t slots_of(const struct hunch_linked_file *f)
{
    return f->graph->names.count / 2 + 1;
}

uint32_t hunch_unit_name(struct hunch_unit *u, uint32_t file, uint32_t name)
{
    struct hunch_linked_file *f = &u->file[file];
    uint32_t *number = &f->unit_name[slot_of(name)];
    assert(name == 0 || f->graph->names.items[name - 1] == '\0');
    if (*number == HUNCH_NONE)
        *number = hunch_unit_name_add(u, hunch_graph_name(f->graph, name));
    return *number;
}

/* ---- what a name means ---- */

/* How near two records' folders are: the length of what their names begin with alike, in folders.
 */
static size_t nearness(const char *l, const char *r)
{
    size_t folders = 0;
    for (size_t i = 0; l[i] != 0 && l[i] == r[i]; i++)
        folders = l[i] == '/' ? i + 1 : folders;
    return folders;
}

static size_t depth(const char *name)
{
    size_t folders = 0;
    for (; *name != 0; name++)
        folders += *name == '/';
    return folders;
}

static bool includes(const struct hunch_linked_file *f, uint32_t other)
{
    for (size_t i = 0; i < f->include.count; i++)
        if (f->include.items[i] == other)
            return true;
    return false;
}

/* Of what is called so: the file's own, then static ones of files that it includes, then the extern
 * one of the nearest folder; of equally near ones the less deep, then the first file. */
static uint32_t find_link(struct hunch_unit *u, uint32_t file, uint32_t name)
{
    const struct hunch_linked_file *f = &u->file[file];
    size_t low = 0, high = u->symbol.count;
    uint32_t best = HUNCH_NONE;
    size_t best_rank = 0, best_near = 0, best_depth = 0;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (u->symbol.items[middle].name < name)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < u->symbol.count && u->symbol.items[low].name == name; low++) {
        const struct hunch_symbol *s = &u->symbol.items[low];
        const size_t rank = s->file == file        ? 3
                            : includes(f, s->file) ? 2
                            : s->is_static         ? 0
                                                   : 1,
                     near = nearness(f->name, u->file[s->file].name),
                     deep = depth(u->file[s->file].name);
        if (rank == 0)
            continue;
        if (rank > best_rank ||
            (rank == best_rank && (near > best_near || (near == best_near && deep < best_depth)))) {
            best = s->link;
            best_rank = rank;
            best_near = near;
            best_depth = deep;
        }
    }
    if (best == HUNCH_NONE && f->graph->language == HUNCH_LANGUAGE_PYTHON)
        best = hunch_unit_dotted(u, file, name);
    return best;
}

/* The global of a name that nobody defines: one for the unit. */
static uint32_t unknown_of(struct hunch_unit *u, uint32_t file, uint32_t unit_name)
{
    while (u->unknown.count <= unit_name)
        if (!hunch_vec_push(u->a, &u->unknown, HUNCH_NONE)) {
            u->failed = true;
            return 0;
        }
    uint32_t *link = &u->unknown.items[unit_name];
    for (uint32_t g = 0; g < u->global.count && *link == HUNCH_NONE; g++)
        if (u->global.items[g].name == unit_name && u->global.items[g].file == HUNCH_NONE &&
            u->global.items[g].function == HUNCH_NONE)
            *link = g;
    if (*link != HUNCH_NONE)
        return *link;
    /* Where names stand for functions and types of libraries, too, few are ever written. */
    const enum hunch_graph_language language = u->file[file].graph->language;
    const struct hunch_unit_global g = {.name = unit_name,
                                        .file = HUNCH_NONE,
                                        .function = HUNCH_NONE,
                                        .is_written = language == HUNCH_LANGUAGE_C ||
                                                      language == HUNCH_LANGUAGE_JAVASCRIPT};
    if (!hunch_vec_push(u->a, &u->global, g)) {
        u->failed = true;
        return 0;
    }
    return *link = (uint32_t)u->global.count - 1;
}

uint32_t hunch_unit_link_of(struct hunch_unit *u, uint32_t file, uint32_t name)
{
    uint32_t *link = &u->file[file].link[slot_of(name)];
    if (*link == HUNCH_NONE) {
        uint32_t unit_name = hunch_unit_name(u, file, name), found = HUNCH_NONE;
        if (hunch_unit_is_call(u, file, unit_name)) {
            struct hunch_callees called = {.count = 0};
            bool is_known;
            hunch_unit_called(u, file, unit_name, &called, &is_known);
            if (called.count > 0)
                found = called.function[0] | HUNCH_LINK_FUNCTION;
            unit_name = hunch_unit_call_name(u, unit_name);
        } else {
            found = find_link(u, file, unit_name);
            uint32_t inherited = unit_name;
            for (int bases = 0; found == HUNCH_NONE && bases < BASES_MOST &&
                                u->file[file].graph->language == HUNCH_LANGUAGE_JAVA &&
                                hunch_unit_inherited_name(u, &inherited);
                 bases++)
                found = find_link(u, file, inherited);
        }
        *link = found != HUNCH_NONE ? found : unknown_of(u, file, unit_name);
    }
    return *link;
}

uint32_t hunch_unit_static(struct hunch_unit *u, uint32_t function, uint32_t var)
{
    const struct hunch_map_key key = {{function, var, 0, 0}};
    bool added;
    const bool room = hunch_vec_reserve(u->a, &u->local_static_global, 1) &&
                      hunch_vec_reserve(u->a, &u->global, 1);
    const uint32_t number =
        room ? hunch_key_number(u->a, &u->local_static, key, true, &added) : UINT32_MAX;
    if (number == UINT32_MAX) {
        u->failed = true;
        return 0;
    }
    if (added) {
        const struct hunch_linked_file *f = &u->file[u->function_file.items[function]];
        const struct hunch_function *source = hunch_unit_function(u, function);
        const struct hunch_var *v = &f->graph->var.items[source->var + var];
        const struct hunch_unit_global g = {
            .name = hunch_unit_name(u, u->function_file.items[function], v->name),
            .file = u->function_file.items[function],
            .function = function,
            .is_defined = true,
            .is_const = (v->flags & HUNCH_VAR_IS_CONST) != 0,
            .has_value = true,
        };
        u->local_static_global.items[u->local_static_global.count++] = (uint32_t)u->global.count;
        u->global.items[u->global.count++] = g;
    }
    return u->local_static_global.items[number];
}

/* ---- who writes globals ---- */

static void written(struct hunch_unit *u, uint32_t global, bool through_address)
{
    if (global != HUNCH_NONE && !(through_address && u->global.items[global].is_const))
        u->global.items[global].is_written = true;
}

/* The global that operation `op` is the address of, or part of, by what was found for others. */
static uint32_t global_of(struct hunch_unit *u, uint32_t function, const uint32_t *of,
                          uint32_t first, const struct hunch_op *op)
{
    const uint32_t file = u->function_file.items[function];
    const struct hunch_graph_file *graph = u->file[file].graph;
    const struct hunch_function *source = hunch_unit_function(u, function);
    uint32_t link;
    switch (op->kind) {
    case HUNCH_OP_VAR:
        if (graph->var.items[source->var + op->a].flags & HUNCH_VAR_IS_STATIC)
            return hunch_unit_static(u, function, op->a);
        return HUNCH_NONE;
    case HUNCH_OP_NAME:
        link = hunch_unit_link_of(u, file, op->a);
        return link & HUNCH_LINK_FUNCTION ? HUNCH_NONE : link;
    case HUNCH_OP_FIELD:
    case HUNCH_OP_INDEX: return op->a >= first ? of[op->a - first] : HUNCH_NONE;
    default: return HUNCH_NONE;
    }
}

/* Is it the same for whoever looks, a constant or a function? All that runs before a C program is.
 */
static bool is_fixed(struct hunch_unit *u, uint32_t function, uint32_t value)
{
    const uint32_t file = u->function_file.items[function];
    const struct hunch_graph_file *graph = u->file[file].graph;
    const struct hunch_op *op = &graph->op.items[value];
    if (graph->language != HUNCH_LANGUAGE_PYTHON || op->kind == HUNCH_OP_CONST ||
        op->kind == HUNCH_OP_STRING || op->kind == HUNCH_OP_NULL)
        return true;
    const struct hunch_op *from = op->kind == HUNCH_OP_LOAD ? &graph->op.items[op->a] : op;
    return from->kind == HUNCH_OP_NAME &&
           (hunch_unit_link_of(u, file, from->a) & HUNCH_LINK_FUNCTION);
}

/* The global that holds the object of which the place at an address is part; of C none: what a
 * pointer points to is not in the pointer. */
static uint32_t kept_in(struct hunch_unit *u, uint32_t function, uint32_t address)
{
    const uint32_t file = u->function_file.items[function];
    const struct hunch_op *all = u->file[file].graph->op.items, *op = &all[address];
    if (u->file[file].graph->language != HUNCH_LANGUAGE_PYTHON)
        return HUNCH_NONE;
    while (op->kind == HUNCH_OP_FIELD || op->kind == HUNCH_OP_INDEX || op->kind == HUNCH_OP_LOAD)
        op = &all[op->a];
    if (op->kind != HUNCH_OP_NAME)
        return HUNCH_NONE;
    const uint32_t link = hunch_unit_link_of(u, file, op->a);
    return link & HUNCH_LINK_FUNCTION ? HUNCH_NONE : link;
}

/* A constant is stored in a global of C, or Java, as it is. One that never gets another is as if
 * nobody wrote it: until it is stored, it has its initial value. */
static bool stores_constant(struct hunch_unit *u, uint32_t function, const struct hunch_op *store,
                            uint32_t global)
{
    const struct hunch_graph_file *graph = u->file[u->function_file.items[function]].graph;
    const struct hunch_op *value = &graph->op.items[store->b];
    const uint8_t to = graph->op.items[store->a].kind;
    if ((graph->language != HUNCH_LANGUAGE_C && graph->language != HUNCH_LANGUAGE_JAVA) ||
        global == HUNCH_NONE || value->kind != HUNCH_OP_CONST ||
        (to != HUNCH_OP_NAME && to != HUNCH_OP_VAR))
        return false;
    struct hunch_unit_global *g = &u->global.items[global];
    if (g->is_stored && g->stored != hunch_op_value(value))
        return false;
    g->is_stored = true;
    g->stored = hunch_op_value(value);
    return true;
}

/* What the initialiser of a global of a file gives it. */
static void begins(struct hunch_unit *u, uint32_t function, const struct hunch_op *store,
                   uint32_t global)
{
    const struct hunch_op *op = u->file[u->function_file.items[function]].graph->op.items;
    struct hunch_unit_global *g = &u->global.items[global];
    g->has_value =
        !g->is_begun && op[store->a].kind == HUNCH_OP_NAME && op[store->b].kind == HUNCH_OP_CONST;
    g->value = g->has_value ? hunch_op_value(&op[store->b]) : 0;
    g->is_begun = true;
}

/* Looks at each use of an address of a global in the function's operations [first, first + count).
 */
static void find_written(struct hunch_unit *u, uint32_t function, uint32_t first, uint32_t count,
                         uint32_t *of)
{
    const struct hunch_graph_file *graph = u->file[u->function_file.items[function]].graph;
    const bool initial = (hunch_unit_function(u, function)->flags & HUNCH_FUNCTION_IS_INITIAL) != 0;
    for (uint32_t i = 0; i < count; i++)
        of[i] = HUNCH_NONE;
    for (int again = 0; again < 2; again++) /* an operand may stand behind */
        for (uint32_t i = 0; i < count; i++)
            of[i] = global_of(u, function, of, first, &graph->op.items[first + i]);
#define OF(value) ((value) != HUNCH_NONE && (value)-first < count ? of[(value)-first] : HUNCH_NONE)
    for (uint32_t i = 0; i < count; i++) {
        const struct hunch_op *op = &graph->op.items[first + i];
        switch (op->kind) {
        case HUNCH_OP_STORE:
            if (op->flags & HUNCH_OP_IS_INITIAL) {
                const uint32_t g = OF(op->a);
                const struct hunch_op *value = &graph->op.items[op->b];
                if (g != HUNCH_NONE && u->global.items[g].function != HUNCH_NONE) {
                    const bool plain = graph->op.items[op->a].kind == HUNCH_OP_VAR &&
                                       value->kind == HUNCH_OP_CONST;
                    u->global.items[g].has_value &= plain;
                    u->global.items[g].value = plain ? hunch_op_value(value) : 0;
                } else if (g != HUNCH_NONE && initial) {
                    begins(u, function, op, g);
                }
            } else if ((!initial || !is_fixed(u, function, op->b)) &&
                       !stores_constant(u, function, op, OF(op->a))) {
                written(u, OF(op->a), false);
                written(u, kept_in(u, function, op->a), false);
            }
            written(u, OF(op->b), true);
            break;
        case HUNCH_OP_UNARY:
        case HUNCH_OP_CAST:
        case HUNCH_OP_RETURN: written(u, OF(op->a), true); break;
        case HUNCH_OP_BINARY:
            written(u, OF(op->a), true);
            written(u, OF(op->b), true);
            break;
        case HUNCH_OP_CALL:
            for (uint32_t k = op->b; k < op->b + op->c; k++)
                written(u, OF(graph->arg.items[k]), true);
            break;
        case HUNCH_OP_FIELD: /* names are there before functions are gone through */
            (void)hunch_unit_name(u, u->function_file.items[function], op->b);
            break;
        default: break;
        }
    }
#undef OF
}

/* The operations of a function: its blocks' are one run, but what can never be reached is not. */
static void ops_of(const struct hunch_graph_file *graph, const struct hunch_function *f,
                   uint32_t *first, uint32_t *count)
{
    uint32_t low = UINT32_MAX, high = 0;
    for (uint32_t b = f->block; b < f->block + f->block_count; b++) {
        const struct hunch_block *block = &graph->block.items[b];
        if (block->op_count > 0) {
            low = block->op < low ? block->op : low;
            high = block->op + block->op_count > high ? block->op + block->op_count : high;
        }
    }
    *first = low < high ? low : 0;
    *count = low < high ? high - low : 0;
}

static bool find_all_written(struct hunch_unit *u)
{
    uint32_t *of = NULL;
    uint32_t room = 0;
    for (uint32_t f = 0; f < u->function_file.count && !u->failed; f++) {
        uint32_t first, count;
        ops_of(u->file[u->function_file.items[f]].graph, hunch_unit_function(u, f), &first, &count);
        if (count > room) {
            uint32_t *more = hunch_realloc_array(u->a, of, room, count, sizeof *of);
            if (more == NULL) {
                u->failed = true;
                break;
            }
            of = more;
            room = count;
        }
        find_written(u, f, first, count, of);
    }
    hunch_free_array(u->a, of, room, sizeof *of);
    for (size_t i = 0; i < u->global.count; i++) {
        struct hunch_unit_global *g = &u->global.items[i];
        const bool known = g->is_begun || g->function != HUNCH_NONE ? g->has_value : true;
        g->is_written |= g->is_stored && (!known || g->stored != g->value);
    }
    return !u->failed;
}

/* ---- files ---- */

static int by_name(const void *left, const void *right)
{
    const struct hunch_linked_file *l = left, *r = right;
    const int order = strcmp(l->name, r->name);
    return order != 0 ? order : l->number < r->number ? -1 : 1;
}

static int by_symbol(const void *left, const void *right)
{
    const struct hunch_symbol *l = left, *r = right;
    if (l->name != r->name)
        return l->name < r->name ? -1 : 1;
    if (l->file != r->file)
        return l->file < r->file ? -1 : 1;
    return l->link < r->link ? -1 : l->link > r->link;
}

/* Whether `include` as written in a file may be the record `name`: the end of its path. */
static bool may_be(const char *name, const char *include)
{
    while (include[0] == '.' && (include[1] == '/' || (include[1] == '.' && include[2] == '/')))
        include += include[1] == '/' ? 2 : 3;
    const size_t n = strlen(name), i = strlen(include);
    return i > 0 && i <= n && strcmp(name + n - i, include) == 0 &&
           (i == n || name[n - i - 1] == '/');
}

/* Files that a file includes, and those that these include. */
static bool find_includes(struct hunch_unit *u, uint32_t file)
{
    struct hunch_linked_file *f = &u->file[file];
    for (size_t next = 0, from = file;; from = f->include.items[next++]) {
        const struct hunch_linked_file *at = &u->file[from];
        for (size_t i = 0; i < at->graph->include.count; i++) {
            const char *text = hunch_graph_name(at->graph, at->graph->include.items[i]);
            uint32_t best = HUNCH_NONE;
            for (uint32_t o = 0; o < u->file_count; o++)
                if (may_be(u->file[o].name, text) &&
                    (best == HUNCH_NONE ||
                     nearness(u->file[o].name, at->name) > nearness(u->file[best].name, at->name)))
                    best = o;
            if (best != HUNCH_NONE && best != file && !includes(f, best) &&
                !hunch_vec_push(u->a, &f->include, best))
                return false;
        }
        if (next >= f->include.count)
            return true;
    }
}

static bool add_symbols(struct hunch_unit *u, uint32_t file)
{
    struct hunch_linked_file *f = &u->file[file];
    const struct hunch_graph_file *graph = f->graph;
    f->function = (uint32_t)u->function_file.count;
    f->global = (uint32_t)u->global.count;
    f->initial = HUNCH_NONE;
    for (uint32_t i = 0; i < graph->function.count; i++) {
        const struct hunch_function *function = &graph->function.items[i];
        const struct hunch_symbol s = {hunch_unit_name(u, file, function->name), file,
                                       (f->function + i) | HUNCH_LINK_FUNCTION,
                                       (function->flags & HUNCH_FUNCTION_IS_STATIC) != 0};
        if (!hunch_vec_push(u->a, &u->function_file, file))
            return false;
        if (function->flags & HUNCH_FUNCTION_IS_INITIAL)
            f->initial = f->function + i;
        else if (!hunch_vec_push(u->a, &u->symbol, s))
            return false;
    }
    for (uint32_t i = 0; i < graph->global.count; i++) {
        const struct hunch_global *global = &graph->global.items[i];
        const struct hunch_unit_global g = {
            .name = hunch_unit_name(u, file, global->name),
            .file = file,
            .function = HUNCH_NONE,
            .is_defined = global->is_defined != 0,
            .is_const = (global->flags & HUNCH_VAR_IS_CONST) != 0,
        };
        const struct hunch_symbol s = {g.name, file, (uint32_t)u->global.count,
                                       (global->flags & HUNCH_VAR_IS_STATIC) != 0};
        if (!hunch_vec_push(u->a, &u->global, g))
            return false;
        if (g.is_defined && !(global->flags & HUNCH_VAR_IS_FUNCTION) &&
            !hunch_vec_push(u->a, &u->symbol, s))
            return false;
    }
    return !u->failed;
}

hunch_status hunch_unit_link(struct hunch_unit *u, const struct hunch_unit_file *file, size_t count,
                             struct hunch_error *err)
{
    bool ok = true;
    if (count > HUNCH_NONE / 2)
        return hunch_fail(err, HUNCH_ERROR_LIMIT, "a link unit of too many files: link less");
    u->file = hunch_alloc_zero(u->a, count * sizeof *u->file);
    if (u->file == NULL)
        return hunch_fail_memory(err, count * sizeof *u->file, "a link unit");
    u->file_count = (uint32_t)count;
    for (uint32_t i = 0; i < count; i++)
        u->file[i] =
            (struct hunch_linked_file){.graph = file[i].graph, .name = file[i].name, .number = i};
    if (count > 1)
        qsort(u->file, count, sizeof *u->file, by_name);
    (void)hunch_unit_name_add(u, "");
    u->operand[0] = hunch_unit_name_add(u, "add");
    u->operand[1] = hunch_unit_name_add(u, "subtract");
    u->operand[2] = hunch_unit_name_add(u, "multiply");
    for (uint32_t i = 0; ok && i < count; i++) {
        struct hunch_linked_file *f = &u->file[i];
        const size_t names = slots_of(f);
        f->unit_name = hunch_alloc_array(u->a, names, sizeof *f->unit_name);
        f->link = hunch_alloc_array(u->a, names, sizeof *f->link);
        ok = f->unit_name != NULL && f->link != NULL;
        for (size_t n = 0; ok && n < names; n++)
            f->unit_name[n] = f->link[n] = HUNCH_NONE;
    }
    for (uint32_t i = 0; ok && i < count; i++)
        ok = add_symbols(u, i) && hunch_unit_add_dotted(u, i) && find_includes(u, i);
    if (ok && u->symbol.count > 1)
        qsort(u->symbol.items, u->symbol.count, sizeof *u->symbol.items, by_symbol);
    if (ok && u->method.count > 1)
        qsort(u->method.items, u->method.count, sizeof *u->method.items, by_symbol);
    if (ok && u->alias.count > 1)
        qsort(u->alias.items, u->alias.count, sizeof *u->alias.items, by_symbol);
    ok = ok && find_all_written(u);
    return ok ? HUNCH_OK : hunch_fail_memory(err, count * sizeof *u->file, "a link unit");
}

void hunch_unit_unlink(struct hunch_unit *u)
{
    for (uint32_t i = 0; u->file != NULL && i < u->file_count; i++) {
        struct hunch_linked_file *f = &u->file[i];
        hunch_free_array(u->a, f->unit_name, slots_of(f), sizeof *f->unit_name);
        hunch_free_array(u->a, f->link, slots_of(f), sizeof *f->link);
        hunch_vec_free(u->a, &f->include);
    }
    hunch_free(u->a, u->file, u->file_count * sizeof *u->file);
    u->file = NULL;
    hunch_vec_free(u->a, &u->function_file);
    hunch_vec_free(u->a, &u->global);
    hunch_vec_free(u->a, &u->unknown);
    hunch_vec_free(u->a, &u->symbol);
    hunch_vec_free(u->a, &u->method);
    hunch_vec_free(u->a, &u->alias);
    hunch_vec_free(u->a, &u->local_static_global);
    hunch_key_map_free(u->a, &u->name);
    hunch_key_map_free(u->a, &u->local_static);
}

/* ---- order ---- */

/* Levels of functions, whose groups stand one behind the other in order. */
static void find_levels(uint32_t count, const uint32_t *first, const uint32_t *edge,
                        const uint32_t *order, const uint32_t *group, uint32_t *level)
{
    for (uint32_t begin = 0, end; begin < count; begin = end) {
        const uint32_t own = group[order[begin]];
        uint32_t above = 0;
        for (end = begin; end < count && group[order[end]] == own; end++)
            for (uint32_t e = first[order[end]]; e < first[order[end] + 1]; e++)
                if (group[edge[e]] != own && level[edge[e]] >= above)
                    above = level[edge[e]] + 1;
        for (uint32_t i = begin; i < end; i++)
            level[order[i]] = above;
    }
}

/* A function stands behind those that it names: calls of them, and their addresses. */
bool hunch_unit_order(struct hunch_unit *u, uint32_t *order, uint32_t *group, uint32_t *level)
{
    const uint32_t count = (uint32_t)u->function_file.count;
    HUNCH_VEC(uint32_t) edge = {0};
    uint32_t *first = hunch_alloc_array(u->a, (size_t)count + 1, sizeof *first);
    bool ok = first != NULL;
    for (uint32_t f = 0; ok && f < count; f++) {
        const uint32_t file = u->function_file.items[f];
        const struct hunch_graph_file *graph = u->file[file].graph;
        uint32_t op, ops;
        first[f] = (uint32_t)edge.count;
        ops_of(graph, hunch_unit_function(u, f), &op, &ops);
        for (uint32_t i = op; ok && i < op + ops; i++)
            if (graph->op.items[i].kind == HUNCH_OP_NAME) {
                const uint32_t link = hunch_unit_link_of(u, file, graph->op.items[i].a);
                if (hunch_unit_is_call(u, file, hunch_unit_name(u, file, graph->op.items[i].a))) {
                    struct hunch_callees called = {.count = 0};
                    bool is_known;
                    hunch_unit_called(u, file, hunch_unit_name(u, file, graph->op.items[i].a),
                                      &called, &is_known);
                    for (uint32_t c = 0; ok && c < called.count; c++)
                        ok = hunch_vec_push(u->a, &edge, called.function[c]);
                    continue;
                }
                uint32_t method[HUNCH_METHODS_MOST];
                const uint32_t methods = hunch_unit_methods(
                    u, hunch_unit_name(u, file, graph->op.items[i].a), 0, method);
                if (link & HUNCH_LINK_FUNCTION)
                    ok = hunch_vec_push(u->a, &edge, link & ~HUNCH_LINK_FUNCTION);
                for (uint32_t m = 0; ok && m < methods; m++)
                    ok = hunch_vec_push(u->a, &edge, method[m]);
            }
        /* Found earlier: { caller, callee, 0, "called" } in u->pointer. */
        for (uint32_t p = 0; ok && p < u->pointer.key.count; p++) {
            const struct hunch_map_key *key = &u->pointer.key.items[p];
            if (key->word[3] == 1 && key->word[0] == f)
                ok = hunch_vec_push(u->a, &edge, key->word[1]);
        }
    }
    if (ok) {
        first[count] = (uint32_t)edge.count;
        ok = hunch_components(u->a, count, first, edge.items, order, group);
    }
    if (ok)
        find_levels(count, first, edge.items, order, group, level);
    hunch_free_array(u->a, first, (size_t)count + 1, sizeof *first);
    hunch_vec_free(u->a, &edge);
    return ok;
}
