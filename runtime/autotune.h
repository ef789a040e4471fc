/* autotune.h: the two halves of hunch_autotune_put, for who has several tunings at once. */
#ifndef HUNCH_AUTOTUNE_H
#define HUNCH_AUTOTUNE_H

#include "hunch.h"

/* Into this object; the file gets it with the next put, flush or free. ARGUMENT, MEMORY. */
hunch_status hunch_autotune_add(struct hunch_autotune *store, const struct hunch_key *key,
                                const struct hunch_tuning *tuning, struct hunch_error *err);

/* What cannot be written stays for another time. */
void hunch_autotune_flush(struct hunch_autotune *store);

#endif
