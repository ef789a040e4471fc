/* unit_module: link units from sources and rules on them. Lua module support.unit_module.
 *
 *   local unit = units.new({ { name = "a.c", text = "..." } ... }, flows)
 *       a third argument: that allocation of the unit, and all behind it, fail
 *       flows: { { name, from, to } ... } as hunch.graph.flows reads them
 *   unit:solve { rule ... } -> { { rule, file, function, first line, begin, end, steps } ... }
 *       rule: { kind = "taint" | "flows_to", from = { spot ... }, to =, except =, unless = { guard
 * ... }, edges = bits }; spot: { kind = number, name =, index = }; guard: { kind =, name =, index
 * =, outcome =, compare =, with = }. steps: { { kind, file, line } ... }. Numbers of files and
 * rules from 1. unit:gaps() -> { { file, function, reason } ... } units.dump(text) -> the graphs of
 * its functions as text
 */
#include <lauxlib.h>
#include <lua.h>
#include <string.h>

#include "error.h"
#include "graph/dump.h"
#include "graph/unit.h"

HUNCH_API int luaopen_support_unit_module(lua_State *L);

static const char type_name[] = "hunch.spec.unit";

struct object {
    struct hunch_counting_allocator memory;
    struct hunch_graph_file **file;
    struct hunch_unit_file *unit_file;
    struct hunch_graph_source *source;
    size_t count;
    struct hunch_unit *unit;
};

static const uint8_t *include(void *ctx, const char *name, const char *from, size_t *size,
                              const char **found)
{
    const struct object *o = ctx;
    (void)from;
    while (strncmp(name, "../", 3) == 0)
        name += 3;
    const size_t n = strlen(name);
    for (size_t i = 0; i < o->count; i++) {
        const size_t s = strlen(o->source[i].name);
        if (s >= n && strcmp(o->source[i].name + s - n, name) == 0 &&
            (s == n || o->source[i].name[s - n - 1] == '/')) {
            *size = o->source[i].size;
            *found = o->source[i].name;
            return o->source[i].bytes;
        }
    }
    return NULL;
}

static int unit_free(lua_State *L)
{
    struct object *o = luaL_checkudata(L, 1, type_name);
    hunch_unit_free(o->unit);
    for (size_t i = 0; i < o->count; i++)
        hunch_graph_file_free(o->file[i]);
    o->unit = NULL;
    o->count = 0;
    if (atomic_load(&o->memory.blocks) != 0)
        return luaL_error(L, "%d blocks leak", (int)atomic_load(&o->memory.blocks));
    return 0;
}

/* The number in field `name` of the table on top. */
static uint32_t number(lua_State *L, const char *name)
{
    lua_getfield(L, -1, name);
    const uint32_t value =
        lua_isboolean(L, -1) ? (uint32_t)lua_toboolean(L, -1) : (uint32_t)lua_tointeger(L, -1);
    lua_pop(L, 1);
    return value;
}

static const char *text(lua_State *L, const char *name)
{
    lua_getfield(L, -1, name);
    const char *value = lua_tostring(L, -1); /* the table keeps it */
    lua_pop(L, 1);
    return value != NULL ? value : "";
}

static struct hunch_flow_end flow_end(lua_State *L, const char *name)
{
    struct hunch_flow_end end;
    lua_getfield(L, -1, name);
    end.returned = number(L, "returned") != 0;
    end.pointed = number(L, "pointed") != 0;
    end.outside = number(L, "outside") != 0;
    end.index = number(L, "index") | (number(L, "on") ? HUNCH_INDEX_AND_ON : 0);
    lua_pop(L, 1);
    return end;
}

