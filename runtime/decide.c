/* decide.c: from candidate rules to matches: gates, then stages, by the route of each rule's group.
 *
 *   chained   the gate, then the stages
 *   serial    the same, but the gates of all records of a dispatch come first: hunch_worker_gates
 *   fused     the stages before their gate is known; what they found is committed or rolled back
 *
 * A rule that is rolled back leaves nothing behind that another rule, or a limit, could see. Host
 * functions run on survivors only: on the fused route a host stage asks for the gate first. */
#include "worker.h"

#include <stdlib.h>
#include <string.h>

#include "../kernels/gate_tile.h"
#include "clock.h"

enum { UNKNOWN = HUNCH_GATE_UNKNOWN, HOLDS = HUNCH_GATE_HOLDS, FAILS = HUNCH_GATE_FAILS };

/* ---- gates ---- */

static void enqueue(struct hunch_worker *w, uint32_t rule)
{
    if (w->candidate[rule] || !(w->plan->wanted[rule] & HUNCH_WANTED_DECIDE) ||
        (w->program->rule[rule].flags & HP_RULE_GRAPH))
        return;
    w->candidate[rule] = 1;
    w->queue[w->queue_count++] = rule;
}

/* A rule that found something in the graph of the record's link unit. */
static void enqueue_graph(struct hunch_worker *w, uint32_t rule)
{
    if (w->candidate[rule] || !(w->plan->wanted[rule] & HUNCH_WANTED_DECIDE))
        return;
    w->candidate[rule] = 1;
    w->queue[w->queue_count++] = rule;
}

/* Presence of the gate's patterns, regexes included, in w->seen; then the gate itself. What it says
 * is kept for this record. */
static hunch_status ask_gate(struct hunch_worker *w, uint32_t rule, struct hunch_error *err)
{
    const struct hp_rule *r = &w->program->rule[rule];
    const uint32_t *words = w->program->word + r->gate;
    if (w->verdict[rule] != UNKNOWN)
        return HUNCH_OK;
    for (uint32_t i = 0; i < r->gate_count && !(r->flags & HP_RULE_GRAPH); i++) {
        uint32_t op = words[i] & 0xff, pattern = words[i] >> 8;
        if (op == HP_GATE_AT_LEAST)
            i++;
        if (op != HP_GATE_PATTERN || w->program->pattern[pattern].kind == HP_PATTERN_LITERAL)
            continue;
        bool occurs;
        hunch_status status = hunch_worker_occurs(w, pattern, &occurs, err);
        if (status != HUNCH_OK)
            return status;
        w->seen[pattern] = occurs;
    }
    bool holds = r->gate_count == 0 || (r->flags & HP_RULE_GRAPH) || /* it held over the unit */
                 hunch_gate_tile(words, r->gate_count, (struct hunch_presence){.bytes = w->seen});
    w->verdict[rule] = holds ? HOLDS : FAILS;
    return HUNCH_OK;
}

/* ---- stages ---- */

static hunch_status report(struct hunch_worker *w, uint32_t rule, const struct hunch_candidate *c,
                           struct hunch_error *err)
{
    struct hunch_found m = {.rule = rule,
                            .order = (uint32_t)w->reported,
                            .start = c->start,
                            .end = c->end,
                            .slot = w->slot.count,
                            .group_count = c->group_count,
                            .change = c->change,
                            .witness = w->finding};
    if (!hunch_vec_append(w->a, &w->slot, c->slots + 2, 2 * (size_t)c->group_count) ||
        !hunch_vec_push(w->a, &w->match, m))
        return hunch_fail_memory(err, sizeof m, "a match");
    w->reported++;
    return HUNCH_OK;
}

/* A record is long, so are the lists of its rules and candidates: this is asked before each of
 * them. */
static hunch_status go_on(struct hunch_worker *w, struct hunch_error *err)
{
    if (!hunch_source_cancelled(w->source))
        return HUNCH_OK;
    return hunch_fail(err, HUNCH_ERROR_CANCELLED, "the scan was ended");
}

/* One stage. Before a host stage the gate is known: a rule that is to be rolled back keeps nothing.
 */
static hunch_status run_stage(struct hunch_worker *w, uint32_t rule, const struct hp_stage *stage,
                              struct hunch_candidate *c, bool *keep, struct hunch_error *err)
{
    *keep = false;
    if (stage->kind == HP_STAGE_HOST) {
        hunch_status status = ask_gate(w, rule, err);
        if (status != HUNCH_OK || w->verdict[rule] == FAILS)
            return status;
    }
    return hunch_stage_run(w, rule, stage, c, keep, err);
}

