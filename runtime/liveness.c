/* liveness.c: see liveness.h. A state is numbered as in the regex code: an instruction's first
 * state plus its count. */
#include "liveness.h"

#include <assert.h>
#include <string.h>

enum {
    ENDS = 1 << 18, /* places in the table of ends of walks, at most half of them used: 4 MiB */
    END_STEP = 64,  /* bytes between two places of a walk that are looked up, and remembered... */
    DENSE =
        32 *
        1024, /* ...near its start; the distance doubles each time this many become twice as many */
    WAITS_MOST = ENDS / 8,
    ASK_EVERY = 4096 /* bytes between two looks at the cancel flag: a step back is not cheap */
};
#define SLOT_FRAME 0x80000000u
#define WAIT_FRAME 0x40000000u

static bool has(const uint64_t *set, uint32_t state)
{
    return (set[state >> 6] >> (state & 63)) & 1;
}

static void put(uint64_t *set, uint32_t state)
{
    set[state >> 6] |= 1ull << (state & 63);
}

/* The byte at `at`, 256 outside of the record; now and then a look at the cancel flag. */
static hunch_status peek(struct hunch_source *s, uint64_t at, bool backwards, uint32_t *byte,
                         struct hunch_error *err)
{
    if (at % ASK_EVERY == 0 && hunch_source_cancelled(s))
        return hunch_fail(err, HUNCH_ERROR_CANCELLED, "the scan was cancelled");
    if (at >= s->text.base && at < s->text.end) {
        *byte = s->text.bytes[at - s->text.base];
        return HUNCH_OK;
    }
    *byte = 256;
    if (at == HUNCH_NOWHERE || at >= s->text.size)
        return HUNCH_OK;
    hunch_status status = hunch_source_need(s, at, backwards, err);
    if (status == HUNCH_OK && at < s->text.size)
        *byte = s->text.bytes[at - s->text.base];
    return status;
}

/* n <= 64 states from `first` on. */
static uint64_t get_states(const uint64_t *set, uint32_t first, uint32_t n)
{
    uint32_t word = first >> 6, shift = first & 63;
    uint64_t bits = set[word] >> shift;
    if (shift != 0 && shift + n > 64)
        bits |= set[word + 1] << (64 - shift);
    return n < 64 ? bits & ((1ull << n) - 1) : bits;
}

static void put_states(uint64_t *set, uint32_t first, uint32_t n, uint64_t bits)
{
    uint32_t word = first >> 6, shift = first & 63;
    set[word] |= bits << shift;
    if (shift != 0 && shift + n > 64)
        set[word + 1] |= bits >> (64 - shift);
}

/* The states of a counted item: what they are one byte later, moved down by one count, where the
 * byte is of the class; and those that may leave it, where what comes after it is live. */
static void step_run(const struct hp_instr *in, const uint64_t *next, uint64_t *set, bool inside,
                     bool out, bool out_later)
{
    bool open = in->max == HP_INFINITE;
    uint32_t states = open ? in->min + 1 : in->max;
    for (uint32_t k = 0; k < states; k += 64) {
        uint32_t n = states - k < 64 ? states - k : 64;
        uint64_t bits = 0;
        if (inside) {
            uint32_t behind = states - k - 1; /* states above k */
            bits = get_states(next, in->state + k + 1, behind < n ? behind : n);
            if (behind < n && (open ? has(next, in->state + states - 1) : out_later))
                bits |= 1ull << (n - 1);
        }
        if (out && k + n > in->min) {
            uint64_t all = n < 64 ? (1ull << n) - 1 : ~0ull;
            bits |= in->min > k ? all & ~((1ull << (in->min - k)) - 1) : all;
        }
        put_states(set, in->state + k, n, bits);
    }
}

/* The live states at a position from those one byte later; `after` is the byte there (256: none may
 * be consumed), `match`: a match may end here. */
