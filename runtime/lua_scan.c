/* lua_scan.c: scans and streams for a host's Lua: options from a table, matches as tables,
 * callbacks that may raise errors. An error in a callback ends the scan and is raised again behind
 * it, so that no C frame of the scan is jumped over. */
#include <limits.h>
#include <string.h>

#include "lua_core.h"
#include "scan.h"
#include "speculator.h"

enum { OPTIONS = 3 }; /* stack index of the options table, in every function here */

struct lua_scan {
    lua_State *L;
    struct hunch_rules *rules;
    int rules_index;
    int on_match, on_incomplete, on_progress, cancel; /* stack indices, 0: none */
    bool failed;                                      /* an error object is at error_index */
    int error_index;
};

/* ---- options ---- */

static void check_options(lua_State *L)
{
    if (lua_isnoneornil(L, OPTIONS)) {
        lua_settop(L, OPTIONS - 1);
        lua_newtable(L);
    }
    static const char *const options[] = {
        "on_match",       "on_incomplete", "on_progress", "cancel",    "deadline",
        "max_matches",    "max_file_size", "tile_size",   "threads",   "backend",
        "include",        "exclude",       "skip",        "gitignore", "profile",
        "prefilter_only", "resident",      "rules",       "tags",      "private",
        "name",           "route",         "speculate",   "policy",    "decisions",
        "link",           "link_with",     NULL};
    luaL_checktype(L, OPTIONS, LUA_TTABLE);
    lua_settop(L, OPTIONS);
    hunch_lua_fields(L, OPTIONS, options);
}

static double number_option(lua_State *L, const char *name)
{
    if (lua_getfield(L, OPTIONS, name) == LUA_TNIL) {
        lua_pop(L, 1);
        return 0;
    }
    if (!lua_isnumber(L, -1))
        luaL_error(L, "option %s must be a number", name);
    double n = lua_tonumber(L, -1);
    if (!(n >= 0))
        luaL_error(L, "option %s must not be negative", name);
    lua_pop(L, 1);
    return n;
}

static uint64_t size_option(lua_State *L, const char *name)
{
    double n = number_option(L, name);
    return n >= 9e18 ? UINT64_MAX : (uint64_t)n;
}

static bool flag_option(lua_State *L, const char *name)
{
    lua_getfield(L, OPTIONS, name);
    bool flag = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return flag;
}

/* route, speculate, policy, decisions: words. */
static void guess_options(lua_State *L, struct hunch_scan_options *o)
{
    unsigned route = 0;
    const char *word = hunch_lua_word(L, OPTIONS, "route", "auto");
    while (route < HUNCH_ROUTE_COUNT && strcmp(word, hunch_route_name(route)) != 0)
        route++;
    if (route < HUNCH_ROUTE_COUNT)
        o->routes = HUNCH_ROUTE_BIT(route);
    else if (strcmp(word, "auto") != 0)
        luaL_error(L, "there is no route \"%s\"; use auto, fused, chained or serial", word);
    word = hunch_lua_word(L, OPTIONS, "speculate", "auto");
    if (!hunch_speculation_find(word, &o->speculate))
        luaL_error(L, "speculate cannot be \"%s\"; use auto, force or disable", word);
    word = hunch_lua_word(L, OPTIONS, "policy", "cost-model");
    if (!hunch_policy_find(word, &o->policy))
        luaL_error(L, "there is no policy \"%s\"; use cost-model or commit-rate", word);
    if (lua_getfield(L, OPTIONS, "decisions") == LUA_TBOOLEAN)
        luaL_error(L, "decisions must be \"log\" or \"none\", not a boolean");
    lua_pop(L, 1);
    word = hunch_lua_word(L, OPTIONS, "decisions", "none");
    o->decisions = strcmp(word, "log") == 0;
    if (!o->decisions && strcmp(word, "none") != 0)
        luaL_error(L, "decisions must be \"log\" or \"none\"");
}

/* The strings of the table on top. The array and, for callbacks may change the table, the strings
 * stay on the stack. */
