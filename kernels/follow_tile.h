/* follow_tile.h: the regex machine of regex_tile.h by follow lists. Where a thread can get to
 * without a byte, and which bytes it may then take, does not depend on the text: for each place in
 * the code and each kind of byte there is a list, made once (runtime/follow.c), of the threads that
 * live behind that byte, in order of preference. What the machine does byte by byte with splits,
 * jumps and a stack is then one look-up a thread. The answer is the same.
 *
 * Worked example: (a|b)c at its entry. Column of "a": thread at c, group 1 begins here; of "b": the
 * same; of other bytes: nothing. Behind the "a", at the end of the group: column of "c": MATCH
 * comes next, group 1 ends before this byte. */
#ifndef HUNCH_FOLLOW_TILE_H
#define HUNCH_FOLLOW_TILE_H

#include "regex_tile.h"

/* One entry of a list: what is reached, and what of the match is known then. */
struct hunch_follow_entry {
    uint16_t pc;    /* of the thread behind the byte; a RUN has then taken one */
    uint16_t state; /* one thread a state and place is enough: regex_tile.h's stamps */
    uint32_t saves; /* bit s: slot s is here, before the byte; and HUNCH_FOLLOW_* */
};
#define HUNCH_FOLLOW_RUN 0x20000000u
#define HUNCH_FOLLOW_MATCH 0x40000000u /* no thread: a match ends here */
#define HUNCH_FOLLOW_LAST 0x80000000u
#define HUNCH_FOLLOW_SLOTS 29 /* most slots of a regex that has lists */

/* The lists of one regex; numbers are places in an array of 4-byte words. */
struct hunch_follow {
    uint32_t columns; /* kinds of bytes; number `columns`: there is none. 0: it has no lists */
    uint32_t column;  /* 256 bytes: the column of each byte */
    uint32_t row;     /* of each pc: its first word in `list`, HP_NONE: nothing arrives there */
    uint32_t list;    /* by row, by kind of the byte on the other side where it looks at that, by
                       * column: the first entry's place, 0: an empty list */
    uint32_t looks;   /* 1: it has assertions, and rows of HUNCH_BESIDE_COUNT kinds */
};

/* What the byte on the side that is not read may be to an assertion. */
enum {
    HUNCH_BESIDE_NOTHING,
    HUNCH_BESIDE_NEWLINE,
    HUNCH_BESIDE_WORD,
    HUNCH_BESIDE_OTHER,
    HUNCH_BESIDE_COUNT
};

HUNCH_TILE uint32_t hunch_beside(uint32_t byte)
{
    return byte == 256           ? HUNCH_BESIDE_NOTHING
           : byte == '\n'        ? HUNCH_BESIDE_NEWLINE
           : hunch_is_word(byte) ? HUNCH_BESIDE_WORD
                                 : HUNCH_BESIDE_OTHER;
}

/* Where a step stands. */
struct hunch_follow_step {
    const uint32_t *word;
    const struct hunch_follow *follow;
    uint32_t cell;   /* kind beside and column, as an index behind a row */
    uint32_t byte;   /* that is taken, 256: none is */
    uint32_t living; /* threads in list[1] */
};

/* Thread number step->living of list[1] becomes this one, with the slots of `from` and those of
 * `saves` set here. */
HUNCH_TILE void hunch_follow_add(struct hunch_vm *vm, struct hunch_follow_step *step, uint32_t pc,
                                 uint32_t count, uint64_t start, const uint64_t *from,
                                 uint32_t saves)
{
    const uint32_t n = step->living++;
    if (HUNCH_UNLIKELY(n >= vm->room))
        return;
    struct hunch_vm_thread *t = vm->list[1] + n;
    t->pc = pc;
    t->count = count;
    t->start = start;
    uint64_t *to = vm->slot[1] + (uint64_t)n * vm->slots;
    for (uint32_t k = 2; k < vm->slots; k++)
        to[k] = saves >> k & 1u ? vm->at : from[k];
}

/* What follows where nothing is inside of a RUN. 1: a match has cut what has less preference. */
HUNCH_TILE int hunch_follow_row(struct hunch_vm *vm, struct hunch_follow_step *step, uint32_t pc,
                                uint64_t start, const uint64_t *from)
{
    const uint32_t place =
        step->word[step->follow->list + step->word[step->follow->row + pc] + step->cell];
    const struct hunch_follow_entry *e =
        (const struct hunch_follow_entry *)(const void *)(step->word + place);
    if (place == 0)
        return 0;
    for (;; e++) {
        const uint32_t saves = e->saves;
        if (saves & HUNCH_FOLLOW_MATCH) {
            if (vm->only_end == HUNCH_NOWHERE || vm->at == vm->only_end) {
                vm->match_start = start;
                vm->match_end = vm->at;
                for (uint32_t k = 2; k < vm->slots; k++)
                    vm->best[k] = saves >> k & 1u ? vm->at : from[k];
                if (!vm->longest)
                    return 1;
            }
        } else if (step->byte != 256 && vm->stamp[e->state] != vm->step) {
            vm->stamp[e->state] = vm->step;
            hunch_follow_add(vm, step, e->pc, saves & HUNCH_FOLLOW_RUN ? 1 : 0, start, from, saves);
        }
        if (saves & HUNCH_FOLLOW_LAST)
            return 0;
    }
}