static int compare_matches(const void *x, const void *y)
{
    const struct hunch_found *a = x, *b = y;
    if (a->rule != b->rule)
        return a->rule < b->rule ? -1 : 1;
    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    if (a->end != b->end)
        return a->end < b->end ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

/* Only what is to be reported stays, in canonical order. */
static void settle(struct hunch_worker *w)
{
    bool silenced = false;
    if (w->plan->has_global)
        for (uint32_t i = 0; i < w->program->rule_count && !silenced; i++)
            silenced = (w->program->rule[i].flags & HP_RULE_GLOBAL) && !w->truth[i];
    size_t kept = 0;
    for (size_t i = 0; i < w->match.count && !silenced; i++)
        if (w->plan->wanted[w->match.items[i].rule] & HUNCH_WANTED_REPORT)
            w->match.items[kept++] = w->match.items[i];
    w->match.count = kept;
    if (kept > 1)
        qsort(w->match.items, kept, sizeof *w->match.items, compare_matches);
}

/* ---- too many to keep ---- */

static bool are_many(const struct hunch_worker *w)
{
    return w->pass_on != NULL && w->plan->in_order &&
           w->match.count * sizeof *w->match.items + w->slot.count * sizeof *w->slot.items >=
               w->options.matches_most;
}

/* What the rule has still to report stands behind what it has reported: its search goes on behind,
 * and no stage from there on moves a span. */
static bool stays_in_order(const struct hunch_worker *w, uint32_t rule, uint32_t from)
{
    const struct hp_rule *r = &w->program->rule[rule];
    for (uint32_t i = from; i < r->stage_count; i++) {
        uint32_t kind = w->program->stage[r->stage + i].kind;
        if (kind == HP_STAGE_REGEX || kind == HP_STAGE_HOST)
            return false;
    }
    return true;
}

static hunch_status pass_on(struct hunch_worker *w, struct hunch_error *err)
{
    settle(w);
    hunch_status status = w->pass_on(w, err);
    if (status == HUNCH_OK)
        w->match.count = w->slot.count = w->change.count = w->change_text.count = 0;
    return status;
}

/* Runs stages [from, end) over one candidate and reports it; *full: the rule has all the matches it
 * may have. */
static hunch_status run_stages(struct hunch_worker *w, uint32_t rule, uint32_t from,
                               struct hunch_candidate *c, uint64_t *reported, bool *full,
                               struct hunch_error *err)
{
    const struct hp_rule *r = &w->program->rule[rule];
    hunch_status status = go_on(w, err);
    if (status != HUNCH_OK)
        return status;
    for (uint32_t i = from; i < r->stage_count; i++) {
        bool keep = false;
        status = run_stage(w, rule, &w->program->stage[r->stage + i], c, &keep, err);
        *full = w->verdict[rule] == FAILS; /* none of its matches will stay */
        if (status != HUNCH_OK || !keep)
            return status;
    }
    if (*reported == w->options.max_matches) {
        *full = true;
        char detail[96];
        snprintf(detail, sizeof detail, "more than %llu matches; see --max-matches",
                 (unsigned long long)*reported);
        return hunch_worker_lose(w, rule, HUNCH_REASON_MAX_MATCHES, detail, err);
    }
    ++*reported;
    status = report(w, rule, c, err);
    if (status != HUNCH_OK || !are_many(w) || !stays_in_order(w, rule, from))
        return status;
    status = ask_gate(w, rule, err);
    return status == HUNCH_OK && w->verdict[rule] == HOLDS ? pass_on(w, err) : status;
}

/* A rule with a regex stage: stages before it judge the record, those behind it each of its
 * matches. */
static hunch_status decide_by_regex(struct hunch_worker *w, uint32_t rule, uint32_t regex_at,
                                    struct hunch_error *err)
{
    const struct hunch_program *p = w->program;
    const struct hp_rule *r = &p->rule[rule];
    const struct hp_stage *stage = &p->stage[r->stage + regex_at];
    const struct hp_pattern *t = &p->pattern[stage->a];
    bool overflow = w->state[stage->a] & HUNCH_PATTERN_OVERFLOW;
    if (!overflow && w->hits[stage->a].count == 0 && hunch_anchors_literal(t, p->anchor))
        return HUNCH_OK; /* every match holds an anchor, and there is none */
    if (w->state[stage->a] & HUNCH_PATTERN_NO)
        return HUNCH_OK;
    struct hunch_candidate c = {
        .start = 0, .end = w->source->text.size, .slots = w->candidate_slots};
    for (uint32_t i = 0; i < regex_at; i++) {
        bool keep = false;
        c.slots[0] = c.start;
        c.slots[1] = c.end;
        hunch_status status = run_stage(w, rule, &p->stage[r->stage + i], &c, &keep, err);
        if (status != HUNCH_OK || !keep)
            return status;
    }
    struct hunch_search search;
    hunch_worker_search(w, stage->a, &search);
    uint64_t reported = 0;
    bool full = false;
    hunch_status status = HUNCH_OK;
    while (!full) {
        bool found;
        struct hunch_span span;
        status = hunch_search_next(&search, &found, &span, err);
        if (status != HUNCH_OK || !found)
            break;
        if (search.found != NULL && search.found->rejected)
            continue;
        c.start = span.start;
        c.end = span.end;
        c.change = 0;
        c.group_count = search.regex.info.group_count;
        status = hunch_search_groups(&search, span, c.slots, err);
        if (status != HUNCH_OK)
            break;
        if (!hunch_candidate_narrow(&c, stage->capture))
            continue;
        status = run_stages(w, rule, regex_at + 1, &c, &reported, &full, err);
        if (status != HUNCH_OK)
            break;
    }
    hunch_search_end(&search);
    return status;
}

static int compare_spans(const void *x, const void *y)
{
    const struct hunch_span *a = x, *b = y;
    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    return a->end < b->end ? -1 : a->end > b->end;
}

/* The spans that the rule's patterns have, in order, equal ones once; those that start before
 * *known are all there. */
static hunch_status collect_spans(struct hunch_worker *w, const struct hp_rule *r, hunch_spans *all,
                                  uint64_t *known, struct hunch_error *err)
{
    *known = HUNCH_NOWHERE;
    for (uint32_t i = 0; i < r->span_count; i++) {
        const hunch_spans *spans;
        uint64_t until;
        hunch_status status =
            hunch_worker_spans(w, w->program->word[r->span + i], &spans, &until, err);
        if (status != HUNCH_OK)
            return status;
        if (until < *known)
            *known = until;
        if (!hunch_vec_append(w->a, all, spans->items, spans->count))
            return hunch_fail_memory(err, spans->count * sizeof(struct hunch_span),
                                     "the spans of a rule");
    }
    if (r->span_count < 2 || all->count < 2)
        return HUNCH_OK;
    qsort(all->items, all->count, sizeof *all->items, compare_spans);
    size_t kept = 1;
    for (size_t i = 1; i < all->count; i++)
        if (compare_spans(&all->items[i - 1], &all->items[i]) != 0)
            all->items[kept++] = all->items[i];
    all->count = kept;
    return HUNCH_OK;
}

/* A rule without a regex stage: its literals' spans, or one empty span where it has none to report.
 */
static hunch_status decide_by_literals(struct hunch_worker *w, uint32_t rule,
                                       struct hunch_error *err)
{
    hunch_spans all = {0};
    uint64_t reported = 0, known;
    bool full = false;
    hunch_status status = collect_spans(w, &w->program->rule[rule], &all, &known, err);
    if (status == HUNCH_OK && all.count == 0 && known == HUNCH_NOWHERE) {
        struct hunch_span none = {0, 0};
        if (!hunch_vec_push(w->a, &all, none))
            status = hunch_fail_memory(err, sizeof none, "the spans of a rule");
    }
    for (size_t i = 0; status == HUNCH_OK && i < all.count && all.items[i].start < known && !full;
         i++) {
        struct hunch_candidate c = {
            .start = all.items[i].start, .end = all.items[i].end, .slots = w->candidate_slots};
        c.slots[0] = c.start;
        c.slots[1] = c.end;
        status = run_stages(w, rule, 0, &c, &reported, &full, err);
    }
    if (status == HUNCH_OK && !full && known != HUNCH_NOWHERE)
        status = hunch_worker_lose(w, rule, HUNCH_REASON_MEMORY,
                                   "more occurrences of its literals than can be kept", err);
    hunch_vec_free(w->a, &all);
    return status;
}

/* A rule with a graph stage: those before it judge the record, those behind it each finding. */
static hunch_status decide_by_graph(struct hunch_worker *w, uint32_t rule, struct hunch_error *err)
{
    const struct hp_rule *r = &w->program->rule[rule];
    const struct hp_stage *stage = w->program->stage + r->stage;
    const struct hunch_graph_record *g = w->graph;
    struct hunch_candidate c = {
        .start = 0, .end = w->source->text.size, .slots = w->candidate_slots};
    uint32_t graph_at = 0;
    uint64_t reported = 0;
    bool full = false;
    hunch_status status = HUNCH_OK;
    for (; stage[graph_at].kind != HP_STAGE_GRAPH; graph_at++) {
        bool keep = false;
        status = run_stage(w, rule, &stage[graph_at], &c, &keep, err);
        if (status != HUNCH_OK || !keep)
            return status;
    }
    for (size_t i = 0; g != NULL && i < g->count && status == HUNCH_OK && !full; i++) {
        const struct hunch_graph_found *f = &g->found[i];
        if (f->rule != rule)
            continue;
        if (f->end > w->source->text.size)
            return hunch_worker_lose(w, rule, HUNCH_REASON_UNREADABLE,
                                     "the file became shorter while it was scanned", err);
        c = (struct hunch_candidate){.start = f->start, .end = f->end, .slots = w->candidate_slots};
        c.slots[0] = c.start;
        c.slots[1] = c.end;
        w->finding = i + 1;
        status = run_stages(w, rule, graph_at + 1, &c, &reported, &full, err);
        w->finding = 0;
    }
    return status;
}

static hunch_status confirm(struct hunch_worker *w, uint32_t rule, struct hunch_error *err)
{
    const struct hunch_program *p = w->program;
    const struct hp_rule *r = &p->rule[rule];
    if (r->flags & HP_RULE_GRAPH)
        return decide_by_graph(w, rule, err);
    for (uint32_t i = 0; i < r->stage_count; i++)
        if (p->stage[r->stage + i].kind == HP_STAGE_REGEX)
            return decide_by_regex(w, rule, i, err);
    return decide_by_literals(w, rule, err);
}

/* ---- the routes ---- */

/* How much there was of everything that a rule adds to. */
struct mark {
    size_t match, slot, lost, change, change_text, near_list, near_span;
    uint64_t reported;
    uint32_t listed;
};

static struct mark mark_here(const struct hunch_worker *w)
{
    return (struct mark){w->match.count,     w->slot.count,        w->lost.count,
                         w->change.count,    w->change_text.count, w->near_list.count,
                         w->near_span.count, w->reported,          w->listed_count};
}

static void roll_back(struct hunch_worker *w, const struct mark *m)
{
    w->match.count = m->match;
    w->slot.count = m->slot;
    w->lost.count = m->lost;
    w->change.count = m->change;
    w->change_text.count = m->change_text;
    w->near_list.count = m->near_list;
    w->near_span.count = m->near_span;
    w->reported = m->reported;
    w->condition = NULL;
    hunch_worker_unlist(w, m->listed);
}

/* Stages first. What they fail with counts only when the gate holds, but for the end of the scan:
 * what was found by then stays only where the gate is known to hold. */
static hunch_status speculate(struct hunch_worker *w, uint32_t rule, struct hunch_error *err)
{
    struct hunch_error own = {0}, gate = {0};
    struct mark before = mark_here(w);
    w->groups_speculated |= 1u << w->program->rule[rule].group;
    hunch_status found = confirm(w, rule, &own), asked = ask_gate(w, rule, &gate);
    if (asked != HUNCH_OK || w->verdict[rule] == FAILS)
        roll_back(w, &before);
    hunch_status status = found;
    if (found != HUNCH_ERROR_CANCELLED && found != HUNCH_ERROR_MEMORY) {
        if (asked != HUNCH_OK)
            own = gate;
        status = asked != HUNCH_OK ? asked : w->verdict[rule] == FAILS ? HUNCH_OK : found;
    }
    if (status != HUNCH_OK && err)
        *err = own;
    return status;
}

static hunch_status decide_rule(struct hunch_worker *w, uint32_t rule, struct hunch_error *err)
{
    const struct hp_rule *r = &w->program->rule[rule];
    if (w->verdict[rule] == FAILS)
        return HUNCH_OK; /* hunch_worker_gates has said so */
    uint64_t began = w->options.profile ? hunch_clock_ns() : 0;
    uint64_t before = w->reported;
    bool fused = w->route[r->group] == HUNCH_ROUTE_FUSED && r->gate_count > 0 &&
                 !(r->flags & HP_RULE_GRAPH) && w->verdict[rule] == UNKNOWN &&
                 !w->options.prefilter_only;
    hunch_status status = go_on(w, err);
    if (status == HUNCH_OK)
        status = fused ? speculate(w, rule, err) : ask_gate(w, rule, err);
    if (w->verdict[rule] == HOLDS) {
        w->groups_committed |= 1u << r->group;
        w->held[r->group]++;
        if (status == HUNCH_OK && !fused && !w->options.prefilter_only)
            status = confirm(w, rule, err);
    }
    w->truth[rule] = w->reported > before;
    if (w->options.profile) {
        w->cost[rule].nanoseconds += hunch_clock_ns() - began;
        w->cost[rule].candidates++;
        w->cost[rule].matches += w->reported - before;
    }
    if (status == HUNCH_ERROR_LIMIT) /* one rule's budget is not the scan's end */
        status = hunch_worker_lose(w, rule, HUNCH_REASON_SPILL, err ? err->message : "", err);
    return status;
}

struct ranked {
    uint32_t rank, rule;
};

static int compare_ranked(const void *x, const void *y)
{
    const struct ranked *a = x, *b = y;
    return a->rank < b->rank ? -1 : a->rank > b->rank;
}

/* The rules that can match: those whose patterns were hit, and those that can without. */
static void collect(struct hunch_worker *w)
{
    const struct hunch_program *p = w->program;
    w->collected = true;
    for (uint32_t i = 0; i < w->touched_count; i++) {
        uint32_t pattern = w->touched[i];
        const struct hp_pattern *t = &p->pattern[pattern];
        if (!w->seen[pattern] && w->hits[pattern].count == 0 &&
            !(w->state[pattern] & HUNCH_PATTERN_OVERFLOW))
            continue; /* its guards let nothing pass */
        for (uint32_t k = 0; k < t->rule_count; k++)
            enqueue(w, p->word[t->rule + k]);
    }
    for (uint32_t i = 0; i < w->plan->always_count; i++)
        enqueue(w, w->plan->always[i]);
    for (size_t i = 0; w->graph != NULL && i < w->graph->count; i++)
        enqueue_graph(w, w->graph->found[i].rule);
    for (uint32_t i = 0; w->graph != NULL && w->graph->lost != NULL && i < p->rule_count; i++)
        if (p->rule[i].flags & HP_RULE_GRAPH)
            enqueue_graph(w, i); /* what was lost is told when the record is decided */
}

uint32_t hunch_worker_candidates(struct hunch_worker *w)
{
    if (!w->collected)
        collect(w);
    return w->queue_count;
}

/* The time since the last lap is this group's. */
static void lap(struct hunch_worker *w, uint32_t group)
{
    uint64_t now = hunch_clock_ns();
    w->confirm_ns[group] += now - w->lap;
    w->lap = now;
}

hunch_status hunch_worker_gates(struct hunch_worker *w, struct hunch_error *err)
{
    hunch_status status = HUNCH_OK;
    uint32_t n = hunch_worker_candidates(w), group = HP_GROUP_COUNT;
    for (uint32_t i = 0; i < n && status == HUNCH_OK; i++) {
        uint32_t rule = w->queue[i];
        const struct hp_rule *r = &w->program->rule[rule];
        if (w->route[r->group] != HUNCH_ROUTE_SERIAL)
            continue;
        if (group != r->group && group != HP_GROUP_COUNT)
            lap(w, group);
        group = r->group;
        status = ask_gate(w, rule, err);
        if (status == HUNCH_ERROR_LIMIT)
            status = HUNCH_OK; /* asked again, and lost, when its turn comes */
        if (w->options.profile && w->verdict[rule] == FAILS)
            w->cost[rule].candidates++; /* the others are counted when they are decided */
    }
    if (group != HP_GROUP_COUNT)
        lap(w, group);
    return status;
}

hunch_status hunch_worker_decide(struct hunch_worker *w, struct hunch_error *err)
{
    if (hunch_worker_candidates(w) == 0) {
        settle(w);
        return HUNCH_OK;
    }
    /* In the order of needs; matches are put into the order of rules at the end. */
    struct ranked small[64], *order = small;
    size_t n = w->queue_count;
    if (n > 64) {
        order = hunch_alloc_array(w->a, n, sizeof *order);
        if (order == NULL)
            return hunch_fail_memory(err, n * sizeof *order, "the rules of a record");
    }
    for (size_t i = 0; i < n; i++)
        order[i] = (struct ranked){w->plan->rank[w->queue[i]], w->queue[i]};
    qsort(order, n, sizeof *order, compare_ranked);
    hunch_status status = HUNCH_OK;
    uint32_t group = w->program->rule[order[0].rule].group;
    for (size_t i = 0; i < n && status == HUNCH_OK; i++) {
        uint32_t next = w->program->rule[order[i].rule].group;
        if (next != group)
            lap(w, group);
        group = next;
        status = decide_rule(w, order[i].rule, err);
        if (status == HUNCH_OK && are_many(w))
            status = pass_on(w, err);
    }
    lap(w, group);
    if (order != small)
        hunch_free_array(w->a, order, n, sizeof *order);
    settle(w);
    return status;
}
