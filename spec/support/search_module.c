/* search_module: the search of one pattern (runtime/search.c) and guards, for specs. Lua module
 * support.search_module.
 *
 * search.new(spec) -> object. spec: code, classes (packed), states, groups, first (32 bytes | nil),
 * anchored, overlap, anchors = a list of { class =, length = | literals: not looked at; least,
 * most | nil, entry; prefix = "fixed" | "run" | "program"; set = | reverse = { code, classes,
 * states }; guard = max_states | nil }.
 *
 * object:search(text, options) -> a list of { {first, last} | false… }, or nil and a message; then
 * facts: everywhere, live (which way it ended), allocations, left, peak, fetches, questions,
 * status.
 *
 * - hits = list of { at, anchor } (at from 0, anchor from 1, sorted), everywhere, live (the reverse
 *   pass from the start, with `budget`), dfa (with the lazy DFA)
 *
 * - window = n: moving windows of 2 to n bytes; unknown: the size shows at the end
 *
 * - spans (no groups), count (the first result is only how many), limit = n matches
 *
 * - fail_at = n: the n-th allocation fails, with `after` all later ones too; cancel_at = n: the
 *   n-th question whether to go on, and all later ones, are told to stop; patience = n: what the
 *   machine may spend before its first question
 *
 * object:passes(text, at, anchor [, end]) -> whether the anchor's guard lets the place pass; true
 * without a guard.
 *
 * object:states() -> how many states each anchor's guard has.
 *
 * search.clock() -> seconds.
 *
 * Every window lies in a block of exactly its size, and a moved window's old block is freed:
 * AddressSanitizer sees each look outside. As with the sources of records, a window is not moved
 * when the answer is to stop.
 */
#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dfa.h"
#include "guard.h"
#include "search.h"

#define TYPE_NAME "hunch.spec.search"

struct windows {
    const uint8_t *bytes;
    uint64_t size;
    uint64_t most;
    uint64_t state; /* of a generator: windows differ in size */
    uint64_t fetches, questions, cancel_at;
    uint8_t *block;
};

/* All that a search has in C, so that a Lua error loses nothing. */
struct object {
    struct hunch_program program;
    struct hp_pattern pattern;
    struct hp_regex *regexes; /* 0: the regex, then reversed ones */
    struct hp_instr *code;
    struct hp_class *classes;
    struct hp_anchor *anchors;
    struct hp_guard *guards;
    uint32_t *words;
    uint8_t *blob;
    uint32_t code_count, class_count, regex_count, guard_count, word_count, blob_count;
    /* a running search */
    struct hunch_counting_allocator memory;
    struct hunch_machine machine;
    struct hunch_dfa_set dfa;
    struct hunch_source source;
    struct hunch_search search;
    struct windows windows;
    struct hunch_hit *hits;
    uint64_t *slots;
    bool running;
};

static void *grow(void *old, size_t count, size_t size)
{
    void *block = realloc(old, count * size + 1);
    if (block == NULL)
        abort();
    return block;
}

static void end_search(struct object *o)
{
    if (!o->running)
        return;
    hunch_search_end(&o->search);
    hunch_machine_free(&o->machine);
    hunch_dfa_set_done(&o->dfa);
    free(o->hits);
    free(o->slots);
    free(o->windows.block);
    o->windows.block = NULL;
    o->running = false;
}

static int object_free(lua_State *L)
{
    struct object *o = luaL_checkudata(L, 1, TYPE_NAME);
    end_search(o);
    free(o->regexes);
    free(o->code);
    free(o->classes);
    free(o->anchors);
    free(o->guards);
    free(o->words);
    free(o->blob);
    memset(o, 0, sizeof *o);
    return 0;
}

static const char *bytes_field(lua_State *L, int index, const char *name, size_t *size)
{
    lua_getfield(L, index, name);
    const char *bytes = lua_tolstring(L, -1, size);
    if (bytes == NULL)
        *size = 0;
    return bytes; /* stays on the stack */
}

static uint64_t integer_field(lua_State *L, int index, const char *name, uint64_t otherwise)
{
    if (lua_getfield(L, index, name) != LUA_TNIL)
        otherwise = (uint64_t)luaL_checkinteger(L, -1);
    lua_pop(L, 1);
    return otherwise;
}

