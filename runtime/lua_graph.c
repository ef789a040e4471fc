/* lua_graph.c: hunch.graph for a host's Lua: a source file's functions, and dominance between their
 * lines. A function keeps its graph by its user value. */
#include "lua_values.h"

#include <string.h>

#include "graph/dominance.h"
#include "graph/dump.h"

#define GRAPH "hunch.graph"
#define FUNCTION "hunch.graph.function"

struct graph_box {
    struct hunch_graph_file *file;
};

struct function_box {
    const struct hunch_graph_file *file;
    uint32_t index;
};

static struct hunch_graph_file *graph_at(lua_State *L, int index)
{
    return ((struct graph_box *)luaL_checkudata(L, index, GRAPH))->file;
}

static int graph_gc(lua_State *L)
{
    struct graph_box *box = luaL_checkudata(L, 1, GRAPH);
    hunch_graph_file_free(box->file);
    box->file = NULL;
    return 0;
}

/* Statements of the function that begin on a line, in a userdata that stays on the stack. */
static const uint32_t *stmts_on(lua_State *L, const struct hunch_graph_file *file,
                                const struct hunch_function *f, lua_Integer line, uint32_t *count)
{
    uint32_t n = 0;
    for (uint32_t pass = 0;; pass++) {
        uint32_t *list = pass == 0 ? NULL : lua_newuserdatauv(L, (n + 1) * sizeof *list, 0);
        n = 0;
        for (uint32_t i = f->stmt; i < f->stmt + f->stmt_count; i++) {
            const struct hunch_stmt *stmt = &file->stmt.items[i];
            if ((lua_Integer)stmt->line != line || stmt->kind == HUNCH_STMT_PARAMETERS)
                continue;
            if (list != NULL)
                list[n] = i;
            n++;
        }
        if (list != NULL) {
            *count = n;
            return list;
        }
    }
}

static int ask(lua_State *L, enum hunch_relation relation)
{
    const struct function_box *box = luaL_checkudata(L, 1, FUNCTION);
    const struct hunch_function *f = &box->file->function.items[box->index];
    lua_Integer a = luaL_checkinteger(L, 2), b = luaL_checkinteger(L, 3);
    uint32_t a_count, b_count;
    const uint32_t *a_stmt = stmts_on(L, box->file, f, a, &a_count),
                   *b_stmt = stmts_on(L, box->file, f, b, &b_count);
    if (a_count == 0 || b_count == 0) {
        lua_pushnil(L);
        return 1;
    }
    struct hunch_error err;
    bool holds;
    hunch_error_clear(&err);
    if (hunch_dominance_holds(box->file->a, box->file, box->index, relation, a_stmt, a_count,
                              b_stmt, b_count, &holds, &err) != HUNCH_OK)
        return luaL_error(L, "%s", err.message);
    lua_pushboolean(L, holds);
    return 1;
}

static int function_dominates(lua_State *L)
{
    return ask(L, HUNCH_DOMINATES);
}

static int function_post_dominates(lua_State *L)
{
    return ask(L, HUNCH_POST_DOMINATES);
}

static int function_reaches(lua_State *L)
{
    return ask(L, HUNCH_REACHES);
}

static void set_span(lua_State *L, struct hunch_extent span)
{
    lua_pushinteger(L, (lua_Integer)span.begin + 1);
    lua_setfield(L, -2, "first");
    lua_pushinteger(L, span.end);
    lua_setfield(L, -2, "last");
}

static void push_stmt(lua_State *L, const struct hunch_stmt *stmt)
{
    lua_createtable(L, 0, 4);
    lua_pushstring(L, hunch_stmt_words[stmt->kind]);
    lua_setfield(L, -2, "kind");
    lua_pushinteger(L, stmt->line);
    lua_setfield(L, -2, "line");
    set_span(L, stmt->span);
}

/* function:blocks() -> { { to = { block… }, ends = word, returns = boolean|nil, { kind, line,
 * first, last }… }… } */