static int unit_new(lua_State *L)
{
    const size_t count = (size_t)lua_rawlen(L, 1), flows = (size_t)lua_rawlen(L, 2);
    const unsigned long fail_at = (unsigned long)luaL_optinteger(L, 3, 0);
    struct hunch_error err;
    struct object *o = lua_newuserdatauv(L, sizeof *o, 3);
    memset(o, 0, sizeof *o);
    luaL_setmetatable(L, type_name);
    hunch_counting_allocator_init(&o->memory, NULL);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1);
    o->file = lua_newuserdatauv(
        L, (count + 1) * (sizeof *o->file + sizeof *o->unit_file + sizeof *o->source), 0);
    o->unit_file = (struct hunch_unit_file *)(o->file + count + 1);
    o->source = (struct hunch_graph_source *)(o->unit_file + count + 1);
    lua_setiuservalue(L, -2, 2);
    struct hunch_library_flow *library = lua_newuserdatauv(L, (flows + 1) * sizeof *library, 0);
    lua_pushvalue(L, 2);
    lua_setiuservalue(L, -3, 3);
    for (size_t i = 0; i < flows; i++) {
        lua_rawgeti(L, 2, (lua_Integer)i + 1);
        library[i].name = text(L, "name");
        library[i].language = HUNCH_LANGUAGE_C;
        library[i].from = flow_end(L, "from");
        library[i].to = flow_end(L, "to");
        lua_pop(L, 1);
    }
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, 1, (lua_Integer)i + 1);
        lua_getfield(L, -1, "name");
        o->source[i].name = lua_tostring(L, -1);
        lua_pop(L, 1);
        lua_getfield(L, -1, "text");
        o->source[i].bytes = (const uint8_t *)lua_tolstring(L, -1, &o->source[i].size);
        o->source[i].include = include;
        o->source[i].ctx = o;
        lua_pop(L, 2);
    }
    o->count = count;
    memset(o->file, 0, count * sizeof *o->file);
    for (size_t i = 0; i < count; i++) {
        hunch_error_clear(&err);
        if (hunch_graph_read(&o->memory.base, HUNCH_LANGUAGE_C, &o->source[i], &o->file[i], &err) !=
            HUNCH_OK)
            return luaL_error(L, "%s", err.message);
        o->unit_file[i] = (struct hunch_unit_file){o->file[i], o->source[i].name};
    }
    o->memory.fail_at = fail_at > 0 ? atomic_load(&o->memory.calls) + fail_at : 0;
    o->memory.fail_after = true;
    hunch_error_clear(&err);
    if (hunch_unit_new(&o->memory.base, o->unit_file, count, library, flows, 1, &o->unit, &err) !=
        HUNCH_OK)
        return luaL_error(L, "%s", err.message);
    lua_pop(L, 1);
    return 1;
}

