/* spot.c: what rules ask for, as rows of bits by label and by class of edge. */
#include <string.h>

#include "graph/flow.h"

static bool fits(const char *pattern, const char *text)
{
    while (*pattern != '\0' && *pattern == *text)
        pattern++, text++;
    return pattern[0] == '*' ? pattern[1] == '\0' : *pattern == *text;
}

/* Of Java a name is that of a class and its members: "C.m", or "m" alone, of "Outer.C.m"; ".m" of
 * a method of any object, whose call is ".C.m" where its class is known. */
static bool member_is(const char *pattern, const char *text)
{
    if (pattern[0] == '.') {
        const char *last = strrchr(text, '.');
        return text[0] == '.' && fits(pattern, last);
    }
    for (const char *dot = strchr(text, '.'); dot != NULL; dot = strchr(dot + 1, '.'))
        if (fits(pattern, dot + 1))
            return true;
    return false;
}

static bool name_is(const struct hunch_unit *u, const char *pattern, uint32_t name)
{
    const char *text = hunch_unit_text(u, name);
    return fits(pattern, text) || (u->language == HUNCH_LANGUAGE_JAVA && member_is(pattern, text));
}

/* A field is named with what it is a field of, `req.query`, or alone, or as the last part of a
 * dotted name of a global. */
static bool field_is(const struct hunch_unit *u, const char *pattern, uint32_t name)
{
    if (name_is(u, pattern, name))
        return true;
    for (const char *at = strchr(hunch_unit_text(u, name), '.'); at != NULL;
         at = strchr(at + 1, '.'))
        if (strcmp(at + 1, pattern) == 0)
            return true;
    return false;
}

static bool index_is(uint32_t asked, uint32_t index)
{
    const uint32_t least = asked & ~HUNCH_INDEX_AND_ON;
    return least == HUNCH_INDEX_ANY || index == least ||
           ((asked & HUNCH_INDEX_AND_ON) && index > least);
}

enum role { SOURCE, SINK, SANITIZER };

/* Are labels of the kind what a spot means? */
static bool is_kind(const struct hunch_spot *spot, enum role role, uint32_t kind)
{
    switch (spot->kind) {
    case HUNCH_SPOT_CALL:
        return role == SINK
                   ? kind == HUNCH_LABEL_ARGUMENT
                   : kind == HUNCH_LABEL_CALL || (kind == HUNCH_LABEL_OUTSIDE && role == SOURCE);
    case HUNCH_SPOT_ARGUMENT:
        return role == SINK ? kind == HUNCH_LABEL_ARGUMENT
                            : kind == HUNCH_LABEL_ARGUMENT_ALL ||
                                  (kind == HUNCH_LABEL_ARGUMENT_OUT && role == SOURCE);
    case HUNCH_SPOT_PARAMETER: return kind == HUNCH_LABEL_PARAMETER;
    case HUNCH_SPOT_RETURN: return kind == HUNCH_LABEL_RETURN;
    case HUNCH_SPOT_GLOBAL:
        return (kind == HUNCH_LABEL_GLOBAL && role != SINK) ||
               (kind == HUNCH_LABEL_GLOBAL_IN && role != SOURCE);
    case HUNCH_SPOT_FIELD:
        return ((kind == HUNCH_LABEL_FIELD || kind == HUNCH_LABEL_GLOBAL) && role != SINK) ||
               ((kind == HUNCH_LABEL_FIELD_IN || kind == HUNCH_LABEL_GLOBAL_IN) && role != SOURCE);
    case HUNCH_SPOT_LOOP_BOUND: return kind == HUNCH_LABEL_LOOP_BOUND;
    case HUNCH_SPOT_INDEX: return kind == HUNCH_LABEL_INDEX;
    case HUNCH_SPOT_ADDRESS: return kind == HUNCH_LABEL_ADDRESS;
    case HUNCH_SPOT_DIVISOR: return kind == HUNCH_LABEL_DIVISOR;
    case HUNCH_SPOT_SIGNED_INDEX: return kind == HUNCH_LABEL_SIGNED_INDEX;
    case HUNCH_SPOT_NARROWED: return kind == HUNCH_LABEL_NARROWED;
    case HUNCH_SPOT_OPERAND: return kind == HUNCH_LABEL_OPERAND;
    case HUNCH_SPOT_SIGNED_ARGUMENT: return kind == HUNCH_LABEL_SIGNED_ARGUMENT;
    default: return false;
    }
}

