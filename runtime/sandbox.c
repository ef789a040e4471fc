/* sandbox.c: the life of a sandbox: budgets, running a rule file, what is said when it fails.
 *
 * Everything that can raise runs inside sandbox_run, which arms the budgets. Work is counted in
 * units of about one VM instruction: the hook adds its step, the allocator and the replaced library
 * functions charge for theirs. The clock is only a backstop for instructions that take long.
 */
#include "sandbox_state.h"
#include "alloc.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define SETUP_NAME "(rule language)"

/* ---- budgets ---- */

static uint64_t cpu_ns(void)
{
    struct timespec t;
    if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t) != 0)
        return 0;
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

int sandbox_script_line(struct hunch_sandbox *sb)
{
    lua_Debug ar;
    for (int level = 0; lua_getstack(sb->L, level, &ar); level++) {
        /* "Sl" allocates nothing: this also runs from inside the allocator. */
        if (lua_getinfo(sb->L, "Sl", &ar) == 0)
            return 0;
        if (ar.currentline > 0 && ar.source[0] == '=' && strcmp(ar.source + 1, sb->short_name) == 0)
            return ar.currentline;
    }
    return 0;
}

int sandbox_line_in_alloc(struct hunch_sandbox *sb)
{
    return sb->stack_moves ? sb->recent_line : sandbox_script_line(sb);
}

static void tick(lua_State *L, lua_Debug *ar);

void sandbox_fire(struct hunch_sandbox *sb, enum hunch_sandbox_outcome limit)
{
    if (sb->fired != HUNCH_SANDBOX_OK)
        return;
    sb->fired = limit;
    if (sb->L == NULL)
        return;
    sb->line = sandbox_line_in_alloc(sb);
    lua_sethook(sb->L, tick, LUA_MASKCOUNT, 1); /* from now on every instruction raises */
}

static bool poll_clock(struct hunch_sandbox *sb)
{
    sb->next_poll = sb->spent + SANDBOX_POLL;
    if (cpu_ns() - sb->started_ns > (uint64_t)sb->options.milliseconds * 1000000u)
        sandbox_fire(sb, HUNCH_SANDBOX_TIME_LIMIT);
    else if (sb->options.interrupted != NULL && sb->options.interrupted(sb->options.interrupt_data))
        sandbox_fire(sb, HUNCH_SANDBOX_INTERRUPTED);
    return sb->fired == HUNCH_SANDBOX_OK;
}

bool sandbox_charge(struct hunch_sandbox *sb, uint64_t units)
{
    if (sb->fired != HUNCH_SANDBOX_OK)
        return false;
    if (!sb->running)
        return true;
    if (units > sb->options.instructions - sb->spent) {
        sb->spent = sb->options.instructions;
        sandbox_fire(sb, HUNCH_SANDBOX_INSTRUCTION_LIMIT);
        return false;
    }
    sb->spent += units;
    return sb->spent < sb->next_poll || poll_clock(sb);
}

void sandbox_raise(lua_State *L)
{
    lua_settop(L, 0); /* there may be no room, and no memory to make some */
    lua_pushnil(L);
    lua_error(L);
}

void sandbox_spend(lua_State *L, uint64_t units)
{
    if (!sandbox_charge(sandbox_of(L), units))
        sandbox_raise(L);
}

static void tick(lua_State *L, lua_Debug *ar)
{
    struct hunch_sandbox *sb = sandbox_of(L);
    (void)ar;
    if (sb->fired == HUNCH_SANDBOX_OK)
        sb->recent_line = sandbox_script_line(sb);
    if (sandbox_charge(sb, (uint64_t)sb->step))
        poll_clock(sb);
    if (sb->fired != HUNCH_SANDBOX_OK) {
        lua_pushnil(L);
        lua_error(L);
    }
    /* Where one instruction may touch a block of many megabytes, look at the clock more often. */
    int step = SANDBOX_STEP;
    if (sb->largest_block > SANDBOX_LARGE_BLOCK) {
        size_t ratio = sb->largest_block / SANDBOX_LARGE_BLOCK;
        step = ratio >= SANDBOX_STEP / 8 ? 8 : (int)(SANDBOX_STEP / ratio);
    }
    if (step != sb->step) {
        sb->step = step;
        lua_sethook(L, tick, LUA_MASKCOUNT, step);
    }
}

/* ---- running ---- */