static const char *const *string_list(lua_State *L, const char *what, size_t *count)
{
    int from = lua_gettop(L);
    size_t n = lua_rawlen(L, from);
    const char **list = lua_newuserdatauv(L, (n + 1) * sizeof *list, 0);
    lua_createtable(L, n < INT_MAX ? (int)n : 0, 0);
    for (size_t i = 0; i < n; i++) {
        if (lua_rawgeti(L, from, (lua_Integer)i + 1) != LUA_TSTRING)
            luaL_error(L, "%s must be a list of strings", what);
        list[i] = lua_tostring(L, -1);
        if (strlen(list[i]) != lua_rawlen(L, -1))
            luaL_error(L, "%s: a string has a zero byte", what);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    *count = n;
    return list;
}

static const char *const *list_option(lua_State *L, const char *name, size_t *count)
{
    *count = 0;
    if (lua_getfield(L, OPTIONS, name) == LUA_TNIL)
        return NULL;
    if (!lua_istable(L, -1))
        luaL_error(L, "option %s must be a list of strings", name);
    return string_list(L, name, count);
}

static int function_option(lua_State *L, const char *name)
{
    int type = lua_getfield(L, OPTIONS, name);
    if (type == LUA_TNIL)
        return 0;
    if (type != LUA_TFUNCTION)
        luaL_error(L, "option %s must be a function", name);
    return lua_gettop(L);
}

/* A list of strings as a set on the stack, string -> whether it was met; 0: no such option. */
static int set_option(lua_State *L, const char *name)
{
    size_t count;
    const char *const *list = list_option(L, name, &count);
    if (list == NULL)
        return 0;
    lua_createtable(L, 0, count < INT_MAX ? (int)count : 0);
    for (size_t i = 0; i < count; i++) {
        lua_pushboolean(L, 0);
        lua_setfield(L, -2, list[i]);
    }
    return lua_gettop(L);
}

/* Whether the string on top, which is popped, is in the set; it was met then. */
static bool met(lua_State *L, int set)
{
    lua_pushvalue(L, -1);
    bool is = lua_rawget(L, set) != LUA_TNIL;
    lua_pop(L, 1);
    if (is) {
        lua_pushboolean(L, 1);
        lua_rawset(L, set);
    } else {
        lua_pop(L, 1);
    }
    return is;
}

/* Raises an error for the first string of the option that was not met. format: has one %s. */
static void all_met(lua_State *L, const char *name, int set, const char *format)
{
    lua_getfield(L, OPTIONS, name);
    lua_Integer n = (lua_Integer)lua_rawlen(L, -1);
    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, -1, i);
        lua_pushvalue(L, -1);
        lua_rawget(L, set);
        if (!lua_toboolean(L, -1))
            luaL_error(L, format, lua_tostring(L, -2));
        lua_pop(L, 2);
    }
    lua_pop(L, 1);
}

/* Whether one of the tags of the rule's info is in the set. All that are were met then. */
static bool met_tag(lua_State *L, int info, int set)
{
    bool found = false;
    if (lua_getfield(L, info, "tags") == LUA_TTABLE) {
        lua_Integer n = (lua_Integer)lua_rawlen(L, -1);
        for (lua_Integer i = 1; i <= n; i++) {
            lua_rawgeti(L, -1, i);
            found |= met(L, set);
        }
    }
    return found;
}

/* options.rules, options.tags, options.private: which rules to report. A choice that can report
 * nothing is an error: it would look like a scan that found nothing. */
static void choose_rules(lua_State *L, int rules_index, struct hunch_scan_options *o)
{
    struct hunch_rules *rules = hunch_lua_rules(L, rules_index);
    int names = set_option(L, "rules"), tags = set_option(L, "tags");
    bool private = flag_option(L, "private"), chose_private = false;
    if (!names && !tags && !private)
        return;
    uint32_t n = hunch_rules_count(rules),
             *chosen = lua_newuserdatauv(L, (n + 1) * sizeof *chosen, 0);
    for (uint32_t i = 0; i < n; i++) {
        size_t size;
        int top = lua_gettop(L);
        const char *name = hunch_rules_name(rules, i, &size);
        hunch_lua_rule_info(L, rules_index, rules, i);
        lua_pushlstring(L, name, size);
        bool keep = !names || met(L, names);
        if (tags)
            keep = met_tag(L, top + 1, tags) && keep;
        lua_getfield(L, top + 1, "private");
        bool hidden = !private && lua_toboolean(L, -1);
        chose_private |= keep && hidden;
        if (keep && !hidden)
            chosen[o->rule_count++] = i;
        lua_settop(L, top);
    }
    if (names)
        all_met(L, "rules", names, "option rules: no rule is named \"%s\"");
    if (tags)
        all_met(L, "tags", tags, "option tags: no rule has the tag \"%s\"");
    if (o->rule_count == 0 && (names || tags))
        luaL_error(L, chose_private
                          ? "every rule that the options rules and tags choose is private: "
                            "none would be reported; set private = true"
                          : "the options rules and tags choose no rule");
    o->rules = chosen;
}

/* ---- callbacks ---- */

