/* program_check.c: what makes a program valid. Tile functions index without looking: whatever they
 * follow is checked here, once, in time linear in the program. Each check names the section and the
 * element. */
#include <string.h>

#include "program.h"

#include "../kernels/checksum_tile.h"
#include "../kernels/condition_tile.h"

#define BAD(section, index, what)                                                                  \
    return hunch_fail_at(err, HUNCH_ERROR_PROGRAM, (uint64_t)(index),                              \
                         "the compiled program is not valid: %s %llu %s; compile the rules again", \
                         section, (unsigned long long)(index), what)

static bool inside(uint64_t first, uint64_t count, uint64_t total)
{
    return first <= total && count <= total - first;
}

static bool text_ok(const struct hunch_program *p, struct hp_text t)
{
    return inside(t.offset, t.length, p->blob_count);
}

/* Shares at least 3 bytes with the literal; literals of 1 and 2 bytes have none. */
static bool window_ok(const struct hp_literal *l, int32_t at, int32_t parity)
{
    int64_t n = l->bytes.length;
    return n < 3 ? at == 0 : (at & 1) == parity && at >= -1 && at + 3 <= n && (at >= 0 || n >= 3);
}

static hunch_status check_literals(const struct hunch_program *p, struct hunch_error *err)
{
    for (uint32_t i = 0; i < p->literal_count; i++) {
        const struct hp_literal *l = &p->literal[i];
        if (!text_ok(p, l->bytes) || l->bytes.length == 0 || l->bytes.length > HP_MAX_LITERAL)
            BAD("literal", i, "has no bytes");
        if (l->flags & ~(uint32_t)HP_LITERAL_NOCASE)
            BAD("literal", i, "has unknown flags");
        if (l->window >= l->bytes.length)
            BAD("literal", i, "has its window outside");
        if (!window_ok(l, l->even, 0) || !window_ok(l, l->odd, 1))
            BAD("literal", i, "has a window of a parity outside");
        if (!inside(l->user, l->user_count, p->literal_user_count))
            BAD("literal", i, "names users outside");
    }
    for (uint32_t i = 0; i < p->literal_user_count; i++)
        if (p->literal_user[i] >= p->anchor_count ||
            p->anchor[p->literal_user[i]].kind != HP_ANCHOR_LITERAL)
            BAD("literal user", i, "is no literal anchor");
    return HUNCH_OK;
}

static hunch_status check_regexes(const struct hunch_program *p, struct hunch_error *err)
{
    for (uint32_t i = 0; i < p->regex_count; i++) {
        const struct hp_regex *r = &p->regex[i];
        if (!inside(r->code, r->code_count, p->instr_count))
            BAD("regex", i, "has its code outside");
        const char *flaw = hunch_regex_check(r, p->instr + r->code, p->classes_count);
        if (flaw != NULL)
            BAD("regex", i, flaw);
    }
    return HUNCH_OK;
}

static hunch_status check_guards(const struct hunch_program *p, struct hunch_error *err)
{
    for (uint32_t i = 0; i < p->guard_count; i++) {
        const struct hp_guard *g = &p->guard[i];
        if (g->shift > 8 || g->state_count < 3 || g->state_count > 65535)
            BAD("guard", i, "has an impossible size");
        uint64_t entries = (uint64_t)g->state_count << g->shift;
        if (!inside(g->table, (entries + 1) / 2, p->word_count))
            BAD("guard", i, "has its table outside");
        if (!inside(g->byte_class, 256, p->blob_count))
            BAD("guard", i, "has its columns outside");
        for (uint32_t c = 0; c < 256; c++)
            if (p->blob[g->byte_class + c] >= 1u << g->shift)
                BAD("guard", i, "names a column outside");
        const uint32_t *table = p->word + g->table;
        for (uint64_t k = 0; k < entries; k++)
            if (((table[k >> 1] >> ((k & 1) * 16)) & 0xffff) >= g->state_count)
                BAD("guard", i, "names a state outside");
    }
    return HUNCH_OK;
}

