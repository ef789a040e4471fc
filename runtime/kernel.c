/* kernel.c: a host's own kernels on an engine's backend: a function where the backend is the host,
 * a compiled source where it is a device. What a dispatch needs on the device (a stream, memory for
 * inputs and outputs) is kept by the kernel for the next one; dispatches at the same time have one
 * each. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "cuda_module.h"
#include "device_cuda.h"
#include "engine.h"

enum { LANES_MOST = 1024 };

struct place {
    void *address;
    size_t size;
};

/* What one dispatch has on the device. */
struct site {
    struct site *next;
    unsigned stream;
    HUNCH_VEC(struct place) places; /* of the inputs that are copied, then of the outputs */
};

struct hunch_kernel {
    struct hunch_engine *engine; /* a reference */
    char *name;
    hunch_status (*host)(void *ctx, const struct hunch_input *inputs, size_t input_count,
                         const void *arguments, size_t argument_size, struct hunch_outputs *outputs,
                         struct hunch_error *err);
    void *ctx;
    struct hunch_device *device; /* NULL: `host` is what runs */
    struct hunch_cuda_kernel *compiled;
    pthread_mutex_t lock; /* of what follows */
    struct site *idle;
    unsigned streams; /* given to sites so far */
};

/* ---- new, free ---- */

static hunch_status compile(struct hunch_kernel *k, const struct hunch_kernel_options *o,
                            struct hunch_error *err)
{
    const struct hunch_cuda_headers headers = {o->header_names, o->headers, o->header_count};
    const struct hunch_cuda_source source = {.name = o->source_name ? o->source_name : "kernel.cu",
                                             .text = o->source,
                                             .headers = &headers};
    char *log = NULL;
    hunch_status status = hunch_engine_device(k->engine, &k->device, err);
    if (status == HUNCH_OK)
        status = hunch_cuda_kernel_new(k->device, &source, o->name, &k->compiled, &log, err);
    if (log != NULL && o->log != NULL && o->log_size > 0)
        snprintf(o->log, o->log_size, "%s", log);
    hunch_strfree(k->engine->a, log);
    return status;
}

hunch_status hunch_kernel_new(struct hunch_engine *engine, const struct hunch_kernel_options *o,
                              struct hunch_kernel **out, struct hunch_error *err)
{
    bool on_device = engine->backend == HUNCH_BACKEND_CUDA && o->source != NULL;
    *out = NULL;
    if (o->log != NULL && o->log_size > 0)
        o->log[0] = '\0';
    if (o->name == NULL)
        return hunch_fail(err, HUNCH_ERROR_ARGUMENT, "a kernel needs a name");
    if (!on_device && o->host == NULL)
        return hunch_fail(err, HUNCH_ERROR_UNSUPPORTED,
                          "the kernel %.100s has nothing that the backend %s can run; give it a "
                          "host function%s",
                          o->name, hunch_engine_backend(engine),
                          engine->backend == HUNCH_BACKEND_CUDA ? " or a source" : "");
    struct hunch_kernel *k = hunch_alloc_zero(engine->a, sizeof *k);
    if (k == NULL)
        return hunch_fail_memory(err, sizeof *k, "a kernel");
    pthread_mutex_init(&k->lock, NULL);
    atomic_fetch_add(&engine->refs, 1);
    k->engine = engine;
    k->host = o->host;
    k->ctx = o->ctx;
    k->name = hunch_strdup(engine->a, o->name);
    hunch_status status =
        k->name ? HUNCH_OK : hunch_fail_memory(err, strlen(o->name) + 1, "a kernel");
    if (status == HUNCH_OK && on_device)
        status = compile(k, o, err);
    if (status == HUNCH_OK)
        *out = k;
    else
        hunch_kernel_free(k);
    return status;
}

static void free_site(struct hunch_kernel *k, struct site *s)
{
    for (size_t i = 0; i < s->places.count; i++)
        if (s->places.items[i].address)
            k->device->kind->release(k->device, s->places.items[i].address);
    hunch_vec_free(k->engine->a, &s->places);
    hunch_free(k->engine->a, s, sizeof *s);
}

void hunch_kernel_free(struct hunch_kernel *k)
{
    if (k == NULL)
        return;
    for (struct site *s = k->idle, *next; s != NULL; s = next) {
        next = s->next;
        free_site(k, s);
    }
    hunch_cuda_kernel_free(k->compiled);
    pthread_mutex_destroy(&k->lock);
    hunch_strfree(k->engine->a, k->name);
    struct hunch_engine *engine = k->engine;
    hunch_free(engine->a, k, sizeof *k);
    hunch_engine_free(engine);
}

/* ---- sites ---- */

