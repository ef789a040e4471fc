/* regex_tile.h: the regex machine: ordered threads over instructions and counted items, never
 * backtracking.
 *
 * One machine runs one search at a time, forwards or backwards, from one start or from many. It
 * stops and says so when it needs text outside the window it was given or another range of starts,
 * so that a record may be larger than memory. All memory is the caller's: see struct hunch_vm.
 *
 * Worked example: [0-9]{2,3}x on "123x". Thread list by position, as (instruction, count):
 *   0: (0,0)   1: (0,1)   2: (0,2) (1)   3: (1)   4: MATCH, end 4
 * At 2 the counted item may both go on and be left: it stays first in the list, because it is
 * greedy. */
#ifndef HUNCH_REGEX_TILE_H
#define HUNCH_REGEX_TILE_H

#include "layout.h"

#define HUNCH_NOWHERE 0xffffffffffffffffull

/* A window of a record: bytes[0] lies at `base`, the window ends before `end`. */
struct hunch_text {
    const uint8_t *bytes;
    uint64_t base;
    uint64_t end;
    uint64_t size; /* of the record; HUNCH_NOWHERE while unknown */
};

struct hunch_vm_thread {
    uint32_t pc;
    uint32_t count; /* of a RUN: how many bytes it has taken */
    uint64_t start; /* where this thread's match began */
};

/* What is known about slots during a run with captures: `slots` words a thread. */
struct hunch_vm_frame {
    uint32_t pc; /* or HUNCH_VM_RESTORE + slot */
    uint32_t count;
    uint64_t value; /* the slot's old value */
};
#define HUNCH_VM_RESTORE 0x80000000u
#define HUNCH_VM_CONSUME 0x40000000u

enum hunch_vm_result {
    HUNCH_VM_DONE,      /* match_end is HUNCH_NOWHERE where there is none */
    HUNCH_VM_NEED_TEXT, /* a window that holds `at` (backwards: at - 1), or says that it is the end
                         */
    HUNCH_VM_NEED_START /* set start_low and start_high (start_high >= at), or start_low =
                           HUNCH_NOWHERE: no more */
};

/* The machine. The caller sizes its arrays by state_count of the regex: list[2] that many + 1
 * threads each, stamp that many, stack 2 * that many + group slots + 8 frames; for captures,
 * slot[2]: (states + 1) * slots words each. */
struct hunch_vm {
    /* memory */
    struct hunch_vm_thread
        *list[2];    /* 0: threads that arrive at `at`; 1: those that will at the place behind it */
    uint16_t *stamp; /* per state: the step in which it was last added */
    struct hunch_vm_frame *stack;
    uint64_t *slot[2];    /* captures of the threads of each list, or null */
    uint64_t *work;       /* captures of the thread being followed */
    uint64_t *best;       /* captures of the best match: `slots` words */
    uint32_t slots;       /* 2 * (groups + 1), 0: none are kept; slots 0 and 1 are the caller's */
    uint32_t state_count; /* stamps */
    uint16_t step;        /* current stamp; 0 is never used */
    /* program */
    const struct hp_instr *code;
    const struct hp_class *classes;
    const uint8_t *first; /* class bits of possible first bytes, or null */
    /* search */
    uint64_t at;          /* the position between bytes that comes next */
    uint64_t stop;        /* no byte from here on is consumed (backwards: before here) */
    uint64_t start_low;   /* a match may start here... */
    uint64_t start_high;  /* ...to here, both included */
    uint64_t only_end;    /* accept only matches that end here, HUNCH_NOWHERE: anywhere */
    uint32_t arriving;    /* threads in list[0] */
    uint32_t backwards;   /* 1: text is read from right to left; start is then the right end */
    uint32_t ranges;      /* 1: the caller is asked for the next range of starts */
    uint32_t longest;     /* 1: a match does not cut what comes after it; the last one stays */
    uint64_t match_start; /* HUNCH_NOWHERE: none yet */
    uint64_t match_end;
    uint64_t steps; /* bytes consumed since the search began: the measure of work */
};

