/* lua_core.h: what the files of the Lua binding share. Objects are userdata whose metatables have
 * __gc and __close; an object keeps those it depends on alive by its user value. */
#ifndef HUNCH_LUA_CORE_H
#define HUNCH_LUA_CORE_H

#include <lauxlib.h>
#include <lua.h>

#include "engine.h"
#include "lua_values.h"

#define HUNCH_LUA_ENGINE "hunch.engine"
#define HUNCH_LUA_RULES "hunch.rules"
#define HUNCH_LUA_STREAM "hunch.stream"

struct hunch_engine *hunch_lua_engine(lua_State *L, int index);
struct hunch_rules *hunch_lua_rules(lua_State *L, int index);
/* While they are in use they cannot be closed. */
void hunch_lua_rules_use(lua_State *L, int index, bool begins);

/* Pushes the table of what the rule's info says: title, tags, severity, meta, private, where. Kept
 * in the rules' user value. */
void hunch_lua_rule_info(lua_State *L, int rules_index, struct hunch_rules *rules, uint32_t rule);

/* Pushes what JSON text says, nil where it is not JSON. */
void hunch_lua_json(lua_State *L, const char *text, size_t size);

/* Each pushes one table: a match, an entry of incomplete, progress, { matches, stats, incomplete,
 * decisions, profile }: lua_result.c. */
void hunch_lua_push_match(lua_State *L, int rules_index, struct hunch_rules *rules,
                          const struct hunch_match *m);
void hunch_lua_push_incomplete(lua_State *L, struct hunch_rules *rules,
                               const struct hunch_incomplete *lost);
void hunch_lua_push_progress(lua_State *L, const struct hunch_progress *progress);
void hunch_lua_push_result(lua_State *L, int rules_index, struct hunch_rules *rules,
                           const struct hunch_scan_options *o, struct hunch_report *report);

/* A metatable with methods, and gc as its __gc and __close. */
void hunch_lua_class(lua_State *L, const char *name, const luaL_Reg *methods, lua_CFunction gc);

/* Pushes a userdata of zero bytes, whose metatable of that name has gc as its __gc. */
void *hunch_lua_box(lua_State *L, size_t size, const char *name, lua_CFunction gc);

/* Set a field of the table on top; past Lua's integers it is the largest of them. */
void hunch_lua_set_number(lua_State *L, const char *name, uint64_t n);
void hunch_lua_set_real(lua_State *L, const char *name, lua_Number n);

/* Pushes a decision of a speculator, a report as a table. */
void hunch_lua_push_decision(lua_State *L, const struct hunch_decision *d);
void hunch_lua_push_report(lua_State *L, const struct hunch_commit_report *r);

/* A report: { committed =, rolled_back = }, or the two numbers, from `index` on. The word in a
 * table's field `mode`; nil: auto. */
struct hunch_commit_report hunch_lua_report(lua_State *L, int index);
enum hunch_speculation hunch_lua_mode(lua_State *L, int table);

/* The speculator at index, and adding the decision on top to its log, where it keeps one. */
struct hunch_speculator *hunch_lua_speculator(lua_State *L, int index);
/* While it is in use it cannot be closed. */
void hunch_lua_speculator_use(lua_State *L, int index, bool begins);
void hunch_lua_log_decision(lua_State *L, int speculator_index);

/* engine:info: lua_info.c */
int hunch_lua_info(lua_State *L);

/* engine:kernel, engine:dispatch: lua_kernel.c; hunch.prefilter_confirm: lua_prefilter_confirm.c */
int hunch_lua_kernel(lua_State *L);
int hunch_lua_dispatch(lua_State *L);
void hunch_lua_kernel_open(lua_State *L); /* metatables of kernels and lists of outputs */
int hunch_lua_prefilter_confirm(lua_State *L);

/* Add the functions of lua_speculator.c, lua_autotune.c, lua_graph.c to the module's table, which
 * is on top. */
void hunch_lua_speculator_open(lua_State *L);
void hunch_lua_autotune_open(lua_State *L);
void hunch_lua_graph_open(lua_State *L);

/* What the command asks of the system, into the module on top: lua_command.c. */
void hunch_lua_command_open(lua_State *L);
bool hunch_lua_interrupted(void); /* Ctrl-C was pressed */

/* rules:scan, rules:scan_paths, rules:stream and the stream's methods: lua_scan.c. */
int hunch_lua_scan(lua_State *L);
int hunch_lua_scan_paths(lua_State *L);
int hunch_lua_stream(lua_State *L);
void hunch_lua_scan_open(lua_State *L); /* metatable of streams */

#endif
