/* engine.c: the engine, and compiling rules with it. */
#include "engine.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cache.h"
#include "inner.h"

static const struct hunch_sizes default_sizes = {
    .record_most = (size_t)16 << 20,
    .slice = (size_t)4 << 20,
    .window = (size_t)1 << 20,
    .stream_most = (size_t)64 << 20,
    .inline_most = (size_t)1 << 20,
    .hits_most = (size_t)1 << 20, /* 16 MiB */
    .job = (size_t)1 << 20,
    .slab = (size_t)8 << 20,
    .batch = (size_t)1 << 20,
    .spans_most = (size_t)1 << 21, /* 32 MiB */
    .matches_most = (size_t)16 << 20,
    .race_after = 1000,
    .late_after = 5000,
    .race_least = (size_t)256 << 10,
    .open_after = 1000,
    .device_least = (size_t)32 << 20,
    .solve_least = (size_t)1 << 22,
};

const char *hunch_version(void)
{
    return HUNCH_VERSION;
}

hunch_status hunch_engine_new(const struct hunch_engine_options *options, struct hunch_engine **out,
                              struct hunch_error *err)
{
    static const struct hunch_engine_options defaults;
    const struct hunch_engine_options *o = options ? options : &defaults;
    *out = NULL;
    enum hunch_backend backend;
    bool automatic;
    hunch_status status = hunch_backend_find(o->backend, &backend, &automatic, err);
    if (status != HUNCH_OK)
        return status;
    struct hunch_engine *engine = hunch_alloc_zero(o->allocator, sizeof *engine);
    if (engine == NULL)
        return hunch_fail_memory(err, sizeof *engine, "an engine");
    atomic_init(&engine->refs, 1);
    engine->a = o->allocator;
    engine->sizes = default_sizes;
    engine->backend = backend;
    engine->automatic = automatic;
    engine->driver = "/dev/nvidiactl";
    pthread_mutex_init(&engine->lock, NULL);
    engine->device_memory = o->device_memory;
    engine->script_memory = o->script_memory;
    engine->script_instructions = o->script_instructions;
    engine->script_seconds = o->script_seconds;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    engine->threads = o->threads ? o->threads : processors > 0 ? (unsigned)processors : 1;
    if (engine->threads > HUNCH_THREADS_MOST)
        engine->threads = HUNCH_THREADS_MOST;
    if (o->cache == NULL)
        engine->cache = hunch_cache_default(engine->a);
    else if (o->cache[0] != '\0')
        engine->cache = hunch_strdup(engine->a, o->cache); /* none is no failure */
    struct hunch_device *device;
    if (backend == HUNCH_BACKEND_CUDA)
        status = hunch_engine_device(engine, &device, err);
    if (status != HUNCH_OK) {
        hunch_engine_free(engine);
        return status;
    }
    *out = engine;
    return HUNCH_OK;
}

void hunch_engine_free(struct hunch_engine *engine)
{
    if (engine == NULL || atomic_fetch_sub(&engine->refs, 1) > 1)
        return;
    atomic_store(&engine->closing, true);
    if (engine->opener_started)
        pthread_join(engine->opener, NULL);
    struct hunch_device *device = engine->device;
    if (device)
        device->kind->close(device);
    pthread_mutex_destroy(&engine->lock);
    hunch_strfree(engine->a, engine->cache);
    hunch_free(engine->a, engine, sizeof *engine);
}

const char *hunch_engine_backend(const struct hunch_engine *engine)
{
    return hunch_backend_name(engine->backend);
}

unsigned hunch_engine_threads(const struct hunch_engine *engine)
{
    return engine->backend == HUNCH_BACKEND_REF ? 1 : engine->threads;
}

/* ---- compiling ---- */

static const char *field(lua_State *L, const char *name)
{
    lua_getfield(L, -1, name);
    const char *text = lua_tostring(L, -1); /* the table keeps the string alive */
    lua_pop(L, 1);
    return text ? text : "";
}

static uint32_t number(lua_State *L, const char *name)
{
    lua_getfield(L, -1, name);
    lua_Integer n = lua_tointeger(L, -1);
    lua_pop(L, 1);
    return n > 0 && n <= UINT32_MAX ? (uint32_t)n : 0;
}

/* The answer's list of diagnostics into a report; the first error's message into err. */
static hunch_status take_diagnostics(lua_State *L, struct hunch_report *report, size_t *errors,
                                     struct hunch_error *err)
{
    hunch_status status = HUNCH_OK;
    *errors = 0;
    lua_getfield(L, -1, "diagnostics");
    for (lua_Integer i = 1; status == HUNCH_OK && lua_rawgeti(L, -1, i) == LUA_TTABLE; i++) {
        struct hunch_diagnostic d = {field(L, "code"),  field(L, "severity"), field(L, "file"),
                                     number(L, "line"), number(L, "column"),  field(L, "message"),
                                     field(L, "hint"),  field(L, "rule")};
        if (strcmp(d.severity, "error") == 0 && ++*errors == 1)
            hunch_fail(err, HUNCH_ERROR_RULES, "%.100s:%u: %.250s (%s)", d.file, d.line, d.message,
                       d.code);
        if (report != NULL)
            status = hunch_report_add_diagnostic(report, &d, err);
        lua_pop(L, 1);
    }
    lua_settop(L, 1);
    return status;
}

static hunch_status compile(struct hunch_engine *engine, const struct hunch_inner_request *request,
                            struct hunch_rules **rules, struct hunch_report **report,
                            struct hunch_error *err)
{
    lua_State *L;
    size_t errors, size;
    struct hunch_report *r = NULL;
    *rules = NULL;
    if (report != NULL) {
        *report = r = hunch_report_new(engine->a);
        if (r == NULL)
            return hunch_fail_memory(err, sizeof *r, "a report");
    }
    hunch_status status = hunch_inner_call(engine, request, &L, err);
    if (status != HUNCH_OK)
        return status;
    status = take_diagnostics(L, r, &errors, err);
    if (status == HUNCH_OK && errors > 0) {
        status = HUNCH_ERROR_RULES;
    } else if (status == HUNCH_OK) {
        lua_getfield(L, 1, "program");
        const char *program = lua_tolstring(L, -1, &size);
        status = program ? hunch_rules_load(engine, program, size, rules, err)
                         : hunch_fail(err, HUNCH_ERROR_RULES,
                                      "the compiler wrote no program, which is a bug in hunch");
    }
    lua_close(L);
    return status;
}

hunch_status hunch_rules_compile(struct hunch_engine *engine, const char *const *paths,
                                 size_t count, const struct hunch_compile_options *options,
                                 struct hunch_rules **rules, struct hunch_report **report,
                                 struct hunch_error *err)
{
    static const char *const none;
    struct hunch_inner_request request = {
        .what = "compile", .paths = paths ? paths : &none, .path_count = count, .options = options};
    return compile(engine, &request, rules, report, err);
}

hunch_status hunch_rules_compile_text(struct hunch_engine *engine, const char *name,
                                      const char *text, size_t size,
                                      const struct hunch_compile_options *options,
                                      struct hunch_rules **rules, struct hunch_report **report,
                                      struct hunch_error *err)
{
    struct hunch_inner_request request = {
        .what = "compile", .name = name, .text = text, .text_size = size, .options = options};
    return compile(engine, &request, rules, report, err);
}
