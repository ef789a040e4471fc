/* dfa.c: see dfa.h. A state stands between two bytes and knows: the threads that arrive there, in
 * order of preference and not yet followed; what the byte before was, where the regex looks at
 * that; whether new threads still begin. The transition on a byte follows the threads (now the byte
 * behind is known too), notes whether MATCH was among them, and feeds the byte to those that wait
 * for one. Column `columns` of a row is the end of the record. */
#include "dfa.h"

#include "columns.h"

#include <assert.h>
#include <string.h>

enum {
    SET_BYTES = 24 << 20, /* all DFAs of a worker */
    FLUSHES_MOST = 16,    /* emptied so often, a DFA must have... */
    BYTES_A_STATE = 20,   /* ...read so many bytes for each state it made, or it is given up */
    PATIENCE = 1 << 20,   /* threads followed between two looks at the cancel flag */
    DEAD = 0,
    WAITING = 3 /* words of a thread that waits: instruction, count, origin */
};
/* Bits of a transition. */
#define MATCHED 0x80000000u /* a match ends before the byte */
#define EMPTY 0x40000000u   /* no thread arrives behind the byte: new ones begin there */
#define STATE 0x3fffffffu
#define UNKNOWN 0xffffffffu

struct state {
    uint32_t first; /* in pool: pairs (instruction, count) */
    uint32_t count; /* pairs */
    uint32_t hash;
    uint8_t before; /* HUNCH_BESIDE_*: what the byte before was */
    uint8_t search;
};

struct hunch_dfa {
    const struct hunch_allocator *a;
    struct hunch_dfa_set *set;
    struct hunch_regex_view regex;
    struct hunch_columns columns;
    uint32_t shift;
    HUNCH_VEC(struct state) states;
    HUNCH_VEC(uint32_t) pool;
    HUNCH_VEC(uint32_t) next;    /* (state << shift) + column: state | MATCHED, or UNKNOWN */
    bool tracing;                /* the next two are kept */
    HUNCH_VEC(uint32_t) origins; /* likewise: first of its origins in `origin`, 0: none */
    HUNCH_VEC(uint16_t) origin;  /* as in dfa_tile.h */
    uint32_t *bucket;            /* hash table over states: number + 1; bucket_mask + 1 of them */
    uint32_t bucket_mask;
    size_t charged; /* bytes counted in set->bytes */
    /* work space of a transition */
    uint32_t *stamp; /* per automaton state */
    uint32_t round;
    HUNCH_VEC(uint32_t) waiting; /* pairs that wait for a byte, in order, each with its origin */
    HUNCH_VEC(uint32_t) arriving;
    HUNCH_VEC(uint16_t) came; /* origins: of the match, and of each that arrives */
    HUNCH_VEC(uint32_t) stack;
    bool failed; /* no memory */
    /* is it worth it? */
    uint64_t made, read;
    uint32_t flushes;
    bool given_up;
};

bool hunch_dfa_set_init(struct hunch_dfa_set *set, const struct hunch_allocator *a,
                        uint32_t regexes)
{
    set->a = a;
    set->count = regexes;
    set->bytes = 0;
    set->patience = PATIENCE;
    set->transitions = 0;
    set->origins = false;
    set->dfa = hunch_alloc_array(a, regexes, sizeof *set->dfa);
    if (set->dfa != NULL)
        memset(set->dfa, 0, regexes * sizeof *set->dfa);
    return set->dfa != NULL;
}

static void dfa_free(struct hunch_dfa *d)
{
    if (d == NULL)
        return;
    hunch_vec_free(d->a, &d->states);
    hunch_vec_free(d->a, &d->pool);
    hunch_vec_free(d->a, &d->next);
    hunch_vec_free(d->a, &d->origins);
    hunch_vec_free(d->a, &d->origin);
    hunch_vec_free(d->a, &d->waiting);
    hunch_vec_free(d->a, &d->arriving);
    hunch_vec_free(d->a, &d->came);
    hunch_vec_free(d->a, &d->stack);
    if (d->bucket)
        hunch_free_array(d->a, d->bucket, (size_t)d->bucket_mask + 1, sizeof *d->bucket);
    if (d->stamp)
        hunch_free_array(d->a, d->stamp, d->regex.info.state_count, sizeof *d->stamp);
    hunch_free(d->a, d, sizeof *d);
}

