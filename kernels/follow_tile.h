/* follow_tile.h: regexes by follow lists: the machine of regex_tile.h, made for a lane that has
 * little memory. Where a thread can get to without a byte, and which bytes it may then take, does
 * not depend on the text: for each place in the code and each kind of byte there is a list, made
 * once (runtime/follow.c), of the threads that live behind that byte, in order of preference. What
 * the machine does byte by byte with splits, jumps and a stack is then one look-up a thread. The
 * answer is the same, or there is none.
 *
 * Worked example: (a|b)c at its entry. Column of "a": thread at c, group 1 begins here; of "b": the
 * same; of other bytes: nothing. Behind the "a", column of "c": a thread behind c, group 1 ends
 * here, before the "c". There, whatever comes: a match. */
#ifndef HUNCH_FOLLOW_TILE_H
#define HUNCH_FOLLOW_TILE_H

#include "regex_tile.h"

/* One entry of a list: what is reached, and what of the match is known then. */
struct hunch_follow_entry {
    uint32_t place; /* of the thread behind the byte: struct hunch_follow_thread */
    uint32_t saves; /* bit s: slot s is here, before the byte; and HUNCH_FOLLOW_* */
};
#define HUNCH_FOLLOW_MATCH 0x40000000u /* no thread: a match ends here */
#define HUNCH_FOLLOW_LAST 0x80000000u
#define HUNCH_FOLLOW_SLOTS 30     /* most slots of a regex that has lists; */
#define HUNCH_FOLLOW_STATES 65533 /* and most states, that places of threads have room for */

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

struct hunch_follow_thread {
    uint32_t
        place; /* pc, and from bit HUNCH_FOLLOW_COUNT on how many bytes a RUN there has taken */
    uint32_t start; /* where its match began */
};
#define HUNCH_FOLLOW_COUNT 16

/* Where a group of a thread, or of a match, is. */
struct hunch_follow_group {
    uint32_t start, end;
};
#define HUNCH_FOLLOW_NOWHERE 0xffffffffu

/* A machine: memory for threads, the caller's. Records are shorter than 4 GiB. */
struct hunch_follow_machine {
    struct hunch_follow_thread *list[2]; /* `room` each */
    struct hunch_follow_group *group[2]; /* those of each thread of a list */
    struct hunch_follow_group *best;     /* of the match */
    uint32_t room;
    uint32_t groups; /* of the regex with the most */
};

/* Words of 8 bytes of a block for a machine, and the machine on it, whatever lies there. */
HUNCH_TILE uint64_t hunch_follow_words(uint32_t room, uint32_t groups)
{
    return 2 * (uint64_t)room + (2 * (uint64_t)room + 1) * groups;
}

HUNCH_TILE void hunch_follow_place(struct hunch_follow_machine *m, uint32_t room, uint32_t groups,
                                   uint64_t *block)
{
    m->room = room;
    m->groups = groups;
    for (uint32_t l = 0; l < 2; l++) {
        m->list[l] = (struct hunch_follow_thread *)(void *)block;
        block += room;
        m->group[l] = (struct hunch_follow_group *)(void *)block;
        block += (uint64_t)room * groups;
    }
    m->best = (struct hunch_follow_group *)(void *)block;
}

/* What may be looked for. */
struct hunch_follow_search {
    const struct hp_regex *regex;
    const struct hp_instr *code;
    const struct hp_class *classes;
    const struct hunch_follow *follow;
    const uint32_t *word;          /* that places are in */
    const struct hunch_text *text; /* a window */
    uint64_t low, high; /* a match starts in [low, high]; backwards both are its right end */
    uint64_t stop;      /* no byte from here on is taken (backwards: before here) */
    uint32_t captures;  /* 1: groups are worked out, for which the machine has room */
};

/* Its state. */
struct hunch_follow_state {
    struct hunch_follow_thread *here,
        *next; /* threads that arrive, and that will behind the byte */
    struct hunch_follow_group *here_group, *next_group;
    uint32_t arriving, living; /* how many */
    uint32_t groups;           /* of each */
    uint32_t cell;             /* kind beside and column, as an index behind a row */
    uint32_t byte;             /* that is taken, 256: none is */
    uint64_t at, match_start, match_end;
};

/* Groups as `from` has them (null: none is known), but that those slots are here which `saves`
 * says.
 */
