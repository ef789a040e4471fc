/* error.c: see error.h. */
#define _GNU_SOURCE
#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void fill(struct hunch_error *err, hunch_status code, uint64_t position, const char *fmt,
                 va_list args)
{
    err->code = code;
    err->position = position;
    int length = vsnprintf(err->message, sizeof err->message, fmt, args);
    if (length < 0)
        err->message[0] = '\0';
    else if ((size_t)length >= sizeof err->message)
        memcpy(err->message + sizeof err->message - 4, "...", 4);
}

hunch_status hunch_fail(struct hunch_error *err, hunch_status code, const char *fmt, ...)
{
    if (err) {
        va_list args;
        va_start(args, fmt);
        fill(err, code, 0, fmt, args);
        va_end(args);
    }
    return code;
}

hunch_status hunch_fail_at(struct hunch_error *err, hunch_status code, uint64_t position,
                           const char *fmt, ...)
{
    if (err) {
        va_list args;
        va_start(args, fmt);
        fill(err, code, position, fmt, args);
        va_end(args);
    }
    return code;
}

hunch_status hunch_fail_memory(struct hunch_error *err, size_t size, const char *what)
{
    if (size == 0) /* nobody counted */
        return hunch_fail(err, HUNCH_ERROR_MEMORY, "cannot allocate memory for %s", what);
    return hunch_fail(err, HUNCH_ERROR_MEMORY, "cannot allocate %zu bytes for %s", size, what);
}

void hunch_error_clear(struct hunch_error *err)
{
    if (err) {
        err->code = HUNCH_OK;
        err->position = 0;
        err->message[0] = '\0';
    }
}

const char *hunch_errno_text(int number)
{
    const char *text = strerrordesc_np(number);
    return text ? text : "unknown error";
}