/* Pushing values may raise a memory error: all of it happens in here, under lua_pcall. */
struct callback {
    struct lua_scan *scan;
    int function;
    const struct hunch_match *match;
    const struct hunch_incomplete *lost;
    const struct hunch_progress *progress;
};

static int call_back(lua_State *L)
{
    struct callback *c = lua_touserdata(L, 1); /* 2: the function, 3: the rules */
    lua_pushvalue(L, 2);
    if (c->match)
        hunch_lua_push_match(L, 3, c->scan->rules, c->match);
    else if (c->lost)
        hunch_lua_push_incomplete(L, c->scan->rules, c->lost);
    else if (c->progress) {
        hunch_lua_push_progress(L, c->progress);
    } else {
        lua_call(L, 0, 1);
        return 1;
    }
    lua_call(L, 1, 0);
    return 0;
}

/* Calls a callback; true: it returned a true value. After a failure nothing is called any more. */
static bool run_callback(struct callback *c, int results)
{
    struct lua_scan *s = c->scan;
    lua_State *L = s->L;
    if (s->failed)
        return true;
    int top = lua_gettop(L);
    bool truth = false;
    if (!lua_checkstack(L, 8)) { /* the error's place is there already */
        s->failed = true;
        return true;
    }
    lua_pushcfunction(L, call_back);
    lua_pushlightuserdata(L, c);
    lua_pushvalue(L, c->function);
    lua_pushvalue(L, s->rules_index);
    if (lua_pcall(L, 3, results, 0) != LUA_OK) {
        s->failed = true;
        lua_replace(L, s->error_index);
    } else if (results) {
        truth = lua_toboolean(L, -1);
    }
    lua_settop(L, top);
    return truth;
}

static void on_match(void *ctx, const struct hunch_match *match)
{
    struct lua_scan *s = ctx;
    struct callback c = {.scan = s, .function = s->on_match, .match = match};
    run_callback(&c, 0);
}

static void on_incomplete(void *ctx, const struct hunch_incomplete *lost)
{
    struct lua_scan *s = ctx;
    struct callback c = {.scan = s, .function = s->on_incomplete, .lost = lost};
    run_callback(&c, 0);
}

static void on_progress(void *ctx, const struct hunch_progress *progress)
{
    struct lua_scan *s = ctx;
    struct callback c = {.scan = s, .function = s->on_progress, .progress = progress};
    run_callback(&c, 0);
}

static bool on_cancel(void *ctx)
{
    struct lua_scan *s = ctx;
    struct callback c = {.scan = s, .function = s->cancel};
    if (s->failed)
        return true;
    return s->cancel && run_callback(&c, 1);
}

/* Which of the words an option is, the first where it is not there; `message` for others. */
static int word_of(lua_State *L, const char *name, const char *const words[], const char *message)
{
    int found = 0;
    const char *word = hunch_lua_word(L, OPTIONS, name, words[0]);
    while (words[found] != NULL && strcmp(words[found], word) != 0)
        found++;
    if (words[found] == NULL)
        luaL_argerror(L, OPTIONS, message);
    return found;
}

static enum hunch_resident resident_option(lua_State *L)
{
    static const char *const words[] = {"no", "copy", "in-place", NULL};
    return (enum hunch_resident)word_of(L, "resident", words,
                                        "resident is \"no\", \"copy\" or \"in-place\"");
}

static enum hunch_link link_option(lua_State *L)
{
    static const char *const words[] = {"path", "dir", "file", NULL};
    return (enum hunch_link)word_of(L, "link", words, "link is \"path\", \"dir\" or \"file\"");
}

/* The options table to C options; strings and arrays stay on the stack. */
static void read_options(lua_State *L, int rules_index, struct lua_scan *s,
                         struct hunch_scan_options *o)
{
    memset(o, 0, sizeof *o);
    memset(s, 0, sizeof *s);
    s->L = L;
    s->rules_index = rules_index;
    luaL_checkstack(L, 60, "options");
    lua_pushnil(L);
    s->error_index = lua_gettop(L);
    s->on_match = function_option(L, "on_match");
    s->on_incomplete = function_option(L, "on_incomplete");
    s->on_progress = function_option(L, "on_progress");
    s->cancel = function_option(L, "cancel");
    o->ctx = s;
    o->on_match = s->on_match ? on_match : NULL;
    o->on_incomplete = s->on_incomplete ? on_incomplete : NULL;
    o->on_progress = s->on_progress ? on_progress : NULL;
    o->cancel = on_cancel;
    o->deadline = number_option(L, "deadline");
    o->max_matches = size_option(L, "max_matches");
    o->max_file_size = size_option(L, "max_file_size");
    o->tile_size = size_option(L, "tile_size");
    o->threads = (unsigned)number_option(L, "threads");
    o->backend = hunch_lua_word(L, OPTIONS, "backend", NULL);
    o->include = list_option(L, "include", &o->include_count);
    o->exclude = list_option(L, "exclude", &o->exclude_count);
    o->skip = list_option(L, "skip", &o->skip_count);
    o->gitignore = flag_option(L, "gitignore");
    o->profile = flag_option(L, "profile");
    o->prefilter_only = flag_option(L, "prefilter_only");
    o->resident = resident_option(L);
    o->link = link_option(L);
    o->link_with = list_option(L, "link_with", &o->link_with_count);
    guess_options(L, o);
    choose_rules(L, rules_index, o);
}