HUNCH_TILE void hunch_follow_save(const struct hunch_follow_state *s, struct hunch_follow_group *to,
                                  const struct hunch_follow_group *from, uint32_t saves)
{
    saves >>= 2;
    for (uint32_t g = 0; g < s->groups; g++, saves >>= 2) {
        struct hunch_follow_group group = {HUNCH_FOLLOW_NOWHERE, HUNCH_FOLLOW_NOWHERE};
        if (from != 0)
            group = from[g];
        if (saves & 1u)
            group.start = (uint32_t)s->at;
        if (saves & 2u)
            group.end = (uint32_t)s->at;
        to[g] = group;
    }
}

/* The thread at `place` lives behind the byte, unless one does that came first. */
HUNCH_TILE void hunch_follow_add(const struct hunch_follow_machine *m, struct hunch_follow_state *s,
                                 uint32_t place, uint32_t start,
                                 const struct hunch_follow_group *from, uint32_t saves)
{
    const uint32_t n = s->living;
    for (uint32_t i = 0; i < n; i++)
        if (s->next[i].place == place)
            return;
    if (HUNCH_UNLIKELY(n >= m->room)) {
        s->living = HUNCH_FOLLOW_NOWHERE;
        return;
    }
    const struct hunch_follow_thread t = {place, start};
    s->next[n] = t;
    s->living = n + 1;
    hunch_follow_save(s, s->next_group + n * s->groups, from, saves);
}

/* What follows at pc, where nothing is inside of a RUN. 1: a match has cut what has less
 * preference, or the machine has no room. */
HUNCH_TILE int hunch_follow_row(const struct hunch_follow_machine *m,
                                const struct hunch_follow_search *q, struct hunch_follow_state *s,
                                uint32_t pc, uint32_t start, const struct hunch_follow_group *from)
{
    const uint32_t row = q->word[q->follow->row + pc],
                   place = q->word[q->follow->list + row + s->cell];
    const struct hunch_follow_entry *e =
        (const struct hunch_follow_entry *)(const void *)(q->word + place);
    if (place == 0)
        return 0;
    for (;; e++) {
        const struct hunch_follow_entry entry = *e;
        if (entry.saves & HUNCH_FOLLOW_MATCH) {
            s->match_start = start;
            s->match_end = s->at;
            hunch_follow_save(s, m->best, from, entry.saves);
            if (!(q->regex->flags & HP_REGEX_REVERSED)) /* there the longest is wanted */
                return 1;
        } else if (s->byte != 256) {
            hunch_follow_add(m, s, entry.place, start, from, entry.saves);
            if (HUNCH_UNLIKELY(s->living == HUNCH_FOLLOW_NOWHERE))
                return 1;
        }
        if (entry.saves & HUNCH_FOLLOW_LAST)
            return 0;
    }
}

/* A thread that arrives. Inside of a RUN it goes on, or what follows the RUN comes. */
HUNCH_TILE int hunch_follow_thread_on(const struct hunch_follow_machine *m,
                                      const struct hunch_follow_search *q,
                                      struct hunch_follow_state *s, uint32_t number)
{
    const struct hunch_follow_thread t = s->here[number];
    const struct hunch_follow_group *from = s->here_group + number * s->groups;
    const uint32_t pc = t.place & ((1u << HUNCH_FOLLOW_COUNT) - 1u);
    uint32_t count = t.place >> HUNCH_FOLLOW_COUNT;
    if (count == 0)
        return hunch_follow_row(m, q, s, pc, t.start, from);
    const struct hp_instr *in = q->code + pc;
    const uint32_t limit = in->max == HP_INFINITE ? in->min : in->max;
    if (count > limit)
        count = limit;
    if (in->max != HP_INFINITE && count == in->max) /* full: it can only be left */
        return hunch_follow_row(m, q, s, pc + 1, t.start, from);
    const int goes_on = s->byte != 256 && hunch_class_has(q->classes[in->x].bits, s->byte);
    const uint32_t on = pc | (count + 1) << HUNCH_FOLLOW_COUNT;
    if (goes_on && (count < in->min || !in->lazy))
        hunch_follow_add(m, s, on, t.start, from, 0);
    if (count < in->min || s->living == HUNCH_FOLLOW_NOWHERE)
        return s->living == HUNCH_FOLLOW_NOWHERE;
    if (hunch_follow_row(m, q, s, pc + 1, t.start, from))
        return 1;
    if (goes_on && in->lazy)
        hunch_follow_add(m, s, on, t.start, from, 0);
    return s->living == HUNCH_FOLLOW_NOWHERE;
}

