/* lua_native_regex.c: native.regex, a compiled regex as a userdata; lua/hunch/regex/object.lua is
 * its public face. The object is a program of one pattern that is searched everywhere: the same
 * code path as a scan. Its memory lies in it, so that a Lua error loses nothing.
 */
#include "lua_native.h"

#include "search.h"

#include <lauxlib.h>
#include <string.h>

#define TYPE_NAME "hunch.native.regex"

struct object {
    struct hunch_native_memory memory;
    struct hunch_machine machine;
    struct hunch_program program;
    struct hp_pattern pattern;
    struct hp_regex regex;
    struct hunch_source source; /* of the search that runs */
    struct hunch_search search;
    bool searching;
    uint64_t *slots;
};

static void end_search(struct object *o)
{
    if (o->searching)
        hunch_search_end(&o->search);
    o->searching = false;
}

static int object_free(lua_State *L)
{
    struct object *o = luaL_checkudata(L, 1, TYPE_NAME);
    end_search(o);
    hunch_machine_free(&o->machine);
    return 0;
}

/* { {first, last}, {first, last} | false, ... } */
static void push_match(lua_State *L, const struct object *o)
{
    uint32_t groups = o->regex.group_count + 1;
    lua_createtable(L, (int)groups, 0);
    for (uint32_t g = 0; g < groups; g++) {
        uint64_t start = o->slots[2 * g], end = o->slots[2 * g + 1];
        if (start == HUNCH_NOWHERE || end == HUNCH_NOWHERE) {
            lua_pushboolean(L, 0);
        } else {
            lua_createtable(L, 2, 0);
            lua_pushinteger(L, (lua_Integer)start + 1);
            lua_rawseti(L, -2, 1);
            lua_pushinteger(L, (lua_Integer)end);
            lua_rawseti(L, -2, 2);
        }
        lua_rawseti(L, -2, (lua_Integer)g + 1);
    }
}

static struct object *begin(lua_State *L)
{
    struct object *o = luaL_checkudata(L, 1, TYPE_NAME);
    size_t size;
    const char *bytes = luaL_checklstring(L, 2, &size);
    end_search(o); /* one that an error left behind */
    o->source = hunch_source_of(bytes, size);
    return o;
}

/* object:matches(bytes) -> all matches, leftmost first, not overlapping */
static int object_matches(lua_State *L)
{
    struct object *o = begin(L);
    struct hunch_error err;
    hunch_error_clear(&err);
    lua_newtable(L);
    hunch_search_begin(&o->search, &o->program, 0, &o->source, &o->machine, NULL, 0, true);
    o->searching = true;
    hunch_status status;
    for (lua_Integer n = 1;; n++) {
        bool found;
        struct hunch_span span;
        status = hunch_search_next(&o->search, &found, &span, &err);
        if (status != HUNCH_OK || !found)
            break;
        status = hunch_search_groups(&o->search, span, o->slots, &err);
        if (status != HUNCH_OK)
            break;
        push_match(L, o);
        lua_rawseti(L, -2, n);
    }
    end_search(o);
    if (status != HUNCH_OK)
        return luaL_error(L, "%s", err.message);
    return 1;
}

/* object:match_at(bytes, first) -> the match that begins at byte `first` | nil */
static int object_match_at(lua_State *L)
{
    struct object *o = begin(L);
    lua_Integer first = luaL_checkinteger(L, 3);
    luaL_argcheck(L, first >= 1 && (uint64_t)first - 1 <= o->source.text.size, 3,
                  "outside of the text");
    struct hunch_error err;
    hunch_error_clear(&err);
    struct hunch_regex_view view = hunch_program_regex(&o->program, 0);
    uint64_t at = (uint64_t)first - 1, start, end;
    bool found;
    hunch_status status = hunch_regex_find(&o->machine, &view, &o->source, at, at, HUNCH_NOWHERE,
                                           &found, &start, &end, &err);
    if (status == HUNCH_OK && found)
        status = hunch_regex_groups(&o->machine, &view, &o->source, start, end, o->slots, &err);
    if (status != HUNCH_OK)
        return luaL_error(L, "%s", err.message);
    if (found)
        push_match(L, o);
    else
        lua_pushnil(L);
    return 1;
}

