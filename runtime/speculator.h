/* speculator.h: names of what hunch.h declares, for other files of the library. A speculator is one
 * atomic word, the commit rate, and behind a lock the cost model (cost_model.h). */
#ifndef HUNCH_SPECULATOR_H
#define HUNCH_SPECULATOR_H

#include "hunch.h"

/* hunch_speculator_replay; `first` is the number of a first entry in messages: 0, and 1 for Lua. */
hunch_status hunch_speculator_replay_from(struct hunch_speculator *s,
                                          const struct hunch_decision *log, size_t count,
                                          size_t first, struct hunch_decision *out,
                                          struct hunch_error *err);

/* "cost-model", "commit-rate" -> the policy; "auto", "force", "disable" -> the mode. False: no such
 * word. */
bool hunch_policy_find(const char *name, enum hunch_policy *policy);
bool hunch_speculation_find(const char *name, enum hunch_speculation *mode);
const char *hunch_policy_name(unsigned policy);
const char *hunch_speculation_name(unsigned mode);

#endif
