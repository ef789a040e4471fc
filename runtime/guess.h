/* guess.h: what the groups of a rule set have learned of routes: one speculator for each backend,
 * policy and group, made when a scan first asks, shared by all scans with these rules and all their
 * threads, and kept in the autotune store of the engine's cache folder. */
#ifndef HUNCH_GUESS_H
#define HUNCH_GUESS_H

#include "engine.h"
#include "speculator.h"

struct hunch_guess;

hunch_status hunch_guess_new(struct hunch_rules *rules, struct hunch_guess **out,
                             struct hunch_error *err);
void hunch_guess_free(struct hunch_guess *guess); /* what is new goes to the store */

/* The speculators of one backend and policy, by group, NULL where no rule is in it; they live as
 * long as the rules. MEMORY. */
hunch_status hunch_guess_speculators(struct hunch_guess *guess, enum hunch_backend backend,
                                     enum hunch_policy policy,
                                     struct hunch_speculator *const **groups,
                                     struct hunch_error *err);

/* So many dispatches were measured: once enough are new, what was learned goes to the store. */
void hunch_guess_learned(struct hunch_guess *guess, enum hunch_backend backend,
                         enum hunch_policy policy, uint64_t dispatches);

/* An entry of the store that a guess has put there. */
struct hunch_guess_entry {
    struct hunch_key program;
    uint32_t rules, group, policy;
    char backend[8], adapter[104];
    struct hunch_decision decision; /* it would make, all routes offered, for so much: */
};
#define HUNCH_GUESS_BYTES ((uint64_t)1 << 20)
#define HUNCH_GUESS_TILES 64

/* False: it is none, or not one of this version. */
bool hunch_guess_describe(const struct hunch_tuning *tuning, struct hunch_guess_entry *entry);

#endif