/* Makes the machine ready for a regex, whose code and classes these are. */
HUNCH_TILE void hunch_vm_load(struct hunch_vm *vm, const struct hp_regex *regex,
                              const struct hp_instr *code, const struct hp_class *classes,
                              int captures)
{
    vm->slots = captures ? 2 * (regex->group_count + 1) : 0;
    vm->code = code;
    vm->classes = classes;
    vm->first = regex->first_class == HP_NONE ? 0 : classes[regex->first_class].bits;
    vm->backwards = (regex->flags & HP_REGEX_REVERSED) != 0;
    vm->longest = vm->backwards;
    vm->ranges = 0;
}

HUNCH_TILE int hunch_class_has(const uint8_t *bits, uint32_t byte)
{
    return (bits[byte >> 3] >> (byte & 7)) & 1;
}

HUNCH_TILE int hunch_is_word(uint32_t byte)
{
    return (byte - '0' < 10u) | ((byte | 32) - 'a' < 26u) | (byte == '_');
}

/* What an assertion can see at a position: 256 stands for "outside of the record". */
HUNCH_TILE int hunch_vm_assert(uint32_t kind, uint32_t before, uint32_t after)
{
    switch (kind) {
    case HP_ASSERT_TEXT_BEGIN: return before == 256;
    case HP_ASSERT_TEXT_END: return after == 256;
    case HP_ASSERT_LINE_BEGIN: return before == 256 || before == '\n';
    case HP_ASSERT_LINE_END: return after == 256 || after == '\n';
    default: {
        int left = before < 256 && hunch_is_word(before);
        int right = after < 256 && hunch_is_word(after);
        return (left != right) == (kind == HP_ASSERT_WORD);
    }
    }
}

/* Prepares a search that may start in [low, high] and looks at no byte at or behind `stop`
 * (backwards: `low == high` is the right end and `stop` the leftmost byte that may be read). */
HUNCH_TILE void hunch_vm_begin(struct hunch_vm *vm, uint64_t low, uint64_t high, uint64_t stop)
{
    vm->at = low;
    vm->stop = stop;
    vm->start_low = low;
    vm->start_high = high;
    vm->only_end = HUNCH_NOWHERE;
    vm->arriving = 0;
    vm->match_start = HUNCH_NOWHERE;
    vm->match_end = HUNCH_NOWHERE;
    vm->steps = 0;
}

HUNCH_TILE void hunch_vm_copy_slots(uint64_t *to, const uint64_t *from, uint32_t n)
{
    for (uint32_t i = 2; i < n; i++)
        to[i] = from[i];
}

/* The thread (pc, count) takes the byte (256: there is none) or dies of it. One that lives becomes
 * number n of list[1]. Returns how many there are then. */
HUNCH_TILE uint32_t hunch_vm_consume(struct hunch_vm *vm, uint32_t n, uint32_t pc, uint32_t count,
                                     uint64_t start, uint32_t byte)
{
    const struct hp_instr *in = vm->code + pc;
    if (in->op == HP_OP_BYTE ? in->arg != byte
                             : byte == 256 || !hunch_class_has(vm->classes[in->x].bits, byte))
        return n;
    struct hunch_vm_thread *t = vm->list[1] + n;
    t->pc = in->op == HP_OP_RUN ? pc : pc + 1;
    t->count = in->op == HP_OP_RUN ? count + 1 : 0;
    t->start = start;
    if (vm->slots)
        hunch_vm_copy_slots(vm->slot[1] + (uint64_t)n * vm->slots, vm->work, vm->slots);
    return n + 1;
}

/* Follows everything that is reached from (pc, count) without consuming a byte, in order of
 * preference, and appends the threads that take the byte which comes next to list[1], where *living
 * are. Returns 1 when MATCH was reached: what has lower preference is then cut. */
