/* spot.c: what rules ask for, as rows of bits by label and by class of edge. */
#include <string.h>

#include "graph/flow.h"

static bool name_is(const struct hunch_unit *u, const char *pattern, uint32_t name)
{
    const char *text = hunch_unit_text(u, name);
    const size_t n = strlen(pattern);
    if (n > 0 && pattern[n - 1] == '*')
        return strncmp(pattern, text, n - 1) == 0;
    return strcmp(pattern, text) == 0;
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

/* Is the label one that a spot means? */
static bool means(const struct hunch_unit *u, const struct hunch_spot *spot, enum role role,
                  const struct hunch_map_key *label)
{
    const uint32_t kind = label->word[0];
    bool named = true, indexed = false;
    switch (spot->kind) {
    case HUNCH_SPOT_CALL:
        if (role == SINK
                ? kind != HUNCH_LABEL_ARGUMENT
                : kind != HUNCH_LABEL_CALL && (kind != HUNCH_LABEL_OUTSIDE || role == SANITIZER))
            return false;
        break;
    case HUNCH_SPOT_ARGUMENT:
        if (role == SINK     ? kind != HUNCH_LABEL_ARGUMENT
            : role == SOURCE ? kind != HUNCH_LABEL_ARGUMENT_OUT && kind != HUNCH_LABEL_ARGUMENT_ALL
                             : kind != HUNCH_LABEL_ARGUMENT_ALL)
            return false;
        indexed = true;
        break;
    case HUNCH_SPOT_PARAMETER:
        if (kind != HUNCH_LABEL_PARAMETER)
            return false;
        indexed = true;
        break;
    case HUNCH_SPOT_RETURN:
        if (kind != HUNCH_LABEL_RETURN)
            return false;
        break;
    case HUNCH_SPOT_GLOBAL:
        if (!(kind == HUNCH_LABEL_GLOBAL && role != SINK) &&
            !(kind == HUNCH_LABEL_GLOBAL_IN && role != SOURCE))
            return false;
        break;
    case HUNCH_SPOT_FIELD:
        if (!((kind == HUNCH_LABEL_FIELD || kind == HUNCH_LABEL_GLOBAL) && role != SINK) &&
            !((kind == HUNCH_LABEL_FIELD_IN || kind == HUNCH_LABEL_GLOBAL_IN) && role != SOURCE))
            return false;
        if ((kind == HUNCH_LABEL_GLOBAL || kind == HUNCH_LABEL_GLOBAL_IN) &&
            strchr(hunch_unit_text(u, label->word[1]), '.') == NULL)
            return false;
        return field_is(u, spot->name, label->word[1]);
    case HUNCH_SPOT_LOOP_BOUND:
    case HUNCH_SPOT_INDEX:
    case HUNCH_SPOT_ADDRESS:
    case HUNCH_SPOT_DIVISOR:
        named = false;
        if (kind != (spot->kind == HUNCH_SPOT_LOOP_BOUND ? HUNCH_LABEL_LOOP_BOUND
                     : spot->kind == HUNCH_SPOT_INDEX    ? HUNCH_LABEL_INDEX
                     : spot->kind == HUNCH_SPOT_ADDRESS  ? HUNCH_LABEL_ADDRESS
                                                         : HUNCH_LABEL_DIVISOR))
            return false;
        break;
    default: return false;
    }
    return (!named || name_is(u, spot->name, label->word[1])) &&
           (!indexed || index_is(spot->index, label->word[2]));
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

static bool cuts(struct pass *p, const struct hunch_graph_rule *rule,
                 const struct hunch_map_key *key)
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
        if (!implies(key->word[1], g->compare))
            continue;
        const uint32_t with = key->word[2];
        if (g->with == HUNCH_WITH_ANY ||
            (g->with == HUNCH_WITH_CONSTANT && (with & HUNCH_FOUND_CONSTANT)) ||
            (g->with == HUNCH_WITH_NULL && (with & HUNCH_FOUND_NULL)) ||
            (g->with == HUNCH_WITH_CLEAN &&
             (with != HUNCH_FOUND_VALUE ||
              (key->word[3] < p->u->with.count && is_clean(p, key->word[3])))))
            return true;
    }
    return false;
}