static hunch_status check_patterns(const struct hunch_program *p, struct hunch_error *err)
{
    for (uint32_t i = 0; i < p->pattern_count; i++) {
        const struct hp_pattern *t = &p->pattern[i];
        if (!text_ok(p, t->source))
            BAD("pattern", i, "has its source outside");
        if (!inside(t->anchor, t->anchor_count, p->anchor_count))
            BAD("pattern", i, "names anchors outside");
        if (!inside(t->rule, t->rule_count, p->word_count))
            BAD("pattern", i, "names rules outside");
        for (uint32_t k = 0; k < t->rule_count; k++)
            if (p->word[t->rule + k] >= p->rule_count)
                BAD("pattern", i, "names a rule outside");
        if (t->kind == HP_PATTERN_LITERAL) {
            if (t->literal >= p->literal_count || t->anchor_count != 1)
                BAD("pattern", i, "is no literal");
        } else if (t->kind == HP_PATTERN_REGEX) {
            if (t->regex >= p->regex_count || (p->regex[t->regex].flags & HP_REGEX_REVERSED))
                BAD("pattern", i, "is no regex");
        } else {
            BAD("pattern", i, "is of an unknown kind");
        }
        for (uint32_t k = 0; k < t->anchor_count; k++)
            if (p->anchor[t->anchor + k].pattern != i)
                BAD("pattern", i, "has an anchor of another one");
    }
    for (uint32_t i = 0; i < p->anchor_count; i++) {
        const struct hp_anchor *n = &p->anchor[i];
        if (n->pattern >= p->pattern_count)
            BAD("anchor", i, "names a pattern outside");
        const struct hp_pattern *t = &p->pattern[n->pattern];
        if (i - t->anchor >= t->anchor_count)
            BAD("anchor", i, "is not one of its pattern");
        if (n->kind == HP_ANCHOR_CLASS) {
            if (n->class_index >= p->classes_count || n->class_length == 0 ||
                t->kind != HP_PATTERN_REGEX)
                BAD("anchor", i, "has no class");
        } else if (n->kind != HP_ANCHOR_LITERAL) {
            BAD("anchor", i, "is of an unknown kind");
        }
        if (n->max_before != HP_INFINITE && n->min_before > n->max_before)
            BAD("anchor", i, "has an impossible distance");
        if (n->guard_behind > 1 || (n->guard_behind && n->kind != HP_ANCHOR_LITERAL))
            BAD("anchor", i, "has an unknown guard");
        if (n->guard != HP_NONE && n->guard >= p->guard_count)
            BAD("anchor", i, "names a guard outside");
        if (n->prefix == HP_PREFIX_RUN) {
            if (n->prefix_index >= p->classes_count)
                BAD("anchor", i, "names a class outside");
        } else if (n->prefix == HP_PREFIX_PROGRAM) {
            if (n->prefix_index >= p->regex_count ||
                !(p->regex[n->prefix_index].flags & HP_REGEX_REVERSED))
                BAD("anchor", i, "names no reversed regex");
        } else if (n->prefix != HP_PREFIX_FIXED || n->min_before != n->max_before) {
            BAD("anchor", i, "has an unknown prefix");
        }
    }
    return HUNCH_OK;
}

static hunch_status check_gate(const struct hunch_program *p, uint32_t index,
                               struct hunch_error *err)
{
    const struct hp_rule *r = &p->rule[index];
    uint32_t depth = 0, left[HP_MAX_GATE_DEPTH + 1]; /* children still to come, a level */
    if (!inside(r->gate, r->gate_count, p->word_count))
        BAD("rule", index, "has its gate outside");
    if (r->gate_count == 0)
        return HUNCH_OK;
    left[0] = 1;
    for (uint32_t i = 0; i < r->gate_count; i++) {
        uint32_t word = p->word[r->gate + i], op = word & 0xff, n = word >> 8;
        while (depth > 0 && left[depth] == 0)
            depth--;
        if (left[depth] == 0)
            BAD("rule", index, "has a gate with words behind its end");
        left[depth]--;
        if (op >= HP_GATE_OP_COUNT)
            BAD("rule", index, "has an unknown word in its gate");
        if (op == HP_GATE_PATTERN) {
            if (n >= p->pattern_count)
                BAD("rule", index, "has a gate over a pattern outside");
            continue;
        }
        if (op == HP_GATE_AT_LEAST && ++i >= r->gate_count)
            BAD("rule", index, "has a gate that is cut off");
        if (++depth > HP_MAX_GATE_DEPTH)
            BAD("rule", index, "has a gate that is too deep");
        left[depth] = n;
    }
    while (depth > 0 && left[depth] == 0)
        depth--;
    if (left[depth] != 0)
        BAD("rule", index, "has a gate that is cut off");
    return HUNCH_OK;
}

