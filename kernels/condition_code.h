/* condition_code.h: the bytecode of the stage `condition`: what its words mean.
 * lua/hunch/condition/emit.lua writes them, condition_check_tile.h proves them once when a program
 * is loaded, condition_tile.h evaluates them.
 *
 * words: [0] = number of code words C; code: C words; pool: the rest.
 * A code word is opcode | operand << 8. Values are 64-bit integers (two's complement, wrapping) or
 * undefined; truth is 1 or 0, any number but 0 is true, undefined is neither. A jump's operand is
 * an index into the code and always names a later LABEL, which says how deep the stack and the
 * loops are there: so one pass proves everything. Instructions that have data in the pool name the
 * word behind their predecessor's.
 *
 * Worked example: #a > 2 and filesize < 10
 *   [8]  COUNT 0   SMALL 2   GT   AND_ELSE 7   FILESIZE   SMALL 10   LT   LABEL 1
 * AND_ELSE goes on if the top is true; else, or if it is undefined, it leaves 0 there and jumps. */
#ifndef HUNCH_CONDITION_CODE_H
#define HUNCH_CONDITION_CODE_H

#include "layout.h"

#define HUNCH_CONDITION_LOOPS 8u         /* loops inside each other */
#define HUNCH_CONDITION_BUDGET 10000000u /* steps of one evaluation; then it is undecided */
#define HUNCH_CONDITION_WORDS 0xffffffu  /* of one condition */
/* Operand of a pattern opcode: + n stands for the pattern that loop n is at. */
#define HUNCH_CONDITION_CURRENT 0xfffff0u

/* X(opcode, values popped, values pushed). A pattern is a slot, or HUNCH_CONDITION_CURRENT + loop.
 */
#define HUNCH_CONDITION_OPS(X)                                                                     \
    X(LABEL, 0, 0)    /* operand: stack depth | loop depth << 8 */                                 \
    X(SMALL, 0, 1)    /* operand: a signed 24-bit number */                                        \
    X(CONST, 0, 1)    /* operand: pool word: low half, high half */                                \
    X(FILESIZE, 0, 1) /* bytes of the record */                                                    \
    X(RULE, 0, 1)     /* operand: rule slot: whether that rule matched */                          \
    X(LOCAL, 0, 1)    /* operand: loop: its variable */                                            \
    X(PRESENT, 0, 1)  /* pattern: whether it occurs */                                             \
    X(COUNT, 0, 1)    /* pattern: how often it occurs */                                           \
    X(COUNT_IN, 2, 1) /* pattern; low, high: how often it starts there */                          \
    X(OFFSET, 1, 1) /* pattern; i: where the i-th occurrence starts, undefined if there is none */ \
    X(LENGTH, 1, 1) /* pattern; i: how long it is */                                               \
    X(AT, 1, 1)     /* pattern; offset: whether it starts there */                                 \
    X(IN, 2, 1)     /* pattern; low, high: whether it starts there */                              \
    X(READ, 1, 1)   /* operand: HP_TYPE_*; offset: undefined outside the record */                 \
    X(NEGATE, 1, 1)                                                                                \
    X(BIT_NOT, 1, 1)                                                                               \
    X(NOT, 1, 1)                                                                                   \
    X(DEFINED, 1, 1)                                                                               \
    X(TRUTH, 1, 1) /* 1 if true, 0 if false or undefined */                                        \
    X(ADD, 2, 1)                                                                                   \
    X(SUB, 2, 1)                                                                                   \
    X(MUL, 2, 1)                                                                                   \
    X(DIV, 2, 1) /* towards zero; by zero: undefined */                                            \
    X(MOD, 2, 1) /* sign of the left side; by zero: undefined */                                   \
    X(BIT_AND, 2, 1)                                                                               \
    X(BIT_OR, 2, 1)                                                                                \
    X(BIT_XOR, 2, 1)                                                                               \
    X(SHL, 2, 1) /* by 64 and more: 0; by less than 0: undefined */                                \
    X(SHR, 2, 1) /* keeps the sign; by 64 and more: 0; by less than 0: undefined */                \
    X(EQ, 2, 1)                                                                                    \
    X(NE, 2, 1)                                                                                    \
    X(LT, 2, 1)                                                                                    \
    X(LE, 2, 1)                                                                                    \
    X(GT, 2, 1)                                                                                    \
    X(GE, 2, 1)                                                                                    \
    X(SWAP, 2, 2)                                                                                  \
    X(TALLY, 2, 1)    /* sum, truth: sum, one more if true */                                      \
    X(AND_ELSE, 1, 0) /* operand: target; true: pops, else leaves 0 and jumps */                   \
    X(OR_ELSE, 1, 0)  /* operand: target; true: leaves 1 and jumps, else pops */                   \
    X(ENOUGH, 1, 1)   /* operand: pool: quantifier, total; sum, [n]: whether the sum will do */    \
    X(OF, 0, 1)       /* operand: pool: quantifier, count, slots; [n]: how many occur */           \
    X(OF_AT, 1, 1)    /* same; offset, [n] */                                                      \
    X(OF_IN, 2, 1)    /* same; low, high, [n] */                                                   \
    X(LOOP, 0, 0)     /* operand: pool: kind, quantifier, end, count, items; operands, [n] */      \
    X(NEXT, 1, 0)     /* truth of the body; once more, or leaves the loop's truth and goes on */

enum hunch_condition_op {
#define HUNCH_X(name, pops, pushes) HC_##name,
    HUNCH_CONDITION_OPS(HUNCH_X)
#undef HUNCH_X
        HC_OP_COUNT
};

/* How many must hold. N and PERCENT pop n, which lies on top. n = 0 means none, less than 0 holds
 * always. */
enum hunch_condition_quantifier { HC_ANY, HC_ALL, HC_NONE, HC_N, HC_PERCENT, HC_QUANTIFIER_COUNT };

/* What a loop goes through. Without items, or over an undefined range, a loop is false whatever its
 * quantifier. */
enum hunch_condition_loop_kind {
    HC_RANGE,    /* pops high and low; count = 0 */
    HC_NUMBERS,  /* items: count constants of two words */
    HC_VALUES,   /* count values on the stack, first one deepest; they stay there until the loop is
                    left */
    HC_PATTERNS, /* items: count pattern slots */
    HC_LOOP_KIND_COUNT
};

HUNCH_TILE uint32_t hunch_condition_pops(uint32_t op)
{
    switch (op) {
#define HUNCH_X(name, pops, pushes) \
    case HC_##name: return pops##u;
        HUNCH_CONDITION_OPS(HUNCH_X)
#undef HUNCH_X
    default: return 0;
    }
}

HUNCH_TILE uint32_t hunch_condition_pushes(uint32_t op)
{
    switch (op) {
#define HUNCH_X(name, pops, pushes) \
    case HC_##name: return pushes##u;
        HUNCH_CONDITION_OPS(HUNCH_X)
#undef HUNCH_X
    default: return 0;
    }
}

HUNCH_TILE int hunch_condition_takes_n(uint32_t quantifier)
{
    return quantifier == (uint32_t)HC_N || quantifier == (uint32_t)HC_PERCENT;
}

#endif
