/* kernel_check.c: kernels of a host's own as a C program sees them, one function a thing.
 *
 *   kernel_check NAME           prints each expectation that fails; exit status 1 when one did
 *   kernel_check device FOLDER  on a device; FOLDER has the kernels of examples/own_kernel
 *
 * spec/guess/kernel_spec.lua has the same for Lua. */
#include <pthread.h>

#include "pair_host.h"

enum { THREADS = 8 };

/* ---- kernels on the host's backends ---- */

/* Arguments: how much to add to each byte of the first input. The tail counts the bytes. */
static hunch_status add(void *ctx, const struct hunch_input *inputs, size_t input_count,
                        const void *arguments, size_t argument_size, struct hunch_outputs *outputs,
                        struct hunch_error *err)
{
    size_t size;
    uint8_t *bytes = hunch_outputs_get(outputs, 0, &size);
    if (ctx != NULL)
        return hunch_fail(err, HUNCH_ERROR_IO, "%s", (const char *)ctx);
    CHECK(input_count == 1 && argument_size == 8 && size == inputs[0].size + 8);
    for (size_t i = 0; i < size; i++)
        CHECK(bytes[i] == 0);
    for (size_t i = 0; i < inputs[0].size; i++)
        bytes[i] = (uint8_t)(((const uint8_t *)inputs[0].bytes)[i] + *(const uint64_t *)arguments);
    hunch_encode_counter_tail(REPORT((uint32_t)inputs[0].size, 0), bytes + inputs[0].size);
    return HUNCH_OK;
}

static void check_kernels(void)
{
    static const char *const backends[] = {"ref", "cpu"};
    for (int b = 0; b < 2; b++) {
        struct hunch_counting_allocator c;
        struct host h;
        struct hunch_engine *engine = NULL, *other = NULL;
        struct hunch_kernel *kernel = NULL;
        char log[20] = "old";
        hunch_counting_allocator_init(&c, NULL);
        struct hunch_engine_options o = {.backend = backends[b], .allocator = &c.base, .cache = ""};
        CHECK(hunch_engine_new(&o, &engine, NULL) == HUNCH_OK);
        CHECK(hunch_engine_new(&o, &other, NULL) == HUNCH_OK);
        struct hunch_kernel_options k = {
            .name = "add_kernel", .source = "no C at all", .log = log, .log_size = sizeof log};
        set_up(&h, HUNCH_POLICY_COMMIT_RATE);
        /* Nothing that this backend runs. */
        CHECK(hunch_kernel_new(engine, &k, &kernel, &h.err) == HUNCH_ERROR_UNSUPPORTED);
        CHECK(strstr(h.err.message, "add_kernel") && strstr(h.err.message, backends[b]));
        CHECK(kernel == NULL && log[0] == '\0');
        k.host = add;
        k.name = NULL;
        CHECK(hunch_kernel_new(engine, &k, &kernel, &h.err) == HUNCH_ERROR_ARGUMENT);
        k.name = "add_kernel";
        CHECK(hunch_kernel_new(engine, &k, &kernel, &h.err) == HUNCH_OK);

        uint64_t more = 2;
        h.input = (struct hunch_input){"some bytes!!", 12, false};
        size_t sizes[] = {h.input.size + 8};
        struct hunch_kernel_launch launch = {.kernel = kernel,
                                             .output_sizes = sizes,
                                             .output_count = 1,
                                             .arguments = &more,
                                             .argument_size = sizeof more};
        h.backend = hunch_engine_pair_backend(engine);
        CHECK(strcmp(h.backend.name, backends[b]) == 0 && h.backend.can_speculate);
        h.pair.plan = (struct hunch_pair_plan){&launch, &launch, 0, true};
        h.batch.mode = HUNCH_SPECULATE_FORCE;
        CHECK(run(&h) == HUNCH_OK && h.result.report.committed == 12 && size_of(&h, 0) == 12);
        size_t size;
        CHECK(memcmp(hunch_outputs_get(h.result.outputs, 0, &size), "uqog\"d{vgu##", 12) == 0);
        h.batch.mode = HUNCH_SPECULATE_DISABLE;
        CHECK(run(&h) == HUNCH_OK && size_of(&h, 0) == 20);

        h.batch.mode = HUNCH_SPECULATE_AUTO; /* wrong plans are the caller's in auto too */
        h.input.on_device = true;
        CHECK(run(&h) == HUNCH_ERROR_ARGUMENT && says(&h, HUNCH_ERROR_ARGUMENT, "device"));
        h.input.on_device = false;
        launch.argument_size = 7; /* what a device could not take is refused on the host too */
        CHECK(run(&h) == HUNCH_ERROR_ARGUMENT && says(&h, HUNCH_ERROR_ARGUMENT, "7 bytes"));
        launch.argument_size = 8;
        h.pair.plan.fused = NULL;
        CHECK(run(&h) == HUNCH_ERROR_ARGUMENT && says(&h, HUNCH_ERROR_ARGUMENT, "no program"));
        h.pair.plan.fused = &launch;
        h.backend = hunch_engine_pair_backend(other);
        CHECK(run(&h) == HUNCH_ERROR_ARGUMENT && says(&h, HUNCH_ERROR_ARGUMENT, "another engine"));
        h.backend = hunch_engine_pair_backend(engine);
        hunch_kernel_free(kernel);
        k.ctx = "no more paper";
        CHECK(hunch_kernel_new(engine, &k, &kernel, &h.err) == HUNCH_OK);
        launch.kernel = kernel;
        CHECK(run(&h) == HUNCH_ERROR_IO && says(&h, HUNCH_ERROR_IO, "no more paper"));
        CHECK(strcmp(h.result.fallback.message, "no more paper") == 0);

        hunch_engine_free(engine); /* the kernel keeps it */
        hunch_engine_free(other);
        hunch_kernel_free(kernel);
        hunch_kernel_free(NULL);
        hunch_outputs_free(NULL);
        CHECK(c.bytes == 0 && c.blocks == 0);
        tear_down(&h);
    }
}