static void step_back(const struct hunch_liveness *l, const uint64_t *next, uint64_t *set,
                      uint32_t before, uint32_t after, uint32_t real_after, bool match)
{
    const struct hp_instr *code = l->regex.code;
    const struct hp_class *classes = l->regex.classes;
    memset(set, 0, l->words * sizeof *set);
    for (bool again = true; again;) { /* more than one round only where a loop can be empty */
        for (uint32_t pc = l->regex.info.code_count; pc-- > 0;) {
            const struct hp_instr *in = code + pc;
            bool live = false;
            switch (in->op) {
            case HP_OP_MATCH: live = match; break;
            case HP_OP_BYTE: live = in->arg == after && has(next, code[pc + 1].state); break;
            case HP_OP_SET:
                live = after < 256 && has(next, code[pc + 1].state) &&
                       hunch_class_has(classes[in->x].bits, after);
                break;
            case HP_OP_SPLIT:
                live = has(set, code[in->x].state) || has(set, code[in->y].state);
                break;
            case HP_OP_JMP: live = has(set, code[in->x].state); break;
            case HP_OP_SAVE: live = has(set, code[pc + 1].state); break;
            case HP_OP_ASSERT:
                live = has(set, code[pc + 1].state) && hunch_vm_assert(in->arg, before, real_after);
                break;
            case HP_OP_RUN:
                step_run(in, next, set, after < 256 && hunch_class_has(classes[in->x].bits, after),
                         has(set, code[pc + 1].state), has(next, code[pc + 1].state));
                continue;
            default: break;
            }
            if (live)
                put(set, in->state);
        }
        again = false;
        for (uint32_t i = 0; i < l->back_count; i++) {
            const struct hp_instr *in = code + l->back[i];
            if (has(set, in->state))
                continue;
            again |= has(set, code[in->x].state) ||
                     (in->op == HP_OP_SPLIT && has(set, code[in->y].state));
        }
    }
}

static bool goes_back(const struct hp_instr *in, uint32_t pc)
{
    return (in->op == HP_OP_SPLIT && (in->x <= pc || in->y <= pc)) ||
           (in->op == HP_OP_JMP && in->x <= pc);
}

/* Fills l->back; false: no memory. */
static bool find_back(struct hunch_liveness *l)
{
    const struct hp_instr *code = l->regex.code;
    l->back_count = 0;
    for (uint32_t pc = 0; pc < l->regex.info.code_count; pc++)
        l->back_count += goes_back(code + pc, pc);
    l->back = hunch_alloc_array(l->a, l->back_count, sizeof *l->back);
    uint32_t n = 0;
    for (uint32_t pc = 0; l->back != NULL && pc < l->regex.info.code_count; pc++)
        if (goes_back(code + pc, pc))
            l->back[n++] = pc;
    return l->back != NULL;
}

/* The sets of [from, to], into `block`, or where that is NULL into the checkpoints only. Starts
 * from `seed`, the set at `to`, or from nothing. */
static hunch_status sweep(struct hunch_liveness *l, struct hunch_source *source, uint64_t from,
                          uint64_t to, const uint64_t *seed, uint64_t *block,
                          struct hunch_error *err)
{
    uint64_t *next = l->scratch, *set = l->scratch + l->words;
    uint64_t at = to;
    if (seed != NULL) {
        memcpy(next, seed, l->words * sizeof *next);
        if (block != NULL)
            memcpy(block + (to - from) * l->words, next, l->words * sizeof *next);
        if (at == from)
            return HUNCH_OK;
        at--;
    }
    for (;; at--) {
        uint32_t before, after;
        hunch_status status = peek(source, at, true, &after, err);
        if (status == HUNCH_OK)
            status = peek(source, at == 0 ? HUNCH_NOWHERE : at - 1, true, &before, err);
        if (status != HUNCH_OK)
            return status;
        step_back(l, next, set, before, at < l->to ? after : 256, after, true);
        if (block != NULL)
            memcpy(block + (at - from) * l->words, set, l->words * sizeof *set);
        else if ((at - from) % l->stride == 0)
            memcpy(l->checkpoint + (at - from) / l->stride * l->words, set, l->words * sizeof *set);
        uint64_t *swap = next;
        next = set;
        set = swap;
        if (at == from)
            return HUNCH_OK;
    }
}

