/* record_tile.h: stages that look at other occurrences in the record, and whole rules whose stages
 * judge records: for a record that lies whole in memory, and of which all hits are known.
 *
 * Worked example: near { lit "key", within = 8 } behind the regex tok=[a-z]+. The record
 * "key tok=ab ... tok=cd" has the hits "key" at 0 and "tok=" at 4 and 15. The match at 4 may begin
 * at -4 and end at 18 for the literal to be near: 0 lies inside, YES. From the one at 15 on it is 7
 * to 29: NO. */
#ifndef HUNCH_RECORD_TILE_H
#define HUNCH_RECORD_TILE_H

#include "condition_tile.h"
#include "gating_tile.h"
#include "hit_tile.h"
#include "slab.h"
#include "stage_tile.h"

/* Hits of a slab in chains, one a record. Numbers of hits are given with 1 added; 0: none. */
struct hunch_chain {
    uint32_t last;  /* hit that was found, */
    uint32_t count; /* of all of them */
    uint32_t asked; /* 1: it is in the list of those with rules to be judged by record */
    uint32_t list;  /* of the k-th chain: the k-th record of that list */
};

struct hunch_record_hits {
    const struct hunch_use_hit *hit;
    const uint32_t *next; /* of each hit: the one that was found before it in its record */
    const struct hunch_literal_use *use;
    const struct hp_literal *literal;
    uint32_t last, count; /* of this record */
    uint32_t most;        /* with more of them the host judges the record */
    uint64_t left;        /* how many may yet be looked at, one as often as it is */
};

/* ---- what the host's stages ask for, too ---- */

/* So many bytes before and behind a candidate, as far as the record goes. */
HUNCH_TILE void hunch_bytes_around(const struct hunch_candidate *c, uint64_t size, uint64_t before,
                                   uint64_t behind, struct hunch_span *span)
{
    span->start = c->start < before ? 0 : c->start - before;
    span->end = size - c->end < behind ? size : c->end + behind;
}

/* Where what is near a candidate touches [start, end], once that is the candidate and what is asked
 * for on its sides: what only touches it there stands on the other side. */
HUNCH_TILE void hunch_near_sides(const struct hp_stage *s, const struct hunch_candidate *c,
                                 struct hunch_span *span)
{
    if (c->start == c->end)
        return;
    span->start += !(s->e & HP_NEAR_BEFORE);
    span->end -= !(s->e & HP_NEAR_AFTER);
}

/* ---- one stage ---- */

/* Looks at all of them once; 0: that is more than may be. */
HUNCH_TILE int hunch_hits_look(const struct hunch_stage_env *e, struct hunch_record_hits *h)
{
    if (h->count > h->most || h->count > h->left)
        return 0;
    h->left -= h->count;
    if (e->spent != 0)
        *e->spent += (uint64_t)h->count * sizeof *h->hit;
    return 1;
}

HUNCH_TILE uint32_t hunch_hits_of(const struct hunch_record_hits *h, uint32_t pattern)
{
    uint32_t n = 0;
    for (uint32_t i = h->last; i != 0; i = h->next[i - 1])
        n += h->use[h->hit[i - 1].use].pattern == pattern;
    return n;
}

/* Bytes of a literal. */
HUNCH_TILE uint32_t hunch_hit_length(const struct hunch_stage_env *e,
                                     const struct hunch_record_hits *h, uint32_t pattern)
{
    return h->literal[e->tables->pattern[pattern].literal].bytes.length;
}

/* Whether the hits of a pattern are all its occurrences: those of a literal are, and a regex all of
 * whose matches hold a literal has none where it has no hit. They are looked at once. */
HUNCH_TILE int hunch_hits_are_all(const struct hunch_stage_env *e, struct hunch_record_hits *h,
                                  uint32_t pattern)
{
    const struct hp_pattern *p = &e->tables->pattern[pattern];
    if (!hunch_hits_look(e, h))
        return 0;
    if (p->kind == HP_PATTERN_LITERAL)
        return !(p->flags & HP_PATTERN_PRESENCE);
    return hunch_anchors_literal(p, e->tables->anchor) && hunch_hits_of(h, pattern) == 0;
}

