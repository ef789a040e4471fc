/* follow.c: see follow.h. For each pc at which a thread can arrive the code is followed once, as
 * the machine would, and each column takes from that what its bytes let live. Where assertions are
 * met on the way that is done for each pair of bytes that they can tell apart. */
#include "follow.h"

#include <string.h>

#include "columns.h"

/* Something that is reached without a byte. */
struct leaf {
    uint32_t pc; /* BYTE, SET, RUN or MATCH */
    uint32_t saves;
};

/* A place to go on from. */
struct fork {
    uint32_t pc, saves;
    bool leaf; /* a lazy RUN, behind what leaves it */
};

struct build {
    struct hunch_follow_tables *to;
    struct hunch_regex_view regex;
    struct hunch_columns columns;
    HUNCH_VEC(struct leaf) leaf;
    HUNCH_VEC(struct fork) fork;
    HUNCH_VEC(uint32_t) list; /* entries of a column, as words */
    uint32_t *stamp, round;   /* by pc */
    bool met_assertion;
    bool failed; /* no memory */
};

static void reached(struct build *b, uint32_t pc, uint32_t saves)
{
    struct leaf l = {pc, saves};
    b->failed |= !hunch_vec_push(b->to->a, &b->leaf, l);
}

static void later(struct build *b, uint32_t pc, uint32_t saves, bool leaf)
{
    struct fork f = {pc, saves, leaf};
    b->failed |= !hunch_vec_push(b->to->a, &b->fork, f);
}

/* Follows one alternative to its end, as hunch_vm_follow does. */
static void follow_one(struct build *b, uint32_t pc, uint32_t saves, uint32_t before,
                       uint32_t after)
{
    while (b->stamp[pc] != b->round) {
        const struct hp_instr *in = b->regex.code + pc;
        b->stamp[pc] = b->round;
        switch (in->op) {
        case HP_OP_RUN:
            if (in->max == 0) {
                pc++;
                break;
            }
            if (in->min > 0 || !in->lazy)
                reached(b, pc, saves);
            if (in->min > 0)
                return;
            if (in->lazy)
                later(b, pc, saves, true);
            pc++;
            break;
        case HP_OP_SPLIT:
            later(b, in->y, saves, false);
            pc = in->x;
            break;
        case HP_OP_JMP: pc = in->x; break;
        case HP_OP_SAVE:
            if (in->arg < HUNCH_FOLLOW_SLOTS)
                saves |= 1u << in->arg;
            pc++;
            break;
        case HP_OP_ASSERT:
            b->met_assertion = true;
            if (!hunch_vm_assert(in->arg, before, after))
                return;
            pc++;
            break;
        case HP_OP_FAIL: return;
        default: reached(b, pc, saves); return; /* BYTE, SET, MATCH */
        }
    }
}

/* All that is reached from a pc, in order of preference. */
static void follow_all(struct build *b, uint32_t pc, uint32_t before, uint32_t after)
{
    b->leaf.count = b->fork.count = 0;
    b->round++;
    later(b, pc, 0, false);
    while (b->fork.count > 0 && !b->failed) {
        const struct fork f = b->fork.items[--b->fork.count];
        if (f.leaf)
            reached(b, f.pc, f.saves);
        else
            follow_one(b, f.pc, f.saves, before, after);
    }
}

/* What a column takes of that, into b->list; byte 256: none. */
static void take_column(struct build *b, uint32_t byte)
{
    b->list.count = 0;
    for (size_t i = 0; i < b->leaf.count && !b->failed; i++) {
        const struct leaf *l = &b->leaf.items[i];
        const struct hp_instr *in = b->regex.code + l->pc;
        bool match = in->op == HP_OP_MATCH;
        if (!match && (byte == 256 || (in->op == HP_OP_BYTE
                                           ? in->arg != byte
                                           : !hunch_class_has(b->regex.classes[in->x].bits, byte))))
            continue;
        struct hunch_follow_entry e = {.saves = l->saves | (match ? HUNCH_FOLLOW_MATCH : 0)};
        if (!match) /* a RUN has then taken one byte */
            e.place = in->op == HP_OP_RUN ? l->pc | 1u << HUNCH_FOLLOW_COUNT : l->pc + 1;
        uint32_t words[2];
        memcpy(words, &e, sizeof e);
        b->failed |= !hunch_vec_append(b->to->a, &b->list, words, 2);
    }
    if (b->list.count > 0)
        b->list.items[b->list.count - 1] |= HUNCH_FOLLOW_LAST;
}

/* The place of the list: one of those from `first` on, or a new one. */
static uint32_t place_list(struct build *b, size_t first)
{
    size_t n = b->list.count;
    if (n == 0 || b->failed)
        return 0;
    const uint32_t *word = b->to->word.items;
    for (size_t at = first; at + n <= b->to->word.count; at += 2)
        if (memcmp(word + at, b->list.items, n * sizeof *word) == 0)
            return (uint32_t)at;
    b->failed |= !hunch_vec_append(b->to->a, &b->to->word, b->list.items, n);
    return (uint32_t)(b->to->word.count - n);
}

static uint32_t cells_of(const struct hunch_columns *c)
{
    return (c->count + 1) * (c->looks ? HUNCH_BESIDE_COUNT : 1);
}

