/* witness.h: the way from a source to a sink as bytes, from graph/evaluate.c through results to
 * hunch_match_witness: for each step a struct hunch_witness_head, the record's name, the text. Host
 * byte order, no alignment. */
#ifndef HUNCH_WITNESS_H
#define HUNCH_WITNESS_H

#include <stdint.h>

#define HUNCH_WITNESS_TEXT_MOST 200u /* bytes of a step's text */

struct hunch_witness_head {
    uint64_t start, end, line, column;
    uint32_t what;       /* enum hunch_witness_what */
    uint32_t name, text; /* lengths */
};

#endif
