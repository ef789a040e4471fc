/* lua_result.c: what a scan gives, as tables of a host's Lua. */
#include <limits.h>
#include <string.h>

#include "lua_core.h"

static void set_bytes(lua_State *L, const char *name, const char *bytes, size_t size)
{
    lua_pushlstring(L, bytes, size);
    lua_setfield(L, -2, name);
}

/* The list of a match's steps, if it has any. */
static void set_witness(lua_State *L, const struct hunch_match *m)
{
    static const char *const what[] = {"source", "step", "call", "return", "sink"};
    struct hunch_witness_step step = {0};
    if (m->witness_length == 0)
        return;
    lua_newtable(L);
    for (lua_Integer i = 1; hunch_match_witness(m, &step); i++) {
        lua_createtable(L, 0, 7);
        set_bytes(L, "record", step.record, step.record_length);
        lua_pushstring(L, what[step.what]);
        lua_setfield(L, -2, "what");
        hunch_lua_set_number(L, "first", step.start + 1);
        hunch_lua_set_number(L, "last", step.end);
        hunch_lua_set_number(L, "line", step.line);
        hunch_lua_set_number(L, "column", step.column);
        set_bytes(L, "text", step.text, step.text_length);
        lua_rawseti(L, -2, i);
    }
    lua_setfield(L, -2, "witness");
}

void hunch_lua_push_match(lua_State *L, int rules_index, struct hunch_rules *rules,
                          const struct hunch_match *m)
{
    static const char *const shared[] = {"tags", "severity", "meta", "title"};
    size_t size;
    luaL_checkstack(L, 8, "a match");
    lua_createtable(L, 0, 16);
    set_bytes(L, "record", m->record, m->record_length);
    const char *name = hunch_rules_name(rules, m->rule, &size);
    set_bytes(L, "rule", name, size);
    hunch_lua_set_number(L, "first", m->start + 1);
    hunch_lua_set_number(L, "last", m->end);
    set_bytes(L, "text", m->text, m->text_length);
    hunch_lua_set_number(L, "line", m->line);
    hunch_lua_set_number(L, "column", m->column);
    set_bytes(L, "before", m->before, m->before_length);
    set_bytes(L, "after", m->after, m->after_length);
    lua_createtable(L, (int)m->group_count, 0);
    for (uint32_t g = 0; g < m->group_count; g++) {
        if (m->groups[2 * g] == HUNCH_NO_GROUP || m->groups[2 * g + 1] == HUNCH_NO_GROUP) {
            lua_pushboolean(L, 0);
        } else {
            lua_createtable(L, 2, 0);
            lua_pushinteger(L, (lua_Integer)m->groups[2 * g] + 1);
            lua_rawseti(L, -2, 1);
            lua_pushinteger(L, (lua_Integer)m->groups[2 * g + 1]);
            lua_rawseti(L, -2, 2);
        }
        lua_rawseti(L, -2, (lua_Integer)g + 1);
    }
    lua_setfield(L, -2, "captures");
    set_witness(L, m);
    hunch_lua_rule_info(L, rules_index, rules, m->rule);
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++) {
        lua_getfield(L, -1, shared[i]);
        lua_setfield(L, -3, shared[i]);
    }
    lua_pop(L, 1);
    if (m->severity_length)
        set_bytes(L, "severity", m->severity, m->severity_length);
    if (m->title_length)
        set_bytes(L, "title", m->title, m->title_length);
    if (m->meta_length) {
        hunch_lua_json(L, m->meta, m->meta_length);
        lua_setfield(L, -2, "meta");
    }
}

void hunch_lua_push_incomplete(lua_State *L, struct hunch_rules *rules,
                               const struct hunch_incomplete *lost)
{
    luaL_checkstack(L, 4, "an incomplete entry");
    lua_createtable(L, 0, 4);
    if (lost->record)
        set_bytes(L, "record", lost->record, lost->record_length);
    if (lost->rule != HUNCH_NO_RULE) {
        size_t size;
        const char *name = hunch_rules_name(rules, lost->rule, &size);
        set_bytes(L, "rule", name, size);
    }
    lua_pushstring(L, lost->reason);
    lua_setfield(L, -2, "reason");
    lua_pushstring(L, lost->detail);
    lua_setfield(L, -2, "detail");
}

void hunch_lua_push_progress(lua_State *L, const struct hunch_progress *progress)
{
    lua_createtable(L, 0, 3);
    hunch_lua_set_number(L, "bytes", progress->bytes);
    hunch_lua_set_number(L, "records", progress->records);
    hunch_lua_set_number(L, "matches", progress->matches);
}

