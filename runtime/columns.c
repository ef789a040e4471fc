/* columns.c: see columns.h. */
#include "columns.h"

#include <string.h>

/* Splits columns so that no column lies partly in `bits`. */
static void refine(struct hunch_columns *c, const uint8_t *bits)
{
    int16_t inside[256];
    uint8_t outside[256] = {0};
    for (int b = 0; b < 256; b++)
        inside[b] = -1;
    for (uint32_t b = 0; b < 256; b++)
        if (!hunch_class_has(bits, b))
            outside[c->of[b]] = 1;
    for (uint32_t b = 0; b < 256; b++) {
        uint32_t old = c->of[b];
        if (!hunch_class_has(bits, b) || !outside[old])
            continue;
        if (inside[old] < 0)
            inside[old] = (int16_t)c->count++;
        c->of[b] = (uint8_t)inside[old];
    }
}

/* The same for one byte. */
static void refine_byte(struct hunch_columns *c, uint32_t byte)
{
    for (uint32_t b = 0; b < 256; b++)
        if (b != byte && c->of[b] == c->of[byte]) {
            c->of[byte] = (uint8_t)c->count++;
            return;
        }
}

void hunch_columns_make(const struct hunch_regex_view *regex, struct hunch_columns *c)
{
    const struct hp_instr *code = regex->code;
    memset(c, 0, sizeof *c);
    c->count = 1;
    for (uint32_t pc = 0; pc < regex->info.code_count; pc++) {
        if (code[pc].op == HP_OP_BYTE)
            refine_byte(c, code[pc].arg);
        else if (code[pc].op == HP_OP_SET || code[pc].op == HP_OP_RUN)
            refine(c, regex->classes[code[pc].x].bits);
        else if (code[pc].op == HP_OP_ASSERT)
            c->looks = true;
    }
    if (c->looks) {
        uint8_t word[32] = {0};
        for (uint32_t b = 0; b < 256; b++)
            if (hunch_is_word(b))
                word[b >> 3] |= (uint8_t)(1u << (b & 7));
        refine_byte(c, '\n');
        refine(c, word);
    }
    for (int b = 255; b >= 0; b--)
        c->sample[c->of[b]] = (uint8_t)b;
}