/* Reads "name:12: " at the front of a message; what follows, or NULL. */
static const char *after_position(const char *message, const char *name, int *line)
{
    size_t n = strlen(name);
    if (n == 0 || strncmp(message, name, n) != 0 || message[n] != ':')
        return NULL;
    const char *p = message + n + 1;
    for (*line = 0; *p >= '0' && *p <= '9' && *line < 100000000; p++)
        *line = *line * 10 + (*p - '0');
    return *line > 0 && p[0] == ':' && p[1] == ' ' ? p + 2 : NULL;
}

/* Takes the positions off that Lua put before a message; the last one in the rule file is the line.
 */
static const char *strip_position(struct hunch_sandbox *sb, const char *message)
{
    for (;;) {
        int line;
        const char *rest = after_position(message, sb->short_name, &line);
        if (rest != NULL)
            sb->line = line;
        else
            rest = after_position(message, SETUP_NAME, &line);
        if (rest == NULL)
            return message;
        message = rest;
    }
}

/* Lua runs it where the error is raised, the stack still as it was. It must not need memory. */
static int keep_error(lua_State *L)
{
    struct hunch_sandbox *sb = sandbox_of(L);
    if (sb->fired == HUNCH_SANDBOX_OK) {
        sb->line = sandbox_script_line(sb);
        if (lua_type(L, 1) == LUA_TSTRING) {
            snprintf(sb->text, sizeof sb->text, "%s", strip_position(sb, lua_tostring(L, 1)));
            sb->has_text = true;
        }
    }
    lua_settop(L, 1);
    return 1;
}

static const char *limit_sentence(struct hunch_sandbox *sb, enum hunch_sandbox_outcome outcome,
                                  char *to, size_t size)
{
    switch (outcome) {
    case HUNCH_SANDBOX_MEMORY_LIMIT:
        if (sb->options.memory % ((size_t)1 << 20) == 0)
            snprintf(to, size, "the memory limit of %zu MiB was reached", sb->options.memory >> 20);
        else
            snprintf(to, size, "the memory limit of %zu bytes was reached", sb->options.memory);
        break;
    case HUNCH_SANDBOX_INSTRUCTION_LIMIT:
        snprintf(to, size, "the instruction limit of %llu was reached",
                 (unsigned long long)sb->options.instructions);
        break;
    case HUNCH_SANDBOX_TIME_LIMIT:
        snprintf(to, size, "the time limit of %u ms was reached",
                 (unsigned)sb->options.milliseconds);
        break;
    case HUNCH_SANDBOX_INTERRUPTED: snprintf(to, size, "the script was interrupted"); break;
    default: snprintf(to, size, "there is not enough memory on this machine"); break;
    }
    return to;
}

void sandbox_report(struct hunch_sandbox *sb, enum hunch_sandbox_outcome outcome,
                    const char *message, struct hunch_sandbox_error *err)
{
    if (err == NULL)
        return;
    memset(err, 0, sizeof *err);
    err->outcome = outcome;
    if (outcome == HUNCH_SANDBOX_OK)
        return;
    snprintf(err->rule, sizeof err->rule, "%s", sb->rule);
    if (message != NULL) {
        message = strip_position(sb, message);
        err->line = sb->line;
        snprintf(err->message, sizeof err->message, "%s",
                 message[0] != '\0' ? message
                                    : "the script raised an error without text; call error with a "
                                      "message");
        return;
    }
    char limit[160];
    limit_sentence(sb, outcome, limit, sizeof limit);
    err->line = sb->line;
    if (sb->rule[0] != '\0')
        snprintf(err->message, sizeof err->message, "%s %s rule \"%s\"", limit,
                 sb->rule_open || sb->sealed ? "in" : "after", sb->rule);
    else
        snprintf(err->message, sizeof err->message, "%s", limit);
}

enum hunch_sandbox_outcome sandbox_run(struct hunch_sandbox *sb, lua_CFunction body, void *data,
                                       struct hunch_sandbox_error *err)
{
    lua_State *L = sb->L;
    sb->spent = 0;
    sb->next_poll = SANDBOX_POLL;
    sb->largest_block = 0;
    sb->refused_size = 0;
    sb->fired = HUNCH_SANDBOX_OK;
    sb->line = sb->recent_line = 0;
    sb->has_text = false;
    sb->step = SANDBOX_STEP;
    sb->started_ns = cpu_ns();
    sb->running = true;
    lua_settop(L, 0);
    lua_sethook(L, tick, LUA_MASKCOUNT, SANDBOX_STEP);
    lua_pushcfunction(L, keep_error);
    lua_pushcfunction(L, body);
    lua_pushlightuserdata(L, data);
    int status = lua_pcall(L, 1, 0, 1);
    sb->running = false;
    lua_sethook(L, NULL, 0, 0);

