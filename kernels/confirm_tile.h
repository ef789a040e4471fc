/* confirm_tile.h: from a hit to the match around it: what runtime/search.c does with one hit, for a
 * record that lies whole in memory, with a machine of fixed size. No answer is a guess: what would
 * need more than there is comes back as HUNCH_STAGE_ASK, and the host works it out.
 *
 * Worked example: the regex [a-z]+=([0-9]+) has the anchor "=" with the prefix RUN of [a-z], 1 to
 * any number of bytes before it. In "a key=12;" the anchor stands at 5, the run before it begins at
 * 2, and the regex from there takes "key=12": YES, [2, 8), group 1 [6, 8). In "a key=;" the run of
 * the regex fails: NO, no match of it holds this "=". */
#ifndef HUNCH_CONFIRM_TILE_H
#define HUNCH_CONFIRM_TILE_H

#include "dfa_tile.h"

struct hunch_span {
    uint64_t start, end; /* bytes of the record, half open */
};

/* A span under evaluation. */
struct hunch_candidate {
    uint64_t start, end;
    uint32_t group_count;
    uint64_t *slots; /* 2 * (group_count + 1); 0 and 1 are the whole match */
    uint32_t change; /* the host's: what a host stage changed of it */
};

/* The span that a stage's capture (HP_CAPTURE_*, or a group's number) means; 0: the group took no
 * part in the match, and *span stays. */
HUNCH_TILE int hunch_candidate_part(const struct hunch_candidate *c, uint32_t capture,
                                    struct hunch_span *span)
{
    uint64_t start = c->start, end = c->end;
    if (capture == HP_CAPTURE_FIRST) {
        for (uint32_t g = 1; g <= c->group_count; g++) {
            const uint64_t from = c->slots[2 * g], to = c->slots[2 * g + 1];
            if (from == HUNCH_NOWHERE || to == HUNCH_NOWHERE || from == to)
                continue;
            start = from;
            end = to;
            break;
        }
    } else if (capture != HP_CAPTURE_MATCH) {
        if (capture > c->group_count)
            return 0;
        start = c->slots[2 * capture];
        end = c->slots[2 * capture + 1];
        if (start == HUNCH_NOWHERE || end == HUNCH_NOWHERE)
            return 0;
    }
    span->start = start;
    span->end = end;
    return 1;
}

/* Narrows a candidate to that span; 0: it is none any more. */
HUNCH_TILE int hunch_candidate_narrow(struct hunch_candidate *c, uint32_t capture)
{
    struct hunch_span span;
    if (!hunch_candidate_part(c, capture, &span))
        return 0;
    c->start = span.start;
    c->end = span.end;
    return 1;
}

/* Sections of a program, as tile functions of a whole rule read them. */
struct hunch_tables {
    const uint8_t *blob;
    const uint32_t *word;
    const struct hp_pattern *pattern;
    const struct hp_anchor *anchor;
    const struct hp_regex *regex;
    const struct hp_instr *instr;
    const struct hp_class *classes;
    const struct hp_rule *rule;
    const struct hp_stage *stage;
    const struct hunch_follow *follow; /* one a regex */
    const uint32_t *follow_word;
    const struct hunch_learned *learned; /* one a regex, or null */
    const uint32_t *learned_word;
};

/* A place from which more can be learned: there the search needed what was not known. */
struct hunch_lesson {
    uint32_t record;
    uint32_t start; /* in the record */
    uint32_t regex;
};

enum hunch_stage_verdict {
    HUNCH_STAGE_NO,
    HUNCH_STAGE_YES,
    HUNCH_STAGE_ASK /* the host decides */
};

/* By what the groups of matches were worked out: how many. */
struct hunch_group_tally {
    uint32_t traced;   /* by the path through a learned DFA */
    uint32_t followed; /* by the regex machine */
};

/* What a tile function of a whole rule has to work with. */
struct hunch_stage_env {
    const struct hunch_tables *tables;
    const struct hunch_text *text; /* the whole record: base 0, end == size */
    const struct hunch_follow_machine *machine;
    uint64_t budget;             /* most bytes that one search may read */
    uint64_t *spent;             /* those that searches have read are added to it; or null */
    struct hunch_lesson *lesson; /* its regex and start are set where something is to be learned; or
                                    null */
    struct hunch_group_tally *tally; /* or null */
};

/* Whether only hits can lead to a match: there are anchors, all of them literals. Where not, a
 * pattern is searched everywhere, and what its hits say is not all. */
