/* variants.c: see variants.h. Each form compiled for the program has a race (race.c) of its own
 * against the one for every program, one after the other and in each class of batches; of those
 * that win, the one that saves most of its rival's time is taken. One search is measured at a time,
 * so that both sides take turns, and counts only where no other was on the device meanwhile: it
 * would have been waiting for that. */
#include "variants.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "autotune.h"
#include "clock.h"
#include "cuda_module.h"
#include "embedded.h"
#include "program.h"

#define PAYS_OFF                                                                    \
    ((uint64_t)1 << 24) /* dispatches: a kernel is compiled once for many processes \
                         */

enum { BUSY_SIZE = HUNCH_BUSY_CELLS * HUNCH_BUSY_APART * sizeof(unsigned long long) };

static const char MAGIC[8] = {'H', 'U', 'N', 'C', 'H', 'V', 'R', '1'};
static const char entry[] = "hunch_prefilter_kernel";

/* Bytes from which a batch is of the class, and for which its times are given. */
static const struct {
    uint64_t from, reference;
} classes[HUNCH_VARIANT_CLASSES] = {{0, (uint64_t)1 << 20},
                                    {(uint64_t)4 << 20, (uint64_t)16 << 20},
                                    {(uint64_t)64 << 20, (uint64_t)256 << 20}};

_Static_assert(sizeof(struct hunch_variants_state) ==
                   8 + 16 + 16 + 24 + 104 + 200 +
                       HUNCH_VARIANT_SHAPES * sizeof(struct hunch_variants_raced),
               "no padding");

struct form {
    struct hunch_cuda_kernel *kernel; /* NULL: not there (yet) */
    bool broken;                      /* does not start */
    uint32_t shared, grams_shared;
    uint64_t compile_ns;
    struct hunch_key specialisation;
};

struct batches {
    bool decided;
    uint32_t winner; /* a shape; HUNCH_VARIANT_SHAPES: the one for every program */
    bool used;
    bool measuring;           /* one of them, into: */
    unsigned long long *busy; /* pinned; NULL: no memory yet */
    struct hunch_race *race[HUNCH_VARIANT_SHAPES];
};

struct hunch_variants {
    struct hunch_variants_for what; /* but `table`, which is */
    struct hunch_gram_table table;
    struct hunch_key kernels; /* hash of the sources */
    pthread_mutex_t lock;     /* of what follows */
    struct form form[HUNCH_VARIANT_SHAPES];
    struct batches batches[HUNCH_VARIANT_CLASSES];
    uint64_t first_ns; /* when a class without a winner had its first batch; 0: not yet */
    bool started, compiled;
    char problem[200]; /* why a form could not be compiled; "": it could */
    pthread_t thread;
    atomic_bool cancelled;
    pthread_mutex_t keeping;      /* of the store */
    struct hunch_autotune *store; /* NULL: none */
};

/* ---- the store ---- */

static struct hunch_key kernels_key(void)
{
    struct hunch_key chain[2] = {{{0}}};
    for (const struct hunch_embedded *e = hunch_embedded_kernels; e->name != NULL; e++) {
        chain[1] = hunch_key_of(e->data, e->size);
        chain[0] = hunch_key_of(chain, sizeof chain);
    }
    return chain[0];
}

static struct hunch_tuning_id id_of(const struct hunch_variants *v, uint32_t batch, uint32_t shape,
                                    char driver[48])
{
    int n = snprintf(driver, 48, "variants ");
    for (size_t i = 0; i < sizeof v->kernels.bytes; i++)
        n += snprintf(driver + n, 48 - (size_t)n, "%02x", v->kernels.bytes[i]);
    struct hunch_tuning_id id = {.program = v->what.program,
                                 .binding = batch,
                                 .adapter = v->what.device->about,
                                 .driver = driver};
    if (shape < HUNCH_VARIANT_SHAPES)
        id.specialisation = v->form[shape].specialisation;
    return id;
}

bool hunch_variants_describe(const struct hunch_tuning *t, struct hunch_variants_state *state)
{
    if (t->state_size != sizeof *state)
        return false;
    memcpy(state, t->state, sizeof *state);
    if (memcmp(state->magic, MAGIC, sizeof MAGIC) != 0 || state->batch >= HUNCH_VARIANT_CLASSES ||
        state->count > HUNCH_VARIANT_SHAPES || state->winner > state->count ||
        state->adapter[sizeof state->adapter - 1] != '\0' ||
        state->problem[sizeof state->problem - 1] != '\0')
        return false;
    return true;
}

