/* error.h: what every call of the library returns, and how its error is filled in.
 *
 * A status says what kind of thing went wrong; the error carries one sentence that says what to do.
 * A caller who passes no error gets the status alone. Nothing here allocates.
 */
#ifndef HUNCH_ERROR_H
#define HUNCH_ERROR_H

#include <stddef.h>
#include <stdint.h>
#include "hunch.h"

/* Fills err (may be NULL) and returns code, so that a failing function ends in
 * `return hunch_fail(err, …)`. */
hunch_status hunch_fail(struct hunch_error *err, hunch_status code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with a position. */
hunch_status hunch_fail_at(struct hunch_error *err, hunch_status code, uint64_t position,
                           const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* "cannot allocate SIZE bytes for WHAT", HUNCH_ERROR_MEMORY. */
hunch_status hunch_fail_memory(struct hunch_error *err, size_t size, const char *what);

/* Sets err to "no error". */
void hunch_error_clear(struct hunch_error *err);

/* The text of an errno value: never NULL, static, the same in every locale. */
const char *hunch_errno_text(int number);

#endif
