/* stage_tile.h: one stage over one candidate, for a record that lies whole in memory; those that
 * look at the record's other hits are in record_tile.h. The host's stages (runtime/stage.c) are
 * made of the same parts, over windows of a record.
 *
 * A verdict is the host's or it is HUNCH_STAGE_ASK: for what only the host knows (the record's
 * name, other spans of the record, other rules, host functions), and for what is too large for the
 * machine or the budget.
 *
 * Worked example: entropy of group 1 at least 3, then no "EXAMPLE" in the match. "key=aaaa" has 0
 * bits: NO. "key=k3v9Zq" has 2.58: NO. "key=wJalrXUtn" has 3.17 and no such text: YES. With a stage
 * `path` between the two the second is NO still, and the third ASK. */
#ifndef HUNCH_STAGE_TILE_H
#define HUNCH_STAGE_TILE_H

#include "checksum_tile.h"
#include "confirm_tile.h"
#include "entropy_tile.h"
#include "field_tile.h"
#include "literal_tile.h"

#define HUNCH_SPAN_MOST (16u << 20)   /* bytes that the host looks at in one piece in any case */
#define HUNCH_LINE_MOST (64u * 1024u) /* a line is cut so many bytes from the match */
#define HUNCH_DIGITS_MOST 256u        /* check digits that stand apart */

/* ---- parts ---- */

/* Moves *at from a place back to the start of the line that lies *lines lines before, at `first`
 * the latest. 1: it is there. 0: the window begins too late; *at and *lines say how far it came,
 * and what comes next is the byte at *at - 1. */
HUNCH_TILE int hunch_line_before(const struct hunch_text *text, uint64_t first, uint64_t *at,
                                 uint64_t *lines)
{
    uint64_t i = *at;
    for (; i > first; i--) {
        if (i - 1 < text->base || i > text->end) {
            *at = i;
            return 0;
        }
        if (text->bytes[i - 1 - text->base] == '\n' && (*lines)-- == 0)
            break;
    }
    *at = i;
    return 1;
}

/* The same forwards, to the end of a line without its newline, at `last` the latest; 0: what comes
 * next is the byte at *at. */
HUNCH_TILE int hunch_line_after(const struct hunch_text *text, uint64_t last, uint64_t *at,
                                uint64_t *lines)
{
    uint64_t i = *at;
    for (; i < last; i++) {
        if (i < text->base || i >= text->end) {
            *at = i;
            return 0;
        }
        if (text->bytes[i - text->base] == '\n' && (*lines)-- == 0)
            break;
    }
    *at = i;
    return 1;
}

/* Where hunch_line_after begins behind a span: one that takes its newline stands on no further
 * line.
 */
HUNCH_TILE uint64_t hunch_line_last(const struct hunch_candidate *c)
{
    return c->end > c->start ? c->end - 1 : c->end;
}

HUNCH_TILE int hunch_contains(const uint8_t *bytes, uint64_t n, const uint8_t *text,
                              uint32_t length)
{
    if (length == 0)
        return 1;
    for (uint64_t i = 0; i + length <= n; i++) {
        uint32_t k = 0;
        while (k < length && bytes[i + k] == text[k])
            k++;
        if (k == length)
            return 1;
    }
    return 0;
}

/* The first of the words low .. high - 1, all longer than `depth` and in order, whose byte there is
 * `byte` or more; `high` where there is none. */