HUNCH_TILE_CALLED int hunch_vm_follow(struct hunch_vm *vm, uint32_t pc, uint32_t count,
                                      uint64_t start, uint32_t before, uint32_t after,
                                      uint32_t byte, uint32_t *living)
{
    struct hunch_vm_frame *stack = vm->stack;
    uint32_t top = 0;
    for (;;) {
        const struct hp_instr *in = vm->code + pc;
        uint32_t state = in->state;
        int consume = 0;
        switch (in->op) {
        case HP_OP_RUN: {
            uint32_t limit = in->max == HP_INFINITE ? in->min : in->max;
            if (count > limit)
                count = limit;
            if (in->max != HP_INFINITE && count == in->max) { /* full: it can only be left */
                pc++;
                count = 0;
                continue;
            }
            if (vm->stamp[state + count] == vm->step)
                break;
            vm->stamp[state + count] = vm->step;
            if (count < in->min) {
                consume = 1;
                break;
            }
            if (in->lazy) {
                stack[top].pc = pc | HUNCH_VM_CONSUME;
                stack[top++].count = count;
                pc++;
                count = 0;
                continue;
            }
            *living = hunch_vm_consume(vm, *living, pc, count, start, byte);
            pc++;
            count = 0;
            continue;
        }
        default:
            if (vm->stamp[state] == vm->step)
                break;
            vm->stamp[state] = vm->step;
            switch (in->op) {
            case HP_OP_BYTE:
            case HP_OP_SET: consume = 1; break;
            case HP_OP_SPLIT:
                stack[top].pc = in->y;
                stack[top++].count = 0;
                pc = in->x;
                count = 0;
                continue;
            case HP_OP_JMP:
                pc = in->x;
                count = 0;
                continue;
            case HP_OP_SAVE:
                if (in->arg < vm->slots) {
                    stack[top].pc = HUNCH_VM_RESTORE | in->arg;
                    stack[top++].value = vm->work[in->arg];
                    vm->work[in->arg] = vm->at;
                }
                pc++;
                count = 0;
                continue;
            case HP_OP_ASSERT:
                if (!hunch_vm_assert(in->arg, before, after))
                    break;
                pc++;
                count = 0;
                continue;
            case HP_OP_MATCH:
                if (vm->only_end != HUNCH_NOWHERE && vm->at != vm->only_end)
                    break;
                vm->match_start = start;
                vm->match_end = vm->at;
                if (vm->slots)
                    hunch_vm_copy_slots(vm->best, vm->work, vm->slots);
                if (vm->longest)
                    break;
                return 1;
            default: break; /* FAIL */
            }
        }
        if (consume)
            *living = hunch_vm_consume(vm, *living, pc, count, start, byte);
        for (;;) { /* the next alternative, in order */
            if (top == 0)
                return 0;
            top--;
            uint32_t p = stack[top].pc;
            if (p & HUNCH_VM_RESTORE) {
                vm->work[p & ~HUNCH_VM_RESTORE] = stack[top].value;
                continue;
            }
            count = stack[top].count;
            if (p & HUNCH_VM_CONSUME) { /* a lazy item that may also go on; its stamp is set */
                *living = hunch_vm_consume(vm, *living, p & ~HUNCH_VM_CONSUME, count, start, byte);
                continue;
            }
            pc = p;
            break;
        }
    }
}

/* Starts a new stamp; the array is cleared once in 2^16 steps. */
HUNCH_TILE void hunch_vm_tick(struct hunch_vm *vm)
{
    if (++vm->step == 0) {
        for (uint32_t i = 0; i < vm->state_count; i++)
            vm->stamp[i] = 0;
        vm->step = 1;
    }
}