    enum hunch_sandbox_outcome outcome = HUNCH_SANDBOX_OK;
    const char *message = NULL;
    if (sb->fired != HUNCH_SANDBOX_OK) {
        outcome = sb->fired;
    } else if (status == LUA_ERRMEM) {
        outcome = sb->refused_size != 0 ? HUNCH_SANDBOX_MEMORY_LIMIT : HUNCH_SANDBOX_NO_MEMORY;
    } else if (status != LUA_OK) {
        outcome = HUNCH_SANDBOX_SCRIPT;
        if (sb->has_text)
            message = sb->text;
        else if (lua_type(L, -1) == LUA_TSTRING)
            message = lua_tostring(L, -1);
        else
            message = "the script raised an error that is not a string; call error with a message";
    }
    sandbox_report(sb, outcome, message, err);
    lua_settop(L, 0);
    return outcome;
}

/* ---- new and free ---- */

struct text {
    const char *bytes;
    size_t size;
    bool syntax; /* out: the parser refused it */
};

static int open_body(lua_State *L)
{
    const struct text *setup = lua_touserdata(L, 1);
    lua_gc(L, LUA_GCINC, 400, 400, 0); /* seldom: a refused request collects all garbage first */
    sandbox_open_base(L);
    if (luaL_loadbufferx(L, setup->bytes, setup->size, "=" SETUP_NAME, "t") != LUA_OK)
        return lua_error(L);
    lua_getfield(L, LUA_REGISTRYINDEX, SANDBOX_KEY_GLOBALS);
    lua_setupvalue(L, -2, 1);
    lua_getfield(L, LUA_REGISTRYINDEX, SANDBOX_KEY_GLOBALS);
    sandbox_push_internals(L);
    lua_call(L, 2, 1); /* setup(globals, internals) -> finish */
    lua_setfield(L, LUA_REGISTRYINDEX, SANDBOX_KEY_FINISH);
    return 0;
}

struct hunch_sandbox *hunch_sandbox_new(const struct hunch_sandbox_options *options,
                                        const char *setup, size_t setup_size,
                                        struct hunch_sandbox_error *err)
{
    static const struct hunch_sandbox_options defaults;
    struct text text = {setup, setup_size, false};
    if (options == NULL)
        options = &defaults;
    struct hunch_sandbox *sb = hunch_alloc_zero(options->allocator, sizeof *sb);
    if (sb == NULL)
        goto no_memory;
    sb->options = *options;
    if (sb->options.memory == 0)
        sb->options.memory = HUNCH_SANDBOX_MEMORY;
    if (sb->options.instructions == 0)
        sb->options.instructions = HUNCH_SANDBOX_INSTRUCTIONS;
    if (sb->options.milliseconds == 0)
        sb->options.milliseconds = HUNCH_SANDBOX_MILLISECONDS;
    sb->L = lua_newstate(sandbox_alloc, sb);
    if (sb->L == NULL)
        goto no_memory;
    /* The block that this call resizes is the stack; a Lua that copies its stack resizes none. */
    sb->stack_sought = true;
    int room = lua_checkstack(sb->L, 4 * LUA_MINSTACK);
    sb->stack_sought = false;
    if (!room) {
        lua_close(sb->L);
        goto no_memory;
    }
    if (sandbox_run(sb, open_body, &text, err) != HUNCH_SANDBOX_OK) {
        hunch_sandbox_free(sb);
        return NULL;
    }
    return sb;

no_memory:
    if (err != NULL) {
        memset(err, 0, sizeof *err);
        err->outcome = HUNCH_SANDBOX_NO_MEMORY;
        snprintf(err->message, sizeof err->message, "there is not enough memory for a sandbox");
    }
    if (sb != NULL)
        hunch_free(sb->options.allocator, sb, sizeof *sb);
    return NULL;
}

void hunch_sandbox_free(struct hunch_sandbox *sb)
{
    if (sb == NULL)
        return;
    const struct hunch_allocator *a = sb->options.allocator;
    if (sb->options.hosts_only)
        sandbox_drop_blocks(sb); /* faster than lua_close, and there are no finalisers */
    else
        lua_close(sb->L);
    hunch_strfree(a, sb->name);
    hunch_free(a, sb->change_bytes, sb->change_capacity);
    hunch_free(a, sb, sizeof *sb);
}

/* ---- loading ---- */

