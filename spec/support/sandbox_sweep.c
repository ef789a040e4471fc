/* sandbox_sweep: a sandbox when the machine refuses memory: the n-th allocation fails, for every n,
 * once alone and once with all that follow. Each way through new, load, push_rules and call must
 * end with a result or an error that has a message, and give every block back.
 *
 * The last line is "ok" with the figures, or what was wrong.
 */
#include "alloc.h"
#include "embedded.h"
#include "sandbox.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

static const char RULES[] = "local t = {} for i = 1, 50 do t[i] = 'w' .. i end\n"
                            "rule 'a' { prefilter = any(t), confirm = { regex 'a+',\n"
                            "  host(function(match, record)\n"
                            "    local s = match.text:gsub('%d', 'x')\n"
                            "    return { title = s:rep(20), meta = { a = record:sub(1, 3) } }\n"
                            "  end) } }\n";

static unsigned long good, failed;

static bool read_bytes(void *data, uint64_t begin, size_t size, char *to)
{
    memcpy(to, (const char *)data + begin, size);
    return true;
}

static const char *call(struct hunch_sandbox *sandbox)
{
    char bytes[] = "abc123";
    struct hunch_host_match match = {.rule = {"a", 1}, .text = {bytes, 6}, .span = {0, 6}};
    struct hunch_host_record record = {{"name", 4}, 6, read_bytes, bytes};
    for (int i = 0; i < 3; i++) {
        struct hunch_host_changes changes;
        struct hunch_sandbox_error err;
        switch (hunch_sandbox_call(sandbox, 1, &match, &record, &changes, &err)) {
        case HUNCH_HOST_CHANGE:
            if (changes.title.size != 120 || memcmp(changes.meta.data, "{\"a\":\"abc\"}", 11) != 0)
                return "a call gave a wrong answer";
            good++;
            break;
        case HUNCH_HOST_FAILED:
            if (err.message[0] == '\0')
                return "a call failed without a message";
            failed++;
            break;
        default: return "a call gave another verdict";
        }
    }
    return NULL;
}

static const char *use(const struct hunch_allocator *a, const struct hunch_embedded *dsl,
                       bool hosts)
{
    struct hunch_sandbox_options options = {.hosts_only = hosts, .allocator = a};
    struct hunch_sandbox_error err = {0};
    const char *wrong = NULL;
    struct hunch_sandbox *sandbox =
        hunch_sandbox_new(&options, (const char *)dsl->data, dsl->size, &err);
    enum hunch_sandbox_outcome outcome = err.outcome;
    if (sandbox != NULL)
        outcome = hunch_sandbox_load(sandbox, RULES, sizeof RULES - 1, "rules.lua", &err);
    if (outcome != HUNCH_SANDBOX_OK) {
        failed++;
        if (outcome != HUNCH_SANDBOX_NO_MEMORY || err.message[0] == '\0')
            wrong = "a refusal of memory was reported as something else";
    } else if (hosts) {
        wrong = call(sandbox);
    } else {
        lua_State *L = luaL_newstate();
        good += hunch_sandbox_push_rules(sandbox, L, &err) == HUNCH_SANDBOX_OK;
        lua_close(L);
    }
    hunch_sandbox_free(sandbox);
    return wrong;
}

static bool always(void *data)
{
    ++*(int *)data;
    return true;
}

/* A caller that has enough ends an endless script. */
static const char *interrupt(const struct hunch_embedded *dsl)
{
    static const char endless[] = "while true do pcall(function() while true do end end) end";
    int asked = 0;
    struct hunch_sandbox_options options = {.interrupted = always, .interrupt_data = &asked};
    struct hunch_sandbox_error err = {0};
    struct hunch_sandbox *sandbox =
        hunch_sandbox_new(&options, (const char *)dsl->data, dsl->size, &err);
    enum hunch_sandbox_outcome outcome =
        sandbox == NULL ? err.outcome
                        : hunch_sandbox_load(sandbox, endless, sizeof endless - 1, "r.lua", &err);
    hunch_sandbox_free(sandbox);
    if (asked == 0 || outcome != HUNCH_SANDBOX_INTERRUPTED || err.outcome != outcome)
        return "an interrupted script did not end as one";
    return NULL;
}

int main(void)
{
    const struct hunch_embedded *dsl = hunch_embedded_lua;
    while (dsl->name != NULL && strcmp(dsl->name, "hunch.dsl") != 0)
        dsl++;
    if (dsl->name == NULL) {
        puts("the library carries no hunch.dsl");
        return 1;
    }
    const char *fault = interrupt(dsl);
    if (fault != NULL) {
        puts(fault);
        return 1;
    }
    unsigned long points = 0;
    for (int mode = 0; mode < 4; mode++) {
        for (unsigned long n = 1;; n++, points++) {
            struct hunch_counting_allocator c;
            hunch_counting_allocator_init(&c, NULL);
            c.fail_at = n;
            c.fail_after = (mode & 1) != 0;
            const char *wrong = use(&c.base, dsl, (mode & 2) != 0);
            if (wrong == NULL && (c.bytes != 0 || c.blocks != 0))
                wrong = "memory was not given back";
            if (wrong != NULL) {
                printf("%s (allocation %lu, mode %d)\n", wrong, n, mode);
                return 1;
            }
            if (c.calls < n)
                break;
        }
    }
    printf("ok points=%lu good=%lu failed=%lu\n", points, good, failed);
    return 0;
}
