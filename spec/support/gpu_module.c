/* gpu_module: how kernels get onto a GPU, piece by piece, for specs that run with fake_cuda_module.
 * Lua module support.gpu_module. A failure: nil, message, and what else there is.
 *
 *   gpu.setenv(name, value or nil)
 *
 *   gpu.open(cache or nil) -> { about =, kernels = }: a device is opened and closed
 *
 *   gpu.sweep(cache or nil) -> how many allocations opening takes: each of them has failed in its
 * turn, with an error and without a leak
 *
 *   gpu.compile{ name =, text =, entry =, cache =, launch = } -> true | nil, message, log: a kernel
 * of a user's source on a device; launch: it is also started, without parameters
 *
 *   gpu.load{ name =, text =, fatbin =, entries =, cache =, capability =, driver = } -> "fatbin",
 * "cache" or "NVRTC"
 *
 *   gpu.cache_read(folder, kind, key) -> bytes | nil; gpu.cache_write(folder, kind, key, bytes,
 * most). key: 16 bytes */
#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>

#include "cache.h"
#include "cuda_module.h"
#include "device_cuda.h"

HUNCH_API int luaopen_support_gpu_module(lua_State *L);

static int fail(lua_State *L, const struct hunch_error *err)
{
    lua_pushnil(L);
    lua_pushstring(L, err->message);
    return 2;
}

static int l_setenv(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1), *value = luaL_optstring(L, 2, NULL);
    int status = value ? setenv(name, value, 1) : unsetenv(name);
    lua_pushboolean(L, status == 0);
    return 1;
}

static int l_open(lua_State *L)
{
    struct hunch_device *d;
    struct hunch_error err = {0};
    if (hunch_device_cuda_open(NULL, luaL_optstring(L, 1, NULL), NULL, &d, &err) != HUNCH_OK)
        return fail(L, &err);
    lua_newtable(L);
    lua_pushstring(L, d->about);
    lua_setfield(L, -2, "about");
    lua_pushstring(L, d->kernels);
    lua_setfield(L, -2, "kernels");
    d->kind->close(d);
    return 1;
}

static int l_sweep(lua_State *L)
{
    const char *cache = luaL_optstring(L, 1, NULL);
    for (unsigned long n = 1;; n++) {
        struct hunch_counting_allocator c;
        struct hunch_device *d;
        struct hunch_error err = {0};
        hunch_counting_allocator_init(&c, NULL);
        c.fail_at = n;
        hunch_status status = hunch_device_cuda_open(&c.base, cache, NULL, &d, &err);
        unsigned long failures = atomic_load(&c.failures);
        if (status == HUNCH_OK)
            d->kind->close(d);
        if (atomic_load(&c.blocks) != 0)
            return luaL_error(L, "a leak where allocation %d fails", (int)n);
        if (status != HUNCH_OK && status != HUNCH_ERROR_MEMORY)
            return luaL_error(L, "allocation %d: %s", (int)n, err.message);
        if (failures == 0) {
            lua_pushinteger(L, (lua_Integer)n - 1);
            return 1;
        }
    }
}

static const char *field(lua_State *L, const char *name)
{
    lua_getfield(L, 1, name);
    const char *text = lua_tostring(L, -1);
    lua_pop(L, 1); /* the table keeps it */
    return text;
}

static int l_compile(lua_State *L)
{
    struct hunch_device *d;
    struct hunch_cuda_kernel *k;
    struct hunch_error err = {0};
    char *log = NULL;
    luaL_checktype(L, 1, LUA_TTABLE);
    if (hunch_device_cuda_open(NULL, field(L, "cache"), NULL, &d, &err) != HUNCH_OK)
        return fail(L, &err);
    const struct hunch_cuda_source source = {.name = field(L, "name"), .text = field(L, "text")};
    hunch_status status = hunch_cuda_kernel_new(d, &source, field(L, "entry"), &k, &log, &err);
    lua_getfield(L, 1, "launch");
    if (status == HUNCH_OK && lua_toboolean(L, -1))
        status = hunch_cuda_kernel_launch(k, 0, 1, 32, 0, NULL, &err);
    hunch_cuda_kernel_free(k);
    d->kind->close(d);
    if (status == HUNCH_OK) {
        lua_pushboolean(L, true);
        return 1;
    }
    fail(L, &err);
    lua_pushstring(L, log);
    hunch_strfree(NULL, log);
    return 3;
}

