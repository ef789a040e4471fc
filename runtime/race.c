/* race.c: two variants of a kernel against each other, see hunch.h. Compile and dispatch times are
 * kept apart; medians are those of the last dispatches. */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "error.h"

enum { KEPT = 64 }; /* dispatch times a variant */

struct side {
    uint64_t compile_ns;
    bool compiled;
    uint32_t samples;  /* saturating */
    uint64_t ns[KEPT]; /* a ring */
    unsigned next;
};

struct hunch_race {
    const struct hunch_allocator *a;
    uint64_t dispatches;
    bool has_keys;
    struct hunch_key key[HUNCH_VARIANT_COUNT];
    struct side side[HUNCH_VARIANT_COUNT];
};

hunch_status hunch_race_new(const struct hunch_allocator *a, const struct hunch_tuning_id *id,
                            uint64_t dispatches, struct hunch_race **out, struct hunch_error *err)
{
    static const struct hunch_key none;
    *out = NULL;
    if (id && memcmp(&id->specialisation, &none, sizeof none) == 0)
        return hunch_fail(
            err, HUNCH_ERROR_ARGUMENT,
            "the speculative variant has no specialisation hash; give the hash of what "
            "it was specialised for");
    struct hunch_race *race = hunch_alloc_zero(a, sizeof *race);
    if (race == NULL)
        return hunch_fail_memory(err, sizeof *race, "a race");
    race->a = a;
    race->dispatches = dispatches ? dispatches : 1;
    if (id) {
        struct hunch_tuning_id plain = *id;
        plain.specialisation = none;
        race->has_keys = true;
        race->key[HUNCH_VARIANT_CONSERVATIVE] = hunch_tuning_key(&plain);
        race->key[HUNCH_VARIANT_SPECULATIVE] = hunch_tuning_key(id);
    }
    *out = race;
    return HUNCH_OK;
}

void hunch_race_free(struct hunch_race *race)
{
    if (race)
        hunch_free(race->a, race, sizeof *race);
}

static bool is_variant(enum hunch_variant variant)
{
    return (unsigned)variant < HUNCH_VARIANT_COUNT;
}

void hunch_race_compiled(struct hunch_race *race, enum hunch_variant variant, uint64_t ns)
{
    if (!is_variant(variant))
        return;
    struct side *side = &race->side[variant];
    if (!side->compiled)
        side->compile_ns = ns;
    side->compiled = true;
}

void hunch_race_dispatched(struct hunch_race *race, enum hunch_variant variant, uint64_t ns)
{
    if (!is_variant(variant))
        return;
    struct side *side = &race->side[variant];
    side->ns[side->next] = ns;
    side->next = (side->next + 1) % KEPT;
    if (side->samples < UINT32_MAX)
        side->samples++;
}

enum hunch_variant hunch_race_next(const struct hunch_race *race)
{
    return race->side[HUNCH_VARIANT_SPECULATIVE].samples <
                   race->side[HUNCH_VARIANT_CONSERVATIVE].samples
               ? HUNCH_VARIANT_SPECULATIVE
               : HUNCH_VARIANT_CONSERVATIVE;
}

static int by_size(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* Of an even number the mean of the two in the middle, rounded down. */
static uint64_t median(const struct side *side)
{
    uint64_t ns[KEPT];
    size_t n = side->samples < KEPT ? side->samples : KEPT;
    memcpy(ns, side->ns, n * sizeof *ns);
    qsort(ns, n, sizeof *ns, by_size);
    uint64_t low = ns[(n - 1) / 2], high = ns[n / 2];
    return low + (high - low) / 2;
}

bool hunch_race_decide(const struct hunch_race *race, struct hunch_race_decision *d)
{
    memset(d, 0, sizeof *d);
    for (int v = 0; v < HUNCH_VARIANT_COUNT; v++)
        if (race->side[v].samples < HUNCH_RACE_SAMPLES)
            return false;
    for (int v = 0; v < HUNCH_VARIANT_COUNT; v++) {
        const struct side *side = &race->side[v];
        d->samples[v] = side->samples;
        d->compile_ns[v] = side->compile_ns;
        d->median_ns[v] = median(side);
        if (__builtin_mul_overflow(race->dispatches, d->median_ns[v], &d->total_ns[v]) ||
            __builtin_add_overflow(d->total_ns[v], side->compile_ns, &d->total_ns[v]))
            d->total_ns[v] = UINT64_MAX;
    }
    uint64_t conservative = d->total_ns[HUNCH_VARIANT_CONSERVATIVE],
             speculative = d->total_ns[HUNCH_VARIANT_SPECULATIVE];
    d->winner = speculative < conservative ? HUNCH_VARIANT_SPECULATIVE : HUNCH_VARIANT_CONSERVATIVE;
    d->saved_ns =
        speculative < conservative ? conservative - speculative : speculative - conservative;
    d->autotune_key = race->key[d->winner];
    return true;
}

hunch_status hunch_race_keep(const struct hunch_race *race, struct hunch_autotune *store,
                             const struct hunch_tuning *tuning, struct hunch_error *err)
{
    struct hunch_race_decision d;
    if (!race->has_keys)
        return hunch_fail(err, HUNCH_ERROR_ARGUMENT,
                          "the race has no keys: it was made without the id of what is raced");
    if (!hunch_race_decide(race, &d))
        return hunch_fail(err, HUNCH_ERROR_ARGUMENT,
                          "the race has no winner yet; each variant needs %d dispatches",
                          HUNCH_RACE_SAMPLES);
    struct hunch_tuning t = *tuning;
    t.winner = d.winner;
    for (int v = 0; v < HUNCH_VARIANT_COUNT; v++) {
        t.median_ns[v] = d.median_ns[v];
        t.samples[v] = d.samples[v];
    }
    hunch_status status = hunch_autotune_put(store, &d.autotune_key, &t, NULL, err);
    /* The conservative variant's own key is that of the verdict. */
    if (status == HUNCH_OK && d.winner != HUNCH_VARIANT_CONSERVATIVE)
        status = hunch_autotune_put(store, &race->key[HUNCH_VARIANT_CONSERVATIVE], &t, NULL, err);
    return status;
}