/* What an earlier process found out of this class, if its kernel is still there. */
static void recall(struct hunch_variants *v, uint32_t batch)
{
    char driver[48];
    struct hunch_tuning_id id = id_of(v, batch, HUNCH_VARIANT_SHAPES, driver);
    struct hunch_key key = hunch_tuning_key(&id);
    struct hunch_tuning t;
    struct hunch_variants_state state;
    if (v->store == NULL || !hunch_autotune_get(v->store, &key, &t) ||
        !hunch_variants_describe(&t, &state) || state.problem[0] != '\0' ||
        state.count != HUNCH_VARIANT_SHAPES)
        return;
    for (uint32_t i = 0; i < state.count; i++)
        if (memcmp(&state.raced[i].specialisation, &v->form[i].specialisation,
                   sizeof(struct hunch_key)) != 0)
            return;
    if (state.winner < state.count) {
        struct form *form = &v->form[state.winner];
        if (form->kernel == NULL)
            form->kernel =
                hunch_cuda_kernel_cached(v->what.device, state.raced[state.winner].image, entry);
        if (form->kernel == NULL)
            return;
    }
    v->batches[batch].winner = state.winner;
    v->batches[batch].decided = true;
}

/* Under the lock. Returns a race that the winner of the class has won. */
static const struct hunch_race *describe(const struct hunch_variants *v, uint32_t batch,
                                         struct hunch_variants_state *state)
{
    const struct batches *b = &v->batches[batch];
    const struct hunch_race *race = NULL;
    *state = (struct hunch_variants_state){
        .program = v->what.program,
        .from = classes[batch].from > v->what.least ? classes[batch].from : v->what.least,
        .reference = classes[batch].reference,
        .rules = v->what.rules,
        .batch = batch,
        .count = HUNCH_VARIANT_SHAPES,
        .winner = b->decided ? b->winner : HUNCH_VARIANT_SHAPES};
    memcpy(state->magic, MAGIC, sizeof MAGIC);
    memcpy(state->problem, v->problem, sizeof state->problem);
    snprintf(state->adapter, sizeof state->adapter, "%s", v->what.device->about);
    for (uint32_t i = 0; i < HUNCH_VARIANT_SHAPES; i++) {
        struct hunch_variants_raced *raced = &state->raced[i];
        struct hunch_race_decision d;
        raced->threads = hunch_variant_shape[i].threads;
        raced->ahead = hunch_variant_shape[i].ahead;
        raced->specialisation = v->form[i].specialisation;
        raced->compile_ns = v->form[i].compile_ns;
        if (v->form[i].kernel != NULL)
            memcpy(raced->image, hunch_cuda_kernel_key(v->form[i].kernel), sizeof raced->image);
        if (b->race[i] == NULL || !hunch_race_decide(b->race[i], &d))
            continue;
        memcpy(raced->samples, d.samples, sizeof raced->samples);
        memcpy(raced->median_ns, d.median_ns, sizeof raced->median_ns);
        if (race == NULL || i == state->winner)
            race = b->race[i];
    }
    return race;
}

/* A class is decided, or nothing could be compiled: into the store. */
static void keep(struct hunch_variants *v, uint32_t batch)
{
    struct hunch_variants_state state;
    char driver[48];
    if (v->store == NULL)
        return;
    pthread_mutex_lock(&v->lock);
    const struct hunch_race *race = describe(v, batch, &state);
    pthread_mutex_unlock(&v->lock);
    uint32_t shape = state.winner < HUNCH_VARIANT_SHAPES ? state.winner : 0;
    struct hunch_tuning t = {.workgroup = hunch_variant_shape[shape].threads,
                             .unroll = hunch_variant_shape[shape].ahead,
                             .tile = HUNCH_PREFILTER_CHUNK,
                             .state = &state,
                             .state_size = sizeof state};
    struct hunch_tuning_id id = id_of(v, batch, HUNCH_VARIANT_SHAPES, driver);
    struct hunch_key key = hunch_tuning_key(&id);
    pthread_mutex_lock(&v->keeping);
    struct hunch_race_decision d;
    if (race != NULL && hunch_race_decide(race, &d)) { /* no other thread measures any more */
        hunch_race_keep(race, v->store, &t, NULL);
        t.winner = d.winner;
        memcpy(t.median_ns, d.median_ns, sizeof t.median_ns);
        memcpy(t.samples, d.samples, sizeof t.samples);
    }
    state.verdict = 1;
    hunch_autotune_put(v->store, &key, &t, NULL, NULL);
    pthread_mutex_unlock(&v->keeping);
}