static int function_blocks(lua_State *L)
{
    static const char *const ends[] = {[HUNCH_END_JUMP] = "jump",
                                       [HUNCH_END_BRANCH] = "branch",
                                       [HUNCH_END_SWITCH] = "switch",
                                       [HUNCH_END_EXIT] = "exit"};
    const struct function_box *box = luaL_checkudata(L, 1, FUNCTION);
    const struct hunch_graph_file *file = box->file;
    const struct hunch_function *f = &file->function.items[box->index];
    lua_createtable(L, (int)f->block_count, 0);
    for (uint32_t b = 0; b < f->block_count; b++) {
        const struct hunch_block *block = &file->block.items[f->block + b];
        lua_createtable(L, 0, 3);
        lua_createtable(L, (int)block->succ_count, 0);
        for (uint32_t s = 0; s < block->succ_count; s++) {
            lua_pushinteger(L, (lua_Integer)(file->link.items[block->succ + s] - f->block) + 1);
            lua_rawseti(L, -2, (lua_Integer)s + 1);
        }
        lua_setfield(L, -2, "to");
        lua_pushstring(L, ends[block->end]);
        lua_setfield(L, -2, "ends");
        if (block->end == HUNCH_END_EXIT) {
            lua_pushboolean(L, block->returns);
            lua_setfield(L, -2, "returns");
        }
        lua_rawseti(L, -2, (lua_Integer)b + 1);
    }
    for (uint32_t i = f->stmt; i < f->stmt + f->stmt_count; i++) {
        const struct hunch_stmt *stmt = &file->stmt.items[i];
        if (stmt->block == HUNCH_NONE)
            continue;
        lua_rawgeti(L, -1, (lua_Integer)(stmt->block - f->block) + 1);
        push_stmt(L, stmt);
        lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
        lua_pop(L, 1);
    }
    return 1;
}

/* Text that a collected userdata gives back: pushing it may raise an error. */
struct text_box {
    const struct hunch_allocator *a;
    hunch_text text;
};

static int text_gc(lua_State *L)
{
    struct text_box *box = lua_touserdata(L, 1);
    hunch_vec_free(box->a, &box->text);
    return 0;
}