/* One row: the lists of a pc, by kind of the byte beside and by column. */
static void make_row(struct build *b, uint32_t pc, uint32_t row)
{
    static const uint32_t beside_byte[] = {256, '\n', 'a', ' '};
    const struct hunch_columns *c = &b->columns;
    uint32_t kinds = c->looks ? HUNCH_BESIDE_COUNT : 1;
    bool backwards = b->regex.info.flags & HP_REGEX_REVERSED;
    size_t first = b->to->word.count;
    b->met_assertion = true; /* not known: the first one shows it */
    for (uint32_t kind = 0; kind < kinds; kind++)
        for (uint32_t column = 0; column <= c->count && !b->failed; column++) {
            uint32_t read = column == c->count ? 256 : c->sample[column];
            uint32_t beside = beside_byte[kind];
            uint32_t *cell = b->to->word.items + row + kind * (c->count + 1) + column;
            if (!b->met_assertion && kind > 0) { /* as for the first kind */
                *cell = b->to->word.items[row + column];
                continue;
            }
            if (b->met_assertion) {
                b->met_assertion = false;
                follow_all(b, pc, backwards ? read : beside, backwards ? beside : read);
            }
            take_column(b, read);
            uint32_t place = place_list(b, first);
            b->to->word.items[row + kind * (c->count + 1) + column] = place;
        }
}

/* Where threads arrive: at the entry, and behind everything that takes a byte. */
static bool arrives(const struct build *b, uint32_t pc)
{
    if (pc == 0)
        return true;
    uint8_t op = b->regex.code[pc - 1].op;
    return op == HP_OP_BYTE || op == HP_OP_SET || op == HP_OP_RUN;
}

static bool zeroes(struct build *b, size_t n)
{
    if (!hunch_vec_reserve(b->to->a, &b->to->word, n)) {
        b->failed = true;
        return false;
    }
    memset(b->to->word.items + b->to->word.count, 0, n * sizeof *b->to->word.items);
    b->to->word.count += n;
    return true;
}

static void make_lists(struct build *b, uint32_t index, size_t most)
{
    const struct hp_regex *r = &b->regex.info;
    struct hunch_follow *f = &b->to->regex[index];
    size_t before = b->to->word.count, rows = 0;
    hunch_columns_make(&b->regex, &b->columns);
    for (uint32_t pc = 0; pc < r->code_count; pc++)
        rows += arrives(b, pc);
    size_t size = 64 + r->code_count + rows * cells_of(&b->columns);
    if (before + size > most || !zeroes(b, size))
        return;
    f->columns = b->columns.count;
    f->looks = b->columns.looks;
    f->column = (uint32_t)before;
    f->row = f->column + 64;
    f->list = f->row + r->code_count;
    memcpy(b->to->word.items + f->column, b->columns.of, 256);
    uint32_t row = 0;
    for (uint32_t pc = 0; pc < r->code_count && !b->failed; pc++) {
        b->to->word.items[f->row + pc] = arrives(b, pc) ? row : HP_NONE;
        if (!arrives(b, pc))
            continue;
        make_row(b, pc, f->list + row);
        row += cells_of(&b->columns);
        if (b->to->word.count > most) { /* too many lists */
            b->to->word.count = before;
            memset(f, 0, sizeof *f);
            return;
        }
    }
}

hunch_status hunch_follow_tables_make(const struct hunch_program *p, const uint8_t *wanted,
                                      size_t most, struct hunch_follow_tables *tables,
                                      struct hunch_error *err)
{
    struct build b = {.to = tables};
    uint32_t code_most = 1;
    *tables = (struct hunch_follow_tables){.a = p->a, .count = p->regex_count};
    for (uint32_t i = 0; i < p->regex_count; i++)
        if (p->regex[i].code_count > code_most)
            code_most = p->regex[i].code_count;
    tables->regex = hunch_alloc_array(p->a, p->regex_count, sizeof *tables->regex);
    b.stamp = hunch_alloc_array(p->a, code_most, sizeof *b.stamp);
    b.failed = tables->regex == NULL || b.stamp == NULL || !zeroes(&b, 2); /* place 0: no list */
    if (!b.failed) {
        memset(tables->regex, 0, p->regex_count * sizeof *tables->regex);
        memset(b.stamp, 0, code_most * sizeof *b.stamp);
    }
    for (uint32_t i = 0; i < p->regex_count && !b.failed; i++) {
        b.regex = hunch_program_regex(p, i);
        const struct hp_regex *r = &b.regex.info;
        if ((wanted == NULL || wanted[i]) && r->state_count <= HUNCH_FOLLOW_STATES &&
            2 * (r->group_count + 1) <= HUNCH_FOLLOW_SLOTS)
            make_lists(&b, i, most);
    }
    hunch_vec_free(p->a, &b.leaf);
    hunch_vec_free(p->a, &b.fork);
    hunch_vec_free(p->a, &b.list);
    if (b.stamp)
        hunch_free_array(p->a, b.stamp, code_most, sizeof *b.stamp);
    return b.failed ? hunch_fail_memory(err, tables->word.count * sizeof(uint32_t),
                                        "the regexes of a device")
                    : HUNCH_OK;
}

void hunch_follow_tables_free(struct hunch_follow_tables *t)
{
    if (t->regex)
        hunch_free_array(t->a, t->regex, t->count, sizeof *t->regex);
    hunch_vec_free(t->a, &t->word);
    t->regex = NULL;
}