static int load_body(lua_State *L)
{
    struct text *source = lua_touserdata(L, 1);
    struct hunch_sandbox *sb = sandbox_of(L);
    char chunk_name[sizeof sb->short_name + 1];
    snprintf(chunk_name, sizeof chunk_name, "=%s", sb->short_name);
    if (luaL_loadbufferx(L, source->bytes, source->size, chunk_name, "t") != LUA_OK) {
        source->syntax = true;
        return lua_error(L);
    }
    sb->largest_block = 0; /* the parser's are no table of the script */
    lua_getfield(L, LUA_REGISTRYINDEX, SANDBOX_KEY_ENV);
    lua_setupvalue(L, -2, 1);
    lua_call(L, 0, 0);
    lua_getfield(L, LUA_REGISTRYINDEX, SANDBOX_KEY_FINISH);
    if (lua_isfunction(L, -1))
        lua_call(L, 0, 0);
    return 0;
}

/* The tail of the name where it is too long for Lua's messages, without breaking a UTF-8 character.
 */
static void set_short_name(struct hunch_sandbox *sb, const char *name)
{
    size_t n = strlen(name), room = LUA_IDSIZE - 1;
    if (room > sizeof sb->short_name - 1)
        room = sizeof sb->short_name - 1;
    if (n <= room) {
        snprintf(sb->short_name, sizeof sb->short_name, "%s", name);
        return;
    }
    const char *tail = name + n - (room - 3);
    while (((unsigned char)*tail & 0xC0) == 0x80)
        tail++;
    snprintf(sb->short_name, sizeof sb->short_name, "...%s", tail);
}

static void skip_mark(struct text *text)
{
    if (text->size >= 3 && memcmp(text->bytes, "\xEF\xBB\xBF", 3) == 0) {
        text->bytes += 3;
        text->size -= 3;
    }
}

enum hunch_sandbox_outcome hunch_sandbox_load(struct hunch_sandbox *sb, const char *source,
                                              size_t source_size, const char *name,
                                              struct hunch_sandbox_error *err)
{
    struct text text = {source, source_size, false};
    if (sb->loaded) {
        sandbox_report(sb, HUNCH_SANDBOX_SCRIPT, "a sandbox runs one rule file; make a new one",
                       err);
        return HUNCH_SANDBOX_SCRIPT;
    }
    sb->loaded = true;
    set_short_name(sb, name);
    sb->name = hunch_strdup(sb->options.allocator, name);
    if (sb->name == NULL) {
        sandbox_report(sb, HUNCH_SANDBOX_NO_MEMORY, NULL, err);
        return HUNCH_SANDBOX_NO_MEMORY;
    }
    if (source_size > HUNCH_SANDBOX_MAX_SOURCE) {
        sandbox_report(sb, HUNCH_SANDBOX_SCRIPT, "the rule file is larger than 64 MiB; split it",
                       err);
        return HUNCH_SANDBOX_SCRIPT;
    }
    skip_mark(&text);
    enum hunch_sandbox_outcome outcome = sandbox_run(sb, load_body, &text, err);
    if (outcome == HUNCH_SANDBOX_SCRIPT && text.syntax) {
        outcome = HUNCH_SANDBOX_SYNTAX;
        if (err != NULL) {
            err->outcome = outcome;
            if (strstr(err->message, "C stack overflow") != NULL) /* Lua gives no line here */
                snprintf(
                    err->message, sizeof err->message,
                    "expressions or blocks are nested deeper than about 200 levels; flatten them");
        }
    }
    return outcome;
}

enum hunch_sandbox_outcome hunch_sandbox_push_rules(struct hunch_sandbox *sb, lua_State *to,
                                                    struct hunch_sandbox_error *err)
{
    luaL_checkstack(to, 20, "too many values");
    sb->line = sb->recent_line = 0;
    /* A first look-up of the key cannot allocate: the string is interned and anchored by the
     * registry. */
    lua_getfield(sb->L, LUA_REGISTRYINDEX, SANDBOX_KEY_RULES);
    enum sandbox_copy copied = sandbox_copy(sb->L, lua_gettop(sb->L), to);
    lua_settop(sb->L, 0);
    enum hunch_sandbox_outcome outcome =
        copied == SANDBOX_COPIED ? HUNCH_SANDBOX_OK : HUNCH_SANDBOX_TOO_MUCH;
    sandbox_report(sb, outcome, sandbox_copy_message(copied), err);
    return outcome;
}

size_t hunch_sandbox_host_count(const struct hunch_sandbox *sb)
{
    return sb->host_count;
}