/* The same sweep over an engine, a kernel and a dispatch of it. */
static void check_kernel_memory(void)
{
    unsigned long calls = 1;
    for (unsigned long fail = 1; fail <= calls; fail++) {
        struct hunch_counting_allocator c;
        struct host h;
        struct hunch_engine *engine = NULL;
        struct hunch_kernel *kernel = NULL;
        uint64_t more = 1;
        size_t sizes[] = {12 + 8};
        hunch_counting_allocator_init(&c, NULL);
        c.fail_at = fail;
        struct hunch_engine_options o = {.backend = "ref", .allocator = &c.base, .cache = ""};
        struct hunch_kernel_options k = {.name = "add_kernel", .host = add};
        set_up(&h, HUNCH_POLICY_COMMIT_RATE);
        h.input = (struct hunch_input){"some bytes!!", 12, false};
        h.pair.allocator = &c.base;
        h.batch.mode = HUNCH_SPECULATE_FORCE;
        hunch_status status = hunch_engine_new(&o, &engine, &h.err);
        if (status == HUNCH_OK)
            status = hunch_kernel_new(engine, &k, &kernel, &h.err);
        if (status == HUNCH_OK) {
            struct hunch_kernel_launch launch = {kernel, 0, 0, 0, sizes, 1, &more, sizeof more};
            h.backend = hunch_engine_pair_backend(engine);
            h.pair.plan = (struct hunch_pair_plan){&launch, &launch, 0, true};
            status = run(&h);
        }
        calls = c.failures ? fail + 1 : fail; /* until none was left to fail */
        CHECK(status == (c.failures ? HUNCH_ERROR_MEMORY : HUNCH_OK));
        CHECK(hunch_speculator_samples(h.pair.speculator) == (status == HUNCH_OK));
        tear_down(&h);
        hunch_kernel_free(kernel);
        hunch_engine_free(engine);
        CHECK(c.bytes == 0 && c.blocks == 0);
    }
    CHECK(calls > 5);
}

/* ---- a kernel on a device: specs run this with a driver of their own (fake_cuda.lua) ---- */

/* Shared by threads: one engine, one pair of kernels. */
struct device {
    struct hunch_counting_allocator c;
    struct hunch_engine *engine;
    struct hunch_kernel *fused, *prefilter;
    char source[20000], header[20000];
};

static const char *folder; /* of cards.cu */

static void read_text(const char *name, char *text, size_t room)
{
    char path[1000];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL);
    text[0] = '\0';
    if (file != NULL) {
        text[fread(text, 1, room - 1, file)] = '\0';
        fclose(file);
    }
}

static hunch_status new_kernels(struct device *d, struct hunch_error *err)
{
    static const char *const names[] = {"card_tile.h"};
    const char *headers[] = {d->header};
    struct hunch_kernel_options k = {.name = "cards_fused_kernel",
                                     .source = d->source,
                                     .header_names = names,
                                     .headers = headers,
                                     .header_count = 1};
    hunch_status status = hunch_kernel_new(d->engine, &k, &d->fused, err);
    k.name = "cards_prefilter_kernel";
    return status == HUNCH_OK ? hunch_kernel_new(d->engine, &k, &d->prefilter, err) : status;
}