static void push_stats(lua_State *L, const struct hunch_stats *s)
{
    static const char *const route[] = {"fused", "chained", "serial"};
    lua_createtable(L, 0, 16);
    hunch_lua_set_number(L, "bytes", s->bytes);
    hunch_lua_set_number(L, "records", s->records);
    hunch_lua_set_number(L, "matches", s->matches);
    hunch_lua_set_number(L, "incomplete", s->incomplete);
    hunch_lua_set_number(L, "tiles", s->tiles);
    hunch_lua_set_number(L, "committed", s->committed);
    hunch_lua_set_number(L, "rolled_back", s->rolled_back);
    hunch_lua_set_number(L, "speculated", s->speculated);
    hunch_lua_set_number(L, "prefilter_hits", s->prefilter_hits);
    hunch_lua_set_number(L, "device_bytes", s->device_bytes);
    lua_pushstring(L, s->backend);
    lua_setfield(L, -2, "backend");
    if (s->note[0] != '\0') {
        lua_pushstring(L, s->note);
        lua_setfield(L, -2, "note");
    }
    lua_createtable(L, 0, 3);
    for (int i = 0; i < 3; i++)
        hunch_lua_set_number(L, route[i], s->routes[i]);
    lua_setfield(L, -2, "routes");
    hunch_lua_set_real(L, "seconds", s->seconds);
    hunch_lua_set_real(L, "throughput", s->seconds > 0 ? (lua_Number)s->bytes / s->seconds : 0);
    lua_createtable(L, 0, 3);
    hunch_lua_set_real(L, "read", s->seconds_read);
    hunch_lua_set_real(L, "prefilter", s->seconds_prefilter);
    hunch_lua_set_real(L, "confirm", s->seconds_confirm);
    lua_setfield(L, -2, "phases");
}

/* By group, where it knew something. */
static void push_known(lua_State *L, const struct hunch_report *report,
                       const void *(*of)(const struct hunch_report *, uint32_t, size_t *))
{
    lua_createtable(L, 0, HP_GROUP_COUNT);
    for (uint32_t g = 0; g < HP_GROUP_COUNT; g++) {
        size_t size;
        const void *known = of(report, g, &size);
        if (size > 0)
            set_bytes(L, hunch_group_name(g), known, size);
    }
}

/* A list; `known` has by group what its speculator knew before the scan. */
static void push_decisions(lua_State *L, const struct hunch_scan_options *o,
                           const struct hunch_report *report)
{
    size_t n = hunch_report_decision_count(report);
    lua_createtable(L, n < INT_MAX ? (int)n : 0, o->decisions ? 2 : 0);
    for (size_t i = 0; i < n; i++) {
        struct hunch_decision d;
        hunch_report_decision(report, i, &d);
        hunch_lua_push_decision(L, &d);
        lua_pushstring(L, hunch_group_name(d.cost_class));
        lua_setfield(L, -2, "group");
        lua_pushstring(L, hunch_report_decision_backend(report, i));
        lua_setfield(L, -2, "backend");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    if (!o->decisions)
        return;
    push_known(L, report, hunch_report_known);
    lua_setfield(L, -2, "known");
    push_known(L, report, hunch_report_known_on_device);
    lua_setfield(L, -2, "known_on_device");
}

void hunch_lua_push_result(lua_State *L, int rules_index, struct hunch_rules *rules,
                           const struct hunch_scan_options *o, struct hunch_report *report)
{
    lua_createtable(L, 0, 5);
    size_t n = hunch_report_match_count(report);
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        struct hunch_match m;
        hunch_report_match(report, i, &m);
        hunch_lua_push_match(L, rules_index, rules, &m);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "matches");
    n = hunch_report_incomplete_count(report);
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        struct hunch_incomplete lost;
        hunch_report_incomplete(report, i, &lost);
        hunch_lua_push_incomplete(L, rules, &lost);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "incomplete");
    push_stats(L, hunch_report_stats(report));
    lua_setfield(L, -2, "stats");
    push_decisions(L, o, report);
    lua_setfield(L, -2, "decisions");
    n = hunch_report_profile_count(report);
    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        struct hunch_rule_profile p;
        size_t size;
        hunch_report_profile(report, i, &p);
        const char *name = hunch_rules_name(rules, p.rule, &size);
        lua_createtable(L, 0, 4);
        set_bytes(L, "rule", name, size);
        hunch_lua_set_real(L, "seconds", p.seconds);
        hunch_lua_set_number(L, "candidates", p.candidates);
        hunch_lua_set_number(L, "matches", p.matches);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "profile");
}