static bool list_ok(const struct hunch_program *p, uint32_t first, uint32_t count, uint32_t limit)
{
    if (!inside(first, count, p->word_count))
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (p->word[first + i] >= limit)
            return false;
    return true;
}

/* Whether the word whose offset and length stand at `pair` comes before the next one. */
static bool words_in_order(const struct hunch_program *p, const uint32_t *pair)
{
    uint32_t n = pair[1] < pair[3] ? pair[1] : pair[3];
    int order = memcmp(p->blob + pair[0], p->blob + pair[2], n);
    return order < 0 || (order == 0 && pair[1] < pair[3]);
}

/* Items of except / only: HP_ITEM_* of layout.h. */
static bool items_ok(const struct hunch_program *p, uint32_t first)
{
    if (first >= p->word_count)
        return false;
    uint32_t n = p->word[first];
    uint64_t at = (uint64_t)first + 1;
    for (uint32_t i = 0; i < n; i++) {
        if (!inside(at, 3, p->word_count))
            return false;
        uint32_t kind = p->word[at], x = p->word[at + 1], y = p->word[at + 2];
        at += 3;
        switch (kind) {
        case HP_ITEM_TEXT:
        case HP_ITEM_EQUAL:
            if (!inside(x, y, p->blob_count))
                return false;
            break;
        case HP_ITEM_REGEX:
        case HP_ITEM_PATH:
            if (x >= p->pattern_count || p->pattern[x].kind != HP_PATTERN_REGEX)
                return false;
            break;
        case HP_ITEM_WORDS:
            if (!inside(x, 2ull * y, p->word_count))
                return false;
            for (uint32_t k = 0; k < y; k++)
                if (!inside(p->word[x + 2 * k], p->word[x + 2 * k + 1], p->blob_count) ||
                    (k > 0 && !words_in_order(p, p->word + x + 2 * (k - 1))))
                    return false;
            break;
        default: return false;
        }
    }
    return true;
}

static hunch_status check_stage(const struct hunch_program *p, uint32_t index,
                                struct hunch_error *err)
{
    const struct hp_stage *s = &p->stage[index];
    bool ok = true;
    switch (s->kind) {
    case HP_STAGE_REGEX:
    case HP_STAGE_PATH:
        ok = s->a < p->pattern_count && p->pattern[s->a].kind == HP_PATTERN_REGEX;
        if (ok && s->capture < HP_CAPTURE_FIRST)
            ok = s->capture <= p->regex[p->pattern[s->a].regex].group_count;
        break;
    case HP_STAGE_COUNT: ok = s->a < p->pattern_count && s->d <= HP_WITHIN_BYTES; break;
    case HP_STAGE_NEAR:
        ok = (s->a < p->pattern_count) != (s->b < p->rule_count) &&
             (s->a == HP_NONE || s->b == HP_NONE) && s->d <= HP_UNIT_LINES &&
             s->e <= (HP_NEAR_BEFORE | HP_NEAR_AFTER);
        break;
    case HP_STAGE_ENTROPY: ok = s->a <= 1; break;
    case HP_STAGE_CHECKSUM: ok = s->a < HP_CHECK_COUNT; break;
    case HP_STAGE_EXCEPT:
    case HP_STAGE_ONLY: ok = items_ok(p, s->a) && s->b <= HP_ON_LINE; break;
    case HP_STAGE_FIELD:
        ok = s->a < HP_TYPE_COUNT && s->b <= HP_COMPARE_MORE && s->c <= HP_FROM_MATCH;
        break;
    case HP_STAGE_CONDITION:
        ok = inside(s->a, s->b, p->word_count) && list_ok(p, s->c, s->d, p->pattern_count) &&
             s->e < p->word_count && list_ok(p, s->e + 1, p->word[s->e], p->rule_count) &&
             hunch_condition_validate(p->word + s->a, s->b, s->d, p->word[s->e]);
        break;
    case HP_STAGE_HOST: ok = s->a < p->host_count; break;
    case HP_STAGE_GRAPH: ok = s->a < p->graph_count; break;
    default: ok = false;
    }
    if (!ok)
        BAD("stage", index, "has operands out of range");
    return HUNCH_OK;
}