hunch_status hunch_liveness_build(struct hunch_liveness *l, const struct hunch_allocator *a,
                                  const struct hunch_regex_view *regex, struct hunch_source *source,
                                  uint64_t from, uint64_t to, size_t budget,
                                  struct hunch_error *err)
{
    memset(l, 0, sizeof *l);
    l->a = a;
    l->regex = *regex;
    l->from = from;
    l->to = to;
    l->block_at[0] = l->block_at[1] = HUNCH_NOWHERE;
    l->words = ((size_t)regex->info.state_count + 63) / 64;
    uint64_t n = to - from;
    l->stride = 64;
    while (l->stride * l->stride < n)
        l->stride *= 2;
    l->checkpoint_count = (size_t)(n / l->stride) + 1;
    size_t set = l->words * sizeof(uint64_t);
    if ((l->checkpoint_count + 2 * (l->stride + 1)) > budget / set)
        return hunch_fail(err, HUNCH_ERROR_LIMIT,
                          "the reverse pass of a regex needs more than %zu bytes", budget);
    size_t frames = 2 * (size_t)regex->info.state_count + 2 * regex->info.group_count + 8;
    l->checkpoint = hunch_alloc_array(a, l->checkpoint_count, set);
    l->block[0] = hunch_alloc_array(a, l->stride + 1, set);
    l->block[1] = hunch_alloc_array(a, l->stride + 1, set);
    l->scratch = hunch_alloc_array(a, 2, set);
    l->visited = hunch_alloc_array(a, 1, set);
    l->stack = hunch_alloc_array(a, frames, 2 * sizeof *l->stack);
    l->saved = hunch_alloc_array(a, frames, sizeof *l->saved);
    l->ready = true;
    if (!find_back(l) || !l->checkpoint || !l->block[0] || !l->block[1] || !l->scratch ||
        !l->visited || !l->stack || !l->saved) {
        hunch_liveness_free(l);
        return hunch_fail_memory(err, l->checkpoint_count * set, "the reverse pass of a regex");
    }
    memset(l->scratch, 0, 2 * set);
    hunch_status status = sweep(l, source, from, to, NULL, NULL, err);
    if (status != HUNCH_OK)
        hunch_liveness_free(l);
    return status;
}

void hunch_liveness_free(struct hunch_liveness *l)
{
    if (!l->ready)
        return;
    size_t set = l->words * sizeof(uint64_t);
    size_t frames = 2 * (size_t)l->regex.info.state_count + 2 * l->regex.info.group_count + 8;
    hunch_free_array(l->a, l->checkpoint, l->checkpoint_count, set);
    hunch_free_array(l->a, l->block[0], l->stride + 1, set);
    hunch_free_array(l->a, l->block[1], l->stride + 1, set);
    hunch_free_array(l->a, l->back, l->back_count, sizeof *l->back);
    if (l->ends)
        hunch_free_array(l->a, l->ends, ENDS, sizeof *l->ends);
    hunch_vec_free(l->a, &l->waits);
    hunch_free_array(l->a, l->scratch, 2, set);
    hunch_free_array(l->a, l->visited, 1, set);
    hunch_free_array(l->a, l->stack, frames, 2 * sizeof *l->stack);
    hunch_free_array(l->a, l->saved, frames, sizeof *l->saved);
    memset(l, 0, sizeof *l);
}

/* The live set at `at`, computing its block when the walk enters it. */
static hunch_status live_at(struct hunch_liveness *l, struct hunch_source *source, uint64_t at,
                            const uint64_t **set, struct hunch_error *err)
{
    uint64_t k = (at - l->from) / l->stride, begin = l->from + k * l->stride;
    if (l->block_at[l->block_last] != begin)
        l->block_last ^= 1;
    uint32_t b = l->block_last;
    if (l->block_at[b] != begin) { /* the older of the two makes room */
        uint64_t end = begin + l->stride < l->to ? begin + l->stride : l->to;
        const uint64_t *seed =
            k + 1 < l->checkpoint_count ? l->checkpoint + (k + 1) * l->words : NULL;
        l->block_at[b] = HUNCH_NOWHERE;
        if (seed == NULL)
            memset(l->scratch, 0, 2 * l->words * sizeof(uint64_t));
        hunch_status status = sweep(l, source, begin, end, seed, l->block[b], err);
        if (status != HUNCH_OK)
            return status;
        l->block_at[b] = begin;
    }
    *set = l->block[b] + (at - begin) * l->words;
    return HUNCH_OK;
}

/* ---- ends of walks ---- */

/* Where the end of a walk that waits at (at, state) is kept; its key is 0 while nothing is known.
 */
static struct hunch_liveness_end *find_end(const struct hunch_liveness *l, uint64_t key)
{
    uint64_t hash = key * 0x9e3779b97f4a7c15u;
    size_t slot = (size_t)(hash >> 32) % ENDS;
    while (l->ends[slot].key != 0 && l->ends[slot].key != key)
        slot = (slot + 1) % ENDS;
    return &l->ends[slot];
}