HUNCH_TILE enum hunch_vm_result hunch_vm_loop(struct hunch_vm *vm, const struct hunch_text *text)
{
    const uint8_t *bytes = text->bytes;
    for (;;) {
        int may_start = vm->match_start == HUNCH_NOWHERE && vm->start_low != HUNCH_NOWHERE;
        if (may_start && !vm->backwards && vm->at > vm->start_high) {
            if (vm->ranges)
                return HUNCH_VM_NEED_START;
            vm->start_low = HUNCH_NOWHERE;
            may_start = 0;
        }
        if (vm->arriving == 0) {
            if (!may_start)
                return HUNCH_VM_DONE;
            if (vm->at < vm->start_low && !vm->backwards)
                vm->at = vm->start_low;
            if (vm->first &&
                !vm->backwards) { /* nothing is alive: on to a byte that can begin a match */
                uint64_t i = vm->at,
                         last = vm->start_high < vm->stop ? vm->start_high + 1 : vm->stop;
                if (last > text->end)
                    last = text->end;
                if (i >= text->base) {
                    while (i < last && !hunch_class_has(vm->first, bytes[i - text->base]))
                        i++;
                    vm->at = i;
                    if (i > vm->start_high)
                        continue;
                    if (i >= vm->stop)
                        return HUNCH_VM_DONE;
                }
            }
        }
        /* The bytes on both sides; outside of the record: 256. */
        uint64_t at = vm->at;
        if (at > text->size)
            return HUNCH_VM_DONE; /* the caller asked behind the end */
        uint32_t before = 256, after = 256;
        if (at < text->size || text->size == HUNCH_NOWHERE) {
            if (at < text->base || at >= text->end)
                return HUNCH_VM_NEED_TEXT;
            after = bytes[at - text->base];
        }
        if (at > 0) {
            if (at - 1 < text->base || at > text->end)
                return HUNCH_VM_NEED_TEXT;
            before = bytes[at - 1 - text->base];
        }
        hunch_vm_tick(vm);
        const uint32_t c = at == vm->stop ? 256 : vm->backwards ? before : after;
        uint32_t living = 0;
        int cut = 0;
        for (uint32_t i = 0; i <= vm->arriving && !cut; i++) {
            struct hunch_vm_thread t = {0, 0, at}; /* one that starts here, behind all others */
            if (i < vm->arriving) {
                t = vm->list[0][i];
                if (vm->slots)
                    hunch_vm_copy_slots(vm->work, vm->slot[0] + (uint64_t)i * vm->slots, vm->slots);
            } else {
                if (!may_start || vm->match_start != HUNCH_NOWHERE ||
                    (vm->backwards ? at != vm->start_low : at < vm->start_low))
                    break;
                for (uint32_t k = 2; k < vm->slots; k++)
                    vm->work[k] = HUNCH_NOWHERE;
                if (vm->backwards)
                    vm->start_low = HUNCH_NOWHERE;
            }
            cut = hunch_vm_follow(vm, t.pc, t.count, t.start, before, after, c, &living);
        }
        vm->arriving = living;
        if (c == 256)
            return HUNCH_VM_DONE;
        struct hunch_vm_thread *list = vm->list[0];
        vm->list[0] = vm->list[1];
        vm->list[1] = list;
        uint64_t *slot = vm->slot[0];
        vm->slot[0] = vm->slot[1];
        vm->slot[1] = slot;
        vm->steps++;
        vm->at = vm->backwards ? at - 1 : at + 1;
        /* One thread inside a counted item that cannot be left yet: take its bytes in one go. */
        if (living == 1 && !vm->backwards &&
            (vm->match_start != HUNCH_NOWHERE || vm->start_low == HUNCH_NOWHERE)) {
            struct hunch_vm_thread *t = vm->list[0];
            const struct hp_instr *in = vm->code + t->pc;
            if (in->op == HP_OP_RUN && t->count < in->min) {
                const uint8_t *bits = vm->classes[in->x].bits;
                uint64_t i = vm->at, last = vm->stop < text->end ? vm->stop : text->end;
                while (t->count < in->min && i < last &&
                       hunch_class_has(bits, bytes[i - text->base]))
                    i++, t->count++;
                vm->steps += i - vm->at;
                vm->at = i;
            }
        }
    }
}

/* Goes on with the search until it is decided or needs something. */
HUNCH_TILE_CALLED enum hunch_vm_result hunch_vm_run(struct hunch_vm *vm,
                                                    const struct hunch_text *text)
{
    struct hunch_vm own = *vm; /* nothing else points at it: registers */
    const enum hunch_vm_result result = hunch_vm_loop(&own, text);
    *vm = own;
    return result;
}

/* A guard: whether the code from its entry could match at `at`; says yes too often, never too
 * rarely. Bytes outside of the window count as "could". */
HUNCH_TILE int hunch_guard_tile(const struct hp_guard *guard, const uint32_t *word,
                                const uint8_t *blob, const uint8_t *at, const uint8_t *end)
{
    const uint16_t *table = (const uint16_t *)(const void *)(word + guard->table);
    const uint8_t *byte_class = blob + guard->byte_class;
    const uint32_t shift = guard->shift;
    uint32_t state = 2;
    if (end - at > (int)HP_GUARD_DEPTH)
        end = at + HP_GUARD_DEPTH; /* it may loop; work per occurrence stays bounded */
    while (at < end) {
        state = table[(state << shift) + byte_class[*at++]];
        if (state < 2)
            return (int)state;
    }
    return 1;
}

#endif