HUNCH_TILE enum hunch_stage_verdict hunch_stage_count_tile(const struct hunch_stage_env *e,
                                                           struct hunch_record_hits *h,
                                                           const struct hp_stage *s,
                                                           const struct hunch_candidate *c)
{
    struct hunch_span span = {0, e->text->size};
    uint64_t n = 0;
    if (s->d == HP_WITHIN_LINE && !hunch_lines_tile(e, c, 0, 1, 1, &span))
        return HUNCH_STAGE_ASK;
    if (s->d == HP_WITHIN_BYTES)
        hunch_bytes_around(c, e->text->size, s->e, s->e, &span);
    if (!hunch_hits_are_all(e, h, s->a))
        return HUNCH_STAGE_ASK;
    if (e->tables->pattern[s->a].kind != HP_PATTERN_LITERAL)
        return hunch_verdict(s->b == 0);
    const uint32_t length = hunch_hit_length(e, h, s->a);
    for (uint32_t i = h->last; i != 0; i = h->next[i - 1])
        n += h->use[h->hit[i - 1].use].pattern == s->a && h->hit[i - 1].at >= span.start &&
             h->hit[i - 1].at + (uint64_t)length <= span.end;
    return hunch_verdict(n >= s->b && n <= s->c);
}

HUNCH_TILE enum hunch_stage_verdict hunch_stage_near_tile(const struct hunch_stage_env *e,
                                                          struct hunch_record_hits *h,
                                                          const struct hp_stage *s,
                                                          const struct hunch_candidate *c)
{
    const int before = (s->e & HP_NEAR_BEFORE) != 0, behind = (s->e & HP_NEAR_AFTER) != 0;
    struct hunch_span span;
    if (s->b != HP_NONE || !hunch_hits_are_all(e, h, s->a))
        return HUNCH_STAGE_ASK;
    if (e->tables->pattern[s->a].kind != HP_PATTERN_LITERAL)
        return HUNCH_STAGE_NO;
    if (s->d == HP_UNIT_LINES) {
        if (!hunch_lines_tile(e, c, s->c, before, behind, &span))
            return HUNCH_STAGE_ASK;
    } else {
        hunch_bytes_around(c, e->text->size, before ? s->c : 0, behind ? s->c : 0, &span);
    }
    hunch_near_sides(s, c, &span);
    const uint32_t length = hunch_hit_length(e, h, s->a);
    for (uint32_t i = h->last; i != 0; i = h->next[i - 1])
        if (h->use[h->hit[i - 1].use].pattern == s->a && h->hit[i - 1].at <= span.end &&
            h->hit[i - 1].at + (uint64_t)length >= span.start)
            return HUNCH_STAGE_YES;
    return HUNCH_STAGE_NO;
}

#define HUNCH_RECORD_SLOTS 8u    /* patterns that a condition asks about, */
#define HUNCH_RECORD_PLACES 32u  /* their occurrences, */
#define HUNCH_RECORD_STEPS 4096u /* and steps it may take: else it is the host's */

HUNCH_TILE_CALLED enum hunch_stage_verdict
hunch_stage_condition_tile(const struct hunch_stage_env *e, struct hunch_record_hits *h,
                           const struct hp_stage *s)
{
    const uint32_t *word = e->tables->word;
    struct hunch_condition_pattern pattern[HUNCH_RECORD_SLOTS];
    uint64_t number[2 * HUNCH_RECORD_PLACES];
    uint32_t used = 0;
    if (word[s->e] > 0 || s->d > HUNCH_RECORD_SLOTS)
        return HUNCH_STAGE_ASK;
    for (uint32_t k = 0; k < s->d; k++) {
        const uint32_t id = word[s->c + k];
        if (!hunch_hits_are_all(e, h, id))
            return HUNCH_STAGE_ASK;
        const uint32_t n = hunch_hits_of(h, id);
        uint64_t *offset = number + used, *length = offset + n;
        if (2 * n > 2 * HUNCH_RECORD_PLACES - used)
            return HUNCH_STAGE_ASK;
        uint32_t have = 0;
        for (uint32_t i = h->last; i != 0; i = h->next[i - 1]) {
            if (h->use[h->hit[i - 1].use].pattern != id)
                continue;
            uint32_t place = have++;
            for (; place > 0 && offset[place - 1] > h->hit[i - 1].at; place--)
                offset[place] = offset[place - 1];
            offset[place] = h->hit[i - 1].at;
        }
        for (uint32_t i = 0; i < n; i++)
            length[i] = hunch_hit_length(e, h, id);
        const struct hunch_condition_pattern known = {n, offset, length};
        pattern[k] = known;
        used += 2 * n;
    }
    struct hunch_condition_env env;
    env.size = e->text->size;
    env.patterns = pattern;
    env.rules = 0;
    env.read = hunch_condition_memory;
    env.context = (void *)e->text->bytes;
    env.pattern_count = s->d;
    env.rule_count = 0;
    const int verdict = hunch_condition_eval_within(word + s->a, &env, HUNCH_RECORD_STEPS);
    return verdict < 0 ? HUNCH_STAGE_ASK : hunch_verdict(verdict);
}

