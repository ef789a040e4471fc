/* condition_tile.h: evaluates the bytecode of the stage `condition` (condition_code.h) over one
 * record. Trusts words that hunch_condition_validate accepted, allocates nothing, always ends:
 * jumps go forward, and what loops do is bounded by HUNCH_CONDITION_BUDGET steps, past which the
 * answer is "undecided". */
#ifndef HUNCH_CONDITION_TILE_H
#define HUNCH_CONDITION_TILE_H

#include "condition_check_tile.h"
#include "field_tile.h"

/* The occurrences of one pattern in the record, by offset. */
struct hunch_condition_pattern {
    uint64_t count;
    const uint64_t *offsets;
    const uint64_t *lengths;
};

struct hunch_condition_env {
    uint64_t size; /* of the record */
    const struct hunch_condition_pattern *patterns;
    const uint8_t *rules; /* truth of the rules */
    /* n <= 8 bytes at `at`, all inside the record: 1; cannot be read now: 0, the answer is
     * "undecided". */
    int (*read)(void *context, uint64_t at, uint8_t *out, uint32_t n);
    void *context;
    uint32_t pattern_count;
    uint32_t rule_count;
};

/* `read` where the record lies whole in memory, at `context`. */
HUNCH_TILE int hunch_condition_memory(void *context, uint64_t at, uint8_t *out, uint32_t n)
{
    const uint8_t *bytes = (const uint8_t *)context + at;
    for (uint32_t i = 0; i < n; i++)
        out[i] = bytes[i];
    return 1;
}

/* On a device it always does. */
#if defined(__CUDACC__) || defined(HUNCH_EMULATOR)
#define HUNCH_CONDITION_READ(env, at, out, n) \
    hunch_condition_memory((env)->context, (at), (out), (n))
#else
#define HUNCH_CONDITION_READ(env, at, out, n) ((env)->read((env)->context, (at), (out), (n)))
#endif

struct hunch_condition_value {
    int64_t number;
    uint32_t defined;
};

struct hunch_condition_loop {
    uint64_t left;   /* iterations after this one */
    uint64_t found;  /* iterations that were true */
    uint64_t needed; /* of HC_N: more than 0 */
    int64_t number;  /* the variable */
    uint32_t defined;
    uint32_t slot; /* the pattern */
    uint32_t kind;
    uint32_t quantifier;
    uint32_t item;  /* NUMBERS, PATTERNS: word of the next item; VALUES: stack index of it */
    uint32_t body;  /* first instruction */
    uint32_t depth; /* of the stack when the loop is left */
};

/* Everything that one evaluation changes. */
struct hunch_condition_machine {
    struct hunch_condition_value stack[HP_MAX_STACK];
    struct hunch_condition_loop loop[HUNCH_CONDITION_LOOPS];
    uint32_t depth;
    uint32_t loops;
    uint64_t steps;
};

HUNCH_TILE uint64_t hunch_condition_word64(const uint32_t *words)
{
    return (uint64_t)words[0] | (uint64_t)words[1] << 32;
}

/* How many of the sorted offsets are below `limit`. */
HUNCH_TILE uint64_t hunch_condition_below(const struct hunch_condition_pattern *pattern,
                                          uint64_t limit)
{
    uint64_t low = 0;
    uint64_t high = pattern->count;
    while (low < high) {
        const uint64_t middle = low + (high - low) / 2u;
        if (pattern->offsets[middle] < limit) {
            low = middle + 1u;
        } else {
            high = middle;
        }
    }
    return low;
}

/* How many occurrences start in low..high. */
HUNCH_TILE uint64_t hunch_condition_within(const struct hunch_condition_pattern *pattern,
                                           int64_t low, int64_t high)
{
    if (high < 0 || high < low) {
        return 0;
    }
    return hunch_condition_below(pattern, (uint64_t)high + 1u) -
           (low > 0 ? hunch_condition_below(pattern, (uint64_t)low) : 0u);
}

/* The binary operators; 0 where the result is undefined. */
HUNCH_TILE int hunch_condition_binary(uint32_t op, int64_t a, int64_t b, int64_t *result)
{
    const uint64_t x = (uint64_t)a;
    const uint64_t y = (uint64_t)b;
    switch (op) {
    case HC_ADD: *result = (int64_t)(x + y); return 1;
    case HC_SUB: *result = (int64_t)(x - y); return 1;
    case HC_MUL: *result = (int64_t)(x * y); return 1;
    case HC_DIV:
        if (b == 0) {
            return 0;
        }
        *result = b == -1 ? (int64_t)(0u - x) : a / b; /* the least number has no opposite */
        return 1;
    case HC_MOD:
        if (b == 0) {
            return 0;
        }
        *result = b == -1 ? 0 : a % b;
        return 1;
    case HC_BIT_AND: *result = (int64_t)(x & y); return 1;
    case HC_BIT_OR: *result = (int64_t)(x | y); return 1;
    case HC_BIT_XOR: *result = (int64_t)(x ^ y); return 1;
    case HC_SHL: *result = b >= 64 || b < 0 ? 0 : (int64_t)(x << y); return b >= 0;
    case HC_SHR:
        *result = b >= 64 || b < 0 ? 0 : (int64_t)(a < 0 ? ~(~x >> y) : x >> y);
        return b >= 0;
    case HC_EQ: *result = a == b; return 1;
    case HC_NE: *result = a != b; return 1;
    case HC_LT: *result = a < b; return 1;
    case HC_LE: *result = a <= b; return 1;
    case HC_GT: *result = a > b; return 1;
    default: *result = a >= b; return 1;
    }
}

