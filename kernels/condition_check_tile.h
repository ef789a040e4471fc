/* condition_check_tile.h: the proof that condition_tile.h may evaluate some words: stack
 * discipline, jumps, loops, slots and data in one pass that allocates nothing. Called once by
 * runtime/program.c for every condition of a program, whoever wrote it. */
#ifndef HUNCH_CONDITION_CHECK_TILE_H
#define HUNCH_CONDITION_CHECK_TILE_H

#include "condition_code.h"

/* What is known at one instruction while the words are proved. */
struct hunch_condition_proof {
    const uint32_t *words;
    uint32_t count; /* of all words */
    uint32_t code;  /* of code words */
    uint32_t pool;  /* next word of the pool that nobody has named */
    uint32_t depth;
    uint32_t loops;
    uint32_t end[HUNCH_CONDITION_LOOPS];   /* code index of the LABEL behind NEXT */
    uint32_t inner[HUNCH_CONDITION_LOOPS]; /* stack depth in the body */
    uint32_t outer[HUNCH_CONDITION_LOOPS]; /* and behind the loop, its truth not counted */
    uint32_t kind[HUNCH_CONDITION_LOOPS];
};

/* Takes `n` words of the pool for the instruction that names word `operand`. */
HUNCH_TILE int hunch_condition_claim(struct hunch_condition_proof *p, uint32_t operand, uint32_t n)
{
    if (operand != p->pool || n > p->count - p->pool) {
        return 0;
    }
    p->pool += n;
    return 1;
}

HUNCH_TILE int hunch_condition_claim_slots(struct hunch_condition_proof *p, uint32_t n,
                                           uint32_t patterns)
{
    const uint32_t first = p->pool;
    if (n == 0 || !hunch_condition_claim(p, first, n)) {
        return 0;
    }
    for (uint32_t i = first; i < first + n; i++) {
        if (p->words[i] >= patterns) {
            return 0;
        }
    }
    return 1;
}

/* A jump goes forward to a LABEL of the same loop body that states the depth of the stack. */
HUNCH_TILE int hunch_condition_target(const struct hunch_condition_proof *p, uint32_t pc,
                                      uint32_t target)
{
    const uint32_t limit = p->loops != 0 ? p->end[p->loops - 1u] - 1u : p->code;
    return target > pc && target < limit &&
           p->words[1u + target] == ((uint32_t)HC_LABEL | p->depth << 8 | p->loops << 16);
}

HUNCH_TILE int hunch_condition_enter(struct hunch_condition_proof *p, uint32_t pc, uint32_t operand,
                                     uint32_t patterns)
{
    if (p->loops == HUNCH_CONDITION_LOOPS || !hunch_condition_claim(p, operand, 4)) {
        return 0;
    }
    const uint32_t kind = p->words[operand];
    const uint32_t quantifier = p->words[operand + 1u];
    const uint32_t end = p->words[operand + 2u];
    const uint32_t n = p->words[operand + 3u];
    const uint32_t limit = p->loops != 0 ? p->end[p->loops - 1u] - 1u : p->code;
    const uint32_t extra = hunch_condition_takes_n(quantifier) ? 1u : 0u;
    const uint32_t under = kind == (uint32_t)HC_RANGE ? 2u : kind == (uint32_t)HC_VALUES ? n : 0u;
    const uint32_t floor = p->loops != 0 ? p->inner[p->loops - 1u] : 0u;
    /* Instruction end - 1 is NEXT and `end` a LABEL to jump to, both inside the enclosing body. */
    if (kind >= (uint32_t)HC_LOOP_KIND_COUNT || quantifier >= (uint32_t)HC_QUANTIFIER_COUNT ||
        end >= limit || end < pc + 2u || p->words[end] != (uint32_t)HC_NEXT ||
        n > HUNCH_CONDITION_WORDS || p->depth - floor < under || p->depth - floor - under < extra ||
        (n == 0) != (kind == (uint32_t)HC_RANGE)) {
        return 0;
    }
    if (kind == (uint32_t)HC_NUMBERS && !hunch_condition_claim(p, p->pool, 2u * n)) {
        return 0;
    }
    if (kind == (uint32_t)HC_PATTERNS && !hunch_condition_claim_slots(p, n, patterns)) {
        return 0;
    }
    p->depth -= extra + (kind == (uint32_t)HC_RANGE ? 2u : 0u);
    p->outer[p->loops] = kind == (uint32_t)HC_VALUES ? p->depth - n : p->depth;
    if (p->words[1u + end] !=
        ((uint32_t)HC_LABEL | (p->outer[p->loops] + 1u) << 8 | p->loops << 16)) {
        return 0;
    }
    p->inner[p->loops] = p->depth;
    p->end[p->loops] = end;
    p->kind[p->loops] = kind;
    p->loops++;
    return 1;
}