/* The list in field `name` of the table on top, each read by a macro's body. Memory is Lua's. */
static struct hunch_spot *spots(lua_State *L, const char *name, size_t *count, int keep)
{
    lua_getfield(L, -1, name);
    *count = lua_istable(L, -1) ? (size_t)lua_rawlen(L, -1) : 0;
    struct hunch_spot *list = lua_newuserdatauv(L, (*count + 1) * sizeof *list, 0);
    lua_rawseti(L, keep, (lua_Integer)lua_rawlen(L, keep) + 1);
    for (size_t i = 0; i < *count; i++) {
        lua_rawgeti(L, -1, (lua_Integer)i + 1);
        list[i].kind = (enum hunch_spot_kind)number(L, "kind");
        list[i].name = text(L, "name");
        list[i].index = number(L, "index");
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return list;
}

static struct hunch_guard *guards(lua_State *L, size_t *count, int keep)
{
    lua_getfield(L, -1, "unless");
    *count = lua_istable(L, -1) ? (size_t)lua_rawlen(L, -1) : 0;
    struct hunch_guard *list = lua_newuserdatauv(L, (*count + 1) * sizeof *list, 0);
    lua_rawseti(L, keep, (lua_Integer)lua_rawlen(L, keep) + 1);
    for (size_t i = 0; i < *count; i++) {
        lua_rawgeti(L, -1, (lua_Integer)i + 1);
        list[i].kind = (enum hunch_guard_kind)number(L, "kind");
        list[i].name = text(L, "name");
        list[i].index = number(L, "index");
        list[i].outcome = number(L, "outcome") != 0;
        list[i].compare = (enum hunch_operator)number(L, "compare");
        list[i].with = (enum hunch_guard_with)number(L, "with");
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return list;
}

static uint32_t line_of(const struct hunch_graph_file *file, uint32_t at)
{
    uint32_t line = 0;
    while (line < file->line.count && file->line.items[line] <= at)
        line++;
    return line;
}

static void push_number(lua_State *L, lua_Integer value, lua_Integer at)
{
    lua_pushinteger(L, value);
    lua_rawseti(L, -2, at);
}

static int unit_solve(lua_State *L)
{
    struct object *o = luaL_checkudata(L, 1, type_name);
    const size_t count = (size_t)lua_rawlen(L, 2);
    struct hunch_error err;
    const struct hunch_graph_finding *finding;
    size_t findings;
    lua_newtable(L);
    const int keep = lua_gettop(L);
    struct hunch_graph_rule *rule = lua_newuserdatauv(L, (count + 1) * sizeof *rule, 0);
    memset(rule, 0, (count + 1) * sizeof *rule);
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, 2, (lua_Integer)i + 1);
        rule[i].kind =
            strcmp(text(L, "kind"), "flows_to") == 0 ? HUNCH_GRAPH_FLOWS_TO : HUNCH_GRAPH_TAINT;
        rule[i].language = HUNCH_LANGUAGE_C;
        rule[i].edges = number(L, "edges");
        rule[i].from = spots(L, "from", &rule[i].from_count, keep);
        rule[i].to = spots(L, "to", &rule[i].to_count, keep);
        rule[i].except = spots(L, "except", &rule[i].except_count, keep);
        rule[i].guard = guards(L, &rule[i].guard_count, keep);
        lua_pop(L, 1);
    }
    hunch_error_clear(&err);
    if (hunch_unit_solve(o->unit, rule, count, &finding, &findings, &err) != HUNCH_OK)
        return luaL_error(L, "%s", err.message);
    lua_createtable(L, (int)findings, 0);
    for (size_t i = 0; i < findings; i++) {
        const struct hunch_graph_finding *f = &finding[i];
        const struct hunch_graph_file *file = o->file[f->file];
        lua_newtable(L);
        push_number(L, f->rule + 1, 1);
        push_number(L, f->file + 1, 2);
        lua_pushstring(L, hunch_graph_name(file, file->function.items[f->function].name));
        lua_rawseti(L, -2, 3);
        push_number(L, line_of(file, f->span.begin), 4);
        push_number(L, f->span.begin, 5);
        push_number(L, f->span.end, 6);
        lua_newtable(L);
        for (size_t s = 0; s < f->step_count; s++) {
            lua_newtable(L);
            push_number(L, f->step[s].kind, 1);
            push_number(L, f->step[s].file + 1, 2);
            push_number(L, line_of(o->file[f->step[s].file], f->step[s].span.begin), 3);
            lua_rawseti(L, -2, (lua_Integer)s + 1);
        }
        lua_rawseti(L, -2, 7);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int unit_gaps(lua_State *L)
{
    struct object *o = luaL_checkudata(L, 1, type_name);
    const struct hunch_graph_gap *gap;
    const size_t count = hunch_unit_gaps(o->unit, &gap);
    lua_newtable(L);
    for (size_t i = 0; i < count; i++) {
        const struct hunch_graph_file *file = o->file[gap[i].file];
        lua_newtable(L);
        push_number(L, gap[i].file + 1, 1);
        lua_pushstring(L, gap[i].function == HUNCH_NONE
                              ? ""
                              : hunch_graph_name(file, file->function.items[gap[i].function].name));
        lua_rawseti(L, -2, 2);
        lua_pushstring(L, gap[i].reason);
        lua_rawseti(L, -2, 3);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int unit_dump(lua_State *L)
{
    struct hunch_graph_source source = {.name = "dump.c"};
    struct hunch_graph_file *file;
    struct hunch_error err;
    hunch_text out = {0};
    source.bytes = (const uint8_t *)luaL_checklstring(L, 1, &source.size);
    hunch_error_clear(&err);
    if (hunch_graph_read(NULL, HUNCH_LANGUAGE_C, &source, &file, &err) != HUNCH_OK)
        return luaL_error(L, "%s", err.message);
    for (uint32_t f = 0; f < file->function.count; f++)
        (void)hunch_graph_dump(file, f, &out);
    lua_pushlstring(L, out.items, out.count);
    hunch_vec_free(NULL, &out);
    hunch_graph_file_free(file);
    return 1;
}

static int unit_bytes(lua_State *L)
{
    const struct object *o = luaL_checkudata(L, 1, type_name);
    lua_pushinteger(L, (lua_Integer)atomic_load(&o->memory.bytes));
    lua_pushinteger(L, (lua_Integer)atomic_load(&o->memory.peak));
    return 2;
}

static const luaL_Reg methods[] = {
    {"solve", unit_solve}, {"gaps", unit_gaps}, {"bytes", unit_bytes}, {NULL, NULL}};
static const luaL_Reg functions[] = {{"new", unit_new}, {"dump", unit_dump}, {NULL, NULL}};

int luaopen_support_unit_module(lua_State *L)
{
    luaL_newmetatable(L, type_name);
    luaL_setfuncs(L, methods, 0);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, unit_free);
    lua_setfield(L, -2, "__gc");
    luaL_newlib(L, functions);
    return 1;
}