void hunch_dfa_set_done(struct hunch_dfa_set *set)
{
    if (set->dfa == NULL)
        return;
    for (uint32_t i = 0; i < set->count; i++)
        dfa_free(set->dfa[i]);
    hunch_free_array(set->a, set->dfa, set->count, sizeof *set->dfa);
    set->dfa = NULL;
}

static struct hunch_dfa *dfa_new(struct hunch_dfa_set *set, const struct hunch_regex_view *regex)
{
    struct hunch_dfa *d = hunch_alloc_zero(set->a, sizeof *d);
    if (d == NULL)
        return NULL;
    d->a = set->a;
    d->set = set;
    d->regex = *regex;
    d->tracing =
        set->origins && regex->info.group_count > 0 && regex->info.group_count <= HUNCH_DFA_GROUPS;
    hunch_columns_make(regex, &d->columns);
    while ((1u << d->shift) < d->columns.count + 1)
        d->shift++;
    d->bucket_mask = 255;
    d->bucket = hunch_alloc_array(d->a, (size_t)d->bucket_mask + 1, sizeof *d->bucket);
    d->stamp = hunch_alloc_array(d->a, regex->info.state_count, sizeof *d->stamp);
    if (d->bucket == NULL || d->stamp == NULL) {
        dfa_free(d);
        return NULL;
    }
    memset(d->bucket, 0, ((size_t)d->bucket_mask + 1) * sizeof *d->bucket);
    memset(d->stamp, 0, regex->info.state_count * sizeof *d->stamp);
    return d;
}

/* Forgets all states. */
static void flush(struct hunch_dfa *d)
{
    d->states.count = d->pool.count = d->next.count = d->origins.count = d->origin.count = 0;
    memset(d->bucket, 0, ((size_t)d->bucket_mask + 1) * sizeof *d->bucket);
    d->set->bytes -= d->charged;
    d->charged = 0;
}

/* ---- states ---- */

static uint32_t hash_of(const uint32_t *pairs, size_t n, uint32_t seed)
{
    uint32_t h = 2166136261u ^ seed * 0x9e3779b9u;
    for (size_t i = 0; i < n; i++)
        h = (h ^ pairs[i]) * 16777619u;
    return h ^ h >> 15;
}

static void grow_buckets(struct hunch_dfa *d)
{
    uint32_t mask = 2 * d->bucket_mask + 1;
    uint32_t *bucket = hunch_alloc_array(d->a, (size_t)mask + 1, sizeof *bucket);
    if (bucket == NULL) {
        d->failed = true;
        return;
    }
    memset(bucket, 0, ((size_t)mask + 1) * sizeof *bucket);
    for (size_t i = 0; i < d->states.count; i++) {
        uint32_t slot = d->states.items[i].hash & mask;
        while (bucket[slot])
            slot = (slot + 1) & mask;
        bucket[slot] = (uint32_t)i + 1;
    }
    hunch_free_array(d->a, d->bucket, (size_t)d->bucket_mask + 1, sizeof *d->bucket);
    d->bucket = bucket;
    d->bucket_mask = mask;
}

static void charge(struct hunch_dfa *d, size_t bytes)
{
    d->charged += bytes;
    d->set->bytes += bytes;
}