static void push_dump(lua_State *L, const struct hunch_graph_file *file, uint32_t first,
                      uint32_t count)
{
    struct text_box *box = lua_newuserdatauv(L, sizeof *box, 0);
    *box = (struct text_box){.a = file->a};
    if (luaL_newmetatable(L, "hunch.graph.text")) {
        lua_pushcfunction(L, text_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    for (uint32_t i = first; i < first + count; i++)
        if (!hunch_graph_dump(file, i, &box->text))
            luaL_error(L, "not enough memory");
    lua_pushlstring(L, box->text.count > 0 ? box->text.items : "", box->text.count);
    hunch_vec_free(box->a, &box->text);
    lua_remove(L, -2);
}

/* function:text(), graph:text() -> what it was lowered to */
static int function_text(lua_State *L)
{
    const struct function_box *box = luaL_checkudata(L, 1, FUNCTION);
    push_dump(L, box->file, box->index, 1);
    return 1;
}

static int graph_text(lua_State *L)
{
    const struct hunch_graph_file *file = graph_at(L, 1);
    push_dump(L, file, 0, (uint32_t)file->function.count);
    return 1;
}

/* fn.name, fn.line, fn.last_line, fn.incomplete; methods are in upvalue 1. */
static int function_index(lua_State *L)
{
    const struct function_box *box = luaL_checkudata(L, 1, FUNCTION);
    const struct hunch_function *f = &box->file->function.items[box->index];
    const char *key = lua_tostring(L, 2);
    if (key == NULL)
        return 0;
    if (strcmp(key, "name") == 0)
        lua_pushstring(L, hunch_graph_name(box->file, f->name));
    else if (strcmp(key, "line") == 0)
        lua_pushinteger(L, f->line);
    else if (strcmp(key, "last_line") == 0)
        lua_pushinteger(L, f->last_line);
    else if (strcmp(key, "incomplete") == 0)
        lua_pushboolean(L, (f->flags & (HUNCH_FUNCTION_HAS_ERROR | HUNCH_FUNCTION_IS_CUT)) != 0);
    else
        lua_getfield(L, lua_upvalueindex(1), key);
    return 1;
}

/* graph:functions() -> list, in the order of the source */
static int graph_functions(lua_State *L)
{
    const struct hunch_graph_file *file = graph_at(L, 1);
    lua_createtable(L, (int)file->function.count, 0);
    lua_Integer n = 0;
    for (uint32_t i = 0; i < file->function.count; i++) {
        if (file->language == HUNCH_LANGUAGE_C &&
            (file->function.items[i].flags & HUNCH_FUNCTION_IS_INITIAL))
            continue; /* no source of the language runs there */
        struct function_box *box = lua_newuserdatauv(L, sizeof *box, 1);
        *box = (struct function_box){.file = file, .index = i};
        lua_pushvalue(L, 1);
        lua_setiuservalue(L, -2, 1);
        luaL_setmetatable(L, FUNCTION);
        lua_rawseti(L, -2, ++n);
    }
    return 1;
}

/* graph:faults() -> { { line =, reason =, function = name or nil }… } */
static int graph_faults(lua_State *L)
{
    const struct hunch_graph_file *file = graph_at(L, 1);
    lua_createtable(L, (int)file->fault.count, 0);
    for (size_t i = 0; i < file->fault.count; i++) {
        const struct hunch_graph_fault *fault = &file->fault.items[i];
        lua_createtable(L, 0, 3);
        lua_pushinteger(L, fault->line);
        lua_setfield(L, -2, "line");
        lua_pushstring(L, fault->reason);
        lua_setfield(L, -2, "reason");
        if (fault->function != HUNCH_NONE) {
            uint32_t name = file->function.items[fault->function].name;
            lua_pushstring(L, hunch_graph_name(file, name));
            lua_setfield(L, -2, "function");
        }
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* graph.faults is a field, as in docs/GRAPH.md; methods are in upvalue 1. */
static int graph_index(lua_State *L)
{
    const char *key = lua_tostring(L, 2);
    if (key != NULL && strcmp(key, "faults") == 0)
        return graph_faults(L);
    lua_pushvalue(L, 2);
    lua_gettable(L, lua_upvalueindex(1));
    return 1;
}

void hunch_lua_graph_open(lua_State *L); /* lua_core.h, which needs the engine */

static enum hunch_graph_language language_at(lua_State *L, int index)
{
    static const char *const names[] = {"c", "python", "javascript", "java", NULL};
    hunch_lua_string(L, index);
    return (enum hunch_graph_language)(luaL_checkoption(L, index, NULL, names) + HUNCH_LANGUAGE_C);
}

/* The table of what can be included is at stack index 4. */
static const uint8_t *include(void *ctx, const char *name, const char *from, size_t *size,
                              const char **found)
{
    lua_State *L = ctx;
    (void)from;
    if (!lua_checkstack(L, 3))
        return NULL;
    lua_pushnil(L);
    while (lua_next(L, 4) != 0) { /* makes no string, so that nothing can raise an error */
        const char *key = lua_tostring(L, -2);
        if (strcmp(key, name) == 0) {
            const uint8_t *bytes = (const uint8_t *)lua_tolstring(L, -1, size);
            *found = key;
            lua_pop(L, 2);
            return bytes;
        }
        lua_pop(L, 1);
    }
    return NULL;
}

static void check_includes(lua_State *L)
{
    luaL_checktype(L, 4, LUA_TTABLE);
    for (lua_pushnil(L); lua_next(L, 4) != 0; lua_pop(L, 1))
        if (lua_type(L, -2) != LUA_TSTRING || lua_type(L, -1) != LUA_TSTRING)
            luaL_error(L, "option includes must be a table of texts by name");
}

/* core.graph(language, source [, { name =, includes = { [name] = text } }]) -> graph | nil, message
 */
static int graph_new(lua_State *L)
{
    static const char *const options[] = {"name", "includes", NULL};
    struct hunch_graph_source source = {.name = ""};
    enum hunch_graph_language language = language_at(L, 1);
    source.bytes = (const uint8_t *)luaL_checklstring(L, 2, &source.size);
    lua_settop(L, 4);
    if (!lua_isnil(L, 3)) {
        luaL_checktype(L, 3, LUA_TTABLE);
        hunch_lua_fields(L, 3, options);
        source.name = hunch_lua_word(L, 3, "name", "");
        if (lua_getfield(L, 3, "includes") != LUA_TNIL) {
            lua_replace(L, 4);
            check_includes(L);
            source.include = include;
            source.ctx = L;
        }
    }
    lua_settop(L, 4);
    struct graph_box *box = lua_newuserdatauv(L, sizeof *box, 0);
    box->file = NULL;
    luaL_setmetatable(L, GRAPH);
    struct hunch_error err;
    hunch_error_clear(&err);
    if (hunch_graph_read(NULL, language, &source, &box->file, &err) != HUNCH_OK)
        return hunch_lua_fail(L, &err);
    return 1;
}

/* A metatable whose __index is `index`, with the methods in its upvalue. */
static void class(lua_State *L, const char *name, const luaL_Reg *methods, lua_CFunction index,
                  lua_CFunction gc)
{
    luaL_newmetatable(L, name);
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lua_pushcclosure(L, index, 1);
    lua_setfield(L, -2, "__index");
    if (gc != NULL) {
        lua_pushcfunction(L, gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}

void hunch_lua_graph_open(lua_State *L)
{
    static const luaL_Reg graph[] = {
        {"functions", graph_functions}, {"text", graph_text}, {NULL, NULL}};
    static const luaL_Reg function[] = {
        {"dominates", function_dominates}, {"post_dominates", function_post_dominates},
        {"reaches", function_reaches},     {"blocks", function_blocks},
        {"text", function_text},           {NULL, NULL}};
    class(L, GRAPH, graph, graph_index, graph_gc);
    class(L, FUNCTION, function, function_index, NULL);
    lua_pushcfunction(L, graph_new);
    lua_setfield(L, -2, "graph");
}