/* Is the label, of such a kind, what it means? */
static bool means(const struct hunch_unit *u, const struct hunch_spot *spot,
                  const struct hunch_map_key *label)
{
    switch (spot->kind) {
    case HUNCH_SPOT_FIELD: /* of a global where its name has dots: all but the first are fields */
        if ((label->word[0] == HUNCH_LABEL_GLOBAL || label->word[0] == HUNCH_LABEL_GLOBAL_IN) &&
            strchr(hunch_unit_text(u, label->word[1]), '.') == NULL)
            return false;
        return field_is(u, spot->name, label->word[1]);
    case HUNCH_SPOT_LOOP_BOUND:
    case HUNCH_SPOT_INDEX:
    case HUNCH_SPOT_ADDRESS:
    case HUNCH_SPOT_DIVISOR:
    case HUNCH_SPOT_NARROWED:
    case HUNCH_SPOT_SIGNED_INDEX: return true;
    case HUNCH_SPOT_ARGUMENT:
    case HUNCH_SPOT_SIGNED_ARGUMENT:
    case HUNCH_SPOT_PARAMETER:
        return index_is(spot->index, label->word[2]) && name_is(u, spot->name, label->word[1]);
    default: return name_is(u, spot->name, label->word[1]);
    }
}

/* Does finding `found` tell what a rule asks with `asked`? Against constants <= is as good as <. */
static bool implies(uint32_t found, enum hunch_operator asked)
{
    switch (asked) {
    case HUNCH_LT:
    case HUNCH_LE: return found == HUNCH_LT || found == HUNCH_LE || found == HUNCH_EQ;
    case HUNCH_GT:
    case HUNCH_GE: return found == HUNCH_GT || found == HUNCH_GE || found == HUNCH_EQ;
    case HUNCH_NE: return found == HUNCH_NE || found == HUNCH_LT || found == HUNCH_GT;
    default: return found == (uint32_t)asked;
    }
}

struct pass {
    const struct hunch_unit *u;
    const struct hunch_flow_answer *first; /* NULL: not solved yet */
    bool needs_first;
    uint32_t rule;
};

/* Was the value that a guard compared with clean when no such guard was taken into account? */
static bool is_clean(struct pass *p, uint32_t with)
{
    p->needs_first = true;
    if (p->first == NULL || p->first->row == NULL)
        return false;
    const struct hunch_compared *c = &p->u->with.items[with];
    const uint32_t node = p->u->graph->function[c->function].node + c->node;
    return !(p->first->row[(size_t)node * p->first->words + p->rule / 32] >> p->rule % 32 & 1u);
}

/* found: HUNCH_EQ ... HUNCH_GE, for a COMPARE. */
static bool cuts_found(struct pass *p, const struct hunch_graph_rule *rule,
                       const struct hunch_map_key *key, uint32_t found)
{
    for (size_t i = 0; i < rule->guard_count; i++) {
        const struct hunch_guard *g = &rule->guard[i];
        if (key->word[0] != (uint32_t)g->kind)
            continue;
        if (g->kind == HUNCH_GUARD_CALL) {
            if (name_is(p->u, g->name, key->word[1]) && index_is(g->index, key->word[2]) &&
                (key->word[3] != 0) == g->outcome)
                return true;
            continue;
        }
        if (!implies(found, g->compare))
            continue;
        const uint32_t with = key->word[2];
        if (g->with == HUNCH_WITH_ANY ||
            (g->with == HUNCH_WITH_CONSTANT && (with & HUNCH_FOUND_CONSTANT)) ||
            (g->with == HUNCH_WITH_NULL && (with & HUNCH_FOUND_NULL)) ||
            (g->with == HUNCH_WITH_ZERO && (with & HUNCH_FOUND_NULL) &&
             !(with & HUNCH_FOUND_POINTER)) ||
            (g->with == HUNCH_WITH_CLEAN &&
             (with != HUNCH_FOUND_VALUE ||
              (key->word[3] < p->u->with.count && is_clean(p, key->word[3])))))
            return true;
    }
    return false;
}