/* ---- graphs ---- */

static bool name_ok(const struct hunch_program *p, struct hp_text t)
{
    return inside(t.offset, (uint64_t)t.length + 1, p->blob_count) &&
           memchr(p->blob + t.offset, 0, (size_t)t.length + 1) == p->blob + t.offset + t.length;
}

static bool place_ok(uint32_t index)
{
    return (index & ~HP_PLACE_AND_ON) <= HP_PLACE_MOST && index != HP_PLACE_AND_ON;
}

/* One end of a flow. */
static bool end_ok(uint32_t end, bool is_from)
{
    uint32_t kind = end & (HP_PLACE_RETURNED | HP_PLACE_OUTSIDE);
    uint32_t index = end & ~(HP_PLACE_RETURNED | HP_PLACE_OUTSIDE | HP_PLACE_POINTED);
    if (kind == HP_PLACE_OUTSIDE)
        return is_from && end == HP_PLACE_OUTSIDE;
    if (kind == HP_PLACE_RETURNED)
        return index == 0;
    return kind == 0 && index != 0 && place_ok(index);
}

static hunch_status check_graphs(const struct hunch_program *p, struct hunch_error *err)
{
    for (uint32_t i = 0; i < p->graph_count; i++) {
        const struct hp_graph *g = &p->graph[i];
        if (g->kind > HP_GRAPH_TAINT || g->language < HP_LANGUAGE_C ||
            g->language > HP_LANGUAGE_JAVA)
            BAD("graph stage", i, "is of an unknown kind");
        if (!inside(g->from, g->from_count, p->spot_count) ||
            !inside(g->to, g->to_count, p->spot_count) ||
            !inside(g->except, g->except_count, p->spot_count))
            BAD("graph stage", i, "names spots outside");
        if (!inside(g->test, g->test_count, p->test_count))
            BAD("graph stage", i, "names guards outside");
        if (!inside(g->by, g->by_count, p->action_count) ||
            !inside(g->of, g->of_count, p->action_count))
            BAD("graph stage", i, "names actions outside");
        if (g->edges >= 2u << HP_EDGE_RETURNED ||
            (g->flags & ~(uint32_t)(HP_GRAPH_MISSING | HP_GRAPH_SAME)))
            BAD("graph stage", i, "has unknown flags");
    }
    for (uint32_t i = 0; i < p->spot_count; i++)
        if (!name_ok(p, p->spot[i].name) || p->spot[i].kind > HP_SPOT_NARROWED ||
            !place_ok(p->spot[i].index))
            BAD("spot", i, "has operands out of range");
    for (uint32_t i = 0; i < p->test_count; i++) {
        const struct hp_test *t = &p->test[i];
        if (!name_ok(p, t->name) || t->kind > HP_TEST_COMPARE || t->index > HP_PLACE_MOST ||
            t->outcome > 1 || t->compare > HP_RELATION_GE || t->with > HP_WITH_ZERO)
            BAD("guard of a graph stage", i, "has operands out of range");
    }
    for (uint32_t i = 0; i < p->action_count; i++) {
        const struct hp_action *a = &p->action[i];
        if (!name_ok(p, a->name) || a->kind > HP_ACTION_RETURNED || a->place > HP_PLACE_MOST ||
            a->value > HP_VALUE_CALL)
            BAD("action", i, "has operands out of range");
    }
    for (uint32_t i = 0; i < p->flow_count; i++) {
        const struct hp_flow *f = &p->flow[i];
        if (!name_ok(p, f->name) || f->language < HP_LANGUAGE_C || f->language > HP_LANGUAGE_JAVA ||
            ((f->from | f->to) != 0 && (!end_ok(f->from, true) || !end_ok(f->to, false))))
            BAD("library flow", i, "has operands out of range");
    }
    return HUNCH_OK;
}

/* Of a graph rule the graph stage finds what is reported: one, and before it nothing needs a span.
 */
static bool graph_rule_ok(const struct hunch_program *p, const struct hp_rule *r)
{
    uint32_t graphs = 0;
    for (uint32_t i = 0; i < r->stage_count; i++) {
        uint32_t kind = p->stage[r->stage + i].kind;
        if (kind == HP_STAGE_GRAPH)
            graphs++;
        else if ((r->flags & HP_RULE_GRAPH) && graphs == 0 && kind != HP_STAGE_PATH)
            return false;
    }
    bool is_graph = (r->flags & HP_RULE_GRAPH) != 0;
    return graphs == is_graph && is_graph == (r->group == HP_GROUP_GRAPH);
}

