/* sandbox_state.h: what the files runtime/sandbox*.c share; nobody else includes it.
 *
 * Invariant: `fired` is set once and stays until the outermost call returns. While it is set,
 * memory is refused, every hook tick raises, and every charged function raises.
 */
#ifndef HUNCH_SANDBOX_STATE_H
#define HUNCH_SANDBOX_STATE_H

#include "sandbox.h"

#define SANDBOX_STEP 1000             /* VM instructions between two ticks */
#define SANDBOX_POLL 50000            /* charged units between two looks at the clock */
#define SANDBOX_BYTES_A_UNIT 16       /* bytes that cost as much as one instruction */
#define SANDBOX_LARGE_BLOCK (1 << 18) /* blocks above this make ticks more frequent */

struct sandbox_block; /* sandbox_memory.c */

struct hunch_sandbox {
    lua_State *L;
    struct hunch_sandbox_options options; /* with the defaults filled in */

    /* memory: sandbox_memory.c */
    size_t memory_used;
    size_t memory_sealed;       /* memory_used when it was sealed */
    size_t largest_block;       /* since the call began */
    const void *refused_block;  /* the last request that was refused: Lua collects and repeats it */
    size_t refused_size;        /* 0: none */
    struct sandbox_block *base; /* hosts_only: all blocks from before the seal */
    struct sandbox_block *recent; /* hosts_only: blocks of the call that runs */
    char *image;                  /* the bytes of all base blocks, one after the other */
    size_t image_size;

    /* work */
    uint64_t spent, next_poll;
    uint64_t started_ns; /* CPU clock of the thread when the call began */
    int step;
    enum hunch_sandbox_outcome fired;
    bool running; /* inside a call: limits hold */

    /* what the script is doing */
    char *name;                             /* of the rule file; owned */
    char short_name[60];                    /* as Lua shows it in messages: at most LUA_IDSIZE */
    char rule[160];                         /* the last rule that was named, "" before the first */
    bool rule_open;                         /* ... and its body has not been seen */
    int line;                               /* where the limit fired or the error was raised */
    int recent_line;                        /* at the last tick, 0: none yet */
    void *stack, *sealed_stack;             /* the block of the Lua stack, now and when sealed; */
                                            /* NULL: it is copied, never resized */
    bool stack_sought;                      /* the next block that is resized is the stack */
    bool stack_moves;                       /* it is being resized: frames cannot be looked at */
    char text[1000];                        /* message of the error that was raised */
    bool has_text;                          /* ... is valid */
    size_t host_count;                      /* host functions seen */
    bool loaded, sealed;                    /* a file was run; host calls have begun */
    const struct hunch_host_record *record; /* of the host call that runs */
    struct hunch_host_changes changes;      /* bytes of its answer point into change_bytes */
    char *change_bytes;
    size_t change_capacity;
    enum hunch_host_verdict verdict;
};

/* Keys in the registry of the sandbox's state. */
#define SANDBOX_KEY_RULES "hunch.rules"     /* list of declared rules */
#define SANDBOX_KEY_HOSTS "hunch.hosts"     /* list of host functions */
#define SANDBOX_KEY_GLOBALS "hunch.globals" /* the table that holds the globals */
#define SANDBOX_KEY_ENV "hunch.env"         /* its read-through proxy, the scripts' _ENV */
#define SANDBOX_KEY_FINISH "hunch.finish"   /* what the setup chunk returned */
#define SANDBOX_KEY_META "hunch.meta"       /* metatable given by a script -> the one in use */
#define SANDBOX_KEY_GIVEN "hunch.given"     /* ... and back */

static inline struct hunch_sandbox *sandbox_of(lua_State *L)
{
    void *data;
    (void)lua_getallocf(L, &data);
    return data;
}

/* sandbox.c */
void sandbox_fire(struct hunch_sandbox *sb, enum hunch_sandbox_outcome limit);
bool sandbox_charge(struct hunch_sandbox *sb, uint64_t units); /* false: a limit has fired */
void sandbox_spend(lua_State *L, uint64_t units);              /* ... raises instead */
void sandbox_raise(lua_State *L);                              /* the error of a fired limit */
enum hunch_sandbox_outcome sandbox_run(struct hunch_sandbox *sb, lua_CFunction body, void *data,
                                       struct hunch_sandbox_error *err);
void sandbox_report(struct hunch_sandbox *sb, enum hunch_sandbox_outcome outcome,
                    const char *message, struct hunch_sandbox_error *err);
int sandbox_script_line(
    struct hunch_sandbox *sb); /* line of the innermost frame of the rule file */
int sandbox_line_in_alloc(struct hunch_sandbox *sb); /* the same while the stack may be moving */

/* sandbox_memory.c */
void *sandbox_alloc(void *data, void *block, size_t old_size, size_t new_size);
bool sandbox_seal(struct hunch_sandbox *sb);    /* false: no memory for the image */
void sandbox_restore(struct hunch_sandbox *sb); /* back to the state at the seal */
void sandbox_drop_blocks(struct hunch_sandbox *sb);

/* sandbox_copy.c */
enum sandbox_copy { SANDBOX_COPIED, SANDBOX_COPY_DEEP, SANDBOX_COPY_LARGE, SANDBOX_COPY_STOPPED };
enum sandbox_copy sandbox_copy(lua_State *from, int index, lua_State *to);
const char *sandbox_copy_message(enum sandbox_copy why);

/* sandbox_lib.c, sandbox_table.c, sandbox_string.c, sandbox_find.c: push a library's table, or
 * fill the table on top */
void sandbox_open_base(lua_State *L);
void sandbox_push_internals(lua_State *L);
void sandbox_push_table(lua_State *L);
void sandbox_push_string(lua_State *L);
void sandbox_push_utf8(lua_State *L);
void sandbox_push_math(lua_State *L);
void sandbox_add_patterns(lua_State *L);
void sandbox_push_text(lua_State *L, int index); /* tostring, without addresses */
void sandbox_sort_keys(lua_State *L, int index, lua_Integer n);
void sandbox_set_charged(lua_State *L, const char *name, lua_CFunction original, int bytes_a_unit);

#endif
