/* guess.c: see guess.h. In the store each group is an entry of its own: its key says program,
 * group, policy and adapter; its state begins with struct head, which says so in words for those
 * who list the store. What is there and cannot be used is as good as nothing. */
#include "guess.h"

#include <stdio.h>
#include <string.h>

#include "autotune.h"

enum {
    BACKENDS = HUNCH_BACKEND_CUDA + 1,
    POLICIES = HUNCH_POLICY_COMMIT_RATE + 1,
    KEPT_AFTER = 512, /* dispatches: so many are worth a write while the rules live on */
};

struct hunch_guess {
    struct hunch_rules *rules; /* whose it is */
    struct hunch_key program;
    pthread_mutex_t lock; /* of what follows */
    struct hunch_speculator *speculator[BACKENDS][POLICIES][HP_GROUP_COUNT];
    bool made[BACKENDS][POLICIES];
    uint64_t fresh[BACKENDS][POLICIES]; /* dispatches since the last write */
    struct hunch_autotune *store;       /* NULL: none, or not opened yet */
    bool opened;
};

static const char MAGIC[8] = {'H', 'U', 'N', 'C', 'H', 'G', 'R', '1'};

/* What a state of the speculator follows. No padding. */
struct head {
    char magic[8];
    struct hunch_key program;
    uint32_t rules, group, policy, reserved;
    char backend[8], adapter[104]; /* NUL-terminated, cut */
};

_Static_assert(sizeof(struct head) == 152, "no padding");

static const char *adapter_of(const struct hunch_guess *guess, enum hunch_backend backend)
{
    const struct hunch_device *device =
        backend == HUNCH_BACKEND_CUDA ? guess->rules->engine->device : NULL;
    return device ? device->about : "";
}

static struct hunch_key key_of(const struct hunch_guess *guess, enum hunch_backend backend,
                               enum hunch_policy policy, uint32_t group)
{
    struct hunch_tuning_id id = {.program = guess->program,
                                 .binding = (uint64_t)backend << 16 | (uint64_t)policy << 8 | group,
                                 .adapter = adapter_of(guess, backend),
                                 .driver = "routes"};
    return hunch_tuning_key(&id);
}

static bool has_group(const struct hunch_guess *guess, uint32_t group)
{
    const struct hunch_program *p = guess->rules->program;
    for (uint32_t i = 0; i < p->rule_count; i++)
        if (p->rule[i].group == group)
            return true;
    return false;
}

/* ---- the store ---- */

/* Under the lock. NULL: there is none. */
static struct hunch_autotune *store_of(struct hunch_guess *guess)
{
    const struct hunch_engine *engine = guess->rules->engine;
    char path[4200];
    if (guess->opened || engine->cache == NULL)
        return guess->store;
    guess->opened = true;
    int n = snprintf(path, sizeof path, "%s/autotune", engine->cache);
    if (n > 0 && (size_t)n < sizeof path)
        hunch_autotune_open(engine->a, path, 0, &guess->store, NULL);
    return guess->store;
}

static void load(struct hunch_guess *guess, enum hunch_backend backend, enum hunch_policy policy,
                 uint32_t group)
{
    struct hunch_autotune *store = store_of(guess);
    struct hunch_key key = key_of(guess, backend, policy, group);
    struct hunch_tuning t;
    struct head head;
    if (store == NULL || !hunch_autotune_get(store, &key, &t) || t.state_size < sizeof head)
        return;
    memcpy(&head, t.state, sizeof head);
    if (memcmp(head.magic, MAGIC, sizeof MAGIC) == 0)
        hunch_speculator_load(guess->speculator[backend][policy][group],
                              (const uint8_t *)t.state + sizeof head, t.state_size - sizeof head,
                              NULL);
}

static void keep(struct hunch_guess *guess, enum hunch_backend backend, enum hunch_policy policy,
                 uint32_t group)
{
    const struct hunch_allocator *a = guess->rules->engine->a;
    struct hunch_speculator *s = guess->speculator[backend][policy][group];
    struct hunch_autotune *store = store_of(guess);
    if (store == NULL || s == NULL || hunch_speculator_samples(s) == 0)
        return;
    struct head head = {.program = guess->program,
                        .rules = guess->rules->program->rule_count,
                        .group = group,
                        .policy = policy};
    memcpy(head.magic, MAGIC, sizeof MAGIC);
    snprintf(head.backend, sizeof head.backend, "%s", hunch_backend_name(backend));
    snprintf(head.adapter, sizeof head.adapter, "%s", adapter_of(guess, backend));
    size_t room = HUNCH_TUNING_STATE_MOST;
    uint8_t *state = hunch_alloc(a, room);
    if (state == NULL)
        return;
    memcpy(state, &head, sizeof head);
    size_t size = hunch_speculator_save(s, state + sizeof head, room - sizeof head);
    if (size <= room - sizeof head) {
        struct hunch_key key = key_of(guess, backend, policy, group);
        struct hunch_tuning t = {.state = state, .state_size = sizeof head + size};
        hunch_autotune_add(store, &key, &t, NULL);
    }
    hunch_free(a, state, room);
}

static void keep_all(struct hunch_guess *guess, enum hunch_backend backend,
                     enum hunch_policy policy)
{
    for (uint32_t g = 0; g < HP_GROUP_COUNT; g++)
        keep(guess, backend, policy, g);
    if (guess->store != NULL)
        hunch_autotune_flush(guess->store);
    guess->fresh[backend][policy] = 0;
}