/* 40 tiles, a card number in each fourth. */
static hunch_status run_cards(struct device *d, struct host *h, enum hunch_speculation mode)
{
    static const char card[] = "4111111111111111";
    char text[40 * 256];
    const uint64_t tiles = 40;
    size_t plain[] = {4 * tiles}, tailed[] = {4 * tiles + 8}, size;
    memset(text, '.', sizeof text);
    for (size_t i = 0; i < tiles; i += 4)
        memcpy(text + 256 * i, card, sizeof card - 1);
    struct hunch_kernel_launch fused = {.kernel = d->fused,
                                        .blocks = 1,
                                        .threads = 128,
                                        .output_sizes = tailed,
                                        .output_count = 1,
                                        .arguments = &tiles,
                                        .argument_size = sizeof tiles},
                               prefilter = fused;
    prefilter.kernel = d->prefilter;
    prefilter.output_sizes = plain;
    h->backend = hunch_engine_pair_backend(d->engine);
    h->pair.plan = (struct hunch_pair_plan){&fused, &prefilter, 0, true};
    h->input = (struct hunch_input){text, sizeof text, false};
    h->batch = (struct hunch_pair_batch){&h->input, 1, (uint32_t)tiles, mode};
    hunch_status status = run(h);
    if (status != HUNCH_OK)
        return status;
    const uint32_t *counts = hunch_outputs_get(h->result.outputs, 0, &size);
    CHECK(size == 4 * tiles);
    for (size_t i = 0; i < tiles; i++)
        CHECK(counts[i] == (i % 4 == 0));
    CHECK(!h->result.speculated ||
          (h->result.report.committed == 10 && h->result.report.rolled_back == 30));
    return status;
}

struct thread {
    struct device *device;
    struct hunch_speculator *speculator;
};

static void *dispatch_cards(void *argument)
{
    const struct thread *t = argument;
    struct host h;
    memset(&h, 0, sizeof h);
    h.seen = (struct hunch_commit_report){10, 30};
    h.pair = (struct hunch_pair){.backend = &h.backend,
                                 .speculator = t->speculator,
                                 .confirm_serial = confirm,
                                 .ctx = &h,
                                 .allocator = &t->device->c.base};
    for (int i = 0; i < 60; i++)
        CHECK(run_cards(t->device, &h, i % 3) == HUNCH_OK);
    hunch_outputs_free(h.result.outputs);
    return (void *)(uintptr_t)failures;
}

static void check_device(void)
{
    static struct device d;
    struct host h;
    pthread_t thread[THREADS];
    set_up(&h, HUNCH_POLICY_COMMIT_RATE);
    h.pair.allocator = &d.c.base;
    hunch_counting_allocator_init(&d.c, NULL);
    read_text("cards.cu", d.source, sizeof d.source);
    read_text("card_tile.h", d.header, sizeof d.header);
    struct hunch_engine_options o = {.backend = "cuda", .allocator = &d.c.base, .cache = ""};
    CHECK(hunch_engine_new(&o, &d.engine, &h.err) == HUNCH_OK);
    if (d.engine == NULL) {
        printf("%s\n", h.err.message);
        tear_down(&h);
        return;
    }
    /* Every allocation of two kernels and of a dispatch of each fails in its turn. */
    size_t bytes = d.c.bytes;
    unsigned long refused = 1, fail = 0;
    while (refused > 0 && ++fail < 1000) {
        unsigned long before = d.c.failures;
        d.c.fail_at = d.c.calls + fail;
        hunch_status status = new_kernels(&d, &h.err);
        for (int mode = HUNCH_SPECULATE_FORCE; mode <= HUNCH_SPECULATE_DISABLE; mode++)
            if (status == HUNCH_OK)
                status = run_cards(&d, &h, mode);
        refused = d.c.failures - before;
        CHECK(status == HUNCH_OK || (refused > 0 && status == HUNCH_ERROR_MEMORY));
        hunch_outputs_free(h.result.outputs);
        h.result.outputs = NULL;
        hunch_kernel_free(d.fused);
        hunch_kernel_free(d.prefilter);
        d.fused = d.prefilter = NULL;
        CHECK(d.c.bytes == bytes);
    }
    CHECK(fail > 10 && fail < 1000);
    /* Any number of threads dispatch at the same time. */
    d.c.fail_at = 0;
    CHECK(new_kernels(&d, &h.err) == HUNCH_OK);
    uint32_t samples = hunch_speculator_samples(h.pair.speculator);
    struct thread shared = {&d, h.pair.speculator};
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_create(&thread[i], NULL, dispatch_cards, &shared) == 0);
    for (int i = 0; i < THREADS; i++) {
        void *failed;
        pthread_join(thread[i], &failed);
        CHECK(failed == NULL);
    }
    CHECK(hunch_speculator_samples(h.pair.speculator) == samples + THREADS * 60);
    hunch_engine_free(d.engine); /* the kernels keep it */
    hunch_kernel_free(d.fused);
    hunch_kernel_free(d.prefilter);
    CHECK(d.c.bytes == 0 && d.c.blocks == 0);
    tear_down(&h);
}

static const struct {
    const char *name;
    void (*run)(void);
} all[] = {
    {"host", check_kernels},
    {"memory", check_kernel_memory},
    {"device", check_device},
};

int main(int argc, char **argv)
{
    folder = argc > 2 ? argv[2] : ".";
    for (size_t i = 0; argc > 1 && i < sizeof all / sizeof *all; i++)
        if (strcmp(argv[1], all[i].name) == 0) {
            all[i].run();
            printf("%u checks, %u failures\n", checks, failures);
            return failures != 0;
        }
    fprintf(stderr,
            "usage: kernel_check NAME [FOLDER]; it is in the table at the end of the source\n");
    return 2;
}