/* Turns HC_N and HC_PERCENT of `total` things into HC_NONE or HC_N with a need above 0. Returns
 * whether all is decided already, since a need below 1 is met by anything. */
HUNCH_TILE int hunch_condition_need(uint32_t *quantifier, uint64_t *needed, int64_t n,
                                    uint64_t total)
{
    if (*quantifier == (uint32_t)HC_PERCENT) {
        if (n > 100) {
            *needed = ~(uint64_t)0; /* never met */
        } else if (n > 0) {
            /* ceil(total * n / 100) without overflow */
            *needed = total / 100u * (uint64_t)n + (total % 100u * (uint64_t)n + 99u) / 100u;
        }
        *quantifier = (uint32_t)HC_N;
        return n <= 0;
    }
    if (*quantifier == (uint32_t)HC_N) {
        if (n == 0) {
            *quantifier = (uint32_t)HC_NONE;
        }
        *needed = (uint64_t)n;
        return n < 0;
    }
    return 0;
}

HUNCH_TILE int64_t hunch_condition_enough(uint32_t quantifier, int64_t n, uint64_t found,
                                          uint64_t total)
{
    uint64_t needed = 0;
    if (hunch_condition_need(&quantifier, &needed, n, total)) {
        return 1;
    }
    return quantifier == (uint32_t)HC_ANY    ? found > 0
           : quantifier == (uint32_t)HC_ALL  ? found == total
           : quantifier == (uint32_t)HC_NONE ? found == 0
                                             : found >= needed;
}

HUNCH_TILE void hunch_condition_push(struct hunch_condition_machine *m, int64_t number,
                                     uint32_t defined)
{
    m->stack[m->depth].number = number;
    m->stack[m->depth].defined = defined;
    m->depth++;
}

HUNCH_TILE int hunch_condition_true(const struct hunch_condition_value *value)
{
    return value->defined && value->number != 0;
}

/* OF, OF_AT, OF_IN and ENOUGH. */
HUNCH_TILE void hunch_condition_of(struct hunch_condition_machine *m, uint32_t op,
                                   const uint32_t *words, const struct hunch_condition_env *env)
{
    const uint32_t quantifier = words[0];
    const uint32_t total = words[1];
    int64_t n = 0;
    int64_t low = 0;
    int64_t high = 0;
    uint32_t defined = 1;
    uint64_t found = 0;
    if (hunch_condition_takes_n(quantifier)) {
        m->depth--;
        n = m->stack[m->depth].number;
        defined &= m->stack[m->depth].defined;
    }
    if (op != (uint32_t)HC_OF) {
        m->depth--;
        high = m->stack[m->depth].number;
        defined &= m->stack[m->depth].defined;
        low = high;
    }
    if (op == (uint32_t)HC_OF_IN) {
        m->depth--;
        low = m->stack[m->depth].number;
        defined &= m->stack[m->depth].defined;
    }
    if (op == (uint32_t)HC_ENOUGH) {
        found = (uint64_t)high;
    } else if (defined) {
        m->steps += total;
        for (uint32_t i = 0; i < total; i++) {
            const struct hunch_condition_pattern *pattern = &env->patterns[words[2u + i]];
            found += op == (uint32_t)HC_OF ? pattern->count != 0
                                           : hunch_condition_within(pattern, low, high) != 0;
        }
    }
    hunch_condition_push(m, hunch_condition_enough(quantifier, n, found, total), defined);
}

/* Sets what the current iteration goes over. */
HUNCH_TILE void hunch_condition_item(struct hunch_condition_machine *m,
                                     struct hunch_condition_loop *loop, const uint32_t *words)
{
    loop->defined = 1;
    if (loop->kind == (uint32_t)HC_NUMBERS) {
        loop->number = (int64_t)hunch_condition_word64(words + loop->item);
        loop->item += 2u;
    } else if (loop->kind == (uint32_t)HC_VALUES) {
        loop->number = m->stack[loop->item].number;
        loop->defined = m->stack[loop->item].defined;
        loop->item++;
    } else if (loop->kind == (uint32_t)HC_PATTERNS) {
        loop->slot = words[loop->item];
        loop->item++;
    }
}

