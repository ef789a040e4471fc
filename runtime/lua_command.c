/* lua_command.c: what the command and the module ask of the system: clock, terminal, files,
 * standard input, Ctrl-C. */
#include "lua_core.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "read.h"

static volatile sig_atomic_t interrupted;

void hunch_lua_interrupt(void);

/* For the command's SIGINT handler; the library installs none. */
HUNCH_API void hunch_lua_interrupt(void)
{
    interrupted = 1;
}

bool hunch_lua_interrupted(void)
{
    return interrupted != 0;
}

static int core_interrupted(lua_State *L)
{
    lua_pushboolean(L, interrupted);
    return 1;
}

static int core_clock(lua_State *L)
{
    lua_pushnumber(L, (lua_Number)hunch_clock_ns() * 1e-9);
    return 1;
}

static int core_is_terminal(lua_State *L)
{
    lua_pushboolean(L, isatty((int)luaL_checkinteger(L, 1)));
    return 1;
}

enum { READ_INPUT = 1 << 16 };

/* core.read_input(seconds): what standard input has, "" at its end, nil and "timeout",
 * "interrupted" or a message. */
static int core_read_input(lua_State *L)
{
    struct pollfd input = {.fd = 0, .events = POLLIN};
    lua_Number seconds = luaL_checknumber(L, 1);
    int n = poll(&input, 1, seconds > 0 && seconds < 1000 ? (int)(seconds * 1000) : 0);
    if (n > 0) {
        luaL_Buffer buffer;
        ssize_t got = read(0, luaL_buffinitsize(L, &buffer, READ_INPUT), READ_INPUT);
        if (got >= 0) {
            luaL_pushresultsize(&buffer, (size_t)got);
            return 1;
        }
    }
    lua_pushnil(L);
    lua_pushstring(L, n == 0           ? "timeout"
                      : errno == EINTR ? "interrupted"
                                       : hunch_errno_text(errno));
    return 2;
}

static int core_file_kind(lua_State *L)
{
    struct stat st;
    if (lstat(luaL_checkstring(L, 1), &st) != 0) {
        lua_pushnil(L);
        return 1;
    }
    lua_pushstring(L, S_ISREG(st.st_mode)   ? "file"
                      : S_ISDIR(st.st_mode) ? "directory"
                      : S_ISLNK(st.st_mode) ? "link"
                                            : "other");
    return 1;
}

/* core.same_file(a, b): are both there, and one regular file? Links are followed. */
static int core_same_file(lua_State *L)
{
    struct stat a, b;
    lua_pushboolean(L, stat(luaL_checkstring(L, 1), &a) == 0 &&
                           stat(luaL_checkstring(L, 2), &b) == 0 && S_ISREG(a.st_mode) &&
                           a.st_dev == b.st_dev && a.st_ino == b.st_ino);
    return 1;
}

void hunch_lua_command_open(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"clock", core_clock},
        {"is_terminal", core_is_terminal},
        {"interrupted", core_interrupted},
        {"file_kind", core_file_kind},
        {"same_file", core_same_file},
        {"read_input", core_read_input},
        {NULL, NULL},
    };
    luaL_setfuncs(L, functions, 0);
}