static int l_load(lua_State *L)
{
    static const char *const origins[] = {"fatbin", "cache", "NVRTC"};
    const char *entries[8];
    size_t count = 0;
    struct hunch_cuda_api api;
    struct hunch_nvrtc_api nvrtc = {0};
    struct hunch_error err = {0};
    CUcontext context;
    CUmodule module;
    CUfunction functions[8];
    enum hunch_cuda_origin origin;
    luaL_checktype(L, 1, LUA_TTABLE);
    const struct hunch_cuda_source source = {
        .name = field(L, "name"), .text = field(L, "text"), .fatbin = field(L, "fatbin")};
    lua_getfield(L, 1, "entries");
    while (count < 8 && lua_rawgeti(L, -1, (lua_Integer)count + 1) == LUA_TSTRING) {
        entries[count++] = lua_tostring(L, -1);
        lua_pop(L, 1);
    }
    lua_getfield(L, 1, "capability");
    lua_getfield(L, 1, "driver");
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    struct hunch_cuda_target target = {.api = &api,
                                       .lock = &lock,
                                       .nvrtc = &nvrtc,
                                       .cache = field(L, "cache"),
                                       .shared_most = 200000,
                                       .architecture = (unsigned)luaL_optinteger(L, -2, 90),
                                       .driver = (int)luaL_optinteger(L, -1, 13000)};
    hunch_status status = hunch_cuda_open(&api, &err);
    if (status != HUNCH_OK)
        return fail(L, &err);
    if (api.cuInit(0) != CUDA_SUCCESS || api.cuDevicePrimaryCtxRetain(&target.context, 0) ||
        api.cuCtxPushCurrent(target.context) != CUDA_SUCCESS)
        return luaL_error(L, "no context");
    status = hunch_cuda_load(&target, &source, entries, count, &module, functions, &origin, NULL,
                             NULL, &err);
    if (status == HUNCH_OK)
        api.cuModuleUnload(module);
    api.cuCtxPopCurrent(&context);
    api.cuDevicePrimaryCtxRelease(0);
    hunch_nvrtc_close(&nvrtc);
    hunch_cuda_close(&api);
    if (status != HUNCH_OK)
        return fail(L, &err);
    lua_pushstring(L, origins[origin]);
    return 1;
}

static const uint8_t *check_key(lua_State *L, int index)
{
    size_t size;
    const char *key = luaL_checklstring(L, index, &size);
    luaL_argcheck(L, size == 16, index, "must have 16 bytes");
    return (const uint8_t *)key;
}

static int l_cache_read(lua_State *L)
{
    void *bytes;
    size_t size;
    if (!hunch_cache_read(NULL, luaL_checkstring(L, 1), luaL_checkstring(L, 2), check_key(L, 3),
                          &bytes, &size))
        return 0;
    lua_pushlstring(L, bytes, size);
    hunch_free(NULL, bytes, size);
    return 1;
}

static int l_cache_write(lua_State *L)
{
    size_t size;
    const char *bytes = luaL_checklstring(L, 4, &size);
    hunch_cache_write(NULL, luaL_checkstring(L, 1), luaL_checkstring(L, 2), check_key(L, 3), bytes,
                      size, (uint64_t)luaL_checkinteger(L, 5));
    return 0;
}

int luaopen_support_gpu_module(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"setenv", l_setenv},           {"open", l_open}, {"sweep", l_sweep},
        {"compile", l_compile},         {"load", l_load}, {"cache_read", l_cache_read},
        {"cache_write", l_cache_write}, {NULL, NULL}};
    luaL_newlib(L, functions);
    return 1;
}