static bool flag_field(lua_State *L, int index, const char *name)
{
    lua_getfield(L, index, name);
    bool on = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return on;
}

static uint32_t add_class(struct object *o, const char *bits, size_t size)
{
    if (bits == NULL || size != sizeof(struct hp_class))
        return HP_NONE;
    o->classes = grow(o->classes, o->class_count + 1, sizeof *o->classes);
    memcpy(&o->classes[o->class_count], bits, size);
    return o->class_count++;
}

/* The code, classes and states of the table at `index`, as the next regex. */
static uint32_t add_regex(lua_State *L, struct object *o, int index, uint32_t flags)
{
    size_t code_size, class_size, first_size;
    const char *code = bytes_field(L, index, "code", &code_size),
               *classes = bytes_field(L, index, "classes", &class_size);
    uint32_t first_code = o->code_count, first_class = o->class_count;
    for (size_t i = 0; i < class_size / 32; i++)
        add_class(o, classes + 32 * i, 32);
    const char *first = bytes_field(L, index, "first", &first_size);
    struct hp_regex info = {
        .code = first_code,
        .code_count = (uint32_t)(code_size / sizeof(struct hp_instr)),
        .state_count = (uint32_t)integer_field(L, index, "states", 0),
        .group_count = (uint32_t)integer_field(L, index, "groups", 0),
        .first_class = add_class(o, first, first_size),
        .flags = flags,
        .max_length = HP_INFINITE,
    };
    o->code = grow(o->code, first_code + info.code_count, sizeof *o->code);
    memcpy(o->code + first_code, code, info.code_count * sizeof *o->code);
    o->code_count += info.code_count;
    for (uint32_t i = first_code; i < o->code_count; i++)
        if (o->code[i].op == HP_OP_SET || o->code[i].op == HP_OP_RUN)
            o->code[i].x += first_class;
    const char *flaw = hunch_regex_check(&info, o->code + first_code, o->class_count);
    if (flaw != NULL)
        luaL_error(L, "the regex %s", flaw);
    o->regexes = grow(o->regexes, o->regex_count + 1, sizeof *o->regexes);
    o->regexes[o->regex_count] = info;
    return o->regex_count++;
}

static uint32_t add_guard(lua_State *L, struct object *o, uint32_t entry, uint32_t max_states)
{
    struct hunch_guard_build build;
    struct hunch_error err;
    if (hunch_guard_build(NULL, o->code, o->regexes[0].code_count, o->classes, o->class_count,
                          entry, NULL, 0, max_states, &build, &err) != HUNCH_OK)
        luaL_error(L, "%s", err.message);
    if (build.table == NULL)
        return HP_NONE;
    o->words = grow(o->words, o->word_count + build.entries / 2 + 1, sizeof *o->words);
    for (size_t i = 0; i < build.entries; i += 2)
        o->words[o->word_count + i / 2] =
            build.table[i] | (i + 1 < build.entries ? (uint32_t)build.table[i + 1] << 16 : 0);
    o->blob = grow(o->blob, o->blob_count + 256, 1);
    memcpy(o->blob + o->blob_count, build.byte_class, 256);
    o->guards = grow(o->guards, o->guard_count + 1, sizeof *o->guards);
    o->guards[o->guard_count] =
        (struct hp_guard){o->word_count, build.shift, build.state_count, o->blob_count};
    o->word_count += (uint32_t)((build.entries + 1) / 2);
    o->blob_count += 256;
    hunch_free_array(NULL, build.table, build.entries, sizeof(uint16_t));
    return o->guard_count++;
}