/* ---- compiling ---- */

static hunch_status compile(struct hunch_variants *v, uint32_t shape, struct hunch_error *err)
{
    char text[HUNCH_VARIANT_TEXT_MOST];
    struct form *form = &v->form[shape];
    struct hunch_cuda_kernel *kernel;
    hunch_variant_text(&v->table, hunch_variant_shape[shape], form->grams_shared, text);
    const struct hunch_cuda_source source = {.name = "prefilter.cu for one program", .text = text};
    uint64_t began = hunch_clock_ns();
    hunch_status status = hunch_cuda_kernel_new(v->what.device, &source, entry, &kernel, NULL, err);
    pthread_mutex_lock(&v->lock);
    form->compile_ns = hunch_clock_ns() - began;
    form->kernel = kernel;
    pthread_mutex_unlock(&v->lock);
    return status;
}

static void *compiler(void *ctx)
{
    struct hunch_variants *v = ctx;
    struct hunch_error why = {0};
    bool used[HUNCH_VARIANT_CLASSES], any = false;
    hunch_status status = HUNCH_OK;
    for (uint32_t i = 0; i < HUNCH_VARIANT_SHAPES && status == HUNCH_OK; i++) {
        if (atomic_load(&v->cancelled))
            return NULL;
        if (v->form[i].kernel == NULL && v->form[i].shared > 0) /* only this thread changes it */
            status = compile(v, i, &why);
        any |= v->form[i].kernel != NULL;
    }
    pthread_mutex_lock(&v->lock);
    if (status != HUNCH_OK)
        snprintf(v->problem, sizeof v->problem, "%.190s", why.message);
    v->compiled = true;
    for (uint32_t i = 0; i < HUNCH_VARIANT_CLASSES; i++)
        used[i] = v->batches[i].used;
    pthread_mutex_unlock(&v->lock);
    for (uint32_t i = 0; i < HUNCH_VARIANT_CLASSES && !any; i++)
        if (used[i])
            keep(v, i);
    return NULL;
}

/* Under the lock: a batch has come whose class has no winner. */
static void compile_soon(struct hunch_variants *v)
{
    uint64_t now = hunch_clock_ns();
    if (v->first_ns == 0)
        v->first_ns = now;
    if (!v->started && now - v->first_ns >= v->what.after_ns)
        v->started = pthread_create(&v->thread, NULL, compiler, v) == 0;
}

struct hunch_variants *hunch_variants_new(const struct hunch_variants_for *what)
{
    char path[4200], text[HUNCH_VARIANT_TEXT_MOST];
    if (!hunch_device_is_cuda(what->device))
        return NULL;
    struct hunch_variants *v = hunch_alloc_zero(what->a, sizeof *v);
    if (v == NULL)
        return NULL;
    v->what = *what;
    v->table = *what->table;
    v->kernels = kernels_key();
    pthread_mutex_init(&v->lock, NULL);
    pthread_mutex_init(&v->keeping, NULL);
    atomic_init(&v->cancelled, false);
    for (uint32_t i = 0; i < HUNCH_VARIANT_SHAPES; i++) {
        struct form *form = &v->form[i];
        if (!hunch_variant_fits(&v->table, hunch_variant_shape[i].threads,
                                what->device->shared_most, &form->shared, &form->grams_shared))
            form->shared = 0;
        hunch_variant_text(&v->table, hunch_variant_shape[i], form->grams_shared, text);
        form->specialisation = hunch_key_of(text, strlen(text));
    }
    int n = what->cache ? snprintf(path, sizeof path, "%s/autotune", what->cache) : 0;
    if (n > 0 && (size_t)n < sizeof path)
        hunch_autotune_open(what->a, path, 0, &v->store, NULL);
    for (uint32_t i = 0; i < HUNCH_VARIANT_CLASSES; i++)
        recall(v, i);
    return v;
}

