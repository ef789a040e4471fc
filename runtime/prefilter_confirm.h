/* prefilter_confirm.h: names of what hunch.h declares, for other files of the library. */
#ifndef HUNCH_PREFILTER_CONFIRM_H
#define HUNCH_PREFILTER_CONFIRM_H

#include "hunch.h"

/* hunch_prefilter_confirm; `first` is the index of a first output in messages: 0, and 1 for Lua. */
hunch_status hunch_pair_run(const struct hunch_pair *pair, const struct hunch_pair_batch *batch,
                            size_t first, struct hunch_pair_result *result,
                            struct hunch_error *err);

/* One dispatch into a new list, as hunch_pair_run does it: the error always has a sentence. */
hunch_status hunch_pair_dispatch(const struct hunch_pair_backend *backend, const void *program,
                                 const struct hunch_input *inputs, size_t input_count,
                                 const struct hunch_allocator *a, struct hunch_outputs **outputs,
                                 struct hunch_error *err);

#endif