/* Starts the loop whose data is at words[at]; returns the next instruction. */
HUNCH_TILE uint32_t hunch_condition_start(struct hunch_condition_machine *m, const uint32_t *words,
                                          uint32_t at, uint32_t pc)
{
    struct hunch_condition_loop *loop = &m->loop[m->loops];
    const uint32_t end = words[at + 2u];
    int64_t n = 0;
    uint32_t known = 1;
    int empty = 0;
    loop->kind = words[at];
    loop->quantifier = words[at + 1u];
    loop->found = 0;
    loop->needed = 0;
    loop->slot = 0;
    loop->number = 0;
    loop->body = pc + 1u;
    if (hunch_condition_takes_n(loop->quantifier)) {
        m->depth--;
        n = m->stack[m->depth].number;
        known = m->stack[m->depth].defined;
    }
    loop->depth = m->depth;
    loop->item = at + 4u;
    loop->left = (uint64_t)words[at + 3u] - 1u;
    if (loop->kind == (uint32_t)HC_RANGE) {
        const struct hunch_condition_value low = m->stack[m->depth - 2u];
        const struct hunch_condition_value high = m->stack[m->depth - 1u];
        m->depth -= 2u;
        loop->depth = m->depth;
        empty = !low.defined || !high.defined || low.number > high.number;
        loop->number = low.number;
        loop->left = (uint64_t)high.number - (uint64_t)low.number;
    } else if (loop->kind == (uint32_t)HC_VALUES) {
        loop->depth = m->depth - words[at + 3u];
        loop->item = loop->depth;
    }
    const uint64_t total = loop->left == ~(uint64_t)0 ? loop->left : loop->left + 1u;
    const int met =
        known && !empty && hunch_condition_need(&loop->quantifier, &loop->needed, n, total);
    if (!known || empty || met) {
        m->depth = loop->depth;
        hunch_condition_push(m, met, known);
        return end;
    }
    m->loops++;
    hunch_condition_item(m, loop, words);
    return loop->body;
}

/* One iteration's truth is on top: goes on with the loop or leaves it; returns the next
 * instruction. */
HUNCH_TILE uint32_t hunch_condition_next(struct hunch_condition_machine *m, const uint32_t *words,
                                         uint32_t pc)
{
    struct hunch_condition_loop *loop = &m->loop[m->loops - 1u];
    int truth;
    int result = -1;
    m->depth--;
    truth = hunch_condition_true(&m->stack[m->depth]);
    loop->found += (uint64_t)truth;
    switch (loop->quantifier) {
    case HC_ANY: result = truth ? 1 : loop->left == 0 ? 0 : -1; break;
    case HC_ALL: result = !truth ? 0 : loop->left == 0 ? 1 : -1; break;
    case HC_NONE: result = truth ? 0 : loop->left == 0 ? 1 : -1; break;
    default:
        result = loop->found >= loop->needed ? 1 : loop->needed - loop->found > loop->left ? 0 : -1;
    }
    if (result >= 0) {
        m->loops--;
        m->depth = loop->depth;
        hunch_condition_push(m, result, 1);
        return pc + 1u;
    }
    loop->left--;
    if (loop->kind == (uint32_t)HC_RANGE) {
        loop->number++;
    } else {
        hunch_condition_item(m, loop, words);
    }
    return loop->body;
}

/* The opcodes that ask about one pattern. */
HUNCH_TILE void hunch_condition_ask(struct hunch_condition_machine *m, uint32_t op,
                                    const struct hunch_condition_pattern *pattern)
{
    const uint32_t pops = hunch_condition_pops(op);
    const struct hunch_condition_value *operand;
    int64_t result = 0;
    uint32_t defined = 1;
    m->depth -= pops;
    operand = &m->stack[m->depth];
    for (uint32_t i = 0; i < pops; i++) {
        defined &= operand[i].defined;
    }
    if (defined) {
        const int64_t first = pops > 0 ? operand[0].number : 0;
        const int64_t last = pops > 1 ? operand[1].number : first;
        switch (op) {
        case HC_PRESENT: result = pattern->count != 0; break;
        case HC_COUNT: result = (int64_t)pattern->count; break;
        case HC_COUNT_IN: result = (int64_t)hunch_condition_within(pattern, first, last); break;
        case HC_AT:
        case HC_IN: result = hunch_condition_within(pattern, first, last) != 0; break;
        default:
            defined = first >= 1 && (uint64_t)first <= pattern->count;
            if (defined) {
                result = (int64_t)(op == (uint32_t)HC_OFFSET ? pattern->offsets
                                                             : pattern->lengths)[first - 1];
            }
        }
    }
    hunch_condition_push(m, result, defined);
}