static bool cuts(struct pass *p, const struct hunch_graph_rule *rule,
                 const struct hunch_map_key *key)
{
    if (key->word[0] == HUNCH_GUARD_COMPARE && key->word[1] == HUNCH_OTHER) /* one or the other */
        return cuts_found(p, rule, key, HUNCH_EQ) && cuts_found(p, rule, key, HUNCH_NE);
    return cuts_found(p, rule, key, key->word[1]);
}

static void set(const uint32_t *row, size_t at, uint32_t words, uint32_t rule)
{
    ((uint32_t *)row)[at * words + rule / 32] |= 1u << rule % 32;
}

/* Labels by kind: sorted[first[kind] .. first[kind + 1]). */
struct labels {
    uint32_t *sorted, first[HUNCH_LABEL_KINDS + 1];
};

static bool sort_labels(const struct hunch_unit *u, struct labels *l)
{
    const uint32_t count = (uint32_t)u->label.key.count;
    memset(l, 0, sizeof *l);
    l->sorted = hunch_alloc_array(u->a, count, sizeof *l->sorted);
    if (l->sorted == NULL)
        return false;
    uint32_t at[HUNCH_LABEL_KINDS] = {0};
    for (uint32_t i = 0; i < count; i++)
        l->first[u->label.key.items[i].word[0] + 1]++;
    for (uint32_t k = 0; k < HUNCH_LABEL_KINDS; k++) {
        l->first[k + 1] += l->first[k];
        at[k] = l->first[k];
    }
    for (uint32_t i = 0; i < count; i++)
        l->sorted[at[u->label.key.items[i].word[0]]++] = i;
    return true;
}

/* Sets (or, of a sanitizer, clears) the rule's bit of all labels that a spot means. */
static void fill_spot(const struct hunch_unit *u, const struct labels *labels,
                      const struct hunch_spot *spot, enum role role, uint32_t number,
                      struct hunch_flow_rules *rows)
{
    const uint32_t *row = role == SOURCE ? rows->gen : role == SINK ? rows->sink : rows->keep;
    for (uint32_t kind = HUNCH_LABEL_NONE + 1; kind < HUNCH_LABEL_KINDS; kind++) {
        if (!is_kind(spot, role, kind))
            continue;
        for (uint32_t i = labels->first[kind]; i < labels->first[kind + 1]; i++) {
            const uint32_t l = labels->sorted[i];
            if (!means(u, spot, &u->label.key.items[l]))
                continue;
            if (role == SANITIZER)
                ((uint32_t *)row)[l * rows->words + number / 32] &= ~(1u << number % 32);
            else
                set(row, l, rows->words, number);
        }
    }
}

static void fill_labels(const struct hunch_unit *u, const struct labels *labels,
                        const struct hunch_graph_rule *rule, uint32_t number,
                        struct hunch_flow_rules *rows)
{
    for (size_t i = 0; i < rule->from_count; i++)
        fill_spot(u, labels, &rule->from[i], SOURCE, number, rows);
    for (size_t i = 0; i < rule->to_count; i++)
        fill_spot(u, labels, &rule->to[i], SINK, number, rows);
    for (size_t i = 0; i < rule->except_count; i++)
        fill_spot(u, labels, &rule->except[i], SANITIZER, number, rows);
}

/* Over which edges values of a rule go; 0: it is no rule on flows. */
static uint32_t edges_of(const struct hunch_graph_rule *rule)
{
    return rule->kind == HUNCH_GRAPH_TAINT      ? UINT32_MAX
           : rule->kind == HUNCH_GRAPH_FLOWS_TO ? rule->edges
                                                : 0;
}