HUNCH_TILE int hunch_anchors_literal(const struct hp_pattern *pattern,
                                     const struct hp_anchor *anchors)
{
    for (uint32_t i = 0; i < pattern->anchor_count; i++)
        if (anchors[pattern->anchor + i].kind != HP_ANCHOR_LITERAL)
            return 0;
    return pattern->anchor_count > 0;
}

/* *room: how far before a hit at `at` a match may start that starts at `limit` or behind it. 0: no
 * match can. */
HUNCH_TILE int hunch_anchor_room(const struct hp_anchor *anchor, uint64_t at, uint64_t limit,
                                 uint64_t *room)
{
    if (at < limit || at - limit < anchor->min_before)
        return 0;
    *room = at - limit;
    if (anchor->max_before != HP_INFINITE && *room > anchor->max_before)
        *room = anchor->max_before;
    return 1;
}

/* Looks for the regex as *q says, whose `low`, `high` and `stop` are there. As hunch_follow_tile;
 * -1 also where the regex has no lists, or more groups than the machine has room for and they are
 * wanted. */
HUNCH_TILE int hunch_stage_search(const struct hunch_stage_env *e, const struct hp_regex *regex,
                                  const struct hunch_text *text, struct hunch_follow_search *q,
                                  struct hunch_follow_state *s)
{
    const struct hunch_tables *t = e->tables;
    q->regex = regex;
    q->code = t->instr + regex->code;
    q->classes = t->classes;
    q->follow = &t->follow[regex - t->regex];
    q->word = t->follow_word;
    q->text = text;
    if (q->follow->columns == 0 || (q->captures && regex->group_count > e->machine->groups))
        return -1;
    const int found = hunch_follow_tile(e->machine, q, s);
    if (e->spent != 0)
        *e->spent += found < 0 ? e->budget : s->at < q->low ? q->low - s->at : s->at - q->low;
    return found;
}

/* The leftmost *start, not before `limit`, from which the anchor's prefix reaches exactly to `at`.
 */
HUNCH_TILE enum hunch_stage_verdict hunch_prefix_tile(const struct hunch_stage_env *e,
                                                      const struct hp_anchor *anchor, uint64_t at,
                                                      uint64_t limit, uint64_t *start)
{
    uint64_t room;
    if (!hunch_anchor_room(anchor, at, limit, &room))
        return HUNCH_STAGE_NO;
    if (anchor->prefix == HP_PREFIX_FIXED) {
        *start = at - anchor->min_before;
        return HUNCH_STAGE_YES;
    }
    if (anchor->prefix == HP_PREFIX_RUN) {
        const uint8_t *bits = e->tables->classes[anchor->prefix_index].bits;
        const uint8_t *end = e->text->bytes + at;
        const uint64_t most = room < e->budget ? room : e->budget;
        uint64_t n = 0;
        while (n < most && hunch_class_has(bits, *(end - n - 1)))
            n++;
        if (n == most && most < room)
            return HUNCH_STAGE_ASK;
        *start = at - n;
        return n >= anchor->min_before ? HUNCH_STAGE_YES : HUNCH_STAGE_NO;
    }
    /* A window that begins too late makes the machine ask for more: the budget is spent. */
    struct hunch_text window = *e->text;
    window.base = at < e->budget ? 0 : at - e->budget;
    window.bytes += window.base;
    struct hunch_follow_search q = {0, 0, 0, 0, 0, 0, at, at, at - room, 0};
    struct hunch_follow_state found;
    switch (hunch_stage_search(e, &e->tables->regex[anchor->prefix_index], &window, &q, &found)) {
    case 0: return HUNCH_STAGE_NO;
    case 1: *start = found.match_end; return HUNCH_STAGE_YES;
    default: return HUNCH_STAGE_ASK;
    }
}

/* The match that starts at `start`, by what is known of the regex's DFA. *groups: there are some,
 * and they are wanted; it becomes 0 where they are in the machine then. */
HUNCH_TILE enum hunch_dfa_answer hunch_stage_quick(const struct hunch_stage_env *e,
                                                   const struct hp_regex *regex,
                                                   const struct hunch_text *window, uint64_t start,
                                                   uint64_t *end, int *groups)
{
    const struct hunch_tables *t = e->tables;
    const struct hunch_follow_machine *m = e->machine;
    uint64_t read;
    if (t->learned == 0)
        return HUNCH_DFA_UNKNOWN;
    const struct hunch_learned *known = &t->learned[regex - t->regex];
    const int traced = *groups && known->origins != 0 && regex->group_count <= m->groups;
    /* Nothing else lies in the machine's lists now. */
    uint64_t *const lists = (uint64_t *)(void *)m->list[0];
    struct hunch_dfa_path path =
        hunch_dfa_path_in((uint32_t *)(void *)lists,
                          traced ? (uint32_t)((uint64_t *)(void *)m->best - lists) * 2u : 0);
    const enum hunch_dfa_answer answer =
        hunch_dfa_tile(known, t->learned_word, window, start, &path, end, &read);
    if (e->spent != 0)
        *e->spent += read - start;
    if (answer == HUNCH_DFA_UNKNOWN && e->lesson != 0 && known->columns != HUNCH_DFA_HOPELESS) {
        e->lesson->regex = (uint32_t)(regex - t->regex);
        e->lesson->start = (uint32_t)start;
    }
    if (answer == HUNCH_DFA_FOUND && traced &&
        hunch_dfa_groups(known, t->learned_word, window, &path, start, *end, regex->group_count,
                         m->best)) {
        *groups = 0;
        if (e->tally != 0)
            e->tally->traced++;
    }
    return answer;
}