/* ---- the speculators ---- */

hunch_status hunch_guess_new(struct hunch_rules *rules, struct hunch_guess **out,
                             struct hunch_error *err)
{
    struct hunch_guess *guess = hunch_alloc_zero(rules->engine->a, sizeof *guess);
    *out = guess;
    if (guess == NULL)
        return hunch_fail_memory(err, sizeof *guess, "the speculators of rules");
    guess->rules = rules;
    guess->program = hunch_key_of(rules->program->bytes, rules->program->size);
    pthread_mutex_init(&guess->lock, NULL);
    return HUNCH_OK;
}

void hunch_guess_free(struct hunch_guess *guess)
{
    if (guess == NULL)
        return;
    for (int b = 0; b < BACKENDS; b++)
        for (int p = 0; p < POLICIES; p++) {
            if (guess->fresh[b][p] > 0)
                keep_all(guess, (enum hunch_backend)b, (enum hunch_policy)p);
            for (int g = 0; g < HP_GROUP_COUNT; g++)
                hunch_speculator_free(guess->speculator[b][p][g]);
        }
    hunch_autotune_free(guess->store);
    pthread_mutex_destroy(&guess->lock);
    hunch_free(guess->rules->engine->a, guess, sizeof *guess);
}

static hunch_status make(struct hunch_guess *guess, enum hunch_backend backend,
                         enum hunch_policy policy, struct hunch_error *err)
{
    struct hunch_speculator **s = guess->speculator[backend][policy];
    for (uint32_t g = 0; g < HP_GROUP_COUNT; g++) {
        if (s[g] != NULL || !has_group(guess, g))
            continue;
        hunch_status status = hunch_speculator_new(guess->rules->engine->a, policy,
                                                   HUNCH_DEFAULT_THRESHOLD_PCT, &s[g], err);
        if (status != HUNCH_OK)
            return status;
        load(guess, backend, policy, g);
    }
    guess->made[backend][policy] = true;
    return HUNCH_OK;
}

hunch_status hunch_guess_speculators(struct hunch_guess *guess, enum hunch_backend backend,
                                     enum hunch_policy policy,
                                     struct hunch_speculator *const **groups,
                                     struct hunch_error *err)
{
    hunch_status status = HUNCH_OK;
    pthread_mutex_lock(&guess->lock);
    if (!guess->made[backend][policy])
        status = make(guess, backend, policy, err);
    *groups = guess->speculator[backend][policy];
    pthread_mutex_unlock(&guess->lock);
    return status;
}

void hunch_guess_learned(struct hunch_guess *guess, enum hunch_backend backend,
                         enum hunch_policy policy, uint64_t dispatches)
{
    pthread_mutex_lock(&guess->lock);
    guess->fresh[backend][policy] += dispatches;
    if (guess->fresh[backend][policy] >= KEPT_AFTER)
        keep_all(guess, backend, policy);
    pthread_mutex_unlock(&guess->lock);
}

/* ---- for those who list the store ---- */

bool hunch_guess_describe(const struct hunch_tuning *t, struct hunch_guess_entry *e)
{
    struct head head;
    struct hunch_speculator *s = NULL;
    struct hunch_batch batch = {.bytes = HUNCH_GUESS_BYTES,
                                .tiles = HUNCH_GUESS_TILES,
                                .routes = HUNCH_ROUTE_BIT(HUNCH_ROUTE_COUNT) - 1};
    memset(e, 0, sizeof *e);
    if (t->state_size < sizeof head)
        return false;
    memcpy(&head, t->state, sizeof head);
    if (memcmp(head.magic, MAGIC, sizeof MAGIC) != 0 || head.group >= HP_GROUP_COUNT ||
        hunch_policy_name(head.policy) == NULL || head.backend[sizeof head.backend - 1] != '\0' ||
        head.adapter[sizeof head.adapter - 1] != '\0')
        return false;
    e->program = head.program;
    e->rules = head.rules;
    e->group = head.group;
    e->policy = head.policy;
    memcpy(e->backend, head.backend, sizeof e->backend);
    memcpy(e->adapter, head.adapter, sizeof e->adapter);
    batch.cost_class = head.group;
    bool ok = hunch_speculator_new(NULL, (enum hunch_policy)head.policy,
                                   HUNCH_DEFAULT_THRESHOLD_PCT, &s, NULL) == HUNCH_OK &&
              hunch_speculator_load(s, (const uint8_t *)t->state + sizeof head,
                                    t->state_size - sizeof head, NULL) == HUNCH_OK &&
              hunch_speculator_decide(s, &batch, &e->decision, NULL) == HUNCH_OK;
    struct hunch_decision shared;
    batch.contended = true; /* which may be all that it knows */
    if (ok && e->decision.reason == HUNCH_WHY_UNTRIED &&
        hunch_speculator_decide(s, &batch, &shared, NULL) == HUNCH_OK &&
        shared.reason != HUNCH_WHY_UNTRIED)
        e->decision = shared;
    hunch_speculator_free(s);
    return ok;
}

static const char *const groups[HP_GROUP_COUNT] = {"literal",  "anchored", "unanchored",
                                                   "counting", "host",     "graph"};

const char *hunch_group_name(unsigned group)
{
    return group < HP_GROUP_COUNT ? groups[group] : NULL;
}
