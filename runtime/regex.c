/* regex.c: see regex.h. */
#include "regex.h"

#include <assert.h>
#include <string.h>

enum {
    PATIENCE = 256 * 1024, /* work between two looks at the cancel flag: a byte costs 1... */
    STATES_A_BYTE = 16     /* ...and 1 more for each so many states: all may hold a thread */
};

const char *hunch_regex_check(const struct hp_regex *info, const struct hp_instr *code,
                              uint32_t class_count)
{
    if (info->code_count == 0)
        return "has no code";
    if (info->code_count > HP_MAX_INSTRUCTIONS || info->state_count > HP_MAX_STATES ||
        info->group_count > HP_MAX_GROUPS)
        return "is too large";
    if (info->first_class != HP_NONE && info->first_class >= class_count)
        return "names a class outside";
    uint64_t state = 0;
    for (uint32_t pc = 0; pc < info->code_count; pc++) {
        const struct hp_instr *in = code + pc;
        bool falls = true; /* on to the next instruction */
        if (in->state != state || state >= info->state_count)
            return "numbers its states wrongly";
        uint64_t states = 1;
        switch (in->op) {
        case HP_OP_MATCH:
        case HP_OP_FAIL: falls = false; break;
        case HP_OP_BYTE:
            if (in->arg > 255)
                return "has a byte over 255";
            break;
        case HP_OP_SET:
            if (in->x >= class_count)
                return "names a class outside";
            break;
        case HP_OP_RUN:
            if (in->x >= class_count)
                return "names a class outside";
            if (in->lazy > 1 || in->max == 0 || in->min > HP_MAX_STATES ||
                (in->max != HP_INFINITE && (in->min > in->max || in->max > HP_MAX_STATES)))
                return "has a counted item out of range";
            states = in->max == HP_INFINITE ? (uint64_t)in->min + 1 : in->max;
            break;
        case HP_OP_SPLIT:
            if (in->x >= info->code_count || in->y >= info->code_count)
                return "jumps outside";
            falls = false;
            break;
        case HP_OP_JMP:
            if (in->x >= info->code_count)
                return "jumps outside";
            falls = false;
            break;
        case HP_OP_SAVE:
            if (in->arg < 2 || in->arg >= 2 * (info->group_count + 1))
                return "names a group outside";
            break;
        case HP_OP_ASSERT:
            if (in->arg > HP_ASSERT_NOT_WORD)
                return "has an unknown assertion";
            break;
        default: return "has an unknown instruction";
        }
        if (falls && pc + 1 >= info->code_count)
            return "runs past its end";
        state += states;
    }
    return state == info->state_count ? NULL : "counts its states wrongly";
}

struct hunch_source hunch_source_of(const void *bytes, size_t size)
{
    struct hunch_source s = {.text = {.bytes = bytes, .base = 0, .end = size, .size = size}};
    return s;
}

hunch_status hunch_source_need(struct hunch_source *source, uint64_t at, bool backwards,
                               struct hunch_error *err)
{
    const struct hunch_text *t = &source->text;
    if (at >= t->size || (at >= t->base && at < t->end))
        return HUNCH_OK;
    assert(source->fetch != NULL);
    return source->fetch(source, at, backwards, err);
}

hunch_status hunch_source_changed(struct hunch_error *err)
{
    return hunch_fail(err, HUNCH_ERROR_IO, "the record changed while it was read");
}

void hunch_machine_init(struct hunch_machine *m, const struct hunch_allocator *a)
{
    memset(m, 0, sizeof *m);
    m->a = a;
}

static void free_threads(struct hunch_machine *m)
{
    struct hunch_vm *vm = &m->vm;
    hunch_free_array(m->a, vm->list[0], m->states + 1, sizeof *vm->list[0]);
    hunch_free_array(m->a, vm->list[1], m->states + 1, sizeof *vm->list[1]);
    hunch_free_array(m->a, vm->stamp, m->states, sizeof *vm->stamp);
    hunch_free_array(m->a, vm->stack, 2 * m->states + 8, sizeof *vm->stack);
    vm->list[0] = vm->list[1] = NULL;
    vm->stamp = NULL;
    vm->stack = NULL;
    m->states = 0;
}

static void free_slots(struct hunch_machine *m)
{
    struct hunch_vm *vm = &m->vm;
    hunch_free_array(m->a, vm->slot[0], m->slot_words, sizeof(uint64_t));
    hunch_free_array(m->a, vm->slot[1], m->slot_words, sizeof(uint64_t));
    hunch_free_array(m->a, vm->work, m->slots, sizeof(uint64_t));
    hunch_free_array(m->a, vm->best, m->slots, sizeof(uint64_t));
    vm->slot[0] = vm->slot[1] = vm->work = vm->best = NULL;
    m->slot_words = m->slots = 0;
}

void hunch_machine_free(struct hunch_machine *m)
{
    free_threads(m);
    free_slots(m);
}

static bool grow_threads(struct hunch_machine *m, size_t states)
{
    struct hunch_vm *vm = &m->vm;
    free_threads(m);
    vm->list[0] = hunch_alloc_array(m->a, states + 1, sizeof *vm->list[0]);
    vm->list[1] = hunch_alloc_array(m->a, states + 1, sizeof *vm->list[1]);
    vm->stamp = hunch_alloc_array(m->a, states, sizeof *vm->stamp);
    vm->stack = hunch_alloc_array(m->a, 2 * states + 8, sizeof *vm->stack);
    m->states = states;
    if (!vm->list[0] || !vm->list[1] || !vm->stamp || !vm->stack) {
        free_threads(m);
        return false;
    }
    memset(vm->stamp, 0, states * sizeof *vm->stamp);
    vm->step = 0;
    vm->state_count = (uint32_t)states;
    return true;
}