static struct hp_anchor read_anchor(lua_State *L, struct object *o, int index)
{
    static const char *const prefixes[] = {"fixed", "run", "program", NULL};
    size_t size;
    struct hp_anchor a = {.guard = HP_NONE, .prefix_index = HP_NONE};
    const char *bits = bytes_field(L, index, "class", &size);
    a.kind = bits != NULL ? HP_ANCHOR_CLASS : HP_ANCHOR_LITERAL;
    a.class_index = add_class(o, bits, size);
    a.class_length = (uint32_t)integer_field(L, index, "length", 0);
    a.min_before = (uint32_t)integer_field(L, index, "least", 0);
    a.max_before = (uint32_t)integer_field(L, index, "most", HP_INFINITE);
    a.entry = (uint32_t)integer_field(L, index, "entry", 0);
    lua_getfield(L, index, "prefix");
    a.prefix = (uint32_t)luaL_checkoption(L, -1, NULL, prefixes);
    if (a.prefix == HP_PREFIX_RUN) {
        bits = bytes_field(L, index, "set", &size);
        a.prefix_index = add_class(o, bits, size);
    } else if (a.prefix == HP_PREFIX_PROGRAM) {
        lua_getfield(L, index, "reverse");
        a.prefix_index = add_regex(L, o, lua_gettop(L), HP_REGEX_REVERSED);
    }
    uint32_t guard = (uint32_t)integer_field(L, index, "guard", 0);
    if (guard > 0)
        a.guard = add_guard(L, o, a.entry, guard);
    return a;
}

static int search_new(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    struct object *o = lua_newuserdatauv(L, sizeof *o, 0);
    memset(o, 0, sizeof *o);
    luaL_setmetatable(L, TYPE_NAME);
    add_regex(L, o, 1, flag_field(L, 1, "anchored") ? HP_REGEX_ANCHORED : 0);
    o->pattern.kind = HP_PATTERN_REGEX;
    o->pattern.flags = flag_field(L, 1, "overlap") ? HP_PATTERN_OVERLAP : 0;
    lua_settop(L, 2);
    if (lua_getfield(L, 1, "anchors") == LUA_TTABLE) {
        uint32_t n = (uint32_t)lua_rawlen(L, 3);
        o->anchors = grow(NULL, n, sizeof *o->anchors);
        for (uint32_t i = 0; i < n; i++) {
            lua_rawgeti(L, 3, (lua_Integer)i + 1);
            o->anchors[i] = read_anchor(L, o, 4);
            lua_settop(L, 3);
        }
        o->pattern.anchor_count = n;
    }
    struct hunch_program *p = &o->program;
    p->pattern = &o->pattern;
    p->regex = o->regexes;
    p->instr = o->code;
    p->classes = o->classes;
    p->anchor = o->anchors;
    p->guard = o->guards;
    p->word = o->words;
    p->blob = o->blob;
    lua_settop(L, 2);
    return 1;
}

static uint64_t random_below(struct windows *w, uint64_t n)
{
    w->state = w->state * 6364136223846793005u + 1442695040888963407u;
    return (w->state >> 33) % n;
}

static hunch_status fetch_window(struct hunch_source *source, uint64_t at, bool backwards,
                                 struct hunch_error *err)
{
    struct windows *w = source->ctx;
    if (hunch_source_cancelled(source))
        return hunch_fail(err, HUNCH_ERROR_CANCELLED, "the scan was cancelled");
    uint64_t length = 2 + random_below(w, w->most - 1), low, high;
    if (at > w->size)
        at = w->size;
    if (backwards) {
        high = at + 1 < w->size ? at + 1 : w->size;
        low = high > length ? high - length : 0;
    } else {
        low = at > 0 ? at - 1 : 0;
        high = low + length < w->size ? low + length : w->size;
    }
    uint8_t *block = malloc(high - low > 0 ? high - low : 1);
    if (block == NULL)
        abort();
    memcpy(block, w->bytes + low, high - low);
    free(w->block);
    w->block = block;
    w->fetches++;
    source->text.bytes = block;
    source->text.base = low;
    source->text.end = high;
    if (high == w->size)
        source->text.size = w->size;
    return HUNCH_OK;
}

static bool ask(struct hunch_source *source)
{
    struct windows *w = source->ctx;
    return ++w->questions >= w->cancel_at;
}

static void read_hits(lua_State *L, struct object *o, size_t *count)
{
    lua_getfield(L, 3, "hits");
    *count = lua_istable(L, -1) ? (size_t)lua_rawlen(L, -1) : 0;
    o->hits = grow(NULL, *count, sizeof *o->hits);
    for (size_t i = 0; i < *count; i++) {
        lua_rawgeti(L, -1, (lua_Integer)i + 1);
        lua_rawgeti(L, -1, 1);
        lua_rawgeti(L, -2, 2);
        o->hits[i].at = (uint64_t)lua_tointeger(L, -2);
        o->hits[i].anchor = (uint32_t)lua_tointeger(L, -1) - 1;
        o->hits[i].known = 0;
        lua_pop(L, 3);
    }
    lua_pop(L, 1);
}

