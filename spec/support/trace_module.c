/* trace_module: what a learned DFA (kernels/dfa_tile.h) says of the matches of a program's regexes,
 * and the groups that its path gives, against the machine of runtime/regex.c.
 * Lua module support.trace_module.
 *
 *   trace.compare(program, { text… }, { room =, words =, unlearned = }) -> counts
 *
 * Every regex, in every text, at every place: where a match that begins there ends, and its groups.
 * room: words of the path; words: most of the tables; unlearned: so many texts at the end are not
 * learned from. counts: none, found, unknown: by the table; traced, missed: matches with groups, by
 * whether the path gives them; words: of the tables. What differs is an error. */
#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>

#include "dfa.h"
#include "program.h"

HUNCH_API int luaopen_support_trace_module(lua_State *L);

struct counts {
    lua_Integer none, found, unknown, traced, missed, words;
};

struct trace {
    struct hunch_program *program;
    struct hunch_machine machine;
    struct hunch_dfa_set set;
    struct hunch_learned *learned;
    hunch_dfa_words word;
    struct hunch_dfa_path path;
    uint32_t *memory; /* of the path */
    struct counts counts;
    struct hunch_error err;
};

/* Backwards ones find where a match begins, and have no groups. */
static bool wanted(const struct trace *t, uint32_t regex)
{
    return !(t->program->regex[regex].flags & HP_REGEX_REVERSED);
}

static hunch_status learn(struct trace *t, const char *text, size_t size)
{
    hunch_status status = HUNCH_OK;
    for (uint32_t i = 0; i < t->program->regex_count; i++)
        for (size_t at = 0; at <= size && wanted(t, i) && status == HUNCH_OK; at++) {
            struct hunch_source source = hunch_source_of(text, size);
            const struct hunch_regex_view regex = hunch_program_regex(t->program, i);
            struct hunch_dfa_run run;
            bool usable;
            status = hunch_dfa_find(&t->set, i, &regex, &source, at, HUNCH_NOWHERE, false, &usable,
                                    &run, &t->err);
        }
    return status;
}

static hunch_status write_tables(struct trace *t, size_t most)
{
    bool ok = hunch_vec_push(NULL, &t->word, 0);
    for (uint32_t i = 0; i < t->program->regex_count; i++)
        ok = ok && hunch_dfa_write(&t->set, i, &t->learned[i], NULL, &t->word);
    for (uint32_t i = 0; i < t->program->regex_count; i++)
        ok = ok && hunch_dfa_write_origins(&t->set, i, &t->learned[i], NULL, &t->word, most);
    t->counts.words = (lua_Integer)t->word.count;
    return ok ? HUNCH_OK : hunch_fail(&t->err, HUNCH_ERROR_MEMORY, "no memory");
}

/* Are the groups the machine's? */
static hunch_status compare_groups(struct trace *t, uint32_t index, struct hunch_source *source,
                                   uint64_t start, uint64_t end,
                                   const struct hunch_follow_group *group)
{
    const struct hunch_regex_view regex = hunch_program_regex(t->program, index);
    uint64_t slots[2 * (HUNCH_DFA_GROUPS + 1)];
    hunch_status status =
        hunch_regex_groups(&t->machine, &regex, source, start, end, slots, &t->err);
    for (uint32_t g = 0; g < regex.info.group_count && status == HUNCH_OK; g++)
        if ((uint32_t)slots[2 * g + 2] != group[g].start ||
            (uint32_t)slots[2 * g + 3] != group[g].end)
            return hunch_fail(&t->err, HUNCH_ERROR_ARGUMENT,
                              "regex %u, match [%d, %d): group %u is [%d, %d), not [%d, %d)", index,
                              (int)start, (int)end, g + 1, (int)group[g].start, (int)group[g].end,
                              (int)slots[2 * g + 2], (int)slots[2 * g + 3]);
    return status;
}

static hunch_status compare_at(struct trace *t, uint32_t index, struct hunch_source *source,
                               uint64_t at)
{
    const struct hunch_regex_view regex = hunch_program_regex(t->program, index);
    const struct hunch_learned *known = &t->learned[index];
    const uint32_t groups = regex.info.group_count;
    struct hunch_follow_group group[HUNCH_DFA_GROUPS];
    uint64_t start, end = HUNCH_NOWHERE, mine = HUNCH_NOWHERE, read;
    bool found;
    const enum hunch_dfa_answer answer =
        hunch_dfa_tile(known, t->word.items, &source->text, at, &t->path, &mine, &read);
    if (answer == HUNCH_DFA_UNKNOWN) {
        t->counts.unknown++;
        return HUNCH_OK;
    }
    hunch_status status = hunch_regex_find(&t->machine, &regex, source, at, at, HUNCH_NOWHERE,
                                           &found, &start, &end, &t->err);
    if (status != HUNCH_OK)
        return status;
    if (found != (answer == HUNCH_DFA_FOUND) || (found && mine != end))
        return hunch_fail(&t->err, HUNCH_ERROR_ARGUMENT,
                          "regex %u at %d: the table says %d, %d, not %d, %d", index, (int)at,
                          (int)answer, (int)mine, found, (int)end);
    t->counts.none += !found;
    t->counts.found += found;
    if (!found || groups == 0)
        return HUNCH_OK;
    if (groups > HUNCH_DFA_GROUPS ||
        !hunch_dfa_groups(known, t->word.items, &source->text, &t->path, at, end, groups, group)) {
        t->counts.missed++;
        return HUNCH_OK;
    }
    t->counts.traced++;
    return compare_groups(t, index, source, at, end, group);
}

