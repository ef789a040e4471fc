/* error.h: what every call of the library returns, and how its error is filled in.
 *
 * A status says what kind of thing went wrong; the error carries one sentence that says what to do.
 * A caller who passes no error gets the status alone. Nothing here allocates.
 */
#ifndef HUNCH_ERROR_H
#define HUNCH_ERROR_H

#include <stddef.h>
#include <stdint.h>

/* The public types; they are the public header's as soon as that one is included. */
#ifndef HUNCH_H
#define HUNCH_ERROR_MESSAGE_SIZE 512 /* bytes of a message, its final NUL included */

typedef enum hunch_status {
    HUNCH_OK,
    HUNCH_ERROR_MEMORY,      /* the allocator returned NULL, or a size overflowed */
    HUNCH_ERROR_IO,          /* a system call on a file failed */
    HUNCH_ERROR_ARGUMENT,    /* the caller's argument cannot be used */
    HUNCH_ERROR_RULES,       /* the rules have errors; see the diagnostics */
    HUNCH_ERROR_PROGRAM,     /* a compiled program is damaged or of another version */
    HUNCH_ERROR_LIMIT,       /* a budget (memory, instructions, size) is used up */
    HUNCH_ERROR_CANCELLED,   /* the caller's cancel flag or deadline */
    HUNCH_ERROR_UNSUPPORTED, /* this build or machine cannot do it */
} hunch_status;

struct hunch_error {
    hunch_status code;
    uint64_t position;                      /* byte offset the message speaks of, else 0 */
    char message[HUNCH_ERROR_MESSAGE_SIZE]; /* one sentence, NUL-terminated; cut with "..." */
};
#endif

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