/* The number of the state with these threads; made when it is new. */
static uint32_t intern(struct hunch_dfa *d, const uint32_t *pairs, uint32_t count, uint8_t before,
                       uint8_t search)
{
    uint32_t hash = hash_of(pairs, 2 * (size_t)count, before * 2u + search);
    uint32_t slot = hash & d->bucket_mask;
    for (; d->bucket[slot]; slot = (slot + 1) & d->bucket_mask) {
        const struct state *s = &d->states.items[d->bucket[slot] - 1];
        if (s->hash == hash && s->count == count && s->before == before && s->search == search &&
            (count == 0 || memcmp(d->pool.items + s->first, pairs, count * 2 * sizeof *pairs) == 0))
            return d->bucket[slot] - 1;
    }
    size_t row = (size_t)1 << d->shift;
    struct state s = {(uint32_t)d->pool.count, count, hash, before, search};
    if (!hunch_vec_append(d->a, &d->pool, pairs, 2 * (size_t)count) ||
        !hunch_vec_reserve(d->a, &d->next, row) ||
        (d->tracing && !hunch_vec_reserve(d->a, &d->origins, row)) ||
        !hunch_vec_push(d->a, &d->states, s)) {
        d->failed = true;
        return DEAD;
    }
    memset(d->next.items + d->next.count, 0xff, row * sizeof *d->next.items);
    d->next.count += row;
    if (d->tracing) {
        memset(d->origins.items + d->origins.count, 0, row * sizeof *d->origins.items);
        d->origins.count += row;
    }
    d->bucket[slot] = (uint32_t)d->states.count;
    charge(d, sizeof s + 2 * (size_t)count * sizeof *pairs +
                  row * sizeof *d->next.items * (d->tracing ? 2 : 1));
    d->made++;
    if (d->states.count * 2 > d->bucket_mask)
        grow_buckets(d);
    return (uint32_t)d->states.count - 1;
}

/* ---- transitions ---- */

static void wait_for_byte(struct hunch_dfa *d, uint32_t pc, uint32_t count, uint32_t origin)
{
    const uint32_t thread[WAITING] = {pc, count, origin};
    d->failed |= !hunch_vec_append(d->a, &d->waiting, thread, WAITING);
}

static void later(struct hunch_dfa *d, uint32_t pc, uint32_t count, uint32_t origin)
{
    const uint32_t thread[WAITING] = {pc, count, origin};
    d->failed |= !hunch_vec_append(d->a, &d->stack, thread, WAITING);
}

/* As hunch_vm_follow: everything reached from (pc, count), thread number `number` of the state,
 * without a byte, in order. true: MATCH was reached, *match: its origin. */
static bool follow(struct hunch_dfa *d, uint32_t pc, uint32_t count, uint32_t number,
                   uint32_t before, uint32_t after, uint32_t *match)
{
    const struct hp_instr *code = d->regex.code;
    d->stack.count = 0;
    later(d, pc, count, number << HUNCH_DFA_SLOTS);
    while (d->stack.count > 0 && !d->failed) {
        d->stack.count -= WAITING;
        const uint32_t *thread = d->stack.items + d->stack.count;
        pc = thread[0];
        count = thread[1];
        uint32_t origin = thread[2];
        if (pc & HUNCH_VM_CONSUME) {
            wait_for_byte(d, pc & ~HUNCH_VM_CONSUME, count, origin);
            continue;
        }
        for (;;) {
            const struct hp_instr *in = code + pc;
            if (in->op == HP_OP_RUN) {
                uint32_t limit = in->max == HP_INFINITE ? in->min : in->max;
                if (count > limit)
                    count = limit;
                if (in->max != HP_INFINITE && count == in->max) {
                    pc++;
                    count = 0;
                    continue;
                }
                if (d->stamp[in->state + count] == d->round)
                    break;
                d->stamp[in->state + count] = d->round;
                if (count < in->min || !in->lazy)
                    wait_for_byte(d, pc, count, origin);
                if (count < in->min)
                    break;
                if (in->lazy)
                    later(d, pc | HUNCH_VM_CONSUME, count, origin);
                pc++;
                count = 0;
                continue;
            }
            if (d->stamp[in->state] == d->round)
                break;
            d->stamp[in->state] = d->round;
            if (in->op == HP_OP_MATCH) {
                *match = origin;
                return true;
            }
            if (in->op == HP_OP_BYTE || in->op == HP_OP_SET) {
                wait_for_byte(d, pc, 0, origin);
                break;
            }
            if (in->op == HP_OP_SPLIT) {
                later(d, in->y, 0, origin);
                pc = in->x;
            } else if (in->op == HP_OP_JMP) {
                pc = in->x;
            } else if (in->op == HP_OP_SAVE) {
                if (in->arg - 2u < HUNCH_DFA_SLOTS)
                    origin |= 1u << (in->arg - 2u);
                pc++;
            } else if (in->op == HP_OP_ASSERT && hunch_vm_assert(in->arg, before, after)) {
                pc++;
            } else {
                break;
            }
            count = 0;
        }
    }
    return false;
}

