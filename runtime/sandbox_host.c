/* sandbox_host.c: host stages: one call of a rule's Lua function about one match.
 *
 * Before the first call the sandbox is sealed, after every call it is put back (sandbox_memory.c),
 * so a call costs its own work and one copy of the live heap. What the function may see is built
 * here, what it answers is judged here; an answer that is not understood is an error, never "no
 * match".
 */
#include "sandbox_state.h"
#include "alloc.h"

#include <lauxlib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

struct call {
    size_t index;
    const struct hunch_host_match *match;
    const struct hunch_host_record *record;
    int defined; /* out: the line of the function */
};

/* ---- what the function sees ---- */

static void set_bytes(lua_State *L, const char *name, struct hunch_host_bytes bytes)
{
    if (bytes.size == 0)
        return;
    lua_pushlstring(L, bytes.data, bytes.size);
    lua_setfield(L, -2, name);
}

static void set_integer(lua_State *L, const char *name, uint64_t n)
{
    lua_pushinteger(L, (lua_Integer)n);
    lua_setfield(L, -2, name);
}

/* Pushes { first, last, text = } or false. */
static void push_capture(lua_State *L, const struct hunch_host_match *match,
                         struct hunch_host_span span)
{
    if (span.begin > span.end) {
        lua_pushboolean(L, 0);
        return;
    }
    lua_createtable(L, 2, 1);
    lua_pushinteger(L, (lua_Integer)span.begin + 1);
    lua_rawseti(L, -2, 1);
    lua_pushinteger(L, (lua_Integer)span.end);
    lua_rawseti(L, -2, 2);
    if (span.begin >= match->span.begin && span.end <= match->span.end &&
        span.end - match->span.begin <= match->text.size) {
        lua_pushlstring(L, match->text.data + (span.begin - match->span.begin),
                        (size_t)(span.end - span.begin));
        lua_setfield(L, -2, "text");
    }
}

