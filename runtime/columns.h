/* columns.h: kinds of bytes that a regex cannot tell apart: tables over them are small. */
#ifndef HUNCH_COLUMNS_H
#define HUNCH_COLUMNS_H

#include "regex.h"

struct hunch_columns {
    uint8_t of[256];     /* the column of each byte */
    uint8_t sample[257]; /* a byte of each column, the least */
    uint32_t count;
    bool looks; /* has assertions: newlines and bytes of words have columns of their own */
};

void hunch_columns_make(const struct hunch_regex_view *regex, struct hunch_columns *columns);

#endif