/* Called every END_STEP bytes of a walk. true: another one came by here, *end is its end. */
static bool known_end(struct hunch_liveness *l, uint64_t at, uint32_t state, bool keep,
                      uint64_t *end)
{
    uint64_t key = at / END_STEP * l->regex.info.state_count + state + 1;
    if (l->ends != NULL) {
        const struct hunch_liveness_end *e = find_end(l, key);
        if (e->key == key) {
            *end = e->end;
            return true;
        }
    }
    /* A failure to remember costs time only. */
    if (keep && l->waits.count < WAITS_MOST)
        (void)hunch_vec_push(l->a, &l->waits, key);
    return false;
}

static void remember_ends(struct hunch_liveness *l, uint64_t end)
{
    if (l->waits.count == 0)
        return;
    if (l->ends == NULL ||
        l->ends_count + l->waits.count > ENDS / 2) { /* what is forgotten lies behind, mostly */
        if (l->ends == NULL)
            l->ends = hunch_alloc_array(l->a, ENDS, sizeof *l->ends);
        if (l->ends == NULL)
            return;
        memset(l->ends, 0, ENDS * sizeof *l->ends);
        l->ends_count = 0;
    }
    for (size_t i = 0; i < l->waits.count; i++) {
        struct hunch_liveness_end *e = find_end(l, l->waits.items[i]);
        e->key = l->waits.items[i];
        e->end = end;
    }
    l->ends_count += l->waits.count;
}

/* From (pc, count) at `at`, the first live thread in order of preference: *pc, *count of it, or
 * MATCH. */
static bool choose(struct hunch_liveness *l, const uint64_t *live, uint32_t *pc_io,
                   uint32_t *count_io, uint32_t before, uint32_t after, uint64_t at,
                   uint64_t *slots)
{
    const struct hp_instr *code = l->regex.code;
    memset(l->visited, 0, l->words * sizeof(uint64_t));
    uint32_t top = 0, pc = *pc_io, count = *count_io;
    for (;;) {
        const struct hp_instr *in = code + pc;
        bool dead = false;
        if (in->op == HP_OP_RUN) {
            uint32_t limit = in->max == HP_INFINITE ? in->min : in->max;
            if (count > limit)
                count = limit;
            if (in->max != HP_INFINITE && count == in->max) {
                pc++;
                count = 0;
                continue;
            }
            uint32_t state = in->state + count;
            if (has(l->visited, state)) {
                dead = true;
            } else {
                put(l->visited, state);
                /* Can it go on from here? Its own bit also counts leaving, so look at what the byte
                 * leads to. */
                bool wait = has(live, state);
                if (count < in->min) {
                    if (wait)
                        goto found;
                    dead = true;
                } else if (in->lazy) {
                    l->stack[2 * top] = pc | WAIT_FRAME;
                    l->stack[2 * top++ + 1] = count;
                    pc++;
                    count = 0;
                    continue;
                } else {
                    l->stack[2 * top] = pc + 1;
                    l->stack[2 * top++ + 1] = 0;
                    goto waiting;
                }
            }
        } else if (has(l->visited, in->state)) {
            dead = true;
        } else {
            put(l->visited, in->state);
            switch (in->op) {
            case HP_OP_MATCH: goto found;
            case HP_OP_BYTE:
            case HP_OP_SET:
                if (has(live, in->state))
                    goto found;
                dead = true;
                break;
            case HP_OP_SPLIT:
                l->stack[2 * top] = in->y;
                l->stack[2 * top++ + 1] = 0;
                pc = in->x;
                count = 0;
                break;
            case HP_OP_JMP:
                pc = in->x;
                count = 0;
                break;
            case HP_OP_SAVE:
                if (slots != NULL) {
                    l->stack[2 * top] = SLOT_FRAME | in->arg;
                    l->saved[top++] = slots[in->arg];
                    slots[in->arg] = at;
                }
                pc++;
                count = 0;
                break;
            case HP_OP_ASSERT:
                if (hunch_vm_assert(in->arg, before, after))
                    pc++, count = 0;
                else
                    dead = true;
                break;
            default: dead = true;
            }
        }
        if (!dead)
            continue;
    next:
        for (;;) {
            if (top == 0)
                return false;
            top--;
            if (l->stack[2 * top] & SLOT_FRAME) {
                slots[l->stack[2 * top] & ~SLOT_FRAME] = l->saved[top];
                continue;
            }
            break;
        }
        count = l->stack[2 * top + 1];
        pc = l->stack[2 * top];
        if (!(pc & WAIT_FRAME))
            continue;
        pc &= ~WAIT_FRAME;
    waiting : {
        /* The item takes one more byte: live if the state after it is. */
        const struct hp_instr *run = code + pc;
        const uint64_t *later = live + l->words;
        bool inside =
            after < 256 && at < l->to && hunch_class_has(l->regex.classes[run->x].bits, after);
        bool on = false;
        if (inside) {
            if (run->max == HP_INFINITE)
                on = has(later, run->state + (count < run->min ? count + 1 : run->min));
            else
                on = count + 1 < run->max ? has(later, run->state + count + 1)
                                          : has(later, code[pc + 1].state);
        }
        if (on)
            goto found;
        goto next;
    }
    }
found:
    *pc_io = pc;
    *count_io = count;
    return true;
}

