/* guard.c: subset construction, breadth first, so that what is cut off is what lies deepest.
 * A set is the sorted list of automaton states (instruction and count in one number) that wait for
 * a byte. */
#include "guard.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_WORK = 2000000 }; /* states followed; past them what is not known yet accepts */

struct set {
    uint32_t first; /* in pool; an empty set stands for "only the end of the text" */
    uint32_t count;
    uint32_t depth; /* bytes consumed before */
    uint32_t hash;
};

struct builder {
    const struct hunch_allocator *a;
    const struct hp_instr *code;
    uint32_t code_count;
    const struct hp_class *classes;
    HUNCH_VEC(uint32_t) pool;
    HUNCH_VEC(struct set) sets; /* sets[i] is DFA state i + 2 */
    HUNCH_VEC(uint32_t) next;   /* the set under construction */
    HUNCH_VEC(uint32_t) stack;  /* (pc, count) pairs still to be followed */
    uint32_t *bucket; /* hash table over sets: index + 1, 0: free; bucket_mask + 1 of them */
    uint32_t bucket_mask;
    uint32_t *seen; /* per state: the round in which it was last followed */
    uint32_t round;
    uint64_t work; /* states followed so far */
    bool accepts;
    bool may_end; /* at the end of the text the set under construction could match */
    bool failed;
};

static uint32_t pc_of_state(const struct builder *b, uint32_t state)
{
    uint32_t low = 0, high = b->code_count;
    while (high - low > 1) {
        uint32_t mid = low + (high - low) / 2;
        if (b->code[mid].state <= state)
            low = mid;
        else
            high = mid;
    }
    return low;
}

static void add(struct builder *b, uint32_t pc, uint32_t count)
{
    b->failed |= !hunch_vec_push(b->a, &b->stack, pc) || !hunch_vec_push(b->a, &b->stack, count);
}

static bool seen(struct builder *b, uint32_t state)
{
    if (b->seen[state] == b->round)
        return true;
    b->seen[state] = b->round;
    b->work++;
    return false;
}

/* Follows everything on the stack to the instructions that consume; they go to `next`. `entry`:
 * nothing consumed yet. */
static void follow(struct builder *b, bool entry)
{
    b->round++;
    b->may_end = false;
    while (b->stack.count > 0 && !b->failed && !b->accepts) {
        uint32_t count = b->stack.items[--b->stack.count];
        uint32_t pc = b->stack.items[--b->stack.count];
        const struct hp_instr *in = b->code + pc;
        if (in->op == HP_OP_RUN) {
            uint32_t limit = in->max == HP_INFINITE ? in->min : in->max;
            if (count > limit)
                count = limit;
            if (in->max != HP_INFINITE && count == in->max) {
                add(b, pc + 1, 0);
                continue;
            }
            if (seen(b, in->state + count))
                continue;
            b->failed |= !hunch_vec_push(b->a, &b->next, in->state + count);
            if (count >= in->min)
                add(b, pc + 1, 0);
            continue;
        }
        if (seen(b, in->state))
            continue;
        switch (in->op) {
        case HP_OP_MATCH: b->accepts = true; break;
        case HP_OP_FAIL: break;
        case HP_OP_BYTE:
        case HP_OP_SET: b->failed |= !hunch_vec_push(b->a, &b->next, in->state); break;
        case HP_OP_SPLIT:
            add(b, in->x, 0);
            add(b, in->y, 0);
            break;
        case HP_OP_JMP: add(b, in->x, 0); break;
        case HP_OP_SAVE: add(b, pc + 1, 0); break;
        case HP_OP_ASSERT:
            /* Where bytes follow, text_end cannot hold; where none do, any state accepts. */
            b->may_end |= in->arg == HP_ASSERT_TEXT_END;
            if (in->arg == HP_ASSERT_TEXT_END)
                break;
            if (in->arg == HP_ASSERT_TEXT_BEGIN && !entry)
                break;
            add(b, pc + 1, 0);
            break;
        default: assert(!"opcode");
        }
    }
    b->stack.count = 0;
}

static int compare_u32(const void *x, const void *y)
{
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    return a < b ? -1 : a > b;
}

/* The DFA state of the set in `next`: 0, 1, a known one or a new one while there is room. */
static uint32_t intern(struct builder *b, uint32_t depth, uint32_t max_states)
{
    if (b->accepts)
        return 1;
    size_t n = b->next.count;
    if (n == 0 && !b->may_end)
        return 0;
    if (n > 1)
        qsort(b->next.items, n, sizeof(uint32_t), compare_u32);
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ b->next.items[i]) * 16777619u;
    uint32_t slot = hash & b->bucket_mask;
    for (; b->bucket[slot] != 0; slot = (slot + 1) & b->bucket_mask) {
        const struct set *s = &b->sets.items[b->bucket[slot] - 1];
        if (s->hash == hash && s->count == n &&
            (n == 0 || memcmp(b->pool.items + s->first, b->next.items, n * sizeof(uint32_t)) == 0))
            return b->bucket[slot] + 1;
    }
    if (depth > HP_GUARD_DEPTH || b->sets.count + 2 >= max_states || b->work > MAX_WORK)
        return 1;
    struct set s = {(uint32_t)b->pool.count, (uint32_t)n, depth, hash};
    b->failed |=
        !hunch_vec_append(b->a, &b->pool, b->next.items, n) || !hunch_vec_push(b->a, &b->sets, s);
    b->bucket[slot] = (uint32_t)b->sets.count;
    return (uint32_t)b->sets.count + 1;
}

