/* cache.h: the folder of what is worth keeping between processes: compiled databases, tunings. It
 * is this user's alone, or it is not used. */
#ifndef HUNCH_CACHE_H
#define HUNCH_CACHE_H

#include <stdbool.h>
#include "hunch.h"

/* $XDG_CACHE_HOME/hunch or ~/.cache/hunch, what is above it made; NULL: there is no home, or no
 * memory. Free with hunch_strfree. */
char *hunch_cache_default(const struct hunch_allocator *a);

/* Makes the folder where it is not there; false: it is not ours alone (own uid, 0700, no link). */
bool hunch_cache_private(const char *folder);

#endif