bool hunch_unit_passes(const struct hunch_unit *u, const struct hunch_graph_rule *rule,
                       size_t count, const struct hunch_flow_answer *first,
                       struct hunch_flow_rules *rows)
{
    const size_t classes = u->class.key.count;
    struct pass p = {.u = u, .first = first};
    memset((uint32_t *)rows->pass, 0, classes * rows->words * sizeof(uint32_t));
    for (p.rule = 0; p.rule < count; p.rule++) {
        const uint32_t edges = edges_of(&rule[p.rule]);
        for (size_t c = 0; edges != 0 && c < classes; c++) {
            const struct hunch_map_key *class = &u->class.key.items[c];
            const uint32_t guard = class->word[1];
            if ((edges >> class->word[0] & 1u) &&
                (guard == 0 || !cuts(&p, &rule[p.rule], &u->guard.key.items[guard - 1])))
                set(rows->pass, c, rows->words, p.rule);
        }
    }
    return p.needs_first;
}

hunch_status hunch_unit_rules(struct hunch_unit *u, const struct hunch_graph_rule *rule,
                              size_t count, struct hunch_flow_rules *rows, bool *needs_first)
{
    const uint32_t words = (uint32_t)(count + 31) / 32;
    const size_t labels = u->label.key.count, classes = u->class.key.count;
    struct labels sorted;
    memset(rows, 0, sizeof *rows);
    rows->words = words;
    rows->gen = hunch_alloc_zero(u->a, labels * words * sizeof(uint32_t));
    rows->keep = hunch_alloc_zero(u->a, labels * words * sizeof(uint32_t));
    rows->sink = hunch_alloc_zero(u->a, labels * words * sizeof(uint32_t));
    rows->pass = hunch_alloc_zero(u->a, classes * words * sizeof(uint32_t));
    rows->enter = hunch_alloc_zero(u->a, words * sizeof(uint32_t));
    rows->leave = hunch_alloc_zero(u->a, words * sizeof(uint32_t));
    rows->give = hunch_alloc_zero(u->a, labels * words * sizeof(uint32_t));
    if (!sort_labels(u, &sorted) || rows->gen == NULL || rows->keep == NULL || rows->sink == NULL ||
        rows->pass == NULL || rows->enter == NULL || rows->leave == NULL || rows->give == NULL) {
        hunch_free_array(u->a, sorted.sorted, labels, sizeof *sorted.sorted);
        hunch_unit_rules_free(u, rows);
        return HUNCH_ERROR_MEMORY;
    }
    memset((uint32_t *)rows->keep, 0xff, labels * words * sizeof(uint32_t));
    for (uint32_t r = 0; r < count; r++) {
        const uint32_t edges = edges_of(&rule[r]);
        if (edges == 0)
            continue;
        fill_labels(u, &sorted, &rule[r], r, rows);
        if (edges >> HUNCH_EDGE_ARGUMENT & 1u)
            set(rows->enter, 0, words, r);
        if (edges >> HUNCH_EDGE_RETURN & 1u)
            set(rows->leave, 0, words, r);
        if (edges >> HUNCH_EDGE_RETURNED & 1u)
            for (uint32_t i = sorted.first[HUNCH_LABEL_RETURN];
                 i < sorted.first[HUNCH_LABEL_RETURN + 1]; i++)
                set(rows->give, sorted.sorted[i], words, r);
    }
    hunch_free_array(u->a, sorted.sorted, labels, sizeof *sorted.sorted);
    *needs_first = hunch_unit_passes(u, rule, count, NULL, rows);
    return HUNCH_OK;
}

void hunch_unit_rules_free(const struct hunch_unit *u, struct hunch_flow_rules *rows)
{
    const size_t labels = u->label.key.count * rows->words * sizeof(uint32_t),
                 classes = u->class.key.count * rows->words * sizeof(uint32_t),
                 one = rows->words * sizeof(uint32_t);
    hunch_free(u->a, (uint32_t *)rows->gen, labels);
    hunch_free(u->a, (uint32_t *)rows->keep, labels);
    hunch_free(u->a, (uint32_t *)rows->give, labels);
    hunch_free(u->a, (uint32_t *)rows->sink, labels);
    hunch_free(u->a, (uint32_t *)rows->pass, classes);
    hunch_free(u->a, (uint32_t *)rows->enter, one);
    hunch_free(u->a, (uint32_t *)rows->leave, one);
    memset(rows, 0, sizeof *rows);
}