/* Behind all that may close the rules. */
static void begin_scan(lua_State *L, struct lua_scan *s)
{
    s->rules = hunch_lua_rules(L, s->rules_index);
    hunch_lua_rules_use(L, s->rules_index, true);
}

/* Keeps a report until its table is made, whatever is raised meanwhile. */
struct report_box {
    struct hunch_report *report;
};

static int report_gc(lua_State *L)
{
    struct report_box *box = lua_touserdata(L, 1);
    hunch_report_free(box->report);
    box->report = NULL;
    return 0;
}

static struct report_box *new_report(lua_State *L)
{
    return hunch_lua_box(L, sizeof(struct report_box), "hunch.report", report_gc);
}

static int finish_scan(lua_State *L, struct lua_scan *s, const struct hunch_scan_options *o,
                       hunch_status status, struct report_box *box, const struct hunch_error *err)
{
    if (s->failed) {
        lua_pushvalue(L, s->error_index);
        return lua_error(L);
    }
    if (status != HUNCH_OK)
        return hunch_lua_fail(L, err);
    hunch_lua_push_result(L, s->rules_index, s->rules, o, box->report);
    return 1;
}

/* A record that lies on a device: { name =, data = address, size = }. Leaves one value. */
static void resident_record(lua_State *L, struct hunch_record *record)
{
    int whole = 0, known = 0;
    lua_getfield(L, -2, "size");
    lua_Integer size = lua_tointegerx(L, -1, &known);
    lua_pop(L, 1);
    lua_getfield(L, -2, "data");
    lua_Integer address = lua_tointegerx(L, -1, &whole);
    if (!whole || !known || size < 0 || lua_type(L, -1) != LUA_TNUMBER)
        luaL_argerror(
            L, 2, "a resident record is { name =, data = address, size = bytes }, both integers");
    record->bytes = (const void *)(uintptr_t)address;
    record->size = (size_t)size;
}

/* rules:scan("bytes" | { {name=, data=} ... }, options) */
int hunch_lua_scan(lua_State *L)
{
    struct lua_scan s;
    struct hunch_scan_options o;
    struct hunch_error err = {0};
    size_t n = 1;
    hunch_lua_rules(L, 1);
    check_options(L);
    if (lua_type(L, 2) == LUA_TSTRING) {
        lua_createtable(L, 1, 0);
        lua_createtable(L, 0, 2);
        lua_pushliteral(L, "");
        lua_setfield(L, -2, "name");
        lua_pushvalue(L, 2);
        lua_setfield(L, -2, "data");
        lua_rawseti(L, -2, 1);
        lua_replace(L, 2);
    }
    luaL_checktype(L, 2, LUA_TTABLE);
    bool resident = resident_option(L) != HUNCH_RESIDENT_NO;
    n = lua_rawlen(L, 2);
    struct hunch_record *records = lua_newuserdatauv(L, (n + 1) * sizeof *records, 0);
    lua_createtable(L, n < INT_MAX / 2 ? 2 * (int)n : 0,
                    0); /* keeps the strings: callbacks may change the caller's table */
    for (size_t i = 0; i < n; i++) {
        if (lua_rawgeti(L, 2, (lua_Integer)i + 1) != LUA_TTABLE)
            return luaL_argerror(L, 2, "a record is { name =, data = }");
        if (lua_getfield(L, -1, "name") != LUA_TSTRING && !lua_isnil(L, -1))
            return luaL_argerror(L, 2, "a record's name must be a string");
        records[i].name = luaL_optlstring(L, -1, "", &records[i].name_length);
        if (resident)
            resident_record(L, &records[i]);
        else if (lua_getfield(L, -2, "data") != LUA_TSTRING)
            return luaL_argerror(L, 2, "a record's data must be a string");
        else
            records[i].bytes = lua_tolstring(L, -1, &records[i].size);
        lua_rawseti(L, -4, 2 * (lua_Integer)i + 1);
        lua_rawseti(L, -3, 2 * (lua_Integer)i + 2);
        lua_pop(L, 1);
    }
    read_options(L, 1, &s, &o);
    struct report_box *box = new_report(L);
    begin_scan(L, &s);
    hunch_status status = hunch_scan_records(s.rules, records, n, &o, &box->report, &err);
    hunch_lua_rules_use(L, 1, false);
    return finish_scan(L, &s, &o, status, box, &err);
}