/* ---- a rule ---- */

/* The stages of a rule from number `first` to before `end`, over a candidate as for
 * hunch_stage_tile. NO: the host drops it too and reports nothing. YES: the host reports the
 * candidate as it is now. ASK: the host decides, with the candidate as it was. `h`: null where not
 * all hits of the record are known. */
HUNCH_TILE_CALLED enum hunch_stage_verdict
hunch_stages_tile(const struct hunch_stage_env *e, struct hunch_record_hits *h, uint32_t rule,
                  uint32_t first, uint32_t end, struct hunch_candidate *c)
{
    const struct hp_stage *stages = &e->tables->stage[e->tables->rule[rule].stage];
    enum hunch_stage_verdict all = HUNCH_STAGE_YES;
    for (uint32_t i = first; i < end; i++) {
        const struct hp_stage *s = &stages[i];
        enum hunch_stage_verdict verdict;
        if (h != 0 && s->kind == HP_STAGE_COUNT)
            verdict = hunch_stage_count_tile(e, h, s, c);
        else if (h != 0 && s->kind == HP_STAGE_NEAR)
            verdict = hunch_stage_near_tile(e, h, s, c);
        else if (h != 0 && s->kind == HP_STAGE_CONDITION)
            verdict = hunch_stage_condition_tile(e, h, s);
        else
            verdict = hunch_stage_tile(e, s, c);
        if (verdict == HUNCH_STAGE_NO)
            return verdict;
        if (verdict == HUNCH_STAGE_ASK) {
            all = verdict;
            if (!hunch_stage_quiet(s->kind, e->text->size))
                return verdict;
        }
    }
    return all;
}

/* The spans of a rule without a regex, each through its stages. */
HUNCH_TILE_CALLED enum hunch_stage_verdict hunch_literals_tile(const struct hunch_stage_env *e,
                                                               struct hunch_record_hits *h,
                                                               uint32_t rule,
                                                               struct hunch_candidate *c)
{
    const struct hp_rule *r = &e->tables->rule[rule];
    uint32_t spans = 0;
    for (uint32_t k = 0; k < r->span_count; k++) {
        const uint32_t id = e->tables->word[r->span + k];
        if (!hunch_hits_are_all(e, h, id))
            return HUNCH_STAGE_ASK;
        if (e->tables->pattern[id].kind != HP_PATTERN_LITERAL)
            continue;
        for (uint32_t i = h->last; i != 0; i = h->next[i - 1]) {
            if (h->use[h->hit[i - 1].use].pattern != id)
                continue;
            spans++;
            c->start = c->slots[0] = h->hit[i - 1].at;
            c->end = c->slots[1] = c->start + hunch_hit_length(e, h, id);
            const enum hunch_stage_verdict verdict =
                hunch_stages_tile(e, h, rule, 0, r->stage_count, c);
            if (verdict != HUNCH_STAGE_NO)
                return verdict;
        }
    }
    if (spans > 0)
        return HUNCH_STAGE_NO;
    c->start = c->end = c->slots[0] = c->slots[1] = 0;
    return hunch_stages_tile(e, h, rule, 0, r->stage_count, c);
}

/* A rule HUNCH_GATED_BY_RECORD whose gate holds. NO: the host would report nothing. c->slots: room
 * for two words. */
HUNCH_TILE_CALLED enum hunch_stage_verdict hunch_rule_tile(const struct hunch_stage_env *e,
                                                           struct hunch_record_hits *h,
                                                           uint32_t rule, struct hunch_candidate *c)
{
    const struct hp_rule *r = &e->tables->rule[rule];
    const struct hp_stage *stage = &e->tables->stage[r->stage];
    uint32_t search = 0;
    c->group_count = c->change = 0;
    while (search < r->stage_count && stage[search].kind != HP_STAGE_REGEX)
        search++;
    if (search == r->stage_count)
        return hunch_literals_tile(e, h, rule, c);
    const struct hp_pattern *sought = &e->tables->pattern[stage[search].a];
    if (hunch_anchors_literal(sought, e->tables->anchor) &&
        hunch_hits_are_all(e, h, stage[search].a))
        return HUNCH_STAGE_NO;
    c->start = c->slots[0] = 0;
    c->end = c->slots[1] = e->text->size;
    return hunch_stages_tile(e, h, rule, 0, search, c) == HUNCH_STAGE_NO ? HUNCH_STAGE_NO
                                                                         : HUNCH_STAGE_ASK;
}

#endif