static lua_Integer info_integer(lua_State *L, const char *name, lua_Integer most)
{
    lua_getfield(L, 3, name);
    int is_integer;
    lua_Integer n = lua_tointegerx(L, -1, &is_integer);
    if (!is_integer || n < 0 || n > most)
        luaL_error(L, "native.regex: info.%s is 0 to %I", name, most);
    lua_pop(L, 1);
    return n;
}

int hunch_native_regex(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"matches", object_matches}, {"match_at", object_match_at}, {NULL, NULL}};
    lua_settop(L, 3);
    luaL_checktype(L, 3, LUA_TTABLE);
    size_t code_size, class_size, first_size = 0;
    const char *code = luaL_checklstring(L, 1, &code_size),
               *classes = luaL_checklstring(L, 2, &class_size);
    luaL_argcheck(L, code_size % sizeof(struct hp_instr) == 0, 1,
                  "not a whole number of instructions");
    luaL_argcheck(L, class_size % sizeof(struct hp_class) == 0, 2, "not a whole number of classes");
    luaL_argcheck(L, code_size / sizeof(struct hp_instr) <= HP_MAX_INSTRUCTIONS, 1,
                  "too many instructions");
    size_t class_count = class_size / sizeof(struct hp_class);
    struct hp_regex info = {.code_count = (uint32_t)(code_size / sizeof(struct hp_instr)),
                            .max_length = HP_INFINITE};
    info.state_count = (uint32_t)info_integer(L, "states", HP_MAX_STATES);
    info.group_count = (uint32_t)info_integer(L, "groups", HP_MAX_GROUPS);
    lua_getfield(L, 3, "anchored");
    if (lua_toboolean(L, -1))
        info.flags = HP_REGEX_ANCHORED;
    lua_getfield(L, 3, "first"); /* stays on the stack, so that the bytes live */
    const char *first = lua_tolstring(L, -1, &first_size);
    info.first_class = first == NULL ? HP_NONE : (uint32_t)class_count;
    luaL_argcheck(L, first == NULL || first_size == sizeof(struct hp_class), 3,
                  "info.first is a class of 32 bytes");

    /* The object, then its arrays: slots, instructions, classes and the class of first bytes. */
    size_t slots_size = 2 * ((size_t)info.group_count + 1) * sizeof(uint64_t);
    struct object *o = lua_newuserdatauv(
        L, sizeof *o + slots_size + code_size + class_size + sizeof(struct hp_class), 0);
    memset(o, 0, sizeof *o);
    hunch_native_memory_init(&o->memory, L);
    hunch_machine_init(&o->machine, &o->memory.base);
    o->slots = (void *)(o + 1);
    uint8_t *to = (uint8_t *)(o + 1) + slots_size;
    o->program.instr = memcpy(to, code, code_size);
    o->program.instr_count = info.code_count;
    o->program.classes = memcpy(to + code_size, classes, class_size);
    if (first != NULL)
        memcpy(to + code_size + class_size, first, first_size);
    o->program.classes_count = (uint32_t)class_count + (first != NULL);
    o->regex = info;
    o->program.regex = &o->regex;
    o->pattern.kind = HP_PATTERN_REGEX;
    o->program.pattern = &o->pattern;
    o->program.regex_count = o->program.pattern_count = 1;
    const char *flaw = hunch_regex_check(&o->regex, o->program.instr, o->program.classes_count);
    if (flaw != NULL)
        return luaL_error(L, "native.regex: the regex %s", flaw);
    if (luaL_newmetatable(L, TYPE_NAME)) {
        luaL_newlib(L, methods);
        lua_setfield(L, -2, "__index");
        lua_pushcfunction(L, object_free);
        lua_setfield(L, -2, "__gc");
        lua_pushboolean(L, 0); /* its methods trust what is in there */
        lua_setfield(L, -2, "__metatable");
    }
    lua_setmetatable(L, -2);
    return 1;
}