/* hunch_condition_eval with a budget of its own. */
HUNCH_TILE int hunch_condition_eval_within(const uint32_t *words,
                                           const struct hunch_condition_env *env, uint64_t budget)
{
    struct hunch_condition_machine m;
    const uint32_t code = words[0];
    uint32_t pc = 0;
    m.depth = 0;
    m.loops = 0;
    m.steps = 0;
    while (pc < code) {
        const uint32_t op = words[1u + pc] & 255u;
        const uint32_t operand = words[1u + pc] >> 8;
        /* One-operand and two-operand opcodes work on these in place; unused ones point anywhere
         * legal. */
        struct hunch_condition_value *const top = &m.stack[m.depth > 0 ? m.depth - 1u : 0];
        struct hunch_condition_value *const under = &m.stack[m.depth > 1u ? m.depth - 2u : 0];
        if (++m.steps > budget) {
            return -1;
        }
        pc++;
        switch (op) {
        case HC_LABEL: break;
        case HC_SMALL:
            hunch_condition_push(&m, (int64_t)(operand ^ 0x800000u) - 0x800000, 1);
            break;
        case HC_CONST:
            hunch_condition_push(&m, (int64_t)hunch_condition_word64(words + operand), 1);
            break;
        case HC_FILESIZE: hunch_condition_push(&m, (int64_t)env->size, 1); break;
        case HC_RULE: hunch_condition_push(&m, env->rules[operand] != 0, 1); break;
        case HC_LOCAL:
            hunch_condition_push(&m, m.loop[operand].number, m.loop[operand].defined);
            break;
        case HC_PRESENT:
        case HC_COUNT:
        case HC_COUNT_IN:
        case HC_OFFSET:
        case HC_LENGTH:
        case HC_AT:
        case HC_IN:
            hunch_condition_ask(
                &m, op,
                &env->patterns[operand < HUNCH_CONDITION_CURRENT
                                   ? operand
                                   : m.loop[operand - HUNCH_CONDITION_CURRENT].slot]);
            break;
        case HC_READ: {
            const uint32_t n = hunch_field_size(operand);
            uint8_t bytes[8];
            if (!top->defined || top->number < 0 || env->size < n ||
                (uint64_t)top->number > env->size - n) {
                top->defined = 0;
                break;
            }
            if (!HUNCH_CONDITION_READ(env, (uint64_t)top->number, bytes, n)) {
                return -1;
            }
            top->number = (int64_t)hunch_field_extend(operand, hunch_field_bits(operand, bytes));
            break;
        }
        case HC_NEGATE: top->number = (int64_t)(0u - (uint64_t)top->number); break;
        case HC_BIT_NOT: top->number = ~top->number; break;
        case HC_NOT: top->number = top->number == 0; break;
        case HC_DEFINED:
            top->number = top->defined != 0;
            top->defined = 1;
            break;
        case HC_TRUTH:
            top->number = hunch_condition_true(top);
            top->defined = 1;
            break;
        case HC_SWAP: {
            const struct hunch_condition_value saved = *top;
            *top = *under;
            *under = saved;
            break;
        }
        case HC_TALLY:
            under->number =
                (int64_t)((uint64_t)under->number + (uint64_t)hunch_condition_true(top));
            m.depth--;
            break;
        case HC_AND_ELSE:
        case HC_OR_ELSE: {
            const int truth = hunch_condition_true(top);
            if (truth == (op == (uint32_t)HC_OR_ELSE)) {
                top->number = truth;
                top->defined = 1;
                pc = operand;
            } else {
                m.depth--;
            }
            break;
        }
        case HC_ENOUGH:
        case HC_OF:
        case HC_OF_AT:
        case HC_OF_IN: hunch_condition_of(&m, op, words + operand, env); break;
        case HC_LOOP: pc = hunch_condition_start(&m, words, operand, pc - 1u); break;
        case HC_NEXT: pc = hunch_condition_next(&m, words, pc - 1u); break;
        default: {
            int64_t result = 0;
            m.depth--;
            under->defined = under->defined & top->defined;
            if (under->defined &&
                !hunch_condition_binary(op, under->number, top->number, &result)) {
                under->defined = 0;
            }
            under->number = result;
        }
        }
    }
    return hunch_condition_true(&m.stack[0]);
}

/* 1: true, 0: false or undefined, -1: undecided, because the budget ran out or bytes could not be
 * read. `words` must have passed hunch_condition_validate with the counts of `env`. */
HUNCH_TILE int hunch_condition_eval(const uint32_t *words, const struct hunch_condition_env *env)
{
    return hunch_condition_eval_within(words, env, HUNCH_CONDITION_BUDGET);
}

#endif