/* rules:scan_paths({ path ... }, options) */
int hunch_lua_scan_paths(lua_State *L)
{
    struct lua_scan s;
    struct hunch_scan_options o;
    struct hunch_error err = {0};
    hunch_lua_rules(L, 1);
    luaL_checktype(L, 2, LUA_TTABLE);
    check_options(L);
    size_t n;
    lua_pushvalue(L, 2);
    const char *const *paths = string_list(L, "paths", &n);
    read_options(L, 1, &s, &o);
    struct report_box *box = new_report(L);
    begin_scan(L, &s);
    hunch_status status = hunch_scan_paths(s.rules, paths, n, &o, &box->report, &err);
    hunch_lua_rules_use(L, 1, false);
    return finish_scan(L, &s, &o, status, box, &err);
}

/* ---- streams ---- */

struct stream_box {
    struct hunch_stream *stream;
};

static struct hunch_stream *check_stream(lua_State *L)
{
    struct stream_box *box = luaL_checkudata(L, 1, HUNCH_LUA_STREAM);
    luaL_argcheck(L, box->stream != NULL, 1, "the stream is finished");
    return box->stream;
}

static int stream_gc(lua_State *L)
{
    struct stream_box *box = luaL_checkudata(L, 1, HUNCH_LUA_STREAM);
    hunch_stream_free(box->stream);
    box->stream = NULL;
    return 0;
}

static int stream_feed(lua_State *L)
{
    size_t size;
    const char *bytes = luaL_checklstring(L, 2, &size);
    struct hunch_stream *stream = check_stream(L);
    struct hunch_error err = {0};
    if (hunch_stream_feed(stream, bytes, size, &err) != HUNCH_OK)
        return hunch_lua_fail(L, &err);
    lua_settop(L, 1);
    return 1;
}

static int stream_finish(lua_State *L)
{
    struct hunch_error err = {0};
    struct lua_scan s;
    struct hunch_scan_options o;
    check_stream(L);
    lua_settop(L, 1);
    lua_getiuservalue(L, 1, 1);
    lua_getiuservalue(L, 1, 2);
    read_options(L, 2, &s, &o);
    struct report_box *box = new_report(L);
    struct hunch_stream *stream = check_stream(L);
    begin_scan(L, &s);
    hunch_stream_set_options(stream, &o);
    ((struct stream_box *)lua_touserdata(L, 1))->stream = NULL; /* callbacks find it closed */
    hunch_status status = hunch_stream_finish(stream, &box->report, &err);
    hunch_lua_rules_use(L, 2, false);
    hunch_stream_free(stream);
    return finish_scan(L, &s, &o, status, box, &err);
}

/* rules:stream { name =, and the options of a scan } */
int hunch_lua_stream(lua_State *L)
{
    struct lua_scan s;
    struct hunch_scan_options o;
    struct hunch_error err = {0};
    lua_settop(L, 2);
    lua_pushvalue(L, 2);
    check_options(L);
    read_options(L, 1, &s, &o); /* what is wrong with them is said now; finish reads them again */
    struct stream_box *box = lua_newuserdatauv(L, sizeof *box, 2);
    box->stream = NULL;
    luaL_setmetatable(L, HUNCH_LUA_STREAM);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1);
    lua_pushvalue(L, OPTIONS);
    lua_setiuservalue(L, -2, 2);
    const char *name = hunch_lua_word(L, OPTIONS, "name", "");
    if (hunch_stream_new(hunch_lua_rules(L, 1), name, NULL, &box->stream, &err) != HUNCH_OK)
        return hunch_lua_fail(L, &err);
    return 1;
}

void hunch_lua_scan_open(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"feed", stream_feed}, {"finish", stream_finish}, {NULL, NULL}};
    luaL_newmetatable(L, HUNCH_LUA_STREAM);
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, stream_gc);
    lua_setfield(L, -2, "__gc");
    lua_pushcfunction(L, stream_gc);
    lua_setfield(L, -2, "__close");
    lua_pop(L, 1);
}