HUNCH_TILE uint32_t hunch_word_from(const uint8_t *blob, const uint32_t *words, uint32_t low,
                                    uint32_t high, uint32_t depth, uint32_t byte)
{
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (blob[words[2 * middle] + depth] < byte)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Is one of the words (pairs of offset and length, in order, lower case) a part of the text,
 * whatever its case? From each place on, the words that begin as the text does become fewer with
 * each byte.
 */
HUNCH_TILE int hunch_has_word(const uint8_t *blob, const uint32_t *words, uint32_t count,
                              const uint8_t *bytes, uint64_t n)
{
    for (uint64_t i = 0; i <= n; i++) {
        uint32_t low = 0, high = count;
        for (uint32_t depth = 0; low < high; depth++) {
            if (words[2 * low + 1] == depth) /* the shortest comes first */
                return 1;
            if (i + depth == n)
                break;
            const uint32_t byte = hunch_fold(bytes[i + depth]);
            low = hunch_word_from(blob, words, low, high, depth, byte);
            if (low < high && blob[words[2 * low] + depth] == byte)
                high = hunch_word_from(blob, words, low, high, depth, byte + 1);
            else
                high = low;
        }
    }
    return 0;
}

/* Does an item of except or only hold that bytes alone decide? -1: a regex, or a path. */
HUNCH_TILE int hunch_item_holds(const uint8_t *blob, const uint32_t *word, const uint32_t *item,
                                const uint8_t *bytes, uint64_t n)
{
    switch (item[0]) {
    case HP_ITEM_TEXT: return hunch_contains(bytes, n, blob + item[1], item[2]);
    case HP_ITEM_EQUAL: return n == item[2] && hunch_contains(bytes, n, blob + item[1], item[2]);
    case HP_ITEM_WORDS: return hunch_has_word(blob, word + item[1], item[2], bytes, n);
    default: return -1;
    }
}

/* What a checksum is taken over, and its digits where they stand apart (s->b is a capture); 0: what
 * should be there is not. */
HUNCH_TILE int hunch_checksum_parts(const struct hp_stage *s, const struct hunch_candidate *c,
                                    struct hunch_span *over, struct hunch_span *digits)
{
    digits->start = digits->end = 0;
    if (!hunch_candidate_part(c, s->capture, over))
        return 0;
    return s->b == HP_NONE || (hunch_candidate_part(c, s->b, digits) &&
                               digits->end - digits->start <= HUNCH_DIGITS_MOST);
}

/* Where the value of a field stands in a record of `size` bytes; 0: not inside of it. */
HUNCH_TILE int hunch_field_place(const struct hp_stage *s, const struct hunch_candidate *c,
                                 uint64_t size, uint64_t *at)
{
    const uint64_t width = hunch_field_size(s->a);
    const uint64_t origin = s->c == HP_FROM_START ? 0 : s->c == HP_FROM_END ? size : c->start;
    const int backwards = (int64_t)s->x < 0;
    const uint64_t distance = backwards ? 0 - s->x : s->x;
    if (distance > (backwards ? origin : size - origin))
        return 0;
    *at = backwards ? origin - distance : origin + distance;
    return size >= width && *at <= size - width;
}

/* ---- one stage ---- */

/* Whether a span is short enough for the budget, and for the host to have it in one piece. */
HUNCH_TILE int hunch_span_fits(const struct hunch_stage_env *e, const struct hunch_span *span)
{
    const uint64_t n = span->end - span->start;
    return n <= e->budget && n <= HUNCH_SPAN_MOST;
}

HUNCH_TILE enum hunch_stage_verdict hunch_verdict(int yes)
{
    return yes ? HUNCH_STAGE_YES : HUNCH_STAGE_NO;
}

HUNCH_TILE enum hunch_stage_verdict hunch_stage_regex_tile(const struct hunch_stage_env *e,
                                                           const struct hp_stage *s,
                                                           struct hunch_candidate *c)
{
    const struct hp_regex *regex = &e->tables->regex[e->tables->pattern[s->a].regex];
    const enum hunch_stage_verdict verdict =
        hunch_match_tile(e, regex, c->start, c->end, c->end, c);
    return verdict != HUNCH_STAGE_YES ? verdict
                                      : hunch_verdict(hunch_candidate_narrow(c, s->capture));
}

HUNCH_TILE enum hunch_stage_verdict hunch_stage_entropy_tile(const struct hunch_stage_env *e,
                                                             const struct hp_stage *s,
                                                             const struct hunch_candidate *c)
{
    struct hunch_span span;
    uint64_t scaled = 0;
    if (!hunch_candidate_part(c, s->capture, &span))
        span.start = span.end = c->start; /* a group without a part in the match counts as empty */
    if (!hunch_span_fits(e, &span) ||
        !hunch_entropy_tile(e->text->bytes + span.start, span.end - span.start, &scaled))
        return HUNCH_STAGE_ASK;
    return hunch_verdict(hunch_entropy_reaches(span.end - span.start, scaled, s->x, (int)s->a));
}

HUNCH_TILE enum hunch_stage_verdict hunch_stage_checksum_tile(const struct hunch_stage_env *e,
                                                              const struct hp_stage *s,
                                                              const struct hunch_candidate *c)
{
    const uint8_t *bytes = e->text->bytes;
    struct hunch_span over, digits;
    if (!hunch_checksum_parts(s, c, &over, &digits))
        return HUNCH_STAGE_NO;
    if (!hunch_span_fits(e, &over))
        return HUNCH_STAGE_ASK;
    return hunch_verdict(hunch_checksum_tile(s->a, bytes + over.start, over.end - over.start,
                                             s->b != HP_NONE ? bytes + digits.start : 0,
                                             digits.end - digits.start));
}

HUNCH_TILE enum hunch_stage_verdict hunch_stage_field_tile(const struct hunch_stage_env *e,
                                                           const struct hp_stage *s,
                                                           const struct hunch_candidate *c)
{
    uint64_t at;
    return hunch_verdict(hunch_field_place(s, c, e->text->size, &at) &&
                         hunch_field_holds(s->a, e->text->bytes + at, s->z, s->b, s->y));
}

/* The lines that a candidate stands on, and `lines` more before and behind them; on a side that is
 * not asked for the span ends where the candidate does. 0: they are longer than the budget. */
HUNCH_TILE_CALLED int hunch_lines_tile(const struct hunch_stage_env *e,
                                       const struct hunch_candidate *c, uint32_t lines, int before,
                                       int behind, struct hunch_span *span)
{
    const uint64_t most = (uint64_t)HUNCH_LINE_MOST * ((uint64_t)lines + 1);
    const uint64_t from = hunch_line_last(c), size = e->text->size;
    const uint64_t first = c->start < most ? 0 : c->start - most;
    const uint64_t last = size - from < most ? size : from + most;
    struct hunch_text window = *e->text;
    uint64_t left = lines;
    span->start = c->start;
    span->end = c->end;
    if (size - from > e->budget)
        window.end = from + e->budget;
    if (c->start > e->budget) {
        window.base = c->start - e->budget;
        window.bytes += window.base;
    }
    if (before && !hunch_line_before(&window, first, &span->start, &left))
        return 0;
    left = lines;
    if (!behind)
        return 1;
    span->end = from;
    if (!hunch_line_after(&window, last, &span->end, &left))
        return 0;
    if (span->end < c->end)
        span->end = c->end;
    return 1;
}

/* except and only: does any item hold? */
HUNCH_TILE_CALLED enum hunch_stage_verdict hunch_stage_items_tile(const struct hunch_stage_env *e,
                                                                  const struct hp_stage *s,
                                                                  const struct hunch_candidate *c)
{
    const struct hunch_tables *p = e->tables;
    struct hunch_span span = {c->start, c->end};
    enum hunch_stage_verdict any = HUNCH_STAGE_NO;
    if (s->b == HP_ON_CAPTURE && !hunch_candidate_part(c, s->capture, &span))
        span.end = span.start;
    if (s->b == HP_ON_LINE && !hunch_lines_tile(e, c, 0, 1, 1, &span))
        return HUNCH_STAGE_ASK;
    if (!hunch_span_fits(e, &span))
        return HUNCH_STAGE_ASK;
    /* To a regex the span is a text of its own. */
    const struct hunch_text text = {e->text->bytes + span.start, 0, span.end - span.start,
                                    span.end - span.start};
    const struct hunch_stage_env own = {p, &text, e->machine, e->budget, e->spent, 0, 0};
    const uint32_t *item = p->word + s->a + 1;
    for (uint32_t i = 0; i < p->word[s->a]; i++, item += 3) {
        enum hunch_stage_verdict holds = HUNCH_STAGE_ASK;
        const int known = hunch_item_holds(p->blob, p->word, item, text.bytes, text.size);
        if (known >= 0) {
            holds = hunch_verdict(known);
        } else if (item[0] == HP_ITEM_REGEX) {
            struct hunch_candidate found;
            found.slots = 0;
            holds = hunch_match_tile(&own, &p->regex[p->pattern[item[1]].regex], 0, text.size,
                                     text.size, &found);
        }
        if (holds == HUNCH_STAGE_YES)
            return holds;
        if (holds == HUNCH_STAGE_ASK)
            any = holds;
    }
    return any;
}

/* One stage over a candidate, which is the whole match or a group of it, with slots for the groups
 * of any regex that the machine has room for, two at least. A regex stage changes it: on YES it is
 * what the host makes of it, on ASK it says nothing. */
HUNCH_TILE_CALLED enum hunch_stage_verdict hunch_stage_tile(const struct hunch_stage_env *e,
                                                            const struct hp_stage *s,
                                                            struct hunch_candidate *c)
{
    switch (s->kind) {
    case HP_STAGE_REGEX: return hunch_stage_regex_tile(e, s, c);
    case HP_STAGE_ENTROPY: return hunch_stage_entropy_tile(e, s, c);
    case HP_STAGE_CHECKSUM: return hunch_stage_checksum_tile(e, s, c);
    case HP_STAGE_FIELD: return hunch_stage_field_tile(e, s, c);
    case HP_STAGE_ONLY: return hunch_stage_items_tile(e, s, c);
    case HP_STAGE_EXCEPT: {
        const enum hunch_stage_verdict any = hunch_stage_items_tile(e, s, c);
        return any == HUNCH_STAGE_ASK ? any : hunch_verdict(any == HUNCH_STAGE_NO);
    }
    default: return HUNCH_STAGE_ASK;
    }
}

/* Whether the host, asked about a stage of this kind, says no more than yes or no: the candidate
 * stays as it is, and nothing can be too large to be looked at. */
HUNCH_TILE int hunch_stage_quiet(uint32_t kind, uint64_t record_size)
{
    switch (kind) {
    case HP_STAGE_PATH:
    case HP_STAGE_ENTROPY:
    case HP_STAGE_CHECKSUM:
    case HP_STAGE_EXCEPT:
    case HP_STAGE_ONLY:
    case HP_STAGE_FIELD: return record_size <= HUNCH_SPAN_MOST;
    default: return 0;
    }
}

#endif