/* The leftmost-first match that starts in [low, high] and ends at or before `stop`: *c becomes it.
 * Its groups are worked out only where c->slots is not null. */
HUNCH_TILE_CALLED enum hunch_stage_verdict
hunch_match_tile(const struct hunch_stage_env *e, const struct hp_regex *regex, uint64_t low,
                 uint64_t high, uint64_t stop, struct hunch_candidate *c)
{
    struct hunch_text window = *e->text;
    if (window.size - low > e->budget)
        window.end = low + e->budget;
    int groups = c->slots != 0 && regex->group_count > 0;
    enum hunch_dfa_answer quick = HUNCH_DFA_UNKNOWN;
    if (low == high && stop == HUNCH_NOWHERE)
        quick = hunch_stage_quick(e, regex, &window, low, &stop, &groups);
    if (quick == HUNCH_DFA_NONE)
        return HUNCH_STAGE_NO;
    if (quick == HUNCH_DFA_CUT)
        return HUNCH_STAGE_ASK;
    c->start = low;
    c->end = stop;
    if (quick != HUNCH_DFA_FOUND || groups) {
        struct hunch_follow_search q = {0, 0, 0, 0, 0, 0, low, high, stop, (uint32_t)groups};
        struct hunch_follow_state found;
        const int there = hunch_stage_search(e, regex, &window, &q, &found);
        if (there <= 0)
            return there < 0 ? HUNCH_STAGE_ASK : HUNCH_STAGE_NO;
        c->start = found.match_start;
        c->end = found.match_end;
        if (groups && e->tally != 0)
            e->tally->followed++;
    }
    c->group_count = regex->group_count;
    c->change = 0;
    if (c->slots == 0)
        return HUNCH_STAGE_YES;
    c->slots[0] = c->start;
    c->slots[1] = c->end;
    for (uint32_t g = 0; g < regex->group_count; g++) {
        const struct hunch_follow_group group = e->machine->best[g];
        c->slots[2 * g + 2] = group.start == HUNCH_FOLLOW_NOWHERE ? HUNCH_NOWHERE : group.start;
        c->slots[2 * g + 3] = group.end == HUNCH_FOLLOW_NOWHERE ? HUNCH_NOWHERE : group.end;
    }
    return HUNCH_STAGE_YES;
}

/* From a hit of an anchor at `at`. YES: *c is the match that a search which may start at `limit`
 * finds by this hit alone. NO: every match, wherever it starts, has another hit that leads to it,
 * so this one need not be asked again. Of the matches of several hits the one with the least start
 * comes first, and the search goes on behind it: a hit whose match starts before that end is to be
 * asked again, with the new limit; others keep theirs. A pattern that is not hunch_anchors_literal
 * has matches without hits. c->slots: null, or room for the groups of any regex that the machine
 * has room for, two words at least. On ASK *c says nothing. */
HUNCH_TILE_CALLED enum hunch_stage_verdict hunch_confirm_tile(const struct hunch_stage_env *e,
                                                              uint32_t anchor_index, uint64_t at,
                                                              uint64_t limit,
                                                              struct hunch_candidate *c)
{
    const struct hp_anchor *anchor = &e->tables->anchor[anchor_index];
    const struct hp_pattern *pattern = &e->tables->pattern[anchor->pattern];
    uint64_t start;
    if (pattern->kind != HP_PATTERN_REGEX || anchor->kind != HP_ANCHOR_LITERAL)
        return HUNCH_STAGE_ASK;
    const enum hunch_stage_verdict verdict = hunch_prefix_tile(e, anchor, at, limit, &start);
    if (verdict != HUNCH_STAGE_YES)
        return verdict;
    return hunch_match_tile(e, &e->tables->regex[pattern->regex], start, start, HUNCH_NOWHERE, c);
}

#endif