/* Bytes that no instruction tells apart share a column. */
static uint32_t byte_columns(const struct builder *b, uint32_t class_count, uint8_t column[256])
{
    uint32_t columns = 1;
    memset(column, 0, 256);
    for (uint32_t k = 0; k < class_count + b->code_count; k++) {
        int16_t inside[256];
        uint8_t bits[32] = {0};
        if (k < class_count) {
            memcpy(bits, b->classes[k].bits, sizeof bits);
        } else {
            const struct hp_instr *in = b->code + (k - class_count);
            if (in->op != HP_OP_BYTE)
                continue;
            bits[in->arg >> 3] = (uint8_t)(1u << (in->arg & 7));
        }
        for (int i = 0; i < 256; i++)
            inside[i] = -1;
        uint32_t outside_seen[8] = {0};
        for (uint32_t c = 0; c < 256; c++)
            if (!((bits[c >> 3] >> (c & 7)) & 1))
                outside_seen[column[c] >> 5] |= 1u << (column[c] & 31);
        for (uint32_t c = 0; c < 256; c++) {
            if (!((bits[c >> 3] >> (c & 7)) & 1))
                continue;
            uint32_t old = column[c];
            if (!((outside_seen[old >> 5] >> (old & 31)) & 1))
                continue; /* the whole column is inside */
            if (inside[old] < 0)
                inside[old] = (int16_t)columns++;
            column[c] = (uint8_t)inside[old];
        }
    }
    return columns;
}

static uint32_t step(struct builder *b, const struct set *from, uint32_t byte, uint32_t max_states)
{
    b->next.count = 0;
    b->accepts = false;
    for (uint32_t i = 0; i < from->count; i++) {
        uint32_t state = b->pool.items[from->first + i];
        uint32_t pc = pc_of_state(b, state);
        const struct hp_instr *in = b->code + pc;
        if (in->op == HP_OP_BYTE) {
            if (in->arg == byte)
                add(b, pc + 1, 0);
            continue;
        }
        const uint8_t *bits = b->classes[in->x].bits;
        if (!((bits[byte >> 3] >> (byte & 7)) & 1))
            continue;
        if (in->op == HP_OP_SET)
            add(b, pc + 1, 0);
        else
            add(b, pc, state - in->state + 1);
    }
    uint32_t depth = from->depth + 1;
    follow(b, false);
    return intern(b, depth, max_states);
}

hunch_status hunch_guard_build(const struct hunch_allocator *a, const struct hp_instr *code,
                               uint32_t code_count, const struct hp_class *classes,
                               uint32_t class_count, uint32_t entry, const uint32_t *start,
                               size_t start_count, uint32_t max_states,
                               struct hunch_guard_build *out, struct hunch_error *err)
{
    assert(entry < code_count && max_states >= 3 && max_states <= 65535);
    struct builder b = {.a = a, .code = code, .code_count = code_count, .classes = classes};
    memset(out, 0, sizeof *out);
    hunch_status status = HUNCH_OK;
    bool rejects = false;
    uint32_t columns = byte_columns(&b, class_count, out->byte_class);
    uint8_t sample[256];
    for (int c = 255; c >= 0; c--)
        sample[out->byte_class[c]] = (uint8_t)c;
    while ((1u << out->shift) < columns)
        out->shift++;
    HUNCH_VEC(uint16_t) table = {0};

    uint32_t states = code[code_count - 1].state + 1; /* code ends in an instruction of one state */
    b.bucket_mask = 63;
    while (b.bucket_mask < 2 * max_states)
        b.bucket_mask = 2 * b.bucket_mask + 1;
    b.seen = hunch_alloc_array(a, states, sizeof *b.seen);
    b.bucket = hunch_alloc_array(a, (size_t)b.bucket_mask + 1, sizeof *b.bucket);
    if (b.seen == NULL || b.bucket == NULL) {
        b.failed = true;
        goto done;
    }
    memset(b.seen, 0, states * sizeof *b.seen);
    memset(b.bucket, 0, (b.bucket_mask + 1) * sizeof *b.bucket);
    if (start != NULL) {
        b.failed = !hunch_vec_append(a, &b.next, start, start_count);
    } else {
        add(&b, entry, 0);
        follow(&b, true);
    }
    if (b.failed || b.accepts || intern(&b, 0, max_states) < 2)
        goto done; /* it accepts everything, or nothing at all */
    for (size_t i = 0; i < b.sets.count && !b.failed; i++) {
        size_t row = (i + 2) << out->shift;
        while (table.count < row + ((size_t)1 << out->shift))
            if (!hunch_vec_push(a, &table, 0)) {
                b.failed = true;
                goto done;
            }
        for (uint32_t k = 0; k < columns && !b.failed; k++) {
            struct set from = b.sets.items[i];
            uint32_t to = step(&b, &from, sample[k], max_states);
            table.items[row + k] = (uint16_t)to;
            rejects |= to == 0;
        }
    }
done:
    if (b.failed)
        status = hunch_fail_memory(err, 0, "a guard");
    if (status == HUNCH_OK && rejects) {
        out->state_count = (uint32_t)b.sets.count + 2;
        out->entries = table.count;
        out->table = hunch_alloc_array(a, table.count, sizeof(uint16_t));
        if (out->table == NULL)
            status = hunch_fail_memory(err, table.count * 2, "a guard");
        else
            memcpy(out->table, table.items, table.count * sizeof(uint16_t));
    }
    hunch_vec_free(a, &table);
    hunch_vec_free(a, &b.pool);
    hunch_vec_free(a, &b.sets);
    hunch_vec_free(a, &b.next);
    hunch_vec_free(a, &b.stack);
    hunch_free_array(a, b.seen, states, sizeof *b.seen);
    hunch_free_array(a, b.bucket, (size_t)b.bucket_mask + 1, sizeof *b.bucket);
    return status;
}