/* Nothing is alive: on to the next place from which a match may start. 0: there is none. */
HUNCH_TILE int hunch_follow_skip(const struct hunch_follow_search *q, struct hunch_follow_state *s)
{
    const struct hunch_text *text = q->text;
    if (q->regex->first_class == HP_NONE || (q->regex->flags & HP_REGEX_REVERSED) ||
        s->at < text->base)
        return 1;
    const uint8_t *bits = q->classes[q->regex->first_class].bits;
    uint64_t last = q->high < q->stop ? q->high + 1 : q->stop;
    if (last > text->end)
        last = text->end;
    while (s->at < last && !hunch_class_has(bits, text->bytes[s->at - text->base]))
        s->at++;
    return s->at <= q->high && s->at < q->stop;
}

/* One thread inside a RUN that cannot be left yet, and no other may begin: its bytes in one go. */
HUNCH_TILE void hunch_follow_hurry(const struct hunch_follow_search *q,
                                   struct hunch_follow_state *s)
{
    const uint32_t pc = s->here[0].place & ((1u << HUNCH_FOLLOW_COUNT) - 1u);
    const struct hp_instr *in = q->code + pc;
    const struct hunch_text *text = q->text;
    if (in->op != HP_OP_RUN)
        return;
    const uint8_t *bits = q->classes[in->x].bits;
    uint32_t count = s->here[0].place >> HUNCH_FOLLOW_COUNT;
    const uint64_t last = q->stop < text->end ? q->stop : text->end;
    while (count < in->min && s->at < last &&
           hunch_class_has(bits, text->bytes[s->at - text->base])) {
        count++;
        s->at++;
    }
    s->here[0].place = pc | count << HUNCH_FOLLOW_COUNT;
}

/* The leftmost-first match (backwards: the one that reaches farthest to the left). 1: it is
 * [s->match_start, s->match_end), its groups in m->best. 0: there is none. -1: the machine has no
 * room, or the window ends. */
HUNCH_TILE_CALLED int hunch_follow_tile(const struct hunch_follow_machine *m,
                                        const struct hunch_follow_search *search,
                                        struct hunch_follow_state *result)
{
    const struct hunch_follow_search copy = *search, *q = &copy; /* registers */
    const struct hunch_text *text = q->text;
    const uint8_t *column = (const uint8_t *)(const void *)(q->word + q->follow->column);
    const int backwards = (q->regex->flags & HP_REGEX_REVERSED) != 0;
    struct hunch_follow_state state, *s = &state;
    s->here = m->list[0];
    s->next = m->list[1];
    s->here_group = m->group[0];
    s->next_group = m->group[1];
    s->groups = q->captures ? q->regex->group_count : 0;
    s->arriving = 0;
    s->at = q->low;
    s->match_start = s->match_end = HUNCH_NOWHERE;
    for (;;) {
        const int may_start =
            s->match_end == HUNCH_NOWHERE && (backwards ? s->at == q->low : s->at <= q->high);
        if (s->arriving == 0 && (!may_start || !hunch_follow_skip(q, s)))
            break;
        uint32_t before = 256, after = 256;
        if (s->at > text->size)
            break; /* the caller asked behind the end */
        if (s->at < text->size) {
            if (s->at < text->base || s->at >= text->end)
                return -1;
            after = text->bytes[s->at - text->base];
        }
        if (s->at > 0) {
            if (s->at - 1 < text->base || s->at > text->end)
                return -1;
            before = text->bytes[s->at - 1 - text->base];
        }
        const uint32_t read = backwards ? before : after;
        s->byte = s->at == q->stop ? 256 : read;
        s->cell = read == 256 ? q->follow->columns : column[read];
        if (q->follow->looks)
            s->cell += hunch_beside(backwards ? after : before) * (q->follow->columns + 1);
        s->living = 0;
        int cut = 0;
        for (uint32_t i = 0; i < s->arriving && !cut; i++)
            cut = hunch_follow_thread_on(m, q, s, i);
        if (!cut && may_start && s->match_end == HUNCH_NOWHERE)
            (void)hunch_follow_row(m, q, s, 0, (uint32_t)s->at, 0);
        if (HUNCH_UNLIKELY(s->living == HUNCH_FOLLOW_NOWHERE))
            return -1;
        if (s->byte == 256)
            break;
        struct hunch_follow_thread *list = s->here;
        s->here = s->next;
        s->next = list;
        struct hunch_follow_group *group = s->here_group;
        s->here_group = s->next_group;
        s->next_group = group;
        s->arriving = s->living;
        s->at = backwards ? s->at - 1 : s->at + 1;
        if (s->arriving == 1 && !backwards && (s->match_end != HUNCH_NOWHERE || s->at > q->high))
            hunch_follow_hurry(q, s);
    }
    *result = state;
    return s->match_end != HUNCH_NOWHERE;
}

#endif
