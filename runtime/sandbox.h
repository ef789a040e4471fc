/* sandbox.h: untrusted rule scripts in their own Lua states.
 *
 * A sandbox is one lua_State with a counting allocator and a count hook. It loads one rule file;
 * then either the rules are copied out as plain data (the compiler), or it is sealed and its host
 * functions are called one by one (a scan). Budgets hold per call; a limit that fired cannot be
 * swallowed by the script. A sandbox belongs to one thread at a time. Nothing here prints, exits or
 * keeps global state.
 */
#ifndef HUNCH_SANDBOX_H
#define HUNCH_SANDBOX_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HUNCH_SANDBOX_MEMORY ((size_t)256 << 20) /* bytes, libraries included */
#define HUNCH_SANDBOX_INSTRUCTIONS                                                              \
    UINT64_C(50000000)                              /* VM instructions + charged work, per call \
                                                     */
#define HUNCH_SANDBOX_MILLISECONDS 10000u           /* CPU time of the calling thread, per call */
#define HUNCH_SANDBOX_MAX_SOURCE ((size_t)64 << 20) /* bytes of one rule file */
#define HUNCH_SANDBOX_MAX_DEPTH 100                 /* nesting of tables that leave the sandbox */
#define HUNCH_SANDBOX_MAX_NODES 8000000             /* tables and entries that leave the sandbox */

enum hunch_sandbox_outcome {
    HUNCH_SANDBOX_OK,
    HUNCH_SANDBOX_SYNTAX,       /* the source is not Lua; `line` says where */
    HUNCH_SANDBOX_SCRIPT,       /* the script raised an error */
    HUNCH_SANDBOX_MEMORY_LIMIT, /* the memory budget */
    HUNCH_SANDBOX_INSTRUCTION_LIMIT,
    HUNCH_SANDBOX_TIME_LIMIT,  /* a backstop for single instructions that take long */
    HUNCH_SANDBOX_INTERRUPTED, /* the caller's `interrupted` said so */
    HUNCH_SANDBOX_TOO_MUCH,    /* the result is nested too deep or has too many nodes */
    HUNCH_SANDBOX_NO_MEMORY    /* the machine refused memory that the budget allowed */
};

struct hunch_allocator;

struct hunch_sandbox_options {
    size_t memory;         /* bytes; 0: HUNCH_SANDBOX_MEMORY */
    uint64_t instructions; /* 0: HUNCH_SANDBOX_INSTRUCTIONS */
    uint32_t milliseconds; /* 0: HUNCH_SANDBOX_MILLISECONDS */
    bool hosts_only;       /* keep the host functions, drop the rules: what a scan needs */
    const struct hunch_allocator *allocator; /* where memory comes from; NULL: the C library */
    bool (*interrupted)(void *data);         /* polled while a script runs; NULL: never */
    void *interrupt_data;
};

struct hunch_sandbox_error {
    enum hunch_sandbox_outcome outcome;
    int line;           /* 1-based line of the rule file, 0: unknown */
    char rule[160];     /* the rule being (or last) declared, or called; "" before the first */
    char message[1200]; /* one sentence, without file and line */
};

struct hunch_sandbox;

/* Makes an empty sandbox. NULL: memory is short, or `setup` (the source of lua/hunch/dsl.lua) is at
 * fault; err says which. `setup` is only read during the call. */
struct hunch_sandbox *hunch_sandbox_new(const struct hunch_sandbox_options *options,
                                        const char *setup, size_t setup_size,
                                        struct hunch_sandbox_error *err);
void hunch_sandbox_free(struct hunch_sandbox *sandbox); /* NULL is allowed */

/* Runs one rule file: text only, once per sandbox. `name` is what messages and `where` show. */
enum hunch_sandbox_outcome hunch_sandbox_load(struct hunch_sandbox *sandbox, const char *source,
                                              size_t source_size, const char *name,
                                              struct hunch_sandbox_error *err);

/* Pushes on `to` the list of the rules of a loaded sandbox, in order of declaration, as plain data:
 * new tables without metatables or sharing, whose keys and values are booleans, numbers, strings
 * and tables. A value of another type arrives as the table { unsupported = "function" }. Host
 * functions are nodes { kind = "host", fn_index = n }, n from 1 in order of the `host` calls of the
 * file. May raise a memory error in `to`. Pushes nothing when the outcome is not OK. */
enum hunch_sandbox_outcome hunch_sandbox_push_rules(struct hunch_sandbox *sandbox, lua_State *to,
                                                    struct hunch_sandbox_error *err);

size_t hunch_sandbox_host_count(const struct hunch_sandbox *sandbox); /* `host` calls so far */

/* ---- host stages ---- */

struct hunch_host_bytes {
    const char *data;
    size_t size;
};

struct hunch_host_span {
    uint64_t begin, end; /* 0-based, half open; begin > end: the group took no part */
};

struct hunch_host_match {
    struct hunch_host_bytes rule, title, severity; /* size 0: absent */
    struct hunch_host_bytes text;                  /* the bytes of `span` */
    struct hunch_host_span span;
    const struct hunch_host_span *captures; /* groups 1 .. capture_count */
    size_t capture_count;
    uint64_t line, column; /* 1-based; 0: absent */
};

struct hunch_host_record {
    struct hunch_host_bytes name;
    uint64_t size;
    /* Copies bytes [begin, begin + size) of the record to `to`; false: they cannot be had. */
    bool (*read)(void *data, uint64_t begin, size_t size, char *to);
    void *read_data;
};

enum hunch_host_verdict {
    HUNCH_HOST_REJECT,
    HUNCH_HOST_ACCEPT,
    HUNCH_HOST_CHANGE,
    HUNCH_HOST_FAILED
};

/* What a table of changes may hold. The bytes live until the next call on the same sandbox. */
struct hunch_host_changes {
    bool has_span;
    struct hunch_host_span span;                   /* inside the record */
    struct hunch_host_bytes severity, title, meta; /* size 0: unchanged; meta is a JSON object */
};

/* Calls the index-th (from 1) host function of a loaded sandbox that was made with hosts_only.
 * Globals are read-only, and everything the script can reach is put back afterwards, upvalues too:
 * no call can see another. FAILED fills err; such a match is `incomplete`, never "no match". */
enum hunch_host_verdict hunch_sandbox_call(struct hunch_sandbox *sandbox, size_t index,
                                           const struct hunch_host_match *match,
                                           const struct hunch_host_record *record,
                                           struct hunch_host_changes *changes,
                                           struct hunch_sandbox_error *err);

/* ---- Lua: runtime/sandbox_lua.c ---- */

/* native.sandbox(source, name, setup [, limits]) -> rules | nil, failure [, rules before it failed]
 * native.sandbox_host(source, name, setup [, limits]) -> object | nil, failure; object:count(),
 *   object:call(n, match, record) -> true | false | changes | nil, failure
 * limits = { memory = bytes, instructions = n, seconds = s }
 * failure = { kind = "syntax"|"script"|"limit"|"data"|"memory", message =, line =|nil, rule =|nil,
 *   limit = "memory"|"instructions"|"time"|"deadline"|nil }
 * Memory comes from the allocator of the state that calls. */
int hunch_native_sandbox(lua_State *L);
int hunch_native_sandbox_host(lua_State *L);

/* A light userdata under this key of the registry points to what may end a script early
 * ("deadline"). */
#define HUNCH_SANDBOX_INTERRUPT "hunch.sandbox.interrupt"
struct hunch_sandbox_interrupt {
    bool (*interrupted)(void *data);
    void *data;
};

#endif