static void tick(struct hunch_dfa *d)
{
    if (++d->round == 0) {
        memset(d->stamp, 0, d->regex.info.state_count * sizeof *d->stamp);
        d->round = 1;
    }
}

/* A byte that stands for all bytes of that kind before a position. */
static uint32_t before_byte(uint8_t before)
{
    static const uint32_t byte[] = {256, '\n', 'a', ' '};
    return byte[before];
}

static uint8_t kind_before(const struct hunch_dfa *d, uint32_t byte)
{
    return (uint8_t)(d->columns.looks ? hunch_beside(byte) : HUNCH_BESIDE_OTHER);
}

/* Notes the origins of a transition, unless they do not fit. */
static void note_origins(struct hunch_dfa *d, const struct state *s, size_t transition)
{
    if (!d->tracing || d->failed || s->search || s->count > HUNCH_DFA_THREADS)
        return;
    if (d->origin.count == 0) /* 0 stands for none */
        d->failed |= !hunch_vec_push(d->a, &d->origin, 0);
    d->origins.items[transition] = (uint32_t)d->origin.count;
    d->failed |= !hunch_vec_append(d->a, &d->origin, d->came.items, d->came.count);
    charge(d, d->came.count * sizeof *d->came.items);
}

/* Makes the transition of a state on a column. */
static uint32_t make_transition(struct hunch_dfa *d, uint32_t number, uint32_t column)
{
    const struct state s = d->states.items[number];
    uint32_t after = column == d->columns.count ? 256 : d->columns.sample[column];
    uint32_t before = before_byte(s.before);
    bool matched = false;
    uint8_t search = s.search;
    uint32_t match = 0;
    d->waiting.count = 0;
    tick(d);
    for (uint32_t i = 0; i < s.count && !matched; i++) {
        const uint32_t *pair = d->pool.items + s.first + 2 * i;
        matched = follow(d, pair[0], pair[1], i, before, after, &match);
    }
    if (!matched && search)
        matched = follow(d, 0, 0, s.count, before, after, &match);
    if (matched)
        search = 0; /* what has less preference is cut, new threads too */
    d->arriving.count = d->came.count = 0;
    d->failed |= !hunch_vec_push(d->a, &d->came, (uint16_t)match);
    uint32_t count = 0;
    if (after != 256) {
        tick(d); /* now stamps mark who has arrived */
        for (size_t i = 0; i < d->waiting.count; i += WAITING) {
            uint32_t pc = d->waiting.items[i], n = 0;
            const struct hp_instr *in = d->regex.code + pc;
            if (in->op == HP_OP_BYTE ? in->arg != after
                                     : !hunch_class_has(d->regex.classes[in->x].bits, after))
                continue;
            if (in->op == HP_OP_RUN) {
                n = d->waiting.items[i + 1] + 1;
                if (in->max == HP_INFINITE && n > in->min)
                    n = in->min;
                if (in->max != HP_INFINITE && n == in->max)
                    pc++, n = 0;
            } else {
                pc++;
            }
            uint32_t *stamp = &d->stamp[d->regex.code[pc].state + n];
            if (*stamp == d->round)
                continue;
            *stamp = d->round;
            d->failed |= !hunch_vec_push(d->a, &d->arriving, pc) ||
                         !hunch_vec_push(d->a, &d->arriving, n) ||
                         !hunch_vec_push(d->a, &d->came, (uint16_t)d->waiting.items[i + 2]);
            count++;
        }
    }
    uint32_t to = DEAD;
    if (!d->failed && after != 256 && (count > 0 || search))
        to = intern(d, d->arriving.items, count, kind_before(d, after), search);
    uint64_t spent = 1 + d->waiting.count / WAITING;
    d->set->patience -= d->set->patience < spent ? d->set->patience : spent;
    d->set->transitions++;
    uint32_t entry = to | (matched ? MATCHED : 0) | (to != DEAD && count == 0 ? EMPTY : 0);
    const size_t transition = ((size_t)number << d->shift) + column;
    note_origins(d, &s, transition);
    if (!d->failed)
        d->next.items[transition] = entry;
    return entry;
}