static void push_groups(lua_State *L, const uint64_t *slots, uint32_t groups)
{
    lua_createtable(L, (int)groups, 0);
    for (uint32_t g = 0; g < groups; g++) {
        if (slots[2 * g] == HUNCH_NOWHERE || slots[2 * g + 1] == HUNCH_NOWHERE) {
            lua_pushboolean(L, 0);
        } else {
            lua_createtable(L, 2, 0);
            lua_pushinteger(L, (lua_Integer)slots[2 * g] + 1);
            lua_rawseti(L, -2, 1);
            lua_pushinteger(L, (lua_Integer)slots[2 * g + 1]);
            lua_rawseti(L, -2, 2);
        }
        lua_rawseti(L, -2, (lua_Integer)g + 1);
    }
}

static int object_search(lua_State *L)
{
    struct object *o = luaL_checkudata(L, 1, TYPE_NAME);
    size_t size, hit_count;
    const char *text = luaL_checklstring(L, 2, &size);
    luaL_checktype(L, 3, LUA_TTABLE);
    lua_settop(L, 3);
    end_search(o);
    hunch_counting_allocator_init(&o->memory, NULL);
    o->memory.fail_at = (unsigned long)integer_field(L, 3, "fail_at", 0);
    o->memory.fail_after = flag_field(L, 3, "after");
    hunch_machine_init(&o->machine, &o->memory.base);
    o->machine.patience = integer_field(L, 3, "patience", 0);
    bool everywhere = flag_field(L, 3, "everywhere"), live = flag_field(L, 3, "live"),
         spans = flag_field(L, 3, "spans");
    bool counting = flag_field(L, 3, "count");
    uint64_t most = integer_field(L, 3, "limit", HUNCH_NOWHERE),
             window = integer_field(L, 3, "window", 0);
    o->source = hunch_source_of(text, size);
    o->windows = (struct windows){
        .bytes = (const uint8_t *)text, .size = size, .most = window, .state = size + window};
    o->source.ctx = &o->windows;
    if (window > 0) {
        o->source.fetch = fetch_window;
        o->source.text =
            (struct hunch_text){NULL, 0, 0, flag_field(L, 3, "unknown") ? HUNCH_NOWHERE : size};
    }
    o->windows.cancel_at = integer_field(L, 3, "cancel_at", 0);
    if (o->windows.cancel_at > 0)
        o->source.cancelled = ask;
    o->hits = NULL;
    o->slots = NULL;
    memset(&o->search, 0, sizeof o->search);
    memset(&o->dfa, 0, sizeof o->dfa);
    o->running = true;
    read_hits(L, o, &hit_count);
    uint32_t groups = o->regexes[0].group_count + 1;
    o->slots = grow(NULL, 2 * (size_t)groups, sizeof *o->slots);

    struct hunch_error err;
    hunch_status status = HUNCH_OK;
    hunch_error_clear(&err);
    if (flag_field(L, 3, "dfa")) {
        if (!hunch_dfa_set_init(&o->dfa, &o->memory.base, o->regex_count))
            status = hunch_fail_memory(&err, 0, "the DFAs");
        o->machine.dfa = &o->dfa;
    }
    hunch_search_begin(&o->search, &o->program, 0, &o->source, &o->machine, o->hits, hit_count,
                       everywhere);
    if (live && status == HUNCH_OK)
        status =
            hunch_liveness_build(&o->search.live, &o->memory.base, &o->search.regex, &o->source, 0,
                                 size, (size_t)integer_field(L, 3, "budget", 64 << 20), &err);
    o->search.live.every_start = live && (o->pattern.flags & HP_PATTERN_OVERLAP) != 0;
    lua_newtable(L);
    uint64_t n = 0;
    while (status == HUNCH_OK && n < most) {
        bool found;
        struct hunch_span span;
        status = hunch_search_next(&o->search, &found, &span, &err);
        if (status != HUNCH_OK || !found)
            break;
        n++;
        if (counting)
            continue;
        if (spans) {
            o->slots[0] = span.start;
            o->slots[1] = span.end;
        } else {
            status = hunch_search_groups(&o->search, span, o->slots, &err);
            if (status != HUNCH_OK)
                break;
        }
        push_groups(L, o->slots, spans ? 1 : groups);
        lua_rawseti(L, 4, (lua_Integer)n);
    }
    bool went_everywhere = o->search.everywhere, went_live = o->search.live.ready;
    end_search(o);
    if (counting) {
        lua_pushinteger(L, (lua_Integer)n);
        lua_replace(L, 4);
    }
    if (status != HUNCH_OK) {
        lua_pushnil(L);
        lua_replace(L, 4);
        lua_pushstring(L, err.message);
    }
    lua_createtable(L, 0, 9);
    lua_pushboolean(L, went_everywhere);
    lua_setfield(L, -2, "everywhere");
    lua_pushboolean(L, went_live);
    lua_setfield(L, -2, "live");
    lua_pushinteger(L, (lua_Integer)o->memory.calls);
    lua_setfield(L, -2, "allocations");
    lua_pushinteger(L, (lua_Integer)o->memory.blocks);
    lua_setfield(L, -2, "left");
    lua_pushinteger(L, (lua_Integer)o->memory.peak);
    lua_setfield(L, -2, "peak");
    lua_pushinteger(L, (lua_Integer)o->windows.fetches);
    lua_setfield(L, -2, "fetches");
    lua_pushinteger(L, (lua_Integer)o->windows.questions);
    lua_setfield(L, -2, "questions");
    lua_pushinteger(L, status);
    lua_setfield(L, -2, "status");
    return status == HUNCH_OK ? 2 : 3;
}

