/* simt_module.cc: kernels on the emulator for specs: require "support.simt_module". Linked with
 * every .cu of kernels and spec/kernels, compiled for the host.
 *
 *   buffer(bytes or size)    memory of exactly that size; #buffer, buffer:bytes(), buffer:address()
 *   launch(kernel, { grid =, block =, shared =, seed =, resident =, spin_limit =,
 *                            first_block =, blocks = }, args)
 *                            true, or nil, status, message; grid and block are a number or up to
 *                            three. args become the fields of the argument struct: an integer or a
 *                            buffer's address of 8 bytes each, a string as it is
 *   kernels()                their names */
#include <lua.hpp>
#include <cstring>
#include <string>

#include "emulator/simt.h"

static const char buffer_type[] = "hunch.spec.buffer";

struct buffer {
    size_t size;
    unsigned char *bytes; /* of exactly `size`, so that the sanitizer sees every access outside */
};

static int new_buffer(lua_State *L)
{
    size_t size;
    const char *from = nullptr;
    if (lua_isinteger(L, 1))
        size = (size_t)lua_tointeger(L, 1);
    else
        from = luaL_checklstring(L, 1, &size);
    buffer *b = static_cast<buffer *>(lua_newuserdatauv(L, sizeof *b, 0));
    b->size = size;
    b->bytes = nullptr;
    luaL_setmetatable(L, buffer_type);
    b->bytes = static_cast<unsigned char *>(std::malloc(size));
    if (b->bytes == nullptr && size > 0)
        return luaL_error(L, "out of memory");
    if (from != nullptr)
        std::memcpy(b->bytes, from, size);
    else if (size > 0)
        std::memset(b->bytes, 0, size);
    return 1;
}

static buffer *check_buffer(lua_State *L)
{
    return static_cast<buffer *>(luaL_checkudata(L, 1, buffer_type));
}

static int buffer_free(lua_State *L)
{
    buffer *b = check_buffer(L);
    std::free(b->bytes);
    b->bytes = nullptr;
    b->size = 0;
    return 0;
}

static int buffer_size(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)check_buffer(L)->size);
    return 1;
}

static int buffer_bytes(lua_State *L)
{
    const buffer *b = check_buffer(L);
    lua_pushlstring(L, reinterpret_cast<const char *>(b->bytes), b->size);
    return 1;
}

static int buffer_address(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)(uintptr_t)check_buffer(L)->bytes);
    return 1;
}

static uint64_t number_of(lua_State *L, const char *field)
{
    lua_getfield(L, 2, field);
    const uint64_t value = (uint64_t)luaL_optinteger(L, -1, 0);
    lua_pop(L, 1);
    return value;
}

static void shape_of(lua_State *L, const char *field, uint32_t shape[3])
{
    if (lua_getfield(L, 2, field) != LUA_TTABLE) {
        shape[0] = (uint32_t)luaL_optinteger(L, -1, 1);
        shape[1] = shape[2] = 1;
    } else {
        for (int i = 0; i < 3; i++) {
            lua_rawgeti(L, -1, i + 1);
            shape[i] = (uint32_t)luaL_optinteger(L, -1, 1);
            lua_pop(L, 1);
        }
    }
    lua_pop(L, 1);
}

/* The arguments' bytes, as a block that stays on the stack. */
static const void *args_of(lua_State *L, size_t *size)
{
    luaL_Buffer args;
    luaL_checktype(L, 3, LUA_TTABLE);
    const lua_Unsigned count = lua_rawlen(L, 3);
    luaL_buffinit(L, &args);
    for (lua_Unsigned i = 1; i <= count; i++) {
        uint64_t word;
        lua_rawgeti(L, 3, (lua_Integer)i);
        if (lua_type(L, -1) == LUA_TSTRING) {
            luaL_addvalue(&args);
            continue;
        }
        if (lua_isinteger(L, -1))
            word = (uint64_t)lua_tointeger(L, -1);
        else
            word = (uint64_t)(uintptr_t) static_cast<buffer *>(luaL_checkudata(L, -1, buffer_type))
                       ->bytes;
        lua_pop(L, 1);
        luaL_addlstring(&args, reinterpret_cast<const char *>(&word), sizeof word);
    }
    luaL_pushresult(&args);
    /* A string's bytes need not lie where a struct may. */
    const char *bytes = lua_tolstring(L, -1, size);
    void *copy = lua_newuserdatauv(L, *size > 0 ? *size : 1, 0);
    std::memcpy(copy, bytes, *size);
    return copy;
}

static int launch(lua_State *L)
{
    simt_machine **machine = static_cast<simt_machine **>(lua_touserdata(L, lua_upvalueindex(1)));
    const char *kernel = luaL_checkstring(L, 1);
    luaL_checktype(L, 2, LUA_TTABLE);
    size_t size;
    simt_launch shape = {};
    simt_error error;
    shape_of(L, "grid", shape.grid);
    shape_of(L, "block", shape.block);
    shape.shared_bytes = (uint32_t)number_of(L, "shared");
    shape.resident = (uint32_t)number_of(L, "resident");
    shape.seed = number_of(L, "seed");
    shape.spin_limit = number_of(L, "spin_limit");
    shape.first_block = number_of(L, "first_block");
    shape.blocks = number_of(L, "blocks");
    const void *args = args_of(L, &size);
    if (simt_run(*machine, kernel, &shape, args, size, &error) == SIMT_OK) {
        lua_pushboolean(L, 1);
        return 1;
    }
    lua_pushnil(L);
    lua_pushstring(L, simt_status_name(error.status));
    lua_pushstring(L, error.message);
    return 3;
}

static int kernels(lua_State *L)
{
    lua_newtable(L);
    for (size_t i = 0; simt_kernel_name(i) != nullptr; i++) {
        lua_pushstring(L, simt_kernel_name(i));
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int close_machine(lua_State *L)
{
    simt_machine **machine = static_cast<simt_machine **>(lua_touserdata(L, 1));
    simt_close(*machine);
    *machine = nullptr;
    return 0;
}

static const luaL_Reg buffer_methods[] = {{"__gc", buffer_free},
                                          {"__len", buffer_size},
                                          {"bytes", buffer_bytes},
                                          {"address", buffer_address},
                                          {nullptr, nullptr}};

extern "C" __attribute__((visibility("default"))) int luaopen_support_simt_module(lua_State *L)
{
    luaL_newmetatable(L, buffer_type);
    luaL_setfuncs(L, buffer_methods, 0);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
    lua_newtable(L);
    lua_pushcfunction(L, new_buffer);
    lua_setfield(L, -2, "buffer");
    lua_pushcfunction(L, kernels);
    lua_setfield(L, -2, "kernels");
    simt_machine **machine = static_cast<simt_machine **>(lua_newuserdatauv(L, sizeof *machine, 0));
    *machine = nullptr;
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, close_machine);
    lua_setfield(L, -2, "__gc");
    lua_setmetatable(L, -2);
    *machine = simt_open();
    if (*machine == nullptr)
        return luaL_error(L, "out of memory");
    lua_pushcclosure(L, launch, 1);
    lua_setfield(L, -2, "launch");
    return 1;
}