static bool grow_slots(struct hunch_machine *m, size_t slots, size_t words)
{
    struct hunch_vm *vm = &m->vm;
    if (slots <= m->slots && words <= m->slot_words)
        return true;
    if (slots < m->slots)
        slots = m->slots;
    if (words < m->slot_words)
        words = m->slot_words;
    free_slots(m);
    vm->slot[0] = hunch_alloc_array(m->a, words, sizeof(uint64_t));
    vm->slot[1] = hunch_alloc_array(m->a, words, sizeof(uint64_t));
    vm->work = hunch_alloc_array(m->a, slots, sizeof(uint64_t));
    vm->best = hunch_alloc_array(m->a, slots, sizeof(uint64_t));
    m->slot_words = words;
    m->slots = slots;
    if (vm->slot[0] && vm->slot[1] && vm->work && vm->best)
        return true;
    free_slots(m);
    return false;
}

hunch_status hunch_machine_load(struct hunch_machine *m, const struct hunch_regex_view *regex,
                                bool captures, struct hunch_error *err)
{
    struct hunch_vm *vm = &m->vm;
    size_t states = regex->info.state_count;
    m->cost = 1 + states / STATES_A_BYTE;
    if (states > m->states && !grow_threads(m, states))
        return hunch_fail_memory(err, states * 64, "a regex search");
    hunch_vm_load(vm, &regex->info, regex->code, regex->classes, captures);
    if (vm->slots > 0 && !grow_slots(m, vm->slots, (states + 1) * vm->slots))
        return hunch_fail_memory(err, states * vm->slots * 16, "the groups of a regex");
    return HUNCH_OK;
}

/* Whether the window holds what the machine looks at next: the bytes on both sides of `at`. */
static bool covers(const struct hunch_text *t, uint64_t at)
{
    if (at > 0 && (at - 1 < t->base || at - 1 >= t->end))
        return false;
    return at >= t->size || (at >= t->base && at < t->end);
}

hunch_status hunch_machine_resume(struct hunch_machine *m, struct hunch_source *source,
                                  bool *need_start, struct hunch_error *err)
{
    struct hunch_vm *vm = &m->vm;
    for (;;) {
        struct hunch_text text = source->text;
        if (source->cancelled) { /* in slices, so that it is asked often enough */
            if (m->patience == 0) {
                if (source->cancelled(source))
                    return hunch_fail(err, HUNCH_ERROR_CANCELLED, "the scan was cancelled");
                m->patience = PATIENCE;
            }
            uint64_t slice = 1 + m->patience / m->cost;
            if (!vm->backwards && vm->at < text.end && text.end - vm->at > slice)
                text.end = vm->at + slice;
            if (vm->backwards && vm->at > text.base && vm->at - text.base > slice) {
                text.bytes += vm->at - slice - text.base;
                text.base = vm->at - slice;
            }
        }
        uint64_t at = vm->at;
        enum hunch_vm_result result = hunch_vm_run(vm, &text);
        uint64_t spent = (1 + (vm->backwards ? at - vm->at : vm->at - at)) * m->cost;
        m->patience -= m->patience < spent ? m->patience : spent;
        *need_start = result == HUNCH_VM_NEED_START;
        if (result != HUNCH_VM_NEED_TEXT)
            return HUNCH_OK;
        if (covers(&source->text, vm->at))
            continue;
        hunch_status status = source->fetch(source, vm->at, vm->backwards, err);
        if (status != HUNCH_OK)
            return status;
    }
}

hunch_status hunch_machine_run(struct hunch_machine *m, struct hunch_source *source,
                               struct hunch_error *err)
{
    bool need_start;
    return hunch_machine_resume(m, source, &need_start, err);
}

hunch_status hunch_regex_find(struct hunch_machine *m, const struct hunch_regex_view *regex,
                              struct hunch_source *source, uint64_t low, uint64_t high,
                              uint64_t stop, bool *found, uint64_t *start, uint64_t *end,
                              struct hunch_error *err)
{
    *found = false;
    hunch_status status = hunch_machine_load(m, regex, false, err);
    if (status != HUNCH_OK)
        return status;
    hunch_vm_begin(&m->vm, low, high, stop);
    status = hunch_machine_run(m, source, err);
    if (status != HUNCH_OK || m->vm.match_end == HUNCH_NOWHERE)
        return status;
    *found = true;
    *start = m->vm.match_start;
    *end = m->vm.match_end;
    return HUNCH_OK;
}

hunch_status hunch_regex_groups(struct hunch_machine *m, const struct hunch_regex_view *regex,
                                struct hunch_source *source, uint64_t start, uint64_t end,
                                uint64_t *slots, struct hunch_error *err)
{
    slots[0] = start;
    slots[1] = end;
    if (regex->info.group_count == 0)
        return HUNCH_OK;
    hunch_status status = hunch_machine_load(m, regex, true, err);
    if (status != HUNCH_OK)
        return status;
    hunch_vm_begin(&m->vm, start, start, end);
    m->vm.only_end = end;
    status = hunch_machine_run(m, source, err);
    if (status != HUNCH_OK)
        return status;
    if (m->vm.match_end != end)
        return hunch_source_changed(err);
    memcpy(slots + 2, m->vm.best + 2, (m->vm.slots - 2) * sizeof *slots);
    return HUNCH_OK;
}