/* 1 where hunch_condition_eval may be given these words with that many pattern and rule slots. */
HUNCH_TILE int hunch_condition_validate(const uint32_t *words, uint32_t count, uint32_t patterns,
                                        uint32_t rules)
{
    struct hunch_condition_proof p;
    p.words = words;
    p.count = count;
    p.depth = 0;
    p.loops = 0;
    if (count < 2u || count > HUNCH_CONDITION_WORDS || words[0] == 0 || words[0] > count - 1u ||
        patterns > HUNCH_CONDITION_CURRENT) {
        return 0;
    }
    p.code = words[0];
    p.pool = 1u + p.code;
    for (uint32_t pc = 0; pc < p.code; pc++) {
        const uint32_t op = words[1u + pc] & 255u;
        const uint32_t operand = words[1u + pc] >> 8;
        const uint32_t pops = hunch_condition_pops(op);
        if (op >= (uint32_t)HC_OP_COUNT || p.depth < pops) {
            return 0;
        }
        /* Nothing below the body's own values may be taken inside a loop. */
        if (p.loops != 0 && p.depth - pops < p.inner[p.loops - 1u]) {
            return 0;
        }
        switch (op) {
        case HC_LABEL:
            if (operand != (p.depth | p.loops << 8)) {
                return 0;
            }
            break;
        case HC_SMALL: break;
        case HC_CONST:
            if (!hunch_condition_claim(&p, operand, 2)) {
                return 0;
            }
            break;
        case HC_RULE:
            if (operand >= rules) {
                return 0;
            }
            break;
        case HC_LOCAL:
            if (operand >= p.loops || p.kind[operand] == (uint32_t)HC_PATTERNS) {
                return 0;
            }
            break;
        case HC_PRESENT:
        case HC_COUNT:
        case HC_COUNT_IN:
        case HC_OFFSET:
        case HC_LENGTH:
        case HC_AT:
        case HC_IN:
            if (operand >= HUNCH_CONDITION_CURRENT
                    ? operand - HUNCH_CONDITION_CURRENT >= p.loops ||
                          p.kind[operand - HUNCH_CONDITION_CURRENT] != (uint32_t)HC_PATTERNS
                    : operand >= patterns) {
                return 0;
            }
            break;
        case HC_READ:
            if (operand >= (uint32_t)HP_TYPE_COUNT) {
                return 0;
            }
            break;
        case HC_AND_ELSE:
        case HC_OR_ELSE:
            if (!hunch_condition_target(&p, pc, operand)) {
                return 0;
            }
            break;
        case HC_ENOUGH:
        case HC_OF:
        case HC_OF_AT:
        case HC_OF_IN: {
            if (!hunch_condition_claim(&p, operand, 2) ||
                words[operand] >= (uint32_t)HC_QUANTIFIER_COUNT) {
                return 0;
            }
            const uint32_t extra = hunch_condition_takes_n(words[operand]) ? 1u : 0u;
            const uint32_t floor = p.loops != 0 ? p.inner[p.loops - 1u] : 0u;
            if (p.depth - pops < floor + extra ||
                (op != (uint32_t)HC_ENOUGH &&
                 !hunch_condition_claim_slots(&p, words[operand + 1u], patterns))) {
                return 0;
            }
            p.depth -= extra;
            break;
        }
        case HC_LOOP:
            if (!hunch_condition_enter(&p, pc, operand, patterns)) {
                return 0;
            }
            break;
        case HC_NEXT:
            if (operand != 0 || p.loops == 0 || p.end[p.loops - 1u] != pc + 1u ||
                p.depth != p.inner[p.loops - 1u] + 1u) {
                return 0;
            }
            p.loops--;
            p.depth = p.outer[p.loops] + 1u;
            continue;
        default:
            if (operand != 0) {
                return 0;
            }
        }
        p.depth = p.depth - pops + hunch_condition_pushes(op);
        if (p.depth > HP_MAX_STACK) {
            return 0;
        }
    }
    return p.depth == 1u && p.loops == 0 && p.pool == count;
}

#endif