void hunch_variants_free(struct hunch_variants *v)
{
    if (v == NULL)
        return;
    atomic_store(&v->cancelled, true);
    if (v->started)
        pthread_join(v->thread, NULL);
    for (uint32_t i = 0; i < HUNCH_VARIANT_CLASSES; i++) {
        if (v->batches[i].busy != NULL)
            v->what.device->kind->release_host(v->what.device, v->batches[i].busy);
        for (uint32_t k = 0; k < HUNCH_VARIANT_SHAPES; k++)
            hunch_race_free(v->batches[i].race[k]);
    }
    for (uint32_t i = 0; i < HUNCH_VARIANT_SHAPES; i++)
        hunch_cuda_kernel_free(v->form[i].kernel);
    hunch_autotune_free(v->store);
    pthread_mutex_destroy(&v->keeping);
    pthread_mutex_destroy(&v->lock);
    hunch_free(v->what.a, v, sizeof *v);
}

/* ---- racing ---- */

static bool runs(const struct form *form)
{
    return form->kernel != NULL && !form->broken;
}

/* Under the lock: the next race of the class that has no winner; HUNCH_VARIANT_SHAPES: none. */
static uint32_t open_race(struct hunch_variants *v, uint32_t batch)
{
    struct batches *b = &v->batches[batch];
    for (uint32_t i = 0; i < HUNCH_VARIANT_SHAPES; i++) {
        struct hunch_race_decision d;
        char driver[48];
        if (!runs(&v->form[i]))
            continue;
        if (b->race[i] == NULL) {
            struct hunch_tuning_id id = id_of(v, batch, i, driver);
            if (hunch_race_new(v->what.a, &id, PAYS_OFF, &b->race[i], NULL) != HUNCH_OK)
                continue;
            hunch_race_compiled(b->race[i], HUNCH_VARIANT_CONSERVATIVE, 0);
            hunch_race_compiled(b->race[i], HUNCH_VARIANT_SPECULATIVE, v->form[i].compile_ns);
        }
        if (!hunch_race_decide(b->race[i], &d))
            return i;
    }
    return HUNCH_VARIANT_SHAPES;
}

/* Under the lock: decides, where all races are over. Of two that win, the one with the smaller
 * share of its rival's time. */
static bool decide(struct hunch_variants *v, uint32_t batch)
{
    struct batches *b = &v->batches[batch];
    struct hunch_race_decision best = {0}, d;
    bool raced = false;
    for (uint32_t i = 0; i < HUNCH_VARIANT_SHAPES; i++)
        raced |= b->race[i] != NULL;
    if (b->decided || b->measuring || !v->compiled || !raced ||
        open_race(v, batch) < HUNCH_VARIANT_SHAPES)
        return false;
    b->winner = HUNCH_VARIANT_SHAPES;
    for (uint32_t i = 0; i < HUNCH_VARIANT_SHAPES; i++) {
        if (!runs(&v->form[i]) || b->race[i] == NULL || !hunch_race_decide(b->race[i], &d) ||
            d.winner != HUNCH_VARIANT_SPECULATIVE)
            continue;
        if (b->winner == HUNCH_VARIANT_SHAPES ||
            (unsigned __int128)d.total_ns[HUNCH_VARIANT_SPECULATIVE] *
                    best.total_ns[HUNCH_VARIANT_CONSERVATIVE] <
                (unsigned __int128)best.total_ns[HUNCH_VARIANT_SPECULATIVE] *
                    d.total_ns[HUNCH_VARIANT_CONSERVATIVE]) {
            best = d;
            b->winner = i;
        }
    }
    b->decided = true;
    return true;
}

static uint32_t class_of(const struct hunch_variants *v, uint64_t bytes)
{
    uint32_t batch = HUNCH_VARIANT_CLASSES;
    for (uint32_t i = 0; i < HUNCH_VARIANT_CLASSES; i++)
        if (bytes >= v->what.least && bytes >= classes[i].from)
            batch = i;
    return batch;
}

/* Under the lock. */
static bool can_measure(struct hunch_variants *v, struct batches *b)
{
    struct hunch_device *d = v->what.device;
    void *busy;
    if (b->busy == NULL && d->kind->alloc_host(d, BUSY_SIZE, &busy, NULL) == HUNCH_OK)
        b->busy = busy;
    return b->busy != NULL;
}

/* Which form searches now: a shape; HUNCH_VARIANT_SHAPES: the one for every program. Where it is
 * measured the trial runs. */