static void push_match(lua_State *L, const struct hunch_host_match *match)
{
    lua_createtable(L, 0, 9);
    set_bytes(L, "rule", match->rule);
    set_bytes(L, "title", match->title);
    set_bytes(L, "severity", match->severity);
    lua_pushlstring(L, match->text.data == NULL ? "" : match->text.data, match->text.size);
    lua_setfield(L, -2, "text");
    set_integer(L, "first", match->span.begin + 1);
    set_integer(L, "last", match->span.end);
    if (match->line > 0)
        set_integer(L, "line", match->line);
    if (match->column > 0)
        set_integer(L, "column", match->column);
    lua_newtable(L);
    for (size_t i = 0; i < match->capture_count; i++) {
        push_capture(L, match, match->captures[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "captures");
}

/* record:sub(first [, last]): as string.sub, of the record's bytes */
static int record_sub(lua_State *L)
{
    struct hunch_sandbox *sb = sandbox_of(L);
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer size = sb->record == NULL ? 0 : (lua_Integer)sb->record->size;
    lua_Integer first = luaL_checkinteger(L, 2), last = luaL_optinteger(L, 3, -1);
    if (first < 0)
        first = first < -size ? 1 : size + first + 1;
    if (first == 0)
        first = 1;
    if (last < 0)
        last = last < -size ? 0 : size + last + 1;
    if (last > size)
        last = size;
    if (first > last) {
        lua_pushliteral(L, "");
        return 1;
    }
    size_t n = (size_t)(last - first) + 1;
    sandbox_spend(L, 1 + n / SANDBOX_BYTES_A_UNIT);
    luaL_Buffer b;
    char *to = luaL_buffinitsize(L, &b, n);
    if (!sb->record->read(sb->record->read_data, (uint64_t)first - 1, n, to))
        return luaL_error(L, "bytes %I to %I of the record cannot be read", (LUAI_UACINT)first,
                          (LUAI_UACINT)last);
    luaL_pushresultsize(&b, n);
    return 1;
}

static void push_record(lua_State *L, const struct hunch_host_record *record)
{
    lua_createtable(L, 0, 3);
    lua_pushlstring(L, record->name.data == NULL ? "" : record->name.data, record->name.size);
    lua_setfield(L, -2, "name");
    set_integer(L, "size", record->size);
    lua_pushcfunction(L, record_sub);
    lua_setfield(L, -2, "sub");
}

/* ---- what it answers ---- */

static void add_json_text(lua_State *L, luaL_Buffer *b, const char *s, size_t n)
{
    sandbox_spend(L, 1 + n);
    luaL_addchar(b, '"');
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        char code[8];
        if (c == '"' || c == '\\') {
            luaL_addchar(b, '\\');
            luaL_addchar(b, (char)c);
        } else if (c < 0x20) {
            snprintf(code, sizeof code, "\\u%04x", c);
            luaL_addstring(b, code);
        } else {
            luaL_addchar(b, (char)c);
        }
    }
    luaL_addchar(b, '"');
}

static bool is_utf8(const char *s, size_t n)
{
    const unsigned char *p = (const unsigned char *)s, *end = p + n;
    while (p < end) {
        unsigned c = *p++, more = c < 0x80   ? 0
                                  : c < 0xC2 ? 9
                                  : c < 0xE0 ? 1
                                  : c < 0xF0 ? 2
                                  : c < 0xF5 ? 3
                                             : 9;
        if (more == 9 || (size_t)(end - p) < more)
            return false;
        if ((c == 0xE0 && *p < 0xA0) || (c == 0xED && *p > 0x9F) || (c == 0xF0 && *p < 0x90) ||
            (c == 0xF4 && *p > 0x8F))
            return false;
        for (; more > 0; more--)
            if ((*p++ & 0xC0) != 0x80)
                return false;
    }
    return true;
}

static const char *check_text(lua_State *L, int index, const char *what, size_t *size)
{
    if (lua_type(L, index) != LUA_TSTRING)
        luaL_error(L, "the change '%s' must be a string, not a %s", what, luaL_typename(L, index));
    const char *text = lua_tolstring(L, index, size);
    sandbox_spend(L, 1 + *size);
    if (!is_utf8(text, *size))
        luaL_error(L, "the change '%s' must be UTF-8 text", what);
    return text;
}

static void add_json_value(lua_State *L, luaL_Buffer *b, int index)
{
    size_t n;
    char number[40];
    switch (lua_type(L, index)) {
    case LUA_TSTRING: {
        const char *s = check_text(L, index, "meta", &n);
        add_json_text(L, b, s, n);
        return;
    }
    case LUA_TBOOLEAN: luaL_addstring(b, lua_toboolean(L, index) ? "true" : "false"); return;
    case LUA_TNUMBER:
        if (lua_isinteger(L, index))
            snprintf(number, sizeof number, LUA_INTEGER_FMT, lua_tointeger(L, index));
        else if (isfinite(lua_tonumber(L, index)))
            snprintf(number, sizeof number, "%.17g", lua_tonumber(L, index));
        else
            luaL_error(L, "a number in the change 'meta' is not finite");
        luaL_addstring(b, number);
        return;
    default:
        luaL_error(L, "the change 'meta' may hold strings, numbers and booleans, not a %s",
                   luaL_typename(L, index));
    }
}

/* Pushes the JSON text of the flat table at index, keys sorted. */
static void push_json(lua_State *L, int index)
{
    lua_newtable(L);
    int keys = lua_gettop(L);
    lua_Integer n = 0;
    lua_pushnil(L);
    while (lua_next(L, index)) {
        size_t size;
        if (lua_type(L, -2) != LUA_TSTRING)
            luaL_error(L, "the keys of the change 'meta' must be strings");
        check_text(L, -2, "meta", &size);
        lua_pop(L, 1);
        lua_pushvalue(L, -1);
        lua_rawseti(L, keys, ++n);
    }
    sandbox_sort_keys(L, keys, n);
    luaL_checkstack(L, 12, "too many values");
    int value = lua_gettop(L) + 2, key = value - 1;
    lua_settop(L, value); /* below the buffer, which moves the top */
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    luaL_addchar(&b, '{');
    for (lua_Integer i = 1; i <= n; i++) {
        size_t size;
        lua_rawgeti(L, keys, i);
        lua_replace(L, key);
        lua_pushvalue(L, key);
        lua_rawget(L, index);
        lua_replace(L, value);
        if (i > 1)
            luaL_addchar(&b, ',');
        const char *s = lua_tolstring(L, key, &size);
        add_json_text(L, &b, s, size);
        luaL_addchar(&b, ':');
        add_json_value(L, &b, value);
    }
    luaL_addchar(&b, '}');
    luaL_pushresult(&b);
}

/* Bytes of an answer must outlive the state's memory: they go behind each other into change_bytes.
 */
static void keep_bytes(lua_State *L, size_t *used, const char *data, size_t size,
                       struct hunch_host_bytes *to)
{
    struct hunch_sandbox *sb = sandbox_of(L);
    if (sb->change_capacity - *used < size) {
        size_t capacity = *used + size + 256;
        char *bytes =
            hunch_realloc(sb->options.allocator, sb->change_bytes, sb->change_capacity, capacity);
        if (bytes == NULL)
            luaL_error(L, "there is not enough memory for the changes");
        sb->change_bytes = bytes;
        sb->change_capacity = capacity;
    }
    memcpy(sb->change_bytes + *used, data, size);
    to->size = size;
    *used += size; /* `data` is set when all are there: the block may still move */
}

static lua_Integer span_end(lua_State *L, const char *name, lua_Integer otherwise)
{
    lua_pushstring(L, name);
    if (lua_rawget(L, 1) == LUA_TNIL)
        return otherwise;
    if (!lua_isinteger(L, -1))
        luaL_error(L, "the change '%s' must be an integer", name);
    return lua_tointeger(L, -1);
}

static bool push_raw(lua_State *L, const char *name)
{
    lua_pushstring(L, name);
    return lua_rawget(L, 1) != LUA_TNIL;
}

/* Names the bytewise first field of the table at index 1 that is no change, whatever order it is
 * walked in. */
static void check_names(lua_State *L)
{
    static const char *const known[] = {"first", "last", "severity", "title", "meta"};
    const char *wrong = NULL;
    bool others = false;
    lua_pushnil(L);
    while (lua_next(L, 1)) {
        lua_pop(L, 1);
        sandbox_spend(L, 1);
        if (lua_type(L, -1) != LUA_TSTRING) {
            others = true;
            continue;
        }
        const char *name = lua_tostring(L, -1); /* lives: it is a key */
        bool found = false;
        for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
            found = found || strcmp(name, known[i]) == 0;
        if (!found && (wrong == NULL || strcmp(name, wrong) < 0))
            wrong = name;
    }
    if (wrong != NULL || others)
        luaL_error(L, "unknown change '%s'; first, last, severity, title and meta can be changed",
                   wrong != NULL ? wrong : "(not a name)");
}

/* The table of changes is at index 1, alone on the stack. */
static void read_changes(lua_State *L, const struct call *call)
{
    static const char *const severities[] = {"info", "low", "medium", "high", "critical"};
    struct hunch_sandbox *sb = sandbox_of(L);
    struct hunch_host_changes *changes = &sb->changes;
    size_t size, used = 0;
    check_names(L);
    lua_Integer first = span_end(L, "first", (lua_Integer)call->match->span.begin + 1);
    lua_Integer last = span_end(L, "last", (lua_Integer)call->match->span.end);
    if (first < 1 || last < first - 1 || (uint64_t)last > call->record->size)
        luaL_error(L, "the changed span %I to %I does not lie in the record", (LUAI_UACINT)first,
                   (LUAI_UACINT)last);
    changes->span.begin = (uint64_t)first - 1;
    changes->span.end = (uint64_t)last;
    changes->has_span = changes->span.begin != call->match->span.begin ||
                        changes->span.end != call->match->span.end;
    if (push_raw(L, "severity")) {
        const char *severity = check_text(L, -1, "severity", &size);
        bool known = false;
        for (size_t i = 0; i < sizeof severities / sizeof severities[0]; i++)
            known = known || strcmp(severity, severities[i]) == 0;
        if (!known)
            luaL_error(L, "the change 'severity' must be info, low, medium, high or critical");
        keep_bytes(L, &used, severity, size, &changes->severity);
    }
    if (push_raw(L, "title")) {
        const char *title = check_text(L, -1, "title", &size);
        keep_bytes(L, &used, title, size, &changes->title);
    }
    if (push_raw(L, "meta")) {
        if (lua_type(L, -1) != LUA_TTABLE)
            luaL_error(L, "the change 'meta' must be a table");
        push_json(L, lua_gettop(L));
        const char *json = lua_tolstring(L, -1, &size);
        keep_bytes(L, &used, json, size, &changes->meta);
    }
}

static int call_body(lua_State *L)
{
    struct call *call = lua_touserdata(L, 1);
    struct hunch_sandbox *sb = sandbox_of(L);
    lua_Debug info;
    lua_getfield(L, LUA_REGISTRYINDEX, SANDBOX_KEY_HOSTS);
    lua_rawgeti(L, -1, (lua_Integer)call->index);
    lua_pushvalue(L, -1);
    lua_getinfo(L, ">S", &info);
    call->defined = info.linedefined;
    lua_replace(L, 1);
    lua_settop(L, 1);
    push_match(L, call->match);
    push_record(L, call->record);
    lua_call(L, 2, 1);
    if (lua_isboolean(L, 1)) {
        sb->verdict = lua_toboolean(L, 1) ? HUNCH_HOST_ACCEPT : HUNCH_HOST_REJECT;
    } else if (lua_istable(L, 1)) {
        read_changes(L, call);
        sb->verdict = HUNCH_HOST_CHANGE;
    } else {
        return luaL_error(L,
                          "a host function must return true, false or a table of changes, not %s",
                          lua_isnil(L, 1) ? "nil" : luaL_typename(L, 1));
    }
    return 0;
}

/* ---- the call ---- */

static bool ready(struct hunch_sandbox *sb, size_t index, struct hunch_sandbox_error *err)
{
    if (!sb->loaded || !sb->options.hosts_only || index < 1 || index > sb->host_count) {
        sb->line = sb->recent_line = 0;
        sandbox_report(sb, HUNCH_SANDBOX_SCRIPT,
                       "the rule file has no such host function; compile the rules again", err);
        return false;
    }
    if (!sb->sealed) {
        lua_gc(sb->L, LUA_GCCOLLECT);
        if (!sandbox_seal(sb)) {
            sandbox_report(sb, HUNCH_SANDBOX_NO_MEMORY, NULL, err);
            return false;
        }
    }
    return true;
}

enum hunch_host_verdict hunch_sandbox_call(struct hunch_sandbox *sb, size_t index,
                                           const struct hunch_host_match *match,
                                           const struct hunch_host_record *record,
                                           struct hunch_host_changes *changes,
                                           struct hunch_sandbox_error *err)
{
    struct call call = {index, match, record, 0};
    size_t n = match->rule.size < sizeof sb->rule - 1 ? match->rule.size : sizeof sb->rule - 1;
    if (n > 0)
        memcpy(sb->rule, match->rule.data, n);
    sb->rule[n] = '\0';
    memset(changes, 0, sizeof *changes);
    if (!ready(sb, index, err))
        return HUNCH_HOST_FAILED;
    memset(&sb->changes, 0, sizeof sb->changes);
    sb->record = record;
    enum hunch_sandbox_outcome outcome = sandbox_run(sb, call_body, &call, err);
    sandbox_restore(sb);
    sb->record = NULL;
    if (outcome != HUNCH_SANDBOX_OK) {
        if (err != NULL && err->line == 0 && call.defined > 0)
            err->line = call.defined; /* what it answered is at fault, it runs no more */
        return HUNCH_HOST_FAILED;
    }
    const char *bytes = sb->change_bytes;
    struct hunch_host_bytes *texts[] = {&sb->changes.severity, &sb->changes.title,
                                        &sb->changes.meta};
    for (size_t i = 0; i < 3; i++) {
        if (texts[i]->size == 0)
            continue;
        texts[i]->data = bytes;
        bytes += texts[i]->size;
    }
    *changes = sb->changes;
    return sb->verdict;
}
