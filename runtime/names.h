/* names.h: of which records a rule may report something that asks for the record's name before all
 * else. Most names are told apart by their last bytes; the rest by the rules' own regexes. */
#ifndef HUNCH_NAMES_H
#define HUNCH_NAMES_H

#include "program.h"

enum {
    HUNCH_NAME_ENDS = 4, /* last bytes that are looked at */
    HUNCH_NAME_BITS = 32 /* rules with a bit of their own; those behind them share the last */
};

struct hunch_names {
    /* Bit i of end[k][b]: rule i may accept a name whose byte b has k others behind it. */
    uint32_t end[HUNCH_NAME_ENDS][256];
};

/* Of rules whose first stage is HP_STAGE_PATH. HUNCH_ERROR_MEMORY. */
hunch_status hunch_names_make(const struct hunch_program *p, const uint32_t *rule, uint32_t count,
                              struct hunch_names *names, struct hunch_error *err);

/* Bits of the rules that may accept the name, as far as its last bytes tell. */
static inline uint32_t hunch_names_by_end(const struct hunch_names *names, const char *name,
                                          size_t length)
{
    uint32_t bits = UINT32_MAX;
    for (size_t k = 0; k < HUNCH_NAME_ENDS && k < length && bits != 0; k++)
        bits &= names->end[k][(uint8_t)name[length - 1 - k]];
    return bits;
}

#endif