static hunch_status compare_text(struct trace *t, const char *text, size_t size)
{
    hunch_status status = HUNCH_OK;
    for (uint32_t i = 0; i < t->program->regex_count; i++)
        for (size_t at = 0; at <= size && wanted(t, i) && status == HUNCH_OK; at++) {
            struct hunch_source source = hunch_source_of(text, size);
            status = compare_at(t, i, &source, at);
        }
    return status;
}

static lua_Integer option(lua_State *L, const char *name, lua_Integer otherwise)
{
    lua_getfield(L, 3, name);
    otherwise = luaL_optinteger(L, -1, otherwise);
    lua_pop(L, 1);
    return otherwise;
}

/* Arguments: program, texts, options. */
static hunch_status run(lua_State *L, struct trace *t)
{
    size_t size;
    const char *bytes = lua_tolstring(L, 1, &size);
    const lua_Integer texts = (lua_Integer)lua_rawlen(L, 2);
    const lua_Integer learned = texts - option(L, "unlearned", 0);
    hunch_status status = hunch_program_load(NULL, bytes, size, &t->program, &t->err);
    if (status != HUNCH_OK)
        return status;
    hunch_machine_init(&t->machine, NULL);
    const uint32_t room = (uint32_t)option(L, "room", 1 << 12);
    t->memory = malloc(room * sizeof *t->memory + 1);
    t->path = hunch_dfa_path_in(t->memory, room);
    t->learned = calloc(t->program->regex_count + 1, sizeof *t->learned);
    if (!hunch_dfa_set_init(&t->set, NULL, t->program->regex_count) || t->memory == NULL ||
        t->learned == NULL)
        return hunch_fail(&t->err, HUNCH_ERROR_MEMORY, "no memory");
    t->set.origins = true;
    for (lua_Integer i = 1; i <= texts + learned && status == HUNCH_OK; i++) {
        const bool known = i > learned;
        if (i == learned + 1)
            status = write_tables(t, (size_t)option(L, "words", 1 << 22));
        lua_rawgeti(L, 2, known ? i - learned : i);
        const char *text = lua_tolstring(L, -1, &size);
        char *copy = malloc(size > 0 ? size : 1); /* of its exact size, for the sanitizer */
        if (copy == NULL)
            status = hunch_fail(&t->err, HUNCH_ERROR_MEMORY, "no memory");
        if (status == HUNCH_OK) {
            memcpy(copy, text, size);
            status = known ? compare_text(t, copy, size) : learn(t, copy, size);
        }
        free(copy);
        lua_pop(L, 1);
    }
    return status;
}

static int trace_compare(lua_State *L)
{
    struct trace t = {0};
    luaL_checkstring(L, 1);
    luaL_checktype(L, 2, LUA_TTABLE);
    luaL_checktype(L, 3, LUA_TTABLE);
    const hunch_status status = run(L, &t);
    if (t.program != NULL) {
        hunch_machine_free(&t.machine);
        hunch_dfa_set_done(&t.set);
    }
    hunch_vec_free(NULL, &t.word);
    free(t.memory);
    free(t.learned);
    hunch_program_free(t.program);
    if (status != HUNCH_OK)
        return luaL_error(L, "%s", t.err.message);
    const struct {
        const char *name;
        lua_Integer n;
    } rows[] = {{"none", t.counts.none},       {"found", t.counts.found},
                {"unknown", t.counts.unknown}, {"traced", t.counts.traced},
                {"missed", t.counts.missed},   {"words", t.counts.words}};
    lua_createtable(L, 0, 6);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        lua_pushinteger(L, rows[i].n);
        lua_setfield(L, -2, rows[i].name);
    }
    return 1;
}

int luaopen_support_trace_module(lua_State *L)
{
    static const luaL_Reg functions[] = {{"compare", trace_compare}, {NULL, NULL}};
    luaL_newlib(L, functions);
    return 1;
}
