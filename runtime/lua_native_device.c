/* lua_native_device.c: native.device, what a device's lane has room for, and native.device_lists,
 * which regexes of a program find none for their lists: for hunch explain. */
#include "lua_native.h"

#include <lauxlib.h>
#include <string.h>

#include "../kernels/tuning.h"
#include "device_rules.h"

void hunch_native_push_device(lua_State *L)
{
    const struct {
        const char *name;
        lua_Integer most;
    } limits[] = {{"states", HUNCH_FOLLOW_STATES},
                  {"groups", HUNCH_CONFIRM_GROUPS},
                  {"bytes", HUNCH_CONFIRM_BUDGET},
                  {"hits", HUNCH_RECORD_HITS},
                  {"words", HUNCH_DEVICE_LISTS}};
    lua_newtable(L);
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        lua_pushinteger(L, limits[i].most);
        lua_setfield(L, -2, limits[i].name);
    }
}

struct lists {
    struct hunch_native_memory memory;
    struct hunch_program *program;
    struct hunch_plan *plan;
    struct hunch_gating_tables gating;
    struct hunch_follow_tables follow;
    uint8_t *wanted;
};

static int lists_free(lua_State *L)
{
    struct lists *l = lua_touserdata(L, 1);
    if (l->program != NULL)
        hunch_free(&l->memory.base, l->wanted, l->program->regex_count);
    hunch_follow_tables_free(&l->follow);
    hunch_gating_tables_free(&l->gating);
    hunch_plan_free(l->plan);
    hunch_program_free(l->program);
    l->wanted = NULL;
    l->program = NULL;
    l->plan = NULL;
    memset(&l->gating, 0, sizeof l->gating);
    return 0;
}

static hunch_status make_lists(struct lists *l, const char *bytes, size_t size, size_t most,
                               struct hunch_error *err)
{
    l->gating.a = l->follow.a = &l->memory.base;
    hunch_status status = hunch_program_load(&l->memory.base, bytes, size, &l->program, err);
    if (status == HUNCH_OK)
        status = hunch_plan_new(l->program, NULL, NULL, &l->plan, err);
    if (status == HUNCH_OK)
        status = hunch_gating_tables_make(l->plan, &l->gating, err);
    if (status == HUNCH_OK)
        status = hunch_device_lists(l->plan, &l->gating, most, &l->wanted, &l->follow, err);
    return status;
}

/* native.device_lists(program, most) -> { [index of a regex from 0] = true … }: those that a device
 * would run and has no lists for. most: words of all lists together. An error: no memory. */
int hunch_native_device_lists(lua_State *L)
{
    size_t size;
    const char *bytes = luaL_checklstring(L, 1, &size);
    const lua_Integer most = luaL_checkinteger(L, 2);
    luaL_argcheck(L, most >= 0, 2, "0 or more");
    struct lists *l = hunch_native_box(L, sizeof *l, "hunch.device_lists", lists_free);
    struct hunch_error err;
    hunch_error_clear(&err);
    if (make_lists(l, bytes, size, (size_t)most, &err) != HUNCH_OK)
        return luaL_error(L, "%s", err.message);
    lua_newtable(L);
    for (uint32_t i = 0; i < l->program->regex_count; i++) {
        if (!l->wanted[i] || l->follow.regex[i].columns > 0)
            continue;
        lua_pushboolean(L, 1);
        lua_rawseti(L, -2, (lua_Integer)i);
    }
    return 1;
}