/* A thread inside of a RUN, which has taken `count` bytes: it goes on, or what follows comes. */
HUNCH_TILE int hunch_follow_run(struct hunch_vm *vm, struct hunch_follow_step *step, uint32_t pc,
                                uint32_t count, uint64_t start, const uint64_t *from)
{
    const struct hp_instr *in = vm->code + pc;
    const uint32_t limit = in->max == HP_INFINITE ? in->min : in->max;
    if (count > limit)
        count = limit;
    if (in->max != HP_INFINITE && count == in->max)
        return hunch_follow_row(vm, step, pc + 1, start, from);
    if (vm->stamp[in->state + count] == vm->step)
        return 0;
    vm->stamp[in->state + count] = vm->step;
    const int goes_on = step->byte != 256 && hunch_class_has(vm->classes[in->x].bits, step->byte);
    if (goes_on && (count < in->min || !in->lazy))
        hunch_follow_add(vm, step, pc, count + 1, start, from, 0);
    if (count < in->min)
        return 0;
    if (hunch_follow_row(vm, step, pc + 1, start, from))
        return 1;
    if (goes_on && in->lazy)
        hunch_follow_add(vm, step, pc, count + 1, start, from, 0);
    return 0;
}

/* hunch_vm_loop by lists. vm->ranges is 0. */
HUNCH_TILE enum hunch_vm_result hunch_follow_loop(struct hunch_vm *vm,
                                                  const struct hunch_follow *follow,
                                                  const uint32_t *word,
                                                  const struct hunch_text *text)
{
    const uint8_t *column = (const uint8_t *)(const void *)(word + follow->column);
    struct hunch_follow_step step;
    step.word = word;
    step.follow = follow;
    for (;;) {
        const int may_start = hunch_vm_may_start(vm);
        if (vm->arriving == 0) {
            const int there = may_start ? hunch_vm_skip(vm, text) : -1;
            if (there < 0)
                return HUNCH_VM_DONE;
            if (there == 0)
                continue;
        }
        uint32_t before, after;
        if (vm->at > text->size)
            return HUNCH_VM_DONE; /* the caller asked behind the end */
        if (!hunch_vm_beside(text, vm->at, &before, &after))
            return HUNCH_VM_NEED_TEXT;
        hunch_vm_tick(vm);
        const uint32_t reads = vm->backwards ? before : after;
        step.byte = vm->at == vm->stop ? 256 : reads;
        step.cell = reads == 256 ? follow->columns : column[reads];
        if (follow->looks)
            step.cell += hunch_beside(vm->backwards ? after : before) * (follow->columns + 1);
        step.living = 0;
        int cut = 0;
        for (uint32_t i = 0; i < vm->arriving && !cut; i++) {
            const struct hunch_vm_thread t = vm->list[0][i];
            const uint64_t *from = vm->slot[0] + (uint64_t)i * vm->slots;
            cut = t.count > 0 ? hunch_follow_run(vm, &step, t.pc, t.count, t.start, from)
                              : hunch_follow_row(vm, &step, t.pc, t.start, from);
        }
        if (!cut && may_start && hunch_vm_starts(vm))
            (void)hunch_follow_row(vm, &step, 0, vm->at, vm->work);
        if (HUNCH_UNLIKELY(step.living > vm->room))
            return HUNCH_VM_NO_ROOM;
        if (!hunch_vm_go_on(vm, text, step.living, step.byte))
            return HUNCH_VM_DONE;
    }
}

/* As hunch_vm_run, for a regex that has lists. */
HUNCH_TILE_CALLED enum hunch_vm_result hunch_follow_tile(struct hunch_vm *vm,
                                                         const struct hunch_follow *follow,
                                                         const uint32_t *word,
                                                         const struct hunch_text *text)
{
    struct hunch_vm own = *vm; /* nothing else points at it: registers */
    const enum hunch_vm_result result = hunch_follow_loop(&own, follow, word, text);
    *vm = own;
    return result;
}

#endif