static struct site *take_site(struct hunch_kernel *k)
{
    pthread_mutex_lock(&k->lock);
    struct site *s = k->idle;
    if (s != NULL)
        k->idle = s->next;
    else if ((s = hunch_alloc_zero(k->engine->a, sizeof *s)) != NULL)
        /* From the last one down: scans count from the first. Sharing one only costs time. */
        s->stream = HUNCH_DEVICE_STREAMS - 1 - k->streams++ % HUNCH_DEVICE_STREAMS;
    pthread_mutex_unlock(&k->lock);
    return s;
}

static void give_site_back(struct hunch_kernel *k, struct site *s)
{
    pthread_mutex_lock(&k->lock);
    s->next = k->idle;
    k->idle = s;
    pthread_mutex_unlock(&k->lock);
}

/* Memory of at least `size` bytes in the site's place `index`. */
static hunch_status make_place(struct hunch_kernel *k, struct site *s, size_t index, size_t size,
                               void **address, struct hunch_error *err)
{
    static const struct place none;
    if (s->places.count <= index && !hunch_vec_push(k->engine->a, &s->places, none))
        return hunch_fail_memory(err, sizeof none, "a dispatch");
    struct place *p = &s->places.items[index];
    if (p->address != NULL && p->size < size) {
        k->device->kind->release(k->device, p->address);
        *p = none;
    }
    if (p->address == NULL) {
        hunch_status status = k->device->kind->alloc(k->device, size ? size : 1, &p->address, err);
        if (status != HUNCH_OK) {
            *p = none;
            return status;
        }
        p->size = size;
    }
    *address = p->address;
    return HUNCH_OK;
}

/* ---- dispatching ---- */

/* One field of the argument struct. */
static void field(uint8_t *block, size_t *size, uint64_t value)
{
    memcpy(block + *size, &value, sizeof value);
    *size += sizeof value;
}

struct dispatch {
    struct hunch_kernel *kernel;
    const struct hunch_kernel_launch *launch;
    const struct hunch_input *inputs;
    size_t input_count;
    struct hunch_outputs *outputs;
    size_t first_output; /* what the list had before */
    struct site *site;
};

static hunch_status send_inputs(struct dispatch *d, uint8_t *block, size_t *size, size_t *place,
                                struct hunch_error *err)
{
    struct hunch_kernel *k = d->kernel;
    hunch_status status = HUNCH_OK;
    for (size_t i = 0; status == HUNCH_OK && i < d->input_count; i++) {
        const struct hunch_input *input = &d->inputs[i];
        void *address = (void *)(uintptr_t)input->bytes;
        if (!input->on_device) {
            status = make_place(k, d->site, (*place)++, input->size, &address, err);
            if (status == HUNCH_OK && input->size > 0)
                status = k->device->kind->put(k->device, d->site->stream, address, input->bytes,
                                              input->size, err);
        }
        field(block, size, (uint64_t)(uintptr_t)address);
        field(block, size, input->size);
    }
    return status;
}

static hunch_status clear_outputs(struct dispatch *d, uint8_t *block, size_t *size, size_t *place,
                                  struct hunch_error *err)
{
    struct hunch_kernel *k = d->kernel;
    hunch_status status = HUNCH_OK;
    for (size_t i = 0; status == HUNCH_OK && i < d->launch->output_count; i++) {
        size_t bytes = d->launch->output_sizes[i];
        void *address = NULL;
        status = make_place(k, d->site, (*place)++, bytes, &address, err);
        if (status == HUNCH_OK && bytes > 0)
            status = k->device->kind->clear(k->device, d->site->stream, address, bytes, err);
        field(block, size, (uint64_t)(uintptr_t)address);
        field(block, size, bytes);
    }
    return status;
}

static hunch_status read_outputs(struct dispatch *d, size_t place, struct hunch_error *err)
{
    struct hunch_kernel *k = d->kernel;
    hunch_status status = HUNCH_OK;
    for (size_t i = 0; status == HUNCH_OK && i < d->launch->output_count; i++) {
        size_t size;
        void *bytes = hunch_outputs_get(d->outputs, d->first_output + i, &size);
        if (size > 0)
            status = k->device->kind->get(k->device, d->site->stream, bytes,
                                          d->site->places.items[place + i].address, size, err);
    }
    return status;
}

/* The device's sentence, with the kernel's name before it. */
static hunch_status name_it(const struct hunch_kernel *k, hunch_status status,
                            struct hunch_error *err)
{
    if (status == HUNCH_OK || err == NULL)
        return status;
    struct hunch_error why = *err;
    return hunch_fail(err, status, "the kernel %.100s failed: %s", k->name, why.message);
}