hunch_status hunch_liveness_next(struct hunch_liveness *l, struct hunch_source *source, uint64_t at,
                                 bool *found, uint64_t *start, uint64_t *end, uint64_t *slots,
                                 struct hunch_error *err)
{
    const struct hp_instr *code = l->regex.code;
    const uint64_t *live;
    hunch_status status;
    *found = false;
    for (;; at++) {
        if (at > l->to)
            return HUNCH_OK;
        status = live_at(l, source, at, &live, err);
        if (status != HUNCH_OK)
            return status;
        if (has(live, code[0].state))
            break;
    }
    if (slots != NULL)
        for (uint32_t i = 2; i < 2 * (l->regex.info.group_count + 1); i++)
            slots[i] = HUNCH_NOWHERE;
    *start = at;
    uint32_t pc = 0, count = 0;
    uint64_t step = END_STEP;
    l->waits.count = 0;
    for (;;) {
        uint32_t before, after;
        status = peek(source, at, false, &after, err);
        if (status == HUNCH_OK)
            status = peek(source, at == 0 ? HUNCH_NOWHERE : at - 1, false, &before, err);
        if (status != HUNCH_OK)
            return status;
        /* A waiting item is judged by the set one byte on: enter the next block's first set through
         * this block's last. */
        status = live_at(l, source, at, &live, err);
        if (status != HUNCH_OK)
            return status;
        if (!choose(l, live, &pc, &count, before, after, at, slots))
            return hunch_source_changed(err);
        const struct hp_instr *in = code + pc;
        if (in->op == HP_OP_MATCH)
            break;
        if (l->every_start && slots == NULL && at % END_STEP == 0) {
            if ((at - *start) / DENSE >= step / END_STEP)
                step *= 2;
            if (known_end(l, at, in->state + count, at % step == 0, &at))
                break;
        }
        if (in->op == HP_OP_RUN)
            count++;
        else
            pc++, count = 0;
        at++;
    }
    remember_ends(l, at);
    *end = at;
    *found = true;
    return HUNCH_OK;
}

hunch_status hunch_liveness_start(const struct hunch_allocator *a,
                                  const struct hunch_regex_view *regex, struct hunch_source *source,
                                  uint64_t low, uint64_t end, uint64_t *start,
                                  struct hunch_error *err)
{
    struct hunch_liveness l = {
        .a = a, .regex = *regex, .words = ((size_t)regex->info.state_count + 63) / 64};
    uint64_t *sets = hunch_alloc_array(a, 2, l.words * sizeof *sets);
    if (sets == NULL || !find_back(&l)) {
        hunch_free_array(a, sets, 2, l.words * sizeof *sets);
        return hunch_fail_memory(err, 16 * l.words, "the start of a match");
    }
    memset(sets, 0, 2 * l.words * sizeof *sets);
    uint64_t *next = sets, *set = sets + l.words;
    hunch_status status = HUNCH_OK;
    *start = HUNCH_NOWHERE;
    for (uint64_t at = end;; at--) {
        uint32_t before, after;
        status = peek(source, at, true, &after, err);
        if (status == HUNCH_OK)
            status = peek(source, at == 0 ? HUNCH_NOWHERE : at - 1, true, &before, err);
        if (status != HUNCH_OK)
            break;
        step_back(&l, next, set, before, at < end ? after : 256, after, at == end);
        if (has(set, regex->code[0].state))
            *start = at;
        bool live = false;
        for (size_t i = 0; i < l.words; i++)
            live |= set[i] != 0;
        if (!live || at <= low)
            break;
        uint64_t *swap = next;
        next = set;
        set = swap;
    }
    hunch_free_array(a, sets, 2, l.words * sizeof *sets);
    hunch_free_array(a, l.back, l.back_count, sizeof *l.back);
    return status;
}