/* The state in which a run begins. State 0 is the dead one. */
static uint32_t start_state(struct hunch_dfa *d, uint32_t before_at, bool search)
{
    static const uint32_t entry[2] = {0, 0};
    if (d->states.count == 0)
        intern(d, NULL, 0, HUNCH_BESIDE_OTHER, 0);
    uint8_t before = kind_before(d, before_at);
    return search ? intern(d, NULL, 0, before, 1) : intern(d, entry, 1, before, 0);
}

/* Makes room when the set is over its budget: *number is the state we are in, which is made again.
 */
static void make_room(struct hunch_dfa *d, uint32_t *number)
{
    if (d->set->bytes <= SET_BYTES)
        return;
    for (uint32_t i = 0; i < d->set->count; i++)
        if (d->set->dfa[i] != NULL && d->set->dfa[i] != d)
            flush(d->set->dfa[i]);
    if (d->set->bytes <= SET_BYTES / 2)
        return;
    struct state s = d->states.items[*number];
    d->arriving.count = 0;
    d->failed |=
        !hunch_vec_append(d->a, &d->arriving, d->pool.items + s.first, 2 * (size_t)s.count);
    flush(d);
    intern(d, NULL, 0, HUNCH_BESIDE_OTHER, 0);
    *number = d->failed ? DEAD : intern(d, d->arriving.items, s.count, s.before, s.search);
    if (++d->flushes >= FLUSHES_MOST && d->read < BYTES_A_STATE * d->made)
        d->given_up = true;
}

hunch_status hunch_dfa_find(struct hunch_dfa_set *set, uint32_t index,
                            const struct hunch_regex_view *regex, struct hunch_source *source,
                            uint64_t at, uint64_t until, bool search, bool *usable,
                            struct hunch_dfa_run *run, struct hunch_error *err)
{
    struct hunch_dfa *d = set->dfa[index];
    *usable = false;
    if (d == NULL)
        d = set->dfa[index] = dfa_new(set, regex);
    if (d == NULL)
        return hunch_fail_memory(err, sizeof *d, "a regex search");
    if (d->given_up)
        return HUNCH_OK;
    *run = (struct hunch_dfa_run){HUNCH_NOWHERE, at, at};
    uint32_t before = 256;
    const struct hunch_text *t = &source->text;
    if (at > 0) {
        hunch_status status = hunch_source_need(source, at - 1, false, err);
        if (status != HUNCH_OK)
            return status;
        if (at - 1 < t->size)
            before = t->bytes[at - 1 - t->base];
    }
    uint32_t number = start_state(d, before, search);
    uint64_t from = at;
    while (!d->failed && number != DEAD && !d->given_up && at < until) {
        if (at >= t->end || at < t->base) {
            if (at < t->size) {
                if (hunch_source_cancelled(source))
                    return hunch_fail(err, HUNCH_ERROR_CANCELLED, "the scan was cancelled");
                hunch_status status = hunch_source_need(source, at, false, err);
                if (status != HUNCH_OK)
                    return status;
                if (at < t->size)
                    continue;
            }
            uint32_t entry = d->next.items[((size_t)number << d->shift) + d->columns.count];
            if (entry == UNKNOWN)
                entry = make_transition(d, number, d->columns.count);
            if (entry & MATCHED)
                run->end = at;
            break;
        }
        const uint8_t *bytes = t->bytes - t->base;
        const uint32_t *next = d->next.items;
        uint64_t end = t->end < until ? t->end : until, matched = run->end, reset = run->reset;
        uint32_t entry = number, shift = d->shift;
        while (at < end) {
            entry = next[((size_t)number << shift) + d->columns.of[bytes[at]]];
            if (entry > STATE) {
                if (entry == UNKNOWN)
                    break;
                if (entry & MATCHED)
                    matched = at;
                if ((entry & EMPTY) && matched == HUNCH_NOWHERE)
                    reset = at + 1;
                entry &= STATE;
            }
            number = entry;
            if (number == DEAD)
                break;
            at++;
        }
        run->end = matched;
        run->reset = reset;
        if (entry != UNKNOWN || at >= end)
            continue;
        d->read += at - from;
        from = at;
        make_room(d, &number);
        if (!d->failed)
            make_transition(d, number, d->columns.of[bytes[at]]);
        if (d->set->patience == 0) { /* a window can hold many bytes that are new */
            d->set->patience = PATIENCE;
            if (hunch_source_cancelled(source))
                return hunch_fail(err, HUNCH_ERROR_CANCELLED, "the scan was cancelled");
        }
    }
    d->read += at - from;
    run->at = at;
    if (d->failed) {
        d->failed = false;
        flush(d);
        return hunch_fail_memory(err, 0, "a regex search");
    }
    *usable = !d->given_up && (number == DEAD || at < until);
    return HUNCH_OK;
}