static void set(const uint32_t *row, size_t at, uint32_t words, uint32_t rule)
{
    ((uint32_t *)row)[at * words + rule / 32] |= 1u << rule % 32;
}

static void fill_labels(const struct hunch_unit *u, const struct hunch_graph_rule *rule,
                        uint32_t number, struct hunch_flow_rules *rows)
{
    for (size_t l = 1; l < u->label.key.count; l++) {
        const struct hunch_map_key *label = &u->label.key.items[l];
        for (size_t i = 0; i < rule->from_count; i++)
            if (means(u, &rule->from[i], SOURCE, label))
                set(rows->gen, l, rows->words, number);
        for (size_t i = 0; i < rule->to_count; i++)
            if (means(u, &rule->to[i], SINK, label))
                set(rows->sink, l, rows->words, number);
        for (size_t i = 0; i < rule->except_count; i++)
            if (means(u, &rule->except[i], SANITIZER, label))
                ((uint32_t *)rows->keep)[l * rows->words + number / 32] &= ~(1u << number % 32);
    }
}

hunch_status hunch_unit_rules(struct hunch_unit *u, const struct hunch_graph_rule *rule,
                              size_t count, const struct hunch_flow_answer *first,
                              struct hunch_flow_rules *rows, bool *needs_first)
{
    const uint32_t words = (uint32_t)(count + 31) / 32;
    const size_t labels = u->label.key.count, classes = u->class.key.count;
    struct pass p = {.u = u, .first = first};
    memset(rows, 0, sizeof *rows);
    rows->words = words;
    rows->gen = hunch_alloc_zero(u->a, labels * words * sizeof(uint32_t));
    rows->keep = hunch_alloc_zero(u->a, labels * words * sizeof(uint32_t));
    rows->sink = hunch_alloc_zero(u->a, labels * words * sizeof(uint32_t));
    rows->pass = hunch_alloc_zero(u->a, classes * words * sizeof(uint32_t));
    rows->enter = hunch_alloc_zero(u->a, words * sizeof(uint32_t));
    rows->leave = hunch_alloc_zero(u->a, words * sizeof(uint32_t));
    if (rows->gen == NULL || rows->keep == NULL || rows->sink == NULL || rows->pass == NULL ||
        rows->enter == NULL || rows->leave == NULL) {
        hunch_unit_rules_free(u, rows);
        return HUNCH_ERROR_MEMORY;
    }
    memset((uint32_t *)rows->keep, 0xff, labels * words * sizeof(uint32_t));
    for (uint32_t r = 0; r < count; r++) {
        const bool taint = rule[r].kind == HUNCH_GRAPH_TAINT;
        const uint32_t edges = taint ? UINT32_MAX : rule[r].edges;
        if (!taint && rule[r].kind != HUNCH_GRAPH_FLOWS_TO)
            continue;
        p.rule = r;
        fill_labels(u, &rule[r], r, rows);
        if (edges >> HUNCH_EDGE_ARGUMENT & 1u)
            set(rows->enter, 0, words, r);
        if (edges >> HUNCH_EDGE_RETURN & 1u)
            set(rows->leave, 0, words, r);
        for (size_t c = 0; c < classes; c++) {
            const struct hunch_map_key *class = &u->class.key.items[c];
            const uint32_t guard = class->word[1];
            if ((edges >> class->word[0] & 1u) &&
                (guard == 0 || !cuts(&p, &rule[r], &u->guard.key.items[guard - 1])))
                set(rows->pass, c, words, r);
        }
    }
    *needs_first = p.needs_first;
    return HUNCH_OK;
}

void hunch_unit_rules_free(const struct hunch_unit *u, struct hunch_flow_rules *rows)
{
    const size_t labels = u->label.key.count * rows->words * sizeof(uint32_t),
                 classes = u->class.key.count * rows->words * sizeof(uint32_t),
                 one = rows->words * sizeof(uint32_t);
    hunch_free(u->a, (uint32_t *)rows->gen, labels);
    hunch_free(u->a, (uint32_t *)rows->keep, labels);
    hunch_free(u->a, (uint32_t *)rows->sink, labels);
    hunch_free(u->a, (uint32_t *)rows->pass, classes);
    hunch_free(u->a, (uint32_t *)rows->enter, one);
    hunch_free(u->a, (uint32_t *)rows->leave, one);
    memset(rows, 0, sizeof *rows);
}