static hunch_status check_rules(const struct hunch_program *p, struct hunch_error *err)
{
    if (p->rule_count > HP_MAX_RULES)
        BAD("rule", p->rule_count, "is one too many");
    for (uint32_t i = 0; i < p->rule_count; i++) {
        const struct hp_rule *r = &p->rule[i];
        if (!text_ok(p, r->name) || !text_ok(p, r->info))
            BAD("rule", i, "has a text outside");
        hunch_status status = check_gate(p, i, err);
        if (status != HUNCH_OK)
            return status;
        if (r->stage_count > HP_MAX_STAGES || !inside(r->stage, r->stage_count, p->stage_count))
            BAD("rule", i, "has stages outside");
        if (!list_ok(p, r->span, r->span_count, p->pattern_count))
            BAD("rule", i, "reports a pattern outside");
        if (r->group >= HP_GROUP_COUNT)
            BAD("rule", i, "is in an unknown group");
        if (!graph_rule_ok(p, r))
            BAD("rule", i, "has graph stages where none can stand");
        if (!list_ok(p, r->need, r->need_count, p->rule_count))
            BAD("rule", i, "needs a rule outside");
    }
    for (uint32_t i = 0; i < p->stage_count; i++) {
        hunch_status status = check_stage(p, i, err);
        if (status != HUNCH_OK)
            return status;
    }
    for (uint32_t i = 0; i < p->host_count; i++)
        if (!text_ok(p, p->host[i].name) || !text_ok(p, p->host[i].source))
            BAD("host source", i, "lies outside");
    return HUNCH_OK;
}

/* A rule that needs another is decided after it, in an order that plan.c makes; here only: there is
 * one, since no rule needs itself by way of others. */
static hunch_status check_needs(const struct hunch_program *p, struct hunch_error *err)
{
    hunch_status status = HUNCH_OK;
    uint8_t *mark = hunch_alloc_zero(p->a, p->rule_count + 1); /* 1: on the path, 2: done */
    uint32_t *stack =
        hunch_alloc_array(p->a, (size_t)p->rule_count + 1, 2 * sizeof *stack); /* rule, next need */
    if (mark == NULL || stack == NULL) {
        status = hunch_fail_memory(err, p->rule_count, "checking a program");
        goto done;
    }
    for (uint32_t i = 0; i < p->rule_count && status == HUNCH_OK; i++) {
        if (mark[i])
            continue;
        size_t top = 1;
        stack[0] = i;
        stack[1] = 0;
        mark[i] = 1;
        while (top > 0) {
            const struct hp_rule *r = &p->rule[stack[2 * top - 2]];
            uint32_t k = stack[2 * top - 1]++;
            if (k == r->need_count) {
                mark[stack[2 * --top]] = 2;
                continue;
            }
            uint32_t need = p->word[r->need + k];
            if (mark[need] == 1) {
                status = hunch_fail_at(
                    err, HUNCH_ERROR_PROGRAM, need,
                    "the compiled program is not valid: rule %u needs itself; compile the rules again",
                    need);
                break;
            }
            if (mark[need] == 2)
                continue;
            mark[need] = 1;
            stack[2 * top] = need;
            stack[2 * top + 1] = 0;
            top++;
        }
    }
done:
    hunch_free(p->a, mark, p->rule_count + 1);
    hunch_free_array(p->a, stack, (size_t)p->rule_count + 1, 2 * sizeof *stack);
    return status;
}

hunch_status hunch_program_check(const struct hunch_program *p, struct hunch_error *err)
{
    hunch_status status = check_literals(p, err);
    if (status == HUNCH_OK)
        status = check_regexes(p, err);
    if (status == HUNCH_OK)
        status = check_guards(p, err);
    if (status == HUNCH_OK)
        status = check_patterns(p, err);
    if (status == HUNCH_OK)
        status = check_graphs(p, err);
    if (status == HUNCH_OK)
        status = check_rules(p, err);
    if (status == HUNCH_OK)
        status = check_needs(p, err);
    return status;
}