static uint32_t choose(struct hunch_variants *v, struct hunch_trial *trial, uint64_t bytes)
{
    uint32_t batch = class_of(v, bytes), shape = HUNCH_VARIANT_SHAPES;
    if (bytes == 0 || batch == HUNCH_VARIANT_CLASSES)
        return shape;
    pthread_mutex_lock(&v->lock);
    struct batches *b = &v->batches[batch];
    b->used = true;
    bool over = decide(v, batch);
    if (b->decided)
        shape = b->winner;
    else
        compile_soon(v);
    uint32_t race = b->decided || b->measuring ? HUNCH_VARIANT_SHAPES : open_race(v, batch);
    if (race < HUNCH_VARIANT_SHAPES && can_measure(v, b)) {
        *trial = (struct hunch_trial){true, batch, race, hunch_race_next(b->race[race]), bytes};
        b->measuring = true;
        if (trial->variant == HUNCH_VARIANT_SPECULATIVE)
            shape = race;
    }
    pthread_mutex_unlock(&v->lock);
    if (over)
        keep(v, batch);
    return shape;
}

/* It does not start. */
static void drop(struct hunch_variants *v, uint32_t shape)
{
    pthread_mutex_lock(&v->lock);
    v->form[shape].broken = true;
    for (uint32_t i = 0; i < HUNCH_VARIANT_CLASSES; i++)
        if (v->batches[i].winner == shape)
            v->batches[i].winner = HUNCH_VARIANT_SHAPES;
    pthread_mutex_unlock(&v->lock);
}

static hunch_status start(struct hunch_variants *v, uint32_t shape, unsigned stream,
                          struct hunch_prefilter_args args)
{
    const struct form *form = &v->form[shape];
    const struct hunch_device *device = v->what.device;
    uint32_t threads = hunch_variant_shape[shape].threads, warps = threads / 32,
             blocks = (args.chunks + warps - 1) / warps;
    void *parameters[] = {&args};
    args.grams_shared = form->grams_shared;
    return hunch_cuda_kernel_launch(
        form->kernel, stream, blocks < device->multiprocessors ? blocks : device->multiprocessors,
        threads, form->shared, parameters, NULL);
}

hunch_status hunch_variants_launch(struct hunch_variants *v, struct hunch_trial *trial,
                                   unsigned stream, const struct hunch_launch *launch,
                                   struct hunch_error *err)
{
    const struct hunch_prefilter_args *args = launch->args;
    struct hunch_device *device = v->what.device;
    uint32_t shape = HUNCH_VARIANT_SHAPES;
    hunch_variants_back(v, trial, false);
    if (hunch_variant_same(&args->table, &v->table)) /* others would find something else */
        shape = choose(v, trial, args->slab.size);
    bool started = shape < HUNCH_VARIANT_SHAPES && start(v, shape, stream, *args) == HUNCH_OK;
    if (shape < HUNCH_VARIANT_SHAPES && !started) {
        hunch_variants_back(v, trial, false);
        drop(v, shape);
    }
    hunch_status status = started ? HUNCH_OK : device->kind->launch(device, stream, launch, err);
    if (trial->runs &&
        (status != HUNCH_OK || device->kind->get(device, stream, v->batches[trial->batch].busy,
                                                 args->busy.cell, BUSY_SIZE, NULL) != HUNCH_OK))
        hunch_variants_back(v, trial, false);
    return status;
}

void hunch_variants_back(struct hunch_variants *v, struct hunch_trial *trial, bool done)
{
    uint32_t batch = trial->batch;
    struct batches *b = &v->batches[batch];
    bool over = false;
    if (!trial->runs)
        return;
    trial->runs = false;
    pthread_mutex_lock(&v->lock);
    b->measuring = false;
    if (done) {
        uint64_t ns = hunch_device_busy_ns(v->what.device, b->busy);
        hunch_race_dispatched(
            b->race[trial->shape], (enum hunch_variant)trial->variant,
            (uint64_t)((unsigned __int128)ns * classes[batch].reference / trial->bytes));
        over = decide(v, batch);
    }
    pthread_mutex_unlock(&v->lock);
    if (over)
        keep(v, batch);
}

bool hunch_variants_show(struct hunch_variants *v, uint64_t bytes,
                         struct hunch_variants_state *state)
{
    uint32_t batch = class_of(v, bytes);
    if (batch == HUNCH_VARIANT_CLASSES)
        return false;
    pthread_mutex_lock(&v->lock);
    describe(v, batch, state);
    bool decided = v->batches[batch].decided;
    pthread_mutex_unlock(&v->lock);
    return decided;
}