static hunch_status run_on_device(struct dispatch *d, struct hunch_error *err)
{
    const struct hunch_kernel_launch *l = d->launch;
    struct hunch_device *device = d->kernel->device;
    size_t size = 0, place = 0;
    struct hunch_error ignored;
    uint64_t block[HUNCH_KERNEL_STRUCT_MOST / 8] = {0};
    d->site = take_site(d->kernel);
    if (d->site == NULL)
        return hunch_fail_memory(err, sizeof *d->site, "a dispatch");
    hunch_status status = send_inputs(d, (uint8_t *)block, &size, &place, err);
    size_t first = place;
    if (status == HUNCH_OK)
        status = clear_outputs(d, (uint8_t *)block, &size, &place, err);
    if (status == HUNCH_OK) {
        hunch_copy((uint8_t *)block + size, l->arguments, l->argument_size);
        void *parameters[] = {block};
        status = hunch_cuda_kernel_launch(d->kernel->compiled, d->site->stream, l->blocks,
                                          l->threads, l->shared, parameters, err);
    }
    if (status == HUNCH_OK)
        status = read_outputs(d, first, err);
    /* Also after a failure: what was begun still reads inputs and writes outputs. */
    hunch_status waited =
        device->kind->wait(device, d->site->stream, status == HUNCH_OK ? err : &ignored);
    give_site_back(d->kernel, d->site);
    return name_it(d->kernel, status == HUNCH_OK ? waited : status, err);
}

/* What a launch may have is the same everywhere, but for the shape, which only a device looks at.
 */
static hunch_status check(const struct hunch_engine *engine, const struct dispatch *d,
                          struct hunch_error *err)
{
    const struct hunch_kernel *k = d->kernel;
    const struct hunch_kernel_launch *l = d->launch;
    if (k->engine != engine)
        return hunch_fail(err, HUNCH_ERROR_ARGUMENT,
                          "the kernel %.100s belongs to another engine; dispatch it there",
                          k->name);
    if (l->argument_size % 8 != 0)
        return hunch_fail(err, HUNCH_ERROR_ARGUMENT,
                          "the arguments of the kernel %.100s have %zu bytes; make every field of "
                          "its struct 8 bytes",
                          k->name, l->argument_size);
    size_t most = HUNCH_KERNEL_STRUCT_MOST / 16;
    if (d->input_count > most || l->output_count > most ||
        l->argument_size > HUNCH_KERNEL_STRUCT_MOST ||
        (d->input_count + l->output_count) * 16 + l->argument_size > HUNCH_KERNEL_STRUCT_MOST)
        return hunch_fail(err, HUNCH_ERROR_ARGUMENT,
                          "the argument struct of the kernel %.100s has more than %d bytes; give "
                          "it fewer inputs, outputs or arguments",
                          k->name, HUNCH_KERNEL_STRUCT_MOST);
    if (k->device == NULL) {
        for (size_t i = 0; i < d->input_count; i++)
            if (d->inputs[i].on_device)
                return hunch_fail(err, HUNCH_ERROR_ARGUMENT,
                                  "an input of the kernel %.100s is on a device, and its host "
                                  "function cannot read there; copy it to the host",
                                  k->name);
        return HUNCH_OK;
    }
    if (l->blocks == 0 || l->blocks > INT_MAX || l->threads == 0 || l->threads > LANES_MOST)
        return hunch_fail(err, HUNCH_ERROR_ARGUMENT,
                          "the kernel %.100s cannot have %u blocks of %u threads; use 1 to 2^31 - "
                          "1 blocks of 1 to %d",
                          k->name, l->blocks, l->threads, LANES_MOST);
    return HUNCH_OK;
}

static hunch_status dispatch(void *ctx, const void *program, const struct hunch_input *inputs,
                             size_t input_count, struct hunch_outputs *outputs,
                             struct hunch_error *err)
{
    const struct hunch_kernel_launch *l = program;
    if (l == NULL || l->kernel == NULL)
        return hunch_fail(err, HUNCH_ERROR_ARGUMENT,
                          "the plan has no program for this route; name a kernel");
    struct dispatch d = {l->kernel, l, inputs, input_count, outputs, hunch_outputs_count(outputs),
                         NULL};
    hunch_status status = check(ctx, &d, err);
    for (size_t i = 0; status == HUNCH_OK && i < l->output_count; i++) {
        void *bytes;
        status = hunch_outputs_add(outputs, l->output_sizes[i], &bytes, err);
    }
    if (status != HUNCH_OK)
        return status;
    return d.kernel->device ? run_on_device(&d, err)
                            : d.kernel->host(d.kernel->ctx, inputs, input_count, l->arguments,
                                             l->argument_size, outputs, err);
}

struct hunch_pair_backend hunch_engine_pair_backend(struct hunch_engine *engine)
{
    return (struct hunch_pair_backend){hunch_engine_backend(engine), true, dispatch, engine};
}