static int object_passes(lua_State *L)
{
    struct object *o = luaL_checkudata(L, 1, TYPE_NAME);
    size_t size;
    const uint8_t *text = (const uint8_t *)luaL_checklstring(L, 2, &size);
    size_t at = (size_t)luaL_checkinteger(L, 3),
           end = (size_t)luaL_optinteger(L, 5, (lua_Integer)size);
    lua_Integer anchor = luaL_checkinteger(L, 4);
    luaL_argcheck(L, anchor >= 1 && anchor <= o->pattern.anchor_count, 4, "no such anchor");
    luaL_argcheck(L, at <= end && end <= size, 3, "outside");
    uint32_t guard = o->anchors[anchor - 1].guard;
    bool passes = true;
    if (guard != HP_NONE) {
        size_t n = end - at < HP_GUARD_DEPTH + 1 ? end - at
                                                 : HP_GUARD_DEPTH + 1; /* a guard sees no more */
        uint8_t *copy = grow(NULL, n, 1);
        memcpy(copy, text + at, n);
        passes = hunch_guard_tile(&o->guards[guard], o->words, o->blob, copy, copy + n);
        free(copy);
    }
    lua_pushboolean(L, passes);
    return 1;
}

/* object:states() -> number of states of each anchor's guard, 0 where there is none */
static int object_states(lua_State *L)
{
    struct object *o = luaL_checkudata(L, 1, TYPE_NAME);
    lua_newtable(L);
    for (uint32_t i = 0; i < o->pattern.anchor_count; i++) {
        uint32_t guard = o->anchors[i].guard;
        lua_pushinteger(L, guard == HP_NONE ? 0 : (lua_Integer)o->guards[guard].state_count);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int search_clock(lua_State *L)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    lua_pushnumber(L, (lua_Number)t.tv_sec + 1e-9 * (lua_Number)t.tv_nsec);
    return 1;
}

__attribute__((visibility("default"))) int luaopen_support_search_module(lua_State *L);

int luaopen_support_search_module(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"new", search_new}, {"clock", search_clock}, {NULL, NULL}};
    static const luaL_Reg methods[] = {{"search", object_search},
                                       {"passes", object_passes},
                                       {"states", object_states},
                                       {NULL, NULL}};
    luaL_newmetatable(L, TYPE_NAME);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, object_free);
    lua_setfield(L, -2, "__gc");
    luaL_newlib(L, functions);
    return 1;
}