bool hunch_dfa_write(struct hunch_dfa_set *set, uint32_t index, struct hunch_learned *known,
                     const struct hunch_allocator *a, hunch_dfa_words *word)
{
    struct hunch_dfa *d = set->dfa[index];
    *known = (struct hunch_learned){0};
    if (d == NULL)
        return true;
    if (d->given_up) {
        known->columns = HUNCH_DFA_HOPELESS;
        return true;
    }
    uint32_t start[HUNCH_BESIDE_COUNT];
    for (uint32_t kind = 0; kind < HUNCH_BESIDE_COUNT; kind++)
        start[kind] = start_state(d, before_byte((uint8_t)kind), false);
    const uint32_t columns = d->columns.count, row = columns + 1;
    const size_t first = word->count + sizeof d->columns.of / sizeof(uint32_t);
    if (d->failed || !hunch_vec_reserve(a, word, first - word->count + d->states.count * row)) {
        d->failed = false;
        flush(d);
        return false;
    }
    memcpy(word->items + word->count, d->columns.of, sizeof d->columns.of);
    known->columns = columns;
    known->column = (uint32_t)word->count;
    word->count = first;
    for (uint32_t s = 0; s < d->states.count; s++)
        for (uint32_t c = 0; c <= columns; c++) {
            const uint32_t entry = d->next.items[((size_t)s << d->shift) + c], to = entry & STATE;
            word->items[word->count++] = entry == UNKNOWN
                                             ? HUNCH_DFA_NEW
                                             : (to == DEAD ? 0 : (uint32_t)first + to * row) |
                                                   (entry & MATCHED ? HUNCH_DFA_MATCHED : 0);
        }
    for (uint32_t kind = 0; kind < HUNCH_BESIDE_COUNT; kind++)
        known->start[kind] = start[kind] == DEAD ? 0 : (uint32_t)first + start[kind] * row;
    return true;
}

bool hunch_dfa_write_origins(const struct hunch_dfa_set *set, uint32_t index,
                             struct hunch_learned *known, const struct hunch_allocator *a,
                             hunch_dfa_words *word, size_t most)
{
    const struct hunch_dfa *d = set->dfa[index];
    if (d == NULL || d->given_up || d->origin.count == 0)
        return true;
    const size_t row = d->columns.count + 1, origins = d->states.count * row,
                 list = (d->origin.count + 1) / 2, first = word->count;
    if (origins + list > most || word->count > most - origins - list)
        return true;
    if (!hunch_vec_reserve(a, word, origins + list))
        return false;
    known->origins = (uint32_t)first - (known->column + sizeof d->columns.of / sizeof(uint32_t));
    for (uint32_t s = 0; s < d->states.count; s++)
        for (uint32_t c = 0; c < row; c++) {
            const uint32_t place = d->origins.items[((size_t)s << d->shift) + c];
            word->items[word->count++] = place == 0 ? 0 : 2 * (uint32_t)(first + origins) + place;
        }
    word->items[word->count + list - 1] = 0;
    memcpy(word->items + word->count, d->origin.items, d->origin.count * sizeof *d->origin.items);
    word->count += list;
    return true;
}
